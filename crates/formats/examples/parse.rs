//! Prints what can be read from a document, in the shape of `countersign parse --json`. For trying
//! a reader without the program around it: `cargo run -p formats --example parse -- PLAN.md`.

#![expect(clippy::disallowed_methods, reason = "an example reads the file it is shown")]

use std::io::Write as _;
use std::process::ExitCode;

use formats::diagnostics::{Source, located};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        return fail("which document? give its path");
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return fail(&format!("`{path}` cannot be read: {error}")),
    };
    let reading = formats::read(&path, &bytes);
    let found = located(&[Source { path: &path, text: &reading.text, diagnostics: &reading.diagnostics }]);
    let shown = serde_json::to_value(&reading.draft).and_then(|mut draft| {
        draft["diagnostics"] = serde_json::to_value(found)?;
        serde_json::to_string_pretty(&draft)
    });
    match shown {
        Ok(text) if writeln!(std::io::stdout(), "{text}").is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    // Nothing is left to be done where even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
