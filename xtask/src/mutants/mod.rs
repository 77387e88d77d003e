//! Proves the model's tests by breaking the rules they guard: each [`Mutant`] is put into a copy of
//! the workspace, the model's tests are run there, and at least one must fail.

mod list;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::tool::{Outcome, cargo, say};
use crate::tree::{Tree, top};
pub(crate) use list::mutants;

/// A way to break a rule.
pub(crate) struct Mutant {
    /// Its name.
    pub(crate) name: &'static str,
    /// What no longer holds.
    pub(crate) breaks: &'static str,
    /// The file, below the model's sources.
    pub(crate) file: &'static str,
    /// A piece of it that stands there exactly once.
    pub(crate) old: &'static str,
    /// What is put in its place.
    pub(crate) new: &'static str,
}

impl Mutant {
    /// The file, from the top of the workspace.
    pub(crate) fn path(&self) -> String {
        format!("crates/model/src/{}", self.file)
    }

    /// The broken file, or why there is none.
    pub(crate) fn broken(&self, tree: &Tree) -> Outcome<String> {
        let path = self.path();
        let source = tree.files.get(&path).ok_or_else(|| format!("`{}`: {path} is missing", self.name))?;
        match source.matches(self.old).count() {
            1 => Ok(source.replacen(self.old, self.new, 1)),
            count => Err(format!("`{}`: its text stands {count} times in {path}, not once", self.name)),
        }
    }
}

/// What the tests said to a mutant.
pub(crate) enum Fate {
    /// These tests failed.
    Caught(Vec<String>),
    /// Every test passed.
    Survived,
    /// It is no program; the compiler's first complaint.
    Nonsense(String),
}

/// A copy of the workspace to break things in.
pub(crate) struct Scratch {
    workspace: PathBuf,
    target: PathBuf,
    tree: Tree,
}

impl Scratch {
    /// Copies the workspace, and makes sure that its tests pass as it is.
    pub(crate) fn make() -> Outcome<Self> {
        let tree = Tree::read(&top()).map_err(|error| format!("the workspace cannot be read: {error}"))?;
        let built = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top().join("target"), PathBuf::from);
        let (workspace, target) = (built.join("mutants/workspace"), built.join("mutants/target"));
        let _ = fs::remove_dir_all(&workspace);
        let scratch = Self { workspace, target, tree };
        for (path, text) in &scratch.tree.files {
            scratch.write(path, text)?;
        }
        match scratch.test()? {
            Fate::Survived => Ok(scratch),
            Fate::Caught(tests) => Err(format!("the tests fail without any mutation: {}", tests.join(", "))),
            Fate::Nonsense(why) => Err(format!("the tests do not compile without any mutation: {why}")),
        }
    }

    /// Runs the tests against a mutant, and puts the file right again.
    pub(crate) fn try_out(&self, mutant: &Mutant) -> Outcome<Fate> {
        let path = mutant.path();
        self.write(&path, &mutant.broken(&self.tree)?)?;
        let fate = self.test();
        self.write(&path, self.tree.files.get(&path).map(String::as_str).unwrap_or_default())?;
        fate
    }

    fn write(&self, path: &str, text: &str) -> Outcome {
        let place = self.workspace.join(path);
        let folder = place.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&place, text));
        written.map_err(|error| format!("{}: {error}", place.display()))
    }

    fn test(&self) -> Outcome<Fate> {
        let output = cargo()
            .args(["test", "--quiet", "--package", "model", "--tests", "--no-fail-fast"])
            .current_dir(&self.workspace)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        if output.status.success() {
            return Ok(Fate::Survived);
        }
        let failed = failed_tests(&String::from_utf8_lossy(&output.stdout));
        if !failed.is_empty() {
            return Ok(Fate::Caught(failed));
        }
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        let first = complaints.lines().find(|line| line.starts_with("error")).unwrap_or("no test ran");
        Ok(Fate::Nonsense(first.to_owned()))
    }
}

/// The names under the last `failures:` of each test program.
fn failed_tests(output: &str) -> Vec<String> {
    let mut failed = Vec::new();
    for part in output.split("\nfailures:\n").skip(1) {
        let names = part.lines().skip_while(|line| line.is_empty());
        let names = names.take_while(|line| line.starts_with("    ") && !line.trim().contains(' '));
        failed.extend(names.map(|name| name.trim().to_owned()));
    }
    failed
}

/// The page that lists what is caught by what.
pub(crate) fn page(caught: &[(&Mutant, Vec<String>)]) -> String {
    let mut text = format!(
        "<!-- written by `cargo xtask mutants --write`; run it again instead of editing -->\n\n\
         # Mutations\n\n\
         A test that cannot fail proves nothing. Each of these {} mutations breaks one rule of the model in a copy of \
         the sources; `cargo xtask mutants` runs the model's tests against each of them, and fails where one goes \
         unnoticed. `cargo test` sees to it that every mutation still fits the sources.\n\n\
         | mutation | breaks | caught by |\n|---|---|---|\n",
        caught.len()
    );
    for (mutant, tests) in caught {
        let first = tests.first().map(String::as_str).unwrap_or_default();
        let more = tests.len().saturating_sub(1);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        text.push_str(&format!("| `{}` | {} | `{first}`{more} |\n", mutant.name, mutant.breaks));
    }
    text
}

/// Writes the page.
pub(crate) fn write_page(caught: &[(&Mutant, Vec<String>)]) -> Outcome {
    const PATH: &str = "docs/reference/mutations.md";
    fs::write(top().join(PATH), page(caught)).map_err(|error| format!("{PATH}: {error}"))?;
    say(&format!("{PATH} written"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_mutation_fits_its_file_once_and_changes_it() {
        let tree = Tree::read(&top()).expect("the workspace can be read");
        let mut names = BTreeSet::new();
        for mutant in mutants() {
            let broken = mutant.broken(&tree).unwrap_or_else(|why| panic!("{why}"));
            assert_ne!(Some(&broken), tree.files.get(&mutant.path()), "{}", mutant.name);
            assert!(names.insert(mutant.name), "`{}` stands twice", mutant.name);
        }
        assert!(names.len() >= 20);
    }

    #[test]
    fn the_page_lists_every_mutation() {
        let tree = Tree::read(&top()).expect("the workspace can be read");
        let page = tree.files.get("docs/reference/mutations.md").expect("the page is there");
        for mutant in mutants() {
            let row = format!("| `{}` | {} | `", mutant.name, mutant.breaks);
            assert!(
                page.contains(&row),
                "`{}` is not listed; run `cargo xtask mutants --write`",
                mutant.name
            );
        }
    }

    #[test]
    fn the_names_of_failed_tests_are_read() {
        let output = "running 2 tests\n\nfailures:\n\n---- a::b stdout ----\nno\n\n\nfailures:\n    a::b\n    a::c\n\ntest result: FAILED";
        assert_eq!(failed_tests(output), ["a::b", "a::c"]);
        assert!(failed_tests("test result: ok").is_empty());
    }
}
