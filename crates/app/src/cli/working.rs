//! Working on tasks under a lease: what the verbs of agents, their hooks and the tools they call
//! have in common.

use std::path::{Path, PathBuf};

use engine::agents::dispatcher;
use engine::desk::Desk as _;
use engine::store::Store;
use engine::{presence, sessions, touched};
use lens::views::leases::{LeaseRow, lease_of};
use lens::views::sessions::Present;
use model::actor::Actor;
use model::command::{Command, Take, Which};
use model::commons::{Commons, Session, SessionJoined};
use model::ids::{AgentId, Key, PlanId, SessionId, TaskId};
use model::lease::Lease;
use model::plan::Plan;
use model::refusal::{LEASE_LOST, Refusal, VALUE_INVALID};
use model::task::{Task, TaskState};
use std::sync::Arc;

use super::call::Call;
use super::context::{Asking, Opened, find_task};
use super::error::Outcome;
use super::report::Done;

/// What is asked of a lease besides its task.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The roles of who takes it; those it registered with where none are named.
    pub roles: Vec<String>,
    /// For how many seconds.
    pub ttl_seconds: Option<u32>,
    /// What is to be written, instead of what is reserved.
    pub paths: Option<Vec<String>>,
}

impl Call {
    /// Takes a task under a lease. Whoever takes one takes part in its session.
    pub fn take(&self, opened: &Opened, asking: &Asking, which: Which, terms: Terms) -> Outcome<Done> {
        self.take_and(opened, asking, which, terms, None)
    }

    /// The same, with what is said besides: both are recorded, or neither.
    pub fn take_and(
        &self,
        opened: &Opened,
        asking: &Asking,
        which: Which,
        terms: Terms,
        besides: Option<Command>,
    ) -> Outcome<Done> {
        sessions::sweep(opened.store.desk(), &opened.plan)?;
        let mut roles = terms.roles;
        if let Actor::Agent { agent, session } = self.request()?.by.actor {
            let commons = opened.store.desk().commons()?;
            self.take_part(&opened.store, &commons, &agent, &session, roles.first().cloned())?;
            if roles.is_empty() {
                roles.extend(commons.roles_of(&agent));
            }
        }
        let base = touched::base(&repository_of(&opened.store));
        let Terms { ttl_seconds, paths, .. } = terms;
        let take = Take { which, roles, ttl_seconds, paths, base };
        self.submit_and(opened, asking, Command::Take(Box::new(take)), besides)
    }

    /// Has an agent join the session it names, where it did not yet.
    fn take_part(
        &self,
        store: &Store,
        commons: &Commons,
        agent: &AgentId,
        session: &SessionId,
        role: Option<String>,
    ) -> Outcome {
        let Some(known) = commons.session(session).filter(|known| known.member(agent).is_none()) else {
            return Ok(());
        };
        let joined = SessionJoined {
            session: known.id.clone(),
            agent: agent.clone(),
            role,
            task: None,
            task_file: None,
            process: None,
        };
        store.desk().submit(PlanId::STORE, &self.request()?, Command::JoinSession(Box::new(joined)))?;
        Ok(())
    }

