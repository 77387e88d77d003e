//! What holds for every sequence of commands and every order of events.

use jiff::Timestamp;
use model::actor::By;
use model::apply::{Stamp, apply};
use model::check::Outcome;
use model::command::Command;
use model::context::Context;
use model::digest::Digest;
use model::event::Event;
use model::gate::Subject;
use model::ids::{PlanId, Seq};
use model::plan::Plan;
use model::ruling::rule;
use model::standing::Standings;
use model::target::Target;
use model::task::Task;
use model::work::outstanding;
use proptest::prelude::*;
use testkit::checkers::Entry;
use testkit::world::{Ask, Play, World, play};

use crate::goldens::goldens;
use crate::story::{Row, Story, agent, given, person, signed};

const PLAN: &str = "T-1: Build | check a: make a | approval look: lead
T-2: Ship | needs: T-1 | metric p95: p95 < 200
T-3: Think
T-4: Tell | needs: T-3 | tasks all: T-1, T-2";

const LOOSER: &str = "T-1: Build | check a: make other
T-2: Ship | metric p95: p95 < 900
T-3: Think | box: x
T-4: Tell | needs: T-3 | tasks all: T-1";

/// Something that one of four actors does to one of four tasks; small, so that failures shrink.
#[derive(Debug, Clone, Copy)]
struct Move {
    kind: u8,
    actor: u8,
    task: u8,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (0u8..18, 0u8..5, 0u8..4).prop_map(|(kind, actor, task)| Move { kind, actor, task });
    prop::collection::vec(one, 1..60)
}

fn make(story: &mut Story, step: Move) {
    let by = match step.actor {
        0 => person("ada"),
        1 => signed("bob"),
        2 => agent("smith"),
        3 => By::document(),
        _ => By::system(),
    };
    let name = ["T-1", "T-2", "T-3", "T-4"][usize::from(step.task)];
    let Some(task) = story.plan.task_by_key(&testkit::sketch::key(name)) else { return };
    let id = task.id;
    let first = task.gate.checks.first().map(|check| (check.id, check.digest, task.attempt));
    let verdict = |outcome| {
        let (check, spec, attempt) = first?;
        let evidence = Box::new(crate::story::evidence("seen"));
        Some(Command::RecordVerdict { check, attempt, spec, inputs: story.inputs, outcome, evidence })
    };
    let waiver = story.plan.waivers.last().map(|waiver| waiver.id);
    let reason = "because".to_owned();
    let command = match step.kind {
        0 => Some(Command::Start(id)),
        1 => Some(Command::Claim { task: id, how: model::task::ClaimHow::Verb }),
        2 => Some(Command::Claim { task: id, how: model::task::ClaimHow::Import }),
        3 | 4 => verdict(Outcome::Pass),
        5 => verdict(Outcome::Fail),
        6 => verdict(Outcome::Error),
        7 | 8 => Some(Command::Verify { task: id, inputs: story.inputs }),
        9 => Some(Command::Approve { subject: Subject::Task(id), check: None, role: None }),
        10 => Some(Command::Reopen { task: id, reason }),
        11 => Some(Command::Drop { task: id, reason }),
        12 => first.map(|(check, ..)| {
            let until = story.now + jiff::SignedDuration::from_hours(30);
            Command::Waive { check, reason, until, approve: step.actor == 1 }
        }),
        13 => waiver.map(Command::ApproveWaiver),
        14 => {
            let text = if step.task == 0 { LOOSER } else { PLAN };
            let definition = Box::new(testkit::sketch::sketch(text));
            Some(Command::RevisePlan { onto: story.plan.revision, base: None, definition })
        }
        15 => first.map(|(check, ..)| Command::ApproveWeakening(model::gate::Loosened::Check(check))),
        16 => {
            let (name, source) = ("p95".to_owned(), "run".to_owned());
            let value = f64::from(step.task) * 150.0;
            Some(Command::RecordReading { name, value, unit: None, source, role: None })
        }
        _ => {
            story.now += jiff::SignedDuration::from_hours(i64::from(step.task) * 12);
            None
        }
    };
    if let Some(command) = command {
        // Carried out or refused, both are fine: the story judges what comes of it.
        let _ = story.when(&by, command).0;
    }
    story.gates_agree();
}

/// The plan as a snapshot gives it back.
fn thawed(plan: &Plan) -> Plan {
    let bytes = plan.freeze().expect("a plan has a compact form");
    Plan::thaw(bytes).expect("and reads back")
}

