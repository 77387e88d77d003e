//! Which events were allowed to happen, given everything the log said before them.

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::check::{CheckSpec, FileExpect, Probe};
use model::event::Event;
use model::facts::Fact;
use model::gate::{Basis, Loosened, Subject};
use model::ids::{TaskId, WaiverId};
use model::settings::{Settings, Trust, Weakening};
use model::target::Target;

use super::{Entry, Ledger, State};

pub(super) type Judged = Result<(), String>;

pub(super) fn must(kept: bool, rule: &str) -> Judged {
    if kept { Ok(()) } else { Err(rule.to_owned()) }
}

impl Ledger {
    pub(super) fn judge(&self, entry: &Entry) -> Judged {
        let by = &entry.by;
        self.judge_work(entry)?;
        self.judge_reviews(entry)?;
        match &entry.event {
            Event::PlanAdopted { .. } => must(self.revision == 0, "a plan is adopted once"),
            Event::PlanRevised { revision, parent, .. } => must(
                parent.0 == self.revision && revision.0 == self.revision + 1,
                "a revision follows the one it was made on",
            ),
            Event::SettingsChanged { settings } => {
                must(self.lenient() || !easier(settings, &self.settings), "looser settings wait for approval")
            }
            Event::TaskStarted { task, fence } => {
                must(by.actor.person().is_some() || by.actor.is_agent(), "only who can work starts")?;
                must(
                    self.tasks.get(task).is_some_and(|line| line.fence + 1 == fence.0),
                    "the fence rises by one",
                )?;
                self.may_begin(*task, entry)
            }
            Event::TaskClaimed { task, .. } => {
                must(by.actor.person().is_some() || by.actor.is_agent(), "only who can work claims")?;
                self.may_begin(*task, entry)
            }
            Event::TaskVerified { task, attempt, basis } => {
                self.judge_verified(*task, *attempt, basis, entry)
            }
            Event::TaskReopened { task, attempt, .. } => {
                let line = self.tasks.get(task).ok_or("a task that nobody added")?;
                must(*attempt == line.attempt + 1, "each reopening begins the next attempt")
            }
            Event::TaskDropped { .. } if entry.command == "drop" => {
                must(self.believes(by), "only a person drops")
            }
            Event::FileAttached { .. } => must(by.actor.person().is_some(), "only a person attaches"),
            Event::FactsChanged { task, put, clear } => self.judge_facts(*task, put, clear, entry),
            Event::CheckChanged { check, spec, .. } => {
                let line = self.checks.get(check).ok_or("a check that nobody added")?;
                must(self.lenient() || as_strict(spec, &line.spec), "a looser check waits for approval")?;
                let freed = self.settings.never_waivable.contains(&line.spec.name)
                    && !self.settings.never_waivable.contains(&spec.name);
                must(self.lenient() || !freed, "a check that is never waived keeps its name")
            }
            Event::CriteriaStated { subject, stated } => {
                let before = self.stated.get(subject).map_or(&[][..], Vec::as_slice);
                let gone = before
                    .iter()
                    .filter(|old| old.removed.is_some())
                    .filter(|old| !stated.iter().any(|new| new.text == old.text));
                must(self.lenient() || gone.count() == 0, "a criterion left out stays until approved")
            }
            Event::WeakeningApproved { loosened } => self.judge_weakening(*loosened, by),
            Event::VerdictRecorded(verdict) => {
                must(by.actor == Actor::System, "a verdict is nobody's word")?;
                let line = self.checks.get(&verdict.check).ok_or("a check that nobody added")?;
                must(verdict.spec == line.spec.digest(), "a verdict belongs to the demand in force")?;
                must(verdict.attempt == self.attempt(line.subject), "a verdict belongs to this attempt")
            }
            Event::ApprovalGiven { check, attempt, spec, role } => {
                let line = self.checks.get(check).ok_or("a check that nobody added")?;
                must(self.believes(by), "only a person approves, known as the plan asks")?;
                must(*spec == line.spec.digest(), "an approval is of the demand in force")?;
                must(*attempt == self.attempt(line.subject), "an approval is of this attempt")?;
                must(self.may_act_as(by, role), "an approver has the role")?;
                let Subject::Task(task) = line.subject else { return Ok(()) };
                must(self.settings.solo || !self.works_on(task, by), "nobody approves their own work")
            }
            Event::WaiverRequested { subject, spec, reason, until, .. }
                if self.need_of(*subject, *spec).is_some() =>
            {
                self.judge_request(reason, *until, entry)
            }
            Event::WaiverRequested { check, spec, reason, until, .. } => {
                let line = self.checks.get(check).ok_or("a check that nobody added")?;
                must(*spec == line.spec.digest(), "a waiver is of the demand in force")?;
                must(
                    !self.settings.never_waivable.contains(&line.spec.name),
                    "some checks are never waived",
                )?;
                self.judge_request(reason, *until, entry)
            }
            Event::WaiverApproved { waiver } => self.judge_waiver(*waiver, entry),
            Event::WaiverRevoked { .. } => must(self.believes(by), "only a person takes a waiver back"),
            Event::MetricDefined { name, target: Some(target), .. } => {
                let looser = self.targets.get(&name.to_lowercase()).is_some_and(|old| !narrower(target, old));
                must(
                    !looser || self.lenient() || (entry.command == "define_metric" && self.believes(by)),
                    "only a person loosens a target",
                )
            }
            Event::RebaselineApproved { rebaseline, role } => {
                let line =
                    self.rebaselines.get(*rebaseline as usize).ok_or("a rebaseline that nobody asked for")?;
                must(self.believes(by), "only a person approves a rebaseline")?;
                must(line.missing.contains(role), "an approval in a role that was asked for")?;
                must(
                    self.settings.solo || line.asked_by != by.actor,
                    "nobody approves their own rebaseline",
                )?;
                must(self.may_act_as(by, role), "an approver has the role")
            }
            _ => Ok(()),
        }
    }

