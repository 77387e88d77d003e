//! Shapes that more than one way in has in common: what `--json` prints is what the service answers.

use engine::desk::Receipt;
use jiff::Timestamp;
use lens::history::Entry;
use lens::record::Record;
use lens::sentences::Names;
use model::actor::{By, Cause};
use model::event::Event;
use model::ids::{PlanId, Seq};
use model::plan::Plan;
use serde::Serialize;

/// What came of a command, for machines.
#[derive(Debug, Serialize)]
pub struct ReceiptBody<'a> {
    /// The plan's id.
    pub plan: PlanId,
    /// The plan's key; nothing where it is the store itself.
    pub key: Option<&'a str>,
    /// Number of the plan's last event.
    pub seq: Seq,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whether an earlier request with the same id was answered again.
    pub repeated: bool,
    /// Whether the store's clock and ids are made up.
    pub test_store: bool,
    /// What happened; nothing where it was so already.
    pub events: Vec<Happened<'a>>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub struct Happened<'a> {
    /// Its number.
    pub seq: Seq,
    /// It, in a sentence.
    pub text: String,
    /// It, as it is on record.
    pub event: &'a Event,
}

impl<'a> ReceiptBody<'a> {
    /// What came of a command that this sender gave about a plan.
    pub fn of(
        receipt: &'a Receipt,
        by: &By,
        command: &'static str,
        plan: &'a Plan,
        test_store: bool,
    ) -> Self {
        let events = entries(receipt, by, command, plan).into_iter().zip(&receipt.events);
        Self {
            plan: receipt.plan,
            key: (receipt.plan != PlanId::STORE).then_some(plan.key.as_str()),
            seq: receipt.last,
            at: receipt.at,
            repeated: receipt.repeated,
            test_store,
            events: events
                .map(|(entry, event)| Happened { seq: entry.seq, text: entry.text, event })
                .collect(),
        }
    }
}

/// What came of a command, a sentence for each event.
pub fn entries(receipt: &Receipt, by: &By, command: &'static str, plan: &Plan) -> Vec<Entry> {
    let mut names = Names::new(plan);
    let cause = Cause::command(command);
    let first = receipt.last.0.saturating_sub(receipt.events.len() as u64) + 1;
    let told = (first..).map(Seq).zip(&receipt.events).map(|(seq, event)| {
        names.see(event);
        Entry::of(&names, &Record { seq, at: receipt.at, by, cause: &cause, event })
    });
    told.collect()
}
