//! Waivers with the days they have left; lapsed and revoked ones stay visible.

use jiff::Timestamp;
use model::gate::{CheckStanding, Subject};
use model::ids::WaiverId;
use model::waiver::{Waiver, WaiverState};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, count, moment};

/// Every waiver of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waivers<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In the order they were asked for.
    pub waivers: Vec<WaiverRow>,
}

/// One waiver.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaiverRow {
    /// Its id.
    pub id: WaiverId,
    /// What it is about: a task's key, a gate's name.
    pub about: String,
    /// The check's name; empty where the check is gone.
    pub check: String,
    /// `requested`, `approved`, `lapsed` or `revoked`.
    pub state: WaiverState,
    /// Whether it stands in for the check now.
    pub counts: bool,
    /// Why it does not, although it is approved and its time is not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void: Option<&'static str>,
    /// Why it was asked for.
    pub reason: String,
    /// Until when, this moment excluded.
    pub until: Timestamp,
    /// Whole days left.
    pub days_left: i64,
    /// Who asked.
    pub requested_by: Who,
    /// When.
    pub requested_at: Timestamp,
    /// Who granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Who>,
    /// Who took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<Who>,
}

/// Every waiver of a plan.
pub fn waivers<'a>(look: &Look<'a>) -> Waivers<'a> {
    Waivers { plan: look.head(), waivers: look.plan.waivers.iter().map(|waiver| row(look, waiver)).collect() }
}

/// What a list says of a waiver.
pub fn row(look: &Look<'_>, waiver: &Waiver) -> WaiverRow {
    let plan = look.plan;
    let check = plan.check(waiver.check).map(|(_, check)| check);
    let state = waiver.state(look.now);
    let standing = plan.check_standing(waiver.check, look.now);
    let need = plan.waived_need(waiver);
    let subject = match waiver.subject {
        Subject::Task(task) => plan.task(task),
        _ => None,
    };
    let lets_go = subject
        .is_some_and(|task| plan.waived_needs(task, look.now).iter().any(|(_, by)| by.id == waiver.id));
    let counts =
        lets_go || matches!(&standing, Some(CheckStanding::Waived { waiver: id, .. }) if *id == waiver.id);
    let idle = state == WaiverState::Approved && !counts;
    let void = idle.then(|| match (check, &standing) {
        (None, _) if need.is_some() => "the need is met without it",
        (_, Some(standing)) if standing.opens() => "the check opens without it",
        (Some(check), _) if check.digest != waiver.spec => "the check has changed since",
        (Some(check), _) if plan.settings.never_waives(&check.spec.name) => "this check is never waived",
        (Some(_), _) => "its approver's identity is not proven",
        (None, _) => "the check is gone",
    });
    WaiverRow {
        id: waiver.id,
        about: plan.subject_name(waiver.subject),
        check: match (check, need) {
            (Some(check), _) => check.spec.name.clone(),
            (None, Some(need)) => format!("needs {}", need.key),
            (None, None) => String::new(),
        },
        state,
        counts,
        void,
        reason: waiver.reason.clone(),
        until: waiver.until,
        days_left: waiver.days_left(look.now),
        requested_by: Who::from(&waiver.requested_by),
        requested_at: waiver.requested_at,
        approved_by: waiver.approved.as_ref().map(|(by, _)| Who::from(by)),
        revoked_by: waiver.revoked.as_ref().map(|(by, _)| Who::from(by)),
    }
}

/// Adds waivers to a page.
pub fn table(page: &mut Page, waivers: &[WaiverRow]) {
    let mut table = Table::new([
        Column::whole("Waiver"),
        Column::whole("For"),
        Column::whole("Check"),
        Column::text("State"),
        Column::whole("Until"),
        Column::text("Reason"),
        Column::text("Asked by"),
        Column::text("Granted by"),
    ]);
    for waiver in waivers {
        table.row([
            Tone::Faint.cell(waiver.id.to_string()),
            Tone::Strong.cell(waiver.about.as_str()),
            Cell::from(waiver.check.as_str()),
            waiver.cell(),
            Cell::from(moment(waiver.until)),
            Cell::from(waiver.reason.as_str()),
            Cell::from(waiver.requested_by.marked()),
            Cell::from(waiver.approved_by.as_ref().map(Who::marked).unwrap_or_default()),
        ]);
    }
    page.table(table);
}

impl WaiverRow {
    fn cell(&self) -> Cell {
        match (self.state, self.void) {
            (WaiverState::Approved, Some(void)) => Tone::Warn.cell(format!("not in use: {void}")),
            (WaiverState::Approved, None) => {
                Tone::Warn.cell(format!("waived, {} left", count(self.days_left, "day")))
            }
            (WaiverState::Requested, _) => Tone::Plain.cell("asked for"),
            (WaiverState::Lapsed, _) => Tone::Faint.cell("lapsed"),
            (WaiverState::Revoked, _) => match &self.revoked_by {
                Some(by) => Tone::Faint.cell(format!("revoked by {}", by.marked())),
                None => Tone::Faint.cell("revoked"),
            },
        }
    }
}

impl Answer for Waivers<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.waivers.is_empty() {
            page.paragraph("nobody has asked for a waiver");
        }
        table(&mut page, &self.waivers);
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::command::Command;

    #[test]
    fn a_waiver_is_followed_from_asking_to_lapse() {
        let mut world = World::adopt("# P\n- a Sweep\n  check sh: true\n");
        let until = world.now + jiff::SignedDuration::from_hours(40);
        let check_id = world.check("a", "sh");
        world.does(
            "Rae",
            Command::Waive { check: check_id, reason: "no broom".to_owned(), until, approve: false },
        );
        assert_eq!(waivers(&world.look()).waivers[0].cell().text, "asked for");
        let waiver = world.plan.waivers[0].id;
        world.does("Ada", Command::ApproveWaiver(waiver));
        let id = waiver.to_string();
        check(
            &waivers(&world.look()),
            &format!(
                "
| Waiver | For | Check | State | Until | Reason | Asked by | Granted by |
| --- | --- | --- | --- | --- | --- | --- | --- |
| {id} | **a** | sh | waived, 2 days left | 2031-05-03 01:00 UTC | no broom | Rae [unauthenticated] | Ada [unauthenticated] |
"
            ),
        );
        let row = |world: &World| waivers(&world.look()).waivers.remove(0);
        world.ran("a", "sh", model::check::Outcome::Pass, "exit status 0");
        assert_eq!(row(&world).void, Some("the check opens without it"));
        world.ran("a", "sh", model::check::Outcome::Fail, "exit status 1");
        assert!(row(&world).counts);
        world.later(40);
        assert_eq!(row(&world).cell().text, "lapsed");
        assert!(!row(&world).counts);
    }

    #[test]
    fn a_changed_check_is_not_waived() {
        let mut world = World::adopt("# P\n- a Sweep\n  check sh: true\n");
        let until = world.now + jiff::SignedDuration::from_hours(40);
        let check_id = world.check("a", "sh");
        world.does(
            "Rae",
            Command::Waive { check: check_id, reason: "no broom".to_owned(), until, approve: false },
        );
        let waiver = world.plan.waivers[0].id;
        world.does("Ada", Command::ApproveWaiver(waiver));
        world.revised("# P\n- a Sweep\n  check sh: false\n");
        let row = &waivers(&world.look()).waivers[0];
        assert_eq!(row.void, Some("the check has changed since"));
        assert_eq!(row.cell().text, "not in use: the check has changed since");
    }
}
