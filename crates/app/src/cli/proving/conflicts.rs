//! Documents of one plan that contradict each other, told with both places and with whose word
//! counts meanwhile.

use engine::documents::Documents;
use model::agreement::{Contradiction, contradictions};
use model::definition::weights;
use model::draft::Draft;
use serde::Serialize;

/// Something two documents of a plan say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConflictLine {
    /// Always `plan/conflict`, to be explained by that name.
    pub code: &'static str,
    /// What both speak of: task `7.3`.
    pub about: String,
    /// Which field of it.
    pub what: &'static str,
    /// What counts until they agree.
    pub counts: Place,
    /// What does not.
    pub other: Place,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The document as it was named.
    pub document: String,
    /// On which line.
    pub line: u32,
    /// Verbatim.
    pub value: String,
}

/// Everything about which these documents contradict each other.
pub fn conflicts(documents: &Documents) -> Vec<ConflictLine> {
    let drafts: Vec<&Draft> = documents.documents.iter().map(|document| &document.reading.draft).collect();
    let weights = weights(&drafts, documents.settings().newest_first);
    let mut found = Vec::new();
    for (place, one) in drafts.iter().enumerate() {
        for (other_place, other) in drafts.iter().enumerate().skip(place + 1) {
            let (counts, passed) =
                if weights[place] < weights[other_place] { (one, other) } else { (other, one) };
            let here = contradictions(counts, passed).into_iter();
            found.extend(here.map(|contradiction| ConflictLine::of(counts, passed, contradiction)));
        }
    }
    found
}

impl ConflictLine {
    fn of(counts: &Draft, other: &Draft, contradiction: Contradiction) -> Self {
        let place = |draft: &Draft, said: model::agreement::Said| Place {
            document: draft.source.clone(),
            line: said.line,
            value: said.value,
        };
        Self {
            code: "plan/conflict",
            about: contradiction.about.to_string(),
            what: contradiction.what,
            counts: place(counts, contradiction.here),
            other: place(other, contradiction.there),
        }
    }

    /// `task `7.3` has status `Done` in PLAN.md:14 and `Open` in day.md:3; PLAN.md counts`.
    pub fn text(&self) -> String {
        let Self { about, what, counts, other, .. } = self;
        format!(
            "{about} has {what} `{}` in {}:{} and `{}` in {}:{}; {} counts",
            counts.value,
            counts.document,
            counts.line,
            other.value,
            other.document,
            other.line,
            counts.document
        )
    }
}
