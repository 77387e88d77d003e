//! A plan to which things happen by the model's own rulings, and what reports look at.

use jiff::{SignedDuration, Timestamp};
use lens::look::Look;
use lens::record::Record;
use lens::reports::{Records, Views};
use lens::views::changes::Mark;
use model::actor::{Actor, By, Cause, Known};
use model::apply::{Stamp, apply, attempt_of};
use model::check::{Evidence, Outcome};
use model::command::Command;
use model::digest::Digest;
use model::gate::Subject;
use model::ids::{CheckId, Key, PersonId, PlanId, Seq, TaskId};
use model::plan::Plan;
use model::task::ClaimHow;
use testkit::checkers::Entry;
use testkit::sketch::sketch;
use testkit::world::{Ask, Play};

/// A plan with its log.
pub(crate) struct Told {
    pub(crate) plan: Plan,
    pub(crate) now: Timestamp,
    pub(crate) log: Vec<Entry>,
    causes: Vec<Cause>,
    play: Play,
}

impl Told {
    /// Adopts a sketch, at nine o'clock on 1 May 2031, a Thursday.
    pub(crate) fn adopt(text: &str) -> Self {
        let mut told = Self {
            plan: Plan::empty(PlanId::from_bits(1)),
            now: "2031-05-01T09:00:00Z".parse().expect("a moment"),
            log: Vec::new(),
            causes: Vec::new(),
            play: Play::default(),
        };
        let mut definition = sketch(text);
        if definition.title == "Plan" {
            definition.title = "Harbour".to_owned();
        }
        told.by(&person("Ada"), Command::AdoptPlan(Box::new(definition)));
        told
    }

    /// What a log of somebody else's has led to.
    pub(crate) fn of_log(id: PlanId, log: &[Entry], now: Timestamp) -> Self {
        let mut plan = Plan::empty(id);
        for entry in log {
            let seq = plan.seq.next();
            apply(&mut plan, &entry.event, Stamp { seq, at: entry.at, by: &entry.by });
        }
        let causes = log.iter().map(|entry| Cause::command(entry.command.as_str())).collect();
        Self { plan, now, log: log.to_vec(), causes, play: Play::default() }
    }

    /// Somebody does something.
    pub(crate) fn by(&mut self, by: &By, command: Command) -> &mut Self {
        let (plan, by) = (self.plan.id, by.clone());
        let ask = Ask { plan, now: self.now, by, agent_present: false, fence: None, command };
        let entries = self.play.submit(ask).unwrap_or_else(|no| panic!("{no} {:?}", no.facts));
        for entry in entries {
            let seq = self.plan.seq.next();
            apply(&mut self.plan, &entry.event, Stamp { seq, at: entry.at, by: &entry.by });
            self.causes.push(Cause::command(entry.command.as_str()));
            self.log.push(entry);
        }
        self
    }

    pub(crate) fn does(&mut self, who: &str, command: Command) -> &mut Self {
        self.by(&person(who), command)
    }

    pub(crate) fn later(&mut self, hours: i64) -> &mut Self {
        self.now += SignedDuration::from_hours(hours);
        self
    }

    pub(crate) fn task(&self, key: &str) -> TaskId {
        let key = Key::new(key).expect("a key");
        self.plan.task_by_key(&key).unwrap_or_else(|| panic!("no task {key}")).id
    }

    pub(crate) fn check(&self, subject: &str, name: &str) -> CheckId {
        let found = self
            .plan
            .checks()
            .find(|(on, check)| self.plan.subject_name(*on) == subject && check.spec.name == name);
        found.unwrap_or_else(|| panic!("no check {name} of {subject}")).1.id
    }

    pub(crate) fn claims(&mut self, who: &str, key: &str) -> &mut Self {
        let task = self.task(key);
        self.does(who, Command::Claim { task, how: ClaimHow::Verb })
    }

    pub(crate) fn signs(&mut self, who: &str, key: &str) -> &mut Self {
        let subject = Subject::Task(self.task(key));
        self.does(who, Command::Approve { subject, check: None, role: None })
    }

    /// A check is run and sees this.
    pub(crate) fn ran(
        &mut self,
        subject: &str,
        check: &str,
        outcome: Outcome,
        saw: (&str, Option<f64>),
    ) -> &mut Self {
        let check = self.check(subject, check);
        let (on, known) = self.plan.check(check).expect("it was just found");
        let evidence = Evidence {
            summary: saw.0.to_owned(),
            exit: Some(i32::from(outcome != Outcome::Pass)),
            value: saw.1,
            output: Some(Digest::sha256(saw.0.as_bytes())),
            milliseconds: 1500,
            commit: None,
            handed_in_by: None,
        };
        let command = Command::RecordVerdict {
            check,
            attempt: attempt_of(&self.plan, on),
            spec: known.digest,
            inputs: inputs(),
            outcome,
            evidence: Box::new(evidence),
        };
        self.by(&By::system(), command)
    }

    pub(crate) fn verifies(&mut self, key: &str) -> &mut Self {
        let command = Command::Verify { task: self.task(key), inputs: inputs() };
        self.by(&By::system(), command)
    }

    /// A check is excused for so many hours, by two people.
    pub(crate) fn waives(&mut self, subject: &str, check: &str, hours: i64) -> &mut Self {
        let waive = Command::Waive {
            check: self.check(subject, check),
            reason: "the crane is away".to_owned(),
            until: self.now + SignedDuration::from_hours(hours),
            approve: false,
        };
        self.does("Rae", waive);
        let waiver = self.plan.waivers.last().expect("it was just asked for").id;
        self.does("Sam", Command::ApproveWaiver(waiver))
    }

    /// What reports look at; the digest is not that of a journal.
    pub(crate) fn views(&self) -> Views<'_> {
        Views {
            look: Look::new(&self.plan, self.now),
            digest: Digest::sha256(b"the last event"),
            latest: self.plan.seq,
            since: Mark::At(self.now - SignedDuration::from_hours(24)),
            records: self,
        }
    }
}

impl Records for Told {
    fn visit(&self, see: &mut dyn FnMut(&Record<'_>)) {
        for (seq, (entry, cause)) in (1..).map(Seq).zip(self.log.iter().zip(&self.causes)) {
            see(&Record { seq, at: entry.at, by: &entry.by, cause, event: &entry.event });
        }
    }
}

pub(crate) fn person(name: &str) -> By {
    By::new(Actor::Person(PersonId::new(name).expect("a name")), Known::Declared)
}

fn inputs() -> Digest {
    Digest::sha256(b"the working tree")
}
