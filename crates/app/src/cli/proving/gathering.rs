//! Which documents somebody means who names some: a plan is all of its documents, so naming one of
//! them means the others too. Folders stand for the documents in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::documents::{SIDECAR_FORMAT, plans_with};
use engine::store::Store;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{PLAN_AMBIGUOUS, PLAN_NOT_FOUND, Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};

/// Files of a folder that may be plan documents.
const EXTENSIONS: [&str; 3] = ["md", "markdown", "json"];

/// The documents that are meant, and the plan they belong to.
pub struct Gathered {
    /// The store around them, where there is one.
    pub store: Option<Store>,
    /// The plan they belong to, where they belong to one.
    pub plan: Option<PlanId>,
    /// Whether the plan is to be made of other documents than before, or of the same in another order.
    pub rearranged: bool,
    /// All documents of the plan, in the order in which they count.
    pub paths: Vec<PathBuf>,
    /// Those that are new to the plan.
    pub added: Vec<PathBuf>,
    /// Those that the plan is to do without from now on.
    pub removed: Vec<PathBuf>,
}

/// What somebody asks for who names documents.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Documents, or folders of them.
    pub named: &'a [PathBuf],
    /// The plan they are to belong to, by its key.
    pub into: Option<&'a str>,
    /// Documents that the plan is to do without.
    pub without: &'a [PathBuf],
}

/// Finds out which documents are meant. Makes nothing.
pub fn gather(call: &Call, asked: Asked<'_>) -> Outcome<Gathered> {
    let named = expanded(call, asked.named)?;
    let Some(beside) = named.iter().chain(asked.without).next().and_then(|path| folder_of(path)) else {
        return Ok(Gathered::fresh(None, named));
    };
    let Some(store) = call.store_beside(&beside)? else { return plain(asked, named) };
    let Some(plan) = plan_meant(call, &store, asked, &named)? else {
        if !asked.without.is_empty() {
            return Err(in_no_plan(&asked.without[0]));
        }
        return Ok(Gathered::fresh(Some(store), named));
    };
    arranged(store, &plan, named, asked.without)
}

/// Where there is no store, there is no plan to add to or to take from.
fn plain(asked: Asked<'_>, named: Vec<PathBuf>) -> Outcome<Gathered> {
    match (asked.into, asked.without.first()) {
        (None, None) => Ok(Gathered::fresh(None, named)),
        _ => Err(engine::store::not_found().into()),
    }
}

impl Gathered {
    fn fresh(store: Option<Store>, paths: Vec<PathBuf>) -> Self {
        Self { store, plan: None, rearranged: true, paths, added: Vec::new(), removed: Vec::new() }
    }
}

/// The plan that was named, else the one that the documents belong to; never two.
fn plan_meant(call: &Call, store: &Store, asked: Asked<'_>, named: &[PathBuf]) -> Outcome<Option<Arc<Plan>>> {
    let paths: Vec<PathBuf> = named.iter().chain(asked.without).cloned().collect();
    let theirs = plans_with(store, &paths)?;
    let wanted = match asked.into {
        Some(key) => Some(call.plan_named(store, key)?),
        None => theirs.first().cloned(),
    };
    if let (Some(wanted), Some(other)) =
        (&wanted, theirs.iter().find(|other| wanted.as_ref().is_none_or(|wanted| wanted.id != other.id)))
    {
        let no = format!("these documents belong to plan `{}` and to plan `{}`", wanted.key, other.key);
        return Err(Refusal::new(PLAN_AMBIGUOUS, no)
            .hint("a document belongs to one plan; take it out of the other first with `countersign adopt --without FILE`")
            .into());
    }
    Ok(wanted)
}

