//! Runs of continuous integration, deployments and incidents are taken in as they are told. A run that
//! crosses a line opens an action, once: while that action is not finished, and while the line stays
//! crossed, no further one follows.

use jiff::Timestamp;

use super::{Ruling, required};
use crate::context::Context;
use crate::delivery::{BUDGET_SECONDS, CiRun, Deployed, FLAKE_PERCENT, Threshold, Workflow};
use crate::draft::TaskKind;
use crate::event::{Event, TaskAdded};
use crate::facts::Facts;
use crate::ids::{Key, TaskId, slug};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::task::{Assertion, TaskState};

/// The longest a run can be said to have taken, in seconds: a week.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// The longest name of a workflow or an environment.
const LONGEST_NAME: usize = 200;

pub(super) fn record_run(ruling: &mut Ruling<'_>, run: CiRun, cx: &mut Context<'_>) -> Result<(), Refusal> {
    let workflow = name(&run.workflow, "the workflow's name")?;
    let run = CiRun { workflow, ..run };
    length(run.seconds, "what a run took")?;
    run.queue_seconds.map_or(Ok(()), |queued| length(queued, "how long a run waited"))?;
    if let Some(tests) = &run.tests {
        length(tests.seconds, "what tests took")?;
    }
    let known = ruling.before().delivery.workflow(&run.workflow);
    if known.is_some_and(|known| known.knows(&run)) {
        return Ok(());
    }
    let empty = || Workflow { name: run.workflow.clone(), ..Workflow::default() };
    let before = known.cloned().unwrap_or_else(empty);
    let mut after = before.clone();
    after.add(&run, cx.by, cx.now);
    ruling.record(Event::CiRunRecorded(Box::new(run)));
    for threshold in Threshold::ALL {
        if after.is_over(threshold) {
            open_action(ruling, threshold, &after, before.is_over(threshold), cx);
        }
    }
    Ok(())
}

/// Opens an action about a line that is crossed, unless there is one, or was one when it was crossed
/// already.
fn open_action(
    ruling: &mut Ruling<'_>,
    threshold: Threshold,
    workflow: &Workflow,
    was_over: bool,
    cx: &mut Context<'_>,
) {
    let plan = ruling.before();
    let stem = format!("action/ci-{}-{}", threshold.as_str(), slug(&workflow.name));
    let of_line = |key: &Key| {
        key.as_str() == stem || key.as_str().strip_prefix(&*stem).is_some_and(|rest| rest.starts_with('~'))
    };
    let mut actions = plan.tasks.iter().filter(|task| of_line(&task.key)).peekable();
    if was_over && actions.peek().is_some() {
        return;
    }
    if actions.any(|task| matches!(task.state, TaskState::Open | TaskState::Active(_))) {
        return;
    }
    let Some(key) = free_key(plan, &stem) else { return };
    let title = match threshold {
        Threshold::Duration => {
            let last = workflow.finished().next_back().map_or(0.0, |run| run.what.seconds);
            format!(
                "Make `{}` quicker: a run took {:.1} min, and the budget is {:.0} min",
                workflow.name,
                last / 60.0,
                BUDGET_SECONDS / 60.0
            )
        }
        Threshold::Flakes => format!(
            "Make `{}` reliable: {:.1} % of its runs are flaky, and more than {FLAKE_PERCENT:.0} % are too many",
            workflow.name,
            workflow.flake_percent().unwrap_or_default()
        ),
    };
    let task = cx.id(TaskId::from_bits);
    ruling.record(Event::TaskAdded(Box::new(TaskAdded {
        task,
        key,
        kind: TaskKind::Action,
        title,
        phase: None,
        parent: None,
        needs: Vec::new().into(),
        facts: Facts::default(),
        asserted: Assertion::default(),
        imported: false,
        line: 0,
    })));
}

fn free_key(plan: &Plan, stem: &str) -> Option<Key> {
    (1u32..)
        .map(|twin| if twin == 1 { stem.to_owned() } else { format!("{stem}~{twin}") })
        .filter_map(|text| Key::new(&text).ok())
        .find(|key| plan.task_by_key(key).is_none())
}

pub(super) fn record_deployment(ruling: &mut Ruling<'_>, deployed: Deployed) -> Result<(), Refusal> {
    let environment = name(&deployed.environment, "the environment")?;
    deployed.lead_seconds.map_or(Ok(()), |lead| {
        if lead.is_finite() && lead >= 0.0 { Ok(()) } else { Err(no_length("how long a deployment took")) }
    })?;
    let again = |known: &&Deployed| {
        known.run.is_some() && known.run == deployed.run && known.result == deployed.result
    };
    if ruling.before().delivery.deployments.iter().find(again).is_none() {
        ruling.record(Event::DeploymentRecorded(Box::new(Deployed { environment, ..deployed })));
    }
    Ok(())
}

pub(super) fn open_incident(
    ruling: &mut Ruling<'_>,
    key: Option<Key>,
    text: &str,
    severity: Option<String>,
    since: Option<Timestamp>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let text = required(text, "what is broken")?;
    let known = &ruling.before().delivery.incidents;
    let taken = |key: &Key| known.iter().any(|known| known.key == *key);
    let incident = match key {
        Some(key) if taken(&key) => {
            return Err(Refusal::new(
                refusal::KEY_DUPLICATE,
                format!("there is an incident `{key}` already"),
            )
            .with("key", key.as_str()));
        }
        Some(key) => key,
        None => (known.len() + 1..)
            .filter_map(|number| Key::new(&format!("INC-{number}")).ok())
            .find(|key| !taken(key))
            .expect("there are more numbers than incidents"),
    };
    let since = since.unwrap_or(cx.now).min(cx.now);
    ruling.record(Event::IncidentOpened { incident, text, severity, since });
    Ok(())
}

pub(super) fn end_incident(
    ruling: &mut Ruling<'_>,
    incident: Key,
    outcome: &str,
    at: Option<Timestamp>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let Some(open) = ruling.before().delivery.open_incident(&incident) else {
        return Err(Refusal::new(refusal::ENTRY_NOT_FOUND, format!("no incident `{incident}` is open"))
            .hint("see them with `countersign delivery show`"));
    };
    let at = at.unwrap_or(cx.now).min(cx.now);
    if at < open.since {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("incident `{incident}` began after the moment it is said to have ended"),
        ));
    }
    ruling.record(Event::IncidentEnded { incident, outcome: outcome.trim().to_owned(), at });
    Ok(())
}

fn name(text: &str, what: &str) -> Result<String, Refusal> {
    let text = required(text, what)?;
    if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("{what} has 1 to {LONGEST_NAME} visible characters"),
        ));
    }
    Ok(text)
}

fn length(seconds: f64, what: &str) -> Result<(), Refusal> {
    if (0.0..=LONGEST).contains(&seconds) { Ok(()) } else { Err(no_length(what)) }
}

fn no_length(what: &str) -> Refusal {
    Refusal::new(refusal::VALUE_INVALID, format!("{what} is a number of seconds, zero or more, up to a week"))
}
