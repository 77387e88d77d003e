//! Plan documents on disk: reading them, finding the plan they belong to, taking them in.
//!
//! What is taken in is read from the text as it is stored, that is, without its secrets: the plan
//! and the documents on record never say different things. Never writes a document.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use formats::Reading;
use formats::diagnostics::{Lines, Position};
use formats::sidecar::{self, AgentConfig, Sidecar};
use journal::Blob;
use model::check::CheckSpec;
use model::command::Command;
use model::definition::{Definition, GateDefinition};
use model::diagnostic::Diagnostic;
use model::draft::Draft;
use model::fault::Fault;
use model::ids::{Key, PlanId, slug};
use model::plan::{Plan, Source};
use model::refusal::{KEY_DUPLICATE, PLAN_INVALID, Refusal, STORE_REMOTE};
use model::settings::Settings;

use crate::checks;
use crate::desk::{Denied, Desk, LocalDesk, Receipt, Request};
use crate::redact::Redactor;
use crate::store::Store;
use crate::sync::history::text_of;

/// The sidecar's name, beside the plan.
pub const SIDECAR: &str = "countersign.toml";

/// The name under which a sidecar stands among a plan's sources.
pub const SIDECAR_FORMAT: &str = "sidecar";

/// The documents of one plan as they are on disk.
#[derive(Debug)]
pub struct Documents {
    /// In the order they were named.
    pub documents: Vec<Document>,
    /// The sidecar beside the first of them.
    pub sidecar: Option<SidecarFile>,
    /// The key a new plan is to have, instead of one made from the first document's name.
    pub key: Option<Key>,
}

/// A document as it is on disk.
#[derive(Debug)]
pub struct Document {
    /// As it was named.
    pub path: PathBuf,
    /// What could be made of it.
    pub reading: Reading,
    /// The format it was said to have.
    format: Option<String>,
    bytes: Vec<u8>,
    /// Whether the reading is of stored text that says something else than the bytes.
    apart: bool,
}

/// A document whose contents are at hand.
#[derive(Debug)]
pub struct Contents {
    /// Where it lies.
    pub path: PathBuf,
    /// The format it is of.
    pub format: String,
    /// What goes on record.
    pub bytes: Vec<u8>,
    /// The stored text that is to be understood in place of the bytes, where that is another.
    pub says: Option<Vec<u8>>,
    /// The path on record, by which what it says names it.
    pub source: String,
    /// What the bytes say, where that is known already.
    pub reading: Option<Reading>,
}

/// What a document said, as text or understood already.
pub(crate) enum Said {
    /// Its stored text.
    Text(Vec<u8>),
    /// What it says.
    Draft(Box<Draft>),
}

/// A sidecar as it is on disk.
#[derive(Debug)]
pub struct SidecarFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What could be made of it.
    pub read: Sidecar,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that could not be read.
#[derive(Debug)]
pub struct Unread {
    /// As it was named.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

/// What taking documents in has come to.
#[derive(Debug, Clone)]
pub enum TakenIn {
    /// The plan is new.
    Adopted(Receipt),
    /// The plan has a new revision.
    Revised(Receipt),
    /// The documents are as they were taken in last.
    Unchanged(PlanId),
}

impl TakenIn {
    /// The plan.
    pub fn plan(&self) -> PlanId {
        match self {
            Self::Adopted(receipt) | Self::Revised(receipt) => receipt.plan,
            Self::Unchanged(plan) => *plan,
        }
    }
}

impl Documents {
    /// Reads documents, and the sidecar beside the first of them.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Unread> {
        Self::read_as(paths, None)
    }

    /// Reads documents of a format that is known already, and the sidecar beside the first of them.
    pub fn read_as(paths: &[PathBuf], format: Option<&'static str>) -> Result<Self, Unread> {
        let mut documents = Vec::with_capacity(paths.len());
        for path in paths {
            let unread = |error| Unread { path: path.clone(), error };
            if path.is_dir() {
                return Err(unread(io::Error::from(io::ErrorKind::IsADirectory)));
            }
            let bytes = std::fs::read(path).map_err(unread)?;
            let reading = formats::read_as(format, &path.to_string_lossy(), &bytes);
            let format = format.map(str::to_owned);
            documents.push(Document { path: path.clone(), reading, format, bytes, apart: false });
        }
        Self::with_sidecar(documents)
    }

