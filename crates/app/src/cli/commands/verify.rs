//! `verify`: runs the checks of tasks, also those with a verdict that still counts, and
//! countersigns what they let through.

use clap::Args;
use engine::desk::{Desk as _, Request};
use lens::page::Answer as _;
use lens::views::verdict::verdict;
use model::command::Command;
use model::digest::Digest;
use model::ids::TaskId;
use model::plan::Plan;
use model::refusal::{
    CHECK_ERROR, CONFIG_INVALID, DEPENDENCY_UNMET, FILE_NOT_FOUND, GATE_SHUT, PLAN_INVALID, TASK_STATE,
    TRUST_REQUIRED, WAIVER_EXPIRED, WEAKENING_UNAPPROVED,
};
use model::standing::Standing;
use serde_json::json;

use super::run::at_once;
use crate::cli::call::Call;
use crate::cli::context::{Opened, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::proving::{TrustWish, check_everything, check_tasks};
use crate::cli::syncing::follows;
use crate::cli::verb::{Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, TAKES_IN, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Verify>(
    "verify",
    Group::Prove,
    "runs the checks of tasks and countersigns what they let through",
    &[
        &[
            FILE_NOT_FOUND,
            PLAN_INVALID,
            CONFIG_INVALID,
            GATE_SHUT,
            CHECK_ERROR,
            DEPENDENCY_UNMET,
            TASK_STATE,
            TRUST_REQUIRED,
            WAIVER_EXPIRED,
            WEAKENING_UNAPPROVED,
        ],
        NAMES_TASK,
        TAKES_IN,
        READS_STORE,
        WRITES_STORE,
        PERSON_ONLY,
    ],
)
.daily();

#[derive(Debug, Args)]
struct Verify {
    /// Keys of tasks; without any, everything outstanding
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// Trusts the plan's commands: for plans of your own
    #[arg(long, conflicts_with = "locked")]
    trust: bool,
    /// Runs exactly the commands that `countersign.lock` allows, and asks nobody
    #[arg(long)]
    locked: bool,
    /// Runs this many checks at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

impl Handler for Verify {
    fn run(self, call: &Call) -> Outcome {
        let mut opened = call.open_to_write()?;
        let store = &opened.store;
        let id = opened.plan.id;
        let follows = follows(&opened.plan);
        if follows {
            call.take_in_or_stop(store, id)?;
        }
        opened.plan = store.desk().plan(id)?;
        let tasks: Vec<TaskId> = self
            .keys
            .iter()
            .map(|key| find_task(&opened.plan, key).map(|task| task.id))
            .collect::<Result<_, _>>()?;
        let wish = match (self.trust, self.locked) {
            (true, _) => TrustWish::Give,
            (_, true) => TrustWish::Locked,
            _ => TrustWish::Ask,
        };
        let jobs = at_once(self.jobs);
        if tasks.is_empty() {
            check_everything(call, store, id, wish, jobs)?;
            if follows && !self.locked {
                call.write_back(store, id)?;
            }
            opened.plan = store.desk().plan(id)?;
            return whole_plan(call, &opened.look());
        }
        let checked = check_tasks(call, store, id, &tasks, wish, jobs)?;
        if follows && !self.locked {
            call.write_back(store, id)?;
        }
        opened.plan = store.desk().plan(id)?;
        named_tasks(call, &opened.plan, &tasks, opened.store.desk().now())?;
        if let Some(refusal) = checked.done.refused.into_iter().next() {
            return Err(refusal.into());
        }
        shut(&opened, &tasks, checked.done.inputs)
    }
}

fn whole_plan(call: &Call, look: &lens::look::Look<'_>) -> Outcome {
    let verdict = verdict(look);
    if call.ui.wants_json() {
        call.ui.json(&json!({ "verdict": verdict }));
    } else {
        call.ui.page(&verdict.page());
    }
    if verdict.verdict == "NOT COMPLETE" { Err(Stop::Said(GATE_SHUT)) } else { Ok(()) }
}

fn named_tasks(call: &Call, plan: &Plan, tasks: &[TaskId], now: jiff::Timestamp) -> Outcome {
    let rows: Vec<_> = tasks
        .iter()
        .filter_map(|id| plan.task(*id))
        .map(|task| (task.key.as_str(), plan.standing(task, now).as_str()))
        .collect();
    if call.ui.wants_json() {
        let rows: Vec<_> =
            rows.iter().map(|(key, standing)| json!({ "key": key, "standing": standing })).collect();
        call.ui.json(&json!({ "tasks": rows }));
    } else {
        for (key, standing) in rows {
            call.ui.line(format!("{key}  {standing}"));
        }
    }
    Ok(())
}

/// Refuses where a task that was asked for is not countersigned: asks for that, so that the rules
/// themselves say why not.
fn shut(opened: &Opened, tasks: &[TaskId], inputs: Digest) -> Outcome {
    let (store, plan) = (&opened.store, &opened.plan);
    let now = store.desk().now();
    for id in tasks {
        let standing = plan.task(*id).map(|task| plan.standing(task, now));
        if !matches!(standing, Some(Standing::Verified | Standing::Waived)) {
            store.desk().submit(plan.id, &Request::system(), Command::Verify { task: *id, inputs })?;
        }
    }
    Ok(())
}
