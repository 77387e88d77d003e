//! Probes: how a plan says what would prove a thing. At the end of an item, after an em dash:
//!
//! ```text
//! All tests pass — check: `cargo test --workspace` timeout 20m
//! Fewer than 20 warnings — metric: clippy_warnings < 20 from `./count-warnings.sh`
//! The changelog names the release — file: `CHANGELOG.md` contains `## 2.0.0`
//! Everything before it — tasks: T-001, T-002
//! Reviewed — approval: security x2; attachment: screenshot of the board
//! ```
//!
//! Ordinary prose is never a probe: the whole of what follows the dash has to read as probes.
//! What was meant as one and cannot be read becomes a check of unknown kind, so that it is not
//! lost and the plan is not adopted without it. Start reading at [`split`].

mod kinds;
mod tokens;

use std::ops::Range;

use model::check::{CheckSpec, Probe};
use model::diagnostic::{Diagnostic, Severity, Span};

use kinds::Read;
pub use kinds::seconds;
use tokens::Segment;

/// A text with probes at its end, taken apart. Ranges are bytes of that text.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Where the text proper ends: at the dash before the first probe.
    pub at: usize,
    /// What would prove it, each with its place.
    pub probes: Vec<(CheckSpec, Range<usize>)>,
    /// What was meant as a probe and does not read as one, each with its place.
    pub faults: Vec<(String, Range<usize>)>,
}

impl Split {
    /// The faults as diagnostics, for a text that begins at byte `offset` of its document.
    pub fn diagnostics(&self, offset: usize) -> impl Iterator<Item = Diagnostic> + '_ {
        self.faults.iter().map(move |(fault, place)| {
            let span = Span::new(offset + place.start, offset + place.end);
            if self.probes.is_empty() {
                Diagnostic::new("probe/prose", Severity::Warning, span, fault)
                    .help("write probes like \" — check: `command`\" at the very end, or reword the text")
            } else {
                Diagnostic::new("probe/invalid", Severity::Error, span, fault)
                    .help("the plan cannot be adopted with it; `countersign explain probe/invalid` shows every kind")
            }
        })
    }
}

/// Takes the probes off the end of an item's text; `None` where it ends in prose.
///
/// Where something looks like a probe but is prose after all, there are no probes, `at` is the end
/// of the text, and the fault says why.
pub fn split(text: &str) -> Option<Split> {
    if !text.contains('—') {
        return None;
    }
    let end = tokens::content_end(text);
    let mut almost = None;
    for dash in tokens::dashes(&text[..end]) {
        match segments(text, dash + '—'.len_utf8(), end, false) {
            Parsed::Probes(probes, faults) => return Some(Split { at: dash, probes, faults }),
            Parsed::Almost(fault, place) => almost = Some((fault, place)),
            Parsed::Prose => {}
        }
    }
    almost.map(|fault| Split { at: text.len(), probes: Vec::new(), faults: vec![fault] })
}

/// Reads a cell of a `Verify` or `Check` column. There a bare `` `command` `` is a check, and the
/// dash before a probe may be left out; prose is still prose.
pub fn cell(text: &str) -> Option<Split> {
    let end = tokens::content_end(text);
    let bare = Segment::read(text, 0..end, true);
    if let Some(probes) = kinds::bare_commands(&bare) {
        return Some(Split { at: 0, probes, faults: Vec::new() });
    }
    match segments(text, 0, end, true) {
        Parsed::Probes(probes, faults) => return Some(Split { at: 0, probes, faults }),
        Parsed::Almost(fault, place) => {
            return Some(Split { at: text.len(), probes: Vec::new(), faults: vec![(fault, place)] });
        }
        Parsed::Prose => {}
    }
    for dash in tokens::dashes(&text[..end]) {
        if let Parsed::Probes(probes, faults) = segments(text, dash + '—'.len_utf8(), end, true) {
            return Some(Split { at: dash, probes, faults });
        }
    }
    None
}

/// Reads the whole of a text as one probe, without a dash before it: `` check: `make test` ``.
pub fn one(text: &str) -> Option<CheckSpec> {
    match segments(text, 0, tokens::content_end(text), false) {
        Parsed::Probes(mut probes, faults) if probes.len() == 1 && faults.is_empty() => {
            let (spec, _) = probes.remove(0);
            (!matches!(spec.probe, Probe::Unknown { .. })).then_some(spec)
        }
        _ => None,
    }
}

enum Parsed {
    Probes(Vec<(CheckSpec, Range<usize>)>, Vec<(String, Range<usize>)>),
    /// Begins like a probe and goes on as prose.
    Almost(String, Range<usize>),
    Prose,
}

fn segments(text: &str, start: usize, end: usize, in_cell: bool) -> Parsed {
    let mut probes = Vec::new();
    let mut faults = Vec::new();
    for range in tokens::segments(text, start, end) {
        let segment = Segment::read(text, range.clone(), in_cell);
        match kinds::read(&segment) {
            Read::Probes(found) => probes.extend(found.into_iter().map(|spec| (spec, segment.place()))),
            Read::Fault(spec, fault) => {
                probes.push((spec, segment.place()));
                faults.push((fault, segment.place()));
            }
            Read::Almost(fault) => return Parsed::Almost(fault, segment.place()),
            Read::Prose if probes.is_empty() => return Parsed::Prose,
            Read::Prose => {
                let place = probes[0].1.start..segment.place().end;
                let words = text[segment.place()].to_owned();
                return Parsed::Almost(
                    format!(
                        "`{words}` follows the probe, so all of it is read as prose; a probe ends its item"
                    ),
                    place,
                );
            }
        }
    }
    if probes.is_empty() { Parsed::Prose } else { Parsed::Probes(probes, faults) }
}

#[cfg(test)]
mod tests;
