//! Figures: every number of a passage with what kind of statement it makes. Says nothing yet of what
//! is measured; the words around it are kept for that.

use std::ops::Range;

use model::diagnostic::Span;

use super::amounts::{self, Amount, Limit, amount};
use super::clauses::{clause, divides, pauses, quoted};
use super::limits::{Side, is_margin, side};
use super::numbers::{self, Unit};
use super::owning;
use super::roles;
use super::tokens::{Kind, Token};
use super::vocabulary::Word;
use super::words::{List, PLAIN, Words};

/// Which way something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    Down,
    Up,
    Better,
    Worse,
    Unknown,
}

/// What a figure states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// How it is.
    Now,
    /// How it was before the work.
    Before,
    /// By how much it changed.
    Change(Sense),
    /// How it is to be.
    Wanted,
    /// Hoped for, denied, quoted, of another time: nothing that could be true or false.
    Aside,
}

/// How far a statement owns up to falling short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Admitted {
    No,
    /// "so far", "still to go".
    InPart,
    /// "target missed", "not met yet".
    Plainly,
}

/// A number and the statement it makes.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) span: Span,
    /// The figure as written, once the text is at hand.
    pub(crate) text: String,
    /// What it may be, both ends included; infinite where it is only bounded.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Whether each end is left out.
    pub(crate) open: bool,
    /// "about", "nearly".
    pub(crate) rough: bool,
    pub(crate) decimals: u8,
    pub(crate) unit: Unit,
    /// The number of units one of what is written stands for.
    pub(crate) scale: f64,
    /// `626/630`: out of how many.
    pub(crate) whole: Option<f64>,
    pub(crate) role: Role,
    /// What it would state, were it not told of another time.
    pub(crate) but_for_time: Option<Role>,
    /// Whether what it is about was only found by roots.
    pub(crate) far: bool,
    /// "Rows per second": the length of time it is counted over, in seconds.
    pub(crate) per: Option<f64>,
    pub(crate) admitted: Admitted,
    /// On which side of what was wanted its clause puts it.
    pub(crate) side: Option<Side>,
    /// Whether it is by how much something lies beside what was wanted.
    pub(crate) margin: bool,
    /// Whether it is said to reach what was wanted.
    pub(crate) offered: bool,
    /// The noun phrase right behind the number.
    pub(crate) near: Vec<Word>,
    /// The words of its part of the clause.
    pub(crate) around: Vec<Word>,
    /// The words of the sentence before, where the figure stands in brackets or behind a dash.
    pub(crate) outside: Vec<Word>,
    /// Every word of the sentence.
    pub(crate) sentence: Vec<Word>,
    /// The words of the label it stands behind: "invoice tariff" of "Invoice tariff 1 findings: 16".
    pub(crate) label: Vec<Word>,
    /// Whether it counts what lacks something: "three tests do not pass".
    pub(crate) lacking: bool,
    /// What it is said of, for or in: "the crane module" of "34 warnings in the crane module".
    pub(crate) scopes: Vec<Vec<Word>>,
    /// The sentence, to tell figures of one breath.
    pub(crate) place: (usize, Range<usize>),
    /// Its first and one past its last token.
    pub(crate) tokens: Range<usize>,
}

impl Figure {
    /// The value, where it is one number and not a bound.
    pub(crate) fn exact(&self) -> Option<f64> {
        (self.low == self.high && !self.rough).then_some(self.low)
    }

    /// The same figure where its text stands in a passage of a document, and begins at a place of it.
    pub(super) fn again(&self, passage: usize, start: u32) -> Self {
        let span = Span { start: self.span.start + start, end: self.span.end + start };
        Self { span, place: (passage, self.place.1.clone()), ..self.clone() }
    }
}

