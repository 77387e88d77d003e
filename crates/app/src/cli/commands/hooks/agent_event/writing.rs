//! A coding agent is about to write, or has written.

use std::path::Path;

use engine::store::{FOLDER, Store};
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{PATH_FOREIGN, PATH_RESERVED, PLAN_HALTED, POLICY_DENIED, Refusal};
use serde_json::Value;

use super::{Answer, plan_where, plans};
use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::hooking::{Edited, path_of_work};

/// What a refusal of what an agent was about to do is kept under.
const ATTEMPT: &str = "agent_event";

/// Why an agent is kept from something, and in which plan.
struct Kept {
    plan: PlanId,
    no: Refusal,
}

impl Kept {
    fn from(plan: PlanId, code: &'static str, message: String) -> Self {
        Self { plan, no: Refusal::new(code, message) }
    }
}

/// Says no to what would be refused later: work on a halted plan, others' files, the store itself.
/// Like every other refusal it is on record.
pub(super) fn is_about_to(call: &Call, input: &Value) -> Outcome<Answer> {
    let Some(kept) = kept_from(call, input)? else { return Ok(Answer::Go) };
    // It stands whether or not it can be written down.
    if let (Ok(store), Ok(request)) = (call.store_to_write(), call.request()) {
        store.desk().turn_down(kept.plan, &request.by, ATTEMPT, &kept.no);
    }
    Ok(Answer::No(kept.no.message))
}

fn kept_from(call: &Call, input: &Value) -> Outcome<Option<Kept>> {
    let (files, command) = (files_in(input), command_in(input));
    let parts = command.map(parts).unwrap_or_default();
    let only_ours = files.is_empty() && !parts.is_empty() && parts.iter().all(|part| is_ours(part));
    if only_ours {
        return Ok(None);
    }
    if let Some(part) = parts.iter().find(|part| part.contains(FOLDER) && !is_ours(part)) {
        let why = format!(
            "`{part}` touches `{FOLDER}/`, which is the plan's journal: ask it with `countersign`, and change nothing in it"
        );
        return Ok(Some(Kept::from(PlanId::STORE, POLICY_DENIED, why)));
    }
    let store = call.store_to_read()?;
    let plans = plans(call, &store)?;
    if let Some((plan, halt)) = plans.iter().find_map(|plan| Some((plan, plan.halted.as_ref()?))) {
        let why = format!(
            "plan `{}` was halted by {}: {}; stop until a person lets it go on with `countersign resume`",
            plan.key, halt.by.actor, halt.reason
        );
        return Ok(Some(Kept::from(plan.id, PLAN_HALTED, why)));
    }
    for file in files {
        let path = path_of_work(&store, Path::new(file));
        if path.split('/').any(|segment| segment == FOLDER) {
            let why = format!("`{path}` is the plan's journal: nothing in `{FOLDER}/` is edited");
            return Ok(Some(Kept::from(PlanId::STORE, POLICY_DENIED, why)));
        }
        // What lies outside the repository is nobody's reservation.
        if path.starts_with('/') {
            continue;
        }
        for plan in &plans {
            if let Some(kept) = is_foreign(call, &store, plan, &path)? {
                return Ok(Some(kept));
            }
        }
    }
    Ok(None)
}

/// Why a file of a plan is not the asker's to write.
fn is_foreign(call: &Call, store: &Store, plan: &Plan, path: &str) -> Outcome<Option<Kept>> {
    let now = store.desk().now();
    let held = call.held(plan)?;
    let own = |id| held.iter().any(|task| task.id == id);
    let shared = held.iter().filter_map(|task| task.lease()).any(|lease| lease.shared);
    for other in plan.tasks.iter().filter(|task| !own(task.id)) {
        let Some((by, lease)) = other.holder(now) else { continue };
        if !lease.paths.is_empty() && lease.covers(path) && !(shared && lease.shared) {
            let why = format!(
                "`{path}` is reserved for task `{}`, which {} holds: leave it alone, or ask them with `countersign hooks notify`",
                other.key, by.actor
            );
            return Ok(Some(Kept::from(plan.id, PATH_RESERVED, why)));
        }
    }
    let leases: Vec<_> = held.iter().filter_map(|task| Some((task, task.lease()?))).collect();
    let covered = leases.iter().any(|(_, lease)| lease.covers(path));
    let is_document = plan.sources.iter().any(|source| source.path == path);
    match leases.first() {
        Some((task, _)) if !covered && !is_document => {
            let why = format!(
                "task `{0}` did not reserve `{path}`: leave it alone, or widen the reservation with `countersign reserve {0} PATTERN…`",
                task.key
            );
            Ok(Some(Kept::from(plan.id, PATH_FOREIGN, why)))
        }
        _ => Ok(None),
    }
}

