//! Which plan the verbs of `execution-plan.json` mean: `dashboard`, `weekly`, `update`, `metrics`
//! and `validate`.
//!
//! The first that says so decides: a file named on the command line; `--plan KEY`; the variable
//! `EXECUTION_PLAN_PATH`; `COUNTERSIGN_PLAN` or the user's file; a file `execution-plan.json` in
//! the current folder; the only plan of the store. So whoever lives by the file never meets a
//! store they did not ask for, and whoever names a plan gets that one.

mod keeping;

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use engine::desk::Desk as _;
use engine::ids::RandomIds;
use engine::store::Store;
use formats::Reading;
use formats::diagnostics::{Lines, Position};
use formats::lint::{Surroundings, lint};
use model::actor::By;
use model::apply::{Stamp, apply};
use model::command::Command;
use model::context::{Context, Ids as _};
use model::definition::Definition;
use model::diagnostic::{Diagnostic, Severity};
use model::digest::Digest;
use model::ids::PlanId;
use model::plan::{Plan, Source};
use model::refusal::{DEPENDENCY_CYCLE, FILE_NOT_FOUND, KEY_DUPLICATE, PLAN_INVALID, Refusal};
use model::ruling::rule;
use model::settings::Settings;

use super::call::Call;
use super::context::Opened;
use super::error::{Outcome, Stop};
use crate::config::Origin;

pub use keeping::{KEEPS_FILE, Kept};

/// The format of the file.
pub const FORMAT: &str = lens::views::dashboard::EXECUTION_PLAN;

/// The file's name where nobody gives another.
const DEFAULT: &str = "execution-plan.json";

/// The variable that the file's users know; empty means that it is not set.
const VARIABLE: &str = "EXECUTION_PLAN_PATH";

/// Codes that the choice of a plan can end with, beyond those of reading a store.
pub const NAMES_FILE: &[&str] = &[FILE_NOT_FOUND, PLAN_INVALID, KEY_DUPLICATE, DEPENDENCY_CYCLE];

/// Codes of faults after which half of the file would be guessed.
const STRUCTURAL: [&str; 6] = [
    "document/malformed",
    "document/field-invalid",
    "document/too-deep",
    "document/too-large",
    "text/invalid-encoding",
    "plan/duplicate-key",
];

/// The plan that is meant.
pub enum Meant {
    /// A file.
    File(Box<PlanFile>),
    /// A plan of the store whose documents are of another kind.
    Store(Box<Opened>),
}

/// A plan file as it is on disk.
pub struct PlanFile {
    /// Where it lies, from the root.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What could be made of it.
    pub reading: Reading,
}

/// A fault of a plan file, with its place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileFault {
    /// What kind of fault.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// On which line, from 1.
    pub line: u32,
    /// In which column, from 1.
    pub column: u32,
    /// What would help.
    pub help: Option<String>,
}

impl Call {
    /// The plan that is meant, where `named` is what the command line says.
    pub fn plan_meant(&self, named: Option<&str>) -> Outcome<Meant> {
        if let Some(file) = self.file_meant(named)? {
            return Ok(Meant::File(Box::new(file)));
        }
        let opened = self.open()?;
        Ok(match file_of(&opened)? {
            Some(file) => Meant::File(Box::new(file)),
            None => Meant::Store(Box::new(opened)),
        })
    }

    /// The file that is meant, where one is rather than a plan of the store.
    pub fn file_meant(&self, named: Option<&str>) -> Outcome<Option<PlanFile>> {
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let read = |path: &Path| PlanFile::read(plain(&here.join(path))).map(Some);
        if let Some(named) = named {
            return read(Path::new(named));
        }
        let flag = matches!(self.config.plan.origin, Origin::Flag(_));
        if let Some(path) = variable().filter(|_| !flag) {
            return read(Path::new(&path));
        }
        if self.config.plan.value.is_some() {
            return Ok(None);
        }
        if Path::new(DEFAULT).exists() {
            return read(Path::new(DEFAULT));
        }
        if !self.place(&here)?.exists {
            return Err(not_found(&here.join(DEFAULT)).into());
        }
        Ok(None)
    }

    /// The plan that a file was adopted as, in the store around it; nothing where there is none.
    pub fn adopted(&self, file: &PlanFile) -> Outcome<Option<Opened>> {
        let place = self.place(file.folder())?;
        if !place.exists {
            return Ok(None);
        }
        let store = Store::open(&place, self.fixture())?;
        let path = store.relative(&file.path);
        for line in store.desk().plans()? {
            let plan = store.desk().plan(line.id)?;
            if plan.sources.iter().any(|source| source.path == path) {
                return Ok(Some(Opened::new(store, plan)));
            }
        }
        Ok(None)
    }
}

