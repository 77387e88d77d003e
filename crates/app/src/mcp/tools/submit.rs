//! `submit`: work is handed in, and its checks are run.

use super::{ToolLine, count, flag, line, text};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "submit",
    about: "Hands in your work on a task and runs its checks. The answer says whether it is verified, and what \
            failed with its numbers; mend that and submit again.",
    reads: false,
    takes: || {
        vec![
            ("task", text("its key"), true),
            ("summary", text("what was done"), false),
            ("commit", text("the commit that holds the work"), false),
            ("tokens", count("tokens used"), false),
            ("verify", flag("run the checks now; true unless given"), false),
        ]
    },
    line: |given| {
        let task = given.text("task")?.unwrap_or_default();
        let options = [
            ("--summary", given.text("summary")?.map(str::to_owned)),
            ("--commit", given.text("commit")?.map(str::to_owned)),
            ("--tokens", given.count("tokens")?.map(|count| count.to_string())),
        ];
        let mut steps = vec![line("submit", &["submit"], &options, &[task])];
        if given.flag("verify", true)? {
            steps.push(line("verify", &["verify"], &[], &[task]));
        }
        Ok(steps)
    },
};
