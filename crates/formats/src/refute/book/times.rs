//! Figures told of another time that are about the plan's measures all the same: "on the old ward" where
//! the plan heads its baseline so, "last month" where it counts by the month. And rates told over another
//! length of time than the plan's.

use crate::statements::figures::{Figure, Role};
use crate::statements::passages::Report;
use crate::statements::tokens::{Kind, Token};
use crate::statements::words::List;

use super::super::fit::Fit;
use super::super::yardsticks::Yardstick;
use super::Book;

impl Book {
    /// What a figure of another time states of a measure, if anything.
    pub(in crate::refute) fn told_then(
        &self,
        figure: &Figure,
        yardstick: &Yardstick,
        report: &Report,
    ) -> Option<Role> {
        let tokens = &report.passages[figure.place.0].tokens[figure.place.1.clone()];
        // "Last month", "in the last week": as the plan counts it.
        let period = tokens.windows(2).find_map(|two| {
            let last = two[0].is_any(&["last", "past", "first"]);
            let period = two[1].is_any(&["day", "week", "month", "quarter", "year", "shift", "hour"]);
            (last && period).then(|| self.roots.of(&two[1])).flatten()
        });
        if let Some(period) = period {
            let words = yardstick.core.iter().chain(&yardstick.beside);
            let counts_by = words.map(|word| self.roots.named(word)).any(|root| root == period);
            return (figure.but_for_time == Some(Role::Now) && (counts_by || yardstick.per.is_some()))
                .then_some(Role::Now);
        }
        let header = self.baseline_header(yardstick)?;
        let start = figure.place.1.start;
        let own = figure.tokens.start - start..figure.tokens.end - start;
        let said = |word: &Token| match word.kind {
            Kind::Date(date) => beside(tokens, own.clone()).iter().any(|token| {
                token.is_word() && self.roots.of(token).is_some_and(|root| Some(root) == self.roots.of(word))
                    || token.kind == Kind::Date(date)
            }),
            Kind::Word => {
                !word.is_of(List::Empty)
                    && beside(tokens, own.clone()).iter().any(|token| token.stem == word.stem)
            }
            _ => false,
        };
        header.iter().any(said).then_some(Role::Before)
    }

    /// What stands above the baseline of a measure.
    fn baseline_header(&self, yardstick: &Yardstick) -> Option<&[Token]> {
        let (value, ..) = yardstick.baseline?;
        let entry = self.beside(yardstick).find(|entry| !entry.cells.is_empty())?;
        let document = &self.documents[entry.document];
        let cell =
            entry.figures.iter().map(|(at, _)| &document.figures[*at]).find(|figure| figure.low == value)?;
        let place = document.report.passages[cell.place.0].place;
        let crate::statements::passages::Place::Cell { table, column, .. } = place else { return None };
        document.report.tables.get(table)?.header.get(column).map(Vec::as_slice)
    }

    /// Tells figures as the plan counts: those of another time that are about a measure, and rates over
    /// another length of time.
    pub(in crate::refute) fn retell(
        &self,
        figures: &mut [Figure],
        yardsticks: &[Yardstick],
        report: &Report,
        mut fit: impl FnMut(&Figure) -> (Fit, bool),
    ) -> Vec<Fit> {
        figures
            .iter_mut()
            .map(|figure| {
                let mut found = match figure.but_for_time {
                    Some(role) => {
                        let (then, far) = fit(&Figure { role, ..figure.clone() });
                        figure.far = far;
                        let told = match &then {
                            Fit::Same(fits) if fits.len() == 1 => {
                                self.told_then(figure, &yardsticks[fits[0]], report)
                            }
                            _ => None,
                        };
                        match told {
                            Some(role) => {
                                figure.role = role;
                                then
                            }
                            None => Fit::Nothing,
                        }
                    }
                    None => {
                        let (found, far) = fit(figure);
                        figure.far = far;
                        found
                    }
                };
                if let (Fit::Same(fits), Some(own)) = (&found, figure.per)
                    && let [only] = fits.as_slice()
                    && let Some(wanted) = yardsticks[*only].per.filter(|wanted| *wanted != own)
                {
                    // Working weeks and days do not convert.
                    if own > 3600.0 || wanted > 3600.0 {
                        found = Fit::Nothing;
                    } else {
                        figure.low *= wanted / own;
                        figure.high *= wanted / own;
                        figure.scale *= wanted / own;
                    }
                }
                found
            })
            .collect()
    }
}

/// The tokens around a figure, up to a comma or another figure.
fn beside(tokens: &[Token], own: std::ops::Range<usize>) -> &[Token] {
    let ends = |token: &Token| token.is_sign(',') || token.is_sign(';') || token.number().is_some();
    let start = tokens[..own.start]
        .iter()
        .rposition(|token| token.is_sign(';') || token.is("and") || token.number().is_some());
    let end = tokens[own.end..].iter().position(ends).map_or(tokens.len(), |at| own.end + at);
    &tokens[start.map_or(0, |at| at + 1)..end]
}
