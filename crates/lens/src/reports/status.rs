//! `status`: what a morning's message says: what changed since yesterday, what is at risk, and who
//! owes what. Each line follows from the journal; nobody has to remember it.

use std::collections::BTreeMap;

use model::check::Probe;
use model::gate::{CheckStanding, Subject};
use model::standing::Standing;
use model::task::Task;
use model::waiver::WaiverState;
use serde::Serialize;

use super::{JournalHead, Report, Views, Written};
use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::progress::Progress;
use crate::tasks::Rows;
use crate::views::changes::{Changes, ChangesView, Grouping, Mark};
use crate::views::entries::{self, EscalationRow, escalations};
use crate::views::risks::{self, RiskRow, risks};
use crate::views::verdict::{Verdict, verdict};
use crate::views::waivers::{self, WaiverRow, waivers};
use crate::words::{count, day, moment};

/// What is due, or lapses, within so many days is at risk.
const SOON_DAYS: i64 = 3;

/// How many rows of a list the page shows before it says how many more there are.
const SHOWN: usize = 40;

/// The report.
pub struct Status;

impl Report for Status {
    fn name(&self) -> &'static str {
        "status"
    }

    fn about(&self) -> &'static str {
        "what changed since yesterday, what is at risk, who owes what"
    }

    fn write<'a>(&self, views: &Views<'a>) -> Box<dyn Written + 'a> {
        Box::new(status(views))
    }
}

/// What a morning's message says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusReport<'a> {
    /// The report's name.
    pub report: &'static str,
    /// Where the journal stood: ties every number here to it.
    pub journal: JournalHead,
    /// The verdict, and why.
    pub verdict: Verdict<'a>,
    /// How far the tasks have come.
    pub progress: Progress,
    /// What changed.
    pub changes: Changes<'a>,
    /// Tasks that are late, due within three days, or that evidence speaks against.
    pub at_risk: Vec<AtRisk<'a>>,
    /// Waivers in force that lapse within three days.
    pub waivers: Vec<WaiverRow>,
    /// Escalations that are open.
    pub escalations: Vec<EscalationRow<'a>>,
    /// Risks that are not closed.
    pub risks: Vec<RiskRow<'a>>,
    /// Who owes what, by name; last what nobody is named for.
    pub owed: Vec<Owed>,
}

/// A task at risk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtRisk<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// Why it is at risk.
    pub why: String,
}

/// What somebody owes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Owed {
    /// Who; a role where a plan names no person, nothing where it names nobody.
    pub who: Option<String>,
    /// What.
    pub what: Vec<Debt>,
}

/// Something that somebody owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// Key of the task, or the name of the gate.
    pub about: String,
    /// What about it: `late since 2031-05-02`, `approval`.
    pub what: String,
}

/// What a morning's message says.
pub fn status<'a>(views: &Views<'a>) -> StatusReport<'a> {
    let look = &views.look;
    let mut view = ChangesView::new(look, views.since, Grouping::Task);
    views.records.visit(&mut |record| view.see(record));
    let mut report = StatusReport {
        report: "status",
        journal: views.journal(),
        verdict: verdict(look),
        progress: Progress::default(),
        changes: view.answer(),
        at_risk: Vec::new(),
        waivers: waivers(look)
            .waivers
            .into_iter()
            .filter(|waiver| waiver.state == WaiverState::Approved && waiver.days_left <= SOON_DAYS)
            .collect(),
        escalations: escalations(look).escalations.into_iter().filter(|row| row.outcome.is_none()).collect(),
        risks: risks(look).risks.into_iter().filter(|risk| !risk.is_closed()).collect(),
        owed: Vec::new(),
    };
    let mut owed: BTreeMap<Option<String>, Vec<Debt>> = BTreeMap::new();
    let rows = Rows::new(look);
    for task in &look.plan.tasks {
        let standing = rows.standing(task);
        report.progress.count(task, standing);
        let owner = task.facts.owner();
        let owes = debts(look, &rows, task, standing);
        let risky = owes.iter().filter(|(_, at_risk)| *at_risk).map(|(what, _)| what.as_str());
        let why = risky.collect::<Vec<_>>().join("; ");
        if !why.is_empty() {
            report.at_risk.push(AtRisk { key: task.key.as_str(), title: &task.title, owner, why });
        }
        if !owes.is_empty() {
            let what = owes.into_iter().map(|(what, _)| what).collect::<Vec<_>>().join("; ");
            let debt = Debt { about: task.key.to_string(), what };
            owed.entry(owner.map(str::to_owned)).or_default().push(debt);
        }
    }
    for (role, debt) in approvals(look, &rows) {
        owed.entry(Some(role)).or_default().push(debt);
    }
    let nobody = owed.remove(&None);
    report.owed = owed.into_iter().map(|(who, what)| Owed { who, what }).collect();
    report.owed.extend(nobody.map(|what| Owed { who: None, what }));
    report
}

