//! Lists of tasks, narrowed down by state, kind, owner, phase and words.

use model::draft::TaskKind;
use model::standing::Standing;
use model::task::Task;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::tasks::{Rows, TaskRow};
use crate::views::board::Summary;

/// Which tasks somebody wants to see. The default wants all that are not dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these; nothing stands for all that are not dropped.
    pub states: Vec<Wanted>,
    /// Any of these kinds; nothing stands for all.
    pub kinds: Vec<TaskKind>,
    /// Part of an owner's name, letter case aside.
    pub owner: Option<String>,
    /// The phase's key, letter case aside; `-` for tasks in no phase.
    pub phase: Option<String>,
    /// Part of key or title, letter case aside.
    pub text: Option<String>,
    /// At most so many rows.
    pub limit: Option<usize>,
}

/// A state or standing to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A state, whatever follows from it.
    State(&'static str),
    /// A standing.
    Standing(Standing),
    /// Claimed, or verified while that holds: everything somebody calls done.
    Done,
    /// Past due and not done.
    Late,
}

impl Wanted {
    /// Every word [`Wanted::parse`] reads, for help and did-you-mean.
    pub const WORDS: [&'static str; 14] = [
        "open",
        "active",
        "claimed",
        "verified",
        "dropped",
        "ready",
        "blocked",
        "refuted",
        "unproven",
        "no-evidence",
        "waived",
        "lapsed",
        "done",
        "late",
    ];

    /// Reads one of [`Wanted::WORDS`].
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        Some(match word.as_str() {
            "open" => Self::State("open"),
            "active" => Self::State("active"),
            "claimed" => Self::State("claimed"),
            "verified" => Self::Standing(Standing::Verified),
            "dropped" => Self::State("dropped"),
            "ready" => Self::Standing(Standing::Ready),
            "blocked" => Self::Standing(Standing::Blocked),
            "refuted" => Self::Standing(Standing::Refuted),
            "unproven" => Self::Standing(Standing::Unproven),
            "no-evidence" => Self::Standing(Standing::ClaimedWithoutEvidence),
            "waived" => Self::Standing(Standing::Waived),
            "lapsed" => Self::Standing(Standing::Lapsed),
            "done" => Self::Done,
            "late" => Self::Late,
            _ => return None,
        })
    }

    fn fits(self, rows: &Rows<'_>, task: &Task, standing: Standing) -> bool {
        match self {
            Self::State(word) => task.state.word() == word,
            Self::Standing(wanted) => standing == wanted,
            Self::Done => standing.is_done(),
            Self::Late => rows.is_late(task, standing),
        }
    }
}

/// Tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct List<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In document order.
    pub tasks: Vec<TaskRow<'a>>,
    /// How many fit, shown or not, and how they stand.
    pub summary: Summary,
}

/// The tasks that fit a filter.
pub fn list<'a>(look: &Look<'a>, filter: &Filter) -> List<'a> {
    let rows = Rows::new(look);
    let owner = filter.owner.as_ref().map(|owner| owner.to_lowercase());
    let text = filter.text.as_ref().map(|text| text.to_lowercase());
    let mut answer = List { plan: look.head(), tasks: Vec::new(), summary: Summary::default() };
    for task in &look.plan.tasks {
        // What costs least is asked first; how a task stands costs most.
        let fits = (filter.kinds.is_empty() || filter.kinds.contains(&task.kind))
            && filter.phase.as_ref().is_none_or(|wanted| match rows.phase(task) {
                Some(phase) => phase.eq_ignore_ascii_case(wanted),
                None => wanted == "-",
            })
            && owner.as_ref().is_none_or(|wanted| is_owned_by(task, wanted))
            && text.as_ref().is_none_or(|wanted| mentions(task, wanted))
            && !(filter.states.is_empty() && task.is_dropped());
        if !fits {
            continue;
        }
        let standing = rows.standing(task);
        if !filter.states.is_empty() && !filter.states.iter().any(|wanted| wanted.fits(&rows, task, standing))
        {
            continue;
        }
        let late = rows.is_late(task, standing);
        answer.summary.count(standing, late);
        if filter.limit.is_none_or(|limit| answer.tasks.len() < limit) {
            answer.tasks.push(rows.row_with(task, standing));
        }
    }
    answer
}

