//! A task on its way out, with what peers ask of it: its state in words, its labels and criteria,
//! its comments. Knows no peer.

use model::draft::{Stated, Status};
use model::ids::Key;
use model::plan::{Phase, Plan};
use model::task::{Task, TaskState};

use super::json::Json;
use super::lost::Lost;
use super::text::{rank, split};

/// Names of extra fields that several peers share.
pub(super) mod extra {
    /// What a task is about, at length.
    pub(in crate::exchange) const DESCRIPTION: &str = "description";
    /// Words that tasks are sorted by.
    pub(in crate::exchange) const LABELS: &str = "labels";
    /// `bug`, `feature`.
    pub(in crate::exchange) const TYPE: &str = "type";
    /// When it was made, in the words of the tool it comes from.
    pub(in crate::exchange) const CREATED: &str = "created";
    /// When it was last changed.
    pub(in crate::exchange) const UPDATED: &str = "updated";
    /// When it was closed.
    pub(in crate::exchange) const CLOSED: &str = "closed";
    /// Who made it.
    pub(in crate::exchange) const AUTHOR: &str = "author";
    /// What was said about it, as JSON of the tool it comes from.
    pub(in crate::exchange) const COMMENTS: &str = "comments";
}

/// A task on its way out.
#[derive(Clone, Copy)]
pub(super) struct Item<'p> {
    plan: &'p Plan,
    /// The task.
    pub(super) task: &'p Task,
}

/// Every task of a plan, in its order.
pub(super) fn items(plan: &Plan) -> impl Iterator<Item = Item<'_>> {
    plan.tasks.iter().map(move |task| Item { plan, task })
}

impl<'p> Item<'p> {
    pub(super) fn key(&self) -> &'p str {
        self.task.key.as_str()
    }

    /// The state in words that every tool has: verified is done, too.
    pub(super) fn stated(&self) -> Stated {
        match &self.task.state {
            TaskState::Open if self.task.asserted.state == Stated::Dropped => Stated::Dropped,
            TaskState::Open => Stated::Open,
            TaskState::Active(_) => Stated::Active,
            TaskState::Claimed(_) | TaskState::Verified(_) => Stated::Claimed,
            TaskState::Dropped(_) => Stated::Dropped,
        }
    }

    /// The document's own status word, where the task is still in the state that it means.
    pub(super) fn status(&self) -> Option<&'p Status> {
        self.task.facts.status().filter(|status| status.state == self.stated())
    }

    /// When somebody called it done, or evidence proved it.
    pub(super) fn done_at(&self) -> Option<jiff::Timestamp> {
        match &self.task.state {
            TaskState::Claimed(claim) => Some(claim.at),
            TaskState::Verified(verified) => Some(verified.at),
            _ => None,
        }
    }

    pub(super) fn extra(&self, name: &str) -> Option<&'p str> {
        self.task.facts.extra().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Extra fields that are none of these.
    pub(super) fn extras_but(
        &self,
        known: &'static [&'static str],
    ) -> impl Iterator<Item = (&'p str, &'p str)> {
        self.task.facts.extra().filter(move |(name, _)| !known.contains(name))
    }

    pub(super) fn labels(&self) -> Vec<String> {
        self.extra(extra::LABELS).map(split).unwrap_or_default()
    }

    /// Keys of the tasks it needs.
    pub(super) fn needs(&self) -> Vec<&'p Key> {
        self.task.needs.iter().filter_map(|id| self.plan.task(*id)).map(|task| &task.key).collect()
    }

    pub(super) fn parent(&self) -> Option<&'p Key> {
        self.task.parent.and_then(|id| self.plan.task(id)).map(|task| &task.key)
    }

    pub(super) fn phase(&self) -> Option<&'p Phase> {
        self.task.phase.and_then(|id| self.plan.phase(id))
    }

    /// How urgent it is, from 0.
    pub(super) fn rank(&self) -> Option<u8> {
        self.task.facts.priority().and_then(rank)
    }

    /// What it must meet, with boxes: criteria with a probe too, in the words they stand for.
    pub(super) fn criteria(&self) -> Vec<(String, Option<bool>)> {
        let stated = self.task.gate.stated.iter().filter(|stated| stated.removed.is_none());
        let stated = stated.map(|stated| (stated.text.clone(), stated.checked, stated.line));
        let own = |text: &str| !text.is_empty() && text != self.task.title;
        let checks = self.task.gate.checks.iter().filter(|check| own(&check.text));
        let checks = checks.map(|check| (check.text.clone(), check.checked, check.line));
        // Several probes of one criterion are one criterion.
        let mut checks: Vec<_> = checks.collect();
        checks.dedup();
        let mut all: Vec<_> = stated.chain(checks).collect();
        all.sort_by_key(|(_, _, line)| *line);
        all.into_iter().map(|(text, checked, _)| (text, checked)).collect()
    }
}

/// The status word of a task for a peer: the document's own where the peer knows it, else the first
/// of the peer's words for its state. What that hides is listed.
pub(super) fn word<'p>(
    item: &Item<'p>,
    statuses: &'static [(&'static str, Stated)],
    peer: &str,
    lost: &mut Vec<Lost>,
) -> &'p str {
    if matches!(item.task.state, TaskState::Claimed(_)) && item.task.has_checks() {
        let why = format!("{peer} does not know that proof is still owed");
        lost.push(Lost::new("", 0, "state", "claimed, unproven", why).of(item.key()));
    }
    if let Some(own) = item.status() {
        if statuses.iter().any(|(word, _)| *word == own.word) {
            return &own.word;
        }
        let why = format!("{peer} has no such status");
        lost.push(Lost::new("", 0, "status word", &own.word, why).of(item.key()));
    }
    let stated = item.stated();
    statuses.iter().find(|(_, state)| *state == stated).map_or("", |(word, _)| word)
}

/// Comments as they came, then remarks made here, in the shape most tools use.
pub(super) fn comments(item: &Item<'_>) -> Vec<Json> {
    let brought = item.extra(extra::COMMENTS);
    let brought = brought.and_then(|text| serde_json::from_str::<Vec<serde_json::Value>>(text).ok());
    let mut all: Vec<Json> = brought.into_iter().flatten().map(|one| Json::Raw(one.to_string())).collect();
    for note in &item.task.notes {
        let field = |name: &str, value: String| (name.to_owned(), Json::Text(value));
        all.push(Json::Object(vec![
            field("author", note.by.actor.to_string()),
            field("text", note.text.clone()),
            field("created_at", note.at.to_string()),
        ]));
    }
    all
}
