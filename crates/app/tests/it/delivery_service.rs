//! How the work gets out, over HTTP and by the webhooks of a forge.

use ring::hmac;
use serde_json::{Value, json};

use crate::service::{Answer, Service};
use crate::world::{NOW, World};

const PLAN: &str = "T-1: Build it | ci: build on main x2\nT-2: Ship it";
const SECRET: &str = "a secret that both sides know";

fn started() -> (World, Service) {
    let mut world = World::adopt(PLAN);
    world.desk.set("COUNTERSIGN_GITHUB_SECRET", SECRET);
    // Everybody else has to show who they are.
    world.run("token create board --role observer --as Ada").ok();
    let service = Service::start(&world.desk, "--auth required");
    (world, service)
}

fn signature(secret: &str, body: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

fn tell(service: &Service, kind: &str, delivery: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let headers = [
        ("X-GitHub-Event", kind),
        ("X-GitHub-Delivery", delivery),
        ("X-Hub-Signature-256", &*signature(SECRET, &body)),
    ];
    service.ask("POST", "/api/v1/plans/plan/webhooks/github", &headers, &body)
}

fn workflow_run(id: u64, conclusion: &str) -> Value {
    json!({
        "action": "completed",
        "workflow_run": {
            "id": id,
            "name": "build",
            "head_branch": "main",
            "head_sha": format!("{id:040}"),
            "run_attempt": 1,
            "conclusion": conclusion,
            "created_at": "2031-05-01T08:00:00Z",
            "run_started_at": "2031-05-01T08:00:20Z",
            "updated_at": format!("2031-05-01T08:{:02}:20Z", 10 + id),
            "html_url": "https://forge.example/runs/1",
        },
    })
}

#[test]
fn runs_that_the_forge_tells_open_the_gate() {
    let (world, service) = started();
    let first = tell(&service, "workflow_run", "d-1", &workflow_run(1, "success")).ok().json();
    assert_eq!(first, json!({"recorded": ["ci_run_recorded"], "repeated": false}));
    assert_eq!(world.run("gate show T-1 --json").ok().json()["gate"]["state"], "shut");
    let again = tell(&service, "workflow_run", "d-1", &workflow_run(1, "success")).ok().json();
    assert_eq!(again, json!({"recorded": [], "repeated": true}));
    // The same run, told by another delivery, is still one run.
    tell(&service, "workflow_run", "d-2", &workflow_run(1, "success")).ok();
    assert_eq!(world.run("gate show T-1 --json").ok().json()["gate"]["state"], "shut");
    tell(&service, "workflow_run", "d-3", &workflow_run(2, "success")).ok();
    assert_eq!(world.run("gate show T-1 --json").ok().json()["gate"]["state"], "open");
    let shown = world.run("ci show --json").ok().json();
    let row = &shown["workflows"][0];
    assert_eq!((&row["runs_total"], &row["green_in_a_row"]), (&json!(2), &json!(2)), "{row}");
    assert_eq!((&row["queue_seconds"], &row["last"]["seconds"]), (&json!(20.0), &json!(720.0)), "{row}");
    assert_eq!(row["last"]["by"]["kind"], "system", "{row}");
}

#[test]
fn what_is_not_signed_with_the_secret_is_not_taken() {
    let (world, service) = started();
    let before = world.events();
    let body = workflow_run(1, "success").to_string();
    let path = "/api/v1/plans/plan/webhooks/github";
    for signature in [None, Some(signature("another secret, as long", &body)), Some("sha256=00".to_owned())] {
        let mut headers = vec![("X-GitHub-Event", "workflow_run"), ("X-GitHub-Delivery", "d-1")];
        headers.extend(signature.as_deref().map(|signature| ("X-Hub-Signature-256", signature)));
        let answer = service.ask("POST", path, &headers, &body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("auth/invalid")));
    }
    assert_eq!(tell(&service, "workflow_run", "", &workflow_run(1, "success")).status, 422);
    assert_eq!(tell(&service, "workflow_run", "d-2", &json!({"action": "completed"})).status, 422);
    let elsewhere = tell(&service, "workflow_run", "d-3", &workflow_run(1, "odd"));
    assert_eq!((elsewhere.status, &elsewhere.json()["context"]["field"]), (422, &json!("conclusion")));
    assert_eq!(world.events(), before);
    let mut weak = World::adopt(PLAN);
    weak.desk.set("COUNTERSIGN_GITHUB_SECRET", "short");
    let came = weak.run("serve --listen 127.0.0.1:0");
    assert_eq!(came.code().as_deref(), Some("config/invalid"), "{}", came.shown());
    // Without a secret nothing is taken, whatever it is signed with.
    let bare = World::adopt(PLAN);
    let service = Service::start(&bare.desk, "");
    assert_eq!(tell(&service, "workflow_run", "d-1", &workflow_run(1, "success")).status, 401);
}

