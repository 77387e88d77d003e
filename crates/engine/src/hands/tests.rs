use std::process::Command as Program;
use std::sync::Arc;

use jiff::Timestamp;
use journal::Memory;
use model::actor::{Actor, By, Known};
use model::check::{CheckSpec, Probe};
use model::definition::{CheckDefinition, Definition, TaskDefinition};
use model::diagnostic::Span;
use model::draft::{DraftTask, TaskKind};
use model::ids::{Key, PersonId};
use model::standing::PlanVerdict;

use super::*;
use crate::clock::FixedClock;
use crate::ids::RandomIds;
use crate::scratch::Scratch;

/// A plan over a folder of its own, and hands to work on it.
struct Bench {
    scratch: Scratch,
    desk: LocalDesk,
    plan: PlanId,
    cancel: Cancel,
}

impl Bench {
    /// Tasks as `key needs… : command`; without a command, no check.
    fn new(tasks: &[&str]) -> Self {
        let scratch = Scratch::new("hands");
        let start: Timestamp = "2031-05-01T09:00:00Z".parse().unwrap();
        let ids = Box::new(RandomIds::from_seed(1));
        let desk = LocalDesk::new(Arc::new(Memory::new()), Box::new(FixedClock::at(start)), ids, b"salt");
        let definition =
            Definition { tasks: tasks.iter().map(|line| task(line)).collect(), ..Definition::default() };
        let plan = desk.new_plan_id();
        desk.submit(plan, &ada(), Command::AdoptPlan(Box::new(definition))).unwrap();
        Self { scratch, desk, plan, cancel: Cancel::new().unwrap() }
    }

    fn git(&self) {
        let mut init = Program::new("git");
        init.args(["init", "-q"]).current_dir(self.scratch.path());
        assert!(crate::process::output_of(&mut init).unwrap().status.success());
    }

    fn work(&self, scope: Scope<'_>) -> (Result<Done, Denied>, Vec<String>) {
        let workspace = Workspace::new(self.scratch.path(), &[]).unwrap();
        let environment = Environment::of_this_process();
        let hands = Hands {
            desk: &self.desk,
            plan: self.plan,
            workspace: &workspace,
            scripts: Digest::ZERO,
            environment: &environment,
            at_once: 2,
            cancel: &self.cancel,
        };
        let mut steps = Vec::new();
        let done = hands.work(scope, &mut |step| {
            if let Step::Ended { subject, name, outcome, summary } = step {
                let plan = self.desk.plan(self.plan).unwrap();
                steps.push(format!("{} {name} {}: {summary}", plan.subject_name(subject), outcome.as_str()));
            }
        });
        (done, steps)
    }

    fn id(&self, key: &str) -> TaskId {
        self.desk.plan(self.plan).unwrap().task_by_key(&Key::new(key).unwrap()).unwrap().id
    }

    fn standing(&self) -> Vec<String> {
        let plan = self.desk.plan(self.plan).unwrap();
        let tasks = plan.tasks.iter();
        tasks.map(|task| format!("{} {}", task.key, plan.standing(task, self.desk.now()).as_str())).collect()
    }
}

fn ada() -> Request {
    Request::new(By::new(Actor::Person(PersonId::new("Ada").unwrap()), Known::Declared))
}

fn task(line: &str) -> TaskDefinition {
    let (head, command) = line.split_once(':').map_or((line, None), |(head, command)| (head, Some(command)));
    let mut words = head.split_whitespace().map(|word| Key::new(word).unwrap());
    let mut draft = DraftTask::new(words.next().unwrap(), TaskKind::Task, "a task", 1, Span::default());
    draft.needs = words.collect();
    let mut task = TaskDefinition::from_draft(draft, 0);
    if let Some(command) = command {
        let probe = Probe::Check { command: command.trim().to_owned() };
        let spec = CheckSpec::new("check", probe);
        task.gate.push(CheckDefinition { spec, text: "it works".to_owned(), checked: None, line: 1 });
    }
    task
}

#[test]
fn evidence_countersigns_one_task_after_the_other() {
    let bench = Bench::new(&["a: true", "b a: true", "c b: true"]);
    let (done, steps) = bench.work(Scope::Plan);
    assert_eq!(
        steps,
        ["a check pass: exit status 0", "b check pass: exit status 0", "c check pass: exit status 0"]
    );
    assert_eq!((done.as_ref().unwrap().run, done.unwrap().verified.len()), (3, 3));
    let plan = bench.desk.plan(bench.plan).unwrap();
    assert!(matches!(plan.verdict(bench.desk.now()), PlanVerdict::Verified { waived: 0 }));
}

