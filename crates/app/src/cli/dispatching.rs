//! Having agents work on a plan: what `run --agents` and `worker` have in common.

use std::path::PathBuf;

use engine::agents::dispatcher::{Dispatched, Dispatcher, Only, Pace, Step, for_role, new_session};
use engine::agents::merge::Integration;
use engine::agents::part::Part;
use engine::agents::repository::Repository;
use engine::agents::sessions::Living;
use engine::agents::usable::{Looked, look, repository_for};
use engine::agents::worktree::Nursery;
use engine::desk::{Desk as _, Request};
use engine::documents::{SIDECAR, agents_of};
use engine::hands::{Done, Hands, Scope};
use engine::process::{Cancel, Environment};
use engine::store::Store;
use engine::trust::TrustSet;
use engine::trust::lock::LOCK_FILE;
use engine::workspace::Workspace;
use formats::sidecar::AgentConfig;
use lens::views::brief::TaskFile;
use model::check::Outcome as Verdict;
use model::command::Command;
use model::fault::Fault;
use model::ids::{AgentId, Key, PlanId, SessionId};
use model::lease::Usage;
use model::plan::Plan;
use model::refusal::{AGENT_NOT_FOUND, AGENT_UNUSABLE, BUDGET_SPENT, INTERNAL_FAULT, POLICY_DENIED, Refusal};
use model::standing::Blocker;
use model::task::{Task, TaskState};
use serde::Serialize;

use super::briefing::Drawn;
use super::call::Call;
use super::error::Outcome;
use super::proving::{TrustWish, commands_of, first_document, gain_trust, set_of, workspace_of};

/// Everything agents need to begin, found to be there before anything is taken.
pub struct Site {
    plan: PlanId,
    workspace: Workspace,
    excluded: Vec<PathBuf>,
    looked: Looked,
    repository: Option<Repository>,
    trusted: TrustSet,
    /// What the scripts of checks are, on which verdicts depend.
    scripts: model::digest::Digest,
    environment: Environment,
    cancel: Cancel,
    bounds: Bounds,
}

/// What a dispatcher keeps to.
#[derive(Debug, Default)]
pub struct Bounds {
    /// Only agents that fill this role or have this name.
    pub role: Option<String>,
    /// The session in which it takes part, and with which it ends.
    pub part: Option<Part>,
    /// The file that describes its task, and what that says.
    pub task_file: Option<(String, String)>,
}

/// What agents have come to, as it is printed.
#[derive(Debug, Default, Serialize)]
pub struct Came {
    /// How many attempts were made.
    pub attempts: usize,
    /// Keys of tasks that were countersigned.
    pub verified: Vec<Key>,
    /// Keys of tasks without checks that were handed in.
    pub claimed: Vec<Key>,
    /// Tasks that wait for people, and for what.
    pub awaiting: Vec<Waits>,
    /// Tasks that were given up, and why.
    pub failed: Vec<Waits>,
    /// The branch on which work came together.
    pub branch: Option<String>,
    /// Whether it was ended early.
    pub cancelled: bool,
    /// Why nothing new began.
    #[serde(skip)]
    pub paused: Option<Refusal>,
    /// Why it ended early, where the session it took part in is over.
    #[serde(skip)]
    pub over: Option<Refusal>,
}

/// A task and the reason it is not done.
#[derive(Debug, Serialize)]
pub struct Waits {
    /// Its key.
    pub key: Key,
    /// Why.
    pub why: String,
}

impl Site {
    /// Looks at everything, refuses where something is missing, and hears whoever wants it to end.
    pub fn open(call: &Call, store: &Store, id: PlanId, wish: TrustWish, bounds: Bounds) -> Outcome<Self> {
        let site = Self::look(call, store, id, wish, bounds)?;
        let stop = site.cancel.clone();
        // Only one handler per process can be set; a second run in one process keeps the first.
        let _ = ctrlc::set_handler(move || stop.cancel());
        Ok(site)
    }

    /// Looks at everything, and refuses where something is missing.
    pub fn look(call: &Call, store: &Store, id: PlanId, wish: TrustWish, bounds: Bounds) -> Outcome<Self> {
        let plan = store.desk().plan(id)?;
        let document = first_document(store, &plan);
        let workspace = workspace_of(store, Some(&plan), &document)?;
        let agents = agents_of(store, &plan)?;
        let environment = Environment::of_this_process().and_this_program();
        let wanted = match &bounds.role {
            Some(role) => of_role(&agents, role)?,
            None => agents.clone(),
        };
        let looked = usable(&wanted, &workspace, &environment)?;
        let repository = repository_for(&wanted, workspace.folder())?;
        let everything = set_of(&commands_of(Some(&plan), None, &agents), &workspace);
        gain_trust(call, store, &document, &everything, wish)?;
        let scripts = set_of(&commands_of(Some(&plan), None, &[]), &workspace).scripts_digest();
        let mut excluded = vec![
            store.folder().to_owned(),
            document.clone(),
            document.with_file_name(SIDECAR),
            document.with_file_name(LOCK_FILE),
        ];
        excluded.extend(plan.sources.iter().map(|source| store.absolute(&source.path)));
        let excluded = excluded.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
        let cancel = Cancel::new().map_err(|error| Fault::new(INTERNAL_FAULT, error.to_string()))?;
        Ok(Self {
            plan: id,
            excluded: excluded.collect(),
            workspace,
            looked,
            repository,
            trusted: everything,
            scripts,
            environment,
            cancel,
            bounds,
        })
    }

