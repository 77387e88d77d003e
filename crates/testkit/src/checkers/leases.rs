//! Leases as the log shows them: at most one on a task, a fence that rises by one with each grant,
//! no write by anybody else, no two holders of the same unshared file.
//!
//! Which files two reservations share is found by trying a handful of names against both, with a
//! matcher of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::draft::Stated;
use model::event::Event;
use model::ids::TaskId;
use model::lease::{LeaseEnd, LeaseTaken, PathTouched, Usage, WorkSubmitted};
use model::settings::Trust;
use model::task::ClaimHow;

use super::keeping::{Judged, must};
use super::{Entry, Ledger, State};

/// Files that reservations are tried on: whoever adds a pattern to the world sees to it that one of
/// these tells it from the others.
const FILES: [&str; 12] = [
    "Cargo.toml",
    "README.md",
    "docs/a.md",
    "docs/b/c.md",
    "src/a.rs",
    "src/b.rs",
    "src/lib.rs",
    "src/model/a.rs",
    "src/model/b.rs",
    "src/model/deep/a.rs",
    "tests/a.rs",
    "tools/x.sh",
];

/// What the log says about the work on a plan's tasks.
#[derive(Debug, Default)]
pub(super) struct Work {
    tasks: BTreeMap<TaskId, Held>,
    halted: bool,
    used: Usage,
    allowed: Usage,
}

/// What the log says about the work on one task.
#[derive(Debug, Default)]
struct Held {
    lease: Option<Line>,
    strikes: u32,
    verified: bool,
    reserved: Vec<String>,
    shared: bool,
    touched: Vec<String>,
    /// The grant under which work was handed in by the event before.
    submitted: Option<u64>,
}

#[derive(Debug, Clone)]
struct Line {
    holder: Actor,
    fence: u64,
    until: Timestamp,
    heard: Timestamp,
    told: bool,
    paths: Vec<String>,
    shared: bool,
}

impl Line {
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

impl Ledger {
    /// Who holds a task now, and under which fence.
    pub fn holder(&self, task: TaskId, now: Timestamp) -> Option<(&Actor, u64)> {
        let line = self.lease(task).filter(|line| line.is_live(now))?;
        Some((&line.holder, line.fence))
    }

    /// The number of a task's last grant.
    pub fn fence(&self, task: TaskId) -> u64 {
        self.tasks.get(&task).map_or(0, |line| line.fence)
    }

    pub(super) fn is_held(&self, task: TaskId, now: Timestamp) -> bool {
        self.holder(task, now).is_some()
    }

    fn lease(&self, task: TaskId) -> Option<&Line> {
        self.work.tasks.get(&task)?.lease.as_ref()
    }

