//! `audit`: proves the store whole, prints heads to be pinned elsewhere, hands the whole journal out.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use engine::requests::{self, Verified};
use engine::store::Store;
use journal::audit::{Audited, Finding, Pin, Place, parse_pins};
use journal::{BlobLine, Head, Line, Survey};
use lens::words::count_of;
use model::refusal::{CHAIN_BROKEN, Refusal, VALUE_INVALID};
use serde_json::{Value, json};

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::report::TEST_STORE;
use crate::cli::verb::{Group, Handler, READS_FILES, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Audit>(
    "audit",
    Group::History,
    "proves that nothing in the store was changed behind its back",
    &[READS_STORE, READS_FILES, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Computes the chain again, compares heads, blobs and snapshots; names the first bad entry
    Verify {
        /// Heads noted elsewhere: nothing at or before them has changed or gone
        #[arg(long, value_name = "FILE")]
        head: Option<String>,
    },
    /// Prints where each stream ends, to be noted where nobody who may write the store can
    Head,
    /// Makes the index of shared memory and messages anew from the events, where it was named
    Reindex,
    /// Prints every event as a line of JSON, with the bytes the chain is computed from
    Export,
}

impl Handler for Audit {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Verify { head } => {
                let pins = match head {
                    Some(file) => parse_pins(&String::from_utf8_lossy(&call.read_file(&file)?))?,
                    None => Vec::new(),
                };
                verify(call, &call.store_to_read()?, &pins)
            }
            Action::Reindex => {
                call.store_to_write()?.desk().journal().index_anew()?;
                if call.ui.wants_json() {
                    call.ui.json(&json!({ "reindexed": true }));
                } else {
                    call.ui.line("the index of shared memory and messages was made anew from the events");
                }
                Ok(())
            }
            Action::Head => heads(call, &call.store_to_read()?),
            Action::Export => export(call, &call.store_to_read()?),
        }
    }
}

fn verify(call: &Call, store: &Store, pins: &[Pin]) -> Outcome {
    let audited = store.desk().audit(pins)?;
    let folder = store.folder();
    // The record of a service's requests lies beside the service, and is looked at there.
    let asked = match store.server() {
        Some(_) => Verified::default(),
        None => requests::verify(folder)
            .map_err(|error| Stop::file(&folder.display().to_string(), "read", &error))?,
    };
    if call.ui.wants_json() {
        let mut shape = shape(&audited, store.is_test());
        shape["requests"] = json!({ "entries": asked.entries, "findings": asked.findings });
        call.ui.json(&shape);
    } else {
        tell(call, &audited, store.is_test());
        tell_requests(call, &asked);
    }
    if let Some(fault) = audited.fault() {
        return Err(fault.into());
    }
    match asked.findings.first() {
        Some(first) => Err(Refusal::new(CHAIN_BROKEN, format!("the record of requests: {first}"))
            .hint("it was changed behind the service's back; the journal itself is whole")
            .into()),
        None => Ok(()),
    }
}

/// What the record of the service's requests came to, where there is one.
fn tell_requests(call: &Call, asked: &Verified) {
    for finding in &asked.findings {
        call.ui.line(format!("broken: {finding}"));
    }
    if asked.findings.is_empty() && asked.entries > 0 {
        let entries = usize::try_from(asked.entries).unwrap_or(usize::MAX);
        call.ui.line(format!("whole: the record of {}", count_of(entries, "request")));
    }
}

fn tell(call: &Call, audited: &Audited, test: bool) {
    let Audited { plans, events, blobs, purged, snapshots, pins, findings, .. } = audited;
    if audited.is_whole() {
        let purged = if *purged > 0 { format!(" ({purged} purged)") } else { String::new() };
        let events = count_of(usize::try_from(*events).unwrap_or(usize::MAX), "event");
        call.ui.line(format!(
            "whole: {}, {events}, {}{purged}, {}",
            count_of(*plans, "plan"),
            count_of(*blobs, "blob"),
            count_of(*snapshots, "snapshot"),
        ));
        if *pins > 0 {
            call.ui.line(format!(
                "{} {}",
                count_of(*pins, "pinned head"),
                if *pins == 1 { "holds" } else { "hold" }
            ));
        } else {
            call.ui
                .note("without a pinned head (`--head FILE`) this does not show a chain that was built anew");
        }
    } else {
        for finding in findings {
            call.ui.line(format!("broken: {finding}"));
        }
    }
    if test {
        call.ui.line(TEST_STORE);
    }
}

