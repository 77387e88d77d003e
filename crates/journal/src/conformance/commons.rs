//! Shared memory and messages: found again by key, prefix, word and reader.

use jiff::{SignedDuration, Timestamp};
use model::actor::{Actor, By, Known};
use model::commons::{HybridTime, MemoryEntry, MemorySet, MessageSent, Reader, Recipient};
use model::event::Event;
use model::ids::{AgentId, PlanId, Seq, SessionId};

use super::{Home, append, entry, plan};
use crate::{Entry, Journal, Page};

fn now() -> Timestamp {
    entry("", &[]).at
}

fn tell(journal: &dyn Journal, by: &str, events: &[Event]) -> Seq {
    let expected = journal.head(PlanId::STORE).unwrap().unwrap().seq;
    let name = AgentId::new(by).unwrap();
    let actor = Actor::Agent { agent: name, session: SessionId::new("s").unwrap() };
    let mut entry = Entry::new(now(), By::new(actor, Known::Declared), entry("set", &[]).cause);
    entry.events = events.iter().map(|event| serde_json::to_vec(event).unwrap()).collect();
    journal.append(PlanId::STORE, expected, &entry).unwrap().last
}

fn written(key: &str, version: u64, value: &str) -> MemorySet {
    MemorySet {
        key: key.to_owned(),
        value: value.to_owned(),
        version,
        until: None,
        tags: Default::default(),
        under: None,
    }
}

fn set(key: &str, version: u64, value: &str) -> Event {
    Event::MemorySet(Box::new(written(key, version, value)))
}

fn deleted(key: &str, version: u64) -> Event {
    Event::MemoryDeleted { key: key.to_owned(), version, under: None }
}

fn message(to: Recipient, text: &str) -> Event {
    Event::MessageSent(Box::new(MessageSent {
        to,
        text: text.to_owned(),
        hybrid: HybridTime::default(),
        plan: None,
        task: None,
        answers: None,
    }))
}

fn page(prefix: &str) -> Page<'_> {
    Page { prefix, after: None, limit: 99, now: now() }
}

fn keys(entries: &[MemoryEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.key.as_str()).collect()
}

fn found(journal: &dyn Journal, words: &str) -> Vec<String> {
    journal.memory_search(words, now(), 99).unwrap().into_iter().map(|entry| entry.key).collect()
}

/// A key reads as it was last written, and each version of it can be read too.
pub fn memory_reads_back_as_last_written(home: &Home) {
    let journal = &*home.journal;
    assert_eq!(journal.memory_entry("a").unwrap(), None);
    tell(journal, "coder", &[set("a", 1, "one"), set("b", 1, "other")]);
    // What else the store's own stream carries is in nobody's way.
    append(journal, plan(1), &["1"]);
    tell(journal, "tester", &[set("a", 2, "two"), deleted("a", 3)]);
    let entry = journal.memory_entry("a").unwrap().unwrap();
    assert_eq!((entry.version, entry.value, entry.by.actor.to_string()), (3, None, "tester (s)".to_owned()));
    tell(journal, "tester", &[set("a", 4, "four")]);
    assert_eq!(journal.memory_entry("a").unwrap().unwrap().value.as_deref(), Some("four"));
    let versions = |after, limit| -> Vec<(u64, Option<String>)> {
        let history = journal.memory_history("a", after, limit).unwrap();
        history.into_iter().map(|entry| (entry.version, entry.value)).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(versions(0, 99), [(1, text("one")), (2, text("two")), (3, None), (4, text("four"))]);
    assert_eq!(versions(1, 2), [(2, text("two")), (3, None)]);
    assert_eq!(journal.memory_history("c", 0, 9).unwrap(), []);
}

/// Prefixes, pages, and what is deleted or forgotten.
pub fn memory_is_listed_in_pages(home: &Home) {
    let journal = &*home.journal;
    let later = now() + SignedDuration::from_secs(1);
    let until = |key: &str, until| {
        Event::MemorySet(Box::new(MemorySet { until: Some(until), ..written(key, 1, "x") }))
    };
    let many: Vec<Event> = (1..=9).map(|number| set("p/counter", number, "x")).collect();
    tell(journal, "coder", &many);
    tell(
        journal,
        "coder",
        &[
            set("p/b", 1, "x"),
            set("p/a", 1, "x"),
            set("q", 1, "x"),
            set("p/gone", 1, "x"),
            deleted("p/gone", 2),
        ],
    );
    tell(
        journal,
        "coder",
        &[until("p/old", now()), until("p/young", later), set("P/a", 1, "x"), set("p%", 1, "x")],
    );
    let whole = ["p/a", "p/b", "p/counter", "p/young"];
    assert_eq!(keys(&journal.memories(&page("p/")).unwrap()), whole);
    assert_eq!(journal.memories(&page("p/counter")).unwrap()[0].version, 9);
    assert_eq!(journal.memories(&page("")).unwrap().len(), 7);
    let mut paged = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let next = Page { after: after.as_deref(), limit: 1, ..page("p/") };
        let Some(entry) = journal.memories(&next).unwrap().pop() else { break };
        after = Some(entry.key.clone());
        paged.push(entry.key);
    }
    assert_eq!(paged, whole);
    assert_eq!(keys(&journal.memories(&Page { now: later, ..page("p/y") }).unwrap()), [""; 0]);
}

