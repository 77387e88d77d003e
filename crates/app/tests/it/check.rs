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