fn shape(audited: &Audited, test: bool) -> Value {
    json!({
        "whole": audited.is_whole(),
        "plans": audited.plans,
        "removed": audited.removed,
        "events": audited.events,
        "blobs": audited.blobs,
        "purged": audited.purged,
        "snapshots": audited.snapshots,
        "pins": audited.pins,
        "heads": audited.heads.iter().map(head_shape).collect::<Vec<_>>(),
        "findings": audited.findings.iter().map(finding_shape).collect::<Vec<_>>(),
        "test_store": test,
    })
}

fn head_shape(pin: &Pin) -> Value {
    json!({ "plan": pin.plan, "seq": pin.seq, "digest": pin.digest })
}

fn finding_shape(finding: &Finding) -> Value {
    let text = finding.to_string();
    match finding.place {
        Place::Event { plan, seq } => json!({ "place": "event", "plan": plan, "seq": seq, "text": text }),
        Place::Blob { digest } => json!({ "place": "blob", "digest": digest, "text": text }),
        Place::Snapshot { plan, seq } => {
            json!({ "place": "snapshot", "plan": plan, "seq": seq, "text": text })
        }
        Place::Store => json!({ "place": "store", "text": text }),
    }
}

fn heads(call: &Call, store: &Store) -> Outcome {
    let heads = store.desk().journal().heads()?.into_iter().filter(|head| head.seq.0 > 0 && !head.removed);
    let pins: Vec<Pin> = heads.map(|Head { plan, seq, digest, .. }| Pin { plan, seq, digest }).collect();
    if call.ui.wants_json() {
        call.ui.json(&json!({ "heads": pins.iter().map(head_shape).collect::<Vec<_>>() }));
    } else {
        pins.iter().for_each(|pin| call.ui.line(pin.to_string()));
    }
    Ok(())
}

fn export(call: &Call, store: &Store) -> Outcome {
    call.ui.data_with(|out| {
        let mut lines = Lines { out, broken: Ok(()) };
        let surveyed = store.desk().journal().survey(&mut lines);
        lines.broken?;
        surveyed.map(|_| ()).map_err(|fault| io::Error::other(fault.message))
    });
    Ok(())
}

/// Writes each row as it lies, believing in nothing: a damaged journal is handed out too.
struct Lines<'a> {
    out: &'a mut dyn Write,
    broken: io::Result<()>,
}

impl Lines<'_> {
    fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
        let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes)).to_string();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        writeln!(
            self.out,
            r#"{{"plan":{},"seq":{},"position":{},"at":{},"by":{},"cause":{},"event":{},"prev":"{}","digest":"{}"}}"#,
            text(line.plan),
            line.seq,
            line.position,
            text(line.at),
            as_it_lies(line.by),
            as_it_lies(line.cause),
            as_it_lies(line.event),
            hex(line.prev),
            hex(line.digest),
        )
    }
}

/// Stored JSON byte for byte, since those bytes are what the digest covers; anything else as text.
fn as_it_lies(bytes: &[u8]) -> String {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() && !bytes.contains(&b'\n');
    match std::str::from_utf8(bytes) {
        Ok(text) if is_json => text.to_owned(),
        _ => json!(String::from_utf8_lossy(bytes)).to_string(),
    }
}

impl Survey for Lines<'_> {
    fn head(&mut self, _: &Head) {}

    fn line(&mut self, line: &Line<'_>) {
        if self.broken.is_ok() {
            self.broken = self.write(line);
        }
    }

    fn blob(&mut self, _: &BlobLine<'_>) {}

    fn wrong(&mut self, _: &str) {}
}
