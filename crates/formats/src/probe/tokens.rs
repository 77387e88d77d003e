//! The pieces a probe is written in: code spans, words, and what separates two probes.

use std::ops::Range;

use super::kinds;

/// A piece of a probe.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// What stands between backticks.
    Code(String),
    /// Anything else up to the next space or code span.
    Word(&'a str),
}

/// One probe's text, taken apart.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    pub(super) text: &'a str,
    range: Range<usize>,
    /// Tokens with their places in `text`.
    pub(super) tokens: Vec<(Token<'a>, Range<usize>)>,
}

impl<'a> Segment<'a> {
    pub(super) fn read(text: &'a str, range: Range<usize>, in_cell: bool) -> Self {
        let part = &text[range.clone()];
        let start = range.start + (part.len() - part.trim_start().len());
        let range = start..start + part.trim().len();
        let mut tokens = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let rest = &text[at..range.end];
            if let Some(code) = code_span(rest) {
                let inner = code_content(&rest[code.clone()]);
                // A cell cannot hold a bare bar, so its commands write `\|`.
                let inner = if in_cell { inner.replace("\\|", "|") } else { inner.to_owned() };
                tokens.push((Token::Code(inner), at..at + code.end));
                at += code.end;
                continue;
            }
            let first = rest.chars().next().map_or(1, char::len_utf8);
            if rest.starts_with(char::is_whitespace) {
                at += first;
                continue;
            }
            let length = rest[first..]
                .find(|c: char| c.is_whitespace() || c == '`')
                .map_or(rest.len(), |length| length + first);
            tokens.push((Token::Word(&rest[..length]), at..at + length));
            at += length;
        }
        // A full stop or comma after the last piece says nothing.
        while let Some((Token::Word("." | ","), _)) = tokens.last() {
            tokens.pop();
        }
        Self { text, range, tokens }
    }

    pub(super) fn place(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The text of the tokens `from..to`, with Markdown's escapes taken out and no code marks.
    pub(super) fn words(&self, from: usize, to: usize) -> String {
        match (self.tokens.get(from), self.tokens[..to].last()) {
            (Some((_, first)), Some((_, last))) if from < to => {
                let mut words = String::new();
                let mut end = first.start;
                for (token, place) in &self.tokens[from..to] {
                    if place.start > end {
                        words.push(' ');
                    }
                    match token {
                        Token::Code(code) => words.push_str(code),
                        Token::Word(word) => words.push_str(&unescape(word)),
                    }
                    end = place.end;
                }
                debug_assert!(end == last.end);
                words
            }
            _ => String::new(),
        }
    }
}

/// Where the content of an item ends: before trailing space and HTML comments.
pub(super) fn content_end(text: &str) -> usize {
    let mut rest = text.trim_end();
    while rest.ends_with("-->")
        && let Some(start) = rest.rfind("<!--")
    {
        rest = rest[..start].trim_end();
    }
    rest.len()
}

/// Places of the em dashes outside code.
pub(super) fn dashes(text: &str) -> Vec<usize> {
    outside_code(text, 0, text.len(), |rest| rest.starts_with('—'))
}

/// The stretches between the separators of probes: `;`, an em dash, or a comma before a kind.
pub(super) fn segments(text: &str, start: usize, end: usize) -> Vec<Range<usize>> {
    let is_entity = |at: &usize| ["&lt", "&gt", "&amp"].iter().any(|name| text[..*at].ends_with(name));
    let separators = outside_code(text, start, end, |rest| {
        rest.starts_with([';', '—']) || (rest.starts_with(',') && kinds::begins_with_kind(&rest[1..]))
    });
    let mut ranges = Vec::new();
    let mut from = start;
    for at in separators.into_iter().filter(|at| !is_entity(at)) {
        ranges.push(from..at);
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    ranges.push(from..end);
    ranges
}

fn outside_code(text: &str, start: usize, end: usize, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = start;
    while at < end {
        let rest = &text[at..end];
        if let Some(code) = code_span(rest) {
            at += code.end;
            continue;
        }
        if wanted(rest) {
            places.push(at);
        }
        // A run of backticks that opens nothing is passed over whole.
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        at += if ticks > 0 { ticks } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    places
}

/// The code span a text begins with, its backticks included.
fn code_span(text: &str) -> Option<Range<usize>> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    if ticks == 0 {
        return None;
    }
    let mut at = ticks;
    while let Some(next) = text[at..].find('`') {
        let start = at + next;
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        if run == ticks {
            return Some(0..start + run);
        }
        at = start + run;
    }
    None
}

/// What a code span says: without its backticks, and without one space at both ends.
fn code_content(code: &str) -> &str {
    let ticks = code.len() - code.trim_start_matches('`').len();
    let inner = &code[ticks..code.len() - ticks];
    match inner.strip_prefix(' ').and_then(|inner| inner.strip_suffix(' ')) {
        Some(padded) if !padded.trim().is_empty() => padded,
        _ => inner,
    }
}

/// Takes out the backslashes with which Markdown shields punctuation, and the usual entities.
fn unescape(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.peek().is_some_and(char::is_ascii_punctuation) {
            continue;
        }
        out.push(c);
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
