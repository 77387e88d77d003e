//! Status words: what a document says about the state of work, kept verbatim beside the state it
//! maps to. Only words that say the work is done make a claim.

use std::ops::Range;
use std::sync::LazyLock;

use model::draft::{Stated, Status};

/// A status as it stands in a text, with the places of what may be written back.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The word and what it maps to.
    pub status: Status,
    /// Where the word stands.
    pub at: Range<usize>,
    /// The percentage beside it, and where its number stands.
    pub percent: Option<(f64, Range<usize>)>,
}

/// Reads the whole of a cell or field as a status; `None` where it is empty or says `None`, `N/A`
/// or `-`.
pub fn read(text: &str) -> Option<Status> {
    find(text).map(|found| found.status)
}

/// Reads a status with its places: in `🟡 In Progress (70%)` the word is `In Progress`, the
/// percentage 70. An emoji is the word where nothing else is.
pub fn find(text: &str) -> Option<Found> {
    let percent = percentage(text);
    let whole = trimmed(text, 0..text.len(), is_padding);
    // The percentage and the brackets around it are no part of the word.
    let words = match &percent {
        Some((_, number)) if text[whole.start..number.start].contains(char::is_alphabetic) => {
            trimmed(text, whole.start..number.start, is_padding)
        }
        _ => whole,
    };
    let words = trimmed(text, words, |c| is_padding(c) || is_picture(c));
    let pictures = text.chars().filter(|c| is_picture(*c));
    let state = state_of(&text[words.clone()], percent.as_ref().map(|(number, _)| *number), pictures);
    let at = if text[words.clone()].contains(char::is_alphabetic) {
        words
    } else {
        let start = text.find(is_picture)?;
        let rest = &text[start..];
        let end = rest.find(|c| !is_picture(c)).unwrap_or(rest.len());
        start..start + end
    };
    let word = text[at.clone()].to_owned();
    if super::is_empty(&word) {
        return None;
    }
    Some(Found { status: Status { word, state }, at, percent })
}

/// The state that status words map to, judged without any picture: `None` where no word is known.
pub fn state(words: &str) -> Option<Stated> {
    let (words, place, phrase, stated) = decisive(words)?;
    Some(match stated {
        Stated::Claimed => claimed_unless_qualified(&words, place, phrase.len()),
        other => other,
    })
}

/// The state that a cell or field maps to, whatever percentage stands beside it: `Done (90%)` says
/// done.
pub(crate) fn stated(text: &str) -> Option<Stated> {
    let found = find(text)?;
    let word = &text[found.at];
    Some(state_of(word, None, text.chars().filter(|c| is_picture(*c))))
}

/// The phrase that decides what status words say, in small letters with spaces for hyphens.
pub(crate) fn phrase(words: &str) -> Option<&'static str> {
    decisive(words).map(|(_, _, phrase, _)| phrase)
}

/// The words in normal form, where in them the phrase stands that decides, that phrase, and what it
/// says by itself.
fn decisive(words: &str) -> Option<(String, usize, &'static str, Stated)> {
    let phrases = Phrases::get();
    // Most words of a plan are none of these, and are passed over as they stand.
    if !words_of(words).any(|word| phrases.may_begin(word)) {
        return None;
    }
    let words = normal(words);
    // The first word decides; of two phrases that begin together, the longer.
    let mut starts = std::iter::once(0).chain(words.match_indices(' ').map(|(space, _)| space + 1));
    let (place, (phrase, stated)) = starts.find_map(|place| Some((place, phrases.at(&words[place..])?)))?;
    Some((words, place, phrase, stated))
}

/// What says that the work is done, and no more than that.
pub(crate) const DONE: &[&str] = &[
    "accepted",
    "achieved",
    "closed",
    "complete",
    "completed",
    "delivered",
    "deployed",
    "done",
    "finalised",
    "finalized",
    "finished",
    "fixed",
    "fulfilled",
    "implemented",
    "landed",
    "merged",
    "met",
    "passed",
    "published",
    "released",
    "resolved",
    "shipped",
    "verified",
];

