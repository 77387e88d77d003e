//! How long a task took against what it was estimated at: "comfortably inside the estimate", "four hours
//! faster than estimated", "five days had been estimated for it".

use model::draft::Stated;

use crate::statements::tokens::Token;
use crate::statements::words::{says_any, says_one, words};

use super::super::super::{Case, say};
use super::super::jobs::{Job, Jobs};
use super::asides::bare;
use super::lengths::{ESTIMATED, Kind, LONGER, Length, SHORTER, lengths};
use super::{Sentence, tell};

/// How the time taken is said to stand to the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Over,
    Under,
    /// Not over.
    Within,
    Alike,
}

const HELP: &str = "tell the plan's estimate and the time it took as they are";

pub(super) fn judge(case: &mut Case<'_>, jobs: &Jobs, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let unsure = [
        "if",
        "would",
        "should",
        "might",
        "unless",
        "re",
        "revised",
        "reestimated",
        "originally",
        "left",
        "remaining",
        "remains",
        "so",
        "hoped",
        "altogether",
        "together",
        "total",
        "combined",
        "all",
        "deadline",
        "per",
        "another",
        "every",
        "each",
    ];
    if says_any(tokens, &unsure) {
        return;
    }
    let mut told = lengths(tokens);
    let compares = says_any(tokens, ESTIMATED);
    if !compares && told.iter().all(|length| length.kind != Kind::Took) {
        return;
    }
    let by_role = || Some((jobs.of_role(case, tokens)?, 0..tokens.len()));
    let Some((job, part)) = job(case, jobs, tokens, &told).or_else(by_role) else { return };
    told.retain(|length| part.contains(&length.at.start));
    let Some(estimate) = job.estimate else { return };
    let of = |kind: Kind| {
        let mut own = told.iter().filter(move |length| length.kind == kind);
        own.next().filter(|_| own.next().is_none())
    };
    if let Some(said) = of(Kind::Estimate).filter(|said| !said.rough)
        && differs(said, estimate)
        && !says_any(tokens, &["not", "never"])
    {
        return wrong_estimate(case, sentence, said, job, estimate);
    }
    let took = of(Kind::Took).filter(|took| !took.rough);
    let actual = took.map(|took| took.days).or(job.actual.filter(|_| job.state == Some(Stated::Claimed)));
    let Some(actual) = actual else { return };
    let planned = job.actual.filter(|_| job.state == Some(Stated::Claimed));
    if let (Some(took), Some(planned)) = (took, planned)
        && differs(took, planned)
    {
        return wrong_time(case, sentence, took, job, planned);
    }
    if compares {
        compare(case, sentence, &told, job, (actual, estimate));
    }
}

/// Holds what is said of the time taken against what it was.
fn compare(
    case: &mut Case<'_>,
    sentence: &Sentence<'_>,
    told: &[Length],
    job: &Job,
    (actual, estimate): (f64, f64),
) {
    let tokens = &*bare(sentence.tokens).tokens;
    let over = actual - estimate;
    let differences: Vec<&Length> =
        told.iter().filter(|length| matches!(length.kind, Kind::Over | Kind::Under)).collect();
    let (stands, by) = match differences.as_slice() {
        [one] if one.kind == Kind::Over => (Stands::Over, Some(*one)),
        [one] => (Stands::Under, Some(*one)),
        [] => match stands(sentence.tokens, tokens, told) {
            Some(stands) => (stands, None),
            None => return,
        },
        _ => return,
    };
    const NEXT_TO_NOTHING: f64 = 0.01;
    let sense = match stands {
        Stands::Over => over > NEXT_TO_NOTHING,
        Stands::Under => over < -NEXT_TO_NOTHING,
        Stands::Within => over <= NEXT_TO_NOTHING,
        Stands::Alike => over.abs() <= 0.06,
    };
    let amount = by.is_none_or(|by| by.rough || !differs(by, over.abs()));
    if sense && amount {
        case.held_more += 1;
        return;
    }
    let message = format!(
        "`{}` took {} days and was estimated at {} ({})",
        case.key(job.task),
        say::number(actual),
        say::number(estimate),
        case.task_place(job.task)
    );
    tell(case, sentence.span(), message, HELP);
}

