//! Columns: what each header word of a table names, given the words that stand beside it.

use super::roles::Role;
use crate::words::fields::{Field, field};

/// A column of a table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) field: Option<Field>,
}

/// The columns of a header row, and whether its rows are gates: conditions with what their author
/// says of them.
pub(super) fn columns(names: Vec<String>, role: Option<Role>) -> (Vec<Column>, bool) {
    let mut columns: Vec<Column> =
        names.into_iter().map(|name| Column { field: field(&name), name }).collect();
    beside_others(&mut columns);
    name_measures(&mut columns);
    let gates = name_gates(&mut columns, role);
    name_beginnings(&mut columns);
    name_later_values(&mut columns, gates);
    (columns, gates)
}

fn has(columns: &[Column], wanted: &[Field]) -> bool {
    columns.iter().any(|column| column.field.is_some_and(|field| wanted.contains(&field)))
}

fn beside_others(columns: &mut [Column]) {
    let named = |wanted: &str| columns.iter().any(|column| column.name.trim().eq_ignore_ascii_case(wanted));
    let (before, now_and_then) = (named("before"), named("now") && named("then"));
    for column in columns {
        match &*column.name.trim().to_lowercase() {
            // Beside `Before`, `After` is a measure and no order.
            "after" if before => column.field = Some(Field::After),
            // Beside `Now`, `Then` is what it is to become.
            "now" if now_and_then => column.field = Some(Field::Baseline),
            "then" if now_and_then => column.field = Some(Field::Target),
            _ => {}
        }
    }
}

/// Beside a number to reach or to begin with, `Quantity` is a measure; and beside a measure, `Goal` is
/// what it is to reach. What stands in brackets may say when a number was taken: `Today (baseline)`.
fn name_measures(columns: &mut [Column]) {
    const MEASURES: [&str; 10] = [
        "quantity",
        "figure",
        "key figure",
        "measurement",
        "parameter",
        "key result",
        "success measure",
        "what we measure",
        "what is measured",
        "what it measures",
    ];
    const REACHED: [&str; 7] = ["goal", "to be", "wanted", "aim", "desired", "should be", "to reach"];
    for column in columns.iter_mut().filter(|column| matches!(column.field, None | Some(Field::Value))) {
        if bracketed(&column.name).is_some_and(|said| said.to_lowercase().contains("baseline")) {
            column.field = Some(Field::Baseline);
        }
    }
    let named = |column: &Column, names: &[&str]| names.contains(&words(&column.name).as_str());
    let compared = has(columns, &[Field::Target, Field::Baseline])
        || columns.iter().any(|column| named(column, &REACHED));
    if !has(columns, &[Field::Metric]) && compared {
        let mut free = columns.iter_mut().filter(|column| column.field.is_none());
        if let Some(column) = free.find(|column| named(column, &MEASURES)) {
            column.field = Some(Field::Metric);
        }
    }
    if has(columns, &[Field::Metric]) && !has(columns, &[Field::Target]) {
        let reached = |column: &&mut Column| {
            let free = matches!(column.field, None | Some(Field::Objectives));
            free && (named(column, &REACHED) || words(&column.name).starts_with("target "))
        };
        if let Some(column) = columns.iter_mut().find(reached) {
            column.field = Some(Field::Target);
        }
    }
}

/// What stands in brackets in a header word.
fn bracketed(name: &str) -> Option<&str> {
    let (_, inner) = name.split_once(['(', '['])?;
    inner.split_once([')', ']']).map(|(inner, _)| inner)
}

/// Of a measure, `Start` is no date; and where nothing else tells where it began, what it is today
/// does, beside what it is to reach.
fn name_beginnings(columns: &mut [Column]) {
    const TODAY: [&str; 5] = ["today", "as is", "as it is", "as is today", "at present"];
    const BEGAN: [&str; 11] = [
        "at the start",
        "at the beginning",
        "to begin with",
        "start",
        "at start",
        "initial",
        "initial value",
        "starting point",
        "starting value",
        "original",
        "originally",
    ];
    if has(columns, &[Field::Metric]) && !has(columns, &[Field::Baseline, Field::Before]) {
        for column in columns.iter_mut().filter(|column| column.field.is_none()) {
            if BEGAN.contains(&words(&column.name).as_str()) {
                column.field = Some(Field::Baseline);
            }
        }
    }
    let begun = has(columns, &[Field::Baseline, Field::Before, Field::Value]);
    if has(columns, &[Field::Metric]) && has(columns, &[Field::Target]) && !begun {
        let mut free = columns.iter_mut().filter(|column| column.field.is_none());
        if let Some(column) = free.find(|column| TODAY.contains(&words(&column.name).as_str())) {
            column.field = Some(Field::Baseline);
        }
    }
}

/// Beside a baseline, or in a gate, `Latest` is what was measured last; and where another column
/// holds that, `Result` is what the author makes of it.
fn name_later_values(columns: &mut [Column], gates: bool) {
    const LATER: [&str; 12] = [
        "latest",
        "last",
        "value now",
        "today",
        "to date",
        "so far",
        "observed",
        "achieved",
        "at present",
        "last measured",
        "latest value",
        "at last count",
    ];
    if gates || has(columns, &[Field::Baseline, Field::Before]) {
        for column in columns.iter_mut().filter(|column| column.field.is_none()) {
            let name = words(&column.name);
            if LATER.contains(&name.as_str()) || name.starts_with("latest ") || name.starts_with("measured ")
            {
                column.field = Some(Field::Value);
            }
        }
    }
    let is_value = |column: &&Column| column.field == Some(Field::Value);
    let judged = |column: &Column| is_verdict(&words(&column.name));
    if columns.iter().filter(is_value).any(|column| !judged(column)) {
        for column in columns.iter_mut().filter(|column| column.field == Some(Field::Value)) {
            if judged(column) {
                column.field = Some(Field::Verdict);
            }
        }
    }
}

