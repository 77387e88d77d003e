//! Starting agents on what is asked for, where the service was told to: each task gets a worker of its
//! own, as `agent spawn` gives it, and at most so many run at once.
//!
//! What waits and what runs is on record as members of the session [`SESSION`], so that the next service
//! goes on where this one ended. It starts what somebody trusted and nothing else; it decides nothing
//! about a task but that one whose agent gave it up is dropped, with the reason, so that whoever listens
//! is not left waiting.

mod spawn;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::desk::{Desk as _, Request};
use engine::presence;
use jiff::Timestamp;
use model::actor::{Actor, By, Known};
use model::command::Command;
use model::commons::{Process, Session, SessionJoined};
use model::ids::{AgentId, PlanId, SessionId, TaskId, slug};
use model::refusal::{Refusal, VALUE_INVALID};
use model::task::{Task, TaskState};
use tokio::sync::Notify;

use crate::http::problem::Answered;
use crate::http::service::Service;

/// The session in which they take part.
pub const SESSION: &str = "service";

/// How often it looks whether one has ended.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How agents are started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Roles that may be asked for; the first is the one where none is.
    pub roles: Vec<String>,
    /// So many run at once.
    pub at_once: usize,
    /// The program that starts them: this one.
    pub program: PathBuf,
}

/// Whoever starts agents.
#[derive(Debug, Default)]
pub struct Starter {
    settings: Option<Settings>,
    jobs: Mutex<Jobs>,
    look: Notify,
}

/// What is to be done, and by whom.
#[derive(Debug, Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    running: Vec<(Job, Process)>,
    /// Those whose worker has ended while their task is still held.
    ending: Vec<Job>,
}

/// A task for which an agent is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Job {
    plan: PlanId,
    task: TaskId,
    role: String,
    /// As whom its worker takes part: a name that tells the task, whichever plan it is in.
    member: AgentId,
}

/// What became of asking for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// One works, or is about to.
    Runs,
    /// One is started once there is room; why not now.
    Waits(String),
    /// None is started; why.
    None(String),
}

