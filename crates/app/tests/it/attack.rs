//! An agent with a shell that wants its task verified without doing it: each way is refused, changes
//! nothing about the gate, or is found by the audit; and each is on record.

use crate::harness::{Came, Desk};

const PLAN: &str = "# Plan\n\n\
    - [ ] T-1: Build — check: `sh probe.sh`\n\
    - [ ] T-2: Ship (needs T-1)\n";

/// A plan of Ada's whose probe fails, and an agent that holds its task.
fn begun() -> Desk {
    let desk = Desk::new().file("PLAN.md", PLAN).file("probe.sh", "exit 1\n");
    desk.run("adopt PLAN.md --as Ada").ok();
    desk.run("trust PLAN.md --yes --as Ada").ok();
    desk.run("session start crew --as Ada").ok();
    let mut desk = desk;
    desk.set("COUNTERSIGN_AGENT", "smith");
    desk.set("COUNTERSIGN_SESSION", "crew");
    desk.run("take T-1").ok();
    desk
}

#[track_caller]
fn refused(desk: &Desk, line: &str, exit: i32, code: &str) -> Came {
    let came = desk.run(line);
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{line}: {}", came.shown());
    came
}

/// The gate of T-1 is shut, and nothing that needs it begins.
#[track_caller]
fn still_shut(desk: &Desk) {
    let list = desk.run("list --json").ok().json();
    for row in list["tasks"].as_array().expect("the list has tasks") {
        assert_ne!(row["standing"], "verified", "{list}");
    }
    let next = desk.run("take T-2");
    assert!(matches!(next.exit, 7 | 8), "{}", next.shown());
}

#[test]
fn an_agent_approves_waives_trusts_and_drops_nothing() {
    let desk = begun();
    let until = "--reason late --until 2099-01-01";
    for (line, exit, code) in [
        ("approve T-1", 5, "policy/denied"),
        ("approve T-1 --as Ada", 5, "identity/unproven"),
        ("approve T-1 --as Ada --sign", 5, "identity/unproven"),
        ("drop T-1 --reason 'not needed'", 5, "policy/denied"),
        ("drop T-1 --reason 'not needed' --as Ada", 5, "identity/unproven"),
        ("trust PLAN.md --yes", 5, "policy/denied"),
        ("trust PLAN.md --yes --as Ada", 5, "identity/unproven"),
        ("claim T-1", 8, "task/state"),
        ("claim T-1 --as Ada", 8, "lease/taken"),
        ("release T-1 --reason mine --as Ada", 5, "identity/unproven"),
        ("resume", 5, "policy/denied"),
    ] {
        refused(&desk, line, exit, code);
    }
    let waive = desk.run(&format!("waive T-1 --check probe {until} --approve"));
    assert_ne!(waive.exit, 0, "{}", waive.shown());
    desk.run("submit T-1").ok();
    let verify = desk.run("verify T-1");
    assert_eq!(verify.exit, 6, "{}", verify.shown());
    still_shut(&desk);
    let log = desk.run("log --refused").ok().out;
    for code in ["policy/denied", "identity/unproven", "task/state", "lease/taken", "dependency/unmet"] {
        assert!(log.contains(code), "{code} is on record: {log}");
    }
    desk.run("audit verify").ok();
}

#[test]
fn a_criterion_that_is_edited_stays_in_force() {
    let desk = begun();
    for edited in [
        PLAN.replace("check: `sh probe.sh`", "check: `true`"),
        PLAN.replace(" — check: `sh probe.sh`", ""),
        PLAN.replace("- [ ] T-1: Build — check: `sh probe.sh`\n", ""),
        PLAN.replace("T-2: Ship (needs T-1)", "T-2: Ship"),
    ] {
        desk.write("PLAN.md", &edited);
        let came = desk.run("sync");
        assert!(!came.out.contains("verified"), "{}", came.shown());
        let ran = desk.run("verify T-1");
        assert_ne!(ran.exit, 0, "{edited}{}", ran.shown());
        let list = desk.run("list --json").ok().json();
        assert!(!list.to_string().contains("\"standing\":\"verified\""), "{list}");
    }
    assert!(desk.run("log").ok().out.contains("revis"), "every edit that was taken in is on record");
}

#[test]
fn a_probe_whose_script_is_edited_does_not_run() {
    let desk = begun();
    desk.write("probe.sh", "exit 0\n");
    desk.run("submit T-1").ok();
    refused(&desk, "verify T-1", 10, "trust/required");
    refused(&desk, "trust PLAN.md --yes --as Ada", 5, "identity/unproven");
    still_shut(&desk);
    assert!(desk.run("log --refused").ok().out.contains("identity/unproven"));
}

#[test]
fn a_tick_in_the_document_is_only_a_word() {
    let desk = begun();
    desk.write("PLAN.md", PLAN.replace("- [ ]", "- [x]"));
    desk.run("sync");
    still_shut(&desk);
    // The task is still its holder's, and its claim is still to come.
    desk.run("beat T-1").ok();
    let log = desk.run("log").ok().out;
    assert!(log.contains("T-1"), "{log}");
}

#[test]
fn a_database_that_is_written_to_is_found_out() {
    let desk = begun();
    desk.run("submit T-1").ok();
    assert_eq!(desk.run("verify T-1").exit, 6);
    desk.run("audit verify").ok();
    desk.fold();
    let path = desk.folder().join(".countersign/journal.db");
    let mut bytes = std::fs::read(&path).expect("the database is there");
    let (from, to) = (&b"\"outcome\":\"fail\""[..], &b"\"outcome\":\"pass\""[..]);
    let places: Vec<usize> =
        (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "the verdict stands in the database");
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to);
    }
    std::fs::write(&path, bytes).expect("an agent with a shell can");
    let came = desk.run("audit verify");
    assert_eq!(came.exit, 9, "{}", came.shown());
}
