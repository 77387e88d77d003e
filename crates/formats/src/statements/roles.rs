//! What a figure states: how it is, how it was, how it is to be, by how much it changed; and whether
//! the sentence owns up to falling short, or says that what was wanted is reached.

use std::ops::Range;

use super::amounts::{Amount, Limit};
use super::figures::{Admitted, Role, Sense};
use super::numbers::Unit;
use super::tokens::{Kind, Token};
use super::words::*;

/// What a figure states, from the words around it.
pub(super) fn role(
    tokens: &[Token],
    sentence: &Range<usize>,
    clause: &Range<usize>,
    amount: &Amount,
) -> Role {
    let own = &amount.tokens;
    let before =
        |back: usize| own.start.checked_sub(back).filter(|at| *at >= sentence.start).map(|at| &tokens[at]);
    let after = |ahead: usize| tokens.get(own.end + ahead).filter(|_| own.end + ahead < sentence.end);
    if wanted(tokens, sentence, clause, amount) {
        return if later(&tokens[clause.clone()]) { Role::Aside } else { Role::Wanted };
    }
    let ahead = &tokens[clause.start..own.start];
    if before(1).is_some_and(|token| token.is("of")) && before(2).is_some_and(|token| token.is("out")) {
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
            || says(ahead, "any longer")
            || says(ahead, "not true")
            || says(ahead, "untrue")
            || says(ahead, "wrong that"));
    let denied = denied
        || disbelief
        || says(ahead, "did not") && !says_of(ahead, List::WentUp)
        || says(ahead, "never had");
    if denied || not_fact(tokens, clause, own) {
        return Role::Aside;
    }
    if let Some(sense) = amount.change {
        let aside = another_time(tokens, clause) || another_round(tokens, clause, own);
        return if aside { Role::Aside } else { Role::Change(sense) };
    }
    // "compared three times"
    if amount.unit == Unit::Count
        && after(0).is_some_and(|token| token.is_any(&["times", "passes", "rounds"]))
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
    if let Some(sense) = changed(tokens, sentence, clause, amount) {
        return Role::Change(sense);
    }
    if at_first(tokens, clause, own) {
        return Role::Before;
    }
    if another_time(tokens, clause) || another_round(tokens, clause, own) {
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
    let by_plan =
        ["the plan says", "says the plan", "the plan has it", "according to the plan", "by the plan"]
            .iter()
            .any(|phrase| says(&tokens[sentence.clone()], phrase));
    let owed = ["has to", "have to", "must", "should", "is to", "are to"]
        .iter()
        .any(|phrase| says(&tokens[clause.start..own.start], phrase));
    if by_plan && owed {
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
            return !(at + 1..clause.end.min(at + 4)).any(|next| tokens[next].number().is_some());
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
            return !missed;
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
        if token.is_any(&["at", "now", "currently", "with", "by", "remain", "remains", "remaining", "stands"])
        {
            return false;
        }
    }
    // "Target: 34" cut at the bracket: "(the plan wants < 20)"
    let _ = sentence;
    false
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
    }) || says(tail, "would")
        || says(tail, "will be")
        || tail.first().is_some_and(|first| {
            first.is_any(&["expected", "planned", "projected", "estimated", "forecast", "hoped"])
        });
    hopes || expected
}

