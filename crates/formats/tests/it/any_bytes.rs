//! Any bytes at all may be read: nothing panics, and every place lies inside the text. Bounded
//! here; `fuzz/` asks the same without an end.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::documents::{bytes, folder};
use crate::spans::look_at;
use crate::written;

/// What Markdown, JSON, probes and wrongly decoded text are made of.
const PIECES: [&str; 58] = [
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "    ",
    "- ",
    "* ",
    "1. ",
    "- [ ] ",
    "- [x] ",
    "[/]",
    "|",
    "| --- | --- |\n",
    "\\|",
    "# ",
    "### Phase A — ",
    "## Success Criteria\n",
    "## Risks\n",
    "| Task ID | Prereqs | Status |\n|---|---|---|\n",
    "| Risk | Probability | Impact | Mitigation |\n|---|---|---|---|\n",
    "**",
    "`",
    "``",
    "```\n",
    "<!-- #k -->",
    "<!--",
    "-->",
    "> ",
    "---\n",
    " — check: `make`",
    " — metric: x < 20 from `y`",
    " — file: `a`",
    "—",
    "–§",
    "â€“",
    "Â±",
    "T-001",
    "7.3",
    "R-1 → T-2",
    "P0",
    "70%",
    "(2.4 days, dev)",
    "Status: ",
    "Ready for Review",
    "✅",
    "🔴",
    "2031-05-05 10:30 PT",
    "Week 1–2",
    "Due: ",
    "waits for 7.3",
    "{\"batches\": [",
    "\"progress\": 1e999",
    "}",
    "]",
    "\u{FEFF}",
    "\u{202E}",
    "\u{0}",
    "é",
];

const PATHS: [&str; 6] =
    ["PLAN.md", "execution-plan.json", "plan", "issues.jsonl", "plan.csv", "task-1 - x.md"];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        3 => "[ -~]{0,12}".prop_map(String::into_bytes),
        1 => any::<String>().prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// One change to a document, at places given as fractions of its length.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index, Index),
    Double(Index, Index),
    Move(Index, Index, Index),
    Put(Index, &'static str),
    Flip(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), at()).prop_map(|(a, b)| Change::Cut(a, b)),
        (at(), at()).prop_map(|(a, b)| Change::Double(a, b)),
        (at(), at(), at()).prop_map(|(a, b, c)| Change::Move(a, b, c)),
        (at(), select(&PIECES[..])).prop_map(|(a, piece)| Change::Put(a, piece)),
        (at(), 1u8..).prop_map(|(a, bits)| Change::Flip(a, bits)),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |index: &Index, bytes: &[u8]| index.index(bytes.len() + 1);
        // Short stretches change much and keep more of the document's shape.
        let stretch = |a: &Index, b: &Index, bytes: &[u8]| {
            let start = place(a, bytes);
            start..(start + b.index(200)).min(bytes.len())
        };
        match self {
            Self::Cut(a, b) => drop(bytes.drain(stretch(a, b, bytes))),
            Self::Double(a, b) => {
                let range = stretch(a, b, bytes);
                let copy = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, copy);
            }
            Self::Move(a, b, c) => {
                let taken: Vec<u8> = bytes.drain(stretch(a, b, bytes)).collect();
                let to = place(c, bytes);
                bytes.splice(to..to, taken);
            }
            Self::Put(a, piece) => {
                let at = place(a, bytes);
                bytes.splice(at..at, piece.bytes());
            }
            Self::Flip(a, bits) => {
                if !bytes.is_empty() {
                    let at = a.index(bytes.len());
                    bytes[at] ^= bits;
                }
            }
        }
    }
}

/// Every document that stands under `tests/`.
fn fixtures() -> Vec<Vec<u8>> {
    let mut open = vec![folder("lint"), folder("shapes")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir().expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.clone(), bytes(&path).expect("the document can be read")));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, bytes)| bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600), path in select(&PATHS[..])) {
        look_at(path, &bytes);
    }

    #[test]
    fn any_pieces_of_plans_are_read(bytes in pieces(), path in select(&PATHS[..])) {
        look_at(path, &bytes);
    }

    #[test]
    fn any_changed_plan_is_read(
        mut bytes in select(fixtures()),
        changes in prop::collection::vec(change(), 1..8),
        path in select(&PATHS[..]),
    ) {
        for change in &changes {
            change.apply(&mut bytes);
        }
        look_at(path, &bytes);
    }

    #[test]
    fn any_pieces_of_plans_are_written(
        bytes in pieces(),
        path in select(&PATHS[..]),
        choices in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        written::look_at(path, &bytes, &choices);
    }

    #[test]
    fn any_changed_plan_is_written(
        mut bytes in select(fixtures()),
        changes in prop::collection::vec(change(), 1..8),
        path in select(&PATHS[..]),
        choices in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        for change in &changes {
            change.apply(&mut bytes);
        }
        written::look_at(path, &bytes, &choices);
    }
}

#[test]
fn deep_nesting_is_read_without_an_end_of_the_stack() {
    for piece in ["> ", "- ", "[", "{\"a\":", "**", "(", "<b>", "`", "_a ", "* [ ] ", "1. "] {
        for path in PATHS {
            look_at(path, piece.repeat(20_000).as_bytes());
        }
    }
    for level in [63, 64, 65, 200] {
        let indented: String =
            (0..level).map(|depth| format!("{}- [ ] item\n", "  ".repeat(depth))).collect();
        look_at("PLAN.md", indented.as_bytes());
    }
}
