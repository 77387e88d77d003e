//! What a report says about which task came before which: in words, and by dates.

use std::ops::Range;

use jiff::civil::Date;
use model::diagnostic::Span;

use super::clauses::sentences;
use super::mentions::{Mention, Titles};
use super::passages::{Place, Report};
use super::tables::{Column, columns_of};
use super::tokens::{Kind, Token};
use super::words::{List, Words, phrase_at, phrases, says, says_any, says_one, words};

/// How two tasks stand in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The first was at work before the second was done.
    Before,
    /// Both were at work at once.
    Beside,
}

/// A statement that one task came before another, or beside it.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) relation: Relation,
    pub(crate) span: Span,
}

/// A moment a report names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum When {
    Day(Date),
    /// "day 3", "week 2", with the word's first letter.
    Nth(char, u32),
    /// Monday is 1.
    Weekday(u8),
}

impl When {
    /// Whether this is before the other; nothing where the two cannot be compared.
    pub(crate) fn is_before(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Day(one), Self::Day(two)) if one.year() != 2000 && two.year() != 2000 => Some(one < two),
            (Self::Day(one), Self::Day(two)) => Some((one.month(), one.day()) < (two.month(), two.day())),
            (Self::Nth(a, one), Self::Nth(b, two)) if a == b => Some(one < two),
            (Self::Weekday(one), Self::Weekday(two)) => Some(one < two),
            _ => None,
        }
    }
}

/// When a task began or ended.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) task: u32,
    pub(crate) began: bool,
    pub(crate) when: When,
    pub(crate) span: Span,
}

const BEGAN: Words<'_> = Words::of(&[
    "started",
    "began",
    "begun",
    "start",
    "kicked",
    "opened",
    "commenced",
    "launched",
    "starting",
    "beginning",
    "starts",
    "begins",
    "tackled",
    "initiated",
]);
const ENDED: Words<'_> = Words::of(&[
    "finished",
    "ended",
    "completed",
    "done",
    "closed",
    "complete",
    "delivered",
    "merged",
    "shipped",
    "concluded",
    "finish",
    "end",
    "landed",
    "signed",
    "wrapped",
]);
/// What is done about a task without working on it.
const NO_WORK: Words<'_> = Words::of(&[
    "planned",
    "scheduled",
    "discussed",
    "scoped",
    "estimated",
    "assigned",
    "announced",
    "written",
    "listed",
    "described",
    "specified",
    "drafted",
    "proposed",
    "approved",
]);

/// Phrases between two tasks, or before both.
const EARLIER: &[&str] = &[
    "before",
    "ahead of",
    "prior to",
    "in advance of",
    "preceded",
    "precedes",
    "preceding",
    "earlier than",
    "without waiting for",
    "not waiting for",
    "not wait for",
    "and then",
    "followed by",
    "then",
    "sooner than",
];
const LATER: &[&str] = &[
    "after",
    "following",
    "followed",
    "follows",
    "once",
    "as soon as",
    "waited for",
    "waits for",
    "waiting for",
    "wait for",
    "subsequent to",
    "until",
    "later than",
    "upon",
    "when",
    "on top of",
    "behind",
];
const BESIDE: &[&str] = &[
    "in parallel with",
    "in parallel to",
    "parallel to",
    "alongside",
    "at the same time as",
    "concurrently with",
    "simultaneously with",
    "while",
    "whilst",
    "during",
    "together with",
    "in tandem with",
    "side by side with",
    "overlapped with",
    "overlapped",
    "overlapping",
];

/// Every statement in words about the order of two tasks.
pub(crate) fn orders(report: &Report, titles: &Titles) -> Vec<Order> {
    let mut found = Vec::new();
    for passage in &report.passages {
        if matches!(passage.place, Place::Heading(_)) {
            continue;
        }
        for sentence in sentences(&passage.tokens) {
            let tokens = &passage.tokens[sentence];
            if tokens.iter().any(|token| token.is_sign('"')) {
                continue;
            }
            let mentions = titles.mentions(tokens);
            for pair in mentions.windows(2) {
                if pair[0].task != pair[1].task
                    && let Some((first, second, relation)) = relation(tokens, &pair[0], &pair[1])
                {
                    let span = Span { start: tokens[0].span.start, end: tokens[tokens.len() - 1].span.end };
                    found.push(Order { first, second, relation, span });
                }
            }
        }
    }
    found
}

