//! Whole documents in the shapes people write, each with faults put in on purpose. The same faults
//! are found when keys, numbers, names of phases, columns and sections change places; mending one
//! of them takes away exactly that finding.

use std::collections::BTreeMap;

use formats::lint::Surroundings;
use formats::read;
use model::diagnostic::Diagnostic;

use crate::documents::{bytes, counted, folder, now, settings};

/// A document, what is found in it, and how each fault is mended.
struct Shape {
    name: &'static str,
    /// Code and line, in the order of the text. What a criterion would prove is left aside: it is
    /// said of nearly every criterion and has a pair of documents of its own.
    found: &'static [(&'static str, u32)],
    repairs: &'static [Repair],
}

/// Edits that leave every line where it is, and the findings that go away with them.
struct Repair {
    edits: &'static [(&'static str, &'static str)],
    mends: &'static [(&'static str, u32)],
}

const fn repair(
    edits: &'static [(&'static str, &'static str)],
    mends: &'static [(&'static str, u32)],
) -> Repair {
    Repair { edits, mends }
}

const IMPLEMENTATION: Shape = Shape {
    name: "implementation.md",
    found: &[
        ("plan/task-unphased", 18),
        ("plan/task-unphased", 20),
        ("plan/need-unscheduled", 21),
        ("trace/task-unmapped", 22),
        ("plan/task-in-two-phases", 42),
        ("trace/one-way", 52),
        ("text/template-remnant", 63),
    ],
    repairs: &[
        repair(&[("Tasks: T-005,", "Tasks: T-009, T-005,")], &[("plan/task-unphased", 20)]),
        repair(
            &[("Tasks: T-005,", "Tasks: T-007, T-005,")],
            &[("plan/task-unphased", 18), ("plan/need-unscheduled", 21)],
        ),
        repair(&[("| T-007, T-008 |", "| T-008 |")], &[("plan/need-unscheduled", 21)]),
        repair(&[("Tasks: T-010, T-004, T-011", "Tasks: T-010, T-011")], &[("plan/task-in-two-phases", 42)]),
        repair(&[("R-06 → T-006, T-012", "R-06 → T-006")], &[("trace/one-way", 52)]),
        repair(
            &[("R-10 → T-012", "R-10 → T-012, T-011"), ("| P2 | SV §2 |", "| P2 | SV §2 R-10 |")],
            &[("trace/task-unmapped", 22)],
        ),
        repair(
            &[
                ("## Implementation plan — <Project/Initiative>", ""),
                ("### 1) Objectives\n-", "\n"),
                ("### 2) Phases\n- Phase Name\n  - Entrance Criteria:\n  - Exit Criteria:", "\n\n\n"),
                ("### 3) Risk-to-task mapping\n- R-### → [Task-IDs]", "\n"),
            ],
            &[("text/template-remnant", 63)],
        ),
    ],
};

const HANDOFF: Shape = Shape {
    name: "handoff.md",
    found: &[
        ("schedule/total-differs", 25),
        ("schedule/non-working-day", 26),
        ("claim/ticked-before-work", 46),
        ("claim/contradicts", 51),
        ("path/missing", 56),
    ],
    repairs: &[
        repair(
            &[("Start here: `docs/move/README.md`", "Start here: `docs/move/README.md`, to be written")],
            &[("path/missing", 56)],
        ),
        repair(
            &[("~3.4 days (2.4 side by side and 1 after)", "~2.4 days")],
            &[("schedule/total-differs", 25)],
        ),
        repair(&[("2031-05-18", "2031-05-19")], &[("schedule/non-working-day", 26)]),
        repair(
            &[
                ("- [x] Task 12.1: every", "- [ ] Task 12.1: every"),
                ("- [x] Task 12.3: fewer", "- [ ] Task 12.3: fewer"),
                ("- [x] All sample", "- [ ] All sample"),
                ("- [x] Readers", "- [ ] Readers"),
            ],
            &[("claim/ticked-before-work", 46)],
        ),
        repair(&[("(626/630 as before)", "(630/630 as before)")], &[("claim/contradicts", 51)]),
    ],
};

