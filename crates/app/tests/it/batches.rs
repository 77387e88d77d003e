//! `update` of a plan that lives in an `execution-plan.json`: what is written, and what is refused.

use std::os::unix::fs::PermissionsExt as _;

use crate::harness::{Came, Desk, expect};
use crate::tracker::{PLAN, desk};

const FILE: &str = "execution-plan.json";

/// The first line of what was refused, with the exit status.
fn refusal(came: &Came) -> String {
    format!("{} {}", came.exit, came.err.lines().next().unwrap_or_default())
}

#[test]
fn only_the_values_that_change_are_written() {
    let desk = desk();
    expect(
        &desk.run("update quay-2 progress=60.25 owner=rae 'notes=a=b | ü'").shown(),
        "exit 0\n--- out\nUpdated quay-2\n",
    );
    let wanted = PLAN.replace("\"progress\": 33.5,", "\"progress\": 60.25,").replace(
        "\"owner\": \"jon\",\n      \"notes\": \"\"",
        "\"owner\": \"rae\",\n      \"notes\": \"a=b | ü\"",
    );
    expect(&desk.read(FILE), &wanted);
    expect(&desk.run("update quay-3 targetDate='Week 6' blockers=quay-1").ok().out, "Updated quay-3\n");
    let wanted = wanted.replace("\"Week 5–6\"", "\"Week 6\"").replace(
        "        \"the permit\",\n        \"quay-2\",\n        \"quay-1\"\n",
        "        \"quay-1\"\n",
    );
    expect(&desk.read(FILE), &wanted);
    desk.run("update quay-3 status=in-progress").ok();
    desk.run("update quay-2 status=done").ok();
    let shown = desk.read(FILE);
    assert!(
        shown.contains("\"status\": \"done\",\n      \"progress\": 60.25"),
        "only what is named: {shown}"
    );
    for word in ["blocked", "queued", "blocked", "not-started"] {
        desk.run(&format!("update quay-5 status={word}")).ok();
        assert!(desk.read(FILE).contains(&format!(
            "\"name\": \"Ferry\",\n      \"priority\": \"P2\",\n      \"status\": \"{word}\""
        )));
    }
    assert!(desk.run("validate").ok().out.contains("Plan is valid"));
    let log = desk.run("log").ok().out;
    assert!(log.contains("changed `quay-2`: ") && log.contains("progress 60.25%"), "{log}");
    assert!(log.contains("let `quay-3` wait for `quay-1`"), "{log}");
}

#[test]
fn what_is_so_already_leaves_every_byte() {
    let desk = desk();
    for _ in 0..2 {
        desk.run("update quay-2 progress=33.5 status=in-progress owner=jon blockers=quay-1 notes=").ok();
        expect(&desk.read(FILE), PLAN);
    }
}

#[test]
fn wrong_values_are_refused_whole() {
    let desk = desk();
    let progress = "4 error[value/invalid]: Progress must be between 0 and 100";
    for value in ["abc", "101", "-1", "NaN", "50abc", "", "inf", "1e999", " 5", "100.01", "0x10"] {
        let came = desk.run(&format!("update quay-2 owner=rae 'progress={value}'"));
        expect(&refusal(&came), progress);
    }
    let status = "Allowed: not-started, queued, in-progress, blocked, done";
    for (line, wanted) in [
        (
            "update quay-2 status=finished",
            format!("4 error[value/invalid]: Invalid status 'finished'. {status}"),
        ),
        ("update quay-2 status=", format!("4 error[value/invalid]: Invalid status ''. {status}")),
        ("update quay-2 status=done=x", format!("4 error[value/invalid]: Invalid status 'done=x'. {status}")),
        ("update quay-2 ownr=rae", "4 error[value/invalid]: a batch has no field `ownr`".to_owned()),
        ("update quay-2 name=rae", "4 error[value/invalid]: a batch has no field `name`".to_owned()),
        (
            "update quay-2 blockers=quay-1,quay-9",
            "4 error[value/invalid]: Unknown blocker id: quay-9".to_owned(),
        ),
        ("update quay-9 progress=1", "3 error[task/not-found]: Unknown batch id: quay-9".to_owned()),
        ("update QUAY-2 progress=1", "3 error[task/not-found]: Unknown batch id: QUAY-2".to_owned()),
        (
            "update quay-2 progress",
            "2 error[usage/invalid]: `progress` is not of the form `field=value`".to_owned(),
        ),
    ] {
        expect(&refusal(&desk.run(line)), &wanted);
    }
    assert!(desk.run("update quay-2 ownr=rae").err.contains("did you mean `owner`?"));
    assert!(desk.run("update quay-2 progres=1").err.contains("did you mean `progress`?"));
    assert!(desk.run("update quay-2 status=don").err.contains("did you mean `done`?"));
    assert!(!desk.has(".countersign"), "what is refused from the file alone makes no store");
    let circle = desk.run("update quay-1 owner=rae blockers=quay-3");
    assert_eq!(circle.exit, 4, "{}", circle.shown());
    assert!(
        refusal(&circle).contains("dependency/cycle]: task `quay-1` would wait for itself"),
        "{}",
        circle.shown()
    );
    let itself = desk.run("update quay-1 blockers=quay-1");
    assert_eq!(itself.code().as_deref(), Some("dependency/cycle"));
    expect(&desk.read(FILE), PLAN);
}

