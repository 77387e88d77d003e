//! `handoff`: what whoever takes the work over finds: what is done and on whose word, what is in
//! hand, what can begin and in which role, what waits for what, and what decides that it is over.

use model::standing::Standing;
use model::task::Task;
use serde::Serialize;

use super::completion::Measured;
use super::completion::measured::{measured, table as metrics};
use super::{JournalHead, Report, Views, Written};
use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::progress::Progress;
use crate::tasks::{Rows, TaskRow};
use crate::views::brief::handed_on;
use crate::views::critical::{Options, critical};
use crate::views::entries::{self, EscalationRow, escalations};
use crate::views::gates::{self, GateRow};
use crate::views::leases::{LeaseRow, lease_of};
use crate::views::risks::{self, RiskRow, risks};
use crate::views::verdict::{Verdict, blocker_in_words, verdict};
use crate::words::moment;

/// How many rows of a list the page shows before it says how many more there are.
const SHOWN: usize = 60;

/// The report.
pub struct HandoffReport;

impl Report for HandoffReport {
    fn name(&self) -> &'static str {
        "handoff"
    }

    fn about(&self) -> &'static str {
        "what is done, in hand, ready and waiting, for whoever takes the work over"
    }

    fn write<'a>(&self, views: &Views<'a>) -> Box<dyn Written + 'a> {
        Box::new(handoff(views))
    }
}

/// What whoever takes the work over finds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handover<'a> {
    /// The report's name.
    pub report: &'static str,
    /// Where the journal stood: ties every number here to it.
    pub journal: JournalHead,
    /// The verdict, and why.
    pub verdict: Verdict<'a>,
    /// Why nothing new begins, where the plan was halted.
    pub halted: Option<&'a str>,
    /// How far the tasks have come.
    pub progress: Progress,
    /// Tasks that count as done.
    pub done: Vec<TaskRow<'a>>,
    /// Tasks that somebody works on.
    pub in_hand: Vec<InHand<'a>>,
    /// Tasks that are claimed, and that evidence does not stand behind yet.
    pub unproven: Vec<TaskRow<'a>>,
    /// Tasks that could be begun.
    pub ready: Vec<Next<'a>>,
    /// Tasks that wait.
    pub waiting: Vec<Waiting<'a>>,
    /// Work that passed from one role to another, the latest first.
    pub handoffs: Vec<String>,
    /// How many working days are left along the longest chain; nothing where needs run in a circle.
    pub days_left: Option<f64>,
    /// Tasks that are left and that nobody estimated: they were taken as no time at all.
    pub unestimated: Vec<&'a str>,
    /// Keys along that chain.
    pub longest: Vec<&'a str>,
    /// Gates and success criteria.
    pub gates: Vec<GateRow>,
    /// Metrics against their targets.
    pub metrics: Vec<Measured<'a>>,
    /// Escalations that are open.
    pub escalations: Vec<EscalationRow<'a>>,
    /// Risks that are not closed.
    pub risks: Vec<RiskRow<'a>>,
}

/// A task that somebody works on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InHand<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// The lease it is held under; nothing where somebody simply began.
    pub lease: Option<LeaseRow<'a>>,
}

/// A task that could be begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Next<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// The role its document names.
    pub role: Option<&'a str>,
    /// The estimate in working days.
    pub days: Option<f64>,
    /// Whether the end of the plan moves with it.
    pub critical: bool,
}

/// A task that waits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waiting<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// What it waits for.
    pub blockers: Vec<String>,
}

