//! `hooks pre-task`: whoever begins a task holds it from then on.

use clap::Args;
use engine::desk::Desk as _;
use model::command::{Command, Which};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::hooking::task_meant;
use crate::cli::working::{Terms, shown_lease};

#[derive(Debug, Args)]
pub(super) struct PreTask {
    /// What is about to be done, in your words; it may name the task
    #[arg(long, value_name = "TEXT")]
    description: String,
    /// The task
    #[arg(long, value_name = "KEY")]
    task_id: Option<String>,
}

impl PreTask {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let desk = opened.store.desk();
        let task = task_meant(call, &opened, self.task_id.as_deref(), &self.description)?;
        let id = task.id;
        let asker = call.request()?.by.actor;
        let own = task.holder(desk.now()).is_some_and(|(by, _)| by.actor == asker);
        if own {
            desk.submit(opened.id(), &call.request()?, Command::Beat(id))?;
        } else {
            // What somebody says they are about to do is a remark, unless it only names the task.
            let text = self.description.trim();
            let says_more = !text.is_empty() && !text.to_lowercase().ends_with(&task.title.to_lowercase());
            let note = says_more.then(|| Command::Note { task: id, text: text.to_owned() });
            call.take_and(&opened, &Asking::default(), Which::Task(id), Terms::default(), note)?;
        }
        let plan = desk.plan(opened.id())?;
        let Some(lease) = shown_lease(&opened, &plan, id) else { return Ok(()) };
        if call.ui.wants_json() {
            call.ui.json(&json!({
                "task": lease.task, "title": lease.title, "lease": lease, "renewed": own, "description": self.description,
            }));
            return Ok(());
        }
        let until = lens::words::moment(lease.until);
        call.ui.line(format!("{} is yours until {until}, grant {}", lease.task, lease.fence));
        if !lease.paths.is_empty() {
            call.ui.line(format!("it may write {}", lease.paths.join(", ")));
        }
        call.ui.note(format!("hint: see what it asks for with `countersign brief {}`", lease.task));
        Ok(())
    }
}
