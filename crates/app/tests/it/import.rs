//! `import`: other tools' files brought in, what could not be carried, and what is refused.

use crate::harness::{Desk, expect};

const BEADS: &str = r#"{"id":"lib-1","title":"Pack the shelves","description":"Boxes are in the hall.","status":"closed","priority":1,"issue_type":"task","assignee":"mina","created_at":"2031-04-02T08:00:00Z","closed_at":"2031-04-03T10:00:00Z","labels":["move","hall"]}
{"id":"lib-2","title":"Move the cabinets","status":"open","priority":0,"issue_type":"feature","acceptance_criteria":"- [ ] nothing is scratched\n- [x] the lift is booked","dependencies":[{"issue_id":"lib-2","depends_on_id":"lib-1","type":"blocks","created_at":"2031-04-02T08:01:00Z","created_by":"mina"},{"issue_id":"lib-2","depends_on_id":"lib-9","type":"blocks"}],"comments":[{"id":1,"author":"mina","text":"mind the door"}]}
"#;

fn desk() -> Desk {
    Desk::new().file(".beads/issues.jsonl", BEADS)
}

#[test]
fn an_import_says_what_it_could_not_carry() {
    let desk = desk();
    expect(
        &desk.run("import .beads/issues.jsonl --as-plan library").shown(),
        "exit 0\n--- out\nplan `library` is at revision 1: 2 tasks from Beads\n\
         Not carried  Times  Where  Why\n\
         needs            1  lib-2  names nothing that came along\n\
         --- err\nreading    .beads/issues.jsonl: 2 tasks; 1 error (Beads)\n\
         adopting   revision 1 as plan `library`\n",
    );
    let shown = desk.run("show lib-2 --json").ok().json();
    assert_eq!(shown["needs"][0]["key"], "lib-1", "{shown}");
}

#[test]
fn what_the_other_tool_calls_done_is_an_imported_claim_and_satisfies_nothing() {
    let desk = desk();
    desk.run("import .beads/issues.jsonl").ok();
    let log = desk.run("log --json").ok().out;
    assert!(log.contains("task_added"), "{log}");
    let list = desk.run("show lib-1").ok().out;
    assert!(list.contains("imported"), "{list}");
    let started = desk.run("start lib-2");
    assert_eq!(
        (started.exit, started.code().as_deref()),
        (7, Some("dependency/unmet")),
        "{}",
        started.shown()
    );
}

#[test]
fn the_same_file_again_is_a_revision() {
    let desk = desk();
    desk.run("import .beads/issues.jsonl --as-plan library").ok();
    let again = desk.run("import .beads/issues.jsonl --json").ok().json();
    assert_eq!(again["adopting"]["how"], "unchanged", "{again}");
    desk.write(".beads/issues.jsonl", BEADS.replace("\"status\":\"open\"", "\"status\":\"closed\""));
    let again = desk.run("import .beads/issues.jsonl --json").ok().json();
    assert_eq!(
        (&again["adopting"]["plan"], &again["adopting"]["how"]),
        (&"library".into(), &"revised".into())
    );
    let shown = desk.run("show lib-2").ok().out;
    assert!(shown.contains("imported"), "{shown}");
}

#[test]
fn a_torn_file_is_refused_unless_the_rest_is_wanted() {
    let desk = Desk::new().file("issues.jsonl", format!("{BEADS}{{\"id\":\"lib-3\",\"title\":\"Op"));
    let came = desk.run("import issues.jsonl");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("plan/invalid")), "{}", came.shown());
    assert!(came.err.contains("issues.jsonl:3:"), "{}", came.shown());
    assert!(!desk.has(".countersign"), "nothing was made");
    let json = desk.run("import issues.jsonl --partial --json").ok().json();
    assert_eq!(json["reading"]["tasks"], 2);
    let torn = json["lost"].as_array().unwrap().iter().find(|lost| lost["line"] == 3).unwrap();
    assert_eq!(torn["why"], "the line is not whole");
}

#[test]
fn a_dry_run_changes_nothing() {
    let desk = desk();
    let came = desk.run("import .beads/issues.jsonl --dry-run").ok();
    assert!(came.out.starts_with("nothing was taken in"), "{}", came.shown());
    assert!(!desk.has(".countersign"));
}

