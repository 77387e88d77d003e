//! `suggest-probes`: probes that a document's criteria almost name, as a sidecar to accept or not.

use std::path::Path;

use clap::Args;
use engine::documents::SIDECAR;
use formats::suggest::{Suggestion, sidecar, suggestions};
use lens::words::count_of;
use model::refusal::{FILE_NOT_FOUND, Refusal, VALUE_INVALID};
use serde_json::{Value, json};

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::files;
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<SuggestProbes>(
    "suggest-probes",
    Group::Author,
    "proposes checks for criteria that almost name one",
    &[&[FILE_NOT_FOUND, VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct SuggestProbes {
    /// The plan document; `-` reads standard input
    #[arg(value_name = "FILE")]
    document: String,
    /// Writes the proposal as `countersign.toml` beside the document, where there is none
    #[arg(long)]
    write: bool,
}

impl Handler for SuggestProbes {
    fn run(self, call: &Call) -> Outcome {
        let reading = formats::read(&self.document, &call.read_file(&self.document)?);
        let found = suggestions(&reading.draft);
        let proposal = sidecar(&found, &self.document);
        if self.write {
            write(call, &self.document, &proposal, found.len())?;
        }
        if call.ui.wants_json() {
            let list: Vec<Value> = found.iter().map(shape).collect();
            call.ui.json(&json!({ "suggestions": list, "sidecar": proposal, "written": self.write }));
        } else if !self.write {
            call.ui.data(&proposal);
        }
        Ok(())
    }
}

fn write(call: &Call, document: &str, proposal: &str, count: usize) -> Outcome {
    if document == "-" {
        return Err(Stop::usage("`--write` needs a document to write beside").into());
    }
    let path = Path::new(document).with_file_name(SIDECAR);
    let name = path.display();
    files::create(&path, proposal.as_bytes()).map_err(|error| -> Stop {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Refusal::new(VALUE_INVALID, format!("`{name}` is there already and was left as it is"))
                .hint("take over what fits by hand; without `--write` the proposal is printed")
                .with("path", name.to_string())
                .into();
        }
        files::unwritten(&path, &error)
    })?;
    let checks = count_of(count, "check");
    call.ui.note(format!("wrote `{name}` with {checks}; correct them before you rely on them"));
    Ok(())
}

fn shape(suggestion: &Suggestion) -> Value {
    json!({
        "key": suggestion.key,
        "check": suggestion.check,
        "criterion": suggestion.criterion,
        "line": suggestion.line,
    })
}