fn is_owned_by(task: &Task, wanted: &str) -> bool {
    task.facts.owners().any(|owner| owner.name.to_lowercase().contains(wanted))
}

fn mentions(task: &Task, wanted: &str) -> bool {
    task.key.as_str().to_lowercase().contains(wanted) || task.title.to_lowercase().contains(wanted)
}

impl Answer for List<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::whole("Key"),
            Column::whole("Status"),
            Column::text("Title"),
            Column::text("Owner"),
            Column::whole("Priority"),
            Column::whole("Due"),
            Column::text("Evidence"),
        ]);
        for task in &self.tasks {
            table.row([
                Tone::Strong.cell(task.key),
                task.status(),
                Cell::from(task.title),
                Cell::from(task.owner.unwrap_or_default()),
                Cell::from(task.priority.unwrap_or_default()),
                Cell::from(task.due.unwrap_or_default()),
                task.evidence(),
            ]);
        }
        page.table(table.without_empty_columns());
        let found = self.summary.tasks + self.summary.dropped;
        let summary = self.summary.text();
        let shown = match found.checked_sub(self.tasks.len()) {
            Some(0) | None => summary,
            Some(_) => format!("{summary}; the first {} are shown", self.tasks.len()),
        };
        page.paragraph(if found == 0 { "no task fits".to_owned() } else { shown });
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};

    #[test]
    fn a_list_shows_what_fits_and_counts_all_of_it() {
        let mut world = World::adopt(RELEASE);
        world.claims("Rae", "7.3");
        check(
            &list(&world.look(), &Filter { limit: Some(3), ..Filter::default() }),
            "
| Key | Status | Title | Owner | Evidence |
| --- | --- | --- | --- | --- |
| **7.1** | ready | Build infrastructure | Rae | 0 of 1 check |
| **7.2** | active (In Progress, 40%) | Configuration | Bo |  |
| **7.3** | claimed, unproven | Code quality | Rae | 0 of 1 check |

4 tasks: 1 claimed, unproven, 1 active, 1 ready, 1 blocked; the first 3 are shown
",
        );
    }

    #[test]
    fn filters_narrow_down() {
        let mut world = World::adopt(RELEASE);
        let dropping = world.task("7.2");
        world.does("Ada", model::command::Command::Drop { task: dropping, reason: "not now".to_owned() });
        let keys = |filter: Filter| {
            let found = list(&world.look(), &filter);
            found.tasks.iter().map(|task| task.key).collect::<Vec<_>>().join(" ")
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(keys(Filter::default()), "7.1 7.3 7.4");
        assert_eq!(keys(Filter { owner: some("ra"), ..Filter::default() }), "7.1 7.3");
        assert_eq!(keys(Filter { phase: some("b"), ..Filter::default() }), "7.3 7.4");
        assert_eq!(keys(Filter { phase: some("-"), ..Filter::default() }), "");
        assert_eq!(keys(Filter { text: some("QUALITY"), ..Filter::default() }), "7.3");
        assert_eq!(keys(Filter { kinds: vec![TaskKind::Batch], ..Filter::default() }), "");
        let state = |word: &str| Filter { states: vec![Wanted::parse(word).unwrap()], ..Filter::default() };
        assert_eq!(keys(state("dropped")), "7.2");
        assert_eq!(keys(state("blocked")), "7.4");
        assert_eq!(keys(state("open")), "7.1 7.3 7.4");
        assert_eq!(keys(state("done")), "");
    }

    #[test]
    fn every_word_is_read_and_no_other() {
        for word in Wanted::WORDS {
            assert!(Wanted::parse(word).is_some(), "{word}");
        }
        assert_eq!(Wanted::parse("finished"), None);
    }
}
