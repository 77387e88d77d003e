//! The hands: do what a plan's state asks for, and hand what came of it back in at the desk.
//!
//! What is outstanding is asked anew after every round, so that a task whose needs have just been
//! verified comes next, and a run that was cut off goes on where it stood. Checks run on a few
//! threads; verdicts are recorded in the order they come, many at once where many come. Knows no
//! documents and prints nothing: whoever calls watches through [`Step`].

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use journal::Blob;
use model::check::{Evidence, Outcome};
use model::command::Command;
use model::digest::Digest;
use model::fault::Fault;
use model::gate::Subject;
use model::ids::{CheckId, PlanId, TaskId};
use model::plan::Plan;
use model::refusal::{CHECK_ERROR, Refusal};
use model::task::TaskState;
use model::work::{RunCheck, Work, outstanding, outstanding_for_task};

use crate::checks::{Site, Verdict, run_check};
use crate::desk::{Denied, Desk, LocalDesk, Request};
use crate::ids::nonce;
use crate::process::{Cancel, Environment};
use crate::workspace::Workspace;

/// The most verdicts that are recorded at once.
const VERDICTS_AT_ONCE: usize = 256;

/// How often one check is run because what it reads has changed meanwhile, before it is said that
/// checks change it themselves.
const RUNS_OF_ONE_CHECK: usize = 4;

/// Where and how checks are run.
pub struct Hands<'a> {
    /// Where verdicts go.
    pub desk: &'a LocalDesk,
    /// The plan whose work is done.
    pub plan: PlanId,
    /// The plan's folder.
    pub workspace: &'a Workspace,
    /// The digest of the scripts that commands call.
    pub scripts: Digest,
    /// The variables commands see.
    pub environment: &'a Environment,
    /// How many checks run at a time.
    pub at_once: usize,
    /// Ends the work early.
    pub cancel: &'a Cancel,
}

/// What happens while work is done.
#[derive(Debug)]
pub enum Step<'s> {
    /// So many checks are outstanding, those included whose turn has not come and may never come.
    Planned {
        /// How many.
        checks: usize,
    },
    /// A check began.
    Began {
        /// What it guards.
        subject: Subject,
        /// Its name.
        name: &'s str,
        /// What it does, as written in plans.
        what: &'s str,
    },
    /// A check ended.
    Ended {
        /// What it guards.
        subject: Subject,
        /// Its name.
        name: &'s str,
        /// Pass, fail or error.
        outcome: Outcome,
        /// What it saw, in a line.
        summary: &'s str,
    },
}

/// What has been done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// How many checks were run.
    pub run: usize,
    /// Tasks that were countersigned.
    pub verified: Vec<TaskId>,
    /// Why a task could not be countersigned although its checks seemed to allow it.
    pub refused: Vec<Refusal>,
    /// What everything that was run could read, for asking the gates.
    pub inputs: Digest,
    /// Why nothing of this is believed the next time, where that is so.
    pub fleeting: Option<String>,
    /// Whether it was ended early.
    pub cancelled: bool,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'s> {
    /// Everything outstanding.
    Plan,
    /// Everything outstanding but what would prove once more what is proven.
    Unproven,
    /// What is outstanding for these tasks, whether or not their needs are met, and once more where
    /// a verdict is there already.
    Tasks(&'s [TaskId]),
}

/// Something a thread has to say.
enum Said {
    Began(usize),
    Ended(usize, Box<Verdict>),
}

