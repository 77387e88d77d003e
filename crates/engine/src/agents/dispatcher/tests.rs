use std::collections::BTreeMap;
use std::sync::Mutex;

use formats::sidecar::AgentConfig;
use jiff::Timestamp;
use model::check::{CheckSpec, Probe};
use model::command::{Command, Take, Which};
use model::definition::{CheckDefinition, Definition, TaskDefinition};
use model::diagnostic::Span;
use model::draft::{DraftTask, Owner, OwnerRole, TaskKind};
use model::ids::PersonId;
use model::settings::Settings;
use model::task::TaskState;

use super::*;
use crate::agents::testing::{bytes_of, git, repository, trapped};
use crate::agents::usable::{look, repository_for};
use crate::ids::nonce;
use crate::process::end_left_over;
use crate::scratch::Scratch;
use crate::store::{Fixture, Place, Store};
use crate::trust::commands;

const START: &str = "2031-05-01T09:00:00Z";

/// A repository with a plan, its store and some agents.
struct Bench {
    scratch: Scratch,
    store: Store,
    plan: PlanId,
    agents: Vec<AgentConfig>,
    steps: Mutex<Vec<Step>>,
    cancel: Cancel,
}

/// What came of a run.
struct Came {
    result: Result<Dispatched, Denied>,
    steps: Vec<Step>,
}

impl Bench {
    /// Tasks as `key needs… @role %path : command`, in a repository with these files.
    fn new(tasks: &[&str], agents: &str, files: &[(&str, &str)]) -> Self {
        let scratch = repository("dispatch");
        for (path, text) in files {
            scratch.write(path, text);
        }
        git(scratch.path(), &["add", "--all"]);
        git(scratch.path(), &["commit", "--quiet", "--allow-empty", "-m", "files"]);
        let _ = std::fs::remove_file(scratch.path().join(".git/ran"));
        Self::in_folder(scratch, tasks, agents)
    }

    fn in_folder(scratch: Scratch, tasks: &[&str], agents: &str) -> Self {
        let (sidecar, found) = formats::sidecar::read(agents, Settings::default());
        assert!(found.is_empty(), "{found:?}");
        let store = open(&scratch, START);
        let definition = Definition {
            tasks: tasks.iter().map(|line| task(line)).collect(),
            settings: sidecar.settings,
            ..Definition::default()
        };
        let plan = store.desk().new_plan_id();
        store.desk().submit(plan, &ada(), Command::AdoptPlan(Box::new(definition))).unwrap();
        let (agents, steps) = (sidecar.agents, Mutex::default());
        Self { scratch, store, plan, agents, steps, cancel: Cancel::new().unwrap() }
    }

    fn run(&self) -> Came {
        self.run_watching(&mut |_| {})
    }

    fn run_watching(&self, watch: &mut dyn FnMut(&Step)) -> Came {
        let excluded = [self.scratch.path().join(".countersign")];
        let workspace = Workspace::new(self.scratch.path(), &excluded).unwrap();
        let environment = Environment::of_this_process();
        let looked = look(&self.agents, self.scratch.path(), &environment);
        looked.stand().unwrap();
        let repository = repository_for(&self.agents, self.scratch.path()).unwrap();
        let plan = self.store.desk().plan(self.plan).unwrap();
        let mut used = commands::of_plan(&plan);
        used.extend(commands::of_agents(&self.agents));
        drop(plan);
        let trusted = TrustSet::read(used.iter().map(|(by, c)| (by.clone(), c.as_str())), &workspace);
        let session = new_session();
        let result = Dispatcher {
            store: &self.store,
            plan: self.plan,
            workspace: &workspace,
            excluded: &excluded,
            agents: &looked,
            only: Only::default(),
            part: None,
            trusted: &trusted,
            environment: &environment,
            repository: repository.as_ref(),
            session: SessionId::new(&session).unwrap(),
            owner: &ada(),
            checks_at_once: 2,
            pace: Pace { second: Duration::from_millis(1), glance: Duration::from_millis(20) },
            brief: &|_, task, _| format!("# {}\n", task.key),
            cancel: &self.cancel,
        }
        .run(&mut |step| {
            watch(&step);
            self.steps.lock().unwrap().push(step);
        });
        assert_eq!(end_left_over(&super::super::sessions::mark(&session), None, Duration::from_secs(1)), 0);
        self.left_nothing();
        Came { result, steps: std::mem::take(&mut self.steps.lock().unwrap()) }
    }

