//! Task Master: `tasks.json`, lists of tasks under tags; the older shape has one list and no tag.

use std::collections::HashMap;

use jsonc_parser::ast::Value;
use model::diagnostic::Diagnostic;
use model::draft::{Draft, DraftPhase, DraftTask, Owner, OwnerRole, Stated, Status, TaskKind};
use model::ids::{Key, TaskId};
use model::plan::Plan;

use super::field::lone_owner;
use super::item::{Item, comments, extra, items};
use super::json::{Json, Record, Sheet, id_of};
use super::lost::Lost;
use super::text::joined;
use super::{Exported, Field, Holds, Imported, OutFile, Peer, Wishes};
use crate::reading::Format;

/// Task Master.
pub struct TaskMaster;

/// Every status a task may have, and what it says about the work.
const STATUSES: [(&str, Stated); 8] = [
    ("pending", Stated::Open),
    ("in-progress", Stated::Active),
    ("done", Stated::Claimed),
    ("cancelled", Stated::Dropped),
    ("review", Stated::Active),
    ("deferred", Stated::Open),
    ("blocked", Stated::Open),
    ("completed", Stated::Claimed),
];

/// Priorities by rank.
const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// How deep subtasks stand in one another at most: a file may not nest deeper than it is read.
const DEEPEST: usize = 24;

/// The tag of tasks that stand under none.
const MASTER: &str = "master";

/// Extra fields that are written by name and not with the rest.
const WRITTEN: &[&str] = &[extra::DESCRIPTION, extra::LABELS, extra::COMMENTS, "details", "testStrategy"];

impl Format for TaskMaster {
    fn name(&self) -> &'static str {
        "task-master"
    }

    /// By a list of `tasks` at the top or one level below it, and no `batches`.
    fn recognises(&self, path: &str, text: &str) -> bool {
        let named = path.to_ascii_lowercase().ends_with(".json");
        if !named || !text.trim_start().starts_with('{') || !text.contains("\"tasks\"") {
            return false;
        }
        serde_json::from_str::<Shape>(text).is_ok_and(|shape| shape.fits)
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        let imported = self.import(text, path);
        (imported.draft, imported.diagnostics)
    }
}

/// Whether an object has `tasks`, or objects that have; looked at without keeping anything.
struct Shape {
    fits: bool,
}

impl<'de> serde::Deserialize<'de> for Shape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use std::collections::BTreeMap;
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        #[expect(dead_code, reason = "only the shape matters, not what is in it")]
        enum Below {
            List(Vec<serde::de::IgnoredAny>),
            Object(BTreeMap<String, serde::de::IgnoredAny>),
            Other(serde::de::IgnoredAny),
        }
        let top = BTreeMap::<String, Below>::deserialize(deserializer)?;
        let tasks = matches!(top.get("tasks"), Some(Below::List(_)));
        let tagged =
            top.values().any(|below| matches!(below, Below::Object(fields) if fields.contains_key("tasks")));
        Ok(Self { fits: (tasks || tagged) && !top.contains_key("batches") })
    }
}

