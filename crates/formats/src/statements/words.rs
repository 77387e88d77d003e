//! The words that say what a figure or a statement is about: targets, beginnings, hopes, denials.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::tokens::Token;

/// Words with no meaning of their own for what is measured.
pub(crate) const EMPTY: &[&str] = &[
    "a",
    "an",
    "the",
    "of",
    "in",
    "on",
    "at",
    "to",
    "from",
    "by",
    "for",
    "with",
    "and",
    "or",
    "as",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "has",
    "have",
    "had",
    "it",
    "its",
    "this",
    "that",
    "these",
    "those",
    "there",
    "we",
    "our",
    "us",
    "they",
    "their",
    "them",
    "he",
    "she",
    "who",
    "which",
    "what",
    "than",
    "then",
    "now",
    "still",
    "just",
    "only",
    "about",
    "around",
    "roughly",
    "approximately",
    "some",
    "all",
    "any",
    "each",
    "every",
    "both",
    "also",
    "again",
    "currently",
    "today",
    "finally",
    "fully",
    "down",
    "up",
    "below",
    "above",
    "under",
    "over",
    "after",
    "before",
    "during",
    "while",
    "when",
    "where",
    "per",
    "via",
    "into",
    "onto",
    "out",
    "off",
    "so",
    "too",
    "very",
    "well",
    "not",
    "no",
    "nor",
    "but",
    "yet",
    "if",
    "once",
    "until",
    "do",
    "does",
    "did",
    "done",
    "can",
    "could",
    "will",
    "would",
    "should",
    "may",
    "might",
    "must",
    "shall",
    "get",
    "got",
    "i",
    "you",
    "your",
    "my",
    "me",
    "within",
    "across",
    "against",
    "between",
    "versus",
    "vs",
    "same",
    "least",
    "most",
];

/// A list of words that is asked for often: which of them a word is in is looked up once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List {
    Empty,
    Wanted,
    NotFact,
    AtFirst,
    AnotherTime,
    Removed,
    WentDown,
    WentUp,
    Better,
    Worse,
    Admits,
    GoesOn,
    Reached,
    Turns,
    /// What it takes for a sentence to own up to falling short.
    Owning,
    /// What it takes for a sentence to say that what was wanted is reached.
    Offering,
}

/// The lists a word may be in.
const LISTS: &[(List, &[&str])] = &[
    (List::Empty, EMPTY),
    (List::Wanted, WANTED),
    (List::NotFact, NOT_FACT),
    (List::AtFirst, AT_FIRST),
    (List::AnotherTime, ANOTHER_TIME),
    (List::Removed, REMOVED),
    (List::WentDown, WENT_DOWN),
    (List::WentUp, WENT_UP),
    (List::Better, BETTER),
    (List::Worse, WORSE),
    (List::Admits, ADMITS),
    (List::GoesOn, GOES_ON),
    (List::Reached, REACHED),
    (List::Turns, TURNS),
    (List::Owning, ADMITS),
    (List::Owning, GOES_ON),
    (List::Owning, OWNING),
    (List::Offering, OFFERING),
];

const OWNING: &[&str] = &[
    "not", "never", "isn", "without", "cannot", "too", "above", "over", "outside", "beyond", "below",
    "under", "off", "go", "goes", "yet", "still", "work",
];

const OFFERING: &[&str] =
    &["met", "meets", "hit", "achieved", "satisfied", "fulfilled", "reached", "as", "within", "on"];

/// Words that begin a clause with a subject of its own.
const TURNS: &[&str] = &[
    "but", "while", "whereas", "although", "though", "however", "because", "since", "so", "which", "despite",
    "instead",
];

/// The lists a word is in, as bits.
pub(super) fn lists_of(word: &str) -> u32 {
    static BY_WORD: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
        let mut found: HashMap<&str, u32> = HashMap::new();
        for (list, words) in LISTS {
            for word in *words {
                *found.entry(word).or_default() |= 1 << *list as u32;
            }
        }
        found
    });
    BY_WORD.get(word).copied().unwrap_or_default()
}

/// Whether a word, with its stem, means something for what is measured.
pub(super) fn is_telling(word: &str, stem: &str) -> bool {
    static SILENT: LazyLock<HashSet<&str>> = LazyLock::new(|| EMPTY.iter().copied().collect());
    static NEUTRAL: LazyLock<HashSet<&str>> = LazyLock::new(|| PLAIN.iter().copied().collect());
    !SILENT.contains(word) && !NEUTRAL.contains(stem)
}