/// The figures of a sentence.
pub(crate) fn figures(passage: usize, tokens: &[Token], sentence: &Range<usize>, found: &mut Vec<Figure>) {
    let first = found.len();
    let mut at = sentence.start;
    while at < sentence.end {
        match amount(tokens, sentence, at) {
            Some(amount) => {
                let end = amount.tokens.end.max(at + 1);
                found.push(figure(passage, tokens, sentence, amount));
                at = end;
            }
            None => at += 1,
        }
    }
    share_units(tokens, &mut found[first..]);
}

/// "From 7.2 to 4.8 km": the unit is that of both.
fn share_units(tokens: &[Token], figures: &mut [Figure]) {
    for at in 1..figures.len() {
        let (before, after) = figures.split_at_mut(at);
        let (one, next) = (&mut before[at - 1], &after[0]);
        let joined = tokens.get(one.tokens.end..next.tokens.start);
        let joined = matches!(joined, Some([to]) if to.is("to"));
        let plain = one.unit == Unit::Count && one.whole.is_none() && one.near.is_empty();
        if joined && plain && one.role == Role::Before && next.unit != Unit::Count {
            (one.unit, one.scale) = (next.unit, next.scale);
            one.low *= next.scale;
            one.high *= next.scale;
        }
        let next = &mut after[0];
        let bare = next.unit == Unit::Count && next.whole.is_none() && next.near.is_empty();
        if joined && bare && one.role == Role::Before && !matches!(one.unit, Unit::Count | Unit::Percent) {
            (next.unit, next.scale) = (one.unit, one.scale);
            next.low *= one.scale;
            next.high *= one.scale;
        }
    }
}

fn figure(passage: usize, tokens: &[Token], sentence: &Range<usize>, amount: Amount) -> Figure {
    let mut stretch = clause(tokens, sentence, amount.number.start);
    // "All but two" is one amount.
    stretch.start = stretch.start.min(amount.tokens.start);
    stretch.end = stretch.end.max(amount.tokens.end);
    let stretch = led_in(tokens, sentence, stretch, &amount.tokens);
    let role = if quoted(tokens, sentence, amount.number.start) || names_in_label(tokens, sentence, &amount) {
        Role::Aside
    } else {
        roles::role(tokens, sentence, &stretch, &amount, true)
    };
    let but_for_time = (role == Role::Aside)
        .then(|| roles::role(tokens, sentence, &stretch, &amount, false))
        .filter(|role| *role != Role::Aside);
    let (mut low, mut high) = match amount.second {
        Some(second) => (amount.value.min(second), amount.value.max(second)),
        None => (amount.value, amount.value),
    };
    // "No text is longer than 90 words": all of them are at most as long.
    let denied = tokens[stretch.start..amount.tokens.start]
        .iter()
        .any(|token| token.is_any(&["no", "none", "nobody", "nothing", "neither"]));
    let more = matches!(amount.bound, Limit::Above | Limit::AtLeast)
        && !tokens[amount.tokens.start].is_any(&["no", "not", "at"]);
    let bound = if denied && more { amount.bound.denied() } else { amount.bound };
    let open = matches!(bound, Limit::Below | Limit::Above);
    match bound {
        Limit::Below | Limit::AtMost => low = f64::NEG_INFINITY,
        Limit::Above | Limit::AtLeast => high = f64::INFINITY,
        Limit::Exact => {}
    }
    let mut near = near(tokens, sentence, amount.tokens.end);
    // "One update in twenty fails": what one of is.
    let between =
        tokens[amount.number.clone()].iter().find(|token| token.telling && amount.unit == Unit::Percent);
    near.extend(between.map(|token| token.stem.clone()));
    let around = around(tokens, &stretch, &amount.tokens);
    let outside = if stretch.start > sentence.start {
        outside(tokens, sentence, stretch.start - 1)
    } else {
        Vec::new()
    };
    let (first, last) = (amount.number.start, amount.tokens.end - 1);
    Figure {
        span: Span { start: tokens[first].span.start, end: tokens[last].span.end },
        text: String::new(),
        low,
        high,
        open,
        rough: amount.rough,
        decimals: amount.decimals,
        unit: amount.unit,
        scale: amount.scale,
        whole: amount.whole,
        role,
        but_for_time,
        far: false,
        per: per(tokens, amount.tokens.end..sentence.end, amount.unit),
        admitted: owning::admitted(tokens, sentence, &stretch),
        margin: role == Role::Aside && is_margin(tokens, sentence, &stretch, &amount.tokens),
        side: side(&tokens[stretch.clone()]).or_else(|| side_of_which(tokens, sentence, stretch.end)),
        offered: owning::offered(tokens, sentence),
        near,
        around,
        outside,
        sentence: stems(&tokens[sentence.clone()]),
        scopes: scopes(tokens, sentence, &stretch, amount.tokens.end),
        label: label(tokens, &stretch, amount.tokens.start),
        lacking: lacking(&tokens[amount.tokens.end.min(stretch.end)..stretch.end]),
        place: (passage, sentence.clone()),
        tokens: amount.tokens,
    }
}

