//! `show`: one task, or the reasons why it waits.

use super::{ToolLine, line, one_of, text};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "show",
    about: "Shows a task: its brief (what it asks for, how it will be checked, what it may write), its whole \
            state with evidence and history, or why it is not ready.",
    reads: true,
    takes: || {
        vec![
            ("task", text("its key"), true),
            ("what", one_of(&["brief", "state", "why"], "brief unless given"), false),
        ]
    },
    line: |given| {
        let task = given.text("task")?.unwrap_or_default();
        Ok(vec![match given.text("what")?.unwrap_or("brief") {
            "brief" => line("brief", &["brief"], &[], &[task]),
            "state" => line("show", &["show"], &[], &[task]),
            "why" => line("why", &["why"], &[], &[task]),
            other => return Err(format!("`what` of `show` is `brief`, `state` or `why`, not `{other}`")),
        }])
    },
};
