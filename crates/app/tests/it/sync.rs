//! Documents and journal in step: what verbs write back, what they take in first, what looking
//! shows and leaves alone, and `sync` itself.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::harness::{Came, Desk, expect};

const PLAN: &str = "\
# The ferry landing

## Checklist

- [ ] T-1: Dredge the channel
- [ ] T-2: Raise the ramp
- [ ] T-3: Hang the lamps

## Tasks

| Task ID | Description | Prereqs | Status |
| --- | --- | --- | --- |
| L-1 | Paint the bollards | None | Not Started |
| L-2 | Open the landing | L-1 | Not Started |
";

fn adopted() -> Desk {
    let desk = Desk::new().file("PLAN.md", PLAN);
    desk.run("adopt PLAN.md").ok();
    desk
}

/// The lines in which two texts of as many lines differ, the new ones.
fn changed(before: &str, after: &str) -> Vec<String> {
    assert_eq!(before.lines().count(), after.lines().count(), "{after}");
    let pairs = before.lines().zip(after.lines()).filter(|(old, new)| old != new);
    pairs.map(|(_, new)| new.to_owned()).collect()
}

fn edit(desk: &Desk, from: &str, to: &str) {
    let text = desk.read("PLAN.md");
    assert!(text.contains(from), "`{from}` is not in it: {text}");
    desk.write("PLAN.md", text.replacen(from, to, 1));
}

fn standing(desk: &Desk, key: &str) -> String {
    let listed = desk.run("list --json").ok().json();
    let rows = listed["tasks"].as_array().cloned().unwrap_or_default();
    let row = rows.into_iter().find(|row| row["key"] == key).expect("the task is listed");
    row["state"].as_str().unwrap_or_default().to_owned()
}

fn refused(came: &Came) -> (i32, Option<String>) {
    (came.exit, came.code())
}

/// What is in the store, apart from what every reader touches.
fn kept(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let mut names = desk.files(".countersign");
    names.retain(|name| !name.ends_with("-shm") && !name.ends_with(".lock"));
    names.sort();
    names.into_iter().map(|name| (name.clone(), desk.bytes(&name))).collect()
}

#[test]
fn a_verb_changes_exactly_one_line_of_the_document() {
    let desk = adopted();
    let came = desk.run("claim T-2 --as Ada").ok();
    assert_eq!(changed(PLAN, &desk.read("PLAN.md")), ["- [x] T-2: Raise the ramp"]);
    assert!(came.err.contains("wrote      PLAN.md:6  T-2 box [ ] → [x]\n"), "{}", came.shown());
    let text = desk.read("PLAN.md");
    let quiet = desk.run("start L-1 --as Ada --quiet").ok();
    expect(&quiet.err, "");
    assert_eq!(changed(&text, &desk.read("PLAN.md")).len(), 1);
    desk.run("reopen T-2 --reason 'it sank' --as Bo").ok();
    assert!(desk.read("PLAN.md").contains("- [ ] T-2: Raise the ramp\n"));
    expect(&desk.run("sync --check").ok().out, "in step: 1 document of plan `plan`\n");
}

#[test]
fn the_answer_for_machines_says_what_was_written() {
    let desk = adopted();
    let json = desk.run("claim T-2 --json").ok().json();
    let written = &json["documents"]["written"][0];
    assert_eq!((&written["line"], &written["field"]), (&6.into(), &"box".into()), "{json}");
    assert_eq!(json["documents"]["left"].as_array().map(Vec::len), Some(0), "{json}");
}

#[test]
fn looking_shows_edits_that_nobody_took_in_and_writes_nothing() {
    let desk = adopted();
    edit(&desk, "- [ ] T-1", "- [x] T-1");
    edit(&desk, "Hang the lamps", "Hang the lamps\n- [ ] T-4: Sweep up");
    let (document, store) = (desk.bytes("PLAN.md"), kept(&desk));
    let came = desk.run("list").ok();
    assert!(came.out.contains("T-4") && came.out.contains("the document's word"), "{}", came.shown());
    assert!(
        came.out.ends_with("note: with edits of PLAN.md that were not taken in yet\n"),
        "{}",
        came.shown()
    );
    let shown = desk.run("show T-4 --json").ok().json();
    assert_eq!(shown["plan"]["revision"], 1, "{shown}");
    for verb in ["ready", "why L-2", "due", "plans", "dashboard", "gate list", "log", "sync --dry-run"] {
        desk.run(verb).ok();
    }
    assert_eq!(desk.run("log --json").ok().json()["entries"].as_array().map(Vec::len), Some(6));
    assert!(desk.bytes("PLAN.md") == document && kept(&desk) == store, "looking wrote something");
}

