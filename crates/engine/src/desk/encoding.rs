//! From events to stored bytes and back. The write boundary: no event is stored before its text
//! went through redaction.

use std::borrow::Cow;

use journal::{Events, Stored};
use model::event::{Event, Recorded};
use model::fault::Fault;
use model::refusal::{INTERNAL_FAULT, STORE_DAMAGED, STORE_NEWER};
use serde_json::Value;

use crate::redact::Redactor;

/// Writes events as JSON text behind each other; an event that holds a secret is replaced by what
/// is stored of it, so that what is in memory is what is in the journal.
pub(super) fn write(events: &mut [Event], redactor: &Redactor, into: &mut Events) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    for event in events {
        if write_one(event, redactor, &mut bytes)? {
            *event = of_bytes(&bytes)?;
        }
        into.push(&bytes);
    }
    Ok(())
}

/// Writes very many events and lets go of each: what is written is all that is kept.
pub(super) fn write_all(events: Vec<Event>, redactor: &Redactor, into: &mut Events) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    for event in events {
        write_one(&event, redactor, &mut bytes)?;
        into.push(&bytes);
    }
    Ok(())
}

/// An event out of bytes that were written here.
pub(super) fn of_bytes(bytes: &[u8]) -> Result<Event, Fault> {
    serde_json::from_slice(bytes).map_err(|error| no_form(&error))
}

/// Puts what is stored of an event in place of `bytes`; says whether a secret was taken out of it.
fn write_one(event: &Event, redactor: &Redactor, bytes: &mut Vec<u8>) -> Result<bool, Fault> {
    bytes.clear();
    serde_json::to_writer(&mut *bytes, event).map_err(|error| no_form(&error))?;
    if redactor.suspects(bytes)
        && let Some(clean) = redacted(bytes, redactor)?
    {
        *bytes = clean;
        return Ok(true);
    }
    Ok(false)
}

/// Whether an event's bytes hold a secret in the clear.
pub(crate) fn holds_secret(bytes: &[u8], redactor: &Redactor) -> Result<bool, Fault> {
    Ok(redactor.suspects(bytes) && redacted(bytes, redactor)?.is_some())
}

/// The event without its secrets; nothing where there are none.
fn redacted(bytes: &[u8], redactor: &Redactor) -> Result<Option<Vec<u8>>, Fault> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| no_form(&error))?;
    Ok(redact_value(&mut value, redactor).then(|| value.to_string().into_bytes()))
}

/// Redacts every text in a value. Texts that stand beside each other are also looked at as
/// `name: value`: a field called `password` gives away what stands next to it.
fn redact_value(value: &mut Value, redactor: &Redactor) -> bool {
    match value {
        Value::String(text) => match redactor.redact_str(text) {
            Cow::Borrowed(_) => false,
            Cow::Owned(clean) => {
                *text = clean;
                true
            }
        },
        Value::Array(items) => {
            let mut changed = false;
            for item in items.iter_mut() {
                changed |= redact_value(item, redactor);
            }
            if let [Value::String(name), Value::String(secret)] = items.as_mut_slice() {
                changed |= redact_named(name, secret, redactor);
            }
            changed
        }
        Value::Object(fields) => {
            let mut changed = false;
            for (name, field) in fields.iter_mut() {
                changed |= redact_value(field, redactor);
                if let Value::String(secret) = field {
                    changed |= redact_named(name, secret, redactor);
                }
            }
            changed
        }
        _ => false,
    }
}

fn redact_named(name: &str, secret: &mut String, redactor: &Redactor) -> bool {
    let prefix = format!("{name}: ");
    match redactor.redact_str(&format!("{prefix}{secret}")) {
        Cow::Owned(clean) if clean.starts_with(&prefix) => {
            *secret = clean[prefix.len()..].to_owned();
            true
        }
        _ => false,
    }
}

/// Reads a stored event's bytes.
pub(super) fn read(stored: &Stored) -> Result<Event, Fault> {
    serde_json::from_slice(&stored.event).map_err(|error| {
        let (code, what) = if error.to_string().starts_with("unknown variant") {
            (STORE_NEWER, "is of a kind that this version does not know")
        } else {
            (STORE_DAMAGED, "cannot be read")
        };
        Fault::new(code, format!("event {} of `{}` {what}", stored.seq, stored.plan))
            .hint(match code {
                STORE_NEWER => "use the newer version that wrote it",
                _ => "`countersign audit verify` says what else is wrong",
            })
            .with("plan", stored.plan)
            .with("seq", stored.seq)
    })
}

/// A stored event with its meaning.
pub fn recorded(stored: Stored) -> Result<Recorded, Fault> {
    let event = read(&stored)?;
    let Stored { plan, seq, at, by, cause, prev, digest, .. } = stored;
    Ok(Recorded { plan, seq, at, by, cause, event, prev, digest })
}

fn no_form(error: &serde_json::Error) -> Fault {
    Fault::new(INTERNAL_FAULT, format!("an event has no stored form: {error}"))
}
