//! What a plan says differently from another state of it: two revisions, or the journal and a
//! document that was not taken in yet. Tells wording, needs, checks and weakenings, in the plan's
//! own words and under headings by what matters most; what people did meanwhile is the business of
//! [`changes`](super::changes).

use std::collections::HashSet;

use model::check::Probe;
use model::facts::Fact;
use model::gate::{Check, Gate, Subject};
use model::ids::TaskId;
use model::plan::Plan;
use model::task::Task;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::sentences::{fact, fact_name, settings_in_words};
use crate::words::{count_of, key_of};

/// What differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff<'a> {
    /// The newer state.
    pub plan: Head<'a>,
    /// The revision it is compared with.
    pub from: model::ids::Revision,
    /// The last event the older state knew.
    pub from_seq: model::ids::Seq,
    /// What differs, in plan order.
    pub changes: Vec<Change>,
    /// How many of them make the plan looser and wait for approval.
    pub weakenings: usize,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of thing it is about.
    pub section: Section,
    /// `added`, `removed`, `changed`, `weakening`, or `waiting` for a date that waits for approval.
    pub kind: &'static str,
    /// What it is about: a key, a gate's name, `plan`.
    pub about: String,
    /// What of it: `task`, `title`, `needs`, `check clippy`.
    pub what: String,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// `tighter` or `looser`, where what a check demands can be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strictness: Option<&'static str>,
}

/// What kind of thing a difference is about, in the order in which a reader wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// What makes the plan looser and waits for approval.
    Weakened,
    /// Tasks and phases that came, went or have another name.
    Tasks,
    /// What must come first.
    Needs,
    /// Dates, windows, estimates.
    Dates,
    /// Criteria, checks, targets and gates.
    Criteria,
    /// Who answers for what.
    Owners,
    /// Risks, decisions, escalations, assumptions.
    Registers,
    /// How strict the plan is with itself.
    Settings,
    /// Whatever else the documents say.
    Details,
    /// What the documents say is done.
    Claims,
}

impl Section {
    /// The heading it stands under.
    const fn heading(self) -> &'static str {
        match self {
            Self::Weakened => "Weakened: until somebody approves, what was there stays in force",
            Self::Tasks => "Tasks and phases",
            Self::Needs => "Needs",
            Self::Dates => "Dates and estimates",
            Self::Criteria => "Criteria, checks and gates",
            Self::Owners => "Owners",
            Self::Registers => "Risks and registers",
            Self::Settings => "Settings",
            Self::Details => "Details",
            Self::Claims => "What the documents say is done",
        }
    }

    /// The section a fact of a task belongs to.
    const fn of_fact(fact: &Fact) -> Self {
        match fact {
            Fact::Due(_) | Fact::Window(_) | Fact::EstimateDays(_) => Self::Dates,
            Fact::Owner(_) => Self::Owners,
            Fact::Status(_) | Fact::Percent(_) => Self::Claims,
            _ => Self::Details,
        }
    }
}

/// What the look's plan says differently from an older state of it.
pub fn diff<'a>(older: &Plan, look: &Look<'a>) -> Diff<'a> {
    let mut compare = Compare { old: older, new: look.plan, changes: Vec::new() };
    compare.whole();
    compare.phases();
    compare.tasks();
    compare.waiting();
    compare.gates();
    compare.registers();
    let weakenings = compare.changes.iter().filter(|change| change.kind == "weakening").count();
    Diff {
        plan: look.head(),
        from: older.revision,
        from_seq: older.seq,
        changes: compare.changes,
        weakenings,
    }
}

struct Compare<'p> {
    old: &'p Plan,
    new: &'p Plan,
    changes: Vec<Change>,
}

