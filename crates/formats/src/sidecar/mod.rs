//! The sidecar `countersign.toml`: settings of a plan, and probes bound to keys without touching
//! the plan's document.
//!
//! ```toml
//! [settings]
//! waiver_limit_days = 14
//!
//! [checks."7.3".clippy]
//! kind = "metric"
//! name = "clippy_warnings"
//! target = "< 20"
//! command = "./count-warnings.sh"
//! timeout = "10m"
//!
//! [gates.deploy]
//! needs = ["7.3"]
//! environment = "production"
//! checks.signed = { kind = "approval", role = "release owner", quorum = 2 }
//!
//! [agents.reviewer]
//! command = ["sh", "agents/review.sh"]
//! roles = ["reviewer"]
//! timeout = "30m"
//! fallback = ["generalist"]
//! ```
//!
//! Unlike a plan's document it is written for this program alone, so nothing in it is guessed:
//! every name it does not know is told, and whoever takes it in refuses the whole. Start at [`read`].

mod agents;
mod checks;
mod fields;
mod settings;

use model::definition::{CheckDefinition, GateDefinition, NamedGateDefinition};
use model::diagnostic::{Diagnostic, Severity, Span};
use model::ids::Key;
use model::settings::Settings;
use toml_edit::{Document, Item};

pub use agents::{AgentCommand, AgentConfig, Streaming};
use fields::Fields;

/// The code of everything that is wrong in a sidecar.
const CODE: &str = "config/invalid";

/// What a sidecar says.
#[derive(Debug, Clone, PartialEq)]
pub struct Sidecar {
    /// How strict the plan is with itself.
    pub settings: Settings,
    /// Probes, each with the key of the task or phase it is bound to.
    pub checks: Vec<(Key, CheckDefinition)>,
    /// Named gates.
    pub gates: Vec<NamedGateDefinition>,
    /// Programs that may be given tasks.
    pub agents: Vec<AgentConfig>,
}

/// Reads a sidecar; `defaults` holds where it says nothing. What is wrong is told, all else read.
pub fn read(text: &str, defaults: Settings) -> (Sidecar, Vec<Diagnostic>) {
    let mut sidecar =
        Sidecar { settings: defaults, checks: Vec::new(), gates: Vec::new(), agents: Vec::new() };
    let mut found = Vec::new();
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let at = error.span().map_or(Span::default(), Span::from);
            let why = error.message().lines().next().unwrap_or("it is not TOML").to_owned();
            found.push(Diagnostic::new(CODE, Severity::Error, at, why));
            return (sidecar, found);
        }
    };
    let mut top = Fields::of(document.as_item(), "the file", &mut found);
    let (settings, checks, gates) = (top.take("settings"), top.take("checks"), top.take("gates"));
    let agents = top.take("agents");
    top.finish(&mut found);
    if let Some(item) = settings {
        settings::read(item, &mut sidecar.settings, &mut found);
    }
    if let Some(item) = checks {
        sidecar.checks = checks::of_keys(item, &mut found);
    }
    if let Some(item) = gates {
        read_gates(item, &mut sidecar, &mut found);
    }
    if let Some(item) = agents {
        sidecar.agents = agents::read(item, &mut found);
    }
    (sidecar, found)
}

fn read_gates(item: &Item, sidecar: &mut Sidecar, found: &mut Vec<Diagnostic>) {
    for (name, item) in fields::entries(item, "gates", found) {
        let what = format!("gate `{name}`");
        let mut fields = Fields::of(item, &what, found);
        let needs = fields.texts("needs", found);
        let environment = fields.text("environment", found);
        let never = fields.texts("never_waivable", found);
        let checks = fields.take("checks");
        fields.finish(found);
        let mut gate = GateDefinition::default();
        for check in checks.map(|item| checks::of_one_key(item, &what, found)).unwrap_or_default() {
            gate.push(check);
        }
        sidecar.settings.never_waivable.extend(never);
        sidecar.gates.push(NamedGateDefinition { name: name.to_owned(), needs, environment, gate });
    }
}

#[cfg(test)]
mod tests;
