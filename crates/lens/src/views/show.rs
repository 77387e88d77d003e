//! One task in full: how it stands and who says so, what it needs and who needs it, its checks
//! with what they last saw, waivers, remarks, and its history.

use jiff::Timestamp;
use model::digest::Digest;
use model::gate::Subject;
use model::ids::TaskId;
use model::standing::Standings;
use model::task::{Claim, Task, TaskState};
use serde::Serialize;

use crate::checks::{self, CheckRow};
use crate::history::{self, Entry};
use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Page, Tone};
use crate::sentences::{count_bytes, fact_name};
use crate::tasks::{Rows, TaskRow};
use crate::views::gates::{StatedRow, show_stated, stated};
use crate::views::verdict::blocker_in_words;
use crate::views::waivers::{self, WaiverRow};
use crate::words::{Who, ago, count, key_of, moment, tone_of};

/// One task in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Show<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// Its stable id.
    pub id: TaskId,
    /// Since when it is in its state, by whom, and how that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// The claim underneath a verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Since>,
    /// Which attempt it is in.
    pub attempt: u32,
    /// The task it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The estimate in working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_days: Option<f64>,
    /// The window, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<&'a str>,
    /// What it needs.
    pub needs: Vec<Related<'a>>,
    /// What needs it.
    pub needed_by: Vec<Related<'a>>,
    /// What stands in its way, in words.
    pub blockers: Vec<String>,
    /// Its checks.
    pub checks: Vec<CheckRow<'a>>,
    /// Criteria without a probe.
    pub criteria: Vec<StatedRow<'a>>,
    /// Its waivers, lapsed ones too.
    pub waivers: Vec<WaiverRow>,
    /// Why it deserves a second look.
    pub flags: Vec<&'a str>,
    /// Whatever else the document says, by name, in document order.
    pub facts: Vec<(&'a str, String)>,
    /// Remarks.
    pub notes: Vec<Note<'a>>,
    /// Files people attached.
    pub attachments: Vec<File<'a>>,
    /// Line in its document; 0 where it stands in none.
    pub line: u32,
    /// What happened to it, in order.
    pub history: Vec<Entry>,
}

/// Since when something is so, and who says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Since {
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: Who,
    /// How it was said: `verb`, `submit`, `document`, `import`, `signed_off`, `evidence`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<&'static str>,
    /// Why, where a reason was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Another task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// How it stands.
    pub standing: &'static str,
    /// Whether it is done so far that what needs it may begin.
    pub satisfies: bool,
    #[serde(skip)]
    tone: Tone,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note<'a> {
    /// The text.
    pub text: &'a str,
    /// Who.
    pub by: Who,
    /// When.
    pub at: Timestamp,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File<'a> {
    /// File name.
    pub name: &'a str,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// Who.
    pub by: Who,
    /// When.
    pub at: Timestamp,
}

/// One task in full. Its history comes from [`TaskHistory`](crate::history::TaskHistory).
pub fn show<'a>(look: &Look<'a>, id: TaskId, history: Vec<Entry>) -> Option<Show<'a>> {
    let plan = look.plan;
    let task = plan.task(id)?;
    let subject = Subject::Task(id);
    let blockers = if matches!(task.state, TaskState::Open | TaskState::Active(_)) {
        plan.blockers(task, look.now).iter().map(|blocker| blocker_in_words(look, blocker)).collect()
    } else {
        Vec::new()
    };
    let waivers = plan.waivers.iter().filter(|waiver| waiver.subject == subject);
    Some(Show {
        plan: look.head(),
        task: Rows::new(look).row(task),
        id,
        since: since(task),
        claim: match &task.state {
            TaskState::Verified(verified) => verified.claim.as_ref().map(claimed),
            _ => None,
        },
        attempt: task.attempt,
        parent: task.parent.map(|parent| key_of(plan, parent)),
        estimate_days: task.facts.estimate_days(),
        window: task.facts.window(),
        needs: related(look, &task.needs),
        needed_by: related(look, plan.dependants(id)),
        blockers,
        checks: checks::rows(look, subject, &task.gate),
        criteria: stated(&task.gate),
        waivers: waivers.map(|waiver| waivers::row(look, waiver)).collect(),
        flags: task.flags.iter().map(String::as_str).collect(),
        facts: further_facts(task),
        notes: task
            .notes
            .iter()
            .map(|note| Note { text: &note.text, by: Who::from(&note.by), at: note.at })
            .collect(),
        attachments: task
            .attachments
            .iter()
            .map(|file| File {
                name: &file.name,
                digest: file.blob,
                size: file.size,
                by: Who::from(&file.by),
                at: file.at,
            })
            .collect(),
        line: task.line,
        history,
    })
}

