//! Changes of plan and decisions without the approvals the plan demands.

use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::DraftEntry;
use regex::Regex;

use super::document::Document;

static RULE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?im)\b(?P<what>(?:re-?)baselin\w*|schedule changes?|changes? to (?:due )?dates?|scope changes?|decisions?)\b[^.\n:]{0,60}?\b(?:requires?|needs?|must (?:be|have)|shall (?:be|have)|is|are)\b[^.\n]{0,30}?\b(?:approv(?:al|als|ed)|sign-?offs?|signed off|agreement|agreed)\b(?:[^.\n]*?\b(?:by|from|of)\b (?P<who>[^.\n]+))?")
        .expect("the pattern is constant")
});

/// What the plan demands of an entry: by whom, and where it says so.
struct Demand {
    who: Vec<String>,
    place: Option<Span>,
}

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let mut rebaseline = stated(document, |what| !what.starts_with("decision"));
    if !document.settings.rebaseline.is_empty() {
        rebaseline = Some(Demand { who: document.settings.rebaseline.clone(), place: None });
    }
    let decision = stated(document, |what| what.starts_with("decision"));
    for (entries, demand, what) in
        [(&draft.rebaselines, rebaseline, "rebaseline"), (&draft.decisions, decision, "decision")]
    {
        let Some(demand) = demand else { continue };
        for entry in entries {
            judge(document, found, entry, &demand, what);
        }
    }
}

fn judge(
    document: &Document<'_>,
    found: &mut Vec<Diagnostic>,
    entry: &DraftEntry,
    demand: &Demand,
    what: &str,
) {
    if demand.place.is_some_and(|place| entry.span.start <= place.start && place.end <= entry.span.end) {
        return;
    }
    let given: Vec<String> = entry.approvals.iter().map(|name| name.to_lowercase()).collect();
    let has = |who: &str| given.iter().any(|name| name.contains(who) || who.contains(name.as_str()));
    let missing: Vec<&str> =
        demand.who.iter().filter(|who| !has(&who.to_lowercase())).map(String::as_str).collect();
    let message = if demand.who.is_empty() && given.is_empty() {
        format!("this {what} names no approval, which the plan demands")
    } else if missing.is_empty() {
        return;
    } else {
        let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let given = if entry.approvals.is_empty() { "none".to_owned() } else { entry.approvals.join(", ") };
        format!("this {what} lacks the approval of {names}; it names {given}")
    };
    let diagnostic =
        Diagnostic::new("approval/missing", Severity::Warning, document.first_line(entry.span), message);
    let diagnostic = match demand.place {
        Some(place) => diagnostic.also(place, "demanded here"),
        None => diagnostic,
    };
    found.push(diagnostic.help("get the approval and name who gave it, or take the change back"));
}

/// The rule the document itself states.
fn stated(document: &Document<'_>, about: impl Fn(&str) -> bool) -> Option<Demand> {
    let rule = RULE.captures_iter(document.text).find(|captures| {
        let at = captures.get(0).map_or(0, |whole| whole.start());
        captures.name("what").is_some_and(|what| about(&what.as_str().to_lowercase()))
            && !document.outline.in_code(at)
            && !entry_at(document, at)
    })?;
    let whole = rule.get(0)?;
    let who = rule.name("who").map_or_else(Vec::new, |who| people(who.as_str()));
    Some(Demand { who, place: Some(document.first_line(whole.range().into())) })
}

/// "… agreed with Mara" inside an entry is the approval itself, not a rule about approvals.
fn entry_at(document: &Document<'_>, at: usize) -> bool {
    let entries = document.draft.rebaselines.iter().chain(&document.draft.decisions);
    entries.into_iter().any(|entry| entry.span.range().contains(&at))
}

/// The people or roles of "the owner, the programme manager and a stakeholder".
fn people(list: &str) -> Vec<String> {
    list.split([',', '+', ';', '&'])
        .flat_map(|part| part.split(" and "))
        .map(|name| {
            let name = name.trim().trim_start_matches("and ").trim_end_matches(['*', '`', '_', ')']);
            ["the ", "a ", "an ", "both ", "its ", "one ", "all "]
                .iter()
                .fold(name, |name, word| name.strip_prefix(word).unwrap_or(name))
                .trim()
                .to_owned()
        })
        .filter(|name| !name.is_empty() && name.split_whitespace().count() <= 4)
        .collect()
}
