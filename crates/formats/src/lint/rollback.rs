//! Deployments without a way back.

use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use regex::Regex;

use super::document::{Document, is_work};

static DEPLOY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:deploy(?:s|ment|ing)?|roll-?out|go-live|cut-?over)\b|\bproduction release\b|\brelease to production\b")
        .expect("the pattern is constant")
});
static NOT_A_DEPLOYMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bdeploy(?:ment)? (?:check|doc|guide|plan|test|validation|script|config|strategy|notes?|pipeline|metric)|\bmean time to deploy|\b(?:document|prepare|plan|draft|write|define|design|create|review|validate|test)\w*\b.*\b(?:deploy|roll-?out|cut-?over)|\bdry[- ]run|\brehears|\bstaging\b")
        .expect("the pattern is constant")
});
static WAY_BACK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\broll(?:s|ed|ing)?[ -]?back|\brevert|\brestor(?:e|es|ed|ing|ation)\b|\bback-?out\b|\bundo\b|\bblue[/-]green\b|\bcanary\b|\bfall back to\b")
        .expect("the pattern is constant")
});

/// A phase, or a piece of work outside such a phase, that deploys.
pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    // A way back described anywhere outside code may be meant for every deployment.
    let remnants = super::template::remnants(document);
    let in_remnant = |offset: usize| remnants.iter().any(|remnant| remnant.contains(&offset));
    let mentioned = WAY_BACK.find_iter(document.text).any(|mention| !in_remnant(mention.start()));
    if mentioned {
        return;
    }
    let deploys = |title: &str| DEPLOY.is_match(title) && !NOT_A_DEPLOYMENT.is_match(title);
    let mut phased = Vec::new();
    for phase in document.draft.phases.iter().filter(|phase| deploys(&phase.title)) {
        phased.push(&phase.key);
        report(found, document.first_line(phase.span), format!("phase `{}` deploys", phase.key));
    }
    for task in document.draft.tasks.iter().filter(|task| is_work(task) && deploys(&task.title)) {
        if task.phase.as_ref().is_none_or(|phase| !phased.contains(&phase)) {
            report(found, document.task_place(task), format!("task `{}` deploys", task.key));
        }
    }
}

fn report(found: &mut Vec<Diagnostic>, place: Span, what: String) {
    found.push(
        Diagnostic::new(
            "gate/no-rollback",
            Severity::Info,
            place,
            format!("{what}, but the document names no way back"),
        )
        .help("say how it is rolled back, and when"),
    );
}
