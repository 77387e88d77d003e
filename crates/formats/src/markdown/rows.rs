//! Rows: each becomes exactly one entry, or a note.

use model::diagnostic::Span;
use model::draft::{DraftEntry, DraftMilestone, DraftNote, DraftOwner, DraftTask, TaskKind};
use model::ids::Key;

use super::items::mark;
use super::places::What;
use super::reader::Reader;
use super::tables::{Shape, Table, split};
use super::tasks::{kind_of, one_text};
use crate::words::fields::Field;
use crate::words::plain::{plain, without_emoji};
use crate::words::{amounts, due, is_empty, keys, status};

impl<'a> Reader<'a> {
    /// Reads one row of the table under way.
    pub(super) fn read_row(&mut self, row: Span) {
        let Some(mut table) = self.table.take() else { return };
        let raw = self.slice(row);
        let row = Span::new(row.start as usize, row.start as usize + raw.trim_end().len());
        let mut cells = std::mem::take(&mut table.cells);
        split(raw, &mut cells);
        self.ragged(row, cells.len(), table.columns.len(), table.head);
        cells.resize(table.columns.len(), "");
        table.cells = cells;
        self.row(&table, row, raw);
        self.table = Some(table);
    }

    fn row(&mut self, table: &Table<'a>, row: Span, raw: &'a str) {
        let total = table.cells.first().is_some_and(|cell| is_total(cell));
        let title = table.title.map_or("", |at| table.cells[at]);
        if total
            || table.shape == Shape::Notes
            || is_empty(title) && !(table.shape == Shape::Tasks && has_key(table))
        {
            return self.row_note(row, raw);
        }
        match table.shape {
            Shape::Tasks => self.task_row(table, row),
            Shape::Risks => self.risk_row(table, row),
            Shape::Owners => self.owner_row(table, row),
            Shape::Metrics if table.gates => self.gate_row(table, row),
            Shape::Metrics => self.metric_row(table, row),
            Shape::Milestones => self.milestone_row(table, row),
            Shape::Criteria => self.gate_row(table, row),
            Shape::Phases => self.phase_row(table, row, raw),
            Shape::Decisions => self.decision_row(table, row),
            Shape::Assumptions => {
                let (line, text) = (self.line(row), plain(title).into_owned());
                self.draft.assumptions.push(DraftNote { text, line, span: row });
            }
            Shape::Notes => {}
        }
    }

    pub(super) fn row_note(&mut self, row: Span, raw: &str) {
        let text = raw.trim().trim_matches('|').trim();
        self.note(row, text);
    }

    fn task_row(&mut self, table: &Table<'a>, row: Span) {
        let around = self.around();
        let line = self.line(row);
        let mut title = table.title.map_or("", |at| table.cells[at]);
        // "| Task | Title |": what stands below `Task` is the key where it looks like one.
        let second = table.columns.iter().enumerate().find(|(at, column)| {
            Some(*at) != table.title && column.field == Some(Field::Title) && !is_empty(table.cells[*at])
        });
        let numbered = second.filter(|_| keys::is_key(title.trim()) && !table.has(Field::Key));
        let of_title = numbered.map(|_| plain(title));
        if let Some((at, _)) = numbered {
            title = table.cells[at];
        }
        let kind = match table.title.and_then(|at| table.columns[at].field) {
            Some(Field::Batch) => TaskKind::Batch,
            Some(Field::Story) => TaskKind::Story,
            Some(Field::Action) => TaskKind::Action,
            Some(Field::Deliverable) => TaskKind::Deliverable,
            Some(Field::Workstream) => TaskKind::Workstream,
            _ => kind_of(around.role, "", false),
        };
        let boxed = mark(title, self.place(title).start as usize);
        if let Some((_, rest)) = boxed {
            title = rest.trim();
        }
        let cell_key = table
            .column(Field::Key)
            .map(|at| plain(table.cells[at]))
            .filter(|key| is_cell_key(key))
            .or(of_title);
        let split = crate::probe::split(title);
        let flat = plain(split.as_ref().map_or(title, |split| title[..split.at].trim_end()));
        let found = keys::leading(&flat)
            .filter(|found| cell_key.is_none() && (found.separated || found.word.is_empty()));
        let author = cell_key.as_deref().or(found.as_ref().map(|found| &*found.key)).and_then(keys::key);
        let rest = if author.is_some() { found.as_ref().map_or(&*flat, |found| found.rest) } else { &*flat };
        let placeholder = Key::new("-").expect("one visible character is a key");
        let keyed = author.is_some();
        let mut task = DraftTask::new(author.unwrap_or(placeholder), kind, "", line, row);
        task.places.title = Some(self.place(title));
        self.titled(&mut task, rest, keyed);
        if let Some((mark, _)) = boxed {
            task.checked = Some(mark.ticked());
            task.places.mark = Some(mark.span);
        }
        if !keyed {
            task.key = self.generate(&task.title);
            task.key_generated = true;
            if let Some(number) = table.column(Field::Number).map(|at| plain(table.cells[at])) {
                task.extra.insert("#".to_owned(), number.into_owned());
            }
        }
        if let Some(split) = split {
            let at = self.place(title).start as usize;
            self.found.extend(split.diagnostics(at));
            task.checks = self.checks(&split.probes, at);
        }
        let at = self.push_task(task, around);
        let end = table.title.map(|title| self.place(table.cells[title]).end as usize);
        if let Some(end) = end.filter(|end| *end > 0) {
            self.note_end(at, end);
        }
        for (number, (column, cell)) in table.columns.iter().zip(&table.cells).enumerate() {
            self.column = Some((table.head, number));
            self.task_cell(at, column.field, &column.name, cell, table);
        }
        self.column = None;
        self.settle(at);
    }

