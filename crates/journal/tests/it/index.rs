//! The index of the store's own stream: one that lags behind, leads astray or is not there is made
//! anew, and an audit names what in it is not what the events give.

use journal::testing::{Folder, look, tamper};
use journal::{Access, Entry, Journal, Page, Sqlite};
use model::commons::{HybridTime, MemorySet, MessageSent, Reader, Recipient};
use model::event::Event;
use model::ids::PlanId;
use model::ids::Seq;

use crate::support::{append, audited, entry, open};

const DROPPED: &str =
    "DROP TABLE memory_terms; DROP TABLE memory_words; DROP TABLE memory; DROP TABLE messages;
    DROP TABLE acknowledged; DROP TABLE indexed";

fn write(journal: &dyn Journal, events: &[Event]) {
    let mut entry: Entry = entry(&[]);
    entry.events = events.iter().map(|event| serde_json::to_vec(event).unwrap()).collect();
    append(journal, PlanId::STORE, &entry).unwrap();
}

fn set(key: &str, version: u64, value: &str) -> Event {
    let (key, value) = (key.to_owned(), value.to_owned());
    Event::MemorySet(Box::new(MemorySet {
        key,
        value,
        version,
        until: None,
        tags: Default::default(),
        under: None,
    }))
}

fn message(to: &str) -> Event {
    let (to, text) = (Recipient::Name(to.to_owned()), format!("to {to}"));
    let hybrid = HybridTime::default();
    Event::MessageSent(Box::new(MessageSent { to, text, hybrid, plan: None, task: None, answers: None }))
}

/// Events 1 to 7 of the store's own stream.
fn make() -> Folder {
    let folder = Folder::in_memory();
    let journal = open(folder.path(), Access::Create);
    write(&journal, &[set("a", 1, "first words"), set("b", 1, "other words")]);
    write(&journal, &[set("a", 2, "second thoughts"), message("Ada"), message("Bo")]);
    write(&journal, &[Event::MessagesAcknowledged { messages: vec![Seq(4)] }, set("c", 1, "third")]);
    folder
}

/// Everything the index is asked for, as text.
fn answers(journal: &Sqlite) -> String {
    let now = entry(&[]).at;
    let page = Page { prefix: "", after: None, limit: 9, now };
    let ada = Reader { name: "Ada".to_owned(), ..Reader::default() };
    let found = |words: &str| -> Vec<String> {
        journal.memory_search(words, now, 9).unwrap().into_iter().map(|entry| entry.key).collect()
    };
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        journal.memory_entry("a").unwrap().map(|entry| (entry.version, entry.value)),
        journal.memories(&page).unwrap().iter().map(|entry| entry.value.clone()).collect::<Vec<_>>(),
        journal.memory_history("a", 0, 9).unwrap().len(),
        found("words"),
        found("thought"),
        journal.inbox(&ada, true, Seq(0), 9).unwrap().len(),
        journal
            .inbox(&ada, false, Seq(0), 9)
            .unwrap()
            .iter()
            .map(|one| one.message.number)
            .collect::<Vec<_>>(),
    )
}

#[test]
fn what_in_the_index_is_not_what_the_events_give_is_named() {
    for (change, words) in [
        ("DELETE FROM memory WHERE key = 'b'", "version 1 of `b` in the shared memory is missing"),
        (
            "UPDATE memory SET seq = 1 WHERE key = 'a'",
            "version 2 of `a` in the shared memory leads to another event",
        ),
        ("INSERT INTO memory VALUES ('z', 1, 1)", "version 1 of `z` in the shared memory was never written"),
        ("DELETE FROM memory_words WHERE rowid = 2", "the words of event 2"),
        (
            "INSERT INTO memory_words (rowid, key, value, tags) VALUES (1, 'a', 'first', '')",
            "the words of event 1",
        ),
        (
            "INSERT OR REPLACE INTO memory_words (rowid, key, value, tags) VALUES (2, 'b', 'lies', '')",
            "the word `",
        ),
        ("DELETE FROM messages WHERE number = 5", "message 5 to name `bo` is missing"),
        (
            "UPDATE messages SET sender = 'bo' WHERE number = 5",
            "message 5 to name `bo` leads to another event",
        ),
        ("DELETE FROM acknowledged", "that ada acknowledged message 4 is missing"),
        ("INSERT INTO acknowledged VALUES ('bo', 5, 6)", "that bo acknowledged message 5 was never written"),
    ] {
        let folder = make();
        assert_eq!(audited(&open(folder.path(), Access::Read)).findings, [], "whole before it is changed");
        tamper(folder.path(), change);
        let seen = audited(&open(folder.path(), Access::Read));
        let told = seen.findings.first().map(ToString::to_string).unwrap_or_default();
        assert!(told.contains(words), "{change}: {told:?}");
        assert_eq!(seen.fault().unwrap().code, "chain/broken");
        let journal = open(folder.path(), Access::Write);
        journal.index_anew().unwrap();
        assert_eq!(audited(&journal).findings, [], "{change}: made anew");
    }
}

#[test]
fn an_index_that_leads_astray_is_made_anew_and_never_believed() {
    let wanted = answers(&open(make().path(), Access::Read));
    for change in [
        "UPDATE memory SET seq = 2 WHERE key = 'a' AND version = 2",
        "UPDATE memory SET seq = 99 WHERE key = 'c'",
        "UPDATE memory SET seq = 'odd' WHERE key = 'b'",
        "INSERT INTO memory VALUES ('z', 1, 1)",
        "UPDATE messages SET name = 'ada' WHERE number = 5",
        "UPDATE messages SET number = 1 WHERE number = 4",
        "UPDATE indexed SET seq = 3; DELETE FROM memory WHERE seq > 3; DELETE FROM messages",
        "UPDATE indexed SET form = 0",
        "DELETE FROM indexed",
        "DELETE FROM memory_words_data",
    ] {
        let folder = make();
        tamper(folder.path(), change);
        assert_eq!(answers(&open(folder.path(), Access::Read)), wanted, "{change}: read only");
        assert_eq!(answers(&open(folder.path(), Access::Write)), wanted, "{change}: made anew");
        assert_eq!(audited(&open(folder.path(), Access::Read)).findings, [], "{change}");
    }
}

#[test]
fn a_store_of_an_earlier_version_gets_its_index_with_the_next_write() {
    let wanted = answers(&open(make().path(), Access::Read));
    let drop_it = |folder: &Folder| {
        let database = rusqlite::Connection::open(folder.path().join(journal::sqlite::DATABASE)).unwrap();
        database.execute_batch(DROPPED).unwrap();
    };
    let folder = make();
    drop_it(&folder);
    assert_eq!(
        answers(&open(folder.path(), Access::Read)),
        wanted,
        "it is done without where nothing may be made"
    );
    let tables = "SELECT CAST(count(*) AS TEXT) FROM sqlite_schema WHERE name IN ('memory', 'indexed')";
    assert_eq!(look(folder.path(), tables), "0");
    assert_eq!(answers(&open(folder.path(), Access::Write)), wanted);
    assert_eq!(look(folder.path(), tables), "2");

    let folder = make();
    drop_it(&folder);
    let journal = open(folder.path(), Access::Write);
    append(&journal, crate::support::plan(1), &entry(&["1"])).unwrap();
    assert_eq!(look(folder.path(), tables), "2", "a plan was made: the store's own stream says so");
    assert_eq!((answers(&journal), audited(&journal).findings), (wanted, Vec::new()));
}
