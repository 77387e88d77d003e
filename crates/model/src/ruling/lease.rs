//! Taking tasks under a lease, keeping it alive, giving it back, and handing work in.

use std::cmp::Reverse;

use super::progress::{state, unmet, worker};
use super::registers::escalated;
use super::{Ruling, person, required, review};
use crate::actor::Actor;
use crate::command::{Take, Which};
use crate::commons::Holding;
use crate::context::Context;
use crate::digest::Digest;
use crate::draft::OwnerRole;
use crate::event::Event;
use crate::facts::Fact;
use crate::ids::{LeaseId, TaskId};
use crate::lease::{
    LONGEST_TTL_SECONDS, Lease, LeaseEnd, LeaseTaken, PathTouched, WorkSubmitted, plain_roles, same_role,
};
use crate::paths;
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::registers::EntryDetails;
use crate::standing::Standings;
use crate::task::{ClaimHow, Task, TaskState};

/// Turns away whoever does not hold a task: another has it under a lease, or the grant that is
/// shown is not the task's: an earlier one was lost, a later one is another task's.
pub(super) fn holding(plan: &Plan, id: TaskId, cx: &Context<'_>) -> Result<(), Refusal> {
    let Some(task) = plan.task(id) else { return Ok(()) };
    let shown = cx.fence.filter(|fence| *fence != task.fence);
    if let Some(shown) = shown {
        let now_with = match task.holder(cx.now) {
            Some((by, _)) => format!("; {} holds it under {} now", by.actor, task.fence),
            None => format!("; its grant is number {} now", task.fence),
        };
        return Err(Refusal::new(
            refusal::LEASE_LOST,
            format!("the lease on task `{}` under grant {shown} is lost{now_with}", task.key),
        )
        .hint("stop, keep what you have on its branch, and take work anew with `countersign take --next`")
        .with("task", task.key.as_str())
        .with("fence", task.fence.0));
    }
    match task.holder(cx.now) {
        // Countersign itself only ends leases, and says so on record.
        Some((by, lease)) if by.actor != cx.by.actor && cx.by.actor != Actor::System => {
            Err(taken(task, lease, &by.actor))
        }
        _ => Ok(()),
    }
}

/// Whether a grant is in force, and the asker's.
pub(super) fn holds(plan: &Plan, holding: Holding, cx: &Context<'_>) -> Result<(), Refusal> {
    let lost = |what: String| {
        Refusal::new(refusal::LEASE_LOST, what)
            .hint("stop, and take work anew with `countersign take --next`")
            .with("fence", holding.fence.0)
    };
    let Some(task) = plan.task(holding.task) else {
        return Err(lost(format!("the plan has no task `{}`", holding.task)));
    };
    match task.holder(cx.now) {
        Some((by, lease)) if lease.fence == holding.fence && by.actor == cx.by.actor => Ok(()),
        _ => Err(lost(format!("the lease on task `{}` under grant {} is lost", task.key, holding.fence))
            .with("task", task.key.as_str())),
    }
}

fn taken(task: &Task, lease: &Lease, holder: &Actor) -> Refusal {
    Refusal::new(
        refusal::LEASE_TAKEN,
        format!("task `{}` is held by {holder} until {}", task.key, lease.until),
    )
    .hint("take another with `countersign take --next`, or wait until it is free")
    .with("task", task.key.as_str())
    .with("holder", holder.to_string())
    .with("until", lease.until.to_string())
}

