//! From bytes to text. Knows nothing of what the text says.

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::Encoding;

/// The text of a document, and what had to be done to its bytes to get it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// What had to be done.
    pub encoding: Encoding,
    /// What is odd about the bytes.
    pub diagnostics: Vec<Diagnostic>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Decodes a document. Bytes that are no UTF-8 read as U+FFFD.
pub fn decode(bytes: &[u8]) -> Decoded {
    let mut decoded = Decoded::default();
    let bytes = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => {
            decoded.encoding.bom = true;
            rest
        }
        None => bytes,
    };
    read_utf8(bytes, &mut decoded);
    decoded
}

fn read_utf8(bytes: &[u8], decoded: &mut Decoded) {
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        decoded.text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let start = decoded.text.len();
            decoded.text.push(char::REPLACEMENT_CHARACTER);
            decoded.encoding.invalid += 1;
            first.get_or_insert(Span::new(start, decoded.text.len()));
        }
    }
    if let Some(first) = first {
        let count = decoded.encoding.invalid;
        let message = match count {
            1 => "1 sequence of bytes is not UTF-8 and is read as `\u{FFFD}`".to_owned(),
            _ => format!("{count} sequences of bytes are not UTF-8 and are read as `\u{FFFD}`"),
        };
        decoded.diagnostics.push(
            Diagnostic::new("text/invalid-encoding", Severity::Warning, first, message)
                .help("save the document as UTF-8"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_utf8_are_counted_and_shown() {
        let decoded = decode(b"caf\xE9 \xFF\xFE ok");
        assert_eq!(decoded.text, "caf\u{FFFD} \u{FFFD}\u{FFFD} ok");
        assert_eq!(decoded.encoding.invalid, 3);
        assert_eq!(decoded.diagnostics[0].code, "text/invalid-encoding");
        assert_eq!(decoded.diagnostics[0].span, Span::new(3, 6));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        let decoded = decode("\u{FEFF}# Plan".as_bytes());
        assert_eq!(decoded.text, "# Plan");
        assert!(decoded.encoding.bom && decoded.diagnostics.is_empty());
    }
}
