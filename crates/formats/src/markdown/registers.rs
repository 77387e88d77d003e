//! Registers: risks, decisions, assumptions, milestones, cadence, runbooks, and what found no
//! other place.

use model::diagnostic::Span;
use model::draft::{DraftEntry, DraftMilestone, DraftNote, DraftRisk};
use model::ids::Key;

use super::blocks::{Block, Kind};
use super::items::{self, Item, Label, arrow, brackets, label, only_key};
use super::lists::children;
use super::reader::{Around, Reader};
use super::roles::Role;
use super::tasks::one_text;
use crate::words::fields::{Field, field};
use crate::words::plain::{code_spans, plain};
use crate::words::{due, is_empty, keys};

impl<'a> Reader<'a> {
    /// `R-004 → T-006, T-025` maps a risk to tasks; `7.3 → 7.4` orders two tasks. Gives whether
    /// the text is one of these.
    pub(super) fn mapped(&mut self, raw: &'a str, span: Span, around: Around) -> bool {
        if !raw.contains(['→', '>', '⟶', '➜']) {
            return false;
        }
        let Some((_, left, right)) = arrow(raw) else { return false };
        let Some(key) = only_key(left) else { return false };
        let list = keys::list(right);
        if list.keys.is_empty() || !list.words.is_empty() {
            return false;
        }
        let base = self.place(right).start as usize;
        let of_risks = matches!(around.role, Some(Role::Mapping | Role::Risks));
        if of_risks || is_risk_key(key) || self.risk_at.contains_key(key) {
            let risk = self.risk(key, span);
            for (key, _) in list.keys {
                if let Some(key) = keys::key(&key)
                    && !self.draft.risks[risk].tasks.contains(&key)
                {
                    self.draft.risks[risk].tasks.push(key);
                }
            }
            return true;
        }
        for (after, place) in &list.keys {
            let place = Span::new(base + place.start, base + place.end);
            self.edges.push((key.to_owned(), after.to_string(), place));
        }
        true
    }

    /// The risk with this key, new where it is not known yet.
    pub(super) fn risk(&mut self, key: &str, span: Span) -> usize {
        if let Some(known) = self.risk_at.get(key) {
            return *known;
        }
        let line = self.line(span);
        let id = keys::key(key).unwrap_or_else(|| self.generate(key));
        let at = self.draft.risks.len();
        self.risk_at.insert(key.to_owned(), at);
        self.draft.risks.push(new_risk(id, line, span));
        at
    }

    /// An item of a risk register.
    pub(super) fn risk_item(&mut self, blocks: &[Block], at: usize, item: &Item<'a>, around: Around) {
        let block = blocks[at];
        let line = self.line(block.span);
        let text = plain(item.raw);
        let found = keys::leading(&text).filter(|found| found.separated);
        let said = label(item.raw).filter(|_| found.is_none());
        let mut parts = Parts::default();
        let body = match (&found, &said) {
            (Some(found), _) => found.rest,
            (None, Some(said)) => {
                parts.mitigation = one_text(said.value);
                said.name
            }
            _ => &text,
        };
        let title = parts.take(body);
        let key = match &found {
            Some(found) => keys::key(&found.key),
            None => item.comment_key.and_then(keys::key),
        };
        let known = key.as_ref().and_then(|key| self.risk_at.get(key.as_str()).copied());
        // A second row of its own gets a line of its own; only a bare mapping is filled in.
        let risk =
            match known.filter(|known| self.draft.risks[*known].title.is_empty() && item.mark.is_none()) {
                Some(known) => known,
                None => {
                    let key = key.unwrap_or_else(|| self.generate(&title));
                    let at = self.draft.risks.len();
                    self.risk_at.insert(key.as_str().to_owned(), at);
                    self.draft.risks.push(new_risk(key, line, block.span));
                    at
                }
            };
        let entry = &mut self.draft.risks[risk];
        entry.title = title;
        entry.owner = parts.owner.or(entry.owner.take());
        entry.status = parts.status.or(entry.status.take());
        entry.trend = parts.trend.or(entry.trend.take());
        entry.mitigation = parts.mitigation.or(entry.mitigation.take());
        for child in children(blocks, at) {
            let inner = items::item(self.text, blocks[child].text);
            if blocks[child].kind == Kind::Paragraph || inner.mark.is_none() {
                let Some(said) = label(inner.raw) else { continue };
                let inside = self.texts_inside(blocks, child);
                self.set_risk_field(risk, &said, inside);
            } else {
                self.read_item(blocks, child, Around { role: None, ..around });
            }
        }
    }