/// Words that qualify any count and change nothing about what is counted.
pub(crate) const PLAIN: &[&str] = &[
    "time",
    "rate",
    "number",
    "count",
    "total",
    "level",
    "amount",
    "duration",
    "figure",
    "result",
    "value",
    "score",
    "remain",
    "left",
    "open",
    "outstanding",
    "overall",
    "current",
    "final",
    "actual",
    "end",
    "report",
    "show",
    "stand",
    "sit",
    "come",
    "go",
    "take",
    "need",
    "reach",
    "hit",
    "drop",
    "fall",
    "fell",
    "rise",
    "rose",
    "grow",
    "reduc",
    "decreas",
    "increas",
    "improv",
    "fast",
    "faster",
    "slower",
    "quicker",
    "shorter",
    "longer",
    "less",
    "fewer",
    "more",
    "lower",
    "higher",
    "better",
    "wors",
    "cut",
    "eliminat",
    "remov",
    "fix",
    "clear",
    "resolv",
    "delet",
    "bring",
    "brought",
    "keep",
    "kept",
    "stay",
    "land",
    "find",
    "found",
    "count",
    "list",
    "emit",
    "produc",
    "print",
    "survive",
    "surviv",
    "persist",
    "exist",
    "appear",
    "target",
    "goal",
    "metric",
    "baseline",
    "work",
    "team",
    "project",
    "phase",
    "plan",
    "workspace",
    "codebase",
    "code",
    "repository",
    "repo",
    "tree",
    "whole",
    "entire",
    "complete",
    "new",
    "maintain",
    "preserv",
    "unchang",
    "implement",
    "achiev",
    "plac",
    "put",
    "set",
    "fulfil",
    "satisfy",
];

/// Words behind which a number is wanted rather than reached.
pub(crate) const WANTED: &[&str] = &[
    "target",
    "targets",
    "targeted",
    "targeting",
    "goal",
    "goals",
    "aim",
    "aims",
    "aimed",
    "objective",
    "objectives",
    "threshold",
    "limit",
    "limits",
    "budget",
    "ceiling",
    "cap",
    "required",
    "requires",
    "require",
    "requirement",
    "demands",
    "demanded",
    "demand",
    "criterion",
    "gate",
    "gates",
    "slo",
    "allowed",
    "acceptable",
    "quota",
];

/// Words of hope, duty and condition: what follows is not said to be so.
pub(crate) const NOT_FACT: &[&str] = &[
    "will",
    "would",
    "expect",
    "expects",
    "expected",
    "should",
    "must",
    "plan",
    "plans",
    "planned",
    "planning",
    "project",
    "projected",
    "projects",
    "forecast",
    "forecasts",
    "estimate",
    "estimated",
    "estimates",
    "could",
    "may",
    "might",
    "if",
    "once",
    "unless",
    "hope",
    "hopes",
    "hoped",
    "intend",
    "intends",
    "intended",
    "want",
    "wants",
    "wanted",
    "shall",
    "predicted",
    "assumed",
    "assuming",
    "supposed",
    "proposed",
    "hypothetically",
    "aiming",
];

/// Words that put a figure at the beginning of the work.
pub(crate) const AT_FIRST: &[&str] = &[
    "initially",
    "originally",
    "baseline",
    "original",
    "initial",
    "start",
    "starting",
    "started",
    "began",
    "beginning",
    "kickoff",
    "outset",
    "beforehand",
    "formerly",
    "inherited",
    "begun",
];

/// Words that put a figure at some other time.
pub(crate) const ANOTHER_TIME: &[&str] = &[
    "previously",
    "earlier",
    "yesterday",
    "last",
    "prior",
    "midway",
    "halfway",
    "interim",
    "intermediate",
    "once",
    "peaked",
    "briefly",
    "temporarily",
    "meanwhile",
    "ago",
    "historically",
    "old",
    "competitors",
    "competitor",
    "industry",
    "elsewhere",
    "predecessor",
];

/// Words that take something away.
pub(crate) const REMOVED: &[&str] = &[
    "eliminated",
    "eliminate",
    "eliminating",
    "eliminates",
    "removed",
    "removing",
    "remove",
    "removes",
    "fixed",
    "fixing",
    "fixes",
    "cleared",
    "clearing",
    "resolved",
    "resolving",
    "deleted",
    "deleting",
    "retired",
    "closed",
    "dropped",
    "saved",
    "saves",
    "saving",
    "shaved",
    "cut",
    "cutting",
    "trimmed",
    "gone",
    "eradicated",
    "silenced",
    "cleaned",
    "addressed",
    "purged",
    "pruned",
    "disposed",
    "rid",
    "squashed",
    "knocked",
    "took",
    "stripped",
];

