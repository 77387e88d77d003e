//! What holds for every reading of any bytes: each place lies inside the text and on the borders
//! of characters, each line is a line of it, and what is proposed from it reads back.
//!
//! The fuzz target in `fuzz/` asks the same, so this file knows nothing of the tests around it.

use formats::diagnostics::Lines;
use formats::suggest::{sidecar, suggestions};
use formats::{Reading, encoding, read};
use model::diagnostic::Span;
use model::draft::{DraftCheck, DraftCriterion, DraftTask};
use model::settings::Settings;

/// Reads bytes as a document and looks at everything that came of it.
pub(crate) fn look_at(path: &str, bytes: &[u8]) {
    let reading = read(path, bytes);
    let mut places = Places { text: &reading.text, lines: Lines::new(&reading.text).count() };
    places.of_reading(&reading);
    assert_eq!(reading, read(path, bytes), "the same bytes read the same");

    let proposed = sidecar(&suggestions(&reading.draft), path);
    let (bound, faults) = formats::sidecar::read(&proposed, Settings::default());
    assert_eq!(faults, [], "what is proposed reads back: {proposed}");
    assert_eq!(bound.checks.len(), suggestions(&reading.draft).len(), "{proposed}");

    if let Some(repaired) = encoding::repair(bytes) {
        assert_eq!(encoding::decode(&repaired).text, reading.text, "a repaired document reads as before");
    }
    // Whatever it is, it may lie beside a plan as its sidecar.
    let (_, faults) = formats::sidecar::read(&reading.text, Settings::default());
    for fault in faults {
        places.inside(fault.span, &fault.message);
    }
}

struct Places<'a> {
    text: &'a str,
    lines: u32,
}

impl Places<'_> {
    fn of_reading(&mut self, reading: &Reading) {
        let draft = &reading.draft;
        for diagnostic in &reading.diagnostics {
            self.inside(diagnostic.span, &diagnostic.message);
            for (span, label) in &diagnostic.also {
                self.inside(*span, label);
            }
        }
        for task in &draft.tasks {
            self.of_task(task);
        }
        for phase in &draft.phases {
            self.at(phase.line, phase.span, phase.key.as_str());
            for span in &phase.task_spans {
                self.inside(*span, "a task of a phase");
            }
            self.of_criteria(phase.entrance.iter().chain(&phase.exit));
        }
        self.of_criteria(&draft.criteria);
        for risk in &draft.risks {
            self.at(risk.line, risk.span, &risk.title);
        }
        for metric in &draft.metrics {
            self.at(metric.line, metric.span, &metric.name);
            assert!(metric.value.is_none_or(f64::is_finite), "{metric:?}");
        }
        for entry in draft.decisions.iter().chain(&draft.escalations).chain(&draft.rebaselines) {
            self.at(entry.line, entry.span, &entry.text);
        }
        let notes = [&draft.assumptions, &draft.runbooks, &draft.cadence, &draft.notes];
        for note in notes.into_iter().flatten() {
            self.at(note.line, note.span, &note.text);
        }
        for milestone in draft.milestones.iter().chain(&draft.checkpoints) {
            self.at(milestone.line, milestone.span, &milestone.text);
        }
        for owner in &draft.owners {
            self.at(owner.line, owner.span, &owner.workstream);
        }
        for claim in &draft.claims {
            self.at(claim.line, claim.span, &claim.text);
        }
    }

    fn of_task(&mut self, task: &DraftTask) {
        self.at(task.line, task.span, task.key.as_str());
        let places =
            [task.places.mark, task.places.status, task.places.percent, task.places.title, task.places.due];
        for span in places.into_iter().flatten() {
            self.inside(span, task.key.as_str());
        }
        if let Some(mark) = task.places.mark {
            self.is_one_character(mark);
        }
        assert!(task.percent.is_none_or(|percent| (0.0..=100.0).contains(&percent)), "{task:?}");
        assert!(task.estimate_days.is_none_or(f64::is_finite), "{task:?}");
        self.of_criteria(&task.criteria);
        self.of_checks(&task.checks);
    }

    fn of_criteria<'c>(&mut self, criteria: impl IntoIterator<Item = &'c DraftCriterion>) {
        for criterion in criteria {
            self.at(criterion.line, criterion.span, &criterion.text);
            if let Some(mark) = criterion.mark {
                self.inside(mark, &criterion.text);
                self.is_one_character(mark);
            }
            self.of_checks(&criterion.checks);
        }
    }

    fn of_checks(&mut self, checks: &[DraftCheck]) {
        for check in checks {
            self.at(check.line, check.span, &check.spec.name);
        }
    }

    fn at(&mut self, line: u32, span: Span, what: &str) {
        assert!((1..=self.lines).contains(&line), "line {line} of {}: {what}", self.lines);
        self.inside(span, what);
    }

    fn inside(&mut self, span: Span, what: &str) {
        assert!(span.start <= span.end, "{span:?} runs backwards: {what}");
        assert!(self.text.get(span.range()).is_some(), "{span:?} of {} bytes: {what}", self.text.len());
    }

    fn is_one_character(&mut self, mark: Span) {
        assert_eq!(self.text[mark.range()].chars().count(), 1, "{mark:?}");
    }
}
