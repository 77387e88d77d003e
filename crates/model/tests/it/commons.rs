//! What all plans share: agents, sessions with room, shared memory, messages.

use jiff::ToSpan;
use model::actor::{Actor, By, Known};
use model::apply::{Stamp, apply};
use model::command::{Command, SetMemory};
use model::commons::{AgentCard, Commons, HybridTime, Recipient, SessionJoined};
use model::context::Context;
use model::event::Event;
use model::ids::{AgentId, PlanId, Seq, SessionId};
use model::plan::Plan;
use model::refusal::Refusal;
use model::ruling::commons::admits;
use model::ruling::rule;
use testkit::checkers::{CommonLedger, Entry};

use crate::story::{Row, person};

/// The store's own stream and its log.
struct Shared {
    store: Plan,
    now: jiff::Timestamp,
    ids: Row,
    ledger: CommonLedger,
}

fn shared() -> Shared {
    Shared {
        store: Plan::empty(PlanId::STORE),
        now: "2031-05-05T09:00:00Z".parse().expect("a moment"),
        ids: Row::default(),
        ledger: CommonLedger::default(),
    }
}

fn name(text: &str) -> AgentId {
    AgentId::new(text).expect("a name")
}

fn session(text: &str) -> SessionId {
    SessionId::new(text).expect("a name")
}

fn agent(who: &str, run: &str) -> By {
    By::new(Actor::Agent { agent: name(who), session: session(run) }, Known::Declared)
}

impl Shared {
    fn commons(&self) -> &Commons {
        self.store.commons.as_deref().expect("the store's own stream has them")
    }

    /// Admits the sender, rules, and lets the ledger judge what comes of it.
    fn when(&mut self, by: &By, command: Command) -> Result<Vec<Event>, Refusal> {
        admits(self.commons(), by, &command)?;
        let kind = command.name().to_owned();
        let mut cx = Context { now: self.now, by, agent_present: false, fence: None, ids: &mut self.ids };
        let events = rule(&self.store, command, &mut cx)?;
        for event in &events {
            let seq = self.store.seq.next();
            let entry =
                Entry { seq, at: self.now, by: by.clone(), command: kind.clone(), event: event.clone() };
            self.ledger.take(&entry).unwrap_or_else(|broken| panic!("the log shows a broken rule: {broken}"));
            apply(&mut self.store, event, Stamp { seq, at: self.now, by });
        }
        Ok(events)
    }

    #[track_caller]
    fn does(&mut self, by: &By, command: Command) -> usize {
        self.when(by, command).unwrap_or_else(|no| panic!("refused: {no}")).len()
    }

    #[track_caller]
    fn refuses(&mut self, by: &By, command: Command, code: &str, says: &str) {
        let no = self.when(by, command).expect_err("it is refused");
        assert_eq!((no.code, no.message.contains(says)), (code, true), "{no}");
    }

    fn version(&self, key: &str) -> u64 {
        self.commons().memory[key].version
    }
}

fn start(id: &str, max_agents: Option<u32>, silence_seconds: Option<u32>) -> Command {
    Command::StartSession { session: session(id), plan: None, topology: None, max_agents, silence_seconds }
}

fn join(id: &str, who: &str, role: Option<&str>) -> Command {
    Command::JoinSession(Box::new(SessionJoined {
        session: session(id),
        agent: name(who),
        role: role.map(str::to_owned),
        task: None,
        task_file: None,
        process: None,
    }))
}

fn end(id: &str, stuck: bool) -> Command {
    Command::EndSession { session: session(id), reason: String::new(), stuck }
}

fn register(who: &str, roles: &[&str], command: Option<&str>) -> Command {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let card = AgentCard { roles, command: command.map(str::to_owned), model: None };
    Command::RegisterAgent { agent: name(who), card }
}

fn see(id: &str, who: &str) -> Command {
    Command::SeeAgent { session: session(id), agent: name(who), process: None }
}

fn set(key: &str, value: &str, expect: Option<u64>, ttl_seconds: Option<u64>) -> Command {
    let (key, value) = (key.to_owned(), value.to_owned());
    Command::SetMemory(Box::new(SetMemory { key, value, expect, ttl_seconds, tags: Vec::new(), under: None }))
}

