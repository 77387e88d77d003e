//! Agents of the sidecar: what is shown, trusted and demanded before any of them is started.

use crate::harness::Desk;

const PLAN: &str = "# Plan\n\n## Tasks\n\n- [ ] T-1 Write the notes — file: `NOTES.md`\n";

const SIDECAR: &str = "\
[agents.writer]
command = [\"sh\", \"agents/write.sh\"]
stream = [\"--json\"]
";

fn desk() -> Desk {
    Desk::new()
        .file("PLAN.md", PLAN)
        .file("countersign.toml", SIDECAR)
        .file("agents/write.sh", "#!/bin/sh\necho notes >NOTES.md\n")
}

#[test]
fn trust_shows_what_agents_would_run_and_run_demands_it() {
    let desk = desk();
    let came = desk.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
    let came = desk.run("trust PLAN.md --yes --write").ok();
    assert!(came.err.contains("sh agents/write.sh --json\n      for agent writer\n"), "{}", came.shown());
    assert!(came.err.contains("calls agents/write.sh"), "{}", came.shown());
    desk.write("NOTES.md", "notes\n");
    desk.run("run PLAN.md").ok();
    desk.run("run PLAN.md --locked").ok();

    // Another script is another set, also where the words of the command are the same.
    desk.write("agents/write.sh", "#!/bin/sh\ncurl example.com\n");
    for line in ["run PLAN.md", "run PLAN.md --locked"] {
        let came = desk.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
        assert!(came.err.contains("agents/write.sh has changed"), "{}", came.shown());
    }
}

#[test]
fn a_faulty_table_of_an_agent_is_refused_with_its_place() {
    let desk = desk();
    desk.write("countersign.toml", "[agents.writer]\ncommand = [\"sh\"]\nfallback = [\"writer\"]\n");
    let came = desk.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
    assert!(came.err.contains("countersign.toml:3:12: agents fall back in a circle"), "{}", came.shown());
}

/// Calls git in a desk's folder as somebody who has no settings.
fn git(desk: &Desk, words: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .current_dir(desk.folder())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=trunk"])
        .args(words)
        .output()
        .expect("git is there");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The desk's folder as a repository with everything committed.
fn in_git(desk: Desk) -> Desk {
    git(&desk, &["init", "--quiet"]);
    git(&desk, &["add", "."]);
    git(&desk, &["commit", "--quiet", "-m", "begin"]);
    desk
}

#[test]
fn an_agent_never_seen_before_carries_a_task_to_its_verification() {
    let desk = desk();
    desk.write("countersign.toml", "[agents.newcomer]\ncommand = [\"./tools/own\", \"-\"]\nretries = 0\n");
    desk.write("tools/own", "#!/usr/bin/awk -f\nEND { print NR \" lines\" >\"NOTES.md\" }\n");
    desk.executable("tools/own");
    let desk = in_git(desk);
    let before = git(&desk, &["status", "--porcelain"]);
    let came = desk.run("run PLAN.md --agents --trust --json").ok();
    let json = came.json();
    assert_eq!(json["agents"]["verified"][0], "T-1", "{}", came.shown());
    assert_eq!(json["verdict"]["verdict"], "VERIFIED");
    assert!(came.err.contains("verified   T-1"), "{}", came.shown());
    assert!(git(&desk, &["show", "countersign/plan:NOTES.md"]).ends_with(" lines"));
    // The checkout has the ticked plan, and nothing else is different.
    assert_eq!(before, "");
    assert_eq!(git(&desk, &["status", "--porcelain", "--untracked-files=no"]), "M PLAN.md");
    assert_eq!(git(&desk, &["rev-parse", "--abbrev-ref", "HEAD"]), "trunk");
    assert!(!desk.has("NOTES.md"));
    // Asked for, the branch that is checked out follows.
    desk.run("run PLAN.md --agents --into trunk").ok();
    assert!(desk.has("NOTES.md"));
    desk.run("audit verify").ok();
}

#[test]
fn what_is_missing_is_found_before_anything_is_taken() {
    let desk = desk();
    let came = desk.run("run PLAN.md --agents --trust");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("agent/unusable")), "{}", came.shown());
    assert!(came.err.contains("is in no git repository"), "{}", came.shown());
    let desk = in_git(desk);
    for (sidecar, why) in [
        ("[agents.a]\ncommand = [\"no-such-program\"]\n", "`no-such-program` was not found"),
        ("[agents.a]\ncommand = [\"sh\", \"gone.sh\"]\n", "its script `gone.sh` does not exist"),
        ("", "the plan has no agents"),
    ] {
        desk.write("countersign.toml", sidecar);
        let came = desk.run("run PLAN.md --agents --trust");
        assert_eq!((came.exit, came.code().as_deref()), (4, Some("agent/unusable")), "{}", came.shown());
        assert!(came.err.contains(why), "{}", came.shown());
        if !sidecar.is_empty() {
            let came = desk.run("doctor");
            assert_eq!(came.exit, 4, "{}", came.shown());
            assert!(came.out.contains(why), "{}", came.shown());
        }
    }
    let log = desk.run("log --json").ok();
    assert!(!log.out.contains("lease_taken"), "{}", log.shown());
}

#[test]
fn a_worker_does_what_there_is_to_do() {
    let desk = in_git(desk());
    desk.run("adopt PLAN.md").ok();
    let came = desk.run("worker --once");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
    let came = desk.run("worker --once --trust").ok();
    assert_eq!(came.out, "1 attempt, 1 task verified, 0 given up\n", "{}", came.shown());
    let came = desk.run("worker --once --json").ok();
    assert_eq!(came.json()["agents"]["attempts"], 0);
}

#[test]
fn the_example_carries_a_handoff_to_its_completion_report() {
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/phase7/run.sh");
    let desk = Desk::new();
    let output = std::process::Command::new("sh")
        .arg(example)
        .current_dir(desk.folder())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", desk.folder())
        .env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign"))
        .output()
        .expect("there is a shell");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(err.contains("failed     7.3 by reviewer: check `build_warnings` failed"), "{err}");
    let place = |what: &str| err.find(what).unwrap_or_else(|| panic!("no `{what}` in {err}"));
    assert!(place("verified   7.3") < place("taking     7.4"));
    assert!(out.contains("VERIFIED") && out.contains("-27"), "{out}");
}

/// A plan of so many tasks, each but the first three after another, and agents that take a moment.
fn long_plan(tasks: usize) -> Desk {
    let mut plan =
        "# Plan\n\n## Tasks\n\n| ID | Task | Prereqs | Verify |\n|----|------|---------|--------|\n"
            .to_owned();
    for number in 1..=tasks {
        let need = if number > 3 { format!("T-{}", number - 3) } else { "None".to_owned() };
        plan.push_str(&format!("| T-{number} | Step | {need} | `grep -qx T-{number} out/T-{number}` |\n"));
    }
    let sidecar =
        "[settings]\nsync = \"manual\"\n[agents.hand]\nconcurrency = 3\ncommand = [\"sh\", \"hand.sh\"]\n";
    let hand =
        "cat >/dev/null\nmkdir -p out\nsleep 0.02\necho \"$COUNTERSIGN_TASK\" >\"out/$COUNTERSIGN_TASK\"\n";
    in_git(Desk::new().file("PLAN.md", plan).file("countersign.toml", sidecar).file("hand.sh", hand))
}

/// Kills the dispatcher so often, each time after another line it has printed, and then lets it
/// come to its end. The seed is printed where this fails.
#[expect(clippy::print_stdout, reason = "how often it really was killed is for whoever runs the tests")]
fn crash(tasks: usize, kills: usize, seed: u64) {
    use std::io::BufRead;
    let desk = long_plan(tasks);
    desk.run("trust PLAN.md --yes").ok();
    let mut state = seed;
    let mut dice = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut crashed = 0;
    for _ in 0..kills {
        let mut command = desk.command("run PLAN.md --agents");
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("the binary was built for this test");
        let lines = std::io::BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let (after, spin) = (dice(12) as usize, std::time::Duration::from_micros(dice(20_000)));
        for line in lines.take(after + 3) {
            let _ = line;
        }
        let until = std::time::Instant::now() + spin;
        while std::time::Instant::now() < until {
            std::hint::spin_loop();
        }
        if child.try_wait().expect("it is a child").is_none() {
            crashed += 1;
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    println!("killed {crashed} of {kills} times (seed {seed})");
    let came = desk.run("run PLAN.md --agents");
    assert_eq!(came.exit, 0, "seed {seed}: {}", came.shown());
    desk.run("audit verify").ok();

    // The same files with the same contents as without any interruption.
    let listed = git(&desk, &["ls-tree", "-r", "--name-only", "countersign/plan", "out/"]);
    let mut wanted: Vec<String> = (1..=tasks).map(|number| format!("out/T-{number}")).collect();
    wanted.sort();
    assert_eq!(listed.lines().collect::<Vec<_>>(), wanted, "seed {seed}");
    for name in &wanted {
        let text = git(&desk, &["show", &format!("countersign/plan:{name}")]);
        assert_eq!(format!("out/{text}"), *name, "seed {seed}");
    }
    keeps_its_word(&desk, tasks, seed);
    assert_eq!(git(&desk, &["worktree", "list", "--porcelain"]).matches("worktree ").count(), 1);
    for folder in ["worktrees", "dispatch", "briefs"] {
        let left = std::fs::read_dir(desk.folder().join(".countersign").join(folder));
        assert_eq!(left.into_iter().flatten().count(), 0, "seed {seed}: left in {folder}");
    }
}

/// What the log alone says: each task verified once, after its check had passed, and never taken
/// again afterwards.
fn keeps_its_word(desk: &Desk, tasks: usize, seed: u64) {
    use engine::desk::Desk as _;
    use model::event::Event;
    let place = engine::store::Place::of(desk.folder().join(".countersign"));
    let store = engine::store::Store::open(&place, engine::store::Fixture::default()).expect("a store");
    let plan = store.desk().plans().expect("plans")[0].id;
    let whole = store.desk().plan(plan).expect("the plan");
    let (mut passed, mut verified) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    store
        .desk()
        .visit(plan, &|_| true, &mut |recorded| match &recorded.event {
            Event::LeaseTaken(taken) => {
                assert!(!verified.contains(&taken.task), "seed {seed}: a verified task runs again");
            }
            Event::VerdictRecorded(verdict) if verdict.outcome == model::check::Outcome::Pass => {
                passed.insert(verdict.check);
            }
            Event::TaskVerified { task, .. } => {
                let gate = &whole.task(*task).expect("a task of the plan").gate;
                assert!(gate.checks.iter().all(|check| passed.contains(&check.id)), "seed {seed}: unproven");
                verified.insert(*task);
            }
            _ => {}
        })
        .expect("the log can be read");
    assert_eq!(verified.len(), tasks, "seed {seed}");
}

#[test]
fn crash_a_dispatcher_and_the_next_one_goes_on() {
    crash(6, 5, 1);
}

#[test]
#[ignore = "takes minutes; CI runs it by name"]
fn crash_a_dispatcher_fifty_times_over_thirty_tasks() {
    crash(30, 50, 7);
}
