//! Qualifiers: words that make another measure of one name. Cold and warm builds, p50 and p95, debug
//! and release are not the same figure, and one says nothing about the other.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::statements::stems::stem;
use crate::statements::vocabulary::Word;

/// Families in which one word excludes the others; words in one group mean the same.
const FAMILIES: &[&[&[&str]]] = &[
    &[
        &["cold", "clean", "uncached", "scratch"],
        &["warm", "hot", "incremental", "primed", "warmed", "populat", "repeat"],
    ],
    &[
        &["p50", "median"],
        &["p75"],
        &["p90"],
        &["p95"],
        &["p99"],
        &["p999"],
        &["mean", "average", "avg"],
        &["max", "worst", "slowest"],
        &["min", "best", "fastest"],
    ],
    &[&["debug", "dev"], &["release", "optimized"]],
    &[&["unit"], &["integration"], &["e2e"], &["smoke"], &["acceptance"]],
    &[&["line", "statement"], &["branch"], &["function"], &["mutation"]],
    &[&["staging"], &["production", "prod"], &["local", "laptop"], &["canary"]],
    &[&["critical"], &["high", "major"], &["medium", "moderate"], &["low", "minor"]],
    &[&["mobile", "phone"], &["desktop"], &["tablet"]],
    &[&["linux"], &["windows"], &["macos", "darwin"]],
    &[&["read"], &["write"]],
    &[&["upload"], &["download"]],
    &[&["peak"], &["idle"]],
    &[&["frontend"], &["backend"]],
    &[&["internal"], &["external"]],
    &[&["daily"], &["weekly"], &["monthly"]],
    &[&["planned", "scheduled"], &["unplanned", "unscheduled"]],
    &[&["morning"], &["evening"], &["night", "overnight"]],
    &[&["weekday"], &["weekend"]],
    &[&["gross"], &["net"]],
    &[&["adult"], &["child", "children"]],
    &[&["indoor"], &["outdoor"]],
    &[&["north"], &["south"], &["east"], &["west"]],
];

/// Words that are qualifiers beside only one other word, and names of things otherwise.
const NEVER_ALONE: &[&str] = &[
    "release",
    "read",
    "line",
    "unit",
    "function",
    "statement",
    "branch",
    "write",
    "writ",
    "min",
    "max",
    "low",
    "high",
    "best",
    "east",
    "north",
    "west",
    "south",
    "local",
    "net",
    "phone",
    "hot",
    "clean",
    "scratch",
    "planned",
    "schedul",
    "window",
    "acceptanc",
    "stag",
    "warm",
    "repeat",
];

/// Which word of each family a measure carries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Qualifiers(Vec<(usize, usize, Word)>);

impl Qualifiers {
    /// Takes in the qualifiers among some stems.
    pub(super) fn add(&mut self, words: &[Word]) {
        for word in words {
            let Some((family, group)) = place(word) else { continue };
            // "warm cache", "read-only replica": a word that is mostly a name counts beside its kin only.
            let weak = NEVER_ALONE.contains(&&**word);
            let known = self.0.iter().any(|(other, ..)| *other == family);
            if !known && (!weak || supports(word, words)) {
                self.0.push((family, group, word.clone()));
            }
        }
    }

    /// Takes in what another carries.
    pub(super) fn join(&mut self, other: &Self) {
        for one in &other.0 {
            if !self.0.iter().any(|(family, ..)| *family == one.0) {
                self.0.push(one.clone());
            }
        }
    }

    /// Whether both carry different words of one family.
    pub(super) fn against(&self, other: &Self) -> bool {
        self.clash(other).is_some()
    }

    /// The first pair of words that exclude each other: ours, theirs.
    pub(super) fn clash<'a>(&'a self, other: &'a Self) -> Option<(&'a Word, &'a Word)> {
        self.0.iter().find_map(|(family, group, ours)| {
            let theirs = other.0.iter().find(|(other, ..)| other == family)?;
            (theirs.1 != *group).then_some((ours, &theirs.2))
        })
    }

    /// Whether one says nothing of a family the other names.
    pub(super) fn silent_about(&self, other: &Self) -> bool {
        other.0.iter().any(|(family, ..)| !self.0.iter().any(|(own, ..)| own == family))
    }

    /// Whether a word is among them.
    pub(super) fn names(&self, word: &Word) -> bool {
        self.0.iter().any(|(_, _, known)| known == word)
    }

    /// The words themselves.
    pub(super) fn words(&self) -> impl Iterator<Item = &Word> {
        self.0.iter().map(|(_, _, word)| word)
    }

    /// Whether no family is named.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn supports(word: &str, words: &[Word]) -> bool {
    let beside: &[&str] = match word {
        "release" => &["build", "profile", "mode", "binary", "compil"],
        "line" | "function" | "statement" | "branch" => &["coverage"],
        "unit" | "acceptanc" => &["test", "suite"],
        "read" | "write" | "writ" => &["latency", "throughput", "speed"],
        "warm" | "hot" | "repeat" | "clean" | "scratch" => {
            &["build", "cach", "start", "startup", "run", "compil"]
        }
        "local" => &["environment", "deploy", "build", "latency", "test"],
        "low" | "high" => &["severity", "vulnerability", "finding", "risk", "bug", "prioriti", "issue"],
        "net" => &["gross", "cost", "revenue", "income", "amount"],
        "phone" => &["screen", "layout", "page", "load"],
        "north" | "south" | "east" | "west" => {
            &["region", "wing", "zone", "orchard", "site", "field", "side", "plot"]
        }
        "planned" | "schedul" => &["downtime", "outage", "maintenance"],
        "window" => &["linux", "macos", "build", "client", "binary", "laptop", "runner"],
        "stag" => &["environment", "cluster", "server", "deploy", "production", "database"],
        "best" | "min" | "max" => &["latency", "response"],
        _ => &[],
    };
    beside.iter().any(|kin| words.iter().any(|word| word == kin))
}

/// Whether a stem is a qualifier of some family.
pub(super) fn is_qualifier(word: &str) -> bool {
    place(word).is_some() && !NEVER_ALONE.contains(&word)
}

/// Whether a stem is a qualifier, if only beside its kin.
pub(super) fn may_qualify(word: &str) -> bool {
    place(word).is_some()
}

fn place(word: &str) -> Option<(usize, usize)> {
    static PLACES: LazyLock<HashMap<String, (usize, usize)>> = LazyLock::new(|| {
        let groups = FAMILIES.iter().enumerate().flat_map(|(family, groups)| {
            groups.iter().enumerate().map(move |(group, words)| (family, group, *words))
        });
        groups
            .flat_map(|(family, group, words)| words.iter().map(move |word| (stem(word), (family, group))))
            .collect()
    });
    PLACES.get(word).copied()
}