#[test]
fn what_waits_for_something_refuted_is_not_run() {
    let bench = Bench::new(&["a: exit 3", "b a: touch ran", "c: true"]);
    let (done, steps) = bench.work(Scope::Plan);
    assert_eq!(done.unwrap().run, 2);
    assert!(steps.contains(&"a check fail: exit status 3".to_owned()), "{steps:?}");
    assert!(!bench.scratch.path().join("ran").exists());
    assert_eq!(bench.standing()[2], "c verified");
}

#[test]
fn in_git_a_verdict_counts_until_an_input_changes() {
    let bench = Bench::new(&["a: test \"$(cat input)\" = good"]);
    bench.git();
    bench.scratch.write("input", "good");
    assert_eq!(bench.work(Scope::Plan).0.unwrap().run, 1);
    assert_eq!(bench.work(Scope::Plan).0.unwrap().run, 0, "nothing changed, so nothing runs");
    bench.scratch.write("input", "bad");
    let (done, steps) = bench.work(Scope::Plan);
    assert_eq!((done.unwrap().run, steps.len()), (1, 1));
    assert!(!bench.standing()[0].contains("verified"), "{:?}", bench.standing());
    bench.scratch.write("input", "good");
    bench.work(Scope::Plan).0.unwrap();
    assert_eq!(bench.standing(), ["a verified"]);
}

#[test]
fn outside_git_everything_is_run_again() {
    let bench = Bench::new(&["a: true"]);
    assert!(bench.work(Scope::Plan).0.unwrap().fleeting.is_some());
    assert_eq!(bench.work(Scope::Plan).0.unwrap().run, 1);
}

#[test]
fn what_could_not_run_is_tried_once_a_time() {
    let bench = Bench::new(&["a: no-such-tool-anywhere"]);
    bench.git();
    bench.scratch.write("x", "");
    let (done, steps) = bench.work(Scope::Plan);
    assert_eq!((done.unwrap().run, steps.len()), (1, 1));
    assert!(steps[0].starts_with("a check error: command not found"), "{steps:?}");
    assert_eq!(bench.work(Scope::Plan).0.unwrap().run, 1, "the tool may be there the next time");
}

#[test]
fn a_check_that_changes_what_it_reads_ends_in_a_fault_and_proves_nothing() {
    let bench = Bench::new(&["a: echo x >> log"]);
    bench.git();
    bench.scratch.write("log", "");
    let Err(Denied::Down(fault)) = bench.work(Scope::Plan).0 else { panic!("no fault") };
    assert_eq!(fault.code, CHECK_ERROR);
    assert!(!bench.standing()[0].contains("verified"), "{:?}", bench.standing());
}

#[test]
fn tasks_asked_for_by_name_are_run_again_and_refused_against_their_needs() {
    let bench = Bench::new(&["a: false", "b a: true"]);
    bench.git();
    bench.scratch.write("x", "");
    let b = [bench.id("b")];
    let (done, steps) = bench.work(Scope::Tasks(&b));
    let done = done.unwrap();
    assert_eq!((steps.len(), done.refused.len(), done.verified.len()), (1, 1, 0));
    assert_eq!(done.refused[0].code, model::refusal::DEPENDENCY_UNMET);
    assert_eq!(bench.work(Scope::Tasks(&b)).0.unwrap().run, 1, "asked for by name, it runs again");
}

#[test]
fn what_is_ended_early_leaves_no_verdict() {
    let bench = Bench::new(&["a: sleep 600"]);
    let cancel = bench.cancel.clone();
    let stopper = std::thread::spawn(move || cancel.cancel());
    let (done, _) = bench.work(Scope::Plan);
    stopper.join().unwrap();
    assert!(done.unwrap().cancelled);
    let plan = bench.desk.plan(bench.plan).unwrap();
    assert!(plan.tasks[0].gate.checks[0].verdict.is_none());
}

#[test]
fn output_is_kept_as_a_blob_without_its_secrets() {
    let secret = ["hunter2", "hunter2"].concat();
    let bench = Bench::new(&[&format!("a: echo password={secret}; echo done")]);
    bench.work(Scope::Plan).0.unwrap();
    let plan = bench.desk.plan(bench.plan).unwrap();
    let verdict = plan.tasks[0].gate.checks[0].verdict.as_ref().unwrap();
    let blob =
        bench.desk.journal().blob(&verdict.evidence.output.unwrap()).unwrap().unwrap().bytes().unwrap();
    let text = String::from_utf8(blob).unwrap();
    assert!(text.contains("‹redacted:password:") && text.ends_with("done\n"), "{text}");
    assert!(!text.contains(&secret));
}

#[test]
fn many_checks_are_recorded_with_their_evidence() {
    let lines: Vec<String> = (0..300).map(|number| format!("t{number}: exit {}", number % 2)).collect();
    let bench = Bench::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let (done, steps) = bench.work(Scope::Plan);
    assert_eq!((done.unwrap().run, steps.len()), (300, 300));
    let standing = bench.standing();
    assert_eq!(standing.iter().filter(|line| line.ends_with(" verified")).count(), 150);
}
