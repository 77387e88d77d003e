//! What setting a status takes where the document's word counts: the status is more than a label
//! there, it says that the work began, ended or has to begin anew.

use model::command::Command;
use model::draft::{Stated, Status};
use model::task::{ClaimHow, Task, TaskState};

/// The commands that bring a task where a status says it is.
pub(super) fn commands(task: &Task, status: &Status) -> Vec<Command> {
    let begun = task.has_begun();
    let done = matches!(task.state, TaskState::Claimed(_) | TaskState::Verified(_));
    let id = task.id;
    let again = || Command::Reopen { task: id, reason: format!("its status became `{}`", status.word) };
    match status.state {
        Stated::Open | Stated::Dropped if begun => vec![again()],
        Stated::Open | Stated::Dropped => Vec::new(),
        Stated::Active if done => vec![again(), Command::Start(id)],
        Stated::Active if begun => Vec::new(),
        Stated::Active => vec![Command::Start(id)],
        Stated::Claimed if done => Vec::new(),
        Stated::Claimed => vec![Command::Claim { task: id, how: ClaimHow::Document }],
    }
}
