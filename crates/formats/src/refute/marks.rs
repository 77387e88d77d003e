//! What kind each word is, looked up once for every word of a report and its plans.

use super::qualifiers;
use crate::statements::vocabulary::Word;

/// What kinds of words were met, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Lexicon(Vec<Option<Marks>>);

/// What kind a word is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    /// Limits a count to a part of the whole.
    pub(super) part: bool,
    /// Makes another thing of the noun before it.
    pub(super) head: bool,
    /// Stands for the whole, or an occasion.
    pub(super) whole: bool,
    /// A tool or place that changes nothing about what is counted.
    pub(super) tool: bool,
    /// Makes another measure of one name.
    pub(super) qualifier: bool,
    /// A qualifier, or a word that is one beside its kin.
    pub(super) may_qualify: bool,
    /// Counts what went wrong.
    pub(super) turned: bool,
    /// "crash-free" and "crash" are opposites.
    pub(super) free: bool,
}

impl Lexicon {
    /// The numbers of some words, each known from now on.
    pub(super) fn numbers(&mut self, words: &[Word]) -> Vec<u32> {
        words.iter().map(|word| self.number(word)).collect()
    }

    fn number(&mut self, word: &Word) -> u32 {
        let number = word.number();
        if self.0.len() <= number {
            self.0.resize(number + 1, None);
        }
        self.0[number].get_or_insert_with(|| Marks::of(word));
        number as u32
    }

    /// What kind a word is.
    pub(super) fn marks(&self, number: u32) -> Marks {
        self.0.get(number as usize).copied().flatten().unwrap_or_default()
    }

    /// One more than the greatest number.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Marks {
    fn of(text: &str) -> Self {
        Self {
            part: PARTS.contains(&text),
            head: HEADS.contains(&text),
            whole: WHOLES.contains(&text),
            tool: TOOLS.contains(&text),
            qualifier: qualifiers::is_qualifier(text),
            may_qualify: qualifiers::may_qualify(text),
            turned: TURNED.contains(&text),
            free: text == "free",
        }
    }
}

/// Whether a word stands for the whole, or names a tool or place that changes nothing about what is counted.
pub(super) fn changes_nothing(stem: &str) -> bool {
    WHOLES.contains(&stem) || TOOLS.contains(&stem)
}

/// Words that count what went wrong.
pub(super) const TURNED: &[&str] =
    &["fail", "skipp", "skip", "ignor", "error", "flaky", "excluded", "exclud"];

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
pub(super) const WHOLES: &[&str] = &[
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
    "clos",
    "close",
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
