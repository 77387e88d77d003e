//! `swarm`: a session with room for a stated number of agents, in the words coordinators use.

use clap::{Args, Subcommand};
use engine::desk::Desk as _;
use model::refusal as code;

use super::session::start;
use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};
use crate::cli::working;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Swarm>(
    "swarm",
    Group::Agents,
    "begins a session with room for a stated number of agents",
    &[READS_STORE, WRITES_STORE, WORKS_IN_SESSION, &[code::AGENT_DIFFERS]],
);

#[derive(Debug, Args)]
struct Swarm {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Begins it
    Init {
        /// How its agents stand to each other, in your words: `mesh`, `star`
        #[arg(long, value_name = "WORD")]
        topology: Option<String>,
        /// How many agents may join
        #[arg(long, value_name = "COUNT")]
        max_agents: Option<u32>,
        /// Its name; made from the plan's where none is given
        #[arg(long, value_name = "ID")]
        session_id: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Swarm {
    fn run(self, call: &Call) -> Outcome {
        let Action::Init { topology, max_agents, session_id, asking } = self.action;
        let name = match session_id.or_else(|| call.config.session.value.clone()) {
            Some(name) => name,
            None => format!("swarm-{}", plan_key(call)?.unwrap_or_else(|| "1".to_owned())),
        };
        start(call, working::session(&name)?, max_agents, topology, None, &asking)
    }
}

/// The key of the plan that is meant, where it is clear which.
fn plan_key(call: &Call) -> Outcome<Option<String>> {
    if let Some(named) = &call.config.plan.value {
        return Ok(Some(named.clone()));
    }
    match call.store_to_read() {
        Ok(store) => match store.desk().plans()?.as_slice() {
            [only] => Ok(Some(only.key.to_string())),
            _ => Ok(None),
        },
        Err(stop) if stop.code() == code::STORE_NOT_FOUND => Ok(None),
        Err(stop) => Err(stop),
    }
}
