//! The front matter of a task file: as much of YAML as such files use. Scalars plain, quoted and
//! folded, lists on one line and on several; anything deeper is kept as it stands.

/// A field of the front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Value,
    /// Its line in the file.
    pub(super) line: u32,
}

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// One text.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// What is deeper than that, as it stands.
    Raw(String),
}

impl Value {
    /// One text, where it is one.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(mut items) if items.len() == 1 => items.pop(),
            _ => None,
        }
    }

    /// Every text: a single one counts as a list of it.
    pub(super) fn list(self) -> Option<Vec<String>> {
        match self {
            Self::Text(text) if text.is_empty() => Some(Vec::new()),
            Self::Text(text) => Some(vec![text]),
            Self::List(items) => Some(items),
            Self::Raw(_) => None,
        }
    }
}

/// The front matter of a text and the line its body begins on; nothing where there is none that is
/// closed.
pub(super) fn split(text: &str) -> Option<(&str, &str, u32)> {
    let rest = text.strip_prefix("---")?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    let mut at = 0;
    for (count, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            return Some((&rest[..at], &rest[at + line.len()..], count as u32 + 3));
        }
        at += line.len();
    }
    None
}

/// Its fields, in order; `first` is the line the front matter begins on.
pub(super) fn read(text: &str, first: u32) -> Vec<Field> {
    let lines: Vec<&str> = text.lines().collect();
    let mut fields = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let (line, number) = (lines[at], first + at as u32);
        at += 1;
        if line.trim().is_empty() || line.trim_start().starts_with('#') || line.starts_with([' ', '\t', '-'])
        {
            continue;
        }
        let Some((name, rest)) = line.split_once(':') else { continue };
        let start = at;
        while at < lines.len()
            && (lines[at].trim().is_empty()
                || lines[at].starts_with([' ', '\t'])
                || lines[at].starts_with("- "))
        {
            at += 1;
        }
        let value = value(rest.trim(), &lines[start..at]);
        fields.push(Field { name: unquoted(name.trim()), value, line: number });
    }
    fields
}

fn value(rest: &str, below: &[&str]) -> Value {
    let filled: Vec<&str> = below.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let style = rest.strip_prefix(['>', '|']);
    if style.is_some_and(|style| style.chars().all(|c| matches!(c, '-' | '+') || c.is_ascii_digit())) {
        return Value::Text(block(rest.starts_with('>'), below));
    }
    if rest.starts_with('[') {
        let whole = format!("{rest} {}", filled.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "));
        return flow(whole.trim()).map_or_else(|| Value::Raw(whole.trim().to_owned()), Value::List);
    }
    if rest.is_empty() && !filled.is_empty() {
        let items: Option<Vec<String>> = filled.iter().map(|line| item(line)).collect();
        return items.map_or_else(|| Value::Raw(below.join("\n")), Value::List);
    }
    // A long text goes on below, indented.
    let mut whole = rest.to_owned();
    for line in filled {
        whole.push(' ');
        whole.push_str(line.trim());
    }
    match whole.as_str() {
        "null" | "~" => Value::Text(String::new()),
        text if text.starts_with('{') => Value::Raw(whole),
        text => Value::Text(unquoted(text)),
    }
}

fn item(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix('-')?;
    let text = rest.strip_prefix(' ').unwrap_or(rest).trim();
    let nested = text.is_empty() && !rest.is_empty() || text.starts_with(['{', '[', '|', '>']);
    let pair = !text.starts_with(['"', '\'']) && text.contains(": ");
    (!nested && !pair).then(|| unquoted(text))
}

fn flow(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let (mut items, mut current, mut quote) = (Vec::new(), String::new(), None);
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (',', None) => items.push(std::mem::take(&mut current)),
            ('[' | '{', None) => return None,
            ('\\', Some('"')) => {
                current.push(c);
                current.extend(chars.next());
            }
            ('"' | '\'', None) if current.trim().is_empty() => {
                quote = Some(c);
                current.push(c);
            }
            (c, Some(open)) if c == open => {
                quote = None;
                current.push(c);
            }
            _ => current.push(c),
        }
    }
    items.push(current);
    let items = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty());
    Some(items.map(unquoted).collect())
}

