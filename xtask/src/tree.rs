//! The workspace as the tidy rules see it: its text files and its packages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

/// Text files by their path from the top, and the packages of the workspace.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Contents by path, with `/` between folders.
    pub files: BTreeMap<String, String>,
    /// Paths of what is there and is no text, such as pictures.
    pub others: BTreeSet<String>,
    /// The packages of the workspace.
    pub packages: Vec<Package>,
}

/// One package of the workspace.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder, from the top.
    pub folder: String,
    /// What it depends on.
    pub needs: Vec<Need>,
}

/// One dependency of a package.
#[derive(Debug, Clone)]
pub struct Need {
    /// The name of the package it needs.
    pub name: String,
    /// Whether only its tests and examples need it.
    pub dev: bool,
    /// Whether it stands in this workspace.
    pub ours: bool,
}

/// The top of the workspace this program was built from.
pub fn top() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

impl Tree {
    /// Reads the workspace at that place.
    pub fn read(top: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(top, "")?;
        tree.packages = packages(top)?;
        Ok(tree)
    }

    /// The Rust sources of the crates (and of this workshop), tests and examples included.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(path, text)| (&**path, &**text))
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() && !is_foreign(&name) {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() && !is_foreign(&name) {
                // What is not text (images, databases in test data) is nobody's style.
                match String::from_utf8(fs::read(entry.path())?) {
                    Ok(text) => drop(self.files.insert(path, text)),
                    Err(_) => drop(self.others.insert(path)),
                }
            }
        }
        Ok(())
    }
}

/// What is built or kept by tools, not written (in a linked worktree `.git` is a file).
fn is_foreign(name: &str) -> bool {
    matches!(name, "target" | ".git" | ".countersign" | "node_modules")
}

fn packages(top: &Path) -> io::Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(top)
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let list = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(list.iter().map(|package| read_package(package, top)).collect())
}

fn read_package(package: &Value, top: &Path) -> Package {
    let manifest = Path::new(text(&package["manifest_path"]));
    let folder = manifest.parent().and_then(|folder| folder.strip_prefix(top).ok()).unwrap_or(manifest);
    let needs = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    Package {
        name: text(&package["name"]).to_owned(),
        folder: folder.to_string_lossy().into_owned(),
        needs: needs.iter().map(read_need).collect(),
    }
}

fn read_need(need: &Value) -> Need {
    Need { name: text(&need["name"]).to_owned(), dev: need["kind"] == "dev", ours: need["path"].is_string() }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
