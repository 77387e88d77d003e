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
