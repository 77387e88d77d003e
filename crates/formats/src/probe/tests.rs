use model::check::{CheckSpec, FileExpect, Probe};

use super::{cell, one, split};

/// What the probes of an item print as, after the text that is left of it.
fn check(text: &str, left: &str, probes: &[&str]) {
    let found = split(text).unwrap_or_else(|| panic!("`{text}` ends in probes"));
    assert_eq!(text[..found.at].trim_end(), left, "{text}");
    assert_eq!(found.faults, [], "{text}");
    assert_eq!(found.probes.iter().map(|(spec, _)| spec.to_string()).collect::<Vec<_>>(), probes, "{text}");
    for (spec, place) in &found.probes {
        let again = one(&text[place.clone()]);
        assert!(
            found.probes.len() > 1 || again.as_ref() == Some(spec),
            "`{}` reads alone",
            &text[place.clone()]
        );
    }
}

fn prose(text: &str) {
    if let Some(found) = split(text) {
        assert_eq!((found.probes, found.at), (Vec::new(), text.len()), "{text}");
    }
}

/// What was meant as a probe: it survives as a check of unknown kind, and the fault says why.
fn refused(text: &str, kind: &str, fault: &str) {
    let found = split(text).unwrap_or_else(|| panic!("`{text}` was meant as a probe"));
    assert_eq!(found.probes[0].0.probe.kind(), kind, "{text}");
    assert!(matches!(found.probes[0].0.probe, Probe::Unknown { .. }), "{text}");
    assert!(found.faults[0].0.contains(fault), "{text}: {}", found.faults[0].0);
}

#[test]
fn every_kind_reads_and_prints_alike() {
    check(
        "All tests pass — check: `cargo test --workspace`",
        "All tests pass",
        &["check: `cargo test --workspace`"],
    );
    check(
        "Fewer than 20 warnings — metric: warnings < 20 from `./count.sh`",
        "Fewer than 20 warnings",
        &["metric: warnings < 20 from `./count.sh`"],
    );
    check("Fast — metric: p95 latency <= 200 ms", "Fast", &["metric: p95 latency <= 200 ms"]);
    check("All of them — metric: tests 93/93 from `t`", "All of them", &["metric: tests 93/93 from `t`"]);
    check(
        "Named — file: `CHANGELOG.md` contains `## 2.0.0`",
        "Named",
        &["file: `CHANGELOG.md` contains `## 2.0.0`"],
    );
    check("There — file: `a.md` exists", "There", &["file: `a.md`"]);
    check("There — file: `a.md`.", "There", &["file: `a.md`"]);
    let sha = "9f".repeat(32);
    let text = format!("Same — file: `a.bin` sha256 `{sha}`");
    check(&text, "Same", &[&format!("file: `a.bin` sha256 `{sha}`")]);
    check("All of it — tasks: T-001, 7.3 and Phase B", "All of it", &["tasks: T-001, 7.3, Phase B"]);
    check("The rest — tasks: all", "The rest", &["tasks: *"]);
    check("Reviewed — approval: security x2", "Reviewed", &["approval: security x2"]);
    check("Signed — approval: release owner × 1", "Signed", &["approval: release owner"]);
    check("Seen — attachment: a picture of the board", "Seen", &["attachment: a picture of the board"]);
    check("Seen — attachment:", "Seen", &["attachment"]);
}

#[test]
fn several_probes_stand_behind_one_another() {
    check(
        "Done — check: `a; b`, approval: lead; metric: x >= 3 — file: `c — d`",
        "Done",
        &["check: `a; b`", "approval: lead", "metric: x >= 3", "file: `c — d`"],
    );
    check("Seen — approval: qa, security x2", "Seen", &["approval: qa", "approval: security x2"]);
}

#[test]
fn the_last_dash_that_reads_counts() {
    check("Build — the slow part — check: `make`", "Build — the slow part", &["check: `make`"]);
    check("Explain `x — check: y` — check: `make`", "Explain `x — check: y`", &["check: `make`"]);
}

#[test]
fn timeouts_and_names() {
    let spec = |text: &str| split(text).unwrap().probes.remove(0).0;
    assert_eq!(spec("a — check: `b` timeout 10m").timeout_seconds, 600);
    assert_eq!(spec("a — check: `b` (timeout 90 s)").timeout_seconds, 90);
    assert_eq!(spec("a — metric: warnings < 20 from `b`, timeout 2h").timeout_seconds, 7200);
    assert_eq!(spec("a — metric: build time < 20 min").name, "build_time");
    assert_eq!(spec("a — metric: timeout_rate < 5").name, "timeout_rate");
    assert_eq!(spec("a — check: `b`").name, "check");
    refused("a — check: `b` timeout 0", "unreadable check", "`0` is not a length of time");
    refused("a — check: `b` timeout 5 moons", "unreadable check", "`5moons` is not a length of time");
}

