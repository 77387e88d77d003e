//! Plans in a few lines of text, for tests of rules: what the documents would define, without a
//! document. Knows no file and no format; a wrong sketch is a wrong test and panics.
//!
//! ```text
//! setting solo: yes
//! phase A: Prepare | entrance approval: lead | exit stated: all is told
//! T-1: Build the importer | phase: A | check: make test
//! T-2: Measure it | needs: T-1 | metric warnings: warnings < 20 from ./count.sh
//! list/ Write it up | box: x
//! gate release | needs: T-1 | file: CHANGELOG.md contains 2.0
//! criteria | stated: nothing is left
//! ```

use std::collections::BTreeMap;

use model::check::{CheckSpec, FileExpect, Probe};
use model::definition::{
    CheckDefinition, Definition, GateDefinition, MetricDefinition, NamedGateDefinition, PhaseDefinition,
    RiskDefinition, TaskDefinition,
};
use model::digest::Digest;
use model::draft::{Due, MetricRole, Owner, OwnerRole, Stated as StatedState, TaskKind};
use model::facts::{Fact, Facts};
use model::gate::Stated;
use model::ids::Key;
use model::plan::Source;
use model::registers::{EntryDetails, RiskDetails};
use model::settings::{Identity, Settings, Trust, Weakening};
use model::target::Target;
use model::task::Assertion;

/// The definition that a sketch describes.
///
/// # Panics
///
/// Where a line makes no sense.
pub fn sketch(text: &str) -> Definition {
    let mut definition = Definition {
        key: Some(key("plan")),
        title: "Plan".to_owned(),
        sources: vec![Source {
            path: "PLAN.md".to_owned(),
            format: "markdown".to_owned(),
            digest: Digest::sha256(text.as_bytes()),
        }],
        ..Definition::default()
    };
    let mut twins: BTreeMap<String, u32> = BTreeMap::new();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // Settings stand in a file of their own, so they move no line of the plan.
    let (settings, lines): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("setting "));
    settings.iter().for_each(|line| set(&mut definition.settings, line.trim_start_matches("setting ")));
    for (number, line) in (1..).zip(lines) {
        read_line(&mut definition, line, number, &mut twins);
    }
    definition
}

/// A key that is known to be fine.
///
/// # Panics
///
/// Where it is not.
pub fn key(text: &str) -> Key {
    Key::new(text).expect("a key of visible characters")
}

fn read_line(definition: &mut Definition, line: &str, number: u32, twins: &mut BTreeMap<String, u32>) {
    let mut parts = line.split(" | ");
    let head = parts.next().unwrap_or_default().trim();
    let fields: Vec<(&str, &str)> = parts.map(|part| pair(part, line)).collect();
    let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
    match word {
        "phase" => definition.phases.push(phase(rest, &fields, number)),
        "gate" => definition.gates.push(named_gate(rest, &fields, number)),
        "criteria" => read_gate(&mut definition.criteria, "", &fields, number),
        "risk" => definition.risks.push(risk(rest, &fields, number)),
        "metric" => definition.metrics.push(metric(rest, &fields)),
        "decision:" => definition.decisions.push((entry(rest), number)),
        "escalation:" => definition.escalations.push((entry(rest), number)),
        "assumption:" => definition.assumptions.push((rest.to_owned(), number)),
        _ => definition.tasks.push(task(head, &fields, number, twins)),
    }
}

