//! Completeness: what the report itself says against its being complete.

use std::collections::HashSet;

use model::diagnostic::{Diagnostic, Span};

use crate::statements::figures::{Admitted, Role};
use crate::statements::numbers::Unit;
use crate::statements::shortfalls::shortfalls;
use crate::statements::standings::{Standing, State, Who};
use crate::statements::todos::{Todo, todos};
use crate::statements::vocabulary::Word;
use crate::statements::words::says_any;

use super::demands::Demands;
use super::fit::Fit;
use super::{Case, refutation, targets};

impl Case<'_> {
    /// The first statement that the whole is done, and any that all criteria or tasks are.
    pub(super) fn complete(&self, kinds: &[Who]) -> Option<&Standing> {
        self.standings
            .iter()
            .find(|one| kinds.contains(&one.who) && matches!(one.state, State::Done | State::Verified))
    }

    /// Whether the report says of the whole that it is not done.
    pub(super) fn says_incomplete(&self) -> bool {
        let whole = || self.standings.iter().filter(|one| one.who == Who::Whole);
        whole().any(|one| matches!(one.state, State::Open | State::Active))
            && !whole().any(|one| matches!(one.state, State::Done | State::Verified))
    }
}

pub(super) fn judge(case: &mut Case<'_>) {
    still_to_do(case);
    let mut told: HashSet<u32> = HashSet::new();
    for (kinds, why) in [
        (&[Who::Whole][..], "that the work is complete"),
        (&[Who::Tasks][..], "that all tasks are done"),
        (&[Who::Criteria][..], "that all criteria are met"),
        (&[Who::Gates, Who::Checks][..], "that all gates and checks passed"),
    ] {
        let Some(claim) = case.complete(kinds).cloned() else { continue };
        let (reasons, counts) = reasons(case, claim.who);
        // What one statement is refuted by is not told of the next again.
        let fresh: Vec<&(Span, String)> =
            reasons.iter().filter(|(span, _)| told.insert(span.start)).collect();
        if let Some((first_span, first)) = fresh.first() {
            let message = format!("the report says {why}, and also that {first}");
            let mut found = refutation("report/incomplete", claim.span, message)
                .help("say what is not done, or what was done about it");
            found.also = fresh.iter().map(|(span, _)| (*span, "said here".to_owned())).collect();
            let _ = first_span;
            case.tell(found);
        } else if counts > 0 {
            case.held_more += 1;
        } else {
            case.unheld_more += 1;
        }
    }
}

/// What stands against a claim of completeness, and how much stands for it.
fn reasons(case: &Case<'_>, who: Who) -> (Vec<(Span, String)>, usize) {
    let mut found = Vec::new();
    let mut with_it = 0;
    if matches!(who, Who::Whole | Who::Tasks) {
        for standing in &case.standings {
            let Who::Task(task) = standing.who else { continue };
            match standing.state {
                State::Open | State::Active => {
                    found.push((standing.span, format!("task `{}` is not done", case.key(task))))
                }
                State::Done | State::Verified => with_it += 1,
            }
        }
        for figure in case.figures {
            let tasks = figure
                .near
                .iter()
                .any(|word| matches!(&**word, "task" | "batch" | "story" | "deliverable" | "item"));
            let counted = tasks || counts_tasks(figure);
            if let (Some(whole), Some(value), true, Role::Now) =
                (figure.whole, figure.exact(), counted, figure.role)
                && value < whole
                && figure.unit == Unit::Count
            {
                found.push((figure.span, format!("only `{}` are done", figure.text)));
            }
        }
        for standing in case.standings.iter().filter(|one| one.who == Who::Whole && who == Who::Whole) {
            if matches!(standing.state, State::Open | State::Active) {
                found.push((standing.span, "it is not".to_owned()));
            }
        }
    }
    if matches!(who, Who::Whole | Who::Criteria | Who::Gates) {
        let of_plan = |words: &[Word]| {
            let known = |word: &Word| case.yardsticks.iter().any(|one| one.core.contains(word));
            words.is_empty() || words.iter().any(known)
        };
        for shortfall in shortfalls(case.report).into_iter().filter(|one| of_plan(&one.words)) {
            found.push((shortfall.span, format!("`{}`", targets::short(case.slice(shortfall.span)))));
        }
    }
    if matches!(who, Who::Whole | Who::Criteria) {
        for (at, figure) in case.figures.iter().enumerate() {
            if figure.admitted == Admitted::Plainly
                && !case.told.contains(&at)
                && let Fit::Same(fits) = &case.fits[at]
                && fits.iter().all(|fit| targets::misses(case, figure, *fit))
            {
                let target = case.yardsticks[fits[0]].text.clone();
                found.push((
                    figure.span,
                    format!("`{}` misses the target ({})", figure.text, targets::short(&target)),
                ));
            }
        }
    }
    (found, with_it)
}

