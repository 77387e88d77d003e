//! One run of an agent's program: the brief goes in, and it is watched to the end.
//!
//! The brief is on standard input and in a file; the rest is in variables. What it prints is kept
//! redacted and cut to size like a probe's output. Lines that are JSON objects are looked into for
//! what was used up, and, where the agent streams, for what it is doing. Says how a run ended, not
//! what becomes of the task.

use std::path::{Path, PathBuf};
use std::time::Duration;

use formats::sidecar::{AgentConfig, Streaming};
use model::lease::Usage;

use super::usable::Ready;
use crate::process::{Cancel, Ending, Environment, OUTPUT_LIMIT, Order, Program, Ran, run_following};
use crate::redact::Redactor;

/// Between asking an agent to end and ending it.
pub const GRACE: Duration = Duration::from_secs(5);
/// A longer line is passed over.
const LONGEST_LINE: usize = 256 * 1024;
/// What an agent says is shown up to this many characters.
const LONGEST_SAYING: usize = 160;
/// How programs say that they do not know an argument.
const USAGE_STATUS: [i32; 2] = [2, 64];

/// What is run, where and with what.
pub struct Run<'a> {
    /// The agent.
    pub agent: &'a AgentConfig,
    /// What is started for it.
    pub ready: &'a Ready,
    /// Whether it is asked to print as it works, where it can.
    pub stream: bool,
    /// The folder it works in.
    pub folder: &'a Path,
    /// The file with its brief.
    pub brief: &'a Path,
    /// Variables that tell it what it works on.
    pub variables: &'a [(String, String)],
    /// The variables it sees besides.
    pub environment: &'a Environment,
    /// Takes secrets out of what it prints.
    pub redactor: &'a Redactor,
    /// Has it stopped.
    pub cancel: &'a Cancel,
    /// Names this run.
    pub nonce: &'a str,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By itself and well.
    Done,
    /// It never began: another agent may take over.
    NotStarted(String),
    /// Not well.
    Failed(String),
    /// It was told to stop.
    Stopped,
}

/// What came of a run.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub how: How,
    /// Everything it printed, redacted and cut to size.
    pub output: Vec<u8>,
    /// What it has used up: time as measured, the rest as it says.
    pub used: Usage,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether it does not know the arguments that would have made it stream.
    pub downgraded: bool,
}

impl Run<'_> {
    /// Runs it and waits until it and all it started are gone. `tell` hears what it says meanwhile.
    pub fn run(&self, tell: &mut dyn FnMut(&str)) -> Ended {
        let with = match &self.agent.stream {
            Streaming::With(words) if self.stream => words.as_slice(),
            _ => &[],
        };
        let streams = self.stream && self.agent.stream != Streaming::Off;
        let (ran, heard) = self.once(with, streams, tell);
        let knows_no_stream = !with.is_empty()
            && matches!(ran.ending, Ending::Exited(status) if USAGE_STATUS.contains(&status))
            && ran.stdout_tail.is_empty();
        if !knows_no_stream {
            return ended(ran, heard, self.agent.timeout_seconds, false);
        }
        let (ran, heard) = self.once(&[], false, tell);
        ended(ran, heard, self.agent.timeout_seconds, true)
    }

    fn once(&self, more: &[String], streams: bool, tell: &mut dyn FnMut(&str)) -> (Ran, Usage) {
        let (path, arguments): (PathBuf, Vec<String>);
        let program = match self.ready {
            Ready::Shell(text) => Program::Shell(text),
            Ready::Program { path: found, arguments: own } => {
                path = if found.is_absolute() { found.clone() } else { self.folder.join(found) };
                arguments = own.iter().chain(more).cloned().collect();
                Program::Plain(&path, &arguments)
            }
        };
        let order = Order {
            program,
            folder: self.folder,
            input: Some(self.brief),
            timeout: Duration::from_secs(u64::from(self.agent.timeout_seconds)),
            grace: GRACE,
            environment: self.environment,
            variables: self.variables,
            nonce: self.nonce,
            redactor: self.redactor,
            cancel: self.cancel,
        };
        let mut lines = Lines::default();
        let ran = run_following(&order, &mut |bytes| {
            lines.push(bytes, &mut |saying| {
                if streams {
                    tell(&self.redactor.redact_str(saying));
                }
            });
        });
        lines.push(b"\n", &mut |_| {});
        (ran, lines.spent)
    }
}

