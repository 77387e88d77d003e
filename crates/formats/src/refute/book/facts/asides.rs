//! Asides that say the plan was kept to: "just as the plan's task order foresees", "according to the
//! handoff". They make a statement one about the plan, and say nothing of the work.

use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrase_at};

/// A sentence without such asides.
pub(super) struct Bare {
    pub(super) tokens: Vec<Token>,
    /// Whether there was one.
    pub(super) by_plan: bool,
}

const BEGINS: &[&str] = &[
    "just as",
    "exactly as",
    "precisely as",
    "as",
    "following",
    "according to",
    "in keeping with",
    "in line with",
    "in accordance with",
    "in compliance with",
    "in agreement with",
    "consistent with",
    "true to",
    "respecting",
    "by",
    "under",
    "per",
    "going by",
    "in",
];

const OF_PLAN: Words<'_> = Words::of(&[
    "plan",
    "plans",
    "planned",
    "planning",
    "handoff",
    "schedule",
    "scheduled",
    "foreseen",
    "roadmap",
    "dependencies",
    "document",
    "agreed",
    "intended",
    "required",
    "prescribed",
    "demanded",
    "rule",
    "gate",
    "criterion",
    "criteria",
]);

/// So far behind its beginning an aside speaks of the plan.
const NEAR: usize = 5;

pub(super) fn bare(tokens: &[Token]) -> Bare {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut by_plan = false;
    let mut at = 0;
    while at < tokens.len() {
        match aside(tokens, at) {
            Some(end) => {
                by_plan = true;
                at = end;
            }
            None => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    while kept.first().is_some_and(|first| first.is_sign(',')) {
        kept.remove(0);
    }
    Bare { tokens: kept, by_plan }
}

/// Where an aside that begins here ends.
fn aside(tokens: &[Token], at: usize) -> Option<usize> {
    let opens = at == 0 || tokens[at - 1].is_sign(',') || tokens[at].is_any(&["as", "according", "just"]);
    let length = BEGINS.iter().filter(|_| opens).find_map(|phrase| phrase_at(tokens, at, phrase))?;
    let body = at + length;
    let of_plan = (body..tokens.len().min(body + NEAR)).find(|place| tokens[*place].is_in(OF_PLAN))?;
    let clear = |token: &Token| token.is_word() || token.is_sign('\'');
    if !tokens[body..of_plan].iter().all(clear) {
        return None;
    }
    let stop = (of_plan..tokens.len()).find(|place| {
        tokens[*place].is_sign(',') || tokens[*place].is_sign(';') || tokens[*place].is_sign('.')
    });
    let end = stop.unwrap_or(tokens.len());
    // "According to the plan 7.4 waits for 7.3": no comma ends it.
    let end = if end - of_plan > 8 { of_plan + 1 } else { end };
    Some(if stop == Some(end) && tokens[end].is_sign(',') && at == 0 { end + 1 } else { end })
}