impl Compare<'_> {
    fn put(
        &mut self,
        (section, kind): (Section, &'static str),
        about: &str,
        what: &str,
        before: Option<String>,
        after: Option<String>,
    ) {
        let (about, what) = (about.to_owned(), what.to_owned());
        let section = if kind == "weakening" { Section::Weakened } else { section };
        self.changes.push(Change { section, kind, about, what, before, after, strictness: None });
    }

    /// Records a change of one value, added and removed where there was or is none.
    fn value(
        &mut self,
        section: Section,
        about: &str,
        what: &str,
        before: Option<String>,
        after: Option<String>,
    ) {
        let kind = match (&before, &after) {
            (before, after) if before == after => return,
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        self.put((section, kind), about, what, before, after);
    }

    fn whole(&mut self) {
        let (old, new) = (self.old, self.new);
        self.value(Section::Tasks, "plan", "title", Some(old.title.clone()), Some(new.title.clone()));
        let words = |plan: &Plan| Some(settings_in_words(&plan.settings)).filter(|words| !words.is_empty());
        self.value(Section::Settings, "plan", "settings", words(old), words(new));
        if let Some(proposed) =
            new.proposed_settings.as_ref().filter(|_| old.proposed_settings != new.proposed_settings)
        {
            let after = settings_in_words(&proposed.settings);
            self.put((Section::Settings, "weakening"), "plan", "settings", words(new), Some(after));
        }
    }

    fn phases(&mut self) {
        let (old, new) = (self.old, self.new);
        for phase in &new.phases {
            let about = phase.key.as_str();
            match old.phase(phase.id) {
                None => self.put((Section::Tasks, "added"), about, "phase", None, Some(phase.title.clone())),
                Some(before) => {
                    self.value(
                        Section::Tasks,
                        about,
                        "title",
                        Some(before.title.clone()),
                        Some(phase.title.clone()),
                    );
                    self.value(Section::Dates, about, "window", before.window.clone(), phase.window.clone());
                }
            }
        }
        for phase in old.phases.iter().filter(|phase| new.phase(phase.id).is_none()) {
            self.put(
                (Section::Tasks, "removed"),
                phase.key.as_str(),
                "phase",
                Some(phase.title.clone()),
                None,
            );
        }
    }

    fn tasks(&mut self) {
        for task in &self.new.tasks {
            let about = task.key.as_str();
            match self.old.task(task.id) {
                None => self.put(
                    (Section::Tasks, "added"),
                    about,
                    task.kind.as_str(),
                    None,
                    Some(task.title.clone()),
                ),
                Some(before) if task.is_dropped() != before.is_dropped() => {
                    let (kind, title) =
                        if task.is_dropped() { ("removed", &before.title) } else { ("added", &task.title) };
                    let title = Some(title.clone());
                    let (gone, come) = if kind == "removed" { (title, None) } else { (None, title) };
                    self.put((Section::Tasks, kind), about, task.kind.as_str(), gone, come);
                }
                Some(before) => self.task(before, task),
            }
            self.gate(Subject::Task(task.id), self.old.task(task.id).map(|task| &task.gate), &task.gate);
        }
    }

    fn task(&mut self, old: &Task, new: &Task) {
        let about = new.key.as_str();
        let (old_plan, new_plan) = (self.old, self.new);
        let own = |text: &str| Some(text.to_owned());
        self.value(Section::Tasks, about, "key", own(old.key.as_str()), own(new.key.as_str()));
        self.value(Section::Tasks, about, "title", own(&old.title), own(&new.title));
        self.value(Section::Details, about, "kind", own(old.kind.as_str()), own(new.kind.as_str()));
        let phase = |plan: &Plan, task: &Task| {
            task.phase.and_then(|phase| plan.phase(phase)).map(|phase| phase.key.to_string())
        };
        self.value(Section::Tasks, about, "phase", phase(old_plan, old), phase(new_plan, new));
        let parent = |plan: &Plan, task: &Task| task.parent.map(|parent| key_of(plan, parent));
        self.value(Section::Tasks, about, "part of", parent(old_plan, old), parent(new_plan, new));
        self.value(Section::Needs, about, "needs", keys(old_plan, &old.needs), keys(new_plan, &new.needs));
        self.facts(about, old, new);
        if old.asserted != new.asserted {
            let said = |task: &Task| match task.asserted.checked {
                Some(true) => own("[x]"),
                Some(false) => own("[ ]"),
                None => serde_json::to_value(task.asserted.state)
                    .ok()
                    .and_then(|word| word.as_str().and_then(own)),
            };
            self.value(Section::Claims, about, "the document's word", said(old), said(new));
        }
    }

    fn facts(&mut self, about: &str, old: &Task, new: &Task) {
        let owners = |task: &Task| {
            let names: Vec<&str> = task.facts.owners().map(|owner| owner.name.as_str()).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        self.value(Section::Owners, about, "owner", owners(old), owners(new));
        let others = |task: &'_ Task| -> Vec<Fact> {
            task.facts.0.iter().filter(|fact| !matches!(fact, Fact::Owner(_))).cloned().collect()
        };
        let (before, after) = (others(old), others(new));
        for known in after.iter().filter(|known| !before.contains(known)) {
            let replaced = before.iter().find(|before| replaces(known, before));
            let (section, name) = (Section::of_fact(known), fact_name(known));
            self.value(section, about, name, replaced.map(fact_value), Some(fact_value(known)));
        }
        let gone = before
            .iter()
            .filter(|known| !after.contains(known) && !after.iter().any(|after| replaces(after, known)));
        for known in gone {
            self.value(Section::of_fact(known), about, fact_name(known), Some(fact_value(known)), None);
        }
    }

    /// Dates that a revision brings and that wait for approval.
    fn waiting(&mut self) {
        let known = self.old.rebaselines.len();
        let new = self.new;
        for asked in new.rebaselines.iter().skip(known).filter(|asked| !asked.missing.is_empty()) {
            let to = if asked.to.is_empty() { "nothing" } else { &asked.to };
            let after = format!("{to}, once approved by {}", asked.missing.join(", "));
            let about = key_of(new, asked.task);
            self.put((Section::Dates, "waiting"), &about, &asked.field, asked.from.clone(), Some(after));
        }
    }

    fn gates(&mut self) {
        let (old, new) = (self.old, self.new);
        for (subject, gate) in new.gates_with_subjects() {
            if !matches!(subject, Subject::Task(_)) {
                if let Subject::Gate(_) = subject {
                    self.named(subject);
                }
                self.gate(subject, old.gate(subject), gate);
            }
        }
    }

    fn named(&mut self, subject: Subject) {
        let (old, new) = (self.old, self.new);
        let find = |plan: &'_ Plan| plan.gates.iter().find(|gate| Subject::Gate(gate.id) == subject).cloned();
        let (Some(after), before) = (find(new), find(old)) else { return };
        let Some(before) = before else {
            self.put((Section::Criteria, "added"), &after.name, "gate", None, after.environment.clone());
            return;
        };
        let list = |needs: &[String]| (!needs.is_empty()).then(|| needs.join(", "));
        self.value(Section::Needs, &after.name, "needs", list(&before.needs), list(&after.needs));
        self.value(Section::Criteria, &after.name, "environment", before.environment, after.environment);
    }

    fn gate(&mut self, subject: Subject, old: Option<&Gate>, new: &Gate) {
        let nothing = Gate::default();
        let old = old.unwrap_or(&nothing);
        if old.checks.is_empty() && new.checks.is_empty() && old.stated == new.stated {
            return;
        }
        let about = self.new.subject_name(subject);
        for check in &new.checks {
            self.check(&about, old.check(check.id), check);
        }
        for check in old.checks.iter().filter(|check| new.check(check.id).is_none()) {
            self.put(
                (Section::Criteria, "removed"),
                &about,
                &name(check),
                Some(check.spec.to_string()),
                None,
            );
        }
        self.criteria(&about, old, new);
    }

    fn check(&mut self, about: &str, old: Option<&Check>, new: &Check) {
        let demands = |check: &Check| Some(check.spec.to_string());
        match old {
            None => self.put((Section::Criteria, "added"), about, &name(new), None, demands(new)),
            Some(before) => {
                let changes = self.changes.len();
                self.value(Section::Criteria, about, &name(new), demands(before), demands(new));
                if let Some(change) = self.changes.get_mut(changes) {
                    change.strictness = strictness(&before.spec.probe, &new.spec.probe);
                }
            }
        }
        let before = old.and_then(|old| old.weakening.as_ref()).map(|weakening| &weakening.to);
        if let Some(weakening) = &new.weakening
            && before != Some(&weakening.to)
        {
            let after = weakening.to.as_ref().map(ToString::to_string);
            self.put((Section::Criteria, "weakening"), about, &name(new), demands(new), after);
        }
    }

    fn criteria(&mut self, about: &str, old: &Gate, new: &Gate) {
        let before: HashSet<&str> = old.stated.iter().map(|stated| stated.text.as_str()).collect();
        let after: HashSet<&str> = new.stated.iter().map(|stated| stated.text.as_str()).collect();
        for stated in &new.stated {
            let text = stated.text.clone();
            let Some(known) = old.stated.iter().find(|known| known.text == stated.text) else {
                self.put((Section::Criteria, "added"), about, "criterion", None, Some(text));
                continue;
            };
            if stated.removed.is_some() && known.removed.is_none() {
                self.put((Section::Criteria, "weakening"), about, "criterion", Some(text), None);
            } else if stated.checked != known.checked {
                let mark = |checked: Option<bool>| match checked {
                    Some(true) => format!("[x] {text}"),
                    Some(false) => format!("[ ] {text}"),
                    None => text.clone(),
                };
                self.value(
                    Section::Claims,
                    about,
                    "criterion",
                    Some(mark(known.checked)),
                    Some(mark(stated.checked)),
                );
            }
        }
        for text in old.stated.iter().map(|stated| &stated.text) {
            if before.contains(text.as_str()) && !after.contains(text.as_str()) {
                self.put((Section::Criteria, "removed"), about, "criterion", Some(text.clone()), None);
            }
        }
    }

    fn registers(&mut self) {
        let (old, new) = (self.old, self.new);
        for risk in &new.risks {
            match old.risk(risk.id) {
                None => self.put(
                    (Section::Registers, "added"),
                    risk.key.as_str(),
                    "risk",
                    None,
                    Some(risk.details.title.clone()),
                ),
                Some(before) => {
                    let said = |risk: &model::registers::Risk| {
                        let details = &risk.details;
                        let more = [
                            &details.status,
                            &details.trend,
                            &details.owner,
                            &details.probability,
                            &details.impact,
                            &details.mitigation,
                        ];
                        let more = more.into_iter().flatten().cloned();
                        std::iter::once(details.title.clone()).chain(more).collect::<Vec<_>>().join(", ")
                    };
                    self.value(
                        Section::Registers,
                        risk.key.as_str(),
                        "risk",
                        Some(said(before)),
                        Some(said(risk)),
                    );
                    let tasks = |plan: &Plan, risk: &model::registers::Risk| keys(plan, &risk.details.tasks);
                    self.value(
                        Section::Registers,
                        risk.key.as_str(),
                        "tasks",
                        tasks(old, before),
                        tasks(new, risk),
                    );
                }
            }
        }
        for metric in &new.metrics {
            let target = |plan: &Plan| {
                plan.metric(&metric.name).and_then(|m| m.target.as_ref()).map(ToString::to_string)
            };
            self.value(Section::Criteria, &metric.name, "target", target(old), target(new));
        }
        for known in
            new.decisions.iter().filter(|known| old.decisions.iter().all(|before| before.id != known.id))
        {
            self.put((Section::Registers, "added"), "plan", "decision", None, Some(known.entry.text.clone()));
        }
        for known in
            new.escalations.iter().filter(|known| old.escalations.iter().all(|before| before.id != known.id))
        {
            self.put(
                (Section::Registers, "added"),
                "plan",
                "escalation",
                None,
                Some(known.entry.text.clone()),
            );
        }
        for known in
            new.assumptions.iter().filter(|known| old.assumptions.iter().all(|before| before.id != known.id))
        {
            self.put((Section::Registers, "added"), "plan", "assumption", None, Some(known.text.clone()));
        }
    }
}

/// How strict a demand is beside an older one, where the two can be compared.
fn strictness(old: &Probe, new: &Probe) -> Option<&'static str> {
    let (tighter, looser) = match (old, new) {
        (Probe::Metric { name, target, .. }, Probe::Metric { name: same, target: now, .. })
            if name == same =>
        {
            (now.at_least_as_strict_as(target), target.at_least_as_strict_as(now))
        }
        (Probe::Approval { role, quorum }, Probe::Approval { role: same, quorum: now }) if role == same => {
            (now >= quorum, quorum >= now)
        }
        (
            Probe::Ci { workflow, branch, consecutive },
            Probe::Ci { workflow: same, branch: of, consecutive: now },
        ) if workflow == same && branch == of => (now >= consecutive, consecutive >= now),
        _ => return None,
    };
    match (tighter, looser) {
        (true, false) => Some("tighter"),
        (false, true) => Some("looser"),
        _ => None,
    }
}

