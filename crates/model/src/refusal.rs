//! Refusals: the domain says no, with a stable code, one sentence, and what to do next.

use std::fmt;

use serde::Serialize;

/// A refusal's code, its exit status and what it means, for `help` and `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Code {
    /// `dependency/unmet`.
    pub code: &'static str,
    /// Exit status of the program.
    pub exit: u8,
    /// One line.
    pub means: &'static str,
}

macro_rules! codes {
    ($($name:ident $code:literal $exit:literal $means:literal),+ $(,)?) => {
        $(#[doc = $means] pub const $name: &str = $code;)+

        /// Every code the program can end with, in the order of their exit statuses.
        pub const CODES: &[Code] = &[$(Code { code: $code, exit: $exit, means: $means }),+];
    };
}

codes! {
    INTERNAL_FAULT "internal/fault" 1 "something went wrong inside the program",
    STORE_FULL "store/full" 1 "no room is left where the store lives",
    STORE_IO "store/io" 1 "the disk or file system under the store failed",
    STORE_MEMORY "store/memory" 1 "the database ran out of memory",
    STORE_READ_ONLY "store/read-only" 1 "the store may be read, but not written",
    STORE_LIBRARY "store/library" 1 "the program was built with a database library that loses data",
    STORE_FAULT "store/fault" 1 "the database said no without a better name for it",
    STORE_UNREACHABLE "store/unreachable" 1 "the server that keeps the store does not answer",
    USAGE_INVALID "usage/invalid" 2 "the command line could not be understood",
    PLAN_AMBIGUOUS "plan/ambiguous" 2 "the store holds several plans and none was named",
    FILE_NOT_FOUND "file/not-found" 3 "a file that was named does not exist",
    PLAN_NOT_FOUND "plan/not-found" 3 "no such plan",
    TASK_NOT_FOUND "task/not-found" 3 "no such task",
    CHECK_NOT_FOUND "check/not-found" 3 "no such check",
    GATE_NOT_FOUND "gate/not-found" 3 "no such gate",
    WAIVER_NOT_FOUND "waiver/not-found" 3 "no such waiver",
    ENTRY_NOT_FOUND "entry/not-found" 3 "no such risk, decision, escalation, assumption, metric or error code",
    SESSION_NOT_FOUND "session/not-found" 3 "no such session",
    AGENT_NOT_FOUND "agent/not-found" 3 "no such agent",
    MEMORY_NOT_FOUND "memory/not-found" 3 "nothing is kept under that key",
    MESSAGE_NOT_FOUND "message/not-found" 3 "no such message",
    REVIEW_NOT_FOUND "review/not-found" 3 "no such review ticket",
    WORK_NONE "work/none" 3 "there is no task that could be taken now",
    ROUTE_NOT_FOUND "route/not-found" 3 "the service has nothing at that address",
    STORE_NOT_FOUND "store/not-found" 3 "there is no store here yet",
    PLAN_INVALID "plan/invalid" 4 "the plan cannot be governed as it stands",
    LINT_FINDINGS "lint/findings" 4 "a finding reached the severity that fails",
    VALUE_INVALID "value/invalid" 4 "a value is not acceptable",
    CONFIG_INVALID "config/invalid" 4 "a setting is not acceptable",
    STORE_REMOTE "store/remote" 4 "that cannot be done with a store behind a server",
    KEY_DUPLICATE "key/duplicate" 4 "the key is taken",
    AGENT_DIFFERS "agent/differs" 4 "the name is taken by another configuration",
    AGENT_UNUSABLE "agent/unusable" 4 "an agent cannot be started as it is configured",
    DEPENDENCY_CYCLE "dependency/cycle" 4 "the needs run in a circle",
    POLICY_DENIED "policy/denied" 5 "this actor may not do that",
    WAIVER_SELF_APPROVED "waiver/self-approved" 5 "who asked for a waiver cannot approve it",
    WAIVER_NEVER "waiver/never" 5 "this check is never waived",
    APPROVAL_SELF "approval/self" 5 "who claimed a task cannot approve it",
    IDENTITY_UNPROVEN "identity/unproven" 5 "this asks for a proven identity",
    AUTH_REQUIRED "auth/required" 5 "the service asks who you are",
    AUTH_INVALID "auth/invalid" 5 "the credentials do not hold",
    AUTH_SCOPE "auth/scope" 5 "the credentials do not allow that",
    ORIGIN_REFUSED "origin/refused" 5 "the request comes by a name or from a site the service does not trust",
    GATE_SHUT "gate/shut" 6 "a gate is shut",
    CHECK_ERROR "check/error" 6 "a check could not run",
    WAIVER_EXPIRED "waiver/expired" 6 "the waiver's time is over",
    WAIVER_SCOPE "waiver/scope" 6 "the waiver was given for something else",
    WEAKENING_UNAPPROVED "weakening/unapproved" 6 "a loosened criterion waits for approval",
    REPORT_REFUTED "report/refuted" 6 "a report states what does not hold",
    DEPENDENCY_UNMET "dependency/unmet" 7 "a needed task is not done",
    TASK_STATE "task/state" 8 "the task's state does not allow that",
    PLAN_MOVED "plan/moved" 8 "somebody else changed the plan meanwhile",
    DOCUMENT_CONFLICT_MARKERS "document/conflict-markers" 8 "a document holds the marks of an unfinished merge",
    DOCUMENT_UNREADABLE "document/unreadable" 8 "a document cannot be read as it lies there",
    DOCUMENT_UNWRITABLE "document/unwritable" 8 "a document could not be written",
    REQUEST_REPEATED "request/repeated" 8 "the request id was used for something else",
    LEASE_LOST "lease/lost" 8 "the lease is over, or somebody else has it",
    LEASE_TAKEN "lease/taken" 8 "somebody else holds the task",
    LEASE_STRIKES "lease/strikes" 8 "the task has lost its worker too often",
    PATH_RESERVED "path/reserved" 8 "somebody else has reserved the path",
    PATH_FOREIGN "path/foreign" 8 "the work touches what was not reserved for it",
    MEMORY_CONFLICT "memory/conflict" 8 "the value was changed meanwhile",
    PLAN_HALTED "plan/halted" 8 "the plan was halted",
    SESSION_ENDED "session/ended" 8 "the session is over",
    REVIEW_CLOSED "review/closed" 8 "the review ticket is closed",
    SESSION_FULL "session/full" 8 "the session has no room for another agent",
    MERGE_CONFLICT "merge/conflict" 8 "work could not be merged",
    VERDICT_STALE "verdict/stale" 8 "the verdict belongs to an earlier attempt or specification",
    RATE_LIMITED "rate/limited" 8 "too many requests in too short a time",
    STORE_BUSY "store/busy" 8 "somebody else holds the store",
    STORE_DAMAGED "store/damaged" 9 "the store is damaged and was left as it is",
    CHAIN_BROKEN "chain/broken" 9 "the journal's chain does not hold",
    STORE_NEWER "store/newer" 9 "the store was written by a newer version",
    STORE_OTHER_VERSION "store/other-version" 9 "the server that keeps the store is of another version",
    CONFIRM_REQUIRED "confirm/required" 10 "this asks for confirmation",
    TRUST_REQUIRED "trust/required" 10 "the plan's commands have not been trusted",
    BUDGET_SPENT "budget/spent" 10 "the plan's budget is used up",
    WAIT_TIMEOUT "wait/timeout" 124 "the wait ended without what was waited for",
}

/// The entry of a code, where there is one.
pub fn code(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|entry| entry.code == code)
}

/// The domain says no.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Stable code, one of [`CODES`].
    pub code: &'static str,
    /// One sentence, lower case, the user's words in backticks.
    pub message: String,
    /// Facts that belong to it, one a line.
    pub facts: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Keys, numbers and names for machines.
    pub context: serde_json::Map<String, serde_json::Value>,
}

impl Refusal {
    /// A refusal with a code and a sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), facts: Vec::new(), hint: None, context: serde_json::Map::new() }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, fact: impl Into<String>) -> Self {
        self.facts.push(fact.into());
        self
    }

    /// Adds something for machines.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }

    /// The program's exit status for this refusal.
    pub fn exit(&self) -> u8 {
        code(self.code).map_or(1, |entry| entry.exit)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, self.message)
    }
}
