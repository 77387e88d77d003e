//! What the store knows of documents that are linted: the words they were adopted with. A store
//! that cannot be read is said so, and the linting goes on without it.

use std::path::Path;
use std::sync::Arc;

use engine::desk::Desk as _;
use engine::documents::SIDECAR_FORMAT;
use engine::store::Store;
use jiff::Timestamp;
use journal::Kept;
use model::draft::Draft;
use model::fault::Fault;
use model::plan::Plan;

use crate::cli::call::Call;
use crate::cli::error::Outcome;

/// A store beside the documents.
pub(super) struct Known {
    store: Store,
    plans: Vec<Arc<Plan>>,
}

impl Known {
    /// The store, where there is one.
    pub(super) fn of(call: &Call) -> Option<Self> {
        match Self::read(call) {
            Ok(known) => known,
            Err(stop) => {
                call.ui.warn(format!(
                    "the store could not be read (`{}`), so what keys meant before is not known",
                    stop.code()
                ));
                None
            }
        }
    }

    fn read(call: &Call) -> Outcome<Option<Self>> {
        let here = std::env::current_dir().unwrap_or_default();
        if !call.place(&here)?.exists {
            return Ok(None);
        }
        let store = call.store_to_read()?;
        let mut plans = Vec::new();
        for line in store.desk().plans()? {
            plans.push(store.desk().plan(line.id)?);
        }
        Ok(Some(Self { store, plans }))
    }

    /// The moment of linting, which a store for tests may make up.
    pub(super) fn now(&self) -> Timestamp {
        self.store.desk().now()
    }

    /// The document as it was adopted last.
    pub(super) fn previous(&self, call: &Call, document: &Path) -> Option<Draft> {
        self.adopted(document).unwrap_or_else(|fault| {
            call.ui.warn(format!("`{}` as it was adopted: {}", document.display(), fault.message));
            None
        })
    }

    fn adopted(&self, document: &Path) -> Result<Option<Draft>, Fault> {
        let path = self.store.relative(document);
        let sources = self.plans.iter().flat_map(|plan| &plan.sources);
        let Some(source) = sources.into_iter().find(|one| one.path == path && one.format != SIDECAR_FORMAT)
        else {
            return Ok(None);
        };
        let kept = self.store.desk().journal().blob(&source.digest)?;
        Ok(kept.and_then(Kept::bytes).map(|bytes| formats::read(&path, &bytes).draft))
    }
}