pub(super) fn take(ruling: &mut Ruling<'_>, asked: Take, cx: &mut Context<'_>) -> Result<(), Refusal> {
    worker(cx)?;
    running(ruling.before())?;
    within_budget(ruling.before())?;
    let rules = ruling.before().settings.leases;
    let ttl_seconds = asked.ttl_seconds.unwrap_or(rules.ttl_seconds);
    if ttl_seconds == 0 || ttl_seconds > LONGEST_TTL_SECONDS {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("a lease lasts from 1 second to a day, not {ttl_seconds} seconds"),
        ));
    }
    let id = match asked.which {
        Which::Task(id) => id,
        Which::Next => next(ruling.before(), &asked, cx)?,
    };
    let plan = ruling.before();
    let task = ruling.live_task(id)?;
    takeable(plan, task, &asked.roles, cx)?;
    if let Some(asked) = &asked.paths {
        patterns(asked)?;
    }
    let (wanted, shared) = wanted_paths(task, asked.paths.as_deref());
    free_paths(plan, task, &wanted, shared, cx)?;
    let role = agent_role(task).map(str::to_owned).or_else(|| asked.roles.first().cloned());
    let fence = task.fence.next();
    if let Some(lost) = task.lease().map(|lease| lease.fence) {
        let reason = "its time was over".to_owned();
        ruling.record(Event::LeaseEnded { task: id, fence: lost, how: LeaseEnd::Expired, reason });
    }
    let lease = cx.id(LeaseId::from_bits);
    ruling.record(Event::LeaseTaken(Box::new(LeaseTaken {
        task: id,
        lease,
        fence,
        role,
        until: Lease::end(cx.now, ttl_seconds),
        ttl_seconds,
        paths: wanted,
        shared,
        base: asked.base,
    })));
    Ok(())
}

/// Whether this task could be taken now, paths aside.
fn takeable(plan: &Plan, task: &Task, roles: &[String], cx: &Context<'_>) -> Result<(), Refusal> {
    match &task.state {
        TaskState::Open => {}
        TaskState::Active(active) => match &active.lease {
            Some(lease) if lease.is_live(cx.now) => return Err(taken(task, lease, &active.by.actor)),
            None if active.by.actor != Actor::Document => {
                let message = format!("task `{}` is being worked on by {}", task.key, active.by.actor);
                return Err(state(task, message));
            }
            _ => {}
        },
        other => return Err(state(task, format!("task `{}` is already {}", task.key, other.word()))),
    }
    unmet(plan, task, cx, "take")?;
    within_strikes(plan, task)?;
    if let Some(role) = agent_role(task).filter(|role| !roles.is_empty() && !fits(role, roles)) {
        return Err(Refusal::new(
            refusal::POLICY_DENIED,
            format!("task `{}` is for the role `{role}`, not for {}", task.key, roles.join(", ")),
        )
        .hint("take one of your own with `countersign take --next`")
        .with("task", task.key.as_str())
        .with("role", role));
    }
    Ok(())
}

/// What an agent that begins without a lease is held to as well, so that nobody gets around what
/// taking a task asks for by not taking it.
pub(super) fn beginning(plan: &Plan, task: &Task, cx: &Context<'_>) -> Result<(), Refusal> {
    within_budget(plan)?;
    within_strikes(plan, task)?;
    let (wanted, shared) = wanted_paths(task, None);
    free_paths(plan, task, &wanted, shared, cx)
}

/// How often a task has lost its worker. A lease that ran out counts too, once somebody asks for the
/// task anew.
pub(super) fn strikes(task: &Task) -> u32 {
    task.effort.as_ref().map_or(0, |effort| effort.strikes) + u32::from(task.lease().is_some())
}

/// Refuses a task that keeps losing its workers, until a person has looked at it.
pub(super) fn within_strikes(plan: &Plan, task: &Task) -> Result<(), Refusal> {
    let (strikes, limit) = (strikes(task), plan.settings.leases.strikes);
    if limit == 0 || strikes < limit {
        return Ok(());
    }
    Err(Refusal::new(
        refusal::LEASE_STRIKES,
        format!("task `{}` has lost its worker {strikes} times, the plan allows {limit}", task.key),
    )
    .hint(format!(
        "look why, then have a person open it again with `countersign reopen {} --reason …`",
        task.key
    ))
    .with("task", task.key.as_str())
    .with("strikes", strikes))
}

/// Says that a task's lease is over, where it has one, before something else becomes of the task.
pub(super) fn end_lease(ruling: &mut Ruling<'_>, id: TaskId, reason: &str, cx: &Context<'_>) {
    let Some(lease) = ruling.before().task(id).and_then(Task::lease) else { return };
    let how = if lease.is_live(cx.now) { LeaseEnd::Released } else { LeaseEnd::Expired };
    let (fence, reason) = (lease.fence, reason.to_owned());
    ruling.record(Event::LeaseEnded { task: id, fence, how, reason });
}

