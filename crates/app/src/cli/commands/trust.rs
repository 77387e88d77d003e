//! `trust`: shows every command a plan would run, those of its agents too, with the scripts they
//! call, and puts on record that they may.

use std::path::{Path, PathBuf};

use clap::Args;
use engine::trust::TrustSet;
use engine::trust::lock::{LOCK_FILE, Lock};
use model::command::Command;
use model::ids::PlanId;
use model::refusal::{
    CONFIG_INVALID, CONFIRM_REQUIRED, FILE_NOT_FOUND, PLAN_INVALID, Refusal, TRUST_REQUIRED,
};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop, plain};
use crate::cli::proving::{commands_of, give_trust, read_documents, set_of, show_set, workspace_of};
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Trust>(
    "trust",
    Group::Author,
    "shows the commands a plan would run, and lets them run",
    &[
        &[FILE_NOT_FOUND, PLAN_INVALID, CONFIG_INVALID, CONFIRM_REQUIRED, TRUST_REQUIRED],
        READS_STORE,
        WRITES_STORE,
        PERSON_ONLY,
    ],
);

#[derive(Debug, Args)]
struct Trust {
    /// The plan document, or several that make one plan
    #[arg(value_name = "PLAN", required = true)]
    documents: Vec<PathBuf>,
    /// Does not ask
    #[arg(long, short)]
    yes: bool,
    /// Also writes `countersign.lock` beside the plan, to be reviewed and committed
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Trust {
    fn run(self, call: &Call) -> Outcome {
        let read = read_documents(&self.documents, call.now())?;
        let document = read.documents.first().to_owned();
        let store = call.store_to_fill(&read.documents.folder())?;
        let plan = read.documents.plan(&store)?;
        let agents = read.documents.agents()?.to_vec();
        let (definition, _) = read.documents.define(&store)?;
        let workspace = workspace_of(&store, plan.as_deref(), &document)?;
        let set = set_of(&commands_of(plan.as_deref(), Some(&definition), &agents), &workspace);
        if !set.is_empty() {
            self.agree(call, &document, &set)?;
            let (name, digest) = (store.relative(&document), set.digest());
            let commands = u32::try_from(set.commands.len()).unwrap_or(u32::MAX);
            let command = Command::Trust { path: name, set: digest, commands };
            let request = call.request_for(&self.asking, PlanId::STORE, &command)?;
            give_trust(call, &store, &request, &document, set.clone())?;
            if self.write {
                write_lock(call, &document, set.clone())?;
            }
        }
        if call.ui.wants_json() {
            call.ui.json(&json!({ "digest": set.digest(), "commands": set.commands }));
        } else if set.is_empty() {
            call.ui.line(format!("`{}` runs no commands", document.display()));
        } else {
            call.ui.line(format!("trusted {} as {}", document.display(), set.digest().short()));
        }
        Ok(())
    }
}

impl Trust {
    /// Shows what is to be trusted; asks unless that was answered on the command line.
    fn agree(&self, call: &Call, document: &Path, set: &TrustSet) -> Outcome {
        let count = set.commands.len();
        let thing = if count == 1 { "command" } else { "commands" };
        call.ui.message(&format!("`{}` would run {count} {thing}:", document.display()));
        show_set(call, set);
        if self.yes || call.ui.confirm("may these commands run on this machine?") {
            return Ok(());
        }
        let message = if call.ui.can_ask() {
            "trust was not given"
        } else {
            "trust asks a question, and nobody is at a terminal"
        };
        Err(Refusal::new(CONFIRM_REQUIRED, message).hint("answer it with `--yes`").into())
    }
}

fn write_lock(call: &Call, document: &Path, set: TrustSet) -> Outcome {
    let folder = document.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = document.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = folder.join(LOCK_FILE);
    let failed = |error: std::io::Error| -> Stop {
        if error.kind() == std::io::ErrorKind::InvalidData {
            return Refusal::new(CONFIG_INVALID, plain(&error))
                .hint(format!("remove `{}` and write it again", path.display()))
                .into();
        }
        Stop::file(&path.display().to_string(), "written", &error)
    };
    let mut lock = Lock::load(folder).map_err(failed)?;
    lock.allow(&name, set);
    lock.save(folder).map_err(failed)?;
    call.ui.note(format!("wrote `{}`; have it reviewed and commit it", path.display()));
    Ok(())
}