    /// Whether somebody has asked for an end.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Has agents work, and what guards phases and the plan checked, for as long as one lets the
    /// other go on. Restricted to some tasks it leaves the rest of the plan to others.
    pub fn work(
        &self,
        call: &Call,
        store: &Store,
        checks_at_once: usize,
        tasks: Option<&[Key]>,
    ) -> Outcome<Came> {
        let mut came = Came::default();
        loop {
            let dispatched = self.with(call, store, checks_at_once, tasks, |dispatcher| {
                dispatcher.run(&mut |step| tell(call, &step))
            })?;
            let attempts = dispatched.attempts;
            came.add(dispatched);
            if came.paused.as_ref().is_some_and(|why| may_go_on(call, store, self.plan, why)) {
                came.paused = None;
                continue;
            }
            if came.cancelled || came.paused.is_some() {
                return Ok(came);
            }
            if tasks.is_some() && self.leaves_proving(store)? {
                return Ok(came);
            }
            let done = self.prove(call, store, checks_at_once)?;
            came.cancelled = done.cancelled;
            let failed: Vec<Key> = came.failed.iter().map(|failed| failed.key.clone()).collect();
            let goes_on = attempts > 0 || came.attempts == 0;
            if done.cancelled || !goes_on || !self.has_work(call, store, &failed, tasks)? {
                return Ok(came);
            }
            if attempts == 0 && done.run == 0 {
                return Ok(came);
            }
        }
    }

    /// Whether a task could be given to somebody now, those left out that are named.
    pub fn has_work(&self, call: &Call, store: &Store, but: &[Key], tasks: Option<&[Key]>) -> Outcome<bool> {
        self.with(call, store, 1, tasks, |dispatcher| dispatcher.has_work(but))
    }

    /// Refuses tasks that would never be given to the agents there are.
    pub fn suits(&self, call: &Call, store: &Store, tasks: &[Key]) -> Outcome {
        let plan = store.desk().plan(self.plan)?;
        self.with(call, store, 1, Some(tasks), |dispatcher| {
            for task in tasks.iter().filter_map(|key| plan.task_by_key(key)) {
                if !dispatcher.is_for_somebody(task) {
                    let owners: Vec<&str> = task.facts.owners().map(|owner| owner.name.as_str()).collect();
                    let whose = owners.join(", ");
                    let message = match &self.bounds.role {
                        Some(role) => format!("task `{}` is for {whose}, not for `{role}`", task.key),
                        None => format!("task `{}` is for {whose}, and no agent is", task.key),
                    };
                    return Err(Refusal::new(POLICY_DENIED, message)
                        .hint("give it to an agent of that role, or change who does it in the plan")
                        .with("task", task.key.as_str())
                        .into());
                }
            }
            Ok(())
        })
    }

    /// Whether there is work that others are at or come to, and nobody waits for the entrance of a
    /// phase, which checks may open: then what guards the plan is left to whoever ends last.
    fn leaves_proving(&self, store: &Store) -> Outcome<bool> {
        let (plan, now) = (store.desk().plan(self.plan)?, store.desk().now());
        let waits = |task: &Task| {
            plan.blockers(task, now).iter().any(|blocker| matches!(blocker, Blocker::Entrance(_)))
        };
        let left = |task: &&Task| matches!(task.state, TaskState::Open | TaskState::Active(_));
        let mut left = plan.tasks.iter().filter(left).peekable();
        Ok(left.peek().is_some() && !left.any(waits))
    }

