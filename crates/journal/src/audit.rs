//! Proving a store whole: the chain computed again, heads and the store's own stream compared with
//! what is there, every blob hashed again, snapshots compared with what replaying gives.
//!
//! The chain has no key: whoever may write the store could build all of it anew. What shows that is
//! a head pinned elsewhere ([`Pin`]): nothing at or before it can have changed or been cut off.

mod finding;
mod pin;
mod streams;

use std::collections::BTreeMap;

use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

pub use finding::{Finding, Place};
pub use pin::{Pin, parse_pins};

use crate::blob::Blob;
use crate::journal::{Journal, Survey};
use crate::snapshot::Snapshot;
use crate::stored::{BlobLine, Head, Line};
use streams::Streams;

/// Names the blobs that an event's bytes refer to.
pub type BlobsOf<'a> = &'a dyn Fn(&[u8]) -> Vec<Digest>;
/// Says whether a snapshot's content is what replaying its plan up to its event gives.
pub type SameAsReplay<'a> = &'a dyn Fn(&Snapshot) -> Result<bool, Fault>;

/// What an audit is given.
#[derive(Clone, Copy, Default)]
pub struct Audit<'a> {
    /// Heads noted elsewhere, at some earlier time.
    pub pins: &'a [Pin],
    /// Without it, blobs that events refer to and the store never had are not missed.
    pub blobs_of: Option<BlobsOf<'a>>,
    /// Without it, snapshots are only tied to their event, not compared.
    pub same_as_replay: Option<SameAsReplay<'a>>,
}

/// What an audit saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// Plans, without removed ones and without the store's own stream.
    pub plans: usize,
    /// Plans that were removed, as the store's own stream says.
    pub removed: usize,
    /// Events, those of the store's own stream included.
    pub events: u64,
    /// Blobs whose content was hashed again.
    pub blobs: usize,
    /// Blobs that were purged, as the store's own stream says.
    pub purged: usize,
    /// Snapshots compared with a replay.
    pub snapshots: usize,
    /// Pinned heads that hold.
    pub pins: usize,
    /// Where every stream ends: to be pinned.
    pub heads: Vec<Pin>,
    /// Everything that is wrong, the first of each stream only: what follows it is wrong too.
    pub findings: Vec<Finding>,
}

impl Audited {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// The first finding as a fault, for whoever must fail.
    pub fn fault(&self) -> Option<Fault> {
        let first = self.findings.first()?;
        let more = match self.findings.len() - 1 {
            0 => String::new(),
            1 => " (and 1 more finding)".to_owned(),
            more => format!(" (and {more} more findings)"),
        };
        let fault = Fault::new("chain/broken", format!("{first}{more}"))
            .hint("the store was changed behind the journal's back; restore it from a backup");
        Some(match &first.place {
            Place::Event { plan, seq } => fault.with("plan", plan).with("seq", seq),
            Place::Blob { digest } => fault.with("digest", digest),
            Place::Snapshot { plan, seq } => fault.with("plan", plan).with("seq", seq),
            Place::Store => fault,
        })
    }
}

/// Looks at everything in a journal. A fault means that it could not look, not that it found
/// something: findings are part of the answer.
pub fn verify(journal: &dyn Journal, audit: &Audit<'_>) -> Result<Audited, Fault> {
    let mut look =
        Look { audit, streams: Streams::new(audit.pins), blobs: Blobs::default(), wrong: Vec::new() };
    let given = journal.survey(&mut look)?;
    let Look { streams, blobs, mut wrong, .. } = look;
    let mut audited = Audited::default();
    let purged = streams.finish(given, &mut audited);
    blobs.finish(&purged, &mut audited);
    audited.findings.append(&mut wrong);
    let chain_is_whole = audited.is_whole();
    for (plan, snapshot) in journal.snapshots()? {
        match snapshot {
            None => audited.findings.push(Finding::snapshot(plan, Seq(0), "is damaged")),
            Some(snapshot) => compare(journal, audit, &snapshot, chain_is_whole, &mut audited)?,
        }
    }
    Ok(audited)
}

fn compare(
    journal: &dyn Journal,
    audit: &Audit<'_>,
    snapshot: &Snapshot,
    chain_is_whole: bool,
    audited: &mut Audited,
) -> Result<(), Fault> {
    let key = &snapshot.key;
    if !chain_is_whole {
        return Ok(());
    }
    let belongs = key.seq > Seq(0)
        && journal
            .read(key.plan, Seq(key.seq.0 - 1), 1)?
            .first()
            .is_some_and(|event| event.digest == key.digest);
    if !belongs {
        audited.findings.push(Finding::snapshot(key.plan, key.seq, "does not belong to its plan's history"));
    } else if let Some(same) = audit.same_as_replay {
        if same(snapshot)? {
            audited.snapshots += 1;
        } else {
            audited.findings.push(Finding::snapshot(
                key.plan,
                key.seq,
                "is not what replaying the plan gives",
            ));
        }
    }
    Ok(())
}

struct Look<'a> {
    audit: &'a Audit<'a>,
    streams: Streams,
    blobs: Blobs,
    wrong: Vec<Finding>,
}

impl Survey for Look<'_> {
    fn head(&mut self, head: &Head) {
        self.streams.head(head);
    }

    fn line(&mut self, line: &Line<'_>) {
        if let Some((plan, seq)) = self.streams.line(line)
            && let Some(blobs_of) = self.audit.blobs_of
        {
            for digest in blobs_of(line.event) {
                self.blobs.named.entry(digest).or_insert((plan, seq));
            }
        }
    }

    fn blob(&mut self, blob: &BlobLine<'_>) {
        self.blobs.see(blob);
    }

    fn wrong(&mut self, what: &str) {
        self.wrong.push(Finding::store(what));
    }
}

/// What is known about blobs: who names them, and which are there.
#[derive(Default)]
struct Blobs {
    named: BTreeMap<Digest, (PlanId, Seq)>,
    there: usize,
    tombstones: Vec<Digest>,
    known: std::collections::BTreeSet<Digest>,
    findings: Vec<Finding>,
}

impl Blobs {
    fn see(&mut self, blob: &BlobLine<'_>) {
        let Some(digest) = crate::replay::digest(blob.digest) else {
            self.findings.push(Finding::store("a blob has no readable digest"));
            return;
        };
        self.known.insert(digest);
        match blob.bytes {
            _ if blob.purged => self.tombstones.push(digest),
            Some(bytes) if Blob::name(bytes) == digest => self.there += 1,
            Some(_) => self
                .findings
                .push(Finding::blob(digest, "does not have its digest: its content was replaced")),
            None => self.findings.push(Finding::blob(digest, "is missing")),
        }
    }

    fn finish(mut self, purged: &std::collections::BTreeSet<Digest>, audited: &mut Audited) {
        for digest in self.tombstones {
            if purged.contains(&digest) {
                audited.purged += 1;
            } else {
                self.findings.push(Finding::blob(
                    digest,
                    "was emptied, and the store's own stream knows nothing of it",
                ));
            }
        }
        for (digest, (plan, seq)) in self.named {
            if !self.known.contains(&digest) {
                let what = format!("is missing; event {seq} of `{plan}` names it");
                self.findings.push(Finding::blob(digest, &what));
            }
        }
        audited.blobs = self.there;
        audited.findings.append(&mut self.findings);
    }
}
