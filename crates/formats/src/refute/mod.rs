//! Judges a report against plans: which of its statements cannot be true. Takes what
//! [`statements`](crate::statements) read, and facts from a journal where there are any. One cause
//! gives one refutation, and what is not plainly said is passed over: a true statement that is
//! refuted costs more than a false one that is missed.

mod arithmetic;
mod book;
mod completion;
mod demands;
mod evidence;
mod facts;
mod fit;
mod levels;
mod limits;
mod marks;
mod measures;
mod merge;
mod order;
mod plan_figures;
mod qualifiers;
mod say;
mod targets;
mod yardsticks;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{Draft, DraftTask};

use crate::reading::Reading;
use crate::statements::Figured;
use crate::statements::figures::{self, Figure, Role};
use crate::statements::mentions::Titles;
use crate::statements::passages::{Place, Report};
use crate::statements::standings::{Standing, standings};
use crate::statements::tokens::Lexer;
use crate::statements::vocabulary::Word;
use book::{Book, ByRoots};
pub use evidence::Known;
use fit::Fit;
use order::Needs;
use yardsticks::{Lexed, Yardstick};

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

/// Checks the text of a report against plan documents, each with the path it is known by, and against
/// what journals know of them.
pub fn check(text: &str, read: &[(&str, &Reading)], known: &[Known]) -> Checked {
    let plans: Vec<(&str, &Draft)> = read.iter().map(|(path, reading)| (*path, &reading.draft)).collect();
    let plans = &*plans;
    let names = Names::of(plans);
    let lexer = names.lexer();
    // The plan's words are met first: "rolled back" is read as its rollback.
    let (mut yardsticks, lexed) = yardsticks::yardsticks(plans, &lexer);
    let book = Book::of(read, &lexer, &lexed.figures);
    book.refine(&mut yardsticks);
    lexer.settle();
    let report = Report::read(text, &lexer);
    let mut figures = told(text, &report, &lexed.figures);
    let by_roots = ByRoots::new(&book, &yardsticks, &lexer);
    let fits = fits(&report, &yardsticks, &mut figures, &by_roots);
    let mut case =
        Case::new((plans, read), text, &report, &yardsticks, (&figures, &fits), (&lexer, &book), lexed);
    targets::judge(&mut case);
    limits::judge(&mut case);
    arithmetic::judge(&mut case);
    measures::judge(&mut case);
    order::judge(&mut case);
    completion::judge(&mut case);
    facts::judge(&mut case);
    book::facts::judge(&mut case);
    for known in known {
        evidence::judge(&mut case, known);
    }
    case.close()
}

/// Every figure of a report, as it is written.
fn told(text: &str, report: &Report, known: &Figured) -> Vec<Figure> {
    let mut figures = crate::statements::figures(report, known);
    for figure in &mut figures {
        figure.text = text.get(figure.span.range()).unwrap_or_default().to_owned();
    }
    figures
}

/// What each figure is about.
fn fits(
    report: &Report,
    yardsticks: &[Yardstick],
    figures: &mut [Figure],
    by_roots: &ByRoots<'_>,
) -> Vec<Fit> {
    let mut fitter = fit::Fitter::new(yardsticks);
    let mut stems = Stems { report, known: HashMap::new() };
    let fit = |figure: &Figure| {
        let surround = stems.surround(figure);
        let found = match fitter.fit(figure, &surround) {
            Fit::Nothing => return (by_roots.fit(figure, report, &surround), true),
            Fit::Same(fits) if fits.len() == 1 && by_roots.is_of_another(figure, report, fits[0]) => {
                Fit::Nothing
            }
            found => found,
        };
        (found, false)
    };
    by_roots.book.retell(figures, yardsticks, report, fit)
}

/// The keys of the plans' tasks, by which a report names them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    keys: Vec<(u32, String)>,
}

impl Names {
    fn of(plans: &[(&str, &Draft)]) -> Self {
        let tasks = plans.iter().flat_map(|(_, draft)| &draft.tasks);
        // What two tasks are called is the name of the first: a note below it may begin with its key.
        let mut known = HashSet::new();
        let keys = tasks
            .enumerate()
            .filter_map(|(at, task)| Some((at as u32, name_of(task)?)))
            .filter(|(_, key)| known.insert(key.to_lowercase()))
            .collect();
        Self { keys }
    }

    fn lexer(&self) -> Lexer {
        Lexer::new(self.keys.iter().map(|(at, key)| (*at, &**key)))
    }
}

/// The author's own key of a task; where there is none, what stands in a column that numbers the rows.
fn name_of(task: &DraftTask) -> Option<String> {
    if !task.key_generated {
        return Some(task.key.as_str().to_owned());
    }
    // "WP1.1 Write to the lenders"
    if let Some(first) = task.title.split(' ').next().filter(|first| is_numbered(first)) {
        return Some(first.to_owned());
    }
    let numbered = ["#", "ID", "Id", "No", "No.", "Nr"].iter().find_map(|column| task.extra.get(*column))?;
    crate::words::keys::is_key(numbered.trim()).then(|| numbered.trim().to_owned())
}

