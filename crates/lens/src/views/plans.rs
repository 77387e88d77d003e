//! Every plan of a store in one row, what needs attention first: for people with forty of them.
//!
//! Progress is what is verified, never what is claimed; unmeasured is `n/a`.

use jiff::Timestamp;
use model::standing::Standing;
use serde::Serialize;

use crate::look::{Caveat, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::render::markdown;
use crate::tasks::Rows;
use crate::views::board::Summary;
use crate::views::gates;
use crate::words::{ago, count_of, share};

/// Every plan in one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plans<'a> {
    /// What needs attention first.
    pub plans: Vec<PlanRow<'a>>,
    /// All of them together.
    pub totals: Totals,
    /// How many archived plans are not shown.
    pub archived_hidden: usize,
    /// The moment.
    pub now: Timestamp,
}

/// One plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRow<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// `VERIFIED`, `DONE AS CLAIMED` or `NOT COMPLETE`.
    pub verdict: &'static str,
    /// How many tasks stand how.
    pub summary: Summary,
    /// How much of it is verified, in percent; nothing where it has no tasks.
    pub verified_percent: Option<f64>,
    /// What is due next, soonest first.
    pub next_due: Option<NextDue<'a>>,
    /// How many gates beside the tasks' own there are.
    pub gates: usize,
    /// How many of them are shut.
    pub gates_shut: usize,
    /// How many risks are red.
    pub risks_red: usize,
    /// When something last happened to it.
    pub last_activity: Timestamp,
    /// Why it deserves a look: `refuted`, `lapsed`, `late`, `risk red`, `stuck`, `unsynced`.
    pub attention: Vec<&'static str>,
    /// Whether it lies in the past.
    pub archived: bool,
    /// Its documents.
    pub documents: Vec<&'a str>,
    /// What whoever reads the row must be told.
    pub caveats: Vec<Caveat>,
}

/// What is due next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextDue<'a> {
    /// The task.
    pub key: &'a str,
    /// Verbatim.
    pub text: &'a str,
    /// The moment.
    pub at: Timestamp,
    /// Whole days left, negative once it is past.
    pub days_left: i64,
}

/// Plans taken together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Totals {
    /// How many plans.
    pub plans: usize,
    /// Of them, verified.
    pub verified: usize,
    /// Done as claimed.
    pub done_as_claimed: usize,
    /// Not complete.
    pub not_complete: usize,
    /// How many of their tasks stand how.
    pub tasks: Summary,
    /// How much of all tasks is verified, in percent; nothing where there are none.
    pub verified_percent: Option<f64>,
    /// Gates that are shut.
    pub gates_shut: usize,
    /// Risks that are red.
    pub risks_red: usize,
}

/// Every plan in one row; archived ones only where that is asked for.
pub fn plans<'a>(looks: &[Look<'a>], archived: bool, now: Timestamp) -> Plans<'a> {
    let hidden = |look: &&Look<'a>| look.plan.settings.archived && !archived;
    let mut rows: Vec<PlanRow<'a>> = looks.iter().filter(|look| !hidden(look)).map(row).collect();
    rows.sort_by_cached_key(|row| {
        let count = |number: usize| std::cmp::Reverse(number);
        (
            row.archived,
            row.attention.is_empty() && row.verdict != "NOT COMPLETE",
            count(row.summary.refuted + row.summary.lapsed),
            count(row.summary.late),
            count(row.risks_red),
            count(usize::from(row.attention.contains(&"stuck"))),
            row.next_due.as_ref().map_or(Timestamp::MAX, |due| due.at),
            row.verdict == "VERIFIED",
            row.key.to_owned(),
        )
    });
    let mut totals = Totals::default();
    for row in &rows {
        totals.add(row);
    }
    totals.verified_percent = verified_percent(&totals.tasks);
    Plans { archived_hidden: looks.len() - rows.len(), plans: rows, totals, now }
}

