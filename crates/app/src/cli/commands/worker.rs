//! `worker`: has agents work on a plan that is under control already: for as long as there is work,
//! or until the tasks it was started for have come to an end.

use std::cell::Cell;
use std::time::{Duration, Instant};

use clap::Args;
use engine::agents::part::Part;
use engine::desk::Desk as _;
use engine::process::Cancel;
use engine::store::Store;
use engine::watch::Watch;
use journal::sqlite::DATABASE;
use lens::look::Look;
use model::fault::Fault;
use model::ids::{Key, PlanId};
use model::refusal::{INTERNAL_FAULT, PLAN_HALTED, TRUST_REQUIRED};
use serde_json::json;

use super::run::at_once;
use crate::cli::call::Call;
use crate::cli::dispatching::{Bounds, Came, Site};
use crate::cli::error::{Outcome, plain};
use crate::cli::proving::TrustWish;
use crate::cli::spawning::read_task_file;
use crate::cli::verb::{
    Group, HAS_AGENTS_WORK, Handler, MOVES_TASK, NAMES_TASK, PERSON_ONLY, READS_FILES, READS_STORE, TAKES_IN,
    Verb, WRITES_STORE,
};
use crate::cli::wanted::Wanted;
use crate::cli::working;

/// How often it looks around where nothing wakes it: leases run out without anybody's doing.
const AT_THE_LATEST: Duration = Duration::from_secs(30);
/// How often it says that it is there while it waits.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Worker>(
    "worker",
    Group::Agents,
    "has agents work on a plan, now and whenever there is work, or until some tasks are done",
    &[
        &[TRUST_REQUIRED],
        TAKES_IN,
        READS_STORE,
        READS_FILES,
        WRITES_STORE,
        NAMES_TASK,
        MOVES_TASK,
        PERSON_ONLY,
        HAS_AGENTS_WORK,
    ],
);

#[derive(Debug, Args)]
struct Worker {
    /// Only this task; may be given several times. Waits until they can be taken, and ends when each
    /// is verified, claimed, given up, dropped, or waits for people
    #[arg(long = "task", value_name = "KEY")]
    tasks: Vec<String>,
    /// Only agents that fill this role or have this name
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// A file that describes the tasks to whoever works on them
    #[arg(long, value_name = "FILE", requires = "tasks")]
    task_file: Option<String>,
    /// Takes part in this session, and ends when it does
    #[arg(long, value_name = "ID", requires = "member")]
    within: Option<String>,
    /// As whom it takes part in that session
    #[arg(long, value_name = "AGENT", requires = "within")]
    member: Option<String>,
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
        let wanted = match &self.tasks[..] {
            [] => None,
            named => Some(Wanted::find(&opened.plan, named)?),
        };
        let wish = match (self.trust, self.locked) {
            (true, _) => TrustWish::Give,
            (_, true) => TrustWish::Locked,
            _ => TrustWish::Ask,
        };
        let part = match (&self.within, &self.member) {
            (Some(session), Some(member)) => {
                Some(Part::of(store.desk(), working::session(session)?, working::agent(member)?)?)
            }
            _ => None,
        };
        let task_file = self.task_file.as_deref().map(|file| read_task_file(call, file)).transpose()?;
        let bounds = Bounds { role: self.role.clone(), part: part.clone(), task_file };
        let site = Site::open(call, store, id, wish, bounds)?;
        let mut work = Work {
            call,
            store,
            plan: id,
            site,
            wanted,
            part,
            seen: Cell::new(Instant::now()),
            once: self.once,
        };
        let all = work.see_through(at_once(self.jobs))?;
        work.tell(all)
    }
}

/// A worker's work, from its beginning to its end.
struct Work<'a> {
    call: &'a Call,
    store: &'a Store,
    plan: PlanId,
    site: Site,
    wanted: Option<Wanted>,
    part: Option<Part>,
    /// When it last said that it is there.
    seen: Cell<Instant>,
    once: bool,
}

