//! Measurements against a peer or a floor, in the same run on the same machine, as ratios: what
//! a number means on somebody else's machine is not asked.
//!
//! Each measurement is a whole process, A B A B in turn, medians. Knows the product only as a
//! binary. Start reading at [`BENCHES`].

mod adopting;
mod beats;
mod bed;
mod binary;
mod checking;
mod critical;
mod dashboard;
mod dispatching;
mod hook_calls;
mod hooks;
mod journal;
pub(crate) mod measure;
mod parsing;
mod probes;
mod row;
mod serving;
mod syncing;
mod tracking;
mod update;

pub(crate) use bed::Bed;
pub(crate) use row::{Row, Verdict};

use crate::tool::Outcome;

/// One measurement.
pub(crate) struct Bench {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What is compared with what.
    pub(crate) says: &'static str,
    /// Measures.
    pub(crate) run: fn(&Bed) -> Outcome<Vec<Row>>,
}

/// All measurements, quick ones first.
pub(crate) const BENCHES: &[Bench] = &[
    Bench {
        name: "binary",
        says: "size of the release binary, and a start without network",
        run: binary::run,
    },
    Bench {
        name: "dashboard",
        says: "`dashboard` on a plan of 5 batches against a Node script that prints the same table",
        run: dashboard::run,
    },
    Bench {
        name: "update",
        says: "`update` of a plan file of 5 batches against a bare durable commit and against a Node script",
        run: update::run,
    },
    Bench {
        name: "hooks",
        says: "what agents call all day, on a store of 1,000 tasks and 10,000 events, against `node -e 0`",
        run: hooks::run,
    },
    Bench {
        name: "parse",
        says: "`parse` of a 10 MB Markdown plan with 100,000 tasks against bare pulldown-cmark on the same bytes",
        run: parsing::run,
    },
    Bench {
        name: "check",
        says: "`check` of a 100 KB report against a 100 KB plan beside bare pulldown-cmark on both",
        run: checking::run,
    },
    Bench {
        name: "critical-path",
        says: "the critical path of 10,000 tasks against TaskJuggler, same dates",
        run: critical::run,
    },
    Bench {
        name: "journal",
        says: "appends with hash chain against raw SQLite rows, same durability",
        run: journal::run,
    },
    Bench {
        name: "sync",
        says: "`sync` of a 10 MB document with one changed field against reading and writing the file",
        run: syncing::run,
    },
    Bench {
        name: "probes",
        says: "1,000 no-op checks against `ninja -j2` on the same commands",
        run: probes::run,
    },
    Bench {
        name: "dispatch",
        says: "tasks given to no-op agents against `ninja -j2`, ten thousand of them, and with a worktree each",
        run: dispatching::run,
    },
    Bench {
        name: "hook-calls",
        says: "`hooks pre-task`, `post-edit` and `post-task` on a store in use against `node -e 0`",
        run: hook_calls::run,
    },
    Bench {
        name: "beats",
        says: "agents that say they are alive, on a store with 1,000 live leases, beside a bare durable commit",
        run: beats::run,
    },
    Bench {
        name: "ready-1k",
        says: "`ready` and a state change at 1,000 tasks against Taskwarrior",
        run: tracking::thousand,
    },
    Bench {
        name: "ready-10k",
        says: "`ready` and a state change at 10,000 tasks against Taskwarrior",
        run: tracking::ten_thousand,
    },
    Bench {
        name: "adopt-100k",
        says: "adopting 100,000 tasks against Taskwarrior's import, then `ready`, `show` and a state change on that store",
        run: adopting::run,
    },
    Bench {
        name: "serve",
        says: "the service under load: journaled writes, durable steps, live events beside nginx with nchan, idle listeners",
        run: serving::run,
    },
];
