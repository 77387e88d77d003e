//! List items: which of them are work, which are conditions or register entries, which only say
//! something about what stands around them.

use model::diagnostic::Span;
use model::draft::TaskKind;

use super::blocks::{Block, Kind};
use super::headings::{self, Named};
use super::items::{self, Item, Label, all_bold, label};
use super::reader::{Around, Reader, is_register};
use super::roles::{self, Role};
use super::tasks::kind_of;
use super::work::told_key;
use crate::words::fields::{Field, field};
use crate::words::keys::{self, Leading};
use crate::words::plain::plain;

impl<'a> Reader<'a> {
    /// Reads an item and all it contains.
    pub(super) fn read_item(&mut self, blocks: &[Block], at: usize, around: Around) {
        let block = blocks[at];
        let item = items::item(self.text, block.text);
        if item.mark.is_some() {
            return self.boxed(blocks, at, &item, around);
        }
        if item.raw.is_empty() {
            return self.read_inside(blocks, at, around);
        }
        if around.role == Some(Role::Template) {
            return self.read_inside(blocks, at, around);
        }
        if self.mapped(item.raw, block.span, around) {
            return self.read_inside(blocks, at, around);
        }
        if around.phase.is_none() && self.phase_item(blocks, at, &item, around) {
            return;
        }
        let said = label(item.raw);
        if let Some(said) = said
            && let Some(inside) = self.labelled(blocks, at, &said, around)
        {
            return self.read_inside(blocks, at, inside);
        }
        let text = plain(item.raw);
        if let Some(found) = keys::leading(&text)
            && self.is_definition(&found, &item, around)
        {
            if around.role == Some(Role::Risks) {
                return self.risk_item(blocks, at, &item, around);
            }
            let kind = kind_of(around.role, found.word, false);
            let task = self.item_task(&item, block.span, kind, Some(found), &text, around);
            return self.describe(blocks, at, task, around);
        }
        if let Some(found) = self.worked(&item, &text, block.span, around) {
            let kind = kind_of(around.role, found.word, false);
            let task = self.item_task(&item, block.span, kind, Some(found), &text, around);
            return self.describe(blocks, at, task, around);
        }
        if self.by_role(blocks, at, &item, said, around) {
            return;
        }
        let known = self.draft.metrics.len() + self.draft.claims.len();
        self.facts(item.raw, block.span, around);
        let told = self.draft.metrics.len() + self.draft.claims.len() > known;
        if !told && demands(item.raw) && !around.nested && around.task.is_none() {
            self.note(block.span, item.raw);
        }
        let inside = all_bold(item.raw).or(said.map(|said| said.name)).and_then(roles::of_label);
        self.read_inside(blocks, at, Around { role: inside.or(around.role), ..around });
    }

    /// Reads what an item contains.
    pub(super) fn read_inside(&mut self, blocks: &[Block], at: usize, around: Around) {
        for child in children(blocks, at) {
            match blocks[child].kind {
                Kind::Paragraph => self.facts(self.slice(blocks[child].text), blocks[child].span, around),
                _ => self.read_item(blocks, child, around),
            }
        }
    }

    /// An item with a box is work, a condition or a register entry; never nothing.
    fn boxed(&mut self, blocks: &[Block], at: usize, item: &Item<'a>, around: Around) {
        let span = blocks[at].span;
        match around.role {
            Some(Role::Template) => self.note(span, item.raw),
            Some(Role::Risks) if !around.nested => return self.risk_item(blocks, at, item, around),
            Some(Role::Assumptions) => self.add_assumption(item.raw, span),
            Some(Role::Cadence) => self.add_cadence(item.raw, span),
            Some(Role::Milestones) => self.add_milestone(item.raw, span),
            Some(Role::Decisions) => self.add_decision(item.raw, span, Role::Decisions),
            Some(Role::Escalations) => self.add_decision(item.raw, span, Role::Escalations),
            Some(Role::Criteria | Role::Gates | Role::Exit | Role::Objectives | Role::Metrics) => {
                self.add_criterion(item, span, around, false);
            }
            Some(Role::Deliverables)
                if around.task.is_some() || around.phase.is_some() || self.label.is_some() =>
            {
                self.add_criterion(item, span, around, false);
            }
            Some(Role::Entrance) if around.phase.is_some() => self.add_criterion(item, span, around, true),
            _ => {
                let text = plain(item.raw);
                let found = keys::leading(&text).filter(|found| names_box(found));
                let found = found.or_else(|| told_key(item.raw, &text));
                let kind = match around.role {
                    Some(Role::Deliverables) => TaskKind::Deliverable,
                    _ => kind_of(around.role, "", true),
                };
                let task = self.item_task(item, span, kind, found, &text, around);
                return self.describe(blocks, at, task, around);
            }
        }
        self.read_inside(blocks, at, around);
    }

