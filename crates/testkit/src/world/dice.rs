//! The world's only source of chance.

use jiff::SignedDuration;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// Chance that follows from a seed.
pub(super) struct Dice(ChaCha12Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// A number below a bound; zero where the bound is zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    /// Whether something that happens so many times in a hundred happens now.
    pub(super) fn percent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    pub(super) fn one_of<T: Clone>(&mut self, things: &[T]) -> Option<T> {
        if things.is_empty() { None } else { Some(things[self.below(things.len())].clone()) }
    }

    pub(super) fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// Mostly minutes, now and then days, and sometimes backwards.
    pub(super) fn passing_time(&mut self) -> SignedDuration {
        let seconds = match self.below(100) {
            0..90 => self.below(600) as i64,
            90..96 => -(self.below(900) as i64),
            _ => 3_600 * self.below(72) as i64,
        };
        SignedDuration::from_secs(seconds)
    }
}
