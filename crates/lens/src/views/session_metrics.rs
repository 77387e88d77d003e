//! What one session measured and got done: baseline, final, delta and where each number was read.
//! Only what happened in the session counts, and what nobody measured is `n/a`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::actor::Actor;
use model::check::Probe;
use model::commons::Session;
use model::draft::MetricRole;
use model::event::Event;
use model::gate::Subject;
use model::ids::TaskId;
use model::lease::Usage;
use model::target::Target;
use serde::{Serialize, Serializer};

use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::record::Record;
use crate::words::{count_of, key_of, moment, percent, share};

/// What one session measured and got done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionMetrics {
    /// The session.
    pub session: String,
    /// The plan it worked on.
    pub plan: String,
    /// When it began.
    pub since: Timestamp,
    /// The moment of these numbers.
    pub until: Timestamp,
    /// Who took part.
    pub agents: Vec<String>,
    /// What became of the tasks it worked on.
    pub tasks: SessionTasks,
    /// What its work used up, as far as anybody said; `n/a` where nobody did.
    pub used: Measure<Usage>,
    /// How many edits it reported.
    pub edits: usize,
    /// The plan's metrics.
    pub metrics: Vec<SessionMetric>,
}

/// What became of the tasks a session worked on, by key.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SessionTasks {
    /// Taken or begun in the session.
    pub taken: Vec<String>,
    /// Handed in or claimed in the session.
    pub handed_in: Vec<String>,
    /// Of these, countersigned by evidence or a person.
    pub verified: Vec<String>,
    /// The share of what was handed in that was countersigned; `n/a` of nothing.
    pub verified_percent: Measure<f64>,
}

/// A metric as a session found and left it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionMetric {
    /// What is measured.
    pub name: String,
    /// Its unit.
    pub unit: Option<String>,
    /// Where it stood before the work.
    pub baseline: Measure<f64>,
    /// Where that was read.
    pub baseline_source: Measure<String>,
    /// The last measurement in the session.
    #[serde(rename = "final")]
    pub last: Measure<f64>,
    /// The command, file or person it was read from.
    pub source: Measure<String>,
    /// How far it moved.
    pub delta: Measure<f64>,
    /// What it must satisfy.
    pub target: Option<String>,
    /// Whether the last measurement satisfies the target.
    pub met: Measure<bool>,
}

/// Something measured; `n/a` where nobody measured it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measure<T>(pub Option<T>);

impl<T: Serialize> Serialize for Measure<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(value) => value.serialize(serializer),
            None => serializer.serialize_str("n/a"),
        }
    }
}

impl<T: ToString> Measure<T> {
    fn text(&self) -> String {
        self.0.as_ref().map_or_else(|| "n/a".to_owned(), ToString::to_string)
    }
}

/// A fold of a plan's events into what one session did.
pub struct SessionMetricsView<'a> {
    look: Look<'a>,
    session: &'a Session,
    taken: BTreeSet<TaskId>,
    handed_in: BTreeSet<TaskId>,
    verified: BTreeSet<TaskId>,
    used: Option<Usage>,
    edits: usize,
    baselines: BTreeMap<String, (f64, String)>,
    finals: BTreeMap<String, (f64, String)>,
}

impl<'a> SessionMetricsView<'a> {
    /// Nothing has been seen yet.
    pub fn new(look: &Look<'a>, session: &'a Session) -> Self {
        Self {
            look: *look,
            session,
            taken: BTreeSet::new(),
            handed_in: BTreeSet::new(),
            verified: BTreeSet::new(),
            used: None,
            edits: 0,
            baselines: BTreeMap::new(),
            finals: BTreeMap::new(),
        }
    }

    /// Whether an event, as it is stored, may matter: most of a long history does not.
    pub fn wants(stored: &[u8]) -> bool {
        let kinds: [&[u8]; 9] = [
            b"{\"lease_taken",
            b"{\"task_started",
            b"{\"task_claimed",
            b"{\"task_verified",
            b"{\"task_reopened",
            b"{\"usage_",
            b"{\"path_touched",
            b"{\"verdict_",
            b"{\"reading_",
        ];
        kinds.iter().any(|kind| stored.starts_with(kind))
    }

