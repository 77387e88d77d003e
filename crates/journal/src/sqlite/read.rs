//! Reading events back, in order of a stream or of the whole store.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use model::fault::Fault;
use model::ids::{PlanId, Seq};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql};

use super::append::{tip, tips};
use super::connections::{Reading, Taken};
use super::{PLACES, Sqlite, place};
use crate::replay::{self, Replay};
use crate::stored::{Line, Stored};

/// The columns of a line, in the order [`line`] expects them.
pub(crate) const LINE_COLUMNS: &str = "place, plan, seq, at, \"by\", cause, event, prev, digest, position";

impl Sqlite {
    pub(crate) fn visit_stream(
        &self,
        plan: PlanId,
        after: Seq,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let taken = self.connections.take()?;
        let _moment = Reading::begin(&taken)?;
        let Some(tip) = tip(taken.get(), plan).map_err(|error| taken.fault(&error))? else { return Ok(()) };
        if tip.head.removed {
            return Ok(());
        }
        let mut replay = Replay::new(plan, after);
        let places = (place(tip.number, after), place(tip.number + 1, Seq(0)));
        let whole = visit_places(&taken, tip.number, places, &mut replay, each)?;
        let short = after <= tip.head.seq && (replay.seq() != tip.head.seq);
        if whole && short && after < tip.head.seq {
            return Err(replay::broken(plan, replay.seq().next(), "is missing or stands behind the head"));
        }
        if whole && after < tip.head.seq && replay.digest() != tip.head.digest {
            return Err(replay::broken(plan, tip.head.seq, "is not the one the head names"));
        }
        Ok(())
    }

