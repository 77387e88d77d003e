//! The review queue: what people are asked to look at, who looks, and how it ended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::gate::Subject;
use model::ids::{NoteId, TicketId};
use model::plan::Plan;
use model::review::{Ticket, TicketSource};
use serde::Serialize;

use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, ago, count_of, moment};

/// The tickets of one plan or of several, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reviews {
    /// Oldest first.
    pub reviews: Vec<TicketRow>,
    /// Whether they are of more than one plan.
    #[serde(skip)]
    several: bool,
    #[serde(skip)]
    now: Timestamp,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TicketRow {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The key of the task it is about.
    pub task_id: Option<String>,
    /// `open`, `in_review`, `resolved` or `dismissed`.
    pub status: &'static str,
    /// One line.
    pub summary: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything happened to it last.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Who has it, or had it when it was closed.
    pub assigned_to: Option<String>,
    /// What led to it: `escalation:esc_…`, `approval:CHECK`, `acknowledgement`, `guardrail:CODE`,
    /// `request`.
    pub sources: Vec<String>,
    /// What whoever looks should know, by name.
    pub escalation_payload: BTreeMap<String, String>,
    /// Remarks, in order.
    pub notes: Vec<NoteRow>,
    /// The key of its plan.
    pub plan: String,
    /// The gate it is about, where it is about no task.
    pub gate: Option<String>,
    /// By when an answer is due.
    pub due_at: Timestamp,
    /// Whether it waits although that is past.
    pub overdue: bool,
    /// The approvals it still asks for, by the names of their checks.
    pub approvals: Vec<String>,
    /// Who closed it.
    pub closed_by: Option<Who>,
    /// What they said.
    pub resolution: Option<String>,
}

/// A remark on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteRow {
    /// The remark.
    pub note_id: NoteId,
    /// Whose.
    pub author: String,
    /// The text.
    pub content: String,
    /// When.
    pub created_at: Timestamp,
}

/// The tickets of these plans, those with a status where one is named.
pub fn reviews(looks: &[Look<'_>], status: Option<&str>) -> Reviews {
    let wanted = |ticket: &&Ticket| status.is_none_or(|status| ticket.status() == status);
    let of = |look: &Look<'_>| -> Vec<TicketRow> {
        look.plan.tickets.iter().filter(wanted).map(|ticket| row(look, ticket)).collect()
    };
    let mut rows: Vec<TicketRow> = looks.iter().flat_map(of).collect();
    rows.sort_by_key(|row| (row.created_at, row.ticket_id));
    let now = looks.iter().map(|look| look.now).max().unwrap_or_default();
    Reviews { reviews: rows, several: looks.len() > 1, now }
}

/// One ticket.
pub fn review(look: &Look<'_>, ticket: TicketId) -> Option<TicketRow> {
    look.plan.ticket(ticket).map(|ticket| row(look, ticket))
}

fn row(look: &Look<'_>, ticket: &Ticket) -> TicketRow {
    let plan = look.plan;
    let closed = ticket.closed();
    let due_at = ticket.answer_due(plan.settings.review_seconds);
    let asked = plan.approvals_asked(ticket, look.now);
    let approvals = asked.iter().filter_map(|check| Some(plan.check(*check)?.1.spec.name.clone()));
    let note = |note: &model::review::TicketNote| NoteRow {
        note_id: note.id,
        author: Who::from(&note.by).name,
        content: note.text.clone(),
        created_at: note.at,
    };
    TicketRow {
        ticket_id: ticket.id,
        task_id: ticket.task().map(|task| crate::words::key_of(plan, task)),
        status: ticket.status(),
        summary: ticket.summary.clone(),
        created_at: ticket.created_at,
        updated_at: ticket.updated_at,
        closed_at: closed.map(|closed| closed.at),
        assigned_to: ticket.reviewer().map(ToString::to_string),
        sources: ticket.sources.iter().map(|source| name_of(plan, source)).collect(),
        escalation_payload: ticket.payload.clone(),
        notes: ticket.notes.iter().map(note).collect(),
        plan: plan.key.to_string(),
        gate: ticket
            .about
            .filter(|about| !matches!(about, Subject::Task(_)))
            .map(|about| plan.subject_name(about)),
        due_at,
        overdue: ticket.is_active() && look.now > due_at,
        approvals: if ticket.is_active() { approvals.collect() } else { Vec::new() },
        closed_by: closed.map(|closed| Who::from(&closed.by)),
        resolution: closed.filter(|closed| !closed.summary.is_empty()).map(|closed| closed.summary.clone()),
    }
}

