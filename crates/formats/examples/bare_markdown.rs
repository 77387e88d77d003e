//! Walks over the Markdown of files and does nothing else with it: the least work any reader of
//! Markdown must do. `cargo xtask bench parse` and `bench check` measure the product against it.

#![expect(clippy::disallowed_methods, reason = "an example reads the files it is shown")]

use std::hint::black_box;
use std::io::Write as _;
use std::process::ExitCode;

use pulldown_cmark::{Options, Parser};

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        return fail("which document? give its path, or several");
    }
    let mut events = 0;
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
                events += Parser::new_ext(&text, options).into_offset_iter().map(black_box).count();
            }
            Err(error) => return fail(&format!("`{path}` cannot be read: {error}")),
        }
    }
    let said = writeln!(std::io::stdout(), "{events} events");
    if said.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fail(message: &str) -> ExitCode {
    // Nothing is left to be done where even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
