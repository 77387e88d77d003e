//! What the actors of the world do next, good and bad alike.

use jiff::{Timestamp, ToSpan};
use model::actor::{By, Known};
use model::apply::attempt_of;
use model::check::{Evidence, Outcome, Probe};
use model::command::{Command, Schedule};
use model::digest::Digest;
use model::draft::{Due, MetricRole, TaskKind};
use model::facts::Fact;
use model::gate::{Check, CheckStanding, Loosened, Subject};
use model::ids::{AssumptionId, CheckId, EscalationId, GateId, PlanId, Revision, Seq, TaskId, WaiverId};
use model::registers::{EntryDetails, RiskDetails};
use model::target::Target;
use model::task::{ClaimHow, Task};
use model::waiver::WaiverState;
use model::work::{RunCheck, Work, outstanding};

use super::{Ask, World, document};
use crate::sketch::key;

/// What checks could read; it changes now and then.
const TREES: [&[u8]; 2] = [b"tree one", b"tree two"];

impl World {
    pub(super) fn next_ask(&mut self) -> Ask {
        let (plan, adopted) = (self.plan.id, self.plan.revision.0 > 0);
        let (plan, by, command, fence) = if adopted && self.dice.percent(30) {
            let (by, command, fence) = self.working();
            (plan, by, command, fence)
        } else if adopted && self.dice.percent(12) {
            let (by, command) = self.reviewing();
            (plan, by, command, None)
        } else if self.dice.percent(10) {
            let (by, command) = self.sharing();
            let astray = self.dice.percent(3);
            (if astray { plan } else { PlanId::STORE }, by, command, None)
        } else {
            let (by, command) = if adopted { self.something() } else { self.before_adoption() };
            (plan, by, command, None)
        };
        let agent_present = by.actor.is_agent() || self.dice.percent(15);
        Ask { plan, now: self.now, by, agent_present, fence, command }
    }

    fn before_adoption(&mut self) -> (By, Command) {
        match self.dice.below(4) {
            0 => (self.dice.anybody(), Command::Start(TaskId::from_bits(1))),
            1 => {
                let odd = document::ungovernable(&mut self.dice, &self.document);
                (self.dice.person(), Command::AdoptPlan(Box::new(odd)))
            }
            2 => self.of_the_store(),
            _ => (self.dice.person(), Command::AdoptPlan(Box::new(self.document.clone()))),
        }
    }

    fn something(&mut self) -> (By, Command) {
        if self.dice.percent(10)
            && let Some(hopeful) = self.hopeful()
        {
            return hopeful;
        }
        match self.dice.below(100) {
            0..8 => self.start_or_claim(),
            8..30 => self.hands(),
            30..36 => self.rude_verdict(),
            36..46 => self.approve(),
            46..57 => self.waivers(),
            57..62 => self.approve_weakening(),
            62..70 => self.revise(),
            70..76 => self.progress(),
            76..80 => self.measure(),
            80..82 => self.delivering(),
            82..88 => self.reschedule(),
            88..97 => self.registers(),
            97..98 => self.of_the_store(),
            98..99 => self.documents(),
            _ => (self.dice.person(), Command::AdoptPlan(Box::new(self.document.clone()))),
        }
    }

    // ---- picking things

    pub(super) fn a_task(&mut self) -> TaskId {
        let ready: Vec<TaskId> = self
            .plan
            .tasks
            .iter()
            .filter(|task| !task.is_dropped() && self.plan.is_unblocked(task, self.now))
            .map(|task| task.id)
            .collect();
        let all: Vec<TaskId> = self.plan.tasks.iter().map(|task| task.id).collect();
        let wanted = if self.dice.percent(70) { self.dice.one_of(&ready) } else { self.dice.one_of(&all) };
        let stray = self.dice.percent(2);
        wanted.filter(|_| !stray).unwrap_or(TaskId::from_bits(3))
    }

    fn a_check(&mut self) -> CheckId {
        let all: Vec<CheckId> = self.plan.checks().map(|(_, check)| check.id).collect();
        let stray = self.dice.percent(3);
        self.dice.one_of(&all).filter(|_| !stray).unwrap_or(CheckId::from_bits(3))
    }

