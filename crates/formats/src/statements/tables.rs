//! Tables of a report: what a column's header says about the figures below it.

use super::clauses;
use super::figures::{self, Figure, Role, Sense};
use super::passages::Report;
use super::tokens::{Kind, Token};
use super::words::List;

/// What stands below a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The name of a task or measure.
    Name,
    Before,
    Now,
    Wanted,
    Change,
    Status,
    Started,
    Ended,
    Needs,
    Note,
    /// None of these: the header is the name of a measure, or of nothing we know.
    Other,
}

/// What stands below a header.
fn column(header: &[Token]) -> Column {
    let any = |words: &[&str]| header.iter().any(|token| token.is_any(words));
    if matches!(header, [only] if only.is_sign('#') || only.is_any(&["no", "nr", "id"])) {
        return Column::Name;
    }
    if any(&[
        "change",
        "delta",
        "difference",
        "diff",
        "improvement",
        "reduction",
        "saving",
        "savings",
        "gain",
    ]) || header.iter().any(|token| matches!(&*token.text, "δ" | "Δ" | "∆"))
    {
        return Column::Change;
    }
    if any(&["started", "begun", "start", "began", "from", "kickoff", "begin"])
        && !any(&["value", "count", "metric"])
    {
        return Column::Started;
    }
    if any(&["finished", "ended", "completed", "end", "finish", "closed", "done", "delivered", "until"])
        && !any(&["value", "result", "state", "of", "how"])
        && !any(&["tasks"])
    {
        return Column::Ended;
    }
    if any(&["needs", "prereqs", "dependencies", "depends", "after", "waits"])
        && (any(&["needs", "prereqs", "dependencies", "depends", "waits"]))
    {
        return Column::Needs;
    }
    if any(&[
        "target",
        "goal",
        "threshold",
        "limit",
        "required",
        "budget",
        "expected",
        "planned",
        "wanted",
        "requirement",
        "aim",
        "objective",
        "plan",
    ]) {
        return Column::Wanted;
    }
    if any(&["before", "baseline", "was", "initial", "original", "old", "previous", "then", "origin"]) {
        return Column::Before;
    }
    if any(&[
        "after", "now", "current", "actual", "result", "final", "achieved", "measured", "value", "reading",
        "today", "new", "outcome", "reached", "got", "is", "count", "figure", "observed",
    ]) && !any(&["status"])
    {
        return Column::Now;
    }
    if any(&["status", "state", "verdict", "met", "progress", "ok", "complete", "pass", "passed"]) {
        return Column::Status;
    }
    if any(&[
        "task",
        "metric",
        "item",
        "measure",
        "criterion",
        "criteria",
        "gate",
        "name",
        "kpi",
        "key",
        "id",
        "batch",
        "step",
        "check",
        "indicator",
        "what",
        "work",
        "deliverable",
        "story",
    ]) {
        return Column::Name;
    }
    if any(&[
        "notes",
        "note",
        "comment",
        "comments",
        "remark",
        "remarks",
        "evidence",
        "detail",
        "details",
        "source",
        "description",
        "summary",
    ]) {
        return Column::Note;
    }
    Column::Other
}

/// The columns below some headers; where none says "name", the first is taken for one.
pub(super) fn columns(header: &[Vec<Token>]) -> Vec<Column> {
    let mut columns: Vec<Column> = header.iter().map(|header| column(header)).collect();
    if !columns.contains(&Column::Name)
        && let Some(first) = columns.first_mut()
        && matches!(first, Column::Other | Column::Note)
    {
        *first = Column::Name;
    }
    columns
}

/// The columns of a table.
pub(crate) fn columns_of(report: &Report, table: usize) -> &[Column] {
    report.tables.get(table).map_or(&[], |table| &table.columns)
}

