//! Due dates: the text as the author wrote it, and the moment where it names one.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, time};
use jiff::tz::{Offset, TimeZone};

use model::draft::Due;

/// Reads a due date; `None` where the text is empty or says `None`, `N/A` or `-`.
///
/// A date alone means the end of that day in UTC; a time without a zone is UTC. What names no
/// single day (`Week 1–2`, `Monday`, a range) is kept as text.
pub fn read(text: &str) -> Option<Due> {
    let text = text.trim();
    (!super::is_empty(text)).then(|| Due { text: text.to_owned(), at: moment(text) })
}

/// The moment a text names, where it names exactly one.
pub fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = text.trim().parse::<Timestamp>() {
        return Some(timestamp);
    }
    let (date, rest) = only_date(text)?;
    let (clock, rest) = match take_time(rest) {
        Some(found) => found,
        None => (end_of_day(), rest),
    };
    let zone = zone(rest).unwrap_or(TimeZone::UTC);
    let moment = DateTime::from_parts(date, clock);
    moment.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}

/// Every calendar date a text names, with the place after it.
pub fn dates(text: &str) -> Vec<(Date, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let at_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '/'));
        if at_word && let Some((date, length)) = take_date(rest) {
            at += length;
            found.push((date, at));
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    found
}

fn only_date(text: &str) -> Option<(Date, &str)> {
    let found = dates(text);
    match found[..] {
        [(date, end)] => {
            let rest = &text[end..];
            // `2031-05-05 – 09` and `until Friday` name more than one day.
            let after = rest.trim_start();
            let goes_on = ["–", "—", "to ", "..", "- ", "/"].iter().any(|mark| after.starts_with(mark))
                && after.contains(|c: char| c.is_alphanumeric())
                && take_time(after.trim_start_matches(['–', '—', '-', ' '])).is_none();
            (!goes_on).then_some((date, rest))
        }
        _ => None,
    }
}

/// Takes a date from the front of a text: `2031-05-05`, `2031/5/5`, `May 5, 2031`, `5 May 2031`.
fn take_date(text: &str) -> Option<(Date, usize)> {
    let words = Words::new(text);
    year_first(&words).or_else(|| month_first(&words)).or_else(|| day_first(&words))
}

fn year_first(words: &Words<'_>) -> Option<(Date, usize)> {
    let (year, at) = words.number(0, 4..=4)?;
    let sign = words.sign(at, &["-", "/"])?;
    let (month, at) = words.number(at + 1, 1..=2)?;
    words.sign(at, &[sign])?;
    let (day, at) = words.number(at + 1, 1..=2)?;
    Some((calendar_date(year, month, day)?, at))
}

fn month_first(words: &Words<'_>) -> Option<(Date, usize)> {
    let (month, at) = words.month(0)?;
    let (day, at) = words.number(words.spaces(at)?, 1..=2)?;
    let at = words.ordinal(at);
    let at = words.spaces(words.sign(at, &[","]).map_or(at, |_| at + 1))?;
    let (year, at) = words.number(at, 4..=4)?;
    Some((calendar_date(year, month, day)?, at))
}

fn day_first(words: &Words<'_>) -> Option<(Date, usize)> {
    let (day, at) = words.number(0, 1..=2)?;
    let at = words.ordinal(at);
    let (month, at) = words.month(words.spaces(at)?)?;
    let at = words.spaces(words.sign(at, &[","]).map_or(at, |_| at + 1))?;
    let (year, at) = words.number(at, 4..=4)?;
    Some((calendar_date(year, month, day)?, at))
}

fn calendar_date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(year as i16, month as i8, day as i8).ok()
}

