//! Which scope a command takes where it is handed in over the network: one table for all of them, in
//! agreement with the service's own route for the same thing where there is one.

use crate::access::Scope;
use crate::command::Command;

/// The scope that whoever hands a command in for themselves must have.
pub fn asked_for(command: &Command) -> Scope {
    match command {
        // Work, and what those who work say to each other.
        Command::Start(_)
        | Command::Claim { .. }
        | Command::Update { .. }
        | Command::Block { .. }
        | Command::Unblock(_)
        | Command::Drop { .. }
        | Command::Reopen { .. }
        | Command::Note { .. }
        | Command::Attach { .. }
        | Command::Verify { .. }
        | Command::Take(_)
        | Command::Beat(_)
        | Command::TellSilence(_)
        | Command::Release { .. }
        | Command::Submit { .. }
        | Command::Reserve { .. }
        | Command::Touch { .. }
        | Command::HandOff(_)
        | Command::RecordUsage { .. }
        | Command::Report { .. }
        | Command::RecordReading { .. }
        | Command::Escalate { .. }
        | Command::RequestReview(_)
        | Command::RegisterAgent { .. }
        | Command::StartSession { .. }
        | Command::JoinSession(_)
        | Command::SeeAgent { .. }
        | Command::EndSession { .. }
        | Command::SetMemory(_)
        | Command::DeleteMemory { .. }
        | Command::SendMessage { .. }
        | Command::AcknowledgeMessages(_)
        // A tick in a document is an assertion, as `claim` is; that a document was written is a fact.
        | Command::ReviseTasks { .. }
        | Command::IntendDocument { .. }
        | Command::SyncDocument { .. } => Scope::TasksWork,
        // What the plan is, and what is decided about it. A verdict decides as well: whoever hands one in
        // is believed to have run the check.
        Command::AdoptPlan(_)
        | Command::RevisePlan { .. }
        | Command::Rewire { .. }
        | Command::RecordVerdict { .. }
        | Command::ApproveWeakening(_)
        | Command::Waive { .. }
        | Command::WaiveNeed { .. }
        | Command::ApproveWaiver(_)
        | Command::RevokeWaiver { .. }
        | Command::AddTask { .. }
        | Command::AddRisk { .. }
        | Command::ChangeRisk { .. }
        | Command::Decide(_)
        | Command::ResolveEscalation { .. }
        | Command::Assume(_)
        | Command::CheckAssumption { .. }
        | Command::DefineMetric { .. }
        | Command::RecordCiRun(_)
        | Command::RecordDeployment(_)
        | Command::OpenIncident { .. }
        | Command::EndIncident { .. }
        | Command::Rebaseline { .. }
        | Command::AllowBudget { .. }
        | Command::Halt { .. }
        | Command::Resume
        | Command::Trust { .. } => Scope::PlansWrite,
        // What a person answers for. A key is what they sign it with.
        Command::Approve { .. }
        | Command::ApproveRebaseline { .. }
        | Command::AssignTicket { .. }
        | Command::UnassignTicket(_)
        | Command::NoteTicket { .. }
        | Command::ResolveTicket(_)
        | Command::RegisterKey { .. } => Scope::ReviewsWrite,
        Command::IssueToken(_) | Command::RevokeToken { .. } => Scope::Admin,
    }
}

/// The scope that whoever hands a command in for Countersign itself must have: verdicts of checks that
/// ran where the files are, and what a dispatcher does with the work of its agents. Anything else is
/// for whoever may do everything.
pub fn asked_of_the_system(command: &Command) -> Scope {
    match command {
        Command::RecordVerdict { .. }
        | Command::Verify { .. }
        | Command::Reopen { .. }
        | Command::Release { .. }
        | Command::SeeAgent { .. }
        | Command::TellSilence(_) => Scope::PlansWrite,
        _ => Scope::Admin,
    }
}