/// What each word or phrase says, in small letters with spaces for hyphens.
const PHRASES: [(Stated, &[&str]); 4] = [
    (
        Stated::Dropped,
        &[
            "abandoned",
            "canceled",
            "cancelled",
            "de scoped",
            "descoped",
            "discarded",
            "dropped",
            "obsolete",
            "out of scope",
            "rejected",
            "removed",
            "skipped",
            "superseded",
            "withdrawn",
            "won t do",
            "won t fix",
            "wont do",
            "wontfix",
        ],
    ),
    (
        Stated::Open,
        &[
            "accepted for",
            "approved",
            "assigned",
            "awaiting start",
            "backlog",
            "blocked",
            "deferred",
            "failed",
            "identified",
            "new",
            "not begun",
            "not complete",
            "not completed",
            "not done",
            "not finished",
            "not ready",
            "not started",
            "not yet",
            "on hold",
            "open",
            "parked",
            "paused",
            "pending",
            "planned",
            "postponed",
            "proposed",
            "queued",
            "ready",
            "reopened",
            "requested",
            "scheduled",
            "stalled",
            "to be",
            "to do",
            "todo",
            "triaged",
            "unstarted",
            "up next",
            "upcoming",
            "waiting",
        ],
    ),
    (
        Stated::Active,
        &[
            "active",
            "almost",
            "amber",
            "at risk",
            "awaiting",
            "begun",
            "behind",
            "changes requested",
            "code complete",
            "coding",
            "delayed",
            "dev complete",
            "dev done",
            "developing",
            "doing",
            "draft",
            "drafted",
            "drafting",
            "executing",
            "half",
            "implementing",
            "in design",
            "in dev",
            "in development",
            "in flight",
            "in progress",
            "in qa",
            "in review",
            "in staging",
            "in test",
            "in testing",
            "in work",
            "incomplete",
            "inprogress",
            "investigating",
            "merging",
            "mostly",
            "nearly",
            "on track",
            "ongoing",
            "partial",
            "partially",
            "partly",
            "pending approval",
            "pending merge",
            "pending qa",
            "pending review",
            "pending sign off",
            "pending verification",
            "ready for acceptance",
            "ready for approval",
            "ready for deploy",
            "ready for deployment",
            "ready for merge",
            "ready for production",
            "ready for qa",
            "ready for release",
            "ready for review",
            "ready for sign off",
            "ready for signoff",
            "ready for test",
            "ready for testing",
            "ready for verification",
            "ready to deploy",
            "ready to merge",
            "ready to release",
            "ready to ship",
            "review",
            "reviewing",
            "running",
            "started",
            "testing",
            "under development",
            "under review",
            "under test",
            "under way",
            "underway",
            "wip",
            "working",
        ],
    ),
    (Stated::Claimed, DONE),
];

/// The phrases in order, and which words may begin one.
struct Phrases {
    sorted: Vec<(&'static str, Stated)>,
    /// For each letter, a bit for each length of a first word that begins with it.
    lengths: [u32; 26],
}

impl Phrases {
    fn get() -> &'static Self {
        static PHRASES_IN_ORDER: LazyLock<Phrases> = LazyLock::new(Phrases::new);
        &PHRASES_IN_ORDER
    }

    fn new() -> Self {
        let mut sorted: Vec<(&str, Stated)> = PHRASES
            .iter()
            .flat_map(|(stated, phrases)| phrases.iter().map(move |phrase| (*phrase, *stated)))
            .collect();
        sorted.sort_unstable_by_key(|(phrase, _)| *phrase);
        let mut lengths = [0; 26];
        for (phrase, _) in &sorted {
            let word = phrase.split(' ').next().unwrap_or(phrase);
            lengths[usize::from(word.as_bytes()[0] - b'a')] |= 1 << word.len();
        }
        Self { sorted, lengths }
    }

    /// Whether a word, in any case, has the first letter and the length of one that begins a phrase.
    fn may_begin(&self, word: &str) -> bool {
        let letter = word.as_bytes().first().map_or(0, u8::to_ascii_lowercase).wrapping_sub(b'a');
        self.lengths
            .get(usize::from(letter))
            .is_some_and(|lengths| word.len() < 32 && lengths >> word.len() & 1 == 1)
    }

