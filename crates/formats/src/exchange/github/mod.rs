//! GitHub issues: in as `gh issue list --state all --json …` prints them, out as a script of `gh`
//! calls.

mod body;
mod script;

use jsonc_parser::ast::Value;
use model::diagnostic::{Diagnostic, Span};
use model::draft::{Draft, DraftPhase, DraftTask, Owner, OwnerRole, Stated, Status, TaskKind};
use model::ids::Key;
use model::plan::Plan;

use super::item::{Item, extra, items};
use super::json::{Record, Sheet};
use super::lost::Lost;
use super::text::joined;
use super::{Exported, Field, Holds, Imported, OutFile, Peer, Wishes};
use crate::reading::Format;
use script::{Keep, Script, quoted, row};

/// GitHub issues.
pub struct Github;

/// Labels that begin so are priorities.
const PRIORITY: &str = "priority: ";

/// Fields that are called otherwise here.
const RENAMED: [(&str, &str); 3] =
    [("createdAt", extra::CREATED), ("updatedAt", extra::UPDATED), ("closedAt", extra::CLOSED)];

/// What GitHub says itself about an issue: it is neither lost nor written.
const ITS_OWN: &[&str] = &[
    extra::DESCRIPTION,
    extra::LABELS,
    extra::COMMENTS,
    extra::CREATED,
    extra::UPDATED,
    extra::CLOSED,
    extra::AUTHOR,
    "number",
    "url",
    "id",
    "stateReason",
    "closed",
    "isPinned",
    "milestone",
    "reactionGroups",
    "projectItems",
    "projectCards",
];

impl Format for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    /// By a list whose first object has a number, a title and no batches.
    fn recognises(&self, path: &str, text: &str) -> bool {
        let named = path.to_ascii_lowercase().ends_with(".json");
        let rest = text.trim_start().strip_prefix('[').map(str::trim_start);
        named && rest.is_some_and(|rest| rest.starts_with('{') && rest.contains("\"title\""))
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        let imported = self.import(text, path);
        (imported.draft, imported.diagnostics)
    }
}

impl Peer for Github {
    fn title(&self) -> &'static str {
        "GitHub issues"
    }

    fn place(&self) -> &'static str {
        "issues.json"
    }

    fn import(&self, text: &str, path: &str) -> Imported {
        let mut sheet = Sheet::new(text, path);
        let mut draft = Draft { imported: true, ..Draft::default() };
        let whole = Span::new(0, text.len());
        match sheet.parse(0..text.len()) {
            Some(Value::Array(list)) => {
                for value in list.elements {
                    match value {
                        Value::Object(object) => {
                            let record = Record::new(object, 0, &mut sheet);
                            issue(record, &mut draft, &mut sheet);
                        }
                        _ => sheet.wrong(whole, None, "issue", "an issue must be an object".to_owned()),
                    }
                }
            }
            Some(_) => sheet.wrong(whole, None, "issues", "the file must be a list of issues".to_owned()),
            None => {}
        }
        Imported { draft, diagnostics: sheet.found, lost: sheet.lost }
    }

    fn holds(&self, field: Field) -> Holds {
        match field {
            Field::State => Holds::Partly("GitHub knows open and closed"),
            Field::Owners => Holds::Partly("assignees, without roles"),
            Field::Priority => Holds::Partly("as a label"),
            Field::Phase => Holds::Partly("as a milestone, by its title"),
            Field::Needs | Field::Parent | Field::Criteria => Holds::Partly("as text at the end of the body"),
            Field::Description | Field::Labels => Holds::Whole,
            Field::Comments => Holds::Partly("remarks made here; those of other tools are not repeated"),
            Field::Extra => Holds::Partly("what GitHub keeps about an issue itself"),
            Field::Evidence | Field::Checks | Field::Plan | Field::History => {
                Holds::Nothing("GitHub issues do not ask for proof")
            }
            _ => Holds::Nothing("GitHub issues have no such field"),
        }
    }

    fn write(&self, plan: &Plan, _wishes: Wishes) -> Exported {
        let mut lost = Vec::new();
        let mut script = Script::new(&format!("{}: {}", plan.key, plan.title));
        labels_and_milestones(plan, &mut script);
        for item in items(plan) {
            script.gap();
            script.remark(&format!("{}: {}", item.key(), item.task.title));
            write_issue(&item, &mut script, &mut lost);
        }
        let text = script.finish();
        Exported { files: vec![OutFile { name: "issues.sh".to_owned(), text }], lost }
    }
}