/// How two tasks named one after the other stand in time.
fn relation(tokens: &[Token], one: &Mention, two: &Mention) -> Option<(u32, u32, Relation)> {
    let between = tokens.get(one.at.end..two.at.start).unwrap_or_default();
    let ahead = &tokens[..one.at.start];
    let behind = &tokens[two.at.end..];
    let whole = tokens;
    if hopes(whole) {
        return None;
    }
    let denied = |stretch: &[Token], at: usize| {
        stretch[..at].iter().enumerate().any(|(place, token)| {
            token.is_any(&["not", "never", "no", "nobody", "neither", "without"])
                && !stretch.get(place + 1).is_some_and(|next| next.is("yet") || next.is("only"))
        })
    };
    let no_work = says_any(ahead, NO_WORK)
        || between.iter().any(|token| token.is_in(NO_WORK))
        || behind.iter().take(5).any(|token| token.is_in(NO_WORK));
    if no_work {
        return None;
    }
    // "While 7.3 was still open, 7.4 began."
    let lead = ahead.iter().rposition(|token| {
        token.is_any(&[
            "before",
            "after",
            "once",
            "while",
            "whilst",
            "when",
            "following",
            "prior",
            "ahead",
            "until",
            "during",
            "without",
            "having",
        ])
    });
    if let Some(at) = lead.filter(|at| ahead.len() - at <= 4) {
        let word = &*ahead[at].text;
        let turned = at > 0 && ahead[..at].iter().any(|token| token.is_any(&["not", "never"]));
        let finished = done_said(between);
        let open = open_said(between);
        // "While 7.3 was under review, nobody touched 7.4", "…, 7.4 was not begun"
        let untouched = between.iter().any(|token| token.is_any(&["nobody", "none", "nothing"]))
            || behind.iter().take(3).any(|token| token.is_any(&["not", "never"]));
        if untouched {
            return None;
        }
        return match word {
            "before" | "prior" | "ahead" if !turned => Some((two.task, one.task, Relation::Before)),
            "without" => Some((two.task, one.task, Relation::Before)),
            "while" | "whilst" | "during" | "when" if open => Some((one.task, two.task, Relation::Beside)),
            "while" | "whilst" | "during" if !finished && !has_two_clauses(between) => {
                Some((one.task, two.task, Relation::Beside))
            }
            "having" if says_any(&ahead[at..], ENDED) => Some((one.task, two.task, Relation::Before)),
            "after" | "once" | "following" if !turned => Some((one.task, two.task, Relation::Before)),
            "when" if finished => Some((one.task, two.task, Relation::Before)),
            _ => None,
        };
    }
    let is_list = between.iter().all(|token| {
        token.is_any(&["and", "task", "tasks", "with", "as", "well", "both"])
            || token.is_sign(',')
            || token.is_sign('&')
            || token.is_sign('+')
    });
    if is_list {
        let at_once = says_one(behind, &["in parallel", "at the same time"])
            || says_any(
                behind.get(..behind.len().min(8)).unwrap_or(behind),
                &["concurrently", "simultaneously", "overlapped", "together"],
            )
            || says(behind, "side by side")
            || says(ahead, "in parallel")
            || says(behind, "at once");
        let denied_behind = denied(behind, behind.len());
        return (at_once && !denied_behind).then_some((one.task, two.task, Relation::Beside));
    }
    if between.iter().any(|token| token.is_sign('→')) && between.len() <= 2 {
        return Some((one.task, two.task, Relation::Before));
    }
    let first_said = says_any(between, &["first"]) && !says_any(between, &["only"]);
    let place = |phrases: &[&str]| {
        phrases
            .iter()
            .flat_map(|phrase| {
                (0..between.len())
                    .filter_map(move |at| phrase_at(between, at, phrase).map(|length| (at, length)))
            })
            .max_by_key(|(at, length)| (*length, *at))
    };
    let later_words = place(LATER);
    let (earlier, beside) = (place(EARLIER), place(BESIDE));
    let best = [(earlier, 0), (later_words, 1), (beside, 2)]
        .into_iter()
        .filter_map(|(place, kind)| place.map(|(at, length)| (at, length, kind)))
        .max_by_key(|(at, length, kind)| (*length, *at, *kind == 0))?;
    let (at, length, kind) = best;
    // Another clause between the word and the second task speaks of something else.
    let rest = &between[at + length..];
    if rest.iter().filter(|token| token.is_sign(',') || token.is_sign(';')).count() > 1 {
        return None;
    }
    match kind {
        0 => {
            let waits = says(&between[at..at + length], "without waiting for")
                || says(&between[at..at + length], "not waiting for")
                || says(&between[at..at + length], "not wait for");
            // "Nobody touched 7.4 before 7.3 was closed"
            let nobody = ahead
                .iter()
                .rposition(|token| token.is_any(&["nobody", "none", "nothing"]))
                .is_some_and(|from| !ahead[from..].iter().any(|token| token.is_sign(',')));
            let turned = !waits && (denied(between, at) || nobody);
            let then = says(&between[at..at + length], "then");
            if then && !first_said && !between.iter().any(|token| token.is_sign(',') || token.is("and")) {
                return None;
            }
            if turned {
                return Some((two.task, one.task, Relation::Before));
            }
            Some((one.task, two.task, Relation::Before))
        }
        1 => {
            let turned = denied(between, at);
            let until = between[at].is("until");
            if until != turned {
                return None;
            }
            // "7.4 began when 7.3 was still open"
            if between[at].is("when") || between[at].is("once") {
                return match (open_said(behind), done_said(behind)) {
                    (true, _) => Some((one.task, two.task, Relation::Beside)),
                    (_, true) => Some((two.task, one.task, Relation::Before)),
                    _ => None,
                };
            }
            Some((two.task, one.task, Relation::Before))
        }
        _ => {
            // "We did not begin 7.4 while 7.3 was open"
            let not_begun = ahead.iter().rev().take(3).any(|token| token.is_any(&["not", "never"]));
            if denied(between, at) || not_begun {
                return None;
            }
            let is_while = between[at].is_any(&["while", "whilst"]);
            if is_while {
                // "7.4 began while 7.3 was still open": both must be work, or the second unfinished.
                if open_said(behind) {
                    return Some((one.task, two.task, Relation::Beside));
                }
                let _ = done_said(behind);
                return None;
            }
            Some((one.task, two.task, Relation::Beside))
        }
    }
}

