//! What checks have said of work that was handed in: it is countersigned and merged, made again, or
//! left to people.

use std::time::Instant;

use model::command::Command;
use model::ids::{AgentId, Key, TaskId};
use model::refusal::Refusal;

use super::Step;
use super::checking::{Checked, Handed};
use super::turns::{Turns, with_facts};
use crate::desk::{Denied, Request};

/// No back-off is longer, in seconds.
const LONGEST_BACK_OFF: u64 = 60 * 60;

impl Turns<'_, '_> {
    /// Puts verdicts on record and has countersigned what they allow.
    pub(super) fn judge(
        &mut self,
        checked: Vec<(Handed, Checked)>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let (alone, together): (Vec<_>, Vec<_>) = checked
            .into_iter()
            .partition(|(handed, _)| handed.commit.is_some() && self.integration.is_some());
        if !together.is_empty() {
            self.judge_together(together, watch)?;
        }
        // Each merge moves the branch on which the next one is tried.
        for one in alone {
            self.judge_together(vec![one], watch)?;
        }
        Ok(())
    }

    fn judge_together(
        &mut self,
        checked: Vec<(Handed, Checked)>,
        watch: &mut dyn FnMut(Step),
    ) -> Result<(), Denied> {
        let (mut commands, mut blobs, mut asked, mut failed) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (handed, mut checked) in checked {
            self.checking.remove(&handed.task);
            if self.out.cancelled && checked.trouble.is_some() {
                continue;
            }
            for (check, outcome, summary) in &checked.seen {
                let (check, summary) = (check.clone(), summary.clone());
                watch(Step::Checked { task: handed.key.clone(), check, outcome: *outcome, summary });
            }
            commands.append(&mut checked.commands);
            blobs.append(&mut checked.blobs);
            let why = checked.trouble.clone().or_else(|| checked.refuted());
            let why = why.map_or_else(|| self.rehearse(&handed), |why| Ok(Some(why)))?;
            match why {
                Some(why) => failed.push((handed, why)),
                None => {
                    asked.push((commands.len(), handed.clone()));
                    commands.push(Command::Verify { task: handed.task, inputs: checked.inputs });
                }
            }
        }
        let mut reopened = Vec::new();
        if !commands.is_empty() {
            let request = Request { blobs, ..Request::system() };
            let receipt = self.d.store.desk().submit_batch(self.d.plan, &request, &commands)?;
            self.seq = receipt.last;
            for (place, handed) in asked {
                match &receipt.rulings[place] {
                    Ok(()) => self.verified(&handed, watch)?,
                    Err(no) => self.awaits(&handed, no, watch),
                }
            }
        }
        for (handed, why) in failed {
            if let Some(command) = self.refuted(&handed, why, watch) {
                reopened.push(command);
            }
        }
        if !reopened.is_empty() {
            let receipt = self.d.store.desk().submit_batch(self.d.plan, &Request::system(), &reopened)?;
            self.seq = receipt.last;
            self.stale = true;
        }
        Ok(())
    }

    /// Why what was handed in could not be merged, where that is so.
    fn rehearse(&mut self, handed: &Handed) -> Result<Option<String>, Denied> {
        let (Some(integration), Some(commit)) = (&mut self.integration, &handed.commit) else {
            return Ok(None);
        };
        match integration.rehearse(&handed.key, commit) {
            Err(Denied::Refused(no)) => Ok(Some(with_facts(&no))),
            other => other.map(|()| None),
        }
    }

    fn verified(&mut self, handed: &Handed, watch: &mut dyn FnMut(Step)) -> Result<(), Denied> {
        watch(Step::Verified { task: handed.key.clone() });
        self.out.verified.push(handed.key.clone());
        self.merge(handed)
    }

    pub(super) fn merge(&mut self, handed: &Handed) -> Result<(), Denied> {
        self.failures.remove(&handed.task);
        self.woken.push(handed.task);
        self.progressed = true;
        let (Some(integration), Some(commit)) = (&mut self.integration, &handed.commit) else {
            return Ok(());
        };
        integration.merge(&handed.key, commit, handed.agent.as_str())?;
        if let (Some(repository), Some(branch)) = (self.d.repository, &handed.branch) {
            repository.delete_branch(branch)?;
        }
        Ok(())
    }

    fn awaits(&mut self, handed: &Handed, no: &Refusal, watch: &mut dyn FnMut(Step)) {
        let why = with_facts(no);
        watch(Step::Awaits { task: handed.key.clone(), why: why.clone() });
        self.out.awaiting.push((handed.key.clone(), why));
    }

    /// What was handed in does not hold: it is opened again, or left as it stands.
    fn refuted(&mut self, handed: &Handed, why: String, watch: &mut dyn FnMut(Step)) -> Option<Command> {
        let again = self.failed(handed.task, &handed.key, &handed.agent, &why, watch);
        again.then(|| Command::Reopen { task: handed.task, reason: why })
    }

    /// Counts an attempt that came to nothing; says whether there is to be another.
    pub(super) fn failed(
        &mut self,
        task: TaskId,
        key: &Key,
        agent: &AgentId,
        why: &str,
        watch: &mut dyn FnMut(Step),
    ) -> bool {
        let failures = self.failures.entry(task).or_default();
        *failures += 1;
        let config = self.d.agents.usable.iter().map(|usable| &usable.agent).find(|a| a.name == *agent);
        let (retries, back_off) = config.map_or((0, 1), |agent| (agent.retries, agent.back_off_seconds));
        let again = (*failures <= retries && !self.stopping).then(|| {
            let doubled = 1u64.checked_shl(*failures - 1).unwrap_or(u64::MAX);
            u64::from(back_off).saturating_mul(doubled).min(LONGEST_BACK_OFF)
        });
        watch(Step::Failed { task: key.clone(), agent: agent.clone(), why: why.to_owned(), again });
        match again {
            Some(seconds) => {
                let wait = self.d.pace.second.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX));
                self.resting.insert(task, Instant::now() + wait);
            }
            None => {
                self.given_up.insert(task);
                self.out.failed.push((key.clone(), why.to_owned()));
            }
        }
        again.is_some()
    }
}
