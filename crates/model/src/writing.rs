//! What a plan's history asks to have written into its documents: wishes, field by field.
//!
//! A wish exists only for what somebody changed through the journal since the documents were
//! written last; what the documents' authors wrote is never anybody else's wish. Which bytes that
//! takes, and whether the document's own word says so already, the formats know.

use crate::draft::Stated;
use crate::ids::Key;

/// What a field belongs to, as documents name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// A task.
    Task(Key),
    /// A criterion of a task or phase, or of the plan as a whole, by its text.
    Criterion {
        /// Whose criterion; nothing for the plan's own.
        of: Option<Key>,
        /// Without box and probe.
        text: String,
    },
    /// A metric, by name.
    Metric(String),
}

/// A field of a document that may be written back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The box before an item.
    Mark,
    /// The status word.
    Status,
    /// The percentage.
    Percent,
    /// Who answers for it.
    Owner,
    /// When it is due.
    Due,
    /// The priority.
    Priority,
    /// What must be done first, and what else stands in the way.
    Blockers,
    /// A metric's value.
    Value,
    /// The remark `<!-- verified 9f2c… -->` behind an item, with the digest of the evidence; an
    /// empty text where there is to be none.
    Evidence,
    /// A column or field nobody has a name for, by its header: `notes`.
    Extra(String),
}

impl Field {
    /// The word used in output.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Mark => "box",
            Self::Status => "status",
            Self::Percent => "percent",
            Self::Owner => "owner",
            Self::Due => "due",
            Self::Priority => "priority",
            Self::Blockers => "blockers",
            Self::Value => "value",
            Self::Evidence => "evidence",
            Self::Extra(name) => name,
        }
    }
}

/// What a field says, or is to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A box: ticked or not. Any other mark (`[/]`, `[-]`) counts as not ticked.
    Ticked(bool),
    /// A status.
    Status {
        /// What it says about the work.
        state: Stated,
        /// Whether it says that something stands in the way.
        blocked: bool,
        /// The very word, where somebody chose one; else one is chosen from those the document uses.
        word: Option<String>,
    },
    /// A number.
    Number(f64),
    /// A text; empty where the field is to be emptied.
    Text(String),
    /// Keys of tasks, and words that are no keys.
    List(Vec<String>),
}

/// A field and what the journal wants it to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// What it belongs to.
    pub about: About,
    /// Which field.
    pub field: Field,
    /// What it is to say.
    pub content: Content,
}
