//! Which yardstick a figure is about, judged by roots: for figures that say it in other words than the
//! plan. Asked only where the nearer reading found nothing.

use crate::statements::clauses::clause;
use crate::statements::figures::{Figure, Role};
use crate::statements::numbers::Unit;
use crate::statements::passages::Report;
use crate::statements::roots::Root;
use crate::statements::silent;
use crate::statements::tokens::{Lexer, Token};
use crate::statements::vocabulary::{ByNumber, Word};

use super::super::fit::{self, Fit, Surround};
use super::super::yardsticks::Yardstick;
use super::{Book, join};

/// The yardsticks by their roots.
pub(in crate::refute) struct ByRoots<'a> {
    pub(in crate::refute) book: &'a Book,
    yardsticks: &'a [Yardstick],
    /// What names each, and what stands above it in the plan.
    names: Vec<(Vec<Root>, Vec<Root>)>,
    by_root: ByNumber<Root, Vec<usize>>,
    weights: ByNumber<Root, f64>,
}

/// So much of a name must be said.
const ENOUGH: f64 = 0.5;
/// So much of what is said must be known.
const KNOWN: f64 = 0.6;
/// What so many yardsticks say picks out none of them.
const MANY: usize = 64;
/// So far behind the best a second one must be.
const APART: f64 = 0.85;

impl<'a> ByRoots<'a> {
    pub(in crate::refute) fn new(book: &'a Book, yardsticks: &'a [Yardstick], lexer: &Lexer) -> Self {
        let mut names = Vec::with_capacity(yardsticks.len());
        let mut by_root: ByNumber<Root, Vec<usize>> = ByNumber::default();
        for (at, yardstick) in yardsticks.iter().enumerate() {
            let mut name = book.roots.all(&lexer.cut(&yardstick.text));
            let words = yardstick.core.iter().chain(&yardstick.beside).map(|word| book.roots.named(word));
            join(&mut name, words.collect());
            let mut context = Vec::new();
            for entry in book.beside(yardstick) {
                join(&mut context, entry.context.clone());
            }
            for root in &name {
                by_root.entry(*root).or_default().push(at);
            }
            names.push((name, context));
        }
        let all = yardsticks.len() as f64;
        let weight = |(root, having): (&Root, &Vec<usize>)| (*root, (1.0 + all / having.len() as f64).ln());
        let weights = by_root.iter().map(weight).collect();
        Self { book, yardsticks, names, by_root, weights }
    }

    fn weight(&self, root: Root) -> f64 {
        // What no yardstick speaks of may be said of any.
        let unknown = || (1.0 + self.yardsticks.len() as f64).ln() * 0.6;
        self.weights.get(&root).copied().unwrap_or_else(unknown)
    }

    /// What a figure is about, where one yardstick alone is spoken of.
    pub(in crate::refute) fn fit(&self, figure: &Figure, report: &Report, surround: &Surround) -> Fit {
        if figure.role == Role::Aside {
            return Fit::Nothing;
        }
        let tokens = &report.passages[figure.place.0].tokens;
        // "The two shops", "the other three": which they are, not how many there are.
        let before = figure.tokens.start.checked_sub(1).filter(|at| *at >= figure.place.1.start);
        let definite = before.is_some_and(|at| {
            tokens[at].is_any(&[
                "the", "these", "those", "our", "other", "both", "another", "first", "second", "third",
                "last", "next", "this", "that", "each", "which",
            ])
        });
        if definite && figure.unit == Unit::Count && figure.whole.is_none() {
            return Fit::Nothing;
        }
        // Its own words say how it is measured, not what is.
        let words = |range: std::ops::Range<usize>| -> Vec<Root> {
            let apart = |at: &usize| {
                !figure.tokens.contains(at) || tokens[*at].is("in") || figure.unit == Unit::Percent
            };
            let kept: Vec<&Token> = range.filter(apart).map(|at| &tokens[at]).collect();
            self.book.roots.all(&kept)
        };
        let mut said = words(clause(tokens, &figure.place.1, figure.tokens.start));
        if !said.iter().any(|root| self.by_root.contains_key(root)) {
            said = words(figure.place.1.clone());
        }
        let mut candidates: Vec<usize> = said
            .iter()
            .filter_map(|root| self.by_root.get(root))
            .filter(|having| having.len() < MANY)
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut best: Vec<(f64, usize)> = candidates
            .into_iter()
            .filter_map(|at| Some((self.score(figure, &said, at, surround)?, at)))
            .collect();
        best.sort_by(|one, other| other.0.total_cmp(&one.0));
        if let Some((_, at)) = best.first()
            && self.is_told_elsewhere(figure, &said, &self.yardsticks[*at])
        {
            return Fit::Nothing;
        }
        match best.as_slice() {
            [one] => Fit::Same(vec![one.1]),
            [one, next, ..] if next.0 < one.0 * APART => Fit::Same(vec![one.1]),
            _ => Fit::Nothing,
        }
    }

