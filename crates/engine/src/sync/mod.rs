//! Keeping documents true: hand edits in, the journal's changes out, field by field, and not a byte
//! of an author lost on the way.
//!
//! Three parties stand behind each document: what it said when file and journal were last in step,
//! what the file says now, and what the journal wants said. [`state`] finds out how a file stands,
//! [`merge`] tells which side changed what, [`replace`] writes, and [`recover`] puts in order what a
//! crash or an editor in the same instant left. Start reading at [`submit`] for what a verb does, and
//! at [`sync`] for the whole of it. It never decides what a plan may do: all that goes through the
//! desk. Why it is so: `docs/design/0004-sync.md`.

mod attributes;
pub mod fault;
pub(crate) mod file;
pub(crate) mod history;
mod lease;
mod lines;
pub mod lock;
mod merge;
mod near;
mod recover;
pub mod replace;
mod revise;
mod state;
#[cfg(test)]
mod tests;
mod told;
mod wanted;
mod write;

use std::collections::HashSet;
use std::sync::Arc;

use model::command::Command;
use model::fault::Fault;
use model::ids::{Key, PlanId, Seq};
use model::plan::Plan;
use model::refusal::{DOCUMENT_CONFLICT_MARKERS, PLAN_MOVED, Refusal};
use serde::Serialize;

use crate::desk::{Denied, Desk as _, Receipt, Request};
use crate::store::Store;
use fault::Point;
use state::Surveyed;

pub use lock::SyncLock;
pub use merge::{Change, Conflict, Side};
pub use recover::Recovered;
pub use replace::Left;
pub use state::Standing;

/// How often file and journal are compared anew because one of them moved meanwhile.
const ROUNDS: u32 = 20;

/// How a document of a plan stands beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentState {
    /// The document, as among the plan's sources.
    pub path: String,
    /// What its file is.
    #[serde(flatten)]
    pub standing: Standing,
    /// How many fields the journal wants written in it.
    pub pending: usize,
    /// The fields that both sides changed to different things.
    pub conflicts: Vec<Conflict>,
}

impl DocumentState {
    /// Whether there is nothing to do about it in either direction.
    pub fn is_in_step(&self) -> bool {
        self.standing == Standing::InStep && self.pending == 0
    }
}

/// What a plan's documents say beside the journal, for whoever only looks.
#[derive(Debug, Default)]
pub struct Overlay {
    /// The plan as taking their edits in would leave it; nothing where there are none to show.
    pub plan: Option<Plan>,
    /// The documents whose edits are in it.
    pub files: Vec<String>,
    /// Documents that say something else, and why that is not shown.
    pub apart: Vec<Unsynced>,
}

/// What whoever asks for a sync by name wants besides.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which side prevails where both changed a field.
    pub take: Option<Side>,
    /// About which tasks that decides; about all of them where there are none.
    pub keys: Vec<Key>,
    /// Only says what would be done.
    pub check_only: bool,
}

/// What a sync came to, or would.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Synced {
    /// How each document stood at the beginning.
    pub documents: Vec<DocumentState>,
    /// Fields that came from the documents.
    pub taken_in: Vec<Change>,
    /// How much of the plan that changed: events recorded.
    pub recorded: usize,
    /// Fields that were written into the documents.
    pub written: Vec<Change>,
    /// Fields that both sides changed; where there are any, nothing was done.
    pub conflicts: Vec<Conflict>,
    /// Documents that were not written, and why.
    pub left: Vec<Unsynced>,
    /// What was done about saves in the instant of an earlier write.
    pub recovered: Vec<String>,
    /// Tasks that a document has done although something they need is not.
    pub against: Vec<Against>,
}

impl Synced {
    /// A field of an earlier version that the journal writes over again is told as written, and not
    /// also as taken in.
    fn tell_once(&mut self) {
        let place = |change: &Change| (change.path.clone(), change.about.clone(), change.field.clone());
        let written: HashSet<_> = self.written.iter().map(place).collect();
        self.taken_in.retain(|change| !written.contains(&place(change)));
    }
}

/// A document that was not brought in step, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsynced {
    /// The document, as among the plan's sources.
    pub path: String,
    /// Why, as the end of a sentence about it.
    pub why: String,
    /// How to go on.
    pub hint: Option<String>,
}

