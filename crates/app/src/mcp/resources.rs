//! What agents may read without a tool: the board, and the brief of a task.

use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

const BOARD: &str = "countersign://board";
const BRIEF: &str = "countersign://brief/";

/// What has an address of its own.
pub(super) fn all() -> Vec<Resource> {
    let board = Resource::new(BOARD, "board").with_title("Board");
    let board = board.with_description("How every task stands: verified, claimed, active, ready, blocked");
    vec![board.with_mime_type("text/plain")]
}

/// What has one for each task.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    let brief = ResourceTemplate::new(format!("{BRIEF}{{key}}"), "brief").with_title("Brief");
    let brief = brief.with_description("What a task asks for, how it will be checked, and what it may write");
    vec![brief.with_mime_type("text/markdown")]
}

/// The command line that gives what an address names.
pub(super) fn arguments(uri: &str) -> Option<Vec<String>> {
    if uri == BOARD {
        return Some(vec!["list".to_owned()]);
    }
    let key = decoded(uri.strip_prefix(BRIEF)?)?;
    (!key.is_empty()).then(|| vec!["brief".to_owned(), "--".to_owned(), key])
}

/// The contents of an address.
pub(super) fn contents(uri: &str, text: String) -> ReadResourceResult {
    let kind = if uri == BOARD { "text/plain" } else { "text/markdown" };
    ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(kind)])
}

/// A part of an address with its `%20`s undone.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_command_line() {
        assert_eq!(arguments("countersign://board"), Some(vec!["list".to_owned()]));
        let brief = |key: &str| Some(vec!["brief".to_owned(), "--".to_owned(), key.to_owned()]);
        assert_eq!(arguments("countersign://brief/7.3"), brief("7.3"));
        assert_eq!(arguments("countersign://brief/a%2Fb%20c"), brief("a/b c"));
        assert_eq!(arguments("countersign://brief/--store"), brief("--store"), "never an option");
        for bad in ["countersign://brief/", "countersign://brief/%zz", "file:///etc/passwd", "board"] {
            assert_eq!(arguments(bad), None, "{bad}");
        }
    }
}
