//! Coding agents' settings as `hooks install` writes them, driven as those agents drive them: the
//! command that stands in the settings is run by a shell, with JSON on standard input.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::Desk;

const PLAN: &str = "\
# Ferry timetable

| Task ID | Title | Prereqs | Files | Verify |
| --- | --- | --- | --- | --- |
| F-1 | Write the timetable | None | `times/**` | check: `grep -q Sunday times/table.md` |
| F-2 | Print it | F-1 | `print/**` | file: `print/sheet.md` |
| F-3 | Paint the ferry | None | `ferry/**` | |
";

/// What a hook said.
struct Said {
    exit: i32,
    out: String,
    err: String,
}

/// A repository with a plan, and a coding agent's settings in it.
struct Project {
    desk: Desk,
    agent: &'static str,
    settings: &'static str,
}

impl Project {
    fn new(agent: &'static str, settings: &'static str) -> Self {
        let desk = Desk::new().file("PLAN.md", PLAN);
        desk.run("adopt PLAN.md --as Ada").ok();
        desk.run("trust PLAN.md --yes --as Ada").ok();
        let program = env!("CARGO_BIN_EXE_countersign");
        desk.run(&format!("hooks install --for {agent} --program '{program}'")).ok();
        Self { desk, agent, settings }
    }

    /// The command that the settings have for an event, and for which tools.
    fn hook(&self, event: &str) -> (String, Option<String>) {
        let settings: Value = serde_json::from_str(&self.desk.read(self.settings)).expect("it is JSON");
        let group = &settings["hooks"][event][0];
        let command = group["hooks"][0]["command"].as_str().expect("a command").to_owned();
        assert_eq!(group["hooks"][0]["type"], "command");
        (command, group["matcher"].as_str().map(str::to_owned))
    }

