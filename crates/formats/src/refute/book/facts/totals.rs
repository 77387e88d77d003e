//! Counts and sums of the plan's own things: how many tasks there are, how many of them are open, what is
//! left to do, what the finished ones took, how many gates pass.

use model::diagnostic::Span;
use model::draft::Stated;

use crate::statements::figures::Figure;
use crate::statements::numbers::Unit;
use crate::statements::passages::Place;
use crate::statements::tables::Column;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrases, says, says_any, says_one, words};

use super::super::super::{Case, say};
use super::super::jobs::{Job, Jobs};
use super::lengths::{ESTIMATED, Kind, lengths};
use super::{Sentence, tell, tells_otherwise};

/// What the plans come to, counted once.
#[derive(Debug, Default)]
pub(super) struct Totals {
    tasks: usize,
    done: usize,
    /// What the finished tasks were estimated at and what they took, in working days.
    finished: Option<(f64, f64)>,
    /// What the others are estimated at.
    open: Option<f64>,
    /// What all are estimated at.
    all: Option<f64>,
    /// How many criteria there are to tick.
    criteria: usize,
    /// How many gates pass, and how many fail.
    gates: Option<(usize, usize)>,
}

impl Totals {
    pub(super) fn of(case: &Case<'_>, jobs: &Jobs) -> Self {
        let (done, open): (Vec<&Job>, Vec<&Job>) =
            jobs.all.iter().partition(|job| job.state == Some(Stated::Claimed));
        let estimate = done.iter().map(|job| job.estimate).sum::<Option<f64>>();
        let actual = done.iter().map(|job| job.actual).sum::<Option<f64>>();
        Self {
            tasks: jobs.all.len(),
            done: done.len(),
            finished: estimate.zip(actual),
            open: open.iter().map(|job| job.estimate).sum(),
            all: jobs.all.iter().map(|job| job.estimate).sum(),
            criteria: boxes(case),
            gates: results(case),
        }
    }
}

pub(super) fn judge(case: &mut Case<'_>, jobs: &Jobs, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    if says_any(tokens, &["tasks"]) {
        how_many(case, totals, sentence);
        still_open(case, totals, sentence);
        taken(case, totals, sentence);
    }
    left(case, jobs, totals, sentence);
    sum_of_estimates(case, jobs, totals, sentence);
    if says_any(tokens, &["criteria"]) {
        how_many_criteria(case, totals, sentence);
    }
    if says_any(tokens, &["gates"]) {
        gates(case, totals, sentence);
    }
}

/// "All seven tasks of the plan", where it has eight.
fn how_many(case: &mut Case<'_>, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let told = (1..tokens.len()).find_map(|at| {
        let number = tokens[at].number().filter(|number| number.fract() == 0.0 && *number > 1.0)?;
        let noun = tokens.get(at + 1)?.is("tasks");
        let before = &tokens[..at];
        let of_plan = says(&tokens[at + 2..tokens.len().min(at + 5)], "of the plan")
            || says(&tokens[at + 2..tokens.len().min(at + 5)], "in the plan");
        let plans = before.last().is_some_and(|last| last.is_any(&["plan", "handoff"]));
        let holds = before.iter().rev().take(3).any(|token| {
            token.is_any(&[
                "lists",
                "defines",
                "defined",
                "includes",
                "comprises",
                "contains",
                "counts",
                "consists",
                "names",
                "covers",
            ])
        }) && before.iter().rev().take(5).any(|token| token.is_any(&["plan", "handoff"]));
        // "The plan split the work into five tasks"
        let splits = before.last().is_some_and(|last| last.is("into"))
            && says_any(before, &["plan", "handoff"])
            && says_any(before, words!["split", "splits", "divides", "divided", "breaks", "broke", "cut"]);
        let ends = tokens.get(at + 2).is_none_or(|next| next.is_sign('.') || next.is_sign(','));
        let has =
            ends && matches!(before, [.., plan, has] if plan.is_any(&["plan", "handoff"]) && has.is("has"));
        let all = before.last().is_some_and(|last| last.is("all"));
        let whole = of_plan && (all || before.last().is_some_and(|last| last.is("the")));
        (noun && (whole || plans || holds || has || splits)).then_some((number, at))
    });
    let Some((number, at)) = told.filter(|_| !tells_otherwise(tokens)) else { return };
    let count = totals.tasks;
    if count < 2 || number as usize == count {
        return;
    }
    let message = format!("`{}` is not how many tasks the plan has: {count}", case.slice(tokens[at].span));
    tell(case, tokens[at].span, message, "count the plan's tasks");
}

