//! Somebody's words inside a Markdown document of ours: they read as they were written and do
//! nothing. What stands between backticks stays code.

use std::borrow::Cow;

use super::is_hidden;
use super::spans::{Span, spans};

/// Where the words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Somewhere in a line.
    Line,
    /// At the beginning of a line, where some signs would begin a block.
    Start,
    /// In the cell of a table, where a pipe would be a border.
    Cell,
}

/// Words as Markdown that says just these words.
pub(super) fn prose(text: &str, place: Place) -> String {
    let text = flat(text);
    let mut out = String::with_capacity(text.len() + 8);
    for span in spans(&text) {
        match span {
            Span::Prose(words) => escape(&mut out, words, place),
            // Inside code no backslash escapes, so a pipe behind one cannot be written as code.
            Span::Code(code) if place == Place::Cell && code.contains("\\|") => {
                out.push_str("\\`");
                escape(&mut out, code, place);
                out.push_str("\\`");
            }
            Span::Code(code) => {
                let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat(longest + 1);
                let code = if place == Place::Cell { code.replace('|', "\\|") } else { code.to_owned() };
                out.push_str(&format!("{fence}{code}{fence}"));
            }
        }
    }
    if place == Place::Start { guarded(out) } else { out }
}

/// One line, without what cannot be seen.
pub(super) fn flat(text: &str) -> String {
    let joined = if text.contains(['\n', '\r']) {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    };
    joined.chars().filter(|letter| !is_hidden(*letter)).collect()
}

fn escape(out: &mut String, words: &str, place: Place) {
    let mut before = ' ';
    let mut rest = words.chars();
    while let Some(letter) = rest.next() {
        let behind = rest.as_str();
        let next = behind.chars().next().unwrap_or(' ');
        let means_something = match letter {
            // A tag, a comment, an address in angle brackets.
            '<' => next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'),
            '&' => is_entity(behind),
            // The address of a link or a picture.
            '(' | '[' => before == ']',
            '*' => true,
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            '~' => next == '~',
            '`' => true,
            '|' => place == Place::Cell,
            '\\' => next.is_ascii_punctuation(),
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(letter);
        before = letter;
    }
}

/// Whether what stands behind an ampersand would make it a character's name: `lt;`, `#60;`.
fn is_entity(behind: &str) -> bool {
    behind.find(';').is_some_and(|end| {
        end > 0 && behind[..end].chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '#')
    })
}

/// A line that begins no heading, list, quotation or rule.
fn guarded(line: String) -> String {
    if line.starts_with(['#', '>', '+', '-', '=', '~', '|']) {
        return format!("\\{line}");
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let sign = |sign: &str| line[digits..].strip_prefix(sign).is_some_and(|rest| rest.starts_with(' '));
    if digits > 0 && (sign(".") || sign(")")) {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, place: Place, expected: &str) {
        assert_eq!(prose(text, place), expected, "{text}");
    }

    #[test]
    fn words_do_nothing() {
        check("<script>x</script> & <!-- y -->", Place::Line, "\\<script>x\\</script> & \\<!-- y -->");
        check("warnings < 20, R&D, &lt;b&#62;", Place::Line, "warnings < 20, R&D, \\&lt;b\\&#62;");
        check(
            "see [here](https://x.example) [declared]",
            Place::Line,
            "see [here]\\(https://x.example) [declared]",
        );
        check(
            "2*3*4 __init__ snake_case ~3 ~~no~~",
            Place::Line,
            "2\\*3\\*4 \\_\\_init\\_\\_ snake_case ~3 \\~~no\\~~",
        );
        check("a\nb\u{1b}[31m", Place::Line, "a b\u{1b}[31m".replace('\u{1b}', "").as_str());
    }

    #[test]
    fn code_stays_code_and_pipes_no_borders() {
        check("run `a | b <c>` | now", Place::Cell, "run `a \\| b <c>` \\| now");
        check("run `a | b` | now", Place::Line, "run `a | b` | now");
        check("`a \\| b` c\\|d", Place::Cell, "\\`a \\\\\\| b\\` c\\\\\\|d");
        check("one ` alone", Place::Cell, "one \\` alone");
    }

    #[test]
    fn a_line_begins_no_block() {
        check("# no heading", Place::Start, "\\# no heading");
        check("1. no list", Place::Start, "1\\. no list");
        check("- no list", Place::Start, "\\- no list");
        check("12 tasks", Place::Start, "12 tasks");
        check("2.4 days", Place::Start, "2.4 days");
    }
}
