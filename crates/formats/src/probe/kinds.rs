//! The kinds of probes, and how each is written.

use std::ops::Range;
use std::str::FromStr;

use model::check::{CheckSpec, FileExpect, Probe};
use model::digest::Digest;
use model::target::Target;

use super::tokens::{Segment, Token};

/// Every kind that can be run, as written in plans.
pub(crate) const KINDS: [&str; 8] =
    ["check", "metric", "file", "tasks", "approval", "attachment", "ci", "consecutive"];

/// Words that are kinds wherever they stand before a colon, although nothing runs them yet.
const PLAINLY_KINDS: [&str; 3] = ["junit", "workflow-lint", "reversible"];

/// Words that are kinds where code or a comparison follows, and prose otherwise: `coverage: 80 %`.
const PERHAPS_KINDS: [&str; 4] = ["coverage", "findings", "links", "duration"];

/// Labels that people put before code when they mean no probe.
const LABELS: [&str; 66] = [
    "also", "and", "at", "branch", "cf", "cli", "cmd", "code", "column", "command", "commit", "config",
    "crate", "default", "doc", "docs", "e.g", "eg", "endpoint", "env", "error", "example", "expected",
    "field", "fields", "files", "flag", "flags", "folder", "from", "ie", "in", "input", "inputs", "issue",
    "key", "keys", "label", "link", "module", "name", "new", "note", "notes", "now", "old", "option",
    "output", "outputs", "owner", "package", "path", "paths", "pr", "ref", "refs", "run", "script", "see",
    "source", "status", "table", "task", "try", "type", "via",
];

/// What a segment says.
pub(super) enum Read {
    Probes(Vec<CheckSpec>),
    /// Meant as a probe, and not readable as one.
    Fault(CheckSpec, String),
    /// Begins with a kind and goes on as prose.
    Almost(String),
    Prose,
}

/// Whether a text begins with one of the kinds and a colon.
pub(super) fn begins_with_kind(text: &str) -> bool {
    leading_kind(text.trim_start())
        .is_some_and(|(kind, _)| KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)))
}

/// Reads code spans with nothing but separators between them as commands.
pub(super) fn bare_commands(segment: &Segment<'_>) -> Option<Vec<(CheckSpec, Range<usize>)>> {
    let (timeout, end) = take_timeout(segment).ok()?;
    let mut probes = Vec::new();
    for (token, place) in &segment.tokens[..end] {
        match token {
            Token::Code(command) if !command.trim().is_empty() => {
                let probe = Probe::Check { command: command.trim().to_owned() };
                probes.push((with_timeout(CheckSpec::new("check", probe), timeout), place.clone()));
            }
            Token::Word("," | ";" | "and" | "<br>" | "<br/>" | "+") => {}
            _ => return None,
        }
    }
    (!probes.is_empty()).then_some(probes)
}

/// Reads one segment.
pub(super) fn read(segment: &Segment<'_>) -> Read {
    let text = &segment.text[segment.place()];
    let Some((word, length)) = leading_kind(text) else { return Read::Prose };
    let kind = word.to_ascii_lowercase();
    let body = segment.place().start + length;
    let args = Segment::read(segment.text, body..segment.place().end, false);
    let args = Args { segment: with_tokens_after(segment, body), text: &args.text[args.place()] };
    // People head remarks on their pipeline with `CI:`; a probe is written in small letters.
    if matches!(&*kind, "ci" | "consecutive") && word != kind {
        return Read::Prose;
    }
    if KINDS.contains(&&*kind) {
        return known(&kind, &args);
    }
    // Kinds are written in small letters; a label in capitals is somebody's heading.
    if word == kind && is_meant_as_kind(&kind, &args) {
        let probe = Probe::Unknown { kind: kind.clone(), text: args.text.to_owned() };
        return Read::Fault(CheckSpec::new(kind.clone(), probe), unknown_kind(&kind));
    }
    Read::Prose
}

/// What follows the kind and its colon.
struct Args<'a> {
    segment: Segment<'a>,
    text: &'a str,
}

fn with_tokens_after<'a>(segment: &Segment<'a>, body: usize) -> Segment<'a> {
    let mut rest = Segment::read(segment.text, body..segment.place().end, false);
    // The tokens come from the segment itself, which knows whether it stands in a cell; the first
    // may be glued to the colon.
    rest.tokens = segment
        .tokens
        .iter()
        .filter(|(_, place)| place.end > body)
        .map(|(token, place)| match token {
            Token::Word(word) if place.start < body => {
                (Token::Word(&word[body - place.start..]), body..place.end)
            }
            token => (token.clone(), place.clone()),
        })
        .collect();
    rest
}

