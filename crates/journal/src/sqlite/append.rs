//! Appending: one transaction for events, positions, chain, head, blobs and request.

use std::collections::HashMap;

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::connections::{Taken, Writing};
use super::{Sqlite, blobs, commons, fault, place};
use crate::entry::{AppendError, Appended, Earlier, Entry, not_found};
use crate::memory::json;
use crate::replay;
use crate::store_event::StoreEvent;
use crate::stored::{self, Head};

/// The number of the store's own stream.
pub(crate) const STORE_NUMBER: i64 = 1;

/// A stream's end, with its number and, on the store's own stream, the last position given.
#[derive(Clone, Copy)]
pub(crate) struct Tip {
    pub(crate) number: i64,
    pub(crate) head: Head,
    pub(super) given: i64,
}

/// The ends of streams in a transaction: read once and saved once, however many entries move them.
struct Ends {
    store: Tip,
    /// The positions given when it was read.
    before: i64,
    plans: HashMap<PlanId, Tip>,
    /// Those that have not moved.
    seen: HashMap<PlanId, Tip>,
}

impl Ends {
    fn of(taken: &Taken<'_>) -> Result<Self, Fault> {
        let store = store_tip(taken)?;
        Ok(Self { store, before: store.given, plans: HashMap::new(), seen: HashMap::new() })
    }

    fn tip(&mut self, connection: &Connection, plan: PlanId) -> rusqlite::Result<Option<Tip>> {
        if plan == PlanId::STORE {
            return Ok(Some(self.store));
        }
        if let Some(known) = self.plans.get(&plan).or_else(|| self.seen.get(&plan)) {
            return Ok(Some(*known));
        }
        let found = tip(connection, plan)?;
        self.seen.extend(found.map(|tip| (plan, tip)));
        Ok(found)
    }

    fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.plans.values().try_for_each(|tip| tip.save(connection))?;
        // Every event of any stream is counted there.
        if self.store.given == self.before { Ok(()) } else { self.store.save(connection) }
    }
}

/// Who appends, as text that is stored with every event.
struct Who<'a> {
    actor: &'a By,
    at: String,
    by: String,
    cause: String,
}

impl Sqlite {
    pub(crate) fn append_entries(
        &self,
        entries: &[(PlanId, Seq, &Entry)],
    ) -> Result<Vec<Appended>, AppendError> {
        for (_, _, entry) in entries {
            entry.check()?;
            // Large contents are safely on disk before anything names them; should the rest fail, they
            // are files that nothing points to.
            for blob in entry.blobs.iter().filter(|blob| !blob.is_inline()) {
                self.write_blob_file(blob)?;
            }
        }
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        let mut appended = Vec::with_capacity(entries.len());
        let mut ends = Ends::of(&taken)?;
        for (plan, expected, entry) in entries {
            appended.push(self.append_within(&taken, &mut ends, (*plan, *expected), entry)?);
        }
        ends.save(writing.connection()).map_err(|error| taken.fault(&error))?;
        writing.commit()?;
        Ok(appended)
    }

    /// Appends within a transaction that has begun; where this fails, that is to be given up.
    fn append_within(
        &self,
        taken: &Taken<'_>,
        ends: &mut Ends,
        (plan, expected): (PlanId, Seq),
        entry: &Entry,
    ) -> Result<Appended, AppendError> {
        let connection = taken.get();
        let failed = |error: rusqlite::Error| AppendError::Fault(taken.fault(&error));
        if let Some(id) = &entry.cause.request
            && let Some(earlier) = self.earlier(taken, id)?
        {
            return Err(AppendError::Duplicate(Box::new(earlier)));
        }
        let known = ends.tip(connection, plan).map_err(failed)?;
        if known.is_some_and(|tip| tip.head.removed) {
            return Err(AppendError::Removed);
        }
        let actual = known.map_or(Seq(0), |tip| tip.head.seq);
        if actual != expected {
            return Err(AppendError::Moved { actual });
        }
        for (other, seq) in entry.given.iter().copied() {
            let actual = ends.tip(connection, other).map_err(failed)?.map_or(Seq(0), |tip| tip.head.seq);
            if actual != seq {
                return Err(AppendError::Moved { actual });
            }
        }
        let who = Who::new(entry.at, &entry.by, &entry.cause);
        let head = match known {
            None if entry.events.is_empty() => new_head(plan),
            Some(tip) if entry.events.is_empty() => tip.head,
            Some(tip) if tip.number == STORE_NUMBER => {
                push_to_store(taken, &mut ends.store, &who, entry.events.iter())?;
                ends.store.head
            }
            known => {
                let mut tip = match known {
                    Some(tip) => tip,
                    None => {
                        let made = StoreEvent::PlanMade { plan }.to_bytes();
                        push_to_store(taken, &mut ends.store, &who, std::iter::once(made.as_slice()))?;
                        make(connection, plan).map_err(failed)?
                    }
                };
                tip.head = push(
                    connection,
                    &mut ends.store.given,
                    (tip.number, tip.head),
                    &who,
                    entry.events.iter(),
                )
                .map_err(failed)?;
                ends.plans.insert(plan, tip);
                tip.head
            }
        };
        for blob in &entry.blobs {
            blobs::insert(connection, blob).map_err(failed)?;
        }
        let appended =
            Appended { first: expected.next(), last: head.seq, digest: head.digest, position: head.position };
        if let Some(id) = &entry.cause.request {
            remember(connection, id, plan, &entry.cause.command, &who.at, &appended).map_err(failed)?;
        }
        Ok(appended)
    }