fn next(plan: &Plan, asked: &Take, cx: &Context<'_>) -> Result<TaskId, Refusal> {
    let standings = Standings::new(plan, cx.now);
    let roles = plain_roles(asked.roles.iter().map(String::as_str));
    let mut best: Option<((u32, Reverse<usize>), TaskId)> = None;
    for task in &plan.tasks {
        let open =
            matches!(task.state, TaskState::Open) || task.lease().is_some_and(|lease| !lease.is_live(cx.now));
        let for_me = || {
            roles.is_empty()
                || agent_role(task).is_none_or(|role| roles.iter().any(|own| same_role(own, role)))
        };
        if !open || !task.obstacles.is_empty() || !for_me() || standings.shut_entrance(task).is_some() {
            continue;
        }
        let rank = (priority(task), Reverse(plan.dependants(task.id).len()));
        if best.as_ref().is_some_and(|(other, _)| *other <= rank)
            || takeable(plan, task, &asked.roles, cx).is_err()
        {
            continue;
        }
        let (wanted, shared) = wanted_paths(task, asked.paths.as_deref());
        if free_paths(plan, task, &wanted, shared, cx).is_ok() {
            best = Some((rank, task.id));
        }
    }
    best.map(|(_, task)| task).ok_or_else(|| {
        Refusal::new(refusal::WORK_NONE, "there is no task that could be taken now")
            .hint("see what stands in the way with `countersign list` and `countersign why KEY`")
    })
}

/// A priority as a rank, the smaller the sooner: `P0`, `1`, `critical`, `high`.
fn priority(task: &Task) -> u32 {
    let word = task.facts.priority().unwrap_or_default().to_lowercase();
    let number: String = word
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    if let Ok(number) = number.parse::<u32>() {
        return number.saturating_mul(10);
    }
    let known = [
        ("critical", 0),
        ("urgent", 0),
        ("highest", 0),
        ("high", 10),
        ("medium", 20),
        ("normal", 20),
        ("low", 30),
    ];
    known.iter().find(|(name, _)| word.contains(name)).map_or(25, |(_, rank)| *rank)
}

/// The role of an agent that the document names for a task.
fn agent_role(task: &Task) -> Option<&str> {
    task.facts.owners().find(|owner| owner.role == OwnerRole::Agent).map(|owner| owner.name.as_str())
}

fn fits(role: &str, roles: &[String]) -> bool {
    roles.iter().any(|own| same_role(own, role))
}

/// What a task is going to write: as asked for, else as reserved, else as its document says.
fn wanted_paths(task: &Task, asked: Option<&[String]>) -> (Vec<String>, bool) {
    let effort = task.effort.as_deref();
    let shared = effort.is_some_and(|effort| effort.shared);
    if let Some(asked) = asked {
        return (asked.iter().map(|path| paths::plain(path)).collect(), shared);
    }
    if let Some(effort) = effort.filter(|effort| !effort.reserved.is_empty()) {
        return (effort.reserved.clone(), shared);
    }
    let named = task.facts.0.iter().filter_map(|fact| match fact {
        Fact::Path(path) => Some(paths::plain(path)),
        _ => None,
    });
    (named.collect(), shared)
}

/// Refuses paths that another live lease intends to write.
fn free_paths(
    plan: &Plan,
    task: &Task,
    wanted: &[String],
    shared: bool,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    if wanted.is_empty() {
        return Ok(());
    }
    for other in plan.leased().filter(|other| other.id != task.id) {
        let Some((by, lease)) = other.holder(cx.now) else { continue };
        if shared && lease.shared {
            continue;
        }
        for path in &lease.paths {
            if let Some(mine) = wanted.iter().find(|mine| paths::meet(mine, path)) {
                return Err(Refusal::new(
                    refusal::PATH_RESERVED,
                    format!(
                        "`{mine}` of task `{}` meets `{path}`, which {} has reserved for task `{}`",
                        task.key, by.actor, other.key
                    ),
                )
                .hint("wait until that task is handed in, or narrow the paths with `countersign reserve`")
                .with("task", task.key.as_str())
                .with("path", mine.as_str())
                .with("other", other.key.as_str()));
            }
        }
    }
    Ok(())
}

/// Refuses new work while the plan is halted.
pub(super) fn running(plan: &Plan) -> Result<(), Refusal> {
    let Some(halt) = &plan.halted else { return Ok(()) };
    Err(Refusal::new(
        refusal::PLAN_HALTED,
        format!("the plan was halted by {}: {}", halt.by.actor, halt.reason),
    )
    .hint("a person lets it go on with `countersign resume`")
    .with("since", halt.at.to_string()))
}