#[test]
fn an_open_blocker_keeps_a_batch_from_beginning_and_ending() {
    let desk = desk();
    for line in [
        "update quay-4 status=in-progress progress=5",
        "update quay-4 owner=rae status=done",
        "update quay-3 status=in-progress",
    ] {
        let came = desk.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (7, Some("dependency/unmet")), "{}", came.shown());
        expect(&desk.read(FILE), PLAN);
    }
    desk.run("update quay-2 status=done progress=100").ok();
    let words = desk.run("update quay-3 status=in-progress");
    assert!(words.exit == 7 && words.err.contains("`the permit`"), "{}", words.shown());
    desk.run("update quay-3 'blockers=quay-1, quay-2' status=in-progress").ok();
    // The other direction: what was done is begun anew, and what was built on it is flagged.
    desk.run("update quay-2 status=queued progress=40").ok();
    let dashboard = desk.run("dashboard").ok().out;
    assert!(dashboard.contains("| Cranes \\| winches | P1 | ⚪ Queued | 40% |"), "{dashboard}");
    assert!(dashboard.contains("| Lights | P1 | 🟡 In Progress |"), "{dashboard}");
    let log = desk.run("log").ok().out;
    assert!(log.contains("reopened `quay-2`") && log.contains("flagged `quay-3`"), "{log}");
    let came = desk.run("update quay-3 status=done");
    assert_eq!(came.exit, 7, "ending waits as well: {}", came.shown());
}

#[test]
fn a_waiver_on_a_need_lets_a_batch_through_and_shows() {
    let desk = desk();
    desk.run("update quay-5 progress=1").ok();
    let asked =
        desk.run("waive quay-4 --check quay-2 --reason 'not needed yet' --until +2d --json").ok().json();
    let waiver =
        asked["events"][0]["event"]["waiver_requested"]["waiver"].as_str().unwrap_or_default().to_owned();
    assert_eq!(desk.run("update quay-4 status=in-progress").exit, 7, "asking is not granting");
    assert_eq!(desk.run(&format!("approve waiver {waiver}")).exit, 5, "who asked cannot grant");
    desk.run(&format!("approve waiver {waiver} --as mira")).ok();
    let came = desk.run("update quay-4 status=in-progress").ok();
    expect(&came.out, "Updated quay-4\n");
    assert!(came.err.contains("`quay-4` does not wait for `quay-2`: waived until"), "{}", came.shown());
    assert!(desk.run("waivers").ok().out.contains("needs quay-2"));
    assert!(
        desk.run("dashboard")
            .ok()
            .out
            .contains("| Tolls | P2 | 🟡 In Progress | 0% | Week 7–8 | quay-2 (waived) |")
    );
    assert!(desk.run("log").ok().out.contains("asked to let `quay-4` go ahead before `quay-2`"));
}

#[test]
fn the_file_keeps_its_style_and_its_place() {
    for (name, text) in [
        ("windows", PLAN.replace('\n', "\r\n")),
        ("four spaces", PLAN.replace("  ", "    ")),
        ("tabs", PLAN.replace("  ", "\t")),
        ("no final newline", PLAN.trim_end().to_owned()),
        ("one line", PLAN.lines().map(str::trim).collect::<Vec<_>>().join("")),
    ] {
        let desk = Desk::new().file("a b/plan.json", &text).with("EXECUTION_PLAN_PATH", "a b/plan.json");
        desk.run("update quay-2 progress=34").ok();
        assert_eq!(desk.read("a b/plan.json"), text.replace("33.5", "34"), "{name}");
        assert!(desk.has("a b/.countersign"), "outside git the store lies beside the plan");
    }
    let desk = Desk::new().file("p.json", PLAN);
    desk.run("session start s1").ok();
    desk.run("update quay-2 progress=34 --file p.json --agent smith --session s1").ok();
    assert_eq!(desk.read("p.json"), PLAN.replace("33.5", "34"));
    assert!(desk.run("log").ok().out.contains("smith (s1)"));
    desk.run("update quay-2 progress=35").ok();
    assert_eq!(desk.read("p.json"), PLAN.replace("33.5", "35"), "the store knows where its plan lives");
}

