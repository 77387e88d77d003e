//! Writing into Markdown.

use std::collections::HashMap;

use model::writing::{About, Content, Field, Wish};

use super::meaning::{Reads, says};
use super::numbers::in_style;
use super::{Planned, Reason, TextEdit, Unwritten, Written};
use crate::Reading;
use crate::diagnostics::Lines;

/// Every field that may be written back.
pub(super) fn fields(reading: &Reading) -> Vec<Written> {
    let mut fields = Vec::new();
    let lines = Lines::new(&reading.text);
    for task in &reading.draft.tasks {
        let mut add = |field, content, span: Option<model::diagnostic::Span>| {
            if let Some(span) = span {
                let about = About::Task(task.key.clone());
                fields.push(Written { about, field, content, span, line: lines.line_of(span.start) });
            }
        };
        add(Field::Mark, Content::Ticked(task.checked == Some(true)), task.places.mark);
        if let Some(percent) = task.percent {
            add(Field::Percent, Content::Number(percent), task.places.percent);
        }
    }
    fields
}

/// Plans the edits that some wishes take.
pub(super) fn plan(reading: &Reading, wishes: &[Wish], planned: &mut Planned) {
    let mut by_name: HashMap<(About, Field), Vec<Written>> = HashMap::new();
    for written in fields(reading) {
        by_name.entry((written.about.clone(), written.field.clone())).or_default().push(written);
    }
    for wish in wishes {
        let mut unwritten = |reason| planned.unwritten.push(Unwritten { wish: wish.clone(), reason });
        let written = match by_name.get(&(wish.about.clone(), wish.field.clone())).map(Vec::as_slice) {
            None => return unwritten(Reason::Absent),
            Some([written]) => written,
            Some(_) => return unwritten(Reason::Ambiguous),
        };
        if says(Reads::Freely, &wish.field, &written.content, &wish.content) {
            continue;
        }
        let text = match &wish.content {
            Content::Ticked(ticked) => if *ticked { "x" } else { " " }.to_owned(),
            Content::Number(number) => in_style(*number, &reading.text[written.span.range()]),
            _ => return unwritten(Reason::Kind),
        };
        planned.edits.push(TextEdit { span: written.span, text });
    }
}