/// A task that a document has done although something it needs is not. Satisfies nothing; the
/// document is left as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Against {
    /// The task.
    pub key: String,
    /// Its line.
    pub line: u32,
    /// What it needs and is not done.
    pub needs: Vec<String>,
}

/// What went on around a command.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Around {
    /// Events recorded for hand edits that were taken in first.
    pub taken_in: usize,
    /// Documents that were written.
    pub written: Vec<String>,
    /// The fields that were written in them.
    pub changes: Vec<Change>,
    /// Documents that were left alone, and why: to be said once, the command stands.
    pub left: Vec<Unsynced>,
}

/// How each document of a plan stands. Writes nothing; cheap where nothing happened.
pub fn look(store: &Store, plan: &Plan) -> Result<Vec<DocumentState>, Fault> {
    let mut states = Vec::new();
    for surveyed in state::survey(store, plan)? {
        let judged = wanted::judge(store, plan, &surveyed, None)?;
        states.push(DocumentState {
            pending: judged.edits.len(),
            conflicts: judged.conflicts,
            path: surveyed.path,
            standing: surveyed.standing,
        });
    }
    Ok(states)
}

/// The plan with the edits of its documents that were not taken in yet, and which documents say
/// something that is not shown. Writes nothing; only looks at digests where nobody edited anything.
pub fn overlay(store: &Store, plan: &Arc<Plan>) -> Result<Overlay, Fault> {
    let surveyed = state::survey(store, plan)?;
    let mut overlay = Overlay::default();
    overlay
        .apart
        .extend(surveyed.iter().filter_map(|document| unsynced(document).or(write::earlier(document))));
    let refused = |overlay: &mut Overlay, no: Refusal| {
        let edited = surveyed.iter().filter(|document| document.standing == Standing::Edited);
        overlay.apart.extend(edited.map(|document| Unsynced {
            path: document.path.clone(),
            why: format!("was edited, which cannot be taken in: {}", no.message),
            hint: no.hint.clone(),
        }));
    };
    let revision = match revise::revision(store, plan, &surveyed, &revise::Wish::default()) {
        Ok(Some(revision)) => revision,
        Ok(None) => return Ok(overlay),
        Err(Denied::Refused(no)) => {
            refused(&mut overlay, *no);
            return Ok(overlay);
        }
        Err(Denied::Down(fault)) => return Err(*fault),
    };
    let files = revision.files.clone();
    match store.desk().rehearse(plan.id, &Request::system(), revision.command) {
        Ok(mut over) => {
            // Nothing was recorded, so nothing of it has a number yet.
            (over.revision, over.seq, over.at) = (plan.revision, plan.seq, plan.at);
            (overlay.plan, overlay.files) = (Some(over), files);
        }
        Err(Denied::Refused(no)) => refused(&mut overlay, *no),
        Err(Denied::Down(fault)) => return Err(*fault),
    }
    Ok(overlay)
}

/// Carries a command out between taking hand edits in and writing the documents. Where a document
/// cannot be brought in step the command goes on against the journal, and the answer says so.
pub fn submit(
    store: &Store,
    plan: PlanId,
    request: &Request,
    command: Command,
) -> Result<(Receipt, Around), Denied> {
    submit_all(store, plan, request, command.name(), |_| Ok((request.clone(), vec![command])))
}

