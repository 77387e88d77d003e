//! The risk register, with the tasks that mitigate each risk and how they stand.

use jiff::Timestamp;
use model::ids::RiskId;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};

/// The risk register.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Risks<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In plan order.
    pub risks: Vec<RiskRow<'a>>,
}

/// One risk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskRow<'a> {
    /// Its id.
    pub id: RiskId,
    /// The author's key.
    pub key: &'a str,
    /// What may happen.
    pub title: &'a str,
    /// How likely, verbatim.
    pub probability: Option<&'a str>,
    /// How bad, verbatim.
    pub impact: Option<&'a str>,
    /// Verbatim.
    pub status: Option<&'a str>,
    /// Verbatim.
    pub trend: Option<&'a str>,
    /// Who watches it.
    pub owner: Option<&'a str>,
    /// What is done about it.
    pub mitigation: Option<&'a str>,
    /// When it is raised, and to whom.
    pub escalation: Option<&'a str>,
    /// The tasks that mitigate it.
    pub tasks: Vec<Mitigating<'a>>,
    /// How many of them are done.
    pub tasks_done: usize,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
    /// When it was last changed.
    pub at: Timestamp,
}

/// A task that mitigates a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mitigating<'a> {
    /// Its key.
    pub key: &'a str,
    /// How it stands.
    pub standing: &'static str,
}

/// The risk register.
pub fn risks<'a>(look: &Look<'a>) -> Risks<'a> {
    let plan = look.plan;
    let row = |risk: &'a model::registers::Risk| {
        let details = &risk.details;
        let standings: Vec<_> = details
            .tasks
            .iter()
            .filter_map(|id| plan.task(*id))
            .map(|task| (task.key.as_str(), plan.standing(task, look.now)))
            .collect();
        RiskRow {
            id: risk.id,
            key: risk.key.as_str(),
            title: &details.title,
            probability: details.probability.as_deref(),
            impact: details.impact.as_deref(),
            status: details.status.as_deref(),
            trend: details.trend.as_deref(),
            owner: details.owner.as_deref(),
            mitigation: details.mitigation.as_deref(),
            escalation: details.escalation.as_deref(),
            tasks_done: standings.iter().filter(|(_, standing)| standing.is_done()).count(),
            tasks: standings
                .iter()
                .map(|(key, standing)| Mitigating { key, standing: standing.as_str() })
                .collect(),
            line: risk.line,
            at: risk.at,
        }
    };
    Risks { plan: look.head(), risks: plan.risks.iter().map(row).collect() }
}

impl Answer for Risks<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.risks.is_empty() {
            page.paragraph("the register names no risk");
        }
        show(&mut page, &self.risks);
        self.plan.warn(&mut page);
        page
    }
}

/// Adds risks to a page.
pub fn show(page: &mut Page, risks: &[RiskRow<'_>]) {
    let mut table = Table::new([
        Column::whole("Risk"),
        Column::text("What"),
        Column::whole("Probability"),
        Column::whole("Impact"),
        Column::text("Status"),
        Column::text("Owner"),
        Column::text("Mitigation"),
        Column::text("Tasks"),
    ]);
    for risk in risks {
        let status: Vec<&str> = risk.status.into_iter().chain(risk.trend).collect();
        table.row([
            Tone::Strong.cell(risk.key),
            Cell::from(risk.title),
            Cell::from(risk.probability.unwrap_or_default()),
            Cell::from(risk.impact.unwrap_or_default()),
            Cell::from(status.join(", ")),
            Cell::from(risk.owner.unwrap_or_default()),
            Cell::from(risk.mitigation.unwrap_or_default()),
            risk.covered(),
        ]);
    }
    page.table(table.without_empty_columns());
}

impl RiskRow<'_> {
    /// Whether its own status word says that it is over.
    pub fn is_closed(&self) -> bool {
        const WORDS: [&str; 6] = ["closed", "resolved", "retired", "mitigated", "done", "accepted"];
        self.status.is_some_and(|status| {
            let plain = status.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            WORDS.iter().any(|word| plain.starts_with(word))
        })
    }

    /// `1 of 2 done: T-006, T-025`.
    fn covered(&self) -> Cell {
        if self.tasks.is_empty() {
            return Cell::default();
        }
        let keys: Vec<&str> = self.tasks.iter().map(|task| task.key).collect();
        Cell::from(format!("{} of {} done: {}", self.tasks_done, self.tasks.len(), keys.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::command::Command;
    use model::registers::RiskDetails;

    #[test]
    fn a_risk_shows_what_is_done_about_it() {
        let mut world = World::adopt("# P\n- a Sand\n- b Paint\n");
        world.claims("Rae", "a");
        let details = RiskDetails {
            title: "The paint is late".to_owned(),
            status: Some("Yellow".to_owned()),
            trend: Some("trending Green".to_owned()),
            tasks: vec![world.task("a"), world.task("b")],
            ..RiskDetails::default()
        };
        world.does("Rae", Command::AddRisk { key: model::ids::Key::new("R-1").ok(), details });
        check(
            &risks(&world.look()),
            "
| Risk | What | Status | Tasks |
| --- | --- | --- | --- |
| **R-1** | The paint is late | Yellow, trending Green | 1 of 2 done: a, b |
",
        );
        check(&risks(&World::adopt("# P\n").look()), "the register names no risk");
    }
}
