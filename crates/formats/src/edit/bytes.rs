//! Carrying edits out on a file's bytes.

use super::{Reason, TextEdit};
use crate::{Reading, encoding};

/// The document with its edits carried out; nothing else of it changes. The bytes are those that
/// were read.
///
/// # Errors
///
/// Where the bytes are others, the edits overlap, or the document's encoding cannot hold them.
pub fn apply(bytes: &[u8], reading: &Reading, edits: &[TextEdit]) -> Result<Vec<u8>, Reason> {
    if edits.is_empty() {
        return Ok(bytes.to_vec());
    }
    let mut sorted: Vec<_> = edits.iter().map(|edit| (edit.span.range(), edit.text.as_str())).collect();
    sorted.sort_by_key(|(range, _)| (range.start, range.end));
    let mut end = 0;
    for (range, _) in &sorted {
        if range.start < end || reading.text.get(range.clone()).is_none() {
            return Err(Reason::OtherBytes);
        }
        end = range.end;
    }
    if !is_text_of(bytes, &reading.text) && encoding::decode(bytes).text != reading.text {
        return Err(Reason::OtherBytes);
    }
    encoding::replace(bytes, &reading.text, &sorted).ok_or(Reason::Encoding)
}

/// Whether bytes are a text as it stands, after a byte order mark or without one.
fn is_text_of(bytes: &[u8], text: &str) -> bool {
    bytes.strip_suffix(text.as_bytes()).is_some_and(|mark| mark.is_empty() || mark == b"\xEF\xBB\xBF")
}