/// The same for several commands that are recorded all together or not at all. `commands` gets the
/// plan with hand edits taken in, and gives what is asked for and who asks for it.
pub fn submit_all(
    store: &Store,
    plan: PlanId,
    request: &Request,
    name: &str,
    commands: impl FnOnce(&Arc<Plan>) -> Result<(Request, Vec<Command>), Denied>,
) -> Result<(Receipt, Around), Denied> {
    let _lock = SyncLock::acquire(store)?;
    store.faults().pass(Point::Locked);
    let mut around = before(store, plan, request)?;
    let (own, commands) = commands(&store.desk().plan(plan)?)?;
    if !around.left.is_empty() {
        let receipt = store.desk().submit_all(plan, &own, name, &commands)?;
        return Ok((receipt, around));
    }
    let surveyed = state::survey(store, &*store.desk().plan(plan)?)?;
    let mut surveyed = Some(surveyed);
    let (mut announced, mut settled) = (Vec::new(), Vec::new());
    let receipt = store.desk().submit_with(plan, &own, name, &commands, &mut |after, events| {
        // Somebody else recorded something meanwhile: what was to be written then is of no use.
        let Some(surveyed) = surveyed.take() else { return Ok((Vec::new(), Vec::new())) };
        let all = write::announcements(store, after, events, surveyed)?;
        (announced, settled) = (all.announced, all.settled);
        Ok((all.commands, all.blobs))
    })?;
    let mut written = Written::default();
    let recorded = store.desk().plan(plan)?;
    announced.retain(|announced| announced.is_announced(&recorded));
    settled.retain(|(path, digest)| write::is_settled(&recorded, path, *digest, receipt.last));
    // Documents that were not in step are looked at once more, and told of.
    let mut rest = announced.len() + settled.len() < state::documents(&recorded).count();
    drop(recorded);
    for announced in &announced {
        rest |= !write::carry_out(store, plan, request, announced, &mut written)?;
    }
    if rest {
        let more = write_locked(store, plan, request)?;
        written.documents.extend(more.documents);
        written.changes.extend(more.changes);
        written.left.extend(more.left);
    }
    (around.written, around.changes, around.left) = (written.documents, written.changes, written.left);
    Ok((receipt, around))
}

/// The same for whoever hands several commands in: `act` gets the plan with hand edits taken in.
pub fn around<T>(
    store: &Store,
    plan: PlanId,
    request: &Request,
    act: impl FnOnce(&Arc<Plan>) -> Result<T, Denied>,
) -> Result<(T, Around), Denied> {
    let _lock = SyncLock::acquire(store)?;
    store.faults().pass(Point::Locked);
    let mut around = before(store, plan, request)?;
    let done = act(&store.desk().plan(plan)?)?;
    let blocked = !around.left.is_empty();
    if !blocked {
        let written = write_locked(store, plan, request)?;
        (around.written, around.changes, around.left) = (written.documents, written.changes, written.left);
    }
    Ok((done, around))
}

/// Takes hand edits in; where they cannot be, says so and lets the command go on.
fn before(store: &Store, plan: PlanId, request: &Request) -> Result<Around, Denied> {
    let mut around = Around::default();
    match take_in_locked(store, plan, request, &revise::Wish::default()) {
        Ok(taken) => around.taken_in = taken.recorded,
        Err(Denied::Refused(no)) => around.left.push(Unsynced {
            path: no.context.get("path").and_then(|path| path.as_str()).unwrap_or_default().to_owned(),
            why: format!("was left alone: {}", no.message),
            hint: no.hint.clone(),
        }),
        Err(down) => return Err(down),
    }
    Ok(around)
}

/// Takes hand edits in, as every verb does that changes something. Refused where both sides changed
/// a field to different things, or a document holds the marks of an unfinished merge.
pub fn take_in_first(store: &Store, plan: PlanId, request: &Request) -> Result<TakenIn, Denied> {
    let _lock = SyncLock::acquire(store)?;
    store.faults().pass(Point::Locked);
    take_in_locked(store, plan, request, &revise::Wish::default())
}

/// What taking in came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TakenIn {
    /// How many events were recorded.
    pub recorded: usize,
    /// The revision's receipt, where there was one.
    pub receipt: Option<Receipt>,
    /// The documents that were edited.
    pub files: Vec<String>,
    /// Fields that came from the documents, where they were asked for.
    pub changes: Vec<Change>,
}

/// Writes what the journal has for the documents, as every verb does that changed something.
pub fn write_back(store: &Store, plan: PlanId, request: &Request) -> Result<Written, Denied> {
    let _lock = SyncLock::acquire(store)?;
    store.faults().pass(Point::Locked);
    write_locked(store, plan, request)
}

/// What writing back came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    /// The documents that were written.
    pub documents: Vec<String>,
    /// The fields.
    pub changes: Vec<Change>,
    /// The documents that were not, and why.
    pub left: Vec<Unsynced>,
}