#[test]
fn checks_pull_requests_and_deployments_are_taken_in() {
    let (world, service) = started();
    let check = json!({
        "action": "completed",
        "check_run": {
            "id": 9, "name": "lint", "conclusion": "failure", "head_sha": "0".repeat(40),
            "started_at": "2031-05-01T08:00:00Z", "completed_at": "2031-05-01T08:01:30Z",
            "check_suite": {"head_branch": "main"},
        },
    });
    tell(&service, "check_run", "d-1", &check).ok();
    let pull = json!({
        "action": "closed",
        "pull_request": {
            "number": 12, "title": "T-2: ship it", "merged": true,
            "merge_commit_sha": "3f9c2e1d5a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d",
            "html_url": "https://forge.example/pull/12", "head": {"ref": "ship"},
        },
    });
    assert_eq!(tell(&service, "pull_request", "d-2", &pull).ok().json()["recorded"], json!(["note_added"]));
    let deployed = json!({
        "deployment_status": {"state": "success", "created_at": "2031-05-01T08:30:00Z", "target_url": ""},
        "deployment": {"id": 7, "environment": "production", "sha": "0".repeat(40), "created_at": "2031-05-01T07:00:00Z"},
    });
    tell(&service, "deployment_status", "d-3", &deployed).ok();
    let ping = tell(&service, "ping", "d-4", &json!({"zen": "quiet"})).ok().json();
    assert_eq!(ping, json!({"recorded": [], "repeated": false}));
    let notes = world.run("show T-2 --json").ok().json()["notes"].to_string();
    assert!(notes.contains("pull request 12 `T-2: ship it` was merged as 3f9c2e1d5a7b"), "{notes}");
    let lint = world.run("ci show --json").ok().json()["workflows"][0].clone();
    assert_eq!((&lint["workflow"], &lint["last"]["seconds"]), (&json!("lint"), &json!(90.0)));
    let figures = world.run("delivery show --json").ok().json()["last_30d"].clone();
    assert_eq!(figures["mean_time_to_deploy_seconds"], json!(5400.0), "{figures}");
}

#[test]
fn programs_tell_of_runs_deployments_and_incidents() {
    let mut world = World::adopt(PLAN);
    let service = Service::start(&world.desk, "--as Ada");
    let post = |path: &str, body: Value| service.post(&format!("/api/v1/plans/plan/{path}"), &body);
    post("ci", json!({"workflow": "build", "result": "success", "seconds": 841})).ok();
    post("deployments", json!({"environment": "production", "result": "rolled_back"})).ok();
    post("incidents", json!({"text": "no orders", "since": "2031-05-01T08:00:00Z"})).ok();
    post("incidents/INC-1/end", json!({"outcome": "restarted"})).ok();
    for (path, body, status) in [
        ("ci", json!({"workflow": "build", "result": "fine", "seconds": 1}), 422),
        ("ci", json!({"workflow": "build", "result": "success"}), 422),
        ("ci", json!({"workflow": "build", "result": "success", "seconds": -1}), 422),
        ("deployments", json!({"environment": "", "result": "failed"}), 422),
        ("incidents", json!({"text": ""}), 422),
        ("incidents/INC-9/end", json!({}), 404),
    ] {
        let answer = post(path, body);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let actions = world.run("action list --json").ok().json().to_string();
    assert!(actions.contains("action/ci-duration-build"), "{actions}");
    let delivery = service.get("/api/v1/plans/plan/delivery").ok().json();
    let figures = &delivery["last_30d"];
    assert_eq!(figures["mean_time_to_restore_seconds"], json!(3600.0), "{figures}");
    assert_eq!((&figures["failed"], &figures["deployed"]), (&json!(1), &json!(0)));
    assert_eq!(delivery, world.run_at(NOW, "delivery show --json").ok().json());
    assert_eq!(service.get("/api/v1/plans/plan/ci").ok().json(), world.run("ci show --json").ok().json());
    let metrics = service.get("/metrics").ok().body;
    for sample in [
        "countersign_ci_run_seconds_count{workflow=\"build\"} 1",
        "countersign_ci_run_seconds_bucket{workflow=\"build\",le=\"840\"} 0",
        "countersign_ci_run_total{workflow=\"build\",result=\"success\"} 1",
        "countersign_rollback_total 1",
        "countersign_incidents_open 0",
    ] {
        assert!(metrics.contains(sample), "{sample} is missing");
    }
}
