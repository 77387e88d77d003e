//! Many senders at once: what they hand in while the disk is busy is ruled on one after the other and
//! recorded together, so that all of them share one wait for the disk. One alone waits no longer.

use std::collections::{HashMap, hash_map};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use jiff::Timestamp;
use journal::Entry;
use model::actor::By;
use model::command::Command;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{INTERNAL_FAULT, Refusal};

use super::load::Loaded;
use super::local::{advance, still_stands};
use super::signing::believed;
use super::{Denied, Desk as _, LocalDesk, Receipt, Request, encoding};

/// The most commands that are recorded together.
const TOGETHER: usize = 64;

/// So many may wait for their turn before whoever hands in more has to wait too.
const WAITING: usize = 1024;

/// A desk for many senders.
pub struct Crowd {
    queue: SyncSender<Job>,
}

/// A command and where its answer goes.
struct Job {
    plan: PlanId,
    request: Request,
    command: Command,
    answer: SyncSender<Result<Receipt, Denied>>,
}

impl Crowd {
    /// Begins to take commands in for a desk.
    pub fn before(desk: Arc<LocalDesk>) -> io::Result<Self> {
        let (queue, jobs) = sync_channel(WAITING);
        // Ends once nobody can hand anything in any more.
        std::thread::Builder::new().name("desk".to_owned()).spawn(move || serve(&desk, &jobs))?;
        Ok(Self { queue })
    }

    /// Hands a command in, and waits for what comes of it.
    pub fn submit(&self, plan: PlanId, request: Request, command: Command) -> Result<Receipt, Denied> {
        let gone = || Denied::from(Fault::new(INTERNAL_FAULT, "the desk has closed"));
        let (answer, answered) = sync_channel(1);
        self.queue.send(Job { plan, request, command, answer }).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }
}

fn serve(desk: &LocalDesk, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut jobs = vec![first];
        jobs.extend(queue.try_iter().take(TOGETHER - 1));
        let answers = match jobs.as_slice() {
            [only] => vec![alone(desk, only)],
            several => together(desk, several)
                .unwrap_or_else(|| several.iter().map(|job| alone(desk, job)).collect()),
        };
        for (job, answer) in jobs.iter().zip(answers) {
            // Who asked may have gone; it is done all the same.
            let _ = job.answer.send(answer);
        }
    }
}

/// Hands one command in by itself. One that cannot be carried through takes nobody else with it.
fn alone(desk: &LocalDesk, job: &Job) -> Result<Receipt, Denied> {
    let ruled = AssertUnwindSafe(|| desk.submit(job.plan, &job.request, job.command.clone()));
    catch_unwind(ruled).unwrap_or_else(|_| {
        let said = format!("the command `{}` was cut off by a fault of the program", job.command.name());
        Err(Fault::new(INTERNAL_FAULT, said).into())
    })
}

/// Rules on several commands, each on its plan as those before it leave it, and records them together.
/// Nothing where that cannot be: somebody else was faster, two of them are one request, or one of them
/// cannot be carried through. Then no answer that was found stands, for it was given on plans that
/// never came to be, and nothing of the group is on record.
fn together(desk: &LocalDesk, jobs: &[Job]) -> Option<Vec<Result<Receipt, Denied>>> {
    let mut plans = HashMap::new();
    let mut entries = Vec::new();
    let ruled = AssertUnwindSafe(|| -> Result<Vec<Settled>, Fault> {
        jobs.iter().map(|job| desk.rule_in_crowd(&mut plans, &mut entries, job)).collect()
    });
    let settled = catch_unwind(ruled).ok()?.ok()?;
    let appended = desk.journal().append_all(&entries).ok()?;
    for ((plan, ..), appended) in entries.iter().zip(&appended) {
        // Of several entries of a plan, the last one is where it stands.
        if plans.get(plan).is_some_and(|loaded| loaded.plan.seq == appended.last)
            && let Some(loaded) = plans.remove(plan)
        {
            desk.settle(*plan, loaded, *appended);
        }
    }
    for (plan, loaded) in plans {
        // Nothing was recorded of it.
        desk.put(plan, loaded);
    }
    let mut recorded = entries.iter().zip(&appended);
    let answer = |settled| match settled {
        Settled::Answered(answer) => answer,
        Settled::Refused { plan, by, name, refusal, at } => {
            desk.record_attempt(plan, &by, name, &refusal, at);
            Err(Denied::Refused(refusal))
        }
        Settled::Recorded(events) => {
            let lost = || Fault::new(INTERNAL_FAULT, "the journal lost a command on its way");
            let ((plan, _, entry), appended) = recorded.next().ok_or_else(lost)?;
            let (count, last) = (events.len(), appended.last);
            Ok(Receipt { plan: *plan, count, events, last, at: entry.at, repeated: false })
        }
    };
    Some(settled.into_iter().map(answer).collect())
}

/// What became of a command before anything was recorded.
enum Settled {
    /// There is nothing to record.
    Answered(Result<Receipt, Denied>),
    /// It is refused, which is put on record.
    Refused { plan: PlanId, by: By, name: &'static str, refusal: Box<Refusal>, at: Timestamp },
    /// This is to be recorded, in turn.
    Recorded(Vec<Event>),
}

impl LocalDesk {
    /// Rules on a command, given the plans as those before it leave them. Only a fault is an error.
    fn rule_in_crowd(
        &self,
        plans: &mut HashMap<PlanId, Loaded>,
        entries: &mut Vec<(PlanId, Seq, Entry)>,
        job: &Job,
    ) -> Result<Settled, Fault> {
        let Job { plan, request, command, .. } = job;
        let (plan, name, now) = (*plan, command.name(), self.now());
        let refused = |by: &By, denied: Denied| match denied {
            Denied::Refused(refusal) => Ok(Settled::Refused { plan, by: by.clone(), name, refusal, at: now }),
            Denied::Down(fault) => Err(*fault),
        };
        match self.once(plan, request, name) {
            Ok(None) => {}
            Ok(Some(receipt)) => return Ok(Settled::Answered(Ok(receipt))),
            Err(denied) => return Ok(Settled::Answered(Err(denied))),
        }
        let by = match believed(self.journal(), plan, request, command) {
            Ok(by) => by,
            Err(no) => return refused(&request.by, no),
        };
        let loaded = match plans.entry(plan) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(new) => new.insert(self.take(plan)?),
        };
        let expected = loaded.plan.seq;
        let ruled = still_stands(&loaded.plan, request)
            .map_err(Denied::from)
            .and_then(|()| self.admit(loaded, &by, request, command, now))
            .and_then(|given| {
                let events = self.rule(&loaded.plan, command.clone(), &by, request, now)?;
                Ok((given, events))
            });
        let (given, mut events) = match ruled {
            Ok(ruled) => ruled,
            Err(denied) => return refused(&by, denied),
        };
        if events.is_empty() && request.id.is_none() && request.blobs.is_empty() {
            let receipt = Receipt { plan, count: 0, events, last: expected, at: now, repeated: false };
            return Ok(Settled::Answered(Ok(receipt)));
        }
        let mut entry = self.entry(now, &by, name, request);
        entry.given.extend(given);
        encoding::write(&mut events, self.redactor(), &mut entry.events)?;
        advance(loaded, &events, now, &by);
        entries.push((plan, expected, entry));
        Ok(Settled::Recorded(events))
    }
}

#[cfg(test)]
mod tests;
