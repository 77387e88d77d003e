//! The command surface as a page of documentation.

use std::fmt::Write;

use super::surface::{Flag, Form, Positional, surface};
use crate::cli::verb::Group;

/// The reference page, made from the same definitions that parse the command line.
pub fn markdown() -> String {
    let surface = surface();
    let mut page = String::from(
        "<!-- made by `cargo xtask gen`; edit the source instead -->\n\n# Command line\n\n\
         Data goes to standard output, everything else to standard error. `countersign help --json` \
         gives all of this to machines.\n\n## Options of every verb\n\n",
    );
    options(&mut page, &surface.options);
    page.push_str("\n## Environment\n\n| variable | is for |\n|---|---|\n");
    for variable in &surface.environment {
        line(&mut page, format_args!("| `{}` | {} |", variable.name, variable.help));
    }
    for group in Group::ALL {
        let mut verbs = surface.verbs.iter().filter(|verb| verb.group == group.as_str()).peekable();
        if verbs.peek().is_none() {
            continue;
        }
        line(&mut page, format_args!("\n## {}", capital(group.as_str())));
        for verb in verbs {
            line(&mut page, format_args!("\n### `{}`\n", verb.name));
            form(&mut page, &verb.form);
            for action in &verb.form.actions {
                line(&mut page, format_args!("\n#### `{} {}`\n", verb.name, action.name));
                form(&mut page, &action.form);
            }
            let codes: Vec<String> =
                verb.codes.iter().map(|code| format!("`{}` {}", code.code, code.exit)).collect();
            line(&mut page, format_args!("\nCan end with {}.", codes.join(", ")));
        }
    }
    page.push_str("\n## Exit codes\n\n| exit | means | codes |\n|---|---|---|\n");
    for exit in &surface.exits {
        let codes: Vec<String> = surface
            .codes
            .iter()
            .filter(|code| code.exit == exit.exit)
            .map(|code| format!("`{}`", code.code))
            .collect();
        line(&mut page, format_args!("| {} | {} | {} |", exit.exit, exit.means, codes.join(", ")));
    }
    page
}

fn form(page: &mut String, form: &Form) {
    line(page, format_args!("{}.\n\n    {}", capital(&form.about), form.usage));
    if !form.arguments.is_empty() {
        page.push_str("\n| argument | is |\n|---|---|\n");
        for argument in &form.arguments {
            line(page, format_args!("| `{}` | {} |", argument.name, described(&argument.help, argument)));
        }
    }
    if !form.options.is_empty() {
        page.push('\n');
        options(page, &form.options);
    }
}

fn described(help: &str, argument: &Positional) -> String {
    let mut text = cell(help);
    if !argument.choices.is_empty() {
        text.push_str(&format!(": `{}`", argument.choices.join("`, `")));
    }
    if argument.repeated {
        text.push_str(" (several)");
    }
    text
}

fn options(page: &mut String, options: &[Flag]) {
    page.push_str("| option | does |\n|---|---|\n");
    for option in options {
        let short = option.short.as_ref().map(|short| format!(", `{short}`")).unwrap_or_default();
        let mut help = cell(&option.help);
        if !option.choices.is_empty() {
            help.push_str(&format!(": `{}`", option.choices.join("`, `")));
        }
        if let Some(default) = option.default.as_ref().filter(|_| option.value.is_some()) {
            help.push_str(&format!(" (`{default}` by default)"));
        }
        line(page, format_args!("| `{}`{short} | {help} |", option.spelled()));
    }
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(page, "{text}");
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
