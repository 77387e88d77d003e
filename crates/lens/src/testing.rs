//! What the tests of this room share: plans made by the model's own rulings, written down in a
//! few lines, and answers compared with text.

use jiff::Timestamp;
use model::actor::{Actor, By, Cause, Known};
use model::apply::{Stamp, apply, attempt_of};
use model::check::{CheckSpec, Evidence, FileExpect, Outcome, Probe};
use model::command::Command;
use model::context::{Context, Ids};
use model::definition::{
    CheckDefinition, Definition, GateDefinition, NamedGateDefinition, PhaseDefinition, TaskDefinition,
};
use model::digest::Digest;
use model::draft::{Due, Owner, OwnerRole, Stated as StatedState, Status, TaskKind};
use model::event::Event;
use model::facts::{Fact, Facts};
use model::gate::{Stated, Subject};
use model::ids::{AgentId, CheckId, Key, PersonId, PlanId, SessionId, TaskId};
use model::plan::{Plan, Source};
use model::refusal::Refusal;
use model::ruling::rule;
use model::target::Target;
use model::task::{Assertion, ClaimHow};

use crate::look::Look;
use crate::page::Answer;
use crate::record::Record;
use crate::render::markdown;

/// The plan most tests look at.
pub(crate) const RELEASE: &str = "
# Release 2
## A Foundations (Week 1)
- 7.1 Build infrastructure
  owner Rae
  days 2.4
  check builds: make build
- 7.2 Configuration
  owner Bo
  status In Progress
  percent 40
## B Release
- 7.3 Code quality
  owner Rae
  days 1.2
  metric clippy: clippy_warnings < 20 from count
  stated [ ] The code reads well
- 7.4 Release notes
  needs 7.3
  days 1
  approval security: security x1
gate release to production after 7.4
  check smoke: run smoke
";

struct Counter(u128);

impl Ids for Counter {
    fn next(&mut self, _: Timestamp) -> u128 {
        self.0 += 1;
        self.0
    }
}

/// An event with what surrounds it, owned.
pub(crate) struct Kept {
    seq: model::ids::Seq,
    at: Timestamp,
    by: By,
    cause: Cause,
    event: Event,
}

/// A plan to which things happen.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) now: Timestamp,
    pub(crate) kept: Vec<Kept>,
    ids: Counter,
}

impl World {
    /// Adopts the plan that the lines describe, at nine o'clock on 1 May 2031, a Thursday.
    pub(crate) fn adopt(text: &str) -> Self {
        let mut world = Self::empty();
        let definition = definition(text);
        world.does("Ada", Command::AdoptPlan(Box::new(definition)));
        world
    }

    pub(crate) fn empty() -> Self {
        let now = "2031-05-01T09:00:00Z".parse().unwrap();
        let plan = Plan::empty(PlanId::from_bits(1));
        Self { plan, now, kept: Vec::new(), ids: Counter(100) }
    }

    pub(crate) fn look(&self) -> Look<'_> {
        Look::new(&self.plan, self.now)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.kept.iter().map(|kept| Record {
            seq: kept.seq,
            at: kept.at,
            by: &kept.by,
            cause: &kept.cause,
            event: &kept.event,
        })
    }

    pub(crate) fn task(&self, key: &str) -> TaskId {
        self.plan.task_by_key(&Key::new(key).unwrap()).unwrap_or_else(|| panic!("no task {key}")).id
    }

    pub(crate) fn check(&self, subject: &str, name: &str) -> CheckId {
        let found = self
            .plan
            .checks()
            .find(|(on, check)| self.plan.subject_name(*on) == subject && check.spec.name == name);
        found.unwrap_or_else(|| panic!("no check {name} of {subject}")).1.id
    }

    pub(crate) fn later(&mut self, hours: i64) -> &mut Self {
        self.now += jiff::SignedDuration::from_hours(hours);
        self
    }

    pub(crate) fn tries(&mut self, by: &By, command: Command) -> Result<(), Refusal> {
        let cause = Cause::command(command.name());
        let mut cx = Context { now: self.now, by, agent_present: false, fence: None, ids: &mut self.ids };
        for event in rule(&self.plan, command, &mut cx)? {
            self.happens(by.clone(), cause.clone(), event);
        }
        Ok(())
    }

    /// Records an event as if a ruling had.
    pub(crate) fn happens(&mut self, by: By, cause: Cause, event: Event) {
        let seq = self.plan.seq.next();
        apply(&mut self.plan, &event, Stamp { seq, at: self.now, by: &by });
        self.kept.push(Kept { seq, at: self.now, by, cause, event });
    }

    /// A person does something, known only by name.
    pub(crate) fn does(&mut self, who: &str, command: Command) -> &mut Self {
        self.tries(&person(who), command).unwrap_or_else(|no| panic!("{no} {:?}", no.facts));
        self
    }

    /// An agent does something.
    pub(crate) fn agent(&mut self, who: &str, command: Command) -> &mut Self {
        self.tries(&agent(who), command).unwrap_or_else(|no| panic!("{no}"));
        self
    }

    pub(crate) fn claims(&mut self, who: &str, key: &str) -> &mut Self {
        let task = self.task(key);
        self.does(who, Command::Claim { task, how: ClaimHow::Verb })
    }

    /// A check is run and sees this.
    pub(crate) fn ran(&mut self, subject: &str, check: &str, outcome: Outcome, summary: &str) -> &mut Self {
        let check = self.check(subject, check);
        let (on, known) = self.plan.check(check).unwrap();
        let evidence = Evidence {
            summary: summary.to_owned(),
            exit: Some(i32::from(outcome != Outcome::Pass)),
            value: None,
            output: Some(Digest::sha256(summary.as_bytes())),
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
        self.tries(&By::system(), command).unwrap_or_else(|no| panic!("{no}"));
        self
    }

    pub(crate) fn verifies(&mut self, key: &str) -> &mut Self {
        let command = Command::Verify { task: self.task(key), inputs: inputs() };
        self.tries(&By::system(), command).unwrap_or_else(|no| panic!("{no} {:?}", no.facts));
        self
    }

    pub(crate) fn approves(&mut self, who: &str, key: &str, role: Option<&str>) -> &mut Self {
        let subject = Subject::Task(self.task(key));
        self.does(who, Command::Approve { subject, check: None, role: role.map(str::to_owned) })
    }

    /// The documents change to what the lines describe.
    pub(crate) fn revised(&mut self, text: &str) -> &mut Self {
        let definition = Box::new(definition(text));
        let command = Command::RevisePlan { onto: self.plan.revision, base: None, definition };
        self.does("Ada", command)
    }
}