    /// Documents whose contents are at hand, with a sidecar that is at hand too, else the one beside
    /// the first of them.
    pub fn of(contents: Vec<Contents>, sidecar: Option<(PathBuf, String)>) -> Result<Self, Unread> {
        let documents = contents.into_iter().map(|contents| {
            let Contents { path, format, bytes, says, source, reading } = contents;
            let text = says.as_ref().unwrap_or(&bytes);
            let reading = reading.unwrap_or_else(|| formats::read_as(Some(&format), &source, text));
            Document { path, reading, format: Some(format), bytes, apart: says.is_some() }
        });
        let documents: Vec<Document> = documents.collect();
        let Some((path, text)) = sidecar else { return Self::with_sidecar(documents) };
        let defaults = default_settings(documents.first().map_or("", |first| first.reading.draft.format));
        let (read, diagnostics) = sidecar::read(&text, defaults);
        Ok(Self { documents, sidecar: Some(SidecarFile { path, text, read, diagnostics }), key: None })
    }

    fn with_sidecar(documents: Vec<Document>) -> Result<Self, Unread> {
        let defaults = default_settings(documents.first().map_or("", |first| first.reading.draft.format));
        let sidecar = match documents.first() {
            Some(first) => SidecarFile::beside(&first.path, defaults)?,
            None => None,
        };
        Ok(Self { documents, sidecar, key: None })
    }

    /// The first document's folder: where the plan's commands run.
    pub fn folder(&self) -> PathBuf {
        let parent = self.documents.first().and_then(|first| first.path.parent());
        parent.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    }

    /// The first document's path.
    pub fn first(&self) -> &Path {
        self.documents.first().map_or(Path::new(""), |first| &first.path)
    }

    /// How strict the plan wants to be with itself.
    pub fn settings(&self) -> Settings {
        match &self.sidecar {
            Some(sidecar) => sidecar.read.settings.clone(),
            None => default_settings(self.documents.first().map_or("", |first| first.reading.draft.format)),
        }
    }

    /// The agents that may be given the plan's tasks.
    pub fn agents(&self) -> Result<&[AgentConfig], Refusal> {
        let Some(sidecar) = &self.sidecar else { return Ok(&[]) };
        sidecar.sound()?;
        Ok(&sidecar.read.agents)
    }

    /// The plan these documents were adopted as.
    pub fn plan(&self, store: &Store) -> Result<Option<Arc<Plan>>, Fault> {
        let desk = store.desk();
        let paths: Vec<String> =
            self.documents.iter().map(|document| store.relative(&document.path)).collect();
        let mut sharing = None;
        for line in desk.plans()? {
            let plan = desk.plan(line.id)?;
            let is_source = |path: &String| plan.sources.iter().any(|source| source.path == *path);
            if paths.first().is_some_and(is_source) {
                return Ok(Some(plan));
            }
            if paths.iter().any(is_source) {
                sharing = Some(plan);
            }
        }
        Ok(sharing)
    }

    /// Adopts the documents, or revises the plan they were adopted as.
    pub fn take_in(self, store: &Store, request: &Request) -> Result<TakenIn, Denied> {
        if let Some(outside) = self.documents.iter().find(|document| !store.may_hold(&document.path)) {
            let path = outside.path.display();
            let what =
                format!("`{path}` lies outside of `{}`, which others do not share", store.root().display());
            return Err(Fault::new(STORE_REMOTE, what)
                .hint("work at the top of the repository that holds the plan; a server's store keeps no other paths")
                .into());
        }
        let plan = self.plan(store)?;
        let desk = store.desk();
        let (mut definition, blobs) = self.define(store)?;
        let request = Request { blobs, ..request.clone() };
        let Some(plan) = plan else {
            definition.key = Some(free_key(store, definition.key.take(), &definition.sources)?);
            let id = desk.new_plan_id();
            let receipt = desk.submit(id, &request, Command::AdoptPlan(Box::new(definition)))?;
            return Ok(TakenIn::Adopted(receipt));
        };
        if plan.sources == definition.sources {
            return Ok(TakenIn::Unchanged(plan.id));
        }
        let base = base(desk, &plan)?.map(Box::new);
        let (id, onto) = (plan.id, plan.revision);
        drop(plan);
        let command = Command::RevisePlan { onto, base, definition: Box::new(definition) };
        let receipt = desk.submit(id, &request, command)?;
        if receipt.count == 0 {
            return Ok(TakenIn::Unchanged(id));
        }
        Ok(TakenIn::Revised(receipt))
    }