impl Hands<'_> {
    /// Does everything outstanding, round after round, until nothing is.
    pub fn work(&self, scope: Scope<'_>, watch: &mut dyn FnMut(Step<'_>)) -> Result<Done, Denied> {
        let session = nonce();
        let mut done = Done::default();
        let mut tried: HashMap<CheckId, Vec<Digest>> = HashMap::new();
        let mut asked: HashSet<(TaskId, Digest)> = HashSet::new();
        let mut again = true;
        loop {
            let (inputs, fleeting) = self.inputs(&session);
            (done.inputs, done.fleeting) = (inputs, fleeting);
            let (mut runs, mut verifies) = (Vec::new(), Vec::new());
            for item in self.outstanding(scope, inputs, again)? {
                match item {
                    Work::RunCheck(run)
                        if !tried.get(&run.check).is_some_and(|tried| tried.contains(&inputs)) =>
                    {
                        runs.push(*run);
                    }
                    Work::Verify(task) if asked.insert((task, inputs)) => verifies.push(task),
                    _ => {}
                }
            }
            again = false;
            if runs.is_empty() && verifies.is_empty() {
                return Ok(done);
            }
            if done.run == 0 && !runs.is_empty() {
                watch(Step::Planned { checks: self.expected(scope, inputs)?.max(runs.len()) });
            }
            in_order(&mut runs, !verifies.is_empty());
            for run in &runs {
                let tried = tried.entry(run.check).or_default();
                if tried.len() == RUNS_OF_ONE_CHECK {
                    return Err(moving(&run.spec.name).into());
                }
                tried.push(inputs);
            }
            self.verify(&verifies, inputs, &mut done)?;
            done.run += runs.len();
            self.run(&runs, inputs, watch)?;
            if self.cancel.is_cancelled() {
                done.cancelled = true;
                return Ok(done);
            }
        }
    }

    /// What is outstanding now. `again`: tasks asked for by name have their checks run even where
    /// a verdict still counts.
    fn outstanding(&self, scope: Scope<'_>, inputs: Digest, again: bool) -> Result<Vec<Work>, Fault> {
        let (plan, now) = (self.desk.plan(self.plan)?, self.desk.now());
        let tasks = match scope {
            Scope::Plan => return Ok(outstanding(&plan, inputs, now)),
            Scope::Unproven => return Ok(unproven(&plan, outstanding(&plan, inputs, now))),
            Scope::Tasks(tasks) => tasks,
        };
        let mut work = Vec::new();
        for task in tasks.iter().filter_map(|id| plan.task(*id)) {
            if again {
                work.extend(outstanding_for_task(&plan, task, Digest::ZERO, now));
            }
            work.extend(outstanding_for_task(&plan, task, inputs, now));
        }
        Ok(work)
    }

    /// How many checks there are to run until everything is proven.
    fn expected(&self, scope: Scope<'_>, inputs: Digest) -> Result<usize, Fault> {
        let (plan, now) = (self.desk.plan(self.plan)?, self.desk.now());
        let of_task = |task| outstanding_for_task(&plan, task, inputs, now);
        let is_run = |work: &Work| matches!(work, Work::RunCheck(_));
        let of_gate =
            |work: &Work| matches!(work, Work::RunCheck(run) if !matches!(run.subject, Subject::Task(_)));
        Ok(match scope {
            Scope::Tasks(tasks) => {
                tasks.iter().filter_map(|id| plan.task(*id)).flat_map(of_task).filter(is_run).count()
            }
            Scope::Unproven => {
                unproven(&plan, outstanding(&plan, inputs, now)).iter().filter(|w| is_run(w)).count()
            }
            Scope::Plan => {
                let gates = outstanding(&plan, inputs, now).iter().filter(|work| of_gate(work)).count();
                plan.tasks.iter().flat_map(of_task).filter(is_run).count() + gates
            }
        })
    }

    /// The digest of everything a check can read: the working tree, and the scripts its command
    /// calls wherever they lie.
    fn inputs(&self, session: &str) -> (Digest, Option<String>) {
        let inputs = self.workspace.inputs(session);
        (inputs_with_scripts(inputs.digest, self.scripts), inputs.fleeting)
    }

    fn verify(&self, tasks: &[TaskId], inputs: Digest, done: &mut Done) -> Result<(), Denied> {
        if tasks.is_empty() {
            return Ok(());
        }
        let commands: Vec<Command> =
            tasks.iter().map(|task| Command::Verify { task: *task, inputs }).collect();
        let receipt = self.desk.submit_batch(self.plan, &Request::system(), &commands)?;
        for (task, ruling) in tasks.iter().zip(receipt.rulings) {
            match ruling {
                Ok(()) => done.verified.push(*task),
                Err(refusal) => done.refused.push(refusal),
            }
        }
        Ok(())
    }

    /// Runs checks a few at a time and records their verdicts as they come.
    fn run(&self, runs: &[RunCheck], inputs: Digest, watch: &mut dyn FnMut(Step<'_>)) -> Result<(), Denied> {
        if runs.is_empty() {
            return Ok(());
        }
        let queue: Mutex<VecDeque<usize>> = Mutex::new((0..runs.len()).collect());
        let (say, hear) = channel();
        std::thread::scope(|scope| {
            for _ in 0..self.at_once.clamp(1, runs.len()) {
                let (say, queue) = (say.clone(), &queue);
                scope.spawn(move || self.take_turns(runs, queue, &say));
            }
            drop(say);
            let recorded = self.record(runs, inputs, &hear, watch);
            if recorded.is_err() {
                // Nothing more can be recorded, so nothing more is worth running.
                queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
            recorded
        })
    }

    fn take_turns(&self, runs: &[RunCheck], queue: &Mutex<VecDeque<usize>>, say: &Sender<Said>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(place) = next.filter(|_| !self.cancel.is_cancelled()) else { return };
            if say.send(Said::Began(place)).is_err() {
                return;
            }
            let site = Site {
                workspace: self.workspace,
                environment: self.environment,
                redactor: self.desk.redactor(),
                cancel: self.cancel,
                nonce: &nonce(),
            };
            let verdict = run_check(&runs[place].spec, &site);
            if say.send(Said::Ended(place, Box::new(verdict))).is_err() {
                return;
            }
        }
    }

    fn record(
        &self,
        runs: &[RunCheck],
        inputs: Digest,
        hear: &Receiver<Said>,
        watch: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), Denied> {
        let commit = crate::touched::base(self.workspace.folder());
        while let Ok(said) = hear.recv() {
            let (mut commands, mut blobs) = (Vec::new(), Vec::new());
            let mut next = Some(said);
            while let Some(said) = next {
                match said {
                    Said::Began(place) => {
                        let run = &runs[place];
                        let (name, what) = (&run.spec.name, run.spec.to_string());
                        watch(Step::Began { subject: run.subject, name, what: &what });
                    }
                    Said::Ended(place, verdict) => {
                        let run = &runs[place];
                        let (name, summary) = (&run.spec.name, &verdict.evidence.summary);
                        watch(Step::Ended { subject: run.subject, name, outcome: verdict.outcome, summary });
                        // What was ended early says nothing about the work.
                        if !self.cancel.is_cancelled() {
                            let (command, blob) = report(run, (inputs, commit.as_deref()), *verdict);
                            commands.push(command);
                            blobs.extend(blob);
                        }
                    }
                }
                next = if commands.len() < VERDICTS_AT_ONCE { hear.try_recv().ok() } else { None };
            }
            if !commands.is_empty() {
                let request = Request { blobs, ..Request::system() };
                // A verdict that came too late is refused; the check is outstanding again.
                self.desk.submit_batch(self.plan, &request, &commands)?;
            }
        }
        Ok(())
    }
}

