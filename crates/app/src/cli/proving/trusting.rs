//! Trust: showing what a plan would run, and asking whether it may.

use std::path::Path;

use engine::desk::Request;
use engine::store::Store;
use engine::trust::commands::{self, Used};
use engine::trust::given::{Given, Trust};
use engine::trust::lock::{LOCK_FILE, Lock};
use engine::trust::{Change, TrustSet};
use engine::workspace::Workspace;
use formats::sidecar::AgentConfig;
use model::definition::Definition;
use model::plan::Plan;
use model::refusal::{Refusal, TRUST_REQUIRED};

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop, plain};
use crate::cli::ui::Tone;

/// How somebody wants trust to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustWish {
    /// By what was given before; at a terminal, by asking.
    Ask,
    /// By giving it now: the plan is one's own.
    Give,
    /// By the lock file beside the plan, and nothing else.
    Locked,
}

/// The commands of checks that a plan would run now and would run as its documents stand, and those
/// of its agents, each with who runs it.
pub fn commands_of(
    plan: Option<&Plan>,
    definition: Option<&Definition>,
    agents: &[AgentConfig],
) -> Vec<Used> {
    let mut used = plan.map(commands::of_plan).unwrap_or_default();
    used.extend(definition.map(commands::of_definition).unwrap_or_default());
    used.extend(commands::of_agents(agents));
    used
}

/// The set of some commands as their scripts are now.
pub fn set_of(used: &[Used], workspace: &Workspace) -> TrustSet {
    TrustSet::read(used.iter().map(|(by, command)| (by.clone(), command.as_str())), workspace)
}

/// Makes sure that every command of a set may run, or refuses.
pub fn gain_trust(
    call: &Call,
    store: &Store,
    document: &Path,
    set: &TrustSet,
    wish: TrustWish,
) -> Outcome<()> {
    if set.is_empty() {
        return Ok(());
    }
    if wish == TrustWish::Locked {
        return locked(document, set);
    }
    let given = Given::new(&call.config.folder);
    let changes = match given.ask(store.desk(), &store.relative(document), document, set)? {
        Trust::Nothing | Trust::Given => return Ok(()),
        Trust::Asked { changes } => changes,
    };
    if wish == TrustWish::Ask {
        if !call.ui.can_ask() {
            return Err(required(document, set, changes.as_deref()).into());
        }
        match &changes {
            Some(changes) => show_changes(call, changes),
            None => show_set(call, set),
        }
        if !call.ui.confirm("may these commands run on this machine?") {
            return Err(required(document, set, changes.as_deref()).into());
        }
    }
    give_trust(call, store, &call.request()?, document, set.clone())
}

/// Puts on record that a set may run.
pub fn give_trust(
    call: &Call,
    store: &Store,
    request: &Request,
    document: &Path,
    set: TrustSet,
) -> Outcome<()> {
    let commands = set.commands.len();
    let given = Given::new(&call.config.folder);
    given.give(store.desk(), request, &store.relative(document), document, set)?;
    let thing = if commands == 1 { "command" } else { "commands" };
    call.ui.step("trusting", format!("{commands} {thing}, by {}", request.by.actor));
    Ok(())
}

/// Shows every command with the checks that run it and the scripts it calls.
pub fn show_set(call: &Call, set: &TrustSet) {
    let ui = &call.ui;
    for command in &set.commands {
        ui.message(&format!("  {}", ui.paint_message(Tone::Strong, &command.command)));
        ui.message(&format!("      for {}", command.used_by.join(", ")));
        for script in &command.scripts {
            ui.message(&format!("      calls {} ({})", script.path, script.sha256.short()));
        }
    }
}

fn show_changes(call: &Call, changes: &[Change]) {
    call.ui.message("what you trusted has changed:");
    for change in changes {
        call.ui.message(&format!("  {}", in_words(change)));
    }
}

fn in_words(change: &Change) -> String {
    match change {
        Change::Added { command } => format!("new: {command}"),
        Change::Removed { command } => format!("gone: {command}"),
        Change::Script { command, path, before: None, .. } => format!("{command}: now calls {path}"),
        Change::Script { command, path, after: None, .. } => format!("{command}: no longer calls {path}"),
        Change::Script { command, path, .. } => format!("{command}: {path} has changed"),
    }
}

fn locked(document: &Path, set: &TrustSet) -> Outcome<()> {
    let folder = document.parent().unwrap_or(Path::new("."));
    let name = document.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let lock = Lock::load(folder).map_err(|error| -> Stop {
        Refusal::new(TRUST_REQUIRED, plain(&error))
            .hint("have it reviewed and written again with `countersign trust --write`")
            .into()
    })?;
    let Some(allowed) = lock.of_plan(&name) else {
        return Err(Refusal::new(TRUST_REQUIRED, format!("`{LOCK_FILE}` allows nothing for `{name}`"))
            .hint(format!("review the commands and commit what `countersign trust {name} --write` writes"))
            .into());
    };
    if lock.allows(&name, set) {
        return Ok(());
    }
    let mut no =
        Refusal::new(TRUST_REQUIRED, format!("the commands of `{name}` are not those of `{LOCK_FILE}`"))
            .hint(format!("review them and commit what `countersign trust {name} --write` writes"));
    no.facts = set.changes_since(allowed).iter().map(in_words).collect();
    Err(no.into())
}

/// A path as somebody would type it from here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// Nobody has allowed a set, or not as it is now.
pub fn required(document: &Path, set: &TrustSet, changes: Option<&[Change]>) -> Refusal {
    let name = document.file_name().unwrap_or_default().to_string_lossy();
    let count = set.commands.len();
    let (message, facts) = match changes {
        None => {
            let commands = if count == 1 {
                "1 command that nobody has trusted".to_owned()
            } else {
                format!("{count} commands that nobody has trusted")
            };
            (
                format!("`{name}` would run {commands}; nothing was run"),
                set.commands.iter().map(|command| command.command.clone()).collect(),
            )
        }
        Some(changes) => (
            format!("the commands of `{name}` have changed since they were trusted; nothing was run"),
            changes.iter().map(in_words).collect(),
        ),
    };
    let mut no = Refusal::new(TRUST_REQUIRED, message).hint(format!(
        "look at them with `countersign trust {}`; for a plan of your own, add `--trust` to `run`",
        shown(document)
    ));
    no.facts = facts;
    no
}