pub(crate) fn person(name: &str) -> By {
    By::new(Actor::Person(PersonId::new(name).unwrap()), Known::Declared)
}

pub(crate) fn agent(name: &str) -> By {
    let actor = Actor::Agent { agent: AgentId::new(name).unwrap(), session: SessionId::new("s1").unwrap() };
    By::new(actor, Known::Declared)
}

fn inputs() -> Digest {
    Digest::sha256(b"the working tree")
}

/// Compares the page of an answer, as Markdown, with text; leading and trailing line ends of the
/// text do not matter.
pub(crate) fn check(answer: &impl Answer, expected: &str) {
    check_text(&markdown::page(&answer.page()), expected);
    // What serialises must also be data a machine can take.
    serde_json::to_value(answer).unwrap();
}

pub(crate) fn check_text(actual: &str, expected: &str) {
    let (actual, expected) = (actual.trim_matches('\n'), expected.trim_matches('\n'));
    assert!(actual == expected, "expected:\n\n{expected}\n\nfound:\n\n{actual}\n");
}

pub(crate) fn json(answer: &impl Answer) -> serde_json::Value {
    serde_json::to_value(answer).unwrap()
}

/// Reads a plan from lines: see [`RELEASE`]. Not a format of the product.
pub(crate) fn definition(text: &str) -> Definition {
    let mut made = Definition { key: Key::new("release").ok(), ..Definition::default() };
    made.sources.push(Source {
        path: "PLAN.md".to_owned(),
        format: "markdown".to_owned(),
        digest: Digest::sha256(text.as_bytes()),
    });
    let mut at = At::Plan;
    for (number, line) in text.lines().enumerate() {
        let number = number as u32;
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let indented = line.starts_with(' ');
        match (indented, word) {
            (_, "") => {}
            (false, "#") => made.title = rest.to_owned(),
            (false, "##") => {
                let (key, title) = rest.split_once(' ').unwrap_or((rest, rest));
                let (title, window) = match title.split_once(" (") {
                    Some((title, window)) => (title, Some(window.trim_end_matches(')').to_owned())),
                    None => (title, None),
                };
                made.phases.push(PhaseDefinition {
                    key: Key::new(key).unwrap(),
                    title: title.to_owned(),
                    window,
                    entrance: GateDefinition::default(),
                    exit: GateDefinition::default(),
                    line: number,
                });
                at = At::Exit;
            }
            (false, "-") => {
                let (key, title) = rest.split_once(' ').unwrap();
                made.tasks.push(TaskDefinition {
                    key: Key::new(key).unwrap(),
                    key_generated: false,
                    kind: TaskKind::Task,
                    title: title.to_owned(),
                    phase: made.phases.last().map(|phase| phase.key.clone()),
                    parent: None,
                    needs: Default::default(),
                    facts: Facts::default(),
                    asserted: Assertion::default(),
                    gate: GateDefinition::default(),
                    source: 0,
                    line: number,
                });
                at = At::Task;
            }
            (false, "entrance") => at = At::Entrance,
            (false, "criteria") => at = At::Criteria,
            (false, "gate") => {
                let (rest, needs) = rest.split_once(" after ").unwrap_or((rest, ""));
                let (name, environment) = match rest.split_once(" to ") {
                    Some((name, environment)) => (name, Some(environment.to_owned())),
                    None => (rest, None),
                };
                made.gates.push(NamedGateDefinition {
                    name: name.to_owned(),
                    needs: needs.split(", ").filter(|need| !need.is_empty()).map(str::to_owned).collect(),
                    environment,
                    gate: GateDefinition::default(),
                });
                at = At::Gate;
            }
            (false, "solo") => made.settings.solo = true,
            (false, "trust") => made.settings.trust = model::settings::Trust::Document,
            (false, "rebaseline") => made.settings.rebaseline.push(rest.to_owned()),
            (false, other) => panic!("what is `{other}`?"),
            (true, _) => detail(&mut made, at, number, word, rest),
        }
    }
    made
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    Plan,
    Entrance,
    Exit,
    Task,
    Criteria,
    Gate,
}