fn row<'a>(look: &Look<'a>) -> PlanRow<'a> {
    let plan = look.plan;
    let rows = Rows::new(look);
    let mut summary = Summary::default();
    let mut next: Option<NextDue<'a>> = None;
    for task in &plan.tasks {
        let standing = rows.standing(task);
        summary.count(standing, rows.is_late(task, standing));
        if standing.is_done() || standing == Standing::Dropped {
            continue;
        }
        let Some(due) = task.facts.due() else { continue };
        let Some(at) = due.at else { continue };
        if next.as_ref().is_none_or(|next| at < next.at) {
            let days_left = at.as_second().saturating_sub(look.now.as_second()).div_euclid(86_400);
            next = Some(NextDue { key: task.key.as_str(), text: &due.text, at, days_left });
        }
    }
    let gates = gates::rows(look);
    let verdict = plan.verdict(look.now).word();
    let mut row = PlanRow {
        key: plan.key.as_str(),
        title: &plan.title,
        verdict,
        verified_percent: verified_percent(&summary),
        summary,
        next_due: next,
        gates: gates.len(),
        gates_shut: gates.iter().filter(|gate| gate.state == "shut").count(),
        risks_red: plan.risks.iter().filter(|risk| is_red(risk.details.status.as_deref())).count(),
        last_activity: plan.at,
        attention: Vec::new(),
        archived: plan.settings.archived,
        documents: plan.sources.iter().map(|source| source.path.as_str()).collect(),
        caveats: look.head().caveats,
    };
    row.attention = attention(&row, !look.unsynced.is_empty());
    row
}

fn verified_percent(summary: &Summary) -> Option<f64> {
    share(summary.verified + summary.waived, summary.tasks)
}

