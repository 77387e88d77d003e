//! The stored form of events: one committed JSON file for each kind, which must read and be
//! written again byte for byte. A kind without a file does not compile here.

use model::check::Evidence;
use model::event::{Event, TaskChanged};
use serde_json::{Value, json};

macro_rules! goldens {
    ($($kind:ident $name:literal,)+) => {
        const GOLDENS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../golden/events/", $name, ".json")))),+];

        /// Has an arm for each kind, so that a new one calls for its file.
        fn name(event: &Event) -> &'static str {
            match event {
                $(Event::$kind { .. } => $name,)+
            }
        }
    };
}

goldens! {
    PlanAdopted "plan_adopted",
    PlanRevised "plan_revised",
    DocumentIntended "document_intended",
    DocumentSynced "document_synced",
    SettingsChanged "settings_changed",
    SettingsProposed "settings_proposed",
    TrustGiven "trust_given",
    KeyRegistered "key_registered",
    PhaseAdded "phase_added",
    PhaseChanged "phase_changed",
    PhaseRemoved "phase_removed",
    TaskAdded "task_added",
    TaskChanged "task_changed",
    TaskAsserted "task_asserted",
    TaskStarted "task_started",
    TaskClaimed "task_claimed",
    ClaimWithdrawn "claim_withdrawn",
    TaskVerified "task_verified",
    TaskReopened "task_reopened",
    TaskFlagged "task_flagged",
    TaskDropped "task_dropped",
    TaskBlocked "task_blocked",
    TaskUnblocked "task_unblocked",
    FactsChanged "facts_changed",
    NeedsChanged "needs_changed",
    NoteAdded "note_added",
    FileAttached "file_attached",
    GateAdded "gate_added",
    GateChanged "gate_changed",
    CheckAdded "check_added",
    CheckChanged "check_changed",
    WeakeningProposed "weakening_proposed",
    WeakeningWithdrawn "weakening_withdrawn",
    WeakeningApproved "weakening_approved",
    CriteriaStated "criteria_stated",
    VerdictRecorded "verdict_recorded",
    ApprovalGiven "approval_given",
    WaiverRequested "waiver_requested",
    WaiverApproved "waiver_approved",
    WaiverRevoked "waiver_revoked",
    RiskAdded "risk_added",
    RiskChanged "risk_changed",
    DecisionRecorded "decision_recorded",
    EscalationOpened "escalation_opened",
    EscalationResolved "escalation_resolved",
    AssumptionRecorded "assumption_recorded",
    AssumptionChecked "assumption_checked",
    MetricDefined "metric_defined",
    ReadingRecorded "reading_recorded",
    RebaselineRequested "rebaseline_requested",
    RebaselineApproved "rebaseline_approved",
    LeaseTaken "lease_taken",
    LeaseRenewed "lease_renewed",
    LeaseSilent "lease_silent",
    LeaseEnded "lease_ended",
    WorkSubmitted "work_submitted",
    PathsReserved "paths_reserved",
    PathTouched "path_touched",
    HandedOff "handed_off",
    UsageRecorded "usage_recorded",
    WorkReported "work_reported",
    BudgetAllowed "budget_allowed",
    PlanHalted "plan_halted",
    PlanResumed "plan_resumed",
    TicketOpened "ticket_opened",
    TicketJoined "ticket_joined",
    TicketAssigned "ticket_assigned",
    TicketUnassigned "ticket_unassigned",
    TicketNoted "ticket_noted",
    TicketClosed "ticket_closed",
    CiRunRecorded "ci_run_recorded",
    DeploymentRecorded "deployment_recorded",
    IncidentOpened "incident_opened",
    IncidentEnded "incident_ended",
    AgentRegistered "agent_registered",
    SessionStarted "session_started",
    SessionJoined "session_joined",
    AgentSeen "agent_seen",
    SessionEnded "session_ended",
    MemorySet "memory_set",
    MemoryDeleted "memory_deleted",
    MessageSent "message_sent",
    MessagesAcknowledged "messages_acknowledged",
    TokenIssued "token_issued",
    TokenRevoked "token_revoked",
}

fn read(name: &str, text: &str) -> Event {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}.json does not read: {error}"))
}

/// One event of each kind.
pub(crate) fn goldens() -> impl Iterator<Item = Event> {
    GOLDENS.iter().map(|(name, text)| read(name, text))
}

