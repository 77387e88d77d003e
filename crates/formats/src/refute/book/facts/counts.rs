//! How many: tasks and risks of a person, risks of a level, tasks done of a phase, shares of a sum.

use crate::statements::figures::Figure;
use crate::statements::numbers::Unit;
use crate::statements::tokens::Token;
use crate::statements::words::{phrases, says, says_any, says_one, words};
use model::draft::Stated;

use super::super::super::{Case, say};
use super::people::People;
use super::{Sentence, tell, tells_otherwise};

pub(super) fn judge(case: &mut Case<'_>, people: &People, sentence: &Sentence<'_>) {
    of_person(case, people, sentence);
    done_of_phase(case, sentence);
}

/// What a noun counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tasks,
    Risks,
}

fn kind(token: &Token) -> Option<Kind> {
    if token.is_any(&[
        "task", "tasks", "item", "items", "works", "jobs", "job", "packages", "pieces", "steps", "actions",
    ]) {
        Some(Kind::Tasks)
    } else if token.is_any(&["risk", "risks"]) {
        Some(Kind::Risks)
    } else {
        None
    }
}

/// A number of things: so many, of so many where that is said.
struct Number {
    value: f64,
    /// "All", "both", "every".
    all: bool,
    kind: Kind,
    span: model::diagnostic::Span,
    text: String,
}

/// The number of tasks or risks that a sentence speaks of.
fn number(case: &Case<'_>, sentence: &Sentence<'_>) -> Option<Number> {
    let tokens = sentence.tokens;
    let at = tokens.iter().position(|token| kind(token).is_some())?;
    let kind = kind(&tokens[at])?;
    let counts = |figure: &Figure| {
        let from = figure.tokens.start - sentence.range.start;
        let end = figure.tokens.end - sentence.range.start;
        figure.unit == Unit::Count && figure.exact().is_some() && from <= at && end <= at + 5 && at < end + 5
    };
    let figures = sentence.figures(case);
    let all = tokens[..at].iter().rev().take(4).any(|token| token.is_any(&["all", "both", "every", "each"]));
    let mut own = figures.iter().filter(|(_, figure)| counts(figure));
    match (own.next(), own.next()) {
        (Some((_, figure)), None) => {
            Some(Number { value: figure.low, all, kind, span: figure.span, text: figure.text.clone() })
        }
        (None, _) if tokens[..at].iter().any(|token| token.is("both")) => {
            let token = tokens[..at].iter().find(|token| token.is("both"))?;
            Some(Number { value: 2.0, all, kind, span: token.span, text: "both".to_owned() })
        }
        _ => None,
    }
}

/// "Odile is responsible for two tasks only", "three of the tasks were planned for Yusuf".
fn of_person(case: &mut Case<'_>, people: &People, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let named = people.named(tokens);
    let [(person, at)] = named.as_slice() else { return };
    let capital = case.slice(tokens[at.start].span).starts_with(char::is_uppercase);
    let Some(number) = number(case, sentence).filter(|_| capital) else { return };
    let owns = says_any(
        tokens,
        words![
            "responsible",
            "owns",
            "own",
            "owned",
            "has",
            "have",
            "belong",
            "belongs",
            "answers",
            "planned",
            "assigned",
            "gives",
            "given",
            "handles",
            "looks",
            "looked",
            "charge",
            "leads",
            "led",
            "carries",
            "holds"
        ],
    );
    let narrowed = says_any(
        tokens,
        words![
            "least",
            "more",
            "first",
            "other",
            "done",
            "finished",
            "completed",
            "open",
            "left",
            "still",
            "closed",
            "started",
            "begun",
            "blocked",
            "remaining",
            "phase",
            "stage",
            "days",
            "pilot"
        ],
    );
    if !owns || narrowed || tells_otherwise(tokens) {
        return;
    }
    let count = match number.kind {
        Kind::Tasks => people.tasks_of(case, *person),
        Kind::Risks => people.risks_of(case, *person),
    };
    let total = match number.kind {
        Kind::Tasks => case.tasks().count(),
        Kind::Risks => case.plans.iter().map(|(_, draft)| draft.risks.len()).sum(),
    };
    if count == 0 || number.all && count == total {
        return;
    }
    if number.value as usize == count && number.value.fract() == 0.0 {
        case.held_more += 1;
        return;
    }
    let what = if number.kind == Kind::Tasks { "tasks" } else { "risks" };
    let message =
        format!("`{}` is not how many {what} the plan gives {}: {count}", number.text, people.name(*person));
    tell(case, number.span, message, "count them in the plan, or change it there");
}

