//! A definition: one or more drafts and a sidecar put together into the plan that is to be
//! adopted. Everything is still named by key; ids come with the ruling.

mod merging;

use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::check::CheckSpec;
use crate::draft::{
    Draft, DraftCheck, DraftCriterion, DraftEntry, DraftRisk, DraftTask, MetricRole, Stated as StatedState,
    TaskKind,
};
use crate::facts::{Fact, Facts};
use crate::gate::Stated;
use crate::ids::Key;
use crate::plan::Source;
use crate::registers::{EntryDetails, RiskDetails};
use crate::settings::Settings;
use crate::target::Target;
use crate::task::Assertion;
use merging::Merging;

pub use merging::weights;

/// The key under which a sidecar binds checks to the success criteria of the plan as a whole.
pub const PLAN_KEY: &str = "plan";

/// The plan as the documents have it, ready to be adopted or to revise an adopted one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The slug of the first file's stem.
    pub key: Option<Key>,
    /// The first document's title.
    pub title: String,
    /// From the sidecar, else the format's defaults.
    pub settings: Settings,
    /// The documents, their digests filled in by whoever stored them.
    pub sources: Vec<Source>,
    /// Numbers of the documents that are another tool's files: what they call done is brought in.
    pub imported: Vec<u16>,
    /// Phases in document order.
    pub phases: Vec<PhaseDefinition>,
    /// Tasks in document order.
    pub tasks: Vec<TaskDefinition>,
    /// Success criteria of the plan as a whole.
    pub criteria: GateDefinition,
    /// Named gates, from the sidecar.
    pub gates: Vec<NamedGateDefinition>,
    /// Risks, naming tasks by key.
    pub risks: Vec<RiskDefinition>,
    /// Metrics.
    pub metrics: Vec<MetricDefinition>,
    /// Decisions with their lines.
    pub decisions: Vec<(EntryDetails, u32)>,
    /// Escalations with their lines.
    pub escalations: Vec<(EntryDetails, u32)>,
    /// Assumptions with their lines.
    pub assumptions: Vec<(String, u32)>,
}

/// A phase before it has an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseDefinition {
    /// The author's key.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// Verbatim.
    pub window: Option<String>,
    /// Guards its beginning.
    pub entrance: GateDefinition,
    /// Guards its end.
    pub exit: GateDefinition,
    /// Line of its heading.
    pub line: u32,
}

/// A task before it has an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDefinition {
    /// The author's key, or a generated one.
    pub key: Key,
    /// Whether the key was generated: then the text decides what is the same task.
    pub key_generated: bool,
    /// What kind of work.
    pub kind: TaskKind,
    /// One line.
    pub title: String,
    /// The first phase that lists it.
    pub phase: Option<Key>,
    /// The task it is part of.
    pub parent: Option<Key>,
    /// What must be done first.
    pub needs: ThinVec<Key>,
    /// What the document says besides.
    pub facts: Facts,
    /// What the document says about its state.
    pub asserted: Assertion,
    /// What must be proven.
    pub gate: GateDefinition,
    /// Which of the documents it stands in.
    pub source: u16,
    /// Line in that document.
    pub line: u32,
}

/// A gate before its checks have ids.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateDefinition {
    /// What must be proven.
    pub checks: ThinVec<CheckDefinition>,
    /// Criteria without a probe.
    pub stated: ThinVec<Stated>,
}

/// A check before it has an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckDefinition {
    /// What it demands.
    pub spec: CheckSpec,
    /// The criterion it proves.
    pub text: String,
    /// The criterion's box.
    pub checked: Option<bool>,
    /// Line it stands on; 0 for a sidecar.
    pub line: u32,
}

/// A named gate before it has an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedGateDefinition {
    /// `deploy`.
    pub name: String,
    /// Keys of tasks and names of gates that must come first.
    pub needs: Vec<String>,
    /// `production`.
    pub environment: Option<String>,
    /// What must be proven.
    pub gate: GateDefinition,
}

/// A risk before it has an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskDefinition {
    /// The author's key.
    pub key: Key,
    /// What it is about; its `tasks` are empty, the keys stand beside it.
    pub details: RiskDetails,
    /// Tasks that mitigate it.
    pub tasks: Vec<Key>,
    /// Line in the document.
    pub line: u32,
}

/// A metric as the documents state it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricDefinition {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: Option<String>,
    /// What it must satisfy.
    pub target: Option<Target>,
    /// A stated value and what it stands for.
    pub value: Option<(f64, MetricRole)>,
    /// Where the document says it was read.
    pub source: String,
}

