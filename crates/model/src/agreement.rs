//! Whether two documents of one plan agree: what both speak of and say differently. Knows nothing
//! of which of them counts; that is for whoever puts them together.

use std::collections::HashMap;
use std::fmt;

use crate::diagnostic::Span;
use crate::draft::{
    Draft, DraftCriterion, DraftMetric, DraftPhase, DraftRisk, DraftTask, Due, OwnerRole, Stated,
};
use crate::ids::Key;
use crate::ruling::identity::wholly_different;

/// Something that two documents say differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Contradiction {
    /// What both speak of.
    pub about: Contested,
    /// Which field of it: `status`, `due date`, `box`.
    pub what: &'static str,
    /// What the one document says.
    pub here: Said,
    /// What the other one says.
    pub there: Said,
}

/// What two documents speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contested {
    /// A task.
    Task(Key),
    /// A phase.
    Phase(Key),
    /// A risk.
    Risk(Key),
    /// A metric, by name.
    Metric(String),
    /// A criterion, by its text.
    Criterion(String),
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Verbatim, as far as there is a word for it.
    pub value: String,
    /// On which line.
    pub line: u32,
    /// Where: the whole row, item or heading.
    pub span: Span,
}

impl fmt::Display for Contested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(key) => write!(f, "task `{key}`"),
            Self::Phase(key) => write!(f, "phase `{key}`"),
            Self::Risk(key) => write!(f, "risk `{key}`"),
            Self::Metric(name) => write!(f, "metric `{name}`"),
            Self::Criterion(text) => write!(f, "criterion `{text}`"),
        }
    }
}

/// What two documents of one plan say differently, in the order of the first one.
pub fn contradictions(here: &Draft, there: &Draft) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let theirs: HashMap<&Key, &DraftTask> = there.tasks.iter().rev().map(|task| (&task.key, task)).collect();
    for task in &here.tasks {
        if let Some(other) = theirs.get(&task.key) {
            tasks(task, other, &mut found);
        }
    }
    for phase in &here.phases {
        if let Some(other) = there.phases.iter().find(|other| other.key == phase.key) {
            phases(phase, other, &mut found);
        }
    }
    for risk in &here.risks {
        if let Some(other) = there.risks.iter().find(|other| other.key == risk.key) {
            risks(risk, other, &mut found);
        }
    }
    for metric in &here.metrics {
        let same = |other: &&DraftMetric| other.name.eq_ignore_ascii_case(&metric.name);
        for other in there.metrics.iter().filter(same) {
            metrics(metric, other, &mut found);
        }
    }
    criteria(&here.criteria, &there.criteria, &mut found);
    found
}

fn tasks(here: &DraftTask, there: &DraftTask, found: &mut Vec<Contradiction>) {
    let mut note = Noting {
        about: Contested::Task(here.key.clone()),
        here: (here.line, here.span),
        there: (there.line, there.span),
        found,
    };
    let titled = !here.title.is_empty() && !there.title.is_empty();
    if titled && wholly_different(&here.title, &there.title) {
        note.differ("title", &here.title, &there.title);
    }
    if let (Some(mine), Some(theirs)) = (&here.status, &there.status)
        && mine.state != theirs.state
    {
        note.differ("status", &mine.word, &theirs.word);
    }
    note.boxes(here.checked, there.checked);
    note.box_and_status(here, there);
    note.numbers("progress", here.percent, there.percent);
    note.numbers("estimate", here.estimate_days, there.estimate_days);
    if let (Some(mine), Some(theirs)) = (&here.due, &there.due)
        && !same_due(mine, theirs)
    {
        note.differ("due date", &mine.text, &theirs.text);
    }
    note.words("window", here.window.as_deref(), there.window.as_deref());
    note.words("priority", here.priority.as_deref(), there.priority.as_deref());
    for role in [OwnerRole::Primary, OwnerRole::Support, OwnerRole::Agent] {
        note.people(&names(here, role), &names(there, role));
    }
    note.words("phase", here.phase.as_ref().map(Key::as_str), there.phase.as_ref().map(Key::as_str));
    criteria(&here.criteria, &there.criteria, found);
}

fn names(task: &DraftTask, role: OwnerRole) -> Vec<&str> {
    task.owners.iter().filter(|owner| owner.role == role).map(|owner| owner.name.as_str()).collect()
}

fn same_due(one: &Due, other: &Due) -> bool {
    match (one.at, other.at) {
        (Some(one), Some(other)) => one == other,
        _ => same_words(&one.text, &other.text),
    }
}

