//! `help`: what the program can do, for people and for machines.

use clap::Args;

use crate::cli::call::Call;
use crate::cli::commands::VERBS;
use crate::cli::error::{Outcome, Stop};
use crate::cli::help;
use crate::cli::usage::nearest;
use crate::cli::verb::{Group, Handler, Verb};
use crate::http::metrics::{registry, watching};

/// The registry line.
pub(super) const VERB: Verb =
    Verb::of::<Help>("help", Group::Operate, "says what there is: verbs, options, exit codes", &[]);

/// Topics beside the verbs.
const EXIT_CODES: &str = "exit-codes";
const OPENAPI: &str = "openapi";
const METRICS: &str = "metrics-reference";
const ALERTS: &str = "alerts";
const GRAFANA: &str = "grafana";
const TASK_EVENT: &str = "task-event";

/// All of them.
const TOPICS: [&str; 6] = [EXIT_CODES, OPENAPI, METRICS, ALERTS, GRAFANA, TASK_EVENT];

#[derive(Debug, Args)]
struct Help {
    /// A verb (with an action), `exit-codes`, or of the service: `openapi` for its description,
    /// `metrics-reference`, `alerts` for Prometheus, `grafana` for a dashboard, `task-event` for the
    /// schema of what its task stream tells
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
    /// Lists every verb
    #[arg(long)]
    all: bool,
    /// Prints the reference page
    #[arg(long, conflicts_with = "all")]
    markdown: bool,
}

impl Handler for Help {
    fn run(self, call: &Call) -> Outcome {
        let ui = &call.ui;
        match self.topic.first().map(String::as_str) {
            _ if self.markdown => ui.data(&help::markdown()),
            None if ui.wants_json() => ui.json(&help::surface()),
            None if self.all => ui.data(&help::all()),
            None => ui.data(&help::daily()),
            Some(EXIT_CODES) if ui.wants_json() => ui.json(&help::surface().exits),
            Some(EXIT_CODES) => ui.data(&help::exit_codes()),
            Some(OPENAPI) => ui.data(&crate::http::openapi::document()),
            Some(METRICS) => ui.data(&registry::reference()),
            Some(ALERTS) => ui.data(&watching::rules()),
            Some(GRAFANA) => ui.data(&watching::dashboard()),
            Some(TASK_EVENT) => ui.data(&lens::task_events::schema::document()),
            Some(_) => ui.data(&of_verb(&self.topic)?),
        }
        Ok(())
    }
}

/// What `VERB --help` prints.
fn of_verb(path: &[String]) -> Outcome<String> {
    let mut top = crate::cli::command();
    top.build();
    let mut command = &mut top;
    for name in path {
        if command.find_subcommand(name).is_none() {
            let known = command.get_subcommands().map(clap::Command::get_name).collect::<Vec<_>>();
            let known = known.into_iter().chain(VERBS.iter().map(|verb| verb.name)).chain(TOPICS);
            let refusal = Stop::usage(format!("there is no help on `{name}`")).with("topic", name.clone());
            return Err(match nearest(name, known) {
                Some(near) => refusal.hint(format!("did you mean `{near}`?")).into(),
                None => refusal.hint("see all verbs with `countersign help --all`").into(),
            });
        }
        command = command.find_subcommand_mut(name).expect("it was found a line above");
    }
    Ok(command.render_help().to_string())
}
