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
            "1:1: check `x` of `A` is of kind `chek`; there are `check`, `metric`, `file`, `tasks`, `approval`, `attachment`, `ci`, `consecutive`",
            "3:1: check `y` of `A` lacks a `command`",
            "7:10: `target` of check `z` of `A` is `soon`, not a target like `\"< 20\"` or `\">= 80 %\"`",
            "11:11: `timeout` of check `w` of `A` is `-3`, not a length of time like `\"10m\"`",
            "12:1: check `w` of `A` has no `comand` (did you mean `command`?)",
        ],
    );
}

#[test]
fn every_field_of_an_agent() {
    let sidecar = check(
        r#"
[agents.reviewer]
command = ["sh", "agents/it's.sh", ""]
roles = ["reviewer", "security"]
concurrency = 4
timeout = "10m"
worktree = false
environment = ["MODEL_KEY"]
stream = ["--output-format", "stream-json"]
retries = 0
back_off = "5s"
fallback = ["generalist"]
budget = { tokens = 200000, money = 2.5, time = "1h" }

[agents.generalist]
command = "cat >brief.md && ./work.sh"
"#,
        &[],
    );
    let [reviewer, generalist] = &sidecar.agents[..] else { panic!("two agents") };
    assert_eq!(reviewer.command.shown(), r"sh 'agents/it'\''s.sh' ''");
    assert_eq!(
        reviewer.commands(),
        [r"sh 'agents/it'\''s.sh' '' --output-format stream-json", r"sh 'agents/it'\''s.sh' ''"]
    );
    assert_eq!((reviewer.concurrency, reviewer.timeout_seconds, reviewer.retries), (4, 600, 0));
    assert_eq!((reviewer.worktree, reviewer.back_off_seconds), (false, 5));
    assert_eq!(reviewer.stream, Streaming::With(vec!["--output-format".into(), "stream-json".into()]));
    assert_eq!(reviewer.environment, ["MODEL_KEY"]);
    assert_eq!(reviewer.fallback[0], generalist.name);
    let budget =
        model::lease::Budget { tokens: Some(200_000), money_micros: Some(2_500_000), seconds: Some(3600) };
    assert_eq!(reviewer.budget, budget);
    assert_eq!(generalist.command, AgentCommand::Shell("cat >brief.md && ./work.sh".into()));
    assert_eq!(generalist.command.shown(), "cat >brief.md && ./work.sh");
    assert_eq!((generalist.concurrency, generalist.timeout_seconds, generalist.retries), (1, 1800, 2));
    assert!(
        generalist.worktree
            && generalist.stream == Streaming::Off
            && generalist.budget == model::lease::Budget::default()
    );
}

#[test]
fn what_is_wrong_with_an_agent_is_told_with_its_place() {
    check(
        "[agents.a]\ncommand = \"x\"\nstream = [\"-v\"]\n",
        &[
            "3:10: `stream` of agent `a` adds arguments, and its command is text for a shell (write the command as a list: a program and its arguments)",
        ],
    );
    check(
        "[agents.a]\nroles = [\"x\"]\n[agents.b]\ncommand = []\n[agents.c]\ncommand = \" \"\n[agents]\nd = 3\n",
        &[
            "1:1: agent `a` lacks a `command`",
            "4:11: `command` of agent `b` is `[]`, not a command in quotes, or a list like `[\"sh\", \"agent.sh\"]`",
            "6:11: `command` of agent `c` is ` `, not a command in quotes, or a list like `[\"sh\", \"agent.sh\"]`",
            "8:5: agent `d` is `3`, not a table",
        ],
    );
    check(
        "[agents.a]\ncommand = \"x\"\nconcurrency = 0\nretries = -1\ntimeout = \"soon\"\nstream = \"yes\"\nrole = [\"x\"]\nbudget = { tokens = -1, money = \"much\", tome = 1 }\n",
        &[
            "3:15: `concurrency` of agent `a` is `0`, not a whole number from 1 to 256",
            "5:11: `timeout` of agent `a` is `soon`, not a length of time like `\"10m\"`",
            "6:10: `stream` of agent `a` is `yes`, not `true`, `false` or the arguments that make it print as it works",
            "4:11: `retries` of agent `a` is `-1`, not a whole number from 0",
            "8:21: `tokens` of the budget of agent `a` is `-1`, not a whole number from 0",
            "8:33: `money` of the budget of agent `a` is `much`, not an amount like `20.0`",
            "8:41: the budget of agent `a` has no `tome` (did you mean `time`?)",
            "7:1: agent `a` has no `role` (did you mean `roles`?)",
        ],
    );
}

#[test]
fn agents_fall_back_to_others_and_never_in_a_circle() {
    check(
        "[agents.writer]\ncommand = \"x\"\nfallback = [\"writr\", \"nobody\"]\n",
        &[
            "3:12: `fallback` of agent `writer` names `writr`, which is no agent (did you mean `writer`?)",
            "3:12: `fallback` of agent `writer` names `nobody`, which is no agent (write a table `[agents.nobody]` with its `command`)",
        ],
    );
    check(
        "[agents.a]\ncommand = \"x\"\nfallback = [\"d\", \"b\"]\n[agents.b]\ncommand = \"x\"\nfallback = [\"c\"]\n\
         [agents.c]\ncommand = \"x\"\nfallback = [\"a\"]\n[agents.d]\ncommand = \"x\"\nfallback = [\"d\"]\n",
        &[
            "3:12: agents fall back in a circle: `a` → `b` → `c` → `a` (let the last of them have no `fallback`)",
            "12:12: agents fall back in a circle: `d` → `d` (let the last of them have no `fallback`)",
        ],
    );
    // One that is broken in itself is told of once.
    check(
        "[agents.a]\ncommand = \"x\"\nfallback = [\"b\"]\n[agents.b]\nroles = [\"r\"]\n",
        &["4:1: agent `b` lacks a `command`"],
    );
}
