//! Texts that several peers write alike: lists in one field, checklists, priorities.

use model::draft::DraftCriterion;

/// Several texts as one: comma-separated where that reads back the same, else as JSON.
pub(super) fn joined<T: AsRef<str>>(items: &[T]) -> String {
    let plain = |item: &str| {
        !item.is_empty() && item.trim() == item && !item.contains([',', '"', '\n', '\r', '[', ']'])
    };
    let texts: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    if texts.iter().all(|item| plain(item)) {
        return texts.join(", ");
    }
    serde_json::to_string(&texts).unwrap_or_default()
}

/// The texts of a field written by [`joined`], or by a person with commas.
pub(super) fn split(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<String>>(text)
    {
        return items;
    }
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// A criterion without number and probe.
pub(super) fn criterion(text: &str, checked: Option<bool>, line: u32) -> DraftCriterion {
    DraftCriterion {
        text: text.to_owned(),
        checked,
        target: None,
        line,
        checks: Default::default(),
        span: Default::default(),
        mark: None,
    }
}

/// The box and the text of a list item: `- [x] text`, `* text`, `1. text`.
pub(super) fn list_item(line: &str) -> Option<(Option<bool>, &str)> {
    let line = line.trim();
    let rest = match line.strip_prefix(['-', '*', '+']) {
        Some(rest) => rest,
        None => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0).then(|| line[digits..].strip_prefix(['.', ')'])).flatten()?
        }
    };
    let rest = rest.strip_prefix(' ')?.trim_start();
    let boxed = [("[ ] ", false), ("[x] ", true), ("[X] ", true)];
    match boxed.iter().find_map(|(mark, ticked)| Some((*ticked, rest.strip_prefix(mark)?))) {
        Some((ticked, text)) => Some((Some(ticked), text.trim())),
        None => Some((None, rest)),
    }
}

/// The criteria of a free text: its items where it is a list throughout, else the text as one.
pub(super) fn criteria(text: &str, line: u32) -> Vec<DraftCriterion> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let items: Option<Vec<_>> = lines.iter().map(|line| list_item(line)).collect();
    match items.filter(|items| items.iter().all(|(_, text)| !text.is_empty())) {
        Some(items) => items.into_iter().map(|(checked, text)| criterion(text, checked, line)).collect(),
        None => vec![criterion(text.trim(), None, line)],
    }
}

/// A text as one line.
pub(super) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Criteria as a free text that [`criteria`] reads back.
pub(super) fn criteria_text(items: &[(String, Option<bool>)]) -> String {
    if let [(text, None)] = items
        && (text.lines().count() > 1 || list_item(text).is_none())
    {
        return text.clone();
    }
    let lines = items.iter().map(|(text, checked)| {
        let text = one_line(text);
        match checked {
            None => format!("- {text}"),
            Some(ticked) => format!("- [{}] {text}", if *ticked { 'x' } else { ' ' }),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How urgent a word is, from 0: `P0` and `critical`, `P1` and `high`, down to 4, `backlog`.
pub(super) fn rank(word: &str) -> Option<u8> {
    const WORDS: [&[&str]; 5] = [
        &["critical", "urgent", "blocker", "highest"],
        &["high", "major"],
        &["medium", "normal", "moderate"],
        &["low", "minor"],
        &["backlog", "lowest", "trivial"],
    ];
    let word = word.trim().to_lowercase();
    let digits = word.strip_prefix('p').unwrap_or(&word);
    if let Ok(rank @ 0..=4) = digits.parse::<u8>() {
        return Some(rank);
    }
    WORDS.iter().position(|words| words.contains(&&*word)).map(|rank| rank as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_one_field_read_back() {
        for items in [vec![], vec!["a", "b c"], vec!["a,b", "c"], vec!["[x]"], vec!["\"q\"", " "]] {
            assert_eq!(split(&joined(&items)), items, "{}", joined(&items));
        }
        assert_eq!(joined(&["ui", "needs review"]), "ui, needs review");
    }

    #[test]
    fn criteria_are_items_or_one_text() {
        let read = |text: &str| -> Vec<(String, Option<bool>)> {
            criteria(text, 1).into_iter().map(|found| (found.text, found.checked)).collect()
        };
        let items = read("- [x] one\n\n* two\n3. three");
        assert_eq!(items.len(), 3);
        assert_eq!(read(&criteria_text(&items)), items);
        for text in ["it works\nwell", "it works", "- a\nand prose"] {
            assert_eq!(criteria_text(&read(text)), text);
        }
        let odd = vec![("- looks like an item".to_owned(), None)];
        assert_eq!(read(&criteria_text(&odd)), odd);
    }

    #[test]
    fn priorities_have_ranks() {
        let ranks: Vec<_> =
            ["P0", "1", "Medium", "low", "p4", "P7", "soon"].iter().map(|w| rank(w)).collect();
        assert_eq!(ranks, [Some(0), Some(1), Some(2), Some(3), Some(4), None, None]);
    }
}
