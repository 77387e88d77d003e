//! `metrics`: sets numbers of a plan by name, as the users of `execution-plan.json` do.

use clap::Args;
use model::command::Command;
use model::plan::Plan;
use model::refusal::{POLICY_DENIED, Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::plan_file::{KEEPS_FILE, NAMES_FILE};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Metrics>(
    "metrics",
    Group::Documents,
    "sets metrics of a plan, each as name=number",
    &[NAMES_FILE, KEEPS_FILE, READS_STORE, WRITES_STORE, &[POLICY_DENIED]],
);

#[derive(Debug, Args)]
struct Metrics {
    /// A metric and its new value
    #[arg(value_name = "NAME=NUMBER", required = true)]
    values: Vec<String>,
    /// The plan file; by default the one that `EXECUTION_PLAN_PATH` names, or `execution-plan.json`
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Metrics {
    fn run(self, call: &Call) -> Outcome {
        let file = call.file_meant(self.file.as_deref())?;
        let values = self.values.iter().map(|pair| read(pair)).collect::<Result<Vec<_>, Refusal>>()?;
        let source = call.request()?.by.actor.to_string();
        let commands = |plan: &Plan| {
            let reading = |(name, value): &(String, f64)| Command::RecordReading {
                // The name that is there already wins over another letter case.
                name: plan.metric(name).map_or_else(|| name.clone(), |known| known.name.clone()),
                value: *value,
                unit: None,
                source: source.clone(),
                role: None,
            };
            Ok(values.iter().map(reading).collect())
        };
        let kept = match file {
            Some(file) => {
                file.sound(call)?;
                call.keep(&file, &self.asking, "metrics", commands)?
            }
            None => call.keep_in_store(&self.asking, "metrics", commands)?,
        };
        kept.say(call, "Metrics updated");
        Ok(())
    }
}

/// A name, and a finite number that is not negative.
fn read(pair: &str) -> Result<(String, f64), Refusal> {
    let Some((name, value)) = pair.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
        return Err(Stop::usage(format!("`{pair}` is not of the form `name=number`"))
            .hint("such as `countersign metrics coverage=81.5`"));
    };
    let name = name.trim();
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte));
    let number = plain.then(|| value.parse::<f64>().ok()).flatten();
    match number.filter(|number| number.is_finite() && *number >= 0.0) {
        Some(number) => Ok((name.to_owned(), number + 0.0)),
        None => Err(Refusal::new(VALUE_INVALID, format!("Metric '{name}' must be a non-negative number"))
            .fact(format!("`{value}` is no such number"))
            .with("metric", name)),
    }
}
