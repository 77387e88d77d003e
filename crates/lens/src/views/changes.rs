//! What has happened since an event or a moment, gathered by what it is about.

use std::collections::HashMap;

use jiff::Timestamp;
use model::event::Event;
use model::gate::Subject;
use model::ids::Seq;
use model::standing::Standings;
use serde::Serialize;

use crate::history::{self, Entry};
use crate::look::{Head, Look};
use crate::page::{Answer, Page, Tone};
use crate::record::Record;
use crate::sentences::Names;
use crate::words::{count_of, moment};

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// After this event.
    Seq(Seq),
    /// At this moment or later.
    At(Timestamp),
}

/// Folds a stream into changes.
#[derive(Debug)]
pub struct ChangesView<'a> {
    look: Look<'a>,
    since: Mark,
    standings: Standings<'a>,
    names: Names<'a>,
    groups: Vec<Group<'a>>,
    places: HashMap<Option<Subject>, usize>,
    tally: Moves,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changes<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// Since when.
    pub since: Mark,
    /// How often tasks moved.
    pub moves: Moves,
    /// What happened, by what it is about, in the order it was first touched.
    pub groups: Vec<Group<'a>>,
}

/// How often tasks moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// All events.
    pub events: usize,
    /// Tasks added.
    pub added: usize,
    /// Tasks begun.
    pub started: usize,
    /// Claims.
    pub claimed: usize,
    /// Verifications.
    pub verified: usize,
    /// Reopened tasks.
    pub reopened: usize,
    /// Tasks given up.
    pub dropped: usize,
    /// Checks that were run.
    pub checks: usize,
}

/// What happened to one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group<'a> {
    /// A task's key or a gate's name; nothing for the plan as a whole.
    pub about: Option<String>,
    /// A task's title.
    pub title: Option<&'a str>,
    /// How a task stands now.
    pub standing: Option<&'static str>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

impl<'a> ChangesView<'a> {
    /// Changes since then, so far none.
    pub fn new(look: &Look<'a>, since: Mark) -> Self {
        Self {
            look: *look,
            since,
            standings: Standings::new(look.plan, look.now),
            names: Names::new(look.plan),
            groups: Vec::new(),
            places: HashMap::new(),
            tally: Moves::default(),
        }
    }

    /// Looks at one event; they come in order, from the first, so that every name is known.
    pub fn see(&mut self, record: &Record<'_>) {
        self.names.see(record.event);
        let wanted = match self.since {
            Mark::Seq(seq) => record.seq > seq,
            Mark::At(at) => record.at >= at,
        };
        if !wanted {
            return;
        }
        self.tally.count(record.event);
        let subject = self.names.subject_of(record.event);
        let place = *self.places.entry(subject).or_insert_with(|| {
            let task = match subject {
                Some(Subject::Task(id)) => self.look.plan.task(id),
                _ => None,
            };
            self.groups.push(Group {
                about: subject.map(|subject| self.names.subject(subject)),
                title: task.map(|task| task.title.as_str()),
                standing: task.map(|task| self.standings.of(task).as_str()),
                entries: Vec::new(),
            });
            self.groups.len() - 1
        });
        self.groups[place].entries.push(Entry::of(&self.names, record));
    }

    /// What has happened.
    pub fn answer(self) -> Changes<'a> {
        Changes { plan: self.look.head(), since: self.since, moves: self.tally, groups: self.groups }
    }
}

impl Moves {
    fn count(&mut self, event: &Event) {
        self.events += 1;
        let slot = match event {
            Event::TaskAdded(_) => &mut self.added,
            Event::TaskStarted { .. } => &mut self.started,
            Event::TaskClaimed { .. } => &mut self.claimed,
            Event::TaskVerified { .. } => &mut self.verified,
            Event::TaskReopened { .. } => &mut self.reopened,
            Event::TaskDropped { .. } => &mut self.dropped,
            Event::VerdictRecorded(_) => &mut self.checks,
            _ => return,
        };
        *slot += 1;
    }

    fn text(&self) -> String {
        let parts = [
            (self.added, "added"),
            (self.started, "started"),
            (self.claimed, "claimed"),
            (self.verified, "verified"),
            (self.reopened, "reopened"),
            (self.dropped, "dropped"),
        ];
        let mut parts: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if self.checks > 0 {
            parts.push(format!("{} run", count_of(self.checks, "check")));
        }
        let events = count_of(self.events, "event");
        if parts.is_empty() { events } else { format!("{events}: {}", parts.join(", ")) }
    }
}

impl Answer for Changes<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let since = match self.since {
            Mark::Seq(seq) => format!("event {seq}"),
            Mark::At(at) => moment(at),
        };
        page.paragraph(format!("since {since}: {}", self.moves.text()));
        for group in &self.groups {
            let name = match (&group.about, group.title, group.standing) {
                (Some(about), Some(title), Some(standing)) => format!("{about}  {title}: {standing}"),
                (Some(about), ..) => about.clone(),
                (None, ..) => "the plan".to_owned(),
            };
            page.paragraph(Tone::Strong.cell(name));
            page.table(history::table(&group.entries));
        }
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};
    use model::check::Outcome;

    #[test]
    fn changes_are_gathered_by_what_they_are_about() {
        let mut world = World::adopt(RELEASE);
        let mark = world.plan.seq;
        world.later(24).claims("Rae", "7.3").claims("Bo", "7.2");
        world.ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20");
        let of = |since| {
            let mut view = ChangesView::new(&world.look(), since);
            world.records().for_each(|record| view.see(&record));
            view.answer()
        };
        check(
            &of(Mark::Seq(mark)),
            "
since event 13: 3 events: 2 claimed, 1 check run

7.3  Code quality: refuted

| # | When | Who | What |
| ---: | --- | --- | --- |
| 14 | 2031-05-02 09:00 UTC | Rae [declared] | claimed `7.3` |
| 16 | 2031-05-02 09:00 UTC | countersign | ran check `clippy` of `7.3`: fail, clippy_warnings is 34, target < 20 (evidence 8a340f0d) |

7.2  Configuration: claimed, no evidence

| # | When | Who | What |
| ---: | --- | --- | --- |
| 15 | 2031-05-02 09:00 UTC | Bo [declared] | claimed `7.2` |
",
        );
        assert_eq!(of(Mark::At(world.now)).moves.events, 3);
        let later = world.now + jiff::SignedDuration::from_secs(1);
        check(&of(Mark::At(later)), "since 2031-05-02 09:00 UTC: 0 events");
    }
}