/// Steps over the beginning of a text, piece by piece.
struct Words<'a> {
    text: &'a str,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self { text }
    }

    fn number(&self, at: usize, digits: std::ops::RangeInclusive<usize>) -> Option<(u32, usize)> {
        let rest = self.text.get(at..)?;
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits
            .contains(&count)
            .then(|| rest[..count].parse().ok())
            .flatten()
            .map(|number| (number, at + count))
    }

    fn sign(&self, at: usize, signs: &[&'static str]) -> Option<&'static str> {
        let rest = self.text.get(at..)?;
        signs.iter().copied().find(|sign| rest.starts_with(sign))
    }

    fn spaces(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let skipped = rest.len() - rest.trim_start_matches([' ', '\u{A0}']).len();
        (skipped > 0).then_some(at + skipped)
    }

    fn ordinal(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        if ["st", "nd", "rd", "th"].iter().any(|suffix| rest.starts_with(suffix)) { at + 2 } else { at }
    }

    fn month(&self, at: usize) -> Option<(u32, usize)> {
        let rest = self.text.get(at..)?;
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word = rest[..length].to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| {
            word == *month
                || (word.len() == 3 && month.starts_with(&*word))
                || (word == "sept" && *month == "september")
        })?;
        let at = at + length;
        let at = if self.text[at..].starts_with('.') { at + 1 } else { at };
        Some((month as u32 + 1, at))
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn end_of_day() -> Time {
    time(23, 59, 59, 0)
}

/// Takes a time of day from near the front of a text: `10:30`, `T10:30:00`, `at 3 pm`, `EOD`, `noon`.
fn take_time(text: &str) -> Option<(Time, &str)> {
    let rest = text.trim_start_matches([' ', ',', 'T', '\u{A0}', '@', '(', '–', '—', '-']);
    let rest = ["at ", "by "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest).trim_start();
    for (word, clock) in [
        ("EOD", end_of_day()),
        ("COB", time(17, 0, 0, 0)),
        ("noon", time(12, 0, 0, 0)),
        ("midnight", end_of_day()),
    ] {
        if rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return Some((clock, &rest[word.len()..]));
        }
    }
    let words = Words::new(rest);
    let (hour, at) = words.number(0, 1..=2)?;
    let (minute, second, at) = match words.sign(at, &[":"]) {
        Some(_) => {
            let (minute, at) = words.number(at + 1, 2..=2)?;
            match words.sign(at, &[":"]).and_then(|_| words.number(at + 1, 2..=2)) {
                Some((second, at)) => (minute, second, at),
                None => (minute, 0, at),
            }
        }
        None => (0, 0, at),
    };
    let after = rest[at..].trim_start();
    let half = after.get(..2).map(str::to_ascii_lowercase);
    let (hour, left) = match half.as_deref() {
        Some("am") if hour <= 12 => (hour % 12, &after[2..]),
        Some("pm") if hour <= 12 => (hour % 12 + 12, &after[2..]),
        // A number alone is no time of day.
        _ if words.sign(if hour > 9 { 2 } else { 1 }, &[":"]).is_none() && !rest[..at].contains(':') => {
            return None;
        }
        _ => (hour, &rest[at..]),
    };
    Time::new(hour as i8, minute as i8, second as i8, 0).ok().map(|clock| (clock, left))
}

/// The zone a text begins with: `PT`, `UTC`, `CEST`, `Pacific`, `+02:00`.
fn zone(text: &str) -> Option<TimeZone> {
    let text = text.trim_start_matches([' ', '(', '\u{A0}']);
    if text.starts_with(['+', '-']) {
        return offset(text);
    }
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = text[..length].to_ascii_uppercase();
    let rule = ZONES.iter().find(|(names, _)| names.contains(&&*word)).map(|(_, rule)| *rule)?;
    TimeZone::posix(rule).ok()
}

fn offset(text: &str) -> Option<TimeZone> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let words = Words::new(text);
    let (hours, minutes) = match words.number(1, 4..=4) {
        Some((glued, _)) => (glued / 100, glued % 100),
        None => {
            let (hours, at) = words.number(1, 2..=2)?;
            (
                hours,
                words.sign(at, &[":"]).and_then(|_| words.number(at + 1, 2..=2)).map_or(0, |found| found.0),
            )
        }
    };
    let seconds = sign * (hours as i32 * 3600 + minutes as i32 * 60);
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// What people call zones, with the rule each stands for. `PT` follows the clocks on the wall,
/// `PST` does not. Where a name means several zones (`IST`, `BST`, `CST`), the one that plans in
/// English mean most often.
const ZONES: [(&[&str], &str); 24] = [
    (&["UTC", "GMT", "Z"], "UTC0"),
    (&["PT", "PACIFIC"], "PST8PDT,M3.2.0,M11.1.0"),
    (&["MT", "MOUNTAIN"], "MST7MDT,M3.2.0,M11.1.0"),
    (&["CT", "CENTRAL"], "CST6CDT,M3.2.0,M11.1.0"),
    (&["ET", "EASTERN"], "EST5EDT,M3.2.0,M11.1.0"),
    (&["AKT"], "AKST9AKDT,M3.2.0,M11.1.0"),
    (&["AKST"], "AKST9"),
    (&["AKDT"], "AKDT8"),
    (&["HST"], "HST10"),
    (&["PST"], "PST8"),
    (&["PDT"], "PDT7"),
    (&["MST"], "MST7"),
    (&["MDT"], "MDT6"),
    (&["CST"], "CST6"),
    (&["CDT"], "CDT5"),
    (&["EST"], "EST5"),
    (&["EDT"], "EDT4"),
    (&["BST", "CET", "WEST"], "CET-1"),
    (&["CEST", "EET"], "EET-2"),
    (&["EEST", "MSK"], "MSK-3"),
    (&["IST"], "IST-5:30"),
    (&["SGT", "HKT", "AWST"], "SGT-8"),
    (&["JST", "KST"], "JST-9"),
    (&["AEST"], "AEST-10"),
];

/// The last moment of a day in UTC, as a bare date means it.
pub fn end_of(day: Date) -> Option<Timestamp> {
    DateTime::from_parts(day, end_of_day()).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, at: Option<&str>) {
        let due = read(text).unwrap_or_else(|| panic!("`{text}` is a due date"));
        assert_eq!(due.text, text.trim());
        assert_eq!(due.at.map(|at| at.to_string()).as_deref(), at, "{text}");
    }

    #[test]
    fn texts_that_name_one_moment() {
        check("2031-01-13", Some("2031-01-13T23:59:59Z"));
        check("2031-01-13 10:30 PT", Some("2031-01-13T18:30:00Z"));
        check("2031-07-13 10:30 PT", Some("2031-07-13T17:30:00Z"));
        check("2031-07-13 10:30 PST", Some("2031-07-13T18:30:00Z"));
        check("2031-01-13 10:30", Some("2031-01-13T10:30:00Z"));
        check("2031-01-13 3:05 pm ET", Some("2031-01-13T20:05:00Z"));
        check("2031-01-13 3 pm UTC", Some("2031-01-13T15:00:00Z"));
        check("2031-01-13 12:00 AM", Some("2031-01-13T00:00:00Z"));
        check("2031-01-13T08:12:00Z", Some("2031-01-13T08:12:00Z"));
        check("2031-01-13T08:12:00+02:00", Some("2031-01-13T06:12:00Z"));
        check("2031-01-13 08:12 +0530", Some("2031-01-13T02:42:00Z"));
        check("Monday 2031-01-13 EOD PT", Some("2031-01-14T07:59:59Z"));
        check("2031-01-13, noon", Some("2031-01-13T12:00:00Z"));
        check("by May 5th, 2031", Some("2031-05-05T23:59:59Z"));
        check("Sept 5 2031", Some("2031-09-05T23:59:59Z"));
        check("5 May 2031 (Monday)", Some("2031-05-05T23:59:59Z"));
        check("2031/5/5", Some("2031-05-05T23:59:59Z"));
    }

    #[test]
    fn texts_that_name_none_or_several_are_kept_as_text() {
        for text in [
            "Week 1–2",
            "Day 0-2",
            "Monday 17:00 PT",
            "TBD",
            "2031-05-05 – 2031-05-09",
            "2031-05-05 to 2031-05-09",
            "2031-05-05 – 09",
            "2031-13-45",
            "May 2031",
            "v2031-05-05-rc",
            "Q3 2031",
            "05/06/2031",
            "1.2031-05-05",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn nothing_is_not_due() {
        for text in ["", " - ", "None", "N/A", "—"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_zone_has_a_rule_that_reads() {
        for (names, rule) in ZONES {
            assert!(TimeZone::posix(rule).is_ok(), "{names:?} {rule}");
        }
    }
}