    fn with<T>(
        &self,
        call: &Call,
        store: &Store,
        checks_at_once: usize,
        tasks: Option<&[Key]>,
        act: impl FnOnce(&Dispatcher<'_>) -> Result<T, engine::desk::Denied>,
    ) -> Outcome<T> {
        let session =
            SessionId::new(&new_session()).map_err(|error| Fault::new(INTERNAL_FAULT, error.to_string()))?;
        let owner: Request = call.request()?;
        // A brief over its budget is cut to its first lines: the key and the title say enough to ask on.
        let drawn = Drawn::default();
        let brief = |plan: &Plan, task: &Task, agent: &AgentId| {
            let file = self.bounds.task_file.as_ref().filter(|_| tasks.is_some());
            let file = file.map(|(path, text)| TaskFile { path, text });
            drawn.brief_for(store, (plan, task), agent, file).unwrap_or_else(|_| {
                format!("# {}: {}\n\nAsk with `countersign brief {0}`.\n", task.key, task.title)
            })
        };
        let dispatcher = Dispatcher {
            store,
            plan: self.plan,
            workspace: &self.workspace,
            excluded: &self.excluded,
            agents: &self.looked,
            only: Only { tasks, role: self.bounds.role.as_deref() },
            part: self.bounds.part.as_ref(),
            trusted: &self.trusted,
            environment: &self.environment,
            repository: self.repository.as_ref(),
            session,
            owner: &owner,
            checks_at_once,
            pace: Pace::default(),
            brief: &brief,
            cancel: &self.cancel,
        };
        Ok(act(&dispatcher)?)
    }

    /// Has what guards phases and the plan checked, and each task's checks once more, as everything
    /// is together: on the branch on which it came together, else in the plan's folder.
    fn prove(&self, call: &Call, store: &Store, at_once: usize) -> Outcome<Done> {
        let plan = store.desk().plan(self.plan)?;
        let together = match &self.repository {
            Some(repository) => {
                let integration = Integration::open(repository, &plan.key)?;
                let session = new_session();
                // Held, so that nobody takes this worktree for one that a dead session left.
                let living = Living::begin(store.folder_to_write()?, &session).map_err(|error| {
                    Fault::new(INTERNAL_FAULT, format!("session `{session}` cannot be begun: {error}"))
                })?;
                let nursery = Nursery::new(repository.clone(), store.folder(), &session);
                let tree = nursery.at_commit("together", integration.tip())?;
                Some((nursery, tree, living))
            }
            None => None,
        };
        let own = match (&together, &self.repository) {
            (Some((_, tree, _)), Some(repository)) => Some(self.moved(repository, tree.path())?),
            _ => None,
        };
        let workspace = own.as_ref().unwrap_or(&self.workspace);
        let now = set_of(&commands_of(Some(&plan), None, &[]), workspace);
        let done = if self.trusted.covers(&now) {
            let hands = Hands {
                desk: store.desk(),
                plan: self.plan,
                workspace,
                scripts: if own.is_some() { now.scripts_digest() } else { self.scripts },
                environment: &self.environment,
                at_once,
                cancel: &self.cancel,
            };
            // What was checked where everything is together already is not checked once more.
            let scope = if own.is_some() { Scope::Plan } else { Scope::Unproven };
            hands.work(scope, &mut |step| tell_check(call, &plan, &step))?
        } else {
            call.ui.warn("scripts that checks call were changed by the work, so nothing was checked once more; look at them with `countersign trust`");
            Done::default()
        };
        if let Some((nursery, tree, _living)) = together {
            tree.remove()?;
            nursery.clear()?;
        }
        Ok(done)
    }

    fn moved(&self, repository: &Repository, worktree: &std::path::Path) -> Outcome<Workspace> {
        let moved = |path: &std::path::Path| {
            path.strip_prefix(repository.top()).map(|below| worktree.join(below)).ok()
        };
        let folder = moved(self.workspace.folder()).unwrap_or_else(|| worktree.to_owned());
        let excluded: Vec<PathBuf> = self.excluded.iter().filter_map(|path| moved(path)).collect();
        Ok(Workspace::new(&folder, &excluded).map_err(|error| {
            Fault::new(INTERNAL_FAULT, format!("the plan's folder is not in the worktree: {error}"))
        })?)
    }

    /// Brings a branch forward to the work that came together.
    pub fn bring_into(&self, store: &Store, branch: &str) -> Outcome {
        let Some(repository) = &self.repository else { return Ok(()) };
        let plan = store.desk().plan(self.plan)?;
        Ok(Integration::open(repository, &plan.key)?.bring_into(branch)?)
    }
}

/// Asks, where somebody is there, whether as much again may be used up as the plan's budget allows.
fn may_go_on(call: &Call, store: &Store, id: PlanId, why: &Refusal) -> bool {
    if why.code != BUDGET_SPENT || !call.ui.can_ask() {
        return false;
    }
    call.ui.message(&why.message);
    let asked = || -> Outcome<bool> {
        let budget = store.desk().plan(id)?.settings.budget;
        if !call.ui.confirm("may as much again be used up?") {
            return Ok(false);
        }
        let usage = Usage {
            tokens: budget.tokens.unwrap_or(0),
            money_micros: budget.money_micros.unwrap_or(0),
            seconds: budget.seconds.unwrap_or(0),
        };
        let reason = "asked for while agents worked".to_owned();
        store.desk().submit(id, &call.request()?, Command::AllowBudget { usage, reason })?;
        Ok(true)
    };
    asked().unwrap_or(false)
}

/// The agents that fill a role, and those that stand in for them.
fn of_role(agents: &[AgentConfig], role: &str) -> Outcome<Vec<AgentConfig>> {
    let found = for_role(agents, role);
    if found.is_empty() && !agents.is_empty() {
        let names: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
        return Err(Refusal::new(AGENT_NOT_FOUND, format!("no agent of the plan fills the role `{role}`"))
            .hint(format!(
                "`{SIDECAR}` has {}; a role is given to one with `roles = [\"{role}\"]`",
                names.join(", ")
            ))
            .with("role", role)
            .into());
    }
    Ok(found)
}

/// The agents of a plan, where all of them, or those who stand in for them, can be started.
pub fn usable(agents: &[AgentConfig], workspace: &Workspace, environment: &Environment) -> Outcome<Looked> {
    if agents.is_empty() {
        return Err(Refusal::new(AGENT_UNUSABLE, "the plan has no agents")
            .hint(format!("write a table `[agents.NAME]` with a `command` into `{SIDECAR}` beside the plan"))
            .into());
    }
    let looked = look(agents, workspace.folder(), environment);
    looked.stand()?;
    Ok(looked)
}

impl Came {
    /// Adds what another round has come to.
    pub fn add_round(&mut self, more: Self) {
        self.attempts += more.attempts;
        self.verified.extend(more.verified);
        self.claimed.extend(more.claimed);
        (self.awaiting, self.failed) = (more.awaiting, more.failed);
        self.branch = more.branch.or(self.branch.take());
        self.cancelled |= more.cancelled;
        self.paused = more.paused;
        self.over = more.over.or(self.over.take());
    }

