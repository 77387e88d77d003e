//! What a report states: figures, the state of the whole and of each task, order in time, work that
//! is still to do. Reads words and knows the keys of a plan, and nothing of whether anything is true;
//! `refute` judges. What is not plainly said is not read: silence is better than a guess.

mod amounts;
mod changes;
pub(crate) mod clauses;
pub(crate) mod figures;
pub(crate) mod limits;
mod lists;
mod meanings;
pub(crate) mod mentions;
pub(crate) mod numbers;
pub(crate) mod order;
mod owning;
pub(crate) mod passages;
mod roles;
pub(crate) mod roots;
mod shares;
pub(crate) mod shortfalls;
pub(crate) mod silent;
pub(crate) mod standings;
mod states;
pub(crate) mod stems;
pub(crate) mod tables;
mod times;
pub(crate) mod todos;
pub(crate) mod tokens;
pub(crate) mod vocabulary;
pub(crate) mod words;

use std::rc::Rc;

use figures::Figure;
use passages::{Place, Report};
use tokens::Token;
use vocabulary::ByNumber;

/// The figures of texts that were read by themselves, by the numbers of their cuts.
pub(crate) type Figured = ByNumber<u32, Rc<[Figure]>>;

/// The figures of a text by itself.
pub(crate) fn figures_of(tokens: &[Token]) -> Vec<Figure> {
    let mut found = Vec::new();
    for sentence in clauses::sentences(tokens) {
        figures::figures(0, tokens, &sentence, &mut found);
    }
    found
}

/// Every figure of a report, those of tables included. Those of texts that were read before are known.
pub(crate) fn figures(report: &Report, known: &Figured) -> Vec<Figure> {
    let mut found = Vec::new();
    for (at, passage) in report.passages.iter().enumerate() {
        if let Place::Cell { table, row, column } = passage.place {
            tables::cell(report, at, (table, row, column), &mut found);
            continue;
        }
        if let Some(again) = passage.again
            && let Some(known) = known.get(&again.cut)
        {
            found.extend(known.iter().map(|figure| figure.again(at, again.start)));
            continue;
        }
        for sentence in clauses::sentences(&passage.tokens) {
            figures::figures(at, &passage.tokens, &sentence, &mut found);
        }
    }
    found
}