impl Definition {
    /// Puts drafts together, in the order given: what stands in two of them under one key is one
    /// thing whose fields merge. Where they contradict each other the first one counts, or the
    /// newest one where the settings say so; what they contradict each other about,
    /// [`contradictions`](crate::agreement::contradictions) tells.
    pub fn from_drafts(drafts: Vec<Draft>, settings: Settings) -> Self {
        let mut merging = Merging::new(&drafts, settings);
        for (number, draft) in drafts.into_iter().enumerate() {
            merging.add(number, draft);
        }
        merging.done()
    }

    /// Binds a check to the task, or to the phase's exit, that has this key; `plan` stands for the
    /// success criteria of the plan as a whole. False where nothing has the key.
    pub fn bind_check(&mut self, key: &Key, check: CheckDefinition) -> bool {
        let task = self.tasks.iter_mut().find(|task| task.key == *key).map(|task| &mut task.gate);
        let phase = self.phases.iter_mut().find(|phase| phase.key == *key).map(|phase| &mut phase.exit);
        let plan = (key.as_str() == PLAN_KEY).then_some(&mut self.criteria);
        let gate = task.or(phase).or(plan);
        gate.map(|gate| gate.bind(check)).is_some()
    }

    /// Two checks in one gate never share a name: the second is called `name~2`.
    fn name_checks_apart(&mut self) {
        for task in &mut self.tasks {
            task.gate.name_apart();
        }
        for phase in &mut self.phases {
            phase.entrance.name_apart();
            phase.exit.name_apart();
        }
        self.criteria.name_apart();
    }
}

/// The items of a list in order, its memory given back on the way: a large plan need not be held
/// twice while one form of it is made from another.
pub(crate) fn letting_go<T>(mut list: Vec<T>) -> impl Iterator<Item = T> {
    const AT_ONCE: usize = 8 * 1024;
    list.reverse();
    std::iter::from_fn(move || {
        let item = list.pop();
        if list.len().is_multiple_of(AT_ONCE) {
            list.shrink_to_fit();
        }
        item
    })
}

impl TaskDefinition {
    /// Takes what is governed out of a draft.
    pub fn from_draft(draft: DraftTask, source: u16) -> Self {
        let mut gate = GateDefinition::from_criteria(draft.criteria);
        for check in draft.checks {
            gate.checks.push(CheckDefinition::from_draft(check, draft.title.clone(), None));
        }
        let stated = draft.status.as_ref().map(|status| status.state);
        let asserted = Assertion { checked: draft.checked, state: asserted_state(draft.checked, stated) };
        let mut facts = ThinVec::new();
        facts.extend(draft.status.map(|status| Fact::Status(Box::new(status))));
        facts.extend(draft.percent.map(Fact::Percent));
        facts.extend(draft.priority.map(Fact::Priority));
        facts.extend(draft.owners.into_iter().map(|owner| Fact::Owner(Box::new(owner))));
        facts.extend(draft.estimate_days.map(Fact::EstimateDays));
        facts.extend(draft.due.map(|due| Fact::Due(Box::new(due))));
        facts.extend(draft.window.map(Fact::Window));
        facts.extend(draft.inputs.into_iter().map(Fact::Input));
        facts.extend(draft.outputs.into_iter().map(Fact::Output));
        facts.extend(draft.sources.into_iter().map(Fact::Source));
        facts.extend(draft.objectives.into_iter().map(Fact::Objective));
        facts.extend(draft.deliverables.into_iter().map(Fact::Deliverable));
        facts.extend(draft.blockers.into_iter().map(Fact::Blocker));
        facts.extend(draft.next_steps.into_iter().map(Fact::NextStep));
        facts.extend(draft.links.into_iter().map(Fact::Link));
        facts.extend(draft.paths.into_iter().map(Fact::Path));
        facts.extend(draft.memory.into_iter().map(Fact::Memory));
        facts.extend(draft.extra.into_iter().map(|pair| Fact::Extra(Box::new(pair))));
        Self {
            key: draft.key,
            key_generated: draft.key_generated,
            kind: draft.kind,
            title: draft.title,
            phase: draft.phase,
            parent: draft.parent,
            needs: draft.needs,
            facts: Facts(facts),
            asserted,
            gate,
            source,
            line: draft.line,
        }
    }
}

