//! To whom events are told: the file of endpoints that `serve --webhooks` reads. Secrets stand in none of
//! it: it names the variable or the file they are in.

use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde::Serialize;
use toml_edit::{DocumentMut, Table};

/// What an endpoint is told again after, in seconds, unless it says otherwise.
const RETRY_SECONDS: [u64; 5] = [5, 30, 120, 600, 1800];

/// The most times an endpoint is told again.
const MOST_RETRIES: usize = 20;

/// What secrets for signatures begin with.
const SECRET_PREFIX: &str = "whsec_";

/// The fewest bytes of a secret for signatures.
const SHORTEST_SECRET: usize = 24;

/// Somebody who is told.
pub struct Endpoint {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub url: Uri,
    /// Which events it is told: kinds, or beginnings of kinds with `*` behind them.
    pub events: Vec<String>,
    /// The key of the plan whose events it is told; nothing: of all.
    pub plan: Option<String>,
    /// In which shape, and with what it is made sure that it comes from here.
    pub shape: Shape,
    /// Whether it may be in a private network, or on this machine.
    pub allow_private: bool,
    /// After how many seconds it is told again, one number for each time.
    pub retry_seconds: Vec<u64>,
    /// Where whoever is woken reads what to do.
    pub runbook: Option<String>,
}

/// In which shape an endpoint is told.
pub enum Shape {
    /// As Standard Webhooks has it, signed.
    Standard(hmac::Key),
    /// A message for Slack, and what understands the same.
    Slack,
    /// An event of PagerDuty, with the routing key.
    PagerDuty(String),
}

impl Shape {
    /// The word it goes by.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Standard(_) => "standard",
            Self::Slack => "slack",
            Self::PagerDuty(_) => "pagerduty",
        }
    }
}

/// An endpoint, without what is secret. The address of a message service is a secret itself, so of it
/// only the host is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Described {
    /// What it is called.
    pub name: String,
    /// On which host it is.
    pub host: String,
    /// In which shape it is told.
    pub format: &'static str,
    /// Which events.
    pub events: Vec<String>,
}

impl Endpoint {
    /// Whether it is told an event of this kind.
    pub fn wants(&self, plan: &str, kind: &str) -> bool {
        let matches = |wanted: &String| match wanted.strip_suffix('*') {
            Some(beginning) => kind.starts_with(beginning),
            None => wanted == kind,
        };
        self.plan.as_ref().is_none_or(|only| only == plan) && self.events.iter().any(matches)
    }

    /// It, without what is secret.
    pub fn described(&self) -> Described {
        Described {
            name: self.name.clone(),
            host: self.url.host().unwrap_or_default().to_owned(),
            format: self.shape.as_str(),
            events: self.events.clone(),
        }
    }
}

/// Where secrets come from: variables of the environment, and files.
pub struct Secrets<'s> {
    /// A variable's value.
    pub variable: &'s dyn Fn(&str) -> Option<String>,
    /// A file's text.
    pub file: &'s dyn Fn(&str) -> Result<String, String>,
}

/// Reads the file of endpoints; the error says what is wrong with it.
pub fn read(text: &str, secrets: &Secrets<'_>) -> Result<Vec<Endpoint>, String> {
    let document: DocumentMut = text.parse().map_err(|error| format!("it is no TOML: {error}"))?;
    if let Some((other, _)) = document.iter().find(|(name, _)| *name != "endpoint") {
        return Err(format!("`{other}` is not known; there is `[[endpoint]]`"));
    }
    let tables = document.get("endpoint").and_then(|item| item.as_array_of_tables());
    let tables = tables.ok_or("it has no `[[endpoint]]`")?;
    let mut all: Vec<Endpoint> = Vec::new();
    for table in tables {
        let endpoint = endpoint(table, secrets)?;
        if all.iter().any(|known| known.name == endpoint.name) {
            return Err(format!("there are two endpoints `{}`", endpoint.name));
        }
        all.push(endpoint);
    }
    Ok(all)
}

const FIELDS: [&str; 10] = [
    "name",
    "url",
    "events",
    "plan",
    "format",
    "secret",
    "secret_file",
    "allow_private",
    "retry_seconds",
    "runbook",
];

fn endpoint(table: &Table, secrets: &Secrets<'_>) -> Result<Endpoint, String> {
    if let Some((other, _)) = table.iter().find(|(name, _)| !FIELDS.contains(name)) {
        return Err(format!("`{other}` is not known; an endpoint has {}", FIELDS.join(", ")));
    }
    let maybe = |field: &str| -> Result<Option<String>, String> {
        let Some(item) = table.get(field) else { return Ok(None) };
        let text = item.as_str().ok_or_else(|| format!("`{field}` is no text"))?;
        Ok(Some(text.to_owned()))
    };
    let name = maybe("name")?.ok_or("an endpoint has no `name`")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(format!("`{name}` is no name: 1 to 64 letters, digits, `-` and `_`"));
    }
    let lacks = |field: &str| format!("endpoint `{name}` has no `{field}`");
    let events = texts(table, "events")?.ok_or_else(|| lacks("events"))?;
    let url = maybe("url")?.ok_or_else(|| lacks("url"))?;
    let url: Uri = url.parse().map_err(|_| format!("the `url` of `{name}` is no address"))?;
    let plain_scheme = matches!(url.scheme_str(), Some("http" | "https"));
    if !plain_scheme || url.host().is_none() || url.authority().is_some_and(|at| at.as_str().contains('@')) {
        return Err(format!("the `url` of `{name}` must be `https://HOST/…` without a name and password"));
    }
    let secret =
        match (maybe("secret")?, maybe("secret_file")?) {
            (Some(_), Some(_)) => return Err(format!("`{name}` has both `secret` and `secret_file`")),
            (Some(variable), None) => {
                let found = (secrets.variable)(&variable);
                Some(found.ok_or_else(|| {
                    format!("the variable `{variable}`, the secret of `{name}`, is not set")
                })?)
            }
            (None, Some(path)) => Some((secrets.file)(&path)?),
            (None, None) => None,
        };
    let secret = secret.map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty());
    let shape = match maybe("format")?.as_deref().unwrap_or("standard") {
        "standard" => Shape::Standard(
            key(&secret.ok_or_else(|| lacks("secret"))?)
                .map_err(|wrong| format!("the secret of `{name}` {wrong}"))?,
        ),
        "slack" => Shape::Slack,
        "pagerduty" => Shape::PagerDuty(secret.ok_or_else(|| lacks("secret"))?),
        other => return Err(format!("`{other}` is no format; there are standard, slack, pagerduty")),
    };
    let allow_private = match table.get("allow_private") {
        None => false,
        Some(item) => item.as_bool().ok_or("`allow_private` is `true` or `false`")?,
    };
    Ok(Endpoint {
        url,
        events,
        plan: maybe("plan")?,
        shape,
        allow_private,
        retry_seconds: retries(table)?,
        runbook: maybe("runbook")?,
        name,
    })
}

