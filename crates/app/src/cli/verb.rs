//! What a verb is to the registry: a name, where help lists it, how its arguments are read, what
//! it does, and with which codes it can end.

use clap::{ArgMatches, Command};
use model::refusal as code;

use super::call::Call;
use super::error::Outcome;
use super::usage;

/// Where `help --all` lists a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Write, read and mend plan documents.
    Author,
    /// The main job.
    Run,
    /// Work on tasks.
    Track,
    /// Evidence, gates, approvals.
    Prove,
    /// Risks, decisions, metrics and their kin.
    Registers,
    /// Documents made from the plan.
    Documents,
    /// What happened.
    History,
    /// Agents and people who work at the same time.
    Agents,
    /// The program itself.
    Operate,
}

impl Group {
    /// Every group in the order of help.
    pub const ALL: [Self; 9] = [
        Self::Author,
        Self::Run,
        Self::Track,
        Self::Prove,
        Self::Registers,
        Self::Documents,
        Self::History,
        Self::Agents,
        Self::Operate,
    ];

    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Run => "run",
            Self::Track => "track",
            Self::Prove => "prove",
            Self::Registers => "registers",
            Self::Documents => "documents out",
            Self::History => "history",
            Self::Agents => "agents",
            Self::Operate => "operate",
        }
    }
}

/// The arguments of a verb, and what it does with them: parse, submit, render.
pub trait Handler: clap::Args {
    /// Does it.
    fn run(self, call: &Call) -> Outcome;
}

/// One line of the registry.
pub struct Verb {
    /// `lint`.
    pub name: &'static str,
    /// Where help lists it.
    pub group: Group,
    /// One line, third person.
    pub about: &'static str,
    /// Whether plain `countersign` shows it among the dozen that carry a day.
    pub daily: bool,
    /// The codes it can end with beyond those of every verb, in groups.
    pub codes: &'static [&'static [&'static str]],
    /// Adds its arguments to a command; only called for the verb that was asked for.
    pub augment: fn(Command) -> Command,
    /// Reads its arguments and does it.
    pub run: fn(&ArgMatches, &Call) -> Outcome,
}

impl Verb {
    /// A verb whose arguments are `H`.
    pub const fn of<H: Handler>(
        name: &'static str,
        group: Group,
        about: &'static str,
        codes: &'static [&'static [&'static str]],
    ) -> Self {
        Self { name, group, about, daily: false, codes, augment: augment::<H>, run: run::<H> }
    }

    /// Shows it among the dozen that carry a day.
    #[must_use]
    pub const fn daily(mut self) -> Self {
        self.daily = true;
        self
    }

    /// Every code it can end with, those of every verb included, by exit status.
    pub fn all_codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<&'static str> =
            EVERY_VERB.iter().chain(self.codes.iter().copied().flatten()).copied().collect();
        codes.sort_by_key(|name| code::CODES.iter().position(|known| known.code == *name));
        codes.dedup();
        codes
    }
}

/// A verb without its action is an error like any other, not a page of help.
fn augment<H: Handler>(command: Command) -> Command {
    H::augment_args(command).arg_required_else_help(false)
}

fn run<H: Handler>(matches: &ArgMatches, call: &Call) -> Outcome {
    let arguments = H::from_arg_matches(matches).map_err(|error| usage::refusal(&error))?;
    arguments.run(call)
}

/// Codes any verb can end with.
pub const EVERY_VERB: &[&str] = &[code::INTERNAL_FAULT, code::USAGE_INVALID, code::CONFIG_INVALID];

/// Codes of a verb that reads files it is told of.
pub const READS_FILES: &[&str] = &[code::FILE_NOT_FOUND];

/// Codes of a verb that reads a plan in a store.
pub const READS_STORE: &[&str] = &[
    code::PLAN_AMBIGUOUS,
    code::PLAN_NOT_FOUND,
    code::STORE_NOT_FOUND,
    code::STORE_FULL,
    code::STORE_IO,
    code::STORE_MEMORY,
    code::STORE_READ_ONLY,
    code::STORE_LIBRARY,
    code::STORE_FAULT,
    code::STORE_BUSY,
    code::STORE_DAMAGED,
    code::STORE_NEWER,
    code::CHAIN_BROKEN,
    // Where a server has the store.
    code::STORE_UNREACHABLE,
    code::STORE_REMOTE,
    code::STORE_OTHER_VERSION,
    code::AUTH_REQUIRED,
    code::AUTH_INVALID,
    code::AUTH_SCOPE,
    code::ORIGIN_REFUSED,
];

/// Codes of a verb that changes a plan in a store, beyond [`READS_STORE`].
pub const WRITES_STORE: &[&str] = &[
    code::PLAN_MOVED,
    code::REQUEST_REPEATED,
    code::VALUE_INVALID,
    code::IDENTITY_UNPROVEN,
    // Where an agent asks, in a session that is not, or no longer, there.
    code::SESSION_NOT_FOUND,
    code::SESSION_ENDED,
];

/// Codes of a verb that refuses to go on where a document cannot be taken in.
pub const TAKES_IN: &[&str] = &[
    code::CONFIG_INVALID,
    code::DEPENDENCY_CYCLE,
    code::DOCUMENT_CONFLICT_MARKERS,
    code::DOCUMENT_UNREADABLE,
    code::FILE_NOT_FOUND,
    code::KEY_DUPLICATE,
    code::PLAN_INVALID,
];

/// Codes of a verb that names a task.
pub const NAMES_TASK: &[&str] = &[code::TASK_NOT_FOUND];

/// Codes of a verb that only a person may use.
pub const PERSON_ONLY: &[&str] = &[code::POLICY_DENIED, code::IDENTITY_UNPROVEN];

/// Codes of a verb that moves a task along.
pub const MOVES_TASK: &[&str] =
    &[code::DEPENDENCY_UNMET, code::GATE_SHUT, code::POLICY_DENIED, code::TASK_STATE];

/// Codes of a verb that works on a task, which another may hold.
pub const WORKS_IN_SESSION: &[&str] =
    &[code::SESSION_NOT_FOUND, code::SESSION_ENDED, code::LEASE_LOST, code::LEASE_TAKEN];

/// Codes of a verb that has agents work.
pub const HAS_AGENTS_WORK: &[&str] = &[
    code::AGENT_NOT_FOUND,
    code::AGENT_UNUSABLE,
    code::AGENT_DIFFERS,
    code::SESSION_ENDED,
    code::SESSION_FULL,
    code::PLAN_HALTED,
    code::BUDGET_SPENT,
    code::MERGE_CONFLICT,
];
