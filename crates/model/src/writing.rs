//! What a plan's history asks to have written into its documents: wishes, field by field.
//!
//! A wish exists only for what somebody changed through the journal since the documents were
//! written last; what the documents' authors wrote is never anybody else's wish. Which bytes that
//! takes, and whether the document's own word says so already, the formats know.

use std::collections::BTreeMap;

use crate::check::Outcome;
use crate::digest::Digest;
use crate::draft::{OwnerRole, Stated};
use crate::event::Event;
use crate::facts::Fact;
use crate::gate::{Check, Subject};
use crate::ids::{Key, TaskId};
use crate::plan::Plan;
use crate::task::{ClaimHow, Task, TaskState};

/// What a field belongs to, as documents name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// A task.
    Task(Key),
    /// A criterion of a task or phase, or of the plan as a whole, by its text.
    Criterion {
        /// Whose criterion; nothing for the plan's own.
        of: Option<Key>,
        /// Without box and probe.
        text: String,
    },
    /// A metric, by name.
    Metric(String),
}

/// A field of a document that may be written back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The box before an item.
    Mark,
    /// The status word.
    Status,
    /// The percentage.
    Percent,
    /// Who answers for it.
    Owner,
    /// When it is due.
    Due,
    /// The priority.
    Priority,
    /// What must be done first, and what else stands in the way.
    Blockers,
    /// A metric's value.
    Value,
    /// The remark `<!-- verified 9f2c… -->` behind an item, with the digest of the evidence; an
    /// empty text where there is to be none.
    Evidence,
    /// A column or field nobody has a name for, by its header: `notes`.
    Extra(String),
}

impl Field {
    /// The word used in output.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Mark => "box",
            Self::Status => "status",
            Self::Percent => "percent",
            Self::Owner => "owner",
            Self::Due => "due",
            Self::Priority => "priority",
            Self::Blockers => "blockers",
            Self::Value => "value",
            Self::Evidence => "evidence",
            Self::Extra(name) => name,
        }
    }
}

/// What a field says, or is to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A box: ticked or not. Any other mark (`[/]`, `[-]`) counts as not ticked.
    Ticked(bool),
    /// A status.
    Status {
        /// What it says about the work.
        state: Stated,
        /// Whether it says that something stands in the way.
        blocked: bool,
        /// The very word, where somebody chose one; else one is chosen from those the document uses.
        word: Option<String>,
    },
    /// A number.
    Number(f64),
    /// A text; empty where the field is to be emptied.
    Text(String),
    /// Keys of tasks, and words that are no keys.
    List(Vec<String>),
}

/// A field and what the journal wants it to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// What it belongs to.
    pub about: About,
    /// Which field.
    pub field: Field,
    /// What it is to say.
    pub content: Content,
}

/// What the journal wants written, given the plan as it is and what happened since its documents
/// were written last, in order. What the documents themselves said in between is no wish.
///
/// Events tell which fields somebody changed; what those are to say now, the plan tells. A field
/// that was changed and is nobody's to write any more (the box of a task that was given up) is none.
pub fn wishes<'e>(plan: &Plan, since: impl IntoIterator<Item = &'e Event>) -> Vec<Wish> {
    let mut touched = Touched::default();
    for event in since {
        touched.see(plan, event);
    }
    let mut wishes = Vec::new();
    for (id, fields) in &touched.tasks {
        let Some(task) = plan.task(*id) else { continue };
        let about = About::Task(task.key.clone());
        for (field, by) in fields {
            if let Some(content) = content(plan, task, field, *by) {
                wishes.push(Wish { about: about.clone(), field: field.clone(), content });
            }
        }
    }
    for (subject, text) in touched.criteria.keys() {
        wishes.extend(criterion(plan, *subject, text));
    }
    for name in touched.metrics.keys() {
        let value = plan.metric(name).and_then(|metric| metric.last.as_ref()).map(|last| last.value);
        wishes.extend(value.map(|value| Wish {
            about: About::Metric(name.clone()),
            field: Field::Value,
            content: Content::Number(value),
        }));
    }
    wishes
}

