//! Fields: what a label or a table's header word is about.

/// What a label names. One vocabulary serves table headers, nested bullets and bold labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Key,
    Number,
    Title,
    Status,
    Percent,
    Priority,
    Owner,
    Support,
    Agent,
    Estimate,
    Due,
    Window,
    Needs,
    Inputs,
    Outputs,
    Sources,
    Objectives,
    Deliverables,
    Criteria,
    Verify,
    Blockers,
    NextSteps,
    Links,
    Paths,
    Memory,
    Entrance,
    Exit,
    Tasks,
    Mitigation,
    Escalation,
    Probability,
    Impact,
    Trend,
    Phase,
    Parent,
    Notes,
    Risk,
    Workstream,
    Metric,
    Value,
    /// What must hold, in words: `Build time at most 12 min`.
    Condition,
    /// What its author says of whether it holds: `PASS`, `FAIL`.
    Verdict,
    Target,
    Baseline,
    Before,
    After,
    Milestone,
    Gate,
    Decision,
    Assumption,
    Batch,
    Story,
    Action,
    Deliverable,
    Role,
}

/// What a label is about, judged by its words and never by its place.
pub(crate) fn field(label: &str) -> Option<Field> {
    let mut buffer = [0_u8; 48];
    let name = normal(label, &mut buffer)?;
    exact(name).or_else(|| exact(name.strip_suffix('s')?)).or_else(|| by_word(name))
}

/// Small letters, single spaces, nothing in brackets.
fn normal<'a>(label: &str, buffer: &'a mut [u8; 48]) -> Option<&'a str> {
    let mut length = 0;
    let mut depth = 0;
    for byte in label.bytes() {
        let byte = match byte {
            b'(' | b'[' => {
                depth += 1;
                continue;
            }
            b')' | b']' => {
                depth -= 1;
                continue;
            }
            _ if depth > 0 => continue,
            b'*' | b'`' | b':' | b'?' => continue,
            b'_' | b'-' | b' ' | b'\t' | b'.' | b'/' => b' ',
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'&' | b'%' | b'+') => {
                byte.to_ascii_lowercase()
            }
            // Pictographs beside the word.
            0x80.. => continue,
            _ => b' ',
        };
        if byte == b' ' && (length == 0 || buffer[length - 1] == b' ') {
            continue;
        }
        *buffer.get_mut(length)? = byte;
        length += 1;
    }
    std::str::from_utf8(buffer[..length].trim_ascii()).ok().filter(|name| !name.is_empty())
}

