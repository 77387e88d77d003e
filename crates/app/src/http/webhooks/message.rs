//! What an endpoint is told: an event in a sentence and as it is on record, in the shape the endpoint
//! takes, signed where it takes a signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use lens::history::Entry;
use model::event::{Event, Recorded};
use model::plan::Plan;
use ring::hmac;
use serde_json::{Value, json};

use super::endpoint::{Endpoint, Shape};

/// What somebody may have to act on: these carry the link to the runbook.
const ESCALATIONS: [&str; 7] = [
    "escalation_opened",
    "ticket_opened",
    "ticket_joined",
    "incident_opened",
    "lease_silent",
    "plan_halted",
    "task_flagged",
];

/// An event on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Its place in the journal.
    pub position: u64,
    /// The same for every time it is told, and for no other event.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// What is sent.
    pub body: Vec<u8>,
}

/// An event as an endpoint takes it.
pub fn letter(endpoint: &Endpoint, plan: &Plan, recorded: &Recorded, entry: &Entry, position: u64) -> Letter {
    let id = format!("msg_{}", recorded.digest.to_string().get(..32).unwrap_or_default());
    let kind = recorded.event.kind();
    let runbook = endpoint.runbook.as_deref().filter(|_| ESCALATIONS.contains(&kind));
    let told = Told { plan, recorded, entry, runbook };
    let body = match &endpoint.shape {
        Shape::Standard(_) => told.standard(position),
        Shape::Slack => told.slack(),
        Shape::PagerDuty(key) => told.pagerduty(key, &id),
    };
    Letter { position, id, kind, body: body.to_string().into_bytes() }
}

/// What comes with a letter: its id, the moment, and the signature over both and the body.
pub fn headers(endpoint: &Endpoint, letter: &Letter, now: Timestamp) -> Vec<(&'static str, String)> {
    let at = now.as_second().to_string();
    let mut headers = vec![("webhook-id", letter.id.clone()), ("webhook-timestamp", at.clone())];
    if let Shape::Standard(key) = &endpoint.shape {
        headers.push(("webhook-signature", signature(key, &letter.id, &at, &letter.body)));
    }
    headers
}

/// The signature of Standard Webhooks, version 1.
fn signature(key: &hmac::Key, id: &str, at: &str, body: &[u8]) -> String {
    let signed = [id.as_bytes(), at.as_bytes(), body].join(&b'.');
    format!("v1,{}", STANDARD.encode(hmac::sign(key, &signed)))
}

struct Told<'t> {
    plan: &'t Plan,
    recorded: &'t Recorded,
    entry: &'t Entry,
    runbook: Option<&'t str>,
}

impl Told<'_> {
    fn sentence(&self) -> String {
        format!("{} {}", self.entry.doer, self.entry.text)
    }

    fn standard(&self, position: u64) -> Value {
        let mut data = json!({
            "plan": self.plan.key.as_str(),
            "title": self.plan.title,
            "seq": self.recorded.seq,
            "position": position,
            "by": self.entry.by,
            "about": self.entry.about,
            "text": self.sentence(),
            "event": self.recorded.event,
        });
        if let Some(runbook) = self.runbook {
            data["runbook"] = json!(runbook);
        }
        json!({
            "type": format!("countersign.{}", self.recorded.event.kind()),
            "timestamp": self.recorded.at,
            "data": data,
        })
    }

    fn slack(&self) -> Value {
        let mut text = format!("*{}*: {}", plain(self.plan.key.as_str()), plain(&self.sentence()));
        if let Some(runbook) = self.runbook {
            text.push_str(&format!("\n<{}|What to do>", plain(runbook)));
        }
        json!({ "text": text })
    }

    fn pagerduty(&self, routing_key: &str, id: &str) -> Value {
        let (action, thing) = self.alarm(id);
        let severity = match self.recorded.event {
            Event::IncidentOpened { .. } | Event::PlanHalted { .. } => "critical",
            Event::EscalationOpened { .. } | Event::LeaseSilent { .. } => "error",
            _ => "warning",
        };
        let text: String = self.sentence().chars().take(1024).collect();
        let mut whole = json!({
            "routing_key": routing_key,
            "event_action": action,
            "dedup_key": format!("countersign/{}/{thing}", self.plan.id),
            "client": "Countersign",
            "payload": {
                "summary": text,
                "source": self.plan.key.as_str(),
                "severity": severity,
                "timestamp": self.recorded.at,
                "class": self.recorded.event.kind(),
                "custom_details": { "event": self.recorded.event, "seq": self.recorded.seq },
            },
        });
        if let Some(runbook) = self.runbook {
            whole["links"] = json!([{ "href": runbook, "text": "What to do" }]);
        }
        whole
    }

    /// Whether an alarm begins or ends, and which: what ended is the alarm that its beginning raised.
    fn alarm(&self, id: &str) -> (&'static str, String) {
        match &self.recorded.event {
            Event::TicketOpened(opened) => ("trigger", opened.ticket.to_string()),
            Event::TicketJoined(joined) => ("trigger", joined.ticket.to_string()),
            Event::TicketAssigned { ticket, .. } => ("acknowledge", ticket.to_string()),
            Event::TicketClosed { ticket, .. } => ("resolve", ticket.to_string()),
            Event::EscalationOpened { escalation, .. } => ("trigger", escalation.to_string()),
            Event::EscalationResolved { escalation, .. } => ("resolve", escalation.to_string()),
            Event::IncidentOpened { incident, .. } => ("trigger", format!("incident/{incident}")),
            Event::IncidentEnded { incident, .. } => ("resolve", format!("incident/{incident}")),
            Event::PlanHalted { .. } => ("trigger", "halted".to_owned()),
            Event::PlanResumed {} => ("resolve", "halted".to_owned()),
            _ => ("trigger", id.to_owned()),
        }
    }
}

/// A text in which nothing means anything to Slack.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // Computed apart, with OpenSSL, over `msg_1.1700000000.{"a":1}`.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"0123456789012345678901234567");
        assert_eq!(
            signature(&key, "msg_1", "1700000000", br#"{"a":1}"#),
            "v1,0Vc9YQFdPemDlLjlR4MkR1WRkxJwdB+z+jJL9ANSDtQ="
        );
    }
}
