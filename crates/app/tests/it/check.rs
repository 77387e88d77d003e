//! `check`: what a report says that does not hold, in every shape, and what cannot be checked at all.

use crate::harness::{Came, Desk, expect};

const PLAN: &str = "\
# Orchard move

| Metric | Baseline | Target |
| --- | --- | --- |
| Clippy warnings | 55 | < 20 |
";

fn desk(report: &str) -> Desk {
    Desk::new().file("PLAN.md", PLAN).file("REPORT.md", report)
}

fn check(report: &str) -> Came {
    desk(report).run("check REPORT.md --against PLAN.md")
}

#[test]
fn a_figure_outside_its_target_is_refuted_where_it_stands() {
    expect(
        &check("# Report\n\nClippy is down to thirty-four warnings.\n").shown(),
        "\
exit 6
--- out
error[report/target-missed]: `thirty-four` is outside the plan's target < 20 (PLAN.md:5: Clippy warnings < 20)
 --> REPORT.md:3:19
  |
3 | Clippy is down to thirty-four warnings.
  |                   ^^^^^^^^^^^
  |
  = help: state what was reached and that the target is missed, or reach it

--- err
error[report/refuted]: 1 statement refuted, 0 checked and true, 0 not checkable
hint: `countersign explain report/target-missed` says what the first one means
",
    );
    expect(
        &check("# Report\n\nClippy is down to nineteen warnings.\n").shown(),
        "exit 0\n--- err\n0 statements refuted, 1 checked and true, 0 not checkable\n",
    );
}

#[test]
fn what_cannot_be_checked_is_said_plainly() {
    let desk = desk("# Report\n").file("empty.md", " \n").file("binary.md", [0xff, 0, 1]);
    for (line, exit, code) in [
        ("check REPORT.md", 2, "usage/invalid"),
        ("check --against PLAN.md", 2, "usage/invalid"),
        ("check none.md --against PLAN.md", 3, "file/not-found"),
        ("check REPORT.md --against none.md", 3, "file/not-found"),
        ("check empty.md --against PLAN.md", 4, "value/invalid"),
        ("check binary.md --against PLAN.md", 4, "value/invalid"),
        ("check REPORT.md --against binary.md", 4, "value/invalid"),
        ("check PLAN.md --against REPORT.md", 4, "value/invalid"),
        ("check PLAN.md --against PLAN.md", 2, "usage/invalid"),
    ] {
        let came = desk.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{line}: {}", came.shown());
    }
    desk.write("large.md", "x".repeat(16 * 1024 * 1024 + 1));
    let came = desk.run("check large.md --against PLAN.md");
    assert_eq!(came.exit, 4, "{}", came.shown());
    assert!(came.err.contains("16 MiB"), "{}", came.shown());
    assert!(!desk.has(".countersign"), "checking makes no store");
}

#[test]
fn machines_get_json_sarif_or_annotations() {
    let desk = desk("# Report\n\n34 clippy warnings remain.\n");
    let came = desk.run("check REPORT.md --against PLAN.md --json");
    assert_eq!(came.exit, 6);
    let found = came.json();
    assert_eq!(
        (
            &found["diagnostics"][0]["code"],
            &found["diagnostics"][0]["line"],
            &found["diagnostics"][0]["column"]
        ),
        (&"report/target-missed".into(), &3.into(), &1.into())
    );
    assert_eq!((&found["refuted"], &found["held"], &found["unchecked"]), (&1.into(), &0.into(), &0.into()));
    assert_eq!(came.error()["error"]["context"]["refuted"], 1);
    let sarif = desk.run("check REPORT.md --against PLAN.md --format sarif").json();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "report/target-missed");
    let github = desk.run("check REPORT.md --against PLAN.md --format github");
    assert_eq!(github.exit, 6);
    assert!(github.out.starts_with("::error file=REPORT.md,line=3,"), "{}", github.shown());
    assert_eq!(desk.run("check REPORT.md --against PLAN.md --format xml").exit, 2);
}

#[test]
fn a_summary_is_appended_where_it_is_asked_for() {
    let mut desk = desk("# Report\n\n34 clippy warnings remain | really.\n").file("sum.md", "before\n");
    desk.run("check REPORT.md --against PLAN.md --step-summary sum.md");
    let summary = desk.read("sum.md");
    expect(
        &summary,
        "\
before
## Report check

1 statement refuted, 0 checked and true, 0 not checkable, against `PLAN.md`.

| Where | Code | What does not hold |
| --- | --- | --- |
| `REPORT.md`:3 | `report/target-missed` | `34` is outside the plan's target &lt; 20 (PLAN.md:5: Clippy warnings &lt; 20) |

",
    );
    // A workflow's own summary is written only where its annotations are wanted.
    desk.set("GITHUB_STEP_SUMMARY", "job.md");
    desk.run("check REPORT.md --against PLAN.md");
    assert!(!desk.has("job.md"));
    desk.run("check REPORT.md --against PLAN.md --format github");
    assert!(desk.read("job.md").contains("report/target-missed"));
}