/// Since when a task is in its state, and who says so; nothing for one nobody began.
pub fn since(task: &Task) -> Option<Since> {
    match &task.state {
        TaskState::Open => None,
        TaskState::Active(active) => {
            Some(Since { at: active.since, by: Who::from(&active.by), how: None, reason: None })
        }
        TaskState::Claimed(claim) => Some(claimed(claim)),
        TaskState::Verified(verified) => {
            let how = if verified.basis.signed_off.is_some() { "signed_off" } else { "evidence" };
            Some(Since { at: verified.at, by: Who::from(&verified.by), how: Some(how), reason: None })
        }
        TaskState::Dropped(dropped) => Some(Since {
            at: dropped.at,
            by: Who::from(&dropped.by),
            how: None,
            reason: Some(dropped.reason.clone()),
        }),
    }
}

/// A claim.
pub fn claimed(claim: &Claim) -> Since {
    Since { at: claim.at, by: Who::from(&claim.by), how: Some(claim.how.as_str()), reason: None }
}

fn related<'a>(look: &Look<'a>, ids: &[TaskId]) -> Vec<Related<'a>> {
    let plan = look.plan;
    let standings = Standings::new(plan, look.now);
    let tasks = ids.iter().filter_map(|id| plan.task(*id));
    tasks
        .map(|task| {
            let standing = standings.of(task);
            Related {
                key: task.key.as_str(),
                title: &task.title,
                standing: standing.as_str(),
                satisfies: plan.satisfies(task, look.now),
                tone: tone_of(standing),
            }
        })
        .collect()
}

/// Facts that the page does not show by a name of their own.
fn further_facts(task: &Task) -> Vec<(&str, String)> {
    use model::facts::Fact;
    let further = task.facts.0.iter().filter_map(|fact| {
        let text = match fact {
            Fact::Owner(owner) => match owner.role {
                model::draft::OwnerRole::Primary => owner.name.clone(),
                model::draft::OwnerRole::Support => format!("{} (support)", owner.name),
                model::draft::OwnerRole::Agent => format!("{} (agent)", owner.name),
            },
            Fact::Input(text)
            | Fact::Output(text)
            | Fact::Source(text)
            | Fact::Objective(text)
            | Fact::Deliverable(text)
            | Fact::NextStep(text)
            | Fact::Link(text)
            | Fact::Path(text)
            | Fact::Memory(text) => text.clone(),
            Fact::Extra(pair) => pair.1.clone(),
            Fact::Status(_)
            | Fact::Percent(_)
            | Fact::Priority(_)
            | Fact::EstimateDays(_)
            | Fact::Due(_)
            | Fact::Window(_)
            | Fact::Blocker(_) => return None,
        };
        Some((fact_name(fact), text))
    });
    further.collect()
}

