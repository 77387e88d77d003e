//! What GitHub tells: runs of workflows and checks, pull requests, deployments. A delivery counts only
//! where its signature is made with the secret both sides know; what it says is then the program's own
//! word, as if it had looked itself.

use jiff::Timestamp;
use model::command::Command;
use model::delivery::{CiResult, CiRun, DeployResult, Deployed};
use model::plan::Plan;
use ring::hmac;
use serde_json::Value;

use crate::http::problem::{Answered, Problem};

/// Where the secret comes from; it is kept nowhere.
pub const SECRET: &str = "COUNTERSIGN_GITHUB_SECRET";

/// The longest id of a delivery.
pub const LONGEST_ID: usize = 100;

/// A shorter secret can be guessed.
const SHORTEST_SECRET: usize = 16;

/// A pull request is noted at so many tasks at most.
const MOST_TASKS: usize = 20;

/// The secret both sides know.
pub struct Secret(hmac::Key);

impl Secret {
    /// A secret; the error says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() < SHORTEST_SECRET {
            return Err(format!("`{SECRET}` has fewer than {SHORTEST_SECRET} bytes, which can be guessed"));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    /// Whether a signature, `sha256=` and hexadecimal digits, is this body's. How long that takes does not
    /// depend on how much of it is right.
    pub fn signed(&self, body: &[u8], signature: &str) -> bool {
        let Some(digits) = signature.strip_prefix("sha256=") else { return false };
        from_hex(digits).is_some_and(|told| hmac::verify(&self.0, body, &told).is_ok())
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    (0..64).step_by(2).map(|place| u8::from_str_radix(&digits[place..place + 2], 16).ok()).collect()
}

/// What a delivery asks to be recorded; nothing where it tells of something that has not ended, or of
/// what is not kept.
pub fn commands(plan: &Plan, kind: &str, told: &Value, now: Timestamp) -> Answered<Vec<Command>> {
    Ok(match kind {
        "workflow_run" if told["action"] == "completed" => vec![workflow_run(&told["workflow_run"])?],
        "check_run" if told["action"] == "completed" => vec![check_run(&told["check_run"])?],
        "deployment_status" => deployment(told, now)?.into_iter().collect(),
        "pull_request" => pull_request(plan, told)?,
        _ => Vec::new(),
    })
}

fn workflow_run(run: &Value) -> Answered<Command> {
    let begun = moment(run, "run_started_at")?;
    let (asked, ended) = (moment(run, "created_at")?, moment(run, "updated_at")?);
    let attempt = run["run_attempt"].as_u64().unwrap_or(1);
    // A run that is asked for again was created when it first ran.
    let queue_seconds = (attempt == 1).then(|| between(asked, begun));
    let number = number(run, "id")?;
    recorded(run, "name", format!("{number}.{attempt}"), between(begun, ended), queue_seconds, ended)
}

fn check_run(run: &Value) -> Answered<Command> {
    let (begun, ended) = (moment(run, "started_at")?, moment(run, "completed_at")?);
    let number = number(run, "id")?;
    recorded(run, "name", format!("check.{number}"), between(begun, ended), None, ended)
}

fn recorded(
    run: &Value,
    name: &str,
    number: String,
    seconds: f64,
    queue_seconds: Option<f64>,
    ended: Timestamp,
) -> Answered<Command> {
    let workflow = text(run, name)?.to_owned();
    let conclusion = text(run, "conclusion")?;
    let result = CiResult::parse(conclusion)
        .ok_or_else(|| Problem::invalid("conclusion", format!("`{conclusion}` is no conclusion of a run")))?;
    let maybe = |value: &Value| value.as_str().map(str::to_owned);
    let branch = maybe(&run["head_branch"]).or_else(|| maybe(&run["check_suite"]["head_branch"]));
    Ok(Command::RecordCiRun(Box::new(CiRun {
        workflow,
        result,
        seconds,
        queue_seconds,
        run: Some(number),
        commit: maybe(&run["head_sha"]),
        branch,
        url: maybe(&run["html_url"]),
        ended: Some(ended),
        tests: None,
    })))
}

fn deployment(told: &Value, now: Timestamp) -> Answered<Option<Command>> {
    let (status, deployment) = (&told["deployment_status"], &told["deployment"]);
    let result = match text(status, "state")? {
        "success" => DeployResult::Succeeded,
        "failure" | "error" => DeployResult::Failed,
        // It is on its way, or another took its place.
        _ => return Ok(None),
    };
    let at = moment(status, "created_at")?.min(now);
    let maybe = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Some(Command::RecordDeployment(Box::new(Deployed {
        environment: text(deployment, "environment")?.to_owned(),
        result,
        at,
        commit: maybe(&deployment["sha"]),
        lead_seconds: Some(between(moment(deployment, "created_at")?, at)),
        run: Some(number(deployment, "id")?.to_string()),
        url: maybe(&status["target_url"]).filter(|url| !url.is_empty()),
    }))))
}

