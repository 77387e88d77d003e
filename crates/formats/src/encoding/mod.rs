//! From bytes to text: byte order marks, bytes that are no UTF-8, and UTF-8 that was once decoded
//! as something else. Knows nothing of what the text says. Start reading at [`decode`].

mod mojibake;
mod pages;
mod source;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::Encoding;

use mojibake::Trial;
use pages::Page;

pub use source::replace;

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

/// How often one document is read back: text that was mistaken twice is put right twice.
const MOST_ROUNDS: u32 = 3;

/// Decodes a document. Bytes that are no UTF-8 read as U+FFFD.
pub fn decode(bytes: &[u8]) -> Decoded {
    let mut decoded = Decoded::default();
    if let Some(units) = utf16_units(bytes) {
        decoded.encoding.bom = true;
        read_utf16(&units, &mut decoded);
        return decoded;
    }
    let bytes = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => {
            decoded.encoding.bom = true;
            rest
        }
        None => bytes,
    };
    read_utf8(bytes, &mut decoded);
    if !decoded.text.is_ascii() {
        undo_mojibake(&mut decoded);
    }
    decoded
}

/// The text of a document whose bytes are its text, but for a byte order mark: nothing had to be
/// decoded, and nothing is to be put right.
pub fn as_it_stands(bytes: &[u8]) -> Option<&str> {
    if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        return None;
    }
    let text = str::from_utf8(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)).ok()?;
    (text.is_ascii() || Trial::mistaken_page(text).is_none()).then_some(text)
}

/// What `fix --encoding` writes: the document as UTF-8 with wrongly decoded text put right, its
/// byte order mark kept; `None` where nothing is to be put right, or not all of it can be.
pub fn repair(bytes: &[u8]) -> Option<Vec<u8>> {
    let decoded = decode(bytes);
    let is_utf16 = utf16_units(bytes).is_some();
    if decoded.encoding.invalid > 0 || !(decoded.encoding.repaired || is_utf16) {
        return None;
    }
    let mark = if decoded.encoding.bom && !is_utf16 { BYTE_ORDER_MARK } else { b"" };
    Some([mark, decoded.text.as_bytes()].concat())
}

fn read_utf8(bytes: &[u8], decoded: &mut Decoded) {
    // Checking all of it at once is several times faster than looking for what is wrong.
    if let Ok(text) = str::from_utf8(bytes) {
        text.clone_into(&mut decoded.text);
        return;
    }
    decoded.text.reserve(bytes.len());
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

fn utf16_units(bytes: &[u8]) -> Option<Vec<u16>> {
    let read = |rest: &[u8], unit: fn([u8; 2]) -> u16| -> Vec<u16> {
        // An odd byte at the end is half a unit, which is no character.
        let whole = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        whole.chain(rest.chunks_exact(2).remainder().first().map(|_| 0xD800)).collect()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => Some(read(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Some(read(rest, u16::from_be_bytes)),
        _ => None,
    }
}

fn read_utf16(units: &[u16], decoded: &mut Decoded) {
    for unit in char::decode_utf16(units.iter().copied()) {
        decoded.encoding.invalid += u32::from(unit.is_err());
        decoded.text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    let message = match decoded.encoding.invalid {
        0 => "the document is UTF-16, not UTF-8".to_owned(),
        count => format!(
            "the document is UTF-16, not UTF-8, and {count} of its units are no characters; they are read as `\u{FFFD}`"
        ),
    };
    decoded.diagnostics.push(
        Diagnostic::new("text/invalid-encoding", Severity::Warning, Span::default(), message)
            .help("`countersign fix --encoding` rewrites it as UTF-8"),
    );
}

fn undo_mojibake(decoded: &mut Decoded) {
    for _ in 0..MOST_ROUNDS {
        let trials = Page::ALL.map(|page| Trial::of(&decoded.text, page));
        let mistake = trials.iter().filter(|trial| trial.is_mistake()).max_by_key(|trial| trial.evidence());
        let Some(trial) = mistake else {
            if !decoded.encoding.repaired {
                decoded.diagnostics.extend(partial_mistake(&trials, &decoded.text));
            }
            break;
        };
        let Some(text) = mojibake::undo(&decoded.text, trial.page) else { break };
        if !decoded.encoding.repaired {
            decoded.encoding.repaired = true;
            decoded.encoding.from = Some(trial.page.name());
            decoded.encoding.runs = trial.runs;
            decoded.diagnostics.push(mistake_found(trial, &decoded.text, &text));
        }
        decoded.text = text;
    }
    // Another round moves places, so the one to point at is looked up in what is read at the end.
    if decoded.encoding.repaired
        && let Some(found) = decoded.diagnostics.last_mut()
        && let Some(start) = decoded.text.find(|c: char| !c.is_ascii())
    {
        let length = decoded.text[start..].find(|c: char| c.is_ascii()).unwrap_or(decoded.text.len() - start);
        found.span = Span::new(start, start + length);
    }
}

fn mistake_found(trial: &Trial, wrong: &str, right: &str) -> Diagnostic {
    let runs = counted(trial.runs);
    let example = trial
        .first
        .as_ref()
        .and_then(|first| {
            mojibake::undo(&wrong[first.clone()], trial.page).map(|meant| (&wrong[first.clone()], meant))
        })
        .map(|(wrong, meant)| format!(", such as `{wrong}` for `{meant}`"))
        .unwrap_or_default();
    let page = trial.page.name();
    debug_assert!(right.len() <= wrong.len());
    let message =
        format!("the text is UTF-8 that was once read as {page}: {runs} of wrong characters{example}");
    Diagnostic::new("text/mojibake", Severity::Warning, Span::default(), message).help(
        "it is read as it was meant and the file is left alone; `countersign fix --encoding` rewrites it",
    )
}

fn partial_mistake(trials: &[Trial], text: &str) -> Option<Diagnostic> {
    let trial =
        trials.iter().filter(|trial| trial.is_partial_mistake()).max_by_key(|trial| trial.evidence())?;
    let first = trial.first.clone()?;
    let message = format!(
        "{} of characters look like UTF-8 that was once read as {}, such as `{}`, but {} other characters \
         do not, so all of it is read as it stands",
        counted(trial.runs),
        trial.page.name(),
        &text[first.clone()],
        trial.stray
    );
    let help = "put those places right by hand; `countersign fix --encoding` only rewrites a document that is wrong throughout";
    Some(Diagnostic::new("text/mojibake", Severity::Warning, Span::from(first), message).help(help))
}

fn counted(runs: u32) -> String {
    if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") }
}

#[cfg(test)]
mod tests;
