//! Sessions and agents of a store: who takes part, who is active, what has ended and why.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use model::commons::{Agent, Commons, FRESH_SECONDS, Member, Process, Session};
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, count_of, moment};

/// What is known of the world for telling who is active.
#[derive(Clone, Copy)]
pub struct Present<'a> {
    /// The time.
    pub now: Timestamp,
    /// Whether a process still runs.
    pub alive: &'a dyn Fn(&Process) -> bool,
}

/// Sessions of a store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sessions<'a> {
    /// In the order they began.
    pub sessions: Vec<SessionRow<'a>>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionRow<'a> {
    /// Its name.
    pub id: &'a str,
    /// `open`, `stuck`, `ended` or `closed`.
    pub state: &'static str,
    /// Why it ended.
    pub reason: Option<&'a str>,
    /// The plan it is about.
    pub plan: Option<&'a str>,
    /// How its agents stand to each other.
    pub topology: Option<&'a str>,
    /// How many may join.
    pub max_agents: Option<u32>,
    /// After so many seconds of silence it counts as stuck.
    pub silence_seconds: u32,
    /// Since when.
    pub since: Timestamp,
    /// When it was last heard of.
    pub last: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Who began it.
    pub by: Who,
    /// Who takes part.
    pub agents: Vec<MemberRow<'a>>,
}

/// An agent's part in a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberRow<'a> {
    /// Its name.
    pub agent: &'a str,
    /// In which role.
    pub role: Option<&'a str>,
    /// The task it is bound to.
    pub task: Option<&'a str>,
    /// The file that describes that task.
    pub task_file: Option<&'a str>,
    /// Whether its process runs, or it was heard of lately.
    pub active: bool,
    /// When it was last heard of itself.
    pub seen: Option<Timestamp>,
    /// The process it runs as.
    pub process: Option<&'a Process>,
}

/// Agents of a store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agents<'a> {
    /// In the order they registered.
    pub agents: Vec<AgentRow<'a>>,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentRow<'a> {
    /// Its name.
    pub id: &'a str,
    /// The roles it takes; none: any.
    pub roles: &'a BTreeSet<String>,
    /// How it is started.
    pub command: Option<&'a str>,
    /// Which model it runs on.
    pub model: Option<&'a str>,
    /// Whether it is active in some open session.
    pub active: bool,
    /// The open sessions it takes part in.
    pub sessions: Vec<&'a str>,
    /// When it was last heard of.
    pub seen: Option<Timestamp>,
    /// Since when it is registered.
    pub since: Timestamp,
}

/// Sessions, only those that are open unless all are wanted.
pub fn sessions<'a>(commons: &'a Commons, present: Present<'_>, all: bool) -> Sessions<'a> {
    let shown = commons.sessions.iter().filter(|session| all || session.is_open());
    Sessions { sessions: shown.map(|known| session(known, present)).collect() }
}

/// One session.
pub fn session<'a>(known: &'a Session, present: Present<'_>) -> SessionRow<'a> {
    let state = match &known.ended {
        Some(ended) if ended.stuck => "closed",
        Some(_) => "ended",
        None if known.is_stuck(present.now) => "stuck",
        None => "open",
    };
    let members = known.members.iter().map(|member| MemberRow {
        agent: member.agent.as_str(),
        role: member.role.as_deref(),
        task: member.task.as_ref().map(|key| key.as_str()),
        task_file: member.task_file.as_deref(),
        active: known.is_open() && is_active(member, present),
        seen: member.seen,
        process: member.process.as_ref(),
    });
    SessionRow {
        id: known.id.as_str(),
        state,
        reason: known.ended.as_ref().map(|ended| ended.reason.as_str()),
        plan: known.plan.as_ref().map(|key| key.as_str()),
        topology: known.topology.as_deref(),
        max_agents: known.max_agents,
        silence_seconds: known.silence_seconds,
        since: known.since,
        last: known.last,
        ended: known.ended.as_ref().map(|ended| ended.at),
        by: Who::from(&known.by),
        agents: members.collect(),
    }
}