fn at_first(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> bool {
    let near = |list: List| {
        tokens[clause.clone()].iter().enumerate().any(|(at, token)| {
            let place = clause.start + at;
            let named = token.is_of(list) && !starts_up(tokens, place);
            // "55 at the start, 14 at the end": the start is that of the first.
            let of_another = place < own.start
                && tokens[place..own.start].iter().any(|between| between.is_sign(','))
                && tokens[clause.start..place]
                    .iter()
                    .rev()
                    .take_while(|before| !before.is_sign(','))
                    .any(|before| before.number().is_some());
            let past = place > own.end
                && tokens[own.end..place]
                    .iter()
                    .any(|between| between.number().is_some() || between.is_sign(','));
            let since = place < own.start
                && tokens[place..own.start].iter().any(|between| {
                    between.number().is_some() || between.is_any(&["now", "today", "currently", "then"])
                });
            let apart = of_another || past || since;
            named && !apart
        })
    };
    let stretch = &tokens[clause.clone()];
    near(List::AtFirst)
        || said_of(stretch, own.start - clause.start, "used to")
        || said_of(stretch, own.start - clause.start, "had been")
        || ["before the", "before this", "before we", "at the outset"]
            .iter()
            .any(|phrase| said_beside(stretch, own.start - clause.start..own.end - clause.start, phrase))
        || says_before(upto_number(&tokens[own.end.min(clause.end)..clause.end]))
        || tokens[clause.start..own.start].iter().any(|token| token.is("before"))
            && tokens[clause.start].is("before")
        || tokens[clause.start..own.start].last().is_some_and(|token| token.is_sign(':'))
            && tokens[clause.start..own.start].iter().rev().nth(1).is_some_and(|token| token.is("before"))
}

/// Whether a phrase is said of the figure at a place, and not of another one nearer to it: in "4.4 s where
/// it used to take 9.5" it is said of the second.
fn said_of(stretch: &[Token], own: usize, phrase: &str) -> bool {
    let Some(at) = (0..stretch.len()).find(|at| phrase_at(stretch, *at, phrase).is_some()) else {
        return false;
    };
    let figures = |range: Range<usize>| stretch[range].iter().any(|token| token.number().is_some());
    if at < own { !figures(at..own) } else { !figures(at..stretch.len()) }
}

/// Whether a phrase is said of the figure at a place, and no other stands between the two.
fn said_beside(stretch: &[Token], own: Range<usize>, phrase: &str) -> bool {
    (0..stretch.len()).filter(|at| phrase_at(stretch, *at, phrase).is_some()).any(|at| {
        let between = if at < own.start { at..own.start } else { own.end.min(at)..at };
        !stretch[between].iter().any(|token| token.number().is_some())
    })
}

/// "64 s before", but not "626, as before".
fn says_before(tokens: &[Token]) -> bool {
    says(tokens, "before") && !says(tokens, "as before")
}

/// What stands before the next number: "44 s where it took 64 s before" says of the second only.
fn upto_number(tokens: &[Token]) -> &[Token] {
    let end = tokens.iter().position(|token| token.number().is_some()).unwrap_or(tokens.len());
    &tokens[..end]
}

/// "cold start", "the app starts": a start that is measured, not the beginning of the work.
fn starts_up(tokens: &[Token], at: usize) -> bool {
    tokens[at].is_any(&["start", "starting", "started"])
        && (tokens.get(at + 1).is_some_and(|next| {
            next.is_any(&["time", "times", "up", "took", "takes", "got", "latency", "duration", "is", "was"])
        }) || at > 0 && tokens[at - 1].is_any(&["cold", "warm", "hot", "quick", "slow", "app"]))
}

fn another_time(tokens: &[Token], clause: &Range<usize>) -> bool {
    let stretch = &tokens[clause.clone()];
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    // "On Monday there were 34": since then it may have changed.
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let back_then = stretch.windows(2).any(|pair| pair[0].is("on") && pair[1].is_any(&DAYS))
        && says_any(stretch, &["was", "were", "had", "stood"]);
    // "The scan of 3 March had still shown 22": by the time that is told, no longer.
    let had = stretch.iter().position(|token| token.is("had")).is_some_and(|at| {
        let next =
            stretch[at + 1..].iter().find(|token| !token.is_any(&["still", "already", "only", "even"]));
        next.is_some_and(|next| {
            next.is_word()
                && !next.is("been")
                && (["ed", "wn", "en"].iter().any(|ending| next.text.ends_with(ending))
                    || next.is_any(&["found", "left", "stood", "made"]))
        })
    });
    had || back_then
        || stretch.windows(2).any(|pair| pair[0].is("in") && pair[1].is_any(&MONTHS))
        || stretch.iter().enumerate().any(|(at, token)| {
            // "Over the last week" leads up to today.
            let upto_now = at > 1 && stretch[at - 1].is("the") && stretch[at - 2].is("over");
            let plain_last = token.is("last")
                && stretch.get(at + 1).is_none_or(|next| {
                    !next.is_any(&[
                        "week", "month", "sprint", "phase", "release", "quarter", "year", "friday", "monday",
                        "time",
                    ])
                });
            let opens = token.is("once") && at == 0;
            // "Intermediate files" are no result on the way.
            let names = token.is("intermediate")
                && stretch.get(at + 1).is_some_and(|next| {
                    !next.is_any(&[
                        "result",
                        "results",
                        "reading",
                        "readings",
                        "value",
                        "values",
                        "figure",
                        "figures",
                        "report",
                        "measurement",
                        "measurements",
                        "state",
                        "count",
                        "run",
                    ])
                });
            let other = upto_now || plain_last || opens || names;
            token.is_of(List::AnotherTime) && !other
        })
}

/// "The first comparison found 17", "version 3.9 had 17": one of several, and not the last.
fn another_round(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> bool {
    let ahead = &tokens[clause.start..own.start.max(clause.start)];
    let round = ahead.windows(3).enumerate().any(|(at, three)| {
        // "34 in the second week and 18 now": that of the first is none of the second.
        let of_another = ahead[..at].iter().any(|token| token.number().is_some());
        !of_another
            && three[0].is_any(&["the", "a", "our", "in", "on", "at"])
            && three[1].is_any(&["first", "second", "third", "fourth", "fifth", "penultimate"])
            && three[2].is_word()
            && !three[2].is_of(List::Empty)
    });
    let edition = ahead
        .windows(2)
        .any(|pair| pair[0].is_any(&["version", "release", "build", "v"]) && pair[1].kind == Kind::Opaque);
    round || edition && says_any(ahead, &["had", "was", "were", "stood", "showed"])
}

/// Whether the figure says by how much something changed, and which way.
fn changed(
    tokens: &[Token],
    sentence: &Range<usize>,
    clause: &Range<usize>,
    amount: &Amount,
) -> Option<Sense> {
    let own = &amount.tokens;
    let before =
        |back: usize| own.start.checked_sub(back).filter(|at| *at >= clause.start).map(|at| &tokens[at]);
    if amount.signed && (amount.unit != Unit::Count || stands_as_change(tokens, sentence, own)) {
        return Some(if amount.value < 0.0 { Sense::Down } else { Sense::Up });
    }
    let ahead = &tokens[clause.start..own.start];
    let behind = without_brackets(tokens, own.end, sentence.end);
    let behind = &behind[..];
    // "There are four more beds than before", "126 less than at the outset"
    let compared = behind.iter().take_while(|token| !token.is_sign(',')).position(|token| token.is("than"));
    if let Some(than) = compared
        && let [first, ..] = behind
        && first.is_any(&["more", "fewer", "less"])
        && behind[than + 1..].iter().take(3).any(|token| token.is("before") || token.is_of(List::AtFirst))
    {
        return Some(if first.is("more") { Sense::Up } else { Sense::Down });
    }
    let to = before(1).is_some_and(|token| {
        token.is_any(&["to", "at", "is", "are", "was", "were", "now", "leaving", "leaves", "with"])
    }) && amount.bound == Limit::Exact
        || before(1).is_some_and(|token| token.is_any(&["to", "at", "is", "are", "stays", "stayed", "kept"]));
    // "cut in half"
    let halved = amount.unit == Unit::Percent
        && before(1).is_some_and(|token| token.is("in"))
        && before(2).is_some_and(|token| token.is_any(&["cut", "slashed", "split"]));
    if halved {
        return Some(Sense::Down);
    }
    // "by 38 %": the nearest word of direction says which way.
    if before(1).is_some_and(|token| token.is("by")) {
        let sense = direction(ahead.iter().rev()).or_else(|| direction(behind.iter()));
        return Some(sense.unwrap_or(Sense::Unknown));
    }
    // "38 % faster", "45 fewer warnings", "a 38 % reduction", "45 warnings gone"
    let mut steps = 0;
    for token in behind {
        if token.is_of(List::WentDown) && !token.is_any(&["came", "went", "cut"])
            || token.is_of(List::Better)
            || token.is_of(List::WentUp)
            || token.is_of(List::Worse)
        {
            if token.is_any(&["down", "up"]) && steps > 0
                || token.is_any(&["more", "fell", "falls", "rose"]) && amount.unit == Unit::Count && steps > 0
            {
                break;
            }
            if to && amount.unit == Unit::Count {
                break;
            }
            return direction(std::iter::once(token));
        }
        if token.is_of(List::Removed) && !(to && amount.unit == Unit::Count) {
            return Some(Sense::Down);
        }
        let joins = token.is_sign('-')
            || token.is_any(&[
                "of", "the", "were", "was", "are", "is", "have", "has", "been", "our", "them", "all", "in",
                "a", "an",
            ])
            || (token.is_word() && !token.is_of(List::Empty));
        if !joins || token.is_any(&["remain", "remaining", "left", "remains", "while", "after"]) {
            break;
        }
        steps += 1;
        if steps > 5 {
            break;
        }
    }
    if to {
        return None;
    }
    // "eliminated 45 warnings", "down 38 %", "fixed nearly 45"
    let mut back = 1;
    while let Some(token) = before(back) {
        if token.is_any(&[
            "another", "the", "a", "all", "some", "total", "of", "full", "whopping", "further", "its", "our",
        ]) && back < 4
        {
            back += 1;
            continue;
        }
        // "fell below 20" says where it is, not by how much it fell.
        let level = tokens[own.start].is_any(&["below", "under", "above", "over", "beyond", "beneath"]);
        if level {
            return None;
        }
        if token.is_of(List::Removed) && !(token.is("took") && amount.unit == Unit::Seconds) {
            return Some(Sense::Down);
        }
        let noun = token.is_any(&[
            "reduction",
            "decrease",
            "drop",
            "improvement",
            "saving",
            "savings",
            "gain",
            "increase",
            "speedup",
            "cut",
            "growth",
            "decline",
        ]);
        let directed = token.is_any(&[
            "down", "up", "saved", "saves", "shaved", "shed", "gained", "gain", "added", "improved", "fell",
            "dropped", "rose", "grew", "cut",
        ]);
        // "has lost a quarter of its weight"
        if token.is_any(&["lost", "loses"]) && amount.unit == Unit::Percent {
            return Some(Sense::Down);
        }
        if directed || (noun && back > 1) || (noun && amount.unit != Unit::Count) {
            return direction(std::iter::once(token));
        }
        // "speedup: 38 %", "Reduction = 38 %"
        if (token.is_sign(':') || token.is_sign('='))
            && before(back + 1).is_some_and(|word| {
                word.is_any(&[
                    "reduction",
                    "decrease",
                    "improvement",
                    "change",
                    "delta",
                    "speedup",
                    "saving",
                    "savings",
                    "gain",
                ])
            })
        {
            return before(back + 1)
                .and_then(|word| direction(std::iter::once(word)))
                .or(Some(Sense::Unknown));
        }
        break;
    }
    None
}

/// The tokens of a clause without what stands in brackets.
fn without_brackets(tokens: &[Token], from: usize, end: usize) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut depth = 0;
    for at in from..end {
        match tokens[at].kind {
            Kind::Sign('(') => depth += 1,
            Kind::Sign(')') if depth == 0 => break,
            Kind::Sign(')') => depth -= 1,
            _ if depth > 0 => {}
            _ if super::clauses::divides(tokens, at) => break,
            _ => kept.push(tokens[at].clone()),
        }
        if kept.len() > 16 {
            break;
        }
    }
    kept
}

/// "(-21)", "Δ -21": a signed count that stands for a change.
fn stands_as_change(tokens: &[Token], sentence: &Range<usize>, own: &Range<usize>) -> bool {
    let alone = own.start == sentence.start && own.end == sentence.end;
    let bracketed = own.start > sentence.start
        && tokens[own.start - 1].is_sign('(')
        && tokens
            .get(own.end)
            .is_some_and(|token| token.is_sign(')') || token.is_sign(',') || token.is_sign(';'));
    let marked = own.start > sentence.start
        && (tokens[own.start - 1].text == "δ" || tokens[own.start - 1].is("delta"));
    bracketed || marked || alone
}

fn direction<'a>(mut words: impl Iterator<Item = &'a Token>) -> Option<Sense> {
    words.find_map(|token| {
        if token.is_of(List::Better) {
            Some(Sense::Better)
        } else if token.is_of(List::Worse) {
            Some(Sense::Worse)
        } else if token.is_of(List::WentDown) || token.is_of(List::Removed) {
            Some(Sense::Down)
        } else if token.is_of(List::WentUp) {
            Some(Sense::Up)
        } else {
            None
        }
    })
}