    /// A condition of the task, phase or plan around.
    fn add_criterion(&mut self, item: &Item<'a>, span: Span, around: Around, entrance: bool) {
        let split = item.probes.as_ref().map(|split| (split, item.at));
        let Some(criterion) = self.proved_criterion(item.raw, split, span, item.mark) else { return };
        match (around.task, around.phase) {
            (Some(task), _) if !entrance => self.draft.tasks[task].criteria.push(criterion),
            (_, Some(phase)) if entrance => self.draft.phases[phase].entrance.push(criterion),
            (_, Some(phase)) => self.draft.phases[phase].exit.push(criterion),
            _ => self.draft.criteria.push(criterion),
        }
    }

    /// What stands below a task's item describes it.
    fn describe(&mut self, blocks: &[Block], at: usize, task: usize, around: Around) {
        let inside = Around { task: Some(task), nested: true, role: None, ..around };
        for child in children(blocks, at) {
            let block = blocks[child];
            match block.kind {
                Kind::Paragraph => self.described_lines(task, self.slice(block.text)),
                _ => self.describe_with(blocks, child, task, inside),
            }
        }
    }

    fn describe_with(&mut self, blocks: &[Block], at: usize, task: usize, inside: Around) {
        let block = blocks[at];
        let item = items::item(self.text, block.text);
        let text = plain(item.raw);
        if item.mark.is_none() && told_key(item.raw, &text).is_some() {
            return self.read_item(blocks, at, inside);
        }
        if item.mark.is_none()
            && let Some(said) = label(item.raw)
        {
            let role = self.set_field(task, said.name, said.value);
            let inside = Around { role: role.or(roles::of_label(said.name)), ..inside };
            return self.field_items(blocks, at, task, inside);
        }
        if item.mark.is_some() || keys::leading(&text).is_some() {
            return self.read_item(blocks, at, inside);
        }
        let role = all_bold(item.raw).and_then(roles::of_label);
        if role.is_some() {
            return self.field_items(blocks, at, task, Around { role, ..inside });
        }
        self.paths_in(task, item.raw);
        if item.raw.contains("runbook") {
            self.mentioned_runbooks(item.raw, block.span);
        }
        self.read_inside(blocks, at, inside);
    }

    /// Items below a field's label are what the field holds.
    fn field_items(&mut self, blocks: &[Block], at: usize, task: usize, around: Around) {
        for child in children(blocks, at) {
            if blocks[child].kind != Kind::Paragraph {
                self.field_item(blocks, child, task, around);
            }
        }
    }

    /// One item of a task's field.
    pub(super) fn field_item(&mut self, blocks: &[Block], at: usize, task: usize, around: Around) {
        let block = blocks[at];
        let item = items::item(self.text, block.text);
        if item.mark.is_some() {
            return self.boxed(blocks, at, &item, around);
        }
        let Some(name) = around.role.and_then(field_name) else {
            return self.read_item(blocks, at, around);
        };
        if around.role == Some(Role::Criteria) {
            self.add_criterion(&item, block.span, Around { task: Some(task), ..around }, false);
        } else if !item.raw.is_empty() {
            self.set_field(task, name, item.raw);
        }
        self.read_inside(blocks, at, around);
    }

    /// Lines such as `**Agent Type:** reviewer` below a task's title.
    pub(super) fn described_lines(&mut self, task: usize, text: &'a str) {
        for line in text.lines() {
            if let Some(said) = label(line.trim())
                && field(said.name).is_some()
            {
                self.set_field(task, said.name, said.value);
            }
        }
    }

    fn paths_in(&mut self, task: usize, raw: &str) {
        for (_, code) in crate::words::plain::code_spans(raw) {
            let is_file =
                code.contains('/') && !code.contains(' ') && !code.starts_with('/') && !code.contains("://");
            if is_file {
                self.add_paths(task, &format!("`{code}`"));
            }
        }
    }

    /// An item that begins with a label: a register entry, or a field of what stands around.
    /// Gives what surrounds its own items; `None` where the label is none of these.
    fn labelled(&mut self, blocks: &[Block], at: usize, said: &Label<'a>, around: Around) -> Option<Around> {
        let block = blocks[at];
        if self.register_entry(said, block.span, around) {
            return Some(around);
        }
        let known = field(said.name);
        let around = self.phase_by_its_parts(said, known, around);
        if let (Some(phase), false) = (around.phase, around.nested) {
            match known {
                Some(Field::Tasks) if !said.value.is_empty() => {
                    self.phase_tasks(phase, said.value);
                    return Some(around);
                }
                Some(Field::Entrance) | Some(Field::Exit) | Some(Field::Criteria) => {
                    let entrance = known == Some(Field::Entrance);
                    self.phase_clauses(phase, entrance, said.value);
                    let role = if entrance { Role::Entrance } else { Role::Exit };
                    return Some(Around { role: Some(role), ..around });
                }
                _ => {}
            }
        }
        if around.role == Some(Role::Risks) && !around.nested {
            let inside = self.texts_inside(blocks, at);
            if self.heading_risk(said, block.span, inside) {
                return Some(Around { role: Some(Role::Other), ..around });
            }
        }
        // Under a task's heading, a known label is its field.
        let free = around.role.is_none_or(|role| matches!(role, Role::Checklist | Role::Tasks));
        if let Some(task) = around.task.filter(|_| !around.nested && free && known.is_some()) {
            let role = self.set_field(task, said.name, said.value);
            return Some(Around { role: role.or(around.role), ..around });
        }
        None
    }

