//! Tasks: from items, headings and rows; titles with what their brackets say.

use std::borrow::Cow;

use model::check::CheckSpec;
use model::diagnostic::Span;
use model::draft::{DraftCheck, DraftCriterion, DraftTask, Due, OwnerRole, Stated, Status, TaskKind};
use model::ids::Key;
use thin_vec::ThinVec;

use super::fields::NEEDS_IN_WORDS;
use super::headings::is_window;
use super::items::{self, Item, Mark, brackets};
use super::reader::{Around, Reader};
use super::roles::Role;
use super::tails::tail;
use crate::probe::{self, Split};
use crate::words::keys::{self, KeyList, Leading};
use crate::words::plain::{leading_emoji, plain};
use crate::words::{amounts, due, people, status};

/// What a part in a title's brackets, or behind the title, says.
pub(super) enum Part<'t> {
    Days(f64),
    Agent(&'t str),
    Owner(&'t str),
    Due(Due),
    Window(&'t str),
    Needs(KeyList<'t>),
    /// What the work waits for, told by no key.
    InWords(&'t str),
    /// That it waits for nothing.
    Nothing,
    Percent(f64),
    Priority(&'t str),
    Status(Status),
    /// A count of what the task holds: known, and not kept.
    Count,
}

impl<'a> Reader<'a> {
    /// The task a heading names: a known one, or a new one where `may_add`.
    pub(super) fn named_task(
        &mut self,
        found: &Leading<'_>,
        may_add: bool,
        heading: Span,
        span: Span,
    ) -> Option<usize> {
        if let Some(known) = self.brief_at.get(&*found.key) {
            return Some(*known);
        }
        let key = Key::new(&found.key).ok().filter(|_| may_add)?;
        let around = self.around();
        let kind = match found.word.to_ascii_lowercase().as_str() {
            "batch" => TaskKind::Batch,
            "story" => TaskKind::Story,
            "action" => TaskKind::Action,
            "workstream" => TaskKind::Workstream,
            "deliverable" => TaskKind::Deliverable,
            _ => TaskKind::Task,
        };
        let line = self.line(span);
        let mut task = DraftTask::new(key, kind, "", line, span);
        let signed = leading_emoji(&plain(self.slice(heading))).0.to_owned();
        task.status = sign_status(&signed);
        self.titled(&mut task, found.rest, true);
        task.places.title = Some(heading);
        let at = self.push_task(task, around);
        self.note_end(at, heading.end as usize);
        self.brief_at.insert(found.key.to_string(), at);
        Some(at)
    }

    /// The task of a heading without a key, below which facts of a piece of work stand.
    pub(super) fn keyless_task(&mut self, text: &str, heading: Span, span: Span) -> usize {
        let around = self.around();
        let line = self.line(span);
        let text = super::headings::without_number(text);
        let key = self.generate(text);
        let mut task = DraftTask::new(key, TaskKind::Task, "", line, span);
        task.key_generated = true;
        self.titled(&mut task, text, false);
        task.places.title = Some(heading);
        let at = self.push_task(task, around);
        self.note_end(at, heading.end as usize);
        at
    }

    /// A task made of a list item with a box, or with a key.
    pub(super) fn item_task(
        &mut self,
        item: &Item<'a>,
        span: Span,
        kind: TaskKind,
        found: Option<Leading<'_>>,
        text: &str,
        around: Around,
    ) -> usize {
        let line = self.line(span);
        let rest = found.as_ref().map_or(text, |found| found.rest);
        let comment = item.comment_key.and_then(keys::key);
        let author = comment.or_else(|| found.as_ref().and_then(|found| keys::key(&found.key)));
        let keyed = author.is_some();
        let placeholder = || Key::new("-").expect("one visible character is a key");
        let mut task = DraftTask::new(author.unwrap_or_else(placeholder), kind, "", line, span);
        let rest = self.tags(&mut task, rest);
        match tail(rest, keyed) {
            Some(told) => {
                apply(&mut task, told.parts);
                self.titled(&mut task, &told.title, keyed);
            }
            None => self.titled(&mut task, rest, keyed),
        }
        if let Some(split) = &item.probes {
            self.found.extend(split.diagnostics(item.at));
            let checks = self.checks(&split.probes, item.at);
            task.checks = checks;
        }
        if !keyed {
            task.key = self.generate(&task.title);
            task.key_generated = true;
        }
        let sign = leading_emoji(text).0;
        if let Some(mark) = item.mark {
            set_mark(&mut task, mark);
        } else if task.status.is_none() {
            task.status = sign_status(sign);
        }
        task.places.title = Some(Span::new(item.at, item.at + item.raw.len()));
        let at = self.push_task(task, around);
        self.note_end(at, item.end);
        self.settle(at);
        at
    }

    /// What a line below a task's heading says it waits for.
    pub(super) fn add_needs(&mut self, task: usize, needs: KeyList<'_>) {
        apply(&mut self.draft.tasks[task], vec![Part::Needs(needs)]);
    }

    /// Adds a task to the draft, in the phase and under the task around it.
    pub(super) fn push_task(&mut self, mut task: DraftTask, around: Around) -> usize {
        let at = self.draft.tasks.len();
        if !task.key_generated {
            self.define(&task.key);
        }
        if let Some(phase) = around.phase {
            let span = Span { start: task.span.start, end: task.span.start };
            task.phase = Some(self.draft.phases[phase].key.clone());
            self.list_in_phase(phase, task.key.clone(), span);
        }
        if let Some(parent) = around.task {
            task.parent = Some(self.draft.tasks[parent].key.clone());
        }
        self.draft.tasks.push(task);
        at
    }

    /// Gives back what a task's lists took ahead; a plan may hold a hundred thousand tasks.
    pub(super) fn settle(&mut self, at: usize) {
        let task = &mut self.draft.tasks[at];
        task.owners.shrink_to_fit();
        task.needs.shrink_to_fit();
        task.checks.shrink_to_fit();
        for list in
            [&mut task.inputs, &mut task.outputs, &mut task.sources, &mut task.paths, &mut task.memory]
        {
            list.shrink_to_fit();
        }
    }

    /// `[P] [US1]` in front of a title, as specifications write them.
    fn tags<'t>(&mut self, task: &mut DraftTask, text: &'t str) -> &'t str {
        let mut rest = text.trim_start();
        while let Some((tag, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            let story = tag
                .strip_prefix("US")
                .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            if tag == "P" {
                task.extra.insert("parallel".to_owned(), "yes".to_owned());
            } else if story {
                task.extra.insert("story".to_owned(), tag.to_owned());
            } else {
                break;
            }
            rest = after.trim_start();
        }
        rest
    }

    /// Sets a title, and what its brackets say about estimate, people and dates.
    pub(super) fn titled(&mut self, task: &mut DraftTask, text: &str, keyed: bool) {
        // Only a key with letters (`ACTION-05`) makes it plain that a bare name is a person's.
        let named = keyed && task.key.as_str().contains('-');
        let mut text = leading_emoji(text).1.trim_end();
        if let Some((before, needs)) = needs_behind(text, keyed, named) {
            apply(task, vec![Part::Needs(needs)]);
            text = before;
        }
        for _ in 0..3 {
            let Some((before, inner)) = brackets(text) else { break };
            let Some(parts) = parts(inner, keyed, named) else { break };
            apply(task, parts);
            text = before;
        }
        let text = if keyed { crate::words::plain::without_emoji(text) } else { text };
        let text = text.trim_end_matches([' ', ':']);
        if task.title.is_empty() {
            text.clone_into(&mut task.title);
        }
        if task.title.is_empty() {
            task.key.as_str().clone_into(&mut task.title);
        }
    }

    /// Checks with their places; equal names are told apart.
    pub(super) fn checks(
        &mut self,
        probes: &[(CheckSpec, std::ops::Range<usize>)],
        at: usize,
    ) -> ThinVec<DraftCheck> {
        let mut checks: ThinVec<DraftCheck> = ThinVec::with_capacity(probes.len());
        for (spec, place) in probes {
            let span = Span::new(at + place.start, at + place.end);
            let line = self.line(span);
            let mut spec = spec.clone();
            let name = std::mem::take(&mut spec.name);
            let taken = |name: &str| checks.iter().any(|check| check.spec.name == name);
            spec.name = std::iter::once(name.clone())
                .chain((2..).map(|count| format!("{name}~{count}")))
                .find(|name| !taken(name))
                .unwrap_or(name);
            checks.push(DraftCheck { spec, line, span });
        }
        checks
    }

    /// A criterion made of a text; `None` where it says nothing.
    pub(super) fn criterion(&mut self, raw: &str, span: Span, mark: Option<Mark>) -> Option<DraftCriterion> {
        let trimmed = raw.trim();
        // Places are counted from where the text stands.
        let at = items::place(self.text, 0, trimmed).unwrap_or(span).start as usize;
        match probe::split(trimmed) {
            Some(split) => {
                self.proved_criterion(trimmed[..split.at].trim_end(), Some((&split, at)), span, mark)
            }
            None => self.proved_criterion(trimmed, None, span, mark),
        }
    }

    /// A criterion with what was found to prove it, and where that was found.
    pub(super) fn proved_criterion(
        &mut self,
        text: &str,
        split: Option<(&Split, usize)>,
        span: Span,
        mark: Option<Mark>,
    ) -> Option<DraftCriterion> {
        let mut checks = ThinVec::new();
        if let Some((split, at)) = split {
            self.found.extend(split.diagnostics(at));
            checks = self.checks(&split.probes, at);
        }
        let text = items::title(text);
        let text = crate::words::plain::without_emoji(&text);
        if text.is_empty() && mark.is_none() {
            return None;
        }
        Some(DraftCriterion {
            target: amounts::target(text),
            text: text.to_owned(),
            checked: mark.map(Mark::ticked),
            line: self.line(span),
            checks,
            span,
            mark: mark.map(|mark| mark.span),
        })
    }
}

/// Says in the task what its box says.
fn set_mark(task: &mut DraftTask, mark: Mark) {
    task.checked = Some(mark.ticked());
    task.places.mark = Some(mark.span);
    if let Some(state) = mark.state() {
        task.status = Some(Status { word: format!("[{}]", mark.sign), state });
    }
}

/// A sign before a definition describes the definition, not the work.
fn sign_status(sign: &str) -> Option<Status> {
    let sign = sign.trim();
    (!sign.is_empty()).then(|| Status { word: sign.to_owned(), state: Stated::Open })
}

/// The kind of work under a role.
pub(super) fn kind_of(role: Option<Role>, word: &str, boxed: bool) -> TaskKind {
    match word.to_ascii_lowercase().as_str() {
        "batch" => return TaskKind::Batch,
        "story" => return TaskKind::Story,
        "action" => return TaskKind::Action,
        "workstream" => return TaskKind::Workstream,
        "deliverable" => return TaskKind::Deliverable,
        _ => {}
    }
    match role {
        _ if boxed => TaskKind::Item,
        Some(Role::Actions) => TaskKind::Action,
        Some(Role::Stories) => TaskKind::Story,
        Some(Role::Deliverables) => TaskKind::Deliverable,
        _ => TaskKind::Task,
    }
}

/// Reads what stands in brackets, or behind a title; `None` where any of it is prose.
pub(super) fn parts(inner: &str, keyed: bool, named: bool) -> Option<Vec<Part<'_>>> {
    if inner.len() > 200 || inner.contains('`') {
        return None;
    }
    let mut parts = Vec::new();
    let mut pieces = Vec::with_capacity(4);
    let mut start = 0;
    for end in memchr::memchr2_iter(b',', b';', inner.as_bytes()).chain([inner.len()]) {
        let piece = inner[start..end].trim();
        if !piece.is_empty() {
            pieces.push(piece);
        }
        start = end + 1;
    }
    let timed = pieces.iter().any(|piece| amounts::days(piece).is_some());
    let mut skip = false;
    for (at, piece) in pieces.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if keyed && pieces.len() == 1 && piece.split(' ').count() <= 3 && status::state(piece).is_some() {
            parts.extend(status::read(piece).map(Part::Status));
            continue;
        }
        // `depends on T-1, T-2`: what waits for one thing may wait for the next.
        if let Some(Part::Needs(needs)) = parts.last_mut()
            && keys::is_key(piece)
        {
            needs.keys.extend(keys::list(piece).keys);
            continue;
        }
        let part = part(piece, keyed, named, timed)?;
        // `Due: May 5, 2031` holds a comma.
        if let (Part::Due(due), Some(next)) = (&part, pieces.get(at + 1))
            && due.at.is_none()
            && next.len() == 4
            && next.bytes().all(|b| b.is_ascii_digit())
            && let Some(longer) = due::read(&format!("{}, {next}", due.text))
        {
            skip = true;
            parts.push(Part::Due(longer));
            continue;
        }
        parts.push(part);
    }
    (!parts.is_empty()).then_some(parts)
}

fn part<'t>(piece: &'t str, keyed: bool, named: bool, timed: bool) -> Option<Part<'t>> {
    if let Some((name, value)) = piece.split_once(':') {
        let value = value.trim();
        return match crate::words::fields::field(name)? {
            crate::words::fields::Field::Owner => Some(Part::Owner(value)),
            crate::words::fields::Field::Agent => Some(Part::Agent(value)),
            crate::words::fields::Field::Due => due::read(value).map(Part::Due),
            crate::words::fields::Field::Estimate => amounts::days(value).map(Part::Days),
            crate::words::fields::Field::Priority => Some(Part::Priority(value)),
            crate::words::fields::Field::Window => Some(Part::Window(value)),
            crate::words::fields::Field::Needs => Some(Part::Needs(keys::list(value))),
            crate::words::fields::Field::Percent => {
                amounts::percent(value).map(|(value, _)| Part::Percent(value))
            }
            _ => None,
        };
    }
    if let Some(days) = amounts::days(piece) {
        return Some(Part::Days(days));
    }
    if is_window(piece) {
        return Some(Part::Window(piece));
    }
    if matches!(piece.as_bytes(), [b'P', b'0'..=b'9']) {
        return Some(Part::Priority(piece));
    }
    if says_nothing_is_needed(piece) {
        return Some(Part::Nothing);
    }
    if waits(piece) {
        let list = keys::list(piece);
        return (!list.keys.is_empty() && list.words.is_empty()).then_some(Part::Needs(list));
    }
    if keys::starts_with_word(piece, "due ") {
        return due::read(piece[4..].trim()).filter(|due| due.at.is_some()).map(Part::Due);
    }
    if let Some((value, place)) = amounts::percent(piece)
        && place.start == 0
        && piece[place.end..].trim() == "%"
    {
        return Some(Part::Percent(value));
    }
    if is_count(piece) {
        return (keyed && timed).then_some(Part::Count);
    }
    if people::is_agent(piece) {
        return (keyed || timed).then_some(Part::Agent(piece));
    }
    if keyed && timed && is_role(piece) {
        return Some(Part::Agent(piece));
    }
    ((named || timed) && people::are_names(piece)).then_some(Part::Owner(piece))
}

