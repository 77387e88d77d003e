//! Spec Kit: `tasks.md`, boxes with an id, `[P]` and a story under headings of phases. It is
//! Markdown as people write plans in anyway, so it is read, and stays under control, as that.

use std::collections::BTreeSet;

use model::diagnostic::Diagnostic;
use model::draft::{Draft, DraftCriterion, Stated};
use model::ids::Key;
use model::plan::{Phase, Plan};

use super::item::{Item, items};
use super::lost::Lost;
use super::text::one_line;
use super::{Exported, Field, Holds, Imported, OutFile, Peer, Wishes};
use crate::reading::Format;

/// Spec Kit.
pub struct SpecKit;

/// Extra fields that stand in brackets before the text.
const PARALLEL: &str = "parallel";
const STORY: &str = "story";

impl Format for SpecKit {
    fn name(&self) -> &'static str {
        "spec-kit"
    }

    /// Never: as a document it is Markdown.
    fn recognises(&self, _path: &str, _text: &str) -> bool {
        false
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        crate::markdown::read(text, path)
    }
}

impl Peer for SpecKit {
    fn title(&self) -> &'static str {
        "Spec Kit"
    }

    fn place(&self) -> &'static str {
        "tasks.md"
    }

    fn document(&self) -> &'static str {
        "markdown"
    }

    fn owns(&self, path: &str, text: &str) -> bool {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        name.eq_ignore_ascii_case("tasks.md") && text.lines().any(is_task)
    }

    fn import(&self, text: &str, path: &str) -> Imported {
        let (draft, diagnostics) = crate::markdown::read(text, path);
        let placed = placed(&draft);
        let mut lost = Vec::new();
        for (count, line) in text.lines().enumerate() {
            let number = count as u32 + 1;
            let bare = line.trim();
            let silent = bare.is_empty()
                || bare.starts_with('#')
                || bare.chars().all(|c| matches!(c, '-' | '*' | '`'));
            if !silent && !placed.contains(&number) {
                let why = "prose stays in the document; a plan has no place for it";
                lost.push(Lost::new(path, number, "prose", bare, why));
            }
        }
        Imported { draft, diagnostics, lost }
    }

    fn holds(&self, field: Field) -> Holds {
        match field {
            Field::State => Holds::Partly("a box: done or not"),
            Field::Phase => Holds::Partly("a heading, without window"),
            Field::Needs => Holds::Whole,
            Field::Extra => Holds::Partly("`[P]` and the story"),
            Field::Kind => Holds::Partly("every task is an item of a checklist"),
            Field::Evidence | Field::Checks | Field::Plan | Field::History => {
                Holds::Nothing("a task list has boxes, and no proof")
            }
            _ => Holds::Nothing("a task list has no place for it"),
        }
    }

    fn write(&self, plan: &Plan, _wishes: Wishes) -> Exported {
        let mut lost = Vec::new();
        let title = plan.title.strip_prefix("Tasks: ").unwrap_or(&plan.title);
        let mut text = format!("# Tasks: {}\n", one_line(title));
        let mut list = |heading: String, of: &mut dyn Iterator<Item = Item<'_>>| {
            let mut of = of.peekable();
            if of.peek().is_some() {
                text.push_str(&format!("\n{heading}\n\n"));
            }
            of.for_each(|item| text.push_str(&line(&item, &mut lost)));
        };
        let mut numbers = 0;
        list("## Tasks".to_owned(), &mut items(plan).filter(|item| item.phase().is_none()));
        for phase in &plan.phases {
            let heading = heading(phase, plan, &mut numbers);
            list(heading, &mut items(plan).filter(|item| item.task.phase == Some(phase.id)));
        }
        for phase in plan.phases.iter().filter(|phase| phase.window.is_some()) {
            let window = phase.window.as_deref().unwrap_or_default();
            let why = "a heading has no window";
            lost.push(Lost::new("", 0, "window of a phase", window, why).of(phase.key.as_str()));
        }
        Exported { files: vec![OutFile { name: "tasks.md".to_owned(), text }], lost }
    }
}

