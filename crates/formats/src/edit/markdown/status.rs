//! Status words: which one a document would use for a state, and how it takes the place of another.

use model::draft::Stated;
use model::writing::{Content, Field as Name};

use super::seats::{Column, Field, Seat};
use crate::edit::Reason;
use crate::edit::meaning::{Said, is_common, said, same_word};
use crate::words::status::{self, is_picture, picture_state};

/// What a cell or value says about the work, whatever percentage stands beside it.
pub(super) fn state_of(whole: &str) -> Option<Stated> {
    status::stated(whole)
}

pub(super) use crate::edit::meaning::is_blocked;

/// The status words of a document.
pub(super) struct Words<'a> {
    used: Vec<Used<'a>>,
}

/// A status as the document writes it somewhere.
#[derive(Debug, Clone, Copy)]
struct Used<'a> {
    column: Column,
    said: Said,
    picture: &'a str,
    /// The word alone, without remarks behind it; empty where a picture stands alone.
    word: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, seated: &[Field]) -> Self {
        let used = seated
            .iter()
            .filter(|seated| seated.field == Name::Status)
            .filter_map(|seated| {
                let span = seated.seat.span();
                let whole = text.get(span.range())?;
                let found = status::find(whole)?;
                let column = match &seated.seat {
                    Seat::Value { column, .. } => *column,
                    _ => None,
                };
                let word = &whole[found.at];
                let word = if has_letters(word) { head(word) } else { "" };
                let said = said(state_of(whole)?, is_blocked(whole));
                Some(Used { column, said, picture: picture(whole).unwrap_or_default(), word })
            })
            .collect();
        Self { used }
    }

    /// A value that says another status.
    pub(super) fn rewritten(&self, now: &str, wished: &Content, column: Column) -> Result<String, Reason> {
        let Content::Status { state, blocked, word } = wished else { return Err(Reason::Kind) };
        let word = word.as_deref().map(str::trim).filter(|word| !word.is_empty());
        if word.is_some_and(|word| word.contains(['\n', '\r'])) {
            return Err(Reason::LineBreak);
        }
        let target = said(*state, *blocked);
        let label = self.label(target, word, now, column);
        let fits = |text: &String| {
            let reads = state_of(text).map(|state| said(state, is_blocked(text)));
            let worded = || {
                let found = status::find(text).map(|found| found.status.word);
                word.is_none_or(|word| found.is_some_and(|found| same_word(&found, word)))
            };
            reads == Some(target) && worded()
        };
        label.put(now).into_iter().find(fits).ok_or(Reason::ReadsOtherwise)
    }

    /// The picture and the word for a state: as the column, else the document, has them.
    fn label(&self, target: Said, word: Option<&str>, now: &str, column: Column) -> Label {
        let of_target = |used: &&Used<'_>| match word {
            _ if used.said != target => false,
            Some(word) if used.word.is_empty() => is_common(word),
            Some(word) => same_word(used.word, word),
            None => used.word.is_empty() || is_common(used.word),
        };
        let here = |used: &&Used<'_>| used.column == column;
        let with_word = |used: &&Used<'_>| !used.word.is_empty();
        let all = || self.used.iter().filter(of_target);
        let known = most_frequent(all().filter(here).filter(with_word).map(|used| used.word))
            .or_else(|| most_frequent(all().filter(with_word).map(|used| used.word)));
        // Beside a word of its own, too, stands the picture of the state.
        let pictures = || self.used.iter().filter(|used| used.said == target && !used.picture.is_empty());
        let picture = most_frequent(pictures().filter(here).map(|used| used.picture))
            .or_else(|| most_frequent(pictures().map(|used| used.picture)));
        let style = Style::of(now, self.used.iter().filter(here).map(|used| used.word));
        let word = known.map(str::to_owned).unwrap_or_else(|| match word {
            Some(word) if !is_common(word) => word.to_owned(),
            Some(word) if target == Said::Open => style.put(&status::normal(word)),
            _ => style.put(default_word(target)),
        });
        let pictured = self.used.iter().filter(here).filter(|used| !used.picture.is_empty()).count();
        let bare = self.used.iter().filter(here).filter(|used| used.word.is_empty()).count();
        Label {
            picture: picture.unwrap_or(default_picture(target)).to_owned(),
            word,
            pictured: pictured * 2 > self.used.iter().filter(here).count(),
            only_picture: bare > 0 && bare == pictured,
        }
    }
}

fn most_frequent<'w>(words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(word, _)| word)
}

/// What stands for a state.
struct Label {
    picture: String,
    word: String,
    /// Whether most of the column have a picture.
    pictured: bool,
    /// Whether the column has nothing but pictures.
    only_picture: bool,
}

