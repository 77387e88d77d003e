//! Pictures: SVG written here, each with a text that says the same.

pub(super) mod charts;
pub(super) mod flow;

use std::fmt::Write;

use lens::render::html::escape;
use lens::views::risks::RiskRow;
use lens::views::show::Show;
use minijinja::value::Value;

use super::templates::tone;

/// How wide a bar is drawn, in its own units.
const WIDTH: u64 = 600;

/// How far a plan is: verified, claimed and open beside each other.
pub(super) fn bar(summary: &Value, name: &str) -> String {
    let count =
        |field: &str| summary.get_attr(field).ok().and_then(|value| u64::try_from(value).ok()).unwrap_or(0);
    let all = count("tasks");
    let verified = count("verified") + count("waived");
    let claimed =
        count("claimed_without_evidence") + count("claimed_unproven") + count("refuted") + count("lapsed");
    let open = all.saturating_sub(verified + claimed);
    let says = format!("{name}: {verified} verified, {claimed} claimed, {open} open of {all}");
    let mut svg = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 14\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
        escape(&says)
    );
    let mut left = 0;
    for (class, part) in [("verified", verified), ("claimed", claimed), ("open", open)] {
        let wide = (part * WIDTH).checked_div(all).unwrap_or(0);
        let _ = write!(svg, "<rect class=\"{class}\" x=\"{left}\" y=\"0\" width=\"{wide}\" height=\"14\"/>");
        left += wide;
    }
    svg.push_str("</svg>");
    svg
}

/// What a task needs, the task, and what needs it.
pub(super) fn needs(plan: &str, shown: &Show<'_>) -> String {
    const BOX: (usize, usize) = (225, 34);
    const STEP: usize = 46;
    let rows = shown.needs.len().max(shown.needed_by.len()).max(1);
    let high = rows * STEP + 10;
    let columns = [10, 290, 570];
    let middle = |count: usize| (high - count * STEP) / 2;
    let words = |list: &[lens::views::show::Related<'_>]| {
        let told: Vec<String> = list.iter().map(|one| format!("{} ({})", one.key, one.standing)).collect();
        if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
    };
    let says = format!(
        "{} needs {}; it is needed by {}",
        shown.task.key,
        words(&shown.needs),
        words(&shown.needed_by)
    );
    let mut svg = format!(
        "<svg class=\"drawing\" viewBox=\"0 0 805 {high}\" width=\"805\" height=\"{high}\" role=\"group\" aria-label=\"{0}\"><title>What it needs, and what needs it</title><desc>{0}</desc>",
        escape(&says)
    );
    let own = (columns[1], middle(1) + 6);
    let place = |column: usize, count: usize, row: usize| (columns[column], middle(count) + row * STEP + 6);
    let mut edge = |from: (usize, usize), to: (usize, usize)| {
        let (x1, y1, x2, y2) = (from.0 + BOX.0, from.1 + BOX.1 / 2, to.0, to.1 + BOX.1 / 2);
        let half = (x1 + x2) / 2;
        let _ = write!(svg, "<path class=\"edge\" d=\"M{x1} {y1}C{half} {y1} {half} {y2} {x2} {y2}\"/>");
    };
    for row in 0..shown.needs.len() {
        edge(place(0, shown.needs.len(), row), own);
    }
    for row in 0..shown.needed_by.len() {
        edge(own, place(2, shown.needed_by.len(), row));
    }
    let mut node = |(x, y): (usize, usize), key: &str, title: &str, standing: &str, is_self: bool| {
        let class = format!("box {}{}", tone(standing), if is_self { " self" } else { "" });
        let label = fitting(&format!("{key} {title}"), 27);
        let _ = write!(
            svg,
            "<a href=\"/plans/{plan}/tasks/{}\"><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text></a>",
            escape(&super::templates::segment(key)),
            BOX.0,
            BOX.1,
            x + 9,
            y + 22,
            escape(&label)
        );
    };
    for (row, one) in shown.needs.iter().enumerate() {
        node(place(0, shown.needs.len(), row), one.key, one.title, one.standing, false);
    }
    node(own, shown.task.key, shown.task.title, shown.task.standing, true);
    for (row, one) in shown.needed_by.iter().enumerate() {
        node(place(2, shown.needed_by.len(), row), one.key, one.title, one.standing, false);
    }
    svg.push_str("</svg>");
    svg
}

