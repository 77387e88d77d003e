//! The review queue: what opens a ticket, who answers it, and what an answer countersigns.

use std::collections::BTreeMap;

use jiff::ToSpan;
use model::actor::By;
use model::command::{Command, RequestReview, ResolveTicket};
use model::draft::{Owner, OwnerRole};
use model::facts::Fact;
use model::gate::Subject;
use model::ids::{PersonId, TicketId};
use model::lease::{LeaseEnd, Usage};
use model::registers::EntryDetails;
use model::review::{MOST_PAYLOAD, Ticket, TicketOutcome, TicketSource};

use crate::story::{Story, Then, agent, given, person, signed};

const APPROVED: &str = "T-1: Build | approval look: lead";

impl Story {
    #[track_caller]
    fn ticket(&self) -> &Ticket {
        self.plan.tickets.last().expect("a ticket")
    }

    #[track_caller]
    fn escalate(&mut self, by: &By, name: Option<&str>, text: &str) -> Then {
        let task = name.map(|name| self.id(name));
        let entry = EntryDetails { text: text.to_owned(), ..EntryDetails::default() };
        self.when(by, Command::Escalate { entry, task })
    }

    #[track_caller]
    fn request(&mut self, by: &By, name: Option<&str>, summary: &str, hours: Option<i64>) -> Then {
        let about = name.map(|name| Subject::Task(self.id(name)));
        let due = hours.map(|hours| self.now + hours.hours());
        let request = RequestReview { about, summary: summary.to_owned(), due, payload: BTreeMap::new() };
        self.when(by, Command::RequestReview(Box::new(request)))
    }

    #[track_caller]
    fn assign(&mut self, by: &By, to: Option<&str>) -> Then {
        let ticket = self.ticket().id;
        let reviewer = to.map(|name| PersonId::new(name).expect("a name"));
        self.when(by, Command::AssignTicket { ticket, reviewer })
    }

    #[track_caller]
    fn resolve(&mut self, by: &By) -> Then {
        self.answer(by, TicketOutcome::Resolved, None)
    }

    #[track_caller]
    fn dismiss(&mut self, by: &By) -> Then {
        self.answer(by, TicketOutcome::Dismissed, None)
    }

    #[track_caller]
    fn answer(&mut self, by: &By, outcome: TicketOutcome, role: Option<&str>) -> Then {
        let (ticket, summary) = (self.ticket().id, "looked at it".to_owned());
        let role = role.map(str::to_owned);
        let answer = ResolveTicket { ticket, outcome, summary, check: None, role };
        self.when(by, Command::ResolveTicket(Box::new(answer)))
    }

    #[track_caller]
    fn remark(&mut self, by: &By, text: &str) -> Then {
        let ticket = self.ticket().id;
        self.when(by, Command::NoteTicket { ticket, text: text.to_owned() })
    }
}

// ---- one ticket for each task

#[test]
fn two_escalations_are_one_ticket() {
    let (ada, smith) = (person("ada"), agent("smith"));
    let mut plan = given("T-1: Build\nT-2: Ship");
    plan.escalate(&ada, Some("T-1"), "nobody answers").gives(&["escalation_opened", "ticket_opened T-1"]);
    plan.minutes(5);
    plan.escalate(&smith, Some("T-1"), "still nobody").gives(&["escalation_opened", "ticket_joined T-1"]);
    assert_eq!(plan.plan.tickets.len(), 1);
    let ticket = plan.ticket();
    assert_eq!(ticket.sources.len(), 2);
    assert!(ticket.is_escalated() && ticket.updated_at > ticket.created_at);
    let payload: Vec<(&str, &str)> =
        ticket.payload.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(payload, [("escalation", "nobody answers"), ("escalation~2", "still nobody")]);
    plan.escalate(&ada, Some("T-2"), "another task").gives(&["escalation_opened", "ticket_opened T-2"]);
    // What is about no task is about the plan, each for itself.
    plan.escalate(&ada, None, "no test host").gives(&["escalation_opened", "ticket_opened"]);
    plan.escalate(&ada, None, "no money").gives(&["escalation_opened", "ticket_opened"]);
}

