//! `parse`: what was understood of a document. As JSON the whole draft, field by field in the
//! order of the reference, written as it is walked; for people what it came to, and every task.

mod summary;

use clap::Args;
use formats::Reading;
use formats::diagnostics::{Source, located_in, summary as counted};
use model::draft::Draft;
use model::refusal::FILE_NOT_FOUND;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Parse>(
    "parse",
    Group::Author,
    "shows what is understood of a plan document, without taking it in",
    &[&[FILE_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Parse {
    /// The plan document; `-` reads standard input
    #[arg(value_name = "FILE")]
    document: String,
}

impl Handler for Parse {
    fn run(self, call: &Call) -> Outcome {
        let reading = formats::read(&self.document, &call.read_file(&self.document)?);
        if call.ui.wants_json() {
            call.ui.json(&Parsed(&reading));
            let_go(reading);
            return Ok(());
        }
        summary::print(&call.ui, &reading.draft);
        if !reading.diagnostics.is_empty() {
            let found = counted(&reading.diagnostics);
            call.ui.note(format!("{found} while reading; see `countersign lint {}`", self.document));
        }
        let_go(reading);
        Ok(())
    }
}

/// The program ends here: taking a large reading apart piece by piece would only take time.
fn let_go(reading: Reading) {
    std::mem::forget(reading);
}

/// A reading in the shape of `parse --json`.
struct Parsed<'a>(&'a Reading);

impl Serialize for Parsed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Taken apart in full, so that a new field of a draft is not forgotten here.
        let Draft {
            format,
            source,
            title,
            imported: _,
            encoding,
            phases,
            tasks,
            risks,
            metrics,
            criteria,
            decisions,
            escalations,
            rebaselines,
            assumptions,
            milestones,
            checkpoints,
            owners,
            runbooks,
            cadence,
            claims,
            notes,
        } = &self.0.draft;
        let mut parsed = serializer.serialize_struct("Parsed", 21)?;
        parsed.serialize_field("format", format)?;
        parsed.serialize_field("source", source)?;
        parsed.serialize_field("title", title)?;
        parsed.serialize_field("encoding", encoding)?;
        parsed.serialize_field("phases", phases)?;
        parsed.serialize_field("tasks", tasks)?;
        parsed.serialize_field("risks", risks)?;
        parsed.serialize_field("metrics", metrics)?;
        parsed.serialize_field("criteria", criteria)?;
        parsed.serialize_field("decisions", decisions)?;
        parsed.serialize_field("escalations", escalations)?;
        parsed.serialize_field("rebaselines", rebaselines)?;
        parsed.serialize_field("assumptions", assumptions)?;
        parsed.serialize_field("milestones", milestones)?;
        parsed.serialize_field("checkpoints", checkpoints)?;
        parsed.serialize_field("owners", owners)?;
        parsed.serialize_field("runbooks", runbooks)?;
        parsed.serialize_field("cadence", cadence)?;
        parsed.serialize_field("claims", claims)?;
        parsed.serialize_field("notes", notes)?;
        parsed.serialize_field("diagnostics", &Diagnostics(self.0))?;
        parsed.end()
    }
}

/// The reader's diagnostics with their places, each made as it is written.
struct Diagnostics<'a>(&'a Reading);

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Reading { text, draft, diagnostics } = self.0;
        serializer.collect_seq(located_in(&Source { path: &draft.source, text, diagnostics }))
    }
}
