//! History as sentences: entries of the log, and which events belong to which task.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::gate::Subject;
use model::ids::{Seq, TaskId};
use model::plan::Plan;
use serde::Serialize;

use crate::page::{Cell, Column, Table, Tone};
use crate::record::Record;
use crate::sentences::{Names, doer, sentence};
use crate::words::{Who, moment};

/// One event, told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its place in the stream.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: Who,
    /// The event's kind: `task_claimed`.
    pub kind: &'static str,
    /// The command it came from.
    pub command: String,
    /// What it is about: a task's key, a gate's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What was done, without the name: "claimed `7.3`".
    pub text: String,
    /// The name as it stands before the text, marked where it rests on a word alone.
    #[serde(skip)]
    pub doer: String,
}

impl Entry {
    /// Tells an event.
    pub fn of(names: &Names<'_>, record: &Record<'_>) -> Self {
        Self {
            seq: record.seq,
            at: record.at,
            by: Who::from(record.by),
            kind: record.event.kind(),
            command: record.cause.command.clone(),
            about: names.subject_of(record.event).map(|subject| names.subject(subject)),
            text: sentence(names, record),
            doer: doer(record),
        }
    }
}

/// Entries as a table.
pub fn table(entries: &[Entry]) -> Table {
    let mut table =
        Table::new([Column::number("#"), Column::whole("When"), Column::whole("Who"), Column::text("What")]);
    for entry in entries {
        table.row([
            Tone::Faint.cell(entry.seq.to_string()),
            Tone::Faint.cell(moment(entry.at)),
            Cell::from(entry.doer.as_str()),
            Cell::from(entry.text.as_str()),
        ]);
    }
    table
}

/// Entries as a table in which each day stands once.
pub fn by_day(entries: &[Entry]) -> Table {
    let mut table = Table::new([
        Column::whole("Day"),
        Column::whole("UTC"),
        Column::number("#"),
        Column::whole("Who"),
        Column::text("What"),
    ]);
    let mut last = None;
    for entry in entries {
        let at = entry.at.to_zoned(TimeZone::UTC);
        let again = last.replace(at.date()) == Some(at.date());
        let day = if again { String::new() } else { at.strftime("%a %Y-%m-%d").to_string() };
        table.row([
            Tone::Strong.cell(day),
            Tone::Faint.cell(at.strftime("%H:%M").to_string()),
            Tone::Faint.cell(entry.seq.to_string()),
            Cell::from(entry.doer.as_str()),
            Cell::from(entry.text.as_str()),
        ]);
    }
    table
}

/// Picks the events about one task out of a stream.
#[derive(Debug, Clone)]
pub struct TaskHistory<'a> {
    names: Names<'a>,
    task: TaskId,
    entries: Vec<Entry>,
}

impl<'a> TaskHistory<'a> {
    /// The history of this task, so far empty.
    pub fn of(plan: &'a Plan, task: TaskId) -> Self {
        Self { names: Names::new(plan), task, entries: Vec::new() }
    }

    /// Looks at one event; they come in order.
    pub fn see(&mut self, record: &Record<'_>) {
        self.names.see(record.event);
        if self.names.subject_of(record.event) == Some(Subject::Task(self.task)) {
            self.entries.push(Entry::of(&self.names, record));
        }
    }

    /// What was picked.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Ids of which every event about this task contains at least one in its stored text, so that
    /// whoever reads a long stream need not decode the rest of it.
    pub fn ids(&self) -> Vec<String> {
        let plan = self.names.plan();
        let mut ids = vec![self.task.to_string()];
        if let Some(task) = plan.task(self.task) {
            ids.extend(task.gate.checks.iter().map(|check| check.id.to_string()));
        }
        let waivers = plan.waivers.iter().filter(|waiver| waiver.subject == Subject::Task(self.task));
        ids.extend(waivers.map(|waiver| waiver.id.to_string()));
        if plan.rebaselines.iter().any(|known| known.task == self.task) {
            ids.push("rebaseline_approved".to_owned());
        }
        ids
    }
}
