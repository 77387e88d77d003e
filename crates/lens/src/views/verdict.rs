//! The verdict on the plan as a whole, with the reasons worded for a person.

use model::actor::Known;
use model::digest::Digest;
use model::gate::{CheckStanding, Gate, Subject};
use model::ids::CheckId;
use model::standing::{Blocker, PlanVerdict, Reason, Standing};
use model::task::{Task, TaskState};
use serde::Serialize;

use crate::checks::Proof;
use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{count_of, key_of};

/// How many reasons a page shows before it says how many more there are.
pub const REASONS_SHOWN: usize = 50;

/// The verdict on a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// `VERIFIED`, `DONE AS CLAIMED` or `NOT COMPLETE`.
    pub verdict: &'static str,
    /// What stands behind that word, in one line.
    pub because: String,
    /// How many tasks and gates count only because a check is waived.
    pub waived: usize,
    /// How many tasks and criteria nothing proves.
    pub without_evidence: usize,
    /// How many tasks and gates count on the word of somebody of whom nothing but the name is
    /// known: a sign-off, an approval, a waiver.
    pub unauthenticated: usize,
    /// How many tasks, gates and criteria were looked at, where the plan is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// Why it is not complete, in plan order.
    pub reasons: Vec<ReasonRow>,
}

/// One reason why a plan is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonRow {
    /// What it is about: a task's key, a gate's name.
    pub about: String,
    /// `task`, `gate` or `criterion`.
    pub kind: &'static str,
    /// How it stands: a task's standing, `shut`, `unticked`.
    pub standing: &'static str,
    /// What is missing.
    pub text: String,
    /// The check that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Digest of what it saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Digest>,
}

/// The verdict on a plan.
pub fn verdict<'a>(look: &Look<'a>) -> Verdict<'a> {
    let verdict = look.plan.verdict(look.now);
    let word = verdict.word();
    let mut answer = Verdict {
        plan: look.head(),
        verdict: word,
        because: String::new(),
        waived: 0,
        without_evidence: 0,
        unauthenticated: unauthenticated(look),
        of: None,
        reasons: Vec::new(),
    };
    match verdict {
        PlanVerdict::Verified { waived } => {
            answer.waived = waived;
            answer.because = match waived {
                0 => "evidence or a named person stands behind everything".to_owned(),
                waived => {
                    format!("evidence or a named person stands behind everything; {waived} by waiver")
                }
            };
        }
        PlanVerdict::DoneAsClaimed { without_evidence, of } => {
            answer.without_evidence = without_evidence;
            answer.of = Some(of);
            answer.because = match of {
                0 => "there is nothing in it".to_owned(),
                of => format!("{without_evidence} of {of} without evidence"),
            };
        }
        PlanVerdict::NotComplete { reasons } => {
            for reason in &reasons {
                explain(look, reason, &mut answer.reasons);
            }
            answer.because = headline(look, &reasons);
        }
    }
    answer
}

/// Tasks and gates that are open on a name alone.
fn unauthenticated(look: &Look<'_>) -> usize {
    let signed_off = |task: &&Task| match &task.state {
        TaskState::Verified(verified) if verified.basis.signed_off.is_some() => {
            verified.by.known == Known::Declared
        }
        TaskState::Verified(_) => proves_by_name(look, Subject::Task(task.id), &task.gate),
        _ => false,
    };
    let tasks = look.plan.tasks.iter().filter(signed_off).count();
    let gates = look.plan.gates_with_subjects().filter(|(subject, gate)| {
        !matches!(subject, Subject::Task(_)) && proves_by_name(look, *subject, gate)
    });
    tasks + gates.count()
}

fn proves_by_name(look: &Look<'_>, subject: Subject, gate: &Gate) -> bool {
    let proof = Proof::of(look, subject, gate);
    proof.unauthenticated > 0 && proof.checks.passed + proof.checks.waived == proof.checks.of
}

fn explain(look: &Look<'_>, reason: &Reason, rows: &mut Vec<ReasonRow>) {
    match reason {
        Reason::Task { task, standing, checks, blockers } => {
            let subject = Subject::Task(*task);
            let about = key_of(look.plan, *task);
            let row = |text: String| ReasonRow {
                about: about.clone(),
                kind: "task",
                standing: standing.as_str(),
                text,
                check: None,
                evidence: None,
            };
            let before = rows.len();
            let waits = waits_for(look, blockers);
            // What waits for something else has no business running its checks yet, so that they
            // have not run says nothing.
            let told = checks
                .iter()
                .filter(|(_, check)| waits.is_none() || !matches!(check, CheckStanding::Pending { .. }));
            for (id, check) in told {
                rows.push(checked(row(String::new()), look.plan.gate(subject), *id, check));
            }
            rows.extend(waits.map(row));
            if rows.len() == before {
                let text = match standing {
                    Standing::Ready => "has not been begun",
                    Standing::Active => "is being worked on",
                    Standing::Lapsed => "what it rested on no longer holds",
                    _ => "is not done",
                };
                rows.push(row(text.to_owned()));
            }
        }
        Reason::Gate { subject, checks, needs } => {
            let row = |text: String| ReasonRow {
                about: look.plan.subject_name(*subject),
                kind: "gate",
                standing: "shut",
                text,
                check: None,
                evidence: None,
            };
            for (id, check) in checks {
                rows.push(checked(row(String::new()), look.plan.gate(*subject), *id, check));
            }
            if !needs.is_empty() {
                rows.push(row(format!("waits for {}", needs.join(", "))));
            }
        }
        Reason::Criterion { subject, text } => rows.push(ReasonRow {
            about: look.plan.subject_name(*subject),
            kind: "criterion",
            standing: "unticked",
            text: format!("not ticked, and nothing would prove it: {text}"),
            check: None,
            evidence: None,
        }),
    }
}

