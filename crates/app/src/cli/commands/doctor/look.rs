//! The single looks. Each changes nothing, except that a file is made and removed where it must be
//! known whether a folder can be written.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use engine::agents::usable::repository_for;
use engine::desk::Desk as _;
use engine::documents::agents_of;
use engine::keys::SecretKey;
use engine::process::Environment;
use engine::store::Store;
use engine::trust::given::Given;
use jiff::Timestamp;
use lens::words::{count_of, moment};
use model::fault::Fault;
use model::ids::PlanId;
use model::plan::Plan;

use super::Row;
use crate::cli::call::Call;
use crate::cli::dispatching::usable;
use crate::cli::error::{Outcome, Stop, plain};
use crate::cli::proving::{first_document, workspace_of};

/// The oldest git whose output is understood.
const OLDEST_GIT: (u32, u32) = (2, 38);

/// Nobody has run this program before it was written.
const WRITTEN: &str = "2026-01-01T00:00:00Z";

/// Looks at everything there is to look at.
pub(super) fn at_everything(call: &Call) -> Vec<Row> {
    let (found, store) = match store(call) {
        Ok(Some(store)) => (kept(&store), Some(store)),
        Ok(None) => (vec![Row::ok("store", "none here yet; `adopt`, `run` or `init` makes one")], None),
        Err(stop) => (vec![unopened(&stop)], None),
    };
    let mut rows = vec![Row::ok("program", concat!("countersign ", env!("CARGO_PKG_VERSION")))];
    rows.extend(found);
    rows.push(library());
    rows.push(git());
    rows.push(shell());
    rows.extend(store.as_ref().into_iter().flat_map(agents));
    rows.push(clock(store.as_ref()));
    let folder = &call.config.folder;
    rows.push(writable("settings", folder));
    rows.push(keys(call));
    rows.push(trusted(Given::new(folder).folder()));
    rows
}

fn store(call: &Call) -> Outcome<Option<Store>> {
    let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
    if call.place(&here)?.exists { call.store_to_read().map(Some) } else { Ok(None) }
}

fn unopened(stop: &Stop) -> Row {
    let (found, hint) = match stop {
        Stop::Refused(no) => (no.message.clone(), no.hint.clone()),
        Stop::Fault(fault) => (fault.message.clone(), fault.hint.clone()),
        Stop::Said(code) => ((*code).to_owned(), None),
    };
    let code = stop.code();
    let hint = hint.unwrap_or_else(|| format!("`countersign explain {code}`"));
    Row::bad("store", found, hint).with_code(code)
}

/// The store and what is in it.
fn kept(store: &Store) -> Vec<Row> {
    let at = match store.server() {
        Some(server) => server.name().to_owned(),
        None => store.folder().display().to_string(),
    };
    let own = if store.is_test() {
        Row::warn(
            "store",
            format!("{at}, made for tests"),
            "its clock and ids may be made up; use it for tests only",
        )
    } else {
        Row::ok("store", at)
    };
    vec![own, contents(store).unwrap_or_else(|fault| unread(&fault)), permissions(store)]
}

/// Whether whoever asks may write the store; nothing is written to find out.
fn permissions(store: &Store) -> Row {
    if let Some(server) = store.server() {
        let who = match &server.hello().subject {
            Some(subject) => format!("the server takes you for {subject}"),
            None => "the server asks nobody who they are".to_owned(),
        };
        return Row::ok("permissions", who);
    }
    let file = store.folder().join(journal::sqlite::DATABASE);
    match OpenOptions::new().write(true).open(&file) {
        Ok(_) => Row::ok("permissions", "the store may be read and written"),
        Err(error) => {
            let found = format!("the store may be read, but not written: {}", plain(&error));
            Row::warn("permissions", found, "ask its owner, or work where you may write")
        }
    }
}

fn contents(store: &Store) -> Result<Row, Fault> {
    let desk = store.desk();
    let (plans, events) = (desk.plans()?.len(), desk.journal().position()?);
    let events = count_of(usize::try_from(events).unwrap_or(usize::MAX), "event");
    let format = journal::sqlite::FORMAT;
    Ok(Row::ok("journal", format!("format {format}, {}, {events}", count_of(plans, "plan"))))
}

fn unread(fault: &Fault) -> Row {
    let hint = "`countersign audit verify` says where; restore the store from a backup";
    Row::bad("journal", fault.message.clone(), hint).with_code(&fault.code)
}

fn library() -> Row {
    let (version, sound) = journal::sqlite::library();
    if sound {
        Row::ok("SQLite", format!("{version}, inside the program"))
    } else {
        Row::bad("SQLite", version, "this build can lose data; use an official one")
            .with_code(model::refusal::STORE_LIBRARY)
    }
}

fn git() -> Row {
    let why = "without it no check's verdict is kept: its inputs are not known";
    let Some(text) = said(Command::new("git").arg("--version")) else {
        return Row::warn("git", "not found", format!("install git 2.38 or newer; {why}"));
    };
    let version = text.trim().trim_start_matches("git version ").to_owned();
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found >= OLDEST_GIT {
        Row::ok("git", version)
    } else {
        Row::warn("git", version, "2.38 or newer is needed for worktrees to be told apart")
    }
}

