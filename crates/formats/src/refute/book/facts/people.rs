//! Who does what: a person named as doing what the plan gives to another.

use std::collections::HashMap;

use model::diagnostic::Span;

use crate::statements::roots::Root;
use crate::statements::tokens::{Kind, Token};
use crate::statements::words::{Words, says_any};
use crate::words::people::are_names;

use super::super::super::Case;
use super::owners::says_owning;
use super::{Sentence, tell};

/// The people of the plans.
#[derive(Debug, Default)]
pub(super) struct People {
    names: Vec<Person>,
    /// By each word of a name; nobody where two people share it.
    by_word: HashMap<String, Option<usize>>,
    /// Who holds which role: "Rashid is the installer".
    roles: Vec<(String, usize)>,
    /// Whom the plan gives each entry to.
    of_entry: Vec<Vec<usize>>,
    /// Who each name is: "Priya" is Priya Raman where there is no other.
    same: Vec<usize>,
}

#[derive(Debug)]
struct Person {
    name: String,
    words: Vec<String>,
}

/// Headers and labels below or behind which people stand.
const ROLES: &[&str] = &[
    "owner",
    "owners",
    "who",
    "responsible",
    "lead",
    "assignee",
    "assigned",
    "name",
    "person",
    "by",
    "curator",
    "manager",
    "coordinator",
    "sponsor",
    "reviewer",
    "approver",
    "contact",
    "primary",
    "support",
    "leader",
    "head",
    "designer",
    "registrar",
    "accountable",
];

impl People {
    pub(super) fn of(case: &Case<'_>) -> Self {
        let mut people = Self::default();
        for (_, draft) in case.plans {
            let owners = draft.tasks.iter().flat_map(|task| task.owners.iter().map(|owner| &*owner.name));
            let risks = draft.risks.iter().filter_map(|risk| risk.owner.as_deref());
            let matrix = draft.owners.iter().flat_map(|row| [row.primary.as_deref(), row.support.as_deref()]);
            for name in owners.chain(risks).chain(matrix.flatten()) {
                people.enter(name);
            }
        }
        for (_, reading) in case.read {
            for name in labelled(&reading.text).chain(in_headings(&reading.text)) {
                people.enter(name);
            }
        }
        for (_, reading) in case.read {
            people.enter_roles(&reading.text);
        }
        for (_, reading) in case.read {
            people.enter_equated(case, &reading.text);
        }
        people.join_names();
        people.assign(case);
        people
    }