/// What changed a field last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Through {
    /// The task's state did: the field follows from it.
    State,
    /// Somebody set the field itself.
    Fact,
}

/// The kinds of event that a wish can come of; of all others none does.
pub const WISHFUL: &[&str] = &[
    "task_claimed",
    "claim_withdrawn",
    "task_verified",
    "task_reopened",
    "task_started",
    "lease_taken",
    "lease_ended",
    "task_blocked",
    "task_unblocked",
    "task_dropped",
    "facts_changed",
    "needs_changed",
    "verdict_recorded",
    "reading_recorded",
];

/// The fields that events changed, in an order that does not depend on theirs.
#[derive(Debug, Default)]
struct Touched {
    tasks: BTreeMap<TaskId, BTreeMap<Field, Through>>,
    criteria: BTreeMap<(Subject, String), ()>,
    metrics: BTreeMap<String, ()>,
}

impl Touched {
    fn see(&mut self, plan: &Plan, event: &Event) {
        match event {
            // Said as the document says it: nothing follows that nobody said.
            Event::TaskClaimed { task, how: ClaimHow::Document } => {
                self.touch(*task, Field::Mark, Through::State);
                self.touch(*task, Field::Status, Through::State);
            }
            // Done or not done: box and percentage follow too.
            Event::TaskClaimed { task, .. }
            | Event::ClaimWithdrawn { task, .. }
            | Event::TaskVerified { task, .. }
            | Event::TaskReopened { task, .. } => {
                for field in [Field::Mark, Field::Status, Field::Percent] {
                    self.touch(*task, field, Through::State);
                }
                if plan.settings.marks {
                    self.touch(*task, Field::Evidence, Through::State);
                }
            }
            Event::LeaseTaken(taken) => self.touch(taken.task, Field::Status, Through::State),
            Event::TaskStarted { task, .. }
            | Event::LeaseEnded { task, .. }
            | Event::TaskBlocked { task, .. }
            | Event::TaskUnblocked { task, .. }
            | Event::TaskDropped { task, .. } => self.touch(*task, Field::Status, Through::State),
            Event::FactsChanged { task, put, clear } => {
                for field in put.iter().chain(clear).filter_map(field_of) {
                    self.touch(*task, field, Through::Fact);
                }
            }
            Event::NeedsChanged { task, .. } => self.touch(*task, Field::Blockers, Through::Fact),
            Event::VerdictRecorded(verdict) => {
                if let Some((subject, check)) = plan.check(verdict.check) {
                    self.criteria.insert((subject, check.text.clone()), ());
                }
            }
            Event::ReadingRecorded { name, role: None, .. } => {
                self.metrics.insert(name.clone(), ());
            }
            _ => {}
        }
    }

    /// Whether nothing was touched.
    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.criteria.is_empty() && self.metrics.is_empty()
    }

    fn touch(&mut self, task: TaskId, field: Field, by: Through) {
        self.tasks.entry(task).or_default().insert(field, by);
    }
}

fn field_of(fact: &Fact) -> Option<Field> {
    Some(match fact {
        Fact::Status(_) => Field::Status,
        Fact::Percent(_) => Field::Percent,
        Fact::Priority(_) => Field::Priority,
        Fact::Owner(_) => Field::Owner,
        Fact::Due(_) => Field::Due,
        Fact::Blocker(_) => Field::Blockers,
        Fact::Extra(pair) => Field::Extra(pair.0.clone()),
        _ => return None,
    })
}

