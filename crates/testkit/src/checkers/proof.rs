//! What proves a check, a gate and a task, as far as the log tells.

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::check::{Outcome, Probe};
use model::delivery::CiResult;
use model::digest::Digest;
use model::gate::{Basis, Ground, Subject};
use model::ids::{CheckId, TaskId};
use model::settings::{Identity, Trust};
use model::task::ClaimHow;

use super::{CheckLine, Ledger, State, TaskLine};

impl Ledger {
    /// Whether every check of a subject passed or is waived; a subject without checks is not open.
    pub fn is_open(&self, subject: Subject, now: Timestamp) -> bool {
        self.opens(subject, now, &mut Vec::new())
    }

    /// Whether a task counts as verified now.
    pub fn is_verified(&self, id: TaskId, now: Timestamp) -> bool {
        self.holds(id, now, &mut Vec::new())
    }

    /// Every check in force, with what it guards.
    pub fn checks(&self) -> impl Iterator<Item = (CheckId, Subject)> {
        self.checks.iter().map(|(id, line)| (*id, line.subject))
    }

    /// The digest of what a check demands now.
    pub fn digest_of(&self, id: CheckId) -> Option<Digest> {
        self.checks.get(&id).map(|line| line.spec.digest())
    }

    /// Whether a check passed or is waived now.
    pub fn is_proven(&self, id: CheckId, now: Timestamp) -> bool {
        self.checks.get(&id).is_some_and(|line| self.proven(id, line, now, &mut Vec::new()))
    }

    pub(super) fn checks_of(&self, subject: Subject) -> impl Iterator<Item = (CheckId, &CheckLine)> {
        let mine = move |line: &&CheckLine| line.subject == subject;
        self.checks.iter().filter(move |(_, line)| mine(line)).map(|(id, line)| (*id, line))
    }

    fn opens(&self, subject: Subject, now: Timestamp, above: &mut Vec<TaskId>) -> bool {
        let all: Vec<(CheckId, &CheckLine)> = self.checks_of(subject).collect();
        !all.is_empty() && all.iter().all(|(id, line)| self.proven(*id, line, now, above))
    }

    fn holds(&self, id: TaskId, now: Timestamp, above: &mut Vec<TaskId>) -> bool {
        let Some(TaskLine { state: State::Verified { signed, .. }, .. }) = self.tasks.get(&id) else {
            return false;
        };
        if self.checks_of(Subject::Task(id)).next().is_none() {
            return *signed;
        }
        if above.contains(&id) {
            return false;
        }
        above.push(id);
        let holds = self.opens(Subject::Task(id), now, above);
        above.pop();
        holds
    }

    fn proven(&self, id: CheckId, line: &CheckLine, now: Timestamp, above: &mut Vec<TaskId>) -> bool {
        self.passed(line, now, above) || self.waived(id, line, now)
    }

    fn passed(&self, line: &CheckLine, now: Timestamp, above: &mut Vec<TaskId>) -> bool {
        let attempt = self.attempt(line.subject);
        match &line.spec.probe {
            Probe::Check { .. } | Probe::File { .. } | Probe::Metric { command: Some(_), .. } => {
                line.verdict.is_some_and(|verdict| {
                    verdict.outcome == Outcome::Pass
                        && verdict.attempt == attempt
                        && verdict.spec == line.spec.digest()
                })
            }
            Probe::Metric { name, target, command: None } => {
                let reading = self.readings.get(&name.to_lowercase());
                reading.is_some_and(|(value, by)| {
                    let word = by.actor == Actor::System || self.believes(by);
                    word && target.met_by(*value)
                })
            }
            Probe::Ci { workflow, branch, consecutive } => {
                // The latest runs that came to something, of whoever is believed, the last one first.
                let mut counting: Vec<_> = self
                    .runs
                    .iter()
                    .filter(|(run, by, _)| {
                        run.workflow.to_lowercase() == workflow.to_lowercase()
                            && (branch.is_none() || run.branch == *branch)
                            && run.result != CiResult::Cancelled
                            && (by.actor == Actor::System || self.believes(by))
                    })
                    .collect();
                counting.sort_by_key(|(run, _, told)| run.ended.unwrap_or(*told));
                let latest = counting.iter().rev().take(*consecutive as usize);
                *consecutive > 0
                    && counting.len() >= *consecutive as usize
                    && latest.clone().all(|(run, ..)| run.result == CiResult::Success)
            }
            Probe::Approval { quorum, .. } => {
                let people = self.approvers(line);
                *quorum >= 1 && people.len() >= *quorum as usize
            }
            Probe::Attachment { name } => {
                let Subject::Task(id) = line.subject else { return false };
                self.tasks.get(&id).is_some_and(|task| {
                    task.attached.iter().any(|(file, of)| {
                        *of == attempt
                            && name.as_ref().is_none_or(|name| name.to_lowercase() == file.to_lowercase())
                    })
                })
            }
            Probe::Tasks { of } => {
                let me = line.subject;
                of.iter().all(|name| self.all_verified(name.trim(), me, now, above))
            }
            Probe::Unknown { .. } => false,
        }
    }

