//! `explain`: every code has a page, every page is about a code, and slips are helped with.

use std::collections::BTreeSet;

use app::cli::pages;
use formats::lint::RULES;
use model::refusal::CODES;

use crate::harness::{Desk, expect};

/// Findings that a comment in the document cannot, or should not, take away.
fn cannot_be_suppressed(code: &str) -> bool {
    code.starts_with("document/") || code == "lint/allow-invalid" || code == "probe/invalid"
}

#[test]
fn every_code_has_a_page_that_says_how_it_ends() {
    for code in CODES {
        let page = pages::page(code.code).unwrap_or_else(|| panic!("`{}` has no page", code.code));
        let title = format!("# `{}` — exit {}\n\n", code.code, code.exit);
        assert!(page.starts_with(&title), "{title} is not how its page begins: {page}");
        for part in ["\n## Typical cause\n", "\n## How to go on\n"] {
            assert!(page.contains(part), "`{}` lacks{part}", code.code);
        }
    }
}

#[test]
fn every_rule_has_a_page_with_an_example_of_each_kind_and_a_way_to_allow_it() {
    for rule in RULES.iter().filter(|rule| model::refusal::code(rule.code).is_none()) {
        let page = pages::page(rule.code).unwrap_or_else(|| panic!("`{}` has no page", rule.code));
        let title = format!("# `{}` — {}\n\n", rule.code, rule.severity);
        assert!(page.starts_with(&title), "{title} is not how its page begins: {page}");
        for part in ["\n## Fires\n", "\n## Stays silent\n", "\n## How to go on\n", "\n## Suppress\n"] {
            assert!(page.contains(part), "`{}` lacks{part}", rule.code);
        }
        let suppress = page.split("\n## Suppress\n").nth(1).unwrap_or_default();
        let own = format!("<!-- countersign: allow {} ", rule.code);
        assert!(
            suppress.contains(&own) || cannot_be_suppressed(rule.code),
            "`{}` does not show {own}",
            rule.code
        );
    }
}

#[test]
fn every_page_is_in_the_program_and_says_something_of_its_own() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_string_lossy().strip_suffix(".md").map(str::to_owned)
        })
        .filter(|name| name.contains('-'))
        .map(|name| name.replacen('-', "/", 1))
        .collect();
    let embedded: BTreeSet<String> = pages::codes().into_iter().collect();
    assert_eq!(embedded, files, "`cargo xtask gen` makes the table");
    // Whoever reads two pages in a row should not read one sentence twice.
    let mut sentences: BTreeSet<&str> = BTreeSet::new();
    for code in &embedded {
        let page = pages::page(code).unwrap();
        for line in
            page.lines().filter(|line| !line.starts_with([' ', '#', '|', '-', '`']) && line.len() > 40)
        {
            assert!(sentences.insert(line), "`{code}` repeats: {line}");
        }
    }
}

#[test]
fn a_page_is_shown_as_it_is_written() {
    let desk = Desk::new();
    let shown = desk.run("explain gate/shut").ok().out;
    assert_eq!(shown, pages::page("gate/shut").unwrap());
    assert_eq!(desk.run("explain gate-shut").ok().out, shown);
    assert_eq!(desk.run("explain 'error[gate/shut]: task'").ok().out, shown);
    let json = desk.run("explain gate/shut --json").ok().json();
    assert_eq!((json["code"].as_str(), json["exit"].as_u64()), (Some("gate/shut"), Some(6)));
    assert!(json["severity"].is_null());
    assert_eq!(json["page"].as_str(), Some(shown.as_str()));
    let rule = desk.run("explain plan/cycle --json").ok().json();
    assert_eq!((rule["severity"].as_str(), rule["exit"].as_u64()), (Some("error"), None));
}

/// Verbs that pages and guides may speak of before they are there.
const TO_COME: &[&str] = &[];

