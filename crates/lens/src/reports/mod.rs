//! Reports: named questions about a plan, answered as documents that can be handed on.
//!
//! A report is written from [`Views`]: a look at the plan, where that stands in the journal, and
//! the events up to there. It comes as a [`Page`] for people and as data for machines; files,
//! formats and the moment are the business of whoever asks. To add one: its file here, a line in
//! [`REPORTS`], and the text it must give.

pub mod briefing;
pub mod completion;
pub mod dashboard;
pub mod handoff;
pub mod status;

use std::io;

use model::digest::Digest;
use model::ids::{PlanId, Seq};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Page, Tone};
use crate::record::Record;
use crate::views::changes::Mark;
use crate::words::{count, moment};

/// Every report, in the order they are listed.
pub const REPORTS: &[&dyn Report] = &[
    &completion::Completion,
    &dashboard::Dashboard,
    &status::Status,
    &handoff::HandoffReport,
    &briefing::Briefing,
];

/// A named question about a plan.
pub trait Report: Sync {
    /// The name people ask for it by.
    fn name(&self) -> &'static str;

    /// What it answers, in one line.
    fn about(&self) -> &'static str;

    /// Answers it.
    fn write<'a>(&self, views: &Views<'a>) -> Box<dyn Written + 'a>;
}

/// Everything a report may look at.
#[derive(Clone, Copy)]
pub struct Views<'a> {
    /// The plan and the moment, now or as of some event.
    pub look: Look<'a>,
    /// The digest of the plan's last event, which ties the report to the journal.
    pub digest: Digest,
    /// The last event the journal holds; later than the plan's where the report is about the past.
    pub latest: Seq,
    /// Since when changes are told, where a report tells changes.
    pub since: Mark,
    /// What happened, up to the plan's last event.
    pub records: &'a dyn Records,
}

/// The events of a plan, in order.
pub trait Records {
    /// Shows each of them, from the first.
    fn visit(&self, see: &mut dyn FnMut(&Record<'_>));
}

/// An answer, ready to be laid out or handed to a machine.
pub trait Written {
    /// Laid out for reading.
    fn page(&self) -> Page;

    /// Written as JSON.
    fn json(&self, out: &mut dyn io::Write) -> io::Result<()>;
}

impl<A: Answer> Written for A {
    fn page(&self) -> Page {
        Answer::page(self)
    }

    fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer(out, self).map_err(io::Error::from)
    }
}

/// Where the journal stood: ties every number of a report to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct JournalHead {
    /// The plan's id.
    pub plan: PlanId,
    /// The last event the report knows.
    pub seq: Seq,
    /// Its digest, as `audit head` prints it.
    pub digest: Digest,
    /// The last event the journal holds.
    pub latest: Seq,
}

impl Views<'_> {
    /// Where the journal stood.
    pub fn journal(&self) -> JournalHead {
        let plan = self.look.plan;
        JournalHead { plan: plan.id, seq: plan.seq, digest: self.digest, latest: self.latest }
    }
}

impl JournalHead {
    /// Adds it to a page, as its last part.
    fn show(&self, page: &mut Page, plan: &Head<'_>) {
        let past = self.seq < self.latest;
        let at = if past {
            Tone::Warn.cell(format!("as it was after event {} of {}", self.seq, self.latest))
        } else {
            Cell::from(format!("event {}", self.seq))
        };
        let events = count(i64::try_from(self.seq.0).unwrap_or(i64::MAX), "event");
        page.heading("Where this comes from");
        page.facts(vec![
            ("plan", Cell::from(format!("{} revision {}", plan.key, plan.revision))),
            ("moment", Cell::from(moment(plan.now))),
            ("journal", at),
            ("audit head", Cell::from(format!("{} {} {}", self.plan, self.seq, self.digest))),
            (
                "numbers",
                Cell::from(format!("counted from {events} of the journal, unless they say otherwise")),
            ),
        ]);
    }
}

/// The report of a name, letter case aside.
pub fn find(name: &str) -> Option<&'static dyn Report> {
    REPORTS.iter().copied().find(|report| report.name().eq_ignore_ascii_case(name))
}
