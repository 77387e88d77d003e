//! The plan as it is written: every row, item and sentence of it with the words that point at it, and the
//! figures and dates it states. What a report says of the plan's own facts is looked up here by its words,
//! where the plan's structure alone does not say what is spoken of.

pub(super) mod facts;
mod find;
mod fits;
mod jobs;
mod rows;
mod times;
mod told;

use find::Found;
pub(super) use fits::ByRoots;

use std::collections::HashMap;

use jiff::civil::Date;
use model::draft::Draft;

use crate::reading::Reading;
use crate::statements::Figured;
use crate::statements::clauses::sentences;
use crate::statements::figures::Figure;
use crate::statements::passages::{Passage, Place, Report};
use crate::statements::roots::{Root, Roots};
use crate::statements::tables::{Column, columns_of};
use crate::statements::tokens::{Kind, Lexer, Token};
use crate::statements::words::Words;

/// The documents of the plans, cut into entries.
pub(super) struct Book {
    pub(super) roots: Roots,
    pub(super) documents: Vec<Document>,
    pub(super) entries: Vec<Entry>,
    /// The entries that a root points at.
    by_root: Vec<Vec<usize>>,
    /// How much each root tells.
    weights: Vec<f64>,
    /// The entries of each line.
    by_line: HashMap<(usize, u32), Vec<usize>>,
}

/// One plan document.
pub(super) struct Document {
    pub(super) report: Report,
    pub(super) figures: Vec<Figure>,
    /// Where its lines begin.
    lines: Vec<usize>,
}

/// A row, an item, a heading or a sentence of a plan.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) document: usize,
    pub(super) line: u32,
    /// What it says.
    pub(super) words: Vec<Root>,
    /// What names it: the first cells of a row, the item up to its first colon.
    pub(super) name: Vec<Root>,
    /// The keys it begins with.
    pub(super) keys: Vec<Root>,
    /// What stands above it: headers, headings, the item it belongs to.
    pub(super) context: Vec<Root>,
    /// Its figures, as positions in [`Document::figures`], with what they stand under.
    pub(super) figures: Vec<(usize, Column)>,
    pub(super) dates: Vec<Date>,
    /// The cells of a row, by position among the passages.
    pub(super) cells: Vec<(usize, Column)>,
    /// Whether it is about a risk.
    pub(super) risk: bool,
    /// The task it is about, by position among the tasks of all plans.
    pub(super) task: Option<u32>,
    /// Its passage, and the tokens of it that are its own.
    pub(super) place: (usize, std::ops::Range<usize>),
}

impl Book {
    pub(super) fn of(plans: &[(&str, &Reading)], lexer: &Lexer, known: &Figured) -> Self {
        let mut book = Self {
            roots: Roots::default(),
            documents: Vec::new(),
            entries: Vec::new(),
            by_root: Vec::new(),
            weights: Vec::new(),
            by_line: HashMap::new(),
        };
        let mut task = 0;
        for (at, (_, reading)) in plans.iter().enumerate() {
            let report = Report::read(&reading.text, lexer);
            let figures = super::told(&reading.text, &report, known);
            let lines = std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', reading.text.as_bytes()).map(|at| at + 1));
            book.documents.push(Document { report, figures, lines: lines.collect() });
            let first = book.entries.len();
            book.enter(at);
            book.tasks(first, &reading.draft, task);
            task += reading.draft.tasks.len() as u32;
        }
        for (at, entry) in book.entries.iter().enumerate() {
            book.by_line.entry((entry.document, entry.line)).or_default().push(at);
            for root in &entry.words {
                let root = *root as usize;
                if book.by_root.len() <= root {
                    book.by_root.resize(root + 1, Vec::new());
                }
                book.by_root[root].push(at);
            }
        }
        let all = book.entries.len() as f64;
        let weight = |having: &Vec<usize>| (1.0 + all / (having.len() as f64).max(0.5)).ln();
        book.weights = book.by_root.iter().map(weight).collect();
        book
    }

    /// Makes the entries of a document.
    fn enter(&mut self, document: usize) {
        let report = &self.documents[document].report;
        let mut made = Vec::new();
        for (at, passage) in report.passages.iter().enumerate() {
            match passage.place {
                Place::Cell { table, row, .. } => {
                    let shape = &report.tables[table];
                    if shape.rows.get(row).and_then(|cells| cells.first()) == Some(&at) {
                        made.push(self.row(document, table, row));
                    }
                }
                Place::Heading(_) | Place::Item(_) => {
                    made.push(self.stretch(document, at, 0..passage.tokens.len()))
                }
                Place::Paragraph => {
                    for sentence in sentences(&passage.tokens) {
                        made.push(self.stretch(document, at, sentence));
                    }
                }
            }
        }
        self.entries.extend(made);
    }

    fn row(&self, document: usize, table: usize, row: usize) -> Entry {
        let report = &self.documents[document].report;
        let shape = &report.tables[table];
        let columns = columns(columns_of(report, table), &shape.header);
        let mut entry = Entry { document, ..Entry::default() };
        for (column, cell) in shape.rows[row].iter().enumerate() {
            let kind = columns.get(column).copied().unwrap_or(Column::Other);
            let passage = &report.passages[*cell];
            self.take(&mut entry, passage, 0..passage.tokens.len(), *cell, kind);
            if kind == Column::Name {
                self.name(&mut entry, &passage.tokens);
            }
            entry.cells.push((*cell, kind));
        }
        for header in &shape.header {
            join(&mut entry.context, self.roots.all(header));
        }
        let first = shape.rows[row][0];
        entry.place = (first, 0..report.passages[first].tokens.len());
        self.context(&mut entry, first);
        self.settle(
            &mut entry,
            shape.rows[row].iter().find_map(|cell| report.passages[*cell].tokens.first()),
        );
        entry
    }

