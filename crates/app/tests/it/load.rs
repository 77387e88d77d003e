//! The load smoke that users are given, run for a moment: it says what came of it, and its thresholds
//! are what decides.

use std::process::{Command, Output};

use crate::service::Service;
use crate::world::World;

fn smoke(service: &Service, settings: &[(&str, &str)]) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/load/smoke.sh");
    let mut command = Command::new("sh");
    command.arg(script).env("BASE_URL", service.url("")).envs([
        ("USERS", "4"),
        ("DURATION", "1s"),
        ("PLAN", "plan"),
    ]);
    command.envs(settings.iter().copied()).output().expect("there is a shell")
}

#[test]
fn the_load_smoke_is_judged_by_its_thresholds() {
    let world = World::adopt("1.1: Write");
    let service = Service::start(&world.desk, "");
    let generous = [("P95_MS", "60000"), ("AVERAGE_MS", "60000"), ("FAILURES", "0.5")];
    let passed = smoke(&service, &generous);
    let told = String::from_utf8_lossy(&passed.stdout).into_owned();
    if passed.status.code() == Some(3) {
        eprintln!("SKIPPED: {}", String::from_utf8_lossy(&passed.stderr).trim());
        return;
    }
    assert!(passed.status.success(), "{told}");
    let figures: serde_json::Value =
        serde_json::from_str(told.lines().next().unwrap_or_default()).expect("one line of JSON");
    assert_eq!(figures["failed"], 0, "{told}");
    assert!(figures["requests"].as_u64() > Some(4), "{told}");

    let strict = smoke(&service, &[("P95_MS", "0"), ("AVERAGE_MS", "60000")]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&strict.stdout).contains("p95: "));

    let refused = smoke(&service, &[("P95_MS", "60000"), ("AVERAGE_MS", "60000"), ("PLAN", "nowhere")]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("failures: "));
}
