//! How refusals, faults and receipts are told over the wire: everything they hold, so that the client
//! shows what it would have shown of a store of its own.

use jiff::Timestamp;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{Refusal, STORE_OTHER_VERSION, code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::desk::{BatchReceipt, Denied, Receipt};

/// Nothing was recorded, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The domain said no.
    Refused(ToldRefusal),
    /// The world failed.
    Down(Fault),
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldRefusal {
    code: String,
    message: String,
    facts: Vec<String>,
    hint: Option<String>,
    context: Map<String, Value>,
}

impl From<&Refusal> for ToldRefusal {
    fn from(refusal: &Refusal) -> Self {
        let Refusal { code, message, facts, hint, context } = refusal.clone();
        Self { code: code.to_owned(), message, facts, hint, context }
    }
}

impl ToldRefusal {
    /// The refusal; a fault where its code is none that this version knows.
    pub(super) fn into_refusal(self) -> Result<Refusal, Fault> {
        let Self { code: told, message, facts, hint, context } = self;
        let Some(known) = code(&told) else {
            return Err(Fault::new(STORE_OTHER_VERSION, format!("{message} (`{told}`)"))
                .hint("the server is of another version; use the same one on both sides"));
        };
        Ok(Refusal { code: known.code, message, facts, hint, context })
    }
}

impl From<&Denied> for Told {
    fn from(denied: &Denied) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::Refused((&**refusal).into()),
            Denied::Down(fault) => Self::Down((**fault).clone()),
        }
    }
}

impl From<Told> for Denied {
    fn from(told: Told) -> Self {
        match told {
            Told::Refused(refusal) => refusal.into_refusal().map_or_else(Self::from, Self::from),
            Told::Down(fault) => fault.into(),
        }
    }
}

/// What came of a command.
#[derive(Debug, Serialize, Deserialize)]
pub struct ToldReceipt {
    plan: PlanId,
    count: usize,
    events: Vec<Event>,
    last: Seq,
    at: Timestamp,
    repeated: bool,
}

impl From<Receipt> for ToldReceipt {
    fn from(receipt: Receipt) -> Self {
        let Receipt { plan, count, events, last, at, repeated } = receipt;
        Self { plan, count, events, last, at, repeated }
    }
}

impl From<ToldReceipt> for Receipt {
    fn from(told: ToldReceipt) -> Self {
        let ToldReceipt { plan, count, events, last, at, repeated } = told;
        Self { plan, count, events, last, at, repeated }
    }
}

/// What came of several commands handed in at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct ToldBatch {
    rulings: Vec<Option<ToldRefusal>>,
    events: Vec<Event>,
    last: Seq,
}

impl From<BatchReceipt> for ToldBatch {
    fn from(receipt: BatchReceipt) -> Self {
        let rulings = receipt.rulings.iter().map(|ruling| ruling.as_ref().err().map(ToldRefusal::from));
        Self { rulings: rulings.collect(), events: receipt.events, last: receipt.last }
    }
}

impl ToldBatch {
    pub(super) fn into_receipt(self) -> Result<BatchReceipt, Fault> {
        let ruling = |told: Option<ToldRefusal>| {
            Ok(match told {
                None => Ok(()),
                Some(told) => Err(told.into_refusal()?),
            })
        };
        let rulings = self.rulings.into_iter().map(ruling).collect::<Result<_, Fault>>()?;
        Ok(BatchReceipt { rulings, events: self.events, last: self.last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::refusal::PLAN_MOVED;

    #[test]
    fn a_refusal_crosses_with_everything_it_holds() {
        let no = Refusal::new(PLAN_MOVED, "moved").fact("one").fact("two").hint("again").with("seq", 7);
        let told = serde_json::to_string(&Told::from(&Denied::from(no.clone()))).unwrap();
        let back: Told = serde_json::from_str(&told).unwrap();
        assert_eq!(Denied::from(back), Denied::from(no));
    }

    #[test]
    fn a_code_nobody_knows_here_is_told_as_that_of_another_version() {
        let told = r#"{"refused":{"code":"new/one","message":"no","facts":[],"hint":null,"context":{}}}"#;
        let Denied::Down(fault) = Denied::from(serde_json::from_str::<Told>(told).unwrap()) else {
            panic!("a fault")
        };
        assert_eq!((fault.code.as_str(), fault.message.as_str()), (STORE_OTHER_VERSION, "no (`new/one`)"));
    }
}
