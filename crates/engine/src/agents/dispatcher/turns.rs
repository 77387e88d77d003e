//! The turns: everything that was heard since the last one is put on record, and whoever is free is
//! given the next task.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::actor::Actor;
use model::command::{Command, Take, Which};
use model::event::Event;
use model::ids::{AgentId, Fence, Key, PlanId, Seq, TaskId};
use model::lease::{LeaseEnd, Usage};
use model::plan::Plan;
use model::refusal::{BUDGET_SPENT, LEASE_STRIKES, MERGE_CONFLICT, PATH_RESERVED, PLAN_HALTED, Refusal};
use model::task::{Task, TaskState};

use super::attempt::{Order, Worked};
use super::checking::{Checked, Handed, Moment};
use super::choosing::{Rank, is_open, rank, stand_in, suited};
use super::recovery::Begun;
use super::{Dispatched, Dispatcher, Step};
use crate::agents::executor::Executor;
use crate::agents::merge::Integration;
use crate::agents::runner::How;
use crate::agents::usable::Usable;
use crate::desk::{Denied, Desk as _, Request};
use crate::process::Cancel;
use crate::sessions::sweep;

/// The most that is heard in one turn.
const HEARD_AT_ONCE: usize = 256;
/// The most threads that wait for agents.
const AGENTS_AT_ONCE: u32 = 256;
/// No back-off is longer, in seconds.
const LONGEST_BACK_OFF: u64 = 60 * 60;

/// Something a thread has to say.
enum Heard {
    Worked(TaskId, Box<Worked>),
    Checked(Box<(Handed, Checked)>),
    Said(TaskId, String),
}

/// An attempt that is being made.
struct Attempt {
    key: Key,
    usable: Usable,
    /// Whose task it is when nobody stands in.
    first: AgentId,
    fence: Fence,
    cancel: Cancel,
    beat: Instant,
}

/// What a command of a turn is about.
enum About {
    Used,
    HandedIn(TaskId),
    GivenBack(TaskId),
    Took { task: TaskId, first: AgentId },
    Beat(TaskId),
}

pub(super) struct Turns<'d, 'a> {
    d: &'d Dispatcher<'a>,
    begun: &'d Begun,
    integration: Option<Integration>,
    running: HashMap<TaskId, Attempt>,
    checking: HashSet<TaskId>,
    /// How many attempts of a task have come to nothing.
    failures: HashMap<TaskId, u32>,
    /// Not to be tried again before then.
    resting: HashMap<TaskId, Instant>,
    /// Not to be tried again by this dispatcher.
    given_up: HashSet<TaskId>,
    /// Cannot be taken until something else ends.
    parked: HashSet<TaskId>,
    /// Agents that could not be started.
    broken: HashSet<AgentId>,
    /// Agents that do not stream after all.
    mute: HashSet<AgentId>,
    busy: HashMap<AgentId, u32>,
    used: HashMap<AgentId, Usage>,
    /// Tasks that may be taken, in the order in which they are.
    ready: BTreeSet<(Rank, TaskId)>,
    /// Whether `ready` has to be found anew.
    stale: bool,
    /// Tasks that are done now: what waited for them may be ready.
    woken: Vec<TaskId>,
    /// Whether anything was done since `ready` was found: a phase's entrance may have opened.
    progressed: bool,
    seq: Seq,
    /// What the plan's own folder holds this turn.
    moment: Moment,
    seen: Instant,
    heartbeat_seconds: u32,
    out: Dispatched,
    stopping: bool,
}

impl<'d, 'a> Turns<'d, 'a> {
    pub(super) fn new(d: &'d Dispatcher<'a>, begun: &'d Begun) -> Result<Self, Denied> {
        let plan = d.store.desk().plan(d.plan)?;
        let integration =
            d.repository.map(|repository| Integration::open(repository, &plan.key)).transpose()?;
        let branch = integration.as_ref().map(|integration| integration.branch().to_owned());
        let out = Dispatched { branch, ..Dispatched::default() };
        Ok(Self {
            d,
            begun,
            integration,
            running: HashMap::new(),
            checking: HashSet::new(),
            failures: HashMap::new(),
            resting: HashMap::new(),
            given_up: HashSet::new(),
            parked: HashSet::new(),
            broken: HashSet::new(),
            mute: HashSet::new(),
            busy: HashMap::new(),
            used: used_by_agents(d)?,
            ready: BTreeSet::new(),
            stale: true,
            woken: Vec::new(),
            progressed: false,
            seq: Seq(0),
            moment: Moment::default(),
            seen: Instant::now(),
            heartbeat_seconds: beat_seconds(&plan),
            out,
            stopping: false,
        })
    }

