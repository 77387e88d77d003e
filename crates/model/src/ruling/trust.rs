//! The store's own stream: which commands may run, and whose keys are whose.

use super::{Ruling, person, required};
use crate::actor::Actor;
use crate::context::Context;
use crate::digest::Digest;
use crate::event::Event;
use crate::ids::PersonId;
use crate::refusal::{self, Refusal};

pub(super) fn trust(
    ruling: &mut Ruling<'_>,
    path: String,
    set: Digest,
    commands: u32,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    person(ruling.before(), cx, "trust a plan's commands")?;
    let path = required(&path, "the plan's path")?;
    ruling.record(Event::TrustGiven { path, set, commands });
    Ok(())
}

pub(super) fn register_key(
    ruling: &mut Ruling<'_>,
    whose: PersonId,
    key: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let who = person(ruling.before(), cx, "register a key")?;
    if who != whose {
        return Err(Refusal::new(refusal::POLICY_DENIED, format!("{who} cannot register a key for {whose}")));
    }
    if !matches!(cx.by.actor, Actor::Person(_)) || !key.starts_with("ed25519:") {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a public key begins with `ed25519:`"));
    }
    ruling.record(Event::KeyRegistered { person: whose, key });
    Ok(())
}
