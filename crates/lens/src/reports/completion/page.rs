//! The report laid out: the verdict first, then criteria against what was found, then what stands
//! beside them, and last where the journal stood.

use super::criteria::{CriterionRow, table};
use super::{CompletionReport, GateSection, PhaseSection, TaskSection, measured};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::views::show::Since;
use crate::views::{entries, rebaselines, risks, waivers};
use crate::words::{count_of, moment, percent};

impl Answer for CompletionReport<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let plan = &self.verdict.plan;
        page.title(format!("Completion of {}", plan.title));
        page.append(self.verdict.page());
        page.heading("How far it has come");
        page.bar(self.progress.bar());
        page.facts(self.numbers());
        self.success(&mut page);
        for phase in &self.phases {
            phase.show(&mut page, self.phases.len());
        }
        self.gates(&mut page);
        if !self.metrics.is_empty() {
            page.heading("Metrics");
            page.table(measured::table(&self.metrics));
        }
        self.schedule(&mut page);
        if !self.waivers.is_empty() {
            page.heading("Waivers");
            waivers::table(&mut page, &self.waivers);
        }
        if !self.weakenings.is_empty() {
            page.heading("Wanted looser");
            page.paragraph("until somebody approves these, what was there stays in force");
            let lines = self.weakenings.iter().map(|text| (0, Tone::Warn.cell(text.as_str())));
            page.outline(lines.collect());
        }
        if !self.escalations.is_empty() {
            page.heading("Open escalations");
            entries::show_escalations(&mut page, &self.escalations);
        }
        if !self.risks.is_empty() {
            page.heading("Risks that are not closed");
            risks::show(&mut page, &self.risks);
        }
        self.journal.show(&mut page, plan);
        page
    }
}

impl CompletionReport<'_> {
    fn numbers(&self) -> Vec<(&'static str, Cell)> {
        let mut facts = Vec::new();
        let besides = self.progress.besides();
        if !besides.is_empty() {
            facts.push(("of these", Cell::from(besides)));
        }
        facts.push(("criteria", Cell::from(self.criteria.text())));
        facts.push(("readiness", Cell::from(self.readiness.text())));
        if let Some(claimed) = self.readiness.claimed {
            let text = format!("{claimed} in the document, unverified");
            facts.push(("readiness claimed", Tone::Warn.cell(text)));
        }
        facts
    }

    fn success(&self, page: &mut Page) {
        page.heading("Success criteria");
        if self.success.criteria.is_empty() {
            page.paragraph("the plan states none");
        }
        self.success.show(page);
    }

    fn gates(&self, page: &mut Page) {
        if self.gates.is_empty() {
            return;
        }
        page.heading("Gates");
        for gate in &self.gates {
            page.facts(gate.facts("gate"));
        }
        let rows = self.gates.iter().flat_map(GateSection::rows);
        page.table(table(rows).without_empty_columns());
    }

    fn schedule(&self, page: &mut Page) {
        let schedule = &self.schedule;
        let days =
            |days: f64| format!("{days} working days along the longest chain, by the plan's own estimates");
        let mut facts = Vec::new();
        if let Some(total) = schedule.total_days {
            facts.push(("estimated", Cell::from(days(total))));
        }
        if let Some(remaining) = schedule.remaining_days {
            let least = if schedule.unestimated_open > 0 { "at least " } else { "" };
            facts.push(("still to do", Cell::from(format!("{least}{}", days(remaining)))));
        }
        if !facts.is_empty() && schedule.unestimated > 0 {
            let text =
                format!("{} without an estimate, taken as none", count_of(schedule.unestimated, "task"));
            facts.push(("not estimated", Tone::Warn.cell(text)));
        }
        if schedule.late > 0 {
            facts.push(("late", Tone::Bad.cell(count_of(schedule.late, "task"))));
        }
        if facts.is_empty() && self.rebaselines.is_empty() {
            return;
        }
        page.heading("Schedule");
        page.facts(facts);
        let mut slipped = Table::new([
            Column::whole("Task"),
            Column::whole("What"),
            Column::whole("First baseline"),
            Column::whole("Now"),
            Column::text("Slip"),
            Column::number("Rebaselined"),
        ]);
        for row in &schedule.slipped {
            slipped.row([
                Tone::Strong.cell(row.key.as_str()),
                Cell::from(row.field),
                Cell::from(row.first.unwrap_or("n/a")),
                Cell::from(row.now.as_deref().unwrap_or("n/a")),
                slip(row.slip_days),
                Cell::from(row.rebaselines.to_string()),
            ]);
        }
        page.table(slipped);
        rebaselines::show(page, &self.rebaselines);
    }
}

