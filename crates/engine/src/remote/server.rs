//! The client's end: asks, hands in, and tries again where the connection broke.

use std::fmt::Display;
use std::thread::sleep;
use std::time::Duration;

use model::command::Command;
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, SessionId};
use model::plan::Plan;
use model::refusal::{
    AUTH_INVALID, AUTH_REQUIRED, ROUTE_NOT_FOUND, Refusal, STORE_BUSY, STORE_OTHER_VERSION,
    STORE_UNREACHABLE, code,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::framing::{frame, unframe};
use super::handed::{Came, Follows, Handed, What};
use super::question::{Hello, Question};
use super::told::{Told, ToldRefusal};
use super::{Address, Cut, LANGUAGE, Wire};
use crate::desk::{BatchReceipt, Denied, Receipt, Request};
use crate::ids::random_hex;

/// So long it is waited before a message is sent again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(250), Duration::from_millis(1000)];

/// How often what follows is rehearsed again because others were faster.
const TRIES: u32 = 50;

/// A server that keeps a store.
pub struct Server {
    wire: Box<dyn Wire>,
    hello: Hello,
}

/// What is rehearsed: the plan's last event, and what follows from the commands on that plan.
pub(crate) type Rehearsed = (model::ids::Seq, Vec<Command>, Vec<journal::Blob>);

impl Server {
    /// Greets a server, and hears who it is.
    pub fn greet(wire: Box<dyn Wire>) -> Result<Self, Denied> {
        let question = frame(&Question::Hello { language: LANGUAGE });
        let answer = deliver(&*wire, Address::Journal, &mut |_| question.clone())?;
        // Of a server that speaks otherwise only that much is asked for.
        #[derive(Deserialize)]
        struct Speaks {
            language: u32,
            version: String,
        }
        let (line, _) = unframe(&answer).ok_or_else(|| strange(&"there is no line to begin with"))?;
        let speaks: Speaks = serde_json::from_slice(line).map_err(|error| strange(&error))?;
        if speaks.language != LANGUAGE {
            return Err(other_version(wire.name(), &speaks.version).into());
        }
        let hello = serde_json::from_slice(line).map_err(|error| strange(&error))?;
        Ok(Self { wire, hello })
    }

    /// Who it is.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// How people call it.
    pub fn name(&self) -> &str {
        self.wire.name()
    }

    /// Asks for a line, and what is behind it.
    pub(super) fn ask<T: DeserializeOwned>(&self, question: &Question) -> Result<(T, Vec<u8>), Fault> {
        let message = frame(question);
        let mut answer =
            deliver(&*self.wire, Address::Journal, &mut |_| message.clone()).map_err(as_fault)?;
        let (line, _) = unframe(&answer).ok_or_else(|| strange(&"there is no line to begin with"))?;
        let told = serde_json::from_slice(line).map_err(|error| strange(&error))?;
        let end = line.len() + 1;
        answer.drain(..end);
        Ok((told, answer))
    }

    /// Asks for what is too long to be held, and shows it as it comes. That is not tried again.
    pub(super) fn ask_for_all(&self, question: &Question, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let (mut no, mut status) = (Vec::new(), 200);
        let sent = self.wire.send(Address::Journal, &frame(question), &mut |said, bytes| {
            status = said;
            if said == 200 { each(bytes) } else { no.extend_from_slice(bytes) }
        });
        sent.map_err(|cut| unreachable(self.name(), &cut))?;
        if status == 200 { Ok(()) } else { Err(as_fault(denied(self.name(), status, &no))) }
    }

    /// Every plan of the store.
    pub(crate) fn plans(&self) -> Result<Vec<crate::desk::PlanLine>, Fault> {
        Ok(self.ask(&Question::Plans)?.0)
    }

    /// Hands a command in.
    pub(crate) fn submit(
        &self,
        plan: PlanId,
        request: &Request,
        command: Command,
    ) -> Result<Receipt, Denied> {
        self.receipt(plan, request, What::Submit(Box::new(command)))
    }

    /// Hands several in, all or none; `follows` gives what is to be recorded with them, rehearsed on the
    /// plan as it is.
    pub(crate) fn submit_with(
        &self,
        plan: PlanId,
        request: &Request,
        name: &str,
        commands: &[Command],
        follows: &mut dyn FnMut() -> Result<Option<Rehearsed>, Denied>,
    ) -> Result<Receipt, Denied> {
        for _ in 0..TRIES {
            let (follows, blobs) = match follows()? {
                None => (None, Vec::new()),
                Some((onto, commands, blobs)) => {
                    (Some(Follows { onto, commands, blobs: blobs.len() }), blobs)
                }
            };
            let what = What::All { name: name.to_owned(), commands: commands.to_vec(), follows };
            let mut request = request.clone();
            request.blobs.extend(blobs);
            match self.hand_in(plan, &request, what)? {
                Came::Receipt(told) => return Ok(told.into()),
                Came::Moved => {}
                _ => return Err(strange(&"it is not what was asked for").into()),
            }
        }
        Err(Fault::new(STORE_BUSY, "others change this plan without pause")
            .hint("try again in a moment")
            .into())
    }

    /// Hands several in, each for itself.
    pub(crate) fn submit_batch(
        &self,
        plan: PlanId,
        request: &Request,
        commands: &[Command],
    ) -> Result<BatchReceipt, Denied> {
        match self.hand_in(plan, request, What::Batch(commands.to_vec()))? {
            Came::Batch(told) => Ok(told.into_receipt()?),
            _ => Err(strange(&"it is not what was asked for").into()),
        }
    }

    /// Puts on record that something was kept from being done.
    pub(crate) fn turn_down(&self, plan: PlanId, request: &Request, what: &str, refusal: &Refusal) {
        let what = What::TurnDown { what: what.to_owned(), refusal: ToldRefusal::from(refusal) };
        // The refusal stands whether or not that works.
        let _ = self.hand_in(plan, request, what);
    }

    /// Removes a blob's content.
    pub(crate) fn purge_blob(
        &self,
        request: &Request,
        digest: &Digest,
        reason: &str,
    ) -> Result<bool, Denied> {
        let what = What::PurgeBlob { digest: *digest, reason: reason.to_owned() };
        match self.hand_in(PlanId::STORE, request, what)? {
            Came::Purged(purged) => Ok(purged),
            _ => Err(strange(&"it is not what was asked for").into()),
        }
    }

    /// Ends a session.
    pub(crate) fn end_session(
        &self,
        request: &Request,
        session: &SessionId,
        reason: &str,
        stuck: bool,
    ) -> Result<Receipt, Denied> {
        let what = What::EndSession { session: session.clone(), reason: reason.to_owned(), stuck };
        self.receipt(PlanId::STORE, request, what)
    }

    /// Makes visible what time alone has changed about a plan.
    pub(crate) fn sweep(&self, plan: &Plan) -> Result<(usize, usize), Denied> {
        match self.hand_in(plan.id, &Request::system(), What::Sweep)? {
            Came::Swept(told, closed) => Ok((told, closed)),
            _ => Err(strange(&"it is not what was asked for").into()),
        }
    }

    fn receipt(&self, plan: PlanId, request: &Request, what: What) -> Result<Receipt, Denied> {
        match self.hand_in(plan, request, what)? {
            Came::Receipt(told) => Ok(told.into()),
            _ => Err(strange(&"it is not what was asked for").into()),
        }
    }

    fn hand_in(&self, plan: PlanId, request: &Request, what: What) -> Result<Came, Denied> {
        let mut handed = Handed {
            language: LANGUAGE,
            delivery: random_hex(32),
            instance: self.hello.instance.clone(),
            again: false,
            plan,
            by: request.by.clone(),
            agent_present: request.agent_present,
            fence: request.fence,
            onto: request.onto,
            id: request.id.clone(),
            signature: request.signature.clone(),
            what,
            blobs: request.blobs.iter().map(|blob| blob.bytes().len()).collect(),
        };
        let answer = deliver(&*self.wire, Address::Desk, &mut |again| {
            handed.again = again;
            handed.pack(&request.blobs)
        })?;
        let (line, _) = unframe(&answer).ok_or_else(|| strange(&"there is no line to begin with"))?;
        Ok(serde_json::from_slice(line).map_err(|error| strange(&error))?)
    }
}

/// Sends a message until it is answered, and gives the answer. `message` is told whether it may have
/// arrived before.
fn deliver(
    wire: &dyn Wire,
    to: Address,
    message: &mut dyn FnMut(bool) -> Vec<u8>,
) -> Result<Vec<u8>, Denied> {
    let mut pauses = PAUSES.into_iter();
    let mut again = false;
    loop {
        let (mut answer, mut status) = (Vec::new(), 200);
        let sent = wire.send(to, &message(again), &mut |said, bytes| {
            status = said;
            answer.extend_from_slice(bytes);
        });
        match sent {
            Ok(()) if status == 200 => return Ok(answer),
            Ok(()) => return Err(denied(wire.name(), status, &answer)),
            Err(cut) => {
                again |= cut.may_have_arrived;
                match pauses.next() {
                    Some(pause) => sleep(pause),
                    None => return Err(unreachable(wire.name(), &cut).into()),
                }
            }
        }
    }
}

/// What a server said instead of an answer.
fn denied(server: &str, status: u16, said: &[u8]) -> Denied {
    /// Problem details, as far as they are of use here.
    #[derive(Deserialize)]
    struct Problem {
        code: String,
        detail: String,
        hint: Option<String>,
        #[serde(default)]
        context: Map<String, Value>,
        denied: Option<Told>,
    }
    let Ok(problem) = serde_json::from_slice::<Problem>(said) else {
        return Fault::new(
            STORE_UNREACHABLE,
            format!("what answers at `{server}` is no Countersign service"),
        )
        .hint("look at the address; a service is begun with `countersign serve`")
        .with("status", status)
        .into();
    };
    if let Some(told) = problem.denied {
        return told.into();
    }
    let Problem { code: told, detail, hint, context, .. } = problem;
    match code(&told) {
        Some(known) if known.code == ROUTE_NOT_FOUND => other_version(server, "earlier").into(),
        Some(known) => {
            let hint = match known.code {
                AUTH_REQUIRED => Some(
                    "put a token into `COUNTERSIGN_TOKEN`; one is made beside the store with `countersign token create`"
                        .to_owned(),
                ),
                AUTH_INVALID => Some(
                    "the token in `COUNTERSIGN_TOKEN` is unknown to this server, revoked, or over".to_owned(),
                ),
                _ => hint,
            };
            Refusal { code: known.code, message: detail, facts: Vec::new(), hint, context }.into()
        }
        None => Fault::new(told, detail).with("status", status).into(),
    }
}

fn other_version(server: &str, version: &str) -> Fault {
    let own = env!("CARGO_PKG_VERSION");
    Fault::new(
        STORE_OTHER_VERSION,
        format!("the server at `{server}` is of another version than this program"),
    )
    .hint("use the same version on both sides")
    .with("server", version)
    .with("program", own)
}

fn unreachable(server: &str, cut: &Cut) -> Fault {
    let done = if cut.may_have_arrived { "; whether it was done is not known" } else { "" };
    Fault::new(STORE_UNREACHABLE, format!("the server at `{server}` does not answer: {cut}{done}"))
        .hint("see that it runs and can be reached, then look before you do it again")
}

/// The fault of an answer that is none.
pub(super) fn strange(why: &dyn Display) -> Fault {
    Fault::new(STORE_OTHER_VERSION, format!("the server's answer cannot be understood: {why}"))
        .hint("use the same version on both sides")
}

/// A refusal to answer, for those who can only say that the world failed.
fn as_fault(denied: Denied) -> Fault {
    match denied {
        Denied::Down(fault) => *fault,
        Denied::Refused(no) => {
            let fault = Fault { hint: no.hint, ..Fault::new(no.code, no.message) };
            no.context.iter().fold(fault, |fault, (name, value)| match value.as_str() {
                Some(text) => fault.with(name, text),
                None => fault.with(name, value),
            })
        }
    }
}
