//! What a figure states: how it is, how it was, how it is to be, by how much it changed.

use std::ops::Range;

use super::amounts::{Amount, Limit};
use super::changes::changed;
use super::figures::Role;
use super::limits::is_margin;
use super::numbers::Unit;
use super::times::{another_round, another_time, at_first, later};
use super::tokens::{Kind, Token};
use super::words::*;

/// What a figure states, from the words around it.
pub(super) fn role(
    tokens: &[Token],
    sentence: &Range<usize>,
    clause: &Range<usize>,
    amount: &Amount,
    timed: bool,
) -> Role {
    if amount.left_out {
        // "All but thirty have been cleared": thirty are left.
        let behind = &tokens[amount.tokens.end.min(clause.end)..clause.end];
        return if says_of(behind, List::Removed) { Role::Now } else { Role::Aside };
    }
    let own = &amount.tokens;
    let before =
        |back: usize| own.start.checked_sub(back).filter(|at| *at >= sentence.start).map(|at| &tokens[at]);
    let after = |ahead: usize| tokens.get(own.end + ahead).filter(|_| own.end + ahead < sentence.end);
    if wanted(tokens, sentence, clause, amount) {
        return if later(&tokens[clause.clone()]) { Role::Aside } else { Role::Wanted };
    }
    if is_margin(tokens, sentence, clause, own) {
        return Role::Aside;
    }
    let ahead = &tokens[clause.start..own.start];
    if before(1).is_some_and(|token| token.is("of")) && before(2).is_some_and(|token| token.is("out")) {
        return Role::Aside;
    }
    // "A gap of four", "between the two numbers"
    let gap = before(1).is_some_and(|token| token.is("of"))
        && before(2).is_some_and(|token| token.is_any(&["gap", "distance"]));
    let both = before(1).is_some_and(|token| token.is_any(&["the", "these", "both"]))
        && after(0).is_some_and(|token| token.is_any(&["numbers", "figures", "values", "ends"]));
    if gap || both {
        return Role::Aside;
    }
    // "Per thousand", "in every hundred": what is counted over.
    let over = before(1).is_some_and(|token| token.is("per"))
        || before(1).is_some_and(|token| token.is("every"))
            && before(2).is_some_and(|token| token.is_any(&["in", "of", "for"]));
    if over {
        return Role::Aside;
    }
    // "Of the 68 views, 64 are done": the whole, of which nothing is said yet.
    let the = before(1).is_some_and(|token| token.is_any(&["the", "our", "all", "these"]));
    let of = |back: usize| before(back).is_some_and(|token| token.is("of"));
    let opens = of(1) && own.start == clause.start + 1;
    let picked = before(3).is_some_and(|token| token.is_any(&["one", "all", "each", "any", "none"]));
    let of_whole = the && of(2) && !picked || opens;
    if of_whole
        && amount.unit == Unit::Count
        && amount.bound == Limit::Exact
        && amount.whole.is_none()
        && amount.value >= 2.0
    {
        return Role::Aside;
    }
    // "not 34 but 19", "no longer 34"
    let denied = amount.bound == Limit::Exact
        && amount.value != 0.0
        && (before(1).is_some_and(|token| token.is("not"))
            || (before(1).is_some_and(|token| token.is("longer"))
                && before(2).is_some_and(|token| token.is("no")))
            || (before(1).is_some_and(|token| token.is_any(&["at", "to", "the"]))
                && before(2).is_some_and(|token| token.is("not")))
            || says(ahead, "instead of")
            || before(1).is_some_and(|token| token.is_any(&["of", "than"]))
                && before(2).is_some_and(|token| token.is_any(&["instead", "rather"])));
    let disbelief = amount.value != 0.0
        && (ahead.first().is_some_and(|first| first.is_any(&["nobody", "none"]))
            || says_one(ahead, phrases!["any longer", "not true", "untrue", "wrong that"]));
    let denied = denied
        || disbelief
        || says(ahead, "did not") && !says_of(ahead, List::WentUp)
        || says(ahead, "never had");
    if denied || not_fact(tokens, clause, own) || was_never_wanted(tokens, clause, own) {
        return Role::Aside;
    }
    if let Some(sense) = amount.change {
        let aside = timed && another_time(tokens, clause) || another_round(tokens, clause, own);
        return if aside { Role::Aside } else { Role::Change(sense) };
    }
    // "compared three times"
    if amount.unit == Unit::Count
        && after(0).is_some_and(|token| token.is_any(&["times", "passes", "rounds"]))
        && !after(1).is_some_and(|token| token.is_any(&["a", "an", "per", "each", "every"]))
    {
        return Role::Aside;
    }
    // "2.1 s to 1.4 s", but not "by 41 to 14"
    if !before(1).is_some_and(|token| token.is_any(&["by", "of"]))
        && after(0).is_some_and(|token| token.is("to"))
        && after(1).is_some_and(|token| token.number().is_some())
    {
        return Role::Before;
    }
    if let Some(role) = by_joint(tokens, sentence, own) {
        return role;
    }
    // "Shaved twenty seconds off the sixty-second build"
    let glued = tokens[own.clone()].iter().any(|token| token.is_sign('-') && !token.spaced);
    if glued
        && amount.unit != Unit::Count
        && before(1).is_some_and(|token| token.is_any(&["the", "our", "its", "that"]))
        && before(2).is_some_and(|token| token.is_any(&["off", "from", "of"]))
        && says_of(ahead, List::Removed) | says_of(ahead, List::WentDown)
    {
        return Role::Before;
    }
    if let Some(sense) = changed(tokens, sentence, clause, amount) {
        return Role::Change(sense);
    }
    if at_first(tokens, clause, own) {
        return Role::Before;
    }
    if timed && another_time(tokens, clause) || another_round(tokens, clause, own) {
        return Role::Aside;
    }
    if after(0).is_some_and(|token| token.is_sign('→')) || arrow_ahead(tokens, sentence, own) {
        return Role::Before;
    }
    Role::Now
}

