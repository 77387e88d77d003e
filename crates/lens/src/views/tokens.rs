//! Tokens for the service: who may ask it for what, until when, and which were taken back.

use jiff::Timestamp;
use model::access::Token;
use model::commons::Commons;
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment};

/// Tokens of a store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tokens<'a> {
    /// In the order they were made.
    pub tokens: Vec<TokenRow<'a>>,
}

/// A token; not the secret, which is kept nowhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenRow<'a> {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: &'a str,
    /// `good`, `ended` or `revoked`.
    pub state: &'static str,
    /// As whom its holder acts: `person:NAME` or `agent:NAME`.
    pub subject: String,
    /// The roles it stands for.
    pub roles: Vec<&'a str>,
    /// Everything its holder may ask for.
    pub scopes: Vec<&'static str>,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// When it was made.
    pub since: Timestamp,
    /// Who made it.
    pub by: Who,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
    /// Why.
    pub reason: Option<&'a str>,
}

/// Tokens, only those that open something unless all are wanted.
pub fn tokens(commons: &Commons, now: Timestamp, all: bool) -> Tokens<'_> {
    let shown = commons.tokens.iter().filter(|token| all || token.is_good(now));
    Tokens { tokens: shown.map(|known| token(known, now)).collect() }
}

/// One token.
pub fn token(known: &Token, now: Timestamp) -> TokenRow<'_> {
    let state = match &known.revoked {
        Some(_) => "revoked",
        None if known.is_good(now) => "good",
        None => "ended",
    };
    TokenRow {
        id: known.what.id.to_string(),
        name: &known.what.name,
        state,
        subject: known.what.subject.to_string(),
        roles: known.what.roles.iter().map(String::as_str).collect(),
        scopes: known.scopes().into_iter().map(|scope| scope.as_str()).collect(),
        until: known.what.until,
        since: known.at,
        by: Who::from(&known.by),
        revoked: known.revoked.as_ref().map(|end| end.at),
        reason: known.revoked.as_ref().map(|end| end.reason.as_str()).filter(|reason| !reason.is_empty()),
    }
}

impl Answer for Tokens<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.tokens.is_empty() {
            page.paragraph("there is no token");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Token"),
            Column::whole("Name"),
            Column::text("State"),
            Column::text("Subject"),
            Column::text("Roles"),
            Column::text("Scopes"),
            Column::whole("Until"),
            Column::text("Reason"),
        ]);
        for row in &self.tokens {
            table.row([
                Cell::from(row.id.as_str()),
                row.name.into(),
                if row.state == "good" { Tone::Good.cell(row.state) } else { Tone::Bad.cell(row.state) },
                row.subject.as_str().into(),
                row.roles.join(", ").into(),
                row.scopes.join(", ").into(),
                row.until.map_or_else(|| "it is revoked".to_owned(), moment).into(),
                row.reason.unwrap_or_default().into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}
