//! `sync --watch`: in step whenever a document or the journal changes, until somebody ends it.

use std::path::PathBuf;
use std::time::Duration;

use engine::desk::{Denied, Desk as _};
use engine::documents::SIDECAR;
use engine::process::Cancel;
use engine::store::Store;
use engine::sync::{self, Options, Synced};
use engine::watch::{Watch, Woken};
use journal::sqlite::DATABASE;
use model::fault::Fault;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{INTERNAL_FAULT, Refusal};

use super::shown::{in_a_line, in_step};
use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop, plain};

/// Looked at anew after so long, also where the kernel said nothing: on some network file systems
/// it does not hear of changes.
const AT_THE_LATEST: Duration = Duration::from_secs(10);

/// Syncs these plans whenever one of their documents or the journal changes.
pub(super) fn watch(call: &Call, store: &Store, plans: &[PlanId], options: &Options) -> Outcome {
    let cancel = Cancel::new().map_err(|error| fault(&error))?;
    let stop = cancel.clone();
    // Only one handler per process can be set, and this verb sets no other.
    let _ = ctrlc::set_handler(move || stop.cancel());
    call.ui.step("watching", "documents and journal; Ctrl-C ends it");
    let mut said = vec![None; plans.len()];
    loop {
        let mut files = vec![store.folder().join(DATABASE), store.folder().join(format!("{DATABASE}-wal"))];
        for plan in plans {
            files.extend(files_of(store, &*store.desk().plan(*plan)?));
        }
        // Watching begins before looking, so that nothing falls in between. What the sync itself
        // writes wakes it once more, and then there is nothing to do.
        let watch = Watch::new(&files).map_err(|error| fault(&error))?;
        for (plan, said) in plans.iter().zip(&mut said) {
            once(call, store, *plan, options, said)?;
        }
        if watch.wait(&cancel, AT_THE_LATEST).map_err(|error| fault(&error))? == Woken::Cancelled {
            return Ok(());
        }
    }
}

/// Syncs one plan, and says so in one line unless that is nothing new. A refusal is said and ends
/// nothing: the next change may put it right.
fn once(call: &Call, store: &Store, plan: PlanId, options: &Options, said: &mut Option<String>) -> Outcome {
    let synced = match sync::sync(store, plan, &call.request()?, options) {
        Ok(synced) if synced.conflicts.is_empty() => synced,
        Ok(synced) => return refused(call, said, sync::moved(&synced.conflicts)),
        Err(Denied::Refused(no)) => return refused(call, said, *no),
        Err(down) => return Err(down.into()),
    };
    let line = in_a_line(&synced);
    let left: Vec<&str> = synced.left.iter().map(|left| left.why.as_str()).collect();
    let state = format!("{} {}", in_step(&synced), left.join(" "));
    let moved = !(synced.taken_in.is_empty() && synced.written.is_empty() && synced.recorded == 0);
    if !moved && said.as_ref() == Some(&state) {
        return Ok(());
    }
    if said.as_ref() != Some(&state) {
        synced.left.iter().for_each(|left| call.tell_left(left));
    }
    *said = Some(format!("true {}", left.join(" ")));
    say(call, &*store.desk().plan(plan)?, &synced, &line);
    Ok(())
}

fn refused(call: &Call, said: &mut Option<String>, no: Refusal) -> Outcome {
    let message = format!("{} {}", no.message, no.facts.join(" "));
    if said.as_ref() != Some(&message) {
        Stop::from(no).say(&call.ui);
        *said = Some(message);
    }
    Ok(())
}

fn say(call: &Call, plan: &Plan, synced: &Synced, line: &str) {
    if call.ui.wants_json() {
        call.ui.json(&serde_json::json!({
            "plan": plan.key,
            "in_step": in_step(synced),
            "taken_in": synced.taken_in,
            "written": synced.written,
            "left": synced.left,
        }));
    } else {
        call.ui.line(format!("{}  {line}", plan.key));
    }
    call.ui.flush();
}

fn files_of(store: &Store, plan: &Plan) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = plan.sources.iter().map(|source| store.absolute(&source.path)).collect();
    if let Some(first) = files.first() {
        files.push(first.with_file_name(SIDECAR));
    }
    files
}

fn fault(error: &std::io::Error) -> Stop {
    Fault::new(INTERNAL_FAULT, format!("changes cannot be watched: {}", plain(error))).into()
}