#[test]
fn commands_are_kept_as_they_are() {
    let command = |text: &str| match split(text).unwrap().probes.remove(0).0.probe {
        Probe::Check { command } => command,
        other => panic!("{other:?}"),
    };
    assert_eq!(command(r"a — check: ``echo `date` \| wc``"), r"echo `date` \| wc");
    assert_eq!(command("a — check: `` `x` ``"), "`x`");
    assert_eq!(command(r"a — check: `grep '\<b' c`"), r"grep '\<b' c");
    assert_eq!(command("a — CHECK: `b` <!-- #k -->"), "b");
}

#[test]
fn markdown_escapes_are_no_part_of_a_target() {
    check(r"Few — metric: clippy\_warnings \< 20", "Few", &["metric: clippy_warnings < 20"]);
    check("Few — metric: warnings &lt; 20", "Few", &["metric: warnings < 20"]);
}

#[test]
fn prose_stays_prose() {
    for text in [
        "Run format check: `cargo fmt --check`",
        "Create file: `touch x`",
        "check: `cargo test`",
        "Talk to them — then check: `cargo test` must be green",
        "Ship it — remember: no release on a Friday",
        "Find out — see: `docs/a.md`",
        "Tidy — files: `src/a.rs`",
        "Move it — the door: open",
        "Look — https://example.org/check: `a`",
        "Improve tests — coverage: 80 %",
        "Watch the build — ci: green",
        "Say it — Owner: `bob`",
        "An em dash — nothing else",
        "Ends in a dash —",
        "—",
        "",
    ] {
        prose(text);
    }
}

#[test]
fn what_looks_like_a_probe_and_is_none_says_why() {
    for (text, fault) in [
        ("Lock up — check: the door is locked", "no command in backticks"),
        ("Lock up — check: `lock` says so", "words follow its command"),
        ("Lock up — check: `lock` — as always", "a probe ends its item"),
        ("Count — metric: all of them", "no comparison follows"),
        ("Keep — file: `a` is up to date", "something other than"),
        ("Keep — file: the plan", "no path in backticks"),
        ("Do — tasks: write the docs, tell people", "no keys of tasks"),
        ("Ask — approval: pending from everybody who was there", "no role"),
    ] {
        let found = split(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((found.at, found.probes.len(), found.faults.len()), (text.len(), 0, 1), "{text}");
        assert!(found.faults[0].0.contains(fault), "{text}: {}", found.faults[0].0);
    }
}

#[test]
fn what_was_meant_as_a_probe_is_never_lost() {
    refused("Green — chekc: `make`", "chekc", "did you mean `check`?");
    refused("Green — telepathy: `make`", "telepathy", "there are `check`, `metric`");
    refused("Green — junit: target/junit.xml", "junit", "no kind of probe");
    refused("Green — coverage: >= 80 % from `lcov.info`", "coverage", "no kind of probe");
    refused("Green — metric: warnings < many from `x`", "unreadable metric", "`warnings < many`");
    refused("Green — metric: < 20", "unreadable metric", "`< 20`");
    refused("Green — check: ` `", "unreadable check", "needs a command");
    refused("Green — file: `a` sha256 `12`", "unreadable file", "64 digits");
    refused("Green — approval: lead x0", "unreadable approval", "by nobody");
}

#[test]
fn a_cell_may_hold_a_bare_command() {
    let read = |text: &str| -> Vec<CheckSpec> {
        cell(text).map(|found| found.probes.into_iter().map(|(spec, _)| spec).collect()).unwrap_or_default()
    };
    let printed = |text: &str| read(text).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(printed(" `make test` "), ["check: `make test`"]);
    assert_eq!(printed("`a`, `b` timeout 1m"), ["check: `a`", "check: `b`"]);
    assert_eq!(read("`a` timeout 1m")[0].timeout_seconds, 60);
    assert_eq!(printed(r"`a \| b`"), ["check: `a | b`"]);
    assert_eq!(
        printed("metric: warnings < 20 from `./count.sh`"),
        ["metric: warnings < 20 from `./count.sh`"]
    );
    assert_eq!(printed("by hand — approval: qa"), ["approval: qa"]);
    let file = &read(r"file: `a.md` contains `x \| y`")[0].probe;
    assert_eq!(
        *file,
        Probe::File { path: "a.md".to_owned(), expect: FileExpect::Contains("x | y".to_owned()) }
    );
    for prose in ["", "-", "by hand", "`make test` passes", "see `docs/a.md`", "None"] {
        assert_eq!(printed(prose), Vec::<String>::new(), "{prose}");
    }
}