const DASHBOARD: Shape = Shape {
    name: "dashboard.md",
    found: &[
        ("claim/contradicts", 7),
        ("plan/need-unknown", 11),
        ("claim/total-differs", 13),
        ("claim/total-differs", 21),
        ("text/placeholder", 37),
    ],
    repairs: &[
        repair(&[("| 90% |", "| 100% |")], &[("claim/contradicts", 7)]),
        repair(&[("Batch 44", "Batch 4")], &[("plan/need-unknown", 11)]),
        repair(&[("has 6 batches", "has 5 batches")], &[("claim/total-differs", 13)]),
        repair(&[("| Total | 110 |", "| Total | 100 |")], &[("claim/total-differs", 21)]),
        repair(&[("| High | TBD |", "| High | Keep clear |")], &[("text/placeholder", 37)]),
    ],
};

const DAILY: Shape = Shape {
    name: "daily.md",
    found: &[
        ("schedule/weekday-differs", 1),
        ("claim/total-differs", 6),
        ("claim/total-differs", 6),
        ("claim/contradicts", 30),
        ("schedule/past-due", 49),
        ("schedule/non-working-day", 50),
        ("approval/missing", 55),
    ],
    repairs: &[
        repair(&[("Monday 2031-05-13", "Tuesday 2031-05-13")], &[("schedule/weekday-differs", 1)]),
        repair(&[("27 points accepted", "13 points accepted")], &[("claim/total-differs", 6)]),
        repair(
            &[
                ("Progress:** 4/5 items", "Progress:** 3/5 items"),
                (
                    "Readiness:** 4/5 items at `Ready for Review` (75%)",
                    "Readiness:** 3/5 items at `Ready for Review` (60%)",
                ),
            ],
            &[("claim/total-differs", 6), ("claim/contradicts", 30)],
        ),
        repair(&[("(75%)", "(80%)")], &[("claim/contradicts", 30)]),
        repair(&[("2031-05-14 10:30 PT", "2031-05-16 10:30 PT")], &[("schedule/past-due", 49)]),
        repair(&[("2031-05-17", "2031-05-16")], &[("schedule/non-working-day", 50)]),
        repair(
            &[("(approved by Ines)", "(approved by the owner Ines and the director)")],
            &[("approval/missing", 55)],
        ),
    ],
};

const FOLLOWUP: Shape = Shape {
    name: "followup.md",
    found: &[
        ("path/missing", 12),
        ("claim/total-differs", 16),
        ("text/placeholder", 28),
        ("text/placeholder", 39),
    ],
    repairs: &[
        repair(&[("Follow `docs", "Write `docs")], &[("path/missing", 12)]),
        repair(&[("(1/4 done)", "(0/4 done)")], &[("claim/total-differs", 16)]),
        repair(&[("| Road office | TBD |", "| Road office | Police |")], &[("text/placeholder", 28)]),
        repair(&[("At least ??? cyclists", "At least 300 cyclists")], &[("text/placeholder", 39)]),
    ],
};

const SHAPES: [&Shape; 5] = [&IMPLEMENTATION, &HANDOFF, &DASHBOARD, &DAILY, &FOLLOWUP];

fn text_of(shape: &Shape) -> String {
    String::from_utf8(bytes(&folder("shapes").join(shape.name)).expect("the document is there"))
        .expect("it is text")
}

/// Code and line of everything found, in the order of the text.
fn lint(text: &str) -> Vec<(String, u32)> {
    let reading = read("plan.md", text.as_bytes());
    let world = Surroundings { exists: &|_| false, ..Surroundings::bare(now()) };
    let found: Vec<Diagnostic> =
        formats::lint::lint(&reading.text, &reading.draft, &reading.diagnostics, &world, &settings());
    let lines = formats::diagnostics::Lines::new(&reading.text);
    found
        .iter()
        .filter(|found| found.code != "criterion/no-probe")
        .map(|found| (found.code.to_owned(), lines.line_of(found.span.start)))
        .collect()
}

fn owned(found: &[(&str, u32)]) -> Vec<(String, u32)> {
    found.iter().map(|(code, line)| ((*code).to_owned(), *line)).collect()
}

#[test]
fn the_faults_are_found() {
    for shape in SHAPES {
        assert_eq!(lint(&text_of(shape)), owned(shape.found), "{}", shape.name);
    }
}

#[test]
fn mending_a_fault_takes_away_exactly_its_finding() {
    for shape in SHAPES {
        let mut mended = owned(shape.found);
        for repair in shape.repairs {
            let mut text = text_of(shape);
            for (old, new) in repair.edits {
                assert_eq!(text.matches(old).count(), 1, "{}: `{old}`", shape.name);
                text = text.replace(old, new);
            }
            let mut wanted = owned(shape.found);
            for gone in repair.mends {
                let at = wanted.iter().position(|found| (found.0.as_str(), found.1) == *gone);
                wanted.remove(at.expect("the finding is there"));
                mended.retain(|found| (found.0.as_str(), found.1) != *gone);
            }
            assert_eq!(lint(&text), wanted, "{} with {:?}", shape.name, repair.edits);
        }
        assert!(mended.is_empty(), "nothing mends {mended:?} of {}", shape.name);
    }
}

