//! Many senders at once: what they hand in while the disk is busy is ruled on one after the other and
//! recorded together, so that all of them share one wait for the disk. One alone waits no longer: where
//! nobody is at the desk, whoever hands something in rules on it on their own thread.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use journal::{Appended, Entry};
use model::actor::By;
use model::command::Command;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::plan::Plan;
use model::refusal::{INTERNAL_FAULT, Refusal};

use super::errand::{Errand, Outcome, Whose, Wish};
use super::load::Loaded;
use super::local::{advance, still_stands};
use super::signing::believed;
use super::{Denied, Desk as _, LocalDesk, Receipt, Request, encoding};

/// The most commands that are recorded together.
const TOGETHER: usize = 64;

/// A desk for many senders.
pub struct Crowd {
    desk: Arc<LocalDesk>,
    line: Arc<Line>,
}

/// Those who wait.
#[derive(Default)]
struct Line {
    state: Mutex<State>,
    /// Tells the desk's own thread that it is its turn.
    turn: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Errand>,
    at_desk: AtDesk,
    /// Nothing will come any more.
    closed: bool,
}

/// Who rules at the moment. What comes meanwhile waits, and is for the desk's own thread.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum AtDesk {
    #[default]
    Nobody,
    /// Whoever came while nobody was there.
    Sender,
    /// The desk's own thread.
    Thread,
}

impl Crowd {
    /// Begins to take commands in for a desk.
    pub fn before(desk: Arc<LocalDesk>) -> io::Result<Self> {
        let line = Arc::new(Line::default());
        let crowd = Self { desk: Arc::clone(&desk), line: Arc::clone(&line) };
        std::thread::Builder::new().name("desk".to_owned()).spawn(move || keep(&desk, &line))?;
        Ok(crowd)
    }

    /// Hands an errand in. Where nobody is at the desk, it is done when this returns; else it waits, and
    /// its sender is answered on another thread. It is done whether or not its sender still waits.
    pub fn hand_in(&self, errand: Errand) {
        {
            let mut state = self.line.state();
            if state.at_desk != AtDesk::Nobody {
                state.waiting.push_back(errand);
                return;
            }
            state.at_desk = AtDesk::Sender;
        }
        serve(&self.desk, vec![errand]);
        let mut state = self.line.state();
        if state.waiting.is_empty() {
            state.at_desk = AtDesk::Nobody;
        } else {
            state.at_desk = AtDesk::Thread;
            self.line.turn.notify_one();
        }
    }

