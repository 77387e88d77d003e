//! `/metrics`: figures for Prometheus, computed when they are asked for. What counts events is kept
//! folded up to the position it was last read to, so that a scrape reads what is new and no more; what is
//! true at this moment is asked of the plans.

pub mod process;
pub mod registry;
pub mod text;
pub mod watching;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::desk::Desk as _;
use jiff::Timestamp;
use lens::figures::Figures;
use lens::look::Look;
use lens::record::Record;
use lens::views::review_metrics::review_metrics;
use model::delivery::Workflow;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{
    APPROVAL_SELF, BUDGET_SPENT, IDENTITY_UNPROVEN, LEASE_STRIKES, LEASE_TAKEN, PATH_FOREIGN, PATH_RESERVED,
    PLAN_HALTED, PLAN_MOVED, POLICY_DENIED, STORE_BUSY,
};
use model::task::TaskState;
use model::waiver::WaiverState;

use self::registry::{
    BUILD, CI_FLAKES, CI_RESULT, CI_RUN, CI_VARIANCE, COUNTED, DEPLOYMENTS, EVENTS, FOLLOWERS,
    GATE_NO_CHECKPOINT, GATE_VERDICT, GUARDRAIL, INCIDENTS, LEASE_EXPIRED, LEASE_TAKEN as LEASES_TAKEN,
    LEASES, LOCK_CONTENTION, PLANS, POSITION, PREFIX, REFUSED, REVIEW_BREACHES, REVIEW_CLOSED, REVIEW_OLDEST,
    REVIEW_TICKETS, REVIEW_VELOCITY, ROLLBACK, SCRAPE, SUBSCRIBERS, TASK_LATENCY, TASKS, TEST_DURATION,
    WAIVER_EXPIRY, WAIVERS,
};
use self::text::Exposition;
use super::problem::Answered;
use super::service::Service;

/// So many events of the journal are read at a time.
const BATCH: usize = 1024;

/// Refusals because somebody else was there first.
const CONTENTION: &[&str] = &[LEASE_TAKEN, PATH_RESERVED, PLAN_MOVED, STORE_BUSY];

/// Refusals by which a rule that guards the plan was kept.
const GUARDS: &[&str] = &[
    APPROVAL_SELF,
    BUDGET_SPENT,
    IDENTITY_UNPROVEN,
    LEASE_STRIKES,
    PATH_FOREIGN,
    PATH_RESERVED,
    PLAN_HALTED,
    POLICY_DENIED,
];

/// A scrape counts on for so long itself; what is left then is counted meanwhile.
const COUNTS: Duration = Duration::from_millis(250);

/// Between two batches that are counted ahead, whoever scrapes gets a turn.
const REST: Duration = Duration::from_millis(1);

/// Has the journal counted on a thread of its own from the start on, so that the first scrape does not
/// wait for the whole of it. Ends once everything is counted, or with the service.
pub fn count_ahead(service: &Arc<Service>) -> io::Result<()> {
    let service = Arc::clone(service);
    let count = move || {
        while !service.checking.is_ending() {
            let mut state = service.counted.state.lock().unwrap_or_else(PoisonError::into_inner);
            // Where the journal cannot be read, whoever scrapes is told so.
            if !state.count_on(&service).unwrap_or(false) {
                return;
            }
            drop(state);
            std::thread::sleep(REST);
        }
    };
    std::thread::Builder::new().name("counting".to_owned()).spawn(count).map(drop)
}

/// What has been counted so far.
#[derive(Debug, Default)]
pub struct Counted {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    position: u64,
    figures: Figures,
    events: BTreeMap<String, u64>,
    /// The number of the last refused command that was counted.
    refused: u64,
    refusals: BTreeMap<String, u64>,
}

