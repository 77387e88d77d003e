//! `agent`: who may be given work, and who is at it.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{Args, Subcommand};
use engine::agents::dispatcher::for_role;
use engine::documents::{SIDECAR, agents_of};
use formats::sidecar::AgentConfig;
use lens::views::sessions::agents;
use model::actor::Actor;
use model::command::Command;
use model::commons::{AgentCard, Commons};
use model::ids::{AgentId, Key, PlanId, SessionId, slug};
use model::plan::Plan;
use model::refusal::{self as code, Refusal};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::proving::TrustWish;
use crate::cli::spawning::{self, Spawn, Spawned, read_task_file, register};
use crate::cli::verb::{
    Group, HAS_AGENTS_WORK, Handler, PERSON_ONLY, READS_FILES, READS_STORE, TAKES_IN, Verb, WORKS_IN_SESSION,
    WRITES_STORE,
};
use crate::cli::working;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Agent>(
    "agent",
    Group::Agents,
    "registers and lists agents, binds one to the task a file describes and starts it",
    &[
        READS_STORE,
        WRITES_STORE,
        READS_FILES,
        WORKS_IN_SESSION,
        TAKES_IN,
        PERSON_ONLY,
        HAS_AGENTS_WORK,
        &[code::TASK_NOT_FOUND, code::TASK_STATE, code::TRUST_REQUIRED],
    ],
);

