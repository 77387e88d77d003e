//! What time it is: asked of the system in earnest, stated in tests.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock elsewhere, which goes as the system's does and stands so much ahead of it.
#[derive(Debug, Clone, Copy)]
pub struct SkewedClock(SignedDuration);

impl SkewedClock {
    /// The clock that shows this time now.
    pub fn showing(now: Timestamp) -> Self {
        Self(now.duration_since(Timestamp::now()))
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let own = Timestamp::now();
        own.saturating_add(self.0).unwrap_or(own)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock standing at a time.
    pub fn at(time: Timestamp) -> Self {
        Self(Mutex::new(time))
    }

    /// Moves it forwards (or back, by a negative step).
    pub fn advance(&self, by: SignedDuration) {
        let mut time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *time = time.saturating_add(by).unwrap_or(*time);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let start: Timestamp = "2026-01-31T09:00:00Z".parse().unwrap();
        let clock = FixedClock::at(start);
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_hours(2));
        assert_eq!(clock.now().to_string(), "2026-01-31T11:00:00Z");
    }
}
