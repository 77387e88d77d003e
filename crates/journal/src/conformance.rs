//! What every home of the journal must do. Stamp it on a new one with
//! `journal::conformance_suite!(name, make)`, where `make` gives an empty [`Home`].

#![expect(clippy::unwrap_used, reason = "a failing step is a failing test")]

mod append;
mod audit;
mod beside;
mod bring;
mod commons;
mod order;

use std::any::Any;
use std::sync::Arc;

use jiff::Timestamp;
use model::actor::{Actor, By, Cause, Known};
use model::ids::{PersonId, PlanId, Seq};

use crate::{Appended, Entry, Journal};

pub use append::*;
pub use audit::*;
pub use beside::*;
pub use bring::*;
pub use commons::*;
pub use order::*;

/// An empty journal, and whatever must live as long as it does.
pub struct Home {
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// Kept until the test is over: a temporary folder, a database server.
    pub keep: Box<dyn Any>,
}

/// Stamps the suite on a home.
#[macro_export]
macro_rules! conformance_suite {
    ($name:ident, $make:expr) => {
        $crate::conformance_suite!($name, $make,
            events_read_back_as_appended, reading_begins_and_stops_where_told,
            a_plan_that_moved_is_not_appended_to,
            what_rests_on_a_stream_that_moved_is_not_appended,
            several_entries_are_appended_together_or_not_at_all, a_request_is_carried_out_once,
            an_entry_without_events_is_remembered, what_no_store_can_hold_is_refused,
            a_visitor_may_use_the_journal, appending_is_whole_for_many_events,
            the_chain_covers_every_part, events_are_found_by_how_they_begin,
            positions_are_gapless_across_plans_and_threads,
            followers_see_every_stream_in_order, heads_name_the_last_events,
            the_store_records_plans_made, a_removed_plan_stays_visible,
            blobs_of_any_size_read_back, blobs_come_with_their_events, a_purged_blob_leaves_a_tombstone,
            attempts_are_kept_newest_first, refusals_are_counted_from_a_number_on, a_snapshot_that_does_not_belong_is_not_given,
            snapshots_are_listed_and_dropped, turns_are_taken_one_after_the_other,
            an_untouched_store_passes_its_audit, an_audit_misses_blobs_that_events_name,
            an_audit_compares_snapshots, pinned_heads_hold_or_are_named, an_audit_sees_one_moment,
            a_stream_from_elsewhere_keeps_its_chain, a_stream_that_was_changed_is_refused,
            a_stream_that_is_there_is_left_alone, memory_reads_back_as_last_written,
            memory_is_listed_in_pages, memory_is_searched_by_words, any_punctuation_may_be_searched_for,
            an_inbox_holds_what_is_meant_for_its_reader);
    };
    ($name:ident, $make:expr, $($case:ident),+ $(,)?) => {
        mod $name {
            $(
                #[test]
                fn $case() {
                    $crate::conformance::$case(&$make());
                }
            )+
        }
    };
}

/// A plan's id for tests.
pub(crate) fn plan(number: u128) -> PlanId {
    PlanId::from_bits((1 << 80) + number)
}

/// An entry by Ada with one event for each text.
pub(crate) fn entry(command: &str, events: &[&str]) -> Entry {
    let at: Timestamp = "2026-03-02T09:30:00.25Z".parse().unwrap();
    let by = By::new(Actor::Person(PersonId::new("Ada").unwrap()), Known::Declared);
    let mut entry = Entry::new(at, by, Cause::command(command));
    entry.events = events.iter().map(|text| format!("{{\"said\":{{\"text\":\"{text}\"}}}}")).collect();
    entry
}

/// Appends after whatever is there.
pub(crate) fn append(journal: &dyn Journal, plan: PlanId, events: &[&str]) -> Appended {
    let seq = journal.head(plan).unwrap().map_or(Seq(0), |head| head.seq);
    journal.append(plan, seq, &entry("say", events)).unwrap()
}
