//! CSV: one task to a row. Our own columns hold every field of a task; those of other tools are
//! known by their headings, and headings nobody knows are kept as they are.

mod cells;

use std::collections::HashMap;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{Draft, DraftPhase, DraftTask, Owner, OwnerRole, Stated, Status, TaskKind};
use model::ids::Key;
use model::plan::Plan;

use super::item::{Item, comments, extra, items};
use super::json::Json;
use super::lost::Lost;
use super::text::{criteria, criteria_text, joined, split};
use super::{Exported, Field, Holds, Imported, OutFile, Peer, Wishes};
use crate::reading::Format;
use crate::words::{due, status};
use cells::{Row, plain, rows, safe, separator, write_row};

/// CSV.
pub struct Csv;

macro_rules! columns {
    ($($name:ident $heading:literal $also:expr),+ $(,)?) => {
        /// A column that is known.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Column {
            $($name,)+
        }

        /// Every column with its own heading and what others call it.
        const COLUMNS: &[(Column, &str, &[&str])] = &[$((Column::$name, $heading, &$also)),+];
    };
}

columns! {
    Key "key" ["id", "task id", "issue key", "issue id", "number", "task", "#", "ref"],
    Title "title" ["name", "summary", "subject", "task name", "issue"],
    State "state" [],
    Status "status" ["progress status"],
    Kind "kind" [],
    Priority "priority" ["prio", "severity"],
    Owners "owners" ["owner", "assignee", "assignees", "assigned to", "responsible"],
    Labels "labels" ["tags", "label", "components"],
    Description "description" ["body", "details"],
    Needs "needs" ["depends on", "dependencies", "blocked by", "predecessors", "prereqs", "prerequisites"],
    Parent "parent" ["parent id", "parent key", "parent task", "epic link"],
    Phase "phase" ["milestone", "sprint", "stage"],
    Due "due" ["due date", "target date", "deadline", "end date"],
    Estimate "estimate_days" ["estimate", "days", "effort days"],
    Window "window" [],
    Percent "percent" ["% complete", "progress", "percent complete", "done %"],
    Criteria "criteria" ["acceptance criteria", "definition of done"],
    Blockers "blockers" [],
    Inputs "inputs" [],
    Outputs "outputs" [],
    Sources "sources" ["source"],
    Objectives "objectives" [],
    Deliverables "deliverables" [],
    NextSteps "next_steps" ["next steps"],
    Links "links" ["url", "urls", "link"],
    Paths "paths" ["files"],
    Memory "memory_keys" ["memory keys"],
    Comments "comments" [],
}

const KINDS: [TaskKind; 7] = [
    TaskKind::Task,
    TaskKind::Batch,
    TaskKind::Action,
    TaskKind::Story,
    TaskKind::Item,
    TaskKind::Workstream,
    TaskKind::Deliverable,
];

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn recognises(&self, path: &str, _text: &str) -> bool {
        path.to_ascii_lowercase().ends_with(".csv")
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        let imported = self.import(text, path);
        (imported.draft, imported.diagnostics)
    }
}

impl Peer for Csv {
    fn title(&self) -> &'static str {
        "CSV"
    }

    fn place(&self) -> &'static str {
        "plan.csv"
    }

    fn pick(&self, _path: &str) -> super::Pick {
        super::Pick::Foreign
    }

    fn import(&self, text: &str, path: &str) -> Imported {
        let mut reading = Reading { path, twins: HashMap::new(), imported: Imported::default() };
        reading.imported.draft.imported = true;
        let mut rows = rows(text, separator(text)).into_iter();
        if let Some(header) = rows.next() {
            let headings: Vec<String> = header.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let known = known(&headings);
            if known.iter().any(|column| matches!(column, Some(Column::Key | Column::Title))) {
                rows.for_each(|row| reading.row(&headings, &known, &row));
            } else {
                let why = "the first row names neither a key nor a title column";
                reading.malformed(&header, why);
            }
        }
        reading.imported
    }

    fn holds(&self, field: Field) -> Holds {
        match field {
            Field::State => Holds::Partly("verified comes back as an imported claim"),
            Field::Phase => Holds::Partly("its key and title, without window"),
            Field::Evidence | Field::Checks | Field::Attachments | Field::Plan | Field::History => {
                Holds::Nothing("a table of tasks has no place for it")
            }
            _ => Holds::Whole,
        }
    }

    fn write(&self, plan: &Plan, wishes: Wishes) -> Exported {
        let extras = extra_columns(plan);
        let mut text = String::new();
        let headings =
            COLUMNS.iter().map(|(_, heading, _)| *heading).chain(extras.iter().map(String::as_str));
        write_row(headings, &mut text);
        for item in items(plan) {
            let own = COLUMNS.iter().map(|(column, _, _)| cell(&item, *column));
            let rest = extras.iter().map(|name| item.extra(name).unwrap_or_default().to_owned());
            let cells: Vec<String> = own.chain(rest).map(|cell| safe(&cell, wishes.raw_cells)).collect();
            write_row(cells.iter().map(String::as_str), &mut text);
        }
        let mut lost = Vec::new();
        for phase in plan.phases.iter().filter(|phase| phase.window.is_some()) {
            let window = phase.window.as_deref().unwrap_or_default();
            lost.push(
                Lost::new("", 0, "window of a phase", window, "a phase is only a cell")
                    .of(phase.key.as_str()),
            );
        }
        Exported { files: vec![OutFile { name: "plan.csv".to_owned(), text }], lost }
    }
}

