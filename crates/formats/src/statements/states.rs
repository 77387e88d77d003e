//! The state that a short text says: a status cell, what stands behind a label, the end of a heading.

use model::draft::Stated;

use super::standings::{State, TAKES_BACK, VERIFIED};
use super::tokens::{Kind, Token};
use super::words::{says_any, words};
use crate::words::status;

/// The state a short value says: a status cell, what follows `Status:`.
pub(super) fn value_state(tokens: &[Token]) -> Option<State> {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| token.is_word() || token.is_sign('?'))
        .map(|token| &*token.text)
        .collect();
    if words.is_empty() {
        return tokens.iter().find_map(picture_state);
    }
    let percent = tokens.windows(2).find(|pair| pair[1].is_sign('%')).and_then(|pair| pair[0].number());
    let text = words.join(" ");
    if ["missed", "fail", "red", "not met", "unmet"].iter().any(|word| text.starts_with(word)) {
        return Some(State::Open);
    }
    Some(match status::state(&text)? {
        Stated::Claimed if percent.is_some_and(|percent| percent < 100.0) => State::Active,
        Stated::Claimed if tokens.iter().any(|token| token.is_any(VERIFIED)) => State::Verified,
        Stated::Claimed => State::Done,
        Stated::Active => State::Active,
        Stated::Open => State::Open,
        Stated::Dropped => return None,
    })
}

pub(super) fn picture_state(token: &Token) -> Option<State> {
    Some(match token.kind {
        Kind::Sign('✅' | '✔' | '☑' | '✓' | '🏁') => State::Done,
        Kind::Sign('🟡' | '🟠' | '🔄' | '🚧' | '🔵') => State::Active,
        Kind::Sign('🔴' | '⚪' | '⬜' | '⏳' | '❌' | '☐' | '🔜') => State::Open,
        _ => return None,
    })
}

/// The state at the end of a heading: "Phase 7 – COMPLETE", "✅ Phase 7 complete".
pub(super) fn tail_state(tokens: &[Token]) -> Option<State> {
    let last = tokens.iter().rev().find(|token| token.is_word())?;
    let states =
        ["complete", "completed", "done", "finished", "accomplished", "closed", "delivered", "verified"];
    let ends = last.is_any(&states)
        && !says_any(tokens, TAKES_BACK)
        && !says_any(tokens, words!["what", "when", "how", "definition", "to", "be", "get", "getting"]);
    if ends {
        return Some(if last.is("verified") { State::Verified } else { State::Done });
    }
    let mark = tokens.iter().rposition(|token| {
        matches!(token.kind, Kind::Sign(':' | '–' | '(')) || (token.is_sign('-') && token.spaced)
    })?;
    value_state(&tokens[mark + 1..])
}
