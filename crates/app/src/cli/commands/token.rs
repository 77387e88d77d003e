//! `token`: who may ask the service for what.

use clap::{Args, Subcommand};
use engine::ids::random_hex;
use engine::store::Store;
use lens::views::tokens::{token, tokens};
use model::access::Bearer;
use model::actor::Actor;
use model::command::{Command, IssueToken};
use model::digest::Digest;
use model::ids::{PlanId, TokenId};
use model::plan::Plan;
use model::refusal::{ENTRY_NOT_FOUND, INTERNAL_FAULT, KEY_DUPLICATE, Refusal, VALUE_INVALID};
use model::ruling::token::no_token;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::values;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Tokens>(
    "token",
    Group::Operate,
    "makes, lists and revokes the tokens by which the service knows who asks",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY, &[KEY_DUPLICATE, ENTRY_NOT_FOUND]],
);

/// What every token of ours begins with, so that it is known for one where it lies about.
pub const PREFIX: &str = "csn_";

/// 256 random bits, as hexadecimal digits.
const DIGITS: usize = 64;

#[derive(Debug, Args)]
struct Tokens {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes a token and shows it, this once
    Create {
        /// What to call it
        #[arg(value_name = "NAME")]
        name: String,
        /// A role it stands for: observer, reviewer, review_admin, lead, agent, operator
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// A scope it has besides, such as `plans:read`
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// As whom its holder acts: `person:NAME` or `agent:NAME`; you, where nobody is named
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
        /// When it ends: a date, a moment, or `+7d`; `never` until it is revoked
        #[arg(long, value_name = "WHEN", default_value = "+90d")]
        until: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists the tokens that open something
    List {
        /// Those too that ended or were revoked
        #[arg(long)]
        all: bool,
    },
    /// Takes a token back, at once
    Revoke {
        /// Its name or id
        #[arg(value_name = "TOKEN")]
        token: String,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Tokens {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Create { name, roles, scopes, subject, until, asking } => {
                let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
                let store = call.store_to_fill(&here)?;
                let until = match until.trim() {
                    "never" => None,
                    until => Some(values::moment("--until", until, store.desk().now())?),
                };
                let subject = match subject {
                    Some(named) => Bearer::parse(&named).map_err(|wrong| {
                        Refusal::new(VALUE_INVALID, wrong.to_string())
                            .hint("write it as `person:NAME` or `agent:NAME`")
                    })?,
                    None => yourself(call)?,
                };
                let (roles, scopes) = (roles.into_iter().collect(), scopes.into_iter().collect());
                let (name, digest) = (name.trim().to_owned(), Digest::ZERO);
                create(call, &store, IssueToken { name, digest, subject, roles, scopes, until }, &asking)
            }
            Action::List { all } => {
                let store = call.store_to_read()?;
                call.show(&tokens(&*store.desk().commons()?, store.desk().now(), all));
                Ok(())
            }
            Action::Revoke { token, reason, asking } => revoke(call, &token, reason, &asking),
        }
    }
}

fn yourself(call: &Call) -> Outcome<Bearer> {
    Ok(match call.request()?.by.actor {
        Actor::Agent { agent, .. } => Bearer::Agent(agent),
        _ => Bearer::Person(call.person()?),
    })
}

fn create(call: &Call, store: &Store, asked: IssueToken, asking: &Asking) -> Outcome {
    let secret = format!("{PREFIX}{}", random_hex(DIGITS));
    let digest = Digest::sha256(secret.as_bytes());
    let command = Command::IssueToken(Box::new(IssueToken { digest, ..asked }));
    call.submit_to(store, PlanId::STORE, asking, command, Vec::new())?;
    let commons = store.desk().commons()?;
    let made = commons.tokens.iter().find(|known| known.what.digest == digest).ok_or_else(|| {
        // A request id that was used before is answered again, and its token was shown then.
        Refusal::new(INTERNAL_FAULT, "this request was carried out before, and its token was shown then")
            .hint("revoke that token and make another")
    })?;
    let shown = token(made, store.desk().now());
    if call.ui.wants_json() {
        call.ui.json(&json!({ "token": secret, "issued": shown }));
        return Ok(());
    }
    call.ui.line(secret);
    let until =
        shown.until.map_or_else(String::new, |until| format!(", until {}", lens::words::moment(until)));
    call.ui.note(format!(
        "this is shown only now: keep it to yourself; it opens {} as {}{until}",
        shown.scopes.join(", "),
        shown.subject
    ));
    Ok(())
}

fn revoke(call: &Call, named: &str, reason: String, asking: &Asking) -> Outcome {
    let store = call.store_to_write()?;
    let (commons, now) = (store.desk().commons()?, store.desk().now());
    let id = match named.parse::<TokenId>() {
        Ok(id) => id,
        Err(_) => {
            // A name may be used again; the token that is good is meant, else the latest.
            let mut known = commons.tokens.iter().rev().filter(|known| known.what.name == named);
            let latest = known.clone().next();
            known.find(|known| known.is_good(now)).or(latest).ok_or_else(|| no_token(named))?.what.id
        }
    };
    let command = Command::RevokeToken { id, reason };
    let done = call.submit_to(&store, PlanId::STORE, asking, command, Vec::new())?;
    done.say(call, &Plan::empty(PlanId::STORE));
    Ok(())
}
