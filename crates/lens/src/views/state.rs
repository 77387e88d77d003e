//! The plan as it was: the board as of an earlier event. The same code as now, for a plan that was
//! replayed so far and no further.

use model::ids::Seq;
use serde::Serialize;

use crate::look::Look;
use crate::page::{Answer, Page, Tone};
use crate::views::board::{Board, board};
use crate::words::moment;

/// The plan as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct State<'a> {
    /// The event it is as of.
    pub as_of: Seq,
    /// The latest event there is.
    pub latest: Seq,
    /// The board then, judged at the moment of that event.
    pub board: Board<'a>,
}

/// The board of a plan that was replayed up to some event, at that event's moment.
pub fn state<'a>(look: &Look<'a>, latest: Seq) -> State<'a> {
    let then = Look { now: look.plan.at, unsynced: &[], ..*look };
    State { as_of: look.plan.seq, latest, board: board(&then) }
}

impl Answer for State<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let at = moment(self.board.plan.now);
        let place = format!("as of event {} of {}, {at}", self.as_of, self.latest);
        page.paragraph(Tone::Strong.cell(place));
        page.append(self.board.page());
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::apply::{Stamp, apply};
    use model::plan::Plan;

    #[test]
    fn an_earlier_state_is_judged_at_its_own_moment() {
        let mut world = World::adopt("# P\n- a Sand\n  due 2031-05-03\n- b Paint\n  needs a\n");
        world.later(100).claims("Rae", "a");
        let mut plan = Plan::empty(world.plan.id);
        for record in world.records().take(3) {
            apply(&mut plan, record.event, Stamp { seq: record.seq, at: record.at, by: record.by });
        }
        let look = Look { plan: &plan, ..world.look() };
        check(
            &state(&look, world.plan.seq),
            "
as of event 3 of 4, 2031-05-01 09:00 UTC

| Task | Owner | Status | Evidence |
| --- | --- | --- | --- |
| a  Sand |  | ready |  |
| b  Paint |  | blocked |  |

2 tasks: 1 ready, 1 blocked
",
        );
    }
}
