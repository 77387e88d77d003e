//! Why a task is not ready, or not done: the chain of reasons down to the leaf.

use std::collections::HashSet;

use model::gate::{CheckStanding, Subject};
use model::ids::{PhaseId, TaskId};
use model::standing::{Blocker, Standing, Standings};
use model::task::Task;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Page, Tone};
use crate::views::verdict::blocker_in_words;
use crate::words::tone_of;

/// How many lines of reasons are followed; the answer says when there are more.
pub const LINKS_FOLLOWED: usize = 10_000;

/// The chain of reasons.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// The task that was asked about.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How it stands.
    pub standing: &'static str,
    /// Reasons, each `depth` steps below the task.
    pub chain: Vec<Link>,
    /// Tasks at the ends of the chain: what somebody could begin, finish or clear away now.
    pub leaves: Vec<String>,
    /// Whether the chain goes on beyond what is told here.
    pub cut: bool,
    #[serde(skip)]
    tone: Tone,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Steps below the task that was asked about, from 1.
    pub depth: u16,
    /// The needed task, or the gate, this line is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<&'static str>,
    /// The reason in words.
    pub text: String,
    #[serde(skip)]
    tone: Tone,
}

/// Why a task stands as it does.
pub fn why<'a>(look: &Look<'a>, id: TaskId) -> Option<Why<'a>> {
    let task = look.plan.task(id)?;
    let standings = Standings::new(look.plan, look.now);
    let standing = standings.of(task);
    let mut walk = Walk {
        look,
        standings,
        chain: Vec::new(),
        leaves: Vec::new(),
        told: HashSet::new(),
        entrances: HashSet::new(),
    };
    let cut = !walk.from(task);
    Some(Why {
        plan: look.head(),
        key: task.key.as_str(),
        title: &task.title,
        standing: standing.as_str(),
        chain: walk.chain,
        leaves: walk.leaves,
        cut,
        tone: tone_of(standing),
    })
}

struct Walk<'l, 'a> {
    look: &'l Look<'a>,
    standings: Standings<'a>,
    chain: Vec<Link>,
    leaves: Vec<String>,
    /// Tasks whose reasons stand in the chain already: each is told once, so that needs that meet
    /// again do not multiply, and a circle, were there one, would end.
    told: HashSet<TaskId>,
    entrances: HashSet<PhaseId>,
}

/// What is still to be told, deepest first.
enum Next {
    Task { id: TaskId, depth: u16 },
    Line(Link),
}

impl Walk<'_, '_> {
    /// Tells every reason; false where there were too many. Walks with its own stack, so that a
    /// chain of a hundred thousand is as good as one of three.
    fn from(&mut self, task: &Task) -> bool {
        self.told.insert(task.id);
        let mut stack = Vec::new();
        self.push_reasons(task, 1, &mut stack);
        while let Some(next) = stack.pop() {
            if self.chain.len() >= LINKS_FOLLOWED {
                return false;
            }
            match next {
                Next::Line(link) => self.chain.push(link),
                Next::Task { id, depth } => self.tell(id, depth, &mut stack),
            }
        }
        true
    }

    fn tell(&mut self, id: TaskId, depth: u16, stack: &mut Vec<Next>) {
        let Some(task) = self.look.plan.task(id) else {
            let text = format!("needs {id}, which is not in the plan");
            self.chain.push(Link {
                depth,
                about: Some(id.to_string()),
                standing: None,
                text,
                tone: Tone::Bad,
            });
            return;
        };
        let standing = self.standings.of(task);
        let again = !self.told.insert(id);
        let seen = if again { " (see above)" } else { "" };
        self.chain.push(Link {
            depth,
            about: Some(task.key.to_string()),
            standing: Some(standing.as_str()),
            text: format!("needs {}  {}: {}{seen}", task.key, task.title, standing.as_str()),
            tone: tone_of(standing),
        });
        if !again {
            self.push_reasons(task, depth.saturating_add(1), stack);
        }
    }

    fn push_reasons(&mut self, task: &Task, depth: u16, stack: &mut Vec<Next>) {
        let look = self.look;
        let blockers = if task.is_dropped() { Vec::new() } else { self.standings.blockers(task) };
        let mut next = Vec::new();
        let mut waits = false;
        for blocker in &blockers {
            match blocker {
                Blocker::Need(id) => {
                    waits = true;
                    next.push(Next::Task { id: *id, depth });
                }
                Blocker::Entrance(phase) => {
                    waits = true;
                    self.push_entrance(*phase, depth, &mut next);
                }
                other => {
                    let text = blocker_in_words(look, other);
                    next.push(Next::Line(Link {
                        depth,
                        about: None,
                        standing: None,
                        text,
                        tone: Tone::Warn,
                    }));
                }
            }
        }
        if !waits {
            let before = next.len();
            self.push_own(task, depth, &mut next);
            if !blockers.is_empty() || next.len() > before {
                self.leaves.push(task.key.to_string());
            }
        }
        stack.extend(next.into_iter().rev());
    }

