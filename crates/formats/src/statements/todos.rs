//! What a report says is still to do.

use model::diagnostic::Span;

use super::clauses::sentences;
use super::figures::stems;
use super::passages::{Place, Report};
use super::tokens::{Kind, Token};
use super::vocabulary::Word;
use super::words::{Words, phrases, says_any, says_one, words};

/// Work that is still to do.
#[derive(Debug, Clone)]
pub(crate) struct Todo {
    /// The words that say what.
    pub(crate) words: Vec<Word>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) span: Span,
}

/// Everything a report lists as still to do, or says has not been done.
pub(crate) fn todos(report: &Report) -> Vec<Todo> {
    let mut found = Vec::new();
    for passage in &report.passages {
        let listed = match passage.place {
            Place::Heading(_) => continue,
            Place::Item(Some(true)) => false,
            Place::Cell { .. } => continue,
            _ => {
                report.headings(passage).next().is_some_and(|heading| announces(&heading.tokens))
                    || passage.above.is_some_and(|above| announces(&report.passages[above].tokens))
            }
        };
        for sentence in sentences(&passage.tokens) {
            let tokens = &passage.tokens[sentence];
            let labelled = tokens.iter().position(|token| token.is_sign(':')).filter(|colon| {
                let label = tokens[..*colon].iter().rposition(|token| token.is_sign(';'));
                let label = &tokens[label.map_or(0, |at| at + 1)..*colon];
                label.len() <= 6 && announces(label) && colon + 1 < tokens.len()
            });
            let body = labelled.map(|colon| colon + 1).or_else(|| what_remains(tokens));
            if let Some(body) = listed_as_next(tokens).filter(|_| !listed) {
                let span = Span { start: body[0].span.start, end: body[body.len() - 1].span.end };
                found.push(Todo { words: stems(body), tokens: body.to_vec(), span });
                continue;
            }
            let undone = says_undone(tokens);
            let said = if undone && !listed && labelled.is_none() { part_undone(tokens) } else { tokens };
            let body = body.map_or(said, |from| &tokens[from..]);
            if (listed || labelled.is_some() || undone) && !is_done(body) && !body.is_empty() {
                let span = Span { start: body[0].span.start, end: body[body.len() - 1].span.end };
                found.push(Todo { words: stems(body), tokens: body.to_vec(), span });
            }
        }
    }
    found
}

/// "Running the test suite is listed under next steps": what is so listed.
fn listed_as_next(tokens: &[Token]) -> Option<&[Token]> {
    const LISTED: Words<'_> =
        Words::of(&["listed", "named", "noted", "filed", "stands", "appears", "kept", "is", "are"]);
    // "The next step is to run the tests"
    let next = tokens.windows(3).position(|three| {
        three[0].is("next") && three[1].is_any(&["step", "steps"]) && three[2].is_any(&["is", "are"])
    });
    if let Some(body) = next.and_then(|next| tokens.get(next + 3..)).filter(|body| body.len() > 1) {
        return Some(body);
    }
    let at = (2..tokens.len()).find(|at| {
        tokens[*at].is_any(&["under", "among", "in", "on"])
            && tokens[at - 1].is_in(LISTED)
            && announces(&tokens[at + 1..tokens.len().min(at + 5)])
    })?;
    let start = tokens[..at]
        .iter()
        .rposition(|token| token.is_sign(',') || token.is_sign(';') || token.is_any(&["and", "but", "while"]))
        .map_or(0, |place| place + 1);
    let end = tokens[..at]
        .iter()
        .rposition(|token| !token.is_in(LISTED) && !token.is_any(&["still"]))
        .map_or(at, |place| place + 1);
    tokens.get(start..end).filter(|body| !body.is_empty())
}

/// "What remains is to run …", "all that is left is …": where what is to do begins.
fn what_remains(tokens: &[Token]) -> Option<usize> {
    let rest = |at: usize| tokens[at + 1..].iter().take(4).position(|next| next.is_any(&["is", "are"]));
    let at = tokens.iter().enumerate().position(|(at, token)| {
        token.is_any(&["remains", "remain", "left", "missing", "outstanding"])
            && says_any(
                &tokens[at.saturating_sub(4)..at],
                words!["what", "all", "thing", "things", "which", "only"],
            )
            && rest(at).is_some()
    })?;
    let from = at + 2 + rest(at)?;
    (from < tokens.len()).then_some(from)
}

