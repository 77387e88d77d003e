//! The lint catalogue, written from the registry: `docs/reference/lint.md`.

use std::fmt::Write as _;

use super::RULES;

/// The catalogue of all rules as Markdown.
pub fn catalogue() -> String {
    let mut out = String::from(
        "# Lint rules\n\n\
         <!-- Generated from the registry in `crates/formats/src/lint/mod.rs` by `cargo xtask gen`. -->\n\n\
         How to run, suppress and baseline them: [the guide](../guide/lint.md).\n\n\
         | Code | Severity | Finds | Archived plans |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| [`{}`](../errors/{}.md) | {} | {} | {} |",
            rule.code,
            rule.code.replace('/', "-"),
            rule.severity,
            rule.what,
            if rule.live_only { "silent" } else { "reported" },
        );
    }
    out
}
