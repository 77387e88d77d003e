//! The program around the engine: the command line, the service, agents' tools.
//!
//! It turns what somebody asked for into a command, and what came of it into output. It
//! deliberately knows no rule: whether a thing may be done is `model`'s to say. Start reading at
//! [`cli::main`]; each verb is one file in `cli/commands/` and one line in its registry.

pub mod cli;
pub mod config;
pub mod example;
pub mod http;
pub mod mcp;
pub mod remote;
pub mod wire;
