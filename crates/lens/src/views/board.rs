//! The board: every task in the order of the phases, what stands behind each, and the gates.

use std::collections::HashMap;

use model::ids::PhaseId;
use model::standing::Standing;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::tasks::{Rows, TaskRow};
use crate::views::gates::{self, GateRow};
use crate::words::count_of;

/// The whole plan at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Board<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// Its phases in order; last, without a key, the tasks that are in none.
    pub phases: Vec<BoardPhase<'a>>,
    /// Gates beside the tasks' own.
    pub gates: Vec<GateRow>,
    /// How many tasks stand how.
    pub summary: Summary,
}

/// A phase and its tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoardPhase<'a> {
    /// Its key; nothing for the tasks that are in no phase.
    pub key: Option<&'a str>,
    /// Its title.
    pub title: &'a str,
    /// Its window, verbatim.
    pub window: Option<&'a str>,
    /// Its tasks in document order.
    pub tasks: Vec<TaskRow<'a>>,
}

/// How many tasks stand how. Dropped ones are counted apart and are no part of `tasks`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// All that are not dropped.
    pub tasks: usize,
    /// Countersigned, and what they rest on holds.
    pub verified: usize,
    /// Counted as verified because a check is waived.
    pub waived: usize,
    /// Claimed; nothing would prove it.
    pub claimed_without_evidence: usize,
    /// Claimed; the checks have not all passed.
    pub claimed_unproven: usize,
    /// Claimed, and a check says otherwise.
    pub refuted: usize,
    /// Verified once; what it rested on no longer holds.
    pub lapsed: usize,
    /// Being worked on.
    pub active: usize,
    /// Could begin.
    pub ready: usize,
    /// Could not.
    pub blocked: usize,
    /// Past due and not done.
    pub late: usize,
    /// Given up.
    pub dropped: usize,
}

impl Summary {
    /// Counts one more task.
    pub fn count(&mut self, standing: Standing, late: bool) {
        if standing == Standing::Dropped {
            self.dropped += 1;
            return;
        }
        self.tasks += 1;
        self.late += usize::from(late);
        *match standing {
            Standing::Verified => &mut self.verified,
            Standing::Waived => &mut self.waived,
            Standing::ClaimedWithoutEvidence => &mut self.claimed_without_evidence,
            Standing::Unproven => &mut self.claimed_unproven,
            Standing::Refuted => &mut self.refuted,
            Standing::Lapsed => &mut self.lapsed,
            Standing::Active => &mut self.active,
            Standing::Ready => &mut self.ready,
            Standing::Blocked | Standing::Dropped => &mut self.blocked,
        } += 1;
    }

    /// Counts the tasks of another plan too.
    pub fn add(&mut self, other: &Self) {
        let Self {
            tasks,
            verified,
            waived,
            claimed_without_evidence,
            claimed_unproven,
            refuted,
            lapsed,
            active,
            ready,
            blocked,
            late,
            dropped,
        } = other;
        self.tasks += tasks;
        self.verified += verified;
        self.waived += waived;
        self.claimed_without_evidence += claimed_without_evidence;
        self.claimed_unproven += claimed_unproven;
        self.refuted += refuted;
        self.lapsed += lapsed;
        self.active += active;
        self.ready += ready;
        self.blocked += blocked;
        self.late += late;
        self.dropped += dropped;
    }

    /// Claimed, whatever evidence says of it.
    pub fn claimed(&self) -> usize {
        self.claimed_without_evidence + self.claimed_unproven + self.refuted
    }

    /// Neither verified nor claimed.
    pub fn open(&self) -> usize {
        self.lapsed + self.active + self.ready + self.blocked
    }

    /// `14 tasks: 3 verified, 1 refuted, 10 blocked`.
    pub fn text(&self) -> String {
        let counts = [
            (self.verified, "verified"),
            (self.waived, "waived"),
            (self.claimed_without_evidence, "claimed without evidence"),
            (self.claimed_unproven, "claimed, unproven"),
            (self.refuted, "refuted"),
            (self.lapsed, "lapsed"),
            (self.active, "active"),
            (self.ready, "ready"),
            (self.blocked, "blocked"),
        ];
        let mut parts: Vec<String> = counts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        if self.late > 0 {
            parts.push(format!("{} of them late", self.late));
        }
        if self.dropped > 0 {
            parts.push(format!("besides {} dropped", self.dropped));
        }
        let tasks = count_of(self.tasks, "task");
        if parts.is_empty() { tasks } else { format!("{tasks}: {}", parts.join(", ")) }
    }
}