fn within_budget(plan: &Plan) -> Result<(), Refusal> {
    let Some(spent) = plan.settings.budget.spent(plan.used, plan.allowed) else { return Ok(()) };
    Err(Refusal::new(refusal::BUDGET_SPENT, format!("the plan's budget is used up: {spent}"))
        .hint("a person may allow more with `countersign budget allow … --reason …`"))
}

/// The lease under which the asker holds a task.
fn held<'t>(task: &'t Task, cx: &Context<'_>) -> Result<&'t Lease, Refusal> {
    let own = match &task.state {
        TaskState::Active(active) if active.by.actor == cx.by.actor => active.lease.as_deref(),
        _ => None,
    };
    own.ok_or_else(|| {
        Refusal::new(refusal::LEASE_LOST, format!("{} holds no lease on task `{}`", cx.by.actor, task.key))
            .hint(format!("take it with `countersign take {}`", task.key))
            .with("task", task.key.as_str())
    })
}

pub(super) fn beat(ruling: &mut Ruling<'_>, id: TaskId, cx: &Context<'_>) -> Result<(), Refusal> {
    let task = ruling.live_task(id)?;
    let lease = held(task, cx)?;
    if !lease.is_live(cx.now) {
        // Its time was over for a while: others may have been given what it reserved.
        free_paths(ruling.before(), task, &lease.paths, lease.shared, cx)?;
    }
    let (fence, until) = (lease.fence, Lease::end(cx.now, lease.ttl_seconds));
    ruling.record(Event::LeaseRenewed { task: id, fence, until });
    Ok(())
}

/// Puts on record, and before people, that a holder has been silent for too long.
pub(super) fn tell_silence(ruling: &mut Ruling<'_>, id: TaskId, cx: &mut Context<'_>) -> Result<(), Refusal> {
    let rules = ruling.before().settings.leases;
    let task = ruling.live_task(id)?;
    let Some(lease) = task.lease().filter(|lease| !lease.told) else { return Ok(()) };
    let missed = lease.missed(cx.now, rules.heartbeat_seconds);
    if missed < rules.misses {
        return Ok(());
    }
    let holder = task.worker().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let text = format!("{holder} holds task `{}` and has missed {missed} heartbeats", task.key);
    let fence = lease.fence;
    ruling.record(Event::LeaseSilent { task: id, fence, missed });
    escalated(ruling, EntryDetails { text, ..EntryDetails::default() }, Some(id), cx);
    Ok(())
}

pub(super) fn release(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    how: LeaseEnd,
    reason: String,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let task = ruling.live_task(id)?;
    let Some(lease) = task.lease() else {
        return Err(state(task, format!("nobody holds task `{}` under a lease", task.key)));
    };
    let fence = lease.fence;
    let own = held(task, cx).is_ok();
    match (&cx.by.actor, how) {
        (_, LeaseEnd::Released | LeaseEnd::Failed | LeaseEnd::Halted) if own => {}
        (Actor::System, LeaseEnd::Expired) if !lease.is_live(cx.now) => {}
        (Actor::System, LeaseEnd::Released | LeaseEnd::Failed | LeaseEnd::Halted) => {}
        (Actor::Person(_), LeaseEnd::Released) => {
            required(&reason, "the reason for taking a task from its holder")?;
            person(ruling.before(), cx, "take a task from its holder")?;
        }
        _ => {
            return Err(held(task, cx)
                .err()
                .unwrap_or_else(|| state(task, format!("the lease on task `{}` is still live", task.key))));
        }
    }
    ruling.record(Event::LeaseEnded { task: id, fence, how, reason: reason.trim().to_owned() });
    if how.is_strike() {
        review::struck(ruling, id, cx);
    }
    Ok(())
}

