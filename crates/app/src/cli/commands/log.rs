//! `log`: what happened, one sentence for each event; and what was refused.

use std::collections::BTreeSet;

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
use crate::cli::usage::nearest;
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
    /// Only what is about this task or gate
    #[arg(long, value_name = "KEY", conflicts_with = "about")]
    task: Option<String>,
    /// At most so many, the latest; 100 by default
    #[arg(short = 'n', long, visible_alias = "limit", value_name = "COUNT", conflicts_with = "all")]
    last: Option<usize>,
    /// Everything from the beginning
    #[arg(long)]
    all: bool,
    /// Only what happened since: `yesterday`, `monday`, `2 days ago`, `7d`, a date, a moment
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only what happened before
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only events after this one
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// Only what somebody of this name did
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Only these kinds of events: `task_claimed`
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,
    /// Newest first
    #[arg(long)]
    reverse: bool,
    /// With `--json`: one line for each event, instead of one value for all
    #[arg(long, requires = "json")]
    lines: bool,
    /// Tells what was refused instead: it changed nothing, so it is no part of history
    #[arg(long, conflicts_with_all = ["about", "task", "after", "kind", "lines"])]
    refused: bool,
}

impl Handler for Log {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_recorded()?;
        let look = opened.look();
        let moment =
            |text: &Option<String>| text.as_deref().map(|text| values::past(text, look.now)).transpose();
        let (since, until) = (moment(&self.since)?, moment(&self.until)?);
        let last = if self.all { None } else { Some(self.last.unwrap_or(DEFAULT_LAST)) };
        let about = self.about.as_deref().or(self.task.as_deref());
        let about = about.map(|about| find_subject(&look, about)).transpose()?;
        let filter = Filter {
            after: self.after.map(Seq),
            since,
            until,
            about,
            by: self.by,
            kinds: self.kind,
            last,
            reverse: self.reverse,
        };
        if self.refused {
            return tell_refused(call, &opened, &filter);
        }
        let kinds = filter.kinds.clone();
        let mut view = LogView::new(&look, filter);
        opened
            .store
            .desk()
            .visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
        note_unseen(call, &kinds, view.kinds());
        let log = view.answer();
        if self.lines {
            log.entries.iter().for_each(|entry| call.ui.json(entry));
        } else {
            call.show(&log);
        }
        Ok(())
    }
}

/// A kind that never happened finds nothing; a slip of the pen should not look like that.
fn note_unseen(call: &Call, kinds: &[String], seen: &BTreeSet<&'static str>) {
    for unseen in kinds.iter().filter(|kind| !seen.contains(kind.as_str())) {
        let near = nearest(unseen, seen.iter().copied());
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        call.ui.note(format!("note: no event of the kind `{unseen}` has happened{near}"));
    }
}

fn tell_refused(call: &Call, opened: &Opened, filter: &Filter) -> Outcome {
    let fits = |attempt: &journal::Attempt| {
        // What was refused to the store itself, trust and keys, is about every plan in it.
        let by = filter.by.as_ref().map(|by| by.to_lowercase());
        attempt.plan.is_none_or(|plan| plan == opened.id())
            && filter.since.is_none_or(|since| attempt.at >= since)
            && filter.until.is_none_or(|until| attempt.at < until)
            && by.is_none_or(|by| attempt.by.actor.to_string().to_lowercase().contains(&by))
    };
    let mut kept = opened.store.desk().attempts(None, usize::MAX)?;
    kept.retain(fits);
    kept.truncate(filter.last.unwrap_or(usize::MAX));
    if !filter.reverse {
        kept.reverse();
    }
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
