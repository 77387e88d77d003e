use model::check::Probe;
use model::settings::{Settings, Trust};

use super::*;

fn check(text: &str, expected: &[&str]) -> Sidecar {
    let (sidecar, found) = read(text, Settings::default());
    let lines = crate::diagnostics::Lines::new(text);
    let told: Vec<String> = found
        .iter()
        .map(|d| {
            let at = lines.position(d.span.start);
            let help = d.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{}:{}: {}{help}", at.line, at.column, d.message)
        })
        .collect();
    assert_eq!(told, expected, "{text}");
    sidecar
}

#[test]
fn every_setting() {
    let sidecar = check(
        r#"
[settings]
trust = "document"
identity = "proven"
solo = true
weakening = "record"
waiver_limit_days = 14
rebaseline = ["owner", "programme manager"]
marks = true
archived = true
never_waivable = ["pentest"]
calendar = { days = ["mon", "Tuesday"], holidays = [2031-12-25, "2031-12-26"] }

[settings.roles]
security = ["Ada", "Grace"]
"#,
        &[],
    );
    let settings = sidecar.settings;
    assert_eq!((settings.trust, settings.waiver_limit_days), (Trust::Document, 14));
    assert!(settings.solo && settings.marks && settings.archived && settings.never_waives("pentest"));
    assert_eq!((settings.calendar.days.len(), settings.calendar.holidays.len()), (2, 2));
    assert!(settings.has_role("Ada", "security") && !settings.has_role("Eve", "security"));
    assert_eq!(settings.rebaseline, ["owner", "programme manager"]);
}

#[test]
fn every_kind_of_probe() {
    let sidecar = check(
        r#"
[checks."7.3".clippy]
kind = "metric"
name = "clippy_warnings"
target = "< 20"
command = "./count-warnings.sh"
timeout = "10m"

[checks."7.3"]
tests = { kind = "check", command = "cargo test", text = "All tests pass" }
notes = { kind = "file", path = "NOTES.md", contains = "2.0" }
rest = { kind = "tasks", of = ["7.1", "7.2"] }
seen = { kind = "attachment", name = "the board" }

[gates.deploy]
needs = ["7.3"]
environment = "production"
never_waivable = ["signed"]
checks.signed = { kind = "approval", role = "release owner", quorum = 2 }
"#,
        &[],
    );
    let shown: Vec<String> = sidecar
        .checks
        .iter()
        .map(|(key, check)| format!("{key} {}: {}", check.spec.name, check.spec))
        .collect();
    assert_eq!(
        shown,
        [
            "7.3 clippy: metric: clippy_warnings < 20 from `./count-warnings.sh`",
            "7.3 tests: check: `cargo test`",
            "7.3 notes: file: `NOTES.md` contains `2.0`",
            "7.3 rest: tasks: 7.1, 7.2",
            "7.3 seen: attachment: the board",
        ]
    );
    assert_eq!(sidecar.checks[0].1.spec.timeout_seconds, 600);
    assert_eq!(sidecar.checks[1].1.text, "All tests pass");
    let gate = &sidecar.gates[0];
    assert_eq!((gate.name.as_str(), gate.environment.as_deref()), ("deploy", Some("production")));
    assert!(matches!(gate.gate.checks[0].spec.probe, Probe::Approval { quorum: 2, .. }));
    assert!(sidecar.settings.never_waives("signed"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    check("[settings\n", &["1:10: unclosed table, expected `]`"]);
    check("[settngs]\nsolo = true\n", &["1:2: the file has no `settngs` (did you mean `settings`?)"]);
    check(
        "[settings]\nsolo = \"yes\"\nwaiver_limit_days = 0\ntrust = \"blind\"\nidentty = \"proven\"\n",
        &[
            "4:9: `trust` of `[settings]` is `blind`, not `\"verified\"` or `\"document\"`",
            "2:8: `solo` of `[settings]` is `yes`, not `true` or `false`",
            "3:21: `waiver_limit_days` of `[settings]` is `0`, not a whole number from 1",
            "5:1: `[settings]` has no `identty` (did you mean `identity`?)",
        ],
    );
    check(
        "[checks.A.x]\nkind = \"chek\"\n[checks.A.y]\nkind = \"check\"\n[checks.A.z]\nkind = \"metric\"\ntarget = \"soon\"\n[checks.A.w]\nkind = \"check\"\ncommand = \"x\"\ntimeout = \"-3\"\ncomand = 1\n",
        &[
            "1:1: check `x` of `A` is of kind `chek`; there are `check`, `metric`, `file`, `tasks`, `approval`, `attachment`",
            "3:1: check `y` of `A` lacks a `command`",
            "7:10: `target` of check `z` of `A` is `soon`, not a target like `\"< 20\"` or `\">= 80 %\"`",
            "11:11: `timeout` of check `w` of `A` is `-3`, not a length of time like `\"10m\"`",
            "12:1: check `w` of `A` has no `comand` (did you mean `command`?)",
        ],
    );
}
