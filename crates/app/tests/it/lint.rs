//! `lint`: findings in every shape, when they fail, and what silences them.

use crate::harness::{Desk, expect};

const ODD: &str = "\
# Plan

| Task ID | Description | Prereqs | Status |
| --- | --- | --- | --- |
| T-1 | Write it | None | TBD |
| T-2 | Test it | T-9 | Open |
";

const SOUND: &str = "# Plan\n\n- [ ] The notes are there — file: `NOTES.md`\n";

#[test]
fn an_error_fails_and_everything_is_counted_once() {
    expect(
        &Desk::new().file("PLAN.md", ODD).run("lint PLAN.md").shown(),
        "\
exit 4
--- out
warning[text/placeholder]: the status of task `T-1` still reads `TBD`
 --> PLAN.md:5:27
  |
5 | | T-1 | Write it | None | TBD |
  |                           ^^^
  |
  = help: say what is meant, or record the open question as a risk or an action

error[plan/need-unknown]: task `T-2` needs `T-9`, which names no task
 --> PLAN.md:6:19
  |
6 | | T-2 | Test it | T-9 | Open |
  |                   ^^^
  |
  = help: add the task, or take the need away

--- err
error[lint/findings]: 1 error, 1 warning in `PLAN.md`
hint: `countersign explain plan/need-unknown` says what the first one means
",
    );
}

#[test]
fn a_sound_document_says_so() {
    let desk = Desk::new().file("PLAN.md", SOUND);
    expect(&desk.run("lint PLAN.md --fail-on info").shown(), "exit 0\n--- err\nno findings in `PLAN.md`\n");
    expect(&desk.run("lint PLAN.md --quiet").shown(), "exit 0\n");
    assert!(!desk.has(".countersign"), "linting makes no store");
}

#[test]
fn who_calls_says_what_fails() {
    let desk = Desk::new().file("PLAN.md", ODD.replace("T-9", "T-1"));
    for (fail_on, exit) in [("error", 0), ("warning", 4), ("info", 4), ("never", 0)] {
        let came = desk.run(&format!("lint PLAN.md --fail-on {fail_on}"));
        assert_eq!(came.exit, exit, "{fail_on}: {}", came.shown());
        assert_eq!(came.code().is_some(), exit == 4, "{}", came.shown());
    }
    assert_eq!(Desk::new().file("PLAN.md", ODD).run("lint PLAN.md --fail-on never").exit, 0);
}

#[test]
fn machines_get_json_sarif_or_annotations() {
    let desk = Desk::new().file("PLAN.md", ODD);
    let came = desk.run("lint PLAN.md --json");
    assert_eq!(came.exit, 4);
    let found = came.json();
    assert_eq!(found["diagnostics"][0]["code"], "text/placeholder");
    assert_eq!(
        (&found["diagnostics"][0]["line"], &found["diagnostics"][0]["file"]),
        (&5.into(), &"PLAN.md".into())
    );
    assert_eq!(came.error()["error"]["context"]["errors"], 1);
    assert_eq!(desk.run("lint PLAN.md --format json").json(), found);

    let sarif = desk.run("lint PLAN.md --format sarif --fail-on never").ok().json();
    assert_eq!(
        (&sarif["version"], &sarif["runs"][0]["tool"]["driver"]["name"]),
        (&"2.1.0".into(), &"countersign".into())
    );
    assert_eq!(
        sarif["runs"][0]["results"].as_array().map(Vec::len),
        found["diagnostics"].as_array().map(Vec::len)
    );

    let github = desk.run("lint PLAN.md --format github --fail-on never").ok().out;
    assert!(github.starts_with("::warning file=PLAN.md,line=5,"), "{github}");
    let came = desk.run("lint PLAN.md --format xml");
    assert_eq!((came.exit, came.code().as_deref()), (2, Some("usage/invalid")));
}