/// The word a text begins with, where a colon follows it, and the length of both.
fn leading_kind(text: &str) -> Option<(&str, usize)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))?;
    let word = &text[..end];
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic());
    // `https://…` is no kind.
    (is_word && text[end..].starts_with(':') && !text[end..].starts_with("://")).then_some((word, end + 1))
}

fn known(kind: &str, args: &Args<'_>) -> Read {
    let (timeout, end) = match take_timeout(&args.segment) {
        Ok(found) => found,
        Err(fault) => return unreadable(kind, args, fault),
    };
    let read = match kind {
        "check" => check(args, end),
        "metric" => metric(args, end),
        "file" => file(args, end),
        "tasks" => tasks(args, end),
        "approval" => approval(args, end),
        "ci" | "consecutive" => ci(kind, args, end),
        _ => Read::Probes(vec![CheckSpec::new("attachment", attachment(args, end))]),
    };
    match read {
        Read::Probes(specs) => {
            Read::Probes(specs.into_iter().map(|spec| with_timeout(spec, timeout)).collect())
        }
        other => other,
    }
}

fn check(args: &Args<'_>, end: usize) -> Read {
    match &args.segment.tokens[..end] {
        [(Token::Code(command), _)] if !command.trim().is_empty() => {
            let command = command.trim().to_owned();
            Read::Probes(vec![CheckSpec::new("check", Probe::Check { command })])
        }
        [(Token::Code(_), _)] => unreadable("check", args, "a `check` needs a command".to_owned()),
        [(Token::Code(_), _), ..] => {
            Read::Almost("`check:` is read as prose, because words follow its command".to_owned())
        }
        _ => Read::Almost("`check:` is read as prose, because no command in backticks follows it".to_owned()),
    }
}

fn metric(args: &Args<'_>, end: usize) -> Read {
    let tokens = &args.segment.tokens[..end];
    let (named, command) = match tokens {
        [head @ .., (Token::Word(from), _), (Token::Code(command), _)]
            if from.eq_ignore_ascii_case("from") =>
        {
            (head.len(), Some(command.trim().to_owned()))
        }
        _ => (tokens.len(), None),
    };
    let words = args.segment.words(0, named);
    let words = words.trim_end_matches(['.', ',']);
    if let Some((name, target)) = name_and_target(words)
        && command.as_deref() != Some("")
    {
        let short = name.split_whitespace().collect::<Vec<_>>().join("_");
        return Read::Probes(vec![CheckSpec::new(short, Probe::Metric { name, target, command })]);
    }
    if command.is_some() || words.contains(['<', '>', '=', '≤', '≥']) {
        let fault = format!(
            "`{words}` is not a metric and its target; write it like `warnings < 20` or `coverage >= 80 %`"
        );
        return unreadable("metric", args, fault);
    }
    Read::Almost("`metric:` is read as prose, because no comparison follows it".to_owned())
}

/// Takes `clippy_warnings < 20` or `tests 93/93` apart.
pub(crate) fn name_and_target(words: &str) -> Option<(String, Target)> {
    let at = words.find(['<', '>', '=', '≤', '≥']);
    let at = at.or_else(|| words.find(char::is_whitespace))?;
    let (name, target) = words.split_at(at);
    let name = name.trim();
    let plain = !name.is_empty() && name.split_whitespace().count() <= 4 && !name.contains(['`', ':']);
    plain.then(|| Target::parse(target)).flatten().map(|target| (name.to_owned(), target))
}

