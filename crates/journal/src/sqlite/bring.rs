//! Bringing a stream in from another store: rows as they lay there, in one transaction with what
//! the store's own stream says about it.

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::ids::Seq;
use rusqlite::{Connection, params};

use super::append::{Tip, make, record, store_tip, tip};
use super::connections::Writing;
use super::{Sqlite, blobs, place};
use crate::brought::Brought;
use crate::entry::{AppendError, Appended};
use crate::store_event::StoreEvent;
use crate::stored::Head;

/// What the tombstone of a blob says that came without content.
pub(crate) const PURGED_ELSEWHERE: &str = "was purged in the store that the plan came from";

impl Sqlite {
    pub(crate) fn bring_stream(
        &self,
        stream: &Brought,
        who: (Timestamp, &By, &Cause),
    ) -> Result<Appended, AppendError> {
        stream.check()?;
        for blob in stream.blobs.iter().filter(|blob| !blob.is_inline()) {
            self.write_blob_file(blob)?;
        }
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        let connection = writing.connection();
        let failed = |error: rusqlite::Error| AppendError::Fault(taken.fault(&error));
        if let Some(known) = tip(connection, stream.plan).map_err(failed)? {
            let Head { removed, seq, .. } = known.head;
            return Err(if removed { AppendError::Removed } else { AppendError::Moved { actual: seq } });
        }
        record(&taken, who, &StoreEvent::PlanMade { plan: stream.plan })?;
        record(&taken, who, &StoreEvent::brought(stream))?;
        for digest in &stream.purged {
            if bury(connection, digest, who.0).map_err(failed)? {
                let reason = PURGED_ELSEWHERE.to_owned();
                record(&taken, who, &StoreEvent::BlobPurged { digest: *digest, reason })?;
            }
        }
        for blob in &stream.blobs {
            blobs::insert(connection, blob).map_err(failed)?;
        }
        let mut store = store_tip(&taken)?;
        let mut made = make(connection, stream.plan).map_err(failed)?;
        lay(connection, stream, &mut store, &mut made).map_err(failed)?;
        made.save(connection).map_err(failed)?;
        store.save(connection).map_err(failed)?;
        writing.commit()?;
        let Head { seq, digest, position, .. } = made.head;
        Ok(Appended { first: Seq(1), last: seq, digest, position })
    }
}

fn lay(connection: &Connection, stream: &Brought, store: &mut Tip, made: &mut Tip) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO events (place, plan, seq, at, \"by\", cause, event, prev, digest, position)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let plan = stream.plan.to_string();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for row in &stream.rows {
        let seq = made.head.seq.next();
        store.given += 1;
        insert.execute(params![
            place(made.number, seq),
            plan,
            seq.0 as i64,
            row.at,
            text(&row.by),
            text(&row.cause),
            text(&row.event),
            row.prev.as_bytes(),
            row.digest.as_bytes(),
            store.given,
        ])?;
        made.head = Head { seq, digest: row.digest, position: store.given as u64, ..made.head };
    }
    Ok(())
}

/// Puts a tombstone where nothing lies; says whether it did.
fn bury(connection: &Connection, digest: &model::digest::Digest, at: Timestamp) -> rusqlite::Result<bool> {
    let count = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO blobs (digest, size, file, bytes, purged) VALUES (?1, 0, FALSE, NULL, ?2)",
        )?
        .execute(params![digest.as_bytes(), at.to_string()])?;
    Ok(count > 0)
}