impl Work<'_> {
    fn see_through(&mut self, checks_at_once: usize) -> Outcome<Came> {
        if let Some(left) = self.left()? {
            self.site.suits(self.call, self.store, &left)?;
        }
        let mut all = Came::default();
        loop {
            let left = self.left()?;
            if left.as_ref().is_some_and(Vec::is_empty) {
                return Ok(all);
            }
            let came = self.site.work(self.call, self.store, checks_at_once, left.as_deref())?;
            let halted = came.paused.as_ref().is_some_and(|why| why.code == PLAN_HALTED);
            if let Some(wanted) = &mut self.wanted {
                wanted.note(&came);
            }
            let ends = self.once || came.cancelled || (came.paused.is_some() && !halted);
            all.add_round(came);
            if ends {
                return Ok(all);
            }
            let seen = self.store.desk().plan(self.plan)?.seq;
            let given_up: Vec<Key> = all.failed.iter().map(|failed| failed.key.clone()).collect();
            let is_work = || -> Outcome<bool> {
                match self.left()? {
                    // What others do to the rest of the plan is nothing to wake up for.
                    Some(left) => {
                        Ok(left.is_empty() || self.site.has_work(self.call, self.store, &[], Some(&left))?)
                    }
                    None => Ok(self.store.desk().plan(self.plan)?.seq != seen
                        || self.site.has_work(self.call, self.store, &given_up, None)?),
                }
            };
            let goes_on =
                wait(self.store, self.site.cancel(), &|| Ok(self.is_over()?.is_some() || is_work()?))?;
            all.over = self.is_over()?;
            if !goes_on || all.over.is_some() {
                all.cancelled = true;
                return Ok(all);
            }
            all.paused = None;
        }
    }

    /// The tasks it was started for that are still to be done.
    fn left(&self) -> Outcome<Option<Vec<Key>>> {
        let Some(wanted) = &self.wanted else { return Ok(None) };
        let desk = self.store.desk();
        let (plan, commons) = (desk.plan(self.plan)?, desk.commons()?);
        Ok(Some(wanted.left(&Look::new(&plan, desk.now()), &commons)))
    }

    /// Why its part in a session is over, where it is. As long as it is not, it is seen there.
    fn is_over(&self) -> Outcome<Option<model::refusal::Refusal>> {
        let Some(part) = &self.part else { return Ok(None) };
        let over = part.is_over(self.store.desk())?;
        if over.is_none() && self.seen.get().elapsed() >= SEEN_EVERY {
            self.seen.set(Instant::now());
            part.be_seen(self.store.desk(), None)?;
        }
        Ok(over)
    }

    /// Says what came of it.
    fn tell(self, all: Came) -> Outcome {
        let (call, desk) = (self.call, self.store.desk());
        let (plan, commons) = (desk.plan(self.plan)?, desk.commons()?);
        let look = Look::new(&plan, desk.now());
        let ends = self.wanted.as_ref().map(|wanted| wanted.ends(&look, &commons));
        if call.ui.wants_json() {
            let mut answer = json!({ "agents": all });
            if let Some(ends) = &ends {
                answer["tasks"] = json!(ends);
            }
            call.ui.json(&answer);
        } else {
            let (attempts, verified) = (all.attempts, all.verified.len());
            call.ui.line(format!(
                "{}, {} verified, {} given up",
                lens::words::count_of(attempts, "attempt"),
                lens::words::count_of(verified, "task"),
                all.failed.len()
            ));
            for end in ends.iter().flatten() {
                call.ui.line(format!("{} {}", end.key, end.in_words()));
            }
        }
        if let Some(why) = all.over.or(all.paused) {
            return Err(why.into());
        }
        let Some(wanted) = &self.wanted else { return Ok(()) };
        wanted.verdict(&look, &commons)
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
