//! Given a plan, when somebody asks for something, then these events, or that refusal.
//!
//! Each step is judged three times over: by what the test expects, by a [`Ledger`] that knows only
//! the log, and by replaying the whole log, which must leave the same plan.

use jiff::{Timestamp, ToSpan};
use model::actor::{Actor, By, Known};
use model::apply::{Stamp, apply};
use model::check::{Evidence, Outcome};
use model::command::{Command, Schedule, Take, Which};
use model::context::{Context, Ids};
use model::definition::Definition;
use model::digest::Digest;
use model::draft::{Due, Stated};
use model::event::Event;
use model::gate::{CheckStanding, Loosened, Subject};
use model::ids::{AgentId, CheckId, Fence, PersonId, PlanId, SessionId, TaskId, TicketId, WaiverId};
use model::lease::LeaseEnd;
use model::plan::Plan;
use model::refusal::Refusal;
use model::ruling::rule;
use model::standing::Standing;
use model::task::{ClaimHow, Task};
use testkit::checkers::{Entry, Ledger};
use testkit::sketch::{key, sketch};

/// Ids in a row.
#[derive(Default)]
pub(crate) struct Row(u128);

impl Ids for Row {
    fn next(&mut self, _: Timestamp) -> u128 {
        self.0 += 1;
        self.0
    }
}

impl Row {
    pub(crate) fn after(last: u128) -> Self {
        Self(last)
    }

    pub(crate) fn last(&self) -> u128 {
        self.0
    }
}

/// A person who only says who they are.
pub(crate) fn person(name: &str) -> By {
    By::new(Actor::Person(PersonId::new(name).expect("a name")), Known::Declared)
}

/// A person whose key signed the command.
pub(crate) fn signed(name: &str) -> By {
    By { known: Known::Signature, ..person(name) }
}

pub(crate) fn agent(name: &str) -> By {
    let agent = AgentId::new(name).expect("a name");
    By::new(Actor::Agent { agent, session: SessionId::new("run-1").expect("a name") }, Known::Declared)
}

/// Somebody who wrote the plan.
pub(crate) fn author() -> By {
    person("author")
}

/// What checks can read, while nothing changes.
pub(crate) fn inputs() -> Digest {
    Digest::sha256(b"the working tree")
}

/// A plan and its log.
pub(crate) struct Story {
    pub(crate) plan: Plan,
    pub(crate) log: Vec<Entry>,
    pub(crate) now: Timestamp,
    pub(crate) agent_present: bool,
    pub(crate) inputs: Digest,
    /// The grant that is shown with every command.
    pub(crate) fence: Option<u64>,
    ids: Row,
    ledger: Ledger,
}

/// A plan that was adopted from a sketch.
#[track_caller]
pub(crate) fn given(text: &str) -> Story {
    let mut story = Story::new();
    story.when(&author(), Command::AdoptPlan(Box::new(sketch(text)))).done();
    story
}

impl Story {
    pub(crate) fn new() -> Self {
        Self {
            plan: Plan::empty(PlanId::from_bits(1)),
            log: Vec::new(),
            now: "2031-05-05T09:00:00Z".parse().expect("a moment"),
            agent_present: false,
            inputs: inputs(),
            fence: None,
            ids: Row(100),
            ledger: Ledger::default(),
        }
    }

    #[track_caller]
    pub(crate) fn when(&mut self, by: &By, command: Command) -> Then {
        let name = command.name();
        let (now, agent_present, fence) = (self.now, self.agent_present, self.fence.map(Fence));
        let mut cx = Context { now, by, agent_present, fence, ids: &mut self.ids };
        let events = match rule(&self.plan, command, &mut cx) {
            Ok(events) => events,
            Err(refusal) => return Then(Err(refusal)),
        };
        let mut told = Vec::new();
        for event in events {
            let seq = self.plan.seq.next();
            let entry = Entry { seq, at: self.now, by: by.clone(), command: name.to_owned(), event };
            if let Err(broken) = self.ledger.take(&entry) {
                panic!("the log shows a broken rule: {broken}");
            }
            let before = tell(&self.plan, &entry.event);
            self.take(entry);
            // Things that were just added have their names only afterwards.
            told.push(if before.contains('?') {
                tell(&self.plan, &self.log[self.log.len() - 1].event)
            } else {
                before
            });
        }
        self.replays();
        self.gates_agree();
        Then(Ok(told))
    }