    /// Drives the hook of an event as the agent does.
    fn drive(&self, event: &str, more: Value) -> Said {
        let (command, _) = self.hook(event);
        let mut input = json!({
            "session_id": "0f3c-77",
            "transcript_path": "/tmp/none.jsonl",
            "cwd": self.desk.path(),
            "hook_event_name": event,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let mut child = std::process::Command::new("sh")
            .args(["-c", &command])
            .current_dir(self.desk.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.desk.path())
            .env("CLAUDE_ENV_FILE", self.desk.path().join("agent.env"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(input.to_string().as_bytes()).expect("the hook reads its input");
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Said { exit: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// A call by the agent, from a shell that has the variables it was given.
    fn calls(&self, line: &str) -> String {
        self.desk.run(&format!("{line} --agent {} --session 0f3c-77", self.agent)).ok().out
    }
}

fn said_to_model(said: &Said) -> String {
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out));
    told["hookSpecificOutput"]["additionalContext"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn its_stop_hook_lets_it_finish_once_its_checks_pass() {
    let project = Project::new("claude-code", ".claude/settings.json");
    let (_, matcher) = project.hook("PreToolUse");
    assert_eq!(matcher.as_deref(), Some("Write|Edit|MultiEdit|NotebookEdit|Bash"));
    assert!(project.desk.read("AGENTS.md").contains("countersign hooks post-task"));

    // It begins, and is told what there is to do and who it is.
    let began = project.drive("SessionStart", json!({ "source": "startup" }));
    assert_eq!(began.exit, 0, "{}", began.err);
    let told = said_to_model(&began);
    assert!(told.contains("F-1") && told.contains("F-3") && !told.contains("F-2"), "{told}");
    let variables = project.desk.read("agent.env");
    assert!(
        variables.contains("export COUNTERSIGN_AGENT='claude-code'\nexport COUNTERSIGN_SESSION='0f3c-77'\n"),
        "{variables}"
    );

    // Holding nothing, it may stop.
    assert_eq!(project.drive("Stop", json!({ "stop_hook_active": false })).exit, 0);

    // It takes a task, writes the wrong thing, and is not let go.
    project.calls("take F-1");
    let file = project.desk.path().join("times/table.md");
    let edit = json!({ "tool_name": "Write", "tool_input": { "file_path": file, "content": "Monday" } });
    assert_eq!(project.drive("PreToolUse", edit.clone()).exit, 0);
    project.desk.write("times/table.md", "Monday\n");
    assert_eq!(project.drive("PostToolUse", edit.clone()).exit, 0);
    assert!(project.desk.run("log").ok().out.contains("wrote times/table.md for `F-1`"));
    let kept = project.drive("Stop", json!({ "stop_hook_active": false }));
    assert_eq!(kept.exit, 2, "{}", kept.out);
    assert_eq!(kept.err.lines().count(), 1, "one line: {}", kept.err);
    assert!(kept.err.contains("task `F-1` is not done: exit status 1"), "{}", kept.err);

    // It says so itself, which changes nothing.
    project.calls("submit F-1 --summary done");
    let kept = project.drive("Stop", json!({ "stop_hook_active": true }));
    assert_eq!(kept.exit, 2, "{}", kept.out);

    // Then it mends it.
    project.desk.write("times/table.md", "Sunday\n");
    let free = project.drive("Stop", json!({ "stop_hook_active": true }));
    assert_eq!((free.exit, free.err.as_str()), (0, ""), "{}", free.out);
    assert_eq!(project.desk.run("wait F-1 --timeout 0s").ok().out, "F-1  verified\n");
    assert_eq!(project.drive("SessionEnd", json!({ "reason": "exit" })).exit, 0);
    assert_eq!(project.desk.run("session show 0f3c-77 --json").ok().json()["state"], "ended");
}

#[test]
fn it_is_not_kept_for_ever() {
    let project = Project::new("claude-code", ".claude/settings.json");
    project.drive("SessionStart", json!({}));
    project.calls("take F-1");
    project.desk.write("times/table.md", "Monday\n");
    let mut exits = Vec::new();
    for round in 0..7 {
        exits.push(project.drive("Stop", json!({ "stop_hook_active": round > 0 })).exit);
    }
    assert_eq!(exits, [2, 2, 2, 2, 2, 0, 0], "five times, then it is let go");
    assert_ne!(project.desk.run("wait F-1 --timeout 0s").exit, 0, "and nothing is verified by that");
    assert!(project.desk.run("show F-1").ok().out.contains("stopped after being told 5 times"));
}

#[test]
fn it_writes_neither_others_files_nor_the_journal_nor_on_a_halted_plan() {
    let project = Project::new("claude-code", ".claude/settings.json");
    project.drive("SessionStart", json!({}));
    project.desk.run("take F-3 --agent painter").ok();
    project.calls("take F-1");
    let write = |file: &str| json!({ "tool_name": "Edit", "tool_input": { "file_path": project.desk.path().join(file) } });
    let run = |command: &str| json!({ "tool_name": "Bash", "tool_input": { "command": command } });
    for (input, why) in [
        (write("ferry/hull.md"), "`ferry/hull.md` is reserved for task `F-3`, which painter"),
        (write("print/sheet.md"), "task `F-1` did not reserve `print/sheet.md`"),
        (write(".countersign/journal.db"), "nothing in `.countersign/` is edited"),
        (run("sqlite3 .countersign/journal.db 'delete from events'"), "touches `.countersign/`"),
    ] {
        let said = project.drive("PreToolUse", input);
        assert_eq!((said.exit, said.err.lines().count()), (2, 1), "{}", said.err);
        assert!(said.err.contains(why), "{}", said.err);
    }
    for fine in
        [write("times/table.md"), write("../elsewhere.md"), run("cargo test"), run("countersign list")]
    {
        let said = project.drive("PreToolUse", fine);
        assert_eq!((said.exit, said.err.as_str()), (0, ""));
    }
    project.desk.run("halt --reason 'a storm' --as Ada").ok();
    for input in [write("times/table.md"), run("cargo test")] {
        let said = project.drive("PreToolUse", input);
        assert_eq!(said.exit, 2, "{}", said.err);
        assert!(said.err.contains("halted by Ada: a storm"), "{}", said.err);
    }
    let kept = project.desk.run("log --refused --json").ok().json();
    let kept = kept["attempts"].as_array().expect("a list").iter();
    let codes: Vec<&str> = kept
        .filter(|row| row["command"] == "agent_event")
        .map(|row| row["code"].as_str().expect("a code"))
        .collect();
    let wanted =
        ["path/reserved", "path/foreign", "policy/denied", "policy/denied", "plan/halted", "plan/halted"];
    assert_eq!(codes, wanted, "each no is on record, in order");
    assert_eq!(project.drive("PreToolUse", run("countersign release F-1 --reason halted")).exit, 0);
    assert_eq!(project.drive("Stop", json!({})).exit, 0, "whoever was told to stop stops");
}

#[test]
fn every_coding_agent_drives_the_same_hooks_in_its_own_words() {
    for (agent, settings, before, stop) in [
        ("codex", ".codex/hooks.json", "PreToolUse", "Stop"),
        ("gemini-cli", ".gemini/settings.json", "BeforeTool", "AfterAgent"),
    ] {
        let project = Project::new(agent, settings);
        let began = project.drive("SessionStart", json!({ "source": "startup" }));
        assert!(said_to_model(&began).contains("F-1"), "{agent}: {}", began.out);
        project.calls("take F-1");
        let patch = "*** Begin Patch\n*** Add File: print/sheet.md\n+x\n*** End Patch";
        let input = match agent {
            "codex" => json!({ "tool_name": "apply_patch", "tool_input": { "command": patch } }),
            _ => {
                json!({ "tool_name": "write_file", "tool_input": { "file_path": project.desk.path().join("print/sheet.md") } })
            }
        };
        let said = project.drive(before, input);
        assert_eq!(said.exit, 2, "{agent}: {} {}", said.out, said.err);
        let kept = project.drive(stop, json!({ "stop_hook_active": false }));
        assert_eq!(kept.exit, 2, "{agent}: {}", kept.err);
        assert!(kept.err.starts_with("task `F-1` is not done: "), "{agent}: {}", kept.err);
    }
}

#[test]
fn what_somebody_has_in_their_settings_stays() {
    let theirs = "{\n  \"model\": \"large\",\n  \"hooks\": {\n    \"Stop\": [{ \"hooks\": [{ \"type\": \"command\", \"command\": \"say done\" }] }]\n  }\n}\n";
    let desk = Desk::new().file(".claude/settings.json", theirs).file("AGENTS.md", "# Ours\n");
    let shown = desk.run("hooks install --for claude-code --dry-run").ok().out;
    assert!(
        shown.contains("+++ .claude/settings.json") && shown.contains("+<!-- countersign:begin -->"),
        "{shown}"
    );
    assert_eq!(desk.read(".claude/settings.json"), theirs, "a dry run changes nothing");
    desk.run("hooks install --for claude-code").ok();
    let once = desk.read(".claude/settings.json");
    assert!(once.contains("say done") && once.contains("\"model\": \"large\""), "{once}");
    assert!(once.contains("countersign hooks agent-event --for claude-code"), "{once}");
    assert_eq!(
        desk.run("hooks install --for claude-code").ok().out,
        "nothing to change: it was so already\n"
    );
    let kept = desk.run("hooks uninstall --for claude-code --agent claude-code");
    assert_eq!((kept.exit, kept.code().as_deref()), (5, Some("policy/denied")), "{}", kept.shown());
    desk.run("hooks uninstall --for claude-code").ok();
    let back: Value = serde_json::from_str(&desk.read(".claude/settings.json")).expect("it is JSON");
    assert_eq!(back, serde_json::from_str::<Value>(theirs).expect("it is JSON"));
    assert_eq!(desk.read("AGENTS.md"), "# Ours\n");
    let broken = Desk::new().file(".claude/settings.json", "{ oops");
    let came = broken.run("hooks install --for claude-code");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
    assert_eq!(broken.read(".claude/settings.json"), "{ oops");
}

#[test]
fn a_hook_that_cannot_look_is_no_gate() {
    let project = Project::new("claude-code", ".claude/settings.json");
    let (command, _) = project.hook("PreToolUse");
    assert!(command.ends_with("hooks agent-event --for claude-code"), "{command}");
    let odd = project.desk.call(&["hooks", "agent-event", "--for", "claude-code"], Some("not json"));
    assert_eq!((odd.exit, odd.err.lines().count()), (1, 1), "{}", odd.shown());
    let unknown = project.desk.call(&["hooks", "agent-event", "--for", "nobody"], Some("{}"));
    assert_eq!((unknown.exit, unknown.code().as_deref()), (4, Some("value/invalid")), "{}", unknown.shown());
    let elsewhere = Desk::new();
    let nothing = elsewhere.call(
        &["hooks", "agent-event", "--for", "claude-code"],
        Some(r#"{"hook_event_name": "SessionStart", "session_id": "1"}"#),
    );
    assert_eq!((nothing.exit, nothing.out.as_str()), (0, ""), "{}", nothing.shown());
    assert!(!elsewhere.has(".countersign"));
}
