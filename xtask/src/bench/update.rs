//! `update` of a plan file, whole process: against the least that is as durable (one row committed
//! by bare SQLite, the file replaced by an fsync'd rename), and against a Node script that rewrites
//! the file without either.

use super::bed::{missing, write};
use super::measure::{Subject, alone, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const PLAN: &str = r#"{
  "batches": [
    {"id": "batch-1", "name": "Ground work", "priority": "P0", "status": "done", "progress": 100, "targetDate": "2026-01-09", "blockers": [], "owner": "platform", "notes": ""},
    {"id": "batch-2", "name": "Import", "priority": "P1", "status": "in-progress", "progress": 60, "targetDate": "2026-01-16", "blockers": [], "owner": "data", "notes": ""},
    {"id": "batch-3", "name": "Search", "priority": "P1", "status": "not-started", "progress": 0, "targetDate": "2026-01-23", "blockers": ["batch-2"], "owner": "data", "notes": ""},
    {"id": "batch-4", "name": "Export", "priority": "P1", "status": "not-started", "progress": 0, "targetDate": "2026-01-30", "blockers": ["batch-3"], "owner": "support", "notes": ""},
    {"id": "batch-5", "name": "Release", "priority": "P2", "status": "not-started", "progress": 0, "targetDate": "2026-02-06", "blockers": ["batch-4"], "owner": "release", "notes": ""}
  ],
  "metrics": {}
}
"#;

const SCRIPT: &str = r"const fs = require('fs');
const [path, id, field] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(path, 'utf8'));
const batch = plan.batches.find(batch => batch.id === id);
const [name, value] = field.split('=');
batch[name] = Number(value);
fs.writeFileSync(path, JSON.stringify(plan, null, 2) + '\n');
console.log('Updated ' + id);
";

const ROUNDS: usize = 41;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let (ours, floor, theirs) = (bed.fresh("update")?, bed.fresh("update-floor")?, bed.fresh("update-node")?);
    for folder in [&ours, &floor, &theirs] {
        write(&folder.join("execution-plan.json"), PLAN)?;
    }
    write(&theirs.join("update.js"), SCRIPT)?;
    // Each round writes another number, so that there is something to write.
    let field = |round: usize| format!("batch-2 progress={}", round % 100);
    let update = |round: usize| bed.countersign(&ours, &format!("update {}", field(round))).run();
    let bare = bed.example("journal", "bare_commit")?;
    let least = |_| Subject::new(&bare, &floor).with("rows.db execution-plan.json").run();
    let (our_run, floor_run) = duel(ROUNDS, &update, &least)?;
    let what = "`update` of one of 5 batches";
    let mut rows = vec![Row::within(
        format!("{what}, against one bare durable commit and an fsync'd rename"),
        our_run,
        floor_run,
        3.0,
    )];
    let against = format!("{what}, against `node update.js`");
    if let Some(why) = missing("node", "nodejs") {
        alone(1, &update)?;
        rows.push(Row::skipped(against, why));
        return Ok(rows);
    }
    let node = |round: usize| {
        Subject::new("node", &theirs).with(&format!("update.js execution-plan.json {}", field(round))).run()
    };
    let (our_run, their_run) = duel(ROUNDS, &update, &node)?;
    rows.push(Row::faster(against, our_run, their_run, 10.0));
    Ok(rows)
}
