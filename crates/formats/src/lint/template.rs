//! Sections of a template that nobody filled in.

use std::ops::Range;
use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity};
use regex::Regex;

use super::document::Document;
use super::outline::Heading;

/// `<Project/Initiative>`, `[Batch Name]`, `{owner}`: words to be replaced. HTML tags, links and
/// boxes are none.
static BLANK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<[A-Z][\w &,/-]*(?:[ /&-][\w &,/-]*)>|<(?:Project|Name|Title|Owner|Date|Team|Feature|Phase|Task|Version)>|\[(?:Your|Insert|Project|Feature|Team|Owner|Date|Name|Title|Description|Specific|Item|Batch|Phase|Task)(?: [A-Za-z/-]+){0,3}\](?:[^(\[:]|$)|\b[A-Z]{1,4}-#{2,}|\{\{[^}\n]+\}\}")
        .expect("the pattern is constant")
});

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let headings = &document.outline.headings;
    let mut end = 0;
    for (index, heading) in headings.iter().enumerate() {
        if (heading.span.start as usize) < end {
            continue;
        }
        let Some(remnant) = remnant(document, index) else { continue };
        end = heading.end;
        let message = match remnant {
            Remnant::Heading(blank) => format!("the heading still holds the template's `{blank}`"),
            Remnant::Section { empty, parts } if parts > 1 => {
                format!(
                    "an unfilled template: {empty} of the section's {parts} parts hold nothing of their own"
                )
            }
            Remnant::Section { .. } => "an unfilled section: it holds nothing but empty items".to_owned(),
        };
        found.push(
            Diagnostic::new(
                "text/template-remnant",
                Severity::Warning,
                document.first_line(heading.span),
                message,
            )
            .help("fill it in, or take it out"),
        );
    }
}

/// Where the remnants stand.
pub(super) fn remnants(document: &Document<'_>) -> Vec<Range<usize>> {
    let headings = document.outline.headings.iter().enumerate();
    headings
        .filter(|(index, _)| remnant(document, *index).is_some())
        .map(|(_, heading)| heading.span.start as usize..heading.end)
        .collect()
}

enum Remnant {
    /// Only the heading holds a blank.
    Heading(String),
    /// So many of its parts hold nothing.
    Section { empty: usize, parts: usize },
}

fn remnant(document: &Document<'_>, index: usize) -> Option<Remnant> {
    let headings = &document.outline.headings;
    let heading = &headings[index];
    let blank = BLANK.find(&heading.text).map(|blank| blank.as_str().to_owned());
    let parts: Vec<&Heading> =
        headings[index..].iter().take_while(|part| (part.span.start as usize) < heading.end).collect();
    if let Some(blank) = blank {
        let leaves: Vec<_> = parts.iter().skip(1).collect();
        let empty =
            leaves.iter().filter(|part| state(document, own_text(document, part)) != Fill::Filled).count();
        return Some(if leaves.len() > 1 && empty * 2 > leaves.len() {
            Remnant::Section { empty, parts: leaves.len() }
        } else {
            Remnant::Heading(blank)
        });
    }
    // Without a blank in the heading only a section of its own counts, made of empty items.
    (parts.len() == 1 && state(document, own_text(document, heading)) == Fill::EmptyItems)
        .then_some(Remnant::Section { empty: 1, parts: 1 })
}

/// What stands between a heading and the next.
fn own_text(document: &Document<'_>, heading: &Heading) -> Range<usize> {
    let headings = &document.outline.headings;
    let next = headings.partition_point(|other| other.span.start <= heading.span.start);
    let end = headings.get(next).map_or(document.text.len(), |next| next.span.start as usize);
    heading.body.min(end)..end
}

#[derive(PartialEq, Eq)]
enum Fill {
    /// Something of its own stands there.
    Filled,
    /// Bullets and labels without content, or only the template's own words.
    EmptyItems,
    /// Nothing at all.
    Nothing,
}

fn state(document: &Document<'_>, range: Range<usize>) -> Fill {
    let text = document.text.get(range.clone()).unwrap_or_default();
    let mut items = 0;
    let mut offset = range.start;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let line = line.trim();
        if line.is_empty() || document.outline.in_comment(start) || line.starts_with("<!--") || line == "---"
        {
            continue;
        }
        let is_item = line.starts_with(['-', '*', '+']) || line.starts_with(|c: char| c.is_ascii_digit());
        let item = line.trim_start_matches(['-', '*', '+', ' ']);
        let item = item.strip_prefix("[ ]").unwrap_or(item).trim().trim_matches('*').trim();
        let empty = item.is_empty() || item.ends_with(':') && item.len() < 40 || BLANK.is_match(item);
        if !is_item || !empty {
            return Fill::Filled;
        }
        items += usize::from(item.is_empty() || BLANK.is_match(item));
    }
    if items > 0 { Fill::EmptyItems } else { Fill::Nothing }
}