    fn take(&mut self, entry: Entry) {
        let seq = self.plan.seq.next();
        apply(&mut self.plan, &entry.event, Stamp { seq, at: entry.at, by: &entry.by });
        self.log.push(entry);
    }

    #[track_caller]
    fn replays(&self) {
        let mut again = Plan::empty(self.plan.id);
        for entry in &self.log {
            let seq = again.seq.next();
            apply(&mut again, &entry.event, Stamp { seq, at: entry.at, by: &entry.by });
        }
        assert_eq!(again, self.plan, "the log replays to the plan");
    }

    /// What the model calls open or verified, the log must prove, and the other way round.
    #[track_caller]
    pub(crate) fn gates_agree(&self) {
        for subject in self.ledger.subjects() {
            let open = self.plan.clearance(subject, None, self.now, None).is_ok();
            let name = self.plan.subject_name(subject);
            assert_eq!(open, self.ledger.is_open(subject, self.now), "is the gate of `{name}` open?");
        }
        for task in &self.plan.tasks {
            let verified = self.plan.is_verified(task, self.now);
            assert_eq!(verified, self.ledger.is_verified(task.id, self.now), "is `{}` verified?", task.key);
        }
    }

    pub(crate) fn pass(&mut self, days: i64) {
        self.now += (days * 24).hours();
        self.gates_agree();
    }

    /// Some minutes go by.
    pub(crate) fn minutes(&mut self, minutes: i64) {
        self.now += minutes.minutes();
        self.gates_agree();
    }

    // ---- looking at things by their keys

    #[track_caller]
    pub(crate) fn task(&self, name: &str) -> &Task {
        self.plan.task_by_key(&key(name)).unwrap_or_else(|| panic!("no task `{name}`"))
    }

    #[track_caller]
    pub(crate) fn id(&self, name: &str) -> TaskId {
        self.task(name).id
    }

