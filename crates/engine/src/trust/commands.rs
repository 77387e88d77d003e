//! Which commands a plan would run, each with the check or agent that runs it.

use formats::sidecar::AgentConfig;
use model::check::CheckSpec;
use model::definition::{Definition, GateDefinition};
use model::plan::Plan;

/// A command and who runs it, as people know it: `7.3 clippy`, `agent reviewer`.
pub type Used = (String, String);

/// The commands of the checks in force, those of tasks that were given up left out.
pub fn of_plan(plan: &Plan) -> Vec<Used> {
    let gates = plan.gates_with_checks().filter(|(subject, _)| match subject {
        model::gate::Subject::Task(id) => plan.task(*id).is_some_and(|task| !task.is_dropped()),
        _ => true,
    });
    let mut used = Vec::new();
    for (subject, gate) in gates {
        if gate.checks.iter().any(|check| check.spec.command().is_some()) {
            let name = plan.subject_name(subject);
            used.extend(gate.checks.iter().filter_map(|check| used_by(&name, &check.spec)));
        }
    }
    used
}

/// The commands of everything a definition asks for.
pub fn of_definition(definition: &Definition) -> Vec<Used> {
    let of_gate = |name: String, gate: &GateDefinition| -> Vec<Used> {
        gate.checks.iter().filter_map(|check| used_by(&name, &check.spec)).collect()
    };
    let mut used = Vec::new();
    for task in &definition.tasks {
        used.extend(of_gate(task.key.to_string(), &task.gate));
    }
    for phase in &definition.phases {
        used.extend(of_gate(format!("entrance of {}", phase.key), &phase.entrance));
        used.extend(of_gate(format!("exit of {}", phase.key), &phase.exit));
    }
    used.extend(of_gate("success criteria".to_owned(), &definition.criteria));
    for named in &definition.gates {
        used.extend(of_gate(named.name.clone(), &named.gate));
    }
    used
}

/// The commands that are started for agents.
pub fn of_agents(agents: &[AgentConfig]) -> Vec<Used> {
    let of_one = |agent: &AgentConfig| {
        let name = format!("agent {}", agent.name);
        agent.commands().into_iter().map(move |command| (name.clone(), command))
    };
    agents.iter().flat_map(of_one).collect()
}

fn used_by(subject: &str, spec: &CheckSpec) -> Option<Used> {
    Some((format!("{subject} {}", spec.name), spec.command()?.to_owned()))
}
