//! The plan's tasks as a report speaks of them: found by key, by title, or by the words of it that no
//! other task shares; and what the plan tells of each beyond its structure: how long it took, when it was
//! done.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use model::draft::{DraftTask, Stated};

use crate::statements::numbers::Unit;
use crate::statements::passages::Place;
use crate::statements::roots::Root;
use crate::statements::tokens::{Kind, Token};
use crate::statements::vocabulary::ByNumber;
use crate::statements::words::{List, Words, says_any, words};

use super::super::Case;
use super::super::facts::in_days;
use super::{Entry, date, join};

/// A task of a plan.
#[derive(Debug)]
pub(super) struct Job {
    /// Its position among the tasks of all plans.
    pub(super) task: u32,
    title: Vec<Root>,
    /// In working days.
    pub(super) estimate: Option<f64>,
    /// How long it took, in working days.
    pub(super) actual: Option<f64>,
    pub(super) state: Option<Stated>,
    /// When it was done, where the plan has it as done.
    pub(super) ended: Option<Date>,
}

/// The tasks of the plans, each once.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    pub(super) all: Vec<Job>,
    by_root: ByNumber<Root, Vec<usize>>,
    by_task: HashMap<u32, usize>,
    /// The task that each is, or is a note of.
    first: HashMap<u32, u32>,
    /// Words of titles without their endings: "wire" and "wiring" have no root in common.
    by_bare: HashMap<String, Root>,
    /// Words that name who does the work, and no work.
    people: HashSet<String>,
    /// Roles that tasks are given to: "builder".
    roles: HashSet<String>,
}

/// What so many tasks say picks out none of them.
const MANY: usize = 64;
/// So far behind the best a second one must be.
const APART: f64 = 0.85;

