//! Every kind of event, told; a plan to which everything happens that can.

use std::collections::BTreeSet;

mod at_work;
mod delivery;
mod reviews;

use super::*;
use crate::testing::{RELEASE, World, agent, check_text, definition, person};
use model::actor::{By, Cause};
use model::check::{CheckSpec, Outcome, Probe};
use model::command::{Command, Schedule};
use model::digest::Digest;
use model::draft::{Due, Owner, OwnerRole, TaskKind};
use model::following::DocumentEdit;
use model::ids::{Key, PersonId, PhaseId, Revision};
use model::registers::EntryDetails;
use model::target::Target;
use model::task::Assertion;

/// Every kind of event there is, as the model itself lists them.
fn kinds() -> BTreeSet<String> {
    let error = serde_json::from_str::<Event>("{\"no_such_kind\":null}").unwrap_err().to_string();
    let (_, listed) = error.split_once("expected one of ").expect("the error lists what is known");
    let names = listed.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

fn told(world: &World) -> Vec<(&'static str, String)> {
    let mut names = Names::new(&world.plan);
    let tell = |record: Record<'_>| {
        names.see(record.event);
        let text = sentence(&names, &record);
        (record.event.kind(), format!("{} {text}", doer(&record)))
    };
    world.records().map(tell).collect()
}

fn due(text: &str) -> Due {
    Due { text: text.to_owned(), at: None }
}

#[test]
fn every_kind_of_event_is_a_sentence() {
    let world = story();
    let told = told(&world);
    let seen = told.iter().map(|(kind, _)| *kind).chain(at_work::told_kinds());
    let seen = seen.chain(reviews::told_kinds()).chain(delivery::told_kinds());
    let seen: BTreeSet<String> = seen.map(str::to_owned).collect();
    let missing: Vec<_> = kinds().difference(&seen).cloned().collect();
    assert!(missing.is_empty(), "no sentence was tested for {missing:?}");
    let text: Vec<String> = told.into_iter().map(|(_, text)| text).collect();
    check_text(&text.join("\n"), STORY);
}

#[test]
fn what_is_gone_keeps_its_name() {
    let mut world = World::adopt("# P\n## A First\n  check lint: run lint\n- a Sand\n");
    let phase = world.plan.phases[0].id;
    world.happens(person("Ada"), Cause::command("revise_plan"), Event::PhaseRemoved { phase });
    let texts: Vec<String> = told(&world).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts[2], "Ada [declared] added check `lint` to `exit of A`: check: `run lint`");
    assert_eq!(texts.last().unwrap(), "Ada [declared] removed phase `A`; its tasks stay");
}

