//! Bringing a plan under control: refuses only what cannot be governed, records all else as one
//! small event for each thing.

use std::collections::HashMap;

use thin_vec::ThinVec;

use super::Ruling;
use crate::check::Probe;
use crate::context::Context;
use crate::definition::{
    CheckDefinition, Definition, GateDefinition, MetricDefinition, TaskDefinition, letting_go,
};
use crate::event::{Event, TaskAdded};
use crate::gate::Subject;
use crate::ids::{AssumptionId, CheckId, DecisionId, EscalationId, GateId, Key, PhaseId, RiskId, TaskId};
use crate::refusal::{self, Refusal};
use crate::registers::RiskDetails;

pub(super) fn adopt(
    ruling: &mut Ruling<'_>,
    definition: Definition,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    if ruling.before().revision.0 > 0 {
        let key = &ruling.before().key;
        return Err(Refusal::new(refusal::PLAN_MOVED, format!("plan `{key}` has been adopted already"))
            .hint("take the changed documents in with `countersign run` or `countersign adopt` on the same files"));
    }
    governable(&definition)?;
    let key = definition.key.clone().unwrap_or_else(|| ruling.before().key.clone());
    ruling.record(Event::PlanAdopted {
        key,
        title: definition.title,
        settings: Box::new(definition.settings),
        sources: definition.sources,
    });
    let mut phases: HashMap<Key, PhaseId> = HashMap::new();
    for phase in definition.phases {
        let id = cx.id(PhaseId::from_bits);
        phases.insert(phase.key.clone(), id);
        ruling.record(Event::PhaseAdded {
            phase: id,
            key: phase.key,
            title: phase.title,
            window: phase.window,
            line: phase.line,
        });
        add_gate(ruling, Subject::Entrance(id), phase.entrance, cx);
        add_gate(ruling, Subject::Exit(id), phase.exit, cx);
    }
    let mut ids: HashMap<Key, TaskId> = HashMap::with_capacity(definition.tasks.len());
    for task in &definition.tasks {
        ids.insert(task.key.clone(), cx.id(TaskId::from_bits));
    }
    for task in letting_go(definition.tasks) {
        let imported = definition.imported.contains(&task.source);
        add_task(ruling, task, imported, &ids, &phases, cx);
    }
    add_gate(ruling, Subject::Criteria, definition.criteria, cx);
    for named in definition.gates {
        let gate = cx.id(GateId::from_bits);
        ruling.record(Event::GateAdded {
            gate,
            name: named.name,
            needs: named.needs,
            environment: named.environment,
        });
        add_gate(ruling, Subject::Gate(gate), named.gate, cx);
    }
    for risk in definition.risks {
        let tasks = risk.tasks.iter().filter_map(|key| ids.get(key).copied()).collect();
        let details = RiskDetails { tasks, ..risk.details };
        ruling.record(Event::RiskAdded {
            risk: cx.id(RiskId::from_bits),
            key: risk.key,
            details,
            line: risk.line,
        });
    }
    for metric in definition.metrics {
        add_metric(ruling, metric);
    }
    for (entry, line) in definition.decisions {
        ruling.record(Event::DecisionRecorded { decision: cx.id(DecisionId::from_bits), entry, line });
    }
    for (entry, line) in definition.escalations {
        ruling.record(Event::EscalationOpened {
            escalation: cx.id(EscalationId::from_bits),
            entry,
            task: None,
            line,
        });
    }
    for (text, line) in definition.assumptions {
        ruling.record(Event::AssumptionRecorded { assumption: cx.id(AssumptionId::from_bits), text, line });
    }
    Ok(())
}

/// Refuses what cannot be governed: keys that stand twice, checks of no known kind, circles.
pub(super) fn governable(definition: &Definition) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let mut lines: HashMap<&Key, u32> = HashMap::with_capacity(definition.tasks.len());
    for task in &definition.tasks {
        if let Some(first) = lines.insert(&task.key, task.line) {
            faults.push(format!("line {}: key `{}` stands on line {first} already", task.line, task.key));
        }
    }
    let unknown = all_checks(definition).filter_map(|check| match &check.spec.probe {
        Probe::Unknown { kind, .. } => Some((check.line, kind)),
        _ => None,
    });
    faults.extend(
        unknown.map(|(line, kind)| format!("line {line}: there is no kind of check called `{kind}`")),
    );
    if let Some(cycle) = find_cycle(&definition.tasks) {
        faults.push(format!("needs run in a circle: {}", cycle.join(" → ")));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let more = faults.len() - 1;
    let first = faults[0].clone();
    let message = if more == 0 { first } else { format!("{first}, and {more} more") };
    let mut no = Refusal::new(refusal::PLAN_INVALID, format!("the plan cannot be governed: {message}"))
        .hint("see all findings with `countersign lint FILE`");
    no.facts = faults.into_iter().skip(1).take(20).collect();
    Err(no)
}