/// The agents of each plan, as they would be started now.
fn agents(store: &Store) -> Vec<Row> {
    let plans = store.desk().plans().unwrap_or_default();
    plans.iter().filter_map(|line| agents_of_plan(store, line.id)).collect()
}

fn agents_of_plan(store: &Store, id: PlanId) -> Option<Row> {
    let plan = store.desk().plan(id).ok()?;
    let agents = match agents_of(store, &plan) {
        Ok(agents) if agents.is_empty() => return None,
        Ok(agents) => agents,
        Err(denied) => return Some(unusable(&plan, &Stop::from(denied))),
    };
    let document = first_document(store, &plan);
    let workspace = workspace_of(store, Some(&plan), &document).map_err(Stop::from);
    let looked = workspace.and_then(|workspace| {
        let environment = Environment::of_this_process().and_this_program();
        let looked = usable(&agents, &workspace, &environment)?;
        repository_for(&agents, workspace.folder())?;
        Ok(looked)
    });
    Some(match looked {
        Ok(looked) => match looked.unusable.first() {
            Some((agent, why)) => Row::warn(
                "agents",
                format!("plan `{}`: `{}` cannot be started: {why}", plan.key, agent.name),
                "another stands in for it; mend its `command` in `countersign.toml`",
            ),
            None => {
                let count = count_of(looked.usable.len(), "agent");
                Row::ok("agents", format!("plan `{}`: {count}, and each can be started", plan.key))
            }
        },
        Err(stop) => unusable(&plan, &stop),
    })
}

fn unusable(plan: &Plan, stop: &Stop) -> Row {
    let (found, hint) = match stop {
        Stop::Refused(no) => (no.message.clone(), no.hint.clone()),
        Stop::Fault(fault) => (fault.message.clone(), fault.hint.clone()),
        Stop::Said(code) => ((*code).to_owned(), None),
    };
    let code = stop.code();
    let hint = hint.unwrap_or_else(|| format!("`countersign explain {code}`"));
    Row::bad("agents", format!("plan `{}`: {found}", plan.key), hint).with_code(code)
}

fn shell() -> Row {
    match said(Command::new("sh").args(["-c", "echo works"])) {
        Some(text) if text.trim() == "works" => Row::ok("sh", "runs commands"),
        _ => Row::bad("sh", "does not run commands", "checks are run by `sh -c`; put it on the PATH"),
    }
}

/// What a program printed, where it ended well.
fn said(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A clock that runs behind makes waivers last longer than they should.
fn clock(store: Option<&Store>) -> Row {
    let now = store.map_or_else(Timestamp::now, |store| store.desk().now());
    let last = store.and_then(last_event).filter(|last| *last > now);
    if let Some(last) = last {
        let found = format!("{}, and the store's last event is of {}", moment(now), moment(last));
        return Row::bad("clock", found, "set the clock: leases and waivers are judged by it");
    }
    if WRITTEN.parse().is_ok_and(|written: Timestamp| now < written) {
        return Row::bad("clock", moment(now), "set the clock: leases and waivers are judged by it");
    }
    Row::ok("clock", moment(now))
}

fn last_event(store: &Store) -> Option<Timestamp> {
    let journal = store.desk().journal();
    let last = journal.position().ok()?.checked_sub(1)?;
    journal.follow(last, 1).ok()?.first().map(|stored| stored.at)
}

fn writable(name: &'static str, folder: &Path) -> Row {
    let at = folder.display().to_string();
    if !folder.exists() {
        return Row::ok(name, format!("{at}, made when it is needed"));
    }
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    match OpenOptions::new().write(true).create_new(true).open(&probe) {
        Ok(_) => {
            let _ = fs::remove_file(&probe);
            Row::ok(name, at)
        }
        Err(error) => {
            let found = format!("{at} cannot be written: {}", plain(&error));
            Row::bad(name, found, "keys and trust are kept there; set XDG_CONFIG_HOME to a folder of yours")
        }
    }
}

fn keys(call: &Call) -> Row {
    let folder = call.config.folder.join("keys");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_key(path)).collect();
    for path in &files {
        if let Err(error) = SecretKey::load(path) {
            let hint = "only you should be able to read it; a key that others have read is no proof any more";
            return Row::bad("keys", plain(&error), hint);
        }
    }
    if files.is_empty() {
        return Row::ok("keys", "none; `countersign key new` makes one");
    }
    let count = count_of(files.len(), "key");
    Row::ok("keys", format!("{count} in {}, readable by you alone", folder.display()))
}

fn is_key(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "key")
}

/// What others can write there could allow commands that nobody looked at.
fn trusted(folder: &Path) -> Row {
    let at = folder.display().to_string();
    let Ok(about) = fs::metadata(folder) else {
        return Row::ok("trust", "no plan's commands are trusted here yet");
    };
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        let hint = format!("`chmod go-w {at}`: whoever writes there decides what runs as you");
        return Row::bad("trust", format!("{at} can be written by others (mode {mode:o})"), hint);
    }
    let plans = fs::read_dir(folder).map_or(0, Iterator::count);
    Row::ok("trust", format!("{} in {at}", count_of(plans, "plan")))
}