    pub(super) fn judge_work(&self, entry: &Entry) -> Judged {
        let by = &entry.by;
        self.judge_intrusion(entry)?;
        match &entry.event {
            Event::LeaseTaken(taken) => self.judge_grant(taken, entry),
            Event::TaskStarted { task, .. } => {
                must(!self.work.halted, "nothing begins while the plan is halted")?;
                must(self.lease(*task).is_none(), "nobody begins what another holds")?;
                must(!by.actor.is_agent() || self.within_bounds(*task), "an agent begins within bounds")
            }
            Event::LeaseRenewed { task, fence, until } => {
                self.must_hold(*task, fence.0, by)?;
                must(*until > entry.at, "a renewed lease goes on")?;
                let line = self.lease(*task).ok_or("nobody holds it")?;
                must(
                    line.is_live(entry.at) || self.is_free(*task, &line.paths, line.shared, entry.at),
                    "a lease that ran out comes back only where its paths are still free",
                )
            }
            Event::LeaseSilent { task, fence, missed } => {
                let line = self.lease(*task).ok_or("nobody holds it")?;
                let rules = self.settings.leases;
                let silent = entry.at.duration_since(line.heard).as_secs();
                let enough = silent >= i64::from(rules.misses) * i64::from(rules.heartbeat_seconds);
                must(line.fence == fence.0 && !line.told, "each silence is told once")?;
                must(enough && *missed >= rules.misses, "a silence is told once it is long enough")
            }
            Event::LeaseEnded { task, fence, how, .. } => self.judge_end(*task, fence.0, *how, entry),
            Event::WorkSubmitted(work) => self.judge_submission(work, entry),
            Event::TaskClaimed { task, how } => {
                let submitted = self.work.tasks.get(task).and_then(|held| held.submitted);
                match how {
                    ClaimHow::Submit => must(
                        submitted.is_some() && submitted == self.lease(*task).map(|line| line.fence),
                        "a submission hands something in",
                    ),
                    _ => must(
                        self.lease(*task).is_none() || !by.actor.is_agent(),
                        "what was done under a lease is handed in",
                    ),
                }
            }
            Event::PathTouched(touched) => self.judge_touched(touched, entry),
            Event::PathsReserved { task, paths, shared } => must(
                !self.is_held(*task, entry.at) || self.is_free(*task, paths, *shared, entry.at),
                "no two holders reserve the same file",
            ),
            Event::PlanResumed {} => must(self.believes(by), "only a person resumes"),
            Event::BudgetAllowed { .. } => must(self.believes(by), "only a person allows more"),
            Event::HandedOff(what) => {
                must(!what.outputs.is_empty() || !what.text.is_empty(), "a handoff hands something on")
            }
            _ => Ok(()),
        }
    }

    /// Work on a task is its holder's alone; a person, and the program itself, may still decide
    /// about it.
    fn judge_intrusion(&self, entry: &Entry) -> Judged {
        const WORK: [&str; 12] = [
            "start",
            "claim",
            "update",
            "rewire",
            "block",
            "unblock",
            "reopen",
            "beat",
            "submit",
            "reserve",
            "touch",
            "record_usage",
        ];
        let task = match &entry.event {
            Event::TaskBlocked { task, .. }
            | Event::TaskUnblocked { task }
            | Event::UsageRecorded { task, .. }
            | Event::PathsReserved { task, .. } => Some(*task),
            other => super::task_of(other),
        };
        let Some((holder, _)) = task.and_then(|task| self.holder(task, entry.at)) else { return Ok(()) };
        let person = matches!(entry.by.actor, Actor::Person(_) | Actor::System);
        let works = WORK.contains(&entry.command.as_str());
        must(*holder == entry.by.actor || person || !works, "nobody works on what another holds")
    }

    fn judge_grant(&self, taken: &LeaseTaken, entry: &Entry) -> Judged {
        let (task, by) = (taken.task, &entry.by);
        must(by.actor.person().is_some() || by.actor.is_agent(), "only who can work takes")?;
        must(!self.work.halted, "nothing begins while the plan is halted")?;
        must(self.lease(task).is_none(), "a task has one holder at most")?;
        let line = self.tasks.get(&task).ok_or("a task that nobody added")?;
        let free = matches!(line.state, State::Open | State::Active(Actor::Document));
        must(free, "what is begun or done is not taken")?;
        must(line.fence + 1 == taken.fence.0, "the fence rises by one")?;
        let seconds = taken.until.duration_since(entry.at).as_secs();
        must(seconds == i64::from(taken.ttl_seconds), "a lease lasts as long as it says")?;
        must((1..=86_400).contains(&seconds), "a lease ends within a day")?;
        must(self.within_bounds(task), "a task that keeps losing its workers waits, and so does a budget")?;
        must(
            self.is_free(task, &taken.paths, taken.shared, entry.at),
            "no two holders reserve the same file",
        )?;
        self.may_begin(task, entry)
    }

