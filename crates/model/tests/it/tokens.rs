//! Tokens for the service: who makes them, what they open, and when they end.

use std::collections::BTreeSet;

use jiff::ToSpan;
use model::access::{Bearer, Role, Scope, allow, scopes_of};
use model::actor::By;
use model::apply::{Stamp, apply};
use model::command::{Command, IssueToken};
use model::context::Context;
use model::digest::Digest;
use model::ids::{AgentId, PlanId};
use model::plan::Plan;
use model::refusal::Refusal;
use model::ruling::rule;

use crate::story::{Row, person, signed};

struct Store {
    plan: Plan,
    now: jiff::Timestamp,
    ids: Row,
    agent_present: bool,
}

fn store() -> Store {
    let now = "2031-05-05T09:00:00Z".parse().expect("a moment");
    Store { plan: Plan::empty(PlanId::STORE), now, ids: Row::default(), agent_present: false }
}

impl Store {
    fn when(&mut self, by: &By, command: Command) -> Result<usize, Refusal> {
        let (now, agent_present) = (self.now, self.agent_present);
        let mut cx = Context { now, by, agent_present, fence: None, ids: &mut self.ids };
        let events = rule(&self.plan, command, &mut cx)?;
        for event in &events {
            let stamp = Stamp { seq: self.plan.seq.next(), at: self.now, by };
            apply(&mut self.plan, event, stamp);
        }
        Ok(events.len())
    }

    fn good(&self) -> Vec<String> {
        let tokens = &self.plan.commons.as_deref().expect("the store's own stream has them").tokens;
        tokens.iter().filter(|token| token.is_good(self.now)).map(|token| token.what.name.clone()).collect()
    }
}

fn token(name: &str, secret: &str) -> IssueToken {
    IssueToken {
        name: name.to_owned(),
        digest: Digest::sha256(secret.as_bytes()),
        subject: Bearer::Agent(AgentId::new("builder").expect("a name")),
        roles: ["agent".to_owned()].into(),
        scopes: BTreeSet::new(),
        until: None,
    }
}

fn issue(token: IssueToken) -> Command {
    Command::IssueToken(Box::new(token))
}

#[test]
fn a_token_is_good_until_its_end_or_until_it_is_revoked() {
    let (mut store, ada) = (store(), person("ada"));
    let until = Some(store.now + 1.hour());
    assert_eq!(store.when(&ada, issue(IssueToken { until, ..token("short", "a") })), Ok(1));
    assert_eq!(store.when(&ada, issue(token("long", "b"))), Ok(1));
    assert_eq!(store.good(), ["short", "long"]);
    store.now += 1.hour();
    assert_eq!(store.good(), ["long"], "it ends at the moment it says");
    let id = store.plan.commons.as_deref().expect("there").tokens[1].what.id;
    let revoke = || Command::RevokeToken { id, reason: "lost".to_owned() };
    assert_eq!(store.when(&ada, revoke()), Ok(1));
    assert!(store.good().is_empty());
    assert_eq!(store.when(&ada, revoke()), Ok(0), "it was so already");
}

#[test]
fn a_name_stands_for_one_good_token_and_a_secret_for_one_at_all() {
    let (mut store, ada) = (store(), person("ada"));
    assert_eq!(store.when(&ada, issue(token("ci", "a"))), Ok(1));
    for (name, secret) in [("ci", "b"), (" ci ", "c"), ("other", "a")] {
        let no = store.when(&ada, issue(token(name, secret))).expect_err("it is refused");
        assert_eq!(no.code, "key/duplicate", "{name} {secret}");
    }
}

#[test]
fn persons_make_tokens_and_a_mere_name_will_not_do_beside_an_agent() {
    let (mut store, ada) = (store(), person("ada"));
    store.agent_present = true;
    let no = store.when(&ada, issue(token("ci", "a"))).expect_err("it is refused");
    assert_eq!(no.code, "identity/unproven");
    assert_eq!(store.when(&signed("ada"), issue(token("ci", "a"))), Ok(1));
    let agent = crate::story::agent("smith");
    let no = store.when(&agent, issue(token("mine", "b"))).expect_err("it is refused");
    assert_eq!(no.code, "policy/denied");
}

#[test]
fn roles_stand_for_scopes_and_unknown_words_for_nothing() {
    let may =
        |roles: &[&'static str], wanted| allow(&scopes_of(roles.iter().copied(), std::iter::empty()), wanted);
    assert!(may(&["observer"], Scope::PlansRead));
    assert!(!may(&["observer"], Scope::ReviewsWrite));
    assert!(may(&["reviewer"], Scope::ReviewsWrite));
    assert!(!may(&["reviewer"], Scope::ReviewsAdmin));
    assert!(!may(&["boss"], Scope::PlansRead));
    for scope in Scope::ALL {
        assert!(may(&["operator"], *scope), "{scope}");
        assert_eq!(Scope::parse(scope.as_str()), Some(*scope));
    }
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(*role));
    }
}