    pub(crate) fn state(&self, name: &str) -> &'static str {
        self.task(name).state.word()
    }

    pub(crate) fn standing(&self, name: &str) -> Standing {
        self.plan.standing(self.task(name), self.now)
    }

    /// A check by the key of its task (or `success criteria`, a gate's name, `exit of A`) and name.
    #[track_caller]
    pub(crate) fn check(&self, subject: &str, name: &str) -> CheckId {
        let found = self
            .plan
            .checks()
            .find(|(of, check)| self.plan.subject_name(*of) == subject && check.spec.name == name);
        found.unwrap_or_else(|| panic!("no check `{name}` of `{subject}`")).1.id
    }

    #[track_caller]
    pub(crate) fn stands(&self, subject: &str, name: &str) -> CheckStanding {
        let id = self.check(subject, name);
        self.plan.check_standing(id, self.now).expect("the check is there")
    }

    /// What is demanded now, as the plan would write it.
    #[track_caller]
    pub(crate) fn demands(&self, subject: &str, name: &str) -> String {
        let id = self.check(subject, name);
        self.plan.check(id).expect("the check is there").1.spec.to_string()
    }

    pub(crate) fn waiver(&self) -> WaiverId {
        self.plan.waivers.last().expect("a waiver").id
    }

    // ---- the verbs

    #[track_caller]
    pub(crate) fn start(&mut self, by: &By, name: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Start(task))
    }

    #[track_caller]
    pub(crate) fn claim(&mut self, by: &By, name: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Claim { task, how: ClaimHow::Verb })
    }

    /// Takes a task as it is reserved, in no role.
    #[track_caller]
    pub(crate) fn take_up(&mut self, by: &By, name: &str) -> Then {
        let which = Which::Task(self.id(name));
        self.take_as(by, which, &[], None)
    }

    /// Takes the next task in these roles.
    #[track_caller]
    pub(crate) fn take_next(&mut self, by: &By, roles: &[&str]) -> Then {
        self.take_as(by, Which::Next, roles, None)
    }

    /// Takes a task to write these paths.
    #[track_caller]
    pub(crate) fn take_paths(&mut self, by: &By, name: &str, paths: &[&str]) -> Then {
        let which = Which::Task(self.id(name));
        self.take_as(by, which, &[], Some(paths))
    }

    #[track_caller]
    fn take_as(&mut self, by: &By, which: Which, roles: &[&str], paths: Option<&[&str]>) -> Then {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (roles, paths) = (owned(roles), paths.map(owned));
        self.when(by, Command::Take(Box::new(Take { which, roles, ttl_seconds: None, paths, base: None })))
    }

    #[track_caller]
    pub(crate) fn beat(&mut self, by: &By, name: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Beat(task))
    }

    #[track_caller]
    pub(crate) fn release(&mut self, by: &By, name: &str, how: LeaseEnd, reason: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Release { task, how, reason: reason.to_owned() })
    }

    #[track_caller]
    pub(crate) fn submit(&mut self, by: &By, name: &str, touched: &[&str]) -> Then {
        let task = self.id(name);
        let touched = touched.iter().map(|path| (*path).to_owned()).collect();
        self.when(by, Command::Submit { task, commit: None, touched, summary: "done".to_owned() })
    }

    #[track_caller]
    pub(crate) fn touch(&mut self, by: &By, name: &str, path: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Touch { task, path: path.to_owned(), digest: None })
    }

    #[track_caller]
    pub(crate) fn reserve(&mut self, by: &By, name: &str, paths: &[&str], shared: bool) -> Then {
        let task = self.id(name);
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        self.when(by, Command::Reserve { task, paths, shared })
    }

    #[track_caller]
    pub(crate) fn drop_task(&mut self, by: &By, name: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Drop { task, reason: "not wanted".to_owned() })
    }

    #[track_caller]
    pub(crate) fn reopen(&mut self, by: &By, name: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::Reopen { task, reason: "it was wrong".to_owned() })
    }

    /// What the program says came of running a check, for what is in force now.
    #[track_caller]
    pub(crate) fn report(&mut self, subject: &str, name: &str, outcome: Outcome, summary: &str) -> Then {
        let command = self.verdict(subject, name, outcome, summary);
        self.when(&By::system(), command)
    }

    #[track_caller]
    pub(crate) fn verdict(&self, subject: &str, name: &str, outcome: Outcome, summary: &str) -> Command {
        let check = self.check(subject, name);
        let (of, known) = self.plan.check(check).expect("the check is there");
        Command::RecordVerdict {
            check,
            attempt: model::apply::attempt_of(&self.plan, of),
            spec: known.digest,
            inputs: self.inputs,
            outcome,
            evidence: Box::new(evidence(summary)),
        }
    }

    #[track_caller]
    pub(crate) fn passes(&mut self, subject: &str, name: &str) -> Then {
        self.report(subject, name, Outcome::Pass, "exit status 0")
    }

    #[track_caller]
    pub(crate) fn verify(&mut self, name: &str) -> Then {
        let (task, inputs) = (self.id(name), self.inputs);
        self.when(&By::system(), Command::Verify { task, inputs })
    }

    #[track_caller]
    pub(crate) fn approve(&mut self, by: &By, name: &str, role: Option<&str>) -> Then {
        let subject = Subject::Task(self.id(name));
        self.when(by, Command::Approve { subject, check: None, role: role.map(str::to_owned) })
    }

    #[track_caller]
    pub(crate) fn approve_weakening(&mut self, by: &By, subject: &str, name: &str) -> Then {
        let check = self.check(subject, name);
        self.when(by, Command::ApproveWeakening(Loosened::Check(check)))
    }

    #[track_caller]
    pub(crate) fn waive(&mut self, by: &By, subject: &str, name: &str, days: i64) -> Then {
        let check = self.check(subject, name);
        let until = self.now + (days * 24).hours();
        self.when(by, Command::Waive { check, reason: "vendor is late".to_owned(), until, approve: false })
    }

    #[track_caller]
    pub(crate) fn grant(&mut self, by: &By) -> Then {
        let waiver = self.waiver();
        self.when(by, Command::ApproveWaiver(waiver))
    }

    #[track_caller]
    pub(crate) fn attach(&mut self, by: &By, name: &str, file: &str) -> Then {
        let task = self.id(name);
        let blob = Digest::sha256(file.as_bytes());
        self.when(by, Command::Attach { task, name: file.to_owned(), blob, size: 7 })
    }

    #[track_caller]
    pub(crate) fn reading(&mut self, by: &By, name: &str, value: f64) -> Then {
        let (name, source) = (name.to_owned(), "by hand".to_owned());
        self.when(by, Command::RecordReading { name, value, unit: None, source, role: None })
    }

    #[track_caller]
    pub(crate) fn revise(&mut self, by: &By, text: &str) -> Then {
        self.revise_to(by, sketch(text))
    }

    #[track_caller]
    pub(crate) fn revise_to(&mut self, by: &By, definition: Definition) -> Then {
        let onto = self.plan.revision;
        self.when(by, Command::RevisePlan { onto, base: None, definition: Box::new(definition) })
    }

    #[track_caller]
    pub(crate) fn rebaseline(&mut self, by: &By, name: &str, date: &str) -> Then {
        let task = self.id(name);
        let due = Due { text: date.to_owned(), at: format!("{date}T23:59:59Z").parse().ok() };
        self.when(
            by,
            Command::Rebaseline { task, to: Schedule::Due(due), reason: "the vendor is late".to_owned() },
        )
    }

    #[track_caller]
    pub(crate) fn approve_rebaseline(&mut self, by: &By, name: &str, role: &str) -> Then {
        let task = self.id(name);
        self.when(by, Command::ApproveRebaseline { task, role: role.to_owned() })
    }
}