    /// Whether neither the budget is spent nor the task has lost too many workers.
    fn within_bounds(&self, task: TaskId) -> bool {
        let (budget, used, more) = (self.settings.budget, self.work.used, self.work.allowed);
        let spent =
            |limit: Option<u64>, more: u64, used: u64| limit.is_some_and(|limit| used >= limit + more);
        let limit = self.settings.leases.strikes;
        let strikes = self.work.tasks.get(&task).map_or(0, |held| held.strikes);
        !spent(budget.tokens, more.tokens, used.tokens)
            && !spent(budget.money_micros, more.money_micros, used.money_micros)
            && !spent(budget.seconds, more.seconds, used.seconds)
            && (limit == 0 || strikes < limit)
    }

    fn judge_end(&self, task: TaskId, fence: u64, how: LeaseEnd, entry: &Entry) -> Judged {
        let line = self.lease(task).ok_or("only a lease ends")?;
        must(line.fence == fence, "the lease that ends is the one in force")?;
        let live = line.is_live(entry.at);
        must(how != LeaseEnd::Expired || !live, "a lease expires when its time is over")?;
        let own = line.holder == entry.by.actor;
        let decided = self.believes(&entry.by) || entry.by.actor == Actor::System;
        let left_out = entry.command == "revise_plan";
        must(own || !live || decided || left_out, "nobody ends another's lease but a person")
    }

    fn judge_submission(&self, work: &WorkSubmitted, entry: &Entry) -> Judged {
        self.must_hold(work.task, work.fence.0, &entry.by)?;
        let held = self.work.tasks.get(&work.task).ok_or("nobody holds it")?;
        let strays =
            work.touched.iter().chain(&held.touched).any(|path| self.is_foreign(work.task, path, entry.at));
        must(!strays, "what is handed in stays within its paths")?;
        self.may_begin(work.task, entry)
    }

    fn judge_touched(&self, touched: &PathTouched, entry: &Entry) -> Judged {
        self.must_hold(touched.task, touched.fence.0, &entry.by)?;
        let foreign = self.is_foreign(touched.task, &touched.path, entry.at);
        must(foreign == touched.foreign, "a foreign file is called one")
    }

    fn must_hold(&self, task: TaskId, fence: u64, by: &By) -> Judged {
        let line = self.lease(task).ok_or("nobody holds it")?;
        must(line.holder == by.actor, "only its holder writes under a lease")?;
        must(line.fence == fence && fence == self.fence(task), "no write under an older fence")
    }

    /// Whether a file is not the task's to write.
    fn is_foreign(&self, task: TaskId, path: &str, now: Timestamp) -> bool {
        let Some(own) = self.lease(task) else { return true };
        let out = path.starts_with('/') || path.split('/').any(|part| part == "..");
        let others = self.live(now).filter(|(id, _)| *id != task);
        let of_another = others.into_iter().any(|(_, line)| {
            !(line.shared && own.shared) && line.paths.iter().any(|pattern| matches(pattern, path))
        });
        out || of_another || !(own.paths.is_empty() || own.paths.iter().any(|pattern| matches(pattern, path)))
    }

    fn live(&self, now: Timestamp) -> impl Iterator<Item = (TaskId, &Line)> {
        self.work.tasks.iter().filter_map(move |(id, held)| {
            let line = held.lease.as_ref().filter(|line| line.is_live(now))?;
            Some((*id, line))
        })
    }

