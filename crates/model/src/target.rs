//! Targets: expressions that a number must satisfy, and the reading of numbers with units.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An expression a reading must satisfy: `< 20`, `>= 80 %`, `-25 %..-40 %`, `93/93`.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    bound: Bound,
    /// `%`, `minutes`, `warnings`; empty where the text names none.
    unit: String,
}

/// The comparison a target makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// `< n`
    Below(f64),
    /// `<= n`
    AtMost(f64),
    /// `> n`
    Above(f64),
    /// `>= n`
    AtLeast(f64),
    /// `= n`
    Equals(f64),
    /// `a..b`, both ends included, smaller end first.
    Within(f64, f64),
    /// `n/m`: n out of m.
    OutOf(f64, f64),
}

impl Target {
    /// Makes a target; `None` where a number is not finite.
    pub fn new(bound: Bound, unit: &str) -> Option<Self> {
        let numbers = match bound {
            Bound::Below(n) | Bound::AtMost(n) | Bound::Above(n) | Bound::AtLeast(n) | Bound::Equals(n) => {
                [n, n]
            }
            Bound::Within(a, b) | Bound::OutOf(a, b) => [a, b],
        };
        let bound = match bound {
            Bound::Within(a, b) if a > b => Bound::Within(b, a),
            other => other,
        };
        numbers.iter().all(|n| n.is_finite()).then(|| Self { bound, unit: unit.trim().to_owned() })
    }

    /// Reads the whole of a text as a target.
    ///
    /// Accepts `<`, `<=`, `≤`, `>`, `>=`, `≥`, `=`, `==`, a bare number (equality), ranges
    /// (`a..b`, `a–b`, `a to b`), and fractions (`93/93`), each with an optional unit.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('`').trim();
        let (kind, rest) = match_operator(text);
        let (first, rest) = take_number(rest)?;
        let rest = rest.trim_start();
        if kind.is_none() {
            if let Some(after) = rest.strip_prefix('/') {
                let (second, rest) = take_number(after)?;
                return Self::new(Bound::OutOf(first, second), plain_unit(rest)?);
            }
            if let Some((second, unit)) = take_range(rest) {
                return Self::new(Bound::Within(first, second), unit);
            }
        }
        let unit = plain_unit(rest)?;
        let bound = match kind {
            Some("<") => Bound::Below(first),
            Some("<=") => Bound::AtMost(first),
            Some(">") => Bound::Above(first),
            Some(">=") => Bound::AtLeast(first),
            _ => Bound::Equals(first),
        };
        Self::new(bound, unit)
    }

    /// The comparison.
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// The unit, empty where none is named.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Whether a reading satisfies it. A reading that is not a finite number satisfies nothing.
    pub fn met_by(&self, value: f64) -> bool {
        value.is_finite()
            && match self.bound {
                Bound::Below(n) => value < n,
                Bound::AtMost(n) => value <= n,
                Bound::Above(n) => value > n,
                Bound::AtLeast(n) | Bound::OutOf(n, _) => value >= n,
                Bound::Equals(n) => value == n,
                Bound::Within(a, b) => a <= value && value <= b,
            }
    }

    /// Whether everything that satisfies `self` also satisfies `older`: if not, putting `self`
    /// in its place is a weakening. Different units cannot be compared, so they are one too.
    pub fn at_least_as_strict_as(&self, older: &Target) -> bool {
        if self.unit != older.unit {
            return false;
        }
        let (new, old) = (self.interval(), older.interval());
        let low = new.low > old.low || (new.low == old.low && (old.low_included || !new.low_included));
        let high = new.high < old.high || (new.high == old.high && (old.high_included || !new.high_included));
        low && high
    }

    fn interval(&self) -> Interval {
        let all =
            Interval { low: f64::NEG_INFINITY, low_included: true, high: f64::INFINITY, high_included: true };
        match self.bound {
            Bound::Below(n) => Interval { high: n, high_included: false, ..all },
            Bound::AtMost(n) => Interval { high: n, ..all },
            Bound::Above(n) => Interval { low: n, low_included: false, ..all },
            Bound::AtLeast(n) | Bound::OutOf(n, _) => Interval { low: n, ..all },
            Bound::Equals(n) => Interval { low: n, high: n, ..all },
            Bound::Within(a, b) => Interval { low: a, high: b, ..all },
        }
    }
}