impl Answer for Show<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let now = self.plan.now;
        page.heading(format!("{}  {}", self.task.key, self.task.title));
        let mut facts = vec![("state", self.state())];
        let mut add = |name: &'static str, cell: Cell| {
            if !cell.text.is_empty() {
                facts.push((name, cell));
            }
        };
        if let Some(claim) = &self.claim {
            add("claim", Cell::from(claim.text(now)));
        }
        if self.attempt > 1 {
            add("attempt", Cell::from(self.attempt.to_string()));
        }
        for (place, blocker) in self.blockers.iter().enumerate() {
            add(if place == 0 { "blocked" } else { "" }, Tone::Warn.cell(blocker.as_str()));
        }
        for (place, flag) in self.flags.iter().enumerate() {
            add(if place == 0 { "look again" } else { "" }, Tone::Warn.cell(*flag));
        }
        add("kind", Cell::from(if self.task.kind == "task" { "" } else { self.task.kind }));
        add("phase", Cell::from(self.task.phase.unwrap_or_default()));
        let owners: Vec<&str> =
            self.facts.iter().filter(|(name, _)| *name == "owner").map(|(_, text)| text.as_str()).collect();
        add("owner", Cell::from(owners.join(", ")));
        add("part of", Cell::from(self.parent.as_deref().unwrap_or_default()));
        add("priority", Cell::from(self.task.priority.unwrap_or_default()));
        add("estimate", Cell::from(self.estimate_days.map(days).unwrap_or_default()));
        let late = if self.task.late { Tone::Bad } else { Tone::Plain };
        add("due", late.cell(self.task.due.unwrap_or_default()));
        add("window", Cell::from(self.window.unwrap_or_default()));
        relate(&mut facts, "needs", &self.needs);
        relate(&mut facts, "needed by", &self.needed_by);
        facts.push(("line", Tone::Faint.cell(self.line.to_string())));
        facts.retain(|(name, cell)| *name != "line" || cell.text != "0");
        page.facts(facts);
        self.show_further(&mut page);
        checks::show(&mut page, &self.checks, now);
        if self.checks.is_empty() && self.task.state != "dropped" {
            page.paragraph(Tone::Warn.cell("no check would prove it"));
        }
        show_stated(&mut page, &self.criteria);
        waivers::table(&mut page, &self.waivers);
        let notes = self.notes.iter().map(|note| {
            (1, Cell::from(format!("{}, {}: {}", note.by.with_known(), moment(note.at), note.text)))
        });
        page.outline(notes.collect());
        let files = self.attachments.iter().map(|file| {
            let (size, digest) = (count_bytes(file.size), file.digest.short());
            (
                1,
                Cell::from(format!(
                    "{} ({size}, {digest}), attached by {}, {}",
                    file.name,
                    file.by.with_known(),
                    moment(file.at)
                )),
            )
        });
        page.outline(files.collect());
        if !self.history.is_empty() {
            page.heading("history");
            page.table(history::table(&self.history));
        }
        self.plan.warn(&mut page);
        page
    }
}

impl Show<'_> {
    fn state(&self) -> Cell {
        let mut status = self.task.status();
        if let Some(since) = &self.since {
            status.text.push_str(&format!(", {}", since.text(self.plan.now)));
        }
        status
    }

    fn show_further(&self, page: &mut Page) {
        let further = self.facts.iter().filter(|(name, _)| *name != "owner");
        let lines = further.map(|(name, text)| (1, Cell::from(format!("{name}: {text}"))));
        page.outline(lines.collect());
    }
}

impl Since {
    /// `since 2031-05-01 09:00 UTC (3 days ago), the word of Ada [declared]`.
    fn text(&self, now: Timestamp) -> String {
        let by = match self.how {
            Some("signed_off") => format!("signed off by {}", self.by.marked()),
            Some("evidence") => "by evidence".to_owned(),
            Some("document") => "the document's word".to_owned(),
            Some("import") => format!("imported by {}", self.by.with_known()),
            Some(_) => format!("the word of {}", self.by.with_known()),
            None => format!("by {}", self.by.with_known()),
        };
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("since {} ({}), {by}{reason}", moment(self.at), ago(self.at, now))
    }
}