fn pair<'a>(part: &'a str, line: &str) -> (&'a str, &'a str) {
    let (name, value) =
        part.split_once(':').unwrap_or_else(|| panic!("`{part}` of `{line}` has no `name: value`"));
    (name.trim(), value.trim())
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn set(settings: &mut Settings, text: &str) {
    let (name, value) = pair(text, text);
    let names = || list(value).map(str::to_owned).collect();
    match name.split_once(' ').unwrap_or((name, "")) {
        ("solo", _) => settings.solo = value == "yes",
        ("trust", _) => {
            settings.trust = if value == "document" { Trust::Document } else { Trust::Verified };
        }
        ("identity", _) => {
            settings.identity = if value == "proven" { Identity::Proven } else { Identity::Declared };
        }
        ("weakening", _) => {
            settings.weakening = if value == "record" { Weakening::Record } else { Weakening::Approve };
        }
        ("waiver_limit_days", _) => settings.waiver_limit_days = value.parse().expect("a number of days"),
        ("never_waivable", _) => settings.never_waivable = list(value).map(str::to_owned).collect(),
        ("rebaseline", _) => settings.rebaseline = names(),
        ("strikes", _) => settings.leases.strikes = value.parse().expect("a number of workers"),
        ("tokens", _) => settings.budget.tokens = Some(value.parse().expect("a number of tokens")),
        ("role", role) => {
            settings.roles.insert(role.to_owned(), list(value).map(str::to_owned).collect());
        }
        _ => panic!("there is no setting `{name}`"),
    }
}

fn phase(head: &str, fields: &[(&str, &str)], line: u32) -> PhaseDefinition {
    let (name, title) = pair(head, head);
    let mut phase = PhaseDefinition {
        key: key(name),
        title: title.to_owned(),
        window: None,
        entrance: GateDefinition::default(),
        exit: GateDefinition::default(),
        line,
    };
    for (name, value) in fields {
        match name.split_once(' ') {
            Some(("entrance", name)) => read_gate(&mut phase.entrance, "", &[(name, value)], line),
            Some(("exit", name)) => read_gate(&mut phase.exit, "", &[(name, value)], line),
            _ if *name == "window" => phase.window = Some((*value).to_owned()),
            _ => panic!("a phase has no `{name}`"),
        }
    }
    phase
}

fn named_gate(name: &str, fields: &[(&str, &str)], line: u32) -> NamedGateDefinition {
    let mut gate = NamedGateDefinition {
        name: name.to_owned(),
        needs: Vec::new(),
        environment: None,
        gate: GateDefinition::default(),
    };
    for (name, value) in fields {
        match *name {
            "needs" => gate.needs = list(value).map(str::to_owned).collect(),
            "environment" => gate.environment = Some((*value).to_owned()),
            _ => read_gate(&mut gate.gate, "", &[(name, value)], line),
        }
    }
    gate
}

fn risk(head: &str, fields: &[(&str, &str)], line: u32) -> RiskDefinition {
    let (name, title) = pair(head, head);
    let mut details = RiskDetails { title: title.to_owned(), ..RiskDetails::default() };
    let mut tasks = Vec::new();
    for (name, value) in fields {
        let value = (*value).to_owned();
        match *name {
            "tasks" => tasks = list(&value).map(key).collect(),
            "status" => details.status = Some(value),
            "owner" => details.owner = Some(value),
            "impact" => details.impact = Some(value),
            _ => panic!("a risk has no `{name}` in a sketch"),
        }
    }
    RiskDefinition { key: key(name), details, tasks, line }
}

fn metric(head: &str, fields: &[(&str, &str)]) -> MetricDefinition {
    let (name, target) = pair(head, head);
    let value = |wanted: &str, role| {
        let (_, value) = fields.iter().find(|(name, _)| *name == wanted)?;
        Some((value.parse().expect("a number"), role))
    };
    MetricDefinition {
        name: name.to_owned(),
        unit: None,
        target: (!target.is_empty()).then(|| Target::parse(target).expect("a target")),
        value: value("baseline", MetricRole::Baseline).or_else(|| value("claimed", MetricRole::Claimed)),
        source: "PLAN.md".to_owned(),
    }
}

fn entry(text: &str) -> EntryDetails {
    EntryDetails { text: text.to_owned(), ..EntryDetails::default() }
}

fn task(head: &str, fields: &[(&str, &str)], line: u32, twins: &mut BTreeMap<String, u32>) -> TaskDefinition {
    let generated = head.split_once("/ ").filter(|(group, _)| !group.contains([' ', ':']));
    let (task_key, title) = match generated {
        Some((group, title)) => (generated_key(group, title, twins), title),
        None => {
            let (task_key, title) = pair(head, head);
            (task_key.to_owned(), title)
        }
    };
    let mut task = TaskDefinition {
        key: key(&task_key),
        key_generated: generated.is_some(),
        kind: if generated.is_some() { TaskKind::Item } else { TaskKind::Task },
        title: title.to_owned(),
        phase: None,
        parent: None,
        needs: Default::default(),
        facts: Facts::default(),
        asserted: Assertion::default(),
        gate: GateDefinition::default(),
        source: 0,
        line,
    };
    for (name, value) in fields {
        match *name {
            "needs" => task.needs = list(value).map(key).collect(),
            "phase" => task.phase = Some(key(value)),
            "parent" => task.parent = Some(key(value)),
            "box" => {
                let checked = *value == "x";
                let state = if checked { StatedState::Claimed } else { StatedState::Open };
                task.asserted = Assertion { checked: Some(checked), state };
            }
            "says" => task.asserted.state = state(value),
            "due" => {
                task.facts.put(Fact::Due(Box::new(Due { text: (*value).to_owned(), at: day_end(value) })))
            }
            "window" => task.facts.put(Fact::Window((*value).to_owned())),
            "estimate" => task.facts.put(Fact::EstimateDays(value.parse().expect("a number of days"))),
            "priority" => task.facts.put(Fact::Priority((*value).to_owned())),
            "path" => task.facts.0.extend(list(value).map(|path| Fact::Path(path.to_owned()))),
            "memory" => task.facts.0.extend(list(value).map(|key| Fact::Memory(key.to_owned()))),
            "agent" => {
                let owner = Owner { name: (*value).to_owned(), role: OwnerRole::Agent };
                task.facts.0.push(Fact::Owner(Box::new(owner)));
            }
            "blocker" => task.facts.put(Fact::Blocker((*value).to_owned())),
            _ => read_gate(&mut task.gate, title, &[(name, value)], line),
        }
    }
    task
}

fn generated_key(group: &str, title: &str, twins: &mut BTreeMap<String, u32>) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let stem = format!("{group}/{}", words.join("-"));
    let twin = twins.entry(stem.clone()).or_insert(0);
    *twin += 1;
    if *twin == 1 { stem } else { format!("{stem}~{twin}") }
}

