//! Whether a sentence owns up to falling short, or says that what was wanted is reached.

use std::ops::Range;

use super::figures::Admitted;
use super::tokens::{Kind, Token};
use super::words::{List, Phrases, phrases, says, says_any, says_of, says_one, words};

/// Phrases for what is not as it was wanted.
const FALLS_SHORT: Phrases<'_> = Phrases::of(&[
    "not enough",
    "too many",
    "too high",
    "too slow",
    "too low",
    "too small",
    "too little",
    "out of reach",
    "more work is needed",
    "away from passing",
    "away from the",
    "not passed",
    "not there",
    "stays open",
    "stay open",
    "remains open",
    "remain open",
    "kept open",
    "not good",
]);

/// How far a sentence owns up to falling short.
pub(super) fn admitted(tokens: &[Token], sentence: &Range<usize>, clause: &Range<usize>) -> Admitted {
    let whole = &tokens[sentence.clone()];
    let marked =
        whole.iter().any(|token| matches!(token.kind, Kind::Sign('❌' | '✗' | '✘' | '🔴' | '⚠' | '🟥')));
    if !marked && !says_of(whole, List::Owning) {
        return Admitted::No;
    }
    let denies_reaching = whole.iter().enumerate().any(|(at, token)| {
        token.is_any(&["not", "never", "isn", "without", "cannot"])
            && whole[at + 1..whole.len().min(at + 6)]
                .iter()
                .any(|next| next.is_of(List::Reached) && !next.is_any(&["on", "ok"]))
    });
    let unfinished = whole.iter().enumerate().any(|(at, token)| {
        token.is("not")
            && whole[at + 1..whole.len().min(at + 4)].iter().any(|next| {
                next.is_any(&["finished", "done", "complete", "completed", "ready", "closed", "over"])
            })
    });
    let not_enough = unfinished
        || says_any(whole, &["not", "cannot", "never"])
            && says_one(
                whole,
                phrases![
                    "not calling",
                    "not call",
                    "not counting",
                    "not claiming",
                    "not claim",
                    "cannot claim",
                    "cannot call",
                    "not sufficient",
                    "not suffice"
                ],
            )
        || says_one(whole, FALLS_SHORT)
        || one_of_several(whole)
        || fewer_than_wanted(whole);
    let above = whole.iter().enumerate().any(|(at, token)| {
        token.is_any(&["above", "over", "outside", "beyond", "below", "under", "off"])
            && whole[at + 1..whole.len().min(at + 6)].iter().any(|next| {
                next.is_any(&[
                    "aim",
                    "aimed",
                    "wanted",
                    "allowed",
                    "target",
                    "goal",
                    "limit",
                    "threshold",
                    "budget",
                    "plan",
                    "gate",
                    "bar",
                    "mark",
                    "ceiling",
                    "allowance",
                    "planned",
                    "range",
                    "corridor",
                    "band",
                    "window",
                ])
            })
            && (token.is_any(&["above", "over", "outside", "beyond", "off"])
                || says_any(whole, &["still", "yet"]))
    });
    let leaves = says_any(whole, &["leaves", "leaving", "left"]) && says(whole, "to do");
    let lacks = says_one(whole, &["still missing", "are missing", "is missing"]);
    let to_go = leaves || lacks || says_one(whole, &["to go", "yet to", "still to"]);
    let fails_target = whole.iter().enumerate().any(|(at, token)| {
        token.is_of(List::Admits)
            && (at > 0 || whole.len() > 2)
            && !says_any(
                &whole[at.saturating_sub(3)..at],
                words!["no", "not", "never", "zero", "without", "neither", "none", "nor"],
            )
            && (token.is_any(&[
                "missed",
                "misses",
                "miss",
                "unmet",
                "insufficient",
                "unfortunately",
                "regrettably",
                "overshoots",
                "overshot",
                "breached",
                "breaches",
                "violates",
                "unsatisfied",
                "disappointing",
            ]) || whole[at + 1..whole.len().min(at + 6)].iter().any(|next| {
                next.is_of(List::Wanted)
                    || next.is_any(&["of", "reach", "meet", "hit"])
                        && token.is_any(&["short", "failed", "fails", "behind"])
            }) || whole[at.saturating_sub(5)..at].iter().any(|before| before.is_of(List::Wanted)))
    });
    let fails = (0..whole.len()).any(|at| fails_itself(whole, at) || falls_short(whole, at));
    if denies_reaching || not_enough || above || marked || fails_target || fails {
        return Admitted::Plainly;
    }
    let _ = clause;
    let goes_on = says_one(whole, &["goes on", "go on", "work continues"]);
    if to_go || goes_on || says_of(whole, List::GoesOn) || says_one(whole, &["not yet", "still open"]) {
        return Admitted::InPart;
    }
    Admitted::No
}

/// "Only one of the two gates is passed."
fn one_of_several(whole: &[Token]) -> bool {
    let wanted = |token: &Token| token.is_any(&["gates", "criteria", "targets", "limits", "goals"]);
    let only = whole.iter().position(|token| token.is_any(&["only", "just"]));
    only.is_some_and(|at| {
        let near = &whole[at + 1..whole.len().min(at + 6)];
        near.iter().any(|token| token.is("of")) && near.iter().any(wanted)
    })
}

