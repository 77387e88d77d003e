//! Agents and persons at work on tasks: under leases, beside them, and against them.

use model::actor::{Actor, By};
use model::command::{Command, Take, Which};
use model::digest::Digest;
use model::ids::{Fence, TaskId};
use model::lease::{HandedOff, LeaseEnd, Usage};
use model::task::Task;

use super::World;

/// Files that work in the world touches.
const FILES: [&str; 9] = [
    "src/lib.rs",
    "src/a.rs",
    "src/model/a.rs",
    "docs/a.md",
    "docs/b/c.md",
    "tests/a.rs",
    "Cargo.toml",
    "../secrets",
    "tools/x.sh",
];

/// What is reserved in the world.
const PATTERNS: [&str; 9] =
    ["src/**", "src/*.rs", "src/lib.rs", "src/model/", "docs/", "docs/**/*.md", "*.toml", "tests/**", "**"];

impl World {
    /// Something about the work on tasks, with the grant that is shown.
    pub(super) fn working(&mut self) -> (By, Command, Option<Fence>) {
        if self.plan.halted.is_some() && self.dice.percent(25) {
            return (self.dice.person(), Command::Resume, None);
        }
        let spent = self.plan.settings.budget.spent(self.plan.used, self.plan.allowed).is_some();
        if spent && self.dice.percent(15) {
            return self.allow();
        }
        match self.dice.below(100) {
            0..30 => self.take_up(),
            30..48 => self.hand_in(),
            48..58 => self.beat(),
            58..66 => self.give_back(),
            66..74 => self.touch(),
            74..80 => self.reserve(),
            80..82 => self.use_up(),
            82..84 => self.report(),
            84..86 => self.allow(),
            86..88 => {
                let reason = self.reason();
                let halts = self.dice.percent(60);
                (self.dice.anybody(), if halts { Command::Halt { reason } } else { Command::Resume }, None)
            }
            88..91 => self.hand_over(),
            91..93 => {
                let task = self.a_held_task().unwrap_or_else(|| self.a_task());
                (By::system(), Command::TellSilence(task), None)
            }
            _ => self.intrude(),
        }
    }

    fn held(&self) -> Vec<(TaskId, By, Fence)> {
        let of = |task: &Task| {
            let lease = task.lease()?;
            let model::task::TaskState::Active(active) = &task.state else { return None };
            Some((task.id, active.by.clone(), lease.fence))
        };
        self.plan.tasks.iter().filter_map(of).collect()
    }

    fn a_held_task(&mut self) -> Option<TaskId> {
        let held = self.held();
        self.dice.one_of(&held).map(|(task, ..)| task)
    }

    /// A task somebody holds, mostly with its holder and its grant; now and then with another's.
    fn a_holder(&mut self) -> (TaskId, By, Option<Fence>) {
        let held = self.held();
        let Some((task, holder, fence)) = self.dice.one_of(&held) else {
            return (self.a_task(), self.dice.worker(), None);
        };
        let by = if self.dice.percent(85) { holder } else { self.dice.worker() };
        let shown = match self.dice.below(10) {
            0..5 => Some(fence),
            5 => Some(Fence(fence.0.saturating_sub(1))),
            6 => Some(Fence(fence.0 + 1)),
            _ => None,
        };
        (task, by, shown)
    }

    fn take_up(&mut self) -> (By, Command, Option<Fence>) {
        let which = if self.dice.percent(35) { Which::Next } else { Which::Task(self.a_free_task()) };
        let roles =
            self.dice.one_of(&[vec![], vec![], vec!["Code Reviewer"], vec!["coder"]]).unwrap_or_default();
        let ttl_seconds = match self.dice.below(20) {
            0 => Some([0, 90_000][self.dice.below(2)]),
            1..5 => Some(3_600),
            5 => Some(86_400),
            _ => None,
        };
        let paths = match self.dice.below(10) {
            0 => Some(self.some_patterns()),
            1 => Some(vec!["../elsewhere".to_owned()]),
            _ => None,
        };
        let by = if self.dice.percent(80) { self.dice.agent() } else { self.dice.anybody() };
        let roles = roles.into_iter().map(str::to_owned).collect();
        let take = Take { which, roles, ttl_seconds, paths, base: None };
        (by, Command::Take(Box::new(take)), None)
    }

    /// Mostly a task that lies open, or one that was lost.
    fn a_free_task(&mut self) -> TaskId {
        let now = self.now;
        let lost = |task: &&Task| task.lease().is_some_and(|lease| !lease.is_live(now));
        let lost: Vec<TaskId> = self.plan.tasks.iter().filter(lost).map(|task| task.id).collect();
        match self.dice.one_of(&lost) {
            Some(task) if self.dice.percent(40) => task,
            _ => self.a_task(),
        }
    }

