//! Readiness: the share of tracked tasks that are due and at Ready for Review or better.

use model::standing::{Standing, Standings};
use model::task::Task;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Page, Tone};
use crate::words::share;

/// The share of tracked tasks that are ready.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Readiness<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// How many tracked tasks are at Ready for Review or better.
    pub ready: usize,
    /// How many tracked tasks are due.
    pub of: usize,
    /// The share with one decimal; nothing where no task is tracked.
    pub percent: Option<f64>,
    /// What the plan wants it to be.
    pub target: Option<String>,
    /// Whether it is.
    pub met: Option<bool>,
    /// What the document says it is, unverified.
    pub claimed: Option<f64>,
    /// Keys of those that are not.
    pub behind: Vec<&'a str>,
}

/// The readiness of a plan. Judged by state and status word, not by percentage.
pub fn readiness<'a>(look: &Look<'a>) -> Readiness<'a> {
    let standings = Standings::new(look.plan, look.now);
    let (mut ready, mut of, mut behind) = (0, 0, Vec::new());
    for task in look.plan.tasks.iter().filter(|task| is_tracked(task) && is_due(look, task)) {
        of += 1;
        if is_ready(task, standings.of(task)) {
            ready += 1;
        } else {
            behind.push(task.key.as_str());
        }
    }
    let percent = share(ready, of);
    let metric = look.plan.metrics.iter().find(|metric| metric.name.to_lowercase().contains("readiness"));
    let target = metric.and_then(|metric| metric.target.as_ref());
    Readiness {
        plan: look.head(),
        ready,
        of,
        percent,
        target: target.map(ToString::to_string),
        met: target.zip(percent).map(|(target, percent)| target.met_by(percent)),
        claimed: metric.and_then(|metric| metric.claimed.as_ref()).map(|claimed| claimed.value),
        behind,
    }
}

/// Somebody keeps track of it: it has a status word or a box, or it was begun.
fn is_tracked(task: &Task) -> bool {
    let marked = task.facts.status().is_some() || task.asserted.checked.is_some();
    !task.is_dropped() && (marked || task.has_begun())
}

/// Not due later.
fn is_due(look: &Look<'_>, task: &Task) -> bool {
    task.facts.due().and_then(|due| due.at).is_none_or(|at| at <= look.now)
}

fn is_ready(task: &Task, standing: Standing) -> bool {
    match standing {
        Standing::Verified | Standing::Waived | Standing::Unproven | Standing::ClaimedWithoutEvidence => true,
        Standing::Refuted | Standing::Lapsed | Standing::Dropped => false,
        Standing::Active | Standing::Ready | Standing::Blocked => {
            task.facts.status().is_some_and(|status| is_up_for_review(&status.word))
        }
    }
}

fn is_up_for_review(word: &str) -> bool {
    const WORDS: [&str; 5] = ["ready for review", "in review", "under review", "approved", "merged"];
    let word = word.to_lowercase();
    let plain = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    WORDS.iter().any(|known| plain.starts_with(known))
}

impl Readiness<'_> {
    /// `8/9 (88.9%)`, or `n/a`.
    pub fn text(&self) -> String {
        match self.percent {
            Some(percent) => format!("{}/{} ({percent:.1}%)", self.ready, self.of),
            None => "n/a".to_owned(),
        }
    }
}

impl Answer for Readiness<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let tone = match self.met {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Plain,
        };
        let mut facts = vec![("readiness", tone.cell(self.text()))];
        if let Some(target) = &self.target {
            facts.push(("target", Cell::from(target.as_str())));
        }
        if let Some(claimed) = self.claimed {
            facts.push(("claimed", Tone::Warn.cell(format!("{claimed} in the document, unverified"))));
        }
        if !self.behind.is_empty() {
            facts.push(("behind", Cell::from(self.behind.join(", "))));
        }
        page.facts(facts);
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check, definition};
    use model::command::Command;
    use model::definition::MetricDefinition;
    use model::draft::MetricRole;
    use model::target::Target;

    #[test]
    fn review_or_better_counts_and_percentages_do_not() {
        let mut plan = definition(
            "
# P
- a Sand
  status Ready for Review
  percent 90
- b Paint
  status In Progress
  percent 95
- c Dry
  status Ready for Review
- d Hang
  status Open
  due 2031-09-01
- e Later
",
        );
        plan.metrics.push(MetricDefinition {
            name: "Action item readiness".to_owned(),
            unit: None,
            target: Target::parse(">= 80"),
            value: Some((100.0, MetricRole::Claimed)),
            source: "PLAN.md:9".to_owned(),
        });
        let mut world = World::empty();
        world.does("Ada", Command::AdoptPlan(Box::new(plan)));
        check(
            &readiness(&world.look()),
            "
- readiness: 2/3 (66.7%)
- target: >= 80
- claimed: 100 in the document, unverified
- behind: b
",
        );
        world.claims("Rae", "b");
        assert_eq!(
            (readiness(&world.look()).percent, readiness(&world.look()).met),
            (Some(100.0), Some(true))
        );
    }

    #[test]
    fn nothing_tracked_is_not_a_hundred_per_cent() {
        check(&readiness(&World::adopt("# P\n- a Sand\n").look()), "- readiness: n/a");
    }
}