/// A line `- [ ] T001 …`.
fn is_task(line: &str) -> bool {
    let rest = line.trim_start().strip_prefix("- [");
    let rest = rest.and_then(|rest| rest.get(1..)).and_then(|rest| rest.strip_prefix("] T"));
    rest.is_some_and(|rest| rest.len() >= 3 && rest.as_bytes()[..3].iter().all(u8::is_ascii_digit))
}

/// Lines that something in the draft stands on.
fn placed(draft: &Draft) -> BTreeSet<u32> {
    let criteria = |list: &[DraftCriterion]| list.iter().map(|one| one.line).collect::<Vec<_>>();
    let mut lines: BTreeSet<u32> = draft.tasks.iter().map(|task| task.line).collect();
    lines.extend(draft.tasks.iter().flat_map(|task| criteria(&task.criteria)));
    lines.extend(
        draft
            .phases
            .iter()
            .flat_map(|phase| criteria(&phase.entrance).into_iter().chain(criteria(&phase.exit))),
    );
    lines.extend(criteria(&draft.criteria));
    lines.extend(draft.risks.iter().map(|one| one.line));
    lines.extend(draft.metrics.iter().map(|one| one.line));
    lines.extend(draft.decisions.iter().chain(&draft.escalations).map(|one| one.line));
    lines.extend(draft.assumptions.iter().map(|one| one.line));
    lines
}

/// `## Phase 2: Setup`. A phase that is called otherwise gets a number that is free.
fn heading(phase: &Phase, plan: &Plan, numbers: &mut u32) -> String {
    let (key, title) = (one_line(phase.key.as_str()), one_line(&phase.title));
    if is_numbered(&key) {
        return if key == title || title.is_empty() {
            format!("## {key}")
        } else {
            format!("## {key}: {title}")
        };
    }
    let taken = |number: u32| plan.phases.iter().any(|known| known.key.as_str() == format!("Phase {number}"));
    *numbers += 1;
    while taken(*numbers) {
        *numbers += 1;
    }
    format!("## Phase {numbers}: {title}")
}

/// `Phase 2`, `Phase A`: what a heading of Spec Kit begins with.
fn is_numbered(key: &str) -> bool {
    let number = key.strip_prefix("Phase ").unwrap_or_default();
    !number.is_empty() && (number.len() == 1 || number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn line(item: &Item<'_>, lost: &mut Vec<Lost>) -> String {
    let stated = item.stated();
    let ticked = if stated == Stated::Claimed { 'x' } else { ' ' };
    let mut line = format!("- [{ticked}] {}", item.key());
    if item.extra(PARALLEL).is_some() {
        line.push_str(" [P]");
    }
    if let Some(story) = item.extra(STORY) {
        line.push_str(&format!(" [{}]", one_line(story)));
    }
    line.push_str(&format!(" {}", one_line(&item.task.title)));
    let needs: Vec<&str> = item.needs().into_iter().map(Key::as_str).collect();
    if needs.iter().any(|need| !item.task.title.contains(need)) {
        line.push_str(&format!(" (depends on {})", needs.join(", ")));
    }
    line.push('\n');
    let mut lose =
        |field: &str, value: &str, why: &str| lost.push(Lost::new("", 0, field, value, why).of(item.key()));
    if matches!(stated, Stated::Active | Stated::Dropped) {
        lose("state", item.task.state.word(), "a box is ticked or not");
    }
    if matches!(item.task.state, model::task::TaskState::Claimed(_)) && item.task.has_checks() {
        lose("state", "claimed, unproven", "a box does not say that proof is still owed");
    }
    if let Some(phase) = item.phase().filter(|phase| !is_numbered(phase.key.as_str())) {
        lose("phase", phase.key.as_str(), "phases have numbers there");
    }
    if let Some(status) = item.task.facts.status() {
        lose("status word", &status.word, "a box is ticked or not");
    }
    if item.task.kind != model::draft::TaskKind::Item {
        lose("kind", item.task.kind.as_str(), "every task is an item of a checklist");
    }
    for (name, value) in item.extras_but(&[
        PARALLEL,
        STORY,
        super::item::extra::DESCRIPTION,
        super::item::extra::LABELS,
        super::item::extra::COMMENTS,
    ]) {
        lose("other fields", &format!("{name}: {value}"), "a task list has no place for it");
    }
    line
}
