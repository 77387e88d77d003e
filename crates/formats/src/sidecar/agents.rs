//! `[agents.NAME]`: programs that may be given tasks.

use std::collections::BTreeMap;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::ids::AgentId;
use model::lease::Budget;
use toml_edit::{Item, TableLike};

use super::CODE;
use super::fields::{Fields, entries, span_of, wrong};
use crate::probe::seconds;

/// How many attempts at a task an agent may make at a time, unless the table says otherwise.
const DEFAULT_CONCURRENCY: u32 = 1;
/// More processes than this at a time are nobody's intention.
const CONCURRENCY_LIMIT: u32 = 256;
/// How long one attempt may take, unless the table says otherwise: half an hour.
const DEFAULT_TIMEOUT_SECONDS: u32 = 30 * 60;
/// How often an attempt that failed is made again, unless the table says otherwise.
const DEFAULT_RETRIES: u32 = 2;
/// How long is waited before the first retry; twice as long before each further one.
const DEFAULT_BACK_OFF_SECONDS: u32 = 1;
/// Millionths of one unit of money.
const MICROS: f64 = 1_000_000.0;
/// Above this a number of millionths is no longer exact.
const MONEY_LIMIT: f64 = 1e9;

/// A program that may be given tasks, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentConfig {
    /// What it is called.
    pub name: AgentId,
    /// What is started.
    pub command: AgentCommand,
    /// The roles it fills; none means that it takes any task.
    pub roles: Vec<String>,
    /// How many attempts it may make at a time.
    pub concurrency: u32,
    /// How long one attempt may take.
    pub timeout_seconds: u32,
    /// Names of variables of the environment that it sees besides the few all commands see.
    pub environment: Vec<String>,
    /// Whether each attempt gets a worktree and a branch of its own.
    pub worktree: bool,
    /// Whether what it prints can be followed while it works.
    pub stream: Streaming,
    /// How often an attempt that failed is made again.
    pub retries: u32,
    /// How long is waited before the first retry; twice as long before each further one.
    pub back_off_seconds: u32,
    /// Who takes over where it is missing or does not start, in order.
    pub fallback: Vec<AgentId>,
    /// What all its attempts together may use up.
    pub budget: Budget,
}

/// What is started for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentCommand {
    /// Given to `sh -c`.
    Shell(String),
    /// A program and its arguments, without a shell. Never empty.
    Program(Vec<String>),
}

/// Whether what an agent prints can be followed while it works.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Streaming {
    /// Its output is looked at when it has ended.
    #[default]
    Off,
    /// It prints a line of JSON for each thing it does.
    On,
    /// It does so when these arguments are added to its command.
    With(Vec<String>),
}

impl AgentCommand {
    /// The command as text that a shell would run alike: what people are shown and trust.
    pub fn shown(&self) -> String {
        match self {
            Self::Shell(text) => text.clone(),
            Self::Program(words) => words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
        }
    }
}

impl AgentConfig {
    /// Every command that may be run for it, as text: with the arguments for streaming and without.
    pub fn commands(&self) -> Vec<String> {
        let plain = self.command.shown();
        match &self.stream {
            Streaming::With(_) => vec![self.streaming_command().shown(), plain],
            Streaming::Off | Streaming::On => vec![plain],
        }
    }

    /// Its command with the arguments for streaming, where it has such.
    pub fn streaming_command(&self) -> AgentCommand {
        match (&self.command, &self.stream) {
            (AgentCommand::Program(words), Streaming::With(more)) => {
                AgentCommand::Program(words.iter().chain(more).cloned().collect())
            }
            (command, _) => command.clone(),
        }
    }
}

/// A word as a shell would read it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Every agent of the sidecar, in the order of the file.
pub(super) fn read(item: &Item, found: &mut Vec<Diagnostic>) -> Vec<AgentConfig> {
    let mut agents = Vec::new();
    let mut places = BTreeMap::new();
    for (name, item) in entries(item, "agents", found) {
        let Ok(id) = AgentId::new(name) else {
            found.push(wrong(item, &format!("agent `{name}`"), "called by a name that can be shown"));
            continue;
        };
        if let Some(agent) = agent(id.clone(), item, found) {
            let place = item.as_table_like().and_then(|table| table.get("fallback")).map(span_of);
            places.insert(id, place.unwrap_or_else(|| span_of(item)));
            agents.push(agent);
        }
    }
    fallbacks(&agents, &places, &named(item), found);
    agents
}

