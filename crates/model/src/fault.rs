//! Faults: the world failed (a disk, a database, a process), as opposed to a rule saying no.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Says that the world failed: what happened, and how to go on.
///
/// Nothing was acknowledged where a fault is returned. The text is for people: no type names, no
/// back ends' own numbers without a word of what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Stable code such as `store/busy`; each has a page in `docs/errors/`.
    pub code: String,
    /// One sentence, lower case, the user's words in backticks.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Named facts for machines: `path`, `plan`, `seq`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<(String, String)>,
}

impl Fault {
    /// Makes a fault without hint or context.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), hint: None, context: Vec::new() }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a named fact.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.context.push((name.into(), value.to_string()));
        self
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.context.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_happened_and_how_to_go_on() {
        let fault = Fault::new("store/busy", "another process holds the store")
            .hint("try again")
            .with("path", "journal.db");
        assert_eq!(fault.to_string(), "store/busy: another process holds the store");
        assert_eq!(fault.fact("path"), Some("journal.db"));
        assert_eq!(fault.fact("plan"), None);
    }
}