    /// No worktree, no brief, no lock of a session.
    fn left_nothing(&self) {
        let store = self.scratch.path().join(".countersign");
        for folder in ["worktrees", "briefs", "dispatch"] {
            let left = std::fs::read_dir(store.join(folder)).into_iter().flatten().count();
            assert_eq!(left, 0, "left in `{folder}`");
        }
        if self.scratch.path().join(".git").exists() {
            let listed = git(self.scratch.path(), &["worktree", "list", "--porcelain"]);
            assert_eq!(listed.matches("worktree ").count(), 1, "{listed}");
        }
    }

    fn standing(&self) -> Vec<String> {
        let plan = self.store.desk().plan(self.plan).unwrap();
        let now = self.store.desk().now();
        plan.tasks.iter().map(|task| format!("{} {}", task.key, plan.standing(task, now).as_str())).collect()
    }

    fn shown(&self, path: &str) -> String {
        git(self.scratch.path(), &["show", &format!("countersign/plan:{path}")])
    }
}

impl Came {
    fn ok(&self) -> &Dispatched {
        self.result.as_ref().unwrap_or_else(|denied| panic!("{denied}: {:?}", self.steps))
    }

    /// Why attempts came to nothing, each with its task.
    fn failures(&self) -> Vec<String> {
        let why = |step: &Step| match step {
            Step::Failed { task, why, .. } => {
                Some(format!("{task}: {}", why.split(" (log ").next().unwrap()))
            }
            _ => None,
        };
        self.steps.iter().filter_map(why).collect()
    }
}

fn open(scratch: &Scratch, now: &str) -> Store {
    let place = Place::of(scratch.path().join(".countersign"));
    let now: Timestamp = now.parse().unwrap();
    Store::create_for_tests(&place, Fixture { now: Some(now), seed: Some(7) }).unwrap()
}

fn ada() -> Request {
    Request::new(By::new(Actor::Person(PersonId::new("Ada").unwrap()), Known::Declared))
}

fn task(line: &str) -> TaskDefinition {
    let (head, command) =
        line.split_once(" : ").map_or((line, None), |(head, command)| (head, Some(command)));
    let mut words = head.split_whitespace();
    let key = Key::new(words.next().unwrap()).unwrap();
    let mut draft = DraftTask::new(key, TaskKind::Task, "a task", 1, Span::default());
    for word in words {
        if let Some(role) = word.strip_prefix('@') {
            draft.owners.push(Owner { name: role.to_owned(), role: OwnerRole::Agent });
        } else if let Some(path) = word.strip_prefix('%') {
            draft.paths.push(path.to_owned());
        } else {
            draft.needs.push(Key::new(word).unwrap());
        }
    }
    let mut task = TaskDefinition::from_draft(draft, 0);
    if let Some(command) = command {
        let spec = CheckSpec::new("check", Probe::Check { command: command.trim().to_owned() });
        task.gate.push(CheckDefinition { spec, text: "it works".to_owned(), checked: None, line: 1 });
    }
    task
}

const WRITER: &str = "[agents.writer]\ncommand = \"cat >/dev/null; echo $COUNTERSIGN_TASK >$COUNTERSIGN_TASK.txt\"\nretries = 0\n";

#[test]
fn a_task_goes_from_an_agent_by_way_of_its_checks_into_the_plans_branch() {
    let bench = Bench::new(&["T-1 : grep -qx T-1 T-1.txt"], WRITER, &[]);
    let before = bytes_of(bench.scratch.path());
    let came = bench.run();
    assert_eq!(came.ok().verified.len(), 1, "{:?}", came.steps);
    assert_eq!(
        (bench.standing(), bench.shown("T-1.txt")),
        (vec!["T-1 verified".to_owned()], "T-1".to_owned())
    );
    assert_eq!(bytes_of(bench.scratch.path()), before, "the main checkout was touched");
    assert!(!trapped(&bench.scratch), "something the repository names was run");
    assert_eq!(
        git(bench.scratch.path(), &["branch", "--list", "countersign/*", "--format=%(refname:short)"]),
        "countersign/plan"
    );
    // Done once, it is not done again.
    let again = bench.run();
    assert_eq!((again.ok().attempts, again.steps.len()), (0, 0), "{:?}", again.steps);
}

