//! Writing into Markdown: boxes, status words, cells and labelled values, each in the style its
//! column or document has.
//!
//! [`seats`] says where each field stands, [`values`] what it is to say there, [`status`] in which
//! words, and [`cells`] how a cell stays as wide as its column.

mod blockers;
mod cells;
mod seats;
mod status;
mod values;

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use model::diagnostic::Span;
use model::draft::Draft;
use model::writing::{About, Content, Field, Wish};

use super::meaning::{Reads, Said, is_nothing, said, says};
use super::{Planned, Reason, TextEdit, Unwritten, Written};
use crate::Reading;
use crate::diagnostics::Lines;
use crate::markdown::places::Place;
use crate::words::people;
use blockers::Blockers;
use cells::{Cell, Tables};
use seats::{Field as Seated, Seat};
use status::Words;

/// Every field that may be written back.
pub(super) fn fields(reading: &Reading, places: &[Place]) -> Vec<Written> {
    let lines = Lines::new(&reading.text);
    let mut fields: Vec<Written> = seats::all(&reading.text, &reading.draft, places)
        .into_iter()
        .filter_map(|seated| {
            let span = seated.seat.span();
            let line = lines.line_of(span.start);
            Some(Written { about: seated.about, field: seated.field, content: seated.content?, span, line })
        })
        .collect();
    fields.sort_by_key(|field| field.span);
    fields
}

/// Plans the edits that some wishes take.
pub(super) fn plan(reading: &Reading, places: &[Place], wishes: &[Wish], planned: &mut Planned) {
    let seated = seats::all(&reading.text, &reading.draft, places);
    let mut page = Page::new(&reading.text, &reading.draft, &seated);
    for wish in wishes {
        if let Err(reason) = page.write(wish) {
            planned.unwritten.push(Unwritten { wish: wish.clone(), reason });
        }
    }
    planned.edits.extend(page.edits());
}

/// A document under way.
struct Page<'a> {
    text: &'a str,
    draft: &'a Draft,
    seated: &'a [Seated],
    /// Positions by what a field belongs to; fields of other names of the same letters beside it.
    by_name: HashMap<(&'a About, &'a Field), Vec<usize>>,
    words: Option<Words<'a>>,
    blockers: Option<Blockers<'a>>,
    tick: OnceCell<&'a str>,
    /// Values that get another text, by where they stand.
    values: BTreeMap<Span, (String, Option<(Span, usize)>)>,
    /// Everything else that is replaced.
    pieces: Vec<TextEdit>,
}

impl<'a> Page<'a> {
    fn new(text: &'a str, draft: &'a Draft, seated: &'a [Seated]) -> Self {
        let mut by_name: HashMap<_, Vec<usize>> = HashMap::with_capacity(seated.len());
        for (at, field) in seated.iter().enumerate() {
            by_name.entry((&field.about, &field.field)).or_default().push(at);
        }
        Self {
            text,
            draft,
            seated,
            by_name,
            words: None,
            blockers: None,
            tick: OnceCell::new(),
            values: BTreeMap::new(),
            pieces: Vec::new(),
        }
    }

