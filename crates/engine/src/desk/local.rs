//! The desk of this process: loads, rules, appends; and loads again where somebody was faster. Where a
//! server keeps the store, it hands everything on to the server's desk and rules on nothing itself.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use journal::{AppendError, Appended, Attempt, Blob, Earlier, Entry, Events, Journal, StoreEvent};
use model::actor::{By, Cause};
use model::apply::{Stamp, apply};
use model::command::Command;
use model::context::{Context, Ids};
use model::event::{Event, Recorded};
use model::fault::Fault;
use model::ids::{Key, PlanId, Seq};
use model::plan::Plan;
use model::refusal::{PLAN_MOVED, PLAN_NOT_FOUND, REQUEST_REPEATED, Refusal, STORE_BUSY, STORE_DAMAGED};
use model::ruling::rule;

use super::known::Known;
use super::load::{Loaded, clear_table, load, load_at};
use super::signing::{believed, key_of};
use super::{BatchReceipt, Denied, Desk, PlanLine, Receipt, Request, encoding};
use crate::clock::Clock;
use crate::keys::PublicKey;
use crate::redact::Redactor;
use crate::remote::{Rehearsed, RemoteJournal, Server, Wanted};

/// How often a command is ruled on again because others were faster.
pub(super) const TRIES: u32 = 200;

/// From so many events on a receipt carries only the first: adopting a large plan records hundreds
/// of thousands, and nobody reads them there.
pub(super) const BULK: usize = 2_000;

/// What is to be recorded together with some commands, given the plan as they leave it and what they
/// record: more commands, and the contents those name by digest.
pub(crate) type Follows<'f> = dyn FnMut(&Plan, &[Event]) -> Result<(Vec<Command>, Vec<Blob>), Fault> + 'f;

/// A desk over a journal in this process.
pub struct LocalDesk {
    journal: Arc<dyn Journal>,
    clock: Box<dyn Clock>,
    ids: Mutex<Box<dyn Ids>>,
    redactor: Redactor,
    /// Plans as this process saw them last; whether they are still so, the journal says.
    known: Known,
    /// Who keeps the store, where that is not this process.
    server: Option<Arc<Server>>,
}

impl LocalDesk {
    /// A desk over a journal. `salt` is the store's, for the marks of redacted secrets.
    pub fn new(journal: Arc<dyn Journal>, clock: Box<dyn Clock>, ids: Box<dyn Ids>, salt: &[u8]) -> Self {
        let (ids, redactor) = (Mutex::new(ids), Redactor::new(salt));
        Self { journal, clock, ids, redactor, known: Known::default(), server: None }
    }

    /// A desk before a server's desk. What is ruled on here is a rehearsal; clock, ids and redaction of
    /// the server's are what counts.
    pub fn before(server: Arc<Server>, clock: Box<dyn Clock>, ids: Box<dyn Ids>) -> Self {
        let journal = Arc::new(RemoteJournal::of(Arc::clone(&server)));
        let salt = server.hello().salt.clone().unwrap_or_else(|| crate::ids::random_hex(32));
        Self { server: Some(server), ..Self::new(journal, clock, ids, salt.as_bytes()) }
    }

    /// Who keeps the store, where that is not this process.
    pub fn server(&self) -> Option<&Arc<Server>> {
        self.server.as_ref()
    }

    /// The journal behind it, for reading what is no plan: blobs, heads, the audit.
    pub fn journal(&self) -> &dyn Journal {
        &*self.journal
    }

    /// What takes secrets out of text on its way into the store.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An id for a plan that is about to be adopted.
    pub fn new_plan_id(&self) -> PlanId {
        PlanId::from_bits(self.ids().next(self.clock.now()))
    }

    /// Content to be kept with a command: without its secrets, and named after that.
    pub fn blob(&self, bytes: &[u8]) -> Blob {
        Blob::new(self.redactor.redact_bytes(bytes).into_owned())
    }

    /// The key a person registered last.
    pub fn key_of(&self, person: &model::ids::PersonId) -> Result<Option<PublicKey>, Fault> {
        key_of(&*self.journal, person)
    }

