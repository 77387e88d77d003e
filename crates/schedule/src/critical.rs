//! The critical path: when each task can start, when it must, and which chain sets the end.

use crate::Length;
use crate::network::{Cycle, Dependants, Node, known, order};

/// When one task may and must happen, counted from the start of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// When it can start at the earliest: its needs are then finished.
    pub earliest_start: Length,
    /// When it can be finished at the earliest.
    pub earliest_finish: Length,
    /// When it must start at the latest, or the plan takes longer.
    pub latest_start: Length,
    /// When it must be finished at the latest.
    pub latest_finish: Length,
}

impl Times {
    /// How long it may slip without moving the end of the plan.
    pub fn slack(&self) -> Length {
        self.latest_start - self.earliest_start
    }

    /// Whether any slip moves the end of the plan.
    pub fn is_critical(&self) -> bool {
        self.slack().is_zero()
    }
}

/// How long a plan takes and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CriticalPath {
    /// One entry for each task, in the order given.
    pub times: Vec<Times>,
    /// One longest chain from start to end, each task needing the one before it. Where several
    /// are as long, the one through the lowest indices, looked at from the end.
    pub path: Vec<usize>,
    /// How long the plan takes if everything starts as early as it can.
    pub total: Length,
}

/// Computes when everything can and must happen; a plan that waits for itself has no answer.
pub fn critical_path(nodes: &[Node]) -> Result<CriticalPath, Cycle> {
    let order = order(nodes)?;
    let mut times = vec![Times::default(); nodes.len()];
    for &index in &order {
        let start = finish_of_needs(nodes, &times, index);
        times[index].earliest_start = start;
        times[index].earliest_finish = start + nodes[index].length;
    }
    let total = times.iter().map(|times| times.earliest_finish).max().unwrap_or_default();
    let dependants = Dependants::of(nodes);
    for &index in order.iter().rev() {
        let next = dependants.on(index).iter().map(|&dependant| times[dependant].latest_start).min();
        let finish = next.unwrap_or(total);
        times[index].latest_finish = finish;
        times[index].latest_start = finish - nodes[index].length;
    }
    let path = longest_chain(nodes, &times, total);
    Ok(CriticalPath { times, path, total })
}

fn finish_of_needs(nodes: &[Node], times: &[Times], index: usize) -> Length {
    known(&nodes[index], nodes.len()).map(|need| times[need].earliest_finish).max().unwrap_or_default()
}

/// Walks back from the task that finishes last, each time to the need that set its start.
fn longest_chain(nodes: &[Node], times: &[Times], total: Length) -> Vec<usize> {
    let last = (0..nodes.len()).find(|&index| times[index].earliest_finish == total);
    let mut path: Vec<usize> = last.into_iter().collect();
    while let Some(&index) = path.last() {
        let start = times[index].earliest_start;
        let before =
            known(&nodes[index], nodes.len()).filter(|&need| times[need].earliest_finish == start).min();
        match before {
            Some(need) => path.push(need),
            None => break,
        }
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(nodes: &[(f64, &[usize])]) -> Vec<Node> {
        nodes.iter().map(|(days, needs)| Node::new(Length::from_days(*days), *needs)).collect()
    }

    #[test]
    fn a_document_that_says_more_than_its_numbers_is_found_out() {
        // Three in parallel, the fourth waits for the third: 2.4 days, whatever the prose says.
        let nodes = days(&[(2.4, &[]), (1.0, &[]), (1.2, &[]), (0.8, &[2])]);
        let plan = critical_path(&nodes).expect("no cycle");
        assert_eq!(plan.total.days(), 2.4);
        assert_eq!(plan.path, [0]);
        assert_eq!(plan.times[2].slack(), Length::from_days(0.4));
        assert!(plan.times[0].is_critical() && !plan.times[3].is_critical());
    }

    #[test]
    fn the_path_is_a_chain_that_adds_up_to_the_total() {
        let nodes = days(&[(0.1, &[]), (0.2, &[0]), (0.3, &[0, 1]), (0.4, &[]), (0.0, &[2, 3])]);
        let plan = critical_path(&nodes).expect("no cycle");
        assert_eq!((plan.total.days(), plan.path.as_slice()), (0.6, [0, 1, 2].as_slice()));
        assert_eq!(plan.times[3].latest_start, Length::from_days(0.2));
    }

    #[test]
    fn nothing_takes_no_time() {
        assert_eq!(critical_path(&[]), Ok(CriticalPath::default()));
    }

    #[test]
    fn a_plan_that_waits_for_itself_has_no_length() {
        assert_eq!(critical_path(&days(&[(1.0, &[1]), (1.0, &[0])])).map_err(|c| c.path), Err(vec![0, 1]));
    }

    #[test]
    fn a_hundred_thousand_in_a_row_fit_in_a_small_stack() {
        let chain: Vec<Node> = (0..100_000usize)
            .map(|index| Node::new(Length::from_days(0.1), Vec::from_iter(index.checked_sub(1))))
            .collect();
        let plan = critical_path(&chain).expect("no cycle");
        assert_eq!((plan.total.days(), plan.path.len()), (10_000.0, 100_000));
    }
}
