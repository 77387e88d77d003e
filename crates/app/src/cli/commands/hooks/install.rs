//! `hooks install` and `hooks uninstall`: a coding agent's settings, and a section for agents to
//! read. What somebody else wrote there stays as it is.

use std::path::{Path, PathBuf};

use clap::Args;
use formats::coding_agents::{CODING_AGENTS, CodingAgent, coding_agent, with_section, without_section};
use model::refusal::{CONFIG_INVALID, POLICY_DENIED, Refusal, VALUE_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::files;
use crate::cli::ui::Tone;
use crate::cli::usage::nearest;

/// What every agent that works in the repository is to read.
const SECTION: &str = include_str!("../../../templates/agents-section.md");

/// The document for agents.
const AGENTS: &str = "AGENTS.md";

#[derive(Debug, Args)]
pub(super) struct Install {
    #[command(flatten)]
    which: Which,
    /// How a shell finds the program
    #[arg(long, value_name = "PROGRAM", default_value = "countersign")]
    program: String,
}

#[derive(Debug, Args)]
pub(super) struct Uninstall {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
struct Which {
    // Not called `agent`: that is the name of an option of every verb.
    /// The coding agent: `claude-code`, `codex` or `gemini-cli`
    #[arg(long = "for", value_name = "AGENT")]
    kind: String,
    /// Shows what would change, and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// Leaves `AGENTS.md` alone
    #[arg(long)]
    settings_only: bool,
}

/// A file as it is and as it is to be; nothing: it is not there.
struct Change {
    path: PathBuf,
    shown: String,
    before: Option<String>,
    after: Option<String>,
}

impl Install {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let agent = self.which.agent()?;
        let command = agent.command(&self.program);
        let mut settings = Change::of(agent.settings)?;
        let text = settings.before.as_deref().unwrap_or_default();
        settings.after = Some(agent.install(text, &command).map_err(|why| unreadable(agent, &why))?);
        let mut changes = vec![settings];
        if !self.which.settings_only {
            let mut document = Change::of(AGENTS)?;
            document.after = Some(with_section(document.before.as_deref().unwrap_or_default(), SECTION));
            changes.push(document);
        }
        self.which.carry_out(call, &changes)?;
        if let Some(note) = agent.note {
            call.ui.note(format!("note: {note}"));
        }
        Ok(())
    }
}

impl Uninstall {
    pub(super) fn run(self, call: &Call) -> Outcome {
        // Who is held to something does not take the rein off.
        if call.config.agent.value.is_some() && !call.config.names_person() {
            return Err(Refusal::new(POLICY_DENIED, "only a person can take the hooks out")
                .hint("ask whoever put them there")
                .into());
        }
        let agent = self.which.agent()?;
        let mut settings = Change::of(agent.settings)?;
        if let Some(text) = &settings.before {
            settings.after = agent.uninstall(text).map_err(|why| unreadable(agent, &why))?;
        }
        let mut changes = vec![settings];
        if !self.which.settings_only {
            let mut document = Change::of(AGENTS)?;
            document.after = document.before.as_deref().and_then(without_section);
            changes.push(document);
        }
        self.which.carry_out(call, &changes)
    }
}

impl Which {
    fn agent(&self) -> Result<&'static CodingAgent, Refusal> {
        coding_agent(&self.kind).ok_or_else(|| {
            let names = || CODING_AGENTS.iter().map(|agent| agent.name);
            let no = Refusal::new(VALUE_INVALID, format!("nothing is known of the hooks of `{}`", self.kind))
                .with("for", self.kind.as_str());
            match nearest(&self.kind, names()) {
                Some(near) => no.hint(format!("did you mean `{near}`?")),
                None => no.hint(format!("known are `{}`", names().collect::<Vec<_>>().join("`, `"))),
            }
        })
    }

    fn carry_out(&self, call: &Call, changes: &[Change]) -> Outcome {
        let changed: Vec<&Change> = changes.iter().filter(|change| change.before != change.after).collect();
        if call.ui.wants_json() {
            let listed = changed.iter().map(|change| json!({ "file": change.shown, "text": change.after }));
            call.ui.json(&json!({ "dry_run": self.dry_run, "changes": listed.collect::<Vec<_>>() }));
        }
        for change in &changed {
            if self.dry_run {
                if !call.ui.wants_json() {
                    change.show(call);
                }
                continue;
            }
            change.write()?;
            if !call.ui.wants_json() {
                let done = if change.after.is_some() { "wrote" } else { "removed" };
                call.ui.line(format!("{done} {}", change.shown));
            }
        }
        if changed.is_empty() && !call.ui.wants_json() {
            call.ui.line("nothing to change: it was so already");
        }
        Ok(())
    }
}

impl Change {
    fn of(name: &str) -> Outcome<Self> {
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let top = here.ancestors().find(|top| top.join(".git").exists()).unwrap_or(&here);
        let path = top.join(name);
        let before = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Stop::file(name, "read", &error)),
        };
        Ok(Self { path, shown: name.to_owned(), after: before.clone(), before })
    }

    fn write(&self) -> Outcome {
        let failed = |error: &std::io::Error| files::unwritten(&self.path, error);
        let Some(text) = &self.after else {
            return std::fs::remove_file(&self.path).map_err(|error| failed(&error));
        };
        if let Some(above) = self.path.parent() {
            std::fs::create_dir_all(above).map_err(|error| failed(&error))?;
        }
        files::put(&self.path, text.as_bytes()).map_err(|error| failed(&error))
    }

    /// The lines that differ, between those that do not.
    fn show(&self, call: &Call) {
        let lines = |text: &Option<String>| -> Vec<String> {
            text.as_deref().unwrap_or_default().lines().map(str::to_owned).collect()
        };
        let (before, after) = (lines(&self.before), lines(&self.after));
        let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
        let rest = before[same..].iter().rev().zip(after[same..].iter().rev());
        let tail = rest.take_while(|(one, other)| one == other).count();
        let ui = &call.ui;
        ui.line(ui.paint(Tone::Strong, &format!("--- {}", self.shown)));
        ui.line(ui.paint(Tone::Strong, &format!("+++ {}", self.shown)));
        ui.line(format!(
            "@@ -{},{} +{},{} @@",
            same + 1,
            before.len() - tail - same,
            same + 1,
            after.len() - tail - same
        ));
        for line in &before[same..before.len() - tail] {
            ui.line(ui.paint(Tone::Bad, &format!("-{line}")));
        }
        for line in &after[same..after.len() - tail] {
            ui.line(ui.paint(Tone::Good, &format!("+{line}")));
        }
    }
}

fn unreadable(agent: &CodingAgent, why: &str) -> Refusal {
    Refusal::new(CONFIG_INVALID, format!("`{}` was left alone: {why}", agent.settings))
        .hint("put it right, then install the hooks again")
        .with("path", Path::new(agent.settings).display().to_string())
}
