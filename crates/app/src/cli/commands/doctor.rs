//! `doctor`: whether everything this program stands on is in order, and what to do where it is not.

mod look;

use clap::Args;
use model::refusal::{AGENT_UNUSABLE, INTERNAL_FAULT, code};
use serde::Serialize;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::ui::{Column, Table, Tone};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Doctor>(
    "doctor",
    Group::Operate,
    "looks whether everything this program stands on is in order",
    &[READS_STORE, &[AGENT_UNUSABLE]],
);

#[derive(Debug, Args)]
struct Doctor {}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    Warn,
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    state: Health,
    found: String,
    /// What to do; nothing where all is well.
    hint: Option<String>,
    /// The code with which the program ends where this is bad.
    #[serde(skip)]
    code: &'static str,
}

impl Row {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: Health::Ok, found: found.into(), hint: None, code: INTERNAL_FAULT }
    }

    fn warn(name: &'static str, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { state: Health::Warn, hint: Some(hint.into()), ..Self::ok(name, found) }
    }

    fn bad(name: &'static str, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { state: Health::Bad, hint: Some(hint.into()), ..Self::ok(name, found) }
    }

    /// With the code of what was refused.
    fn with_code(mut self, named: &str) -> Self {
        self.code = code(named).map_or(INTERNAL_FAULT, |known| known.code);
        self
    }
}

impl Handler for Doctor {
    fn run(self, call: &Call) -> Outcome {
        let rows = look::at_everything(call);
        if call.ui.wants_json() {
            let well = rows.iter().all(|row| row.state != Health::Bad);
            call.ui.json(&json!({ "well": well, "checks": rows }));
        } else {
            print(call, &rows);
        }
        match rows.iter().find(|row| row.state == Health::Bad) {
            Some(bad) => Err(Stop::Said(bad.code)),
            None => Ok(()),
        }
    }
}

fn print(call: &Call, rows: &[Row]) {
    let mut table =
        Table::new([Column::new(""), Column::new("What"), Column::text("Found"), Column::text("Do")]);
    for row in rows {
        let (tone, word) = match row.state {
            Health::Ok => (Tone::Good, "ok"),
            Health::Warn => (Tone::Warn, "warn"),
            Health::Bad => (Tone::Bad, "bad"),
        };
        table.toned([
            (tone, word.to_owned()),
            (Tone::Strong, row.name.to_owned()),
            (Tone::Plain, row.found.clone()),
            (Tone::Plain, row.hint.clone().unwrap_or_default()),
        ]);
    }
    call.ui.table(&table);
}
