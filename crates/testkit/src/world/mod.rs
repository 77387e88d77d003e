//! A world of rude actors: persons who approve their own work, agents who claim what is not done,
//! hands whose verdicts come late, twice or as garbage, documents that are edited behind everybody's
//! back, clocks that jump. Everything follows from a seed.
//!
//! The world knows no desk and no journal: each step hands an [`Ask`] to whoever plays the program
//! and judges what comes back by the log alone. Start reading at [`World::step`].

mod delivering;
mod dice;
mod document;
mod moves;
mod people;
mod play;
mod reviewing;
mod sharing;
mod working;

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::apply::{Stamp, apply};
use model::command::Command;
use model::definition::Definition;
use model::event::Event;
use model::ids::{Fence, PlanId};
use model::plan::Plan;
use model::refusal::{Refusal, code};
use model::review::TicketOutcome;
use model::settings::Weakening;

use crate::checkers::{CommonLedger, Entry, Ledger};
use dice::Dice;
pub use play::{Play, play};

/// How many steps a plan lives before the world begins another one.
const STEPS_PER_PLAN: u32 = 500;

/// What somebody in the world asks of the program.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which plan.
    pub plan: PlanId,
    /// The time, which may jump.
    pub now: Timestamp,
    /// Who asks.
    pub by: By,
    /// Whether an agent is around.
    pub agent_present: bool,
    /// The grant that is shown with it.
    pub fence: Option<Fence>,
    /// What is asked.
    pub command: Command,
}

/// The world, as far as it has come.
pub struct World {
    seed: u64,
    step: u32,
    dice: Dice,
    now: Timestamp,
    plan: Plan,
    ledger: Ledger,
    log: Vec<Entry>,
    /// What all plans share, which outlives each of them.
    store: Plan,
    store_ledger: CommonLedger,
    store_log: Vec<Entry>,
    /// What the documents say now, whether or not the program has taken it in.
    document: Definition,
    /// Verdicts on their way: some arrive late, some twice.
    under_way: Vec<Command>,
    tally: Tally,
}

/// What happened, by kind and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Commands that were carried out.
    pub accepted: u32,
    /// Commands that were refused.
    pub refused: u32,
    /// Commands by name: asked for, carried out.
    pub commands: BTreeMap<&'static str, (u32, u32)>,
    /// Refusals by code.
    pub codes: BTreeMap<&'static str, u32>,
    /// Events by kind.
    pub events: BTreeMap<&'static str, u32>,
}

