//! To whom a message goes: one reading of names for everything that sends.
//!
//! A plain name must be somebody's: a message to nobody would look as if it had arrived. Whoever
//! knows better says what the name is of, as `role:NAME` or `person:NAME`.

use std::cell::Cell;

use engine::desk::Desk as _;
use engine::store::Store;
use model::actor::Actor;
use model::commons::{Commons, Recipient};
use model::draft::OwnerRole;
use model::ids::{PersonId, PlanId, SessionId};
use model::lease::same_role;
use model::refusal::{AGENT_NOT_FOUND, Refusal, VALUE_INVALID};

use super::call::Call;
use super::error::{Outcome, Stop};
use super::usage::nearest;
use super::working;

/// Names that mean everybody.
const EVERYBODY: [&str; 3] = ["everybody", "all", "*"];

/// Whom somebody means: everybody, what the name says it is of, else an agent before a session
/// before a role before a person.
pub fn recipient(call: &Call, store: &Store, to: &str) -> Outcome<Recipient> {
    let to = to.trim();
    if EVERYBODY.iter().any(|word| to.eq_ignore_ascii_case(word)) {
        return Ok(Recipient::Everybody);
    }
    if let Some(said) = said(to)? {
        return Ok(said);
    }
    let commons = store.desk().commons()?;
    let names = Names::of(store, &commons)?;
    if let Some(found) = names.find(to) {
        return Ok(found);
    }
    if acted(call, store, to)? {
        return Ok(Recipient::Name(to.to_owned()));
    }
    let no = Refusal::new(
        AGENT_NOT_FOUND,
        format!("nobody is called `{to}`: no agent, session, role or person this store knows"),
    )
    .with("to", to);
    let person = format!("for a person who is not known yet say `person:{to}`");
    Err(match nearest(to, names.all()) {
        Some(near) => no.hint(format!("did you mean `{near}`? {person}")),
        None => no.hint(format!("see who takes part with `countersign agent list`; {person}")),
    }
    .into())
}

/// What a name says itself it is of.
fn said(to: &str) -> Outcome<Option<Recipient>> {
    let named = |name: &str| match name.trim() {
        "" => Err(Stop::usage(format!("`{to}` names nobody"))
            .hint("a name, `role:NAME`, `session:ID` or `person:NAME`")),
        name => Ok(name.to_owned()),
    };
    Ok(match to.split_once(':') {
        Some(("role", role)) => Some(Recipient::Role(named(role)?)),
        Some(("session", session)) => Some(Recipient::Session(working::session(&named(session)?)?)),
        Some(("person", person)) => {
            let person =
                PersonId::new(&named(person)?).map_err(|bad| Refusal::new(VALUE_INVALID, bad.to_string()))?;
            Some(Recipient::Name(person.to_string()))
        }
        _ => {
            named(to)?;
            None
        }
    })
}

/// Every name that somebody or something has, as far as state tells.
struct Names {
    agents: Vec<String>,
    sessions: Vec<SessionId>,
    roles: Vec<String>,
    people: Vec<String>,
}

impl Names {
    fn of(store: &Store, commons: &Commons) -> Outcome<Self> {
        let members = || commons.sessions.iter().flat_map(|session| &session.members);
        let mut names = Self {
            agents: commons.agents.iter().map(|agent| agent.id.to_string()).collect(),
            sessions: commons.sessions.iter().map(|session| session.id.clone()).collect(),
            roles: commons.agents.iter().flat_map(|agent| agent.card.roles.iter().cloned()).collect(),
            people: Vec::new(),
        };
        names.agents.extend(members().map(|member| member.agent.to_string()));
        names.roles.extend(members().filter_map(|member| member.role.clone()));
        let by = commons.sessions.iter().map(|session| &session.by);
        names.people.extend(by.chain(commons.agents.iter().map(|agent| &agent.by)).filter_map(|by| {
            match &by.actor {
                Actor::Person(person) => Some(person.to_string()),
                _ => None,
            }
        }));
        for line in store.desk().plans()? {
            let plan = store.desk().plan(line.id)?;
            for owner in plan.tasks.iter().flat_map(|task| task.facts.owners()) {
                let list = match owner.role {
                    OwnerRole::Agent => &mut names.roles,
                    OwnerRole::Primary | OwnerRole::Support => &mut names.people,
                };
                if !list.contains(&owner.name) {
                    list.push(owner.name.clone());
                }
            }
        }
        Ok(names)
    }

    fn find(&self, to: &str) -> Option<Recipient> {
        let like = |name: &String| name.eq_ignore_ascii_case(to);
        // Names are read whatever the case of their letters, so they stay as they were written.
        if self.agents.iter().any(like) {
            return Some(Recipient::Name(to.to_owned()));
        }
        if let Some(session) = self.sessions.iter().find(|session| session.as_str() == to) {
            return Some(Recipient::Session(session.clone()));
        }
        if let Some(role) = self.roles.iter().find(|role| same_role(role, to)) {
            return Some(Recipient::Role(role.clone()));
        }
        self.people.iter().any(like).then(|| Recipient::Name(to.to_owned()))
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let sessions = self.sessions.iter().map(SessionId::as_str);
        let others = self.agents.iter().chain(&self.roles).chain(&self.people);
        others.map(String::as_str).chain(sessions)
    }
}

/// Whether a person of this name asks now, or has ever done anything that is on record.
fn acted(call: &Call, store: &Store, name: &str) -> Outcome<bool> {
    let is_it =
        |actor: &Actor| matches!(actor, Actor::Person(person) if person.as_str().eq_ignore_ascii_case(name));
    if is_it(&call.request()?.by.actor) {
        return Ok(true);
    }
    let plans = store.desk().plans()?;
    let found = Cell::new(false);
    for plan in plans.iter().map(|line| line.id).chain([PlanId::STORE]) {
        let wanted = |_: &[u8]| !found.get();
        store.desk().visit(plan, &wanted, &mut |recorded| {
            found.set(found.get() || is_it(&recorded.by.actor));
        })?;
    }
    Ok(found.get())
}
