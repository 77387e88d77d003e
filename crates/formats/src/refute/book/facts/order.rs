//! Work told out of the order of the plan's needs, where tasks are named by what is done in them: "the
//! pedestal was raised before the ring had been poured".

use crate::statements::order::hopes;
use crate::statements::roots::Root;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, says_any, says_one, words};

use super::super::super::order::Needs;
use super::super::super::{Case, refutation};
use super::super::jobs::Jobs;
use super::Sentence;
use super::asides::bare;

/// What joins two parts of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Before,
    After,
    While,
    Until,
    /// And, but, or a sign.
    Beside,
}

/// How far a part says a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    /// At work, or not begun.
    Undone,
}

pub(super) fn judge(case: &mut Case<'_>, needs: &Needs, jobs: &Jobs, sentence: &Sentence<'_>) {
    if !sentence.tokens.iter().any(may_join) {
        return;
    }
    // "As the plan permits" says nothing of what came first.
    let tokens = &*bare(sentence.tokens).tokens;
    if tokens.len() < 4 {
        return;
    }
    let Some((joint, one, two)) = parts(tokens) else { return };
    // What both parts name is told by neither.
    let (Some(first), Some(second)) = (task(case, jobs, one), task(case, jobs, two)) else { return };
    if first == second || says_any(tokens, &["rehearsal", "planned", "plan", "allowed", "cannot"]) {
        return;
    }
    let (before, after) = match joint {
        _ if hopes(one) || hopes(two) && joint != Joint::Beside => return,
        Joint::Before if turned(one) => (second, first),
        Joint::Before => (first, second),
        Joint::After if turned(one) => return,
        Joint::After => (second, first),
        Joint::Until if is_held_back(one) => (second, first),
        Joint::Until => return,
        Joint::Beside if state(one) == State::Done && state(two) == State::Done => {
            let later = says_any(two, &["later", "afterwards", "subsequently", "thereafter", "followed"])
                || says_one(two, &["day after", "week after", "next day"]);
            if !later {
                return;
            }
            (first, second)
        }
        Joint::While | Joint::Beside => match (state(one), state(two)) {
            (State::Done, State::Undone) => (first, second),
            (State::Undone, State::Done) if joint == Joint::Beside => (second, first),
            _ => return,
        },
    };
    if !needs.needs(before, after) || !case.ordered.insert((before, after, sentence.span().start)) {
        if needs.needs(after, before) {
            case.held_more += 1;
        }
        return;
    }
    let span = sentence.span();
    let overlaps = |other: model::diagnostic::Span| other.start < span.end && span.start < other.end;
    if case.found.iter().any(|found| overlaps(found.span)) {
        return;
    }
    let (task, need, place) = (case.key(before), case.key(after), case.task_place(before));
    let message = format!("`{task}` is said to come before `{need}`, which it needs done first ({place})");
    let help = "say in which order the work was done, or change the plan's dependencies";
    case.tell(refutation("report/order", span, message).help(help));
}

/// Whether a token may stand between two parts of a sentence.
fn may_join(token: &Token) -> bool {
    joint(token).is_some() || token.is_sign(',') || token.is_sign(';') || token.is("but")
}

fn joint(token: &Token) -> Option<Joint> {
    match &*token.text {
        "before" => Some(Joint::Before),
        "after" | "once" => Some(Joint::After),
        "while" | "whilst" | "although" | "though" => Some(Joint::While),
        "until" => Some(Joint::Until),
        _ => None,
    }
}

/// The two parts of a sentence, with what joins them; the second is what the joint stands before.
fn parts(tokens: &[Token]) -> Option<(Joint, &[Token], &[Token])> {
    // "Before the ring had been poured, the pedestal was raised."
    if let Some(lead) = joint(&tokens[0]) {
        let comma = tokens.iter().position(|token| token.is_sign(','))?;
        return Some((lead, &tokens[comma + 1..], &tokens[1..comma]));
    }
    // "Until Thursday", "after 57 seconds": how long, and not what else.
    let how_long = |at: usize| {
        tokens
            .get(at + 1)
            .is_some_and(|next| next.number().is_some() || tokens[at].is("until") && names_day(next))
    };
    let mut joints = tokens.iter().enumerate().filter_map(|(at, token)| Some((at, joint(token)?)));
    if let Some((at, found)) = joints.find(|(at, _)| !how_long(*at)) {
        return (at > 2 && at + 2 < tokens.len()).then(|| (found, &tokens[..at], &tokens[at + 1..]));
    }
    let at = tokens.iter().enumerate().position(|(at, token)| {
        let clause = token.is_sign(',')
            && tokens.get(at + 1).is_some_and(|next| next.is_any(&["and", "but", "yet", "whereas"]));
        at > 2 && (token.is_sign(';') || token.is("but") || clause)
    })?;
    (at + 2 < tokens.len()).then(|| (Joint::Beside, &tokens[..at], &tokens[at + 1..]))
}

/// "Until Thursday": a day, and no work.
fn names_day(token: &Token) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    super::super::date(token).is_some() || token.is_any(&DAYS)
}

/// "Was held back until", "did not begin until".
fn is_held_back(tokens: &[Token]) -> bool {
    const BACK: Words<'_> =
        Words::of(&["held", "wait", "waited", "waiting", "postponed", "delayed", "hold", "paused"]);
    says_any(tokens, BACK) || turned(tokens)
}

/// The task that a part of a sentence is about.
fn task(case: &Case<'_>, jobs: &Jobs, tokens: &[Token]) -> Option<u32> {
    let end = tokens.iter().position(|token| token.is_sign(';')).unwrap_or(tokens.len());
    let tokens = &tokens[..end];
    if let Some(found) = jobs.one_at_work(case, tokens) {
        return Some(found);
    }
    let said: Vec<Root> = case.book.roots.with_numbers(tokens);
    let best = case.book.one(&said, |entry| entry.task.is_some())?;
    let titled = best.shared >= 2 && best.covered > 0.5 || best.named > 0.99 && best.covered > 0.3;
    case.book.entries[best.entry].task.filter(|_| titled)
}

fn turned(tokens: &[Token]) -> bool {
    says_any(tokens, &["not", "never", "nobody", "neither", "nor"])
}

fn state(tokens: &[Token]) -> State {
    let undone = says_any(
        tokens,
        words![
            "not",
            "yet",
            "never",
            "still",
            "unfinished",
            "open",
            "will",
            "pending",
            "outstanding",
            "nobody",
            "none",
            "nothing"
        ],
    ) || says_one(tokens, &["in progress", "under way", "being"]);
    if undone { State::Undone } else { State::Done }
}
