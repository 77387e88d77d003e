//! `cargo xtask`: what the workshop can do, by name. Only finds the command and turns its answer
//! into an exit code; the work is done in the library beside it.

use std::io::Write;
use std::process::ExitCode;

use xtask::commands::{COMMANDS, list};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        // Nobody reads this through a pipe that closes early and minds.
        let _ = std::io::stdout().write_all(list().as_bytes());
        return ExitCode::SUCCESS;
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == *name) else {
        let _ = write!(std::io::stderr(), "error: there is no `{name}`; there are\n\n{}", list());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "error: {problem}");
            ExitCode::FAILURE
        }
    }
}