    pub(crate) fn visit_some_of(
        &self,
        plan: PlanId,
        after: Seq,
        beginnings: &[&str],
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let taken = self.connections.take()?;
        let _moment = Reading::begin(&taken)?;
        let failed = |error: rusqlite::Error| taken.fault(&error);
        let Some(tip) = tip(taken.get(), plan).map_err(failed)? else { return Ok(()) };
        if tip.head.removed || beginnings.is_empty() {
            return Ok(());
        }
        // Every text that begins so stands between the beginning itself and this.
        let ends: Vec<String> = beginnings.iter().map(|begin| format!("{begin}\u{10FFFF}")).collect();
        let wanted: Vec<String> = (0..beginnings.len())
            .map(|at| format!("(event >= ?{} AND event < ?{})", 2 * at + 3, 2 * at + 4))
            .collect();
        let mut statement = taken
            .get()
            .prepare_cached(&format!(
                "SELECT {LINE_COLUMNS} FROM events WHERE place > ?1 AND place < ?2 AND ({}) ORDER BY place",
                wanted.join(" OR ")
            ))
            .map_err(failed)?;
        let places = (place(tip.number, after), place(tip.number + 1, Seq(0)));
        let mut values: Vec<&dyn ToSql> = vec![&places.0, &places.1];
        for (begin, end) in beginnings.iter().zip(&ends) {
            values.extend([begin as &dyn ToSql, end as &dyn ToSql]);
        }
        let mut rows = statement.query(values.as_slice()).map_err(failed)?;
        let mut replay = Replay::new(plan, after);
        while let Some(row) = rows.next().map_err(failed)? {
            let line = line(row, Some(tip.number)).map_err(failed)?;
            replay.pass_over(Seq(line.seq as u64));
            if each(replay.next(&line)?).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(crate) fn follow_all(&self, after: u64, limit: usize) -> Result<Vec<Stored>, Fault> {
        let taken = self.connections.take()?;
        let _moment = Reading::begin(&taken)?;
        let failed = |error: rusqlite::Error| taken.fault(&error);
        // Positions rise within a stream, so each stream that has something new is entered by
        // halving, and the streams are then merged run by run.
        let mut next = BinaryHeap::new();
        for tip in tips(&taken)?.0 {
            if tip.head.position > after && !tip.head.removed {
                let seq = first_after(taken.get(), tip.number, tip.head.seq, after).map_err(failed)?;
                if let Some((seq, position)) = seq {
                    next.push(Reverse((position, tip.number, seq, tip.head.plan, tip.head.seq)));
                }
            }
        }
        let mut events = Vec::new();
        while events.len() < limit
            && let Some(Reverse((_, number, seq, plan, head))) = next.pop()
        {
            let until = next.peek().map_or(u64::MAX, |Reverse((position, ..))| *position);
            let mut replay = Replay::new(plan, Seq(seq.0 - 1));
            let mut resume = None;
            let places = (place(number, Seq(seq.0 - 1)), place(number, head.next()));
            visit_places(&taken, number, places, &mut replay, &mut |event| {
                if event.position > until {
                    resume = Some((event.position, event.seq));
                    return ControlFlow::Break(());
                }
                events.push(event.clone());
                if events.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            if let Some((position, seq)) = resume {
                next.push(Reverse((position, number, seq, plan, head)));
            }
        }
        Ok(events)
    }
}

/// Shows the events whose places lie between two, both excluded. Gives whether all were seen.
pub(super) fn visit_places(
    taken: &Taken<'_>,
    number: i64,
    places: (i64, i64),
    replay: &mut Replay,
    each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
) -> Result<bool, Fault> {
    let failed = |error: rusqlite::Error| taken.fault(&error);
    let mut statement = taken
        .get()
        .prepare_cached(&format!(
            "SELECT {LINE_COLUMNS} FROM events WHERE place > ?1 AND place < ?2 ORDER BY place"
        ))
        .map_err(failed)?;
    let mut rows = statement.query([places.0, places.1]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let line = line(row, Some(number)).map_err(failed)?;
        if each(replay.next(&line)?).is_break() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first event of a stream after a position, and its position.
fn first_after(
    connection: &Connection,
    number: i64,
    head: Seq,
    after: u64,
) -> rusqlite::Result<Option<(Seq, u64)>> {
    let mut statement = connection.prepare_cached("SELECT position FROM events WHERE place = ?1")?;
    let mut position = |seq: u64| -> rusqlite::Result<Option<u64>> {
        let found: Option<Option<i64>> =
            statement.query_row([place(number, Seq(seq))], |row| row.get(0)).optional()?;
        Ok(found.flatten().map(|position| position as u64))
    };
    // Whoever follows lacks only the latest: those are looked at first, in growing steps.
    let (mut low, mut high, mut step) = (1, head.0, 1);
    while low < high {
        let before = high.saturating_sub(step).max(low);
        if position(before)?.is_none_or(|position| position <= after) {
            low = before + 1;
            break;
        }
        (high, step) = (before, step * 2);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if position(middle)?.is_some_and(|position| position > after) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(position(low)?.filter(|position| *position > after).map(|position| (Seq(low), position)))
}

/// A row as it lies. `number` is the stream it was found in; without it, the place is not judged
/// against a stream, only against the row's own number.
pub(crate) fn line<'a>(row: &'a Row<'_>, number: Option<i64>) -> rusqlite::Result<Line<'a>> {
    let bytes = |index: usize| -> rusqlite::Result<&'a [u8]> {
        Ok(match row.get_ref(index)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
            _ => &[],
        })
    };
    let integer = |index: usize| -> rusqlite::Result<i64> { Ok(row.get_ref(index)?.as_i64().unwrap_or(-1)) };
    let (lies, seq) = (integer(0)?, integer(2)?);
    Ok(Line {
        plan: bytes(1)?,
        seq,
        at: bytes(3)?,
        by: bytes(4)?,
        cause: bytes(5)?,
        event: bytes(6)?,
        prev: bytes(7)?,
        digest: bytes(8)?,
        position: integer(9)?,
        in_place: lies.rem_euclid(PLACES) == seq
            && number.is_none_or(|number| lies.div_euclid(PLACES) == number),
    })
}
