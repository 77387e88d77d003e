//! What is due or was decided when, and how long the plan leaves between two things.

use jiff::civil::Date;

use crate::statements::numbers::Unit;
use crate::statements::passages::Place;
use crate::statements::roots::Root;
use crate::statements::tables::Column;
use crate::statements::tokens::Token;
use crate::statements::words::{says, says_any};

use super::super::super::{Case, say};
use super::super::{Entry, date};
use super::{Sentence, tell, tells_otherwise};

const DAY: f64 = 86_400.0;

pub(super) fn judge(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    between(case, sentence);
    let tokens = sentence.tokens;
    let dates: Vec<(Date, &Token)> = tokens.iter().filter_map(|token| Some((date(token)?, token))).collect();
    let [(told, token)] = dates.as_slice() else { return };
    let last = tokens.iter().rposition(|word| word.is_word()).map(|at| &tokens[at]);
    let present = says_any(
        tokens,
        &["opens", "closes", "ends", "starts", "begins", "runs", "goes", "falls", "will", "takes"],
    );
    let of_plan = sentence.tells_plan() || present || last.is_some_and(|last| last.is("planned"));
    if tells_otherwise(tokens) {
        return;
    }
    let rest: Vec<Token> = tokens.iter().filter(|token| date(token).is_none()).cloned().collect();
    let said: Vec<Root> = case.book.roots.with_numbers(&rest);
    let found = case.book.find(&said, |entry| !entry.dates.is_empty());
    let Some(best) = found.first().filter(|best| best.is_named() && best.covered > 0.5) else { return };
    let near = |one: &&super::super::find::Found| one.score() > best.score() * 0.6;
    let entries = || found.iter().filter(near).map(|one| &case.book.entries[one.entry]);
    if entries().flat_map(|entry| &entry.dates).any(|known| same_day(*known, *told)) {
        case.held_more += 1;
        return;
    }
    let entry = &case.book.entries[best.entry];
    // What was decided on a day was; what is planned may come on another.
    if !of_plan && !is_history(case, entry) {
        return;
    }
    let known: Vec<String> = entry.dates.iter().map(|date| written(*date)).collect();
    let message = format!(
        "`{}` is not the date the plan has: {} ({})",
        case.slice(token.span),
        known.join(", "),
        case.line(entry.document, entry.line)
    );
    tell(case, token.span, message, "tell the plan's date, or say that it came otherwise");
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
            && says_any(tokens, &["reached", "done", "complete", "completed", "passed", "met", "held"])
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

fn same_day(one: Date, other: Date) -> bool {
    let years = one.year() == other.year() || one.year() == 2000 || other.year() == 2000;
    years && (one.month(), one.day()) == (other.month(), other.day())
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
