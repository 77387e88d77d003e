//! `beat`: the holder of a lease is alive.

use clap::Args;
use engine::desk::Desk as _;
use model::actor::Actor;
use model::command::Command;
use model::ids::{PlanId, TaskId};
use model::refusal::{AGENT_NOT_FOUND, LEASE_LOST, PATH_RESERVED, Refusal};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::find_task;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};
use crate::cli::working::shown_lease;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Beat>(
    "beat",
    Group::Agents,
    "says that you are alive, which renews your leases; tells you to stop where the plan was halted",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, WORKS_IN_SESSION, &[PATH_RESERVED, AGENT_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Beat {
    /// The tasks; the one the environment names, or else every one you hold
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
}

impl Handler for Beat {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_recorded_to_write()?;
        let named = self.keys.iter().map(|key| Ok(find_task(&opened.plan, key)?.id));
        let mut tasks: Vec<TaskId> = named.collect::<Outcome<_>>()?;
        if tasks.is_empty()
            && let Some(own) = call.config.task.value.as_deref()
        {
            tasks.push(find_task(&opened.plan, own)?.id);
        }
        if tasks.is_empty() {
            tasks.extend(call.held(&opened.plan)?.iter().map(|task| task.id));
        }
        let (desk, request) = (opened.store.desk(), call.request()?);
        if tasks.is_empty() {
            return match request.by.actor.clone() {
                Actor::Agent { agent, session } if agent.as_str() != session.as_str() => {
                    desk.submit(
                        PlanId::STORE,
                        &request,
                        Command::SeeAgent { session, agent, process: None },
                    )?;
                    call.ui.step("heard", "you hold no task");
                    Ok(())
                }
                _ => Err(Refusal::new(LEASE_LOST, "you hold no task under a lease")
                    .hint("take one with `countersign take --next`")
                    .into()),
            };
        }
        let commands: Vec<Command> = tasks.iter().copied().map(Command::Beat).collect();
        desk.submit_all(opened.id(), &request, "beat", &commands)?;
        let plan = desk.plan(opened.id())?;
        let halted = plan.halted.as_ref().map(|halt| halt.reason.as_str());
        let rows: Vec<_> = tasks.iter().filter_map(|task| shown_lease(&opened, &plan, *task)).collect();
        if call.ui.wants_json() {
            call.ui.json(&json!({ "leases": rows, "stop": halted.is_some(), "reason": halted }));
            return Ok(());
        }
        for row in &rows {
            call.ui.line(format!("{} is yours until {}", row.task, lens::words::moment(row.until)));
        }
        if let Some(reason) = halted {
            call.ui.warn(format!("stop: the plan was halted: {reason}"));
        }
        Ok(())
    }
}
