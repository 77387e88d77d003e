//! New ids: 48 bits of milliseconds, then 80 random bits, so that ids sort by creation.
//!
//! Within one source every id is greater than the one before, also when the clock stands still or
//! goes back.

use jiff::Timestamp;
use model::context::Ids;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

const RANDOM_BITS: u32 = 80;
const RANDOM_MASK: u128 = (1 << RANDOM_BITS) - 1;

/// Ids from a random number generator.
#[derive(Debug)]
pub struct RandomIds {
    random: ChaCha12Rng,
    last: u128,
}

impl RandomIds {
    /// A source that nobody can foresee.
    pub fn from_system() -> Self {
        Self { random: rand::make_rng(), last: 0 }
    }

    /// A source that gives the same ids for the same seed and times: for tests.
    pub fn from_seed(seed: u64) -> Self {
        Self { random: ChaCha12Rng::seed_from_u64(seed), last: 0 }
    }
}

impl Ids for RandomIds {
    fn next(&mut self, now: Timestamp) -> u128 {
        let milliseconds = u128::from(now.as_millisecond().max(0).unsigned_abs()) & ((1 << 48) - 1);
        let random =
            (u128::from(self.random.next_u64()) << 64 | u128::from(self.random.next_u64())) & RANDOM_MASK;
        let fresh = milliseconds << RANDOM_BITS | random;
        // A small random step keeps ids of one millisecond in order and still hard to guess.
        let step = 1 + u128::from(self.random.next_u32());
        self.last = if fresh > self.last { fresh } else { self.last.saturating_add(step) };
        self.last
    }
}

/// Sixteen random hexadecimal characters: the name of one run of a probe.
pub fn nonce() -> String {
    random_hex(16)
}

/// So many random hexadecimal characters.
pub fn random_hex(count: usize) -> String {
    let mut text = String::with_capacity(count + 16);
    while text.len() < count {
        text.push_str(&format!("{:016x}", rand::rng().next_u64()));
    }
    text.truncate(count);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_also_when_the_clock_goes_back() {
        let mut ids = RandomIds::from_seed(7);
        let mut last = 0;
        for millisecond in [5, 5, 5, 9, 9, 3, 1, 12] {
            let now = Timestamp::from_millisecond(millisecond).unwrap();
            let id = ids.next(now);
            assert!(id > last, "at {millisecond}");
            last = id;
        }
        assert_eq!(last >> RANDOM_BITS, 12);
    }

    #[test]
    fn a_seed_repeats_itself_and_the_system_does_not() {
        let now = Timestamp::from_millisecond(1_000).unwrap();
        assert_eq!(RandomIds::from_seed(1).next(now), RandomIds::from_seed(1).next(now));
        assert_ne!(RandomIds::from_seed(1).next(now), RandomIds::from_seed(2).next(now));
        assert_ne!(RandomIds::from_system().next(now), RandomIds::from_system().next(now));
    }
}