/// The plan's documents in their order, new ones last; where all of them were named, in the order
/// they were named.
fn arranged(store: Store, plan: &Plan, named: Vec<PathBuf>, without: &[PathBuf]) -> Outcome<Gathered> {
    let sources = plan.sources.iter().filter(|source| source.format != SIDECAR_FORMAT);
    let known: Vec<&str> = sources.map(|source| source.path.as_str()).collect();
    let recorded = |path: &PathBuf| store.relative(path);
    let (mut meant, mut added) = (Vec::<(String, PathBuf)>::new(), Vec::new());
    for path in named {
        let name = recorded(&path);
        if meant.iter().any(|(other, _)| *other == name) {
            continue;
        }
        if !known.contains(&name.as_str()) {
            added.push(path.clone());
        }
        meant.push((name, path));
    }
    let all_named = known.iter().all(|known| meant.iter().any(|(name, _)| name == known));
    if !all_named {
        let (old, new): (Vec<_>, Vec<_>) =
            meant.into_iter().partition(|(name, _)| known.contains(&name.as_str()));
        let as_named = |name: &str| old.iter().find(|(known, _)| known == name).map(|(_, path)| path.clone());
        let documents = known
            .iter()
            .map(|name| ((*name).to_owned(), as_named(name).unwrap_or_else(|| shown(&store.absolute(name)))));
        meant = documents.chain(new).collect();
    }
    let gone: Vec<String> = without.iter().map(recorded).collect();
    if let Some(place) = gone.iter().position(|name| meant.iter().all(|(known, _)| known != name)) {
        return Err(in_no_plan(&without[place]));
    }
    meant.retain(|(name, _)| !gone.contains(name));
    let rearranged = !meant.iter().map(|(name, _)| name.as_str()).eq(known.iter().copied());
    let paths: Vec<PathBuf> = meant.into_iter().map(|(_, path)| path).collect();
    if paths.is_empty() {
        return Err(Refusal::new(VALUE_INVALID, format!("plan `{}` would have no document left", plan.key))
            .hint("a plan that is over is kept with `archived = true` in its `countersign.toml`")
            .into());
    }
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        let name = missing.display();
        return Err(Refusal::new(
            model::refusal::FILE_NOT_FOUND,
            format!("`{name}`, a document of plan `{}`, does not exist", plan.key),
        )
        .hint(format!("put it back, or take it out of the plan with `countersign adopt --without {name}`"))
        .with("path", name.to_string())
        .into());
    }
    Ok(Gathered {
        store: Some(store),
        plan: Some(plan.id),
        rearranged,
        paths,
        added,
        removed: without.to_vec(),
    })
}

fn in_no_plan(path: &Path) -> Stop {
    let no = format!("`{}` belongs to no plan of this store", path.display());
    Refusal::new(PLAN_NOT_FOUND, no).hint("see what each plan is made of with `countersign plans`").into()
}

/// The folder a document lies in, where there is such a folder.
fn folder_of(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Some(parent.unwrap_or(Path::new(".")).to_owned()).filter(|folder| folder.is_dir())
}

/// A path as somebody in this folder would write it.
pub fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).to_owned()
}

/// The documents that were named, those of named folders in their place.
fn expanded(call: &Call, named: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut paths = Vec::with_capacity(named.len());
    for path in named {
        let found = if path.is_dir() {
            documents_in(path, |_| true)
        } else if let Some(pattern) = pattern_in(path) {
            documents_in(&folder_of(path).unwrap_or_default(), |name| fits(&pattern, name))
        } else {
            paths.push(path.clone());
            continue;
        };
        let found = found.map_err(|error| Stop::file(&path.display().to_string(), "read", &error))?;
        let before = paths.len();
        for document in found {
            if has_something(&document) {
                paths.push(document);
            } else {
                call.ui.note(format!("left out    {}: nothing in it to govern", document.display()));
            }
        }
        if paths.len() == before {
            let no = format!("`{}` holds no plan document", path.display());
            return Err(Refusal::new(model::refusal::FILE_NOT_FOUND, no)
                .hint("name the documents themselves")
                .with("path", path.display().to_string())
                .into());
        }
    }
    Ok(paths)
}

/// The last part of a path that is a pattern and no file: `plans/*.md`.
fn pattern_in(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    (name.contains(['*', '?']) && !path.exists()).then(|| name.to_owned())
}

/// Files of a folder that may be plan documents: one called `plan` first, the rest by name.
fn documents_in(folder: &Path, wanted: impl Fn(&str) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let may_be = EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
        if may_be && !name.starts_with('.') && wanted(name) && path.is_file() {
            found.push(path.strip_prefix(".").map(Path::to_owned).unwrap_or(path));
        }
    }
    let is_plan = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("plan"));
    found.sort_by_key(|path| (!is_plan(path), path.clone()));
    Ok(found)
}

/// Whether a document says anything that can be governed.
fn has_something(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return true };
    let draft = formats::read(&path.to_string_lossy(), &bytes).draft;
    !(draft.tasks.is_empty()
        && draft.phases.is_empty()
        && draft.criteria.is_empty()
        && draft.risks.is_empty()
        && draft.metrics.is_empty())
}

/// Whether a name fits a pattern in which `*` stands for any letters and `?` for one.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut from, mut retry) = (0, 0, None);
    while from < name.len() {
        match pattern.get(at) {
            Some('*') => {
                retry = Some((at, from));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[from] => {
                at += 1;
                from += 1;
            }
            _ => match retry {
                Some((star, matched)) => {
                    retry = Some((star, matched + 1));
                    at = star + 1;
                    from = matched + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, name) in
            [("*.md", "PLAN.md"), ("20??-*.md", "2031-05-06.md"), ("*", "x"), ("a*b*c", "aabbcc")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.md", "PLAN.json"), ("?.md", "ab.md"), ("a*c", "abd"), ("", "x")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
