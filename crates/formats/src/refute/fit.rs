//! Which yardstick a figure is about, judged by its words and unit. Where two fit alike, both are
//! given; where none fits well, none is.

use std::collections::HashMap;

use crate::statements::figures::{Figure, Role};
use crate::statements::numbers::Unit;

use super::qualifiers::Qualifiers;
use super::yardsticks::{DemandKind, Yardstick};

/// What a figure is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fit {
    /// These yardsticks, which it fits alike.
    Same(Vec<usize>),
    /// The yardstick's measure but for a qualifier: the plan's word and the report's.
    Other {
        yardstick: usize,
        ours: String,
        theirs: String,
    },
    Nothing,
}

/// Holds figures against yardsticks by name.
pub(super) struct Fitter<'a> {
    yardsticks: &'a [Yardstick],
    /// In how many yardsticks a word is.
    common: HashMap<&'a str, usize>,
    /// Which yardsticks have a word in their core.
    by_word: HashMap<&'a str, Vec<usize>>,
}

/// The words around a figure that its own sentence does not hold.
#[derive(Debug, Default, Clone)]
pub(super) struct Surround {
    /// The outer item, or the line that introduces the list.
    pub(super) above: Vec<String>,
    /// The headings above, nearest first.
    pub(super) headings: Vec<String>,
}

/// Words that limit a count to a part of the whole.
const PARTS: &[&str] = &[
    "document",
    "exampl",
    "vendor",
    "vendored",
    "upstream",
    "party",
    "generat",
    "legacy",
    "deprecat",
    "sandbox",
    "prototyp",
    "demo",
    "fork",
    "plugin",
    "submodul",
    "playground",
    "nightly",
    "other",
    "remaind",
    "benchmark",
    "frontend",
    "backend",
    "doctest",
    "flaky",
    "quarantin",
    "draft",
    "rust",
    "javascript",
    "python",
    "unrelat",
    "separat",
    "manual",
    "custom",
    "additional",
    "alone",
    "beta",
    "pilot",
    "trial",
    "rehearsal",
    "experiment",
    "subset",
    "sampl",
    "alarm",
    "alert",
    "archiv",
    "archive",
    "competitor",
];

/// Nouns that make another thing of the noun before them: "test files" are no tests.
const HEADS: &[&str] = &[
    "file",
    "case",
    "suite",
    "name",
    "report",
    "message",
    "page",
    "module",
    "crate",
    "function",
    "line",
    "run",
    "job",
    "step",
    "script",
    "ticket",
    "rule",
    "type",
    "class",
    "category",
    "kind",
    "hour",
    "day",
    "engineer",
    "owner",
    "author",
    "tool",
    "plan",
    "team",
    "budget",
    "label",
    "cod",
    "level",
    "fixtur",
    "helper",
    "server",
    "machin",
    "account",
    "manager",
    "option",
    "flag",
    "agent",
    "script",
    "dashboard",
    "request",
    "comment",
];

/// Words for the whole, and for occasions that do not narrow what is measured.
const WHOLES: &[&str] = &[
    "ci",
    "main",
    "branch",
    "trunk",
    "release",
    "total",
    "averag",
    "average",
    "summary",
    "product",
    "system",
    "app",
    "application",
    "service",
    "build",
    "suite",
    "test",
    "run",
    "measure",
    "benchmark",
    "load",
    "traffic",
    "production",
    "fact",
    "output",
    "log",
    "console",
    "particular",
    "general",
    "week",
    "month",
    "day",
    "today",
    "moment",
    "line",
    "accord",
    "view",
    "light",
    "end",
    "top",
    "order",
    "addition",
    "contrast",
    "track",
    "cours",
    "course",
    "spit",
    "spite",
    "migrate",
    "deploy",
    "effort",
    "chang",
    "change",
    "check",
    "review",
    "audit",
    "validate",
    "verify",
    "clippy",
    "compiler",
    "lint",
    "query",
    "database",
    "user",
    "request",
    "second",
    "minut",
    "minute",
    "hour",
    "improvement",
    "reduction",
    "drop",
    "decreas",
    "decrease",
    "increas",
    "increase",
    "gain",
    "saving",
    "batch",
    "task",
    "peak",
    "target",
    "limit",
    "criterion",
    "gate",
];

/// Words for the tools and places that give a plain count without changing what is counted.
const TOOLS: &[&str] = &[
    "clippy",
    "compiler",
    "lint",
    "linter",
    "rustc",
    "eslint",
    "build",
    "ci",
    "cargo",
    "total",
    "main",
    "unit",
    "integration",
    "regression",
    "automat",
    "code",
    "known",
    "individual",
    "distinct",
    "single",
];

