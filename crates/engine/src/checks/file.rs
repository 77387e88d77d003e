//! `file`: a file that must be there, say something, or be exactly this one.
//!
//! The path comes from a document somebody else may have written, so it must stay inside the
//! workspace, also through symbolic links; and only regular files are opened, for a pipe would
//! wait for ever.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use aho_corasick::AhoCorasick;
use model::check::{CheckSpec, FileExpect, Outcome, Probe};
use model::digest::Digest;
use sha2::{Digest as _, Sha256};

use super::{Check, Site, Verdict};

/// The largest file whose content is looked at, in bytes.
const FILE_LIMIT: u64 = 256 * 1024 * 1024;

pub(super) struct File;

impl Check for File {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        let Probe::File { path, expect } = &spec.probe else { return Vec::new() };
        let mut faults = Vec::new();
        if path.trim().is_empty() || path.contains('\0') {
            faults.push("it names no file".to_owned());
        }
        if Path::new(path).is_absolute() {
            faults.push(format!("`{path}` is not relative to the plan's folder"));
        }
        if matches!(expect, FileExpect::Contains(text) if text.is_empty()) {
            faults.push("every file contains the empty text".to_owned());
        }
        faults
    }

    fn is_run(&self, _: &CheckSpec) -> bool {
        true
    }

    fn run(&self, spec: &CheckSpec, at: &Site<'_>) -> Verdict {
        let Probe::File { path, expect } = &spec.probe else { return Verdict::error("not a file") };
        let started = Instant::now();
        let mut verdict = look(path, expect, at);
        verdict.evidence.summary = at.redactor.redact_str(&verdict.evidence.summary).into_owned();
        verdict.evidence.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        verdict
    }
}

fn look(path: &str, expect: &FileExpect, at: &Site<'_>) -> Verdict {
    let found = match find(path, at) {
        Ok(found) => found,
        Err(why) => return Verdict::error(why),
    };
    let Some(found) = found else {
        return match expect {
            FileExpect::Exists => Verdict::new(Outcome::Fail, format!("`{path}` does not exist")),
            _ => Verdict::error(format!("`{path}` is missing")),
        };
    };
    let judged = match expect {
        FileExpect::Exists => Ok((true, format!("`{path}` exists"))),
        FileExpect::Contains(text) => contains(&found, text).map(|there| {
            (there, format!("`{path}` {} `{text}`", if there { "contains" } else { "does not contain" }))
        }),
        FileExpect::Sha256(expected) => sha256(&found).map(|actual| {
            let same = actual == *expected;
            (same, format!("`{path}` {} sha256 {actual}", if same { "has" } else { "has another digest:" }))
        }),
    };
    match judged {
        Ok((true, summary)) => Verdict::new(Outcome::Pass, summary),
        Ok((false, summary)) => Verdict::new(Outcome::Fail, summary),
        Err(fault) => Verdict::error(format!("`{path}` cannot be read: {fault}")),
    }
}

/// Where the file really is; `None` where it is not there.
fn find(path: &str, at: &Site<'_>) -> Result<Option<PathBuf>, String> {
    let outside = || format!("`{path}` lies outside the workspace");
    let root = at.workspace.root().canonicalize().map_err(|fault| format!("the workspace: {fault}"))?;
    let folder =
        at.workspace.folder().canonicalize().map_err(|fault| format!("the plan's folder: {fault}"))?;
    // First by the letter, so that nothing is said about files outside; then by what links make of it.
    if !without_dots(&folder.join(path)).starts_with(&root) {
        return Err(outside());
    }
    match folder.join(path).canonicalize() {
        Ok(found) if found.starts_with(&root) => Ok(Some(found)),
        Ok(_) => Err(outside()),
        Err(fault) if matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(fault) => Err(format!("`{path}` cannot be looked at: {fault}")),
    }
}

fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

fn open(path: &Path) -> io::Result<fs::File> {
    // Looked at again once it is open: what it is may have changed since, and must not be waited for.
    let flags = rustix::fs::OFlags::NONBLOCK.union(rustix::fs::OFlags::NOFOLLOW);
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if facts.len() > FILE_LIMIT {
        return Err(io::Error::other(format!("it is larger than {} MiB", FILE_LIMIT / (1024 * 1024))));
    }
    Ok(file)
}

fn contains(path: &Path, text: &str) -> io::Result<bool> {
    let needle = AhoCorasick::new([text]).map_err(io::Error::other)?;
    let mut content = Vec::new();
    open(path)?.take(FILE_LIMIT).read_to_end(&mut content)?;
    Ok(needle.is_match(&content))
}

fn sha256(path: &Path) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    io::copy(&mut open(path)?.take(FILE_LIMIT), &mut Writer(&mut hasher))?;
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

struct Writer<'h>(&'h mut Sha256);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
