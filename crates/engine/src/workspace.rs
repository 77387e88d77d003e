//! The files a plan is about: its folder, the git worktree around it, and a digest of what checks
//! may depend on.
//!
//! The digest covers every file that git tracks or would offer to track, with its content as it is
//! on disk: committed or not makes no difference. Plan documents and the store are left out; they
//! are claims, not inputs. Outside git there is no telling which files matter, so each digest is
//! its own and no verdict is ever reused.
//!
//! **Git is only asked for names.** A repository is somebody else's input too: its configuration
//! may name commands for git to run (file system monitors, hooks, filters). Listing names runs no
//! filter, the rest is switched off, and contents are read here.

mod author;

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use model::digest::Digest;

use crate::process;

pub use author::author;

/// Submodules within submodules are followed this deep.
const SUBMODULE_DEPTH: u32 = 4;

/// A plan's folder and what it depends on.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    worktree: Option<PathBuf>,
    excluded: Vec<PathBuf>,
    known: Mutex<HashMap<PathBuf, (Stamp, blake3::Hash)>>,
}

/// What the verdicts of checks depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Equal for equal inputs.
    pub digest: Digest,
    /// Why the digest is worth nothing the next time, where that is so.
    pub fleeting: Option<String>,
}

impl Workspace {
    /// The workspace of a plan in `folder`. Files and folders `excluded` are no inputs: the plan's
    /// documents and the store.
    pub fn new(folder: &Path, excluded: &[PathBuf]) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        let worktree = folder.ancestors().find(|path| path.join(".git").exists()).map(Path::to_owned);
        let excluded = excluded
            .iter()
            .map(|path| if path.is_absolute() { path.clone() } else { folder.join(path) })
            .map(|path| path.canonicalize().unwrap_or(path))
            .collect();
        Ok(Self { folder, worktree, excluded, known: Mutex::default() })
    }

    /// The plan's folder: where its commands run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The top of the git worktree around the folder, where there is one.
    pub fn worktree(&self) -> Option<&Path> {
        self.worktree.as_deref()
    }

    /// The widest folder that belongs to the plan: the worktree, else the plan's folder.
    pub fn root(&self) -> &Path {
        self.worktree.as_deref().unwrap_or(&self.folder)
    }

    /// The digest of the inputs as they are now. `nonce` must differ for each call; it is mixed in
    /// where the inputs cannot be known, so that no such digest is met twice.
    pub fn inputs(&self, nonce: &str) -> Inputs {
        let digest = match &self.worktree {
            Some(top) => self.digest_of_worktree(top, SUBMODULE_DEPTH),
            None => Err("the plan is not in a git worktree".to_owned()),
        };
        match digest {
            Ok(digest) => Inputs { digest, fleeting: None },
            Err(why) => Inputs {
                digest: Digest::framed([b"inputs.fleeting.v1".as_slice(), nonce.as_bytes()]),
                fleeting: Some(why),
            },
        }
    }

    fn digest_of_worktree(&self, top: &Path, depth: u32) -> Result<Digest, String> {
        let listed =
            list_files(top).map_err(|fault| format!("git cannot list `{}`: {fault}", top.display()))?;
        let seen_here = |path: &PathBuf| path.starts_with(&self.folder);
        if self.folder.starts_with(top) && !listed.iter().any(seen_here) {
            return Err("the plan's folder is ignored by git".to_owned());
        }
        let mut parts: Vec<Vec<u8>> = vec![b"inputs.v1".to_vec()];
        for path in &listed {
            if self.excluded.iter().any(|excluded| path.starts_with(excluded)) {
                continue;
            }
            let name = path.strip_prefix(top).unwrap_or(path);
            parts.push(name.as_os_str().as_bytes().to_vec());
            parts.push(self.entry(path, depth)?);
        }
        Ok(Digest::framed(parts.iter().map(Vec::as_slice)))
    }

    /// What is at a path, in bytes that differ where it differs.
    fn entry(&self, path: &Path, depth: u32) -> Result<Vec<u8>, String> {
        let unreadable = |fault: io::Error| format!("`{}` cannot be read: {fault}", path.display());
        let facts = match fs::symlink_metadata(path) {
            Ok(facts) => facts,
            Err(fault) if matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(b"gone".to_vec());
            }
            Err(fault) => return Err(unreadable(fault)),
        };
        let kind = facts.file_type();
        if kind.is_file() {
            let mode: &[u8] = if facts.mode() & 0o100 == 0 { b"file" } else { b"exec" };
            let hash = self.content(path, &facts).map_err(unreadable)?;
            Ok([mode, hash.as_bytes()].concat())
        } else if kind.is_symlink() {
            let target = fs::read_link(path).map_err(unreadable)?;
            let mut entry = [b"link".as_slice(), target.as_os_str().as_bytes(), b"\0"].concat();
            // What a link leads to may lie where nothing else is looked at.
            match fs::metadata(path) {
                Ok(facts) if facts.is_file() => {
                    entry.extend_from_slice(self.content(path, &facts).map_err(unreadable)?.as_bytes());
                }
                Ok(facts) if facts.is_dir() && !leads_inside(path, self.root()) => {
                    return Err(format!("`{}` leads to a folder outside", path.display()));
                }
                _ => {}
            }
            Ok(entry)
        } else if kind.is_dir() {
            self.submodule(path, depth)
        } else {
            // Pipes, sockets and devices: reading them could wait for ever.
            Ok(b"special".to_vec())
        }
    }

    /// A folder that git lists as one entry is another repository.
    fn submodule(&self, path: &Path, depth: u32) -> Result<Vec<u8>, String> {
        if !path.join(".git").exists() {
            return Ok(b"submodule, not checked out".to_vec());
        }
        if depth == 0 {
            return Err(format!("`{}` is nested too deep", path.display()));
        }
        let digest = self.digest_of_worktree(path, depth - 1)?;
        Ok([b"submodule".as_slice(), digest.as_bytes()].concat())
    }

    /// The digest of a file's content; taken from memory where the file has surely not changed.
    fn content(&self, path: &Path, facts: &Metadata) -> io::Result<blake3::Hash> {
        let stamp = Stamp::of(facts);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        if let Some((_, hash)) = known.filter(|(then, _)| *then == stamp) {
            return Ok(hash);
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(path)?)?;
        let hash = hasher.finalize();
        if stamp.is_settled() {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(path.to_owned(), (stamp, hash));
        }
        Ok(hash)
    }
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(facts: &Metadata) -> Self {
        Self {
            device: facts.dev(),
            inode: facts.ino(),
            length: facts.len(),
            modified: (facts.mtime(), facts.mtime_nsec()),
            changed: (facts.ctime(), facts.ctime_nsec()),
        }
    }

    /// Whether another write would surely show: a file written just now could be written again
    /// within the same tick of its clock.
    fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        i64::try_from(now).is_ok_and(|now| self.changed.0.max(self.modified.0) + 2 < now)
    }
}

