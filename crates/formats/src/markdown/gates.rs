//! Rows of gates: what must hold, and what their author says of it. That is his tick and no more.

use model::diagnostic::Span;
use model::draft::{DraftCriterion, Stated};

use super::items::mark;
use super::numbers::{condition_target, measured, whole_target};
use super::reader::Reader;
use super::roles::Role;
use super::tables::{Shape, Table};
use crate::words::fields::Field;
use crate::words::plain::plain;
use crate::words::status::is_picture;
use crate::words::{is_empty, keys, status};

impl<'a> Reader<'a> {
    /// A gate that has numbers of its own is a metric, every other one a criterion.
    pub(super) fn gate_row(&mut self, table: &Table<'a>, row: Span) {
        let demands = [Field::Target, Field::Condition].map(|field| plain(table.cell(field)));
        let measures = [Field::Value, Field::Baseline, Field::Before, Field::After];
        let is_metric = table.shape == Shape::Metrics
            && (demands.iter().any(|demand| condition_target(demand).is_some())
                || measures.iter().any(|field| measured(&plain(table.cell(*field))).is_some()));
        if is_metric { self.metric_row(table, row) } else { self.criterion_row(table, row) }
    }

    fn criterion_row(&mut self, table: &Table<'a>, row: Span) {
        let around = self.around();
        let Some(mut criterion) = self.stated_criterion(table, row) else {
            return self.row_note(row, self.slice(row));
        };
        if let Some(at) = table.column(Field::Verify)
            && let Some(split) = crate::probe::cell(table.cells[at])
        {
            let place = self.place(table.cells[at]).start as usize;
            self.found.extend(split.diagnostics(place));
            criterion.checks = self.checks(&split.probes, place);
        }
        if criterion.mark.is_none() {
            criterion.checked = verdict(table);
        }
        criterion.line = self.line(row);
        criterion.span = row;
        match (around.task, around.phase, around.role) {
            (Some(task), _, _) => self.draft.tasks[task].criteria.push(criterion),
            (_, Some(phase), Some(Role::Entrance)) => self.draft.phases[phase].entrance.push(criterion),
            (_, Some(phase), _) => self.draft.phases[phase].exit.push(criterion),
            _ => self.draft.criteria.push(criterion),
        }
    }

    /// The criterion that a row states, with what its further cells demand.
    fn stated_criterion(&mut self, table: &Table<'a>, row: Span) -> Option<DraftCriterion> {
        let mut raw = table.title.map_or("", |at| table.cells[at]);
        let boxed = mark(raw, self.place(raw).start as usize);
        if let Some((_, rest)) = boxed {
            raw = rest.trim();
        }
        let place = self.place(raw);
        let mut criterion = self.criterion(raw, place, boxed.map(|(mark, _)| mark))?;
        let demands = demands(table);
        let target = demands.iter().find_map(|demand| condition_target(demand));
        for demand in demands {
            // "Compiler warnings" and "< 20" are one condition; "G2" only names one.
            let colon =
                if whole_target(&demand).is_some() && !keys::is_key(&criterion.text) { "" } else { ":" };
            if !says(&criterion.text, &demand) {
                criterion.text = format!("{}{colon} {demand}", criterion.text);
            }
        }
        criterion.target = criterion.target.or(target);
        criterion.span = row;
        Some(criterion)
    }
}

/// What a row demands, from the subject to the number.
fn demands(table: &Table<'_>) -> Vec<String> {
    let measure = table.columns.iter().zip(&table.cells).enumerate().filter(|(at, (column, _))| {
        let asked = [Field::Metric, Field::Condition, Field::Target];
        Some(*at) != table.title && column.field.is_some_and(|field| asked.contains(&field))
    });
    let mut found: Vec<(bool, String)> = measure
        .filter(|(_, (_, cell))| !is_empty(cell))
        .map(|(_, (_, cell))| plain(cell).into_owned())
        .map(|said| (whole_target(&said).is_some(), said))
        .collect();
    // Columns stand in any order, and a number says nothing before its subject.
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, said)| said).collect()
}

/// Whether a text ends with what is demanded already.
fn says(text: &str, demand: &str) -> bool {
    text.to_lowercase().ends_with(&demand.to_lowercase())
}

/// What the author makes of the row under way: `None` where no column is about that, or none of its
/// words is known. Whatever is not plainly a pass is none.
pub(super) fn verdict(table: &Table<'_>) -> Option<bool> {
    let at = table.column(Field::Verdict).or_else(|| table.column(Field::Status))?;
    judged(&plain(table.cells[at]))
}

fn judged(text: &str) -> Option<bool> {
    const PASSES: [&str; 22] = [
        "pass",
        "passed",
        "passes",
        "passing",
        "ok",
        "okay",
        "yes",
        "y",
        "true",
        "green",
        "met",
        "holds",
        "satisfied",
        "fulfilled",
        "go",
        "cleared",
        "granted",
        "approved",
        "accepted",
        "signed",
        "reached",
        "x",
    ];
    const FAILS: [&str; 22] = [
        "fail",
        "failed",
        "fails",
        "failing",
        "failure",
        "no",
        "n",
        "false",
        "red",
        "not",
        "missed",
        "misses",
        "unmet",
        "amber",
        "yellow",
        "conditional",
        "conditionally",
        "partial",
        "partially",
        "pending",
        "waived",
        "exceeded",
    ];
    let text = text.trim();
    if matches!(text, "" | "-" | "–" | "—" | "--" | "?") {
        return Some(false);
    }
    if is_empty(text) {
        return None;
    }
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let by_picture = text.chars().filter(|c| is_picture(*c)).find_map(pictured);
    let Some(first) = words.next() else {
        return by_picture.or_else(|| matches!(text, "✓" | "✔").then_some(true));
    };
    let doubted = lower.contains('?') || words.clone().any(|word| word == "not");
    let by_word = if FAILS.contains(&first) || doubted && PASSES.contains(&first) {
        Some(false)
    } else if PASSES.contains(&first) {
        Some(true)
    } else {
        status::state(text).map(|state| state == Stated::Claimed)
    };
    match (by_picture, by_word) {
        (Some(picture), Some(word)) => Some(picture && word),
        (picture, word) => picture.or(word),
    }
}

fn pictured(sign: char) -> Option<bool> {
    match sign {
        '✅' | '✔' | '✓' | '☑' | '🟢' | '👍' | '🎉' => Some(true),
        '❌' | '✗' | '✘' | '✖' | '❎' | '🔴' | '⛔' | '🚫' | '👎' | '⚠' | '🟡' | '🟠' | '⏳' | '⌛'
        | '🔄' | '⬜' | '☐' | '🚧' | '❗' | '🛑' | '⏸' | '⚪' | '❓' => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::judged;

    #[test]
    fn verdicts_are_ticks() {
        for text in [
            "PASS",
            "pass",
            "✅",
            "✅ PASS",
            "Passed (after a fix)",
            "yes",
            "Met",
            "done",
            "OK",
            "🟢 green",
            "✔",
        ] {
            assert_eq!(judged(text), Some(true), "{text}");
        }
        for text in [
            "FAIL",
            "❌",
            "failed",
            "not met",
            "no",
            "No-go",
            "pending",
            "open",
            "in progress",
            "⚠️ CONDITIONAL",
            "-",
            "",
            "pass?",
            "✅ not passed",
            "❌ pass",
            "waived",
            "not run",
            "almost done",
        ] {
            assert_eq!(judged(text), Some(false), "{text}");
        }
        for text in ["34", "see the report", "n/a"] {
            assert_eq!(judged(text), None, "{text}");
        }
    }
}
