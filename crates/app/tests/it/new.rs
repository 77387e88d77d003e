//! `new`: every template lints clean, is understood, and runs.

use crate::harness::{Desk, expect};

#[test]
fn without_an_argument_the_templates_are_listed() {
    expect(
        &Desk::new().run("new").shown(),
        "\
exit 0
--- out
Template        File                 What is in it
plan            PLAN.md              phases, a task table with needs and checks, risks, success criteria
handoff         HANDOFF.md           task briefs for agents: objectives, deliverables, success criteria, order
checklist       CHECKLIST.md         boxes under headings, some with what would prove them
execution-plan  execution-plan.json  batches with status, progress and blockers, for tools that read JSON
",
    );
}

#[test]
fn every_template_lints_clean_and_runs() {
    let templates = Desk::new().run("new --json").ok().json();
    let templates = templates["templates"].as_array().expect("a list").clone();
    assert_eq!(templates.len(), 4);
    for template in &templates {
        let (name, file) = (template["template"].as_str().unwrap(), template["file"].as_str().unwrap());
        let desk = Desk::new();
        desk.run(&format!("new {name}")).ok();
        let came = desk.run(&format!("lint {file} --fail-on info")).ok();
        assert_eq!(came.err, format!("no findings in `{file}`\n"));
        let parsed = desk.run(&format!("parse {file} --json")).ok().json();
        assert!(parsed["tasks"].as_array().is_some_and(|tasks| tasks.len() > 2), "{name}: {parsed}");
        let came = desk.run(&format!("run {file} --trust"));
        assert_eq!(came.exit, 6, "{name}: {}", came.shown());
        assert!(came.out.contains("NOT COMPLETE"), "{name}: {}", came.shown());
        assert_eq!(came.code(), None, "the verdict says it all: {}", came.shown());
    }
}

#[test]
fn what_is_there_is_not_overwritten() {
    let desk = Desk::new().file("PLAN.md", "mine");
    expect(
        &desk.run("new plan").shown(),
        "exit 4\n--- err\nerror[value/invalid]: `PLAN.md` is there already and was left as it is\n\
         hint: name another file with `--to FILE`\n",
    );
    assert_eq!(desk.read("PLAN.md"), "mine");
    expect(
        &desk.run("new checklist --to release.md").shown(),
        "exit 0\n--- out\nwrote `release.md`\n\
         --- err\nnext: put your words into it, then `countersign lint release.md`\n",
    );
    assert_eq!(desk.run("new checklist --to -").ok().out, desk.read("release.md"));
}

#[test]
fn a_template_nobody_knows_is_refused_with_the_nearest() {
    expect(
        &Desk::new().run("new plam").shown(),
        "exit 3\n--- err\nerror[entry/not-found]: there is no template `plam`\nhint: did you mean `plan`?\n",
    );
    assert_eq!(Desk::new().run("new plan --to no/where.md").exit, 3);
}