/// What whoever takes the work over finds.
pub fn handoff<'a>(views: &Views<'a>) -> Handover<'a> {
    let look = &views.look;
    let plan = look.plan;
    let left = critical(look, Options { from: None, remaining: true });
    let mut answer = Handover {
        report: "handoff",
        journal: views.journal(),
        verdict: verdict(look),
        halted: plan.halted.as_ref().map(|halt| halt.reason.as_str()),
        progress: Progress::default(),
        done: Vec::new(),
        in_hand: Vec::new(),
        unproven: Vec::new(),
        ready: Vec::new(),
        waiting: Vec::new(),
        handoffs: plan.handoffs.iter().rev().map(|handoff| handed_on(plan, handoff)).collect(),
        days_left: left.total_days,
        unestimated: left
            .tasks
            .iter()
            .filter(|row| !row.done && row.days.is_none())
            .map(|row| row.key)
            .collect(),
        longest: left.tasks.iter().filter(|row| row.critical && !row.done).map(|row| row.key).collect(),
        gates: gates::rows(look),
        metrics: measured(look),
        escalations: escalations(look).escalations.into_iter().filter(|row| row.outcome.is_none()).collect(),
        risks: risks(look).risks.into_iter().filter(|risk| !risk.is_closed()).collect(),
    };
    let rows = Rows::new(look);
    for task in &plan.tasks {
        let standing = rows.standing(task);
        answer.progress.count(task, standing);
        answer.sort_in(look, &rows, task, standing);
    }
    answer
}

impl<'a> Handover<'a> {
    fn sort_in(&mut self, look: &Look<'a>, rows: &Rows<'a>, task: &'a Task, standing: Standing) {
        let row = rows.row_with(task, standing);
        match standing {
            Standing::Dropped => {}
            standing if standing.is_done() => self.done.push(row),
            Standing::Active => self.in_hand.push(InHand { task: row, lease: lease_of(look, task) }),
            Standing::Ready => {
                let critical = self.longest.contains(&task.key.as_str());
                let days = task.facts.estimate_days();
                self.ready.push(Next { task: row, role: agent_role(task), days, critical });
            }
            Standing::Blocked => {
                let blockers = rows.blockers(task);
                let blockers = blockers.iter().map(|blocker| blocker_in_words(look, blocker)).collect();
                self.waiting.push(Waiting { task: row, blockers });
            }
            _ => self.unproven.push(row),
        }
    }
}

/// The role of an agent that the document names for a task.
pub(super) fn agent_role(task: &Task) -> Option<&str> {
    let named = task.facts.owners().find(|owner| owner.role == model::draft::OwnerRole::Agent);
    named.map(|owner| owner.name.as_str())
}

impl Answer for Handover<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let plan = &self.verdict.plan;
        page.title(format!("Handoff of {}", plan.title));
        page.facts(vec![("verdict", self.verdict.cell())]);
        page.bar(self.progress.bar());
        if let Some(reason) = self.halted {
            page.facts(vec![("halted", Tone::Bad.cell(reason))]);
        }
        plan.warn(&mut page);
        page.heading("What can begin");
        self.ready(&mut page);
        self.in_hand(&mut page);
        self.unproven(&mut page);
        self.waiting(&mut page);
        self.done(&mut page);
        if !self.handoffs.is_empty() {
            page.heading("Handed on");
            page.outline(self.handoffs.iter().map(|line| (0, Cell::from(line.as_str()))).collect());
        }
        self.length(&mut page);
        if !self.gates.is_empty() {
            page.heading("What decides that it is over");
            gates::table(&mut page, &self.gates);
        }
        if !self.metrics.is_empty() {
            page.heading("Metrics");
            page.table(metrics(&self.metrics));
        }
        if !self.escalations.is_empty() {
            page.heading("Open escalations");
            entries::show_escalations(&mut page, &self.escalations);
        }
        if !self.risks.is_empty() {
            page.heading("Risks that are not closed");
            risks::show(&mut page, &self.risks);
        }
        self.journal.show(&mut page, plan);
        page
    }
}

