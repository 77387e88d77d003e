//! The weekly report: what was completed, what is under way, what stands in the way and what comes
//! next, from the plan and its history; every line of the template is filled from what is known.

pub mod compat;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use model::draft::Stated;
use model::event::Event;
use model::ids::TaskId;
use model::plan::Plan;
use model::registers::Metric;
use model::settings::Trust;
use model::standing::{Blocker, Standing, Standings};
use model::task::{Task, TaskState};
use serde::Serialize;

use super::dashboard::EXECUTION_PLAN;
use crate::look::{Head, Look};
use crate::page::{Answer, Page};
use crate::record::Record;
use crate::words::{key_of, percent};

/// How far back a week reaches; its edge belongs to it.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The metrics the template names: name in the plan, words, what follows the number.
const METRICS: [(&str, &str, &str); 5] = [
    ("prsMerged", "PRs merged", ""),
    ("ciPassRate", "CI pass rate", "%"),
    ("coverage", "Test coverage", "%"),
    ("productionIncidents", "Production incidents", ""),
    ("deploymentMinutes", "Mean time to deploy", " minutes"),
];

/// Folds a plan's history into a weekly report.
#[derive(Debug)]
pub struct WeeklyView<'a> {
    look: Look<'a>,
    label: String,
    has_history: bool,
    /// When each task was completed last, as far as history says.
    completed: HashMap<TaskId, Timestamp>,
}

/// A weekly report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weekly<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// `Week 3`.
    pub label: String,
    /// What the plan calls its work: `batch` or `task`.
    #[serde(skip)]
    what: What,
    /// The first that is not done, else the last.
    pub current: Option<&'a str>,
    /// The mean progress of all, in percent, one decimal.
    pub progress: f64,
    /// What was completed in the last seven days by history; all that is done where there is none.
    pub completed: Vec<WeeklyItem<'a>>,
    /// What is under way.
    pub in_progress: Vec<WeeklyItem<'a>>,
    /// What stands in the way of what is not done.
    pub blockers: Vec<WeeklyBlocker<'a>>,
    /// Numbers, first those of the template; nothing where nobody gave one.
    pub metrics: Vec<WeeklyMetric<'a>>,
    /// What can begin next.
    pub goals: Vec<WeeklyGoal<'a>>,
    /// Escalations that are open.
    pub help: Vec<String>,
    /// What went well: completed this week, and targets that readings meet.
    pub wins: Vec<String>,
}

/// A task in the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeeklyItem<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// Its progress in percent; nothing where nobody gave one.
    pub percent: Option<f64>,
    /// How it stands, where a word alone is not enough for the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<&'static str>,
}

/// Something that stands in a task's way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeeklyBlocker<'a> {
    /// Whose way.
    pub name: &'a str,
    /// A key, or an obstacle in words.
    pub by: String,
}

/// A metric in the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeeklyMetric<'a> {
    /// Its name in words.
    pub label: &'a str,
    /// The number.
    pub value: Option<f64>,
    /// What follows the number.
    pub unit: String,
}

/// Something that can begin next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeeklyGoal<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is under way and must end first; empty where it can begin now.
    pub once: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Batch,
    Task,
}

impl<'a> WeeklyView<'a> {
    /// A report on a plan. `has_history`: whether its events will be shown; without them whatever is
    /// done counts as completed.
    pub fn new(look: &Look<'a>, label: &str, has_history: bool) -> Self {
        Self { look: *look, label: label.to_owned(), has_history, completed: HashMap::new() }
    }

    /// Whether an event matters here, judged by its stored text.
    pub fn wants(stored: &[u8]) -> bool {
        let has = |kind: &[u8]| stored.windows(kind.len()).any(|window| window == kind);
        has(b"task_claimed") || has(b"task_verified") || has(b"task_asserted")
    }

    /// Looks at one event; they come in order.
    pub fn see(&mut self, record: &Record<'_>) {
        let task = match record.event {
            Event::TaskClaimed { task, .. } => *task,
            Event::TaskAsserted { task, asserted, .. } if asserted.state == Stated::Claimed => *task,
            // What was claimed before was completed then; being countersigned later is no news.
            Event::TaskVerified { task, .. } if !self.completed.contains_key(task) => *task,
            _ => return,
        };
        self.completed.insert(task, record.at);
    }

