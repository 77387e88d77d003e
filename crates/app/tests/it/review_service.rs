//! The review queue over HTTP.

use serde_json::{Value, json};

use crate::service::{Answer, Service};
use crate::world::World;

const PLAN: &str = "T-1: Build it | approval: security\nT-2: Ship it";

/// Claims a task that asks for an approval, and gives the id of its ticket.
fn asked() -> (World, Service, String) {
    let world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "--as Ada");
    world.run("claim T-1 --as Ada").ok();
    let listed = service.get("/api/v1/reviews?status=open").ok().json();
    let id = listed["reviews"][0]["ticket_id"].as_str().expect("a ticket").to_owned();
    (world, service, id)
}

fn by(service: &Service, who: &str, method: &str, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    service.ask(method, &format!("/api/v1/reviews/{path}"), &[("Countersign-Actor", who)], &body)
}

#[test]
fn a_ticket_is_assigned_noted_and_resolved() {
    let (world, service, id) = asked();
    let bo =
        |method: &str, path: &str, body: Value| by(&service, "Bo", method, &format!("{id}{path}"), &body);
    let row = bo("POST", "/assign", json!({})).ok().json();
    assert_eq!((&row["status"], &row["assigned_to"]), (&json!("in_review"), &json!("Bo")));
    assert_eq!(bo("PATCH", "/unassign", Value::Null).ok().json()["status"], "open");
    let row = bo("POST", "/assign", json!({"reviewer_id": "Cleo"})).ok().json();
    assert_eq!(row["assigned_to"], "Cleo");
    let row = bo("POST", "/notes", json!({"content": "seen"})).ok().json();
    assert_eq!((&row["notes"][0]["author"], &row["notes"][0]["content"]), (&json!("Bo"), &json!("seen")));
    let own = service.post(&format!("/api/v1/reviews/{id}/resolve"), &json!({"status": "resolved"}));
    assert_eq!((own.status, own.json()["code"].as_str()), (403, Some("approval/self")), "{}", own.body);
    let row = bo("POST", "/resolve", json!({"status": "resolved", "summary": "it is safe"})).ok().json();
    assert_eq!((&row["status"], &row["resolution"]), (&json!("resolved"), &json!("it is safe")));
    assert_eq!(row["closed_by"]["unauthenticated"], true);
    assert_eq!(world.run("gate show T-1 --json").ok().json()["gate"]["state"], "open");
    let late = bo("POST", "/assign", json!({}));
    assert_eq!((late.status, late.json()["code"].as_str()), (409, Some("review/closed")), "{}", late.body);
    assert_eq!(bo("PATCH", "/unassign", Value::Null).status, 409);
    bo("POST", "/notes", json!({"content": "still fine"})).ok();
    let shown = service.get(&format!("/api/v1/reviews/{id}")).ok().json();
    assert_eq!(shown, world.run("review show T-1 --json").ok().json());
    let metrics = service.get("/api/v1/reviews/metrics").ok().json();
    assert_eq!(metrics["velocity"]["per_reviewer"], json!({"Bo": 1}), "{metrics}");
}

#[test]
fn what_cannot_be_is_refused_with_its_status() {
    let (_world, service, id) = asked();
    let nowhere = "tkt_0000000000000000000000000z";
    for (method, path, body) in [
        ("GET", nowhere.to_owned(), Value::Null),
        ("GET", "T-1".to_owned(), Value::Null),
        ("POST", format!("{nowhere}/assign"), json!({})),
        ("POST", format!("{nowhere}/notes"), json!({"content": "seen"})),
        ("PATCH", format!("{nowhere}/unassign"), Value::Null),
        ("POST", format!("{nowhere}/resolve"), json!({"status": "resolved"})),
    ] {
        let answer = by(&service, "Bo", method, &path, &body);
        let problem = answer.json();
        assert_eq!((answer.status, &problem["detail"]), (404, &json!("Review ticket not found")), "{path}");
    }
    for (path, body, status) in [
        ("notes", json!({"content": " \n"}), 400),
        ("notes", json!({}), 422),
        ("resolve", json!({"status": "open"}), 400),
        ("resolve", json!({"status": "in_review"}), 400),
        ("resolve", json!({"state": "resolved"}), 422),
        ("assign", json!({"reviewer_id": " "}), 422),
    ] {
        let answer = by(&service, "Bo", "POST", &format!("{id}/{path}"), &body);
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.body);
        assert!(answer.json()["context"]["field"].is_string() || status == 422, "{}", answer.body);
    }
    assert_eq!(service.get("/api/v1/reviews?status=done").status, 422);
    assert_eq!(service.get("/api/v1/reviews?plan=other").status, 404);
    let agent = by(&service, "agent:smith", "POST", &format!("{id}/resolve"), &json!({"status": "resolved"}));
    assert_eq!(agent.status, 403, "{}", agent.body);
    assert_eq!(service.get(&format!("/api/v1/reviews/{id}")).ok().json()["status"], "open");
}

#[test]
fn answers_have_exactly_the_described_fields() {
    let (_world, service, id) = asked();
    by(&service, "Bo", "POST", &format!("{id}/notes"), &json!({"content": "seen"})).ok();
    by(&service, "Bo", "POST", &format!("{id}/resolve"), &json!({"status": "dismissed"})).ok();
    let described = service.get("/api/v1/openapi.json").ok().json();
    let schemas = &described["components"]["schemas"];
    let ticket = service.get(&format!("/api/v1/reviews/{id}")).ok().json();
    same_fields(schemas, "ReviewTicket", &ticket);
    same_fields(schemas, "ReviewNumbers", &service.get("/api/v1/reviews/metrics").ok().json());
}

/// Whether an answer has the fields its schema names, and those of what it refers to.
#[track_caller]
fn same_fields(schemas: &Value, name: &str, answer: &Value) {
    let schema = &schemas[name];
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        names.retain(|name| name != "session");
        names.sort();
        names
    };
    assert_eq!(names(&schema["properties"]), names(answer), "{name}");
    for (field, described) in schema["properties"].as_object().expect("fields") {
        let item = answer[field].get(0).unwrap_or(&answer[field]);
        let text = described.to_string();
        let refers = text.split("#/components/schemas/").nth(1).and_then(|rest| rest.split('"').next());
        if let Some(refers) = refers.filter(|_| item.is_object()) {
            same_fields(schemas, refers, item);
        }
    }
}