pub(crate) fn evidence(summary: &str) -> Evidence {
    Evidence {
        summary: summary.to_owned(),
        exit: Some(0),
        value: None,
        output: None,
        milliseconds: 12,
        commit: None,
        handed_in_by: None,
    }
}

/// What came of a command.
#[must_use]
pub(crate) struct Then(pub(crate) Result<Vec<String>, Refusal>);

impl Then {
    /// It was done, whatever the events.
    #[track_caller]
    pub(crate) fn done(self) {
        if let Err(refusal) = self.0 {
            panic!("refused: {refusal} {:?}", refusal.facts);
        }
    }

    /// What it led to.
    #[track_caller]
    pub(crate) fn told(self) -> Vec<String> {
        match self.0 {
            Ok(told) => told,
            Err(refusal) => panic!("refused: {refusal} {:?}", refusal.facts),
        }
    }

    /// It led to exactly these events.
    #[track_caller]
    pub(crate) fn gives(self, events: &[&str]) {
        match self.0 {
            Ok(told) => assert_eq!(told, events),
            Err(refusal) => panic!("refused: {refusal} {:?}", refusal.facts),
        }
    }

    /// It was refused with this code; the message says this.
    #[track_caller]
    pub(crate) fn refused(self, code: &str, says: &str) -> Refusal {
        match self.0 {
            Ok(events) => panic!("not refused: {events:?}"),
            Err(refusal) => {
                assert_eq!((refusal.code, refusal.message.contains(says)), (code, true), "{refusal}");
                assert!(refusal.exit() > 1, "{code} has an exit status");
                refusal
            }
        }
    }
}

