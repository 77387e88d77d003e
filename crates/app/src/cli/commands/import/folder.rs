//! A folder in which another tool keeps its plan: which of its files are the plan.

use std::fs;
use std::path::{Path, PathBuf};

use formats::exchange::{Lost, Peer, Pick, peers};
use model::refusal::{Refusal, VALUE_INVALID};

use crate::cli::error::{Outcome, Stop};

/// How deep files are looked for.
const DEPTH: usize = 5;

/// The most files that are looked at.
const MOST: usize = 20_000;

/// Folders that hold no plans.
const SKIPPED: [&str; 4] = [".git", ".countersign", "node_modules", "target"];

/// What a folder holds of one tool's plan.
pub(super) struct Found {
    /// Whose plan it is.
    pub(super) peer: &'static dyn Peer,
    /// Its files, in the order people number them.
    pub(super) files: Vec<PathBuf>,
    /// Files of that tool that are left out.
    pub(super) lost: Vec<Lost>,
}

/// Finds the plan in a folder: of the tool that was named, else of the only one that has any there.
pub(super) fn find(folder: &Path, named: Option<&'static dyn Peer>) -> Outcome<Found> {
    let mut names = Vec::new();
    list(folder, "", 0, &mut names)?;
    names.sort_by_key(|name| numbered(name));
    let candidates = named.map_or_else(|| peers().to_vec(), |peer| vec![peer]);
    let mut found: Vec<Found> = candidates.into_iter().filter_map(|peer| of(peer, folder, &names)).collect();
    let shown = folder.display();
    match (found.pop(), found.as_slice()) {
        (Some(only), []) => Ok(only),
        (Some(last), others) => {
            let all = others.iter().chain([&last]).map(|one| one.peer.name()).collect::<Vec<_>>().join(", ");
            Err(Refusal::new(VALUE_INVALID, format!("`{shown}` holds plans of several tools: {all}"))
                .hint("say which with `--from NAME`")
                .into())
        }
        (None, _) => Err(Refusal::new(VALUE_INVALID, format!("`{shown}` holds no plan of another tool"))
            .hint("name the file itself, and its tool with `--from NAME`")
            .into()),
    }
}

fn of(peer: &'static dyn Peer, folder: &Path, names: &[String]) -> Option<Found> {
    let (mut files, mut lost) = (Vec::new(), Vec::new());
    for name in names {
        match peer.pick(name) {
            Pick::Plan => files.push(folder.join(name)),
            Pick::Left(why) => lost.push(Lost::new(name, 0, "file", name, why)),
            Pick::Foreign => {}
        }
    }
    (!files.is_empty()).then_some(Found { peer, files, lost })
}

/// Every file below a folder by its path there. Links are not followed: they may lead anywhere.
fn list(folder: &Path, below: &str, depth: usize, names: &mut Vec<String>) -> Outcome {
    let unread = |error: std::io::Error| Stop::file(&folder.display().to_string(), "read", &error);
    for entry in fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(unread)?;
        if kind.is_file() {
            names.push(path);
        } else if kind.is_dir() && depth < DEPTH && !SKIPPED.contains(&name.as_str()) {
            list(&entry.path(), &path, depth + 1, names)?;
        }
        if names.len() > MOST {
            let message = format!("`{}` holds more than {MOST} files", folder.display());
            return Err(Refusal::new(VALUE_INVALID, message).hint("name a folder further down").into());
        }
    }
    Ok(())
}

/// A name by which `task-10` comes after `task-9`.
fn numbered(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 16);
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        key.push_str(&format!("{before}{:0>20}", &from[..end]));
        rest = &from[end..];
    }
    key + rest
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["task-10 - a.md", "task-9.2 - b.md", "task-9.10 - c.md", "task-1 - d.md"];
        names.sort_by_key(|name| numbered(name));
        assert_eq!(names, ["task-1 - d.md", "task-9.2 - b.md", "task-9.10 - c.md", "task-10 - a.md"]);
    }
}