/// "from 55", "down from 55", "compared with 55".
fn by_joint(tokens: &[Token], sentence: &Range<usize>, own: &Range<usize>) -> Option<Role> {
    let mut at = own.start;
    // "from an original 55", "from a baseline of 55"
    while let Some(before) = at.checked_sub(1).filter(|before| *before >= sentence.start) {
        let fills = tokens[before].is_any(&[
            "a", "an", "the", "original", "initial", "of", "baseline", "starting", "start", "previous",
            "total", "some", "our", "count", "value", "figure", "roughly",
        ]);
        if !fills {
            break;
        }
        at = before;
    }
    let before = |back: usize| {
        at.checked_sub(back).filter(|place| *place >= sentence.start).map(|place| &tokens[place])
    };
    if before(1).is_some_and(|token| token.is("from")) {
        return Some(Role::Before);
    }
    // "28 in place of 24"
    if before(1).is_some_and(|token| token.is("place")) && before(2).is_some_and(|token| token.is("in")) {
        return Some(Role::Before);
    }
    // "76 % (was 58 %)"
    let aside = before(2).is_some_and(|token| token.is_sign('(') || token.is_sign(','));
    if aside && before(1).is_some_and(|token| token.is_any(&["was", "were"])) {
        return Some(Role::Before);
    }
    let compared = before(1).is_some_and(|token| token.is_any(&["with", "to", "against"]))
        && before(2).is_some_and(|token| token.is_any(&["compared", "relative"]));
    if compared || before(1).is_some_and(|token| token.is_any(&["versus", "vs"])) {
        return Some(Role::Before);
    }
    None
}

fn arrow_ahead(tokens: &[Token], sentence: &Range<usize>, own: &Range<usize>) -> bool {
    // "55 warnings → 34"
    (own.end..sentence.end.min(own.end + 3)).any(|at| tokens[at].is_sign('→'))
        && tokens[own.end..sentence.end.min(own.end + 5)].iter().any(|token| token.number().is_some())
}

