//! Writing an archive.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::ControlFlow;

use journal::stored::chain;
use journal::{Journal, Kept, Stored};
use model::digest::Digest;
use model::event::Event;
use model::fault::Fault;
use model::ids::Seq;
use model::plan::Plan;
use model::refusal::{CHAIN_BROKEN, INTERNAL_FAULT};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{KIND, VERSION, base64};
use crate::store::Store;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// How many events.
    pub events: u64,
    /// How many contents.
    pub blobs: usize,
    /// How many contents whose name alone is left.
    pub purged: usize,
    /// Digest of the last event.
    pub head: Digest,
}

/// Writes a plan's whole history, and every content its events refer to.
pub fn write(store: &Store, plan: &Plan, out: &mut dyn Write) -> Result<Written, Fault> {
    let journal = store.desk().journal();
    let mut lines = Lines { out, sum: Sha256::new() };
    let mut written = Written { events: plan.seq.0, blobs: 0, purged: 0, head: Digest::ZERO };
    lines.put(&json!({
        "countersign": KIND,
        "version": VERSION,
        "plan": plan.id,
        "key": plan.key,
        "events": plan.seq,
        "test_store": store.is_test(),
    }))?;
    let mut named = BTreeSet::new();
    let mut failed = None;
    journal.visit(plan.id, Seq(0), &mut |stored| {
        named.extend(blobs_of(stored));
        written.head = stored.digest;
        if let Err(fault) = lines.event(stored) {
            failed = Some(fault);
            return ControlFlow::Break(());
        }
        // Events that came while this was written belong to the next archive.
        if stored.seq >= plan.seq { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    failed.map_or(Ok(()), Err)?;
    for digest in &named {
        blob(journal, digest, &mut lines, &mut written)?;
    }
    let sum = Digest::from_bytes(lines.sum.clone().finalize().into());
    lines.put(&json!({ "end": true, "sha256": sum }))?;
    Ok(written)
}

fn blob(
    journal: &dyn Journal,
    digest: &Digest,
    lines: &mut Lines<'_>,
    written: &mut Written,
) -> Result<(), Fault> {
    match journal.blob(digest)? {
        Some(Kept::Bytes(bytes)) => {
            written.blobs += 1;
            let (form, text) = match std::str::from_utf8(&bytes) {
                Ok(text) => ("text", json!(text)),
                Err(_) => ("base64", json!(base64::encode(&bytes))),
            };
            lines.line(&format!(r#"{{"blob":"{digest}","{form}":{text}}}"#))
        }
        Some(Kept::Purged { .. }) => {
            written.purged += 1;
            lines.put(&json!({ "blob": digest, "purged": true }))
        }
        None => Ok(()),
    }
}

fn blobs_of(stored: &Stored) -> Vec<Digest> {
    serde_json::from_slice::<Event>(&stored.event).map(|event| event.blobs()).unwrap_or_default()
}

/// Lines on their way out, and the digest of those that are.
struct Lines<'w> {
    out: &'w mut dyn Write,
    sum: Sha256,
}

impl Lines<'_> {
    fn put(&mut self, value: &serde_json::Value) -> Result<(), Fault> {
        self.line(&value.to_string())
    }

    /// An event with the very bytes that its digest covers.
    fn event(&mut self, stored: &Stored) -> Result<(), Fault> {
        let (at, by, cause) = (stored.at.to_string(), json_of(&stored.by)?, json_of(&stored.cause)?);
        let Stored { plan, seq, event, prev, digest, .. } = stored;
        let chained = chain(prev, &plan.to_string(), *seq, &at, by.as_bytes(), cause.as_bytes(), event);
        if chained != *digest {
            return Err(Fault::new(
                CHAIN_BROKEN,
                format!("event {seq} of `{plan}` does not have its digest"),
            )
            .hint("`countersign audit verify` names everything that is wrong"));
        }
        let event = String::from_utf8_lossy(event);
        let line = format!(
            r#"{{"seq":{seq},"at":"{at}","by":{by},"cause":{cause},"event":{event},"prev":"{prev}","digest":"{digest}"}}"#,
        );
        self.line(&line)
    }

    fn line(&mut self, line: &str) -> Result<(), Fault> {
        self.sum.update(line.as_bytes());
        self.sum.update(b"\n");
        let written = self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n"));
        written.map_err(|error| unwritten(&error))
    }
}

fn json_of(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value)
        .map_err(|error| Fault::new(INTERNAL_FAULT, format!("an actor or cause has no form: {error}")))
}

fn unwritten(error: &io::Error) -> Fault {
    Fault::new(INTERNAL_FAULT, format!("the archive could not be written: {}", error.kind()))
}
