//! The dashboard: a Markdown table to paste. For `execution-plan.json` it is, byte for byte, what
//! the users of that file have always had; for other plans a table of the same kind in which
//! claimed and verified are different things.

use model::draft::{Draft, DraftTask, Stated};
use model::plan::Plan;
use model::standing::{Standing, Standings};
use model::task::{Task, TaskState};
use serde::Serialize;

use crate::look::Look;
use crate::page::{Answer, Block, Cell, Column, Page, Table};
use crate::render::markdown;
use crate::words::{key_of, percent};

/// The format whose users live by the file.
pub const EXECUTION_PLAN: &str = "execution-plan";

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dashboard<'a> {
    /// In document order.
    pub rows: Vec<DashboardRow<'a>>,
    /// What the first column is called: `Batch` or `Task`.
    pub what: &'static str,
    /// Whether the owners are shown.
    #[serde(skip)]
    pub with_owner: bool,
}

/// One line of a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DashboardRow<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Verbatim.
    pub priority: Option<&'a str>,
    /// Icon and word: `🟡 In Progress`.
    pub status: &'static str,
    /// `35%`.
    pub progress: String,
    /// Verbatim.
    pub target_date: Option<&'a str>,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// What it waits for: keys, and obstacles in words.
    pub blockers: Vec<String>,
}

/// The dashboard of an adopted plan.
pub fn dashboard<'a>(look: &Look<'a>, with_owner: bool) -> Dashboard<'a> {
    let plan = look.plan;
    let tasks = plan.tasks.iter().filter(|task| !task.is_dropped());
    let standings = Standings::new(plan, look.now);
    if plan.sources.iter().all(|source| source.format == EXECUTION_PLAN) && !plan.sources.is_empty() {
        let rows = tasks.map(|task| batch(plan, task)).collect();
        Dashboard { rows, what: "Batch", with_owner }
    } else {
        Dashboard {
            rows: tasks.map(|task| row(plan, task, standings.of(task))).collect(),
            what: "Task",
            with_owner,
        }
    }
}

/// The dashboard of an `execution-plan.json` that nobody has adopted.
pub fn dashboard_of_draft<'a>(draft: &'a Draft, with_owner: bool) -> Dashboard<'a> {
    let row = |task: &'a DraftTask| {
        let needs = task.needs.iter().map(ToString::to_string);
        let stated = task.blockers.iter().filter(|text| task.needs.iter().all(|need| need.as_str() != *text));
        DashboardRow {
            key: task.key.as_str(),
            name: &task.title,
            priority: task.priority.as_deref(),
            status: label(task.status.as_ref().map(|status| status.word.as_str()), drafted(task)),
            progress: percent(task.percent.unwrap_or(0.0)),
            target_date: task.due.as_ref().map(|due| due.text.as_str()).or(task.window.as_deref()),
            owner: task.owners.first().map(|owner| owner.name.as_str()),
            blockers: needs.chain(stated.cloned()).collect(),
        }
    };
    Dashboard { rows: draft.tasks.iter().map(row).collect(), what: "Batch", with_owner }
}

fn drafted(task: &DraftTask) -> Stated {
    task.status.as_ref().map_or(Stated::Open, |status| status.state)
}

fn batch<'a>(plan: &'a Plan, task: &'a Task) -> DashboardRow<'a> {
    let state = match &task.state {
        TaskState::Open => Stated::Open,
        TaskState::Active(_) => Stated::Active,
        TaskState::Claimed(_) | TaskState::Verified(_) => Stated::Claimed,
        TaskState::Dropped(_) => Stated::Dropped,
    };
    let word = task.facts.status().map(|status| status.word.as_str());
    let blocked = !task.obstacles.is_empty() && matches!(state, Stated::Open);
    DashboardRow {
        status: if blocked { BLOCKED } else { label(word, state) },
        ..bare(plan, task, percent(task.facts.percent().unwrap_or(0.0)))
    }
}

