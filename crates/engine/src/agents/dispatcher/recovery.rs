//! How a dispatcher begins and ends: what the dead before it left is cleared away, what they held
//! is given back, and what they handed in is gone on with.
//!
//! A lease of a dead dispatcher ends as *halted*, not as *failed*: it says nothing about the task
//! that its dispatcher was killed, so it must not count against it.

use std::collections::HashSet;
use std::fs;

use model::actor::Actor;
use model::command::Command;
use model::commons::SessionJoined;
use model::fault::Fault;
use model::ids::{PlanId, SessionId, TaskId};
use model::lease::LeaseEnd;
use model::plan::Plan;
use model::refusal::INTERNAL_FAULT;
use model::task::TaskState;

use super::{Dispatcher, SESSION, Step};
use crate::agents::sessions::{self, Living};
use crate::agents::worktree::{self, Nursery, safe_name};
use crate::desk::{Denied, Desk as _, Request};
use crate::presence;

/// A session that has begun.
pub(super) struct Begun {
    _living: Living,
    pub(super) nursery: Option<Nursery>,
}

impl Dispatcher<'_> {
    /// Begins a session, after the dead have been dealt with.
    pub(super) fn begin(&self, watch: &mut dyn FnMut(Step)) -> Result<Begun, Denied> {
        let living =
            Living::begin(self.store.folder_to_write()?, self.session.as_str()).map_err(|error| {
                let what = format!("session `{}` cannot be begun: {error}", self.session);
                Fault::new(INTERNAL_FAULT, what)
            })?;
        let nursery = self
            .repository
            .map(|repository| Nursery::new(repository.clone(), self.store.folder(), self.session.as_str()));
        self.clear_after_the_dead(watch)?;
        self.open_session()?;
        for (agent, why) in &self.agents.unusable {
            watch(Step::LeftOut { agent: agent.name.clone(), why: why.clone() });
        }
        Ok(Begun { _living: living, nursery })
    }

    /// Ends the session. `well`: otherwise nothing can be relied on to be recorded.
    pub(super) fn end(&self, begun: Begun, well: bool) -> Result<(), Denied> {
        let _ = fs::remove_dir_all(self.briefs());
        if let Some(nursery) = &begun.nursery {
            nursery.clear()?;
        }
        if well {
            let (session, reason) = (self.session.clone(), "there was nothing left to do".to_owned());
            let command = Command::EndSession { session, reason, stuck: false };
            self.store.desk().submit(PlanId::STORE, &self.own_request(), command)?;
        }
        Ok(())
    }

    fn own_request(&self) -> Request {
        Request { agent_present: self.owner.agent_present, ..Request::new(self.owner.by.clone()) }
    }

    fn open_session(&self) -> Result<(), Denied> {
        let desk = self.store.desk();
        let plan = desk.plan(self.plan)?.key.clone();
        // Its agents count as active while this process lives.
        let (session, process) = (self.session.clone(), presence::process(std::process::id()));
        let start = Command::StartSession {
            session: session.clone(),
            plan: Some(plan),
            topology: None,
            max_agents: None,
            silence_seconds: None,
        };
        let joins = self.agents.usable.iter().map(|usable| {
            Command::JoinSession(Box::new(SessionJoined {
                session: session.clone(),
                agent: usable.agent.name.clone(),
                role: usable.agent.roles.first().cloned(),
                task: None,
                task_file: None,
                process: process.clone(),
            }))
        });
        let commands: Vec<Command> = std::iter::once(start).chain(joins).collect();
        let receipt = desk.submit_batch(PlanId::STORE, &self.own_request(), &commands)?;
        receipt.rulings.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(())
    }

    fn clear_after_the_dead(&self, watch: &mut dyn FnMut(Step)) -> Result<(), Denied> {
        let store = self.store.folder();
        let dead = sessions::dead(store);
        let mut resumed: Vec<(String, usize)> =
            dead.iter().map(|dead| (dead.session.clone(), dead.end_processes())).collect();
        if let Some(repository) = self.repository {
            for folder in worktree::sessions_with_worktrees(store) {
                if folder != safe_name(self.session.as_str()) && !sessions::is_living(store, &folder) {
                    worktree::clear_left_over(repository, store, &folder)?;
                }
            }
        }
        for line in self.store.desk().plans()? {
            for (session, held) in self.give_back(line.id)? {
                let known = resumed.iter().position(|(name, _)| *name == session.as_str());
                let processes = known.map_or(0, |place| resumed.swap_remove(place).1);
                watch(Step::Resumed { session: session.to_string(), processes, held });
            }
        }
        for (session, processes) in resumed {
            watch(Step::Resumed { session, processes, held: 0 });
        }
        for dead in dead {
            let _ = fs::remove_dir_all(store.join("briefs").join(safe_name(&dead.session)));
            self.close(&dead.session);
            dead.bury();
        }
        Ok(())
    }

    /// Ends the leases that dispatchers of a plan held who are gone.
    fn give_back(&self, id: PlanId) -> Result<Vec<(SessionId, usize)>, Denied> {
        let desk = self.store.desk();
        let plan = desk.plan(id)?;
        let (mut commands, mut sessions): (Vec<Command>, Vec<(SessionId, usize)>) = Default::default();
        for task in &plan.tasks {
            let TaskState::Active(active) = &task.state else { continue };
            let (Some(_), Actor::Agent { session, .. }) = (&active.lease, &active.by.actor) else { continue };
            if !self.is_gone(session) {
                continue;
            }
            let reason = format!("its dispatcher `{session}` is gone");
            commands.push(Command::Release { task: task.id, how: LeaseEnd::Halted, reason });
            match sessions.iter_mut().find(|(known, _)| known == session) {
                Some((_, held)) => *held += 1,
                None => sessions.push((session.clone(), 1)),
            }
        }
        drop(plan);
        if !commands.is_empty() {
            desk.submit_batch(id, &Request::system(), &commands)?;
        }
        Ok(sessions)
    }

    fn is_gone(&self, session: &SessionId) -> bool {
        session.as_str().starts_with(SESSION)
            && *session != self.session
            && !sessions::is_living(self.store.folder(), session.as_str())
            // Dispatchers of other machines share a server's store, and nothing is known of them here.
            && (self.store.server().is_none() || sessions::was_here(self.store.folder(), session.as_str()))
    }

    /// Says that a session is over. That it may be so already is no matter.
    fn close(&self, session: &str) {
        let Ok(session) = SessionId::new(session) else { return };
        let open = self.store.desk().commons();
        if open.is_ok_and(|commons| commons.session(&session).is_some_and(|known| known.ended.is_none())) {
            let reason = "its process is gone".to_owned();
            let command = Command::EndSession { session, reason, stuck: false };
            let _ = self.store.desk().submit(PlanId::STORE, &self.own_request(), command);
        }
    }

    /// Tasks that dispatchers who are gone have handed in and nobody has proven yet.
    pub(super) fn handed_in(&self, plan: &Plan) -> Vec<TaskId> {
        let tasks = plan.tasks.iter().filter(|task| match (&task.state, task.claim()) {
            (TaskState::Claimed(_), Some(claim)) => match &claim.by.actor {
                Actor::Agent { session, .. } => {
                    session.as_str().starts_with(SESSION)
                        && (*session == self.session || self.is_gone(session))
                        && task.effort.as_deref().is_some_and(|effort| effort.submission.is_some())
                }
                _ => false,
            },
            _ => false,
        });
        tasks.map(|task| task.id).collect()
    }

    /// Commits of tasks that count as done and may not have been merged, those that others need
    /// first.
    pub(super) fn done_commits(&self, plan: &Plan) -> Vec<(TaskId, String)> {
        let commit = |task: &model::task::Task| {
            let submission = task.effort.as_deref().and_then(|effort| effort.submission.as_ref());
            submission.and_then(|work| work.commit.clone())
        };
        let done = |task: &&model::task::Task| match &task.state {
            TaskState::Verified(_) => true,
            TaskState::Claimed(_) => !task.has_checks(),
            _ => false,
        };
        let mut left: Vec<(TaskId, String)> =
            plan.tasks.iter().filter(done).filter_map(|task| Some((task.id, commit(task)?))).collect();
        let mut ordered = Vec::with_capacity(left.len());
        let mut waiting: HashSet<TaskId> = left.iter().map(|(task, _)| *task).collect();
        while !left.is_empty() {
            let before = left.len();
            let is_next = |id: &TaskId| {
                plan.task(*id).is_none_or(|task| task.needs.iter().all(|need| !waiting.contains(need)))
            };
            let (next, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|(task, _)| is_next(task));
            for (task, _) in &next {
                waiting.remove(task);
            }
            ordered.extend(next);
            left = rest;
            if left.len() == before {
                // Needs run in no circle; should they, any order is as good.
                ordered.append(&mut left);
            }
        }
        ordered
    }
}
