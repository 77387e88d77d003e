//! What runs, deployments and incidents do to the plan.

use super::Stamp;
use crate::delivery::Incident;
use crate::event::Event;
use crate::plan::Plan;

pub(super) fn apply(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    let delivery = &mut *plan.delivery;
    match event {
        Event::CiRunRecorded(run) => delivery.add_run(run, stamp.by, stamp.at),
        Event::DeploymentRecorded(deployed) => delivery.deployments.push((**deployed).clone()),
        Event::IncidentOpened { incident, text, severity, since } => delivery.incidents.push(Incident {
            key: incident.clone(),
            text: text.clone(),
            severity: severity.clone(),
            by: stamp.by.clone(),
            since: *since,
            ended: None,
        }),
        Event::IncidentEnded { incident, outcome, at } => {
            let open =
                delivery.incidents.iter_mut().find(|known| known.key == *incident && known.ended.is_none());
            if let Some(known) = open {
                known.ended = Some((outcome.clone(), *at));
            }
        }
        _ => {}
    }
}
