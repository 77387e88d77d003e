//! Tables: what a table is about follows from its header words, whatever their order.

use model::diagnostic::{Diagnostic, Severity, Span};

use super::columns::{Column, columns};
use super::reader::Reader;
use super::roles::Role;
use crate::words::fields::Field;
use crate::words::plain::plain;

/// A table under way.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) columns: Vec<Column>,
    /// Whether its rows are conditions with what their author says of them.
    pub(super) gates: bool,
    pub(super) shape: Shape,
    pub(super) head: Span,
    /// Which column names what the row is about.
    pub(super) title: Option<usize>,
    /// The cells of the row under way; kept to be used again.
    pub(super) cells: Vec<&'a str>,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Tasks,
    Risks,
    Owners,
    Metrics,
    Milestones,
    Criteria,
    Phases,
    Decisions,
    Assumptions,
    Notes,
}

impl<'a> Table<'a> {
    pub(super) fn column(&self, wanted: Field) -> Option<usize> {
        self.columns.iter().position(|column| column.field == Some(wanted))
    }

    pub(super) fn has(&self, wanted: Field) -> bool {
        self.column(wanted).is_some()
    }

    /// What the row under way says in the first column of a kind; empty where it says nothing.
    pub(super) fn cell(&self, wanted: Field) -> &'a str {
        self.column(wanted).map_or("", |at| self.cells[at])
    }
}

impl<'a> Reader<'a> {
    /// A header row decides what the table is.
    pub(super) fn open_table(&mut self, row: Span) {
        let mut cells = Vec::new();
        split(self.slice(row), &mut cells);
        let names = cells.iter().map(|cell| plain(cell).into_owned()).collect();
        let (columns, gates) = columns(names, self.around().role);
        let mut table = Table { columns, gates, shape: Shape::Notes, head: row, title: None, cells };
        shape(&mut table, self.around().role);
        self.table = Some(table);
    }

    /// Says where a row has more or fewer cells than the header.
    pub(super) fn ragged(&mut self, row: Span, cells: usize, columns: usize, head: Span) {
        if cells == columns {
            return;
        }
        let count = |count: usize| if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") };
        let what = if cells > columns { "what is too much is not shown" } else { "the last ones are empty" };
        self.found.push(
            Diagnostic::new(
                "table/ragged",
                Severity::Warning,
                row,
                format!("this row has {}, its header {columns}; {what}", count(cells)),
            )
            .also(head, "the header")
            .help("add or take out `|`; write `\\|` for a bar inside a cell"),
        );
    }
}

/// Splits a row at its bars; `\|` is none.
pub(super) fn split<'a>(row: &'a str, cells: &mut Vec<&'a str>) {
    cells.clear();
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let bytes = row.as_bytes();
    let mut start = 0;
    let escaped = |at: usize| bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
    for at in memchr::memchr_iter(b'|', bytes) {
        if !escaped(at) {
            cells.push(row[start..at].trim());
            start = at + 1;
        }
    }
    if !row[start..].trim().is_empty() || start == 0 {
        cells.push(row[start..].trim());
    }
}

