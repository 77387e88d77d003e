//! Showing an audit everything as it lies.

use model::fault::Fault;
use rusqlite::types::ValueRef;

use super::Sqlite;
use super::append::{STORE_NUMBER, tips};
use super::commons::index_of;
use super::connections::Reading;
use super::read::{LINE_COLUMNS, line};
use crate::commons::compare::differences;
use crate::commons::index;
use crate::journal::Survey;
use crate::replay;
use crate::stored::BlobLine;

impl Sqlite {
    pub(crate) fn show_all(&self, see: &mut dyn Survey) -> Result<u64, Fault> {
        let taken = self.connections.take()?;
        let _moment = Reading::begin(&taken)?;
        let failed = |error: rusqlite::Error| taken.fault(&error);
        let (tips, given) = tips(&taken)?;
        for tip in &tips {
            see.head(&tip.head);
        }
        let mut statement = taken
            .get()
            .prepare(&format!("SELECT {LINE_COLUMNS} FROM events ORDER BY place"))
            .map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut line = line(row, None).map_err(failed)?;
            let number = row.get_ref(0).map_err(failed)?.as_i64().unwrap_or(-1).div_euclid(super::PLACES);
            let owner = tips.iter().find(|tip| tip.number == number);
            line.in_place &= owner.is_some_and(|tip| tip.head.plan.to_string().as_bytes() == line.plan);
            see.line(&line);
        }
        let mut statement = taken
            .get()
            .prepare("SELECT digest, file, purged IS NOT NULL, bytes FROM blobs ORDER BY digest")
            .map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let bytes = |index: usize| -> rusqlite::Result<Option<&[u8]>> {
                Ok(match row.get_ref(index)? {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
                    _ => None,
                })
            };
            let name = bytes(0).map_err(failed)?.unwrap_or_default();
            let file: bool = row.get(1).map_err(failed)?;
            let purged: bool = row.get(2).map_err(failed)?;
            let inline = bytes(3).map_err(failed)?;
            let large = match replay::digest(name) {
                Some(digest) if file && !purged => self.content(&digest, true, None)?,
                _ => None,
            };
            see.blob(&BlobLine { digest: name, bytes: large.as_deref().or(inline), purged });
        }
        // An index that lags behind is made anew before anybody asks it; one that claims to be as far
        // as its stream is believed as to where to look.
        let store = tips.iter().find(|tip| tip.number == STORE_NUMBER);
        let reached = index::reached(taken.get()).map_err(failed)?;
        if reached.is_some()
            && reached == store.map(|tip| tip.head.seq)
            && let Ok(made) = index_of(&taken)
        {
            for what in differences(taken.get(), &made).map_err(failed)? {
                see.wrong(&what);
            }
        }
        // Last, so that what can be named is named first: an index that leads astray hides rows from
        // those who ask for one, while all of them are still there.
        match taken.get().query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0)) {
            Ok(sound) if sound == "ok" => {}
            Err(error) if !index::is_astray(&error) => return Err(failed(error)),
            _ => see.wrong("the database is damaged: its pages contradict each other"),
        }
        Ok(given)
    }
}
