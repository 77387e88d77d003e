//! Facts in prose: what a paragraph or plain item says about the plan, its metrics and its times.

use model::diagnostic::Span;
use model::draft::{ClaimValue, DraftClaim, DraftMetric, MetricRole};
use model::target::take_number;

use super::items::{Label, all_bold, arrow, brackets, label, only_key};
use super::reader::{Around, Reader};
use super::roles::{self, Role};
use crate::words::fields::{Field, field};
use crate::words::plain::{code_spans, plain};
use crate::words::{amounts, due, is_empty};

impl<'a> Reader<'a> {
    /// A paragraph outside lists: facts, fields of the task or phase above, or the label of what
    /// follows.
    pub(super) fn read_paragraph(&mut self, span: Span) {
        self.label = None;
        let around = self.around();
        if around.role == Some(Role::Template) {
            return;
        }
        let text = self.slice(span);
        if let Some(inner) = all_bold(text)
            && self.bold_heading(inner, span)
        {
            return;
        }
        if around.task.is_none() {
            for sentence in text.split_inclusive(['.', ';']).filter(|sentence| super::lists::owes(sentence)) {
                self.note(self.place(sentence.trim()), sentence.trim());
            }
        }
        for line in text.lines() {
            let line = line.trim().trim_start_matches("> ").trim_end_matches('\\').trim();
            if line.is_empty() {
                continue;
            }
            // The last line decides what the list below is.
            self.label = None;
            if let Some(name) =
                all_bold(line).or_else(|| line.strip_suffix(':').filter(|line| line.len() < 80))
            {
                self.label = roles::of_label(name);
                if self.label.is_some() {
                    continue;
                }
            }
            let place = self.place(line);
            if let Some(task) = around.task
                && let Some(needs) = super::tasks::waited_for(line)
            {
                self.add_needs(task, needs);
                continue;
            }
            match label(line) {
                Some(said) if said.value.is_empty() => {
                    if let (Some(task), Some(known)) = (around.task, field(said.name)) {
                        self.note_empty(task, Some(known), said.name, said.value);
                    }
                    self.label = roles::of_label(&plain(said.name));
                }
                Some(said) => {
                    if !self.labelled_line(&said, place, around) {
                        self.facts(line, place, around);
                    }
                }
                None => {
                    // `**Completed Tasks** (3 of 5):` still labels a list.
                    if line.ends_with(':') && line.starts_with("**") {
                        self.label = line[2..].split("**").next().and_then(roles::of_label);
                    }
                    self.facts(line, place, around);
                }
            }
        }
    }

    /// A line `**Label:** value` below a heading.
    fn labelled_line(&mut self, said: &Label<'a>, place: Span, around: Around) -> bool {
        if self.register_entry(said, place, around) {
            return true;
        }
        let known = field(said.name);
        if let Some(phase) = around.phase.filter(|_| around.task.is_none()) {
            match known {
                Some(Field::Tasks) => {
                    self.phase_tasks(phase, said.value);
                    return true;
                }
                Some(Field::Entrance | Field::Exit) => {
                    self.phase_clauses(phase, known == Some(Field::Entrance), said.value);
                    return true;
                }
                Some(Field::Window | Field::Estimate | Field::Due) => {
                    let window = super::tasks::one_text(said.value);
                    let phase = &mut self.draft.phases[phase];
                    phase.window = phase.window.take().or(window);
                    return true;
                }
                _ => {}
            }
        }
        let free = around.role.is_none_or(|role| matches!(role, Role::Checklist | Role::Tasks));
        if let Some(task) = around.task.filter(|_| free) {
            if known.is_some() {
                self.label = self.set_field(task, said.name, said.value);
            }
            return known.is_some();
        }
        false
    }

    /// What a line of prose says about the plan.
    pub(super) fn facts(&mut self, raw: &'a str, span: Span, around: Around) {
        if around.role == Some(Role::Template) {
            return;
        }
        let raw = raw.trim();
        self.moment(raw, span);
        if raw.contains("runbook") {
            self.mentioned_runbooks(raw, span);
        }
        if raw.contains(['→', '>']) {
            self.edges_in(raw);
        }
        if !raw.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        if let Some(said) = label(raw) {
            self.labelled_fact(&said, raw, span, around);
        } else if begins_with_baseline(raw) {
            self.baselines(raw, span);
        }
    }

    /// `09:05 PT kickoff notes posted`.
    fn moment(&mut self, raw: &str, span: Span) {
        let clock = raw.as_bytes();
        let is_clock = clock.len() > 6
            && clock[..2].iter().all(u8::is_ascii_digit)
            && clock[2] == b':'
            && clock[3..5].iter().all(u8::is_ascii_digit);
        if is_clock {
            let zone = raw[5..].trim_start();
            let zone = zone
                .split(' ')
                .next()
                .filter(|word| (2..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase()));
            let moment = match zone {
                Some(zone) => format!("{} {zone}", &raw[..5]),
                None => raw[..5].to_owned(),
            };
            self.add_checkpoint(raw, span, &moment);
        }
    }

    pub(super) fn mentioned_runbooks(&mut self, raw: &str, span: Span) {
        for (_, code) in code_spans(raw) {
            if code.contains("runbook") && code.contains('/') && code.contains('.') {
                self.add_runbooks(&format!("`{code}`"), span);
            }
        }
    }

