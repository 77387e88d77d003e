//! `scripts/verify-chain.py`, which shares no code with this crate, sees what the audit sees.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use journal::testing::Folder;
use journal::{Access, sqlite};
use rusqlite::Connection;

use crate::support::{append, audited, entry, open, plan};

/// Runs the script; `None` where there is no Python.
fn script(arguments: &[&Path]) -> Option<Output> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/verify-chain.py");
    Command::new("python3").arg(path).args(arguments).output().ok()
}

#[test]
fn a_script_of_twenty_lines_computes_the_chain_again() {
    let folder = Folder::in_memory();
    let (database, heads) = (folder.path().join(sqlite::DATABASE), folder.path().join("heads"));
    let journal = open(folder.path(), Access::Create);
    append(&journal, plan(1), &entry(&["1", "zwei äöü", "3"])).unwrap();
    append(&journal, plan(2), &entry(&["1"])).unwrap();
    append(&journal, plan(1), &entry(&["4"])).unwrap();
    let pins: Vec<String> = audited(&journal).heads.iter().map(ToString::to_string).collect();
    std::fs::write(&heads, pins.join("\n")).unwrap();
    // While the store is open, and after.
    let Some(output) = script(&[&database, &heads]) else {
        println!("not shown: there is no python3 here");
        return;
    };
    let told = |output: &Output| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    assert_eq!(told(&output), (Some(0), "7 events in 3 streams: the chain holds".to_owned()));
    drop(journal);
    let changed = |sql: &str| {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&database, &copy).unwrap();
        Connection::open(&copy).unwrap().execute_batch(&sql.replace("{1}", &plan(1).to_string())).unwrap();
        let with_heads = told(&script(&[&copy, &heads]).unwrap());
        (told(&script(&[&copy]).unwrap()), with_heads)
    };
    let (alone, _) =
        changed("UPDATE events SET event = replace(event, '3', '8') WHERE plan = '{1}' AND seq = 3");
    assert_eq!(alone, (Some(9), format!("broken: event 3 of {}", plan(1))));
    let (alone, _) = changed("DELETE FROM events WHERE plan = '{1}' AND seq = 2");
    assert_eq!(alone, (Some(9), format!("broken: event 2 of {}", plan(1))));
    let (alone, pinned) = changed(
        "DELETE FROM events WHERE plan = '{1}' AND seq = 4; UPDATE heads SET (seq, digest) =
         (SELECT seq, digest FROM events WHERE plan = '{1}' AND seq = 3) WHERE plan = '{1}'",
    );
    assert_eq!(alone.0, Some(0), "without a pinned head nobody can tell");
    assert_eq!(pinned, (Some(9), format!("broken: event 4 of {} is pinned, and missing", plan(1))));
}
