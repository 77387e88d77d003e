//! Starting an agent that was spawned: a worker of its own, for one task and in one role, that goes
//! on when this call is over.
//!
//! Everything that could keep it from working is found before anything is on record. Only a person
//! starts commands; where an agent asks, it is registered and nothing runs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use engine::agents::part::Part;
use engine::agents::spawning::{Begun, Turn, Worker};
use engine::presence;
use engine::store::Store;
use model::command::Command;
use model::commons::{Commons, Process, SessionJoined};
use model::fault::Fault;
use model::ids::{AgentId, Key, PlanId, SessionId};
use model::plan::Plan;
use model::refusal::{AGENT_DIFFERS, AGENT_UNUSABLE, INTERNAL_FAULT, PLAN_HALTED, Refusal, TASK_STATE};
use model::task::TaskState;

use super::call::Call;
use super::context::Asking;
use super::dispatching::{Bounds, Site};
use super::error::{Outcome, Stop, plain};
use super::proving::TrustWish;

/// The most of a task file that is read; a brief takes far less of it.
const LONGEST_TASK_FILE: usize = 256 * 1024;
/// What a worker must not take over from whoever asks for it: it acts for a person, on one store.
pub const NOT_INHERITED: [&str; 8] = [
    "COUNTERSIGN_STORE",
    "COUNTERSIGN_PLAN",
    "COUNTERSIGN_AS",
    "COUNTERSIGN_AGENT",
    "COUNTERSIGN_SESSION",
    "COUNTERSIGN_FENCE",
    "COUNTERSIGN_TASK",
    "COUNTERSIGN_BRIEF",
];

/// What is asked for.
pub struct Spawn<'a> {
    /// In which session.
    pub session: &'a SessionId,
    /// In which role.
    pub role: &'a str,
    /// For which task.
    pub task: &'a Key,
    /// The file that describes it.
    pub file: &'a str,
    /// How trust in commands is come by.
    pub wish: TrustWish,
}

/// What became of it.
pub struct Spawned {
    /// The agent.
    pub agent: AgentId,
    /// Its worker's process; nothing where that has ended already.
    pub process: Option<Process>,
    /// Where its worker's words lie.
    pub log: PathBuf,
    /// Whether it was started just now; otherwise it ran before.
    pub started: bool,
}

/// The file that describes a task, and what it says.
pub fn read_task_file(call: &Call, file: &str) -> Outcome<(String, String)> {
    let bytes = call.read_file(file)?;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_TASK_FILE)]).into_owned();
    Ok((file.to_owned(), text))
}

/// Starts a worker for a task, unless one of that agent runs for it already. `name`: what the agent
/// is called, given who takes part now.
pub fn spawn(
    call: &Call,
    store: &Store,
    plan: &Plan,
    asked: &Spawn<'_>,
    asking: &Asking,
    name: &dyn Fn(&Commons) -> Result<AgentId, Refusal>,
) -> Outcome<Spawned> {
    if let Some(halt) = &plan.halted {
        return Err(Refusal::new(
            PLAN_HALTED,
            format!("the plan was halted by {}: {}", halt.by.actor, halt.reason),
        )
        .hint("a person lets it go on with `countersign resume`")
        .into());
    }
    still_open(plan, asked.task)?;
    let bounds = Bounds { role: Some(asked.role.to_owned()), ..Bounds::default() };
    let site = Site::look(call, store, plan.id, asked.wish, bounds)?;
    site.suits(call, store, std::slice::from_ref(asked.task))?;
    let turn = Turn::wait(store.folder_to_write()?).map_err(|error| unstarted(&error))?;
    let commons = store.desk().commons()?;
    let agent = name(&commons)?;
    let log = turn.log(asked.session, &agent);
    if let Some(process) = running(&commons, asked, &agent)? {
        return Ok(Spawned { agent, process: Some(process), log, started: false });
    }
    register(call, store, asked, &agent, asking)?;
    let part = Part::of(store.desk(), asked.session.clone(), agent.clone())?;
    let program = std::env::current_exe().map_err(|error| unstarted(&error))?;
    let arguments = arguments(call, store, plan, asked, &agent)?;
    let folder = store.folder().parent().unwrap_or(Path::new("/"));
    let worker = Worker { program: &program, arguments: &arguments, folder, without: &NOT_INHERITED };
    match turn.start(&worker, &log).map_err(|error| unstarted(&error))? {
        Begun::Running(process) => {
            part.be_seen(store.desk(), Some(process.clone()))?;
            Ok(Spawned { agent, process: Some(process), log, started: true })
        }
        Begun::Ended(status) if status.success() => Ok(Spawned { agent, process: None, log, started: true }),
        Begun::Ended(_) => {
            let words = std::fs::read_to_string(&log).unwrap_or_default();
            let last = words.lines().last().unwrap_or("it said nothing");
            Err(Refusal::new(AGENT_UNUSABLE, format!("the worker of `{agent}` ended at once: {last}"))
                .hint(format!("see all it said in `{}`", log.display()))
                .with("agent", agent.as_str())
                .into())
        }
    }
}

