//! Exchange with other tools: their files in, their files out, and a list of whatever one side
//! cannot hold. Pure: contents are handed in and given back; nothing here touches a file.
//!
//! Each peer is one file. It reads its own shape into a [`Draft`], so that `adopt`, `lint` and
//! `import` understand it alike, and writes a [`Plan`] in it. What a peer can hold is said once, in
//! [`Peer::holds`]; what a plan says beyond that is listed by [`export`], whichever peer it is.
//! Start reading at [`Peer`]; a new one is a file here and a line in [`peers`].

mod backlog;
mod beads;
mod csv;
mod field;
mod github;
mod item;
mod json;
mod lost;
mod names;
mod spec_kit;
mod task_master;
mod text;

use model::diagnostic::{Diagnostic, Severity};
use model::draft::Draft;
use model::ids::Key;
use model::plan::Plan;

use crate::encoding;
use crate::reading::{Format, MAX_DOCUMENT_BYTES};

pub use backlog::Backlog;
pub use beads::Beads;
pub use csv::Csv;
pub use field::{Field, Holds};
pub use github::Github;
pub use lost::{Gathered, Lost, gather};
pub use names::file_name;
pub use spec_kit::SpecKit;
pub use task_master::TaskMaster;

/// Another tool whose files are read and written.
pub trait Peer: Format {
    /// As its users call it: `Beads`.
    fn title(&self) -> &'static str;

    /// Where its file lies in its own world; a folder ends in `/`.
    fn place(&self) -> &'static str;

    /// Reads one of its files; never fails, says what is odd and what could not be carried.
    fn import(&self, text: &str, path: &str) -> Imported;

    /// How much of a field its files can hold.
    fn holds(&self, field: Field) -> Holds;

    /// Writes a plan in its shape, and lists what of the fields it holds did not fit after all.
    fn write(&self, plan: &Plan, wishes: Wishes) -> Exported;

    /// The format its files are read as from then on: its own, or one they are a case of.
    fn document(&self) -> &'static str {
        self.name()
    }

    /// Whether a file is this peer's, where nobody said whose it is.
    fn owns(&self, path: &str, text: &str) -> bool {
        self.recognises(path, text)
    }

    /// What a file below a folder is to it, judged by its path there.
    fn pick(&self, path: &str) -> Pick {
        let file = self.place().rsplit('/').next().unwrap_or_default();
        if self.place() == path || path == file { Pick::Plan } else { Pick::Foreign }
    }
}

/// What could be read from a peer's file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// What it says.
    pub draft: Draft,
    /// What is odd about it.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be carried.
    pub lost: Vec<Lost>,
}

/// A plan in a peer's shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// The files, the first one the most important.
    pub files: Vec<OutFile>,
    /// What they do not hold.
    pub lost: Vec<Lost>,
}

/// What a file of a folder is to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Part of the plan.
    Plan,
    /// The peer's, and left out, for this reason.
    Left(&'static str),
    /// Not the peer's at all.
    Foreign,
}

/// How a plan is to be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Cells as they are, also those that a spreadsheet would take for a formula.
    pub raw_cells: bool,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFile {
    /// A plain name, or one below a folder: safe to be joined to any folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Every peer.
pub fn peers() -> &'static [&'static dyn Peer] {
    &[&Beads, &TaskMaster, &Backlog, &SpecKit, &Github, &Csv]
}

/// The peer of this name.
pub fn peer(name: &str) -> Option<&'static dyn Peer> {
    peers().iter().copied().find(|peer| peer.name() == name)
}

/// The peer whose file this seems to be.
pub fn recognise(path: &str, bytes: &[u8]) -> Option<&'static dyn Peer> {
    let text = encoding::decode(bytes.get(..MAX_DOCUMENT_BYTES).unwrap_or(bytes)).text;
    peers().iter().copied().find(|peer| peer.owns(path, &text))
}

/// Reads a peer's file. Any bytes at all may be handed in.
pub fn import(peer: &dyn Peer, path: &str, bytes: &[u8]) -> Imported {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let reading = crate::reading::too_large(path, bytes.len());
        return Imported { draft: reading.draft, diagnostics: reading.diagnostics, lost: Vec::new() };
    }
    let decoded = encoding::decode(bytes);
    let mut imported = peer.import(&decoded.text, path);
    imported.diagnostics.splice(..0, decoded.diagnostics);
    imported.lost.sort_by_key(|lost| lost.line);
    imported
}

/// Writes a plan in a peer's shape, and lists everything it does not hold.
pub fn export(peer: &dyn Peer, plan: &Plan, wishes: Wishes) -> Exported {
    let mut exported = peer.write(plan, wishes);
    exported.lost.extend(field::not_held(peer, plan));
    exported
}

/// Whether anything is so wrong with a file that part of it was not read at all.
pub fn is_torn(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|found| found.severity == Severity::Error && is_torn_by(found))
}

/// Whether this is why part of a file was not read at all.
pub fn is_torn_by(found: &Diagnostic) -> bool {
    const TORN: [&str; 4] =
        ["document/malformed", "document/too-deep", "document/too-large", "text/invalid-encoding"];
    TORN.contains(&found.code)
}

/// Needs and parents that name nothing in the files: no plan can hold them.
pub fn strays<'d>(drafts: impl IntoIterator<Item = (&'d str, &'d Draft)> + Clone) -> Vec<Lost> {
    let all = drafts.clone().into_iter().flat_map(|(_, draft)| &draft.tasks);
    let known: std::collections::HashSet<&Key> = all.map(|task| &task.key).collect();
    let mut lost = Vec::new();
    for (path, draft) in drafts {
        for task in &draft.tasks {
            let strays = task.needs.iter().map(|need| ("needs", need));
            let strays = strays.chain(task.parent.as_ref().map(|parent| ("parent", parent)));
            for (field, name) in strays.filter(|(_, name)| !known.contains(name)) {
                let why = "names nothing that came along";
                lost.push(Lost::new(path, task.line, field, name.as_str(), why).of(task.key.as_str()));
            }
        }
    }
    lost
}

/// Tasks that are part of one another in a circle, as one meets them walking up from the first.
pub fn circle<'d>(drafts: impl IntoIterator<Item = &'d Draft>) -> Option<Vec<&'d Key>> {
    use std::collections::{HashMap, HashSet};
    let tasks = drafts.into_iter().flat_map(|draft| &draft.tasks);
    let above: HashMap<&Key, &Key> =
        tasks.filter_map(|task| Some((&task.key, task.parent.as_ref()?))).collect();
    let mut done: HashSet<&Key> = HashSet::new();
    for start in above.keys() {
        let mut path: Vec<&Key> = Vec::new();
        let mut on_path: HashSet<&Key> = HashSet::new();
        let mut at = Some(*start);
        while let Some(key) = at.filter(|key| !done.contains(key)) {
            if !on_path.insert(key) {
                path.drain(..path.iter().position(|known| *known == key).unwrap_or(0));
                path.push(key);
                return Some(path);
            }
            path.push(key);
            at = above.get(key).copied();
        }
        done.extend(path);
    }
    None
}
