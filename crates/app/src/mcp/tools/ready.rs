//! `ready`: what could be begun now, and what others hold.

use super::{ToolLine, count, flag, line};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "ready",
    about: "Lists tasks that could be begun now; with `held` also who holds which task.",
    reads: true,
    takes: || {
        vec![
            ("limit", count("at most so many, 20 unless given"), false),
            ("held", flag("also list leases"), false),
        ]
    },
    line: |given| {
        let limit = given.count("limit")?.unwrap_or(20).to_string();
        let mut steps = vec![line("ready", &["ready"], &[("--limit", Some(limit))], &[])];
        if given.flag("held", false)? {
            steps.push(line("leases", &["leases"], &[], &[]));
        }
        Ok(steps)
    },
};