fn delete(key: &str, expect: Option<u64>) -> Command {
    Command::DeleteMemory { key: key.to_owned(), expect, under: None }
}

fn send(to: Recipient, answers: Option<Seq>) -> Command {
    Command::SendMessage { to, text: "look".to_owned(), plan: None, task: None, answers }
}

#[test]
fn a_session_is_begun_once_and_only_as_it_is() {
    let (mut store, ada) = (shared(), person("ada"));
    assert_eq!(store.does(&ada, start("crew", Some(2), None)), 1);
    assert_eq!(store.does(&ada, start("crew", Some(2), None)), 0, "the same again changes nothing");
    for other in [start("crew", None, None), start("crew", Some(2), Some(60))] {
        store.refuses(&ada, other, "agent/differs", "is open already, with another configuration");
    }
    store.refuses(&ada, start("none", Some(0), None), "value/invalid", "room for at least one agent");
    for silence in [0, 30 * 24 * 3_600 + 1] {
        store.refuses(
            &ada,
            start("idle", None, Some(silence)),
            "value/invalid",
            "silent for 1 second to 30 days",
        );
    }
    store.refuses(&By::document(), start("doc", None, None), "policy/denied", "only a person or an agent");
}

#[test]
fn a_session_has_room_for_so_many() {
    let (mut store, ada) = (shared(), person("ada"));
    store.does(&ada, start("crew", Some(2), None));
    assert_eq!(store.does(&ada, join("crew", "smith", None)), 2, "a name registers on first mention");
    assert_eq!(store.does(&ada, join("crew", "smith", None)), 0);
    assert_eq!(store.does(&ada, join("crew", "smith", Some("coder"))), 1, "a member may take another role");
    store.does(&ada, join("crew", "jones", None));
    store.refuses(&ada, join("crew", "brown", None), "session/full", "has room for 2 agents");
    store.refuses(&ada, join("none", "brown", None), "session/not-found", "there is no session `none`");
}

#[test]
fn an_ended_session_does_nothing_until_it_is_begun_anew() {
    let (mut store, ada) = (shared(), person("ada"));
    store.does(&ada, start("crew", None, None));
    let smith = agent("smith", "crew");
    store.does(&smith, join("crew", "smith", None));
    store.does(&ada, end("crew", false));
    for command in [
        join("crew", "jones", None),
        see("crew", "smith"),
        end("crew", false),
        send(Recipient::Everybody, None),
        set("a", "1", None, None),
    ] {
        store.refuses(&smith, command, "session/ended", "session `crew` has ended: its work is over");
    }
    store.refuses(&ada, join("crew", "jones", None), "session/ended", "has ended");
    store.refuses(&ada, send(Recipient::Session(session("crew")), None), "session/ended", "has ended");
    store.does(&ada, start("crew", Some(1), None));
    assert!(store.commons().session(&session("crew")).is_some_and(|known| known.members.is_empty()));
    store.does(&smith, join("crew", "smith", None));
}

#[test]
fn an_agent_works_in_a_session_that_is_there_or_in_its_own() {
    let (mut store, ada) = (shared(), person("ada"));
    store.refuses(
        &agent("smith", "crew"),
        set("a", "1", None, None),
        "session/not-found",
        "no session `crew`",
    );
    store.does(&agent("smith", "smith"), set("a", "1", None, None));
    // Once somebody began and ended one of its name, that is over too.
    store.does(&ada, start("smith", None, None));
    store.does(&ada, end("smith", false));
    store.refuses(&agent("smith", "smith"), set("a", "2", None, None), "session/ended", "has ended");
}

#[test]
fn a_session_is_ended_by_who_takes_part_or_a_person() {
    let (mut store, ada) = (shared(), person("ada"));
    store.does(&ada, start("crew", None, None));
    store.does(&ada, start("other", None, None));
    store.does(&ada, join("crew", "smith", None));
    store.refuses(
        &agent("jones", "other"),
        end("crew", false),
        "policy/denied",
        "takes no part in session `crew`",
    );
    // Naming another's session is not taking part in it.
    store.refuses(
        &agent("jones", "crew"),
        end("crew", false),
        "policy/denied",
        "takes no part in session `crew`",
    );
    store.refuses(&By::document(), end("crew", false), "policy/denied", "takes no part");
    store.does(&agent("smith", "crew"), end("crew", false));
    store.does(&agent("lead", "plan-7"), start("plan-7", None, None));
    store.does(&agent("lead", "plan-7"), end("plan-7", false));
}