    /// `- Phase A — Planning` with its parts inside; gives whether it was one.
    fn phase_item(&mut self, blocks: &[Block], at: usize, item: &Item<'a>, around: Around) -> bool {
        if around.nested || around.role.is_some_and(is_register) || !has_items(blocks, at) {
            return false;
        }
        let text = plain(item.raw);
        let Named::Phase(found) = headings::named(&text) else { return false };
        let parts = children(blocks, at).any(|child| {
            let inner = items::item(self.text, blocks[child].text);
            let known = label(inner.raw).and_then(|said| field(said.name));
            matches!(known, Some(Field::Tasks | Field::Entrance | Field::Exit))
        });
        if !parts {
            return false;
        }
        let span = blocks[at].text;
        let Some(phase) = self.named_phase(&found, true, span) else { return false };
        self.read_inside(blocks, at, Around { phase: Some(phase), ..around });
        true
    }

    /// A section whose items say `Entrance:`, `Tasks:` or `Exit:` is a phase, whatever its heading.
    fn phase_by_its_parts(&mut self, said: &Label<'a>, known: Option<Field>, around: Around) -> Around {
        let named = match known {
            Some(Field::Tasks) => {
                let list = keys::list(said.value);
                !list.keys.is_empty() && list.words.is_empty()
            }
            Some(Field::Entrance) => true,
            Some(Field::Exit) => keys::starts_with_word(said.name, "exit"),
            _ => false,
        };
        let free = around.phase.is_none() && around.task.is_none() && !around.nested;
        if !named || !free || around.role.is_some_and(is_register) || self.frames.len() < 2 {
            return around;
        }
        Around { phase: self.phase_of_heading(), ..around }
    }

    /// Whether a key at the front of an item defines something, rather than mentions it.
    fn is_definition(&self, found: &Leading<'_>, item: &Item<'_>, around: Around) -> bool {
        use Role::{
            Assumptions, Cadence, Checkpoints, Criteria, Decisions, Entrance, Escalations, Exit, Gates,
            Links, Mapping, Milestones, NextSteps, Other, Rebaselines, Runbooks,
        };
        if let Some(role) = around.role
            && matches!(
                role,
                Assumptions
                    | Cadence
                    | Checkpoints
                    | Criteria
                    | Decisions
                    | Entrance
                    | Escalations
                    | Exit
                    | Gates
                    | Links
                    | Mapping
                    | Milestones
                    | NextSteps
                    | Other
                    | Rebaselines
                    | Runbooks
            )
        {
            return false;
        }
        let lettered = found.key.starts_with(|c: char| c.is_ascii_alphabetic());
        let worded = !found.word.is_empty();
        let work = worded && is_work(found.word);
        if worded && !work && around.role != Some(Role::Risks) {
            return false;
        }
        if !worded && around.role.is_none() && self.is_about_else() {
            return false;
        }
        let bold = item.raw.trim_start_matches(|c: char| !c.is_ascii()).trim_start().starts_with("**");
        let hyphen = found.key.contains('-');
        found.separated && (work || lettered && (hyphen || bold) || around.role == Some(Role::Tasks))
            || around.role == Some(Role::Risks) && found.separated && lettered
    }

