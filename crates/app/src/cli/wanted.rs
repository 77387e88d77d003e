//! The tasks a worker was started for: which of them are still to be done, and how each ended.

use std::collections::BTreeMap;

use lens::look::Look;
use lens::views::verdict::blocker_in_words;
use model::actor::Actor;
use model::commons::{Commons, Session};
use model::ids::Key;
use model::plan::Plan;
use model::refusal::{DEPENDENCY_UNMET, GATE_SHUT, Refusal, TASK_STATE};
use model::standing::Blocker;
use model::task::{Task, TaskState};
use serde::Serialize;

use super::context::find_task;
use super::dispatching::Came;
use super::error::Outcome;

/// The tasks a worker was started for.
#[derive(Debug)]
pub struct Wanted {
    keys: Vec<Key>,
    given_up: BTreeMap<Key, String>,
    awaiting: BTreeMap<Key, String>,
}

/// How a task ended, or why it has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndOf {
    /// Its key.
    pub key: Key,
    /// `verified`, `claimed`, `awaiting`, `given up`, `dropped`, or `open`.
    pub end: &'static str,
    /// Why it is not done.
    pub why: Option<String>,
}

impl Wanted {
    /// The tasks that were named, each once.
    pub fn find(plan: &Plan, named: &[String]) -> Result<Self, Refusal> {
        let mut keys = Vec::new();
        for name in named {
            let key = &find_task(plan, name)?.key;
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        Ok(Self { keys, given_up: BTreeMap::new(), awaiting: BTreeMap::new() })
    }

    /// Notes what a round has come to.
    pub fn note(&mut self, came: &Came) {
        let told = |waits: &[super::dispatching::Waits]| -> Vec<(Key, String)> {
            waits.iter().map(|waits| (waits.key.clone(), waits.why.clone())).collect()
        };
        self.given_up.extend(told(&came.failed));
        self.awaiting.extend(told(&came.awaiting));
    }

    /// Those that are still to be done.
    pub fn left(&self, look: &Look<'_>, commons: &Commons) -> Vec<Key> {
        let open = self.ends(look, commons).into_iter().filter(|end| end.end == "open");
        open.map(|end| end.key).collect()
    }

    /// How each of them ended, in the order they were named.
    pub fn ends(&self, look: &Look<'_>, commons: &Commons) -> Vec<EndOf> {
        self.keys.iter().map(|key| self.end_of(look, commons, key)).collect()
    }

    fn end_of(&self, look: &Look<'_>, commons: &Commons, key: &Key) -> EndOf {
        let (end, why) = match look.plan.task_by_key(key) {
            None => ("dropped", Some("it is no longer in the plan".to_owned())),
            Some(task) => self.end_of_task(look, commons, task),
        };
        EndOf { key: key.clone(), end, why }
    }

    fn end_of_task(&self, look: &Look<'_>, commons: &Commons, task: &Task) -> (&'static str, Option<String>) {
        let given_up = || self.given_up.get(&task.key).map(|why| ("given up", Some(why.clone())));
        match &task.state {
            TaskState::Verified(_) => ("verified", None),
            TaskState::Dropped(_) => ("dropped", None),
            TaskState::Claimed(_) if !task.has_checks() => ("claimed", None),
            TaskState::Claimed(_) => {
                let waits = || self.awaiting.get(&task.key).map(|why| ("awaiting", Some(why.clone())));
                given_up().or_else(waits).unwrap_or_else(|| match is_in_hand(commons, task) {
                    true => ("open", Some("somebody else's work on it is being checked".to_owned())),
                    false => ("awaiting", Some("it is claimed, and its checks have not passed".to_owned())),
                })
            }
            TaskState::Open | TaskState::Active(_) => given_up().unwrap_or_else(|| {
                let blockers = look.plan.blockers(task, look.now);
                let told: Vec<String> =
                    blockers.iter().map(|blocker| blocker_in_words(look, blocker)).collect();
                ("open", (!told.is_empty()).then(|| told.join(", ")))
            }),
        }
    }

    /// Success only where each of them is verified, or claimed and nothing would prove it.
    pub fn verdict(&self, look: &Look<'_>, commons: &Commons) -> Outcome {
        let ends = self.ends(look, commons);
        let undone: Vec<&EndOf> =
            ends.iter().filter(|end| !matches!(end.end, "verified" | "claimed")).collect();
        let [first, others @ ..] = &undone[..] else { return Ok(()) };
        let code = if undone.iter().all(|end| end.end == "dropped") {
            TASK_STATE
        } else if undone.iter().all(|end| end.end == "open" && has_unmet_needs(look, &end.key)) {
            DEPENDENCY_UNMET
        } else {
            GATE_SHUT
        };
        let mut no = match others {
            [] => Refusal::new(code, format!("task `{}` {}", first.key, first.in_words())),
            _ => Refusal::new(code, format!("{} of {} tasks are not done", undone.len(), ends.len())),
        };
        if !others.is_empty() {
            no.facts = undone.iter().map(|end| format!("{} {}", end.key, end.in_words())).collect();
        }
        let hint = format!("see how it stands with `countersign show {}`", first.key);
        Err(no.hint(hint).with("task", first.key.as_str()).into())
    }
}

impl EndOf {
    /// How it ended, behind its key.
    pub fn in_words(&self) -> String {
        let why = self.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        match self.end {
            "verified" => "is verified".to_owned(),
            "claimed" => "is claimed, and nothing proves it".to_owned(),
            "awaiting" => format!("waits for people{why}"),
            "given up" => format!("was given up{why}"),
            "dropped" => format!("was dropped{why}"),
            _ => format!("is not done{why}"),
        }
    }
}

fn has_unmet_needs(look: &Look<'_>, key: &Key) -> bool {
    let task = look.plan.task_by_key(key);
    task.is_some_and(|task| {
        look.plan.blockers(task, look.now).iter().any(|blocker| matches!(blocker, Blocker::Need(_)))
    })
}

/// Whether whoever handed a task in works in a session that is open, and may still see it through.
fn is_in_hand(commons: &Commons, task: &Task) -> bool {
    match task.claim().map(|claim| &claim.by.actor) {
        Some(Actor::Agent { session, .. }) => commons.session(session).is_some_and(Session::is_open),
        _ => false,
    }
}
