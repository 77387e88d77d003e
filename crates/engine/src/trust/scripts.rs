//! Which scripts a command calls, as far as its words tell.
//!
//! A word counts where it names a regular file that looks like a script: executable, beginning
//! with `#!`, ending like one (`.sh`, `.py`, …), or standing after an interpreter (`sh count`,
//! `python3 -m tools.count`, `. ./env`). Tools that read a well-known file count as calling it:
//! `make` the Makefile, `just` the justfile, `npm` and its like `package.json`. Words are looked
//! up in the plan's folder and in each folder the command changes to (`cd`, `-C`).
//!
//! Scripts for a shell, Makefiles and the like are read one level deep: what *they* name counts
//! too. Further levels, imports of other languages and what a build tool runs by itself
//! (`build.rs`) do not. Programs of the system are not scripts of the plan.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use model::digest::Digest;
use sha2::{Digest as _, Sha256};

use super::shell::{Word, words};
use super::{Script, shown};
use crate::workspace::Workspace;

/// A script longer than this is not read for the names of others.
const READ_LIMIT: u64 = 1024 * 1024;

const INTERPRETERS: &[&str] = &[
    ".", "source", "sh", "bash", "dash", "zsh", "ksh", "python", "python3", "node", "deno", "bun", "ruby",
    "perl", "php", "lua", "Rscript", "julia", "awk", "pwsh", "tsx", "ts-node",
];
const SHELLS: &[&str] = &[".", "source", "sh", "bash", "dash", "zsh", "ksh"];
const ENDINGS: &[&str] = &[
    "sh", "bash", "zsh", "py", "rb", "pl", "js", "mjs", "cjs", "ts", "lua", "php", "ps1", "awk", "sed", "mk",
    "jl", "R", "nix",
];
/// Tools that read a file nobody names.
const FILES_OF_TOOLS: &[(&str, &[&str])] = &[
    ("make", MAKEFILES),
    ("gmake", MAKEFILES),
    ("just", &["justfile", "Justfile", ".justfile"]),
    ("npm", PACKAGE),
    ("npx", PACKAGE),
    ("pnpm", PACKAGE),
    ("yarn", PACKAGE),
    ("bun", PACKAGE),
    ("tox", &["tox.ini"]),
    ("rake", &["Rakefile"]),
    ("task", &["Taskfile.yml", "Taskfile.yaml"]),
];
const MAKEFILES: &[&str] = &["GNUmakefile", "makefile", "Makefile"];
const PACKAGE: &[&str] = &["package.json"];
/// Belongs to the machine, not to the plan, and changes with its updates.
const SYSTEM: &[&str] =
    &["/bin", "/dev", "/etc", "/lib", "/lib64", "/nix", "/opt", "/proc", "/sbin", "/sys", "/usr"];

/// The scripts a command calls, with the digests they have now, in order of their paths.
pub(super) fn scripts_of(command: &str, workspace: &Workspace) -> Vec<Script> {
    let mut found = BTreeMap::new();
    for (path, how) in named(&words(command), vec![workspace.folder().to_owned()], workspace) {
        if how == How::Read
            && let Some(text) = text_of(&path)
        {
            let beside = path.parent().map(Path::to_owned);
            let bases = [workspace.folder().to_owned()].into_iter().chain(beside).collect();
            for (path, _) in named(&words(&text), bases, workspace) {
                add(path, workspace, &mut found);
            }
        }
        add(path, workspace, &mut found);
    }
    found.into_iter().map(|(path, sha256)| Script { path, sha256 }).collect()
}

fn add(path: PathBuf, workspace: &Workspace, found: &mut BTreeMap<String, Digest>) {
    let digest = sha256(&path).unwrap_or(Digest::ZERO);
    found.insert(shown(&path, workspace), digest);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Lines of the shell's language, worth reading for the names of others.
    Read,
    Other,
}

