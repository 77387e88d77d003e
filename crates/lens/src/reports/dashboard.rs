//! `dashboard`: the plan at a glance, for a wall or a morning: how far it has come, what could be
//! begun, what waits and why, which gates are shut, what is due, what is excused.

use std::collections::HashMap;

use model::ids::PhaseId;
use model::standing::Standing;
use model::waiver::WaiverState;
use serde::Serialize;

use super::{JournalHead, Report, Views, Written};
use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::progress::Progress;
use crate::tasks::{Rows, TaskRow};
use crate::views::due::{self, DueList};
use crate::views::entries::{self, EscalationRow, escalations};
use crate::views::gates::{self, GateRow};
use crate::views::readiness::{Readiness, readiness};
use crate::views::ready::{Ready, ready};
use crate::views::risks::{self, RiskRow, risks};
use crate::views::verdict::{Verdict, blocker_in_words, verdict};
use crate::views::waivers::{self, WaiverRow, waivers};
use crate::words::percent;

/// How many rows of a list the page shows before it says how many more there are.
const SHOWN: usize = 15;

/// What is due within so many days is due soon.
const SOON_DAYS: u32 = 7;

/// The report.
pub struct Dashboard;

impl Report for Dashboard {
    fn name(&self) -> &'static str {
        "dashboard"
    }

    fn about(&self) -> &'static str {
        "the plan at a glance: progress, what is ready, what waits and why, gates, dates, risks"
    }

    fn write<'a>(&self, views: &Views<'a>) -> Box<dyn Written + 'a> {
        Box::new(dashboard(views))
    }
}

/// The plan at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DashboardReport<'a> {
    /// The report's name.
    pub report: &'static str,
    /// Where the journal stood: ties every number here to it.
    pub journal: JournalHead,
    /// The verdict, and why.
    pub verdict: Verdict<'a>,
    /// How far the tasks have come.
    pub progress: Progress,
    /// The share of tracked tasks that are ready.
    pub readiness: Readiness<'a>,
    /// The phases in order; last, without a key, the tasks that are in none.
    pub phases: Vec<PhaseLine<'a>>,
    /// Claimed or once verified, and evidence speaks against it.
    pub refuted: Vec<TaskRow<'a>>,
    /// Being worked on.
    pub active: Vec<TaskRow<'a>>,
    /// Could be begun.
    pub ready: Ready<'a>,
    /// Could not, and why.
    pub blocked: Vec<BlockedRow<'a>>,
    /// Gates beside the tasks' own.
    pub gates: Vec<GateRow>,
    /// Late, or due within seven days.
    pub due: DueList<'a>,
    /// Waivers that are asked for or in force.
    pub waivers: Vec<WaiverRow>,
    /// How many waivers have lapsed.
    pub lapsed_waivers: usize,
    /// Escalations that are open.
    pub escalations: Vec<EscalationRow<'a>>,
    /// Risks that are not closed.
    pub risks: Vec<RiskRow<'a>>,
}

/// A phase in one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseLine<'a> {
    /// Its key; nothing for the tasks that are in no phase.
    pub key: Option<&'a str>,
    /// Its title.
    pub title: &'a str,
    /// Its window, verbatim.
    pub window: Option<&'a str>,
    /// How far its tasks have come.
    pub progress: Progress,
}

/// A task that cannot be begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlockedRow<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// What stands in its way, in words.
    pub why: Vec<String>,
}