/// What a box and a status word together say: a ticked box says "done" whatever the word, and a
/// word that says "done" beside an empty box does not.
fn asserted_state(ticked: Option<bool>, stated: Option<StatedState>) -> StatedState {
    match (ticked, stated) {
        (Some(true), _) => StatedState::Claimed,
        (Some(false), Some(StatedState::Claimed)) => StatedState::Open,
        (_, Some(state)) => state,
        _ => StatedState::Open,
    }
}

impl CheckDefinition {
    fn from_draft(check: DraftCheck, text: String, checked: Option<bool>) -> Self {
        Self { spec: check.spec, text, checked, line: check.line }
    }
}

impl GateDefinition {
    /// A criterion with probes becomes checks; one without is kept as stated.
    pub fn from_criteria(criteria: impl IntoIterator<Item = DraftCriterion>) -> Self {
        let mut gate = Self::default();
        for criterion in criteria {
            if criterion.checks.is_empty() {
                gate.stated.push(Stated {
                    text: criterion.text,
                    checked: criterion.checked,
                    line: criterion.line,
                    removed: None,
                });
                continue;
            }
            for check in criterion.checks {
                gate.checks.push(CheckDefinition::from_draft(
                    check,
                    criterion.text.clone(),
                    criterion.checked,
                ));
            }
        }
        gate
    }

    /// Adds a check from elsewhere. A criterion with the very text of the check is proven by it,
    /// and its box is the check's.
    fn bind(&mut self, mut check: CheckDefinition) {
        if let Some(place) = self.stated.iter().position(|stated| stated.text == check.text) {
            check.checked = self.stated.remove(place).checked;
        }
        self.push(check);
    }

    /// Adds a check; one of the same name is told apart by `~2`.
    pub fn push(&mut self, check: CheckDefinition) {
        self.checks.push(check);
        self.name_apart();
    }

    fn name_apart(&mut self) {
        for place in 1..self.checks.len() {
            let name = self.checks[place].spec.name.clone();
            let taken = |candidate: &str, checks: &[CheckDefinition]| {
                checks[..place].iter().any(|earlier| earlier.spec.name == candidate)
            };
            if taken(&name, &self.checks) {
                let fresh =
                    (2..).map(|twin| format!("{name}~{twin}")).find(|fresh| !taken(fresh, &self.checks));
                self.checks[place].spec.name = fresh.unwrap_or(name);
            }
        }
    }
}

impl RiskDefinition {
    fn from_draft(draft: DraftRisk) -> Self {
        Self {
            key: draft.key,
            details: RiskDetails {
                title: draft.title,
                probability: draft.probability,
                impact: draft.impact,
                status: draft.status,
                trend: draft.trend,
                owner: draft.owner,
                mitigation: draft.mitigation,
                escalation: draft.escalation,
                tasks: Vec::new(),
            },
            tasks: draft.tasks,
            line: draft.line,
        }
    }
}

fn entry_from_draft(draft: DraftEntry) -> (EntryDetails, u32) {
    let details = EntryDetails {
        text: draft.text,
        key: draft.key,
        owner: draft.owner,
        due: draft.due,
        conditional: draft.conditional,
        approvals: draft.approvals,
    };
    (details, draft.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Probe;

    fn check(text: &str) -> CheckDefinition {
        let spec = CheckSpec::new("check", Probe::Check { command: "true".to_owned() });
        CheckDefinition { spec, text: text.to_owned(), checked: None, line: 0 }
    }

    #[test]
    fn a_bound_check_proves_the_criterion_whose_text_it_has() {
        let mut definition = Definition::default();
        let stated =
            |text: &str| Stated { text: text.to_owned(), checked: Some(true), line: 7, removed: None };
        definition.criteria.stated.extend([stated("All tests pass"), stated("The code reads well")]);
        let plan = Key::new(PLAN_KEY).unwrap();
        assert!(definition.bind_check(&plan, check("All tests pass")));
        assert!(definition.bind_check(&plan, check("something else")));
        let gate = &definition.criteria;
        assert_eq!(
            gate.stated.iter().map(|stated| &*stated.text).collect::<Vec<_>>(),
            ["The code reads well"]
        );
        let bound: Vec<_> = gate.checks.iter().map(|check| (&*check.spec.name, check.checked)).collect();
        assert_eq!(bound, [("check", Some(true)), ("check~2", None)]);
        assert!(!definition.bind_check(&Key::new("T-1").unwrap(), check("x")));
    }
}
