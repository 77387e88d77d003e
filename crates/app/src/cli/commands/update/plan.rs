//! `update` of a task of the store's plan.

use model::command::Command;
use model::draft::{Owner, OwnerRole, Stated, Status};
use model::facts::Fact;
use model::plan::Plan;
use model::refusal::{Refusal, VALUE_INVALID};
use model::settings::Trust;
use model::task::Task;

use super::{Update, status};
use crate::cli::call::Call;
use crate::cli::context::{Opened, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::usage::nearest;
use crate::cli::values;

/// The fields every task has, as they are named here.
const FIELDS: [&str; 7] = ["status", "percent", "owner", "due", "window", "priority", "estimate"];

/// Other names that people know them by.
const OTHER_NAMES: [(&str, &str); 4] =
    [("progress", "percent"), ("targetdate", "due"), ("owners", "owner"), ("estimate_days", "estimate")];

/// Updates a task.
pub(super) fn update(call: &Call, opened: &Opened, update: &Update) -> Outcome {
    let task = find_task(&opened.plan, &update.key)?;
    let mut change = Change::default();
    for field in &update.fields {
        let Some((name, value)) = field.split_once('=') else {
            return Err(Stop::usage(format!("`{field}` is not of the form `field=value`"))
                .hint(format!("such as `countersign update {} percent=40`", task.key))
                .into());
        };
        change.set(&opened.plan, task, name.trim(), value.trim())?;
    }
    match <[Command; 1]>::try_from(change.commands(task)) {
        Ok([only]) => call.submit_and_say(opened, &update.asking, only),
        Err(several) => call.submit_all_and_say(opened, &update.asking, "update", &several),
    }
}

/// What is to become of a task's fields.
#[derive(Default)]
pub struct Change {
    put: Vec<Fact>,
    clear: Vec<Fact>,
    /// What a status takes where the document's word counts.
    moves: Vec<Command>,
}

impl Change {
    /// The commands it takes, none of which does anything without the others.
    pub fn commands(self, task: &Task) -> Vec<Command> {
        let Self { put, clear, mut moves } = self;
        moves.push(Command::Update { task: task.id, put, clear });
        moves
    }

    /// Sets a field, named as people name it; an empty value clears it.
    pub fn set(&mut self, plan: &Plan, task: &Task, name: &str, value: &str) -> Result<(), Refusal> {
        let field = name.to_lowercase();
        let field =
            OTHER_NAMES.iter().find(|(other, _)| *other == field).map_or(field.as_str(), |known| known.1);
        if field == "owner" {
            self.set_owners(task, value);
            return Ok(());
        }
        let extra = task.facts.extra().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let fact = match field {
            // What is to go needs no value of its own: the kind says which.
            "status" if value.is_empty() => {
                Fact::Status(Box::new(Status { word: String::new(), state: Stated::Open }))
            }
            "status" => {
                let status = read_status(plan, task, value)?;
                if plan.settings.trust == Trust::Document {
                    self.moves = status::commands(task, &status);
                }
                Fact::Status(Box::new(status))
            }
            "percent" if value.is_empty() => Fact::Percent(0.0),
            "percent" => Fact::Percent(values::percent(value)?),
            "due" => Fact::Due(Box::new(values::due(value))),
            "window" => Fact::Window(value.to_owned()),
            "priority" => Fact::Priority(value.to_owned()),
            "estimate" if value.is_empty() => Fact::EstimateDays(0.0),
            "estimate" => Fact::EstimateDays(values::days(value)?),
            _ => match extra {
                Some((known, _)) => Fact::Extra(Box::new((known.to_owned(), value.to_owned()))),
                None => return Err(unknown(task, name)),
            },
        };
        if value.is_empty() {
            self.clear.push(fact)
        } else {
            self.put.push(fact)
        }
        Ok(())
    }

    /// Whoever is named answers for the task from now on, nobody else; who helps stays.
    fn set_owners(&mut self, task: &Task, value: &str) {
        let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
        let primary = names.map(|name| Owner { name: name.to_owned(), role: OwnerRole::Primary });
        let others = task.facts.owners().filter(|owner| owner.role != OwnerRole::Primary);
        let owners: Vec<Owner> = primary.chain(others.cloned()).collect();
        if task.facts.owners().eq(owners.iter()) {
            return;
        }
        self.clear.extend(task.facts.owners().next().map(|known| Fact::Owner(Box::new(known.clone()))));
        self.put.extend(owners.into_iter().map(|owner| Fact::Owner(Box::new(owner))));
    }
}

/// A status is a label; that the work is done is a claim, and has a verb of its own, except where
/// the document's word counts.
fn read_status(plan: &Plan, task: &Task, word: &str) -> Result<Status, Refusal> {
    let invalid = |message| Refusal::new(VALUE_INVALID, message).with("status", word);
    match formats::words::status::state(word) {
        Some(Stated::Claimed) if plan.settings.trust == Trust::Verified => {
            Err(invalid(format!("`{word}` says that the work is done, which is a claim"))
                .hint(format!("say so with `countersign claim {}`", task.key)))
        }
        Some(Stated::Dropped) => Err(invalid(format!("`{word}` says that the work will not be done"))
            .hint(format!("say so with `countersign drop {} --reason …`", task.key))),
        Some(state) => Ok(Status { word: word.to_owned(), state }),
        None => Err(invalid(format!("`{word}` is not a status"))
            .hint("such as `not started`, `in progress`, `ready for review`, `blocked`")),
    }
}

fn unknown(task: &Task, name: &str) -> Refusal {
    let refusal = Refusal::new(VALUE_INVALID, format!("a task has no field `{name}`")).with("field", name);
    let extra = task.facts.extra().map(|(known, _)| known);
    let known = FIELDS.into_iter().chain(OTHER_NAMES.iter().map(|(other, _)| *other)).chain(extra);
    match nearest(name, known) {
        Some(near) => refusal.hint(format!("did you mean `{near}`?")),
        None => refusal.hint(format!("fields are `{}`", FIELDS.join("`, `"))),
    }
}