fn file(args: &Args<'_>, end: usize) -> Read {
    let (path, expect) = match &args.segment.tokens[..end] {
        [(Token::Code(path), _)] => (path, FileExpect::Exists),
        [(Token::Code(path), _), (Token::Word(verb), _)] if verb.eq_ignore_ascii_case("exists") => {
            (path, FileExpect::Exists)
        }
        [(Token::Code(path), _), (Token::Word(verb), _), (Token::Code(text), _)]
            if verb.eq_ignore_ascii_case("contains") =>
        {
            if text.is_empty() {
                return unreadable(
                    "file",
                    args,
                    "a file always contains nothing; say what it must contain".to_owned(),
                );
            }
            (path, FileExpect::Contains(text.clone()))
        }
        [(Token::Code(path), _), (Token::Word(verb), _), (digest, _)] if is_digest_word(verb) => {
            let digest = match digest {
                Token::Code(code) => code.as_str(),
                Token::Word(word) => word,
            };
            match Digest::from_str(digest.strip_prefix("sha256:").unwrap_or(digest)) {
                Ok(digest) => (path, FileExpect::Sha256(digest)),
                Err(_) => {
                    let fault = format!("`{digest}` is not a SHA-256: that is 64 digits from 0 to f");
                    return unreadable("file", args, fault);
                }
            }
        }
        [(Token::Code(_), _), ..] => {
            let fault = "`file:` is read as prose, because something other than `exists`, `contains` and \
                         a text, or `sha256` and a digest follows its path";
            return Read::Almost(fault.to_owned());
        }
        _ => {
            return Read::Almost(
                "`file:` is read as prose, because no path in backticks follows it".to_owned(),
            );
        }
    };
    let path = path.trim().to_owned();
    if path.is_empty() {
        return unreadable("file", args, "a `file` probe needs a path".to_owned());
    }
    Read::Probes(vec![CheckSpec::new("file", Probe::File { path, expect })])
}

fn is_digest_word(word: &str) -> bool {
    ["sha256", "sha-256", "digest"].iter().any(|known| word.trim_end_matches(':').eq_ignore_ascii_case(known))
}

fn tasks(args: &Args<'_>, end: usize) -> Read {
    let words = args.segment.words(0, end);
    let of: Option<Vec<String>> = words
        .trim_end_matches('.')
        .split([','])
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(task_reference)
        .collect();
    match of {
        Some(of) if !of.is_empty() => Read::Probes(vec![CheckSpec::new("tasks", Probe::Tasks { of })]),
        _ => Read::Almost("`tasks:` is read as prose, because no keys of tasks follow it".to_owned()),
    }
}

/// A key, the key of a phase (`Phase A`), or `*` for all others.
fn task_reference(text: &str) -> Option<String> {
    if text == "*" || text.eq_ignore_ascii_case("all") || text.eq_ignore_ascii_case("all others") {
        return Some("*".to_owned());
    }
    let mut words = text.split_whitespace();
    let (first, second, third) = (words.next()?, words.next(), words.next());
    let numbered = |word: &str| {
        word.contains(|c: char| c.is_ascii_digit())
            || (word.len() == 1 && word.chars().all(char::is_alphabetic))
    };
    let is_key = match (second, third) {
        (None, _) => numbered(first) || first.contains(['/', '-', '_']),
        (Some(second), None) => numbered(second),
        _ => false,
    };
    is_key.then(|| text.to_owned())
}

fn approval(args: &Args<'_>, end: usize) -> Read {
    let words = args.segment.words(0, end);
    let mut specs = Vec::new();
    for part in words.trim_end_matches('.').split(',').map(str::trim) {
        let Some((role, quorum)) = role_and_quorum(part) else {
            return Read::Almost(
                "`approval:` is read as prose, because no role of at most three words follows it".to_owned(),
            );
        };
        if quorum == 0 {
            return unreadable(
                "approval",
                args,
                "an approval by nobody proves nothing; ask for `x1` or more".to_owned(),
            );
        }
        specs.push(CheckSpec::new("approval", Probe::Approval { role: role.to_owned(), quorum }));
    }
    Read::Probes(specs)
}

fn role_and_quorum(text: &str) -> Option<(&str, u32)> {
    let (role, quorum) = match text.rfind(['x', '×']) {
        Some(at) if text[..at].ends_with(char::is_whitespace) => {
            let sign = text[at..].chars().next().map_or(1, char::len_utf8);
            match text[at + sign..].trim().parse() {
                Ok(quorum) => (text[..at].trim(), quorum),
                Err(_) => (text, 1),
            }
        }
        _ => (text, 1),
    };
    let words = role.split_whitespace().count();
    let plain = role.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | '&'));
    ((1..=3).contains(&words) && plain).then_some((role, quorum))
}