    fn hand_in(&mut self) -> (By, Command, Option<Fence>) {
        let (task, by, fence) = self.a_holder();
        let lease = self.plan.task(task).and_then(Task::lease);
        let fitting: Vec<&str> =
            FILES.into_iter().filter(|file| lease.is_some_and(|lease| lease.covers(file))).collect();
        let mut touched = Vec::new();
        for _ in 0..self.dice.below(3) {
            let file =
                if self.dice.percent(90) { self.dice.one_of(&fitting) } else { self.dice.one_of(&FILES) };
            touched.extend(file.map(str::to_owned));
        }
        (by, Command::Submit { task, commit: None, touched, summary: "it is done".to_owned() }, fence)
    }

    fn beat(&mut self) -> (By, Command, Option<Fence>) {
        let (task, by, fence) = self.a_holder();
        (by, Command::Beat(task), fence)
    }

    fn give_back(&mut self) -> (By, Command, Option<Fence>) {
        let (task, by, fence) = self.a_holder();
        let how =
            [LeaseEnd::Released, LeaseEnd::Failed, LeaseEnd::Failed, LeaseEnd::Expired, LeaseEnd::Halted];
        let (how, reason) = (how[self.dice.below(how.len())], self.reason());
        let by = if self.dice.percent(15) { By::system() } else { by };
        (by, Command::Release { task, how, reason }, fence)
    }

    fn touch(&mut self) -> (By, Command, Option<Fence>) {
        let (task, by, fence) = self.a_holder();
        let lease = self.plan.task(task).and_then(Task::lease);
        let fitting: Vec<&str> =
            FILES.into_iter().filter(|file| lease.is_some_and(|lease| lease.covers(file))).collect();
        let file = if self.dice.percent(80) { self.dice.one_of(&fitting) } else { self.dice.one_of(&FILES) };
        let path = file.unwrap_or("src/lib.rs").to_owned();
        (by, Command::Touch { task, path, digest: Some(Digest::sha256(b"text")) }, fence)
    }

    fn some_patterns(&mut self) -> Vec<String> {
        (0..=self.dice.below(2)).map(|_| self.dice.word(&PATTERNS).to_owned()).collect()
    }

    fn reserve(&mut self) -> (By, Command, Option<Fence>) {
        let (mut task, mut by, mut fence) = self.a_holder();
        if self.dice.percent(40) {
            (task, by, fence) = (self.a_task(), self.dice.anybody(), None);
        }
        let paths = if self.dice.percent(5) { vec!["/etc/passwd".to_owned()] } else { self.some_patterns() };
        let shared = self.dice.percent(30);
        (by, Command::Reserve { task, paths, shared }, fence)
    }

    fn use_up(&mut self) -> (By, Command, Option<Fence>) {
        let (task, by, fence) = self.a_holder();
        let tokens = self.dice.below(200) as u64;
        (by, Command::RecordUsage { task, usage: Usage { tokens, ..Usage::default() } }, fence)
    }

    fn report(&mut self) -> (By, Command, Option<Fence>) {
        let (task, by, fence) = self.a_holder();
        let name = if self.dice.percent(10) { "task_completed" } else { "progress" };
        let message = format!("{} of 9", self.dice.below(10));
        let payload = serde_json::Map::from_iter([("message".to_owned(), message.into())]);
        (by, Command::Report { task, name: name.to_owned(), payload }, fence)
    }

    fn allow(&mut self) -> (By, Command, Option<Fence>) {
        let usage = Usage { tokens: 300 * self.dice.below(3) as u64, ..Usage::default() };
        let reason = self.reason();
        (self.dice.anybody(), Command::AllowBudget { usage, reason }, None)
    }

    fn hand_over(&mut self) -> (By, Command, Option<Fence>) {
        let task = self.dice.percent(60).then(|| self.a_task());
        let text = self.dice.word(&["the interface stands", "", "see the notes"]).to_owned();
        let what = HandedOff {
            task,
            from: "coder".to_owned(),
            to: self.dice.word(&["reviewer", "reviewer", " "]).to_owned(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            required_by: None,
            text,
        };
        (self.dice.anybody(), Command::HandOff(Box::new(what)), None)
    }

    /// Somebody meddles with what another holds.
    fn intrude(&mut self) -> (By, Command, Option<Fence>) {
        let task = self.a_held_task().unwrap_or_else(|| self.a_task());
        let (by, reason) = (self.dice.anybody(), self.reason());
        let command = match self.dice.below(8) {
            0 => Command::Start(task),
            1 => Command::Claim { task, how: model::task::ClaimHow::Verb },
            2 => Command::Block { task, reason },
            3 => Command::Unblock(task),
            4 | 5 => Command::Reopen { task, reason },
            6 => Command::Update { task, put: vec![model::facts::Fact::Percent(50.0)], clear: Vec::new() },
            _ => Command::Drop { task, reason },
        };
        let drops = matches!(command, Command::Drop { .. }) && self.dice.percent(70);
        let command = if drops { Command::Beat(task) } else { command };
        let meddler = if matches!(by.actor, Actor::Document) { self.dice.agent() } else { by };
        (meddler, command, None)
    }
}
