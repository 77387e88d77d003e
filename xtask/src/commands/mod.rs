//! The commands of `cargo xtask`, one file each. This one only lists them.

use crate::tool::Outcome;

mod bench;
mod check;
mod generate;
mod mcp;
mod measure;
mod mutants;
mod tidy;

/// One command of the workshop.
pub struct Command {
    /// Its name on the command line.
    pub name: &'static str,
    /// What may follow the name.
    pub arguments: &'static str,
    /// What it does, in a line.
    pub does: &'static str,
    /// Does it.
    pub run: fn(&[String]) -> Outcome,
}

/// All commands, in the order a day needs them.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "check",
        arguments: "",
        does: "format, clippy with warnings denied, tidy, deny where it is installed, documentation",
        run: check::run,
    },
    Command {
        name: "tidy",
        arguments: "",
        does: "the house rules that the compiler cannot keep",
        run: tidy::run,
    },
    Command {
        name: "gen",
        arguments: "",
        does: "write the documents that are made from code; `git diff` shows what changed",
        run: generate::run,
    },
    Command {
        name: "bench",
        arguments: "[NAME…]",
        does: "measure against peers and floors; --list names the parts, --write fills the page",
        run: bench::run,
    },
    Command {
        name: "mcp",
        arguments: "",
        does: "have clients from npm talk to `countersign mcp`, and the protocol's own test suite",
        run: mcp::run,
    },
    Command {
        name: "mutants",
        arguments: "[NAME…]",
        does: "break the model's rules one by one and see that a test fails; --write lists what failed",
        run: mutants::run,
    },
    Command {
        name: "measure",
        arguments: "FILE PROGRAM…",
        does: "run one program and write what it took to FILE; `bench` uses it",
        run: measure::run,
    },
];

/// The commands as text.
pub fn list() -> String {
    let line = |command: &Command| {
        let call = format!("{} {}", command.name, command.arguments);
        format!("  cargo xtask {call:24} {}\n", command.does)
    };
    COMMANDS.iter().map(line).collect()
}