/// What led to a ticket, in a word or two.
pub fn name_of(plan: &Plan, source: &TicketSource) -> String {
    let word = source.word();
    match source {
        TicketSource::Escalation(id) => format!("{word}:{id}"),
        TicketSource::Approval { check, .. } => match plan.check(*check) {
            Some((_, check)) => format!("{word}:{}", check.spec.name),
            None => format!("{word}:{check}"),
        },
        TicketSource::Guardrail(code) => format!("{word}:{code}"),
        TicketSource::Acknowledgement | TicketSource::Request => word.to_owned(),
    }
}

impl TicketRow {
    fn about(&self) -> &str {
        self.task_id.as_deref().or(self.gate.as_deref()).unwrap_or_default()
    }

    fn state(&self) -> Cell {
        match (self.status, self.overdue) {
            (status, true) => Tone::Bad.cell(format!("{status}, overdue")),
            ("open", _) => Tone::Warn.cell("open"),
            ("in_review", _) => Tone::Plain.cell("in review"),
            ("resolved", _) => Tone::Good.cell("resolved"),
            (other, _) => Tone::Faint.cell(other),
        }
    }
}

impl Answer for Reviews {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.reviews.is_empty() {
            page.paragraph("nothing waits to be looked at");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Ticket"),
            Column::whole("Plan"),
            Column::whole("About"),
            Column::whole("Status"),
            Column::text("Reviewer"),
            Column::whole("Opened"),
            Column::text("Summary"),
        ]);
        for row in &self.reviews {
            table.row([
                Tone::Faint.cell(row.ticket_id.to_string()),
                Cell::from(if self.several { row.plan.as_str() } else { "" }),
                Tone::Strong.cell(row.about()),
                row.state(),
                Cell::from(row.assigned_to.as_deref().unwrap_or_default()),
                Cell::from(ago(row.created_at, self.now)),
                Cell::from(row.summary.as_str()),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}

impl Answer for TicketRow {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.heading(self.summary.as_str());
        let mut facts = vec![
            ("ticket", Cell::from(self.ticket_id.to_string())),
            ("status", self.state()),
            ("about", Tone::Strong.cell(self.about())),
            ("plan", Cell::from(self.plan.as_str())),
            ("reviewer", Cell::from(self.assigned_to.as_deref().unwrap_or("nobody"))),
            ("from", Cell::from(self.sources.join(", "))),
            ("opened", Cell::from(moment(self.created_at))),
            ("due", Cell::from(moment(self.due_at))),
        ];
        if !self.approvals.is_empty() {
            facts.push(("approves", Cell::from(self.approvals.join(", "))));
        }
        if let (Some(at), Some(by)) = (self.closed_at, &self.closed_by) {
            facts.push(("closed", Cell::from(format!("{} by {}", moment(at), by.marked()))));
        }
        if let Some(said) = &self.resolution {
            facts.push(("said", Cell::from(said.as_str())));
        }
        facts.retain(|(_, cell)| !cell.text.is_empty());
        page.facts(facts);
        if !self.escalation_payload.is_empty() {
            let mut table = Table::new([Column::whole("Known"), Column::text("")]);
            for (name, text) in &self.escalation_payload {
                table.row([name.as_str(), text.as_str()]);
            }
            page.table(table);
        }
        if !self.notes.is_empty() {
            page.heading(count_of(self.notes.len(), "note"));
            let line =
                |note: &NoteRow| format!("{} {}: {}", moment(note.created_at), note.author, note.content);
            page.outline(self.notes.iter().map(|note| (0, Cell::from(line(note)))).collect());
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check, json};
    use model::command::{Command, ResolveTicket};
    use model::review::TicketOutcome;

    fn escalates(world: &mut World, key: &str, text: &str) {
        let task = Some(world.task(key));
        let entry = model::registers::EntryDetails { text: text.to_owned(), ..Default::default() };
        world.does("Rae", Command::Escalate { entry, task });
    }

    #[test]
    fn a_ticket_shows_all_that_led_to_it() {
        let mut world = World::adopt(RELEASE);
        escalates(&mut world, "7.3", "nobody answers");
        world.later(1);
        escalates(&mut world, "7.3", "still nobody answers");
        let ticket = world.plan.tickets[0].id;
        world.does("Bo", Command::NoteTicket { ticket, text: "asked the vendor".to_owned() });
        let answer = reviews(&[world.look()], None);
        let row = &answer.reviews[0];
        assert_eq!((answer.reviews.len(), row.status, row.task_id.as_deref()), (1, "open", Some("7.3")));
        assert_eq!(row.sources.len(), 2);
        assert_eq!(row.escalation_payload["escalation"], "nobody answers");
        assert_eq!(row.escalation_payload["escalation~2"], "still nobody answers");
        let shown = json(row);
        let fields: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        for field in [
            "ticket_id",
            "task_id",
            "status",
            "summary",
            "created_at",
            "updated_at",
            "closed_at",
            "assigned_to",
            "sources",
            "escalation_payload",
            "notes",
        ] {
            assert!(fields.contains(&field), "{field}");
        }
        let note = &shown["notes"][0];
        assert_eq!(note["author"], "Bo");
        assert_eq!(note["content"], "asked the vendor");
        assert!(note["note_id"].as_str().unwrap().starts_with("nte_") && note["created_at"].is_string());
        let id = ticket.to_string();
        check(
            &answer,
            &format!(
                "
| Ticket | About | Status | Opened | Summary |
| --- | --- | --- | --- | --- |
| {id} | **7.3** | open | 1 hour ago | nobody answers |
"
            ),
        );
    }

    #[test]
    fn a_ticket_that_waits_too_long_is_overdue_until_it_is_closed() {
        let mut world = World::adopt(RELEASE);
        escalates(&mut world, "7.3", "nobody answers");
        let row = |world: &World| reviews(&[world.look()], None).reviews.remove(0);
        world.later(2);
        assert!(!row(&world).overdue, "the edge is in time");
        world.later(1);
        assert!(row(&world).overdue);
        let (ticket, escalation) = (world.plan.tickets[0].id, world.plan.escalations[0].id);
        let answer = ResolveTicket {
            ticket,
            outcome: TicketOutcome::Resolved,
            summary: "they answered".to_owned(),
            check: None,
            role: None,
        };
        world.does("Bo", Command::ResolveTicket(Box::new(answer)));
        let row = row(&world);
        assert_eq!(
            (row.overdue, row.status, row.resolution.as_deref()),
            (false, "resolved", Some("they answered"))
        );
        assert_eq!(reviews(&[world.look()], Some("open")).reviews, []);
        check(
            &review(&world.look(), ticket).unwrap(),
            &format!(
                "
## nobody answers

- ticket: {ticket}
- status: resolved
- about: 7.3
- plan: release
- reviewer: nobody
- from: escalation:{escalation}
- opened: 2031-05-01 09:00 UTC
- due: 2031-05-01 11:00 UTC
- closed: 2031-05-01 12:00 UTC by Bo [unauthenticated]
- said: they answered

| Known |  |
| --- | --- |
| escalation | nobody answers |
"
            ),
        );
    }
}
