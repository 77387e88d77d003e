//! Changes over HTTP that the command line has verbs for: fields, rebaselines, evidence, checks, waived
//! needs, reserved paths; who may ask for them, and how they say no.

use serde_json::{Value, json};

use crate::harness::Desk;
use crate::service::{Answer, Service};
use crate::world::World;

const TASK: &str = "/api/v1/plans/plan/tasks/7.3";
const PLAN: &str = "7.3: Quality\n7.4: Ship | needs: 7.3";

fn does(service: &Service, method: &str, path: &str, body: &Value) -> Answer {
    service.ask(method, path, &[], &body.to_string())
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    let told = answer.json();
    assert_eq!((answer.status, told["code"].as_str()), (status, Some(code)), "{}", answer.body);
}

#[track_caller]
fn bad(answer: &Answer, field: &str) {
    let told = answer.json();
    assert_eq!((answer.status, &told["context"]["field"]), (422, &json!(field)), "{}", answer.body);
}

#[test]
fn fields_are_set_together_or_not_at_all() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "--as Ada");
    let set = |body: Value| does(&service, "PATCH", TASK, &body);
    let body = json!({ "status": "in progress", "percent": 37.5, "owner": "Bo, Cy", "estimate_days": 2.5 });
    let done = set(body).ok().json();
    assert_eq!(done["events"].as_array().map(Vec::len), Some(1), "{done}");
    let shown = world.run("show 7.3 --json").ok().json();
    assert_eq!(shown["task"]["percent"], json!(37.5), "{shown}");
    for told in ["in progress", "Bo", "Cy", "2.5"] {
        assert!(shown.to_string().contains(told), "{told}: {shown}");
    }
    set(json!({ "clear": ["percent"] })).ok();
    assert_eq!(world.run("show 7.3 --json").ok().json()["task"]["percent"], Value::Null);

    let before = world.events();
    bad(&set(json!({ "percent": 140, "owner": "Di" })), "percent");
    bad(&set(json!({ "status": "done" })), "status");
    bad(&set(json!({ "status": "purple" })), "status");
    bad(&set(json!({ "estimate_days": -1 })), "estimate_days");
    bad(&set(json!({ "extra": { "colour": "red" } })), "colour");
    bad(&set(json!({ "percent": 5, "clear": ["percent"] })), "clear");
    bad(&set(json!({ "colour": "red" })), "colour");
    bad(&set(json!({ "percent": "much" })), "percent");
    bad(&set(json!({})), "status");
    assert_eq!(does(&service, "PATCH", "/api/v1/plans/plan/tasks/9.9", &json!({ "percent": 1 })).status, 404);
    assert_eq!(world.events(), before, "what is refused changes nothing");
}

#[test]
fn a_rebaseline_needs_its_reason_and_is_listed() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "--as Ada");
    let path = format!("{TASK}/rebaseline");
    let ask = |body: Value| does(&service, "POST", &path, &body);
    let done = ask(json!({ "due": "2031-06-01", "reason": "the host is late" })).ok().json();
    assert!(done["events"].to_string().contains("rebaselined"), "{done}");
    let listed = service.get("/api/v1/plans/plan/rebaselines").ok().json();
    assert_eq!(listed, world.run("rebaseline list --json").ok().json());
    assert!(listed.to_string().contains("the host is late"), "{listed}");
    bad(&ask(json!({ "due": "2031-06-02", "reason": " " })), "reason");
    bad(&ask(json!({ "reason": "why not" })), "due");
    bad(&ask(json!({ "due": "2031-06-02", "window": "June", "reason": "both" })), "due");
    bad(&ask(json!({ "estimate_days": -2, "reason": "faster" })), "estimate_days");
    bad(&ask(json!({ "due": "2031-06-02" })), "reason");
    let role = json!({ "role": "owner" });
    let late = does(&service, "POST", &format!("{path}/approvals"), &role);
    assert!(matches!(late.status, 200 | 409), "{}", late.body);
    bad(&does(&service, "POST", &format!("{path}/approvals"), &json!({})), "role");
}

