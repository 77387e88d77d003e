//! Taking a changed plan in: what is the same thing keeps its id and state, what is looser than
//! before waits for approval while the old check stays in force.

use std::collections::{HashMap, HashSet};

use thin_vec::ThinVec;

use super::adopt::{add_check, add_gate, add_metric, add_task, governable};
use super::identity::{SAME, match_tasks, similarity};
use super::lease::end_lease;
use super::{Ruling, registers};
use crate::check::{CheckSpec, FileExpect, Probe};
use crate::command::Told;
use crate::context::Context;
use crate::definition::{CheckDefinition, Definition, GateDefinition, NamedGateDefinition, TaskDefinition};
use crate::event::{Event, TaskChanged};
use crate::facts::{Fact, Facts};
use crate::following::SourceEdits;
use crate::gate::{Check, Gate, Loosened, Stated, Subject};
use crate::ids::{AssumptionId, DecisionId, EscalationId, GateId, Key, PhaseId, Revision, RiskId, TaskId};
use crate::plan::{Plan, Source};
use crate::refusal::{self, Refusal};
use crate::registers::RiskDetails;
use crate::settings::{Settings, Weakening};
use crate::task::{Assertion, Task};

pub(super) fn revise(
    ruling: &mut Ruling<'_>,
    onto: Revision,
    base: Option<Definition>,
    definition: Definition,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before().clone();
    current(&plan, onto)?;
    governable(&definition)?;
    ruling.record(Event::PlanRevised {
        revision: onto.next(),
        parent: onto,
        title: definition.title.clone(),
        sources: definition.sources.clone(),
        edits: Vec::new(),
    });
    // A revision that asks for approvals from now on is itself held to that.
    let records = |settings: &Settings| settings.weakening == Weakening::Record;
    let lenient = records(&plan.settings) && records(&definition.settings);
    let mut revision = Revising { plan: &plan, lenient, imported: definition.imported.clone(), ruling };
    revision.settings(&definition);
    let phases = revision.phases(&definition, base.as_ref(), cx);
    revision.tasks(&definition, base.as_ref(), &phases, cx);
    let before = base.as_ref().map(|base| &base.criteria);
    revision.gate(Subject::Criteria, before, Some(&definition.criteria), cx);
    for named in &definition.gates {
        revision.named_gate(named, cx);
    }
    for gone in plan.gates.iter().filter(|old| definition.gates.iter().all(|new| new.name != old.name)) {
        revision.gate(Subject::Gate(gone.id), None, None, cx);
    }
    revision.entries(definition, base.as_ref(), cx);
    if ruling.events.len() == 1 && plan.sources == sources_of(&ruling.events[0]) {
        ruling.events.clear();
    }
    Ok(())
}

/// The same where only what documents say of some tasks' progress changed: what these tasks are, and
/// every other task, is as it was.
pub(super) fn revise_tasks(
    ruling: &mut Ruling<'_>,
    onto: Revision,
    (sources, edits): (Vec<Source>, Vec<SourceEdits>),
    told: Vec<Told>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let mut events = Vec::new();
    let plan = ruling.before();
    current(plan, onto)?;
    let paths = |sources: &[Source]| sources.iter().map(|source| source.path.clone()).collect::<Vec<_>>();
    let partial = told.iter().flat_map(|told| &told.facts).all(Fact::is_progress);
    if paths(&sources) != paths(&plan.sources) || !partial {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            "the documents changed in more than what they say of some tasks' progress",
        )
        .hint("read all of them"));
    }
    events.push(Event::PlanRevised {
        revision: onto.next(),
        parent: onto,
        title: plan.title.clone(),
        sources,
        edits,
    });
    for Told { task, facts, asserted } in told {
        let old = ruling.task(task)?;
        let mut known = old.facts.clone();
        for fact in facts {
            match known.0.iter().position(|known| known.same_kind(&fact)) {
                Some(place) => known.0[place] = fact,
                None => known.0.push(fact),
            }
        }
        if known != old.facts {
            let mut changed = TaskChanged::new(task);
            changed.facts = Some(known);
            events.push(Event::TaskChanged(Box::new(changed)));
        }
        events.extend(asserted.map(|asserted| said(plan, old, asserted, false, cx)));
    }
    for event in events {
        ruling.record(event);
    }
    Ok(())
}

