//! What a plan demands, as yardsticks that a figure can be held against.

use std::collections::HashMap;

use model::check::Probe;
use model::draft::{Draft, DraftCheck, DraftCriterion, MetricRole};
use model::target::{Bound, Target};

use super::qualifiers::{Qualifiers, is_qualifier};
use crate::statements::clauses::sentences;
use crate::statements::figures::{self, Figure, Role, Sense};
use crate::statements::numbers::{self, Unit};
use crate::statements::tokens::{Lexer, Token};
use crate::statements::vocabulary::{ByNumber, Word};
use crate::statements::words::{List, PLAIN, WANTED};

/// What a figure must satisfy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Demand {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether the finite ends are left out.
    pub(super) open: bool,
    pub(super) unit: Unit,
    pub(super) scale: f64,
    pub(super) kind: DemandKind,
    /// `626/630`: out of how many.
    pub(super) whole: Option<f64>,
}

impl Demand {
    /// Of a whole, where so many are demanded that the rest may be counted instead.
    pub(super) fn rest(&self) -> Option<f64> {
        let counts = self.kind == DemandKind::Level && self.unit == Unit::Count;
        self.whole.filter(|_| counts && self.low.is_finite() && self.high == f64::INFINITY)
    }
}

/// What is demanded of the measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DemandKind {
    /// The level itself.
    Level,
    /// How much it changes.
    Change(Sense),
    /// That none is left out: "all tests pass".
    All,
}

/// A measure that the plan speaks of, with what it demands of it and where it began.
#[derive(Debug, Clone)]
pub(super) struct Yardstick {
    /// The words that name it.
    pub(super) core: Vec<Word>,
    /// Words beside them that may name it too.
    pub(super) beside: Vec<Word>,
    pub(super) qualifiers: Qualifiers,
    pub(super) demand: Option<Demand>,
    /// Where it began, with the line that says so.
    pub(super) baseline: Option<(f64, Unit, u32)>,
    /// What the plan has it at, at other times.
    pub(super) others: Vec<f64>,
    /// As the plan writes it.
    pub(super) text: String,
    /// Which document.
    pub(super) document: usize,
    pub(super) line: u32,
}

/// The words of texts of plans.
pub(super) type Lexed<'a> = HashMap<&'a str, Vec<Word>>;

/// Every yardstick of some plan documents, and the words of the texts that were read for them.
pub(super) fn yardsticks<'a>(drafts: &[(&str, &'a Draft)], lexer: &Lexer) -> (Vec<Yardstick>, Lexed<'a>) {
    let mut found = Vec::new();
    let mut lexed = Lexed::new();
    for (document, (_, draft)) in drafts.iter().enumerate() {
        let mut gather = Gather { lexer, document, found: &mut found, lexed: &mut lexed };
        gather.metrics(draft);
        let phases = draft.phases.iter().flat_map(|phase| phase.exit.iter().chain(&phase.entrance));
        let tasks = draft.tasks.iter().flat_map(|task| &task.criteria);
        for criterion in draft.criteria.iter().chain(phases).chain(tasks) {
            gather.criterion(criterion);
        }
        for task in &draft.tasks {
            gather.text(&task.title, task.line, false);
            for text in task.objectives.iter().chain(&task.deliverables).chain(&task.outputs) {
                gather.text(text, task.line, false);
            }
            gather.checks(&task.checks, &task.title);
        }
        for note in draft.assumptions.iter().chain(&draft.notes) {
            gather.text(&note.text, note.line, false);
            gather.baseline(&note.text, note.line);
        }
    }
    (merge(found), lexed)
}

struct Gather<'a, 'd> {
    lexer: &'a Lexer,
    document: usize,
    found: &'a mut Vec<Yardstick>,
    lexed: &'a mut Lexed<'d>,
}

