//! The revisions of a plan: when each was taken in, by whom, from which documents, and how much
//! it changed.

use jiff::Timestamp;
use model::digest::Digest;
use model::event::Event;
use model::ids::{Revision, Seq};
use model::plan::Source;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::record::Record;
use crate::words::{Who, moment};

/// Folds a stream into revisions.
#[derive(Debug, Clone)]
pub struct RevisionsView<'a> {
    look: Look<'a>,
    revisions: Vec<RevisionRow>,
    /// The command whose events belong to the last revision, while they last.
    open: Option<String>,
}

/// The revisions of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Revisions<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In order.
    pub revisions: Vec<RevisionRow>,
}

/// One revision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RevisionRow {
    /// Its number.
    pub revision: Revision,
    /// The revision it was made on; nothing for the first.
    pub parent: Option<Revision>,
    /// The event that began it.
    pub seq: Seq,
    /// The last event that belongs to it.
    pub last: Seq,
    /// When.
    pub at: Timestamp,
    /// Who took it in.
    pub by: Who,
    /// From which documents.
    pub sources: Vec<SourceRow>,
    /// Tasks added.
    pub added: usize,
    /// Tasks whose wording, needs or facts changed.
    pub changed: usize,
    /// Tasks that went away.
    pub dropped: usize,
    /// Boxes and status words that changed.
    pub asserted: usize,
    /// Checks added or changed.
    pub checks: usize,
    /// What it wanted looser, which waited for approval.
    pub weakenings: usize,
}

/// A document, as a revision had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRow {
    /// Its path.
    pub path: String,
    /// Digest of its bytes.
    pub digest: Digest,
}

impl<'a> RevisionsView<'a> {
    /// Revisions, so far none.
    pub fn new(look: &Look<'a>) -> Self {
        Self { look: *look, revisions: Vec::new(), open: None }
    }

    /// Looks at one event; they come in order.
    pub fn see(&mut self, record: &Record<'_>) {
        match record.event {
            Event::PlanAdopted { sources, .. } => self.begin(record, Revision(1), None, sources),
            Event::PlanRevised { revision, parent, sources, .. } => {
                self.begin(record, *revision, Some(*parent), sources);
            }
            event => {
                // What comes with a revision is recorded by the same command, right behind it.
                if self.open.as_ref() != Some(&record.cause.command) {
                    self.open = None;
                } else if let Some(row) = self.revisions.last_mut() {
                    row.last = record.seq;
                    row.count(event);
                }
            }
        }
    }

    fn begin(
        &mut self,
        record: &Record<'_>,
        revision: Revision,
        parent: Option<Revision>,
        sources: &[Source],
    ) {
        self.open = Some(record.cause.command.clone());
        self.revisions.push(RevisionRow {
            revision,
            parent,
            seq: record.seq,
            last: record.seq,
            at: record.at,
            by: Who::from(record.by),
            sources: sources
                .iter()
                .map(|source| SourceRow { path: source.path.clone(), digest: source.digest })
                .collect(),
            added: 0,
            changed: 0,
            dropped: 0,
            asserted: 0,
            checks: 0,
            weakenings: 0,
        });
    }

    /// The revisions.
    pub fn answer(self) -> Revisions<'a> {
        Revisions { plan: self.look.head(), revisions: self.revisions }
    }
}

impl RevisionRow {
    fn count(&mut self, event: &Event) {
        let slot = match event {
            Event::TaskAdded(_) => &mut self.added,
            Event::TaskChanged(_) => &mut self.changed,
            Event::TaskDropped { .. } => &mut self.dropped,
            Event::TaskAsserted { .. } => &mut self.asserted,
            Event::CheckAdded { .. } | Event::CheckChanged { .. } => &mut self.checks,
            Event::WeakeningProposed { .. } | Event::SettingsProposed { .. } => &mut self.weakenings,
            _ => return,
        };
        *slot += 1;
    }
}

impl Answer for Revisions<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::number("Revision"),
            Column::whole("When"),
            Column::whole("Who"),
            Column::text("From"),
            Column::number("Added"),
            Column::number("Changed"),
            Column::number("Dropped"),
            Column::number("Weakenings"),
        ]);
        for row in &self.revisions {
            let from: Vec<String> = row
                .sources
                .iter()
                .map(|source| format!("{} ({})", source.path, source.digest.short()))
                .collect();
            let weakenings = if row.weakenings > 0 { Tone::Warn } else { Tone::Faint };
            table.row([
                Tone::Strong.cell(row.revision.to_string()),
                Tone::Faint.cell(moment(row.at)),
                Cell::from(row.by.with_known()),
                Cell::from(from.join(", ")),
                Cell::from(row.added.to_string()),
                Cell::from(row.changed.to_string()),
                Cell::from(row.dropped.to_string()),
                weakenings.cell(row.weakenings.to_string()),
            ]);
        }
        page.table(table);
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};

    #[test]
    fn each_revision_says_how_much_it_changed() {
        let mut world = World::adopt(RELEASE);
        let looser = RELEASE
            .replace("clippy_warnings < 20", "clippy_warnings < 50")
            .replace("Configuration", "Configure");
        world.later(24).claims("Rae", "7.1").revised(&looser).claims("Rae", "7.3");
        let mut view = RevisionsView::new(&world.look());
        world.records().for_each(|record| view.see(&record));
        let answer = view.answer();
        check(
            &answer,
            "
| Revision | When | Who | From | Added | Changed | Dropped | Weakenings |
| ---: | --- | --- | --- | ---: | ---: | ---: | ---: |
| **1** | 2031-05-01 09:00 UTC | Ada [declared] | PLAN.md (7f6101d8) | 4 | 0 | 0 | 0 |
| **2** | 2031-05-02 09:00 UTC | Ada [declared] | PLAN.md (491325e7) | 0 | 1 | 0 | 1 |
",
        );
        let [first, second] = answer.revisions.as_slice() else { panic!("two revisions") };
        assert_eq!((first.seq, first.last, first.parent), (Seq(1), Seq(13), None));
        assert_eq!((second.seq, second.last), (Seq(15), Seq(17)));
    }
}
