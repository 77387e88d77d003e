//! What has happened since an event or a moment: what it comes to, and what led there, gathered by
//! what it is about, by who did it or by day.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use model::apply::{Stamp, apply};
use model::event::Event;
use model::gate::Subject;
use model::ids::Seq;
use model::plan::Plan;
use model::standing::{Standing, Standings};
use model::task::Task;
use serde::Serialize;

use crate::history::{self, Entry};
use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::record::Record;
use crate::sentences::Names;
use crate::words::{Who, count_of, day, moment, tone_of};

/// So many people are named; of more it is said how many.
const NAMED: usize = 5;

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// After this event.
    Seq(Seq),
    /// At this moment or later.
    At(Timestamp),
}

/// By what changes are gathered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// By what they are about.
    #[default]
    Task,
    /// By who did them.
    Person,
    /// By the day, in UTC.
    Day,
}

/// Folds a stream into changes.
#[derive(Debug)]
pub struct ChangesView<'a> {
    look: Look<'a>,
    since: Mark,
    grouping: Grouping,
    /// The plan as it was before the first of the changes.
    before: Plan,
    standings: Standings<'a>,
    names: Names<'a>,
    groups: Vec<Group>,
    places: HashMap<Gathered, usize>,
    people: BTreeSet<String>,
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
    /// The people and agents who had a hand in it.
    pub people: Vec<String>,
    /// What it comes to: tasks that stand otherwise than they did, in plan order.
    pub net: Vec<Net<'a>>,
    /// By what the groups are gathered.
    pub grouping: Grouping,
    /// What happened, in the order each group was first touched.
    pub groups: Vec<Group>,
}

/// A task that stands otherwise than it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Net<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How it stood; nothing where it was not there yet.
    pub was: Option<&'static str>,
    /// How it stands now.
    pub standing: &'static str,
    #[serde(skip)]
    tone: Tone,
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

/// Changes that belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// A task's key, a gate's name, a person, a day; nothing for the plan as a whole.
    pub about: Option<String>,
    /// A task's title.
    pub title: Option<String>,
    /// How a task stands now.
    pub standing: Option<&'static str>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// What a group is gathered under.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Gathered {
    Subject(Option<Subject>),
    Name(String),
}

impl<'a> ChangesView<'a> {
    /// Changes since then, so far none.
    pub fn new(look: &Look<'a>, since: Mark, grouping: Grouping) -> Self {
        Self {
            look: *look,
            since,
            grouping,
            before: Plan::empty(look.plan.id),
            standings: Standings::new(look.plan, look.now),
            names: Names::new(look.plan),
            groups: Vec::new(),
            places: HashMap::new(),
            people: BTreeSet::new(),
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
            // A clock that was put back does not change what came before.
            if self.tally.events == 0 {
                apply(
                    &mut self.before,
                    record.event,
                    Stamp { seq: record.seq, at: record.at, by: record.by },
                );
            }
            return;
        }
        self.tally.count(record.event);
        let who = Who::from(record.by);
        if matches!(who.kind, "person" | "agent") {
            self.people.insert(who.plain());
        }
        let subject = self.names.subject_of(record.event);
        let (gathered, about) = match self.grouping {
            Grouping::Task => {
                (Gathered::Subject(subject), subject.map(|subject| self.names.subject(subject)))
            }
            Grouping::Person => (Gathered::Name(who.plain()), Some(who.plain())),
            Grouping::Day => {
                let day = day(record.at).to_string();
                (Gathered::Name(day.clone()), Some(day))
            }
        };
        let place = *self.places.entry(gathered).or_insert_with(|| {
            let task = match (self.grouping, subject) {
                (Grouping::Task, Some(Subject::Task(id))) => self.look.plan.task(id),
                _ => None,
            };
            self.groups.push(Group {
                about,
                title: task.map(|task| task.title.clone()),
                standing: task.map(|task| self.standings.of(task).as_str()),
                entries: Vec::new(),
            });
            self.groups.len() - 1
        });
        self.groups[place].entries.push(Entry::of(&self.names, record));
    }

    /// What has happened.
    pub fn answer(self) -> Changes<'a> {
        Changes {
            net: self.net(),
            plan: self.look.head(),
            since: self.since,
            moves: self.tally,
            people: self.people.into_iter().collect(),
            grouping: self.grouping,
            groups: self.groups,
        }
    }

    /// Tasks that stand otherwise than before. What nobody touched may do so too: a waiver lapses,
    /// a need is met.
    fn net(&self) -> Vec<Net<'a>> {
        let then = match self.since {
            Mark::Seq(_) => self.before.at,
            Mark::At(at) => at,
        };
        let before = Standings::new(&self.before, then);
        let net = |task: &'a Task| {
            let was = self.before.task(task.id).map(|known| before.of(known));
            let standing = self.standings.of(task);
            (was != Some(standing)).then(|| Net {
                key: task.key.as_str(),
                title: &task.title,
                was: was.map(Standing::as_str),
                standing: standing.as_str(),
                tone: tone_of(standing),
            })
        };
        if self.tally.events == 0 && matches!(self.since, Mark::Seq(_)) {
            return Vec::new();
        }
        self.look.plan.tasks.iter().filter_map(net).collect()
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