/// Every name the file gives an agent, those left out because something is wrong with them too: a
/// fallback to one of them is no second fault.
fn named(item: &Item) -> Vec<String> {
    let table: Option<&dyn TableLike> = item.as_table_like();
    table.map(|table| table.iter().map(|(name, _)| name.trim().to_owned()).collect()).unwrap_or_default()
}

fn agent(name: AgentId, item: &Item, found: &mut Vec<Diagnostic>) -> Option<AgentConfig> {
    let what = format!("agent `{name}`");
    let mut fields = Fields::of(item, &what, found);
    let command = match fields.take("command") {
        Some(item) => command(item, &what, found),
        None => {
            if item.as_table_like().is_some() {
                let message = format!("{what} lacks a `command`");
                found.push(Diagnostic::new(CODE, Severity::Error, span_of(item), message));
            }
            None
        }
    };
    let roles = fields.texts("roles", found);
    let concurrency = fields.take("concurrency").and_then(|item| {
        whole(item, 1, CONCURRENCY_LIMIT).or_else(|| {
            let wanted = format!("a whole number from 1 to {CONCURRENCY_LIMIT}");
            found.push(wrong(item, &format!("`concurrency` of {what}"), &wanted));
            None
        })
    });
    let timeout = fields.take("timeout").and_then(|item| length(item, "timeout", &what, found));
    let environment = fields.texts("environment", found);
    let worktree = fields.flag("worktree", found);
    let shell = matches!(command, Some(AgentCommand::Shell(_)));
    let stream = fields.take("stream").and_then(|item| streaming(item, shell, &what, found));
    let retries = fields.take("retries").and_then(|item| {
        whole(item, 0, u32::MAX).or_else(|| {
            found.push(wrong(item, &format!("`retries` of {what}"), "a whole number from 0"));
            None
        })
    });
    let back_off = fields.take("back_off").and_then(|item| length(item, "back_off", &what, found));
    let fallback = fields.texts("fallback", found);
    let budget = fields.take("budget").map(|item| budget(item, &what, found));
    fields.finish(found);
    Some(AgentConfig {
        name,
        command: command?,
        roles: roles.iter().map(|role| role.trim().to_owned()).filter(|role| !role.is_empty()).collect(),
        concurrency: concurrency.unwrap_or(DEFAULT_CONCURRENCY),
        timeout_seconds: timeout.unwrap_or(DEFAULT_TIMEOUT_SECONDS),
        environment,
        worktree: worktree.unwrap_or(true),
        stream: stream.unwrap_or_default(),
        retries: retries.unwrap_or(DEFAULT_RETRIES),
        back_off_seconds: back_off.unwrap_or(DEFAULT_BACK_OFF_SECONDS),
        fallback: fallback.iter().filter_map(|name| AgentId::new(name).ok()).collect(),
        budget: budget.unwrap_or_default(),
    })
}

/// Text for a shell, or a list: a program and its arguments.
fn command(item: &Item, what: &str, found: &mut Vec<Diagnostic>) -> Option<AgentCommand> {
    let sound = |text: &str| !text.contains('\0');
    let read = match (item.as_str(), list(item)) {
        (Some(text), _) if !text.trim().is_empty() && sound(text) => {
            Some(AgentCommand::Shell(text.to_owned()))
        }
        (_, Some(words)) if words.first().is_some_and(|first| !first.trim().is_empty()) => {
            words.iter().all(|word| sound(word)).then_some(AgentCommand::Program(words))
        }
        _ => None,
    };
    if read.is_none() {
        let wanted = "a command in quotes, or a list like `[\"sh\", \"agent.sh\"]`";
        found.push(wrong(item, &format!("`command` of {what}"), wanted));
    }
    read
}

fn streaming(item: &Item, shell: bool, what: &str, found: &mut Vec<Diagnostic>) -> Option<Streaming> {
    match (item.as_bool(), list(item)) {
        (Some(true), _) => Some(Streaming::On),
        (Some(false), _) => Some(Streaming::Off),
        (_, Some(words)) if !words.is_empty() && shell => {
            let message = format!("`stream` of {what} adds arguments, and its command is text for a shell");
            let faulty = Diagnostic::new(CODE, Severity::Error, span_of(item), message);
            found.push(faulty.help("write the command as a list: a program and its arguments"));
            None
        }
        (_, Some(words)) if !words.is_empty() => Some(Streaming::With(words)),
        _ => {
            let wanted = "`true`, `false` or the arguments that make it print as it works";
            found.push(wrong(item, &format!("`stream` of {what}"), wanted));
            None
        }
    }
}

