//! `hooks agent-event`: what a coding agent's settings call. It says on standard input, as JSON, what
//! it has begun, is about to do, has done, or that it wants to stop.
//!
//! A deliberate no is exit status 2 with one line on standard error, which every coding agent shows
//! to its model. Whatever else goes wrong here is status 1, which none of them takes for a no: a
//! hook that cannot look is not a gate. The gate is where work is verified, and that one fails closed.

mod beginning;
mod stopping;
mod writing;

use clap::Args;
use engine::desk::Desk as _;
use engine::store::Store;
use formats::coding_agents::coding_agent;
use model::plan::Plan;
use model::refusal::{INTERNAL_FAULT, Refusal, USAGE_INVALID, VALUE_INVALID};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::cli::call::Call;
use crate::cli::context::Opened;
use crate::cli::error::{Outcome, Stop};
use crate::cli::ui::{Ui, Wishes};
use crate::config::{Origin, Setting};

#[derive(Debug, Args)]
pub(super) struct AgentEvent {
    // Not called `agent`: that is the name of an option of every verb.
    /// The coding agent
    #[arg(long = "for", value_name = "AGENT")]
    kind: String,
    /// So often in a row an agent whose checks fail is kept from stopping
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    stops: u32,
}

/// What a coding agent says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    hook_event_name: String,
    session_id: String,
    cwd: String,
    tool_input: Value,
    stop_hook_active: bool,
}

/// What it is told.
enum Answer {
    /// Nothing.
    Go,
    /// No, and why, in a line.
    No(String),
    /// Something for whoever sits before it.
    Tell(String),
    /// Something for its model to know.
    Know(&'static str, String),
}

impl AgentEvent {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let agent = coding_agent(&self.kind).ok_or_else(|| {
            Refusal::new(VALUE_INVALID, format!("nothing is known of the hooks of `{}`", self.kind))
        })?;
        let answer = match self.answer(call, agent.name) {
            Ok(answer) => answer,
            Err(stop) => {
                let why = match &stop {
                    Stop::Refused(no) => no.message.as_str(),
                    Stop::Fault(fault) => fault.message.as_str(),
                    Stop::Said(code) => code,
                };
                call.ui.message(&format!("countersign could not look: {}", one_line(why)));
                return Err(Stop::Said(INTERNAL_FAULT));
            }
        };
        match answer {
            Answer::Go => Ok(()),
            Answer::No(why) => {
                call.ui.message(&one_line(&why));
                Err(Stop::Said(USAGE_INVALID))
            }
            Answer::Tell(text) => {
                call.ui.json(&json!({ "systemMessage": one_line(&text) }));
                Ok(())
            }
            Answer::Know(event, text) => {
                let told = json!({ "hookEventName": event, "additionalContext": text });
                call.ui.json(&json!({ "hookSpecificOutput": told }));
                Ok(())
            }
        }
    }

    fn answer(&self, call: &Call, name: &str) -> Outcome<Answer> {
        let input = call.read_file("-")?;
        let said: Said = serde_json::from_slice(&input).map_err(|error| {
            Refusal::new(VALUE_INVALID, format!("what the coding agent says is no JSON: {error}"))
        })?;
        if !said.cwd.is_empty() {
            std::env::set_current_dir(&said.cwd).map_err(|error| Stop::file(&said.cwd, "used", &error))?;
        }
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        // Where nothing is kept there is nothing to keep to.
        if !call.place(&here)?.exists {
            return Ok(Answer::Go);
        }
        let (inner, derived) = acting(call, name, &said.session_id);
        match said.hook_event_name.as_str() {
            "SessionStart" => beginning::begins(&inner, derived),
            "PreToolUse" | "BeforeTool" => writing::is_about_to(&inner, &said.tool_input),
            "PostToolUse" | "AfterTool" => writing::has_written(&inner, &said.tool_input),
            "Stop" | "AfterAgent" => stopping::wants_to_stop(&inner, said.stop_hook_active, self.stops),
            "SessionEnd" if derived => beginning::ends(&inner),
            _ => Ok(Answer::Go),
        }
    }
}

/// The same call, by the coding agent: as the environment names it, else by its kind and its own
/// session. Also says whether the session is its own.
fn acting(call: &Call, name: &str, session: &str) -> (Call, bool) {
    let mut config = call.config.clone();
    let derived = config.agent.value.is_none() && config.session.value.is_none();
    let own = |text: &str| Setting { value: Some(text.to_owned()), origin: Origin::Default };
    if config.agent.value.is_none() {
        config.agent = own(name);
    }
    if derived && !session.trim().is_empty() {
        config.session = own(session);
    }
    let quiet = Wishes { json: false, quiet: true, no_color: true };
    (Call::new(Ui::new(quiet), config), derived)
}

/// Every plan that is worked on, or the one that is named.
fn plans(call: &Call, store: &Store) -> Outcome<Vec<Arc<Plan>>> {
    if call.config.plan.value.is_some() {
        return Ok(vec![call.plan_of(store)?]);
    }
    let mut plans = Vec::new();
    for line in store.desk().plans()? {
        let plan = store.desk().plan(line.id)?;
        // The program ends with its answer; taking a large plan apart first would only take time.
        std::mem::forget(Arc::clone(&plan));
        if !plan.settings.archived {
            plans.push(plan);
        }
    }
    Ok(plans)
}

/// The first plan of which something is true, opened.
fn plan_where(call: &Call, store: Store, is_it: impl Fn(&Plan) -> Outcome<bool>) -> Outcome<Option<Opened>> {
    for plan in plans(call, &store)? {
        if is_it(&plan)? {
            return Ok(Some(Opened::new(store, plan)));
        }
    }
    Ok(None)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
