//! Verbs that move a task along without proving anything.

use super::lease::{beginning, end_lease, running, strikes, within_strikes};
use super::registers::moved_schedule;
use super::{Ruling, person, required, review};
use crate::actor::Actor;
use crate::context::Context;
use crate::digest::Digest;
use crate::draft::TaskKind;
use crate::event::{Event, TaskAdded};
use crate::facts::{Fact, Facts};
use crate::ids::{Key, TaskId, slug};
use crate::lease::LeaseEnd;
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::settings::Trust;
use crate::task::{Assertion, ClaimHow, Task, TaskState};

pub(super) fn start(ruling: &mut Ruling<'_>, id: TaskId, cx: &Context<'_>) -> Result<(), Refusal> {
    worker(cx)?;
    running(ruling.before())?;
    let task = ruling.live_task(id)?;
    match &task.state {
        TaskState::Open => {}
        TaskState::Active(active) if active.lease.as_ref().is_some_and(|lease| lease.is_live(cx.now)) => {
            return Err(state(
                task,
                format!("{} works on task `{}` under a lease", active.by.actor, task.key),
            ));
        }
        TaskState::Active(active) if active.lease.is_some() => {}
        TaskState::Active(active) if active.by.actor == Actor::Document || active.by.actor == cx.by.actor => {
        }
        TaskState::Active(active) => {
            return Err(state(
                task,
                format!("task `{}` is being worked on by {}", task.key, active.by.actor),
            ));
        }
        other => return Err(state(task, format!("task `{}` is already {}", task.key, other.word()))),
    }
    unmet(ruling.before(), task, cx, "start")?;
    if cx.by.actor.is_agent() {
        beginning(ruling.before(), task, cx)?;
    }
    let fence = task.fence.next();
    if let Some(lost) = task.lease().map(|lease| lease.fence) {
        let reason = "its time was over".to_owned();
        ruling.record(Event::LeaseEnded { task: id, fence: lost, how: LeaseEnd::Expired, reason });
    }
    ruling.record(Event::TaskStarted { task: id, fence });
    Ok(())
}

pub(super) fn claim(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    how: ClaimHow,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let task = ruling.live_task(id)?;
    if how == ClaimHow::Submit {
        return Err(Refusal::new(refusal::VALUE_INVALID, "work is handed in by whoever holds its task")
            .hint(format!("hand it in with `countersign submit {}`", task.key)));
    }
    match &task.state {
        // What was done under a lease is handed in, so that it is compared with what was reserved.
        TaskState::Active(active) if active.lease.is_some() && cx.by.actor.is_agent() => {
            return Err(state(task, format!("task `{}` is worked on under a lease", task.key))
                .hint(format!("hand it in with `countersign submit {}`", task.key)));
        }
        TaskState::Open | TaskState::Active(_) => {}
        // Somebody puts their name to what so far only the document said.
        TaskState::Claimed(claim) if matches!(claim.how, ClaimHow::Document | ClaimHow::Import) => {}
        TaskState::Claimed(claim) => {
            return Err(state(
                task,
                format!("task `{}` was already claimed by {}", task.key, claim.by.actor),
            ));
        }
        other => return Err(state(task, format!("task `{}` is already {}", task.key, other.word()))),
    }
    unmet(ruling.before(), task, cx, "claim")?;
    ruling.record(Event::TaskClaimed { task: id, how });
    review::claimed(ruling, id, cx);
    Ok(())
}

pub(super) fn update(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    put: Vec<Fact>,
    clear: Vec<Fact>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let task = ruling.live_task(id)?;
    let settings = &ruling.before().settings;
    // Who lives by the document moves a date by saying so, unless others must approve that.
    let by_word = settings.trust == Trust::Document && settings.rebaseline.is_empty();
    for fact in put.iter().chain(&clear) {
        acceptable(fact)?;
        if !by_word {
            governed(task, fact)?;
        }
    }
    let clear: Vec<Fact> = clear
        .iter()
        .flat_map(|kind| task.facts.0.iter().filter(|known| known.same_kind(kind)).cloned())
        .collect();
    // What is cleared and put again at once, such as one owner of several, must survive the clearing.
    let is_new = |fact: &Fact| !task.facts.0.contains(fact) || clear.contains(fact);
    let put: Vec<Fact> = put.into_iter().filter(is_new).collect();
    for (field, from, to) in moved_schedule(&task.facts, &put, &clear) {
        let (reason, missing) = ("set anew".to_owned(), Vec::new());
        ruling.record(Event::RebaselineRequested { task: id, field, from, to, reason, missing });
    }
    if !put.is_empty() || !clear.is_empty() {
        ruling.record(Event::FactsChanged { task: id, put, clear });
    }
    Ok(())
}