    /// "Rashid is the installer."
    fn enter_roles(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.trim_start_matches(['-', '*', ' ']).trim_end_matches('.');
            let Some((name, role)) = line.split_once(" is the ") else { continue };
            if are_names(name) && role.split(' ').count() <= 3 {
                self.enter(name);
                if let Some(person) = self.names.iter().position(|one| one.name == name) {
                    self.roles.push((role.to_lowercase(), person));
                }
            }
        }
    }

    /// "**Build** = Priya Nandakumar": who holds a role that tasks are given to.
    fn enter_equated(&mut self, case: &Case<'_>, text: &str) {
        let lines = text.lines().filter(|line| line.contains('='));
        let pieces = lines.flat_map(|line| line.split([',', ';', '|'])).filter(|piece| piece.contains('='));
        for piece in pieces {
            let Some((role, name)) = piece.split_once('=') else { continue };
            let role = role.rsplit(':').next().unwrap_or(role).trim().trim_matches(['*', '`', '-', ' ']);
            let mut tasks = case.tasks();
            if tasks.any(|(_, task)| task.owners.iter().any(|owner| owner.name == role)) {
                let name = name.trim().trim_end_matches('.').trim_matches('*');
                self.enter(name);
                if let Some(person) = self.names.iter().position(|one| one.name == name) {
                    self.roles.push((role.to_lowercase(), person));
                }
            }
        }
    }

    /// Finds the names that are short for others.
    fn join_names(&mut self) {
        let is_part = |short: &Person, long: &Person| {
            short.words.len() < long.words.len() && short.words.iter().all(|word| long.words.contains(word))
        };
        self.same = (0..self.names.len())
            .map(|at| {
                let mut longer =
                    (0..self.names.len()).filter(|other| is_part(&self.names[at], &self.names[*other]));
                longer.next().filter(|_| longer.next().is_none()).unwrap_or(at)
            })
            .collect();
        for person in self.by_word.values_mut() {
            *person = None;
        }
        for at in 0..self.names.len() {
            for word in &self.names[at].words {
                let known = self.by_word.entry(word.clone()).or_insert(None);
                let others =
                    self.names.iter().enumerate().filter(|(other, one)| {
                        self.same[*other] != self.same[at] && one.words.contains(word)
                    });
                if others.count() == 0 {
                    *known = Some(self.same[at]);
                }
            }
        }
    }

    fn same(&self, person: usize) -> usize {
        self.same.get(person).copied().unwrap_or(person)
    }

    /// The person who is called so, or holds the role.
    fn who(&self, name: &str) -> Option<usize> {
        let role =
            || self.roles.iter().find(|(role, _)| *role == name.to_lowercase()).map(|(_, person)| *person);
        // A role that tasks are given to is no name, though it is written like one.
        role().or_else(|| self.names.iter().position(|one| one.name == name)).map(|person| self.same(person))
    }

    fn enter(&mut self, name: &str) {
        if !are_names(name) || self.names.iter().any(|known| known.name == name) {
            return;
        }
        let words: Vec<String> = name
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 1)
            .map(str::to_lowercase)
            .collect();
        if words.is_empty() || words.len() > 3 {
            return;
        }
        let at = self.names.len();
        for word in &words {
            self.by_word.entry(word.clone()).and_modify(|known| *known = None).or_insert(Some(at));
        }
        self.names.push(Person { name: name.to_owned(), words });
    }

    /// Says whom each entry of the plans is given to.
    fn assign(&mut self, case: &Case<'_>) {
        let book = case.book;
        let tasks: Vec<Vec<usize>> = case
            .tasks()
            .map(|(_, task)| task.owners.iter().filter_map(|owner| self.who(&owner.name)).collect())
            .collect();
        let mut of_entry: Vec<Vec<usize>> = Vec::with_capacity(book.entries.len());
        let mut by_passage: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
        for entry in &book.entries {
            let report = &book.documents[entry.document].report;
            let mut own: Vec<usize> = entry.task.map_or(Vec::new(), |task| tasks[task as usize].clone());
            if own.is_empty() {
                let cells = entry.cells.iter().map(|(cell, _)| &*report.passages[*cell].tokens);
                let stretch = &report.passages[entry.place.0].tokens[entry.place.1.clone()];
                let all: Vec<&[Token]> = if entry.cells.is_empty() { vec![stretch] } else { cells.collect() };
                own =
                    all.into_iter().flat_map(|tokens| self.named(tokens)).map(|(person, _)| person).collect();
            }
            if own.is_empty() {
                // Whoever the heading names answers for what stands below it.
                let headings = report.headings(&report.passages[entry.place.0]);
                own = headings
                    .map(|heading| self.named(&heading.tokens))
                    .find(|named| !named.is_empty())
                    .into_iter()
                    .flatten()
                    .map(|(person, _)| person)
                    .collect();
            }
            if let Some(above) = report.passages[entry.place.0].above {
                by_passage.entry((entry.document, above)).or_default().extend(own.iter().copied());
            }
            of_entry.push(own);
        }
        for (entry, own) in book.entries.iter().zip(&mut of_entry) {
            if own.is_empty()
                && let Some(below) = by_passage.get(&(entry.document, entry.place.0))
            {
                own.clone_from(below);
            }
        }
        self.of_entry = of_entry;
    }

    /// The people whom the plans give a task.
    pub(super) fn owners_of(&self, case: &Case<'_>, task: u32) -> Vec<usize> {
        let owners = case.tasks().nth(task as usize).map(|(_, task)| &task.owners);
        owners.into_iter().flatten().filter_map(|owner| self.who(&owner.name)).collect()
    }

    /// The names of everybody.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|person| &*person.name)
    }

    /// How a person is called.
    pub(super) fn name(&self, person: usize) -> &str {
        &self.names[person].name
    }

    /// How many tasks the plans give a person.
    pub(super) fn tasks_of(&self, case: &Case<'_>, person: usize) -> usize {
        let own =
            |entry: usize| case.book.entries[entry].task.filter(|_| self.of_entry[entry].contains(&person));
        let mut tasks: Vec<u32> = (0..self.of_entry.len()).filter_map(own).collect();
        tasks.sort_unstable();
        tasks.dedup();
        tasks.len()
    }

    /// How many risks the plans give a person.
    pub(super) fn risks_of(&self, case: &Case<'_>, person: usize) -> usize {
        let risks = case
            .plans
            .iter()
            .enumerate()
            .flat_map(|(document, (_, draft))| draft.risks.iter().map(move |risk| (document, risk.line)));
        risks
            .filter(|(document, line)| {
                let entries = case.book.entries.iter().enumerate();
                entries
                    .filter(|(_, entry)| entry.document == *document && entry.line == *line)
                    .any(|(at, _)| self.of_entry[at].contains(&person))
            })
            .count()
    }

    /// The people named in some tokens, with the tokens that name them.
    pub(super) fn named(&self, tokens: &[Token]) -> Vec<(usize, std::ops::Range<usize>)> {
        let mut found: Vec<(usize, std::ops::Range<usize>)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let stands = |person: &Person| {
                let mut words = person.words.iter().enumerate();
                words.all(|(more, word)| tokens.get(at + more).is_some_and(|token| token.is(word)))
            };
            let full = (0..self.names.len())
                .filter(|person| stands(&self.names[*person]))
                .max_by_key(|person| self.names[*person].words.len());
            let first = || self.by_word.get(&*tokens[at].text).copied().flatten();
            match full.or_else(first).filter(|_| matches!(tokens[at].kind, Kind::Word)) {
                Some(person) => {
                    let length = if full.is_some() { self.names[person].words.len() } else { 1 };
                    let person = self.same(person);
                    if found.iter().all(|(known, _)| *known != person) {
                        found.push((person, at..at + length));
                    }
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }
}

/// What may be a name behind a label or in brackets.
fn labelled(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| line.contains(':'));
    let pieces = lines.flat_map(|line| line.split(['·', '|', ';', '(', ')', '.', ',']));
    pieces.filter_map(|piece| {
        let piece = piece.trim().trim_matches('*');
        let (label, value) = piece.split_once(':')?;
        let label = label.to_lowercase();
        let last =
            label.split(|c: char| !c.is_alphabetic()).rfind(|word| !word.is_empty()).unwrap_or_default();
        let value = value.trim().trim_matches('*').trim();
        ROLES.contains(&last).then_some(value)
    })
}

