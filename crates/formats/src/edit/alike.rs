//! Whether two readings say the same but for some fields, wherever in the text they say it.
//!
//! Each entry is taken apart completely, so that a field somebody adds cannot be forgotten here.

use std::collections::HashSet;

use model::draft::{
    Draft, DraftCheck, DraftClaim, DraftCriterion, DraftEntry, DraftMetric, DraftMilestone, DraftNote,
    DraftOwner, DraftPhase, DraftRisk, DraftTask, OwnerRole,
};
use model::writing::{About, Field};

/// Which fields were to change.
pub(super) struct Touched<'w> {
    fields: HashSet<(&'w About, &'w Field)>,
}

impl<'w> Touched<'w> {
    pub(super) fn new(fields: impl Iterator<Item = (&'w About, &'w Field)>) -> Self {
        Self { fields: fields.collect() }
    }

    pub(super) fn has(&self, about: &About, field: &Field) -> bool {
        self.fields.contains(&(about, field))
    }

    /// Whether nothing but these fields changed from one reading to the other.
    pub(super) fn only(&self, before: &Draft, after: &Draft) -> bool {
        let Draft {
            format,
            source,
            title,
            imported,
            encoding,
            phases,
            tasks,
            risks,
            metrics,
            criteria,
            decisions,
            escalations,
            rebaselines,
            assumptions,
            milestones,
            checkpoints,
            owners,
            runbooks,
            cadence,
            claims,
            notes,
        } = before;
        *format == after.format
            && *source == after.source
            && *title == after.title
            && *imported == after.imported
            && encoding.repaired == after.encoding.repaired
            && encoding.invalid == after.encoding.invalid
            && encoding.bom == after.encoding.bom
            && all(phases, &after.phases, |one, other| self.phase(one, other))
            && all(tasks, &after.tasks, |one, other| self.task(one, other))
            && all(risks, &after.risks, risk)
            && self.metrics(metrics, &after.metrics)
            && all(criteria, &after.criteria, |one, other| self.criterion(None, one, other))
            && all(decisions, &after.decisions, entry)
            && all(escalations, &after.escalations, entry)
            && all(rebaselines, &after.rebaselines, entry)
            && all(assumptions, &after.assumptions, note)
            && all(milestones, &after.milestones, milestone)
            && all(checkpoints, &after.checkpoints, milestone)
            && all(owners, &after.owners, owner)
            && all(runbooks, &after.runbooks, note)
            && all(cadence, &after.cadence, note)
            && all(claims, &after.claims, claim)
            && all(notes, &after.notes, note)
    }

    fn task(&self, before: &DraftTask, after: &DraftTask) -> bool {
        let DraftTask {
            key,
            key_generated,
            kind,
            title,
            status,
            percent,
            priority,
            owners,
            estimate_days,
            due,
            window,
            needs,
            inputs,
            outputs,
            sources,
            phase,
            parent,
            checked,
            objectives,
            deliverables,
            criteria,
            checks,
            blockers,
            next_steps,
            links,
            paths,
            memory,
            extra,
            line: _,
            span: _,
            places: _,
        } = before;
        let about = About::Task(key.clone());
        let touched = |field: &Field| self.has(&about, field);
        // A percentage below 100 takes a claim back, and a box may hold the status itself.
        let status_may = touched(&Field::Status)
            || touched(&Field::Mark) && (is_mark(status) || is_mark(&after.status))
            || touched(&Field::Percent) && word(status) == word(&after.status);
        let owners_of = |task: &'_ DraftTask, primary: bool| -> Vec<String> {
            let wanted = task.owners.iter().filter(|owner| (owner.role == OwnerRole::Primary) == primary);
            wanted.map(|owner| owner.name.clone()).collect()
        };
        let blockers_may = touched(&Field::Blockers);
        *key == after.key
            && *key_generated == after.key_generated
            && *kind == after.kind
            && *title == after.title
            && (status_may || *status == after.status)
            && (touched(&Field::Percent) || *percent == after.percent)
            && (touched(&Field::Priority) || *priority == after.priority)
            && (*owners == after.owners
                || touched(&Field::Owner) && owners_of(before, false) == owners_of(after, false))
            && *estimate_days == after.estimate_days
            && (touched(&Field::Due) || *due == after.due && *window == after.window)
            && (blockers_may || *needs == after.needs && *blockers == after.blockers)
            && *inputs == after.inputs
            && *outputs == after.outputs
            && *sources == after.sources
            && *phase == after.phase
            && *parent == after.parent
            && (touched(&Field::Mark) || *checked == after.checked)
            && *objectives == after.objectives
            && *deliverables == after.deliverables
            && all(criteria, &after.criteria, |one, other| self.criterion(Some(key), one, other))
            && all(checks, &after.checks, check)
            && *next_steps == after.next_steps
            && *links == after.links
            && *paths == after.paths
            && *memory == after.memory
            && (*extra == after.extra || self.extras(&about, before, after))
    }

    fn extras(&self, about: &About, before: &DraftTask, after: &DraftTask) -> bool {
        let names = before.extra.keys().chain(after.extra.keys());
        names.into_iter().all(|name| {
            before.extra.get(name) == after.extra.get(name)
                || self.has(about, &Field::Extra(name.clone()))
                || name == "Dependencies" && self.has(about, &Field::Blockers)
        })
    }

    fn phase(&self, before: &DraftPhase, after: &DraftPhase) -> bool {
        let DraftPhase { key, title, window, entrance, exit, tasks, line: _, span: _, task_spans: _ } =
            before;
        *key == after.key
            && *title == after.title
            && *window == after.window
            && all(entrance, &after.entrance, |one, other| self.criterion(Some(key), one, other))
            && all(exit, &after.exit, |one, other| self.criterion(Some(key), one, other))
            && *tasks == after.tasks
    }

    fn criterion(
        &self,
        of: Option<&model::ids::Key>,
        before: &DraftCriterion,
        after: &DraftCriterion,
    ) -> bool {
        let DraftCriterion { text, checked, target, line: _, checks, span: _, mark: _ } = before;
        *text == after.text
            && *target == after.target
            && all(checks, &after.checks, check)
            && (*checked == after.checked
                || self.has(&About::Criterion { of: of.cloned(), text: text.clone() }, &Field::Mark))
    }

    fn metrics(&self, before: &[DraftMetric], after: &[DraftMetric]) -> bool {
        let touched = |metric: &DraftMetric| self.has(&About::Metric(metric.name.clone()), &Field::Value);
        let new = after
            .iter()
            .filter(|metric| touched(metric) && !before.iter().any(|old| old.name == metric.name));
        let known = after.len() - new.count();
        let rest = after
            .iter()
            .filter(|metric| !touched(metric) || before.iter().any(|old| old.name == metric.name));
        known == before.len()
            && before.iter().zip(rest).all(|(one, other)| {
                let DraftMetric {
                    name,
                    value,
                    unit,
                    target,
                    source,
                    role,
                    measured,
                    checked,
                    others: _,
                    line: _,
                    span: _,
                } = one;
                let same_values = *value == other.value && *measured == other.measured;
                *name == other.name
                    && (touched(one) || same_values && *unit == other.unit)
                    && *checked == other.checked
                    && *target == other.target
                    && *source == other.source
                    && *role == other.role
            })
    }
}

