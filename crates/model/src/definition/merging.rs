//! Several drafts become one definition: fields that one of them lacks come from the other, and of
//! two that contradict each other the one of the document with more weight stays.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    Definition, GateDefinition, MetricDefinition, PhaseDefinition, RiskDefinition, TaskDefinition,
    asserted_state, entry_from_draft, letting_go,
};
use crate::draft::{Draft, DraftMetric, MetricRole, OwnerRole};
use crate::facts::Fact;
use crate::gate::Stated;
use crate::ids::Key;
use crate::registers::EntryDetails;
use crate::settings::Settings;
use crate::target::in_unit;

/// The place of each document in the order in which its word counts, 0 first: as they were given,
/// or, where the newest counts first, by the date in their names or else titles, undated ones last.
pub fn weights(drafts: &[&Draft], newest_first: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    if newest_first {
        let dates: Vec<Option<Date>> = drafts.iter().map(|draft| date_of(draft)).collect();
        order.sort_by_key(|number| std::cmp::Reverse(dates[*number]));
    }
    let mut weights = vec![0; drafts.len()];
    for (weight, number) in order.into_iter().enumerate() {
        weights[number] = weight;
    }
    weights
}

fn date_of(draft: &Draft) -> Option<Date> {
    let name = draft.source.rsplit(['/', '\\']).next().unwrap_or_default();
    date_in(name).or_else(|| date_in(&draft.title))
}

/// The first date written as `2031-05-06` in a text.
fn date_in(text: &str) -> Option<Date> {
    const LENGTH: usize = "2031-05-06".len();
    text.char_indices().filter_map(|(at, _)| text.get(at..at + LENGTH)?.parse().ok()).next()
}

/// A definition in the making.
pub(super) struct Merging {
    definition: Definition,
    /// Where the task of a key stands.
    known: HashMap<Key, usize>,
    /// Which phase each document wants which tasks in; told once all tasks are known.
    phased: Vec<(Key, usize, Vec<Key>)>,
    ledger: Ledger,
}

/// Which document's word is in force for what.
#[derive(Default)]
struct Ledger {
    weights: Vec<usize>,
    /// Weights of the documents that said what is in force, where more than one document speaks.
    said: HashMap<(Thing, String), usize>,
}

/// What fields belong to, by its place in the definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Thing {
    Plan,
    Task(usize),
    Entrance(usize),
    Exit(usize),
    Phase(usize),
    Risk(usize),
    Metric(usize),
}

impl Merging {
    /// A definition out of these drafts, none of which has been added yet.
    pub(super) fn new(drafts: &[Draft], settings: Settings) -> Self {
        let weights = weights(&drafts.iter().collect::<Vec<_>>(), settings.newest_first);
        let first = drafts.first();
        let mut definition = Definition { settings, ..Definition::default() };
        definition.title = first.map(|draft| draft.title.clone()).unwrap_or_default();
        definition.tasks.reserve(first.map_or(0, |draft| draft.tasks.len()));
        let ledger = Ledger { weights, ..Ledger::default() };
        Self { definition, known: HashMap::new(), phased: Vec::new(), ledger }
    }

    /// Adds the next draft.
    pub(super) fn add(&mut self, number: usize, draft: Draft) {
        let weight = self.ledger.weights[number];
        let others = Others::of(&self.definition);
        if draft.imported {
            self.definition.imported.push(number as u16);
        }
        for task in letting_go(draft.tasks) {
            self.task(TaskDefinition::from_draft(task, number as u16), weight);
        }
        for mut phase in draft.phases {
            self.phased.push((phase.key.clone(), weight, std::mem::take(&mut phase.tasks)));
            self.phase(
                PhaseDefinition {
                    key: phase.key,
                    title: phase.title,
                    window: phase.window,
                    entrance: GateDefinition::from_criteria(phase.entrance),
                    exit: GateDefinition::from_criteria(phase.exit),
                    line: phase.line,
                },
                weight,
            );
        }
        let mut criteria = GateDefinition::from_criteria(draft.criteria);
        criteria.stated.extend(draft.metrics.iter().filter_map(stated_by));
        merge_gate(&mut self.ledger, Thing::Plan, &mut self.definition.criteria, criteria, weight);
        for risk in draft.risks {
            self.risk(RiskDefinition::from_draft(risk), weight);
        }
        for metric in draft.metrics {
            for metric in metrics_from_draft(metric, &draft.source) {
                self.metric(metric, others.metrics, weight);
            }
        }
        let definition = &mut self.definition;
        let entries = |list: &mut Vec<(EntryDetails, u32)>, known: usize, new: Vec<_>| {
            for (entry, line) in new.into_iter().map(entry_from_draft) {
                if list[..known].iter().all(|(old, _)| old.text != entry.text) {
                    list.push((entry, line));
                }
            }
        };
        entries(&mut definition.decisions, others.decisions, draft.decisions);
        entries(&mut definition.escalations, others.escalations, draft.escalations);
        for note in draft.assumptions {
            if definition.assumptions[..others.assumptions].iter().all(|(text, _)| *text != note.text) {
                definition.assumptions.push((note.text, note.line));
            }
        }
    }