fn relate(facts: &mut Vec<(&'static str, Cell)>, name: &'static str, tasks: &[Related<'_>]) {
    for (place, task) in tasks.iter().enumerate() {
        let text = format!("{}  {}: {}", task.key, task.title, task.standing);
        facts.push((if place == 0 { name } else { "" }, task.tone.cell(text)));
    }
}

fn days(days: f64) -> String {
    if days == 1.0 { count(1, "day") } else { format!("{days} days") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::TaskHistory;
    use crate::testing::{RELEASE, World, check};
    use model::check::Outcome;
    use model::command::Command;

    fn shown<'a>(world: &'a World, key: &str) -> Show<'a> {
        let id = world.task(key);
        let mut history = TaskHistory::of(&world.plan, id);
        world.records().for_each(|record| history.see(&record));
        show(&world.look(), id, history.into_entries()).unwrap()
    }

    #[test]
    fn a_task_is_shown_in_full() {
        let mut world = World::adopt(RELEASE);
        world.claims("Rae", "7.3").later(5);
        world.ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20").later(30);
        let task = world.task("7.3");
        world.agent("linter", Command::Note { task, text: "half of them are in one file".to_owned() });
        check(
            &shown(&world, "7.3"),
            "
## 7.3  Code quality

- state: refuted, since 2031-05-01 09:00 UTC (35 hours ago), the word of Rae [declared]
- phase: B
- owner: Rae
- estimate: 1.2 days
- needed by: 7.4  Release notes: blocked
- line: 12

| Check | Verdict | Says | Demands | Evidence | When |
| --- | --- | --- | --- | --- | --- |
| **clippy** | fail | clippy_warnings is 34, target < 20 | metric: clippy_warnings < 20 from `count` | 8a340f0d | 30 hours ago |

criteria without a probe, so nobody but people can say:

  - [ ] The code reads well

  - linter (s1) [declared], 2031-05-02 20:00 UTC: half of them are in one file

## history

| # | When | Who | What |
| ---: | --- | --- | --- |
| 7 | 2031-05-01 09:00 UTC | Ada [declared] | added task `7.3`: Code quality |
| 8 | 2031-05-01 09:00 UTC | Ada [declared] | added check `clippy` to `7.3`: metric: clippy_warnings < 20 from `count` |
| 9 | 2031-05-01 09:00 UTC | Ada [declared] | stated 1 criterion of `7.3` without a probe, 0 ticked |
| 14 | 2031-05-01 09:00 UTC | Rae [declared] | claimed `7.3` |
| 15 | 2031-05-01 14:00 UTC | countersign | ran check `clippy` of `7.3`: fail, clippy_warnings is 34, target < 20 (evidence 8a340f0d) |
| 16 | 2031-05-02 20:00 UTC | linter (s1) [declared] | noted on `7.3`: half of them are in one file |
",
        );
    }

    #[test]
    fn approvals_files_and_flags_are_shown_with_who_gave_them() {
        let mut world = World::adopt(RELEASE);
        world.ran("7.3", "clippy", Outcome::Pass, "clippy_warnings is 9, target < 20").verifies("7.3");
        world.claims("Bo", "7.4").approves("Sam", "7.4", Some("security")).verifies("7.4");
        let task = world.task("7.4");
        let blob = Digest::sha256(b"png");
        world.does("Bo", Command::Attach { task, name: "notes.png".to_owned(), blob, size: 2150 });
        let reopened = world.task("7.3");
        world.does("Ada", Command::Reopen { task: reopened, reason: "too early".to_owned() });
        let shown = shown(&world, "7.4");
        assert_eq!(shown.checks[0].approvals[0].by.marked(), "Sam [unauthenticated]");
        assert!(shown.checks[0].approvals[0].counts);
        assert_eq!(shown.task.evidence().text, "1 of 1 check [unauthenticated]");
        assert_eq!(shown.since.as_ref().unwrap().how, Some("evidence"));
        assert_eq!(shown.claim.as_ref().unwrap().by.name, "Bo");
        assert_eq!(shown.flags, ["`7.3`, which it builds on, was reopened: too early"]);
        assert_eq!(shown.attachments[0].by.name, "Bo");
        assert_eq!(shown.history.last().unwrap().kind, "task_flagged");
    }

    #[test]
    fn the_history_can_be_picked_by_text_alone() {
        let mut world = World::adopt(RELEASE);
        world.claims("Rae", "7.3").ran("7.3", "clippy", Outcome::Fail, "34");
        let ids = TaskHistory::of(&world.plan, world.task("7.3")).ids();
        let history = shown(&world, "7.3").history;
        for record in world.records() {
            let text = serde_json::to_string(record.event).unwrap();
            let picked = ids.iter().any(|id| text.contains(id.as_str()));
            let belongs = history.iter().any(|entry| entry.seq == record.seq);
            assert!(picked || !belongs, "{text}");
        }
    }
}
