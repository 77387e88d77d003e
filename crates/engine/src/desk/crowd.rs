//! Many senders at once: what they hand in while the disk is busy is ruled on one after the other and
//! recorded together, so that all of them share one wait for the disk. One alone waits no longer.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use journal::Entry;
use model::command::Command;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::INTERNAL_FAULT;

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

/// A command that was ruled on and waits to be recorded.
struct Ruled {
    job: usize,
    events: Vec<Event>,
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
            [only] => vec![desk.submit(only.plan, &only.request, only.command.clone())],
            several => together(desk, several),
        };
        for (job, answer) in jobs.iter().zip(answers) {
            // Who asked may have gone; it is done all the same.
            let _ = job.answer.send(answer);
        }
    }
}

/// Rules on several commands, each on its plan as those before it leave it, and records them together.
/// Where that cannot be, because somebody else was faster or two of them are one request, each is
/// handed in by itself.
fn together(desk: &LocalDesk, jobs: &[Job]) -> Vec<Result<Receipt, Denied>> {
    let mut plans: HashMap<PlanId, Loaded> = HashMap::new();
    let mut answers: Vec<Option<Result<Receipt, Denied>>> = jobs.iter().map(|_| None).collect();
    let mut entries: Vec<(PlanId, Seq, Entry)> = Vec::new();
    let mut ruled: Vec<Ruled> = Vec::new();
    for (place, job) in jobs.iter().enumerate() {
        match desk.rule_in_crowd(&mut plans, job) {
            Ok(Settled::Answered(receipt)) => answers[place] = Some(Ok(receipt)),
            Ok(Settled::Recorded { expected, entry, events }) => {
                entries.push((job.plan, expected, *entry));
                ruled.push(Ruled { job: place, events });
            }
            Err(denied) => answers[place] = Some(Err(denied)),
        }
    }
    match desk.journal().append_all(&entries) {
        Ok(appended) => {
            let at: Vec<_> = entries.iter().map(|(plan, _, entry)| (*plan, entry.at)).collect();
            for ((Ruled { job, events }, appended), (plan, at)) in ruled.into_iter().zip(&appended).zip(at) {
                let count = events.len();
                let last = appended.last;
                answers[job] = Some(Ok(Receipt { plan, count, events, last, at, repeated: false }));
            }
            for ((plan, _, _), appended) in entries.iter().zip(&appended) {
                // Of several entries of a plan, the last one is where it stands.
                if plans.get(plan).is_some_and(|loaded| loaded.plan.seq == appended.last)
                    && let Some(loaded) = plans.remove(plan)
                {
                    desk.settle(*plan, loaded, *appended);
                }
            }
        }
        Err(_) => {
            // The plans as they would have been are forgotten with `plans`.
            for Ruled { job, .. } in ruled {
                let Job { plan, request, command, .. } = &jobs[job];
                answers[job] = Some(desk.submit(*plan, request, command.clone()));
            }
        }
    }
    let lost = || Err(Fault::new(INTERNAL_FAULT, "a command was lost on its way to the desk").into());
    answers.into_iter().map(|answer| answer.unwrap_or_else(lost)).collect()
}

/// What became of a command before anything was recorded.
enum Settled {
    /// There is nothing to record.
    Answered(Receipt),
    /// This is to be recorded.
    Recorded { expected: Seq, entry: Box<Entry>, events: Vec<Event> },
}

impl LocalDesk {
    fn rule_in_crowd(&self, plans: &mut HashMap<PlanId, Loaded>, job: &Job) -> Result<Settled, Denied> {
        let Job { plan, request, command, .. } = job;
        let name = command.name();
        if let Some(receipt) = self.once(*plan, request, name)? {
            return Ok(Settled::Answered(receipt));
        }
        let now = self.now();
        let refused = |by: &model::actor::By, denied: Denied| {
            if let Denied::Refused(refusal) = &denied {
                self.record_attempt(*plan, by, name, refusal, now);
            }
            denied
        };
        let by = believed(self.journal(), *plan, request, command).map_err(|no| refused(&request.by, no))?;
        let mut loaded = match plans.remove(plan) {
            Some(loaded) => loaded,
            None => self.take(*plan)?,
        };
        let expected = loaded.plan.seq;
        let ruled = still_stands(&loaded.plan, request)
            .map_err(Denied::from)
            .and_then(|()| self.admit(&mut loaded, &by, request, command, now))
            .and_then(|given| {
                let events = self.rule(&loaded.plan, command.clone(), &by, request, now)?;
                Ok((given, events))
            });
        let (given, mut events) = match ruled {
            Ok(ruled) => ruled,
            Err(denied) => {
                plans.insert(*plan, loaded);
                return Err(refused(&by, denied));
            }
        };
        if events.is_empty() && request.id.is_none() && request.blobs.is_empty() {
            plans.insert(*plan, loaded);
            let last = expected;
            let receipt = Receipt { plan: *plan, count: 0, events, last, at: now, repeated: false };
            return Ok(Settled::Answered(receipt));
        }
        let mut entry = self.entry(now, &by, name, request);
        entry.given.extend(given);
        encoding::write(&mut events, self.redactor(), &mut entry.events)?;
        advance(&mut loaded, &events, now, &by);
        plans.insert(*plan, loaded);
        Ok(Settled::Recorded { expected, entry: Box::new(entry), events })
    }
}
