//! Rows of tasks: what every list of tasks says of each, borrowed from the plan so that a list of
//! a hundred thousand costs little until it is drawn.

use std::collections::HashMap;

use model::actor::Actor;
use model::draft::Stated;
use model::gate::Subject;
use model::ids::PhaseId;
use model::settings::Syncing;
use model::standing::{Blocker, Standing, Standings};
use model::task::{ClaimHow, Task, TaskState};
use serde::Serialize;

use crate::checks::Proof;
use crate::look::Look;
use crate::page::{Cell, Tone};
use crate::words::{Who, percent, tone_of};

/// What a list says of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow<'a> {
    /// The author's key.
    pub key: &'a str,
    /// One line.
    pub title: &'a str,
    /// `task`, `batch`, `action`, `story`, `item`, `workstream` or `deliverable`.
    pub kind: &'static str,
    /// Key of its phase.
    pub phase: Option<&'a str>,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// `open`, `active`, `claimed`, `verified` or `dropped`.
    pub state: &'static str,
    /// What follows from state, needs and evidence: `ready`, `blocked`, `refuted` …
    pub standing: &'static str,
    /// The document's own status word.
    pub label: Option<&'a str>,
    /// The document's percentage.
    pub percent: Option<f64>,
    /// The priority, verbatim.
    pub priority: Option<&'a str>,
    /// When due, verbatim.
    pub due: Option<&'a str>,
    /// Whether that has passed and it is not done.
    pub late: bool,
    /// What its checks amount to.
    pub proof: Proof,
    /// Who signed it off, or whose word it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<Word>,
    #[serde(skip)]
    tone: Tone,
}

/// Whose word a task rests on, where no check stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// `signed_off`, or how it was claimed: `verb`, `submit`, `document`, `import`.
    pub how: &'static str,
    /// Who.
    pub by: Who,
}

/// Makes rows; knows the names of the phases.
pub struct Rows<'a> {
    look: Look<'a>,
    standings: Standings<'a>,
    phases: HashMap<PhaseId, &'a str>,
}

impl<'a> Rows<'a> {
    /// Rows of this plan at this moment.
    pub fn new(look: &Look<'a>) -> Self {
        let phases = look.plan.phases.iter().map(|phase| (phase.id, phase.key.as_str())).collect();
        Self { look: *look, standings: Standings::new(look.plan, look.now), phases }
    }