struct Interval {
    low: f64,
    low_included: bool,
    high: f64,
    high_included: bool,
}

fn match_operator(text: &str) -> (Option<&'static str>, &str) {
    const OPERATORS: [(&str, &str); 9] = [
        ("<=", "<="),
        (">=", ">="),
        ("==", "="),
        ("≤", "<="),
        ("≥", ">="),
        ("<", "<"),
        (">", ">"),
        ("=", "="),
        ("\\<", "<"),
    ];
    OPERATORS
        .iter()
        .find_map(|(symbol, kind)| text.strip_prefix(symbol).map(|rest| (Some(*kind), rest)))
        .unwrap_or((None, text))
}

/// Takes a number from the front of a text: a sign (`-`, `−`, `+`), digits with `,` or `_` between
/// groups of three, a decimal point. Gives the number and what follows it.
pub fn take_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let (negative, body) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let bytes = body.as_bytes();
    let mut digits = String::new();
    let mut end = 0;
    let mut point = false;
    while end < bytes.len() {
        let next_is_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        match bytes[end] {
            digit @ b'0'..=b'9' => digits.push(digit as char),
            b',' | b'_' if !point && end > 0 && is_group_of_three(&bytes[end + 1..]) => {}
            b'.' if !point && next_is_digit => {
                point = true;
                digits.push('.');
            }
            _ => break,
        }
        end += 1;
    }
    if !digits.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let magnitude: f64 = digits.parse().ok()?;
    let value = if negative { -magnitude } else { magnitude };
    value.is_finite().then_some((value, &body[end..]))
}

fn is_group_of_three(bytes: &[u8]) -> bool {
    bytes.len() >= 3
        && bytes[..3].iter().all(u8::is_ascii_digit)
        && !bytes.get(3).is_some_and(u8::is_ascii_digit)
}

/// A value in another unit of the same kind of thing; `None` where one cannot be told as the other.
pub fn in_unit(value: f64, from: &str, to: &str) -> Option<f64> {
    if from.eq_ignore_ascii_case(to) {
        return Some(value);
    }
    let ((kind, many), (other, few)) = (size(from)?, size(to)?);
    (kind == other).then(|| value * many / few)
}

/// What kind of thing a unit measures, and how many of the smallest it is.
fn size(unit: &str) -> Option<(u8, f64)> {
    const BYTES: [(&str, f64); 9] = [
        ("b", 1.0),
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
        ("tb", 1e12),
        ("kib", 1024.0),
        ("mib", 1_048_576.0),
        ("gib", 1_073_741_824.0),
        ("tib", 1_099_511_627_776.0),
    ];
    let unit = unit.trim().to_lowercase();
    let bytes = BYTES.iter().find(|(name, _)| *name == unit).map(|(_, size)| (0, *size));
    bytes.or_else(|| milliseconds(&unit).map(|size| (1, size)))
}

fn milliseconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" => 60e3,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600e3,
        _ => return None,
    })
}

/// Takes the rest of a range behind its first number: `..40 %`, `%–40%`, ` minutes..20 minutes`.
fn take_range(rest: &str) -> Option<(f64, &str)> {
    let bare = rest.strip_prefix('%').unwrap_or(rest).trim_start();
    let (before, after) = ["..=", "..", "–", "—", "-", "to "]
        .iter()
        .find_map(|sign| bare.strip_prefix(sign))
        .map(|after| (&rest[..rest.len() - bare.len()], after))
        .or_else(|| rest.split_once(".."))?;
    let (second, unit) = take_number(after)?;
    let (first_unit, unit) = (plain_unit(before)?, plain_unit(unit)?);
    // Two units that differ are no range that one number could lie in.
    match (first_unit, unit) {
        (one, "") => Some((second, one)),
        ("", one) => Some((second, one)),
        (one, other) => (one == other).then_some((second, one)),
    }
}