/// Whether a heading or a label announces work to come.
fn announces(tokens: &[Token]) -> bool {
    if tokens.len() > 9 {
        return false;
    }
    let other = tokens.iter().any(|token| matches!(token.kind, Kind::Opaque))
        || says_one(tokens, &["next phase", "next plan"])
        || says_any(tokens, &["resolved", "closed", "completed"]);
    let says_so = says_one(
        tokens,
        phrases![
            "next steps",
            "next step",
            "next actions",
            "next up",
            "comes next",
            "what next",
            "to do",
            "loose ends",
            "coming up",
            "action items",
            "open items",
            "open points",
            "open work",
            "open tasks",
            "open ends",
            "still open",
            "not done",
            "not yet",
            "to be done",
            "to finish",
            "to come",
            "is left"
        ],
    ) || tokens.len() == 1 && tokens[0].is("next")
        || tokens.iter().enumerate().any(|(at, token)| {
            token.is("follow")
                && tokens
                    .get(at + 1..)
                    .is_some_and(|rest| rest.iter().take(2).any(|next| next.is_any(&["up", "ups"])))
        })
        || says_any(
            tokens,
            words![
                "remaining",
                "todo",
                "todos",
                "outstanding",
                "followups",
                "followup",
                "pending",
                "leftovers",
                "left",
                "remains",
                "unfinished",
                "upcoming",
                "afterwards",
                "tomorrow",
                "later",
                "deferred",
                "postponed"
            ],
        );
    says_so && !other
}

/// "We still have to run the tests", "the audit has yet to be done", "the suite was not run".
fn says_undone(tokens: &[Token]) -> bool {
    // Most sentences hold none of the words that it takes.
    const TELLTALE: Words<'_> = Words::of(&[
        "still",
        "yet",
        "remains",
        "remain",
        "left",
        "missing",
        "outstanding",
        "pending",
        "postponed",
        "skipped",
        "deferred",
        "will",
        "planned",
        "scheduled",
        "awaits",
        "awaiting",
        "waiting",
        "not",
        "never",
    ]);
    if !says_any(tokens, TELLTALE) {
        return false;
    }
    let still = what_remains(tokens).is_some()
        || says_one(
            tokens,
            phrases![
                "still has to",
                "still have to",
                "still needs to",
                "still need to",
                "still needs",
                "still to be",
                "still to",
                "yet to be",
                "yet to",
                "remains to be",
                "remain to be",
                "left to do",
                "is pending",
                "are pending",
                "still pending",
                "is outstanding",
                "are outstanding",
                "still outstanding",
                "has been postponed",
                "was postponed",
                "was skipped",
                "were skipped",
                "was deferred",
                "were deferred",
                "will follow",
                "will be run",
                "will be done",
                "will run",
                "is planned for",
                "are planned for",
                "is scheduled for",
                "are scheduled for",
                "is missing",
                "are missing",
                "awaits",
                "awaiting",
                "waiting for"
            ],
        )
        || tokens.iter().enumerate().any(|(at, token)| {
            token.is("still")
                && tokens[at + 1..].iter().take(4).any(|next| {
                    next.is_any(&["missing", "lack", "lacks", "lacking", "without", "absent", "unwritten"])
                })
        });
    let not = tokens.iter().enumerate().any(|(at, token)| {
        token.is_any(&["not", "never"])
            && at > 0
            && tokens[at - 1].is_any(&["has", "have", "is", "are", "was", "were", "did"])
            && tokens[at + 1..tokens.len().min(at + 5)].iter().any(|next| {
                next.is_any(&[
                    "run",
                    "ran",
                    "been",
                    "done",
                    "executed",
                    "performed",
                    "started",
                    "updated",
                    "written",
                    "reviewed",
                    "approved",
                    "signed",
                    "tested",
                    "verified",
                    "validated",
                    "finished",
                    "published",
                    "completed",
                    "carried",
                    "happened",
                    "measured",
                    "complete",
                ])
            })
    });
    still || not
}

/// The part of a sentence that says something is undone: "the handbook is not out, but all else is done".
fn part_undone(tokens: &[Token]) -> &[Token] {
    let turns = |token: &Token| {
        token.is_any(&["but", "although", "though", "while", "whereas"]) || token.is_sign(';')
    };
    tokens.split(turns).find(|part| says_undone(part)).unwrap_or(tokens)
}

/// "None", "nothing", "done already".
fn is_done(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|first| {
        first.is_any(&["none", "nothing", "no"]) || matches!(first.kind, Kind::Sign('✅' | '✔' | '✓' | '☑'))
    }) || says_any(tokens, &["already"]) && says_any(tokens, &["done", "finished", "complete", "completed"])
}
