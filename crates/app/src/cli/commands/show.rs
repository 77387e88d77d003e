//! `show`: one task in full.

use clap::Args;
use lens::history::{Entry, TaskHistory};
use lens::record::Record;
use lens::views::show::show;
use model::ids::TaskId;

use crate::cli::call::Call;
use crate::cli::context::{Opened, find_task, task_not_found};
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Show>(
    "show",
    Group::Track,
    "shows a task in full: state, needs, checks with evidence, waivers, history",
    &[READS_STORE, NAMES_TASK],
)
.daily();

#[derive(Debug, Args)]
struct Show {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
}

impl Handler for Show {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        let history = history(&opened, task)?;
        let look = opened.look();
        let shown = show(&look, task, history).ok_or_else(|| task_not_found(&opened.plan, &self.key))?;
        call.show(&shown);
        Ok(())
    }
}

/// What happened to a task. Of a long history only the events that name it are understood.
fn history(opened: &Opened, task: TaskId) -> Outcome<Vec<Entry>> {
    let mut history = TaskHistory::of(&opened.plan, task);
    let ids = history.ids();
    let desk = opened.store.desk();
    desk.visit_naming(opened.id(), &ids, &mut |recorded| history.see(&Record::from(recorded)))?;
    Ok(history.into_entries())
}
