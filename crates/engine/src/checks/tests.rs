use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use model::check::{CheckSpec, FileExpect, Outcome, Probe};
use model::target::Target;

use super::*;
use crate::ids::nonce;
use crate::scratch::Scratch;

fn command(text: &str) -> CheckSpec {
    CheckSpec::new("check", Probe::Check { command: text.to_owned() })
}

fn metric(target: &str, text: &str) -> CheckSpec {
    let probe = Probe::Metric {
        name: "clippy_warnings".to_owned(),
        target: Target::parse(target).unwrap(),
        command: Some(text.to_owned()),
    };
    CheckSpec::new("metric", probe)
}

fn file(path: &str, expect: FileExpect) -> CheckSpec {
    CheckSpec::new("file", Probe::File { path: path.to_owned(), expect })
}

fn run_in(folder: &Path, spec: &CheckSpec) -> (Verdict, String) {
    let nonce = nonce();
    let verdict = run_check(
        spec,
        &Site {
            workspace: &Workspace::new(folder, &[]).unwrap(),
            environment: &Environment::of_this_process(),
            redactor: &Redactor::new(b"salt"),
            cancel: &Cancel::new().unwrap(),
            nonce: &nonce,
        },
    );
    (verdict, nonce)
}

fn run_one(spec: &CheckSpec) -> Verdict {
    let scratch = Scratch::new("check");
    run_in(scratch.path(), spec).0
}

fn expect(spec: &CheckSpec, outcome: Outcome, summary: &str) -> Verdict {
    let verdict = run_one(spec);
    assert_eq!((verdict.outcome, verdict.evidence.summary.as_str()), (outcome, summary), "{spec}");
    verdict
}

fn output_of(verdict: &Verdict) -> String {
    String::from_utf8_lossy(verdict.output.as_deref().unwrap_or_default()).into_owned()
}

/// Numbers of live processes that name the probe, or run the given marker command.
fn alive(nonce: &str, marker: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        if !pid.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let read = |file: &str| fs::read(entry.path().join(file)).unwrap_or_default();
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        let line = String::from_utf8_lossy(&read("cmdline")).into_owned();
        if environment.contains(&format!("COUNTERSIGN_PROBE={nonce}"))
            || (!marker.is_empty() && line.split('\0').any(|word| word == marker))
        {
            found.push(format!("{pid}: {line}"));
        }
    }
    found
}

#[test]
fn a_command_is_judged_by_its_exit_status() {
    let verdict = expect(&command("echo fine"), Outcome::Pass, "exit status 0");
    assert_eq!((verdict.evidence.exit, output_of(&verdict).as_str()), (Some(0), "fine\n"));
    let digest = blake3::hash(b"fine\n");
    assert_eq!(verdict.evidence.output, Some(Digest::from_bytes(*digest.as_bytes())));
    expect(&command("echo no >&2; exit 3"), Outcome::Fail, "exit status 3");
    assert_eq!(run_one(&command("true")).output, None);
}

#[test]
fn a_missing_tool_is_an_error() {
    expect(&command("no-such-tool-here"), Outcome::Error, "command not found (exit status 127)");
    expect(&command("/dev/null"), Outcome::Error, "command cannot be run (exit status 126)");
}

#[test]
fn a_crash_is_an_error() {
    expect(&command("kill -SEGV $$"), Outcome::Error, "ended by signal 11");
    expect(&command("sh -c 'kill -KILL $$'; exit $?"), Outcome::Error, "ended by signal 9 (exit status 137)");
}

#[test]
fn a_missing_folder_is_an_error() {
    let scratch = Scratch::new("gone");
    let workspace = Workspace::new(scratch.path(), &[]).unwrap();
    drop(scratch);
    let verdict = run_check(
        &command("true"),
        &Site {
            workspace: &workspace,
            environment: &Environment::of_this_process(),
            redactor: &Redactor::new(b""),
            cancel: &Cancel::new().unwrap(),
            nonce: "n",
        },
    );
    assert_eq!(verdict.outcome, Outcome::Error);
    assert!(verdict.evidence.summary.starts_with("it could not be run: "), "{}", verdict.evidence.summary);
}

#[test]
fn a_timeout_is_an_error_and_leaves_nothing() {
    let scratch = Scratch::new("timeout");
    let spec = CheckSpec {
        timeout_seconds: 1,
        ..command("echo begun; setsid sleep 61.125 & sleep 62.125 & exec sleep 63.125")
    };
    let (verdict, nonce) = run_in(scratch.path(), &spec);
    assert_eq!(verdict.outcome, Outcome::Error);
    assert_eq!(verdict.evidence.summary, "timed out after 1 s and was ended");
    assert_eq!(output_of(&verdict), "begun\n");
    assert_eq!(alive(&nonce, ""), Vec::<String>::new());
}