    /// What the documents say, as it is stored, and the contents to keep with it.
    pub fn define(self, store: &Store) -> Result<(Definition, Vec<Blob>), Refusal> {
        if let Some(sidecar) = &self.sidecar {
            sidecar.sound()?;
        }
        let settings = self.settings();
        let stem = self.first().file_stem().map(|stem| slug(&stem.to_string_lossy()));
        let key = self.key.clone().or_else(|| stem.and_then(|stem| Key::new(&stem).ok()));
        let redactor = store.desk().redactor();
        let (mut drafts, mut sources, mut blobs) = (Vec::new(), Vec::new(), Vec::new());
        for document in self.documents {
            let reading = match redactor.redact_bytes(&document.bytes) {
                _ if document.apart => document.reading,
                Cow::Borrowed(_) => document.reading,
                Cow::Owned(clean) => {
                    formats::read_as(document.format.as_deref(), &document.reading.draft.source, &clean)
                }
            };
            let (source, blob) =
                source_of(store, &document.path, reading.draft.format, document.bytes, redactor);
            sources.push(source);
            blobs.push(blob);
            drafts.push(reading.draft);
        }
        let mut definition = Definition::from_drafts(drafts, settings);
        definition.key = key;
        if let Some(sidecar) = self.sidecar {
            bind(&mut definition, sidecar.read)?;
            let bytes = sidecar.text.into_bytes();
            let (source, blob) = source_of(store, &sidecar.path, SIDECAR_FORMAT, bytes, redactor);
            sources.push(source);
            blobs.push(blob);
        }
        definition.sources = sources;
        runnable(&definition)?;
        Ok((definition, blobs))
    }
}

/// The plans that any of these documents belong to, in the order of the documents.
pub fn plans_with(store: &Store, documents: &[PathBuf]) -> Result<Vec<Arc<Plan>>, Fault> {
    let desk = store.desk();
    let paths: Vec<String> = documents.iter().map(|path| store.relative(path)).collect();
    let mut found: Vec<(usize, Arc<Plan>)> = Vec::new();
    for line in desk.plans()? {
        let plan = desk.plan(line.id)?;
        let is_source = |path: &String| plan.sources.iter().any(|source| source.path == *path);
        if let Some(place) = paths.iter().position(is_source) {
            found.push((place, plan));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, plan)| plan).collect())
}

/// The agents that may be given a plan's tasks, as the sidecar beside its first document has them
/// now: what is started is what lies there to be looked at, not what was taken in once.
pub fn agents_of(store: &Store, plan: &Plan) -> Result<Vec<AgentConfig>, Denied> {
    let Some(first) = plan.sources.first() else { return Ok(Vec::new()) };
    let sidecar = SidecarFile::beside(&store.absolute(&first.path), plan.settings.clone());
    let sidecar = sidecar.map_err(|Unread { path, error }| {
        Refusal::new(model::refusal::CONFIG_INVALID, format!("`{}` cannot be read: {error}", path.display()))
    })?;
    let Some(sidecar) = sidecar else { return Ok(Vec::new()) };
    sidecar.sound()?;
    Ok(sidecar.read.agents)
}

impl SidecarFile {
    fn beside(document: &Path, defaults: Settings) -> Result<Option<Self>, Unread> {
        let path = document.with_file_name(SIDECAR);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let (read, diagnostics) = sidecar::read(&text, defaults);
                Ok(Some(Self { path, text, read, diagnostics }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Unread { path, error }),
        }
    }

    /// Refuses a sidecar with anything wrong in it: half of its checks would be none at all.
    fn sound(&self) -> Result<(), Refusal> {
        let Some(first) = self.diagnostics.first() else { return Ok(()) };
        let lines = Lines::new(&self.text);
        let at = |diagnostic: &Diagnostic| {
            let Position { line, column } = lines.position(diagnostic.span.start);
            format!("{}:{line}:{column}: {}", self.path.display(), diagnostic.message)
        };
        let mut no = Refusal::new(model::refusal::CONFIG_INVALID, at(first));
        no.hint = first.help.clone();
        no.facts = self.diagnostics.iter().skip(1).map(at).collect();
        Err(no)
    }
}

/// What the documents said when they and the journal were last in step; nothing where that is not
/// kept any more.
pub fn base(desk: &LocalDesk, plan: &Plan) -> Result<Option<Definition>, Fault> {
    definition_of(plan, &mut |source| Ok(text_of(desk, plan, &source.path, source.digest)?.map(Said::Text)))
}

