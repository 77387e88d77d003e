//! Sentences, and the clauses in them: how far a word reaches.

use std::ops::Range;

use super::tokens::{Kind, Token};
use super::words::List;

/// The sentences of a passage, as ranges of its tokens. A line that begins with a label (`Status: …`)
/// is a sentence of its own.
pub(crate) fn sentences(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..tokens.len() {
        let ends = matches!(tokens[at].kind, Kind::Sign('.' | '!' | '?'))
            && tokens.get(at + 1).is_none_or(|next| next.spaced || next.is_sign('"') || next.is_sign(')'))
            && !abbreviates(tokens, at);
        if ends {
            found.push(start..at + 1);
            start = at + 1;
        } else if at > start && tokens[at].fresh && labels_line(&tokens[at..]) {
            found.push(start..at);
            start = at;
        }
    }
    if start < tokens.len() {
        found.push(start..tokens.len());
    }
    found
}

/// "e.g.", "vs.", "approx."
fn abbreviates(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    before.is_some_and(|before| before.is_any(&["approx", "vs", "e", "g", "i", "cf", "resp", "ca", "incl"]))
        && tokens.get(at + 1).is_some_and(|next| !next.fresh)
}

/// Whether a line begins like `Clippy warnings: 34`.
fn labels_line(tokens: &[Token]) -> bool {
    let end = tokens.iter().take(7).position(|token| token.is_sign(':'));
    end.is_some_and(|end| {
        end > 0 && tokens[..end].iter().all(|token| !token.is_sign('.') && !token.is_sign(','))
    })
}

/// The stretch around `at` that ends at semicolons, dashes, brackets and words such as "but".
pub(crate) fn clause(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Range<usize> {
    let mut start = at;
    while start > sentence.start && !divides(tokens, start - 1) {
        start -= 1;
    }
    let mut end = at + 1;
    while end < sentence.end && !divides(tokens, end) {
        end += 1;
    }
    start..end
}

/// Whether a token stands between two clauses.
pub(crate) fn divides(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    match token.kind {
        Kind::Sign(';' | '(' | ')' | '[' | ']') => true,
        Kind::Sign('–' | '-') => {
            // A dash between words; not the hyphen of "cold-cache", the sign of −25 or a range.
            let next = tokens.get(at + 1);
            token.spaced && next.is_some_and(|next| next.spaced)
        }
        Kind::Word => {
            // "Because of", "have since been removed"
            let within = at > 0
                && (tokens[at - 1].is("of")
                    || token.is("since") && tokens[at - 1].is_any(&["have", "has", "had"]));
            token.is_of(List::Turns) && !within
        }
        _ => false,
    }
}

/// Whether a token stands between two parts of a clause that may speak of different things.
pub(crate) fn pauses(token: &Token) -> bool {
    matches!(token.kind, Kind::Sign(',' | ':' | '|' | '/' | '.' | '?' | '!'))
        || token.is_any(&["and", "or", "plus"])
}

/// Whether the token stands between quotation marks, and what stands there is a quotation: three words
/// or more.
pub(crate) fn quoted(tokens: &[Token], sentence: &Range<usize>, at: usize) -> bool {
    let marks: Vec<usize> = sentence.clone().filter(|place| tokens[*place].is_sign('"')).collect();
    marks.chunks_exact(2).any(|pair| pair[0] < at && at < pair[1] && pair[1] - pair[0] > 3)
}
