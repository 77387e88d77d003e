//! Who answers for a task: a person or a role named as the owner of what the plan gives to another.

use model::diagnostic::Span;

use crate::statements::tokens::Token;
use crate::statements::words::{Words, says_any};

use super::super::super::Case;
use super::super::jobs::Jobs;
use super::asides::bare;
use super::people::People;
use super::{Sentence, tell};

/// Words that say that somebody answers for something.
const OWNS: Words<'_> = Words::of(&[
    "responsible",
    "responsibility",
    "responsibilities",
    "owner",
    "owners",
    "owns",
    "owned",
    "belongs",
    "belonged",
    "belong",
    "assigned",
    "assignee",
    "assigns",
    "hands",
    "leads",
    "led",
    "charge",
    "accountable",
    "answers",
    "falls",
    "fell",
    "entrusted",
    "allocated",
]);

/// Words that say who did something: what the plan has, where it is said to have been kept to.
const DOES: Words<'_> =
    Words::of(&["handled", "handles", "did", "carried", "looked", "ran", "worked", "completed"]);

/// Words beside which a sentence does not say who answers for something by the plan.
const HEDGES: Words<'_> = Words::of(&[
    "not", "never", "nobody", "neither", "nor", "took", "takes", "taken", "handed", "passed", "instead",
    "until", "if", "would", "should", "could", "might", "rather", "now", "replaced", "covered", "stood",
    "reviewed", "reviewer", "risk", "risks", "gate", "gates", "except", "than", "asked", "short", "behind",
    "number",
]);

/// Whether a sentence says who answers for something.
pub(super) fn says_owning(tokens: &[Token]) -> bool {
    says_any(tokens, OWNS) || gives(tokens)
}

/// "The plan gave the configuration system to the planner", "code quality was given to the backend role".
fn gives(tokens: &[Token]) -> bool {
    let Some(gave) = tokens.iter().position(|token| token.is_any(&["gave", "gives", "given"])) else {
        return false;
    };
    let by_plan = tokens[..gave].iter().any(|token| token.is_any(&["plan", "handoff"]));
    let to = tokens[gave..].iter().position(|token| token.is("to"));
    // "Was given to the reviewer": to somebody, and not something to somebody.
    let passive = gave > 0 && tokens[gave - 1].is_any(&["was", "is", "were", "been"]) && to == Some(1);
    passive || by_plan && to.is_some()
}

/// "Was the reviewer's task", at the end of what is said.
fn is_ones_task(jobs: &Jobs, tokens: &[Token]) -> bool {
    tokens.windows(4).enumerate().any(|(at, four)| {
        let ends = tokens.get(at + 4).is_none_or(|next| !next.is_word());
        four[0].is_any(&["was", "is"])
            && four[1].is("the")
            && jobs.is_role(&four[2])
            && four[3].is_any(&["task", "job", "part"])
            && ends
    })
}

/// Judges who is said to own a task; says whether the sentence was about one.
pub(super) fn judge(case: &mut Case<'_>, people: &People, jobs: &Jobs, sentence: &Sentence<'_>) -> bool {
    let tokens = sentence.tokens;
    let by_plan = says_any(tokens, DOES) && bare(tokens).by_plan;
    if !says_owning(tokens) && !by_plan && !is_ones_task(jobs, tokens) {
        return false;
    }
    let hedged = tokens.iter().enumerate().any(|(at, token)| {
        // "Handed it over on time": to nobody else.
        let kept = token.is("handed") && !says_any(&tokens[at..], &["to", "by", "from"]);
        token.is_in(HEDGES) && !jobs.is_role(token) && !kept
    });
    if hedged {
        return false;
    }
    let named = people.named(tokens);
    if let [(person, at)] = named.as_slice() {
        let capital = case.slice(tokens[at.start].span).starts_with(char::is_uppercase);
        return capital && person_owns(case, people, jobs, sentence, (*person, at.clone()));
    }
    named.is_empty() && role_owns(case, jobs, sentence)
}