    /// Whether the whole sentence is one of the plan's own, of something else than a yardstick.
    pub(in crate::refute) fn is_of_another(
        &self,
        figure: &Figure,
        report: &Report,
        yardstick: usize,
    ) -> bool {
        let tokens = &report.passages[figure.place.0].tokens[figure.place.1.clone()];
        let said = self.book.roots.all(tokens);
        said.len() >= 2
            && figure.low == figure.high
            && figure.role == Role::Now
            && self.is_told_elsewhere(figure, &said, &self.yardsticks[yardstick])
    }

    /// "The 25 largest merchants stand for 70 %" is a number of the plan's own, told elsewhere in it.
    fn is_told_elsewhere(&self, figure: &Figure, said: &[Root], yardstick: &Yardstick) -> bool {
        let same = |other: &Figure| {
            other.unit == figure.unit && other.low == figure.low && other.high == figure.high
        };
        let found = self.book.find(said, |entry| {
            let document = &self.book.documents[entry.document];
            let elsewhere = (entry.document, entry.line) != (yardstick.document, yardstick.line);
            elsewhere && entry.figures.iter().any(|(at, _)| same(&document.figures[*at]))
        });
        found.first().is_some_and(|found| found.covered > 0.9 && found.shared >= 2)
    }

    /// Whether a figure is told of as many as the demand is.
    fn has_whole(&self, yardstick: &Yardstick, figure: &Figure) -> bool {
        let Some(whole) = figure.whole.filter(|whole| *whole > 2.0) else { return false };
        let document = &self.book.documents[yardstick.document];
        self.book.beside(yardstick).any(|entry| {
            entry
                .figures
                .iter()
                .map(|(at, _)| &document.figures[*at])
                .any(|one| one.low == whole || one.whole == Some(whole))
        })
    }

    fn score(&self, figure: &Figure, said: &[Root], at: usize, surround: &Surround) -> Option<f64> {
        let (yardstick, (name, context)) = (&self.yardsticks[at], &self.names[at]);
        if !fit::may_be_about(figure, yardstick, surround) {
            return None;
        }
        let scoped = |phrase: &Vec<Word>| {
            phrase.iter().all(|word| {
                let root = self.book.roots.named(word);
                name.contains(&root)
                    || context.contains(&root)
                    || fit::tells_no_part(word)
                    || silent::says_nothing(word)
            })
        };
        if !figure.scopes.iter().all(scoped) {
            return None;
        }
        let mut qualified = yardstick.qualifiers.words().map(|word| self.book.roots.named(word));
        let beside: Vec<Root> =
            figure.near.iter().chain(&figure.around).map(|word| self.book.roots.named(word)).collect();
        if figure.unit == Unit::Count && !qualified.all(|root| beside.contains(&root)) {
            return None;
        }
        // What is counted is what the yardstick counts.
        let near: Vec<Root> = figure.near.iter().map(|word| self.book.roots.named(word)).collect();
        if figure.unit == Unit::Count && !near.is_empty() && !near.iter().any(|root| name.contains(root)) {
            return None;
        }
        let sum = |roots: &mut dyn Iterator<Item = &Root>| roots.map(|root| self.weight(*root)).sum::<f64>();
        let named = sum(&mut name.iter().filter(|root| said.contains(root))) / sum(&mut name.iter()).max(0.1);
        // What tells more of it ("door to door") need not be said.
        let core: Vec<Root> = yardstick.core.iter().map(|word| self.book.roots.named(word)).collect();
        let of_core =
            sum(&mut core.iter().filter(|root| said.contains(root))) / sum(&mut core.iter()).max(0.1);
        let named = if core.len() > 1 { named.max(of_core) } else { named };
        let named = if self.has_whole(yardstick, figure) { named + 0.2 } else { named };
        let known = |root: &&Root| name.contains(root) || context.contains(root);
        let covered = sum(&mut said.iter().filter(known)) / sum(&mut said.iter()).max(0.1);
        (named >= ENOUGH && covered >= KNOWN).then_some(named + covered)
    }
}