impl Handover<'_> {
    fn length(&self, page: &mut Page) {
        if self.longest.is_empty() && self.days_left.is_some() {
            return;
        }
        page.heading("How long it takes");
        let days = self.days_left.filter(|days| *days > 0.0 || self.unestimated.is_empty());
        let mut facts = vec![
            ("working days left", Cell::from(days.map_or_else(|| "n/a".to_owned(), |days| days.to_string()))),
            ("longest chain", Cell::from(self.longest.join(" → "))),
        ];
        if !self.unestimated.is_empty() {
            facts.push(("not estimated", Tone::Warn.cell(self.unestimated.join(", "))));
        }
        page.facts(facts);
    }

    fn ready(&self, page: &mut Page) {
        if self.ready.is_empty() {
            page.paragraph("nothing is ready");
        }
        let mut table = Table::new([
            Column::whole("Task"),
            Column::text("Title"),
            Column::text("Role"),
            Column::text("Owner"),
            Column::number("Days"),
            Column::whole("Critical"),
        ]);
        for next in self.ready.iter().take(SHOWN) {
            table.row([
                Tone::Strong.cell(next.task.key),
                Cell::from(next.task.title),
                Cell::from(next.role.unwrap_or_default()),
                Cell::from(next.task.owner.filter(|owner| next.role != Some(*owner)).unwrap_or_default()),
                Cell::from(next.days.map(|days| days.to_string()).unwrap_or_default()),
                if next.critical { Tone::Warn.cell("yes") } else { Cell::default() },
            ]);
        }
        page.table(table.without_empty_columns());
        more(page, self.ready.len());
    }

    fn in_hand(&self, page: &mut Page) {
        if self.in_hand.is_empty() {
            return;
        }
        page.heading("In hand");
        let mut table = Table::new([
            Column::whole("Task"),
            Column::text("Title"),
            Column::text("Holder"),
            Column::whole("Until"),
            Column::text("Writes"),
        ]);
        for row in self.in_hand.iter().take(SHOWN) {
            let lease = row.lease.as_ref();
            let until = lease.map_or_else(Cell::default, |lease| {
                let tone = if lease.live { Tone::Plain } else { Tone::Bad };
                tone.cell(moment(lease.until))
            });
            table.row([
                Tone::Strong.cell(row.task.key),
                Cell::from(row.task.title),
                Cell::from(lease.map_or_else(
                    || row.task.owner.unwrap_or_default().to_owned(),
                    |lease| lease.holder.plain(),
                )),
                until,
                Cell::from(lease.map(|lease| lease.paths.join(", ")).unwrap_or_default()),
            ]);
        }
        page.table(table.without_empty_columns());
        more(page, self.in_hand.len());
    }

    fn unproven(&self, page: &mut Page) {
        if self.unproven.is_empty() {
            return;
        }
        page.heading("Claimed, and not proven");
        tasks(page, &self.unproven);
    }

    fn waiting(&self, page: &mut Page) {
        if self.waiting.is_empty() {
            return;
        }
        page.heading("What waits");
        let mut table = Table::new([Column::whole("Task"), Column::text("Title"), Column::text("Why")]);
        for row in self.waiting.iter().take(SHOWN) {
            table.row([
                Tone::Strong.cell(row.task.key),
                Cell::from(row.task.title),
                Tone::Warn.cell(row.blockers.join("; ")),
            ]);
        }
        page.table(table);
        more(page, self.waiting.len());
    }

    fn done(&self, page: &mut Page) {
        if self.done.is_empty() {
            return;
        }
        page.heading("Done, and on what it rests");
        tasks(page, &self.done);
    }
}

fn tasks(page: &mut Page, rows: &[TaskRow<'_>]) {
    let mut table = Table::new([
        Column::whole("Task"),
        Column::text("Title"),
        Column::whole("Standing"),
        Column::text("Evidence"),
    ]);
    for row in rows.iter().take(SHOWN) {
        table.row([Tone::Strong.cell(row.key), Cell::from(row.title), row.standing_cell(), row.evidence()]);
    }
    page.table(table.without_empty_columns());
    more(page, rows.len());
}

fn more(page: &mut Page, all: usize) {
    if let Some(more) = all.checked_sub(SHOWN).filter(|more| *more > 0) {
        page.paragraph(Tone::Faint.cell(format!("and {more} more")));
    }
}
