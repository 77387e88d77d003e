//! What `import` and `export` have in common: which peer is meant, and the list of what one side
//! could not hold.

use formats::exchange::{Gathered, Lost, Peer, gather, peer, peers};
use lens::words::count_of;
use model::refusal::{Refusal, VALUE_INVALID};

use super::ui::{Column, Table, Tone};
use super::usage::nearest;

/// The name of our own archive among the peers.
pub const ARCHIVE: &str = "countersign";

/// Every name that `--from` and `--to` know.
pub fn names() -> Vec<&'static str> {
    std::iter::once(ARCHIVE).chain(peers().iter().map(|peer| peer.name())).collect()
}

/// The peer somebody named.
pub fn named(name: &str) -> Result<&'static dyn Peer, Refusal> {
    peer(name).ok_or_else(|| {
        let no = Refusal::new(VALUE_INVALID, format!("there is no tool `{name}` to exchange plans with"))
            .with("value", name);
        match nearest(name, names()) {
            Some(near) => no.hint(format!("did you mean `{near}`?")),
            None => no.hint(format!("known are {}", names().join(", "))),
        }
    })
}

/// `1 event`, `12 events`.
pub fn events(count: u64) -> String {
    count_of(usize::try_from(count).unwrap_or(usize::MAX), "event")
}

/// What was lost, one row for each field and reason.
pub fn table(lost: &[Lost]) -> Table {
    let columns = ["Not carried", "Times", "Where", "Why"];
    let [field, times, place, why] = columns;
    let mut table =
        Table::new([Column::new(field), Column::number(times), Column::text(place), Column::text(why)]);
    for Gathered { field, why, count, places } in gather(lost) {
        let more = if count > places.len() { ", …" } else { "" };
        table.toned([
            (Tone::Strong, field),
            (Tone::Plain, count.to_string()),
            (Tone::Plain, format!("{}{more}", places.join(", "))),
            (Tone::Plain, why),
        ]);
    }
    table
}
