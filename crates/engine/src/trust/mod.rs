//! Trust: which commands a plan would have run, and the scripts they call.
//!
//! Commands come from a document somebody else may have written, so they run only after a person
//! has seen them and said so. What was seen is a [`TrustSet`]; its digest goes on record. A set
//! that differs by a letter, or by a byte in a script, has another digest. Deliberately knows
//! nothing of the journal and of who may give trust; see [`lock`] for the file that carries it to
//! other machines and [`scripts`] for what counts as a script.

pub mod commands;
pub mod given;
pub mod lock;
mod scripts;
mod shell;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::workspace::Workspace;
use scripts::scripts_of;

/// Every command of a plan with the scripts it calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustSet {
    /// Different commands, in order of their text.
    pub commands: Vec<TrustedCommand>,
}

/// A command and the scripts it calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedCommand {
    /// Given to `sh -c`.
    pub command: String,
    /// The checks that run it, as people know them: `7.3 clippy`. No part of the digest.
    pub used_by: Vec<String>,
    /// In order of their paths.
    pub scripts: Vec<Script>,
}

/// A script that a command calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Script {
    /// Relative to the plan's folder where it lies in the workspace.
    pub path: String,
    /// SHA-256 of its content; zero where it cannot be read.
    pub sha256: Digest,
}

/// How one set differs from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A command that was not there.
    Added {
        /// Its text.
        command: String,
    },
    /// A command that is no longer there.
    Removed {
        /// Its text.
        command: String,
    },
    /// A command that stayed, while a script it calls did not.
    Script {
        /// The command's text.
        command: String,
        /// The script.
        path: String,
        /// Its digest in the earlier set; `None` where it was not called.
        before: Option<Digest>,
        /// Its digest in this set; `None` where it is no longer called.
        after: Option<Digest>,
    },
}

impl TrustSet {
    /// The set of a plan's commands, each with the name of the check that runs it, as the scripts
    /// are now.
    pub fn read<'a>(
        commands: impl IntoIterator<Item = (String, &'a str)>,
        workspace: &Workspace,
    ) -> TrustSet {
        let mut by_command: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (used_by, command) in commands {
            by_command.entry(command).or_default().insert(used_by);
        }
        let commands = by_command.into_iter().map(|(command, used_by)| TrustedCommand {
            command: command.to_owned(),
            used_by: used_by.into_iter().collect(),
            scripts: scripts_of(command, workspace),
        });
        TrustSet { commands: commands.collect() }
    }

    /// Whether there is nothing to run, and so nothing to trust.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Whether every command of another set is in this one, with its scripts as they are there.
    pub fn covers(&self, other: &TrustSet) -> bool {
        other.commands.iter().all(|wanted| {
            let at = self.commands.binary_search_by(|known| known.command.cmp(&wanted.command));
            at.is_ok_and(|at| self.commands[at].scripts == wanted.scripts)
        })
    }

    /// What goes on record when trust is given: covers each command and each script's path and
    /// content.
    pub fn digest(&self) -> Digest {
        let mut parts: Vec<&[u8]> = vec![b"trust.v1"];
        for command in &self.commands {
            parts.extend([b"command".as_slice(), command.command.as_bytes()]);
            for script in &command.scripts {
                parts.extend([b"script".as_slice(), script.path.as_bytes(), script.sha256.as_bytes()]);
            }
        }
        Digest::framed(parts)
    }

    /// Covers the scripts alone: a verdict depends on them also where git ignores them or they lie
    /// outside the worktree.
    pub fn scripts_digest(&self) -> Digest {
        let scripts: BTreeSet<&Script> = self.commands.iter().flat_map(|command| &command.scripts).collect();
        let parts = scripts.iter().flat_map(|script| [script.path.as_bytes(), script.sha256.as_bytes()]);
        Digest::framed([b"scripts.v1".as_slice()].into_iter().chain(parts.map(|part| part as &[u8])))
    }

    /// What is different from an earlier set, in order of the commands.
    pub fn changes_since(&self, earlier: &TrustSet) -> Vec<Change> {
        let index = |set: &TrustSet| -> BTreeMap<String, BTreeMap<String, Digest>> {
            let scripts = |command: &TrustedCommand| {
                command.scripts.iter().map(|script| (script.path.clone(), script.sha256)).collect()
            };
            set.commands.iter().map(|command| (command.command.clone(), scripts(command))).collect()
        };
        let (now, then) = (index(self), index(earlier));
        let mut changes = Vec::new();
        for command in now.keys().chain(then.keys()).collect::<BTreeSet<_>>() {
            match (then.get(command), now.get(command)) {
                (None, _) => changes.push(Change::Added { command: command.clone() }),
                (_, None) => changes.push(Change::Removed { command: command.clone() }),
                (Some(then), Some(now)) => {
                    for path in now.keys().chain(then.keys()).collect::<BTreeSet<_>>() {
                        let (before, after) = (then.get(path).copied(), now.get(path).copied());
                        if before != after {
                            let (command, path) = (command.clone(), path.clone());
                            changes.push(Change::Script { command, path, before, after });
                        }
                    }
                }
            }
        }
        changes
    }
}

/// The word of a shell command that names the first program it runs.
pub(crate) fn first_word(command: &str) -> Option<String> {
    shell::words(command).into_iter().find(|word| word.first).map(|word| word.text)
}

/// A path as shown to people and put on record: relative to the plan's folder inside the
/// workspace, absolute elsewhere.
fn shown(path: &Path, workspace: &Workspace) -> String {
    let Ok(inside) = path.strip_prefix(workspace.root()) else { return path.display().to_string() };
    if let Ok(below) = path.strip_prefix(workspace.folder()) {
        return below.display().to_string();
    }
    let up = workspace.folder().strip_prefix(workspace.root()).map_or(0, |below| below.components().count());
    format!("{}{}", "../".repeat(up), inside.display())
}

#[cfg(test)]
mod tests;