    /// `- **Impact:** High` right below a risk's own heading.
    pub(super) fn heading_risk(&mut self, said: &Label<'a>, span: Span, inside: Option<String>) -> bool {
        let is_field =
            field(said.name).is_some_and(is_risk_field) || said.name.eq_ignore_ascii_case("risk level");
        let Some(frame) = self.frames.last().filter(|_| is_field) else { return false };
        let risk = match frame.risk {
            Some(risk) => risk,
            None => {
                let heading = plain(self.slice(frame.heading));
                let title = super::headings::without_number(&heading).to_owned();
                let key = self.generate(&title);
                let line = self.line(span);
                let at = self.draft.risks.len();
                self.draft.risks.push(DraftRisk { title, ..new_risk(key, line, span) });
                if let Some(frame) = self.frames.last_mut() {
                    frame.risk = Some(at);
                }
                at
            }
        };
        self.set_risk_field(risk, said, inside);
        true
    }

    /// The texts of an item's own items, as one.
    pub(super) fn texts_inside(&self, blocks: &[Block], at: usize) -> Option<String> {
        let texts: Vec<String> = children(blocks, at)
            .filter_map(|child| one_text(items::item(self.text, blocks[child].text).raw))
            .collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    fn set_risk_field(&mut self, risk: usize, said: &Label<'a>, inside: Option<String>) {
        let value = one_text(said.value).or(inside);
        let list = keys::list(said.value);
        let entry = &mut self.draft.risks[risk];
        match field(said.name) {
            Some(Field::Mitigation) => entry.mitigation = value,
            Some(Field::Escalation) => entry.escalation = value,
            Some(Field::Probability) => entry.probability = value,
            Some(Field::Impact) => entry.impact = value,
            Some(Field::Owner) => entry.owner = value,
            Some(Field::Trend) => entry.trend = value,
            Some(Field::Status) => {
                let mut parts = Parts::default();
                parts.status(&value.unwrap_or_default());
                entry.status = parts.status;
                entry.trend = parts.trend.or(entry.trend.take());
            }
            Some(Field::Tasks) if list.words.is_empty() => {
                entry.tasks.extend(list.keys.iter().filter_map(|(key, _)| keys::key(key)));
            }
            None if said.name.eq_ignore_ascii_case("risk level") => entry.status = value,
            _ => {}
        }
    }

    /// `Decision: …`, `Escalation: …`, `Re-baselining: …`, `Assumptions: …`: entries wherever they
    /// stand outside a task or risk. Gives whether the label is one of these.
    pub(super) fn register_entry(&mut self, said: &Label<'a>, span: Span, around: Around) -> bool {
        if around.nested || around.role == Some(Role::Risks) || said.value.is_empty() {
            return false;
        }
        let name = plain(said.name).to_lowercase();
        let role = match name.trim() {
            "decision" | "decided" => Role::Decisions,
            "escalation" | "escalated" => Role::Escalations,
            "re-baselining" | "rebaselining" | "rebaseline" | "re-baseline" | "re-baselined"
            | "rebaselined" => Role::Rebaselines,
            "assumption" | "assumptions" | "constraint" | "constraints" => {
                self.add_assumption(said.value, span);
                return true;
            }
            "milestone" => {
                self.add_milestone(said.value, span);
                return true;
            }
            _ => return false,
        };
        self.add_decision(said.value, span, role);
        true
    }

    /// Records a decision, escalation or rebaseline.
    pub(super) fn add_decision(&mut self, raw: &str, span: Span, role: Role) {
        let text = plain(raw);
        if text.is_empty() || says_nothing(&text) {
            return;
        }
        let line = self.line(span);
        let found = keys::leading(&text).filter(|found| found.separated && found.key.contains('-'));
        let mut owner = None;
        let mut by = None;
        if let Some((_, inner)) = brackets(&text) {
            for part in inner.split([',', ';']) {
                match part.split_once(':').map(|(name, value)| (field(name), value)) {
                    Some((Some(Field::Owner), value)) => owner = one_text(value),
                    Some((Some(Field::Due), value)) => by = due::read(value),
                    _ => {}
                }
            }
        }
        let dates = due::dates(&text);
        if by.is_none()
            && role == Role::Rebaselines
            && let Some((_, end)) = dates.last()
        {
            by = due::read(moment_text(&text, *end));
        }
        let entry = DraftEntry {
            owner,
            key: found.as_ref().and_then(|found| keys::key(&found.key)),
            due: by,
            conditional: is_conditional(&text),
            approvals: approvals(&text),
            text: text.into_owned(),
            line,
            span,
        };
        match role {
            Role::Escalations => self.draft.escalations.push(entry),
            Role::Rebaselines => self.draft.rebaselines.push(entry),
            _ => self.draft.decisions.push(entry),
        }
    }

    pub(super) fn note_of(&mut self, raw: &str, span: Span) -> Option<DraftNote> {
        let text = plain(raw);
        let line = self.line(span);
        (!is_empty(&text)).then(|| DraftNote { text: text.into_owned(), line, span })
    }

    pub(super) fn add_assumption(&mut self, raw: &str, span: Span) {
        if let Some(note) = self.note_of(raw, span) {
            self.draft.assumptions.push(note);
        }
    }

    pub(super) fn add_cadence(&mut self, raw: &str, span: Span) {
        if let Some(note) = self.note_of(raw, span) {
            self.draft.cadence.push(note);
        }
    }

    pub(super) fn add_milestone(&mut self, raw: &str, span: Span) {
        if let Some(note) = self.note_of(raw, span) {
            let by = due::dates(&note.text).first().map(|(_, end)| *end);
            let due = by.and_then(|end| due::read(moment_text(&note.text, end)));
            self.draft.milestones.push(DraftMilestone { text: note.text, due, line: note.line, span });
        }
    }

    pub(super) fn add_checkpoint(&mut self, raw: &str, span: Span, moment: &str) {
        if let Some(note) = self.note_of(raw, span) {
            let due = due::read(moment);
            self.draft.checkpoints.push(DraftMilestone { text: note.text, due, line: note.line, span });
        }
    }

    /// Paths in backticks; gives whether there were any.
    pub(super) fn add_runbooks(&mut self, raw: &str, span: Span) -> bool {
        let line = self.line(span);
        let mut any = false;
        for (_, code) in code_spans(raw) {
            if !code.contains(' ') && code.contains(['/', '.']) {
                any = true;
                if !self.draft.runbooks.iter().any(|known| known.text == code) {
                    self.draft.runbooks.push(DraftNote { text: code.to_owned(), line, span });
                }
            }
        }
        any
    }

    /// Keeps a row or box that found no other place.
    pub(super) fn note(&mut self, span: Span, raw: &str) {
        let line = self.line(span);
        let text = plain(raw).into_owned();
        self.draft.notes.push(DraftNote { text, line, span });
    }

    /// Edges wait until every task is known.
    pub(super) fn tie_edges(&mut self) {
        let edges = std::mem::take(&mut self.edges);
        if edges.is_empty() {
            return;
        }
        let at: std::collections::HashMap<&str, usize> =
            self.draft.tasks.iter().enumerate().map(|(at, task)| (task.key.as_str(), at)).collect();
        let known: Vec<(usize, String)> = edges
            .into_iter()
            .filter_map(|(before, after, _)| {
                let (first, then) = (at.get(before.as_str())?, at.get(after.as_str())?);
                (first != then).then_some((*then, before))
            })
            .collect();
        for (task, need) in known {
            super::tasks::add_key(&mut self.draft.tasks[task].needs, &need);
        }
    }
}

/// What a risk's line says besides its title.
#[derive(Default)]
struct Parts {
    owner: Option<String>,
    status: Option<String>,
    trend: Option<String>,
    mitigation: Option<String>,
}

impl Parts {
    /// Takes `(Owner: X)` and `– Status: Y` off a line; gives the title.
    fn take(&mut self, line: &str) -> String {
        let mut rest = line.trim();
        loop {
            let cut =
                [" – ", " — ", " - "].iter().filter_map(|dash| Some((rest.rfind(dash)?, dash.len()))).max();
            if let Some((at, length)) = cut
                && let Some((name, value)) = rest[at + length..].split_once(':')
                && self.set(name, value.trim())
            {
                rest = rest[..at].trim_end();
                continue;
            }
            if let Some((before, inner)) = brackets(rest)
                && inner
                    .split([',', ';'])
                    .all(|part| part.split_once(':').is_some_and(|(n, v)| self.set(n, v.trim())))
            {
                rest = before;
                continue;
            }
            return rest.trim_end_matches([':', ' ']).to_owned();
        }
    }

