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
use super::choosing::{Rank, stand_in};
use super::picking::Pick;
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

/// Something a thread has to say.
enum Heard {
    Worked(TaskId, Box<Worked>),
    Checked(Box<(Handed, Checked)>),
    Said(TaskId, String),
}

/// An attempt that is being made.
pub(super) struct Attempt {
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
    pub(super) d: &'d Dispatcher<'a>,
    pub(super) begun: &'d Begun,
    pub(super) integration: Option<Integration>,
    pub(super) running: HashMap<TaskId, Attempt>,
    pub(super) checking: HashSet<TaskId>,
    /// How many attempts of a task have come to nothing.
    pub(super) failures: HashMap<TaskId, u32>,
    /// Not to be tried again before then.
    pub(super) resting: HashMap<TaskId, Instant>,
    /// Not to be tried again by this dispatcher.
    pub(super) given_up: HashSet<TaskId>,
    /// Cannot be taken until something else ends.
    pub(super) parked: HashSet<TaskId>,
    /// Agents that could not be started.
    pub(super) broken: HashSet<AgentId>,
    /// Agents that do not stream after all.
    pub(super) mute: HashSet<AgentId>,
    pub(super) busy: HashMap<AgentId, u32>,
    pub(super) used: HashMap<AgentId, Usage>,
    /// Tasks that may be taken, in the order in which they are.
    pub(super) ready: BTreeSet<(Rank, TaskId)>,
    /// Whether `ready` has to be found anew.
    pub(super) stale: bool,
    /// Tasks that are done now: what waited for them may be ready.
    pub(super) woken: Vec<TaskId>,
    /// Whether anything was done since `ready` was found: a phase's entrance may have opened.
    pub(super) progressed: bool,
    pub(super) seq: Seq,
    /// The last of what all plans share that its part was held against.
    pub(super) part_seen: Option<Seq>,
    /// What the plan's own folder holds this turn.
    pub(super) moment: Moment,
    pub(super) seen: Instant,
    pub(super) heartbeat_seconds: u32,
    pub(super) out: Dispatched,
    pub(super) stopping: bool,
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
            part_seen: None,
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
        self.mind_part()?;
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
        if let Some(part) = self.d.part {
            part.be_seen(desk, None)?;
        }
        let plan = desk.plan(self.d.plan)?;
        sweep(desk, &plan)?;
        Ok(())
    }

    pub(super) fn stop(&mut self) {
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
}

/// Those who do what takes long.
struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    workers: Arc<Executor<'env>>,
    checkers: Arc<Executor<'env>>,
    say: Sender<Heard>,
}

/// How often an attempt that goes on is heard of: often enough for its lease not to run out.
pub(super) fn beat_seconds(plan: &Plan) -> u32 {
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
pub(super) fn with_facts(no: &Refusal) -> String {
    if no.facts.is_empty() { no.message.clone() } else { format!("{}: {}", no.message, no.facts.join(", ")) }
}
