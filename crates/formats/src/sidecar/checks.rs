//! `[checks."KEY".name]`: a probe as a table.

use model::check::{CheckSpec, DEFAULT_TIMEOUT_SECONDS, FileExpect, Probe};
use model::definition::CheckDefinition;
use model::diagnostic::{Diagnostic, Severity};
use model::ids::Key;
use model::target::Target;
use toml_edit::Item;

use super::CODE;
use super::fields::{Fields, entries, span_of, wrong};
use crate::probe::seconds;

/// The checks of every key.
pub(super) fn of_keys(item: &Item, found: &mut Vec<Diagnostic>) -> Vec<(Key, CheckDefinition)> {
    let mut checks = Vec::new();
    for (key, item) in entries(item, "checks", found) {
        let Ok(name) = Key::new(key) else {
            found.push(wrong(item, &format!("checks of `{key}`"), "bound to a key that can be shown"));
            continue;
        };
        let of_this = of_one_key(item, &format!("`{key}`"), found);
        checks.extend(of_this.into_iter().map(|check| (name.clone(), check)));
    }
    checks
}

/// The checks of one key or gate, each a table under its name.
pub(super) fn of_one_key(item: &Item, whose: &str, found: &mut Vec<Diagnostic>) -> Vec<CheckDefinition> {
    let named = entries(item, &format!("checks of {whose}"), found);
    named.into_iter().filter_map(|(name, item)| check(name, whose, item, found)).collect()
}

fn check(name: &str, whose: &str, item: &Item, found: &mut Vec<Diagnostic>) -> Option<CheckDefinition> {
    let what = format!("check `{name}` of {whose}");
    let before = found.len();
    let mut fields = Fields::of(item, &what, found);
    let kind = fields.text("kind", found);
    let text = fields.text("text", found);
    let timeout = fields.take("timeout").and_then(|item| timeout(item, &what, found));
    let probe = match kind.as_deref() {
        Some("check") => fields.text("command", found).map(|command| Probe::Check { command }),
        Some("metric") => metric(name, &what, &mut fields, found),
        Some("file") => file(&what, &mut fields, found),
        Some("tasks") => Some(Probe::Tasks { of: fields.texts("of", found) }).filter(has_tasks),
        Some("approval") => {
            let quorum = fields.count("quorum", found).unwrap_or(1);
            fields.text("role", found).map(|role| Probe::Approval { role, quorum })
        }
        Some("ci" | "consecutive") => {
            let branch = fields.text("branch", found);
            let consecutive = fields.count("consecutive", found);
            let consecutive =
                if kind.as_deref() == Some("ci") { consecutive.or(Some(1)) } else { consecutive };
            let workflow = fields.text("workflow", found);
            workflow.zip(consecutive).map(|(workflow, consecutive)| Probe::Ci {
                workflow,
                branch,
                consecutive,
            })
        }
        Some("attachment") => Some(Probe::Attachment { name: fields.text("name", found) }),
        // Kept, so that the plan is not adopted as if nothing had been asked.
        Some(other) => {
            found.push(Diagnostic::new(
                CODE,
                Severity::Error,
                span_of(item),
                format!("{what} is of kind `{other}`; there are `check`, `metric`, `file`, `tasks`, `approval`, `attachment`, `ci`, `consecutive`"),
            ));
            return None;
        }
        None => None,
    };
    let Some(probe) = probe else {
        if found.len() == before {
            let lacks = match kind.as_deref() {
                None => "a `kind`",
                Some("check") => "a `command`",
                Some("file") => "a `path`",
                Some("tasks") => "`of`, a list of keys",
                Some("approval") => "a `role`",
                Some("ci") => "a `workflow`",
                Some("consecutive") => "a `workflow`, or how many runs are to be green (`consecutive`)",
                _ => "a `target`",
            };
            let message = format!("{what} lacks {lacks}");
            found.push(Diagnostic::new(CODE, Severity::Error, span_of(item), message));
        }
        return None;
    };
    fields.finish(found);
    let timeout_seconds = timeout.unwrap_or(DEFAULT_TIMEOUT_SECONDS);
    let spec = CheckSpec { name: name.to_owned(), probe, timeout_seconds };
    let text = text.unwrap_or_else(|| spec.to_string());
    Some(CheckDefinition { spec, text, checked: None, line: 0 })
}

fn has_tasks(probe: &Probe) -> bool {
    !matches!(probe, Probe::Tasks { of } if of.is_empty())
}

fn metric(name: &str, what: &str, fields: &mut Fields<'_>, found: &mut Vec<Diagnostic>) -> Option<Probe> {
    let metric = fields.text("name", found).unwrap_or_else(|| name.to_owned());
    let command = fields.text("command", found);
    let item = fields.take("target")?;
    let target = item.as_str().and_then(Target::parse);
    if target.is_none() {
        found.push(wrong(item, &format!("`target` of {what}"), "a target like `\"< 20\"` or `\">= 80 %\"`"));
    }
    Some(Probe::Metric { name: metric, target: target?, command })
}

fn file(what: &str, fields: &mut Fields<'_>, found: &mut Vec<Diagnostic>) -> Option<Probe> {
    let path = fields.text("path", found);
    let contains = fields.text("contains", found);
    let digest = fields.take("sha256");
    let expect = match (contains, digest) {
        (None, None) => FileExpect::Exists,
        (Some(text), None) => FileExpect::Contains(text),
        (None, Some(item)) => match item.as_str().and_then(|text| text.parse().ok()) {
            Some(digest) => FileExpect::Sha256(digest),
            None => {
                found.push(wrong(item, &format!("`sha256` of {what}"), "64 hexadecimal characters"));
                return None;
            }
        },
        (Some(_), Some(item)) => {
            let message = format!("{what} has both `contains` and `sha256`; one check asks one thing");
            found.push(Diagnostic::new(CODE, Severity::Error, span_of(item), message));
            return None;
        }
    };
    path.map(|path| Probe::File { path, expect })
}

fn timeout(item: &Item, what: &str, found: &mut Vec<Diagnostic>) -> Option<u32> {
    let read = match item.as_str() {
        Some(text) => seconds(text),
        None => item.as_integer().and_then(|number| seconds(&number.to_string())),
    };
    if read.is_none() {
        found.push(wrong(item, &format!("`timeout` of {what}"), "a length of time like `\"10m\"`"));
    }
    read
}
