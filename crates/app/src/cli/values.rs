//! Values on the command line: numbers, lengths, moments and dates, each refused with what would do.

use formats::words::due;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use model::draft::Due;
use model::ids::Key;
use model::refusal::{Refusal, VALUE_INVALID};
use model::target::Target;

/// A finite number: `34`, `-2.5`, `1,420`.
pub fn number(what: &str, text: &str) -> Result<f64, Refusal> {
    let read = model::target::take_number(text).filter(|(_, rest)| rest.trim().is_empty());
    read.map(|(number, _)| number)
        .ok_or_else(|| invalid(text, format!("`{text}` is not a number, which {what} must be")))
}

/// A percentage from 0 to 100: `40`, `37.5 %`.
pub fn percent(text: &str) -> Result<f64, Refusal> {
    let bare = text.trim_end().strip_suffix('%').unwrap_or(text);
    let percent = number("progress", bare)?;
    if (0.0..=100.0).contains(&percent) {
        return Ok(percent);
    }
    Err(invalid(text, "Progress must be between 0 and 100"))
}

/// A length in working days: `2`, `2.5d`, `3 days`, `1 week`.
pub fn days(text: &str) -> Result<f64, Refusal> {
    let bad = || invalid(text, format!("`{text}` is not a number of days")).hint("such as `2.5` or `2.5d`");
    let (number, unit) = model::target::take_number(text).ok_or_else(bad)?;
    let days = match unit.trim() {
        "" | "d" | "day" | "days" => number,
        "h" | "hour" | "hours" => number / 8.0,
        "w" | "week" | "weeks" => number * 5.0,
        _ => return Err(bad()),
    };
    if days < 0.0 { Err(bad()) } else { Ok(days) }
}

/// A due date in the author's words, with the moment they name where they name one.
pub fn due(text: &str) -> Due {
    due::read(text).unwrap_or_else(|| Due { text: text.to_owned(), at: None })
}

/// A length of time: seconds, or as people write it: `512`, `90.5s`, `8m`, `2h`.
pub fn span(option: &str, text: &str) -> Result<f64, Refusal> {
    let text = text.trim();
    let plain = text.strip_suffix('s').unwrap_or(text).trim().parse::<f64>().ok();
    let found = plain.or_else(|| formats::probe::seconds(text).map(f64::from));
    found.filter(|seconds| seconds.is_finite() && *seconds >= 0.0).ok_or_else(|| {
        invalid(text, format!("`{text}` is not a length of time, which `{option}` must be"))
            .hint("such as `512`, `90.5s`, `8m` or `2h`")
    })
}

/// A moment to come: RFC 3339, a date (its end, in UTC), or so long from now: `+7d`, `+36h`.
pub fn moment(option: &str, text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let text = text.trim();
    let found = match text.strip_prefix('+') {
        Some(length) => ahead(length).and_then(|length| now.checked_add(length).ok()),
        None => at(text),
    };
    found.ok_or_else(|| {
        invalid(text, format!("`{text}` is not a moment, which `{option}` must be"))
            .hint("such as `2031-05-08`, `2031-05-08T12:00:00Z` or `+7d`")
    })
}

/// A moment gone by, as people say it: RFC 3339, a date (its beginning, in UTC) with or without a
/// time of day, `yesterday`, `monday`, `2 days ago`, or so long ago: `7d`, `-36h`.
pub fn past(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    gone_by(text.trim(), now).ok_or_else(|| {
        invalid(text, format!("`{text}` is not a moment"))
            .hint("such as `yesterday`, `monday`, `2 days ago`, `7d`, `2031-05-01` or `2031-05-01T12:00:00Z`")
    })
}

fn gone_by(text: &str, now: Timestamp) -> Option<Timestamp> {
    let utc = |at: DateTime| at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return utc(date.at(0, 0, 0, 0));
    }
    // `2031-05-01 12:30`, in UTC like everything else.
    if let Some((date, time)) = text.split_once([' ', 'T'])
        && date.len() == 10
        && let (Ok(date), Ok(time)) = (date.parse::<Date>(), time.parse::<Time>())
    {
        return utc(date.to_datetime(time));
    }
    let words = text.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    named_day(&words, now.to_zoned(TimeZone::UTC).date())
        .and_then(|day| utc(day.at(0, 0, 0, 0)))
        .or_else(|| now.checked_sub(long_ago(&words)?).ok())
        .or_else(|| {
            ahead(text.strip_prefix('-').unwrap_or(text)).and_then(|length| now.checked_sub(length).ok())
        })
}

/// The day that `today`, `yesterday`, `monday`, `last monday`, `this week` mean: a day of the week
/// is the last one before today.
fn named_day(words: &[&str], today: Date) -> Option<Date> {
    let back = |days: i32| today.checked_sub(Span::new().days(days)).ok();
    let since_monday = i32::from(today.weekday().to_monday_zero_offset());
    match words {
        ["today"] => Some(today),
        ["yesterday"] => back(1),
        ["this", "week"] => back(since_monday),
        ["last", "week"] => back(since_monday + 7),
        ["this", "month"] => Some(today.first_of_month()),
        ["last", "month"] => today.first_of_month().yesterday().ok().map(Date::first_of_month),
        [day] | ["last" | "on", day] => {
            let named = i32::from(model::settings::weekday_from_name(day)?.to_monday_zero_offset());
            back(match (since_monday - named).rem_euclid(7) {
                0 => 7,
                days => days,
            })
        }
        _ => None,
    }
}