/// What is told to be typed can be typed.
#[test]
fn commands_in_the_pages_are_understood() {
    let mut seen = 0;
    for (name, text) in pages_and_guides() {
        for line in commands(&text) {
            seen += 1;
            let matches = app::cli::command().try_get_matches_from(&line);
            let Err(error) = matches else { continue };
            use clap::error::ErrorKind::{
                DisplayHelp, DisplayVersion, InvalidSubcommand, MissingRequiredArgument, MissingSubcommand,
            };
            let unknown = error.get(clap::error::ContextKind::InvalidSubcommand).map(ToString::to_string);
            let later = error.kind() == InvalidSubcommand
                && unknown.is_some_and(|verb| TO_COME.contains(&verb.as_str()));
            // In prose a verb is often named without its arguments.
            let short = matches!(
                error.kind(),
                DisplayHelp | DisplayVersion | MissingRequiredArgument | MissingSubcommand
            );
            assert!(later || short, "{name} tells to type `{}`: {error}", line.join(" "));
        }
    }
    assert!(seen > 60, "only {seen} commands were found");
}

fn pages_and_guides() -> Vec<(String, String)> {
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    let mut pages = Vec::new();
    for folder in ["errors", "guide"] {
        let folder = std::path::Path::new(top).join(folder);
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            let text = std::fs::read_to_string(&path).expect("pages are text");
            pages.push((path.display().to_string(), text));
        }
    }
    pages
}

/// Lines of code and spans of code that begin with the program's name. Those with an ellipsis are
/// sketches.
fn commands(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    let spans = text
        .lines()
        .filter(|line| !line.starts_with("    "))
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let lines = lines.map(|line| line.split("  #").next().unwrap_or_default());
    lines
        .chain(spans)
        .map(|line| line.split(" > ").next().unwrap_or_default().trim())
        .filter(|line| {
            line.starts_with("countersign ") && !line.contains(['…', '<']) && !line.contains(" VERB")
        })
        .map(|line| {
            let mut quoted = false;
            let split = line.split(move |letter: char| {
                quoted ^= letter == '"';
                letter == ' ' && !quoted
            });
            split.map(|word| word.trim_matches('"').to_owned()).filter(|word| !word.is_empty()).collect()
        })
        .collect()
}

#[test]
fn without_a_code_all_are_listed() {
    let desk = Desk::new();
    let text = desk.run("explain").ok().out;
    let json = desk.run("explain --json").ok().json();
    let listed = json["codes"].as_array().unwrap();
    for entry in listed {
        let code = entry["code"].as_str().unwrap();
        assert!(text.contains(&format!(" {code} ")), "`{code}` is not in the list");
        assert!(entry["exit"].is_u64() || entry["severity"].is_string(), "{entry}");
        assert!(!entry["means"].as_str().unwrap().is_empty());
    }
    let codes: BTreeSet<&str> = listed.iter().filter_map(|entry| entry["code"].as_str()).collect();
    assert!(CODES.iter().all(|code| codes.contains(code.code)));
    assert!(RULES.iter().all(|rule| codes.contains(rule.code)));
    assert_eq!(codes.len(), listed.len(), "each once");
    assert_eq!(codes.len(), pages::codes().len(), "all that have a page");
}

#[test]
fn a_code_nobody_knows_is_refused_with_the_nearest() {
    let desk = Desk::new();
    expect(
        &desk.run("explain gate/shot").shown(),
        "exit 3\n--- err\nerror[entry/not-found]: there is no code `gate/shot`\nhint: did you mean `gate/shut`?\n",
    );
    expect(
        &desk.run("explain trace").shown(),
        "exit 3\n--- err\nerror[entry/not-found]: there is no code `trace`\nhint: codes about `trace`: \
         `trace/no-source`, `trace/one-way`, `trace/risk-uncovered`, `trace/source-uncited`, `trace/task-unmapped`\n",
    );
    let came = desk.run("explain nonsense --json");
    let error = came.error();
    assert_eq!((came.exit, error["error"]["exit"].as_u64()), (3, Some(3)), "{}", came.shown());
    assert_eq!(error["error"]["hint"], "see all codes with `countersign explain`");
}
