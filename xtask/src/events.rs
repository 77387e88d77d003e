//! The catalogue of events: each kind with the sentence and fields its source documents, and its
//! golden JSON. Reads the source as text, so it relies on how `cargo fmt` lays it out.

use crate::tool::Outcome;
use crate::tree::Tree;

const SOURCE: &str = "crates/model/src/event.rs";
/// Where the shapes stand that some events carry.
const CARRIED: [&str; 6] = [
    "crates/model/src/event/carried.rs",
    "crates/model/src/lease.rs",
    "crates/model/src/commons.rs",
    "crates/model/src/review.rs",
    "crates/model/src/delivery.rs",
    "crates/model/src/access.rs",
];
const GOLDENS: &str = "crates/model/tests/golden/events";

/// The catalogue as a page.
pub(crate) fn catalogue(tree: &Tree) -> Outcome<String> {
    let source = tree.files.get(SOURCE).ok_or_else(|| format!("{SOURCE} is missing"))?;
    let body = block(source, "pub enum Event {").ok_or_else(|| format!("{SOURCE} has no `Event`"))?;
    let mut text = String::from(
        "# Events\n\nWhat the journal of a plan holds: one JSON object for each event, named by its kind. Kinds and fields \
         are only ever added, so a reader passes over fields it does not know. Who, when and under which command stand \
         beside the event, not in it. Fields marked *optional* are left out where there is nothing to say.\n",
    );
    for kind in kinds(&body) {
        if let Some(section) = kind.section {
            text.push_str(&format!("\n## {}\n", capital(&section)));
        }
        let path = format!("{GOLDENS}/{}.json", kind.name);
        let golden = tree.files.get(&path).ok_or_else(|| format!("{path} is missing"))?;
        let fields = match &kind.holds {
            Some(held) => fields(&carried(tree, held)?),
            None => fields(&kind.body),
        };
        text.push_str(&format!("\n### `{}`\n\n{}\n\n| field | is |\n|---|---|\n", kind.name, kind.says));
        text.extend(fields.iter().map(|field| {
            let optional = if field.optional { "*optional*; " } else { "" };
            format!("| `{}` | {optional}{} |\n", field.name, field.says.replace('|', "\\|"))
        }));
        text.push_str(&format!("\n```json\n{golden}```\n"));
    }
    Ok(text)
}

/// The fields of a shape that an event carries.
fn carried(tree: &Tree, name: &str) -> Outcome<Vec<String>> {
    let opening = format!("pub struct {name} {{");
    let found =
        CARRIED.iter().filter_map(|path| tree.files.get(*path)).find_map(|text| block(text, &opening));
    found.ok_or_else(|| format!("`{name}` stands in none of {}", CARRIED.join(", ")))
}

struct Kind {
    /// The heading that stands before it, where a section begins with it.
    section: Option<String>,
    name: String,
    says: String,
    /// The struct it is, where its fields stand elsewhere.
    holds: Option<String>,
    body: Vec<String>,
}

struct Field {
    name: String,
    says: String,
    optional: bool,
}

/// The lines between an opening and its closing brace, indentation of the opening taken away.
fn block(source: &str, opening: &str) -> Option<Vec<String>> {
    let after = source.split_once(&format!("\n{opening}\n"))?.1;
    Some(
        after
            .lines()
            .take_while(|line| *line != "}")
            .map(|line| line.get(4..).unwrap_or("").to_owned())
            .collect(),
    )
}

fn kinds(lines: &[String]) -> Vec<Kind> {
    let (mut kinds, mut section, mut says) = (Vec::new(), None, Vec::new());
    let mut rest = lines.iter();
    while let Some(line) = rest.next() {
        if let Some(name) = line.strip_prefix("// ---- ") {
            section = Some(name.to_owned());
        } else if let Some(sentence) = line.strip_prefix("/// ") {
            says.push(sentence.to_owned());
        } else if line.starts_with(char::is_uppercase) {
            let name: String = line.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            let holds = line
                .split_once("Box<")
                .and_then(|(_, held)| held.split_once('>'))
                .map(|(held, _)| held.to_owned());
            let body = if line.ends_with('{') {
                let inner = rest.by_ref().take_while(|line| *line != "},");
                inner.map(|line| line.get(4..).unwrap_or("").to_owned()).collect()
            } else {
                Vec::new()
            };
            let says = std::mem::take(&mut says).join(" ");
            kinds.push(Kind { section: section.take(), name: snake(&name), says, holds, body });
        }
    }
    kinds
}

fn fields(lines: &[String]) -> Vec<Field> {
    let (mut fields, mut says, mut optional) = (Vec::new(), Vec::new(), false);
    for line in lines {
        if let Some(sentence) = line.strip_prefix("/// ") {
            says.push(sentence.to_owned());
        } else if line.starts_with("#[serde") {
            optional |= line.contains("skip_serializing_if");
        } else if let Some((name, _)) = line.trim_start_matches("pub ").split_once(": ") {
            let says = std::mem::take(&mut says).join(" ");
            fields.push(Field { name: name.to_owned(), says, optional: std::mem::take(&mut optional) });
        }
    }
    fields
}

/// `TaskAdded` → `task_added`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_golden_is_in_the_catalogue_with_its_fields() {
        let tree = Tree::read(&crate::tree::top()).expect("the workspace can be read");
        let page = catalogue(&tree).expect("the catalogue can be made");
        let goldens: Vec<&String> = tree.files.keys().filter(|path| path.starts_with(GOLDENS)).collect();
        assert_eq!(page.matches("\n### `").count(), goldens.len());
        assert!(goldens.len() > 40);
        for (path, text) in tree.files.iter().filter(|(path, _)| path.starts_with(GOLDENS)) {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            let (kind, fields) = value.as_object().and_then(|all| all.iter().next()).expect("one kind");
            let section = page
                .split(&format!("### `{kind}`"))
                .nth(1)
                .unwrap_or_else(|| panic!("no section for {path}"));
            let table = section.split("```json").next().unwrap_or_default();
            for field in fields.as_object().expect("fields").keys() {
                assert!(table.contains(&format!("| `{field}` |")), "{kind} tells nothing of `{field}`");
            }
        }
    }
}
