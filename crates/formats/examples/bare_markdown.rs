//! Walks over the Markdown of a file and does nothing else with it: the least work any reader of
//! Markdown must do. `cargo xtask bench parse` measures the product against it.

#![expect(clippy::disallowed_methods, reason = "an example reads the file it is shown")]

use std::hint::black_box;
use std::io::Write as _;
use std::process::ExitCode;

use pulldown_cmark::{Options, Parser};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        return fail("which document? give its path");
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
            let events = Parser::new_ext(&text, options).into_offset_iter().map(black_box).count();
            let said = writeln!(std::io::stdout(), "{events} events");
            if said.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => fail(&format!("`{path}` cannot be read: {error}")),
    }
}

fn fail(message: &str) -> ExitCode {
    // Nothing is left to be done where even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