impl<'d> Gather<'_, 'd> {
    fn tokens(&self, text: &str) -> Vec<Token> {
        self.lexer.tokens(text, &|offset| offset)
    }

    fn metrics(&mut self, draft: &Draft) {
        for metric in &draft.metrics {
            let name = self.tokens(&metric.name);
            let words = figures::stems(&name);
            let unit = metric.unit.as_deref().unwrap_or_default();
            let demand = metric.target.as_ref().and_then(|target| demand(target, &name));
            let (kind, scale, unit_words) = unit_of(unit, self);
            // "At least 40 %" of a size is by how much it is to change.
            let of_other = !matches!(kind, Unit::Percent | Unit::Points) && metric.unit.is_some();
            let demand = demand.map(|demand| match (demand.kind, demand.unit) {
                (DemandKind::Level, Unit::Percent) if of_other => {
                    Demand { kind: DemandKind::Change(Sense::Unknown), ..demand }
                }
                _ => demand,
            });
            let baseline = metric
                .value
                .filter(|_| metric.role == MetricRole::Baseline)
                .map(|value| (value * scale, kind, metric.line));
            if demand.is_none() && baseline.is_none() {
                continue;
            }
            let text = metric
                .target
                .as_ref()
                .map_or_else(|| metric.name.clone(), |target| format!("{} {target}", metric.name.trim()));
            let mut core = words;
            core.extend(unit_words);
            let before = self.found.len();
            self.push(core, Vec::new(), demand, baseline, text, metric.line);
            for new in &mut self.found[before..] {
                new.others.extend(metric.others.iter().map(|value| value * scale));
            }
        }
    }

    fn criterion(&mut self, criterion: &'d DraftCriterion) {
        let before = self.found.len();
        self.text(&criterion.text, criterion.line, true);
        let got = self.found.len() > before;
        for check in &criterion.checks {
            if !got || !matches!(check.spec.probe, Probe::Metric { .. }) {
                self.checks(std::slice::from_ref(check), &criterion.text);
            }
        }
        // What the probe calls the measure names it as well.
        if got {
            let names: Vec<Word> = criterion
                .checks
                .iter()
                .filter_map(|check| match &check.spec.probe {
                    Probe::Metric { name, .. } => Some(figures::stems(&self.tokens(&name.replace('_', " ")))),
                    _ => None,
                })
                .flatten()
                .collect();
            if let [only] = &mut self.found[before..] {
                let qualified: Vec<Word> = names.iter().filter(|name| is_qualifier(name)).cloned().collect();
                only.qualifiers.add(&qualified);
                only.beside.extend(names.into_iter().filter(|name| !is_qualifier(name)));
            }
        }
    }

    fn checks(&mut self, checks: &[DraftCheck], beside: &str) {
        for check in checks {
            let Probe::Metric { name, target, .. } = &check.spec.probe else { continue };
            let tokens = self.tokens(&name.replace('_', " "));
            let Some(demand) = demand(target, &tokens) else { continue };
            let core = figures::stems(&tokens);
            let beside = figures::stems(&self.tokens(beside));
            self.push(core, beside, Some(demand), None, format!("{name} {target}"), check.line);
        }
    }

    /// The demands of a sentence: of a criterion, a plain number counts as one too.
    fn text(&mut self, text: &'d str, line: u32, is_criterion: bool) {
        let tokens = self.tokens(text);
        self.lexed.insert(text, figures::stems(&tokens));
        let mut figures = Vec::new();
        for sentence in sentences(&tokens) {
            figures::figures(0, &tokens, &sentence, &mut figures);
        }
        let counted = figures.len();
        for figure in &figures {
            if let Some(found) = of_figure(figure, is_criterion, &tokens) {
                let (mut core, beside) = names(figure);
                if core.is_empty() {
                    // "Nightly run: from 6 h 40 min to between 2 and 3 hours"
                    let label = tokens.iter().take(7).position(|token| token.is_sign(':')).unwrap_or(0);
                    core = figures::stems(&tokens[..label]);
                }
                let began = figures.iter().find(|other| {
                    other.unit == figure.unit && other.exact().is_some() && tells_beginning(other, &tokens)
                });
                let began = began.and_then(|other| Some((other.exact()?, other.unit, line)));
                self.push(core, beside, Some(found), began, text.to_owned(), line);
            }
        }
        if is_criterion
            && counted == 0
            && let Some((core, demand)) = all_of(&tokens)
        {
            let beside = figures::stems(&tokens).into_iter().filter(|word| !core.contains(word)).collect();
            self.push(core, beside, Some(demand), None, text.to_owned(), line);
        }
    }

    /// Where a measure begins, told in prose.
    fn baseline(&mut self, text: &str, line: u32) {
        let tokens = self.tokens(text);
        let mut figures = Vec::new();
        for sentence in sentences(&tokens) {
            figures::figures(0, &tokens, &sentence, &mut figures);
        }
        for figure in figures.iter().filter(|figure| figure.role == Role::Before) {
            if let Some(value) = figure.exact() {
                let (core, beside) = names(figure);
                self.push(core, beside, None, Some((value, figure.unit, line)), text.to_owned(), line);
            }
        }
    }

    fn push(
        &mut self,
        core: Vec<Word>,
        beside: Vec<Word>,
        demand: Option<Demand>,
        baseline: Option<(f64, Unit, u32)>,
        text: String,
        line: u32,
    ) {
        let mut qualifiers = Qualifiers::default();
        qualifiers.add(&core);
        qualifiers.add(&beside);
        let name = |words: Vec<Word>| -> Vec<Word> {
            words.into_iter().filter(|word| !is_qualifier(word) && !WANTED.contains(&&**word)).collect()
        };
        let (mut core, beside) = (name(core), name(beside));
        core.dedup();
        if core.is_empty() {
            return;
        }
        let document = self.document;
        let others = Vec::new();
        self.found.push(Yardstick {
            core,
            beside,
            qualifiers,
            demand,
            baseline,
            others,
            text,
            document,
            line,
        });
    }
}

