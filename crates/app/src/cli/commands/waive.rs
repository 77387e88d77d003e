//! `waive`: somebody asks for an exception for one check.

use clap::Args;
use model::command::Command;
use model::event::Event;
use model::gate::Subject;
use model::ids::{CheckId, TaskId};
use model::plan::Plan;
use model::refusal::{CHECK_NOT_FOUND, GATE_NOT_FOUND, WAIVER_NEVER, WAIVER_SELF_APPROVED};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_check, find_subject, find_task};
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Waive>(
    "waive",
    Group::Prove,
    "asks for an exception for one check, until a date; a person other than you grants it",
    &[
        READS_STORE,
        WRITES_STORE,
        NAMES_TASK,
        PERSON_ONLY,
        &[CHECK_NOT_FOUND, GATE_NOT_FOUND, WAIVER_NEVER, WAIVER_SELF_APPROVED],
    ],
);

#[derive(Debug, Args)]
struct Waive {
    /// The task or gate that the check guards
    #[arg(value_name = "KEY")]
    key: String,
    /// Which check, or the key of what need not be done first; may be left out where there is one
    /// check only
    #[arg(long, value_name = "CHECK")]
    check: Option<String>,
    /// Why the check need not pass for now
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// When the exception ends: a date, a moment (RFC 3339), or a length such as `+7d`
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    until: String,
    /// Grants it in the same breath, on a plan of one person (`solo`)
    #[arg(long)]
    approve: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Waive {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let look = opened.look();
        let subject = find_subject(&look, &self.key)?;
        let waived = match find_check(&opened.plan, subject, self.check.as_deref()) {
            Ok(check) => Waived::Check(check.id),
            Err(no) => match self.check.and_then(|named| need(&opened.plan, subject, &named)) {
                Some((task, need)) => Waived::Need(task, need),
                None => return Err(no.into()),
            },
        };
        let until = values::moment("--until", &self.until, look.now)?;
        let (reason, approve) = (self.reason, self.approve);
        let command = match waived {
            Waived::Check(check) => Command::Waive { check, reason, until, approve },
            Waived::Need(task, need) => Command::WaiveNeed { task, need, reason, until, approve },
        };
        let done = call.submit(&opened, &self.asking, command)?;
        done.say(call, &*engine::desk::Desk::plan(&**opened.store.desk(), opened.id())?);
        let asked = done.receipt.events.iter().find_map(|event| match event {
            Event::WaiverRequested { waiver, .. } => Some(waiver),
            _ => None,
        });
        if let Some(waiver) = asked.filter(|_| !approve && !call.ui.wants_json()) {
            call.ui.line(format!("it counts once another person runs `countersign approve waiver {waiver}`"));
        }
        Ok(())
    }
}

/// What the exception is for.
enum Waived {
    Check(CheckId),
    Need(TaskId, TaskId),
}

/// The need that is meant, where a task's need is named instead of a check.
fn need(plan: &Plan, subject: Subject, named: &str) -> Option<(TaskId, TaskId)> {
    let Subject::Task(task) = subject else { return None };
    let need = find_task(plan, named).ok()?.id;
    plan.task(task)?.needs.contains(&need).then_some((task, need))
}