fn current(plan: &Plan, onto: Revision) -> Result<(), Refusal> {
    if plan.revision == onto {
        return Ok(());
    }
    Err(Refusal::new(
        refusal::PLAN_MOVED,
        format!("plan `{}` is at revision {}, not {onto}", plan.key, plan.revision),
    )
    .hint("read it again and retry"))
}

/// What a document says of a task now. What it says against an unmet need satisfies nothing.
fn said(plan: &Plan, task: &Task, asserted: Assertion, imported: bool, cx: &Context<'_>) -> Event {
    let against = if asserted.state == crate::draft::Stated::Claimed {
        plan.unmet_needs(task, cx.now)
    } else {
        Vec::new()
    };
    Event::TaskAsserted { task: task.id, asserted, against, imported }
}

fn sources_of(event: &Event) -> &[crate::plan::Source] {
    match event {
        Event::PlanRevised { sources, .. } => sources,
        _ => &[],
    }
}

struct Revising<'r, 'p, 'o> {
    /// The plan as it was.
    plan: &'o Plan,
    /// Whether a weakening is only recorded and takes effect at once.
    lenient: bool,
    /// Numbers of the documents that are another tool's files.
    imported: Vec<u16>,
    ruling: &'r mut Ruling<'p>,
}

impl Revising<'_, '_, '_> {
    fn settings(&mut self, definition: &Definition) {
        let (new, old) = (&definition.settings, &self.plan.settings);
        let proposed = self.plan.proposed_settings.as_ref().map(|proposed| &proposed.settings);
        // Documents that ask for the settings in force again take an open proposal back.
        if proposed == Some(new) || (new == old && proposed.is_none()) {
            return;
        }
        let settings = Box::new(new.clone());
        if new.loosens(old) && !self.lenient {
            self.ruling.record(Event::SettingsProposed { settings });
        } else {
            self.ruling.record(Event::SettingsChanged { settings });
        }
    }

    fn phases(
        &mut self,
        definition: &Definition,
        base: Option<&Definition>,
        cx: &mut Context<'_>,
    ) -> HashMap<Key, PhaseId> {
        let mut ids: HashMap<Key, PhaseId> = HashMap::new();
        for new in &definition.phases {
            let before = base.and_then(|base| base.phases.iter().find(|before| before.key == new.key));
            let id = match self.plan.phases.iter().find(|old| old.key == new.key) {
                Some(old) => {
                    if (&old.title, &old.window, old.line) != (&new.title, &new.window, new.line) {
                        self.ruling.record(Event::PhaseChanged {
                            phase: old.id,
                            title: new.title.clone(),
                            window: new.window.clone(),
                            line: new.line,
                        });
                    }
                    let entrance = before.map(|before| &before.entrance);
                    self.gate(Subject::Entrance(old.id), entrance, Some(&new.entrance), cx);
                    let exit = before.map(|before| &before.exit);
                    self.gate(Subject::Exit(old.id), exit, Some(&new.exit), cx);
                    old.id
                }
                None => {
                    let id = cx.id(PhaseId::from_bits);
                    self.ruling.record(Event::PhaseAdded {
                        phase: id,
                        key: new.key.clone(),
                        title: new.title.clone(),
                        window: new.window.clone(),
                        line: new.line,
                    });
                    add_gate(self.ruling, Subject::Entrance(id), new.entrance.clone(), cx);
                    add_gate(self.ruling, Subject::Exit(id), new.exit.clone(), cx);
                    id
                }
            };
            ids.insert(new.key.clone(), id);
        }
        for gone in self.plan.phases.iter().filter(|old| !ids.contains_key(&old.key)) {
            let kept = self.gate(Subject::Entrance(gone.id), None, None, cx)
                | self.gate(Subject::Exit(gone.id), None, None, cx);
            if !kept {
                self.ruling.record(Event::PhaseRemoved { phase: gone.id });
            }
        }
        ids
    }

    fn tasks(
        &mut self,
        definition: &Definition,
        base: Option<&Definition>,
        phases: &HashMap<Key, PhaseId>,
        cx: &mut Context<'_>,
    ) {
        let matches = match_tasks(self.plan, &definition.tasks);
        let base: HashMap<&Key, &TaskDefinition> =
            base.map(|base| base.tasks.iter().map(|task| (&task.key, task)).collect()).unwrap_or_default();
        let mut ids: HashMap<Key, TaskId> = HashMap::with_capacity(definition.tasks.len());
        for (task, old) in definition.tasks.iter().zip(&matches.old_of) {
            ids.insert(task.key.clone(), old.unwrap_or_else(|| cx.id(TaskId::from_bits)));
        }
        let kept: HashSet<TaskId> = matches.old_of.iter().flatten().copied().collect();
        // First what goes: a key that was reused must be free before its new owner arrives.
        let mut taken: HashSet<Key> = ids.keys().cloned().collect();
        for gone in self.plan.tasks.iter().filter(|old| !old.is_dropped() && !kept.contains(&old.id)) {
            let reused = matches.reused.contains(&gone.key);
            // What a verb added stands in no document, so none can leave it out.
            let added = gone.line == 0;
            if added && !reused {
                continue;
            }
            let kept = added || self.gate(Subject::Task(gone.id), None, None, cx);
            if !kept {
                let reason = if reused {
                    "its key stands before another task now"
                } else {
                    "removed from the document"
                };
                end_lease(self.ruling, gone.id, "its task was dropped", cx);
                self.ruling.record(Event::TaskDropped { task: gone.id, reason: reason.to_owned() });
            } else if reused {
                // Its checks stay in force, so it needs a name of its own beside the newcomer.
                let mut renamed = TaskChanged::new(gone.id);
                renamed.key = old_key(self.plan, &gone.key, &taken);
                taken.extend(renamed.key.clone());
                self.ruling.record(Event::TaskChanged(Box::new(renamed)));
            }
        }
        for (new, old) in definition.tasks.iter().zip(&matches.old_of) {
            match old.and_then(|id| self.plan.task(id)) {
                Some(old) => self.task(old, new, base.get(&new.key).copied(), &ids, phases, cx),
                None => {
                    let imported = self.imported.contains(&new.source);
                    add_task(self.ruling, new.clone(), imported, &ids, phases, cx);
                }
            }
        }
    }

    fn task(
        &mut self,
        old: &Task,
        new: &TaskDefinition,
        base: Option<&TaskDefinition>,
        ids: &HashMap<Key, TaskId>,
        phases: &HashMap<Key, PhaseId>,
        cx: &mut Context<'_>,
    ) {
        let mut changed = TaskChanged::new(old.id);
        // A generated key is frozen at adoption: it is a handle, not a description.
        if new.key != old.key && !new.key_generated {
            changed.key = Some(new.key.clone());
        }
        if new.title != old.title {
            changed.title = Some(new.title.clone());
        }
        if new.kind != old.kind {
            changed.kind = Some(new.kind);
        }
        let phase = new.phase.as_ref().and_then(|key| phases.get(key).copied());
        if phase != old.phase {
            changed.phase = Some(phase);
        }
        let parent =
            new.parent.as_ref().and_then(|key| ids.get(key).copied()).filter(|parent| *parent != old.id);
        if parent != old.parent {
            changed.parent = Some(parent);
        }
        let needs: Vec<TaskId> = new.needs.iter().filter_map(|key| ids.get(key).copied()).collect();
        // What the document says as before is no reason to undo what a verb changed.
        let said_before = base.is_some_and(|base| base.needs == new.needs);
        let stands = |need: &TaskId| self.plan.task(*need).is_some_and(|need| !need.is_dropped());
        let kept = said_before && old.needs.iter().all(stands);
        if !kept && needs != old.needs[..] {
            changed.needs = Some(needs);
        }
        if new.line != old.line {
            changed.line = Some(new.line);
        }
        let merged = merge_facts(base.map(|base| &base.facts), &new.facts, &old.facts);
        let (facts, moved) = registers::hold_back_schedule(self.plan, &old.facts, merged);
        if facts != old.facts {
            changed.facts = Some(facts);
        }
        if !changed.is_empty() {
            self.ruling.record(Event::TaskChanged(Box::new(changed)));
        }
        for (field, from, to) in moved {
            let mut known = self.plan.rebaselines.iter().rev();
            let last = known.find(|known| known.task == old.id && known.field == field);
            if last.is_some_and(|last| last.to == to && !last.missing.is_empty()) {
                continue;
            }
            self.ruling.record(Event::RebaselineRequested {
                task: old.id,
                field,
                from,
                to,
                reason: "changed in the document".to_owned(),
                missing: self.plan.settings.rebaseline.clone(),
            });
        }
        // What stands in the document because the journal had it written is nobody's word: theirs is
        // what they changed since both were in step.
        let before = base.map_or(&old.asserted, |base| &base.asserted);
        if new.asserted != *before {
            let imported = self.imported.contains(&new.source);
            self.ruling.record(said(self.plan, old, new.asserted.clone(), imported, cx));
        }
        self.gate(Subject::Task(old.id), base.map(|base| &base.gate), Some(&new.gate), cx);
    }

    fn named_gate(&mut self, new: &NamedGateDefinition, cx: &mut Context<'_>) {
        let Some(old) = self.plan.gates.iter().find(|old| old.name == new.name) else {
            let gate = cx.id(GateId::from_bits);
            self.ruling.record(Event::GateAdded {
                gate,
                name: new.name.clone(),
                needs: new.needs.clone(),
                environment: new.environment.clone(),
            });
            add_gate(self.ruling, Subject::Gate(gate), new.gate.clone(), cx);
            return;
        };
        // A need may be added by a revision; taking one away would be a way around the gate.
        let mut needs = new.needs.clone();
        if !self.lenient {
            needs.extend(old.needs.iter().filter(|need| !new.needs.contains(need)).cloned());
        }
        if needs != old.needs || new.environment != old.environment {
            self.ruling.record(Event::GateChanged {
                gate: old.id,
                needs,
                environment: new.environment.clone(),
            });
        }
        self.gate(Subject::Gate(old.id), None, Some(&new.gate), cx);
    }

    /// Brings a gate in line with its new definition. Tells whether something of the old gate
    /// stays in force although the documents no longer have it.
    fn gate(
        &mut self,
        subject: Subject,
        base: Option<&GateDefinition>,
        new: Option<&GateDefinition>,
        cx: &mut Context<'_>,
    ) -> bool {
        let nothing = GateDefinition::default();
        let new = new.unwrap_or(&nothing);
        let plan = self.plan;
        let Some(old) = plan.gate(subject) else { return false };
        let mut free: Vec<&Check> = old.checks.iter().collect();
        let mut added = Vec::new();
        for check in &new.checks {
            match counterpart(&free, check) {
                Some(place) => {
                    let old = free.remove(place);
                    let mut before = base.iter().flat_map(|base| &base.checks);
                    let before = before.find(|before| before.text == check.text && before.spec == check.spec);
                    self.check(old, before, check);
                }
                None => added.push(check),
            }
        }
        let kept = !free.is_empty() && !self.lenient;
        for gone in free {
            self.weaken(gone, None);
        }
        for check in added {
            add_check(self.ruling, subject, check.clone(), cx);
        }
        self.stated(subject, old, new, cx) | kept
    }

    fn check(&mut self, old: &Check, base: Option<&CheckDefinition>, new: &CheckDefinition) {
        let same_demand =
            old.spec.probe == new.spec.probe && old.spec.timeout_seconds == new.spec.timeout_seconds;
        // Under another name, a check that is never waived would be like any other.
        let settings = &self.plan.settings;
        let freed = settings.never_waives(&old.spec.name) && !settings.never_waives(&new.spec.name);
        if freed || (!same_demand && weakens(&old.spec, &new.spec)) {
            self.weaken(old, Some(new.spec.clone()));
            return;
        }
        if old.weakening.is_some() {
            self.ruling.record(Event::WeakeningWithdrawn { check: old.id });
        }
        // A box that the journal had ticked says nothing about what its author thinks.
        let checked = match base {
            Some(base) if base.checked == new.checked => old.checked,
            _ => new.checked,
        };
        let moved = (&old.text, old.checked, old.line) != (&new.text, checked, new.line);
        if moved || old.spec != new.spec {
            self.ruling.record(Event::CheckChanged {
                check: old.id,
                spec: new.spec.clone(),
                text: new.text.clone(),
                checked,
                line: new.line,
            });
        }
    }

    fn weaken(&mut self, old: &Check, to: Option<CheckSpec>) {
        let known = old.weakening.as_ref().is_some_and(|weakening| weakening.to == to);
        if !known {
            self.ruling.record(Event::WeakeningProposed { check: old.id, to });
        }
        if self.lenient {
            self.ruling.record(Event::WeakeningApproved { loosened: Loosened::Check(old.id) });
        }
    }

    /// Criteria without a probe: one that was left out stays in force, marked, until approved.
    fn stated(&mut self, subject: Subject, old: &Gate, new: &GateDefinition, cx: &Context<'_>) -> bool {
        let mut stated: ThinVec<Stated> = new.stated.clone();
        let texts: Vec<&str> = new.stated.iter().map(|new| &*new.text).collect();
        let proven: Vec<&str> = new.checks.iter().map(|check| &*check.text).collect();
        let gone: Vec<Stated> = left_out(&old.stated, &[texts, proven].concat())
            .into_iter()
            .map(|old| Stated {
                removed: Some(old.removed.clone().unwrap_or_else(|| cx.by.clone())),
                ..old.clone()
            })
            .collect();
        let kept = !gone.is_empty() && !self.lenient;
        if kept {
            stated.extend(gone);
        }
        if stated != old.stated {
            self.ruling.record(Event::CriteriaStated { subject, stated });
        }
        kept
    }

    /// Risks, metrics, decisions, escalations and assumptions: new ones are added, changed risks
    /// changed; an entry is never removed, the register keeps its history.
    fn entries(&mut self, definition: Definition, base: Option<&Definition>, cx: &mut Context<'_>) {
        let after = self.ruling.after(cx);
        let tasks: HashMap<Key, TaskId> = definition
            .risks
            .iter()
            .flat_map(|risk| &risk.tasks)
            .filter_map(|key| after.task_by_key(key).map(|task| (key.clone(), task.id)))
            .collect();
        for risk in definition.risks {
            let mitigating = risk.tasks.iter().filter_map(|key| tasks.get(key).copied()).collect();
            let details = RiskDetails { tasks: mitigating, ..risk.details };
            match self.plan.risks.iter().find(|old| old.key == risk.key) {
                None => self.ruling.record(Event::RiskAdded {
                    risk: cx.id(RiskId::from_bits),
                    key: risk.key,
                    details,
                    line: risk.line,
                }),
                Some(old) if old.line > 0 && (&old.details, old.line) != (&details, risk.line) => {
                    self.ruling.record(Event::RiskChanged { risk: old.id, details, line: risk.line });
                }
                Some(_) => {}
            }
        }
        for mut metric in definition.metrics {
            // A value that the journal had written is no statement of the document's.
            if base.is_some_and(|base| base.metrics.contains(&metric)) {
                continue;
            }
            let old = self.plan.metric(&metric.name);
            // A looser target takes effect once a person sets it with the verb.
            let strict = old.and_then(|old| old.target.as_ref()).filter(|_| !self.lenient);
            if let (Some(strict), Some(new)) = (strict, &metric.target)
                && !new.at_least_as_strict_as(strict)
            {
                metric.target = Some(strict.clone());
            }
            let same_target = old.is_some_and(|old| metric.target.is_none() || old.target == metric.target);
            let same_value = metric.value.is_none_or(|(value, role)| {
                old.is_some_and(|old| {
                    let known = match role {
                        crate::draft::MetricRole::Baseline => &old.baseline,
                        _ => &old.claimed,
                    };
                    known.as_ref().is_some_and(|known| known.value == value)
                })
            });
            if !(same_target && same_value) {
                add_metric(self.ruling, metric);
            }
        }
        let plan = self.plan;
        for (entry, line) in definition.decisions {
            if plan.decisions.iter().all(|old| old.entry.text != entry.text) {
                self.ruling.record(Event::DecisionRecorded {
                    decision: cx.id(DecisionId::from_bits),
                    entry,
                    line,
                });
            }
        }
        for (entry, line) in definition.escalations {
            if plan.escalations.iter().all(|old| old.entry.text != entry.text) {
                let escalation = cx.id(EscalationId::from_bits);
                self.ruling.record(Event::EscalationOpened { escalation, entry, task: None, line });
            }
        }
        for (text, line) in definition.assumptions {
            if plan.assumptions.iter().all(|old| old.text != text) {
                let assumption = cx.id(AssumptionId::from_bits);
                self.ruling.record(Event::AssumptionRecorded { assumption, text, line });
            }
        }
    }
}