/// "target < 20", "the goal of 20", "the 20-warning limit", "against an allowance of 20".
fn wanted(tokens: &[Token], sentence: &Range<usize>, clause: &Range<usize>, amount: &Amount) -> bool {
    let own = &amount.tokens;
    // "It has to lie between 45 and 50, the plan says"
    let by_plan = says_any(&tokens[sentence.clone()], &["plan"])
        && says_one(
            &tokens[sentence.clone()],
            phrases![
                "the plan says",
                "says the plan",
                "the plan has it",
                "according to the plan",
                "by the plan"
            ],
        );
    let owed = || {
        says_one(
            &tokens[clause.start..own.start],
            phrases!["has to", "have to", "must", "should", "is to", "are to"],
        )
    };
    if by_plan && owed() || had_to_be(&tokens[clause.start..own.start], amount) {
        return true;
    }
    if asked_by_plan(&tokens[clause.start..own.start]) || asked_of_us(&tokens[clause.start..own.start]) {
        return true;
    }
    // Behind the number: "the 25 % target", "a 20-warning limit".
    let mut at = own.end;
    let mut steps = 0;
    while at < clause.end && steps < 4 {
        let token = &tokens[at];
        if token.is_of(List::Wanted)
            && !token.is_any(&["required", "requires", "require", "demanded", "demands", "gates"])
        {
            // "34 against a target of 20" has the target's own number behind it.
            let own = (at + 1..clause.end.min(at + 4))
                .take_while(|next| !tokens[*next].is("by"))
                .any(|next| tokens[next].number().is_some());
            return !own;
        }
        let joins = token.is_sign('-') || (token.is_word() && !token.is_of(List::Empty)) || token.is("of");
        if !joins || token.is_of(List::Reached) || token.is_of(List::Admits) {
            break;
        }
        at += 1;
        steps += 1;
    }
    let behind = tokens.get(own.end).filter(|_| own.end < clause.end);
    if behind.is_some_and(|token| {
        token.is_any(&[
            "required",
            "wanted",
            "demanded",
            "allowed",
            "permitted",
            "planned",
            "targeted",
            "envisaged",
            "asked",
        ])
    }) {
        return true;
    }
    if behind.is_some_and(|token| token.is_any(&["was", "were", "is"]))
        && tokens.get(own.end + 1).is_some_and(|token| {
            token.is_any(&["required", "wanted", "demanded", "allowed", "planned", "targeted", "asked"])
        })
    {
        return true;
    }
    // "the permitted fifty"
    if own.start >= clause.start + 2
        && tokens[own.start - 1].is_any(&[
            "permitted",
            "allowed",
            "required",
            "tolerated",
            "agreed",
            "prescribed",
            "stipulated",
            "acceptable",
        ])
        && tokens[own.start - 2].is_any(&["the", "its", "our", "their"])
    {
        return true;
    }
    // "25 findings were acceptable under the plan". A figure in two parts may reach past its clause.
    let rest = tokens.get(own.end..clause.end).unwrap_or_default();
    let named = rest.iter().take(6).take_while(|token| token.telling || token.is_sign('-')).count();
    if let [verb, word, ..] = &rest[named..]
        && verb.is_any(&["is", "are", "was", "were"])
        && word.is_any(&[
            "acceptable",
            "permissible",
            "tolerable",
            "tolerated",
            "permitted",
            "allowed",
            "agreed",
        ])
    {
        return true;
    }
    // "Zero warnings was the target"
    if let [verb, the, word, ..] = &rest[named..]
        && verb.is_any(&["is", "are", "was", "were"])
        && the.is_any(&["the", "our", "its"])
        && word.is_any(&["target", "goal", "limit", "aim", "threshold", "ceiling", "requirement"])
    {
        return true;
    }
    if plan_asks_behind(rest) {
        return true;
    }
    // "the 12 we aim for"
    if behind.is_some_and(|token| token.is_any(&["we", "they", "you"]))
        && tokens.get(own.end + 1).is_some_and(|token| {
            token.is_any(&[
                "aim", "aimed", "want", "wanted", "asked", "agreed", "promised", "set", "needed", "need",
                "planned", "allow", "allowed",
            ])
        })
    {
        return true;
    }
    // Before it, back to a figure, a word of reaching, or the clause's beginning.
    let mut at = own.start;
    while at > clause.start {
        at -= 1;
        let token = &tokens[at];
        if token.is_of(List::Wanted) {
            // "We missed the target for the rate: 2.6 %"
            let ahead = &tokens[clause.start.max(at.saturating_sub(6))..at];
            let missed = says_any(ahead, &["missed", "misses", "miss"])
                || says_any(ahead, &["not", "never"]) && says_of(ahead, List::Reached);
            // "Inside the limit and 36 below the baseline": the limit has no number here.
            let placed = says_any(ahead, words!["inside", "within", "under", "below", "above", "over"])
                && tokens[at..own.start].iter().any(|token| token.is("and"));
            return !missed && !placed;
        }
        let reached = token.is_of(List::Reached) && !token.is_any(&["within", "inside", "on", "exceeding"]);
        if reached
            || token.number().is_some()
            || token.is_of(List::Admits)
            || token.is_sign(',')
            || token.is_sign('→')
        {
            return false;
        }
        if token.is_sign(':') && own.start - at > 2 {
            return false;
        }
        // "The gate is set at two seconds"
        let set_at = token.is("at")
            && at > clause.start
            && tokens[at - 1].is_any(&["set", "fixed", "capped", "put", "placed", "lies", "stands"])
            && tokens[clause.start..at].iter().any(|before| before.is_of(List::Wanted));
        let told_apart = tokens[clause.start..at].iter().any(|before| before.is_sign(':'));
        if set_at
            && !told_apart
            && !says_any(&tokens[clause.start..at], &["below", "under", "above", "over", "now"])
        {
            return true;
        }
        if token.is_any(&["at", "now", "currently", "with", "by", "remain", "remains", "remaining", "stands"])
        {
            return false;
        }
    }
    // "Target: 34" cut at the bracket: "(the plan wants < 20)"
    let _ = sentence;
    false
}

