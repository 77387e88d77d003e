//! `metric`: named numbers, what was measured, and what they must satisfy.

use clap::{Args, Subcommand};
use lens::views::metrics::metrics;
use model::command::Command;
use model::draft::MetricRole;
use model::plan::Plan;
use model::refusal::{Refusal, VALUE_INVALID};
use model::target::take_number;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::usage::nearest;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Metric>(
    "metric",
    Group::Registers,
    "lists metrics, records what was measured, sets targets",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY],
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
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
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
        let (value, unit) = self.read()?;
        let opened = call.open_to_write()?;
        warn_if_new(call, &opened.plan, &self.name);
        let source = match self.source {
            Some(source) => source,
            None => call.request()?.by.actor.to_string(),
        };
        let command = Command::RecordReading { name: self.name, value, unit, source, role };
        call.submit_and_say(&opened, &self.asking, command)
    }

    /// The number, and the unit behind it where none was named apart.
    fn read(&self) -> Result<(f64, Option<String>), Refusal> {
        let found = take_number(&self.value).map(|(number, rest)| (number, rest.trim()));
        match found {
            Some((number, "")) => Ok((number, self.unit.clone())),
            Some((number, unit)) if self.unit.is_none() && is_unit(unit) => {
                Ok((number, Some(unit.to_owned())))
            }
            _ => Err(Refusal::new(VALUE_INVALID, format!("`{}` is not a reading", self.value))
                .hint("a reading is one finite number, such as `34` or `88.9 %`")
                .with("value", self.value.as_str())),
        }
    }
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
