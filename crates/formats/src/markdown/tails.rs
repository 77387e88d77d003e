//! Tails: what stands behind a title in the same line, set apart by dots, bars, dashes or commas:
//! `Audit the pages · Nadia · 4 pd · needs A1, B2`. What is no fact of the work stays in the title.

use std::borrow::Cow;

use super::tasks::{Part, parts, says_nothing_is_needed, waits};
use crate::words::keys::starts_with_word;
use crate::words::{amounts, due, is_empty, keys, people};

/// A title, and what its line says besides.
pub(super) struct Tail<'t> {
    pub(super) title: Cow<'t, str>,
    pub(super) parts: Vec<Part<'t>>,
}

/// Takes what a line says of the work off its title; `None` where it says nothing of it.
pub(super) fn tail(text: &str, keyed: bool) -> Option<Tail<'_>> {
    dotted(text, keyed).or_else(|| dashed(text, keyed)).or_else(|| listed(text, keyed))
}

/// How many facts of its work a text behind a key tells, and whether an estimate or a need is among
/// them: dates and names stand behind much that is no work.
pub(super) fn telling(text: &str) -> (usize, bool) {
    let tail = tail(text, true);
    let title = tail.as_ref().map_or(text, |tail| &tail.title);
    let bracketed = super::items::brackets(title).and_then(|(_, inner)| parts(inner, true, true));
    let parts = || tail.iter().flat_map(|tail| &tail.parts).chain(bracketed.iter().flatten());
    (parts().filter(|part| is_fact(part)).count(), parts().any(is_of_work))
}

fn is_fact(part: &Part<'_>) -> bool {
    !matches!(part, Part::Count | Part::Status(_) | Part::Percent(_) | Part::Priority(_))
}

fn is_of_work(part: &Part<'_>) -> bool {
    matches!(part, Part::Days(_) | Part::Needs(_) | Part::Nothing)
}

/// Whether a part alone makes it plain that the line tells facts: a name may be anything.
fn is_plain(part: &Part<'_>) -> bool {
    is_of_work(part) || matches!(part, Part::Due(_) | Part::Window(_))
}

/// `Title · Owner · 4 pd · needs A1`, in any order; bars do as well.
fn dotted(text: &str, keyed: bool) -> Option<Tail<'_>> {
    // Few titles have any, and all are asked.
    if !text.contains(['·', '•', '|']) {
        return None;
    }
    let pieces = apart(text, |rest| {
        let sign = rest.chars().next().filter(|c| matches!(c, '·' | '•' | '|'))?;
        Some(sign.len_utf8())
    });
    let (first, rest) = pieces.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let read: Vec<Option<Vec<Part<'_>>>> = rest.iter().map(|piece| facts(piece, keyed)).collect();
    if first.is_empty() || !read.iter().flatten().flatten().any(is_plain) {
        return None;
    }
    // Of several bare names, the last one is who does it.
    let is_person = |parts: &Vec<Part<'_>>| parts.iter().all(|part| matches!(part, Part::Owner(_)));
    let is_named =
        |parts: &Vec<Part<'_>>| parts.iter().all(|part| matches!(part, Part::Owner(_) | Part::Agent(_)));
    let labelled = |at: usize| rest[at].contains(':') || without_owner_word(rest[at]).is_some();
    let last =
        |is: &dyn Fn(&Vec<Part<'_>>) -> bool| read.iter().rposition(|parts| parts.as_ref().is_some_and(is));
    let named = last(&is_person).or_else(|| last(&is_named));
    let mut told = Vec::new();
    let mut title = vec![*first];
    for (at, parts) in read.into_iter().enumerate() {
        match parts.filter(|parts| !is_named(parts) || Some(at) == named || labelled(at)) {
            Some(parts) => told.extend(parts),
            None => title.push(rest[at]),
        }
    }
    let title = match title[..] {
        [only] => Cow::Borrowed(only),
        _ => Cow::Owned(title.join(" · ")),
    };
    Some(Tail { title, parts: told })
}

/// `Title — owner: Nadia; depends on A1`.
fn dashed(text: &str, keyed: bool) -> Option<Tail<'_>> {
    if !text.contains([';', '–', '—']) && !text.contains(" - ") {
        return None;
    }
    let pieces = apart(text, |rest| {
        let dash = [" — ", " – ", " - "].iter().find(|dash| rest.starts_with(**dash)).map(|dash| dash.len());
        dash.or_else(|| rest.starts_with(';').then_some(1))
    });
    let read: Vec<Vec<Part<'_>>> = pieces[1..]
        .iter()
        .rev()
        // "2 March – 13 March 2026" is one stretch.
        .map_while(|piece| facts(piece, keyed).filter(|_| !is_date(piece)))
        .collect();
    let first = pieces.len() - read.len();
    let last = pieces[first - 1];
    let title = &text[..last.as_ptr() as usize + last.len() - text.as_ptr() as usize];
    let plain = read.iter().flatten().any(|part| is_plain(part)) || read.len() > 1;
    (plain && !last.is_empty())
        .then(|| Tail { title: title.trim().into(), parts: read.into_iter().rev().flatten().collect() })
}

