//! `dashboard`: a Markdown table to paste, from the plan or straight from a document.

use clap::Args;
use lens::views::dashboard::{Dashboard as Table, dashboard, dashboard_of_draft};
use lens::views::plans::plans;
use model::ids::Key;
use serde_json::Value;

use crate::cli::call::Call;
use crate::cli::context::Everywhere;
use crate::cli::context::Opened;
use crate::cli::error::Outcome;
use crate::cli::plan_file::{Meant, NAMES_FILE, PlanFile};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Dashboard>(
    "dashboard",
    Group::Documents,
    "prints the plan as a Markdown table",
    &[NAMES_FILE, READS_STORE],
);

#[derive(Debug, Args)]
struct Dashboard {
    /// The plan file; by default the one that `EXECUTION_PLAN_PATH` names, or `execution-plan.json`
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Adds a column with the owners
    #[arg(long)]
    owner: bool,
    #[command(flatten)]
    everywhere: Everywhere,
}

impl Handler for Dashboard {
    fn run(self, call: &Call) -> Outcome {
        if self.everywhere.all_plans {
            let all = call.open_all()?;
            let rows = plans(&all.looks(), self.everywhere.archived, all.store.desk().now());
            if call.ui.wants_json() {
                call.ui.json(&rows);
            } else {
                call.ui.data(&rows.markdown());
            }
            return Ok(());
        }
        match call.plan_meant(self.file.as_deref())? {
            Meant::File(file) => {
                file.sound(call)?;
                let mut table = dashboard_of_draft(&file.reading.draft, self.owner);
                as_written(&mut table, &file);
                if let Some(opened) = call.adopted(&file)? {
                    mark_waived(&mut table, &opened);
                }
                print(call, &table);
            }
            Meant::Store(opened) => print(call, &dashboard(&opened.look(), self.owner)),
        }
        Ok(())
    }
}

/// Blockers stand in the table as they stand in the file: in that order, in those words.
fn as_written(table: &mut Table<'_>, file: &PlanFile) {
    let Some(values) = file.values() else { return };
    let batches = values.get("batches").and_then(Value::as_array).into_iter().flatten();
    for (row, batch) in table.rows.iter_mut().zip(batches) {
        let blockers = batch.get("blockers").and_then(Value::as_array).into_iter().flatten();
        row.blockers = blockers.filter_map(Value::as_str).map(str::to_owned).collect();
    }
}

/// What a batch need not wait for, because somebody waived it, reads so.
fn mark_waived(table: &mut Table<'_>, opened: &Opened) {
    let plan = &opened.plan;
    let now = opened.store.desk().now();
    for row in &mut table.rows {
        let Some(task) = Key::new(row.key).ok().and_then(|key| plan.task_by_key(&key)) else { continue };
        for (need, _) in plan.waived_needs(task, now) {
            let Some(key) = plan.task(need).map(|need| need.key.as_str()) else { continue };
            for blocker in row.blockers.iter_mut().filter(|blocker| *blocker == key) {
                blocker.push_str(" (waived)");
            }
        }
    }
}

fn print(call: &Call, table: &Table<'_>) {
    if call.ui.wants_json() {
        call.ui.json(table);
    } else {
        call.ui.data(&table.markdown());
    }
}
