//! `session`: runs in which agents work together.

use clap::{Args, Subcommand};
use engine::desk::Desk as _;
use engine::{presence, sessions};
use lens::views::sessions::{session, sessions as listed};
use model::command::Command;
use model::commons::SessionJoined;
use model::ids::{PlanId, SessionId};
use model::refusal as code;
use model::ruling::commons::no_session;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};
use crate::cli::working;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Session>(
    "session",
    Group::Agents,
    "begins, lists, shows and ends runs in which agents work together",
    &[
        READS_STORE,
        WRITES_STORE,
        WORKS_IN_SESSION,
        &[code::AGENT_DIFFERS, code::SESSION_FULL, code::POLICY_DENIED],
    ],
);

#[derive(Debug, Args)]
struct Session {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Begins one; the given name is its id
    Start {
        /// Its name
        #[arg(value_name = "ID")]
        id: String,
        /// How many agents may join
        #[arg(long, value_name = "COUNT")]
        max_agents: Option<u32>,
        /// How its agents stand to each other, in your words
        #[arg(long, value_name = "WORD")]
        topology: Option<String>,
        /// After so long a silence it counts as stuck and is closed
        #[arg(long, value_name = "TIME")]
        silence: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Has an agent join one
    Join {
        /// The session
        #[arg(value_name = "ID")]
        id: String,
        /// The agent; whoever asks where none is named
        #[arg(value_name = "AGENT")]
        member: Option<String>,
        /// In which role
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        /// The process it runs as on this machine
        #[arg(long, value_name = "NUMBER")]
        pid: Option<u32>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists those that are open
    List {
        /// Lists those that have ended too
        #[arg(long)]
        all: bool,
    },
    /// Shows one with who takes part
    Show {
        /// The session
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Ends one and gives back what its agents hold
    End {
        /// The session
        #[arg(value_name = "ID")]
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
}

impl Handler for Session {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Start { id, max_agents, topology, silence, asking } => {
                let silence_seconds =
                    silence.as_deref().map(|text| working::seconds("--silence", text)).transpose()?;
                let id = working::session(&id)?;
                start(call, id, max_agents, topology, silence_seconds, &asking)
            }
            Action::Join { id, member, role, pid, asking } => join(call, &id, member, role, pid, &asking),
            Action::List { all } => {
                let store = call.store_to_read()?;
                call.show(&listed(&*store.desk().commons()?, working::present(&store), all));
                Ok(())
            }
            Action::Show { id } => {
                let store = call.store_to_read()?;
                let (commons, id) = (store.desk().commons()?, working::session(&id)?);
                let known = commons.session(&id).ok_or_else(|| no_session(&id))?;
                call.show(&session(known, working::present(&store)));
                Ok(())
            }
            Action::End { id, reason } => {
                let store = call.store_to_write()?;
                let id = working::session(&id)?;
                let receipt = sessions::end(store.desk(), &call.request()?, &id, &reason, false)?;
                if call.ui.wants_json() {
                    call.ui.json(&json!({ "session": id, "ended": receipt.at }));
                } else {
                    call.ui.line(format!("session {id} has ended"));
                }
                Ok(())
            }
        }
    }
}

/// Begins a session, and says what its name is.
pub(super) fn start(
    call: &Call,
    id: SessionId,
    max_agents: Option<u32>,
    topology: Option<String>,
    silence_seconds: Option<u32>,
    asking: &Asking,
) -> Outcome {
    let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
    let store = call.store_to_fill(&here)?;
    // A session is about a plan where it is clear which.
    let plan = match (&call.config.plan.value, store.desk().plans()?.as_slice()) {
        (Some(named), _) => Some(call.plan_named(&store, named)?.key.clone()),
        (None, [only]) => Some(only.key.clone()),
        _ => None,
    };
    let command = Command::StartSession { session: id.clone(), plan, topology, max_agents, silence_seconds };
    let done = call.submit_to(&store, PlanId::STORE, asking, command, Vec::new())?;
    if call.ui.wants_json() {
        let commons = store.desk().commons()?;
        let known = commons.session(&id).ok_or_else(|| no_session(&id))?;
        call.ui.json(&session(known, working::present(&store)));
    } else if done.receipt.count == 0 {
        call.ui.line(format!("session {id} is open already"));
    } else {
        call.ui.line(format!("session {id} is open"));
        call.ui.note(format!("hint: agents work in it with `COUNTERSIGN_SESSION={id}` and a name of their own in `COUNTERSIGN_AGENT`"));
    }
    Ok(())
}

fn join(
    call: &Call,
    id: &str,
    named: Option<String>,
    role: Option<String>,
    pid: Option<u32>,
    asking: &Asking,
) -> Outcome {
    let session = working::session(id)?;
    let named = named.or_else(|| call.config.agent.value.clone());
    let agent = named.ok_or_else(|| Stop::usage("name the agent that is to join"))?;
    let agent = working::agent(&agent)?;
    let process = match pid {
        Some(pid) => Some(presence::process(pid).ok_or_else(|| {
            model::refusal::Refusal::new(
                code::VALUE_INVALID,
                format!("there is no process {pid} on this machine"),
            )
        })?),
        None => None,
    };
    let store = call.store_to_write()?;
    let joined = SessionJoined { session, agent, role, task: None, task_file: None, process };
    let command = Command::JoinSession(Box::new(joined));
    let done = call.submit_to(&store, PlanId::STORE, asking, command, Vec::new())?;
    done.say(call, &model::plan::Plan::empty(PlanId::STORE));
    Ok(())
}