/// What a changed field of a task is to say.
fn content(plan: &Plan, task: &Task, field: &Field, by: Through) -> Option<Content> {
    let done = matches!(task.state, TaskState::Claimed(_) | TaskState::Verified(_));
    let text = |text: Option<&str>| Content::Text(text.unwrap_or_default().to_owned());
    Some(match (field, by) {
        // Given up is neither done nor to be done: the box stays as it is.
        (Field::Mark, _) if task.is_dropped() => return None,
        (Field::Mark, _) => Content::Ticked(done),
        (Field::Status, Through::State) => {
            let state = match &task.state {
                TaskState::Open => Stated::Open,
                TaskState::Active(_) => Stated::Active,
                TaskState::Claimed(_) | TaskState::Verified(_) => Stated::Claimed,
                TaskState::Dropped(_) => Stated::Dropped,
            };
            Content::Status { state, blocked: !task.obstacles.is_empty(), word: None }
        }
        (Field::Status, Through::Fact) => match task.facts.status() {
            Some(status) => Content::Status {
                state: status.state,
                // Whoever chose such a word said so themselves.
                blocked: !task.obstacles.is_empty() || status.word.to_lowercase().contains("blocked"),
                word: Some(status.word.clone()),
            },
            None => Content::Text(String::new()),
        },
        (Field::Percent, Through::State) if done && task.facts.percent().is_some() => Content::Number(100.0),
        (Field::Percent, _) => match task.facts.percent() {
            Some(percent) => Content::Number(percent),
            None if by == Through::Fact => Content::Text(String::new()),
            None => return None,
        },
        (Field::Priority, _) => text(task.facts.priority()),
        (Field::Owner, _) => {
            let owners = task.facts.owners();
            let names = owners.filter(|owner| owner.role == OwnerRole::Primary).map(|owner| &*owner.name);
            Content::Text(names.collect::<Vec<_>>().join(", "))
        }
        (Field::Due, _) => text(task.facts.due().map(|due| &*due.text)),
        (Field::Blockers, _) => {
            let needs =
                task.needs.iter().filter_map(|need| plan.task(*need)).map(|need| need.key.to_string());
            Content::List(needs.chain(task.facts.blockers().map(str::to_owned)).collect())
        }
        (Field::Extra(name), _) => {
            text(task.facts.extra().find(|(known, _)| known == name).map(|(_, value)| value))
        }
        (Field::Evidence, _) => Content::Text(evidence(task)),
        (Field::Value, _) => return None,
    })
}

/// What stands for a task's evidence: a digest of everything its verification rests on.
fn evidence(task: &Task) -> String {
    let TaskState::Verified(verified) = &task.state else { return String::new() };
    let basis = serde_json::to_vec(&verified.basis).unwrap_or_default();
    Digest::sha256(&basis).short()
}

/// A criterion that has a box is ticked while everything that is to prove it passed; else it says
/// what its author said last.
fn criterion(plan: &Plan, subject: Subject, text: &str) -> Option<Wish> {
    let gate = plan.gate(subject)?;
    let checks: Vec<&Check> = gate.checks.iter().filter(|check| check.text == text).collect();
    let authors = checks.iter().find_map(|check| check.checked)?;
    let passed = |check: &&Check| {
        check.verdict.as_ref().is_some_and(|verdict| {
            let attempt = crate::apply::attempt_of(plan, subject);
            verdict.outcome == Outcome::Pass && verdict.spec == check.digest && verdict.attempt == attempt
        })
    };
    let of = match subject {
        Subject::Task(id) => Some(plan.task(id)?.key.clone()),
        Subject::Entrance(id) | Subject::Exit(id) => Some(plan.phase(id)?.key.clone()),
        Subject::Criteria => None,
        Subject::Gate(_) => return None,
    };
    let ticked = authors || checks.iter().all(passed);
    let about = About::Criterion { of, text: text.to_owned() };
    Some(Wish { about, field: Field::Mark, content: Content::Ticked(ticked) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PlanId;

    #[test]
    fn only_kinds_that_are_named_touch_a_field() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events");
        let entries = std::fs::read_dir(folder).expect("the golden events are there");
        let plan = Plan::empty(PlanId::from_bits(1));
        let mut touching = 0;
        for entry in entries {
            let path = entry.expect("a file").path();
            #[expect(clippy::disallowed_methods, reason = "a test reads the golden events")]
            let text = std::fs::read_to_string(&path).expect("a file");
            let event: Event = serde_json::from_str(&text).expect("an event");
            let mut touched = Touched::default();
            touched.see(&plan, &event);
            touching += usize::from(!touched.is_empty());
            assert!(touched.is_empty() || WISHFUL.contains(&event.kind()), "{} is not named", event.kind());
        }
        assert!(touching > 8, "the golden events touch fields");
    }
}