pub(super) fn submit(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    commit: Option<String>,
    touched: Vec<String>,
    summary: String,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let plan = ruling.before();
    let task = ruling.live_task(id)?;
    let lease = held(task, cx)?;
    unmet(plan, task, cx, "submit")?;
    let reported = task.effort.iter().flat_map(|effort| &effort.touched).map(|touched| &touched.path);
    // What another has reserved is foreign also to a lease that covers everything.
    let of_another = |path: &str| other_holder(plan, task, lease, path, cx).is_some();
    let mut foreign: Vec<&str> = touched
        .iter()
        .chain(reported)
        .map(String::as_str)
        .filter(|path| !lease.covers(path) || of_another(path))
        .collect();
    foreign.sort_unstable();
    foreign.dedup();
    if !foreign.is_empty() {
        let wanted = match lease.paths.is_empty() {
            true => "nothing that others have reserved".to_owned(),
            false => named(lease.paths.iter().map(String::as_str)),
        };
        let mut no = Refusal::new(
            refusal::PATH_FOREIGN,
            format!(
                "task `{}` was to write {wanted}, and the work touches {}",
                task.key,
                named(foreign.iter().copied())
            ),
        )
        .hint(format!(
            "undo those changes, or widen the reservation with `countersign reserve {} PATTERN…`",
            task.key
        ))
        .with("task", task.key.as_str())
        .with("paths", foreign.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        for path in foreign {
            if let Some(other) = other_holder(plan, task, lease, path, cx) {
                no = no.fact(format!("{path}  is reserved for `{}`", other.key));
            }
        }
        return Err(no);
    }
    let fence = lease.fence;
    let summary = summary.trim().to_owned();
    let work = WorkSubmitted { task: id, fence, commit, touched, summary };
    ruling.record(Event::WorkSubmitted(Box::new(work)));
    ruling.record(Event::TaskClaimed { task: id, how: ClaimHow::Submit });
    review::claimed(ruling, id, cx);
    Ok(())
}

/// The task for which another live lease has reserved a file, where the two do not share it.
fn other_holder<'p>(
    plan: &'p Plan,
    task: &Task,
    lease: &Lease,
    path: &str,
    cx: &Context<'_>,
) -> Option<&'p Task> {
    let reserves =
        |theirs: &Lease| !theirs.paths.is_empty() && theirs.covers(path) && !(theirs.shared && lease.shared);
    let mut others = plan.leased().filter(|other| other.id != task.id);
    others.find(|other| other.holder(cx.now).is_some_and(|(_, theirs)| reserves(theirs)))
}

fn named<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    /// More than these are counted, not named.
    const NAMED: usize = 4;
    let all: Vec<&str> = paths.collect();
    let mut text = all.iter().take(NAMED).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        text.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    text
}

pub(super) fn reserve(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    wanted: &[String],
    shared: bool,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let task = ruling.live_task(id)?;
    let patterns = patterns(wanted)?;
    if task.holder(cx.now).is_some() {
        free_paths(ruling.before(), task, &patterns, shared, cx)?;
    }
    let known = task.effort.as_deref().map(|effort| (&effort.reserved, effort.shared));
    if known == Some((&patterns, shared)) {
        return Ok(());
    }
    ruling.record(Event::PathsReserved { task: id, paths: patterns, shared });
    Ok(())
}

/// Patterns as they are kept: within the plan's folder, each once.
fn patterns(wanted: &[String]) -> Result<Vec<String>, Refusal> {
    let mut patterns: Vec<String> = Vec::new();
    for path in wanted {
        let path = paths::plain(&required(path, "a path")?);
        if paths::leads_out(&path) {
            return Err(Refusal::new(
                refusal::VALUE_INVALID,
                format!("`{path}` leads out of the plan's folder"),
            )
            .hint("name paths relative to the plan's repository"));
        }
        if !patterns.contains(&path) {
            patterns.push(path);
        }
    }
    Ok(patterns)
}

/// A file was written: put on record, also where it should not have been.
pub(super) fn touch(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    path: &str,
    digest: Option<Digest>,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let path = paths::plain(&required(path, "the path")?);
    let plan = ruling.before();
    let task = ruling.live_task(id)?;
    let lease = held(task, cx)?;
    let of = other_holder(plan, task, lease, &path, cx);
    let foreign = !lease.covers(&path) || of.is_some();
    let (fence, of) = (lease.fence, of.map(|task| task.id));
    let summary = format!("work on `{}` wrote what was not reserved for it: {}", task.key, task.title);
    let touched = PathTouched { task: id, fence, path: path.clone(), digest, foreign, of };
    ruling.record(Event::PathTouched(Box::new(touched)));
    if foreign {
        review::guardrail(ruling, Some(id), refusal::PATH_FOREIGN, summary, ("path", path), cx);
    }
    Ok(())
}