/// Whether a piece beside a length of time reads like whoever does the work: `head baker`.
fn is_role(piece: &str) -> bool {
    let words = piece.split(' ');
    piece.starts_with(char::is_lowercase)
        && words.clone().count() <= 3
        && words.clone().all(|word| word.chars().all(|c| c.is_alphabetic() || c == '-'))
        && !waits(piece)
        && status::state(piece).is_none()
        && !words.clone().any(|word| {
            matches!(word, "and" | "or" | "the" | "each" | "per" | "of" | "at" | "to" | "if" | "not" | "only")
        })
}

/// What a line below a task's heading waits for: `*Waits for 2.1 and 2.2.*`
pub(super) fn waited_for(line: &str) -> Option<KeyList<'_>> {
    let line = line.trim().trim_matches(['*', '_']).trim_end_matches('.').trim();
    let list = waits(line).then(|| keys::list(line))?;
    (!list.keys.is_empty() && list.words.is_empty()).then_some(list)
}

/// Whether what a piece says is what the work waits for.
pub(super) fn waits(piece: &str) -> bool {
    keys::NEEDED.iter().any(|word| keys::starts_with_word(piece, word))
}

/// `needs nothing`, `no dependencies`.
pub(super) fn says_nothing_is_needed(piece: &str) -> bool {
    let word = keys::NEEDED.iter().find(|word| keys::starts_with_word(piece, word));
    match word {
        Some(word) => {
            let rest = piece[word.len()..].trim();
            crate::words::is_empty(rest)
                || ["nothing", "nothing else", "nobody", "no one", "no other", "no other task", "no task"]
                    .iter()
                    .any(|nothing| rest.eq_ignore_ascii_case(nothing))
        }
        None => ["no needs", "no dependencies", "no dependency", "no prerequisites", "needs: nothing"]
            .iter()
            .any(|nothing| piece.eq_ignore_ascii_case(nothing)),
    }
}

