//! What a report says one task needs of another: "the changelog does not have to wait for the reference",
//! "the image must be slimmed before work on the shards can begin".

use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrase_at, says, says_any, says_one, words};

use super::super::super::Case;
use super::super::super::order::Needs;
use super::super::jobs::Jobs;
use super::asides::{Bare, bare};
use super::{Sentence, tell};

/// What a sentence claims of two tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// The left needs the right.
    Needs,
    /// The left does not need the right.
    Free,
    /// The right needs the left.
    Precedes,
    /// The left may come before the right.
    First,
    /// The left needs nothing.
    Nothing,
}

/// Phrases between what waits and what it waits for, or does not; those of several words first.
const JOINTS: &[(&str, Claim)] = &[
    ("not have to wait for", Claim::Free),
    ("not need to wait for", Claim::Free),
    ("not had to wait for", Claim::Free),
    ("never had to wait for", Claim::Free),
    ("no need to wait for", Claim::Free),
    ("need not wait for", Claim::Free),
    ("not wait for", Claim::Free),
    ("not waiting for", Claim::Free),
    ("without waiting for", Claim::Free),
    ("not depend on", Claim::Free),
    ("not depending on", Claim::Free),
    ("not dependent on", Claim::Free),
    ("not blocked by", Claim::Free),
    ("not hinge on", Claim::Free),
    ("not rely on", Claim::Free),
    ("independent of", Claim::Free),
    ("independently of", Claim::Free),
    ("has to wait for", Claim::Needs),
    ("have to wait for", Claim::Needs),
    ("had to wait for", Claim::Needs),
    ("must wait for", Claim::Needs),
    ("waits for", Claim::Needs),
    ("depends on", Claim::Needs),
    ("depended on", Claim::Needs),
    ("depend on", Claim::Needs),
    ("dependent on", Claim::Needs),
    ("wait for", Claim::Needs),
    ("waited for", Claim::Needs),
    ("waiting for", Claim::Needs),
    ("hinges on", Claim::Needs),
    ("blocked by", Claim::Needs),
    ("held up by", Claim::Needs),
    ("prerequisite for", Claim::Precedes),
    ("prerequisite of", Claim::Precedes),
    ("precondition for", Claim::Precedes),
    ("unblocks", Claim::Precedes),
    ("go ahead without", Claim::Free),
    ("start without", Claim::Free),
    ("begin without", Claim::Free),
    ("proceed without", Claim::Free),
    ("no prerequisite", Claim::Nothing),
    ("no prerequisites", Claim::Nothing),
    ("no dependency", Claim::Nothing),
    ("no dependencies", Claim::Nothing),
    ("without prerequisites", Claim::Nothing),
    ("without dependencies", Claim::Nothing),
];

/// Each of the phrases has one of these.
const TELLING: Words<'_> = Words::of(&[
    "wait",
    "waits",
    "waited",
    "waiting",
    "depend",
    "depends",
    "depended",
    "depending",
    "dependent",
    "blocked",
    "hinge",
    "hinges",
    "rely",
    "independent",
    "independently",
    "held",
    "prerequisite",
    "precondition",
    "unblocks",
    "prerequisites",
    "without",
    "dependency",
    "dependencies",
]);

pub(super) fn judge(case: &mut Case<'_>, needs: &Needs, jobs: &Jobs, sentence: &Sentence<'_>) {
    if joint(sentence.tokens).is_none() && !says_any(sentence.tokens, MODALS) {
        return;
    }
    let Bare { tokens, by_plan } = bare(sentence.tokens);
    if says_any(&tokens, words!["if", "would", "should", "instead", "unless", "wish", "changed", "revised"]) {
        return;
    }
    if each_other(case, needs, sentence, &tokens) {
        return;
    }
    let Some((claim, at, end)) = joint(&tokens) else { return };
    let left = before(case, jobs, &tokens, at);
    let Some(left) = left else { return };
    let next = tokens.get(end);
    let on_none = claim == Claim::Needs && next.is_some_and(|next| next.is_any(&["no", "nothing", "nobody"]));
    if claim == Claim::Nothing || on_none {
        return free(case, needs, sentence, left);
    }
    let right = behind(case, jobs, &tokens, end);
    if right.is_empty() {
        if claim == Claim::Free && tokens.get(end).is_some_and(|next| next.is_any(ANYTHING)) {
            free(case, needs, sentence, left);
        }
        return;
    }
    for right in right {
        let present = says_any(&tokens[at..end], &["waits", "depends", "hinges"])
            || !says_any(&tokens, &["had", "could", "was", "were", "did"]);
        let only = tokens[at.saturating_sub(2)..at].iter().any(|token| token.is("only"));
        let of_plan = by_plan || present || only || says_any(&tokens, &["plan"]);
        one(case, needs, sentence, (claim, left, right), of_plan);
    }
}