fn stands(all: &[Token], tokens: &[Token], told: &[Length]) -> Option<Stands> {
    let denied = says_any(tokens, words!["not", "never", "no", "nor", "hardly", "without"]);
    let than = says_any(tokens, &["than"]);
    let over = says_any(tokens, LONGER) || than && says_any(tokens, &["more"]);
    let under = says_any(tokens, SHORTER) || than && says_any(tokens, &["less"]);
    let within = says_any(tokens, words!["within", "inside", "kept", "respected", "respecting", "met"])
        || says_one(tokens, &["on estimate", "on budget"]);
    let alike = says_one(all, &["as estimated", "as planned", "as budgeted"]);
    let exactly = says_any(all, &["exactly", "precisely", "just", "long"])
        || told.iter().any(|length| length.kind == Kind::Took);
    match (over, under, within) {
        (true, false, false) if denied => Some(Stands::Within),
        (true, false, false) => Some(Stands::Over),
        (false, true, false) if !denied => Some(Stands::Under),
        (false, false, true) if !denied => Some(Stands::Within),
        (false, false, true) => Some(Stands::Over),
        (false, false, false) if alike && exactly && !denied => Some(Stands::Alike),
        _ => None,
    }
}

/// The task whose time is told, and the part of the sentence that tells it: what is left of it without its
/// lengths of time names the task.
fn job<'j>(
    case: &Case<'_>,
    jobs: &'j Jobs,
    tokens: &[Token],
    told: &[Length],
) -> Option<(&'j Job, std::ops::Range<usize>)> {
    let kept = |range: std::ops::Range<usize>| -> Vec<Token> {
        range
            .filter(|at| told.iter().all(|length| !length.at.contains(at)))
            .map(|at| tokens[at].clone())
            .collect()
    };
    // "Ten days in all: eight for the reports": each stretch of its own.
    let whole = 0..tokens.len();
    if let Some(task) = jobs.one(case, &kept(whole.clone())) {
        return jobs.get(task).map(|job| (job, whole));
    }
    let comma = tokens.iter().position(|token| [',', ';', ':'].iter().any(|sign| token.is_sign(*sign)))?;
    let part = [0..comma, comma..tokens.len()].into_iter().find_map(|part| {
        let task = jobs.one(case, &kept(part.clone()))?;
        Some((task, part))
    });
    part.and_then(|(task, part)| Some((jobs.get(task)?, part)))
}

/// Whether a length is another than it should be, as finely as it is told.
fn differs(said: &Length, known: f64) -> bool {
    (said.days - known).abs() > said.blur.min(0.06)
}

fn wrong_estimate(case: &mut Case<'_>, sentence: &Sentence<'_>, said: &Length, job: &Job, estimate: f64) {
    let message = format!(
        "`{}` is not what the plan gives `{}`: {} days ({})",
        written(case, sentence, said),
        case.key(job.task),
        say::number(estimate),
        case.task_place(job.task)
    );
    tell(case, span(sentence, said), message, HELP);
}

fn wrong_time(case: &mut Case<'_>, sentence: &Sentence<'_>, said: &Length, job: &Job, actual: f64) {
    let message = format!(
        "`{}` is not how long the plan has `{}` as taking: {} days ({})",
        written(case, sentence, said),
        case.key(job.task),
        say::number(actual),
        case.task_place(job.task)
    );
    tell(case, span(sentence, said), message, HELP);
}

fn span(sentence: &Sentence<'_>, said: &Length) -> model::diagnostic::Span {
    let own = &sentence.tokens[said.at.clone()];
    model::diagnostic::Span { start: own[0].span.start, end: own[own.len() - 1].span.end }
}

fn written(case: &Case<'_>, sentence: &Sentence<'_>, said: &Length) -> String {
    case.slice(span(sentence, said)).to_owned()
}