#[test]
fn a_file_that_cannot_be_changed_is_left_as_it_is() {
    let cut = PLAN[..PLAN.len() / 2].to_owned();
    let typed = PLAN.replace("\"blockers\": [\"quay-2\"]", "\"blockers\": \"quay-2\"");
    let twice = PLAN.replace("\"id\": \"quay-5\"", "\"id\": \"quay-4\"");
    let circle = PLAN.replace("\"blockers\": [],", "\"blockers\": [\"quay-2\"],");
    for text in [&cut, &typed, &twice, &circle] {
        let desk = Desk::new().file(FILE, text);
        let came = desk.run("update quay-2 progress=34");
        assert_eq!(came.exit, 4, "{}", came.shown());
        assert_eq!(&desk.read(FILE), text);
    }
    let desk = desk();
    let path = desk.path().join(FILE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).expect("the file is ours");
    let came = desk.run("update quay-2 progress=34");
    // Nothing is read-only to the superuser.
    if std::fs::File::options().append(true).open(&path).is_ok() {
        assert_eq!(came.exit, 0, "{}", came.shown());
        expect(&desk.read(FILE), &PLAN.replacen("\"progress\": 33.5", "\"progress\": 34", 1));
    } else {
        assert_eq!((came.exit, came.code().as_deref()), (8, Some("document/unwritable")), "{}", came.shown());
        expect(&desk.read(FILE), PLAN);
        assert!(!desk.has(".countersign"), "nothing is recorded either");
    }
    let folder = Desk::new().file("execution-plan.json/inside", "");
    assert_eq!(folder.run("update quay-2 progress=34").exit, 4);
    let none = Desk::new();
    let came = none.run("update quay-2 progress=34");
    let wanted = format!("3 error[file/not-found]: Plan file not found at {}/{FILE}", none.path().display());
    expect(&refusal(&came), &wanted);
}

#[test]
fn edits_by_hand_and_by_verb_live_together() {
    let desk = desk();
    desk.run("update quay-2 progress=40").ok();
    let by_hand = desk.read(FILE).replace("\"name\": \"Ferry\"", "\"name\": \"Night ferry\"");
    let by_hand = by_hand.replace("\"status\": \"in-progress\"", "\"status\": \"done\"");
    desk.write(FILE, &by_hand);
    desk.run("update quay-4 status=in-progress").ok();
    assert_eq!(desk.read(FILE), by_hand.replace("\"status\": \"blocked\"", "\"status\": \"in-progress\""));
    desk.write(
        FILE,
        desk.read(FILE).replace(
            "\"status\": \"done\",\n      \"progress\": 40",
            "\"status\": \"queued\",\n      \"progress\": 40",
        ),
    );
    desk.run("update quay-5 owner=bo").ok();
    assert_eq!(desk.run("update quay-3 status=done blockers=quay-2").exit, 7, "the file took quay-2 back");
}

#[test]
fn metrics_are_numbers_that_are_not_negative() {
    let desk = desk();
    expect(&desk.run("metrics coverage=81.5 CIPASSRATE=99 newOne=3").ok().out, "Metrics updated\n");
    let wanted = PLAN
        .replace("\"coverage\": 0", "\"coverage\": 81.5")
        .replace("97.5", "99")
        .replace("\"tides\": 2\n", "\"tides\": 2,\n    \"newOne\": 3\n");
    expect(&desk.read(FILE), &wanted);
    for value in ["abc", "-1", "NaN", "Infinity", "", "5 %", "1e999", "2=2"] {
        let came = desk.run(&format!("metrics tides=5 'coverage={value}'"));
        let refused = "4 error[value/invalid]: Metric 'coverage' must be a non-negative number";
        expect(&refusal(&came), refused);
    }
    assert_eq!(desk.run("metrics coverage").exit, 2);
    expect(&desk.read(FILE), &wanted);
    assert!(desk.run("weekly w --compat").ok().out.contains("- Test coverage: 81.5%\n"));
    let readings = desk.run("metric list --json").ok().json();
    assert!(readings["metrics"].to_string().contains("\"value\":81.5"), "{readings}");
}

#[test]
fn a_request_is_carried_out_once() {
    let desk = desk();
    desk.run("update quay-2 progress=40 owner=rae --request r-1").ok();
    desk.run("update quay-2 progress=50").ok();
    desk.run("update quay-2 progress=40 owner=rae --request r-1").ok();
    assert!(desk.read(FILE).contains("\"progress\": 50"));
}

#[test]
fn a_week_counts_from_history_once_there_is_one() {
    let desk = desk();
    desk.run("update quay-5 progress=1").ok();
    let before = desk.run("weekly w").ok().out;
    assert!(before.contains("- [ ] No batches completed\n"), "{before}");
    desk.run("update quay-2 status=done progress=100").ok();
    let after = desk.run("weekly w").ok().out;
    assert!(after.contains("### ✅ Completed This Week\n- [x] Cranes | winches (100%)\n"), "{after}");
    assert!(!after.contains("- [x] Piers"), "{after}");
}