/// "A ten-percent improvement was never the target."
fn was_never_wanted(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> bool {
    let rest = tokens.get(own.end..clause.end).unwrap_or_default();
    let verb = rest
        .windows(2)
        .position(|two| two[0].is_any(&["was", "is", "were", "are"]) && two[1].is_any(&["never", "not"]));
    verb.is_some_and(|at| {
        let behind = &rest[at + 2..rest.len().min(at + 6)];
        behind.first().is_some_and(|first| first.is_any(&["the", "our", "a"]))
            && says_of(behind, List::Wanted)
    })
}

/// Whether the clause speaks of hopes, duties or conditions before the figure.
fn not_fact(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> bool {
    let ahead = &tokens[clause.start..own.start];
    let hopes = ahead.iter().enumerate().any(|(at, token)| {
        // "as planned", "than expected", "the plan's" and "the project" speak of facts.
        let as_planned = at > 0 && ahead[at - 1].is_any(&["as", "than", "the", "per", "our", "this", "a"]);
        let named = ahead.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Key(_) | Kind::Opaque));
        token.is_of(List::NotFact) && !as_planned && !named
    });
    let tail = &tokens[own.end.min(clause.end)..clause.end];
    let expected = tail.iter().zip(tail.iter().skip(1)).any(|(one, next)| {
        one.is_any(&["are", "is", "were", "was"])
            && next.is_any(&["expected", "planned", "projected", "forecast", "estimated", "hoped", "assumed"])
    }) || says_one(tail, &["would", "will be"])
        || tail.first().is_some_and(|first| {
            first.is_any(&["expected", "planned", "projected", "estimated", "forecast", "hoped"])
        });
    // "Has to lose another three megabytes"
    let owed =
        ahead.windows(2).any(|two| two[0].is_any(&["has", "have", "needs", "need"]) && two[1].is("to"));
    // "At least 36 had to disappear", "four more must go"
    let due = tail.iter().position(|token| token.is_sign(',')).map_or(tail, |end| &tail[..end]);
    let owing =
        due.windows(2).any(|two| two[0].is_any(&["had", "has", "have", "needed", "need"]) && two[1].is("to"))
            || says_any(due, &["must"]);
    hopes || expected || owed || owing
}

