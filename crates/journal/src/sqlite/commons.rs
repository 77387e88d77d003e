//! The index of the store's own stream, beside that stream: followed with each event, made anew
//! where it lags behind or leads astray, and done without where the store may only be read.

use std::ops::ControlFlow;

use jiff::Timestamp;
use model::actor::By;
use model::commons::{MemoryEntry, Message, Reader};
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use rusqlite::{Connection, OptionalExtension as _};

use super::append::{STORE_NUMBER, store_tip};
use super::connections::{Reading, Taken, Writing};
use super::read::{LINE_COLUMNS, line, visit_places};
use super::{Access, Sqlite, fault, place};
use crate::commons::index::{self, Indexed};
use crate::commons::lookup::{Found, Lookup, NoAnswer};
use crate::commons::{Delivered, Page};
use crate::replay::Replay;
use crate::stored::Stored;

impl Sqlite {
    pub(crate) fn look_entry_up(&self, key: &str) -> Result<Option<MemoryEntry>, Fault> {
        self.look_up(&|lookup| lookup.entry(key))
    }

    pub(crate) fn look_page_up(&self, page: &Page<'_>) -> Result<Vec<MemoryEntry>, Fault> {
        self.look_up(&|lookup| lookup.page(page))
    }

    pub(crate) fn look_history_up(
        &self,
        key: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<MemoryEntry>, Fault> {
        self.look_up(&|lookup| lookup.history(key, after, limit))
    }

    pub(crate) fn look_words_up(
        &self,
        words: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MemoryEntry>, Fault> {
        self.look_up(&|lookup| lookup.search(words, now, limit))
    }

    pub(crate) fn look_message_up(&self, number: Seq) -> Result<Option<Message>, Fault> {
        self.look_up(&|lookup| lookup.message(number))
    }

    pub(crate) fn look_inbox_up(
        &self,
        reader: &Reader,
        unread: bool,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Delivered>, Fault> {
        self.look_up(&|lookup| lookup.inbox(reader, unread, after, limit))
    }

    /// Asks the index as it lies; one that does not fit the stream is made anew and asked again.
    fn look_up<T>(&self, ask: &dyn Fn(&Lookup<'_>) -> Found<T>) -> Result<T, Fault> {
        let taken = self.connections.take()?;
        {
            let _moment = Reading::begin(&taken)?;
            let head = store_tip(&taken)?.head.seq;
            let reached = index::reached(taken.get()).map_err(|error| taken.fault(&error))?;
            if reached == Some(head)
                && let Some(answer) = ask_one(taken.get(), &taken, ask)?
            {
                return Ok(answer);
            }
        }
        drop(taken);
        let made = match self.access {
            Access::Read => None,
            Access::Write | Access::Create => self.make_index_anew().map(Some)?,
        };
        let taken = self.connections.take()?;
        let _moment = Reading::begin(&taken)?;
        if made.is_some()
            && let Some(answer) = ask_one(taken.get(), &taken, ask)?
        {
            return Ok(answer);
        }
        let beside = index_of(&taken)?;
        ask_one(&beside, &taken, ask)?.ok_or_else(|| {
            fault::damaged(taken.path(), "what its own stream says of memory and messages contradicts itself")
        })
    }

    /// Makes the index anew from the events.
    pub(crate) fn make_index_anew(&self) -> Result<(), Fault> {
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        make_anew(&taken)?;
        writing.commit()
    }
}

/// An answer; `None` where the index led astray.
fn ask_one<T>(
    index: &Connection,
    taken: &Taken<'_>,
    ask: &dyn Fn(&Lookup<'_>) -> Found<T>,
) -> Result<Option<T>, Fault> {
    let event = |seq: Seq| event(taken, seq);
    match ask(&Lookup { index, event: &event }) {
        Ok(answer) => Ok(Some(answer)),
        Err(NoAnswer::Astray) => Ok(None),
        Err(NoAnswer::Failed(fault)) => Err(fault),
        Err(NoAnswer::Database(error)) => Err(taken.fault(&error)),
    }
}

/// An event of the store's own stream.
fn event(taken: &Taken<'_>, seq: Seq) -> Result<Option<Stored>, Fault> {
    let failed = |error: rusqlite::Error| taken.fault(&error);
    let mut statement = taken
        .get()
        .prepare_cached(&format!("SELECT {LINE_COLUMNS} FROM events WHERE place = ?1"))
        .map_err(failed)?;
    let read = |row: &rusqlite::Row<'_>| {
        let line = line(row, Some(STORE_NUMBER))?;
        Ok(Replay::new(PlanId::STORE, Seq(seq.0.saturating_sub(1))).next(&line).cloned())
    };
    statement.query_row([place(STORE_NUMBER, seq)], read).optional().map_err(failed)?.transpose()
}

/// Follows the store's own stream inside the transaction that appends to it: the index never says
/// less than the events beside it.
pub(super) fn follow<'a>(
    taken: &Taken<'_>,
    before: Seq,
    by: &By,
    events: impl Iterator<Item = &'a [u8]>,
) -> Result<(), Fault> {
    let connection = taken.get();
    let work = || -> rusqlite::Result<bool> {
        if index::reached(connection)? != Some(before) {
            return Ok(false);
        }
        let mut seq = before;
        for event in events {
            seq = seq.next();
            index::add(connection, &Indexed { seq, by, event })?;
        }
        index::reach(connection, seq).map(|()| true)
    };
    match work() {
        Ok(true) => Ok(()),
        Ok(false) => make_anew(taken),
        Err(error) if index::is_astray(&error) => make_anew(taken),
        Err(error) => Err(taken.fault(&error)),
    }
}

/// Makes the index anew inside a transaction, events included that were appended in it.
fn make_anew(taken: &Taken<'_>) -> Result<(), Fault> {
    index::create_anew(taken.get()).map_err(|error| taken.fault(&error))?;
    fill(taken.get(), taken)
}

/// An index made from the events, in memory.
pub(super) fn index_of(taken: &Taken<'_>) -> Result<Connection, Fault> {
    let index = index::in_memory().map_err(|error| taken.fault(&error))?;
    fill(&index, taken)?;
    Ok(index)
}

fn fill(index: &Connection, taken: &Taken<'_>) -> Result<(), Fault> {
    let mut replay = Replay::new(PlanId::STORE, Seq(0));
    let places = (place(STORE_NUMBER, Seq(0)), place(STORE_NUMBER + 1, Seq(0)));
    let mut failed = None;
    visit_places(taken, STORE_NUMBER, places, &mut replay, &mut |stored| {
        let indexed = Indexed { seq: stored.seq, by: &stored.by, event: &stored.event };
        match index::add(index, &indexed) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or_else(|| index::reach(index, replay.seq()), Err).map_err(|error| taken.fault(&error))
}