    /// The report.
    pub fn answer(self) -> Weekly<'a> {
        let plan = self.look.plan;
        let only_batches = plan.sources.iter().all(|source| source.format == EXECUTION_PLAN);
        let what = if only_batches && !plan.sources.is_empty() { What::Batch } else { What::Task };
        let standings = Standings::new(plan, self.look.now);
        let live: Vec<(&Task, Standing)> = plan
            .tasks
            .iter()
            .filter(|task| !task.is_dropped())
            .map(|task| (task, standings.of(task)))
            .collect();
        let current = live.iter().find(|(task, _)| !is_over(task)).or(live.last());
        let completed: Vec<WeeklyItem<'_>> = live
            .iter()
            .filter(|(task, _)| is_over(task) && self.is_of_this_week(task))
            .map(|(task, standing)| item(plan, task, *standing))
            .collect();
        let active = live.iter().filter(|(task, _)| matches!(task.state, TaskState::Active(_)));
        let mut wins: Vec<String> = completed.iter().map(|item| format!("{} is done", item.name)).collect();
        wins.extend(plan.metrics.iter().filter_map(target_met));
        Weekly {
            plan: self.look.head(),
            label: self.label,
            what,
            current: current.map(|(task, _)| task.title.as_str()),
            progress: overall(&live),
            in_progress: active.map(|(task, standing)| item(plan, task, *standing)).collect(),
            blockers: blockers(plan, &live, &standings),
            metrics: metrics(plan),
            goals: goals(plan, &live, &standings),
            help: plan
                .escalations
                .iter()
                .filter(|escalation| escalation.resolved.is_none())
                .map(|escalation| match &escalation.entry.owner {
                    Some(owner) => format!("{} ({owner})", escalation.entry.text),
                    None => escalation.entry.text.clone(),
                })
                .collect(),
            completed,
            wins,
        }
    }

    fn is_of_this_week(&self, task: &Task) -> bool {
        let Some(at) = self.completed.get(&task.id) else { return !self.has_history };
        *at >= self.look.now - WEEK
    }
}

/// Whether somebody says that it is done, or it was verified.
fn is_over(task: &Task) -> bool {
    matches!(task.state, TaskState::Claimed(_) | TaskState::Verified(_))
}

fn item<'a>(plan: &Plan, task: &'a Task, standing: Standing) -> WeeklyItem<'a> {
    let says_more = plan.settings.trust == Trust::Verified && is_over(task) && standing != Standing::Verified;
    WeeklyItem {
        key: task.key.as_str(),
        name: &task.title,
        owner: task.facts.owner().filter(|owner| !owner.trim().is_empty()),
        percent: progress(task),
        standing: says_more.then_some(standing.as_str()),
    }
}

fn progress(task: &Task) -> Option<f64> {
    let whole = is_over(task).then_some(100.0);
    task.facts.percent().or(whole).or_else(|| (!task.has_begun()).then_some(0.0))
}

/// The mean of all, the done ones whole; what nobody put a number to has come nowhere.
fn overall(live: &[(&Task, Standing)]) -> f64 {
    if live.is_empty() {
        return 0.0;
    }
    let each = live.iter().map(|(task, _)| if is_over(task) { 100.0 } else { progress(task).unwrap_or(0.0) });
    (each.sum::<f64>() * 10.0 / live.len() as f64).round() / 10.0
}

fn blockers<'a>(
    plan: &Plan,
    live: &[(&'a Task, Standing)],
    standings: &Standings<'_>,
) -> Vec<WeeklyBlocker<'a>> {
    let mut found = Vec::new();
    for (task, _) in live.iter().filter(|(task, _)| !is_over(task)) {
        for blocker in standings.blockers(task) {
            let by = match blocker {
                Blocker::Need(need) => key_of(plan, need),
                Blocker::Entrance(phase) => {
                    let key = plan.phase(phase).map(|phase| phase.key.to_string()).unwrap_or_default();
                    format!("the entrance of {key}")
                }
                Blocker::Obstacle(text) | Blocker::Stated(text) => text,
            };
            found.push(WeeklyBlocker { name: &task.title, by });
        }
    }
    found
}

/// First those the template names, then the plan's others.
fn metrics(plan: &Plan) -> Vec<WeeklyMetric<'_>> {
    let value = |metric: &Metric| {
        let latest = metric.last.iter().chain(&metric.claimed).max_by_key(|reading| reading.at);
        latest.map(|reading| reading.value)
    };
    let mut rows: Vec<WeeklyMetric<'_>> = METRICS
        .iter()
        .map(|(name, label, unit)| WeeklyMetric {
            label,
            value: plan.metric(name).and_then(value),
            unit: (*unit).to_owned(),
        })
        .collect();
    let named = |metric: &&Metric| METRICS.iter().all(|(name, ..)| !metric.name.eq_ignore_ascii_case(name));
    rows.extend(plan.metrics.iter().filter(named).map(|metric| WeeklyMetric {
        label: &metric.name,
        value: value(metric),
        unit: match metric.unit.as_deref() {
            None => String::new(),
            Some("%") => "%".to_owned(),
            Some(unit) => format!(" {unit}"),
        },
    }));
    rows
}