/// Brings documents and journal in step, because somebody asked for it by name: then also documents
/// that are at an earlier version follow.
pub fn sync(store: &Store, plan: PlanId, request: &Request, options: &Options) -> Result<Synced, Denied> {
    if options.check_only {
        return check(store, plan, options);
    }
    let _lock = SyncLock::acquire(store)?;
    store.faults().pass(Point::Locked);
    let mut synced = Synced::default();
    let known = store.desk().plan(plan)?;
    for recovered in recover_all(store, &known)? {
        synced.recovered.push(match recovered {
            Recovered::Merged { path } => {
                format!("{path}: what was saved in the instant of a write is in it")
            }
            Recovered::Kept { path, at } => {
                format!("{path}: what was saved in the instant of a write is kept as {at}")
            }
        });
    }
    let wish = revise::Wish { by_name: true, take: options.take, keys: options.keys.clone(), details: true };
    let surveyed = state::survey(store, &known)?;
    (synced.documents, synced.conflicts) = states(store, &known, &surveyed, &wish)?;
    if !synced.conflicts.is_empty() {
        return Ok(synced);
    }
    // What was found out already need not be found out again.
    let mut found = Some((known.seq, surveyed));
    drop(known);
    for _ in 0..ROUNDS {
        let taken = take_in_found(store, plan, request, &wish, found.take())?;
        synced.recorded += taken.recorded;
        synced.taken_in.extend(taken.changes);
        let written = write_locked(store, plan, request)?;
        synced.written.extend(written.changes);
        synced.left = written.left;
        let settled = state::survey(store, &*store.desk().plan(plan)?)?
            .iter()
            .all(|document| !matches!(document.standing, Standing::Edited));
        if settled {
            break;
        }
    }
    let known = store.desk().plan(plan)?;
    synced.against = against(&known, store.desk().now());
    synced.tell_once();
    Ok(synced)
}

/// What a sync would do.
fn check(store: &Store, plan: PlanId, options: &Options) -> Result<Synced, Denied> {
    let plan = store.desk().plan(plan)?;
    let wish = revise::Wish { by_name: true, take: options.take, keys: options.keys.clone(), details: true };
    let mut synced = Synced::default();
    let surveyed = state::survey(store, &plan)?;
    (synced.documents, synced.conflicts) = states(store, &plan, &surveyed, &wish)?;
    for surveyed in &surveyed {
        let judged = wanted::judge(store, &plan, surveyed, Some(&wish))?;
        synced.taken_in.extend(judged.file.changes);
        synced.written.extend(judged.changes);
        synced.left.extend(unsynced(surveyed));
    }
    synced.against = against(&plan, store.desk().now());
    synced.tell_once();
    Ok(synced)
}

fn states(
    store: &Store,
    plan: &Plan,
    surveyed: &[Surveyed],
    wish: &revise::Wish,
) -> Result<(Vec<DocumentState>, Vec<Conflict>), Denied> {
    let (mut states, mut conflicts) = (Vec::new(), Vec::new());
    for surveyed in surveyed {
        let judged = wanted::judge(store, plan, surveyed, Some(wish))?;
        conflicts.extend(judged.conflicts.iter().cloned());
        states.push(DocumentState {
            pending: judged.edits.len(),
            conflicts: judged.conflicts,
            path: surveyed.path.clone(),
            standing: surveyed.standing.clone(),
        });
    }
    Ok((states, conflicts))
}

/// The refusal where both sides changed fields to different things.
pub fn moved(conflicts: &[Conflict]) -> Refusal {
    let count = conflicts.len();
    let fields = if count == 1 { "a field".to_owned() } else { format!("{count} fields") };
    let mut no = Refusal::new(
        PLAN_MOVED,
        format!("{fields} changed in the document and in the journal, to different things"),
    )
    .hint("say which one holds with `countersign sync --take document` or `--take journal`, or edit the document so that both agree")
    .with("conflicts", serde_json::to_value(conflicts).unwrap_or_default());
    if let Some(first) = conflicts.first() {
        no = no.with("path", first.path.as_str());
    }
    no.facts = conflicts
        .iter()
        .map(|conflict| {
            let Conflict { path, line, about, field, document, journal } = conflict;
            format!(
                "{path}:{line}: {field} of `{about}`: the document says `{document}`, the journal `{journal}`"
            )
        })
        .collect();
    no
}

