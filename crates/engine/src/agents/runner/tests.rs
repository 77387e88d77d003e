use std::sync::mpsc::channel;

use formats::sidecar::AgentCommand;
use model::ids::AgentId;

use super::*;
use crate::process::end_left_over;
use crate::scratch::Scratch;

fn agent(stream: Streaming) -> AgentConfig {
    AgentConfig {
        name: AgentId::new("writer").unwrap(),
        command: AgentCommand::Shell(String::new()),
        roles: Vec::new(),
        concurrency: 1,
        timeout_seconds: 60,
        environment: Vec::new(),
        worktree: false,
        stream,
        retries: 0,
        back_off_seconds: 1,
        fallback: Vec::new(),
        budget: model::lease::Budget::default(),
    }
}

fn sh(text: &str) -> Ready {
    Ready::Shell(text.to_owned())
}

struct Came {
    ended: Ended,
    said: Vec<String>,
}

fn run_as(agent: &AgentConfig, ready: &Ready, cancel: &Cancel) -> Came {
    let scratch = Scratch::new("runner");
    scratch.write("brief.md", "# Brief of T-1\n");
    let mut said = Vec::new();
    let nonce = crate::ids::nonce();
    let ended = Run {
        agent,
        ready,
        stream: true,
        folder: scratch.path(),
        brief: &scratch.path().join("brief.md"),
        variables: &[("COUNTERSIGN_TASK".to_owned(), "T-1".to_owned())],
        environment: &Environment::of_this_process(),
        redactor: &Redactor::new(b"salt"),
        cancel,
        nonce: &nonce,
    }
    .run(&mut |text| said.push(text.to_owned()));
    assert_eq!(end_left_over(&nonce, None, Duration::from_secs(1)), 0, "processes are left");
    Came { ended, said }
}

fn check(text: &str, how: How) -> Came {
    let came = run_as(&agent(Streaming::On), &sh(text), &Cancel::new().unwrap());
    assert_eq!(came.ended.how, how, "{text}");
    came
}

fn failed(why: &str) -> How {
    How::Failed(why.to_owned())
}

fn output(came: &Came) -> String {
    String::from_utf8(came.ended.output.clone()).unwrap()
}

#[test]
fn an_agent_reads_its_brief_and_knows_what_it_works_on() {
    let came = check("cat; echo $COUNTERSIGN_TASK; pwd -P >/dev/null", How::Done);
    assert_eq!(output(&came), "# Brief of T-1\nT-1\n");
}

#[test]
fn it_is_judged_by_how_it_ends() {
    let came = check("echo so far; exit 3", failed("it ended with exit status 3"));
    assert_eq!(output(&came), "so far\n", "the log is kept");
    check("kill -9 $$", failed("it was ended by signal 9"));
    check("no-such-program-anywhere", How::NotStarted("its command was not found (exit status 127)".into()));
    let none = Ready::Program { path: "/no/such/program".into(), arguments: Vec::new() };
    let came = run_as(&agent(Streaming::Off), &none, &Cancel::new().unwrap());
    assert!(matches!(came.ended.how, How::NotStarted(_)), "{:?}", came.ended.how);
}

#[test]
fn one_that_hangs_is_ended_with_all_it_started() {
    let mut slow = agent(Streaming::Off);
    slow.timeout_seconds = 1;
    let came = run_as(&slow, &sh("sleep 1000 & sleep 1000"), &Cancel::new().unwrap());
    assert_eq!(came.ended.how, failed("it took longer than 1 s and was ended"));
}

#[test]
fn a_child_in_a_session_of_its_own_is_found_and_ended() {
    check(
        "setsid sleep 1000 >/dev/null 2>&1 & sleep 0.1",
        failed("it left a process behind, which was ended"),
    );
}

#[test]
fn a_gigabyte_of_output_is_cut_to_size_and_ends_it() {
    let came = check(
        "yes 'all work and no play' | head -c 1000000000",
        failed("it printed more than 64 MiB and was ended"),
    );
    assert!(came.ended.output.len() < 600 * 1024 && output(&came).contains("bytes left out›"));
}