impl Starter {
    /// One that starts agents.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Some(settings), ..Self::default() }
    }

    /// The role that is meant: the one that is named, else the first. Nothing where none is started;
    /// refused, with those there are, where it is another.
    pub fn role(&self, named: Option<&str>) -> Result<Option<String>, String> {
        let Some(settings) = &self.settings else { return Ok(None) };
        match named {
            None => Ok(settings.roles.first().cloned()),
            Some(named) if settings.roles.iter().any(|role| role == named) => Ok(Some(named.to_owned())),
            Some(_) => Err(settings.roles.join(", ")),
        }
    }

    /// Has an agent of a role start on a task that was just asked for.
    pub fn ask(&self, service: &Service, plan: PlanId, task: TaskId, role: &str) -> Answered<Asked> {
        let plan = service.desk().plan(plan)?;
        let Some(task) = plan.task(task) else { return Ok(Asked::None("it is gone already".to_owned())) };
        let name = format!("{}-{}", slug(role), task.id);
        let member = AgentId::new(&name).map_err(|bad| Refusal::new(VALUE_INVALID, bad.to_string()))?;
        let job = Job { plan: plan.id, task: task.id, role: role.to_owned(), member };
        self.sign_in(service, &job, task)?;
        let mut jobs = self.jobs();
        jobs.waiting.push_back(job.clone());
        let mut turned_down = self.start_waiting(service, &mut jobs);
        if let Some(place) = turned_down.iter().position(|(other, _)| *other == job) {
            return Ok(Asked::None(turned_down.swap_remove(place).1));
        }
        if jobs.waiting.contains(&job) {
            return Ok(Asked::Waits(match &plan.halted {
                Some(halt) => format!("the plan was halted: {}", halt.reason),
                None => match jobs.running.len() {
                    1 => "1 agent runs already, which is as many as may".to_owned(),
                    running => format!("{running} agents run already, which is as many as may"),
                },
            }));
        }
        self.look.notify_one();
        Ok(Asked::Runs)
    }

    /// Puts on record that an agent is wanted for a task.
    fn sign_in(&self, service: &Service, job: &Job, task: &Task) -> Answered<()> {
        let (request, session) = (own_request(service), session()?);
        let commons = service.desk().commons()?;
        if !commons.session(&session).is_some_and(Session::is_open) {
            let (plan, topology) = (None, None);
            let command = Command::StartSession {
                session: session.clone(),
                plan,
                topology,
                max_agents: None,
                silence_seconds: None,
            };
            service.submit(PlanId::STORE, &request, command)?;
        }
        let joined = SessionJoined {
            session,
            agent: job.member.clone(),
            role: Some(job.role.clone()),
            task: Some(task.key.clone()),
            task_file: Some("-".to_owned()),
            process: None,
        };
        service.submit(PlanId::STORE, &request, Command::JoinSession(Box::new(joined)))?;
        Ok(())
    }

    /// Starts what waits, as far as there is room; gives what was turned down, and why.
    fn start_waiting(&self, service: &Service, jobs: &mut Jobs) -> Vec<(Job, String)> {
        let Some(settings) = &self.settings else { return Vec::new() };
        let (mut kept, mut turned_down) = (VecDeque::new(), Vec::new());
        while jobs.running.len() < settings.at_once
            && let Some(job) = jobs.waiting.pop_front()
        {
            // A plan that cannot be read now is read the next time.
            let Ok(plan) = service.desk().plan(job.plan) else {
                kept.push_back(job);
                continue;
            };
            let Some(task) = plan.task(job.task).filter(|task| is_to_do(task)) else { continue };
            if plan.halted.is_some() {
                kept.push_back(job);
                continue;
            }
            match spawn::spawn(service, settings, &plan, task, &job) {
                Ok(Some(process)) => jobs.running.push((job, process)),
                // It has ended already; what it left is looked at as that of any other.
                Ok(None) => jobs.ending.push(job),
                Err(why) => turned_down.push((job, why)),
            }
        }
        kept.append(&mut jobs.waiting);
        jobs.waiting = kept;
        turned_down
    }

    /// Looks who has ended, and starts who waits.
    fn see_to(&self, service: &Service) -> Answered<()> {
        let mut jobs = self.jobs();
        let (running, ended): (Vec<_>, Vec<_>) =
            jobs.running.drain(..).partition(|(_, process)| presence::is_alive(process));
        jobs.running = running;
        jobs.ending.extend(ended.into_iter().map(|(job, _)| job));
        let mut ending = Vec::new();
        for job in std::mem::take(&mut jobs.ending) {
            // What is refused once would be refused again.
            if matches!(self.settle(service, &job), Ok(false)) {
                ending.push(job);
            }
        }
        jobs.ending = ending;
        for (job, why) in self.start_waiting(service, &mut jobs) {
            let text = format!("no agent was started: {why}");
            service.submit(job.plan, &own_request(service), Command::Note { task: job.task, text })?;
        }
        Ok(())
    }

    /// A worker has ended. Where its task is as if nobody had worked on it, it was given up. Says
    /// whether that is clear by now.
    fn settle(&self, service: &Service, job: &Job) -> Answered<bool> {
        let (plan, commons) = (service.desk().plan(job.plan)?, service.desk().commons()?);
        let open = commons.session(&session()?).is_some_and(Session::is_open);
        let Some(task) = plan.task(job.task) else { return Ok(true) };
        // Whoever ends the session has the task given back.
        if !open || !is_to_do(task) {
            return Ok(true);
        }
        if plan.halted.is_some() || is_held(task, service.desk().now()) {
            return Ok(false);
        }
        let reason = format!("the agent gave it up: {}", spawn::last_words(service, job));
        service.submit(job.plan, &own_request(service), Command::Drop { task: job.task, reason })?;
        Ok(true)
    }

    /// Takes up what the service before this one left.
    fn take_up(&self, service: &Service) -> Answered<()> {
        let mut jobs = self.jobs();
        let commons = service.desk().commons()?;
        let Some(session) = commons.session(&session()?).filter(|session| session.is_open()) else {
            return Ok(());
        };
        for member in &session.members {
            let (Some(task), Some(role)) = (task_of(&member.agent), &member.role) else { continue };
            for line in service.desk().plans()? {
                let plan = service.desk().plan(line.id)?;
                if !plan.task(task).is_some_and(is_to_do) {
                    continue;
                }
                let (role, member_name) = (role.clone(), member.agent.clone());
                let job = Job { plan: plan.id, task, role, member: member_name };
                match &member.process {
                    Some(process) => jobs.running.push((job, process.clone())),
                    None => jobs.waiting.push_back(job),
                }
            }
        }
        Ok(())
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees to the agents of a service until it ends; nothing where it starts none.
pub async fn keep(service: Arc<Service>) {
    if service.starter.settings.is_none() {
        return;
    }
    let ended = service.feed.ended();
    tokio::pin!(ended);
    // What cannot be done now is done the next time: the store may be busy.
    let _ = service.run(|service| service.starter.take_up(service)).await;
    loop {
        let _ = service.run(|service| service.starter.see_to(service)).await;
        tokio::select! {
            () = &mut ended => return,
            () = service.starter.look.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// The task that the name of a member tells.
fn task_of(member: &AgentId) -> Option<TaskId> {
    member.as_str().rsplit_once('-')?.1.parse().ok()
}

/// Whether nobody has carried a task to an end yet.
fn is_to_do(task: &Task) -> bool {
    matches!(task.state, TaskState::Open | TaskState::Active(_))
}

/// Whether somebody is at a task: under a lease that still holds, or without any.
fn is_held(task: &Task, now: Timestamp) -> bool {
    matches!(&task.state, TaskState::Active(active)
        if active.lease.as_deref().is_none_or(|lease| lease.is_live(now)))
}

fn session() -> Result<SessionId, Refusal> {
    SessionId::new(SESSION).map_err(|bad| Refusal::new(VALUE_INVALID, bad.to_string()))
}

/// What the service does here it does for whoever started it.
fn own_request(service: &Service) -> Request {
    Request::new(By::new(Actor::Person(service.owner.clone()), Known::Declared))
}