    fn set(&mut self, name: &str, value: &str) -> bool {
        match field(name) {
            Some(Field::Owner) => self.owner = one_text(value),
            Some(Field::Status) => self.status(value),
            Some(Field::Trend) => self.trend = one_text(value),
            Some(Field::Mitigation) => self.mitigation = one_text(value),
            _ => return false,
        }
        true
    }

    /// `Yellow → trending Green` is a status and a trend.
    fn status(&mut self, value: &str) {
        match arrow(value) {
            Some((_, status, trend)) => {
                self.status = one_text(status);
                self.trend = one_text(trend);
            }
            None => self.status = one_text(value),
        }
    }
}

fn new_risk(key: Key, line: u32, span: Span) -> DraftRisk {
    DraftRisk {
        key,
        title: String::new(),
        probability: None,
        impact: None,
        status: None,
        trend: None,
        owner: None,
        mitigation: None,
        escalation: None,
        tasks: Vec::new(),
        line,
        span,
    }
}

/// `R-004`, `NEW-RISK-001`, `RISK-7`: a part of the key says that it is a risk's.
pub(super) fn is_risk_key(key: &str) -> bool {
    key.split(['-', '_']).any(|part| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        letters.eq_ignore_ascii_case("r") || letters.eq_ignore_ascii_case("risk")
    })
}

