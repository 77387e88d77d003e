//! How a message is put together: one line of JSON, and behind it bytes as they are.

use serde::Serialize;

/// A message: a line of JSON. What follows is added to it.
pub(super) fn frame(head: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(head).expect("what crosses the wire has a JSON form");
    bytes.push(b'\n');
    bytes
}

/// A message's line, and what is behind it.
pub fn unframe(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = message.iter().position(|byte| *byte == b'\n')?;
    Some((&message[..end], &message[end + 1..]))
}
