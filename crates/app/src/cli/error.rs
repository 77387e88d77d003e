//! The ways a verb can end without success, and how each is said: as text for people, as one line
//! of JSON for programs, and as an exit status. Never a backtrace, never a type's name.

use model::fault::Fault;
use model::refusal::{self, CONFIG_INVALID, FILE_NOT_FOUND, INTERNAL_FAULT, Refusal, USAGE_INVALID};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ui::{Tone, Ui};

/// Why a verb ended without success.
#[derive(Debug)]
pub enum Stop {
    /// A rule says no, or the command line asks for something impossible.
    Refused(Box<Refusal>),
    /// The world failed.
    Fault(Box<Fault>),
    /// What was printed as data says it all already; the code decides the exit status.
    Said(&'static str),
}

/// What a verb gives back.
pub type Outcome<T = ()> = Result<T, Stop>;

impl Stop {
    /// The command line asks for something it should not.
    pub fn usage(message: impl Into<String>) -> Refusal {
        Refusal::new(USAGE_INVALID, message)
    }

    /// A setting of the program is wrong.
    pub fn config(message: impl Into<String>) -> Refusal {
        Refusal::new(CONFIG_INVALID, message)
    }

    /// A file could not be read or written.
    pub fn file(path: &str, doing: &str, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Refusal::new(FILE_NOT_FOUND, format!("`{path}` does not exist"))
                .with("path", path)
                .into();
        }
        Fault::new(INTERNAL_FAULT, format!("`{path}` could not be {doing}: {}", plain(error)))
            .with("path", path)
            .into()
    }

    /// Its stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Fault(fault) => &fault.code,
            Self::Said(code) => code,
        }
    }

    /// The exit status of the program.
    pub fn exit(&self) -> u8 {
        refusal::code(self.code()).map_or(1, |code| code.exit)
    }

    /// Says it on standard error.
    pub fn say(&self, ui: &Ui) {
        let report = match self {
            Self::Said(_) => return,
            Self::Refused(refusal) => Report::from(refusal.as_ref()),
            Self::Fault(fault) => Report::from(fault.as_ref()),
        };
        if ui.wants_json() {
            ui.message(&report.json(self.exit()));
        } else {
            ui.message(&report.text(ui));
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// An error of the operating system in words, without its number.
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What refusals and faults have in common once they are to be said.
struct Report<'a> {
    code: &'a str,
    message: &'a str,
    facts: Vec<String>,
    hint: Option<&'a str>,
    context: Map<String, Value>,
}

impl<'a> From<&'a Refusal> for Report<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        let mut context = refusal.context.clone();
        if !refusal.facts.is_empty() {
            context.entry("facts").or_insert_with(|| json!(refusal.facts));
        }
        Self {
            code: refusal.code,
            message: &refusal.message,
            facts: refusal.facts.clone(),
            hint: refusal.hint.as_deref(),
            context,
        }
    }
}

impl<'a> From<&'a Fault> for Report<'a> {
    fn from(fault: &'a Fault) -> Self {
        let named = |(name, value): &(String, String)| (name.clone(), Value::String(value.clone()));
        Self {
            code: &fault.code,
            message: &fault.message,
            // A fact that the sentence already names would only be noise.
            facts: fault
                .context
                .iter()
                .filter(|(_, value)| !fault.message.contains(value.as_str()))
                .map(|(name, value)| format!("{name}: {value}"))
                .collect(),
            hint: fault.hint.as_deref(),
            context: fault.context.iter().map(named).collect(),
        }
    }
}

impl Report<'_> {
    fn text(&self, ui: &Ui) -> String {
        let label = ui.paint_message(Tone::Bad, &format!("error[{}]", self.code));
        let mut text = format!("{label}: {}", self.message);
        for line in self.facts.iter().flat_map(|fact| fact.lines()) {
            text.push_str("\n  ");
            text.push_str(line);
        }
        if let Some(hint) = self.hint {
            text.push_str(&format!("\n{}: {hint}", ui.paint_message(Tone::Strong, "hint")));
        }
        text
    }

    fn json(&self, exit: u8) -> String {
        let body =
            Body { code: self.code, exit, message: self.message, hint: self.hint, context: &self.context };
        serde_json::to_string(&Envelope { error: body }).unwrap_or_default()
    }
}

/// The one line of JSON on standard error.
#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    exit: u8,
    message: &'a str,
    hint: Option<&'a str>,
    context: &'a Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_is_told_without_its_number() {
        let error = std::io::Error::from_raw_os_error(13);
        assert_eq!(plain(&error), "permission denied");
    }

    #[test]
    fn every_code_has_its_exit_status() {
        for code in refusal::CODES {
            assert_eq!(Stop::from(Refusal::new(code.code, "no")).exit(), code.exit);
        }
        assert_eq!(Stop::from(Fault::new("never/heard-of", "no")).exit(), 1);
    }
}
