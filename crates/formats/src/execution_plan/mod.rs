//! `execution-plan.json`: batches of work and a few metrics in one file, as trackers on the command
//! line keep it. The file stays the plan, so every value that may be written back has its place,
//! and what has no name here is kept. Start reading at [`ExecutionPlan`].

pub(crate) mod batch;
pub(crate) mod json;

use jsonc_parser::ast::{Object, Value};
use model::diagnostic::Diagnostic;
use model::draft::{Draft, DraftMetric, MetricRole};

use crate::diagnostics::Lines;
use crate::reading::Format;
use json::{Faults, described, number, range_of, span_of};

pub use batch::{STATUSES, invalid_status};

/// The format of `execution-plan.json`.
pub(crate) struct ExecutionPlan;

impl Format for ExecutionPlan {
    fn name(&self) -> &'static str {
        "execution-plan"
    }

    /// By its name, or by holding an object with `batches` under a name that says nothing.
    fn recognises(&self, path: &str, text: &str) -> bool {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
            Some("json") => true,
            Some("md" | "markdown" | "mdx") => false,
            _ => text.trim_start().starts_with('{') && text.contains("\"batches\""),
        }
    }

    fn read(&self, text: &str, _path: &str) -> (Draft, Vec<Diagnostic>) {
        let mut draft = Draft::default();
        let mut faults = Faults::default();
        match json::parse(text) {
            Ok(Value::Object(root)) => read_root(&root, text, &mut draft, &mut faults),
            Ok(other) => faults.wrong(
                &other,
                format!("an execution plan is an object with `batches`, and this is {}", described(&other)),
            ),
            Err(fault) => faults.found.push(*fault),
        }
        faults.found.sort_by_key(|found| found.span);
        (draft, faults.found)
    }
}

/// The document's own values, as they stand; nothing where it is not JSON.
pub fn values(text: &str) -> Option<serde_json::Value> {
    json::parse(text).ok().map(|value| json::plain(&value))
}

fn read_root(root: &Object<'_>, text: &str, draft: &mut Draft, faults: &mut Faults) {
    let lines = Lines::new(text);
    faults.repeated(root);
    let field = |name: &str| root.properties.iter().rev().find(|property| property.name.as_str() == name);
    if let Some(Value::StringLit(title)) = ["title", "name"].iter().find_map(|name| Some(&field(name)?.value))
    {
        title.value.trim().clone_into(&mut draft.title);
    }
    match field("batches").map(|property| &property.value) {
        Some(Value::Array(batches)) => draft.tasks = batch::read_all(&batches.elements, text, &lines, faults),
        Some(other) => {
            faults.wrong(other, format!("`batches` must be a list of batches, and is {}", described(other)));
        }
        None => faults.missing(root, "the plan has no `batches`".to_owned()),
    }
    match field("metrics").map(|property| &property.value) {
        Some(Value::Object(metrics)) => draft.metrics = read_metrics(metrics, &lines, faults),
        None | Some(Value::NullKeyword(_)) => {}
        Some(other) => {
            faults
                .wrong(other, format!("`metrics` must be an object of numbers, and is {}", described(other)));
        }
    }
}

fn read_metrics(metrics: &Object<'_>, lines: &Lines<'_>, faults: &mut Faults) -> Vec<DraftMetric> {
    faults.repeated(metrics);
    let mut read: Vec<DraftMetric> = Vec::with_capacity(metrics.properties.len());
    for property in &metrics.properties {
        let name = property.name.as_str().to_owned();
        let value = number(&property.value);
        match value {
            Some(value) if value < 0.0 => {
                let message = format!("metric `{name}` is {value}, and must not be negative");
                faults.not_allowed(&property.value, message);
            }
            None if !matches!(property.value, Value::NullKeyword(_)) => {
                let kind = described(&property.value);
                faults.wrong(&property.value, format!("metric `{name}` must be a number, and is {kind}"));
            }
            _ => {}
        }
        let span = span_of(range_of(&property.value));
        let line = lines.line_of(property.range.start as u32);
        read.retain(|earlier| earlier.name != name);
        read.push(DraftMetric {
            name,
            value,
            unit: None,
            target: None,
            source: None,
            role: MetricRole::Claimed,
            measured: None,
            checked: None,
            others: thin_vec::ThinVec::new(),
            line,
            span,
        });
    }
    read
}

#[cfg(test)]
mod tests;
