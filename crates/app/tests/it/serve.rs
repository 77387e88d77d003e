//! `serve`: the same answers as the command line, over HTTP.

use serde_json::json;

use crate::service::{Answer, Service};
use crate::world::World;

const PLAN: &str = "7.3: Quality\n7.4: Ship | needs: 7.3";

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.json()["code"].as_str(), answer.header("content-type")),
        (status, Some(code), Some("application/problem+json")),
        "{}",
        answer.body
    );
}

#[test]
fn answers_are_what_json_prints() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "");
    for (path, line) in [
        ("/api/v1/plans", "list --all-plans --json"),
        ("/api/v1/plans/plan/tasks", "list --json"),
        ("/api/v1/plans/plan/tasks?state=ready", "list --state ready --json"),
        ("/api/v1/plans/plan/tasks/7.4", "show 7.4 --json"),
        ("/api/v1/plans/plan/tasks/7.4/why", "why 7.4 --json"),
        ("/api/v1/plans/plan/gates", "gate list --json"),
        ("/api/v1/plans/plan/waivers", "waivers --json"),
    ] {
        assert_eq!(service.get(path).ok().json(), world.run(line).ok().json(), "{path}");
    }
}

#[test]
fn what_is_done_over_http_goes_through_the_same_door() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "--as Ada");
    let early = service.post("/api/v1/plans/plan/tasks/7.4", &json!({ "do": "claim" }));
    refused(&early, 409, "dependency/unmet");
    assert!(world.run("log --refused").ok().out.contains("dependency/unmet"));
    let claimed = service.post("/api/v1/plans/plan/tasks/7.3", &json!({ "do": "claim" })).ok();
    assert_eq!(claimed.json()["events"][0]["text"], "claimed `7.3`", "{}", claimed.body);
    let shown = world.run("show 7.3 --json").ok().json();
    assert_eq!(shown["task"]["state"], "claimed", "{shown}");
    assert_eq!(shown["since"]["by"]["name"], "Ada", "{shown}");
    // What another process does is seen at once.
    world.run("claim 7.4 --as Bo").ok();
    assert_eq!(service.get("/api/v1/plans/plan/tasks/7.4").ok().json()["task"]["state"], "claimed");
}

#[test]
fn a_request_is_carried_out_once_and_only_on_what_was_seen() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "");
    let seen = service.get("/api/v1/plans/plan").ok();
    let tag = seen.header("etag").expect("a plan has one").to_owned();
    let note = |headers: &[(&str, &str)]| {
        service.ask("POST", "/api/v1/plans/plan/tasks/7.3", headers, r#"{"do":"note","text":"wet paint"}"#)
    };
    let first = note(&[("If-Match", &tag), ("Idempotency-Key", "one")]).ok().json();
    let again = note(&[("If-Match", &tag), ("Idempotency-Key", "one")]).ok().json();
    assert_eq!((&first["seq"], &again["repeated"]), (&again["seq"], &json!(true)), "{again}");
    // What another sender calls by the same name is another request.
    let other = note(&[("Countersign-Actor", "Bo"), ("Idempotency-Key", "one")]).ok().json();
    assert_eq!(other["repeated"], json!(false), "{other}");
    refused(&note(&[("If-Match", &tag)]), 412, "plan/moved");
    refused(&note(&[("If-Match", "12")]), 422, "value/invalid");
    refused(&note(&[("Countersign-Fence", "9223372036854775808")]), 422, "value/invalid");
    assert_eq!(world.run("show 7.3 --json").ok().json()["notes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn bad_requests_name_the_field_and_change_nothing() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "");
    let before = world.events();
    for (body, field) in [
        (r#"{"do":"vanish"}"#, "vanish"),
        (r#"{"do":"note"}"#, "text"),
        (r#"{"do":"note","text":5}"#, ""),
        ("{", ""),
    ] {
        let answer = service.ask("POST", "/api/v1/plans/plan/tasks/7.3", &[], body);
        refused(&answer, 422, "value/invalid");
        assert!(answer.body.contains(field), "{}", answer.body);
    }
    refused(&service.get("/api/v1/plans/other"), 404, "plan/not-found");
    refused(&service.get("/api/v1/plans/plan/tasks/9.9"), 404, "task/not-found");
    refused(&service.get("/api/v1/plans/plan/tasks?state=done-ish"), 422, "value/invalid");
    refused(&service.get("/api/v1/plans/plan/tasks?colour=red"), 422, "value/invalid");
    refused(&service.get("/api/v1/plans/plan/log?limit=0"), 422, "value/invalid");
    refused(&service.get("/nowhere"), 404, "route/not-found");
    refused(&service.ask("DELETE", "/api/v1/plans", &[], ""), 405, "usage/invalid");
    let large = format!(r#"{{"do":"note","text":"{}"}}"#, "x".repeat(5 * 1024 * 1024));
    refused(&service.ask("POST", "/api/v1/plans/plan/tasks/7.3", &[], &large), 413, "value/invalid");
    assert_eq!(world.events(), before);
}

#[test]
fn history_comes_in_pages() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "");
    let mut seqs = Vec::new();
    let mut next = Some(0);
    while let Some(after) = next {
        let page = service.get(&format!("/api/v1/plans/plan/log?limit=2&after={after}")).ok().json();
        seqs.extend(
            page["entries"].as_array().expect("a list").iter().map(|entry| entry["seq"].as_u64().unwrap()),
        );
        next = page["next"].as_u64();
    }
    assert_eq!(seqs, (1..=world.events()).collect::<Vec<_>>());
}

#[test]
fn a_service_listens_to_its_own_machine_and_ends_when_asked() {
    let world = World::adopt(PLAN);
    let open = world.run("serve --listen 0.0.0.0:0");
    assert_eq!((open.exit, open.code().as_deref()), (2, Some("usage/invalid")), "{}", open.shown());
    let mut service = Service::start(&world.desk, "");
    assert_eq!(service.get("/healthz").ok().json()["status"], "ok");
    assert_eq!(service.get("/readyz").ok().json()["status"], "ok");
    let process = service.process();
    let ended = std::process::Command::new("kill").arg(process.id().to_string()).status().expect("kill runs");
    assert!(ended.success());
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
    // What it leaves is a store like any other.
    world.run("audit verify").ok();
}

#[test]
fn the_description_is_the_one_that_is_committed() {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "");
    let served = service.get("/api/v1/openapi.json").ok().json();
    let kept = include_str!("../../../../docs/reference/openapi.json");
    let kept: serde_json::Value = serde_json::from_str(kept).expect("JSON");
    assert!(served == kept, "the description has changed: run `cargo xtask gen`");
    assert_eq!(served["openapi"], "3.1.0");
    let page = service.get("/api/v1/docs").ok();
    assert!(page.body.contains("/api/v1/plans/{plan}/tasks/{key}"), "{}", page.body);
}
