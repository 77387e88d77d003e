//! The whole command surface as values, read from the same definitions that parse the command line.

use clap::{Arg, ArgAction, Command};
use model::refusal::{self, CODES, Code};
use serde::Serialize;

use super::EXITS;
use crate::cli::commands::VERBS;
use crate::config::VARIABLES;

/// Everything that can be asked of the program.
#[derive(Debug, Serialize)]
pub struct Surface {
    /// `countersign`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Options of every verb.
    pub options: Vec<Flag>,
    /// Every verb, in the order of help.
    pub verbs: Vec<VerbSurface>,
    /// Variables of the environment.
    pub environment: Vec<Variable>,
    /// Exit statuses.
    pub exits: Vec<Exit>,
    /// Every code and its exit status.
    pub codes: &'static [Code],
}

/// A verb.
#[derive(Debug, Serialize)]
pub struct VerbSurface {
    /// `gate`.
    pub name: String,
    /// Where help lists it.
    pub group: &'static str,
    /// Whether it is among the dozen that carry a day.
    pub daily: bool,
    /// What it takes.
    #[serde(flatten)]
    pub form: Form,
    /// Codes it can end with.
    pub codes: Vec<CodeOfVerb>,
}

/// What a verb, or an action of a verb, takes.
#[derive(Debug, Serialize)]
pub struct Form {
    /// One line.
    pub about: String,
    /// How it is written.
    pub usage: String,
    /// What stands behind it without dashes.
    pub arguments: Vec<Positional>,
    /// Its own options.
    pub options: Vec<Flag>,
    /// Actions such as `list` and `show`.
    pub actions: Vec<Action>,
}

/// An action of a verb.
#[derive(Debug, Serialize)]
pub struct Action {
    /// `list`.
    pub name: String,
    /// What it takes.
    #[serde(flatten)]
    pub form: Form,
}

/// A value without dashes.
#[derive(Debug, Serialize)]
pub struct Positional {
    /// `FILE`.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether there may be several.
    pub repeated: bool,
    /// What it may be, where that is a list.
    pub choices: Vec<String>,
    /// One line.
    pub help: String,
}

/// An option.
#[derive(Debug, Serialize)]
pub struct Flag {
    /// `--format`.
    pub name: String,
    /// `-o`, where there is a short form.
    pub short: Option<String>,
    /// `FORMAT`; nothing for a switch.
    pub value: Option<String>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may stand there several times.
    pub repeated: bool,
    /// What its value may be, where that is a list.
    pub choices: Vec<String>,
    /// Its value where it is left out.
    pub default: Option<String>,
    /// One line.
    pub help: String,
}

impl Flag {
    /// `--format FORMAT`.
    pub fn spelled(&self) -> String {
        let value = self.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
        format!("{}{value}", self.name)
    }
}

/// A code a verb can end with.
#[derive(Debug, Serialize)]
pub struct CodeOfVerb {
    /// `file/not-found`.
    pub code: &'static str,
    /// Its exit status.
    pub exit: u8,
}

/// A variable of the environment.
#[derive(Debug, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub help: &'static str,
}

/// An exit status.
#[derive(Debug, Serialize)]
pub struct Exit {
    /// The number.
    pub exit: u8,
    /// What it stands for.
    pub means: &'static str,
}

/// Reads the surface off the definitions.
pub fn surface() -> Surface {
    let mut command = crate::cli::command();
    command.build();
    let verbs = VERBS.iter().filter_map(|verb| {
        let own = command.find_subcommand(verb.name)?;
        let codes = verb.all_codes().into_iter();
        Some(VerbSurface {
            name: verb.name.to_owned(),
            group: verb.group.as_str(),
            daily: verb.daily,
            form: form(own),
            codes: codes
                .filter_map(|name| {
                    refusal::code(name).map(|code| CodeOfVerb { code: code.code, exit: code.exit })
                })
                .collect(),
        })
    });
    Surface {
        name: "countersign",
        version: env!("CARGO_PKG_VERSION"),
        options: flags(&command, |arg| arg.is_global_set()),
        verbs: verbs.collect(),
        environment: VARIABLES.iter().map(|(name, help)| Variable { name, help }).collect(),
        exits: EXITS.iter().map(|(exit, means)| Exit { exit: *exit, means }).collect(),
        codes: CODES,
    }
}

fn form(command: &Command) -> Form {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
    Form {
        about: command.get_about().map(ToString::to_string).unwrap_or_default(),
        usage,
        arguments: command.get_positionals().map(positional).collect(),
        options: flags(command, |arg| !arg.is_global_set()),
        actions: command
            .get_subcommands()
            .map(|action| Action { name: action.get_name().to_owned(), form: form(action) })
            .collect(),
    }
}

fn flags(command: &Command, wanted: impl Fn(&Arg) -> bool) -> Vec<Flag> {
    command
        .get_arguments()
        .filter(|arg| !arg.is_positional() && !arg.is_hide_set() && wanted(arg))
        .filter(|arg| !matches!(arg.get_action(), ArgAction::Help | ArgAction::Version))
        .map(|arg| Flag {
            name: arg.get_long().map(|long| format!("--{long}")).unwrap_or_default(),
            short: arg.get_short().map(|short| format!("-{short}")),
            value: arg.get_action().takes_values().then(|| value_name(arg)),
            required: arg.is_required_set(),
            repeated: is_repeated(arg),
            choices: choices(arg),
            default: arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned()),
            help: help_of(arg),
        })
        .collect()
}

fn positional(arg: &Arg) -> Positional {
    Positional {
        name: value_name(arg),
        required: arg.is_required_set(),
        repeated: is_repeated(arg),
        choices: choices(arg),
        help: help_of(arg),
    }
}

fn value_name(arg: &Arg) -> String {
    match arg.get_value_names() {
        Some([name, ..]) => name.to_string(),
        _ => arg.get_id().to_string().to_uppercase(),
    }
}

fn is_repeated(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append | ArgAction::Count)
}

fn choices(arg: &Arg) -> Vec<String> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

fn help_of(arg: &Arg) -> String {
    arg.get_help().map(ToString::to_string).unwrap_or_default()
}