fn same_words(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn phases(here: &DraftPhase, there: &DraftPhase, found: &mut Vec<Contradiction>) {
    let mut note = Noting {
        about: Contested::Phase(here.key.clone()),
        here: (here.line, here.span),
        there: (there.line, there.span),
        found,
    };
    note.words("window", here.window.as_deref(), there.window.as_deref());
    criteria(&here.entrance, &there.entrance, found);
    criteria(&here.exit, &there.exit, found);
}

fn risks(here: &DraftRisk, there: &DraftRisk, found: &mut Vec<Contradiction>) {
    let mut note = Noting {
        about: Contested::Risk(here.key.clone()),
        here: (here.line, here.span),
        there: (there.line, there.span),
        found,
    };
    for (what, mine, theirs) in [
        ("probability", &here.probability, &there.probability),
        ("impact", &here.impact, &there.impact),
        ("status", &here.status, &there.status),
        ("trend", &here.trend, &there.trend),
        ("owner", &here.owner, &there.owner),
        ("mitigation", &here.mitigation, &there.mitigation),
        ("escalation", &here.escalation, &there.escalation),
    ] {
        note.words(what, mine.as_deref(), theirs.as_deref());
    }
}

fn metrics(here: &DraftMetric, there: &DraftMetric, found: &mut Vec<Contradiction>) {
    let mut note = Noting {
        about: Contested::Metric(here.name.clone()),
        here: (here.line, here.span),
        there: (there.line, there.span),
        found,
    };
    let with_unit = |metric: &DraftMetric| {
        let value = metric.value.map(|value| value.to_string())?;
        Some(metric.unit.as_ref().map_or_else(|| value.clone(), |unit| format!("{value} {unit}")))
    };
    let same_unit = match (&here.unit, &there.unit) {
        (Some(mine), Some(theirs)) => same_words(mine, theirs),
        _ => true,
    };
    if here.role == there.role
        && let (Some(mine), Some(theirs)) = (with_unit(here), with_unit(there))
        && (here.value != there.value || !same_unit)
    {
        note.differ(here.role.as_str(), &mine, &theirs);
    }
    if let (Some(mine), Some(theirs)) = (&here.target, &there.target)
        && mine != theirs
    {
        note.differ("target", &mine.to_string(), &theirs.to_string());
    }
}

fn criteria(here: &[DraftCriterion], there: &[DraftCriterion], found: &mut Vec<Contradiction>) {
    for mine in here {
        let Some(theirs) = there.iter().find(|theirs| theirs.text == mine.text) else { continue };
        let mut note = Noting {
            about: Contested::Criterion(mine.text.clone()),
            here: (mine.line, mine.span),
            there: (theirs.line, theirs.span),
            found,
        };
        note.boxes(mine.checked, theirs.checked);
    }
}

/// Notes what differs of one thing.
struct Noting<'f> {
    about: Contested,
    here: (u32, Span),
    there: (u32, Span),
    found: &'f mut Vec<Contradiction>,
}

impl Noting<'_> {
    fn differ(&mut self, what: &'static str, here: &str, there: &str) {
        let said = |(line, span): (u32, Span), value: &str| Said { value: value.to_owned(), line, span };
        self.found.push(Contradiction {
            about: self.about.clone(),
            what,
            here: said(self.here, here),
            there: said(self.there, there),
        });
    }

    fn words(&mut self, what: &'static str, here: Option<&str>, there: Option<&str>) {
        if let (Some(here), Some(there)) = (here, there)
            && !same_words(here, there)
        {
            self.differ(what, here, there);
        }
    }

    fn numbers(&mut self, what: &'static str, here: Option<f64>, there: Option<f64>) {
        if let (Some(here), Some(there)) = (here, there)
            && here != there
        {
            self.differ(what, &here.to_string(), &there.to_string());
        }
    }

    fn boxes(&mut self, here: Option<bool>, there: Option<bool>) {
        if let (Some(here), Some(there)) = (here, there)
            && here != there
        {
            self.differ("box", shown(here), shown(there));
        }
    }

    /// A box in the one document and a status word in the other, of which only one says "done".
    fn box_and_status(&mut self, here: &DraftTask, there: &DraftTask) {
        let done = |state: Stated| state == Stated::Claimed;
        match (here.checked, &here.status, there.checked, &there.status) {
            (Some(ticked), None, None, Some(status)) if ticked != done(status.state) => {
                self.differ("box and status", shown(ticked), &status.word);
            }
            (None, Some(status), Some(ticked), None) if ticked != done(status.state) => {
                self.differ("status and box", &status.word, shown(ticked));
            }
            _ => {}
        }
    }

    /// Several people may answer for one thing: only lists without a common name contradict.
    fn people(&mut self, here: &[&str], there: &[&str]) {
        let shared = here.iter().any(|mine| there.iter().any(|theirs| same_words(mine, theirs)));
        if !here.is_empty() && !there.is_empty() && !shared {
            self.differ("owner", &here.join(", "), &there.join(", "));
        }
    }
}

