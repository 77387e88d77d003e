//! `ready`: what could be begun now, and what others hold.

use super::{Step, ToolLine, count, line};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "ready",
    about: "Lists tasks that could be begun now, and who holds which task.",
    reads: true,
    takes: || vec![("limit", count("at most so many, 20 unless given"), false)],
    line: |given| {
        let limit = given.count("limit")?.unwrap_or(20).to_string();
        let ready: Step = line("ready", &["ready"], &[("--limit", Some(limit))], &[]);
        Ok(vec![ready, line("leases", &["leases"], &[], &[])])
    },
};