    /// What an item without key, box or known label is under its role; gives whether it was read.
    fn by_role(
        &mut self,
        blocks: &[Block],
        at: usize,
        item: &Item<'a>,
        said: Option<Label<'a>>,
        around: Around,
    ) -> bool {
        let block = blocks[at];
        let numbered = block.kind == Kind::Numbered;
        let bold = all_bold(item.raw).is_some();
        match around.role {
            Some(Role::Risks) if !around.nested => {
                self.risk_item(blocks, at, item, around);
                return true;
            }
            Some(Role::Criteria | Role::Exit) if !ends_open(item.raw) => {
                self.add_criterion(item, block.span, around, false)
            }
            Some(Role::Gates) if !bold && (around.phase.is_some() || demands(item.raw)) => {
                self.add_criterion(item, block.span, around, false);
            }
            Some(Role::Entrance) if around.phase.is_some() => {
                self.add_criterion(item, block.span, around, true)
            }
            Some(Role::Assumptions) => self.add_assumption(item.raw, block.span),
            Some(Role::Cadence) => self.add_cadence(item.raw, block.span),
            Some(Role::Milestones) => self.add_milestone(item.raw, block.span),
            Some(Role::Runbooks) if self.add_runbooks(item.raw, block.span) => {}
            Some(Role::Metrics) if self.add_metric(item.raw, said, block.span) => {}
            Some(Role::Decisions) if said.is_none() && self.right_below(Role::Decisions) => {
                self.add_decision(item.raw, block.span, Role::Decisions)
            }
            Some(Role::Tasks | Role::Actions | Role::Stories)
                if !around.nested
                    && (bold || said.is_none() && (numbered || around.role != Some(Role::Stories)))
                    && !ends_open(item.raw) =>
            {
                let text = plain(item.raw);
                let kind = kind_of(around.role, "", false);
                let task = self.item_task(item, block.span, kind, None, &text, around);
                self.describe(blocks, at, task, around);
                return true;
            }
            Some(role) if field_name(role).is_some() && around.task.is_some() && !around.nested => {
                let task = around.task.unwrap_or_default();
                self.field_item(blocks, at, task, around);
                return true;
            }
            _ if around.by_window && bold && has_items(blocks, at) && !around.nested => {
                let text = plain(item.raw);
                let window = around.phase.and_then(|phase| self.draft.phases[phase].window.clone());
                let task = self.item_task(item, block.span, TaskKind::Workstream, None, &text, around);
                self.draft.tasks[task].window = self.draft.tasks[task].window.take().or(window);
                self.describe(blocks, at, task, around);
                return true;
            }
            _ => return false,
        }
        self.read_inside(blocks, at, around);
        true
    }
}

/// Whether a text sets a bound to a number: `at most 15 minutes`, `< 20 warnings`, `from 5 h to 2 h`.
fn demands(raw: &str) -> bool {
    const SIGNS: [char; 4] = ['<', '>', '≤', '≥'];
    const WORDS: [&str; 20] = [
        "at least",
        "at most",
        "no more than",
        "not more than",
        "no less than",
        "no longer than",
        "longer than",
        "exceed",
        "fewer than",
        "less than",
        "more than",
        "up to",
        "under",
        "below",
        "above",
        "over",
        "between",
        "within",
        "from",
        "all",
    ];
    if !raw.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let lower = raw.to_lowercase();
    let word = |word: &&str| {
        lower.match_indices(*word).any(|(at, found)| {
            let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            apart(lower[..at].chars().next_back()) && apart(lower[at + found.len()..].chars().next())
        })
    };
    raw.contains(SIGNS) || WORDS.iter().any(word)
}

/// Whether a sentence says what a number must or may not be.
pub(super) fn owes(raw: &str) -> bool {
    const WORDS: [&str; 6] = ["must", "may not", "has to", "have to", "is not to", "are not to"];
    let bytes = raw.as_bytes();
    bytes.len() < 300
        && bytes.iter().any(u8::is_ascii_digit)
        && WORDS.iter().any(|word| raw.contains(word))
        && demands(raw)
}

/// Words that name work.
pub(super) fn is_work(word: &str) -> bool {
    ["task", "batch", "story", "action", "item", "workstream", "deliverable", "epic", "step"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether the key a boxed item begins with is its own. `Task 7.1 progress` only mentions one, and
/// `Day 7: …` tells when.
fn names_box(found: &Leading<'_>) -> bool {
    if found.word.is_empty() { true } else { is_work(found.word) && found.separated }
}

/// An item that only opens a list of others.
fn ends_open(raw: &str) -> bool {
    raw.trim_end().trim_end_matches('*').ends_with(':')
}

/// The field whose items stand under a role.
fn field_name(role: Role) -> Option<&'static str> {
    Some(match role {
        Role::Criteria => "criteria",
        Role::Deliverables => "deliverables",
        Role::Objectives => "objectives",
        Role::NextSteps => "next steps",
        Role::Inputs => "inputs",
        Role::Outputs => "outputs",
        Role::Needs => "dependencies",
        Role::Blockers => "blockers",
        Role::Paths => "files",
        Role::Memory => "memory keys",
        Role::Links => "links",
        _ => return None,
    })
}

/// Positions of an item's own items and paragraphs.
pub(super) fn children(blocks: &[Block], at: usize) -> impl Iterator<Item = usize> {
    let end = blocks[at].end as usize;
    let mut next = at + 1;
    std::iter::from_fn(move || {
        let child = next;
        (child < end).then(|| {
            next = (blocks[child].end as usize).max(child + 1);
            child
        })
    })
}

fn has_items(blocks: &[Block], at: usize) -> bool {
    children(blocks, at).any(|child| blocks[child].kind != Kind::Paragraph)
}
