//! Statements that the figures beside them contradict.

use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::Stated;
use regex::Regex;

use super::document::Document;

static FRACTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d{1,3}(?:,\d{3})+|\d+)\s?(?:/|\bof\b|\bout of\b)\s?(\d{1,3}(?:,\d{3})+|\d+)")
        .expect("the pattern is constant")
});
/// "all tests pass", "100% passing": that nothing is left out.
static ALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:all|every|each)\b[^.;|]{0,60}?\b(?:pass(?:es|ed|ing)?|green|complete[ds]?|done|finished|succeed(?:s|ed)?|verified|resolved|implemented|met|fixed|migrated|closed|found|covered|tested|reviewed|approved|accepted|merged|deployed|delivered|answered|documented|updated|removed|working|available)\b",
    )
    .expect("the pattern is constant")
});
/// A fraction with its percentage right beside it: `8/9 (88.9%)`, `9/9 = 100%`, `100% (7/9)`.
static WITH_PERCENT: LazyLock<Regex> = LazyLock::new(|| {
    let fraction = r"(\d{1,3}(?:,\d{3})+|\d+)\s?(?:/|of)\s?(\d{1,3}(?:,\d{3})+|\d+)";
    let words = r"(?: (?:action|tests?|tasks?|items?|checks?|files?|endpoints?|handlers?|cases?|passing|passed|complete|completed|done|ready|at|`[^`\n]{1,40}`))*";
    Regex::new(&format!(
        r"\b{fraction}{words}\s?(?:\(|=\s?|→\s?|\|\s?)\*{{0,2}}(\d+(?:\.\d+)?)\s?%|\b(\d+(?:\.\d+)?)\s?%{words}\s?\({fraction}{words}\)"
    ))
    .expect("the pattern is constant")
});
/// "by 12/31": a day, not a part of something.
static DATE_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:by|on|due|since|week|wk|version)[ :]*$").expect("the pattern is constant")
});
static NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|no longer|never|until|unless|when|once|if|before|after|must|should|shall|will|target|goal|baseline|currently|was|were|instead of|from|remaining|except)\b|n't\b|≥|>=|>|→|->")
        .expect("the pattern is constant")
});

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    done_below_whole(document, found);
    let mut offset = 0;
    for line in document.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        // Cheap before costly: most lines hold no figures at all.
        if !line.bytes().any(|byte| byte.is_ascii_digit())
            || !(line.contains('/') || line.contains("of"))
            || document.outline.in_code_block(start)
            || document.outline.in_comment(start)
        {
            continue;
        }
        if !percent_differs(start, line, found) {
            not_all(start, line, found);
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok()
}

/// "All tests passing (626/630)".
fn not_all(start: usize, line: &str, found: &mut Vec<Diagnostic>) {
    for all in ALL.find_iter(line) {
        let clause = &line[all.end()..];
        let clause =
            &clause[..clause.find(['.', ';', '|']).map_or(clause.len(), |end| end_of_clause(clause, end))];
        let Some(captures) = FRACTION.captures(clause) else { continue };
        let (Some(whole), Some(part), Some(total)) = (captures.get(0), captures.get(1), captures.get(2))
        else {
            continue;
        };
        let (Some(part), Some(total)) = (number(part.as_str()), number(total.as_str())) else { continue };
        // Only a fraction close by and in the same breath speaks of the same things.
        let between = &clause[..whole.start()];
        let near = between.chars().count() <= 24 && !NEGATION.is_match(between);
        let before = &line[..all.start()];
        let conditional = NEGATION.is_match(all.as_str()) || NEGATION.is_match(last_words(before));
        let is_date = DATE_BEFORE.is_match(between) || is_path_or_date(clause, whole.range());
        if part >= total || !near || conditional || is_date {
            continue;
        }
        let at = start + all.end() + whole.start();
        found.push(
            Diagnostic::new(
                "claim/contradicts",
                Severity::Warning,
                Span::new(start + all.start(), at + whole.len()),
                format!(
                    "`{}` is contradicted by `{}` beside it: {} {} missing",
                    all.as_str().trim(),
                    whole.as_str(),
                    total - part,
                    if total - part == 1.0 { "is" } else { "are" }
                ),
            )
            .help("state what holds: the number reached, or the exceptions"),
        );
        return;
    }
}

/// A full stop between digits (`1.5`, `CHANGELOG.md`) ends no clause.
fn end_of_clause(clause: &str, end: usize) -> usize {
    let after = clause[end + 1..].chars().next();
    if after.is_some_and(char::is_alphanumeric) {
        clause[end + 1..].find(['.', ';', '|']).map_or(clause.len(), |next| end + 1 + next)
    } else {
        end
    }
}

fn last_words(text: &str) -> &str {
    let clause = text.rfind(['.', ';', '|', ':', '(']).map_or(text, |at| &text[at + 1..]);
    let keep = clause.char_indices().rev().nth(40).map_or(0, |(at, _)| at);
    &clause[keep..]
}

fn is_path_or_date(text: &str, range: std::ops::Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let glued =
        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '#' | '§'));
    glued(before) || glued(after)
}

/// "7/9 (100%)"; gives whether something was found.
fn percent_differs(start: usize, line: &str, found: &mut Vec<Diagnostic>) -> bool {
    let before = found.len();
    for captures in WITH_PERCENT.captures_iter(line) {
        let Some(whole) = captures.get(0) else { continue };
        let group = |index: usize| captures.get(index).map(|found| found.as_str());
        let groups = match group(3) {
            Some(percent) => (group(1), group(2), percent),
            None => match group(4) {
                Some(percent) => (group(5), group(6), percent),
                None => continue,
            },
        };
        let (Some(part), Some(total), percent) = groups else { continue };
        let (Some(part), Some(total), Ok(stated)) = (number(part), number(total), percent.parse::<f64>())
        else {
            continue;
        };
        // A percentage that goes on ("80% target") is about something else.
        let rest = line[whole.end()..].trim_start_matches('*');
        let ends = rest.starts_with([')', '|', '.', ',', ';'])
            || rest.trim().is_empty()
            || whole.as_str().ends_with(')')
            || rest.starts_with(" |");
        if total <= 0.0 || part > total || !ends || is_path_or_date(line, whole.range()) {
            continue;
        }
        let made = part / total * 100.0;
        let step = 10f64.powi(-(percent.split('.').nth(1).map_or(0, str::len) as i32));
        if (made - stated).abs() < step {
            continue;
        }
        found.push(
            Diagnostic::new(
                "claim/contradicts",
                Severity::Warning,
                Span::new(start + whole.start(), start + whole.end()),
                format!("stated {percent} %, but {part} of {total} is {} %", short(made)),
            )
            .help("correct the percentage or the fraction"),
        );
    }
    found.len() > before
}

fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn done_below_whole(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for task in &document.draft.tasks {
        let Some(percent) = task.percent.filter(|percent| *percent < 100.0) else { continue };
        let word = match &task.status {
            Some(status) if status.state == Stated::Claimed => format!("its status is `{}`", status.word),
            _ if task.checked == Some(true) => "its box is ticked".to_owned(),
            _ => continue,
        };
        found.push(
            Diagnostic::new(
                "claim/contradicts",
                Severity::Warning,
                task.places.percent.or(task.places.status).unwrap_or_else(|| document.task_place(task)),
                format!("task `{}` is at {} %, but {word}", task.key, short(percent)),
            )
            .help("correct the percentage, or take the claim back"),
        );
    }
}