/// Everything, as Prometheus reads it; under a second beginning of names too, where one is given.
pub fn exposition(service: &Service, second: Option<&str>) -> Answered<String> {
    let begun = Instant::now();
    let mut state = service.counted.state.lock().unwrap_or_else(PoisonError::into_inner);
    state.catch_up(service, begun)?;
    let mut prefixes = vec![format!("{PREFIX}_")];
    prefixes.extend(second.map(|prefix| format!("{prefix}_")));
    let mut text = Exposition::new(prefixes);
    let lines = service.desk().plans()?;
    let plans = lines.iter().map(|line| service.desk().plan(line.id)).collect::<Result<Vec<_>, _>>()?;
    let now = service.desk().now();
    let looks: Vec<Look<'_>> = plans.iter().map(|plan| service.look(plan)).collect();
    reviews(&mut text, &looks, now);
    state.write(&mut text);
    text.one(COUNTED, state.position as f64);
    drop(state);
    work(&mut text, &looks, now);
    delivery(&mut text, &looks);
    text.one(PLANS, plans.len() as f64);
    text.one(POSITION, service.desk().journal().position()? as f64);
    text.one(SUBSCRIBERS, service.hub.listeners() as f64);
    text.one(FOLLOWERS, service.feed.followers() as f64);
    text.one(SCRAPE, begun.elapsed().as_secs_f64());
    text.family(BUILD, |family| family.sample([env!("CARGO_PKG_VERSION")], 1.0));
    let mut whole = text.finish();
    // These names are everybody's: they have no beginning of ours.
    let mut text = Exposition::new(vec![String::new()]);
    process::write(&mut text);
    whole.push_str(&text.finish());
    Ok(whole)
}

impl State {
    /// Counts what the journal has that was not counted yet, or as much of it as a scrape has time for.
    fn catch_up(&mut self, service: &Service, begun: Instant) -> Answered<()> {
        while self.count_on(service)? && begun.elapsed() < COUNTS {}
        let fresh = service.desk().journal().refusals(self.refused)?;
        self.refused = fresh.last;
        for (code, count) in fresh.by_code {
            *self.refusals.entry(code).or_default() += count;
        }
        Ok(())
    }

    /// Counts a batch, and says whether there may be more.
    fn count_on(&mut self, service: &Service) -> Answered<bool> {
        let batch = service.desk().journal().follow(self.position, BATCH)?;
        let Some(last) = batch.last().map(|stored| stored.position) else { return Ok(false) };
        let more = batch.len() == BATCH;
        for stored in batch {
            let kind = kind(&stored.event);
            match self.events.get_mut(kind) {
                Some(count) => *count += 1,
                None => {
                    self.events.insert(kind.to_owned(), 1);
                }
            }
            // What the store says of itself is about no plan.
            if stored.plan != PlanId::STORE {
                let recorded = engine::desk::recorded(stored)?;
                self.figures.see(recorded.plan, &Record::from(&recorded));
            }
        }
        self.position = last;
        Ok(more)
    }

    fn refusals_of(&self, codes: &[&str]) -> u64 {
        codes.iter().filter_map(|code| self.refusals.get(*code)).sum()
    }

    fn write(&self, text: &mut Exposition) {
        let figures = &self.figures;
        text.family(REVIEW_CLOSED, |family| {
            for ((reviewer, outcome), count) in &figures.closed {
                family.sample([reviewer, outcome], *count as f64);
            }
        });
        text.family(TASK_LATENCY, |family| {
            for (course, histogram) in &figures.tasks {
                family.histogram([course.entry_point, &course.agent_count()], histogram);
            }
        });
        text.family(GUARDRAIL, |family| {
            for ((decision, policy), count) in &figures.guardrails {
                family.sample([decision, policy], *count as f64);
            }
            for code in GUARDS.iter().filter(|code| self.refusals.contains_key(**code)) {
                family.sample(["block", code], self.refusals_of(&[code]) as f64);
            }
        });
        text.family(GATE_VERDICT, |family| {
            for ((gate, verdict), count) in &figures.verdicts {
                family.sample([gate, verdict], *count as f64);
            }
        });
        text.one(GATE_NO_CHECKPOINT, figures.failed_without_checkpoint as f64);
        text.one(LEASES_TAKEN, figures.leases_taken as f64);
        text.one(LEASE_EXPIRED, figures.leases_expired as f64);
        text.one(LOCK_CONTENTION, self.refusals_of(CONTENTION) as f64);
        text.family(REFUSED, |family| {
            for (code, count) in &self.refusals {
                family.sample([code], *count as f64);
            }
        });
        text.family(TEST_DURATION, |family| family.histogram([], &figures.checks));
        text.family(CI_RUN, |family| {
            for (workflow, histogram) in &figures.ci_runs {
                family.histogram([workflow], histogram);
            }
        });
        text.family(CI_RESULT, |family| {
            for ((workflow, result), count) in &figures.ci_results {
                family.sample([workflow, result], *count as f64);
            }
        });
        text.family(DEPLOYMENTS, |family| {
            for ((environment, result), count) in &figures.deployments {
                family.sample([environment, result], *count as f64);
            }
        });
        text.one(ROLLBACK, figures.rollbacks as f64);
        text.family(EVENTS, |family| {
            for (kind, count) in &self.events {
                family.sample([kind], *count as f64);
            }
        });
    }
}

