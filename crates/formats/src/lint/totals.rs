//! Stated counts, sums and percentages against the document's own rows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{DraftCriterion, DraftTask, Stated, TaskKind};
use regex::Regex;

use super::document::Document;
use super::outline::{Cell, Table};

const CODE: &str = "claim/total-differs";

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    total_rows(document, found);
    counted_sections(document, found);
    stated_counts(document, found);
    readiness(document, found);
    sums_by_status(document, found);
}

fn warn(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(CODE, Severity::Warning, span, message)
        .help("recompute it from the rows, or correct the row that is wrong")
}

// Total rows -------------------------------------------------------------------------------------

/// Columns whose last row is no sum of the others.
const NOT_SUMMED: [&str; 14] = [
    "cumulative",
    "average",
    "avg",
    "mean",
    "percent",
    "%",
    "rate",
    "max",
    "min",
    "running",
    "remaining",
    "target",
    "ratio",
    "median",
];

fn total_rows(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for table in &document.outline.tables {
        let Some((last, rows)) = table.rows.split_last() else { continue };
        let is_total = |cell: &Cell| {
            let text = cell.text.trim().to_lowercase();
            matches!(text.trim_end_matches(':'), "total" | "totals" | "sum" | "grand total" | "overall total")
        };
        // The word usually stands in the first column, but columns can stand in any order.
        let Some(label) = last.iter().position(is_total) else { continue };
        let partial = rows.iter().any(|row| {
            row.get(label)
                .is_some_and(|cell| cell.text.to_lowercase().contains("total") || cell.text.trim().is_empty())
        });
        if partial || rows.len() < 2 {
            continue;
        }
        for (column, cell) in last.iter().enumerate().filter(|(column, _)| *column != label) {
            let header = table.header.get(column).map(|cell| cell.text.to_lowercase()).unwrap_or_default();
            if NOT_SUMMED.iter().any(|word| header.contains(word)) {
                continue;
            }
            if let Some((stated, made)) = total_of(rows, column, cell) {
                found.push(warn(
                    cell.span,
                    format!(
                        "stated total of `{}` is {stated}, but its {} rows add up to {made}",
                        header_of(table, column),
                        rows.len()
                    ),
                ));
            }
        }
    }
}

fn header_of(table: &Table, column: usize) -> &str {
    table.header.get(column).map_or("", |cell| cell.text.trim())
}

/// Stated and computed total of a column, where both can be read and differ.
fn total_of(rows: &[Vec<Cell>], column: usize, total: &Cell) -> Option<(String, String)> {
    let total = Amount::read(&total.text)?;
    let mut sum = Amount { numbers: vec![0.0; total.numbers.len()], unit: total.unit.clone() };
    for row in rows {
        let text = row.get(column).map_or("", |cell| cell.text.trim());
        if matches!(text, "" | "-" | "–" | "—" | "N/A" | "n/a") {
            continue;
        }
        let amount = Amount::read(text)?;
        if amount.unit != total.unit || amount.numbers.len() != total.numbers.len() {
            return None;
        }
        for (sum, number) in sum.numbers.iter_mut().zip(&amount.numbers) {
            *sum += number;
        }
    }
    let differs = total.numbers.iter().zip(&sum.numbers).any(|(stated, made)| (stated - made).abs() > 0.051);
    differs.then(|| (total.to_string(), sum.to_string()))
}

/// A cell that holds one number, or a fraction, and perhaps a unit.
struct Amount {
    numbers: Vec<f64>,
    unit: String,
}

static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\$?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:/(\d+))?\s*([A-Za-z]*)$")
        .expect("the pattern is constant")
});

impl Amount {
    fn read(text: &str) -> Option<Self> {
        let captures = AMOUNT.captures(text.trim())?;
        let number =
            |group: usize| captures.get(group).and_then(|found| found.as_str().replace(',', "").parse().ok());
        let numbers = [number(1), number(2)].into_iter().flatten().collect();
        let unit = captures.get(3).map_or("", |unit| unit.as_str()).to_lowercase();
        Some(Self { numbers, unit: unit.trim_end_matches('s').to_owned() })
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().copied().map(short).collect();
        f.write_str(&numbers.join("/"))?;
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}s", self.unit) }
    }
}

fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

// Sections whose heading counts their boxes ------------------------------------------------------

static HEADING_COUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\(?\b(\d+)\s?(?:/|of)\s?(\d+)(?: (?:tasks?|items?|steps?|boxes))?(?: (?:complete[d]?|done|finished|ticked|checked))?\)?$")
        .expect("the pattern is constant")
});

fn counted_sections(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let boxes = boxes(document);
    for heading in &document.outline.headings {
        let text = heading.text.trim();
        let Some(captures) = HEADING_COUNT.captures(text) else { continue };
        let number =
            |group: usize| captures.get(group).and_then(|found| found.as_str().parse::<usize>().ok());
        let (Some(done), Some(all)) = (number(1), number(2)) else { continue };
        let within = |at: u32| heading.body <= at as usize && (at as usize) < heading.end;
        let first = boxes.partition_point(|(at, ..)| (*at as usize) < heading.body);
        let inside: Vec<_> = boxes[first..].iter().take_while(|(at, ..)| within(*at)).collect();
        let tops: Vec<_> = inside.iter().filter(|(_, _, top)| *top).collect();
        let count = |list: usize, ticked: usize| (ticked, list) == (done, all);
        let ticked = inside.iter().filter(|(_, ticked, _)| *ticked).count();
        let ticked_tops = tops.iter().filter(|(_, ticked, _)| *ticked).count();
        if inside.is_empty() || count(inside.len(), ticked) || count(tops.len(), ticked_tops) {
            continue;
        }
        found.push(warn(
            document.first_line(heading.span),
            format!(
                "the heading says {done} of {all}, but {ticked} of the section's {} boxes are ticked",
                inside.len()
            ),
        ));
    }
}

/// Every box: where it stands, whether it is ticked, whether no other box stands above it.
fn boxes(document: &Document<'_>) -> Vec<(u32, bool, bool)> {
    let draft = document.draft;
    let parent_has_box = |task: &DraftTask| {
        task.parent
            .as_ref()
            .and_then(|key| document.task(key.as_str()))
            .is_some_and(|parent| parent.checked.is_some())
    };
    // What a row of a table says of a gate is no box.
    let of = |c: &DraftCriterion| Some((c.span.start, c.checked.filter(|_| c.mark.is_some())?, true));
    let mut boxes: Vec<(u32, bool, bool)> = Vec::new();
    for task in &draft.tasks {
        boxes.extend(task.checked.map(|ticked| (task.span.start, ticked, !parent_has_box(task))));
        boxes.extend(task.criteria.iter().filter_map(of));
    }
    boxes.extend(draft.criteria.iter().filter_map(of));
    for phase in &draft.phases {
        boxes.extend(phase.entrance.iter().chain(&phase.exit).filter_map(of));
    }
    boxes.sort_unstable();
    boxes.dedup_by_key(|(at, ..)| *at);
    boxes
}

// Counts of tasks and phases in prose ------------------------------------------------------------

const NUMBER: &str = r"\d{1,6}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve";
const THING: &str = r"tasks?|phases?|batch(?:es)?|risks?|action items?|stor(?:y|ies)|workstreams?";

static COUNTS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let compile = |pattern: String| Regex::new(&pattern).expect("the pattern is constant");
    [
        compile(format!(
            r"(?im)^[ \t>*-]*\**total (?:number of )?(?P<t1>{THING})\**:?\**[ \t]+\**(?P<n1>{NUMBER})\b"
        )),
        compile(format!(
            r"(?i)\b(?P<n1>{NUMBER}) (?P<t1>{THING}) (?:in|across|over|spread over|grouped into|organi[sz]ed (?:in|into)) (?P<n2>{NUMBER}) (?P<t2>{THING})\b"
        )),
        compile(format!(
            r"(?i)\b(?:this|the) (?:plan|document|programme|program|roadmap) (?:has|contains|consists of|comprises|lists|defines) (?P<n1>{NUMBER}) (?P<t1>{THING})\b"
        )),
    ]
});