#[test]
fn once_it_is_closed_the_next_escalation_is_a_ticket_of_its_own() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    plan.escalate(&ada, Some("T-1"), "nobody answers").done();
    plan.resolve(&ada).gives(&["ticket_closed T-1 resolved", "escalation_resolved"]);
    assert_eq!(plan.plan.escalations[0].resolved.as_ref().expect("an end").0, "looked at it");
    plan.escalate(&ada, Some("T-1"), "again").gives(&["escalation_opened", "ticket_opened T-1"]);
    assert_eq!(plan.plan.tickets.len(), 2);
}

#[test]
fn an_escalation_that_ends_answers_its_ticket_where_a_person_ends_it() {
    for by in [person("bob"), agent("smith")] {
        let mut plan = given("T-1: Build");
        plan.escalate(&person("ada"), Some("T-1"), "nobody answers").done();
        let escalation = plan.plan.escalations[0].id;
        let outcome = "they answered".to_owned();
        plan.when(&by, Command::ResolveEscalation { escalation, outcome }).done();
        assert_eq!(plan.ticket().is_active(), by.actor.is_agent());
    }
}

// ---- what opens one

#[test]
fn a_silent_holder_is_put_before_people_with_its_task() {
    let mut plan = given("T-1: Build");
    plan.take_up(&agent("smith"), "T-1").done();
    plan.minutes(30);
    let task = plan.id("T-1");
    plan.when(&By::system(), Command::TellSilence(task)).gives(&[
        "lease_silent T-1 missed 6",
        "escalation_opened",
        "ticket_opened T-1",
    ]);
    assert!(plan.ticket().summary.contains("has missed 6 heartbeats"));
}

#[test]
fn a_claim_asks_for_the_approvals_of_its_gate_and_no_other_claim_does() {
    let mut plan = given("T-1: Build | approval look: lead\nT-2: Ship | check tests: make test");
    plan.claim(&person("ada"), "T-1").gives(&["task_claimed T-1 verb", "ticket_opened T-1"]);
    assert_eq!(plan.ticket().summary, "`T-1` asks for an approval by lead: Build");
    assert_eq!(plan.plan.approvals_asked(plan.ticket(), plan.now), [plan.check("T-1", "look")]);
    plan.claim(&person("ada"), "T-2").gives(&["task_claimed T-2 verb"]);

    let (smith, mut plan) = (agent("smith"), given(APPROVED));
    plan.take_up(&smith, "T-1").done();
    plan.submit(&smith, "T-1", &[]).gives(&[
        "work_submitted T-1",
        "task_claimed T-1 submit",
        "ticket_opened T-1",
    ]);
}

#[test]
fn an_approval_that_was_given_is_not_asked_for_unless_it_is_the_claimers_own() {
    for (approver, asks) in [("bob", false), ("ada", true)] {
        let mut plan = given(APPROVED);
        plan.approve(&person(approver), "T-1", None).done();
        plan.claim(&person("ada"), "T-1").done();
        assert_eq!(plan.plan.tickets.len(), usize::from(asks), "{approver}");
    }
}

#[test]
fn a_post_asks_owners_to_acknowledge_by_a_time() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let owner = Owner { name: "bob".to_owned(), role: OwnerRole::Primary };
    let (task, put) = (plan.id("T-1"), vec![Fact::Owner(Box::new(owner))]);
    plan.when(&ada, Command::Update { task, put, clear: Vec::new() }).done();
    plan.request(&ada, Some("T-1"), " ", None).refused("value/invalid", "must not be empty");
    plan.request(&ada, Some("T-1"), "acknowledge", Some(0)).refused("value/invalid", "in the future");
    plan.request(&ada, Some("T-1"), "acknowledge", Some(3)).gives(&["ticket_opened T-1"]);
    assert_eq!(plan.ticket().sources, [TicketSource::Acknowledgement]);
    assert_eq!(plan.ticket().payload["owners"], "bob");
    let due = plan.ticket().due.expect("a time");
    // Sooner counts, later does not.
    plan.request(&ada, Some("T-1"), "acknowledge", Some(5)).gives(&[]);
    plan.request(&ada, Some("T-1"), "acknowledge", Some(1)).gives(&["ticket_joined T-1"]);
    assert!(plan.ticket().due < Some(due));
    plan.request(&agent("smith"), None, "have a look", None).gives(&["ticket_opened"]);
    for by in [By::document(), By::system()] {
        plan.request(&by, None, "have a look", None).refused("policy/denied", "only a person or an agent");
    }
}