/// The tokens that name what a row is about.
pub(crate) fn row_name(report: &Report, table: usize, row: usize) -> Vec<Token> {
    let columns = columns_of(report, table);
    let cells = report.tables.get(table).and_then(|table| table.rows.get(row));
    let mut name = Vec::new();
    for (column, cell) in cells.into_iter().flatten().enumerate() {
        if columns.get(column) == Some(&Column::Name) {
            name.extend(report.passages[*cell].tokens.iter().cloned());
        }
    }
    name
}

/// The figures of one cell.
pub(crate) fn cell(
    report: &Report,
    at: usize,
    (table, row, column): (usize, usize, usize),
    found: &mut Vec<Figure>,
) {
    let tokens = &report.passages[at].tokens;
    let columns = columns_of(report, table);
    let kind = columns.get(column).copied().unwrap_or(Column::Other);
    let Some(shape) = report.tables.get(table) else { return };
    let name = row_name(report, table, row);
    // A header that is a measure itself: "| Task | Warnings |".
    let header: &[Token] = shape.header.get(column).map_or(&[], Vec::as_slice);
    let mut label = figures::stems(&name);
    if kind == Column::Other || kind == Column::Change || kind == Column::Now {
        label.extend(figures::stems(header).into_iter().filter(|word| !is_plain_header(word)));
    }
    let first = found.len();
    for sentence in clauses::sentences(tokens) {
        figures::figures(at, tokens, &sentence, found);
    }
    let row_cells = shape.rows.get(row);
    let cells = row_cells.into_iter().flatten().flat_map(|cell| &report.passages[*cell].tokens);
    let (mut good, mut bad) = (false, false);
    for token in cells {
        good |= matches!(token.kind, Kind::Sign('✅' | '✔' | '✓' | '☑' | '🟢'))
            || token.is_any(&["met", "pass", "passed", "ok", "yes", "achieved"]);
        bad |= matches!(token.kind, Kind::Sign('❌' | '✗' | '✘' | '🔴' | '⚠' | '🟥' | '🟡'))
            || token.is_any(&["missed", "unmet", "fail", "failed", "no", "not"]);
    }
    let bare =
        tokens.iter().filter(|token| token.is_word() && super::numbers::unit(&token.text).is_none()).count()
            <= 3;
    for figure in &mut found[first..] {
        figure.outside.extend(label.iter().cloned());
        figure.sentence.extend(label.iter().cloned());
        if figure.label.is_empty() {
            figure.label.clone_from(&label);
        }
        if bad && !good {
            figure.admitted = super::figures::Admitted::Plainly;
        }
        figure.offered |= good && !bad;
        if !bare && !matches!(kind, Column::Wanted) || figure.role == Role::Wanted {
            continue;
        }
        figure.role = match kind {
            Column::Before => Role::Before,
            Column::Wanted | Column::Needs => Role::Wanted,
            Column::Now if matches!(figure.role, Role::Change(_) | Role::Before) => figure.role,
            Column::Now => Role::Now,
            Column::Change => Role::Change(match figure.role {
                Role::Change(sense) => sense,
                _ => sense(header, &name),
            }),
            Column::Started | Column::Ended => Role::Aside,
            Column::Name => Role::Aside,
            _ => figure.role,
        };
    }
}

fn sense(header: &[Token], name: &[Token]) -> Sense {
    let any = |words: &[&str]| header.iter().chain(name).any(|token| token.is_any(words));
    let any_of = |list: List| header.iter().chain(name).any(|token| token.is_of(list));
    if any(&["reduction", "saving", "savings"]) || any_of(List::Removed) {
        Sense::Down
    } else if any_of(List::Better) {
        Sense::Better
    } else if any_of(List::WentDown) {
        Sense::Down
    } else if any_of(List::WentUp) {
        Sense::Up
    } else {
        Sense::Unknown
    }
}

fn is_plain_header(word: &str) -> bool {
    matches!(
        word,
        "chang"
            | "change"
            | "delta"
            | "now"
            | "after"
            | "current"
            | "actual"
            | "result"
            | "final"
            | "achiev"
            | "measure"
            | "value"
            | "read"
            | "today"
            | "observ"
            | "got"
            | "outcom"
    )
}