#[test]
fn one_that_is_told_to_stop_may_put_things_away_first() {
    let scratch = Scratch::new("stop");
    let (place, cancel) = (scratch.path().display().to_string(), Cancel::new().unwrap());
    let (send, started) = channel();
    let stop = cancel.clone();
    let stopper = std::thread::spawn(move || {
        let () = started.recv().unwrap();
        stop.cancel();
    });
    let mut streaming = agent(Streaming::On);
    streaming.timeout_seconds = 60;
    let text = format!(
        "trap 'echo tidied >{place}/done; exit 0' TERM; echo '{{\"text\":\"began\"}}'; while :; do sleep 0.02; done"
    );
    scratch.write("brief.md", "");
    let ended = Run {
        agent: &streaming,
        ready: &sh(&text),
        stream: true,
        folder: scratch.path(),
        brief: &scratch.path().join("brief.md"),
        variables: &[],
        environment: &Environment::of_this_process(),
        redactor: &Redactor::new(b""),
        cancel: &cancel,
        nonce: &crate::ids::nonce(),
    }
    .run(&mut |_| send.send(()).unwrap());
    stopper.join().unwrap();
    assert_eq!(ended.how, How::Stopped);
    assert_eq!(std::fs::read_to_string(scratch.path().join("done")).unwrap(), "tidied\n");
}

#[test]
fn what_it_says_and_uses_up_is_taken_from_its_lines() {
    let came = check(
        "echo plain; printf '%s\\n' '{\"text\":\"reading\\nmore\"}'; echo '{\"usage\":{\"input_tokens\":10,\"output_tokens\":5}}'
         echo '{\"type\":\"result\",\"result\":\"done, key AKIAIOSFODNN7EXAMPLE\",\"total_cost_usd\":0.25,\"usage\":{\"tokens\":1200}}'
         echo '{broken'; echo '[1]'; printf '{\"usage\":{\"tokens\":1201}}'",
        How::Done,
    );
    assert_eq!(came.ended.used, Usage { tokens: 1201, money_micros: 250_000, seconds: 0 });
    assert_eq!(came.said.len(), 2);
    assert_eq!(came.said[0], "reading");
    assert!(came.said[1].starts_with("done, key ‹redacted:"), "{}", came.said[1]);
}

#[test]
fn lines_are_found_however_they_are_cut() {
    let text = "{\"text\":\"a\"}\nnoise\n\n{\"text\":\"b\"}\n";
    for at in 0..text.len() {
        let (mut lines, mut said) = (Lines::default(), Vec::new());
        for part in [&text[..at], &text[at..]] {
            lines.push(part.as_bytes(), &mut |text| said.push(text.to_owned()));
        }
        assert_eq!(said, ["a", "b"], "cut at {at}");
    }
    let (mut lines, mut said) = (Lines::default(), 0);
    let long = format!("{{\"text\":\"{}\"}}\n{{\"text\":\"short\"}}\n", "x".repeat(LONGEST_LINE));
    for piece in long.as_bytes().chunks(4096) {
        lines.push(piece, &mut |_| said += 1);
    }
    assert_eq!((said, lines.pending.len()), (1, 0));
}

#[test]
fn an_agent_that_cannot_stream_is_run_without() {
    let scratch = Scratch::new("stream");
    let text = "#!/bin/sh\nif [ \"$1\" = --json ]; then echo 'unknown option --json' >&2; exit 2; fi\ncat >/dev/null\necho worked\n";
    scratch.write("tool.sh", text);
    let ready = Ready::Program {
        path: "/bin/sh".into(),
        arguments: vec![scratch.path().join("tool.sh").display().to_string()],
    };
    let came = run_as(&agent(Streaming::With(vec!["--json".into()])), &ready, &Cancel::new().unwrap());
    assert_eq!((came.ended.how.clone(), came.ended.downgraded), (How::Done, true));
    assert_eq!(output(&came), "worked\n");
    // One that fails for another reason is not run twice.
    scratch.write("tool.sh", "echo it; exit 2\n");
    let came = run_as(&agent(Streaming::With(vec!["--json".into()])), &ready, &Cancel::new().unwrap());
    assert_eq!(
        (came.ended.how.clone(), came.ended.downgraded),
        (failed("it ended with exit status 2"), false)
    );
}
