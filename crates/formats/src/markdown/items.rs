//! The text of a list item taken apart: box, key, title, probes, what stands in brackets.

use std::borrow::Cow;
use std::ops::Range;

use model::diagnostic::Span;
use model::draft::Stated;

use crate::probe::Split;
use crate::words::keys;
use crate::words::plain::{leading_emoji, plain};

/// The box an item begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What stands in it.
    pub(crate) sign: char,
    /// Where.
    pub(crate) span: Span,
}

impl Mark {
    /// Whether the box is ticked.
    pub(crate) fn ticked(self) -> bool {
        matches!(self.sign, 'x' | 'X' | '✓' | '✔' | '✅')
    }

    /// What a mark other than a tick says about the work.
    pub(crate) fn state(self) -> Option<Stated> {
        match self.sign {
            '/' | '*' | '>' => Some(Stated::Active),
            '-' | '~' => Some(Stated::Dropped),
            _ => None,
        }
    }
}

/// Reads the box a text begins with; `at` is where the text stands. Gives what follows, too.
pub(crate) fn mark(raw: &str, at: usize) -> Option<(Mark, &str)> {
    let inner = raw.strip_prefix('[')?;
    let sign = inner.chars().next()?;
    let rest = inner[sign.len_utf8()..].strip_prefix(']')?;
    let known = matches!(
        sign,
        ' ' | '\u{a0}' | '\t' | 'x' | 'X' | '/' | '-' | '*' | '~' | '✓' | '✔' | '✅' | '>' | '!' | '?'
    );
    let alone = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (known && alone).then(|| {
        let span = Span::new(at + 1, at + 1 + sign.len_utf8());
        (Mark { sign, span }, rest)
    })
}

/// An item's text taken apart as far as every kind of item needs it.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) mark: Option<Mark>,
    /// What follows the box, as written, without probes, and where it stands.
    pub(crate) raw: &'a str,
    pub(crate) at: usize,
    /// Where all of its text ends.
    pub(crate) end: usize,
    /// What would prove it, counted from `at`.
    pub(crate) probes: Option<Split>,
    /// The key a comment gives: `<!-- #setup -->`.
    pub(crate) comment_key: Option<&'a str>,
}

/// Takes the box and the comments off an item's text.
pub(crate) fn item(text: &str, span: Span) -> Item<'_> {
    let whole = text.get(span.range()).unwrap_or_default();
    let trimmed = whole.trim_start();
    let mut at = span.start as usize + (whole.len() - trimmed.len());
    let mut raw = trimmed.trim_end();
    let found = mark(raw, at);
    if let Some((_, rest)) = found {
        let rest = rest.trim_start();
        at += raw.len() - rest.len();
        raw = rest;
    }
    let mut comment_key = None;
    // A comment may stand before the text, behind it, or in it.
    let comments = if memchr::memchr(b'<', raw.as_bytes()).is_some() { raw } else { "" };
    for (start, _) in comments.match_indices("<!--").take(4) {
        let inside = &raw[start + 4..];
        if let Some(length) = inside.find("-->") {
            let inner = inside[..length].trim();
            if let Some(id) = inner.strip_prefix('#').or_else(|| inner.strip_prefix("id:")) {
                comment_key = comment_key.or(Some(id.trim()).filter(|id| is_id(id)));
            }
        }
    }
    let probes = crate::probe::split(raw);
    let end = at + raw.len();
    let raw = probes.as_ref().map_or(raw, |probes| raw[..probes.at].trim_end());
    Item { mark: found.map(|(mark, _)| mark), raw, at, end, probes, comment_key }
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
}

/// What the label of `**Label:** value` or `Label: value` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Label<'a> {
    pub(crate) name: &'a str,
    /// What follows the colon, as written.
    pub(crate) value: &'a str,
    /// Whether the label is set in bold.
    pub(crate) bold: bool,
}

