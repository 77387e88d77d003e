//! Facts: what a document says about a task beyond its key, title, needs and state.
//!
//! Most tasks have few of them, so they are a short list instead of a wide row of empty fields.

use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::draft::{Due, Owner, OwnerRole, Status};

/// One thing a document says about a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The document's own status word.
    Status(Box<Status>),
    /// The document's percentage, 0 to 100.
    Percent(f64),
    /// `P0`, `High`.
    Priority(String),
    /// Who.
    Owner(Box<Owner>),
    /// Estimate in working days.
    EstimateDays(f64),
    /// When due.
    Due(Box<Due>),
    /// `Week 1–2`.
    Window(String),
    /// What goes in.
    Input(String),
    /// What comes out.
    Output(String),
    /// Where it comes from.
    Source(String),
    /// What it is for.
    Objective(String),
    /// What it delivers.
    Deliverable(String),
    /// What stands in its way, in the document's words.
    Blocker(String),
    /// What is to be done next.
    NextStep(String),
    /// Pull requests, issues, URLs.
    Link(String),
    /// Files and globs it names.
    Path(String),
    /// A key of the shared memory that it reads or writes: `phase7/code_quality/status`.
    Memory(String),
    /// A column or field nobody has a name for.
    Extra(Box<(String, String)>),
}

impl Fact {
    /// Whether a task has at most one fact of this kind.
    pub fn is_single(&self) -> bool {
        matches!(
            self,
            Self::Status(_)
                | Self::Percent(_)
                | Self::Priority(_)
                | Self::EstimateDays(_)
                | Self::Due(_)
                | Self::Window(_)
        )
    }

    /// Whether it says how far the work has come, and nothing about what it is.
    pub fn is_progress(&self) -> bool {
        matches!(self, Self::Status(_) | Self::Percent(_))
    }

    /// The word for a fact of this kind.
    pub fn name(&self) -> &str {
        match self {
            Self::Status(_) => "status",
            Self::Percent(_) => "progress",
            Self::Priority(_) => "priority",
            Self::Owner(_) => "owner",
            Self::EstimateDays(_) => "estimate",
            Self::Due(_) => "due date",
            Self::Window(_) => "window",
            Self::Input(_) => "input",
            Self::Output(_) => "output",
            Self::Source(_) => "source",
            Self::Objective(_) => "objective",
            Self::Deliverable(_) => "deliverable",
            Self::Blocker(_) => "blocker",
            Self::NextStep(_) => "next step",
            Self::Link(_) => "link",
            Self::Path(_) => "path",
            Self::Memory(_) => "memory key",
            Self::Extra(pair) => &pair.0,
        }
    }

    /// Whether two facts are of the same kind (for extras: of the same name).
    pub fn same_kind(&self, other: &Fact) -> bool {
        match (self, other) {
            (Self::Extra(mine), Self::Extra(theirs)) => mine.0 == theirs.0,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// The facts of one task, in document order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(pub ThinVec<Fact>);

macro_rules! single {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $type:ty = |$value:ident| $give:expr),+ $(,)?) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> Option<$type> {
            self.0.iter().find_map(|fact| match fact {
                Fact::$variant($value) => Some($give),
                _ => None,
            })
        }
    )+};
}

macro_rules! several {
    ($($(#[$doc:meta])* $name:ident: $variant:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> impl Iterator<Item = &str> {
            self.0.iter().filter_map(|fact| match fact {
                Fact::$variant(text) => Some(text.as_str()),
                _ => None,
            })
        }
    )+};
}

impl Facts {
    single! {
        /// The document's own status word.
        status: Status -> &Status = |s| s.as_ref(),
        /// The document's percentage, 0 to 100.
        percent: Percent -> f64 = |p| *p,
        /// The priority, verbatim.
        priority: Priority -> &str = |p| p.as_str(),
        /// The estimate in working days.
        estimate_days: EstimateDays -> f64 = |d| *d,
        /// When due.
        due: Due -> &Due = |d| d.as_ref(),
        /// The window, verbatim.
        window: Window -> &str = |w| w.as_str(),
    }

    several! {
        /// What goes in.
        inputs: Input,
        /// What comes out.
        outputs: Output,
        /// Where it comes from.
        sources: Source,
        /// What it is for.
        objectives: Objective,
        /// What it delivers.
        deliverables: Deliverable,
        /// What stands in its way, in the document's words.
        blockers: Blocker,
        /// What is to be done next.
        next_steps: NextStep,
        /// Pull requests, issues, URLs.
        links: Link,
        /// Files and globs it names.
        paths: Path,
        /// Keys of the shared memory that it reads or writes.
        memory: Memory,
    }

    /// Everybody beside the task.
    pub fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.0.iter().filter_map(|fact| match fact {
            Fact::Owner(owner) => Some(owner.as_ref()),
            _ => None,
        })
    }

    /// Who answers for the task: the first primary owner, else the first of any role.
    pub fn owner(&self) -> Option<&str> {
        self.owners()
            .find(|owner| owner.role == OwnerRole::Primary)
            .or_else(|| self.owners().next())
            .map(|owner| owner.name.as_str())
    }

    /// Columns and fields nobody has a name for.
    pub fn extra(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|fact| match fact {
            Fact::Extra(pair) => Some((pair.0.as_str(), pair.1.as_str())),
            _ => None,
        })
    }

    /// Adds a fact; one that can stand only once replaces the earlier one.
    pub fn put(&mut self, fact: Fact) {
        let replaces = fact.is_single() || matches!(fact, Fact::Extra(_));
        match self.0.iter_mut().find(|known| replaces && known.same_kind(&fact)) {
            Some(slot) => *slot = fact,
            None => self.0.push(fact),
        }
    }

    /// Takes every fact of the same kind as `fact` away.
    pub fn clear(&mut self, fact: &Fact) {
        self.0.retain(|known| !known.same_kind(fact));
    }
}