/// An event in a few words.
fn tell(plan: &Plan, event: &Event) -> String {
    let task = |id: &TaskId| plan.task(*id).map_or("?".to_owned(), |task| task.key.to_string());
    let check = |id: &CheckId| {
        plan.check(*id).map_or("?".to_owned(), |(subject, check)| {
            format!("{}.{}", plan.subject_name(subject), check.spec.name)
        })
    };
    let ticket = |id: &TicketId| {
        let about = plan.ticket(*id).and_then(|ticket| ticket.about);
        about.map_or_else(String::new, |about| plan.subject_name(about))
    };
    let about = match event {
        Event::TaskAdded(added) => added.key.to_string(),
        Event::TaskChanged(changed) => task(&changed.task),
        Event::TaskClaimed { task: id, how } => format!("{} {}", task(id), how.as_str()),
        Event::TaskVerified { task: id, attempt, .. } => format!("{} attempt {attempt}", task(id)),
        Event::TaskReopened { task: id, attempt, .. } => format!("{} attempt {attempt}", task(id)),
        Event::TaskAsserted { task: id, asserted, against, .. } => {
            let against: Vec<String> = against.iter().map(task).collect();
            let against =
                if against.is_empty() { String::new() } else { format!(" against {}", against.join(", ")) };
            let word = match asserted.state {
                Stated::Open => "open",
                Stated::Active => "active",
                Stated::Claimed => "done",
                Stated::Dropped => "dropped",
            };
            format!("{} {word}{against}", task(id))
        }
        Event::TaskStarted { task: id, fence } | Event::LeaseRenewed { task: id, fence, .. } => {
            format!("{} fence {fence}", task(id))
        }
        Event::LeaseTaken(taken) => format!("{} fence {}", task(&taken.task), taken.fence),
        Event::LeaseEnded { task: id, how, .. } => format!("{} {}", task(id), how.as_str()),
        Event::LeaseSilent { task: id, missed, .. } => format!("{} missed {missed}", task(id)),
        Event::WorkSubmitted(work) => task(&work.task),
        Event::PathsReserved { task: id, .. } | Event::UsageRecorded { task: id, .. } => task(id),
        Event::WorkReported(said) => format!("{} {}", task(&said.task), said.name),
        Event::PathTouched(touched) if touched.foreign => format!("{} foreign", touched.path),
        Event::PathTouched(touched) => touched.path.clone(),
        Event::TaskFlagged { task: id, .. }
        | Event::TaskDropped { task: id, .. }
        | Event::TaskBlocked { task: id, .. }
        | Event::TaskUnblocked { task: id }
        | Event::FactsChanged { task: id, .. }
        | Event::NeedsChanged { task: id, .. }
        | Event::NoteAdded { task: id, .. }
        | Event::FileAttached { task: id, .. }
        | Event::RebaselineRequested { task: id, .. } => task(id),
        Event::CheckAdded { check: id, .. }
        | Event::CheckChanged { check: id, .. }
        | Event::WeakeningProposed { check: id, .. }
        | Event::WeakeningWithdrawn { check: id }
        | Event::ApprovalGiven { check: id, .. }
        | Event::WaiverRequested { check: id, .. } => check(id),
        Event::WeakeningApproved { loosened: Loosened::Check(id) } => check(id),
        Event::VerdictRecorded(verdict) => format!("{} {}", check(&verdict.check), verdict.outcome.as_str()),
        Event::TicketOpened(opened) => {
            opened.about.map_or_else(String::new, |about| plan.subject_name(about))
        }
        Event::TicketJoined(joined) => ticket(&joined.ticket),
        Event::TicketAssigned { ticket: id, reviewer } => format!("{} {reviewer}", ticket(id)),
        Event::TicketUnassigned { ticket: id } | Event::TicketNoted { ticket: id, .. } => ticket(id),
        Event::TicketClosed { ticket: id, outcome, .. } => {
            format!("{} {}", ticket(id), outcome.as_str()).trim_start().to_owned()
        }
        _ => String::new(),
    };
    format!("{} {about}", event.kind()).trim_end().to_owned()
}