#[test]
fn a_gate_can_be_put_before_people_and_answered() {
    let bob = person("bob");
    let mut plan = given("T-1: Build\ngate deploy | needs: T-1 | approval go: release owner");
    let (subject, _) = plan.plan.gates_with_subjects().last().expect("a gate");
    let request = |about| {
        let summary = "may it go out".to_owned();
        Command::RequestReview(Box::new(RequestReview {
            about: Some(about),
            summary,
            ..RequestReview::default()
        }))
    };
    plan.when(&person("ada"), request(subject)).gives(&["ticket_opened deploy"]);
    plan.resolve(&bob).gives(&["approval_given deploy.go", "ticket_closed deploy resolved"]);
    let nowhere = Subject::Gate(model::ids::GateId::from_bits(7));
    plan.when(&bob, request(nowhere)).refused("gate/not-found", "there is nothing called");
}

#[test]
fn guardrails_are_put_before_people_where_something_is_recorded() {
    let (ada, smith) = (person("ada"), agent("smith"));
    let mut plan = given("setting strikes: 1\nsetting tokens: 100\nT-1: Build");
    plan.take_paths(&smith, "T-1", &["src/**"]).done();
    plan.touch(&smith, "T-1", "src/a.rs").gives(&["path_touched src/a.rs"]);
    plan.touch(&smith, "T-1", "docs/a.md").gives(&["path_touched docs/a.md foreign", "ticket_opened T-1"]);
    plan.touch(&smith, "T-1", "docs/a.md").gives(&["path_touched docs/a.md foreign"]);
    plan.touch(&smith, "T-1", "docs/b.md").gives(&["path_touched docs/b.md foreign", "ticket_joined T-1"]);
    assert_eq!(plan.ticket().sources, [TicketSource::Guardrail("path/foreign".to_owned())]);
    assert_eq!(plan.ticket().payload["path~2"], "docs/b.md");
    plan.release(&smith, "T-1", LeaseEnd::Failed, "no idea")
        .gives(&["lease_ended T-1 failed", "ticket_joined T-1"]);
    let used = |tokens| Usage { tokens, ..Usage::default() };
    let task = plan.id("T-1");
    plan.when(&ada, Command::RecordUsage { task, usage: used(99) }).gives(&["usage_recorded T-1"]);
    plan.when(&ada, Command::RecordUsage { task, usage: used(1) })
        .gives(&["usage_recorded T-1", "ticket_opened"]);
    plan.when(&ada, Command::RecordUsage { task, usage: used(1) }).gives(&["usage_recorded T-1"]);
    assert_eq!((plan.ticket().about, plan.ticket().payload["budget"].as_str()), (None, "100 of 100 tokens"));
}

#[test]
fn a_payload_grows_to_a_bound() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    for number in 0..MOST_PAYLOAD {
        plan.request(&ada, Some("T-1"), &format!("look at {number}"), None).done();
    }
    plan.request(&ada, Some("T-1"), "one more", None).refused("value/invalid", "as much as a ticket can");
    assert_eq!(plan.ticket().payload.len(), MOST_PAYLOAD);
}

// ---- who answers, and how

