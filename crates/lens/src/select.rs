//! Choosing one of several documents as context: the best approved one, and of those the newest.
//!
//! Candidates are ranked by status (approved before review before draft before anything else), then
//! by when they were last updated, then by path. The order they come in decides nothing: whoever
//! asks twice with the same candidates is told the same.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};

/// How far a document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentStatus {
    /// Somebody approved it.
    Approved,
    /// It is being reviewed.
    Review,
    /// It is being written.
    Draft,
    /// It does not say, or says something else.
    Unknown,
}

impl DocumentStatus {
    /// What a status word means; words nobody knows mean nothing.
    pub fn read(word: &str) -> Self {
        let plain: String =
            word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match plain.as_str() {
            "approved" => Self::Approved,
            "review" | "inreview" | "underreview" | "readyforreview" => Self::Review,
            "draft" => Self::Draft,
            _ => Self::Unknown,
        }
    }

    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Review => "review",
            Self::Draft => "draft",
            Self::Unknown => "unknown",
        }
    }
}

/// A document that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Where it is.
    pub path: String,
    /// How far it has come.
    pub status: DocumentStatus,
    /// When it was last updated, where it says so; else it counts as older than all that do.
    #[serde(rename = "updatedAt")]
    pub updated_at: Option<Timestamp>,
}

impl Candidate {
    fn rank(&self) -> impl Ord + '_ {
        (self.status, Reverse(self.updated_at), Reverse(self.path.as_str()))
    }
}

/// The one that is chosen; nothing where there are none.
pub fn select(candidates: &[Candidate]) -> Option<&Candidate> {
    candidates.iter().min_by(|one, other| one.rank().cmp(&other.rank()))
}

/// The choice, and all it was made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Selected {
    /// The one that is chosen.
    pub selected: Option<Candidate>,
    /// All of them, the best first.
    pub ranked: Vec<Candidate>,
}

/// The choice, and all it was made from.
pub fn selected(mut candidates: Vec<Candidate>) -> Selected {
    let selected = select(&candidates).cloned();
    candidates.sort_by(|one, other| one.rank().cmp(&other.rank()));
    Selected { selected, ranked: candidates }
}

impl Answer for Selected {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.ranked.is_empty() {
            page.paragraph(Tone::Faint.cell("none"));
        }
        let mut table =
            Table::new([Column::whole("Document"), Column::whole("Status"), Column::whole("Updated")]);
        for (place, candidate) in self.ranked.iter().enumerate() {
            let tone = if place == 0 { Tone::Strong } else { Tone::Plain };
            table.row([
                tone.cell(candidate.path.as_str()),
                Cell::from(candidate.status.as_str()),
                Cell::from(candidate.updated_at.map_or_else(|| "n/a".to_owned(), |at| at.to_string())),
            ]);
        }
        page.table(table);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    fn candidate(path: &str, status: DocumentStatus, day: Option<i64>) -> Candidate {
        let updated_at = day.map(|day| Timestamp::from_second(day * 86_400).unwrap());
        Candidate { path: path.to_owned(), status, updated_at }
    }

    #[test]
    fn status_comes_first_then_the_newest_then_the_greatest_path() {
        use DocumentStatus::{Approved, Draft, Review, Unknown};
        let wins = |candidates: &[Candidate]| select(candidates).map(|one| one.path.clone());
        let old_approved = candidate("a.md", Approved, Some(1));
        let newer_review = candidate("b.md", Review, Some(9));
        let draft = candidate("z.md", Draft, Some(20));
        let unknown = candidate("zz.md", Unknown, Some(30));
        let all = [unknown, draft, newer_review.clone(), old_approved.clone()];
        assert_eq!(wins(&all).as_deref(), Some("a.md"));
        assert_eq!(wins(&[candidate("c.md", Approved, None), old_approved]).as_deref(), Some("a.md"));
        assert_eq!(wins(&[newer_review, candidate("c.md", Review, Some(9))]).as_deref(), Some("c.md"));
        assert_eq!(wins(&[]), None);
        assert_eq!(DocumentStatus::read("Ready for Review"), Review);
        assert_eq!(DocumentStatus::read("✅ Approved"), Approved);
        assert_eq!(DocumentStatus::read("unapproved"), Unknown);
    }

    /// Small numbers that follow from a seed.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }
    }

    #[test]
    fn the_same_candidates_in_any_order_have_the_same_winner() {
        use DocumentStatus::{Approved, Draft, Review, Unknown};
        for seed in 0..400 {
            let mut dice = Dice(seed);
            let mut some: Vec<Candidate> = (0..1 + dice.below(6))
                .map(|_| {
                    let status = [Approved, Review, Draft, Unknown][dice.below(4) as usize];
                    let day = dice.below(4) as i64;
                    let path = format!("{}.md", ["a", "b", "ä", "A"][dice.below(4) as usize]);
                    candidate(&path, status, (day > 0).then_some(day))
                })
                .collect();
            let first = select(&some).cloned().unwrap();
            let beaten = some.iter().all(|other| {
                first.status < other.status
                    || first.status == other.status
                        && (first.updated_at > other.updated_at
                            || first.updated_at == other.updated_at && first.path >= other.path)
            });
            assert!(beaten, "seed {seed}: {first:?} of {some:?}");
            let ranked = selected(some.clone()).ranked;
            for _ in 0..24 {
                for place in (1..some.len()).rev() {
                    some.swap(place, dice.below(place as u64 + 1) as usize);
                }
                assert_eq!(select(&some), Some(&first), "seed {seed}: {some:?}");
                assert_eq!(selected(some.clone()).ranked, ranked, "seed {seed}: {some:?}");
            }
        }
    }

    #[test]
    fn the_page_shows_the_choice_first() {
        let one = candidate("a.md", DocumentStatus::Draft, Some(1));
        let other = candidate("b.md", DocumentStatus::Approved, None);
        check(
            &selected(vec![one, other]),
            "
| Document | Status | Updated |
| --- | --- | --- |
| **b.md** | approved | n/a |
| a.md | draft | 1970-01-02T00:00:00Z |
",
        );
        check(&selected(Vec::new()), "none");
    }
}