fn checked(row: ReasonRow, gate: Option<&Gate>, id: CheckId, standing: &CheckStanding) -> ReasonRow {
    let check = gate.and_then(|gate| gate.check(id));
    let name = check.map(|check| check.spec.name.clone());
    let says = standing.summary();
    let text = match standing {
        CheckStanding::Pending { .. } => format!("{}: {says}", name.as_deref().unwrap_or("check")),
        CheckStanding::Error { .. } => format!("could not be checked: {says}"),
        _ => says,
    };
    let verdict = check.and_then(|check| check.current_verdict());
    let evidence = match standing {
        CheckStanding::Failed { .. } | CheckStanding::Error { .. } => {
            verdict.and_then(|verdict| verdict.evidence.output)
        }
        _ => None,
    };
    ReasonRow { text, check: name, evidence, ..row }
}

/// `waits for 7.1, 7.2; obstacle: no licence`.
fn waits_for(look: &Look<'_>, blockers: &[Blocker]) -> Option<String> {
    let mut needs = Vec::new();
    let mut others = Vec::new();
    for blocker in blockers {
        match blocker {
            Blocker::Need(need) => needs.push(key_of(look.plan, *need)),
            other => others.push(blocker_in_words(look, other)),
        }
    }
    if !needs.is_empty() {
        others.insert(0, format!("waits for {}", needs.join(", ")));
    }
    (!others.is_empty()).then(|| others.join("; "))
}

/// What stands in a task's way, in words.
pub fn blocker_in_words(look: &Look<'_>, blocker: &Blocker) -> String {
    match blocker {
        Blocker::Need(need) => format!("waits for {}", key_of(look.plan, *need)),
        Blocker::Entrance(phase) => {
            format!("the {} is shut", look.plan.subject_name(Subject::Entrance(*phase)))
        }
        Blocker::Obstacle(reason) => format!("obstacle: {reason}"),
        Blocker::Stated(text) => format!("blocked in the document: {text}"),
    }
}

/// What weighs most: a shut named gate, then what evidence refutes, then how much is missing.
fn headline(look: &Look<'_>, reasons: &[Reason]) -> String {
    let named = reasons.iter().find_map(|reason| match reason {
        Reason::Gate { subject: Subject::Gate(id), .. } => look.plan.gates.iter().find(|gate| gate.id == *id),
        _ => None,
    });
    if let Some(gate) = named {
        return format!("gate `{}` is shut", gate.name);
    }
    let tasks = |wanted: fn(&Standing) -> bool| {
        reasons
            .iter()
            .filter(|reason| matches!(reason, Reason::Task { standing, .. } if wanted(standing)))
            .count()
    };
    let refuted = tasks(|standing| matches!(standing, Standing::Refuted | Standing::Lapsed));
    let missing = tasks(|_| true);
    let shut = reasons.iter().filter(|reason| matches!(reason, Reason::Gate { .. })).count();
    let criteria = reasons.iter().filter(|reason| matches!(reason, Reason::Criterion { .. })).count();
    let mut parts = Vec::new();
    if missing > 0 {
        let verb = if missing == 1 { "is" } else { "are" };
        parts.push(format!("{} {verb} not done", count_of(missing, "task")));
    }
    if refuted > 0 {
        parts.push(format!("{refuted} of them refuted by evidence"));
    }
    if shut > 0 {
        parts.push(format!("{} shut", count_of(shut, "gate")));
    }
    if criteria > 0 {
        parts.push(format!("{criteria} {} not ticked", if criteria == 1 { "criterion" } else { "criteria" }));
    }
    parts.join(", ")
}

impl ReasonRow {
    /// `(check clippy, evidence 9f2c41d0)`.
    fn source(&self) -> String {
        match (&self.check, &self.evidence) {
            (Some(check), Some(digest)) => format!("(check {check}, evidence {})", digest.short()),
            (Some(check), None) => format!("(check {check})"),
            _ => String::new(),
        }
    }
}

