//! What a report says of the state of the whole, of all of a kind, and of single tasks.

use std::ops::Range;

use model::diagnostic::Span;

use super::clauses::{clause, sentences};
use super::mentions::{Mention, Titles};
use super::passages::{Passage, Place, Report};
use super::states::{picture_state, tail_state, value_state};
use super::tables::{Column, columns_of};
use super::tokens::{Kind, Token};
use super::vocabulary::Word;
use super::words::{List, Words, says, says_any};

/// Of what a state is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The plan or phase the report is about.
    Whole,
    Tasks,
    Criteria,
    Gates,
    Checks,
    Task(u32),
}

/// The state that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    /// Said to be proven, not only done.
    Verified,
    /// Not begun, or said not to be done.
    Open,
    /// Begun and not done.
    Active,
}

/// A statement about the state of something.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) who: Who,
    pub(crate) state: State,
    pub(crate) span: Span,
}

/// Every statement about a state.
pub(crate) fn standings(report: &Report, titles: &Titles, names: &[Word]) -> Vec<Standing> {
    let mut found = Vec::new();
    for passage in &report.passages {
        let mut reader = Reader { report, titles, names, passage, found: &mut found };
        match passage.place {
            Place::Heading(level) => reader.heading(level),
            Place::Cell { table, row, column } => reader.cell(table, row, column),
            Place::Item(checked) => reader.item(checked),
            Place::Paragraph => reader.prose(),
        }
    }
    found
}

struct Reader<'a> {
    report: &'a Report,
    titles: &'a Titles,
    /// The words of the plan's own title, which name the whole too.
    names: &'a [Word],

    passage: &'a Passage,
    found: &'a mut Vec<Standing>,
}

/// Words that name the whole of a plan.
const WHOLE: Words<'_> = Words::of(&[
    "phase",
    "plan",
    "project",
    "work",
    "programme",
    "program",
    "migration",
    "release",
    "rollout",
    "handoff",
    "effort",
    "sprint",
    "mission",
    "everything",
    "we",
    "overall",
    "initiative",
    "undertaking",
    "move",
    "milestone",
    "wave",
    "job",
    "iteration",
    "engagement",
    "campaign",
    "all",
    "scope",
    "upgrade",
    "hand-over",
    "handover",
    "whole",
    "thing",
]);

/// Words beside them that change nothing.
const BESIDE: Words<'_> = Words::of(&[
    "now",
    "officially",
    "formally",
    "fully",
    "entire",
    "whole",
    "successfully",
    "hereby",
    "completely",
    "already",
    "as",
    "planned",
    "of",
    "report",
    "finally",
    "today",
    "this",
    "our",
    "status",
    "current",
    "final",
    "i",
    "happy",
    "pleased",
    "proud",
    "to",
    "say",
    "announce",
    "that",
    "therefore",
    "thus",
    "hence",
    "with",
    "summary",
    "in",
    "short",
]);

const DONE: &[&str] = &[
    "complete",
    "completed",
    "done",
    "finished",
    "delivered",
    "shipped",
    "closed",
    "concluded",
    "accomplished",
    "finalised",
    "finalized",
    "over",
    "landed",
    "merged",
    "released",
    "implemented",
];
pub(super) const VERIFIED: &[&str] = &["verified", "proven", "countersigned", "validated", "confirmed"];
const MET: &[&str] = &[
    "met",
    "satisfied",
    "achieved",
    "reached",
    "fulfilled",
    "hit",
    "passed",
    "pass",
    "passes",
    "green",
    "attained",
    "cleared",
    "open",
    "opened",
    "succeeded",
    "ticked",
];

/// Words that take back what is said to be done, or put it off.
pub(super) const TAKES_BACK: Words<'_> = Words::of(&[
    "not",
    "never",
    "nearly",
    "almost",
    "partially",
    "partly",
    "half",
    "mostly",
    "neither",
    "nor",
    "hardly",
    "barely",
    "yet",
    "no",
    "cannot",
    "incomplete",
    "largely",
    "far",
    "close",
    "without",
    "isn",
]);
const PUTS_OFF: Words<'_> = Words::of(&[
    "will", "would", "should", "must", "once", "until", "if", "unless", "when", "expected", "expect", "soon",
    "can", "could", "may", "might", "plan", "planned", "aim", "goal", "target", "hope", "before", "after",
    "whether", "to", "while", "shall", "because", "needs", "need", "tomorrow", "how", "what", "which",
    "where", "who",
]);
const EXCEPTS: Words<'_> = Words::of(&[
    "except",
    "but",
    "apart",
    "besides",
    "save",
    "excluding",
    "bar",
    "other",
    "pending",
    "minus",
    "barring",
    "though",
    "although",
]);

