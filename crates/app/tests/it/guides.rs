//! What the guides show is what the program prints.

use crate::harness::{Desk, expect};

const CHECK: &str = include_str!("../../../../docs/guide/check.md");
const LINT: &str = include_str!("../../../../docs/guide/lint.md");

const REPORTS: &str = include_str!("../../../../docs/guide/reports.md");

/// The first fenced block of a kind.
fn block<'a>(page: &'a str, kind: &str) -> &'a str {
    let open = format!("```{kind}\n");
    let after = page.split(&open).nth(1).expect("the page has such a block");
    after.split("```\n").next().expect("a split has a first part")
}

#[test]
fn the_screen_of_the_lint_guide_is_real() {
    let desk = Desk::new().file("PLAN.md", block(LINT, "markdown"));
    let came = desk.run("lint PLAN.md");
    assert_eq!(came.exit, 4, "{}", came.shown());
    expect(&format!("$ countersign lint PLAN.md\n{}{}", came.out, came.err), block(LINT, "text"));
}

#[test]
fn the_screen_of_the_report_guide_is_real() {
    let desk = Desk::new()
        .with("COUNTERSIGN_NOW", "2031-05-01T09:00:00Z")
        .with("COUNTERSIGN_SEED", "1")
        .file("PLAN.md", block(REPORTS, "markdown"));
    desk.run("init --test").ok();
    desk.run("adopt PLAN.md").ok();
    let shown = desk.run("report completion").ok().out;
    // Readers have no store for tests.
    let shown = shown.replace("note: a test store: its clock and ids are made up\n\n", "");
    // The head is another one whenever an event is stored with a field more.
    let bare = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("- audit head: pln_"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_ne!(bare(&shown), shown, "there is a head");
    expect(&bare(&format!("$ countersign report completion\n{shown}")), &bare(block(REPORTS, "text")));
}

#[test]
fn the_screen_of_the_check_guide_is_real() {
    let desk = Desk::new().file("PLAN.md", block(CHECK, "markdown")).file("REPORT.md", block(CHECK, "md"));
    let came = desk.run("check REPORT.md --against PLAN.md");
    assert_eq!(came.exit, 6, "{}", came.shown());
    let shown = format!("$ countersign check REPORT.md --against PLAN.md\n{}{}", came.out, came.err);
    expect(&shown, block(CHECK, "text"));
}
