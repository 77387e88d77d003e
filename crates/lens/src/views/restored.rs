//! What a session that is taken up again finds: its tasks and leases, messages nobody read yet, and
//! where the journal stands.

use jiff::Timestamp;
use model::actor::Actor;
use model::commons::{Message, Session};
use model::digest::Digest;
use model::ids::{Key, Seq};
use serde::Serialize;

use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::tasks::{Rows, TaskRow};
use crate::views::leases::{LeaseRow, lease_of};
use crate::views::sessions::{Present, SessionRow, session};
use crate::words::{Who, moment};

/// What a session that is taken up again finds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restored<'a> {
    /// The session.
    pub session: SessionRow<'a>,
    /// The tasks its agents hold, handed in, or are bound to.
    pub tasks: Vec<RestoredTask<'a>>,
    /// Messages for those who take part that they have not acknowledged, in order.
    pub messages: Vec<Unread>,
    /// Where the journal stands; nothing where there is no plan.
    pub checkpoint: Option<Position>,
    /// Why nothing new begins, where the plan was halted.
    pub halted: Option<&'a str>,
}

/// A task of a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RestoredTask<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// The agents that are bound to it.
    pub agents: Vec<&'a str>,
    /// The lease it is held under.
    pub lease: Option<LeaseRow<'a>>,
    /// The commit that was handed in last.
    pub commit: Option<&'a str>,
}

/// A message nobody acknowledged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unread {
    /// Its number.
    pub number: Seq,
    /// Who sent it.
    pub from: Who,
    /// When.
    pub at: Timestamp,
    /// The task it is about.
    pub task: Option<Key>,
    /// The text.
    pub text: String,
}

/// Where the journal stands; `changes --since SEQ` tells what happened after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The plan's last event.
    pub seq: Seq,
    /// When that was recorded.
    pub at: Timestamp,
    /// Its digest.
    pub digest: Digest,
}

/// What a session that is taken up again finds. `plan` is nothing where it works on none.
pub fn restored<'a>(
    known: &'a Session,
    present: Present<'_>,
    plan: Option<(&Look<'a>, Digest)>,
    messages: Vec<Message>,
) -> Restored<'a> {
    let mut answer = Restored {
        session: session(known, present),
        tasks: Vec::new(),
        messages: messages.into_iter().map(unread).collect(),
        checkpoint: None,
        halted: None,
    };
    let Some((look, digest)) = plan else { return answer };
    let plan = look.plan;
    answer.checkpoint = Some(Position { seq: plan.seq, at: plan.at, digest });
    answer.halted = plan.halted.as_ref().map(|halt| halt.reason.as_str());
    let rows = Rows::new(look);
    for task in &plan.tasks {
        let bound = known.members.iter().filter(|member| member.task.as_ref() == Some(&task.key));
        let agents: Vec<&str> = bound.map(|member| member.agent.as_str()).collect();
        let own = matches!(task.worker(), Some(Actor::Agent { session, .. }) if *session == known.id);
        if !own && agents.is_empty() {
            continue;
        }
        let submission = task.effort.as_deref().and_then(|effort| effort.submission.as_ref());
        answer.tasks.push(RestoredTask {
            task: rows.row(task),
            agents,
            lease: lease_of(look, task),
            commit: submission.and_then(|work| work.commit.as_deref()),
        });
    }
    answer
}

fn unread(message: Message) -> Unread {
    let Message { number, what, by, at } = message;
    Unread { number, from: Who::from(&by), at, task: what.task, text: what.text }
}

impl Answer for Restored<'_> {
    fn page(&self) -> Page {
        let mut page = self.session.page();
        if let Some(reason) = self.halted {
            page.facts(vec![("halted", Tone::Bad.cell(reason))]);
        }
        page.heading("Tasks");
        if self.tasks.is_empty() {
            page.paragraph("none");
        }
        let mut table = Table::new([
            Column::whole("Task"),
            Column::text("Title"),
            Column::whole("Standing"),
            Column::text("Agent"),
            Column::whole("Grant"),
            Column::whole("Until"),
        ]);
        for row in &self.tasks {
            let lease = row.lease.as_ref();
            table.row([
                Tone::Strong.cell(row.task.key),
                Cell::from(row.task.title),
                row.task.standing_cell(),
                Cell::from(lease.map_or_else(|| row.agents.join(", "), |lease| lease.holder.plain())),
                Cell::from(lease.map(|lease| lease.fence.to_string()).unwrap_or_default()),
                Cell::from(lease.map(|lease| moment(lease.until)).unwrap_or_default()),
            ]);
        }
        page.table(table.without_empty_columns());
        page.heading("Unread messages");
        if self.messages.is_empty() {
            page.paragraph("none");
        }
        let told = self.messages.iter().map(|message| {
            let about = message.task.as_ref().map(|key| format!(" about {key}")).unwrap_or_default();
            let text = format!("{} from {}{about}: {}", message.number, message.from.plain(), message.text);
            (0, Cell::from(text))
        });
        page.outline(told.collect());
        if let Some(position) = self.checkpoint {
            page.heading("Where it stands");
            page.facts(vec![(
                "journal",
                Cell::from(format!(
                    "event {} of {}, {}",
                    position.seq,
                    moment(position.at),
                    position.digest.short()
                )),
            )]);
        }
        page
    }
}