/// The plan at a glance.
pub fn dashboard<'a>(views: &Views<'a>) -> DashboardReport<'a> {
    let look = &views.look;
    let waivers = waivers(look).waivers;
    let lapsed = waivers.iter().filter(|waiver| waiver.state == WaiverState::Lapsed).count();
    let mut report = DashboardReport {
        report: "dashboard",
        journal: views.journal(),
        verdict: verdict(look),
        progress: Progress::default(),
        readiness: readiness(look),
        phases: Vec::new(),
        refuted: Vec::new(),
        active: Vec::new(),
        ready: ready(look, None),
        blocked: Vec::new(),
        gates: gates::rows(look),
        due: due::due(look, due::Filter { within_days: Some(SOON_DAYS), done: false }),
        waivers: waivers
            .into_iter()
            .filter(|waiver| matches!(waiver.state, WaiverState::Requested | WaiverState::Approved))
            .collect(),
        lapsed_waivers: lapsed,
        escalations: escalations(look).escalations.into_iter().filter(|row| row.outcome.is_none()).collect(),
        risks: risks(look).risks.into_iter().filter(|risk| !risk.is_closed()).collect(),
    };
    report.sort_tasks(look);
    report
}

impl<'a> DashboardReport<'a> {
    /// Puts each task on the list it belongs to, and counts it.
    fn sort_tasks(&mut self, look: &Look<'a>) {
        let plan = look.plan;
        let line = |key, title, window| PhaseLine { key, title, window, progress: Progress::default() };
        let places: HashMap<PhaseId, usize> =
            plan.phases.iter().enumerate().map(|(place, phase)| (phase.id, place)).collect();
        let phases = plan.phases.iter();
        self.phases = phases
            .map(|phase| line(Some(phase.key.as_str()), phase.title.as_str(), phase.window.as_deref()))
            .collect();
        let mut rest = line(None, "", None);
        let rows = Rows::new(look);
        for task in &plan.tasks {
            let standing = rows.standing(task);
            let place = task.phase.and_then(|phase| places.get(&phase));
            self.progress.count(task, standing);
            place.map_or(&mut rest, |place| &mut self.phases[*place]).progress.count(task, standing);
            match standing {
                Standing::Refuted | Standing::Lapsed => self.refuted.push(rows.row_with(task, standing)),
                Standing::Active => self.active.push(rows.row_with(task, standing)),
                Standing::Blocked => self.blocked.push(BlockedRow {
                    task: rows.row_with(task, standing),
                    why: rows.blockers(task).iter().map(|blocker| blocker_in_words(look, blocker)).collect(),
                }),
                _ => {}
            }
        }
        if rest.progress != Progress::default() {
            self.phases.push(rest);
        }
    }
}

impl Answer for DashboardReport<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let plan = &self.verdict.plan;
        page.title(format!("Dashboard of {}", plan.title));
        page.facts(vec![("verdict", self.verdict.cell())]);
        page.bar(self.progress.bar());
        let mut facts = Vec::new();
        let besides = self.progress.besides();
        if !besides.is_empty() {
            facts.push(("of these", Cell::from(besides)));
        }
        facts.push(("readiness", Cell::from(self.readiness.text())));
        if let Some(claimed) = self.readiness.claimed {
            facts.push((
                "readiness claimed",
                Tone::Warn.cell(format!("{claimed} in the document, unverified")),
            ));
        }
        page.facts(facts);
        self.verdict.warn_unauthenticated(&mut page);
        plan.warn(&mut page);
        self.phases(&mut page);
        self.tasks(&mut page);
        self.around(&mut page);
        self.journal.show(&mut page, plan);
        page
    }
}