#[derive(Debug, Args)]
struct Agent {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes an agent known; the same again changes nothing, another configuration is refused
    Register {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// A role it takes; may be given several times
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// How it is started, for people to read
        #[arg(long, value_name = "TEXT")]
        command: Option<String>,
        /// Which model it runs on
        #[arg(long, value_name = "TEXT")]
        model: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists agents and who of them is active
    List,
    /// Binds an agent of a role to the task that a file describes, and starts it where the plan has
    /// a command for it
    Spawn {
        /// Its role
        #[arg(long = "type", value_name = "ROLE")]
        role: String,
        /// The file that describes its task
        #[arg(long, value_name = "FILE")]
        task_file: String,
        /// Its name; made from the role where none is given
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Trusts the plan's commands: for plans of your own
        #[arg(long, conflicts_with = "locked")]
        trust: bool,
        /// Starts it only where `countersign.lock` allows exactly the plan's commands, and asks nobody
        #[arg(long)]
        locked: bool,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Agent {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Register { name, roles, command, model, asking } => {
                let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
                let store = call.store_to_fill(&here)?;
                let agent = working::agent(&name)?;
                let roles: BTreeSet<String> = roles.into_iter().collect();
                let command = Command::RegisterAgent { agent, card: AgentCard { roles, command, model } };
                let done = call.submit_to(&store, PlanId::STORE, &asking, command, Vec::new())?;
                done.say(call, &Plan::empty(PlanId::STORE));
                Ok(())
            }
            Action::List => {
                let store = call.store_to_read()?;
                call.show(&agents(&*store.desk().commons()?, working::present(&store)));
                Ok(())
            }
            Action::Spawn { role, task_file, name, trust, locked, asking } => {
                let wish = match (trust, locked) {
                    (true, _) => TrustWish::Give,
                    (_, true) => TrustWish::Locked,
                    _ => TrustWish::Ask,
                };
                spawn(call, &role, &task_file, &Terms { name, wish }, &asking)
            }
        }
    }
}

/// How trust is come by, and under which name.
struct Terms {
    name: Option<String>,
    wish: TrustWish,
}

fn spawn(call: &Call, role: &str, file: &str, terms: &Terms, asking: &Asking) -> Outcome {
    let (_, text) = read_task_file(call, file)?;
    let opened = call.open_to_write()?;
    let (store, plan) = (&opened.store, &opened.plan);
    let task = described(plan, file, &text)?;
    let session = the_session(call, &*store.desk().commons()?)?;
    let name = |commons: &Commons| match &terms.name {
        Some(name) => working::agent(name),
        None => free_name(commons, &session, role, &task),
    };
    let asked = Spawn { session: &session, role, task: &task, file, wish: terms.wish };
    if let Some(why) = nothing_runs(call, &agents_of(store, plan)?, role) {
        let agent = name(&*store.desk().commons()?)?;
        register(call, store, &asked, &agent, asking)?;
        tell_registered(call, &asked, &agent, &why);
        return Ok(());
    }
    let spawned = spawning::spawn(call, store, plan, &asked, asking, &name)?;
    tell_running(call, &asked, &spawned);
    Ok(())
}

/// Why no agent would be started, and what to do about it.
struct Idle {
    why: String,
    hint: String,
}

fn nothing_runs(call: &Call, agents: &[AgentConfig], role: &str) -> Option<Idle> {
    if for_role(agents, role).is_empty() {
        let why = format!("no agent of `{SIDECAR}` fills the role `{role}`");
        let hint = format!("configure a command under `[agents.{}]` and spawn it again", slug(role));
        return Some(Idle { why, hint });
    }
    call.config.agent_is_around().then(|| Idle {
        why: "an agent asks, and only a person starts commands".to_owned(),
        hint: "ask a person to spawn it".to_owned(),
    })
}

fn tell_registered(call: &Call, asked: &Spawn<'_>, agent: &AgentId, idle: &Idle) {
    let Spawn { session, role, task, file, .. } = asked;
    if call.ui.wants_json() {
        call.ui.json(&json!({
            "session": session, "agent": agent, "role": role, "task": task, "task_file": file,
            "running": false, "why": idle.why,
        }));
        return;
    }
    call.ui.line(format!("{agent} takes part in session {session} as {role}, for task {task}"));
    call.ui.line(format!("nothing runs yet: {}", idle.why));
    call.ui.note(format!(
        "hint: {}, or work as it with `COUNTERSIGN_AGENT={agent} COUNTERSIGN_SESSION={session}`",
        idle.hint
    ));
}

fn tell_running(call: &Call, asked: &Spawn<'_>, spawned: &Spawned) {
    let Spawn { session, role, task, file, .. } = asked;
    let Spawned { agent, process, log, started } = spawned;
    let pid = process.as_ref().map(|process| process.pid);
    if call.ui.wants_json() {
        call.ui.json(&json!({
            "session": session, "agent": agent, "role": role, "task": task, "task_file": file,
            "running": pid.is_some(), "pid": pid, "log": log, "started": started,
        }));
        return;
    }
    call.ui.line(format!("{agent} takes part in session {session} as {role}, for task {task}"));
    match (pid, started) {
        (Some(pid), true) => call.ui.line(format!("it runs as process {pid}")),
        (Some(pid), false) => {
            call.ui.line(format!("it runs already as process {pid}; nothing new was started"));
        }
        (None, _) => call.ui.line("it has ended already"),
    }
    call.ui.line(format!("what it says goes to {}", log.display()));
    call.ui.note(format!(
        "hint: follow it with `countersign wait {task} --until verified`; `countersign session end {session}` stops it"
    ));
}

/// The session that is meant: the one that was named, else the only one that is open.
fn the_session(call: &Call, commons: &Commons) -> Outcome<SessionId> {
    if let Some(named) = &call.config.session.value {
        return Ok(working::session(named)?);
    }
    if let Actor::Agent { session, .. } = call.request()?.by.actor
        && commons.session(&session).is_some()
    {
        return Ok(session);
    }
    let mut open = working::open_sessions(commons);
    match (open.next(), open.next()) {
        (Some(only), None) => Ok(only.id.clone()),
        (None, _) => Err(Refusal::new(code::SESSION_NOT_FOUND, "no session is open")
            .hint(
                "begin one with `countersign swarm init --max-agents 4` or `countersign session start NAME`",
            )
            .into()),
        _ => Err(Stop::usage("several sessions are open; name one with `--session ID`").into()),
    }
}

/// The role as a name, with a number behind it where another of that role works on another task.
fn free_name(commons: &Commons, session: &SessionId, role: &str, task: &Key) -> Result<AgentId, Refusal> {
    let members = commons.session(session).map(|session| session.members.as_slice()).unwrap_or_default();
    let stem = slug(role);
    for number in 1_u32.. {
        let name = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        let taken =
            members.iter().any(|member| member.agent.as_str() == name && member.task.as_ref() != Some(task));
        if !taken {
            return working::agent(&name);
        }
    }
    working::agent(&stem)
}

/// The task a file describes: the first one of the plan whose key it names, in its own name, in its
/// headings, or anywhere.
fn described(plan: &Plan, file: &str, text: &str) -> Result<Key, Refusal> {
    let stem =
        Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let found = std::iter::once(stem.as_str()).chain(headings).chain(text.lines()).find_map(|line| {
        plan.tasks.iter().find(|task| !task.is_dropped() && mentions(line, task.key.as_str()))
    });
    found.map(|task| task.key.clone()).ok_or_else(|| {
        Refusal::new(code::TASK_NOT_FOUND, format!("`{file}` names no task of plan `{}`", plan.key))
            .hint("name its key in a heading, such as `# Task 7.3: Code quality`")
            .with("file", file)
    })
}

/// Whether a line names a key as a word of its own: `7.3` is not in `17.3` or `7.31`.
pub(in crate::cli) fn mentions(line: &str, key: &str) -> bool {
    let part = |c: char| c.is_alphanumeric();
    line.match_indices(key).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let mut after = line[at + key.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = next == Some('.') && second.is_some_and(|c| c.is_ascii_digit());
        let comes_from =
            before == Some('.') && line[..at].chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit());
        !before.is_some_and(part) && !next.is_some_and(part) && !goes_on && !comes_from
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_key_is_a_word_of_its_own() {
        for line in ["# Task 7.3: Code quality", "task-7.3-code-quality", "7.3", "see 7.3."] {
            assert!(mentions(line, "7.3"), "{line}");
        }
        for line in ["17.3", "7.31", "7.3.1", "0.7.3", "7,3"] {
            assert!(!mentions(line, "7.3"), "{line}");
        }
    }
}