/// `Title, Nadia, 4 pd, after A2`: the longest end that is nothing but facts. A number of days alone
/// is part of the sentence.
fn listed(text: &str, keyed: bool) -> Option<Tail<'_>> {
    if !text.contains(',') {
        return None;
    }
    let pieces = apart(text, |rest| rest.starts_with(',').then_some(1));
    pieces[1..].iter().find_map(|piece| {
        let at = piece.as_ptr() as usize - text.as_ptr() as usize;
        let parts = parts(&text[at..], keyed, true)?;
        let names = parts.iter().filter(|part| matches!(part, Part::Owner(_) | Part::Agent(_))).count();
        let tells = match &parts[..] {
            [Part::Days(_)] => is_of_people(piece),
            // "10 %, 50 %, 100 %" are steps of the work.
            parts => parts.iter().any(is_plain) && parts.iter().all(is_fact),
        };
        let title = text[..at].trim_end_matches([' ', ',']);
        (tells && names < 2 && !title.is_empty()).then(|| Tail { title: title.into(), parts })
    })
}

/// Days of somebody's work, and not of the clock.
fn is_of_people(piece: &str) -> bool {
    let lower = piece.to_lowercase();
    lower.ends_with("pd") || lower.contains("person")
}

/// The facts that a piece is made of; `None` where any of it is prose.
fn facts(piece: &str, keyed: bool) -> Option<Vec<Part<'_>>> {
    let one = |part| Some(vec![part]);
    let piece = piece.trim().trim_end_matches(['.', ' ']);
    if piece.is_empty() || piece.len() > 200 {
        return None;
    }
    if says_nothing_is_needed(piece) || is_empty(piece) {
        return one(Part::Nothing);
    }
    if let Some(days) = days(piece) {
        return one(Part::Days(days));
    }
    if let Some(due) = date(piece) {
        return one(Part::Due(due));
    }
    if is_stretch(piece) {
        return one(Part::Window(piece));
    }
    if let Some(names) = without_owner_word(piece).filter(|names| people::are_names(names)) {
        return one(Part::Owner(names));
    }
    if waits(piece) {
        return needs(piece);
    }
    // "50 %" between dots may be a step of the work as well as how far it is.
    parts(piece, keyed, true).filter(|parts| !matches!(parts[..], [Part::Percent(_)]))
}

/// `about 4 pd`, `effort 2 days`.
fn days(piece: &str) -> Option<f64> {
    const WORDS: [&str; 9] =
        ["about ", "approx. ", "approx ", "ca. ", "est. ", "estimate ", "estimated ", "effort ", "takes "];
    let word = WORDS.iter().find(|word| starts_with_word(piece, word));
    amounts::days(word.map_or(piece, |word| &piece[word.len()..]))
}

/// `due 13 March 2026`, `by 13 March 2026`, or the date alone.
fn date(piece: &str) -> Option<model::draft::Due> {
    const WORDS: [&str; 6] = ["due on ", "due by ", "due ", "by ", "until ", "deadline "];
    let word = WORDS.iter().find(|word| starts_with_word(piece, word));
    let text = word.map_or(piece, |word| piece[word.len()..].trim());
    is_date(text).then(|| due::read(text)).flatten().filter(|due| due.at.is_some())
}

/// Whether a text is one date and nothing else.
fn is_date(text: &str) -> bool {
    is_made_of_dates(text, |_| false) && !text.contains(['–', '—'])
}

/// `2 March to 13 March 2026`: a stretch of time between two dates.
pub(super) fn is_stretch(text: &str) -> bool {
    let text = text.strip_prefix("from ").or_else(|| text.strip_prefix("between ")).unwrap_or(text);
    !due::dates(text).is_empty()
        && !is_date(text)
        && is_made_of_dates(text, |word| matches!(word, "to" | "until" | "till" | "–" | "—" | "-" | "and"))
}

/// Whether a text is made of days, months and years, and what stands between them.
fn is_made_of_dates(text: &str, between: impl Fn(&str) -> bool) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let dated = |word: &str| {
        let word = word.trim_end_matches([',', '.']).to_lowercase();
        word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 21
            || MONTHS.iter().any(|month| word.starts_with(month))
    };
    let mut words = text.split_whitespace();
    words.next().is_some_and(dated) && words.all(|word| dated(word) || between(word))
}

/// `owner Nadia`, `assigned to Nadia`, `by Nadia`, `@nadia`.
fn without_owner_word(piece: &str) -> Option<&str> {
    const WORDS: [&str; 6] = ["owner ", "owned by ", "lead ", "led by ", "assigned to ", "by "];
    let word = WORDS.iter().find(|word| starts_with_word(piece, word))?;
    Some(piece[word.len()..].trim())
}

/// What a piece says the work waits for: keys, and what else it names.
fn needs(piece: &str) -> Option<Vec<Part<'_>>> {
    let mut list = keys::list(piece);
    let words: Vec<Part<'_>> = list.words.drain(..).map(|(words, _)| Part::InWords(words)).collect();
    if list.keys.is_empty() && (words.is_empty() || starts_with_word(piece, "after ")) {
        return None;
    }
    let keys = (!list.keys.is_empty()).then_some(Part::Needs(list));
    Some(keys.into_iter().chain(words).collect())
}

/// The pieces of a text between what sets them apart, outside brackets and code.
fn apart(text: &str, length: impl Fn(&str) -> Option<usize>) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut depth = 0_i32;
    let mut code = false;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '`' => code = !code,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        match length(&text[at..]).filter(|_| depth <= 0 && !code) {
            Some(length) => {
                pieces.push(text[start..at].trim());
                at += length;
                start = at;
            }
            None => at += c.len_utf8(),
        }
    }
    pieces.push(text[start..].trim());
    pieces
}