#[test]
fn what_cannot_be_governed_or_told_apart_is_refused() {
    let check = |file: &str, text: &str, wanted: (i32, &str), says: &str| {
        let desk = Desk::new().file(file, text);
        let came = desk.run(&format!("import {file}"));
        assert_eq!((came.exit, came.code().as_deref()), (wanted.0, Some(wanted.1)), "{}", came.shown());
        assert!(came.err.contains(says), "{}", came.shown());
    };
    let issue = |id: &str, needs: &str| {
        format!(
            "{{\"id\":\"{id}\",\"title\":\"x\",\"dependencies\":[{{\"depends_on_id\":\"{needs}\",\"type\":\"blocks\"}}]}}\n"
        )
    };
    check("a.jsonl", &(issue("a", "b") + &issue("b", "a")), (4, "plan/invalid"), "circle");
    check("a.jsonl", &(issue("a", "") + &issue("a", "")), (4, "plan/invalid"), "already");
    let part = |id: &str, of: &str| issue(id, of).replace("blocks", "parent-child");
    check(
        "a.jsonl",
        &(part("a", "b") + &part("b", "a")),
        (4, "plan/invalid"),
        "part of each other in a circle",
    );
    check("a.jsonl", "", (4, "value/invalid"), "which tool");
    check("a.csv", "", (4, "plan/invalid"), "holds no task");
    check("tasks.json", "{\"tasks\":[]}", (4, "plan/invalid"), "holds no task");
    check("tasks.json", "{\"tasks\":[{\"id\":1,", (4, "value/invalid"), "which tool");
    check("i.json", "[{\"title\":\"x\",", (4, "plan/invalid"), "not valid JSON");
    check("a.csv", "key,title\n1,\"torn", (4, "plan/invalid"), "a.csv:2:");
    check("a.csv", &format!("key,title\n1,{}\n", "x".repeat(17 << 20)), (4, "plan/invalid"), "16 MiB");
    check("a.txt", "hello\n", (4, "value/invalid"), "--from NAME");
    check("a.jsonl", "{\"id\":\"\u{0}\"", (4, "plan/invalid"), "a.jsonl:1:");
    let bad = Desk::new().file("a.csv", b"key,title\n1,caf\xe9\xff\xfe\n");
    let came = bad.run("import a.csv");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("plan/invalid")), "{}", came.shown());
    assert!(came.err.contains("a.csv:2: 3 sequences of bytes are not UTF-8"), "{}", came.shown());
    bad.run("import a.csv --partial").ok();
    let desk = Desk::new();
    assert_eq!(desk.run("import none.jsonl").exit, 3);
    let came = desk.run("import none.jsonl --from bead");
    assert!(came.err.contains("did you mean `beads`?"), "{}", came.shown());
}

fn task(id: &str, title: &str, status: &str, more: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: {title}\nstatus: {status}\nassignee: []\n{more}---\n\n## Description\n\nWords.\n"
    )
}

