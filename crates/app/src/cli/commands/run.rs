//! `run`: the main job. Reads the plan, takes it in, does all outstanding work, by agents too where
//! that is asked for, and prints the board and the verdict.

use std::path::PathBuf;

use clap::Args;
use engine::desk::Desk as _;
use lens::look::Look;
use lens::page::Answer as _;
use lens::views::board::board;
use lens::views::verdict::{Verdict, verdict};
use model::refusal::{CHECK_ERROR, GATE_SHUT, TRUST_REQUIRED};
use model::settings::Trust;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::dispatching::{Bounds, Site};
use crate::cli::error::{Outcome, Stop};
use crate::cli::proving::{Asked, Gathered, TrustWish, bring_in, check_everything, gather, read_documents};
use crate::cli::syncing::DocumentsDone;
use crate::cli::ui::Tone;
use crate::cli::verb::{
    Group, HAS_AGENTS_WORK, Handler, PERSON_ONLY, READS_STORE, TAKES_IN, Verb, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Run>(
    "run",
    Group::Run,
    "reads a plan, does all outstanding work, and says what is verified and what is only claimed",
    &[
        &[GATE_SHUT, CHECK_ERROR, TRUST_REQUIRED],
        TAKES_IN,
        READS_STORE,
        WRITES_STORE,
        PERSON_ONLY,
        HAS_AGENTS_WORK,
    ],
)
.daily();

#[derive(Debug, Args)]
struct Run {
    /// The plan document, or several that make one plan
    #[arg(value_name = "PLAN", required = true)]
    documents: Vec<PathBuf>,
    /// Trusts the plan's commands: for plans of your own
    #[arg(long, conflicts_with = "locked")]
    trust: bool,
    /// Runs exactly the commands that `countersign.lock` allows, and asks nobody
    #[arg(long)]
    locked: bool,
    /// Ends well also where everything is done but some of it only as claimed
    #[arg(long)]
    accept_claims: bool,
    /// Gives the tasks to the agents of `countersign.toml`, and checks what they hand in
    #[arg(long, conflicts_with = "locked")]
    agents: bool,
    /// Brings this branch forward to the agents' work, also where it is checked out
    #[arg(long, value_name = "BRANCH", requires = "agents")]
    into: Option<String>,
    /// Runs this many checks at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

impl Handler for Run {
    fn run(self, call: &Call) -> Outcome {
        // A plan is all of its documents; the folder of one is no plan, so it is refused below.
        let folder = self.documents.iter().any(|path| path.is_dir());
        let asked = Asked { named: if folder { &[] } else { &self.documents }, ..Asked::default() };
        let Gathered { store, plan: known, rearranged, paths, .. } = gather(call, asked)?;
        let read = read_documents(if folder { &self.documents } else { &paths }, call.now())?;
        let reading = read.line();
        call.ui.step("reading", reading.text());
        let store = match store {
            Some(store) => store,
            None => call.store_to_fill(&read.documents.folder())?,
        };
        let (taken, adopting) = bring_in(call, &store, known, rearranged, read)?;
        call.ui.step("adopting", adopting.text());
        let wish = match (self.trust, self.locked) {
            (true, _) => TrustWish::Give,
            (_, true) => TrustWish::Locked,
            _ => TrustWish::Ask,
        };
        let (mut came, mut run) = (None, 0);
        let cancelled = if self.agents {
            let site = Site::open(call, &store, taken.plan(), wish, Bounds::default())?;
            let by_agents = site.work(call, &store, at_once(self.jobs), None)?;
            if let (Some(branch), None) = (&self.into, &by_agents.paused) {
                site.bring_into(&store, branch)?;
            }
            came.insert(by_agents).cancelled
        } else {
            let done = check_everything(call, &store, taken.plan(), wish, at_once(self.jobs))?.done;
            run = done.run;
            done.cancelled
        };
        let documents = match self.locked {
            // What was reviewed stays as it was reviewed.
            true => DocumentsDone::default(),
            false => call.write_back(&store, taken.plan())?,
        };
        let (plan, beside) = call.overlaid(&store, store.desk().plan(taken.plan())?)?;
        let mut look = Look::new(&plan, store.desk().now());
        look.test_store = store.is_test();
        (look.unsynced, look.apart) = (&beside.shown, &beside.apart);
        let (mut board, verdict) = (board(&look), verdict(&look));
        if call.ui.wants_json() {
            let mut answer = json!({ "reading": reading, "adopting": adopting, "checks_run": run, "board": board, "verdict": verdict, "documents": documents });
            if let Some(came) = &came {
                answer["agents"] = json!(came);
            }
            call.ui.json(&answer);
        } else {
            // The verdict says them once, below.
            board.plan.caveats.clear();
            call.ui.page(&board.page());
            call.ui.line("");
            call.ui.page(&verdict.page());
        }
        if let Some(branch) =
            came.as_ref().filter(|came| came.attempts > 0).and_then(|came| came.branch.as_ref())
        {
            call.ui.note(format!("the work is on branch `{branch}`"));
        }
        if cancelled {
            call.ui.warn("ended early; what was running left no verdict");
        }
        if let Some(why) = came.and_then(|came| came.paused) {
            return Err(why.into());
        }
        let claims_count = self.accept_claims || plan.settings.trust == Trust::Document;
        ended(call, &verdict, claims_count)
    }
}

/// How many checks run at a time: as many as there are processors, unless somebody says.
pub(in crate::cli) fn at_once(jobs: Option<u16>) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    jobs.map_or_else(processors, usize::from)
}

/// Success only where the plan is verified, or done and claims are enough.
fn ended(call: &Call, verdict: &Verdict<'_>, claims_count: bool) -> Outcome {
    match verdict.verdict {
        "VERIFIED" => Ok(()),
        "DONE AS CLAIMED" if claims_count => Ok(()),
        "DONE AS CLAIMED" => {
            let hint =
                call.ui.paint_message(Tone::Faint, "hint: where claims are enough, add `--accept-claims`");
            call.ui.note(hint);
            Err(Stop::Said(GATE_SHUT))
        }
        _ => Err(Stop::Said(GATE_SHUT)),
    }
}
