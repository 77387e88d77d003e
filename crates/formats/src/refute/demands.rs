//! Everything a plan demands in words, found by the words of what is still to do.

use crate::statements::todos::Todo;

use super::Case;
use crate::statements::vocabulary::{ByNumber, Word};

/// What a plan demands in words: criteria, titles, deliverables.
pub(super) struct Demands {
    all: Vec<Demanded>,
    /// Which demands have a word.
    by_word: ByNumber<Word, Vec<usize>>,
}

/// A demand, with where it stands.
pub(super) struct Demanded {
    pub(super) text: String,
    pub(super) place: String,
    words: usize,
}

impl Demands {
    pub(super) fn of(case: &Case<'_>) -> Self {
        let mut found = Self { all: Vec::new(), by_word: ByNumber::default() };
        for (document, (_, draft)) in case.plans.iter().enumerate() {
            let phases = draft.phases.iter().flat_map(|phase| phase.exit.iter().chain(&phase.entrance));
            let tasks = draft.tasks.iter().flat_map(|task| &task.criteria);
            let criteria = draft.criteria.iter().chain(phases).chain(tasks).map(|one| (&*one.text, one.line));
            let of_tasks = draft.tasks.iter().flat_map(|task| {
                let texts = std::iter::once(&task.title)
                    .chain(&task.deliverables)
                    .chain(&task.objectives)
                    .chain(&task.outputs);
                texts.map(|text| (&**text, task.line))
            });
            for (text, line) in criteria.chain(of_tasks) {
                found.enter(case.stems(text), text, || case.line(document, line));
            }
        }
        found
    }

    fn enter(&mut self, words: Vec<Word>, text: &str, place: impl FnOnce() -> String) {
        if words.is_empty() {
            return;
        }
        self.all.push(Demanded { text: text.to_owned(), place: place(), words: words.len() });
        for word in words {
            self.by_word.entry(word).or_default().push(self.all.len() - 1);
        }
    }

    /// The demand that something still to do belongs to: what shares most words with it, the last of
    /// those alike.
    pub(super) fn demanded(&self, todo: &Todo) -> Option<&Demanded> {
        // Of each demand that shares a word: how many it shares, and how many of them are of proof.
        let mut shared: ByNumber<usize, (usize, usize)> = ByNumber::default();
        for word in &todo.words {
            let proof = usize::from(PROOFS.contains(&&**word));
            for at in self.by_word.get(word).into_iter().flatten() {
                let (words, proofs) = shared.entry(*at).or_default();
                *words += 1;
                *proofs += proof;
            }
        }
        let proves = validates(todo);
        shared
            .into_iter()
            .filter(|(at, (words, proofs))| {
                let length = self.all[*at].words;
                // What is to do is to prove something, or is the demand itself in other words.
                let same = proves || todo.words.len() >= 2 && *words == todo.words.len();
                // One word of proof is enough where it is what the demand is about.
                same && (*words >= 2 || *proofs >= 1 && (length <= 4 || *words == length))
            })
            .max_by_key(|(at, (words, proofs))| (words * 2 + proofs, *at))
            .map(|(at, _)| &self.all[at])
    }
}

/// Nouns of validation: what proves that work holds.
const PROOFS: &[&str] = &[
    "test",
    "suite",
    "benchmark",
    "lint",
    "clippy",
    "audit",
    "approve",
    "coverage",
    "validate",
    "smoke",
    "regress",
    "verify",
    "acceptance",
    "rehearsal",
    "drill",
    "scan",
    "inspection",
    "inspect",
    "sign",
    "review",
    "measure",
    "measurement",
    "check",
    "calibrat",
    "survey",
    "proof",
    "restore",
    "rollback",
    "failover",
    "changelog",
    "document",
    "reconcil",
    "reconciliation",
];

/// Whether what is to do is to prove something, rather than new work.
fn validates(todo: &Todo) -> bool {
    todo.words.iter().any(|word| {
        PROOFS.contains(&&**word) || matches!(&**word, "run" | "rerun" | "execut" | "perform" | "confirm")
    })
}
