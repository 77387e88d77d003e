//! Lengths of work, counted so that 0.1 + 0.2 is 0.3.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// A length of work in whole seconds, eight hours to the day.
///
/// Hundredths of a day, hours and minutes are all whole numbers of it, so sums are exact and a
/// total compares with `==` to the one a document states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Length(u64);

impl Length {
    /// No work at all: a milestone.
    pub const ZERO: Self = Self(0);
    /// One working day.
    pub const DAY: Self = Self(8 * 60 * 60);
    /// One hour.
    pub const HOUR: Self = Self(60 * 60);
    /// One minute.
    pub const MINUTE: Self = Self(60);

    /// The length of so many working days, to the nearest second; anything that is not a
    /// positive number counts as none.
    pub fn from_days(days: f64) -> Self {
        // `as` saturates and takes NaN to 0, which is what the doc line promises.
        Self((days * Self::DAY.0 as f64).round() as u64)
    }

    /// The length of so many whole minutes.
    pub const fn from_minutes(minutes: u64) -> Self {
        Self(minutes.saturating_mul(Self::MINUTE.0))
    }

    /// The length of so many whole seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The length in working days; the nearest number, so `from_days(2.4).days() == 2.4`.
    pub fn days(self) -> f64 {
        self.0 as f64 / Self::DAY.0 as f64
    }

    /// The length in seconds.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// Whether there is nothing to do.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Saturates: a plan that long is wrong in other ways.
impl Add for Length {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Stops at zero.
impl Sub for Length {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Length {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Length {
    /// Days with as many decimals as are needed, three at most: `2.4`, `1`, `0.125`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3}", self.days());
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_of_days_add_up_exactly() {
        let sum: Length = [0.1, 0.2].into_iter().map(Length::from_days).sum();
        assert_eq!(sum, Length::from_days(0.3));
        assert_eq!(sum.days(), 0.3);
        let ten: Length = std::iter::repeat_n(Length::from_days(0.1), 10).sum();
        assert_eq!(ten, Length::DAY);
    }

    #[test]
    fn every_hundredth_of_a_day_reads_back_as_written() {
        for hundredths in 0..10_000u32 {
            let days = f64::from(hundredths) / 100.0;
            assert_eq!(Length::from_days(days).days(), days);
        }
    }

    #[test]
    fn what_is_not_a_length_counts_as_none() {
        for odd in [f64::NAN, -1.0, f64::NEG_INFINITY] {
            assert_eq!(Length::from_days(odd), Length::ZERO);
        }
        assert_eq!(Length::from_days(f64::INFINITY).seconds(), u64::MAX);
    }

    #[test]
    fn it_prints_without_needless_decimals() {
        let printed: Vec<String> =
            [2.4, 1.0, 0.0, 0.125, 10.0, 3.25].iter().map(|d| Length::from_days(*d).to_string()).collect();
        assert_eq!(printed, ["2.4", "1", "0", "0.125", "10", "3.25"]);
    }
}