    fn lenient(&self) -> bool {
        self.settings.weakening == Weakening::Record
    }

    fn may_act_as(&self, by: &By, role: &str) -> bool {
        let people = self.settings.roles.get(role);
        people.is_none_or(|people| by.actor.person().is_some_and(|person| people.contains(person.as_str())))
    }

    fn works_on(&self, task: TaskId, by: &By) -> bool {
        self.tasks.get(&task).and_then(|line| line.worker()) == Some(&by.actor)
    }

    pub(super) fn may_begin(&self, id: TaskId, entry: &Entry) -> Judged {
        let task = self.tasks.get(&id).ok_or("a task that nobody added")?;
        must(task.state != State::Dropped, "a task that was given up is left alone")?;
        for need in &task.needs {
            let waived = self.waivers.values().any(|waiver| {
                waiver.of_need == Some((id, *need))
                    && !waiver.revoked
                    && entry.at < waiver.until
                    && waiver.granted.as_ref().is_some_and(|by| self.believes(by))
            });
            must(waived || self.satisfied(*need, entry.at), "what it needs comes first")?;
        }
        let Some(phase) = task.phase.filter(|phase| self.phases.contains_key(phase)) else { return Ok(()) };
        let entrance = Subject::Entrance(phase);
        let guarded = self.checks_of(entrance).next().is_some();
        must(!guarded || self.is_open(entrance, entry.at), "a phase begins through its entrance")
    }

    fn judge_verified(&self, id: TaskId, attempt: u32, basis: &Basis, entry: &Entry) -> Judged {
        self.may_begin(id, entry)?;
        let task = self.tasks.get(&id).ok_or("a task that nobody added")?;
        must(task.attempt == attempt, "a verification is of this attempt")?;
        if self.checks_of(Subject::Task(id)).next().is_some() {
            must(basis.signed_off.is_none(), "nobody signs off what checks would prove")?;
            must(self.is_open(Subject::Task(id), entry.at), "every check passed or is waived")?;
            return self.grounds(id, basis, entry.at);
        }
        let signed = basis.signed_off.clone().map(Actor::Person);
        must(signed.as_ref() == Some(&entry.by.actor), "what no check proves, a person signs")?;
        must(self.believes(&entry.by), "a signature is known as the plan asks")?;
        must(matches!(task.state, State::Claimed(..)), "a signature is under somebody's claim")?;
        must(self.settings.solo || !self.works_on(id, &entry.by), "nobody signs off their own work")
    }

    fn judge_weakening(&self, loosened: Loosened, by: &By) -> Judged {
        let askers: Vec<&Actor> = match loosened {
            Loosened::Check(id) => self
                .checks
                .get(&id)
                .into_iter()
                .filter_map(|line| line.weakening.as_ref())
                .map(|(_, asker)| asker)
                .collect(),
            Loosened::Criteria(subject) => {
                let stated = self.stated.get(&subject).into_iter().flatten();
                stated.filter_map(|stated| stated.removed.as_ref()).map(|by| &by.actor).collect()
            }
            Loosened::Settings => self.proposed.iter().map(|(_, asker)| asker).collect(),
        };
        must(!askers.is_empty(), "a weakening is proposed before it is approved")?;
        if self.lenient() {
            return Ok(());
        }
        must(self.believes(by), "only a person approves a weakening, known as the plan asks")?;
        must(self.settings.solo || !askers.contains(&&by.actor), "nobody approves their own weakening")
    }

    fn judge_request(&self, reason: &str, until: Timestamp, entry: &Entry) -> Judged {
        must(!reason.trim().is_empty(), "a waiver has a reason")?;
        let seconds = until.as_second() - entry.at.as_second();
        let most = i64::from(self.settings.waiver_limit_days) * 86_400;
        must(until > entry.at && seconds <= most, "a waiver ends, and soon enough")
    }

