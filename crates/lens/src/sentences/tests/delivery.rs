//! How the work gets out, told.

use jiff::SignedDuration;
use model::delivery::{CiResult, CiRun, DeployResult, Deployed};

use super::*;

pub(super) fn told_kinds() -> Vec<&'static str> {
    told(&story()).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn runs_deployments_and_incidents_are_told() {
    let text: Vec<String> = told(&story()).into_iter().skip(2).map(|(_, text)| text).collect();
    check_text(&text.join("\n"), STORY);
}

fn story() -> World {
    let mut world = World::adopt("# P\n- a Sand\n");
    let run = |result, seconds, commit: Option<&str>| {
        Command::RecordCiRun(Box::new(CiRun {
            workflow: "build".to_owned(),
            result,
            seconds,
            queue_seconds: None,
            run: None,
            commit: commit.map(str::to_owned),
            branch: None,
            url: None,
            ended: None,
            tests: None,
        }))
    };
    world.does("Ada", run(CiResult::Success, 510.0, Some("3f9c2e1d5a7b8c9d0e1f")));
    world.agent("coder", run(CiResult::Failure, 12.0, None));
    world.does("Ada", run(CiResult::Cancelled, 3600.0, None));
    let at = world.now;
    let deploy = |result, commit: Option<&str>| {
        Command::RecordDeployment(Box::new(Deployed {
            environment: "production".to_owned(),
            result,
            at,
            commit: commit.map(str::to_owned),
            lead_seconds: None,
            run: None,
            url: None,
        }))
    };
    world.does("Bo", deploy(DeployResult::Succeeded, Some("3f9c2e1")));
    world.does("Bo", deploy(DeployResult::Failed, None));
    world.does("Bo", deploy(DeployResult::RolledBack, None));
    let severity = Some("high".to_owned());
    let since = Some(at - SignedDuration::from_hours(1));
    world.does("Ada", Command::OpenIncident { key: None, text: "no orders".to_owned(), severity, since });
    let incident = Key::new("INC-1").expect("a key");
    world.does("Bo", Command::EndIncident { incident, outcome: "restarted".to_owned(), at: None });
    world
}

const STORY: &str = r"
Ada [declared] recorded a run of `build` of 3f9c2e1d5a7b: green after 8.5 min
coder (s1) [declared] recorded a run of `build`: red after 12 s
Ada [declared] recorded a run of `build`: cancelled after 1 h
Bo [declared] deployed 3f9c2e1 in production
Bo [declared] failed to deploy in production
Bo [declared] rolled back in production
Ada [declared] opened incident `INC-1` (high), since 2031-05-01 08:00 UTC: no orders
Bo [declared] ended incident `INC-1`, at 2031-05-01 09:00 UTC: restarted
";