impl Label {
    /// The values that may come of one, the dearest first.
    fn put(&self, now: &str) -> Vec<String> {
        let Label { picture, word, .. } = self;
        let Some(found) = status::find(now) else {
            let both = format!("{picture} {word}");
            return if self.only_picture {
                vec![picture.clone(), both]
            } else if self.pictured {
                vec![both]
            } else {
                vec![word.clone()]
            };
        };
        let old = &now[found.at.clone()];
        if !has_letters(old) {
            let place = self::place_of_picture(now).unwrap_or(found.at);
            let put = |text: &str| format!("{}{text}{}", &now[..place.start], &now[place.end..]);
            return vec![put(picture), put(&format!("{picture} {word}"))];
        }
        let put = |length: usize| {
            let end = found.at.start + length;
            let text = format!("{}{word}{}", &now[..found.at.start], &now[end..]);
            match place_of_picture(&text) {
                // A picture says the same as the word beside it.
                Some(place) if picture_state_of(&text[place.clone()]) => {
                    format!("{}{picture}{}", &text[..place.start], &text[place.end..])
                }
                _ => text,
            }
        };
        // A remark behind the word stays, unless the word would then say something else.
        vec![put(head(old).len()), put(old.len())]
    }
}

/// The word before what somebody remarks about it: `In Progress` of `In Progress – Bob is on it`.
fn head(word: &str) -> &str {
    const MARKS: [&str; 9] = [" – ", " — ", " - ", ", ", "; ", ": ", " (", ". ", " → "];
    let end = MARKS.iter().filter_map(|mark| word.find(mark)).min();
    end.map(|end| word[..end].trim_end_matches(['*', '_', '`']))
        .filter(|head| status::state(head).is_some())
        .unwrap_or(word)
}

fn has_letters(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

/// The first picture in a text, with the marks that go with it.
fn place_of_picture(text: &str) -> Option<std::ops::Range<usize>> {
    let start = text.find(|c| picture_state(c).is_some())?;
    let rest = &text[start..];
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let marks = rest[first..].find(|c: char| !is_picture(c) || picture_state(c).is_some());
    Some(start..start + first + marks.unwrap_or(rest.len() - first))
}

fn picture(text: &str) -> Option<&str> {
    place_of_picture(text).map(|place| &text[place])
}

fn picture_state_of(sign: &str) -> bool {
    sign.chars().any(|c| picture_state(c).is_some())
}

fn default_word(said: Said) -> &'static str {
    match said {
        Said::Open => "not started",
        Said::Active => "in progress",
        Said::Blocked => "blocked",
        Said::Done => "done",
        Said::Dropped => "dropped",
    }
}

fn default_picture(said: Said) -> &'static str {
    match said {
        Said::Open => "🔴",
        Said::Active => "🟡",
        Said::Blocked => "🟥",
        Said::Done => "✅",
        Said::Dropped => "🗑️",
    }
}

/// How words are written: their letters, and what stands between them.
struct Style {
    case: Case,
    between: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Upper,
    Lower,
    Sentence,
    Title,
}

impl Style {
    /// The style of a word that is to be replaced, and of those around it.
    fn of<'w>(now: &'w str, others: impl Iterator<Item = &'w str>) -> Self {
        let found = status::find(now).map(|found| &now[found.at]).filter(|word| has_letters(word));
        let words: Vec<&str> = found.into_iter().chain(others.filter(|word| !word.is_empty())).collect();
        let joined = |sign: char| words.iter().any(|word| word.contains(sign) && !word.contains(' '));
        let between = if joined('_') {
            "_"
        } else if joined('-') {
            "-"
        } else {
            " "
        };
        let case = words.first().map_or(Case::Title, |word| {
            let letters = || word.chars().filter(|c| c.is_alphabetic());
            let second =
                words.iter().find_map(|word| word.split(' ').nth(1)).and_then(|word| word.chars().next());
            if letters().count() > 1 && letters().all(char::is_uppercase) {
                Case::Upper
            } else if letters().next().is_some_and(char::is_lowercase) {
                Case::Lower
            } else if second.is_some_and(char::is_lowercase) {
                Case::Sentence
            } else {
                Case::Title
            }
        });
        Self { case, between }
    }

    /// Words in this style; they come in small letters.
    fn put(&self, words: &str) -> String {
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
        };
        let styled: Vec<String> = words
            .split_whitespace()
            .enumerate()
            .map(|(at, word)| match self.case {
                Case::Upper => word.to_uppercase(),
                Case::Title => capital(word),
                Case::Sentence if at == 0 => capital(word),
                Case::Lower | Case::Sentence => word.to_owned(),
            })
            .collect();
        styled.join(self.between)
    }
}
