//! What measurements stand on: the binaries, a folder for files, the peers.

use std::fs;
use std::path::{Path, PathBuf};

use super::measure::Subject;
use crate::tool::{Outcome, cargo, is_installed, read};
use crate::tree::top;

/// The binaries to measure and a folder that is removed in the end.
pub(crate) struct Bed {
    countersign: PathBuf,
    folder: PathBuf,
}

impl Bed {
    /// Finds the release binary and makes a folder.
    pub(crate) fn make(countersign: Option<&str>) -> Outcome<Self> {
        let countersign = match countersign {
            Some(path) => PathBuf::from(path),
            None => target()?.join("release/countersign"),
        };
        let countersign = countersign.canonicalize().map_err(|_| {
            format!("there is no `{}`; build it with `cargo build --release -p app`", countersign.display())
        })?;
        let folder = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self { countersign, folder })
    }

    /// The release binary.
    pub(crate) fn binary(&self) -> &Path {
        &self.countersign
    }

    /// A fresh folder of that name.
    pub(crate) fn fresh(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.folder.join(name);
        remove(&folder)?;
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// Our binary in a folder, as a named person, with nothing of the caller's settings.
    pub(crate) fn countersign(&self, folder: &Path, arguments: &str) -> Subject {
        Subject::new(&self.countersign, folder).with(arguments).variable("COUNTERSIGN_AS", "bench")
    }

    /// Taskwarrior with data and settings of its own in that folder.
    pub(crate) fn taskwarrior(&self, folder: &Path, arguments: &str) -> Outcome<Subject> {
        let settings = folder.join("taskrc");
        let data = folder.join("data");
        let text =
            format!("data.location={}\nconfirmation=off\nhooks=off\nverbose=nothing\n", data.display());
        write(&settings, &text)?;
        fs::create_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        Ok(Subject::new("task", folder).with(arguments).variable("TASKRC", settings.to_string_lossy()))
    }

    /// An example of one of our crates, built for release.
    pub(crate) fn example(&self, package: &str, name: &str) -> Outcome<PathBuf> {
        let mut build = cargo();
        build.current_dir(top()).args([
            "build",
            "--release",
            "--quiet",
            "--package",
            package,
            "--example",
            name,
        ]);
        read(&mut build)?;
        Ok(target()?.join("release/examples").join(name))
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        // A folder left behind in the temporary folder is no reason to lose the numbers.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes a folder, if it is there.
pub(crate) fn remove(folder: &Path) -> Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a file.
pub(crate) fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Why a peer cannot be measured here, if it cannot.
pub(crate) fn missing(program: &str, package: &str) -> Option<String> {
    (!is_installed(program)).then(|| format!("`{program}` is not installed (Debian `{package}`)"))
}

/// Where cargo puts what it builds.
fn target() -> Outcome<PathBuf> {
    let metadata = read(cargo().current_dir(top()).args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    metadata["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .ok_or_else(|| "cargo names no target folder".to_owned())
}