    /// The definition.
    pub(super) fn done(mut self) -> Definition {
        for (phase, weight, tasks) in std::mem::take(&mut self.phased) {
            for key in tasks {
                let Some(place) = self.known.get(&key).copied() else { continue };
                let slot = &mut self.definition.tasks[place].phase;
                self.ledger.fill(Thing::Task(place), "phase", slot, Some(phase.clone()), weight);
            }
        }
        self.definition.name_checks_apart();
        self.definition
    }

    fn task(&mut self, task: TaskDefinition, weight: usize) {
        let tasks = &mut self.definition.tasks;
        match self.known.get(&task.key) {
            Some(place) if tasks[*place].source != task.source => {
                merge_task(&mut self.ledger, *place, &mut tasks[*place], task, weight);
            }
            _ => {
                self.known.entry(task.key.clone()).or_insert(tasks.len());
                tasks.push(task);
            }
        }
    }

    fn phase(&mut self, new: PhaseDefinition, weight: usize) {
        let phases = &mut self.definition.phases;
        let Some(place) = phases.iter().position(|old| old.key == new.key) else {
            self.ledger.born(Thing::Phase(phases.len()), weight);
            self.ledger.born(Thing::Entrance(phases.len()), weight);
            self.ledger.born(Thing::Exit(phases.len()), weight);
            phases.push(new);
            return;
        };
        let (old, ledger) = (&mut phases[place], &mut self.ledger);
        ledger.fill(Thing::Phase(place), "window", &mut old.window, new.window, weight);
        merge_gate(ledger, Thing::Entrance(place), &mut old.entrance, new.entrance, weight);
        merge_gate(ledger, Thing::Exit(place), &mut old.exit, new.exit, weight);
    }

    fn risk(&mut self, new: RiskDefinition, weight: usize) {
        let risks = &mut self.definition.risks;
        let Some(place) = risks.iter().position(|old| old.key == new.key) else {
            self.ledger.born(Thing::Risk(risks.len()), weight);
            risks.push(new);
            return;
        };
        let (old, details) = (&mut risks[place], new.details);
        let mut fill = |what, old: &mut Option<String>, new| {
            self.ledger.fill(Thing::Risk(place), what, old, new, weight);
        };
        fill("probability", &mut old.details.probability, details.probability);
        fill("impact", &mut old.details.impact, details.impact);
        fill("status", &mut old.details.status, details.status);
        fill("trend", &mut old.details.trend, details.trend);
        fill("owner", &mut old.details.owner, details.owner);
        fill("mitigation", &mut old.details.mitigation, details.mitigation);
        fill("escalation", &mut old.details.escalation, details.escalation);
        for task in new.tasks {
            if !old.tasks.contains(&task) {
                old.tasks.push(task);
            }
        }
    }

    /// Takes a metric in; `others` are those of earlier documents. Of one value, or one target, two
    /// documents speak at most once.
    fn metric(&mut self, mut new: MetricDefinition, others: usize, weight: usize) {
        let metrics = &mut self.definition.metrics;
        let same = |old: &MetricDefinition| old.name.eq_ignore_ascii_case(&new.name);
        let (older, ledger) = (&mut metrics[..others], &mut self.ledger);
        if older.iter().any(same) && new.target.is_none() && new.value.is_none() {
            return;
        }
        let spoke = new.target.is_some() || new.value.is_some();
        let targeted = older.iter().position(|old| same(old) && old.target.is_some());
        if let (Some(place), Some(_)) = (targeted, &new.target) {
            ledger.fill(Thing::Metric(place), "target", &mut older[place].target, new.target.take(), weight);
        }
        let role = new.value.map(|(_, role)| role);
        let valued = older.iter().position(|old| {
            old.name.eq_ignore_ascii_case(&new.name)
                && old.value.is_some_and(|(_, known)| Some(known) == role)
        });
        if let (Some(place), Some(_)) = (valued, role) {
            let old = &mut older[place];
            if ledger.fill(Thing::Metric(place), "value", &mut old.value, new.value.take(), weight) {
                old.unit = new.unit.take().or(old.unit.take());
                old.source = std::mem::take(&mut new.source);
            }
        }
        if !spoke || new.target.is_some() || new.value.is_some() {
            ledger.born(Thing::Metric(metrics.len()), weight);
            metrics.push(new);
        }
    }
}