impl PlanFile {
    /// Reads a plan file.
    pub fn read(path: PathBuf) -> Outcome<Self> {
        let shown = path.display().to_string();
        if path.is_dir() {
            let no = Refusal::new(PLAN_INVALID, format!("`{shown}` is a folder, not a plan file"));
            return Err(no.hint("name the file in it").with("path", shown).into());
        }
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => not_found(&path).into(),
            _ => Stop::file(&shown, "read", &error),
        })?;
        let reading = formats::read(&shown, &bytes);
        Ok(Self { path, bytes, reading })
    }

    /// The same file, where it is of this format.
    pub fn of_format(self, format: &str) -> Result<Self, Refusal> {
        if self.reading.draft.format == format {
            return Ok(self);
        }
        let shown = self.shown();
        Err(Refusal::new(
            PLAN_INVALID,
            format!("`{shown}` is no execution plan, but {}", self.reading.draft.format),
        )
        .hint("take it in with `countersign adopt`, then name the plan with `--plan KEY`")
        .with("path", shown))
    }

    /// The path as people know it.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Refuses a file of which half would be guessed: truncated, wrongly typed, or with ids that
    /// stand twice. A value that is merely not allowed is no obstacle to showing the others.
    pub fn sound(&self, call: &Call) -> Result<(), Refusal> {
        let Reading { draft, diagnostics, .. } = &self.reading;
        let mut ids = HashSet::with_capacity(draft.tasks.len());
        let twice = draft.tasks.iter().any(|task| !ids.insert(&task.key));
        // Looking at everything that might be odd takes longer than most of what is asked for.
        if !twice && diagnostics.iter().all(|fault| !STRUCTURAL.contains(&fault.code)) {
            return Ok(());
        }
        let faults = self.faults(call).into_iter();
        let faults: Vec<FileFault> = faults.filter(|fault| STRUCTURAL.contains(&fault.code)).collect();
        self.refusal(&faults).map_or(Ok(()), Err)
    }

    /// Every fault: what cannot be read, and what cannot be governed.
    pub fn faults(&self, call: &Call) -> Vec<FileFault> {
        let Reading { text, draft, diagnostics } = &self.reading;
        let settings = Settings::for_format(draft.format);
        let found = lint(text, draft, diagnostics, &Surroundings::bare(call.now()), &settings);
        let lines = Lines::new(text);
        let errors = found
            .into_iter()
            .filter(|fault| fault.severity == Severity::Error || STRUCTURAL.contains(&fault.code));
        errors.map(|fault| located(&lines, fault)).collect()
    }

    /// The refusal that faults make.
    pub fn refusal(&self, faults: &[FileFault]) -> Option<Refusal> {
        let first = faults.first()?;
        let code = match first.code {
            "plan/duplicate-key" => KEY_DUPLICATE,
            "plan/cycle" => DEPENDENCY_CYCLE,
            _ => PLAN_INVALID,
        };
        let mut no = Refusal::new(code, first.message.clone()).with("path", self.shown());
        no.facts.push(self.place_of(first));
        no.facts.extend(
            faults.iter().skip(1).map(|fault| format!("{}: {}", self.place_of(fault), fault.message)),
        );
        Some(match &first.help {
            Some(help) => no.hint(help.clone()),
            None => no.hint("see every fault with `countersign validate`; the file was left as it is"),
        })
    }

    /// `path:line:column`.
    pub fn place_of(&self, fault: &FileFault) -> String {
        format!("{}:{}:{}", self.shown(), fault.line, fault.column)
    }

    /// The plan that the file would be adopted as; nothing is recorded.
    pub fn plan(&self, call: &Call) -> Result<Plan, Refusal> {
        let Reading { text, draft, .. } = &self.reading;
        let mut definition = Definition::from_drafts(vec![draft.clone()], Settings::for_format(draft.format));
        let digest = Digest::sha256(text.as_bytes());
        definition.sources = vec![Source { path: self.shown(), format: draft.format.to_owned(), digest }];
        let mut ids = RandomIds::from_system();
        let (now, by) = (call.now(), By::document());
        let mut plan = Plan::empty(PlanId::from_bits(ids.next(now)));
        let mut context = Context { now, by: &by, agent_present: false, fence: None, ids: &mut ids };
        for event in rule(&plan, Command::AdoptPlan(Box::new(definition)), &mut context)? {
            let seq = plan.seq.next();
            apply(&mut plan, &event, Stamp { seq, at: now, by: &by });
        }
        Ok(plan)
    }

    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    /// The file's own values; a file of another format has none.
    pub fn values(&self) -> Option<serde_json::Value> {
        let is_json = self.reading.draft.format == FORMAT;
        is_json.then(|| formats::execution_plan::values(&self.reading.text)).flatten()
    }
}

fn located(lines: &Lines<'_>, fault: Diagnostic) -> FileFault {
    let Position { line, column } = lines.position(fault.span.start);
    FileFault { code: fault.code, message: fault.message, line, column, help: fault.help }
}

fn not_found(path: &Path) -> Refusal {
    Refusal::new(FILE_NOT_FOUND, format!("Plan file not found at {}", path.display()))
        .hint("name another with `EXECUTION_PLAN_PATH`, begin one with `countersign new execution-plan`, or take a plan in with `countersign adopt PLAN.md`")
        .with("path", path.display().to_string())
}

fn variable() -> Option<OsString> {
    std::env::var_os(VARIABLE).filter(|path| !path.is_empty())
}

/// The file that a plan of the store lives by, where it does.
pub fn file_of(opened: &Opened) -> Outcome<Option<PlanFile>> {
    only_file(&opened.plan).map(|recorded| PlanFile::read(opened.store.absolute(recorded))).transpose()
}

fn only_file(plan: &Plan) -> Option<&str> {
    let mut documents =
        plan.sources.iter().filter(|source| source.format != engine::documents::SIDECAR_FORMAT);
    let first = documents.next().filter(|source| source.format == FORMAT)?;
    documents.next().is_none().then_some(&first.path)
}

/// A path without `.` and `..`, as far as its text alone tells.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