/// What can begin now, and what can as soon as that which is under way has ended.
fn goals<'a>(plan: &Plan, live: &[(&'a Task, Standing)], standings: &Standings<'_>) -> Vec<WeeklyGoal<'a>> {
    let is_active = |id: TaskId| plan.task(id).is_some_and(|task| matches!(task.state, TaskState::Active(_)));
    let open = live.iter().filter(|(task, _)| matches!(task.state, TaskState::Open));
    let goal = |(task, standing): &(&'a Task, Standing)| {
        if *standing == Standing::Ready {
            return Some(WeeklyGoal { name: &task.title, once: Vec::new() });
        }
        let waits_for = standings.blockers(task).into_iter().map(|blocker| match blocker {
            Blocker::Need(need) if is_active(need) => Some(key_of(plan, need)),
            _ => None,
        });
        let once = waits_for.collect::<Option<Vec<_>>>()?;
        Some(WeeklyGoal { name: &task.title, once })
    };
    open.filter_map(goal).collect()
}

fn target_met(metric: &Metric) -> Option<String> {
    let (target, last) = (metric.target.as_ref()?, metric.last.as_ref()?);
    target.met_by(last.value).then(|| format!("{} is {}, target {target}", metric.name, last.value))
}

impl Weekly<'_> {
    /// The report as it is pasted: Markdown with one final line end.
    pub fn markdown(&self) -> String {
        let (heading, many) = match self.what {
            What::Batch => ("Current Batch", "batches"),
            What::Task => ("Current Task", "tasks"),
        };
        let mut text = format!("## Weekly Progress Report - {}\n\n", flat(&self.label));
        text.push_str(&format!("### 🎯 {heading}: {}\n\n", flat(self.current.unwrap_or("None"))));
        text.push_str(&format!("**Overall Progress:** {} complete\n", percent(self.progress)));
        let completed = self.completed.iter().map(|item| {
            let standing = item.standing.map(|standing| format!(" - {standing}")).unwrap_or_default();
            format!("- [x] {} ({}){standing}", item.name, shown(item.percent))
        });
        section(&mut text, "✅ Completed This Week", completed, &format!("- [ ] No {many} completed"));
        let in_progress = self.in_progress.iter().map(|item| {
            let owner = item.owner.unwrap_or("Unassigned");
            format!("- [ ] {} - {owner} - {}", item.name, shown(item.percent))
        });
        section(&mut text, "🚧 In Progress", in_progress, &format!("- [ ] No {many} in flight"));
        let blockers =
            self.blockers.iter().map(|blocker| format!("- {} blocked by {}", blocker.name, blocker.by));
        section(&mut text, "⚠️ Blockers", blockers, "- None");
        let metrics = self.metrics.iter().map(|metric| match metric.value {
            Some(value) => format!("- {}: {value}{}", metric.label, metric.unit),
            None => format!("- {}: n/a", metric.label),
        });
        section(&mut text, "📊 Metrics This Week", metrics, "- None");
        let goals = self.goals.iter().map(|goal| match goal.once.join(", ") {
            once if once.is_empty() => format!("- [ ] {}", goal.name),
            once => format!("- [ ] {}, once {once} is done", goal.name),
        });
        section(&mut text, "📅 Next Week Goals", goals, "- [ ] Define goals for next sprint");
        section(&mut text, "🆘 Help Needed", self.help.iter().map(|line| format!("- [ ] {line}")), "- None");
        section(&mut text, "🎉 Wins", self.wins.iter().map(|line| format!("- {line}")), "- None yet");
        for caveat in &self.plan.caveats {
            // That the document's word counts is what the users of that file want to be spared.
            if self.what == What::Task || caveat.code != "trust_document" {
                text.push_str(&format!("\nnote: {}\n", caveat.text));
            }
        }
        text
    }
}

fn section(text: &mut String, heading: &str, lines: impl Iterator<Item = String>, nothing: &str) {
    text.push_str(&format!("\n### {heading}\n"));
    let mut any = false;
    for line in lines {
        any = true;
        text.push_str(&flat(&line));
        text.push('\n');
    }
    if !any {
        text.push_str(nothing);
        text.push('\n');
    }
}

/// One line, whatever somebody put into a name.
fn flat(text: &str) -> String {
    if text.contains(['\n', '\r']) {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    text.to_owned()
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "n/a".to_owned(), percent)
}

impl Answer for Weekly<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.paragraph(self.markdown());
        page
    }
}

#[cfg(test)]
mod tests;
