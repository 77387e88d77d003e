//! `export`: plans in other tools' shapes, and files that are not written over.

use crate::harness::Desk;

const PLAN: &str = "# Move\n\n| Task ID | Description | Owner | Prereqs | Priority | Status |\n\
    |---|---|---|---|---|---|\n\
    | T-1 | Pack | mina | | P1 | Done |\n| T-2 | Move | mina, li | T-1 | P0 | In Progress |\n";

fn desk() -> Desk {
    let desk = Desk::new().file("PLAN.md", PLAN);
    desk.run("adopt PLAN.md").ok();
    desk
}

#[test]
fn beads_are_printed_and_what_they_do_not_hold_is_told_beside() {
    let came = desk().run("export --to beads").ok();
    let lines: Vec<serde_json::Value> =
        came.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["id"], &lines[0]["status"]), (&"T-1".into(), &"closed".into()));
    assert_eq!((&lines[1]["status"], &lines[1]["priority"]), (&"in_progress".into(), &0.into()));
    assert_eq!(lines[1]["dependencies"][0]["depends_on_id"], "T-1");
    assert!(came.err.contains("owners") && came.err.contains("history"), "{}", came.shown());
}

#[test]
fn files_that_are_there_are_kept_unless_asked() {
    let desk = desk().file("out.jsonl", "mine\n");
    let came = desk.run("export --to beads --out out.jsonl");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("confirm/required")), "{}", came.shown());
    assert_eq!(desk.read("out.jsonl"), "mine\n");
    desk.run("export --to beads --out out.jsonl --force").ok();
    assert!(desk.read("out.jsonl").starts_with("{\"id\":\"T-1\""));
    std::os::unix::fs::symlink(desk.path().join("out.jsonl"), desk.path().join("link.jsonl")).unwrap();
    let came = desk.run("export --to beads --out link.jsonl --force");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    let json = desk.run("export --to beads --json").ok().json();
    assert_eq!(json["files"][0]["name"], "issues.jsonl");
    assert!(
        json["lost"]
            .as_array()
            .unwrap()
            .iter()
            .any(|lost| lost["field"] == "owners" && lost["value"] == "li")
    );
}

#[test]
fn the_script_for_github_is_harmless_until_told_and_runs_nothing_of_the_plan() {
    let desk = Desk::new().file(
        "plan.csv",
        "key,title,description,state\nT-1,\"It's $(touch evil) `touch evil`\",\"a\n';touch evil;'\nb\",claimed\n",
    );
    desk.run("import plan.csv").ok();
    desk.run("export --to github --out issues.sh").ok();
    // A stand-in for `gh` that keeps what it is called with.
    desk.write("bin/gh", "#!/bin/sh\nprintf '%s\\0' \"$@\" >> calls\nprintf '\\n' >> calls\necho https://github.example/o/r/issues/7\n");
    desk.executable("bin/gh");
    let run = |go: &str| {
        let path =
            format!("{}:{}", desk.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
        let script = std::process::Command::new("sh")
            .arg("issues.sh")
            .current_dir(desk.path())
            .env("PATH", path)
            .env("GO", go)
            .output()
            .unwrap();
        assert!(script.status.success(), "{script:?}");
    };
    run("0");
    assert!(!desk.has("calls") && !desk.has("evil"));
    run("1");
    assert!(!desk.has("evil"));
    let calls = desk.read("calls");
    assert!(calls.contains("--title=It's $(touch evil) `touch evil`\0"), "{calls:?}");
    assert!(calls.contains("a\n';touch evil;'\nb"), "{calls:?}");
    assert!(calls.contains("close\0https://github.example/o/r/issues/7\0--reason=completed\0"), "{calls:?}");
}

#[test]
fn names_in_a_plan_never_lead_out_of_the_folder() {
    let desk = Desk::new().file("plan.csv", "key,title\n../../up,\"x/../../y\"\n");
    desk.run("import plan.csv").ok();
    let json = desk.run("export --to backlog --out out/deep --json").ok().json();
    let name = json["files"][0].as_str().unwrap();
    assert!(name.starts_with("out/deep/tasks/") && !name.contains(".."), "{name}");
    assert_eq!(desk.files("out").len(), 1);
}
