//! Who is told what happens, how far each came, and what could not be told.

use jiff::Timestamp;
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::moment;

/// Everybody who was ever told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Webhooks {
    /// The journal's last position.
    pub position: u64,
    /// By name.
    pub endpoints: Vec<EndpointRow>,
}

/// How far somebody was told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndpointRow {
    /// What they are called.
    pub endpoint: String,
    /// Everything up to this position of the journal was told, or given up.
    pub cursor: u64,
    /// How many events were told.
    pub told: u64,
    /// What is being told, where that did not work at once.
    pub trying: Option<UndeliveredRow>,
    /// What could not be told, oldest first.
    pub dead: Vec<UndeliveredRow>,
}

/// An event that was not told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UndeliveredRow {
    /// The message's id.
    pub id: String,
    /// The event's place in the journal.
    pub position: u64,
    /// The event's kind.
    pub kind: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last.
    pub error: String,
    /// When that was.
    pub at: Timestamp,
}

impl Answer for Webhooks {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.endpoints.is_empty() {
            page.paragraph("nobody is told; `countersign serve --webhooks FILE` names who is");
            return page;
        }
        let mut table = Table::new([
            Column::text("Endpoint"),
            Column::number("Told"),
            Column::number("Behind"),
            Column::number("Given up"),
            Column::text("Trying"),
        ]);
        for row in &self.endpoints {
            let given_up = row.dead.len().to_string();
            table.row([
                Tone::Strong.cell(row.endpoint.as_str()),
                Cell::from(row.told.to_string()),
                Cell::from(self.position.saturating_sub(row.cursor).to_string()),
                if row.dead.is_empty() { Cell::from(given_up) } else { Tone::Bad.cell(given_up) },
                match &row.trying {
                    Some(one) => {
                        Tone::Warn.cell(format!("{}, {} times: {}", one.kind, one.attempts, one.error))
                    }
                    None => Cell::from(""),
                },
            ]);
        }
        page.table(table);
        if self.endpoints.iter().all(|row| row.dead.is_empty()) {
            return page;
        }
        let mut table = Table::new([
            Column::text("Endpoint"),
            Column::whole("Message"),
            Column::text("Event"),
            Column::whole("Last tried"),
            Column::text("Why not"),
        ]);
        for (row, dead) in self.endpoints.iter().flat_map(|row| row.dead.iter().map(move |dead| (row, dead)))
        {
            table.row([
                Tone::Strong.cell(row.endpoint.as_str()),
                Cell::from(dead.id.as_str()),
                Cell::from(dead.kind.as_str()),
                Tone::Faint.cell(moment(dead.at)),
                Tone::Bad.cell(dead.error.as_str()),
            ]);
        }
        page.table(table);
        page
    }
}
