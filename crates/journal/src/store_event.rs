//! The events of the store's own stream. They are the only ones the journal itself writes: with
//! them a plan that vanished, or a blob that was emptied behind the journal's back, is seen.

use model::digest::Digest;
use model::ids::{PlanId, Seq};
use serde::{Deserialize, Serialize};

use crate::brought::Brought;

/// Something that happened to the store as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreEvent {
    /// A plan's first event was appended.
    PlanMade {
        /// The plan.
        plan: PlanId,
    },
    /// A plan's stream came from another store, byte for byte.
    PlanBrought {
        /// The plan.
        plan: PlanId,
        /// Number of its last event then.
        seq: Seq,
        /// Digest of its last event then.
        digest: Digest,
        /// SHA-256 of the file it came in.
        file: Digest,
    },
    /// A plan's events were removed.
    PlanRemoved {
        /// The plan.
        plan: PlanId,
        /// Number of its last event.
        seq: Seq,
        /// Digest of its last event.
        digest: Digest,
    },
    /// A blob's content was removed; its name stays.
    BlobPurged {
        /// The blob.
        digest: Digest,
        /// Why, in somebody's words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

impl StoreEvent {
    /// That a stream came from another store.
    pub fn brought(stream: &Brought) -> Self {
        Self::PlanBrought { plan: stream.plan, seq: stream.last(), digest: stream.head(), file: stream.file }
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("ids, numbers and digests always have a JSON form")
    }

    /// Reads stored bytes; `None` for events of other kinds, which share the stream.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_events_have_a_fixed_form() {
        let plan = PlanId::from_bits(1);
        let check = |event: StoreEvent, text: &str| {
            assert_eq!(String::from_utf8(event.to_bytes()).unwrap(), text);
            assert_eq!(StoreEvent::from_bytes(text.as_bytes()), Some(event));
        };
        check(StoreEvent::PlanMade { plan }, r#"{"plan_made":{"plan":"pln_00000000000000000000000001"}}"#);
        check(
            StoreEvent::PlanBrought { plan, seq: Seq(2), digest: Digest::ZERO, file: Digest::ZERO },
            &format!(
                r#"{{"plan_brought":{{"plan":"pln_00000000000000000000000001","seq":2,"digest":"{0}","file":"{0}"}}}}"#,
                Digest::ZERO
            ),
        );
        check(
            StoreEvent::PlanRemoved { plan, seq: Seq(2), digest: Digest::ZERO },
            &format!(
                r#"{{"plan_removed":{{"plan":"pln_00000000000000000000000001","seq":2,"digest":"{}"}}}}"#,
                Digest::ZERO
            ),
        );
        check(
            StoreEvent::BlobPurged { digest: Digest::ZERO, reason: String::new() },
            &format!(r#"{{"blob_purged":{{"digest":"{}"}}}}"#, Digest::ZERO),
        );
        check(
            StoreEvent::BlobPurged { digest: Digest::ZERO, reason: "names a customer".to_owned() },
            &format!(r#"{{"blob_purged":{{"digest":"{}","reason":"names a customer"}}}}"#, Digest::ZERO),
        );
        assert_eq!(StoreEvent::from_bytes(b"{\"key_registered\":{}}"), None);
    }
}
