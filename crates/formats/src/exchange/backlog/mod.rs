//! Backlog.md: a folder with one Markdown file for each task, its fields in front matter, its
//! sections under headings. Every file is a document of one plan.

mod front;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{Draft, DraftPhase, DraftTask, Owner, OwnerRole, Stated, Status, TaskKind};
use model::ids::Key;
use model::plan::Plan;

use super::item::{Item, extra, items, word};
use super::lost::Lost;
use super::names::file_name;
use super::text::{criterion, joined, list_item, one_line, split};
use super::{Exported, Field, Holds, Imported, OutFile, Peer, Pick, Wishes};
use crate::diagnostics::Lines;
use crate::reading::Format;
use crate::words::status;
use front::{Value, scalar};

/// Backlog.md.
pub struct Backlog;

/// The statuses a project has unless its settings name others.
const STATUSES: [(&str, Stated); 3] =
    [("To Do", Stated::Open), ("In Progress", Stated::Active), ("Done", Stated::Claimed)];

const PRIORITIES: [&str; 3] = ["high", "medium", "low"];

/// Fields that are called otherwise here, and hold one text.
const RENAMED: [(&str, &str); 4] = [
    ("created_date", extra::CREATED),
    ("updated_date", extra::UPDATED),
    ("reporter", extra::AUTHOR),
    ("type", extra::TYPE),
];

/// Extra fields that are lists in front matter.
const LISTS: [&str; 3] = ["references", "documentation", "subtasks"];

/// Sections the tool puts between marks, by heading.
const MARKED: [(&str, &str); 5] = [
    ("Description", "SECTION:DESCRIPTION"),
    ("Implementation Plan", "SECTION:PLAN"),
    ("Implementation Notes", "SECTION:NOTES"),
    ("Final Summary", "SECTION:FINAL_SUMMARY"),
    ("Definition of Done", "DOD"),
];

/// Before the names of sections that are kept as extra fields.
const SECTION: &str = "## ";

impl Format for Backlog {
    fn name(&self) -> &'static str {
        "backlog"
    }

    /// By front matter that has an id, a title and a status.
    fn recognises(&self, path: &str, text: &str) -> bool {
        let Some((matter, _, _)) = front::split(text) else { return false };
        let has = |name: &str| {
            matter.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
        };
        path.to_ascii_lowercase().ends_with(".md")
            && ["id", "title", "status"].iter().all(|name| has(name))
            && ["assignee", "created_date", "dependencies"].iter().any(|name| has(name))
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        let imported = self.import(text, path);
        (imported.draft, imported.diagnostics)
    }
}

impl Peer for Backlog {
    fn title(&self) -> &'static str {
        "Backlog.md"
    }

    fn place(&self) -> &'static str {
        "backlog/"
    }

    fn pick(&self, path: &str) -> Pick {
        let parts: Vec<&str> = path.split('/').collect();
        let [.., folder, name] = parts.as_slice() else { return Pick::Foreign };
        if !name.ends_with(".md") || name.eq_ignore_ascii_case("readme.md") {
            return Pick::Foreign;
        }
        let inside = parts.contains(&"backlog") || parts.len() <= 3;
        match *folder {
            _ if parts.contains(&"archive") => Pick::Left("archived tasks are put away"),
            "tasks" | "completed" if inside => Pick::Plan,
            "drafts" if inside => Pick::Left("drafts are no tasks yet"),
            _ => Pick::Foreign,
        }
    }

    fn import(&self, text: &str, path: &str) -> Imported {
        let mut imported = Imported::default();
        imported.draft.imported = true;
        imported.draft.title = "Backlog".to_owned();
        let Some((matter, body, first)) = front::split(text) else {
            let message = "the document is not whole: it has no front matter between `---` lines";
            let span = Span::new(0, text.lines().next().map_or(0, str::len));
            imported.diagnostics.push(Diagnostic::new("document/malformed", Severity::Error, span, message));
            imported.lost.push(Lost::new(path, 1, "task", "", "the file has no front matter"));
            return imported;
        };
        let mut reading = Reading { path, text, imported };
        reading.task(matter, body, first);
        reading.imported
    }

    fn holds(&self, field: Field) -> Holds {
        match field {
            Field::State => Holds::Partly("To Do, In Progress and Done, unless its settings name others"),
            Field::Priority => Holds::Partly("high, medium or low"),
            Field::Owners => Holds::Partly("assignees, without roles"),
            Field::Phase => Holds::Partly("as a milestone, by its title"),
            Field::Description
            | Field::Labels
            | Field::Needs
            | Field::Parent
            | Field::Criteria
            | Field::Extra => Holds::Whole,
            Field::Comments => Holds::Partly("remarks made here, as a section"),
            Field::Evidence | Field::Checks | Field::Plan | Field::History => {
                Holds::Nothing("Backlog.md does not ask for proof")
            }
            _ => Holds::Nothing("Backlog.md has no such field"),
        }
    }

    fn write(&self, plan: &Plan, _wishes: Wishes) -> Exported {
        let mut exported = Exported::default();
        let mut taken = std::collections::HashSet::new();
        for item in items(plan) {
            let title = item.task.title.replace(' ', "-");
            let stem = file_name(&format!("{} - {title}", item.key().to_lowercase()));
            let twins = (2u32..).map(|twin| format!("{stem}~{twin}"));
            let name =
                std::iter::once(stem.clone()).chain(twins).find(|name| taken.insert(name.to_lowercase()));
            let name = format!("tasks/{}.md", name.unwrap_or(stem));
            let text = write_task(&item, &mut exported.lost);
            exported.files.push(OutFile { name, text });
        }
        exported
    }
}

