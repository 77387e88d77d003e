//! Asking the index. It only says where to look: each answer is what the event says that it names,
//! and an index that names the wrong one has led astray.

use jiff::Timestamp;
use model::commons::{MemoryEntry, Message, Reader, Recipient};
use model::fault::Fault;
use model::ids::Seq;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Delivered, Page, address, entry_of, index, message_of, plain_name};
use crate::stored::Stored;

/// An index and the stream it is an index of.
pub(crate) struct Lookup<'a> {
    pub(crate) index: &'a Connection,
    /// An event of the store's own stream.
    pub(crate) event: &'a dyn Fn(Seq) -> Result<Option<Stored>, Fault>,
}

/// Why there is no answer.
pub(crate) enum NoAnswer {
    /// The index does not fit the stream.
    Astray,
    /// The stream itself could not be read.
    Failed(Fault),
    /// The database could not be used.
    Database(rusqlite::Error),
}

pub(crate) type Found<T> = Result<T, NoAnswer>;

impl From<Fault> for NoAnswer {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<rusqlite::Error> for NoAnswer {
    fn from(error: rusqlite::Error) -> Self {
        if index::is_astray(&error) { Self::Astray } else { Self::Database(error) }
    }
}

impl Lookup<'_> {
    /// An entry as it was last written, deleted ones included.
    pub(crate) fn entry(&self, key: &str) -> Found<Option<MemoryEntry>> {
        let Some((version, seq)) = index::latest(self.index, key)? else { return Ok(None) };
        self.version_of(key, version, seq).map(Some)
    }

    /// Entries in order of key.
    pub(crate) fn page(&self, page: &Page<'_>) -> Found<Vec<MemoryEntry>> {
        let mut next = self.index.prepare_cached(
            "SELECT key, version, seq FROM memory WHERE key > ?1 ORDER BY key, version DESC LIMIT 1",
        )?;
        let mut first = self.index.prepare_cached(
            "SELECT key, version, seq FROM memory WHERE key >= ?1 ORDER BY key, version DESC LIMIT 1",
        )?;
        let mut entries = Vec::new();
        let mut after = page.after.filter(|after| *after >= page.prefix).map(str::to_owned);
        while entries.len() < page.limit {
            let read = |row: &rusqlite::Row<'_>| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)? as u64,
                    Seq(row.get::<_, i64>(2)? as u64),
                ))
            };
            let found = match &after {
                Some(after) => next.query_row([after], read).optional()?,
                None => first.query_row([page.prefix], read).optional()?,
            };
            let Some((key, version, seq)) = found.filter(|(key, ..)| key.starts_with(page.prefix)) else {
                break;
            };
            let entry = self.version_of(&key, version, seq)?;
            if entry.value(page.now).is_some() {
                entries.push(entry);
            }
            after = Some(key);
        }
        Ok(entries)
    }

    /// Every version of an entry after one, oldest first.
    pub(crate) fn history(&self, key: &str, after: u64, limit: usize) -> Found<Vec<MemoryEntry>> {
        let mut statement = self.index.prepare_cached(
            "SELECT version, seq FROM memory WHERE key = ?1 AND version > ?2 ORDER BY version LIMIT ?3",
        )?;
        let read =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as u64, Seq(row.get::<_, i64>(1)? as u64)));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![key, after as i64, limit], read)?;
        rows.map(|row| {
            let (version, seq) = row?;
            self.version_of(key, version, seq)
        })
        .collect()
    }

    /// Entries in which all of these words stand, the best first.
    pub(crate) fn search(&self, words: &str, now: Timestamp, limit: usize) -> Found<Vec<MemoryEntry>> {
        let Some(query) = query_of(words) else { return Ok(Vec::new()) };
        let mut statement = self.index.prepare_cached(
            "SELECT rowid FROM memory_words WHERE memory_words MATCH ?1 ORDER BY rank, rowid",
        )?;
        let mut rows = statement.query([query])?;
        let mut entries = Vec::new();
        while entries.len() < limit
            && let Some(row) = rows.next()?
        {
            let seq = Seq(row.get::<_, i64>(0)? as u64);
            let entry = (self.event)(seq)?.as_ref().and_then(entry_of).ok_or(NoAnswer::Astray)?;
            if index::latest(self.index, &entry.key)? != Some((entry.version, seq)) {
                return Err(NoAnswer::Astray);
            }
            if entry.value(now).is_some() {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// Messages meant for a reader, in order; what they sent to others at large is not for them.
    pub(crate) fn inbox(
        &self,
        reader: &Reader,
        unread: bool,
        after: Seq,
        limit: usize,
    ) -> Found<Vec<Delivered>> {
        let own = plain_name(&reader.name);
        let mut numbers = Vec::new();
        let mut statement = self.index.prepare_cached(
            "SELECT m.number, a.seq FROM messages m
             LEFT JOIN acknowledged a ON a.name = ?3 AND a.number = m.number
             WHERE m.kind = ?1 AND m.name = ?2 AND m.number > ?4
               AND (m.kind = 'name' OR m.sender <> ?3) AND (NOT ?5 OR a.seq IS NULL)
             ORDER BY m.number LIMIT ?6",
        )?;
        let read = |row: &rusqlite::Row<'_>| {
            let said = row.get::<_, Option<i64>>(1)?;
            Ok((Seq(row.get::<_, i64>(0)? as u64), said.map(|seq| Seq(seq as u64))))
        };
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        for (kind, name) in addresses(reader) {
            let rows = statement.query_map(params![kind, name, own, after.0 as i64, unread, most], read)?;
            for row in rows {
                numbers.push(row?);
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.truncate(limit);
        let mut inbox = Vec::with_capacity(numbers.len());
        for (number, said) in numbers {
            let message = self.message(number)?.ok_or(NoAnswer::Astray)?;
            if !reader.is_meant(&message.what.to) {
                return Err(NoAnswer::Astray);
            }
            let acknowledged = match said {
                Some(seq) => Some((self.event)(seq)?.ok_or(NoAnswer::Astray)?.at),
                None => None,
            };
            inbox.push(Delivered { message, acknowledged });
        }
        Ok(inbox)
    }

    /// A message by its number.
    pub(crate) fn message(&self, number: Seq) -> Found<Option<Message>> {
        Ok((self.event)(number)?.as_ref().and_then(message_of))
    }

    fn version_of(&self, key: &str, version: u64, seq: Seq) -> Found<MemoryEntry> {
        let entry = (self.event)(seq)?.as_ref().and_then(entry_of);
        entry.filter(|entry| entry.key == key && entry.version == version).ok_or(NoAnswer::Astray)
    }
}

/// Everything a message for this reader can be addressed to.
fn addresses(reader: &Reader) -> Vec<(&'static str, String)> {
    let name = std::iter::once(Recipient::Name(reader.name.clone()));
    let roles = reader.roles.iter().cloned().map(Recipient::Role);
    let sessions = reader.sessions.iter().cloned().map(Recipient::Session);
    let all = name.chain(roles).chain(sessions).chain(std::iter::once(Recipient::Everybody));
    all.map(|to| address(&to)).collect()
}

/// Words as a query: each must stand somewhere, in any form and order. Punctuation parts words and
/// means nothing else, so no text is a wrong query. `None` where there are no words at all.
fn query_of(words: &str) -> Option<String> {
    let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let quoted: Vec<String> = parts.map(|part| format!("\"{part}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}
