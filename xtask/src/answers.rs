//! The catalogue of answers: what `--json` prints, shape by shape, with the sentences the source
//! documents them with. Reads the source of `lens` as text, so it relies on how `cargo fmt` lays
//! it out.

use serde_json::{Map, Value, json};

use crate::tool::Outcome;
use crate::tree::Tree;

const VIEWS: &str = "crates/lens/src/views/";
const REPORTS: &str = "crates/lens/src/reports/";
/// What came of a command stands beside the program, since it holds events as they are on record.
const RECEIPTS: &str = "crates/app/src/wire.rs";
/// Shapes that several answers share, in the order they are told.
const SHARED: [&str; 7] = ["look", "tasks", "checks", "progress", "origin", "history", "words"];

/// The catalogue as a page.
pub(crate) fn catalogue(tree: &Tree) -> Outcome<String> {
    let mut text = String::from(
        "# Answers\n\nWhat verbs print with `--json`, and what the HTTP API gives for the same question. Fields are only \
         ever added. Those marked *optional* are left out where there is nothing to say; *or null* ones are always \
         there. Moments are RFC 3339 in UTC, digests 64 hexadecimal characters.\n",
    );
    for (folder, kind) in [(VIEWS, ""), (REPORTS, "report ")] {
        let below = tree.files.range(folder.to_owned()..).take_while(|(path, _)| path.starts_with(folder));
        for (path, source) in below {
            if let Some(name) = path.strip_prefix(folder).and_then(|path| path.strip_suffix(".rs")) {
                let name = name.strip_suffix("/mod").unwrap_or(name).replace('/', ", ");
                let name = if name == "mod" { "every report".to_owned() } else { format!("{kind}{name}") };
                section(&mut text, &name, source);
            }
        }
    }
    text.push_str("\n## Shared shapes\n");
    for name in SHARED {
        let path = format!("crates/lens/src/{name}.rs");
        let source = tree.files.get(&path).ok_or_else(|| format!("{path} is missing"))?;
        shapes(source).iter().for_each(|shape| table(&mut text, shape));
    }
    Ok(text)
}

fn section(text: &mut String, name: &str, source: &str) {
    let shapes = shapes(source);
    if shapes.is_empty() {
        return;
    }
    let about: Vec<&str> = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    text.push_str(&format!("\n## {name}\n\n{}\n", about.join(" ").trim()));
    shapes.iter().for_each(|shape| table(text, shape));
}

fn table(text: &mut String, shape: &Shape) {
    text.push_str(&format!(
        "\n### {}\n\n{}\n\n| field | holds | is |\n|---|---|---|\n",
        words(&shape.name),
        shape.says
    ));
    for field in &shape.fields {
        let optional = if field.optional { "*optional* " } else { "" };
        let says = field.says.replace('|', "\\|");
        text.push_str(&format!("| `{}` | {optional}{} | {says} |\n", field.name, field.holds));
    }
}

/// Every shape of the answers, by name, as JSON Schema: what the service's description refers to.
pub(crate) fn schemas(tree: &Tree) -> Outcome<String> {
    let told = |path: &&String| {
        let shared = SHARED.iter().any(|name| **path == format!("crates/lens/src/{name}.rs"));
        path.starts_with(VIEWS) || path.starts_with(REPORTS) || shared || *path == RECEIPTS
    };
    let sources = tree.files.iter().filter(|(path, _)| told(path)).map(|(_, source)| source);
    let all: Vec<Shape> = sources.flat_map(|source| shapes(source)).collect();
    // What two sources call by the same name is told as anything, rather than as the wrong one.
    let is_known = |name: &str| all.iter().filter(|shape| shape.name == name).count() == 1;
    let mut made = Map::new();
    for shape in &all {
        let schema =
            if shape.is_enum { json!({ "description": shape.says }) } else { shape.schema(&is_known) };
        if is_known(&shape.name) {
            made.insert(shape.name.clone(), schema);
        }
    }
    // A line for each, so that a change shows which.
    let lines: Vec<String> = made.iter().map(|(name, schema)| format!("{}: {schema}", json!(name))).collect();
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

impl Shape {
    fn schema(&self, is_known: &dyn Fn(&str) -> bool) -> Value {
        let mut properties = Map::new();
        for field in &self.fields {
            let mut schema = schema(&field.kind, is_known);
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".to_owned(), json!(field.says));
            }
            properties.insert(field.name.clone(), schema);
        }
        let there = self.fields.iter().filter(|field| !field.optional);
        let required: Vec<&str> = there.map(|field| field.name.as_str()).collect();
        json!({ "type": "object", "description": self.says, "required": required, "properties": properties })
    }
}

