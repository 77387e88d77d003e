//! What is due or was decided when, and how long the plan leaves between two things.

use jiff::civil::Date;
use model::diagnostic::Span;

use crate::statements::numbers::Unit;
use crate::statements::passages::Place;
use crate::statements::roots::Root;
use crate::statements::tables::Column;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, says, says_any, words};

use super::super::super::{Case, say};
use super::super::jobs::Jobs;
use super::super::{Entry, date};
use super::when::{When, whens};
use super::{Sentence, tell, tells_otherwise};

const DAY: f64 = 86_400.0;

/// The one window that the plans give their work: "Phase window: 2026-02-02 to 2026-04-24".
pub(super) struct Window {
    from: Date,
    to: Date,
    place: String,
}

impl Window {
    pub(super) fn of(case: &Case<'_>) -> Option<Self> {
        let window = case.book.roots.named(&case.lexer.word("window"));
        let of_all =
            |entry: &&Entry| entry.cells.is_empty() && entry.task.is_none() && entry.name.contains(&window);
        let mut found = case.book.entries.iter().filter(of_all).filter(|entry| entry.dates.len() == 2);
        let (Some(entry), None) = (found.next(), found.next()) else { return None };
        let (from, to) = (entry.dates[0], entry.dates[1]);
        (from < to).then(|| Self { from, to, place: case.line(entry.document, entry.line) })
    }
}

pub(super) fn judge(case: &mut Case<'_>, jobs: &Jobs, whole: Option<&Window>, sentence: &Sentence<'_>) {
    between(case, sentence);
    if let Some(whole) = whole {
        window(case, whole, sentence);
    }
    let tokens = sentence.tokens;
    let moments = whens(tokens);
    let [told] = moments.as_slice() else { return };
    let last = tokens.iter().rposition(|word| word.is_word()).map(|at| &tokens[at]);
    let present = says_any(
        tokens,
        words!["opens", "closes", "ends", "starts", "begins", "runs", "goes", "falls", "will", "takes"],
    );
    let of_plan = sentence.tells_plan() || present || last.is_some_and(|last| last.is("planned"));
    // "Late April" is not late.
    let beside: Vec<Token> = tokens[..told.at.start].iter().chain(&tokens[told.at.end..]).cloned().collect();
    if tells_otherwise(&beside) || ended(case, jobs, sentence, told) {
        return;
    }
    // A stretch of a month is told of a day that is planned; what came of it is another matter.
    if !told.is_day() && !of_plan {
        return;
    }
    // "On 11 May, exactly on the date set in the plan": what stands beside the date says of what.
    let part = part(tokens, &told.at);
    let found = [0..tokens.len(), part].into_iter().find_map(|part| {
        let rest: Vec<&Token> = part
            .filter(|at| !told.at.contains(at) && date(&tokens[*at]).is_none())
            .map(|at| &tokens[at])
            .collect();
        let said: Vec<Root> = case.book.roots.with_numbers(&rest);
        let found = case.book.find(&said, |entry| !entry.dates.is_empty());
        let named = found.first().is_some_and(|best| best.is_named() && best.covered > 0.5);
        named.then_some(found)
    });
    let Some(found) = found else { return };
    let best = found[0];
    let near = |one: &&super::super::find::Found| one.score() > best.score() * 0.6;
    let entries = || found.iter().filter(near).map(|one| &case.book.entries[one.entry]);
    if entries().flat_map(|entry| &entry.dates).any(|known| told.may_be(*known)) {
        case.held_more += 1;
        return;
    }
    let entry = &case.book.entries[best.entry];
    // What was decided on a day was; what is planned may come on another.
    if !of_plan && !is_history(case, entry) {
        return;
    }
    let known: Vec<String> = entry.dates.iter().map(|date| written(*date)).collect();
    refute(case, sentence, told, &known.join(", "), case.line(entry.document, entry.line));
}

fn refute(case: &mut Case<'_>, sentence: &Sentence<'_>, told: &When, known: &str, place: String) {
    let own = &sentence.tokens[told.at.clone()];
    let span = Span { start: own[0].span.start, end: own[own.len() - 1].span.end };
    let message = format!("`{}` is not the date the plan has: {known} ({place})", case.slice(span));
    tell(case, span, message, "tell the plan's date, or say that it came otherwise");
}

/// The part of a sentence around a moment, up to commas and signs.
fn part(tokens: &[Token], own: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let ends = |token: &Token| token.is_sign(',') || token.is_sign(';') || token.is_sign(':');
    let start = tokens[..own.start].iter().rposition(ends).map_or(0, |at| at + 1);
    let end = tokens[own.end..].iter().position(ends).map_or(tokens.len(), |at| own.end + at);
    start..end
}

