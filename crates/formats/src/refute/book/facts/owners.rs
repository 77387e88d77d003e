//! Who answers for a task: a person or a role named as the owner of what the plan gives to another.

use model::diagnostic::Span;

use crate::statements::tokens::Token;
use crate::statements::words::says_any;

use super::super::super::Case;
use super::super::jobs::Jobs;
use super::people::People;
use super::{Sentence, tell};

/// Words that say that somebody answers for something.
const OWNS: &[&str] = &[
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
];

/// Words beside which a sentence does not say who answers for something by the plan.
const HEDGES: &[&str] = &[
    "not", "never", "nobody", "neither", "nor", "took", "takes", "taken", "handed", "passed", "instead",
    "until", "if", "would", "should", "could", "might", "rather", "now", "replaced", "covered", "stood",
    "reviewed", "reviewer", "risk", "risks", "gate", "gates", "except", "than", "asked", "short", "behind",
    "number",
];

/// Whether a sentence says who answers for something.
pub(super) fn says_owning(tokens: &[Token]) -> bool {
    says_any(tokens, OWNS) || gives(tokens)
}

/// "The plan gave the configuration system to the planner."
fn gives(tokens: &[Token]) -> bool {
    let Some(gave) = tokens.iter().position(|token| token.is_any(&["gave", "gives", "given"])) else {
        return false;
    };
    let by_plan = tokens[..gave].iter().any(|token| token.is_any(&["plan", "handoff"]));
    by_plan && tokens[gave..].iter().any(|token| token.is("to"))
}

/// Judges who is said to own a task; says whether the sentence was about one.
pub(super) fn judge(case: &mut Case<'_>, people: &People, jobs: &Jobs, sentence: &Sentence<'_>) -> bool {
    let tokens = sentence.tokens;
    if !says_owning(tokens) {
        return false;
    }
    let hedged = tokens.iter().any(|token| token.is_any(HEDGES) && !jobs.is_role(token));
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
    let [task] = tasks(case, jobs, &rest)[..] else { return false };
    let owners: Vec<String> = case
        .tasks()
        .nth(task as usize)
        .map(|(_, task)| task.owners.iter().map(|owner| owner.name.clone()).collect())
        .unwrap_or_default();
    if owners.is_empty() {
        return false;
    }
    let word = tokens[at].text.to_string();
    if owners.iter().any(|owner| owner.to_lowercase().split(' ').any(|part| part == word)) {
        case.held_more += 1;
    } else {
        refute(case, tokens[at].span, (&word, &owners.join(", ")), task);
    }
    true
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
