//! One call of the program: its settings and its streams, and what verbs need of the world around.

use std::cell::OnceCell;
use std::path::Path;

use jiff::Timestamp;
use model::access::Bearer;
use model::ids::PersonId;

use super::error::{Outcome, Stop};
use super::ui::Ui;
use crate::config::Config;

/// One call of the program.
pub struct Call {
    /// Where to print.
    pub ui: Ui,
    /// How the program is set up.
    pub config: Config,
    /// Who uses it, once somebody asked: finding that out may take another program.
    pub(super) person: OnceCell<PersonId>,
    /// Whose token a server took, once one was reached.
    pub(super) holder: OnceCell<Bearer>,
}

impl Call {
    /// A call with its settings resolved.
    pub fn new(ui: Ui, config: Config) -> Self {
        Self { ui, config, person: OnceCell::new(), holder: OnceCell::new() }
    }

    /// Gives the streams back.
    pub fn into_ui(self) -> Ui {
        self.ui
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// The bytes of a file somebody named.
    pub fn read_file(&self, path: &str) -> Outcome<Vec<u8>> {
        if path == "-" {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)
                .map_err(|error| Stop::file(path, "read", &error))?;
            return Ok(bytes);
        }
        if Path::new(path).is_dir() {
            return Err(Stop::usage(format!("`{path}` is a folder, not a file")).into());
        }
        std::fs::read(path).map_err(|error| Stop::file(path, "read", &error))
    }
}
