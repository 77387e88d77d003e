//! Diagnostics as GitHub workflow commands, which annotate the lines of a pull request.

use std::fmt::Write as _;

use model::diagnostic::Severity;

use super::Source;

pub(super) fn render(sources: &[Source<'_>]) -> String {
    let mut out = String::new();
    for found in super::located(sources) {
        let command = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        // A column is only understood beside an end on the same line.
        let columns = if found.line == found.end_line {
            format!(",col={},endColumn={}", found.column, found.end_column)
        } else {
            String::new()
        };
        let message = match &found.help {
            Some(help) => format!("{}\nhelp: {help}", found.message),
            None => found.message,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "::{command} file={},line={},endLine={}{columns},title={}::{}",
            property(&found.file),
            found.line,
            found.end_line,
            property(found.code),
            data(&message),
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
