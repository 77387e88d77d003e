//! How the work gets out: deployments, incidents, and how long either takes on average.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use model::delivery::{DeployResult, Deployed, Incident};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment, seconds_in_words};

/// So many days the figures look back.
const DAYS: i64 = 30;

/// How a plan's work gets out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// The last thirty days.
    pub last_30d: Figures,
    /// Latest first.
    pub deployments: Vec<DeploymentRow<'a>>,
    /// Those that have not ended first, then the latest.
    pub incidents: Vec<IncidentRow<'a>>,
}

/// Figures over some days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Deployments that went well.
    pub deployed: usize,
    /// Those that did not, or were taken back.
    pub failed: usize,
    /// How many percent those are of all.
    pub failure_percent: Option<f64>,
    /// From a commit being there to its being deployed, in seconds, on average.
    pub mean_time_to_deploy_seconds: Option<f64>,
    /// From an incident's beginning to its end, in seconds, on average.
    pub mean_time_to_restore_seconds: Option<f64>,
    /// Incidents that have not ended, however old.
    pub incidents_open: usize,
}

/// One deployment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeploymentRow<'a> {
    /// Where.
    pub environment: &'a str,
    /// How it went: `succeeded`, `failed` or `rolled_back`.
    pub result: &'static str,
    /// When.
    pub at: Timestamp,
    /// Which commit.
    pub commit: Option<&'a str>,
    /// From when the commit was there, in seconds.
    pub lead_seconds: Option<f64>,
    /// Where it can be looked at.
    pub url: Option<&'a str>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentRow<'a> {
    /// What it is called.
    pub incident: &'a str,
    /// What is broken.
    pub text: &'a str,
    /// How bad it is.
    pub severity: Option<&'a str>,
    /// Since when.
    pub since: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How.
    pub outcome: Option<&'a str>,
    /// How long it took, or has taken so far, in seconds.
    pub seconds: f64,
    /// Who told, and how known.
    pub by: Who,
}

/// What was deployed on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeployDay {
    /// The day, in UTC.
    pub day: Date,
    /// How many deployments went well.
    pub succeeded: u32,
    /// How many did not, or were taken back.
    pub failed: u32,
}

/// What was deployed on each of the last thirty days, oldest first.
pub fn deploy_days(look: &Look<'_>) -> Vec<DeployDay> {
    let day_of = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let today = day_of(look.now);
    let mut days: Vec<DeployDay> = (0..DAYS)
        .rev()
        .filter_map(|ago| today.checked_sub(Span::new().days(ago)).ok())
        .map(|day| DeployDay { day, succeeded: 0, failed: 0 })
        .collect();
    for known in &look.plan.delivery.deployments {
        if let Some(day) = days.iter_mut().find(|one| one.day == day_of(known.at)) {
            match known.result {
                DeployResult::Succeeded => day.succeeded += 1,
                _ => day.failed += 1,
            }
        }
    }
    days
}

/// How a plan's work gets out.
pub fn delivery<'a>(look: &Look<'a>) -> Delivery<'a> {
    let known = &look.plan.delivery;
    let mut deployments: Vec<_> = known.deployments.iter().map(deployment).collect();
    deployments.sort_by_key(|row| std::cmp::Reverse(row.at));
    let mut incidents: Vec<_> = known.incidents.iter().map(|known| incident(known, look.now)).collect();
    incidents.sort_by_key(|row| (row.ended.is_some(), std::cmp::Reverse(row.since)));
    let last_30d = figures(&deployments, &incidents, look.now);
    Delivery { plan: look.head(), last_30d, deployments, incidents }
}

fn figures(deployments: &[DeploymentRow<'_>], incidents: &[IncidentRow<'_>], now: Timestamp) -> Figures {
    let recent = |at: Timestamp| now.duration_since(at).as_hours() <= DAYS * 24;
    let lately: Vec<_> = deployments.iter().filter(|row| recent(row.at)).collect();
    let deployed = lately.iter().filter(|row| row.result == DeployResult::Succeeded.as_str()).count();
    let failed = lately.len() - deployed;
    let ended = incidents.iter().filter(|row| row.ended.is_some_and(recent));
    let leads = lately.iter().filter(|row| row.result == DeployResult::Succeeded.as_str());
    Figures {
        deployed,
        failed,
        failure_percent: (!lately.is_empty()).then(|| round(failed as f64 / lately.len() as f64 * 100.0)),
        mean_time_to_deploy_seconds: mean(leads.filter_map(|row| row.lead_seconds)),
        mean_time_to_restore_seconds: mean(ended.map(|row| row.seconds)),
        incidents_open: incidents.iter().filter(|row| row.ended.is_none()).count(),
    }
}

fn deployment(known: &Deployed) -> DeploymentRow<'_> {
    DeploymentRow {
        environment: &known.environment,
        result: known.result.as_str(),
        at: known.at,
        commit: known.commit.as_deref(),
        lead_seconds: known.lead_seconds,
        url: known.url.as_deref(),
    }
}

