//! Criteria against what was found: each with its verdict, and where that comes from.

use jiff::Timestamp;
use model::check::Probe;
use model::gate::{Check, CheckStanding, Gate, Review, Stated, Subject};
use model::ids::WaiverId;
use model::plan::Plan;
use serde::Serialize;

use crate::checks::{counting_approvals, rests_on_a_name, tone_of};
use crate::look::Look;
use crate::origin::Origin;
use crate::page::{Cell, Column, Table, Tone};
use crate::words::{Who, count, moment};

/// A criterion against what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionRow<'a> {
    /// As the plan words it.
    pub text: &'a str,
    /// The check that would prove it; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<&'a str>,
    /// What that demands, as plans write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demands: Option<String>,
    /// `pass`, `waived`, `fail`, `error` or `pending` for a check; without one `ticked`,
    /// `unticked`, or `stated` where there is not even a box.
    pub verdict: &'static str,
    /// What was found, in a line; `n/a` where nobody looked.
    pub actual: String,
    /// The number that was measured.
    pub value: Option<f64>,
    /// Where that comes from.
    pub origin: Origin<'a>,
    /// Whether nothing but a word stands behind it.
    pub unverified: bool,
    /// The box in the document, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticked: Option<bool>,
    /// Whether the document ticks it, or its task is claimed, and evidence says otherwise.
    pub refuted: bool,
    /// Whether it counts only on the word of somebody of whom nothing but the name is known.
    pub unauthenticated: bool,
    /// The waiver that stands in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaivedBy<'a>>,
    /// Line it stands on; 0 for a sidecar.
    pub line: u32,
}

/// The waiver that stands in for a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaivedBy<'a> {
    /// Its id.
    pub id: WaiverId,
    /// Who granted it.
    pub approved_by: Option<Who>,
    /// Until when, this moment excluded.
    pub until: Timestamp,
    /// Whole days left.
    pub days_left: i64,
    /// Why.
    pub reason: &'a str,
}

/// How many criteria stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CriteriaTally {
    /// All of them.
    pub of: usize,
    /// Proven by a check.
    pub passed: usize,
    /// Waived for the time being.
    pub waived: usize,
    /// Evidence says otherwise.
    pub failed: usize,
    /// Could not be checked.
    pub errors: usize,
    /// Not checked yet.
    pub pending: usize,
    /// Ticked in the document, with nothing that would prove it.
    pub ticked: usize,
    /// Not ticked, with nothing that would prove it.
    pub unticked: usize,
    /// Prose without a box, with nothing that would prove it.
    pub stated: usize,
}

/// The criteria of a gate against what was found: those with a check, then those without.
pub(super) fn criteria<'a>(look: &Look<'a>, subject: Subject, gate: &'a Gate) -> Vec<CriterionRow<'a>> {
    if gate.checks.is_empty() && gate.stated.is_empty() {
        return Vec::new();
    }
    let task = match subject {
        Subject::Task(id) => look.plan.task(id),
        _ => None,
    };
    let claimed = task.is_some_and(|task| task.claim().is_some());
    let path = only_document(look.plan);
    look.plan.with_review(subject, None, look.now, |review| {
        let proven = gate.checks.iter().map(|check| {
            let standing = check.standing(review, look.now);
            let (value, origin) = found(look, subject, check, review);
            let says_no = matches!(standing, CheckStanding::Failed { .. } | CheckStanding::Error { .. });
            CriterionRow {
                text: &check.text,
                check: Some(&check.spec.name),
                demands: Some(check.spec.to_string()),
                verdict: standing.word(),
                actual: actual(look, check, value, review),
                value,
                unverified: origin.is_claim(),
                origin,
                ticked: check.checked,
                refuted: says_no && (claimed || check.checked == Some(true)),
                unauthenticated: rests_on_a_name(check, &standing, review),
                waiver: waived_by(look, &standing),
                line: check.line,
            }
        });
        proven.chain(gate.stated.iter().map(|stated| unproven(stated, path))).collect()
    })
}