pub(crate) fn hopes(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let as_planned = at > 0 && tokens[at - 1].is_any(&["as", "than", "the"]);
        token.is_of(List::NotFact) && !as_planned && !token.is_any(&["project", "projects", "plan", "plans"])
    }) || says_any(tokens, &["allowed", "forbidden", "cannot", "rule", "rules"])
        || says_one(tokens, &["can not", "can only"])
}

fn open_said(tokens: &[Token]) -> bool {
    let near = &tokens[..tokens.len().min(9)];
    let end = near.iter().position(|token| token.is_sign(',')).unwrap_or(near.len());
    let near = &near[..end];
    says_any(
        near,
        words![
            "open",
            "running",
            "unfinished",
            "incomplete",
            "ongoing",
            "pending",
            "underway",
            "active",
            "unverified",
            "going",
            "unreviewed"
        ],
    ) || says_one(
        near,
        phrases!["in progress", "in review", "in flight", "not done", "not yet", "under way", "under review"],
    ) || (says_any(near, &["not"]) && says_any(near, ENDED))
        || says_one(near, &["being", "still"])
}

fn done_said(tokens: &[Token]) -> bool {
    let near = &tokens[..tokens.len().min(9)];
    says_any(near, ENDED) && !says_any(near, &["not", "yet", "still"])
        || says_any(near, &["verified", "ready", "through"]) && !says_any(near, &["not"])
}

fn has_two_clauses(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.is_sign(','))
}