impl Peer for TaskMaster {
    fn title(&self) -> &'static str {
        "Task Master"
    }

    fn place(&self) -> &'static str {
        ".taskmaster/tasks/tasks.json"
    }

    fn import(&self, text: &str, path: &str) -> Imported {
        let mut sheet = Sheet::new(text, path);
        let mut draft = Draft { imported: true, ..Draft::default() };
        match sheet.parse(0..text.len()) {
            Some(Value::Object(root)) => {
                let root = Record::new(root, 0, &mut sheet);
                read_root(root, &mut draft, &mut sheet);
            }
            Some(_) => {
                let why = "the file must be an object with `tasks`, or with tags that have them".to_owned();
                let whole = model::diagnostic::Span::new(0, text.len());
                sheet.wrong(whole, None, "tasks", why);
            }
            None => {}
        }
        Imported { draft, diagnostics: sheet.found, lost: sheet.lost }
    }

    fn holds(&self, field: Field) -> Holds {
        match field {
            Field::State => Holds::Partly("Task Master knows done, not whether it was proven"),
            Field::Owners => Holds::Partly("one assignee, in a field it keeps and does not use"),
            Field::Priority => Holds::Partly("critical, high, medium or low"),
            Field::Phase => Holds::Partly("as tags, where nothing needs a task of another phase"),
            Field::Description | Field::Needs | Field::Parent => Holds::Whole,
            Field::Labels | Field::Comments | Field::Extra => Holds::Whole,
            Field::Evidence | Field::Checks | Field::Plan | Field::History => {
                Holds::Nothing("Task Master does not ask for proof")
            }
            _ => Holds::Nothing("Task Master has no such field"),
        }
    }

    fn write(&self, plan: &Plan, _wishes: Wishes) -> Exported {
        let mut lost = Vec::new();
        let tagged = tags_hold(plan);
        let tree = Tree::of(plan, &mut lost);
        let mut tags: Vec<&str> = Vec::new();
        if tagged {
            tags.extend(plan.phases.iter().map(|phase| phase.key.as_str()));
        }
        if !tags.contains(&MASTER) {
            tags.insert(0, MASTER);
        }
        let mut lists: Vec<(&str, Vec<Json>)> = tags.into_iter().map(|tag| (tag, Vec::new())).collect();
        for item in &tree.top {
            let tag = item.phase().filter(|_| tagged).map_or(MASTER, |phase| phase.key.as_str());
            if item.phase().is_some_and(|phase| phase.key.as_str() == MASTER) {
                let why = "tasks of no phase stand under `master`, too";
                lost.push(Lost::new("", 0, "phase", MASTER, why).of(item.key()));
            }
            if let Some((_, list)) = lists.iter_mut().find(|(known, _)| *known == tag) {
                list.push(tree.task(item, None, tag, &mut lost));
            }
        }
        let lists = lists.into_iter().filter(|(tag, list)| !list.is_empty() || *tag != MASTER);
        let lists: Vec<(String, Json)> = lists
            .map(|(tag, list)| {
                let fields = vec![("tasks".to_owned(), Json::List(list))];
                (tag.to_owned(), Json::Object(fields))
            })
            .collect();
        if !tagged {
            for item in items(plan) {
                if let Some(phase) = item.phase() {
                    let why = "tasks of different tags cannot need each other";
                    lost.push(Lost::new("", 0, "phase", phase.key.as_str(), why).of(item.key()));
                }
            }
        }
        let text = Json::Object(lists).pretty();
        Exported { files: vec![OutFile { name: "tasks.json".to_owned(), text }], lost }
    }
}

fn read_root<'t>(mut root: Record<'t>, draft: &mut Draft, sheet: &mut Sheet<'t>) {
    if let Some(tasks) = root.take("tasks") {
        read_tag(MASTER, tasks, &root, draft, sheet);
        root.take("metadata").into_iter().for_each(|value| metadata(&value, &root, sheet));
    }
    for name in root.names() {
        let Some(value) = root.take(&name) else { continue };
        let Value::Object(_) = value else {
            root.wrong(&value, &name, "a tag with `tasks`", sheet);
            continue;
        };
        let Some(mut tag) = root.record(value, &name, sheet) else { continue };
        if let Some(tasks) = tag.take("tasks") {
            read_tag(&name, tasks, &tag, draft, sheet);
        }
        tag.take("metadata").into_iter().for_each(|value| metadata(&value, &tag, sheet));
        for (field, value) in tag.rest(sheet) {
            sheet.lost.push(Lost::new(sheet.path, root.line, &field, &value, "a tag has no such field here"));
        }
    }
}

fn metadata<'t>(value: &Value<'t>, of: &Record<'t>, sheet: &mut Sheet<'t>) {
    let line = sheet.lines.line_of(of.place(value).start);
    let raw = of.raw(value, sheet);
    let why = "Task Master writes it anew";
    sheet.lost.push(Lost::new(sheet.path, line, "metadata", raw, why));
}

fn read_tag<'t>(tag: &str, tasks: Value<'t>, of: &Record<'t>, draft: &mut Draft, sheet: &mut Sheet<'t>) {
    let span = of.place(&tasks);
    let Value::Array(list) = tasks else {
        of.wrong(&tasks, "tasks", "a list", sheet);
        return;
    };
    let first = draft.tasks.len();
    let prefix = if tag == MASTER { String::new() } else { format!("{tag}:") };
    for value in list.elements {
        if let Some(record) = of.record(value, "task", sheet) {
            let top = Above { prefix: &prefix, key: None };
            read_task(record, &top, draft, sheet);
        }
    }
    siblings(&mut draft.tasks[first..]);
    // Tasks under no other tag stand under this one; it says nothing about them.
    let Some(key) = Key::new(tag).ok().filter(|_| tag != MASTER) else { return };
    draft.phases.push(DraftPhase {
        key,
        title: tag.to_owned(),
        window: None,
        entrance: Vec::new(),
        exit: Vec::new(),
        tasks: draft.tasks[first..].iter().map(|task| task.key.clone()).collect(),
        line: sheet.lines.line_of(span.start),
        span,
        task_spans: vec![span; draft.tasks.len() - first],
    });
}