    pub(super) fn reason(&mut self) -> String {
        self.dice
            .word(&["the vendor is late", "it was wrong", "somebody said so", "not wanted", " "])
            .to_owned()
    }

    fn inputs(&mut self) -> Digest {
        Digest::sha256(TREES[usize::from(self.dice.percent(5))])
    }

    // ---- work and evidence

    fn start_or_claim(&mut self) -> (By, Command) {
        let task = self.a_task();
        let by = if self.dice.percent(90) { self.dice.worker() } else { self.dice.anybody() };
        let how = [ClaimHow::Verb, ClaimHow::Verb, ClaimHow::Submit, ClaimHow::Document, ClaimHow::Import];
        let how = how[self.dice.below(how.len())];
        let command = if self.dice.percent(40) { Command::Start(task) } else { Command::Claim { task, how } };
        (by, command)
    }

    /// The program's own hands: they do what is outstanding, and their verdicts may be slow.
    fn hands(&mut self) -> (By, Command) {
        if self.dice.percent(25)
            && let Some(late) = self.dice.one_of(&self.under_way)
        {
            // It stays under way, so it may arrive again.
            return (By::system(), late);
        }
        let inputs = self.inputs();
        let mut work = outstanding(&self.plan, inputs, self.now);
        work.extend(self.asked_for_again());
        match self.dice.one_of(&work) {
            Some(Work::RunCheck(run)) => {
                let verdict = self.verdict(&run, inputs);
                if self.dice.percent(25) {
                    self.under_way.push(verdict.clone());
                }
                (By::system(), verdict)
            }
            Some(Work::Verify(task)) => (By::system(), Command::Verify { task, inputs }),
            None => (By::system(), Command::Verify { task: self.a_task(), inputs }),
        }
    }

    /// Somebody runs a check or asks for a verification that nothing called for.
    fn asked_for_again(&mut self) -> Option<Work> {
        let id = self.a_check();
        let (subject, check) = self.plan.check(id)?;
        if let Subject::Task(task) = subject
            && self.dice.percent(30)
        {
            return Some(Work::Verify(task));
        }
        let (attempt, spec, digest) = (attempt_of(&self.plan, subject), check.spec.clone(), check.digest);
        Some(Work::RunCheck(Box::new(RunCheck { subject, check: id, attempt, spec, digest })))
    }

    fn verdict(&mut self, run: &RunCheck, inputs: Digest) -> Command {
        let outcome = match self.dice.below(10) {
            0..7 => Outcome::Pass,
            7 | 8 => Outcome::Fail,
            _ => Outcome::Error,
        };
        let summary = format!("it said {}", outcome.as_str());
        let evidence = Evidence {
            summary,
            exit: Some(0),
            value: None,
            output: None,
            milliseconds: 3,
            commit: None,
            handed_in_by: None,
        };
        let (check, attempt, spec) = (run.check, run.attempt, run.digest);
        Command::RecordVerdict { check, attempt, spec, inputs, outcome, evidence: Box::new(evidence) }
    }

    /// A verdict that somebody makes up, or that belongs to something else.
    fn rude_verdict(&mut self) -> (By, Command) {
        let id = self.a_check();
        let known =
            self.plan.check(id).map(|(subject, check)| (attempt_of(&self.plan, subject), check.digest));
        let (attempt, spec) = known.unwrap_or((1, Digest::ZERO));
        let evidence = Evidence {
            summary: "trust me".to_owned(),
            exit: None,
            value: Some(1.0),
            output: None,
            milliseconds: 0,
            commit: None,
            handed_in_by: None,
        };
        let rude = self.dice.below(3);
        let by = if rude == 0 { self.dice.anybody() } else { By::system() };
        let attempt = if rude == 1 { attempt + 1 - self.dice.below(3) as u32 } else { attempt };
        let spec = if rude == 2 { Digest::sha256(b"another demand") } else { spec };
        let inputs = self.inputs();
        let outcome = Outcome::Pass;
        (
            by,
            Command::RecordVerdict {
                check: id,
                attempt,
                spec,
                inputs,
                outcome,
                evidence: Box::new(evidence),
            },
        )
    }

    // ---- countersigning