/// What stands in brackets behind a heading.
fn in_headings(text: &str) -> impl Iterator<Item = &str> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.filter_map(|line| Some(line.rsplit_once('(')?.1.split_once(')')?.0.trim()))
}

/// Words beside which a person is not said to be who does it.
const BESIDE: Words<'_> = Words::of(&[
    "not",
    "never",
    "instead",
    "help",
    "helped",
    "helps",
    "supports",
    "supported",
    "support",
    "assisted",
    "together",
    "replaced",
    "informed",
    "told",
    "thanks",
    "thank",
    "asked",
    "reported",
    "says",
    "said",
    "stood",
    "stands",
    "took",
    "covered",
    "while",
    "nobody",
    "neither",
    "nor",
    "handed",
    "until",
    "if",
    "would",
    "should",
    "could",
    "might",
    "instead",
    "rather",
    "than",
    "after",
    "before",
    "once",
    "when",
]);

/// Words that say how things are or will be, and not what was done.
const NOW: Words<'_> = Words::of(&[
    "is",
    "are",
    "has",
    "have",
    "will",
    "does",
    "do",
    "runs",
    "heads",
    "chairs",
    "looks",
    "handles",
    "manages",
    "supervises",
    "keeps",
    "holds",
    "coordinates",
    "carries",
    "writes",
    "reviews",
    "approves",
]);

pub(super) fn judge(case: &mut Case<'_>, people: &People, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let named = people.named(tokens);
    let [(person, at)] = named.as_slice() else { return };
    let capital = case.slice(tokens[at.start].span).starts_with(char::is_uppercase);
    let beside = tokens.iter().any(|token| token.is_in(BESIDE));
    // Somebody else may have lent a hand: what was done says nothing of who answers for it.
    let next = tokens.get(at.end).filter(|next| next.is_word() && next.text.len() > 3);
    let does = next.is_some_and(|next| next.text.ends_with('s') && !next.text.ends_with("ss"));
    let of_plan = says_owning(tokens) || sentence.tells_plan() || says_any(tokens, NOW) || does;
    if !capital || beside || !of_plan {
        return;
    }
    let rest: Vec<&Token> = tokens[..at.start].iter().chain(&tokens[at.end..]).collect();
    let said: Vec<Root> = case.book.roots.with_numbers(&rest);
    let given = |entry: usize| &people.of_entry[entry];
    // "The certification risk": one of a kind, which a word of it tells from the others.
    let of_risk = tokens.iter().any(|token| token.is_any(&["risk", "risks"]));
    let risk = case.book.one_of_few(&said, |entry| entry.risk).filter(|_| of_risk);
    let found = match risk {
        Some(risk) => vec![super::super::find::Found { named: 1.0, covered: 1.0, ..risk }],
        None => case.book.find(&said, |_| true),
    };
    // Whatever comes near that is this person's may be what is meant.
    let best = found.first().map_or(0.0, super::super::find::Found::score);
    let near = |one: &super::super::find::Found| one.named > 0.34 && one.score() > best * 0.5;
    if found.iter().any(|one| near(one) && given(one.entry).contains(person)) {
        case.held_more += 1;
        return;
    }
    let mut best =
        found.iter().filter(|one| one.is_named() && one.covered > 0.5 && !given(one.entry).is_empty());
    let Some(first) = best.next() else { return };
    let entry = &case.book.entries[first.entry];
    let owners: Vec<&str> = given(first.entry).iter().map(|owner| &*people.names[*owner].name).collect();
    let message = format!(
        "`{}` is not who the plan has for this: {} ({})",
        people.names[*person].name,
        owners.join(", "),
        case.line(entry.document, entry.line)
    );
    let span = Span { start: tokens[at.start].span.start, end: tokens[at.end - 1].span.end };
    tell(case, span, message, "tell the plan's owner, or change it in the plan");
}
