//! Numbers that prose compares something with: `fewer than 20 warnings`, `coverage ≥ 80 %`.

use model::target::{Bound, Target, take_number};

use super::slug;

/// Makes the bound of a comparison from its number.
type ToBound = fn(f64) -> Bound;

/// Words and signs that compare, longest first where one begins another.
const COMPARISONS: [(&str, ToBound); 25] = [
    ("no more than ", Bound::AtMost),
    ("not more than ", Bound::AtMost),
    ("no fewer than ", Bound::AtLeast),
    ("no less than ", Bound::AtLeast),
    ("fewer than ", Bound::Below),
    ("less than ", Bound::Below),
    ("lower than ", Bound::Below),
    ("more than ", Bound::Above),
    ("greater than ", Bound::Above),
    ("higher than ", Bound::Above),
    ("at least ", Bound::AtLeast),
    ("at most ", Bound::AtMost),
    ("up to ", Bound::AtMost),
    ("under ", Bound::Below),
    ("below ", Bound::Below),
    ("above ", Bound::Above),
    ("<=", Bound::AtMost),
    (">=", Bound::AtLeast),
    ("≤", Bound::AtMost),
    ("≥", Bound::AtLeast),
    ("<", Bound::Below),
    (">", Bound::Above),
    ("==", Bound::Equals),
    ("zero ", Bound::Equals),
    ("= ", Bound::Equals),
];

/// Words that are no part of what is measured.
const FILLERS: [&str; 44] = [
    "a", "all", "an", "and", "are", "at", "be", "by", "for", "from", "has", "have", "in", "is", "it", "keep",
    "kept", "maintain", "must", "of", "on", "or", "our", "per", "reach", "reaches", "reduce", "reduced",
    "remain", "remains", "should", "stay", "stays", "than", "that", "the", "their", "then", "to", "was",
    "were", "will", "with", "achieve",
];

/// Units that do not say what is measured.
const UNITS: [&str; 24] = [
    "%", "d", "day", "days", "gb", "h", "hour", "hours", "kb", "loc", "mb", "min", "mins", "minute",
    "minutes", "ms", "percent", "s", "sec", "second", "seconds", "week", "weeks", "x",
];

/// What a text compares with a number: a name for it and the target. A target that the reader has
/// found already is taken; the text then only gives the name.
pub(super) fn compared(text: &str, known: Option<&Target>) -> Option<(String, Target)> {
    let prose = without_code(text);
    let found = first_comparison(&prose);
    let (before, after, target) = match (found, known) {
        (Some((before, after, _)), Some(target)) => (before, after, target.clone()),
        (Some((before, after, target)), None) => (before, after, target),
        (None, _) => return None,
    };
    let name = name_after(after).or_else(|| name_before(before))?;
    Some((name, target))
}

/// The first comparison of a text: what stands before it, what after its number, and the target.
fn first_comparison(prose: &str) -> Option<(&str, &str, Target)> {
    let small = prose.to_lowercase();
    // Lower case may take other lengths than the text; such a text names nothing we would find.
    if small.len() != prose.len() {
        return None;
    }
    let mut places: Vec<(usize, &str, ToBound)> = COMPARISONS
        .iter()
        .flat_map(|(sign, bound)| small.match_indices(sign).map(move |(at, _)| (at, *sign, *bound)))
        .filter(|(at, sign, _)| begins_word(&small, *at, sign))
        .collect();
    places.sort_by_key(|(at, sign, _)| (*at, usize::MAX - sign.len()));
    places.into_iter().find_map(|(at, sign, bound)| {
        let rest = prose.get(at + sign.len()..)?;
        let (number, after) = if sign == "zero " { (0.0, rest) } else { take_number(rest)? };
        // `2 < 3.x` and version numbers are no targets.
        if after.starts_with(|c: char| c == '.' && after[1..].starts_with(|c: char| c.is_alphanumeric())) {
            return None;
        }
        let unit = unit_of(after);
        Some((prose.get(..at)?, after, Target::new(bound(number), unit)?))
    })
}

fn begins_word(text: &str, at: usize, sign: &str) -> bool {
    !sign.starts_with(char::is_alphabetic) || !text[..at].ends_with(char::is_alphanumeric)
}

/// The unit behind a number, where it is a sign or one of the usual words.
fn unit_of(after: &str) -> &str {
    let after = after.trim_start();
    if after.starts_with('%') {
        return "%";
    }
    let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
    if UNITS.contains(&&*after[..end].to_lowercase()) { &after[..end] } else { "" }
}

/// `warnings` for `20 clippy warnings remain`; nothing where only a unit follows.
fn name_after(after: &str) -> Option<String> {
    let words: Vec<&str> = after
        .trim_start_matches([' ', '%'])
        .split(|c: char| c.is_whitespace())
        .take_while(|word| !word.is_empty() && word.starts_with(char::is_alphabetic))
        .take(3)
        .collect();
    let mut kept = Vec::new();
    for word in words {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if FILLERS.contains(&&*plain) || UNITS.contains(&&*plain) {
            break;
        }
        let ends = !word.ends_with(char::is_alphanumeric);
        kept.push(plain);
        if ends {
            break;
        }
    }
    named(&kept.join(" "))
}

/// The last words before the comparison that say something.
fn name_before(before: &str) -> Option<String> {
    let words: Vec<String> = before
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
        .map(str::to_lowercase)
        .filter(|word| word.contains(char::is_alphabetic) && !FILLERS.contains(&&**word))
        .collect();
    let from = words.len().saturating_sub(3);
    named(&words[from..].join(" "))
}

fn named(words: &str) -> Option<String> {
    let name = slug(words, '_');
    (name.chars().count() > 1).then_some(name)
}

/// The text with what stands between backticks taken out.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}