impl Jobs {
    pub(super) fn of<'n>(case: &'n Case<'_>, names: impl Iterator<Item = &'n str>) -> Self {
        let mut jobs = Self::default();
        let mut keys = HashMap::new();
        let own_keys = case.tasks().any(|(_, task)| !task.key_generated);
        for (at, (document, task)) in case.tasks().enumerate() {
            // A note below a task's key tells more of the task; beside keyed tasks, an item without a key
            // is a note too.
            let first = *keys.entry((document, task.key.as_str().to_lowercase())).or_insert(at as u32);
            if own_keys && task.key_generated {
                continue;
            }
            jobs.first.insert(at as u32, first);
            if first != at as u32 {
                continue;
            }
            let tokens = case.lexer.cut(&task.title);
            let mut title = case.book.roots.all(&tokens);
            join(&mut title, tokens.iter().filter_map(|token| silent(case, token)).collect());
            for token in tokens.iter().filter(|token| token.is_word()) {
                if let Some(root) = case.book.roots.of(token) {
                    jobs.by_bare.entry(bare(&token.text).to_owned()).or_insert(root);
                }
            }
            for root in &title {
                jobs.by_root.entry(*root).or_default().push(jobs.all.len());
            }
            jobs.by_task.insert(at as u32, jobs.all.len());
            jobs.all.push(Job {
                task: at as u32,
                title,
                estimate: task.estimate_days,
                actual: None,
                state: task.status.as_ref().map(|status| status.state).or(match task.checked {
                    Some(true) => Some(Stated::Claimed),
                    Some(false) => Some(Stated::Open),
                    None => None,
                }),
                ended: None,
            });
        }
        for entry in &case.book.entries {
            let job = entry.task.and_then(|task| jobs.by_task.get(&task)).map(|at| &mut jobs.all[*at]);
            if let Some(job) = job {
                job.take(case, entry);
            }
        }
        jobs.enter_people(case, names);
        jobs
    }

    fn enter_people<'n>(&mut self, case: &'n Case<'_>, names: impl Iterator<Item = &'n str>) {
        let in_titles: HashSet<String> = case
            .tasks()
            .flat_map(|(_, task)| task.title.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase))
            .collect();
        let owners = || case.tasks().flat_map(|(_, task)| &task.owners).map(|owner| &*owner.name);
        self.roles = owners()
            .filter(|name| name.starts_with(char::is_lowercase) && !name.contains(' '))
            .map(str::to_lowercase)
            .collect();
        let words = owners().chain(names).flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
        self.people =
            words.map(str::to_lowercase).filter(|word| word.len() > 1 && !in_titles.contains(word)).collect();
    }

    /// Whether a word is a role that tasks are given to.
    pub(super) fn is_role(&self, token: &Token) -> bool {
        token.is_word() && self.roles.contains(&*token.text)
    }

    /// "The builder's task": the one that a role has, where it has one only.
    pub(super) fn of_role(&self, case: &Case<'_>, tokens: &[Token]) -> Option<&Job> {
        let role = tokens.windows(2).find(|two| self.is_role(&two[0]) && two[1].is_any(&["task", "job"]))?;
        let fills = |task: &DraftTask| {
            task.owners
                .iter()
                .any(|owner| owner.name.to_lowercase().split(' ').any(|word| role[0].text == *word))
        };
        let mut own = case.tasks().enumerate().filter(|(_, (_, task))| fills(task)).map(|(at, _)| at as u32);
        let only = own.next().filter(|_| own.next().is_none())?;
        self.get(only)
    }

    pub(super) fn get(&self, task: u32) -> Option<&Job> {
        self.by_task.get(&task).map(|at| &self.all[*at])
    }

    /// The one task that some tokens speak of.
    pub(super) fn one(&self, case: &Case<'_>, tokens: &[Token]) -> Option<u32> {
        self.found(case, tokens).map(|(task, _)| task)
    }

    /// The same, where a single word of a title is not enough unless it is told how the work went.
    pub(super) fn one_at_work(&self, case: &Case<'_>, tokens: &[Token]) -> Option<u32> {
        let (task, words) = self.found(case, tokens)?;
        (words > 1 || says_any(tokens, AT_WORK)).then_some(task)
    }

    /// The task, and how many words of its title are said; many where it is named in full.
    fn found(&self, case: &Case<'_>, tokens: &[Token]) -> Option<(u32, usize)> {
        let mentions = case.titles.mentions(tokens);
        let mut named = mentions.iter().filter_map(|mention| self.first.get(&mention.task));
        if let Some(first) = named.next() {
            return named.all(|other| other == first).then_some((*first, usize::MAX));
        }
        self.by_words(case, tokens)
    }

    /// The task whose title the words are of, and hardly anything else.
    fn by_words(&self, case: &Case<'_>, tokens: &[Token]) -> Option<(u32, usize)> {
        let mut said: Vec<Root> = Vec::new();
        for token in tokens.iter().filter(|token| !self.is_frame(token)) {
            let mut own = case.book.roots.all(std::slice::from_ref(token));
            if own.iter().all(|root| !self.by_root.contains_key(root))
                && let Some(root) = self.by_bare.get(bare(&token.text))
            {
                own = vec![*root];
            }
            join(&mut said, own);
            // A word that points at nothing elsewhere may be of a title: "switch reads".
            let of_title = silent(case, token).filter(|root| self.by_root.contains_key(root));
            join(&mut said, of_title.into_iter().collect());
        }
        let mut shared: ByNumber<usize, usize> = ByNumber::default();
        for root in &said {
            for job in self.by_root.get(root).into_iter().flatten().take(MANY) {
                *shared.entry(*job).or_default() += 1;
            }
        }
        let sum = |roots: &mut dyn Iterator<Item = &Root>| roots.map(|root| self.weight(*root)).sum::<f64>();
        let all = sum(&mut said.iter()).max(0.1);
        let mut found: Vec<(f64, usize, usize)> = shared
            .into_iter()
            .filter_map(|(at, shared)| {
                let title = &self.all[at].title;
                let both = sum(&mut title.iter().filter(|root| said.contains(root)));
                let (named, covered) = (both / sum(&mut title.iter()).max(0.1), both / all);
                let alone = said.iter().all(|root| title.contains(root));
                let enough = match shared {
                    1 => alone && (named > 0.99 || self.tells_apart(said[0])),
                    _ => covered > 0.6 && named > 0.34,
                };
                enough.then_some((named + covered, at, shared))
            })
            .collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        match found.as_slice() {
            [one] => Some((self.all[one.1].task, one.2)),
            [one, next, ..] if next.0 < one.0 * APART => Some((self.all[one.1].task, one.2)),
            _ => None,
        }
    }

    fn tells_apart(&self, root: Root) -> bool {
        self.by_root.get(&root).is_some_and(|having| having.len() == 1)
    }

    fn weight(&self, root: Root) -> f64 {
        let having = self.by_root.get(&root).map_or(0.7, |having| having.len() as f64);
        (1.0 + self.all.len() as f64 / having).ln()
    }

    /// Whether a word tells how the work went, or who did it, and not what it was.
    fn is_frame(&self, token: &Token) -> bool {
        matches!(token.kind, Kind::Date(_)) || token.is_in(FRAME) || self.people.contains(&*token.text)
    }
}