#[test]
fn what_a_task_needs_is_there_when_it_begins() {
    let tasks = ["T-3 T-1 T-2 : cmp sum.txt expected.txt", "T-2 : test -s T-2.txt", "T-1 : test -s T-1.txt"];
    let agents = "[agents.writer]\nconcurrency = 3\nretries = 0\ncommand = \"echo $COUNTERSIGN_TASK >$COUNTERSIGN_TASK.txt; cat T-1.txt T-2.txt >sum.txt 2>/dev/null || rm sum.txt\"\n";
    let bench = Bench::new(&tasks, agents, &[("expected.txt", "T-1\nT-2\n")]);
    let came = bench.run();
    assert_eq!(came.ok().verified.len(), 3, "{:?}", came.steps);
    assert_eq!(bench.shown("sum.txt"), "T-1\nT-2");
}

#[test]
fn an_agent_that_does_nothing_proves_nothing() {
    let agents = "[agents.idle]\ncommand = [\"true\"]\nretries = 1\n";
    let bench = Bench::new(&["T-1 : test -f made.txt", "T-2"], agents, &[]);
    let came = bench.run();
    let mut failures = came.failures();
    failures.sort();
    assert_eq!(
        failures,
        [
            "T-1: check `check` failed: exit status 1",
            "T-1: check `check` failed: exit status 1",
            "T-2: it changed nothing, and nothing else would prove the work",
            "T-2: it changed nothing, and nothing else would prove the work",
        ]
    );
    assert_eq!(came.ok().verified.len(), 0);
    assert_eq!(came.ok().failed.len(), 2);
    assert!(
        bench.standing().iter().all(|standing| !standing.ends_with("verified")),
        "{:?}",
        bench.standing()
    );
}

#[test]
fn misconduct_is_turned_away_with_its_reason_and_leaves_nothing() {
    let agents = "\
[agents.three]\nretries = 0\ncommand = \"echo so far; echo x >x.txt; exit 3\"\n
[agents.hangs]\nretries = 0\ntimeout = \"1s\"\ncommand = \"sleep 1000\"\n
[agents.forks]\nretries = 0\ncommand = \"setsid sleep 1000 >/dev/null 2>&1 & sleep 0.1\"\n
[agents.trespasses]\nretries = 0\ncommand = \"echo x >src/other.txt\"\n
[agents.tampers]\nretries = 0\ncommand = \"echo 'exit 0' >check.sh; echo x >made.txt\"\n
[agents.wanders]\nretries = 0\ncommand = \"git checkout -q --orphan new; git -c user.name=x -c user.email=x@example.org commit -qm x\"\n
[agents.prints]\nretries = 0\ncommand = \"head -c 1000000000 /dev/zero | tr '\\\\000' 'x'\"\n";
    let tasks = [
        "T-1 @three : true",
        "T-2 @hangs : true",
        "T-3 @forks : true",
        "T-4 @trespasses %docs/** : true",
        "T-5 @tampers : ./check.sh",
        "T-6 @wanders : true",
        "T-7 @prints : true",
    ];
    let bench = Bench::new(&tasks, agents, &[("check.sh", "#!/bin/sh\nexit 1\n")]);
    let came = bench.run();
    let mut failures = came.failures();
    failures.sort();
    assert_eq!(
        failures,
        [
            "T-1: it ended with exit status 3",
            "T-2: it took longer than 1 s and was ended",
            "T-3: it left a process behind, which was ended",
            "T-4: task `T-4` was to write `docs/**`, and the work touches `src/other.txt`",
            "T-5: `check.sh`, which `./check.sh` calls, is not what was trusted",
            "T-6: what it left on `countersign/T-6/1` does not build on where it began",
            "T-7: it printed more than 64 MiB and was ended",
        ]
    );
    assert_eq!(came.ok().verified, []);
    assert!(
        bench.standing().iter().all(|standing| !standing.ends_with("verified")),
        "{:?}",
        bench.standing()
    );
    // The log of what was printed is kept, and named where the end of the lease is on record.
    let mut logs = 0;
    bench
        .store
        .desk()
        .visit(bench.plan, &|_| true, &mut |recorded| {
            if let model::event::Event::LeaseEnded { reason, .. } = &recorded.event
                && let Some((_, digest)) = reason.split_once("(log ")
            {
                let digest = digest.trim_end_matches(')').parse().unwrap();
                let kept = bench.store.desk().journal().blob(&digest).unwrap();
                let bytes = kept.unwrap().bytes().unwrap();
                assert!(bytes.len() < 600 * 1024);
                logs += 1;
            }
        })
        .unwrap();
    assert!(logs >= 2, "{logs} logs");
}

