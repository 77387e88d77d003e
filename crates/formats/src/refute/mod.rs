//! Judges a report against plans: which of its statements cannot be true. Takes what
//! [`statements`](crate::statements) read, and facts from a journal where there are any. One cause
//! gives one refutation, and what is not plainly said is passed over: a true statement that is
//! refuted costs more than a false one that is missed.

mod arithmetic;
mod fit;
mod measures;
mod qualifiers;
mod say;
mod targets;
mod yardsticks;

use std::collections::{HashMap, HashSet};

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::Draft;

use crate::statements::figures::{Figure, Role};
use crate::statements::passages::{Place, Report};
use crate::statements::tokens::Lexer;
use fit::Fit;
use yardsticks::Yardstick;

/// What came of checking a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// What does not hold, in the order of the report.
    pub diagnostics: Vec<Diagnostic>,
    /// How many statements are refuted.
    pub refuted: usize,
    /// How many statements were held against the plan, or one another, and hold.
    pub held: usize,
    /// How many statements there was nothing to hold against.
    pub unchecked: usize,
}

/// Checks the text of a report against plan documents, each with the path it is known by.
pub fn check(text: &str, plans: &[(&str, &Draft)]) -> Checked {
    let names = Names::of(plans);
    let lexer = names.lexer();
    let report = Report::read(text, &lexer);
    let yardsticks = yardsticks::yardsticks(plans, &lexer);
    let mut case = Case::new(plans, text, &report, &yardsticks);
    targets::judge(&mut case);
    arithmetic::judge(&mut case);
    measures::judge(&mut case);
    case.close()
}

/// The keys of the plans' tasks, by which a report names them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    keys: Vec<(u32, String)>,
}

impl Names {
    fn of(plans: &[(&str, &Draft)]) -> Self {
        let tasks = plans.iter().flat_map(|(_, draft)| &draft.tasks);
        let keys = tasks
            .enumerate()
            .filter(|(_, task)| !task.key_generated)
            .map(|(at, task)| (at as u32, task.key.as_str().to_owned()))
            .collect();
        Self { keys }
    }

    fn lexer(&self) -> Lexer {
        Lexer::new(self.keys.iter().map(|(at, key)| (*at, &**key)))
    }
}

/// A report under judgement.
struct Case<'a> {
    plans: &'a [(&'a str, &'a Draft)],
    yardsticks: &'a [Yardstick],
    figures: Vec<Figure>,
    fits: Vec<Fit>,
    /// Figures that a refutation was told of already.
    told: HashSet<usize>,
    /// Figures that were held against something.
    held: HashSet<usize>,
    found: Vec<Diagnostic>,
    /// The table and row of passages that are cells.
    rows: HashMap<usize, (usize, usize)>,
}

impl<'a> Case<'a> {
    fn new(
        plans: &'a [(&'a str, &'a Draft)],
        text: &str,
        report: &Report,
        yardsticks: &'a [Yardstick],
    ) -> Self {
        let mut figures = crate::statements::figures(report);
        for figure in &mut figures {
            figure.text = text.get(figure.span.range()).unwrap_or(&figure.text).to_owned();
        }
        let rows = report
            .passages
            .iter()
            .enumerate()
            .filter_map(|(at, passage)| match passage.place {
                Place::Cell { table, row, .. } => Some((at, (table, row))),
                _ => None,
            })
            .collect();
        let fitter = fit::Fitter::new(yardsticks);
        let fits = figures.iter().map(|figure| fitter.fit(figure, &surround(report, figure))).collect();
        Self {
            plans,
            yardsticks,
            figures,
            fits,
            told: HashSet::new(),
            held: HashSet::new(),
            found: Vec::new(),
            rows,
        }
    }

    /// Refutes a figure, once.
    fn refute(&mut self, figure: usize, diagnostic: Diagnostic) {
        if self.told.insert(figure) {
            self.found.push(diagnostic);
        }
    }

    /// Where a yardstick stands in its plan: `PLAN.md:12`.
    fn place(&self, yardstick: &Yardstick) -> String {
        self.line(yardstick.document, yardstick.line)
    }

    fn line(&self, document: usize, line: u32) -> String {
        format!("{}:{line}", self.plans.get(document).map_or("the plan", |(path, _)| path))
    }

    fn close(self) -> Checked {
        let mut diagnostics = self.found;
        diagnostics.sort_by_key(|found| (found.span.start, found.code));
        let refuted = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
        let held = self.held.difference(&self.told).count();
        let stated = self.figures.iter().filter(|figure| figure.role != Role::Aside).count();
        let unchecked = stated.saturating_sub(held + self.told.len());
        Checked { diagnostics, refuted, held, unchecked }
    }
}

/// A refutation.
fn refutation(code: &'static str, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, span, message)
}

/// The words of what stands above a figure.
fn surround(report: &Report, figure: &Figure) -> fit::Surround {
    use crate::statements::figures::stems;
    let passage = &report.passages[figure.place.0];
    let above = passage.above.map(|above| stems(&report.passages[above].tokens)).unwrap_or_default();
    let headings = report.headings(passage).next().map(|heading| stems(&heading.tokens)).unwrap_or_default();
    fit::Surround { above, headings }
}