    pub(crate) fn remove_plan(
        &self,
        plan: PlanId,
        expected: Seq,
        who: (Timestamp, &By, &Cause),
    ) -> Result<(), AppendError> {
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        let connection = writing.connection();
        let failed = |error: rusqlite::Error| AppendError::Fault(taken.fault(&error));
        let Some(mut gone) = tip(connection, plan).map_err(failed)?.filter(|tip| tip.number != STORE_NUMBER)
        else {
            return Err(AppendError::Fault(not_found(plan)));
        };
        if gone.head.removed {
            return Err(AppendError::Removed);
        }
        if gone.head.seq != expected {
            return Err(AppendError::Moved { actual: gone.head.seq });
        }
        let event = StoreEvent::PlanRemoved { plan, seq: gone.head.seq, digest: gone.head.digest };
        record(&taken, who, &event)?;
        let (first, last) = (place(gone.number, Seq(0)), place(gone.number + 1, Seq(0)));
        connection
            .execute("DELETE FROM events WHERE place >= ?1 AND place < ?2", [first, last])
            .map_err(failed)?;
        gone.head.removed = true;
        gone.save(connection).map_err(failed)?;
        // Before the commit: a snapshot may go for nothing, but none may outlive its plan.
        self.remove_snapshot(plan)?;
        writing.commit()?;
        Ok(())
    }

    pub(crate) fn earlier(&self, taken: &Taken<'_>, id: &str) -> Result<Option<Earlier>, Fault> {
        let read = |row: &Row<'_>| {
            let text = |index| row.get::<_, String>(index);
            let seq = |index| row.get::<_, i64>(index).map(|seq| Seq(seq as u64));
            let digest = row.get::<_, [u8; 32]>(5).map(Digest::from_bytes)?;
            let position = row.get::<_, i64>(6)? as u64;
            let appended = Appended { first: seq(3)?, last: seq(4)?, digest, position };
            Ok((text(0)?, text(1)?, text(2)?, appended))
        };
        let found = taken
            .get()
            .prepare_cached(
                "SELECT plan, command, at, first, last, digest, position FROM requests WHERE id = ?1",
            )
            .and_then(|mut statement| statement.query_row([id], read).optional())
            .map_err(|error| taken.fault(&error))?;
        let Some((plan, command, at, appended)) = found else { return Ok(None) };
        match (plan.parse(), at.parse()) {
            (Ok(plan), Ok(at)) => Ok(Some(Earlier { request: id.to_owned(), plan, command, at, appended })),
            _ => Err(fault::damaged(&self.connections.path, "a request recorded in it cannot be read")),
        }
    }
}

impl<'a> Who<'a> {
    fn new(at: Timestamp, by: &'a By, cause: &Cause) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("JSON is text");
        Self { actor: by, at: at.to_string(), by: text(json(by)), cause: text(json(cause)) }
    }
}

impl Tip {
    pub(super) fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        let given = (self.number == STORE_NUMBER).then_some(self.given);
        let head = &self.head;
        connection
            .prepare_cached(
                "UPDATE heads SET seq = ?2, digest = ?3, position = ?4, removed = ?5, given = ?6 WHERE number = ?1",
            )?
            .execute(params![
                self.number,
                head.seq.0 as i64,
                head.digest.as_bytes(),
                head.position as i64,
                head.removed,
                given
            ])
            .map(drop)
    }
}

/// Appends an event to the store's own stream inside a transaction.
pub(crate) fn record(
    taken: &Taken<'_>,
    (at, by, cause): (Timestamp, &By, &Cause),
    event: &StoreEvent,
) -> Result<(), Fault> {
    let mut store = store_tip(taken)?;
    let bytes = event.to_bytes();
    push_to_store(taken, &mut store, &Who::new(at, by, cause), std::iter::once(bytes.as_slice()))?;
    store.save(taken.get()).map_err(|error| taken.fault(&error))
}

/// Appends to the store's own stream, and to the index of it.
fn push_to_store<'a>(
    taken: &Taken<'_>,
    store: &mut Tip,
    who: &Who<'_>,
    events: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<(), Fault> {
    let before = store.head;
    store.head = push(taken.get(), &mut store.given, (STORE_NUMBER, before), who, events.clone())
        .map_err(|error| taken.fault(&error))?;
    commons::follow(taken, before.seq, who.actor, events)
}

