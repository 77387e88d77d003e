//! `help`, and what the program says about a command line it cannot understand.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Desk, expect};

#[test]
fn plain_and_help_show_the_same_dozen_at_most() {
    let desk = Desk::new();
    let plain = desk.call::<&str>(&[], None).ok().out;
    assert_eq!(desk.run("--help").ok().out, plain);
    assert_eq!(desk.run("help").ok().out, plain);
    let verbs = plain.lines().filter(|line| line.starts_with("  ")).count();
    assert!(verbs <= 12, "{plain}");
    assert!(plain.contains("countersign help --all"), "{plain}");
}

#[test]
fn the_surface_for_machines_is_the_command_tree() {
    let surface = Desk::new().run("help --json").ok().json();
    let verbs: Vec<&Value> = surface["verbs"].as_array().unwrap().iter().collect();
    let mut tree = app::cli::command();
    tree.build();
    assert_eq!(verbs.len(), tree.get_subcommands().count());
    for verb in verbs {
        let name = verb["name"].as_str().unwrap();
        let command = tree.find_subcommand(name).unwrap_or_else(|| panic!("`{name}` is no verb"));
        check_form(name, verb, command);
        let codes = verb["codes"].as_array().unwrap();
        assert!(!codes.is_empty(), "`{name}` lists no codes");
        for code in codes {
            let known = model::refusal::code(code["code"].as_str().unwrap()).expect("a known code");
            assert_eq!(code["exit"], known.exit, "{name}: {code}");
        }
    }
    assert_eq!(surface["codes"].as_array().unwrap().len(), model::refusal::CODES.len());
}

fn check_form(path: &str, form: &Value, command: &clap::Command) {
    let list = |name: &str| form[name].as_array().map_or(&[][..], Vec::as_slice);
    let listed: BTreeSet<String> =
        list("options").iter().filter_map(|option| Some(option["name"].as_str()?.to_owned())).collect();
    let real: BTreeSet<String> = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && !arg.is_hide_set())
        .filter_map(|arg| arg.get_long())
        .filter(|long| !matches!(*long, "help" | "version"))
        .map(|long| format!("--{long}"))
        .collect();
    assert_eq!(listed, real, "{path}");
    assert_eq!(list("arguments").len(), command.get_positionals().count(), "{path}");
    assert_eq!(list("actions").len(), command.get_subcommands().count(), "{path}");
    for action in list("actions") {
        let name = action["name"].as_str().unwrap_or_default();
        let inner = command.find_subcommand(name).unwrap_or_else(|| panic!("`{path} {name}` is no verb"));
        check_form(&format!("{path} {name}"), action, inner);
    }
}

#[test]
fn every_option_and_verb_says_what_it_is_for() {
    fn check(path: &str, command: &clap::Command) {
        assert!(command.get_about().is_some(), "`{path}` says nothing about itself");
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "`{path}` says nothing about `{}`", arg.get_id());
            assert!(!help.ends_with('.'), "`{path}`, `{}`: {help}", arg.get_id());
        }
        for inner in command.get_subcommands() {
            check(&format!("{path} {}", inner.get_name()), inner);
        }
    }
    let mut tree = app::cli::command();
    tree.build();
    for verb in tree.get_subcommands() {
        check(verb.get_name(), verb);
    }
}

#[test]
fn every_exit_status_is_listed_with_its_codes() {
    let text = Desk::new().run("help exit-codes").ok().out;
    for code in model::refusal::CODES {
        assert!(text.contains(code.code), "{}", code.code);
        assert!(
            text.lines().any(|line| line.trim_start().starts_with(&format!("{}  ", code.exit))),
            "{}",
            code.exit
        );
    }
}

#[test]
fn a_verb_nobody_knows_is_an_error_with_the_nearest() {
    expect(
        &Desk::new().run("hlep").shown(),
        "exit 2\n--- err\nerror[usage/invalid]: there is no verb `hlep`\nhint: did you mean `help`?\n",
    );
}

#[test]
fn an_option_nobody_knows_is_an_error_with_the_nearest_in_json_too() {
    let came = Desk::new().run("help --al --json");
    assert_eq!(came.error()["error"]["hint"], "did you mean `--all`?");
    expect(
        &came.shown(),
        "exit 2\n--- err\n{\"error\":{\"code\":\"usage/invalid\",\"exit\":2,\"message\":\"there is no option `--al` here\",\
         \"hint\":\"did you mean `--all`?\",\"context\":{\"argument\":\"--al\"}}}\n",
    );
}

#[test]
fn a_verb_without_its_action_names_the_actions() {
    expect(
        &Desk::new().run("config").shown(),
        "exit 2\n--- err\nerror[usage/invalid]: say what to do with it\nhint: one of `show`\n",
    );
}

#[test]
fn a_variable_that_is_almost_ours_is_told_on_standard_error() {
    let came = Desk::new().with("COUNTERSIGN_PLNA", "x").run("config show").ok();
    expect(
        &came.err,
        "warning: `COUNTERSIGN_PLNA` is not a variable of countersign; did you mean `COUNTERSIGN_PLAN`?\n",
    );
    let quiet = Desk::new().with("COUNTERSIGN_PLNA", "x").run("config show --quiet").ok();
    expect(&quiet.err, "");
}

#[test]
fn the_committed_reference_is_what_the_program_says() {
    let made = Desk::new().run("help --markdown").ok().out;
    let committed = include_str!("../../../../docs/reference/cli.md");
    assert!(made == committed, "docs/reference/cli.md is out of date: run `cargo xtask gen`");
}

#[test]
fn a_verb_nobody_knows_is_answered_with_the_nearest_or_where_to_look() {
    let desk = Desk::new();
    for (wrote, hint) in
        [("rnu", "did you mean `run`?"), ("banana", "see every verb with `countersign help --all`")]
    {
        let came = desk.run(wrote);
        assert_eq!((came.exit, came.code().as_deref()), (2, Some("usage/invalid")), "{}", came.shown());
        assert!(came.err.ends_with(&format!("hint: {hint}\n")), "{}", came.shown());
    }
}