/// Which columns the headings name; each column once.
fn known(headings: &[String]) -> Vec<Option<Column>> {
    let mut taken = Vec::new();
    let mut columns: Vec<Option<Column>> = vec![None; headings.len()];
    // Our own headings come before what others call the same.
    for own in [true, false] {
        for (place, heading) in headings.iter().enumerate() {
            let heading = heading.to_lowercase().replace('_', " ");
            let found = COLUMNS.iter().find(|(column, name, also)| {
                let named = if own { name.replace('_', " ") == heading } else { also.contains(&&*heading) };
                named && !taken.contains(column)
            });
            if let (None, Some((column, _, _))) = (columns[place], found) {
                taken.push(*column);
                columns[place] = Some(*column);
            }
        }
    }
    columns
}

struct Reading<'p> {
    path: &'p str,
    /// How often a key was made of the same title.
    twins: HashMap<String, u32>,
    imported: Imported,
}

impl Reading<'_> {
    fn malformed(&mut self, row: &Row, why: &str) {
        let span = Span::new(row.span.0, row.span.1);
        self.imported.diagnostics.push(
            Diagnostic::new(
                "document/malformed",
                Severity::Error,
                span,
                format!("the table is not whole: {why}"),
            )
            .help("put the row right, or leave it out with `--partial`"),
        );
        self.imported.lost.push(Lost::new(self.path, row.line, "row", &row.cells.join(", "), why));
    }

    fn lose(&mut self, row: &Row, key: &Key, field: &str, value: &str, why: &str) {
        self.imported.lost.push(Lost::new(self.path, row.line, field, value, why).of(key.as_str()));
    }

    fn row(&mut self, headings: &[String], known: &[Option<Column>], row: &Row) {
        if row.torn {
            self.malformed(row, "a quoted cell is never closed");
            return;
        }
        let cell = |wanted: Column| {
            let place = known.iter().position(|column| *column == Some(wanted))?;
            let text = plain(row.cells.get(place)?);
            (!text.trim().is_empty()).then(|| text.to_owned())
        };
        let title = cell(Column::Title);
        let Some((key, generated)) = self.key(cell(Column::Key), title.as_deref(), row) else { return };
        let title = title.unwrap_or_else(|| key.to_string());
        let span = Span::new(row.span.0, row.span.1);
        let mut task = DraftTask::new(key, TaskKind::Task, title.trim(), row.line, span);
        task.key_generated = generated;
        for (place, text) in row.cells.iter().enumerate() {
            let text = plain(text);
            if text.trim().is_empty() {
                continue;
            }
            match (known.get(place).copied().flatten(), headings.get(place)) {
                (Some(column), _) => self.put(&mut task, column, text, row),
                (None, Some(heading)) if !heading.is_empty() => {
                    task.extra.insert(heading.clone(), text.to_owned());
                }
                _ => self.lose(row, &task.key, "cell", text, "stands under no heading"),
            }
        }
        settle(&mut task, cell(Column::State).as_deref(), cell(Column::Status).as_deref());
        self.imported.draft.tasks.push(task);
    }

    fn key(&mut self, id: Option<String>, title: Option<&str>, row: &Row) -> Option<(Key, bool)> {
        match id.as_deref().map(Key::new) {
            Some(Ok(key)) => return Some((key, false)),
            Some(Err(error)) => {
                let lost = Lost::new(
                    self.path,
                    row.line,
                    "key",
                    id.as_deref().unwrap_or_default(),
                    error.to_string(),
                );
                self.imported.lost.push(lost);
            }
            None => {}
        }
        let Some(title) = title else {
            let why = "the row has neither key nor title";
            self.imported.lost.push(Lost::new(self.path, row.line, "row", &row.cells.join(", "), why));
            return None;
        };
        let stem = format!("rows/{}", model::ids::slug(title));
        let twin = self.twins.entry(stem.clone()).or_default();
        *twin += 1;
        let name = if *twin == 1 { stem } else { format!("{stem}~{twin}") };
        Some((Key::new(&name).ok()?, true))
    }

    fn put(&mut self, task: &mut DraftTask, column: Column, text: &str, row: &Row) {
        let texts = || split(text);
        match column {
            Column::Key | Column::Title | Column::State | Column::Status => {}
            Column::Kind => match KINDS.iter().find(|kind| kind.as_str() == text.trim()) {
                Some(kind) => task.kind = *kind,
                None => drop(task.extra.insert("kind".to_owned(), text.to_owned())),
            },
            Column::Priority => task.priority = Some(text.trim().to_owned()),
            Column::Owners => task.owners.extend(texts().iter().map(|name| owner(name))),
            Column::Labels => drop(task.extra.insert(extra::LABELS.to_owned(), joined(&texts()))),
            Column::Description => drop(task.extra.insert(extra::DESCRIPTION.to_owned(), text.to_owned())),
            Column::Comments => drop(task.extra.insert(extra::COMMENTS.to_owned(), text.to_owned())),
            Column::Needs => {
                let names = if text.contains(',') {
                    texts()
                } else {
                    text.split([';', ' ']).map(str::to_owned).collect()
                };
                for name in names.iter().filter(|name| !name.trim().is_empty()) {
                    match Key::new(name) {
                        Ok(key) if !task.needs.contains(&key) => task.needs.push(key),
                        Ok(_) => {}
                        Err(error) => self.lose(row, &task.key, "needs", name, &error.to_string()),
                    }
                }
            }
            Column::Parent => match Key::new(text) {
                Ok(key) => task.parent = Some(key),
                Err(error) => self.lose(row, &task.key, "parent", text, &error.to_string()),
            },
            Column::Phase => self.phase(task, text, row),
            Column::Due => task.due = due::read(text),
            Column::Estimate => task.estimate_days = self.number(task, "estimate", text, row),
            Column::Percent => {
                let percent = self.number(task, "percent", text.trim_end().trim_end_matches('%'), row);
                task.percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
            }
            Column::Window => task.window = Some(text.to_owned()),
            Column::Criteria => task.criteria.extend(criteria(text, row.line)),
            Column::Blockers => task.blockers.extend(texts()),
            Column::Inputs => task.inputs.extend(texts()),
            Column::Outputs => task.outputs.extend(texts()),
            Column::Sources => task.sources.extend(texts()),
            Column::Objectives => task.objectives.extend(texts()),
            Column::Deliverables => task.deliverables.extend(texts()),
            Column::NextSteps => task.next_steps.extend(texts()),
            Column::Links => task.links.extend(texts()),
            Column::Paths => task.paths.extend(texts()),
            Column::Memory => task.memory.extend(texts()),
        }
    }

    fn number(&mut self, task: &DraftTask, field: &str, text: &str, row: &Row) -> Option<f64> {
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.lose(row, &task.key, field, text, "is not a number of zero or more");
        }
        number
    }

    fn phase(&mut self, task: &mut DraftTask, text: &str, row: &Row) {
        let (name, title) = text.split_once(": ").unwrap_or((text, text));
        let Ok(key) = Key::new(name) else {
            self.lose(row, &task.key, "phase", text, "cannot be a key");
            return;
        };
        let phases = &mut self.imported.draft.phases;
        let place = phases.iter().position(|phase| phase.key == key).unwrap_or_else(|| {
            phases.push(DraftPhase {
                key: key.clone(),
                title: title.to_owned(),
                window: None,
                entrance: Vec::new(),
                exit: Vec::new(),
                tasks: Vec::new(),
                line: row.line,
                span: Span::default(),
                task_spans: Vec::new(),
            });
            phases.len() - 1
        });
        phases[place].tasks.push(task.key.clone());
        phases[place].task_spans.push(Span::default());
        task.phase = Some(key);
    }
}

