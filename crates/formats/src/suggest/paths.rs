//! Files that prose names between backticks.

use super::{code_spans, slug};

/// Endings that make a word without a slash the name of a file.
const ENDINGS: [&str; 27] = [
    "cfg", "conf", "css", "csv", "go", "html", "ini", "java", "js", "json", "lock", "md", "mdx", "png",
    "proto", "py", "rs", "rst", "sh", "sql", "svg", "tf", "toml", "ts", "txt", "yaml", "yml",
];

/// Words before a second code span that make it the content of the file.
const CONTAINS: [&str; 7] = ["contains", "mentions", "names", "includes", "lists", "holds", "documents"];

/// The files a text names, each with what it must contain where the text says so.
pub(super) fn named(text: &str) -> Vec<(String, Option<String>)> {
    let spans: Vec<&str> = code_spans(text).collect();
    let mut files: Vec<(String, Option<String>)> = Vec::new();
    for (place, code) in spans.iter().enumerate() {
        if !is_path(code) || files.iter().any(|(path, _)| path == code) {
            continue;
        }
        let contains = spans.get(place + 1).filter(|next| !is_path(next) && says_contains(text, code, next));
        files.push(((*code).to_owned(), contains.map(|next| (*next).to_owned())));
    }
    files
}

/// A short name for a file: its stem.
pub(super) fn short(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let slug = slug(stem, '-');
    if slug.is_empty() { "file".to_owned() } else { slug }
}

fn is_path(code: &str) -> bool {
    let plain = code.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '@' | '+'));
    let name = code.rsplit('/').next().unwrap_or(code);
    let ending = name.rsplit_once('.').map(|(stem, ending)| (!stem.is_empty() || code.contains('/'), ending));
    let known = ending.is_some_and(|(named, ending)| named && ENDINGS.contains(&ending));
    plain && known && !code.starts_with('/') && !code.split('/').any(|part| part == "..")
}

fn says_contains(text: &str, first: &str, second: &str) -> bool {
    let between = text
        .split_once(&format!("`{first}`"))
        .and_then(|(_, rest)| rest.split_once(&format!("`{second}`")))
        .map_or("", |(between, _)| between);
    CONTAINS.contains(&between.trim())
}
