//! `wait`: until a task stands as somebody needs it. The journal wakes it, so it returns as soon as
//! another process has recorded what it waits for.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use engine::desk::Desk as _;
use model::ids::TaskId;
use model::plan::Plan;
use model::refusal::{Refusal, TASK_STATE, VALUE_INVALID, WAIT_TIMEOUT};
use model::standing::Standing;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::{Opened, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb};
use crate::cli::waiting::Changes;
use crate::cli::working;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Wait>(
    "wait",
    Group::Agents,
    "waits until a task is verified, ready or done; ends with 124 where the time is over first",
    &[READS_STORE, NAMES_TASK, &[TASK_STATE, VALUE_INVALID, WAIT_TIMEOUT]],
);

#[derive(Debug, Args)]
struct Wait {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// What to wait for
    #[arg(long, value_name = "STANDING", value_enum, default_value = "verified")]
    until: Until,
    /// For how long at most: `30m`, `90s`, `2h`
    #[arg(long, value_name = "LENGTH", default_value = "30m")]
    timeout: String,
}

/// What can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    /// Its checks passed or are waived
    Verified,
    /// Nothing stands in its way, or somebody has begun it
    Ready,
    /// Verified, or claimed where nothing would prove it
    Done,
}

impl Until {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Ready => "ready",
            Self::Done => "done",
        }
    }

    fn is_reached(self, standing: Standing) -> bool {
        match self {
            Self::Verified => matches!(standing, Standing::Verified | Standing::Waived),
            Self::Ready => !matches!(standing, Standing::Blocked | Standing::Dropped),
            Self::Done => standing.is_done(),
        }
    }
}

impl Handler for Wait {
    fn run(self, call: &Call) -> Outcome {
        // No time at all: look once.
        let seconds = match self.timeout.trim() {
            "0" | "0s" => 0,
            length => working::seconds("--timeout", length)?,
        };
        let end = Instant::now() + Duration::from_secs(u64::from(seconds));
        let opened = call.open_recorded()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        // Watching begins before looking, so that nothing falls in between.
        let changes = Changes::of(&opened.store)?;
        let mut told = false;
        loop {
            let plan = opened.store.desk().plan(opened.id())?;
            let standing = standing(&plan, task, &opened)?;
            if self.until.is_reached(standing) {
                self.say(call, &plan, task, standing);
                return Ok(());
            }
            if !told {
                call.ui.step("waiting", format!("for `{}` to be {}", self.key, self.until.as_str()));
                told = true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.over(&plan, task, standing).into());
            }
            changes.wait(left)?;
        }
    }
}

impl Wait {
    fn say(&self, call: &Call, plan: &Plan, task: TaskId, standing: Standing) {
        let Some(task) = plan.task(task) else { return };
        if call.ui.wants_json() {
            call.ui.json(&json!({
                "key": task.key,
                "title": task.title,
                "until": self.until.as_str(),
                "standing": standing.as_str(),
                "seq": plan.seq,
            }));
        } else {
            call.ui.line(format!("{}  {}", task.key, standing.as_str()));
        }
    }

    fn over(&self, plan: &Plan, task: TaskId, standing: Standing) -> Refusal {
        let key = plan.task(task).map_or_else(|| self.key.clone(), |task| task.key.to_string());
        Refusal::new(
            WAIT_TIMEOUT,
            format!(
                "task `{key}` is not {} after {}: it is {}",
                self.until.as_str(),
                self.timeout.trim(),
                standing.as_str()
            ),
        )
        .hint(format!("see what holds it up with `countersign why {key}`"))
        .with("task", key)
        .with("standing", standing.as_str())
    }
}

/// How the task stands; one that was given up will never be what is waited for.
fn standing(plan: &Plan, id: TaskId, opened: &Opened) -> Outcome<Standing> {
    let Some(task) = plan.task(id) else { return Ok(Standing::Dropped) };
    let standing = plan.standing(task, opened.store.desk().now());
    if standing == Standing::Dropped {
        let no = Refusal::new(TASK_STATE, format!("task `{}` was given up, so waiting has no end", task.key))
            .hint(format!("see why with `countersign show {}`", task.key))
            .with("task", task.key.as_str());
        return Err(no.into());
    }
    Ok(standing)
}
