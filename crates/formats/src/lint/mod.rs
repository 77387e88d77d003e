//! Lint: what a plan says that cannot be true, or cannot be governed, or will cause trouble.
//!
//! Rules are pure: text, draft, settings and facts about the world go in, diagnostics come out.
//! They state facts with their numbers and leave style alone. One file for a rule or a tight
//! family; [`RULES`] lists them all. Start reading at [`lint`].

mod allow;
mod approval;
mod baseline;
mod catalogue;
mod contradicts;
mod criteria;
mod dates;
mod document;
mod identity;
mod missing;
mod needs;
mod outline;
mod overlap;
mod owners;
mod phases;
mod placeholder;
mod rollback;
mod template;
mod ticked;
mod total_length;
mod totals;
mod trace;

use jiff::Timestamp;
use model::diagnostic::{Diagnostic, Severity};
use model::draft::Draft;
use model::settings::Settings;

pub use baseline::{Baseline, BaselineError};
pub use catalogue::catalogue;
use document::Document;

/// Facts about the world around a document, which the rules cannot find out themselves.
pub struct Surroundings<'a> {
    /// Whether a path, relative to the document's folder or absolute, exists.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// The moment of linting.
    pub now: Timestamp,
    /// The other documents of the same plan.
    pub siblings: &'a [&'a Draft],
    /// The document as it was adopted last.
    pub previous: Option<&'a Draft>,
}

impl Surroundings<'_> {
    /// A world in which every path exists and nothing else is known.
    pub fn bare(now: Timestamp) -> Surroundings<'static> {
        Surroundings { exists: &|_| true, now, siblings: &[], previous: None }
    }
}

/// A rule: what it is called, how much it matters, what it finds.
pub struct Rule {
    /// Stable code; its page is `docs/errors/<area>-<what>.md`.
    pub code: &'static str,
    /// How much a finding matters.
    pub severity: Severity,
    /// What it finds, in one line.
    pub what: &'static str,
    /// Whether it only matters while a plan is live, and stays silent once it is archived.
    pub live_only: bool,
    /// Who looks: a function here, or the reader while it reads.
    find: Finder,
}