    /// `7.3 → 7.4` inside brackets or after a colon orders two tasks.
    fn edges_in(&mut self, raw: &'a str) {
        let inner = brackets(raw).map(|(_, inner)| inner).or_else(|| label(raw).map(|said| said.value));
        for text in inner.into_iter().flat_map(|inner| inner.split([',', ';'])) {
            if let Some((_, left, right)) = arrow(text)
                && let (Some(before), Some(after)) = (only_key(left), only_key(right))
            {
                let place = self.place(right);
                self.edges.push((before.to_owned(), after.to_owned(), place));
            }
        }
    }

    fn labelled_fact(&mut self, said: &Label<'a>, raw: &str, span: Span, around: Around) {
        let name = plain(said.name).to_lowercase();
        let whole = around.task.is_none() && around.phase.is_none();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if whole
            && has(&[
                "total duration",
                "total time",
                "overall duration",
                "project duration",
                "plan duration",
                "total length",
            ])
            && let Some(days) = amounts::days(&plain(said.value))
        {
            return self.claim("total_duration_days", ClaimValue::Number(days), raw, span);
        }
        if whole
            && has(&[
                "expected completion",
                "completion date",
                "target completion",
                "estimated completion",
                "expected finish",
                "planned completion",
                "planned finish",
                "expected end",
                "end date",
            ])
            && let Some((date, _)) = due::dates(said.value).first()
        {
            return self.claim("completion_date", ClaimValue::Date(*date), raw, span);
        }
        if has(&["readiness"])
            && let Some((percent, _)) = amounts::percent(before_target(said.value))
        {
            self.claim("readiness_percent", ClaimValue::Number(percent), raw, span);
            let line = self.line(span);
            self.draft.metrics.push(DraftMetric {
                name: plain(said.name).into_owned(),
                value: Some(percent),
                unit: Some("%".to_owned()),
                target: amounts::target(said.value),
                source: None,
                role: MetricRole::Claimed,
                measured: None,
                checked: None,
                others: thin_vec::ThinVec::new(),
                line,
                span,
            });
            return;
        }
        if whole
            && has(&["completion", "progress", "complete", "status"])
            && mentions(said.value, "complete")
            && let Some((percent, _)) = amounts::percent(said.value)
        {
            return self.claim("complete", ClaimValue::Number(percent), raw, span);
        }
        if begins_with_baseline(raw) {
            self.baselines(raw, span);
        }
    }

    pub(super) fn claim(&mut self, what: &'static str, value: ClaimValue, raw: &str, span: Span) {
        let line = self.line(span);
        let text = plain(raw).into_owned();
        self.draft.claims.push(DraftClaim { what, value, text, line, span });
    }

    /// `Baseline metrics captured (12 warnings, 887 files, 99.4% pass rate)`.
    fn baselines(&mut self, raw: &str, span: Span) {
        let text = plain(raw);
        let said = text.split_once(':').map(|(_, value)| value);
        let Some(inner) = brackets(&text).map(|(_, inner)| inner).or(said) else { return };
        for part in inner.split([',', ';']) {
            let part = part.trim();
            let Some((value, rest)) = take_number(part) else { continue };
            let unit = rest.trim();
            let words = unit.trim_start_matches('%').trim();
            if !part.starts_with(|c: char| c.is_ascii_digit())
                || words.is_empty()
                || words.split(' ').count() > 4
                || !words.starts_with(char::is_alphabetic)
            {
                continue;
            }
            let line = self.line(span);
            self.draft.metrics.push(DraftMetric {
                name: words.to_owned(),
                value: Some(value),
                unit: Some(if unit.starts_with('%') { "%" } else { words }.to_owned()),
                target: None,
                source: None,
                role: MetricRole::Baseline,
                measured: None,
                checked: None,
                others: thin_vec::ThinVec::new(),
                line,
                span,
            });
        }
    }

    /// An item of a section about metrics; gives whether it names a number to reach.
    pub(super) fn add_metric(&mut self, raw: &'a str, said: Option<Label<'a>>, span: Span) -> bool {
        let text = plain(raw);
        if begins_with_baseline(raw) {
            let before = self.draft.metrics.len();
            self.baselines(raw, span);
            return self.draft.metrics.len() > before;
        }
        let (name, value) = match said {
            Some(said) => (plain(said.name).into_owned(), plain(said.value)),
            None => (text.clone().into_owned(), text),
        };
        let name = crate::words::plain::without_emoji(&name).to_owned();
        let Some(target) = amounts::target(&value).filter(|_| !is_empty(&name)) else { return false };
        let line = self.line(span);
        let unit = Some(target.unit().to_owned()).filter(|unit| !unit.is_empty());
        self.draft.metrics.push(DraftMetric {
            name,
            value: None,
            unit,
            target: Some(target),
            source: None,
            role: MetricRole::Target,
            measured: None,
            checked: None,
            others: thin_vec::ThinVec::new(),
            line,
            span,
        });
        true
    }
}

/// Whether a line is about what was measured before the work.
fn begins_with_baseline(raw: &str) -> bool {
    let text = crate::words::plain::leading_emoji(raw).1.trim_start_matches('*');
    crate::words::keys::starts_with_word(text, "baseline")
        || crate::words::keys::starts_with_word(text, "current baseline")
}

/// Whether a text holds a word, in whatever case.
fn mentions(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// The part of a sentence before it speaks of the target.
fn before_target(text: &str) -> &str {
    let end = [", exceeding", " vs", " against", "≥", ">="].iter().filter_map(|word| text.find(word)).min();
    &text[..end.unwrap_or(text.len())]
}