    fn task_cell(&mut self, at: usize, known: Option<Field>, name: &str, cell: &'a str, table: &Table<'a>) {
        let title = table.title.and_then(|title| table.columns[title].field);
        if is_empty(cell) && (known.is_none() || known != title) {
            return self.note_empty(at, known, name, cell);
        }
        if is_empty(cell) || known.is_some() && known == title {
            return;
        }
        match known {
            Some(Field::Key | Field::Number) => {
                if self.draft.tasks[at].key_generated && known == Some(Field::Key) {
                    self.set_extra(at, name, cell);
                }
            }
            Some(Field::Percent) => match amounts::percent(cell) {
                Some((percent, number)) => {
                    let place = self.place(cell);
                    let task = &mut self.draft.tasks[at];
                    task.percent = Some(percent);
                    task.places.percent = Some(super::fields::within(place, &number));
                    self.note_place(at, What::Percent, cell);
                }
                None => match status::find(cell).filter(|_| self.draft.tasks[at].status.is_none()) {
                    Some(_) => self.set_status(at, cell),
                    None => self.set_extra(at, name, cell),
                },
            },
            Some(Field::Status) => {
                self.set_status(at, cell);
                if self.draft.tasks[at].status.is_none() {
                    self.set_extra(at, name, cell);
                }
            }
            Some(Field::Sources) => self.add_sources(at, cell),
            Some(Field::Notes) => self.set_extra(at, name, cell),
            Some(_) if !name.is_empty() => {
                self.set_field(at, name, cell);
            }
            _ if Some(name) == table.title.map(|title| table.columns[title].name.as_str()) => {}
            _ => self.set_extra(at, name, cell),
        }
    }

    fn risk_row(&mut self, table: &Table<'a>, row: Span) {
        let line = self.line(row);
        let cell = |field: Field| table.column(field).map_or("", |at| table.cells[at]);
        let flat = plain(table.title.map_or("", |at| table.cells[at]));
        let found = keys::leading(&flat).filter(|found| {
            found.word.is_empty() || found.separated && found.word.eq_ignore_ascii_case("risk")
        });
        let own = plain(cell(Field::Key));
        let author =
            if is_cell_key(&own) { Some(own.as_ref()) } else { found.as_ref().map(|found| &*found.key) };
        let rest = match (&found, is_cell_key(&own)) {
            (Some(found), false) => found.rest,
            _ => &flat,
        };
        let description = one_text(cell(Field::Title)).filter(|_| table.title != table.column(Field::Title));
        let title = if rest.is_empty() { description.clone().unwrap_or_default() } else { rest.to_owned() };
        let known = author.and_then(|key| self.risk_at.get(key)).copied();
        let known = known.filter(|known| self.draft.risks[*known].title.is_empty());
        let risk = match (known, author) {
            (Some(known), _) => known,
            (None, Some(key)) => {
                self.risk_at.remove(key);
                self.risk(key, row)
            }
            (None, None) => {
                let key = self.generate(&title);
                self.risk(key.as_str(), row)
            }
        };
        let tasks = keys::list(cell(Field::Tasks));
        let by_title = keys::list(description.as_deref().unwrap_or_default());
        let entry = &mut self.draft.risks[risk];
        entry.line = line;
        entry.span = row;
        entry.title = title;
        entry.probability = one_text(without_emoji(cell(Field::Probability)));
        entry.impact = one_text(without_emoji(cell(Field::Impact)));
        entry.status = one_text(without_emoji(cell(Field::Status)));
        entry.trend = one_text(cell(Field::Trend));
        entry.owner = one_text(cell(Field::Owner));
        entry.mitigation = one_text(cell(Field::Mitigation));
        entry.escalation = one_text(cell(Field::Escalation));
        let listed = if by_title.words.is_empty() {
            tasks.keys.iter().chain(&by_title.keys)
        } else {
            tasks.keys.iter().chain(&[])
        };
        for (key, _) in listed {
            if let Some(key) = keys::key(key).filter(|key| !entry.tasks.contains(key)) {
                entry.tasks.push(key);
            }
        }
    }

