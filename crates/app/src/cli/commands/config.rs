//! `config`: how the program is set up, and where each value came from.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::ui::{Column, Table};
use crate::cli::verb::{Group, Handler, Verb};
use crate::config::{Origin, Setting};

/// The registry line.
pub(super) const VERB: Verb =
    Verb::of::<Config>("config", Group::Operate, "shows the settings and where each came from", &[]);

#[derive(Debug, Args)]
struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows every setting, its value and where it came from
    Show,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    value: Option<String>,
    from: String,
}

impl Handler for Config {
    fn run(self, call: &Call) -> Outcome {
        let Action::Show = self.action;
        let rows = rows(&call.config);
        if call.ui.wants_json() {
            call.ui.json(&serde_json::json!({ "settings": rows }));
            return Ok(());
        }
        let mut table = Table::new([Column::new("setting"), Column::text("value"), Column::new("from")]);
        for row in rows {
            table.row([row.name.to_owned(), row.value.unwrap_or_else(|| "-".to_owned()), row.from]);
        }
        call.ui.table(&table);
        Ok(())
    }
}

fn rows(config: &crate::config::Config) -> Vec<Row> {
    let text = |name, setting: &Setting<Option<String>>| row(name, setting.value.clone(), &setting.origin);
    vec![
        text("store", &config.store),
        // Whoever has it is whom it names, so it is not shown.
        row("token", config.token.value.as_ref().map(|_| "(set)".to_owned()), &config.token.origin),
        text("plan", &config.plan),
        text("as", &config.person),
        text("agent", &config.agent),
        text("session", &config.session),
        row("no-color", Some(config.no_color.value.to_string()), &config.no_color.origin),
        row("now", config.now.value.map(|now| now.to_string()), &config.now.origin),
        row("seed", config.seed.value.map(|seed| seed.to_string()), &config.seed.origin),
        row("folder", Some(config.folder.display().to_string()), &Origin::Default),
    ]
}

fn row(name: &'static str, value: Option<String>, origin: &Origin) -> Row {
    Row { name, value, from: origin.to_string() }
}
