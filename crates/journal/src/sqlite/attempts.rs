//! Refused commands: kept beside history, which they are no part of, and never replayed.

use model::actor::By;
use model::fault::Fault;
use model::ids::PlanId;
use rusqlite::{Row, params};

use super::connections::Writing;
use super::{Sqlite, fault};
use crate::attempt::Attempt;
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
}
