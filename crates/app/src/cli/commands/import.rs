//! `import`: brings another tool's file under control as a plan, and says what of it no plan can
//! hold. The same file again is a revision. What the other tool calls done is an imported claim.

mod folder;

use std::path::{Path, PathBuf};

use clap::Args;
use engine::archive;
use folder::Found;
use formats::exchange::{self, Lost, Peer, is_torn_by};
use lens::words::count_of;
use model::diagnostic::Diagnostic;
use model::ids::{Key, slug};
use model::refusal::{
    CONFIG_INVALID, DEPENDENCY_CYCLE, FILE_NOT_FOUND, KEY_DUPLICATE, PLAN_INVALID, Refusal, VALUE_INVALID,
};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::exchanging::{self, ARCHIVE, events, named, names};
use crate::cli::proving::{ReadIn, read_documents_as, take_in};
use crate::cli::values;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Import>(
    "import",
    Group::Documents,
    "brings another tool's plan in, and lists what could not be carried",
    &[
        &[FILE_NOT_FOUND, PLAN_INVALID, CONFIG_INVALID, KEY_DUPLICATE, DEPENDENCY_CYCLE, VALUE_INVALID],
        READS_STORE,
        WRITES_STORE,
        PERSON_ONLY,
    ],
);

#[derive(Debug, Args)]
struct Import {
    /// The file, or the folder where the tool keeps several
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose file it is, where its name and shape do not tell
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The key the plan is to have, instead of one made from the file's name
    #[arg(long = "as-plan", value_name = "KEY")]
    as_plan: Option<String>,
    /// Takes in what could be read of a file that is not whole
    #[arg(long)]
    partial: bool,
    /// Shows what would come of it and changes nothing
    #[arg(long = "dry-run")]
    dry_run: bool,
}

impl Handler for Import {
    fn run(self, call: &Call) -> Outcome {
        if self.is_archive(call)? {
            return self.bring(call);
        }
        let key = self.as_plan.as_deref().map(values::key).transpose()?;
        let Found { peer, files, mut lost } = self.find(call)?;
        lost.extend(brought(call, peer, &files, self.partial)?);
        let mut read = read_documents_as(&files, Some(peer.document()), call.now())?;
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let drafts = read.documents.documents.iter().map(|document| &document.reading.draft);
        lost.extend(exchange::strays(names.iter().map(String::as_str).zip(drafts.clone())));
        if let Some(circle) = exchange::circle(drafts) {
            let path = circle.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(" → ");
            let message =
                format!("the plan cannot be governed: tasks are part of each other in a circle: {path}");
            return Err(Refusal::new(PLAN_INVALID, message).into());
        }
        read.documents.key = key.or_else(|| self.name_of_folder());
        if read.line().tasks == 0 {
            return Err(Refusal::new(PLAN_INVALID, format!("`{}` holds no task", self.file.display()))
                .with("path", self.file.display().to_string())
                .into());
        }
        take(call, peer, read, &lost, self.dry_run)
    }
}

impl Import {
    fn is_archive(&self, call: &Call) -> Outcome<bool> {
        if self.from.as_deref() == Some(ARCHIVE) {
            return Ok(true);
        }
        let maybe = self.from.is_none() && !self.file.is_dir();
        Ok(maybe && archive::is_archive(&call.read_file(&self.file.display().to_string())?))
    }

    /// Brings our own archive in: the same plan, with its history and its chain.
    fn bring(&self, call: &Call) -> Outcome {
        if self.as_plan.is_some() {
            return Err(Stop::usage("the key of an archive's plan is part of its history and stays").into());
        }
        let read = archive::read(&call.read_file(&self.file.display().to_string())?)?;
        let events_read = events(read.stream.last().0);
        call.ui.step("reading", format!("{}: {events_read}, the chain holds", self.file.display()));
        if self.dry_run {
            call.ui.line("nothing was taken in: this is a dry run");
            return Ok(());
        }
        let store = call.store_to_fill(Path::new("."))?;
        let brought = archive::bring(&store, &call.request()?, &read)?;
        let how = if brought.unchanged { "unchanged" } else { "brought in" };
        if call.ui.wants_json() {
            call.ui.json(&json!({
                "from": ARCHIVE,
                "plan": brought.plan,
                "key": brought.key,
                "events": brought.events,
                "blobs": brought.blobs,
                "how": how,
                "file_sha256": read.stream.file,
                "lost": [],
            }));
            return Ok(());
        }
        let contents = count_of(brought.blobs, "blob");
        call.ui.line(format!("plan `{}` is {how}: {} and {contents}", brought.key, events(brought.events)));
        call.ui.note(
            "trust in its commands and people's keys stay behind: they belong to a store, not to a plan",
        );
        Ok(())
    }