/// Letters, and numbers with dots behind them: "WP1.1".
fn is_numbered(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &word[letters..];
    (1..=4).contains(&letters)
        && !rest.is_empty()
        && rest.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Plans, each with the path it is known by.
type Plans<'a> = &'a [(&'a str, &'a Draft)];
/// The same, as they were read.
type Texts<'a> = &'a [(&'a str, &'a Reading)];

/// A report under judgement.
struct Case<'a> {
    plans: Plans<'a>,
    /// The same, with their texts.
    read: Texts<'a>,
    text: &'a str,
    report: &'a Report,
    lexer: &'a Lexer,
    /// The plans as they are written.
    book: &'a Book,
    titles: Titles,
    standings: Vec<Standing>,
    /// The words of the plans' texts that were read already.
    lexed: Lexed<'a>,
    yardsticks: &'a [Yardstick],
    figures: &'a [Figure],
    fits: &'a [Fit],
    /// Figures that a refutation was told of already.
    told: HashSet<usize>,
    /// Figures that were held against something.
    held: HashSet<usize>,
    found: Vec<Diagnostic>,
    /// The table and row of passages that are cells.
    rows: HashMap<usize, (usize, usize)>,
    /// Tasks out of order that were told already: task, need and place.
    ordered: HashSet<(u32, u32, u32)>,
    /// Figures of another measure that were told already: yardstick and figure.
    others: Vec<(usize, usize)>,
    needs: OnceCell<Rc<Needs>>,
    /// Statements beyond figures that hold, and that nothing could be held against.
    held_more: usize,
    unheld_more: usize,
}

impl<'a> Case<'a> {
    fn new(
        (plans, read): (Plans<'a>, Texts<'a>),
        text: &'a str,
        report: &'a Report,
        yardsticks: &'a [Yardstick],
        (figures, fits): (&'a [Figure], &'a [Fit]),
        (lexer, book): (&'a Lexer, &'a Book),
        lexed: Lexed<'a>,
    ) -> Self {
        let rows = report
            .passages
            .iter()
            .enumerate()
            .filter_map(|(at, passage)| match passage.place {
                Place::Cell { table, row, .. } => Some((at, (table, row))),
                _ => None,
            })
            .collect();
        let tasks = plans.iter().flat_map(|(_, draft)| &draft.tasks).enumerate();
        let titles = Titles::new(tasks.map(|(at, task)| (at as u32, lexer.cut(&task.title))));
        let names: Vec<Word> =
            plans.iter().flat_map(|(_, draft)| figures::stems(&lexer.cut(&draft.title))).collect();
        let standings = standings(report, &titles, &names);
        Self {
            plans,
            read,
            text,
            report,
            lexer,
            book,
            titles,
            standings,
            lexed,
            yardsticks,
            figures,
            fits,
            told: HashSet::new(),
            held: HashSet::new(),
            found: Vec::new(),
            rows,
            ordered: HashSet::new(),
            others: Vec::new(),
            needs: OnceCell::new(),
            held_more: 0,
            unheld_more: 0,
        }
    }

    /// Which tasks need which; gathered when first asked for.
    fn needs(&self) -> Rc<Needs> {
        Rc::clone(self.needs.get_or_init(|| Rc::new(Needs::of(self))))
    }

    /// Refutes a figure, once.
    fn refute(&mut self, figure: usize, diagnostic: Diagnostic) {
        if self.told.insert(figure) {
            self.found.push(diagnostic);
        }
    }

    /// Refutes something other than a figure.
    fn tell(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// The tasks of all plans, each with its document.
    fn tasks(&self) -> impl Iterator<Item = (usize, &DraftTask)> {
        let plans = self.plans.iter().enumerate();
        plans.flat_map(|(document, (_, draft))| draft.tasks.iter().map(move |task| (document, task)))
    }

    /// How a task is named.
    fn key(&self, task: u32) -> String {
        let found = self.tasks().nth(task as usize).map(|(_, task)| task);
        found.map_or_else(String::new, |task| name_of(task).unwrap_or_else(|| task.title.clone()))
    }

    fn title(&self, task: u32) -> String {
        self.tasks().nth(task as usize).map_or_else(String::new, |(_, task)| task.title.clone())
    }

    fn task_place(&self, task: u32) -> String {
        self.tasks()
            .nth(task as usize)
            .map_or_else(String::new, |(document, task)| self.line(document, task.line))
    }

    /// A stretch of the report.
    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The words of a text of the plan.
    fn stems(&self, text: &str) -> Vec<Word> {
        let read = || figures::stems(&self.lexer.cut(text));
        self.lexed.words.get(text).cloned().unwrap_or_else(read)
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
        let held = self.held.difference(&self.told).count() + self.held_more;
        let stated = self.figures.iter().filter(|figure| figure.role != Role::Aside).count();
        let unchecked = stated.saturating_sub(self.held.union(&self.told).count()) + self.unheld_more;
        Checked { diagnostics, refuted, held, unchecked }
    }
}

/// A refutation.
fn refutation(code: &'static str, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, span, message)
}

/// The words of passages that stand above others.
struct Stems<'a> {
    report: &'a Report,
    known: HashMap<usize, Vec<Word>>,
}

impl Stems<'_> {
    /// The words of what stands above a figure.
    fn surround(&mut self, figure: &Figure) -> fit::Surround {
        let passage = &self.report.passages[figure.place.0];
        let (above, heading) = (passage.above, passage.heading);
        fit::Surround { above: self.of(above), headings: self.of(heading) }
    }

    fn of(&mut self, passage: Option<usize>) -> Vec<Word> {
        let Some(at) = passage else { return Vec::new() };
        self.known.entry(at).or_insert_with(|| figures::stems(&self.report.passages[at].tokens)).clone()
    }
}
