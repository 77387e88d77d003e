//! `key`: the keys by which people prove who they are.

use clap::{Args, Subcommand};
use engine::keys::{PublicKey, SecretKey};
use lens::words::moment;
use model::command::Command;
use model::event::Event;
use model::ids::{PersonId, PlanId};
use model::plan::Plan;
use model::refusal::{KEY_DUPLICATE, Refusal, STORE_NOT_FOUND, VALUE_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::ui::{Column, Table};
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Key>(
    "key",
    Group::Operate,
    "makes, shows and registers the keys by which people prove who they are",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY, &[KEY_DUPLICATE]],
);

#[derive(Debug, Args)]
struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes your key and keeps the secret half on this machine
    New,
    /// Shows the public half of your key
    Show,
    /// Makes your public key known to the store; a further one has to be signed with the first
    Register {
        /// This public key instead of the one on this machine
        #[arg(long, value_name = "KEY")]
        public: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists whose keys the store knows
    List,
}

impl Handler for Key {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::New => new(call),
            Action::Show => show(call),
            Action::Register { public, asking } => register(call, public, &asking),
            Action::List => list(call),
        }
    }
}

fn new(call: &Call) -> Outcome {
    let person = call.person()?;
    let path = SecretKey::path(&call.config.folder, person.as_str());
    let shown = path.display().to_string();
    let key = SecretKey::generate();
    key.save(&path).map_err(|error| {
        if error.kind() != std::io::ErrorKind::AlreadyExists {
            return Stop::file(&shown, "written", &error);
        }
        Refusal::new(KEY_DUPLICATE, format!("{person} has a key on this machine already, in `{shown}`"))
            .hint("show it with `countersign key show`; to make another, move that file away")
            .into()
    })?;
    if call.ui.wants_json() {
        call.ui.json(&json!({ "person": person, "public": key.public().to_string(), "path": shown }));
        return Ok(());
    }
    call.ui.line(format!("made a key of {person} in `{shown}`; keep it to yourself"));
    call.ui.line(key.public().to_string());
    call.ui.line("make it known to a store with `countersign key register`");
    Ok(())
}

fn show(call: &Call) -> Outcome {
    let person = call.person()?;
    let public = call.secret_key(&person)?.public();
    if call.ui.wants_json() {
        call.ui.json(&json!({ "person": person, "public": public.to_string() }));
    } else {
        call.ui.line(public.to_string());
    }
    Ok(())
}

fn register(call: &Call, public: Option<String>, asking: &Asking) -> Outcome {
    let person = call.person()?;
    let key: PublicKey = match public {
        Some(text) => text.parse().map_err(|bad: std::io::Error| {
            Refusal::new(VALUE_INVALID, bad.to_string()).with("key", text.as_str())
        })?,
        None => call.secret_key(&person)?.public(),
    };
    let store = call.store_to_write()?;
    if store.desk().key_of(&person)? == Some(key) {
        call.ui.note(format!("the store knows this key of {person} already"));
        return Ok(());
    }
    let command = Command::RegisterKey { person, key: key.to_string() };
    let done = call.submit_to(&store, PlanId::STORE, asking, command, Vec::new())?;
    done.say(call, &Plan::empty(PlanId::STORE));
    Ok(())
}

struct Known {
    person: PersonId,
    key: String,
    at: jiff::Timestamp,
}

fn list(call: &Call) -> Outcome {
    let store = match call.store_to_read() {
        Err(stop) if stop.code() == STORE_NOT_FOUND => return Err(stop),
        other => other?,
    };
    let mut known: Vec<Known> = Vec::new();
    store.desk().visit(PlanId::STORE, &|_| true, &mut |recorded| {
        if let Event::KeyRegistered { person, key } = &recorded.event {
            known.retain(|earlier| earlier.person != *person);
            known.push(Known { person: person.clone(), key: key.clone(), at: recorded.at });
        }
    })?;
    if call.ui.wants_json() {
        let keys =
            known.iter().map(|known| json!({ "person": known.person, "public": known.key, "at": known.at }));
        call.ui.json(&json!({ "keys": keys.collect::<Vec<_>>() }));
        return Ok(());
    }
    if known.is_empty() {
        call.ui.line("no key is known to this store");
        return Ok(());
    }
    let mut table = Table::new([Column::new("Person"), Column::new("Key"), Column::new("Since")]);
    for Known { person, key, at } in known {
        table.row([person.to_string(), key, moment(at)]);
    }
    call.ui.table(&table);
    Ok(())
}
