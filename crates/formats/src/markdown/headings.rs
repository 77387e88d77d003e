//! Headings: numbering taken off, and what they name: a phase, a task, a batch, or a topic.

use crate::words::keys::{self, Leading};
use crate::words::plain::without_emoji;

/// What a heading names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Named<'a> {
    /// A stretch of the plan: `Phase A — Planning`, `Week 1: Quick wins`.
    Phase(Leading<'a>),
    /// A stretch known only by its window: `Priorities (Day 0-2)`.
    Window { title: &'a str, window: &'a str },
    /// A piece of work: `Task 7.3: Code quality (1.2 days)`.
    Task(Leading<'a>),
    /// A batch of work: `Batch 1: Blockers`.
    Batch(Leading<'a>),
    /// Anything else.
    Topic,
}

/// Takes the numbering off a heading: `2.1 Scope`, `3) Tasks`, `A. Notes`.
pub(crate) fn without_number(text: &str) -> &str {
    let text = without_emoji(text);
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    if number.is_empty() || !number.as_bytes()[0].is_ascii_digit() {
        return text;
    }
    let rest = rest.strip_prefix(')').unwrap_or(rest);
    match rest.strip_prefix(' ') {
        Some(rest) if !rest.trim().is_empty() => without_emoji(rest.trim_start().trim_start_matches("- ")),
        _ => text,
    }
}

/// What a heading names. The text is plain.
pub(crate) fn named(text: &str) -> Named<'_> {
    named_where(text, false)
}

/// The same, given whether it stands where work does: there a key in front needs nothing to set it
/// apart, as in `P-1 Partition the table`.
pub(crate) fn named_where(text: &str, is_work: bool) -> Named<'_> {
    let text = without_emoji(text);
    if let Some(found) = keys::leading(text) {
        let lettered = found.key.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_work && found.word.is_empty() && lettered {
            return Named::Task(found);
        }
        if found.separated || found.rest.starts_with('(') || found.rest.is_empty() {
            let word = found.word.to_ascii_lowercase();
            match word.as_str() {
                "phase" | "stage" | "sprint" | "wave" | "iteration" | "increment" | "week" | "day"
                | "month" => {
                    return Named::Phase(found);
                }
                "batch" => return Named::Batch(found),
                // Every how-to has a `Step 1`.
                "step" | "item" if !found.key.contains('.') => return Named::Topic,
                "task" | "story" | "action" | "item" | "step" | "workstream" | "deliverable" | "epic" => {
                    return Named::Task(found);
                }
                "" if found.separated && is_brief(&found) => return Named::Task(found),
                _ => {}
            }
        }
        return Named::Topic;
    }
    match window(without_number(text)) {
        Some((title, window)) => Named::Window { title, window },
        None => Named::Topic,
    }
}

/// A heading that begins with a bare key is a task's where the key has letters, or where an
/// estimate stands behind the title: `2.1: Create the enum (1 hour)`. Otherwise it numbers a section.
fn is_brief(found: &Leading<'_>) -> bool {
    let lettered = found.key.starts_with(|c: char| c.is_ascii_alphabetic());
    let estimate = found.rest.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')');
    let estimate = estimate.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    lettered
        || estimate.is_some_and(|(_, inner)| {
            inner.split(',').any(|part| crate::words::amounts::days(part).is_some())
        })
}

/// The window in brackets at the end of a heading: `Near-Term Work (Week 1)`.
fn window(text: &str) -> Option<(&str, &str)> {
    let (title, inner) = text.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    (is_window(inner) && !title.trim().is_empty()).then(|| (title.trim(), inner.trim()))
}

/// Whether a text is a stretch of time told by days, weeks or sprints: `Day 0-2`, `Weeks 3–4`.
pub(crate) fn is_window(text: &str) -> bool {
    const UNITS: [&str; 10] =
        ["days", "day", "weeks", "week", "sprints", "sprint", "months", "month", "q", "quarter"];
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let rest = text[end..].trim_start();
    rest.starts_with(|c: char| c.is_ascii_digit())
        && UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(&text[..end]))
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '-' | '–' | '—' | ' ' | '+' | ',' | '&' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_goes() {
        for (heading, text) in [
            ("2. Scope", "Scope"),
            ("2.1 Scope", "Scope"),
            ("3) Work", "Work"),
            ("🎯 Mission", "Mission"),
            ("10. 🎯 Mission ✅", "Mission"),
            ("2031 outlook", "outlook"),
            ("7.3: Quality", "7.3: Quality"),
        ] {
            assert_eq!(without_number(heading), text, "{heading}");
        }
    }

    #[test]
    fn headings_name_things() {
        assert!(
            matches!(named("Phase A — Planning & Controls"), Named::Phase(found) if found.key == "Phase A")
        );
        assert!(
            matches!(named("Phase 1: Foundation (Week 1)"), Named::Phase(found) if found.key == "Phase 1")
        );
        assert!(matches!(named("Task 7.3: Quality (1 day)"), Named::Task(found) if found.key == "7.3"));
        assert!(matches!(named("2.1: Create the enum (1 hour)"), Named::Task(found) if found.key == "2.1"));
        assert!(matches!(named("Batch 2: Fixes (3 items)"), Named::Batch(found) if found.key == "Batch 2"));
        assert!(matches!(
            named("2. Priorities (Day 0-2)"),
            Named::Window { title: "Priorities", window: "Day 0-2" }
        ));
        assert_eq!(named("P-1 Partition the table"), Named::Topic);
        assert!(
            matches!(named_where("P-1 Partition the table", true), Named::Task(found) if found.rest == "Partition the table")
        );
        for text in [
            "4. Execution Phases",
            "Phase 8 Backlog Seeding",
            "2.1: Scope",
            "Notes (circulated 18:40)",
            "Day 1 Notes:",
        ] {
            assert_eq!(named(text), Named::Topic, "{text}");
        }
    }
}