/// Whether a clause speaks of a time after this work.
fn later(clause: &[Token]) -> bool {
    clause.windows(2).any(|pair| {
        pair[0].is_any(&["next", "following", "coming", "later"])
            && pair[1].is_any(&[
                "year",
                "quarter",
                "month",
                "week",
                "release",
                "version",
                "phase",
                "sprint",
                "stage",
                "plan",
                "iteration",
                "project",
            ])
    })
}

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
        || says(whole, "not enough")
        || says(whole, "too many")
        || says(whole, "too high")
        || says(whole, "too slow")
        || says(whole, "too low")
        || says(whole, "not there")
        || says(whole, "stays open")
        || says(whole, "stay open")
        || says(whole, "remains open")
        || says(whole, "remain open")
        || says(whole, "kept open")
        || says(whole, "not good");
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
                ])
            })
            && (token.is_any(&["above", "over", "outside", "beyond", "off"])
                || says_any(whole, &["still", "yet"]))
    });
    let to_go = says(whole, "to go") || says(whole, "yet to") || says(whole, "still to");
    let fails_target = whole.iter().enumerate().any(|(at, token)| {
        token.is_of(List::Admits)
            && (at > 0 || whole.len() > 2)
            && !says_any(&whole[at.saturating_sub(3)..at], &["no", "not", "never", "zero", "without"])
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
    if denies_reaching || not_enough || above || marked || fails_target {
        return Admitted::Plainly;
    }
    let _ = clause;
    let goes_on = says(whole, "goes on") || says(whole, "go on") || says(whole, "work continues");
    if to_go || goes_on || says_of(whole, List::GoesOn) || says(whole, "not yet") || says(whole, "still open")
    {
        return Admitted::InPart;
    }
    Admitted::No
}

/// Whether a sentence says that what was wanted is reached.
pub(super) fn offered(tokens: &[Token], sentence: &Range<usize>) -> bool {
    let whole = &tokens[sentence.clone()];
    let marked =
        whole.iter().any(|token| matches!(token.kind, Kind::Sign('✅' | '✔' | '☑' | '✓' | '🟢' | '🎉')));
    if !marked && !says_of(whole, List::Offering) {
        return false;
    }
    let denied = says_any(whole, &["not", "never", "cannot"]);
    let reached = whole
        .iter()
        .any(|token| token.is_any(&["met", "meets", "hit", "achieved", "satisfied", "fulfilled", "reached"]))
        && (says_of(whole, List::Wanted) || says(whole, "as planned"));
    let within = says(whole, "as planned")
        || says(whole, "within target")
        || says(whole, "on target")
        || says(whole, "as targeted")
        || says(whole, "as required")
        || says(whole, "within the target")
        || says(whole, "well within")
        || whole.iter().enumerate().any(|(at, token)| {
            let behind = &whole[at + 1..whole.len().min(at + 7)];
            token.is_any(&["within", "inside"]) && says_of(behind, List::Wanted)
                || token.is_any(&["as", "what"])
                    && behind.iter().zip(behind.iter().skip(1)).any(|(one, next)| {
                        one.is_any(&["plan", "gate", "target"])
                            && next.is_any(&["asks", "demands", "wants", "requires", "allows"])
                    })
        });
    (marked || reached || within) && !denied
}