/// A free key for a task whose own now stands before another one: `T-1~old`, `T-1~old2`.
fn old_key(plan: &Plan, key: &Key, taken: &HashSet<Key>) -> Option<Key> {
    let stem: String = key.as_str().chars().take(100).collect();
    (1u32..)
        .map(|twin| if twin == 1 { format!("{stem}~old") } else { format!("{stem}~old{twin}") })
        .filter_map(|text| Key::new(&text).ok())
        .find(|key| plan.task_by_key(key).is_none() && !taken.contains(key))
}

/// Of criteria, those that no text says any more. Each text stands for one criterion: the same
/// words, else nearly the same words with the same numbers.
fn left_out<'a>(criteria: &'a [Stated], texts: &[&str]) -> Vec<&'a Stated> {
    let mut free: Vec<&str> = texts.to_vec();
    let mut take = |fits: &dyn Fn(&str) -> bool| {
        free.iter().position(|text| fits(text)).map(|place| free.swap_remove(place)).is_some()
    };
    let unsaid: Vec<&Stated> = criteria.iter().filter(|old| !take(&|text| text == old.text)).collect();
    unsaid
        .into_iter()
        .filter(|old| {
            !take(&|text| numbers(text) == numbers(&old.text) && similarity(text, &old.text) >= SAME)
        })
        .collect()
}