fn counts_tasks(figure: &crate::statements::figures::Figure) -> bool {
    figure
        .around
        .iter()
        .chain(&figure.outside)
        .any(|word| matches!(&**word, "task" | "batch" | "story" | "deliverable"))
}

/// Validation the plan demands, listed as still to do in a report that says it is complete.
fn still_to_do(case: &mut Case<'_>) {
    let Some(claim) = case.complete(&[Who::Whole, Who::Criteria, Who::Tasks]).cloned() else {
        return still_to_run(case);
    };
    let todos = todos(case.report);
    let demands = Demands::of(case);
    for todo in todos {
        let mentions = case.titles.mentions(&todo.tokens);
        let named = mentions.first().filter(|_| works_on(&todo));
        let wanted = match named {
            Some(mention) => Some((case.key(mention.task), case.task_place(mention.task))),
            None => demands.demanded(&todo).map(|one| (one.text.clone(), one.place.clone())),
        };
        // A task whose state is told elsewhere is judged there.
        if let Some(mention) = named
            && case.standings.iter().any(|one| {
                one.who == Who::Task(mention.task) && matches!(one.state, State::Open | State::Active)
            })
        {
            continue;
        }
        let Some((what, place)) = wanted else { continue };
        if puts_off(&todo) {
            continue;
        }
        let message = format!(
            "`{}` is still to do, but the report says it is complete, and the plan demands it ({place}: {})",
            targets::short(case.slice(todo.span)),
            targets::short(&what)
        );
        let found: Diagnostic = refutation("report/still-to-do", todo.span, message)
            .also(claim.span, "said to be complete")
            .help("do it and tell what came of it, or say that the work is not complete");
        case.tell(found);
    }
}

/// Validation listed as still to do, of which the report tells the result: whatever it claims to have
/// reached, it has not seen yet. That holds of a report that does not call the work complete, too.
fn still_to_run(case: &mut Case<'_>) {
    let todos = todos(case.report);
    if todos.is_empty() {
        return;
    }
    let demands = Demands::of(case);
    for todo in todos {
        let runs = says_any(&todo.tokens, &["run", "execute", "perform", "carry", "do"]);
        let Some(demand) = demands.demanded(&todo).filter(|_| runs && !puts_off(&todo)) else { continue };
        let (text, place) = (demand.text.clone(), demand.place.clone());
        let told = case.figures.iter().zip(case.fits).find(|(figure, fit)| {
            let Fit::Same(fits) = fit else { return false };
            // A result of the whole, that no word of being unfinished stands beside.
            let result =
                figure.role == Role::Now && figure.admitted == Admitted::No && figure.whole.is_some();
            result && fits.iter().any(|fit| case.place(&case.yardsticks[*fit]) == place)
        });
        let Some((figure, _)) = told else { continue };
        let message = format!(
            "`{}` is still to do, but the report tells `{}` of it ({place}: {})",
            targets::short(case.slice(todo.span)),
            figure.text,
            targets::short(&text)
        );
        let found = refutation("report/still-to-do", todo.span, message)
            .also(figure.span, "told as its result")
            .help("do it and tell what came of it, or say of which earlier run the result is");
        case.tell(found);
    }
}

fn works_on(todo: &Todo) -> bool {
    let verbs = [
        "finish", "complete", "complet", "start", "begin", "clos", "do", "deliver", "continu", "wrap",
        "tackl", "work", "remain", "land", "merg",
    ];
    todo.words.iter().any(|word| verbs.contains(&&**word)) || todo.words.len() <= 3
}

/// Work for later plans, or that never ends, is not owed now.
fn puts_off(todo: &Todo) -> bool {
    todo.tokens.iter().enumerate().any(|(at, token)| {
        token.is_any(&[
            "nightly",
            "weekly",
            "daily",
            "monthly",
            "regularly",
            "continuously",
            "periodically",
            "keep",
            "continue",
            "monitor",
            "maintain",
            "future",
            "consider",
            "explore",
            "extend",
            "celebrate",
            "announce",
            "quarterly",
            "annually",
            "more",
            "additional",
            "again",
            "extra",
            "idea",
            "ideas",
            "optional",
            "optionally",
            "nice",
        ]) || (token.is_any(&["phase", "quarter", "release", "version", "sprint"])
            && todo.tokens.get(at + 1).is_some_and(|next| !next.is_word() && !next.is_sign('.')))
            || (token.is("next")
                && todo.tokens.get(at + 1).is_some_and(|next| {
                    next.is_any(&["phase", "quarter", "release", "year", "plan", "project", "sprint"])
                }))
    })
}
