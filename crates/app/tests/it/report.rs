//! `report`: documents made from the plan, on standard output or in a file.

use crate::harness::{Desk, expect};
use crate::world::World;

const PLAN: &str = "phase A: Prepare\n\
    T-1: Build the importer | phase: A | check: make test\n\
    T-2: Measure it | needs: T-1 | metric warnings: warnings < 20\n\
    criteria | stated x: Nothing is left";

#[test]
fn reports_are_listed_and_slips_are_helped_with() {
    let desk = Desk::new();
    let listed = desk.run("report").ok().out;
    assert!(listed.contains("completion  "), "{listed}");
    expect(&desk.run("report list").ok().out, &listed);
    assert_eq!(desk.run("report --json").ok().json()["reports"][0]["name"], "completion");
    let came = desk.run("report completoin");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("entry/not-found")), "{}", came.shown());
    assert!(came.err.ends_with("hint: did you mean `completion`?\n"), "{}", came.shown());
    let came = desk.run("report completion");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("store/not-found")), "{}", came.shown());
    assert!(!desk.has(".countersign"));
}

#[test]
fn completion_comes_in_three_formats_and_ends_with_the_audit_head() {
    let world = World::adopt(PLAN);
    let head = world.run("audit head").ok().out;
    let head = head.lines().last().expect("the plan has a head");
    let text = world.run("report completion").ok().out;
    assert!(text.starts_with("# Completion of Plan\n\n- verdict: NOT COMPLETE: "), "{text}");
    assert!(text.contains(&format!("- audit head: {head}\n")), "{head}\n{text}");
    expect(&world.run("report completion --format md").ok().out, &text);
    let page = world.run("report completion --format html").ok().out;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("NOT COMPLETE"), "{page}");
    let json = world.run("report completion --json").ok().json();
    assert_eq!(json["verdict"]["verdict"], "NOT COMPLETE");
    assert_eq!(json["journal"]["seq"], json["verdict"]["plan"]["seq"]);
    assert!(head.ends_with(json["journal"]["digest"].as_str().unwrap_or("none")), "{head}");
    expect(
        &world.run("report completion --format json").ok().out,
        &world.run("report completion --json").ok().out,
    );
    let came = world.run("report completion --json --format md");
    assert_eq!((came.exit, came.code().as_deref()), (2, Some("usage/invalid")), "{}", came.shown());
}

#[test]
fn a_file_is_written_whole_in_the_format_its_name_says() {
    let world = World::adopt(PLAN);
    for (file, begins) in
        [("report.md", "# Completion"), ("report.html", "<!DOCTYPE"), ("report.json", "{\"report\"")]
    {
        let came = world.run(&format!("report completion --out {file}")).ok();
        expect(&came.out, &format!("wrote `{file}`\n"));
        assert!(world.desk.read(file).starts_with(begins), "{file}");
    }
    expect(&world.desk.read("report.md"), &world.run("report completion").ok().out);
    let json = world.run("report dashboard --out wall.txt --format html --json").ok().json();
    assert_eq!(
        (&json["format"], &json["file"], &json["report"]),
        (&"html".into(), &"wall.txt".into(), &"dashboard".into())
    );
    assert!(world.desk.read("wall.txt").starts_with("<!DOCTYPE"));
    // Over an older report, keeping who may read it; nothing is left beside it.
    world.desk.executable("report.md");
    world.run("report dashboard --out report.md").ok();
    assert!(world.desk.read("report.md").starts_with("# Dashboard"));
    use std::os::unix::fs::PermissionsExt;
    let facts = std::fs::metadata(world.desk.path().join("report.md")).expect("it was written");
    assert_eq!(facts.permissions().mode() & 0o777, 0o755);
    let names = std::fs::read_dir(world.desk.path()).expect("the folder is there");
    let names: Vec<String> =
        names.map(|name| name.expect("it can be read").file_name().to_string_lossy().into_owned()).collect();
    assert!(names.iter().all(|name| !name.ends_with(".tmp")), "{names:?}");
    expect(&world.run("report completion --out -").ok().out, &world.run("report completion").ok().out);
}