    fn judge_waiver(&self, id: WaiverId, entry: &Entry) -> Judged {
        let by = &entry.by;
        let waiver = self.waivers.get(&id).ok_or("a waiver that nobody asked for")?;
        must(self.believes(by), "only a person grants a waiver, known as the plan asks")?;
        must(self.settings.solo || waiver.asked_by != by.actor, "nobody grants their own waiver")?;
        must(self.may_act_as(by, "waivers"), "who grants a waiver has the right")?;
        must(!waiver.revoked && entry.at < waiver.until, "a waiver that is over is not granted")?;
        if let Some((task, need)) = waiver.of_need {
            let has = self.tasks.get(&task).is_some_and(|task| task.needs.contains(&need));
            return must(has, "a waiver of a need that is gone");
        }
        let line = self.checks.get(&waiver.check).ok_or("a waiver of a check that is gone")?;
        must(line.spec.digest() == waiver.spec, "a changed check is not waived")?;
        must(!self.settings.never_waivable.contains(&line.spec.name), "some checks are never waived")
    }

    fn judge_facts(&self, id: TaskId, put: &[Fact], clear: &[Fact], entry: &Entry) -> Judged {
        let task = self.tasks.get(&id).ok_or("a task that nobody added")?;
        let by_word = self.settings.trust == Trust::Document && self.settings.rebaseline.is_empty();
        for fact in put.iter().chain(clear) {
            let field = match fact {
                Fact::Due(_) => "due",
                Fact::Window(_) => "window",
                Fact::EstimateDays(_) => "estimate",
                _ => continue,
            };
            if !task.facts.0.iter().any(|known| known.same_kind(fact)) {
                continue;
            }
            let last = self.rebaselines.iter().rev().find(|line| line.task == id && line.field == field);
            must(
                last.is_some_and(|line| line.missing.is_empty())
                    && (matches!(entry.command.as_str(), "rebaseline" | "approve_rebaseline") || by_word),
                "a date moves by a rebaseline that everybody approved",
            )?;
        }
        Ok(())
    }
}

/// Whether `new` lets through what `old` would not.
fn easier(new: &Settings, old: &Settings) -> bool {
    let more_people = old.roles.iter().any(|(role, people)| match new.roles.get(role) {
        Some(now) => !now.is_subset(people),
        None => true,
    });
    (new.solo && !old.solo)
        || (new.trust == Trust::Document && old.trust != Trust::Document)
        || new.identity < old.identity
        || (new.weakening == Weakening::Record && old.weakening != Weakening::Record)
        || new.waiver_limit_days > old.waiver_limit_days
        || old.never_waivable.difference(&new.never_waivable).next().is_some()
        || (old.leases.strikes > 0 && !(1..=old.leases.strikes).contains(&new.leases.strikes))
        || wider(new.budget.tokens, old.budget.tokens)
        || wider(new.budget.money_micros, old.budget.money_micros)
        || wider(new.budget.seconds, old.budget.seconds)
        || old.rebaseline.iter().any(|role| !new.rebaseline.contains(role))
        || more_people
}

/// Whether a limit lets more through than the one before.
fn wider(new: Option<u64>, old: Option<u64>) -> bool {
    old.is_some_and(|old| new.is_none_or(|new| new > old))
}

/// Whether the new demand asks at least as much; a changed command is judged by trust, not here.
fn as_strict(new: &CheckSpec, old: &CheckSpec) -> bool {
    match (&new.probe, &old.probe) {
        (Probe::Check { .. }, Probe::Check { .. }) => true,
        (
            Probe::Metric { name, target, command },
            Probe::Metric { name: old_name, target: old, command: ran },
        ) => {
            name.eq_ignore_ascii_case(old_name)
                && narrower(target, old)
                && (command.is_some() || ran.is_none())
        }
        (Probe::File { path, expect }, Probe::File { path: old_path, expect: old }) => {
            path == old_path && (expect == old || *old == FileExpect::Exists)
        }
        (Probe::Tasks { of }, Probe::Tasks { of: old }) => {
            of.iter().any(|name| name == "*") || old.iter().all(|name| of.contains(name))
        }
        (Probe::Approval { role, quorum }, Probe::Approval { role: old_role, quorum: old }) => {
            role == old_role && quorum >= old
        }
        (Probe::Attachment { name }, Probe::Attachment { name: old }) => old.is_none() || name == old,
        (
            Probe::Ci { workflow, branch, consecutive },
            Probe::Ci { workflow: old_workflow, branch: old_branch, consecutive: old },
        ) => {
            workflow.eq_ignore_ascii_case(old_workflow)
                && (old_branch.is_none() || branch == old_branch)
                && consecutive >= old
        }
        _ => false,
    }
}

/// Whether no number among many satisfies the new target and not the old one.
fn narrower(new: &Target, old: &Target) -> bool {
    let numbers = (-2_000..=2_000).map(|half| f64::from(half) / 2.0);
    new.unit() == old.unit() && numbers.into_iter().all(|number| !new.met_by(number) || old.met_by(number))
}
