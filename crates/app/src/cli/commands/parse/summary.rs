//! A draft for its author: did it understand what I wrote?

use std::collections::HashMap;

use lens::words::count_of;
use model::draft::{Draft, DraftTask, Stated, TaskKind};
use model::ids::Key;

use crate::cli::ui::{Column, Table, Tone, Ui};

/// So many tasks of one phase are shown: who reads on looks for something, and `--json` has it.
const TASKS_SHOWN: usize = 1_000;

/// Prints what was understood: numbers first, then every task under its phase.
pub(super) fn print(ui: &Ui, draft: &Draft) {
    let title = if draft.title.is_empty() { &draft.source } else { &draft.title };
    ui.line(ui.paint(Tone::Strong, &one_line(title)));
    for (name, text) in facts(draft) {
        ui.line(format!("{}  {text}", ui.paint(Tone::Faint, &format!("{name:<9}"))));
    }
    print_tasks(ui, draft);
    print_risks(ui, draft);
}

fn facts(draft: &Draft) -> Vec<(&'static str, String)> {
    let mut facts = vec![("read as", draft.format.to_owned())];
    if let Some(from) = draft.encoding.from.filter(|_| draft.encoding.repaired) {
        let runs = count_of(draft.encoding.runs as usize, "run");
        facts.push(("encoding", format!("UTF-8 once taken for {from}, read as it was meant ({runs})")));
    }
    facts.push(("tasks", tasks_by_kind(draft)));
    let others = [
        (draft.phases.len(), "phase"),
        (draft.risks.len(), "risk"),
        (draft.metrics.len(), "metric"),
        (draft.decisions.len(), "decision"),
        (draft.escalations.len(), "escalation"),
        (draft.rebaselines.len(), "rebaseline"),
        (draft.assumptions.len(), "assumption"),
        (draft.milestones.len(), "milestone"),
        (draft.checkpoints.len(), "checkpoint"),
        (draft.owners.len(), "owner row"),
        (draft.runbooks.len(), "runbook"),
        (draft.claims.len(), "claim"),
        (draft.notes.len(), "note"),
    ];
    let mut others: Vec<String> = others
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, thing)| count_of(count, thing))
        .collect();
    if !draft.cadence.is_empty() {
        others.push(format!("{} on cadence", count_of(draft.cadence.len(), "line")));
    }
    if !draft.criteria.is_empty() {
        others.push(criteria(draft));
    }
    if !others.is_empty() {
        facts.push(("besides", others.join(", ")));
    }
    facts.push(("probes", probes(draft)));
    facts
}

/// `14: 9 tasks, 5 items`; a single kind is told once.
fn tasks_by_kind(draft: &Draft) -> String {
    let mut kinds: Vec<(TaskKind, usize)> = Vec::new();
    for task in &draft.tasks {
        match kinds.iter_mut().find(|(kind, _)| *kind == task.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((task.kind, 1)),
        }
    }
    match kinds.as_slice() {
        [] => "none".to_owned(),
        [(TaskKind::Task, count)] => count.to_string(),
        _ => {
            let parts: Vec<String> = kinds.iter().map(|(kind, count)| count_of_kind(*kind, *count)).collect();
            format!("{}: {}", draft.tasks.len(), parts.join(", "))
        }
    }
}

fn count_of_kind(kind: TaskKind, count: usize) -> String {
    match (kind, count) {
        (TaskKind::Story, 2..) => format!("{count} stories"),
        (TaskKind::Batch, 2..) => format!("{count} batches"),
        (kind, count) => count_of(count, kind.as_str()),
    }
}

fn criteria(draft: &Draft) -> String {
    let count = draft.criteria.len();
    if count == 1 { "1 success criterion".to_owned() } else { format!("{count} success criteria") }
}

fn probes(draft: &Draft) -> String {
    let of_tasks: usize = draft
        .tasks
        .iter()
        .map(|task| task.checks.len() + task.criteria.iter().map(|one| one.checks.len()).sum::<usize>())
        .sum();
    let of_phases = draft.phases.iter().flat_map(|phase| phase.entrance.iter().chain(&phase.exit));
    let of_plan = of_phases.chain(&draft.criteria).map(|criterion| criterion.checks.len()).sum::<usize>();
    match of_tasks + of_plan {
        0 => "none; `countersign suggest-probes` proposes some".to_owned(),
        count => count.to_string(),
    }
}

