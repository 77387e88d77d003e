//! The command line: reads what was asked for, finds the verb, says how it ended.
//!
//! Knows no plan and no rule. [`commands::VERBS`] lists the verbs; [`ui`] is the only place that
//! prints; [`error`] turns every kind of "no" into text, JSON and an exit status.

pub mod addressing;
pub mod briefing;
pub mod call;
pub mod commands;
pub mod context;
pub mod dispatching;
pub mod entry;
pub mod error;
pub mod exchanging;
pub mod files;
pub mod globals;
pub mod help;
pub mod hooking;
pub mod pages;
mod panic;
pub mod plan_file;
pub mod proving;
pub mod remembering;
pub mod report;
pub mod spawning;
pub mod syncing;
pub mod ui;
pub mod usage;
pub mod values;
pub mod verb;
pub mod waiting;
pub mod wanted;
pub mod working;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Command, FromArgMatches};

use crate::config::{Config, Environment};
use call::Call;
use error::{Outcome, Stop};
use globals::Globals;
use ui::{Ui, Wishes};

/// Does what the process was started for, and gives its exit status.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let wishes = wishes_in(&arguments);
    panic::guard(wishes.json, || {
        let outcome = run(arguments, wishes, &Environment::of_process(), &Ui::new);
        let Ended { ui, outcome } = outcome;
        // A failure to print matters where everything else went well.
        let outcome = outcome.and(ui.finish().map_err(Stop::from));
        match outcome {
            Ok(()) => 0,
            Err(stop) => {
                stop.say(&ui);
                stop.exit()
            }
        }
    })
    .into()
}

/// What came of a call that printed nothing.
#[derive(Debug)]
pub struct Kept {
    /// What it would have printed as data.
    pub data: String,
    /// What it would have said besides, the error last.
    pub said: Vec<String>,
    /// Its exit status.
    pub exit: u8,
}

/// Does what a command line asks for without printing: for those who serve others, one call at a
/// time.
pub fn keep(arguments: Vec<OsString>) -> Kept {
    keep_as(arguments, &Environment::of_process())
}

/// The same under another environment than the process's own.
pub fn keep_as(arguments: Vec<OsString>, environment: &Environment) -> Kept {
    let wishes = wishes_in(&arguments);
    let Ended { ui, outcome } = run(arguments, wishes, environment, &Ui::keeping);
    let exit = match outcome.and(ui.finish().map_err(Stop::from)) {
        Ok(()) => 0,
        Err(stop) => {
            stop.say(&ui);
            stop.exit()
        }
    };
    let (data, said) = ui.into_kept();
    Kept { data, said, exit }
}

struct Ended {
    ui: Ui,
    outcome: Outcome,
}

fn run(
    arguments: Vec<OsString>,
    wishes: Wishes,
    environment: &Environment,
    make: &dyn Fn(Wishes) -> Ui,
) -> Ended {
    let plain = |outcome: &dyn Fn(&Ui) -> Outcome| {
        let ui = make(wishes);
        let outcome = outcome(&ui);
        Ended { ui, outcome }
    };
    if arguments.len() <= 1 {
        return plain(&|ui| help::print_daily(ui));
    }
    let matches = match command_for(&arguments).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return plain(&|ui| misread(ui, &error)),
    };
    let globals = match Globals::from_arg_matches(&matches) {
        Ok(globals) => globals,
        Err(error) => return plain(&|ui| misread(ui, &error)),
    };
    let wishes = Wishes { json: globals.json, quiet: globals.quiet, no_color: globals.no_color };
    let Some((verb, own)) = matches.subcommand().and_then(|(name, own)| {
        commands::VERBS.iter().find(|verb| verb.name == name).map(|verb| (verb, own))
    }) else {
        let ui = make(wishes);
        return Ended { outcome: help::print_daily(&ui), ui };
    };
    let config = match Config::resolve(&globals, environment) {
        Ok(config) => config,
        Err(refusal) => {
            let ui = make(wishes);
            return Ended { ui, outcome: Err(refusal.into()) };
        }
    };
    let ui = make(Wishes { no_color: config.no_color.value, ..wishes });
    for warning in environment.warnings() {
        ui.warn(warning);
    }
    let call = Call::new(ui, config);
    let outcome = (verb.run)(own, &call);
    Ended { ui: call.into_ui(), outcome }
}

/// The command line as clap knows it. Arguments of a verb are only built once it is asked for.
pub fn command() -> Command {
    top().override_help(help::daily()).subcommands(commands::VERBS.iter().map(subcommand))
}

/// The same as far as these arguments need it: where a verb comes first, no other one is meant.
fn command_for(arguments: &[OsString]) -> Command {
    let first = arguments.get(1).and_then(|first| first.to_str());
    match commands::VERBS.iter().find(|verb| Some(verb.name) == first) {
        Some(verb) => top().subcommand(subcommand(verb)),
        None => command(),
    }
}

fn top() -> Command {
    let top = Command::new("countersign")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Reads a written plan, runs it, and lets nothing count as done until evidence countersigns it")
        .subcommand_required(false)
        .disable_help_subcommand(true)
        .max_term_width(110);
    Globals::augment_args(top)
}

fn subcommand(verb: &verb::Verb) -> Command {
    Command::new(verb.name).about(verb.about).disable_help_subcommand(true).defer(verb.augment)
}

/// What clap gives back instead of arguments: help and versions are data, the rest is an error.
fn misread(ui: &Ui, error: &clap::Error) -> Outcome {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let text = if ui.color() { text.ansi().to_string() } else { text.to_string() };
            ui.data(&text);
            Ok(())
        }
        _ => Err(usage::refusal(error).into()),
    }
}

/// What the command line wants to see, before anybody has understood the rest of it.
fn wishes_in(arguments: &[OsString]) -> Wishes {
    let given = |flag: &str| {
        arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == flag)
    };
    Wishes { json: given("--json"), quiet: given("--quiet"), no_color: given("--no-color") }
}
