//! Whether two contents mean the same, in whatever words they are put.

use std::collections::BTreeSet;

use model::draft::Stated;
use model::writing::{Content, Field};

use crate::execution_plan::STATUSES;
use crate::words::plain::{plain, slug};
use crate::words::{due, is_empty, people, status};

/// How closely a document's words are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// As programs read them: `Done` is not `done`.
    Exactly,
    /// As people read them: `Done` is `Complete`.
    Freely,
}

/// Whether what a field says now is what is wished.
pub(super) fn says(reads: Reads, field: &Field, now: &Content, wished: &Content) -> bool {
    match (now, wished) {
        (Content::Ticked(now), Content::Ticked(wished)) => now == wished,
        (Content::Number(now), Content::Number(wished)) => now == wished,
        (
            Content::Status { state, blocked, word },
            Content::Status { state: to, blocked: stuck, word: chosen },
        ) => same_status((*state, *blocked, word.as_deref()), (*to, *stuck, chosen.as_deref()), reads),
        (Content::Text(now), Content::Text(wished)) => same_text(reads, field, now, wished),
        (Content::List(now), Content::List(wished)) => {
            // Words beside one another in a cell read as one text.
            let apart = |items: &[String]| -> BTreeSet<String> {
                let split = |item: &String| -> Vec<String> {
                    let parts = item.split([',', ';']).filter(|_| reads == Reads::Freely);
                    let parts: Vec<String> = parts.map(|part| part.trim().to_owned()).collect();
                    if parts.is_empty() { vec![item.clone()] } else { parts }
                };
                items.iter().flat_map(split).collect()
            };
            apart(now) == apart(wished)
        }
        _ => false,
    }
}

/// Whether a content is as good as none.
pub(super) fn is_nothing(content: &Content) -> bool {
    match content {
        Content::Text(text) => text.is_empty(),
        Content::List(items) => items.is_empty(),
        _ => false,
    }
}

/// What a status says, as far as it matters whether two say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Said {
    /// Not begun.
    Open,
    /// Begun.
    Active,
    /// Begun or not, something stands in the way.
    Blocked,
    /// Done, by somebody's word.
    Done,
    /// Not to be done.
    Dropped,
}

/// What a state says together with whether something stands in the way.
pub(super) fn said(state: Stated, blocked: bool) -> Said {
    match state {
        Stated::Claimed => Said::Done,
        Stated::Dropped => Said::Dropped,
        _ if blocked => Said::Blocked,
        Stated::Open => Said::Open,
        Stated::Active => Said::Active,
    }
}

/// Whether a status word or cell says that something stands in the way.
pub(super) fn is_blocked(text: &str) -> bool {
    match status::phrase(text) {
        Some(phrase) => phrase == "blocked",
        None => !text.contains(char::is_alphabetic) && text.contains(['🟥', '🚫', '⛔', '🛑']),
    }
}

fn same_status(
    (now, now_blocked, now_word): (Stated, bool, Option<&str>),
    (wished, blocked, word): (Stated, bool, Option<&str>),
    reads: Reads,
) -> bool {
    if said(now, now_blocked) != said(wished, blocked) {
        return false;
    }
    let (Some(now_word), Some(word)) = (now_word, word) else { return true };
    match reads {
        // A word that the vocabulary does not have is as good as any for its state.
        Reads::Exactly => vocabulary_word(word).is_none_or(|word| word == now_word),
        Reads::Freely => same_word(now_word, word),
    }
}

/// The word of an execution plan's vocabulary that a word is, in whatever case: `In Progress`.
pub(super) fn vocabulary_word(word: &str) -> Option<&'static str> {
    let slug = slug(word);
    STATUSES.iter().map(|(status, _)| *status).find(|status| *status == slug)
}

/// Whether two status words of the same state say the same. A picture says what is common to all.
pub(super) fn same_word(one: &str, other: &str) -> bool {
    let letters = |word: &str| word.contains(char::is_alphabetic);
    if !letters(one) || !letters(other) {
        return (is_common(one) || !letters(one)) && (is_common(other) || !letters(other));
    }
    let normal = |word| status::normal(word).trim().to_owned();
    class(one).map_or_else(|| normal(one) == normal(other), |known| class(other) == Some(known))
}

/// Whether a status word says no more than the state that it stands for.
pub(super) fn is_common(word: &str) -> bool {
    class(word).is_some() || status::phrase(word) == Some("blocked")
}

/// The class of phrases that decides what a word says.
fn class(word: &str) -> Option<usize> {
    let phrase = status::phrase(word)?;
    CLASSES.iter().position(|class| class.contains(&phrase))
}

/// Phrases that nobody tells apart.
const CLASSES: [&[&str]; 5] = [
    &[
        "not started",
        "not begun",
        "not yet",
        "open",
        "to do",
        "todo",
        "unstarted",
        "backlog",
        "new",
        "pending",
    ],
    &["queued", "scheduled", "up next", "upcoming"],
    &[
        "active",
        "begun",
        "doing",
        "in progress",
        "in work",
        "inprogress",
        "ongoing",
        "started",
        "under way",
        "underway",
        "wip",
        "working",
    ],
    status::DONE,
    &["canceled", "cancelled", "dropped", "discarded", "abandoned", "withdrawn"],
];

fn same_text(reads: Reads, field: &Field, now: &str, wished: &str) -> bool {
    if now == wished {
        return true;
    }
    if reads == Reads::Exactly {
        return false;
    }
    if is_empty(now) || is_empty(wished) {
        return is_empty(now) && is_empty(wished);
    }
    match field {
        Field::Owner => {
            let names = |text| {
                let mut owners = thin_vec::ThinVec::new();
                people::add(&mut owners, text, model::draft::OwnerRole::Primary);
                let mut names: Vec<String> = owners.into_iter().map(|owner| owner.name).collect();
                names.sort();
                names
            };
            names(now) == names(wished)
        }
        Field::Due => {
            let moment = due::moment(&plain(now));
            moment.is_some() && moment == due::moment(&plain(wished)) || alike(now) == alike(wished)
        }
        Field::Priority => alike(now) == alike(wished),
        _ => plain(now) == plain(wished),
    }
}

/// A text with one kind of dash, single spaces and small letters.
fn alike(text: &str) -> String {
    let text = plain(text).replace(['–', '—', '−', '‑'], "-").to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace(" - ", "-")
}