#[test]
fn a_person_attaches_a_file_larger_than_any_other_body() {
    let world = World::adopt("T-1: Build it | attachment: report.txt");
    let service = Service::start(&world.desk, "--as Ada");
    let path = "/api/v1/plans/plan/tasks/T-1/attachments/report.txt";
    let raw = ("Content-Type", "application/octet-stream");
    let large = "all is well\n".repeat(500_000);
    let done = service.ask("PUT", path, &[raw], &large).ok().json();
    let event = &done["events"][0];
    assert!(event["text"].as_str().is_some_and(|text| text.contains("attached `report.txt`")), "{done}");
    assert!(event["event"].to_string().contains(&format!("\"size\":{}", large.len())), "{done}");
    let agent = ("Countersign-Actor", "agent:coder");
    refused(&service.ask("PUT", path, &[raw, agent], "x"), 403, "policy/denied");
    assert_eq!(service.ask("PUT", &path.replace("T-1", "T-9"), &[raw], "x").status, 404);
    refused(
        &service.ask("PUT", "/api/v1/plans/plan/tasks/T-1/attachments/%20", &[raw], "x"),
        422,
        "value/invalid",
    );
}

#[test]
fn paths_are_set_aside_and_a_need_is_waived() {
    let world = World::adopt("setting solo: yes\n7.3: Quality\n7.4: Ship | needs: 7.3\n7.5: Paint");
    let service = Service::start(&world.desk, "--as Ada");
    let reserve =
        |task: &str, body: Value| does(&service, "POST", &format!("/api/v1/plans/plan/tasks/{task}"), &body);
    reserve("7.3", json!({ "do": "reserve", "paths": ["src/**"] })).ok();
    reserve("7.5", json!({ "do": "reserve", "paths": ["src/a.rs"] })).ok();
    bad(&reserve("7.5", json!({ "do": "reserve", "shared": true })), "paths");
    let take = |task: &str| {
        let who = format!("agent:of-{task}");
        let path = format!("/api/v1/plans/plan/tasks/{task}");
        service.ask("POST", &path, &[("Countersign-Actor", &who)], &json!({ "do": "take" }).to_string())
    };
    take("7.3").ok();
    refused(&take("7.5"), 409, "path/reserved");

    refused(&reserve("7.4", json!({ "do": "start" })), 409, "dependency/unmet");
    let waive = |body: Value| does(&service, "POST", "/api/v1/plans/plan/waivers", &body);
    let until = "2031-05-08T00:00:00Z";
    let asked =
        json!({ "subject": "7.4", "need": "7.3", "reason": "in parallel", "until": until, "approve": true });
    waive(asked).ok();
    reserve("7.4", json!({ "do": "start" })).ok();
    let both = json!({ "subject": "7.4", "need": "7.3", "check": "x", "reason": "r", "until": until });
    bad(&waive(both), "need");
    bad(&waive(json!({ "subject": "7.5", "need": "7.3", "reason": "r", "until": until })), "need");
}

/// A folder with a document whose task has a check that holds once `done` is there.
fn with_document() -> Desk {
    let desk = Desk::new();
    let plan = "# Plan\n\n## Tasks\n\n| ID | Task | Prereqs | Verify |\n|----|------|---------|--------|\n\
        | T-1 | Build it | None | `test -f done` |\n";
    desk.write("PLAN.md", plan);
    desk.run("adopt PLAN.md --as Ada").ok();
    desk
}

#[test]
fn checks_run_where_the_service_has_the_documents_and_a_person_trusted_them() {
    let desk = with_document();
    let service = Service::start(&desk, "--as Ada --limit tasks=off");
    let verify = |rest: &str, headers: &[(&str, &str)]| {
        service.ask("POST", &format!("/api/v1/plans/plan/{rest}verify"), headers, "")
    };
    refused(&verify("tasks/T-1/", &[]), 403, "trust/required");
    refused(&verify("", &[]), 403, "trust/required");
    desk.run("trust PLAN.md --yes --as Ada").ok();
    let shut = verify("tasks/T-1/", &[]);
    refused(&shut, 409, "gate/shut");
    let told = verify("", &[]).ok().json();
    assert_eq!((&told["verdict"]["verdict"], &told["tasks"]), (&json!("NOT COMPLETE"), &json!([])), "{told}");
    desk.write("done", "yes");
    let done = verify("tasks/T-1/", &[]).ok().json();
    assert_eq!(done["tasks"], json!([{ "key": "T-1", "standing": "verified" }]), "{done}");
    assert!(done["run"].as_u64().is_some_and(|run| run > 0), "{done}");
    assert_eq!(done["verdict"]["verdict"], "VERIFIED", "{done}");
    refused(&verify("", &[("If-Match", "\"1\"")]), 412, "plan/moved");
    assert_eq!(verify("tasks/T-9/", &[]).status, 404);
}

