//! `countersign.lock`: the commands of plans as somebody reviewed them, to be committed.
//!
//! Lists each command and script, so that a reviewer sees what is allowed and a difference shows
//! what has changed; the digest beside them must be theirs, or the file is refused. One file holds
//! the plans of its folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use model::digest::Digest;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};

use super::{Script, TrustSet, TrustedCommand};

/// The file's name, beside the plan.
pub const LOCK_FILE: &str = "countersign.lock";

const VERSION: i64 = 1;
const HEADER: &str = "\
# The commands of plans and the scripts they call, as somebody reviewed them.
# Written by `countersign trust --write`; `countersign run --locked` runs exactly these.

";

/// What a `countersign.lock` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    plans: BTreeMap<String, TrustSet>,
}

impl Lock {
    /// Reads the file in a folder; an absent one is empty.
    pub fn load(folder: &Path) -> io::Result<Self> {
        match fs::read_to_string(folder.join(LOCK_FILE)) {
            Ok(text) => Self::parse(&text).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(fault) => Err(fault),
        }
    }

    /// Writes the file in a folder, replacing the old one in one step.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(LOCK_FILE);
        let fresh = folder.join(format!("{LOCK_FILE}.{}.new", std::process::id()));
        fs::write(&fresh, self.to_string())
            .and_then(|()| fs::rename(&fresh, &path))
            .inspect_err(|_| drop(fs::remove_file(&fresh)))
    }

    /// Reads the file's text; says why it cannot be relied on.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: DocumentMut = text.parse().map_err(|fault: toml_edit::TomlError| {
            format!("`{LOCK_FILE}` is not TOML: {}", fault.message())
        })?;
        let version = document.get("version").and_then(Item::as_integer);
        if version != Some(VERSION) {
            return Err(format!("`{LOCK_FILE}` is not of version {VERSION}"));
        }
        let mut plans = BTreeMap::new();
        let tables = document.get("plans").and_then(Item::as_table_like);
        for (name, item) in tables.into_iter().flat_map(|tables| tables.iter()) {
            let unsound = || format!("`{LOCK_FILE}` is not sound in what it says of `{name}`");
            let set = read_set(item).ok_or_else(unsound)?;
            let stated = item.get("digest").and_then(Item::as_str).ok_or_else(unsound)?;
            if stated.parse() != Ok(set.digest()) {
                return Err(format!(
                    "`{LOCK_FILE}` lists other commands or scripts for `{name}` than its digest stands for"
                ));
            }
            plans.insert(name.to_owned(), set);
        }
        Ok(Self { plans })
    }

    /// What is allowed for a plan, by its file's name.
    pub fn of_plan(&self, file: &str) -> Option<&TrustSet> {
        self.plans.get(file)
    }

    /// Whether exactly this set is allowed for a plan.
    pub fn allows(&self, file: &str, set: &TrustSet) -> bool {
        self.of_plan(file).is_some_and(|allowed| allowed.digest() == set.digest())
    }

    /// Allows a set for a plan, in place of what was allowed before.
    pub fn allow(&mut self, file: &str, set: TrustSet) {
        self.plans.insert(file.to_owned(), set);
    }
}

impl std::fmt::Display for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut document = DocumentMut::new();
        document["version"] = value(VERSION);
        let mut plans = Table::new();
        plans.set_implicit(true);
        for (name, set) in &self.plans {
            plans.insert(name, Item::Table(write_set(set)));
        }
        document.insert("plans", Item::Table(plans));
        write!(f, "{HEADER}{document}")
    }
}

fn write_set(set: &TrustSet) -> Table {
    let mut table = Table::new();
    table["digest"] = value(set.digest().to_string());
    let mut commands = ArrayOfTables::new();
    for command in &set.commands {
        let mut entry = Table::new();
        entry["command"] = value(&command.command);
        entry["used_by"] = value(command.used_by.iter().collect::<Array>());
        let mut scripts = Array::new();
        for script in &command.scripts {
            let mut line = InlineTable::new();
            line.insert("path", script.path.as_str().into());
            line.insert("sha256", script.sha256.to_string().into());
            scripts.push(line);
        }
        for line in scripts.iter_mut() {
            line.decor_mut().set_prefix("\n    ");
        }
        if !scripts.is_empty() {
            scripts.set_trailing("\n");
            scripts.set_trailing_comma(true);
        }
        entry["scripts"] = value(scripts);
        commands.push(entry);
    }
    table["commands"] = Item::ArrayOfTables(commands);
    table
}

fn read_set(item: &Item) -> Option<TrustSet> {
    let Some(commands) = item.get("commands") else { return Some(TrustSet::default()) };
    let read = commands.as_array_of_tables()?.iter().map(|entry| {
        let used_by = entry.get("used_by")?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned));
        let scripts = entry.get("scripts")?.as_array()?.iter().map(|line| {
            let line = line.as_inline_table()?;
            let sha256: Digest = line.get("sha256")?.as_str()?.parse().ok()?;
            Some(Script { path: line.get("path")?.as_str()?.to_owned(), sha256 })
        });
        Some(TrustedCommand {
            command: entry.get("command")?.as_str()?.to_owned(),
            used_by: used_by.collect::<Option<_>>()?,
            scripts: scripts.collect::<Option<_>>()?,
        })
    });
    let mut commands: Vec<TrustedCommand> = read.collect::<Option<_>>()?;
    // As sets are; somebody may have put the file in another order.
    commands.sort_by(|one, other| one.command.cmp(&other.command));
    Some(TrustSet { commands })
}
