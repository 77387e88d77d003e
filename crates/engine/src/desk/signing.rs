//! Signatures: what a person signs, and whose keys are whose.

use std::ops::ControlFlow;

use journal::Journal;
use model::access::Bearer;
use model::actor::{Actor, By, Known};
use model::command::{Command, IssueToken};
use model::event::Event;
use model::fault::Fault;
use model::ids::{PersonId, PlanId, Seq};
use model::refusal::{IDENTITY_UNPROVEN, Refusal};

use super::{Denied, Request, encoding};
use crate::keys::PublicKey;

/// The bytes a person signs to say that a command is theirs. They name the plan, the request and
/// everything in the command; a request is carried out once, so a signature is good once.
pub fn statement(plan: PlanId, request: &str, command: &Command) -> Vec<u8> {
    format!("countersign.v1\n{plan}\n{request}\n{}\n{command:?}", command.name()).into_bytes()
}

/// Who asks, as far as it can be believed: a signature that holds proves the person.
pub(super) fn believed(
    journal: &dyn Journal,
    plan: PlanId,
    request: &Request,
    command: &Command,
) -> Result<By, Denied> {
    let Some(signature) = &request.signature else {
        if request.by.known == Known::Signature {
            return Err(unproven("no signature came with the command").into());
        }
        if let Command::RegisterKey { person, .. } = command
            && key_of(journal, person)?.is_some()
        {
            return Err(unproven(format!("{person} has a key already, so another has to be signed with it"))
                .hint("add `--sign`")
                .into());
        }
        if let Command::IssueToken(asked) = command {
            mint(journal, request, asked)?;
        }
        return Ok(request.by.clone());
    };
    let Actor::Person(person) = &request.by.actor else {
        return Err(unproven(format!("{} cannot sign; only a person can", request.by.actor)).into());
    };
    let Some(id) = &request.id else {
        return Err(unproven("a signed command needs a request id, so that it is carried out once").into());
    };
    let Some(key) = key_of(journal, person)? else {
        return Err(unproven(format!("no key of {person} is known to this store"))
            .hint("make one known with `countersign key register`")
            .into());
    };
    if !key.verify(&statement(plan, id, command), signature) {
        return Err(unproven(format!("the signature is not by {person}'s key over this command")).into());
    }
    if let Command::IssueToken(asked) = command {
        mint(
            journal,
            &Request { by: By::new(request.by.actor.clone(), Known::Signature), ..request.clone() },
            asked,
        )?;
    }
    Ok(By::new(request.by.actor.clone(), Known::Signature))
}

/// A token proves who its holder is, so it takes the same proof to make one: whoever has a key
/// signs with it, and nobody else makes a token for them.
fn mint(journal: &dyn Journal, request: &Request, asked: &IssueToken) -> Result<(), Denied> {
    let (maker, proven) = (request.by.actor.person(), request.by.known.is_proven());
    if let Some(maker) = maker.filter(|_| !proven)
        && key_of(journal, maker)?.is_some()
    {
        return Err(unproven(format!("{maker} has a key, so a token has to be signed with it"))
            .hint("add `--sign`")
            .into());
    }
    let Bearer::Person(holder) = &asked.subject else { return Ok(()) };
    if maker != Some(holder) && key_of(journal, holder)?.is_some() {
        return Err(
            unproven(format!("{holder} has a key, so only {holder} makes a token for {holder}")).into()
        );
    }
    Ok(())
}

/// The key a person registered last.
pub(super) fn key_of(journal: &dyn Journal, person: &PersonId) -> Result<Option<PublicKey>, Fault> {
    let mut found = None;
    journal.visit_some(PlanId::STORE, Seq(0), &["{\"key_registered\""], &mut |stored| {
        if stored.cause.command == "register_key"
            && let Ok(Event::KeyRegistered { person: whose, key }) = encoding::read(stored)
            && whose == *person
        {
            found = key.parse().ok();
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn unproven(message: impl Into<String>) -> Refusal {
    Refusal::new(IDENTITY_UNPROVEN, message)
}