struct Reading<'t> {
    path: &'t str,
    text: &'t str,
    imported: Imported,
}

impl Reading<'_> {
    fn lose(&mut self, line: u32, field: &str, value: &str, why: &str) {
        self.imported.lost.push(Lost::new(self.path, line, field, value, why));
    }

    fn task(&mut self, matter: &str, body: &str, first: u32) {
        let fields = front::read(matter, 2);
        let find = |name: &str| fields.iter().find(|field| field.name == name);
        let text = |name: &str| {
            find(name).and_then(|field| field.value.clone().text()).filter(|text| !text.is_empty())
        };
        let title = text("title");
        let Some(key) = text("id").and_then(|id| Key::new(&id).ok()) else {
            let message = "the task has no `id` that can be a key";
            let lines = Lines::new(self.text);
            let diagnostic =
                Diagnostic::new("document/field-invalid", Severity::Error, lines.span(1), message);
            self.imported.diagnostics.push(diagnostic);
            self.lose(1, "task", title.as_deref().unwrap_or_default(), message);
            return;
        };
        let title = title.unwrap_or_else(|| key.to_string());
        let mut task = DraftTask::new(key, TaskKind::Task, title.trim(), 1, Span::new(0, self.text.len()));
        for field in fields {
            self.put(&mut task, &field.name, field.value, field.line);
        }
        self.sections(&mut task, body, first);
        self.imported.draft.tasks.push(task);
    }

    fn put(&mut self, task: &mut DraftTask, name: &str, value: Value, line: u32) {
        let raw = match &value {
            Value::Raw(raw) => raw.clone(),
            Value::Text(text) => text.clone(),
            Value::List(items) => joined(items),
        };
        match name {
            "id" | "title" => {}
            "status" => {
                if let Some(word) = value.text().filter(|word| !word.is_empty()) {
                    let known = STATUSES.iter().find(|(status, _)| status.eq_ignore_ascii_case(&word));
                    let state = known.map(|(_, state)| *state).or_else(|| status::state(&word));
                    task.status = Some(Status { word, state: state.unwrap_or_default() });
                }
            }
            "priority" => task.priority = value.text().filter(|text| !text.is_empty()),
            "assignee" | "labels" | "dependencies" => match value.list() {
                Some(items) => self.several(task, name, items, line),
                None => self.lose(line, name, &raw, "is no list of texts"),
            },
            "parent_task_id" | "parent" => {
                task.parent = value.text().and_then(|text| Key::new(&text).ok());
            }
            "milestone" => self.milestone(task, &raw, line),
            _ if raw.is_empty() => {}
            _ => {
                let kept = RENAMED.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| *ours);
                task.extra.insert(kept.to_owned(), raw);
            }
        }
    }

    fn several(&mut self, task: &mut DraftTask, name: &str, items: Vec<String>, line: u32) {
        match name {
            "assignee" => {
                let owner = |name: String| Owner { name, role: OwnerRole::Primary };
                task.owners.extend(items.into_iter().map(owner));
            }
            "labels" if items.is_empty() => {}
            "labels" => drop(task.extra.insert(extra::LABELS.to_owned(), joined(&items))),
            _ => {
                for item in items {
                    match Key::new(&item) {
                        Ok(key) if !task.needs.contains(&key) => task.needs.push(key),
                        Ok(_) => {}
                        Err(_) => self.lose(line, name, &item, "cannot be a key"),
                    }
                }
            }
        }
    }

    fn milestone(&mut self, task: &mut DraftTask, title: &str, line: u32) {
        let Ok(key) = Key::new(title) else { return };
        self.imported.draft.phases.push(DraftPhase {
            key: key.clone(),
            title: title.to_owned(),
            window: None,
            entrance: Vec::new(),
            exit: Vec::new(),
            tasks: vec![task.key.clone()],
            line,
            span: Span::default(),
            task_spans: vec![Span::default()],
        });
        task.phase = Some(key);
    }

    fn sections(&mut self, task: &mut DraftTask, body: &str, first: u32) {
        for Section { heading, text, line } in sections(body, first) {
            let known = heading.to_lowercase();
            let inner = unmarked(&text);
            if inner.is_empty() {
                continue;
            }
            if known == "description" && !task.extra.contains_key(extra::DESCRIPTION) {
                task.extra.insert(extra::DESCRIPTION.to_owned(), inner);
            } else if known.starts_with("acceptance criteria")
                && task.criteria.is_empty()
                && all_items(&inner)
            {
                for (count, item) in inner.lines().enumerate() {
                    if let Some((ticked, text)) = list_item(item) {
                        let text = unnumbered(text);
                        task.criteria.push(criterion(text, ticked, line + 1 + count as u32));
                    }
                }
            } else {
                let name = format!("{SECTION}{heading}");
                if let Some(first) = task.extra.insert(name.clone(), inner.clone()) {
                    task.extra.insert(name.clone(), first);
                    self.lose(line, &name, &inner, "a section of this name stands before it");
                }
            }
        }
    }
}