/// A criterion that nothing would prove.
fn unproven<'a>(stated: &'a Stated, path: Option<&'a str>) -> CriterionRow<'a> {
    let (verdict, actual) = match stated.checked {
        Some(true) => ("ticked", "ticked in the document"),
        Some(false) => ("unticked", "n/a"),
        None => ("stated", "n/a"),
    };
    let ticked = stated.checked == Some(true);
    CriterionRow {
        text: &stated.text,
        check: None,
        demands: None,
        verdict,
        actual: actual.to_owned(),
        value: None,
        origin: if ticked { Origin::Document { path, line: stated.line } } else { Origin::Nowhere },
        unverified: ticked,
        ticked: stated.checked,
        refuted: false,
        unauthenticated: false,
        waiver: None,
        line: stated.line,
    }
}

/// The document every line number belongs to, where there is only one.
fn only_document(plan: &Plan) -> Option<&str> {
    let mut documents = plan.sources.iter().filter(|source| source.format != "sidecar");
    match (documents.next(), documents.next()) {
        (Some(only), None) => Some(&only.path),
        _ => None,
    }
}

/// What was measured, and where that comes from. Shown whether or not it lets the gate open.
fn found<'a>(
    look: &Look<'a>,
    subject: Subject,
    check: &'a Check,
    review: &Review<'_>,
) -> (Option<f64>, Origin<'a>) {
    let ran = |what: &'a str| {
        // What an earlier attempt or another specification saw says nothing about this one.
        let verdict = check.current_verdict().filter(|verdict| verdict.attempt == review.attempt);
        match verdict {
            Some(verdict) => (verdict.evidence.value, Origin::of_verdict(what, verdict)),
            None => (None, Origin::Nowhere),
        }
    };
    match &check.spec.probe {
        Probe::Check { command } | Probe::Metric { command: Some(command), .. } => ran(command),
        Probe::File { path, .. } => ran(path),
        Probe::Metric { name, command: None, .. } => {
            match look.plan.metric(name).and_then(|metric| metric.last.as_ref()) {
                Some(reading) => (Some(reading.value), Origin::of_reading(reading)),
                None => (None, Origin::Nowhere),
            }
        }
        Probe::Tasks { .. } | Probe::Ci { .. } => (None, Origin::Counted { seq: look.plan.seq }),
        Probe::Approval { .. } => {
            let given = counting_approvals(check, review);
            match given.iter().map(|given| given.at).max() {
                Some(at) => {
                    let by = given.iter().map(|given| Who::from(&given.by)).collect();
                    (Some(check.approvers(review).len() as f64), Origin::Approvals { by, at })
                }
                None => (Some(0.0), Origin::Counted { seq: look.plan.seq }),
            }
        }
        Probe::Attachment { name } => (None, attached(look.plan, subject, name.as_deref())),
        Probe::Unknown { .. } => (None, Origin::Nowhere),
    }
}

fn attached<'a>(plan: &'a Plan, subject: Subject, name: Option<&str>) -> Origin<'a> {
    let Subject::Task(id) = subject else { return Origin::Nowhere };
    let Some(task) = plan.task(id) else { return Origin::Nowhere };
    let mut current = task.attachments.iter().rev().filter(|file| file.attempt == task.attempt);
    match current.find(|file| name.is_none_or(|name| name.eq_ignore_ascii_case(&file.name))) {
        Some(file) => {
            Origin::Attached { name: &file.name, file: file.blob, by: Who::from(&file.by), at: file.at }
        }
        None => Origin::Nowhere,
    }
}

/// What was found, in a line; a waived check keeps what it saw itself.
fn actual(look: &Look<'_>, check: &Check, value: Option<f64>, review: &Review<'_>) -> String {
    let own = check.standing(&Review { waivers: &[], ..*review }, look.now);
    let summary = own.summary();
    match (&check.spec.probe, own) {
        (Probe::Approval { .. }, _) => summary,
        (_, CheckStanding::Pending { .. }) => match value {
            Some(value) => format!("n/a: {summary} that counts; {value} is claimed"),
            None => format!("n/a: {summary}"),
        },
        _ => summary,
    }
}

