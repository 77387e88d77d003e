//! Numbers in cells: what a cell says was measured, and what it demands.

use std::borrow::Cow;

use model::target::{Bound, Target, in_unit, take_number};

use crate::words::amounts;
use crate::words::keys::starts_with_word;
use crate::words::plain::without_emoji;

/// The number a cell begins with, and its unit.
pub(crate) fn measured(text: &str) -> Option<(f64, Option<String>)> {
    const ABOUT: [&str; 7] = ["about", "approximately", "approx.", "around", "roughly", "circa", "ca."];
    let text = without_emoji(text.trim());
    let about = ABOUT.iter().find(|word| starts_with_word(text, word) && text[word.len()..].starts_with(' '));
    let text = about.map_or(text, |word| text[word.len()..].trim_start());
    let text = one_unit(text.trim_start_matches(['~', '≈', '<', '>', '≤', '≥', '=', '$', '€', '£']));
    let (value, rest) = take_number(&text)?;
    let rest = rest.split(['(', ',', ';', '→']).next().unwrap_or_default();
    let unit = rest.split("->").next().unwrap_or_default().trim();
    let unit = behind_whole(unit).map_or(unit, |(_, unit)| unit);
    let unit = without_emoji(unit.trim_start_matches('+')).trim();
    let fits = !unit.is_empty() && unit.len() <= 24 && !unit.starts_with(['/', '-', '–', '.']);
    Some((value, fits.then(|| unit.to_owned())))
}

/// Whether a cell tells one amount in two units: `6 min 30 s`.
pub(super) fn is_in_two_units(text: &str) -> bool {
    matches!(one_unit(text), Cow::Owned(_))
}

/// `of 46 files` behind a number: the whole it is counted out of, and what follows.
fn behind_whole(text: &str) -> Option<(f64, &str)> {
    let rest = text.strip_prefix("out ").unwrap_or(text).strip_prefix("of ")?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("the ").unwrap_or(rest);
    take_number(rest).map(|(whole, rest)| (whole, rest.trim()))
}

fn milliseconds(unit: &str) -> Option<f64> {
    in_unit(1.0, unit, "ms")
}

/// A text in which every length of time is told in one unit: `<= 6 min 30 s` is `<= 6.5 min`.
fn one_unit(text: &str) -> Cow<'_, str> {
    let mut told = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(digit) = text[at..].find(|c: char| c.is_ascii_digit()).map(|digit| at + digit) {
        match two_units(&text[digit..]) {
            Some((length, amount)) => {
                told.push_str(&text[done..digit]);
                told.push_str(&amount);
                at = digit + length;
                done = at;
            }
            None => {
                let rest = take_number(&text[digit..]).map_or("", |(_, rest)| rest);
                at = text.len() - rest.len();
            }
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    told.push_str(&text[done..]);
    Cow::Owned(told)
}

/// The length of time in two or more units that a text begins with: how long it is as written, and
/// the amount in its greatest unit where that is a plain number, else in its smallest.
fn two_units(text: &str) -> Option<(usize, String)> {
    let mut parts: Vec<(f64, &str, f64)> = Vec::new();
    let mut rest = text;
    let mut length = 0;
    while let Some((number, after)) = take_number(rest).filter(|_| {
        let next = rest.trim_start();
        next.starts_with(|c: char| c.is_ascii_digit())
    }) {
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let Some(size) = milliseconds(&after[..end].to_ascii_lowercase()) else { break };
        // Each unit is smaller than the one before it.
        if parts.last().is_some_and(|(_, _, before)| *before <= size) {
            break;
        }
        parts.push((number, &after[..end], size));
        rest = &after[end..];
        length = text.len() - rest.len();
    }
    let ((_, great, most), (_, small, least)) = (parts.first()?, parts.last()?);
    if parts.len() < 2 {
        return None;
    }
    let total: f64 = parts.iter().map(|(number, _, size)| number * size).sum();
    let amount = total / most;
    let plain = (amount * 1e3).fract() == 0.0;
    Some((length, if plain { format!("{amount} {great}") } else { format!("{} {small}", total / least) }))
}

/// Whether a cell says what a number must be rather than what it is: `at least 1,400`, `≤ 4 min`.
pub(super) fn compares(text: &str) -> bool {
    amounts::target(text).is_some()
        || text.split(' ').any(|word| matches!(word, "fewer" | "less" | "more" | "better" | "or"))
}

/// The target a cell states: all of it, or the comparison in it. What bounds it may stand behind the
/// number: `60,000 or more`, `£7.50 at most`.
pub(super) fn target_of(text: &str) -> Option<Target> {
    let bare: String = text.chars().filter(|c| !matches!(c, '$' | '€' | '£')).collect();
    let told = one_unit(without_emoji(bare.trim()));
    let trimmed = told.trim();
    if let Some(target) = bounded_behind(trimmed).or_else(|| out_of(trimmed)) {
        return Some(target);
    }
    let bare = trimmed.strip_suffix('+').map(|number| format!(">= {number}"));
    bare.and_then(|text| Target::parse(&text))
        .or_else(|| Target::parse(trimmed))
        .filter(|target| !is_date(target))
        .or_else(|| amounts::target(trimmed))
}

/// `2031-03-24` is no range from 2031 to 3.
fn is_date(target: &Target) -> bool {
    matches!(target.bound(), Bound::Within(..)) && target.unit().starts_with(['-', '/', '.'])
}

/// `46 of 46`, and `>= 44 of 46`, whose whole says nothing more.
fn out_of(text: &str) -> Option<Target> {
    let sign = text.find(|c: char| c.is_ascii_digit())?;
    let (number, rest) = take_number(&text[sign..])?;
    let (whole, unit) = behind_whole(rest.trim_start())?;
    match text[..sign].trim() {
        "" => Target::new(Bound::OutOf(number, whole), unit),
        sign => Target::parse(&format!("{sign} {number} {unit}")),
    }
}

fn bounded_behind(text: &str) -> Option<Target> {
    const BEHIND: [(&str, &str); 14] = [
        ("or more", ">="),
        ("or better", ">="),
        ("or higher", ">="),
        ("or above", ">="),
        ("or less", "<="),
        ("or fewer", "<="),
        ("or lower", "<="),
        ("or below", "<="),
        ("at least", ">="),
        ("minimum", ">="),
        ("at most", "<="),
        ("maximum", "<="),
        ("or over", ">="),
        ("or under", "<="),
    ];
    BEHIND.iter().find_map(|(words, sign)| {
        let number = text.strip_suffix(words)?.trim_end().trim_end_matches(',');
        number
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| Target::parse(&format!("{sign} {number}")))?
    })
}

