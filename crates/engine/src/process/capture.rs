//! What a command printed: redacted as it arrives, its beginning and its end kept.

use std::collections::VecDeque;

use crate::redact::{RedactedStream, Redactor};

/// How much of the beginning and of the end of the output is kept, in bytes.
pub const KEPT_AT_EACH_END: usize = 256 * 1024;
/// A command that prints more bytes than this is ended.
pub const OUTPUT_LIMIT: u64 = 64 * 1024 * 1024;
/// How much of the end of standard output is kept for reading numbers.
const TAIL: usize = 64 * 1024;

pub(super) struct Capture<'r> {
    stdout: RedactedStream<'r>,
    stderr: RedactedStream<'r>,
    kept: Kept,
    tail: VecDeque<u8>,
    printed: u64,
    follow: &'r mut dyn FnMut(&[u8]),
}

impl<'r> Capture<'r> {
    pub(super) fn new(redactor: &'r Redactor, follow: &'r mut dyn FnMut(&[u8])) -> Self {
        Self {
            stdout: redactor.stream(),
            stderr: redactor.stream(),
            kept: Kept::default(),
            tail: VecDeque::new(),
            printed: 0,
            follow,
        }
    }

    pub(super) fn stdout(&mut self, bytes: &[u8]) {
        self.printed += bytes.len() as u64;
        keep_last(&mut self.tail, bytes, TAIL);
        (self.follow)(bytes);
        self.stdout.push(bytes, &mut |clean| self.kept.push(clean));
    }

    pub(super) fn stderr(&mut self, bytes: &[u8]) {
        self.printed += bytes.len() as u64;
        self.stderr.push(bytes, &mut |clean| self.kept.push(clean));
    }

    pub(super) fn is_over_limit(&self) -> bool {
        self.printed > OUTPUT_LIMIT
    }

    /// The redacted output, and the end of standard output as it came.
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        self.stdout.finish(&mut |clean| self.kept.push(clean));
        self.stderr.finish(&mut |clean| self.kept.push(clean));
        (self.kept.finish(), self.tail.into())
    }
}

#[derive(Default)]
struct Kept {
    first: Vec<u8>,
    last: VecDeque<u8>,
    /// How many bytes came after `first`.
    later: u64,
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        let room = KEPT_AT_EACH_END - self.first.len();
        let (first, later) = bytes.split_at(room.min(bytes.len()));
        self.first.extend_from_slice(first);
        self.later += later.len() as u64;
        keep_last(&mut self.last, later, KEPT_AT_EACH_END);
    }

    fn finish(self) -> Vec<u8> {
        let mut all = self.first;
        let left_out = self.later - self.last.len() as u64;
        if left_out > 0 {
            all.extend_from_slice(format!("\n‹{left_out} bytes left out›\n").as_bytes());
        }
        all.extend(self.last);
        all
    }
}

fn keep_last(kept: &mut VecDeque<u8>, bytes: &[u8], limit: usize) {
    let bytes = &bytes[bytes.len().saturating_sub(limit)..];
    let excess = (kept.len() + bytes.len()).saturating_sub(limit);
    kept.drain(..excess);
    kept.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_long_output_is_left_out_and_counted() {
        let redactor = Redactor::new(b"");
        let mut follow = |_: &[u8]| {};
        let mut capture = Capture::new(&redactor, &mut follow);
        for number in 0..200_000 {
            capture.stdout(format!("{number}\n").as_bytes());
        }
        let (output, tail) = capture.finish();
        let text = String::from_utf8(output).unwrap();
        assert!(text.starts_with("0\n1\n2\n") && text.ends_with("\n199998\n199999\n"));
        assert!(text.contains("bytes left out›"));
        assert!(text.len() < 2 * KEPT_AT_EACH_END + 64);
        assert_eq!(tail.len(), TAIL);
    }

    #[test]
    fn short_output_is_whole() {
        let redactor = Redactor::new(b"");
        let mut follow = |_: &[u8]| {};
        let mut capture = Capture::new(&redactor, &mut follow);
        capture.stdout(b"one\ntw");
        capture.stderr(b"oops\n");
        capture.stdout(b"o\n");
        let (output, tail) = capture.finish();
        assert_eq!(output, b"one\noops\ntwo\n");
        assert_eq!(tail, b"one\ntwo\n");
    }
}