#[test]
fn a_baseline_lets_only_new_findings_count() {
    let desk = Desk::new().file("PLAN.md", ODD);
    expect(
        &desk.run("lint PLAN.md --write-baseline known.json").shown(),
        "\
exit 0
--- err
wrote `known.json`, which lists 2 findings
no findings in `PLAN.md`, besides 2 in the baseline
",
    );
    expect(
        &desk.run("lint PLAN.md --baseline known.json --fail-on info").shown(),
        "\
exit 0
--- err
no findings in `PLAN.md`, besides 2 in the baseline
",
    );
    desk.write("PLAN.md", format!("{ODD}| T-3 | Ship it | T-8 | Open |\n"));
    let came = desk.run("lint PLAN.md --baseline known.json");
    assert_eq!(came.exit, 4, "{}", came.shown());
    assert!(came.out.contains("`T-8`") && !came.out.contains("`T-9`"), "{}", came.shown());

    desk.write("known.json", "[]");
    let came = desk.run("lint PLAN.md --baseline known.json");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
    assert_eq!(desk.run("lint PLAN.md --baseline none.json").exit, 3);
}

#[test]
fn the_documents_folder_is_where_its_paths_begin() {
    let text = "# Plan\n\n- [ ] Follow the runbook in [the notes](notes/run.md)\n";
    let desk = Desk::new().file("docs/PLAN.md", text);
    let missing = |desk: &Desk| {
        desk.run("lint docs/PLAN.md --json").json()["diagnostics"].to_string().contains("path/missing")
    };
    assert!(missing(&desk));
    desk.write("docs/notes/run.md", "");
    assert!(!missing(&desk));
}

#[test]
fn the_sidecar_beside_it_is_heard_and_linted() {
    let late = "# Plan\n\n| Task | Due | Status |\n| --- | --- | --- |\n| Write it | 2001-03-05 | Open |\n";
    let desk = Desk::new().file("PLAN.md", late);
    let codes = |desk: &Desk| desk.run("lint PLAN.md --json").json()["diagnostics"].to_string();
    assert!(codes(&desk).contains("schedule/past-due"), "{}", codes(&desk));
    desk.write("countersign.toml", "[settings]\narchived = true\n");
    assert!(!codes(&desk).contains("schedule/past-due"), "{}", codes(&desk));
    desk.write("countersign.toml", "[settings]\narchvied = true\n");
    let came = desk.run("lint PLAN.md");
    assert_eq!(came.code().as_deref(), Some("lint/findings"));
    assert!(came.out.contains("countersign.toml:2:"), "{}", came.shown());
}

#[test]
fn documents_named_together_are_one_plan() {
    let row = |title: &str, days: &str| {
        format!("# Plan\n\n| Task ID | Title | Estimate |\n| --- | --- | --- |\n| T-1 | {title} | {days} |\n")
    };
    let desk = Desk::new().file("a.md", row("Write it", "2 days")).file("b.md", row("Write it", "3 days"));
    assert!(!desk.run("lint a.md").out.contains("plan/conflict"));
    assert!(desk.run("lint a.md b.md").out.contains("plan/conflict"));
}

#[test]
fn a_store_remembers_what_a_key_meant() {
    let text = |title: &str| format!("# Plan\n\n| Task ID | Title |\n| --- | --- |\n| T-1 | {title} |\n");
    let desk = Desk::new().file("PLAN.md", text("Write the manual"));
    desk.run("adopt PLAN.md").ok();
    desk.write("PLAN.md", text("Buy cheese"));
    assert!(desk.run("lint PLAN.md").out.contains("plan/key-reused"));
    // A store that cannot be read is said so, and linting goes on.
    desk.write(".countersign/journal.db", "this is no database, and it is long enough to be seen as such");
    let came = desk.run("lint PLAN.md");
    assert_eq!(came.exit, 0, "{}", came.shown());
    assert!(came.err.starts_with("warning: the store could not be read"), "{}", came.shown());
}

#[test]
fn paths_are_looked_for_up_to_the_top_of_the_repository() {
    let plan = "# Plan\n\nSee `docs/notes.md`.\nSee `near.md`.\nSee `docs/gone.md`.\n";
    let desk = Desk::new().file(".git/HEAD", "ref: refs/heads/main\n").file("docs/notes.md", "x");
    desk.write("docs/plans/near.md", "x");
    desk.write("docs/plans/PLAN.md", plan);
    let came = desk.run("lint docs/plans/PLAN.md").ok();
    assert!(came.out.contains("`docs/gone.md` is referred to"), "{}", came.shown());
    assert_eq!(came.out.matches("path/missing").count(), 1, "{}", came.shown());
}
