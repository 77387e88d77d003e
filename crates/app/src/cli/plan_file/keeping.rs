//! Changing a plan that lives in a file: the file's own edits are taken in, the change is recorded,
//! and the file is written, as one step between other processes. A plan that no store knows yet is
//! taken in silently: whoever lives by the file need not know that there is a history.

use std::path::Path;
use std::sync::Arc;

use engine::desk::{Denied, Desk as _, Request};
use engine::documents::{Documents, Unread};
use engine::store::Store;
use engine::sync::{self, SyncLock};
use model::command::Command;
use model::fault::Fault;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{DOCUMENT_UNWRITABLE, INTERNAL_FAULT, POLICY_DENIED, Refusal};

use super::PlanFile;
use crate::cli::call::Call;
use crate::cli::context::{Asking, Opened};
use crate::cli::error::{Outcome, Stop};
use crate::cli::report::Done;

/// Codes that keeping a file in step can end with, beyond those of reading and writing a store.
pub const KEEPS_FILE: &[&str] = &[DOCUMENT_UNWRITABLE, POLICY_DENIED];

/// What came of a change.
pub struct Kept {
    /// The plan as it was before the change.
    pub before: Arc<Plan>,
    /// The plan as the change left it.
    pub plan: Arc<Plan>,
    done: Done,
}

impl Kept {
    /// Says it: the sentence, or the receipt as JSON.
    pub fn say(&self, call: &Call, sentence: &str) {
        if call.ui.wants_json() {
            self.done.say(call, &self.before);
        } else {
            call.ui.line(sentence);
        }
    }
}

impl Call {
    /// Carries out what `commands` makes of a file's plan, all of it or nothing, and writes the file.
    pub fn keep(
        &self,
        file: &PlanFile,
        asking: &Asking,
        name: &'static str,
        commands: impl FnOnce(&Plan) -> Result<Vec<Command>, Refusal>,
    ) -> Outcome<Kept> {
        writable(&file.path)?;
        let store = self.store_to_fill(file.folder())?;
        let request = self.request()?;
        let plan = match adopted(&store, file)? {
            Some(plan) => plan,
            None => adopt(&store, file, &request)?,
        };
        self.keep_in(&store, plan, asking, name, commands)
    }

    /// The same for the plan of the store that is meant.
    pub fn keep_in_store(
        &self,
        asking: &Asking,
        name: &'static str,
        commands: impl FnOnce(&Plan) -> Result<Vec<Command>, Refusal>,
    ) -> Outcome<Kept> {
        let Opened { store, plan, .. } = self.open_to_write()?;
        self.keep_in(&store, plan.id, asking, name, commands)
    }

    fn keep_in(
        &self,
        store: &Store,
        plan: PlanId,
        asking: &Asking,
        name: &'static str,
        commands: impl FnOnce(&Plan) -> Result<Vec<Command>, Refusal>,
    ) -> Outcome<Kept> {
        let mut request = self.request()?;
        let mut known = None;
        let (receipt, around) = sync::submit_all(store, plan, &request.clone(), name, |before| {
            known = Some(Arc::clone(before));
            let commands = commands(before)?;
            request = self.request_for_all(asking, plan, &commands).map_err(denied)?;
            Ok((request.clone(), commands))
        })?;
        if let Some(left) = around.left.first() {
            let message = format!("the change is on record, but `{}` was not written", left.path);
            let mut no =
                Refusal::new(DOCUMENT_UNWRITABLE, message).fact(&left.why).with("path", left.path.as_str());
            no.hint = left.hint.clone();
            return Err(no.into());
        }
        let plan = store.desk().plan(plan)?;
        let before = known.unwrap_or_else(|| Arc::clone(&plan));
        let done = Done::of(&request, receipt, around, name, store.is_test());
        Ok(Kept { before, plan, done })
    }
}

/// What ends a verb, as the desk would say it.
fn denied(stop: Stop) -> Denied {
    match stop {
        Stop::Refused(no) => Denied::Refused(no),
        Stop::Fault(fault) => Denied::Down(fault),
        Stop::Said(code) => Denied::from(Fault::new(INTERNAL_FAULT, code)),
    }
}

/// The plan that the file was adopted as.
fn adopted(store: &Store, file: &PlanFile) -> Outcome<Option<PlanId>> {
    let path = store.relative(&file.path);
    for line in store.desk().plans()? {
        let plan = store.desk().plan(line.id)?;
        if plan.sources.iter().any(|source| source.path == path) {
            return Ok(Some(line.id));
        }
    }
    Ok(None)
}

/// Takes the file in. Of several processes that come at once, one does.
fn adopt(store: &Store, file: &PlanFile, request: &Request) -> Outcome<PlanId> {
    let _lock = SyncLock::acquire(store).map_err(Denied::from)?;
    if let Some(plan) = adopted(store, file)? {
        return Ok(plan);
    }
    let documents = Documents::read(std::slice::from_ref(&file.path))
        .map_err(|Unread { path, error }| Stop::file(&path.display().to_string(), "read", &error))?;
    Ok(documents.take_in(store, request)?.plan())
}

/// Refuses a file that nobody may write, before anything is recorded.
fn writable(path: &Path) -> Result<(), Refusal> {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    // Asking the system, not the file's mode: to the superuser nothing is read-only.
    let opened = std::fs::File::options().append(true).open(path);
    if !opened.is_err_and(|error| matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem)) {
        return Ok(());
    }
    let shown = path.display().to_string();
    Err(Refusal::new(DOCUMENT_UNWRITABLE, format!("`{shown}` is read-only, so nothing was changed"))
        .hint(format!("let it be written with `chmod u+w {shown}`"))
        .with("path", shown))
}
