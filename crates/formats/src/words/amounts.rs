//! Amounts: lengths of time in working days, percentages, targets in prose.

use std::ops::Range;

use model::target::{Bound, Target, take_number};

use super::keys::starts_with_word;

const HOURS_A_DAY: f64 = 8.0;

/// Reads the length of time a text begins with, in working days; a range counts by its upper end.
pub(crate) fn leading_days(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start().trim_start_matches(['~', '≈', '±', '<', '≤']).trim_start();
    if !text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (first, rest) = take_number(text)?;
    let (amount, unit) = upper_end(rest).unwrap_or((first, rest));
    let (days, after) = in_days(unit).or_else(|| {
        // `2 days-3 days` and `2d–1w` name the unit twice.
        let (_, after) = in_days(rest)?;
        let (amount, unit) = upper_end(after)?;
        in_days(unit).map(|(days, rest)| (days * amount / first, rest))
    })?;
    if let Some((upper, unit)) = upper_end(after)
        && let Some((longer, rest)) = in_days(unit)
    {
        return Some((upper * longer, rest));
    }
    let total = amount * days;
    total.is_finite().then_some((total, after))
}

fn upper_end(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start().trim_start_matches('+');
    let rest = ["–", "—", "-", "to ", ".."].iter().find_map(|dash| text.strip_prefix(dash))?;
    rest.trim_start().as_bytes().first().filter(|b| b.is_ascii_digit())?;
    take_number(rest)
}

/// Days in one of the unit a text begins with.
fn in_days(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start().trim_start_matches('+');
    let text = text.strip_prefix('-').unwrap_or(text).trim_start();
    let text = ["business ", "working ", "person-", "person ", "engineer-", "dev ", "calendar "]
        .iter()
        .find(|word| starts_with_word(text, word))
        .map_or(text, |word| &text[word.len()..]);
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let word = text[..end].to_ascii_lowercase();
    let days = match word.as_str() {
        "d" | "day" | "days" | "pd" => 1.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 1.0 / HOURS_A_DAY,
        "m" | "min" | "mins" | "minute" | "minutes" => 1.0 / HOURS_A_DAY / 60.0,
        "w" | "wk" | "wks" | "week" | "weeks" => 5.0,
        "month" | "months" => 20.0,
        _ => return None,
    };
    Some((days, &text[end..]))
}

/// Reads a whole text as a length of time; words may follow in brackets.
pub(crate) fn days(text: &str) -> Option<f64> {
    // Nearly every piece in brackets is asked, and few have a number at all.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (days, rest) = leading_days(text.trim_matches(['*', '`', ' ']))?;
    let rest = rest.trim_start();
    (rest.is_empty() || rest.starts_with(['(', ',', ';', '.', '[', '*', '–', '—', '→'])).then_some(days)
}

/// A bare number as days, where the label it stands under says of what: `Days`, `Effort (hours)`.
pub(crate) fn days_under(label: &str, text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
    let says =
        |unit: &str| label.split(|c: char| !c.is_alphabetic()).any(|word| word.eq_ignore_ascii_case(unit));
    if says("days") || says("day") {
        Some(number)
    } else if says("hours") {
        Some(number / 8.0)
    } else {
        None
    }
}

/// Finds the first percentage in a text: its value and where its number stands.
pub(crate) fn percent(text: &str) -> Option<(f64, Range<usize>)> {
    for (sign, _) in text.match_indices('%') {
        let before = text[..sign].trim_end();
        let start = before
            .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let number = before[start..].trim_start_matches('.');
        let start = before.len() - number.len();
        if let Ok(value) = number.parse::<f64>()
            && (0.0..=100.0).contains(&value)
        {
            return Some((value, start..before.len()));
        }
    }
    None
}

/// Finds the number a text demands, where it is plain about it: `< 20 clippy warnings`,
/// `at least 80 %`, `zero warnings`.
pub(crate) fn target(text: &str) -> Option<Target> {
    const WORDS: [(&str, &str); 30] = [
        ("at least ", ">="),
        ("at most ", "<="),
        ("at or above ", ">="),
        ("at or over ", ">="),
        ("at or below ", "<="),
        ("at or under ", "<="),
        ("no more than ", "<="),
        ("not more than ", "<="),
        ("no higher than ", "<="),
        ("not above ", "<="),
        ("not over ", "<="),
        ("not exceed ", "<="),
        ("not exceeding ", "<="),
        ("no less than ", ">="),
        ("not less than ", ">="),
        ("no fewer than ", ">="),
        ("not fewer than ", ">="),
        ("no lower than ", ">="),
        ("not below ", ">="),
        ("not under ", ">="),
        ("up to ", "<="),
        ("less than ", "<"),
        ("fewer than ", "<"),
        ("below ", "<"),
        ("under ", "<"),
        ("more than ", ">"),
        ("above ", ">"),
        ("over ", ">"),
        ("exceeding ", ">"),
        ("zero ", "0"),
    ];
    if let Some(at) = text.find(['<', '>', '≤', '≥'])
        && let Some(target) = comparison(&text[at..])
    {
        return Some(target);
    }
    let mut from = 0;
    while from < text.len() {
        for (word, operator) in WORDS {
            if starts_with_word(&text[from..], word) {
                let rest = &text[from + word.len()..];
                let found = if operator == "0" {
                    unit_of(rest).and_then(|unit| Target::new(Bound::Equals(0.0), unit))
                } else {
                    bound(operator, rest)
                };
                if found.is_some() {
                    return found;
                }
            }
        }
        let next = text[from..].find(' ').map(|at| from + at + 1);
        from = next.unwrap_or(text.len());
    }
    None
}