#[test]
fn a_service_without_the_documents_takes_nobody_at_their_word() {
    let world = World::adopt("T-1: Build it | check: test -f done");
    let service = Service::start(&world.desk, "--as Ada");
    refused(
        &does(&service, "POST", "/api/v1/plans/plan/tasks/T-1/verify", &Value::Null),
        409,
        "file/not-found",
    );
    assert_eq!(service.get("/api/v1/plans/plan/tasks/T-1").ok().json()["task"]["state"], "open");
}

#[test]
fn an_observer_changes_nothing_and_somebody_unknown_is_nobody() {
    let world = World::adopt(PLAN);
    let made = world.run("token create Olga --role observer --subject person:Olga --as Ada").ok();
    let service = Service::start(&world.desk, "--auth required");
    let before = world.events();
    let bearer = format!("Bearer {}", made.out.trim());
    for (method, path) in [
        ("PATCH", TASK.to_owned()),
        ("POST", format!("{TASK}/rebaseline")),
        ("POST", format!("{TASK}/rebaseline/approvals")),
        ("PUT", format!("{TASK}/attachments/report.txt")),
        ("POST", format!("{TASK}/verify")),
        ("POST", "/api/v1/plans/plan/verify".to_owned()),
    ] {
        refused(&service.ask(method, &path, &[], "{}"), 401, "auth/required");
        let no = service.ask(method, &path, &[("Authorization", &bearer)], "{}");
        refused(&no, 403, "auth/scope");
    }
    let seen = service.ask("GET", "/api/v1/plans/plan/rebaselines", &[("Authorization", &bearer)], "");
    seen.ok();
    assert_eq!(world.events(), before);
}

#[test]
fn lists_that_can_grow_come_in_pages() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "--as Ada");
    for name in ["ant", "bee", "cat"] {
        does(&service, "PUT", &format!("/api/v1/agents/{name}"), &json!({})).ok();
        does(&service, "POST", "/api/v1/sessions", &json!({ "session": name })).ok();
        world.run(&format!("review request 'is {name} ready?' --as Ada")).ok();
    }
    let walk = |path: &str, list: &str, name: &str| {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = service.get(&format!("{path}limit=2&after={after}")).ok().json();
            let rows = page[list].as_array().expect("a list").clone();
            assert!((1..=2).contains(&rows.len()), "{page}");
            found.extend(rows.iter().map(|row| row[name].as_str().expect("a name").to_owned()));
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => return found,
            }
        }
    };
    assert_eq!(walk("/api/v1/agents?", "agents", "id"), ["ant", "bee", "cat"]);
    // Where the page before ended stays known, although that session is over by now.
    let first = service.get("/api/v1/sessions?limit=1").ok().json();
    assert_eq!((&first["sessions"][0]["id"], &first["next"]), (&json!("ant"), &json!("ant")));
    does(&service, "POST", "/api/v1/sessions/ant/end", &json!({})).ok();
    assert_eq!(walk("/api/v1/sessions?", "sessions", "id"), ["bee", "cat"]);
    assert_eq!(service.get("/api/v1/sessions?after=ant").ok().json()["sessions"][0]["id"], "bee");
    let tickets = walk("/api/v1/reviews?status=open&", "reviews", "ticket_id");
    let whole = service.get("/api/v1/reviews").ok().json();
    let all: Vec<&str> = whole["reviews"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["ticket_id"].as_str())
        .collect();
    assert_eq!((tickets.len(), whole["next"].is_null()), (3, true), "{whole}");
    assert_eq!(tickets, all);
    for path in ["agents", "sessions", "reviews"] {
        bad(&service.get(&format!("/api/v1/{path}?after=nobody")), "after");
        bad(&service.get(&format!("/api/v1/{path}?limit=0")), "limit");
    }
}
