//! What a store knows of the plans a report is checked against. A store that cannot be read is said
//! so, and the checking goes on without it.

use std::path::Path;

use engine::desk::Desk as _;
use engine::documents::SIDECAR_FORMAT;
use formats::refute::Known;

use crate::cli::call::Call;
use crate::cli::error::Outcome;

/// What is known of each plan that was adopted from one of the documents.
pub(super) fn of(call: &Call, documents: &[String]) -> Vec<Known> {
    read(call, documents).unwrap_or_else(|stop| {
        call.ui.warn(format!(
            "the store could not be read (`{}`), so only the documents are checked against",
            stop.code()
        ));
        Vec::new()
    })
}

fn read(call: &Call, documents: &[String]) -> Outcome<Vec<Known>> {
    let here = std::env::current_dir().unwrap_or_default();
    if !call.place(&here)?.exists {
        return Ok(Vec::new());
    }
    let store = call.store_to_read()?;
    let paths: Vec<String> = documents.iter().map(|path| store.relative(Path::new(path))).collect();
    let mut known = Vec::new();
    for line in store.desk().plans()? {
        let plan = store.desk().plan(line.id)?;
        let from = |path: &String| {
            plan.sources.iter().any(|source| source.format != SIDECAR_FORMAT && source.path == *path)
        };
        if paths.iter().any(from) {
            known.push(Known::of(&plan, store.desk().now()));
        }
    }
    Ok(known)
}