/// How many criteria the plans have, where all of them are boxes to tick.
fn boxes(case: &Case<'_>) -> usize {
    let is_box = |line: &str| line.trim_start().trim_start_matches(['-', '*', '+', ' ']).starts_with('[');
    let all_boxes = case.read.iter().all(|(_, reading)| {
        let lines: Vec<&str> = reading.text.lines().collect();
        let mut own = reading.draft.criteria.iter().map(|criterion| criterion.line as usize);
        own.all(|line| lines.get(line.saturating_sub(1)).is_some_and(|line| is_box(line)))
    });
    let all = || case.read.iter().map(|(_, reading)| reading.draft.criteria.len()).sum();
    if all_boxes { all() } else { 0 }
}

/// "All six success criteria are fulfilled", where the plan has seven.
fn how_many_criteria(case: &mut Case<'_>, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let told = (1..tokens.len()).find_map(|at| {
        let number = tokens[at].number().filter(|number| number.fract() == 0.0 && *number > 1.0)?;
        let fills = ["of", "the", "our", "its", "plan", "success", "acceptance"];
        let noun = at + 1 + tokens[at + 1..].iter().take_while(|token| token.is_any(&fills)).count();
        let before = &tokens[..at];
        let all = before.last().is_some_and(|last| last.is("all"));
        let plans = before.iter().rev().take(4).any(|token| token.is_any(&["plan", "handoff", "plan's"]))
            && says_any(
                before,
                words!["has", "names", "lists", "defines", "sets", "contains", "counts", "gives"],
            );
        (tokens.get(noun)?.is("criteria") && (all || plans)).then_some((number, at))
    });
    let Some((number, at)) = told else { return };
    if totals.criteria < 2 || number as usize == totals.criteria {
        return;
    }
    let message = format!(
        "`{}` is not how many criteria the plan has: {}",
        case.slice(tokens[at].span),
        totals.criteria
    );
    tell(case, tokens[at].span, message, "count the plan's criteria");
}

/// "More than half of the tasks are still unfinished", where the plan itself has more of them as done.
fn still_open(case: &mut Case<'_>, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    // "More than half are finished, and four are still open": what is open are others.
    let end = tokens.iter().position(|token| token.is_sign(',') || token.is_any(&["and", "but"]));
    let first = &tokens[..end.unwrap_or(tokens.len())];
    let open =
        says_any(first, words!["unfinished", "open", "undone", "outstanding", "incomplete", "pending"])
            || says_one(
                first,
                phrases!["not finished", "not done", "not yet finished", "not yet done", "to be done"],
            );
    let (total, done) = (totals.tasks, totals.done);
    if !open || done == 0 || says_any(tokens, words!["was", "were", "had", "when", "if", "phase"]) {
        return;
    }
    let figures = sentence.figures(case);
    let of_tasks = |figure: &Figure| {
        let end = figure.tokens.end - sentence.range.start;
        let behind = &tokens[end..tokens.len().min(end + 4)];
        let noun = behind.iter().position(|token| token.is("tasks"));
        // "Of the survey tasks": of some only.
        noun.is_some_and(|noun| {
            behind[..noun]
                .iter()
                .all(|token| !token.is_word() || token.is_any(&["of", "the", "all", "plan", "our"]))
        })
    };
    let Some((_, figure)) = figures.iter().find(|(_, figure)| of_tasks(figure)) else { return };
    let least = match figure.unit {
        Unit::Percent => figure.low / 100.0 * total as f64,
        Unit::Count if figure.whole == Some(total as f64) => figure.low,
        _ => return,
    };
    let open_by_plan = (total - done) as f64;
    // "Almost half" is somewhat less.
    let start = figure.tokens.start - sentence.range.start;
    let ahead = &tokens[start.saturating_sub(2)..figure.tokens.end - sentence.range.start];
    const ALMOST: Words<'_> = Words::of(&[
        "almost", "nearly", "about", "around", "roughly", "under", "close", "less", "fewer", "not", "most",
    ]);
    let least = if says_any(ahead, ALMOST) { least * 0.8 - 0.5 } else { least };
    let wrong = least > open_by_plan + 0.01;
    if !least.is_finite() || !wrong {
        return;
    }
    let message =
        format!("`{}` is more than the plan itself has as open: {open_by_plan} of {total}", figure.text);
    tell(case, figure.span, message, "count what the plan has as done, or take it back there");
}

