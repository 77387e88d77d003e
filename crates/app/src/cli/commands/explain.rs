//! `explain`: what a code means, what usually causes it, and how to go on. The pages are those of
//! `docs/errors/`, inside the program so that they are at hand where the error is.

use clap::Args;
use formats::lint;
use model::refusal::{self, CODES, ENTRY_NOT_FOUND, Refusal};
use serde::Serialize;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::help::EXITS;
use crate::cli::pages;
use crate::cli::ui::{Tone, Ui};
use crate::cli::usage::nearest;
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Explain>(
    "explain",
    Group::Operate,
    "says what a code means and how to go on, or lists all codes",
    &[&[ENTRY_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Explain {
    /// An error's code or a lint rule's, such as `gate/shut`; without one, lists them all
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// A code as a list shows it. The program can end with it, lint can report it, or both.
#[derive(Serialize)]
struct Entry {
    code: String,
    exit: Option<u8>,
    severity: Option<&'static str>,
    means: &'static str,
}

#[derive(Serialize)]
struct Listing {
    codes: Vec<Entry>,
}

#[derive(Serialize)]
struct Explanation {
    code: String,
    exit: Option<u8>,
    severity: Option<&'static str>,
    page: &'static str,
}

impl Handler for Explain {
    fn run(self, call: &Call) -> Outcome {
        let ui = &call.ui;
        match self.code {
            None if ui.wants_json() => ui.json(&Listing { codes: entries() }),
            None => ui.data(&list()),
            Some(wrote) => explain(ui, &wrote)?,
        }
        Ok(())
    }
}

fn explain(ui: &Ui, wrote: &str) -> Result<(), Refusal> {
    let code = tidied(wrote);
    let Some(page) = pages::page(&code) else { return Err(unknown(wrote, &code)) };
    if ui.wants_json() {
        let exit = refusal::code(&code).map(|entry| entry.exit);
        let severity = severity(&code, page);
        ui.json(&Explanation { code, exit, severity, page });
        return Ok(());
    }
    for line in page.lines() {
        match line.strip_prefix('#') {
            Some(_) => ui.line(ui.paint(Tone::Strong, line)),
            None => ui.line(line),
        }
    }
    Ok(())
}

/// The code in what somebody pasted: `error[gate/shut]:` and the page's name `gate-shut` do too.
fn tidied(wrote: &str) -> String {
    let inside = wrote.split_once('[').map_or(wrote, |(_, rest)| rest.split(']').next().unwrap_or_default());
    let code = inside.trim_matches([' ', '`', ':']).to_lowercase();
    if code.contains('/') { code } else { code.replacen('-', "/", 1) }
}

fn unknown(wrote: &str, code: &str) -> Refusal {
    let refusal =
        Refusal::new(ENTRY_NOT_FOUND, format!("there is no code `{wrote}`")).with("code", wrote.to_owned());
    let known = pages::codes();
    if let Some(near) = nearest(code, known.iter().map(String::as_str)) {
        return refusal.hint(format!("did you mean `{near}`?"));
    }
    let area = code.split('/').next().unwrap_or_default();
    let kin: Vec<String> = known
        .iter()
        .filter(|known| known.split('/').next() == Some(area))
        .map(|known| format!("`{known}`"))
        .collect();
    if kin.is_empty() {
        refusal.hint("see all codes with `countersign explain`")
    } else {
        refusal.hint(format!("codes about `{area}`: {}", kin.join(", ")))
    }
}

/// Codes the program can end with, by exit status; then lint rules; then what only readers report.
fn entries() -> Vec<Entry> {
    let ends = CODES.iter().map(|known| (known.code, Some(known.exit), known.means));
    let rules = lint::RULES.iter().map(|rule| (rule.code, None, rule.what));
    let mut entries: Vec<Entry> = Vec::new();
    for (code, exit, means) in ends.chain(rules) {
        if entries.iter().all(|entry| entry.code != code) {
            let severity = pages::page(code).and_then(|page| severity(code, page));
            entries.push(Entry { code: code.to_owned(), exit, severity, means });
        }
    }
    for code in pages::codes() {
        let Some(page) = pages::page(&code) else { continue };
        if entries.iter().all(|entry| entry.code != code) {
            let means = page.lines().nth(2).unwrap_or_default();
            let severity = severity(&code, page);
            entries.push(Entry { code, exit: None, severity, means });
        }
    }
    entries
}

/// How much a finding matters: as its rule says, else as the page's title does.
fn severity(code: &str, page: &'static str) -> Option<&'static str> {
    if let Some(rule) = lint::rule_of(code) {
        return Some(rule.severity.as_str());
    }
    let (_, weight) = page.lines().next()?.split_once(" — ")?;
    ["error", "warning", "info"].contains(&weight).then_some(weight)
}

fn list() -> String {
    let entries = entries();
    let mut text = String::from("codes the program ends with, by exit status\n");
    for (exit, means) in EXITS {
        let mut codes = entries.iter().filter(|entry| entry.exit == Some(*exit)).peekable();
        if codes.peek().is_some() {
            text.push_str(&format!("\n{exit:>3}  {means}\n"));
        }
        for entry in codes {
            text.push_str(&format!("       {:<26}{}\n", entry.code, entry.means));
        }
    }
    text.push_str("\nfindings about documents\n\n");
    for entry in entries.iter().filter(|entry| entry.exit.is_none()) {
        let severity = entry.severity.unwrap_or_default();
        text.push_str(&format!("  {severity:<9}{:<26}{}\n", entry.code, entry.means));
    }
    text.push_str("\none of them  countersign explain CODE\n");
    text
}
