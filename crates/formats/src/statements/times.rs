//! Of which time a figure is told: of the beginning, of some other day, of one of several rounds.

use std::ops::Range;

use super::tokens::{Kind, Token};
use super::words::{List, phrase_at, says, says_any};

pub(super) fn at_first(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> bool {
    let near = |list: List| {
        tokens[clause.clone()].iter().enumerate().any(|(at, token)| {
            let place = clause.start + at;
            if !token.is_of(list) || own.contains(&place) || starts_up(tokens, place) {
                return false;
            }
            // "55 at the start, 14 at the end": the start is that of the first.
            let of_another = place < own.start
                && tokens[place..own.start].iter().any(|between| between.is_sign(','))
                && tokens[clause.start..place]
                    .iter()
                    .rev()
                    .take_while(|before| !before.is_sign(','))
                    .any(|before| before.number().is_some());
            let past = place > own.end
                && tokens[own.end..place].iter().any(|between| {
                    // "41 s against a baseline of 60"
                    let compares = between.is_any(&["against", "versus", "vs", "compared", "from", "over"]);
                    compares || between.number().is_some() || between.is_sign(',')
                });
            let since = place < own.start
                && tokens[place..own.start].iter().any(|between| {
                    between.number().is_some() || between.is_any(&["now", "today", "currently", "then"])
                });
            !(of_another || past || since)
        })
    };
    let stretch = &tokens[clause.clone()];
    if near(List::AtFirst) {
        return true;
    }
    // Of what follows, each has one of these in it.
    if !says_any(stretch, &["used", "had", "before", "outset", "kicked"]) {
        return false;
    }
    said_of(stretch, own.start - clause.start, "used to")
        || said_of(stretch, own.start - clause.start, "had been")
        || ["before the", "before this", "before we", "at the outset"]
            .iter()
            .any(|phrase| said_beside(stretch, own.start - clause.start..own.end - clause.start, phrase))
        || ["when we kicked off", "when work kicked off"]
            .iter()
            .any(|phrase| says(upto_number(&tokens[own.end.min(clause.end)..clause.end]), phrase))
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
    if at < own {
        !figures(at..own)
    } else {
        !figures(own + 1..stretch.len())
            || stretch[own + 1..at].iter().all(|token| token.number().is_none())
                && !figures(at..stretch.len())
    }
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
    let from = |at: usize| {
        tokens.get(at + 1).is_some_and(|next| next.is_any(&["from", "with"]))
            && tokens[at + 1..]
                .iter()
                .take(5)
                .any(|next| next.is_any(&["cache", "caches", "scratch", "empty", "nothing", "cold", "warm"]))
    };
    tokens[at].is_any(&["start", "starting", "started"])
        && (from(at)
            || tokens.get(at + 1).is_some_and(|next| {
                next.is_any(&[
                    "time", "times", "up", "took", "takes", "got", "latency", "duration", "is", "was",
                ])
            })
            || at > 0 && tokens[at - 1].is_any(&["cold", "warm", "hot", "quick", "slow", "app"]))
}

pub(super) fn another_time(tokens: &[Token], clause: &Range<usize>) -> bool {
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
pub(super) fn another_round(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> bool {
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
    // "15 on the first day, 9 on the second"
    let behind = tokens.get(own.end..clause.end).unwrap_or_default();
    let dated = matches!(behind, [on, the, nth, ..]
        if on.is_any(&["on", "in", "after"]) && the.is("the")
            && nth.is_any(&["first", "second", "third", "fourth", "fifth"]));
    round || dated || edition && says_any(ahead, &["had", "was", "were", "stood", "showed"])
}

/// Whether a clause speaks of a time after this work.
pub(super) fn later(clause: &[Token]) -> bool {
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
