//! `serve`: answers over HTTP, for browsers, agents and people on other machines.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use engine::requests::RequestLog;
use model::refusal::{CONFIG_INVALID, FILE_NOT_FOUND, POLICY_DENIED, Refusal};

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};
use crate::cli::working;
use crate::config::Origin;
use crate::example::Example;
use crate::http::guard::jwt::{Keys, PUBLIC_KEY_FILE, SECRET};
use crate::http::guard::limits::Asked;
use crate::http::guard::log::Log;
use crate::http::guard::proxies::Network;
use crate::http::guard::record::Record;
use crate::http::service::{REQUESTS, Service};
use crate::http::stream::starting::{self, Starter};
use crate::http::webhooks::endpoint::{self, Endpoint, Secrets};
use crate::http::webhooks::github;
use crate::http::{Settings, guard};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Serve>(
    "serve",
    Group::Operate,
    "serves the store over HTTP: plans, tasks, gates, history",
    &[READS_STORE, WRITES_STORE, &[POLICY_DENIED, CONFIG_INVALID, FILE_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Serve {
    /// Where it listens; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Serves an example with a history in it, out of a folder of its own; kept where a folder is named
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    example: Option<Option<PathBuf>>,
    /// Who has to show who they are: `required` for everybody, also on this machine
    #[arg(long, value_name = "WHO", value_enum, default_value_t = Auth::Elsewhere)]
    auth: Auth,
    /// A name the service goes by, besides those of this machine; may be given several times
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// A proxy whose `X-Forwarded-For` counts: an address or a network; may be given several times
    #[arg(long = "trusted-proxy", value_name = "CIDR")]
    proxies: Vec<Network>,
    /// A limit: `tasks=6/60s`, `reviews=90/60s`, `sign-ins=10/60s`, or `off`; may be given several times
    #[arg(long = "limit", value_name = "LIMIT")]
    limits: Vec<Asked>,
    /// Writes every metric a second time under names that begin with this, for dashboards of before
    #[arg(long, value_name = "NAME", value_parser = metrics_prefix)]
    metrics_prefix: Option<String>,
    /// Has an agent of this role start on what is asked for; may be given several times: the first
    /// one unless `metadata.role` names another
    #[arg(long = "start", value_name = "ROLE")]
    start: Vec<String>,
    /// So many agents run at once; what is asked for meanwhile waits
    #[arg(long, value_name = "N", requires = "start", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    at_once: u16,
    /// The plan that takes what is asked for where none is named; made when it is first needed
    #[arg(long, value_name = "KEY", default_value = REQUESTS)]
    requests: String,
    /// Writes a line for each request to standard error, for what gathers logs
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Off)]
    log: LogFormat,
    /// A file of endpoints that are told what happens
    #[arg(long, value_name = "FILE")]
    webhooks: Option<String>,
    /// So many seconds the head of a request may take to arrive
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    header_timeout: u64,
}

/// How requests are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Not at all
    Off,
    /// A line of JSON for each
    Json,
}

/// Who has to show who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Auth {
    /// Whoever asks from elsewhere
    Elsewhere,
    /// Everybody
    Required,
}

impl Handler for Serve {
    fn run(self, call: &Call) -> Outcome {
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let keys = keys()?;
        let told = self.webhooks.as_deref().map(|path| endpoints(call, path)).transpose()?;
        let endpoints = told.unwrap_or_default();
        let person = call.person()?;
        let example = self.example.as_ref().map(|folder| example(call, folder.as_deref())).transpose()?;
        let store = match &example {
            Some(example) => example.open(call.now())?,
            None => call.store_to_fill(&here)?,
        };
        store.at_hand("serving a store")?;
        let mut service =
            Service::new(store, person).map_err(|error| Stop::file("the desk", "opened", &error))?;
        service.metrics_prefix.clone_from(&self.metrics_prefix);
        service.requests = working::key(&self.requests)?;
        service.checking.settings = Some(call.config.folder.clone());
        service.starter = self.starter(call)?;
        service.github = github_secret()?;
        let service = Arc::new(service);
        let prove = self.asks_for_proof();
        if prove && !keys.is_some() && !has_good_token(&service)? {
            return Err(Stop::usage("nobody could show who they are: there is neither a token nor a key")
                .hint(format!("make a token with `countersign token create`, or set `{SECRET}` or `{PUBLIC_KEY_FILE}`; without, listen on a loopback address such as 127.0.0.1:8420"))
                .into());
        }
        let folder = service.store.folder();
        let record = RequestLog::open(folder)
            .and_then(Record::begin)
            .map_err(|error| Stop::file(&folder.display().to_string(), "written", &error))?;
        let listening = |address: SocketAddr| {
            call.ui.line(format!("listening on http://{address}"));
            call.ui.flush();
            if let Some(example) = &example {
                let stays = if example.is_passing() { "goes when this ends" } else { "stays" };
                let folder = example.folder().display();
                call.ui
                    .note(format!("the example lies in `{folder}` and {stays}; verbs typed there show here"));
            }
        };
        let log = matches!(self.log, LogFormat::Json).then(Log::begin).transpose();
        let log = log.map_err(|error| Stop::file("the log", "written", &error))?;
        let guard = guard::Settings {
            prove,
            names: self.hosts,
            proxies: self.proxies,
            limits: self.limits,
            keys,
            record: Some(record),
            log,
        };
        let head = Duration::from_secs(self.header_timeout);
        let settings = Settings { address: self.listen, head, guard, endpoints };
        crate::http::serve(service, settings, listening, stopped())
            .map_err(|error| Stop::file(&self.listen.to_string(), "listened on", &error))
    }
}

