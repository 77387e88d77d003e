//! Who holds which task under a lease, and until when.

use jiff::Timestamp;
use model::ids::{Fence, LeaseId};
use model::task::{Task, TaskState};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, count_of, moment};

/// Every lease of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leases<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// Why nothing new begins, where that is so.
    pub halted: Option<&'a str>,
    /// In document order, those that ran out included.
    pub leases: Vec<LeaseRow<'a>>,
}

/// A task that somebody holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeaseRow<'a> {
    /// The task's key.
    pub task: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The lease.
    pub lease: LeaseId,
    /// The grant; every write under it shows it.
    pub fence: Fence,
    /// Who holds it.
    pub holder: Who,
    /// In which role.
    pub role: Option<&'a str>,
    /// Since when.
    pub since: Timestamp,
    /// When the holder was last heard of.
    pub beat: Timestamp,
    /// When it ends unless it is renewed.
    pub until: Timestamp,
    /// Whether its time is not over.
    pub live: bool,
    /// How many heartbeats are missing.
    pub missed: u32,
    /// What its holder intends to write.
    pub paths: &'a [String],
    /// Whether others may write there too.
    pub shared: bool,
    /// The commit the work began at.
    pub base: Option<&'a str>,
}

/// Every lease of a plan.
pub fn leases<'a>(look: &Look<'a>) -> Leases<'a> {
    let rows = look.plan.tasks.iter().filter_map(|task| lease_of(look, task));
    let halted = look.plan.halted.as_ref().map(|halt| halt.reason.as_str());
    Leases { plan: look.head(), halted, leases: rows.collect() }
}

/// The lease on a task, live or not.
pub fn lease_of<'a>(look: &Look<'a>, task: &'a Task) -> Option<LeaseRow<'a>> {
    let TaskState::Active(active) = &task.state else { return None };
    let lease = active.lease.as_deref()?;
    Some(LeaseRow {
        task: task.key.as_str(),
        title: &task.title,
        lease: lease.id,
        fence: lease.fence,
        holder: Who::from(&active.by),
        role: lease.role.as_deref(),
        since: active.since,
        beat: lease.beat,
        until: lease.until,
        live: lease.is_live(look.now),
        missed: lease.missed(look.now, look.plan.settings.leases.heartbeat_seconds),
        paths: &lease.paths,
        shared: lease.shared,
        base: lease.base.as_deref(),
    })
}

impl Answer for Leases<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if let Some(reason) = self.halted {
            page.paragraph(Tone::Bad.cell(format!("halted: {reason}")));
        }
        if self.leases.is_empty() {
            page.paragraph("nobody holds a task");
            return page;
        }
        let mut table = Table::new([
            Column::whole("Task"),
            Column::text("Holder"),
            Column::text("Role"),
            Column::whole("Grant"),
            Column::text("Heard of"),
            Column::whole("Until"),
            Column::text("Writes"),
        ]);
        for row in &self.leases {
            let until = moment(row.until);
            table.row([
                Cell::from(row.task),
                row.holder.plain().into(),
                row.role.unwrap_or_default().into(),
                row.fence.to_string().into(),
                if row.missed > 0 {
                    Tone::Warn.cell(format!("{} missed", count_of(row.missed as usize, "heartbeat")))
                } else {
                    moment(row.beat).into()
                },
                if row.live { until.into() } else { Tone::Bad.cell(format!("{until}, over")) },
                row.paths.join(", ").into(),
            ]);
        }
        page.table(table.without_empty_columns());
        page
    }
}
