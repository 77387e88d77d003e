//! Blobs: contents named by their BLAKE3 digest, so that events stay small.

use jiff::Timestamp;
use model::digest::Digest;

/// Up to here a blob lies in the database, in the same transaction as the event that names it;
/// bigger ones are files, safely on disk before the event.
pub const INLINE_BYTES: usize = 64 * 1024;

/// Some content and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    digest: Digest,
    bytes: Vec<u8>,
}

impl Blob {
    /// Names some content.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self { digest: Self::name(&bytes), bytes }
    }

    /// The name that some content has.
    pub fn name(bytes: &[u8]) -> Digest {
        Digest::from_bytes(blake3::hash(bytes).into())
    }

    /// The name: BLAKE3 of the content.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is small enough to lie in the database.
    pub fn is_inline(&self) -> bool {
        self.bytes.len() <= INLINE_BYTES
    }
}

/// What the store keeps under a blob's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The content; its digest was computed again on reading.
    Bytes(Vec<u8>),
    /// A tombstone: the content was removed on purpose, the name stays.
    Purged {
        /// When.
        at: Timestamp,
    },
}

impl Kept {
    /// The content, where it is still there.
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Purged { .. } => None,
        }
    }
}