/// The target that a condition in words names: `Build time within -25 % .. -40 %`, `Coverage 80 % or
/// more`, `Open faults = 0`.
pub(super) fn condition_target(text: &str) -> Option<Target> {
    let told = one_unit(text.trim());
    if let Some(target) = whole_target(&told).or_else(|| amounts::target(&told)) {
        return Some(target);
    }
    let end = told.find([',', ';', '(']).unwrap_or(told.len());
    // A comma between digits parts thousands.
    let end = if told[end..].starts_with(',') && take_group(&told[end..]) { told.len() } else { end };
    let said = told[..end].trim_end();
    if let Some((_, number)) = said.split_once('=') {
        return Target::parse(number.trim_start_matches('='));
    }
    said.match_indices(' ').map(|(space, _)| said[space..].trim_start()).find_map(|rest| {
        let begins = rest.trim_start_matches(['-', '−', '+', '±']);
        if !begins.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let range = || Target::parse(&rest.replacen(" and ", "..", 1)).filter(is_range);
        bounded_behind(rest).or_else(range)
    })
}

fn take_group(text: &str) -> bool {
    text.as_bytes().get(1..4).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

fn is_range(target: &Target) -> bool {
    matches!(target.bound(), Bound::Within(..)) && !is_date(target)
}

/// The target that a cell is as a whole: it says of what nothing.
pub(super) fn whole_target(text: &str) -> Option<Target> {
    let begins =
        text.trim_start_matches(['`', '<', '>', '≤', '≥', '=', '-', '−', '+', '~', '$', '€', '£', ' ']);
    begins.starts_with(|c: char| c.is_ascii_digit()).then(|| target_of(text))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_measure() {
        for (text, value, unit) in [
            ("24 min 00 s", 24.0, Some("min")),
            ("18 min 00 s (-25 %)", 18.0, Some("min")),
            ("6 min 30 s", 6.5, Some("min")),
            ("1 h 20 min", 80.0, Some("min")),
            ("2m30s", 2.5, Some("m")),
            ("14 of 57", 14.0, None),
            ("46 of 46 variables", 46.0, Some("variables")),
            ("3 out of the 8", 3.0, None),
            ("320 pages/s", 320.0, Some("pages/s")),
            ("8,000 EUR", 8000.0, Some("EUR")),
            ("1,240 MB", 1240.0, Some("MB")),
            ("97.5 % (468 of 480)", 97.5, Some("%")),
            ("-36 %", -36.0, Some("%")),
            ("96 s -> 85 s", 96.0, Some("s")),
            ("88 % ✅", 88.0, Some("%")),
            ("🟢 88 %", 88.0, Some("%")),
            ("approx. 40 kg", 40.0, Some("kg")),
            ("$1,200/month", 1200.0, None),
        ] {
            assert_eq!(measured(text), Some((value, unit.map(str::to_owned))), "{text}");
        }
        assert_eq!(measured("FAIL"), None);
    }

    #[test]
    fn conditions_demand() {
        for (text, expected) in [
            ("Clean build time change within -25 % .. -40 %", Some("-40..-25 %")),
            ("Compiler warnings < 20", Some("< 20")),
            ("CI success rate on main >= 95 %, last 200 runs", Some(">= 95 %")),
            ("Warm pipeline <= 6 min 30 s", Some("<= 6.5 min")),
            ("between 10 and 20 min", Some("10..20 min")),
            ("Queue length between 1,000 and 2,000", Some("1000..2000")),
            ("Coverage 80 % or more", Some(">= 80 %")),
            ("Known faults = 0", Some("= 0")),
            ("46 of 46", Some("46/46")),
            (">= 44 of 46", Some(">= 44")),
            ("no less than 80 %", Some(">= 80 %")),
            ("Findings at or below 50", Some("<= 50")),
            ("No regressions", None),
            ("Soak run from 2031-03-24 to 2031-03-28", None),
            ("All 34 modules build", None),
        ] {
            let found = condition_target(text).map(|target| target.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
