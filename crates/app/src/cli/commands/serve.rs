//! `serve`: answers over HTTP, for browsers, agents and people on other machines.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use model::refusal::POLICY_DENIED;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};
use crate::http::service::Service;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Serve>(
    "serve",
    Group::Operate,
    "serves the store over HTTP: plans, tasks, gates, history",
    &[READS_STORE, WRITES_STORE, &[POLICY_DENIED]],
);

#[derive(Debug, Args)]
struct Serve {
    /// Where it listens; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
}

impl Handler for Serve {
    fn run(self, call: &Call) -> Outcome {
        if !self.listen.ip().is_loopback() {
            return Err(Stop::usage(format!("`{}` can be reached from other machines", self.listen.ip()))
                .hint("listen on a loopback address such as 127.0.0.1:8420")
                .into());
        }
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let service = Arc::new(Service::new(call.store_to_fill(&here)?, call.person()?));
        let listening = |address: SocketAddr| {
            call.ui.line(format!("listening on http://{address}"));
            call.ui.flush();
        };
        crate::http::serve(service, self.listen, listening, stopped())
            .map_err(|error| Stop::file(&self.listen.to_string(), "listened on", &error))
    }
}

/// Ready once somebody asks the process to end.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut end)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = end.recv() => {}
    }
}