    /// Whether no other holder has reserved a file that these patterns mean.
    fn is_free(&self, task: TaskId, paths: &[String], shared: bool, now: Timestamp) -> bool {
        let mut others = self.live(now).filter(|(id, line)| *id != task && !(shared && line.shared));
        others.all(|(_, line)| {
            !FILES.iter().any(|file| {
                let meant = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, file));
                meant(paths) && meant(&line.paths)
            })
        })
    }

    pub(super) fn fold_work(&mut self, entry: &Entry) {
        match &entry.event {
            Event::PlanHalted { .. } => self.work.halted = true,
            Event::PlanResumed {} => self.work.halted = false,
            Event::BudgetAllowed { usage, .. } => self.work.allowed = self.work.allowed.plus(*usage),
            Event::UsageRecorded { usage, .. } => self.work.used = self.work.used.plus(*usage),
            _ => {}
        }
        let task = match &entry.event {
            Event::PathsReserved { task, .. } => Some(*task),
            // A word in a document ends a lease only once its time is over.
            Event::TaskAsserted { task, asserted, .. } => {
                let counts = self.settings.trust == Trust::Document;
                let ends = match asserted.state {
                    Stated::Claimed => true,
                    Stated::Open | Stated::Dropped => counts,
                    Stated::Active => false,
                };
                if ends && !self.is_held(*task, entry.at) {
                    self.work.tasks.entry(*task).or_default().lease = None;
                }
                None
            }
            other => super::task_of(other),
        };
        if let Some(task) = task {
            self.work.tasks.entry(task).or_default().fold(entry);
        }
    }
}

impl Held {
    fn fold(&mut self, entry: &Entry) {
        let (by, at) = (&entry.by, entry.at);
        self.submitted = None;
        match &entry.event {
            Event::LeaseTaken(taken) => {
                self.touched.clear();
                self.lease = Some(Line {
                    holder: by.actor.clone(),
                    fence: taken.fence.0,
                    until: taken.until,
                    heard: at,
                    told: false,
                    paths: taken.paths.clone(),
                    shared: taken.shared,
                });
            }
            Event::LeaseRenewed { until, .. } => {
                if let Some(line) = &mut self.lease {
                    (line.until, line.heard, line.told) = (*until, at, false);
                }
            }
            Event::LeaseSilent { .. } => {
                if let Some(line) = &mut self.lease {
                    line.told = true;
                }
            }
            Event::LeaseEnded { how, .. } => {
                self.lease = None;
                self.strikes += u32::from(matches!(how, LeaseEnd::Expired | LeaseEnd::Failed));
            }
            Event::WorkSubmitted(work) => self.submitted = Some(work.fence.0),
            Event::PathsReserved { paths, shared, .. } => {
                (self.reserved, self.shared) = (paths.clone(), *shared);
                if let Some(line) = &mut self.lease {
                    (line.paths, line.shared) = (paths.clone(), *shared);
                }
            }
            Event::PathTouched(touched) => self.touched.push(touched.path.clone()),
            Event::TaskReopened { .. } => {
                self.lease = None;
                self.touched.clear();
                if self.verified || matches!(by.actor, Actor::Person(_)) {
                    self.strikes = 0;
                }
                self.verified = false;
            }
            Event::TaskVerified { .. } => (self.lease, self.verified) = (None, true),
            Event::TaskStarted { .. } | Event::TaskClaimed { .. } | Event::TaskDropped { .. } => {
                (self.lease, self.verified) = (None, false);
            }
            _ => {}
        }
    }
}

/// Whether a pattern means a file, by trying every way to read it.
fn matches(pattern: &str, path: &str) -> bool {
    let open = if pattern.ends_with('/') { format!("{pattern}**") } else { pattern.to_owned() };
    let (pattern, path): (Vec<&str>, Vec<&str>) = (open.split('/').collect(), path.split('/').collect());
    parts_match(&pattern, &path)
}

fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            parts_match(rest, path) || (!path.is_empty() && parts_match(pattern, &path[1..]))
        }
        (Some((first, rest)), Some((name, others))) => {
            letters_match(first.as_bytes(), name.as_bytes()) && parts_match(rest, others)
        }
        _ => false,
    }
}

fn letters_match(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            letters_match(rest, name) || (!name.is_empty() && letters_match(pattern, &name[1..]))
        }
        (Some((b'?', rest)), Some((_, others))) => letters_match(rest, others),
        (Some((letter, rest)), Some((other, others))) => letter == other && letters_match(rest, others),
        _ => false,
    }
}