/// `2 days ago`, `an hour ago`, `3 weeks`.
fn long_ago(words: &[&str]) -> Option<SignedDuration> {
    let (number, unit) = match words {
        [number, unit, "ago"] => (*number, *unit),
        _ => return None,
    };
    let number: i64 = match number {
        "a" | "an" | "one" => 1,
        number => number.parse().ok().filter(|number| (0..100_000).contains(number))?,
    };
    let minutes = match unit.strip_suffix('s').unwrap_or(unit) {
        "minute" | "min" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        "week" => 7 * 24 * 60,
        "month" => 30 * 24 * 60,
        _ => return None,
    };
    Some(SignedDuration::from_mins(number * minutes))
}

/// So long: `90s`, `15m`, `2h`, `7d`, `4w`; in seconds.
pub fn lasting(option: &str, text: &str) -> Result<u64, Refusal> {
    let days = || u64::try_from(ahead(text.trim())?.as_secs()).ok().filter(|seconds| *seconds > 0);
    formats::probe::seconds(text).map(u64::from).or_else(days).ok_or_else(|| {
        invalid(text, format!("`{text}` is not a length of time, which `{option}` must be"))
            .hint("such as `90s`, `15m`, `2h` or `7d`")
    })
}

fn at(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    due::end_of(date)
}

fn ahead(text: &str) -> Option<SignedDuration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text[..split].parse().ok().filter(|count| *count < 100_000)?;
    let hours = match text[split..].trim() {
        "h" | "hour" | "hours" => 1,
        "d" | "day" | "days" => 24,
        "w" | "week" | "weeks" => 24 * 7,
        _ => return None,
    };
    Some(SignedDuration::from_hours(count * hours))
}

/// A target: `< 20`, `>= 80 %`.
pub fn target(text: &str) -> Result<Target, Refusal> {
    Target::parse(text).ok_or_else(|| {
        invalid(text, format!("`{text}` is not a target")).hint("such as `< 20`, `>= 80 %` or `93/93`")
    })
}

/// A key.
pub fn key(text: &str) -> Result<Key, Refusal> {
    Key::new(text).map_err(|bad| invalid(text, bad.to_string()))
}

fn invalid(value: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(VALUE_INVALID, message).with("value", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite_and_whole_words_are_none() {
        assert_eq!(number("it", "1,420").unwrap(), 1420.0);
        for bad in ["", "NaN", "inf", "many", "3 of 4", "1e999"] {
            assert_eq!(number("it", bad).unwrap_err().code, VALUE_INVALID, "{bad}");
        }
        assert_eq!(percent("37.5 %").unwrap(), 37.5);
        assert!(percent("101").is_err() && percent("-1").is_err());
        assert_eq!((days("2.5d").unwrap(), days("1 week").unwrap(), days("4h").unwrap()), (2.5, 5.0, 0.5));
        assert!(days("soon").is_err() && days("-1").is_err());
    }

    #[test]
    fn moments_to_come_are_dates_times_or_lengths() {
        let now: Timestamp = "2031-05-01T09:00:00Z".parse().unwrap();
        let read = |text| moment("--until", text, now).map(|at| at.to_string());
        assert_eq!(read("+7d").unwrap(), "2031-05-08T09:00:00Z");
        assert_eq!(read("2031-05-08T12:00:00+02:00").unwrap(), "2031-05-08T10:00:00Z");
        assert!(read("2031-05-08").unwrap().starts_with("2031-05-08T23:59:59"));
        assert!(read("tomorrow").is_err() && read("+many").is_err() && read("").is_err());
        assert_eq!(past("2d", now).unwrap().to_string(), "2031-04-29T09:00:00Z");
        assert_eq!(past("2031-04-29", now).unwrap().to_string(), "2031-04-29T00:00:00Z");
        for (text, moment) in [
            ("today", "2031-05-01T00:00:00Z"),
            ("Yesterday", "2031-04-30T00:00:00Z"),
            ("monday", "2031-04-28T00:00:00Z"),
            ("last thursday", "2031-04-24T00:00:00Z"),
            ("fri", "2031-04-25T00:00:00Z"),
            ("this week", "2031-04-28T00:00:00Z"),
            ("last week", "2031-04-21T00:00:00Z"),
            ("last month", "2031-04-01T00:00:00Z"),
            ("2 days ago", "2031-04-29T09:00:00Z"),
            ("an hour ago", "2031-05-01T08:00:00Z"),
            ("90 minutes ago", "2031-05-01T07:30:00Z"),
            ("3w", "2031-04-10T09:00:00Z"),
            ("2031-04-30 12:30", "2031-04-30T12:30:00Z"),
            ("2031-04-30T12:30:00+02:00", "2031-04-30T10:30:00Z"),
        ] {
            assert_eq!(past(text, now).unwrap().to_string(), moment, "{text}");
        }
        for bad in
            ["tomorrow", "ago", "2 fortnights ago", "-1 days ago", "9999999 days ago", "2031-13-01", ""]
        {
            assert_eq!(past(bad, now).unwrap_err().code, VALUE_INVALID, "{bad}");
        }
        assert_eq!(past("once", now).unwrap_err().code, VALUE_INVALID);
    }
}
