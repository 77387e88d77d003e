use std::sync::Arc;

use jiff::Timestamp;
use journal::{Journal, Memory};
use model::actor::{Actor, By, Known};
use model::check::{CheckSpec, Probe};
use model::command::{Command, Take, Which};
use model::definition::{CheckDefinition, Definition, GateDefinition, TaskDefinition};
use model::diagnostic::Span;
use model::draft::{DraftTask, TaskKind};
use model::gate::Subject;
use model::ids::{AgentId, Key, PersonId, PlanId, Seq, SessionId, TaskId};
use model::refusal;
use model::settings::{Identity, Settings};
use model::task::ClaimHow;

use super::*;
use crate::clock::FixedClock;
use crate::ids::RandomIds;
use crate::keys::SecretKey;

fn desk(journal: &Arc<Memory>, seed: u64) -> LocalDesk {
    let start: Timestamp = "2031-05-01T09:00:00Z".parse().unwrap();
    let journal: Arc<dyn Journal> = journal.clone();
    LocalDesk::new(journal, Box::new(FixedClock::at(start)), Box::new(RandomIds::from_seed(seed)), b"salt")
}

fn by(name: &str) -> By {
    By::new(Actor::Person(PersonId::new(name).unwrap()), Known::Declared)
}

fn request(name: &str) -> Request {
    Request::new(by(name))
}

fn definition(titles: &[&str], settings: Settings) -> Definition {
    let task = |(place, title): (usize, &&str)| {
        let key = Key::new(&format!("T-{}", place + 1)).unwrap();
        TaskDefinition::from_draft(DraftTask::new(key, TaskKind::Task, *title, 1, Span::default()), 0)
    };
    Definition { settings, tasks: titles.iter().enumerate().map(task).collect(), ..Definition::default() }
}

fn adopt(desk: &LocalDesk, titles: &[&str]) -> PlanId {
    adopt_with(desk, definition(titles, Settings::default()))
}

fn adopt_with(desk: &LocalDesk, definition: Definition) -> PlanId {
    let plan = desk.new_plan_id();
    desk.submit(plan, &request("Ada"), Command::AdoptPlan(Box::new(definition))).unwrap();
    plan
}

fn task(desk: &LocalDesk, plan: PlanId, key: &str) -> TaskId {
    desk.plan(plan).unwrap().task_by_key(&Key::new(key).unwrap()).unwrap().id
}

fn note(task: TaskId, text: &str) -> Command {
    Command::Note { task, text: text.to_owned() }
}