/// State and status word together: our own state says what the word maps to.
fn settle(task: &mut DraftTask, state: Option<&str>, word: Option<&str>) {
    let stated = state.and_then(|state| match state.trim() {
        "open" => Some(Stated::Open),
        "active" => Some(Stated::Active),
        "claimed" | "verified" => Some(Stated::Claimed),
        "dropped" => Some(Stated::Dropped),
        _ => None,
    });
    task.status = match (word, state, stated) {
        (Some(word), _, Some(state)) => Some(Status { word: word.trim().to_owned(), state }),
        (Some(word), _, None) => status::read(word),
        // What nobody began needs no word of its own.
        (None, _, Some(Stated::Open)) => None,
        (None, Some(word), Some(state)) => Some(Status { word: word.trim().to_owned(), state }),
        (None, Some(word), None) => status::read(word),
        (None, None, _) => None,
    };
}

/// `li (support)`.
fn owner(text: &str) -> Owner {
    let roles = [(" (support)", OwnerRole::Support), (" (agent)", OwnerRole::Agent)];
    let found = roles.iter().find_map(|(tail, role)| Some((text.strip_suffix(tail)?, *role)));
    let (name, role) = found.unwrap_or((text, OwnerRole::Primary));
    Owner { name: name.to_owned(), role }
}

