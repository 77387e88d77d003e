//! Work told out of the order the plan demands.

use std::collections::{HashMap, HashSet};

use model::diagnostic::Span;

use crate::statements::order::{Moment, Order, Relation, moments, orders};
use crate::statements::standings::{State, Who};
use crate::statements::vocabulary::ByNumber;

use super::{Case, refutation};

/// So many tasks a chain of needs is followed through.
const MOST_STEPS: usize = 10_000;

/// Which tasks need which, through others too.
pub(super) struct Needs {
    direct: ByNumber<u32, Vec<u32>>,
    /// Tasks that the plan says need nothing.
    free: HashSet<u32>,
}

impl Needs {
    /// From the tasks of all plans, numbered as [`super::Names`] does.
    pub(super) fn of(case: &Case<'_>) -> Self {
        let mut by_key: HashMap<String, u32> = HashMap::new();
        for (at, (_, task)) in case.tasks().enumerate() {
            let keys = [Some(task.key.as_str().to_owned()), super::name_of(task)];
            for key in keys.into_iter().flatten() {
                by_key.entry(key.to_lowercase()).or_insert(at as u32);
            }
        }
        let mut direct: ByNumber<u32, Vec<u32>> = ByNumber::default();
        for (at, (_, task)) in case.tasks().enumerate() {
            let needs = task.needs.iter().filter_map(|key| by_key.get(&key.as_str().to_lowercase()).copied());
            direct.entry(at as u32).or_default().extend(needs);
        }
        let mut free = HashSet::new();
        for told in case.book.needs_told(&case.titles) {
            match told.need {
                Some(need) => {
                    let needs = direct.entry(told.task).or_default();
                    if need != told.task && !needs.contains(&need) {
                        needs.push(need);
                    }
                }
                None => {
                    free.insert(told.task);
                }
            }
        }
        Self { direct, free }
    }

    /// Whether the plan says what a task needs, if only that it is nothing.
    pub(super) fn are_told(&self, task: u32) -> bool {
        self.free.contains(&task) || !self.direct(task).is_empty()
    }

    /// Whether a task needs another, directly or through others.
    pub(super) fn needs(&self, task: u32, other: u32) -> bool {
        let mut seen: ByNumber<u32, ()> = ByNumber::default();
        let mut open = vec![task];
        while let Some(next) = open.pop() {
            if seen.len() > MOST_STEPS {
                return false;
            }
            for need in self.direct.get(&next).into_iter().flatten() {
                if *need == other {
                    return true;
                }
                if seen.insert(*need, ()).is_none() {
                    open.push(*need);
                }
            }
        }
        false
    }

    /// What a task needs by the plan's own words.
    pub(super) fn direct(&self, task: u32) -> &[u32] {
        self.direct.get(&task).map_or(&[], Vec::as_slice)
    }

    fn pairs(&self) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> =
            self.direct.iter().flat_map(|(task, needs)| needs.iter().map(|need| (*task, *need))).collect();
        pairs.sort_unstable();
        pairs
    }
}

pub(super) fn judge(case: &mut Case<'_>) {
    let needs = &*case.needs();
    for order in orders(case.report, &case.titles) {
        in_words(case, needs, &order);
    }
    let moments = moments(case.report, &case.titles);
    for (task, need) in needs.pairs() {
        by_date(case, &moments, task, need);
        by_state(case, task, need);
    }
    ends_before_it_begins(case, &moments);
}

fn in_words(case: &mut Case<'_>, needs: &Needs, order: &Order) {
    let Order { first, second, relation, span } = *order;
    let wrong = match relation {
        Relation::Before => needs.needs(first, second).then_some((first, second)),
        Relation::Beside if needs.needs(first, second) => Some((first, second)),
        Relation::Beside => needs.needs(second, first).then_some((second, first)),
    };
    let Some((task, need)) = wrong else {
        if needs.needs(second, first) {
            case.held_more += 1;
        } else {
            case.unheld_more += 1;
        }
        return;
    };
    if !case.ordered.insert((task, need, span.start)) {
        return;
    }
    let (task, need, place) = (case.key(task), case.key(need), case.task_place(task));
    let said = match relation {
        Relation::Before => format!("`{task}` is said to come before `{need}`"),
        Relation::Beside => format!("`{task}` is said to run beside `{need}`"),
    };
    case.tell(
        refutation("report/order", span, format!("{said}, which it needs done first ({place})"))
            .help("say in which order the work was done, or change the plan's dependencies"),
    );
}

