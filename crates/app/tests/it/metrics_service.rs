//! `/metrics`: what Prometheus reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use app::http::metrics::registry::{METRICS, PREFIX, PROCESS};
use serde_json::json;

use crate::harness::Came;
use crate::service::Service;
use crate::world::World;

const PLAN: &str = "T-1: Build it | approval: security\nT-2: Ship it";

/// Every sample of a scrape by its name with labels.
fn scrape(service: &Service) -> BTreeMap<String, f64> {
    let answer = service.get("/metrics").ok();
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let samples = answer.body.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
        (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line}")))
    };
    let all: Vec<(String, f64)> = samples.map(pair).collect();
    let by_name: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(by_name.len(), all.len(), "a sample stands there twice");
    by_name
}

fn started(plan: &str, options: &str) -> (World, Service) {
    let world = World::adopt(plan);
    let service = Service::start(&world.desk, options);
    (world, service)
}

fn refused(came: &Came) {
    assert_ne!(came.exit, 0, "{}", came.shown());
}

#[test]
fn what_happens_is_counted_and_counted_once() {
    let (world, service) = started(PLAN, "--as Ada");
    let before = scrape(&service);
    let get = |figures: &BTreeMap<String, f64>, name: &str| figures.get(name).copied();
    assert_eq!(get(&before, "countersign_review_tickets{status=\"open\"}"), Some(0.0));
    assert_eq!(get(&before, "countersign_tasks{state=\"open\"}"), Some(2.0));
    world.run("claim T-1 --as Ada").ok();
    world.run("claim T-2 --as Ada").ok();
    let after = scrape(&service);
    for (name, value) in [
        ("countersign_review_tickets{status=\"open\"}", 1.0),
        ("countersign_review_tickets{status=\"unassigned\"}", 1.0),
        ("countersign_tasks{state=\"claimed\"}", 2.0),
        ("countersign_events_total{kind=\"task_claimed\"}", 2.0),
        ("countersign_task_latency_seconds_count{entry_point=\"plan\",agent_count=\"0\"}", 1.0),
        ("countersign_plans", 1.0),
    ] {
        assert_eq!(get(&after, name), Some(value), "{name}");
    }
    let id = service.get("/api/v1/reviews").ok().json()["reviews"][0]["ticket_id"].clone();
    let id = id.as_str().expect("a ticket");
    let bo = [("Countersign-Actor", "Bo")];
    let done = json!({"status": "resolved"}).to_string();
    service.ask("POST", &format!("/api/v1/reviews/{id}/resolve"), &bo, &done).ok();
    refused(&world.run("start T-1 --agent smith --session s1"));
    let figures = scrape(&service);
    for (name, value) in [
        ("countersign_review_closed_total{reviewer=\"Bo\",outcome=\"resolved\"}", 1.0),
        ("countersign_review_tickets{status=\"resolved\"}", 1.0),
        ("countersign_gate_verdict_total{gate=\"task\",verdict=\"approved\"}", 1.0),
        ("countersign_review_ticket_oldest_age_seconds", 0.0),
        ("countersign_review_velocity_daily", 0.14),
    ] {
        assert_eq!(get(&figures, name), Some(value), "{name}");
    }
    assert!(figures.keys().any(|name| name.starts_with("countersign_refused_total{")), "{figures:?}");
    // Whoever counts from the beginning counts the same.
    let other = Service::start(&world.desk, "--as Ada");
    let anew = scrape(&other);
    for (name, value) in anew.iter().filter(|(name, _)| name.contains("_total{")) {
        assert_eq!(figures.get(name), Some(value), "{name}");
    }
}

#[test]
fn what_waits_grows_older_by_itself() {
    let desk = crate::harness::Desk::new().file("PLAN.md", "# P\n\n- [ ] T-1: Build it\n");
    desk.run("adopt PLAN.md --as Ada").ok();
    desk.run("escalate 'It is stuck' --task T-1 --as Ada").ok();
    let service = Service::start(&desk, "--as Ada");
    let oldest = || scrape(&service)["countersign_review_ticket_oldest_age_seconds"];
    let (first, position) = (oldest(), scrape(&service)["countersign_journal_position"]);
    assert!(oldest() > first);
    assert_eq!(scrape(&service)["countersign_journal_position"], position);
}

#[test]
fn names_are_those_of_the_registry_also_under_a_second_beginning() {
    let (_world, service) = started(PLAN, "--metrics-prefix acme_");
    let known: BTreeSet<String> = METRICS
        .iter()
        .flat_map(|metric| [format!("{PREFIX}_{}", metric.name), format!("acme_{}", metric.name)])
        .chain(PROCESS.iter().map(|metric| metric.name.to_owned()))
        .collect();
    let body = service.get("/metrics").ok().body;
    let told = body.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let told: BTreeSet<String> = told.map(str::to_owned).collect();
    assert!(told.is_subset(&known), "{:?}", told.difference(&known));
    let twins = told.iter().filter(|name| name.starts_with("acme_")).count();
    assert_eq!(twins, told.iter().filter(|name| name.starts_with("countersign_")).count());
    assert!(twins > 12, "{told:?}");
}

#[test]
fn prometheus_itself_has_nothing_to_say_against_it() {
    let (world, service) = started(PLAN, "");
    world.run("claim T-2 --as Ada").ok();
    let mut child = match Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            eprintln!("NOT checked: promtool (Debian package prometheus) cannot be run: {error}");
            return;
        }
    };
    let body = service.get("/metrics").ok().body;
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(body.as_bytes()).expect("promtool reads");
    drop(input);
    let output = child.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(said, "");
}

#[test]
fn whoever_has_to_show_who_they_are_needs_the_scope_for_reports() {
    let world = World::adopt(PLAN);
    let token = |scope: &str| {
        let made =
            world.run(&format!("token create {} --scope {scope} --as Ada --json", scope.replace(':', "-")));
        made.ok().json()["token"].as_str().expect("a token").to_owned()
    };
    let (reports, plans) = (token("reports:read"), token("plans:read"));
    let service = Service::start(&world.desk, "--auth required");
    let asked = |token: &str| {
        service.ask("GET", "/metrics", &[("Authorization", &format!("Bearer {token}"))], "").status
    };
    assert_eq!(service.get("/metrics").status, 401);
    assert_eq!((asked(&reports), asked(&plans)), (200, 403));
}

#[test]
fn the_alerts_fire_when_they_should() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/observability");
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]] {
        match Command::new("promtool").args(arguments).current_dir(folder).output() {
            Ok(output) => {
                let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
            }
            Err(error) => {
                eprintln!("NOT checked: promtool (Debian package prometheus) cannot be run: {error}");
            }
        }
    }
}