/// A metric's unit: what kind it is, and the words in it that name the thing counted.
fn unit_of(unit: &str, gather: &Gather<'_, '_>) -> (Unit, f64, Vec<Word>) {
    match numbers::unit(unit.trim().to_lowercase().as_str()) {
        Some((kind, scale)) => (kind, scale, Vec::new()),
        None => (Unit::Count, 1.0, figures::stems(&gather.tokens(unit))),
    }
}

/// What a target demands, given the name of what it is a target for.
pub(super) fn demand(target: &Target, name: &[Token]) -> Option<Demand> {
    let words: Vec<&str> = target.unit().split_whitespace().collect();
    let (unit, scale) =
        words.first().and_then(|word| numbers::unit(&word.to_lowercase())).unwrap_or((Unit::Count, 1.0));
    let (low, high, open) = match target.bound() {
        Bound::Below(n) => (f64::NEG_INFINITY, n, true),
        Bound::AtMost(n) => (f64::NEG_INFINITY, n, false),
        Bound::Above(n) => (n, f64::INFINITY, true),
        Bound::AtLeast(n) | Bound::OutOf(n, _) => (n, f64::INFINITY, false),
        Bound::Equals(n) => (n, n, false),
        Bound::Within(a, b) => (a, b, false),
    };
    let falls = name.iter().any(|token| {
        token.is_any(&[
            "reduction",
            "decrease",
            "faster",
            "saving",
            "savings",
            "less",
            "fewer",
            "lower",
            "shorter",
            "cut",
            "improvement",
            "drop",
            "speedup",
        ])
    });
    let changes = name.iter().any(|token| token.is_any(&["change", "delta"]));
    let negative = (low.is_finite() && low < 0.0) || (high.is_finite() && high < 0.0);
    let whole = match target.bound() {
        Bound::OutOf(_, whole) => Some(whole),
        _ => None,
    };
    let (low, high) = (low * scale, high * scale);
    if unit == Unit::Percent && (negative || falls || changes) {
        let (low, high) = if negative || !falls { (low, high) } else { (-high, -low) };
        let kind = DemandKind::Change(if negative || falls { Sense::Down } else { Sense::Unknown });
        // "-30 %" asks for that much or more.
        let low = if low == high && high < 0.0 { f64::NEG_INFINITY } else { low };
        return Some(Demand { low, high, open, unit, scale, kind, whole });
    }
    let timed = name.iter().any(|token| token.is_any(&["time", "duration", "latency", "seconds", "runtime"]));
    let kind =
        if unit == Unit::Percent && timed { DemandKind::Change(Sense::Unknown) } else { DemandKind::Level };
    Some(Demand { low, high, open, unit, scale, kind, whole })
}