#[test]
fn a_session_is_stuck_once_it_was_silent_for_too_long() {
    let (mut store, ada) = (shared(), person("ada"));
    store.does(&ada, start("crew", None, Some(600)));
    let smith = agent("smith", "crew");
    store.does(&smith, join("crew", "smith", None));
    store.now += 10.minutes();
    store.refuses(&By::system(), end("crew", true), "task/state", "session `crew` is not stuck");
    // Whatever an agent does says that its session is alive.
    store.does(&smith, set("a", "1", None, None));
    store.now += 10.minutes();
    store.refuses(&By::system(), end("crew", true), "task/state", "is not stuck");
    store.now += 1.seconds();
    store.does(&By::system(), end("crew", true));
}

#[test]
fn an_agent_speaks_for_itself() {
    let (mut store, ada) = (shared(), person("ada"));
    store.does(&ada, start("crew", None, None));
    store.does(&ada, join("crew", "smith", None));
    let seen = |store: &Shared| {
        let known = store.commons().session(&session("crew")).expect("it was begun");
        known.member(&name("smith")).expect("it joined").seen
    };
    assert_eq!(seen(&store), None, "somebody else had it join");
    store.refuses(
        &agent("jones", "crew"),
        see("crew", "smith"),
        "policy/denied",
        "cannot say that agent `smith` is alive",
    );
    store.refuses(&By::document(), see("crew", "smith"), "policy/denied", "cannot say");
    assert_eq!(seen(&store), None);
    store.refuses(&agent("jones", "crew"), see("crew", "jones"), "agent/not-found", "does not take part");
    store.does(&agent("smith", "crew"), see("crew", "smith"));
    assert_eq!(seen(&store), Some(store.now));
}

#[test]
fn an_agent_registers_once_and_only_as_it_is() {
    let (mut store, ada) = (shared(), person("ada"));
    assert_eq!(store.does(&ada, register("smith", &["Code Reviewer"], Some("sh a.sh"))), 1);
    assert_eq!(store.does(&ada, register("smith", &["code-reviewer"], Some("sh a.sh"))), 0);
    for other in
        [register("smith", &[], Some("sh a.sh")), register("smith", &["code-reviewer"], Some("sh b.sh"))]
    {
        store.refuses(&ada, other, "agent/differs", "agent `smith` is registered with another configuration");
    }
    // Of one that only joined, nothing else was known yet.
    store.does(&ada, start("crew", None, None));
    store.does(&ada, join("crew", "jones", Some("coder")));
    store.refuses(&ada, register("jones", &["reviewer"], None), "agent/differs", "another configuration");
    assert_eq!(store.does(&ada, register("jones", &["coder"], Some("sh j.sh"))), 1);
    store.refuses(&ada, register("jones", &["coder"], None), "agent/differs", "another configuration");
}

#[test]
fn a_value_is_compared_and_set_against_its_version() {
    let (mut store, ada) = (shared(), person("ada"));
    let key = "phase7/count";
    store.refuses(
        &ada,
        set(key, "1", Some(1), None),
        "memory/conflict",
        "there is nothing under `phase7/count`",
    );
    store.does(&ada, set(key, "1", Some(0), None));
    store.refuses(&ada, set(key, "2", Some(0), None), "memory/conflict", "has version 1, not 0");
    store.does(&ada, set(key, "2", Some(1), None));
    store.does(&ada, set(key, "3", None, None));
    assert_eq!(store.version(key), 3);
    store.refuses(&ada, delete(key, Some(2)), "memory/conflict", "has version 3, not 2");
    store.does(&ada, delete(key, Some(3)));
    store.refuses(&ada, delete(key, None), "memory/not-found", "there is nothing under `phase7/count`");
    // What was deleted has version 0 to who writes it, and its versions go on.
    store.refuses(&ada, set(key, "5", Some(4), None), "memory/conflict", "there is nothing");
    store.does(&ada, set(key, "5", Some(0), None));
    assert_eq!(store.version(key), 5);
}

