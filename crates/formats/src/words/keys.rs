//! Keys: the author's names for things, leading a text or listed in one.

use std::borrow::Cow;
use std::ops::Range;

use model::ids::Key;

use super::is_empty;
use super::plain::leading_emoji;

/// So many keys a range such as `T-001–T-040` is spelled out into.
const MOST_IN_RANGE: u64 = 1000;

/// A text that begins with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leading<'a> {
    /// The word before the number, as written: `Task`, `Batch`; empty for `T-017`.
    pub(crate) word: &'a str,
    /// The key.
    pub(crate) key: Cow<'a, str>,
    /// Whether a colon or dash, or nothing at all, follows: then it names, it does not mention.
    pub(crate) separated: bool,
    /// What follows the key and its separator.
    pub(crate) rest: &'a str,
}

/// Words that name a thing together with the number behind them.
const WORDS: [&str; 22] = [
    "task",
    "batch",
    "story",
    "action",
    "item",
    "step",
    "workstream",
    "deliverable",
    "milestone",
    "phase",
    "stage",
    "sprint",
    "wave",
    "epic",
    "risk",
    "gate",
    "iteration",
    "day",
    "week",
    "month",
    "increment",
    "condition",
];

/// What is written like a key and names no work: standards and their like.
const NO_KEYS: [&str; 22] = [
    "UTF", "SHA", "GPT", "ISO", "RFC", "CVE", "HTTP", "TLS", "IPV", "AES", "RSA", "ES", "OAUTH", "WCAG",
    "MD", "EC", "S", "K", "PEP", "JSR", "COVID", "X",
];

/// Reads the key a text begins with. The text is plain: no emphasis, no box.
pub(crate) fn leading(text: &str) -> Option<Leading<'_>> {
    let (_, text) = leading_emoji(text);
    word_and_number(text).or_else(|| token_first(text))
}

/// `Task 7.3: …`, `Batch 1`, `Phase A — …`, `Task T-004: …`.
fn word_and_number(text: &str) -> Option<Leading<'_>> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let word = &text[..end];
    if !WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    let after = text[end..].trim_start_matches(' ');
    if after.len() == text.len() - end && !after.starts_with('#') {
        return None;
    }
    let after = after.strip_prefix('#').unwrap_or(after);
    let token = token(after);
    if token.is_empty() {
        return None;
    }
    let (separated, rest) = separator(&after[token.len()..])?;
    let key = if is_key(token) && !word_keeps(word) {
        Cow::Borrowed(token)
    } else if is_ordinal(token) {
        Cow::Owned(format!("{word} {token}"))
    } else {
        return None;
    };
    Some(Leading { word, key, separated, rest })
}

/// A phase's number is its own, not a task's: `Phase 2.1` stays whole.
fn word_keeps(word: &str) -> bool {
    [
        "phase",
        "stage",
        "sprint",
        "wave",
        "day",
        "week",
        "month",
        "iteration",
        "increment",
        "milestone",
        "condition",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(word))
}

/// A number, a single letter, or a number with a letter: `7`, `7.3`, `A`, `2B`.
fn is_ordinal(token: &str) -> bool {
    let bytes = token.as_bytes();
    if let [letter] = bytes {
        return letter.is_ascii_uppercase() || letter.is_ascii_digit();
    }
    bytes.len() <= 12
        && bytes[0].is_ascii_digit()
        && token.split(['.', '-', '–']).all(|part| {
            let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            !digits.is_empty() && part.len() - digits.len() <= 1 && digits.bytes().all(|b| b.is_ascii_digit())
        })
}

fn token_first(text: &str) -> Option<Leading<'_>> {
    let token = token(text);
    if !is_key(token) {
        return None;
    }
    let (separated, rest) = separator(&text[token.len()..])?;
    let named = if separated && !rest.is_empty() { true } else { is_plainly_key(token) };
    let unit = !separated && token.as_bytes()[0].is_ascii_digit() && begins_with_unit(rest);
    (named && !unit && !is_priority(token)).then_some(Leading {
        word: "",
        key: Cow::Borrowed(token),
        separated,
        rest,
    })
}