/// Of some work, that which is not about tasks that are verified.
fn unproven(plan: &Plan, mut work: Vec<Work>) -> Vec<Work> {
    work.retain(|work| match work {
        Work::RunCheck(run) => match run.subject {
            Subject::Task(id) => {
                !plan.task(id).is_some_and(|task| matches!(task.state, TaskState::Verified(_)))
            }
            _ => true,
        },
        Work::Verify(_) => true,
    });
    work
}

/// The digest of everything a check can read, given that of the working tree and that of scripts.
pub(crate) fn inputs_with_scripts(inputs: Digest, scripts: Digest) -> Digest {
    Digest::framed([b"inputs+scripts.v1".as_slice(), inputs.as_bytes(), scripts.as_bytes()])
}

/// Keeps of the checks those whose turn it is: entrances and tasks, then exits, then the success
/// criteria, then named gates. A gate is asked once there is nothing left to do before it.
fn in_order(runs: &mut Vec<RunCheck>, tasks_move: bool) {
    runs.sort_by_key(|run| run.check);
    runs.dedup_by_key(|run| run.check);
    let turn = |run: &RunCheck| match run.subject {
        Subject::Entrance(_) | Subject::Task(_) => 0,
        Subject::Exit(_) => 1,
        Subject::Criteria => 2,
        Subject::Gate(_) => 3,
    };
    let first = if tasks_move { Some(0) } else { runs.iter().map(turn).min() };
    runs.retain(|run| Some(turn(run)) == first);
}

/// What a verdict is put on record with: on what tree it was found, at which commit.
pub(crate) fn report(
    run: &RunCheck,
    (inputs, commit): (Digest, Option<&str>),
    verdict: Verdict,
) -> (Command, Option<Blob>) {
    let evidence = Evidence { commit: commit.map(str::to_owned), ..verdict.evidence };
    let command = Command::RecordVerdict {
        check: run.check,
        attempt: run.attempt,
        spec: run.digest,
        inputs,
        outcome: verdict.outcome,
        evidence: Box::new(evidence),
    };
    (command, verdict.output.map(Blob::new))
}

fn moving(check: &str) -> Fault {
    Fault::new(
        CHECK_ERROR,
        format!("the working tree changed each time check `{check}` was run, so no verdict on it holds"),
    )
    .hint("let checks write only where git ignores it, then run again")
}

#[cfg(test)]
mod tests;