fn comparison(text: &str) -> Option<Target> {
    let (operator, rest) = [("<=", "<="), (">=", ">="), ("≤", "<="), ("≥", ">="), ("<", "<"), (">", ">")]
        .iter()
        .find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)))?;
    bound(operator, rest)
}

fn bound(operator: &str, rest: &str) -> Option<Target> {
    let rest = rest.trim_start();
    if !rest.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (number, after) = take_number(rest)?;
    let bound = match operator {
        "<" => Bound::Below(number),
        "<=" => Bound::AtMost(number),
        ">" => Bound::Above(number),
        _ => Bound::AtLeast(number),
    };
    // What is read out of prose must read back from where it is written down.
    Target::new(bound, unit_of(after).unwrap_or_default())
        .filter(|target| Target::parse(&target.to_string()).as_ref() == Some(target))
}

/// The unit a text begins with: a percent sign, or up to two words before a comma or the end.
fn unit_of(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('+');
    let rest = text.trim_start();
    if rest.starts_with('%') {
        return Some("%");
    }
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '/' | '-' | '_')))
        .unwrap_or(rest.len());
    let mut words = 0;
    let mut stop = 0;
    let mut at = 0;
    for word in rest[..end].split(' ') {
        let lower = word.to_ascii_lowercase();
        let ends = matches!(
            lower.as_str(),
            "in" | "on"
                | "at"
                | "of"
                | "for"
                | "per"
                | "when"
                | "where"
                | "with"
                | "from"
                | "by"
                | "and"
                | "or"
                | "to"
                | "after"
                | "before"
                | "across"
                | "within"
                | "is"
                | "are"
                | "vs"
                | "the"
                | "a"
        );
        if word.is_empty() && words == 0 {
            at += 1;
            continue;
        }
        if ends || words == 2 || !word.starts_with(char::is_alphabetic) {
            break;
        }
        words += 1;
        stop = at + word.len();
        at = stop + 1;
    }
    let unit = rest[..stop].trim();
    (!unit.is_empty() && unit.len() <= 24).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, expected) in [
            ("2.4 days", 2.4),
            ("1 day", 1.0),
            ("~3.4 days (2.4 days parallel + 1 day sequential)", 3.4),
            ("1.5-2 days", 2.0),
            ("2–3 days", 3.0),
            ("4 hours", 0.5),
            ("16h", 2.0),
            ("0.5 day", 0.5),
            ("3 weeks", 15.0),
            ("2 to 3 weeks", 15.0),
            ("12 business days", 12.0),
            ("2 days - 1 week", 5.0),
        ] {
            assert!((days(text).unwrap_or(f64::NAN) - expected).abs() < 1e-9, "{text}: {:?}", days(text));
        }
        for text in ["5 files", "days", "Day 3", "3 dogs", "25-40% faster", ""] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(percent("In Progress (70%)"), Some((70.0, 13..15)));
        assert_eq!(percent("33.5 % done"), Some((33.5, 0..4)));
        assert_eq!(percent("900% more, 5%"), Some((5.0, 11..12)));
        assert_eq!(percent("none"), None);
    }

    #[test]
    fn targets_in_prose() {
        for (text, expected) in [
            ("<20 clippy warnings, ~500 LOC removed", "< 20 clippy warnings"),
            ("Coverage ≥80% on changed paths", ">= 80 %"),
            ("Mean time under 30 minutes; rollback verified", "< 30 minutes"),
            ("Fewer than 20 warnings", "< 20 warnings"),
            ("Zero clippy warnings in CI", "= 0 clippy warnings"),
            ("Findings at or below 50", "<= 50"),
            ("Hit rate at or above 85 %", ">= 85 %"),
            ("No fewer than 3 reviews", ">= 3 reviews"),
            ("The bill must not exceed 5,600 EUR", "<= 5600 EUR"),
        ] {
            assert_eq!(target(text).map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["All tests passing (626/630)", "93 env vars", "no regressions", "over the moon"] {
            assert_eq!(target(text), None, "{text}");
        }
    }
}
