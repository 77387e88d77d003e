//! `suggest-probes`: a proposal to accept, never over a sidecar that is there.

use crate::harness::{Desk, expect};

const PLAN: &str = "\
# Plan

## Success criteria

- [ ] All tests pass with `cargo test`
- [ ] Fewer than 20 warnings
- [ ] People like it
";

#[test]
fn the_proposal_is_printed_and_nothing_written() {
    let desk = Desk::new().file("PLAN.md", PLAN);
    expect(
        &desk.run("suggest-probes PLAN.md").shown(),
        "\
exit 0
--- out
# Proposed from PLAN.md, by its words alone. Nothing here is in force until it stands in
# `countersign.toml` beside the plan: keep what fits, correct it, delete the rest.

# line 5: All tests pass with `cargo test`
[checks.plan.cargo-test]
kind = \"check\"
command = \"cargo test\"
text = \"All tests pass with `cargo test`\"

# line 6: Fewer than 20 warnings
[checks.plan.warnings]
kind = \"metric\"
name = \"warnings\"
target = \"< 20 warnings\"
text = \"Fewer than 20 warnings\"
# Without a command the last recorded reading counts; with one, the last number it prints:
# command = \"./a-command-that-prints-the-number\"
",
    );
    assert!(!desk.has("countersign.toml"));
    let json = desk.run("suggest-probes PLAN.md --json").ok().json();
    assert_eq!(json["suggestions"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["written"], false);
}

#[test]
fn a_sidecar_is_written_only_where_there_is_none() {
    let desk = Desk::new().file("docs/PLAN.md", PLAN);
    expect(
        &desk.run("suggest-probes docs/PLAN.md --write").shown(),
        "exit 0\n--- err\nwrote `docs/countersign.toml` with 2 checks; correct them before you rely on them\n",
    );
    let written = desk.read("docs/countersign.toml");
    // What was proposed can be taken in.
    desk.run("adopt docs/PLAN.md").ok();
    let came = desk.run("suggest-probes docs/PLAN.md --write");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    assert_eq!(desk.read("docs/countersign.toml"), written);
    assert_eq!(desk.run("suggest-probes - --write").exit, 2);
}
