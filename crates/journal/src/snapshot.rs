//! Snapshots: a plan's state after some event, kept so that reading need not begin at the
//! beginning. Caches only: whatever does not match the journal is thrown away, never believed.

use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

use crate::blob::Blob;

const MAGIC: &[u8; 8] = b"csn-snp1";
/// The longest code version a snapshot may name, in bytes.
pub const MAX_VERSION_BYTES: usize = 64;

/// What a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotKey {
    /// The plan.
    pub plan: PlanId,
    /// The last event it includes.
    pub seq: Seq,
    /// That event's digest: ties the snapshot to this history and no other.
    pub digest: Digest,
    /// The code that made it: another version may fold events differently.
    pub code_version: String,
}

/// A plan's state after some event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is of.
    pub key: SnapshotKey,
    /// The state, in whatever form the code that made it likes.
    pub bytes: Vec<u8>,
}

impl SnapshotKey {
    /// The header before a snapshot's bytes: magic, plan, number, digest of the event, digest of
    /// the bytes, code version.
    pub(crate) fn header(&self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let version = self.code_version.as_bytes();
        let length = u8::try_from(version.len())
            .ok()
            .filter(|length| usize::from(*length) <= MAX_VERSION_BYTES)
            .ok_or_else(|| Fault::new("internal/fault", "a code version has at most 64 bytes"))?;
        let mut header = Vec::with_capacity(8 + 16 + 8 + 32 + 32 + 1 + version.len());
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&self.plan.bits().to_be_bytes());
        header.extend_from_slice(&self.seq.0.to_be_bytes());
        header.extend_from_slice(self.digest.as_bytes());
        header.extend_from_slice(Blob::name(bytes).as_bytes());
        header.push(length);
        header.extend_from_slice(version);
        Ok(header)
    }
}

impl Snapshot {
    /// Reads a snapshot file; `None` where anything about it is off.
    pub(crate) fn parse(mut file: Vec<u8>) -> Option<Self> {
        let mut rest = file.as_slice();
        let mut take = |count: usize| {
            let (part, after) = rest.split_at_checked(count)?;
            rest = after;
            Some(part)
        };
        if take(8)? != MAGIC {
            return None;
        }
        let plan = PlanId::from_bits(u128::from_be_bytes(take(16)?.try_into().ok()?));
        let seq = Seq(u64::from_be_bytes(take(8)?.try_into().ok()?));
        let digest = Digest::from_bytes(take(32)?.try_into().ok()?);
        let content = Digest::from_bytes(take(32)?.try_into().ok()?);
        let length = usize::from(*take(1)?.first()?);
        let code_version = std::str::from_utf8(take(length)?).ok()?.to_owned();
        if Blob::name(rest) != content {
            return None;
        }
        let header = file.len() - rest.len();
        file.drain(..header);
        Some(Self { key: SnapshotKey { plan, seq, digest, code_version }, bytes: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SnapshotKey {
        SnapshotKey {
            plan: PlanId::from_bits(7),
            seq: Seq(3),
            digest: Digest::sha256(b"event"),
            code_version: "0.1".to_owned(),
        }
    }

    #[test]
    fn a_snapshot_reads_back_and_any_changed_byte_voids_it() {
        let mut file = key().header(b"state").unwrap();
        file.extend_from_slice(b"state");
        let read = Snapshot::parse(file.clone()).unwrap();
        assert_eq!((read.key, read.bytes.as_slice()), (key(), b"state".as_slice()));
        assert_eq!(Snapshot::parse(file[..20].to_vec()), None);
        for place in (0..8).chain(64..96).chain(file.len() - 5..file.len()) {
            let mut changed = file.clone();
            changed[place] ^= 1;
            assert_eq!(Snapshot::parse(changed), None, "byte {place}");
        }
    }
}