    /// The tool whose files these are, and the files.
    fn find(&self, call: &Call) -> Outcome<Found> {
        let named = self.from.as_deref().map(named).transpose()?;
        if self.file.is_dir() {
            return folder::find(&self.file, named);
        }
        let shown = self.file.display().to_string();
        let bytes = call.read_file(&shown)?;
        let peer =
            named.or_else(|| exchange::recognise(&shown, &bytes)).ok_or_else(|| unknown(&self.file))?;
        Ok(Found { peer, files: vec![self.file.clone()], lost: Vec::new() })
    }

    /// A folder gives the plan its name, rather than the first of its files.
    fn name_of_folder(&self) -> Option<Key> {
        let folder = self.file.is_dir().then(|| self.file.canonicalize().ok()).flatten()?;
        Key::new(&slug(&folder.file_name()?.to_string_lossy())).ok()
    }
}

fn unknown(file: &Path) -> Refusal {
    Refusal::new(VALUE_INVALID, format!("it does not show which tool `{}` comes from", file.display()))
        .hint(format!("say so with `--from NAME`: {}", names().join(", ")))
        .with("path", file.display().to_string())
}

/// What no plan can hold of the files; refused where part of one could not be read at all.
fn brought(call: &Call, peer: &dyn Peer, files: &[PathBuf], partial: bool) -> Outcome<Vec<Lost>> {
    let (mut lost, mut torn) = (Vec::new(), Vec::new());
    for file in files {
        let shown = file.display().to_string();
        let bytes = call.read_file(&shown)?;
        let reading = formats::read_as(Some(peer.document()), &shown, &bytes);
        let imported = exchange::import(peer, &shown, &bytes);
        let lines = formats::diagnostics::Lines::new(&reading.text);
        let at =
            |found: &Diagnostic| format!("{shown}:{}: {}", lines.line_of(found.span.start), found.message);
        torn.extend(imported.diagnostics.iter().filter(|found| is_torn_by(found)).map(at));
        lost.extend(imported.lost);
    }
    if let (Some(first), false) = (torn.first(), partial) {
        let mut no = Refusal::new(PLAN_INVALID, format!("part of it could not be read: {first}"))
            .hint("mend the file, or take in the rest of it with `--partial`");
        no.facts = torn.iter().skip(1).cloned().collect();
        return Err(no.into());
    }
    Ok(lost)
}

fn take(call: &Call, peer: &dyn Peer, read: ReadIn, lost: &[Lost], dry_run: bool) -> Outcome {
    let reading = read.line();
    call.ui.step("reading", format!("{} ({})", reading.text(), peer.title()));
    let adopting = if dry_run {
        ungovernable(&read)?;
        None
    } else {
        let store = call.store_to_fill(Path::new("."))?;
        let (_, adopting) = take_in(call, &store, read)?;
        call.ui.step("adopting", adopting.text());
        Some(adopting)
    };
    if call.ui.wants_json() {
        call.ui.json(&json!({
            "from": peer.name(),
            "dry_run": dry_run,
            "reading": reading,
            "adopting": adopting,
            "lost": lost,
        }));
        return Ok(());
    }
    match adopting {
        Some(adopting) => {
            let tasks = count_of(reading.tasks, "task");
            let changed = if adopting.how == "unchanged" { ", nothing changed" } else { "" };
            let (plan, revision) = (&adopting.plan, adopting.revision);
            call.ui.line(format!(
                "plan `{plan}` is at revision {revision}{changed}: {tasks} from {}",
                peer.title()
            ));
        }
        None => call.ui.line("nothing was taken in: this is a dry run"),
    }
    if lost.is_empty() {
        call.ui.line("everything was carried");
    } else {
        call.ui.table(&exchanging::table(lost));
    }
    Ok(())
}

/// What adoption would refuse, told beforehand.
fn ungovernable(read: &ReadIn) -> Result<(), Refusal> {
    let findings = read.findings.iter().flatten();
    let mut faults = findings.filter(|found| matches!(found.code, "plan/cycle" | "plan/duplicate-key"));
    match faults.next() {
        Some(first) => {
            Err(Refusal::new(PLAN_INVALID, format!("the plan cannot be governed: {}", first.message)))
        }
        None => Ok(()),
    }
}