/// How much there was before a draft was added.
struct Others {
    metrics: usize,
    decisions: usize,
    escalations: usize,
    assumptions: usize,
}

impl Others {
    fn of(definition: &Definition) -> Self {
        Self {
            metrics: definition.metrics.len(),
            decisions: definition.decisions.len(),
            escalations: definition.escalations.len(),
            assumptions: definition.assumptions.len(),
        }
    }
}

impl Ledger {
    /// Remembers who brought a thing in.
    fn born(&mut self, thing: Thing, weight: usize) {
        self.say(thing, "", weight);
    }

    fn say(&mut self, thing: Thing, what: &str, weight: usize) {
        if self.weights.len() > 1 {
            self.said.insert((thing, what.to_owned()), weight);
        }
    }

    /// The weight of the document whose word is in force: who filled the field, else who brought
    /// the thing in.
    fn weight(&self, thing: Thing, what: &str) -> usize {
        let said = self.said.get(&(thing, what.to_owned()));
        said.or_else(|| self.said.get(&(thing, String::new()))).copied().unwrap_or(0)
    }

    /// Fills a field that is empty, or whose document has less weight; says whether it did.
    fn fill<T>(
        &mut self,
        thing: Thing,
        what: &str,
        slot: &mut Option<T>,
        new: Option<T>,
        weight: usize,
    ) -> bool {
        let counts = new.is_some() && (slot.is_none() || weight < self.weight(thing, what));
        if counts {
            *slot = new;
            self.say(thing, what, weight);
        }
        counts
    }
}

fn merge_task(
    ledger: &mut Ledger,
    place: usize,
    first: &mut TaskDefinition,
    second: TaskDefinition,
    weight: usize,
) {
    let thing = Thing::Task(place);
    if !ledger.said.contains_key(&(thing, String::new())) {
        ledger.born(thing, ledger.weights[usize::from(first.source)]);
    }
    let (owners, others) = second.facts.0.into_iter().partition(|fact| matches!(fact, Fact::Owner(_)));
    merge_owners(ledger, thing, first, owners, weight);
    for fact in others {
        merge_fact(ledger, thing, first, fact, weight);
    }
    for need in second.needs {
        if !first.needs.contains(&need) {
            first.needs.push(need);
        }
    }
    ledger.fill(thing, "phase", &mut first.phase, second.phase, weight);
    first.parent = first.parent.take().or(second.parent);
    merge_gate(ledger, thing, &mut first.gate, second.gate, weight);
    ledger.fill(thing, "box", &mut first.asserted.checked, second.asserted.checked, weight);
    let stated = first.facts.status().map(|status| status.state);
    // Box and word may come from two documents; then the weightier one is asked first.
    let boxed = first.asserted.checked;
    first.asserted.state = match (boxed, stated) {
        (Some(_), Some(state)) if ledger.weight(thing, "status") < ledger.weight(thing, "box") => state,
        _ => asserted_state(boxed, stated),
    };
}

fn merge_fact(ledger: &mut Ledger, thing: Thing, first: &mut TaskDefinition, fact: Fact, weight: usize) {
    if !fact.is_single() {
        if !first.facts.0.contains(&fact) {
            first.facts.0.push(fact);
        }
        return;
    }
    let what = &fact.name().to_owned();
    match first.facts.0.iter_mut().find(|known| known.same_kind(&fact)) {
        Some(known) if weight < ledger.weight(thing, what) => *known = fact,
        Some(_) => return,
        None => first.facts.0.push(fact),
    }
    ledger.say(thing, what, weight);
}