/// Refuses a task that is done or dropped: whoever was started for it would only end.
fn still_open(plan: &Plan, key: &Key) -> Result<(), Refusal> {
    let Some(task) = plan.task_by_key(key) else { return Ok(()) };
    if matches!(task.state, TaskState::Verified(_) | TaskState::Dropped(_)) {
        let message = format!("task `{key}` is already {}", task.state.word());
        return Err(Refusal::new(TASK_STATE, message)
            .hint(format!("see how it stands with `countersign show {key}`"))
            .with("task", key.as_str()));
    }
    Ok(())
}

/// Puts on record that an agent takes part, bound to its task.
pub fn register(call: &Call, store: &Store, asked: &Spawn<'_>, agent: &AgentId, asking: &Asking) -> Outcome {
    let joined = SessionJoined {
        session: asked.session.clone(),
        agent: agent.clone(),
        role: Some(asked.role.to_owned()),
        task: Some(asked.task.clone()),
        task_file: Some(asked.file.to_owned()),
        process: None,
    };
    call.submit_to(store, PlanId::STORE, asking, Command::JoinSession(Box::new(joined)), Vec::new())?;
    Ok(())
}

/// The process an agent runs as in the session; refused where that is for something else.
fn running(commons: &Commons, asked: &Spawn<'_>, agent: &AgentId) -> Result<Option<Process>, Refusal> {
    let member = commons.session(asked.session).and_then(|session| session.member(agent));
    let Some(member) = member else { return Ok(None) };
    let Some(process) = member.process.as_ref().filter(|process| presence::is_alive(process)) else {
        return Ok(None);
    };
    if member.task.as_ref() == Some(asked.task) && member.role.as_deref() == Some(asked.role) {
        return Ok(Some(process.clone()));
    }
    let at = member.task.as_ref().map_or_else(String::new, |task| format!(" for task `{task}`"));
    Err(Refusal::new(AGENT_DIFFERS, format!("agent `{agent}` runs already{at}, as process {}", process.pid))
        .hint("give the other one a name of its own with `--name`")
        .with("agent", agent.as_str()))
}

/// What the worker is called with: everything is said, nothing is left to where it is started.
fn arguments(
    call: &Call,
    store: &Store,
    plan: &Plan,
    asked: &Spawn<'_>,
    agent: &AgentId,
) -> Outcome<Vec<OsString>> {
    let mut arguments: Vec<OsString> = vec!["--store".into(), store.address().into(), "--no-color".into()];
    let mut say = |text: String| arguments.push(text.into());
    say(format!("--plan={}", plan.key));
    say(format!("--as={}", call.person()?));
    say("worker".to_owned());
    say(format!("--task={}", asked.task));
    say(format!("--role={}", asked.role));
    say(format!("--within={}", asked.session));
    say(format!("--member={agent}"));
    if asked.wish == TrustWish::Locked {
        say("--locked".to_owned());
    }
    if asked.file != "-" {
        let file = Path::new(asked.file);
        let file = file.canonicalize().map_err(|error| Stop::file(asked.file, "read", &error))?;
        arguments.push("--task-file".into());
        arguments.push(file.into_os_string());
    }
    Ok(arguments)
}

fn unstarted(error: &std::io::Error) -> Stop {
    Fault::new(INTERNAL_FAULT, format!("no worker could be started: {}", plain(error))).into()
}
