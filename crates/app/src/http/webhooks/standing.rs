//! How far each endpoint was told, kept beside the journal in a file of its own: losing it loses no event,
//! and an event whose telling was cut off is told again. What nobody could be told after every try stays
//! listed until somebody asks for it once more.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lens::views::webhooks::{EndpointRow, UndeliveredRow, Webhooks};
use model::refusal::{ENTRY_NOT_FOUND, Refusal};
use serde::{Deserialize, Serialize};

/// The folder below the store's.
const FOLDER: &str = "webhooks";

/// So many events that could not be told stay listed; of more, the oldest are let go.
pub const MOST_DEAD: usize = 1000;

/// What names of files end with.
const STATE: &str = "json";
const AGAIN: &str = "again";

/// How far an endpoint was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The endpoint.
    pub endpoint: String,
    /// Everything up to this position of the journal was told, or given up.
    pub cursor: u64,
    /// How many events were told.
    pub told: u64,
    /// What is being told, where that did not work at once.
    pub trying: Option<Undelivered>,
    /// What could not be told, oldest first.
    pub dead: Vec<Undelivered>,
}

/// An event that was not told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undelivered {
    /// The message's id.
    pub id: String,
    /// The event's place in the journal.
    pub position: u64,
    /// The event's kind.
    pub kind: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last.
    pub error: String,
    /// When that was.
    pub at: Timestamp,
}

impl Standing {
    /// That of an endpoint which is told what comes after a position.
    pub fn new(endpoint: &str, cursor: u64) -> Self {
        Self { endpoint: endpoint.to_owned(), cursor, told: 0, trying: None, dead: Vec::new() }
    }

    /// That of an endpoint, where it was kept.
    pub fn read(store: &Path, endpoint: &str) -> io::Result<Option<Self>> {
        match fs::read(file(store, endpoint, STATE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps it, whole or not at all.
    pub fn keep(&self, store: &Path) -> io::Result<()> {
        let (path, fresh) = (file(store, &self.endpoint, STATE), file(store, &self.endpoint, "new"));
        fs::create_dir_all(store.join(FOLDER))?;
        let mut written = fs::File::create(&fresh)?;
        written.write_all(&serde_json::to_vec(self)?)?;
        written.sync_data()?;
        fs::rename(fresh, path)
    }

    /// Lists an event as one that could not be told.
    pub fn give_up(&mut self, undelivered: Undelivered) {
        self.dead.push(undelivered);
        if self.dead.len() > MOST_DEAD {
            self.dead.remove(0);
        }
    }
}

/// Every endpoint that was ever told, by name.
pub fn all(store: &Path) -> io::Result<Vec<Standing>> {
    let folder = match fs::read_dir(store.join(FOLDER)) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for entry in folder {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(stem), Some(STATE)) = (stem, path.extension().and_then(|ending| ending.to_str())) {
            all.extend(Standing::read(store, stem)?);
        }
    }
    all.sort_by(|one: &Standing, other| one.endpoint.cmp(&other.endpoint));
    Ok(all)
}

/// Asks for events that could not be told to be told again: one, or all of an endpoint. Gives how many.
/// Whoever tells that endpoint does it when they next look.
pub fn ask_again(store: &Path, endpoint: &str, id: Option<&str>) -> io::Result<Result<usize, Refusal>> {
    let Some(standing) = all(store)?.into_iter().find(|known| known.endpoint == endpoint) else {
        return Ok(Err(Refusal::new(ENTRY_NOT_FOUND, format!("nothing was ever told to `{endpoint}`"))
            .hint("see who is told with `countersign webhook list`")));
    };
    let wanted = standing.dead.iter().filter(|dead| id.is_none_or(|id| dead.id == id));
    let lines: Vec<String> = wanted.map(|dead| format!("{}\n", dead.id)).collect();
    if let (true, Some(id)) = (lines.is_empty(), id) {
        return Ok(Err(Refusal::new(
            ENTRY_NOT_FOUND,
            format!("`{endpoint}` has no message `{id}` to be told again"),
        )
        .hint("see them with `countersign webhook list`")));
    }
    let mut asked = fs::OpenOptions::new().create(true).append(true).open(file(store, endpoint, AGAIN))?;
    asked.write_all(lines.concat().as_bytes())?;
    asked.sync_data()?;
    Ok(Ok(lines.len()))
}

/// The ids that were asked for again; they are asked for no longer then.
pub fn asked_again(store: &Path, endpoint: &str) -> io::Result<Vec<String>> {
    let path = file(store, endpoint, AGAIN);
    let taken = path.with_extension("taken");
    if let Err(error) = fs::rename(&path, &taken) {
        return if error.kind() == io::ErrorKind::NotFound { Ok(Vec::new()) } else { Err(error) };
    }
    let text = fs::read_to_string(&taken)?;
    fs::remove_file(taken)?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Whoever holds it is the only one who tells an endpoint.
pub fn claim(store: &Path, endpoint: &str) -> io::Result<fs::File> {
    fs::create_dir_all(store.join(FOLDER))?;
    let path = file(store, endpoint, "lock");
    let lock = fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    lock.try_lock().map_err(|_| io::Error::new(io::ErrorKind::WouldBlock, "another service tells it"))?;
    Ok(lock)
}

fn file(store: &Path, endpoint: &str, ending: &str) -> PathBuf {
    store.join(FOLDER).join(format!("{endpoint}.{ending}"))
}

/// What is known of everybody who was ever told, to be shown.
pub fn shown(store: &Path, position: u64) -> io::Result<Webhooks> {
    let row = |known: Undelivered| {
        let Undelivered { id, position, kind, attempts, error, at } = known;
        UndeliveredRow { id, position, kind, attempts, error, at }
    };
    let endpoint = |known: Standing| EndpointRow {
        endpoint: known.endpoint,
        cursor: known.cursor,
        told: known.told,
        trying: known.trying.map(row),
        dead: known.dead.into_iter().map(row).collect(),
    };
    Ok(Webhooks { position, endpoints: all(store)?.into_iter().map(endpoint).collect() })
}
