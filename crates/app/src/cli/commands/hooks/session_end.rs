//! `hooks session-end`: a session ends, or an agent's part in one where others work on; what it
//! measured can be exported.

use std::path::Path;

use clap::Args;
use engine::desk::Desk as _;
use engine::sessions;
use engine::store::Store;
use lens::look::Look;
use lens::page::Answer as _;
use lens::record::Record;
use lens::views::session_metrics::{SessionMetrics, SessionMetricsView};
use model::actor::Actor;
use model::command::Command;
use model::commons::{Commons, Session};
use model::ids::{AgentId, SessionId};
use model::lease::LeaseEnd;
use model::plan::Plan;
use model::refusal::{Refusal, SESSION_NOT_FOUND};
use model::ruling::commons::no_session;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::{files, working};

#[derive(Debug, Args)]
pub(super) struct SessionEnd {
    /// Exports baseline, final value, delta and source of each metric, for this session alone: into a
    /// file, or with `true` beside everything else that is printed
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "true")]
    export_metrics: Option<String>,
    /// The session; yours, or the only one that is open, where none is named
    #[arg(long, value_name = "ID")]
    session_id: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

impl SessionEnd {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let store = call.store_to_write()?;
        let desk = store.desk();
        let commons = desk.commons()?;
        let id = meant(call, &commons, self.session_id.as_deref())?;
        let known = commons.session(&id).ok_or_else(|| no_session(&id))?;
        let plan = match &known.plan {
            Some(key) => Some(call.plan_named(&store, key.as_str())?),
            None if call.config.plan.value.is_none() && desk.plans()?.is_empty() => None,
            None => Some(call.plan_of(&store)?),
        };
        let request = call.request()?;
        let mut left = Vec::new();
        if let Actor::Agent { agent, session } = &request.by.actor
            && *session == id
        {
            left = others_at_work(&commons, known, agent, plan.as_deref(), desk.now());
            if let (false, Some(plan)) = (left.is_empty(), &plan) {
                give_back(call, &store, plan)?;
            }
        }
        if left.is_empty() {
            sessions::end(desk, &request, &id, &self.reason, false)?;
        }
        // As they are now, with what was given back.
        let commons = desk.commons()?;
        let known = commons.session(&id).ok_or_else(|| no_session(&id))?;
        let exported = match (&self.export_metrics, &plan) {
            (Some(_), Some(plan)) => Some(measured(&store, &*desk.plan(plan.id)?, known)?),
            _ => None,
        };
        self.export(call, exported.as_ref())?;
        if call.ui.wants_json() {
            let file = self.export_metrics.as_deref().filter(|file| *file != "true");
            call.ui.json(&json!({
                "session": id,
                "ended": known.ended.as_ref().map(|ended| ended.at),
                "still_at_work": left,
                "file": file,
                "metrics": exported,
            }));
            return Ok(());
        }
        match left.is_empty() {
            true => call.ui.line(format!("session {id} has ended")),
            false => call
                .ui
                .line(format!("your part in session {id} is over; it stays open for {}", left.join(", "))),
        }
        Ok(())
    }

    fn export(&self, call: &Call, metrics: Option<&SessionMetrics>) -> Outcome {
        let (Some(target), Some(metrics)) = (self.export_metrics.as_deref(), metrics) else {
            if self.export_metrics.is_some() {
                call.ui.warn("there is no plan, so nothing was measured");
            }
            return Ok(());
        };
        if target == "true" {
            if !call.ui.wants_json() {
                call.ui.page(&metrics.page());
            }
            return Ok(());
        }
        if target == "false" {
            return Ok(());
        }
        let path = Path::new(target);
        let mut bytes = serde_json::to_vec_pretty(metrics)
            .map_err(|error| files::unwritten(path, &std::io::Error::other(error)))?;
        bytes.push(b'\n');
        files::put(path, &bytes).map_err(|error| files::unwritten(path, &error))?;
        call.ui.note(format!("wrote `{target}`"));
        Ok(())
    }
}

/// The session that is meant: the one that was named, else the asker's own, else the only one open.
fn meant(call: &Call, commons: &Commons, named: Option<&str>) -> Outcome<SessionId> {
    if let Some(named) = named.or(call.config.session.value.as_deref()) {
        return Ok(working::session(named)?);
    }
    if let Actor::Agent { session, .. } = call.request()?.by.actor
        && commons.session(&session).is_some()
    {
        return Ok(session);
    }
    let mut open = working::open_sessions(commons);
    match (open.next(), open.next()) {
        (Some(only), None) => Ok(only.id.clone()),
        (None, _) => Err(Refusal::new(SESSION_NOT_FOUND, "no session is open")
            .hint("see them all with `countersign session list --all`")
            .into()),
        _ => Err(Stop::usage("several sessions are open; name one with `--session-id ID`").into()),
    }
}

/// Who of a session is not done yet: they hold a task, or are bound to one that is not done.
fn others_at_work(
    commons: &Commons,
    session: &Session,
    asker: &AgentId,
    plan: Option<&Plan>,
    now: jiff::Timestamp,
) -> Vec<String> {
    let Some(plan) = plan else { return Vec::new() };
    let _ = commons;
    let others = session.members.iter().filter(|member| member.agent != *asker);
    let busy = others.filter(|member| {
        let holds = plan.tasks.iter().filter_map(|task| task.holder(now)).any(|(by, _)| {
            matches!(&by.actor, Actor::Agent { agent, session: own } if *agent == member.agent && *own == session.id)
        });
        let bound = member.task.as_ref().and_then(|key| plan.task_by_key(key));
        holds || bound.is_some_and(|task| !task.is_dropped() && !plan.standing(task, now).is_done())
    });
    busy.map(|member| member.agent.to_string()).collect()
}

/// Gives back what the asker holds.
fn give_back(call: &Call, store: &Store, plan: &Plan) -> Outcome {
    for task in call.held(plan)? {
        let reason = "its agent's part in the session is over".to_owned();
        let release = Command::Release { task: task.id, how: LeaseEnd::Released, reason };
        store.desk().submit(plan.id, &call.request()?, release)?;
    }
    Ok(())
}

fn measured(store: &Store, plan: &Plan, session: &Session) -> Outcome<SessionMetrics> {
    let look = Look::new(plan, store.desk().now());
    let mut view = SessionMetricsView::new(&look, session);
    store.desk().visit(plan.id, &SessionMetricsView::wants, &mut |recorded| {
        view.see(&Record::from(recorded));
    })?;
    Ok(view.answer())
}