fn incident(known: &Incident, now: Timestamp) -> IncidentRow<'_> {
    let ended = known.ended.as_ref().map(|(_, at)| *at);
    IncidentRow {
        incident: known.key.as_str(),
        text: &known.text,
        severity: known.severity.as_deref(),
        since: known.since,
        ended,
        outcome: known.ended.as_ref().map(|(outcome, _)| outcome.as_str()),
        seconds: ended.unwrap_or(now).duration_since(known.since).as_secs_f64().max(0.0),
        by: Who::from(&known.by),
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0_u32), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| round(sum / f64::from(count)))
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

impl Answer for Delivery<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let figures = &self.last_30d;
        let time = |seconds: Option<f64>| seconds.map_or_else(|| "n/a".to_owned(), seconds_in_words);
        let failed = figures.failure_percent.map_or_else(String::new, |percent| format!(" ({percent} %)"));
        page.facts(vec![
            ("deployed", Cell::from(format!("{} in {DAYS} days", figures.deployed))),
            ("failed", Cell::from(format!("{}{failed}", figures.failed))),
            ("to deploy", Cell::from(format!("{} on average", time(figures.mean_time_to_deploy_seconds)))),
            ("to restore", Cell::from(format!("{} on average", time(figures.mean_time_to_restore_seconds)))),
            (
                "incidents",
                match figures.incidents_open {
                    0 => Tone::Good.cell("none open"),
                    open => Tone::Bad.cell(format!("{open} open")),
                },
            ),
        ]);
        if !self.deployments.is_empty() {
            let mut table = Table::new([
                Column::whole("When"),
                Column::text("Environment"),
                Column::whole("Result"),
                Column::whole("Commit"),
                Column::number("Took"),
            ]);
            for row in &self.deployments {
                let tone =
                    if row.result == DeployResult::Succeeded.as_str() { Tone::Good } else { Tone::Bad };
                let commit = row.commit.map_or("", |commit| commit.get(..12).unwrap_or(commit));
                table.row([
                    Tone::Faint.cell(moment(row.at)),
                    Tone::Strong.cell(row.environment),
                    tone.cell(row.result.replace('_', " ")),
                    Cell::from(commit),
                    Cell::from(time(row.lead_seconds)),
                ]);
            }
            page.table(table);
        }
        if !self.incidents.is_empty() {
            let mut table = Table::new([
                Column::whole("Incident"),
                Column::text("What"),
                Column::whole("Since"),
                Column::whole("State"),
                Column::number("Took"),
            ]);
            for row in &self.incidents {
                table.row([
                    Tone::Strong.cell(row.incident),
                    Cell::from(row.text),
                    Tone::Faint.cell(moment(row.since)),
                    if row.ended.is_some() { Tone::Good.cell("ended") } else { Tone::Bad.cell("open") },
                    Cell::from(seconds_in_words(row.seconds)),
                ]);
            }
            page.table(table);
        }
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use model::command::Command;
    use model::ids::Key;

    use super::*;
    use crate::testing::World;

    #[test]
    fn times_are_averages_over_thirty_days() {
        let mut world = World::adopt("# P\n- a Sand\n");
        let deploy = |world: &mut World, result, lead: f64, days: i64| {
            let deployed = Deployed {
                environment: "production".to_owned(),
                result,
                at: world.now - (days * 24).hours(),
                commit: None,
                lead_seconds: Some(lead),
                run: None,
                url: None,
            };
            world.does("Ada", Command::RecordDeployment(Box::new(deployed)));
        };
        deploy(&mut world, DeployResult::Succeeded, 3600.0, 1);
        deploy(&mut world, DeployResult::Succeeded, 7200.0, 30);
        deploy(&mut world, DeployResult::Succeeded, 99_999.0, 31);
        deploy(&mut world, DeployResult::RolledBack, 60.0, 2);
        let open = |text: &str| Command::OpenIncident {
            key: None,
            text: text.to_owned(),
            severity: None,
            since: None,
        };
        world.does("Ada", open("no orders")).does("Ada", open("slow"));
        let incident = Key::new("INC-1").expect("a key");
        let end = Command::EndIncident { incident, outcome: String::new(), at: None };
        world.later(2).does("Bo", end);
        let figures = delivery(&world.look()).last_30d;
        assert_eq!((figures.deployed, figures.failed, figures.failure_percent), (1, 1, Some(50.0)));
        world.now -= 2.hours();
        let figures = delivery(&world.look()).last_30d;
        assert_eq!((figures.deployed, figures.failure_percent), (2, Some(33.33)));
        assert_eq!(figures.mean_time_to_deploy_seconds, Some(5400.0));
        assert_eq!((figures.mean_time_to_restore_seconds, figures.incidents_open), (Some(7200.0), 1));
    }
}