/// Owners add up, unless the two documents name wholly different people for one role.
fn merge_owners(
    ledger: &mut Ledger,
    thing: Thing,
    first: &mut TaskDefinition,
    new: Vec<Fact>,
    weight: usize,
) {
    for (role, what) in
        [(OwnerRole::Primary, "owner"), (OwnerRole::Support, "support"), (OwnerRole::Agent, "agent")]
    {
        let name = |fact: &Fact| match fact {
            Fact::Owner(owner) if owner.role == role => Some(owner.name.trim().to_lowercase()),
            _ => None,
        };
        let known: Vec<String> = first.facts.0.iter().filter_map(name).collect();
        let new: Vec<&Fact> = new.iter().filter(|fact| name(fact).is_some()).collect();
        let shared = new.iter().any(|fact| name(fact).is_some_and(|name| known.contains(&name)));
        if new.is_empty() || (!known.is_empty() && !shared && weight >= ledger.weight(thing, what)) {
            continue;
        }
        if !shared {
            first.facts.0.retain(|fact| name(fact).is_none());
            ledger.say(thing, what, weight);
        }
        let fresh =
            new.into_iter().filter(|fact| !shared || name(fact).is_some_and(|name| !known.contains(&name)));
        first.facts.0.extend(fresh.cloned());
    }
}

/// Criteria and checks add up; what both documents have stands once.
fn merge_gate(
    ledger: &mut Ledger,
    thing: Thing,
    first: &mut GateDefinition,
    second: GateDefinition,
    weight: usize,
) {
    let (stated, checks) = (first.stated.len(), first.checks.len());
    for criterion in second.stated {
        let what = format!("box {}", criterion.text);
        match first.stated[..stated].iter_mut().find(|old| old.text == criterion.text) {
            Some(Stated { checked, .. }) => {
                ledger.fill(thing, &what, checked, criterion.checked, weight);
            }
            None => {
                ledger.say(thing, &what, weight);
                first.stated.push(criterion);
            }
        }
    }
    for check in second.checks {
        let what = format!("box {}", check.text);
        let same = first.checks[..checks].iter_mut().find(|old| {
            old.text == check.text
                && old.spec.probe == check.spec.probe
                && old.spec.timeout_seconds == check.spec.timeout_seconds
        });
        match same {
            Some(old) => {
                ledger.fill(thing, &what, &mut old.checked, check.checked, weight);
            }
            None => {
                ledger.say(thing, &what, weight);
                first.checks.push(check);
            }
        }
    }
}

/// What a document says of a metric: where it stands, and where it stood before, if both are told.
fn metrics_from_draft(metric: DraftMetric, document: &str) -> impl Iterator<Item = MetricDefinition> {
    let metric = in_unit_of_target(metric);
    let value = metric.value.filter(|_| metric.role != MetricRole::Target).map(|value| (value, metric.role));
    let first = MetricDefinition {
        name: metric.name,
        unit: metric.unit,
        target: metric.target,
        value,
        source: metric.source.unwrap_or_else(|| format!("{document}:{}", metric.line)),
    };
    let measured = metric.measured.map(|measured| MetricDefinition {
        target: None,
        value: Some((measured, MetricRole::Claimed)),
        ..first.clone()
    });
    std::iter::once(first).chain(measured)
}

/// Readings are held against the target as numbers, so both are told in one unit: 1.6 GB is 1,600 MB
/// where at most 900 MB are wanted.
fn in_unit_of_target(mut metric: DraftMetric) -> DraftMetric {
    let wanted = metric.target.as_ref().map(|target| target.unit().to_owned()).unwrap_or_default();
    let Some(unit) = metric.unit.as_deref().filter(|unit| *unit != wanted) else { return metric };
    if in_unit(1.0, unit, &wanted).is_some() {
        let told = |value: Option<f64>| value.and_then(|value| in_unit(value, unit, &wanted));
        (metric.value, metric.measured) = (told(metric.value), told(metric.measured));
        metric.unit = Some(wanted);
    }
    metric
}