    fn approve(&mut self) -> (By, Command) {
        let by = if self.dice.percent(85) { self.dice.person() } else { self.dice.anybody() };
        let asking: Vec<Subject> = self
            .plan
            .checks()
            .filter(|(_, check)| matches!(check.spec.probe, Probe::Approval { .. }))
            .map(|(subject, _)| subject)
            .collect();
        let claimed: Vec<Subject> = self
            .plan
            .tasks
            .iter()
            .filter(|task| !task.has_checks() && task.claim().is_some())
            .map(|task| Subject::Task(task.id))
            .collect();
        let subject = match self.dice.below(10) {
            0..5 => self.dice.one_of(&asking),
            5..8 => self.dice.one_of(&claimed),
            8 => Some(Subject::Gate(GateId::from_bits(3))),
            _ => None,
        };
        let subject = subject.unwrap_or_else(|| Subject::Task(self.a_task()));
        let check = self.dice.percent(10).then(|| self.dice.word(&["look", "tests", "nothing"]).to_owned());
        let role = self.dice.percent(15).then(|| self.dice.word(&["lead", "security", "king"]).to_owned());
        (by, Command::Approve { subject, check, role })
    }

    fn waivers(&mut self) -> (By, Command) {
        let open = self.plan.waivers.iter().rev().filter(|waiver| waiver.approved.is_none());
        let ids: Vec<WaiverId> =
            open.chain(self.plan.waivers.last()).take(8).map(|waiver| waiver.id).collect();
        let some = self.dice.one_of(&ids).filter(|_| !self.dice.percent(4)).unwrap_or(WaiverId::from_bits(3));
        let by = if self.dice.percent(80) { self.dice.person() } else { self.dice.anybody() };
        match self.dice.below(20) {
            0..9 => (by, Command::ApproveWaiver(some)),
            9 => (by, Command::RevokeWaiver { waiver: some, reason: self.reason() }),
            10 => {
                let waiting = self.plan.tasks.iter().filter_map(|task| Some((task.id, *task.needs.first()?)));
                let waiting: Vec<_> = waiting.collect();
                let (task, need) = self.dice.one_of(&waiting).unwrap_or((self.a_task(), self.a_task()));
                let (until, reason) = (self.now + 30.hours(), self.reason());
                (self.dice.anybody(), Command::WaiveNeed { task, need, reason, until, approve: false })
            }
            _ => {
                let hours = [-5, 0, 5, 30, 24 * 2, 24 * 2, 24 * 15, 24 * 40][self.dice.below(8)];
                let (check, reason) = (self.a_check(), self.reason());
                let (until, approve) = (self.now + hours.hours(), self.dice.percent(20));
                (self.dice.anybody(), Command::Waive { check, reason, until, approve })
            }
        }
    }

    fn approve_weakening(&mut self) -> (By, Command) {
        let by = if self.dice.percent(85) { self.dice.person() } else { self.dice.anybody() };
        let mut waiting: Vec<Loosened> = self
            .plan
            .checks()
            .filter(|(_, check)| check.weakening.is_some())
            .map(|(_, check)| Loosened::Check(check.id))
            .collect();
        let left_out = self
            .plan
            .gates_with_subjects()
            .filter(|(_, gate)| gate.stated.iter().any(|stated| stated.removed.is_some()));
        waiting.extend(left_out.map(|(subject, _)| Loosened::Criteria(subject)));
        waiting.extend(self.plan.proposed_settings.as_ref().map(|_| Loosened::Settings));
        let some = self.dice.one_of(&waiting).filter(|_| self.dice.percent(85));
        (by, Command::ApproveWeakening(some.unwrap_or_else(|| Loosened::Check(self.a_check()))))
    }

    fn revise(&mut self) -> (By, Command) {
        for _ in 0..=self.dice.below(3) {
            document::edit(&mut self.dice, &mut self.document);
        }
        let by = match self.dice.below(10) {
            0..5 => By::document(),
            5..8 => self.dice.person(),
            _ => self.dice.anybody(),
        };
        let stale = u32::from(self.dice.percent(10));
        let onto = Revision(self.plan.revision.0.saturating_sub(stale));
        let definition = if self.dice.percent(5) {
            document::ungovernable(&mut self.dice, &self.document)
        } else {
            self.document.clone()
        };
        (by, Command::RevisePlan { onto, base: None, definition: Box::new(definition) })
    }

