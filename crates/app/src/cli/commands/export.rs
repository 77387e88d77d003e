//! `export`: writes the plan in another tool's shape, and says what that shape cannot hold.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use formats::exchange::{self, Exported, Lost, OutFile, Peer, Wishes};
use lens::words::count_of;
use model::refusal::{CONFIRM_REQUIRED, FILE_NOT_FOUND, Refusal, USAGE_INVALID, VALUE_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::exchanging::{ARCHIVE, events, named, table};
use crate::cli::files;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Export>(
    "export",
    Group::Documents,
    "writes the plan in another tool's shape, and lists what that cannot hold",
    &[READS_STORE, &[VALUE_INVALID, CONFIRM_REQUIRED, FILE_NOT_FOUND, USAGE_INVALID]],
);

#[derive(Debug, Args)]
struct Export {
    /// For whom; `countersign` is everything, to be brought in elsewhere as it is
    #[arg(long, value_name = "NAME", default_value = ARCHIVE)]
    to: String,
    /// Where to write it, a folder where it is several files; without it one file is printed
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Leaves cells of CSV as they are, also those a spreadsheet would take for a formula
    #[arg(long = "raw-cells")]
    raw_cells: bool,
    /// Replaces files that are there
    #[arg(long)]
    force: bool,
}

impl Handler for Export {
    fn run(self, call: &Call) -> Outcome {
        if self.to == ARCHIVE {
            return archive(call, self.out.as_deref(), self.force);
        }
        let peer = named(&self.to)?;
        let opened = call.open_recorded()?;
        let exported = exchange::export(peer, &opened.plan, Wishes { raw_cells: self.raw_cells });
        let Some(out) = &self.out else { return print(call, peer, &exported) };
        let written = write(peer, &exported.files, out, self.force)?;
        if call.ui.wants_json() {
            call.ui.json(&json!({ "to": peer.name(), "files": written, "lost": exported.lost }));
            return Ok(());
        }
        for path in &written {
            call.ui.line(format!("wrote `{}`", path.display()));
        }
        if !exported.lost.is_empty() {
            call.ui.table(&table(&exported.lost));
        }
        Ok(())
    }
}

/// Writes everything: the plan's history with its chain, and every content it names.
fn archive(call: &Call, out: Option<&Path>, force: bool) -> Outcome {
    let opened = call.open_recorded()?;
    let Some(out) = out else {
        let mut failed = Ok(());
        call.ui.data_with(|data| {
            failed = engine::archive::write(&opened.store, &opened.plan, data).map(drop);
            Ok(())
        });
        return Ok(failed?);
    };
    free(out, force)?;
    let mut bytes = Vec::new();
    let written = engine::archive::write(&opened.store, &opened.plan, &mut bytes)?;
    let put = if force { files::write(out, &bytes) } else { files::create(out, &bytes) };
    put.map_err(|error| files::unwritten(out, &error))?;
    if call.ui.wants_json() {
        call.ui.json(&json!({ "to": ARCHIVE, "files": [out], "written": written, "lost": [] }));
        return Ok(());
    }
    let contents = count_of(written.blobs, "blob");
    call.ui.line(format!("wrote `{}`: {} and {contents}", out.display(), events(written.events)));
    Ok(())
}

/// Prints the file; what it does not hold goes beside it, so that the file can be piped.
fn print(call: &Call, peer: &dyn Peer, exported: &Exported) -> Outcome {
    let Exported { files, lost } = exported;
    if call.ui.wants_json() {
        let shown = |file: &OutFile| json!({ "name": file.name, "text": file.text });
        let files: Vec<_> = files.iter().map(shown).collect();
        call.ui.json(&json!({ "to": peer.name(), "files": files, "lost": lost }));
        return Ok(());
    }
    let [only] = files.as_slice() else {
        return Err(Refusal::new(USAGE_INVALID, format!("{} keeps a plan in several files", peer.title()))
            .hint("name a folder with `--out PATH`")
            .into());
    };
    call.ui.data(&only.text);
    tell(call, lost);
    Ok(())
}

fn tell(call: &Call, lost: &[Lost]) {
    if !lost.is_empty() {
        call.ui.note(table(lost).render(None, false).trim_end());
    }
}

/// Writes the files, all or none where one is there already.
fn write(peer: &dyn Peer, out_files: &[OutFile], out: &Path, force: bool) -> Outcome<Vec<PathBuf>> {
    let folder = peer.place().ends_with('/') || out.is_dir();
    let paths: Vec<PathBuf> =
        out_files.iter().map(|file| if folder { out.join(&file.name) } else { out.to_owned() }).collect();
    for path in &paths {
        free(path, force)?;
    }
    for (file, path) in out_files.iter().zip(&paths) {
        if let Some(above) = path.parent().filter(|above| folder && !above.as_os_str().is_empty()) {
            std::fs::create_dir_all(above).map_err(|error| files::unwritten(above, &error))?;
        }
        let bytes = file.text.as_bytes();
        let written = if force { files::write(path, bytes) } else { files::create(path, bytes) };
        written.map_err(|error| files::unwritten(path, &error))?;
    }
    Ok(paths)
}

/// Refuses to write over what is there unless that was asked for, and through a link always.
fn free(path: &Path, force: bool) -> Outcome {
    let shown = path.display().to_string();
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(files::unwritten(path, &error)),
        Ok(found) if found.is_symlink() => {
            Err(Refusal::new(VALUE_INVALID, format!("`{shown}` is a link, and is not written through"))
                .hint("name the file it leads to, or another one")
                .with("path", shown)
                .into())
        }
        Ok(_) if force => Ok(()),
        Ok(_) => {
            Err(Refusal::new(CONFIRM_REQUIRED, format!("`{shown}` is there already and would be replaced"))
                .hint("say so with `--force`, or name another place with `--out`")
                .with("path", shown)
                .into())
        }
    }
}