fn stored_text(journal: &Memory, plan: PlanId) -> String {
    let events = journal.read(plan, Seq(0), usize::MAX).unwrap();
    events.iter().map(|event| String::from_utf8(event.event.clone()).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_was_recorded_is_what_is_read() {
    let journal = Arc::new(Memory::new());
    let (one, two) = (desk(&journal, 1), desk(&journal, 2));
    let plan = adopt(&one, &["write it", "read it"]);
    one.submit(plan, &request("Ada"), note(task(&one, plan, "T-1"), "begun")).unwrap();
    assert_eq!(*one.plan(plan).unwrap(), *two.plan(plan).unwrap());
    assert_eq!(one.plan_at(plan, one.plan(plan).unwrap().seq).unwrap(), *two.plan(plan).unwrap());
    assert_eq!(one.plans().unwrap().len(), 1);
    assert_eq!(two.read(plan, Seq(0), 1).unwrap()[0].by, by("Ada"));
}

#[test]
fn somebody_elses_change_is_ruled_on_again_and_not_lost() {
    let journal = Arc::new(Memory::new());
    let (one, two) = (desk(&journal, 1), desk(&journal, 2));
    let plan = adopt(&one, &["write it"]);
    let id = task(&one, plan, "T-1");
    one.plan(plan).unwrap();
    two.submit(plan, &request("Bob"), Command::Claim { task: id, how: ClaimHow::Verb }).unwrap();
    // `one` still remembers the plan as it was; the claim stands already.
    let denied = one.submit(plan, &request("Eve"), Command::Claim { task: id, how: ClaimHow::Verb });
    let Err(Denied::Refused(refusal)) = denied else { panic!("claimed twice: {denied:?}") };
    assert_eq!(refusal.code, refusal::TASK_STATE);
    let attempts = journal.attempts(Some(plan), 10).unwrap();
    assert_eq!((attempts.len(), attempts[0].code.as_str()), (1, refusal::TASK_STATE));
    assert_eq!(attempts[0].by, by("Eve"));
}

#[test]
fn race_many_desks_over_one_journal_lose_nothing() {
    let journal = Arc::new(Memory::new());
    let first = desk(&journal, 1);
    let plan = adopt(&first, &["write it"]);
    let id = task(&first, plan, "T-1");
    std::thread::scope(|scope| {
        for seed in 0..8 {
            let desk = desk(&journal, 100 + seed);
            scope.spawn(move || {
                for number in 0..25 {
                    desk.submit(plan, &request("Ada"), note(id, &format!("{seed}/{number}"))).unwrap();
                }
            });
        }
    });
    let plan = first.plan(plan).unwrap();
    assert_eq!(plan.task(id).unwrap().notes.len(), 200);
}

#[test]
fn a_request_is_carried_out_once() {
    let journal = Arc::new(Memory::new());
    let desk = desk(&journal, 1);
    let plan = adopt(&desk, &["write it"]);
    let id = task(&desk, plan, "T-1");
    let request = Request { id: Some("r-1".to_owned()), ..request("Ada") };
    let first = desk.submit(plan, &request, note(id, "once")).unwrap();
    let second = desk.submit(plan, &request, note(id, "once")).unwrap();
    assert!(!first.repeated && second.repeated);
    assert_eq!((first.events, first.last), (second.events, second.last));
    let other = desk.submit(plan, &request, Command::Start(id));
    let Err(Denied::Refused(refusal)) = other else { panic!("a request id used for two things") };
    assert_eq!(refusal.code, refusal::REQUEST_REPEATED);
}

#[test]
fn secrets_never_reach_the_journal_nor_memory() {
    let journal = Arc::new(Memory::new());
    let desk = desk(&journal, 1);
    let secret = ["hunter2", "hunter2"].concat();
    let plan = adopt(&desk, &[&format!("rotate password={secret} now")]);
    let id = task(&desk, plan, "T-1");
    desk.submit(plan, &request("Ada"), note(id, &format!("DB_PASSWORD='{secret}' ./run"))).unwrap();
    let pair = model::facts::Fact::Extra(Box::new(("password".to_owned(), secret.clone())));
    let update = Command::Update { task: id, put: vec![pair], clear: Vec::new() };
    desk.submit(plan, &request("Ada"), update).unwrap();
    let stored = stored_text(&journal, plan);
    assert!(!stored.contains(&secret), "{stored}");
    assert_eq!(stored.matches("‹redacted:password:").count(), 3, "{stored}");
    assert!(!format!("{:?}", desk.plan(plan).unwrap()).contains(&secret));
    assert_eq!(desk.blob(format!("password={secret}").as_bytes()).bytes().len(), 41);
}

#[test]
fn a_batch_is_ruled_on_one_by_one_and_recorded_at_once() {
    let journal = Arc::new(Memory::new());
    let desk = desk(&journal, 1);
    let plan = adopt(&desk, &["write it", "read it"]);
    let (one, two) = (task(&desk, plan, "T-1"), task(&desk, plan, "T-2"));
    let claim = |task| Command::Claim { task, how: ClaimHow::Verb };
    let receipt = desk.submit_batch(plan, &request("Ada"), &[claim(one), claim(one), claim(two)]).unwrap();
    let codes: Vec<_> = receipt.rulings.iter().map(|r| r.as_ref().err().map(|r| r.code)).collect();
    assert_eq!(codes, [None, Some(refusal::TASK_STATE), None]);
    assert_eq!(desk.plan(plan).unwrap().seq, receipt.last);
    assert_eq!(desk.plan_at(plan, receipt.last).unwrap(), *desk.plan(plan).unwrap());
}

#[test]
fn a_snapshot_is_what_the_events_make_of_it() {
    let journal = Arc::new(Memory::new());
    let writer = desk(&journal, 1);
    let titles: Vec<String> = (0..1_200).map(|number| format!("step {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let plan = adopt(&writer, &titles);
    writer.submit(plan, &request("Ada"), note(task(&writer, plan, "T-7"), "later")).unwrap();
    assert_eq!(writer.snapshot_holds(plan).unwrap(), Some(true));
    let reader = desk(&journal, 2);
    assert_eq!(*reader.plan(plan).unwrap(), reader.plan_at(plan, Seq(1_202)).unwrap());

    // Somebody edits the snapshot so that it fits in every formal way.
    let snapshot = journal.snapshot(plan, SNAPSHOT_VERSION).unwrap().unwrap();
    let mut forged = model::plan::Plan::thaw(snapshot.bytes.clone()).unwrap();
    forged.title = "forged".to_owned();
    journal.put_snapshot(&snapshot.key, &forged.freeze().unwrap()).unwrap();
    assert_eq!(writer.snapshot_holds(plan).unwrap(), Some(false));

    // Two tasks change their names in front, where nobody has looked at the tasks yet.
    let mut bytes = snapshot.bytes.clone();
    let front = |key: &[u8]| snapshot.bytes.windows(key.len()).position(|found| found == key).unwrap();
    let (one, other) = (front(b"\x03T-1"), front(b"\x03T-2"));
    (bytes[one + 3], bytes[other + 3]) = (b'2', b'1');
    let thawed = [&snapshot.bytes, &bytes].map(|bytes| model::plan::Plan::thaw(bytes.clone()).unwrap());
    assert!(thawed[0] == thawed[1], "the tasks are as they were");
    journal.put_snapshot(&snapshot.key, &bytes).unwrap();
    assert_eq!(writer.snapshot_holds(plan).unwrap(), Some(false));
}

fn signed_approval(desk: &LocalDesk, plan: PlanId, key: &SecretKey, id: &str) -> (Request, Command) {
    let subject = Subject::Task(task(desk, plan, "T-1"));
    let command = Command::Approve { subject, check: None, role: Some("reviewer".to_owned()) };
    let signature = key.sign(&statement(plan, id, &command));
    let request = Request {
        id: Some(id.to_owned()),
        signature: Some(signature),
        agent_present: true,
        ..request("Ada")
    };
    (request, command)
}

#[test]
fn a_signature_proves_who_asks_and_is_good_for_one_command() {
    let journal = Arc::new(Memory::new());
    let desk = desk(&journal, 1);
    let mut definition =
        definition(&["write it"], Settings { identity: Identity::Proven, ..Settings::default() });
    let approval = CheckSpec::new("review", Probe::Approval { role: "reviewer".to_owned(), quorum: 1 });
    definition.tasks[0].gate = GateDefinition {
        checks: [CheckDefinition { spec: approval, text: "Reviewed".to_owned(), checked: None, line: 1 }]
            .into_iter()
            .collect(),
        ..GateDefinition::default()
    };
    let plan = adopt_with(&desk, definition);
    let (key, stranger) = (SecretKey::generate(), SecretKey::generate());
    let code = |denied| match denied {
        Err(Denied::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    };

    let (unknown, command) = signed_approval(&desk, plan, &key, "a");
    assert_eq!(code(desk.submit(plan, &unknown, command)), refusal::IDENTITY_UNPROVEN);

    let register =
        Command::RegisterKey { person: PersonId::new("Ada").unwrap(), key: key.public().to_string() };
    desk.submit(PlanId::STORE, &request("Ada"), register.clone()).unwrap();
    // Nobody replaces a key by merely saying to be its owner.
    assert_eq!(code(desk.submit(PlanId::STORE, &request("Ada"), register)), refusal::IDENTITY_UNPROVEN);

    let (forged, command) = signed_approval(&desk, plan, &stranger, "b");
    assert_eq!(code(desk.submit(plan, &forged, command)), refusal::IDENTITY_UNPROVEN);
    let (good, command) = signed_approval(&desk, plan, &key, "c");
    let elsewhere = Request { id: Some("d".to_owned()), ..good.clone() };
    assert_eq!(code(desk.submit(plan, &elsewhere, command.clone())), refusal::IDENTITY_UNPROVEN);
    let claimed =
        Request { signature: None, by: By { known: Known::Signature, ..by("Ada") }, ..good.clone() };
    assert_eq!(code(desk.submit(plan, &claimed, command.clone())), refusal::IDENTITY_UNPROVEN);

    let receipt = desk.submit(plan, &good, command).unwrap();
    let recorded = desk.read(plan, Seq(receipt.last.0 - 1), 1).unwrap();
    assert_eq!(recorded[0].by.known, Known::Signature);
    assert!(recorded[0].cause.signature.is_some());
}

#[test]
fn of_several_commands_all_are_recorded_or_none() {
    let journal = Arc::new(Memory::new());
    let desk = desk(&journal, 1);
    let plan = adopt(&desk, &["write it", "read it"]);
    let (one, two) = (task(&desk, plan, "T-1"), task(&desk, plan, "T-2"));
    let before = desk.plan(plan).unwrap();
    let claim = |task| Command::Claim { task, how: ClaimHow::Verb };
    let denied = desk.submit_all(plan, &request("Ada"), "update", &[note(one, "x"), claim(two), claim(two)]);
    assert!(matches!(denied, Err(Denied::Refused(no)) if no.code == refusal::TASK_STATE));
    assert_eq!(*desk.plan(plan).unwrap(), *before);
    let attempt = &desk.attempts(Some(plan), 9).unwrap()[0];
    assert_eq!((&*attempt.command, &*attempt.code), ("update", refusal::TASK_STATE));

    let named = Request { id: Some("r-1".to_owned()), ..request("Ada") };
    let all = [note(one, "x"), claim(two), note(two, "y")];
    let receipt = desk.submit_all(plan, &named, "update", &all).unwrap();
    assert_eq!((receipt.count, receipt.last), (3, Seq(before.seq.0 + 3)));
    let causes = desk.read(plan, before.seq, 9).unwrap();
    assert!(causes.iter().all(|recorded| recorded.cause.command == "update"));
    let again = desk.submit_all(plan, &named, "update", &all).unwrap();
    assert!(again.repeated && again.last == receipt.last);
    assert!(desk.submit_all(plan, &request("Ada"), "update", &[]).unwrap().count == 0);
}

#[test]
fn nothing_is_taken_in_a_session_that_ends_meanwhile() {
    let journal = Arc::new(Memory::new());
    let (desk, rival) = (desk(&journal, 1), desk(&journal, 2));
    let plan = adopt(&desk, &["write it"]);
    let session = SessionId::new("s-1").unwrap();
    let start = Command::StartSession {
        session: session.clone(),
        plan: None,
        topology: None,
        max_agents: None,
        silence_seconds: None,
    };
    rival.submit(PlanId::STORE, &request("Ada"), start).unwrap();
    let agent = AgentId::new("writer").unwrap();
    let agents = Request::new(By::new(Actor::Agent { agent, session: session.clone() }, Known::Declared));
    let take = Command::Take(Box::new(Take {
        which: Which::Task(task(&desk, plan, "T-1")),
        roles: Vec::new(),
        ttl_seconds: None,
        paths: None,
        base: None,
    }));
    let before = desk.plan(plan).unwrap();

    let mut looks = 0;
    let denied = desk.submit_with(plan, &agents, "take", &[take], &mut |_, _| {
        looks += 1;
        let end = Command::EndSession { session: session.clone(), reason: "enough".to_owned(), stuck: false };
        rival.submit(PlanId::STORE, &request("Ada"), end).unwrap();
        Ok((Vec::new(), Vec::new()))
    });
    assert!(matches!(denied, Err(Denied::Refused(no)) if no.code == refusal::SESSION_ENDED));
    assert_eq!((looks, &*desk.plan(plan).unwrap()), (1, &*before));
}

#[test]
fn race_a_crowd_is_ruled_on_in_turn_and_recorded_together() {
    let journal = Arc::new(Memory::new());
    let desk = Arc::new(desk(&journal, 1));
    let plan = adopt(&desk, &["write it", "read it"]);
    let other = adopt(&desk, &["sand it"]);
    let crowd = crowd::Crowd::before(Arc::clone(&desk)).unwrap();
    let rival = super::tests::desk(&journal, 2);
    let before = desk.plan(plan).unwrap().seq;
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let (crowd, desk, rival) = (&crowd, &desk, &rival);
            scope.spawn(move || {
                for number in 0..50 {
                    let (plan, key) = if number % 5 == 0 { (other, "T-1") } else { (plan, "T-2") };
                    let asked = Request { id: Some(format!("{sender}-{number}")), ..request("Ada") };
                    let text = format!("{sender} says {number}");
                    let receipt =
                        crowd.submit(plan, asked.clone(), note(task(desk, plan, key), &text)).unwrap();
                    assert_eq!((receipt.count, receipt.repeated), (1, false));
                    let told = desk.read(plan, Seq(receipt.last.0 - 1), 1).unwrap();
                    assert!(matches!(&told[0].event, Event::NoteAdded { text: kept, .. } if *kept == text));
                    let again = crowd.submit(plan, asked, note(task(desk, plan, key), &text)).unwrap();
                    assert!(again.repeated && again.last == receipt.last);
                    if number % 10 == 0 {
                        // Somebody beside the crowd is not lost either.
                        rival.submit(plan, &request("Bo"), note(task(desk, plan, key), "beside")).unwrap();
                    }
                }
            });
        }
        // What is refused is refused to its sender alone.
        let crowd = &crowd;
        scope.spawn(move || {
            for _ in 0..20 {
                let no = crowd.submit(plan, request("Ada"), Command::Unblock(TaskId::from_bits(1)));
                assert!(matches!(no, Err(Denied::Refused(no)) if no.code == refusal::TASK_NOT_FOUND));
            }
        });
    });
    let notes = |plan| desk.plan(plan).unwrap().tasks.iter().map(|task| task.notes.len()).sum::<usize>();
    assert_eq!((notes(plan), notes(other)), (8 * 40, 8 * 10 + 8 * 5));
    assert!(desk.plan(plan).unwrap().seq.0 >= before.0 + 8 * 40);
    assert!(desk.audit(&[]).unwrap().is_whole());
}