#[test]
fn a_verb_takes_hand_edits_in_first() {
    let desk = adopted();
    edit(&desk, "Hang the lamps", "Hang the lamps\n- [ ] T-4: Sweep up");
    let came = desk.run("claim T-4 --as Ada").ok();
    assert!(came.err.contains("taking in  PLAN.md: 3 changes"), "{}", came.shown());
    assert!(desk.read("PLAN.md").contains("- [x] T-4: Sweep up\n"));
}

#[test]
fn both_sides_are_brought_in_step_and_the_table_says_which_way() {
    let desk = Desk::new().file("PLAN.md", PLAN).file("countersign.toml", "[settings]\nsync = \"manual\"\n");
    desk.run("adopt PLAN.md").ok();
    desk.run("claim T-2 --as Ada").ok();
    expect(&desk.read("PLAN.md"), PLAN);
    edit(&desk, "- [ ] T-1", "- [x] T-1");
    edit(
        &desk,
        "| L-1 | Paint the bollards | None | Not Started |",
        "| L-1 | Paint the bollards | None | In Progress |",
    );
    let (document, store) = (desk.bytes("PLAN.md"), kept(&desk));
    let check = desk.run("sync --check");
    assert_eq!(check.exit, 8, "{}", check.shown());
    assert_eq!(desk.run("sync --dry-run").ok().out, check.out);
    assert!(desk.bytes("PLAN.md") == document && kept(&desk) == store, "checking wrote something");
    expect(
        &desk.run("sync").ok().out,
        "\
Where       About  Field   Before          After        Way
PLAN.md:5   T-1    box     [ ]          →  [x]          document → journal
PLAN.md:13  L-1    status  Not Started  →  In Progress  document → journal
PLAN.md:6   T-2    box     [ ]          →  [x]          journal → document

2 fields taken in, 1 field written (1 document of plan `plan`)
",
    );
    assert_eq!(standing(&desk, "T-1"), "claimed");
    expect(&desk.run("sync --check").ok().out, "in step: 1 document of plan `plan`\n");
    expect(&desk.run("sync PLAN.md").ok().out, "in step: 1 document of plan `plan`\n");
}

#[test]
fn an_earlier_version_is_recognised_and_followed_by_name_only() {
    let desk = adopted();
    desk.run("claim T-2 --as Ada").ok();
    edit(&desk, "- [ ] T-1", "- [x] T-1");
    desk.run("note L-1 'brushes are here' --as Ada").ok();
    let newest = desk.read("PLAN.md");
    // Another branch is checked out, on which the document is as it was.
    desk.write("PLAN.md", PLAN);
    let events = desk.run("log --json").ok().json()["entries"].as_array().map(Vec::len);
    let listed = desk.run("list").ok();
    assert!(listed.out.contains("note: `PLAN.md` is"), "{}", listed.shown());
    let came = desk.run("note L-1 'and paint' --as Ada").ok();
    assert!(came.err.contains("PLAN.md"), "{}", came.shown());
    expect(&desk.read("PLAN.md"), PLAN);
    assert_eq!(standing(&desk, "T-1"), "claimed", "nothing is withdrawn");
    let now = desk.run("log --json").ok().json()["entries"].as_array().map(Vec::len);
    assert_eq!(now, events.map(|events| events + 1));
    // And back.
    desk.write("PLAN.md", &newest);
    expect(&desk.run("sync --check").ok().out, "in step: 1 document of plan `plan`\n");
    desk.write("PLAN.md", PLAN);
    desk.run("sync").ok();
    assert!(desk.read("PLAN.md").contains("- [x] T-2"), "{}", desk.read("PLAN.md"));
}