fn state(word: &str) -> StatedState {
    match word {
        "open" => StatedState::Open,
        "active" => StatedState::Active,
        "done" => StatedState::Claimed,
        "dropped" => StatedState::Dropped,
        _ => panic!("a document does not say `{word}` in a sketch"),
    }
}

fn day_end(date: &str) -> Option<jiff::Timestamp> {
    format!("{date}T23:59:59Z").parse().ok()
}

fn read_gate(gate: &mut GateDefinition, text: &str, fields: &[(&str, &str)], line: u32) {
    for (name, value) in fields {
        let (kind, called) = name.split_once(' ').unwrap_or((name, name));
        if kind == "stated" {
            let checked = (called != "stated").then_some(called == "x");
            let stated = Stated { text: (*value).to_owned(), checked, line, removed: None };
            gate.stated.push(stated);
            continue;
        }
        let spec = CheckSpec::new(called, probe(kind, value));
        gate.push(CheckDefinition { spec, text: text.to_owned(), checked: None, line });
    }
}

/// Reads a probe as plans write it: `probe("metric", "warnings < 20 from ./count.sh")`.
///
/// # Panics
///
/// Where the text makes no sense for the kind.
pub fn probe(kind: &str, value: &str) -> Probe {
    let owned = value.to_owned();
    match kind {
        "check" => Probe::Check { command: owned },
        "metric" => {
            let (demand, command) = match value.split_once(" from ") {
                Some((demand, command)) => (demand, Some(command.to_owned())),
                None => (value, None),
            };
            let (name, target) = demand.split_once(' ').expect("a metric has a name and a target");
            let target = Target::parse(target).expect("a target");
            Probe::Metric { name: name.to_owned(), target, command }
        }
        "file" => {
            let (path, expect) = match value.split_once(" contains ") {
                Some((path, text)) => (path, FileExpect::Contains(text.to_owned())),
                None => (value, FileExpect::Exists),
            };
            Probe::File { path: path.to_owned(), expect }
        }
        "tasks" => Probe::Tasks { of: list(value).map(str::to_owned).collect() },
        "approval" => {
            let (role, quorum) = value.split_once(" x").unwrap_or((value, "1"));
            Probe::Approval { role: role.to_owned(), quorum: quorum.parse().expect("a number of people") }
        }
        "ci" => {
            let (demand, runs) = value.split_once(" x").unwrap_or((value, "1"));
            let (workflow, branch) = match demand.split_once(" on ") {
                Some((workflow, branch)) => (workflow, Some(branch.to_owned())),
                None => (demand, None),
            };
            let consecutive = runs.parse().expect("a number of runs");
            Probe::Ci { workflow: workflow.to_owned(), branch, consecutive }
        }
        "attachment" => Probe::Attachment { name: (!value.is_empty()).then_some(owned) },
        _ => Probe::Unknown { kind: kind.to_owned(), text: owned },
    }
}
