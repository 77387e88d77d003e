//! `man`: manual pages, one for the program and one for each verb.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use model::refusal;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<ManPages>(
    "man",
    Group::Operate,
    "prints the manual page, or writes one for every verb",
    &[&[refusal::FILE_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct ManPages {
    /// Writes a page for every verb into this folder
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

impl Handler for ManPages {
    fn run(self, call: &Call) -> Outcome {
        let mut top = crate::cli::command();
        top.build();
        let Some(folder) = self.dir else {
            call.ui.data_with(|out| Man::new(top).render(out));
            return Ok(());
        };
        let count = write_pages(top, &folder)?;
        call.ui.note(format!("{count} pages written to `{}`", folder.display()));
        Ok(())
    }
}

fn write_pages(top: Command, folder: &Path) -> Outcome<usize> {
    let shown = folder.display().to_string();
    if !folder.is_dir() {
        std::fs::create_dir(folder).map_err(|error| Stop::file(&shown, "made", &error))?;
    }
    let verbs: Vec<Command> = top.get_subcommands().cloned().collect();
    let mut count = 0;
    for command in std::iter::once(top).chain(verbs) {
        let own = command.get_name().to_owned();
        let name = if own == "countersign" { own } else { format!("countersign-{own}") };
        let path = folder.join(format!("{name}.1"));
        let mut page = Vec::new();
        let made = Man::new(command.display_name(name.clone())).title(name).render(&mut page);
        made.and_then(|()| std::fs::write(&path, page))
            .map_err(|error| Stop::file(&path.display().to_string(), "written", &error))?;
        count += 1;
    }
    Ok(count)
}