#[test]
fn several_reports_are_held_against_several_documents_of_a_plan() {
    let tasks = "# Tasks\n\n| Task ID | Title | Prereqs |\n| --- | --- | --- |\n| T-1 | Dig | None |\n| T-2 | Plant | T-1 |\n";
    let desk = desk("# A\n\n12 clippy warnings.\n").file("tasks.md", tasks);
    desk.write("b.md", "# B\n\nT-2 was started before T-1 was finished.\n");
    let came = desk.run("check REPORT.md b.md --against PLAN.md tasks.md");
    assert_eq!(came.exit, 6, "{}", came.shown());
    assert!(came.out.contains("report/order") && came.out.contains("b.md:3:1"), "{}", came.shown());
    assert!(
        came.err.starts_with("error[report/refuted]: 1 statement refuted, 1 checked and true"),
        "{}",
        came.shown()
    );
}

const GOVERNED: &str = "\
# Lantern

| Task ID | Title | Prereqs | Verify |
| --- | --- | --- | --- |
| T-1 | Tidy the code | None | metric: clippy_warnings < 20 from `cat count.txt` |
| T-2 | Ship it | T-1 | |

## Success criteria

- [ ] Fewer than 20 clippy warnings
";

/// A plan under control whose last reading is 17 warnings.
fn governed() -> Desk {
    let desk = Desk::new().file("PLAN.md", GOVERNED).file("count.txt", "17\n");
    desk.run("adopt PLAN.md --as Ada").ok();
    desk
}

#[test]
fn what_evidence_does_not_support_is_refuted_where_a_store_knows_the_plan() {
    let desk = governed();
    let codes = |report: &str| {
        desk.write("REPORT.md", report);
        let came = desk.run("check REPORT.md --against PLAN.md --json");
        let found = came.json()["diagnostics"].as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one["code"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let unsupported = ["report/unsupported"];
    assert_eq!(codes("# R\n\nT-1 is done.\n"), unsupported, "nobody has begun it");
    desk.run("claim T-1 --as Bo").ok();
    assert_eq!(codes("# R\n\nT-1 is verified.\n"), unsupported, "it is only claimed");
    assert_eq!(codes("# R\n\nClippy is down to 12 warnings.\n"), [""; 0], "nothing was read yet");
    desk.run("verify T-1 --trust --as Ada").ok();
    assert_eq!(codes("# R\n\nT-1 is verified.\n"), [""; 0]);
    assert_eq!(codes("# R\n\nClippy is down to 12 warnings.\n"), unsupported);
    assert_eq!(codes("# R\n\nClippy is down to 17 warnings.\n"), [""; 0]);
    // What the report's own words refute is told once.
    assert_eq!(codes("# R\n\nClippy is down to 40 warnings.\n"), ["report/target-missed"]);
    assert_eq!(codes("# R\n\n**Status:** COMPLETE\n"), unsupported, "T-2 is open");
    assert_eq!(codes("# R\n\n**Status:** In progress\n"), [""; 0]);
    desk.write("REPORT.md", "# R\n\nClippy is down to 12 warnings.\n");
    let came = desk.run("check REPORT.md --against PLAN.md");
    assert!(
        came.out.contains("`clippy_warnings` is 17 (read ") && came.out.contains("evidence "),
        "{}",
        came.shown()
    );
}

#[test]
fn gates_and_checks_that_did_not_pass_are_no_passed_ones() {
    let desk = governed();
    desk.write("count.txt", "34\n");
    desk.run("claim T-1 --as Bo").ok();
    desk.run("verify T-1 --trust --as Ada");
    desk.write("REPORT.md", "# R\n\nAll gates passed. All checks passed.\n");
    let came = desk.run("check REPORT.md --against PLAN.md");
    assert_eq!(came.out.matches("error[report/unsupported]").count(), 2, "{}", came.shown());
}

#[test]
fn checking_writes_nothing_and_needs_no_store_that_can_be_read() {
    let desk = governed();
    let before = desk.bytes(".countersign/journal.db");
    desk.write("REPORT.md", "# R\n\nT-1 is done.\n");
    assert_eq!(desk.run("check REPORT.md --against PLAN.md").exit, 6);
    assert_eq!(desk.bytes(".countersign/journal.db"), before);
    desk.write(".countersign/journal.db", "this is no database, and it is long enough to be seen as such");
    let came = desk.run("check REPORT.md --against PLAN.md");
    assert_eq!(came.exit, 0, "{}", came.shown());
    assert!(came.err.starts_with("warning: the store could not be read"), "{}", came.shown());
}
