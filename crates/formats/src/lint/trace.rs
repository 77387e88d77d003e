//! Traceability: risks mapped to tasks, tasks that cite their sources, the index of sources.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{DraftRisk, DraftTask, Stated, TaskKind};
use regex::Regex;

use super::document::{Document, family, is_work};

/// The mapping of risks to tasks and the citations of risks by tasks, read once from a document.
struct Mapping<'a> {
    /// Each risk's row; the first one with tasks where a key stands twice.
    risks: HashMap<&'a str, &'a DraftRisk>,
    /// Families of the keys of mapped risks.
    families: HashSet<&'a str>,
    /// For each task, the keys it cites that look like a mapped risk's.
    cited: HashMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Mapping<'a> {
    /// `None` where the document keeps no mapping.
    fn of(document: &Document<'a>) -> Option<Self> {
        let draft = document.draft;
        let mut risks: HashMap<&str, &DraftRisk> = HashMap::new();
        for risk in &draft.risks {
            let slot = risks.entry(risk.key.as_str()).or_insert(risk);
            if slot.tasks.is_empty() {
                *slot = risk;
            }
        }
        let families: HashSet<&str> = risks
            .values()
            .filter(|risk| !risk.tasks.is_empty())
            .map(|risk| family(risk.key.as_str()))
            .collect();
        if families.is_empty() {
            return None;
        }
        let mut cited: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for task in &draft.tasks {
            let words = task.sources.iter().flat_map(|source| words(source));
            let keys: BTreeSet<&str> = words
                .filter(|word| {
                    risks.contains_key(word) || (is_numbered(word) && families.contains(family(word)))
                })
                .collect();
            if !keys.is_empty() {
                cited.entry(task.key.as_str()).or_default().extend(keys);
            }
        }
        Some(Self { risks, families, cited })
    }

    fn has(&self, risk: &str, task: &str) -> bool {
        self.risks.get(risk).is_some_and(|risk| risk.tasks.iter().any(|key| key.as_str() == task))
    }
}

/// The lines that map with an arrow. A risk's own place is its row in the register, where it has
/// one; what is wrong with its mapping is shown at the mapping.
struct Arrows<'a>(HashMap<&'a str, Vec<Span>>);

impl<'a> Arrows<'a> {
    fn of(document: &Document<'a>) -> Self {
        let mut lines: HashMap<&str, Vec<Span>> = HashMap::new();
        let mut start = 0;
        for line in document.text.split_inclusive('\n') {
            let span = Span::new(start, start + line.trim_end().len());
            start += line.len();
            let Some((from, _)) = ["→", "->", "=>"].iter().find_map(|arrow| line.split_once(arrow)) else {
                continue;
            };
            if let Some(risk) = words(from).last() {
                lines.entry(risk).or_default().push(span);
            }
        }
        Self(lines)
    }

    /// Where the mapping of a risk names a task.
    fn place(&self, document: &Document<'_>, risk: &DraftRisk, task: &str) -> Span {
        let mut spans = self.0.get(risk.key.as_str()).into_iter().flatten();
        let found = spans.find_map(|span| {
            let place = document.place(*span, task);
            (document.text.get(place.range()) == Some(task)).then_some(place)
        });
        found.unwrap_or_else(|| document.place(risk.span, task))
    }

    /// The first line that maps a risk.
    fn line(&self, document: &Document<'_>, risk: &DraftRisk) -> Span {
        let span = self.0.get(risk.key.as_str()).and_then(|spans| spans.first());
        document.first_line(span.copied().unwrap_or(risk.span))
    }
}

/// The words of a source that may be keys.
fn words(source: &str) -> impl Iterator<Item = &str> {
    source
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| !word.is_empty())
}

fn is_numbered(word: &str) -> bool {
    word.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(char::is_alphabetic)
}

/// In the document's order, so that equal documents give equal lists.
fn in_order<'a>(mapping: &Mapping<'a>, document: &Document<'a>) -> Vec<&'a DraftRisk> {
    let risks = document.draft.risks.iter();
    risks
        .filter(|risk| mapping.risks.get(risk.key.as_str()).is_some_and(|kept| std::ptr::eq(*kept, *risk)))
        .collect()
}