/// How well a header word names what is judged; the best one of a table does.
fn names_gate(column: &Column) -> Option<u8> {
    let name = words(&column.name);
    let last = name.rsplit(' ').next().unwrap_or_default();
    Some(match last {
        "gate" | "gates" => GATE,
        "check" | "checks" => 4,
        "criterion" | "criteria" => 3,
        "requirement" | "requirements" => 2,
        "condition" | "conditions" => CONDITION,
        _ if column.field == Some(Field::Gate) => 3,
        _ => return None,
    })
}

/// Nothing else is called a gate.
const GATE: u8 = 5;
/// A condition may stand before what follows from it.
const CONDITION: u8 = 1;

/// Whether a header word names what must hold.
fn is_demand(name: &str) -> bool {
    const DEMANDS: [&str; 14] = [
        "must be",
        "must",
        "must hold",
        "limit",
        "limits",
        "required",
        "required value",
        "pass when",
        "passes when",
        "pass if",
        "passes if",
        "expected",
        "bar",
        "rule",
    ];
    const LAST: [&str; 8] = [
        "condition",
        "conditions",
        "criterion",
        "criteria",
        "requirement",
        "requirements",
        "threshold",
        "thresholds",
    ];
    DEMANDS.contains(&name) || LAST.contains(&name.rsplit(' ').next().unwrap_or_default())
}

/// Whether a header word names what the author makes of it.
fn is_verdict(name: &str) -> bool {
    is_plain_verdict(name) || matches!(name, "result" | "outcome" | "gate result" | "current result")
}

/// The same, and nothing else: a result may be a number too, or what follows.
fn is_plain_verdict(name: &str) -> bool {
    const VERDICTS: [&str; 16] = [
        "verdict",
        "pass",
        "passed",
        "passes",
        "passing",
        "pass fail",
        "pass or fail",
        "met",
        "is met",
        "ok",
        "done",
        "satisfied",
        "fulfilled",
        "holds",
        "reached",
        "go no go",
    ];
    VERDICTS.contains(&name)
}

/// Says of a table of gates what its columns name; gives whether it is one.
fn name_gates(columns: &mut [Column], role: Option<Role>) -> bool {
    let Some(subject) = gates_by(columns, role) else { return false };
    for (at, column) in columns.iter_mut().enumerate() {
        let name = words(&column.name);
        column.field = match column.field {
            _ if Some(at) == subject => Some(Field::Gate),
            Some(Field::Target) => Some(Field::Target),
            _ if is_demand(&name) => Some(Field::Condition),
            _ if is_verdict(&name) => Some(Field::Verdict),
            known => known,
        };
    }
    true
}

/// The column that names what is judged, where a table is one of gates; some are by their heading
/// or by a measure alone.
fn gates_by(columns: &[Column], role: Option<Role>) -> Option<Option<usize>> {
    use Field::{
        Action, Batch, Decision, Deliverable, Due, Estimate, Gate, Metric, Milestone, Needs, Phase, Risk,
        Story, Target, Title,
    };
    let ranked = columns.iter().enumerate().filter_map(|(at, column)| Some((names_gate(column)?, at)));
    // Of two that name it equally well, the first.
    let best = ranked.max_by_key(|(rank, at)| (*rank, usize::MAX - at));
    let beside = |test: fn(&str) -> bool| {
        let mut beside =
            columns.iter().enumerate().filter(|(at, _)| best.is_none_or(|(_, best)| best != *at));
        beside.any(|(_, column)| test(&words(&column.name)))
    };
    let demanded = has(columns, &[Target]) || beside(is_demand);
    let (judged, resulting) = (beside(is_plain_verdict), beside(is_verdict));
    let is_work = has(columns, &[Estimate, Due, Needs]);
    let of_else = has(columns, &[Title, Batch, Story, Action, Deliverable, Risk, Milestone, Decision, Phase])
        || is_work;
    let measured = has(columns, &[Metric]);
    let below_gates = role == Some(Role::Gates);
    let below_conditions = below_gates || matches!(role, Some(Role::Criteria | Role::Exit | Role::Entrance));
    let told = below_conditions || has(columns, &[Field::Status]);
    let is_gates = match best {
        Some((_, at)) if columns[at].field == Some(Gate) => true,
        Some((GATE, _)) => !of_else && (demanded || resulting),
        // "If this holds, that happens" is no gate.
        Some((CONDITION, _)) if !(demanded || judged || below_conditions) => false,
        Some(_) if !measured && !of_else && (resulting || demanded && told) => true,
        _ => below_gates && !is_work && (demanded || resulting),
    };
    // Beside a measure, only a gate is what is judged.
    is_gates.then(|| best.filter(|(rank, _)| !measured || *rank == GATE).map(|(_, at)| at))
}

/// Small letters and digits, single spaces; what stands in brackets says more about it.
fn words(name: &str) -> String {
    let name = name.split(['(', '[']).next().unwrap_or_default().to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