/// "At 0.8 minutes, a clean build is where it should be": what leads in belongs to what follows.
fn led_in(
    tokens: &[Token],
    sentence: &Range<usize>,
    stretch: Range<usize>,
    own: &Range<usize>,
) -> Range<usize> {
    let leads =
        own.start == sentence.start + 1 && tokens[sentence.start].is_any(&["at", "with", "after", "in"]);
    if leads && stretch.end < sentence.end && stretch.end <= own.end + 4 {
        let next = (stretch.end + 1).min(sentence.end - 1);
        stretch.start..clause(tokens, sentence, next).end.max(stretch.end)
    } else {
        stretch
    }
}

/// "Down to thirty-four, which is still above the limit".
fn side_of_which(tokens: &[Token], sentence: &Range<usize>, end: usize) -> Option<Side> {
    let which = tokens.get(end).filter(|_| end < sentence.end)?;
    if !which.is("which") {
        return None;
    }
    side(&tokens[clause(tokens, sentence, (end + 1).min(sentence.end - 1))])
}

/// The words of a label right before a figure.
fn label(tokens: &[Token], clause: &Range<usize>, start: usize) -> Vec<Word> {
    let colon = start > clause.start && tokens[start - 1].is_sign(':');
    if colon { stems(&tokens[clause.start..start - 1]) } else { Vec::new() }
}

/// "Invoice tariff 1 findings: 16": the first number is part of a name.
fn names_in_label(tokens: &[Token], sentence: &Range<usize>, amount: &Amount) -> bool {
    let before = amount.tokens.start.checked_sub(1).filter(|at| *at >= sentence.start);
    let behind = &tokens[amount.tokens.end.min(sentence.end)..sentence.end];
    let words = behind.iter().take_while(|token| token.is_word()).count();
    let labelled = behind.get(words).is_some_and(|token| token.is_sign(':'))
        && behind.get(words + 1).is_some_and(|token| token.number().is_some());
    amount.unit == Unit::Count
        && amount.bound == Limit::Exact
        && amount.number == amount.tokens
        && (1..4).contains(&words)
        && labelled
        && before.is_some_and(|at| tokens[at].telling)
}

/// Whether what is counted is without something, or does not do what it should.
fn lacking(behind: &[Token]) -> bool {
    const DOES: Words<'_> = Words::of(&[
        "pass",
        "passes",
        "passed",
        "passing",
        "work",
        "covered",
        "documented",
        "migrated",
        "done",
        "green",
        "implemented",
        "written",
        "moved",
        "translated",
        "reviewed",
    ]);
    let end = behind
        .iter()
        .position(|token| token.number().is_some() || token.is_sign(','))
        .unwrap_or(behind.len());
    let behind = &behind[..end];
    behind.iter().enumerate().any(|(at, token)| {
        token.is_any(&["without", "lack", "lacks", "lacking", "missing", "absent"])
            || token.is("not")
                && (behind[at + 1..].iter().take(3).any(|next| next.is_in(DOES))
                    // "Ninety-six passed, four did not."
                    || behind[at + 1..].iter().all(|next| !next.is_word()) && at > 0 && behind[at - 1].is_any(&["did", "do", "does"]))
    })
}