fn row<'a>(plan: &'a Plan, task: &'a Task, standing: Standing) -> DashboardRow<'a> {
    let status = match standing {
        Standing::Verified => "✅ Verified",
        Standing::Waived => "✅ Verified (waived)",
        Standing::Lapsed => "🔴 Lapsed",
        Standing::Refuted => "🔴 Refuted",
        Standing::Unproven => "🔵 Claimed, unproven",
        Standing::ClaimedWithoutEvidence => "🔵 Claimed, no evidence",
        Standing::Active => IN_PROGRESS,
        Standing::Ready => "⚪ Ready",
        Standing::Blocked => BLOCKED,
        Standing::Dropped => "⚫ Dropped",
    };
    let progress = match task.facts.percent() {
        Some(value) => percent(value),
        None if standing.is_done() => percent(100.0),
        None if !task.has_begun() => percent(0.0),
        None => "n/a".to_owned(),
    };
    DashboardRow { status, ..bare(plan, task, progress) }
}

fn bare<'a>(plan: &'a Plan, task: &'a Task, progress: String) -> DashboardRow<'a> {
    let needs: Vec<String> = task.needs.iter().map(|need| key_of(plan, *need)).collect();
    let stated =
        task.facts.blockers().filter(|text| needs.iter().all(|need| need != text)).map(str::to_owned);
    let obstacles = task.obstacles.iter().map(|obstacle| obstacle.reason.clone());
    let others: Vec<String> = stated.chain(obstacles).collect();
    DashboardRow {
        key: task.key.as_str(),
        name: &task.title,
        priority: task.facts.priority(),
        status: NOT_STARTED,
        progress,
        target_date: task.facts.due().map(|due| due.text.as_str()).or_else(|| task.facts.window()),
        owner: task.facts.owner(),
        blockers: needs.into_iter().chain(others).collect(),
    }
}

const DONE: &str = "✅ Done";
const IN_PROGRESS: &str = "🟡 In Progress";
const BLOCKED: &str = "🟥 Blocked";
const QUEUED: &str = "⚪ Queued";
const NOT_STARTED: &str = "🔴 Not Started";

/// The label of a batch: by its own word where that fits its state, else by its state.
fn label(word: Option<&str>, state: Stated) -> &'static str {
    match (state, word) {
        (Stated::Claimed, _) => DONE,
        (Stated::Active, _) => IN_PROGRESS,
        (_, Some("blocked")) => BLOCKED,
        (_, Some("queued")) => QUEUED,
        _ => NOT_STARTED,
    }
}

impl Dashboard<'_> {
    /// The dashboard as it is pasted: Markdown with one final line end.
    pub fn markdown(&self) -> String {
        markdown::table(&self.table())
    }

    fn table(&self) -> Table {
        let owner = self.with_owner.then_some(Column::text("Owner"));
        let mut columns = vec![
            Column::text(self.what),
            Column::whole("Priority"),
            Column::whole("Status"),
            Column::whole("Progress"),
            Column::whole("Target Date"),
        ];
        columns.extend(owner);
        columns.push(Column::text("Blockers"));
        let mut table = Table::new(columns);
        for row in &self.rows {
            let mut cells = vec![
                Cell::from(row.name),
                Cell::from(row.priority.unwrap_or_default()),
                Cell::from(row.status),
                Cell::from(row.progress.as_str()),
                Cell::from(row.target_date.unwrap_or_default()),
            ];
            if self.with_owner {
                let owner = row.owner.filter(|owner| !owner.trim().is_empty());
                cells.push(Cell::from(owner.unwrap_or("Unassigned")));
            }
            let blockers = if row.blockers.is_empty() { "None".to_owned() } else { row.blockers.join(", ") };
            cells.push(Cell::from(blockers));
            table.row(cells);
        }
        table
    }
}