    /// The longest phrase that a normal text begins with, and what it says.
    fn at(&self, text: &str) -> Option<(&'static str, Stated)> {
        let word = words_of(text).next().filter(|word| self.may_begin(word))?;
        let from = self.sorted.partition_point(|(phrase, _)| *phrase < word);
        let alike = self.sorted[from..].iter().take_while(|(phrase, _)| phrase.starts_with(word));
        let ends = |phrase: &str| !text[phrase.len()..].starts_with(char::is_alphanumeric);
        alike
            .filter(|(phrase, _)| text.starts_with(phrase) && ends(phrase))
            .max_by_key(|(phrase, _)| phrase.len())
            .copied()
    }
}

/// The stretches of letters and digits in a text.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Words that take back what a word of completion says, where they stand before it.
const BEFORE: [&str; 17] = [
    "almost",
    "awaiting",
    "barely",
    "cannot be",
    "expected",
    "half",
    "isn t",
    "mostly",
    "nearly",
    "never",
    "no",
    "not",
    "partially",
    "partly",
    "pending",
    "to be",
    "will be",
];

/// Words that do the same after it: `Done, pending review`.
const AFTER: [&str; 14] = [
    "after",
    "awaiting",
    "but",
    "except",
    "if",
    "in review",
    "needs",
    "once",
    "pending",
    "remaining",
    "subject to",
    "unless",
    "until",
    "when",
];

fn claimed_unless_qualified(words: &str, place: usize, length: usize) -> Stated {
    let (before, after) = (&words[..place], &words[place + length..]);
    let said = |text: &str, qualifiers: &[&str]| qualifiers.iter().any(|word| place_of(text, word).is_some());
    if said(before, &BEFORE) || said(after, &AFTER) || after.starts_with('?') {
        return Stated::Active;
    }
    Stated::Claimed
}

fn state_of(words: &str, percent: Option<f64>, pictures: impl Iterator<Item = char>) -> Stated {
    let by_word = state(words);
    let by_picture = || pictures.filter_map(picture_state).next();
    match by_word.or_else(by_picture) {
        // Done below 100 % is not done; the lint tells the contradiction.
        Some(Stated::Claimed) if percent.is_some_and(|number| number < 100.0) => Stated::Active,
        Some(state) => state,
        None => Stated::Open,
    }
}

pub(crate) fn picture_state(c: char) -> Option<Stated> {
    match c {
        '✅' | '✔' | '☑' | '✓' | '🏁' => Some(Stated::Claimed),
        '🟡' | '🟠' | '🟢' | '🔄' | '🔃' | '🚧' | '🏗' | '🔁' | '🔨' | '🛠' | '⚙' | '👀' | '🔵' | '🟨'
        | '🟧' => Some(Stated::Active),
        '🗑' | '🚮' => Some(Stated::Dropped),
        '🔴' | '🟥' | '⚪' | '⬜' | '⚫' | '⏳' | '⌛' | '⏸' | '🚫' | '⛔' | '🛑' | '❌' | '✗' | '✘'
        | '☐' | '📋' | '🔲' | '🆕' | '⏹' | '🔜' | '🔒' | '⭕' | '◻' | '◯' | '○' => {
            Some(Stated::Open)
        }
        _ => None,
    }
}

/// Emoji and the signs that stand for states, with their joiners and variation marks.
pub(crate) fn is_picture(c: char) -> bool {
    picture_state(c).is_some()
        || matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}')
        || matches!(u32::from(c), 0x2190..=0x2BFF | 0x1F000..=0x1FAFF)
}

fn is_padding(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '*' | '_' | '`' | '(' | ')' | '[' | ']' | ':' | ',' | '.' | ';' | '–' | '—' | '-' | '|' | '~'
        )
}

fn trimmed(text: &str, range: Range<usize>, padding: impl Fn(char) -> bool) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start_matches(&padding).len());
    let rest = &text[start..range.end];
    start..start + rest.trim_end_matches(&padding).len()
}

