//! Criteria: what would prove them, and whether the baseline meets them already.

use std::collections::HashSet;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{DraftCriterion, MetricRole};
use model::target::{Target, in_unit};

use super::document::Document;

pub(super) fn no_probe(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let mut seen = HashSet::new();
    let of_tasks = draft.tasks.iter().filter(|task| task.checks.is_empty()).flat_map(|task| &task.criteria);
    let of_phases = draft.phases.iter().flat_map(|phase| &phase.exit);
    for criterion in draft.criteria.iter().chain(of_phases).chain(of_tasks) {
        if criterion.checks.is_empty() && !criterion.text.trim().is_empty() && seen.insert(criterion.span) {
            found.push(
                Diagnostic::new(
                    "criterion/no-probe",
                    Severity::Info,
                    document.first_line(criterion.span),
                    format!("nothing would prove `{}`", short(&criterion.text)),
                )
                .help("add what would, such as \" — check: `command`\"; `countersign suggest-probes` proposes some"),
            );
        }
    }
}

fn short(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

/// A number measured before the work.
struct Baseline<'a> {
    value: f64,
    unit: &'a str,
    words: Vec<String>,
    name: &'a str,
    span: Span,
}

pub(super) fn met_at_baseline(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let baselines: Vec<Baseline<'_>> = draft
        .metrics
        .iter()
        .filter(|metric| metric.role == MetricRole::Baseline)
        .filter_map(|metric| {
            let unit = metric.unit.as_deref().filter(|unit| unit.chars().any(char::is_alphabetic));
            let words = words(&format!("{} {}", metric.name, unit.unwrap_or_default()));
            // "4 days" alone does not say what took four days.
            let value = metric.value.filter(|_| words.iter().any(|word| !is_measure(word)))?;
            let unit = metric.unit.as_deref().unwrap_or_default();
            Some(Baseline { value, unit, words, name: &metric.name, span: metric.span })
        })
        .collect();
    if baselines.is_empty() {
        return;
    }
    let criteria = draft.criteria.iter();
    let criteria = criteria.chain(draft.phases.iter().flat_map(|phase| &phase.exit));
    let criteria = criteria.chain(draft.tasks.iter().flat_map(|task| &task.criteria));
    let mut seen = HashSet::new();
    for criterion in criteria.filter(|criterion| seen.insert(criterion.span)) {
        let Some(target) = &criterion.target else { continue };
        let unit = words(target.unit());
        let about = if unit.iter().any(|word| !is_measure(word)) { target.unit() } else { &criterion.text };
        report(document, found, &baselines, target, about, place(document, criterion));
    }
    for metric in draft.metrics.iter().filter(|metric| metric.role == MetricRole::Target) {
        let Some(target) = &metric.target else { continue };
        report(document, found, &baselines, target, &metric.name, document.first_line(metric.span));
    }
}

fn place(document: &Document<'_>, criterion: &DraftCriterion) -> Span {
    document.first_line(criterion.span)
}

fn report(
    document: &Document<'_>,
    found: &mut Vec<Diagnostic>,
    baselines: &[Baseline<'_>],
    target: &Target,
    about: &str,
    place: Span,
) {
    let about = words(about);
    let mut same = baselines.iter().filter(|baseline| speaks_of(&about, &baseline.words));
    // Two baselines that fit equally leave open which is meant.
    let (Some(baseline), None) = (same.next(), same.next()) else { return };
    // "900 MB" is not met by 1.6 GB.
    let value = in_unit(baseline.value, baseline.unit, target.unit()).unwrap_or(baseline.value);
    if target.met_by(value) {
        found.push(
            Diagnostic::new(
                "criterion/met-at-baseline",
                Severity::Info,
                place,
                format!(
                    "target `{target}` is met before any work: the baseline of {} is {}",
                    baseline.name.trim(),
                    baseline.value
                ),
            )
            .also(document.first_line(baseline.span), "the baseline")
            .help("set a target that asks for a change, or say that it only guards what is there"),
        );
    }
}

/// Whether everything one side names is named by the other, and the thing counted is the same.
fn speaks_of(about: &[String], baseline: &[String]) -> bool {
    let (Some(a), Some(b)) = (about.last(), baseline.last()) else { return false };
    (a == b || about.contains(b))
        && (baseline.iter().all(|word| about.contains(word))
            || about.iter().all(|word| baseline.contains(word)))
}

/// Whether a word is what things are measured in, rather than a thing that is counted.
fn is_measure(word: &str) -> bool {
    matches!(
        word,
        "second"
            | "sec"
            | "ms"
            | "minute"
            | "min"
            | "hour"
            | "day"
            | "week"
            | "month"
            | "year"
            | "percent"
            | "point"
            | "kb"
            | "mb"
            | "gb"
            | "mib"
            | "gib"
            | "byte"
            | "line"
            | "loc"
    )
}

/// The words of a name that carry it, in the singular.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1) {
        let word = word.to_lowercase();
        if matches!(word.as_str(), "the" | "of" | "in" | "baseline" | "current" | "total" | "rate") {
            continue;
        }
        let word = word.strip_suffix('s').unwrap_or(&word).to_owned();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
