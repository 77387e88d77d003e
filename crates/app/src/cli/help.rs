//! What the program says about itself: the dozen verbs of a day, all of them in groups, the exit
//! codes, and the whole surface for machines.

mod markdown;
mod surface;

use model::refusal::CODES;

use super::commands::VERBS;
use super::error::Outcome;
use super::ui::Ui;
use super::verb::{Group, Verb};

pub use markdown::markdown;
pub use surface::{Surface, surface};

const TAGLINE: &str =
    "a written plan is a set of claims; countersign lets nothing count as done until evidence does";

/// What each exit status stands for.
pub const EXITS: &[(u8, &str)] = &[
    (0, "ok"),
    (1, "internal fault"),
    (2, "usage"),
    (3, "not found"),
    (4, "invalid plan, configuration or value"),
    (5, "denied"),
    (6, "gate shut, check failed, statement refuted"),
    (7, "dependency unmet"),
    (8, "conflict: somebody else was there first"),
    (9, "integrity"),
    (10, "confirmation or trust required"),
    (124, "wait timed out"),
];

/// Prints the dozen.
pub fn print_daily(ui: &Ui) -> Outcome {
    ui.data(&daily());
    Ok(())
}

/// The verbs that carry a day.
pub fn daily() -> String {
    let mut text = format!("{TAGLINE}\n\nusage: countersign VERB [OPTIONS]\n\n");
    push_verbs(&mut text, VERBS.iter().filter(|verb| verb.daily));
    text.push_str(
        "\nall verbs      countersign help --all\none verb       countersign VERB --help\n\
         exit codes     countersign help exit-codes\nan error code  countersign explain CODE\n",
    );
    text
}

/// Every verb in its group, and the options of every verb.
pub fn all() -> String {
    let mut text = format!("{TAGLINE}\n\nusage: countersign VERB [OPTIONS]\n");
    for group in Group::ALL {
        let mut verbs = VERBS.iter().filter(|verb| verb.group == group).peekable();
        if verbs.peek().is_some() {
            text.push_str(&format!("\n{}\n", group.as_str()));
            push_verbs(&mut text, verbs);
        }
    }
    text.push_str("\noptions of every verb\n");
    for option in surface().options {
        text.push_str(&format!("  {:<22}{}\n", option.spelled(), option.help));
    }
    text.push_str("\nenvironment\n");
    for (name, what) in crate::config::VARIABLES {
        text.push_str(&format!("  {name:<22}{what}\n"));
    }
    text.push_str(&format!("  {:<22}{}\n", "NO_COLOR", "no colour, like `--no-color`"));
    text
}

fn push_verbs<'a>(text: &mut String, verbs: impl Iterator<Item = &'a Verb>) {
    for verb in verbs {
        text.push_str(&format!("  {:<16}{}\n", verb.name, verb.about));
    }
}

/// Exit statuses with the codes that lead to each.
pub fn exit_codes() -> String {
    let mut text = String::new();
    for (exit, means) in EXITS {
        text.push_str(&format!("{exit:>3}  {means}\n"));
        for code in CODES.iter().filter(|code| code.exit == *exit) {
            text.push_str(&format!("       {:<22}{}\n", code.code, code.means));
        }
    }
    text
}