/// Why a plan deserves a look, what weighs most first. A plan is stuck where work is left and none
/// of it is under way or could begin.
fn attention(row: &PlanRow<'_>, unsynced: bool) -> Vec<&'static str> {
    let Summary { refuted, lapsed, late, active, ready, blocked, .. } = row.summary;
    let reasons = [
        ("refuted", refuted > 0),
        ("lapsed", lapsed > 0),
        ("late", late > 0),
        ("risk red", row.risks_red > 0),
        ("stuck", blocked > 0 && active + ready == 0),
        ("unsynced", unsynced),
    ];
    reasons.into_iter().filter(|(_, holds)| *holds && !row.archived).map(|(reason, _)| reason).collect()
}

/// Whether a risk's status says red; `Yellow → trending Green` has a status and a trend.
fn is_red(status: Option<&str>) -> bool {
    let status = status.unwrap_or_default();
    let word = status.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    status.contains(['🔴', '🟥']) || word.is_some_and(|word| word.eq_ignore_ascii_case("red"))
}

impl Totals {
    fn add(&mut self, row: &PlanRow<'_>) {
        self.plans += 1;
        match row.verdict {
            "VERIFIED" => self.verified += 1,
            "DONE AS CLAIMED" => self.done_as_claimed += 1,
            _ => self.not_complete += 1,
        }
        self.tasks.add(&row.summary);
        self.gates_shut += row.gates_shut;
        self.risks_red += row.risks_red;
    }

    /// `3 plans: 1 verified, 2 not complete; 12 tasks: 4 verified, 8 ready; 33.3% verified`.
    pub fn text(&self) -> String {
        let counts = [
            (self.verified, "verified"),
            (self.done_as_claimed, "done as claimed"),
            (self.not_complete, "not complete"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        let mut text = count_of(self.plans, "plan");
        if !counts.is_empty() {
            text.push_str(&format!(": {}", counts.join(", ")));
        }
        format!("{text}; {}; {} verified", self.tasks.text(), progress(self.verified_percent))
    }
}

/// A share in percent, or that there is none.
fn progress(percent: Option<f64>) -> String {
    percent.map_or_else(|| "n/a".to_owned(), |percent| format!("{percent}%"))
}

fn number(number: usize) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

impl Plans<'_> {
    /// The rows as a Markdown table to paste, with a last row for all of them.
    pub fn markdown(&self) -> String {
        let mut table = Table::new([
            Column::whole("Plan"),
            Column::whole("Verdict"),
            Column::number("Tasks"),
            Column::number("Verified"),
            Column::number("Claimed"),
            Column::number("Open"),
            Column::number("Progress"),
            Column::whole("Next Due"),
            Column::number("Blocked"),
            Column::number("Gates Shut"),
            Column::number("Risks Red"),
        ]);
        let cells =
            |name: String, verdict: String, summary: &Summary, percent, due: String, gates, risks: usize| {
                [
                    name,
                    verdict,
                    summary.tasks.to_string(),
                    (summary.verified + summary.waived).to_string(),
                    summary.claimed().to_string(),
                    summary.open().to_string(),
                    progress(percent),
                    due,
                    summary.blocked.to_string(),
                    gates,
                    risks.to_string(),
                ]
            };
        for row in &self.plans {
            let due = row.next_due.as_ref().map_or("None", |due| due.text).to_owned();
            let gates = format!("{}/{}", row.gates_shut, row.gates);
            let name = if row.title.is_empty() { row.key } else { row.title };
            table.row(cells(
                name.to_owned(),
                mark(row.verdict).to_owned(),
                &row.summary,
                row.verified_percent,
                due,
                gates,
                row.risks_red,
            ));
        }
        let all = &self.totals;
        table.row(cells(
            format!("All {}", count_of(all.plans, "plan")),
            format!("{} of {} verified", all.verified, all.plans),
            &all.tasks,
            all.verified_percent,
            String::new(),
            all.gates_shut.to_string(),
            all.risks_red,
        ));
        markdown::table(&table)
    }
}

fn mark(verdict: &str) -> &'static str {
    match verdict {
        "VERIFIED" => "✅ Verified",
        "DONE AS CLAIMED" => "🔵 Done as claimed",
        _ => "🔴 Not complete",
    }
}

impl Answer for Plans<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::whole("Plan"),
            Column::text("Title"),
            Column::whole("Verdict"),
            Column::number("Tasks"),
            Column::number("Verified"),
            Column::number("Claimed"),
            Column::number("Open"),
            Column::number("Progress"),
            Column::text("Next due"),
            Column::number("Blocked"),
            Column::number("Gates shut"),
            Column::number("Risks red"),
            Column::whole("Last activity"),
            Column::text("Attention"),
        ]);
        for row in &self.plans {
            let tone = match row.verdict {
                _ if row.archived => Tone::Faint,
                "VERIFIED" => Tone::Good,
                "DONE AS CLAIMED" => Tone::Warn,
                _ => Tone::Plain,
            };
            let due = row.next_due.as_ref();
            let late = due.is_some_and(|due| due.days_left < 0);
            table.row([
                Tone::Strong.cell(row.key),
                Cell::from(row.title),
                tone.cell(row.verdict),
                Cell::from(row.summary.tasks.to_string()),
                Cell::from(number(row.summary.verified + row.summary.waived)),
                Cell::from(number(row.summary.claimed())),
                Cell::from(number(row.summary.open())),
                Cell::from(progress(row.verified_percent)),
                (if late { Tone::Bad } else { Tone::Plain })
                    .cell(due.map(|due| format!("{} {}", due.text, due.key)).unwrap_or_default()),
                Cell::from(number(row.summary.blocked)),
                Cell::from(number(row.gates_shut)),
                Tone::Bad.cell(number(row.risks_red)),
                Tone::Faint.cell(ago(row.last_activity, self.now)),
                Tone::Bad.cell(row.attention.join(", ")),
            ]);
        }
        page.table(table.without_empty_columns());
        page.paragraph(match self.plans.len() {
            0 => "there is no plan to show".to_owned(),
            _ => self.totals.text(),
        });
        if self.archived_hidden > 0 {
            let archived = count_of(self.archived_hidden, "archived plan");
            page.paragraph(Tone::Faint.cell(format!("besides {archived}; see with `--archived`")));
        }
        let mut told: Vec<&Caveat> = Vec::new();
        for caveat in self.plans.iter().flat_map(|row| &row.caveats) {
            let general = matches!(caveat.code, "test_store" | "unsynced");
            if general && !told.iter().any(|known| known.text == caveat.text) {
                told.push(caveat);
            }
        }
        for caveat in told {
            page.paragraph(Tone::Warn.cell(format!("note: {}", caveat.text)));
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check, check_text, json};
    use model::check::Outcome;

    fn worlds() -> [World; 4] {
        let mut release = World::adopt(RELEASE);
        release.claims("Rae", "7.3").ran(
            "7.3",
            "clippy",
            Outcome::Fail,
            "clippy_warnings is 34, target < 20",
        );
        let mut done = World::adopt("# Sweeping\n- a Sweep\n  check sh: true\n");
        done.ran("a", "sh", Outcome::Pass, "exit status 0").verifies("a");
        let late = World::adopt(
            "# Fence\n- b Paint\n  due 2031-04-30\n- c Dry\n  needs b\n- d Hang\n  due 2031-07-01\n",
        );
        let mut archived = World::adopt("# Long ago\n- e Forget\n  due 2001-01-01\n");
        archived.plan.settings.archived = true;
        [release, done, late, archived]
    }

    #[test]
    fn what_needs_attention_comes_first_and_claims_are_no_progress() {
        let worlds = worlds();
        let looks: Vec<Look<'_>> = worlds.iter().map(World::look).collect();
        check(
            &plans(&looks, false, looks[0].now),
            "
| Plan | Title | Verdict | Tasks | Verified | Claimed | Open | Progress | Next due | Blocked | Gates shut | Last activity | Attention |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | --- | --- |
| **release** | Release 2 | NOT COMPLETE | 4 |  | 1 | 3 | 0% |  | 1 | 1 | just now | refuted |
| **release** | Fence | NOT COMPLETE | 3 |  |  | 3 | 0% | 2031-04-30 b | 1 |  | just now | late |
| **release** | Sweeping | VERIFIED | 1 | 1 |  |  | 100% |  |  |  | just now |  |

3 plans: 1 verified, 2 not complete; 8 tasks: 1 verified, 1 refuted, 1 active, 3 ready, 2 blocked, 1 of them late; 12.5% verified

besides 1 archived plan; see with `--archived`
",
        );
    }

    #[test]
    fn archived_plans_come_last_and_want_nothing() {
        let worlds = worlds();
        let looks: Vec<Look<'_>> = worlds.iter().map(World::look).collect();
        let all = json(&plans(&looks, true, looks[0].now));
        assert_eq!(all["plans"][3]["title"], "Long ago");
        assert_eq!(all["plans"][3]["attention"], serde_json::json!([]));
        assert_eq!((&all["archived_hidden"], &all["totals"]["plans"]), (&0.into(), &4.into()));
        assert_eq!(json(&plans(&looks, false, looks[0].now))["archived_hidden"], 1);
    }

    #[test]
    fn the_rows_are_a_table_to_paste() {
        let worlds = worlds();
        let looks: Vec<Look<'_>> = worlds.iter().map(World::look).collect();
        check_text(
            &plans(&looks, false, looks[0].now).markdown(),
            "
| Plan | Verdict | Tasks | Verified | Claimed | Open | Progress | Next Due | Blocked | Gates Shut | Risks Red |
| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |
| Release 2 | 🔴 Not complete | 4 | 0 | 1 | 3 | 0% | None | 1 | 1/1 | 0 |
| Fence | 🔴 Not complete | 3 | 0 | 0 | 3 | 0% | 2031-04-30 | 1 | 0/0 | 0 |
| Sweeping | ✅ Verified | 1 | 1 | 0 | 0 | 100% | None | 0 | 0/0 | 0 |
| All 3 plans | 1 of 3 verified | 8 | 1 | 1 | 6 | 12.5% |  | 2 | 1 | 0 |
",
        );
        check_text(
            &plans(&[], false, looks[0].now).markdown().lines().skip(2).collect::<Vec<_>>().join("\n"),
            "| All 0 plans | 0 of 0 verified | 0 | 0 | 0 | 0 | n/a |  | 0 | 0 | 0 |",
        );
    }

    #[test]
    fn red_is_a_status_and_not_a_trend() {
        for red in ["Red", "red (since Monday)", "🔴", "🔴 critical"] {
            assert!(is_red(Some(red)), "{red}");
        }
        for other in ["Yellow → trending Red", "Green", "reduced", ""] {
            assert!(!is_red(Some(other)), "{other}");
        }
        assert!(!is_red(None));
    }
}