    fn stretch(&self, document: usize, at: usize, range: std::ops::Range<usize>) -> Entry {
        let passage = &self.documents[document].report.passages[at];
        let mut entry = Entry { document, place: (at, range.clone()), ..Entry::default() };
        self.take(&mut entry, passage, range.clone(), at, Column::Other);
        let tokens = &passage.tokens[range];
        let ends = |token: &Token| {
            token.is_sign(':') || token.is_sign('(') || token.is_sign(',') || token.is_sign('–')
        };
        // "M1, 29 January: slab cured": a key and a date name nothing.
        let names = |token: &&Token| date(token).is_none() && self.roots.key(token).is_none();
        let telling = |end: &usize| {
            let own: Vec<&Token> = tokens[..*end].iter().filter(names).collect();
            self.roots.all(&own).len()
        };
        let end = (0..tokens.len()).filter(|at| ends(&tokens[*at])).find(|end| {
            let enough = if tokens[*end].is_sign(':') { 1 } else { 2 };
            telling(end) >= enough
        });
        self.name(&mut entry, &tokens[..end.unwrap_or(tokens.len())]);
        if entry.name.is_empty() {
            entry.name.clone_from(&entry.words);
        }
        self.context(&mut entry, at);
        self.settle(&mut entry, tokens.first());
        entry
    }

    /// Takes what names an entry apart from its keys.
    fn name(&self, entry: &mut Entry, tokens: &[Token]) {
        let keys = tokens.iter().take(2).filter_map(|token| self.roots.key(token));
        join(&mut entry.keys, keys.collect());
        let dateless: Vec<&Token> = tokens.iter().filter(|token| date(token).is_none()).collect();
        let named = self.roots.all(&dateless).into_iter().filter(|root| !entry.keys.contains(root)).collect();
        join(&mut entry.name, named);
    }

    /// Takes in what a stretch of a passage says.
    fn take(
        &self,
        entry: &mut Entry,
        passage: &Passage,
        range: std::ops::Range<usize>,
        at: usize,
        kind: Column,
    ) {
        let document = &self.documents[entry.document];
        join(&mut entry.words, self.roots.with_numbers(&passage.tokens[range.clone()]));
        entry.dates.extend(passage.tokens[range.clone()].iter().filter_map(date));
        let from = document.figures.partition_point(|figure| figure.place.0 < at);
        let own =
            document.figures.iter().enumerate().skip(from).take_while(|(_, figure)| figure.place.0 == at);
        let own = own.filter(|(_, figure)| range.contains(&figure.tokens.start));
        entry.figures.extend(own.map(|(at, _)| (at, kind)));
    }

    fn context(&self, entry: &mut Entry, at: usize) {
        let report = &self.documents[entry.document].report;
        let passage = &report.passages[at];
        for heading in report.headings(passage) {
            join(&mut entry.context, self.roots.all(&heading.tokens));
        }
        if let Some(above) = passage.above {
            join(&mut entry.context, self.roots.all(&report.passages[above].tokens));
        }
    }

    fn settle(&self, entry: &mut Entry, first: Option<&Token>) {
        if let Some(first) = first {
            let lines = &self.documents[entry.document].lines;
            entry.line = lines.partition_point(|line| *line <= first.span.start as usize) as u32;
        }
    }

    /// Says which entries are about tasks.
    fn tasks(&mut self, first: usize, draft: &Draft, number: u32) {
        let by_line: HashMap<u32, u32> =
            draft.tasks.iter().enumerate().map(|(at, task)| (task.line, number + at as u32)).collect();
        let risks: std::collections::HashSet<u32> = draft.risks.iter().map(|risk| risk.line).collect();
        for entry in &mut self.entries[first..] {
            entry.risk = risks.contains(&entry.line);
            entry.task = by_line.get(&entry.line).copied();
        }
    }

    /// The entries that stand on the line of a yardstick.
    fn beside(&self, yardstick: &super::yardsticks::Yardstick) -> impl Iterator<Item = &Entry> {
        let places = self.by_line.get(&(yardstick.document, yardstick.line));
        places.into_iter().flatten().map(|at| &self.entries[*at])
    }

    /// How much a root tells: what few entries have tells most.
    pub(super) fn weight(&self, root: Root) -> f64 {
        let unknown = || (1.0 + self.entries.len() as f64 / 0.5).ln();
        self.weights.get(root as usize).copied().unwrap_or_else(unknown)
    }
}

/// A date that a token names.
pub(super) fn date(token: &Token) -> Option<Date> {
    match token.kind {
        Kind::Date(date) => Some(date),
        _ => None,
    }
}

/// Adds roots that are not there yet.
pub(super) fn join(known: &mut Vec<Root>, more: Vec<Root>) {
    for root in more {
        if !known.contains(&root) {
            known.push(root);
        }
    }
}

/// Headers below which stands what a row of a plan is about.
const NAMES: Words<'_> = Words::of(&[
    "title",
    "description",
    "risk",
    "decision",
    "assumption",
    "milestone",
    "requirement",
    "subject",
    "topic",
    "part",
    "event",
    "object",
    "activity",
    "feature",
]);

/// What stands below the headers of a plan: beside "Now", "Then" is what is wanted.
fn columns(columns: &[Column], header: &[Vec<Token>]) -> Vec<Column> {
    let now = columns.contains(&Column::Now);
    let kind = |(column, header): (&Column, &Vec<Token>)| match column {
        Column::Before if now && header.iter().any(|token| token.is("then")) => Column::Wanted,
        Column::Other | Column::Note if header.iter().any(|token| token.is_in(NAMES)) => Column::Name,
        other => *other,
    };
    columns.iter().zip(header).map(kind).collect()
}
