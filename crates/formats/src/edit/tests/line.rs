//! The short way does what the long way does.

use super::*;
use crate::edit::{Known, TextEdit, write_at};

/// Goes both ways for some tasks of a document; gives whether the short one was always or never
/// certain.
fn both_ways(path: &str, text: &str, wish_of: impl Fn(&str) -> Vec<Wish>) -> Option<bool> {
    let reading = read(path, text.as_bytes());
    let (mut certain, mut asked) = (0, 0);
    for task in reading.draft.tasks.iter().step_by(reading.draft.tasks.len().div_ceil(5)) {
        asked += 1;
        let wishes = wish_of(task.key.as_str());
        let known = Known { key: &task.key, title: &task.title, line: task.line };
        let Some(short) = write_at(text.as_bytes(), reading.draft.format, known, &wishes, None) else {
            continue;
        };
        let long = write(text.as_bytes(), &reading, &wishes);
        assert_eq!(short.unwritten, long.unwritten, "{:?}", task.key);
        assert_eq!(short.edits, long.edits, "{:?}", task.key);
        assert_eq!(short.bytes, long.bytes);
        certain += 1;
    }
    (certain == asked || certain == 0).then_some(certain > 0)
}

#[test]
fn a_known_line_is_enough_for_a_box() {
    let mut text = "\u{FEFF}# Plan\n\nWords – “quoted”.\n".to_owned();
    for section in 0..6 {
        text.push_str(&format!("\n## Part {section}\n\n"));
        for item in 0..100 {
            text.push_str(&format!("- [ ] Do the thing {item}\n  - note of it\n"));
        }
    }
    assert_eq!(
        both_ways("PLAN.md", &text, |key| vec![tick(key, true), status(key, Stated::Claimed)]),
        Some(true)
    );
    let one = text.replace("\n## Part", "\nPart");
    assert_eq!(both_ways("PLAN.md", &one, |key| vec![tick(key, true)]), Some(true), "in one section, too");
}

#[test]
fn a_known_line_is_enough_for_cells() {
    let mut text = "# Plan\n\n## Tasks\n\n| ID | Task | Status | Progress |\n|---|---|---|---|\n".to_owned();
    for row in 0..400 {
        let status = ["🔴 To Do", "🟡 Under way", "✅ Complete"][row % 3];
        text.push_str(&format!("| T-{row} | Dig hole {row} | {status} | {}% |\n", row % 100));
    }
    let done = |key: &str| vec![status(key, Stated::Claimed), percent(key, 100.0)];
    assert_eq!(both_ways("PLAN.md", &text, done), Some(true));
    // A word that the part does not have may stand elsewhere.
    let none = text.replace("✅ Complete", "🟡 Under way");
    assert_eq!(both_ways("PLAN.md", &none, done), Some(false));
}

#[test]
fn a_word_that_all_others_have_is_taken_for_the_documents() {
    let head = "# Plan\n\n| ID | Task | Status |\n|---|---|---|\n";
    let rows = |from: usize, word: &str| {
        let row = |row| format!("| T-{row} | Dig hole {row} | {word} |\n");
        (from..from + 300).map(row).collect::<String>()
    };
    // A text, what is wished for of its last task, and whether the words alone tell how to say so.
    for (far, near, certain) in [
        ("in progress", "open", true),
        ("blocked", "open", true),
        ("blocked", "OPEN", true),
        ("blocked", "Open", false),
        ("not-started", "open", false),
        ("doing", "open", false),
        ("In Progress", "open", false),
        ("in progress", "🔴 open", false),
        ("🟡 in progress", "", false),
    ] {
        let text = format!("{head}{}{}", rows(0, far), rows(300, near));
        let reading = read("PLAN.md", text.as_bytes());
        let others =
            || reading.draft.tasks.iter().filter_map(|task| task.status.as_ref()).collect::<Vec<_>>();
        let task = &reading.draft.tasks[598];
        let wishes = [status(task.key.as_str(), Stated::Active)];
        let known = Known { key: &task.key, title: &task.title, line: task.line };
        let long = write(text.as_bytes(), &reading, &wishes).bytes;
        let short = write_at(text.as_bytes(), "markdown", known, &wishes, Some(&others));
        assert_eq!(short.map(|written| written.bytes), certain.then_some(long), "{far} / {near}");
        assert_eq!(write_at(text.as_bytes(), "markdown", known, &wishes, None), None, "{far} / {near}");
    }
}

#[test]
fn a_known_line_is_enough_for_a_batch() {
    let mut text = "{\n  \"batches\": [".to_owned();
    for batch in 0..50 {
        let comma = if batch > 0 { "," } else { "" };
        text.push_str(&format!(
            "{comma}\n    {{\n      \"id\": \"b-{batch}\",\n      \"status\": \"queued\"\n    }}"
        ));
    }
    text.push_str("\n  ],\n  \"metrics\": {}\n}\n");
    let owner = |key: &str| super::text(key, Field::Owner, "Ö");
    let wishes = |key: &str| vec![status(key, Stated::Active), owner(key), percent(key, 5.0)];
    assert_eq!(both_ways("execution-plan.json", &text, wishes), Some(true));
    assert_eq!(
        both_ways("execution-plan.json", &text, |key| vec![list(key, &["b-1"])]),
        Some(false),
        "lists name others"
    );
}

#[test]
fn a_line_that_holds_something_else_is_left_alone() {
    let text = "# Plan\n\n- [ ] Dig\n- [ ] Fill\n\n```\n- [ ] Dig\n```\n";
    let reading = read("PLAN.md", text.as_bytes());
    let task = &reading.draft.tasks[0];
    let wishes = [tick(task.key.as_str(), true)];
    let at = |title: &str, line: u32| {
        write_at(text.as_bytes(), "markdown", Known { key: &task.key, title, line }, &wishes, None)
    };
    let edits = at("Dig", 3).map(|written| written.edits);
    assert_eq!(
        edits,
        Some(vec![TextEdit { span: model::diagnostic::Span::new(11, 12), text: "x".to_owned() }])
    );
    for (title, line) in [("Dig", 4), ("Fill", 3), ("Dig", 7), ("Dig", 0), ("Dig", 99), ("Dig", 1)] {
        assert_eq!(at(title, line), None, "{title} on {line}");
    }
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let known = Known { key: &task.key, title: "Dig", line: 3 };
    assert_eq!(write_at(&utf16, "markdown", known, &wishes, None), None);
}