    fn owner_row(&mut self, table: &Table<'a>, row: Span) {
        let line = self.line(row);
        let cell = |field: Field| table.column(field).and_then(|at| one_text(table.cells[at]));
        self.draft.owners.push(DraftOwner {
            workstream: plain(table.title.map_or("", |at| table.cells[at])).into_owned(),
            primary: cell(Field::Owner).or_else(|| cell(Field::Role)),
            support: cell(Field::Support).or_else(|| cell(Field::Agent)),
            line,
            span: row,
        });
    }

    fn milestone_row(&mut self, table: &Table<'a>, row: Span) {
        let line = self.line(row);
        let text = plain(table.title.map_or("", |at| table.cells[at])).into_owned();
        let due = table.column(Field::Due).and_then(|at| due::read(&plain(table.cells[at])));
        self.draft.milestones.push(DraftMilestone { text, due, line, span: row });
    }

    fn phase_row(&mut self, table: &Table<'a>, row: Span, raw: &'a str) {
        let flat = plain(table.title.map_or("", |at| table.cells[at]));
        let found = keys::leading(&flat).filter(|found| found.separated && !found.word.is_empty());
        let other = table
            .columns
            .iter()
            .zip(&table.cells)
            .find(|(column, cell)| column.field.is_none() && !is_empty(cell))
            .map(|(_, cell)| plain(cell).into_owned());
        let number = flat.len() <= 3 && flat.chars().all(|c| c.is_ascii_alphanumeric());
        let (key, title) = match &found {
            Some(found) => (found.key.to_string(), found.rest.to_owned()),
            None if number => (format!("Phase {flat}"), other.unwrap_or_default()),
            None => (crate::words::plain::slug(&flat), flat.to_string()),
        };
        let window = table
            .column(Field::Window)
            .or(table.column(Field::Estimate))
            .and_then(|at| one_text(table.cells[at]));
        match keys::key(&key).filter(|key| !self.phase_at.contains_key(key.as_str())) {
            Some(key) => {
                let title = if title.is_empty() { key.as_str().to_owned() } else { title };
                let phase = self.add_phase(key, title, window, row);
                if let Some(at) = table.column(Field::Tasks) {
                    self.phase_tasks(phase, table.cells[at]);
                }
            }
            None => self.row_note(row, raw),
        }
    }

    fn decision_row(&mut self, table: &Table<'a>, row: Span) {
        let line = self.line(row);
        let cell = |field: Field| table.column(field).and_then(|at| one_text(table.cells[at]));
        let flat = plain(table.title.map_or("", |at| table.cells[at])).into_owned();
        let key = cell(Field::Key).and_then(|key| keys::key(&key));
        let due = cell(Field::Due).and_then(|text| due::read(&text));
        self.draft.decisions.push(DraftEntry {
            text: flat,
            owner: cell(Field::Owner),
            key,
            due,
            conditional: false,
            approvals: Vec::new(),
            line,
            span: row,
        });
    }
}

fn has_key(table: &Table<'_>) -> bool {
    table.column(Field::Key).is_some_and(|at| !is_empty(table.cells[at]))
}

/// Whether a cell of a key column holds a key: one word, or a word with a number.
fn is_cell_key(text: &str) -> bool {
    let text = text.trim();
    !is_empty(text)
        && text.len() <= 64
        && (!text.contains(' ') || keys::leading(text).is_some_and(|found| found.rest.is_empty()))
        && !text.bytes().all(|b| b.is_ascii_digit())
}

fn is_total(cell: &str) -> bool {
    let text = cell.trim_matches(|c: char| c == '*' || c == '_' || c == ':' || c.is_whitespace());
    ["total", "totals", "sum", "grand total", "overall"].iter().any(|word| text.eq_ignore_ascii_case(word))
}