impl Answer for Dashboard<'_> {
    fn page(&self) -> Page {
        Page { blocks: vec![Block::Table(self.table())] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check_text, definition};
    use model::command::Command;
    use model::definition::Definition;
    use model::diagnostic::Span;
    use model::draft::{Due, Owner, OwnerRole, Status, TaskKind};
    use model::ids::Key;

    const BATCHES: &str = "
# Harbour
trust
- quay-1 Piers
  priority P0
  status done
  percent 100
  due Week 1–2
  owner mira
- quay-2 Cranes
  priority P1
  status in-progress
  percent 33.5
  due Week 3
  owner jon
  needs quay-1
- quay-3 Lights | beacons
  priority P1
  status blocked
  percent 0
  due Week 4
  needs quay-2, quay-1
- quay-4 Tolls
  priority P2
  status queued
  percent 0
  due Week 5
  needs quay-3
- quay-5 Ferry
  priority P2
  status not-started
  percent 0
";

    const EXPECTED: &str = "
| Batch | Priority | Status | Progress | Target Date | Blockers |
| --- | --- | --- | --- | --- | --- |
| Piers | P0 | ✅ Done | 100% | Week 1–2 | None |
| Cranes | P1 | 🟡 In Progress | 33.5% | Week 3 | quay-1 |
| Lights \\| beacons | P1 | 🟥 Blocked | 0% | Week 4 | quay-2, quay-1 |
| Tolls | P2 | ⚪ Queued | 0% | Week 5 | quay-3 |
| Ferry | P2 | 🔴 Not Started | 0% |  | None |
";

    fn batches() -> Definition {
        let mut made = definition(BATCHES);
        made.sources[0].format = EXECUTION_PLAN.to_owned();
        made
    }

    #[test]
    fn an_execution_plan_prints_as_its_users_know_it() {
        let mut world = World::empty();
        world.does("Ada", Command::AdoptPlan(Box::new(batches())));
        let text = dashboard(&world.look(), false).markdown();
        assert!(text.ends_with(" |\n"), "one final line end");
        check_text(&text, EXPECTED);
        let with_owner = dashboard(&world.look(), true).markdown();
        assert!(
            with_owner
                .starts_with("| Batch | Priority | Status | Progress | Target Date | Owner | Blockers |\n")
        );
        assert!(with_owner.contains("| Week 3 | jon | quay-1 |"));
        assert!(with_owner.contains("| Week 5 | Unassigned | quay-3 |"));
    }

    #[test]
    fn what_a_verb_did_shows_before_the_file_says_so() {
        let mut world = World::empty();
        world.does("Ada", Command::AdoptPlan(Box::new(batches())));
        world.claims("Rae", "quay-2");
        let task = world.task("quay-5");
        world.does("Rae", Command::Block { task, reason: "no boat".to_owned() });
        let shown = dashboard(&world.look(), false);
        assert_eq!(shown.rows[1].status, DONE);
        assert_eq!(
            (shown.rows[4].status, shown.rows[4].blockers.as_slice()),
            (BLOCKED, ["no boat".to_owned()].as_slice())
        );
    }

    #[test]
    fn a_file_that_nobody_adopted_prints_the_same() {
        let tasks = batches().tasks.into_iter().map(|task| {
            let span = Span { start: 0, end: 0 };
            let mut draft = DraftTask::new(task.key.clone(), TaskKind::Batch, task.title.clone(), 1, span);
            draft.priority = task.facts.priority().map(str::to_owned);
            draft.percent = task.facts.percent();
            draft.status = task.facts.status().cloned();
            draft.due = task.facts.due().cloned();
            draft.needs = task.needs.clone();
            draft
        });
        let draft = Draft { tasks: tasks.collect(), ..Draft::default() };
        check_text(&dashboard_of_draft(&draft, false).markdown(), EXPECTED);
    }

    #[test]
    fn an_owner_of_no_letters_is_nobody() {
        let span = Span { start: 0, end: 0 };
        let mut task = DraftTask::new(Key::new("a").unwrap(), TaskKind::Batch, "Sand", 1, span);
        task.owners.push(Owner { name: " ".to_owned(), role: OwnerRole::Primary });
        task.status = Some(Status { word: "blocked".to_owned(), state: Stated::Open });
        task.due = Some(Due { text: "Week 1".to_owned(), at: None });
        task.blockers.push("no sand".to_owned());
        let draft = Draft { tasks: vec![task], ..Draft::default() };
        check_text(
            &dashboard_of_draft(&draft, true).markdown(),
            "
| Batch | Priority | Status | Progress | Target Date | Owner | Blockers |
| --- | --- | --- | --- | --- | --- | --- |
| Sand |  | 🟥 Blocked | 0% | Week 1 | Unassigned | no sand |
",
        );
    }

    #[test]
    fn other_plans_keep_claimed_and_verified_apart() {
        let mut world = World::adopt(crate::testing::RELEASE);
        world.claims("Rae", "7.3").claims("Rae", "7.2");
        check_text(
            &dashboard(&world.look(), false).markdown(),
            "
| Task | Priority | Status | Progress | Target Date | Blockers |
| --- | --- | --- | --- | --- | --- |
| Build infrastructure |  | ⚪ Ready | 0% |  | None |
| Configuration |  | 🔵 Claimed, no evidence | 40% |  | None |
| Code quality |  | 🔵 Claimed, unproven | n/a |  | None |
| Release notes |  | 🟥 Blocked | 0% |  | 7.3 |
",
        );
    }
}
