//! What is kept in the shared memory: an entry, several of them, all versions of one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::commons::MemoryEntry;
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment};

/// Entries of the shared memory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory<'a> {
    /// In order of key; of a search, the best first.
    pub entries: Vec<MemoryRow<'a>>,
}

/// Every version of an entry of the shared memory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemoryHistory<'a> {
    /// Its key.
    pub key: &'a str,
    /// Oldest first.
    pub versions: Vec<MemoryRow<'a>>,
}

/// An entry of the shared memory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemoryRow<'a> {
    /// Its key.
    pub key: &'a str,
    /// The value; nothing where it was deleted.
    pub value: Option<&'a str>,
    /// Rises with each change, also across deletions.
    pub version: u64,
    /// When it is forgotten.
    pub until: Option<Timestamp>,
    /// Words to find it by.
    pub tags: &'a BTreeSet<String>,
    /// Who wrote it.
    pub by: Who,
    /// When.
    pub at: Timestamp,
}

impl<'a> From<&'a MemoryEntry> for MemoryRow<'a> {
    fn from(entry: &'a MemoryEntry) -> Self {
        let MemoryEntry { key, value, version, until, tags, by, at } = entry;
        let (key, value, by) = (key.as_str(), value.as_deref(), Who::from(by));
        Self { key, value, version: *version, until: *until, tags, by, at: *at }
    }
}

/// Entries of the shared memory.
pub fn memory(entries: &[MemoryEntry]) -> Memory<'_> {
    Memory { entries: entries.iter().map(MemoryRow::from).collect() }
}

/// Every version of an entry.
pub fn memory_history<'a>(key: &'a str, versions: &'a [MemoryEntry]) -> MemoryHistory<'a> {
    MemoryHistory { key, versions: versions.iter().map(MemoryRow::from).collect() }
}

impl Answer for Memory<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.entries.is_empty() {
            page.paragraph("nothing of that kind is kept in the memory");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Key"),
            Column::text("Value"),
            Column::number("Version"),
            Column::text("Tags"),
            Column::whole("Until"),
            Column::text("By"),
            Column::whole("At"),
        ]);
        for row in &self.entries {
            table.row([
                Tone::Strong.cell(row.key),
                row.value.unwrap_or_default().into(),
                row.version.to_string().into(),
                row.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ").into(),
                row.until.map(moment).unwrap_or_default().into(),
                row.by.plain().into(),
                moment(row.at).into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}

impl Answer for MemoryHistory<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::number("Version"),
            Column::text("Value"),
            Column::whole("Until"),
            Column::text("By"),
            Column::whole("At"),
        ]);
        for row in &self.versions {
            table.row([
                Cell::from(row.version.to_string()),
                row.value.map_or_else(|| Tone::Faint.cell("deleted"), Cell::from),
                row.until.map(moment).unwrap_or_default().into(),
                row.by.with_known().into(),
                moment(row.at).into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}

#[cfg(test)]
mod tests {
    use model::actor::By;

    use super::*;
    use crate::testing::check;

    fn entry(key: &str, version: u64, value: Option<&str>) -> MemoryEntry {
        MemoryEntry {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            version,
            until: None,
            tags: BTreeSet::new(),
            by: By::system(),
            at: "2031-05-01T09:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn entries_and_versions_are_tables() {
        let entries = [entry("a/b", 3, Some("ready")), entry("a/c", 1, Some("2"))];
        check(
            &memory(&entries),
            "
| Key | Value | Version | By | At |
| --- | --- | ---: | --- | --- |
| **a/b** | ready | 3 | countersign | 2031-05-01 09:00 UTC |
| **a/c** | 2 | 1 | countersign | 2031-05-01 09:00 UTC |
",
        );
        check(&memory(&[]), "\nnothing of that kind is kept in the memory\n");
        check(
            &memory_history("a/b", &[entry("a/b", 1, Some("new")), entry("a/b", 2, None)]),
            "
| Version | Value | By | At |
| ---: | --- | --- | --- |
| 1 | new | countersign | 2031-05-01 09:00 UTC |
| 2 | deleted | countersign | 2031-05-01 09:00 UTC |
",
        );
    }
}