fn by_date(case: &mut Case<'_>, moments: &[Moment], task: u32, need: u32) {
    let of = |task: u32, began: bool| {
        moments.iter().filter(move |moment| moment.task == task && moment.began == began)
    };
    let ends: Vec<&Moment> = of(need, false).collect();
    // What has not begun has not ended either.
    let ends = if ends.is_empty() { of(need, true).collect() } else { ends };
    let begins: Vec<&Moment> = of(task, true).collect();
    let starts = if begins.is_empty() { of(task, false).collect() } else { begins };
    for start in starts {
        for end in &ends {
            match start.when.is_before(end.when) {
                Some(true) if case.ordered.insert((task, need, start.span.start)) => {
                    let word = |moment: &Moment| if moment.began { "began" } else { "ended" };
                    let message = format!(
                        "`{}` {} {} and needs `{}`, which {} {} ({})",
                        case.key(task),
                        word(start),
                        case.slice(start.span),
                        case.key(need),
                        word(end),
                        case.slice(end.span),
                        case.task_place(task)
                    );
                    let found = refutation("report/order", start.span, message)
                        .also(end.span, "when what it needs was worked on")
                        .help("say when the work was done, or change the plan's dependencies");
                    case.tell(found);
                }
                Some(false) => case.held_more += 1,
                _ => {}
            }
        }
    }
}

/// A task that is done, or begun, while the report has what it needs as open.
fn by_state(case: &mut Case<'_>, task: u32, need: u32) {
    let state = |who: u32| {
        let mut found = case.standings.iter().filter(move |one| one.who == Who::Task(who));
        let first = found.next()?;
        // Where a report says two things of one task, neither is taken.
        found.all(|other| is_done(other.state) == is_done(first.state)).then_some(first)
    };
    let (Some(own), Some(other)) = (state(task), state(need)) else { return };
    let wrong = matches!(own.state, State::Done | State::Verified | State::Active) && !is_done(other.state);
    if !wrong {
        return;
    }
    let (span, also) = (own.span, other.span);
    if case.ordered.iter().any(|(one, two, _)| (*one, *two) == (task, need))
        || !case.ordered.insert((task, need, span.start))
    {
        return;
    }
    let said = if is_done(own.state) { "done" } else { "at work" };
    let message = format!(
        "`{}` is said to be {said}, but needs `{}`, which the report has as not done ({})",
        case.key(task),
        case.key(need),
        case.task_place(task)
    );
    case.tell(
        refutation("report/order", span, message)
            .also(also, "what it needs")
            .help("a task begins when what it needs is done; correct the state that is wrong"),
    );
}

fn is_done(state: State) -> bool {
    matches!(state, State::Done | State::Verified)
}

fn ends_before_it_begins(case: &mut Case<'_>, moments: &[Moment]) {
    for start in moments.iter().filter(|moment| moment.began) {
        for end in moments.iter().filter(|moment| !moment.began && moment.task == start.task) {
            if end.when.is_before(start.when) == Some(true) && !same_week(start, end) {
                let message = format!(
                    "`{}` is said to have ended {}, before it began {}",
                    case.key(start.task),
                    case.slice(end.span),
                    case.slice(start.span)
                );
                let span: Span = end.span;
                case.tell(
                    refutation("report/contradicts", span, message)
                        .also(start.span, "when it began")
                        .help("correct the date that is wrong"),
                );
                return;
            }
        }
    }
}

/// Weekdays begin anew each week.
fn same_week(one: &Moment, other: &Moment) -> bool {
    use crate::statements::order::When;
    matches!((one.when, other.when), (When::Weekday(_), When::Weekday(_)))
}
