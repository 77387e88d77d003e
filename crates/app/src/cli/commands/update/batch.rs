//! `update` where the plan lives in an `execution-plan.json`: the fields its users know, refused as
//! a whole where one of them cannot be, and written into the file.

use formats::execution_plan::{STATUSES, invalid_status};
use model::command::Command;
use model::draft::{DraftTask, Owner, OwnerRole, Status};
use model::facts::Fact;
use model::ids::Key;
use model::plan::Plan;
use model::refusal::{Refusal, TASK_NOT_FOUND, VALUE_INVALID};
use model::task::Task;

use super::Update;
use super::status;
use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::plan_file::PlanFile;
use crate::cli::usage::nearest;
use crate::cli::values;

/// The fields of a batch that may be set.
const FIELDS: [&str; 6] = ["status", "progress", "owner", "notes", "blockers", "targetDate"];

/// Updates a batch of a plan file.
pub(super) fn update(call: &Call, file: &PlanFile, update: &Update) -> Outcome {
    file.sound(call)?;
    let batch = find(file, &update.key)?;
    let change = Change::read(file, batch, &update.fields)?;
    let kept = call.keep(file, &update.asking, "update", |plan: &Plan| {
        let task = plan.task_by_key(&batch.key).ok_or_else(|| unknown_batch(file, &update.key))?;
        change.commands(plan, task)
    })?;
    let task = kept.plan.task_by_key(&batch.key);
    let waived = task.map(|task| kept.plan.waived_needs(task, call.now())).unwrap_or_default();
    for (need, waiver) in waived {
        let need = kept.plan.task(need).map(|need| need.key.to_string()).unwrap_or_default();
        let until = lens::words::moment(waiver.until);
        call.ui.warn(format!(
            "`{}` does not wait for `{need}`: waived until {until}, {}",
            batch.key, waiver.reason
        ));
    }
    kept.say(call, &format!("Updated {}", batch.key));
    Ok(())
}

/// The batch with this id, to the letter.
fn find<'f>(file: &'f PlanFile, id: &str) -> Result<&'f DraftTask, Refusal> {
    let batches = &file.reading.draft.tasks;
    batches.iter().find(|batch| batch.key.as_str() == id).ok_or_else(|| unknown_batch(file, id))
}

fn unknown_batch(file: &PlanFile, id: &str) -> Refusal {
    let ids = file.reading.draft.tasks.iter().map(|batch| batch.key.as_str());
    let no = Refusal::new(TASK_NOT_FOUND, format!("Unknown batch id: {id}")).with("task", id);
    match nearest(id, ids) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint("a plan of the store is meant with `--plan KEY`"),
    }
}

/// What is to become of a batch.
#[derive(Default)]
struct Change {
    status: Option<Status>,
    put: Vec<Fact>,
    clear: Vec<Fact>,
    blockers: Option<(Vec<Key>, Vec<String>)>,
}

impl Change {
    /// Reads every field before anything is done; of one that stands twice the last counts.
    fn read(file: &PlanFile, batch: &DraftTask, fields: &[String]) -> Result<Self, Refusal> {
        let mut change = Self::default();
        for field in fields {
            let Some((name, value)) = field.split_once('=') else {
                return Err(Stop::usage(format!("`{field}` is not of the form `field=value`"))
                    .hint(format!("such as `countersign update {} progress=40`", batch.key)));
            };
            match name.trim() {
                "status" => change.status = Some(status_of(value)?),
                "progress" => change.set(Fact::Percent(progress(value)?), false),
                "owner" => {
                    let name = value.trim().to_owned();
                    let gone = name.is_empty();
                    change.set(Fact::Owner(Box::new(Owner { name, role: OwnerRole::Primary })), gone);
                }
                "notes" => {
                    let notes = ("notes".to_owned(), value.to_owned());
                    change.set(Fact::Extra(Box::new(notes)), value.is_empty());
                }
                "blockers" => change.blockers = Some(blockers(file, batch, value)?),
                "targetDate" => {
                    change.set(Fact::Due(Box::new(values::due(value))), value.trim().is_empty());
                }
                other => return Err(unknown_field(other)),
            }
        }
        Ok(change)
    }