fn push<'a>(
    connection: &Connection,
    given: &mut i64,
    (number, mut head): (i64, Head),
    who: &Who<'_>,
    events: impl Iterator<Item = &'a [u8]>,
) -> rusqlite::Result<Head> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO events (place, plan, seq, at, \"by\", cause, event, prev, digest, position)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let plan = head.plan.to_string();
    insert.raw_bind_parameter(2, &plan)?;
    insert.raw_bind_parameter(4, &who.at)?;
    insert.raw_bind_parameter(5, &who.by)?;
    insert.raw_bind_parameter(6, &who.cause)?;
    for event in events {
        let (prev, seq) = (head.digest, head.seq.next());
        let digest =
            stored::chain(&prev, &plan, seq, &who.at, who.by.as_bytes(), who.cause.as_bytes(), event);
        *given += 1;
        insert.raw_bind_parameter(1, place(number, seq))?;
        insert.raw_bind_parameter(3, seq.0 as i64)?;
        insert.raw_bind_parameter(
            7,
            std::str::from_utf8(event).map_err(|error| rusqlite::Error::Utf8Error(7, error))?,
        )?;
        insert.raw_bind_parameter(8, prev.as_bytes())?;
        insert.raw_bind_parameter(9, digest.as_bytes())?;
        insert.raw_bind_parameter(10, *given)?;
        insert.raw_execute()?;
        head = Head { seq, digest, position: *given as u64, ..head };
    }
    Ok(head)
}

fn new_head(plan: PlanId) -> Head {
    Head { plan, seq: Seq(0), digest: Digest::ZERO, position: 0, removed: false }
}

pub(super) fn make(connection: &Connection, plan: PlanId) -> rusqlite::Result<Tip> {
    connection
        .prepare_cached("INSERT INTO heads (plan, seq, digest, position) VALUES (?1, 0, ?2, 0)")?
        .execute(params![plan.to_string(), Digest::ZERO.as_bytes()])?;
    Ok(Tip { number: connection.last_insert_rowid(), head: new_head(plan), given: 0 })
}

fn remember(
    connection: &Connection,
    id: &str,
    plan: PlanId,
    command: &str,
    at: &str,
    appended: &Appended,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO requests (id, plan, command, at, first, last, digest, position)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id,
            plan.to_string(),
            command,
            at,
            appended.first.0 as i64,
            appended.last.0 as i64,
            appended.digest.as_bytes(),
            appended.position as i64
        ])
        .map(drop)
}

const HEAD_COLUMNS: &str = "number, seq, digest, position, removed, given";

fn read_tip(row: &Row<'_>, plan: PlanId) -> rusqlite::Result<Tip> {
    let digest = replay::digest(row.get_ref(2)?.as_bytes().unwrap_or_default()).unwrap_or(Digest::ZERO);
    Ok(Tip {
        number: row.get(0)?,
        head: Head {
            plan,
            seq: Seq(row.get::<_, i64>(1)? as u64),
            digest,
            position: row.get::<_, i64>(3)? as u64,
            removed: row.get(4)?,
        },
        given: row.get::<_, Option<i64>>(5)?.unwrap_or(0),
    })
}

/// The end of the store's own stream, which every store has.
pub(super) fn store_tip(taken: &Taken<'_>) -> Result<Tip, Fault> {
    let found = taken
        .get()
        .prepare_cached(&format!("SELECT {HEAD_COLUMNS} FROM heads WHERE number = 1"))
        .and_then(|mut statement| statement.query_row([], |row| read_tip(row, PlanId::STORE)).optional());
    match found {
        Ok(Some(tip)) => Ok(tip),
        Ok(None) => {
            Err(replay::broken(PlanId::STORE, Seq(1), "cannot be placed: the store's own stream is gone"))
        }
        Err(error) => Err(taken.fault(&error)),
    }
}

/// The end of a plan's stream.
pub(crate) fn tip(connection: &Connection, plan: PlanId) -> rusqlite::Result<Option<Tip>> {
    connection
        .prepare_cached(&format!("SELECT {HEAD_COLUMNS} FROM heads WHERE plan = ?1"))?
        .query_row([plan.to_string()], |row| read_tip(row, plan))
        .optional()
}

/// The ends of all streams with their numbers, in order of number; the last position given.
pub(crate) fn tips(taken: &Taken<'_>) -> Result<(Vec<Tip>, u64), Fault> {
    let mut given = 0;
    let read = |row: &Row<'_>| {
        let plan: String = row.get(6)?;
        Ok((plan.parse::<PlanId>().ok(), read_tip(row, PlanId::STORE)?))
    };
    let rows = taken
        .get()
        .prepare_cached(&format!("SELECT {HEAD_COLUMNS}, plan FROM heads ORDER BY number"))
        .and_then(|mut statement| statement.query_map([], read)?.collect::<Result<Vec<_>, _>>())
        .map_err(|error| taken.fault(&error))?;
    let mut tips = Vec::with_capacity(rows.len());
    for (plan, mut tip) in rows {
        let Some(plan) = plan else {
            return Err(fault::damaged(taken.path(), "the name of a plan in it cannot be read"));
        };
        tip.head.plan = plan;
        given = given.max(tip.given as u64);
        tips.push(tip);
    }
    Ok((tips, given))
}