/// "Only one of the three survey tasks is finished" where the plan has all three as done already.
fn done_of_phase(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let figures = sentence.figures(case);
    let Some((_, figure)) =
        figures.iter().find(|(_, figure)| figure.whole.is_some() && figure.unit == Unit::Count)
    else {
        return;
    };
    let (Some(value), Some(whole)) = (figure.exact(), figure.whole) else { return };
    let at = figure.tokens.end - sentence.range.start;
    let of_tasks = tokens[at..].iter().take(3).any(|token| kind(token) == Some(Kind::Tasks));
    let done = says_any(tokens, &["done", "finished", "completed", "complete", "closed"]);
    if !of_tasks || !done || says_any(tokens, words!["not", "when", "by", "were", "was", "had", "at"]) {
        return;
    }
    // Of the phase that the words name, or of all.
    let said = case.book.roots.all(&tokens[at..]);
    let groups = case.plans.iter().flat_map(|(_, draft)| {
        draft.phases.iter().map(|phase| {
            let tasks: Vec<_> =
                draft.tasks.iter().filter(|task| task.phase.as_ref() == Some(&phase.key)).collect();
            (format!("{} {}", phase.key.as_str(), phase.title), tasks)
        })
    });
    let mut named: Vec<_> = groups
        .filter(|(title, _)| {
            let roots = case.book.roots.all(&case.lexer.cut(title));
            roots.iter().any(|root| said.contains(root))
        })
        .collect();
    let all: Vec<_> = case.tasks().map(|(_, task)| task).collect();
    if named.is_empty() {
        named.push((String::new(), all));
    }
    let [(_, tasks)] = named.as_slice() else { return };
    let before = tasks
        .iter()
        .filter(|task| {
            task.checked == Some(true)
                || task.status.as_ref().is_some_and(|status| status.state == Stated::Claimed)
        })
        .count();
    if tasks.len() as f64 != whole || value >= before as f64 {
        return;
    }
    let message = format!(
        "`{}` is fewer than the plan itself has as done: {before} of {}",
        figure.text,
        say::number(whole)
    );
    tell(case, figure.span, message, "count what the plan has as done, or take it back there");
}

/// Whether a sentence gives a share of the whole sum.
fn of_sum(tokens: &[Token]) -> bool {
    says_one(
        tokens,
        phrases![
            "of the budget",
            "of the total",
            "of the costs",
            "of the cost",
            "of all costs",
            "of the money",
            "of the sum",
            "of the whole budget"
        ],
    )
}

/// "A quarter of the budget is contingency" where it is an eighth.
pub(super) fn share_of_sum(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    if !of_sum(tokens) || tells_otherwise(tokens) && !says(tokens, "more than") && !says(tokens, "less than")
    {
        return;
    }
    let figures = sentence.figures(case);
    let [(_, figure)] = figures.as_slice() else { return };
    if figure.unit != Unit::Percent || says_any(tokens, &["spent", "used", "saved", "left", "over"]) {
        return;
    }
    let rest: Vec<&Token> = {
        let own = figure.tokens.start - sentence.range.start..figure.tokens.end - sentence.range.start;
        tokens[..own.start].iter().chain(&tokens[own.end..]).collect()
    };
    let said = case.book.roots.all(&rest);
    let rows = |entry: &super::super::Entry| entry.cells.len() >= 2 && entry.figures.len() == 1;
    let found = case.book.find(&said, rows);
    let Some(best) = found.first().filter(|best| best.named > 0.49) else { return };
    let entry = &case.book.entries[best.entry];
    let document = &case.book.documents[entry.document];
    let value = |entry: &super::super::Entry| document.figures[entry.figures[0].0].exact();
    let table = |entry: &super::super::Entry| match document.report.passages[entry.cells[0].0].place {
        crate::statements::passages::Place::Cell { table, .. } => Some(table),
        _ => None,
    };
    let own = case
        .book
        .entries
        .iter()
        .filter(|one| one.document == entry.document && rows(one) && table(one) == table(entry));
    let is_total = |one: &super::super::Entry| {
        let first = &document.report.passages[one.cells[0].0].tokens;
        says_any(first, &["total", "sum", "totals"])
    };
    let parts: Vec<f64> = own.filter(|one| !is_total(one)).filter_map(value).collect();
    let (Some(part), sum) = (value(entry), parts.iter().sum::<f64>()) else { return };
    if parts.len() < 2 || sum <= 0.0 {
        return;
    }
    let made = part / sum * 100.0;
    let blur = if figure.rough { 6.0 } else { 1.5 };
    let right = made > figure.low - blur && made < figure.high + blur;
    if right {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "`{}` does not come out: {} of {} is {} % ({})",
        figure.text,
        say::number(part),
        say::number(sum),
        say::number(made),
        case.line(entry.document, entry.line)
    );
    tell(case, figure.span, message, "tell the share that the plan's sums make");
}

/// "Half of the contingency, 8,000 euros" where a half of it is 6,000.
pub(super) fn share_of_fact(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let figures = sentence.figures(case);
    let Some(pair) = figures.windows(2).find(|pair| {
        let (share, part) = (pair[0].1, pair[1].1);
        share.unit == Unit::Percent && matches!(part.unit, Unit::Money | Unit::Count) && part.whole.is_none()
    }) else {
        return;
    };
    let (share, part) = (pair[0].1, pair[1].1);
    let all = &case.report.passages[sentence.passage].tokens;
    let between = all.get(share.tokens.end..part.tokens.start).unwrap_or_default();
    let [of, named @ .., comma] = between else { return };
    if !of.is("of") || !comma.is_sign(',') && !comma.is_sign('(') || named.len() > 5 {
        return;
    }
    let (Some(percent), Some(told)) = (share.exact(), part.exact()) else { return };
    let said = case.book.roots.all(named);
    let plain = |entry: &super::super::Entry| entry.figures.len() == 1;
    let Some(best) = case.book.one(&said, plain) else { return };
    let entry = &case.book.entries[best.entry];
    let Some(whole) = case.book.documents[entry.document].figures[entry.figures[0].0].exact() else { return };
    let made = whole * percent / 100.0;
    if (made - told).abs() <= whole.abs() * 0.01 {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "`{}` does not come out: {} of {} is {} ({})",
        part.text,
        share.text,
        say::number(whole),
        say::number(made),
        case.line(entry.document, entry.line)
    );
    tell(case, part.span, message, "tell the part that the plan's number makes");
}
