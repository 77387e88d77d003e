//! What every view looks at: a plan, the moment, and what whoever reads must be told with it.

use jiff::Timestamp;
use model::ids::{Revision, Seq};
use model::plan::Plan;
use model::settings::Trust;
use serde::Serialize;

use crate::page::{Page, Tone};

/// A plan and the moment it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The plan, now or as of some event.
    pub plan: &'a Plan,
    /// The moment.
    pub now: Timestamp,
    /// Whether the store was made for tests, so that its clock may lie.
    pub test_store: bool,
    /// Documents whose edits were not taken in yet, but are shown.
    pub unsynced: &'a [String],
    /// Documents that say something else than is shown, and why: `PLAN.md` is an earlier version.
    pub apart: &'a [String],
}

impl<'a> Look<'a> {
    /// A look at a plan in a real store, its documents in step.
    pub fn new(plan: &'a Plan, now: Timestamp) -> Self {
        Self { plan, now, test_store: false, unsynced: &[], apart: &[] }
    }

    /// What stands above every answer about the plan.
    pub fn head(&self) -> Head<'a> {
        Head {
            key: self.plan.key.as_str(),
            title: &self.plan.title,
            revision: self.plan.revision,
            seq: self.plan.seq,
            now: self.now,
            caveats: self.caveats(),
        }
    }

    fn caveats(&self) -> Vec<Caveat> {
        let settings = &self.plan.settings;
        let mut caveats = Vec::new();
        let mut add = |code, text: String| caveats.push(Caveat { code, text });
        if self.test_store {
            add("test_store", "a test store: its clock and ids are made up".to_owned());
        }
        if settings.solo {
            add("solo", "a one-person plan (`solo`): people may approve what they did themselves".to_owned());
        }
        if settings.trust == Trust::Document {
            add("trust_document", "the document's word counts (`trust = \"document\"`)".to_owned());
        }
        if !self.unsynced.is_empty() {
            let files = self.unsynced.join(", ");
            add("unsynced", format!("with edits of {files} that were not taken in yet"));
        }
        for apart in self.apart {
            add("apart", format!("{apart}; shown is what the journal has"));
        }
        if self.plan.proposed_settings.is_some() {
            add(
                "settings_proposed",
                "looser settings wait for approval; the old ones are in force".to_owned(),
            );
        }
        caveats
    }
}

/// What stands above every answer about a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head<'a> {
    /// The plan's key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The revision in force.
    pub revision: Revision,
    /// The last event the answer knows.
    pub seq: Seq,
    /// The moment it is true of.
    pub now: Timestamp,
    /// What whoever reads it must be told.
    pub caveats: Vec<Caveat>,
}

/// Something whoever reads an answer must be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caveat {
    /// Stable: `test_store`, `solo`, `trust_document`, `unsynced`, `apart`, `settings_proposed`.
    pub code: &'static str,
    /// One line.
    pub text: String,
}

impl Head<'_> {
    /// Adds the caveats to a page, as its last lines.
    pub fn warn(&self, page: &mut Page) {
        for caveat in &self.caveats {
            page.paragraph(Tone::Warn.cell(format!("note: {}", caveat.text)));
        }
    }
}
