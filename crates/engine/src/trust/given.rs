//! Trust that was given: on record in the store, and known to this user on this machine.
//!
//! Both are asked for. The store says who gave it and when; but a store can come along with a
//! folder somebody else has packed, and must not bring its own permission to run commands.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use model::command::Command;
use model::digest::Digest;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::INTERNAL_FAULT;

use super::lock::Lock;
use super::{Change, TrustSet};
use crate::desk::{Denied, Desk, LocalDesk, Request};

/// Whether a plan's commands may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// There is nothing to run.
    Nothing,
    /// A person has allowed every command.
    Given,
    /// Somebody has to look first.
    Asked {
        /// What is different from what was allowed; nothing where nothing was.
        changes: Option<Vec<Change>>,
    },
}

/// What this user has allowed on this machine.
#[derive(Debug, Clone)]
pub struct Given {
    folder: PathBuf,
}

impl Given {
    /// Kept below a folder of settings that is this user's own.
    pub fn new(config: &Path) -> Self {
        Self { folder: config.join("trusted") }
    }

    /// Where it is kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the commands of a plan may run. `document` is the plan's first document, `path` what
    /// it is called on record.
    pub fn ask(&self, desk: &LocalDesk, path: &str, document: &Path, set: &TrustSet) -> Result<Trust, Fault> {
        if set.is_empty() {
            return Ok(Trust::Nothing);
        }
        let Some(allowed) = self.allowed(document)? else { return Ok(Trust::Asked { changes: None }) };
        let on_record = on_record(desk, path)? == Some(allowed.digest());
        if on_record && allowed.covers(set) {
            return Ok(Trust::Given);
        }
        let changes = on_record.then(|| set.changes_since(&allowed));
        Ok(Trust::Asked { changes })
    }

    /// Puts on record that a person allows a set, and remembers it for this user.
    pub fn give(
        &self,
        desk: &LocalDesk,
        request: &Request,
        path: &str,
        document: &Path,
        set: TrustSet,
    ) -> Result<(), Denied> {
        let commands = u32::try_from(set.commands.len()).unwrap_or(u32::MAX);
        let command = Command::Trust { path: path.to_owned(), set: set.digest(), commands };
        desk.submit(PlanId::STORE, request, command)?;
        let (folder, name) = self.place(document);
        let mut lock = Lock::default();
        lock.allow(&name, set);
        std::fs::create_dir_all(&folder)
            .and_then(|()| lock.save(&folder))
            .map_err(|error| unkept(&folder, &error).into())
    }

    fn allowed(&self, document: &Path) -> Result<Option<TrustSet>, Fault> {
        let (folder, name) = self.place(document);
        let lock = Lock::load(&folder).map_err(|error| {
            Fault::new(INTERNAL_FAULT, format!("what you trusted cannot be read: {error}"))
                .hint(format!("remove `{}` and give trust again", folder.display()))
        })?;
        Ok(lock.of_plan(&name).cloned())
    }

    /// A folder for each document, by where it lies.
    fn place(&self, document: &Path) -> (PathBuf, String) {
        let whole = document.canonicalize().unwrap_or_else(|_| document.to_owned());
        let name = whole.to_string_lossy().into_owned();
        let digest = blake3::hash(name.as_bytes()).to_hex();
        (self.folder.join(&digest.as_str()[..32]), name)
    }
}

/// The set that was allowed last for a plan, as the store has it.
fn on_record(desk: &LocalDesk, path: &str) -> Result<Option<Digest>, Fault> {
    let mut found = None;
    desk.journal().visit_some(PlanId::STORE, Seq(0), &["{\"trust_given\""], &mut |stored| {
        if stored.cause.command == "trust"
            && let Ok(Event::TrustGiven { path: of, set, .. }) = serde_json::from_slice(&stored.event)
            && of == path
        {
            found = Some(set);
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn unkept(folder: &Path, error: &std::io::Error) -> Fault {
    Fault::new(INTERNAL_FAULT, format!("your trust could not be kept in `{}`: {error}", folder.display()))
        .hint("set XDG_CONFIG_HOME to a folder you may write to")
}