    fn all_verified(&self, name: &str, me: Subject, now: Timestamp, above: &mut Vec<TaskId>) -> bool {
        let phase = self.phases.iter().find(|(_, key)| key.as_str().eq_ignore_ascii_case(name));
        if name == "*" || phase.is_some() {
            let members: Vec<TaskId> = self
                .live_tasks()
                .filter(|id| Subject::Task(*id) != me)
                .filter(|id| phase.is_none_or(|(phase, _)| self.tasks[id].phase == Some(*phase)))
                .collect();
            return members.into_iter().all(|id| self.holds(id, now, above));
        }
        let named = self.tasks.iter().filter(|(_, task)| task.key.as_str() == name);
        let named: Vec<TaskId> = named.map(|(id, _)| *id).collect();
        // A key that was given up belongs to whoever has it now.
        named.into_iter().any(|id| self.holds(id, now, above))
    }

    /// Different people who approved this very demand in this very attempt, and did not do the work.
    pub(super) fn approvers<'a>(&self, line: &'a CheckLine) -> Vec<&'a Actor> {
        let attempt = self.attempt(line.subject);
        let worker = match line.subject {
            Subject::Task(id) => self.tasks.get(&id).and_then(TaskLine::worker),
            _ => None,
        };
        let mut people: Vec<&Actor> = Vec::new();
        for (by, of, spec) in &line.approvals {
            let counts = *of == attempt
                && *spec == line.spec.digest()
                && self.believes(by)
                && (self.settings.solo || worker != Some(&by.actor));
            if counts && !people.contains(&&by.actor) {
                people.push(&by.actor);
            }
        }
        people
    }

    fn waived(&self, id: CheckId, line: &CheckLine, now: Timestamp) -> bool {
        self.waivers.values().any(|waiver| {
            waiver.check == id
                && waiver.spec == line.spec.digest()
                && now < waiver.until
                && !waiver.revoked
                && waiver.granted.as_ref().is_some_and(|by| self.believes(by))
                && !self.settings.never_waivable.contains(&line.spec.name)
        })
    }

    /// Whether this is a person, known as well as the plan asks for.
    pub(super) fn believes(&self, by: &By) -> bool {
        matches!(by.actor, Actor::Person(_))
            && (self.settings.identity == Identity::Declared || by.known.is_proven())
    }

    /// Whether a need is met.
    pub(super) fn satisfied(&self, need: TaskId, now: Timestamp) -> bool {
        let Some(task) = self.tasks.get(&need) else { return false };
        match &task.state {
            State::Dropped => true,
            State::Verified { .. } => self.is_verified(need, now),
            State::Claimed(actor, how) if self.checks_of(Subject::Task(need)).next().is_none() => {
                let worked = matches!(actor, Actor::Person(_) | Actor::Agent { .. });
                let said = matches!(how, ClaimHow::Verb | ClaimHow::Submit);
                self.settings.trust == Trust::Document || (worked && said)
            }
            _ => false,
        }
    }

    /// Whether each ground of a verification is there in the log, and none is missing.
    pub(super) fn grounds(&self, id: TaskId, basis: &Basis, now: Timestamp) -> Result<(), String> {
        let checks: Vec<(CheckId, &CheckLine)> = self.checks_of(Subject::Task(id)).collect();
        for (check, line) in &checks {
            let Some((_, ground)) = basis.grounds.iter().find(|(named, _)| named == check) else {
                return Err(format!("check `{}` has no ground", line.spec.name));
            };
            let there = match ground {
                Ground::Passed(seq) => {
                    line.verdict.is_some_and(|verdict| verdict.seq == *seq)
                        && self.passed(line, now, &mut Vec::new())
                }
                Ground::Waived(waiver) => {
                    self.waivers.get(waiver).is_some_and(|waiver| waiver.check == *check)
                        && self.waived(*check, line, now)
                }
                Ground::Approved(people) => {
                    let known = self.approvers(line);
                    people.iter().all(|person| known.contains(&&Actor::Person(person.clone())))
                        && self.passed(line, now, &mut Vec::new())
                }
                Ground::Recorded => self.passed(line, now, &mut Vec::new()),
            };
            if !there {
                return Err(format!(
                    "the ground of check `{}` is not in the log: {ground:?}",
                    line.spec.name
                ));
            }
        }
        if basis.grounds.len() != checks.len() {
            return Err("a ground names a check that is not in force".to_owned());
        }
        Ok(())
    }
}
