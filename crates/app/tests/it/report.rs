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
