//! What a report says of the plan's own facts: how long a task was to take, who answers for it, what
//! it needs, how long the whole was to take.

use model::diagnostic::Span;
use model::draft::{ClaimValue, DraftTask};

use crate::statements::clauses::{divides, sentences};
use crate::statements::figures::Figure;
use crate::statements::numbers::Unit;
use crate::statements::passages::Place;
use crate::statements::tables::Column;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrases, says, says_any, says_one, words};

use super::order::Needs;
use super::{Case, refutation, say};

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;
/// A working day has eight hours.
const WORKING_HOURS: f64 = 8.0;

pub(super) fn judge(case: &mut Case<'_>) {
    let needs = &*case.needs();
    let report = case.report;
    for (at, passage) in report.passages.iter().enumerate() {
        // A cell of a few words says nothing by itself; its row does.
        let short = matches!(passage.place, Place::Cell { .. }) && passage.tokens.len() < 4;
        if short || matches!(passage.place, Place::Heading(_)) {
            continue;
        }
        for sentence in sentences(&passage.tokens) {
            let tokens = &passage.tokens[sentence.clone()];
            // What is quoted, hoped for or changed since says nothing of the plan as it stands.
            if tokens.iter().any(|token| token.is_sign('"')) || says_any(tokens, CHANGED) {
                continue;
            }
            let mentions = case.titles.mentions(tokens);
            let first = mentions.first().map(|mention| mention.task);
            let alone = mentions.iter().all(|mention| Some(mention.task) == first);
            match first {
                Some(task) if alone => {
                    estimate(case, task, tokens, (at, sentence.start));
                    owner(case, task, tokens);
                    needs_nothing(case, task, tokens);
                }
                Some(_) => needs_the_other(case, needs, tokens),
                None => {
                    duration(case, tokens, (at, sentence.start));
                    sum(case, tokens, (at, sentence.start));
                }
            }
        }
    }
    rows(case, needs);
}

/// "| B-2 | Mira | 8 days | B-3 |": what a row says of its task, under headers that name the fact.
fn rows(case: &mut Case<'_>, needs: &Needs) {
    let report = case.report;
    for table in &report.tables {
        for row in &table.rows {
            let task = row.iter().zip(&table.columns).find_map(|(cell, column)| {
                let mentions = case.titles.mentions(&report.passages[*cell].tokens);
                mentions.first().filter(|_| *column == Column::Name).map(|mention| mention.task)
            });
            let Some(task) = task else { continue };
            for ((cell, header), column) in row.iter().zip(&table.header).zip(&table.columns) {
                let tokens = &report.passages[*cell].tokens;
                if tokens.is_empty() {
                    continue;
                }
                if header.iter().all(|token| token.is_in(OWNER_HEADERS)) && !header.is_empty() {
                    owner_named(case, task, tokens);
                } else if says_any(header, ESTIMATE_HEADERS) {
                    estimate_cell(case, task, header, *cell);
                } else if *column == Column::Needs {
                    needs_cell(case, needs, task, tokens);
                }
            }
        }
    }
}

const OWNER_HEADERS: Words<'_> = Words::of(&[
    "owner",
    "owners",
    "assignee",
    "assigned",
    "responsible",
    "lead",
    "task",
    "to",
    "the",
    "of",
    "person",
]);
const ESTIMATE_HEADERS: Words<'_> =
    Words::of(&["estimate", "estimated", "estimation", "planned", "budgeted", "allotted"]);

/// A length of time in a column of estimates.
fn estimate_cell(case: &mut Case<'_>, task: u32, header: &[Token], cell: usize) {
    let Some(days) = of_task(case, task).and_then(|task| task.estimate_days) else { return };
    let from = case.figures.partition_point(|figure| figure.place.0 < cell);
    let mut own = case.figures[from..].iter().take_while(|figure| figure.place.0 == cell);
    let (Some(figure), None) = (own.next().cloned(), own.next()) else { return };
    let said = match (figure.exact(), figure.unit) {
        (Some(said), Unit::Seconds) if figure.scale >= HOUR => in_days(said, figure.scale),
        (Some(said), Unit::Count) if says_any(header, &["days", "day"]) => said,
        (Some(said), Unit::Count) if says_any(header, &["hours", "hour"]) => said / WORKING_HOURS,
        _ => return,
    };
    estimated_at(case, task, &figure, said, days);
}