/// What a task's owner owes for it, and whether that puts it at risk.
fn debts(look: &Look<'_>, rows: &Rows<'_>, task: &Task, standing: Standing) -> Vec<(String, bool)> {
    if standing.is_done() || standing == Standing::Dropped {
        return Vec::new();
    }
    let mut owes = Vec::new();
    if let Some(due) = task.facts.due() {
        let left = due.at.map(|at| i64::from(day(look.now).until(day(at)).map_or(0, |span| span.get_days())));
        match left {
            _ if rows.is_late(task, standing) => owes.push((format!("late, was due {}", due.text), true)),
            Some(0) => owes.push(("due today".to_owned(), true)),
            Some(left) if left <= SOON_DAYS => owes.push((format!("due in {}", count(left, "day")), true)),
            _ => {}
        }
    }
    match standing {
        Standing::Refuted => owes.push(("claimed, and evidence says otherwise".to_owned(), true)),
        Standing::Lapsed => owes.push(("was verified, and that no longer holds".to_owned(), true)),
        Standing::Unproven => owes.push(("claimed, its checks have not passed".to_owned(), false)),
        Standing::Active => owes.push(("in hand".to_owned(), false)),
        _ => {}
    }
    let obstacles = task.obstacles.iter().map(|obstacle| (format!("obstacle: {}", obstacle.reason), true));
    owes.extend(obstacles);
    owes
}

/// Approvals that are missing where everything else is there, or has been claimed: by role.
fn approvals(look: &Look<'_>, rows: &Rows<'_>) -> Vec<(String, Debt)> {
    let plan = look.plan;
    let mut owed = Vec::new();
    for (subject, check) in plan.checks() {
        let Probe::Approval { role, .. } = &check.spec.probe else { continue };
        let its_turn = match subject {
            Subject::Task(id) => plan.task(id).is_some_and(|task| {
                matches!(rows.standing(task), Standing::Unproven | Standing::Refuted | Standing::Active)
            }),
            _ => true,
        };
        let pending = plan.check_standing(check.id, look.now);
        if its_turn && matches!(pending, Some(CheckStanding::Pending { .. })) {
            let about = plan.subject_name(subject);
            owed.push((role.clone(), Debt { about, what: "approval".to_owned() }));
        }
    }
    owed
}

impl Answer for StatusReport<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let plan = &self.verdict.plan;
        page.title(format!("Status of {}, {}", plan.title, day(plan.now)));
        page.facts(vec![("verdict", self.verdict.cell())]);
        page.bar(self.progress.bar());
        let besides = self.progress.besides();
        if !besides.is_empty() {
            page.facts(vec![("of these", Cell::from(besides))]);
        }
        plan.warn(&mut page);
        page.heading(match self.changes.since {
            Mark::Seq(seq) => format!("What changed since event {seq}"),
            Mark::At(at) => format!("What changed since {}", moment(at)),
        });
        self.changes.show_net(&mut page, SHOWN);
        page.heading("At risk");
        self.risky(&mut page);
        page.heading("Who owes what");
        let mut owed = Table::new([Column::text("Who"), Column::whole("About"), Column::text("What")]);
        for row in &self.owed {
            for (place, debt) in row.what.iter().take(SHOWN).enumerate() {
                let who = row.who.as_deref().unwrap_or("nobody is named");
                owed.row([
                    if place == 0 { Tone::Strong.cell(who) } else { Cell::default() },
                    Cell::from(debt.about.as_str()),
                    Cell::from(debt.what.as_str()),
                ]);
            }
            if let Some(more) = row.what.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                owed.row([Cell::default(), Cell::default(), Tone::Faint.cell(format!("and {more} more"))]);
            }
        }
        if owed.is_empty() {
            page.paragraph("nothing is in hand, due or waiting for somebody's approval");
        }
        page.table(owed);
        self.journal.show(&mut page, plan);
        page
    }
}

impl StatusReport<'_> {
    fn risky(&self, page: &mut Page) {
        let mut table = Table::new([
            Column::whole("Task"),
            Column::text("Title"),
            Column::text("Owner"),
            Column::text("Why"),
        ]);
        for row in self.at_risk.iter().take(SHOWN) {
            table.row([
                Tone::Strong.cell(row.key),
                Cell::from(row.title),
                Cell::from(row.owner.unwrap_or_default()),
                Tone::Bad.cell(row.why.as_str()),
            ]);
        }
        let nothing = table.is_empty()
            && self.waivers.is_empty()
            && self.escalations.is_empty()
            && self.risks.is_empty();
        if nothing {
            page.paragraph("nothing that the plan knows of");
        }
        page.table(table.without_empty_columns());
        if let Some(more) = self.at_risk.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            page.paragraph(Tone::Faint.cell(format!("and {more} more")));
        }
        if !self.waivers.is_empty() {
            page.paragraph(Tone::Warn.cell("waivers that lapse soon:"));
            waivers::table(page, &self.waivers);
        }
        if !self.escalations.is_empty() {
            page.paragraph("open escalations:");
            entries::show_escalations(page, &self.escalations);
        }
        if !self.risks.is_empty() {
            page.paragraph("risks that are not closed:");
            risks::show(page, &self.risks);
        }
    }
}