fn shape(table: &mut Table<'_>, role: Option<Role>) {
    use Field::{
        Action, After, Agent, Assumption, Baseline, Batch, Before, Blockers, Condition, Decision,
        Deliverable, Due, Estimate, Gate, Impact, Inputs, Key, Metric, Milestone, Mitigation, Needs, Notes,
        Number, Outputs, Owner, Percent, Phase, Priority, Probability, Risk, Role as RoleColumn, Sources,
        Status, Story, Support, Target, Title, Value, Verify, Window, Workstream,
    };
    let first = table.columns.first().and_then(|column| column.field);
    // The first column that is no mere number, key, date or status, nor says more about something
    // that another column names: columns stand in any order.
    let naming = table.columns.iter().position(|column| {
        let says_more = matches!(
            column.field,
            Some(Key | Number | Due | Priority | Status | Percent | Window | Notes | Blockers | Needs)
                | Some(Inputs | Outputs | Sources | Owner | Support | Agent | Estimate | Verify)
        );
        !says_more
    });
    let naming_field = naming.and_then(|at| table.columns[at].field);
    let titled = [Title, Batch, Story, Action, Deliverable].iter().find_map(|known| table.column(*known));
    let work = [
        Status, Percent, Priority, Owner, Support, Agent, Estimate, Due, Window, Needs, Inputs, Outputs,
        Sources, Verify, Blockers, Phase,
    ];
    let known = work.iter().filter(|field| table.has(**field)).count();
    let is_title = matches!(naming_field, Some(Title | Batch | Story | Action | Deliverable));
    // A key before a measure makes no work of it.
    let is_measured =
        naming_field == Some(Metric) && table.has(Target) && !(table.has(Needs) || table.has(Estimate));
    (table.shape, table.title) = if role == Some(Role::Template) {
        (Shape::Notes, None)
    } else if table.has(Risk)
        || table.has(Probability) && (table.has(Impact) || table.has(Mitigation))
        || role == Some(Role::Risks) && table.has(Mitigation)
    {
        (Shape::Risks, table.column(Risk).or(titled).or(naming))
    } else if table.has(Milestone) && table.has(Needs) {
        // What waits for something is work, whatever it is called.
        (Shape::Tasks, table.column(Milestone))
    } else if table.has(Milestone) {
        (Shape::Milestones, table.column(Milestone))
    } else if table.has(Decision) && first != Some(Title) {
        (Shape::Decisions, table.column(Decision))
    } else if table.has(Assumption) {
        (Shape::Assumptions, table.column(Assumption))
    } else if table.has(Workstream) && (table.has(Owner) || table.has(Support) || table.has(RoleColumn))
        || role == Some(Role::Owners) && (table.has(Owner) || table.has(Support))
        || table.has(Owner) && table.has(Support) && known == 2 && !table.has(Key)
    {
        (Shape::Owners, table.column(Workstream).or(naming))
    } else if table.has(Metric) && (!table.has(Key) || is_measured)
        || table.has(Before) && table.has(After)
        || table.has(Target)
            && (table.has(Value) || table.has(Baseline))
            && !is_title
            && !table.has(Condition)
    {
        (Shape::Metrics, table.column(Metric).or(naming))
    } else if table.gates || matches!(role, Some(Role::Criteria | Role::Exit)) && !is_title {
        (Shape::Criteria, table.column(Gate).or(naming))
    } else if naming_field == Some(Phase) && !table.has(Title) {
        (Shape::Phases, naming)
    } else if is_title && (known > 0 || table.has(Key) || table.has(Number) || table.has(Notes))
        || titled.is_some() && table.has(Key)
        || table.has(Key) && known > 0
        || matches!(role, Some(Role::Tasks | Role::Actions | Role::Stories | Role::Checklist)) && known > 1
    {
        (Shape::Tasks, titled.or(naming))
    } else {
        (Shape::Notes, None)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> Vec<&str> {
        let mut cells = Vec::new();
        split(row, &mut cells);
        cells
    }

    #[test]
    fn rows_are_split_at_bars() {
        assert_eq!(cells("| a | b |"), ["a", "b"]);
        assert_eq!(cells("a | b"), ["a", "b"]);
        assert_eq!(cells(r"| `x \| y` | |"), [r"`x \| y`", ""]);
        assert_eq!(cells("| a | b | c"), ["a", "b", "c"]);
        assert_eq!(cells("||"), [""]);
    }

    fn shape_of(header: &str, role: Option<Role>) -> Shape {
        let names = cells(header).into_iter().map(str::to_owned).collect();
        let (columns, gates) = columns(names, role);
        let head = Span::default();
        let mut table = Table { columns, gates, shape: Shape::Notes, head, title: None, cells: Vec::new() };
        shape(&mut table, role);
        table.shape
    }

    #[test]
    fn header_words_decide_what_rows_are() {
        for (header, expected) in [
            ("| Batch | Priority | Status | Progress | Target Date | Blockers |", Shape::Tasks),
            ("| Priority | Owner | Task ID | Description |", Shape::Tasks),
            ("| Blockers | Target Date | Progress | Status | Priority | Batch |", Shape::Tasks),
            ("| Notes | Owner(s) or team(s) | Task |", Shape::Tasks),
            ("| # | Item | Effort | Agent | Dependencies |", Shape::Tasks),
            ("| Task | Owner(s) or team(s) | Notes |", Shape::Tasks),
            ("| Risk | Probability | Impact | Mitigation |", Shape::Risks),
            ("| Workstream | Primary | Support |", Shape::Owners),
            ("| Metric | Value | Source |", Shape::Metrics),
            ("| Id | Measure | Today (baseline) | Target |", Shape::Metrics),
            ("| Target | As is | KPI | Key |", Shape::Metrics),
            ("| ID | Metric | Target | Owner |", Shape::Metrics),
            ("| Quantity | At the start | To be |", Shape::Metrics),
            ("| ID | Metric | Estimate | Needs | Target |", Shape::Tasks),
            ("| Milestone | Date | Deliverable |", Shape::Milestones),
            ("| No. | Milestone | Date | Responsible | Only after |", Shape::Tasks),
            ("| # | Gate | Status | Evidence |", Shape::Criteria),
            ("| Phase | Duration | Status | Progress |", Shape::Phases),
            ("| Component | Tests | File |", Shape::Notes),
            ("| Type | Old Import | New Import |", Shape::Notes),
            ("| Criteria | Action | Time |", Shape::Notes),
            ("| Gate | Condition | Value now | Result |", Shape::Criteria),
            ("| Result | Condition | Gate |", Shape::Criteria),
            ("| Verdict | Now | Must be | Quality gate |", Shape::Criteria),
            ("| Check | Requirement | Pass? |", Shape::Criteria),
            ("| ID | Requirement | Met? | Evidence |", Shape::Criteria),
            ("| Gate | Measure | Baseline | Target | Measured | Result |", Shape::Metrics),
            ("| Criterion | Threshold | Actual | Status |", Shape::Metrics),
            ("| Condition | Result |", Shape::Notes),
            ("| Requirement | Source | Priority |", Shape::Notes),
            ("| Task | Check | Owner | Status |", Shape::Tasks),
            ("| Phase | Quality gate | Status |", Shape::Phases),
        ] {
            assert_eq!(shape_of(header, None), expected, "{header}");
        }
    }
}