#[test]
fn two_values_for_one_field_are_a_conflict_and_nothing_moves() {
    let desk = Desk::new().file("PLAN.md", PLAN).file("countersign.toml", "[settings]\nsync = \"manual\"\n");
    desk.run("adopt PLAN.md").ok();
    desk.run("start L-1 --as Ada").ok();
    edit(
        &desk,
        "| L-1 | Paint the bollards | None | Not Started |",
        "| L-1 | Paint the bollards | None | Done |",
    );
    edit(&desk, "- [ ] T-1", "- [x] T-1");
    let (document, store) = (desk.bytes("PLAN.md"), kept(&desk));
    for verb in ["sync", "sync --check", "run PLAN.md", "adopt PLAN.md"] {
        let came = desk.run(verb);
        assert_eq!(refused(&came), (8, Some("plan/moved".to_owned())), "{verb}: {}", came.shown());
        assert!(came.err.contains("PLAN.md:13: status of `L-1`"), "{verb}: {}", came.shown());
        assert!(
            came.err.contains("`Done`") && came.err.contains("`in progress`"),
            "{verb}: {}",
            came.shown()
        );
    }
    assert!(desk.bytes("PLAN.md") == document && kept(&desk) == store, "something was written");
    let journal = desk.run("sync --take journal L-1").ok();
    assert!(journal.out.contains("journal → document"), "{}", journal.shown());
    assert!(!desk.read("PLAN.md").contains("| Done |"), "{}", desk.read("PLAN.md"));
    assert_eq!((standing(&desk, "L-1"), standing(&desk, "T-1")), ("active".to_owned(), "claimed".to_owned()));
}

#[test]
fn the_documents_side_may_prevail_too() {
    let desk = Desk::new().file("PLAN.md", PLAN).file("countersign.toml", "[settings]\nsync = \"manual\"\n");
    desk.run("adopt PLAN.md").ok();
    desk.run("start L-1 --as Ada").ok();
    edit(
        &desk,
        "| L-1 | Paint the bollards | None | Not Started |",
        "| L-1 | Paint the bollards | None | Done |",
    );
    let document = desk.read("PLAN.md");
    let came = desk.run("sync --take document").ok();
    assert!(came.out.contains("document → journal"), "{}", came.shown());
    expect(&desk.read("PLAN.md"), &document);
    desk.run("sync --check").ok();
    let unknown = desk.run("sync --take document L-9");
    assert_eq!(refused(&unknown), (3, Some("task/not-found".to_owned())), "{}", unknown.shown());
    let missing = desk.run("sync MISSING.md");
    assert_eq!(refused(&missing), (3, Some("file/not-found".to_owned())), "{}", missing.shown());
    desk.write("OTHER.md", "# Other\n");
    let other = desk.run("sync OTHER.md");
    assert_eq!(refused(&other), (3, Some("plan/not-found".to_owned())), "{}", other.shown());
}

#[test]
fn an_unfinished_merge_is_refused_and_a_light_verb_goes_on_without_it() {
    let desk = adopted();
    let marked = PLAN.replace(
        "- [ ] T-2: Raise the ramp\n",
        "<<<<<<< HEAD\n- [x] T-2: Raise the ramp\n=======\n- [ ] T-2: Raise it\n>>>>>>> other\n",
    );
    desk.write("PLAN.md", &marked);
    for verb in ["sync", "run PLAN.md", "adopt PLAN.md"] {
        let came = desk.run(verb);
        assert_eq!(came.code().as_deref(), Some("document/conflict-markers"), "{verb}: {}", came.shown());
        assert!(came.err.contains("line 6"), "{verb}: {}", came.shown());
    }
    let came = desk.run("note T-1 'still there' --as Ada").ok();
    assert_eq!(came.err.matches("unfinished merge").count(), 1, "{}", came.shown());
    let listed = desk.run("list").ok();
    assert!(listed.out.contains("unfinished merge"), "{}", listed.shown());
    expect(&desk.read("PLAN.md"), &marked);
}

#[test]
fn what_is_written_goes_into_every_document_that_has_the_field() {
    let desk = Desk::new()
        .file("PLAN.md", PLAN)
        .file("daily/2031-05-06.md", "# Outcomes of 2031-05-06\n\n- [ ] T-2: Raise the ramp\n");
    desk.run("adopt PLAN.md daily/2031-05-06.md").ok();
    let came = desk.run("claim T-2 --as Ada").ok();
    assert_eq!(came.err.matches("wrote").count(), 2, "{}", came.shown());
    assert!(desk.read("PLAN.md").contains("- [x] T-2"));
    assert!(desk.read("daily/2031-05-06.md").contains("- [x] T-2"));
    expect(&desk.run("sync --check").ok().out, "in step: 2 documents of plan `plan`\n");
}

