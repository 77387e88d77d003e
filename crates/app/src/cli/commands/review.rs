//! `review`: what people are asked to look at: asking, listing, answering, and how fast that goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use engine::desk::Desk as _;
use engine::store::Store;
use lens::look::Look;
use lens::views::review_metrics::review_metrics;
use lens::views::reviews::{review, reviews};
use model::command::{Command, RequestReview, ResolveTicket};
use model::gate::Subject;
use model::ids::{PersonId, TicketId};
use model::plan::Plan;
use model::refusal::{
    APPROVAL_SELF, CHECK_NOT_FOUND, GATE_NOT_FOUND, REVIEW_CLOSED, REVIEW_NOT_FOUND, TASK_STATE,
};
use model::review::TicketOutcome;
use model::ruling::no_such_ticket;

use crate::cli::call::Call;
use crate::cli::context::{Asking, Opened, find_subject};
use crate::cli::error::{Outcome, Stop};
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Review>(
    "review",
    Group::Prove,
    "asks people to look at something, lists what waits, answers it, and says how fast that goes",
    &[
        READS_STORE,
        WRITES_STORE,
        NAMES_TASK,
        PERSON_ONLY,
        &[REVIEW_NOT_FOUND, REVIEW_CLOSED, APPROVAL_SELF, TASK_STATE, GATE_NOT_FOUND, CHECK_NOT_FOUND],
    ],
);