    /// The task that is meant: the one that was named, else the one the environment names, else
    /// the only one the asker holds.
    pub fn own_task<'p>(&self, plan: &'p Plan, named: Option<&str>) -> Outcome<&'p Task> {
        if let Some(named) = named.or(self.config.task.value.as_deref()) {
            return Ok(find_task(plan, named)?);
        }
        let held = self.held(plan)?;
        match held[..] {
            [only] => Ok(only),
            [] => Err(Refusal::new(LEASE_LOST, "you hold no task under a lease")
                .hint("take one with `countersign take --next`, or name the task")
                .into()),
            ref several => {
                let keys: Vec<&str> = several.iter().map(|task| task.key.as_str()).collect();
                Err(Refusal::new(
                    VALUE_INVALID,
                    format!("you hold {} tasks: {}", keys.len(), keys.join(", ")),
                )
                .hint("name the one that is meant")
                .into())
            }
        }
    }

    /// The tasks the asker holds under a lease, whether or not its time is over.
    pub fn held<'p>(&self, plan: &'p Plan) -> Outcome<Vec<&'p Task>> {
        let asker = self.request()?.by.actor;
        Ok(plan.leased().filter(|task| task.worker() == Some(&asker)).collect())
    }

    /// Hands work in: with the commit it stands at and every file it changed.
    pub fn hand_in(
        &self,
        opened: &Opened,
        asking: &Asking,
        task: TaskId,
        commit: Option<String>,
        summary: String,
    ) -> Outcome<Done> {
        let changed = self.changed_for(opened, task)?;
        let commit = commit.or_else(|| touched::base(&repository_of(&opened.store)));
        self.submit(opened, asking, Command::Submit { task, commit, touched: changed, summary })
    }

    /// The files that work on a task has changed. In a folder that several work in at once, what
    /// others have reserved, or handed in meanwhile, is theirs.
    pub fn changed_for(&self, opened: &Opened, task: TaskId) -> Outcome<Vec<String>> {
        let plan = &opened.plan;
        let Some(base) = plan.task(task).and_then(Task::lease).and_then(|lease| lease.base.clone()) else {
            return Ok(Vec::new());
        };
        let folder = repository_of(&opened.store);
        let beside = |path: &String| {
            let path = Path::new(path);
            if path.is_absolute() { path.to_owned() } else { folder.join(path) }
        };
        let documents: Vec<PathBuf> = plan.sources.iter().map(|source| beside(&source.path)).collect();
        let now = opened.store.desk().now();
        let own = plan.task(task).and_then(Task::lease);
        let since = plan.task(task).and_then(begun).unwrap_or(now);
        let of_others = |path: &str| {
            plan.tasks.iter().filter(|other| other.id != task).any(|other| {
                let holds = |lease: &Lease| !lease.paths.is_empty() && lease.covers(path);
                let handed_in = other.effort.as_deref().and_then(|effort| effort.submission.as_ref());
                let handed_in = handed_in.filter(|work| work.at >= since);
                other.holder(now).is_some_and(|(_, lease)| holds(lease))
                    || handed_in.is_some_and(|work| work.touched.iter().any(|touched| touched == path))
            })
        };
        let changed = touched::since(&folder, &base, &documents)?;
        let mine = |path: &String| own.is_some_and(|lease| !lease.paths.is_empty() && lease.covers(path));
        // Nobody else writes into a worktree of one's own: there every change is the worker's.
        let alone = touched::is_worktree(&folder);
        Ok(changed.into_iter().filter(|path| alone || mine(path) || !of_others(path)).collect())
    }

    /// Agents and sessions of a store, and who of them is active.
    pub fn commons(&self, store: &Store) -> Outcome<Arc<Commons>> {
        Ok(store.desk().commons()?)
    }
}

/// The sessions that are open and that somebody began: those of dispatchers are their own affair.
pub fn open_sessions(commons: &Commons) -> impl Iterator<Item = &Session> {
    let of_dispatcher = |session: &Session| session.id.as_str().starts_with(dispatcher::SESSION);
    commons.sessions.iter().filter(move |session| session.is_open() && !of_dispatcher(session))
}

/// Since when somebody works on a task.
fn begun(task: &Task) -> Option<jiff::Timestamp> {
    match &task.state {
        TaskState::Active(active) => Some(active.since),
        _ => None,
    }
}

/// What tells who is active now.
pub fn present(store: &Store) -> Present<'static> {
    Present { now: store.desk().now(), alive: &presence::is_alive }
}

/// The folder that work is done in: the current one, which may be a worktree of its own.
pub fn repository_of(store: &Store) -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| store.folder().to_owned())
}

/// The lease that a task has now, for showing it.
pub fn shown_lease<'a>(opened: &'a Opened, plan: &'a Plan, task: TaskId) -> Option<LeaseRow<'a>> {
    let look = lens::look::Look::new(plan, opened.store.desk().now());
    lease_of(&look, plan.task(task)?)
}

/// A length of time somebody gave as an option, in seconds.
pub fn seconds(option: &str, text: &str) -> Result<u32, Refusal> {
    formats::probe::seconds(text).ok_or_else(|| {
        Refusal::new(VALUE_INVALID, format!("`{text}` is not a length of time, which `{option}` must be"))
            .hint("such as `90s`, `15m` or `2h`")
    })
}

/// An agent's name as an option.
pub fn agent(text: &str) -> Result<AgentId, Refusal> {
    AgentId::new(text).map_err(|bad| Refusal::new(VALUE_INVALID, bad.to_string()))
}

/// A session's name as an option.
pub fn session(text: &str) -> Result<SessionId, Refusal> {
    SessionId::new(text).map_err(|bad| Refusal::new(VALUE_INVALID, bad.to_string()))
}

/// A key that need not be of a plan in the store.
pub fn key(text: &str) -> Result<Key, Refusal> {
    Key::new(text).map_err(|bad| Refusal::new(VALUE_INVALID, bad.to_string()))
}