    fn find(&self, wish: &Wish) -> Result<&'a Seated, Reason> {
        let named = self.by_name.get(&(&wish.about, &wish.field)).map(Vec::as_slice);
        match named {
            Some([at]) => return Ok(&self.seated[*at]),
            Some(_) => return Err(Reason::Ambiguous),
            None => {}
        }
        // A header may be written `Notes` where others say `notes`.
        let Field::Extra(wanted) = &wish.field else { return Err(Reason::Absent) };
        let mut alike = self.seated.iter().filter(|seated| {
            let named = matches!(&seated.field, Field::Extra(name) if name.eq_ignore_ascii_case(wanted));
            named && seated.about == wish.about
        });
        let first = alike.next().ok_or(Reason::Absent)?;
        if alike.next().is_some() { Err(Reason::Ambiguous) } else { Ok(first) }
    }

    fn write(&mut self, wish: &Wish) -> Result<(), Reason> {
        let seated = self.find(wish)?;
        let already = match (&seated.content, &wish.content) {
            (Some(now), wished) => says(Reads::Freely, &wish.field, now, wished),
            (None, Content::Status { state, blocked, word: None }) => said(*state, *blocked) == Said::Open,
            (None, wished) => is_nothing(wished),
        };
        if already {
            return Ok(());
        }
        match (&seated.seat, &wish.content) {
            (Seat::Nowhere(_), _) => Err(Reason::Ambiguous),
            (Seat::Mark(span), Content::Ticked(ticked)) => {
                let text = if *ticked { self.tick() } else { " " }.to_owned();
                self.pieces.push(TextEdit { span: *span, text });
                Ok(())
            }
            (Seat::Piece(span), content) => {
                let now = self.slice(*span);
                let text = match content {
                    Content::Status { .. } => self.words().rewritten(now, content, None)?,
                    Content::Number(number) => super::numbers::in_style(*number, now),
                    Content::Text(text) => {
                        let labelled = self.text[..span.start as usize].trim_end().ends_with(':');
                        let text = values::in_brackets(text)?;
                        // Without a label, only what looks like a name is one.
                        let named = labelled || wish.field != Field::Owner || people::are_names(&text);
                        if named { text } else { format!("Owner: {text}") }
                    }
                    _ => return Err(Reason::Kind),
                };
                self.pieces.push(TextEdit { span: *span, text });
                Ok(())
            }
            (Seat::Behind { at, remark }, Content::Text(digest)) => {
                let edit = values::remark(self.text, *at, *remark, digest)?;
                self.pieces.push(edit);
                Ok(())
            }
            (Seat::Value { span, column }, content) => {
                let now = self.value(*span);
                let text = match content {
                    Content::Status { .. } => self.words().rewritten(&now, content, *column)?,
                    Content::Number(number) if wish.field == Field::Percent => {
                        let sample = || self.sample(&Field::Percent, *column);
                        values::percentage(&now, *number, sample)?
                    }
                    Content::Number(number) => values::number(&now, *number)?,
                    Content::Text(text) => {
                        let empty = || self.emptiness(&wish.field, *column);
                        values::text(&now, text, column.is_some(), empty)?
                    }
                    _ => return Err(Reason::Kind),
                };
                self.values.insert(*span, (text, *column));
                Ok(())
            }
            (Seat::Lists { needs, blockers }, Content::List(wished)) => {
                let now = match &seated.content {
                    Some(Content::List(now)) => now.as_slice(),
                    _ => &[],
                };
                let sides =
                    [needs, blockers].map(|side| side.map(|(span, column)| (span, self.value(span), column)));
                let rewritten = self.blockers().rewritten(now, wished, &sides)?;
                for (side, text) in sides.into_iter().zip(rewritten) {
                    if let Some(((span, _, column), mut text)) = side.zip(text) {
                        if text.is_empty() {
                            text = self.emptiness(&Field::Blockers, column);
                        }
                        self.values.insert(span, (text, column));
                    }
                }
                Ok(())
            }
            _ => Err(Reason::Kind),
        }
    }

    fn edits(self) -> impl Iterator<Item = TextEdit> {
        let mut tables = Tables::new(self.text);
        let edits: Vec<TextEdit> = self
            .values
            .into_iter()
            .map(|(span, (text, column))| match column {
                Some((head, number)) => tables.edit(Cell { span, head, number }, text),
                None => values::labelled(self.text, span, text),
            })
            .collect();
        edits.into_iter().chain(self.pieces)
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// What a value says after the wishes so far.
    fn value(&self, span: Span) -> String {
        match self.values.get(&span) {
            Some((text, _)) => text.clone(),
            None => self.slice(span).to_owned(),
        }
    }

    fn words(&mut self) -> &Words<'a> {
        self.words.get_or_insert_with(|| Words::new(self.text, self.seated))
    }

    fn blockers(&mut self) -> &Blockers<'a> {
        self.blockers.get_or_insert_with(|| Blockers::new(self.draft))
    }

    /// The sign that ticks a box here: the one that most ticked boxes have.
    fn tick(&self) -> &'a str {
        self.tick.get_or_init(|| self.most_frequent_tick())
    }

    fn most_frequent_tick(&self) -> &'a str {
        let ticked = self.seated.iter().filter_map(|seated| match (&seated.seat, &seated.content) {
            (Seat::Mark(span), Some(Content::Ticked(true))) => Some(self.slice(*span)),
            _ => None,
        });
        let mut counts: Vec<(&str, usize)> = vec![("x", 0)];
        for sign in ticked {
            match counts.iter_mut().find(|(known, _)| *known == sign) {
                Some((_, count)) => *count += 1,
                None => counts.push((sign, 1)),
            }
        }
        // Of two as frequent, the first: `x` unless the document prefers another.
        counts.iter().rev().max_by_key(|(_, count)| *count).map_or("x", |(sign, _)| sign)
    }

    /// The text of another value of the same kind: of the same column, where there is one.
    fn sample(&self, field: &Field, column: Option<(Span, usize)>) -> Option<&'a str> {
        let mut alike = self.seated.iter().filter_map(|seated| match &seated.seat {
            Seat::Value { span, column: theirs } if seated.field == *field && *theirs == column => {
                Some(self.slice(*span))
            }
            _ => None,
        });
        alike.find(|text| !crate::words::is_empty(text))
    }

    /// How an empty value is written in this column; beside a label, with a word.
    fn emptiness(&self, field: &Field, column: Option<(Span, usize)>) -> String {
        let theirs = |seat: &Seat| match seat {
            Seat::Value { span, column } => Some((*span, *column)),
            Seat::Lists { needs, blockers } => needs.or(*blockers),
            _ => None,
        };
        let mut alike = self
            .seated
            .iter()
            .filter(|seated| seated.field == *field)
            .filter_map(|seated| theirs(&seated.seat).filter(|(_, theirs)| *theirs == column))
            .map(|(span, _)| self.slice(span));
        match alike.find(|text| crate::words::is_empty(text)) {
            Some(text) => text.to_owned(),
            None if *field == Field::Blockers => "None".to_owned(),
            None if column.is_some() => String::new(),
            None => "None".to_owned(),
        }
    }
}