/// The scripts that words name, looked up in some folders.
fn named(words: &[Word], mut bases: Vec<PathBuf>, workspace: &Workspace) -> BTreeMap<PathBuf, How> {
    let mut found = BTreeMap::new();
    let mut head = "";
    let mut before = "";
    for word in words {
        if word.first {
            head = base_name(&word.text);
            before = "";
            found.extend(read_by_tool(head, &bases, workspace));
        }
        let text = word.text.as_str();
        if (head == "cd" && !word.first) || ["-C", "--directory", "--prefix", "--cwd"].contains(&before) {
            let folders: Vec<PathBuf> =
                bases.iter().map(|base| base.join(text)).filter(|folder| folder.is_dir()).collect();
            found.extend(read_by_tool(head, &folders, workspace));
            bases.extend(folders);
        }
        if before == "-m" && head.starts_with("python") {
            let module = text.replace('.', "/");
            for file in [format!("{module}.py"), format!("{module}/__main__.py")] {
                found.extend(resolve(&file, &bases, workspace).map(|path| (path, How::Other)));
            }
        }
        let value = text.rsplit_once('=').filter(|_| text.starts_with('-')).map_or(text, |(_, value)| value);
        if let Some(path) = resolve(value, &bases, workspace) {
            let interpreted = !word.first && INTERPRETERS.contains(&head);
            if word.first || interpreted || looks_like_a_script(&path) {
                let shell = (interpreted && SHELLS.contains(&head)) || is_for_a_shell(&path);
                found.insert(path, if shell { How::Read } else { How::Other });
            }
        }
        before = text;
    }
    found
}

/// What a tool reads without being told.
fn read_by_tool(tool: &str, bases: &[PathBuf], workspace: &Workspace) -> Vec<(PathBuf, How)> {
    let files = FILES_OF_TOOLS.iter().filter(|(name, _)| *name == tool).flat_map(|(_, files)| files.iter());
    files.filter_map(|file| resolve(file, bases, workspace)).map(|path| (path, How::Read)).collect()
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The regular file a word names, if any.
fn resolve(word: &str, bases: &[PathBuf], workspace: &Workspace) -> Option<PathBuf> {
    let candidates = [Some(word), after_variable(word)];
    candidates.into_iter().flatten().filter(|name| !name.is_empty() && !name.contains('\0')).find_map(
        |name| {
            bases
                .iter()
                // What remains of `$(dirname "$0")/lib.sh` begins with a slash, too.
                .flat_map(|base| [base.join(name), base.join(name.trim_start_matches('/'))])
                // Most words name nothing, and that is the quickest to find out.
                .filter(|path| path.is_file())
                .filter_map(|path| path.canonicalize().ok())
                .find(|path| !is_of_the_system(path, workspace))
        },
    )
}

/// What follows a variable at a word's beginning: `lib.sh` of `${HERE}/lib.sh`.
fn after_variable(word: &str) -> Option<&str> {
    let rest = word.strip_prefix('$')?;
    let rest = match rest.split_once('}') {
        Some((_, rest)) if word.starts_with("${") => rest,
        _ => rest,
    };
    rest.split_once('/').map(|(_, rest)| rest)
}

fn is_of_the_system(path: &Path, workspace: &Workspace) -> bool {
    !path.starts_with(workspace.root()) && SYSTEM.iter().any(|folder| path.starts_with(folder))
}

fn looks_like_a_script(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
        || path.metadata().is_ok_and(|facts| facts.mode() & 0o111 != 0)
        || first_line(path).starts_with("#!")
}

fn is_for_a_shell(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let line = first_line(path);
    ending.is_some_and(|ending| ["sh", "bash", "zsh", "mk"].contains(&ending))
        || (line.starts_with("#!") && line.trim_end().ends_with("sh"))
        || (line.starts_with("#!") && line.contains("sh -"))
}

fn first_line(path: &Path) -> String {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(128).read_to_end(&mut start));
    if read.is_err() {
        return String::new();
    }
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

fn text_of(path: &Path) -> Option<String> {
    (path.metadata().ok()?.len() <= READ_LIMIT).then(|| fs::read_to_string(path).ok()).flatten()
}

fn sha256(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = [0u8; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Digest::from_bytes(hasher.finalize().into())),
            length => hasher.update(&buffer[..length]),
        }
    }
}