/// Every moment at which a task is said to have begun or ended.
pub(crate) fn moments(report: &Report, titles: &Titles) -> Vec<Moment> {
    let mut found = Vec::new();
    for (at, passage) in report.passages.iter().enumerate() {
        match passage.place {
            Place::Cell { table, row, column } => {
                let columns = columns_of(report, table);
                let began = match columns.get(column) {
                    Some(Column::Started) => true,
                    Some(Column::Ended) => false,
                    _ => continue,
                };
                let cells = report.tables.get(table).and_then(|table| table.rows.get(row));
                let named = cells
                    .into_iter()
                    .flatten()
                    .find_map(|cell| titles.mentions(&report.passages[*cell].tokens).into_iter().next());
                if let (Some(mention), Some((when, span))) =
                    (named, when(&passage.tokens, 0..passage.tokens.len()))
                {
                    found.push(Moment { task: mention.task, began, when, span });
                }
            }
            Place::Heading(_) => {}
            _ => {
                for sentence in sentences(&passage.tokens) {
                    in_sentence(&passage.tokens, sentence, titles, at, report, &mut found);
                }
            }
        }
    }
    found
}

/// "7.4 started on 2031-04-02 and was finished on 2031-04-04."
fn in_sentence(
    tokens: &[Token],
    sentence: Range<usize>,
    titles: &Titles,
    at: usize,
    report: &Report,
    found: &mut Vec<Moment>,
) {
    let part = &tokens[sentence.clone()];
    if hopes(part) {
        return;
    }
    let mentions = titles.mentions(part);
    let heading = || {
        let above = report.passages[at]
            .above
            .and_then(|above| titles.mentions(&report.passages[above].tokens).into_iter().next());
        above.or_else(|| {
            report
                .headings(&report.passages[at])
                .find_map(|heading| titles.mentions(&heading.tokens).into_iter().next())
        })
    };
    for (place, token) in part.iter().enumerate() {
        let began = token.is_in(BEGAN);
        if !began && !token.is_in(ENDED) {
            continue;
        }
        // The moment right behind the word, before the next such word.
        let end = (place + 1..part.len().min(place + 7))
            .find(|next| part[*next].is_in(BEGAN) || part[*next].is_in(ENDED) || part[*next].is_sign(';'))
            .unwrap_or(part.len().min(place + 7));
        let Some((when, span)) = when(part, place + 1..end) else { continue };
        let denied = part[..place].iter().rev().take(3).any(|token| token.is_any(&["not", "never"]));
        let before =
            part[place..end].iter().any(|token| token.is_any(&["before", "by", "after", "until", "since"]));
        // "Kicked off 7.4 on Monday": the task stands between the word and the moment.
        let between = mentions.iter().find(|mention| {
            mention.at.start > place
                && part[mention.at.end - 1].span.end <= span.start
                && mention.at.start < end
        });
        let ahead = mentions.iter().rev().find(|mention| mention.at.start < place);
        let mention =
            between.or(ahead).cloned().or_else(|| if mentions.is_empty() { heading() } else { None });
        if let Some(mention) = mention.filter(|_| !denied && !before) {
            found.push(Moment { task: mention.task, began, when, span });
        }
    }
    // "7.4 started on Monday and 7.3 only on Wednesday": the verb is that of the first.
    let [one, two] = mentions.as_slice() else { return };
    let (Some(first), tail) = (found.last(), &part[two.at.end..]) else { return };
    let verbs = tail.iter().any(|token| token.is_in(BEGAN) || token.is_in(ENDED));
    let moment = (0..tail.len().min(4)).find(|at| tail[*at].is("on"));
    if first.task == one.task
        && first.span.end <= part[two.at.start].span.start
        && !verbs
        && let Some(on) = moment
        && let Some((when, span)) = when(tail, on + 1..tail.len().min(on + 2))
    {
        let began = first.began;
        found.push(Moment { task: two.task, began, when, span });
    }
}

/// The first moment in a stretch.
fn when(tokens: &[Token], range: Range<usize>) -> Option<(When, Span)> {
    range.clone().find_map(|at| {
        let token = &tokens[at];
        match token.kind {
            Kind::Date(date) => Some((When::Day(date), token.span)),
            Kind::Opaque | Kind::Number(..) if at > range.start || at > 0 => {
                let word =
                    tokens.get(at.checked_sub(1)?).filter(|word| word.is_any(&["day", "week", "sprint"]))?;
                let number = token.text.parse().ok()?;
                Some((
                    When::Nth(word.text.chars().next()?, number),
                    Span { start: word.span.start, end: token.span.end },
                ))
            }
            Kind::Word => {
                const DAYS: [&str; 7] =
                    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
                let day = DAYS.iter().position(|day| token.text == *day)?;
                Some((When::Weekday(day as u8 + 1), token.span))
            }
            _ => None,
        }
    })
}