fn stated_counts(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for pattern in COUNTS.iter() {
        for captures in pattern.captures_iter(document.text) {
            let Some(whole) = captures.get(0) else { continue };
            if document.outline.in_code(whole.start()) || document.outline.in_comment(whole.start()) {
                continue;
            }
            for (number, thing) in [("n1", "t1"), ("n2", "t2")] {
                let (Some(number), Some(thing)) = (captures.name(number), captures.name(thing)) else {
                    continue;
                };
                let Some(stated) = cardinal(number.as_str()) else { continue };
                let counts = counts(document, thing.as_str());
                if counts.is_empty() || counts.contains(&0) || counts.contains(&stated) {
                    continue;
                }
                found.push(warn(
                    Span::new(number.start().min(thing.start()), number.end().max(thing.end())),
                    format!(
                        "stated are {stated} {}, but the document has {}",
                        plural(thing.as_str()),
                        counts[0]
                    ),
                ));
            }
        }
    }
}

fn plural(thing: &str) -> String {
    let thing = thing.to_lowercase();
    if thing.ends_with('s') { thing } else { format!("{thing}s") }
}

fn cardinal(text: &str) -> Option<usize> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    text.parse().ok().or_else(|| WORDS.iter().position(|word| text.eq_ignore_ascii_case(word)))
}

/// How many of a thing the document has; several answers where several may be meant.
fn counts(document: &Document<'_>, thing: &str) -> Vec<usize> {
    let draft = document.draft;
    let thing = thing.to_lowercase();
    let of_kind = |kind: TaskKind| {
        let tasks = draft.tasks.iter().filter(|task| task.kind == kind);
        let top = tasks.clone().filter(|task| task.parent.is_none()).count();
        vec![tasks.count(), top]
    };
    match thing.as_bytes().first() {
        Some(b't') => {
            let mut counts = of_kind(TaskKind::Task);
            counts.push(draft.tasks.iter().filter(|task| task.kind != TaskKind::Item).count());
            counts.push(draft.tasks.len());
            counts
        }
        Some(b'p') => {
            let with_tasks = draft.phases.iter().filter(|phase| !phase.tasks.is_empty()).count();
            vec![draft.phases.len(), with_tasks]
        }
        Some(b'b') => of_kind(TaskKind::Batch),
        Some(b'r') => vec![draft.risks.len()],
        Some(b'a') => of_kind(TaskKind::Action),
        Some(b's') => of_kind(TaskKind::Story),
        Some(b'w') => vec![draft.owners.len(), of_kind(TaskKind::Workstream)[0]]
            .into_iter()
            .filter(|n| *n > 0)
            .collect(),
        _ => Vec::new(),
    }
}

// Readiness --------------------------------------------------------------------------------------

static READY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(\d+)\s?/\s?(\d+)\b([^\n|.;/]{0,80})").expect("the pattern is constant"));

/// "8/9 items at `Ready for Review`" against the tasks' own status words.
fn readiness(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let mut groups: BTreeMap<TaskKind, Vec<(String, Stated)>> = BTreeMap::new();
    for task in &document.draft.tasks {
        if let Some(status) = &task.status {
            groups.entry(task.kind).or_default().push((status.word.to_lowercase(), status.state));
        }
    }
    if groups.is_empty() {
        return;
    }
    let mut words: Vec<&str> = groups.values().flatten().map(|(word, _)| word.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    // A status of one plain word ("Open") stands in too many sentences to mean anything.
    words.retain(|word| {
        word.split_whitespace().count() > 1 && word.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '-')
    });
    let mut told: Vec<(String, usize)> = Vec::new();
    for captures in READY.captures_iter(document.text) {
        let (Some(whole), Some(rest)) = (captures.get(0), captures.get(3)) else { continue };
        let number =
            |group: usize| captures.get(group).and_then(|found| found.as_str().parse::<usize>().ok());
        let (Some(part), Some(total)) = (number(1), number(2)) else { continue };
        let rest = rest.as_str().to_lowercase();
        let Some(word) = words.iter().find(|word| rest.contains(**word)) else { continue };
        if document.outline.in_code_block(whole.start()) {
            continue;
        }
        let Some(group) = group_of(&groups, &rest, total) else { continue };
        let exact = group.iter().filter(|(status, _)| status == word).count();
        let better =
            group.iter().filter(|(status, state)| status == word || *state == Stated::Claimed).count();
        if total == group.len() && (part == exact || part == better) {
            continue;
        }
        let span = Span::new(whole.start(), captures.get(2).map_or(whole.end(), |found| found.end()));
        let message = format!(
            "stated are {part}/{total} at `{word}`, but the document's own rows make {exact}/{}",
            group.len()
        );
        // The same statement further down is the same mistake.
        match told.iter().find(|(known, _)| *known == message) {
            Some((_, at)) => found[*at].also.push((span, "said again".to_owned())),
            None => {
                told.push((message.clone(), found.len()));
                found.push(warn(span, message));
            }
        }
    }
}

