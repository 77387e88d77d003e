//! `new`: starts a document from a template that lints clean and runs.

use std::path::PathBuf;

use clap::Args;
use model::refusal::{ENTRY_NOT_FOUND, FILE_NOT_FOUND, Refusal, VALUE_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::files;
use crate::cli::ui::{Column, Table, Tone};
use crate::cli::usage::nearest;
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<New>(
    "new",
    Group::Author,
    "starts a plan document from a template",
    &[&[ENTRY_NOT_FOUND, FILE_NOT_FOUND, VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct New {
    /// Which template; without one they are listed
    #[arg(value_name = "TEMPLATE")]
    template: Option<String>,
    /// Where to write it, instead of its usual name in this folder; `-` prints it
    #[arg(long, value_name = "FILE", requires = "template")]
    to: Option<PathBuf>,
}

/// A document to start from.
struct Template {
    name: &'static str,
    file: &'static str,
    what: &'static str,
    text: &'static str,
}

const TEMPLATES: &[Template] = &[
    Template {
        name: "plan",
        file: "PLAN.md",
        what: "phases, a task table with needs and checks, risks, success criteria",
        text: include_str!("../../templates/plan.md"),
    },
    Template {
        name: "handoff",
        file: "HANDOFF.md",
        what: "task briefs for agents: objectives, deliverables, success criteria, order",
        text: include_str!("../../templates/handoff.md"),
    },
    Template {
        name: "checklist",
        file: "CHECKLIST.md",
        what: "boxes under headings, some with what would prove them",
        text: include_str!("../../templates/checklist.md"),
    },
    Template {
        name: "execution-plan",
        file: "execution-plan.json",
        what: "batches with status, progress and blockers, for tools that read JSON",
        text: include_str!("../../templates/execution-plan.json"),
    },
];

impl Handler for New {
    fn run(self, call: &Call) -> Outcome {
        let Some(name) = &self.template else {
            list(call);
            return Ok(());
        };
        let template =
            TEMPLATES.iter().find(|template| template.name == name).ok_or_else(|| unknown(name))?;
        let path = self.to.unwrap_or_else(|| PathBuf::from(template.file));
        if path.as_os_str() == "-" {
            call.ui.data(template.text);
            return Ok(());
        }
        let shown = path.display();
        files::create(&path, template.text.as_bytes()).map_err(|error| -> Stop {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                return Refusal::new(
                    VALUE_INVALID,
                    format!("`{shown}` is there already and was left as it is"),
                )
                .hint("name another file with `--to FILE`")
                .with("path", shown.to_string())
                .into();
            }
            files::unwritten(&path, &error)
        })?;
        if call.ui.wants_json() {
            call.ui.json(&json!({ "template": template.name, "file": path }));
        } else {
            call.ui.line(format!("wrote `{shown}`"));
            call.ui.note(format!("next: put your words into it, then `countersign lint {shown}`"));
        }
        Ok(())
    }
}

fn list(call: &Call) {
    if call.ui.wants_json() {
        let listed = |template: &Template| json!({ "template": template.name, "file": template.file, "what": template.what });
        call.ui.json(&json!({ "templates": TEMPLATES.iter().map(listed).collect::<Vec<_>>() }));
        return;
    }
    let mut table = Table::new([Column::new("Template"), Column::new("File"), Column::text("What is in it")]);
    for template in TEMPLATES {
        table.toned([
            (Tone::Strong, template.name),
            (Tone::Plain, template.file),
            (Tone::Plain, template.what),
        ]);
    }
    call.ui.table(&table);
}

fn unknown(name: &str) -> Refusal {
    let no = Refusal::new(ENTRY_NOT_FOUND, format!("there is no template `{name}`")).with("template", name);
    match nearest(name, TEMPLATES.iter().map(|template| template.name)) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint("see them with `countersign new`"),
    }
}
