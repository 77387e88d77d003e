//! What the service does over HTTP besides plans, tasks and reviews: registers, agents, what is shared,
//! reports; and what it says to what it does not know.

use serde_json::{Value, json};

use crate::service::{Answer, Service};
use crate::world::World;

const API: &str = "/api/v1";

struct Api {
    service: Service,
    _world: World,
}

impl Api {
    fn over(sketch: &str) -> Self {
        let world = World::adopt(sketch);
        Self { service: Service::start(&world.desk, "--as Ada"), _world: world }
    }

    fn get(&self, path: &str) -> Value {
        self.service.get(&format!("{API}{path}")).ok().json()
    }

    fn does(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.service.ask(method, &format!("{API}{path}"), &[], &body)
    }

    #[track_caller]
    fn done(&self, method: &str, path: &str, body: &Value) -> String {
        let receipt = self.does(method, path, body).ok().json();
        receipt["events"][0]["text"].as_str().unwrap_or("nothing").to_owned()
    }
}

#[test]
fn registers_are_read_and_written() {
    let api = Api::over("7.3: Sweep");
    let on = |rest: &str| format!("/plans/plan/{rest}");
    let risk = json!({ "title": "Rain", "key": "R-1", "impact": "High", "tasks": ["7.3"] });
    api.done("POST", &on("risks"), &risk);
    api.done("POST", &on("risks/r-1"), &json!({ "probability": "Low" }));
    let risks = api.get(&on("risks"));
    assert_eq!(risks["risks"][0]["probability"], "Low");
    assert_eq!(risks["risks"][0]["tasks"][0]["key"], "7.3");
    api.done("POST", &on("decisions"), &json!({ "text": "we sweep by hand", "due": "2031-06-01" }));
    assert_eq!(api.get(&on("decisions"))["decisions"][0]["entry"]["text"], "we sweep by hand");
    api.done("POST", &on("escalations"), &json!({ "text": "no broom", "task": "7.3", "key": "E-1" }));
    api.done("POST", &on("escalations/E-1"), &json!({ "outcome": "bought one" }));
    assert_eq!(api.get(&on("escalations"))["escalations"][0]["outcome"], "bought one");
    api.done("POST", &on("assumptions"), &json!({ "text": "the floor is dry" }));
    let assumed = api.get(&on("assumptions"))["assumptions"][0]["id"].as_str().expect("an id").to_owned();
    api.done("POST", &on(&format!("assumptions/{assumed}")), &json!({ "holds": false }));
    assert_eq!(api.get(&on("assumptions"))["assumptions"][0]["holds"], false);
    api.done("POST", &on("actions"), &json!({ "title": "buy a broom", "key": "A-1", "owner": "Bo" }));
    assert_eq!(api.get(&on("tasks?text=broom"))["tasks"][0]["owner"], "Bo");
    api.done("POST", &on("metrics/dust"), &json!({ "value": 9.5, "unit": "g", "baseline": true }));
    api.done("PUT", &on("metrics/dust"), &json!({ "target": "< 2" }));
    api.done("POST", &on("metrics/dust"), &json!({ "value": 1.5, "source": "scale" }));
    let metric = &api.get(&on("metrics"))["metrics"][0];
    assert_eq!((&metric["baseline"]["value"], &metric["met"]), (&json!(9.5), &json!(true)));

    let nobody = api.does("POST", &on("risks/R-9"), &json!({}));
    assert_eq!(nobody.status, 404, "{}", nobody.body);
    let mute = api.does("POST", &on("risks"), &json!({ "impact": "High" }));
    assert_eq!((mute.status, &mute.json()["context"]["field"]), (422, &json!("title")));
}

#[test]
fn agents_sessions_and_leases_are_read_and_written() {
    let api = Api::over("7.3: Sweep");
    api.done("PUT", "/agents/smith", &json!({ "roles": ["sweeper"] }));
    api.done("POST", "/sessions", &json!({ "session": "crew", "max_agents": 2 }));
    api.done("POST", "/sessions/crew/agents", &json!({ "agent": "smith", "role": "sweeper" }));
    assert_eq!(api.get("/sessions/crew")["agents"][0]["agent"], "smith");
    assert_eq!(api.get("/agents")["agents"][0]["roles"], json!(["sweeper"]));
    let as_smith = [("countersign-actor", "agent:smith"), ("countersign-session", "crew")];
    let take = json!({ "do": "take", "ttl_seconds": 600 }).to_string();
    api.service.ask("POST", "/api/v1/plans/plan/tasks/7.3", &as_smith, &take).ok();
    assert_eq!(api.get("/plans/plan/leases")["leases"][0]["holder"]["name"], "smith");
    let ended = api.does("POST", "/sessions/crew/end", &json!({ "reason": "evening" })).ok().json();
    assert_eq!(ended["session"], "crew");
    assert_eq!(api.get("/plans/plan/leases")["leases"], json!([]));
    assert_eq!(api.get("/sessions")["sessions"], json!([]));
    assert_eq!(api.get("/sessions?all=true")["sessions"][0]["state"], "ended");
    assert_eq!(api.does("GET", "/sessions/nobody", &Value::Null).status, 404);
}

