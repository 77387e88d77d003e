//! `adopt`: one plan in several documents. They merge, contradict each other in the open, come and
//! go, and a plan is always all of them.

use crate::harness::{Desk, expect};

const HANDOFF: &str = "\
# Handoff of the lighthouse

| Task ID | Description | Owner | Prereqs | Status |
| --- | --- | --- | --- | --- |
| 4.1 | Clean the lens | Rae | None | Not Started |
| 4.2 | Wire the lamp | Bo | None | In Progress |
| 4.3 | Light it | Rae | 4.1, 4.2 | Not Started |
";

const LENS: &str = "\
# Brief for the lens

| Task ID | Description | Priority | Target Date | Status |
| --- | --- | --- | --- | --- |
| 4.1 | Clean the lens | P1 | 2031-05-08 | Not Started |
| 4.1.1 | Buy chamois leather | P2 | 2031-05-02 | Not Started |
";

const DAY: &str = "\
# Outcomes of Monday 2031-05-05

| Task ID | Description | Owner | Status |
| --- | --- | --- | --- |
| 4.2 | Wire the lamp | Cy | Done |
";

fn desk() -> Desk {
    let desk = files();
    desk.run("init").ok();
    desk
}

fn files() -> Desk {
    Desk::new()
        .file("works/PLAN.md", HANDOFF)
        .file("works/lens.md", LENS)
        .file("works/daily/2031-05-05.md", DAY)
        .file("works/NOTES.md", "# Notes\n\nNothing but prose.\n")
}

fn keys(desk: &Desk) -> Vec<String> {
    let listed = desk.run("list --json").ok().json();
    let rows = listed["tasks"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| Some(row["key"].as_str()?.to_owned())).collect()
}

fn word(desk: &Desk, key: &str) -> String {
    let listed = desk.run("list --json").ok().json();
    let rows = listed["tasks"].as_array().cloned().unwrap_or_default();
    let row = rows.into_iter().find(|row| row["key"] == key).expect("the task is listed");
    row["label"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_folder_is_one_plan_and_what_holds_nothing_is_left_out() {
    let desk = desk();
    let came = desk.run("adopt works").ok();
    expect(&came.out, "plan `plan` is at revision 1\n");
    assert!(came.err.contains("left out    works/NOTES.md: nothing in it to govern"), "{}", came.shown());
    assert!(came.err.contains("works/PLAN.md, works/lens.md: 5 tasks"), "{}", came.shown());
    assert_eq!(keys(&desk), ["4.1", "4.2", "4.3", "4.1.1"]);
    let task = desk.run("show 4.1 --json").ok().json();
    assert_eq!(task["task"]["priority"], "P1", "{task}");
    assert_eq!(task["task"]["owner"], "Rae", "{task}");
}

#[test]
fn a_pattern_stands_for_the_files_that_fit() {
    let desk = desk();
    desk.run("adopt works/PLAN.md 'works/daily/2031-*.md'").ok();
    assert_eq!(keys(&desk), ["4.1", "4.2", "4.3"]);
    let none = desk.run("adopt 'works/daily/2032-*.md'");
    assert_eq!((none.exit, none.code().as_deref()), (3, Some("file/not-found")), "{}", none.shown());
}

#[test]
fn contradictions_name_both_places_and_the_order_given_decides() {
    let desk = desk();
    let came = desk.run("adopt works/PLAN.md works/daily/2031-05-05.md").ok();
    let told: Vec<&str> = came.err.lines().filter(|line| line.contains("plan/conflict")).collect();
    assert_eq!(
        told,
        [
            "warning: plan/conflict: task `4.2` has status `In Progress` in works/PLAN.md:6 and `Done` in \
             works/daily/2031-05-05.md:5; works/PLAN.md counts",
            "warning: plan/conflict: task `4.2` has owner `Bo` in works/PLAN.md:6 and `Cy` in \
             works/daily/2031-05-05.md:5; works/PLAN.md counts",
        ]
    );
    assert_eq!(word(&desk, "4.2"), "In Progress");
    // All of them named in another order: that order counts.
    desk.run("adopt works/daily/2031-05-05.md works/PLAN.md").ok();
    assert_eq!(word(&desk, "4.2"), "Done");
}

#[test]
fn the_newest_counts_where_the_plan_says_so() {
    let desk = desk().file("works/countersign.toml", "[settings]\nnewest_first = true\n");
    let came = desk.run("adopt works works/daily --json").ok();
    let conflict = &came.json()["conflicts"][0];
    assert_eq!(conflict["counts"]["document"], "works/daily/2031-05-05.md", "{conflict}");
    assert_eq!(conflict["other"]["line"], 6, "{conflict}");
    assert_eq!(word(&desk, "4.2"), "Done");
}

#[test]
fn documents_come_and_go_and_one_of_them_means_all() {
    let desk = desk();
    desk.run("adopt works/PLAN.md").ok();
    let came = desk.run("adopt --into plan works/lens.md").ok();
    assert!(came.err.contains("adding     works/lens.md\n"), "{}", came.shown());
    assert_eq!(keys(&desk), ["4.1", "4.2", "4.3", "4.1.1"]);
    // Naming one document of the plan does not take the others out of it.
    assert_eq!(desk.run("run works/PLAN.md --accept-claims").exit, 6);
    desk.run("adopt works/lens.md").ok();
    assert_eq!(keys(&desk), ["4.1", "4.2", "4.3", "4.1.1"]);
    desk.run("adopt works/PLAN.md works/daily/2031-05-05.md").ok();
    let came = desk.run("adopt --without works/lens.md").ok();
    assert!(came.err.contains("leaving    works/lens.md\n"), "{}", came.shown());
    assert_eq!(keys(&desk), ["4.1", "4.2", "4.3"]);
    assert_eq!(desk.read("works/lens.md"), LENS, "the document itself stays");
}

#[test]
fn what_cannot_be_put_together_is_refused() {
    let refused_in = |desk: &Desk, line: &str| {
        let came = desk.run(line);
        (came.exit, came.code().unwrap_or_default())
    };
    for line in ["adopt --without works/lens.md", "adopt --into plan works/lens.md"] {
        assert_eq!(refused_in(&files(), line), (3, "store/not-found".to_owned()));
    }
    let desk = desk();
    let refused = |line: &str| refused_in(&desk, line);
    desk.run("adopt works/PLAN.md").ok();
    assert_eq!(refused("adopt --without works/lens.md"), (3, "plan/not-found".to_owned()));
    assert_eq!(refused("adopt --without works/PLAN.md"), (4, "value/invalid".to_owned()));
    assert_eq!(refused("adopt --into plam works/lens.md"), (3, "plan/not-found".to_owned()));
    desk.run("adopt works/lens.md").ok();
    assert_eq!(refused("adopt works/PLAN.md works/lens.md"), (2, "plan/ambiguous".to_owned()));
    assert_eq!(refused("adopt --into plan works/lens.md"), (2, "plan/ambiguous".to_owned()));
}

#[test]
fn a_document_that_is_gone_is_asked_for() {
    let desk = desk();
    desk.run("adopt works/PLAN.md works/lens.md").ok();
    std::fs::remove_file(desk.path().join("works/lens.md")).expect("it was written by this test");
    let came = desk.run("adopt works/PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("file/not-found")), "{}", came.shown());
    assert!(came.err.contains("countersign adopt --without works/lens.md"), "{}", came.shown());
    desk.run("adopt --without works/lens.md").ok();
    assert_eq!(keys(&desk), ["4.1", "4.2", "4.3"]);
}
