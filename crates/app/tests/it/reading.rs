//! Verbs that look and change nothing: `list`, `show`, `ready`, `why`, `due`, `stale`, `critical`,
//! `dashboard`, `log`, `changes`, `state`, `revisions`, `diff`.

use crate::harness::{Desk, expect};
use crate::world::World;

const PLAN: &str = "phase A: Prepare\n\
    T-1: Build the importer | phase: A | check: make test | due: 2031-05-08\n\
    T-2: Measure it | needs: T-1\n\
    T-3: Write it up | needs: T-2";

/// A plan to which something has happened.
fn world() -> World {
    let world = World::adopt(PLAN);
    world.run("start T-1 --as Ada").ok();
    world.run("claim T-1 --as Ada").ok();
    world
}

fn refused(world: &World, line: &str) -> (i32, String) {
    let came = world.run(line);
    (came.exit, came.code().unwrap_or_default())
}

#[test]
fn tasks_are_listed_and_narrowed_down() {
    let world = world();
    expect(
        &world.run("list").ok().out,
        "\
Key  Status             Title               Due         Evidence
T-1  claimed, unproven  Build the importer  2031-05-08  0 of 1 check
T-2  blocked            Measure it
T-3  blocked            Write it up

3 tasks: 1 claimed, unproven, 2 blocked
note: a test store: its clock and ids are made up
",
    );
}