/// Reads the label a text begins with.
pub(crate) fn label(raw: &str) -> Option<Label<'_>> {
    let (_, raw) = leading_emoji(raw);
    if let Some(inner) = raw.strip_prefix("**").or_else(|| raw.strip_prefix("__")) {
        return bold_label(inner, &raw[..2]);
    }
    if raw.starts_with(['*', '_']) && !raw.starts_with("* ") {
        // `_Date: today_`
        let inner = &raw[1..];
        let found = plain_label(inner)?;
        return Some(Label {
            value: found.value.trim_end_matches(['*', '_']).trim_start_matches(['*', '_']),
            ..found
        });
    }
    plain_label(raw)
}

fn bold_label<'a>(inner: &'a str, mark: &str) -> Option<Label<'a>> {
    let close = inner.find(mark)?;
    let (name, after) = (&inner[..close], &inner[close + 2..]);
    if name.len() > 120 || name.contains('\n') {
        return None;
    }
    let trimmed = name.trim_end();
    if let Some(name) = trimmed.strip_suffix(':') {
        return Some(Label { name, value: after.trim(), bold: true });
    }
    // Emoji may stand between the label and its colon.
    let (_, rest) = leading_emoji(after);
    if let Some(value) = rest.strip_prefix(':')
        && (value.is_empty() || value.starts_with(char::is_whitespace))
    {
        return Some(Label { name: trimmed, value: value.trim(), bold: true });
    }
    None
}

fn plain_label(raw: &str) -> Option<Label<'_>> {
    let end = (0..=raw.len().min(64)).rev().find(|end| raw.is_char_boundary(*end))?;
    let colon = memchr::memchr(b':', &raw.as_bytes()[..end])?;
    let (name, value) = (&raw[..colon], &raw[colon + 1..]);
    let letters = name.chars().all(|c| {
        c.is_alphanumeric() || matches!(c, ' ' | '-' | '/' | '&' | '(' | ')' | '#' | '%' | '_' | '\'' | '+')
    });
    let starts = name.starts_with(char::is_alphabetic);
    let words = name.split(' ').count();
    (letters && starts && words <= 6 && (value.is_empty() || value.starts_with(char::is_whitespace)))
        .then(|| Label { name, value: value.trim(), bold: false })
}

/// Whether the whole of a text is set in bold, a colon and emoji apart: `**Setup**`, `**Setup:**`.
pub(crate) fn all_bold(raw: &str) -> Option<&str> {
    let inner = raw.trim().strip_prefix("**")?;
    let close = inner.find("**")?;
    let after = inner[close + 2..].trim().trim_start_matches(':');
    after.trim().is_empty().then(|| inner[..close].trim().trim_end_matches(':'))
}

/// The brackets at the end of a text: what stands before them, and what in them.
pub(crate) fn brackets(text: &str) -> Option<(&str, &str)> {
    let end = text.trim_end_matches(['.', ' ', ':', ';', '!']);
    let before = end.strip_suffix(')')?;
    let mut depth = 1;
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((before[..at].trim_end(), &before[at + 1..]));
        }
    }
    None
}

/// A place inside a larger text, for a part that was cut out of it.
pub(crate) fn place(whole: &str, at: usize, part: &str) -> Option<Span> {
    let (start, end) = (whole.as_ptr() as usize, whole.as_ptr() as usize + whole.len());
    let part_at = part.as_ptr() as usize;
    (start <= part_at && part_at + part.len() <= end)
        .then(|| Span::new(at + part_at - start, at + part_at - start + part.len()))
}

/// A title without key, sign and surrounding marks.
pub(crate) fn title(raw: &str) -> Cow<'_, str> {
    plain(leading_emoji(raw).1)
}

/// Arrows between two sides: `R-004 → T-006, T-025`, `7.3 -> 7.4`.
pub(crate) fn arrow(text: &str) -> Option<(Range<usize>, &str, &str)> {
    let (at, length) =
        ["→", "->", "⟶", "➜"].iter().find_map(|arrow| Some((text.find(arrow)?, arrow.len())))?;
    Some((at..at + length, text[..at].trim(), text[at + length..].trim()))
}

/// Whether a text is one key and nothing else.
pub(crate) fn only_key(text: &str) -> Option<&str> {
    let text = text.trim().trim_matches(['`', '*']);
    let text = text.strip_prefix("Task ").unwrap_or(text);
    keys::is_key(text).then_some(text)
}