/// Words that do not stand together, word forms, tags, keys; what was overwritten is not found.
pub fn memory_is_searched_by_words(home: &Home) {
    let journal = &*home.journal;
    let tags = ["release".to_owned(), "Überblick".to_owned()].into();
    let tagged = MemorySet { tags, ..written("phase7/code_quality/status", 1, "34 warnings remain") };
    tell(
        journal,
        "coder",
        &[
            Event::MemorySet(Box::new(tagged)),
            set("notes/build", 1, "The build fails while the linker is running out of memory"),
            set("notes/test", 1, "all tests passed on Friday"),
        ],
    );
    for (words, wanted) in [
        ("build memory", vec!["notes/build"]),
        ("memory build", vec!["notes/build"]),
        ("failing", vec!["notes/build"]),
        ("runs LINKERS", vec!["notes/build"]),
        ("test", vec!["notes/test"]),
        ("quality warning", vec!["phase7/code_quality/status"]),
        ("phase7/code_quality", vec!["phase7/code_quality/status"]),
        ("uberblick", vec!["phase7/code_quality/status"]),
        ("build friday", vec![]),
        ("fail", vec!["notes/build"]),
        ("buil", vec![]),
    ] {
        assert_eq!(found(journal, words), wanted, "{words}");
    }
    assert_eq!(journal.memory_search("notes", now(), 1).unwrap().len(), 1);
    tell(journal, "coder", &[set("notes/build", 2, "it links again"), deleted("notes/test", 2)]);
    assert_eq!(found(journal, "fails"), [""; 0]);
    assert_eq!(found(journal, "link"), ["notes/build"]);
    assert_eq!(found(journal, "friday"), [""; 0]);
}

/// No text is a wrong question.
pub fn any_punctuation_may_be_searched_for(home: &Home) {
    let journal = &*home.journal;
    tell(journal, "coder", &[set("a", 1, "it's near: 100% of C++ (or NOT)"), set("b", 1, "नमस्ते दुनिया 日本")]);
    let odd = "\"'`*^:-+(){}[]<>|&~!?.,;/\\@#$%_= \t\n\r\0\u{7f}\u{301}\u{24b6}\u{200d}🎉";
    for c in odd.chars() {
        for text in [
            format!("{c}"),
            format!("{c}near"),
            format!("near{c}"),
            format!("near {c} of"),
            format!("{c}{c}x\""),
        ] {
            journal.memory_search(&text, now(), 9).unwrap_or_else(|fault| panic!("{text:?}: {fault}"));
        }
    }
    assert_eq!(found(journal, odd), [""; 0]);
    for words in
        ["it's", "NEAR(of)", "near OR", "NOT", "-near", "near:of", "value:near", "C++", "100%", "near*"]
    {
        let wanted: &[&str] = if words == "value:near" { &[] } else { &["a"] };
        assert_eq!(found(journal, words), wanted, "{words}");
    }
    assert_eq!(found(journal, "दुनिया"), ["b"]);
    assert_eq!(found(journal, ""), [""; 0]);
    assert_eq!(found(journal, "  ...  "), [""; 0]);
}

/// A message reaches those it is meant for, in order, until they say that they have read it.
pub fn an_inbox_holds_what_is_meant_for_its_reader(home: &Home) {
    let journal = &*home.journal;
    let name = |name: &str| Recipient::Name(name.to_owned());
    let session = SessionId::new("night").unwrap();
    let last = tell(
        journal,
        "planner",
        &[
            message(name("Coder"), "to a name"),
            message(Recipient::Role("QA lead".to_owned()), "to a role"),
            message(Recipient::Session(session.clone()), "to a session"),
            message(Recipient::Everybody, "to everybody"),
            message(name("tester"), "to another"),
        ],
    );
    let coder =
        Reader { name: "coder".to_owned(), roles: ["qa-lead".to_owned()].into(), sessions: [session].into() };
    let texts = |reader: &Reader, unread, after, limit| -> Vec<String> {
        let inbox = journal.inbox(reader, unread, after, limit).unwrap();
        inbox.into_iter().map(|delivered| delivered.message.what.text).collect()
    };
    let mine = ["to a name", "to a role", "to a session", "to everybody"];
    assert_eq!(texts(&coder, true, Seq(0), 99), mine);
    assert_eq!(texts(&coder, true, Seq(0), 2), mine[..2]);
    assert_eq!(texts(&coder, true, Seq(last.0 - 3), 99), mine[2..]);
    let planner = Reader { name: "planner".to_owned(), ..Reader::default() };
    assert_eq!(texts(&planner, true, Seq(0), 99), [""; 0], "nobody writes to themselves at large");
    let first = Seq(last.0 - 4);
    tell(journal, "coder", &[Event::MessagesAcknowledged { messages: vec![first, Seq(last.0 - 1)] }]);
    assert_eq!(texts(&coder, true, Seq(0), 99), mine[1..3]);
    assert_eq!(texts(&coder, false, Seq(0), 99), mine);
    let all = journal.inbox(&coder, false, Seq(0), 99).unwrap();
    assert_eq!(
        all.iter().map(|one| one.acknowledged.is_some()).collect::<Vec<_>>(),
        [true, false, false, true]
    );
    let tester = Reader { name: "Tester".to_owned(), ..Reader::default() };
    assert_eq!(texts(&tester, true, Seq(0), 99), ["to everybody", "to another"], "theirs are still unread");
    let read = journal.message(first).unwrap().unwrap();
    assert_eq!((read.number, read.what.text.as_str()), (first, "to a name"));
    assert_eq!(journal.message(Seq(last.0 + 1)).unwrap(), None, "no message, but what came of reading them");
    assert_eq!(journal.message(Seq(99)).unwrap(), None);
}
