//! The estimates of two tasks held against each other, and of one against all: "planned as a longer job
//! than the configuration", "twice as many days as", "the smallest task by estimate".

use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrase_at, says, says_any, words};

use super::super::super::{Case, say};
use super::super::jobs::{Job, Jobs};
use super::lengths::ESTIMATED;
use super::{Sentence, tell};

/// How the first estimate is said to lie to the second.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Claim {
    More,
    Less,
    /// So many times the second.
    Times(f64),
}

/// Which of all estimates one is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Most {
    Longest,
    Shortest,
}

const MORE: Words<'_> = Words::of(&["longer", "larger", "bigger", "more", "higher", "greater"]);
const LESS: &[&str] = &["shorter", "smaller", "less", "fewer", "lower"];
const LONGEST: &[&str] = &["longest", "largest", "biggest", "highest"];
const SHORTEST: &[&str] = &["shortest", "smallest", "briefest", "lowest"];
/// What is compared where the sentence does not say that it is an estimate.
const ACTUAL: Words<'_> = Words::of(&[
    "took", "taken", "lasted", "spent", "actual", "actually", "turned", "proved", "ended", "needed", "cost",
]);
const HEDGES: Words<'_> =
    Words::of(&["not", "never", "if", "would", "should", "might", "unless", "nearly", "almost"]);

pub(super) fn judge(case: &mut Case<'_>, jobs: &Jobs, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    if !says_any(tokens, ESTIMATED) || says_any(tokens, ACTUAL) || says_any(tokens, HEDGES) {
        return;
    }
    if let Some((claim, left, right)) = pair(case, jobs, tokens) {
        return of_two(case, sentence, claim, left, right);
    }
    if let Some((most, job)) = extreme(case, jobs, tokens) {
        of_all(case, jobs, sentence, most, job);
    }
}

/// Two tasks with what is said of their estimates.
fn pair<'j>(case: &Case<'_>, jobs: &'j Jobs, tokens: &[Token]) -> Option<(Claim, &'j Job, &'j Job)> {
    let (claim, at, end) = (0..tokens.len()).find_map(|at| claim_at(tokens, at))?;
    let stop = tokens[end..].iter().position(|token| token.is_sign(',') || token.is_sign(';'));
    let left = jobs.get(jobs.one(case, &tokens[..at])?)?;
    let right = jobs.get(jobs.one(case, &tokens[end..stop.map_or(tokens.len(), |stop| end + stop)])?)?;
    (left.task != right.task).then_some((claim, left, right))
}

/// A comparison that begins here: what it says, where it begins, and what it is held against begins.
fn claim_at(tokens: &[Token], at: usize) -> Option<(Claim, usize, usize)> {
    let token = &tokens[at];
    // "A longer job than", "more days than"
    if token.is_in(MORE) || token.is_any(LESS) {
        let than = (at + 1..tokens.len().min(at + 5)).find(|place| tokens[*place].is("than"))?;
        // "Half a day more than" is no comparison of two estimates alone.
        let amount = tokens[at.saturating_sub(3)..at].iter().any(|token| token.number().is_some());
        let claim = if token.is_in(MORE) { Claim::More } else { Claim::Less };
        return (!amount).then_some((claim, at, than + 1));
    }
    let (times, next) = match token.number() {
        Some(times) if times > 1.0 && tokens.get(at + 1)?.is("times") => (times, at + 2),
        _ if token.is("twice") => (2.0, at + 1),
        _ if token.is_any(&["thrice", "triple"]) => (3.0, at + 1),
        _ if token.is("double") => (2.0, at + 1),
        // "Half" is read as 50 %.
        Some(50.0) if tokens.get(at + 1)?.is_sign('%') => (0.5, at + 2),
        _ if token.is("half") => (0.5, at + 1),
        _ if phrase_at(tokens, at, "the same as").is_some() => return Some((Claim::Times(1.0), at, at + 3)),
        _ if phrase_at(tokens, at, "as long as").is_some() => return Some((Claim::Times(1.0), at, at + 3)),
        _ => return None,
    };
    // "Twice as many days as", "three times the length of"
    let near = &tokens[next..tokens.len().min(next + 6)];
    let close = match near.first()? {
        first if first.is("as") => 1 + near[1..].iter().position(|token| token.is("as"))?,
        first if first.is_any(&["the", "that"]) => {
            let of = near.iter().position(|token| token.is("of"));
            of.unwrap_or(0)
        }
        _ => return None,
    };
    Some((Claim::Times(times), at, next + close + 1))
}

fn of_two(case: &mut Case<'_>, sentence: &Sentence<'_>, claim: Claim, left: &Job, right: &Job) {
    let (Some(one), Some(two)) = (left.estimate, right.estimate) else { return };
    const ALIKE: f64 = 0.01;
    let holds = match claim {
        Claim::More => one > two + ALIKE,
        Claim::Less => one < two - ALIKE,
        // As finely as such a factor is told.
        Claim::Times(times) => (one - times * two).abs() <= two * 0.051,
    };
    if holds {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "by the plan, `{}` is estimated at {} days and `{}` at {} ({})",
        case.key(left.task),
        say::number(one),
        case.key(right.task),
        say::number(two),
        case.task_place(left.task)
    );
    tell(case, sentence.span(), message, "tell the plan's estimates as they are");
}

/// "Code quality was the smallest task in the plan by estimate."
fn extreme<'j>(case: &Case<'_>, jobs: &'j Jobs, tokens: &[Token]) -> Option<(Most, &'j Job)> {
    let at = tokens.iter().position(|token| token.is_any(LONGEST) || token.is_any(SHORTEST))?;
    let one_of = says(&tokens[..at], "one of") || says_any(&tokens[..at], &["second", "third", "among"]);
    let of_estimates = tokens[at + 1..]
        .iter()
        .take(3)
        .any(|token| token.is_any(&["task", "job", "estimate", "item", "piece", "of"]));
    let some_only = says_any(tokens, words!["remaining", "open", "phase", "critical", "path", "pole"]);
    if one_of || !of_estimates || some_only {
        return None;
    }
    let most = if tokens[at].is_any(LONGEST) { Most::Longest } else { Most::Shortest };
    let task = jobs.one(case, &tokens[..at]).or_else(|| jobs.one(case, &tokens[at + 1..]))?;
    Some((most, jobs.get(task)?))
}

fn of_all(case: &mut Case<'_>, jobs: &Jobs, sentence: &Sentence<'_>, most: Most, job: &Job) {
    let Some(own) = job.estimate else { return };
    let beyond = |other: &&Job| {
        other.estimate.is_some_and(|theirs| match most {
            Most::Longest => theirs > own + 0.01,
            Most::Shortest => theirs < own - 0.01,
        })
    };
    let Some(other) = jobs.all.iter().find(beyond) else {
        case.held_more += 1;
        return;
    };
    let message = format!(
        "by the plan, `{}` is estimated at {} days and `{}` at {} ({})",
        case.key(job.task),
        say::number(own),
        case.key(other.task),
        say::number(other.estimate.unwrap_or_default()),
        case.task_place(other.task)
    );
    tell(case, sentence.span(), message, "tell the plan's estimates as they are");
}