/// Registered agents.
pub fn agents<'a>(commons: &'a Commons, present: Present<'_>) -> Agents<'a> {
    Agents { agents: commons.agents.iter().map(|agent| row(commons, agent, present)).collect() }
}

fn row<'a>(commons: &'a Commons, agent: &'a Agent, present: Present<'_>) -> AgentRow<'a> {
    let parts = || {
        let open = commons.sessions.iter().filter(|session| session.is_open());
        open.filter_map(|session| Some((session, session.member(&agent.id)?)))
    };
    AgentRow {
        id: agent.id.as_str(),
        roles: &agent.card.roles,
        command: agent.card.command.as_deref(),
        model: agent.card.model.as_deref(),
        active: parts().any(|(_, member)| is_active(member, present)),
        sessions: parts().map(|(session, _)| session.id.as_str()).collect(),
        seen: parts().filter_map(|(_, member)| member.seen).max(),
        since: agent.since,
    }
}

/// A process that runs, or a fresh sign of life; that it was started once says nothing.
fn is_active(member: &Member, present: Present<'_>) -> bool {
    if let Some(process) = &member.process {
        return (present.alive)(process);
    }
    let fresh = SignedDuration::from_secs(FRESH_SECONDS);
    member.seen.is_some_and(|seen| present.now.duration_since(seen) <= fresh)
}

impl Answer for Sessions<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.sessions.is_empty() {
            page.paragraph("no session is open");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Session"),
            Column::text("State"),
            Column::text("Plan"),
            Column::text("Agents"),
            Column::whole("Since"),
            Column::whole("Last heard of"),
            Column::text("Reason"),
        ]);
        for row in &self.sessions {
            let active = row.agents.iter().filter(|agent| agent.active).count();
            let room = row.max_agents.map_or(String::new(), |most| format!(" of at most {most}"));
            table.row([
                Cell::from(row.id),
                state_cell(row.state),
                row.plan.unwrap_or_default().into(),
                format!("{active} active, {}{room}", count_of(row.agents.len(), "agent")).into(),
                moment(row.since).into(),
                moment(row.last).into(),
                row.reason.unwrap_or_default().into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}

fn state_cell(state: &'static str) -> Cell {
    match state {
        "open" => Tone::Good.cell(state),
        "stuck" | "closed" => Tone::Bad.cell(state),
        _ => state.into(),
    }
}

impl Answer for SessionRow<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.title(format!("session {}", self.id));
        let mut facts = vec![
            ("state", state_cell(self.state)),
            ("since", moment(self.since).into()),
            ("by", self.by.with_known().into()),
            ("last heard of", moment(self.last).into()),
        ];
        let more = [
            ("reason", self.reason.map(str::to_owned)),
            ("plan", self.plan.map(str::to_owned)),
            ("topology", self.topology.map(str::to_owned)),
            ("room for", self.max_agents.map(|most| count_of(most as usize, "agent"))),
        ];
        facts.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?.into()))));
        page.facts(facts);
        if self.agents.is_empty() {
            page.paragraph("no agent has joined");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Agent"),
            Column::text("Role"),
            Column::whole("Task"),
            Column::text("Active"),
            Column::whole("Last heard of"),
        ]);
        for member in &self.agents {
            table.row([
                Cell::from(member.agent),
                member.role.unwrap_or_default().into(),
                member.task.unwrap_or_default().into(),
                if member.active { Tone::Good.cell("yes") } else { "no".into() },
                member.seen.map(moment).unwrap_or_default().into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}

impl Answer for Agents<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.agents.is_empty() {
            page.paragraph("no agent is registered");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Agent"),
            Column::text("Roles"),
            Column::text("Active"),
            Column::text("Sessions"),
            Column::whole("Last heard of"),
            Column::text("Command"),
        ]);
        for row in &self.agents {
            let roles: Vec<&str> = row.roles.iter().map(String::as_str).collect();
            table.row([
                Cell::from(row.id),
                if roles.is_empty() { "any".into() } else { roles.join(", ").into() },
                if row.active { Tone::Good.cell("yes") } else { "no".into() },
                row.sessions.join(", ").into(),
                row.seen.map(moment).unwrap_or_default().into(),
                row.command.unwrap_or_default().into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}