struct Section {
    heading: String,
    text: String,
    line: u32,
}

/// The body by its second-level headings; what stands before the first has none.
fn sections(body: &str, first: u32) -> Vec<Section> {
    let mut all = vec![Section { heading: String::new(), text: String::new(), line: first }];
    let mut fenced = false;
    for (count, line) in body.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        match line.strip_prefix("## ").filter(|_| !fenced) {
            Some(heading) => all.push(Section {
                heading: heading.trim().to_owned(),
                text: String::new(),
                line: first + count as u32,
            }),
            None => {
                let section = all.last_mut().expect("there is one from the start");
                section.text.push_str(line);
                section.text.push('\n');
            }
        }
    }
    all
}

/// A section without the marks that the tool puts around it.
fn unmarked(text: &str) -> String {
    let mark = |line: &&str| {
        let inner = line.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
        inner.is_some_and(|inner| inner.trim().ends_with(":BEGIN") || inner.trim().ends_with(":END"))
    };
    let lines: Vec<&str> = text.lines().filter(|line| !mark(line)).collect();
    lines.join("\n").trim_matches('\n').trim_end().to_owned()
}

fn all_items(text: &str) -> bool {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .all(|line| list_item(line).is_some() && !line.starts_with(' '))
}

/// `#2 text` without its number.
fn unnumbered(text: &str) -> &str {
    let rest = text.strip_prefix('#').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    match rest.and_then(|rest| rest.strip_prefix(' ')) {
        Some(rest) if !text[1..].starts_with(' ') => rest.trim_start(),
        _ => text,
    }
}

fn write_task(item: &Item<'_>, lost: &mut Vec<Lost>) -> String {
    let mut out = String::from("---\n");
    let field = |out: &mut String, name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push_str(&format!("{name}: {}\n", scalar(value)));
        }
    };
    field(&mut out, "id", Some(item.key()));
    field(&mut out, "title", Some(&item.task.title));
    field(&mut out, "status", Some(status_word(item, lost)));
    let owners: Vec<String> = item.task.facts.owners().map(|owner| owner.name.clone()).collect();
    out.push_str(&front::list("assignee", &owners));
    for (theirs, ours) in RENAMED {
        field(&mut out, theirs, item.extra(ours));
    }
    out.push_str(&front::list("labels", &item.labels()));
    let needs: Vec<String> = item.needs().into_iter().map(ToString::to_string).collect();
    out.push_str(&front::list("dependencies", &needs));
    field(&mut out, "milestone", item.phase().map(|phase| phase.title.as_str()));
    field(&mut out, "parent_task_id", item.parent().map(Key::as_str));
    field(&mut out, "priority", priority(item, lost));
    const WRITTEN: &[&str] = &[
        extra::DESCRIPTION,
        extra::LABELS,
        extra::COMMENTS,
        extra::CREATED,
        extra::UPDATED,
        extra::AUTHOR,
        extra::TYPE,
    ];
    for (name, value) in item.extras_but(WRITTEN).filter(|(name, _)| !name.starts_with(SECTION)) {
        if LISTS.contains(&name) {
            out.push_str(&front::list(name, &split(value)));
        } else {
            out.push_str(&format!("{}: {}\n", scalar(name), scalar(value)));
        }
    }
    out.push_str("---\n");
    write_body(item, &mut out);
    unheld(item, lost);
    out
}