    /// Takes in one event.
    pub fn see(&mut self, record: &Record<'_>) {
        let ended = self.session.ended.as_ref().is_some_and(|ended| record.at > ended.at);
        if record.at < self.session.since || ended {
            return;
        }
        let own = matches!(&record.by.actor, Actor::Agent { session, .. } if *session == self.session.id);
        match record.event {
            Event::LeaseTaken(taken) if own => {
                self.taken.insert(taken.task);
            }
            Event::TaskStarted { task, .. } if own => {
                self.taken.insert(*task);
            }
            Event::TaskClaimed { task, .. } if own => {
                self.handed_in.insert(*task);
            }
            Event::TaskVerified { task, .. } if self.is_ours(*task) => {
                // Evidence needs no claim; what it countersigned was handed in to it.
                self.handed_in.insert(*task);
                self.verified.insert(*task);
            }
            Event::TaskReopened { task, .. } => {
                self.verified.remove(task);
            }
            Event::UsageRecorded { usage, .. } if own => {
                self.used = Some(self.used.unwrap_or_default().plus(*usage));
            }
            Event::PathTouched(_) if own => self.edits += 1,
            Event::ReadingRecorded { name, value, source, role, .. } if own => {
                let kept = match role {
                    Some(MetricRole::Baseline) => &mut self.baselines,
                    _ => &mut self.finals,
                };
                kept.insert(name.to_ascii_lowercase(), (*value, source.clone()));
            }
            Event::VerdictRecorded(verdict) => {
                let Some((Subject::Task(task), check)) = self.look.plan.check(verdict.check) else { return };
                let Probe::Metric { name, command: Some(command), .. } = &check.spec.probe else { return };
                if let Some(value) = verdict.evidence.value.filter(|_| self.is_ours(task)) {
                    self.finals.insert(name.to_ascii_lowercase(), (value, command.clone()));
                }
            }
            _ => {}
        }
    }

    /// The plan's metrics, then those that only checks name, with what these ask of them.
    fn names(&self) -> Vec<(String, Option<&'a Target>)> {
        let plan = self.look.plan;
        let mut names: Vec<(String, Option<&Target>)> =
            plan.metrics.iter().map(|metric| (metric.name.clone(), None)).collect();
        for (_, check) in plan.checks() {
            let Probe::Metric { name, target, .. } = &check.spec.probe else { continue };
            match names.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                Some((_, known)) => *known = known.or(Some(target)),
                None => names.push((name.clone(), Some(target))),
            }
        }
        names
    }

    fn is_ours(&self, task: TaskId) -> bool {
        self.taken.contains(&task) || self.handed_in.contains(&task)
    }

    /// What came of it.
    pub fn answer(self) -> SessionMetrics {
        let plan = self.look.plan;
        let keys = |tasks: &BTreeSet<TaskId>| {
            let mut listed: Vec<(usize, String)> = tasks
                .iter()
                .map(|id| {
                    let place = plan.tasks.iter().position(|task| task.id == *id).unwrap_or(usize::MAX);
                    (place, key_of(plan, *id))
                })
                .collect();
            listed.sort();
            listed.into_iter().map(|(_, key)| key).collect()
        };
        let metrics = self.names().into_iter().map(|(name, target)| {
            let metric = plan.metric(&name);
            let plain = name.to_ascii_lowercase();
            let stated = metric.and_then(|metric| metric.baseline.as_ref());
            let stated = stated.map(|reading| (reading.value, reading.source.clone()));
            let baseline = self.baselines.get(&plain).cloned().or(stated);
            let last = self.finals.get(&plain).cloned();
            let value = |read: &Option<(f64, String)>| read.as_ref().map(|(value, _)| *value);
            let (from, to) = (value(&baseline), value(&last));
            let target = metric.and_then(|metric| metric.target.as_ref()).or(target);
            SessionMetric {
                unit: metric.and_then(|metric| metric.unit.clone()),
                name,
                baseline: Measure(from),
                baseline_source: Measure(baseline.map(|(_, source)| source)),
                last: Measure(to),
                source: Measure(last.map(|(_, source)| source)),
                delta: Measure(from.zip(to).map(|(from, to)| rounded(to - from))),
                target: target.map(ToString::to_string),
                met: Measure(target.zip(to).map(|(target, to)| target.met_by(to))),
            }
        });
        let metrics: Vec<SessionMetric> = metrics.collect();
        SessionMetrics {
            session: self.session.id.to_string(),
            plan: plan.key.to_string(),
            since: self.session.since,
            until: self.session.ended.as_ref().map_or(self.look.now, |ended| ended.at),
            agents: self.session.members.iter().map(|member| member.agent.to_string()).collect(),
            tasks: SessionTasks {
                verified_percent: Measure(share(self.verified.len(), self.handed_in.len())),
                taken: keys(&self.taken),
                handed_in: keys(&self.handed_in),
                verified: keys(&self.verified),
            },
            used: Measure(self.used),
            edits: self.edits,
            metrics,
        }
    }
}

/// A difference without the dust of binary fractions.
fn rounded(delta: f64) -> f64 {
    (delta * 1e9).round() / 1e9
}

