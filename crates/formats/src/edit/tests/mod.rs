//! Documents before and after what was wished of them.

mod json;
mod line;
mod markdown;

use model::draft::Stated;
use model::ids::Key;
use model::writing::{About, Content, Field, Wish};

use super::{Reason, fields, write};
use crate::read;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn wish(task: &str, field: Field, content: Content) -> Wish {
    Wish { about: About::Task(key(task)), field, content }
}

fn tick(task: &str, ticked: bool) -> Wish {
    wish(task, Field::Mark, Content::Ticked(ticked))
}

fn status(task: &str, state: Stated) -> Wish {
    wish(task, Field::Status, Content::Status { state, blocked: false, word: None })
}

fn blocked(task: &str) -> Wish {
    wish(task, Field::Status, Content::Status { state: Stated::Open, blocked: true, word: None })
}

fn word(task: &str, state: Stated, word: &str) -> Wish {
    wish(task, Field::Status, Content::Status { state, blocked: false, word: Some(word.to_owned()) })
}

fn percent(task: &str, number: f64) -> Wish {
    wish(task, Field::Percent, Content::Number(number))
}

fn text(task: &str, field: Field, text: &str) -> Wish {
    wish(task, field, Content::Text(text.to_owned()))
}

fn extra(task: &str, name: &str, value: &str) -> Wish {
    text(task, Field::Extra(name.to_owned()), value)
}

fn list(task: &str, items: &[&str]) -> Wish {
    wish(task, Field::Blockers, Content::List(items.iter().map(|item| (*item).to_owned()).collect()))
}

fn metric(name: &str, value: f64) -> Wish {
    Wish { about: About::Metric(name.to_owned()), field: Field::Value, content: Content::Number(value) }
}

fn criterion(of: Option<&str>, text: &str, ticked: bool) -> Wish {
    let about = About::Criterion { of: of.map(key), text: text.to_owned() };
    Wish { about, field: Field::Mark, content: Content::Ticked(ticked) }
}

/// Writes wishes into a document and compares what comes of it; says the same a second time.
fn check_in(path: &str, before: &str, wishes: &[Wish], after: &str) {
    let written = write(before.as_bytes(), &read(path, before.as_bytes()), wishes);
    let text = String::from_utf8(written.bytes.clone()).unwrap();
    assert!(written.unwritten.is_empty(), "{:?} in\n{before}", written.unwritten);
    assert!(text == after, "wished {wishes:?}; is:\n{text}\nshould be:\n{after}");
    assert_eq!(written.reading.is_some(), before != after);
    let again = write(&written.bytes, &read(path, &written.bytes), wishes);
    assert_eq!(again.edits, [], "a second time changes nothing: {text}");
}

/// Writes a wish that must stay unwritten, and leaves the document alone.
fn check_refused(path: &str, before: &str, wish: Wish, reason: Reason) {
    let written = write(before.as_bytes(), &read(path, before.as_bytes()), std::slice::from_ref(&wish));
    assert_eq!(String::from_utf8(written.bytes).unwrap(), before, "{wish:?}");
    let reasons: Vec<_> = written.unwritten.iter().map(|unwritten| unwritten.reason).collect();
    assert_eq!(reasons, [reason], "{wish:?} in\n{before}");
}
