//! What a report says of the plan's own facts, in whatever words: who does what, what is due when, how
//! many there are of something, how likely a risk is. Judged sentence by sentence; what does not plainly
//! speak of one thing in the plan is passed over.

mod asides;
mod compared;
mod counts;
mod dates;
mod denials;
mod dependencies;
mod estimates;
mod lengths;
mod levels;
mod measured;
mod numbers;
mod order;
mod owners;
mod people;
mod rules;
mod totals;
mod when;

use model::diagnostic::Span;

use crate::statements::clauses::sentences;
use crate::statements::figures::Figure;
use crate::statements::passages::Place;
use crate::statements::tokens::Token;
use crate::statements::words::{Phrases, Words, says_any, says_one};

use super::super::{Case, refutation};
use super::jobs::Jobs;

/// A sentence of a report.
pub(super) struct Sentence<'a> {
    pub(super) passage: usize,
    pub(super) range: std::ops::Range<usize>,
    pub(super) tokens: &'a [Token],
}

pub(in crate::refute) fn judge(case: &mut Case<'_>) {
    let report = case.report;
    let people = people::People::of(case);
    let needs = &*case.needs();
    let jobs = Jobs::of(case, people.names());
    let totals = totals::Totals::of(case, &jobs);
    let window = dates::Window::of(case);
    for (at, passage) in report.passages.iter().enumerate() {
        if matches!(passage.place, Place::Heading(_) | Place::Cell { .. }) {
            continue;
        }
        for range in sentences(&passage.tokens) {
            let tokens = &passage.tokens[range.clone()];
            if tokens.len() < 3
                || tokens.iter().any(|token| token.is_sign('"'))
                || tokens[tokens.len() - 1].is_sign('?')
            {
                continue;
            }
            let sentence = Sentence { passage: at, range, tokens };
            order::judge(case, needs, &jobs, &sentence);
            dependencies::judge(case, needs, &jobs, &sentence);
            estimates::judge(case, &jobs, &sentence);
            compared::judge(case, &jobs, &sentence);
            totals::judge(case, &jobs, &totals, &sentence);
            rules::judge(case, &sentence);
            denials::judge(case, &sentence);
            measured::judge(case, &sentence);
            counts::judge(case, &people, &sentence);
            counts::share_of_sum(case, &sentence);
            counts::share_of_fact(case, &sentence);
            if !owners::judge(case, &people, &jobs, &sentence) {
                people::judge(case, &people, &sentence);
            }
            dates::judge(case, &jobs, window.as_ref(), &sentence);
            levels::judge(case, &sentence);
            numbers::judge(case, &sentence);
        }
    }
}

impl Sentence<'_> {
    pub(super) fn span(&self) -> Span {
        Span { start: self.tokens[0].span.start, end: self.tokens[self.tokens.len() - 1].span.end }
    }

    /// The figures of the sentence, with their positions.
    pub(super) fn figures<'c>(&self, case: &Case<'c>) -> Vec<(usize, &'c Figure)> {
        let from = case.figures.partition_point(|figure| figure.place.0 < self.passage);
        let own = case
            .figures
            .iter()
            .enumerate()
            .skip(from)
            .take_while(|(_, figure)| figure.place.0 == self.passage);
        own.filter(|(_, figure)| self.range.contains(&figure.tokens.start)).collect()
    }

    /// Whether the sentence tells what the plan says, rather than what came of it.
    pub(super) fn tells_plan(&self) -> bool {
        tells_plan(self.tokens)
    }
}

/// Words that make a statement one about the plan.
const OF_PLAN: Words<'_> = Words::of(&[
    "plan",
    "plans",
    "planned",
    "may",
    "due",
    "scheduled",
    "budgeted",
    "budget",
    "deadline",
    "earmarked",
    "allotted",
    "foresees",
    "foresaw",
    "foreseen",
    "envisaged",
    "intended",
    "supposed",
    "agreed",
    "permitted",
    "permits",
    "allows",
    "allowed",
    "must",
    "shall",
    "prescribed",
    "stipulated",
    "required",
    "requires",
    "demands",
    "demanded",
    "asks",
    "asked",
    "allocated",
    "estimated",
    "wanted",
    "wants",
    "targeted",
]);

const PHRASES_OF_PLAN: Phrases<'_> = Phrases::of(&[
    "put aside",
    "set aside",
    "sets aside",
    "has to",
    "have to",
    "had to",
    "is to",
    "are to",
    "was to",
    "were to",
    "set for",
    "on time",
    "on schedule",
    "in time",
    "held back",
]);

pub(super) fn tells_plan(tokens: &[Token]) -> bool {
    says_any(tokens, OF_PLAN) || says_one(tokens, PHRASES_OF_PLAN)
}

/// Words that say that something came otherwise than planned, or is only thought of.
const OTHERWISE: Words<'_> = Words::of(&[
    "not",
    "never",
    "instead",
    "rather",
    "than",
    "later",
    "earlier",
    "late",
    "moved",
    "postponed",
    "delayed",
    "slipped",
    "changed",
    "originally",
    "if",
    "unless",
    "would",
    "could",
    "might",
    "almost",
    "nearly",
    "except",
    "until",
    "replaced",
    "revised",
    "new",
    "actually",
    "nobody",
    "neither",
    "nor",
    "without",
    "ahead",
    "behind",
    "early",
    "overran",
    "brought",
    "pushed",
    "extended",
]);

pub(super) fn tells_otherwise(tokens: &[Token]) -> bool {
    says_any(tokens, OTHERWISE)
}

/// Tells what contradicts the plan, unless something of the same place was told already.
pub(super) fn tell(case: &mut Case<'_>, span: Span, message: String, help: &str) {
    let overlaps = |other: Span| other.start < span.end && span.start < other.end;
    if !case.found.iter().any(|found| overlaps(found.span)) {
        case.tell(refutation("report/contradicts", span, message).help(help));
    }
}