/// A task that needs the one it is said to be needed by.
fn needs_cell(case: &mut Case<'_>, needs: &Needs, task: u32, tokens: &[Token]) {
    for mention in case.titles.mentions(tokens) {
        if mention.task != task && needs.needs(mention.task, task) {
            turned_round(case, mention.task, task, whole(&tokens[mention.at]));
        }
    }
}

/// Words that say the plan was changed, or that something is only said to be so.
const CHANGED: Words<'_> = Words::of(&[
    "re",
    "reestimated",
    "revised",
    "instead",
    "longer",
    "changed",
    "moved",
    "rescheduled",
    "would",
    "should",
    "could",
    "might",
    "if",
    "unless",
    "until",
    "handed",
    "took",
    "actually",
    "really",
    "now",
    "new",
    "since",
]);

const ESTIMATED: Words<'_> = Words::of(&[
    "estimated",
    "estimate",
    "estimates",
    "planned",
    "budgeted",
    "scheduled",
    "allotted",
    "foreseen",
    "plan",
    "effort",
    "allows",
    "gives",
    "allocated",
    "reserved",
]);

/// "B-2 was estimated at eight days" where the plan has five.
fn estimate(case: &mut Case<'_>, task: u32, tokens: &[Token], place: (usize, usize)) {
    let Some(days) = of_task(case, task).and_then(|task| task.estimate_days) else { return };
    if says_any(
        tokens,
        words!["not", "never", "least", "most", "than", "remaining", "left", "after", "before"],
    ) {
        return;
    }
    let Some(figure) = only_length(case, place, tokens.len()) else { return };
    let (start, end) = (figure.tokens.start - place.1, figure.tokens.end - place.1);
    // "0.3 days over what had been estimated": the difference, and not the estimate.
    let differs = tokens[end..tokens.len().min(end + 2)]
        .iter()
        .any(|token| token.is_any(&["over", "under", "beyond", "above", "below", "short", "ahead"]));
    if differs {
        return;
    }
    // "Anton has nine days for C-2".
    let given = start > 0
        && tokens[start - 1].is_any(&["has", "gets", "have"])
        && tokens.get(end).is_some_and(|token| token.is("for"));
    let stated = tokens.iter().position(|token| token.is_in(ESTIMATED));
    let Some(word) = stated.or(given.then_some(start)) else { return };
    let between = if word < start { &tokens[word..start] } else { tokens.get(end..word).unwrap_or_default() };
    let apart = (0..between.len()).any(|at| divides(between, at) || between[at].is_sign(','));
    let Some(said) = figure.exact().filter(|_| !apart).map(|said| in_days(said, figure.scale)) else {
        return;
    };
    estimated_at(case, task, &figure, said, days);
}

fn estimated_at(case: &mut Case<'_>, task: u32, figure: &Figure, said: f64, days: f64) {
    if (said - days).abs() < 0.06 {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "`{}` is not what the plan gives `{}`: {} days ({})",
        figure.text,
        case.key(task),
        say::number(days),
        case.task_place(task)
    );
    tell(case, figure.span, message, "tell the plan's estimate, or change it in the plan with the reason");
}

const OWNS: Words<'_> = Words::of(&[
    "belongs",
    "belong",
    "owned",
    "owns",
    "owner",
    "responsible",
    "hands",
    "assigned",
    "assignee",
    "leads",
    "led",
    "answers",
    "charge",
]);

/// "B-2 belongs to Mira" where the plan has Joss.
fn owner(case: &mut Case<'_>, task: u32, tokens: &[Token]) {
    // What was once may have changed; what the plan had has not.
    let by_plan = says_any(tokens, &["plan", "planned"]);
    let hedges = ["not", "never", "nobody", "and", "with"];
    let once = !by_plan && says_any(tokens, &["was", "were"]);
    let tasks = ["task", "job", "responsibility", "work"];
    let belongs = says_any(tokens, OWNS) || by_plan && says_any(tokens, &tasks);
    if belongs && !once && !says_any(tokens, &hedges) {
        owner_named(case, task, tokens);
    }
}

