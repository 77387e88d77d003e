//! `inbox`: the messages meant for whoever asks.

use clap::Args;
use engine::store::Store;
use journal::Delivered;
use lens::views::messages::{Inbox as Answer, MessageRow};
use model::command::Command;
use model::commons::Reader;
use model::ids::{PlanId, Seq};
use model::refusal::{MESSAGE_NOT_FOUND, POLICY_DENIED};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Inbox>(
    "inbox",
    Group::Agents,
    "shows messages for you that you did not acknowledge yet, and acknowledges them",
    &[READS_STORE, WRITES_STORE, WORKS_IN_SESSION, &[MESSAGE_NOT_FOUND, POLICY_DENIED]],
);

#[derive(Debug, Args)]
struct Inbox {
    /// Shows those you acknowledged too
    #[arg(long)]
    all: bool,
    /// Acknowledges these; may be repeated
    #[arg(long, value_name = "NUMBER", num_args = 1.., conflicts_with_all = ["all", "ack_all"])]
    ack: Vec<u64>,
    /// Acknowledges those it shows
    #[arg(long, conflicts_with = "all")]
    ack_all: bool,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Inbox {
    fn run(self, call: &Call) -> Outcome {
        if !self.ack.is_empty() {
            let store = call.store_to_write()?;
            let numbers: Vec<Seq> = self.ack.iter().copied().map(Seq).collect();
            acknowledge(call, &store, &self.asking, &numbers)?;
            if call.ui.wants_json() {
                call.ui.json(&json!({ "acknowledged": numbers }));
            } else {
                let told: Vec<String> = numbers.iter().map(Seq::to_string).collect();
                call.ui.line(format!("acknowledged {}", told.join(", ")));
            }
            return Ok(());
        }
        let store = if self.ack_all { call.store_to_write()? } else { call.store_to_read()? };
        let reader = reader(call, &store)?;
        let journal = store.desk().journal();
        let mut inbox: Vec<Delivered> =
            journal.inbox(&reader, !self.all, Seq(0), self.limit.saturating_add(1))?;
        let more = inbox.len() > self.limit;
        inbox.truncate(self.limit);
        if self.ack_all {
            let numbers: Vec<Seq> = inbox.iter().map(|delivered| delivered.message.number).collect();
            acknowledge(call, &store, &self.asking, &numbers)?;
        }
        let rows = inbox.iter().map(|delivered| MessageRow::of(&delivered.message, delivered.acknowledged));
        call.show(&Answer { reader: &reader.name, messages: rows.collect(), more });
        Ok(())
    }
}

/// Whoever asks, as a reader of messages.
fn reader(call: &Call, store: &Store) -> Outcome<Reader> {
    Ok(store.desk().commons()?.reader_of(&call.request()?.by.actor))
}

fn acknowledge(call: &Call, store: &Store, asking: &Asking, numbers: &[Seq]) -> Outcome {
    if numbers.is_empty() {
        return Ok(());
    }
    let command = Command::AcknowledgeMessages(numbers.to_vec());
    call.submit_to(store, PlanId::STORE, asking, command, Vec::new()).map(drop)
}