fn acceptable(fact: &Fact) -> Result<(), Refusal> {
    let invalid = |message: &str| Refusal::new(refusal::VALUE_INVALID, message);
    match fact {
        Fact::Percent(percent) if !(0.0..=100.0).contains(percent) => {
            Err(invalid("Progress must be between 0 and 100"))
        }
        Fact::EstimateDays(days) if !days.is_finite() || *days < 0.0 => {
            Err(invalid("an estimate is a number of days, zero or more"))
        }
        _ => Ok(()),
    }
}

/// A date, window or estimate that is in force moves by rebaselining only.
fn governed(task: &Task, fact: &Fact) -> Result<(), Refusal> {
    let schedule = matches!(fact, Fact::Due(_) | Fact::Window(_) | Fact::EstimateDays(_));
    if schedule && task.facts.0.iter().any(|known| known.same_kind(fact)) {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            "a date, window or estimate that the plan was adopted with is changed by rebaselining",
        )
        .hint(format!("use `countersign rebaseline {} … --reason …`", task.key)));
    }
    Ok(())
}

pub(super) fn block(ruling: &mut Ruling<'_>, id: TaskId, reason: String) -> Result<(), Refusal> {
    let reason = required(&reason, "the reason")?;
    ruling.live_task(id)?;
    ruling.record(Event::TaskBlocked { task: id, reason });
    Ok(())
}

pub(super) fn unblock(ruling: &mut Ruling<'_>, id: TaskId) -> Result<(), Refusal> {
    let task = ruling.live_task(id)?;
    if task.obstacles.is_empty() {
        return Err(state(task, format!("nobody reported an obstacle for task `{}`", task.key)));
    }
    ruling.record(Event::TaskUnblocked { task: id });
    Ok(())
}

/// Giving a task up lets what needs it go ahead, so only a person may.
pub(super) fn drop(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    reason: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let reason = required(&reason, "the reason")?;
    person(ruling.before(), cx, "drop a task")?;
    ruling.live_task(id)?;
    end_lease(ruling, id, "its task was dropped", cx);
    ruling.record(Event::TaskDropped { task: id, reason });
    review::void(ruling, id, "its task was dropped");
    Ok(())
}

pub(super) fn reopen(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    reason: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let reason = required(&reason, "the reason")?;
    let task = ruling.task(id)?;
    // That a task kept losing its workers is forgotten once a person has looked at it. What the
    // program opens again stays at its limit, and waits.
    let struck = strikes(task) > 0 && !task.is_dropped();
    let by_person = matches!(cx.by.actor, Actor::Person(_));
    let at_limit = cx.by.actor != Actor::System && within_strikes(ruling.before(), task).is_err();
    if struck && (by_person || at_limit) {
        person(ruling.before(), cx, "open a task again that lost its worker")?;
    }
    match &task.state {
        TaskState::Open if struck && by_person => {}
        TaskState::Open => return Err(state(task, format!("task `{}` is open already", task.key))),
        TaskState::Dropped(_) => {
            person(ruling.before(), cx, "take a dropped task up again")?;
            let heir = ruling.before().task_by_key(&task.key).filter(|heir| heir.id != id);
            if heir.is_some() {
                return Err(Refusal::new(
                    refusal::KEY_DUPLICATE,
                    format!("the key `{}` belongs to another task now", task.key),
                )
                .hint("add the work as a new task")
                .with("key", task.key.as_str()));
            }
        }
        _ => {}
    }
    let attempt = task.attempt + 1;
    end_lease(ruling, id, "its task was opened again", cx);
    reopened(ruling, id, attempt, reason);
    Ok(())
}

/// Records that a task no longer counts as done, and flags what was begun on the strength of it.
pub(super) fn reopened(ruling: &mut Ruling<'_>, id: TaskId, attempt: u32, reason: String) {
    let plan = ruling.before();
    let key = plan.task(id).map(|task| task.key.to_string()).unwrap_or_default();
    let mut begun: Vec<TaskId> = plan
        .dependants(id)
        .iter()
        .copied()
        .filter(|dependant| plan.task(*dependant).is_some_and(Task::has_begun))
        .collect();
    begun.sort();
    begun.dedup();
    let flag = format!("`{key}`, which it builds on, was reopened: {reason}");
    ruling.record(Event::TaskReopened { task: id, attempt, reason });
    review::void(ruling, id, "its task was opened again");
    for task in begun {
        ruling.record(Event::TaskFlagged { task, reason: flag.clone() });
    }
}

pub(super) fn note(ruling: &mut Ruling<'_>, id: TaskId, text: String) -> Result<(), Refusal> {
    let text = required(&text, "a note")?;
    ruling.task(id)?;
    ruling.record(Event::NoteAdded { task: id, text });
    Ok(())
}