/// `P0`, `Q3`: written like keys, and never meant as one.
fn is_priority(token: &str) -> bool {
    let bytes = token.as_bytes();
    bytes.len() == 2
        && matches!(bytes[0], b'P' | b'Q' | b'H' | b'p' | b'q' | b'v' | b'V')
        && bytes[1].is_ascii_digit()
}

/// `2.5 days of …` begins with an amount.
fn begins_with_unit(rest: &str) -> bool {
    const UNITS: [&str; 26] = [
        "days", "day", "hours", "hour", "h", "d", "weeks", "week", "minutes", "min", "seconds", "s", "ms",
        "x", "%", "percent", "points", "times", "kb", "mb", "gb", "mib", "gib", "k", "m", "to",
    ];
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '%').next().unwrap_or_default();
    UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word)) || rest.starts_with('%')
}

/// The run of characters a key may be made of.
fn token(text: &str) -> &str {
    let end = text
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')))
        .unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '-', '_'])
}

/// What follows a key: whether it separates, and the rest behind it. `None` where the key goes on.
fn separator(after: &str) -> Option<(bool, &str)> {
    let trimmed = after.trim_start();
    if trimmed.is_empty() {
        return Some((true, ""));
    }
    let space = trimmed.len() < after.len();
    if let Some(rest) = trimmed.strip_prefix(':') {
        // `09:05` and `a::b` are no keys.
        return (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| (true, rest.trim_start()));
    }
    for dash in ['–', '—'] {
        if let Some(rest) = trimmed.strip_prefix(dash) {
            return (space || rest.starts_with(' ')).then(|| (true, rest.trim_start()));
        }
    }
    if let Some(rest) = trimmed.strip_prefix('-')
        && space
        && rest.starts_with(' ')
    {
        return Some((true, rest.trim_start()));
    }
    if let Some(rest) = after.strip_prefix(['.', ')', '|', '-']) {
        return rest.starts_with(' ').then(|| (true, rest.trim_start()));
    }
    space.then_some((false, trimmed))
}

