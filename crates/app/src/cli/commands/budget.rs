//! `budget`: what agents may use up, what they have, and allowing more.

use clap::{Args, Subcommand};
use model::command::Command;
use serde_json::json;

use super::submit::Used;
use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::ui::{Column, Table};
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Budget>(
    "budget",
    Group::Agents,
    "shows what agents have used up and may, or allows more",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY],
);

#[derive(Debug, Args)]
struct Budget {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows what was used up and what is allowed
    Show,
    /// Allows more than the plan's settings say; only a person can
    Allow {
        #[command(flatten)]
        more: Used,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Budget {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            None | Some(Action::Show) => show(call),
            Some(Action::Allow { more, reason, asking }) => {
                let usage = more.usage()?;
                let opened = call.open_to_write()?;
                call.submit_and_say(&opened, &asking, Command::AllowBudget { usage, reason })
            }
        }
    }
}

fn show(call: &Call) -> Outcome {
    let opened = call.open()?;
    let plan = &opened.plan;
    let (budget, used, allowed) = (plan.settings.budget, plan.used, plan.allowed);
    if call.ui.wants_json() {
        call.ui.json(&json!({ "budget": budget, "allowed": allowed, "used": used, "spent": budget.spent(used, allowed) }));
        return Ok(());
    }
    let mut table = Table::new([Column::text("What"), Column::number("Used"), Column::number("Allowed")]);
    let micros = |amount: u64| format!("{}.{:02}", amount / 1_000_000, amount % 1_000_000 / 10_000);
    for (name, used, more, limit) in [
        ("tokens", used.tokens, allowed.tokens, budget.tokens),
        ("money", used.money_micros, allowed.money_micros, budget.money_micros),
        ("seconds", used.seconds, allowed.seconds, budget.seconds),
    ] {
        let shown = |amount: u64| if name == "money" { micros(amount) } else { amount.to_string() };
        let limit = limit.map_or_else(|| "no limit".to_owned(), |limit| shown(limit.saturating_add(more)));
        table.row([name.to_owned(), shown(used), limit]);
    }
    call.ui.table(&table);
    Ok(())
}