fn exact(name: &str) -> Option<Field> {
    Some(match name {
        "id" | "task id" | "key" | "ref" | "task key" | "identifier" | "ticket" | "issue" | "risk id"
        | "item id" | "story id" | "action id" | "batch id" | "code" | "req id" => Field::Key,
        "#" | "no" | "nr" | "number" | "task #" | "item #" | "num" => Field::Number,
        "task" | "description" | "title" | "item" | "activity" | "work item" | "task name" | "name"
        | "what" | "todo" | "feature" | "step" | "task description" | "work" | "summary" | "to do"
        | "subtask" | "task activity" => Field::Title,
        "batch" => Field::Batch,
        "story" | "user story" => Field::Story,
        "action" | "action item" => Field::Action,
        "deliverable" | "work product" => Field::Deliverable,
        "status" | "state" | "current status" | "task status" => Field::Status,
        "progress" | "% complete" | "percent" | "complete" | "completion" | "% done" | "done" | "%"
        | "percentage" | "percent complete" => Field::Percent,
        "priority" | "prio" => Field::Priority,
        "owner" | "owner role" | "assignee" | "assigned to" | "assigned" | "responsible" | "lead" | "dri"
        | "who" | "owner team" | "team" | "owners teams" | "owner or team" | "owner assignee"
        | "accountable" => Field::Owner,
        "support" | "backup" | "supporting" | "secondary" | "helper" | "backup owner" => Field::Support,
        "primary" | "primary owner" => Field::Owner,
        "agent" | "agent type" | "assigned agent" => Field::Agent,
        "duration" | "effort" | "estimate" | "estimated time" | "estimated effort" | "estimated duration"
        | "size" | "days" | "est" | "time" | "time estimate" | "lead time" | "hours" => Field::Estimate,
        "due" | "due date" | "target date" | "deadline" | "date" | "eta" | "by" | "by when"
        | "target completion" | "when" | "completion date" | "finish" | "due by" => Field::Due,
        "window" | "week" | "sprint" | "timeline" | "schedule" | "timeframe" | "time frame" | "day"
        | "timing" => Field::Window,
        "dependencie" | "dependencies" | "dependency" | "depends on" | "prereq" | "prerequisite"
        | "needs" | "need" | "requires" | "blocked by" | "predecessor" | "after" | "waits for"
        | "only after" | "not before" | "comes after" | "follows" | "waits on" | "depends" | "deps"
        | "dep" => Field::Needs,
        "input" => Field::Inputs,
        "output" | "artifact" | "artefact" => Field::Outputs,
        "source" | "source ref" | "reference" | "trace" | "traceability" | "origin" | "requirement" => {
            Field::Sources
        }
        "objective" | "goal" | "purpose" | "mission" => Field::Objectives,
        "deliverables" | "key deliverable" => Field::Deliverables,
        "success criteria"
        | "acceptance criteria"
        | "acceptance criterion"
        | "completion criteria"
        | "done when"
        | "definition of done"
        | "criteria"
        | "dod"
        | "success metric"
        | "acceptance"
        | "success criterion"
        | "exit criterion" => Field::Criteria,
        "verify" | "check" | "verification" | "probe" | "proof" => Field::Verify,
        "blocker" | "blockers dependencies" | "blocked" | "blocking issue" | "impediment" => Field::Blockers,
        "next step" | "next action" | "next" => Field::NextSteps,
        "pr" | "pr draft" | "pr draft link" | "link" | "url" | "pull request" | "pr link" | "pr issue"
        | "prs" => Field::Links,
        "file" | "path" | "paths" | "affected file" | "files to modify" | "files to create"
        | "files touched" | "files changed" | "key file" | "scope path" | "module" => Field::Paths,
        "memory key" | "memory namespace" | "coordination key" => Field::Memory,
        "entrance" | "entry" | "entrance criteria" | "entry criteria" | "entry gate" | "entrance gate" => {
            Field::Entrance
        }
        "exit" | "exit criteria" | "exit gate" | "quality gate" | "gate criteria" => Field::Exit,
        "tasks" | "task list" | "included task" | "action items" => Field::Tasks,
        "mitigation"
        | "mitigation strategy"
        | "response"
        | "treatment"
        | "mitigation plan"
        | "contingency" => Field::Mitigation,
        "escalation" | "escalation path" => Field::Escalation,
        "probability" | "likelihood" | "prob" | "chance" => Field::Probability,
        "impact" | "severity" | "consequence" => Field::Impact,
        "trend" | "trending" => Field::Trend,
        "phase" | "stage" => Field::Phase,
        "parent" | "epic" => Field::Parent,
        "note" | "comment" | "remark" | "detail" | "update" | "owner update" => Field::Notes,
        "risk" | "threat" | "risk description" | "risk factor" => Field::Risk,
        "workstream" | "area" | "work stream" | "responsibility" => Field::Workstream,
        "metric" | "kpi" | "measure" | "indicator" | "benchmark" => Field::Metric,
        "value" | "current" | "actual" | "measured" | "current value" | "now" | "result" | "reading" => {
            Field::Value
        }
        "target" | "goal value" | "threshold" | "target value" => Field::Target,
        "baseline" | "start value" => Field::Baseline,
        "before" => Field::Before,
        "milestone" => Field::Milestone,
        "gate" | "criterion" | "check item" => Field::Gate,
        "decision" => Field::Decision,
        "assumption" | "constraint" => Field::Assumption,
        "role" => Field::Role,
        _ => return None,
    })
}

/// Longer labels are known by a word in them.
fn by_word(name: &str) -> Option<Field> {
    const WORDS: [(&str, Field); 24] = [
        ("current ", Field::Value),
        ("owner", Field::Owner),
        ("success criteria", Field::Criteria),
        ("acceptance criteria", Field::Criteria),
        ("exit criteria", Field::Exit),
        ("entrance criteria", Field::Entrance),
        ("entry criteria", Field::Entrance),
        ("prereq", Field::Needs),
        ("dependenc", Field::Needs),
        ("mitigation", Field::Mitigation),
        ("probability", Field::Probability),
        ("likelihood", Field::Probability),
        ("baseline", Field::Baseline),
        ("blocker", Field::Blockers),
        ("due date", Field::Due),
        ("target date", Field::Due),
        ("estimated", Field::Estimate),
        ("task id", Field::Key),
        ("next step", Field::NextSteps),
        ("deliverable", Field::Deliverables),
        ("priority", Field::Priority),
        ("verif", Field::Verify),
        ("progress", Field::Percent),
        ("memory key", Field::Memory),
    ];
    // A word in a long sentence names nothing.
    if name.split(' ').count() > 4 {
        return None;
    }
    WORDS.iter().find(|(word, _)| name.contains(word)).map(|(_, field)| *field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_by_their_words() {
        for (label, expected) in [
            ("Task ID", Some(Field::Key)),
            ("Owner(s) or team(s)", Some(Field::Owner)),
            ("Prereqs", Some(Field::Needs)),
            ("Blockers/Dependencies", Some(Field::Blockers)),
            ("**Success Criteria:**", Some(Field::Criteria)),
            ("Next Steps", Some(Field::NextSteps)),
            ("PR/Draft", Some(Field::Links)),
            ("Agent Type", Some(Field::Agent)),
            ("Baseline (Nov 12)", Some(Field::Baseline)),
            ("% complete", Some(Field::Percent)),
            ("🎯 Status", Some(Field::Status)),
            ("**Memory Keys:**", Some(Field::Memory)),
            ("memory-key", Some(Field::Memory)),
            ("Memory keys to write", Some(Field::Memory)),
            ("Memory", None),
            ("Peak memory use", None),
            ("Telemetry", None),
            ("If quality gates fail after the second attempt", None),
        ] {
            assert_eq!(field(label), expected, "{label}");
        }
    }
}