impl Answer for SessionMetrics {
    fn page(&self) -> Page {
        let mut page = Page::default();
        page.title(format!("Session {}", self.session));
        let SessionTasks { taken, handed_in, verified, verified_percent } = &self.tasks;
        let verified = match verified_percent.0 {
            Some(share) => format!("{} of {} ({})", verified.len(), handed_in.len(), percent(share)),
            None => "n/a: nothing was handed in".to_owned(),
        };
        page.facts(vec![
            ("plan", Cell::from(self.plan.as_str())),
            ("time", Cell::from(format!("{} to {}", moment(self.since), moment(self.until)))),
            ("agents", Cell::from(self.agents.join(", "))),
            ("taken", Cell::from(count_of(taken.len(), "task"))),
            ("handed in", Cell::from(count_of(handed_in.len(), "task"))),
            ("verified", Cell::from(verified)),
            ("edits", Cell::from(self.edits.to_string())),
        ]);
        let mut table = Table::new([
            Column::whole("Metric"),
            Column::number("Baseline"),
            Column::number("Final"),
            Column::number("Delta"),
            Column::whole("Target"),
            Column::whole("Met"),
            Column::text("Source"),
        ]);
        for metric in &self.metrics {
            let met = match metric.met.0 {
                Some(true) => Tone::Good.cell("yes"),
                Some(false) => Tone::Bad.cell("no"),
                None => Tone::Faint.cell("n/a"),
            };
            table.row([
                Tone::Strong.cell(metric.name.as_str()),
                Cell::from(metric.baseline.text()),
                Cell::from(metric.last.text()),
                Cell::from(metric.delta.text()),
                Cell::from(metric.target.as_deref().unwrap_or_default()),
                met,
                Cell::from(metric.source.text()),
            ]);
        }
        page.table(table);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check, json, person};
    use model::command::Command;
    use model::ids::SessionId;

    const PLAN: &str = "
# P
- a Lint
  metric warnings: warnings < 20 from ./count.sh
- b Write
";

    fn session(world: &World) -> Session {
        Session {
            id: SessionId::new("s1").unwrap(),
            plan: None,
            topology: None,
            max_agents: None,
            silence_seconds: 60,
            since: world.now,
            by: person("Ada"),
            members: Vec::new(),
            last: world.now,
            ended: None,
        }
    }

    fn metrics(world: &World, session: &Session) -> SessionMetrics {
        let look = world.look();
        let mut view = SessionMetricsView::new(&look, session);
        world.records().for_each(|record| view.see(&record));
        view.answer()
    }

    fn reads(name: &str, value: f64, role: Option<MetricRole>) -> Command {
        Command::RecordReading {
            name: name.to_owned(),
            value,
            unit: None,
            source: "./count.sh".to_owned(),
            role,
        }
    }

    #[test]
    fn nothing_done_is_not_a_hundred_percent() {
        let world = World::adopt(PLAN);
        let found = metrics(&world, &session(&world));
        let json = json(&found);
        assert_eq!(json["tasks"]["verified_percent"], "n/a");
        assert_eq!(json["metrics"][0]["final"], "n/a");
        assert_eq!(json["metrics"][0]["delta"], "n/a");
        assert_eq!(json["metrics"][0]["met"], "n/a");
        assert_eq!(json["used"], "n/a");
        assert!(!json.to_string().contains("100"), "{json}");
    }

    #[test]
    fn only_what_the_session_did_counts() {
        let mut world = World::adopt(PLAN);
        world.agent("coder", reads("warnings", 50.0, None));
        world.later(1);
        let session = session(&world);
        world.does("Ada", reads("warnings", 60.0, None));
        world.claims("Ada", "a");
        assert_eq!(metrics(&world, &session).tasks, SessionTasks::default(), "a person's claim is not its");
        assert_eq!(metrics(&world, &session).metrics[0].last, Measure(None));
        world.agent("coder", reads("warnings", 34.0, Some(MetricRole::Baseline)));
        let task = world.task("b");
        let which = model::command::Which::Task(task);
        let (roles, ttl_seconds, paths, base) = (Vec::new(), None, None, None);
        let take = model::command::Take { which, roles, ttl_seconds, paths, base };
        world.agent("coder", Command::Take(Box::new(take)));
        let (commit, touched, summary) = (None, Vec::new(), String::new());
        world.agent("coder", Command::Submit { task, commit, touched, summary });
        world.agent("coder", reads("warnings", 12.5, None));
        check(
            &metrics(&world, &session),
            "
# Session s1

- plan: release
- time: 2031-05-01 10:00 UTC to 2031-05-01 10:00 UTC
- agents: 
- taken: 1 task
- handed in: 1 task
- verified: 0 of 1 (0%)
- edits: 0

| Metric | Baseline | Final | Delta | Target | Met | Source |
| --- | ---: | ---: | ---: | --- | --- | --- |
| **warnings** | 34 | 12.5 | -21.5 | < 20 | yes | ./count.sh |
",
        );
    }
}
