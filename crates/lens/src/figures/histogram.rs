//! How often a duration fell below each of some bounds.

/// Counts durations, in seconds, by the first of some bounds that each does not exceed.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    /// An empty one; the bounds rise.
    pub fn new(bounds: &'static [f64]) -> Self {
        // One more, for what exceeds every bound.
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    /// Counts a duration. One that is no number, or below zero where a clock was put back, counts as zero.
    pub fn observe(&mut self, seconds: f64) {
        let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
        let place = self.bounds.partition_point(|bound| *bound < seconds);
        self.counts[place] += 1;
        self.sum += seconds;
    }

    /// Each bound with how many durations do not exceed it; the last is infinite.
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let bounds = self.bounds.iter().copied().chain(std::iter::once(f64::INFINITY));
        bounds.zip(self.counts.iter().scan(0, |all, count| {
            *all += count;
            Some(*all)
        }))
    }

    /// How many durations there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together, in seconds.
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_on_a_bound_does_not_exceed_it() {
        let mut histogram = Histogram::new(&[0.5, 1.0]);
        for seconds in [0.5, 0.6, 1.0, 7.0, -3.0, f64::NAN] {
            histogram.observe(seconds);
        }
        let buckets: Vec<_> = histogram.cumulative().collect();
        assert_eq!(buckets, [(0.5, 3), (1.0, 5), (f64::INFINITY, 6)]);
        assert_eq!((histogram.count(), histogram.sum()), (6, 9.1));
    }
}
