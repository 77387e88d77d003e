//! What verbs have to do with documents: those that change something take hand edits in first and
//! write back after, those that look show edits nobody took in yet. One place for all of them;
//! which bytes that takes, `engine::sync` knows.

use std::sync::Arc;

use engine::desk::{Denied, Desk as _, Receipt, Request};
use engine::store::Store;
use engine::sync::{self, Around, Change, TakenIn, Unsynced};
use model::command::Command;
use model::ids::PlanId;
use model::plan::Plan;
use model::settings::Syncing;
use serde::Serialize;

use super::call::Call;
use super::error::Outcome;

/// How many written fields are told one by one before it is said how many more there are.
const FIELDS_TOLD: usize = 6;

/// How the documents of a plan that is looked at stand beside it.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Documents whose edits are shown although nobody took them in yet.
    pub shown: Vec<String>,
    /// Documents that say something else than is shown, and why: `PLAN.md is …`.
    pub apart: Vec<String>,
}

/// What a verb did to documents, for machines.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DocumentsDone {
    /// How many events recorded hand edits, before the verb's own.
    pub taken_in: usize,
    /// Fields that were written into documents.
    pub written: Vec<Change>,
    /// Documents that were left alone, and why.
    pub left: Vec<Unsynced>,
}

impl From<Around> for DocumentsDone {
    fn from(around: Around) -> Self {
        Self { taken_in: around.taken_in, written: around.changes, left: around.left }
    }
}

impl Call {
    /// The plan as its documents have it now, and what to say about that. Writes nothing.
    pub fn overlaid(&self, store: &Store, plan: Arc<Plan>) -> Outcome<(Arc<Plan>, Beside)> {
        let seen = sync::overlay(store, &plan)?;
        let apart = seen.apart.iter().map(|left| format!("`{}` {}", left.path, left.why)).collect();
        let Some(over) = seen.plan else { return Ok((plan, Beside { shown: Vec::new(), apart })) };
        Ok((Arc::new(over), Beside { shown: seen.files, apart }))
    }

    /// Takes hand edits in before a verb looks for what it is about. That a document cannot be
    /// taken in is said once the command is handed in; the verb goes on against the journal.
    pub fn take_in_edits(&self, store: &Store, plan: &Arc<Plan>) -> Outcome<Arc<Plan>> {
        if !follows(plan) {
            return Ok(Arc::clone(plan));
        }
        match sync::take_in_first(store, plan.id, &self.request()?) {
            Ok(taken) if taken.recorded > 0 => {
                self.tell_taken_in(&taken);
                Ok(store.desk().plan(plan.id)?)
            }
            Ok(_) | Err(Denied::Refused(_)) => Ok(Arc::clone(plan)),
            Err(down) => Err(down.into()),
        }
    }

    /// Takes hand edits in for a verb that must not go on where that is refused.
    pub fn take_in_or_stop(&self, store: &Store, plan: PlanId) -> Outcome<TakenIn> {
        Ok(sync::take_in_first(store, plan, &self.request()?)?)
    }

    /// Hands a command in; where the plan wants that, between taking hand edits in and writing back.
    pub fn submit_in_step(
        &self,
        store: &Store,
        plan: PlanId,
        request: &Request,
        command: Command,
    ) -> Outcome<(Receipt, Around)> {
        let follows = plan != PlanId::STORE && follows(&*store.desk().plan(plan)?);
        if !follows {
            return Ok((store.desk().submit(plan, request, command)?, Around::default()));
        }
        Ok(sync::submit(store, plan, request, command)?)
    }

    /// The same for several commands, all together or not at all.
    pub fn submit_all_in_step(
        &self,
        store: &Store,
        plan: PlanId,
        request: &Request,
        name: &'static str,
        commands: &[Command],
    ) -> Outcome<(Receipt, Around)> {
        if !follows(&*store.desk().plan(plan)?) {
            return Ok((store.desk().submit_all(plan, request, name, commands)?, Around::default()));
        }
        let handed_in = |_: &Arc<Plan>| Ok((request.clone(), commands.to_vec()));
        Ok(sync::submit_all(store, plan, request, name, handed_in)?)
    }

    /// Writes back what a verb did. That it could not be written is said, and undoes nothing.
    pub fn write_back(&self, store: &Store, plan: PlanId) -> Outcome<DocumentsDone> {
        match sync::write_back(store, plan, &self.request()?) {
            Ok(written) => {
                let done = DocumentsDone { taken_in: 0, written: written.changes, left: written.left };
                self.tell_documents(&done);
                Ok(done)
            }
            Err(denied) => {
                self.ui.warn(format!("the plan's documents were not written: {denied}"));
                Ok(DocumentsDone::default())
            }
        }
    }

    /// Says what was written and what was left alone, as steps beside the verb's own answer.
    pub fn tell_documents(&self, done: &DocumentsDone) {
        for change in done.written.iter().take(FIELDS_TOLD) {
            self.ui.step("wrote", field_in_words(change));
        }
        if let Some(more) = done.written.len().checked_sub(FIELDS_TOLD).filter(|more| *more > 0) {
            self.ui.step("wrote", format!("and {more} more"));
        }
        for left in &done.left {
            self.tell_left(left);
        }
    }

    /// Says why a document was left alone, and how to go on.
    pub fn tell_left(&self, left: &Unsynced) {
        let subject = if left.path.is_empty() { "a document".to_owned() } else { format!("`{}`", left.path) };
        self.ui.warn(format!("{subject} {}", left.why));
        if let Some(hint) = &left.hint {
            self.ui.note(format!("hint: {hint}"));
        }
    }

    fn tell_taken_in(&self, taken: &TakenIn) {
        let files: Vec<&str> = taken.files.iter().map(String::as_str).collect();
        let changes = lens::words::count_of(taken.recorded.saturating_sub(1), "change");
        self.ui.step("taking in", format!("{}: {changes}", files.join(", ")));
    }
}

/// Whether verbs keep a plan's documents in step.
pub fn follows(plan: &Plan) -> bool {
    plan.settings.sync == Syncing::Auto
}

/// `PLAN.md:14  7.3 box [ ] → [x]`.
pub fn field_in_words(change: &Change) -> String {
    let Change { path, line, about, field, before, after } = change;
    format!("{path}:{line}  {about} {field} {} → {}", value(field, before), value(field, after))
}

/// What a field says, as the document shows it.
pub fn value<'a>(field: &str, text: &'a str) -> &'a str {
    match (field, text) {
        (_, "") => "nothing",
        ("box", "ticked") => "[x]",
        ("box", "not ticked") => "[ ]",
        (_, text) => text,
    }
}