#[test]
fn assigning_puts_it_in_review_and_unassigning_opens_it_again() {
    let (ada, smith) = (person("ada"), agent("smith"));
    let mut plan = given("T-1: Build");
    plan.request(&smith, Some("T-1"), "have a look", None).done();
    assert_eq!(plan.ticket().status(), "open");
    plan.assign(&ada, None).gives(&["ticket_assigned T-1 ada"]);
    assert_eq!((plan.ticket().status(), plan.ticket().reviewer().unwrap().as_str()), ("in_review", "ada"));
    plan.assign(&ada, Some("ada")).gives(&[]);
    plan.assign(&ada, Some("bob")).gives(&["ticket_assigned T-1 bob"]);
    plan.assign(&smith, None).refused("policy/denied", "only a person can assign");
    let ticket = plan.ticket().id;
    plan.when(&smith, Command::UnassignTicket(ticket)).refused("policy/denied", "only a person can unassign");
    plan.when(&ada, Command::UnassignTicket(ticket)).gives(&["ticket_unassigned T-1"]);
    plan.when(&ada, Command::UnassignTicket(ticket)).gives(&[]);
    assert_eq!((plan.ticket().status(), plan.ticket().reviewer()), ("open", None));
    plan.resolve(&smith).refused("policy/denied", "only a person can resolve");
    plan.agent_present = true;
    plan.resolve(&ada).refused("identity/unproven", "an agent is present");
    plan.assign(&ada, None).refused("identity/unproven", "an agent is present");
    plan.resolve(&signed("ada")).gives(&["ticket_closed T-1 resolved"]);
}

#[test]
fn what_is_closed_stays_closed_and_takes_notes_only() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    plan.request(&ada, Some("T-1"), "have a look", None).done();
    plan.assign(&ada, Some("bob")).done();
    plan.minutes(30);
    plan.dismiss(&ada).gives(&["ticket_closed T-1 dismissed"]);
    let ticket = plan.ticket().id;
    let no =
        plan.assign(&ada, None).refused("review/closed", "the ticket was dismissed by ada at 2031-05-05");
    assert_eq!(no.exit(), 8);
    plan.when(&ada, Command::UnassignTicket(ticket)).refused("review/closed", "was dismissed");
    plan.resolve(&ada).refused("review/closed", "was dismissed");
    plan.dismiss(&ada).refused("review/closed", "was dismissed");
    assert_eq!(plan.ticket().reviewer().unwrap().as_str(), "bob");
    let before = plan.ticket().closed().cloned();
    plan.minutes(30);
    plan.remark(&agent("smith"), "seen").gives(&["ticket_noted T-1"]);
    plan.remark(&ada, " \t").refused("value/invalid", "a note must not be empty");
    assert_eq!(plan.ticket().closed().cloned(), before, "a note moves nothing");
}

#[test]
fn a_ticket_nobody_knows_is_not_found() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let ticket = TicketId::from_bits(7);
    let resolve = ResolveTicket {
        ticket,
        outcome: TicketOutcome::Resolved,
        summary: String::new(),
        check: None,
        role: None,
    };
    for command in [
        Command::AssignTicket { ticket, reviewer: None },
        Command::UnassignTicket(ticket),
        Command::NoteTicket { ticket, text: "seen".to_owned() },
        Command::ResolveTicket(Box::new(resolve)),
    ] {
        let no = plan.when(&ada, command).refused("review/not-found", "");
        assert_eq!((no.message.as_str(), no.exit()), ("Review ticket not found", 3));
    }
}

// ---- what an answer countersigns

#[test]
fn resolving_gives_the_approval_under_the_rules_of_approving() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given(&format!("setting role lead: ada, bob\n{APPROVED}"));
    plan.claim(&ada, "T-1").done();
    plan.resolve(&ada).refused("approval/self", "ada claimed task `T-1` and so cannot approve it");
    plan.resolve(&person("cleo")).refused("policy/denied", "cleo does not have the role `lead`");
    plan.resolve(&agent("smith")).refused("policy/denied", "only a person");
    assert!(plan.ticket().is_active());
    plan.resolve(&bob).gives(&["approval_given T-1.look", "ticket_closed T-1 resolved"]);
    plan.verify("T-1").done();
    assert_eq!(plan.state("T-1"), "verified");
}