/// What stands behind the brackets of `Move the invoices (5 days, Joss), needs B-1`: the text up to the
/// brackets' end, and the keys. Only where the brackets tell the work's facts and nothing but keys
/// follows: a sentence that goes on is prose.
fn needs_behind(text: &str, keyed: bool, named: bool) -> Option<(&str, KeyList<'_>)> {
    let close = text.rfind(')')?;
    let (before, behind) = text.split_at(close + 1);
    let behind = behind.trim_start_matches([' ', ',', ';', ':', '–', '—', '-']).trim_end_matches(['.', ' ']);
    let (_, inner) = brackets(before).filter(|_| waits(behind))?;
    parts(inner, keyed, named)?;
    let list = keys::list(behind);
    (!list.keys.is_empty() && list.words.is_empty()).then_some((before, list))
}

/// `3 items`, `1,420 LOC`.
fn is_count(piece: &str) -> bool {
    let mut words = piece.split_whitespace();
    let digits = |word: &str| {
        word.trim_start_matches('~').bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b','))
    };
    let number = words.next().is_some_and(digits);
    number && words.next().is_some_and(|word| word.chars().all(char::is_alphabetic)) && words.next().is_none()
}

fn apply(task: &mut DraftTask, parts: Vec<Part<'_>>) {
    for part in parts {
        match part {
            Part::Days(days) => task.estimate_days = task.estimate_days.or(Some(days)),
            Part::Agent(name) => people::add(&mut task.owners, name, OwnerRole::Agent),
            Part::Owner(names) => people::add(&mut task.owners, names, OwnerRole::Primary),
            Part::Due(due) => task.due = task.due.take().or(Some(due)),
            Part::Window(window) => {
                task.window.get_or_insert_with(|| window.to_owned());
            }
            Part::Needs(list) => {
                for (key, _) in list.keys {
                    add_key(&mut task.needs, &key);
                }
            }
            Part::InWords(words) => {
                let kept = task.extra.entry(NEEDS_IN_WORDS.to_owned()).or_default();
                if !kept.is_empty() {
                    kept.push_str("; ");
                }
                kept.push_str(words);
            }
            Part::Percent(value) => task.percent = task.percent.or(Some(value)),
            Part::Priority(priority) => {
                task.priority.get_or_insert_with(|| priority.to_owned());
            }
            Part::Status(status) => task.status = Some(status),
            Part::Count | Part::Nothing => {}
        }
    }
}

/// Adds a key to a list that does not have it.
pub(super) fn add_key(list: &mut ThinVec<Key>, key: &str) {
    if !list.iter().any(|known| known.as_str() == key)
        && let Ok(key) = Key::new(key)
    {
        list.push(key);
    }
}

/// Adds a name to a task's owners; used where a field or cell names people.
pub(super) fn add_owner(task: &mut DraftTask, names: &str, role: OwnerRole) {
    people::add(&mut task.owners, names, role);
}

/// Owners as one text, for entries that keep one.
pub(super) fn one_text(text: &str) -> Option<String> {
    let text = plain(text);
    (!crate::words::is_empty(&text)).then(|| Cow::into_owned(text))
}
