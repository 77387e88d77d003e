//! The documents that are made from code. Each is committed; `cargo xtask gen` writes it again,
//! and CI fails where that changes anything.

use crate::answers;
use crate::events::catalogue;
use crate::tidy::RULES;
use crate::tool::{Outcome, cargo, read};
use crate::tree::Tree;

/// A document and how it is made.
pub struct Generator {
    /// Where it stands, from the top of the workspace.
    pub path: &'static str,
    /// Makes its text.
    pub make: fn(&Tree) -> Outcome<String>,
}

/// All of them.
pub const GENERATORS: &[Generator] = &[
    Generator { path: "docs/reference/house-rules.md", make: house_rules },
    Generator { path: "docs/errors/README.md", make: error_index },
    Generator { path: "crates/app/src/cli/pages/table.rs", make: embedded_pages },
    Generator { path: "docs/reference/exit-codes.md", make: exit_codes },
    Generator { path: "docs/reference/events.md", make: |tree| Ok(MADE.to_owned() + &catalogue(tree)?) },
    Generator {
        path: "docs/reference/answers.md",
        make: |tree| Ok(MADE.to_owned() + &answers::catalogue(tree)?),
    },
    Generator { path: "docs/reference/lint.md", make: |_| Ok(formats::lint::catalogue()) },
    Generator { path: "crates/app/src/http/answers.json", make: answers::schemas },
    // Last, since it builds the program with the documents above inside it.
    Generator { path: "docs/reference/cli.md", make: command_line },
    Generator { path: "docs/reference/openapi.json", make: service_description },
    Generator {
        path: "docs/reference/metrics.md",
        make: |_| Ok(MADE.to_owned() + &told(&["help", "metrics-reference"])?),
    },
    Generator { path: "docs/observability/alerts.yml", make: |_| told(&["help", "alerts"]) },
    Generator { path: "docs/observability/grafana.json", make: |_| told(&["help", "grafana"]) },
    Generator { path: "docs/reference/task-event.v1.json", make: |_| told(&["help", "task-event"]) },
];

const MADE: &str = "<!-- made by `cargo xtask gen`; edit the source instead -->\n\n";

fn house_rules(_: &Tree) -> Outcome<String> {
    let mut text =
        format!("{MADE}# House rules\n\nKept by `cargo xtask tidy`, which `cargo test` runs too.\n\n");
    text.push_str("| rule | says |\n|---|---|\n");
    text.extend(RULES.iter().map(|rule| format!("| `{}` | {} |\n", rule.name, rule.says)));
    Ok(text)
}

/// The command line's reference page, as the program tells it.
fn command_line(_: &Tree) -> Outcome<String> {
    told(&["help", "--markdown"])
}

/// The description of the service, as the program tells it.
fn service_description(_: &Tree) -> Outcome<String> {
    told(&["help", "openapi"])
}

/// What the program tells when it is asked.
fn told(question: &[&str]) -> Outcome<String> {
    read(cargo().args(["run", "--quiet", "--package", "app", "--"]).args(question))
}

/// The pages on errors and lint findings, with the sentence each begins with.
fn error_index(tree: &Tree) -> Outcome<String> {
    let mut text =
        format!("{MADE}# Codes\n\n`countersign explain CODE` shows a page.\n\n| code | means |\n|---|---|\n");
    for (name, page) in pages(tree) {
        let first =
            page.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', '<', '|']));
        let code = name.replacen('-', "/", 1);
        let sentence = first.unwrap_or_default().replace('|', "\\|");
        text.push_str(&format!("| [`{code}`]({name}.md) | {sentence} |\n"));
    }
    Ok(text)
}

/// The names and texts of the pages on codes.
fn pages(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.files.iter().filter_map(|(path, page)| {
        let name = path.strip_prefix("docs/errors/")?.strip_suffix(".md")?;
        name.contains('-').then_some((name, page.as_str()))
    })
}

/// The same pages inside the program, for `explain`. The table holds the names of the files: the
/// codes themselves are named where they arise, and the house rules look for them there.
fn embedded_pages(tree: &Tree) -> Outcome<String> {
    let mut text = String::from(
        "//! The names of the pages in `docs/errors/`, without their ending. Made by `cargo xtask gen`.\n\n\
         pages! {\n",
    );
    text.extend(pages(tree).map(|(name, _)| format!("    \"{name}\"\n")));
    text.push_str("}\n");
    Ok(text)
}

/// The codes a command can end with, by exit status.
fn exit_codes(_: &Tree) -> Outcome<String> {
    let mut text = format!(
        "{MADE}# Exit codes\n\nThe program ends with 0 where all went well. Otherwise standard error says\n\
         `error[code]: message`, and the exit status follows from the code:\n\n\
         | exit | code | means |\n|---|---|---|\n"
    );
    for model::refusal::Code { code, exit, means } in model::refusal::CODES {
        let page = code.replacen('/', "-", 1);
        text.push_str(&format!("| {exit} | [`{code}`](../errors/{page}.md) | {means} |\n"));
    }
    Ok(text)
}
