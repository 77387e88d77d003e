//! Finding the gate or check that somebody named.

use lens::look::Look;
use lens::views::gates;
use model::gate::{Check, Subject};
use model::plan::Plan;
use model::refusal::{CHECK_NOT_FOUND, GATE_NOT_FOUND, Refusal};

use super::task::find_task;
use crate::cli::usage::nearest;

/// What somebody named that has a gate: a task, a named gate, a phase's entrance or exit, the
/// success criteria.
pub fn find_subject(look: &Look<'_>, named: &str) -> Result<Subject, Refusal> {
    match find_task(look.plan, named) {
        Ok(task) => Ok(Subject::Task(task.id)),
        Err(no_task) => match gates::find(look, named) {
            Some(subject) => Ok(subject),
            None if no_task.hint.as_deref().is_some_and(|hint| hint.starts_with("did you mean")) => {
                Err(no_task)
            }
            None if nearest_gate(look, named).is_some() => Err(gate_not_found(look, named)),
            None => Err(no_task),
        },
    }
}

/// The gate somebody named; a task's key names the gate that guards it.
pub fn find_gate(look: &Look<'_>, named: &str) -> Result<Subject, Refusal> {
    gates::find(look, named)
        .or_else(|| find_task(look.plan, named).ok().map(|task| Subject::Task(task.id)))
        .ok_or_else(|| gate_not_found(look, named))
}

fn gate_not_found(look: &Look<'_>, named: &str) -> Refusal {
    let no = Refusal::new(GATE_NOT_FOUND, format!("plan `{}` has no gate `{named}`", look.plan.key))
        .with("gate", named);
    match nearest_gate(look, named) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint("see them all with `countersign gate list`"),
    }
}

fn nearest_gate(look: &Look<'_>, named: &str) -> Option<String> {
    let subjects = look.plan.gates_with_subjects().map(|(subject, _)| subject);
    let gates = subjects.filter(|subject| !matches!(subject, Subject::Task(_)));
    let names: Vec<String> = gates.map(|subject| look.plan.subject_name(subject)).collect();
    nearest(named, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The check somebody named of what has a gate, by its name or its id; without a name the only one
/// is meant.
pub fn find_check<'p>(plan: &'p Plan, subject: Subject, named: Option<&str>) -> Result<&'p Check, Refusal> {
    let what = plan.subject_name(subject);
    let checks = plan.gate(subject).map_or(&[][..], |gate| &gate.checks);
    let names = || checks.iter().map(|check| check.spec.name.as_str()).collect::<Vec<_>>();
    let listing = |no: Refusal| match names().as_slice() {
        [] => no.hint("it has none"),
        names => no.hint(format!("it has `{}`", names.join("`, `"))),
    };
    let Some(named) = named else {
        return match checks {
            [only] => Ok(only),
            _ => Err(listing(Refusal::new(CHECK_NOT_FOUND, format!("say which check of `{what}` is meant")))),
        };
    };
    let found = checks.iter().find(|check| check.spec.name == named || check.id.to_string() == named);
    found.ok_or_else(|| {
        let no = Refusal::new(CHECK_NOT_FOUND, format!("`{what}` has no check called `{named}`"))
            .with("check", named);
        match nearest(named, names()) {
            Some(near) => no.hint(format!("did you mean `{near}`?")),
            None => listing(no),
        }
    })
}