    /// Rules on several commands, each on the plan as those before it left it, and records what
    /// comes of them in one go. A command that is refused changes nothing for the others.
    pub fn submit_batch(
        &self,
        plan: PlanId,
        request: &Request,
        commands: &[Command],
    ) -> Result<BatchReceipt, Denied> {
        if let Some(server) = &self.server {
            return server.submit_batch(plan, request, commands);
        }
        let name = commands.first().map_or("nothing", Command::name);
        let mut turn = None;
        for _ in 0..TRIES {
            let now = self.clock.now();
            let mut loaded = self.take(plan)?;
            let (expected, mut events, mut rulings) = (loaded.plan.seq, Vec::new(), Vec::new());
            let mut given = Vec::new();
            for command in commands {
                let by = believed(&*self.journal, plan, request, command)?;
                let admitted = match self.admit(&mut loaded, &by, request, command, now) {
                    Ok(rests) => {
                        rest_on(&mut given, rests);
                        Ok(())
                    }
                    Err(Denied::Refused(refusal)) => Err(*refusal),
                    Err(down) => return Err(down),
                };
                let ruled =
                    admitted.and_then(|()| self.rule(&loaded.plan, command.clone(), &by, request, now));
                match ruled {
                    Ok(mut of_this) => {
                        let mut stored = Events::default();
                        encoding::write(&mut of_this, &self.redactor, &mut stored)?;
                        advance(&mut loaded, &of_this, now, &by);
                        events.push((of_this, stored));
                        rulings.push(Ok(()));
                    }
                    Err(refusal) => {
                        self.record_attempt(plan, &by, command.name(), &refusal, now);
                        rulings.push(Err(refusal));
                    }
                }
            }
            if events.iter().all(|(of_one, _)| of_one.is_empty()) && request.blobs.is_empty() {
                let last = loaded.plan.seq;
                self.put(plan, loaded);
                return Ok(BatchReceipt { rulings, events: Vec::new(), last });
            }
            let mut entry = self.entry(now, &request.by, name, request);
            entry.given = given;
            for (_, stored) in &events {
                for bytes in stored.iter() {
                    entry.events.push(bytes);
                }
            }
            match self.journal.append(plan, expected, &entry) {
                Ok(appended) => {
                    self.settle(plan, loaded, appended);
                    let events = events.into_iter().flat_map(|(of_one, _)| of_one).collect();
                    return Ok(BatchReceipt { rulings, events, last: appended.last });
                }
                Err(AppendError::Moved { .. }) => {
                    drop(turn.take());
                    turn = Some(self.journal.turn());
                }
                Err(AppendError::Duplicate(earlier)) => {
                    return Err(repeated(&earlier).into());
                }
                Err(AppendError::Removed) => return Err(removed(plan).into()),
                Err(AppendError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(busy().into())
    }

    /// Rules on several commands, each on the plan as those before it left it, and records what comes
    /// of all of them in one go, or, where one is refused, of none. `name` is what the sender did.
    pub fn submit_all(
        &self,
        plan: PlanId,
        request: &Request,
        name: &str,
        commands: &[Command],
    ) -> Result<Receipt, Denied> {
        self.submit_with(plan, request, name, commands, &mut |_, _| Ok((Vec::new(), Vec::new())))
    }

    /// The same, and what follows from the commands as the plan will be then is recorded with them.
    /// What follows and is refused is left out; the receipt tells of the commands alone.
    pub fn submit_with(
        &self,
        plan: PlanId,
        request: &Request,
        name: &str,
        commands: &[Command],
        follows: &mut Follows<'_>,
    ) -> Result<Receipt, Denied> {
        if let Some(server) = &self.server {
            let mut rehearsed = || self.rehearse_following(plan, request, commands, follows);
            return server.submit_with(plan, request, name, commands, &mut rehearsed);
        }
        if let Some(receipt) = self.once(plan, request, name)? {
            return Ok(receipt);
        }
        let mut turn = None;
        for _ in 0..TRIES {
            let now = self.clock.now();
            let mut loaded = self.take(plan)?;
            let mut entry = self.entry(now, &request.by, name, request);
            let (expected, mut events) = (loaded.plan.seq, Vec::new());
            for command in commands {
                let believed = believed(&*self.journal, plan, request, command);
                let ruled = believed.and_then(|by| {
                    if loaded.plan.seq == expected {
                        still_stands(&loaded.plan, request)?;
                    }
                    rest_on(&mut entry.given, self.admit(&mut loaded, &by, request, command, now)?);
                    let ruled = self.rule(&loaded.plan, command.clone(), &by, request, now);
                    ruled.map(|events| (by, events)).map_err(Denied::from)
                });
                let (by, mut of_this) = match ruled {
                    Ok(ruled) => ruled,
                    Err(Denied::Refused(refusal)) => {
                        // The plan as the commands before this one would have left it is forgotten.
                        self.record_attempt(plan, &request.by, name, &refusal, now);
                        return Err(Denied::Refused(refusal));
                    }
                    Err(down) => return Err(down),
                };
                encoding::write(&mut of_this, &self.redactor, &mut entry.events)?;
                advance(&mut loaded, &of_this, now, &by);
                entry.by = by;
                events.extend(of_this);
            }
            if events.is_empty() && request.id.is_none() && request.blobs.is_empty() {
                self.put(plan, loaded);
                return Ok(Receipt { plan, count: 0, events, last: expected, at: now, repeated: false });
            }
            let last = loaded.plan.seq;
            let (more, blobs) = follows(&loaded.plan, &events)?;
            for command in more {
                if let Ok(mut more) = self.rule(&loaded.plan, command, &entry.by, request, now) {
                    encoding::write(&mut more, &self.redactor, &mut entry.events)?;
                    advance(&mut loaded, &more, now, &entry.by);
                }
            }
            entry.blobs.extend(blobs);
            match self.journal.append(plan, expected, &entry) {
                Ok(appended) => {
                    self.settle(plan, loaded, appended);
                    let count = events.len();
                    return Ok(Receipt { plan, count, events, last, at: now, repeated: false });
                }
                Err(AppendError::Moved { .. }) => {
                    drop(turn.take());
                    turn = Some(self.journal.turn());
                }
                Err(AppendError::Duplicate(earlier)) if earlier.command == name => {
                    return self.answer_again(&earlier);
                }
                Err(AppendError::Duplicate(earlier)) => return Err(repeated(&earlier).into()),
                Err(AppendError::Removed) => return Err(removed(plan).into()),
                Err(AppendError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(busy().into())
    }

    /// Shows the events of a plan in order, one in memory at a time. Those whose stored text
    /// `wanted` turns down are passed over without being understood, which is what makes looking
    /// for a few of many quick.
    pub fn visit(
        &self,
        plan: PlanId,
        wanted: &dyn Fn(&[u8]) -> bool,
        each: &mut dyn FnMut(&Recorded),
    ) -> Result<(), Fault> {
        let mut unreadable = None;
        self.journal.visit(plan, Seq(0), &mut |stored| {
            let of_the_journal = plan == PlanId::STORE && StoreEvent::from_bytes(&stored.event).is_some();
            if of_the_journal || !wanted(&stored.event) {
                return ControlFlow::Continue(());
            }
            match encoding::recorded(stored.clone()) {
                Ok(recorded) => {
                    each(&recorded);
                    ControlFlow::Continue(())
                }
                Err(fault) => {
                    unreadable = Some(fault);
                    ControlFlow::Break(())
                }
            }
        })?;
        unreadable.map_or(Ok(()), Err)
    }

    /// The plan as a command would leave it; nothing is recorded.
    pub fn rehearse(&self, plan: PlanId, request: &Request, command: Command) -> Result<Plan, Denied> {
        let now = self.clock.now();
        let mut loaded = self.take(plan)?;
        let events = match self.rule(&loaded.plan, command, &request.by, request, now) {
            Ok(events) => events,
            Err(refusal) => {
                self.put(plan, loaded);
                return Err(refusal.into());
            }
        };
        // What is known stays what the journal has: the plan is changed apart from it.
        advance(&mut loaded, &events, now, &request.by);
        Ok(Arc::unwrap_or_clone(loaded.plan))
    }

    /// What follows from commands on the plan as it is; nothing where nothing does, or where they would be
    /// refused, which is for the server to say.
    fn rehearse_following(
        &self,
        plan: PlanId,
        request: &Request,
        commands: &[Command],
        follows: &mut Follows<'_>,
    ) -> Result<Option<Rehearsed>, Denied> {
        let now = self.clock.now();
        let mut loaded = self.take(plan)?;
        let (onto, mut events) = (loaded.plan.seq, Vec::new());
        for command in commands {
            match self.rule(&loaded.plan, command.clone(), &request.by, request, now) {
                Ok(of_this) => {
                    advance(&mut loaded, &of_this, now, &request.by);
                    events.extend(of_this);
                }
                Err(_) => return Ok(None),
            }
        }
        if events.is_empty() && request.id.is_none() && request.blobs.is_empty() {
            return Ok(None);
        }
        let (commands, blobs) = follows(&loaded.plan, &events)?;
        Ok((!commands.is_empty() || !blobs.is_empty()).then_some((onto, commands, blobs)))
    }

    /// Shows those events of a plan in order in whose stored text one of these stands, such as an id.
    pub fn visit_naming(
        &self,
        plan: PlanId,
        texts: &[String],
        each: &mut dyn FnMut(&Recorded),
    ) -> Result<(), Fault> {
        let wanted = Wanted::Naming(texts.to_vec());
        let Some(server) = &self.server else {
            return self.visit(plan, &|stored| wanted.holds(stored), each);
        };
        let mut unreadable = None;
        let journal = RemoteJournal::of(Arc::clone(server));
        journal.visit_naming(
            plan,
            texts.to_vec(),
            &mut |stored| match encoding::recorded(stored.clone()) {
                Ok(recorded) => {
                    each(&recorded);
                    ControlFlow::Continue(())
                }
                Err(fault) => {
                    unreadable = Some(fault);
                    ControlFlow::Break(())
                }
            },
        )?;
        unreadable.map_or(Ok(()), Err)
    }

    pub(super) fn ids(&self) -> MutexGuard<'_, Box<dyn Ids>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// The plan as it is now, taken out of what is known, so that it can be changed in place.
    pub(super) fn take(&self, plan: PlanId) -> Result<Loaded, Fault> {
        let Some(mut loaded) = self.known.take(plan) else { return load(&*self.journal, plan) };
        if !self.is_current(&loaded)? {
            loaded.catch_up(&*self.journal, None)?;
        }
        Ok(loaded)
    }

    /// The plan as this process saw it last, and whether that is how it is now. The journal takes
    /// nothing that was ruled on an older state: only who refuses has to ask first.
    pub(super) fn take_as_known(&self, plan: PlanId) -> Result<(Loaded, bool), Fault> {
        match self.known.take(plan) {
            Some(loaded) if !loaded.behind => Ok((loaded, false)),
            Some(mut loaded) => {
                loaded.catch_up(&*self.journal, None)?;
                Ok((loaded, true))
            }
            None => Ok((load(&*self.journal, plan)?, true)),
        }
    }

    pub(super) fn is_current(&self, loaded: &Loaded) -> Result<bool, Fault> {
        let head = self.journal.head(loaded.plan.id)?;
        Ok(head.is_none_or(|head| head.seq == loaded.plan.seq))
    }

    pub(super) fn put(&self, plan: PlanId, loaded: Loaded) {
        self.known.put(plan, loaded);
    }

    /// Remembers a plan whose events have been appended.
    pub(super) fn settle(&self, plan: PlanId, mut loaded: Loaded, appended: Appended) {
        loaded.digest = appended.digest;
        if loaded.plan.seq != appended.last {
            return;
        }
        if plan == PlanId::STORE {
            clear_table(Arc::make_mut(&mut loaded.plan));
        }
        loaded.behind = false;
        if loaded.wants_snapshot() {
            loaded.keep_snapshot(&*self.journal);
        }
        self.put(plan, loaded);
    }

    pub(super) fn rule(
        &self,
        plan: &Plan,
        command: Command,
        by: &By,
        request: &Request,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let mut ids = self.ids();
        let Request { agent_present, fence, .. } = *request;
        let mut context = Context { now, by, agent_present, fence, ids: &mut **ids };
        rule(plan, command, &mut context)
    }

    pub(super) fn entry(&self, now: Timestamp, by: &By, command: &str, request: &Request) -> Entry {
        let cause = Cause {
            command: command.to_owned(),
            request: request.id.clone(),
            signature: request.signature.clone(),
        };
        let mut entry = Entry::new(now, by.clone(), cause);
        entry.blobs.clone_from(&request.blobs);
        entry
    }

    /// Puts on record that something was refused before it became a command: an agent was kept from
    /// doing it. The refusal stands whether or not that works.
    pub fn turn_down(&self, plan: PlanId, by: &By, what: &str, refusal: &Refusal) {
        if let Some(server) = &self.server {
            return server.turn_down(plan, &Request::new(by.clone()), what, refusal);
        }
        self.record_attempt(plan, by, what, refusal, self.clock.now());
    }

    /// Puts a refused command on record. The refusal stands whether or not that works.
    pub(super) fn record_attempt(
        &self,
        plan: PlanId,
        by: &By,
        command: &str,
        refusal: &Refusal,
        now: Timestamp,
    ) {
        let attempt = Attempt {
            at: now,
            plan: Some(plan).filter(|plan| *plan != PlanId::STORE),
            by: by.clone(),
            command: command.to_owned(),
            code: refusal.code.to_owned(),
            message: self.redactor.redact_str(&refusal.message).into_owned(),
        };
        let _ = self.journal.refused(&attempt);
    }

    pub(super) fn once(
        &self,
        plan: PlanId,
        request: &Request,
        command: &str,
    ) -> Result<Option<Receipt>, Denied> {
        let Some(id) = &request.id else { return Ok(None) };
        let Some(earlier) = self.journal.request(id)? else { return Ok(None) };
        // A plan is adopted under an id of its own each time it is asked for.
        let same_plan = earlier.plan == plan || command == "adopt_plan";
        if earlier.command != command || !same_plan {
            return Err(repeated(&earlier).into());
        }
        self.answer_again(&earlier).map(Some)
    }

    pub(super) fn answer_again(&self, earlier: &Earlier) -> Result<Receipt, Denied> {
        let Appended { first, last, .. } = earlier.appended;
        let count = usize::try_from(last.0.saturating_sub(first.0) + 1).unwrap_or(usize::MAX);
        let count = if last < first { 0 } else { count };
        let after = Seq(first.0.saturating_sub(1));
        let events = self.journal.read(earlier.plan, after, count)?;
        let mut events: Vec<Event> = events.iter().map(encoding::read).collect::<Result<_, _>>()?;
        // What was said with it about documents is no part of the answer.
        events
            .retain(|event| !matches!(event, Event::DocumentIntended { .. } | Event::DocumentSynced { .. }));
        Ok(Receipt { plan: earlier.plan, count: events.len(), events, last, at: earlier.at, repeated: true })
    }
}

impl LocalDesk {
    /// Key and title of a plan, from its first event.
    fn adopted(&self, plan: PlanId) -> Result<(Key, String), Fault> {
        let first = self.journal.read(plan, Seq(0), 1)?;
        match first.first().map(encoding::read).transpose()? {
            Some(Event::PlanAdopted { key, title, .. }) => Ok((key, title)),
            _ => {
                let wrong = format!("the first event of `{plan}` does not adopt a plan");
                Err(Fault::new(STORE_DAMAGED, wrong).with("plan", plan))
            }
        }
    }
}

impl Desk for LocalDesk {
    fn submit(&self, plan: PlanId, request: &Request, command: Command) -> Result<Receipt, Denied> {
        if let Some(server) = &self.server {
            return server.submit(plan, request, command);
        }
        // A plan that is being adopted has no rivals, and its definition may be large.
        let again = (!matches!(command, Command::AdoptPlan(_))).then(|| command.clone());
        let mut next = Some(command);
        self.submit_found(plan, request, &mut |_| Ok(next.take().or_else(|| again.clone())))
    }

    fn read(&self, plan: PlanId, after: Seq, limit: usize) -> Result<Vec<Recorded>, Fault> {
        let stored = self.journal.read(plan, after, limit)?.into_iter();
        let of_plans = stored.filter(|stored| StoreEvent::from_bytes(&stored.event).is_none());
        of_plans.map(encoding::recorded).collect()
    }

    fn plan(&self, plan: PlanId) -> Result<Arc<Plan>, Fault> {
        // Readers leave what is known where it is: taking it out would have others read it anew.
        let head = self.journal.head(plan)?;
        let known = self.known.shown(plan);
        if let Some(known) = known
            .filter(|known| head.is_some_and(|head| !head.removed && head.seq == known.seq && head.seq.0 > 0))
        {
            return Ok(known);
        }
        let loaded = self.take(plan)?;
        if loaded.plan.seq.0 == 0 {
            return Err(not_found(plan));
        }
        let shown = Arc::clone(&loaded.plan);
        self.put(plan, loaded);
        Ok(shown)
    }

    fn plan_at(&self, plan: PlanId, seq: Seq) -> Result<Plan, Fault> {
        Ok(Arc::unwrap_or_clone(load_at(&*self.journal, plan, seq)?.plan))
    }

    fn plans(&self) -> Result<Vec<PlanLine>, Fault> {
        if let Some(server) = &self.server {
            return server.plans();
        }
        let mut lines = Vec::new();
        for head in self.journal.heads()? {
            if head.removed || head.plan == PlanId::STORE || head.seq.0 == 0 {
                continue;
            }
            let (key, title) = self.known.adopted(head.plan, || self.adopted(head.plan))?;
            lines.push(PlanLine { id: head.plan, key, title, seq: head.seq });
        }
        Ok(lines)
    }

    fn attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault> {
        self.journal.attempts(plan, limit)
    }
}

pub(super) fn advance(loaded: &mut Loaded, events: &[Event], now: Timestamp, by: &By) {
    let plan = Arc::make_mut(&mut loaded.plan);
    for event in events {
        let stamp = Stamp { seq: plan.seq.next(), at: now, by };
        apply(plan, event, stamp);
    }
}

/// Notes a stream that an outcome rests on. What was seen of it first is what has to hold still.
pub(super) fn rest_on(given: &mut Vec<(PlanId, Seq)>, stream: Option<(PlanId, Seq)>) {
    given.extend(stream.filter(|(plan, _)| given.iter().all(|(known, _)| known != plan)));
}

pub(super) fn repeated(earlier: &Earlier) -> Refusal {
    Refusal::new(
        REQUEST_REPEATED,
        format!("request `{}` was used for `{}` before", earlier.request, earlier.command),
    )
    .hint("give each request an id of its own")
    .with("request", earlier.request.as_str())
}

/// Refuses where more has happened than the sender saw.
pub(super) fn still_stands(plan: &Plan, request: &Request) -> Result<(), Refusal> {
    let Some(onto) = request.onto.filter(|onto| *onto != plan.seq) else { return Ok(()) };
    Err(Refusal::new(PLAN_MOVED, format!("the plan is at event {}, not at {onto}", plan.seq))
        .hint("look at it again, and decide again")
        .with("seq", plan.seq.0))
}

pub(super) fn removed(plan: PlanId) -> Fault {
    Fault::new(PLAN_NOT_FOUND, "the plan was removed from the store").with("plan", plan)
}

fn not_found(plan: PlanId) -> Fault {
    Fault::new(PLAN_NOT_FOUND, format!("there is no plan `{plan}` in this store")).with("plan", plan)
}

pub(super) fn busy() -> Fault {
    Fault::new(STORE_BUSY, "others change this plan without pause").hint("try again in a moment")
}
