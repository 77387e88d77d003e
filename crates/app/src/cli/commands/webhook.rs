//! `webhook`: who is told what happens, and what nobody took.

use clap::{Args, Subcommand};
use model::refusal::ENTRY_NOT_FOUND;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};
use crate::http::webhooks::standing;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Webhook>(
    "webhook",
    Group::Operate,
    "shows whom the service tells what happens, and has what nobody took told again",
    &[READS_STORE, WRITES_STORE, &[ENTRY_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Webhook {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows how far each endpoint was told, and what was given up
    List,
    /// Asks for what was given up to be told again, by the service that runs or the next one
    Resend {
        /// The endpoint
        #[arg(value_name = "ENDPOINT")]
        endpoint: String,
        /// The message; all of the endpoint's, where none is named
        #[arg(value_name = "MESSAGE")]
        message: Option<String>,
    },
}

impl Handler for Webhook {
    fn run(self, call: &Call) -> Outcome {
        let store = call.store_to_read()?;
        // Who is told, and how far that came, lies beside the service.
        store.at_hand("looking after webhooks")?;
        let wrong = |error: std::io::Error| Stop::file("webhooks", "used", &error);
        match self.action {
            Action::List => {
                let position = store.desk().journal().position()?;
                call.show(&standing::shown(store.folder(), position).map_err(wrong)?);
            }
            Action::Resend { endpoint, message } => {
                let asked = standing::ask_again(store.folder(), &endpoint, message.as_deref());
                let asked = asked.map_err(wrong)??;
                if call.ui.wants_json() {
                    call.ui.json(&json!({ "endpoint": endpoint, "asked": asked }));
                } else {
                    call.ui.line(format!("asked for {asked} of `{endpoint}` to be told again"));
                }
            }
        }
        Ok(())
    }
}