/// The tasks a fraction speaks of: by noun, else by number, else the only ones there are.
fn group_of<'g>(
    groups: &'g BTreeMap<TaskKind, Vec<(String, Stated)>>,
    rest: &str,
    total: usize,
) -> Option<&'g Vec<(String, Stated)>> {
    let noun = [
        ("action", TaskKind::Action),
        ("task", TaskKind::Task),
        ("stor", TaskKind::Story),
        ("batch", TaskKind::Batch),
    ];
    let named = noun.iter().find(|(noun, kind)| rest.contains(noun) && groups.contains_key(kind));
    named
        .and_then(|(_, kind)| groups.get(kind))
        .or_else(|| groups.values().find(|group| group.len() == total))
        .or_else(|| groups.values().next().filter(|_| groups.len() == 1))
}

// Sums by status ---------------------------------------------------------------------------------

static SUM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(\d+)(?:\s?/\s?(\d+))?\s+(?:story )?(points?|pts|hours?)\s+(?:were |was |are |is |have been )?(accept|complet|deliver|done|finish|clos|burn)[a-z]*")
        .expect("the pattern is constant")
});

/// "27 points accepted" against a table with points and a status in each row.
fn sums_by_status(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for captures in SUM.captures_iter(document.text) {
        let (Some(whole), Some(unit), Some(verb)) = (captures.get(0), captures.get(3), captures.get(4))
        else {
            continue;
        };
        let number = |group: usize| captures.get(group).and_then(|found| found.as_str().parse::<f64>().ok());
        let Some(stated) = number(1) else { continue };
        let unit = unit.as_str().to_lowercase();
        let verb = verb.as_str().to_lowercase();
        if document.outline.in_code(whole.start()) {
            continue;
        }
        let sums: Vec<(f64, f64)> =
            document.outline.tables.iter().filter_map(|table| sum_where(table, &unit, &verb)).collect();
        // With several tables it is not plain which is meant.
        let [(part, total)] = sums.as_slice() else { continue };
        let total_differs = number(2).is_some_and(|stated| (stated - total).abs() > 0.01);
        if (stated - part).abs() <= 0.01 && !total_differs {
            continue;
        }
        let (said, made) = match number(2) {
            Some(all) => {
                (format!("{}/{}", short(stated), short(all)), format!("{}/{}", short(*part), short(*total)))
            }
            None => (short(stated), short(*part)),
        };
        found.push(warn(
            whole.range().into(),
            format!("stated are {said} {unit}, but the rows of the table make {made}"),
        ));
    }
}

/// What a table's rows with that status add up to, and all its rows.
fn sum_where(table: &Table, unit: &str, verb: &str) -> Option<(f64, f64)> {
    let column = |test: &dyn Fn(&str) -> bool| {
        table.header.iter().position(|cell| test(&cell.text.trim().to_lowercase()))
    };
    let stem = if unit.starts_with('h') { "hour" } else { "p" };
    let amount = column(&|header| match stem {
        "hour" => header.starts_with("hour"),
        _ => matches!(header, "points" | "pts" | "story points" | "sp" | "point"),
    })?;
    let status = column(&|header| matches!(header, "status" | "state" | "result" | "outcome"))?;
    let (mut part, mut total) = (0.0, 0.0);
    for row in &table.rows {
        let value = Amount::read(&row.get(amount)?.text)?;
        let word = row.get(status)?.text.to_lowercase();
        if row.iter().any(|cell| cell.text.trim().to_lowercase().trim_end_matches(':') == "total") {
            continue;
        }
        total += value.numbers[0];
        let negated = word.contains("not ") || word.contains("un");
        if word.contains(verb) && !negated {
            part += value.numbers[0];
        }
    }
    Some((part, total))
}