/// A fact without its name, which stands beside it.
fn fact_value(known: &Fact) -> String {
    let text = fact(known);
    text.strip_prefix(fact_name(known)).map(|rest| rest.trim_start().to_owned()).unwrap_or(text)
}

fn replaces(new: &Fact, old: &Fact) -> bool {
    (new.is_single() || matches!(new, Fact::Extra(_))) && new.same_kind(old)
}

fn keys(plan: &Plan, ids: &[TaskId]) -> Option<String> {
    let keys: Vec<String> = ids.iter().map(|id| key_of(plan, *id)).collect();
    (!keys.is_empty()).then(|| keys.join(", "))
}

fn name(check: &Check) -> String {
    format!("check {}", check.spec.name)
}

impl Answer for Diff<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.changes.is_empty() {
            page.paragraph(format!("nothing differs from revision {}", self.from));
            self.plan.warn(&mut page);
            return page;
        }
        page.heading(format!("From revision {} to {}", self.from, self.what()));
        page.paragraph(self.counts());
        let mut sections: Vec<Section> = self.changes.iter().map(|change| change.section).collect();
        sections.sort_unstable();
        sections.dedup();
        for section in sections {
            let tone = if section == Section::Weakened { Tone::Warn } else { Tone::Strong };
            page.paragraph(tone.cell(section.heading()));
            let mut table = Table::new([
                Column::whole(""),
                Column::whole("About"),
                Column::whole("What"),
                Column::text("Change"),
            ]);
            for change in self.changes.iter().filter(|change| change.section == section) {
                let (sign, tone) = match change.kind {
                    "added" => ("+", Tone::Good),
                    "removed" => ("-", Tone::Bad),
                    "weakening" | "waiting" => ("!", Tone::Warn),
                    _ => ("~", Tone::Plain),
                };
                table.row([
                    tone.cell(sign),
                    Tone::Strong.cell(change.about.as_str()),
                    Cell::from(change.what.as_str()),
                    tone.cell(change.text()),
                ]);
            }
            page.table(table);
        }
        self.plan.warn(&mut page);
        page
    }
}