fn all_checks(definition: &Definition) -> impl Iterator<Item = &CheckDefinition> {
    let tasks = definition.tasks.iter().map(|task| &task.gate);
    let phases = definition.phases.iter().flat_map(|phase| [&phase.entrance, &phase.exit]);
    let gates = definition.gates.iter().map(|named| &named.gate);
    tasks.chain(phases).chain(gates).chain([&definition.criteria]).flat_map(|gate| gate.checks.iter())
}

/// A circle among the needs, as the keys one meets walking it. Iterative: a chain of needs may be
/// as long as the plan.
pub(super) fn find_cycle(tasks: &[TaskDefinition]) -> Option<Vec<String>> {
    let place: HashMap<&Key, usize> = tasks.iter().enumerate().map(|(at, task)| (&task.key, at)).collect();
    // 0: not met, 1: on the way down, 2: done with.
    let mut mark = vec![0u8; tasks.len()];
    for start in 0..tasks.len() {
        if mark[start] != 0 {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        mark[start] = 1;
        while let Some((at, next)) = path.last_mut() {
            let Some(need) = tasks[*at].needs.get(*next) else {
                mark[*at] = 2;
                path.pop();
                continue;
            };
            *next += 1;
            let Some(&to) = place.get(need) else { continue };
            match mark[to] {
                0 => {
                    mark[to] = 1;
                    path.push((to, 0));
                }
                1 => {
                    let from = path.iter().position(|(at, _)| *at == to).unwrap_or(0);
                    let mut keys: Vec<String> =
                        path[from..].iter().map(|(at, _)| tasks[*at].key.to_string()).collect();
                    keys.push(tasks[to].key.to_string());
                    return Some(keys);
                }
                _ => {}
            }
        }
    }
    None
}

pub(super) fn add_task(
    ruling: &mut Ruling<'_>,
    task: TaskDefinition,
    imported: bool,
    ids: &HashMap<Key, TaskId>,
    phases: &HashMap<Key, PhaseId>,
    cx: &mut Context<'_>,
) {
    let Some(id) = ids.get(&task.key).copied() else { return };
    let needs: ThinVec<TaskId> = task.needs.iter().filter_map(|key| ids.get(key).copied()).collect();
    ruling.record(Event::TaskAdded(Box::new(TaskAdded {
        task: id,
        phase: task.phase.and_then(|key| phases.get(&key).copied()),
        parent: task.parent.and_then(|key| ids.get(&key).copied()).filter(|parent| *parent != id),
        key: task.key,
        kind: task.kind,
        title: task.title,
        needs,
        facts: task.facts,
        asserted: task.asserted,
        imported,
        line: task.line,
    })));
    add_gate(ruling, Subject::Task(id), task.gate, cx);
}

pub(super) fn add_gate(
    ruling: &mut Ruling<'_>,
    subject: Subject,
    gate: GateDefinition,
    cx: &mut Context<'_>,
) {
    for check in gate.checks {
        add_check(ruling, subject, check, cx);
    }
    if !gate.stated.is_empty() {
        ruling.record(Event::CriteriaStated { subject, stated: gate.stated });
    }
}

pub(super) fn add_check(
    ruling: &mut Ruling<'_>,
    subject: Subject,
    check: CheckDefinition,
    cx: &mut Context<'_>,
) {
    ruling.record(Event::CheckAdded {
        check: cx.id(CheckId::from_bits),
        subject,
        spec: check.spec,
        text: check.text,
        checked: check.checked,
        line: check.line,
    });
}

pub(super) fn add_metric(ruling: &mut Ruling<'_>, metric: MetricDefinition) {
    let MetricDefinition { name, unit, target, value, source } = metric;
    if target.is_some() || value.is_none() {
        ruling.record(Event::MetricDefined { name: name.clone(), unit: unit.clone(), target });
    }
    if let Some((value, role)) = value {
        ruling.record(Event::ReadingRecorded { name, value, unit, source, role: Some(role) });
    }
}