/// The kind of an event, as it stands in its bytes: `{"task_claimed":…}`, or the bare word.
fn kind(bytes: &[u8]) -> &str {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.split('"').nth(1).unwrap_or("unknown")
}

fn reviews(text: &mut Exposition, looks: &[Look<'_>], now: Timestamp) {
    let metrics = review_metrics(looks, now);
    text.family(REVIEW_TICKETS, |family| {
        let totals = metrics.totals;
        family.sample(["open"], f64::from(totals.open));
        family.sample(["in_review"], f64::from(totals.in_review));
        family.sample(["resolved"], f64::from(totals.resolved));
        family.sample(["dismissed"], f64::from(totals.dismissed));
        family.sample(["unassigned"], f64::from(metrics.assignment.unassigned_open));
    });
    let waiting = looks.iter().flat_map(|look| &look.plan.tickets).filter(|ticket| ticket.is_active());
    let oldest = waiting.map(|ticket| now.duration_since(ticket.created_at).as_secs_f64());
    text.one(REVIEW_OLDEST, oldest.fold(0.0, f64::max));
    text.one(REVIEW_VELOCITY, metrics.velocity.average_daily_closed_last_7d);
    text.one(REVIEW_BREACHES, f64::from(metrics.queue_health.sla_breaches));
}

/// Workflows and incidents as they stand. Where several plans know a workflow of one name, the worst of
/// them is told.
fn delivery(text: &mut Exposition, looks: &[Look<'_>]) {
    let workflows: Vec<_> = looks.iter().flat_map(|look| &look.plan.delivery.workflows).collect();
    let worst = |of: fn(&Workflow) -> Option<f64>| {
        let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
        for (name, percent) in workflows.iter().filter_map(|known| Some((known.name.as_str(), of(known)?))) {
            let kept = worst.entry(name).or_insert(percent);
            *kept = kept.max(percent);
        }
        worst
    };
    for (metric, of) in [
        (CI_FLAKES, Workflow::flake_percent as fn(&Workflow) -> Option<f64>),
        (CI_VARIANCE, Workflow::variance_percent),
    ] {
        text.family(metric, |family| {
            for (workflow, percent) in worst(of) {
                family.sample([workflow], percent / 100.0);
            }
        });
    }
    let incidents = looks.iter().flat_map(|look| &look.plan.delivery.incidents);
    text.one(INCIDENTS, incidents.filter(|known| known.ended.is_none()).count() as f64);
}

/// Tasks, leases and waivers as they stand.
fn work(text: &mut Exposition, looks: &[Look<'_>], now: Timestamp) {
    let plans = || looks.iter().map(|look| look.plan);
    let state = |wanted: fn(&TaskState) -> bool| {
        plans().flat_map(|plan| &plan.tasks).filter(|task| wanted(&task.state)).count() as f64
    };
    text.family(TASKS, |family| {
        family.sample(["open"], state(|state| matches!(state, TaskState::Open)));
        family.sample(["active"], state(|state| matches!(state, TaskState::Active(_))));
        family.sample(["claimed"], state(|state| matches!(state, TaskState::Claimed(_))));
        family.sample(["verified"], state(|state| matches!(state, TaskState::Verified(_))));
        family.sample(["dropped"], state(|state| matches!(state, TaskState::Dropped(_))));
    });
    let leases = plans().flat_map(Plan::leased).filter_map(|task| task.lease());
    let (live, over): (Vec<_>, Vec<_>) = leases.partition(|lease| lease.is_live(now));
    text.family(LEASES, |family| {
        family.sample(["live"], live.len() as f64);
        family.sample(["over"], over.len() as f64);
    });
    let waivers: Vec<_> = plans().flat_map(|plan| &plan.waivers).collect();
    let number = |wanted| waivers.iter().filter(|waiver| waiver.state(now) == wanted).count() as f64;
    text.family(WAIVERS, |family| {
        family.sample(["requested"], number(WaiverState::Requested));
        family.sample(["approved"], number(WaiverState::Approved));
        family.sample(["lapsed"], number(WaiverState::Lapsed));
        family.sample(["revoked"], number(WaiverState::Revoked));
    });
    let in_force = waivers.iter().filter(|waiver| waiver.is_in_force(now));
    if let Some(first) = in_force.map(|waiver| waiver.until).min() {
        text.one(WAIVER_EXPIRY, first.duration_since(now).as_secs_f64());
    }
}
