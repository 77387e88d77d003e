//! What holds for every writing into any bytes: what is refused changes nothing, what is written
//! reads as wished, and nothing else changes.
//!
//! The fuzz target in `fuzz/` asks the same, so this file knows nothing of the tests around it.

use formats::edit::{Rewritten, fields, plan, write};
use formats::{Reading, read};
use model::draft::Stated;
use model::writing::{Content, Field, Wish};

/// Makes a wish for each field, chosen by numbers, and looks at what comes of them. Gives how many
/// were written.
pub(crate) fn look_at(path: &str, bytes: &[u8], choices: &[u8]) -> usize {
    let reading = read(path, bytes);
    let known = fields(&reading);
    let said = |written: &formats::edit::Written| Wish {
        about: written.about.clone(),
        field: written.field.clone(),
        content: written.content.clone(),
    };
    let as_it_is: Vec<Wish> = known.iter().map(said).collect();
    assert_eq!(plan(&reading, &as_it_is).edits, [], "what is said already takes no edit");
    assert_eq!(write(bytes, &reading, &[]).bytes, bytes);

    let wishes: Vec<Wish> = known
        .iter()
        .zip(choices.iter().chain(std::iter::repeat(&0)))
        .filter(|(_, choice)| **choice % 3 > 0)
        .map(|(written, choice)| Wish {
            content: wished(&written.field, &written.content, *choice),
            ..said(written)
        })
        .collect();
    let written = write(bytes, &reading, &wishes);
    let open: Vec<&Wish> = wishes
        .iter()
        .filter(|wish| !written.unwritten.iter().any(|unwritten| unwritten.wish == **wish))
        .collect();
    let Some(after) = &written.reading else {
        assert_eq!(written.bytes, bytes);
        return 0;
    };
    assert_eq!(*after, read(path, &written.bytes), "what is told is what is there");
    only_the_edits(&reading, after, &written);
    let again: Vec<Wish> = open.iter().map(|wish| (*wish).clone()).collect();
    assert_eq!(write(&written.bytes, after, &again).edits, [], "a second time changes nothing");
    open.len()
}

/// The texts before and after differ where the edits are and nowhere else.
fn only_the_edits(before: &Reading, after: &Reading, written: &Rewritten) {
    let (mut old, mut new) = (0, 0);
    for edit in &written.edits {
        let kept = edit.span.start as usize - old;
        assert_eq!(before.text[old..old + kept], after.text[new..new + kept]);
        new += kept;
        assert!(after.text[new..].starts_with(&edit.text));
        new += edit.text.len();
        old = edit.span.end as usize;
    }
    assert_eq!(before.text[old..], after.text[new..]);
}

fn wished(field: &Field, now: &Content, choice: u8) -> Content {
    const STATES: [Stated; 4] = [Stated::Open, Stated::Active, Stated::Claimed, Stated::Dropped];
    const WORDS: [&str; 4] = ["Ready for Review", "in-progress", "done", "On Hold"];
    const TEXTS: [&str; 8] =
        ["Zoe", "", "a | b", "2 * 3 * 4 `x`", "Grüße – ✅", "2031-05-05", "line\nbreak", "P0"];
    let at = usize::from(choice / 3);
    match (field, now) {
        (Field::Mark, _) => Content::Ticked(choice.is_multiple_of(2)),
        (Field::Status, _) => Content::Status {
            state: STATES[at % 4],
            blocked: at % 7 == 0,
            word: (at % 5 == 0).then(|| WORDS[at % 4].to_owned()),
        },
        (Field::Percent | Field::Value, _) => Content::Number([0.0, 12.5, 42.0, 100.0][at % 4]),
        (Field::Blockers, Content::List(items)) => {
            let mut items = items.clone();
            if at % 2 == 0 {
                items.pop();
            }
            if at % 3 == 0 {
                items.push("T-999".to_owned());
            }
            Content::List(items)
        }
        _ => Content::Text(TEXTS[at % 8].to_owned()),
    }
}