/// The noun phrase behind a number: "clippy warnings" of "34 clippy warnings remain in CI".
fn near(tokens: &[Token], sentence: &Range<usize>, from: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = from;
    let mut of = false;
    while at < sentence.end && words.len() < 5 {
        let token = &tokens[at];
        let hyphen = token.is_sign('-') && !token.spaced;
        // "0.3 % the exit is met": what follows is another phrase.
        if words.is_empty() && !of && token.is_any(&["the", "our", "these", "those", "its"]) {
            break;
        }
        let skipped =
            token.is_any(&["of", "the", "our", "these", "those", "its", "all", "new", "open", "remaining"]);
        if hyphen || (skipped && (words.is_empty() || token.is("of"))) {
            of |= token.is("of");
            at += 1;
            continue;
        }
        // "hardware-in-the-loop tests"
        let glued = at > from && tokens[at - 1].is_sign('-') && !tokens[at - 1].spaced && !token.spaced;
        let glues = tokens.get(at + 1).is_some_and(|next| next.is_sign('-') && !next.spaced);
        if token.is_word() && token.is_of(List::Empty) && glued && glues && !words.is_empty() {
            at += 1;
            continue;
        }
        if !token.is_word() || token.is_of(List::Empty) {
            break;
        }
        // "warnings of clippy": what follows "of" belongs to it, and then the phrase ends. Of "success
        // criteria" only the noun counts.
        if token.telling || !token.is("success") {
            words.push(token.stem.clone());
        }
        at += 1;
    }
    words.retain(|word| !PLAIN.contains(&&**word));
    words
}

/// The words on both sides of a figure, up to a pause or another figure.
fn around(tokens: &[Token], clause: &Range<usize>, own: &Range<usize>) -> Vec<Word> {
    let mut words = Vec::new();
    // What follows belongs to it most closely.
    let leads = own.start == clause.start + 1;
    for token in &tokens[own.end.min(clause.end)..clause.end] {
        if leads && words.is_empty() && token.is_sign(',') {
            continue;
        }
        if pauses(token) || token.number().is_some() {
            break;
        }
        keep(token, &mut words);
    }
    let behind = words.len();
    let mut at = own.start;
    while at > clause.start {
        at -= 1;
        let token = &tokens[at];
        if pauses(token) && words.len() > behind {
            break;
        }
        keep(token, &mut words);
    }
    words
}

/// The words before a bracket or dash, back to a dividing sign or a full part with words in it.
fn outside(tokens: &[Token], sentence: &Range<usize>, from: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = from;
    let mut inside = Vec::new();
    if tokens[at].is_sign(')') {
        while at > sentence.start && !tokens[at].is_sign('(') {
            at -= 1;
            keep(&tokens[at], &mut inside);
        }
    }
    while at > sentence.start {
        at -= 1;
        if (divides(tokens, at) || pauses(&tokens[at])) && !words.is_empty() {
            break;
        }
        keep(&tokens[at], &mut words);
    }
    words.extend(inside);
    words
}

