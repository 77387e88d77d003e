//! Refused commands: kept beside history, which they are no part of, and never replayed.

use model::actor::By;
use model::fault::Fault;
use model::ids::PlanId;
use rusqlite::{Row, params};

use super::connections::Writing;
use super::{Sqlite, fault};
use crate::attempt::{Attempt, Refusals};
use crate::memory::json;

impl Sqlite {
    pub(crate) fn insert_attempt(&self, attempt: &Attempt) -> Result<(), Fault> {
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        let by = json(&attempt.by);
        writing
            .connection()
            .prepare_cached(
                "INSERT INTO attempts (at, plan, \"by\", command, code, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    attempt.at.to_string(),
                    attempt.plan.map(|plan| plan.to_string()),
                    String::from_utf8_lossy(&by),
                    attempt.command,
                    attempt.code,
                    attempt.message
                ])
            })
            .map_err(|error| taken.fault(&error))?;
        writing.commit()
    }

    pub(crate) fn read_attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault> {
        let taken = self.connections.take()?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let read = |row: &Row<'_>| {
            let text = |index| row.get::<_, String>(index);
            let plan: Option<String> = row.get(1)?;
            Ok((text(0)?, plan, text(2)?, text(3)?, text(4)?, text(5)?))
        };
        let rows = taken
            .get()
            .prepare_cached(
                "SELECT at, plan, \"by\", command, code, message FROM attempts
                 WHERE ?1 IS NULL OR plan = ?1 ORDER BY number DESC LIMIT ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_map(params![plan.map(|plan| plan.to_string()), limit], read)?
                    .collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| taken.fault(&error))?;
        rows.into_iter()
            .map(|(at, plan, by, command, code, message)| {
                let plan = plan.map(|plan| plan.parse()).transpose().ok()?;
                let by: By = serde_json::from_str(&by).ok()?;
                Some(Attempt { at: at.parse().ok()?, plan, by, command, code, message })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| fault::damaged(&self.connections.path, "an attempt recorded in it cannot be read"))
    }

    pub(crate) fn count_refusals(&self, after: u64) -> Result<Refusals, Fault> {
        let taken = self.connections.take()?;
        let known = i64::try_from(after).unwrap_or(i64::MAX);
        let read =
            |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let rows = taken
            .get()
            .prepare_cached(
                "SELECT code, COUNT(*), MAX(number) FROM attempts WHERE number > ?1 GROUP BY code",
            )
            .and_then(|mut statement| {
                statement.query_map(params![known], read)?.collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| taken.fault(&error))?;
        let mut counted = Refusals { last: after, ..Refusals::default() };
        for (code, count, last) in rows {
            counted.last = counted.last.max(u64::try_from(last).unwrap_or_default());
            counted.by_code.insert(code, u64::try_from(count).unwrap_or_default());
        }
        Ok(counted)
    }
}