impl<'a> Fitter<'a> {
    pub(super) fn new(yardsticks: &'a [Yardstick]) -> Self {
        let mut by_word: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, yardstick) in yardsticks.iter().enumerate() {
            for word in &yardstick.core {
                let places = by_word.entry(word).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
        }
        let common = by_word.iter().map(|(word, places)| (*word, places.len())).collect();
        Self { yardsticks, common, by_word }
    }

    /// What a figure is about.
    pub(super) fn fit(&self, figure: &Figure, surround: &Surround) -> Fit {
        if figure.role == Role::Aside {
            return Fit::Nothing;
        }
        let mut best: Vec<(f64, usize)> = Vec::new();
        let tiers: [&[String]; 5] =
            [&figure.near, &figure.around, &figure.outside, &surround.above, &surround.headings];
        let mut candidates: Vec<usize> = tiers
            .iter()
            .flat_map(|words| words.iter())
            .filter_map(|word| self.by_word.get(&**word))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        for at in candidates {
            let yardstick = &self.yardsticks[at];
            if !units_agree(figure, yardstick) || !polarity_agrees(figure, yardstick) {
                continue;
            }
            if let Some(score) = self.score(figure, yardstick, &tiers) {
                best.push((score, at));
            }
        }
        let carried = qualifiers_of(figure, surround);
        if best.is_empty()
            && let Some(only) = self.by_percentile(figure)
        {
            return Fit::Same(vec![only]);
        }
        let top = best.iter().map(|(score, _)| *score).fold(0.0, f64::max);
        let near_top: Vec<usize> =
            best.iter().filter(|(score, _)| *score >= top - 1e-9).map(|(_, at)| *at).collect();
        // Of those that fit alike, the ones whose qualifiers agree.
        let all: Vec<usize> =
            best.iter().filter(|(score, _)| *score >= top * 0.6).map(|(_, at)| *at).collect();
        let agreeing: Vec<usize> = all
            .iter()
            .copied()
            .filter(|at| {
                let own = &self.yardsticks[*at].qualifiers;
                !own.against(&carried) && !(own.silent_about(&carried))
            })
            .collect();
        let agreeing_top: Vec<usize> = agreeing.iter().copied().filter(|at| near_top.contains(at)).collect();
        if !agreeing_top.is_empty() {
            return Fit::Same(agreeing_top);
        }
        if !agreeing.is_empty() && !carried.is_empty() {
            return Fit::Same(agreeing);
        }
        for at in near_top {
            if let Some((ours, theirs)) = self.yardsticks[at].qualifiers.clash(&carried) {
                return Fit::Other { yardstick: at, ours: ours.to_owned(), theirs: theirs.to_owned() };
            }
        }
        Fit::Nothing
    }

    /// "The p99 is at 380 ms": a percentile names a measure where only one yardstick has it.
    fn by_percentile(&self, figure: &Figure) -> Option<usize> {
        let named = |word: &&String| {
            word.len() > 1 && word.starts_with('p') && word[1..].bytes().all(|byte| byte.is_ascii_digit())
        };
        let word = figure.sentence.iter().find(named)?;
        if figure.sentence.iter().filter(named).count() > 1 || figure.unit != Unit::Seconds {
            return None;
        }
        let mut those = self.yardsticks.iter().enumerate().filter(|(_, one)| one.qualifiers.names(word));
        let first = those.next().filter(|(_, one)| units_agree(figure, one) && !narrowed(figure, one))?;
        those.next().is_none().then_some(first.0)
    }

