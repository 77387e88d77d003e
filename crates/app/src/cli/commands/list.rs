//! `list`: the tasks, narrowed down.

use clap::Args;
use lens::views::list::{Filter, Wanted, list};
use lens::views::plans::plans;
use lens::views::several::several;
use model::draft::TaskKind;
use model::refusal::{Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::Everywhere;
use crate::cli::error::Outcome;
use crate::cli::usage::nearest;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<List>(
    "list",
    Group::Track,
    "lists tasks: how each stands, what proves it, whose it is",
    &[READS_STORE, &[VALUE_INVALID]],
)
.daily();

const KINDS: [TaskKind; 7] = [
    TaskKind::Task,
    TaskKind::Batch,
    TaskKind::Action,
    TaskKind::Story,
    TaskKind::Item,
    TaskKind::Workstream,
    TaskKind::Deliverable,
];

#[derive(Debug, Args)]
struct List {
    /// Only tasks that mention this
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Only tasks in one of these states: `ready`, `claimed`, `refuted`, `late` and more
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    state: Vec<String>,
    /// Only tasks of these kinds: `task`, `batch`, `action`, `story`, `item` and more
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,
    /// Only tasks of this person or team
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only tasks of this phase; `-` stands for none
    #[arg(long, value_name = "PHASE", allow_hyphen_values = true)]
    phase: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    #[command(flatten)]
    everywhere: Everywhere,
}

impl Handler for List {
    fn run(self, call: &Call) -> Outcome {
        let states: Result<Vec<Wanted>, Refusal> = self.state.iter().map(|word| state(word)).collect();
        let kinds: Result<Vec<TaskKind>, Refusal> = self.kind.iter().map(|word| kind(word)).collect();
        let filter = Filter {
            states: states?,
            kinds: kinds?,
            owner: self.owner,
            phase: self.phase,
            text: self.text,
            limit: self.limit,
        };
        if self.everywhere.all_plans {
            let all = call.open_all()?;
            if filter == Filter::default() {
                call.show(&plans(&all.looks(), self.everywhere.archived, all.store.desk().now()));
                return Ok(());
            }
            let looks = all.looks_of(self.everywhere);
            let answers = looks.iter().map(|look| (look.plan, list(look, &filter)));
            call.show(&several(answers, |list| !list.tasks.is_empty()));
            return Ok(());
        }
        call.show(&list(&call.open()?.look(), &filter));
        Ok(())
    }
}

fn state(word: &str) -> Result<Wanted, Refusal> {
    Wanted::parse(word).ok_or_else(|| no_such("state", word, &Wanted::WORDS))
}

fn kind(word: &str) -> Result<TaskKind, Refusal> {
    let found = KINDS.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim()));
    found.ok_or_else(|| no_such("kind", word, &KINDS.map(TaskKind::as_str)))
}

fn no_such(what: &str, word: &str, known: &[&str]) -> Refusal {
    let no = Refusal::new(VALUE_INVALID, format!("there is no {what} `{word}`")).with(what, word);
    match nearest(word, known.iter().copied()) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint(format!("one of `{}`", known.join("`, `"))),
    }
}
