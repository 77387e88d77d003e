//! Starting one agent: the program calls itself with `agent spawn`, so that what that verb asks for
//! (trust above all) is asked for here too. The worker belongs to nobody then, and goes on when the
//! service ends.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use engine::agents::spawning::log_of;
use engine::presence;
use model::commons::Process;
use model::plan::Plan;
use model::task::Task;
use serde::Deserialize;
use serde_json::Value;

use super::{Job, SESSION, Settings, session};
use crate::cli::spawning::NOT_INHERITED;
use crate::http::service::Service;

/// What `agent spawn` says where it went well.
#[derive(Debug, Deserialize)]
struct Said {
    running: bool,
    pid: Option<u32>,
    /// Why nothing runs.
    why: Option<String>,
    /// Where its words are.
    log: Option<String>,
}

/// Starts a worker for a job; gives its process, or nothing where it has ended already. Otherwise says
/// why there is none.
pub(super) fn spawn(
    service: &Service,
    settings: &Settings,
    plan: &Plan,
    task: &Task,
    job: &Job,
) -> Result<Option<Process>, String> {
    let called = call(service, settings, plan, task, job);
    let Output { status, stdout, stderr } =
        called.map_err(|error| format!("it cannot be started: {error}"))?;
    if !status.success() {
        return Err(refusal(&String::from_utf8_lossy(&stderr)));
    }
    match serde_json::from_slice(&stdout) {
        Ok(Said { running: true, pid: Some(pid), .. }) => Ok(presence::process(pid)),
        Ok(Said { log: Some(_), .. }) => Ok(None),
        Ok(Said { why: Some(why), .. }) => Err(why),
        _ => Err("it was not said whether it runs".to_owned()),
    }
}

fn call(
    service: &Service,
    settings: &Settings,
    plan: &Plan,
    task: &Task,
    job: &Job,
) -> std::io::Result<Output> {
    let folder = service.store.folder().canonicalize()?;
    let mut command = Command::new(&settings.program);
    command
        .arg("--store")
        .arg(&folder)
        .args(["--json", "--no-color"])
        .arg(format!("--plan={}", plan.id))
        .arg(format!("--as={}", service.owner))
        .arg(format!("--session={SESSION}"))
        .args(["agent", "spawn", "--task-file=-"])
        .arg(format!("--type={}", job.role))
        .arg(format!("--name={}", job.member))
        .current_dir(folder.parent().unwrap_or(&folder))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    let mut child = engine::process::spawn_own(&mut command)?;
    if let Some(mut stdin) = child.stdin.take() {
        // What it is asked for is in the plan; here is only which task is meant.
        stdin.write_all(format!("# {}\n", task.key).as_bytes())?;
    }
    child.wait_with_output()
}

/// What was refused, in one sentence, with how to go on.
fn refusal(said: &str) -> String {
    let told = said.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = told.as_ref().map(|told| &told["error"]);
    let text = |name: &str| told.and_then(|told| told[name].as_str());
    match (text("message"), text("hint")) {
        (Some(message), Some(hint)) => format!("{message}; {hint}"),
        (Some(message), None) => message.to_owned(),
        _ => said.lines().last().unwrap_or("it said nothing").to_owned(),
    }
}

/// The last thing a worker said that was no hint.
pub(super) fn last_words(service: &Service, job: &Job) -> String {
    let words = session().ok().map(|session| log_of(service.store.folder(), &session, &job.member));
    let words = words.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let mut lines = words.lines().rev().map(str::trim);
    let last = lines.find(|line| !line.is_empty() && !line.starts_with("hint:"));
    let last = last.unwrap_or("it said nothing");
    let text =
        last.strip_prefix("error[").and_then(|error| error.split_once("]: ")).map_or(last, |(_, text)| text);
    text.split_once(" was given up: ").map_or(text, |(_, why)| why).to_owned()
}
