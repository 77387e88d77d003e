//! `fix`: mends a document's bytes where that is certain, and only what was asked for.

use std::path::Path;

use clap::Args;
use formats::diagnostics::{Output, Source, render};
use formats::encoding::{Decoded, decode, repair};
use lens::words::count_of;
use model::refusal::{FILE_NOT_FOUND, Refusal, USAGE_INVALID, VALUE_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::files;
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Fix>(
    "fix",
    Group::Author,
    "rewrites a document whose text was decoded wrongly, where that is certain",
    &[&[FILE_NOT_FOUND, VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Fix {
    /// The document
    #[arg(value_name = "FILE")]
    document: String,
    /// Writes UTF-8 as it was meant in the place of what is there
    #[arg(long)]
    encoding: bool,
}

impl Handler for Fix {
    fn run(self, call: &Call) -> Outcome {
        if self.document == "-" {
            return Err(Refusal::new(USAGE_INVALID, "`fix` rewrites a file, so it needs one").into());
        }
        let bytes = call.read_file(&self.document)?;
        let decoded = decode(&bytes);
        let Some(mended) = repair(&bytes).filter(|mended| holds(mended, &decoded)) else {
            return left_alone(call, &self.document, &decoded);
        };
        let what = told(&decoded);
        if !self.encoding {
            return Err(Refusal::new(
                USAGE_INVALID,
                format!("`{}` is {what}; nothing was written", self.document),
            )
            .hint(format!("rewrite it with `countersign fix {} --encoding`", self.document))
            .into());
        }
        let path = Path::new(&self.document);
        files::replace(path, &mended).map_err(|error| files::unwritten(path, &error))?;
        if call.ui.wants_json() {
            call.ui.json(&json!({
                "file": self.document,
                "rewritten": true,
                "from": decoded.encoding.from,
                "runs": decoded.encoding.runs,
                "bytes_before": bytes.len(),
                "bytes_after": mended.len(),
            }));
        } else {
            call.ui.line(format!("rewrote `{}`, which was {what}", self.document));
        }
        Ok(())
    }
}

/// Whether what would be written reads as what is read now, with nothing left to mend.
fn holds(mended: &[u8], decoded: &Decoded) -> bool {
    let again = decode(mended);
    again.text == decoded.text && !again.encoding.repaired && again.encoding.invalid == 0
}

fn told(decoded: &Decoded) -> String {
    match decoded.encoding.from {
        Some(from) => {
            let runs = count_of(decoded.encoding.runs as usize, "run");
            format!("UTF-8 once taken for {from} ({runs} of wrong characters)")
        }
        None => "UTF-16".to_owned(),
    }
}

/// Nothing to mend is no failure; something that cannot be mended for certain is.
fn left_alone(call: &Call, document: &str, decoded: &Decoded) -> Outcome {
    if decoded.diagnostics.is_empty() {
        if call.ui.wants_json() {
            call.ui.json(&json!({ "file": document, "rewritten": false }));
        } else {
            call.ui.line(format!("`{document}` is sound UTF-8; nothing was written"));
        }
        return Ok(());
    }
    if !call.ui.wants_json() {
        let source = Source { path: document, text: &decoded.text, diagnostics: &decoded.diagnostics };
        call.ui.message(render(&[source], Output::Text, false).trim_end());
    }
    Err(Refusal::new(
        VALUE_INVALID,
        format!("`{document}` cannot be mended for certain; nothing was written"),
    )
    .hint("put the places right by hand")
    .with("path", document)
    .into())
}