#[test]
fn a_value_with_an_end_is_forgotten_then() {
    let (mut store, ada) = (shared(), person("ada"));
    store.refuses(&ada, set("a", "1", None, Some(0)), "value/invalid", "for at least a second");
    store.does(&ada, set("a", "1", None, Some(60)));
    store.does(&ada, set("b", "1", None, Some(u64::MAX)));
    let there = |store: &Shared, key: &str| store.commons().memory[key].value(store.now).is_some();
    store.now += 59.seconds();
    assert!(there(&store, "a") && there(&store, "b"));
    store.now += 1.seconds();
    assert!(!there(&store, "a") && there(&store, "b"));
    store.refuses(&ada, delete("a", None), "memory/not-found", "there is nothing under `a`");
    store.refuses(&ada, set("a", "2", Some(1), None), "memory/conflict", "there is nothing");
    store.does(&ada, set("a", "2", Some(0), None));
    assert_eq!(store.version("a"), 2);
}

#[test]
fn a_key_is_names_with_slashes_between_and_values_have_bounds() {
    let (mut store, ada) = (shared(), person("ada"));
    for key in ["", " ", "/a", "a/", "a//b", "a\nb"] {
        let no = store.when(&ada, set(key, "1", None, None)).expect_err("it is refused");
        assert_eq!(no.code, "value/invalid", "`{key}`");
    }
    store.refuses(&ada, set(&"k".repeat(513), "1", None, None), "value/invalid", "is no key");
    store.refuses(&ada, set("a", &"v".repeat(256 * 1024 + 1), None, None), "value/invalid", "is too large");
    store.refuses(&By::document(), set("a", "1", None, None), "policy/denied", "only a person or an agent");
}

#[test]
fn messages_are_in_an_order_that_never_goes_back() {
    let (mut store, ada) = (shared(), person("ada"));
    let clock = |store: &Shared| store.commons().clock;
    store.does(&ada, send(Recipient::Everybody, None));
    let first = clock(&store);
    store.does(&ada, send(Recipient::Everybody, None));
    assert_eq!(clock(&store), HybridTime { counter: 1, ..first }, "within the same moment");
    store.now -= 60.minutes();
    store.does(&ada, send(Recipient::Everybody, None));
    assert_eq!(clock(&store), HybridTime { counter: 2, ..first }, "while the clock stands behind");
    store.now += 61.minutes();
    store.does(&ada, send(Recipient::Everybody, None));
    assert!(clock(&store).millis > first.millis && clock(&store).counter == 0);
    let full = HybridTime { millis: 5, counter: u32::MAX };
    assert!(full.next(jiff::Timestamp::UNIX_EPOCH) > full);
}

#[test]
fn a_message_is_acknowledged_by_those_it_was_meant_for() {
    let (mut store, ada) = (shared(), person("ada"));
    store.does(&ada, start("crew", None, None));
    store.does(&ada, join("crew", "smith", Some("Code Reviewer")));
    let smith = agent("smith", "crew");
    let jones = agent("jones", "jones");
    for to in [
        Recipient::Name("Smith".to_owned()),
        Recipient::Role("code-reviewer".to_owned()),
        Recipient::Session(session("crew")),
    ] {
        store.does(&ada, send(to, None));
        let number = store.store.seq;
        store.refuses(
            &jones,
            Command::AcknowledgeMessages(vec![number]),
            "policy/denied",
            "is not meant for jones",
        );
        store.does(&smith, Command::AcknowledgeMessages(vec![number]));
        store.does(&smith, send(Recipient::Name("ada".to_owned()), Some(number)));
    }
    store.refuses(
        &smith,
        Command::AcknowledgeMessages(vec![Seq(999)]),
        "message/not-found",
        "no message 999",
    );
    store.refuses(&smith, send(Recipient::Everybody, Some(Seq(999))), "message/not-found", "no message 999");
    let empty = Command::SendMessage {
        to: Recipient::Everybody,
        text: " ".to_owned(),
        plan: None,
        task: None,
        answers: None,
    };
    store.refuses(&smith, empty, "value/invalid", "a message must not be empty");
}

#[test]
fn none_of_it_belongs_to_a_plan() {
    let mut plan = crate::story::given("T-1: Build");
    plan.when(&person("ada"), start("crew", None, None))
        .refused("value/invalid", "belongs to the store's own stream");
    plan.when(&person("ada"), set("a", "1", None, None))
        .refused("value/invalid", "belongs to the store's own stream");
}
