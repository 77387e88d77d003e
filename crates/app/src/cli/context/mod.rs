//! What verbs need of the world around: the store, the plan that is meant, and who asks.
//! Each verb takes what it needs and no more, so that reading makes nothing and starting is cheap.

mod everywhere;
mod gate;
mod identity;
pub mod revisions;
mod task;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::desk::{Denied, Desk, PlanLine};
use engine::store::{self, Fixture, Place, Store};
use model::fault::Fault;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{INTERNAL_FAULT, PLAN_AMBIGUOUS, PLAN_NOT_FOUND, Refusal};

use super::call::Call;
use super::error::{Outcome, Stop};
use super::syncing::Beside;
use super::usage::nearest;
use crate::remote::Line;

pub use everywhere::{Everywhere, OpenedAll};
pub use gate::{find_check, find_gate, find_subject};
pub use identity::Asking;
pub use task::{find_task, task_not_found};

/// A plan of a store, opened.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The plan that is meant.
    pub plan: Arc<Plan>,
    /// How its documents stand beside it.
    pub beside: Beside,
}

impl Opened {
    /// A plan as the journal has it.
    pub fn new(store: Store, plan: Arc<Plan>) -> Self {
        Self { store, plan, beside: Beside::default() }
    }

    /// The plan's id.
    pub fn id(&self) -> PlanId {
        self.plan.id
    }

    /// The plan as a view sees it.
    pub fn look(&self) -> lens::look::Look<'_> {
        let mut look = lens::look::Look::new(&self.plan, self.store.desk().now());
        look.test_store = self.store.is_test();
        look.unsynced = &self.beside.shown;
        look.apart = &self.beside.apart;
        look
    }
}

impl Call {
    /// Opens the store for reading. Where there is none, that is refused and none is made.
    pub fn store_to_read(&self) -> Outcome<Store> {
        let here = folder()?;
        let place = self.place(&here)?;
        if !place.exists {
            return Err(store::not_found().into());
        }
        self.opened(&place, Store::open)
    }

    /// Opens the store for changing a plan in it. Where there is none, there is no plan either.
    pub fn store_to_write(&self) -> Outcome<Store> {
        let here = folder()?;
        let place = self.place(&here)?;
        if !place.exists {
            return Err(store::not_found().into());
        }
        self.opened(&place, Store::open_to_write).map(|store| self.for_this_answer(store))
    }

    /// Opens the store for taking in documents that lie in `beside`; makes it where there is none.
    pub fn store_to_fill(&self, beside: &Path) -> Outcome<Store> {
        let beside = beside.canonicalize().map_err(|error| unusable(beside, &error))?;
        let place = self.place(&beside)?;
        self.opened(&place, Store::create).map(|store| self.for_this_answer(store))
    }

    /// Opens the store for changing it where there is one around `beside`; makes none.
    pub fn store_beside(&self, beside: &Path) -> Outcome<Option<Store>> {
        let beside = beside.canonicalize().map_err(|error| unusable(beside, &error))?;
        let place = self.place(&beside)?;
        if !place.exists {
            return Ok(None);
        }
        self.opened(&place, Store::open_to_write).map(|store| Some(self.for_this_answer(store)))
    }

    /// A store as the program leaves it that ends with this call's answer; one that serves many calls
    /// closes it after each.
    fn for_this_answer(&self, store: Store) -> Store {
        if !self.ui.keeps() {
            store.desk().journal().ends_soon();
        }
        store
    }

    /// Opens a store of this machine, or reaches the server that has it.
    fn opened(
        &self,
        place: &Place,
        open: impl FnOnce(&Place, Fixture) -> Result<Store, Fault>,
    ) -> Outcome<Store> {
        let Some(url) = &place.server else {
            return Ok(open(place, self.fixture())?);
        };
        let line = Line::to(url, self.config.token.value.as_deref())?;
        let store = Store::reach(place, Box::new(line), self.fixture())?;
        if let Some(holder) = store.server().and_then(|server| server.hello().subject.clone()) {
            let _ = self.holder.set(holder);
        }
        Ok(store)
    }

    /// Where the store is, or would be for something that lies in `beside`.
    pub fn place(&self, beside: &Path) -> Outcome<Place> {
        let here = folder()?;
        let from = if self.config.store.value.is_some() { &here } else { beside };
        Ok(Place::find(self.config.store.value.as_deref(), from, beside)?)
    }

