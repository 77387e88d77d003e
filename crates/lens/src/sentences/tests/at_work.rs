//! Leases, the work done under them, and what all plans share, told.

use model::access::{Bearer, TokenIssued};
use model::commons::{
    AgentCard, HybridTime, MemorySet, MessageSent, Recipient, SessionJoined, SessionStarted,
};
use model::ids::{AgentId, Fence, LeaseId, Seq, SessionId, TokenId};
use model::lease::{HandedOff, LeaseEnd, LeaseTaken, PathTouched, Usage, WorkReported, WorkSubmitted};

use super::*;

pub(super) fn told_kinds() -> Vec<&'static str> {
    told(&story()).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn work_and_what_plans_share_are_told() {
    let told = told(&story());
    let adopted = World::adopt(RELEASE).records().count();
    let text: Vec<String> = told.into_iter().skip(adopted).map(|(_, text)| text).collect();
    check_text(&text.join("\n"), STORY);
}

fn story() -> World {
    let mut world = World::adopt(RELEASE);
    let (quality, notes) = (world.task("7.3"), world.task("7.4"));
    let (fence, until) = (Fence(2), world.now + jiff::SignedDuration::from_hours(1));
    let (name, session) = (AgentId::new("coder").unwrap(), SessionId::new("swarm").unwrap());
    let paths = || vec!["src/**".to_owned(), "Cargo.toml".to_owned()];
    let usage = Usage { tokens: 1200, money_micros: 350_000, seconds: 90 };
    let message = |to: Recipient| {
        let (text, hybrid) = ("it is handed in".to_owned(), HybridTime::default());
        Event::MessageSent(Box::new(MessageSent { to, text, hybrid, plan: None, task: None, answers: None }))
    };
    let ended = |how: LeaseEnd, reason: &str| Event::LeaseEnded {
        task: quality,
        fence,
        how,
        reason: reason.to_owned(),
    };
    let touched = |path: &str, foreign: bool, of: Option<TaskId>| {
        let path = path.to_owned();
        Event::PathTouched(Box::new(PathTouched { task: quality, fence, path, digest: None, foreign, of }))
    };
    let events = vec![
        Event::AgentRegistered {
            agent: name.clone(),
            card: AgentCard { roles: ["reviewer".to_owned()].into(), ..AgentCard::default() },
        },
        Event::SessionStarted(Box::new(SessionStarted {
            session: session.clone(),
            plan: None,
            topology: None,
            max_agents: Some(4),
            silence_seconds: 60,
        })),
        Event::SessionJoined(Box::new(SessionJoined {
            session: session.clone(),
            agent: name.clone(),
            role: Some("reviewer".to_owned()),
            task: None,
            task_file: None,
            process: None,
        })),
        Event::LeaseTaken(Box::new(LeaseTaken {
            task: quality,
            lease: LeaseId::from_bits(7),
            fence,
            role: None,
            until,
            ttl_seconds: 3600,
            paths: paths(),
            shared: false,
            base: None,
        })),
        Event::LeaseRenewed { task: quality, fence, until },
        Event::PathsReserved { task: quality, paths: paths(), shared: true },
        Event::PathsReserved { task: notes, paths: Vec::new(), shared: false },
        touched("src/a.rs", false, None),
        touched("docs/a.md", true, None),
        touched("docs/b.md", true, Some(notes)),
        Event::WorkSubmitted(Box::new(WorkSubmitted {
            task: quality,
            fence,
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            touched: vec!["src/a.rs".to_owned()],
            summary: String::new(),
        })),
        Event::HandedOff(Box::new(HandedOff {
            task: Some(quality),
            from: "reviewer".to_owned(),
            to: "planner".to_owned(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            required_by: None,
            text: "done".to_owned(),
        })),
        Event::UsageRecorded { task: quality, usage },
        Event::WorkReported(Box::new(WorkReported {
            task: quality,
            name: "tool_invoked".to_owned(),
            payload: serde_json::Map::from_iter([("tool".to_owned(), "cargo test".into())]),
        })),
        Event::BudgetAllowed { usage: Usage { seconds: 0, ..usage }, reason: "more was found".to_owned() },
        Event::LeaseSilent { task: quality, fence, missed: 6 },
        ended(LeaseEnd::Released, ""),
        ended(LeaseEnd::Expired, "its time was over"),
        ended(LeaseEnd::Failed, "exit status 3"),
        ended(LeaseEnd::Halted, "the build is down"),
        Event::PlanHalted { reason: "the build is down".to_owned() },
        Event::PlanResumed {},
        Event::MemorySet(Box::new(MemorySet {
            key: "p7/status".to_owned(),
            value: "half way".to_owned(),
            version: 3,
            until: None,
            tags: BTreeSet::new(),
            under: None,
        })),
        Event::MemoryDeleted { key: "p7/status".to_owned(), version: 4, under: None },
        message(Recipient::Name("Bo".to_owned())),
        message(Recipient::Role("planner".to_owned())),
        message(Recipient::Session(session.clone())),
        message(Recipient::Everybody),
        Event::MessagesAcknowledged { messages: vec![Seq(7)] },
        Event::AgentSeen { session: session.clone(), agent: name, process: None },
        Event::SessionEnded { session: session.clone(), reason: "done".to_owned(), stuck: false },
        Event::SessionEnded { session, reason: "nothing was heard of it".to_owned(), stuck: true },
        Event::TokenIssued(Box::new(TokenIssued {
            id: TokenId::from_bits(7),
            name: "ci".to_owned(),
            digest: Digest::ZERO,
            subject: Bearer::Agent(AgentId::new("coder").unwrap()),
            roles: ["agent".to_owned()].into(),
            scopes: ["reviews:write".to_owned()].into(),
            until: Some(until),
        })),
        Event::TokenRevoked { id: TokenId::from_bits(7), reason: "it stood in a log".to_owned() },
    ];
    for event in events {
        world.happens(agent("coder"), Cause::command("work"), event);
    }
    world
}

const STORY: &str = r"
coder (s1) [declared] registered agent coder for reviewer
coder (s1) [declared] began session swarm for up to 4 agents
coder (s1) [declared] had coder join session swarm as reviewer
coder (s1) [declared] took `7.3` under grant 2 until 2031-05-01 10:00 UTC, to write `src/**`, `Cargo.toml`
coder (s1) [declared] keeps `7.3` until 2031-05-01 10:00 UTC
coder (s1) [declared] reserved `src/**`, `Cargo.toml` for `7.3`, shared with others
coder (s1) [declared] freed the paths of `7.4`
coder (s1) [declared] wrote src/a.rs for `7.3`
coder (s1) [declared] wrote docs/a.md for `7.3`, which was not reserved for it
coder (s1) [declared] wrote docs/b.md for `7.3`, which is reserved for `7.4`
coder (s1) [declared] handed in `7.3` at 0123456789ab, 1 file changed
coder (s1) [declared] handed `7.3` on from reviewer to planner
coder (s1) [declared] used 1200 tokens, 0.35 in money, 90 seconds on `7.3`
coder (s1) [declared] reported tool_invoked on `7.3`: cargo test
coder (s1) [unauthenticated] allowed 1200 tokens, 0.35 in money more: more was found
coder (s1) [declared] escalated `7.3`: its holder missed 6 heartbeats
coder (s1) [declared] gave back `7.3`
coder (s1) [declared] ended the lease that ran out on `7.3`: its time was over
coder (s1) [declared] failed at `7.3`: exit status 3
coder (s1) [declared] stopped work on `7.3`: the build is down
coder (s1) [declared] halted the plan: the build is down
coder (s1) [unauthenticated] let the plan go on
coder (s1) [declared] set `p7/status` in the memory, version 3
coder (s1) [declared] deleted `p7/status` from the memory
coder (s1) [declared] sent a message to Bo: it is handed in
coder (s1) [declared] sent a message to the role planner: it is handed in
coder (s1) [declared] sent a message to session swarm: it is handed in
coder (s1) [declared] sent a message to everybody: it is handed in
coder (s1) [declared] acknowledged 1 message
coder (s1) [declared] heard of coder in session swarm
coder (s1) [declared] ended session swarm: done
coder (s1) [declared] closed session swarm, which was stuck: nothing was heard of it
coder (s1) [unauthenticated] made token `ci` for agent:coder with agent, reviews:write until 2031-05-01 10:00 UTC
coder (s1) [unauthenticated] revoked token tok_00000000000000000000000007: it stood in a log
";
