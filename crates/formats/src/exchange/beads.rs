//! Beads: `.beads/issues.jsonl`, one issue as a JSON object on each line.

use jsonc_parser::ast::Value;
use model::diagnostic::Diagnostic;
use model::draft::{Draft, DraftTask, Owner, OwnerRole, Stated, Status, TaskKind};
use model::ids::Key;
use model::plan::Plan;

use super::field::lone_owner;
use super::item::{Item, comments, extra, items, word};
use super::json::{Json, Record, Sheet};
use super::lost::Lost;
use super::text::{criteria, criteria_text, joined};
use super::{Exported, Field, Holds, Imported, OutFile, Peer, Wishes};
use crate::reading::Format;
use crate::words::due;

/// Beads.
pub struct Beads;

/// Every status an issue may have, and what it says about the work.
const STATUSES: [(&str, Stated); 8] = [
    ("open", Stated::Open),
    ("in_progress", Stated::Active),
    ("closed", Stated::Claimed),
    ("tombstone", Stated::Dropped),
    ("blocked", Stated::Open),
    ("deferred", Stated::Open),
    ("pinned", Stated::Open),
    ("hooked", Stated::Active),
];

/// Fields that are called otherwise here: their name in the file, and the one they are kept under.
const RENAMED: [(&str, &str); 5] = [
    ("issue_type", extra::TYPE),
    ("created_at", extra::CREATED),
    ("updated_at", extra::UPDATED),
    ("closed_at", extra::CLOSED),
    ("created_by", extra::AUTHOR),
];

/// Kept whole, so that kinds and dates of links come out as they went in.
const LINKS: &str = "dependencies";

/// Extra fields that are written by name and not with the rest.
const WRITTEN: &[&str] = &[
    extra::DESCRIPTION,
    extra::LABELS,
    extra::COMMENTS,
    extra::TYPE,
    extra::CREATED,
    extra::UPDATED,
    extra::CLOSED,
    extra::AUTHOR,
    LINKS,
    "design",
    "notes",
];

/// Working minutes in a day.
const MINUTES: f64 = 480.0;

impl Format for Beads {
    fn name(&self) -> &'static str {
        "beads"
    }

    /// By the extension of JSON lines and a first line that is an issue.
    fn recognises(&self, path: &str, text: &str) -> bool {
        let lines = path.to_ascii_lowercase().ends_with(".jsonl");
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        lines && first.trim_start().starts_with('{') && !first.contains("\"countersign\"")
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        let imported = self.import(text, path);
        (imported.draft, imported.diagnostics)
    }
}

impl Peer for Beads {
    fn title(&self) -> &'static str {
        "Beads"
    }

    fn place(&self) -> &'static str {
        ".beads/issues.jsonl"
    }

    fn import(&self, text: &str, path: &str) -> Imported {
        let mut sheet = Sheet::new(text, path);
        let mut draft = Draft { imported: true, ..Draft::default() };
        for line in 1..=sheet.lines.count() {
            let span = sheet.lines.span(line);
            if text[span.range()].trim().is_empty() {
                continue;
            }
            match sheet.parse(span.range()) {
                Some(Value::Object(object)) => {
                    let record = Record::new(object, span.start as usize, &mut sheet);
                    draft.tasks.push(issue(record, &mut sheet));
                }
                Some(_) => {
                    let why = "a line must be an object that is an issue".to_owned();
                    sheet.wrong(span, None, "issue", why);
                }
                None => {
                    let why = "the line is not whole";
                    sheet.lost.push(Lost::new(path, line, "issue", &text[span.range()], why));
                }
            }
        }
        Imported { draft, diagnostics: sheet.found, lost: sheet.lost }
    }

    fn holds(&self, field: Field) -> Holds {
        const UNKNOWN: &str = "Beads has no such field";
        match field {
            Field::State => Holds::Partly("Beads knows closed, not whether it was proven"),
            Field::Owners => Holds::Partly("one assignee, and no roles"),
            Field::Priority => Holds::Partly("a number from 0 to 4"),
            Field::Due => Holds::Partly("a moment"),
            Field::Parent => Holds::Whole,
            Field::Description
            | Field::Labels
            | Field::Needs
            | Field::Estimate
            | Field::Criteria
            | Field::Comments
            | Field::Extra => Holds::Whole,
            Field::Evidence | Field::Checks | Field::Plan | Field::History => {
                Holds::Nothing("Beads does not ask for proof")
            }
            _ => Holds::Nothing(UNKNOWN),
        }
    }

    fn write(&self, plan: &Plan, _wishes: Wishes) -> Exported {
        let mut exported = Exported::default();
        let mut text = String::new();
        for item in items(plan) {
            text.push_str(&line(&item, &mut exported.lost).compact());
            text.push('\n');
        }
        exported.files.push(OutFile { name: "issues.jsonl".to_owned(), text });
        exported
    }
}

