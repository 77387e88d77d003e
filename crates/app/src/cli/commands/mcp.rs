//! `mcp`: serves agents' tools on standard input and output.

use std::ffi::OsString;

use clap::Args;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};
use crate::mcp::Server;

/// Who asks where the server was told no name: tools are used by agents, never by a person.
const NAMELESS: &str = "agent";

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Mcp>(
    "mcp",
    Group::Agents,
    "serves agents' tools over the Model Context Protocol on standard input and output",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Mcp {}

impl Handler for Mcp {
    fn run(self, call: &Call) -> Outcome {
        let config = &call.config;
        let agent = config.agent.value.clone().unwrap_or_else(|| NAMELESS.to_owned());
        let named = [
            ("--store", config.store.value.clone()),
            ("--plan", config.plan.value.clone()),
            ("--agent", Some(agent)),
            ("--session", config.session.value.clone()),
            ("--fence", config.fence.value.map(|fence| fence.to_string())),
        ];
        let globals = named
            .into_iter()
            .filter_map(|(option, value)| Some(OsString::from(format!("{option}={}", value?))));
        let server = Server::new(globals.collect());
        server.serve().map_err(|error| Stop::file("standard input", "served", &error))
    }
}