impl Changes<'_> {
    /// Adds to a page what the changes come to, at most so many rows of it.
    pub fn show_net(&self, page: &mut Page, shown: usize) {
        page.paragraph(match self.people.as_slice() {
            [] => self.moves.text(),
            people if people.len() <= NAMED => format!("{}; by {}", self.moves.text(), people.join(", ")),
            people => format!("{}; by {}", self.moves.text(), count_of(people.len(), "hand")),
        });
        let mut net = Table::new([
            Column::whole("Task"),
            Column::text("Title"),
            Column::whole("Was"),
            Column::whole("Is now"),
        ]);
        for row in self.net.iter().take(shown) {
            net.row([
                Tone::Strong.cell(row.key),
                Cell::from(row.title),
                Tone::Faint.cell(row.was.unwrap_or("not there")),
                row.tone.cell(row.standing),
            ]);
        }
        page.table(net);
        if let Some(more) = self.net.len().checked_sub(shown).filter(|more| *more > 0) {
            page.paragraph(Tone::Faint.cell(format!("and {more} more")));
        }
    }
}

impl Answer for Changes<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let since = match self.since {
            Mark::Seq(seq) => format!("event {seq}"),
            Mark::At(at) => moment(at),
        };
        page.heading(format!("Changes since {since}"));
        self.show_net(&mut page, usize::MAX);
        for group in &self.groups {
            let name = match (&group.about, &group.title, group.standing) {
                (Some(about), Some(title), Some(standing)) => format!("{about}  {title}: {standing}"),
                (Some(about), ..) => about.clone(),
                (None, ..) => "the plan".to_owned(),
            };
            page.paragraph(Tone::Strong.cell(name));
            page.table(history::table(&without_repeats(&group.entries)));
        }
        self.plan.warn(&mut page);
        page
    }
}

/// Runs of one check are told once, by the last of them. What people did is told each time.
fn without_repeats(entries: &[Entry]) -> Vec<Entry> {
    // Up to the outcome the sentence names the check.
    let check = |entry: &Entry| {
        let name = entry.text.split(": ").next().unwrap_or_default();
        (entry.kind == "verdict_recorded").then(|| name.to_owned())
    };
    let mut runs: HashMap<String, (usize, usize)> = HashMap::new();
    for (place, entry) in entries.iter().enumerate() {
        if let Some(check) = check(entry) {
            let known = runs.entry(check).or_default();
            *known = (place, known.1 + 1);
        }
    }
    let told = |(place, entry): (usize, &Entry)| match check(entry).map(|check| runs[&check]) {
        Some((last, _)) if last != place => None,
        Some((_, times)) if times > 1 => {
            let text = format!("{}, the last of {times} runs", entry.text);
            Some(Entry { text, ..entry.clone() })
        }
        _ => Some(entry.clone()),
    };
    entries.iter().enumerate().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};
    use model::check::Outcome;

    fn of(world: &World, since: Mark, grouping: Grouping) -> Changes<'_> {
        let mut view = ChangesView::new(&world.look(), since, grouping);
        world.records().for_each(|record| view.see(&record));
        view.answer()
    }

    fn busy() -> (World, Seq) {
        let mut world = World::adopt(RELEASE);
        let mark = world.plan.seq;
        world.later(24).claims("Rae", "7.3").claims("Bo", "7.2");
        world.ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 50, target < 20");
        world.ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20");
        (world, mark)
    }

    #[test]
    fn changes_say_what_they_come_to_and_are_gathered_by_what_they_are_about() {
        let (world, mark) = busy();
        check(
            &of(&world, Mark::Seq(mark), Grouping::Task),
            "
## Changes since event 13

4 events: 2 claimed, 2 checks run; by Bo, Rae

| Task | Title | Was | Is now |
| --- | --- | --- | --- |
| **7.2** | Configuration | active | claimed, no evidence |
| **7.3** | Code quality | ready | refuted |

7.3  Code quality: refuted

| # | When | Who | What |
| ---: | --- | --- | --- |
| 14 | 2031-05-02 09:00 UTC | Rae [declared] | claimed `7.3` |
| 17 | 2031-05-02 09:00 UTC | countersign | ran check `clippy` of `7.3`: fail, clippy_warnings is 34, target < 20 (evidence 8a340f0d), the last of 2 runs |

7.2  Configuration: claimed, no evidence

| # | When | Who | What |
| ---: | --- | --- | --- |
| 15 | 2031-05-02 09:00 UTC | Bo [declared] | claimed `7.2` |
",
        );
        assert_eq!(of(&world, Mark::At(world.now), Grouping::Task).moves.events, 4);
        let later = world.now + jiff::SignedDuration::from_secs(1);
        check(
            &of(&world, Mark::At(later), Grouping::Task),
            "## Changes since 2031-05-02 09:00 UTC\n\n0 events",
        );
    }

    #[test]
    fn people_and_days_gather_too() {
        let (mut world, mark) = busy();
        world.later(24).claims("Rae", "7.1");
        let abouts = |grouping| {
            let told = of(&world, Mark::Seq(mark), grouping);
            told.groups
                .iter()
                .map(|group| (group.about.clone().unwrap_or_default(), group.entries.len()))
                .collect::<Vec<_>>()
        };
        let named = |wanted: &[(&str, usize)]| {
            wanted.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect::<Vec<_>>()
        };
        assert_eq!(abouts(Grouping::Person), named(&[("Rae", 2), ("Bo", 1), ("countersign", 2)]));
        assert_eq!(abouts(Grouping::Day), named(&[("2031-05-02", 4), ("2031-05-03", 1)]));
    }

    #[test]
    fn what_came_back_to_where_it_was_is_no_net_effect() {
        let mut world = World::adopt("# P\n- a Sand\n");
        let mark = world.plan.seq;
        let task = world.task("a");
        world.claims("Rae", "a");
        world.does("Sam", model::command::Command::Reopen { task, reason: "still rough".to_owned() });
        let told = of(&world, Mark::Seq(mark), Grouping::Task);
        assert_eq!((told.net.len(), told.moves.events), (0, 2), "{:?}", told.net);
        assert_eq!(of(&world, Mark::Seq(Seq(0)), Grouping::Task).net[0].was, None);
    }
}