pub(super) fn budget(item: &Item, what: &str, found: &mut Vec<Diagnostic>) -> Budget {
    let what = format!("the budget of {what}");
    let mut fields = Fields::of(item, &what, found);
    let tokens = fields.take("tokens").and_then(|item| {
        let number = item.as_integer().and_then(|number| u64::try_from(number).ok());
        number.or_else(|| {
            found.push(wrong(item, &format!("`tokens` of {what}"), "a whole number from 0"));
            None
        })
    });
    let money = fields.take("money").and_then(|item| {
        money(item).or_else(|| {
            found.push(wrong(item, &format!("`money` of {what}"), "an amount like `20.0`"));
            None
        })
    });
    let time = fields.take("time").and_then(|item| length(item, "time", &what, found));
    fields.finish(found);
    Budget { tokens, money_micros: money, seconds: time.map(u64::from) }
}

/// An amount in millionths.
fn money(item: &Item) -> Option<u64> {
    let amount = item.as_float().or_else(|| item.as_integer().map(|number| number as f64))?;
    let fits = amount.is_finite() && (0.0..=MONEY_LIMIT).contains(&amount);
    fits.then(|| (amount * MICROS).round() as u64)
}

/// A length of time in seconds: a number of them, or text such as `10m`.
pub(super) fn length(item: &Item, name: &str, what: &str, found: &mut Vec<Diagnostic>) -> Option<u32> {
    let read = match item.as_str() {
        Some(text) => seconds(text),
        None => item.as_integer().and_then(|number| seconds(&number.to_string())),
    };
    if read.is_none() {
        found.push(wrong(item, &format!("`{name}` of {what}"), "a length of time like `\"10m\"`"));
    }
    read
}

fn whole(item: &Item, from: u32, to: u32) -> Option<u32> {
    let number = item.as_integer().and_then(|number| u32::try_from(number).ok())?;
    (from..=to).contains(&number).then_some(number)
}

fn list(item: &Item) -> Option<Vec<String>> {
    item.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

/// Tells of fallbacks to nobody, and of those that come back to where they began.
fn fallbacks(
    agents: &[AgentConfig],
    places: &BTreeMap<AgentId, Span>,
    named: &[String],
    found: &mut Vec<Diagnostic>,
) {
    let place = |name: &AgentId| places.get(name).copied().unwrap_or_default();
    for agent in agents {
        for other in &agent.fallback {
            if named.iter().any(|name| name == other.as_str()) {
                continue;
            }
            let message = format!("`fallback` of agent `{}` names `{other}`, which is no agent", agent.name);
            let unknown = Diagnostic::new(CODE, Severity::Error, place(&agent.name), message);
            let score = |known: &str| strsim::jaro_winkler(known, other.as_str());
            let near = named.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
            found.push(match near.filter(|known| score(known) >= super::fields::NEAR) {
                Some(known) => unknown.help(format!("did you mean `{known}`?")),
                None => unknown.help(format!("write a table `[agents.{other}]` with its `command`")),
            });
        }
    }
    let mut told: Vec<&AgentId> = Vec::new();
    for agent in agents {
        let Some(circle) = circle_from(agent, agents) else { continue };
        if circle.iter().any(|name| told.contains(name)) {
            continue;
        }
        told.extend(&circle);
        let path: Vec<String> = circle.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("agents fall back in a circle: {} → {}", path.join(" → "), path[0]);
        let faulty = Diagnostic::new(CODE, Severity::Error, place(&agent.name), message);
        found.push(faulty.help("let the last of them have no `fallback`"));
    }
}

/// The agents on a way of fallbacks that comes back to its first.
fn circle_from<'a>(first: &'a AgentConfig, agents: &'a [AgentConfig]) -> Option<Vec<&'a AgentId>> {
    let by_name = |name: &AgentId| agents.iter().find(|agent| agent.name == *name);
    // Depth first with a stack of its own: each agent is gone into once, so long chains are fine.
    let mut seen: Vec<&AgentId> = Vec::new();
    let mut way = vec![(first, first.fallback.iter())];
    while let Some((_, rest)) = way.last_mut() {
        match rest.next() {
            Some(name) if *name == first.name => {
                return Some(way.iter().map(|(agent, _)| &agent.name).collect());
            }
            Some(name) if seen.contains(&name) => {}
            Some(name) => {
                seen.push(name);
                if let Some(next) = by_name(name) {
                    way.push((next, next.fallback.iter()));
                }
            }
            None => {
                way.pop();
            }
        }
    }
    None
}