    fn set(&mut self, fact: Fact, gone: bool) {
        self.put.retain(|known| !known.same_kind(&fact));
        self.clear.retain(|known| !known.same_kind(&fact));
        if gone || matches!(fact, Fact::Owner(_)) {
            self.clear.push(fact.clone());
        }
        if !gone {
            self.put.push(fact);
        }
    }

    /// The commands it takes, blockers first: what no longer stands in the way does not hinder.
    fn commands(&self, plan: &Plan, task: &Task) -> Result<Vec<Command>, Refusal> {
        let mut commands = Vec::new();
        if let Some((keys, words)) = &self.blockers {
            let need = |key: &Key| match plan.task_by_key(key) {
                Some(need) => Ok(need.id),
                None => Err(Refusal::new(VALUE_INVALID, format!("Unknown blocker id: {key}"))),
            };
            let needs = keys.iter().map(need).collect::<Result<Vec<_>, Refusal>>()?;
            commands.push(Command::Rewire { task: task.id, needs, blockers: words.clone() });
        }
        let mut put = self.put.clone();
        if let Some(status) = &self.status {
            commands.extend(status::commands(task, status));
            put.push(Fact::Status(Box::new(status.clone())));
        }
        if !put.is_empty() || !self.clear.is_empty() {
            commands.push(Command::Update { task: task.id, put, clear: self.clear.clone() });
        }
        Ok(commands)
    }
}

fn status_of(word: &str) -> Result<Status, Refusal> {
    let known = STATUSES.iter().find(|(status, _)| *status == word);
    let no = || Refusal::new(VALUE_INVALID, invalid_status(word)).with("status", word);
    let (word, state) = known.ok_or_else(|| match nearest(word, STATUSES.map(|(status, _)| status)) {
        Some(near) => no().hint(format!("did you mean `{near}`?")),
        None => no(),
    })?;
    Ok(Status { word: (*word).to_owned(), state: *state })
}

/// A number from 0 to 100 and nothing else; a fraction is kept as it is.
fn progress(text: &str) -> Result<f64, Refusal> {
    let plain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte));
    let number = plain.then(|| text.parse::<f64>().ok()).flatten();
    match number.filter(|number| (0.0..=100.0).contains(number)) {
        // A zero has no sign worth writing.
        Some(number) => Ok(number + 0.0),
        None => {
            let no = Refusal::new(VALUE_INVALID, "Progress must be between 0 and 100").with("value", text);
            Err(no.fact(format!("`{text}` is no such number")))
        }
    }
}

/// The batches that are named, and words that stood there before.
fn blockers(file: &PlanFile, batch: &DraftTask, value: &str) -> Result<(Vec<Key>, Vec<String>), Refusal> {
    let batches = &file.reading.draft.tasks;
    let (mut keys, mut words) = (Vec::new(), Vec::new());
    for named in value.split(',').map(str::trim).filter(|named| !named.is_empty()) {
        let known = batches.iter().find(|other| other.key.as_str() == named);
        match known {
            Some(other) => keys.push(other.key.clone()),
            None if batch.blockers.iter().any(|word| word == named) => words.push(named.to_owned()),
            None => {
                let no = Refusal::new(VALUE_INVALID, format!("Unknown blocker id: {named}"))
                    .with("blocker", named);
                let near = nearest(named, batches.iter().map(|other| other.key.as_str()));
                return Err(match near {
                    Some(near) => no.hint(format!("did you mean `{near}`?")),
                    None => {
                        no.hint("name batches of the plan, with commas between them; nothing clears the list")
                    }
                });
            }
        }
    }
    Ok((keys, words))
}

fn unknown_field(name: &str) -> Refusal {
    let no = Refusal::new(VALUE_INVALID, format!("a batch has no field `{name}`")).with("field", name);
    match nearest(name, FIELDS) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint(format!("fields are `{}`", FIELDS.join("`, `"))),
    }
}
