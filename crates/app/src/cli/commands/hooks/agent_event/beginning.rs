//! A coding agent's session begins, and ends.

use std::io::Write as _;

use engine::desk::Desk as _;
use engine::sessions;
use lens::look::Look;
use lens::page::Answer as _;
use lens::render::markdown;
use lens::views::ready::ready;
use model::actor::Actor;
use model::command::Command;
use model::commons::{Session, SessionJoined};
use model::ids::{AgentId, PlanId, SessionId};

use super::{Answer, plans};
use crate::cli::call::Call;
use crate::cli::context::find_task;
use crate::cli::error::Outcome;

/// The tokens that what an agent is told at its beginning may have.
const BUDGET: usize = 2000;

/// So many ready tasks are named.
const READY: usize = 10;

/// The file in which a coding agent takes variables for the commands it will run.
const ENVIRONMENT_FILE: &str = "CLAUDE_ENV_FILE";

/// Begins the agent's session, where it has none from whoever started it, and says what is to be done.
pub(super) fn begins(call: &Call, derived: bool) -> Outcome<Answer> {
    let store = call.store_to_write()?;
    let plans = plans(call, &store)?;
    let Some(Actor::Agent { agent, session }) = call.asking_agent()? else { return Ok(Answer::Go) };
    let mut lines = Vec::new();
    if derived {
        let plan = match &plans[..] {
            [only] => Some(only.key.clone()),
            _ => None,
        };
        let desk = store.desk();
        let commons = desk.commons()?;
        let known = commons.session(&session).filter(|known| known.is_open());
        if known.is_none() {
            let start = Command::StartSession {
                session: session.clone(),
                plan,
                topology: None,
                max_agents: None,
                silence_seconds: None,
            };
            desk.submit(PlanId::STORE, &call.request()?, start)?;
        }
        if known.and_then(|known| known.member(&agent)).is_none() {
            let (session, agent) = (session.clone(), agent.clone());
            let joined =
                SessionJoined { session, agent, role: None, task: None, task_file: None, process: None };
            desk.submit(PlanId::STORE, &call.request()?, Command::JoinSession(Box::new(joined)))?;
        }
        if !exported(&agent, &session) {
            lines.push(format!(
                "Call every `countersign` command with `--agent {agent} --session {session}`.\n"
            ));
        }
    }
    for plan in &plans {
        let look = Look::new(plan, store.desk().now());
        if let Some(halt) = &plan.halted {
            lines.push(format!(
                "Plan {} is halted: {}. Begin nothing until a person lets it go on.\n",
                plan.key, halt.reason
            ));
            continue;
        }
        let named = call.config.task.value.as_deref().and_then(|key| find_task(plan, key).ok());
        let held = call.held(plan)?;
        if let Some(task) = named.or(held.first().copied()) {
            lines.push(call.brief(&store, &look, task, BUDGET)?.markdown());
            continue;
        }
        lines.push(format!("# {} ({}): what can begin\n", plan.title, plan.key));
        lines.push(markdown::page(&ready(&look, Some(READY)).page()));
        lines.push(
            "Take one with `countersign take KEY`, read `countersign brief KEY`, and hand it in with \
             `countersign hooks post-task --task-id KEY`. Its checks decide whether it is done.\n"
                .to_owned(),
        );
    }
    Ok(Answer::Know("SessionStart", lines.join("\n")))
}

/// Lets the commands the agent runs know who it is, where it takes variables.
fn exported(agent: &AgentId, session: &SessionId) -> bool {
    let Some(path) = std::env::var_os(ENVIRONMENT_FILE).filter(|path| !path.is_empty()) else { return false };
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let text = format!(
        "export COUNTERSIGN_AGENT={}\nexport COUNTERSIGN_SESSION={}\n",
        quoted(agent.as_str()),
        quoted(session.as_str())
    );
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).is_ok()
}

/// Ends the agent's own session, and gives back what it holds.
pub(super) fn ends(call: &Call) -> Outcome<Answer> {
    let store = call.store_to_write()?;
    let Some(Actor::Agent { session, .. }) = call.asking_agent()? else { return Ok(Answer::Go) };
    if store.desk().commons()?.session(&session).is_some_and(Session::is_open) {
        sessions::end(store.desk(), &call.request()?, &session, "the coding agent's session ended", false)?;
    }
    Ok(Answer::Go)
}
