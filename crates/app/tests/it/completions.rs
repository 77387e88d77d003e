//! `completions`: scripts for shells.

use crate::harness::{Desk, expect};

#[test]
fn every_shell_gets_every_verb() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = desk.run(&format!("completions {shell}")).ok().out;
        for verb in app::cli::commands::VERBS {
            assert!(script.contains(verb.name), "{shell} lacks `{}`", verb.name);
        }
    }
}

#[test]
fn a_shell_nobody_knows_is_an_error() {
    expect(
        &Desk::new().run("completions bahs").shown(),
        "exit 2\n--- err\nerror[usage/invalid]: `bahs` is not a value of `<SHELL>`\nhint: did you mean `bash`?\n",
    );
}
