//! Handing a command in and saying what came of it; showing an answer.

use engine::desk::{Receipt, Request};
use engine::store::Store;
use engine::sync::Around;
use journal::Blob;
use lens::page::Answer;
use model::actor::{By, Known};
use model::command::Command;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{Refusal, USAGE_INVALID};
use serde::Serialize;

use super::call::Call;
use super::context::{Asking, Opened, find_task};
use super::error::Outcome;
use super::syncing::DocumentsDone;
use super::ui::tame;
use crate::config::Origin;
use crate::wire::{ReceiptBody, entries};

/// What is said on standard output where the store's clock and ids are made up.
pub const TEST_STORE: &str = "note: a test store: its clock and ids are made up";

/// What came of a command, with everything it takes to tell it.
pub struct Done {
    /// Who asked, as it went on record.
    pub by: By,
    /// What the desk gave back.
    pub receipt: Receipt,
    /// What became of the plan's documents.
    pub documents: DocumentsDone,
    command: &'static str,
    test: bool,
}

impl Call {
    /// Hands a command about a plan in.
    pub fn submit(&self, opened: &Opened, asking: &Asking, command: Command) -> Outcome<Done> {
        self.submit_and(opened, asking, command, None)
    }

    /// The same, with what is said besides: both are recorded, or neither.
    pub fn submit_and(
        &self,
        opened: &Opened,
        asking: &Asking,
        command: Command,
        besides: Option<Command>,
    ) -> Outcome<Done> {
        let mut request = self.request_for(asking, opened.id(), &command)?;
        if !self.shows_grant_of(&opened.plan, &command) {
            request.fence = None;
        }
        let Some(besides) = besides else {
            return self.submit_asked(&opened.store, opened.id(), request, command);
        };
        let (name, commands) = (command.name(), [command, besides]);
        let (receipt, around) =
            self.submit_all_in_step(&opened.store, opened.id(), &request, name, &commands)?;
        let done = Done::of(&request, receipt, around, name, opened.store.is_test());
        self.tell_documents(&done.documents);
        Ok(done)
    }

    /// Whether the grant that the environment names is about the task of a command: it comes with a
    /// task's name, and says nothing about any other.
    fn shows_grant_of(&self, plan: &Plan, command: &Command) -> bool {
        if matches!(self.config.fence.origin, Origin::Flag(_)) {
            return true;
        }
        let named = self.config.task.value.as_deref().and_then(|key| find_task(plan, key).ok());
        named.is_none_or(|named| command.works_on().is_none_or(|task| task == named.id))
    }

    /// Hands a command in to any stream of a store, with contents that it names by digest.
    pub fn submit_to(
        &self,
        store: &Store,
        plan: PlanId,
        asking: &Asking,
        command: Command,
        blobs: Vec<Blob>,
    ) -> Outcome<Done> {
        let mut request = self.request_for(asking, plan, &command)?;
        request.blobs = blobs;
        self.submit_asked(store, plan, request, command)
    }

    fn submit_asked(&self, store: &Store, plan: PlanId, request: Request, command: Command) -> Outcome<Done> {
        let name = command.name();
        let (receipt, around) = self.submit_in_step(store, plan, &request, command)?;
        let done = Done::of(&request, receipt, around, name, store.is_test());
        self.tell_documents(&done.documents);
        Ok(done)
    }

    /// Hands a command about a plan in and says what came of it: all that most verbs do.
    pub fn submit_and_say(&self, opened: &Opened, asking: &Asking, command: Command) -> Outcome {
        let done = self.submit(opened, asking, command)?;
        done.say(self, &opened.plan);
        Ok(())
    }

    /// Hands several commands about a plan in, all together or not at all, and says what came of it.
    pub fn submit_all_and_say(
        &self,
        opened: &Opened,
        asking: &Asking,
        name: &'static str,
        commands: &[Command],
    ) -> Outcome {
        let request = self.request_for_all(asking, opened.id(), commands)?;
        let (receipt, around) =
            self.submit_all_in_step(&opened.store, opened.id(), &request, name, commands)?;
        let done = Done::of(&request, receipt, around, name, opened.store.is_test());
        self.tell_documents(&done.documents);
        done.say(self, &opened.plan);
        Ok(())
    }

    /// A request for several commands at once. Only one alone can be signed.
    pub fn request_for_all(&self, asking: &Asking, plan: PlanId, commands: &[Command]) -> Outcome<Request> {
        match commands {
            [only] => self.request_for(asking, plan, only),
            _ if asking.sign => Err(Refusal::new(USAGE_INVALID, "only one change at a time can be signed")
                .hint("make one change after the other")
                .into()),
            _ => self.request().map(|request| Request { id: asking.request.clone(), ..request }),
        }
    }

    /// Shows an answer: as JSON where that is wanted, else as a page.
    pub fn show(&self, answer: &impl Answer) {
        if self.ui.wants_json() {
            self.ui.json(answer);
        } else {
            self.ui.page(&answer.page());
        }
    }
}

/// What came of a command, for machines.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    receipt: ReceiptBody<'a>,
    /// What became of the plan's documents.
    documents: &'a DocumentsDone,
}

impl Done {
    /// What came of several commands that were handed in together.
    pub fn of(request: &Request, receipt: Receipt, around: Around, name: &'static str, test: bool) -> Self {
        let known = if request.signature.is_some() { Known::Signature } else { request.by.known };
        let by = By::new(request.by.actor.clone(), known);
        Self { by, receipt, documents: around.into(), command: name, test }
    }

    /// Says it: one line for each event, or the receipt as JSON.
    pub fn say(&self, call: &Call, plan: &Plan) {
        if call.ui.wants_json() {
            let receipt = ReceiptBody::of(&self.receipt, &self.by, self.command, plan, self.test);
            call.ui.json(&Shown { receipt, documents: &self.documents });
            return;
        }
        let entries = entries(&self.receipt, &self.by, self.command, plan);
        if entries.is_empty() {
            call.ui.line("nothing to change: it was so already");
        }
        for entry in entries {
            call.ui.line(tame(&format!("{} {}", entry.doer, entry.text)));
        }
        if self.receipt.repeated {
            call.ui.line("note: this request was carried out before; that is what came of it then");
        }
        if self.test {
            call.ui.line(TEST_STORE);
        }
    }
}
