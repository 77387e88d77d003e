//! The name git signs commits with, found out without starting git where its files say it plainly.
//!
//! Starting git takes as long as all the rest of a small change. Its files are read here instead, as
//! far as they are plain; whatever is not (a file that includes another, an escape, a repository of
//! somebody else's) is git's to tell, and git is asked. So the answer is always the one that
//! `git config --get user.name` gives. No command that a repository names is run either way.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process;

/// Variables that lead git to other files, by how their names begin.
const LEADING_ELSEWHERE: [&str; 5] =
    ["GIT_CONFIG", "GIT_DIR", "GIT_COMMON_DIR", "GIT_CEILING", "GIT_DISCOVERY"];

/// A file of settings with more bytes than this is git's to read.
const MOST_BYTES: u64 = 64 * 1024;

/// The name git would sign commits with in the current folder; nothing where it knows none.
pub fn author() -> Option<String> {
    Surroundings::of_process().and_then(|around| around.author()).or_else(ask)
}

/// Asks git itself.
fn ask() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["config", "--get", "user.name"]).stdin(Stdio::null());
    let asked = process::output_of(&mut git).ok()?;
    let name = String::from_utf8(asked.stdout).ok()?.trim().to_owned();
    (asked.status.success() && !name.is_empty()).then_some(name)
}

/// Where git would look.
struct Surroundings {
    folder: PathBuf,
    home: PathBuf,
    config_home: PathBuf,
}

impl Surroundings {
    /// Of this process; nothing where its environment leads git elsewhere.
    fn of_process() -> Option<Self> {
        let leads = |name: &OsStr| {
            LEADING_ELSEWHERE.iter().any(|begin| name.as_bytes().starts_with(begin.as_bytes()))
        };
        if std::env::vars_os().any(|(name, _)| leads(&name)) {
            return None;
        }
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("HOME").filter(|home| home.is_absolute())?;
        let config_home = set("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        Some(Self { folder: std::env::current_dir().ok()?, home, config_home })
    }

    /// The name; nothing where there is none, and where only git can tell.
    fn author(&self) -> Option<String> {
        let own = self.repository()?.map(|common| (common.join("config"), true));
        let of_user = [self.home.join(".gitconfig"), self.config_home.join("git/config")];
        // The file that prevails comes first. The system's own comes last, and only git knows where
        // that lies.
        for (path, of_repository) in own.into_iter().chain(of_user.map(|path| (path, false))) {
            match said_in(&path, of_repository) {
                Said::Name(name) => return Some(name),
                Said::Nothing => {}
                Said::Unclear => return None,
            }
        }
        None
    }

    /// What the worktrees of the repository around the folder have in common. The outer option:
    /// nothing where only git can tell.
    fn repository(&self) -> Option<Option<PathBuf>> {
        let me = rustix::process::geteuid().as_raw();
        let mine = |path: &Path| fs::metadata(path).is_ok_and(|found| found.uid() == me);
        let device = fs::metadata(&self.folder).ok()?.dev();
        for top in self.folder.ancestors() {
            // Git stops where another file system begins.
            if fs::metadata(top).ok()?.dev() != device {
                return None;
            }
            let git = top.join(".git");
            let found = match fs::symlink_metadata(&git) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    // A bare repository is one without a folder of that name.
                    if top.join("HEAD").exists() {
                        return None;
                    }
                    continue;
                }
                found => found.ok()?,
            };
            let (own, common) = if found.is_dir() {
                (git.clone(), git.clone())
            } else if found.is_file() {
                linked(top, &git)?
            } else {
                return None;
            };
            let whole =
                own.join("HEAD").is_file() && common.join("objects").is_dir() && common.join("refs").is_dir();
            // Git takes no word from a repository of somebody else's.
            let trusted = mine(top) && mine(&git) && mine(&own);
            return (whole && trusted).then_some(Some(common));
        }
        Some(None)
    }
}

