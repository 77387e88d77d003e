//! The review queue, told.

use model::command::{RequestReview, ResolveTicket};
use model::gate::Subject;
use model::review::TicketOutcome;

use super::*;

pub(super) fn told_kinds() -> Vec<&'static str> {
    told(&story()).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn what_people_look_at_is_told() {
    let adopted = World::adopt(RELEASE).records().count();
    let text: Vec<String> = told(&story()).into_iter().skip(adopted).map(|(_, text)| text).collect();
    check_text(&text.join("\n"), STORY);
}

fn story() -> World {
    let mut world = World::adopt(RELEASE);
    let task = world.task("7.3");
    let entry = |text: &str| EntryDetails { text: text.to_owned(), ..EntryDetails::default() };
    world.does("Rae", Command::Escalate { entry: entry("nobody answers"), task: Some(task) });
    world.does("Rae", Command::Escalate { entry: entry("still nobody"), task: Some(task) });
    let ticket = world.plan.tickets[0].id;
    world.does("Bo", Command::AssignTicket { ticket, reviewer: PersonId::new("Ada").ok() });
    world.does("Bo", Command::UnassignTicket(ticket));
    world.agent("coder", Command::NoteTicket { ticket, text: "asked the vendor".to_owned() });
    let close = |ticket, outcome, summary: &str| {
        let summary = summary.to_owned();
        Command::ResolveTicket(Box::new(ResolveTicket { ticket, outcome, summary, check: None, role: None }))
    };
    world.does("Ada", close(ticket, TicketOutcome::Resolved, "they answered"));
    let due = Some(world.now + jiff::SignedDuration::from_hours(8));
    let request = |about, summary: &str, due| {
        let summary = summary.to_owned();
        Command::RequestReview(Box::new(RequestReview { about, summary, due, ..RequestReview::default() }))
    };
    world.does("Rae", request(Some(Subject::Task(task)), "please acknowledge", due));
    let due = Some(world.now + jiff::SignedDuration::from_hours(4));
    world.does("Rae", request(Some(Subject::Task(task)), "please acknowledge", due));
    world.does("Rae", request(None, "is the plan right", None));
    let ticket = world.plan.tickets[2].id;
    world.does("Bo", close(ticket, TicketOutcome::Dismissed, ""));
    world
}

const STORY: &str = r"
Rae [declared] escalated `7.3`: nobody answers
Rae [declared] asked for a review on `7.3` (escalation): nobody answers
Rae [declared] escalated `7.3`: still nobody
Rae [declared] added to the review of `7.3`: escalation
Bo [declared] gave the review of `7.3` to Ada
Bo [declared] put the review of `7.3` back
coder (s1) [declared] noted on the review of `7.3`: asked the vendor
Ada [unauthenticated] resolved the review of `7.3`: they answered
Ada [declared] ended the escalation `nobody answers`: they answered
Ada [declared] ended the escalation `still nobody`: they answered
Rae [declared] asked for a review on `7.3` (acknowledgement): please acknowledge, an answer is asked for by 2031-05-01 17:00 UTC
Rae [declared] added to the review of `7.3`: an answer is asked for by 2031-05-01 13:00 UTC
Rae [declared] asked for a review (request): is the plan right
Bo [unauthenticated] dismissed the review of `is the plan right`
";