/// Extra fields that any task has, but those with a column of their own.
fn extra_columns(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in items(plan) {
        for (name, _) in item.extras_but(&[extra::DESCRIPTION, extra::LABELS, extra::COMMENTS]) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    names
}

fn cell(item: &Item<'_>, column: Column) -> String {
    let task = item.task;
    let facts = &task.facts;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let all = |texts: &mut dyn Iterator<Item = &str>| joined(&texts.collect::<Vec<_>>());
    match column {
        Column::Key => task.key.to_string(),
        Column::Title => task.title.clone(),
        Column::State => match item.stated() {
            Stated::Dropped => "dropped".to_owned(),
            _ => task.state.word().to_owned(),
        },
        Column::Status => text(item.status().map(|status| status.word.as_str())),
        Column::Kind => {
            if task.kind == TaskKind::Task {
                String::new()
            } else {
                task.kind.as_str().to_owned()
            }
        }
        Column::Priority => text(facts.priority()),
        Column::Owners => {
            let owners = facts.owners().map(|owner| match owner.role {
                OwnerRole::Primary => owner.name.clone(),
                OwnerRole::Support => format!("{} (support)", owner.name),
                OwnerRole::Agent => format!("{} (agent)", owner.name),
            });
            joined(&owners.collect::<Vec<_>>())
        }
        Column::Labels => joined(&item.labels()),
        Column::Description => text(item.extra(extra::DESCRIPTION)),
        Column::Needs => joined(&item.needs().into_iter().map(Key::as_str).collect::<Vec<_>>()),
        Column::Parent => text(item.parent().map(Key::as_str)),
        Column::Phase => item.phase().map_or_else(String::new, |phase| {
            if phase.title == phase.key.as_str() {
                phase.key.to_string()
            } else {
                format!("{}: {}", phase.key, phase.title)
            }
        }),
        Column::Due => text(facts.due().map(|due| due.text.as_str())),
        Column::Estimate => facts.estimate_days().map_or_else(String::new, |days| days.to_string()),
        Column::Window => text(facts.window()),
        Column::Percent => facts.percent().map_or_else(String::new, |percent| percent.to_string()),
        Column::Criteria => criteria_text(&item.criteria()),
        Column::Blockers => {
            let reported = task.obstacles.iter().map(|obstacle| obstacle.reason.as_str());
            all(&mut facts.blockers().chain(reported))
        }
        Column::Inputs => all(&mut facts.inputs()),
        Column::Outputs => all(&mut facts.outputs()),
        Column::Sources => all(&mut facts.sources()),
        Column::Objectives => all(&mut facts.objectives()),
        Column::Deliverables => all(&mut facts.deliverables()),
        Column::NextSteps => all(&mut facts.next_steps()),
        Column::Links => all(&mut facts.links()),
        Column::Paths => all(&mut facts.paths()),
        Column::Memory => all(&mut facts.memory()),
        Column::Comments => {
            let comments = comments(item);
            if comments.is_empty() { String::new() } else { Json::List(comments).compact() }
        }
    }
}
