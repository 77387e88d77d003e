//! `take`: a task under a lease.

use super::{ToolLine, line, text, texts};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "take",
    about: "Takes a task under a lease, or the next one that fits. Keep it alive with update's `beat`. \
            Refused while a need is unmet, another holds it, or its paths are reserved.",
    reads: false,
    takes: || {
        vec![
            ("task", text("its key; the next task where none is given"), false),
            ("roles", texts("take only tasks of these roles"), false),
            ("paths", texts("globs you intend to write, instead of the reserved ones"), false),
            ("ttl", text("how long unless renewed, such as 15m"), false),
        ]
    },
    line: |given| {
        let (task, ttl) = (given.text("task")?, given.text("ttl")?);
        let mut options = vec![("--ttl", ttl.map(str::to_owned))];
        options.extend(given.texts("roles")?.iter().map(|role| ("--role", Some((*role).to_owned()))));
        options.extend(given.texts("paths")?.iter().map(|path| ("--path", Some((*path).to_owned()))));
        Ok(vec![match task {
            Some(task) => line("take", &["take"], &options, &[task]),
            None => line("take", &["take", "--next"], &options, &[]),
        }])
    },
};
