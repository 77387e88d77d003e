//! Diagnostics for people: message, the lines of the document with the place underlined, help.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Message, Origin, Padding, Renderer, Snippet};
use model::diagnostic::{Diagnostic, Severity, Span};

use super::{Lines, Source};

/// A line longer than this is not shown: only its place is.
const LONGEST_LINE_BYTES: usize = 4096;
/// Places at most this many lines apart share one excerpt.
const EXCERPT_LINES: u32 = 6;
/// More further places than this are counted instead of shown.
const MOST_PLACES: usize = 8;

pub(super) fn render(sources: &[Source<'_>], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for source in sources {
        let lines = Lines::new(source.text);
        for diagnostic in source.diagnostics {
            let parts = Parts::of(diagnostic);
            out.push_str(&renderer.render(&[group(source, &lines, diagnostic, &parts)]));
            out.push_str("\n\n");
        }
    }
    out
}

/// The texts of a diagnostic, made safe for a terminal.
struct Parts {
    message: String,
    labels: Vec<(Span, String)>,
    help: Option<String>,
    left_out: usize,
}

impl Parts {
    fn of(diagnostic: &Diagnostic) -> Self {
        let shown = diagnostic.also.len().min(MOST_PLACES);
        Self {
            message: tame(&diagnostic.message),
            labels: diagnostic.also[..shown].iter().map(|(span, label)| (*span, tame(label))).collect(),
            help: diagnostic.help.as_deref().map(tame),
            left_out: diagnostic.also.len() - shown,
        }
    }
}

/// A place to underline: where, with which words, and whether it is the place itself.
struct Mark<'a> {
    span: Span,
    line: u32,
    label: &'a str,
    primary: bool,
}

fn group<'a>(source: &Source<'a>, lines: &Lines<'a>, diagnostic: &Diagnostic, parts: &'a Parts) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = Group::with_title(level.primary_title(parts.message.as_str()).id(diagnostic.code));
    for excerpt in excerpts(lines, diagnostic.span, parts) {
        group = group.element(element(source, lines, &excerpt));
    }
    let mut notes: Vec<Message<'a>> = Vec::new();
    if parts.left_out > 0 {
        notes.push(Level::NOTE.message(format!("and {} more places", parts.left_out)));
    }
    if let Some(help) = &parts.help {
        notes.push(Level::HELP.message(help.as_str()));
    }
    if !notes.is_empty() {
        group = group.element(Padding);
    }
    group.elements(notes)
}

/// Groups the places of a diagnostic into excerpts of near lines; the place itself comes first.
fn excerpts<'a>(lines: &Lines<'_>, span: Span, parts: &'a Parts) -> Vec<Vec<Mark<'a>>> {
    let primary = Mark { span, line: lines.line_of(span.start), label: "", primary: true };
    let mut excerpts = vec![vec![primary]];
    for (span, label) in &parts.labels {
        let line = lines.line_of(span.start);
        let mark = Mark { span: *span, line, label, primary: false };
        let near = excerpts
            .iter_mut()
            .find(|marks| marks.iter().any(|other| other.line.abs_diff(line) <= EXCERPT_LINES));
        match near {
            Some(marks) => marks.push(mark),
            None => excerpts.push(vec![mark]),
        }
    }
    excerpts
}

fn element<'a>(source: &Source<'a>, lines: &Lines<'a>, marks: &[Mark<'a>]) -> Element<'a> {
    let first = marks.iter().map(|mark| mark.line).min().unwrap_or(1);
    let last = marks.iter().map(|mark| mark.line).max().unwrap_or(1);
    if (first..=last).any(|line| lines.text(line).len() > LONGEST_LINE_BYTES) {
        let place = lines.position(marks[0].span.start);
        let origin = Origin::path(source.path).line(place.line as usize).char_column(place.column as usize);
        return origin.into();
    }
    let start = lines.span(first).start as usize;
    let end = lines.span(last).end as usize;
    let annotations = marks.iter().map(|mark| {
        // Only the first line of a place is underlined: a whole section would drown the rest.
        let line = lines.span(mark.line);
        let from = mark.span.start.clamp(line.start, line.end) as usize;
        let to = (mark.span.end.clamp(line.start, line.end) as usize).max(from);
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let label = (!mark.label.is_empty()).then_some(mark.label);
        kind.span(from - start..to - start).label(label)
    });
    let snippet = Snippet::source(&source.text[start..end]).path(source.path).line_start(first as usize);
    snippet.annotations(annotations).into()
}

/// Replaces control characters, so that a document cannot steer the terminal.
fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