/// As much of a text as fits into a box.
fn fitting(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let begun: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", begun.trim_end())
}

/// Risks by how likely and how bad they are. Words are the author's; those that name no level stand
/// beside the grid.
pub(super) fn grid(risks: &[RiskRow<'_>]) -> String {
    const NAMES: [&str; 3] = ["Low", "Medium", "High"];
    const CELL: (usize, usize) = (132, 72);
    const MOST_LINES: usize = 3;
    let mut cells: [[Vec<&str>; 3]; 3] = Default::default();
    let mut beside = Vec::new();
    for risk in risks {
        match (level(risk.probability), level(risk.impact)) {
            (Some(probability), Some(impact)) => cells[probability][impact].push(risk.key),
            _ => beside.push(risk.key),
        }
    }
    let mut says = Vec::new();
    for (probability, row) in cells.iter().enumerate() {
        for (impact, keys) in row.iter().enumerate().filter(|(_, keys)| !keys.is_empty()) {
            says.push(format!(
                "{} likely, {} impact: {}",
                NAMES[probability].to_lowercase(),
                NAMES[impact].to_lowercase(),
                keys.join(", ")
            ));
        }
    }
    if !beside.is_empty() {
        says.push(format!("not rated: {}", beside.join(", ")));
    }
    let says = says.join("; ");
    let (wide, high) = (90 + 3 * CELL.0, 40 + 3 * CELL.1 + 26);
    let mut svg = format!(
        "<svg class=\"drawing grid\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" role=\"img\"><title>Risks by probability and impact</title><desc>{0}</desc>",
        escape(&says)
    );
    for (row, probability) in (0..3).rev().enumerate() {
        let y = 10 + row * CELL.1;
        let _ = write!(svg, "<text x=\"4\" y=\"{}\">{}</text>", y + CELL.1 / 2, NAMES[probability]);
        for impact in 0..3 {
            let x = 80 + impact * CELL.0;
            let heat = [0, 0, 1, 2, 2][probability + impact];
            let _ = write!(
                svg,
                "<rect class=\"box cell{heat}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"/>",
                CELL.0, CELL.1
            );
            let here = &cells[probability][impact];
            if let Some(more) = here.len().checked_sub(2 * MOST_LINES).filter(|more| *more > 0) {
                let _ = write!(
                    svg,
                    "<text class=\"end soft\" x=\"{}\" y=\"{}\">+{more}</text>",
                    x + CELL.0 - 8,
                    y + CELL.1 - 8
                );
            }
            for (line, keys) in here.chunks(2).take(MOST_LINES).enumerate() {
                let _ = write!(
                    svg,
                    "<text x=\"{}\" y=\"{}\">{}</text>",
                    x + 10,
                    y + 24 + line * 18,
                    escape(&keys.join("  "))
                );
            }
        }
    }
    for (impact, name) in NAMES.iter().enumerate() {
        let x = 80 + impact * CELL.0 + CELL.0 / 2;
        let _ = write!(svg, "<text class=\"mid\" x=\"{x}\" y=\"{}\">{name}</text>", 10 + 3 * CELL.1 + 18);
    }
    let _ = write!(
        svg,
        "<text class=\"soft\" x=\"80\" y=\"{}\">impact across, probability up</text></svg>",
        high - 4
    );
    svg
}

/// Low, medium or high, in the words people use.
fn level(word: Option<&str>) -> Option<usize> {
    let word = word?.trim().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|known| word.starts_with(known));
    let is = |words: &[&str]| words.contains(&word.as_str());
    if begins(&["high", "likely", "severe", "major", "critical", "very"]) || is(&["h", "3", "4", "5"]) {
        Some(2)
    } else if begins(&["low", "unlikely", "rare", "minor"]) || is(&["l", "1"]) {
        Some(0)
    } else if begins(&["med", "mod", "possible"]) || is(&["m", "2"]) {
        Some(1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_in_the_words_people_use() {
        for (word, found) in [
            ("Low", Some(0)),
            ("unlikely", Some(0)),
            ("Moderate", Some(1)),
            ("m", Some(1)),
            ("Likely", Some(2)),
            ("major", Some(2)),
            ("4", Some(2)),
            ("who knows", None),
        ] {
            assert_eq!(level(Some(word)), found, "{word}");
        }
    }
}