#[test]
fn cancelling_ends_a_command_at_once() {
    let scratch = Scratch::new("cancel");
    let cancel = Cancel::new().unwrap();
    cancel.cancel();
    let started = Instant::now();
    let verdict = run_check(
        &command("sleep 60"),
        &Site {
            workspace: &Workspace::new(scratch.path(), &[]).unwrap(),
            environment: &Environment::of_this_process(),
            redactor: &Redactor::new(b""),
            cancel: &cancel,
            nonce: "cancelled",
        },
    );
    assert_eq!(
        (verdict.outcome, verdict.evidence.summary.as_str()),
        (Outcome::Error, "ended before it was done")
    );
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_gigabyte_of_output_is_an_error_and_is_not_kept() {
    let spec =
        CheckSpec { timeout_seconds: 120, ..command("echo first; head -c 1000000000 /dev/zero; echo last") };
    let verdict = expect(&spec, Outcome::Error, "printed more than 64 MiB and was ended");
    assert!(verdict.output.as_deref().unwrap_or_default().len() < 600 * 1024);
    assert!(output_of(&verdict).starts_with("first\n"));
    let spec = CheckSpec { timeout_seconds: 120, ..command("yes") };
    expect(&spec, Outcome::Error, "printed more than 64 MiB and was ended");
}

#[test]
fn a_child_in_a_session_of_its_own_is_an_error_and_is_ended() {
    let scratch = Scratch::new("setsid");
    let (verdict, nonce) = run_in(scratch.path(), &command("setsid sleep 71.125 >/dev/null 2>&1 & exit 0"));
    assert_eq!(verdict.outcome, Outcome::Error);
    assert_eq!(verdict.evidence.summary, "left a process behind, which was ended");
    assert_eq!(alive(&nonce, "71.125"), Vec::<String>::new());
}

#[test]
fn a_child_in_the_background_that_holds_the_output_is_ended() {
    let scratch = Scratch::new("background");
    let (verdict, nonce) = run_in(scratch.path(), &command("echo one; sleep 72.125 & exit 0"));
    assert_eq!(verdict.evidence.summary, "left a process behind, which was ended");
    assert_eq!(output_of(&verdict), "one\n");
    assert_eq!(alive(&nonce, "72.125"), Vec::<String>::new());
}

#[test]
fn a_daemon_that_cleared_its_environment_is_found() {
    let scratch = Scratch::new("daemon");
    // Forked twice, a session of its own, no environment, no pipes: only the mark is left.
    let text =
        "(env -i setsid sh -c 'sleep 73.125 & sleep 74.125 & wait' >/dev/null 2>&1 </dev/null &) ; exit 0";
    let (verdict, nonce) = run_in(scratch.path(), &command(text));
    assert_eq!(verdict.outcome, Outcome::Error, "{}", verdict.evidence.summary);
    assert!(verdict.evidence.summary.contains("behind"), "{}", verdict.evidence.summary);
    assert_eq!(alive(&nonce, "73.125"), Vec::<String>::new());
    assert_eq!(alive(&nonce, "74.125"), Vec::<String>::new());
}

#[test]
fn a_background_process_that_ends_in_time_is_no_matter() {
    expect(&command("(sleep 0.02; echo late) & echo early"), Outcome::Pass, "exit status 0");
}

#[test]
fn probes_at_the_same_time_keep_their_own_children() {
    let scratch = Scratch::new("together");
    std::thread::scope(|scope| {
        let rude = scope.spawn(|| {
            (0..20)
                .map(|_| run_in(scratch.path(), &command("setsid sleep 75.125 & exit 0")).0)
                .collect::<Vec<_>>()
        });
        // Its daemon is without a parent while the rude ones are cleared away.
        let text = "env -i sh -c '(setsid sh -c \"sleep 0.4; echo done >mark\" &)'; while ! [ -s mark ]; do sleep 0.01; done";
        let polite = scope.spawn(move || (0..4).map(|_| run_one(&command(text))).collect::<Vec<_>>());
        for verdict in rude.join().unwrap() {
            assert_eq!(verdict.evidence.summary, "left a process behind, which was ended");
        }
        for verdict in polite.join().unwrap() {
            assert_eq!(verdict.outcome, Outcome::Pass, "{}", verdict.evidence.summary);
        }
    });
}

/// Runs one of the tests below in a process of its own: what carries no mark of its probe is only
/// looked at once no probe runs.
fn alone(test: &str) {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("checks::tests::{test}"), "--ignored", "--test-threads=1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn what_hides_from_every_mark_is_ended_when_no_probe_runs() {
    alone("alone_with_a_process_that_hides");
}

#[test]
fn what_our_own_tools_leave_behind_is_no_probes() {
    alone("alone_with_a_tool_that_leaves_a_process");
}

#[test]
#[ignore = "run by `what_hides_from_every_mark_is_ended_when_no_probe_runs`"]
fn alone_with_a_process_that_hides() {
    let scratch = Scratch::new("hidden");
    let text = "(env -i prlimit --locks=unlimited setsid sleep 76.125 >/dev/null 2>&1 &); exit 0";
    let (verdict, nonce) = run_in(scratch.path(), &command(text));
    assert_eq!(verdict.evidence.summary, "left a process behind, which was ended");
    assert_eq!(alive(&nonce, "76.125"), Vec::<String>::new());
}

#[test]
#[ignore = "run by `what_our_own_tools_leave_behind_is_no_probes`"]
fn alone_with_a_tool_that_leaves_a_process() {
    let scratch = Scratch::new("tool");
    // From the first probe on, orphans come to this process.
    run_in(scratch.path(), &command("true"));
    // As `git commit` leaves its maintenance.
    let text = "setsid sleep 77.125 >/dev/null 2>&1 </dev/null &";
    crate::process::output_of(std::process::Command::new("sh").args(["-c", text])).unwrap();
    let (verdict, nonce) = run_in(scratch.path(), &command("true"));
    assert_eq!(verdict.evidence.summary, "exit status 0");
    let left = alive(&nonce, "77.125");
    assert_eq!(left.len(), 1, "what a tool left behind goes on");
    let pid = left[0].split(':').next().unwrap();
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
}

#[test]
fn a_command_sees_little_of_the_environment_and_no_input() {
    let verdict = run_one(&command("env; cat; printf '[%s]' \"$PWD\""));
    let output = output_of(&verdict);
    assert!(output.contains("\nCOUNTERSIGN_PROBE=") || output.starts_with("COUNTERSIGN_PROBE="), "{output}");
    assert!(output.contains("CI=true"));
    assert!(!output.contains("CARGO_PKG_NAME"), "a variable of the test run: {output}");
    assert!(output.contains("/countersign-check-"), "runs in the plan's folder: {output}");
}

#[test]
fn secrets_in_output_are_not_kept() {
    let token = ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
    let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let spec = command(&format!("printf ghp_; sleep 0.05; echo {}; echo {sum}", &token[4..]));
    let verdict = expect(&spec, Outcome::Pass, "exit status 0");
    let output = output_of(&verdict);
    assert!(!output.contains(&token[4..]) && output.contains("‹redacted:github:"), "{output}");
    assert!(output.contains(sum));
}

#[test]
fn a_metric_is_judged_against_its_target() {
    let verdict = expect(&metric("< 20", "echo 34"), Outcome::Fail, "clippy_warnings is 34, target < 20");
    assert_eq!(verdict.evidence.value, Some(34.0));
    expect(&metric("< 20", "echo found 19"), Outcome::Pass, "clippy_warnings is 19, target < 20");
    expect(&metric("93/93", "echo 93/93 passed"), Outcome::Pass, "clippy_warnings is 93, target 93/93");
    expect(&metric("93/93", "echo 91/93"), Outcome::Fail, "clippy_warnings is 91, target 93/93");
    expect(&metric("< 20", "echo 7; echo 99 >&2"), Outcome::Pass, "clippy_warnings is 7, target < 20");
}

#[test]
fn a_metric_without_a_sound_reading_is_an_error() {
    for (text, summary) in [
        ("echo none", "no reading of clippy_warnings: its last line holds no number"),
        ("true", "no reading of clippy_warnings: it printed nothing"),
        ("echo 1; exit 1", "no reading of clippy_warnings: exit status 1"),
        ("echo 1 nan", "no reading of clippy_warnings: `nan` is not a finite number"),
        ("echo 5/7", "no reading of clippy_warnings: 5/7 against < 20"),
        ("printf '\\377\\376 5'", "no reading of clippy_warnings: its last line is not text"),
        ("no-such-tool-here", "command not found (exit status 127)"),
    ] {
        let verdict = expect(&metric("< 20", text), Outcome::Error, summary);
        assert_eq!(verdict.evidence.value, None);
    }
    let garbage = run_one(&metric("< 20", "head -c 100000 /dev/urandom; printf '\\n\\200\\201\\n'"));
    assert_eq!(garbage.outcome, Outcome::Error, "{}", garbage.evidence.summary);
}

#[test]
fn files_are_looked_at_inside_the_workspace_only() {
    let outside = Scratch::new("outside");
    outside.write("secret.txt", "top secret");
    let scratch = Scratch::new("file");
    scratch.write("CHANGELOG.md", "## 2.0.0\n");
    symlink(outside.path().join("secret.txt"), scratch.path().join("link")).unwrap();
    symlink("CHANGELOG.md", scratch.path().join("inside")).unwrap();
    fs::create_dir(scratch.path().join("folder")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, scratch.path().join("pipe"), rustix::fs::Mode::RUSR).unwrap();
    let contains = |text: &str| FileExpect::Contains(text.to_owned());
    let digest = Digest::sha256(b"## 2.0.0\n");
    for (path, what, outcome, summary) in [
        ("CHANGELOG.md", FileExpect::Exists, Outcome::Pass, "`CHANGELOG.md` exists".to_owned()),
        ("inside", contains("2.0.0"), Outcome::Pass, "`inside` contains `2.0.0`".to_owned()),
        ("CHANGELOG.md", contains("3.0"), Outcome::Fail, "`CHANGELOG.md` does not contain `3.0`".to_owned()),
        (
            "CHANGELOG.md",
            FileExpect::Sha256(digest),
            Outcome::Pass,
            format!("`CHANGELOG.md` has sha256 {digest}"),
        ),
        (
            "CHANGELOG.md",
            FileExpect::Sha256(Digest::ZERO),
            Outcome::Fail,
            format!("`CHANGELOG.md` has another digest: sha256 {digest}"),
        ),
        ("none", FileExpect::Exists, Outcome::Fail, "`none` does not exist".to_owned()),
        ("none", contains("x"), Outcome::Error, "`none` is missing".to_owned()),
        ("CHANGELOG.md/x", FileExpect::Exists, Outcome::Fail, "`CHANGELOG.md/x` does not exist".to_owned()),
        ("link", contains("top"), Outcome::Error, "`link` lies outside the workspace".to_owned()),
        ("../x", FileExpect::Exists, Outcome::Error, "`../x` lies outside the workspace".to_owned()),
        (
            "/etc/passwd",
            FileExpect::Exists,
            Outcome::Error,
            "`/etc/passwd` is not relative to the plan's folder".to_owned(),
        ),
        ("pipe", contains("x"), Outcome::Error, "`pipe` cannot be read: it is not a regular file".to_owned()),
        (
            "folder",
            contains("x"),
            Outcome::Error,
            "`folder` cannot be read: it is not a regular file".to_owned(),
        ),
        ("", FileExpect::Exists, Outcome::Error, "it names no file".to_owned()),
    ] {
        let (verdict, _) = run_in(scratch.path(), &file(path, what));
        assert_eq!((verdict.outcome, verdict.evidence.summary), (outcome, summary), "{path}");
    }
}

#[test]
fn kinds_say_what_they_do_not_accept() {
    let spec = |probe| CheckSpec::new("x", probe);
    let faults = |probe| validate(&spec(probe));
    assert_eq!(faults(Probe::Check { command: " ".to_owned() }), ["there is no command"]);
    assert_eq!(faults(Probe::Tasks { of: vec![] }), ["it names no task"]);
    assert_eq!(
        faults(Probe::Approval { role: String::new(), quorum: 0 }),
        ["it names no role", "a quorum of 0 is not between 1 and 100"]
    );
    assert_eq!(faults(Probe::Attachment { name: Some(" ".to_owned()) }), ["the attachment's name is empty"]);
    assert_eq!(
        faults(Probe::Unknown { kind: "vibes".to_owned(), text: "good".to_owned() }),
        [
            "there is no check of kind `vibes`; there are `check`, `metric`, `file`, `tasks`, `approval`, `attachment`, `ci`"
        ]
    );
    assert_eq!(validate(&CheckSpec { timeout_seconds: 0, ..command("true") }).len(), 1);
    assert!(validate(&command("true")).is_empty());
}

#[test]
fn what_cannot_be_run_is_an_error() {
    for probe in [
        Probe::Unknown { kind: "vibes".to_owned(), text: String::new() },
        Probe::Approval { role: "security".to_owned(), quorum: 2 },
        Probe::Tasks { of: vec!["*".to_owned()] },
        Probe::Attachment { name: None },
        Probe::Metric { name: "m".to_owned(), target: Target::parse("< 2").unwrap(), command: None },
    ] {
        let spec = CheckSpec::new("x", probe);
        assert!(!is_run(&spec));
        assert_eq!(run_one(&spec).outcome, Outcome::Error, "{spec}");
    }
}