/// A workflow between backticks; behind it a branch between backticks, and how many runs in a row.
fn ci(kind: &str, args: &Args<'_>, end: usize) -> Read {
    let [(Token::Code(workflow), _), rest @ ..] = &args.segment.tokens[..end] else { return Read::Prose };
    let (branch, rest) = match rest {
        [(Token::Word("on"), _), (Token::Code(branch), _), rest @ ..] => (Some(branch.clone()), rest),
        rest => (None, rest),
    };
    let runs = match rest {
        [] => Some(None),
        [(Token::Word(times), _)] => {
            let digits = times.strip_prefix(['x', '×']);
            digits.and_then(|digits| digits.parse::<u32>().ok()).filter(|runs| *runs > 0).map(Some)
        }
        _ => None,
    };
    let consecutive = match (runs, kind) {
        (Some(Some(runs)), _) => runs,
        (Some(None), "ci") => 1,
        (Some(None), _) => {
            let lacks = "say how many runs in a row must be green: `x3` behind the workflow";
            return unreadable(kind, args, lacks.to_owned());
        }
        (None, _) => {
            return Read::Almost(format!(
                "`{kind}:` is read as prose, because other words follow its workflow than `on` with a branch, and `x3`"
            ));
        }
    };
    let workflow = workflow.trim().to_owned();
    if workflow.is_empty() {
        return unreadable(kind, args, format!("a `{kind}` needs the name of a workflow"));
    }
    Read::Probes(vec![CheckSpec::new("ci", Probe::Ci { workflow, branch, consecutive })])
}

fn attachment(args: &Args<'_>, end: usize) -> Probe {
    let name = args.segment.words(0, end);
    Probe::Attachment { name: (!name.is_empty()).then_some(name) }
}

fn unreadable(kind: &str, args: &Args<'_>, fault: String) -> Read {
    let probe = Probe::Unknown { kind: format!("unreadable {kind}"), text: args.text.to_owned() };
    Read::Fault(CheckSpec::new(kind, probe), fault)
}

fn is_meant_as_kind(kind: &str, args: &Args<'_>) -> bool {
    let compares = args.text.contains(['<', '>', '≤', '≥']);
    let has_code = args.segment.tokens.iter().any(|(token, _)| matches!(token, Token::Code(_)));
    let only_code = take_timeout(&args.segment).is_ok_and(|(_, end)| {
        end > 0 && args.segment.tokens[..end].iter().all(|(token, _)| matches!(token, Token::Code(_)))
    });
    PLAINLY_KINDS.contains(&kind)
        || (PERHAPS_KINDS.contains(&kind) && (compares || has_code))
        || (kind.len() > 2 && only_code && !LABELS.contains(&kind))
}

fn unknown_kind(kind: &str) -> String {
    let near = KINDS
        .iter()
        .map(|known| (strsim::osa_distance(kind, known), known))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match near {
        Some((_, near)) => format!("there is no kind of probe called `{kind}`; did you mean `{near}`?"),
        None => format!("there is no kind of probe called `{kind}`; there are {}", list(&KINDS)),
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn with_timeout(spec: CheckSpec, timeout: Option<u32>) -> CheckSpec {
    match timeout {
        Some(timeout_seconds) => CheckSpec { timeout_seconds, ..spec },
        None => spec,
    }
}

/// Takes `timeout 10m` off the end: the seconds, and how many tokens stand before it.
fn take_timeout(segment: &Segment<'_>) -> Result<(Option<u32>, usize), String> {
    let word = |place: usize| match segment.tokens.get(place) {
        Some((Token::Word(word), _)) => Some(word.trim_matches(['(', ')', ',', '.', ':'])),
        _ => None,
    };
    let all = segment.tokens.len();
    for back in [1, 2, 3] {
        let Some(at) = all.checked_sub(back) else { break };
        let Some(first) = word(at) else { continue };
        let first = first.to_ascii_lowercase();
        let Some(glued) = first.strip_prefix("timeout") else { continue };
        let glued = glued.trim_start_matches(['=', ':']);
        let mut text = glued.to_owned();
        text.extend((at + 1..all).filter_map(word));
        // A metric may be called `timeout_rate`.
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        return match seconds(&text) {
            Some(seconds) => Ok((Some(seconds), at)),
            None => Err(format!("`{text}` is not a length of time; write it like `90s`, `10m` or `2h`")),
        };
    }
    Ok((None, all))
}

/// Reads a length of time: `90`, `90s`, `10m`, `10 minutes`, `2h`; at most a week, more than nothing.
pub fn seconds(text: &str) -> Option<u32> {
    const WEEK: u64 = 7 * 24 * 3600;
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        _ => return None,
    };
    let seconds = number.checked_mul(unit)?;
    (1..=WEEK).contains(&seconds).then_some(seconds as u32)
}
