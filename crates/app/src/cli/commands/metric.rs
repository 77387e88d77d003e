//! `metric`: named numbers, what was measured, and what they must satisfy.

use clap::{Args, Subcommand};
use engine::checks::{Site, run_check};
use engine::ids::random_hex;
use engine::process::{Cancel, Environment};
use engine::touched;
use lens::views::metrics::metrics;
use model::check::{CheckSpec, Probe};
use model::command::Command;
use model::draft::MetricRole;
use model::fault::Fault;
use model::plan::Plan;
use model::refusal::{CHECK_ERROR, INTERNAL_FAULT, Refusal, VALUE_INVALID};
use model::target::{Target, take_number};

use crate::cli::call::Call;
use crate::cli::context::{Asking, Opened};
use crate::cli::error::{Outcome, Stop, plain};
use crate::cli::proving::{first_document, workspace_of};
use crate::cli::usage::nearest;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Metric>(
    "metric",
    Group::Registers,
    "lists metrics, records what was measured, sets targets",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY, &[CHECK_ERROR]],
);

#[derive(Debug, Args)]
struct Metric {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists them with baseline, latest reading and target
    List,
    /// Records what was measured
    Record(Reading),
    /// Records where it stood before the work
    Baseline(Reading),
    /// Sets what it must satisfy; only a person can loosen a target
    Target {
        /// The metric
        #[arg(value_name = "NAME")]
        name: String,
        /// `< 20`, `>= 80 %`, `93/93`
        #[arg(value_name = "TARGET", allow_hyphen_values = true)]
        target: String,
        /// Its unit
        #[arg(long, value_name = "UNIT")]
        unit: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
}

#[derive(Debug, Args)]
struct Reading {
    /// The metric
    #[arg(value_name = "NAME")]
    name: String,
    /// The number, with its unit where it has one: `34`, `88.9 %`
    #[arg(value_name = "VALUE", allow_hyphen_values = true, required_unless_present = "from")]
    value: Option<String>,
    /// Runs this command in the plan's folder and takes the last number it prints
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["value", "source"])]
    from: Option<String>,
    /// Its unit
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// Where it was read: a command and commit, or a file; by default, you
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Metric {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::List => {
                call.show(&metrics(&call.open()?.look()));
                Ok(())
            }
            Action::Record(reading) => reading.record(call, None),
            Action::Baseline(reading) => reading.record(call, Some(MetricRole::Baseline)),
            Action::Target { name, target, unit, asking } => {
                let target = values::target(&target)?;
                let opened = call.open_to_write()?;
                warn_if_new(call, &opened.plan, &name);
                call.submit_and_say(
                    &opened,
                    &asking,
                    Command::DefineMetric { name, unit, target: Some(target) },
                )
            }
        }
    }
}

impl Reading {
    fn record(self, call: &Call, role: Option<MetricRole>) -> Outcome {
        let said = self.value.as_deref().map(|value| self.read(value)).transpose()?;
        let opened = call.open_to_write()?;
        warn_if_new(call, &opened.plan, &self.name);
        let (value, unit, source) = match (said, self.source, &self.from) {
            (Some((value, unit)), Some(source), _) => (value, unit, source),
            (Some((value, unit)), None, _) => (value, unit, call.request()?.by.actor.to_string()),
            (None, _, Some(command)) => {
                let (value, source) = measured(&opened, &self.name, command)?;
                (value, self.unit.clone(), source)
            }
            (None, _, None) => return Err(Stop::usage("name the value, or a command with `--from`").into()),
        };
        let command = Command::RecordReading { name: self.name, value, unit, source, role };
        call.submit_and_say(&opened, &self.asking, command)
    }

    /// The number, and the unit behind it where none was named apart.
    fn read(&self, value: &str) -> Result<(f64, Option<String>), Refusal> {
        let found = take_number(value).map(|(number, rest)| (number, rest.trim()));
        match found {
            Some((number, "")) => Ok((number, self.unit.clone())),
            Some((number, unit)) if self.unit.is_none() && is_unit(unit) => {
                Ok((number, Some(unit.to_owned())))
            }
            _ => Err(Refusal::new(VALUE_INVALID, format!("`{value}` is not a reading"))
                .hint("a reading is one finite number, such as `34` or `88.9 %`")
                .with("value", value)),
        }
    }
}

/// What a command prints, under the same rules as the checks of a plan, and what to call its source.
/// Whoever gives a command here runs their own, so nobody has to trust it first.
fn measured(opened: &Opened, name: &str, command: &str) -> Outcome<(f64, String)> {
    let document = first_document(&opened.store, &opened.plan);
    let workspace = workspace_of(&opened.store, Some(&opened.plan), &document)?;
    let cancel = Cancel::new().map_err(|error| Fault::new(INTERNAL_FAULT, plain(&error)))?;
    let environment = Environment::of_this_process();
    let site = Site {
        workspace: &workspace,
        environment: &environment,
        redactor: opened.store.desk().redactor(),
        cancel: &cancel,
        nonce: &random_hex(8),
    };
    // Any number will do; what it must satisfy is another question.
    let target = Target::parse(">= 0").ok_or_else(|| Stop::usage("no target"))?;
    let probe = Probe::Metric { name: name.to_owned(), target, command: Some(command.to_owned()) };
    let verdict = run_check(&CheckSpec::new(name, probe), &site);
    let Some(value) = verdict.evidence.value else {
        return Err(Refusal::new(CHECK_ERROR, format!("nothing was recorded: {}", verdict.evidence.summary))
            .hint("the command must end with status 0 and print a number last")
            .with("command", command)
            .into());
    };
    let at = touched::base(workspace.folder())
        .map(|commit| format!(" at {}", commit.get(..12).unwrap_or(&commit)));
    Ok((value, format!("`{command}`{}", at.unwrap_or_default())))
}

fn is_unit(text: &str) -> bool {
    text == "%" || (text.chars().all(char::is_alphabetic) && text.chars().count() <= 16)
}

/// A metric nobody has heard of may well be a slip of the pen.
fn warn_if_new(call: &Call, plan: &Plan, name: &str) {
    if plan.metric(name).is_some() {
        return;
    }
    let near = nearest(name, plan.metrics.iter().map(|metric| metric.name.as_str()));
    if let Some(near) = near {
        call.ui.warn(format!("`{name}` is a new metric; did you mean `{near}`?"));
    }
}