#[test]
fn an_attempt_that_failed_is_made_again_and_then_given_up() {
    let agents =
        "[agents.flaky]\nretries = 2\ncommand = \"test $COUNTERSIGN_FENCE -ge 2 && echo x >made.txt\"\n";
    let bench = Bench::new(&["T-1 : test -f made.txt"], agents, &[]);
    let came = bench.run();
    assert_eq!(came.failures(), ["T-1: it ended with exit status 1"]);
    assert_eq!((came.ok().attempts, came.ok().verified.len()), (2, 1));

    let bench = Bench::new(
        &["T-1 : true", "T-2 T-1 : true"],
        "[agents.never]\nretries = 9\ncommand = \"exit 3\"\n",
        &[],
    );
    let came = bench.run();
    // The plan's own limit on lost workers ends it before the agent's retries do.
    assert_eq!(came.ok().attempts, 3);
    assert!(came.ok().failed[0].1.contains("has lost its worker 3 times"), "{:?}", came.ok().failed);
}

#[test]
fn another_takes_over_from_one_that_is_missing_or_does_not_start() {
    let agents = "\
[agents.missing]\ncommand = [\"no-such-program-anywhere\"]\nfallback = [\"broken\"]\nroles = [\"maker\"]\n
[agents.broken]\ncommand = \"true && no-such-program-anywhere\"\nfallback = [\"writer\"]\nretries = 0\n
[agents.writer]\ncommand = [\"sh\", \"-c\", \"echo x >made.txt\"]\nroles = [\"spare\"]\n";
    let bench = Bench::new(&["T-1 @maker : test -f made.txt"], agents, &[]);
    let came = bench.run();
    assert_eq!(came.ok().verified.len(), 1, "{:?}", came.steps);
    assert!(matches!(&came.steps[0], Step::LeftOut { agent, .. } if agent.as_str() == "missing"));
    let fell = came.steps.iter().any(|step| matches!(step, Step::FellBack { from, to, .. } if from.as_str() == "broken" && to.as_str() == "writer"));
    assert!(fell, "{:?}", came.steps);
}

#[test]
fn work_that_does_not_go_together_is_refused_with_its_paths_and_made_again() {
    let agents = "[agents.writer]\nconcurrency = 2\nretries = 1\ncommand = \"sleep 0.2; echo $COUNTERSIGN_TASK >>src/one.txt\"\n";
    let bench = Bench::new(&["T-1 : grep -q T-1 src/one.txt", "T-2 : grep -q T-2 src/one.txt"], agents, &[]);
    let came = bench.run();
    assert_eq!(came.ok().verified.len(), 2, "{:?}", came.steps);
    assert_eq!(came.failures().len(), 1);
    assert!(
        came.failures()[0].ends_with("changed the same path in different ways: src/one.txt"),
        "{:?}",
        came.failures()
    );
    let mut lines: Vec<String> = bench.shown("src/one.txt").lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["1", "T-1", "T-2"]);
}

#[test]
fn nothing_new_begins_once_the_budget_is_used_up_and_nobody_is_ended_for_it() {
    let agents = "[settings]\nsolo = true\n[agents.writer]\nworktree = false\ncommand = \"echo '{\\\"usage\\\":{\\\"tokens\\\":600}}'\"\n";
    let scratch = Scratch::new("dispatch");
    let mut bench = Bench::in_folder(scratch, &["T-1 : true", "T-2 T-1 : true", "T-3 T-2 : true"], agents);
    bench.agents[0].budget.tokens = Some(1000);
    let came = bench.run();
    assert_eq!(came.ok().verified.len(), 2, "{:?}", came.steps);
    // What was used up is on record, so the next dispatcher knows it too.
    assert_eq!(bench.run().ok().attempts, 0);
    bench.agents[0].budget.tokens = Some(2000);
    assert_eq!(bench.run().ok().verified.len(), 1);
}