/// A type of the source as JSON Schema. What is not known may be anything.
fn schema(kind: &str, is_known: &dyn Fn(&str) -> bool) -> Value {
    let kind = kind.trim_start_matches('&').trim_start_matches("'a ").trim_start_matches("'static ");
    if let Some(of) = inner(kind, "Box<") {
        return schema(of, is_known);
    }
    if let Some(of) = inner(kind, "Option<") {
        return json!({ "anyOf": [schema(of, is_known), { "type": "null" }] });
    }
    let list = inner(kind, "Vec<").or_else(|| inner(kind, "BTreeSet<"));
    if let Some(of) = list.or_else(|| kind.strip_prefix('[')?.strip_suffix(']')) {
        return json!({ "type": "array", "items": schema(of, is_known) });
    }
    if let Some((_, of)) = inner(kind, "BTreeMap<").and_then(|of| of.split_once(", ")) {
        return json!({ "type": "object", "additionalProperties": schema(of, is_known) });
    }
    if kind.starts_with('(') {
        return json!({ "type": "array" });
    }
    let last = kind.rsplit("::").next().unwrap_or(kind);
    match last.split('<').next().unwrap_or(last) {
        "str" | "String" | "Key" | "Outcome" | "WaiverState" | "Digest" => json!({ "type": "string" }),
        "bool" => json!({ "type": "boolean" }),
        "usize" | "u16" | "u32" | "u64" | "Seq" | "Fence" | "Revision" => {
            json!({ "type": "integer", "minimum": 0 })
        }
        "i32" | "i64" => json!({ "type": "integer" }),
        "f64" => json!({ "type": "number" }),
        "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Date" => json!({ "type": "string", "format": "date" }),
        "Process" => json!({ "type": "object" }),
        id if id.ends_with("Id") => json!({ "type": "string" }),
        shape if is_known(shape) => json!({ "$ref": format!("#/components/schemas/{shape}") }),
        _ => json!({}),
    }
}

/// A struct or enum that is serialised.
struct Shape {
    name: String,
    says: String,
    is_enum: bool,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    /// As the source has it.
    kind: String,
    holds: String,
    says: String,
    optional: bool,
}

fn shapes(source: &str) -> Vec<Shape> {
    let (mut shapes, mut says, mut serialised) = (Vec::new(), Vec::new(), false);
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if let Some(sentence) = line.strip_prefix("/// ") {
            says.push(sentence.to_owned());
        } else if line.starts_with("#[derive(") {
            serialised = line.contains("Serialize");
        } else if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))
        {
            let name = rest.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            let says = std::mem::take(&mut says).join(" ");
            if std::mem::take(&mut serialised) && line.ends_with('{') {
                let fields = fields(lines.by_ref().take_while(|line| *line != "}"));
                shapes.push(Shape { name, says, is_enum: line.starts_with("pub enum "), fields });
            }
        } else if !line.starts_with("#[") {
            says.clear();
        }
    }
    shapes
}

