//! The gates: which are open, and what keeps the others shut.

use model::gate::{Gate, Stated, Subject};
use serde::Serialize;

use crate::checks::{self, CheckRow, Proof};
use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::count_of;

/// Every gate of a plan that is not a task's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gates<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In plan order.
    pub gates: Vec<GateRow>,
}

/// What a list says of a gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateRow {
    /// `release`, `exit of A`, `success criteria`.
    pub name: String,
    /// `entrance`, `exit`, `criteria` or `gate`.
    pub kind: &'static str,
    /// `open`, `waived` (open because a check is waived), `shut`, or `stated` (nothing but prose).
    pub state: &'static str,
    /// What its checks amount to.
    pub proof: Proof,
    /// Needs that are not met: keys of tasks, names of gates.
    pub unmet_needs: Vec<String>,
    /// Criteria nothing would prove.
    pub stated: usize,
    /// How many of them have a box that is not ticked.
    pub unticked: usize,
    /// `staging`, `production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What keeps it shut, one line each.
    pub why: Vec<String>,
}

/// One gate in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateShow<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// How it stands.
    pub gate: GateRow,
    /// Its checks.
    pub checks: Vec<CheckRow<'a>>,
    /// Criteria nothing would prove.
    pub stated: Vec<StatedRow<'a>>,
}

/// A criterion that nothing would prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatedRow<'a> {
    /// As the document has it.
    pub text: &'a str,
    /// Its box, where it has one.
    pub checked: Option<bool>,
    /// Whether a revision left it out, which waits for approval.
    pub removed: bool,
    /// Line it stands on.
    pub line: u32,
}

/// The gates of a plan.
pub fn gates<'a>(look: &Look<'a>) -> Gates<'a> {
    Gates { plan: look.head(), gates: rows(look) }
}

/// One row for each gate that says anything.
pub fn rows(look: &Look<'_>) -> Vec<GateRow> {
    let guards = look.plan.gates_with_subjects().filter(|(subject, gate)| match subject {
        Subject::Task(_) => false,
        Subject::Gate(_) => true,
        _ => !gate.checks.is_empty() || !gate.stated.is_empty(),
    });
    guards.map(|(subject, gate)| row(look, subject, gate)).collect()
}

/// One gate in full; the app finds the subject by name with [`find`].
pub fn gate<'a>(look: &Look<'a>, subject: Subject) -> Option<GateShow<'a>> {
    let gate = look.plan.gate(subject)?;
    Some(GateShow {
        plan: look.head(),
        gate: row(look, subject, gate),
        checks: checks::rows(look, subject, gate),
        stated: stated(gate),
    })
}

/// The gate somebody means: a named one, a phase's exit by the phase's key, `exit of A`,
/// `entrance of A`, `success criteria` or `criteria`, letter case aside.
pub fn find(look: &Look<'_>, name: &str) -> Option<Subject> {
    let wanted = name.trim();
    if wanted.eq_ignore_ascii_case("criteria") {
        return Some(Subject::Criteria);
    }
    let phase = || look.plan.phases.iter().find(|phase| phase.key.as_str().eq_ignore_ascii_case(wanted));
    let subjects = look.plan.gates_with_subjects().map(|(subject, _)| subject);
    subjects
        .filter(|subject| !matches!(subject, Subject::Task(_)))
        .find(|subject| look.plan.subject_name(*subject).eq_ignore_ascii_case(wanted))
        .or_else(|| phase().map(|phase| Subject::Exit(phase.id)))
}

/// The criteria of a gate that nothing would prove.
pub fn stated(gate: &Gate) -> Vec<StatedRow<'_>> {
    gate.stated
        .iter()
        .map(|Stated { text, checked, line, removed }| StatedRow {
            text,
            checked: *checked,
            removed: removed.is_some(),
            line: *line,
        })
        .collect()
}

/// What a list says of a gate.
pub fn row(look: &Look<'_>, subject: Subject, gate: &Gate) -> GateRow {
    let plan = look.plan;
    let named = match subject {
        Subject::Gate(id) => plan.gates.iter().find(|named| named.id == id),
        _ => None,
    };
    let proof = Proof::of(look, subject, gate);
    let unmet_needs = named.map(|named| plan.unmet_gate_needs(&named.name, look.now)).unwrap_or_default();
    let mut why = Vec::new();
    let state = match plan.clearance(subject, None, look.now, None) {
        Ok(_) if !unmet_needs.is_empty() => "shut",
        Ok(clearance) => {
            if clearance.into_basis().is_waived() {
                "waived"
            } else {
                "open"
            }
        }
        Err(unmet) if unmet.of == 0 && named.is_none() => "stated",
        Err(unmet) => {
            if unmet.of == 0 {
                why.push("it has no checks, so nothing opens it".to_owned());
            }
            for (id, standing) in &unmet.checks {
                let name = gate.check(*id).map_or("", |check| check.spec.name.as_str());
                why.push(format!("{name}: {}", standing.summary()));
            }
            "shut"
        }
    };
    if !unmet_needs.is_empty() {
        why.push(format!("waits for {}", unmet_needs.join(", ")));
    }
    GateRow {
        name: plan.subject_name(subject),
        kind: match subject {
            Subject::Entrance(_) => "entrance",
            Subject::Exit(_) => "exit",
            Subject::Criteria => "criteria",
            Subject::Gate(_) | Subject::Task(_) => "gate",
        },
        state,
        proof,
        unmet_needs,
        stated: gate.stated.len(),
        unticked: gate.stated.iter().filter(|stated| stated.checked == Some(false)).count(),
        environment: named.and_then(|named| named.environment.clone()),
        why,
    }
}