/// The numbers in a text, in order: `< 20` and `< 50` are different demands.
fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect()
}

/// The old check that a new definition is: of the same name; else for the same criterion; else
/// of the same kind about the same thing.
fn counterpart(free: &[&Check], new: &CheckDefinition) -> Option<usize> {
    let same_kind = |old: &Check| old.spec.probe.kind() == new.spec.probe.kind();
    let by_demand = free.iter().position(|old| old.spec.probe == new.spec.probe);
    let by_name = || free.iter().position(|old| old.spec.name == new.spec.name && same_kind(old));
    let by_text = || free.iter().position(|old| old.text == new.text && same_kind(old));
    let by_thing = || {
        free.iter().position(|old| match (&old.spec.probe, &new.spec.probe) {
            (Probe::Metric { name: old, .. }, Probe::Metric { name: new, .. }) => old == new,
            (Probe::File { path: old, .. }, Probe::File { path: new, .. }) => old == new,
            (Probe::Approval { role: old, .. }, Probe::Approval { role: new, .. }) => old == new,
            (Probe::Ci { workflow: old, .. }, Probe::Ci { workflow: new, .. }) => old == new,
            _ => false,
        })
    };
    by_demand.or_else(by_name).or_else(by_text).or_else(by_thing)
}

/// Whether putting the new check in the old one's place demands less. A changed command demands
/// something else, which nobody can weigh from here: it runs only after trust is given again.
fn weakens(old: &CheckSpec, new: &CheckSpec) -> bool {
    match (&old.probe, &new.probe) {
        (Probe::Check { .. }, Probe::Check { .. }) => false,
        (
            Probe::Metric { name: old_name, target: old, command: old_command },
            Probe::Metric { name: new_name, target: new, command: new_command },
        ) => {
            !old_name.eq_ignore_ascii_case(new_name)
                || !new.at_least_as_strict_as(old)
                || (old_command.is_some() && new_command.is_none())
        }
        (Probe::File { path: old_path, expect: old }, Probe::File { path: new_path, expect: new }) => {
            old_path != new_path || (old != new && *old != FileExpect::Exists)
        }
        (Probe::Tasks { of: old }, Probe::Tasks { of: new }) => {
            !new.iter().any(|name| name == "*") && old.iter().any(|name| !new.contains(name))
        }
        (
            Probe::Approval { role: old_role, quorum: old },
            Probe::Approval { role: new_role, quorum: new },
        ) => old_role != new_role || new < old,
        (Probe::Attachment { name: old }, Probe::Attachment { name: new }) => old.is_some() && old != new,
        (
            Probe::Ci { workflow: old_name, branch: old_branch, consecutive: old },
            Probe::Ci { workflow: new_name, branch: new_branch, consecutive: new },
        ) => {
            !old_name.eq_ignore_ascii_case(new_name)
                || (old_branch.is_some() && old_branch != new_branch)
                || new < old
        }
        _ => true,
    }
}

/// Three-way merge of facts, kind by kind: what the documents did not change stays as somebody
/// set it with a verb; what they did change is taken from them.
fn merge_facts(base: Option<&Facts>, new: &Facts, old: &Facts) -> Facts {
    let Some(base) = base else { return new.clone() };
    let of_kind = |facts: &Facts, kind: &Fact| -> Vec<Fact> {
        facts.0.iter().filter(|fact| fact.same_kind(kind)).cloned().collect()
    };
    let mut merged = Facts::default();
    let mut seen: Vec<&Fact> = Vec::new();
    for kind in new.0.iter().chain(&old.0) {
        if seen.iter().any(|known| known.same_kind(kind)) {
            continue;
        }
        seen.push(kind);
        let unchanged = of_kind(base, kind) == of_kind(new, kind);
        merged.0.extend(of_kind(if unchanged { old } else { new }, kind));
    }
    merged
}
