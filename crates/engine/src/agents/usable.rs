//! Whether agents can be started at all: found out before anything is taken.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use formats::sidecar::{AgentCommand, AgentConfig};
use model::refusal::{AGENT_UNUSABLE, Refusal};

use super::repository::Repository;
use crate::process::Environment;
use crate::trust::first_word;

/// Programs whose first argument is the script they run.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "dash", "zsh", "ksh", "python", "python3", "node", "deno", "bun", "ruby", "perl", "php",
    "lua", "Rscript", "julia", "pwsh", "tsx",
];
/// What a shell does by itself.
const BUILT_IN: &[&str] = &[
    ".", ":", "!", "[", "{", "(", "alias", "break", "case", "cd", "command", "continue", "echo", "eval",
    "exec", "exit", "export", "false", "for", "if", "local", "printf", "pwd", "read", "readonly", "return",
    "set", "shift", "source", "test", "times", "trap", "true", "type", "ulimit", "umask", "unset", "until",
    "wait", "while",
];

/// An agent that can be started.
#[derive(Debug, Clone)]
pub struct Usable {
    /// As the sidecar has it.
    pub agent: AgentConfig,
    /// What is started.
    pub ready: Ready,
}

/// What is started for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// Text given to `sh -c`.
    Shell(String),
    /// A program and its arguments.
    Program {
        /// Its full path; below the folder an attempt is made in, where the command says so.
        path: PathBuf,
        /// Without the arguments for streaming.
        arguments: Vec<String>,
    },
}

/// What was found out about some agents.
#[derive(Debug, Default)]
pub struct Looked {
    /// Those that can be started.
    pub usable: Vec<Usable>,
    /// Those that cannot, and why.
    pub unusable: Vec<(AgentConfig, String)>,
}

/// Looks at agents as they would be started in a plan's folder.
pub fn look(agents: &[AgentConfig], folder: &Path, environment: &Environment) -> Looked {
    let path = environment.path();
    let mut looked = Looked::default();
    for agent in agents {
        match ready(&agent.command, folder, path) {
            Ok(ready) => looked.usable.push(Usable { agent: agent.clone(), ready }),
            Err(why) => looked.unusable.push((agent.clone(), why)),
        }
    }
    looked
}

impl Looked {
    /// Refuses where an agent can be started neither itself nor through those it falls back to.
    pub fn stand(&self) -> Result<(), Refusal> {
        let helped = |agent: &AgentConfig| {
            // Fallbacks run in no circle, the sidecar sees to that.
            let mut ahead: Vec<_> = agent.fallback.iter().collect();
            while let Some(name) = ahead.pop() {
                if self.usable.iter().any(|usable| usable.agent.name == *name) {
                    return true;
                }
                let next = self.unusable.iter().find(|(agent, _)| agent.name == *name);
                ahead.extend(next.iter().flat_map(|(agent, _)| &agent.fallback));
            }
            false
        };
        let alone: Vec<_> = self.unusable.iter().filter(|(agent, _)| !helped(agent)).collect();
        let Some((first, why)) = alone.first() else { return Ok(()) };
        let mut no = Refusal::new(AGENT_UNUSABLE, format!("agent `{}` cannot be started: {why}", first.name))
            .hint("mend its `command` in `countersign.toml`, or give it a `fallback`")
            .with("agent", first.name.as_str());
        no.facts =
            alone.iter().skip(1).map(|(agent, why)| format!("`{}` neither: {why}", agent.name)).collect();
        Err(no)
    }
}

/// The repository agents work in; refused where one is needed and there is none to work in.
pub fn repository_for(
    agents: &[AgentConfig],
    folder: &Path,
) -> Result<Option<Repository>, crate::desk::Denied> {
    let Some(first) = agents.iter().find(|agent| agent.worktree) else { return Ok(None) };
    let unusable = |why: String| {
        Refusal::new(AGENT_UNUSABLE, format!("agent `{}` works in a git worktree, and {why}", first.name))
            .hint("make a repository with `git init` and a first commit, or set `worktree = false`")
            .with("agent", first.name.as_str())
    };
    if found_in(OsStr::new("git"), Environment::of_this_process().path()).is_none() {
        return Err(unusable("`git` was not found".to_owned()).into());
    }
    let Some(repository) = Repository::around(folder)? else {
        return Err(unusable(format!("`{}` is in no git repository", folder.display())).into());
    };
    if repository.commit("HEAD")?.is_none() {
        return Err(unusable("the repository has no commit yet".to_owned()).into());
    }
    Ok(Some(repository))
}

/// What is started for a command, or why nothing can be.
fn ready(command: &AgentCommand, folder: &Path, path: &OsStr) -> Result<Ready, String> {
    match command {
        AgentCommand::Shell(text) => {
            if let Some(word) = first_word(text) {
                let plain = !word.contains(['$', '`', '*', '?', '~']);
                if plain && !BUILT_IN.contains(&word.as_str()) {
                    program(&word, folder, path)?;
                }
            }
            Ok(Ready::Shell(text.clone()))
        }
        AgentCommand::Program(words) => {
            let Some((first, arguments)) = words.split_first() else {
                return Err("it has no command".to_owned());
            };
            let path = program(first, folder, path)?;
            let name = Path::new(first).file_name().and_then(OsStr::to_str).unwrap_or_default();
            if let Some(script) = arguments.first()
                && INTERPRETERS.contains(&name)
                && !script.starts_with('-')
                && !folder.join(script).is_file()
            {
                return Err(format!("its script `{script}` does not exist"));
            }
            Ok(Ready::Program { path, arguments: arguments.to_vec() })
        }
    }
}

/// The program a word names: on the path, or, where the word has a slash, from the folder.
fn program(word: &str, folder: &Path, path: &OsStr) -> Result<PathBuf, String> {
    if !word.contains('/') {
        return found_in(OsStr::new(word), path).ok_or_else(|| format!("`{word}` was not found"));
    }
    let there = folder.join(word);
    match there.metadata() {
        Ok(about) if about.is_file() && about.mode() & 0o111 != 0 => Ok(PathBuf::from(word)),
        Ok(about) if about.is_file() => {
            Err(format!("`{word}` may not be executed; `chmod +x {word}` lets it"))
        }
        Ok(_) => Err(format!("`{word}` is not a file")),
        Err(_) => Err(format!("`{word}` does not exist")),
    }
}

fn found_in(name: &OsStr, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| file.metadata().is_ok_and(|about| about.is_file() && about.mode() & 0o111 != 0))
}

#[cfg(test)]
mod tests;