#[test]
fn other_keys_numbers_phases_and_columns_change_nothing() {
    type Change = fn(&str) -> String;
    let changes: [(&str, Change); 6] = [
        ("keys", other_keys),
        ("headings", plain_headings),
        ("phases", other_phases),
        ("columns the other way round", |text| columns(text, |cells| cells.reverse())),
        ("columns shifted", |text| columns(text, |cells| cells.rotate_left(1))),
        ("all at once", |text| {
            columns(&other_phases(&plain_headings(&other_keys(text))), |cells| cells.rotate_right(1))
        }),
    ];
    for shape in SHAPES {
        for (name, change) in changes {
            let text = change(&text_of(shape));
            assert_eq!(lint(&text), owned(shape.found), "{} with other {name}:\n{text}", shape.name);
        }
    }
}

#[test]
fn the_order_of_sections_changes_nothing() {
    for shape in SHAPES {
        let text = text_of(shape);
        let mut parts: Vec<&str> = text.split("\n## ").collect();
        parts[1..].reverse();
        let turned = parts.join("\n## ");
        let codes = |found: Vec<(String, u32)>| counted(found.into_iter().map(|(code, _)| code));
        assert_eq!(codes(lint(&turned)), codes(owned(shape.found)), "{}:\n{turned}", shape.name);
    }
}

#[test]
fn wrongly_decoded_documents_give_the_same_findings_and_say_so() {
    for shape in SHAPES {
        for (name, page) in [("cp1252", cp1252 as fn(u8) -> char), ("Mac Roman", mac_roman)] {
            let text: String = text_of(shape).bytes().map(page).collect();
            let mut found = lint(&text);
            let at = found.iter().position(|(code, _)| code == "text/mojibake");
            let at = at.unwrap_or_else(|| panic!("{} as {name} is not noticed:\n{text}", shape.name));
            found.remove(at);
            assert_eq!(found, owned(shape.found), "{} as {name}", shape.name);
        }
    }
}

/// Every key gets other letters and another number; the order of numbers is kept.
fn other_keys(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to, add) in [
        (r"\bT-(\d+)\b", "WORK-", 400),
        (r"\bR-(\d+)\b", "HAZ-", 40),
        (r"\bACTION-(\d+)\b", "FIX-", 30),
        (r"\bST-(\d+)\b", "US-", 7),
        (r"\b12\.(\d)\b", "40.", 3),
        (r"\bBatch (\d+)\b", "Batch ", 5),
    ] {
        let pattern = regex::Regex::new(from).expect("the pattern is constant");
        let renamed = pattern.replace_all(&text, |found: &regex::Captures<'_>| {
            let width = found[1].len();
            let number: u32 = found[1].parse().expect("digits");
            format!("{to}{:0width$}", number + add)
        });
        text = renamed.into_owned();
    }
    text
}

/// Section numbers go, and every heading below the title stands a level deeper.
fn plain_headings(text: &str) -> String {
    let pattern = regex::Regex::new(r"(?m)^(##+) (?:\d+\. )?").expect("the pattern is constant");
    pattern.replace_all(text, "#$1 ").into_owned()
}

fn other_phases(text: &str) -> String {
    let names: BTreeMap<&str, &str> = BTreeMap::from([
        ("Phase A", "Stage 1"),
        ("Phase B", "Stage 2"),
        ("Phase C", "Stage 3"),
        ("— Ground", "— Foundations"),
        ("— Practice", "— Rehearsal"),
        ("— Change", "— Switch"),
    ]);
    names.into_iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

/// The same tables with their columns in another order.
fn columns(text: &str, turn: fn(&mut [&str])) -> String {
    let line = |line: &str| match line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
        Some(row) => {
            let mut cells: Vec<&str> = row.split('|').collect();
            turn(&mut cells);
            format!("|{}|", cells.join("|"))
        }
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn cp1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

fn mac_roman(byte: u8) -> char {
    const HIGH: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
    match byte {
        0..=0x7f => char::from(byte),
        high => HIGH.chars().nth(usize::from(high - 0x80)).expect("the page has 128 letters"),
    }
}
