//! `dashboard` on a small plan, whole process, against the least a Node script can do.

use super::bed::{missing, write};
use super::measure::{Subject, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const PLAN: &str = r#"{
  "batches": [
    {"id": "batch-1", "name": "Ground work", "priority": "P0", "status": "Complete", "progress": 100, "targetDate": "2026-01-09", "blockers": [], "owner": "platform", "notes": ""},
    {"id": "batch-2", "name": "Import", "priority": "P1", "status": "In Progress", "progress": 60, "targetDate": "2026-01-16", "blockers": [], "owner": "data", "notes": ""},
    {"id": "batch-3", "name": "Search", "priority": "P1", "status": "Not Started", "progress": 0, "targetDate": "2026-01-23", "blockers": ["Batch 2"], "owner": "data", "notes": ""},
    {"id": "batch-4", "name": "Export", "priority": "P1", "status": "Not Started", "progress": 0, "targetDate": "2026-01-30", "blockers": ["Batch 3"], "owner": "support", "notes": ""},
    {"id": "batch-5", "name": "Release", "priority": "P2", "status": "Not Started", "progress": 0, "targetDate": "2026-02-06", "blockers": ["Batch 4"], "owner": "release", "notes": ""}
  ],
  "metrics": {}
}
"#;

const SCRIPT: &str = r"const plan = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const rows = plan.batches.map(b => [b.name, b.priority, b.status, b.progress + '%', b.targetDate, b.blockers.join(', ') || 'None']);
console.log('| Batch | Priority | Status | Progress | Target Date | Blockers |');
console.log('|---|---|---|---|---|---|');
for (const row of rows) console.log('| ' + row.join(' | ') + ' |');
";

const ROUNDS: usize = 31;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("dashboard")?;
    let plan = folder.join("execution-plan.json");
    write(&plan, PLAN)?;
    write(&folder.join("board.js"), SCRIPT)?;
    let ours = bed.countersign(&folder, "dashboard").variable("EXECUTION_PLAN_PATH", plan.to_string_lossy());
    let theirs = Subject::new("node", &folder).with("board.js execution-plan.json");
    let what = "`dashboard`, 5 batches, against `node board.js`";
    let limit = 12.0 * 1024.0;
    let memory = |run| Row::memory("`dashboard`, peak memory", run, limit, "", "under 12 MiB");
    if let Some(why) = missing("node", "nodejs") {
        return Ok(vec![Row::skipped(what, why), memory(super::measure::alone(ROUNDS, &|_| ours.run())?)]);
    }
    let (our_run, their_run) = duel(ROUNDS, &|_| ours.run(), &|_| theirs.run())?;
    Ok(vec![Row::faster(what, our_run, their_run, 10.0), memory(our_run)])
}