fn take_in_locked(
    store: &Store,
    plan: PlanId,
    request: &Request,
    wish: &revise::Wish,
) -> Result<TakenIn, Denied> {
    take_in_found(store, plan, request, wish, None)
}

/// The same where the documents were looked at already, of a plan whose last event was this one.
fn take_in_found(
    store: &Store,
    plan: PlanId,
    request: &Request,
    wish: &revise::Wish,
    mut found: Option<(Seq, Vec<Surveyed>)>,
) -> Result<TakenIn, Denied> {
    for _ in 0..ROUNDS {
        let known = store.desk().plan(plan)?;
        recover_all(store, &known)?;
        let surveyed = match found.take() {
            Some((seq, surveyed)) if seq == known.seq => surveyed,
            _ => state::survey(store, &known)?,
        };
        store.faults().pass(Point::Read);
        write::confirm(store, &known, request, &surveyed)?;
        if let Some(marked) =
            surveyed.iter().find(|document| matches!(document.standing, Standing::Markers { .. }))
        {
            return Err(marks(marked).into());
        }
        let Some(revision) = revise::revision(store, &known, &surveyed, wish)? else {
            return Ok(TakenIn::default());
        };
        drop(known);
        match revision.record(store, plan, request) {
            Err(Denied::Refused(no)) if no.code == PLAN_MOVED => {}
            other => {
                store.faults().pass(Point::TakenIn);
                return other;
            }
        }
    }
    Err(Refusal::new(PLAN_MOVED, "the plan's documents change without pause")
        .hint("try again in a moment")
        .into())
}

fn write_locked(store: &Store, plan: PlanId, request: &Request) -> Result<Written, Denied> {
    let mut written = Written::default();
    let paths: Vec<String> =
        state::documents(&*store.desk().plan(plan)?).map(|source| source.path.clone()).collect();
    for path in paths {
        write::write(store, plan, request, &path, &mut written)?;
    }
    Ok(written)
}

fn recover_all(store: &Store, plan: &Plan) -> Result<Vec<Recovered>, Fault> {
    let mut all = Vec::new();
    for source in state::documents(plan) {
        for _ in 0..ROUNDS {
            let Some(recovered) = recover::recover(store, plan, source)? else { break };
            all.push(recovered);
        }
    }
    Ok(all)
}

fn marks(document: &Surveyed) -> Refusal {
    let Standing::Markers { line } = document.standing else {
        return Refusal::new(
            DOCUMENT_CONFLICT_MARKERS,
            format!("`{}` holds marks of a merge", document.path),
        );
    };
    Refusal::new(
        DOCUMENT_CONFLICT_MARKERS,
        format!("`{}` holds the marks of an unfinished merge, from line {line} on", document.path),
    )
    .hint("finish the merge, then go on; nothing was taken in")
    .with("path", document.path.as_str())
    .with("line", line)
}

/// Why a document cannot be brought in step as it lies there.
fn unsynced(document: &Surveyed) -> Option<Unsynced> {
    let (why, hint) = match &document.standing {
        Standing::InStep | Standing::Edited | Standing::Earlier { .. } => return None,
        Standing::Missing => ("is not there".to_owned(), "put it back, or adopt the plan without it"),
        Standing::Unreadable { why } => {
            (why.clone(), "the last text is on record; put it right and sync again")
        }
        Standing::Markers { line } => {
            (format!("holds the marks of an unfinished merge, from line {line} on"), "finish the merge")
        }
    };
    Some(Unsynced { path: document.path.clone(), why, hint: Some(hint.to_owned()) })
}

fn against(plan: &Plan, now: jiff::Timestamp) -> Vec<Against> {
    let done = |task: &&model::task::Task| task.asserted.state == model::draft::Stated::Claimed;
    let mut all = Vec::new();
    for task in plan.tasks.iter().filter(|task| !task.is_dropped()).filter(done) {
        let needs = plan.unmet_needs(task, now);
        if !needs.is_empty() {
            let name = |id| plan.task(id).map_or_else(|| id.to_string(), |need| need.key.to_string());
            let needs = needs.into_iter().map(name).collect();
            all.push(Against { key: task.key.to_string(), line: task.line, needs });
        }
    }
    all
}
