//! `changes`: what has happened since an event, a revision or a moment: what it comes to, and what
//! led there.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use lens::record::Record;
use lens::views::changes::{ChangesView, Grouping, Mark};
use model::ids::Seq;
use model::refusal::{Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::{Opened, revisions};
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Changes>(
    "changes",
    Group::History,
    "tells what has happened since an event, a revision or a moment, and what it comes to",
    &[READS_STORE, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Changes {
    /// `yesterday`, `monday`, `2 days ago`, `7d`, a date, a moment, an event's number, `revision 3`
    #[arg(long, value_name = "WHEN", default_value = "yesterday", allow_hyphen_values = true)]
    since: String,
    /// By what changes are gathered
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = By::Task)]
    group: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// What they are about
    Task,
    /// Who did them
    Person,
    /// The day, in UTC
    Day,
}

impl Handler for Changes {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_recorded()?;
        let look = opened.look();
        let since = mark(&opened, &self.since, look.now)?;
        let grouping = match self.group {
            By::Task => Grouping::Task,
            By::Person => Grouping::Person,
            By::Day => Grouping::Day,
        };
        let mut view = ChangesView::new(&look, since, grouping);
        opened
            .store
            .desk()
            .visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
        call.show(&view.answer());
        Ok(())
    }
}

/// What `--since` means: an event, the end of a revision, or a moment.
pub(super) fn mark(opened: &Opened, text: &str, now: Timestamp) -> Outcome<Mark> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let numbered = |prefixes: &[&str]| {
        let rest = prefixes.iter().find_map(|prefix| lower.strip_prefix(prefix))?;
        rest.trim().parse::<u64>().ok()
    };
    if let Some(seq) = numbered(&["event ", "seq ", "#"]).or_else(|| lower.parse().ok()) {
        let latest = opened.plan.seq;
        if seq > latest.0 {
            return Err(Refusal::new(VALUE_INVALID, format!("the plan has no event {seq}"))
                .hint(format!("events are numbered from 1 to {latest}"))
                .with("seq", seq)
                .into());
        }
        return Ok(Mark::Seq(Seq(seq)));
    }
    if let Some(revision) = numbered(&["revision ", "rev ", "r"]) {
        return Ok(Mark::Seq(revisions::end_of(opened, revision)?));
    }
    Ok(Mark::At(values::past(text, now)?))
}