fn issue<'t>(mut record: Record<'t>, draft: &mut Draft, sheet: &mut Sheet<'t>) {
    let number = record.id("number", sheet);
    let title = record.text("title", sheet);
    let text = record.text("body", sheet).unwrap_or_default().replace("\r\n", "\n");
    let body = body::read(&text, record.line);
    let named = body.key.as_deref().or(number.as_deref()).map(|id| match (&body.key, &number) {
        (Some(key), _) => Key::new(key),
        _ => Key::new(&format!("GH-{id}")),
    });
    let (key, generated) = match named {
        Some(Ok(key)) => (key, false),
        _ => {
            sheet.wrong(record.span, None, "number", "the issue has no `number`".to_owned());
            let name = title.as_deref().map_or_else(|| format!("line-{}", record.line), model::ids::slug);
            (Key::new(&format!("issues/{name}")).expect("a slug is visible and short"), true)
        }
    };
    record.key = Some(key.to_string());
    let title = title.unwrap_or_else(|| key.to_string());
    let mut task = DraftTask::new(key, TaskKind::Task, title.trim(), record.line, record.span);
    task.key_generated = generated;
    if body.key.is_some() {
        task.extra.extend(number.map(|number| ("number".to_owned(), number)));
    }
    task.criteria.extend(body.criteria);
    task.parent = body.parent.and_then(|name| Key::new(&name).ok());
    task.needs.extend(body.needs.iter().filter_map(|name| Key::new(name).ok()));
    if !body.description.is_empty() {
        task.extra.insert(extra::DESCRIPTION.to_owned(), body.description);
    }
    state(&mut task, &mut record, sheet);
    people_and_labels(&mut task, &mut record, sheet);
    if let Some(milestone) = record.take("milestone") {
        milestone_of(&mut task, milestone, &record, draft, sheet);
    }
    for (name, value) in record.rest(sheet) {
        let kept = RENAMED.iter().find(|(theirs, _)| *theirs == name).map_or(&*name, |(_, ours)| *ours);
        if !matches!(value.as_str(), "" | "[]" | "{}" | "false") {
            task.extra.insert(kept.to_owned(), value);
        }
    }
    draft.tasks.push(task);
}

fn state<'t>(task: &mut DraftTask, record: &mut Record<'t>, sheet: &mut Sheet<'t>) {
    let Some(word) = record.text("state", sheet) else { return };
    let reason = record.text("stateReason", sheet);
    let given_up =
        matches!(reason.as_deref(), Some("NOT_PLANNED" | "not_planned" | "DUPLICATE" | "duplicate"));
    let state = match word.to_ascii_uppercase().as_str() {
        "CLOSED" if given_up => Stated::Dropped,
        "CLOSED" => Stated::Claimed,
        _ => Stated::Open,
    };
    task.status = Some(Status { word, state });
    if let Some(reason) = reason {
        task.extra.insert("stateReason".to_owned(), reason);
    }
}