fn ended(ran: Ran, spent: Usage, timeout_seconds: u32, downgraded: bool) -> Ended {
    let how = match &ran.ending {
        Ending::Exited(0) => How::Done,
        Ending::NotStarted(why) => How::NotStarted(why.clone()),
        Ending::Exited(127) => How::NotStarted("its command was not found (exit status 127)".to_owned()),
        Ending::Exited(126) => How::NotStarted("its command cannot be run (exit status 126)".to_owned()),
        Ending::Exited(status) => How::Failed(format!("it ended with exit status {status}")),
        Ending::Signalled(signal) => How::Failed(format!("it was ended by signal {signal}")),
        Ending::TimedOut => How::Failed(format!("it took longer than {timeout_seconds} s and was ended")),
        Ending::TooMuchOutput => {
            How::Failed(format!("it printed more than {} MiB and was ended", OUTPUT_LIMIT / (1024 * 1024)))
        }
        Ending::Cancelled => How::Stopped,
    };
    let left = match (ran.survivors, ran.left_behind) {
        (true, _) => Some("it left processes behind that could not be ended".to_owned()),
        (false, 0) => None,
        (false, 1) => Some("it left a process behind, which was ended".to_owned()),
        (false, count) => Some(format!("it left {count} processes behind, which were ended")),
    };
    let how = match (how, left) {
        (How::Done, Some(left)) => How::Failed(left),
        (How::Failed(why), Some(left)) => How::Failed(format!("{why}; {left}")),
        (how, _) => how,
    };
    let used = Usage { seconds: ran.elapsed.as_secs(), ..spent };
    Ended { how, output: ran.output, used, elapsed: ran.elapsed, downgraded }
}

/// Takes lines out of what comes in pieces, and out of those what is said about the work.
#[derive(Default)]
struct Lines {
    pending: Vec<u8>,
    too_long: bool,
    spent: Usage,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            if self.pending.len() + piece.len() > LONGEST_LINE {
                self.too_long = true;
                self.pending.clear();
            }
            // Only objects are of interest, so nothing else is kept.
            let of_interest = self.pending.first().or(piece.first()) == Some(&b'{');
            if !self.too_long && of_interest {
                self.pending.extend_from_slice(piece);
            }
            if pieces.peek().is_some() {
                if !self.too_long && !self.pending.is_empty() {
                    self.line(tell);
                }
                self.pending.clear();
                self.too_long = false;
            }
        }
    }

    fn line(&mut self, tell: &mut dyn FnMut(&str)) {
        let Ok(serde_json::Value::Object(said)) = serde_json::from_slice(&self.pending) else { return };
        let usage = said.get("usage");
        let number = |name: &str| usage.and_then(|usage| usage.get(name)).and_then(serde_json::Value::as_u64);
        let parts =
            ["input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
        let sum: u64 = parts.iter().filter_map(|name| number(name)).fold(0, u64::saturating_add);
        if let Some(tokens) = number("tokens").or((sum > 0).then_some(sum)) {
            self.spent.tokens = tokens;
        }
        let money =
            [usage.and_then(|usage| usage.get("money")), said.get("total_cost_usd"), said.get("cost")];
        if let Some(money) = money.into_iter().flatten().find_map(serde_json::Value::as_f64)
            && money.is_finite()
            && (0.0..1e9).contains(&money)
        {
            self.spent.money_micros = (money * 1e6).round() as u64;
        }
        let text = ["text", "message", "result"].iter().find_map(|name| said.get(*name)?.as_str());
        if let Some(text) = text.and_then(|text| text.lines().map(str::trim).find(|line| !line.is_empty())) {
            let short: String = text.chars().take(LONGEST_SAYING).collect();
            tell(&short);
        }
    }
}

#[cfg(test)]
mod tests;