/// "Ninety-three variables that the plan called for".
fn plan_asks_behind(behind: &[Token]) -> bool {
    let named = behind.iter().take_while(|token| token.telling || token.is_sign('-')).count();
    let rest = &behind[named..];
    let rest =
        if rest.first().is_some_and(|token| token.is_any(&["that", "which"])) { &rest[1..] } else { rest };
    matches!(rest, [the, plan, asks, ..]
    if named <= 5
        && the.is_any(&["the", "our"])
        && plan.is_any(&["plan", "handoff", "gate", "target", "brief"])
        && asks.is_any(&[
            "called", "calls", "asked", "asks", "wanted", "wants", "demanded", "demands", "required",
            "requires", "foresaw", "foresees", "prescribed", "named", "names", "listed", "lists",
        ]))
}

/// "The latency had to stay below 250 ms".
fn had_to_be(ahead: &[Token], amount: &Amount) -> bool {
    if amount.bound == Limit::Exact {
        return false;
    }
    let owed = ahead.windows(3).any(|three| {
        three[0].is_any(&["had", "has", "have", "was", "were"])
            && three[1].is("to")
            && three[2].is_any(&["be", "stay", "remain", "lie", "come", "end", "keep"])
    });
    owed && !ahead.last().is_some_and(|last| last.is("by"))
}

/// "All we had been asked for was", "what we were to reach was".
fn asked_of_us(ahead: &[Token]) -> bool {
    let Some(asked) = ahead.iter().position(|token| token.is_any(&["asked", "told", "required", "supposed"]))
    else {
        return false;
    };
    let us = ahead[..asked].iter().any(|token| token.is_any(&["we", "us", "team"]))
        && ahead[..asked].first().is_some_and(|token| token.is_any(&["all", "what", "everything"]));
    let is = ahead[asked..].iter().position(|token| token.is_any(&["was", "is"]));
    us && is.is_some() && !ahead[asked..].iter().any(|token| token.number().is_some())
}

/// "The plan asked for", "what the gate demanded was": who demands, and that it does, before a figure and
/// with no other clause between.
fn asked_by_plan(ahead: &[Token]) -> bool {
    const WHO: Words<'_> = Words::of(&[
        "plan",
        "goal",
        "target",
        "gate",
        "criterion",
        "criteria",
        "handoff",
        "brief",
        "aim",
        "requirement",
    ]);
    const ASKS: Words<'_> = Words::of(&[
        "asks",
        "asked",
        "tolerates",
        "tolerated",
        "accepts",
        "accepted",
        "wants",
        "wanted",
        "demands",
        "demanded",
        "requires",
        "required",
        "foresaw",
        "foresees",
        "prescribes",
        "prescribed",
        "specified",
        "specifies",
        "calls",
        "called",
        "aimed",
        "promised",
        "allows",
        "allowed",
        "permits",
        "permitted",
        "expects",
        "expected",
        "envisaged",
        "stipulates",
        "stipulated",
    ]);
    let from = ahead.iter().rposition(|token| token.is_sign(',') || token.is("and")).map_or(0, |at| at + 1);
    let ahead = &ahead[from..];
    let Some(verb) = ahead.iter().rposition(|token| token.is_in(ASKS)) else { return false };
    let who = ahead[verb.saturating_sub(3)..verb].iter().any(|token| token.is_in(WHO));
    let other = ahead[verb..].iter().any(|token| token.is_of(List::Reached) || token.number().is_some());
    who && !other
}