/// A metric that is a gate must hold like any criterion: its author's word for it is a tick.
fn stated_by(metric: &DraftMetric) -> Option<Stated> {
    let (checked, target) = (metric.checked?, metric.target.as_ref()?);
    Some(Stated {
        text: format!("{} {target}", metric.name),
        checked: Some(checked),
        line: metric.line,
        removed: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;
    use crate::draft::{
        DraftCriterion, DraftPhase, DraftTask, Due, Owner, Stated as StatedState, Status, TaskKind,
    };

    fn draft(source: &str, tasks: Vec<DraftTask>) -> Draft {
        Draft { source: source.to_owned(), title: source.to_owned(), tasks, ..Draft::default() }
    }

    fn task(key: &str) -> DraftTask {
        DraftTask::new(Key::new(key).unwrap(), TaskKind::Task, "Build it", 3, Span::default())
    }

    fn stated(key: &str, word: &str, state: StatedState) -> DraftTask {
        DraftTask { status: Some(Status { word: word.to_owned(), state }), ..task(key) }
    }

    fn criterion(text: &str, checked: bool) -> DraftCriterion {
        DraftCriterion {
            text: text.to_owned(),
            checked: Some(checked),
            target: None,
            line: 9,
            checks: Default::default(),
            span: Span::default(),
            mark: None,
        }
    }

    fn merged(drafts: Vec<Draft>) -> Definition {
        Definition::from_drafts(drafts, Settings::default())
    }

    #[test]
    fn what_one_document_lacks_comes_from_the_other() {
        let mut first = task("T-1");
        first.priority = Some("P1".to_owned());
        first.needs.push(Key::new("T-0").unwrap());
        let mut second = stated("T-1", "Done", StatedState::Claimed);
        second.due = Some(Due { text: "2031-05-06".to_owned(), at: None });
        second.needs.push(Key::new("T-9").unwrap());
        let definition = merged(vec![draft("a.md", vec![first]), draft("b.md", vec![second, task("T-2")])]);
        let keys: Vec<&str> = definition.tasks.iter().map(|task| task.key.as_str()).collect();
        assert_eq!(keys, ["T-1", "T-2"]);
        let task = &definition.tasks[0];
        assert_eq!((task.facts.priority(), task.needs.len()), (Some("P1"), 2));
        assert_eq!(task.facts.due().map(|due| due.text.as_str()), Some("2031-05-06"));
        assert_eq!(task.asserted.state, StatedState::Claimed);
        assert_eq!(definition.title, "a.md");
    }

    #[test]
    fn of_two_that_contradict_each_other_the_first_or_the_newest_counts() {
        let plan = || draft("PLAN.md", vec![stated("T-1", "Open", StatedState::Open)]);
        let day = |day: &str, word: &str, state| {
            draft(&format!("daily/2031-05-{day}.md"), vec![stated("T-1", word, state)])
        };
        let drafts = || {
            vec![
                plan(),
                day("05", "In Progress", StatedState::Active),
                day("06", "Done", StatedState::Claimed),
                day("04", "Open", StatedState::Open),
            ]
        };
        let word = |settings: Settings| {
            let definition = Definition::from_drafts(drafts(), settings);
            let task = &definition.tasks[0];
            assert_eq!((task.source, definition.title.as_str()), (0, "PLAN.md"));
            (task.facts.status().unwrap().word.clone(), task.asserted.state)
        };
        assert_eq!(word(Settings::default()), ("Open".to_owned(), StatedState::Open));
        let newest = Settings { newest_first: true, ..Settings::default() };
        assert_eq!(word(newest), ("Done".to_owned(), StatedState::Claimed));
        let drafts = drafts();
        let drafts: Vec<&Draft> = drafts.iter().collect();
        assert_eq!(weights(&drafts, true), [3, 1, 0, 2]);
        assert_eq!(weights(&drafts, false), [0, 1, 2, 3]);
    }

    #[test]
    fn a_date_may_stand_in_the_title() {
        let titled =
            |title: &str| Draft { title: title.to_owned(), source: "x.md".to_owned(), ..Draft::default() };
        let drafts =
            [titled("Plan"), titled("Outcomes (Sunday 2031-05-04)"), titled("Outcomes – 2031-05-05")];
        assert_eq!(weights(&drafts.iter().collect::<Vec<_>>(), true), [2, 1, 0]);
    }

    #[test]
    fn a_box_and_a_word_from_two_documents_are_weighed() {
        let boxed = |ticked| DraftTask { checked: Some(ticked), ..task("T-1") };
        let done = || stated("T-1", "Done", StatedState::Claimed);
        let state = |first: DraftTask, second: DraftTask| {
            let definition = merged(vec![draft("a.md", vec![first]), draft("b.md", vec![second])]);
            let asserted = &definition.tasks[0].asserted;
            (asserted.checked, asserted.state)
        };
        assert_eq!(state(boxed(false), done()), (Some(false), StatedState::Open));
        assert_eq!(state(done(), boxed(false)), (Some(false), StatedState::Claimed));
        assert_eq!(state(boxed(true), boxed(false)), (Some(true), StatedState::Claimed));
        assert_eq!(state(task("T-1"), boxed(true)), (Some(true), StatedState::Claimed));
    }

    #[test]
    fn owners_add_up_unless_wholly_different_people_are_named() {
        let owned = |names: &[&str]| {
            let owner = |name: &&str| Owner { name: (*name).to_owned(), role: OwnerRole::Primary };
            DraftTask { owners: names.iter().map(owner).collect(), ..task("T-1") }
        };
        let names = |first: &[&str], second: &[&str]| {
            let definition =
                merged(vec![draft("a.md", vec![owned(first)]), draft("b.md", vec![owned(second)])]);
            definition.tasks[0].facts.owners().map(|owner| owner.name.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&["Rae"], &["Bo", "rae"]), "Rae Bo");
        assert_eq!(names(&["Rae"], &["Bo"]), "Rae");
        assert_eq!(names(&[], &["Bo", "Rae"]), "Bo Rae");
    }

    #[test]
    fn phases_find_tasks_of_later_documents_and_their_gates_add_up() {
        let phase = |window: Option<&str>, exit: Vec<DraftCriterion>| DraftPhase {
            key: Key::new("A").unwrap(),
            title: "Prepare".to_owned(),
            window: window.map(str::to_owned),
            entrance: Vec::new(),
            exit,
            tasks: vec![Key::new("T-1").unwrap()],
            line: 2,
            span: Span::default(),
            task_spans: Vec::new(),
        };
        let mut first = draft("a.md", Vec::new());
        first.phases = vec![phase(None, vec![criterion("All merged", true)])];
        let mut second = draft("b.md", vec![task("T-1")]);
        second.phases =
            vec![phase(Some("Week 1"), vec![criterion("All merged", false), criterion("Notes sent", false)])];
        let definition = merged(vec![first, second]);
        assert_eq!(definition.tasks[0].phase, Key::new("A").ok());
        let [phase] = &definition.phases[..] else { panic!("one phase") };
        assert_eq!(phase.window.as_deref(), Some("Week 1"));
        let stated: Vec<_> = phase.exit.stated.iter().map(|stated| (&*stated.text, stated.checked)).collect();
        assert_eq!(stated, [("All merged", Some(true)), ("Notes sent", Some(false))]);
    }

    #[test]
    fn of_one_number_two_documents_speak_once() {
        let metric = |role, value: f64, line| DraftMetric {
            name: "Warnings".to_owned(),
            value: Some(value),
            unit: None,
            target: crate::target::Target::parse(if line == 1 { "< 20" } else { "< 50" }),
            source: None,
            role,
            measured: None,
            checked: None,
            others: thin_vec::ThinVec::new(),
            line,
            span: Span::default(),
        };
        let mut first = draft("a.md", Vec::new());
        first.metrics = vec![metric(MetricRole::Baseline, 34.0, 1)];
        let mut second = draft("b.md", Vec::new());
        second.metrics = vec![metric(MetricRole::Baseline, 12.0, 2), metric(MetricRole::Claimed, 19.0, 3)];
        let definition = merged(vec![first, second]);
        let known: Vec<_> = definition
            .metrics
            .iter()
            .map(|metric| {
                (metric.value, metric.target.as_ref().map(ToString::to_string), metric.source.as_str())
            })
            .collect();
        assert_eq!(
            known,
            [
                (Some((34.0, MetricRole::Baseline)), Some("< 20".to_owned()), "a.md:1"),
                (Some((19.0, MetricRole::Claimed)), None, "b.md:3"),
            ]
        );
    }

    #[test]
    fn a_metric_brings_where_it_began_and_where_it_is_and_as_a_gate_what_must_hold() {
        let mut only = draft("a.md", Vec::new());
        only.metrics = vec![DraftMetric {
            name: "Image size".to_owned(),
            value: Some(1.6),
            unit: Some("GB".to_owned()),
            target: crate::target::Target::parse("<= 900 MB"),
            source: None,
            role: MetricRole::Baseline,
            measured: Some(0.95),
            checked: Some(false),
            others: thin_vec::ThinVec::new(),
            line: 7,
            span: Span::default(),
        }];
        let definition = merged(vec![only]);
        let values: Vec<_> =
            definition.metrics.iter().map(|metric| (metric.value, metric.target.is_some())).collect();
        assert_eq!(
            values,
            [(Some((1600.0, MetricRole::Baseline)), true), (Some((950.0, MetricRole::Claimed)), false)]
        );
        assert!(definition.metrics.iter().all(|metric| metric.unit.as_deref() == Some("MB")));
        let stated: Vec<_> = definition
            .criteria
            .stated
            .iter()
            .map(|stated| (&*stated.text, stated.checked, stated.line))
            .collect();
        assert_eq!(stated, [("Image size <= 900 MB", Some(false), 7)]);
    }
}