/// An attached file can be what opens a gate, so a person must have attached it.
pub(super) fn attach(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    name: String,
    blob: Digest,
    size: u64,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let name = required(&name, "the file's name")?;
    person(ruling.before(), cx, "attach a file")?;
    ruling.live_task(id)?;
    ruling.record(Event::FileAttached { task: id, name, blob, size });
    Ok(())
}

pub(super) fn add_task(
    ruling: &mut Ruling<'_>,
    kind: TaskKind,
    key: Option<Key>,
    title: String,
    needs: Vec<TaskId>,
    facts: Vec<Fact>,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let title = required(&title, "the title")?;
    for need in &needs {
        ruling.live_task(*need)?;
    }
    facts.iter().try_for_each(acceptable)?;
    let plan = ruling.before();
    let key = match key {
        Some(key) if plan.task_by_key(&key).is_some() => {
            return Err(Refusal::new(refusal::KEY_DUPLICATE, format!("the key `{key}` is taken"))
                .with("key", key.as_str()));
        }
        Some(key) => key,
        None => fresh_key(plan, kind.as_str(), &title),
    };
    let task = cx.id(TaskId::from_bits);
    ruling.record(Event::TaskAdded(Box::new(TaskAdded {
        task,
        key,
        kind,
        title,
        phase: None,
        parent: None,
        needs: needs.into(),
        facts: Facts(facts.into()),
        asserted: Assertion::default(),
        imported: false,
        line: 0,
    })));
    Ok(())
}

fn fresh_key(plan: &Plan, group: &str, title: &str) -> Key {
    let stem = format!("{group}/{}", slug(title));
    (1u32..)
        .map(|twin| if twin == 1 { stem.clone() } else { format!("{stem}~{twin}") })
        .filter_map(|text| Key::new(&text).ok())
        .find(|key| plan.task_by_key(key).is_none())
        .expect("there are more numbers than tasks")
}

/// Persons and agents work; the document only asserts, and the program only verifies.
pub(super) fn worker(cx: &Context<'_>) -> Result<(), Refusal> {
    match cx.by.actor {
        Actor::Person(_) | Actor::Agent { .. } => Ok(()),
        Actor::Document | Actor::System => {
            Err(Refusal::new(refusal::POLICY_DENIED, "only a person or an agent can work on a task"))
        }
    }
}

pub(super) fn state(task: &Task, message: String) -> Refusal {
    Refusal::new(refusal::TASK_STATE, message)
        .hint(format!("see it with `countersign show {}`", task.key))
        .with("task", task.key.as_str())
        .with("state", task.state.word())
}

/// Refuses to go on while a need is unmet or the phase's entrance is shut.
pub(super) fn unmet(plan: &Plan, task: &Task, cx: &Context<'_>, verb: &str) -> Result<(), Refusal> {
    let needs = plan.unmet_needs(task, cx.now);
    // Who lives by the document's word also waits for what only its words name.
    let worded = task.facts.blockers().next().filter(|_| plan.settings.trust == Trust::Document);
    if let (true, Some(blocker)) = (needs.is_empty(), worded) {
        return Err(Refusal::new(
            refusal::DEPENDENCY_UNMET,
            format!("cannot {verb} task `{}`: it is blocked by `{blocker}`", task.key),
        )
        .hint("take what no longer stands in the way out of its blockers")
        .with("task", task.key.as_str())
        .with("blocker", blocker));
    }
    if !needs.is_empty() {
        let keys: Vec<String> = needs
            .iter()
            .map(|need| plan.task(*need).map_or_else(|| need.to_string(), |need| need.key.to_string()))
            .collect();
        let named: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let mut no = Refusal::new(
            refusal::DEPENDENCY_UNMET,
            format!("cannot {verb} task `{}`: it needs {}", task.key, named.join(", ")),
        )
        .hint(format!("see the chain of reasons with `countersign why {}`", task.key))
        .with("task", task.key.as_str())
        .with("needs", keys);
        for need in needs.iter().filter_map(|need| plan.task(*need)) {
            no = no.fact(format!("{}  {}", need.key, plan.standing(need, cx.now).as_str()));
        }
        return Err(no);
    }
    if let Some(phase) = plan.shut_entrance(task, cx.now) {
        let name = plan.phase(phase).map(|phase| phase.key.to_string()).unwrap_or_default();
        return Err(Refusal::new(
            refusal::GATE_SHUT,
            format!("cannot {verb} task `{}`: the entrance of `{name}` is shut", task.key),
        )
        .hint("see what is missing with `countersign gate list`")
        .with("task", task.key.as_str())
        .with("phase", name));
    }
    Ok(())
}
