//! Comparing an index with one made anew from the events.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};

/// What is compared: a question whose answer comes in a fixed order, and how a row of it is called.
struct Part {
    question: &'static str,
    /// How many of its first columns name a row.
    names: usize,
    call: fn(&[String]) -> String,
}

const PARTS: [Part; 5] = [
    Part {
        question: "SELECT key, version, seq FROM memory ORDER BY key, version DESC",
        names: 2,
        call: |row| format!("version {} of `{}` in the shared memory", row[1], row[0]),
    },
    Part {
        question: "SELECT id FROM memory_words_docsize ORDER BY id",
        names: 1,
        call: |row| format!("the words of event {}", row[0]),
    },
    Part {
        question: "SELECT doc, term, col, \"offset\" FROM memory_terms",
        names: 2,
        call: |row| format!("the word `{}` of event {}", row[1], row[0]),
    },
    Part {
        question: "SELECT kind, name, number, sender FROM messages ORDER BY kind, name, number",
        names: 3,
        call: |row| match row[1].as_str() {
            "" => format!("message {} to {}", row[2], row[0]),
            name => format!("message {} to {} `{name}`", row[2], row[0]),
        },
    },
    Part {
        question: "SELECT name, number, seq FROM acknowledged ORDER BY name, number",
        names: 2,
        call: |row| format!("that {} acknowledged message {}", row[0], row[1]),
    },
];

/// The first thing of each part that one has and the other has not, as sentences.
pub(crate) fn differences(kept: &Connection, made: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    for part in &PARTS {
        let told = match kept.prepare(part.question) {
            Ok(mut kept) => first(part, &mut kept, &mut made.prepare(part.question)?)?,
            Err(_) => Some("a table of it cannot be read".to_owned()),
        };
        found.extend(
            told.map(|what| {
                format!("the index of the store's own stream is not what its events give: {what}; `countersign audit reindex` makes it anew")
            }),
        );
    }
    Ok(found)
}

fn first(
    part: &Part,
    kept: &mut Statement<'_>,
    made: &mut Statement<'_>,
) -> rusqlite::Result<Option<String>> {
    let (mut kept, mut made) = (kept.query([])?, made.query([])?);
    loop {
        let row = match kept.next() {
            Ok(row) => row.map(texts).transpose()?,
            Err(_) => return Ok(Some("a table of it cannot be read".to_owned())),
        };
        let right = made.next()?.map(texts).transpose()?;
        let call = |row: &[String]| (part.call)(row);
        match (row, right) {
            (None, None) => return Ok(None),
            (Some(row), Some(right)) if row == right => {}
            (Some(row), Some(right)) if row[..part.names] == right[..part.names] => {
                return Ok(Some(format!("{} leads to another event", call(&right))));
            }
            (None, Some(right)) => return Ok(Some(format!("{} is missing", call(&right)))),
            (Some(row), None) => return Ok(Some(format!("{} was never written", call(&row)))),
            (Some(row), Some(right)) => {
                // Which of the two is odd, the row after it tells.
                if made.next()?.map(texts).transpose()?.as_ref() == Some(&row) {
                    return Ok(Some(format!("{} is missing", call(&right))));
                }
                return Ok(Some(format!("{} stands where {} belongs", call(&row), call(&right))));
            }
        }
    }
}

fn texts(row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<String>> {
    let columns = row.as_ref().column_count();
    (0..columns)
        .map(|column| {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            })
        })
        .collect()
}