    /// Hands a command in, and waits for what comes of it.
    pub fn submit(&self, plan: PlanId, request: Request, command: Command) -> Result<Receipt, Denied> {
        let (tell, told) = sync_channel(1);
        let answer = Box::new(move |outcome: Outcome<'_>| {
            // Who asked waits; where it does not, it is done all the same.
            let _ = tell.send(outcome.receipt());
        });
        self.hand_in(Errand {
            whose: Whose::Plan(plan),
            request,
            wish: Wish::Command(Box::new(command)),
            answer,
        });
        told.recv().unwrap_or_else(|_| Err(Fault::new(INTERNAL_FAULT, "the desk has closed").into()))
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // The desk's own thread does what waits, and ends.
        self.line.state().closed = true;
        self.line.turn.notify_one();
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The desk's own thread: does what came while somebody else was at the desk, until nothing waits.
fn keep(desk: &LocalDesk, line: &Line) {
    let mut state = line.state();
    loop {
        while state.at_desk != AtDesk::Thread && !state.closed {
            state = line.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.waiting.is_empty() {
            if state.closed {
                return;
            }
            state.at_desk = AtDesk::Nobody;
            continue;
        }
        let next = state.waiting.len().min(TOGETHER);
        let errands = state.waiting.drain(..next).collect();
        drop(state);
        serve(desk, errands);
        state = line.state();
    }
}

/// Does errands, and answers them.
fn serve(desk: &LocalDesk, errands: Vec<Errand>) {
    let mut jobs = Vec::with_capacity(errands.len());
    for errand in errands {
        match plan_of(desk, &errand.whose) {
            Ok(Some(plan)) => jobs.push(Job { plan, errand }),
            Ok(None) => answer(errand.answer, Outcome::Unknown),
            Err(fault) => answer(errand.answer, Outcome::Denied(fault.into())),
        }
    }
    let at_work = desk.at_work(jobs.iter().map(|job| job.plan));
    let answers = match jobs.as_slice() {
        [] => Vec::new(),
        [only] => vec![alone(desk, only)],
        several => {
            together(desk, several).unwrap_or_else(|| several.iter().map(|job| alone(desk, job)).collect())
        }
    };
    drop(at_work);
    for (job, result) in jobs.into_iter().zip(answers) {
        let outcome = match result {
            Ok(receipt) => {
                // Held no longer than it takes to answer: changing a plan that somebody holds copies it.
                let plan = desk.known_plan(receipt.plan);
                answer(job.errand.answer, Outcome::Done(receipt, plan.as_deref()));
                continue;
            }
            Err(denied) => Outcome::Denied(denied),
        };
        answer(job.errand.answer, outcome);
    }
}

fn answer(tell: Box<dyn FnOnce(Outcome<'_>) + Send>, outcome: Outcome<'_>) {
    // An answer that cannot be written takes nobody else's with it; its sender is told by the silence.
    let _ = catch_unwind(AssertUnwindSafe(|| tell(outcome)));
}

/// Finds out which plan an errand is about.
fn plan_of(desk: &LocalDesk, whose: &Whose) -> Result<Option<PlanId>, Fault> {
    match whose {
        Whose::Plan(plan) => Ok(Some(*plan)),
        Whose::Named(name) => desk.plan_named(name),
        Whose::Task(task) => desk.plan_of(*task),
    }
}

/// An errand whose plan is known.
struct Job {
    plan: PlanId,
    errand: Errand,
}

impl Job {
    /// What is to be done, as far as it is known before the plan is.
    fn name(&self) -> &'static str {
        match &self.errand.wish {
            Wish::Command(command) => command.name(),
            Wish::Of(_) => "asked for",
        }
    }

    /// What is to be done, given the plan.
    fn command(&self, plan: &Plan) -> Result<Command, Denied> {
        match &self.errand.wish {
            Wish::Command(command) => Ok(Command::clone(command)),
            Wish::Of(find) => find(plan),
        }
    }
}

/// Hands one command in by itself. One that cannot be carried through takes nobody else with it.
fn alone(desk: &LocalDesk, job: &Job) -> Result<Receipt, Denied> {
    let request = &job.errand.request;
    let ruled = AssertUnwindSafe(|| match &job.errand.wish {
        Wish::Command(command) => desk.submit(job.plan, request, Command::clone(command)),
        Wish::Of(find) => desk.submit_found(job.plan, request, &mut |plan| find(plan).map(Some)),
    });
    catch_unwind(ruled).unwrap_or_else(|_| Err(cut_off(job.name()).into()))
}

fn cut_off(name: &str) -> Fault {
    Fault::new(INTERNAL_FAULT, format!("the command `{name}` was cut off by a fault of the program"))
}

/// Rules on several commands, each on its plan as those before it leave it, and records them together.
/// Nothing where that cannot be: somebody else was faster, two of them are one request, or one of them
/// cannot be carried through. Then no answer that was found stands, for it was given on plans that
/// never came to be, and nothing of the group is on record.
fn together(desk: &LocalDesk, jobs: &[Job]) -> Option<Vec<Result<Receipt, Denied>>> {
    let mut plans = HashMap::new();
    let mut entries = Vec::new();
    let ruled = AssertUnwindSafe(|| -> Result<Vec<Settled>, Fault> {
        let rule = |job: &Job| {
            let whose = (job.plan, &job.errand.request);
            desk.rule_beside(&mut plans, &mut entries, whose, &|plan| job.command(plan))
        };
        jobs.iter().map(rule).collect()
    });
    let settled = catch_unwind(ruled).ok()?.ok()?;
    let appended = desk.append_beside(plans, &entries)?;
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
pub(super) enum Settled {
    /// There is nothing to record.
    Answered(Result<Receipt, Denied>),
    /// It is refused, which is put on record.
    Refused { plan: PlanId, by: By, name: &'static str, refusal: Box<Refusal>, at: Timestamp },
    /// This is to be recorded, in turn.
    Recorded(Vec<Event>),
}

impl LocalDesk {
    /// Rules on a command, given the plans as those before it leave them. Only a fault is an error.
    pub(super) fn rule_beside(
        &self,
        plans: &mut HashMap<PlanId, Loaded>,
        entries: &mut Vec<(PlanId, Seq, Entry)>,
        (plan, request): (PlanId, &Request),
        find: &dyn Fn(&Plan) -> Result<Command, Denied>,
    ) -> Result<Settled, Fault> {
        let mut loaded = match plans.remove(&plan) {
            Some(known) => known,
            None => self.take(plan)?,
        };
        let settled = self.rule_on(&mut loaded, plans, entries, request, find)?;
        plans.insert(plan, loaded);
        Ok(settled)
    }

    /// Records what was ruled on beside each other, and remembers the plans as that leaves them. Nothing
    /// where the journal takes none of it.
    pub(super) fn append_beside(
        &self,
        mut plans: HashMap<PlanId, Loaded>,
        entries: &[(PlanId, Seq, Entry)],
    ) -> Option<Vec<Appended>> {
        let appended = self.journal().append_all(entries).ok()?;
        for ((plan, ..), appended) in entries.iter().zip(&appended) {
            // Of several entries of a plan, the last one is where it stands.
            if plans.get(plan).is_some_and(|loaded| loaded.plan.seq == appended.last)
                && let Some(loaded) = plans.remove(plan)
            {
                self.settle(*plan, loaded, *appended);
            }
        }
        for (plan, loaded) in plans {
            // Nothing was recorded of it.
            self.put(plan, loaded);
        }
        Some(appended)
    }

    fn rule_on(
        &self,
        loaded: &mut Loaded,
        beside: &HashMap<PlanId, Loaded>,
        entries: &mut Vec<(PlanId, Seq, Entry)>,
        request: &Request,
        find: &dyn Fn(&Plan) -> Result<Command, Denied>,
    ) -> Result<Settled, Fault> {
        let (plan, now) = (loaded.plan.id, self.now());
        let command = match find(&loaded.plan) {
            Ok(command) => command,
            Err(Denied::Down(fault)) => return Err(*fault),
            Err(refused) => return Ok(Settled::Answered(Err(refused))),
        };
        let name = command.name();
        let refused = |by: &By, denied: Denied| match denied {
            Denied::Refused(refusal) => Ok(Settled::Refused { plan, by: by.clone(), name, refusal, at: now }),
            Denied::Down(fault) => Err(*fault),
        };
        match self.once(plan, request, name) {
            Ok(None) => {}
            Ok(Some(receipt)) => return Ok(Settled::Answered(Ok(receipt))),
            Err(denied) => return Ok(Settled::Answered(Err(denied))),
        }
        let by = match believed(self.journal(), plan, request, &command) {
            Ok(by) => by,
            Err(no) => return refused(&request.by, no),
        };
        let expected = loaded.plan.seq;
        let ruled = still_stands(&loaded.plan, request)
            .map_err(Denied::from)
            .and_then(|()| self.admit_beside(beside, loaded, (&by, request), &command, now))
            .and_then(|given| {
                let events = self.rule(&loaded.plan, command, &by, request, now)?;
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