    /// Whoever writes documents, and whoever only says so.
    fn documents(&mut self) -> (By, Command) {
        let source = self.plan.sources.first().filter(|_| !self.dice.percent(10));
        let path = source.map_or("elsewhere.md", |source| &source.path).to_owned();
        let recorded = source.map(|source| source.digest);
        let intended =
            self.plan.following(&path).and_then(|following| following.intent).map(|intent| intent.to);
        let odd = Digest::sha256(&[self.dice.below(9) as u8]);
        let seq = if self.dice.percent(5) { Seq(self.plan.seq.0 + 2) } else { self.plan.seq };
        let by = self.dice.anybody();
        if self.dice.percent(50) {
            let from = recorded.filter(|_| !self.dice.percent(15)).unwrap_or(odd);
            let edits = (!self.dice.percent(30)).then(Vec::new);
            return (by, Command::IntendDocument { path, from, to: odd, through: seq, edits });
        }
        let digest = intended.or(recorded).filter(|_| !self.dice.percent(15)).unwrap_or(odd);
        (by, Command::SyncDocument { path, digest, through: seq })
    }

    /// Somebody who knows just where a rule is thin: a check that could not run may do no harm, a
    /// waiver may still fit what was changed meanwhile.
    fn hopeful(&mut self) -> Option<(By, Command)> {
        let inputs = Digest::sha256(TREES[0]);
        if self.dice.percent(50) {
            let could_not = |task: &&Task| {
                let stands = |check: &Check| self.plan.check_standing(check.id, self.now);
                let mut shut =
                    task.gate.checks.iter().filter_map(stands).filter(|standing| !standing.opens());
                let first = shut.next();
                matches!(first, Some(CheckStanding::Error { .. })) && shut.next().is_none()
            };
            let task = self.plan.tasks.iter().find(could_not)?.id;
            return Some((By::system(), Command::Verify { task, inputs }));
        }
        let elsewhere = self.plan.waivers.iter().find(|waiver| {
            let spec = self.plan.check(waiver.check).map(|(_, check)| check.digest);
            waiver.state(self.now) == WaiverState::Requested && spec != Some(waiver.spec)
        })?;
        Some((By { known: Known::Signature, ..self.dice.person() }, Command::ApproveWaiver(elsewhere.id)))
    }

    // ---- everything else

    fn progress(&mut self) -> (By, Command) {
        let (task, reason) = (self.a_task(), self.reason());
        let by = self.dice.anybody();
        let command = match self.dice.below(10) {
            8 => {
                let needs = (0..self.dice.below(3)).map(|_| self.a_task()).collect();
                Command::Rewire { task, needs, blockers: Vec::new() }
            }
            0 => Command::Block { task, reason },
            1 => {
                let blocked = self.plan.tasks.iter().find(|task| !task.obstacles.is_empty());
                Command::Unblock(blocked.map_or(task, |task| task.id))
            }
            2 if self.dice.percent(40) => Command::Drop { task, reason },
            3 | 4 => {
                let closed: Vec<TaskId> = self
                    .plan
                    .tasks
                    .iter()
                    .filter(|task| task.is_dropped() || task.has_begun())
                    .map(|task| task.id)
                    .collect();
                Command::Reopen { task: self.dice.one_of(&closed).unwrap_or(task), reason }
            }
            5 => {
                let (name, blob) =
                    (self.dice.word(&["shot.png", "plan.pdf", ""]).to_owned(), Digest::sha256(b"picture"));
                Command::Attach { task, name, blob, size: 7 }
            }
            6 => {
                let percent = Fact::Percent(self.dice.below(130) as f64);
                Command::Update { task, put: vec![percent], clear: vec![Fact::Priority(String::new())] }
            }
            7 => {
                let title = self.dice.word(&["Call the vendor", "Order paper", ""]).to_owned();
                let number = 60 + self.dice.below(5);
                let own = self.dice.percent(50).then(|| key(&format!("T-{number}")));
                let needs = if self.dice.percent(30) { vec![task] } else { Vec::new() };
                Command::AddTask { kind: TaskKind::Action, key: own, title, needs, facts: Vec::new() }
            }
            _ => Command::Note { task, text: reason },
        };
        (by, command)
    }

