//! House rules that the compiler cannot keep: who may use whom, what pure rooms must not touch,
//! and which papers go with which code.
//!
//! Each rule looks at a [`Tree`] and names what breaks it. Knows nothing of what the code does.
//! `xtask/tests/tidy.rs` runs all of them on the workspace and breaks each of them once.

use std::fmt;

use crate::tree::Tree;

mod layers;
mod papers;
mod scan;
mod sources;

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// The file, from the top.
    pub path: String,
    /// The line, or 0 where it is about the whole file.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, path, line, message } = self;
        match line {
            0 => write!(f, "{path}: {message} [{rule}]"),
            _ => write!(f, "{path}:{line}: {message} [{rule}]"),
        }
    }
}

/// Where a rule says what it found: path, line, message.
type Report<'a> = &'a mut dyn FnMut(&str, usize, String);

/// One house rule.
pub struct Rule {
    /// Short name, printed with each finding.
    pub name: &'static str,
    /// The rule in a sentence.
    pub says: &'static str,
    check: fn(&Tree, Report<'_>),
}

impl Rule {
    /// What breaks this rule in the tree.
    pub fn findings(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        (self.check)(tree, &mut |path, line, message| {
            findings.push(Finding { rule: self.name, path: path.to_owned(), line, message });
        });
        findings
    }
}

/// All rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "layers",
        says: "a crate uses only what stands below it, never a neighbour",
        check: layers::layers,
    },
    Rule {
        name: "guests",
        says: "a pure crate uses only the third-party crates on its list",
        check: layers::guests,
    },
    Rule { name: "lock-cap", says: "Cargo.lock names no more crates than the cap", check: layers::lock_cap },
    Rule {
        name: "lock-bans",
        says: "Cargo.lock names nothing that deny.toml bans, and nothing from outside crates.io",
        check: layers::lock_bans,
    },
    Rule {
        name: "pure-lints",
        says: "each pure crate's clippy.toml forbids clocks, files, processes, threads and randomness",
        check: layers::pure_lints,
    },
    Rule {
        name: "pure-sources",
        says: "no pure crate names clocks, files, processes, threads, the network or randomness",
        check: sources::pure_sources,
    },
    Rule { name: "file-size", says: "no Rust file has more than 800 lines", check: sources::file_size },
    Rule {
        name: "module-docs",
        says: "each module begins with `//!`: what it is for, and what it deliberately does not know",
        check: sources::module_docs,
    },
    Rule {
        name: "no-allow",
        says: "lints are silenced with `#[expect(lint, reason = \"…\")]`, never with allow",
        check: sources::no_allow,
    },
    Rule { name: "no-stubs", says: "nothing is left to do later in code", check: sources::no_stubs },
    Rule {
        name: "printing",
        says: "only `cli/ui.rs` prints; everything else returns what it has to say",
        check: sources::printing,
    },
    Rule { name: "sql", says: "only `journal` names rusqlite", check: sources::sql },
    Rule {
        name: "workplaces",
        says: "no file names a folder of somebody's machine",
        check: sources::workplaces,
    },
    Rule {
        name: "error-pages",
        says: "every code has a page in docs/errors, and every page a code",
        check: papers::error_pages,
    },
    Rule {
        name: "links",
        says: "links between our documents lead to files that exist",
        check: papers::links,
    },
    Rule {
        name: "architecture",
        says: "ARCHITECTURE.md has a section with an Invariant line for every room",
        check: papers::architecture,
    },
    Rule {
        name: "ci-pinned",
        says: "workflows use pinned actions and read-only permissions",
        check: papers::ci_pinned,
    },
];

/// What breaks any rule in the tree.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule.findings(tree)).collect()
}
