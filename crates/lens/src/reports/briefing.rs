//! `briefing`: what everybody who works on the plan is told before they begin: each task with its
//! role, needs, files, shared memory and checks, the order, and the commands to call.

use model::standing::Standing;
use serde::Serialize;

use super::handoff::agent_role;
use super::{JournalHead, Report, Views, Written};
use crate::checks;
use crate::look::{Head, Look};
use crate::page::{Answer, Block, Cell, Page, Tone};
use crate::tasks::Rows;
use crate::views::brief::memory_keys;
use crate::views::gates::{self, GateRow};
use crate::words::key_of;

/// The report.
pub struct Briefing;

impl Report for Briefing {
    fn name(&self) -> &'static str {
        "briefing"
    }

    fn about(&self) -> &'static str {
        "what every agent is told: tasks by role, needs, files, checks, commands to call"
    }

    fn write<'a>(&self, views: &Views<'a>) -> Box<dyn Written + 'a> {
        Box::new(briefing(views))
    }
}

/// What everybody who works on the plan is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefingReport<'a> {
    /// The report's name.
    pub report: &'static str,
    /// Where the journal stood.
    pub journal: JournalHead,
    /// The plan.
    pub plan: Head<'a>,
    /// Why nothing new begins, where the plan was halted.
    pub halted: Option<&'a str>,
    /// Tasks that are not done, by role in the order of the plan; last those for any role.
    pub roles: Vec<RoleSection<'a>>,
    /// What must come before what: `7.3 → 7.4`.
    pub order: Vec<String>,
    /// Gates and success criteria.
    pub gates: Vec<GateRow>,
    /// The commands every agent calls, with a task's key in the place of `KEY`.
    pub commands: Vec<&'static str>,
}

/// The tasks of a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoleSection<'a> {
    /// The role; nothing for tasks that any role may take.
    pub role: Option<&'a str>,
    /// Its tasks.
    pub tasks: Vec<BriefedTask<'a>>,
}

/// What is told of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefedTask<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How it stands.
    pub standing: &'static str,
    /// The estimate in working days.
    pub days: Option<f64>,
    /// Keys of what must be done first.
    pub needs: Vec<String>,
    /// Keys of those that it still waits for.
    pub waits_for: Vec<String>,
    /// What it writes.
    pub paths: Vec<&'a str>,
    /// Its keys in the shared memory.
    pub memory: Vec<String>,
    /// Each criterion, and how it will be found out; nothing where nothing would prove it.
    pub criteria: Vec<(String, Option<String>)>,
}

/// What every agent calls, in this order.
const COMMANDS: [&str; 8] = [
    "countersign hooks session-restore --session-id SESSION",
    "countersign hooks pre-task --description TEXT --task-id KEY",
    "countersign brief KEY",
    "countersign hooks post-edit --file FILE --memory-key MEMORY",
    "countersign hooks notify --message TEXT",
    "countersign hooks post-task --task-id KEY",
    "countersign wait KEY --until verified",
    "countersign hooks session-end --export-metrics FILE",
];

