//! `doctor`: whether everything that is needed is there and works.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use clap::Args;
use engine::desk::Desk as _;
use engine::store::Store;
use jiff::Timestamp;
use model::refusal::{CONFIG_INVALID, INTERNAL_FAULT, STORE_READ_ONLY};
use serde::Serialize;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::ui::{Column, Table, Tone};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Doctor>(
    "doctor",
    Group::Operate,
    "looks whether everything that is needed is there and works",
    &[READS_STORE],
);

/// Git before this cannot be asked what it is asked here.
const OLDEST_GIT: (u32, u32) = (2, 38);

#[derive(Debug, Args)]
struct Doctor {}

/// Something that was looked at.
#[derive(Serialize)]
struct Look {
    name: &'static str,
    /// `ok`, `warn` or `fail`.
    state: &'static str,
    text: String,
    #[serde(skip)]
    code: &'static str,
}

impl Look {
    fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, state: "ok", text: text.into(), code: "" }
    }

    fn warn(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, state: "warn", text: text.into(), code: "" }
    }

    fn fail(name: &'static str, code: &'static str, text: impl Into<String>) -> Self {
        Self { name, state: "fail", text: text.into(), code }
    }
}

impl Handler for Doctor {
    fn run(self, call: &Call) -> Outcome {
        let mut looks = vec![
            Look::ok("program", format!("countersign {}", env!("CARGO_PKG_VERSION"))),
            Look::ok("database", format!("SQLite {}, built in", journal::sqlite::library_version())),
            shell(),
            git(),
            Look::ok("settings", call.config.folder.display().to_string()),
            keys(call)?,
        ];
        looks.extend(store(call)?);
        if call.ui.wants_json() {
            call.ui.json(&json!({ "checks": looks }));
        } else {
            print(call, &looks);
        }
        match looks.iter().find(|look| look.state == "fail") {
            Some(failed) => Err(Stop::Said(failed.code)),
            None => Ok(()),
        }
    }
}

fn print(call: &Call, looks: &[Look]) {
    let mut table = Table::new([Column::new(""), Column::new(""), Column::text("")]);
    for look in looks {
        let tone = match look.state {
            "ok" => Tone::Good,
            "warn" => Tone::Warn,
            _ => Tone::Bad,
        };
        table.toned([
            (tone, look.state.to_owned()),
            (Tone::Plain, look.name.to_owned()),
            (Tone::Plain, look.text.clone()),
        ]);
    }
    call.ui.table(&table);
}

/// Checks are run by `sh`.
fn shell() -> Look {
    let ran = Command::new("sh").args(["-c", "exit 0"]).stdin(Stdio::null()).status();
    match ran {
        Ok(status) if status.success() => Look::ok("sh", "runs"),
        _ => Look::fail("sh", INTERNAL_FAULT, "does not run, so no check with a command can"),
    }
}

fn git() -> Look {
    let output = Command::new("git").arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let text = output.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = text.trim().trim_start_matches("git version ").to_owned();
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if major > 0 => {
            if (major, minor) >= OLDEST_GIT {
                Look::ok("git", version)
            } else {
                Look::warn("git", format!("{version}; at least {}.{} is wanted", OLDEST_GIT.0, OLDEST_GIT.1))
            }
        }
        _ => Look::warn(
            "git",
            "is not there: verdicts are reached anew each time, since changes cannot be seen",
        ),
    }
}

fn keys(call: &Call) -> Outcome<Look> {
    let person = call.person()?;
    let path = engine::keys::SecretKey::path(&call.config.folder, person.as_str());
    let Ok(file) = std::fs::metadata(&path) else {
        return Ok(Look::ok("key", format!("{person} has none; `countersign key new` makes one")));
    };
    let mode = file.permissions().mode() & 0o777;
    Ok(if mode & 0o077 == 0 {
        Look::ok("key", format!("of {person}, in `{}`", path.display()))
    } else {
        let text = format!("`{}` may be read by others (mode {mode:o}); `chmod 600` it", path.display());
        Look::fail("key", CONFIG_INVALID, text)
    })
}

fn store(call: &Call) -> Outcome<Vec<Look>> {
    let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
    let place = call.place(&here)?;
    if !place.exists {
        let text = format!("none yet; it would be made in `{}`", place.folder.display());
        return Ok(vec![Look::warn("store", text)]);
    }
    let folder = place.folder.display();
    let store = match call.store_to_read() {
        Ok(store) => store,
        Err(Stop::Fault(fault)) => {
            let code = model::refusal::code(&fault.code).map_or(INTERNAL_FAULT, |code| code.code);
            return Ok(vec![Look::fail("store", code, format!("`{folder}`: {}", fault.message))]);
        }
        Err(other) => return Err(other),
    };
    let plans = store.desk().plans()?;
    let test = if store.is_test() { "; made for tests" } else { "" };
    let count = lens::words::count_of(plans.len(), "plan");
    let mut looks = vec![Look::ok("store", format!("`{folder}`, {count}{test}"))];
    looks.push(writable(&store));
    looks.push(clock(&store)?);
    Ok(looks)
}

/// Whether whoever asks may write the store; nothing is written to find out.
fn writable(store: &Store) -> Look {
    let file = store.folder().join(journal::sqlite::DATABASE);
    match std::fs::OpenOptions::new().write(true).open(&file) {
        Ok(_) => Look::ok("permissions", "the store may be read and written"),
        Err(_) => Look::fail("permissions", STORE_READ_ONLY, "the store may be read, but not written"),
    }
}

/// History that lies ahead of the clock means that the clock is wrong, or was.
fn clock(store: &Store) -> Outcome<Look> {
    let desk = store.desk();
    let mut last = Timestamp::UNIX_EPOCH;
    for line in desk.plans()? {
        last = last.max(desk.plan(line.id)?.at);
    }
    let now = desk.now();
    if last > now {
        return Ok(Look::warn("clock", format!("says {now}, and something was recorded at {last}")));
    }
    Ok(Look::ok("clock", now.to_string()))
}