const ANYTHING: &[&str] = &["anything", "anybody", "anyone", "any", "other"];

fn one(
    case: &mut Case<'_>,
    needs: &Needs,
    sentence: &Sentence<'_>,
    (claim, left, right): (Claim, u32, u32),
    of_plan: bool,
) {
    let (task, need) = if claim == Claim::Precedes { (right, left) } else { (left, right) };
    if left == right {
        return;
    }
    let (named, other, place) = (case.key(task), case.key(need), case.task_place(task));
    let help = "tell what needs what, or change the plan's dependencies";
    let message = match claim {
        Claim::Free | Claim::First if needs.needs(task, need) => {
            format!("by the plan, `{named}` needs `{other}` ({place})")
        }
        Claim::Free | Claim::First | Claim::Nothing => return,
        _ if needs.needs(need, task) => {
            format!("by the plan, it is `{other}` that needs `{named}` ({})", case.task_place(need))
        }
        _ if needs.needs(task, need) => {
            case.held_more += 1;
            return;
        }
        // What was waited for beyond what the plan asks is the report's to tell.
        _ if of_plan && needs.are_told(task) => needed(case, needs, task),
        _ => return,
    };
    tell(case, sentence.span(), message, help);
}

/// "Waits for nothing", where the plan has it wait.
fn free(case: &mut Case<'_>, needs: &Needs, sentence: &Sentence<'_>, task: u32) {
    const HEDGES: Words<'_> = Words::of(&[
        "more",
        "further",
        "else",
        "longer",
        "since",
        "already",
        "now",
        "open",
        "unmet",
        "left",
        "outstanding",
    ]);
    let hedged = says_any(sentence.tokens, HEDGES);
    if needs.direct(task).is_empty() || hedged {
        return;
    }
    let message = needed(case, needs, task);
    tell(case, sentence.span(), message, "tell what it needs, or change the plan's dependencies");
}

fn needed(case: &Case<'_>, needs: &Needs, task: u32) -> String {
    let direct: Vec<String> =
        needs.direct(task).iter().map(|task| format!("`{}`", case.key(*task))).collect();
    let direct = if direct.is_empty() { "nothing".to_owned() } else { direct.join(", ") };
    format!("by the plan, `{}` needs {direct} ({})", case.key(task), case.task_place(task))
}

/// "Since neither depends on the other": two tasks of which one needs the other.
fn each_other(case: &mut Case<'_>, needs: &Needs, sentence: &Sentence<'_>, tokens: &[Token]) -> bool {
    let apart = ["neither depends on the other", "not depend on each other", "independent of each other"];
    if !says_one(tokens, &apart) {
        return false;
    }
    let mentions = case.titles.mentions(tokens);
    let [left, right] = mentions.as_slice() else { return false };
    let (left, right) = (left.task, right.task);
    one(case, needs, sentence, (Claim::Free, left, right), true);
    one(case, needs, sentence, (Claim::Free, right, left), true);
    true
}

/// The claim of a sentence, with where the words of it stand.
fn joint(tokens: &[Token]) -> Option<(Claim, usize, usize)> {
    let may_wait = says_any(tokens, TELLING);
    let phrase = (0..tokens.len()).filter(|_| may_wait).find_map(|at| {
        let (length, claim) =
            JOINTS.iter().find_map(|(phrase, claim)| Some((phrase_at(tokens, at, phrase)?, *claim)))?;
        Some((claim, at, at + length))
    });
    if let Some((claim, at, _)) = phrase {
        // "Could start, since it was done already": nothing had to be waited for any more.
        let over = claim == Claim::Free
            && says_any(tokens, words!["already", "longer", "because", "since", "anymore", "any more"]);
        // "Does not yet unblock": not said so.
        let denied = claim != Claim::Free
            && tokens[at.saturating_sub(3)..at].iter().any(|token| token.is_any(&["not", "never", "no"]));
        let modal = modal(tokens).filter(|(_, modal, _)| *modal < at);
        return modal.or(phrase.filter(|_| !over && !denied));
    }
    modal(tokens).or_else(|| in_turn(tokens))
}

