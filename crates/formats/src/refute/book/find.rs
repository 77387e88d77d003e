//! What a stretch of a report speaks of: the entries of the plan whose names it says.

use crate::statements::roots::Root;
use crate::statements::vocabulary::ByNumber;

use super::{Book, Entry};

/// An entry that a stretch may speak of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) entry: usize,
    /// How much of its name is said.
    pub(super) named: f64,
    /// How much of what is said it knows, with what stands above it.
    pub(super) covered: f64,
    /// How many of its words are said.
    pub(super) shared: usize,
}

impl Book {
    /// The entries that share words with what is said, the best first.
    pub(super) fn find(&self, said: &[Root], wanted: impl Fn(&Entry) -> bool) -> Vec<Found> {
        let mut shared: ByNumber<usize, usize> = ByNumber::default();
        for root in said {
            // What a great many entries say picks out none of them.
            let Some(having) = self.by_root.get(*root as usize).filter(|having| having.len() < MANY) else {
                continue;
            };
            for at in having {
                *shared.entry(*at).or_default() += 1;
            }
        }
        let sum = |roots: &mut dyn Iterator<Item = &Root>| roots.map(|root| self.weight(*root)).sum::<f64>();
        let all = sum(&mut said.iter()).max(0.1);
        let mut found: Vec<Found> = shared
            .into_iter()
            .filter(|(at, _)| wanted(&self.entries[*at]))
            .map(|(at, shared)| {
                let entry = &self.entries[at];
                let named = sum(&mut entry.name.iter().filter(|root| said.contains(root)));
                let by_key = entry.keys.iter().any(|key| said.contains(key));
                let known = |root: &&Root| entry.words.contains(root) || entry.context.contains(root);
                let covered = sum(&mut said.iter().filter(known));
                Found {
                    entry: at,
                    named: if by_key { 1.0 } else { named / sum(&mut entry.name.iter()).max(0.1) },
                    covered: covered / all,
                    shared,
                }
            })
            .collect();
        found.sort_by(|one, other| other.score().total_cmp(&one.score()).then(one.entry.cmp(&other.entry)));
        found
    }

    /// The one entry that is spoken of, where enough of its name is said and no other comes near.
    pub(super) fn one(&self, said: &[Root], wanted: impl Fn(&Entry) -> bool) -> Option<Found> {
        let found = self.find(said, wanted);
        let best = *found.first()?;
        let next = found.get(1).map_or(0.0, Found::score);
        (best.is_named() && next < best.score() * 0.85).then_some(best)
    }
}

/// So many entries with one word are too many to look through.
const MANY: usize = 64;

impl Found {
    pub(super) fn score(&self) -> f64 {
        self.named + self.covered
    }

    /// Whether enough of a name is said to know what is meant.
    pub(super) fn is_named(&self) -> bool {
        self.named > 0.99 || self.named > 0.6 && self.shared >= 2
    }
}

impl Book {
    /// The one entry of a kind that is spoken of, where one word of it may be enough.
    pub(super) fn one_of_few(&self, said: &[Root], wanted: impl Fn(&Entry) -> bool) -> Option<Found> {
        let found = self.find(said, wanted);
        let best = *found.first()?;
        let next = found.get(1).map_or(0.0, Found::score);
        (best.named > 0.2 && next < best.score() * 0.6).then_some(best)
    }
}