fn detail(made: &mut Definition, at: At, line: u32, word: &str, rest: &str) {
    if at == At::Task && fact(made, word, rest) {
        return;
    }
    let gate = match at {
        At::Task => &mut made.tasks.last_mut().unwrap().gate,
        At::Entrance => &mut made.phases.last_mut().unwrap().entrance,
        At::Exit => &mut made.phases.last_mut().unwrap().exit,
        At::Gate => &mut made.gates.last_mut().unwrap().gate,
        At::Criteria | At::Plan => &mut made.criteria,
    };
    if word == "stated" {
        let (checked, text) = match (rest.strip_prefix("[ ] "), rest.strip_prefix("[x] ")) {
            (Some(text), _) => (Some(false), text),
            (_, Some(text)) => (Some(true), text),
            _ => (None, rest),
        };
        gate.stated.push(Stated { text: text.to_owned(), checked, line, removed: None });
        return;
    }
    let (name, rest) = rest.split_once(": ").unwrap_or((rest, ""));
    let probe = match word {
        "check" => Probe::Check { command: rest.to_owned() },
        "metric" => {
            let (rest, command) = match rest.split_once(" from ") {
                Some((rest, command)) => (rest, Some(command.to_owned())),
                None => (rest, None),
            };
            let (metric, target) = rest.split_once(' ').unwrap();
            Probe::Metric { name: metric.to_owned(), target: Target::parse(target).unwrap(), command }
        }
        "file" => Probe::File { path: rest.to_owned(), expect: FileExpect::Exists },
        "tasks" => Probe::Tasks { of: rest.split(", ").map(str::to_owned).collect() },
        "approval" => {
            let (role, quorum) = rest.split_once(" x").unwrap();
            Probe::Approval { role: role.to_owned(), quorum: quorum.parse().unwrap() }
        }
        "attachment" => Probe::Attachment { name: None },
        other => panic!("what is `{other}`?"),
    };
    gate.push(CheckDefinition {
        spec: CheckSpec::new(name, probe),
        text: format!("{name} holds"),
        checked: None,
        line,
    });
}

fn fact(made: &mut Definition, word: &str, rest: &str) -> bool {
    let task = made.tasks.last_mut().unwrap();
    let text = rest.to_owned();
    let fact = match word {
        "needs" => {
            task.needs = rest.split(", ").map(|key| Key::new(key).unwrap()).collect();
            return true;
        }
        "kind" => {
            task.kind = serde_json::from_value(serde_json::Value::String(text)).unwrap();
            return true;
        }
        "ticked" => {
            task.asserted = Assertion { checked: Some(true), state: StatedState::Claimed };
            return true;
        }
        "status" => {
            let state = match rest {
                "In Progress" | "Ready for Review" | "in-progress" => StatedState::Active,
                "Done" | "done" => StatedState::Claimed,
                _ => StatedState::Open,
            };
            task.asserted = Assertion { checked: None, state };
            Fact::Status(Box::new(Status { word: text, state }))
        }
        "owner" => Fact::Owner(Box::new(Owner { name: text, role: OwnerRole::Primary })),
        "percent" => Fact::Percent(rest.parse().unwrap()),
        "priority" => Fact::Priority(text),
        "days" => Fact::EstimateDays(rest.parse().unwrap()),
        "window" => Fact::Window(text),
        "blocker" => Fact::Blocker(text),
        "objective" => Fact::Objective(text),
        "memory" => Fact::Memory(text),
        "due" => {
            let at = format!("{rest}T23:59:59Z").parse().ok();
            Fact::Due(Box::new(Due { text, at }))
        }
        _ => return false,
    };
    task.facts.0.push(fact);
    true
}
