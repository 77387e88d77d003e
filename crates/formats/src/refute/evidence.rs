//! What a journal knows of the plan a report is about, and statements it does not bear out. Facts
//! come in as a plan at a moment; nothing is read here.

use jiff::Timestamp;
use model::check::Probe;
use model::gate::CheckStanding;
use model::plan::Plan;
use model::standing::{PlanVerdict, Standing as Stands};

use crate::statements::figures::{Figure, Role, Sense, stems};
use crate::statements::numbers::{self, Unit};
use crate::statements::standings::{State, Who};

use super::fit::{self, Fit};
use super::qualifiers::{Qualifiers, is_qualifier};
use super::yardsticks::{DemandKind, Yardstick};
use super::{Case, refutation, say};
use crate::statements::vocabulary::Word;

/// What a journal knows of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    tasks: Vec<KnownTask>,
    readings: Vec<KnownReading>,
    /// Gates that are not open, or open only because a check is waived, each with how it stands.
    gates: Vec<(String, &'static str)>,
    /// Checks that have not passed by themselves, each with how it stands.
    checks: Vec<(String, String)>,
    /// `VERIFIED`, `DONE AS CLAIMED`, `NOT COMPLETE`.
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
struct KnownTask {
    key: String,
    title: String,
    standing: Stands,
}

/// The last reading of a metric.
#[derive(Debug, Clone, PartialEq)]
struct KnownReading {
    name: String,
    unit: String,
    value: f64,
    /// When it was read, and what keeps it: `read 2031-04-09 10:12 UTC, evidence 9f2c41d0`.
    origin: String,
}

impl Known {
    /// What a plan's journal knows at a moment.
    pub fn of(plan: &Plan, now: Timestamp) -> Self {
        let mut known = Self { verdict: plan.verdict(now).word(), ..Self::default() };
        for task in plan.tasks.iter().filter(|task| !task.is_dropped()) {
            let standing = plan.standing(task, now);
            known.tasks.push(KnownTask {
                key: task.key.as_str().to_owned(),
                title: task.title.clone(),
                standing,
            });
        }
        if matches!(plan.verdict(now), PlanVerdict::Verified { waived } if waived > 0) {
            known.verdict = "VERIFIED, with waivers";
        }
        for (subject, gate) in plan.gates_with_subjects() {
            if gate.checks.is_empty() {
                continue;
            }
            let name = plan.subject_name(subject);
            match plan.clearance(subject, None, now, None).map(|clearance| clearance.into_basis().is_waived())
            {
                Ok(true) => known.gates.push((name.clone(), "open only because a check is waived")),
                Ok(false) => {}
                Err(_) => known.gates.push((name.clone(), "shut")),
            }
            plan.with_review(subject, None, now, |review| {
                for check in &gate.checks {
                    let standing = check.standing(review, now);
                    if !matches!(standing, CheckStanding::Passed { .. }) {
                        known.checks.push((format!("{} of {name}", check.spec.name), how(&standing)));
                    }
                }
            });
            for check in &gate.checks {
                let (Probe::Metric { name, target, .. }, Some(verdict)) =
                    (&check.spec.probe, check.current_verdict())
                else {
                    continue;
                };
                let Some(value) = verdict.evidence.value else { continue };
                let kept = verdict
                    .evidence
                    .output
                    .map_or_else(String::new, |digest| format!(", evidence {}", digest.short()));
                let origin = format!("read {}{kept}", verdict.at.strftime("%Y-%m-%d %H:%M UTC"));
                known.reading(name, target.unit(), value, origin);
            }
        }
        for metric in &plan.metrics {
            let Some(last) = &metric.last else { continue };
            let unit = metric.unit.as_deref().or_else(|| metric.target.as_ref().map(|target| target.unit()));
            let origin = format!("read {} from {}", last.at.strftime("%Y-%m-%d %H:%M UTC"), last.source);
            known.reading(&metric.name, unit.unwrap_or_default(), last.value, origin);
        }
        known
    }

    /// Takes a reading in, unless a check has told the same metric already.
    fn reading(&mut self, name: &str, unit: &str, value: f64, origin: String) {
        if self.readings.iter().all(|known| known.name != name) {
            self.readings.push(KnownReading { name: name.to_owned(), unit: unit.to_owned(), value, origin });
        }
    }
}

fn how(standing: &CheckStanding) -> String {
    match standing {
        CheckStanding::Waived { .. } => "waived".to_owned(),
        CheckStanding::Passed { summary }
        | CheckStanding::Failed { summary }
        | CheckStanding::Error { summary }
        | CheckStanding::Pending { summary } => summary.clone(),
    }
}

/// Refutes what the journal does not bear out, and was not refuted by the report's own words.
pub(super) fn judge(case: &mut Case<'_>, known: &Known) {
    tasks(case, known);
    figures(case, known);
    gates(case, known);
    whole(case, known);
}

fn tasks(case: &mut Case<'_>, known: &Known) {
    let mut told = std::collections::HashSet::new();
    for standing in case.standings.clone() {
        let Who::Task(task) = standing.who else { continue };
        let verified = match standing.state {
            State::Verified => true,
            State::Done => false,
            _ => continue,
        };
        let (key, title) = (case.key(task), case.title(task));
        let Some(fact) = known.tasks.iter().find(|fact| fact.key == key || fact.title == title) else {
            continue;
        };
        let holds = if verified { fact.standing == Stands::Verified } else { fact.standing.is_done() };
        if holds {
            case.held_more += 1;
            continue;
        }
        if !told.insert(task) {
            continue;
        }
        let word = if verified { "verified" } else { "done" };
        let message =
            format!("`{key}` is said to be {word}, and the journal has it as {}", fact.standing.as_str());
        case.tell(refutation("report/unsupported", standing.span, message).help(format!(
            "`countersign show {key}` tells how it stands; `countersign verify {key}` lets its checks run"
        )));
    }
}

fn figures(case: &mut Case<'_>, known: &Known) {
    let (figures, all_fits) = (case.figures, case.fits);
    for (at, figure) in figures.iter().enumerate() {
        let (Fit::Same(fits), Some(value)) = (&all_fits[at], figure.exact()) else { continue };
        let [fit] = fits.as_slice() else { continue };
        let yardstick = &case.yardsticks[*fit];
        if yardstick.demand.is_some_and(|demand| demand.rest().is_some()) && fit::counts_failures(figure) {
            continue;
        }
        let Some((reading, unit, scale)) = known.readings.iter().find_map(|reading| {
            let (unit, scale) = measures(case, reading, yardstick)?;
            Some((reading, unit, scale))
        }) else {
            continue;
        };
        let read = reading.value * scale;
        let differs = match figure.role {
            Role::Now if unit == figure.unit => differs(figure, value, read),
            Role::Change(sense) if unit == Unit::Percent && figure.unit == Unit::Percent => {
                let signed = if matches!(sense, Sense::Down | Sense::Better) && read < 0.0 {
                    -value.abs()
                } else {
                    value
                };
                differs(figure, signed.abs(), read.abs())
            }
            _ => continue,
        };
        case.held.insert(at);
        if !differs {
            continue;
        }
        let message = format!(
            "`{}` is not what was measured: `{}` is {} ({})",
            figure.text,
            reading.name,
            say::value(read, unit, if figure.unit == unit { figure.scale } else { scale }),
            reading.origin
        );
        let found = refutation("report/unsupported", figure.span, message)
            .help("tell the last reading, or measure again and record it");
        case.refute(at, found);
    }
}

/// Whether two values differ by more than the figure's last digit.
fn differs(figure: &Figure, value: f64, read: f64) -> bool {
    let step = figure.scale * 10f64.powi(-i32::from(figure.decimals));
    let blur = if figure.unit == Unit::Count { 1e-9 } else { step };
    (value - read).abs() >= blur
}

/// Whether a reading measures what a yardstick is about; gives its unit.
fn measures(case: &Case<'_>, reading: &KnownReading, yardstick: &Yardstick) -> Option<(Unit, f64)> {
    let tokens = case.lexer.tokens(&reading.name.replace(['_', '-'], " "), &|offset| offset);
    let words = stems(&tokens);
    let mut qualifiers = Qualifiers::default();
    qualifiers.add(&words);
    let plain: Vec<&Word> = words.iter().filter(|word| !is_qualifier(word)).collect();
    let known = |word: &&Word| yardstick.core.contains(word) || yardstick.beside.contains(word);
    let covered = plain.iter().filter(|word| known(word)).count();
    let core = yardstick.core.iter().filter(|word| words.contains(word)).count();
    if core == 0 || covered * 3 < plain.len() * 2 || qualifiers.against(&yardstick.qualifiers) {
        return None;
    }
    let unit = reading.unit.split_whitespace().next().and_then(|word| numbers::unit(&word.to_lowercase()));
    unit.or_else(|| {
        let demand = yardstick.demand.as_ref()?;
        Some(match demand.kind {
            DemandKind::Level => (demand.unit, demand.scale),
            _ => (Unit::Count, 1.0),
        })
    })
}

fn gates(case: &mut Case<'_>, known: &Known) {
    for standing in case.standings.clone() {
        if !matches!(standing.state, State::Done | State::Verified) {
            continue;
        }
        let message = match standing.who {
            Who::Gates | Who::Criteria => {
                known.gates.first().map(|(name, how)| format!("the gate `{name}` is {how}"))
            }
            Who::Checks => {
                known.checks.first().map(|(name, how)| format!("the check `{name}` has not passed: {how}"))
            }
            _ => continue,
        };
        match message {
            Some(message) => case.tell(
                refutation(
                    "report/unsupported",
                    standing.span,
                    format!("`{}`, but {message}", case.slice(standing.span)),
                )
                .help("`countersign gate list` tells how each gate stands"),
            ),
            None => case.held_more += 1,
        }
    }
}

/// "COMPLETE" where the plan's verdict is another, unless that is told of a part already.
fn whole(case: &mut Case<'_>, known: &Known) {
    let Some(claim) = case.complete(&[Who::Whole]).cloned() else { return };
    let bad = match claim.state {
        State::Verified => known.verdict != "VERIFIED",
        _ => known.verdict == "NOT COMPLETE",
    };
    if !bad {
        case.held_more += 1;
        return;
    }
    if case.found.iter().any(|found| found.span != claim.span)
        || case.found.iter().any(|found| found.span == claim.span)
    {
        return;
    }
    let message =
        format!("the report says that the work is complete, and the journal's verdict is {}", known.verdict);
    case.tell(
        refutation("report/unsupported", claim.span, message)
            .help("`countersign list` tells what is missing"),
    );
}