/// What a plan's documents say together, given what each says.
pub(crate) fn definition_of(
    plan: &Plan,
    said: &mut dyn FnMut(&Source) -> Result<Option<Said>, Fault>,
) -> Result<Option<Definition>, Fault> {
    let (mut drafts, mut sidecar_text) = (Vec::new(), None);
    for source in &plan.sources {
        match said(source)? {
            None => return Ok(None),
            Some(Said::Text(bytes)) if source.format == SIDECAR_FORMAT => {
                sidecar_text = String::from_utf8(bytes).ok();
            }
            Some(Said::Text(bytes)) => {
                drafts.push(formats::read_as(Some(&source.format), &source.path, &bytes).draft);
            }
            Some(Said::Draft(draft)) => drafts.push(*draft),
        }
    }
    let defaults = default_settings(drafts.first().map_or("", |draft| draft.format));
    let mut definition = match &sidecar_text {
        None => Definition::from_drafts(drafts, defaults),
        Some(text) => {
            let (read, _) = sidecar::read(text, defaults);
            let mut definition = Definition::from_drafts(drafts, read.settings.clone());
            if bind(&mut definition, read).is_err() {
                return Ok(None);
            }
            definition
        }
    };
    definition.sources.clone_from(&plan.sources);
    Ok(Some(definition))
}

fn default_settings(format: &str) -> Settings {
    Settings::for_format(format)
}

fn source_of(
    store: &Store,
    path: &Path,
    format: &str,
    bytes: Vec<u8>,
    redactor: &Redactor,
) -> (Source, Blob) {
    let blob = match redactor.redact_bytes(&bytes) {
        Cow::Owned(clean) => Blob::new(clean),
        Cow::Borrowed(_) => Blob::new(bytes),
    };
    let source = Source { path: store.relative(path), format: format.to_owned(), digest: blob.digest() };
    (source, blob)
}

/// Binds a sidecar's checks and gates. A key that nothing has would be a check that never runs.
fn bind(definition: &mut Definition, sidecar: Sidecar) -> Result<(), Refusal> {
    for (key, check) in sidecar.checks {
        let name = check.spec.name.clone();
        if !definition.bind_check(&key, check) {
            return Err(Refusal::new(
                PLAN_INVALID,
                format!("`{SIDECAR}` binds check `{name}` to `{key}`, and no task or phase has that key"),
            )
            .hint("see the keys with `countersign parse PLAN`")
            .with("key", key.as_str()));
        }
    }
    definition.gates.extend(sidecar.gates);
    Ok(())
}

/// Refuses checks that could never run, before they are in force.
fn runnable(definition: &Definition) -> Result<(), Refusal> {
    let tasks = definition.tasks.iter().map(|task| (task.key.to_string(), &task.gate));
    let phases = definition
        .phases
        .iter()
        .flat_map(|phase| [(phase.key.to_string(), &phase.entrance), (phase.key.to_string(), &phase.exit)]);
    let gates = definition.gates.iter().map(|named| (named.name.clone(), &named.gate));
    let rest = [("success criteria".to_owned(), &definition.criteria)];
    let mut faults = Vec::new();
    for (name, gate) in tasks.chain(phases).chain(gates).chain(rest) {
        faults.extend(unsound(&name, gate));
    }
    let Some(first) = faults.first().cloned() else { return Ok(()) };
    let mut no = Refusal::new(PLAN_INVALID, format!("the plan cannot be governed: {first}"));
    no.facts = faults.into_iter().skip(1).collect();
    Err(no)
}

fn unsound(name: &str, gate: &GateDefinition) -> Vec<String> {
    let of_one = |spec: &CheckSpec, line: u32| -> Vec<String> {
        let place = if line > 0 { format!("line {line}: ") } else { String::new() };
        let faults = checks::validate(spec).into_iter();
        faults.map(|fault| format!("{place}check `{}` of `{name}`: {fault}", spec.name)).collect()
    };
    gate.checks.iter().flat_map(|check| of_one(&check.spec, check.line)).collect()
}

/// The key a new plan gets: its file's, or where that is taken its folder's and its file's, or a
/// twin's.
fn free_key(store: &Store, wanted: Option<Key>, sources: &[Source]) -> Result<Key, Denied> {
    let taken: Vec<Key> = store.desk().plans()?.into_iter().map(|line| line.key).collect();
    let stem = wanted.as_ref().map_or("plan", Key::as_str);
    let folder = sources.first().and_then(|source| Path::new(&source.path).parent()?.file_name());
    let long = folder.map(|folder| format!("{}-{stem}", slug(&folder.to_string_lossy())));
    let twins = (2..=taken.len() + 2).map(|twin| format!("{stem}~{twin}"));
    let names = [Some(stem.to_owned()), long].into_iter().flatten().chain(twins);
    let mut free = names.filter_map(|name| Key::new(&name).ok()).filter(|name| !taken.contains(name));
    free.next().ok_or_else(|| Refusal::new(KEY_DUPLICATE, format!("the key `{stem}` is taken")).into())
}