/// What a task stands below.
struct Above<'a> {
    /// Before the keys of its tag.
    prefix: &'a str,
    /// The task it is part of.
    key: Option<&'a Key>,
}

fn read_task<'t>(mut record: Record<'t>, above: &Above<'_>, draft: &mut Draft, sheet: &mut Sheet<'t>) {
    let id = record.id("id", sheet).filter(|id| !id.is_empty());
    let title = record.text("title", sheet);
    let (key, generated) = match id.as_deref().map(|id| Key::new(&full(id, above))) {
        Some(Ok(key)) => (key, false),
        found => {
            let why = match found {
                Some(Err(error)) => format!("`id` cannot be used: {error}"),
                _ => "the task has no `id`".to_owned(),
            };
            sheet.wrong(record.span, None, "id", why);
            let name = title.as_deref().map_or_else(|| format!("line-{}", record.line), model::ids::slug);
            (Key::new(&format!("tasks/{name}")).expect("a slug is visible and short"), true)
        }
    };
    record.key = Some(key.to_string());
    let title = title.unwrap_or_else(|| key.to_string());
    let mut task = DraftTask::new(key.clone(), TaskKind::Task, title.trim(), record.line, record.span);
    task.key_generated = generated;
    task.parent = above.key.cloned();
    if let Some(word) = record.text("status", sheet) {
        let known = STATUSES.iter().find(|(status, _)| *status == word).map(|(_, state)| *state);
        let state = known.or_else(|| crate::words::status::state(&word)).unwrap_or_default();
        task.status = Some(Status { word, state });
    }
    task.priority = record.text("priority", sheet);
    if let Some(name) = record.text("assignee", sheet) {
        task.owners.push(Owner { name: name.trim().to_owned(), role: OwnerRole::Primary });
    }
    for value in record.list("dependencies", sheet) {
        let Some(id) = id_of(&value) else {
            record.wrong(&value, "dependencies", "a list of ids", sheet);
            continue;
        };
        let near = matches!(value, Value::NumberLit(_)).then_some(above.key).flatten();
        let key = match near {
            // A number in a subtask means its neighbour, where there is one: settled later.
            Some(parent) => Key::new(&format!("{parent}.{id}")),
            None => Key::new(&in_tag(&id, above.prefix)),
        };
        match key {
            Ok(key) if !task.needs.contains(&key) => task.needs.push(key),
            Ok(_) => {}
            Err(error) => record.wrong(&value, "dependencies", &error.to_string(), sheet),
        }
    }
    let labels = record.texts("labels", sheet);
    if !labels.is_empty() {
        task.extra.insert(extra::LABELS.to_owned(), joined(&labels));
    }
    let below = record.list("subtasks", sheet);
    let parts: Vec<Record<'t>> =
        below.into_iter().filter_map(|value| record.record(value, "subtasks", sheet)).collect();
    for (name, value) in record.rest(sheet) {
        if !matches!(value.as_str(), "" | "[]" | "{}") {
            task.extra.insert(name, value);
        }
    }
    draft.tasks.push(task);
    for part in parts {
        read_task(part, &Above { prefix: above.prefix, key: Some(&key) }, draft, sheet);
    }
}

/// The key of an id: that of a subtask is its parent's and a number.
fn full(id: &str, above: &Above<'_>) -> String {
    match above.key {
        Some(parent) if id.bytes().all(|byte| byte.is_ascii_digit()) => format!("{parent}.{id}"),
        _ => in_tag(id, above.prefix),
    }
}

/// An id within its tag: numbers count anew under each tag, names do not.
fn in_tag(id: &str, prefix: &str) -> String {
    if is_counted(id) { format!("{prefix}{id}") } else { id.to_owned() }
}

