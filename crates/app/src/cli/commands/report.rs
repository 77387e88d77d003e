//! `report`: a named question about the plan, answered as a document to hand on.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::desk::Desk as _;
use engine::store::Store;
use lens::look::Look;
use lens::record::Record;
use lens::render::{html, markdown};
use lens::reports::{REPORTS, Records, Views, Written, find};
use model::fault::Fault;
use model::ids::Seq;
use model::plan::Plan;
use model::refusal::{ENTRY_NOT_FOUND, FILE_NOT_FOUND, Refusal, VALUE_INVALID};
use serde_json::json;

use super::changes::mark;
use crate::cli::call::Call;
use crate::cli::context::Opened;
use crate::cli::error::{Outcome, Stop};
use crate::cli::files;
use crate::cli::ui::{Column, Table, Tone};
use crate::cli::usage::nearest;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Report>(
    "report",
    Group::Documents,
    "writes a report as Markdown, HTML or JSON: `completion` and others",
    &[READS_STORE, &[ENTRY_NOT_FOUND, FILE_NOT_FOUND, VALUE_INVALID]],
)
.daily();

#[derive(Debug, Args)]
struct Report {
    /// Which report; without one, or with `list`, they are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How it is written; by default as the name of the file says, else Markdown, on a terminal drawn
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// Writes it to a file: whole or not at all, and never over a document of a plan
    #[arg(long, value_name = "FILE", requires = "name")]
    out: Option<PathBuf>,
    /// As it was right after this event
    #[arg(long, value_name = "SEQ")]
    at: Option<u64>,
    /// Since when `status` tells what changed: as `changes` takes it
    #[arg(long, value_name = "WHEN", default_value = "yesterday", allow_hyphen_values = true)]
    since: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown
    Md,
    /// One HTML file that needs nothing else
    Html,
    /// Data for machines
    Json,
}

impl Handler for Report {
    fn run(self, call: &Call) -> Outcome {
        let Some(name) = self.name.as_deref().filter(|name| *name != "list") else {
            list(call);
            return Ok(());
        };
        let report = find(name).ok_or_else(|| unknown(name))?;
        let out = self.out.as_deref().filter(|path| path.as_os_str() != "-");
        let format = self.format_for(call, out)?;
        let opened = call.open()?;
        if let Some(path) = out {
            may_be_written(&opened.store, path)?;
        }
        let then = self.at.map(|seq| plan_at(&opened, seq)).transpose()?;
        let now = opened.look();
        let look = match &then {
            // What was known then is judged by the clock of then.
            Some(plan) => Look { plan, now: plan.at, ..now },
            None => now,
        };
        let events = Events { opened: &opened, until: look.plan.seq, fault: RefCell::default() };
        let views = Views {
            look,
            digest: digest_at(&opened, look.plan.seq)?,
            latest: now.plan.seq,
            since: mark(&opened, &self.since, look.now)?,
            records: &events,
        };
        let written = report.write(&views);
        if let Some(fault) = events.fault.take() {
            return Err(fault.into());
        }
        let Some(path) = out else {
            print(call, &*written, format);
            return Ok(());
        };
        let bytes = rendered(&*written, format.unwrap_or(Format::Md))?;
        files::put(path, &bytes).map_err(|error| files::unwritten(path, &error))?;
        let format = format.unwrap_or(Format::Md).as_str();
        if call.ui.wants_json() {
            call.ui.json(&json!({ "report": report.name(), "format": format, "file": path }));
        } else {
            call.ui.line(format!("wrote `{}`", path.display()));
        }
        Ok(())
    }
}

impl Report {
    /// The format that is wanted; nothing where the terminal decides.
    fn format_for(&self, call: &Call, out: Option<&Path>) -> Outcome<Option<Format>> {
        if let Some(path) = out {
            return Ok(Some(self.format.or_else(|| Format::of_name(path)).unwrap_or(Format::Md)));
        }
        match (self.format, call.ui.wants_json()) {
            (None | Some(Format::Json), true) => Ok(Some(Format::Json)),
            (Some(other), true) => {
                let message = format!("`--json` and `--format {}` exclude each other", other.as_str());
                Err(Stop::usage(message).hint("say which one").into())
            }
            (format, false) => Ok(format),
        }
    }
}

impl Format {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    /// What the ending of a file's name says.
    fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Md),
            "html" | "htm" => Some(Self::Html),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// What happened to the plan up to an event. A fault of the journal is kept for whoever asked.
struct Events<'a> {
    opened: &'a Opened,
    until: Seq,
    fault: RefCell<Option<Fault>>,
}

