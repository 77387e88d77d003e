//! What the journal wants written, and what it remembers of the documents it wrote.

use model::command::{Command, Told};
use model::digest::Digest;
use model::draft::Stated;
use model::event::Event;
use model::facts::Fact;
use model::ids::Seq;
use model::refusal::{FILE_NOT_FOUND, PLAN_MOVED, VALUE_INVALID};
use model::task::ClaimHow;
use model::writing::{Content, wishes};
use testkit::sketch::sketch;

use crate::story::{Story, author, given, person};

/// What is wished after some steps, as `T-1 box ticked`.
fn wished(before: &str, steps: impl FnOnce(&mut Story)) -> Vec<String> {
    let mut story = given(before);
    let begun = story.log.len();
    steps(&mut story);
    let events: Vec<Event> = story.log[begun..].iter().map(|entry| entry.event.clone()).collect();
    let told = wishes(&story.plan, &events).into_iter().map(|wish| {
        let about = match wish.about {
            model::writing::About::Task(key) => key.to_string(),
            model::writing::About::Criterion { text, .. } | model::writing::About::Metric(text) => text,
        };
        let content = match wish.content {
            Content::Ticked(true) => "ticked".to_owned(),
            Content::Ticked(false) => "unticked".to_owned(),
            Content::Status { state, blocked, word } => {
                let word = word.map(|word| format!(" as {word}")).unwrap_or_default();
                format!("{}{}{word}", stated(state), if blocked { " blocked" } else { "" })
            }
            Content::Number(number) => number.to_string(),
            Content::Text(text) => format!("`{text}`"),
            Content::List(items) => items.join("+"),
        };
        format!("{about} {} {content}", wish.field.as_str())
    });
    told.collect()
}

fn stated(state: Stated) -> &'static str {
    match state {
        Stated::Open => "open",
        Stated::Active => "active",
        Stated::Claimed => "done",
        Stated::Dropped => "dropped",
    }
}

fn ada(story: &mut Story, command: Command) {
    story.when(&person("ada"), command).done();
}

fn claim(story: &mut Story, key: &str) {
    let task = story.id(key);
    ada(story, Command::Claim { task, how: ClaimHow::Verb });
}

#[test]
fn what_nobody_changed_is_nobodys_wish() {
    assert!(wished("T-1: Build | box: x", |_| {}).is_empty());
    assert!(
        wished("T-1: Build", |story| story.revise(&author(), "T-1: Build it | box: x").done()).is_empty()
    );
}

#[test]
fn done_is_a_tick_a_word_and_all_of_it() {
    assert_eq!(wished("T-1: Build", |story| claim(story, "T-1")), ["T-1 box ticked", "T-1 status done"]);
    let percent = |story: &mut Story| {
        let task = story.id("T-1");
        ada(story, Command::Update { task, put: vec![Fact::Percent(40.0)], clear: Vec::new() });
    };
    let steps = |story: &mut Story| {
        percent(story);
        claim(story, "T-1");
    };
    assert_eq!(wished("T-1: Build", steps), ["T-1 box ticked", "T-1 status done", "T-1 percent 100"]);
    let steps = |story: &mut Story| {
        percent(story);
        claim(story, "T-1");
        let task = story.id("T-1");
        ada(story, Command::Reopen { task, reason: "no".to_owned() });
    };
    assert_eq!(wished("T-1: Build", steps), ["T-1 box unticked", "T-1 status open", "T-1 percent 40"]);
}

#[test]
fn a_box_follows_done_and_not_done_only() {
    let start = |story: &mut Story| {
        let task = story.id("T-1");
        ada(story, Command::Start(task));
        ada(story, Command::Block { task, reason: "no licence".to_owned() });
    };
    assert_eq!(wished("T-1: Build", start), ["T-1 status active blocked"]);
    let dropped = |story: &mut Story| {
        claim(story, "T-1");
        let task = story.id("T-1");
        ada(story, Command::Drop { task, reason: "no".to_owned() });
    };
    assert_eq!(wished("T-1: Build", dropped), ["T-1 status dropped"]);
}

#[test]
fn what_the_journal_had_written_is_nobodys_word() {
    let mut story = given("T-1: Build | box: empty\nT-2: Ship | box: empty");
    claim(&mut story, "T-1");
    let ticked = sketch("T-1: Build | box: x\nT-2: Ship | box: empty");
    // Our own tick is in what both said last; the author changed another box.
    let edited = sketch("T-1: Build | box: x\nT-2: Ship | box: x");
    let revise =
        |story: &Story, base: &model::definition::Definition, now: &model::definition::Definition| {
            let (onto, base) = (story.plan.revision, Some(Box::new(base.clone())));
            Command::RevisePlan { onto, base, definition: Box::new(now.clone()) }
        };
    let command = revise(&story, &ticked, &edited);
    story.when(&author(), command).gives(&["plan_revised", "task_asserted T-2 done"]);
    // The author takes our tick away again: that is their word, although it is what they said first.
    let command = revise(&story, &edited, &sketch("T-1: Build | box: empty\nT-2: Ship | box: x"));
    story.when(&author(), command).gives(&["plan_revised", "task_asserted T-1 open"]);
}