impl Reader<'_> {
    fn push(&mut self, who: Who, state: State, tokens: Range<usize>) {
        let list = &self.passage.tokens;
        let (Some(first), Some(last)) =
            (list.get(tokens.start), tokens.end.checked_sub(1).and_then(|end| list.get(end)))
        else {
            return;
        };
        let span = Span { start: first.span.start, end: last.span.end };
        self.found.push(Standing { who, state, span });
    }

    fn heading(&mut self, level: u8) {
        let tokens = &self.passage.tokens;
        let mentions = self.titles.mentions(tokens);
        let Some(state) = tail_state(tokens) else { return };
        if let [only] = mentions.as_slice() {
            self.push(Who::Task(only.task), state, 0..tokens.len());
        } else if mentions.is_empty() && level <= 2 && names_whole(tokens) {
            self.push(Who::Whole, state, 0..tokens.len());
        }
    }

    fn item(&mut self, checked: Option<bool>) {
        let tokens = &self.passage.tokens;
        let mentions = self.titles.mentions(tokens);
        if let (Some(checked), [first, ..]) = (checked, mentions.as_slice())
            && first.at.start <= 2
        {
            let state = if checked { State::Done } else { State::Open };
            self.push(Who::Task(first.task), state, first.at.clone());
            return;
        }
        if let [first] = mentions.as_slice() {
            let picture = first.at.start <= 2 && first.at.start > 0;
            let state =
                picture.then(|| picture_state(&tokens[0])).flatten().or_else(|| self.after_mention(first));
            if let Some(state) = state {
                let task = Who::Task(first.task);
                return self.push(task, state, first.at.start..tokens.len().min(first.at.end + 6));
            }
        }
        self.prose();
    }

    /// "7.3 Code quality: done", "7.4 – in progress", "T-2 (done)".
    fn after_mention(&self, mention: &Mention) -> Option<State> {
        let tokens = &self.passage.tokens;
        if mention.at.start > 2 {
            return None;
        }
        let sentence = sentences(tokens).into_iter().find(|sentence| sentence.contains(&mention.at.start))?;
        let mark = (mention.at.end..sentence.end).take(12).find(|at| {
            matches!(tokens[*at].kind, Kind::Sign(':' | '–' | '(' | '→' | '='))
                || (tokens[*at].is_sign('-') && tokens[*at].spaced)
        })?;
        let value = &tokens[mark + 1..sentence.end];
        let end = value
            .iter()
            .position(|token| matches!(token.kind, Kind::Sign(',' | ';' | ')' | '.' | '(')))
            .unwrap_or(value.len());
        let value = &value[..end];
        let first = value.iter().find(|token| token.is_word() || matches!(token.kind, Kind::Sign(_)))?;
        if value.len() > 6 {
            return picture_state(first);
        }
        value_state(value)
    }

    /// A status in the row of a task.
    fn cell(&mut self, table: usize, row: usize, column: usize) {
        let columns = columns_of(self.report, table);
        let tokens = &self.passage.tokens;
        if columns.get(column) != Some(&Column::Status) {
            if !matches!(columns.get(column), Some(Column::Note | Column::Other)) || tokens.len() < 4 {
                return;
            }
            return self.prose();
        }
        let cells = self.report.tables.get(table).and_then(|table| table.rows.get(row));
        let mut named = cells.into_iter().flatten().enumerate().filter_map(|(place, cell)| {
            let name = matches!(columns.get(place), Some(Column::Name | Column::Other | Column::Note));
            let mentions = self.titles.mentions(&self.report.passages[*cell].tokens);
            name.then(|| mentions.into_iter().next()).flatten()
        });
        let Some(task) = named.next().map(|mention| mention.task) else { return };
        if let Some(state) = value_state(tokens) {
            self.push(Who::Task(task), state, 0..tokens.len());
        }
    }

    fn prose(&mut self) {
        let tokens = &self.passage.tokens;
        for sentence in sentences(tokens) {
            if self.label(&sentence) {
                continue;
            }
            self.all_of(&sentence);
            self.whole(&sentence);
            self.tasks(&sentence);
        }
    }

    /// "Status: COMPLETE", of the whole or of the task whose section it stands in.
    fn label(&mut self, sentence: &Range<usize>) -> bool {
        let tokens = &self.passage.tokens;
        let Some(colon) = sentence.clone().take(7).find(|at| tokens[*at].is_sign(':')) else { return false };
        let label = &tokens[sentence.start..colon];
        let about = label
            .iter()
            .any(|token| token.is_any(&["status", "state", "verdict", "outcome", "conclusion", "result"]));
        if !about || colon + 1 >= sentence.end {
            return false;
        }
        let plain = label.iter().all(|token| {
            token.is_any(&["status", "state", "verdict", "outcome", "conclusion", "result"])
                || token.is_in(WHOLE)
                || token.is_in(BESIDE)
                || !token.is_word()
        });
        let value = &tokens[colon + 1..sentence.end];
        let end = value
            .iter()
            .position(|token| matches!(token.kind, Kind::Sign(',' | ';' | '.' | '(' | '–')))
            .unwrap_or(value.len());
        // "COMPLETE except for the docs" is told by the words behind the first.
        let value = if says_any(value, EXCEPTS) { value } else { &value[..end] };
        let Some(state) = value_state(value) else { return false };
        let own = self.titles.mentions(label);
        let section = self
            .report
            .headings(self.passage)
            .find_map(|heading| self.titles.mentions(&heading.tokens).into_iter().next());
        let above = self
            .passage
            .above
            .and_then(|above| self.titles.mentions(&self.report.passages[above].tokens).into_iter().next());
        let who = match own.first().or(above.as_ref()).or(section.as_ref()) {
            Some(mention) => Who::Task(mention.task),
            None if plain => Who::Whole,
            None => return false,
        };
        self.push(who, state, sentence.clone());
        true
    }

    /// "All tasks are done", "every criterion is met", "all gates passed".
    fn all_of(&mut self, sentence: &Range<usize>) {
        let tokens = &self.passage.tokens;
        for at in sentence.clone() {
            if !tokens[at].is_any(&["all", "every", "each", "both"]) {
                continue;
            }
            let stretch = clause(tokens, sentence, at);
            let tail = &tokens[at..stretch.end];
            let Some(noun) = tail.iter().take(7).position(|token| kind_of(token).is_some()) else { continue };
            let Some(who) = kind_of(&tail[noun]) else { continue };
            // "all tests of the tasks", "all tasks of phase B": a part only.
            let between = &tail[1..noun];
            if between.iter().any(|token| {
                token.is_word()
                    && !token.is_of(List::Empty)
                    && !token.is_any(&[
                        "success",
                        "planned",
                        "remaining",
                        "completion",
                        "acceptance",
                        "plan",
                        "quality",
                        "open",
                        "stated",
                        "defined",
                        "project",
                        "phase",
                        "exit",
                    ])
            }) {
                continue;
            }
            let words: &[&str] = if who == Who::Tasks { DONE } else { MET };
            let verified = tail[noun..].iter().any(|token| token.is_any(VERIFIED));
            let said = tail[noun..].iter().take(9).any(|token| token.is_any(words) || token.is_any(DONE))
                || verified;
            // "The handbook is not out, but every criterion is met": each part by itself.
            let turn = (sentence.start..at).rev().find(|place| {
                tokens[*place].is_any(&["but", "although", "though", "yet"]) || tokens[*place].is_sign(';')
            });
            let before = &tokens[turn.map_or(sentence.start, |turn| turn + 1)..at];
            let back = says_any(before, TAKES_BACK)
                || says_any(before, PUTS_OFF)
                || says_any(tail, TAKES_BACK)
                || says_any(&tail[noun..], PUTS_OFF);
            let excepted = says_any(&tokens[at..sentence.end], EXCEPTS)
                && !says(&tokens[at..sentence.end], "but one thing");
            if said && !back && !excepted {
                let state = if verified { State::Verified } else { State::Done };
                self.push(who, state, at..stretch.end);
            }
        }
    }

    /// "Phase 7 is complete", "we are done", "nothing is left to do".
    fn whole(&mut self, sentence: &Range<usize>) {
        let tokens = &self.passage.tokens;
        let all = &tokens[sentence.clone()];
        let nothing = all.iter().position(|token| token.is_any(&["nothing", "no"])).filter(|at| {
            let rest = &all[*at..];
            let left = says_any(rest, &["left", "remains", "remain", "outstanding", "open"]);
            let of_work = all[*at].is("nothing")
                || rest.iter().take(4).any(|token| token.is_any(&["work", "tasks", "task", "items"]));
            left && of_work && rest.len() < 9
        });
        if let Some(at) = nothing {
            self.push(Who::Whole, State::Done, sentence.start + at..sentence.end);
            return;
        }
        for at in sentence.clone() {
            let token = &tokens[at];
            let verified = token.is_any(VERIFIED);
            if !token.is_any(DONE) && !verified {
                continue;
            }
            let stretch = clause(tokens, sentence, at);
            let start = (stretch.start..at)
                .rev()
                .find(|place| tokens[*place].is_sign(','))
                .map_or(stretch.start, |place| place + 1);
            let subject = &tokens[start..at];
            let tail = &tokens[at + 1..stretch.end];
            let percent =
                subject.windows(2).find(|pair| pair[1].is_sign('%')).and_then(|pair| pair[0].number());
            let verb = subject.iter().any(|token| {
                token.is_any(&["is", "are", "was", "were", "been", "has", "have"]) || token.is_sign(':')
            });
            let known = |token: &Token| {
                token.is_in(WHOLE)
                    || self.names.contains(&token.stem)
                    || token.is_in(BESIDE)
                    || token.is_of(List::Empty)
                    || !token.is_word()
            };
            let names = subject.iter().any(|token| token.is_in(WHOLE) || self.names.contains(&token.stem));
            if !verb
                || !names
                || !subject.iter().all(|token| known(token) || token.is_in(TAKES_BACK))
                || !self.titles.mentions(subject).is_empty()
            {
                continue;
            }
            // "over budget", "closed the bug", "finished the importer": not the whole.
            let goes_on = tail.first().is_some_and(|next| {
                next.is_word()
                    && !next.is_of(List::Empty)
                    && !next.is_any(&["today", "yesterday", "early", "ahead", "everything", "successfully"])
            });
            if goes_on
                || (token.is("over") && !tail.is_empty())
                || subject.iter().any(|token| token.is("over"))
            {
                continue;
            }
            let put_off = says_any(subject, PUTS_OFF)
                || tail
                    .iter()
                    .take(3)
                    .any(|token| token.is_any(&["when", "once", "if", "unless", "until", "only"]));
            if put_off {
                continue;
            }
            let back = says_any(subject, TAKES_BACK) || percent.is_some_and(|percent| percent < 100.0);
            let excepted = says_any(tail, EXCEPTS)
                || tokens
                    .get(stretch.end)
                    .is_some_and(|next| next.is_in(EXCEPTS) && stretch.end < sentence.end);
            let state = match (back || excepted, verified) {
                (true, _) => State::Active,
                (false, true) => State::Verified,
                (false, false) => State::Done,
            };
            self.push(Who::Whole, state, start..at + 1);
            return;
        }
    }

    /// "7.3 is done", "Tasks 7.1 and 7.2 are complete".
    fn tasks(&mut self, sentence: &Range<usize>) {
        let tokens = &self.passage.tokens;
        let mentions: Vec<Mention> = self
            .titles
            .mentions(&tokens[sentence.clone()])
            .into_iter()
            .map(|mention| Mention {
                task: mention.task,
                at: mention.at.start + sentence.start..mention.at.end + sentence.start,
            })
            .collect();
        if mentions.is_empty() {
            return;
        }
        for at in sentence.clone() {
            let token = &tokens[at];
            let verified = token.is_any(VERIFIED);
            let active = token.is_any(&[
                "open",
                "pending",
                "unfinished",
                "incomplete",
                "blocked",
                "running",
                "ongoing",
                "outstanding",
                "underway",
            ]) || (token.is("progress") && at > 0 && tokens[at - 1].is("in"))
                || (token.is("review") && at > 0 && tokens[at - 1].is("in"))
                || (token.is("worked") && at > 0 && tokens[at - 1].is("being"));
            let unbegun = token.is_any(&["started", "begun"]) && denied(&tokens[sentence.start..at]);
            // "HB-4 is through"
            let through = token.is("through")
                && tokens.get(at + 1).filter(|_| at + 1 < sentence.end).is_none_or(|next| !next.is_word());
            if !token.is_any(DONE) && !verified && !active && !unbegun && !through || token.is("over") {
                continue;
            }
            let stretch = clause(tokens, sentence, at);
            let start = (stretch.start..at)
                .rev()
                .find(|place| {
                    tokens[*place].is_sign(',')
                        && !mentions
                            .iter()
                            .any(|mention| mention.at.start > *place && mention.at.start <= place + 3)
                })
                .map_or(stretch.start, |place| place + 1);
            // "7.3 is in progress and 7.4 is complete": each has a verb of its own.
            let start = (start..at)
                .rev()
                .find(|place| {
                    tokens[*place].is("and")
                        && says_any(&tokens[start..*place], &["is", "are", "was", "were", "remains"])
                        && mentions.iter().any(|mention| mention.at.start > *place && mention.at.start < at)
                })
                .map_or(start, |place| place + 1);
            // "The tests (HB-4) are not through": the brackets name the subject.
            let start = bracketed(tokens, sentence, start).unwrap_or(start);
            let subject = start..at;
            let named: Vec<&Mention> =
                mentions.iter().filter(|mention| subject.contains(&mention.at.start)).collect();
            let Some(last) = named.last() else { continue };
            // A title may hold the word itself: "Everything done twice".
            let Some(verb) = tokens.get(last.at.end..at) else { continue };
            let is_verb = verb.iter().any(|token| {
                token.is_any(&["is", "are", "was", "were", "been", "remains", "remain", "stays"])
                    || token.is_sign(':')
            });
            let plain = verb.iter().all(|token| {
                token.is_of(List::Empty)
                    || token.is_in(BESIDE)
                    || token.is_in(TAKES_BACK)
                    || !token.is_word()
                    || token
                        .is_any(&["remains", "remain", "stays", "both", "all", "started", "tests", "begun"])
            });
            let from =
                if start == stretch.start { start.saturating_sub(1).max(sentence.start) } else { start };
            let timed = tokens[from..stretch.end].iter().any(|token| {
                token.is_any(&[
                    "before", "after", "until", "once", "when", "while", "if", "ahead", "unless", "will",
                    "would", "should", "must", "whether",
                ])
            });
            if !is_verb || !plain || timed {
                continue;
            }
            let back = says_any(&tokens[start..at], TAKES_BACK);
            let excepted = says_any(&tokens[at + 1..stretch.end], EXCEPTS)
                || (stretch.end < sentence.end && tokens[stretch.end].is_any(&["except", "but"]));
            let state = match (active, back || excepted, verified) {
                _ if unbegun => State::Open,
                (true, false, _) => State::Active,
                (true, true, _) => continue,
                (false, true, _) => State::Open,
                (false, false, true) => State::Verified,
                (false, false, false) => State::Done,
            };
            let named: Vec<(u32, Range<usize>)> =
                named.iter().map(|mention| (mention.task, mention.at.start..at + 1)).collect();
            for (task, range) in named {
                self.push(Who::Task(task), state, range);
            }
        }
    }
}