impl Verdict<'_> {
    /// `NOT COMPLETE: gate `release` is shut`.
    pub fn cell(&self) -> Cell {
        let tone = match self.verdict {
            "VERIFIED" if self.waived == 0 => Tone::Good,
            "NOT COMPLETE" => Tone::Bad,
            _ => Tone::Warn,
        };
        tone.cell(format!("{}: {}", self.verdict, self.because))
    }

    /// Says on a page how much rests on nothing but names.
    pub fn warn_unauthenticated(&self, page: &mut Page) {
        if self.unauthenticated > 0 {
            let rest = match self.unauthenticated {
                1 => "1 task or gate rests".to_owned(),
                number => format!("{number} tasks or gates rest"),
            };
            let text = format!("{rest} on an unauthenticated word: nothing but a name was given");
            page.paragraph(Tone::Warn.cell(text));
        }
    }
}

impl Answer for Verdict<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.facts(vec![("verdict", self.cell())]);
        let mut table = Table::new([Column::whole(""), Column::text(""), Column::whole("")]);
        for reason in self.reasons.iter().take(REASONS_SHOWN) {
            table.row([
                Tone::Strong.cell(reason.about.as_str()),
                Cell::from(reason.text.as_str()),
                Tone::Faint.cell(reason.source()),
            ]);
        }
        page.table(table);
        self.warn_unauthenticated(&mut page);
        if let Some(more) = self.reasons.len().checked_sub(REASONS_SHOWN).filter(|more| *more > 0) {
            page.paragraph(Tone::Faint.cell(format!("and {more} more")));
        }
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check, json};
    use model::check::Outcome;

    #[test]
    fn reasons_name_task_number_target_and_evidence() {
        let mut world = World::adopt(RELEASE);
        world.claims("Rae", "7.3").ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20");
        world.ran("7.1", "builds", Outcome::Error, "could not run: no such command");
        check(
            &verdict(&world.look()),
            "
- verdict: NOT COMPLETE: gate `release` is shut

|  |  |  |
| --- | --- | --- |
| **7.1** | could not be checked: could not run: no such command | (check builds, evidence 366ca8c2) |
| **7.2** | is being worked on |  |
| **7.3** | clippy_warnings is 34, target < 20 | (check clippy, evidence 8a340f0d) |
| **7.3** | not ticked, and nothing would prove it: The code reads well |  |
| **7.4** | waits for 7.3 |  |
| **release** | smoke: has not run | (check smoke) |
| **release** | waits for 7.4 |  |
",
        );
        assert_eq!(json(&verdict(&world.look()))["reasons"][2]["check"], "clippy");
    }

    #[test]
    fn without_a_named_gate_the_headline_counts() {
        let mut world = World::adopt(
            "# P\n- a Sweep\n  check sh: true\n- b Mop\n  needs a\n- c Dust\ncriteria\n  stated [ ] All is clean\n",
        );
        world.claims("Rae", "a").ran("a", "sh", Outcome::Fail, "exit status 1").claims("Rae", "c");
        let block = model::command::Command::Block { task: world.task("b"), reason: "no mop".to_owned() };
        world.does("Rae", block);
        check(
            &verdict(&world.look()),
            "
- verdict: NOT COMPLETE: 2 tasks are not done, 1 of them refuted by evidence, 1 criterion not ticked

|  |  |  |
| --- | --- | --- |
| **a** | exit status 1 | (check sh, evidence 896fe038) |
| **b** | waits for a; obstacle: no mop |  |
| **success criteria** | not ticked, and nothing would prove it: All is clean |  |
",
        );
    }

    #[test]
    fn a_word_is_not_proof_and_a_waiver_shows() {
        let mut world = World::adopt("# P\nsolo\n- a Sweep\n  check sh: true\n- b Mop\n");
        world.claims("Rae", "b").ran("a", "sh", Outcome::Pass, "exit status 0").verifies("a");
        check(
            &verdict(&world.look()),
            "
- verdict: DONE AS CLAIMED: 1 of 2 without evidence

note: a one-person plan (`solo`): people may approve what they did themselves
",
        );
        world.approves("Rae", "b", None);
        assert_eq!((verdict(&world.look()).verdict, verdict(&world.look()).unauthenticated), ("VERIFIED", 1));

        let mut world = World::adopt("# P\n- a Sweep\n  check sh: true\n");
        let waive = model::command::Command::Waive {
            check: world.check("a", "sh"),
            reason: "no broom".to_owned(),
            until: world.now + jiff::SignedDuration::from_hours(48),
            approve: false,
        };
        world.does("Rae", waive);
        let waiver = world.plan.waivers[0].id;
        world.does("Ada", model::command::Command::ApproveWaiver(waiver)).verifies("a");
        check(
            &verdict(&world.look()),
            "
- verdict: VERIFIED: evidence or a named person stands behind everything; 1 by waiver

1 task or gate rests on an unauthenticated word: nothing but a name was given
",
        );
        world.later(48);
        assert_eq!(verdict(&world.look()).verdict, "NOT COMPLETE");
    }
}
