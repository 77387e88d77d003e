//! Every metric there is: its name, type, labels, and what it says. The exposition, the reference
//! page, the dashboard and the alert rules all take their names from here.

use std::fmt::Write as _;

/// What names begin with.
pub const PREFIX: &str = "countersign";

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, and begins anew where the service does.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations, counted by bounds they do not exceed.
    Histogram,
}

impl Kind {
    /// The word of the exposition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name, without what every name begins with.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// Its labels, in the order they are written.
    pub labels: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident $name:literal $kind:ident [$($label:literal),*] $help:literal,)+) => {
        $(
            #[doc = $help]
            pub const $constant: Metric =
                Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };
        )+

        /// All of them, in the order they are written.
        pub const METRICS: &[Metric] = &[$($constant),+];
    };
}

metrics! {
    REVIEW_TICKETS "review_tickets" Gauge ["status"] "Review tickets by status; those that wait and nobody has are `unassigned` besides.",
    REVIEW_OLDEST "review_ticket_oldest_age_seconds" Gauge [] "Age of the oldest review ticket that waits; 0 where none does.",
    REVIEW_CLOSED "review_closed_total" Counter ["reviewer", "outcome"] "Review tickets closed, by who closed them; an empty reviewer is the program itself.",
    REVIEW_VELOCITY "review_velocity_daily" Gauge [] "Review tickets resolved a day, over the last seven days.",
    REVIEW_BREACHES "review_overdue" Gauge [] "Review tickets that should have been answered by now.",
    TASK_LATENCY "task_latency_seconds" Histogram ["entry_point", "agent_count"] "What tasks took from being begun to their end; `prompt` where the service was asked in words.",
    TASKS "tasks" Gauge ["state"] "Tasks of all plans by state.",
    PLANS "plans" Gauge [] "Plans under control.",
    GUARDRAIL "guardrail_decision_total" Counter ["decision", "policy_id"] "What guardrails decided; `block` where a command was refused.",
    GATE_VERDICT "gate_verdict_total" Counter ["gate", "verdict"] "Verdicts and approvals of gates; those of tasks, phase entrances and exits are counted together.",
    GATE_NO_CHECKPOINT "gate_failure_without_checkpoint_total" Counter [] "Failed verdicts where no commit is on record that one could go back to.",
    WAIVERS "waivers" Gauge ["state"] "Waivers by state.",
    WAIVER_EXPIRY "waiver_next_expiry_seconds" Gauge [] "Time until the first waiver in force ends; missing where none is.",
    LEASES "leases" Gauge ["state"] "Leases: those that hold, and those whose time is over but whose task nobody else took.",
    LEASE_TAKEN "lease_taken_total" Counter [] "Leases granted.",
    LEASE_EXPIRED "lease_expired_total" Counter [] "Leases whose time was over before their work was.",
    LOCK_CONTENTION "lock_contention_total" Counter [] "Commands refused because somebody else held the task, the path or the store, or had moved the plan.",
    REFUSED "refused_total" Counter ["code"] "Commands refused, by code.",
    TEST_DURATION "test_duration_seconds" Histogram [] "What running checks took, and the tests of runs of continuous integration.",
    CI_RUN "ci_run_seconds" Histogram ["workflow"] "What runs of continuous integration took.",
    CI_RESULT "ci_run_total" Counter ["workflow", "result"] "Runs of continuous integration, by how they ended.",
    CI_FLAKES "ci_flake_ratio" Gauge ["workflow"] "The share of runs that are flaky; missing where there are too few to say.",
    CI_VARIANCE "ci_duration_variance_ratio" Gauge ["workflow"] "By how much the last run took more than the baseline; missing where there is none.",
    DEPLOYMENTS "deployment_total" Counter ["environment", "result"] "Deployments, by how they went.",
    ROLLBACK "rollback_total" Counter [] "Deployments taken back.",
    INCIDENTS "incidents_open" Gauge [] "Incidents that have not ended.",
    EVENTS "events_total" Counter ["kind"] "Events on record, by kind.",
    POSITION "journal_position" Gauge [] "The journal's last position.",
    COUNTED "journal_counted_position" Gauge [] "The position up to which events are counted; behind `journal_position` only for moments after a start on a long journal.",
    SUBSCRIBERS "stream_subscribers" Gauge [] "Listeners to the event stream.",
    FOLLOWERS "journal_followers" Gauge [] "Listeners to the journal's position, such as open console pages.",
    SCRAPE "scrape_duration_seconds" Gauge [] "What computing these figures took.",
    BUILD "build_info" Gauge ["version"] "Always 1; the program's version.",
}

/// Figures of the process under the names that every Prometheus client uses, without our beginning.
pub const PROCESS: &[Metric] = &[PROCESS_CPU, PROCESS_MEMORY, PROCESS_FILES, PROCESS_START];

/// Processor time.
pub const PROCESS_CPU: Metric = Metric {
    name: "process_cpu_seconds_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Processor time the process has used.",
};

/// Memory.
pub const PROCESS_MEMORY: Metric = Metric {
    name: "process_resident_memory_bytes",
    kind: Kind::Gauge,
    labels: &[],
    help: "Memory the process holds.",
};

/// Files.
pub const PROCESS_FILES: Metric = Metric {
    name: "process_open_fds",
    kind: Kind::Gauge,
    labels: &[],
    help: "Files and connections the process has open.",
};

/// Beginning.
pub const PROCESS_START: Metric = Metric {
    name: "process_start_time_seconds",
    kind: Kind::Gauge,
    labels: &[],
    help: "When the process began, in seconds since 1970.",
};

/// The reference page.
pub fn reference() -> String {
    let mut text = format!(
        "# Metrics\n\n`GET /metrics` of the service, in the text format of Prometheus. Names begin with \
         `{PREFIX}_`; `serve --metrics-prefix NAME` writes each a second time with another beginning, for \
         dashboards that were there before. What counts events counts all that are on record, so it goes on \
         where it was after a restart.\n\n| name | type | labels | says |\n|---|---|---|---|\n"
    );
    let named = METRICS.iter().map(|metric| (format!("{PREFIX}_{}", metric.name), metric));
    for (name, metric) in named.chain(PROCESS.iter().map(|metric| (metric.name.to_owned(), metric))) {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let kind = metric.kind.as_str();
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| `{name}` | {kind} | {} | {} |", labels.join(", "), metric.help);
    }
    text.push_str(
        "\nGuides: [watching the service](../guide/observability.md). The dashboard and the alert rules made \
         from these names are in [`docs/observability/`](../observability/README.md).\n",
    );
    text
}
