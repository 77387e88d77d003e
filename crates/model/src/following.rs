//! How far each of a plan's documents has followed the journal: what it said when both were last
//! in step, which write to it was begun and not yet confirmed, and what the last one replaced.
//!
//! Proves nothing and decides no gate. Whether a file is still what stands here, whoever has the
//! files finds out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apply::Stamp;
use crate::digest::Digest;
use crate::event::Event;
use crate::ids::Seq;
use crate::plan::{Plan, Source};

/// One document beside the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Following {
    /// Its path, as among the plan's sources.
    pub path: String,
    /// The journal's changes up to this event stand in it.
    pub written: Seq,
    /// Digest of its last text that is kept whole, as a blob.
    pub whole: Digest,
    /// The events whose edits, one after the other, make of that text the one on record.
    pub steps: Vec<Seq>,
    /// A write that was begun and not confirmed: the file may hold either text.
    pub intent: Option<Intent>,
    /// The last write that was confirmed.
    pub last: Option<Replaced>,
}

/// A write that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Digest of the text that is to go.
    pub from: Digest,
    /// Digest of the text that is to stand there.
    pub to: Digest,
    /// The journal's changes up to this event are in it.
    pub through: Seq,
    /// The event that says so.
    pub seq: Seq,
    /// Whether the new text is kept whole, because it does not follow from the old one by edits.
    pub whole: bool,
}

/// A write that was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// Digest of the text that went.
    pub from: Digest,
    /// The journal's changes up to this event stood in that text.
    pub written: Seq,
    /// When it was confirmed, a little after it happened.
    pub at: Timestamp,
}

/// A stretch of a document's stored text that a write replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEdit {
    /// Where it begins, in bytes of the text before.
    pub at: u64,
    /// How many bytes go.
    pub cut: u64,
    /// What stands there instead.
    pub put: String,
}

/// What became of a document's stored text, as edits to the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEdits {
    /// The document, as among the plan's sources.
    pub path: String,
    /// In order and apart.
    pub edits: Vec<DocumentEdit>,
}

/// The texts that a plan's documents have had, by the beginnings of their digests: enough to know
/// that a text is none of them, without looking through the plan's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextsHad(Vec<u64>);

impl TextsHad {
    /// Whether a text of this digest may have been one of them; where not, it was none.
    pub fn may_hold(&self, digest: &Digest) -> bool {
        self.0.contains(&Self::beginning(digest))
    }

    fn add(&mut self, digest: &Digest) {
        if !self.may_hold(digest) {
            self.0.push(Self::beginning(digest));
        }
    }

    fn beginning(digest: &Digest) -> u64 {
        digest.as_bytes().iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }
}

impl DocumentEdit {
    /// The text after all edits, which are in order and apart; nothing where they do not fit.
    pub fn apply_all(edits: &[Self], mut text: Vec<u8>) -> Option<Vec<u8>> {
        // Most are ticks, which move nothing.
        if edits.iter().all(|edit| edit.cut == edit.put.len() as u64) {
            let mut done = 0usize;
            for edit in edits {
                let at = usize::try_from(edit.at).ok().filter(|at| *at >= done)?;
                done = at.checked_add(edit.put.len())?;
                text.get_mut(at..done)?.copy_from_slice(edit.put.as_bytes());
            }
            return Some(text);
        }
        let mut out = Vec::with_capacity(text.len());
        let mut done = 0usize;
        for edit in edits {
            let at = usize::try_from(edit.at).ok()?;
            out.extend_from_slice(text.get(done..at)?);
            out.extend_from_slice(edit.put.as_bytes());
            done = at.checked_add(usize::try_from(edit.cut).ok()?)?;
        }
        out.extend_from_slice(text.get(done..)?);
        Some(out)
    }
}

impl Plan {
    /// How far a document of the plan has followed.
    pub fn following(&self, path: &str) -> Option<&Following> {
        self.following.iter().find(|following| following.path == path)
    }

    /// Digest of the text a document had when it and the journal were last in step.
    pub fn digest_of(&self, path: &str) -> Option<Digest> {
        self.sources.iter().find(|source| source.path == path).map(|source| source.digest)
    }
}

/// Brings the documents in line with an event; called once the plan's sources are.
pub(crate) fn follow(plan: &mut Plan, before: &[Source], event: &Event, stamp: Stamp<'_>) {
    let Stamp { seq, at, .. } = stamp;
    match event {
        Event::PlanAdopted { .. } | Event::PlanRevised { .. } => {
            let edited: &[SourceEdits] = match event {
                Event::PlanRevised { edits, .. } => edits,
                _ => &[],
            };
            let mut known = std::mem::take(&mut plan.following);
            for source in &plan.sources {
                let place = known.iter().position(|following| following.path == source.path);
                let same = before.iter().any(|old| old.path == source.path && old.digest == source.digest);
                plan.following.push(match place.map(|place| known.swap_remove(place)) {
                    Some(following) if same => following,
                    // Whoever takes a text in looked at what any pending write left of it.
                    Some(mut following) => {
                        if edited.iter().any(|edited| edited.path == source.path) {
                            following.steps.push(seq);
                        } else {
                            (following.whole, following.steps) = (source.digest, Vec::new());
                        }
                        Following { intent: None, last: None, ..following }
                    }
                    None => Following {
                        path: source.path.clone(),
                        written: seq,
                        whole: source.digest,
                        steps: Vec::new(),
                        intent: None,
                        last: None,
                    },
                });
                plan.texts.add(&source.digest);
            }
        }
        Event::DocumentIntended { path, from, to, through, whole, .. } => {
            let Some(following) = plan.following.iter_mut().find(|known| known.path == *path) else { return };
            following.intent = Some(Intent { from: *from, to: *to, through: *through, seq, whole: *whole });
        }
        Event::DocumentSynced { path, digest, through } => {
            let Some(following) = plan.following.iter_mut().find(|known| known.path == *path) else { return };
            let written = std::mem::replace(&mut following.written, *through);
            if let Some(intent) = following.intent.take().filter(|intent| intent.to == *digest) {
                following.last = Some(Replaced { from: intent.from, written, at });
                if intent.whole {
                    (following.whole, following.steps) = (*digest, Vec::new());
                } else {
                    following.steps.push(intent.seq);
                }
                plan.texts.add(digest);
                if let Some(source) = plan.sources.iter_mut().find(|source| source.path == *path) {
                    source.digest = *digest;
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_replace_exactly_what_they_name() {
        let edit = |at, cut, put: &str| DocumentEdit { at, cut, put: put.to_owned() };
        let check = |edits: &[DocumentEdit], expected: Option<&str>| {
            let found = DocumentEdit::apply_all(edits, b"- [ ] one\n- [ ] two\n".to_vec());
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{edits:?}");
        };
        check(&[], Some("- [ ] one\n- [ ] two\n"));
        check(&[edit(3, 1, "x"), edit(13, 1, "x")], Some("- [x] one\n- [x] two\n"));
        check(&[edit(20, 0, "- [ ] three\n")], Some("- [ ] one\n- [ ] two\n- [ ] three\n"));
        check(&[edit(13, 1, "x"), edit(3, 1, "x")], None);
        check(&[edit(3, 1, "xx"), edit(13, 1, "")], Some("- [xx] one\n- [] two\n"));
        check(&[edit(13, 1, "xx"), edit(3, 1, "x")], None);
        check(&[edit(20, 1, "x")], None);
        check(&[edit(19, 7, "x")], None);
        check(&[edit(u64::MAX, u64::MAX, "x")], None);
    }
}
