//! Suppression: `<!-- countersign: allow CODE reason -->`.
//!
//! Beside something on its line, it covers that line. Alone on its line, it covers the next line
//! with text, and where a table begins there, the whole table. Before the first heading, it
//! covers the document.

use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use regex::Regex;

use super::document::Document;

static ALLOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^countersign:\s*allow\b\s*(\S*)\s*(.*)$").expect("the pattern is constant")
});

/// One suppression: which code, and from which line to which.
struct Allow<'a> {
    code: &'a str,
    reason: &'a str,
    place: Span,
    first: u32,
    last: u32,
}

impl Allow<'_> {
    fn fault(&self) -> Option<String> {
        if super::rule_of(self.code).is_none() {
            Some(format!("`{}` is no code that could be allowed", self.code))
        } else if self.reason.is_empty() {
            Some(format!("`{}` is not allowed without a reason", self.code))
        } else {
            None
        }
    }
}

fn allows<'a>(document: &Document<'a>) -> Vec<Allow<'a>> {
    let comments = document.outline.comments.iter();
    comments
        .filter_map(|(range, comment)| {
            let captures = ALLOW.captures(comment)?;
            let (first, last) = covered(document, range.start, range.end);
            Some(Allow {
                code: captures.get(1)?.as_str(),
                reason: captures.get(2)?.as_str().trim(),
                place: Span::new(range.start, range.end),
                first,
                last,
            })
        })
        .collect()
}

fn covered(document: &Document<'_>, start: usize, end: usize) -> (u32, u32) {
    let lines = &document.lines;
    let headings = &document.outline.headings;
    if headings.first().is_some_and(|heading| start < heading.span.start as usize) {
        return (1, u32::MAX);
    }
    let (from, to) = (lines.line_of(start as u32), lines.line_of(end as u32));
    let before = &document.text[lines.span(from).start as usize..start];
    let after = &document.text[end..(lines.span(to).end as usize).max(end)];
    if !before.trim().is_empty() || !after.trim().is_empty() {
        return (from, to);
    }
    let Some(next) = (to + 1..=lines.count()).find(|line| !lines.text(*line).trim().is_empty()) else {
        return (to, to);
    };
    let is_row = |line: &u32| lines.text(*line).trim_start().starts_with('|');
    let last = (next..=lines.count()).take_while(is_row).last().unwrap_or(next);
    (next, last)
}

/// Takes out what the document allows.
pub(super) fn apply(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let allows: Vec<Allow<'_>> =
        allows(document).into_iter().filter(|allow| allow.fault().is_none()).collect();
    if allows.is_empty() {
        return;
    }
    found.retain(|diagnostic| {
        let line = document.lines.line_of(diagnostic.span.start);
        !allows
            .iter()
            .any(|allow| allow.code == diagnostic.code && (allow.first..=allow.last).contains(&line))
    });
}

pub(super) fn invalid(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for allow in allows(document) {
        if let Some(fault) = allow.fault() {
            found.push(
                Diagnostic::new(
                    "lint/allow-invalid",
                    Severity::Info,
                    allow.place,
                    format!("{fault}; nothing is suppressed"),
                )
                .help("write `<!-- countersign: allow CODE reason -->`"),
            );
        }
    }
}