/// Whether what follows right behind is denied: "has not been".
fn denied(tokens: &[Token]) -> bool {
    tokens.iter().rev().take(4).any(|token| token.is_any(&["not", "never"]))
}

/// Where the brackets begin that end right before a place.
fn bracketed(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Option<usize> {
    let close = at.checked_sub(1).filter(|close| *close >= sentence.start && tokens[*close].is_sign(')'))?;
    let open = (sentence.start..close).rev().take(8).find(|place| tokens[*place].is_sign('('))?;
    Some(open + 1)
}

fn kind_of(token: &Token) -> Option<Who> {
    Some(match &*token.text {
        "task" | "tasks" | "items" | "item" | "batches" | "batch" | "stories" | "story" | "actions"
        | "workstreams" | "deliverables" | "packages" | "steps" => Who::Tasks,
        "criteria" | "criterion" | "targets" | "target" | "goals" | "goal" | "objectives" | "objective"
        | "requirements" | "metrics" | "thresholds" | "points" => Who::Criteria,
        "gates" | "gate" => Who::Gates,
        "checks" | "check" => Who::Checks,
        _ => return None,
    })
}

/// Whether a heading speaks of the whole, not of a part: "What was completed" is no state.
fn names_whole(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.is_in(WHOLE) || token.is_any(&["status", "report"]))
        && !tokens.iter().any(|token| token.is_any(&["what", "tasks", "task", "items", "criteria", "work"]))
}