/// The board of a plan.
pub fn board<'a>(look: &Look<'a>) -> Board<'a> {
    let plan = look.plan;
    let mut phases: Vec<BoardPhase<'a>> = plan
        .phases
        .iter()
        .map(|phase| BoardPhase {
            key: Some(phase.key.as_str()),
            title: &phase.title,
            window: phase.window.as_deref(),
            tasks: Vec::new(),
        })
        .collect();
    let places: HashMap<PhaseId, usize> =
        plan.phases.iter().enumerate().map(|(place, phase)| (phase.id, place)).collect();
    let mut rest = BoardPhase { key: None, title: "", window: None, tasks: Vec::new() };
    let mut summary = Summary::default();
    let rows = Rows::new(look);
    for task in &plan.tasks {
        let standing = rows.standing(task);
        let row = rows.row_with(task, standing);
        summary.count(standing, row.late);
        match task.phase.and_then(|phase| places.get(&phase)) {
            Some(place) => phases[*place].tasks.push(row),
            None => rest.tasks.push(row),
        }
    }
    if !rest.tasks.is_empty() {
        phases.push(rest);
    }
    Board { plan: look.head(), phases, gates: gates::rows(look), summary }
}

impl Answer for Board<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::text("Task"),
            Column::text("Owner"),
            Column::whole("Status"),
            Column::text("Evidence"),
        ]);
        let with_phases = self.phases.iter().any(|phase| phase.key.is_some());
        for phase in self.phases.iter().filter(|phase| !phase.tasks.is_empty()) {
            if with_phases {
                table.row([
                    Tone::Strong.cell(phase.name()),
                    Cell::default(),
                    Cell::default(),
                    Cell::default(),
                ]);
            }
            for task in &phase.tasks {
                let owner = Cell::from(task.owner.unwrap_or_default());
                table.row([task.name(), owner, task.status(), task.evidence()]);
            }
        }
        page.table(table);
        gates::table(&mut page, &self.gates);
        page.paragraph(self.summary.text());
        self.plan.warn(&mut page);
        page
    }
}

impl BoardPhase<'_> {
    fn name(&self) -> String {
        let Some(key) = self.key else { return "in no phase".to_owned() };
        let title = if self.title.eq_ignore_ascii_case(key) || self.title.is_empty() {
            key.to_owned()
        } else if self.title.contains(key) {
            self.title.to_owned()
        } else {
            format!("{key}: {}", self.title)
        };
        match self.window {
            Some(window) => format!("{title} ({window})"),
            None => title,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check, json};
    use model::check::Outcome;

    #[test]
    fn claimed_verified_and_refuted_are_told_apart() {
        let mut world = World::adopt(RELEASE);
        world.claims("Rae", "7.3").ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20");
        world.ran("7.1", "builds", Outcome::Pass, "exit status 0").verifies("7.1");
        check(
            &board(&world.look()),
            "
| Task | Owner | Status | Evidence |
| --- | --- | --- | --- |
| **A: Foundations (Week 1)** |  |  |  |
| 7.1  Build infrastructure | Rae | verified | 1 of 1 check (7146fc87) |
| 7.2  Configuration | Bo | active (In Progress, 40%) |  |
| **B: Release** |  |  |  |
| 7.3  Code quality | Rae | refuted | 0 of 1 check: clippy_warnings is 34, target < 20 (8a340f0d) |
| 7.4  Release notes |  | blocked | 0 of 1 check |

| Gate | State | Checks | Why | Environment |
| --- | --- | --- | --- | --- |
| **release** | shut | 0 of 1 check | smoke: has not run; waits for 7.4 | production |

4 tasks: 1 verified, 1 refuted, 1 active, 1 blocked
",
        );
        let json = json(&board(&world.look()));
        assert_eq!(json["phases"][1]["tasks"][0]["state"], "claimed");
        assert_eq!(json["phases"][1]["tasks"][0]["standing"], "refuted");
        assert_eq!(json["phases"][1]["tasks"][0]["proof"]["checks"]["failed"], 1);
        assert_eq!(json["plan"]["revision"], 1);
    }

    #[test]
    fn a_word_is_shown_as_a_word_and_everything_unusual_is_said() {
        let mut world = World::adopt(
            "
# Chores
solo
- a Sweep
  ticked
- b Mop
  due 2031-04-30
- c Dust
- d Polish
",
        );
        world.claims("Rae", "c").claims("Rae", "d").approves("Rae", "d", None);
        let unsynced = ["PLAN.md".to_owned()];
        let look = Look { test_store: true, unsynced: &unsynced, ..world.look() };
        check(
            &board(&look),
            "
| Task | Owner | Status | Evidence |
| --- | --- | --- | --- |
| a  Sweep |  | claimed, no evidence | none: the document's word |
| b  Mop |  | ready, late |  |
| c  Dust |  | claimed, no evidence | none: the word of Rae [declared] |
| d  Polish |  | verified | signed off by Rae [unauthenticated] |

4 tasks: 1 verified, 2 claimed without evidence, 1 ready, 1 of them late

note: a test store: its clock and ids are made up

note: a one-person plan (`solo`): people may approve what they did themselves

note: with edits of PLAN.md that were not taken in yet
",
        );
    }
}