pub(super) fn one_way(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let Some(mapping) = Mapping::of(document) else { return };
    if mapping.cited.is_empty() {
        return;
    }
    let arrows = Arrows::of(document);
    for risk in in_order(&mapping, document) {
        let mut told = HashSet::new();
        for key in risk.tasks.iter().map(|key| key.as_str()).filter(|key| told.insert(*key)) {
            let place = arrows.place(document, risk, key);
            let warn = |message| Diagnostic::new("trace/one-way", Severity::Warning, place, message);
            let Some(task) = document.task(key) else {
                found.push(
                    warn(format!("`{}` → `{key}` leads nowhere: no task has that key", risk.key))
                        .help("correct the mapping, or add the task"),
                );
                continue;
            };
            // A task without any source is told of by `trace/no-source`.
            let cites = mapping.cited.get(key).is_some_and(|cited| cited.contains(risk.key.as_str()));
            if cites || task.sources.is_empty() {
                continue;
            }
            found.push(
                warn(format!(
                    "`{}` → `{key}` leads one way: the sources of `{key}` are {}, without `{}`",
                    risk.key,
                    listed(&task.sources),
                    risk.key
                ))
                .also(document.task_place(task), format!("does not cite `{}`", risk.key))
                .help(format!(
                    "cite `{}` as a source of `{key}`, or take `{key}` out of the mapping",
                    risk.key
                )),
            );
        }
    }
    let mut told = HashSet::new();
    for task in document.draft.tasks.iter().filter(|task| told.insert(task.key.as_str())) {
        let key = task.key.as_str();
        for risk in mapping.cited.get(key).into_iter().flatten().filter(|risk| !mapping.has(risk, key)) {
            // A risk that is mapped to nothing is told of by `trace/risk-uncovered`.
            if mapping.risks.get(risk).is_some_and(|risk| risk.tasks.is_empty()) {
                continue;
            }
            let diagnostic = Diagnostic::new(
                "trace/one-way",
                Severity::Warning,
                document.place(task.span, risk),
                format!(
                    "task `{key}` cites `{risk}`, but the mapping does not lead from `{risk}` to `{key}`"
                ),
            );
            let diagnostic = match mapping.risks.get(risk) {
                Some(row) => diagnostic.also(arrows.line(document, row), format!("without `{key}`")),
                None => diagnostic,
            };
            found.push(
                diagnostic.help(format!("add `{key}` to the mapping of `{risk}`, or correct the source")),
            );
        }
    }
}

fn listed(sources: &[String]) -> String {
    sources.iter().map(|source| format!("`{source}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn task_unmapped(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let Some(mapping) = Mapping::of(document) else { return };
    let mapped: HashSet<&str> =
        mapping.risks.values().flat_map(|risk| &risk.tasks).map(|key| key.as_str()).collect();
    let kin: HashSet<(TaskKind, &str)> = mapped
        .iter()
        .filter_map(|key| document.task(key))
        .map(|task| (task.kind, family(task.key.as_str())))
        .collect();
    let mut seen = HashSet::new();
    let candidates: Vec<&DraftTask> = document
        .draft
        .tasks
        .iter()
        .filter(|task| !task.key_generated && kin.contains(&(task.kind, family(task.key.as_str()))))
        .filter(|task| seen.insert(task.key.as_str()))
        .filter(|task| task.status.as_ref().is_none_or(|status| status.state != Stated::Dropped))
        .collect();
    let unmapped: Vec<_> = candidates.iter().filter(|task| !mapped.contains(task.key.as_str())).collect();
    // A mapping that leaves out more than it has was never meant to cover every task.
    if unmapped.len() * 2 > candidates.len() {
        return;
    }
    for task in &unmapped {
        found.push(
            Diagnostic::new(
                "trace/task-unmapped",
                Severity::Warning,
                document.task_place(task),
                format!(
                    "no risk is mapped to task `{}`; the mapping has {} of {} tasks",
                    task.key,
                    candidates.len() - unmapped.len(),
                    candidates.len()
                ),
            )
            .help("map the risk it mitigates to it"),
        );
    }
}

pub(super) fn risk_uncovered(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let Some(mapping) = Mapping::of(document) else { return };
    let candidates: Vec<&DraftRisk> = in_order(&mapping, document)
        .into_iter()
        .filter(|risk| mapping.families.contains(family(risk.key.as_str())))
        .collect();
    let uncovered: Vec<_> = candidates.iter().filter(|risk| risk.tasks.is_empty()).collect();
    if uncovered.len() * 2 > candidates.len() {
        return;
    }
    for risk in &uncovered {
        found.push(
            Diagnostic::new(
                "trace/risk-uncovered",
                Severity::Warning,
                document.place(risk.span, risk.key.as_str()),
                format!(
                    "risk `{}` is mapped to no task; {} of {} risks are",
                    risk.key,
                    candidates.len() - uncovered.len(),
                    candidates.len()
                ),
            )
            .help("map it to the task that mitigates it, or accept it in a decision"),
        );
    }
}

static SOURCE_RULE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:every|each|all) (?:task|item|action|story)s?\b[^.\n]{0,40}\b(?:must|shall|has to|have to|needs?)\b[^.\n]{0,40}\bsources?\b")
        .expect("the pattern is constant")
});

