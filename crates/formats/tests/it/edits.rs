//! Writing back, over generated documents and over the ones that stand here: whatever is wished,
//! nothing but what was wished changes, in whatever bytes the document is kept.

use formats::edit::{fields, write};
use formats::{Reading, encoding, read};
use model::writing::{Content, Field, Wish};
use proptest::prelude::*;
use proptest::sample::select;

use crate::documents::{bytes, folder};
use crate::written::look_at;

/// A plan of generated rows, items and values, in the shapes people write.
pub(crate) fn plan() -> impl Strategy<Value = String> {
    let status = select(
        &[
            "🔴 Not Started",
            "🟡 In Progress",
            "✅ Done",
            "In Progress (40%)",
            "-",
            "Blocked – rain",
            "TODO",
            "",
        ][..],
    );
    let mark = select(&[" ", "x", "X", "/", "-", "~", "*"][..]);
    let bullet = select(&["-", "*", "+", "1."][..]);
    let words = || "[A-Z][a-z]{2,8} [a-z|]{1,6}".prop_map(|text| text.replace('|', "\\|"));
    let row = (words(), status.clone(), 0..=100u8, select(&["Ann", "Bob + Cleo", "@dan", "-"][..]));
    let item = (bullet, mark, words(), 0..3usize);
    let action = (words(), status, select(&["Ann", "Bob"][..]), words());
    (
        prop::collection::vec(row, 0..6),
        prop::collection::vec(item, 0..8),
        prop::collection::vec(action, 0..4),
        any::<bool>(),
    )
        .prop_map(|(rows, items, actions, padded)| {
            let mut text = "# Plan\n\n## Tasks\n\n| ID | Task | Status | Progress | Owner | Depends on |\n|---|---|---|---|---|---|\n".to_owned();
            for (at, (title, status, percent, owner)) in rows.iter().enumerate() {
                let status = if padded { format!("{status:<20}") } else { (*status).to_owned() };
                let needs = if at > 0 { format!("T-{}", at - 1) } else { "None".to_owned() };
                text.push_str(&format!("| T-{at} | {title} | {status} | {percent}% | {owner} | {needs} |\n"));
            }
            text.push_str("\n## Checklist\n\n");
            for (bullet, mark, title, depth) in &items {
                text.push_str(&format!("{}{bullet} [{mark}] {title}\n", "\t".repeat(*depth)));
            }
            text.push_str("\n## Actions\n\n");
            for (at, (title, status, owner, note)) in actions.iter().enumerate() {
                text.push_str(&format!(
                    "- **ACTION-{at}: {title} ({owner})**\n  - Status: {status}\n  - Blockers: None\n  - Telemetry: {note}\n"
                ));
            }
            text.push_str("\n## Success criteria\n\n- [ ] All is well\n- [x] Less than 20 warnings");
            text
        })
}

/// The ways a document may be kept.
pub(crate) fn kept() -> impl Strategy<Value = Kept> {
    select(&[Kept::Plainly, Kept::Crlf, Kept::Marked, Kept::Utf16, Kept::Mistaken, Kept::Broken][..])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Plainly,
    Crlf,
    Marked,
    Utf16,
    /// Read as cp1252 by mistake, and saved again.
    Mistaken,
    /// With a byte that is no UTF-8.
    Broken,
}

impl Kept {
    pub(crate) fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Plainly => text.as_bytes().to_vec(),
            Self::Crlf => text.replace('\n', "\r\n").into_bytes(),
            Self::Marked => format!("\u{FEFF}{text}").into_bytes(),
            Self::Utf16 => {
                [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
            }
            Self::Mistaken => mistaken(&format!("{text}\n\n– “so” ✅\n")).into_bytes(),
            Self::Broken => [text.as_bytes(), b"\n\ncaf\xE9 \xFF\n"].concat(),
        }
    }
}

/// What a program makes of UTF-8 that it takes for cp1252.
fn mistaken(text: &str) -> String {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    let shown = |byte: u8| match byte {
        0x80..=0x9F => HIGH.chars().nth(usize::from(byte) - 0x80).expect("there are 32 of them"),
        _ => char::from(byte),
    };
    text.bytes().map(shown).collect()
}

fn toggled(reading: &Reading) -> Vec<(Wish, Content)> {
    let boxes = fields(reading).into_iter().filter(|written| written.field == Field::Mark);
    boxes
        .filter_map(|written| match written.content {
            Content::Ticked(ticked) => {
                let wish =
                    Wish { about: written.about, field: Field::Mark, content: Content::Ticked(!ticked) };
                Some((wish, Content::Ticked(ticked)))
            }
            _ => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_wished_nothing_else_changes(
        text in plan(),
        kept in kept(),
        choices in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        look_at("PLAN.md", &kept.bytes(&text), &choices);
    }

    #[test]
    fn there_and_back_gives_the_same_bytes(text in plan(), kept in kept(), choice in any::<prop::sample::Index>()) {
        let before = kept.bytes(&text.replace("[X]", "[x]"));
        let reading = read("PLAN.md", &before);
        let boxes = toggled(&reading);
        prop_assume!(!boxes.is_empty());
        let (wish, back) = choice.get(&boxes);
        let there = write(&before, &reading, std::slice::from_ref(wish));
        prop_assume!(there.unwritten.is_empty());
        let changed = before.iter().zip(&there.bytes).filter(|(one, other)| one != other).count();
        prop_assert!(there.bytes.len() == before.len() && changed == 1, "one byte is enough");
        let again = Wish { content: back.clone(), ..wish.clone() };
        let back = write(&there.bytes, &read("PLAN.md", &there.bytes), &[again]);
        // A sign that is neither ticked nor open is gone once it was ticked.
        let other = ["[/]", "[-]", "[~]", "[*]"].iter().any(|sign| text.contains(sign));
        prop_assert!(other || back.bytes == before);
    }
}

#[test]
fn every_document_here_stays_as_it_is_and_takes_wishes() {
    let mut open = vec![folder("lint"), folder("shapes")];
    let (mut documents, mut written) = (0, 0);
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir().expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str()).expect("the name is text").to_owned();
            let bytes = bytes(&path).expect("the document can be read");
            for seed in 0..3_u8 {
                let choices: Vec<u8> = (0..64).map(|at: u8| at.wrapping_mul(37).wrapping_add(seed)).collect();
                written += look_at(&name, &bytes, &choices);
            }
            documents += 1;
        }
    }
    assert!(documents > 50 && written > 500, "{documents} documents, {written} wishes written");
}

#[test]
fn wrongly_decoded_text_is_written_the_same_wrong_way() {
    let text = "# Plan\n\n| ID | Task | Status |\n|---|---|---|\n| T-1 | Dig – deep | 🔴 Not Started |\n| T-2 | Fill | ✅ Done |\n";
    let wrong = mistaken(text);
    let reading = read("PLAN.md", wrong.as_bytes());
    assert!(reading.draft.encoding.repaired);
    let status =
        fields(&reading).into_iter().find(|written| written.field == Field::Status).expect("it has one");
    let done = Content::Status { state: model::draft::Stated::Claimed, blocked: false, word: None };
    let written = write(
        wrong.as_bytes(),
        &reading,
        &[Wish { about: status.about, field: Field::Status, content: done }],
    );
    assert_eq!(written.unwritten, []);
    let right = text.replace("🔴 Not Started", "✅ Done");
    assert_eq!(String::from_utf8(written.bytes.clone()).expect("it is text"), mistaken(&right));
    assert_eq!(encoding::decode(&written.bytes).text, right);
}
