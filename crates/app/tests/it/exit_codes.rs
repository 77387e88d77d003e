//! Every exit status, each reached through the binary in at least one way. What the harness checks
//! of every call holds here too: the code belongs to the status, the verb lists it, and no output
//! shows what the program is made of.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::harness::Desk;

/// Two tasks, the second of which needs the first; a gate that asks for somebody's name.
const PLAN: &str = "\
# Plan

| Task ID | Title | Owner | Prereqs | Verify |
| --- | --- | --- | --- | --- |
| T-1 | Write it | Ada | None | file: `there.txt` |
| T-2 | Sign it | Bo | T-1 | approval: lead |
| T-3 | Count it | Bo | None | check: `no-such-program` |
| T-4 | Tell people | Bo | None | |
";

/// One way to end: what was called before (each must succeed), then the call itself.
struct Case {
    exit: i32,
    code: Option<&'static str>,
    before: &'static [&'static str],
    line: &'static str,
}

const fn case(exit: i32, code: &'static str, before: &'static [&'static str], line: &'static str) -> Case {
    Case { exit, code: Some(code), before, line }
}

/// What ends without an error of its own, because the data says it all.
const fn told(exit: i32, before: &'static [&'static str], line: &'static str) -> Case {
    Case { exit, code: None, before, line }
}

const ADOPT: &str = "adopt PLAN.md --as Ada";

const CASES: &[Case] = &[
    told(0, &[], "help"),
    told(0, &[ADOPT], "list"),
    told(0, &[ADOPT], "audit verify"),
    case(1, "internal/fault", &[], "new plan --to PLAN.md/inside"),
    case(2, "usage/invalid", &[], "lnit PLAN.md"),
    case(2, "usage/invalid", &[], "lint"),
    case(2, "plan/ambiguous", &[ADOPT, "adopt other.md"], "list"),
    case(3, "file/not-found", &[], "parse none.md"),
    case(3, "store/not-found", &[], "list"),
    case(3, "plan/not-found", &["init"], "list"),
    case(3, "plan/not-found", &[ADOPT], "list --plan nope"),
    case(3, "task/not-found", &[ADOPT], "show T-9"),
    case(3, "check/not-found", &[ADOPT], "waive T-1 --check none --reason x --until 7d"),
    case(3, "gate/not-found", &[ADOPT], "gate check none"),
    case(3, "waiver/not-found", &[ADOPT], "approve waiver wvr_00000000000000000000000001"),
    case(3, "entry/not-found", &[], "explain no/such"),
    case(4, "lint/findings", &[], "lint cycle.md"),
    case(4, "plan/invalid", &[], "adopt cycle.md"),
    case(4, "plan/invalid", &[], "adopt twice.md"),
    case(4, "key/duplicate", &["key new"], "key new"),
    case(4, "config/invalid", &[], "adopt odd/PLAN.md"),
    case(4, "plan/invalid", &[], "adopt unknown/PLAN.md"),
    case(4, "value/invalid", &[ADOPT], "changes --since soon"),
    case(
        5,
        "policy/denied",
        &[ADOPT, "claim T-4", "session start s1"],
        "approve T-4 --agent bot --session s1",
    ),
    case(5, "identity/unproven", &["init", "adopt proven/PLAN.md"], "approve T-1 --role lead"),
    case(5, "approval/self", &[ADOPT, "claim T-4 --as Bo"], "approve T-4 --as Bo"),
    case(6, "gate/shut", &[ADOPT], "verify T-1 --trust"),
    told(6, &[ADOPT], "gate check T-1"),
    told(6, &[], "run checklist.md"),
    case(6, "report/refuted", &[], "check report.md --against target.md"),
    case(7, "dependency/unmet", &[ADOPT], "claim T-2"),
    case(7, "dependency/unmet", &[ADOPT], "start T-2"),
    case(8, "task/state", &[ADOPT, "drop T-4 --reason enough"], "claim T-4"),
    case(8, "request/repeated", &[ADOPT, "claim T-4 --request r1"], "note T-4 hello --request r1"),
    case(9, "store/damaged", &[], "list --store damaged"),
    case(9, "store/damaged", &[], "audit verify --store damaged"),
    case(10, "trust/required", &[], "run PLAN.md"),
    case(10, "confirm/required", &[], "trust PLAN.md"),
];

fn desk() -> Desk {
    let task = |name: &str, needs: &str| format!("| {name} | Do {name} | {needs} |\n");
    let table = |rows: &[String]| {
        format!("# P\n\n| Task ID | Title | Prereqs |\n| --- | --- | --- |\n{}", rows.concat())
    };
    let signed =
        "# P\n\n| Task ID | Title | Verify |\n| --- | --- | --- |\n| T-1 | Sign it | approval: lead |\n";
    Desk::new()
        .file("PLAN.md", PLAN)
        .file("other.md", "# Other\n\n- [ ] one\n")
        .file("checklist.md", "# Checks\n\n- [ ] one\n- [x] two\n")
        .file("target.md", "# P\n\n## Success Criteria\n\n- [ ] Fewer than 20 warnings\n")
        .file("report.md", "# R\n\nThere are 34 warnings.\n")
        .file("cycle.md", table(&[task("A-1", "A-2"), task("A-2", "A-1")]))
        .file("twice.md", table(&[task("A-1", "None"), task("A-1", "None")]))
        .file("odd/PLAN.md", "# P\n\n- [ ] one\n")
        .file("odd/countersign.toml", "[settings]\nslo = true\n")
        .file("unknown/PLAN.md", "# P\n\n- [ ] one\n")
        .file("unknown/countersign.toml", "[checks.\"Z-9\".x]\nkind = \"check\"\ncommand = \"true\"\n")
        .file("proven/PLAN.md", signed)
        .file("proven/countersign.toml", "[settings]\nidentity = \"proven\"\n")
        .file("damaged/journal.db", "no database")
}

#[test]
fn every_exit_status_is_reached() {
    let (mut reached, mut wrong) = (BTreeSet::new(), Vec::new());
    for case in CASES {
        let desk = desk();
        for line in case.before {
            desk.run(line).ok();
        }
        let came = desk.run(case.line);
        if (came.exit, came.code().as_deref()) != (case.exit, case.code) {
            wrong.push(format!("{}, expected {} {:?}: {}", case.line, case.exit, case.code, came.shown()));
            continue;
        }
        if case.code.is_some() {
            let json = desk.run(&format!("{} --json", case.line));
            let error = &json.error()["error"];
            assert_eq!(
                (&error["exit"], &error["code"]),
                (&case.exit.into(), &case.code.into()),
                "{}",
                case.line
            );
            assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        }
        reached.insert(case.exit);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut known: BTreeSet<i32> = model::refusal::CODES.iter().map(|code| i32::from(code.exit)).collect();
    known.insert(0);
    // Nothing waits yet, so no wait can run out of time.
    known.remove(&124);
    assert_eq!(reached, known);
}

/// Whoever asked has not got what was asked for, so this is no success.
#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_a_fault() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("linux has a full device");
    let ran = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["help", "--all"])
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .expect("the binary was built for this test");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error[internal/fault]: the output could not be written"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