impl Job {
    /// Takes what a row of the plan tells of the task.
    fn take(&mut self, case: &Case<'_>, entry: &Entry) {
        let document = &case.book.documents[entry.document];
        for (cell, _) in &entry.cells {
            let passage = &document.report.passages[*cell];
            let Place::Cell { table, column, .. } = passage.place else { continue };
            let Some(header) = document.report.tables.get(table).and_then(|table| table.header.get(column))
            else {
                continue;
            };
            if says_any(header, &["actual", "spent", "took", "real", "needed"]) {
                let mut own = entry.figures.iter().map(|(at, _)| &document.figures[*at]);
                let figure = own.find(|figure| figure.place.0 == *cell && figure.unit == Unit::Seconds);
                self.actual = figure.and_then(|one| Some(in_days(one.exact()?, one.scale)));
            }
            let ends = says_any(header, words!["done", "finished", "completed", "ended", "closed", "end"]);
            let due = says_any(&passage.tokens, &["due", "by", "planned"]);
            if ends && !due && self.state == Some(Stated::Claimed) {
                self.ended = passage.tokens.iter().find_map(date);
            }
        }
    }
}

/// A word without what ends it.
fn bare(word: &str) -> &str {
    const ENDINGS: &[&str] = &[
        "ations", "ation", "ating", "ated", "ates", "ate", "ings", "ing", "ers", "er", "ed", "es", "s", "e",
    ];
    ENDINGS.iter().find_map(|end| word.strip_suffix(end).filter(|rest| rest.len() > 2)).unwrap_or(word)
}

/// The root of a word that says nothing by itself in most sentences.
fn silent(case: &Case<'_>, token: &Token) -> Option<Root> {
    let telling = token.is_word() && token.text.len() > 2 && !token.is_of(List::Empty);
    (telling && case.book.roots.of(token).is_none()).then(|| case.book.roots.named(&token.text))
}

/// Words that say how far work has come.
const AT_WORK: Words<'_> = Words::of(&[
    "began",
    "begun",
    "begin",
    "begins",
    "beginning",
    "started",
    "start",
    "starts",
    "starting",
    "launched",
    "finished",
    "finish",
    "finishes",
    "completed",
    "complete",
    "done",
    "ended",
    "closed",
    "through",
    "ready",
    "place",
    "merged",
    "live",
    "over",
    "underway",
    "way",
    "progress",
    "working",
    "running",
    "open",
    "busy",
    "signed",
    "wrapped",
    "held",
    "delivered",
    "landed",
    "shipped",
    "kicked",
    "tackled",
    "handed",
]);

/// Words that tell how work went.
const FRAME: Words<'_> = Words::of(&[
    "team",
    "named",
    "names",
    "listed",
    "lists",
    "list",
    "put",
    "belongs",
    "belonged",
    "hands",
    "leads",
    "led",
    "lead",
    "answers",
    "role",
    "roles",
    "owners",
    "owns",
    "falls",
    "accountable",
    "whom",
    "entrusted",
    "allocated",
    "responsibilities",
    "assignee",
    "work",
    "working",
    "job",
    "phase",
    "stage",
    "item",
    "plan",
    "handoff",
    "schedule",
    "busy",
    "side",
    "end",
    "ends",
    "over",
    "through",
    "progress",
    "way",
    "place",
    "held",
    "hold",
    "back",
    "signed",
    "sign",
    "off",
    "wrapped",
    "merged",
    "completed",
    "complete",
    "completion",
    "closed",
    "shipped",
    "landed",
    "launched",
    "launch",
    "kicked",
    "opened",
    "tackled",
    "turned",
    "picked",
    "began",
    "begun",
    "begins",
    "beginning",
    "commenced",
    "ready",
    "carried",
    "parallel",
    "simultaneously",
    "afterwards",
    "later",
    "earlier",
    "following",
    "followed",
    "follow",
    "follows",
    "first",
    "last",
    "next",
    "second",
    "third",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "morning",
    "noon",
    "afternoon",
    "evening",
    "day",
    "days",
    "week",
    "weeks",
    "hour",
    "hours",
    "month",
    "estimate",
    "estimated",
    "estimates",
    "budget",
    "budgeted",
    "allotted",
    "allowance",
    "comfortably",
    "inside",
    "within",
    "faster",
    "quicker",
    "slower",
    "longer",
    "sooner",
    "ahead",
    "whole",
    "full",
    "entire",
    "according",
    "keeping",
    "dependencies",
    "prerequisite",
    "prerequisites",
    "blocked",
    "blocker",
    "waiting",
    "wait",
    "waited",
    "waits",
    "stayed",
    "stay",
    "half",
    "quarter",
    "effort",
    "reserved",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "handed",
    "delivered",
    "started",
    "finishing",
    "finish",
    "owner",
    "owned",
    "responsible",
    "responsibility",
    "charge",
    "assigned",
    "exactly",
    "date",
    "scheduled",
    "due",
    "long",
    "took",
    "taken",
    "cost",
    "costing",
    "needed",
    "spent",
    "lasted",
    "required",
    "under",
    "overrun",
    "overran",
    "overshot",
    "accordance",
    "line",
    "order",
    "sequence",
    "soon",
    "only",
    "immediately",
    "directly",
    "straight",
    "finally",
    "successfully",
    "early",
    "late",
    "time",
]);
