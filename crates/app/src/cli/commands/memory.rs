//! `memory`: values that agents and people share, by key.

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use lens::views::memory::{MemoryRow, memory, memory_history};
use model::command::{Command, SetMemory};
use model::commons::MemoryEntry;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{self as code, Refusal};
use model::ruling::commons::nothing_under;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::remembering::{recall, recalled, remembered};
use crate::cli::values;
use crate::cli::verb::{
    Group, Handler, NAMES_TASK, READS_FILES, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};
use crate::cli::waiting::Changes;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Memory>(
    "memory",
    Group::Agents,
    "writes, reads, lists and searches what agents and people share",
    &[
        READS_STORE,
        WRITES_STORE,
        WORKS_IN_SESSION,
        NAMES_TASK,
        READS_FILES,
        &[code::MEMORY_NOT_FOUND, code::MEMORY_CONFLICT, code::POLICY_DENIED, code::WAIT_TIMEOUT],
    ],
);

#[derive(Debug, Args)]
struct Memory {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Writes a value, whatever was there
    Set {
        #[command(flatten)]
        what: Written,
    },
    /// Prints a value
    Get {
        /// Its key
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Lists entries in order of key
    List {
        /// Only keys that begin with this
        #[arg(value_name = "PREFIX", default_value = "")]
        prefix: String,
        /// Only entries with this tag
        #[arg(long, value_name = "TAG")]
        tag: Option<String>,
        /// At most so many
        #[arg(long, value_name = "COUNT")]
        limit: Option<usize>,
    },
    /// Lists every version of an entry, oldest first
    History {
        /// Its key
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Finds entries in which all of these words stand, in any form and order
    Search {
        /// What to look for in keys, values and tags
        #[arg(value_name = "WORDS", required = true)]
        words: Vec<String>,
        /// At most so many
        #[arg(long, value_name = "COUNT", default_value_t = 50)]
        limit: usize,
    },
    /// Writes a value if the entry is still what you believe it to be
    Cas {
        #[command(flatten)]
        what: Written,
        /// The version it must have: a number, or `absent`
        #[arg(long, value_name = "VERSION")]
        expect: String,
    },
    /// Waits until an entry has a value, and prints it
    Wait {
        /// Its key
        #[arg(value_name = "KEY")]
        key: String,
        /// Until this is the value
        #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
        value: Option<String>,
        /// Until it was written after this version
        #[arg(long, value_name = "VERSION", default_value_t = 0)]
        after: u64,
        /// At most so long
        #[arg(long, value_name = "TIME", default_value = "10m")]
        timeout: String,
    },
    /// Takes a value out; its history stays
    Delete {
        /// Its key
        #[arg(value_name = "KEY")]
        key: String,
        /// The version it must have
        #[arg(long, value_name = "VERSION")]
        expect: Option<u64>,
        /// Writes under your lease on this task
        #[arg(long, value_name = "KEY")]
        task: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
}

#[derive(Debug, Args)]
struct Written {
    /// Its key: names with slashes between them
    #[arg(value_name = "KEY")]
    key: String,
    /// The value; `-` reads it from standard input
    #[arg(value_name = "VALUE", allow_negative_numbers = true, required_unless_present = "file")]
    value: Option<String>,
    /// Takes the value from this file
    #[arg(long, value_name = "FILE", conflicts_with = "value")]
    file: Option<String>,
    /// For how long it is kept
    #[arg(long, value_name = "TIME")]
    ttl: Option<String>,
    /// A word to find it by; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Writes under your lease on this task
    #[arg(long, value_name = "KEY")]
    task: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Memory {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Set { what } => set(call, what, None),
            Action::Cas { what, expect } => {
                let expect = version(&expect)?;
                set(call, what, Some(expect))
            }
            Action::Get { key } => {
                tell(call, &recall(&call.store_to_read()?, &key)?);
                Ok(())
            }
            Action::List { prefix, tag, limit } => {
                let store = call.store_to_read()?;
                call.show(&memory(&remembered(&store, prefix.trim(), tag.as_deref(), limit)?));
                Ok(())
            }
            Action::History { key } => history(call, key.trim()),
            Action::Search { words, limit } => {
                let store = call.store_to_read()?;
                let (journal, now) = (store.desk().journal(), store.desk().now());
                call.show(&memory(&journal.memory_search(&words.join(" "), now, limit)?));
                Ok(())
            }
            Action::Wait { key, value, after, timeout } => {
                let timeout = Duration::from_secs(values::lasting("--timeout", &timeout)?);
                wait(call, key.trim(), value.as_deref(), after, timeout)
            }
            Action::Delete { key, expect, task, asking } => {
                let store = call.store_to_write()?;
                let under = call.grant(&store, task.as_deref())?;
                let command = Command::DeleteMemory { key, expect, under };
                let done = call.submit_to(&store, PlanId::STORE, &asking, command, Vec::new())?;
                done.say(call, &Plan::empty(PlanId::STORE));
                Ok(())
            }
        }
    }
}

fn set(call: &Call, what: Written, expect: Option<u64>) -> Outcome {
    let Written { key, value, file, ttl, tags, task, asking } = what;
    let value = match (value.as_deref(), file.as_deref()) {
        (Some("-"), _) => text_of(call, "-")?,
        (_, Some(file)) => text_of(call, file)?,
        (value, None) => value.unwrap_or_default().to_owned(),
    };
    let ttl_seconds = ttl.as_deref().map(|text| values::lasting("--ttl", text)).transpose()?;
    let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
    let store = call.store_to_fill(&here)?;
    let under = call.grant(&store, task.as_deref())?;
    let entry = call.remember(&store, &asking, SetMemory { key, value, expect, ttl_seconds, tags, under })?;
    if call.ui.wants_json() {
        call.ui.json(&MemoryRow::from(&entry));
    } else {
        call.ui.line(format!("{} is version {}", entry.key, entry.version));
    }
    Ok(())
}

fn text_of(call: &Call, path: &str) -> Outcome<String> {
    String::from_utf8(call.read_file(path)?).map_err(|_| {
        Refusal::new(code::VALUE_INVALID, format!("`{path}` is not text in UTF-8"))
            .hint("keep the content in a file and its path or digest in the memory")
            .into()
    })
}

fn version(text: &str) -> Result<u64, Refusal> {
    match text.trim() {
        "absent" => Ok(0),
        text => text.parse().map_err(|_| {
            Refusal::new(code::VALUE_INVALID, format!("`{text}` is no version"))
                .hint("a number, or `absent` where there must be nothing yet")
                .with("value", text)
        }),
    }
}

/// Prints a value: on a terminal without what would control it, elsewhere as it is.
fn tell(call: &Call, entry: &MemoryEntry) {
    if call.ui.wants_json() {
        call.ui.json(&MemoryRow::from(entry));
        return;
    }
    let value = entry.value.as_deref().unwrap_or_default();
    if call.ui.draws() {
        let plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        call.ui.data(&value.chars().filter(plain).collect::<String>());
    } else {
        call.ui.data(value);
    }
    if !value.ends_with('\n') {
        call.ui.data("\n");
    }
}

/// Waits for the journal to say that something changed, and looks each time.
fn wait(call: &Call, key: &str, value: Option<&str>, after: u64, timeout: Duration) -> Outcome {
    let store = call.store_to_read()?;
    // Watching begins before looking, so that no change falls between the two.
    let changes = Changes::of(&store)?;
    let until = Instant::now() + timeout;
    loop {
        let entry = recalled(&store, key)?.filter(|entry| {
            entry.version > after && value.is_none_or(|value| entry.value.as_deref() == Some(value))
        });
        if let Some(entry) = entry {
            tell(call, &entry);
            return Ok(());
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let what = value.map_or_else(|| "a value".to_owned(), |value| format!("the value `{value}`"));
            return Err(Refusal::new(code::WAIT_TIMEOUT, format!("`{key}` did not get {what} in time"))
                .hint("wait longer with `--timeout`, or look with `countersign memory history`")
                .with("key", key)
                .into());
        }
        changes.wait(left)?;
    }
}

fn history(call: &Call, key: &str) -> Outcome {
    let store = call.store_to_read()?;
    let versions = store.desk().journal().memory_history(key, 0, usize::MAX)?;
    if versions.is_empty() {
        return Err(nothing_under(key).into());
    }
    call.show(&memory_history(key, &versions));
    Ok(())
}