#[test]
fn a_halt_lets_nothing_new_begin_and_stops_what_runs() {
    let agents = "[agents.slow]\nworktree = false\nstream = true\ncommand = \"echo '{\\\"text\\\":\\\"began\\\"}'; sleep 1000\"\n";
    let bench = Bench::in_folder(Scratch::new("dispatch"), &["T-1 : true", "T-2 : true"], agents);
    let came = bench.run_watching(&mut |step| {
        if matches!(step, Step::Said { .. }) {
            let halt = Command::Halt { reason: "wrong branch".to_owned() };
            bench.store.desk().submit(bench.plan, &ada(), halt).unwrap();
        }
    });
    assert_eq!(came.ok().paused.as_ref().map(|why| why.code), Some("plan/halted"));
    assert_eq!(
        (came.ok().attempts, bench.standing()),
        (1, vec!["T-1 ready".to_owned(), "T-2 ready".to_owned()])
    );
    // Halted, it does not even begin.
    assert_eq!(bench.run().ok().attempts, 0);
}

#[test]
fn a_lease_that_ran_out_is_taken_over_and_a_live_one_is_not() {
    let bench = Bench::new(&["T-1 : test -s T-1.txt", "T-2 : test -s T-2.txt"], WRITER, &[]);
    let take = |bench: &Bench, key: &str, agent: &str| {
        let plan = bench.store.desk().plan(bench.plan).unwrap();
        let task = plan.task_by_key(&Key::new(key).unwrap()).unwrap().id;
        drop(plan);
        let take =
            Take { which: Which::Task(task), roles: Vec::new(), ttl_seconds: None, paths: None, base: None };
        let agent = AgentId::new(agent).unwrap();
        let session = SessionId::new(agent.as_str()).unwrap();
        let by = By::new(Actor::Agent { agent, session }, Known::Declared);
        bench.store.desk().submit(bench.plan, &Request::new(by), Command::Take(Box::new(take))).unwrap();
    };
    take(&bench, "T-1", "other");
    assert_eq!(bench.run().ok().verified.len(), 1, "T-1 is somebody else's");
    let bench = Bench { store: open(&bench.scratch, "2031-05-01T09:16:00Z"), ..bench };
    assert_eq!(bench.run().ok().verified.len(), 1);
    assert_eq!(bench.standing(), ["T-1 verified", "T-2 verified"]);
    let plan = bench.store.desk().plan(bench.plan).unwrap();
    assert_eq!(plan.tasks[0].fence, Fence(2));
}