fn people_and_labels<'t>(task: &mut DraftTask, record: &mut Record<'t>, sheet: &mut Sheet<'t>) {
    for value in record.list("assignees", sheet) {
        if let Some(name) = name_of(value, "login", "assignees", record, sheet) {
            task.owners.push(Owner { name, role: OwnerRole::Primary });
        }
    }
    let mut labels = Vec::new();
    for value in record.list("labels", sheet) {
        let Some(name) = name_of(value, "name", "labels", record, sheet) else { continue };
        match name.strip_prefix(PRIORITY) {
            Some(priority) if task.priority.is_none() => task.priority = Some(priority.to_owned()),
            _ => labels.push(name),
        }
    }
    if !labels.is_empty() {
        task.extra.insert(extra::LABELS.to_owned(), joined(&labels));
    }
    if let Some(author) =
        record.take("author").and_then(|value| name_of(value, "login", "author", record, sheet))
    {
        task.extra.insert(extra::AUTHOR.to_owned(), author);
    }
}

/// The name of a person or label, given as an object or as text. Colours and ids belong to the
/// repository and stay there.
fn name_of<'t>(
    value: Value<'t>,
    name: &str,
    field: &str,
    of: &Record<'t>,
    sheet: &mut Sheet<'t>,
) -> Option<String> {
    if let Value::StringLit(text) = value {
        return Some(text.value.into_owned());
    }
    let mut object = of.record(value, field, sheet)?;
    let text = object.text(name, sheet);
    if text.is_none() {
        sheet.wrong(object.span, of.key.as_deref(), field, format!("there is no `{name}` in it"));
    }
    text
}

fn milestone_of<'t>(
    task: &mut DraftTask,
    value: Value<'t>,
    record: &Record<'t>,
    draft: &mut Draft,
    sheet: &mut Sheet<'t>,
) {
    let Some(mut milestone) = record.record(value, "milestone", sheet) else { return };
    let Some(title) = milestone.text("title", sheet) else { return };
    let Ok(key) = Key::new(&title) else {
        sheet.wrong(
            milestone.span,
            record.key.as_deref(),
            "milestone",
            "its title cannot be a key".to_owned(),
        );
        return;
    };
    let due = milestone.text("dueOn", sheet);
    milestone.take("number");
    let line = record.line;
    let place = draft.phases.iter().position(|phase| phase.key == key).unwrap_or_else(|| {
        for (name, value) in milestone.rest(sheet).into_iter().filter(|(_, value)| !value.is_empty()) {
            let why = "a milestone comes as a phase, with its title and its date";
            sheet.lost.push(Lost::new(sheet.path, line, &format!("milestone.{name}"), &value, why));
        }
        draft.phases.push(DraftPhase {
            key: key.clone(),
            title: title.clone(),
            window: due.clone(),
            entrance: Vec::new(),
            exit: Vec::new(),
            tasks: Vec::new(),
            line,
            span: record.span,
            task_spans: Vec::new(),
        });
        draft.phases.len() - 1
    });
    draft.phases[place].tasks.push(task.key.clone());
    draft.phases[place].task_spans.push(record.span);
    task.phase = Some(key);
}

/// Labels and milestones that calls below name: `gh` refuses those that do not exist.
fn labels_and_milestones(plan: &Plan, script: &mut Script) {
    let mut labels: Vec<String> = Vec::new();
    let mut milestones: Vec<&str> = Vec::new();
    for item in items(plan) {
        for label in labels_of(&item) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        if let Some(phase) = item.phase().filter(|phase| !milestones.contains(&&*phase.title)) {
            milestones.push(&phase.title);
        }
    }
    if !labels.is_empty() || !milestones.is_empty() {
        script.remark("Labels and milestones that are used below; those that exist stay as they are");
    }
    for label in &labels {
        script.call(&["label", "create", "--", &quoted(label)], &[], Keep::Perhaps);
    }
    for title in milestones {
        let field = [("raw-field", format!("title={title}"))];
        script.call(&["api", "'repos/{owner}/{repo}/milestones'"], &field, Keep::Perhaps);
    }
}

fn labels_of(item: &Item<'_>) -> Vec<String> {
    let priority = item.task.facts.priority().map(|priority| format!("{PRIORITY}{priority}"));
    item.labels().into_iter().chain(priority).collect()
}

