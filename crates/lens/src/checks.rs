//! How the checks of a gate stand, counted and one by one. Decides nothing: each standing is
//! asked of the model.

use jiff::Timestamp;
use model::actor::{By, Known};
use model::check::{Outcome, Probe};
use model::digest::Digest;
use model::gate::{Approval, Check, CheckStanding, Gate, Review, Subject};
use serde::Serialize;

use crate::look::Look;
use crate::page::{Cell, Column, Page, Table, Tone};
use crate::words::{Who, ago, count, moment};

/// How many checks of a gate stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All of them.
    pub of: usize,
    /// Passed on their own.
    pub passed: usize,
    /// Waived for the time being.
    pub waived: usize,
    /// Failed.
    pub failed: usize,
    /// Could not run.
    pub errors: usize,
    /// Have not run for what is in force now.
    pub pending: usize,
}

impl Tally {
    fn count(&mut self, standing: &CheckStanding) {
        self.of += 1;
        match standing {
            CheckStanding::Passed { .. } => self.passed += 1,
            CheckStanding::Waived { .. } => self.waived += 1,
            CheckStanding::Failed { .. } => self.failed += 1,
            CheckStanding::Error { .. } => self.errors += 1,
            CheckStanding::Pending { .. } => self.pending += 1,
        }
    }
}

/// What the checks of a gate amount to, for one cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// How many checks stand how.
    pub checks: Tally,
    /// What the first check that failed or could not run has to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Digest of what that check saw, else of what the latest one saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Digest>,
    /// How many checks count only because of an approval or a waiver by somebody of whom nothing
    /// but the name is known.
    pub unauthenticated: usize,
}

impl Proof {
    /// Looks at every check of a gate once.
    pub fn of(look: &Look<'_>, subject: Subject, gate: &Gate) -> Self {
        let mut proof = Self::default();
        if gate.checks.is_empty() {
            return proof;
        }
        let mut latest = None;
        look.plan.with_review(subject, None, look.now, |review| {
            for check in &gate.checks {
                let standing = check.standing(review, look.now);
                proof.checks.count(&standing);
                proof.unauthenticated += usize::from(rests_on_a_name(check, &standing, review));
                let verdict = check.current_verdict();
                if let CheckStanding::Failed { summary } | CheckStanding::Error { summary } = standing
                    && proof.trouble.is_none()
                {
                    proof.trouble = Some(summary);
                    proof.evidence = verdict.and_then(|verdict| verdict.evidence.output);
                }
                latest = latest.max(verdict.map(|verdict| (verdict.seq, verdict.evidence.output)));
            }
        });
        if proof.trouble.is_none() {
            proof.evidence = latest.and_then(|(_, output)| output);
        }
        proof
    }

    /// `2 of 3 checks: exit status 1 (9f2c41d0)`.
    pub fn text(&self) -> String {
        let Tally { of, passed, waived, .. } = self.checks;
        let mut text = format!("{passed} of {}", count(of as i64, "check"));
        if waived > 0 {
            text.push_str(&format!(", {waived} waived"));
        }
        if self.unauthenticated > 0 {
            text.push_str(" [unauthenticated]");
        }
        if let Some(trouble) = &self.trouble {
            text.push_str(&format!(": {trouble}"));
        }
        if let Some(digest) = &self.evidence {
            text.push_str(&format!(" ({})", digest.short()));
        }
        text
    }
}

/// Whether a check lets the gate open on the word of somebody who only gave a name.
pub(crate) fn rests_on_a_name(check: &Check, standing: &CheckStanding, review: &Review<'_>) -> bool {
    let only_declared = |by: &By| by.known == Known::Declared;
    match standing {
        CheckStanding::Waived { waiver, .. } => {
            let waiver = review.waivers.iter().find(|known| known.id == *waiver);
            waiver.and_then(|waiver| waiver.approved.as_ref()).is_some_and(|(by, _)| only_declared(by))
        }
        CheckStanding::Passed { .. } if matches!(check.spec.probe, Probe::Approval { .. }) => {
            let counting = counting_approvals(check, review);
            let mut people = check.approvers(review).into_iter();
            people.any(|person| {
                let mut theirs = counting.iter().filter(|given| given.by.actor.person() == Some(person));
                theirs.all(|given| only_declared(&given.by))
            })
        }
        _ => false,
    }
}

/// The approvals that were given for what is in force, by people whose approval counts.
pub(crate) fn counting_approvals<'a>(check: &'a Check, review: &Review<'_>) -> Vec<&'a Approval> {
    let approvers = check.approvers(review);
    let counts = |given: &&Approval| {
        given.spec == check.digest
            && given.attempt == review.attempt
            && given.by.actor.person().is_some_and(|person| approvers.contains(&person))
    };
    check.approvals.iter().filter(counts).collect()
}