#[test]
fn memory_and_messages_are_shared() {
    let api = Api::over("7.3: Sweep");
    let put = |value: &str, expect: Option<u64>| {
        api.does("PUT", "/memory/floor%2Fstate", &json!({ "value": value, "expect": expect }))
    };
    put("dusty", Some(0)).ok();
    assert_eq!(put("wet", Some(0)).status, 409);
    put("clean", Some(1)).ok();
    let entry = api.get("/memory/floor%2Fstate");
    assert_eq!((&entry["value"], &entry["version"]), (&json!("clean"), &json!(2)));
    api.done("PUT", "/memory/floor%2Fwho", &json!({ "value": "smith" }));
    let page = api.get("/memory?prefix=floor/&limit=1");
    assert_eq!((&page["entries"][0]["key"], &page["next"]), (&json!("floor/state"), &json!("floor/state")));
    let rest = api.get("/memory?prefix=floor/&after=floor/state");
    assert_eq!((&rest["entries"][0]["key"], &rest["next"]), (&json!("floor/who"), &Value::Null));
    assert_eq!(api.get("/memory?search=smith")["entries"][0]["key"], "floor/who");
    api.does("DELETE", "/memory/floor%2Fstate?expect=2", &Value::Null).ok();
    assert_eq!(api.does("GET", "/memory/floor%2Fstate", &Value::Null).status, 404);
    assert!(api.get("/memory/floor%2Fstate/history").to_string().contains("dusty"));

    api.done("POST", "/messages", &json!({ "to": "person:Bo", "text": "the floor is yours" }));
    assert_eq!(api.get("/messages")["messages"], json!([]));
    let as_bo = [("countersign-actor", "Bo")];
    let inbox = || api.service.ask("GET", "/api/v1/messages", &as_bo, "").ok().json();
    let number = inbox()["messages"][0]["number"].clone();
    let seen = json!({ "numbers": [number] }).to_string();
    api.service.ask("POST", "/api/v1/messages/acknowledge", &as_bo, &seen).ok();
    assert_eq!(inbox()["messages"], json!([]));
    let nobody = api.does("POST", "/messages", &json!({ "to": "Bo", "text": "?" }));
    assert_eq!((nobody.status, &nobody.json()["context"]["field"]), (422, &json!("to")));
}

#[test]
fn reports_come_as_data_markdown_and_html() {
    let api = Api::over("7.3: Sweep");
    let names = api.get("/reports").to_string();
    assert!(names.contains("completion") && names.contains("status"), "{names}");
    let at = |rest: &str| api.service.get(&format!("{API}/plans/plan/reports/{rest}"));
    assert!(at("status").ok().json().is_object());
    let written = at("completion?format=md").ok();
    assert!(written.header("content-type").is_some_and(|kind| kind.starts_with("text/markdown")));
    assert!(
        at("completion?format=html").ok().body.contains("<!doctype html>")
            || at("completion?format=html").body.contains("<!DOCTYPE html>")
    );
    assert_eq!(at("nothing").status, 404);
    let late = at("status?at=999");
    assert_eq!((late.status, &late.json()["context"]["field"]), (422, &json!("at")));
}

#[test]
fn what_nobody_asked_for_in_an_address_is_named() {
    let api = Api::over("7.3: Sweep");
    let asked = |path: &str| api.does("GET", path, &Value::Null);
    for (path, field, hint) in [
        ("/plans?stat=open", "stat", "nothing may stand behind the `?` here"),
        ("/reviews?staus=open", "staus", "did you mean `status`?"),
        ("/plans/plan/log?limit=many", "limit", ""),
        ("/plans/plan/log?after=-1", "after", ""),
    ] {
        let no = asked(path);
        assert_eq!(no.status, 422, "{path}: {}", no.body);
        let told = no.json();
        assert_eq!(told["context"]["field"], field, "{path}: {told}");
        assert!(told["hint"].as_str().unwrap_or_default().contains(hint), "{told}");
    }
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(5 * 1024 * 1024));
    let refused = api.service.ask("POST", "/api/v1/plans/plan/decisions", &[], &large);
    assert_eq!(refused.status, 413, "{}", refused.body);
}
