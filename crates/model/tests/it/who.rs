//! Who said it, and how that was known.

use model::actor::{By, Known};
use model::command::{Command, Schedule};
use model::digest::Digest;
use model::gate::{Loosened, Subject};
use model::ids::PersonId;
use model::standing::Standing;

use crate::story::{Story, agent, given, person, signed};

const PLAN: &str = "T-1: Build | approval look: lead\nT-2: Lint | check lint: make lint | check spell: make spell\nT-3: Speed | metric p95: p95 < 200\nT-4: Gone\nT-5: Going";

/// Everything that only a person may do, on a plan in which each of it can be done.
fn persons_business(settings: &str) -> (Story, Vec<(&'static str, Command)>) {
    let mut plan = given(&format!("{settings}\n{PLAN}"));
    plan.waive(&agent("smith"), "T-2", "lint", 3).done();
    plan.revise(&agent("smith"), &format!("{settings}\n{}", PLAN.replace(" | check spell: make spell", "")))
        .done();
    plan.drop_task(&signed("ada"), "T-4").done();
    let (t1, t4, t5) = (plan.id("T-1"), plan.id("T-4"), plan.id("T-5"));
    let (spell, waiver) = (plan.check("T-2", "spell"), plan.waiver());
    let ada = PersonId::new("ada").expect("a name");
    let reason = || "because".to_owned();
    let commands = vec![
        ("approve", Command::Approve { subject: Subject::Task(t1), check: None, role: None }),
        ("weaken", Command::ApproveWeakening(Loosened::Check(spell))),
        ("grant", Command::ApproveWaiver(waiver)),
        ("revoke", Command::RevokeWaiver { waiver, reason: reason() }),
        ("drop", Command::Drop { task: t5, reason: reason() }),
        ("reopen", Command::Reopen { task: t4, reason: reason() }),
        ("attach", Command::Attach { task: t1, name: "a.png".to_owned(), blob: Digest::ZERO, size: 1 }),
        ("rebaseline", Command::Rebaseline { task: t1, to: Schedule::Estimate(3.0), reason: reason() }),
        (
            "reading",
            Command::RecordReading {
                name: "p95".to_owned(),
                value: 1.0,
                unit: None,
                source: "me".to_owned(),
                role: None,
            },
        ),
        ("trust", Command::Trust { path: "PLAN.md".to_owned(), set: Digest::ZERO, commands: 2 }),
        ("key", Command::RegisterKey { person: ada, key: "ed25519:00".to_owned() }),
    ];
    (plan, commands)
}

#[test]
fn a_declared_person_will_do_where_the_plan_asks_for_no_more_and_is_marked() {
    let (mut plan, commands) = persons_business("");
    for (name, command) in commands {
        let told = plan.when(&person("ada"), command).0;
        assert!(told.is_ok(), "{name}: {told:?}");
        let by = &plan.log[plan.log.len() - 1].by;
        assert_eq!(
            (by.known, by.known.is_proven()),
            (Known::Declared, false),
            "{name} reads unauthenticated"
        );
    }
    let approval = &plan.task("T-1").gate.checks[0].approvals[0];
    assert!(!approval.by.known.is_proven());
    assert!(!plan.plan.waivers[0].is_proven());
}

#[test]
fn no_agent_document_or_program_does_a_persons_business() {
    let (mut plan, commands) = persons_business("");
    for by in [agent("smith"), By::document(), By::system()] {
        for (name, command) in &commands {
            if *name == "reading" && by == By::system() {
                continue;
            }
            let refusal = plan.when(&by, command.clone()).refused("policy/denied", "only a person can");
            assert_eq!(refusal.exit(), 5, "{name}");
        }
    }
}

#[test]
fn where_identity_is_proven_a_declared_name_is_refused_and_a_signature_accepted() {
    for weak in [person("ada"), By { known: Known::Terminal, ..person("ada") }] {
        let (mut plan, commands) = persons_business("setting identity: proven");
        for (name, command) in commands {
            let refusal = plan
                .when(&weak, command.clone())
                .refused("identity/unproven", "this plan asks for a proven identity");
            assert!(refusal.hint.expect("a hint").contains("--sign"), "{name}");
            plan.when(&signed("ada"), command).done();
        }
    }
    let (mut plan, commands) = persons_business("setting identity: proven");
    let token = By { known: Known::Token, ..person("ada") };
    plan.when(&token, commands[0].1.clone()).done();
}

#[test]
fn where_an_agent_is_around_a_declared_name_is_refused_and_a_signature_accepted() {
    for weak in [person("ada"), By { known: Known::Terminal, ..person("ada") }] {
        let (mut plan, commands) = persons_business("");
        plan.agent_present = true;
        for (_, command) in commands {
            plan.when(&weak, command.clone()).refused("identity/unproven", "an agent is present");
            plan.when(&signed("ada"), command).done();
        }
    }
}

#[test]
fn where_an_agent_is_around_work_goes_on() {
    let mut plan = given("T-1: Build");
    plan.agent_present = true;
    plan.start(&person("ada"), "T-1").done();
    plan.claim(&person("ada"), "T-1").done();
}

#[test]
fn what_was_only_declared_stops_counting_when_the_plan_asks_for_proof() {
    let (ada, bob) = (person("ada"), person("bob"));
    let loose = "T-1: Build | approval look: lead\nT-2: Lint | check lint: make lint\nT-3: Speed | metric p95: p95 < 200";
    let mut plan = given(loose);
    plan.approve(&bob, "T-1", None).done();
    plan.waive(&ada, "T-2", "lint", 3).done();
    plan.grant(&bob).done();
    plan.reading(&ada, "p95", 10.0).done();
    for name in ["T-1", "T-2", "T-3"] {
        plan.verify(name).done();
    }
    plan.revise(&ada, &format!("setting identity: proven\n{loose}")).done();
    for name in ["T-1", "T-2", "T-3"] {
        assert_eq!(plan.standing(name), Standing::Lapsed, "{name}");
    }
    plan.approve(&signed("bob"), "T-1", None).gives(&["approval_given T-1.look"]);
    plan.reading(&signed("ada"), "p95", 10.0).done();
    assert_eq!((plan.standing("T-1"), plan.standing("T-3")), (Standing::Verified, Standing::Verified));
}

#[test]
fn trust_and_keys_are_given_before_any_plan_is_adopted() {
    let mut store = Story::new();
    let key = |whose: &str, key: &str| Command::RegisterKey {
        person: PersonId::new(whose).expect("a name"),
        key: key.to_owned(),
    };
    let trust = |path: &str| Command::Trust { path: path.to_owned(), set: Digest::ZERO, commands: 3 };
    store.when(&person("ada"), trust("PLAN.md")).gives(&["trust_given"]);
    store.when(&person("ada"), trust(" ")).refused("value/invalid", "the plan's path");
    store.when(&person("ada"), key("ada", "ed25519:ab")).gives(&["key_registered"]);
    store
        .when(&person("ada"), key("bob", "ed25519:ab"))
        .refused("policy/denied", "ada cannot register a key for bob");
    store
        .when(&person("ada"), key("ada", "rsa:ab"))
        .refused("value/invalid", "a public key begins with `ed25519:`");
}