#[test]
fn a_tick_against_an_unmet_need_is_recorded_and_satisfies_nothing() {
    let desk = adopted();
    edit(&desk, "| L-2 | Open the landing | L-1 | Not Started |", "| L-2 | Open the landing | L-1 | Done |");
    let came = desk.run("sync").ok();
    assert!(came.out.contains("`L-2` is done in the document although it needs `L-1`"), "{}", came.shown());
    assert!(desk.read("PLAN.md").contains("| L-2 | Open the landing | L-1 | Done |"));
    assert!(desk.run("log").ok().out.contains("L-2"));
    assert_eq!(desk.run("run PLAN.md --accept-claims").exit, 6);
}

#[test]
fn a_document_that_cannot_be_written_stops_no_verb_and_is_written_later() {
    let desk = adopted();
    let folder = desk.path().to_owned();
    let mode = |mode| {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.join("PLAN.md"), mode).expect("the file is this test's own");
    };
    mode(0o444);
    let came = desk.run("claim T-2 --as Ada").ok();
    if desk.read("PLAN.md") == PLAN {
        assert!(came.err.starts_with("warning: `PLAN.md` is read-only\nhint: "), "{}", came.shown());
        assert_eq!(desk.run("sync").exit, 8, "asked for by name, that is a failure");
    }
    mode(0o644);
    desk.run("note T-1 'writable again' --as Ada").ok();
    assert!(desk.read("PLAN.md").contains("- [x] T-2"));
}

#[test]
fn what_was_reviewed_is_not_written_by_a_locked_run() {
    let plan = "# Plan\n\n- [ ] T-1: Try it — check: `true`\n";
    let desk = Desk::new().file("PLAN.md", plan);
    desk.run("trust PLAN.md --yes --write").ok();
    desk.run("run PLAN.md --locked").ok();
    expect(&desk.read("PLAN.md"), plan);
    let came = desk.run("run PLAN.md").ok();
    assert!(came.err.contains("wrote      PLAN.md:3  T-1 box [ ] → [x]\n"), "{}", came.shown());
    expect(&desk.read("PLAN.md"), &plan.replace("[ ]", "[x]"));
    desk.run("run PLAN.md --locked").ok();
}

#[test]
fn several_plans_are_synced_at_once() {
    let desk = adopted();
    desk.write("other/OTHER.md", "# Other\n\n- [ ] O-1: Row across\n");
    desk.run("adopt other/OTHER.md").ok();
    edit(&desk, "- [ ] T-1", "- [x] T-1");
    let ambiguous = desk.run("sync");
    assert_eq!(refused(&ambiguous), (2, Some("plan/ambiguous".to_owned())), "{}", ambiguous.shown());
    let came = desk.run("sync --all-plans --json").ok().json();
    assert_eq!(came["plans"][0]["taken_in"].as_array().map(Vec::len), Some(1), "{came}");
    assert_eq!(came["plans"][1]["in_step"], true, "{came}");
    desk.run("sync other/OTHER.md").ok();
}

#[test]
fn watching_brings_each_change_in_step_until_it_is_stopped() {
    let desk = Desk::new().file("PLAN.md", PLAN).file("countersign.toml", "[settings]\nsync = \"manual\"\n");
    desk.run("adopt PLAN.md").ok();
    let mut child = desk
        .command("sync --watch")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary was built for this test");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut next = || lines.next().expect("it goes on").expect("it is UTF-8");
    expect(&next(), "plan  in step");
    edit(&desk, "- [ ] T-1", "- [x] T-1");
    expect(&next(), "plan  1 field taken in");
    desk.run("claim T-2 --as Ada").ok();
    expect(&next(), "plan  1 field written");
    assert!(desk.read("PLAN.md").contains("- [x] T-2"));
    let stopped = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(stopped.expect("there is a `kill`").success());
    let ended = child.wait().expect("it ends by itself");
    assert_eq!(ended.code(), Some(0), "stopping is no failure");
    expect(&desk.run("sync --check").ok().out, "in step: 1 document of plan `plan`\n");
}