#[test]
fn a_folder_of_task_files_is_one_plan() {
    let desk = Desk::new()
        .file("backlog/tasks/task-2 - Move.md", task("task-2", "Move", "To Do", "dependencies: [task-1]\n"))
        .file("backlog/tasks/task-10 - Open.md", task("task-10", "Open", "To Do", "dependencies: [task-2]\n"))
        .file("backlog/completed/task-1 - Pack.md", task("task-1", "Pack", "Done", "dependencies: []\n"))
        .file("backlog/drafts/draft-1 - Dream.md", task("draft-1", "Dream", "Draft", "dependencies: []\n"))
        .file("backlog/config.yml", "project_name: x\n");
    let came = desk.run("import backlog --json").ok().json();
    assert_eq!((&came["from"], &came["adopting"]["plan"]), (&"backlog".into(), &"backlog".into()), "{came}");
    assert_eq!(came["reading"]["tasks"], 3);
    let lost: Vec<&str> =
        came["lost"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert_eq!(lost, ["drafts are no tasks yet"]);
    assert!(desk.run("show task-1").ok().out.contains("imported"));
    assert_eq!(desk.run("start task-2").exit, 7);
    desk.write("backlog/tasks/task-11 - New.md", task("task-11", "New", "To Do", "dependencies: []\n"));
    let again = desk.run("import backlog --json").ok().json();
    assert_eq!(again["adopting"]["how"], "revised", "{again}");
    desk.run("export --to backlog --out out").ok();
    assert!(desk.has("out/tasks/task-10 - Open.md") && desk.has("out/tasks/task-1 - Pack.md"));
    let refused = desk.run("export --to backlog");
    assert_eq!((refused.exit, refused.code().as_deref()), (2, Some("usage/invalid")), "{}", refused.shown());
    std::fs::remove_dir_all(desk.path().join(".countersign")).unwrap();
    let back = desk.run("import out --json").ok().json();
    assert_eq!((&back["reading"]["tasks"], back["lost"].as_array().unwrap().len()), (&4.into(), 0));
}

#[test]
fn folders_that_hold_none_or_several_are_refused() {
    let empty = Desk::new().file("a/readme.txt", "x");
    let came = empty.run("import a");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    let two = Desk::new()
        .file("p/.beads/issues.jsonl", BEADS)
        .file("p/.taskmaster/tasks/tasks.json", "{\"tasks\":[{\"id\":1,\"title\":\"x\"}]}");
    let came = two.run("import p");
    assert!(came.exit == 4 && came.err.contains("beads, task-master"), "{}", came.shown());
    two.run("import p --from beads").ok();
    std::os::unix::fs::symlink(two.path().join("p"), two.path().join("p/loop")).unwrap();
    two.run("import p --from task-master --as-plan tm").ok();
}

#[test]
fn every_tool_is_known_by_its_file() {
    let check = |file: &str, text: &str, from: &str| {
        let desk = Desk::new().file(file, text);
        let came = desk.run(&format!("import {file} --json")).ok().json();
        assert_eq!(came["from"], from, "{came}");
        for to in ["beads", "task-master", "github", "csv", "spec-kit"] {
            let out = desk.run(&format!("export --to {to} --json")).ok().json();
            assert!(!out["files"][0]["text"].as_str().unwrap().is_empty(), "{to}");
        }
    };
    check("tasks.json", "{\"tasks\":[{\"id\":1,\"title\":\"x\",\"status\":\"done\"}]}", "task-master");
    check("issues.json", "[{\"number\":1,\"title\":\"x\",\"state\":\"OPEN\"}]", "github");
    check("plan.csv", "id;summary\nA-1;x\n", "csv");
    check("tasks.md", "# Tasks: x\n\n## Phase 1: y\n\n- [ ] T001 z\n", "spec-kit");
}

const GUIDE: &str = include_str!("../../../../docs/guide/import-export.md");

/// The first fenced block of a kind.
fn block<'a>(kind: &str) -> &'a str {
    let after = GUIDE.split(&format!("```{kind}\n")).nth(1).expect("the guide has such a block");
    after.split("```\n").next().expect("a split has a first part")
}

#[test]
fn the_screen_of_the_guide_is_real() {
    let desk = Desk::new().file(".beads/issues.jsonl", block("json"));
    let mut shown = String::new();
    for line in ["import .beads/issues.jsonl --as-plan reading-room", "list"] {
        shown.push_str(&format!("$ countersign {line}\n{}", desk.run(line).ok().out));
    }
    expect(&shown, block("text"));
}

#[test]
fn the_table_of_the_guide_is_what_the_peers_say() {
    use formats::exchange::{Field, Holds, peers};
    let mut table = String::from("\n| |");
    peers().iter().for_each(|peer| table.push_str(&format!(" {} |", peer.title())));
    table.push_str("\n|---|");
    peers().iter().for_each(|_| table.push_str("---|"));
    for field in Field::ALL {
        table.push_str(&format!("\n| {} |", field.as_str()));
        for peer in peers() {
            let sign = match peer.holds(*field) {
                Holds::Whole => "●",
                Holds::Partly(_) => "◐",
                Holds::Nothing(_) => "·",
            };
            table.push_str(&format!(" {sign} |"));
        }
    }
    table.push_str("\n\nPartly means:\n\n");
    for peer in peers() {
        let partly = Field::ALL.iter().filter_map(|field| match peer.holds(*field) {
            Holds::Partly(what) => Some(format!("{}: {what}", field.as_str())),
            _ => None,
        });
        table.push_str(&format!("- **{}** {}\n", peer.title(), partly.collect::<Vec<_>>().join("; ")));
    }
    table.push('\n');
    let written =
        GUIDE.split("<!-- matrix -->\n").nth(1).and_then(|rest| rest.split("<!-- end of matrix -->").next());
    expect(&table, written.expect("the guide has the table between its marks"));
}