fn leads_inside(link: &Path, root: &Path) -> bool {
    link.canonicalize().is_ok_and(|target| target.starts_with(root))
}

/// Every path that git tracks or would offer to track, absolute and in order.
fn list_files(top: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut listing = git(top);
    listing.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = process::output_of(&mut listing)
        .map_err(|fault| io::Error::new(fault.kind(), format!("`git` cannot be run: {fault}")))?;
    if !listed.status.success() {
        let said = String::from_utf8_lossy(&listed.stderr);
        let first = said.lines().next().unwrap_or("it gave no reason");
        return Err(io::Error::other(first.to_owned()));
    }
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names
        // An untracked repository within is listed with a slash at its end.
        .map(|name| top.join(OsStr::from_bytes(name.strip_suffix(b"/").unwrap_or(name))))
        .collect())
}

/// A git that takes no locks, asks nobody, fetches nothing and runs nothing the repository names.
pub(crate) fn git(top: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(top).env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME", "XDG_CONFIG_HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_DIR", top.join(".git"))
        .env("GIT_WORK_TREE", top)
        .env("LC_ALL", "C");
    for setting in [
        "core.fsmonitor=",
        "core.untrackedCache=false",
        "core.hooksPath=/dev/null",
        "core.sshCommand=false",
        "core.bare=false",
        "protocol.allow=never",
        "submodule.recurse=false",
        "core.quotePath=false",
    ] {
        command.args(["-c", setting]);
    }
    command
}

#[cfg(test)]
mod tests;