impl World {
    /// The world that follows from a seed.
    pub fn new(seed: u64) -> Self {
        let now = "2031-01-06T08:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            seed,
            step: 0,
            dice: Dice::new(seed),
            now,
            plan: Plan::empty(PlanId::from_bits(1)),
            ledger: Ledger::default(),
            log: Vec::new(),
            store: Plan::empty(PlanId::STORE),
            store_ledger: CommonLedger::default(),
            store_log: Vec::new(),
            document: Definition::default(),
            under_way: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Takes a step: somebody asks for something, and what comes of it is judged.
    ///
    /// # Panics
    ///
    /// Where a rule was broken; the message names the seed and the step.
    pub fn step(&mut self, submit: &mut dyn FnMut(Ask) -> Result<Vec<Entry>, Refusal>) {
        self.begin_anew_in_time();
        self.step += 1;
        self.now += self.dice.passing_time();
        let ask = self.next_ask();
        let name = ask.command.name();
        let answer = submit(ask.clone());
        let count = self.tally.commands.entry(name).or_default();
        count.0 += 1;
        match answer {
            Ok(entries) => {
                count.1 += 1;
                self.tally.accepted += 1;
                self.take(&ask, entries);
            }
            Err(refusal) => {
                self.tally.refused += 1;
                *self.tally.codes.entry(refusal.code).or_default() += 1;
                self.judge_refusal(&refusal);
            }
        }
        self.judge_gates();
        if self.step.is_multiple_of(100) {
            self.judge_replay();
        }
    }

    /// What happened so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The plan as the events leave it.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Everything that happened to the plan of the moment.
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    fn begin_anew_in_time(&mut self) {
        if !self.step.is_multiple_of(STEPS_PER_PLAN) {
            return;
        }
        self.judge_replay();
        self.plan = Plan::empty(PlanId::from_bits(u128::from(self.step / STEPS_PER_PLAN) + 1));
        self.ledger = Ledger::default();
        self.log.clear();
        self.under_way.clear();
        self.document = document::first(&mut self.dice);
    }

    fn take(&mut self, ask: &Ask, entries: Vec<Entry>) {
        self.judge_grant(ask, &entries);
        let shared = ask.plan == PlanId::STORE;
        for entry in entries {
            *self.tally.events.entry(entry.event.kind()).or_default() += 1;
            let text = serde_json::to_string(&entry.event).unwrap_or_default();
            let again = serde_json::from_str::<Event>(&text).ok();
            self.must(again.as_ref() == Some(&entry.event), || {
                format!("an event is read otherwise than written: {text}")
            });
            if shared {
                self.take_shared(entry);
                continue;
            }
            let begins = matches!(entry.command.as_str(), "start_session" | "register_agent");
            self.must(begins || self.store_ledger.admits(&entry.by), || {
                format!("{} in a session that is not open", entry.by.actor)
            });
            if let Err(broken) = self.ledger.take(&entry) {
                self.broken(&broken);
            }
            self.judge_presence(ask, &entry);
            self.judge_document(&entry);
            let seq = self.plan.seq.next();
            apply(&mut self.plan, &entry.event, Stamp { seq, at: entry.at, by: &entry.by });
            self.log.push(entry);
        }
    }

    fn take_shared(&mut self, entry: Entry) {
        if let Err(broken) = self.store_ledger.take(&entry) {
            self.broken(&broken);
        }
        apply(&mut self.store, &entry.event, Stamp { seq: entry.seq, at: entry.at, by: &entry.by });
        self.store_log.push(entry);
    }

    /// Nothing is written under a grant that is over, and nothing over a value that somebody else
    /// changed meanwhile.
    fn judge_grant(&self, ask: &Ask, entries: &[Entry]) {
        if entries.is_empty() {
            return;
        }
        let agents = ask.by.actor.is_agent();
        if let (Some(fence), Some(task)) = (ask.fence.filter(|_| agents), ask.command.works_on()) {
            let known = self.ledger.fence(task);
            self.must(fence.0 == known, || format!("a write under grant {fence}, the last one is {known}"));
        }
        if let Some(under) = ask.command.holding() {
            let holder = self.ledger.holder(under.task, ask.now);
            self.must(holder == Some((&ask.by.actor, under.fence.0)), || {
                format!("memory written under grant {}, held by {holder:?}", under.fence)
            });
        }
        let (key, expect) = match &ask.command {
            Command::SetMemory(set) => (&set.key, set.expect),
            Command::DeleteMemory { key, expect, .. } => (key, *expect),
            _ => return,
        };
        let version = self.store_ledger.version(key, ask.now);
        self.must(expect.is_none_or(|expect| expect == version), || {
            format!("`{key}` was expected at {expect:?} and has {version}")
        });
    }

    /// Where an agent is around, a name that is only declared does no person's business.
    fn judge_presence(&self, ask: &Ask, entry: &Entry) {
        let (by, event) = (&entry.by, &entry.event);
        let persons = match event {
            Event::ApprovalGiven { .. }
            | Event::WaiverApproved { .. }
            | Event::WaiverRevoked { .. }
            | Event::FileAttached { .. }
            | Event::RebaselineApproved { .. }
            | Event::TrustGiven { .. }
            | Event::PlanResumed {}
            | Event::BudgetAllowed { .. }
            | Event::TicketAssigned { .. }
            | Event::TicketUnassigned { .. }
            | Event::KeyRegistered { .. }
            | Event::TokenIssued(_)
            | Event::TokenRevoked { .. } => true,
            Event::WeakeningApproved { .. } => self.plan.settings.weakening == Weakening::Approve,
            Event::TicketClosed { outcome, .. } => {
                *outcome == TicketOutcome::Resolved || ask.command.name() == "resolve_ticket"
            }
            Event::TaskDropped { .. } => ask.command.name() == "drop",
            Event::TaskVerified { basis, .. } => basis.signed_off.is_some(),
            _ => false,
        };
        let person = matches!(by.actor, Actor::Person(_));
        let sure = person && (by.known.is_proven() || !ask.agent_present);
        self.must(!persons || sure, || format!("{} by {by:?} with an agent around", event.kind()));
    }

    /// Nobody can say that a document follows the journal with a text the journal does not know.
    fn judge_document(&self, entry: &Entry) {
        let (path, digest, through, known) = match &entry.event {
            Event::DocumentIntended { path, from, through, .. } => (path, from, through, None),
            Event::DocumentSynced { path, digest, through } => {
                let intent = self.plan.following(path).and_then(|following| following.intent);
                (path, digest, through, intent.map(|intent| intent.to))
            }
            _ => return,
        };
        let on_record = self.plan.digest_of(path) == Some(*digest) || known == Some(*digest);
        self.must(on_record && *through <= self.plan.seq, || format!("{:?} out of nowhere", entry.event));
    }

    /// A refusal has a known code, and a sentence and facts for a person.
    fn judge_refusal(&self, refusal: &Refusal) {
        self.must(code(refusal.code).is_some_and(|code| code.exit > 1), || {
            format!("unknown code {}", refusal.code)
        });
        let says = &refusal.message;
        let fine =
            !says.is_empty() && !says.ends_with('.') && !says.contains("::") && !says.contains("Some(");
        self.must(fine, || format!("not a sentence for a person: {says}"));
    }

    /// What the model calls open or verified, the log must prove, and the other way round.
    fn judge_gates(&self) {
        for subject in self.ledger.subjects() {
            let open = self.plan.clearance(subject, None, self.now, None).is_ok();
            let proven = self.ledger.is_open(subject, self.now);
            self.must(open == proven, || {
                format!("the gate of `{}`: open {open}, proven {proven}", self.plan.subject_name(subject))
            });
        }
        for task in &self.plan.tasks {
            let verified = self.plan.is_verified(task, self.now);
            let proven = self.ledger.is_verified(task.id, self.now);
            self.must(verified == proven, || format!("`{}`: verified {verified}, proven {proven}", task.key));
        }
    }

    /// The log replays to the plan, and the plan finds its things however it was made.
    fn judge_replay(&self) {
        let mut again = Plan::empty(self.plan.id);
        for entry in &self.log {
            let seq = again.seq.next();
            apply(&mut again, &entry.event, Stamp { seq, at: entry.at, by: &entry.by });
        }
        self.must(again == self.plan, || "the log does not replay to the plan".to_owned());
        let mut shared = Plan::empty(PlanId::STORE);
        for entry in &self.store_log {
            apply(&mut shared, &entry.event, Stamp { seq: entry.seq, at: entry.at, by: &entry.by });
        }
        self.must(shared == self.store, || "the store's log does not replay".to_owned());
        let kept = again.freeze().ok().and_then(Plan::thaw);
        self.must(kept.as_ref() == Some(&again), || "a snapshot does not give the plan back".to_owned());
        let Some(again) = kept else { return };
        let guarded = |plan: &Plan| plan.guarded().map(|task| task.id).collect::<Vec<_>>();
        self.must(guarded(&again) == guarded(&self.plan), || "checks are not found".to_owned());
        let leased = |plan: &Plan| plan.leased().map(|task| task.id).collect::<Vec<_>>();
        self.must(leased(&again) == leased(&self.plan), || "leases are not found".to_owned());
        for task in &self.plan.tasks {
            let same = again.task_by_key(&task.key).map(|task| task.id)
                == self.plan.task_by_key(&task.key).map(|task| task.id);
            self.must(same, || format!("the key `{}` finds another task after a snapshot", task.key));
            let sorted = |plan: &Plan| {
                let mut dependants = plan.dependants(task.id).to_vec();
                dependants.sort();
                dependants
            };
            self.must(sorted(&again) == sorted(&self.plan), || format!("who needs `{}` differs", task.key));
        }
    }

    fn must(&self, kept: bool, otherwise: impl FnOnce() -> String) {
        if !kept {
            self.broken(&otherwise());
        }
    }

    fn broken(&self, what: &str) -> ! {
        let from = self.log.len().saturating_sub(5);
        let mut tail = String::new();
        for (place, entry) in self.log.iter().enumerate().skip(from) {
            let _ =
                write!(tail, "\n  {} {} by {}: {:?}", place + 1, entry.command, entry.by.actor, entry.event);
        }
        panic!("seed {} step {}: {what}; the log ends with{tail}", self.seed, self.step)
    }
}