/// The phrases that say where a figure holds: those of its clause, and the one that begins the sentence.
fn scopes(tokens: &[Token], sentence: &Range<usize>, clause: &Range<usize>, end: usize) -> Vec<Vec<Word>> {
    const JOINTS: Words<'_> = Words::of(&["of", "for", "in", "on", "among", "during", "throughout"]);
    const ARTICLES: Words<'_> = Words::of(&[
        "the", "a", "an", "our", "its", "this", "that", "these", "those", "all", "both", "each", "every",
        "their",
    ]);
    // "the gate for warnings asks for fewer than 40": the phrase ends at the verb.
    const VERBS: Words<'_> = Words::of(&[
        "asks", "asked", "demands", "demanded", "requires", "required", "wants", "wanted", "says", "stands",
        "stood", "remains", "came", "comes", "fell", "dropped", "rose", "climbed", "went", "gave", "gives",
        "found", "showed", "shows", "took", "takes", "needs", "needed", "ended", "closed", "closes",
        "reached",
    ]);
    let mut found = Vec::new();
    let opening = (clause.start > sentence.start).then_some(sentence.start);
    for at in opening.into_iter().chain(clause.clone()) {
        // "99 % of the sessions": what is counted, not where.
        if !tokens[at].is_in(JOINTS) || (at == end && tokens[at].is("of")) {
            continue;
        }
        let mut words = Vec::new();
        let phrase = tokens[at + 1..sentence.end].iter().skip_while(|token| token.is_in(ARTICLES));
        let goes_on = |token: &&Token| token.is_word() && !token.is_of(List::Empty) && !token.is_in(VERBS);
        // "A night of computing costs 119 EUR": a verb where its amount follows.
        let costs = tokens[at + 1..sentence.end].windows(2).find_map(|two| {
            let amount = two[1].number().is_some() || amounts::is_currency(&two[1]);
            (two[0].is_any(&["cost", "costs"]) && amount).then_some(two[0].span.start)
        });
        let verb = |token: &&Token| Some(token.span.start) != costs;
        for token in phrase.take_while(goes_on).take_while(verb) {
            keep(token, &mut words);
        }
        // "In release 8.3": when, not where.
        let edition = phrase_of_edition(&tokens[at + 1..sentence.end]);
        // "Of the original 55": of all of them.
        let former = |word: &Word| {
            matches!(
                &**word,
                "initial" | "initially" | "original" | "origin" | "start" | "baselin" | "former"
            )
        };
        if !words.is_empty() && !edition && !words.iter().all(former) {
            // "In greenhouse 2": one of several.
            let number = tokens[at + 1..sentence.end]
                .iter()
                .find(|token| token.number().is_some() || token.kind == Kind::Opaque);
            let last = tokens[at + 1..sentence.end].iter().rfind(|token| words.last() == Some(&token.stem));
            if let (Some(number), Some(last)) = (number, last)
                && number.span.start > last.span.end
                && number.span.start <= last.span.end + 1
            {
                words.push(number.text.clone());
            }
            found.push(words);
        }
    }
    found
}

fn phrase_of_edition(phrase: &[Token]) -> bool {
    matches!(phrase, [edition, number, ..]
        if edition.is_any(&["release", "version", "build"])
            && (number.kind == Kind::Opaque || number.number().is_some()))
}

fn keep(token: &Token, words: &mut Vec<Word>) {
    // "MB" and "ms" say how a thing is measured, not which.
    let measures = token.text.len() == 2 && numbers::unit(&token.text).is_some();
    if !token.telling || measures {
        return;
    }
    if !words.contains(&token.stem) {
        words.push(token.stem.clone());
    }
}

/// The stems of the words of some tokens that mean something.
pub(crate) fn stems(tokens: &[Token]) -> Vec<Word> {
    let mut words = Vec::new();
    for token in tokens {
        keep(token, &mut words);
    }
    words
}

/// The length of time that something is counted over: "per second", "a day", "/ min".
pub(crate) fn per(tokens: &[Token], range: Range<usize>, unit: Unit) -> Option<f64> {
    if matches!(unit, Unit::Seconds | Unit::Percent | Unit::Points | Unit::Times) {
        return None;
    }
    let stretch = tokens.get(range).unwrap_or_default();
    let stretch = &stretch[..stretch.len().min(8)];
    let end =
        stretch.iter().position(|token| token.is_sign(',') || token.is_sign(';') || token.number().is_some());
    let stretch = &stretch[..end.unwrap_or(stretch.len())];
    stretch.windows(2).find_map(|two| {
        let over = two[0].is_any(&["per", "a", "an", "each", "every"]) || two[0].is_sign('/');
        let singular = !two[1].text.ends_with('s') || two[1].is("s");
        match numbers::unit(&two[1].text).filter(|_| over && singular && two[1].is_word())? {
            (Unit::Seconds, seconds) => Some(seconds),
            _ => None,
        }
    })
}