#[derive(Debug, Args)]
struct Review {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists what waits, of every plan unless one is named
    List {
        /// Only tickets with this status
        #[arg(long, value_enum, value_name = "STATUS")]
        status: Option<Status>,
        /// Closed ones too
        #[arg(long, conflicts_with = "status")]
        all: bool,
    },
    /// Shows a ticket with all that led to it
    Show {
        /// The ticket's id, or the key of the task or gate it is about
        #[arg(value_name = "TICKET")]
        ticket: String,
    },
    /// Asks people to look at something: a task, a gate, or the plan as a whole
    Request {
        /// What is to be looked at; several words need no quotes
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
        /// The task or gate it is about
        #[arg(long, value_name = "KEY")]
        about: Option<String>,
        /// Asks its owners to acknowledge it by then: a moment, or so long from now, like `+4h`
        #[arg(long, value_name = "TIME")]
        due: Option<String>,
        /// What whoever looks should know besides; may be repeated
        #[arg(long = "with", value_name = "NAME=TEXT")]
        payload: Vec<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Gives a ticket to somebody; only a person can
    Assign {
        /// The ticket's id, or the key of what it is about
        #[arg(value_name = "TICKET")]
        ticket: String,
        /// To whom; to you, where nobody is named
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Puts a ticket back, so that nobody has it
    Unassign {
        /// The ticket's id, or the key of what it is about
        #[arg(value_name = "TICKET")]
        ticket: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Remarks something on a ticket, also on a closed one
    Note {
        /// The ticket's id, or the key of what it is about
        #[arg(value_name = "TICKET")]
        ticket: String,
        /// The text; several words need no quotes
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Answers a ticket, which gives the approval it asks for; or puts it aside, which gives none
    Resolve {
        /// The ticket's id, or the key of what it is about
        #[arg(value_name = "TICKET")]
        ticket: String,
        /// Puts it aside: nothing is approved
        #[arg(long)]
        dismiss: bool,
        /// In your words
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        summary: String,
        /// Which approval, where it asks for several
        #[arg(long, value_name = "CHECK", conflicts_with = "dismiss")]
        check: Option<String>,
        /// In which role, where it asks for several approvals
        #[arg(long, value_name = "ROLE", conflicts_with = "dismiss")]
        role: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Says how much waits, for how long, and how fast it is answered
    Metrics,
}

/// A ticket's status.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Status {
    /// Nobody has it
    Open,
    /// Somebody looks at it
    InReview,
    /// Answered
    Resolved,
    /// Put aside
    Dismissed,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InReview => "in_review",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
}

impl Handler for Review {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::List { status, all } => list(call, status, all),
            Action::Metrics => {
                let (store, plans) = asked_of(call)?;
                call.show(&review_metrics(&looks(&store, &plans), store.desk().now()));
                Ok(())
            }
            Action::Show { ticket } => {
                let (opened, id) = find(call, call.store_to_read()?, &ticket)?;
                show(call, &opened, id);
                Ok(())
            }
            Action::Request { text, about, due, payload, asking } => {
                request(call, text.join(" "), about, due, &payload, &asking)
            }
            Action::Assign { ticket, to, asking } => {
                let reviewer = to.as_deref().map(PersonId::new).transpose();
                let reviewer = reviewer.map_err(|bad| Stop::usage(bad.to_string()))?;
                submit(call, &ticket, &asking, |ticket| Command::AssignTicket { ticket, reviewer })
            }
            Action::Unassign { ticket, asking } => submit(call, &ticket, &asking, Command::UnassignTicket),
            Action::Note { ticket, text, asking } => {
                let text = text.join(" ");
                submit(call, &ticket, &asking, |ticket| Command::NoteTicket { ticket, text })
            }
            Action::Resolve { ticket, dismiss, summary, check, role, asking } => {
                let outcome = if dismiss { TicketOutcome::Dismissed } else { TicketOutcome::Resolved };
                submit(call, &ticket, &asking, |ticket| {
                    Command::ResolveTicket(Box::new(ResolveTicket { ticket, outcome, summary, check, role }))
                })
            }
        }
    }
}

fn list(call: &Call, status: Option<Status>, all: bool) -> Outcome {
    let (store, plans) = asked_of(call)?;
    let looks = looks(&store, &plans);
    let mut listed = reviews(&looks, status.map(Status::as_str));
    if status.is_none() && !all {
        listed.reviews.retain(|row| row.closed_at.is_none());
    }
    call.show(&listed);
    Ok(())
}

fn request(
    call: &Call,
    summary: String,
    about: Option<String>,
    due: Option<String>,
    with: &[String],
    asking: &Asking,
) -> Outcome {
    let mut opened = call.open_to_write()?;
    let about = about.map(|about| find_subject(&opened.look(), &about)).transpose()?;
    let now = opened.store.desk().now();
    let due = due.map(|due| values::moment("--due", &due, now)).transpose()?;
    let mut payload = BTreeMap::new();
    for pair in with {
        let named = pair.split_once('=').filter(|(name, _)| !name.trim().is_empty());
        let Some((name, text)) = named else {
            return Err(Stop::usage(format!("`{pair}` is not `NAME=TEXT`")).into());
        };
        payload.insert(name.trim().to_owned(), text.to_owned());
    }
    let command = Command::RequestReview(Box::new(RequestReview { about, summary, due, payload }));
    let done = call.submit(&opened, asking, command)?;
    if !call.ui.wants_json() {
        done.say(call, &opened.plan);
        return Ok(());
    }
    opened.plan = opened.store.desk().plan(opened.plan.id)?;
    let ticket = match about {
        Some(subject) => opened.plan.active_ticket(subject),
        None => opened.plan.tickets.last(),
    };
    if let Some(ticket) = ticket.map(|ticket| ticket.id) {
        show(call, &opened, ticket);
    }
    Ok(())
}

/// Does something about one ticket, and says what came of it; as JSON, the ticket as it is then.
fn submit(call: &Call, named: &str, asking: &Asking, command: impl FnOnce(TicketId) -> Command) -> Outcome {
    let (mut opened, ticket) = find(call, call.store_to_write()?, named)?;
    opened.plan = call.take_in_edits(&opened.store, &opened.plan)?;
    let done = call.submit(&opened, asking, command(ticket))?;
    if call.ui.wants_json() {
        opened.plan = opened.store.desk().plan(opened.plan.id)?;
        show(call, &opened, ticket);
    } else {
        done.say(call, &opened.plan);
    }
    Ok(())
}

fn show(call: &Call, opened: &Opened, ticket: TicketId) {
    if let Some(row) = review(&opened.look(), ticket) {
        call.show(&row);
    }
}

/// The plans that are asked: the one that was named, else every one that is not archived.
fn asked_of(call: &Call) -> Outcome<(Store, Vec<Arc<Plan>>)> {
    let store = call.store_to_read()?;
    let plans = match &call.config.plan.value {
        Some(named) => vec![call.plan_named(&store, named)?],
        None => every(&store)?.into_iter().filter(|plan| !plan.settings.archived).collect(),
    };
    Ok((store, plans))
}

fn every(store: &Store) -> Outcome<Vec<Arc<Plan>>> {
    store.desk().plans()?.iter().map(|line| Ok(store.desk().plan(line.id)?)).collect()
}

fn looks<'p>(store: &Store, plans: &'p [Arc<Plan>]) -> Vec<Look<'p>> {
    let (now, test_store) = (store.desk().now(), store.is_test());
    plans.iter().map(|plan| Look { test_store, ..Look::new(plan, now) }).collect()
}

/// The ticket somebody named: by its id, which is one in the whole store, or by what it is about.
fn find(call: &Call, store: Store, named: &str) -> Outcome<(Opened, TicketId)> {
    if let Ok(id) = named.parse::<TicketId>() {
        let found = every(&store)?.into_iter().find(|plan| plan.ticket(id).is_some());
        let plan = found.ok_or_else(|| no_such_ticket(named))?;
        return Ok((Opened::new(store, plan), id));
    }
    let plan = call.plan_of(&store)?;
    let opened = Opened::new(store, plan);
    let subject = find_subject(&opened.look(), named).ok();
    let ticket = subject.and_then(|subject| ticket_about(&opened.plan, subject));
    let ticket = ticket.ok_or_else(|| no_such_ticket(named))?;
    Ok((opened, ticket))
}

/// The ticket about a subject that waits, else the last one that did.
fn ticket_about(plan: &Plan, subject: Subject) -> Option<TicketId> {
    let last = || plan.tickets.iter().rev().find(|ticket| ticket.about == Some(subject));
    plan.active_ticket(subject).or_else(last).map(|ticket| ticket.id)
}
