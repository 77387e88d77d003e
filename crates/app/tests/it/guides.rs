//! What the guides show is what the program prints.

use crate::harness::{Desk, expect};

const LINT: &str = include_str!("../../../../docs/guide/lint.md");

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
