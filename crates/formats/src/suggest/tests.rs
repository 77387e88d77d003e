use model::diagnostic::Span;
use model::draft::{Draft, DraftCriterion, DraftPhase, DraftTask, TaskKind};
use model::ids::Key;
use model::settings::Settings;
use thin_vec::ThinVec;

use super::{sidecar, suggestions};

fn criterion(text: &str, line: u32) -> DraftCriterion {
    DraftCriterion {
        text: text.to_owned(),
        checked: None,
        target: None,
        line,
        checks: ThinVec::new(),
        span: Span::default(),
        mark: None,
    }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// What is proposed for a criterion, as checks print.
fn check(text: &str, expected: &[&str]) {
    let mut task = DraftTask::new(key("7.3"), TaskKind::Task, "Tidy", 3, Span::default());
    task.criteria.push(criterion(text, 4));
    let draft = Draft { tasks: vec![task], ..Draft::default() };
    let proposed = suggestions(&draft);
    let shown: Vec<String> = proposed.iter().map(|one| format!("{} {}", one.check.name, one.check)).collect();
    assert_eq!(shown, expected, "{text}");
    // Whatever is proposed reads back as it was meant.
    let (read, faults) = crate::sidecar::read(&sidecar(&proposed, "PLAN.md"), Settings::default());
    assert_eq!(faults, [], "{}", sidecar(&proposed, "PLAN.md"));
    let back: Vec<String> =
        read.checks.iter().map(|(_, check)| format!("{} {}", check.spec.name, check.spec)).collect();
    assert_eq!(back, shown);
    assert!(read.checks.iter().all(|(key, check)| key.as_str() == "7.3" && check.text == text));
}

#[test]
fn commands_become_checks() {
    check("`cargo test --workspace` passes", &["cargo-test check: `cargo test --workspace`"]);
    check(
        "`npm run test:ci` and `npx tsc -b` are green",
        &["npm-run check: `npm run test:ci`", "npx-tsc check: `npx tsc -b`"],
    );
    check("`make` works", &["make check: `make`"]);
    check("`./smoke.sh` passes twice: `./smoke.sh`", &["smoke-sh check: `./smoke.sh`"]);
    check("`RUST_LOG=debug cargo bench x` is quiet", &["cargo-bench check: `RUST_LOG=debug cargo bench x`"]);
}

#[test]
fn what_changes_the_world_is_no_check() {
    for text in [
        "`cargo publish` has run",
        "`npm install` done",
        "`git push` to `main`",
        "`cargo` is there",
        "no `unwrap()` is left",
        "`cargo run <name>` works",
        "the `make_plan` function",
        "all tests pass",
        "",
    ] {
        check(text, &[]);
    }
}

#[test]
fn numbers_become_metrics() {
    check("Fewer than 20 clippy warnings", &["clippy_warnings metric: clippy_warnings < 20"]);
    check("Test coverage is ≥ 80% on changed code", &["test_coverage metric: test_coverage >= 80 %"]);
    check("**Coverage:** at least 80 %", &["coverage metric: coverage >= 80 %"]);
    check(
        "Mean time to deploy under 30 minutes",
        &["mean_time_deploy metric: mean_time_deploy < 30 minutes"],
    );
    check(
        "Zero critical vulnerabilities",
        &["critical_vulnerabilities metric: critical_vulnerabilities = 0"],
    );
    check("No more than 3 retries are needed", &["retries metric: retries <= 3"]);
    check("<5% flake rate", &["flake_rate metric: flake_rate < 5 %"]);
    for prose in ["Move to version > 2.x soon", "under way", "more than enough", "< 20", "a < b"] {
        check(prose, &[]);
    }
}

#[test]
fn a_command_beside_a_number_is_offered_for_the_reading() {
    let mut draft = Draft::default();
    draft.criteria.push(criterion("`./count.sh` reports fewer than 20 warnings", 9));
    let proposed = suggestions(&draft);
    assert_eq!(proposed[0].key.as_str(), "plan");
    let text = sidecar(&proposed, "PLAN.md");
    assert!(text.contains("# command = \"./count.sh\""), "{text}");
    let accepted = text.replace("# command", "command");
    let (read, faults) = crate::sidecar::read(&accepted, Settings::default());
    assert_eq!(faults, []);
    assert_eq!(read.checks[0].1.spec.to_string(), "metric: warnings < 20 from `./count.sh`");
}

#[test]
fn files_become_file_probes() {
    check("`docs/handover.md` is written", &["handover file: `docs/handover.md`"]);
    check("`CHANGELOG.md` mentions `2.0.0`", &["changelog file: `CHANGELOG.md` contains `2.0.0`"]);
    check("Docs in `a/x.md` and `b/x.md`", &["x file: `a/x.md`", "x-2 file: `b/x.md`"]);
    for prose in
        ["the `main` branch", "`https://example.org/a.md`", "`../up.md`", "`/etc/a.conf`", "`docs/*.md`"]
    {
        check(prose, &[]);
    }
}

#[test]
fn only_what_nothing_proves_is_looked_at_in_the_order_of_the_document() {
    let mut proven = criterion("`make a` passes", 5);
    let spec = crate::probe::one("check: `true`").unwrap();
    proven.checks.push(model::draft::DraftCheck { spec, line: 5, span: Span::default() });
    let mut task = DraftTask::new(key("T-1"), TaskKind::Task, "`make t` as a title", 4, Span::default());
    task.criteria.push(proven);
    task.criteria.push(criterion("`make b` passes", 6));
    let item =
        DraftTask::new(key("checklist/green"), TaskKind::Item, "`make i` is green", 20, Span::default());
    let phase = DraftPhase {
        key: key("Phase A"),
        title: "Start".to_owned(),
        window: None,
        entrance: vec![criterion("`make e` passes", 10)],
        exit: vec![criterion("`make \"x\\y\"` passes\twell", 11)],
        tasks: Vec::new(),
        line: 9,
        span: Span::default(),
        task_spans: Vec::new(),
    };
    let draft = Draft {
        tasks: vec![task, item],
        phases: vec![phase],
        criteria: vec![criterion("`make p` passes", 2)],
        ..Draft::default()
    };
    let proposed = suggestions(&draft);
    let shown: Vec<String> = proposed.iter().map(|one| format!("{} {}", one.key, one.check)).collect();
    assert_eq!(
        shown,
        [
            "plan check: `make p`",
            "T-1 check: `make b`",
            "Phase A check: `make \"x\\y\"`",
            "checklist/green check: `make i`",
        ]
    );
    let text = sidecar(&proposed, "a\nb.md");
    assert_eq!(text, sidecar(&suggestions(&draft), "a\nb.md"), "the same document, the same proposal");
    let (read, faults) = crate::sidecar::read(&text, Settings::default());
    assert_eq!((read.checks.len(), faults), (4, vec![]), "{text}");
    assert_eq!(read.checks[2].1.text, "`make \"x\\y\"` passes\twell");
}

#[test]
fn a_document_that_names_nothing_gets_a_sidecar_that_says_so() {
    let text = sidecar(&suggestions(&Draft::default()), "PLAN.md");
    assert!(text.contains("No criterion names"), "{text}");
    assert_eq!(crate::sidecar::read(&text, Settings::default()).1, []);
}