/// Whether a token is written like a key: letters with digits behind, or numbers with dots.
pub(crate) fn is_key(token: &str) -> bool {
    let bytes = token.as_bytes();
    let Some(first) = bytes.first().filter(|_| bytes.len() <= 64) else { return false };
    if first.is_ascii_digit() {
        let mut parts = 0;
        return token.split('.').all(|part| {
            parts += 1;
            (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        }) && (2..=4).contains(&parts);
    }
    let digits_last = match bytes {
        [.., last] if last.is_ascii_digit() => true,
        [.., before, last] => last.is_ascii_lowercase() && before.is_ascii_digit(),
        _ => false,
    };
    if !digits_last || !first.is_ascii_alphabetic() {
        return false;
    }
    let letters = token.split(['-', '_', '.']).next().unwrap_or_default();
    if letters.len() == token.len() {
        // Without a hyphen: capitals, then digits.
        let capitals = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
        return (1..=6).contains(&capitals) && bytes[capitals..].iter().take(8).all(u8::is_ascii_digit);
    }
    let shape = letters.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        || WORDS.contains(&letters)
        || matches!(letters, "req" | "issue" | "us" | "fix" | "bug");
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    shape && token.split(['-', '_', '.']).all(whole)
}

/// Whether a token is a key even without anything that sets it apart.
fn is_plainly_key(token: &str) -> bool {
    if token.as_bytes()[0].is_ascii_digit() {
        return true;
    }
    let letters = token.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if NO_KEYS.iter().any(|word| word.eq_ignore_ascii_case(letters)) {
        return false;
    }
    token.contains('-') || token.bytes().filter(u8::is_ascii_digit).count() >= 3
}

/// The keys a field lists, and what in it is no key.
#[derive(Debug, Default)]
pub(crate) struct KeyList<'a> {
    /// Keys with their places in the text.
    pub(crate) keys: Vec<(Cow<'a, str>, Range<usize>)>,
    /// Words that may name something by its label or title.
    pub(crate) words: Vec<(&'a str, Range<usize>)>,
}

/// Reads a list of keys: `T-001, T-002 and T-004`, `7.1–7.3`, `Batch 1`, `None`.
pub(crate) fn list(text: &str) -> KeyList<'_> {
    let mut list = KeyList::default();
    if is_empty(text) {
        return list;
    }
    let mut start = 0;
    let bytes = text.as_bytes();
    let mut depth = 0_i32;
    for at in 0..=bytes.len() {
        match bytes.get(at) {
            Some(b'(' | b'[') => depth += 1,
            Some(b')' | b']') => depth -= 1,
            None | Some(b',' | b';' | b'&' | b'+') if depth <= 0 || at == bytes.len() => {
                part(text, start..at, &mut list);
                start = at + 1;
            }
            _ => {}
        }
    }
    list
}

fn part<'a>(text: &'a str, range: Range<usize>, list: &mut KeyList<'a>) {
    let piece = &text[range.clone()];
    if let Some(at) = piece.find(" and ") {
        part(text, range.start..range.start + at, list);
        return part(text, range.start + at + 5..range.end, list);
    }
    let trimmed = piece.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '*' | '#'));
    let trimmed = strip_words(trimmed);
    let start = range.start + (piece.len() - trimmed.len());
    let mut item = trimmed;
    if let Some(open) = item.find('(').filter(|open| *open > 0) {
        item = &item[..open];
    }
    let item = item.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '*' | '.' | ')'));
    if is_empty(item) {
        return;
    }
    let place = start..start + item.len();
    if is_key(item) {
        return list.keys.push((Cow::Borrowed(item), place));
    }
    if let Some(keys) = spelled_out(item) {
        return list.keys.extend(keys.into_iter().map(|key| (Cow::Owned(key), place.clone())));
    }
    if item.split_whitespace().all(is_key) {
        for word in item.split_whitespace() {
            let at = start + (word.as_ptr() as usize - item.as_ptr() as usize);
            list.keys.push((Cow::Borrowed(word), at..at + word.len()));
        }
        return;
    }
    match word_and_number(item) {
        Some(found) if found.rest.is_empty() && is_key(&found.key) => list.keys.push((found.key, place)),
        _ => list.words.push((item, place)),
    }
}

/// Words that say what comes first.
pub(crate) const NEEDED: [&str; 12] = [
    "waits for ",
    "wait for ",
    "waits on ",
    "depends on ",
    "dependent on ",
    "depending on ",
    "after ",
    "starts after ",
    "needs ",
    "requires ",
    "blocked by ",
    "follows ",
];

/// Takes words like "depends on" off the front.
fn strip_words(text: &str) -> &str {
    const WORDS: [&str; 3] = ["and ", "tasks ", "completion of "];
    let mut text = text;
    while let Some(word) = NEEDED.iter().chain(&WORDS).find(|word| starts_with_word(text, word)) {
        text = &text[word.len()..];
    }
    text
}

/// Whether a text begins with a word, in whatever case.
pub(crate) fn starts_with_word(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// `T-001–T-004`, `T-001 to T-004`, `7.1-7.3`, `T-001…T-004`.
fn spelled_out(text: &str) -> Option<Vec<String>> {
    let (first, last) = ["…", "–", "—", "..", " to ", " - ", "-"].iter().find_map(|dash| {
        let (first, last) = text.split_once(dash)?;
        let (first, last) = (first.trim(), last.trim().trim_start_matches('.'));
        (is_key(first) && (is_key(last) || !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())))
            .then_some((first, last))
    })?;
    let digits = |key: &str| key.len() - key.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (width, tail) = (digits(first), digits(last));
    let prefix = &first[..first.len() - width];
    let same = last.len() == tail || &last[..last.len() - tail] == prefix;
    let (from, to): (u64, u64) =
        (first[prefix.len()..].parse().ok()?, last[last.len() - tail..].parse().ok()?);
    (same && from <= to && to - from < MOST_IN_RANGE)
        .then(|| (from..=to).map(|number| format!("{prefix}{number:0width$}")).collect())
}