/// A linked worktree's part of its repository, and what all of them have in common.
fn linked(top: &Path, git: &Path) -> Option<(PathBuf, PathBuf)> {
    let text = fs::read_to_string(git).ok()?;
    let own = top.join(text.strip_prefix("gitdir: ")?.trim_end_matches(['\n', '\r']));
    match fs::read_to_string(own.join("commondir")) {
        Ok(common) => {
            let common = own.join(common.trim_end_matches(['\n', '\r']));
            Some((own, common))
        }
        // A submodule: a repository of its own.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some((own.clone(), own)),
        Err(_) => None,
    }
}

/// What a file of settings says about the name.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Name(String),
    Nothing,
    /// Only git can tell.
    Unclear,
}

fn said_in(path: &Path, of_repository: bool) -> Said {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Said::Nothing,
        Ok(found) if found.is_file() && found.len() <= MOST_BYTES => {}
        _ => return Said::Unclear,
    }
    match fs::read_to_string(path) {
        Ok(text) => said(&text, of_repository).unwrap_or(Said::Unclear),
        Err(_) => Said::Unclear,
    }
}

/// Nothing where a line is not plain.
fn said(text: &str, of_repository: bool) -> Option<Said> {
    let (mut section, mut said) = (String::new(), Said::Nothing);
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains(|c: char| c.is_ascii_control() && c != '\t') {
            return None;
        }
        let line = line.trim_matches([' ', '\t']);
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            section = section_of(head)?;
            let elsewhere = matches!(section.as_str(), "include" | "includeif");
            if elsewhere || (of_repository && section == "extensions") {
                return None;
            }
            continue;
        }
        let (name, value) = variable(line)?;
        match (section.as_str(), name.as_str()) {
            ("user", "name") => said = Said::Name(plain(value?)?),
            ("core", "repositoryformatversion") if of_repository => {
                matches!(plain(value?)?.as_str(), "0" | "1").then_some(())?;
            }
            ("", _) => return None,
            _ => {}
        }
    }
    Some(said)
}

/// A section's name in small letters. One with a part in quotes is told apart by that part.
fn section_of(head: &str) -> Option<String> {
    let end = head.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))?;
    let (name, rest) = head.split_at(end);
    let mut name = name.to_ascii_lowercase();
    let rest = match rest.strip_prefix(']') {
        Some(rest) => rest,
        None => {
            let quoted = rest.trim_start_matches([' ', '\t']).strip_prefix('"')?;
            let (part, rest) = quoted.split_once('"')?;
            if rest.len() == quoted.len() || part.contains('\\') || !rest.starts_with(']') {
                return None;
            }
            // What includes other files has such a part, too, and is known by its first one.
            if name != "includeif" {
                name = format!("{name}.{part}");
            }
            &rest[1..]
        }
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    (!name.is_empty() && (rest.is_empty() || rest.starts_with(['#', ';']))).then_some(name)
}

/// A variable's name in small letters, and its value as it stands; nothing where git would refuse
/// the line or read on behind it.
fn variable(line: &str) -> Option<(String, Option<&str>)> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    if rest.is_empty() {
        return Some((name.to_ascii_lowercase(), None));
    }
    let value = rest.strip_prefix('=')?;
    let (mut quoted, mut signs) = (false, value.chars());
    while let Some(sign) = signs.next() {
        match sign {
            '"' => quoted = !quoted,
            '\\' => matches!(signs.next(), Some('n' | 't' | 'b' | '"' | '\\')).then_some(())?,
            '#' | ';' if !quoted => break,
            _ => {}
        }
    }
    (!quoted).then(|| (name.to_ascii_lowercase(), Some(value)))
}

/// A value that means what it says, without its quotes.
fn plain(value: &str) -> Option<String> {
    if value.trim_matches([' ', '\t']).contains(['\\', '#', ';', '\t']) {
        return None;
    }
    let value = value.trim_matches([' ', '\t']);
    let bare = match value.strip_prefix('"') {
        Some(inner) => inner.strip_suffix('"')?,
        None => value,
    };
    let bare = (!bare.contains('"')).then(|| bare.trim())?;
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests;