/// A name told as the owner's.
fn owner_named(case: &mut Case<'_>, task: u32, tokens: &[Token]) {
    let Some(owners) = of_task(case, task).map(|task| task.owners.clone()).filter(|own| !own.is_empty())
    else {
        return;
    };
    // Only a name the plan knows can be the wrong one.
    let known = |token: &Token, name: &str| token.is_word() && name.to_lowercase() == *token.text;
    if tokens.iter().any(|token| owners.iter().any(|owner| known(token, &owner.name))) {
        case.held_more += 1;
        return;
    }
    let others = case.tasks().flat_map(|(_, task)| &task.owners);
    let other = others.map(|owner| &*owner.name).find_map(|name| {
        let token = tokens.iter().find(|token| known(token, name))?;
        Some((token.span, name.to_owned()))
    });
    let Some((span, name)) = other else { return };
    let message = format!(
        "`{name}` is not who the plan has for `{}`: {} ({})",
        case.key(task),
        owners.iter().map(|owner| &*owner.name).collect::<Vec<_>>().join(", "),
        case.task_place(task)
    );
    tell(case, span, message, "tell the plan's owner, or change it in the plan");
}

/// "B-2 does not depend on anything" where it needs B-1.
fn needs_nothing(case: &mut Case<'_>, task: u32, tokens: &[Token]) {
    let needs = of_task(case, task).map(|task| task.needs.clone()).unwrap_or_default();
    let free = says_one(
        tokens,
        phrases![
            "not depend on anything",
            "not depend on any",
            "depends on nothing",
            "needs nothing",
            "waits for nothing",
            "waits for nobody",
            "no dependencies",
            "no prerequisites",
            "no prerequisite"
        ],
    );
    let hedged =
        says_any(tokens, words!["open", "unmet", "more", "further", "other", "left", "done", "else"]);
    if !free || hedged {
        return;
    }
    if needs.is_empty() {
        case.held_more += 1;
        return;
    }
    let span = whole(tokens);
    let needed = needs.iter().map(|key| format!("`{}`", key.as_str())).collect::<Vec<_>>().join(", ");
    let message = format!("by the plan, `{}` needs {needed} ({})", case.key(task), case.task_place(task));
    tell(case, span, message, "tell what it needs, or change the plan's dependencies");
}

/// "B-1 depends on B-2" where it is the other way round.
fn needs_the_other(case: &mut Case<'_>, needs: &Needs, tokens: &[Token]) {
    let mentions = case.titles.mentions(tokens);
    let [one, two] = mentions.as_slice() else { return };
    let between = tokens.get(one.at.end..two.at.start).unwrap_or_default();
    let only = says_any(between, &["only", "solely"])
        || says_one(between, &["nothing but", "nothing except"])
        || tokens.get(two.at.end).is_some_and(|next| next.is_any(&["alone", "only", "solely"]));
    let depends = says_one(
        between,
        phrases!["depends on", "needs", "requires", "waits for", "relies on", "hinges on", "is waiting for"],
    );
    if !depends || between.len() > 5 || says_any(tokens, &["not", "never", "no"]) {
        return;
    }
    if !needs.needs(two.task, one.task) {
        let direct = needs.direct(one.task);
        let wrong = if only { direct != [two.task] } else { !needs.needs(one.task, two.task) };
        if wrong && !direct.is_empty() {
            let needed = direct.iter().map(|task| format!("`{}`", case.key(*task))).collect::<Vec<_>>();
            let message = format!(
                "by the plan, `{}` needs {} ({})",
                case.key(one.task),
                needed.join(", "),
                case.task_place(one.task)
            );
            let help = "tell what it needs, or change the plan's dependencies";
            return tell(case, whole(tokens), message, help);
        }
        case.held_more += usize::from(needs.needs(one.task, two.task));
        return;
    }
    turned_round(case, two.task, one.task, whole(tokens));
}

fn turned_round(case: &mut Case<'_>, task: u32, need: u32, span: Span) {
    let message = format!(
        "by the plan, it is `{}` that needs `{}` ({})",
        case.key(task),
        case.key(need),
        case.task_place(task)
    );
    tell(case, span, message, "tell what needs what, or change the plan's dependencies");
}