/// Makes a key; `None` where the text cannot be one.
pub(crate) fn key(text: &str) -> Option<Key> {
    Key::new(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(text: &str) -> Option<(String, bool, String)> {
        leading(text).map(|found| (found.key.into_owned(), found.separated, found.rest.to_owned()))
    }

    #[test]
    fn a_key_leads() {
        for (text, key, separated, rest) in [
            ("T-017 Routing tests", "T-017", false, "Routing tests"),
            ("T-017: Routing tests", "T-017", true, "Routing tests"),
            ("T001 [P] [US1] text", "T001", false, "[P] [US1] text"),
            ("ACTION-05 – Deliver it", "ACTION-05", true, "Deliver it"),
            ("AI-W1D5-02 – Implement", "AI-W1D5-02", true, "Implement"),
            ("Task 7.3: Code Quality", "7.3", true, "Code Quality"),
            ("Task 7.3 progress", "7.3", false, "progress"),
            ("Batch 1: Blockers", "Batch 1", true, "Blockers"),
            ("Phase A — Planning", "Phase A", true, "Planning"),
            ("7.3 Code quality", "7.3", false, "Code quality"),
            ("✅ 1.2: Done", "1.2", true, "Done"),
            ("Task T-4: x", "T-4", true, "x"),
            ("V1.1: Types", "V1.1", true, "Types"),
        ] {
            assert_eq!(lead(text), Some((key.to_owned(), separated, rest.to_owned())), "{text}");
        }
    }

    #[test]
    fn other_beginnings_are_no_keys() {
        for text in [
            "P0: urgent",
            "UTF-8 support",
            "2.5 days of work",
            "S3 bucket made",
            "09:05 PT kickoff",
            "3 duplicates",
            "Taskforce 7",
            "http2 support",
            "2025-10-26",
            "PR #1 merged",
            "Tasks 7.1 and 7.2",
        ] {
            assert_eq!(lead(text), None, "{text}");
        }
    }

    fn keys(text: &str) -> (Vec<String>, Vec<String>) {
        let found = list(text);
        for (key, place) in &found.keys {
            assert!(
                text[place.clone()].contains(&**key) || text[place.clone()].contains(['–', '-', 't']),
                "{key}"
            );
        }
        (
            found.keys.into_iter().map(|(key, _)| key.into_owned()).collect(),
            found.words.into_iter().map(|(word, _)| word.to_owned()).collect(),
        )
    }

    #[test]
    fn lists_of_keys() {
        for (text, expected, words) in [
            ("T-001, T-002 and T-004.", vec!["T-001", "T-002", "T-004"], vec![]),
            ("7.1–7.3", vec!["7.1", "7.2", "7.3"], vec![]),
            ("T-008 to T-010", vec!["T-008", "T-009", "T-010"], vec![]),
            ("Task 7.3 (check memory)", vec!["7.3"], vec![]),
            ("waits for 7.3", vec!["7.3"], vec![]),
            ("None", vec![], vec![]),
            ("Batch 1", vec![], vec!["Batch 1"]),
            ("Item #8 (design)", vec![], vec!["Item #8"]),
            ("T-1 + T-2", vec!["T-1", "T-2"], vec![]),
            ("`T-1`, **T-2**", vec!["T-1", "T-2"], vec![]),
        ] {
            let (found, others) = keys(text);
            assert_eq!(
                (found, others),
                (
                    expected.iter().map(|s| s.to_string()).collect(),
                    words.iter().map(|s| s.to_string()).collect()
                ),
                "{text}"
            );
        }
    }
}
