//! `approve`: a person puts their name to something: a check that asks for it, a task that nothing
//! else would prove, a waiver, a weakening, a rebaseline.

use clap::Args;
use model::command::Command;
use model::gate::{Loosened, Subject};
use model::ids::WaiverId;
use model::plan::Plan;
use model::refusal::{
    APPROVAL_SELF, CHECK_NOT_FOUND, DEPENDENCY_UNMET, GATE_NOT_FOUND, GATE_SHUT, Refusal, TASK_STATE,
    WAIVER_EXPIRED, WAIVER_NEVER, WAIVER_NOT_FOUND, WAIVER_SCOPE, WAIVER_SELF_APPROVED,
};

use crate::cli::call::Call;
use crate::cli::context::{Asking, Opened, find_check, find_subject, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Approve>(
    "approve",
    Group::Prove,
    "puts a person's name to a task, a check, a waiver, a weakening or a rebaseline",
    &[
        READS_STORE,
        WRITES_STORE,
        NAMES_TASK,
        PERSON_ONLY,
        &[TASK_STATE, DEPENDENCY_UNMET, GATE_SHUT, GATE_NOT_FOUND, CHECK_NOT_FOUND, APPROVAL_SELF],
        &[WAIVER_NOT_FOUND, WAIVER_SELF_APPROVED, WAIVER_NEVER, WAIVER_EXPIRED, WAIVER_SCOPE],
    ],
)
.daily();

#[derive(Debug, Args)]
#[command(after_help = "\
approve KEY                      a task, a gate, `exit of PHASE`, `success criteria`
approve waiver ID                an exception somebody asked for
approve weakening KEY [CHECK]    a check or criterion that a revision loosens; `settings` for settings
approve rebaseline KEY --role R  a changed date, window or estimate")]
struct Approve {
    /// What is approved: a key, or `waiver ID`, `weakening KEY [CHECK]`, `rebaseline KEY`
    #[arg(value_name = "WHAT", required = true, num_args = 1..=3)]
    what: Vec<String>,
    /// Which approval, where several are asked for
    #[arg(long, value_name = "CHECK")]
    check: Option<String>,
    /// In which role
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Approve {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let command = self.command(&opened)?;
        call.submit_and_say(&opened, &self.asking, command)
    }
}

impl Approve {
    fn command(&self, opened: &Opened) -> Outcome<Command> {
        let words: Vec<&str> = self.what.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["waiver", id] => Ok(Command::ApproveWaiver(waiver(id)?)),
            ["weakening", key] => weakening(opened, key, self.check.as_deref()),
            ["weakening", key, check] => weakening(opened, key, Some(check)),
            ["rebaseline", key] => {
                let task = find_task(&opened.plan, key)?.id;
                let Some(role) = self.role.clone() else {
                    return Err(Stop::usage("say in which role you approve the rebaseline")
                        .hint("such as `--role owner`")
                        .into());
                };
                Ok(Command::ApproveRebaseline { task, role })
            }
            [key] => {
                let subject = find_subject(&opened.look(), key)?;
                if let Some(check) = &self.check {
                    find_check(&opened.plan, subject, Some(check))?;
                }
                Ok(Command::Approve { subject, check: self.check.clone(), role: self.role.clone() })
            }
            [first, rest @ ..] => {
                Err(Stop::usage(format!("`{first}` cannot be approved with `{}`", rest.join(" ")))
                    .hint("see `countersign approve --help`; a name of several words needs quotes")
                    .into())
            }
            [] => Err(Stop::usage("say what is approved").into()),
        }
    }
}

/// A waiver's id.
pub(super) fn waiver(text: &str) -> Result<WaiverId, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(WAIVER_NOT_FOUND, format!("`{text}` is not the id of a waiver"))
            .hint("see them all with `countersign waivers`")
    })
}

fn weakening(opened: &Opened, key: &str, check: Option<&str>) -> Outcome<Command> {
    if key == "settings" && check.is_none() {
        return Ok(Command::ApproveWeakening(Loosened::Settings));
    }
    let subject = find_subject(&opened.look(), key)?;
    let loosened = match check {
        Some("criteria") => Loosened::Criteria(subject),
        Some(check) => Loosened::Check(find_check(&opened.plan, subject, Some(check))?.id),
        None => only_weakening(&opened.plan, subject)?,
    };
    Ok(Command::ApproveWeakening(loosened))
}

/// What of a gate waits to be loosened, where that is one thing.
fn only_weakening(plan: &Plan, subject: Subject) -> Result<Loosened, Refusal> {
    let what = plan.subject_name(subject);
    let gate = plan.gate(subject);
    let checks = gate.into_iter().flat_map(|gate| &gate.checks).filter(|check| check.weakening.is_some());
    let mut waiting: Vec<(Loosened, &str)> =
        checks.map(|check| (Loosened::Check(check.id), check.spec.name.as_str())).collect();
    if gate.is_some_and(|gate| gate.stated.iter().any(|stated| stated.removed.is_some())) {
        waiting.push((Loosened::Criteria(subject), "criteria"));
    }
    match waiting.as_slice() {
        [(only, _)] => Ok(*only),
        [] => Err(Refusal::new(TASK_STATE, format!("no weakening of `{what}` waits for approval"))
            .hint("see what a revision loosens with `countersign diff`")),
        several => {
            let names: Vec<&str> = several.iter().map(|(_, name)| *name).collect();
            Err(Stop::usage(format!("several weakenings of `{what}` wait for approval"))
                .hint(format!("say which: `{}`", names.join("`, `"))))
        }
    }
}