fn is_risk_field(field: Field) -> bool {
    matches!(
        field,
        Field::Mitigation
            | Field::Escalation
            | Field::Probability
            | Field::Impact
            | Field::Owner
            | Field::Trend
            | Field::Status
    )
}

/// "None", "None escalated beyond the team" and the like record nothing.
fn says_nothing(text: &str) -> bool {
    let first = text.split(|c: char| !c.is_alphanumeric() && c != '/').next().unwrap_or_default();
    is_empty(text) || first.eq_ignore_ascii_case("none") || text.eq_ignore_ascii_case("no")
}

fn is_conditional(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "contingent on",
        "pending ",
        "provided that",
        "subject to",
        "conditional on",
        "on condition",
        " if ",
        "only if",
        "unless ",
    ]
    .iter()
    .any(|words| text.contains(words) || text.starts_with(words.trim_start()))
}

/// The people after "approved by", "agreed with", "signed off by".
fn approvals(text: &str) -> Vec<String> {
    const WORDS: [&str; 6] =
        ["approved by ", "agreed with ", "agreed by ", "signed off by ", "approval from ", "approval of "];
    let lower = text.to_ascii_lowercase();
    let mut names = Vec::new();
    for word in WORDS {
        for (at, _) in lower.match_indices(word) {
            let rest = &text[at + word.len()..];
            let end = rest.find([';', '.', '(', ')', ':']).unwrap_or(rest.len());
            for name in crate::words::people::names(&rest[..end]) {
                let name = name.trim_start_matches("the ").trim_start_matches("and ").trim();
                let words: Vec<&str> =
                    name.split(' ').take_while(|word| word.starts_with(char::is_uppercase)).collect();
                let name = if words.is_empty() { name } else { &name[..words.join(" ").len()] };
                if !name.is_empty()
                    && name.split(' ').count() <= 4
                    && !names.iter().any(|known| known == name)
                {
                    names.push(name.to_owned());
                }
            }
        }
    }
    names
}

/// The text of a date with the time and zone behind it, where the text names them; `end` is where
/// the date ends.
pub(super) fn moment_text(text: &str, end: usize) -> &str {
    let start = text[..end].rfind(|c: char| c.is_whitespace() || c == '(').map_or(0, |at| at + 1);
    let start = if text[start..end].starts_with(|c: char| c.is_ascii_digit())
        && text[start..end].contains(['-', '/'])
    {
        start
    } else {
        // `May 5, 2031` and `5 May 2031` begin two words earlier.
        text[..end].rmatch_indices(' ').nth(2).map_or(0, |(at, _)| at + 1)
    };
    let rest = &text[end..];
    let mut stop = end;
    if let Some(time) = rest.strip_prefix([' ', 'T']) {
        let clock = time.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(time.len());
        if time[..clock].contains(':') {
            stop = end + 1 + clock;
            let zone = &text[stop..];
            let word = zone.strip_prefix(' ').unwrap_or_default();
            let length = word.bytes().take_while(u8::is_ascii_uppercase).count();
            if (1..=4).contains(&length) {
                stop += 1 + length;
            }
        }
    }
    &text[start..stop]
}