/// "The seven finished tasks took 17 hours more than planned."
fn taken(case: &mut Case<'_>, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    const DONE: &[&str] = &["finished", "completed", "done", "closed"];
    let Some(noun) = tokens.iter().position(|token| token.is("tasks")) else { return };
    let number = noun.checked_sub(2).and_then(|at| tokens[at].number());
    let of_done = noun > 0 && tokens[noun - 1].is_any(DONE);
    if !of_done || number.is_some_and(|number| number != totals.done as f64) {
        return;
    }
    let Some((estimate, actual)) = totals.finished else { return };
    for length in lengths(tokens).iter().filter(|length| !length.rough) {
        let known = match length.kind {
            Kind::Took => actual,
            Kind::Estimate => estimate,
            Kind::Over => actual - estimate,
            Kind::Under => estimate - actual,
            Kind::Unsaid => continue,
        };
        if (length.days - known).abs() <= length.blur.min(0.06) {
            case.held_more += 1;
            continue;
        }
        let message = format!(
            "the plan's {} finished tasks took {} days and were estimated at {}",
            totals.done,
            say::number(actual),
            say::number(estimate)
        );
        return tell(case, span(&tokens[length.at.clone()]), message, "add up what the plan has as done");
    }
}

/// "All four estimates add up to six and a half days", where those of the plan's tasks make seven.
fn sum_of_estimates(case: &mut Case<'_>, jobs: &Jobs, totals: &Totals, sentence: &Sentence<'_>) {
    const ADDS: Words<'_> = Words::of(&[
        "add",
        "adds",
        "added",
        "sum",
        "sums",
        "total",
        "totals",
        "totalling",
        "together",
        "altogether",
        "told",
        "overall",
    ]);
    const OF_SOME: Words<'_> = Words::of(&[
        "not",
        "left",
        "remaining",
        "open",
        "finished",
        "done",
        "phase",
        "first",
        "last",
        "other",
        "actual",
        "actually",
        "took",
        "used",
        "instead",
        "new",
        "than",
    ]);
    let tokens = sentence.tokens;
    let of_all = says_any(tokens, &["tasks", "estimates", "estimate"])
        && (says_any(tokens, &["all", "estimates", "plan", "together"]) || of_each(totals, tokens));
    if !of_all
        || !says_any(tokens, ADDS)
        || !says_any(tokens, ESTIMATED)
        || says_any(tokens, OF_SOME)
        || jobs.one(case, tokens).is_some()
        || !case.titles.mentions(tokens).is_empty()
    {
        return;
    }
    // "The builder's two tasks": of so many only.
    let counted = tokens
        .windows(2)
        .find_map(|two| two[0].number().filter(|_| two[1].is_any(&["tasks", "estimates", "items", "jobs"])));
    if counted.is_some_and(|count| count != totals.tasks as f64) {
        return;
    }
    let told = lengths(tokens);
    let (Some(all), [length]) = (totals.all, told.as_slice()) else { return };
    if length.rough || (length.days - all).abs() <= length.blur.min(0.25) + 0.06 {
        return;
    }
    let message = format!(
        "`{}` is not what the estimates of the plan's {} tasks add up to: {} days",
        case.slice(span(&tokens[length.at.clone()])),
        totals.tasks,
        say::number(all)
    );
    tell(case, span(&tokens[length.at.clone()]), message, "add up the estimates of the plan's tasks");
}

/// "The four tasks", where the plan has four.
fn of_each(totals: &Totals, tokens: &[Token]) -> bool {
    tokens
        .windows(2)
        .any(|two| two[0].number() == Some(totals.tasks as f64) && two[1].is_any(&["tasks", "estimates"]))
}

