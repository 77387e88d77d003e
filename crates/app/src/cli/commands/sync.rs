//! `sync`: brings documents and journal in step, or says whether they are, or keeps them so.

mod shown;
mod watching;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::desk::Desk as _;
use engine::documents::plans_with;
use engine::store::Store;
use engine::sync::{self, Options, Side, Synced};
use model::ids::{Key, PlanId};
use model::plan::Plan;
use model::refusal::{
    DOCUMENT_UNWRITABLE, FILE_NOT_FOUND, PLAN_MOVED, PLAN_NOT_FOUND, Refusal, STORE_NOT_FOUND,
};

use crate::cli::call::Call;
use crate::cli::context::{Everywhere, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, TAKES_IN, Verb, WRITES_STORE};
use shown::Shown;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Sync>(
    "sync",
    Group::Author,
    "brings plan documents and the journal in step, field by field, in both directions",
    &[&[DOCUMENT_UNWRITABLE], TAKES_IN, READS_STORE, WRITES_STORE, NAMES_TASK],
)
.daily();

#[derive(Debug, Args)]
struct Sync {
    /// A document of the plan; with `--take` also keys of tasks, about which that decides
    #[arg(value_name = "FILE|KEY")]
    named: Vec<String>,
    /// Which side prevails where both changed a field to different things
    #[arg(long, value_enum, value_name = "SIDE")]
    take: Option<Take>,
    /// Only says whether they are in step, by its exit status too; writes nothing
    #[arg(long, conflicts_with_all = ["watch", "dry_run"])]
    check: bool,
    /// Says what would be done; writes nothing
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,
    /// Goes on until it is stopped, whenever a document or the journal changes
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    everywhere: Everywhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Take {
    /// What the document says
    Document,
    /// What the journal says
    Journal,
}

impl Handler for Sync {
    fn run(self, call: &Call) -> Outcome {
        let looks_only = self.check || self.dry_run;
        let store = self.store(call, looks_only)?;
        let (plans, keys) = self.meant(call, &store)?;
        let options = Options {
            take: self.take.map(|take| match take {
                Take::Document => Side::Document,
                Take::Journal => Side::Journal,
            }),
            keys,
            check_only: looks_only,
        };
        if self.watch {
            return watching::watch(call, &store, &plans, &options);
        }
        let mut done = Vec::with_capacity(plans.len());
        for plan in plans {
            let synced = sync::sync(&store, plan, &call.request()?, &options)?;
            done.push((plan, synced));
        }
        self.say(call, &store, done)
    }
}

impl Sync {
    /// The store around the first document that was named, else around the current folder.
    fn store(&self, call: &Call, looks_only: bool) -> Outcome<Store> {
        let named = self.named.iter().map(Path::new).find(|path| path.exists());
        let beside = named.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        match (beside, looks_only) {
            (Some(beside), false) => {
                call.store_beside(beside)?.ok_or_else(|| engine::store::not_found().into())
            }
            (_, false) => call.store_to_write(),
            (_, true) => call.store_to_read(),
        }
    }

    /// The plans that are meant, and the tasks that `--take` decides about.
    fn meant(&self, call: &Call, store: &Store) -> Outcome<(Vec<PlanId>, Vec<Key>)> {
        let is_file = |named: &&String| self.take.is_none() || Path::new(named).is_file();
        let (files, keys): (Vec<&String>, Vec<&String>) = self.named.iter().partition(is_file);
        let files: Vec<PathBuf> = files.into_iter().map(PathBuf::from).collect();
        let mut plans = Vec::new();
        for file in &files {
            let of_file = plans_with(store, std::slice::from_ref(file))?;
            if of_file.is_empty() {
                return Err(unknown(file));
            }
            plans.extend(of_file);
        }
        if self.everywhere.all_plans {
            for line in store.desk().plans()? {
                plans.push(store.desk().plan(line.id)?);
            }
            plans.retain(|plan| self.everywhere.archived || !plan.settings.archived);
        } else if files.is_empty() {
            plans.push(call.plan_of(store)?);
        }
        let keys: Result<Vec<Key>, Refusal> =
            keys.into_iter().map(|key| first_with(&plans, key).cloned()).collect();
        let mut ids: Vec<PlanId> = Vec::new();
        for plan in plans {
            if !ids.contains(&plan.id) {
                ids.push(plan.id);
            }
        }
        Ok((ids, keys?))
    }

    fn say(&self, call: &Call, store: &Store, done: Vec<(PlanId, Synced)>) -> Outcome {
        let several = done.len() > 1;
        let (mut out_of_step, mut unwritten, mut conflicts) = (false, false, Vec::new());
        let mut all = Vec::with_capacity(done.len());
        for (plan, synced) in done {
            let plan = store.desk().plan(plan)?;
            out_of_step |= !shown::in_step(&synced);
            unwritten |= !synced.left.is_empty();
            conflicts.extend(synced.conflicts.iter().cloned());
            all.push(Shown::of(&plan, synced, self.check || self.dry_run));
        }
        if call.ui.wants_json() && several {
            call.ui.json(&serde_json::json!({ "plans": all }));
        } else {
            for one in &all {
                call.show(one);
            }
        }
        if !conflicts.is_empty() && !self.dry_run {
            return Err(sync::moved(&conflicts).into());
        }
        match (self.check, self.dry_run) {
            (true, _) if out_of_step => Err(Stop::Said(PLAN_MOVED)),
            (false, false) if unwritten => Err(Stop::Said(DOCUMENT_UNWRITABLE)),
            _ => Ok(()),
        }
    }
}

fn first_with<'p>(plans: &'p [std::sync::Arc<Plan>], key: &str) -> Result<&'p Key, Refusal> {
    let mut no = None;
    for plan in plans {
        match find_task(plan, key) {
            Ok(task) => return Ok(&task.key),
            Err(refusal) => no = no.or(Some(refusal)),
        }
    }
    Err(no.unwrap_or_else(|| Refusal::new(STORE_NOT_FOUND, "there is no plan to look in")))
}

fn unknown(file: &Path) -> Stop {
    let name = file.display();
    if !file.exists() {
        return Refusal::new(FILE_NOT_FOUND, format!("`{name}` does not exist"))
            .with("path", name.to_string())
            .into();
    }
    Refusal::new(PLAN_NOT_FOUND, format!("`{name}` belongs to no plan of this store"))
        .hint(format!("bring it under control with `countersign adopt {name}`"))
        .into()
}