    pub(super) fn run(mut self, watch: &mut dyn FnMut(Step)) -> Result<Dispatched, Denied> {
        let capacity: u32 = self.d.agents.usable.iter().map(|usable| usable.agent.concurrency).sum();
        let workers = Executor::new(capacity.clamp(1, AGENTS_AT_ONCE) as usize);
        let checkers = Executor::new(self.d.checks_at_once);
        let (say, hear) = channel();
        std::thread::scope(|scope| {
            let crew = Crew { scope, workers, checkers, say };
            let came = self.turns(&crew, &hear, watch);
            for attempt in self.running.values() {
                attempt.cancel.cancel();
            }
            crew.workers.close();
            crew.checkers.close();
            came
        })?;
        Ok(self.out)
    }

    fn turns<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        hear: &Receiver<Heard>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        self.pick_up(crew, watch)?;
        let mut heard = Vec::new();
        loop {
            self.look_around(watch)?;
            self.moment = Moment::default();
            let (mut checked, mut worked) = (Vec::new(), Vec::new());
            for heard in heard.drain(..) {
                match heard {
                    Heard::Checked(came) => checked.push(*came),
                    Heard::Worked(task, came) => worked.push((task, *came)),
                    Heard::Said(task, text) => {
                        if let Some(attempt) = self.running.get(&task) {
                            watch(Step::Said { task: attempt.key.clone(), text });
                        }
                    }
                }
            }
            self.judge(checked, watch)?;
            self.deal(crew, worked, watch)?;
            if self.running.is_empty() && self.checking.is_empty() && self.is_over() {
                return Ok(());
            }
            match hear.recv_timeout(self.patience()) {
                Ok(first) => {
                    heard.push(first);
                    while heard.len() < HEARD_AT_ONCE
                        && let Ok(next) = hear.try_recv()
                    {
                        heard.push(next);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Goes on where dispatchers that are gone have stopped.
    fn pick_up<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let plan = self.d.store.desk().plan(self.d.plan)?;
        if let Some(integration) = &mut self.integration {
            for (id, commit) in self.d.done_commits(&plan) {
                let Some(task) = plan.task(id) else { continue };
                let author = task.worker().map_or_else(|| "countersign".to_owned(), ToString::to_string);
                match integration.merge(&task.key, &commit, &author) {
                    Err(Denied::Refused(no)) if no.code == MERGE_CONFLICT => {
                        self.given_up.insert(id);
                        self.out.failed.push((task.key.clone(), no.message.clone()));
                    }
                    other => other?,
                }
            }
        }
        let now = self.d.store.desk().now();
        for id in self.d.handed_in(&plan) {
            let Some(task) = plan.task(id) else { continue };
            let Some(Actor::Agent { agent, .. }) = task.worker() else { continue };
            if !task.has_checks() {
                continue;
            }
            watch(Step::Submitted { task: task.key.clone(), agent: agent.clone() });
            let handed = Handed::of(&plan, task, agent.clone(), None, Moment::default(), now);
            self.have_checked(crew, handed);
        }
        Ok(())
    }

    /// Sees whether others have changed the plan, and whether anything is to go on at all.
    fn look_around(&mut self, watch: &mut dyn FnMut(Step)) -> Result<(), Denied> {
        if self.d.cancel.is_cancelled() && !self.out.cancelled {
            self.out.cancelled = true;
            self.stop();
        }
        if self.seen.elapsed() >= self.due_for_a_beat() {
            self.seen = Instant::now();
            self.be_seen()?;
        }
        let head = self.d.store.desk().journal().head(self.d.plan)?;
        if head.is_some_and(|head| head.seq == self.seq) {
            return Ok(());
        }
        let plan = self.d.store.desk().plan(self.d.plan)?;
        self.seq = plan.seq;
        self.stale = true;
        self.parked.clear();
        if let (Some(halt), None) = (&plan.halted, &self.out.paused) {
            let why = Refusal::new(
                PLAN_HALTED,
                format!("the plan was halted by {}: {}", halt.by.actor, halt.reason),
            )
            .hint("a person lets it go on with `countersign resume`");
            self.pause(why, watch);
            self.stop();
        }
        Ok(())
    }

    /// Lets others know that the session goes on, and those who have fallen silent be told of.
    fn be_seen(&self) -> Result<(), Denied> {
        let desk = self.d.store.desk();
        let see = |usable: &Usable| Command::SeeAgent {
            session: self.d.session.clone(),
            agent: usable.agent.name.clone(),
            process: None,
        };
        let commands: Vec<Command> = self.d.agents.usable.iter().map(see).collect();
        desk.submit_batch(PlanId::STORE, &Request::system(), &commands)?;
        let plan = desk.plan(self.d.plan)?;
        sweep(desk, &plan)?;
        Ok(())
    }

    fn stop(&mut self) {
        self.stopping = true;
        for attempt in self.running.values() {
            attempt.cancel.cancel();
        }
    }

    fn pause(&mut self, why: Refusal, watch: &mut dyn FnMut(Step)) {
        if self.out.paused.is_none() {
            watch(Step::Paused { why: why.clone() });
            self.out.paused = Some(why);
        }
    }

    fn is_over(&self) -> bool {
        if self.stale || !self.woken.is_empty() {
            return false;
        }
        self.out.cancelled || self.out.paused.is_some() || self.resting.is_empty()
    }

    /// How long to listen before looking around.
    fn patience(&self) -> Duration {
        if self.stale || !self.woken.is_empty() {
            return Duration::ZERO;
        }
        let next = self.resting.values().min().map(|until| until.saturating_duration_since(Instant::now()));
        next.map_or(self.d.pace.glance, |next| next.min(self.d.pace.glance))
    }

    /// Puts verdicts on record and has countersigned what they allow.
    fn judge(&mut self, checked: Vec<(Handed, Checked)>, watch: &mut dyn FnMut(Step)) -> Result<(), Denied> {
        let (alone, together): (Vec<_>, Vec<_>) = checked
            .into_iter()
            .partition(|(handed, _)| handed.commit.is_some() && self.integration.is_some());
        if !together.is_empty() {
            self.judge_together(together, watch)?;
        }
        // Each merge moves the branch on which the next one is tried.
        for one in alone {
            self.judge_together(vec![one], watch)?;
        }
        Ok(())
    }

    fn judge_together(
        &mut self,
        checked: Vec<(Handed, Checked)>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let (mut commands, mut blobs, mut asked, mut failed) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (handed, mut checked) in checked {
            self.checking.remove(&handed.task);
            if self.out.cancelled && checked.trouble.is_some() {
                continue;
            }
            for (check, outcome, summary) in &checked.seen {
                let (check, summary) = (check.clone(), summary.clone());
                watch(Step::Checked { task: handed.key.clone(), check, outcome: *outcome, summary });
            }
            commands.append(&mut checked.commands);
            blobs.append(&mut checked.blobs);
            let why = checked.trouble.clone().or_else(|| checked.refuted());
            let why = why.map_or_else(|| self.rehearse(&handed), |why| Ok(Some(why)))?;
            match why {
                Some(why) => failed.push((handed, why)),
                None => {
                    asked.push((commands.len(), handed.clone()));
                    commands.push(Command::Verify { task: handed.task, inputs: checked.inputs });
                }
            }
        }
        let mut reopened = Vec::new();
        if !commands.is_empty() {
            let request = Request { blobs, ..Request::system() };
            let receipt = self.d.store.desk().submit_batch(self.d.plan, &request, &commands)?;
            self.seq = receipt.last;
            for (place, handed) in asked {
                match &receipt.rulings[place] {
                    Ok(()) => self.verified(&handed, watch)?,
                    Err(no) => self.awaits(&handed, no, watch),
                }
            }
        }
        for (handed, why) in failed {
            if let Some(command) = self.refuted(&handed, why, watch) {
                reopened.push(command);
            }
        }
        if !reopened.is_empty() {
            let receipt = self.d.store.desk().submit_batch(self.d.plan, &Request::system(), &reopened)?;
            self.seq = receipt.last;
            self.stale = true;
        }
        Ok(())
    }

    /// Why what was handed in could not be merged, where that is so.
    fn rehearse(&mut self, handed: &Handed) -> Result<Option<String>, Denied> {
        let (Some(integration), Some(commit)) = (&mut self.integration, &handed.commit) else {
            return Ok(None);
        };
        match integration.rehearse(&handed.key, commit) {
            Err(Denied::Refused(no)) => Ok(Some(with_facts(&no))),
            other => other.map(|()| None),
        }
    }

    fn verified(&mut self, handed: &Handed, watch: &mut dyn FnMut(Step)) -> Result<(), Denied> {
        watch(Step::Verified { task: handed.key.clone() });
        self.out.verified.push(handed.key.clone());
        self.merge(handed)
    }

    fn merge(&mut self, handed: &Handed) -> Result<(), Denied> {
        self.failures.remove(&handed.task);
        self.woken.push(handed.task);
        self.progressed = true;
        let (Some(integration), Some(commit)) = (&mut self.integration, &handed.commit) else {
            return Ok(());
        };
        integration.merge(&handed.key, commit, handed.agent.as_str())?;
        if let (Some(repository), Some(branch)) = (self.d.repository, &handed.branch) {
            repository.delete_branch(branch)?;
        }
        Ok(())
    }

    fn awaits(&mut self, handed: &Handed, no: &Refusal, watch: &mut dyn FnMut(Step)) {
        let why = with_facts(no);
        watch(Step::Awaits { task: handed.key.clone(), why: why.clone() });
        self.out.awaiting.push((handed.key.clone(), why));
    }

    /// What was handed in does not hold: it is opened again, or left as it stands.
    fn refuted(&mut self, handed: &Handed, why: String, watch: &mut dyn FnMut(Step)) -> Option<Command> {
        let again = self.failed(handed.task, &handed.key, &handed.agent, &why, watch);
        again.then(|| Command::Reopen { task: handed.task, reason: why })
    }

    /// Counts an attempt that came to nothing; says whether there is to be another.
    fn failed(
        &mut self,
        task: TaskId,
        key: &Key,
        agent: &AgentId,
        why: &str,
        watch: &mut dyn FnMut(Step),
    ) -> bool {
        let failures = self.failures.entry(task).or_default();
        *failures += 1;
        let config = self.d.agents.usable.iter().map(|usable| &usable.agent).find(|a| a.name == *agent);
        let (retries, back_off) = config.map_or((0, 1), |agent| (agent.retries, agent.back_off_seconds));
        let again = (*failures <= retries && !self.stopping).then(|| {
            let doubled = 1u64.checked_shl(*failures - 1).unwrap_or(u64::MAX);
            u64::from(back_off).saturating_mul(doubled).min(LONGEST_BACK_OFF)
        });
        watch(Step::Failed { task: key.clone(), agent: agent.clone(), why: why.to_owned(), again });
        match again {
            Some(seconds) => {
                let wait = self.d.pace.second.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX));
                self.resting.insert(task, Instant::now() + wait);
            }
            None => {
                self.given_up.insert(task);
                self.out.failed.push((key.clone(), why.to_owned()));
            }
        }
        again.is_some()
    }

    /// Records what agents have come to and gives those that are free their next tasks.
    fn deal<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        worked: Vec<(TaskId, Worked)>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let mut by_agent: HashMap<AgentId, Vec<(TaskId, Worked)>> = HashMap::new();
        for (task, came) in worked {
            self.parked.clear();
            let Some(attempt) = self.running.get(&task) else { continue };
            by_agent.entry(attempt.usable.agent.name.clone()).or_default().push((task, came));
        }
        let picked = self.pick(&by_agent)?;
        let mut names: Vec<AgentId> = by_agent.keys().cloned().collect();
        names.extend(picked.iter().map(|pick| pick.usable.agent.name.clone()));
        names.extend(self.silent());
        names.sort();
        names.dedup();
        let mut picked = picked;
        for name in names {
            let came = by_agent.remove(&name).unwrap_or_default();
            let (own, rest): (Vec<Pick>, Vec<Pick>) =
                picked.into_iter().partition(|pick| pick.usable.agent.name == name);
            picked = rest;
            self.deal_to(crew, &name, came, own, watch)?;
        }
        Ok(())
    }