fn block(folded: bool, below: &[&str]) -> String {
    let indent = below.iter().filter(|line| !line.trim().is_empty());
    let indent = indent.map(|line| line.len() - line.trim_start().len()).min().unwrap_or_default();
    let lines: Vec<&str> =
        below.iter().map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
    let text = lines.join("\n");
    let text = text.trim_end_matches('\n');
    if !folded {
        return text.to_owned();
    }
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// A scalar without its quotes.
fn unquoted(text: &str) -> String {
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inner.replace("''", "'");
    }
    if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
        return serde_json::from_str(text).unwrap_or_else(|_| text[1..text.len() - 1].to_owned());
    }
    // A remark may follow a plain scalar.
    text.split_once(" #").map_or(text, |(text, _)| text).trim_end().to_owned()
}

/// A text as a scalar that reads back as it is, plain where that is safe.
pub(super) fn scalar(text: &str) -> String {
    let plain = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '(' | ')' | '+'))
        && text.chars().next().is_some_and(char::is_alphabetic)
        && text.trim() == text
        && !["null", "true", "false", "yes", "no", "on", "off"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    if plain {
        return text.to_owned();
    }
    let control =
        text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{feff}'));
    if control {
        serde_json::to_string(text).unwrap_or_default()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A list as people and the tool write it.
pub(super) fn list(name: &str, items: &[String]) -> String {
    if items.is_empty() {
        return format!("{name}: []\n");
    }
    let items = items.iter().map(|item| format!("  - {}\n", scalar(item)));
    format!("{name}:\n{}", items.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_and_lists_are_read_in_every_style() {
        let text = "id: task-1\ntitle: 'it''s: one'\nlong: >-\n  folded\n  text\n\n  more\nkeep: |\n  a\n    b\nflow: [a, 'b, c', \"d\"]\nlist:\n  - x\n  - '@y'\nflat:\n- z\nempty: []\nnone:\ndeep:\n  a: 1\nwrapped: a\n  b\nnote: x # remark\n";
        let fields = read(text, 2);
        let get = |name: &str| fields.iter().find(|field| field.name == name).unwrap().value.clone();
        let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
        assert_eq!(get("id"), Value::Text("task-1".into()));
        assert_eq!(get("title"), Value::Text("it's: one".into()));
        assert_eq!(get("long"), Value::Text("folded text\nmore".into()));
        assert_eq!(get("keep"), Value::Text("a\n  b".into()));
        assert_eq!(get("flow"), list(&["a", "b, c", "d"]));
        assert_eq!((get("list"), get("flat"), get("empty")), (list(&["x", "@y"]), list(&["z"]), list(&[])));
        assert_eq!((get("none"), get("wrapped")), (Value::Text(String::new()), Value::Text("a b".into())));
        assert!(matches!(get("deep"), Value::Raw(_)));
        assert_eq!(get("note"), Value::Text("x".into()));
        assert_eq!(fields[1].line, 3);
    }

    #[test]
    fn scalars_read_back_as_written() {
        for text in [
            "plain text",
            "it's",
            "a: b",
            "- x",
            "true",
            "007",
            "",
            "a\nb",
            "\"q\"",
            "#x",
            "x # y",
            "ü",
            "{a}",
        ] {
            let line = format!("k: {}\n", scalar(text));
            assert_eq!(read(&line, 1)[0].value, Value::Text(text.to_owned()), "{line}");
            let lines = super::list("k", &[text.to_owned(), "b".to_owned()]);
            assert_eq!(
                read(&lines, 1)[0].value,
                Value::List(vec![text.to_owned(), "b".to_owned()]),
                "{lines}"
            );
        }
    }

    #[test]
    fn front_matter_must_be_closed() {
        assert_eq!(split("---\na: b\n---\nbody"), Some(("a: b\n", "body", 4)));
        assert_eq!(split("---\r\na: b\r\n---\r\nbody").map(|found| found.2), Some(4));
        assert_eq!((split("---\na: b\n"), split("# x\n---\n")), (None, None));
    }
}
