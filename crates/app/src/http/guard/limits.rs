//! Limits: so many requests of a kind in any window of time, counted exactly.
//!
//! Every request that passed is remembered until it leaves the window, so that no window, wherever
//! it begins, holds more than the limit. A bucket that refills (as in `governor`) is smaller but lets
//! through nearly twice as many around the edge of a window; the limits here are small enough to
//! remember each request.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The most senders that are remembered at once; those who sent nothing lately are forgotten first.
const MOST_SENDERS: usize = 20_000;

/// Requests that share a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Tasks handed to agents.
    Tasks,
    /// What reviewers do.
    Reviews,
    /// Sign-ins of browsers.
    SignIns,
}

impl Class {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Tasks, Self::Reviews, Self::SignIns];

    /// The word it goes by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Reviews => "reviews",
            Self::SignIns => "sign-ins",
        }
    }

    /// The one that goes by a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// Its limit where nobody said otherwise.
    const fn usual(self) -> Limit {
        let most = match self {
            Self::Tasks => 6,
            Self::Reviews => 90,
            Self::SignIns => 10,
        };
        Limit { most, window: Duration::from_secs(60) }
    }
}

/// So many in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    most: usize,
    window: Duration,
}

/// A limit for a class, as somebody writes it: `tasks=6/60s`, `reviews=off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    class: Class,
    limit: Option<Limit>,
}

/// The most requests a limit may let through in its window: each is remembered.
const LARGEST: usize = 10_000;

impl FromStr for Asked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no limit; write it as `tasks=6/60s`, or `tasks=off`");
        let (class, limit) = text.split_once('=').ok_or_else(wrong)?;
        let class = Class::parse(class.trim()).ok_or_else(|| {
            let known: Vec<_> = Class::ALL.iter().map(|class| class.as_str()).collect();
            format!("there is no limit `{}`; there are `{}`", class.trim(), known.join("`, `"))
        })?;
        if limit.trim() == "off" {
            return Ok(Self { class, limit: None });
        }
        let (most, window) = limit.trim().split_once('/').ok_or_else(wrong)?;
        let most: usize = most.trim().parse().map_err(|_| wrong())?;
        let window = window.trim();
        let (number, unit) = window.split_at(window.trim_end_matches(char::is_alphabetic).len());
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let window = number.parse::<u32>().ok().and_then(|number| number.checked_mul(unit));
        let window = window.filter(|window| (1..=86_400).contains(window)).ok_or_else(wrong)?;
        if !(1..=LARGEST).contains(&most) {
            return Err(format!("a limit lets 1 to {LARGEST} requests through"));
        }
        Ok(Self { class, limit: Some(Limit { most, window: Duration::from_secs(window.into()) }) })
    }
}

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Somebody who showed who they are.
    Principal(String),
    /// An address.
    Address(std::net::IpAddr),
}

/// When requests of a sender passed, oldest first.
type Passed = VecDeque<Duration>;

/// Counts requests.
pub struct Limits {
    limits: [Option<Limit>; Class::ALL.len()],
    passed: [Mutex<HashMap<Sender, Passed>>; Class::ALL.len()],
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Limits {
    /// The usual limits, with what somebody asked for instead.
    pub fn new(asked: &[Asked]) -> Self {
        let mut limits = Class::ALL.map(|class| Some(class.usual()));
        for asked in asked {
            limits[asked.class as usize] = asked.limit;
        }
        Self { limits, passed: Default::default() }
    }

    /// Lets a request through, or says after how many seconds it would pass. `now` is measured from
    /// any moment, and never goes back.
    pub fn pass(&self, class: Class, sender: &Sender, now: Duration) -> Result<(), u64> {
        let place = class as usize;
        let Some(Limit { most, window }) = self.limits[place] else { return Ok(()) };
        let mut all = self.passed[place].lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_SENDERS && !all.contains_key(sender) {
            forget(&mut all, now, window);
        }
        let passed = all.entry(sender.clone()).or_default();
        while passed.front().is_some_and(|first| now.saturating_sub(*first) >= window) {
            passed.pop_front();
        }
        if passed.len() < most {
            passed.push_back(now);
            return Ok(());
        }
        let first = passed.front().copied().unwrap_or(now);
        let wait = (first + window).saturating_sub(now);
        Err((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }
}

/// Forgets who sent nothing within a window; where that is nobody, whoever sent last the longest ago.
fn forget(all: &mut HashMap<Sender, Passed>, now: Duration, window: Duration) {
    let last = |passed: &Passed| passed.back().copied().unwrap_or_default();
    all.retain(|_, passed| now.saturating_sub(last(passed)) < window);
    if all.len() >= MOST_SENDERS
        && let Some(oldest) =
            all.iter().min_by_key(|(_, passed)| last(passed)).map(|(sender, _)| sender.clone())
    {
        all.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn who(name: &str) -> Sender {
        Sender::Principal(name.to_owned())
    }

    #[test]
    fn no_window_wherever_it_begins_holds_more_than_the_limit() {
        let limits = Limits::new(&["tasks=4/10s".parse().expect("a limit")]);
        let mut passed = Vec::new();
        // A burst at the end of one window and at the beginning of the next.
        for now in (9_000..9_400).step_by(50).chain((10_000..30_000).step_by(37)) {
            if limits.pass(Class::Tasks, &who("ada"), at(now)).is_ok() {
                passed.push(now);
            }
        }
        assert!(passed.len() >= 8, "{passed:?}");
        for (place, first) in passed.iter().enumerate() {
            let within = passed[place..].iter().take_while(|later| **later < first + 10_000).count();
            assert!(within <= 4, "{within} from {first} on: {passed:?}");
        }
    }

    #[test]
    fn whoever_waits_as_long_as_they_are_told_passes() {
        let limits = Limits::new(&["reviews=2/60s".parse().expect("a limit")]);
        let pass = |now| limits.pass(Class::Reviews, &who("ada"), at(now));
        assert_eq!((pass(0), pass(500), pass(900)), (Ok(()), Ok(()), Err(60)));
        assert_eq!(pass(59_999), Err(1));
        assert_eq!(pass(60_000), Ok(()));
        assert_eq!(pass(60_100), Err(1));
        assert_eq!(pass(60_500), Ok(()));
    }

    #[test]
    fn senders_and_classes_are_counted_apart_and_a_limit_can_be_off() {
        let asked = ["tasks=1/1m", "reviews=off"].map(|text| text.parse().expect("a limit"));
        let limits = Limits::new(&asked);
        assert_eq!(limits.pass(Class::Tasks, &who("ada"), at(0)), Ok(()));
        assert_eq!(limits.pass(Class::Tasks, &who("bo"), at(0)), Ok(()));
        assert_eq!(limits.pass(Class::Tasks, &who("ada"), at(0)), Err(60));
        for _ in 0..1_000 {
            assert_eq!(limits.pass(Class::Reviews, &who("ada"), at(0)), Ok(()));
        }
        for bad in ["tasks", "tasks=6", "tasks=0/60s", "tasks=6/0s", "tasks=6/60", "hats=1/1s", "tasks=x/1s"]
        {
            assert!(bad.parse::<Asked>().is_err(), "{bad}");
        }
    }

    #[test]
    fn very_many_senders_take_a_bounded_room() {
        let limits = Limits::new(&[]);
        for number in 0..(MOST_SENDERS as u64 + 50) {
            let _ = limits.pass(Class::Tasks, &who(&number.to_string()), at(number));
        }
        assert!(limits.passed[0].lock().expect("nobody panicked").len() <= MOST_SENDERS);
    }
}