    fn measure(&mut self) -> (By, Command) {
        let name = self.dice.word(&["p95", "p95", "warnings", "coverage", ""]).to_owned();
        let value = [f64::NAN, 10.0, 90.0, 180.0, 400.0][self.dice.below(5)];
        if self.dice.percent(25) {
            let target = Target::parse(self.dice.word(&["< 20", "< 100", "< 500", "> 3"]));
            return (self.dice.anybody(), Command::DefineMetric { name, unit: None, target });
        }
        let role = self.dice.percent(20).then_some(MetricRole::Baseline);
        let source = self.dice.word(&["run 7", "run 8", ""]).to_owned();
        (self.dice.anybody(), Command::RecordReading { name, value, unit: None, source, role })
    }

    fn reschedule(&mut self) -> (By, Command) {
        let by = if self.dice.percent(85) { self.dice.person() } else { self.dice.anybody() };
        let waiting: Vec<TaskId> = self
            .plan
            .rebaselines
            .iter()
            .filter(|known| !known.missing.is_empty())
            .map(|known| known.task)
            .collect();
        if self.dice.percent(50) {
            let task = self.dice.one_of(&waiting).unwrap_or_else(|| self.a_task());
            let role = self.dice.word(&["owner", "owner", "lead", "king"]).to_owned();
            return (by, Command::ApproveRebaseline { task, role });
        }
        let (task, reason) = (self.a_task(), self.reason());
        let day = format!("2031-04-{:02}", 1 + self.dice.below(28));
        let at: Option<Timestamp> = format!("{day}T23:59:59Z").parse().ok();
        let to = match self.dice.below(4) {
            0 => Schedule::Window("Week 9".to_owned()),
            1 => Schedule::Estimate([3.0, -1.0][self.dice.below(2)]),
            _ => Schedule::Due(Due { text: day, at }),
        };
        (by, Command::Rebaseline { task, to, reason })
    }

    fn registers(&mut self) -> (By, Command) {
        let by = self.dice.anybody();
        let text = self.reason();
        let entry = EntryDetails { text: text.clone(), ..EntryDetails::default() };
        let details =
            RiskDetails { title: text.clone(), status: Some("open".to_owned()), ..RiskDetails::default() };
        let number = self.dice.below(12);
        let command = match self.dice.below(7) {
            0 => {
                Command::AddRisk { key: self.dice.percent(50).then(|| key(&format!("R-{number}"))), details }
            }
            1 => Command::ChangeRisk { key: key(&format!("R-{number}")), details },
            2 => Command::Decide(entry),
            3 => Command::Escalate { entry, task: self.dice.percent(60).then(|| self.a_task()) },
            4 => {
                let open = self.plan.escalations.iter().find(|known| known.resolved.is_none());
                let open = open.map(|known| known.id).filter(|_| self.dice.percent(70));
                Command::ResolveEscalation {
                    escalation: open.unwrap_or(EscalationId::from_bits(3)),
                    outcome: text,
                }
            }
            5 => Command::Assume(text),
            _ => {
                let known =
                    self.plan.assumptions.first().map(|known| known.id).filter(|_| self.dice.percent(80));
                let holds = self.dice.percent(50);
                Command::CheckAssumption { assumption: known.unwrap_or(AssumptionId::from_bits(3)), holds }
            }
        };
        (by, command)
    }

    fn of_the_store(&mut self) -> (By, Command) {
        let by = self.dice.anybody();
        let person = by.actor.person().cloned().or_else(|| self.dice.person().actor.person().cloned());
        match person.filter(|_| self.dice.percent(50)) {
            Some(person) => {
                let key = self.dice.word(&["ed25519:00", "ed25519:11", "rsa:00"]).to_owned();
                (by, Command::RegisterKey { person, key })
            }
            None => (by, Command::Trust { path: "PLAN.md".to_owned(), set: Digest::ZERO, commands: 4 }),
        }
    }
}