#[test]
fn a_plan_that_asks_for_proof_of_who_it_is_asks_reviewers_too() {
    let mut plan = given(&format!("setting identity: proven\n{APPROVED}"));
    plan.claim(&person("ada"), "T-1").done();
    plan.resolve(&person("bob")).refused("identity/unproven", "asks for a proven identity");
    plan.resolve(&signed("bob")).done();
    assert!(plan.stands("T-1", "look").opens());
}

#[test]
fn dismissing_approves_nothing() {
    let mut plan = given(APPROVED);
    plan.claim(&person("ada"), "T-1").done();
    // Also whoever claimed it may put it aside: that gives nothing.
    plan.dismiss(&person("ada")).gives(&["ticket_closed T-1 dismissed"]);
    assert!(!plan.stands("T-1", "look").opens());
    plan.approve(&person("bob"), "T-1", None).gives(&["approval_given T-1.look"]);
}

#[test]
fn approving_answers_the_ticket() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | approval look: lead x2");
    plan.claim(&person("cleo"), "T-1").done();
    plan.approve(&ada, "T-1", None).gives(&["approval_given T-1.look"]);
    plan.approve(&bob, "T-1", None).gives(&["approval_given T-1.look", "ticket_closed T-1 resolved"]);

    // What waits for somebody's word besides stays.
    let mut plan = given(APPROVED);
    plan.claim(&ada, "T-1").done();
    plan.escalate(&ada, Some("T-1"), "is this safe").done();
    plan.approve(&bob, "T-1", None).gives(&["approval_given T-1.look"]);
    plan.resolve(&ada).gives(&["ticket_closed T-1 resolved", "escalation_resolved"]);
}

#[test]
fn each_of_several_approvers_has_a_ticket_to_answer() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | approval look: lead x2");
    plan.claim(&person("cleo"), "T-1").done();
    plan.resolve(&ada).gives(&["approval_given T-1.look", "ticket_closed T-1 resolved", "ticket_opened T-1"]);
    plan.resolve(&ada).refused("task/state", "ada has approved `look` already");
    plan.resolve(&bob).gives(&["approval_given T-1.look", "ticket_closed T-1 resolved"]);
    assert!(plan.stands("T-1", "look").opens());
}

#[test]
fn where_several_approvals_are_asked_for_one_is_named() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | approval look: lead | approval safe: security");
    plan.claim(&person("cleo"), "T-1").done();
    let resolved = TicketOutcome::Resolved;
    plan.resolve(&ada).refused("value/invalid", "asks for several approvals");
    plan.answer(&ada, resolved, Some("king")).refused("value/invalid", "asks for no such approval");
    plan.answer(&ada, resolved, Some("security")).gives(&[
        "approval_given T-1.safe",
        "ticket_closed T-1 resolved",
        "ticket_opened T-1",
    ]);
    plan.resolve(&person("bob")).gives(&["approval_given T-1.look", "ticket_closed T-1 resolved"]);
}

#[test]
fn work_that_is_opened_again_asks_for_nothing_until_it_is_claimed_again() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given(APPROVED);
    plan.claim(&ada, "T-1").done();
    plan.reopen(&bob, "T-1").gives(&["task_reopened T-1 attempt 2", "ticket_closed T-1 dismissed"]);
    plan.claim(&ada, "T-1").gives(&["task_claimed T-1 verb", "ticket_opened T-1"]);
    plan.drop_task(&bob, "T-1").gives(&["task_dropped T-1", "ticket_closed T-1 dismissed"]);

    // A ticket that has something else to it stays, and countersigns the new attempt only once that
    // is claimed.
    let mut plan = given(APPROVED);
    plan.claim(&ada, "T-1").done();
    plan.escalate(&ada, Some("T-1"), "is this safe").done();
    plan.reopen(&bob, "T-1").gives(&["task_reopened T-1 attempt 2"]);
    assert_eq!(plan.plan.approvals_asked(plan.ticket(), plan.now), []);
    plan.claim(&ada, "T-1").gives(&["task_claimed T-1 verb", "ticket_joined T-1"]);
    plan.resolve(&bob).gives(&[
        "approval_given T-1.look",
        "ticket_closed T-1 resolved",
        "escalation_resolved",
    ]);
}