/// Words that say something went down.
pub(crate) const WENT_DOWN: &[&str] = &[
    "reduced",
    "reduce",
    "reduces",
    "reducing",
    "cut",
    "cuts",
    "fell",
    "fallen",
    "falls",
    "dropped",
    "drops",
    "decreased",
    "decreases",
    "shrank",
    "shrunk",
    "shrinks",
    "lowered",
    "lowers",
    "down",
    "less",
    "fewer",
    "lower",
    "reduction",
    "decrease",
    "drop",
    "declined",
    "decline",
    "shorter",
    "smaller",
    "sank",
    "saved",
    "shaved",
    "trimmed",
    "slashed",
    "halved",
    "shortened",
    "cheaper",
    "went",
    "came",
    "saving",
    "savings",
    "shed",
];

/// Words that say something went up.
pub(crate) const WENT_UP: &[&str] = &[
    "increased",
    "increases",
    "increase",
    "rose",
    "risen",
    "rises",
    "grew",
    "grown",
    "grows",
    "up",
    "gained",
    "gain",
    "climbed",
    "raised",
    "more",
    "higher",
    "added",
    "additional",
    "growth",
    "longer",
    "larger",
    "bigger",
    "jumped",
    "extra",
    "rise",
];

/// Words that say something became better, whichever way that is.
pub(crate) const BETTER: &[&str] = &[
    "improved",
    "improves",
    "improvement",
    "improving",
    "better",
    "faster",
    "quicker",
    "sped",
    "speedup",
    "speeds",
    "accelerated",
    "gains",
    "improve",
    "speed",
    "swifter",
];

/// Words that say something became worse.
pub(crate) const WORSE: &[&str] =
    &["slower", "worse", "worsened", "regressed", "degraded", "deteriorated", "slowed", "slowdown"];

/// Words that own up to a target that was not reached.
pub(crate) const ADMITS: &[&str] = &[
    "missed",
    "misses",
    "miss",
    "missing",
    "unmet",
    "short",
    "exceeds",
    "exceeded",
    "failed",
    "fails",
    "failing",
    "behind",
    "insufficient",
    "disappointing",
    "unfortunately",
    "regrettably",
    "overshoots",
    "overshot",
    "breached",
    "breaches",
    "violates",
    "unsatisfied",
];

/// Words that say the work goes on.
pub(crate) const GOES_ON: &[&str] = &[
    "far",
    "yet",
    "ongoing",
    "continues",
    "continuing",
    "remaining",
    "wip",
    "progress",
    "unfinished",
    "pending",
    "partially",
    "partly",
    "halfway",
    "tomorrow",
];

/// Words that say something was reached.
pub(crate) const REACHED: &[&str] = &[
    "met",
    "meets",
    "hit",
    "hits",
    "reached",
    "reaches",
    "achieved",
    "achieves",
    "satisfied",
    "satisfies",
    "passed",
    "passes",
    "fulfilled",
    "beat",
    "beats",
    "cleared",
    "attained",
    "delivered",
    "ok",
    "success",
    "on",
    "within",
    "inside",
    "exceeding",
    "comfortably",
    "safely",
    "meet",
    "satisfy",
    "reach",
    "achieve",
    "attain",
    "fulfil",
    "fulfill",
    "pass",
];

/// Where a phrase ends right before `at`: gives how many tokens it takes.
pub(crate) fn phrase_before(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    let mut place = at;
    for word in phrase.rsplit(' ') {
        place = place.checked_sub(1)?;
        if !tokens.get(place)?.is(word) {
            return None;
        }
    }
    Some(at - place)
}

/// Whether a phrase begins at `at`: gives how many tokens it takes.
pub(crate) fn phrase_at(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    let mut place = at;
    for word in phrase.split(' ') {
        if !tokens.get(place)?.is(word) {
            return None;
        }
        place += 1;
    }
    Some(place - at)
}

/// Whether a phrase stands anywhere in some tokens.
pub(crate) fn says(tokens: &[Token], phrase: &str) -> bool {
    let first = phrase.split(' ').next().unwrap_or(phrase);
    (0..tokens.len()).any(|at| tokens[at].is(first) && phrase_at(tokens, at, phrase).is_some())
}

/// Whether any of some words stands in some tokens.
pub(crate) fn says_any(tokens: &[Token], words: &[&str]) -> bool {
    tokens.iter().any(|token| token.is_any(words))
}

/// Whether any word of a list stands in some tokens.
pub(crate) fn says_of(tokens: &[Token], list: List) -> bool {
    tokens.iter().any(|token| token.is_of(list))
}