impl Serve {
    fn starter(&self, call: &Call) -> Outcome<Starter> {
        if self.start.is_empty() {
            return Ok(Starter::default());
        }
        if call.config.agent_is_around() {
            return Err(Refusal::new(POLICY_DENIED, "an agent asks, and only a person starts commands")
                .hint("serve without `--start`, or ask a person to")
                .into());
        }
        let program = std::env::current_exe().map_err(|error| Stop::file("the program", "found", &error))?;
        let (roles, at_once) = (self.start.clone(), usize::from(self.at_once));
        Ok(Starter::new(starting::Settings { roles, at_once, program }))
    }

    /// Whatever lets others than this machine's own programs ask takes proof from everybody: behind a
    /// proxy or under a name of its own, a request from elsewhere looks like one from here.
    fn asks_for_proof(&self) -> bool {
        self.auth == Auth::Required
            || !self.listen.ip().is_loopback()
            || !self.proxies.is_empty()
            || !self.hosts.is_empty()
    }
}

/// What the name of a metric may begin with.
fn metrics_prefix(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('_');
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if first && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        Ok(text.to_owned())
    } else {
        Err("a name of letters, digits and underscores, such as `acme`".to_owned())
    }
}

/// The example, in a folder that holds nothing else.
fn example(call: &Call, folder: Option<&std::path::Path>) -> Outcome<Example> {
    if matches!(call.config.store.origin, Origin::Flag(_)) {
        return Err(Stop::usage("an example has a store of its own").hint("leave `--store` out").into());
    }
    let named =
        folder.map_or_else(|| "the temporary folder".to_owned(), |folder| folder.display().to_string());
    let failed = |error: std::io::Error| Stop::file(&named, "written", &error);
    let example = folder.map_or_else(Example::passing, Example::in_folder).map_err(failed)?;
    if example.is_elsewhere().map_err(failed)? {
        return Err(Stop::usage(format!("`{named}` is not empty"))
            .hint("name a folder that is not there yet, or none")
            .into());
    }
    Ok(example)
}

/// Who is told what happens; a file that cannot be understood keeps the service from starting.
fn endpoints(call: &Call, path: &str) -> Outcome<Vec<Endpoint>> {
    let bytes = call.read_file(path)?;
    let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
    let file = |path: &str| {
        std::fs::read_to_string(path).map_err(|error| format!("`{path}` cannot be read: {error}"))
    };
    let secrets = Secrets { variable: &variable, file: &file };
    endpoint::read(&String::from_utf8_lossy(&bytes), &secrets).map_err(|wrong| {
        Refusal::new(CONFIG_INVALID, format!("`{path}` cannot be used: {wrong}"))
            .hint("docs/guide/webhooks.md shows such a file")
            .with("file", path)
            .into()
    })
}

fn has_good_token(service: &Service) -> Outcome<bool> {
    let now = service.desk().now();
    Ok(service.desk().commons()?.tokens.iter().any(|token| token.is_good(now)))
}

/// What JWTs are checked with; a key that is none keeps the service from starting.
fn keys() -> Outcome<Keys> {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let read = |path: &str| {
        std::fs::read_to_string(path).map_err(|error| format!("`{path}` cannot be read: {error}"))
    };
    Keys::of(variable, read).map_err(|wrong| {
        Refusal::new(CONFIG_INVALID, wrong).hint("a good secret comes from `openssl rand -base64 48`").into()
    })
}

/// What GitHub signs its webhooks with; a secret that is none keeps the service from starting.
fn github_secret() -> Outcome<Option<github::Secret>> {
    let set = std::env::var_os(github::SECRET).filter(|value| !value.is_empty());
    let secret = set.map(|value| github::Secret::new(&value.to_string_lossy())).transpose();
    secret.map_err(|wrong| {
        Refusal::new(CONFIG_INVALID, wrong).hint("a good secret comes from `openssl rand -base64 48`").into()
    })
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