/// What a figure of a plan demands, if anything.
fn of_figure(figure: &Figure, is_criterion: bool, tokens: &[Token]) -> Option<Demand> {
    if figure.rough {
        return None;
    }
    let ahead = &tokens[..figure.tokens.start];
    // What is to be none of some is told by what becomes of them, which no count of them tells.
    let of_some = tokens[figure.tokens.start].is("none") && figure.low == 0.0 && figure.tokens.len() > 1;
    if of_some || tells_beginning(figure, tokens) {
        return None;
    }
    // "No transfer takes longer than 15 minutes"
    let forbidden = figure.low.is_finite()
        && figure.high == f64::INFINITY
        && figure.open
        && ahead.iter().any(|token| token.is_any(&["no", "none", "nobody", "nothing", "never"]));
    let turned = Figure { low: f64::NEG_INFINITY, high: figure.low, open: false, ..figure.clone() };
    let figure = if forbidden { &turned } else { figure };
    let bounded = figure.low != figure.high;
    // "All 26", "every one of the 26"
    let all = tokens[..figure.tokens.start]
        .iter()
        .rev()
        .take_while(|token| token.is_any(&["all", "every", "each", "one", "of", "the", "our"]))
        .any(|token| token.is_any(&["all", "every", "each"]));
    let base = Demand {
        low: figure.low,
        high: figure.high,
        open: figure.open,
        unit: figure.unit,
        scale: figure.scale,
        kind: DemandKind::Level,
        whole: figure.whole,
    };
    match figure.role {
        Role::Change(sense) if figure.unit == Unit::Percent => {
            let sense = if sense == Sense::Better && !is_rising(figure) { Sense::Down } else { sense };
            let (low, high) = match sense {
                Sense::Down if figure.low >= 0.0 => (-figure.high, -figure.low),
                _ => (figure.low, figure.high),
            };
            // "at least 25 % faster" asks for no end, "25 % faster" for that much or more.
            let (low, high) = if bounded {
                (low, high)
            } else if sense == Sense::Down {
                (f64::NEG_INFINITY, high)
            } else {
                (low, f64::INFINITY)
            };
            Some(Demand { low, high, kind: DemandKind::Change(sense), ..base })
        }
        Role::Change(_) | Role::Before => None,
        Role::Aside if !bounded => None,
        _ if bounded => Some(base),
        _ if figure.whole.is_some() => Some(Demand { low: figure.low, high: f64::INFINITY, ..base }),
        _ if !is_criterion => None,
        _ if figure.low == 0.0 => Some(Demand { low: f64::NEG_INFINITY, high: 0.0, ..base }),
        Role::Wanted => Some(Demand { high: f64::INFINITY, ..base }),
        _ => {
            let done = tokens.iter().any(|token| {
                token.is_any(&[
                    "implemented",
                    "migrated",
                    "added",
                    "covered",
                    "documented",
                    "written",
                    "completed",
                    "delivered",
                    "passing",
                    "pass",
                    "converted",
                    "moved",
                    "published",
                    "tested",
                    "installed",
                    "trained",
                    "reviewed",
                    "imported",
                    "created",
                    "approved",
                    "signed",
                    "registered",
                    "planted",
                    "shipped",
                ])
            });
            let counts = matches!(figure.unit, Unit::Count | Unit::Percent) && !figure.near.is_empty();
            match (counts, done, all) {
                (true, true, _) => {
                    let whole = if all { Some(figure.low) } else { base.whole };
                    Some(Demand { high: f64::INFINITY, whole, ..base })
                }
                (true, false, true) => Some(Demand {
                    low: 0.0,
                    high: 0.0,
                    kind: DemandKind::All,
                    whole: Some(figure.low),
                    ..base
                }),
                _ => None,
            }
        }
    }
}