/// A pull request that was opened or merged is noted at every task whose key its title or branch names.
fn pull_request(plan: &Plan, told: &Value) -> Answered<Vec<Command>> {
    let request = &told["pull_request"];
    let (number, title) = (number(request, "number")?, text(request, "title")?);
    let happened = match told["action"].as_str() {
        Some("opened" | "reopened") => "is open".to_owned(),
        Some("closed") if request["merged"] == true => {
            let commit = request["merge_commit_sha"].as_str().unwrap_or_default();
            format!("was merged as {}", commit.get(..12).unwrap_or(commit))
        }
        Some("closed") => "was closed without being merged".to_owned(),
        _ => return Ok(Vec::new()),
    };
    let url = request["html_url"].as_str().unwrap_or_default();
    let note = format!("pull request {number} `{title}` {happened} {url}").trim_end().to_owned();
    let branch = request["head"]["ref"].as_str().unwrap_or_default();
    let named = plan.tasks.iter().filter(|task| {
        !task.is_dropped() && (names(title, task.key.as_str()) || names(branch, task.key.as_str()))
    });
    Ok(named.take(MOST_TASKS).map(|task| Command::Note { task: task.id, text: note.clone() }).collect())
}

/// Whether a text names a key as a word of its own: `7.3` is not in `17.35`, nor in `7.3.1`.
fn names(text: &str, key: &str) -> bool {
    let (text, key) = (text.to_lowercase(), key.to_lowercase());
    text.match_indices(&key).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + key.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let goes_on =
            joins(next) || (matches!(next, Some('.' | '-')) && second.is_some_and(|c| c.is_ascii_digit()));
        !joins(before) && before != Some('.') && !goes_on
    })
}

fn between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

fn text<'v>(value: &'v Value, field: &str) -> Answered<&'v str> {
    value[field].as_str().ok_or_else(|| Problem::invalid(field, format!("`{field}` is missing, or no text")))
}

fn number(value: &Value, field: &str) -> Answered<u64> {
    value[field]
        .as_u64()
        .ok_or_else(|| Problem::invalid(field, format!("`{field}` is missing, or no number")))
}

fn moment(value: &Value, field: &str) -> Answered<Timestamp> {
    let found = value[field].as_str().and_then(|text| text.parse().ok());
    found.ok_or_else(|| Problem::invalid(field, format!("`{field}` is missing, or no moment")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_this_body_and_secret() {
        // The example of GitHub's own documentation.
        let secret = Secret::new("It's a Secret to Everybody").expect("long enough");
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(secret.signed(b"Hello, World!", right));
        for (body, signature) in [
            (&b"Hello, World"[..], right.to_owned()),
            (b"Hello, World!", right.replace("sha256=", "sha1=")),
            (b"Hello, World!", right.replace("757107", "757108")),
            (b"Hello, World!", right[..70].to_owned()),
            (b"Hello, World!", format!("sha256={}", "é".repeat(32))),
            (b"Hello, World!", String::new()),
        ] {
            assert!(!secret.signed(body, &signature), "{signature}");
        }
        assert!(Secret::new("short").is_err());
    }

    #[test]
    fn a_key_is_named_as_a_word() {
        for (text, key, named) in [
            ("7.3: tidy the code", "7.3", true),
            ("fix/T-12-empty-list", "t-12", true),
            ("T-1 and T-2", "T-1", true),
            ("done with T-1.", "T-1", true),
            ("17.35", "7.3", false),
            ("7.3.1", "7.3", false),
            ("T-12", "T-1", false),
            ("T-1-2", "T-1", false),
            ("ST-1", "T-1", false),
        ] {
            assert_eq!(names(text, key), named, "{text}: {key}");
        }
    }
}
