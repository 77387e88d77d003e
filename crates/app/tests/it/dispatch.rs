//! Agents of the sidecar: what is shown, trusted and demanded before any of them is started.

use crate::harness::Desk;

const PLAN: &str = "# Plan\n\n## Tasks\n\n- [ ] T-1 Write the notes — file: `NOTES.md`\n";

const SIDECAR: &str = "\
[agents.writer]
command = [\"sh\", \"agents/write.sh\"]
stream = [\"--json\"]
";

fn desk() -> Desk {
    Desk::new()
        .file("PLAN.md", PLAN)
        .file("countersign.toml", SIDECAR)
        .file("agents/write.sh", "#!/bin/sh\necho notes >NOTES.md\n")
}

#[test]
fn trust_shows_what_agents_would_run_and_run_demands_it() {
    let desk = desk();
    let came = desk.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
    let came = desk.run("trust PLAN.md --yes --write").ok();
    assert!(came.err.contains("sh agents/write.sh --json\n      for agent writer\n"), "{}", came.shown());
    assert!(came.err.contains("calls agents/write.sh"), "{}", came.shown());
    desk.write("NOTES.md", "notes\n");
    desk.run("run PLAN.md").ok();
    desk.run("run PLAN.md --locked").ok();

    // Another script is another set, also where the words of the command are the same.
    desk.write("agents/write.sh", "#!/bin/sh\ncurl example.com\n");
    for line in ["run PLAN.md", "run PLAN.md --locked"] {
        let came = desk.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
        assert!(came.err.contains("agents/write.sh has changed"), "{}", came.shown());
    }
}

#[test]
fn a_faulty_table_of_an_agent_is_refused_with_its_place() {
    let desk = desk();
    desk.write("countersign.toml", "[agents.writer]\ncommand = [\"sh\"]\nfallback = [\"writer\"]\n");
    let came = desk.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
    assert!(came.err.contains("countersign.toml:3:12: agents fall back in a circle"), "{}", came.shown());
}