/// Judges when a task is said to have been done that the plan has as done on a day; says whether it was one.
fn ended(case: &mut Case<'_>, jobs: &Jobs, sentence: &Sentence<'_>, told: &When) -> bool {
    let tokens = sentence.tokens;
    let done = says_any(
        tokens,
        words![
            "completed",
            "finished",
            "closed",
            "ended",
            "done",
            "delivered",
            "concluded",
            "wrapped",
            "signed"
        ],
    );
    let on =
        told.at.start.checked_sub(1).is_some_and(|before| tokens[before].is_any(&["on", "the", "at", "in"]));
    if !done || !on {
        return false;
    }
    let rest: Vec<Token> = tokens[..told.at.start].iter().chain(&tokens[told.at.end..]).cloned().collect();
    let Some(job) = jobs.one(case, &rest).and_then(|task| jobs.get(task)) else { return false };
    let Some(day) = job.ended else { return false };
    if told.may_be(day) {
        case.held_more += 1;
    } else {
        refute(case, sentence, told, &written(day), case.task_place(job.task));
    }
    true
}

/// "The phase lasts ten weeks and closes in the middle of April", where the plan gives its window.
fn window(case: &mut Case<'_>, whole: &Window, sentence: &Sentence<'_>) {
    const WHOLE: Words<'_> =
        Words::of(&["phase", "project", "plan", "stage", "sprint", "programme", "program"]);
    let tokens = sentence.tokens;
    let subject = tokens.iter().take(4).any(|token| token.is_in(WHOLE));
    let lasts = tokens.iter().position(|token| {
        token.is_any(&["lasts", "runs", "spans", "covers", "takes", "ends", "closes", "finishes"])
    });
    let Some(lasts) = lasts.filter(|at| subject && *at <= 5) else { return };
    if tells_otherwise(tokens) || says_any(tokens, words!["task", "tasks", "least", "most", "about", "last"])
    {
        return;
    }
    let Window { from, to, ref place } = *whole;
    let Ok(length) = from.until(to) else { return };
    let days = f64::from(length.get_days() + 1);
    let figures = sentence.figures(case);
    let said = figures.iter().map(|(_, figure)| *figure).find(|figure| {
        let start = figure.tokens.start - sentence.range.start;
        figure.unit == Unit::Seconds && figure.scale > DAY && start > lasts && start < lasts + 4
    });
    if let Some(figure) = said
        && let Some(told) = figure.exact()
        && (told / DAY - days).abs() > 5.0
    {
        let message = format!(
            "`{}` is not how long the plan's window is: {} to {} ({place})",
            figure.text,
            written(from),
            written(to)
        );
        return tell(case, figure.span, message, "tell the plan's window, or change it in the plan");
    }
    let ends = tokens.iter().position(|token| token.is_any(&["ends", "closes", "finishes"]));
    let moments = whens(tokens);
    if let (Some(ends), [told]) = (ends, moments.as_slice())
        && told.at.start > ends
        && !told.may_be(to)
    {
        refute(case, sentence, told, &written(to), place.clone());
    }
}

/// Whether an entry tells what happened: a decision, a line of a log.
fn is_history(case: &Case<'_>, entry: &Entry) -> bool {
    let roots = &case.book.roots;
    // A milestone that the plan has as reached was reached on its date.
    let report = &case.book.documents[entry.document].report;
    let reached = entry.cells.iter().any(|(cell, kind)| {
        let tokens = &report.passages[*cell].tokens;
        *kind == Column::Status
            && tokens.len() <= 2
            && says_any(tokens, words!["reached", "done", "complete", "completed", "passed", "met", "held"])
    });
    let due = |token: &Token| token.is_any(&["due", "deadline", "planned", "target", "by"]);
    let header = entry.cells.first().and_then(|(cell, _)| match report.passages[*cell].place {
        Place::Cell { table, .. } => report.tables.get(table),
        _ => None,
    });
    if reached && header.is_some_and(|table| !table.header.iter().flatten().any(due)) {
        return true;
    }
    ["decision", "decided", "log", "history", "minutes"]
        .iter()
        .any(|word| entry.context.contains(&roots.written(word)))
}

fn written(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    if date.year() == 2000 {
        format!("{} {month}", date.day())
    } else {
        format!("{} {month} {}", date.day(), date.year())
    }
}

/// "Between the mock move and the move of the patients the plan leaves two weeks."
fn between(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let Some(start) = tokens.iter().position(|token| token.is("between")) else { return };
    let lengths = sentence.figures(case);
    let [(_, length)] = lengths.as_slice() else { return };
    let Some(said) = length.exact().filter(|_| length.unit == Unit::Seconds && length.scale >= DAY) else {
        return;
    };
    let own = length.tokens.start - sentence.range.start;
    let Some(joint) = tokens[start..].iter().position(|token| token.is("and")).map(|at| start + at) else {
        return;
    };
    let end = if own > joint { own } else { tokens.len() };
    if says(tokens, "at least") || says_any(tokens, &["not", "than", "never"]) {
        return;
    }
    let day = |stretch: &[Token]| {
        let said = case.book.roots.with_numbers(stretch);
        let best = case.book.one(&said, |entry| entry.dates.len() == 1)?;
        Some(case.book.entries[best.entry].dates[0])
    };
    let (Some(one), Some(two)) = (day(&tokens[start + 1..joint]), day(&tokens[joint + 1..end])) else {
        return;
    };
    let Ok(apart) = one.until(two) else { return };
    let days = f64::from(apart.get_days().abs());
    if one == two || (said / DAY - days).abs() < 1.1 {
        return;
    }
    let message =
        format!("`{}` is not what the plan leaves between the two: {} days", length.text, say::number(days));
    tell(case, length.span, message, "tell the days between the plan's dates");
}
