//! The log: one sentence for each event, day by day, newest last unless asked otherwise.

use std::collections::{BTreeSet, VecDeque};

use jiff::Timestamp;
use model::gate::Subject;
use model::ids::Seq;
use serde::Serialize;

use crate::history::{self, Entry};
use crate::look::{Head, Look};
use crate::page::{Answer, Page, Tone};
use crate::record::Record;
use crate::sentences::Names;
use crate::words::{Who, count_of};

/// Which events somebody wants to see. The default wants all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Only those after this place in the stream.
    pub after: Option<Seq>,
    /// Only those at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those before this moment.
    pub until: Option<Timestamp>,
    /// Only those about this.
    pub about: Option<Subject>,
    /// Only those by somebody whose name contains this, letter case aside.
    pub by: Option<String>,
    /// Only these kinds: `task_claimed`. Nothing stands for all.
    pub kinds: Vec<String>,
    /// Only the last so many.
    pub last: Option<usize>,
    /// Newest first.
    pub reverse: bool,
}

/// Folds a stream into the log.
#[derive(Debug, Clone)]
pub struct LogView<'a> {
    look: Look<'a>,
    filter: Filter,
    names: Names<'a>,
    entries: VecDeque<Entry>,
    passed: usize,
    kinds: BTreeSet<&'static str>,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Log<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
    /// How many more fit, but are older than what was asked for.
    pub older: usize,
    /// Whether the newest come first.
    pub newest_first: bool,
}

impl<'a> LogView<'a> {
    /// A log of what fits, so far empty.
    pub fn new(look: &Look<'a>, filter: Filter) -> Self {
        let filter = Filter { by: filter.by.map(|by| by.to_lowercase()), ..filter };
        Self {
            look: *look,
            filter,
            names: Names::new(look.plan),
            entries: VecDeque::new(),
            passed: 0,
            kinds: BTreeSet::new(),
        }
    }

    /// Looks at one event; they come in order, from the first, so that every name is known.
    pub fn see(&mut self, record: &Record<'_>) {
        self.names.see(record.event);
        self.kinds.insert(record.event.kind());
        if !self.fits(record) {
            return;
        }
        self.entries.push_back(Entry::of(&self.names, record));
        if self.filter.last.is_some_and(|last| self.entries.len() > last) {
            self.entries.pop_front();
            self.passed += 1;
        }
    }

    fn fits(&self, record: &Record<'_>) -> bool {
        let Filter { after, since, until, about, by, kinds, .. } = &self.filter;
        after.is_none_or(|after| record.seq > after)
            && since.is_none_or(|since| record.at >= since)
            && until.is_none_or(|until| record.at < until)
            && (kinds.is_empty() || kinds.iter().any(|kind| kind == record.event.kind()))
            && by.as_ref().is_none_or(|by| Who::from(record.by).plain().to_lowercase().contains(by))
            && about.is_none_or(|about| self.names.subject_of(record.event) == Some(about))
    }

    /// Every kind of event there was, whether or not it fits.
    pub fn kinds(&self) -> &BTreeSet<&'static str> {
        &self.kinds
    }

    /// The log.
    pub fn answer(self) -> Log<'a> {
        let mut entries: Vec<Entry> = self.entries.into();
        if self.filter.reverse {
            entries.reverse();
        }
        Log { plan: self.look.head(), entries, older: self.passed, newest_first: self.filter.reverse }
    }
}

impl Answer for Log<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.entries.is_empty() {
            page.paragraph("nothing of that kind has happened");
        }
        let older = Tone::Faint.cell(format!("{} before these", count_of(self.older, "event")));
        if self.older > 0 && !self.newest_first {
            page.paragraph(older.clone());
        }
        page.table(history::by_day(&self.entries));
        if self.older > 0 && self.newest_first {
            page.paragraph(older);
        }
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};

    fn told(world: &World, filter: Filter) -> Log<'_> {
        let mut view = LogView::new(&world.look(), filter);
        world.records().for_each(|record| view.see(&record));
        view.answer()
    }

    fn busy() -> World {
        let mut world = World::adopt(RELEASE);
        world.later(1).claims("Rae", "7.3").later(1).claims("Bo", "7.2");
        world
    }

    #[test]
    fn the_last_few_are_shown_and_the_rest_counted() {
        check(
            &told(&busy(), Filter { last: Some(2), ..Filter::default() }),
            "
13 events before these

| Day | UTC | # | Who | What |
| --- | --- | ---: | --- | --- |
| **Thu 2031-05-01** | 10:00 | 14 | Rae [declared] | claimed `7.3` |
|  | 11:00 | 15 | Bo [declared] | claimed `7.2` |
",
        );
    }

    #[test]
    fn filters_narrow_down() {
        let world = busy();
        let seqs =
            |filter: Filter| told(&world, filter).entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>();
        assert_eq!(seqs(Filter { by: Some("RAE".to_owned()), ..Filter::default() }), [14]);
        assert_eq!(seqs(Filter { after: Some(Seq(14)), ..Filter::default() }), [15]);
        assert_eq!(seqs(Filter { since: Some(world.now), ..Filter::default() }), [15]);
        assert_eq!(seqs(Filter { kinds: vec!["task_claimed".to_owned()], ..Filter::default() }), [14, 15]);
        assert_eq!(seqs(Filter { until: Some(world.now), last: Some(1), ..Filter::default() }), [14]);
        assert_eq!(seqs(Filter { last: Some(2), reverse: true, ..Filter::default() }), [15, 14]);
        let about = Some(Subject::Task(world.task("7.2")));
        assert_eq!(seqs(Filter { about, ..Filter::default() }), [6, 15]);
        check(
            &told(&world, Filter { by: Some("nobody".to_owned()), ..Filter::default() }),
            "nothing of that kind has happened",
        );
    }
}