/// Adds the gates to a page as a table.
pub fn table(page: &mut Page, gates: &[GateRow]) {
    let mut table = Table::new([
        Column::whole("Gate"),
        Column::whole("State"),
        Column::text("Checks"),
        Column::text("Why"),
        Column::whole("Environment"),
    ]);
    for gate in gates {
        let mut checks = Vec::new();
        if gate.proof.checks.of > 0 {
            let tally = gate.proof.checks;
            let waived = if tally.waived > 0 { format!(", {} waived", tally.waived) } else { String::new() };
            checks.push(format!("{} of {}{waived}", tally.passed, count_of(tally.of, "check")));
        }
        if gate.stated > 0 {
            checks.push(format!("{} without a probe", count_of_criteria(gate.stated)));
        }
        table.row([
            Tone::Strong.cell(gate.name.as_str()),
            gate.cell(),
            Cell::from(checks.join(", ")),
            Cell::from(gate.why.join("; ")),
            Cell::from(gate.environment.as_deref().unwrap_or_default()),
        ]);
    }
    page.table(table.without_empty_columns());
}

fn count_of_criteria(number: usize) -> String {
    if number == 1 { "1 criterion".to_owned() } else { format!("{number} criteria") }
}

impl GateRow {
    /// Its state.
    pub fn cell(&self) -> Cell {
        let tone = match self.state {
            "open" => Tone::Good,
            "shut" => Tone::Bad,
            _ => Tone::Warn,
        };
        tone.cell(self.state)
    }
}

impl Answer for Gates<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.gates.is_empty() {
            page.paragraph("the plan has no gates beside its tasks' own");
        }
        table(&mut page, &self.gates);
        self.plan.warn(&mut page);
        page
    }
}

impl Answer for GateShow<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.heading(self.gate.name.as_str());
        let mut facts = vec![("state", self.gate.cell())];
        if let Some(environment) = &self.gate.environment {
            facts.push(("environment", Cell::from(environment.as_str())));
        }
        facts.extend(
            self.gate
                .why
                .iter()
                .enumerate()
                .map(|(place, why)| (if place == 0 { "why" } else { "" }, Cell::from(why.as_str()))),
        );
        page.facts(facts);
        checks::show(&mut page, &self.checks, self.plan.now);
        show_stated(&mut page, &self.stated);
        self.plan.warn(&mut page);
        page
    }
}

/// Adds criteria that nothing would prove to a page.
pub fn show_stated(page: &mut Page, stated: &[StatedRow<'_>]) {
    let lines = stated.iter().map(|stated| {
        let mark = match stated.checked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let removed =
            if stated.removed { " (a revision leaves it out; that waits for approval)" } else { "" };
        (1, Tone::Warn.cell(format!("{mark}{}{removed}", stated.text)))
    });
    let lines: Vec<_> = lines.collect();
    if !lines.is_empty() {
        page.paragraph("criteria without a probe, so nobody but people can say:");
        page.outline(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};
    use model::check::Outcome;

    const GATED: &str = "
# P
## A First
  check lint: run lint
- a Sand
criteria
  stated [x] All is smooth
  stated [ ] Nobody complains
gate empty
";

    #[test]
    fn each_gate_says_what_keeps_it_shut() {
        let mut world = World::adopt(GATED);
        check(
            &gates(&world.look()),
            "
| Gate | State | Checks | Why |
| --- | --- | --- | --- |
| **exit of A** | shut | 0 of 1 check | lint: has not run |
| **success criteria** | stated | 2 criteria without a probe |  |
| **empty** | shut |  | it has no checks, so nothing opens it |
",
        );
        world.ran("exit of A", "lint", Outcome::Pass, "exit status 0");
        assert_eq!(gates(&world.look()).gates[0].state, "open");
    }

    #[test]
    fn one_gate_is_shown_in_full() {
        let mut world = World::adopt(GATED);
        world.ran("exit of A", "lint", Outcome::Fail, "exit status 2").later(72);
        let look = world.look();
        check(
            &gate(&look, find(&look, "a").unwrap()).unwrap(),
            "
## exit of A

- state: shut
- why: lint: exit status 2

| Check | Verdict | Says | Demands | Evidence | When |
| --- | --- | --- | --- | --- | --- |
| **lint** | fail | exit status 2 | check: `run lint` | 67156c4a | 3 days ago |
",
        );
        check(
            &gate(&look, find(&look, "criteria").unwrap()).unwrap(),
            "
## success criteria

- state: stated

criteria without a probe, so nobody but people can say:

  - [x] All is smooth
  - [ ] Nobody complains
",
        );
        assert_eq!(find(&look, "no such gate"), None);
        let release = World::adopt(RELEASE);
        assert_eq!(find(&release.look(), "Release"), Some(Subject::Gate(release.plan.gates[0].id)));
    }
}
