//! `log`: what happened, one sentence for each event; and what was refused.

use clap::Args;
use engine::desk::Desk as _;
use lens::record::Record;
use lens::views::attempts::{Refused, attempts};
use lens::views::log::{Filter, LogView};
use model::ids::Seq;
use model::refusal::{GATE_NOT_FOUND, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::{Opened, find_subject};
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Log>(
    "log",
    Group::History,
    "tells what happened, who did it and how that was known; or what was refused",
    &[READS_STORE, NAMES_TASK, &[GATE_NOT_FOUND, VALUE_INVALID]],
);

/// So many events are told unless more are asked for.
const DEFAULT_LAST: usize = 100;

#[derive(Debug, Args)]
struct Log {
    /// Only what is about this task or gate
    #[arg(value_name = "KEY")]
    about: Option<String>,
    /// At most so many, the latest; 100 by default
    #[arg(long, visible_alias = "limit", value_name = "COUNT", conflicts_with = "all")]
    last: Option<usize>,
    /// Everything from the beginning
    #[arg(long)]
    all: bool,
    /// Only what happened since: a date, a moment, or a length such as `7d`
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only events after this one
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// Only what somebody of this name did
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Only these kinds of events: `task_claimed`
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,
    /// Tells what was refused instead: it changed nothing, so it is no part of history
    #[arg(long, conflicts_with_all = ["about", "since", "after", "by", "kind"])]
    refused: bool,
}

impl Handler for Log {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open()?;
        let last = if self.all { None } else { Some(self.last.unwrap_or(DEFAULT_LAST)) };
        if self.refused {
            return tell_refused(call, &opened, last);
        }
        let look = opened.look();
        let about = self.about.as_deref().map(|about| find_subject(&look, about)).transpose()?;
        let since = self.since.as_deref().map(|since| values::past(since, look.now)).transpose()?;
        let filter = Filter { after: self.after.map(Seq), since, about, by: self.by, kinds: self.kind, last };
        let mut view = LogView::new(&look, filter);
        opened
            .store
            .desk()
            .visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
        call.show(&view.answer());
        Ok(())
    }
}

fn tell_refused(call: &Call, opened: &Opened, last: Option<usize>) -> Outcome {
    // What was refused to the store itself, trust and keys, is about every plan in it.
    let mut kept = opened.store.desk().attempts(None, usize::MAX)?;
    kept.retain(|attempt| attempt.plan.is_none_or(|plan| plan == opened.id()));
    kept.truncate(last.unwrap_or(usize::MAX));
    kept.reverse();
    let told = kept.iter().map(|attempt| Refused {
        at: attempt.at,
        by: &attempt.by,
        command: &attempt.command,
        code: &attempt.code,
        message: &attempt.message,
    });
    call.show(&attempts(told));
    Ok(())
}