/// A unit is a short word or sign; anything longer means the text is prose, not a target.
fn plain_unit(text: &str) -> Option<&str> {
    let unit = text.trim();
    (unit.len() <= 24
        && unit.split_whitespace().count() <= 2
        && !unit.contains(['<', '>', '=', '`'])
        && !unit.contains("..")
        && !unit.starts_with(|c: char| c.is_ascii_digit()))
    .then_some(unit)
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match self.bound {
            Bound::Below(n) => write!(f, "< {n}{unit}"),
            Bound::AtMost(n) => write!(f, "<= {n}{unit}"),
            Bound::Above(n) => write!(f, "> {n}{unit}"),
            Bound::AtLeast(n) => write!(f, ">= {n}{unit}"),
            Bound::Equals(n) => write!(f, "= {n}{unit}"),
            // One unit behind both ends: that is how it reads back.
            Bound::Within(a, b) => write!(f, "{a}..{b}{unit}"),
            Bound::OutOf(a, b) => write!(f, "{a}/{b}{unit}"),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a target")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, meets: &[f64], misses: &[f64]) {
        let target = Target::parse(text).unwrap_or_else(|| panic!("`{text}` reads as a target"));
        for value in meets {
            assert!(target.met_by(*value), "{value} meets `{text}`");
        }
        for value in misses {
            assert!(!target.met_by(*value), "{value} misses `{text}`");
        }
        assert_eq!(Target::parse(&target.to_string()), Some(target), "`{text}` prints as it reads");
    }

    #[test]
    fn targets_judge_readings() {
        check("< 20", &[19.9, -1.0], &[20.0, 34.0, f64::NAN]);
        check("<20 warnings", &[0.0], &[20.0]);
        check("≥80%", &[80.0, 88.9], &[79.99]);
        check("-25 %..-40 %", &[-25.0, -30.0, -40.0], &[-24.9, -41.0, 30.0]);
        check("10 minutes..20 minutes", &[10.0, 20.0], &[9.9, 20.1]);
        check("10–20 days", &[15.0], &[9.0, 21.0]);
        check("93/93", &[93.0], &[92.0]);
        check("1,420 LOC", &[1420.0], &[142.0]);
        check("= 0", &[0.0], &[1.0]);
    }

    #[test]
    fn prose_is_not_a_target() {
        for text in ["", "fast", "20 of the oldest warnings are gone", "<", "< many"] {
            assert_eq!(Target::parse(text), None, "{text}");
        }
    }

    #[test]
    fn loosening_is_seen() {
        let target = |text| Target::parse(text).unwrap();
        assert!(target("< 10").at_least_as_strict_as(&target("< 20")));
        assert!(target("< 20").at_least_as_strict_as(&target("<= 20")));
        assert!(!target("< 50").at_least_as_strict_as(&target("< 20")));
        assert!(!target("<= 20").at_least_as_strict_as(&target("< 20")));
        assert!(!target("> 5").at_least_as_strict_as(&target("< 20")));
        assert!(!target("< 10 %").at_least_as_strict_as(&target("< 20")));
    }

    #[test]
    fn units_of_one_kind_are_told_in_one_another() {
        assert_eq!(in_unit(880.0, "MB", "GB"), Some(0.88));
        assert_eq!(in_unit(90.0, "s", "min"), Some(1.5));
        assert_eq!(in_unit(90.0, "s", "GB"), None);
        assert_eq!(in_unit(90.0, "pages", "Pages"), Some(90.0));
    }
}