    /// The key of a task's phase.
    pub fn phase(&self, task: &Task) -> Option<&'a str> {
        self.phases.get(&task.phase?).copied()
    }

    /// How a task stands.
    pub fn standing(&self, task: &Task) -> Standing {
        self.standings.of(task)
    }

    /// Whether a task that stands so is past its due moment.
    pub fn is_late(&self, task: &Task, standing: Standing) -> bool {
        self.standings.is_late(task, standing)
    }

    /// Everything that stands in a task's way.
    pub fn blockers(&self, task: &Task) -> Vec<Blocker> {
        self.standings.blockers(task)
    }

    /// The row of a task.
    pub fn row(&self, task: &'a Task) -> TaskRow<'a> {
        self.row_with(task, self.standing(task))
    }

    /// The row of a task whose standing is known already.
    pub fn row_with(&self, task: &'a Task, standing: Standing) -> TaskRow<'a> {
        let facts = &task.facts;
        TaskRow {
            key: task.key.as_str(),
            title: &task.title,
            kind: task.kind.as_str(),
            phase: self.phase(task),
            owner: facts.owner(),
            state: task.state.word(),
            standing: standing.as_str(),
            label: label(&self.look, task),
            percent: facts.percent(),
            priority: facts.priority(),
            due: facts.due().map(|due| due.text.as_str()),
            late: self.is_late(task, standing),
            proof: Proof::of(&self.look, Subject::Task(task.id), &task.gate),
            word: word(task),
            tone: tone_of(standing),
        }
    }
}

/// The document's own word, as its author left it. Where somebody moved the task on with a verb, and
/// that is written back, the word on record is no longer what the document says.
fn label<'a>(look: &Look<'a>, task: &'a Task) -> Option<&'a str> {
    let status = task.facts.status()?;
    let behind = match &task.state {
        TaskState::Claimed(claim) if matches!(claim.how, ClaimHow::Document | ClaimHow::Import) => false,
        TaskState::Claimed(_) | TaskState::Verified(_) => {
            matches!(status.state, Stated::Open | Stated::Active)
        }
        TaskState::Active(active) => active.by.actor != Actor::Document && status.state == Stated::Open,
        TaskState::Open | TaskState::Dropped(_) => false,
    };
    let written = look.plan.settings.sync == Syncing::Auto;
    (!(behind && written)).then_some(status.word.as_str())
}

fn word(task: &Task) -> Option<Word> {
    if task.has_checks() {
        return None;
    }
    match &task.state {
        TaskState::Verified(verified) if verified.basis.signed_off.is_some() => {
            Some(Word { how: "signed_off", by: Who::from(&verified.by) })
        }
        TaskState::Claimed(claim) => Some(Word { how: claim.how.as_str(), by: Who::from(&claim.by) }),
        _ => None,
    }
}

impl TaskRow<'_> {
    /// Key and title in one cell.
    pub fn name(&self) -> Cell {
        Cell::from(format!("{}  {}", self.key, self.title))
    }

    /// The standing, whether it is late, and the document's own word and percentage:
    /// `active, late (In Progress, 70%)`.
    pub fn status(&self) -> Cell {
        let mut cell = self.standing_cell();
        let label = self.label.filter(|label| !label.eq_ignore_ascii_case(self.standing));
        let own: Vec<String> =
            label.map(str::to_owned).into_iter().chain(self.percent.map(percent)).collect();
        if !own.is_empty() {
            cell.text.push_str(&format!(" ({})", own.join(", ")));
        }
        cell
    }

    /// The standing alone, and whether it is late.
    pub fn standing_cell(&self) -> Cell {
        let late = if self.late { ", late" } else { "" };
        let tone = if self.late && self.tone != Tone::Bad { Tone::Warn } else { self.tone };
        tone.cell(format!("{}{late}", self.standing))
    }

    /// What stands behind the status.
    pub fn evidence(&self) -> Cell {
        if self.proof.checks.of > 0 {
            let tone = if self.proof.trouble.is_some() { Tone::Bad } else { Tone::Plain };
            return tone.cell(self.proof.text());
        }
        match &self.word {
            Some(word) => word.cell(),
            None => Cell::default(),
        }
    }
}

impl Word {
    fn cell(&self) -> Cell {
        match self.how {
            "signed_off" => Cell::from(format!("signed off by {}", self.by.marked())),
            how if how == ClaimHow::Document.as_str() => Tone::Warn.cell("none: the document's word"),
            how if how == ClaimHow::Import.as_str() => Tone::Warn.cell("none: imported"),
            _ => Tone::Warn.cell(format!("none: the word of {}", self.by.with_known())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World};
    use model::check::Outcome;

    #[test]
    fn many_tasks_stand_as_each_does() {
        let text = RELEASE.replace("## B Release\n", "## B Release\nentrance\n  tasks before: A\n");
        let mut world = World::adopt(&text);
        let agree = |world: &World| {
            let standings = Standings::new(&world.plan, world.now);
            for task in &world.plan.tasks {
                let standing = world.plan.standing(task, world.now);
                assert_eq!(standings.of(task), standing, "{}", task.key);
                assert_eq!(standings.blockers(task), world.plan.blockers(task, world.now));
                assert_eq!(standings.is_late(task, standing), world.plan.is_late(task, world.now));
            }
            standings.of(world.plan.task(world.task("7.3")).unwrap())
        };
        assert_eq!(agree(&world), Standing::Blocked, "the entrance waits for phase A");
        world.claims("Rae", "7.2").approves("Sam", "7.2", None);
        world.ran("7.1", "builds", Outcome::Pass, "exit status 0").verifies("7.1");
        assert_eq!(agree(&world), Standing::Ready);
    }
}