/// A plan to which everything happens that can.
fn story() -> World {
    let mut world = World::adopt(RELEASE);
    let by = person("Ada");
    let hands = By::system();
    let revising = || Cause::command("revise_plan");
    let entry = |text: &str| EntryDetails { text: text.to_owned(), ..EntryDetails::default() };
    let key = |text: &str| Key::new(text).unwrap();

    // The store's own stream.
    let set = Digest::sha256(b"commands");
    let trust = Event::TrustGiven { path: "PLAN.md".to_owned(), set, commands: 2 };
    world.happens(by.clone(), Cause::command("trust"), trust);
    let registered =
        Event::KeyRegistered { person: PersonId::new("Sam").unwrap(), key: "ed25519:00".to_owned() };
    world.happens(by.clone(), Cause::command("register_key"), registered);

    // Work.
    let configuration = world.task("7.2");
    let quality = world.task("7.3");
    let notes = world.task("7.4");
    world.does("Bo", Command::Start(configuration));
    let submitted = Event::TaskClaimed { task: quality, how: ClaimHow::Submit };
    world.happens(agent("coder"), Cause::command("submit"), submitted);
    world.ran("7.3", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20");
    world.ran("7.3", "clippy", Outcome::Pass, "clippy_warnings is 9, target < 20").verifies("7.3");
    world.claims("Bo", "7.4").approves("Sam", "7.4", Some("security")).verifies("7.4");
    world.claims("Bo", "7.2").approves("Sam", "7.2", None);
    world.does("Ada", Command::Reopen { task: quality, reason: "too early".to_owned() });
    let percent = vec![
        Fact::Percent(70.0),
        Fact::Owner(Box::new(Owner { name: "Kit".to_owned(), role: OwnerRole::Primary })),
    ];
    world.does(
        "Bo",
        Command::Update {
            task: quality,
            put: percent,
            clear: vec![Fact::Owner(Box::new(Owner { name: String::new(), role: OwnerRole::Primary }))],
        },
    );
    world.does("Bo", Command::Block { task: quality, reason: "no licence".to_owned() });
    world.does("Bo", Command::Unblock(quality));
    let (task, built) = (world.task("7.2"), world.task("7.1"));
    world.does("Bo", Command::Rewire { task, needs: vec![built], blockers: vec!["a host".to_owned()] });
    world.does("Bo", Command::Rewire { task, needs: Vec::new(), blockers: Vec::new() });
    world.does("Bo", Command::Note { task: quality, text: "nearly".to_owned() });
    let blob = Digest::sha256(b"png");
    world.does("Bo", Command::Attach { task: quality, name: "shot.png".to_owned(), blob, size: 2150 });
    let withdrawn = Event::ClaimWithdrawn { task: notes, reason: "said too soon".to_owned() };
    world.happens(by.clone(), Cause::command("withdraw"), withdrawn);
    let asserted = Assertion { checked: Some(true), state: StatedState::Claimed };
    let tick = Event::TaskAsserted { task: notes, asserted, against: vec![quality], imported: false };
    world.happens(By::document(), revising(), tick);
    let add = Command::AddTask {
        kind: TaskKind::Action,
        key: Some(key("ACTION-1")),
        title: "Ask the vendor".to_owned(),
        needs: vec![quality],
        facts: Vec::new(),
    };
    world.does("Bo", add);
    let (from, to) = (Digest::sha256(b"before"), Digest::sha256(b"after"));
    let path = || "PLAN.md".to_owned();
    let through = world.plan.seq;
    let edit = DocumentEdit { at: 7, cut: 1, put: "x".to_owned() };
    for (edits, whole) in [(vec![edit], false), (Vec::new(), true)] {
        let intended = Event::DocumentIntended { path: path(), from, to, through, edits, whole };
        world.happens(by.clone(), Cause::command("intend_document"), intended);
    }
    let synced = Event::DocumentSynced { path: path(), digest: to, through };
    world.happens(by.clone(), Cause::command("sync_document"), synced);
    let action = world.task("ACTION-1");
    world.does("Ada", Command::Drop { task: action, reason: "answered already".to_owned() });

    // Exceptions.
    let smoke = world.check("release", "smoke");
    let until = world.now + jiff::SignedDuration::from_hours(48);
    for _ in 0..2 {
        world.does(
            "Bo",
            Command::Waive { check: smoke, reason: "host is down".to_owned(), until, approve: false },
        );
        let waiver = world.plan.waivers.last().unwrap().id;
        world.does("Ada", Command::ApproveWaiver(waiver));
        world.does("Ada", Command::RevokeWaiver { waiver, reason: "it is back".to_owned() });
    }

    // Registers.
    let risk = RiskDetails { title: "Late vendor".to_owned(), ..RiskDetails::default() };
    world.does("Bo", Command::AddRisk { key: Some(key("R-1")), details: risk });
    let change = RiskDetails { status: Some("Yellow".to_owned()), ..RiskDetails::default() };
    world.does("Bo", Command::ChangeRisk { key: key("R-1"), details: change });
    world.does("Bo", Command::Decide(EntryDetails { conditional: true, ..entry("Ship on Monday") }));
    world.does("Bo", Command::Escalate { entry: entry("No budget"), task: None });
    let escalation = world.plan.escalations[0].id;
    world.does("Ada", Command::ResolveEscalation { escalation, outcome: "found some".to_owned() });
    world.does("Bo", Command::Assume("The host is up".to_owned()));
    let assumption = world.plan.assumptions[0].id;
    world.does("Bo", Command::CheckAssumption { assumption, holds: false });
    let define = Command::DefineMetric {
        name: "coverage".to_owned(),
        unit: Some("%".to_owned()),
        target: Target::parse(">= 80"),
    };
    world.does("Ada", define);
    for role in [Some(MetricRole::Baseline), None] {
        let source = "make cover".to_owned();
        world.does(
            "Bo",
            Command::RecordReading { name: "coverage".to_owned(), value: 71.5, unit: None, source, role },
        );
    }
    let claimed = Event::ReadingRecorded {
        name: "coverage".to_owned(),
        value: 90.0,
        unit: None,
        source: "PLAN.md:9".to_owned(),
        role: Some(MetricRole::Claimed),
    };
    world.happens(By::document(), revising(), claimed);
    world.does(
        "Ada",
        Command::Rebaseline {
            task: notes,
            to: Schedule::Due(due("2031-06-02")),
            reason: "vendor".to_owned(),
        },
    );

    // The documents change.
    let revised = "
# Release 2
## A Foundations (Week 1)
- 7.1 Build infrastructure
  owner Rae
  days 2.4
  check builds: make build --all
- 7.2 Configure
  owner Bo
  status In Progress
  percent 40
  needs 7.1
## B Release
- 7.3 Code quality
  owner Rae
  days 1.2
  metric clippy: clippy_warnings < 50 from count
- 7.4 Release notes
  needs 7.3
  days 1
  approval security: security x1
gate release to staging after 7.3, 7.4
  check smoke: run smoke
";
    world.revised(revised);
    let clippy = world.check("7.3", "clippy");
    let proposed = CheckSpec::new("clippy", Probe::Check { command: "true".to_owned() });
    world.happens(by.clone(), revising(), Event::WeakeningProposed { check: clippy, to: Some(proposed) });
    world.happens(by.clone(), revising(), Event::WeakeningWithdrawn { check: clippy });
    world.happens(by.clone(), revising(), Event::WeakeningProposed { check: clippy, to: None });
    for loosened in [Loosened::Check(clippy), Loosened::Criteria(Subject::Task(quality)), Loosened::Settings]
    {
        world.happens(
            person("Sam"),
            Cause::command("approve_weakening"),
            Event::WeakeningApproved { loosened },
        );
    }
    let mut settings = definition("# P\nsolo\n").settings;
    world.happens(by.clone(), revising(), Event::SettingsProposed { settings: Box::new(settings.clone()) });
    settings.rebaseline.push("owner".to_owned());
    world.happens(by.clone(), revising(), Event::SettingsChanged { settings: Box::new(settings) });
    world.does(
        "Ada",
        Command::Rebaseline {
            task: notes,
            to: Schedule::Due(due("2031-06-05")),
            reason: "vendor again".to_owned(),
        },
    );
    world.does("Sam", Command::ApproveRebaseline { task: notes, role: "owner".to_owned() });
    let phase = PhaseId::from_bits(7);
    let added =
        Event::PhaseAdded { phase, key: key("C"), title: "Aftermath".to_owned(), window: None, line: 40 };
    world.happens(by.clone(), revising(), added);
    let changed =
        Event::PhaseChanged { phase, title: "After".to_owned(), window: Some("Week 3".to_owned()), line: 41 };
    world.happens(by.clone(), revising(), changed);
    world.happens(by, revising(), Event::PhaseRemoved { phase });
    let taken = Event::PlanRevised {
        revision: Revision(3),
        parent: Revision(2),
        title: "Release 2".to_owned(),
        sources: Vec::new(),
        edits: Vec::new(),
    };
    world.happens(hands, revising(), taken);
    world
}

const STORY: &str = "
Ada [declared] adopted the plan `release`, Release 2, from PLAN.md
Ada [declared] added phase `A`, Foundations (Week 1)
Ada [declared] added phase `B`, Release
Ada [declared] added task `7.1`: Build infrastructure
Ada [declared] added check `builds` to `7.1`: check: `make build`
Ada [declared] added task `7.2`: Configuration; the document has it in progress
Ada [declared] added task `7.3`: Code quality
Ada [declared] added check `clippy` to `7.3`: metric: clippy_warnings < 20 from `count`
Ada [declared] stated 1 criterion of `7.3` without a probe, 0 ticked
Ada [declared] added task `7.4`: Release notes; it needs `7.3`
Ada [declared] added check `security` to `7.4`: approval: security
Ada [declared] added gate `release` to production, which waits for 7.4
Ada [declared] added check `smoke` to `release`: check: `run smoke`
Ada [unauthenticated] trusted 2 commands of PLAN.md (set 10f5f77e)
Ada [unauthenticated] made a public key of Sam known
Bo [declared] started `7.2`
coder (s1) [declared] submitted `7.3` as done
countersign ran check `clippy` of `7.3`: fail, clippy_warnings is 34, target < 20 (evidence 8a340f0d)
countersign ran check `clippy` of `7.3`: pass, clippy_warnings is 9, target < 20 (evidence c0f699e3)
countersign verified `7.3`: 1 check passed
Bo [declared] claimed `7.4`
Bo [declared] asked for a review on `7.4` (approval:security): `7.4` asks for an approval by security: Release notes
Sam [unauthenticated] approved check `security` of `7.4` as security
Sam [unauthenticated] resolved the review of `7.4`
countersign verified `7.4`: approved by Sam
Bo [declared] claimed `7.2`
Sam [unauthenticated] signed off `7.2`, which nothing else would prove
Ada [declared] reopened `7.3` for attempt 2: too early
Ada [declared] flagged `7.4`: `7.3`, which it builds on, was reopened: too early
Bo [declared] changed `7.3`: without owner Rae, progress 70%, owner Kit
Bo [declared] reported an obstacle for `7.3`: no licence
Bo [declared] lifted the obstacles of `7.3`
Bo [declared] let `7.2` wait for `7.1`, `a host`
Bo [declared] let `7.2` wait for nothing
Bo [declared] noted on `7.3`: nearly
Bo [declared] attached `shot.png` (2.1 KiB, 8f8cbb7d) to `7.3`
Ada [declared] withdrew the claim on `7.4`: said too soon
the document says `7.4` is done, although `7.3` is not done; it satisfies nothing
Bo [declared] added action `ACTION-1`: Ask the vendor; it needs `7.3`
Ada [declared] was about to write 1 place in PLAN.md
Ada [declared] was about to write PLAN.md anew
Ada [declared] brought PLAN.md in step with the journal up to event 39
Ada [declared] dropped `ACTION-1`: answered already
Bo [unauthenticated] asked to waive check `smoke` of `release` until 2031-05-03 09:00 UTC: host is down
Ada [unauthenticated] granted the waiver of check `smoke` of `release`
Ada [unauthenticated] took back the waiver of check `smoke` of `release`: it is back
Bo [unauthenticated] asked to waive check `smoke` of `release` until 2031-05-03 09:00 UTC: host is down
Ada [unauthenticated] granted the waiver of check `smoke` of `release`
Ada [unauthenticated] took back the waiver of check `smoke` of `release`: it is back
Bo [declared] added risk `R-1`: Late vendor
Bo [declared] changed risk `R-1`: Late vendor (status Yellow)
Bo [declared] recorded a decision: Ship on Monday (conditional)
Bo [declared] escalated: No budget
Bo [declared] asked for a review (escalation): No budget
Ada [declared] ended the escalation `No budget`: found some
Ada [unauthenticated] resolved the review of `No budget`
Bo [declared] recorded an assumption: The host is up
Bo [declared] looked whether an assumption holds, and it does not hold: The host is up
Ada [declared] defined metric `coverage`: unit %, target >= 80
Bo [declared] recorded `coverage` 71.5 as baseline (make cover)
Bo [declared] recorded `coverage` 71.5 (make cover)
the document took in `coverage` 90 as the document's word, unverified (PLAN.md:9)
Ada [declared] rebaselined the due date of `7.4` to `2031-06-02`: vendor
Ada [declared] changed `7.4`: due 2031-06-02
Ada [declared] took in revision 2, made on revision 1, from PLAN.md
Ada [declared] changed phase `B`: Release
Ada [declared] changed check `builds` of `7.1`: check: `make build --all`
Ada [declared] changed `7.2`: title `Configure`, needs `7.1`
Ada [declared] changed `7.3`: owner Rae, estimate 1.2 days
Ada [declared] asked to loosen check `clippy` of `7.3` to metric: clippy_warnings < 50 from `count`; the old one stays in force until approved
Ada [declared] stated 1 criterion of `7.3` without a probe, 0 ticked; 1 of them left out of the document, in force until approved
Ada [declared] changed `7.4`: estimate 1 day
Ada [declared] rebaselined the due date of `7.4` from `2031-06-02` to nothing: changed in the document
Ada [declared] took in the document's word that `7.4` is not begun
Ada [declared] changed gate `release` to staging, which waits for 7.3, 7.4
Ada [declared] asked to loosen check `clippy` of `7.3` to check: `true`; the old one stays in force until approved
Ada [declared] no longer asks to loosen check `clippy` of `7.3`
Ada [declared] asked to remove check `clippy` of `7.3`; it stays in force until approved
Sam [unauthenticated] approved the weakening of check `clippy` of `7.3`
Sam [unauthenticated] approved leaving out criteria of `7.3`
Sam [unauthenticated] approved the looser settings
Ada [declared] asked for looser settings, solo; the old ones stay in force until approved
Ada [declared] changed the plan's settings to solo, rebaselines approved by owner
Ada [declared] rebaselined the due date of `7.4` to `2031-06-05`: vendor again; waits for approval by owner
Sam [unauthenticated] approved the new due date `2031-06-05` of `7.4` as owner
Sam [declared] changed `7.4`: due 2031-06-05
Ada [declared] added phase `C`, Aftermath
Ada [declared] changed phase `C`: After (Week 3)
Ada [declared] removed phase `C`; its tasks stay
countersign took in revision 3, made on revision 2, from no document
";