#[test]
fn what_dead_dispatchers_left_is_cleared_away_and_gone_on_with() {
    let bench =
        Bench::new(&["T-1 : test -s T-1.txt", "T-2 : test -s T-2.txt", "T-3 : test -s T-3.txt"], WRITER, &[]);
    let desk = bench.store.desk();
    let session = SessionId::new("dispatch-dead").unwrap();
    let start = Command::StartSession {
        session: session.clone(),
        plan: None,
        topology: None,
        max_agents: None,
        silence_seconds: None,
    };
    desk.submit(PlanId::STORE, &ada(), start).unwrap();
    let by = By::new(Actor::Agent { agent: AgentId::new("writer").unwrap(), session }, Known::System);
    let ids: BTreeMap<String, model::ids::TaskId> =
        desk.plan(bench.plan).unwrap().tasks.iter().map(|task| (task.key.to_string(), task.id)).collect();
    let submit = |command| desk.submit(bench.plan, &Request::new(by.clone()), command).unwrap();
    let take = |key: &str| {
        Command::Take(Box::new(Take {
            which: Which::Task(ids[key]),
            roles: Vec::new(),
            ttl_seconds: None,
            paths: None,
            base: None,
        }))
    };
    // T-1 was under way, T-2 was handed in and not checked, T-3 was verified and not merged.
    submit(take("T-1"));
    let repository = Repository::around(bench.scratch.path()).unwrap().unwrap();
    let base = repository.commit("HEAD").unwrap().unwrap();
    let nursery = crate::agents::worktree::Nursery::new(
        repository.clone(),
        &bench.scratch.path().join(".countersign"),
        "dispatch-dead",
    );
    for key in ["T-2", "T-3"] {
        let tree = nursery.for_attempt(&Key::new(key).unwrap(), 1, &base).unwrap();
        std::fs::write(tree.path().join(format!("{key}.txt")), format!("{key}\n")).unwrap();
        let commit = tree.finish(key, "writer").unwrap();
        submit(take(key));
        submit(Command::Submit {
            task: ids[key],
            commit: Some(commit),
            touched: Vec::new(),
            summary: String::new(),
        });
    }
    let plan = desk.plan(bench.plan).unwrap();
    let check = plan.tasks[2].gate.checks[0].clone();
    let (id, attempt) = (plan.tasks[2].id, plan.tasks[2].attempt);
    drop(plan);
    let inputs = model::digest::Digest::ZERO;
    let evidence = Box::new(model::check::Evidence {
        summary: "exit status 0".to_owned(),
        exit: Some(0),
        value: None,
        output: None,
        milliseconds: 1,
        commit: None,
        handed_in_by: None,
    });
    let verdict = Command::RecordVerdict {
        check: check.id,
        attempt,
        spec: check.digest,
        inputs,
        outcome: Outcome::Pass,
        evidence,
    };
    desk.submit_batch(bench.plan, &Request::system(), &[verdict, Command::Verify { task: id, inputs }])
        .unwrap();
    let left = nursery.for_attempt(&Key::new("T-1").unwrap(), 1, &base).unwrap();
    std::fs::create_dir_all(bench.scratch.path().join(".countersign/dispatch")).unwrap();
    bench.scratch.write(".countersign/dispatch/dispatch-dead", "0\ndispatch-dead\n");
    std::mem::forget(left);

    let came = bench.run();
    assert_eq!(came.ok().attempts, 1, "only T-1 was to be made: {:?}", came.steps);
    assert_eq!(came.steps[0], Step::Resumed { session: "dispatch-dead".to_owned(), processes: 0, held: 1 });
    assert_eq!(bench.standing(), ["T-1 verified", "T-2 verified", "T-3 verified"]);
    assert_eq!(
        (bench.shown("T-1.txt"), bench.shown("T-2.txt"), bench.shown("T-3.txt")),
        ("T-1".into(), "T-2".into(), "T-3".into())
    );
    let plan = desk.plan(bench.plan).unwrap();
    assert!(
        plan.tasks[0].effort.as_ref().is_none_or(|effort| effort.strikes == 0),
        "its dispatcher's end is not its fault"
    );
}

#[test]
fn tasks_go_to_agents_of_the_role_their_document_names() {
    let agents = "\
[agents.alpha]\nretries = 0\nroles = [\"Code Reviewer\"]\ncommand = \"echo $COUNTERSIGN_AGENT >$COUNTERSIGN_TASK.txt\"\n
[agents.beta]\nretries = 0\ncommand = \"echo $COUNTERSIGN_AGENT >$COUNTERSIGN_TASK.txt\"\n";
    let tasks = ["T-1 @code-reviewer : true", "T-2 : true", "T-3 @stranger : true", "T-4 @beta : true"];
    let bench = Bench::new(&tasks, agents, &[]);
    let came = bench.run();
    assert_eq!(came.ok().verified.len(), 4, "{:?}", came.steps);
    let of = |key: &str| bench.shown(&format!("{key}.txt"));
    assert_eq!(
        (of("T-1"), of("T-2"), of("T-3"), of("T-4")),
        ("alpha".into(), "beta".into(), "beta".into(), "beta".into())
    );
}

#[test]
fn an_agent_may_hand_its_own_work_in() {
    // What the program itself would do for it, done under its own grant meanwhile.
    let agents = "[agents.slow]\nworktree = false\nstream = true\nretries = 0\ncommand = \"echo '{\\\"text\\\":\\\"began\\\"}'; while [ ! -e go ]; do sleep 0.02; done\"\n";
    let bench = Bench::in_folder(Scratch::new("dispatch"), &["T-1 : test -e go"], agents);
    let came = bench.run_watching(&mut |step| {
        if matches!(step, Step::Said { .. }) {
            let plan = bench.store.desk().plan(bench.plan).unwrap();
            let TaskState::Active(active) = &plan.tasks[0].state else { panic!("not taken") };
            let (by, task) = (active.by.clone(), plan.tasks[0].id);
            drop(plan);
            let submit =
                Command::Submit { task, commit: None, touched: Vec::new(), summary: "by hand".to_owned() };
            bench.store.desk().submit(bench.plan, &Request::new(by), submit).unwrap();
            bench.scratch.write("go", &nonce());
        }
    });
    assert_eq!((came.ok().verified.len(), came.failures().len()), (1, 0), "{:?}", came.steps);
}
