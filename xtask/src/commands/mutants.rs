//! `cargo xtask mutants [NAME…] [--write]`: breaks the model's rules one by one in a copy of the
//! workspace and runs its tests against each; with `--write` puts what caught them into the page.

use crate::mutants::{Fate, Mutant, Scratch, mutants, write_page};
use crate::tool::{Outcome, say};

/// Tries what is named, or everything.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let write = arguments.iter().any(|argument| argument == "--write");
    let names: Vec<&String> = arguments.iter().filter(|argument| *argument != "--write").collect();
    let unknown = names.iter().find(|name| mutants().all(|mutant| mutant.name != **name));
    if let Some(name) = unknown {
        return Err(format!("there is no mutation `{name}`"));
    }
    if write && !names.is_empty() {
        return Err("`--write` takes all mutations together".to_owned());
    }
    let chosen: Vec<&Mutant> = mutants()
        .filter(|mutant| names.is_empty() || names.iter().any(|name| *name == mutant.name))
        .collect();
    say("copying the workspace and running its tests as they are");
    let scratch = Scratch::make()?;
    let (mut caught, mut wrong) = (Vec::new(), Vec::new());
    for mutant in chosen {
        match scratch.try_out(mutant)? {
            Fate::Caught(tests) => {
                say(&format!("caught    {:34} by {} tests: {}", mutant.name, tests.len(), tests[0]));
                caught.push((mutant, tests));
            }
            Fate::Survived => {
                say(&format!("SURVIVED  {:34} {}", mutant.name, mutant.breaks));
                wrong.push(mutant.name);
            }
            Fate::Nonsense(why) => {
                say(&format!("NONSENSE  {:34} {why}", mutant.name));
                wrong.push(mutant.name);
            }
        }
    }
    if !wrong.is_empty() {
        return Err(format!(
            "{} of {} were not caught: {}",
            wrong.len(),
            wrong.len() + caught.len(),
            wrong.join(", ")
        ));
    }
    say(&format!("all {} mutations were caught", caught.len()));
    if write { write_page(&caught) } else { Ok(()) }
}