fn person_owns(
    case: &mut Case<'_>,
    people: &People,
    jobs: &Jobs,
    sentence: &Sentence<'_>,
    (person, at): (usize, std::ops::Range<usize>),
) -> bool {
    let tokens = sentence.tokens;
    let rest: Vec<Token> = tokens[..at.start].iter().chain(&tokens[at.end..]).cloned().collect();
    let span = Span { start: tokens[at.start].span.start, end: tokens[at.end - 1].span.end };
    let mut any = false;
    for task in tasks(case, jobs, &rest) {
        let owners = people.owners_of(case, task);
        if owners.is_empty() {
            continue;
        }
        any = true;
        if owners.contains(&person) {
            case.held_more += 1;
        } else {
            let names: Vec<&str> = owners.iter().map(|owner| people.name(*owner)).collect();
            refute(case, span, (people.name(person), &names.join(", ")), task);
        }
    }
    any
}

/// "The configuration system was the builder's responsibility", where tasks are given to roles.
fn role_owns(case: &mut Case<'_>, jobs: &Jobs, sentence: &Sentence<'_>) -> bool {
    let tokens = sentence.tokens;
    let stands = |at: usize| {
        let the = at > 0 && tokens[at - 1].is_any(&["the", "our", "to", "by", "of"]);
        let role = tokens.get(at + 1).is_some_and(|next| next.is_any(&["role", "team", "agent"]));
        (the || role) && jobs.is_role(&tokens[at])
    };
    let mut roles = (0..tokens.len()).filter(|at| stands(*at));
    let (Some(at), None) = (roles.next(), roles.next()) else { return false };
    let rest: Vec<Token> = tokens[..at].iter().chain(&tokens[at + 1..]).cloned().collect();
    let tasks = tasks(case, jobs, &rest);
    // "Assigned both 7.1 and 7.2"; of others, only one is known to be spoken of.
    if tasks.len() != 1 && !says_any(tokens, &["both"]) {
        return false;
    }
    let word = tokens[at].text.to_string();
    let mut any = false;
    for task in tasks {
        let owners = owners_of(case, task);
        if owners.is_empty() {
            continue;
        }
        any = true;
        if owners.iter().any(|owner| owner.to_lowercase().split(' ').any(|part| part == word)) {
            case.held_more += 1;
        } else {
            refute(case, tokens[at].span, (&word, &owners.join(", ")), task);
        }
    }
    any
}

/// Whom the plan gives a task to.
fn owners_of(case: &Case<'_>, task: u32) -> Vec<String> {
    let found = case.tasks().nth(task as usize);
    found.map(|(_, task)| task.owners.iter().map(|owner| owner.name.clone()).collect()).unwrap_or_default()
}

/// The tasks that are spoken of: one, or one in each part that "and" joins.
fn tasks(case: &Case<'_>, jobs: &Jobs, tokens: &[Token]) -> Vec<u32> {
    if let Some(only) = jobs.one(case, tokens) {
        return vec![only];
    }
    // "Is the release lead and responsible for publishing": what stands behind the word.
    let behind = tokens.iter().position(|token| {
        token.is_any(&["responsible", "charge", "owns", "owner", "leads", "led", "accountable"])
    });
    let tokens = &tokens[behind.unwrap_or(0)..];
    let stops = |token: &Token| token.is("and") || token.is_sign(',') || token.is_sign(';');
    let parts = tokens.split(stops).map(|part| jobs.one(case, part));
    parts.flatten().collect()
}

fn refute(case: &mut Case<'_>, span: Span, (said, owners): (&str, &str), task: u32) {
    let message = format!(
        "`{said}` is not who the plan has for `{}`: {owners} ({})",
        case.key(task),
        case.task_place(task)
    );
    tell(case, span, message, "tell the plan's owner, or change it in the plan");
}
