//! `TBD` and its like where something was to be said.

use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use regex::Regex;

use super::document::Document;

/// A text that is a placeholder as a whole, perhaps in brackets or with a word to it.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s(\[<{*_`]*(?:tb[acd]|to be (?:determined|decided|defined|confirmed|announced|assigned|agreed)|todo|fixme|\?{2,}|xxx+|lorem ipsum.*|placeholder|not yet (?:known|defined|decided|assigned))[\s)\]>}*_`.!:]*$")
        .expect("the pattern is constant")
});
/// The same inside a longer text, in capitals only.
static INSIDE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:TB[ACD]|FIXME)\b|\?{3,}").expect("the pattern is constant"));

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let mut seen = std::collections::HashSet::new();
    let mut report = |span: Span, text: &str, what: String| {
        let word = INSIDE.find(text).map_or_else(|| text.trim(), |found| found.as_str());
        let place = document.place(span, word);
        if seen.insert((place, what.clone())) {
            found.push(
                Diagnostic::new(
                    "text/placeholder",
                    Severity::Warning,
                    place,
                    format!("{what} still reads `{}`", text.trim()),
                )
                .help("say what is meant, or record the open question as a risk or an action"),
            );
        }
    };
    for task in &draft.tasks {
        let key = &task.key;
        if is_placeholder(&task.title) || INSIDE.is_match(&task.title) {
            report(task.span, &task.title, format!("the title of task `{key}`"));
        }
        // An owner may come from the owner matrix, whose rows are looked at below.
        let own = document.text.get(task.span.range()).unwrap_or_default();
        let owners = task.owners.iter().filter(|owner| is_placeholder(&owner.name));
        for owner in owners.filter(|owner| own.contains(owner.name.as_str())) {
            report(task.span, &owner.name, format!("the owner of task `{key}`"));
        }
        let fields = [
            ("due date", task.due.as_ref().map(|due| due.text.as_str())),
            ("status", task.status.as_ref().map(|status| status.word.as_str())),
            ("priority", task.priority.as_deref()),
            ("window", task.window.as_deref()),
        ];
        for (name, text) in fields {
            if let Some(text) = text.filter(|text| is_placeholder(text)) {
                report(task.span, text, format!("the {name} of task `{key}`"));
            }
        }
        for (name, text) in task.extra.iter().filter(|(_, text)| is_placeholder(text)) {
            report(task.span, text, format!("`{name}` of task `{key}`"));
        }
        for list in [&task.outputs, &task.deliverables, &task.inputs, &task.sources] {
            for text in list.iter().filter(|text| is_placeholder(text)) {
                report(task.span, text, format!("a field of task `{key}`"));
            }
        }
        for criterion in task.criteria.iter().filter(|criterion| hollow(&criterion.text)) {
            report(criterion.span, &criterion.text, format!("a criterion of task `{key}`"));
        }
    }
    for phase in &draft.phases {
        for criterion in phase.entrance.iter().chain(&phase.exit).filter(|criterion| hollow(&criterion.text))
        {
            report(criterion.span, &criterion.text, format!("a criterion of phase `{}`", phase.key));
        }
    }
    for criterion in draft.criteria.iter().filter(|criterion| hollow(&criterion.text)) {
        report(criterion.span, &criterion.text, "a success criterion".to_owned());
    }
    for risk in &draft.risks {
        let fields = [
            ("owner", &risk.owner),
            ("mitigation", &risk.mitigation),
            ("impact", &risk.impact),
            ("probability", &risk.probability),
        ];
        for (name, text) in fields {
            if let Some(text) = text.as_deref().filter(|text| is_placeholder(text)) {
                report(risk.span, text, format!("the {name} of risk `{}`", risk.key));
            }
        }
    }
    for row in &draft.owners {
        for (role, name) in [("owner", &row.primary), ("support", &row.support)] {
            if let Some(name) = name.as_deref().filter(|name| is_placeholder(name)) {
                report(row.span, name, format!("the {role} of `{}`", row.workstream));
            }
        }
    }
}

fn is_placeholder(text: &str) -> bool {
    WHOLE.is_match(text)
}

/// A criterion that leaves its number or its substance open.
fn hollow(text: &str) -> bool {
    WHOLE.is_match(text) || INSIDE.is_match(text)
}