/// Whether an id is a number, or the number of a subtask.
fn is_counted(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// A number that names no neighbour of a subtask means a task of the list.
fn siblings(tasks: &mut [DraftTask]) {
    let known: std::collections::HashSet<Key> = tasks.iter().map(|task| task.key.clone()).collect();
    for task in tasks {
        let Some(parent) = &task.parent else { continue };
        let prefix = parent.as_str().split_once(':').map_or("", |(tag, _)| tag);
        for need in &mut task.needs {
            let number = need.as_str().strip_prefix(parent.as_str()).and_then(|rest| rest.strip_prefix('.'));
            let Some(number) = number.filter(|_| !known.contains(need)) else { continue };
            let top = if prefix.is_empty() { number.to_owned() } else { format!("{prefix}:{number}") };
            if let Some(top) = Key::new(&top).ok().filter(|top| known.contains(top)) {
                *need = top;
            }
        }
    }
}

/// Whether phases can be tags: no task needs, or is part of, one of another, and no bare number
/// would be taken for a number of its tag.
fn tags_hold(plan: &Plan) -> bool {
    let phase = |id: &TaskId| plan.task(*id).map(|task| task.phase);
    let named = plan.tasks.iter().all(|task| {
        let tag = task.phase.and_then(|id| plan.phase(id)).map(|phase| phase.key.as_str());
        tag.is_none_or(|tag| tag == MASTER || !is_counted(task.key.as_str()))
    });
    named
        && plan.tasks.iter().all(|task| {
            let needs = task.needs.iter().chain(&task.parent);
            needs.filter_map(phase).all(|other| other == task.phase)
        })
}

/// Tasks below the tasks they are part of.
struct Tree<'p> {
    top: Vec<Item<'p>>,
    below: HashMap<TaskId, Vec<Item<'p>>>,
}

impl<'p> Tree<'p> {
    fn of(plan: &'p Plan, lost: &mut Vec<Lost>) -> Self {
        let mut tree = Self { top: Vec::new(), below: HashMap::new() };
        for item in items(plan) {
            let Some(parent) = item.task.parent.filter(|_| item.parent().is_some()) else {
                tree.top.push(item);
                continue;
            };
            let above = std::iter::successors(Some(parent), |id| plan.task(*id)?.parent);
            if above.take(DEEPEST + 1).count() > DEEPEST {
                let name = item.parent().map_or("", Key::as_str);
                let why = "subtasks stand too deep in one another, or in a circle";
                lost.push(Lost::new("", 0, "parent", name, why).of(item.key()));
                tree.top.push(item);
            } else {
                tree.below.entry(parent).or_default().push(item);
            }
        }
        tree
    }

    fn task(&self, item: &Item<'p>, parent: Option<&str>, tag: &str, lost: &mut Vec<Lost>) -> Json {
        let mut fields: Vec<(String, Json)> = Vec::new();
        let mut put =
            |name: &str, value: Option<Json>| fields.extend(value.map(|value| (name.to_owned(), value)));
        let text = |name: &str| item.extra(name).map(Json::kept);
        put("id", Some(short(item.key(), parent, tag)));
        put("title", Some(Json::text(&item.task.title)));
        put("description", text(extra::DESCRIPTION));
        put("details", text("details"));
        put("testStrategy", text("testStrategy"));
        put("priority", priority(item, lost));
        let needs = item.needs().into_iter().map(|need| short(need.as_str(), parent, tag)).collect();
        put("dependencies", Some(Json::List(needs)));
        put("status", Some(Json::text(super::item::word(item, &STATUSES, "Task Master", lost))));
        let labels = item.labels();
        put("labels", (!labels.is_empty()).then(|| Json::texts(&labels)));
        put("assignee", lone_owner(item, "Task Master", lost).map(Json::text));
        let comments = comments(item);
        put("comments", (!comments.is_empty()).then_some(Json::List(comments)));
        for (name, value) in item.extras_but(WRITTEN) {
            put(name, Some(Json::kept(value)));
        }
        let parts = self.below.get(&item.task.id).into_iter().flatten();
        let parts: Vec<Json> = parts.map(|part| self.task(part, Some(item.key()), tag, lost)).collect();
        put("subtasks", Some(Json::List(parts)));
        Json::Object(fields)
    }
}

/// A key as an id: a number where it is one, without tag and, beside its neighbours, without parent.
fn short(key: &str, parent: Option<&str>, tag: &str) -> Json {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits && (text == "0" || !text.starts_with('0'))).then(|| Json::number(text))
    };
    let near = parent.and_then(|parent| key.strip_prefix(parent)?.strip_prefix('.'));
    if let Some(number) = near.and_then(number) {
        return number;
    }
    let bare = key.strip_prefix(tag).and_then(|rest| rest.strip_prefix(':')).unwrap_or(key);
    match number(bare) {
        // Beside a subtask a number would mean its neighbour.
        Some(number) if parent.is_none() => number,
        _ => Json::text(bare),
    }
}

fn priority(item: &Item<'_>, lost: &mut Vec<Lost>) -> Option<Json> {
    let word = item.task.facts.priority()?;
    if PRIORITIES.contains(&word) {
        return Some(Json::text(word));
    }
    let why = "Task Master knows critical, high, medium and low";
    lost.push(Lost::new("", 0, "priority", word, why).of(item.key()));
    item.rank().map(|rank| Json::text(PRIORITIES[usize::from(rank.min(3))]))
}
