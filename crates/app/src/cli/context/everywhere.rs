//! Asking every plan of a store.

use std::sync::Arc;

use clap::Args;
use engine::desk::Desk as _;
use engine::store::Store;
use lens::look::Look;
use model::plan::Plan;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::syncing::Beside;

/// Options of verbs that can ask every plan of the store.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Everywhere {
    /// Asks every plan of the store
    #[arg(long)]
    pub all_plans: bool,
    /// Archived plans too
    #[arg(long, requires = "all_plans")]
    pub archived: bool,
}

/// Every plan of a store, opened.
pub struct OpenedAll {
    /// The store.
    pub store: Store,
    /// In the order they were adopted, each with how its documents stand beside it.
    pub plans: Vec<(Arc<Plan>, Beside)>,
}

impl OpenedAll {
    /// The plans as views see them.
    pub fn looks(&self) -> Vec<Look<'_>> {
        let (now, test_store) = (self.store.desk().now(), self.store.is_test());
        self.plans
            .iter()
            .map(|(plan, beside)| Look {
                test_store,
                unsynced: &beside.shown,
                apart: &beside.apart,
                ..Look::new(plan, now)
            })
            .collect()
    }

    /// Those of them that are asked.
    pub fn looks_of(&self, whom: Everywhere) -> Vec<Look<'_>> {
        let mut looks = self.looks();
        looks.retain(|look| whom.archived || !look.plan.settings.archived);
        looks
    }
}

impl Call {
    /// Opens every plan of the store, for reading.
    pub fn open_all(&self) -> Outcome<OpenedAll> {
        let store = self.store_to_read()?;
        let mut plans = Vec::new();
        for line in store.desk().plans()? {
            let plan = store.desk().plan(line.id)?;
            // The program ends with its answer; taking plans apart first would only take time.
            std::mem::forget(Arc::clone(&plan));
            plans.push(self.overlaid(&store, plan)?);
        }
        Ok(OpenedAll { store, plans })
    }
}
