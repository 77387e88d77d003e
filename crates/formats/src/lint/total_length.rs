//! The stated length of the plan against what its own estimates and needs make.

use model::diagnostic::{Diagnostic, Severity};
use model::draft::{ClaimValue, DraftTask, Stated, TaskKind};
use schedule::{CriticalPath, Length, Node, critical_path};

use super::document::Document;
use super::needs::network;

/// A stated total may be rounded by so much of itself.
const ROUNDING: f64 = 0.05;
/// So many keys of a path are printed; the middle of a longer one is left out.
const MOST_KEYS: usize = 12;

pub(super) fn differs(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let claims = document.draft.claims.iter().filter(|claim| claim.what == "total_duration_days");
    let mut plan = None;
    for claim in claims {
        let ClaimValue::Number(stated) = claim.value else { continue };
        let Some(plan) = plan.get_or_insert_with(|| Plan::of(document)) else { return };
        if plan.agrees_with(stated) {
            continue;
        }
        found.push(
            Diagnostic::new(
                "schedule/total-differs",
                Severity::Warning,
                document.first_line(claim.span),
                format!(
                    "stated total is {} days, but the critical path is {}{} days: {}",
                    number(stated),
                    if plan.complete { "" } else { "at least " },
                    plan.longest.total,
                    path(document, &plan.longest)
                ),
            )
            .help("state the total the estimates make, or correct the estimates and needs"),
        );
    }
}

/// What the estimates and needs of a document make of it.
struct Plan {
    longest: CriticalPath,
    /// The same if each phase waits for the one before.
    in_phases: Option<CriticalPath>,
    /// Kinds of work of which nothing says in which order they are done: the longest one, and all
    /// of them one after the other.
    unordered: Vec<(Length, Length)>,
    /// Whether every piece of work has an estimate.
    complete: bool,
}

impl Plan {
    fn of(document: &Document<'_>) -> Option<Self> {
        let tasks = &document.draft.tasks;
        let days = |index: usize| tasks[index].estimate_days.filter(|days| *days > 0.0);
        let length = |index: usize| days(index).map_or(Length::ZERO, Length::from_days);
        if (0..tasks.len()).all(|index| days(index).is_none()) {
            return None;
        }
        let nodes = network(document, length);
        let longest = critical_path(&nodes).ok()?;
        let counts = |task: &DraftTask| {
            !matches!(task.kind, TaskKind::Item | TaskKind::Deliverable)
                && task.status.as_ref().is_none_or(|status| status.state != Stated::Dropped)
        };
        Some(Self {
            longest,
            in_phases: phased(document, nodes.clone()),
            unordered: unordered(tasks, &nodes),
            complete: (0..tasks.len()).all(|index| days(index).is_some() || !counts(&tasks[index])),
        })
    }

    fn agrees_with(&self, stated: f64) -> bool {
        let slack = stated.abs() * ROUNDING + 1e-9;
        let near = |length: Length| (length.days() - stated).abs() <= slack;
        let longest = self.longest.total.days();
        if near(self.longest.total) || self.in_phases.as_ref().is_some_and(|plan| near(plan.total)) {
            return true;
        }
        // What is not estimated can only make it longer.
        if !self.complete {
            return stated >= longest;
        }
        // Anything between all at once and all in a row may be true.
        stated >= longest - slack
            && self
                .unordered
                .iter()
                .any(|(most, all)| stated >= most.days() - slack && stated <= all.days() + slack)
    }
}

/// Batches that need nothing of each other, beside items that do, are an order of their own.
fn unordered(tasks: &[DraftTask], nodes: &[Node]) -> Vec<(Length, Length)> {
    let mut kinds: Vec<TaskKind> = tasks.iter().map(|task| task.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of_kind = |kind: TaskKind| nodes.iter().zip(tasks).filter(move |(_, task)| task.kind == kind);
    let is_free = |kind: &TaskKind| {
        of_kind(*kind).all(|(node, _)| node.needs.iter().all(|need| tasks[*need].kind != *kind))
    };
    let lengths = |kind: TaskKind| of_kind(kind).map(|(node, _)| node.length);
    kinds
        .into_iter()
        .filter(is_free)
        .map(|kind| (lengths(kind).max().unwrap_or(Length::ZERO), lengths(kind).sum()))
        .collect()
}

/// The critical path if each phase with tasks waits for the whole phase before it.
fn phased(document: &Document<'_>, mut nodes: Vec<Node>) -> Option<CriticalPath> {
    let phases = document.phases();
    let mut barrier: Option<usize> = None;
    let mut seen = vec![false; nodes.len()];
    let mut count = 0;
    for index in &phases.order {
        let keys = &document.draft.phases[*index].tasks;
        let members: Vec<usize> =
            keys.iter().filter_map(|key| document.index(key.as_str())).filter(|task| !seen[*task]).collect();
        if members.is_empty() {
            continue;
        }
        count += 1;
        for member in &members {
            seen[*member] = true;
            nodes[*member].needs.extend(barrier);
        }
        let mut ends = members;
        ends.extend(barrier);
        nodes.push(Node::new(Length::ZERO, ends));
        barrier = Some(nodes.len() - 1);
    }
    if count < 2 { None } else { critical_path(&nodes).ok() }
}

fn path(document: &Document<'_>, plan: &CriticalPath) -> String {
    let tasks = &document.draft.tasks;
    let steps: Vec<String> = plan
        .path
        .iter()
        .map(|index| {
            let days = tasks[*index].estimate_days.unwrap_or_default();
            format!("`{}` ({})", tasks[*index].key, number(days))
        })
        .collect();
    if steps.len() <= MOST_KEYS {
        return steps.join(" → ");
    }
    let half = MOST_KEYS / 2;
    let left_out = steps.len() - 2 * half;
    format!(
        "{} → … {left_out} more … → {}",
        steps[..half].join(" → "),
        steps[steps.len() - half..].join(" → ")
    )
}

/// A number without needless decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