fn print_tasks(ui: &Ui, draft: &Draft) {
    let mut groups: Vec<(Option<&Key>, String, Vec<&DraftTask>)> = Vec::new();
    let mut places: HashMap<Option<&Key>, usize> = HashMap::new();
    for phase in &draft.phases {
        let window = phase.window.as_ref().map(|window| format!("  ({window})")).unwrap_or_default();
        places.entry(Some(&phase.key)).or_insert_with(|| {
            groups.push((Some(&phase.key), format!("{}  {}{window}", phase.key, phase.title), Vec::new()));
            groups.len() - 1
        });
    }
    for task in &draft.tasks {
        let place = *places.entry(task.phase.as_ref()).or_insert_with(|| {
            let heading = match (&task.phase, draft.phases.is_empty()) {
                (Some(phase), _) => phase.to_string(),
                (None, true) => "tasks".to_owned(),
                (None, false) => "in no phase".to_owned(),
            };
            groups.push((task.phase.as_ref(), heading, Vec::new()));
            groups.len() - 1
        });
        groups[place].2.push(task);
    }
    for (_, heading, tasks) in &groups {
        ui.line("");
        ui.line(ui.paint(Tone::Strong, &one_line(heading)));
        if tasks.is_empty() {
            ui.line("  no tasks");
            continue;
        }
        ui.table(&table(&tasks[..tasks.len().min(TASKS_SHOWN)]));
        if let Some(more) = tasks.len().checked_sub(TASKS_SHOWN).filter(|more| *more > 0) {
            ui.line(format!("… and {more} more; `--json` has them all"));
        }
    }
}

fn table(tasks: &[&DraftTask]) -> Table {
    let mut table = Table::new([
        Column::number("Line"),
        Column::new("Key"),
        Column::text("Title"),
        Column::text("Status"),
        Column::text("Owner"),
        Column::text("Needs"),
    ]);
    for task in tasks {
        let owners: Vec<&str> = task.owners.iter().map(|owner| owner.name.as_str()).collect();
        let needs: Vec<&str> = task.needs.iter().map(Key::as_str).collect();
        table.toned([
            (Tone::Faint, task.line.to_string()),
            (Tone::Strong, task.key.to_string()),
            (Tone::Plain, task.title.clone()),
            (Tone::Plain, status(task)),
            (Tone::Plain, owners.join(", ")),
            (Tone::Plain, needs.join(", ")),
        ]);
    }
    table
}

/// The document's own word with what it was taken for, or what the box says.
fn status(task: &DraftTask) -> String {
    let percent = task.percent.map(|percent| format!(" {percent}%")).unwrap_or_default();
    match (&task.status, task.checked) {
        (Some(status), _) => {
            let state = match status.state {
                Stated::Open => "open",
                Stated::Active => "active",
                Stated::Claimed => "claimed",
                Stated::Dropped => "dropped",
            };
            if status.word.eq_ignore_ascii_case(state) {
                format!("{state}{percent}")
            } else {
                format!("{}{percent} → {state}", status.word)
            }
        }
        (None, Some(true)) => "ticked".to_owned(),
        (None, _) => percent.trim_start().to_owned(),
    }
}

fn print_risks(ui: &Ui, draft: &Draft) {
    if draft.risks.is_empty() {
        return;
    }
    ui.line("");
    ui.line(ui.paint(Tone::Strong, "risks"));
    let mut table = Table::new([
        Column::number("Line"),
        Column::new("Key"),
        Column::text("Title"),
        Column::text("Tasks"),
    ]);
    for risk in &draft.risks {
        let tasks: Vec<&str> = risk.tasks.iter().map(Key::as_str).collect();
        table.toned([
            (Tone::Faint, risk.line.to_string()),
            (Tone::Strong, risk.key.to_string()),
            (Tone::Plain, risk.title.clone()),
            (Tone::Plain, tasks.join(", ")),
        ]);
    }
    ui.table(&table);
}

/// A text of the document on one line, without anything that steers a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