impl DashboardReport<'_> {
    fn phases(&self, page: &mut Page) {
        if self.phases.len() < 2 {
            return;
        }
        page.heading("Phases");
        let mut table = Table::new([
            Column::whole("Phase"),
            Column::text("Title"),
            Column::text("Window"),
            Column::number("Tasks"),
            Column::number("Verified"),
            Column::number("Claimed"),
            Column::number("Open"),
            Column::number("Verified, share"),
        ]);
        for line in &self.phases {
            let Progress { of, verified, claimed, open, percent: shares, .. } = line.progress;
            let share = shares.map_or_else(|| "n/a".to_owned(), |shares| percent(shares.verified));
            table.row([
                Tone::Strong.cell(line.key.unwrap_or("in no phase")),
                Cell::from(line.title),
                Cell::from(line.window.unwrap_or_default()),
                Cell::from(of.to_string()),
                Cell::from(verified.to_string()),
                Cell::from(claimed.to_string()),
                Cell::from(open.to_string()),
                Cell::from(share),
            ]);
        }
        page.table(table.without_empty_columns());
    }

    fn tasks(&self, page: &mut Page) {
        if !self.refuted.is_empty() {
            page.heading("Evidence speaks against");
            list(page, &self.refuted);
        }
        page.heading("Ready next");
        if self.ready.tasks.is_empty() {
            page.paragraph("nothing is ready");
        }
        let mut table = Table::new([
            Column::whole("Task"),
            Column::text("Title"),
            Column::text("Owner"),
            Column::whole("Priority"),
            Column::text("Due"),
            Column::number("Needed by"),
        ]);
        for row in self.ready.tasks.iter().take(SHOWN) {
            let needed = if row.needed_by > 0 { row.needed_by.to_string() } else { String::new() };
            table.row([
                Tone::Strong.cell(row.key),
                Cell::from(row.title),
                Cell::from(row.owner.unwrap_or_default()),
                Cell::from(row.priority.unwrap_or_default()),
                Cell::from(row.due.unwrap_or_default()),
                Cell::from(needed),
            ]);
        }
        page.table(table.without_empty_columns());
        more(page, self.ready.total);
        if !self.active.is_empty() {
            page.heading("Being worked on");
            list(page, &self.active);
        }
        if !self.blocked.is_empty() {
            page.heading("Waiting");
            let mut table = Table::new([
                Column::whole("Task"),
                Column::text("Title"),
                Column::text("Owner"),
                Column::text("Why"),
            ]);
            for row in self.blocked.iter().take(SHOWN) {
                table.row([
                    Tone::Strong.cell(row.task.key),
                    Cell::from(row.task.title),
                    Cell::from(row.task.owner.unwrap_or_default()),
                    Cell::from(row.why.join("; ")),
                ]);
            }
            page.table(table.without_empty_columns());
            more(page, self.blocked.len());
        }
    }

    fn around(&self, page: &mut Page) {
        if !self.gates.is_empty() {
            page.heading("Gates");
            gates::table(page, &self.gates);
        }
        if !self.due.tasks.is_empty() {
            page.heading("Late, or due within a week");
            due::show(page, &self.due.tasks[..self.due.tasks.len().min(SHOWN)]);
            more(page, self.due.tasks.len());
        }
        if !self.waivers.is_empty() || self.lapsed_waivers > 0 {
            page.heading("Waivers");
            waivers::table(page, &self.waivers);
            if self.lapsed_waivers > 0 {
                page.paragraph(Tone::Faint.cell(format!("{} lapsed", self.lapsed_waivers)));
            }
        }
        if !self.escalations.is_empty() {
            page.heading("Open escalations");
            entries::show_escalations(page, &self.escalations);
        }
        if !self.risks.is_empty() {
            page.heading("Risks that are not closed");
            risks::show(page, &self.risks);
        }
    }
}

fn list(page: &mut Page, tasks: &[TaskRow<'_>]) {
    let mut table = Table::new([
        Column::whole("Task"),
        Column::text("Title"),
        Column::text("Owner"),
        Column::whole("Status"),
        Column::text("Evidence"),
    ]);
    for row in tasks.iter().take(SHOWN) {
        table.row([
            Tone::Strong.cell(row.key),
            Cell::from(row.title),
            Cell::from(row.owner.unwrap_or_default()),
            row.standing_cell(),
            row.evidence(),
        ]);
    }
    page.table(table.without_empty_columns());
    more(page, tasks.len());
}

/// Says how many more there are than the page shows.
fn more(page: &mut Page, of: usize) {
    if let Some(more) = of.checked_sub(SHOWN).filter(|more| *more > 0) {
        page.paragraph(Tone::Faint.cell(format!("and {more} more")));
    }
}
