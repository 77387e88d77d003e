//! Snapshots as files beside the database: a cache need not be durable, and writing one of many
//! megabytes through the database's log would cost more than it saves.

use std::fs;
use std::io;
use std::path::PathBuf;

use model::fault::Fault;
use model::ids::{PlanId, Seq};
use rusqlite::OptionalExtension as _;

use super::append::tip;
use super::{Access, Sqlite, blobs, fault, place};
use crate::replay;
use crate::snapshot::{Snapshot, SnapshotKey};

/// The folder of snapshots inside a store's folder.
pub const SNAPSHOTS: &str = "snapshots";
const ENDING: &str = "snapshot";

impl Sqlite {
    fn snapshot_path(&self, plan: PlanId) -> PathBuf {
        self.folder.join(SNAPSHOTS).join(format!("{plan}.{ENDING}"))
    }

    pub(crate) fn write_snapshot(&self, key: &SnapshotKey, bytes: &[u8]) -> Result<bool, Fault> {
        if self.access == Access::Read {
            return Ok(false);
        }
        let header = key.header(bytes)?;
        let path = self.snapshot_path(key.plan);
        let building = blobs::unique(&path);
        let work = || {
            self.files.make_folder(&self.folder.join(SNAPSHOTS))?;
            self.files.write(&building, &[&header, bytes], false)?;
            self.files.rename(&building, &path)
        };
        work().map(|()| true).map_err(|error| {
            let _ = self.files.remove(&building);
            fault::file(&error, &path, "write")
        })
    }

    pub(crate) fn read_snapshot(&self, plan: PlanId, code_version: &str) -> Result<Option<Snapshot>, Fault> {
        let Some(found) = self.load_snapshot(plan)? else { return Ok(None) };
        if found.key.plan != plan || found.key.code_version != code_version {
            return Ok(None);
        }
        let taken = self.connections.take()?;
        let failed = |error: rusqlite::Error| taken.fault(&error);
        let Some(tip) = tip(taken.get(), plan).map_err(failed)? else { return Ok(None) };
        if found.key.seq == Seq(0) || found.key.seq > tip.head.seq {
            return Ok(None);
        }
        let digest = taken
            .get()
            .prepare_cached("SELECT digest FROM events WHERE place = ?1")
            .and_then(|mut statement| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(replay::digest(row.get_ref(0)?.as_bytes().unwrap_or_default()))
                };
                statement.query_row([place(tip.number, found.key.seq)], read).optional()
            })
            .map_err(failed)?;
        Ok((digest.flatten() == Some(found.key.digest)).then_some(found))
    }

    pub(crate) fn all_snapshots(&self) -> Result<Vec<(PlanId, Option<Snapshot>)>, Fault> {
        let folder = self.folder.join(SNAPSHOTS);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fault::file(&error, &folder, "read")),
        };
        let mut plans: Vec<PlanId> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(ENDING)?.strip_suffix('.')?.parse().ok())
            .collect();
        plans.sort_unstable();
        plans
            .into_iter()
            .map(|plan| {
                let found = self.load_snapshot(plan)?;
                Ok((plan, found.filter(|found| found.key.plan == plan)))
            })
            .collect()
    }

    pub(crate) fn remove_snapshot(&self, plan: PlanId) -> Result<(), Fault> {
        let path = self.snapshot_path(plan);
        if self.access == Access::Read {
            return Err(fault::read_only(&path));
        }
        match self.files.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(fault::file(&error, &path, "remove"))
            }
            _ => Ok(()),
        }
    }

    fn load_snapshot(&self, plan: PlanId) -> Result<Option<Snapshot>, Fault> {
        let path = self.snapshot_path(plan);
        match self.files.read(&path) {
            Ok(file) => Ok(Snapshot::parse(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault::file(&error, &path, "read")),
        }
    }
}
