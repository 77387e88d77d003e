//! What an agent is told: the task, what it rests on, how it will be judged, and what it may write.
//!
//! The same plan gives the same brief. Deliberately short; more is a question away, and the brief
//! says which.

use std::fmt::Write as _;

use model::plan::Plan;
use model::task::Task;

/// The brief of a task.
pub fn brief(plan: &Plan, task: &Task) -> String {
    let mut text = format!("# {}: {}\n\nPlan: {} (`{}`)\n", task.key, task.title, plan.title, plan.key);
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            // Writing into a string cannot fail.
            let _ = write!(text, "\n## {title}\n\n");
            for line in lines {
                let _ = writeln!(text, "- {line}");
            }
        }
    };
    section("Objectives", task.facts.objectives().map(str::to_owned).collect());
    section("Deliverables", task.facts.deliverables().map(str::to_owned).collect());
    section("Files", task.facts.paths().map(str::to_owned).collect());
    let needs = task.needs.iter().filter_map(|need| plan.task(*need));
    let needs = needs.map(|need| {
        let summary = need.effort.as_deref().and_then(|effort| effort.submission.as_ref());
        let summary = summary.map(|work| work.summary.as_str()).filter(|summary| !summary.is_empty());
        format!("{}: {}{}", need.key, need.title, summary.map(|s| format!(" — {s}")).unwrap_or_default())
    });
    section("Rests on", needs.collect());
    let checks = task.gate.checks.iter().map(|check| format!("{} — {}", check.spec.name, check.spec));
    section("Is verified by", checks.collect());
    section(
        "How to go on",
        vec![
            "Do the work in this folder and end with exit status 0; what you leave is handed in for you."
                .to_owned(),
            "Nothing counts as done until the checks above pass on what you handed in.".to_owned(),
            format!(
                "`countersign show {0}`, `countersign why {0}` and `countersign beat {0}` are there for you.",
                task.key
            ),
        ],
    );
    text
}