/// "Cannot start until …", "must be slimmed before …", "can begin before …".
fn modal(tokens: &[Token]) -> Option<(Claim, usize, usize)> {
    let at = tokens.iter().enumerate().position(|(at, token)| at > 0 && token.is_in(MODALS))?;
    let joint =
        (at + 1..tokens.len()).find(|place| tokens[*place].is_any(&["until", "before", "once", "after"]))?;
    let between = &tokens[at..joint];
    if between.iter().any(|token| token.is_sign(',') || token.is_sign(';')) || between.len() > 10 {
        return None;
    }
    let only =
        says_any(between, &["only"]) || at > 0 && tokens[at - 1].is("only") || tokens[joint - 1].is("only");
    let denied = says_any(between, &["not", "cannot", "never"]);
    let waits = says_any(between, &["wait", "waits", "held", "blocked"]);
    let word = &tokens[joint];
    let able = tokens[at].is_any(&["can", "could", "may", "cannot", "allowed"]);
    let claim = if word.is("before") {
        match (denied, able) {
            (true, true) => Claim::Needs,
            (true, false) if tokens[at].is("must") => Claim::Needs,
            (false, true) => Claim::First,
            (false, false) if !waits => Claim::Precedes,
            _ => return None,
        }
    } else if word.is("until") {
        if !(denied || waits) {
            return None;
        }
        Claim::Needs
    } else if only || !able {
        Claim::Needs
    } else {
        return None;
    };
    Some((claim, at, joint + 1))
}

const MODALS: Words<'_> =
    Words::of(&["can", "could", "may", "must", "cannot", "has", "have", "had", "allowed"]);

/// "Can be retired first, with the read switch following afterwards."
fn in_turn(tokens: &[Token]) -> Option<(Claim, usize, usize)> {
    let at = tokens.iter().position(|token| token.is("first"))?;
    let comma = (at + 1..tokens.len().min(at + 3)).find(|place| {
        tokens[*place].is_sign(',') || tokens[*place].is_sign(';') || tokens[*place].is("and")
    })?;
    let later = says_any(
        &tokens[comma..],
        words![
            "following",
            "follows",
            "followed",
            "after",
            "afterwards",
            "thereafter",
            "next",
            "later",
            "then",
            "second"
        ],
    );
    // "In the first, …": the first of some.
    let of_some = tokens[at - usize::from(at > 0)].is_any(&["the", "our", "its"]);
    (later && !of_some && at > 1).then_some((Claim::First, at, comma + 1))
}

/// The task that stands before a joint: in its part of the sentence, or where a word refers back.
fn before(case: &Case<'_>, jobs: &Jobs, tokens: &[Token], at: usize) -> Option<u32> {
    let start = tokens[..at]
        .iter()
        .rposition(|token| token.is_sign(',') || token.is_sign(';') || token.is_in(JOINS))
        .map_or(0, |place| place + 1);
    let near = &tokens[start..at];
    let back = near.iter().any(|token| token.is_any(&["it", "they", "this", "that", "which"]));
    jobs.one(case, near).or_else(|| jobs.one(case, &tokens[..at]).filter(|_| back))
}

const JOINS: Words<'_> =
    Words::of(&["because", "since", "but", "so", "hence", "therefore", "although", "though", "while"]);

/// The tasks that stand behind a joint.
fn behind(case: &Case<'_>, jobs: &Jobs, tokens: &[Token], start: usize) -> Vec<u32> {
    let end = tokens[start..]
        .iter()
        .position(|token| token.is_sign(',') || token.is_sign(';') || token.is_in(JOINS))
        .map_or(tokens.len(), |place| start + place);
    let stretch = &tokens[start..end];
    if let Some(only) = jobs.one(case, stretch) {
        return vec![only];
    }
    if says(stretch, "or") {
        return Vec::new();
    }
    stretch.split(|token| token.is("and")).filter_map(|part| jobs.one(case, part)).collect()
}