/// What everybody who works on the plan is told.
pub fn briefing<'a>(views: &Views<'a>) -> BriefingReport<'a> {
    let look = &views.look;
    let plan = look.plan;
    let rows = Rows::new(look);
    let mut roles: Vec<RoleSection<'a>> = Vec::new();
    let mut any = RoleSection { role: None, tasks: Vec::new() };
    let mut order = Vec::new();
    for task in &plan.tasks {
        let standing = rows.standing(task);
        if standing.is_done() || standing == Standing::Dropped {
            continue;
        }
        let needs: Vec<String> = task.needs.iter().map(|need| key_of(plan, *need)).collect();
        if !needs.is_empty() {
            order.push(format!("{} → {}", needs.join(", "), task.key));
        }
        let told = BriefedTask {
            key: task.key.as_str(),
            title: &task.title,
            standing: standing.as_str(),
            days: task.facts.estimate_days(),
            needs,
            waits_for: plan.unmet_needs(task, look.now).iter().map(|need| key_of(plan, *need)).collect(),
            paths: paths(task),
            memory: memory_keys(plan, task),
            criteria: criteria(look, task),
        };
        let Some(role) = agent_role(task) else {
            any.tasks.push(told);
            continue;
        };
        match roles.iter_mut().find(|section| section.role == Some(role)) {
            Some(section) => section.tasks.push(told),
            None => roles.push(RoleSection { role: Some(role), tasks: vec![told] }),
        }
    }
    roles.extend(Some(any).filter(|any| !any.tasks.is_empty()));
    BriefingReport {
        report: "briefing",
        journal: views.journal(),
        plan: look.head(),
        halted: plan.halted.as_ref().map(|halt| halt.reason.as_str()),
        roles,
        order,
        gates: gates::rows(look),
        commands: COMMANDS.to_vec(),
    }
}

fn paths(task: &model::task::Task) -> Vec<&str> {
    match task.effort.as_deref() {
        Some(effort) if !effort.reserved.is_empty() => effort.reserved.iter().map(String::as_str).collect(),
        _ => task.facts.paths().collect(),
    }
}

fn criteria(look: &Look<'_>, task: &model::task::Task) -> Vec<(String, Option<String>)> {
    let rows = checks::rows(look, model::gate::Subject::Task(task.id), &task.gate);
    let proven = rows.into_iter().map(|row| {
        let text = if row.criterion.is_empty() { row.name } else { row.criterion };
        (text.to_owned(), Some(row.demands))
    });
    let stated = task.gate.stated.iter().filter(|stated| stated.removed.is_none());
    proven.chain(stated.map(|stated| (stated.text.clone(), None))).collect()
}

impl Answer for BriefingReport<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.title(format!("Briefing for {}", self.plan.title));
        if let Some(reason) = self.halted {
            page.facts(vec![("halted", Tone::Bad.cell(reason))]);
        }
        self.plan.warn(&mut page);
        page.paragraph(
            "Nothing counts as done because somebody says so: each task is handed in, and its checks decide.",
        );
        if self.roles.is_empty() {
            page.paragraph("nothing is left to do");
        }
        for section in &self.roles {
            page.heading(section.role.map_or("Any role".to_owned(), |role| format!("Role {role}")));
            page.outline(section.tasks.iter().flat_map(BriefedTask::lines).collect());
        }
        if !self.order.is_empty() {
            page.heading("What must come first");
            page.outline(self.order.iter().map(|line| (0, Cell::from(line.as_str()))).collect());
        }
        if !self.gates.is_empty() {
            page.heading("What decides that it is over");
            gates::table(&mut page, &self.gates);
        }
        page.heading("Commands to call");
        page.blocks.push(Block::Pre(self.commands.join("\n")));
        self.journal.show(&mut page, &self.plan);
        page
    }
}

impl BriefedTask<'_> {
    fn lines(&self) -> Vec<(u16, Cell)> {
        let days = self.days.map(|days| format!(", {days} working days")).unwrap_or_default();
        let mut lines =
            vec![(0, Tone::Strong.cell(format!("{} {}: {}{days}", self.key, self.title, self.standing)))];
        let mut say = |name: &str, things: &[String]| {
            if !things.is_empty() {
                lines.push((1, Cell::from(format!("{name} {}", things.join(", ")))));
            }
        };
        say("waits for", &self.waits_for);
        say("writes", &self.paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>());
        say("memory", &self.memory.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>());
        for (text, demands) in &self.criteria {
            lines.push((
                1,
                match demands {
                    Some(demands) => Cell::from(format!("checked: {text} ({demands})")),
                    None => Tone::Warn.cell(format!("nothing would prove: {text}")),
                },
            ));
        }
        lines
    }
}