fn shown(ticked: bool) -> &'static str {
    if ticked { "[x]" } else { "[ ]" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::{MetricRole, Owner, Status, TaskKind};
    use crate::target::Target;

    fn task(key: &str, change: impl FnOnce(&mut DraftTask)) -> Draft {
        let key = Key::new(key).unwrap();
        let mut task = DraftTask::new(key, TaskKind::Task, "Build the importer", 3, Span::default());
        change(&mut task);
        Draft { tasks: vec![task], ..Draft::default() }
    }

    fn status(word: &str, state: Stated) -> Option<Status> {
        Some(Status { word: word.to_owned(), state })
    }

    fn owned(name: &str, role: OwnerRole) -> impl FnOnce(&mut DraftTask) {
        move |task| task.owners.push(Owner { name: name.to_owned(), role })
    }

    #[track_caller]
    fn check(here: &Draft, there: &Draft, expected: &[&str]) {
        let found: Vec<String> = contradictions(here, there)
            .iter()
            .map(|found| {
                format!("{} {}: {} | {}", found.about, found.what, found.here.value, found.there.value)
            })
            .collect();
        assert_eq!(found, expected);
        assert_eq!(contradictions(there, here).len(), expected.len(), "either way round");
    }

    #[test]
    fn the_same_in_other_words_is_no_contradiction() {
        let open = task("T-1", |task| {
            task.status = status("In Progress", Stated::Active);
            task.priority = Some("High".to_owned());
        });
        let same = task("T-1", |task| {
            task.status = status("🟡", Stated::Active);
            task.priority = Some("high ".to_owned());
            task.percent = Some(40.0);
        });
        check(&open, &same, &[]);
        check(&open, &task("T-2", |task| task.status = status("Done", Stated::Claimed)), &[]);
    }

    #[test]
    fn each_field_both_speak_of_is_compared() {
        let one = task("T-1", |task| {
            task.status = status("Done", Stated::Claimed);
            task.percent = Some(100.0);
            task.window = Some("Week 1".to_owned());
            task.phase = Key::new("A").ok();
        });
        let other = task("T-1", |task| {
            task.title = "Paint the fence".to_owned();
            task.status = status("Open", Stated::Open);
            task.percent = Some(20.0);
            task.window = Some("Week 2".to_owned());
            task.phase = Key::new("B").ok();
        });
        check(
            &one,
            &other,
            &[
                "task `T-1` title: Build the importer | Paint the fence",
                "task `T-1` status: Done | Open",
                "task `T-1` progress: 100 | 20",
                "task `T-1` window: Week 1 | Week 2",
                "task `T-1` phase: A | B",
            ],
        );
    }

    #[test]
    fn a_box_is_held_against_a_box_and_else_against_a_status() {
        let boxed = |ticked| task("T-1", |task| task.checked = Some(ticked));
        check(&boxed(true), &boxed(false), &["task `T-1` box: [x] | [ ]"]);
        let done = task("T-1", |task| task.status = status("Done", Stated::Claimed));
        check(&boxed(true), &done, &[]);
        check(&boxed(false), &done, &["task `T-1` box and status: [ ] | Done"]);
        let active = task("T-1", |task| task.status = status("In Progress", Stated::Active));
        check(&boxed(false), &active, &[]);
        check(&active, &boxed(true), &["task `T-1` status and box: In Progress | [x]"]);
    }

    #[test]
    fn owners_contradict_only_where_no_name_is_common() {
        let rae = || task("T-1", owned("Rae", OwnerRole::Primary));
        check(&rae(), &task("T-1", owned("Bo", OwnerRole::Primary)), &["task `T-1` owner: Rae | Bo"]);
        check(&rae(), &task("T-1", owned("reviewer", OwnerRole::Agent)), &[]);
        let both = task("T-1", |task| {
            owned("Bo", OwnerRole::Primary)(task);
            owned("rae", OwnerRole::Primary)(task);
        });
        check(&rae(), &both, &[]);
    }

    #[test]
    fn metrics_risks_phases_and_criteria_are_compared_too() {
        let draft = |value: f64, unit: &str, target: &str, impact: &str, ticked| Draft {
            metrics: vec![DraftMetric {
                name: "warnings".to_owned(),
                value: Some(value),
                unit: Some(unit.to_owned()),
                target: Target::parse(target),
                source: None,
                role: MetricRole::Baseline,
                measured: None,
                checked: None,
                others: thin_vec::ThinVec::new(),
                line: 5,
                span: Span::default(),
            }],
            risks: vec![DraftRisk {
                key: Key::new("R-1").unwrap(),
                title: "Rain".to_owned(),
                probability: None,
                impact: Some(impact.to_owned()),
                status: None,
                trend: None,
                owner: None,
                mitigation: None,
                escalation: None,
                tasks: Vec::new(),
                line: 6,
                span: Span::default(),
            }],
            criteria: vec![DraftCriterion {
                text: "All tests pass".to_owned(),
                checked: Some(ticked),
                target: None,
                line: 7,
                checks: Default::default(),
                span: Span::default(),
                mark: None,
            }],
            ..Draft::default()
        };
        let one = draft(34.0, "warnings", "< 20", "High", true);
        check(&one, &one.clone(), &[]);
        check(
            &one,
            &draft(12.0, "warnings", "< 50", "Low", false),
            &[
                "risk `R-1` impact: High | Low",
                "metric `warnings` baseline: 34 warnings | 12 warnings",
                "metric `warnings` target: < 20 | < 50",
                "criterion `All tests pass` box: [x] | [ ]",
            ],
        );
        check(
            &one,
            &draft(34.0, "errors", "< 20", "High", true),
            &["metric `warnings` baseline: 34 warnings | 34 errors"],
        );
    }
}