impl Diff<'_> {
    /// What the older state is compared with.
    fn what(&self) -> String {
        if self.plan.revision == self.from {
            "what is there now".to_owned()
        } else {
            self.plan.revision.to_string()
        }
    }

    /// `3 changes: 1 added, 1 dropped, 1 weakening`.
    fn counts(&self) -> String {
        let of = |wanted: fn(&&Change) -> bool| self.changes.iter().filter(wanted).count();
        let tasks = |change: &&Change, kind: &str| {
            change.section == Section::Tasks && change.kind == kind && change.what != "phase"
        };
        let added = self.changes.iter().filter(|change| tasks(change, "added")).count();
        let dropped = self.changes.iter().filter(|change| tasks(change, "removed")).count();
        let renamed =
            of(|change| change.section == Section::Tasks && change.what == "title" && change.about != "plan");
        let waiting = of(|change| change.kind == "waiting");
        let parts =
            [(added, "added"), (dropped, "dropped"), (renamed, "renamed"), (waiting, "waiting for approval")];
        let mut parts: Vec<String> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        if self.weakenings > 0 {
            parts.push(count_of(self.weakenings, "weakening"));
        }
        let changes = count_of(self.changes.len(), "change");
        if parts.is_empty() { changes } else { format!("{changes}: {}", parts.join(", ")) }
    }
}