enum Finder {
    Look(fn(&Document<'_>, &mut Vec<Diagnostic>)),
    Reader,
}

impl Rule {
    /// Whether the reader reports it while it reads, rather than a function here.
    pub fn found_by_reader(&self) -> bool {
        matches!(self.find, Finder::Reader)
    }
}

const fn rule(
    code: &'static str,
    severity: Severity,
    what: &'static str,
    find: fn(&Document<'_>, &mut Vec<Diagnostic>),
) -> Rule {
    Rule { code, severity, what, live_only: false, find: Finder::Look(find) }
}

const fn live(rule: Rule) -> Rule {
    Rule { live_only: true, ..rule }
}

const fn read(code: &'static str, severity: Severity, what: &'static str) -> Rule {
    Rule { code, severity, what, live_only: false, find: Finder::Reader }
}

use Severity::{Error, Info, Warning};

/// Every rule, by area.
pub static RULES: &[Rule] = &[
    rule("plan/cycle", Error, "tasks that wait for each other, printed as a path", needs::cycle),
    rule("plan/duplicate-key", Error, "one key on two tasks of a document", needs::duplicate_key),
    rule("plan/need-unknown", Error, "a need that names no task", needs::unknown),
    rule("plan/task-unphased", Warning, "phases name tasks, and this one is in none", phases::unphased),
    rule(
        "plan/need-unscheduled",
        Warning,
        "a task in a phase needs one that is in none",
        phases::need_unscheduled,
    ),
    rule(
        "plan/need-in-later-phase",
        Warning,
        "a task needs one of a later phase",
        phases::need_in_later_phase,
    ),
    rule("plan/task-in-two-phases", Warning, "a task that two phases name", phases::in_two_phases),
    rule("plan/key-reused", Warning, "a known key on what seems another task", identity::key_reused),
    rule("plan/conflict", Warning, "two documents of a plan that contradict each other", identity::conflict),
    rule("trace/one-way", Warning, "a mapping of risks to tasks that only one side knows of", trace::one_way),
    rule(
        "trace/task-unmapped",
        Warning,
        "a task that no risk is mapped to, where the others are",
        trace::task_unmapped,
    ),
    rule(
        "trace/risk-uncovered",
        Warning,
        "a risk that is mapped to no task, where the others are",
        trace::risk_uncovered,
    ),
    rule(
        "trace/no-source",
        Warning,
        "a task without a source, where the document keeps sources",
        trace::no_source,
    ),
    rule("trace/source-uncited", Warning, "a source in the index that nothing cites", trace::source_uncited),
    rule(
        "schedule/total-differs",
        Warning,
        "a stated total against the critical path",
        total_length::differs,
    ),
    rule(
        "schedule/non-working-day",
        Warning,
        "a completion or due date on a day nobody works",
        dates::non_working_day,
    ),
    rule("schedule/weekday-differs", Warning, "a date beside the wrong weekday", dates::weekday_differs),
    live(rule("schedule/past-due", Info, "work that is not done and was due before now", dates::past_due)),
    rule(
        "claim/ticked-before-work",
        Warning,
        "criteria ticked while no task has started",
        ticked::before_work,
    ),
    rule("claim/contradicts", Warning, "a statement that its own figures contradict", contradicts::find),
    rule(
        "claim/total-differs",
        Warning,
        "a stated count, sum or percentage against the document's own rows",
        totals::find,
    ),
    live(rule("criterion/no-probe", Info, "a criterion that nothing would prove", criteria::no_probe)),
    rule(
        "criterion/met-at-baseline",
        Info,
        "a target that the stated baseline already meets",
        criteria::met_at_baseline,
    ),
    live(rule(
        "owner/missing",
        Info,
        "a task without an owner, where the document assigns owners",
        owners::missing,
    )),
    live(rule(
        "owner/unknown",
        Info,
        "an owner whom the document's own owner matrix does not know",
        owners::unknown,
    )),
    live(rule(
        "path/overlap",
        Warning,
        "two tasks that may run at once and write to the same paths",
        overlap::find,
    )),
    live(rule("path/missing", Info, "a document referred to as existing that does not exist", missing::find)),
    live(rule("gate/no-rollback", Info, "a deployment without a rollback step", rollback::find)),
    read("document/malformed", Error, "a document that is not the JSON its name says"),
    read("document/field-invalid", Error, "a field with a value of the wrong kind, or that stands twice"),
    read("document/value-invalid", Error, "a status, progress or metric that is not allowed"),
    read("document/too-deep", Error, "lists and objects more than 64 deep in one another"),
    read("document/too-large", Error, "a document of more than 16 MiB, which is not read"),
    read("probe/invalid", Error, "something meant as a probe that cannot be read as one"),
    read("probe/prose", Warning, "words that look like a probe and are read as prose"),
    read("text/invalid-encoding", Warning, "bytes that are not UTF-8"),
    read("text/mojibake", Warning, "text that was decoded with the wrong code page"),
    read("table/ragged", Warning, "a table row with more or fewer cells than its header"),
    rule("text/placeholder", Warning, "`TBD` and its like in a required field", placeholder::find),
    rule("text/template-remnant", Warning, "an unfilled section of a template", template::find),
    rule(
        "approval/missing",
        Warning,
        "a change of plan without the approvals the plan demands",
        approval::find,
    ),
    rule(
        "lint/allow-invalid",
        Info,
        "a suppression without a reason or with an unknown code",
        allow::invalid,
    ),
];

/// The rule with this code.
pub fn rule_of(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// Looks at one document and lists what is odd, in the order of the text.
///
/// `read` are the reader's own diagnostics; they are listed with the others and can be suppressed
/// like them. Suppressions in the document (`<!-- countersign: allow CODE reason -->`) have been
/// taken into account; a [`Baseline`] is the caller's.
pub fn lint(
    text: &str,
    draft: &Draft,
    read: &[Diagnostic],
    world: &Surroundings<'_>,
    settings: &Settings,
) -> Vec<Diagnostic> {
    let document = Document::new(text, draft, world, settings);
    let mut found = read.to_vec();
    for rule in RULES {
        if let Finder::Look(look) = rule.find {
            let before = found.len();
            look(&document, &mut found);
            debug_assert!(found[before..].iter().all(|d| d.code == rule.code && d.severity == rule.severity));
        }
    }
    if settings.archived {
        found.retain(|diagnostic| !rule_of(diagnostic.code).is_some_and(|rule| rule.live_only));
    }
    allow::apply(&document, &mut found);
    found.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
    found.dedup();
    found
}

#[cfg(test)]
mod tests;