fn write_issue(item: &Item<'_>, script: &mut Script, lost: &mut Vec<Lost>) {
    let number = item.extra("number").or_else(|| item.key().strip_prefix("GH-"));
    let number = number.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let own_key = item.key().strip_prefix("GH-").is_none_or(|rest| Some(rest) != number);
    let needs: Vec<&str> = item.needs().into_iter().map(Key::as_str).collect();
    let body = body::write(
        item.extra(extra::DESCRIPTION).unwrap_or_default(),
        &item.criteria(),
        &needs,
        item.parent().map(Key::as_str),
        own_key.then_some(item.key()),
    );
    let mut options = vec![("title", item.task.title.clone()), ("body", body)];
    let adding = |name: &'static str, edits: &'static str| if number.is_some() { edits } else { name };
    let labels = labels_of(item);
    if !labels.is_empty() {
        options.push((adding("label", "add-label"), row(&labels)));
    }
    let owners: Vec<&str> = item.task.facts.owners().map(|owner| owner.name.as_str()).collect();
    if !owners.is_empty() {
        options.push((adding("assignee", "add-assignee"), row(&owners)));
    }
    options.extend(item.phase().map(|phase| ("milestone", phase.title.clone())));
    let target = match number {
        Some(number) => {
            script.call(&["issue", "edit", number], &options, Keep::Nothing);
            number.to_owned()
        }
        None => {
            script.call(&["issue", "create"], &options, Keep::Issue);
            "\"$issue\"".to_owned()
        }
    };
    for note in &item.task.notes {
        let text = format!("{}\n\n({}, {})", note.text, note.by.actor, note.at);
        script.call(&["issue", "comment", &target], &[("body", text)], Keep::Nothing);
    }
    close(item, number.is_some(), &target, script);
    unheld(item, number, lost);
}

fn close(item: &Item<'_>, exists: bool, target: &str, script: &mut Script) {
    let closed =
        exists && item.task.facts.status().is_some_and(|status| status.word.eq_ignore_ascii_case("closed"));
    match item.stated() {
        Stated::Claimed if !closed => {
            let reason = [("reason", "completed".to_owned())];
            script.call(&["issue", "close", target], &reason, Keep::Nothing);
        }
        Stated::Dropped if !closed => {
            let reason = [("reason", "not planned".to_owned())];
            script.call(&["issue", "close", target], &reason, Keep::Nothing);
        }
        Stated::Open | Stated::Active if closed => {
            script.call(&["issue", "reopen", target], &[], Keep::Nothing);
        }
        _ => {}
    }
}

/// What an issue does not hold of the fields it holds in part.
fn unheld(item: &Item<'_>, number: Option<&str>, lost: &mut Vec<Lost>) {
    let mut lose =
        |field: &str, value: &str, why: &str| lost.push(Lost::new("", 0, field, value, why).of(item.key()));
    if item.stated() == Stated::Active {
        lose("state", "active", "GitHub knows open and closed");
    }
    if matches!(item.task.state, model::task::TaskState::Claimed(_)) && item.task.has_checks() {
        lose("state", "claimed, unproven", "GitHub does not know that proof is still owed");
    }
    if let Some(status) =
        item.status().filter(|own| !["OPEN", "CLOSED"].contains(&&*own.word.to_ascii_uppercase()))
    {
        lose("status word", &status.word, "GitHub knows open and closed");
    }
    for owner in item.task.facts.owners().filter(|owner| owner.role != OwnerRole::Primary) {
        lose("owners", &owner.name, "GitHub knows no roles of assignees");
    }
    if let Some(comments) = item.extra(extra::COMMENTS).filter(|_| number.is_none()) {
        lose("comments", comments, "comments of other tools are not repeated in somebody else's name");
    }
    if let Some(phase) = item.phase().filter(|phase| phase.title != phase.key.as_str()) {
        lose("phase", phase.key.as_str(), "a milestone has a title and no key");
    }
    for (name, value) in item.extras_but(ITS_OWN) {
        lose("other fields", &format!("{name}: {value}"), "GitHub issues have no such field");
    }
}