/// "The work still to be done is estimated at 27 days", where the plan leaves less.
fn left(case: &mut Case<'_>, jobs: &Jobs, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let ahead = says_one(
        tokens,
        phrases![
            "still to be done",
            "left to do",
            "remaining work",
            "work remaining",
            "remaining tasks",
            "open tasks",
            "unfinished tasks"
        ],
    ) || says_any(tokens, &["work"])
        && says_any(tokens, &["ahead", "outstanding", "left", "remains"]);
    if !ahead
        || !says_any(tokens, ESTIMATED)
        || says_any(tokens, words!["not", "was", "were", "had", "new", "now"])
    {
        return;
    }
    let told = lengths(tokens);
    let (Some(open), [length]) = (totals.open, told.as_slice()) else { return };
    // What is left grows less as work goes on; it is never more than the plan had left.
    if totals.done == 0 || length.rough || length.days <= open + 0.06 || jobs.one(case, tokens).is_some() {
        return;
    }
    let message = format!(
        "`{}` is more than the plan's open tasks are estimated at: {} days",
        case.slice(span(&tokens[length.at.clone()])),
        say::number(open)
    );
    tell(case, span(&tokens[length.at.clone()]), message, "add up the estimates of the plan's open tasks");
}

/// "Seven of the ten gates pass and only three fail", where the plan's table has another result.
fn gates(case: &mut Case<'_>, totals: &Totals, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    if says_any(
        tokens,
        words!["now", "meanwhile", "since", "was", "were", "had", "if", "will", "then", "after"],
    ) {
        return;
    }
    let word = |words: &[&str]| tokens.iter().position(|token| token.is_any(words));
    let (Some(pass), Some(fail)) = (
        word(&["pass", "passes", "passing", "passed", "met", "green"]),
        word(&["fail", "fails", "failing", "failed", "unmet", "red"]),
    ) else {
        return;
    };
    let Some((passed, failed)) = totals.gates else { return };
    // The number that stands before each word, and is not the whole of them.
    let number = |until: usize, from: usize| {
        tokens[from..until].iter().find_map(|token| Some((token.number()?, token.span)))
    };
    let (first, second) = if pass < fail { (pass, fail) } else { (fail, pass) };
    let (Some(one), Some(two)) = (number(first, 0), number(second, first + 1)) else { return };
    let (of_pass, of_fail) = if pass < fail { (one, two) } else { (two, one) };
    if of_pass.0 == passed as f64 && of_fail.0 == failed as f64 {
        case.held_more += 1;
        return;
    }
    let span = if of_pass.0 == passed as f64 { of_fail.1 } else { of_pass.1 };
    let message = format!("by the plan, {passed} gates pass and {failed} fail");
    tell(case, span, message, "count the gates in the plan, or say what changed since");
}

/// How many rows of the one table of gates have passed, and how many have failed.
fn results(case: &Case<'_>) -> Option<(usize, usize)> {
    let mut counted: std::collections::BTreeMap<(usize, usize), (usize, usize)> = Default::default();
    for entry in &case.book.entries {
        let document = &case.book.documents[entry.document];
        for (cell, kind) in &entry.cells {
            let passage = &document.report.passages[*cell];
            let Place::Cell { table, column, .. } = passage.place else { continue };
            let header = document.report.tables.get(table).and_then(|table| table.header.get(column));
            let of_result = *kind == Column::Status
                || header.is_some_and(|header| says_any(header, &["result", "verdict", "outcome"]));
            if !of_result || passage.tokens.len() > 2 {
                continue;
            }
            let count = counted.entry((entry.document, table)).or_default();
            count.0 += usize::from(says_any(&passage.tokens, &["pass", "passed", "passes", "met", "green"]));
            count.1 += usize::from(says_any(&passage.tokens, &["fail", "failed", "fails", "missed", "red"]));
        }
    }
    let mut some = counted.into_values().filter(|(passed, failed)| passed + failed > 1);
    some.next().filter(|_| some.next().is_none())
}

fn span(tokens: &[Token]) -> Span {
    Span { start: tokens[0].span.start, end: tokens[tokens.len() - 1].span.end }
}