/// Asks a plan everything that can be asked of one.
fn interrogate(plan: &Plan, now: Timestamp) {
    let _ = (plan.verdict(now), outstanding(plan, Digest::ZERO, now));
    let standings = Standings::new(plan, now);
    for task in &plan.tasks {
        let standing = plan.standing(task, now);
        assert_eq!((standings.of(task), standings.blockers(task)), (standing, plan.blockers(task, now)));
        assert_eq!(standings.is_late(task, standing), plan.is_late(task, now));
    }
    for (subject, check) in plan.checks() {
        let _ = (plan.subject_name(subject), plan.check_standing(check.id, now));
    }
    for gate in &plan.gates {
        let _ = plan.unmet_gate_needs(&gate.name, now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// The story checks after each step, by the log alone, that nothing is open or verified without
    /// passing checks, valid waivers or a person's signature, and that the log replays to the plan.
    #[test]
    fn no_sequence_of_commands_opens_a_gate_without_proof(steps in moves(), around in any::<bool>()) {
        let mut story = given(PLAN);
        story.agent_present = around;
        for step in steps {
            make(&mut story, step);
        }
        interrogate(&story.plan, story.now);
        prop_assert_eq!(&thawed(&story.plan), &story.plan);
    }

    #[test]
    fn any_order_of_events_can_be_applied(seed in 0u64..1_000, order in prop::collection::vec(any::<u16>(), 0..300)) {
        let world = play(seed, 120);
        let mut log: Vec<Entry> = world.log().to_vec();
        let first = log[0].clone();
        log.extend(goldens().map(|event| Entry { event, ..first.clone() }));
        let mut plan = Plan::empty(PlanId::from_bits(1));
        let mut kept = plan.clone();
        for (place, pick) in order.iter().enumerate() {
            if place == order.len() / 2 {
                kept = thawed(&plan);
            }
            let entry = &log[usize::from(*pick) % log.len()];
            for plan in [&mut plan, &mut kept] {
                apply(plan, &entry.event, Stamp { seq: Seq(place as u64 + 1), at: entry.at, by: &entry.by });
            }
        }
        // A plan that came from a snapshot goes on as the one it was taken of, and finds the same.
        let found = |plan: &Plan| {
            let ids = |tasks: Vec<&Task>| tasks.iter().map(|task| task.id).collect::<Vec<_>>();
            let keys = plan.tasks.iter().map(|task| plan.task_by_key(&task.key).map(|task| task.id));
            (ids(plan.leased().collect()), ids(plan.guarded().collect()), keys.collect::<Vec<_>>())
        };
        prop_assert_eq!(&kept, &plan);
        prop_assert_eq!(found(&kept), found(&plan));
        interrogate(&plan, log[0].at);
        prop_assert_eq!(&thawed(&plan), &plan);
        let text = serde_json::to_string(&plan).expect("a plan has a JSON form");
        prop_assert_eq!(&serde_json::from_str::<Plan>(&text).expect("and reads back"), &plan);
    }

    #[test]
    fn a_target_reads_back_as_it_prints(text in "[-<>=≤≥]{0,2} ?[0-9]{1,4}([.][0-9]{1,2})?( ?%| minutes| [a-z/.]{0,6})?(( ?(\\.\\.|–|-|to |/) ?)[-0-9]{1,4}( ?%| minutes)?)?") {
        if let Some(target) = Target::parse(&text) {
            prop_assert_eq!(Target::parse(&target.to_string()), Some(target.clone()), "`{}` prints as `{}`", text, target);
            prop_assert!(target.at_least_as_strict_as(&target));
        }
    }

    /// Strictness, judged by the ends of the intervals, is what the numbers say.
    #[test]
    fn a_stricter_target_lets_no_number_through_that_the_older_does_not(one in target(), other in target()) {
        let numbers = (-40..=40).map(|half| f64::from(half) / 2.0);
        let narrower = numbers.into_iter().all(|number| !one.met_by(number) || other.met_by(number));
        if one.at_least_as_strict_as(&other) {
            prop_assert!(narrower, "{one} is no stricter than {other}");
        }
    }
}

fn target() -> impl Strategy<Value = Target> {
    let text = (prop::sample::select(vec!["<", "<=", ">", ">=", "=", ".."]), -9i32..9, 0i32..9);
    text.prop_map(|(sign, low, width)| {
        let text = if sign == ".." { format!("{low}..{}", low + width) } else { format!("{sign} {low}") };
        Target::parse(&text).expect("a plain target")
    })
}

/// A plan that came from a snapshot rules like the one it was taken of.
#[test]
fn a_thawed_plan_rules_as_the_live_one() {
    let mut live = Plan::empty(PlanId::from_bits(0));
    let (mut ids, mut step) = (0, 0);
    let mut submit = |ask: Ask| {
        // The store's own stream keeps what no snapshot does.
        if ask.plan == PlanId::STORE {
            return Err(model::refusal::Refusal::new(model::refusal::PLAN_NOT_FOUND, "not here"));
        }
        if live.id != ask.plan {
            live = Plan::empty(ask.plan);
        }
        step += 1;
        let Ask { now, by, agent_present, fence, command, .. } = ask;
        model::ruling::commons::admits(&model::commons::Commons::default(), &by, &command)?;
        let name = command.name();
        let rules = |plan: &Plan, row: &mut Row, command: Command| {
            rule(plan, command, &mut Context { now, by: &by, agent_present, fence, ids: row })
        };
        let mut row = Row::after(ids);
        let events = rules(&live, &mut row, command.clone());
        if step % 5 == 0 {
            let again = rules(&thawed(&live), &mut Row::after(ids), command);
            assert_eq!(again, events, "step {step}");
        }
        ids = row.last();
        let mut entries = Vec::new();
        for event in events? {
            let seq = live.seq.next();
            apply(&mut live, &event, Stamp { seq, at: now, by: &by });
            entries.push(Entry { seq, at: now, by: by.clone(), command: name.to_owned(), event });
        }
        Ok(entries)
    };
    let mut world = World::new(77);
    for _ in 0..1_500 {
        world.step(&mut submit);
    }
    assert!(world.tally().accepted > 450);
}

#[test]
fn a_checker_sees_the_rule_it_guards_broken() {
    // The same steps, with one verdict turned from fail to pass on its way into the log.
    let mut rules = Play::default();
    let mut world = World::new(5);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        for _ in 0..2_000 {
            world.step(&mut |ask| {
                let mut entries = rules.submit(ask)?;
                for entry in &mut entries {
                    if let Event::VerdictRecorded(verdict) = &mut entry.event
                        && verdict.outcome == Outcome::Pass
                    {
                        verdict.outcome = Outcome::Error;
                    }
                }
                Ok(entries)
            });
        }
    }));
    let message = broken.expect_err("the world notices");
    let message = message.downcast_ref::<String>().expect("a sentence");
    assert!(message.starts_with("seed 5 step "), "{message}");
}