impl Change {
    fn text(&self) -> String {
        let stricter = self.strictness.map(|word| format!(" ({word})")).unwrap_or_default();
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{before} → {after}{stricter}"),
            (Some(before), None) if self.kind == "weakening" => format!("{before} → nothing"),
            (Some(text), None) | (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};

    #[test]
    fn a_revision_is_told_in_the_plans_own_words() {
        let mut world = World::adopt(RELEASE);
        let older = world.plan.clone();
        world.claims("Rae", "7.1");
        let newer = RELEASE
            .replace("- 7.2 Configuration\n  owner Bo", "- 7.2 Configure\n  owner Kit\n  needs 7.1")
            .replace("clippy_warnings < 20", "clippy_warnings < 50")
            .replace("  stated [ ] The code reads well\n", "")
            .replace("  check builds: make build\n", "")
            .replace("to production after 7.4", "to staging after 7.3, 7.4")
            + "- 7.5 Party\n";
        world.revised(&newer);
        check(
            &diff(&older, &world.look()),
            "
## From revision 1 to 2

9 changes: 1 added, 1 renamed, 3 weakenings

Weakened: until somebody approves, what was there stays in force

|  | About | What | Change |
| --- | --- | --- | --- |
| ! | **7.1** | check builds | check: `make build` → nothing |
| ! | **7.3** | check clippy | metric: clippy_warnings < 20 from `count` → metric: clippy_warnings < 50 from `count` |
| ! | **7.3** | criterion | The code reads well → nothing |

Tasks and phases

|  | About | What | Change |
| --- | --- | --- | --- |
| ~ | **7.2** | title | Configuration → Configure |
| + | **7.5** | task | Party |

Needs

|  | About | What | Change |
| --- | --- | --- | --- |
| + | **7.2** | needs | 7.1 |
| ~ | **release** | needs | 7.4 → 7.3, 7.4 |

Criteria, checks and gates

|  | About | What | Change |
| --- | --- | --- | --- |
| ~ | **release** | environment | production → staging |

Owners

|  | About | What | Change |
| --- | --- | --- | --- |
| ~ | **7.2** | owner | Bo → Kit |
",
        );
    }

    #[test]
    fn nothing_differs_from_itself_and_people_working_are_no_difference() {
        let mut world = World::adopt(RELEASE);
        let older = world.plan.clone();
        world.claims("Rae", "7.1");
        check(&diff(&older, &world.look()), "nothing differs from revision 1");
    }

    #[test]
    fn what_goes_is_told_as_what_it_was() {
        let mut world = World::adopt("# P\n## A First\n- a Sand\n- b Paint\n");
        let older = world.plan.clone();
        world.revised("# Q\nsolo\n## B Second\n- b Paint\n  ticked\n");
        check(
            &diff(&older, &world.look()),
            "
## From revision 1 to 2

7 changes: 1 dropped, 1 weakening

Weakened: until somebody approves, what was there stays in force

|  | About | What | Change |
| --- | --- | --- | --- |
| ! | **plan** | settings | solo |

Tasks and phases

|  | About | What | Change |
| --- | --- | --- | --- |
| ~ | **plan** | title | P → Q |
| + | **B** | phase | Second |
| - | **A** | phase | First |
| - | **a** | task | Sand |
| ~ | **b** | phase | A → B |

What the documents say is done

|  | About | What | Change |
| --- | --- | --- | --- |
| ~ | **b** | the document's word | open → [x] |

note: looser settings wait for approval; the old ones are in force
",
        );
    }

    #[test]
    fn what_is_tighter_and_what_waits_is_said() {
        let text = "# P\nrebaseline owner\n- a Sand\n  due 2031-05-02\n  metric grit: grit < 20\n";
        let mut world = World::adopt(text);
        let older = world.plan.clone();
        world.revised(&text.replace("2031-05-02", "2031-05-09").replace("< 20", "< 10"));
        check(
            &diff(&older, &world.look()),
            "
## From revision 1 to 2

2 changes: 1 waiting for approval

Dates and estimates

|  | About | What | Change |
| --- | --- | --- | --- |
| ! | **a** | due | 2031-05-02 → 2031-05-09, once approved by owner |

Criteria, checks and gates

|  | About | What | Change |
| --- | --- | --- | --- |
| ~ | **a** | check grit | metric: grit < 20 → metric: grit < 10 (tighter) |
",
        );
    }
}
