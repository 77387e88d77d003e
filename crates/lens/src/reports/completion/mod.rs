//! `completion`: criteria against what was found, for every phase, every task and the plan as a
//! whole, under one of three verdicts. Each number says where it comes from: evidence with its
//! digest, a recorded reading, the journal itself; or it is marked as somebody's unverified word.

mod criteria;
pub(super) mod measured;
mod page;
mod schedule;

use std::collections::HashMap;

use model::gate::Subject;
use model::ids::PhaseId;
use model::plan::Phase;
use model::standing::Standing;
use model::task::Task;
use serde::Serialize;

use super::{JournalHead, Report, Views, Written};
use crate::look::Look;
use crate::progress::Progress;
use crate::tasks::{Rows, TaskRow};
use crate::views::entries::{EscalationRow, escalations};
use crate::views::gates::{self, GateRow};
use crate::views::readiness::{Readiness, readiness};
use crate::views::rebaselines::{RebaselineRow, rebaselines};
use crate::views::risks::{RiskRow, risks};
use crate::views::show::{Since, claimed, since};
use crate::views::verdict::{Verdict, blocker_in_words, verdict};
use crate::views::waivers::{WaiverRow, waivers};

pub use criteria::{CriteriaTally, CriterionRow, WaivedBy};
pub use measured::{Figure, Measured};
pub use schedule::{Schedule, Slipped};

/// The report.
pub struct Completion;

impl Report for Completion {
    fn name(&self) -> &'static str {
        "completion"
    }

    fn about(&self) -> &'static str {
        "criteria against what was found, under one of three verdicts"
    }

    fn write<'a>(&self, views: &Views<'a>) -> Box<dyn Written + 'a> {
        Box::new(completion(views))
    }
}

/// How complete a plan is, and what says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompletionReport<'a> {
    /// The report's name.
    pub report: &'static str,
    /// Where the journal stood: ties every number here to it.
    pub journal: JournalHead,
    /// The verdict, and why.
    pub verdict: Verdict<'a>,
    /// How far the tasks have come.
    pub progress: Progress,
    /// How many criteria stand how, those of tasks, phases, gates and the plan together.
    pub criteria: CriteriaTally,
    /// The share of tracked tasks that are ready.
    pub readiness: Readiness<'a>,
    /// The success criteria of the plan as a whole.
    pub success: GateSection<'a>,
    /// The phases in order; last, without a key, the tasks that are in none.
    pub phases: Vec<PhaseSection<'a>>,
    /// The named gates.
    pub gates: Vec<GateSection<'a>>,
    /// Metrics against their targets.
    pub metrics: Vec<Measured<'a>>,
    /// Dates, windows and estimates against the first baseline.
    pub schedule: Schedule<'a>,
    /// What was rebaselined.
    pub rebaselines: Vec<RebaselineRow<'a>>,
    /// Every waiver, lapsed ones too.
    pub waivers: Vec<WaiverRow>,
    /// What a revision wants looser, waiting for approval: the old is in force.
    pub weakenings: Vec<String>,
    /// Escalations that are open.
    pub escalations: Vec<EscalationRow<'a>>,
    /// Risks that are not closed.
    pub risks: Vec<RiskRow<'a>>,
}

/// A phase against its criteria.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseSection<'a> {
    /// Its key; nothing for the tasks that are in no phase.
    pub key: Option<&'a str>,
    /// Its title.
    pub title: &'a str,
    /// Its window, verbatim.
    pub window: Option<&'a str>,
    /// How far its tasks have come.
    pub progress: Progress,
    /// What guards its beginning, where anything does.
    pub entrance: Option<GateSection<'a>>,
    /// What guards its end, where anything does.
    pub exit: Option<GateSection<'a>>,
    /// Its tasks in document order.
    pub tasks: Vec<TaskSection<'a>>,
}

/// A gate against its criteria.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateSection<'a> {
    /// How it stands.
    pub gate: GateRow,
    /// Its criteria.
    pub criteria: Vec<CriterionRow<'a>>,
}

/// A task against its criteria.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskSection<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// Since when it is in its state, and who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// The claim it carries, also underneath a verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Since>,
    /// What stands in its way, in words.
    pub blockers: Vec<String>,
    /// Its criteria.
    pub criteria: Vec<CriterionRow<'a>>,
    /// Line in its document; 0 where it stands in none.
    pub line: u32,
}

