//! Redaction of output that arrives in pieces: a secret cut in two by a read is still found.

use sha2::{Digest as _, Sha256};

use super::Redactor;
use super::rules::{self, Found, PRIVATE_KEY};

/// A line longer than this is worked on in parts.
const LINE_LIMIT: usize = 64 * 1024;
/// How much of a long line is kept back to be seen together with what follows.
const OVERLAP: usize = 8 * 1024;

/// Redacts text line by line as it arrives. Nothing is handed on before its line is complete.
#[derive(Debug)]
pub struct RedactedStream<'r> {
    redactor: &'r Redactor,
    pending: Vec<u8>,
    /// A private key has begun and its last line has not come yet.
    private_key: Option<Sha256>,
}

impl<'r> RedactedStream<'r> {
    pub(super) fn new(redactor: &'r Redactor) -> Self {
        Self { redactor, pending: Vec::new(), private_key: None }
    }

    /// Takes some more text; hands on what is known to be free of secrets.
    pub fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        let searched = self.pending.len();
        self.pending.extend_from_slice(bytes);
        if let Some(newline) = self.pending[searched..].iter().rposition(|b| *b == b'\n') {
            self.hand_on(searched + newline + 1, out);
        }
        while self.pending.len() > LINE_LIMIT {
            let cut = self.cut();
            self.hand_on(cut, out);
        }
    }

    /// The end of the text: hands on what was kept back.
    pub fn finish(mut self, out: &mut dyn FnMut(&[u8])) {
        self.hand_on(self.pending.len(), out);
        if let Some(hasher) = self.private_key.take() {
            out(self.redactor.mark_of(PRIVATE_KEY, hasher).as_bytes());
        }
    }

    fn hand_on(&mut self, end: usize, out: &mut dyn FnMut(&[u8])) {
        let rest = self.pending.split_off(end);
        let text = std::mem::replace(&mut self.pending, rest);
        let mut from = 0;
        if let Some(mut hasher) = self.private_key.take() {
            let (length, closed) = rules::private_key_rest(&text);
            hasher.update(&text[..length]);
            if !closed && length == text.len() {
                self.private_key = Some(hasher);
                return;
            }
            out(self.redactor.mark_of(PRIVATE_KEY, hasher).as_bytes());
            from = length;
        }
        let text = &text[from..];
        let mut done = 0;
        for (secret, kind) in self.redactor.secrets(text) {
            out(&text[done..secret.start]);
            done = secret.end;
            let bytes = &text[secret];
            let hasher = self.redactor.hasher(kind).chain_update(bytes);
            if kind == PRIVATE_KEY && done == text.len() && !rules::private_key_is_closed(bytes) {
                self.private_key = Some(hasher);
                return;
            }
            out(self.redactor.mark_of(kind, hasher).as_bytes());
        }
        out(&text[done..]);
    }

    /// Where a long line may be cut: not inside a secret, and after a character that ends one.
    fn cut(&self) -> usize {
        let latest = self.pending.len() - OVERLAP;
        let word_end = self.pending[..latest]
            .iter()
            .rposition(|b| b" \t,;".contains(b))
            .filter(|at| *at >= latest.saturating_sub(OVERLAP))
            .map_or(latest, |at| at + 1);
        // A secret just after the cut is known by what stands before it.
        let crossing = |found: &Found| found.start < word_end + 64 && word_end < found.end;
        match self.redactor.secrets(&self.pending).map(|(found, _)| found).find(crossing) {
            Some(found) if found.end < self.pending.len() => found.end,
            // It may go on in what has not arrived yet.
            Some(found) if found.start >= OVERLAP => found.start - OVERLAP / 2,
            Some(_) => self.pending.len(),
            None => word_end,
        }
    }
}