    /// What keeps the entrance of a phase shut, and the tasks it waits for.
    fn push_entrance(&mut self, phase: PhaseId, depth: u16, next: &mut Vec<Next>) {
        let look = self.look;
        let subject = Subject::Entrance(phase);
        let name = look.plan.subject_name(subject);
        let again = !self.entrances.insert(phase);
        let seen = if again { " (see above)" } else { "" };
        next.push(Next::Line(Link {
            depth,
            about: Some(name.clone()),
            standing: Some("shut"),
            text: format!("the {name} is shut{seen}"),
            tone: Tone::Bad,
        }));
        if !again {
            self.push_checks(subject, depth.saturating_add(1), next);
        }
    }

    /// Where nothing else stands in the way: what the task itself lacks.
    fn push_own(&mut self, task: &Task, depth: u16, next: &mut Vec<Next>) {
        let look = self.look;
        let standing = self.standings.of(task);
        let line = |text: &str, tone| {
            Next::Line(Link { depth, about: None, standing: None, text: text.to_owned(), tone })
        };
        match standing {
            Standing::Verified | Standing::Waived | Standing::Dropped | Standing::Blocked => {}
            Standing::Ready => next.push(line("nothing stands in its way; nobody has begun it", Tone::Plain)),
            Standing::Active => next.push(line("somebody works on it", Tone::Plain)),
            Standing::ClaimedWithoutEvidence => {
                next.push(line("it is claimed, and no check would prove it", Tone::Warn));
                if !look.plan.satisfies(task, look.now) {
                    next.push(line("the document's word alone satisfies nothing", Tone::Warn));
                }
            }
            Standing::Refuted | Standing::Unproven | Standing::Lapsed => {
                self.push_checks(Subject::Task(task.id), depth, next);
            }
        }
    }

    fn push_checks(&self, subject: Subject, depth: u16, next: &mut Vec<Next>) {
        let look = self.look;
        let Some(gate) = look.plan.gate(subject) else { return };
        let Err(unmet) = look.plan.clearance(subject, None, look.now, None) else { return };
        for (id, standing) in unmet.checks {
            let name = gate.check(id).map_or("", |check| check.spec.name.as_str());
            let tone = match standing {
                CheckStanding::Pending { .. } => Tone::Warn,
                _ => Tone::Bad,
            };
            let text = format!("check `{name}`: {}, {}", standing.word(), standing.summary());
            next.push(Next::Line(Link { depth, about: None, standing: Some(standing.word()), text, tone }));
        }
    }
}

impl Answer for Why<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut lines = vec![(0, self.tone.cell(format!("{}  {}: {}", self.key, self.title, self.standing)))];
        lines.extend(self.chain.iter().map(|link| (link.depth, link.tone.cell(link.text.as_str()))));
        page.outline(lines);
        if self.cut {
            page.paragraph(Tone::Faint.cell(format!("the chain goes on; {LINKS_FOLLOWED} lines are shown")));
        }
        if !self.leaves.is_empty() && self.leaves != [self.key] {
            page.paragraph(format!("begin with {}", self.leaves.join(", ")));
        }
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};
    use model::check::Outcome;

    #[test]
    fn the_chain_goes_down_to_what_fails() {
        let mut world = World::adopt(RELEASE);
        world.claims("Rae", "7.3").ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20");
        check(
            &why(&world.look(), world.task("7.4")).unwrap(),
            "
- 7.4  Release notes: blocked
  - needs 7.3  Code quality: refuted
    - check `clippy`: fail, clippy_warnings is 34, target < 20

begin with 7.3
",
        );
    }

    #[test]
    fn needs_that_meet_again_are_told_once_and_entrances_are_followed() {
        let world = World::adopt(
            "
# P
- a Sand
- b Paint
  needs a
- c Varnish
  needs a, b
## L Late
entrance
  approval start: lead x1
- d Hang
  needs c
",
        );
        check(
            &why(&world.look(), world.task("d")).unwrap(),
            "
- d  Hang: blocked
  - needs c  Varnish: blocked
    - needs a  Sand: ready
      - nothing stands in its way; nobody has begun it
    - needs b  Paint: blocked
      - needs a  Sand: ready (see above)
  - the entrance of L is shut
    - check `start`: pending, 0 of 1 approvals for lead

begin with a
",
        );
        check(
            &why(&world.look(), world.task("a")).unwrap(),
            "
- a  Sand: ready
  - nothing stands in its way; nobody has begun it
",
        );
    }

    #[test]
    fn a_tick_in_the_document_satisfies_nothing_and_says_so() {
        let world = World::adopt("# P\n- a Sand\n  ticked\n- b Paint\n  needs a\n");
        check(
            &why(&world.look(), world.task("b")).unwrap(),
            "
- b  Paint: blocked
  - needs a  Sand: claimed, no evidence
    - it is claimed, and no check would prove it
    - the document's word alone satisfies nothing

begin with a
",
        );
    }

    #[test]
    fn a_long_chain_is_cut_and_says_so() {
        let mut text = "# P\n- t0 First\n".to_owned();
        for place in 1..12_000 {
            text.push_str(&format!("- t{place} Next\n  needs t{}\n", place - 1));
        }
        let world = World::adopt(&text);
        let answer = why(&world.look(), world.task("t11999")).unwrap();
        assert!(answer.cut && answer.chain.len() == LINKS_FOLLOWED);
    }
}