/// How complete a plan is, and what says so.
pub fn completion<'a>(views: &Views<'a>) -> CompletionReport<'a> {
    let look = &views.look;
    let plan = look.plan;
    let mut tally = CriteriaTally::default();
    let (phases, progress) = phases(look, &mut tally);
    let success = section(look, Subject::Criteria, &mut tally);
    let gates = plan.gates.iter().map(|named| section(look, Subject::Gate(named.id), &mut tally)).collect();
    CompletionReport {
        report: "completion",
        journal: views.journal(),
        verdict: verdict(look),
        progress,
        criteria: tally,
        readiness: readiness(look),
        success,
        phases,
        gates,
        metrics: measured::measured(look),
        schedule: schedule::schedule(look),
        rebaselines: rebaselines(look).rebaselines,
        waivers: waivers(look).waivers,
        weakenings: weakenings(look),
        escalations: escalations(look).escalations.into_iter().filter(|row| row.outcome.is_none()).collect(),
        risks: risks(look).risks.into_iter().filter(|risk| !risk.is_closed()).collect(),
    }
}

fn section<'a>(look: &Look<'a>, subject: Subject, tally: &mut CriteriaTally) -> GateSection<'a> {
    let gate = look.plan.gate(subject).unwrap_or(&look.plan.criteria);
    let criteria = criteria::criteria(look, subject, gate);
    tally.count(&criteria);
    GateSection { gate: gates::row(look, subject, gate), criteria }
}

/// Every phase with its tasks, and how far all tasks together have come.
fn phases<'a>(look: &Look<'a>, tally: &mut CriteriaTally) -> (Vec<PhaseSection<'a>>, Progress) {
    let plan = look.plan;
    let places: HashMap<PhaseId, usize> =
        plan.phases.iter().enumerate().map(|(place, phase)| (phase.id, place)).collect();
    let mut sections: Vec<PhaseSection<'a>> =
        plan.phases.iter().map(|phase| phase_section(look, phase, tally)).collect();
    let mut rest = PhaseSection {
        key: None,
        title: "",
        window: None,
        progress: Progress::default(),
        entrance: None,
        exit: None,
        tasks: Vec::new(),
    };
    let rows = Rows::new(look);
    let mut all = Progress::default();
    for task in &plan.tasks {
        let standing = rows.standing(task);
        let place = task.phase.and_then(|phase| places.get(&phase));
        let section = place.map_or(&mut rest, |place| &mut sections[*place]);
        all.count(task, standing);
        section.progress.count(task, standing);
        section.tasks.push(task_section(look, &rows, task, standing, tally));
    }
    if !rest.tasks.is_empty() {
        sections.push(rest);
    }
    (sections, all)
}

fn phase_section<'a>(look: &Look<'a>, phase: &'a Phase, tally: &mut CriteriaTally) -> PhaseSection<'a> {
    let mut guard = |subject, gate: &model::gate::Gate| {
        let says_something = !gate.checks.is_empty() || !gate.stated.is_empty();
        says_something.then(|| section(look, subject, tally))
    };
    PhaseSection {
        key: Some(phase.key.as_str()),
        title: &phase.title,
        window: phase.window.as_deref(),
        progress: Progress::default(),
        entrance: guard(Subject::Entrance(phase.id), &phase.entrance),
        exit: guard(Subject::Exit(phase.id), &phase.exit),
        tasks: Vec::new(),
    }
}

fn task_section<'a>(
    look: &Look<'a>,
    rows: &Rows<'a>,
    task: &'a Task,
    standing: Standing,
    tally: &mut CriteriaTally,
) -> TaskSection<'a> {
    let criteria = criteria::criteria(look, Subject::Task(task.id), &task.gate);
    // What was given up need not be met, so its criteria count nowhere.
    if !task.is_dropped() {
        tally.count(&criteria);
    }
    let is_open = !standing.is_done() && standing != Standing::Dropped;
    let blockers = if is_open { rows.blockers(task) } else { Vec::new() };
    TaskSection {
        task: rows.row_with(task, standing),
        since: since(task),
        claim: task.claim().map(claimed),
        blockers: blockers.iter().map(|blocker| blocker_in_words(look, blocker)).collect(),
        criteria,
        line: task.line,
    }
}

/// What a revision wants looser and nobody approved yet, in words.
fn weakenings(look: &Look<'_>) -> Vec<String> {
    let plan = look.plan;
    let mut waiting = Vec::new();
    for (subject, check) in plan.checks() {
        let Some(weakening) = &check.weakening else { continue };
        let wants = match &weakening.to {
            Some(spec) => format!("`{spec}`"),
            None => "gone".to_owned(),
        };
        let name = &check.spec.name;
        waiting.push(format!("check `{name}` of {}: wanted {wants}", plan.subject_name(subject)));
    }
    for (subject, gate) in plan.gates_with_subjects() {
        for stated in gate.stated.iter().filter(|stated| stated.removed.is_some()) {
            waiting.push(format!(
                "criterion of {}: wanted gone: {}",
                plan.subject_name(subject),
                stated.text
            ));
        }
    }
    if plan.proposed_settings.is_some() {
        waiting.push("the plan's settings: wanted looser".to_owned());
    }
    waiting
}