/// "The total duration in the plan was twelve days" where it says nine.
fn duration(case: &mut Case<'_>, tokens: &[Token], place: (usize, usize)) {
    let of_plan = says_any(tokens, &["plan", "planned", "handoff", "estimated"]);
    let total =
        says_any(tokens, &["duration"]) && says_any(tokens, &["total", "planned", "overall", "whole"]);
    if !of_plan || !total || says_any(tokens, &["not", "never", "than", "against", "saved"]) {
        return;
    }
    let mut claims = case.plans.iter().enumerate().flat_map(|(document, (_, draft))| {
        draft.claims.iter().filter(|claim| claim.what == "total_duration_days").filter_map(move |claim| {
            match claim.value {
                ClaimValue::Number(days) => Some((days, document, claim.line)),
                ClaimValue::Date(_) => None,
            }
        })
    });
    let (Some((days, document, line)), None) = (claims.next(), claims.next()) else { return };
    let Some(figure) = only_length(case, place, tokens.len()) else { return };
    let Some(said) = figure.exact().map(|said| in_days(said, figure.scale)) else { return };
    if (said - days).abs() < 0.06 {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "`{}` is not the duration the plan tells: {} days ({})",
        figure.text,
        say::number(days),
        case.line(document, line)
    );
    tell(case, figure.span, message, "tell the plan's duration, or change it in the plan with the reason");
}

/// "Altogether the seven tasks were put at 36 days" where their estimates come to thirty.
fn sum(case: &mut Case<'_>, tokens: &[Token], place: (usize, usize)) {
    let of_all = says_any(tokens, words!["altogether", "total", "totals", "sum", "together", "overall"])
        || says_one(tokens, &["add up to", "in all"]);
    let of_plan = says_any(tokens, &["estimates", "estimated", "planned", "budgeted"])
        || says(tokens, "put at") && says_any(tokens, &["tasks"]);
    let hedges = ["not", "never", "than", "against", "saved", "took", "taken", "needed", "remaining", "left"];
    if !of_all || !of_plan || says_any(tokens, &hedges) {
        return;
    }
    let leaves: Vec<Option<f64>> = case.tasks().map(|(_, task)| task.estimate_days).collect();
    let Some(total) = leaves.iter().copied().sum::<Option<f64>>().filter(|_| !leaves.is_empty()) else {
        return;
    };
    let Some(figure) = only_length(case, place, tokens.len()) else { return };
    let Some(said) = figure.exact().map(|said| in_days(said, figure.scale)) else { return };
    if (said - total).abs() < 0.06 {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "`{}` is not what the plan's {} estimates come to: {} days",
        figure.text,
        leaves.len(),
        say::number(total)
    );
    tell(case, figure.span, message, "tell the sum of the plan's estimates, or change it in the plan");
}

fn tell(case: &mut Case<'_>, span: Span, message: String, help: &str) {
    // A figure that was refuted is not refuted again.
    let overlaps = |other: Span| other.start < span.end && span.start < other.end;
    if !case.found.iter().any(|found| overlaps(found.span)) {
        case.tell(refutation("report/contradicts", span, message).help(help));
    }
}

fn of_task<'c>(case: &'c Case<'_>, task: u32) -> Option<&'c DraftTask> {
    case.tasks().nth(task as usize).map(|(_, task)| task)
}

/// The only length of time of a sentence: its passage and first token, and how many tokens it has.
fn only_length(case: &Case<'_>, (passage, start): (usize, usize), length: usize) -> Option<Figure> {
    let from = case.figures.partition_point(|figure| figure.place.0 < passage);
    let own = case.figures[from..].iter().take_while(|figure| figure.place.0 == passage);
    let mut lengths = own
        .filter(|figure| (start..start + length).contains(&figure.tokens.start))
        .filter(|figure| figure.unit == Unit::Seconds && figure.scale >= HOUR);
    let first = lengths.next()?;
    lengths.next().is_none().then(|| first.clone())
}

/// Hours and weeks are those of working days.
pub(super) fn in_days(seconds: f64, scale: f64) -> f64 {
    if scale < DAY {
        seconds / HOUR / WORKING_HOURS
    } else if scale > DAY {
        seconds / DAY / 7.0 * 5.0
    } else {
        seconds / DAY
    }
}

fn whole(tokens: &[Token]) -> Span {
    Span { start: tokens[0].span.start, end: tokens[tokens.len() - 1].span.end }
}