    /// How well the words fit, nearer words first; nothing where they do not.
    fn score(&self, figure: &Figure, yardstick: &Yardstick, tiers: &[&[String]; 5]) -> Option<f64> {
        let core = &yardstick.core;
        let known = |word: &String| core.contains(word) || yardstick.beside.contains(word);
        let counted = figure.unit == Unit::Count && !figure.near.is_empty();
        if counted {
            let first = figure.near.iter().position(|word| core.contains(word))?;
            if figure.near.get(first + 1).is_some_and(|next| HEADS.contains(&&**next) && !known(next)) {
                return None;
            }
            let strange = figure.near[..first].iter().any(|word| {
                !known(word)
                    && (!TOOLS.contains(&&**word) || core.len() != 1)
                    && !super::qualifiers::is_qualifier(word)
            });
            if strange {
                return None;
            }
        }
        let limits = figure.near.iter().chain(&figure.around).chain(&figure.outside);
        if limits.into_iter().any(|word| PARTS.contains(&&**word) && !known(word)) {
            return None;
        }
        if !figure.offered && narrowed(figure, yardstick) {
            return None;
        }
        // "crash-free" and "crash" are opposites.
        let free = |words: &[String]| words.iter().any(|word| word == "free");
        if free(core) != free(&figure.sentence)
            && (free(core) || figure.near.iter().any(|word| core.contains(word)))
        {
            return None;
        }
        // A count of all findings is none of the critical ones.
        if counted && figure.near.iter().any(|word| core.contains(word)) {
            let mut own = Qualifiers::default();
            for words in tiers {
                own.add(words);
            }
            if own.silent_about(&yardstick.qualifiers) {
                return None;
            }
        }
        let weight = |word: &String| 1.0 / self.common.get(&**word).copied().unwrap_or(1) as f64;
        let total: f64 = core.iter().map(weight).sum();
        let mut scope: Vec<&String> = Vec::new();
        for (tier, words) in tiers.iter().enumerate() {
            scope.extend(words.iter());
            let own = core.iter().filter(|word| scope.contains(word)).count();
            let got: f64 = core.iter().filter(|word| scope.contains(word)).map(weight).sum();
            if own == 0 || got / total < 0.499 {
                // Far words alone do not name a figure that has words of its own.
                if tier == 2 && scope.iter().any(|word| !known(word)) && own == 0 && !scope.is_empty() {
                    let strange = scope.iter().filter(|word| !known(word)).count();
                    if strange > 1 {
                        return None;
                    }
                }
                continue;
            }
            let beside = yardstick.beside.iter().filter(|word| scope.contains(word)).count();
            let nearness = [0.25, 0.2, 0.15, 0.05, 0.0][tier];
            return Some(got / total + nearness + 0.02 * beside.min(5) as f64);
        }
        None
    }
}

/// Whether a figure is said of a part, an occasion or a place that the yardstick does not speak of.
fn narrowed(figure: &Figure, yardstick: &Yardstick) -> bool {
    let known = |word: &String| {
        yardstick.core.contains(word)
            || yardstick.beside.contains(word)
            || WHOLES.contains(&&**word)
            || super::qualifiers::is_qualifier(word)
    };
    figure.scopes.iter().any(|phrase| !phrase.iter().all(known))
}

/// The qualifiers a figure carries: those beside it, else the only one of its sentence, else those of
/// the headings above.
pub(super) fn qualifiers_of(figure: &Figure, surround: &Surround) -> Qualifiers {
    let mut carried = Qualifiers::default();
    let mut own: Vec<String> = figure.near.clone();
    own.extend(figure.around.iter().cloned());
    carried.add(&own);
    own.extend(figure.outside.iter().cloned());
    carried.add(&own);
    carried.add(&figure.sentence);
    carried.add(&surround.above);
    carried.add(&surround.headings);
    carried
}

/// Whether the yardstick measures in the figure's unit, or in changes of it.
fn units_agree(figure: &Figure, yardstick: &Yardstick) -> bool {
    let baseline = yardstick.baseline.is_some_and(|(_, unit, _)| unit == figure.unit);
    let Some(demand) = &yardstick.demand else { return baseline };
    match (demand.kind, figure.role) {
        (_, Role::Change(_)) if matches!(figure.unit, Unit::Percent | Unit::Times) => true,
        (DemandKind::Change(_), _) => figure.unit != Unit::Percent || figure.role == Role::Wanted || baseline,
        (DemandKind::All, _) => matches!(figure.unit, Unit::Count | Unit::Percent),
        (DemandKind::Level, _) => {
            demand.unit == figure.unit
                || baseline
                || (figure.unit == Unit::Points && demand.unit == Unit::Percent)
        }
    }
}

/// Whether a figure about failing is held against a yardstick about failing, and the other way round.
fn polarity_agrees(figure: &Figure, yardstick: &Yardstick) -> bool {
    const TURNED: &[&str] = &["fail", "skipp", "skip", "ignor", "error", "flaky", "excluded", "exclud"];
    let turned = figure.near.iter().chain(&figure.around).any(|word| TURNED.contains(&&**word));
    let own = yardstick.core.iter().chain(&yardstick.beside).any(|word| TURNED.contains(&&**word));
    turned == own || yardstick.demand.is_some_and(|demand| demand.kind == DemandKind::All) || (own && !turned)
}

/// Whether a figure counts what did not pass.
pub(super) fn counts_failures(figure: &Figure) -> bool {
    const TURNED: &[&str] = &["fail", "error", "missing", "uncover", "undocument", "unresolv"];
    figure.near.iter().chain(&figure.around).any(|word| TURNED.contains(&&**word))
}