fn all<T>(before: &[T], after: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
    before.len() == after.len() && before.iter().zip(after).all(|(one, other)| alike(one, other))
}

/// Whether a status is nothing but the sign in a box.
fn is_mark(status: &Option<model::draft::Status>) -> bool {
    status.as_ref().is_none_or(|status| status.word.starts_with('[') && status.word.ends_with(']'))
}

fn word(status: &Option<model::draft::Status>) -> Option<&str> {
    status.as_ref().map(|status| status.word.as_str())
}

fn check(before: &DraftCheck, after: &DraftCheck) -> bool {
    let DraftCheck { spec, line: _, span: _ } = before;
    *spec == after.spec
}

fn risk(before: &DraftRisk, after: &DraftRisk) -> bool {
    let same = DraftRisk { line: after.line, span: after.span, ..before.clone() };
    same == *after
}

fn entry(before: &DraftEntry, after: &DraftEntry) -> bool {
    let same = DraftEntry { line: after.line, span: after.span, ..before.clone() };
    same == *after
}

fn note(before: &DraftNote, after: &DraftNote) -> bool {
    before.text == after.text
}

fn milestone(before: &DraftMilestone, after: &DraftMilestone) -> bool {
    before.text == after.text && before.due == after.due
}

fn owner(before: &DraftOwner, after: &DraftOwner) -> bool {
    let DraftOwner { workstream, primary, support, line: _, span: _ } = before;
    *workstream == after.workstream && *primary == after.primary && *support == after.support
}

fn claim(before: &DraftClaim, after: &DraftClaim) -> bool {
    let DraftClaim { what, value, text, line: _, span: _ } = before;
    *what == after.what && *value == after.value && *text == after.text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(before: &str, after: &str, field: &Field) -> bool {
        let read = |text: &str| crate::read("PLAN.md", text.as_bytes()).draft;
        let about = About::Task(model::ids::Key::new("T-1").unwrap());
        Touched::new([(&about, field)].into_iter()).only(&read(before), &read(after))
    }

    #[test]
    fn what_was_not_to_change_is_seen() {
        let row = "| T-1 | Dig | Open | 10% | Ann | Week 1 | P1 | T-2 | old |";
        let before = format!(
            "# Plan\n\n| ID | Task | Status | Progress | Owner | Due | Priority | Depends on | Notes |\n\
             |---|---|---|---|---|---|---|---|---|\n{row}\n\n## Success criteria\n\n- [ ] Green\n\n\
             ## Risks\n\n| Risk | Impact |\n|---|---|\n| Rain | High |\n"
        );
        for (from, to, field) in [
            ("Open", "Done", Field::Status),
            ("10%", "20%", Field::Percent),
            ("Ann", "Bob", Field::Owner),
            ("Week 1", "Week 2", Field::Due),
            ("P1", "P2", Field::Priority),
            ("T-2", "T-3", Field::Blockers),
            ("old", "new", Field::Extra("Notes".to_owned())),
        ] {
            let after = before.replace(from, to);
            assert!(only(&before, &after, &field), "{from}");
            assert!(!only(&before, &after, &Field::Mark), "{from} was not to change");
            assert!(only(&before, &after.replacen("# Plan\n", "# Plan\n\n", 1), &field), "lines may move");
        }
        for (from, to) in [("Dig", "Sow"), ("T-1", "T-9"), ("Green", "Blue"), ("[ ]", "[x]"), ("High", "Low")]
        {
            assert!(!only(&before, &before.replace(from, to), &Field::Status), "{from}");
        }
    }
}
