//! The short way in: whatever is read near a line tells what reading both texts whole would tell.
//! Tried on every line of every document here, and on generated ones.

use formats::edit::{Known, lines_apart, reread_at, with_line_of};
use formats::read;
use model::draft::{Draft, DraftTask};
use proptest::prelude::*;
use serde_json::Value;

use crate::documents::{bytes, folder};
use crate::edits::{kept, plan};

/// How often it was tried, and how often reading near the line was enough.
#[derive(Default)]
struct Tried {
    changes: usize,
    near: usize,
}

/// Changes each task's line in each way, and compares.
fn look_near(name: &str, before: &[u8], tried: &mut Tried) {
    let draft = read(name, before).draft;
    if draft.format != "markdown" {
        return;
    }
    for task in &draft.tasks {
        let Some(line) = line_of(before, task.line) else { continue };
        for other in changes(line) {
            let whole: Vec<u8> = (1..)
                .zip(before.split(|byte| *byte == b'\n'))
                .map(|(number, line)| if number == task.line { other.as_bytes() } else { line })
                .collect::<Vec<_>>()
                .join(&b'\n');
            tried.changes += 1;
            tried.near += usize::from(compare(name, before, &whole, &draft, task));
        }
    }
}

fn compare(name: &str, before: &[u8], after: &[u8], draft: &Draft, task: &DraftTask) -> bool {
    assert_eq!(lines_apart(before, after, 1), Some(vec![task.line]));
    assert_eq!(with_line_of(before, after, task.line).as_deref(), Some(after));
    let known = Known { key: &task.key, title: &task.title, line: task.line };
    let Some(reread) = reread_at(before, after, known) else { return false };
    // What each task says in JSON is all that it says; places in the text are no part of it.
    let mut told = as_json(draft);
    let place = draft.tasks.iter().position(|other| std::ptr::eq(other, task)).expect("it is of the draft");
    let (old, new) = (said(&reread.before), said(&reread.after));
    assert_eq!(said(task), old, "{name}:{}: read as it was", task.line);
    for (field, value) in new {
        told["tasks"][place][field] = value;
    }
    let whole = as_json(&read(name, after).draft);
    assert_eq!(told, whole, "{name}:{}: `{}`", task.line, line_of(after, task.line).unwrap_or_default());
    true
}

fn as_json(draft: &Draft) -> Value {
    serde_json::to_value(draft).expect("a draft has a form in JSON")
}

fn said(task: &DraftTask) -> [(&'static str, Value); 3] {
    let task = serde_json::to_value(task).expect("a task has a form in JSON");
    ["checked", "status", "percent"].map(|field| (field, task[field].clone()))
}

fn line_of(text: &[u8], line: u32) -> Option<&str> {
    std::str::from_utf8(text.split(|byte| *byte == b'\n').nth(line as usize - 1)?).ok()
}

/// What an author may make of a line: another box, another word in each cell, another text.
fn changes(line: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (from, to) in [("[ ]", "[x]"), ("[x]", "[ ]"), ("[X]", "[ ]"), ("[ ]", "[X]"), ("[ ]", "[-]")] {
        all.push(line.replacen(from, to, 1));
    }
    if line.starts_with('|') {
        for cell in line.split('|').map(str::trim).filter(|cell| !cell.is_empty()) {
            for word in ["Done", "In Progress", "Blocked", "35%", "Bob", "T-1", "", "Not `Started"] {
                all.push(line.replacen(cell, word, 1));
            }
        }
    }
    all.push(format!("{line} and more"));
    all.retain(|other| other != line);
    all
}

#[test]
fn every_document_here_reads_near_a_line_as_it_reads_whole() {
    let mut open = vec![folder("lint"), folder("shapes")];
    let (mut tried, mut all) = (Tried::default(), Vec::new());
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir().expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str()).expect("the name is text").to_owned();
            let bytes = bytes(&path).expect("the document can be read");
            look_near(&name, &bytes, &mut tried);
            if name.ends_with(".md") {
                all.push(bytes);
            }
        }
    }
    // Long documents, too, so that what is read near is cut out of the middle.
    all.sort();
    for some in all.chunks(12).step_by(5) {
        look_near("LONG.md", &some.join(&b"\n\n"[..]), &mut tried);
    }
    assert!(tried.changes > 2_000 && tried.near > 400, "{} of {} near", tried.near, tried.changes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_generated_document_reads_near_a_line_as_it_reads_whole(text in plan(), kept in kept(), long in any::<bool>()) {
        let filler = "- [ ] Something told at some length, again and again\n".repeat(if long { 200 } else { 0 });
        let text = text.replace("## Checklist\n\n", &format!("## Checklist\n\n{filler}"));
        let bytes = kept.bytes(&text);
        let draft = read("PLAN.md", &bytes).draft;
        // Of those that are all alike one is enough.
        let few: Vec<_> = draft.tasks.iter().filter(|task| !task.title.starts_with("Something")).take(12).collect();
        for task in few {
            for other in line_of(&bytes, task.line).map(changes).unwrap_or_default().into_iter().take(14) {
                let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
                let whole = lines.map(|(number, line)| if number == task.line { other.as_bytes() } else { line });
                let whole = whole.collect::<Vec<_>>().join(&b'\n');
                compare("PLAN.md", &bytes, &whole, &draft, task);
            }
        }
    }
}

#[test]
fn lines_are_compared_one_by_one() {
    let check = |before: &str, after: &str, apart: Option<&[u32]>| {
        assert_eq!(
            lines_apart(before.as_bytes(), after.as_bytes(), 2).as_deref(),
            apart,
            "{before:?} {after:?}"
        );
    };
    check("a\nb\nc\n", "a\nB\nc\n", Some(&[2]));
    check("a\nb\nc", "A\nb\nC", Some(&[1, 3]));
    check("a\nb\nc\n", "a\nb\nc\n", Some(&[]));
    check("a\nb\nc\n", "A\nB\nC\n", None);
    check("a\nb\nc\n", "a\nc\n", None);
    check("a\na\na\n", "a\na\n", None);
    check("a\nb", "a\nb\n", None);
    check("aa\n", "aaa\n", Some(&[1]));
    check("", "", Some(&[]));
}