/// The last `NN%` of a text, 0 to 100, and where its number stands.
pub fn percentage(text: &str) -> Option<(f64, Range<usize>)> {
    text.match_indices('%').rev().find_map(|(sign, _)| {
        let end = text[..sign].trim_end().len();
        let number = &text[..end];
        let start =
            end - (number.len() - number.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len());
        let glued =
            text[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '±' | '~'));
        let value: f64 = text[start..end].parse().ok()?;
        (!glued && (0.0..=100.0).contains(&value)).then_some((value, start..end))
    })
}

/// Small letters; one space for whatever stands between words.
pub(crate) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if c == '?' {
            out.push('?');
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

/// Where a phrase stands in normal text, as whole words.
fn place_of(text: &str, phrase: &str) -> Option<usize> {
    text.match_indices(phrase).map(|(place, _)| place).find(|place| {
        let before = text[..*place].chars().next_back();
        let after = text[place + phrase.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, word: &str, state: Stated) {
        let found = find(text).unwrap_or_else(|| panic!("`{text}` reads as a status"));
        assert_eq!((&*found.status.word, found.status.state), (word, state), "{text}");
        assert_eq!(&text[found.at], word, "{text}");
    }

    #[test]
    fn only_words_of_completion_make_a_claim() {
        use Stated::{Active, Claimed, Dropped, Open};
        check("🔴 Not Started", "Not Started", Open);
        check("⚪ Queued", "Queued", Open);
        check("🟥 Blocked", "Blocked", Open);
        check("🟡 In Progress", "In Progress", Active);
        check("in-progress", "in-progress", Active);
        check("✅ Done", "Done", Claimed);
        check("✅", "✅", Claimed);
        check("✔️", "✔️", Claimed);
        check("🟡", "🟡", Active);
        check("⬜", "⬜", Open);
        check("Ready for Review", "Ready for Review", Active);
        check("✅ Ready for the agents", "Ready for the agents", Open);
        check("**Complete**", "Complete", Claimed);
        check("not_started", "not_started", Open);
        check("`done`", "done", Claimed);
        check("Cancelled by the owner", "Cancelled by the owner", Dropped);
        check("Green", "Green", Open);
        check("Incomplete", "Incomplete", Active);
        check("Blocked until the migration is done", "Blocked until the migration is done", Open);
        check("To be completed", "To be completed", Open);
    }

    #[test]
    fn words_around_completion_take_it_back() {
        use Stated::{Active, Claimed, Open};
        check("Not done", "Not done", Open);
        check("Almost done", "Almost done", Active);
        check("Done, pending QA", "Done, pending QA", Active);
        check("Complete except docs", "Complete except docs", Active);
        check("Done?", "Done?", Active);
        check("Done (80%)", "Done", Active);
        check("Done (100%)", "Done", Claimed);
        check("Merged in #45", "Merged in #45", Claimed);
    }

    #[test]
    fn every_phrase_is_found_in_any_case_and_between_other_words() {
        for (stated, phrases) in PHRASES {
            for phrase in phrases {
                assert_eq!(state(phrase), Some(stated), "{phrase}");
                let among = format!("x {}.", phrase.to_uppercase().replace(' ', "-"));
                assert_eq!(state(&among), Some(stated), "{among}");
            }
        }
    }

    #[test]
    fn words_of_prose_say_nothing() {
        for text in ["the ledger in the north region", "under load", "Move the login page", "renew"] {
            assert_eq!(state(text), None, "{text}");
        }
        assert_eq!(state("ready for review"), Some(Stated::Active));
        assert_eq!(state("ready, for once"), Some(Stated::Open));
    }

    #[test]
    fn percentages_stand_beside_the_word() {
        let found = find("Ready for Review (90%)").unwrap();
        assert_eq!(found.status.word, "Ready for Review");
        assert_eq!(found.percent, Some((90.0, 18..20)));
        let found = find("🟡 In Progress – 12.5 %").unwrap();
        assert_eq!((&*found.status.word, found.percent.unwrap().0), ("In Progress", 12.5));
        assert_eq!(percentage("±20%"), None);
        assert_eq!(percentage("180%"), None);
        assert_eq!(percentage("0%"), Some((0.0, 0..1)));
    }

    #[test]
    fn nothing_is_no_status() {
        for text in ["", "  ", "None", "N/A", "n/a", "-", "—", "70%", "()"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