#[test]
fn a_list_takes_only_words_it_knows() {
    let world = world();
    let keys = |line: &str| {
        let listed = world.run(line).ok().json();
        let rows = listed["tasks"].as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| Some(row["key"].as_str()?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(keys("list --state claimed --json"), ["T-1"]);
    assert_eq!(keys("list measure --json"), ["T-2"]);
    assert_eq!(keys("list --phase a --json"), ["T-1"]);
    assert_eq!(keys("list --limit 2 --json"), ["T-1", "T-2"]);
    assert_eq!(refused(&world, "list --state claimd"), (4, "value/invalid".to_owned()));
    assert!(world.run("list --state claimd").err.ends_with("hint: did you mean `claimed`?\n"));
    assert_eq!(refused(&world, "list --kind stroy"), (4, "value/invalid".to_owned()));
}

#[test]
fn a_task_is_shown_with_its_history() {
    let shown = world().run("show T-1").ok();
    for part in ["Build the importer", "make test", "Ada [declared]", "T-2", "claimed `T-1`", "started `T-1`"]
    {
        assert!(shown.out.contains(part), "`{part}` is missing: {}", shown.shown());
    }
    assert_eq!(world().run("show T-1 --json").ok().json()["history"].as_array().map(Vec::len), Some(4));
    assert_eq!(refused(&world(), "show T-9"), (3, "task/not-found".to_owned()));
}

#[test]
fn reasons_are_told_down_to_the_leaf() {
    let world = world();
    let why = world.run("why T-3").ok();
    for part in ["needs T-2", "needs T-1", "check"] {
        assert!(why.out.contains(part), "`{part}` is missing: {}", why.shown());
    }
    assert_eq!(refused(&world, "why T-9"), (3, "task/not-found".to_owned()));
    let ready = world.run("ready").ok();
    assert!(ready.out.starts_with("nothing is ready\n"), "{}", ready.shown());
}

#[test]
fn dates_and_idleness_follow_the_clock() {
    let mut world = world();
    assert_eq!(world.run("due --json").ok().json()["tasks"][0]["days_left"], 7);
    assert_eq!(world.run("due --within 3 --json").ok().json()["tasks"].as_array().map(Vec::len), Some(0));
    let stale = world.run_at("2031-05-20T09:00:00Z", "stale --json").ok().json();
    assert_eq!((&stale["tasks"][0]["days"], &stale["days"]), (&19.into(), &7.into()), "{stale}");
    assert_eq!(world.run_at("2031-05-20T09:00:00Z", "due --json").ok().json()["late"], 1);
}

#[test]
fn the_longest_chain_has_a_length() {
    let world = World::adopt("T-1: Build it\nT-2: Measure it | needs: T-1");
    world.run("update T-1 estimate=2").ok();
    world.run("update T-2 estimate=1.5").ok();
    let path = world.run("critical --from 2031-05-01 --json").ok().json();
    assert_eq!((&path["total_days"], &path["finish"]), (&3.5.into(), &"2031-05-06".into()), "{path}");
    assert_eq!(refused(&world, "critical --from soon"), (4, "value/invalid".to_owned()));
}

#[test]
fn a_dashboard_is_a_table_to_paste() {
    let world = World::adopt("T-1: Build it\nT-2: Measure it | needs: T-1");
    expect(
        &world.run("dashboard").ok().out,
        "| Task | Priority | Status | Progress | Target Date | Blockers |\n\
         | --- | --- | --- | --- | --- | --- |\n\
         | Build it |  | ⚪ Ready | 0% |  | None |\n\
         | Measure it |  | 🟥 Blocked | 0% |  | T-1 |\n",
    );
}

#[test]
fn a_dashboard_of_a_document_needs_no_store() {
    let plan = r#"{"batches":[{"id":"batch-1","name":"Import","priority":"P0","status":"in-progress","progress":35,"targetDate":"2031-05-08","blockers":[],"owner":"Ada"}]}"#;
    let desk = Desk::new().file("plan.json", plan);
    let table = "| Batch | Priority | Status | Progress | Target Date | Blockers |\n\
                 | --- | --- | --- | --- | --- | --- |\n\
                 | Import | P0 | 🟡 In Progress | 35% | 2031-05-08 | None |\n";
    expect(&desk.run("dashboard plan.json").ok().out, table);
    assert!(!desk.has(".countersign"));
    let desk = desk.with("EXECUTION_PLAN_PATH", "plan.json");
    expect(&desk.run("dashboard").ok().out, table);
    let missing = desk.run("dashboard none.json");
    assert_eq!((missing.exit, missing.code().as_deref()), (3, Some("file/not-found")), "{}", missing.shown());
}

#[test]
fn history_is_told_narrowed_down_and_refusals_apart() {
    let world = world();
    let log = world.run("log T-1 --by ada --kind task_claimed").ok();
    expect(
        &log.out,
        "Day             UTC    #  Who             What\n\
         Thu 2031-05-01  09:00  8  Ada [declared]  claimed `T-1`\n\n\
         note: a test store: its clock and ids are made up\n",
    );
    assert_eq!(world.run("log --last 1 --json").ok().json()["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.run("log --after 7 --json").ok().json()["entries"][0]["text"], "claimed `T-1`");
    world.run("start T-2 --as Bo");
    let attempts = world.run("log --refused").ok();
    assert!(attempts.out.contains("dependency/unmet") && attempts.out.contains("Bo"), "{}", attempts.shown());
    let seqs = |line: &str| {
        let log = world.run(line).ok().json();
        log["entries"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["seq"].as_u64())
            .collect::<Vec<_>>()
    };
    assert_eq!(seqs("log --task T-1 -n 2 --reverse --json"), [8, 7]);
    assert_eq!(seqs("log --since yesterday --until 2031-05-01 --json"), [0; 0]);
    assert_eq!(seqs("log --since yesterday --kind task_started --json"), [7]);
    let lines = world.run("log --after 6 --lines --json").ok().out;
    let kinds: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON")["kind"].to_string()
        })
        .collect();
    assert_eq!(kinds, ["\"task_started\"", "\"task_claimed\""]);
    assert_eq!(
        world.run("log --refused --by bo --json").ok().json()["attempts"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        world.run("log --refused --by ada --json").ok().json()["attempts"].as_array().map(Vec::len),
        Some(0)
    );
    let slip = world.run("log --kind task_claimd").ok();
    assert!(slip.err.contains("did you mean `task_claimed`?"), "{}", slip.shown());
    assert_eq!(refused(&world, "log --since someday"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "log T-1 --task T-2"), (2, "usage/invalid".to_owned()));
}

#[test]
fn changes_are_gathered_by_task() {
    let world = world();
    let changes = world.run("changes --since 6 --json").ok().json();
    assert_eq!(changes["moves"]["claimed"], 1, "{changes}");
    assert_eq!(changes["groups"][0]["about"], "T-1", "{changes}");
    world.run("changes --since 1d").ok();
    assert_eq!(refused(&world, "changes --since then"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "changes --since 99"), (4, "value/invalid".to_owned()));
}

#[test]
fn changes_are_told_since_whatever_people_say() {
    let mut world = world();
    world.revise("Bo", &PLAN.replace("Measure it", "Measure it twice"));
    let events = |world: &World, line: &str| world.run(line).ok().json()["moves"]["events"].clone();
    for (since, number) in
        [("'event 7'", 3), ("7", 3), ("'revision 1'", 4), ("r2", 0), ("yesterday", 10), ("'an hour ago'", 10)]
    {
        assert_eq!(events(&world, &format!("changes --since {since} --json")), number, "{since}");
    }
    assert_eq!(events(&world, "changes --json"), 10, "since yesterday, where nobody says since when");
    assert_eq!(refused(&world, "changes --since 'revision 7'"), (4, "value/invalid".to_owned()));
    let by_person = world.run("changes --since 6 --group person --json").ok().json();
    assert_eq!(
        (&by_person["groups"][0]["about"], &by_person["groups"][1]["about"]),
        (&"Ada".into(), &"Bo".into())
    );
    let told = world.run("changes --since 6").ok().out;
    assert!(
        told.starts_with("Changes since event 6\n\n4 events: 1 started, 1 claimed; by Ada, Bo\n"),
        "{told}"
    );
    assert!(told.contains("\nT-1   Build the importer  ready  claimed, unproven\n"), "{told}");
    let later = world.run_at("2031-05-03T09:00:00Z", "changes --json").ok().json();
    assert_eq!(later["moves"]["events"], 0, "{later}");
}

#[test]
fn an_earlier_state_is_shown_as_it_was() {
    let world = world();
    let then = world.run("state --at 7 --json").ok().json();
    assert_eq!((&then["as_of"], &then["latest"]), (&7.into(), &8.into()), "{then}");
    assert_eq!(then["board"]["summary"]["active"], 1, "{then}");
    assert_eq!(refused(&world, "state --at 99"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "state --at 0"), (4, "value/invalid".to_owned()));
}

#[test]
fn revisions_and_what_each_changed() {
    let world = World::adopt("T-1: Build it | check: make test");
    world.revise("Bo", "T-1: Build it well\nT-2: Measure it");
    let rows = world.run("revisions --json").ok().json();
    assert_eq!(rows["revisions"].as_array().map(Vec::len), Some(2), "{rows}");
    assert_eq!(rows["revisions"][1]["by"]["name"], "Bo", "{rows}");
    let diff = world.run("diff").ok();
    for part in ["Build it well", "Measure it", "weakening"] {
        assert!(diff.out.contains(part), "`{part}` is missing: {}", diff.shown());
    }
    assert_eq!(world.run("diff --json").ok().json()["weakenings"], 1);
    for line in ["diff 1", "diff 1..2", "diff 1..", "diff 1 2", "diff --from 1 --to 2", "diff"] {
        assert_eq!(world.run(&format!("{line} --json")).ok().json()["weakenings"], 1, "{line}");
    }
    assert!(world.run("diff 2").ok().out.starts_with("nothing differs from revision 2\n"));
    assert_eq!(refused(&world, "diff 7"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "diff --from 7"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "diff 1 --from 1"), (2, "usage/invalid".to_owned()));
    assert_eq!(refused(&world, "diff NONE.md"), (3, "file/not-found".to_owned()));
}

#[test]
fn changed_documents_are_compared_without_taking_them_in() {
    let desk =
        Desk::new().file("PLAN.md", "# Plan\n\n| Task ID | Description |\n|---|---|\n| T-1 | Build it |\n");
    desk.run("adopt PLAN.md").ok();
    desk.write("PLAN.md", "# Plan\n\n| Task ID | Description |\n|---|---|\n| T-1 | Build it well |\n");
    let diff = desk.run("diff PLAN.md").ok();
    assert!(diff.out.contains("Build it well"), "{}", diff.shown());
    assert_eq!(desk.run("revisions --json").ok().json()["revisions"].as_array().map(Vec::len), Some(1));
    desk.write("OTHER.md", "# Other\n");
    let other = desk.run("diff OTHER.md");
    assert_eq!((other.exit, other.code().as_deref()), (3, Some("plan/not-found")), "{}", other.shown());
}

#[test]
fn looking_makes_no_store_and_changes_nothing() {
    let desk = Desk::new();
    for verb in [
        "list",
        "show T-1",
        "ready",
        "why T-1",
        "due",
        "stale",
        "critical",
        "log",
        "changes --since 1",
        "state --at 1",
        "revisions",
        "diff",
        "waivers",
        "gate list",
        "risk list",
    ] {
        let came = desk.run(verb);
        assert_eq!(
            (came.exit, came.code().as_deref()),
            (3, Some("store/not-found")),
            "{verb}: {}",
            came.shown()
        );
    }
    assert!(!desk.has(".countersign"));
    let world = world();
    let events = world.events();
    for verb in
        ["list", "show T-1", "log", "changes --since 1", "state --at 2", "revisions", "diff", "dashboard"]
    {
        world.run(verb).ok();
    }
    assert_eq!(world.events(), events);
}
