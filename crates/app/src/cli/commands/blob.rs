//! `blob`: contents that events name by digest: what checks saw, documents, attached files.

use clap::{Args, Subcommand};
use engine::desk::Desk as _;
use engine::store::Store;
use journal::Kept;
use lens::words::moment;
use model::digest::Digest;
use model::refusal::{CONFIRM_REQUIRED, ENTRY_NOT_FOUND, Refusal, VALUE_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Blob>(
    "blob",
    Group::History,
    "prints what a check saw or somebody attached, or removes content that must not be kept",
    &[READS_STORE, PERSON_ONLY, &[ENTRY_NOT_FOUND, CONFIRM_REQUIRED, VALUE_INVALID]],
);

/// So many characters of a digest tell blobs apart.
const SHORTEST_PREFIX: usize = 8;

#[derive(Debug, Args)]
struct Blob {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Prints the content
    Show {
        /// Its digest, or the first eight characters of one that a plan names now
        #[arg(value_name = "DIGEST")]
        digest: String,
    },
    /// Removes the content for good; its digest and a tombstone stay
    Purge {
        /// Its digest, or the first eight characters of one that a plan names now
        #[arg(value_name = "DIGEST")]
        digest: String,
        /// Why it must not be kept; this stays on record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Does it without a question
        #[arg(long)]
        yes: bool,
    },
}

impl Handler for Blob {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Show { digest } => show(call, &digest),
            Action::Purge { digest, reason, yes } => purge(call, &digest, &reason, yes),
        }
    }
}

fn show(call: &Call, named: &str) -> Outcome {
    let store = call.store_to_read()?;
    let digest = find(&store, named)?;
    match store.desk().journal().blob(&digest)? {
        Some(Kept::Bytes(bytes)) => {
            call.ui.data_with(|out| out.write_all(&bytes));
            Ok(())
        }
        Some(Kept::Purged { at }) => Err(Refusal::new(
            ENTRY_NOT_FOUND,
            format!("blob `{}` was purged at {}", digest.short(), moment(at)),
        )
        .with("digest", digest.to_string())
        .into()),
        None => Err(unknown(named).into()),
    }
}

fn purge(call: &Call, named: &str, reason: &str, yes: bool) -> Outcome {
    let store = call.store_to_write()?;
    let digest = find(&store, named)?;
    let what = format!("blob `{digest}`");
    if !yes && !call.ui.confirm(&format!("remove the content of {what} for good?")) {
        return Err(Refusal::new(CONFIRM_REQUIRED, format!("the content of {what} would be gone for good"))
            .hint("say so with `--yes`")
            .into());
    }
    let purged = store.desk().purge_blob(&call.request()?, &digest, reason)?;
    if call.ui.wants_json() {
        call.ui.json(&json!({ "digest": digest, "purged": purged }));
    } else if purged {
        call.ui.line(format!("removed the content of {what}; its digest and the reason stay on record"));
    } else {
        call.ui.line(format!("nothing to change: there is no content of {what}"));
    }
    Ok(())
}

/// A whole digest, or the only one that the store's plans name now and that begins so.
fn find(store: &Store, named: &str) -> Outcome<Digest> {
    if let Ok(digest) = named.parse() {
        return Ok(digest);
    }
    let prefix = named.trim().trim_end_matches('…').to_lowercase();
    if prefix.len() < SHORTEST_PREFIX {
        return Err(unknown(named).into());
    }
    let mut fitting = Vec::new();
    for line in store.desk().plans()? {
        let plan = store.desk().plan(line.id)?;
        let sources = plan.sources.iter().map(|source| source.digest);
        let outputs = plan.checks().filter_map(|(_, check)| check.verdict.as_ref()?.evidence.output);
        let files = plan.tasks.iter().flat_map(|task| task.attachments.iter().map(|file| file.blob));
        fitting.extend(
            sources.chain(outputs).chain(files).filter(|digest| digest.to_string().starts_with(&prefix)),
        );
    }
    fitting.sort();
    fitting.dedup();
    match fitting.as_slice() {
        [only] => Ok(*only),
        _ => Err(unknown(named).into()),
    }
}

fn unknown(named: &str) -> Refusal {
    Refusal::new(ENTRY_NOT_FOUND, format!("there is no blob `{named}` in this store"))
        .hint("`countersign show KEY` names those of a task; a shortened digest needs eight characters")
        .with("digest", named)
}