impl Records for Events<'_> {
    fn visit(&self, see: &mut dyn FnMut(&Record<'_>)) {
        let visited = self.opened.store.desk().visit(self.opened.id(), &|_| true, &mut |recorded| {
            if recorded.seq <= self.until {
                see(&Record::from(recorded));
            }
        });
        if let Err(fault) = visited {
            self.fault.replace(Some(fault));
        }
    }
}

/// The plan right after an event.
fn plan_at(opened: &Opened, seq: u64) -> Outcome<Plan> {
    let latest = opened.plan.seq;
    if seq == 0 || seq > latest.0 {
        return Err(Refusal::new(VALUE_INVALID, format!("the plan has no event {seq}"))
            .hint(format!("events are numbered from 1 to {latest}"))
            .with("seq", seq)
            .into());
    }
    Ok(opened.store.desk().plan_at(opened.id(), Seq(seq))?)
}

fn digest_at(opened: &Opened, seq: Seq) -> Outcome<model::digest::Digest> {
    let before = Seq(seq.0.saturating_sub(1));
    let events = opened.store.desk().read(opened.id(), before, 1)?;
    Ok(events.first().map_or(model::digest::Digest::ZERO, |event| event.digest))
}

fn print(call: &Call, written: &dyn Written, format: Option<Format>) {
    match format {
        None if call.ui.draws() => call.ui.page(&written.page()),
        None | Some(Format::Md) => call.ui.data(&markdown::page(&written.page())),
        Some(Format::Html) => call.ui.data(&html::document(&written.page(), MADE_BY)),
        Some(Format::Json) => call.ui.data_with(|out| {
            let mut held = io::BufWriter::new(out);
            written.json(&mut held)?;
            io::Write::write_all(&mut held, b"\n")?;
            io::Write::flush(&mut held)
        }),
    }
}

fn rendered(written: &dyn Written, format: Format) -> Outcome<Vec<u8>> {
    Ok(match format {
        Format::Md => markdown::page(&written.page()).into_bytes(),
        Format::Html => html::document(&written.page(), MADE_BY).into_bytes(),
        Format::Json => {
            let mut bytes = Vec::new();
            // Writing into memory does not fail, and every answer is data.
            written.json(&mut bytes).map_err(|error| files::unwritten(Path::new("the report"), &error))?;
            bytes.push(b'\n');
            bytes
        }
    })
}

const MADE_BY: &str = concat!("countersign ", env!("CARGO_PKG_VERSION"));

/// Refuses a place where a report would destroy what it reports about.
fn may_be_written(store: &Store, path: &Path) -> Outcome {
    let shown = path.display();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Refusal::new(FILE_NOT_FOUND, format!("the folder `{folder}` does not exist"))
            .with("path", folder.to_string())
            .into());
    }
    let real = |path: &Path| path.canonicalize().ok();
    let refuse = |what: String| {
        Err(Refusal::new(VALUE_INVALID, format!("`{shown}` is {what}, and no report takes its place"))
            .hint("name another file with `--out FILE`")
            .with("path", shown.to_string())
            .into())
    };
    if real(folder).is_some_and(|folder| real(store.folder()).is_some_and(|store| folder.starts_with(store)))
    {
        return refuse("inside the store".to_owned());
    }
    let Some(wanted) = real(path) else { return Ok(()) };
    for line in store.desk().plans()? {
        let plan = store.desk().plan(line.id)?;
        let is_it = |recorded: &str| {
            let document = store.absolute(recorded);
            real(&document).is_some_and(|document| document == wanted) || is_same_file(&document, path)
        };
        if plan.sources.iter().any(|source| is_it(&source.path)) {
            return refuse(format!("a document of the plan `{}`", plan.key));
        }
    }
    Ok(())
}

/// Whether two names lead to one file, as hard links do.
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::metadata(one), std::fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

fn list(call: &Call) {
    if call.ui.wants_json() {
        let listed = REPORTS.iter().map(|report| json!({ "name": report.name(), "about": report.about() }));
        call.ui.json(&json!({ "reports": listed.collect::<Vec<_>>() }));
        return;
    }
    let mut table = Table::new([Column::new("Report"), Column::text("What it answers")]);
    for report in REPORTS {
        table.toned([(Tone::Strong, report.name()), (Tone::Plain, report.about())]);
    }
    call.ui.table(&table);
}

fn unknown(name: &str) -> Refusal {
    let no = Refusal::new(ENTRY_NOT_FOUND, format!("there is no report `{name}`")).with("report", name);
    match nearest(name, REPORTS.iter().map(|report| report.name())) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint("see them with `countersign report`"),
    }
}