fn waived_by<'a>(look: &Look<'a>, standing: &CheckStanding) -> Option<WaivedBy<'a>> {
    let CheckStanding::Waived { waiver, .. } = standing else { return None };
    let waiver = look.plan.waivers.iter().find(|known| known.id == *waiver)?;
    Some(WaivedBy {
        id: waiver.id,
        approved_by: waiver.approved.as_ref().map(|(by, _)| Who::from(by)),
        until: waiver.until,
        days_left: waiver.days_left(look.now),
        reason: &waiver.reason,
    })
}

impl CriteriaTally {
    /// Counts some more criteria.
    pub fn count(&mut self, rows: &[CriterionRow<'_>]) {
        for row in rows {
            self.of += 1;
            *match row.verdict {
                "pass" => &mut self.passed,
                "waived" => &mut self.waived,
                "fail" => &mut self.failed,
                "error" => &mut self.errors,
                "pending" => &mut self.pending,
                "ticked" => &mut self.ticked,
                "unticked" => &mut self.unticked,
                _ => &mut self.stated,
            } += 1;
        }
    }

    /// `3 of 9 proven, 1 waived, 5 ticked and not proven`; `n/a` where there are none.
    pub fn text(&self) -> String {
        if self.of == 0 {
            return "n/a".to_owned();
        }
        let others = [
            (self.waived, "waived"),
            (self.failed, "failed"),
            (self.errors, "could not be checked"),
            (self.pending, "not checked yet"),
            (self.ticked, "ticked and not proven"),
            (self.unticked, "not ticked"),
            (self.stated, "stated without a box"),
        ];
        let others = others.iter().filter(|(number, _)| *number > 0);
        let proven = format!("{} of {} proven", self.passed, self.of);
        let parts = std::iter::once(proven).chain(others.map(|(number, what)| format!("{number} {what}")));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Criteria as a table, each under the name of what it belongs to.
pub(super) fn table<'r>(rows: impl IntoIterator<Item = (&'r str, &'r CriterionRow<'r>)>) -> Table {
    let mut table = Table::new([
        Column::whole("Of"),
        Column::text("Criterion"),
        Column::text("Demands"),
        Column::text("Actual"),
        Column::text("Verdict"),
        Column::text("Where that comes from"),
    ]);
    for (of, row) in rows {
        table.row([
            Tone::Strong.cell(of),
            Cell::from(row.text),
            Cell::from(row.demands.as_deref().unwrap_or_default()),
            Cell::from(row.actual.as_str()),
            row.cell(),
            Tone::Faint.cell(row.origin.text()),
        ]);
    }
    table
}

impl CriterionRow<'_> {
    /// The verdict, with who waived it and until when.
    fn cell(&self) -> Cell {
        let mut text = self.verdict.to_owned();
        let tone = match self.verdict {
            "ticked" | "stated" => Tone::Warn,
            "unticked" => Tone::Bad,
            verdict => tone_of(verdict),
        };
        if let Some(waiver) = &self.waiver {
            text.push_str(&waiver.text());
        }
        if self.unauthenticated && self.waiver.is_none() {
            text.push_str(" [unauthenticated]");
        }
        let unmet = self.refuted || self.verdict == "pending";
        if unmet && self.ticked == Some(true) {
            text.push_str(", although the document ticks it");
        } else if self.refuted {
            text.push_str(", although it is claimed");
        }
        if self.check.is_none() && self.verdict != "unticked" {
            text.push_str(", nothing would prove it");
        }
        tone.cell(text)
    }
}

impl WaivedBy<'_> {
    /// ` by Ada [unauthenticated] until 2031-05-03 01:00 UTC, 2 days left: no broom`
    fn text(&self) -> String {
        let by = self.approved_by.as_ref().map(|by| format!(" by {}", by.marked())).unwrap_or_default();
        let left = count(self.days_left, "day");
        format!("{by} until {}, {left} left: {}", moment(self.until), self.reason)
    }
}
