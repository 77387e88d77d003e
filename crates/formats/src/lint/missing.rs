//! Documents that are referred to as existing and do not exist.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity};
use regex::Regex;

use super::document::Document;

/// Words right before a path that send the reader there.
static SENDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:see(?: also)?|follow|following|read|refer(?: to)?|per|as (?:defined|described|listed|documented|specified|cited) in|(?:defined|described|listed|documented|specified|detailed) (?:in|by)|according to|based on|cited from|start here|details in|consult)\b(?: the| our| also)*\**:?\**\s*[(\[]?)$")
        .expect("the pattern is constant")
});
/// Words anywhere in the line that say the document is still to be made.
static STILL_TO_COME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:tbd|create[sd]?|creating|draft(?:ed|ing)?|publish|produce[sd]?|author(?:ed|ing)?|write|written|capture[sd]?|store[sd]?|add|new|generate[sd]?|output|deliver(?:s|ed|able)?|propose[ds]?|will be|to be|not yet|missing|deleted?|removed?|rename[ds]?|moved?|example|e\.g\.)\b|<[^>]*>|\{[^}]*\}")
        .expect("the pattern is constant")
});
static REFERENCES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\d.\W]*(?:reference links?|references|essential documents?|related (?:documents?|docs)|further reading|see also)\W*$")
        .expect("the pattern is constant")
});
static DOCUMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:\.{0,2}/)?[\w@.+-]+(?:/[\w@.+-]+)*\.(?:md|markdown|txt|rst|adoc|pdf|json|ya?ml|toml|html|csv)$",
    )
    .expect("the pattern is constant")
});

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let outline = &document.outline;
    let mut told: HashSet<&str> = HashSet::new();
    let links = outline.links.iter().filter(|(_, target)| is_local(target)).map(|(range, target)| {
        let path = target.split(['#', '?']).next().unwrap_or_default();
        (range, path, true)
    });
    let spans = outline.spans.iter().map(|(range, code)| (range, code.as_str(), false));
    let mut places: Vec<(&Range<usize>, &str, bool)> = links.chain(spans).collect();
    places.sort_by_key(|(range, ..)| range.start);
    for (range, path, is_link) in places {
        if !DOCUMENT.is_match(path) || told.contains(path) || !sends(document, range, is_link) {
            continue;
        }
        // `/docs/a.md` more often means the top of the repository than that of the machine.
        let exists = document.world.exists;
        if !exists(path) && !path.strip_prefix('/').is_some_and(exists) {
            told.insert(path);
            found.push(
                Diagnostic::new(
                    "path/missing",
                    Severity::Info,
                    document.place(range.clone().into(), path),
                    format!("`{path}` is referred to, but does not exist"),
                )
                .help("correct the path, or say that it is still to be made"),
            );
        }
    }
}

fn is_local(target: &str) -> bool {
    !target.is_empty() && !target.contains(':') && !target.starts_with('#')
}

/// Whether the words around a path send the reader there as to something that exists.
fn sends(document: &Document<'_>, range: &Range<usize>, is_link: bool) -> bool {
    let line = document.lines.span(document.lines.line_of(range.start as u32)).range();
    let (start, end) = (line.start.min(range.start), line.end.max(range.end).min(document.text.len()));
    let (Some(before), Some(after)) =
        (document.text.get(start..range.start), document.text.get(range.end..end))
    else {
        return false;
    };
    if STILL_TO_COME.is_match(before) || STILL_TO_COME.is_match(after) {
        return false;
    }
    let under_references = || {
        let above = document.outline.above(range.start);
        above.last().is_some_and(|heading| REFERENCES.is_match(&heading.text))
    };
    is_link || SENDS.is_match(before.trim_end_matches('`')) || under_references()
}