/// "(today 48 minutes)", "from 400 minutes to …": how it is before the work, in a plan's own words.
fn tells_beginning(figure: &Figure, tokens: &[Token]) -> bool {
    let before = figure.tokens.start.checked_sub(1).map(|at| &tokens[at]);
    figure.role == Role::Before
        || figure.low == figure.high
            && before.is_some_and(|before| {
                before.is_any(&["today", "currently", "now", "presently", "was", "formerly", "before", "at"])
            })
            && (0..figure.tokens.start).rev().take(3).any(|at| tokens[at].is_sign('('))
}

/// Whether better means more.
fn is_rising(figure: &Figure) -> bool {
    figure.sentence.iter().any(|word| {
        matches!(
            &**word,
            "coverage"
                | "throughput"
                | "availability"
                | "uptime"
                | "accuracy"
                | "precision"
                | "recall"
                | "pass"
        )
    })
}

/// "All tests pass", "every endpoint is documented".
fn all_of(tokens: &[Token]) -> Option<(Vec<Word>, Demand)> {
    let at = tokens.iter().position(|token| token.is_any(&["all", "every", "each"]))?;
    let words: Vec<Word> = tokens[at + 1..]
        .iter()
        .skip_while(|token| token.is_any(&["the", "of", "our", "existing"]))
        .take_while(|token| token.is_word() && !token.is_of(List::Empty))
        .map(|token| token.stem.clone())
        .filter(|word| !PLAIN.contains(&&**word))
        .take(3)
        .collect();
    let said = figures::stems(&tokens[at..]);
    let demand = Demand {
        low: 0.0,
        high: 0.0,
        open: false,
        unit: Unit::Count,
        scale: 1.0,
        kind: DemandKind::All,
        whole: None,
    };
    let words = if words.is_empty() { said } else { words };
    (!words.is_empty()).then_some((words, demand))
}

/// The words that name what a figure of a plan is about, and those beside them.
fn names(figure: &Figure) -> (Vec<Word>, Vec<Word>) {
    // The unit of another figure names nothing.
    let named = |words: &[Word]| -> Vec<Word> {
        words.iter().filter(|word| numbers::unit(word).is_none()).cloned().collect()
    };
    let mut core = named(&figure.near);
    let mut beside = named(&figure.around);
    if core.is_empty() {
        core = named(&figure.around);
        beside = figure.outside.clone();
    } else {
        beside.extend(figure.outside.iter().cloned());
    }
    if core.is_empty() {
        core = std::mem::take(&mut beside);
    }
    // "Hardware tests: 340/342 pass": what passes is named by the label.
    if core.iter().all(|word| matches!(&**word, "pass" | "fail")) && !figure.label.is_empty() {
        beside.extend(std::mem::replace(&mut core, figure.label.clone()));
    }
    (core, beside)
}

/// Joins what several places of the plan say of one measure.
fn merge(found: Vec<Yardstick>) -> Vec<Yardstick> {
    let mut kept: Vec<Yardstick> = Vec::new();
    let mut index = Index::default();
    for one in found {
        let same = index.candidates(&one).filter(|at| is_same(&kept[*at], &one)).min();
        index.enter(&one, same.unwrap_or(kept.len()), same.is_none());
        match same.map(|at| &mut kept[at]) {
            Some(other) => {
                if other.demand.is_none() && one.demand.is_some() {
                    (other.demand, other.line) = (one.demand, one.line);
                    other.text.clone_from(&one.text);
                    other.document = one.document;
                }
                other.baseline = other.baseline.or(one.baseline);
                other.others.extend(one.others);
                for word in one.core.into_iter().chain(one.beside) {
                    if !other.core.contains(&word) && !other.beside.contains(&word) {
                        other.beside.push(word);
                    }
                }
                other.qualifiers.join(&one.qualifiers);
            }
            None => kept.push(one),
        }
    }
    kept
}