/// Records files that were written for the task the agent holds.
pub(super) fn has_written(call: &Call, input: &Value) -> Outcome<Answer> {
    let files = files_in(input);
    if files.is_empty() {
        return Ok(Answer::Go);
    }
    let store = call.store_to_write()?;
    let Some(opened) = plan_where(call, store, |plan| Ok(!call.held(plan)?.is_empty()))? else {
        return Ok(Answer::Go);
    };
    let mut objections = Vec::new();
    for file in files {
        if path_of_work(&opened.store, Path::new(file)).starts_with('/') {
            continue;
        }
        let edited = Edited::record(call, &opened, file, None, None)?;
        objections.extend(edited.objection().map(|no| match no.hint {
            Some(hint) => format!("{}; {hint}", no.message),
            None => no.message,
        }));
    }
    match objections.is_empty() {
        true => Ok(Answer::Go),
        false => Ok(Answer::No(objections.join("; "))),
    }
}

/// The files a tool is about to write: named one by one, or in a patch.
fn files_in(input: &Value) -> Vec<&str> {
    let named = ["file_path", "notebook_path", "path"].iter().filter_map(|name| input.get(name)?.as_str());
    let mut files: Vec<&str> = named.filter(|file| !file.is_empty()).collect();
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    if let Some(patch) = text("command").or(text("input")).or(text("patch")) {
        let heads = ["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];
        let lines = patch.lines().map(str::trim);
        files.extend(lines.filter_map(|line| heads.iter().find_map(|head| line.strip_prefix(head))));
    }
    files
}

/// The shell command a tool is about to run.
fn command_in(input: &Value) -> Option<&str> {
    let command = input.get("command")?.as_str()?;
    (!command.trim_start().starts_with("*** Begin Patch")).then_some(command)
}

/// The commands of a line, as far as signs between them tell.
fn parts(command: &str) -> Vec<&str> {
    command
        .split([';', '&', '|', '\n', '(', ')', '`'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// Whether a command only calls this program, and redirects nothing into a file.
fn is_ours(part: &str) -> bool {
    let mut words = part.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with('-'));
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or(program);
    name == "countersign" && !part.contains('>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn files_are_found_in_what_tools_are_given() {
        assert_eq!(files_in(&json!({ "file_path": "a.rs", "content": "x" })), ["a.rs"]);
        assert_eq!(files_in(&json!({ "notebook_path": "n.ipynb" })), ["n.ipynb"]);
        let patch =
            "*** Begin Patch\n*** Update File: src/a.rs\n@@\n-x\n+y\n*** Add File: b.md\n+z\n*** End Patch";
        assert_eq!(files_in(&json!({ "command": patch })), ["src/a.rs", "b.md"]);
        assert_eq!(command_in(&json!({ "command": patch })), None);
        assert!(files_in(&json!({ "command": "ls" })).is_empty());
        assert!(files_in(&json!(null)).is_empty());
    }

    #[test]
    fn only_calls_of_this_program_are_ours() {
        let ours = |command: &str| parts(command).iter().all(|part| is_ours(part));
        assert!(ours("countersign release 7.3 --reason halted"));
        assert!(ours("COUNTERSIGN_AGENT=a countersign beat && /usr/bin/countersign inbox"));
        assert!(!ours("countersign list; rm -rf .countersign"));
        assert!(!ours("countersign list > .countersign/journal.db"));
        assert!(!ours("sqlite3 .countersign/journal.db"));
        assert!(!ours("countersign list $(rm x)"));
    }
}