#[test]
fn no_report_takes_the_place_of_a_document_or_goes_into_the_store() {
    let desk = Desk::new()
        .file("PLAN.md", "# Plan\n\n- [ ] Build it\n")
        .file("countersign.toml", "[settings]\nsolo = true\n");
    desk.run("adopt PLAN.md").ok();
    std::os::unix::fs::symlink("PLAN.md", desk.path().join("linked.md")).expect("links can be made");
    std::fs::hard_link(desk.path().join("PLAN.md"), desk.path().join("same.md")).expect("links can be made");
    let before = desk.read("PLAN.md");
    for file in ["PLAN.md", "./PLAN.md", "linked.md", "same.md", "countersign.toml", ".countersign/report.md"]
    {
        let came = desk.run(&format!("report completion --out {file}"));
        assert_eq!(
            (came.exit, came.code().as_deref()),
            (4, Some("value/invalid")),
            "{file}: {}",
            came.shown()
        );
    }
    expect(&desk.read("PLAN.md"), &before);
    let came = desk.run("report completion --out none/report.md");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("file/not-found")), "{}", came.shown());
    let came = desk.run("report completion --out .");
    assert_ne!(came.exit, 0, "{}", came.shown());
    let came = desk.run("report --out report.md");
    assert_eq!((came.exit, came.code().as_deref()), (2, Some("usage/invalid")), "{}", came.shown());
}

#[test]
fn a_report_of_then_is_what_it_would_have_said_then() {
    let mut world = World::adopt(PLAN);
    let then = world.run("report completion").ok().out;
    let seq = world.events();
    world.run_at("2031-05-02T09:00:00Z", "claim T-1 --as Bo").ok();
    let told = world.run_at("2031-06-01T09:00:00Z", &format!("report completion --at {seq}")).ok().out;
    let wanted = then.replace(
        &format!("- journal: event {seq}\n"),
        &format!("- journal: as it was after event {seq} of {}\n", seq + 1),
    );
    expect(&told, &wanted);
    assert_ne!(world.run("report completion").ok().out, then);
    for bad in [0, seq + 2] {
        let came = world.run(&format!("report completion --at {bad}"));
        assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    }
}

#[test]
fn a_document_that_ticks_every_success_criterion_completes_nothing() {
    let desk = Desk::new().file(
        "PLAN.md",
        "# Move the archive\n\n| Task ID | Description | Prereqs |\n|---|---|---|\n| M-1 | Pack it | None |\n\
         | M-2 | Carry it | M-1 |\n\n## Success criteria\n\n- [x] Every box has arrived\n- [x] Fewer than 20 are wet (12 counted)\n",
    );
    desk.run("adopt PLAN.md").ok();
    let told = desk.run("report completion").ok().out;
    assert!(told.contains("- verdict: NOT COMPLETE: 2 tasks are not done\n"), "{told}");
    assert!(told.contains("criteria: 0 of 2 proven, 2 ticked and not proven\n"), "{told}");
    assert!(told.contains("claimed by PLAN.md, line 10, unverified"), "{told}");
    let json = desk.run("report completion --json").ok().json();
    assert_eq!(json["progress"]["percent"]["verified"], 0.0, "{json}");
    desk.write("EMPTY.md", "# Nothing yet\n");
    let empty = Desk::new().file("EMPTY.md", "# Nothing yet\n");
    empty.run("adopt EMPTY.md").ok();
    let json = empty.run("report completion --json").ok().json();
    assert!(json["progress"]["percent"].is_null(), "nothing of nothing is no share: {json}");
}

#[test]
fn status_tells_what_changed_since_and_who_owes_what() {
    let mut world = World::adopt("T-1: Build it | due: 2031-05-02\nT-2: Measure it | approval: security");
    world.run("start T-1 --as Ada").ok();
    let told = world.run("report status --since 'event 5'").ok().out;
    assert!(told.contains("## What changed since event 5\n\n0 events\n"), "{told}");
    let told = world.run("report status").ok().out;
    assert!(told.contains("| **T-1** | Build it | due in 1 day |"), "{told}");
    let late = world.run_at("2031-05-05T09:00:00Z", "report status --json").ok().json();
    assert_eq!(late["at_risk"][0]["why"], "late, was due 2031-05-02", "{late}");
    assert_eq!(late["changes"]["moves"]["events"], 0, "{late}");
}
