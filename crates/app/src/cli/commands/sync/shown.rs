//! What a sync came to, for people and for programs.

use engine::sync::{Change, DocumentState, Standing, Synced};
use lens::page::{Answer, Cell, Column, Page, Table, Tone};
use lens::words::{count_of, moment};
use model::plan::Plan;
use serde::Serialize;

use crate::cli::syncing::value;

/// What a sync of one plan came to, or would.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    /// The plan's key.
    plan: String,
    /// Whether nothing was done, only found out.
    dry_run: bool,
    /// Whether documents and journal were in step to begin with.
    in_step: bool,
    #[serde(flatten)]
    synced: Synced,
}

impl Shown {
    pub(super) fn of(plan: &Plan, synced: Synced, dry_run: bool) -> Self {
        Self { plan: plan.key.to_string(), dry_run, in_step: in_step(&synced), synced }
    }
}

/// Whether there was nothing to do in either direction.
pub(super) fn in_step(synced: &Synced) -> bool {
    synced.conflicts.is_empty() && synced.documents.iter().all(DocumentState::is_in_step)
}

/// What a sync did, in one line.
pub(super) fn in_a_line(synced: &Synced) -> String {
    let fields = |changes: &[Change], what: &str| match changes.len() {
        0 => None,
        number => Some(format!("{} {what}", count_of(number, "field"))),
    };
    let mut parts: Vec<String> = [fields(&synced.taken_in, "taken in"), fields(&synced.written, "written")]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() && synced.recorded > 0 {
        parts.push(count_of(synced.recorded, "event") + " recorded");
    }
    if !synced.conflicts.is_empty() {
        parts.push(count_of(synced.conflicts.len(), "conflict"));
    }
    if parts.is_empty() { "in step".to_owned() } else { parts.join(", ") }
}

impl Answer for Shown {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.table(self.table());
        for document in &self.synced.documents {
            if let Some(text) = standing(document) {
                page.paragraph(Tone::Warn.cell(text));
            }
        }
        for recovered in &self.synced.recovered {
            page.paragraph(Tone::Warn.cell(recovered.as_str()));
        }
        for left in &self.synced.left {
            page.paragraph(Tone::Bad.cell(format!("`{}` {}", left.path, left.why)));
        }
        for against in &self.synced.against {
            let needs = against.needs.join("`, `");
            page.paragraph(Tone::Warn.cell(format!(
                "line {}: `{}` is done in the document although it needs `{needs}`; that satisfies nothing",
                against.line, against.key
            )));
        }
        page.paragraph(self.summary());
        page
    }
}

impl Shown {
    fn table(&self) -> Table {
        let mut table = Table::new([
            Column::whole("Where"),
            Column::whole("About"),
            Column::whole("Field"),
            Column::text("Before"),
            Column::whole(""),
            Column::text("After"),
            Column::whole("Way"),
        ]);
        for (changes, way) in
            [(&self.synced.taken_in, "document → journal"), (&self.synced.written, "journal → document")]
        {
            for change in changes {
                table.row([
                    Tone::Strong.cell(format!("{}:{}", change.path, change.line)),
                    Cell::from(change.about.as_str()),
                    Cell::from(change.field.as_str()),
                    Tone::Faint.cell(value(&change.field, &change.before)),
                    Tone::Faint.cell("→"),
                    Cell::from(value(&change.field, &change.after)),
                    Tone::Faint.cell(way),
                ]);
            }
        }
        for conflict in &self.synced.conflicts {
            table.row([
                Tone::Strong.cell(format!("{}:{}", conflict.path, conflict.line)),
                Cell::from(conflict.about.as_str()),
                Cell::from(conflict.field.as_str()),
                Cell::from(value(&conflict.field, &conflict.document)),
                Tone::Bad.cell("≠"),
                Cell::from(value(&conflict.field, &conflict.journal)),
                Tone::Bad.cell("conflict"),
            ]);
        }
        table
    }

    fn summary(&self) -> String {
        let documents = count_of(self.synced.documents.len(), "document");
        if self.in_step {
            return format!("in step: {documents} of plan `{}`", self.plan);
        }
        let would = if self.dry_run { "not in step: would be " } else { "" };
        match self.synced.conflicts.is_empty() {
            true => format!("{would}{} ({documents} of plan `{}`)", in_a_line(&self.synced), self.plan),
            false => format!("nothing was done: {} in plan `{}`", in_a_line(&self.synced), self.plan),
        }
    }
}

/// What is to be said of how a document stood; nothing where that is nothing unusual.
fn standing(document: &DocumentState) -> Option<String> {
    match &document.standing {
        Standing::Earlier { seq, at } => Some(format!(
            "`{}` was as it was after event {seq}, on {}: another branch, or an undone change",
            document.path,
            moment(*at)
        )),
        _ => None,
    }
}