pub(super) fn no_source(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let work: Vec<&DraftTask> = document.draft.tasks.iter().filter(|task| is_work(task)).collect();
    let kinds: HashSet<TaskKind> =
        work.iter().filter(|task| !task.sources.is_empty()).map(|task| task.kind).collect();
    let candidates: Vec<_> = work.into_iter().filter(|task| kinds.contains(&task.kind)).collect();
    let without: Vec<_> = candidates.iter().filter(|task| task.sources.is_empty()).collect();
    if without.is_empty() {
        return;
    }
    let rule = SOURCE_RULE.find(document.text).filter(|rule| !document.outline.in_code_block(rule.start()));
    if rule.is_none() && without.len() * 2 > candidates.len() {
        return;
    }
    for task in &without {
        let message = match rule {
            Some(_) => format!("task `{}` has no source, which the document demands of every task", task.key),
            None => format!(
                "task `{}` has no source; {} of {} tasks have one",
                task.key,
                candidates.len() - without.len(),
                candidates.len()
            ),
        };
        let place = document.task_place(task);
        let diagnostic = Diagnostic::new("trace/no-source", Severity::Warning, place, message);
        let diagnostic = match rule {
            Some(rule) => diagnostic.also(document.first_line(rule.range().into()), "demanded here"),
            None => diagnostic,
        };
        found.push(diagnostic.help("say where the task comes from"));
    }
}

static INDEX_HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\btraceability\b|\bsources?\b.*\bindex\b|\bindex\b.*\bsources?\b|^[\d.\s]*(?:list of )?sources$")
        .expect("the pattern is constant")
});
static INDEX_ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^[ \t]*[-*+][ \t]+\**([A-Za-z][\w-]*)(?: references?| refs?| sources?)?\**:\**[ \t]+(.*§.*)$",
    )
    .expect("the pattern is constant")
});
static SECTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"§\s*(\d+)(?:\s*[–—-]\s*§?\s*(\d+))?").expect("the pattern is constant"));
/// A name followed by what is cited of it: `SR §2`, `VR §2–§4`, `SR §3 B-003`.
static CITATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b([A-Za-z][\w-]*)((?:[ \t]*,?[ \t]*§\s*\d+(?:\s*[–—-]\s*§?\s*\d+)?)+)")
        .expect("the pattern is constant")
});

/// The index of sources lists sections (`SR references: §2 (Risks), §3 …`); each is to be cited
/// by something outside the index.
pub(super) fn source_uncited(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let outline = &document.outline;
    let Some(index) = outline.headings.iter().find(|heading| INDEX_HEADING.is_match(&heading.text)) else {
        return;
    };
    let index = index.body..index.end;
    let mut cited: HashSet<(String, u32)> = HashSet::new();
    for citation in CITATION.captures_iter(document.text) {
        let (Some(name), Some(sections)) = (citation.get(1), citation.get(2)) else { continue };
        if !index.contains(&name.start()) && !outline.in_code_block(name.start()) {
            cited
                .extend(numbers(sections.as_str()).map(|(number, _)| (name.as_str().to_lowercase(), number)));
        }
    }
    let Some(section) = document.text.get(index.clone()) else { return };
    for entry in INDEX_ENTRY.captures_iter(section) {
        let (Some(name), Some(list)) = (entry.get(1), entry.get(2)) else { continue };
        let known = name.as_str().to_lowercase();
        // A source nothing cites by section is cited in some other way.
        if !cited.iter().any(|(name, _)| *name == known) {
            continue;
        }
        for (number, range) in numbers(list.as_str()) {
            if cited.contains(&(known.clone(), number)) {
                continue;
            }
            let base = index.start + list.start();
            found.push(
                Diagnostic::new(
                    "trace/source-uncited",
                    Severity::Warning,
                    Span::new(base + range.start, base + range.end),
                    format!(
                        "`{} §{number}` stands in the index of sources, but nothing cites it",
                        name.as_str()
                    ),
                )
                .help("cite it where it was used, or take it out of the index"),
            );
        }
    }
}

/// The section numbers of a list, ranges spelled out, each with its place.
fn numbers(list: &str) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> {
    SECTION.captures_iter(list).flat_map(|captures| {
        let number = |group: usize| captures.get(group).and_then(|text| text.as_str().parse::<u32>().ok());
        let first = number(1).unwrap_or_default();
        let last = number(2).unwrap_or(first).clamp(first, first.saturating_add(99));
        let range = captures.get(0).map_or(0..0, |whole| whole.range());
        (first..=last).map(move |number| (number, range.clone())).collect::<Vec<_>>()
    })
}
