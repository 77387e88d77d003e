//! What a value is to say, put as its place puts it.

use model::diagnostic::Span;

use super::seats::REMARK;
use crate::edit::numbers::in_style;
use crate::edit::{Reason, TextEdit};
use crate::words::plain::plain;
use crate::words::{amounts, is_empty, status};

/// A value with another percentage in it.
pub(super) fn percentage<'s>(
    now: &str,
    number: f64,
    sample: impl FnOnce() -> Option<&'s str>,
) -> Result<String, Reason> {
    if !(0.0..=100.0).contains(&number) {
        return Err(Reason::Kind);
    }
    let whole = |style: &str| {
        let (_, place) = amounts::percent(style)?;
        Some(format!(
            "{}{}{}",
            &style[..place.start],
            in_style(number, &style[place.clone()]),
            &style[place.end..]
        ))
    };
    if is_empty(now) {
        // As another one is written, if that says nothing else.
        let like = sample().filter(|sample| !sample.contains(char::is_alphabetic)).and_then(whole);
        return Ok(like.unwrap_or_else(|| format!("{}%", in_style(number, ""))));
    }
    match status::percentage(now) {
        Some((_, place)) if now.contains(char::is_alphabetic) => {
            let styled = in_style(number, &now[place.clone()]);
            Ok(format!("{}{styled}{}", &now[..place.start], &now[place.end..]))
        }
        _ => whole(now).ok_or(Reason::Kind),
    }
}

/// A value with another number in it.
pub(super) fn number(now: &str, number: f64) -> Result<String, Reason> {
    if !number.is_finite() {
        return Err(Reason::Kind);
    }
    if is_empty(now) {
        return Ok(in_style(number, ""));
    }
    let start = now.find(|c: char| c.is_ascii_digit()).ok_or(Reason::Kind)?;
    let signed = now[..start].ends_with('-');
    let digits = &now[start..];
    let end = digits
        .char_indices()
        .find(|(at, c)| {
            let inside = digits[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
            !(c.is_ascii_digit() || matches!(c, '.' | ',') && inside)
        })
        .map_or(digits.len(), |(at, _)| at);
    let styled = in_style(number, &digits[..end]);
    Ok(format!("{}{styled}{}", &now[..start - usize::from(signed)], &digits[end..]))
}

/// A value with another text, in the emphasis it had.
pub(super) fn text(
    now: &str,
    wished: &str,
    in_cell: bool,
    empty: impl FnOnce() -> String,
) -> Result<String, Reason> {
    let wished = wished.trim();
    if wished.contains(['\n', '\r']) || now.contains('\n') {
        return Err(Reason::LineBreak);
    }
    if is_empty(wished) {
        return Ok(if is_empty(now) { now.to_owned() } else { empty() });
    }
    let (open, close) = wrapping(now);
    Ok(format!("{open}{}{close}", escaped(wished, in_cell)?))
}

/// A text for brackets, which must not end them.
pub(super) fn in_brackets(wished: &str) -> Result<String, Reason> {
    let wished = wished.trim();
    if wished.contains(['\n', '\r']) {
        return Err(Reason::LineBreak);
    }
    if wished.is_empty() || wished.contains(['(', ')', ';', '`']) {
        return Err(Reason::Kind);
    }
    escaped(wished, false)
}

/// The emphasis around all of a value, or the sign before a name.
fn wrapping(now: &str) -> (&str, &str) {
    for mark in ["**", "__", "*", "_", "`"] {
        let inner = now.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        if inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(mark)) {
            return (mark, mark);
        }
    }
    if now.starts_with('@') && !now.contains([' ', ',']) { ("@", "") } else { ("", "") }
}

/// A text that reads as itself: what Markdown would take for its own is escaped, as little as that
/// takes.
fn escaped(text: &str, in_cell: bool) -> Result<String, Reason> {
    let bars = |text: &str| if in_cell { text.replace('|', "\\|") } else { text.to_owned() };
    let reads = |written: &str| plain(written) == text;
    let plainly = bars(text);
    if reads(&plainly) {
        return Ok(plainly);
    }
    let mut written = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '*' | '_' | '[' | '<' | '\\' | '`' | '~' | '&') || in_cell && c == '|' {
            written.push('\\');
        }
        written.push(c);
    }
    if reads(&written) { Ok(written) } else { Err(Reason::ReadsOtherwise) }
}

/// The edit of a value behind a label.
pub(super) fn labelled(text: &str, span: Span, value: String) -> TextEdit {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let glued = span.start == span.end && !before.ends_with(char::is_whitespace);
    TextEdit { span, text: if glued { format!(" {value}") } else { value } }
}

/// The edit that puts a remark behind an item, changes it or takes it away.
pub(super) fn remark(text: &str, at: u32, known: Option<Span>, digest: &str) -> Result<TextEdit, Reason> {
    let digest = digest.trim();
    if digest.contains(['\n', '\r']) {
        return Err(Reason::LineBreak);
    }
    if digest.contains("--") || digest.contains(['<', '>', '|']) {
        return Err(Reason::Kind);
    }
    let span = known.unwrap_or(Span { start: at, end: at });
    let remark = if digest.is_empty() { String::new() } else { format!(" {REMARK}{digest} -->") };
    // A title may end in a backslash, which would take the space for its own.
    let before = text.get(..span.start as usize).unwrap_or_default();
    if before.ends_with('\\') { Err(Reason::ReadsOtherwise) } else { Ok(TextEdit { span, text: remark }) }
}
