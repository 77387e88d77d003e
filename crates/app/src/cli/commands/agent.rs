//! `agent`: who may be given work, and who is at it.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{Args, Subcommand};
use lens::views::sessions::agents;
use model::actor::Actor;
use model::command::Command;
use model::commons::{AgentCard, Commons, SessionJoined};
use model::ids::{AgentId, Key, PlanId, SessionId, slug};
use model::plan::Plan;
use model::refusal::{self as code, Refusal};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_FILES, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};
use crate::cli::working;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Agent>(
    "agent",
    Group::Agents,
    "registers and lists agents, and binds one to the task a file describes",
    &[
        READS_STORE,
        WRITES_STORE,
        READS_FILES,
        WORKS_IN_SESSION,
        &[code::AGENT_DIFFERS, code::SESSION_FULL, code::TASK_NOT_FOUND],
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
    /// Binds an agent of a role to the task that a file describes
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
            Action::Spawn { role, task_file, name, asking } => {
                spawn(call, &role, &task_file, name.as_deref(), &asking)
            }
        }
    }
}

fn spawn(call: &Call, role: &str, file: &str, name: Option<&str>, asking: &Asking) -> Outcome {
    let text = call.read_file(file)?;
    let store = call.store_to_write()?;
    let plan = call.plan_of(&store)?;
    let task = described(&plan, file, &String::from_utf8_lossy(&text))?;
    let commons = store.desk().commons()?;
    let session = the_session(call, &commons)?;
    let agent = match name {
        Some(name) => working::agent(name)?,
        None => free_name(&commons, &session, role, &task)?,
    };
    let joined = SessionJoined {
        session: session.clone(),
        agent: agent.clone(),
        role: Some(role.to_owned()),
        task: Some(task.clone()),
        task_file: Some(file.to_owned()),
        process: None,
    };
    call.submit_to(&store, PlanId::STORE, asking, Command::JoinSession(Box::new(joined)), Vec::new())?;
    if call.ui.wants_json() {
        call.ui.json(&json!({
            "session": session, "agent": agent, "role": role, "task": task, "task_file": file, "running": false,
        }));
        return Ok(());
    }
    call.ui.line(format!("{agent} takes part in session {session} as {role}, for task {task}"));
    call.ui.line("nothing runs yet: no agent was started");
    call.ui.note(format!(
        "hint: configure a command under `[agents.{}]` and start it with `countersign run --agents`, or work as it with `COUNTERSIGN_AGENT={agent} COUNTERSIGN_SESSION={session}`",
        slug(role)
    ));
    Ok(())
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
    let mut open = commons.sessions.iter().filter(|session| session.is_open());
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