    /// A time and a seed from outside, for stores made for tests.
    pub fn fixture(&self) -> Fixture {
        Fixture { now: self.config.now.value, seed: self.config.seed.value }
    }

    /// Opens the plan that is meant, for reading: as its documents have it now.
    pub fn open(&self) -> Outcome<Opened> {
        let opened = self.open_recorded()?;
        let (plan, beside) = self.overlaid(&opened.store, opened.plan)?;
        Ok(Opened { store: opened.store, plan, beside })
    }

    /// Opens the plan that is meant, for reading: as the journal has it, whatever its documents say.
    pub fn open_recorded(&self) -> Outcome<Opened> {
        let store = self.store_to_read()?;
        let plan = self.plan_of(&store)?;
        Ok(Opened::new(store, plan))
    }

    /// Opens the plan that is meant, for changing it. Hand edits of its documents come first.
    pub fn open_to_write(&self) -> Outcome<Opened> {
        let store = self.store_to_write()?;
        let plan = self.plan_of(&store)?;
        let plan = self.take_in_edits(&store, &plan)?;
        Ok(Opened::new(store, plan))
    }

    /// Opens the plan that is meant, for changing what no document says.
    pub fn open_recorded_to_write(&self) -> Outcome<Opened> {
        let store = self.store_to_write()?;
        let plan = self.plan_of(&store)?;
        Ok(Opened::new(store, plan))
    }

    /// The plan that is meant: the one that was named, else the only one.
    pub fn plan_of(&self, store: &Store) -> Outcome<Arc<Plan>> {
        let plans = store.desk().plans()?;
        let id = self.meant(&plans)?;
        let plan = store.desk().plan(id)?;
        // The program ends with its answer; taking a large plan apart first would only take time.
        std::mem::forget(Arc::clone(&plan));
        Ok(plan)
    }

    /// The plan that has this key or id.
    pub fn plan_named(&self, store: &Store, named: &str) -> Outcome<Arc<Plan>> {
        let id = named_one(&store.desk().plans()?, named)?;
        Ok(store.desk().plan(id)?)
    }

    fn meant(&self, plans: &[PlanLine]) -> Result<PlanId, Refusal> {
        if let Some(named) = &self.config.plan.value {
            return named_one(plans, named);
        }
        match plans {
            [] => Err(Refusal::new(PLAN_NOT_FOUND, "there is no plan in this store yet")
                .hint("take one in with `countersign adopt PLAN.md` or `countersign run PLAN.md`")),
            [only] => Ok(only.id),
            several => {
                let mut no = Refusal::new(
                    PLAN_AMBIGUOUS,
                    format!("this store holds {} plans and none was named", several.len()),
                )
                .hint("name one with `--plan KEY`");
                no.facts = listed(plans);
                Err(no)
            }
        }
    }
}

fn named_one(plans: &[PlanLine], named: &str) -> Result<PlanId, Refusal> {
    let found = plans.iter().find(|plan| plan.key.as_str() == named || plan.id.to_string() == *named);
    found.map(|plan| plan.id).ok_or_else(|| {
        let mut no = Refusal::new(PLAN_NOT_FOUND, format!("there is no plan `{named}` in this store"))
            .with("plan", named);
        no.facts = listed(plans);
        match nearest(named, plans.iter().map(|plan| plan.key.as_str())) {
            Some(near) => no.hint(format!("did you mean `{near}`?")),
            None => no,
        }
    })
}

fn listed(plans: &[PlanLine]) -> Vec<String> {
    plans.iter().map(|plan| format!("{}  {}", plan.key, plan.title)).collect()
}

impl From<Denied> for Stop {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::Refused(refusal),
            Denied::Down(fault) => Self::Fault(fault),
        }
    }
}

/// The folder the program was started in.
fn folder() -> Outcome<PathBuf> {
    std::env::current_dir().map_err(|error| unusable(Path::new("."), &error))
}

fn unusable(path: &Path, error: &std::io::Error) -> Stop {
    let why = super::error::plain(error);
    Fault::new(INTERNAL_FAULT, format!("the folder `{}` cannot be used: {why}", path.display())).into()
}