#[test]
fn a_revision_of_a_few_tasks_gives_what_the_whole_one_gives() {
    let (before, after) = (
        "T-1: Build | box: empty\nT-2: Ship | box: empty | needs: T-1",
        "T-1: Build | box: empty\nT-2: Ship | box: x | needs: T-1",
    );
    let (mut whole, mut few) = (given(before), given(before));
    let onto = whole.plan.revision;
    let (base, mut now) = (Some(Box::new(sketch(before))), sketch(after));
    let mut sources = few.plan.sources.clone();
    sources[0].digest = Digest::sha256(b"edited");
    now.sources.clone_from(&sources);
    let asserted = now.tasks[1].asserted.clone();
    let recorded = ["plan_revised", "task_asserted T-2 done against T-1"];
    whole.when(&author(), Command::RevisePlan { onto, base, definition: Box::new(now) }).gives(&recorded);
    let told =
        |story: &Story| Told { task: story.id("T-2"), facts: Vec::new(), asserted: Some(asserted.clone()) };
    let (one, revise) =
        (told(&few), |told, sources| Command::ReviseTasks { onto, sources, edits: Vec::new(), told });
    few.when(&author(), revise(vec![one], sources.clone())).gives(&recorded);
    assert_eq!((&whole.plan.sources, whole.plan.revision), (&few.plan.sources, few.plan.revision));
    // Facts of progress replace those of their kind, and others are for a whole revision.
    let onto = few.plan.revision;
    let put = |story: &Story, fact| vec![Told { task: story.id("T-1"), facts: vec![fact], asserted: None }];
    let revise = |told, sources| Command::ReviseTasks { onto, sources, edits: Vec::new(), told };
    let told = put(&few, Fact::Percent(40.0));
    few.when(&author(), revise(told, sources.clone())).done();
    let task = few.plan.task(few.id("T-1")).expect("it is there");
    assert_eq!(task.facts.percent(), Some(40.0));
    let (told, none) = (put(&few, Fact::Percent(50.0)), Vec::new());
    few.when(&author(), revise(told, sources.clone())).refused(PLAN_MOVED, "is at revision");
    let onto = few.plan.revision;
    let revise = |told, sources| Command::ReviseTasks { onto, sources, edits: Vec::new(), told };
    let told = put(&few, Fact::Priority("P0".to_owned()));
    few.when(&author(), revise(told, sources)).refused(VALUE_INVALID, "changed in more than");
    few.when(&author(), revise(none.clone(), Vec::new())).refused(VALUE_INVALID, "changed in more than");
}

#[test]
fn a_write_begins_from_the_text_on_record_and_ends_in_a_text_that_was_announced() {
    let mut story = given("T-1: Build");
    let (from, to) = (story.plan.sources[0].digest, Digest::sha256(b"after"));
    let path = || "PLAN.md".to_owned();
    let intend =
        |from, through| Command::IntendDocument { path: path(), from, to, through, edits: Some(Vec::new()) };
    let synced = |digest, through| Command::SyncDocument { path: path(), digest, through };
    let seq = story.plan.seq;
    story.when(&person("ada"), intend(to, seq)).refused(PLAN_MOVED, "is not what the journal has of it");
    story
        .when(&person("ada"), intend(from, Seq(seq.0 + 9)))
        .refused(PLAN_MOVED, "is not what the journal has of it");
    story.when(&person("ada"), synced(to, seq)).refused(PLAN_MOVED, "is not what the journal has of it");
    story
        .when(&person("ada"), synced(from, Seq(seq.0 + 9)))
        .refused(PLAN_MOVED, "is not what the journal has of it");
    let elsewhere = Command::SyncDocument { path: "OTHER.md".to_owned(), digest: from, through: seq };
    story.when(&person("ada"), elsewhere).refused(FILE_NOT_FOUND, "is no document");
    story.when(&person("ada"), intend(from, seq)).done();
    let following = story.plan.following("PLAN.md").cloned().expect("it is a document of the plan");
    assert_eq!(following.intent.map(|intent| (intent.from, intent.to)), Some((from, to)));
    assert_eq!(story.plan.sources[0].digest, from, "announced is not done");
    story.when(&person("ada"), synced(to, seq)).done();
    let following = story.plan.following("PLAN.md").cloned().expect("it is a document of the plan");
    assert_eq!((following.intent, following.written, story.plan.sources[0].digest), (None, seq, to));
    assert_eq!(following.last.map(|last| last.from), Some(from));
}