fn issue<'t>(mut record: Record<'t>, sheet: &mut Sheet<'t>) -> DraftTask {
    let id = record.id("id", sheet);
    let title = record.text("title", sheet);
    let (key, generated) = key(id, title.as_deref(), &record, sheet);
    record.key = Some(key.to_string());
    let title = title.unwrap_or_else(|| key.to_string());
    let mut task = DraftTask::new(key, TaskKind::Task, title.trim(), record.line, record.span);
    task.key_generated = generated;
    if let Some(word) = record.text("status", sheet) {
        let known = STATUSES.iter().find(|(status, _)| *status == word).map(|(_, state)| *state);
        let state = known.or_else(|| crate::words::status::state(&word)).unwrap_or_default();
        task.status = Some(Status { word, state });
    }
    task.priority = record.number("priority", sheet).map(|rank| format!("P{rank}"));
    if let Some(name) = record.text("assignee", sheet) {
        task.owners.push(Owner { name: name.trim().to_owned(), role: OwnerRole::Primary });
    }
    task.estimate_days = record.number("estimated_minutes", sheet).map(|minutes| minutes / MINUTES);
    task.due = record.text("due_at", sheet).and_then(|text| due::read(&text));
    if let Some(text) = record.text("acceptance_criteria", sheet) {
        task.criteria.extend(criteria(&text, task.line));
    }
    links(&mut task, &mut record, sheet);
    let labels = record.texts("labels", sheet);
    if !labels.is_empty() {
        task.extra.insert(extra::LABELS.to_owned(), joined(&labels));
    }
    for (name, value) in record.rest(sheet) {
        let empty = matches!(value.as_str(), "" | "[]" | "{}");
        let kept = RENAMED.iter().find(|(theirs, _)| *theirs == name).map_or(&*name, |(_, ours)| *ours);
        // A task is what an issue is unless it says otherwise.
        let usual = kept == extra::TYPE && value == "task";
        if !empty && !usual {
            task.extra.insert(kept.to_owned(), value);
        }
    }
    task
}

/// The issue's id as key, or one made from its title.
fn key<'t>(
    id: Option<String>,
    title: Option<&str>,
    record: &Record<'t>,
    sheet: &mut Sheet<'t>,
) -> (Key, bool) {
    let id = id.filter(|id| !id.is_empty());
    match id.as_deref().map(Key::new) {
        Some(Ok(key)) => return (key, false),
        Some(Err(error)) => sheet.wrong(record.span, None, "id", format!("`id` cannot be used: {error}")),
        None => sheet.wrong(record.span, None, "id", "the issue has no `id`".to_owned()),
    }
    let name = title.map_or_else(|| format!("line-{}", record.line), model::ids::slug);
    let key = Key::new(&format!("issues/{name}")).expect("a slug is visible and short");
    (key, true)
}

/// What blocks it and what it is part of; every link is kept as it is besides, where it says more.
fn links<'t>(task: &mut DraftTask, record: &mut Record<'t>, sheet: &mut Sheet<'t>) {
    let mut kept = Vec::new();
    for value in record.list(LINKS, sheet) {
        let raw = record.raw(&value, sheet);
        let Some(mut link) = record.record(value, LINKS, sheet) else { continue };
        let to = link.id("depends_on_id", sheet).and_then(|id| Key::new(&id).ok());
        let kind = link.text("type", sheet).unwrap_or_else(|| "blocks".to_owned());
        match (&*kind, to) {
            ("blocks", Some(to)) if !task.needs.contains(&to) => task.needs.push(to),
            ("parent-child", Some(to)) if task.parent.is_none() => task.parent = Some(to),
            _ => {}
        }
        kept.push(raw);
    }
    if !kept.is_empty() {
        task.extra.insert(LINKS.to_owned(), format!("[{}]", kept.join(",")));
    }
}

