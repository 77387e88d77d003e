//! `report`: documents computed from the plan.

use super::{Step, ToolLine, one_of};

const NAMES: &[&str] = &["status", "completion", "dashboard", "handoff", "briefing"];

pub(super) const TOOL: ToolLine = ToolLine {
    name: "report",
    about: "Gives a report computed from what is recorded, as Markdown.",
    reads: true,
    takes: || vec![("name", one_of(NAMES, "which"), true)],
    line: |given| {
        let name = given.text("name")?.unwrap_or_default();
        if !NAMES.contains(&name) {
            return Err(format!("there is no report `{name}`; there are {}", NAMES.join(", ")));
        }
        let arguments = ["report", name, "--format", "md"].map(str::to_owned).to_vec();
        Ok(vec![Step { name: "report", arguments }])
    },
};