/// "One fewer than the level that had to be maintained."
fn fewer_than_wanted(whole: &[Token]) -> bool {
    let at = (1..whole.len()).find(|at| {
        whole[*at].is("than") && whole[at - 1].is_any(&["fewer", "less", "more", "lower", "higher", "slower"])
    });
    at.is_some_and(|at| {
        let rest = &whole[at + 1..];
        says_one(
            rest,
            phrases![
                "had to be",
                "has to be",
                "to be maintained",
                "to be kept",
                "the minimum",
                "the maximum",
                "was allowed",
                "is allowed",
                "was required"
            ],
        )
    })
}

/// "Falls one percentage point short", at the end of what is said.
fn falls_short(whole: &[Token], at: usize) -> bool {
    whole[at].is("short")
        && whole.get(at + 1).is_none_or(|next| !next.is_word())
        && whole[at.saturating_sub(6)..at]
            .iter()
            .any(|before| before.is_any(&["falls", "fell", "comes", "came", "stays", "stayed"]))
}

/// "We narrowly fail this one", "so we failed it", "which at 57 s fails it".
fn fails_itself(whole: &[Token], at: usize) -> bool {
    if whole[at].is_any(&["fails", "failed", "misses", "missed"])
        && whole.get(at + 1).is_some_and(|next| next.is_any(&["it", "that", "them", "both"]))
    {
        return true;
    }
    if !whole[at].is_any(&["fail", "fails", "failed"]) {
        return false;
    }
    let who =
        whole[at.saturating_sub(3)..at].iter().any(|before| before.is_any(&["we", "it", "this", "they"]));
    let ends = whole[at + 1..].iter().take_while(|next| !next.is_sign(',')).filter(|next| next.is_word());
    who && ends.clone().count() <= 3
        && ends.clone().all(|next| !next.telling || next.is_any(&["one", "gate", "criterion", "target"]))
}

/// Phrases for what is as it was wanted.
const ENOUGH: Phrases<'_> = Phrases::of(&[
    "few enough",
    "fast enough",
    "good enough",
    "low enough",
    "small enough",
    "quick enough",
    "is sufficient",
    "was sufficient",
    "sufficed",
    "suffices",
]);
const ENOUGH_TO_REACH: Phrases<'_> = Phrases::of(&[
    "enough to meet",
    "enough to reach",
    "enough to satisfy",
    "enough to pass",
    "enough to hit",
    "all it took to satisfy",
    "all it took to meet",
    "all it took to reach",
]);

/// Whether a sentence says that what was wanted is reached.
pub(super) fn offered(tokens: &[Token], sentence: &Range<usize>) -> bool {
    let whole = &tokens[sentence.clone()];
    let marked =
        whole.iter().any(|token| matches!(token.kind, Kind::Sign('✅' | '✔' | '☑' | '✓' | '🟢' | '🎉')));
    if !marked && !says_of(whole, List::Offering) {
        return false;
    }
    // "More work is needed before the target is reached"
    let ahead =
        says_any(whole, &["needed", "required", "necessary"]) && says_any(whole, &["before", "until"]);
    let denied = ahead || says_any(whole, &["not", "never", "cannot", "nor"]);
    let reached = whole.iter().any(|token| {
        token.is_any(&[
            "met",
            "meets",
            "hit",
            "achieved",
            "satisfied",
            "satisfies",
            "fulfilled",
            "fulfils",
            "fulfills",
            "reached",
            "reaches",
            "ticked",
        ])
    }) && (says_of(whole, List::Wanted) || says(whole, "as planned"));
    let reached = reached
        || says_one(
            whole,
            phrases![
                "criterion is done",
                "criterion is complete",
                "target is done",
                "gate is done",
                "gate is passed"
            ],
        )
        || says_any(whole, &["holds", "hold"])
            && says_any(whole, &["criterion", "criteria", "gate", "target"])
        || says_one(whole, ENOUGH)
        || says_any(whole, &["neither", "none", "no"])
            && says_any(whole, words!["gate", "gates", "criterion", "criteria", "target", "targets"])
            && says_any(whole, &["missed", "failed", "unmet", "breached"])
        || says_of(whole, List::Wanted) && says_one(whole, ENOUGH_TO_REACH);
    let within = says_one(
        whole,
        phrases![
            "as planned",
            "within target",
            "on target",
            "as targeted",
            "as required",
            "within the target",
            "well within"
        ],
    ) || whole.iter().enumerate().any(|(at, token)| {
        let behind = &whole[at + 1..whole.len().min(at + 7)];
        token.is_any(&["within", "inside"]) && says_of(behind, List::Wanted)
            || token.is_any(&["under", "below"])
                && at > 0
                && whole[at - 1].is_any(&["is", "are", "now", "well", "comfortably", "safely"])
                && behind.iter().take(3).any(|next| next.is_any(&["limit", "threshold", "ceiling", "target"]))
            || token.is_any(&["as", "what"])
                && behind.iter().zip(behind.iter().skip(1)).any(|(one, next)| {
                    one.is_any(&["plan", "gate", "target"])
                        && next.is_any(&["asks", "demands", "wants", "requires", "allows"])
                })
    });
    // "Which the plan permits", "fast enough for the plan"
    let permitted = whole.windows(2).any(|two| {
        two[0].is_any(&["plan", "gate", "handoff"])
            && two[1].is_any(&[
                "permits",
                "allows",
                "accepts",
                "tolerates",
                "permitted",
                "allowed",
                "accepted",
            ])
    });
    let permitted = permitted && !says_any(whole, &["than", "only", "if", "what"])
        || says_one(whole, &["enough for the plan", "enough for the gate", "enough for the target"]);
    (marked || reached || within || permitted) && !denied
}
