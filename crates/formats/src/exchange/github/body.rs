//! What GitHub has no fields for stands at the end of an issue's body, in words people read there:
//! acceptance criteria as boxes, then a line each for needs, parent and key.

use super::super::text::{criterion, list_item, one_line};
use model::draft::DraftCriterion;

const HEADING: &str = "## Acceptance criteria";
const NEEDS: &str = "Needs: ";
const PARENT: &str = "Part of: ";
const KEY: &str = "Key: ";

/// A body taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Body {
    pub(super) description: String,
    pub(super) criteria: Vec<DraftCriterion>,
    pub(super) needs: Vec<String>,
    pub(super) parent: Option<String>,
    pub(super) key: Option<String>,
}

/// Takes a body apart: the lines at its end, then the criteria before them; the rest is the
/// description, in which "depends on #3" and its like are needs, too.
pub(super) fn read(text: &str, line: u32) -> Body {
    let mut body = Body::default();
    let mut rest = text.trim_end();
    loop {
        let (before, last) = rest.rsplit_once('\n').unwrap_or(("", rest));
        let last = last.trim();
        let taken = if let Some(key) = last.strip_prefix(KEY) {
            body.key.replace(key.trim().to_owned()).is_none()
        } else if let Some(parent) = last.strip_prefix(PARENT) {
            body.parent.replace(reference(parent)).is_none()
        } else if let Some(needs) = last.strip_prefix(NEEDS) {
            body.needs = needs.split(", ").map(reference).collect();
            true
        } else {
            false
        };
        if !taken {
            break;
        }
        rest = before.trim_end();
    }
    if let Some((before, list)) = split_at_heading(rest) {
        let lines: Vec<&str> = list.lines().filter(|line| !line.trim().is_empty()).collect();
        let items: Option<Vec<_>> = lines.iter().map(|line| list_item(line)).collect();
        if let Some(items) = items.filter(|items| !items.is_empty()) {
            body.criteria = items.into_iter().map(|(ticked, text)| criterion(text, ticked, line)).collect();
            rest = before;
        }
    }
    body.description = rest.trim().to_owned();
    for name in mentioned(&body.description) {
        if !body.needs.contains(&name) {
            body.needs.push(name);
        }
    }
    body
}

/// A body of these parts. Needs that the description names already are not named again.
pub(super) fn write(
    description: &str,
    criteria: &[(String, Option<bool>)],
    needs: &[&str],
    parent: Option<&str>,
    key: Option<&str>,
) -> String {
    let mut parts = Vec::new();
    if !description.is_empty() {
        parts.push(description.to_owned());
    }
    if !criteria.is_empty() {
        let items = criteria.iter().map(|(text, ticked)| {
            let text = one_line(text);
            match ticked {
                None => format!("- {text}"),
                Some(ticked) => format!("- [{}] {text}", if *ticked { 'x' } else { ' ' }),
            }
        });
        parts.push(format!("{HEADING}\n\n{}", items.collect::<Vec<_>>().join("\n")));
    }
    let known = mentioned(description);
    let named: Vec<String> =
        needs.iter().filter(|need| !known.iter().any(|name| name == *need)).map(|need| shown(need)).collect();
    let mut lines = Vec::new();
    if !named.is_empty() {
        lines.push(format!("{NEEDS}{}", named.join(", ")));
    }
    lines.extend(parent.map(|parent| format!("{PARENT}{}", shown(parent))));
    lines.extend(key.map(|key| format!("{KEY}{key}")));
    if !lines.is_empty() {
        parts.push(lines.join("\n"));
    }
    parts.join("\n\n")
}

fn split_at_heading(text: &str) -> Option<(&str, &str)> {
    let mut start = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        let heading = line.trim();
        let level = heading.bytes().take_while(|byte| *byte == b'#').count();
        if level > 0 && heading[level..].trim().eq_ignore_ascii_case("acceptance criteria") {
            found = Some((start, start + line.len()));
        }
        start += line.len();
    }
    found.map(|(start, end)| (&text[..start], &text[end..]))
}

/// `#12` as the key of an issue; other names as they are.
fn reference(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('#') {
        Some(number) if is_number(number) => format!("GH-{number}"),
        _ => text.to_owned(),
    }
}

/// The key of an issue as `#12`, which GitHub makes a link of.
fn shown(key: &str) -> String {
    match key.strip_prefix("GH-") {
        Some(number) if is_number(number) => format!("#{number}"),
        _ => key.to_owned(),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Issues that a line begins by depending on: `Depends on #3, #4`, `- Blocked by: #7`.
fn mentioned(text: &str) -> Vec<String> {
    const WORDS: [&str; 4] = ["depends on", "blocked by", "requires", "needs"];
    let mut names = Vec::new();
    for line in text.lines() {
        let line = line.trim_start_matches(['-', '*', ' ', '\t']).to_lowercase();
        let Some(rest) = WORDS.iter().find_map(|word| line.strip_prefix(word)) else { continue };
        let rest = rest.trim_start_matches([':', ' ', '*']);
        for part in rest.split([',', ' ']).filter(|part| !part.is_empty() && *part != "and") {
            let Some(number) = part.strip_prefix('#').map(|part| part.trim_end_matches('.')) else { break };
            let name = format!("GH-{number}");
            if is_number(number) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_reads_back_as_written() {
        let criteria = [("it works".to_owned(), Some(true)), ("well".to_owned(), None)];
        let text = write("Some\n\ntext", &criteria, &["GH-3", "T-1"], Some("GH-2"), Some("T-9"));
        let body = read(&text, 1);
        assert_eq!(body.description, "Some\n\ntext");
        let found: Vec<_> = body.criteria.iter().map(|one| (one.text.clone(), one.checked)).collect();
        assert_eq!(found, criteria);
        assert_eq!(
            (body.needs, body.parent, body.key),
            (vec!["GH-3".into(), "T-1".into()], Some("GH-2".into()), Some("T-9".into()))
        );
        assert_eq!(read("", 1), Body::default());
    }

    #[test]
    fn needs_are_read_where_people_write_them() {
        let needs = |text: &str| read(text, 1).needs;
        assert_eq!(needs("Intro\n- Depends on #3, #4 and #5\nmore"), ["GH-3", "GH-4", "GH-5"]);
        assert_eq!(needs("**bold**\nBlocked by: #7."), ["GH-7"]);
        assert!(needs("It depends on #3 whether").is_empty());
        assert!(needs("see #3").is_empty());
        let text = write("Depends on #3", &[], &["GH-3", "GH-4"], None, None);
        assert_eq!(text, "Depends on #3\n\nNeeds: #4");
    }
}