fn fields<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Field> {
    let (mut fields, mut says, mut optional, mut skipped) = (Vec::new(), Vec::new(), false, false);
    for line in lines.map(str::trim) {
        if let Some(sentence) = line.strip_prefix("/// ") {
            says.push(sentence.to_owned());
        } else if line.starts_with("#[serde") {
            optional |= line.contains("skip_serializing_if");
            skipped |= line == "#[serde(skip)]";
        } else {
            let line = line.trim_start_matches("pub ").trim_end_matches(',');
            let named = line.split_once(": ").map(|(name, kind)| (name.to_owned(), kind));
            let variant = line.strip_suffix(')').and_then(|line| line.split_once('('));
            let variant = variant.map(|(name, kind)| (words(name), kind));
            let (says, optional) = (std::mem::take(&mut says).join(" "), std::mem::take(&mut optional));
            if let Some((name, kind)) = named.or(variant).filter(|_| !std::mem::take(&mut skipped)) {
                let kind = if optional { inner(kind, "Option<").unwrap_or(kind) } else { kind };
                fields.push(Field { name, kind: kind.to_owned(), holds: holds(kind), says, optional });
            }
        }
    }
    fields
}

/// A type of the source in the words of JSON.
fn holds(kind: &str) -> String {
    let kind = kind.trim_start_matches('&').trim_start_matches("'a ").trim_start_matches("'static ");
    if let Some(of) = inner(kind, "Option<") {
        return format!("{} or null", holds(of));
    }
    if let Some(of) = inner(kind, "BTreeSet<") {
        return format!("list of {}", holds(of));
    }
    if let Some(of) = inner(kind, "Vec<").or_else(|| kind.strip_prefix('[')?.strip_suffix(']')) {
        return format!("list of {}", holds(of));
    }
    if let Some((_, of)) = inner(kind, "BTreeMap<").and_then(|of| of.split_once(", ")) {
        return format!("{} by name", holds(of));
    }
    if kind.starts_with('(') {
        return "pair of name and text".to_owned();
    }
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let name = last.split('<').next().unwrap_or(last);
    match name {
        "str" | "String" | "Key" | "Outcome" | "WaiverState" => "text",
        "Measure" => "number or `n/a`",
        "Process" => "`host`, `pid` and when it `started`",
        "bool" => "true or false",
        "usize" | "u16" | "u32" | "u64" | "i32" | "i64" | "f64" | "Seq" | "Fence" | "Revision" => "number",
        "Timestamp" => "moment",
        "Date" => "date",
        "Digest" => "digest",
        id if id.ends_with("Id") => "id",
        // A shape that holds answers of any kind.
        one_letter if one_letter.len() == 1 => "answer",
        shape => return format!("[{0}](#{1})", words(shape), words(shape).replace(' ', "-")),
    }
    .to_owned()
}

fn inner<'a>(kind: &'a str, opening: &str) -> Option<&'a str> {
    kind.strip_prefix(opening)?.strip_suffix('>')
}

/// `TaskRow` → `task row`.
fn words(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_named_is_told_and_every_field_says_what_it_is() {
        let tree = Tree::read(&crate::tree::top()).expect("the workspace can be read");
        let page = catalogue(&tree).expect("the catalogue can be made");
        let told: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        assert!(told.len() > 40, "{told:?}");
        for link in page.split("](#").skip(1) {
            let name = link.split(')').next().unwrap_or_default().replace('-', " ");
            assert!(told.contains(&name.as_str()), "`{name}` is named, but not told");
        }
        let mute: Vec<&str> =
            page.lines().filter(|line| line.starts_with("| `") && line.ends_with("|  |")).collect();
        assert!(mute.is_empty(), "{mute:?}");
        assert!(!page.contains("`tone`"), "what is not serialised is not told");
    }

    #[test]
    fn types_are_told_in_the_words_of_json() {
        assert_eq!(holds("Option<&'a str>"), "text or null");
        assert_eq!(holds("Vec<TaskRow<'a>>"), "list of [task row](#task-row)");
        assert_eq!(holds("&'a [String]"), "list of text");
        assert_eq!(holds("model::ids::Seq"), "number");
    }
}