fn texts(table: &Table, field: &str) -> Result<Option<Vec<String>>, String> {
    let Some(item) = table.get(field) else { return Ok(None) };
    let wrong = || format!("`{field}` is a list of texts, such as `[\"ticket_*\"]`");
    let array = item.as_array().ok_or_else(wrong)?;
    let texts = array.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong));
    texts.collect::<Result<Vec<_>, _>>().map(Some)
}

fn retries(table: &Table) -> Result<Vec<u64>, String> {
    let Some(item) = table.get("retry_seconds") else { return Ok(RETRY_SECONDS.to_vec()) };
    let numbers = item.as_array().and_then(|array| {
        let seconds = |value: &toml_edit::Value| u64::try_from(value.as_integer()?).ok();
        array.iter().map(seconds).collect::<Option<Vec<u64>>>()
    });
    let numbers = numbers.filter(|numbers| {
        numbers.len() <= MOST_RETRIES && numbers.iter().all(|seconds| *seconds <= 24 * 60 * 60)
    });
    numbers.ok_or_else(|| {
        format!("`retry_seconds` is a list of at most {MOST_RETRIES} whole numbers up to a day")
    })
}

/// The key behind `whsec_…`.
fn key(secret: &str) -> Result<hmac::Key, String> {
    let digits = secret.strip_prefix(SECRET_PREFIX).ok_or("does not begin with `whsec_`")?;
    let bytes = STANDARD.decode(digits).map_err(|_| "is not in Base64 behind `whsec_`")?;
    if bytes.len() < SHORTEST_SECRET {
        return Err(format!("has fewer than {SHORTEST_SECRET} bytes"));
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

    fn read_with(secret: &str, text: &str) -> Result<Vec<Endpoint>, String> {
        let variable = |name: &str| (name == "KEY").then(|| secret.to_owned());
        let file = |path: &str| Err(format!("`{path}` cannot be read"));
        read(text, &Secrets { variable: &variable, file: &file })
    }

    #[test]
    fn an_endpoint_wants_kinds_and_beginnings_of_kinds() {
        let text = "[[endpoint]]\nname = 'ops'\nurl = 'https://hooks.example/x'\nevents = ['ticket_*', 'plan_halted']\nsecret = 'KEY'\nplan = 'plan'\n";
        let endpoint = read_with(GOOD, text).expect("good").remove(0);
        assert!(endpoint.wants("plan", "ticket_opened") && endpoint.wants("plan", "plan_halted"));
        assert!(!endpoint.wants("plan", "task_added") && !endpoint.wants("other", "plan_halted"));
        assert_eq!(endpoint.described().host, "hooks.example");
        assert_eq!((endpoint.allow_private, endpoint.retry_seconds.len()), (false, 5));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let with = |lines: &str| format!("[[endpoint]]\nname = 'ops'\nevents = []\n{lines}");
        let url = "url = 'https://hooks.example'\n";
        for (secret, text, says) in [
            (GOOD, "endpoint = 1".to_owned(), "no `[[endpoint]]`"),
            (GOOD, "[other]".to_owned(), "`other` is not known"),
            (GOOD, with("colour = 'red'"), "`colour` is not known"),
            (GOOD, with("secret = 'KEY'"), "has no `url`"),
            (GOOD, with("url = 'ftp://x'\nsecret = 'KEY'"), "must be `https"),
            (GOOD, with("url = 'https://me:secret@x/'\nsecret = 'KEY'"), "must be `https"),
            (GOOD, with(url), "has no `secret`"),
            (GOOD, with(&format!("{url}secret = 'OTHER'")), "is not set"),
            (GOOD, with(&format!("{url}secret_file = 'nowhere'")), "cannot be read"),
            ("plain", with(&format!("{url}secret = 'KEY'")), "does not begin with"),
            ("whsec_c2hvcnQ=", with(&format!("{url}secret = 'KEY'")), "fewer than"),
            (GOOD, with(&format!("{url}secret = 'KEY'\nformat = 'fax'")), "`fax` is no format"),
            (GOOD, with(&format!("{url}secret = 'KEY'\nretry_seconds = [-1]")), "whole numbers"),
        ] {
            let wrong = read_with(secret, &text).err().unwrap_or_default();
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
    }
}
