//! What a plan demands, as yardsticks that a figure can be held against.

use std::collections::HashMap;
use std::rc::Rc;

use model::check::Probe;
use model::draft::{Draft, DraftCheck, DraftCriterion, MetricRole};
use model::target::{Bound, Target};

use super::merge::merge;
use super::plan_figures::{of_figure, rises, tells_beginning};
use super::qualifiers::{Qualifiers, is_qualifier};
use crate::statements::figures::{self, Figure, Role, Sense};
use crate::statements::numbers::{self, Unit};
use crate::statements::tokens::{Cut, Lexer, Token};
use crate::statements::vocabulary::Word;
use crate::statements::words::{List, PLAIN, WANTED};
use crate::statements::{Figured, figures_of};

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
    /// What the plan has it at now, beside where it began.
    pub(super) measured: Option<f64>,
    /// The length of time it is counted over, in seconds.
    pub(super) per: Option<f64>,
    /// As the plan writes it.
    pub(super) text: String,
    /// Which document.
    pub(super) document: usize,
    pub(super) line: u32,
}

impl Yardstick {
    /// Whether better means more, by its name.
    pub(super) fn rises(&self) -> bool {
        self.core.iter().chain(&self.beside).any(rises)
    }
}

/// What was read of the texts of plans, which are asked for again.
#[derive(Default)]
pub(super) struct Lexed<'a> {
    pub(super) words: HashMap<&'a str, Vec<Word>>,
    pub(super) figures: Figured,
}

/// Every yardstick of some plan documents, and the words of the texts that were read for them.
pub(super) fn yardsticks<'a>(drafts: &[(&str, &'a Draft)], lexer: &Lexer) -> (Vec<Yardstick>, Lexed<'a>) {
    let mut found = Vec::new();
    let mut lexed = Lexed::default();
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
    let mut found = merge(found);
    for one in &mut found {
        let tokens = lexer.cut(&one.text);
        let unit = one.demand.map_or(Unit::Count, |demand| demand.unit);
        one.per = (0..tokens.len()).find_map(|at| figures::per(&tokens, at..tokens.len(), unit));
    }
    (found, lexed)
}

struct Gather<'a, 'd> {
    lexer: &'a Lexer,
    document: usize,
    found: &'a mut Vec<Yardstick>,
    lexed: &'a mut Lexed<'d>,
}

impl<'d> Gather<'_, 'd> {
    fn tokens(&self, text: &str) -> Cut {
        self.lexer.cut(text)
    }

    fn figures(&mut self, tokens: &Cut) -> Rc<[Figure]> {
        let known = self.lexed.figures.entry(tokens.number);
        Rc::clone(known.or_insert_with(|| figures_of(tokens).into()))
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
            if core.is_empty() {
                // "Average stay": of plain words, the name is what there is.
                core = name
                    .iter()
                    .filter(|token| token.is_word() && !token.is_of(List::Empty))
                    .map(|token| token.stem.clone())
                    .collect();
            }
            core.extend(unit_words);
            let before = self.found.len();
            self.push(core, Vec::new(), demand, baseline, text, metric.line);
            for new in &mut self.found[before..] {
                new.others.extend(metric.others.iter().map(|value| value * scale));
                new.measured = metric.measured.map(|value| value * scale);
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
        self.lexed.words.insert(text, figures::stems(&tokens));
        let figures = self.figures(&tokens);
        let counted = figures.len();
        for figure in &*figures {
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
        let figures = self.figures(&self.tokens(text));
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
        let plain = core.clone();
        let (mut core, beside) = (name(core), name(beside));
        if core.is_empty() {
            core = plain.into_iter().filter(|word| !WANTED.contains(&&**word)).take(3).collect();
        }
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
            measured: None,
            per: None,
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