/// One check in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// `check`, `metric`, `file`, `tasks`, `approval` or `attachment`.
    pub kind: &'a str,
    /// What it demands, as plans write it.
    pub demands: String,
    /// The criterion it proves.
    pub criterion: &'a str,
    /// `pass`, `waived`, `fail`, `error` or `pending`.
    pub verdict: &'static str,
    /// What there is to say about that.
    pub summary: String,
    /// What the last run saw, whether or not it still counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LastRun>,
    /// Who approved, for an `approval` check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Given>,
    /// Until when it is waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived_until: Option<Timestamp>,
    /// What a revision wants in its place, while that waits for approval: the looser demand, or
    /// `removed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weakening: Option<String>,
    /// Line it stands on; 0 for a sidecar.
    pub line: u32,
}

/// What the last run of a check saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastRun {
    /// `pass`, `fail` or `error`.
    pub outcome: Outcome,
    /// One line.
    pub summary: String,
    /// When.
    pub at: Timestamp,
    /// Digest of its output.
    pub evidence: Option<Digest>,
    /// Exit status.
    pub exit: Option<i32>,
    /// The reading, for a metric.
    pub value: Option<f64>,
    /// How long it took.
    pub milliseconds: u64,
    /// The commit that was checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whose token handed it in over the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_in_by: Option<String>,
}

/// One person's approval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Given {
    /// Who.
    pub by: Who,
    /// When.
    pub at: Timestamp,
    /// Whether it counts: for what is in force now, and not by who claimed the task.
    pub counts: bool,
}

/// Every check of a gate in full.
pub fn rows<'a>(look: &Look<'_>, subject: Subject, gate: &'a Gate) -> Vec<CheckRow<'a>> {
    look.plan.with_review(subject, None, look.now, |review| {
        let row = |check: &'a Check| {
            let standing = check.standing(review, look.now);
            let counting = counting_approvals(check, review);
            let approvals = check.approvals.iter().map(|given| Given {
                by: Who::from(&given.by),
                at: given.at,
                counts: counting.iter().any(|counted| std::ptr::eq(*counted, given)),
            });
            CheckRow {
                name: &check.spec.name,
                kind: check.spec.probe.kind(),
                demands: check.spec.to_string(),
                criterion: &check.text,
                verdict: standing.word(),
                summary: match &standing {
                    CheckStanding::Waived { until, .. } => format!("waived until {}", moment(*until)),
                    other => other.summary(),
                },
                last: check.verdict.as_deref().map(|verdict| LastRun {
                    outcome: verdict.outcome,
                    summary: verdict.evidence.summary.clone(),
                    at: verdict.at,
                    evidence: verdict.evidence.output,
                    exit: verdict.evidence.exit,
                    value: verdict.evidence.value,
                    milliseconds: verdict.evidence.milliseconds,
                    commit: verdict.evidence.commit.clone(),
                    handed_in_by: verdict.evidence.handed_in_by.clone(),
                }),
                approvals: approvals.collect(),
                waived_until: match standing {
                    CheckStanding::Waived { until, .. } => Some(until),
                    _ => None,
                },
                weakening: check.weakening.as_deref().map(|weakening| match &weakening.to {
                    Some(spec) => spec.to_string(),
                    None => "removed".to_owned(),
                }),
                line: check.line,
            }
        };
        gate.checks.iter().map(row).collect()
    })
}

/// Adds checks to a page: a table, and below it what waits for approval.
pub fn show(page: &mut Page, rows: &[CheckRow<'_>], now: Timestamp) {
    let mut table = Table::new([
        Column::whole("Check"),
        Column::whole("Verdict"),
        Column::text("Says"),
        Column::text("Demands"),
        Column::whole("Evidence"),
        Column::whole("When"),
    ]);
    for row in rows {
        let last = row.last.as_ref();
        table.row([
            Tone::Strong.cell(row.name),
            tone_of(row.verdict).cell(row.verdict),
            Cell::from(row.says()),
            Cell::from(row.demands.as_str()),
            Cell::from(last.and_then(|last| last.evidence).map(|digest| digest.short()).unwrap_or_default()),
            Tone::Faint.cell(last.map(|last| ago(last.at, now)).unwrap_or_default()),
        ]);
    }
    page.table(table.without_empty_columns());
    for row in rows {
        if let Some(weakening) = &row.weakening {
            let wants = if weakening == "removed" { "gone".to_owned() } else { format!("`{weakening}`") };
            page.paragraph(Tone::Warn.cell(format!(
                "a revision wants check `{}` {wants}; until somebody approves that, the old one is in force",
                row.name
            )));
        }
    }
}

impl CheckRow<'_> {
    fn says(&self) -> String {
        let given: Vec<String> = self.approvals.iter().map(|given| given.by.marked()).collect();
        if given.is_empty() {
            self.summary.clone()
        } else {
            format!("{}: {}", self.summary, given.join(", "))
        }
    }
}

/// What a check's verdict means to who reads it.
pub fn tone_of(verdict: &str) -> Tone {
    match verdict {
        "pass" => Tone::Good,
        "waived" => Tone::Warn,
        "fail" | "error" => Tone::Bad,
        _ => Tone::Faint,
    }
}