    fn deal_to<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        name: &AgentId,
        came: Vec<(TaskId, Worked)>,
        picks: Vec<Pick>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let plan = self.d.store.desk().plan(self.d.plan)?;
        let (mut commands, mut abouts, mut blobs) = (Vec::new(), Vec::new(), Vec::new());
        let mut over: HashMap<TaskId, (Attempt, Worked)> = HashMap::new();
        for (task, mut came) in came {
            let Some(attempt) = self.running.remove(&task) else { continue };
            if let Some(busy) = self.busy.get_mut(name) {
                *busy = busy.saturating_sub(1);
            }
            self.conclude(&plan, task, &attempt, &mut came, (&mut commands, &mut abouts, &mut blobs));
            over.insert(task, (attempt, came));
        }
        drop(plan);
        self.beat(name, &mut commands, &mut abouts);
        for pick in &picks {
            commands.push(Command::Take(Box::new(Take {
                which: Which::Task(pick.task),
                roles: pick.roles.clone(),
                ttl_seconds: None,
                paths: None,
                base: self.base_for(&pick.usable),
            })));
            abouts.push(About::Took { task: pick.task, first: pick.first.clone() });
        }
        let mut rulings = Vec::new();
        if !commands.is_empty() {
            let request = Request { blobs, ..Request::new(self.d.by(name)) };
            let receipt = self.d.store.desk().submit_batch(self.d.plan, &request, &commands)?;
            self.seq = receipt.last;
            rulings = receipt.rulings;
        }
        let picks: HashMap<TaskId, Pick> = picks.into_iter().map(|pick| (pick.task, pick)).collect();
        self.carry_on(crew, name, rulings.into_iter().zip(abouts).collect(), over, picks, watch)
    }

    /// What an attempt that ended is put on record with.
    fn conclude(
        &mut self,
        plan: &Plan,
        task: TaskId,
        attempt: &Attempt,
        came: &mut Worked,
        (commands, abouts, blobs): (&mut Vec<Command>, &mut Vec<About>, &mut Vec<journal::Blob>),
    ) {
        let name = &attempt.usable.agent.name;
        let used = self.used.entry(name.clone()).or_default();
        *used = used.plus(came.used);
        let Some(state) = plan.task(task) else { return };
        let mine = state.lease().is_some_and(|lease| lease.fence == attempt.fence)
            && state.worker() == Some(&self.d.by(name).actor);
        if !mine {
            // It has handed its work in itself, given the task back, or lost it.
            return;
        }
        if !came.used.is_none() {
            commands.push(Command::RecordUsage { task, usage: came.used });
            abouts.push(About::Used);
        }
        let unchanged = attempt.usable.agent.worktree && came.touched.is_empty();
        if came.how == How::Done && unchanged && !state.has_checks() {
            came.how = How::Failed("it changed nothing, and nothing else would prove the work".to_owned());
        }
        let log = (!came.output.is_empty()).then(|| journal::Blob::new(std::mem::take(&mut came.output)));
        let kept = log.as_ref().map(|log| format!("log {}", log.digest()));
        blobs.extend(log);
        let told = |text: &str| match (&kept, text.is_empty()) {
            (Some(kept), true) => kept.clone(),
            (Some(kept), false) => format!("{text} ({kept})"),
            (None, _) => text.to_owned(),
        };
        let release = |how, why: &str| Command::Release { task, how, reason: told(why) };
        commands.push(match &came.how {
            How::Done => {
                abouts.push(About::HandedIn(task));
                Command::Submit {
                    task,
                    commit: came.commit.clone(),
                    touched: came.touched.clone(),
                    summary: told(&came.summary),
                }
            }
            How::NotStarted(why) => {
                abouts.push(About::GivenBack(task));
                release(LeaseEnd::Released, why)
            }
            How::Failed(why) => {
                abouts.push(About::GivenBack(task));
                release(LeaseEnd::Failed, why)
            }
            How::Stopped => {
                abouts.push(About::GivenBack(task));
                release(LeaseEnd::Halted, "it was told to stop")
            }
        });
    }

    /// Says of attempts that go on that they do.
    fn beat(&mut self, name: &AgentId, commands: &mut Vec<Command>, abouts: &mut Vec<About>) {
        let due = self.due_for_a_beat();
        for (task, attempt) in &mut self.running {
            if attempt.usable.agent.name == *name && attempt.beat.elapsed() >= due {
                attempt.beat = Instant::now();
                commands.push(Command::Beat(*task));
                abouts.push(About::Beat(*task));
            }
        }
    }

    /// The agents of whom something is to be heard.
    fn silent(&self) -> Vec<AgentId> {
        let due = self.due_for_a_beat();
        let silent = self.running.values().filter(|attempt| attempt.beat.elapsed() >= due);
        silent.map(|attempt| attempt.usable.agent.name.clone()).collect()
    }

    fn due_for_a_beat(&self) -> Duration {
        Duration::from_secs(u64::from(self.heartbeat_seconds))
    }

    fn base_for(&self, usable: &Usable) -> Option<String> {
        let integration = self.integration.as_ref().filter(|_| usable.agent.worktree)?;
        Some(integration.tip().to_owned())
    }

    /// Goes on with what came of the commands of one agent.
    fn carry_on<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        name: &AgentId,
        ruled: Vec<(Result<(), Refusal>, About)>,
        mut over: HashMap<TaskId, (Attempt, Worked)>,
        mut picks: HashMap<TaskId, Pick>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let plan = self.d.store.desk().plan(self.d.plan)?;
        let now = self.d.store.desk().now();
        let mut refused = Vec::new();
        for (ruling, about) in ruled {
            match (about, ruling) {
                (About::Took { task, first }, Ok(())) => {
                    if let (Some(pick), Some(state)) = (picks.remove(&task), plan.task(task)) {
                        self.set_to_work(crew, &plan, state, pick, first, watch);
                    }
                }
                (About::Took { task, .. }, Err(no)) => {
                    let key = picks.remove(&task).map(|pick| pick.key);
                    self.not_taken(task, key, no, watch);
                }
                (About::HandedIn(task), Ok(())) => {
                    let (Some((attempt, came)), Some(state)) = (over.remove(&task), plan.task(task)) else {
                        continue;
                    };
                    self.note_downgrade(&attempt, &came, watch);
                    self.handed_in(crew, &plan, state, &attempt, came.branch, now, watch)?;
                }
                (About::HandedIn(task), Err(no)) => {
                    if let Some((attempt, came)) = over.remove(&task) {
                        self.note_downgrade(&attempt, &came, watch);
                        refused.push((task, attempt, with_facts(&no)));
                    }
                }
                (About::GivenBack(task), _) => {
                    let Some((attempt, came)) = over.remove(&task) else { continue };
                    self.note_downgrade(&attempt, &came, watch);
                    self.came_to_nothing(task, &attempt, came.how, watch);
                }
                (About::Beat(task), Err(_)) => {
                    if let Some(attempt) = self.running.get(&task) {
                        attempt.cancel.cancel();
                    }
                }
                (About::Used | About::Beat(_), _) => {}
            }
        }
        // What its agent handed in itself, and what it lost.
        for (task, (attempt, came)) in over {
            let Some(state) = plan.task(task) else { continue };
            let own = state.effort.as_deref().and_then(|effort| effort.submission.as_ref());
            let own = own.is_some_and(|work| work.fence == attempt.fence);
            if own && matches!(state.state, TaskState::Claimed(_)) {
                self.handed_in(crew, &plan, state, &attempt, came.branch, now, watch)?;
            } else {
                let why = "its task is no longer its own".to_owned();
                self.came_to_nothing(task, &attempt, How::Failed(why), watch);
            }
        }
        drop(plan);
        self.give_back_refused(name, refused, watch)
    }

    /// Work that may not be handed in is given back with the reason.
    fn give_back_refused(
        &mut self,
        name: &AgentId,
        refused: Vec<(TaskId, Attempt, String)>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        if refused.is_empty() {
            return Ok(());
        }
        let release = |(task, _, why): &(TaskId, Attempt, String)| Command::Release {
            task: *task,
            how: LeaseEnd::Failed,
            reason: why.clone(),
        };
        let commands: Vec<Command> = refused.iter().map(release).collect();
        let request = Request::new(self.d.by(name));
        let receipt = self.d.store.desk().submit_batch(self.d.plan, &request, &commands)?;
        self.seq = receipt.last;
        for (task, attempt, why) in refused {
            self.came_to_nothing(task, &attempt, How::Failed(why), watch);
        }
        Ok(())
    }

    fn note_downgrade(&mut self, attempt: &Attempt, came: &Worked, watch: &mut dyn FnMut(Step)) {
        let name = &attempt.usable.agent.name;
        if came.downgraded && self.mute.insert(name.clone()) {
            watch(Step::Downgraded { agent: name.clone() });
        }
    }

    fn came_to_nothing(&mut self, task: TaskId, attempt: &Attempt, how: How, watch: &mut dyn FnMut(Step)) {
        self.stale = true;
        let name = &attempt.usable.agent.name;
        match how {
            How::NotStarted(why) => {
                self.broken.insert(name.clone());
                match stand_in(&attempt.first, self.d.agents, &self.broken) {
                    Some(next) => watch(Step::FellBack {
                        task: attempt.key.clone(),
                        from: name.clone(),
                        to: next.agent.name.clone(),
                        why,
                    }),
                    None => {
                        self.failures.insert(task, u32::MAX - 1);
                        self.failed(task, &attempt.key, name, &why, watch);
                    }
                }
            }
            How::Failed(why) => {
                self.failed(task, &attempt.key, name, &why, watch);
            }
            How::Done | How::Stopped => {}
        }
    }

    fn not_taken(&mut self, task: TaskId, key: Option<Key>, no: Refusal, watch: &mut dyn FnMut(Step)) {
        match no.code {
            BUDGET_SPENT | PLAN_HALTED => self.pause(no, watch),
            PATH_RESERVED => {
                self.parked.insert(task);
            }
            LEASE_STRIKES => {
                self.given_up.insert(task);
                if let Some(key) = key {
                    self.out.failed.push((key, no.message));
                }
            }
            // Somebody was faster; what is so now is seen when the plan is looked at again.
            _ => {
                self.parked.insert(task);
            }
        }
    }

    fn set_to_work<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        plan: &Plan,
        task: &Task,
        pick: Pick,
        first: AgentId,
        watch: &mut dyn FnMut(Step),
    ) {
        let Some(lease) = task.lease() else { return };
        let Ok(cancel) = Cancel::new() else { return };
        let name = pick.usable.agent.name.clone();
        watch(Step::Took { task: task.key.clone(), agent: name.clone(), fence: lease.fence });
        self.out.attempts += 1;
        *self.busy.entry(name.clone()).or_default() += 1;
        let order = Order {
            task: task.id,
            key: task.key.clone(),
            title: task.title.clone(),
            fence: lease.fence,
            stream: !self.mute.contains(&name),
            brief: (self.d.brief)(plan, task, &name),
            plan: plan.key.clone(),
            base: lease.base.clone(),
            usable: pick.usable.clone(),
        };
        let attempt = Attempt {
            key: task.key.clone(),
            usable: pick.usable,
            first,
            fence: lease.fence,
            cancel: cancel.clone(),
            beat: Instant::now(),
        };
        self.running.insert(task.id, attempt);
        let (d, begun, say) = (self.d, self.begun, crew.say.clone());
        crew.workers.hand_in(crew.scope, move || {
            let tell = say.clone();
            let mut last: Option<Instant> = None;
            let worked = d.attempt(&order, begun.nursery.as_ref(), &cancel, &mut |text| {
                // A few a second are enough for whoever watches.
                if last.is_none_or(|last| last.elapsed() > Duration::from_millis(100)) {
                    last = Some(Instant::now());
                    let _ = tell.send(Heard::Said(order.task, text.to_owned()));
                }
            });
            // Nobody listens any more where everything ends early.
            let _ = say.send(Heard::Worked(order.task, Box::new(worked)));
        });
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is another thing; a struct would only name them twice"
    )]
    fn handed_in<'scope>(
        &mut self,
        crew: &Crew<'scope, 'd>,
        plan: &Plan,
        task: &Task,
        attempt: &Attempt,
        branch: Option<String>,
        now: Timestamp,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let agent = attempt.usable.agent.name.clone();
        watch(Step::Submitted { task: task.key.clone(), agent: agent.clone() });
        let handed = Handed::of(plan, task, agent, branch, Moment::clone(&self.moment), now);
        if handed.has_checks {
            self.have_checked(crew, handed);
            return Ok(());
        }
        watch(Step::Claimed { task: task.key.clone() });
        self.out.claimed.push(task.key.clone());
        match self.merge(&handed) {
            Err(Denied::Refused(no)) if no.code == MERGE_CONFLICT => {
                self.given_up.insert(task.id);
                self.out.failed.push((task.key.clone(), with_facts(&no)));
                Ok(())
            }
            other => other,
        }
    }

    fn have_checked<'scope>(&mut self, crew: &Crew<'scope, 'd>, handed: Handed) {
        self.checking.insert(handed.task);
        let (d, begun, say) = (self.d, self.begun, crew.say.clone());
        crew.checkers.hand_in(crew.scope, move || {
            let checked = d.check(&handed, begun.nursery.as_ref());
            let _ = say.send(Heard::Checked(Box::new((handed, checked))));
        });
    }

    /// The tasks that agents with time for them are given now. `ended`: they have as much more time.
    fn pick(&mut self, ended: &HashMap<AgentId, Vec<(TaskId, Worked)>>) -> Result<Vec<Pick>, Denied> {
        let mut picks = Vec::new();
        if self.stopping || self.out.paused.is_some() {
            self.stale = false;
            self.woken.clear();
            return Ok(picks);
        }
        let now = Instant::now();
        let rested = self.resting.len();
        self.resting.retain(|_, until| *until > now);
        self.stale |= self.resting.len() != rested;
        let plan = self.d.store.desk().plan(self.d.plan)?;
        self.heartbeat_seconds = beat_seconds(&plan);
        self.wake(&plan);
        let mut free: HashMap<AgentId, u32> = HashMap::new();
        for usable in &self.d.agents.usable {
            let name = &usable.agent.name;
            let busy = self.busy.get(name).copied().unwrap_or(0);
            let ended = ended.get(name).map_or(0, |ended| u32::try_from(ended.len()).unwrap_or(u32::MAX));
            let used = self.used.get(name).copied().unwrap_or_default();
            let spent = usable.agent.budget.spent(used, Usage::default()).is_some();
            if !spent && !self.broken.contains(name) {
                free.insert(
                    name.clone(),
                    usable.agent.concurrency.saturating_sub(busy.saturating_sub(ended)),
                );
            }
        }
        let mut taken = Vec::new();
        for entry in &self.ready {
            if free.values().all(|free| *free == 0) {
                break;
            }
            let Some(task) = plan.task(entry.1).filter(|_| !self.parked.contains(&entry.1)) else { continue };
            let Some(wanted) = suited(task, self.d.agents) else { continue };
            for first in &wanted.agents {
                let Some(usable) = stand_in(first, self.d.agents, &self.broken) else { continue };
                let Some(free) = free.get_mut(&usable.agent.name).filter(|free| **free > 0) else { continue };
                *free -= 1;
                taken.push(*entry);
                picks.push(Pick {
                    task: task.id,
                    key: task.key.clone(),
                    roles: wanted.roles.clone(),
                    usable: usable.clone(),
                    first: first.clone(),
                });
                break;
            }
        }
        for entry in taken {
            self.ready.remove(&entry);
        }
        Ok(picks)
    }

    /// Finds what has become ready: of what waited for something that is done now, or, where that is
    /// not known, of all.
    fn wake(&mut self, plan: &Plan) {
        let now = self.d.store.desk().now();
        let woken = std::mem::take(&mut self.woken);
        if !self.stale {
            for dependant in woken.iter().flat_map(|done| plan.dependants(*done)) {
                if let Some(task) = plan.task(*dependant).filter(|task| self.is_ready(plan, task, now)) {
                    self.ready.insert((rank(plan, task), task.id));
                }
            }
            if !self.ready.is_empty() || !self.progressed {
                return;
            }
        }
        self.ready.clear();
        for task in &plan.tasks {
            if self.is_ready(plan, task, now) {
                self.ready.insert((rank(plan, task), task.id));
            }
        }
        (self.stale, self.progressed) = (false, false);
    }

    fn is_ready(&self, plan: &Plan, task: &Task, now: Timestamp) -> bool {
        let id = task.id;
        let out = self.running.contains_key(&id)
            || self.checking.contains(&id)
            || self.resting.contains_key(&id)
            || self.given_up.contains(&id)
            || task.needs.iter().any(|need| self.given_up.contains(need));
        !out && is_open(plan, task, now)
    }
}