fn line(item: &Item<'_>, lost: &mut Vec<Lost>) -> Json {
    let facts = &item.task.facts;
    let mut fields: Vec<(String, Json)> = Vec::new();
    let mut put =
        |name: &str, value: Option<Json>| fields.extend(value.map(|value| (name.to_owned(), value)));
    let text = |name: &str| item.extra(name).map(Json::kept);
    put("id", Some(Json::text(item.key())));
    put("title", Some(Json::text(&item.task.title)));
    put("description", text(extra::DESCRIPTION));
    put("design", text("design"));
    let criteria = item.criteria();
    put("acceptance_criteria", (!criteria.is_empty()).then(|| Json::text(&criteria_text(&criteria))));
    put("notes", text("notes"));
    put("status", Some(Json::text(word(item, &STATUSES, "Beads", lost))));
    put("priority", priority(item, lost));
    put("issue_type", text(extra::TYPE).or_else(|| Some(Json::text("task"))));
    put("assignee", lone_owner(item, "Beads", lost).map(Json::text));
    put("estimated_minutes", facts.estimate_days().map(|days| Json::number((days * MINUTES).round())));
    put("created_at", text(extra::CREATED));
    put("created_by", text(extra::AUTHOR));
    put("updated_at", text(extra::UPDATED));
    let done = item.done_at().map(|at| Json::text(&at.to_string()));
    put("closed_at", text(extra::CLOSED).or(done));
    put("due_at", due_at(item, lost));
    let labels = item.labels();
    put("labels", (!labels.is_empty()).then(|| Json::texts(&labels)));
    let links = links_out(item);
    put("dependencies", (!links.is_empty()).then_some(Json::List(links)));
    let comments = comments(item);
    put("comments", (!comments.is_empty()).then_some(Json::List(comments)));
    for (name, value) in item.extras_but(WRITTEN) {
        put(name, Some(Json::kept(value)));
    }
    Json::Object(fields)
}

fn due_at(item: &Item<'_>, lost: &mut Vec<Lost>) -> Option<Json> {
    let due = item.task.facts.due()?;
    if due.text.parse::<jiff::Timestamp>().is_ok() {
        return Some(Json::text(&due.text));
    }
    let why = if due.at.is_some() { "Beads keeps the moment, not the words" } else { "it names no moment" };
    lost.push(Lost::new("", 0, "due", &due.text, why).of(item.key()));
    due.at.map(|at| Json::Text(at.to_string()))
}

fn priority(item: &Item<'_>, lost: &mut Vec<Lost>) -> Option<Json> {
    let word = item.task.facts.priority()?;
    let rank = item.rank();
    if rank.is_none_or(|rank| format!("P{rank}") != word) {
        let why = "Beads knows priorities from 0 to 4";
        lost.push(Lost::new("", 0, "priority", word, why).of(item.key()));
    }
    rank.map(Json::number)
}

/// Links as they came, where they still hold; needs and parent that came since; nothing else.
fn links_out(item: &Item<'_>) -> Vec<Json> {
    let mut needs = item.needs();
    let mut parent = item.parent();
    let mut links = Vec::new();
    let kept = item.extra(LINKS).and_then(|text| serde_json::from_str::<Vec<serde_json::Value>>(text).ok());
    for link in kept.unwrap_or_default() {
        let to = link["depends_on_id"].as_str().unwrap_or_default();
        let holds = match link["type"].as_str().unwrap_or("blocks") {
            "blocks" => take(&mut needs, to),
            "parent-child" => parent.take_if(|key| key.as_str() == to).is_some(),
            _ => true,
        };
        if holds {
            links.push(Json::Raw(link.to_string()));
        }
    }
    let link = |to: &Key, kind: &str| {
        Json::Object(vec![
            ("issue_id".to_owned(), Json::text(item.key())),
            ("depends_on_id".to_owned(), Json::text(to.as_str())),
            ("type".to_owned(), Json::text(kind)),
        ])
    };
    links.extend(needs.into_iter().map(|need| link(need, "blocks")));
    links.extend(parent.map(|parent| link(parent, "parent-child")));
    links
}

fn take(needs: &mut Vec<&Key>, name: &str) -> bool {
    let place = needs.iter().position(|need| need.as_str() == name);
    place.map(|place| needs.remove(place)).is_some()
}