    fn add(&mut self, more: Dispatched) {
        let waits = |(key, why): (Key, String)| Waits { key, why };
        self.attempts += more.attempts;
        self.verified.extend(more.verified);
        self.claimed.extend(more.claimed);
        self.awaiting = more.awaiting.into_iter().map(waits).collect();
        self.failed.extend(more.failed.into_iter().map(waits));
        self.branch = more.branch.or(self.branch.take());
        self.cancelled |= more.cancelled;
        self.paused = more.paused.or(self.paused.take());
        self.over = more.over.or(self.over.take());
    }
}

fn tell(call: &Call, step: &Step) {
    let ui = &call.ui;
    match step {
        Step::Resumed { session, processes, held } => {
            let held = lens::words::count_of(*held, "task");
            let processes = lens::words::count_of(*processes, "process");
            ui.step(
                "resuming",
                format!("after {session}, which is gone: {held} given back, {processes} ended"),
            );
        }
        Step::LeftOut { agent, why } => ui.warn(format!("agent `{agent}` is left out: {why}")),
        Step::Took { task, agent, fence } => ui.step("taking", format!("{task} by {agent} (grant {fence})")),
        Step::Said { task, text } => ui.step("working", format!("{task} {text}")),
        Step::Submitted { task, agent } => ui.step("handed in", format!("{task} by {agent}")),
        Step::Checked { task, check, outcome: Verdict::Pass, .. } => {
            ui.step("checking", format!("{task} {check}: pass"));
        }
        Step::Checked { task, check, outcome, summary } => {
            ui.step("checking", format!("{task} {check}: {}: {summary}", outcome.as_str()));
        }
        Step::Verified { task } => ui.step("verified", task.as_str()),
        Step::Claimed { task } => ui.step("claimed", format!("{task}, and nothing proves it")),
        Step::Awaits { task, why } => ui.step("waiting", format!("{task} for people: {why}")),
        Step::Failed { task, agent, why, again } => {
            let next = again.map(|seconds| format!("; again in {seconds} s")).unwrap_or_default();
            ui.step("failed", format!("{task} by {agent}: {why}{next}"));
        }
        Step::FellBack { task, from, to, why } => {
            ui.step("falling", format!("back from {from} to {to} for {task}: {why}"));
        }
        Step::Downgraded { agent } => {
            ui.warn(format!(
                "agent `{agent}` does not know the arguments of its `stream`; it is run without"
            ));
        }
        Step::Paused { why } => ui.step("pausing", &why.message),
    }
}

fn tell_check(call: &Call, plan: &Plan, step: &engine::hands::Step<'_>) {
    if let engine::hands::Step::Ended { subject, name, outcome, summary } = step {
        let subject = plan.subject_name(*subject);
        call.ui.step(
            "checking",
            match outcome {
                Verdict::Pass => format!("{subject} {name}: pass, with everything together"),
                other => format!("{subject} {name}: {}: {summary}", other.as_str()),
            },
        );
    }
}