fn write_body(item: &Item<'_>, out: &mut String) {
    let preamble = item.extras_but(&[]).find(|(name, _)| *name == SECTION);
    if let Some((_, text)) = preamble {
        out.push_str(&format!("\n{text}\n"));
    }
    if let Some(text) = item.extra(extra::DESCRIPTION) {
        section(out, "Description", text);
    }
    let criteria = item.criteria();
    if !criteria.is_empty() {
        out.push_str("\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n");
        for (count, (text, ticked)) in criteria.iter().enumerate() {
            let text = one_line(text);
            match ticked {
                Some(ticked) => {
                    out.push_str(&format!("- [{}] #{} {text}\n", if *ticked { 'x' } else { ' ' }, count + 1));
                }
                None => out.push_str(&format!("- #{} {text}\n", count + 1)),
            }
        }
        out.push_str("<!-- AC:END -->\n");
    }
    for (name, text) in item.extras_but(&[]).filter(|(name, _)| *name != SECTION) {
        if let Some(heading) = name.strip_prefix(SECTION) {
            section(out, heading, text);
        }
    }
    if !item.task.notes.is_empty() {
        let notes = item
            .task
            .notes
            .iter()
            .map(|note| format!("**{}**, {}:\n\n{}", note.by.actor, note.at, note.text));
        section(out, "Remarks", &notes.collect::<Vec<_>>().join("\n\n"));
    }
}

fn section(out: &mut String, heading: &str, text: &str) {
    out.push_str(&format!("\n## {heading}\n\n"));
    match MARKED.iter().find(|(known, _)| *known == heading) {
        Some((_, mark)) => out.push_str(&format!("<!-- {mark}:BEGIN -->\n{text}\n<!-- {mark}:END -->\n")),
        None => out.push_str(&format!("{text}\n")),
    }
}

/// A word of the document's own stays, since a project's settings may name any.
fn status_word<'p>(item: &Item<'p>, lost: &mut Vec<Lost>) -> &'p str {
    let own = item.status().filter(|own| {
        let known = STATUSES.iter().find(|(status, _)| status.eq_ignore_ascii_case(&own.word));
        known.map(|(_, state)| *state).or_else(|| status::state(&own.word)).unwrap_or_default() == own.state
    });
    if let Some(own) = own {
        return &own.word;
    }
    match item.stated() {
        Stated::Dropped => "Cancelled",
        _ => word(item, &STATUSES, "Backlog.md", lost),
    }
}

fn priority<'p>(item: &Item<'p>, lost: &mut Vec<Lost>) -> Option<&'p str> {
    let own = item.task.facts.priority()?;
    if PRIORITIES.contains(&own) {
        return Some(own);
    }
    lost.push(Lost::new("", 0, "priority", own, "Backlog.md knows high, medium and low").of(item.key()));
    item.rank().map(|rank| PRIORITIES[usize::from(rank.clamp(1, 3)) - 1])
}

fn unheld(item: &Item<'_>, lost: &mut Vec<Lost>) {
    let mut lose =
        |field: &str, value: &str, why: &str| lost.push(Lost::new("", 0, field, value, why).of(item.key()));
    for owner in item.task.facts.owners().filter(|owner| owner.role != OwnerRole::Primary) {
        lose("owners", &owner.name, "Backlog.md knows no roles of assignees");
    }
    if let Some(comments) = item.extra(extra::COMMENTS) {
        lose("comments", comments, "comments of other tools have no place in a task file");
    }
    if let Some(phase) = item.phase().filter(|phase| phase.title != phase.key.as_str()) {
        lose("phase", phase.key.as_str(), "a milestone has a title and no key");
    }
}