fn slip(days: Option<f64>) -> Cell {
    let days_of =
        |days: f64| if days == 1.0 { "1 working day".to_owned() } else { format!("{days} working days") };
    match days {
        None => Tone::Faint.cell("n/a"),
        Some(0.0) => Cell::from("none"),
        Some(days) if days < 0.0 => Tone::Good.cell(format!("{} less", days_of(-days))),
        Some(days) => Tone::Warn.cell(days_of(days)),
    }
}

impl<'a> GateSection<'a> {
    /// Its criteria, each with its name.
    fn rows(&self) -> impl Iterator<Item = (&str, &CriterionRow<'a>)> {
        self.criteria.iter().map(|row| (self.gate.name.as_str(), row))
    }

    fn show(&self, page: &mut Page) {
        if self.gate.proof.checks.of > 0 {
            page.facts(self.facts("gate"));
        }
        page.table(table(self.rows()).without_empty_columns());
    }

    /// Whether it is open, and what keeps it shut.
    fn facts(&self, name: &'static str) -> Vec<(&'static str, Cell)> {
        let environment = self.gate.environment.as_deref().map(|place| format!(" to {place}"));
        let state = format!("{}{}: ", self.gate.name, environment.unwrap_or_default());
        let mut cell = self.gate.cell();
        cell.text.insert_str(0, &state);
        if !self.gate.why.is_empty() {
            cell.text.push_str(&format!("; {}", self.gate.why.join("; ")));
        }
        vec![(name, cell)]
    }
}

impl PhaseSection<'_> {
    fn show(&self, page: &mut Page, phases: usize) {
        page.heading(match self.key {
            Some(key) if self.title.is_empty() || self.title == key => {
                format!("Phase {}", key.trim_start_matches("Phase "))
            }
            Some(key) => format!("Phase {}: {}", key.trim_start_matches("Phase "), self.title),
            None if phases == 1 => "Tasks".to_owned(),
            None => "Tasks in no phase".to_owned(),
        });
        let mut facts = Vec::new();
        if let Some(window) = self.window {
            facts.push(("window", Cell::from(window)));
        }
        for gate in self.entrance.iter().chain(&self.exit).filter(|gate| gate.gate.proof.checks.of > 0) {
            facts.extend(gate.facts("gate"));
        }
        page.facts(facts);
        if phases > 1 {
            page.bar(self.progress.bar());
        }
        page.table(tasks(&self.tasks));
        let entrance = self.entrance.iter().flat_map(GateSection::rows);
        let exit = self.exit.iter().flat_map(GateSection::rows);
        let own = self.tasks.iter().flat_map(|task| task.criteria.iter().map(|row| (task.task.key, row)));
        page.table(table(entrance.chain(own).chain(exit)).without_empty_columns());
    }
}

fn tasks(sections: &[TaskSection<'_>]) -> Table {
    let mut table = Table::new([
        Column::whole("Task"),
        Column::text("Title"),
        Column::text("Owner"),
        Column::whole("Status"),
        Column::text("Evidence, or whose word"),
        Column::whole("Since"),
        Column::text("Waits for"),
        Column::text("Document says, unverified"),
    ]);
    for section in sections {
        table.row([
            Tone::Strong.cell(section.task.key),
            Cell::from(section.task.title),
            Cell::from(section.task.owner.unwrap_or_default()),
            section.task.standing_cell(),
            section.evidence(),
            Tone::Faint.cell(section.since.as_ref().map(|since| moment(since.at)).unwrap_or_default()),
            Cell::from(section.blockers.join("; ")),
            Tone::Faint.cell(section.said()),
        ]);
    }
    table.without_empty_columns()
}

impl TaskSection<'_> {
    /// What stands behind the status, and whose word it is; for a task that was given up, who
    /// decided that and why.
    fn evidence(&self) -> Cell {
        if let Some(Since { by, reason: Some(reason), .. }) = &self.since {
            return Cell::from(format!("dropped by {}: {reason}", by.with_known()));
        }
        let mut cell = self.task.evidence();
        // Without checks the word is all there is, and the cell says so already.
        if let Some(claim) = self.claim.as_ref().filter(|_| self.task.proof.checks.of > 0) {
            cell.text.push_str(&format!("; claimed by {}", claim.by.with_known()));
        }
        cell
    }

    /// The document's own status word and percentage, with the line.
    fn said(&self) -> String {
        let own: Vec<String> =
            self.task.label.map(str::to_owned).into_iter().chain(self.task.percent.map(percent)).collect();
        match (own.as_slice(), self.line) {
            ([], _) => String::new(),
            (_, 0) => own.join(", "),
            (_, line) => format!("{} (line {line})", own.join(", ")),
        }
    }
}