/// Finds those of one name: what is demanded is compared before any word, since a plan of a thousand
/// gates may have them all of a few words.
#[derive(Default)]
struct Index {
    /// By each word of the name.
    by_word: ByNumber<Word, ByDemand>,
    /// By the first word of the core.
    by_core: ByNumber<Word, ByDemand>,
}

type ByDemand = ByNumber<Option<(u64, u64, Unit)>, Vec<usize>>;

impl Index {
    /// Every one whose core may lie within the name of this one, or the other way round.
    fn candidates(&self, one: &Yardstick) -> impl Iterator<Item = usize> {
        let within = one.core.first().and_then(|word| self.by_word.get(word));
        let around = one.core.iter().chain(&one.beside).filter_map(|word| self.by_core.get(word));
        let wanted = demand_key(one);
        within
            .into_iter()
            .chain(around)
            .flatten()
            .filter(move |(key, _)| wanted.is_none() || key.is_none() || **key == wanted)
            .flat_map(|(_, places)| places.iter().copied())
    }

    fn enter(&mut self, one: &Yardstick, at: usize, is_new: bool) {
        let key = demand_key(one);
        for word in one.core.iter().chain(&one.beside) {
            let places = self.by_word.entry(word.clone()).or_default().entry(key).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
        if let Some(first) = one.core.first().filter(|_| is_new) {
            self.by_core.entry(first.clone()).or_default().entry(key).or_default().push(at);
        }
    }
}

fn demand_key(one: &Yardstick) -> Option<(u64, u64, Unit)> {
    // Nothing from below and nothing from above are one number.
    let bits = |number: f64| (number + 0.0).to_bits();
    one.demand.as_ref().map(|demand| (bits(demand.low), bits(demand.high), demand.unit))
}

fn is_same(other: &Yardstick, one: &Yardstick) -> bool {
    (match (&other.demand, &one.demand) {
        (Some(a), Some(b)) => {
            a.low == b.low && a.high == b.high && a.unit == b.unit && !of_two_parts(other, one)
        }
        _ => compatible(other, one),
    }) && same_name(other, one)
}

/// Whether each names something the other does not: the warnings of the importer and of the ledger.
fn of_two_parts(one: &Yardstick, other: &Yardstick) -> bool {
    let names_more = |a: &Yardstick, b: &Yardstick| {
        a.beside.iter().any(|word| !b.core.contains(word) && !b.beside.contains(word))
    };
    names_more(one, other) && names_more(other, one)
}

/// Whether everything the shorter name says is in the longer one, and no qualifier stands against it.
fn same_name(one: &Yardstick, other: &Yardstick) -> bool {
    let within =
        |a: &[Word], b: &Yardstick| a.iter().all(|word| b.core.contains(word) || b.beside.contains(word));
    (within(&one.core, other) || within(&other.core, one)) && !one.qualifiers.against(&other.qualifiers)
}

/// A baseline is one of a demand where both measure the same kind of thing.
fn compatible(one: &Yardstick, other: &Yardstick) -> bool {
    let unit = |yardstick: &Yardstick| yardstick.baseline.map(|(_, unit, _)| unit);
    let (demand, baseline) = match (&one.demand, &other.demand) {
        (Some(demand), None) => (demand, unit(other)),
        (None, Some(demand)) => (demand, unit(one)),
        _ => return unit(one) == unit(other),
    };
    baseline.is_none_or(|unit| unit == demand.unit || matches!(demand.kind, DemandKind::Change(_)))
}
