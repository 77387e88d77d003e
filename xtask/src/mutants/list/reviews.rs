//! Mutations of the rules of the review queue.

use crate::mutants::Mutant;

pub(super) const REVIEWS: &[Mutant] = &[
    Mutant {
        name: "two-tickets-for-one-task",
        breaks: "a second escalation opens a second ticket",
        file: "ruling/review.rs",
        old: "Some(subject) => plan.active_ticket(subject),",
        new: "Some(subject) => plan.active_ticket(subject).filter(|_| asked.due.is_some()),",
    },
    Mutant {
        name: "closed-tickets-are-given-out",
        breaks: "a closed ticket is assigned again",
        file: "ruling/review.rs",
        old: "let Some(closed) = ticket.closed() else { return Ok(ticket) };",
        new: "let Some(closed) = ticket.closed().filter(|closed| closed.at > Timestamp::MAX) else { return Ok(ticket) };",
    },
    Mutant {
        name: "resolving-approves-nothing",
        breaks: "a ticket is resolved without the approval it asks for",
        file: "ruling/review.rs",
        old: "countersign(ruling, check, &who, cx)?;",
        new: "let _ = check;",
    },
    Mutant {
        name: "dismissing-approves",
        breaks: "a dismissed ticket gives the approval it asks for",
        file: "ruling/review.rs",
        old: "if outcome == TicketOutcome::Resolved {\n        let asked",
        new: "if outcome != TicketOutcome::Resolved || ticket.is_active() {\n        let asked",
    },
    Mutant {
        name: "own-work-through-a-ticket",
        breaks: "who claimed a task approves it by resolving its ticket",
        file: "ruling/approve.rs",
        old: "        not_own_work(plan, ruling.live_task(id)?, cx)?;",
        new: "        ruling.live_task(id)?;",
    },
    Mutant {
        name: "the-same-approval-twice",
        breaks: "one person answers for two by resolving twice",
        file: "ruling/review.rs",
        old: "if ruling.events.len() > before {",
        new: "if ruling.events.len() >= before {",
    },
    Mutant {
        name: "anybody-resolves",
        breaks: "an agent resolves a ticket",
        file: "ruling/review.rs",
        old: "let who = person(ruling.before(), cx, \"resolve a review ticket\")?;",
        new: "let who = person(ruling.before(), cx, \"\").or_else(|_| Ok::<_, Refusal>(PersonId::new(\"bob\").expect(\"a name\")))?;",
    },
];
