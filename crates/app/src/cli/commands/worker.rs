//! `worker`: has agents work on a plan that is under control already, for as long as there is work.

use std::time::Duration;

use clap::Args;
use engine::desk::Desk as _;
use engine::process::Cancel;
use engine::store::Store;
use engine::watch::Watch;
use journal::sqlite::DATABASE;
use model::fault::Fault;
use model::ids::Key;
use model::refusal::{INTERNAL_FAULT, PLAN_HALTED, TRUST_REQUIRED};
use serde_json::json;

use super::run::at_once;
use crate::cli::call::Call;
use crate::cli::dispatching::{Came, Site};
use crate::cli::error::{Outcome, plain};
use crate::cli::proving::TrustWish;
use crate::cli::verb::{
    Group, HAS_AGENTS_WORK, Handler, PERSON_ONLY, READS_STORE, TAKES_IN, Verb, WRITES_STORE,
};

/// How often it looks around where nothing wakes it: leases run out without anybody's doing.
const AT_THE_LATEST: Duration = Duration::from_secs(30);

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Worker>(
    "worker",
    Group::Agents,
    "has agents work on a plan, now and whenever there is work",
    &[&[TRUST_REQUIRED], TAKES_IN, READS_STORE, WRITES_STORE, PERSON_ONLY, HAS_AGENTS_WORK],
);

#[derive(Debug, Args)]
struct Worker {
    /// Ends once there is nothing to do now
    #[arg(long)]
    once: bool,
    /// Trusts the plan's commands: for plans of your own
    #[arg(long, conflicts_with = "locked")]
    trust: bool,
    /// Runs exactly the commands that `countersign.lock` allows, and asks nobody
    #[arg(long)]
    locked: bool,
    /// Checks this many tasks at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

impl Handler for Worker {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let (store, id) = (&opened.store, opened.plan.id);
        let wish = match (self.trust, self.locked) {
            (true, _) => TrustWish::Give,
            (_, true) => TrustWish::Locked,
            _ => TrustWish::Ask,
        };
        let site = Site::open(call, store, id, wish)?;
        let mut all = Came::default();
        loop {
            let came = site.work(call, store, at_once(self.jobs))?;
            let halted = came.paused.as_ref().is_some_and(|why| why.code == PLAN_HALTED);
            let ends = self.once || came.cancelled || (came.paused.is_some() && !halted);
            all.add_round(came);
            if ends {
                break;
            }
            let seen = store.desk().plan(id)?.seq;
            let given_up: Vec<Key> = all.failed.iter().map(|failed| failed.key.clone()).collect();
            let is_work = || Ok(store.desk().plan(id)?.seq != seen || site.has_work(call, store, &given_up)?);
            if !wait(store, site.cancel(), &is_work)? {
                all.cancelled = true;
                break;
            }
            all.paused = None;
        }
        if call.ui.wants_json() {
            call.ui.json(&json!({ "agents": all }));
        } else {
            let (attempts, verified) = (all.attempts, all.verified.len());
            call.ui.line(format!(
                "{}, {} verified, {} given up",
                lens::words::count_of(attempts, "attempt"),
                lens::words::count_of(verified, "task"),
                all.failed.len()
            ));
        }
        match all.paused {
            Some(why) => Err(why.into()),
            None => Ok(()),
        }
    }
}

/// Waits until there is something to do; says whether it is to go on.
fn wait(store: &Store, cancel: &Cancel, is_work: &dyn Fn() -> Outcome<bool>) -> Outcome<bool> {
    let fault = |error: &std::io::Error| {
        Fault::new(INTERNAL_FAULT, format!("the journal cannot be watched: {}", plain(error)))
    };
    // Watching begins before looking, so that nothing falls in between.
    let database = store.folder().join(DATABASE);
    let log = store.folder().join(format!("{DATABASE}-wal"));
    let watch = Watch::new(&[database, log]).map_err(|error| fault(&error))?;
    while !cancel.is_cancelled() {
        if is_work()? {
            return Ok(true);
        }
        watch.wait_for_any(cancel, AT_THE_LATEST).map_err(|error| fault(&error))?;
    }
    Ok(false)
}