/// A task and who is to have it.
struct Pick {
    task: TaskId,
    key: Key,
    roles: Vec<String>,
    usable: Usable,
    first: AgentId,
}

/// Those who do what takes long.
struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    workers: Arc<Executor<'env>>,
    checkers: Arc<Executor<'env>>,
    say: Sender<Heard>,
}

/// How often an attempt that goes on is heard of: often enough for its lease not to run out.
fn beat_seconds(plan: &Plan) -> u32 {
    let rules = plan.settings.leases;
    rules.heartbeat_seconds.min(rules.ttl_seconds / 3).max(1)
}

/// What each agent has used up so far.
fn used_by_agents(d: &Dispatcher<'_>) -> Result<HashMap<AgentId, Usage>, Denied> {
    let mut used: HashMap<AgentId, Usage> = HashMap::new();
    let wanted = |bytes: &[u8]| bytes.starts_with(b"{\"usage_recorded");
    d.store.desk().visit(d.plan, &wanted, &mut |recorded| {
        if let (Event::UsageRecorded { usage, .. }, Actor::Agent { agent, .. }) =
            (&recorded.event, &recorded.by.actor)
        {
            let sum = used.entry(agent.clone()).or_default();
            *sum = sum.plus(*usage);
        }
    })?;
    Ok(used)
}

/// A refusal with its facts, in a line.
fn with_facts(no: &Refusal) -> String {
    if no.facts.is_empty() { no.message.clone() } else { format!("{}: {}", no.message, no.facts.join(", ")) }
}
