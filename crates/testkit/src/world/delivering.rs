//! How the work gets out in the world: runs, deployments and incidents, as they are told.

use jiff::ToSpan;
use model::actor::By;
use model::command::Command;
use model::delivery::{CiResult, CiRun, DeployResult, Deployed};
use model::ids::Key;

use super::World;

impl World {
    pub(super) fn delivering(&mut self) -> (By, Command) {
        let by = if self.dice.percent(30) { By::system() } else { self.dice.anybody() };
        let command = match self.dice.below(10) {
            0 => self.a_deployment(),
            1 => {
                let key = self.dice.percent(30).then(|| self.an_incident());
                let text = self.dice.word(&["nothing is sold", "it is slow", " "]).to_owned();
                Command::OpenIncident { key, text, severity: None, since: None }
            }
            2 => {
                let incident = self.an_incident();
                Command::EndIncident { incident, outcome: self.reason(), at: None }
            }
            _ => self.a_run(),
        };
        (by, command)
    }

    fn a_run(&mut self) -> Command {
        let results = [CiResult::Success, CiResult::Success, CiResult::Failure, CiResult::Cancelled];
        let result = results[self.dice.below(results.len())];
        let seconds = [60.0, 800.0, 900.0, -1.0][self.dice.below(4)];
        let late = self.dice.percent(20).then(|| self.now - 1.hour());
        Command::RecordCiRun(Box::new(CiRun {
            workflow: self.dice.word(&["build", "build", "Build", "lint", ""]).to_owned(),
            result,
            seconds,
            queue_seconds: None,
            run: self.dice.percent(30).then(|| format!("{}", self.dice.below(30))),
            commit: Some(format!("{:040}", self.dice.below(9))),
            branch: self.dice.percent(80).then(|| self.dice.word(&["main", "main", "spike"]).to_owned()),
            url: None,
            ended: late,
            tests: None,
        }))
    }

    fn a_deployment(&mut self) -> Command {
        let results = [DeployResult::Succeeded, DeployResult::Failed, DeployResult::RolledBack];
        Command::RecordDeployment(Box::new(Deployed {
            environment: self.dice.word(&["production", "staging", ""]).to_owned(),
            result: results[self.dice.below(results.len())],
            at: self.now,
            commit: None,
            lead_seconds: [None, Some(60.0), Some(-1.0)][self.dice.below(3)],
            run: None,
            url: None,
        }))
    }

    fn an_incident(&mut self) -> Key {
        let open: Vec<Key> = self.plan.delivery.incidents.iter().map(|known| known.key.clone()).collect();
        let stray = || Key::new("INC-99").expect("a plain key");
        self.dice.one_of(&open).unwrap_or_else(stray)
    }
}