#[test]
fn every_kind_reads_and_is_written_as_it_was() {
    for (file, text) in GOLDENS {
        let event = read(file, text);
        assert_eq!((name(&event), event.kind()), (*file, *file));
        let written = serde_json::to_string_pretty(&event).expect("an event has a JSON form") + "\n";
        assert_eq!(written, *text, "{file}.json");
    }
}

#[test]
fn a_verdict_tells_its_commit_and_sender_in_every_form() {
    let text = GOLDENS.iter().find(|(file, _)| *file == "verdict_recorded").expect("it is there").1;
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    value["verdict_recorded"]["evidence"]["commit"] = json!("8c4beaa");
    value["verdict_recorded"]["evidence"]["handed_in_by"] = json!("person:Lena");
    for text in [text, &value.to_string()] {
        let Event::VerdictRecorded(verdict) = read("verdict_recorded", text) else { panic!("of this kind") };
        let json = serde_json::to_string(&verdict.evidence).expect("a JSON form");
        let bytes = postcard::to_allocvec(&verdict.evidence).expect("a compact form");
        assert_eq!(serde_json::from_str::<Evidence>(&json).expect("reads back"), verdict.evidence);
        assert_eq!(postcard::from_bytes::<Evidence>(&bytes).expect("reads back"), verdict.evidence);
        assert_eq!(json.contains("commit"), verdict.evidence.commit.is_some(), "{json}");
    }
}

#[test]
fn a_later_writers_fields_are_passed_over() {
    for (file, text) in GOLDENS {
        let mut value: Value = serde_json::from_str(text).expect("JSON");
        value[file]["added_later"] = json!({"by": "a newer version"});
        assert_eq!(read(file, &value.to_string()), read(file, text));
    }
}

#[test]
fn what_may_be_missing_may_be_missing() {
    let id = |prefix: &str| format!("{prefix}_01kx8m2v000000000000000007");
    let bare = [
        json!({"task_added": {"task": id("tsk"), "key": "T-7", "title": "Build", "line": 1}}),
        json!({"task_asserted": {"task": id("tsk"), "asserted": {"checked": null, "state": "open"}}}),
        json!({"phase_added": {"phase": id("phs"), "key": "A", "title": "One", "line": 1}}),
        json!({"phase_changed": {"phase": id("phs"), "title": "One", "line": 1}}),
        json!({"gate_added": {"gate": id("gat"), "name": "deploy"}}),
        json!({"weakening_proposed": {"check": id("chk")}}),
        json!({"facts_changed": {"task": id("tsk")}}),
        json!({"metric_defined": {"name": "p95"}}),
        json!({"reading_recorded": {"name": "p95", "value": 1.0, "source": "me"}}),
        json!({"rebaseline_requested": {"task": id("tsk"), "field": "due", "to": "2031-06-01", "reason": "late"}}),
        json!({"token_issued": {"id": id("tok"), "name": "ci", "digest": "0".repeat(64), "subject": {"person": "Ada"}}}),
        json!({"assumption_recorded": {"assumption": id("asm"), "text": "nobody moves"}}),
    ];
    for value in bare {
        let text = value.to_string();
        let event = read("bare", &text);
        let written: Value = serde_json::to_value(&event).expect("an event has a JSON form");
        assert_eq!(written, value, "nothing that is nothing is written");
    }
}

#[test]
fn not_mentioned_and_mentioned_as_nothing_are_two_things() {
    let task = model::ids::TaskId::from_bits(7);
    for phase in [None, Some(None), Some(Some(model::ids::PhaseId::from_bits(3)))] {
        let changed = TaskChanged { phase, ..TaskChanged::new(task) };
        let event = Event::TaskChanged(Box::new(changed));
        let text = serde_json::to_string(&event).expect("an event has a JSON form");
        assert_eq!(read("task_changed", &text), event, "{text}");
        assert_eq!(text.contains("phase"), phase.is_some());
    }
    assert!(TaskChanged::new(task).is_empty());
}

#[test]
fn the_blobs_an_event_rests_on_are_named() {
    let named: Vec<(&str, usize)> = GOLDENS
        .iter()
        .map(|(file, text)| (*file, read(file, text).blobs().len()))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(
        named,
        [("plan_adopted", 1), ("plan_revised", 1), ("file_attached", 1), ("verdict_recorded", 1)]
    );
}
