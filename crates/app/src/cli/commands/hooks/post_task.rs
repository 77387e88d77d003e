//! `hooks post-task`: a task is handed in, its checks run, and they decide.

use clap::Args;
use engine::desk::{Desk as _, Request};
use model::command::Command;
use model::refusal::{GATE_SHUT, Refusal, TRUST_REQUIRED};
use model::task::{ClaimHow, TaskState};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::hooking::{Finished, finish};

#[derive(Debug, Args)]
pub(super) struct PostTask {
    /// The task
    #[arg(long, value_name = "KEY")]
    task_id: String,
    /// What was done, in your words
    #[arg(long, value_name = "TEXT", default_value = "")]
    summary: String,
}

impl PostTask {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.task_id)?;
        let (id, asker) = (task.id, call.request()?.by.actor);
        let own = task.lease().is_some() && task.worker() == Some(&asker);
        if own {
            call.hand_in(&opened, &Asking::default(), id, None, self.summary)?;
        } else if !matches!(task.state, TaskState::Claimed(_) | TaskState::Verified(_)) {
            // Whoever never took it gives their word, under the same rules as everybody.
            let claim = Command::Claim { task: id, how: ClaimHow::Verb };
            call.submit(&opened, &Asking::default(), claim)?;
        }
        let finished = finish(call, &opened, id)?;
        say(call, &finished);
        if finished.done {
            return Ok(());
        }
        if let Some(why) = &finished.not_run {
            return Err(Refusal::new(
                TRUST_REQUIRED,
                format!("task `{}` is handed in and not verified: {why}", finished.task),
            )
            .hint("a person looks at the commands with `countersign trust PLAN`, then `countersign verify`")
            .with("task", finished.task.as_str())
            .into());
        }
        // The rules themselves say why not.
        let verify = Command::Verify { task: id, inputs: finished.inputs };
        opened.store.desk().submit(opened.id(), &Request::system(), verify)?;
        Err(Refusal::new(GATE_SHUT, format!("task `{}` is {}", finished.task, finished.standing))
            .hint(format!("see why with `countersign show {}`", finished.task))
            .into())
    }
}

fn say(call: &Call, finished: &Finished) {
    if call.ui.wants_json() {
        call.ui.json(finished);
        return;
    }
    call.ui.line(format!("{}  {}", finished.task, finished.standing));
    for check in &finished.checks {
        call.ui.line(format!("  {}: {}, {}", check.name, check.verdict, check.summary));
    }
}
