//! Who needs whom: order, cycles, what is ready.
//!
//! Everything here walks with its own stack, so that a chain of a hundred thousand tasks is as
//! good as one of three.

use std::collections::VecDeque;

use crate::Length;

/// One task: how long it takes and which others must be finished first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// How long it takes.
    pub length: Length,
    /// Indices of the tasks it needs. One outside the slice stands for a task nobody knows: it
    /// adds no time, and is never done.
    pub needs: Vec<usize>,
}

impl Node {
    /// A task of that length with those needs.
    pub fn new(length: Length, needs: impl Into<Vec<usize>>) -> Self {
        Self { length, needs: needs.into() }
    }
}

/// Tasks that wait for each other: each needs the next, and the last needs the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// Begins with the lowest index on the cycle and names each task once.
    pub path: Vec<usize>,
}

/// The tasks in an order that puts each one after everything it needs; the lower index first
/// where either would do at the same depth.
pub fn order(nodes: &[Node]) -> Result<Vec<usize>, Cycle> {
    let dependants = Dependants::of(nodes);
    let mut waiting: Vec<usize> = nodes.iter().map(|node| known(node, nodes.len()).count()).collect();
    let mut free: VecDeque<usize> = (0..nodes.len()).filter(|&index| waiting[index] == 0).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(index) = free.pop_front() {
        order.push(index);
        for &dependant in dependants.on(index) {
            waiting[dependant] -= 1;
            if waiting[dependant] == 0 {
                free.push_back(dependant);
            }
        }
    }
    match cycle_unless(order.len() == nodes.len(), nodes) {
        Some(cycle) => Err(cycle),
        None => Ok(order),
    }
}

/// The first cycle, if there is one.
pub fn cycle(nodes: &[Node]) -> Option<Cycle> {
    order(nodes).err()
}

/// One shortest cycle for each knot of tasks that wait for each other, by lowest index.
///
/// Two cycles that share a task are one knot: mending the one that is named shows the other.
pub fn cycles(nodes: &[Node]) -> Vec<Cycle> {
    let knots = Knots::of(nodes);
    let mut cycles: Vec<Cycle> =
        knots.members.iter().filter_map(|members| shortest_cycle(nodes, members, &knots.knot)).collect();
    cycles.sort_by(|a, b| a.path.cmp(&b.path));
    cycles
}

/// The tasks that are not done and whose needs all are.
pub fn ready(nodes: &[Node], done: impl Fn(usize) -> bool) -> Vec<usize> {
    let met = |need: &usize| *need < nodes.len() && done(*need);
    (0..nodes.len()).filter(|&index| !done(index) && nodes[index].needs.iter().all(met)).collect()
}

/// The needs of a node that stand for a task in the slice.
pub(crate) fn known(node: &Node, count: usize) -> impl Iterator<Item = usize> {
    node.needs.iter().copied().filter(move |&need| need < count)
}

/// Who needs each task: the edges turned round, in one allocation.
pub(crate) struct Dependants {
    starts: Vec<usize>,
    dependants: Vec<usize>,
}

impl Dependants {
    pub(crate) fn of(nodes: &[Node]) -> Self {
        let mut starts = vec![0; nodes.len() + 1];
        for need in nodes.iter().flat_map(|node| known(node, nodes.len())) {
            starts[need + 1] += 1;
        }
        for index in 0..nodes.len() {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut dependants = vec![0; starts[nodes.len()]];
        for (index, node) in nodes.iter().enumerate() {
            for need in known(node, nodes.len()) {
                dependants[next[need]] = index;
                next[need] += 1;
            }
        }
        Self { starts, dependants }
    }

    pub(crate) fn on(&self, index: usize) -> &[usize] {
        &self.dependants[self.starts[index]..self.starts[index + 1]]
    }
}

fn cycle_unless(complete: bool, nodes: &[Node]) -> Option<Cycle> {
    if complete { None } else { cycles(nodes).into_iter().next() }
}

const UNSEEN: usize = usize::MAX;

/// Strongly connected components (Tarjan's algorithm with an explicit stack).
struct Knots {
    members: Vec<Vec<usize>>,
    /// Which knot each task is in.
    knot: Vec<usize>,
}

impl Knots {
    fn of(nodes: &[Node]) -> Self {
        let count = nodes.len();
        let mut found = Self { members: Vec::new(), knot: vec![UNSEEN; count] };
        let (mut seen, mut low) = (vec![UNSEEN; count], vec![UNSEEN; count]);
        let (mut clock, mut open) = (0, Vec::new());
        // A task and how many of its needs have been looked at.
        let mut walk: Vec<(usize, usize)> = Vec::new();
        for root in 0..count {
            if seen[root] != UNSEEN {
                continue;
            }
            walk.push((root, 0));
            while let Some((index, looked)) = walk.last_mut() {
                let index = *index;
                if seen[index] == UNSEEN {
                    seen[index] = clock;
                    low[index] = clock;
                    clock += 1;
                    open.push(index);
                }
                if let Some(&need) = nodes[index].needs.get(*looked) {
                    *looked += 1;
                    if need >= count {
                        continue;
                    }
                    if seen[need] == UNSEEN {
                        walk.push((need, 0));
                    } else if found.knot[need] == UNSEEN {
                        low[index] = low[index].min(seen[need]);
                    }
                    continue;
                }
                walk.pop();
                if let Some(&(parent, _)) = walk.last() {
                    low[parent] = low[parent].min(low[index]);
                }
                if low[index] == seen[index] {
                    found.close(index, &mut open);
                }
            }
        }
        found
    }

    fn close(&mut self, root: usize, open: &mut Vec<usize>) {
        let mut members = Vec::new();
        while let Some(member) = open.pop() {
            self.knot[member] = self.members.len();
            members.push(member);
            if member == root {
                break;
            }
        }
        self.members.push(members);
    }
}

/// A shortest way from the lowest task of a knot back to itself, breadth first.
fn shortest_cycle(nodes: &[Node], members: &[usize], knot: &[usize]) -> Option<Cycle> {
    let start = members.iter().copied().min()?;
    let mut came_from = std::collections::HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(index) = queue.pop_front() {
        for need in known(&nodes[index], nodes.len()).filter(|&need| knot[need] == knot[start]) {
            if need == start {
                let mut path = vec![index];
                while let Some(&before) = path.last().and_then(|last| came_from.get(last)) {
                    path.push(before);
                }
                path.reverse();
                return Some(Cycle { path });
            }
            if let std::collections::hash_map::Entry::Vacant(slot) = came_from.entry(need) {
                slot.insert(index);
                queue.push_back(need);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(needs: &[&[usize]]) -> Vec<Node> {
        needs.iter().map(|needs| Node::new(Length::DAY, *needs)).collect()
    }

    #[test]
    fn needs_come_first_and_ties_go_to_the_lower_index() {
        assert_eq!(order(&net(&[&[2], &[], &[1], &[]])), Ok(vec![1, 3, 2, 0]));
        assert_eq!(order(&[]), Ok(vec![]));
    }

    #[test]
    fn a_cycle_is_told_as_a_path_of_needs() {
        // 1 needs 3, 3 needs 2, 2 needs 1; 0 and 4 only hang on.
        let nodes = net(&[&[1], &[3], &[1], &[2, 9], &[]]);
        assert_eq!(order(&nodes), Err(Cycle { path: vec![1, 3, 2] }));
        assert_eq!(cycle(&net(&[&[0]])), Some(Cycle { path: vec![0] }));
        assert_eq!(cycle(&net(&[&[], &[0]])), None);
    }

    #[test]
    fn each_knot_is_told_once_by_its_shortest_cycle() {
        let nodes = net(&[&[1], &[0, 2], &[0], &[4], &[3], &[5]]);
        let paths: Vec<_> = cycles(&nodes).into_iter().map(|cycle| cycle.path).collect();
        assert_eq!(paths, [vec![0, 1], vec![3, 4], vec![5]]);
    }

    #[test]
    fn ready_is_what_waits_for_nothing() {
        let nodes = net(&[&[], &[0], &[1], &[9], &[0, 0]]);
        assert_eq!(ready(&nodes, |_| false), [0]);
        assert_eq!(ready(&nodes, |index| index == 0), [1, 4], "an unknown need is never done");
    }

    #[test]
    fn a_need_named_twice_counts_like_once() {
        assert_eq!(order(&net(&[&[], &[0, 0]])), Ok(vec![0, 1]));
    }

    #[test]
    fn long_chains_and_long_rings_need_no_deep_stack() {
        let count = 200_000;
        let mut nodes: Vec<Node> = (0..count)
            .map(|index| Node::new(Length::MINUTE, if index == 0 { vec![] } else { vec![index - 1] }))
            .collect();
        assert_eq!(order(&nodes).map(|order| order.len()), Ok(count));
        nodes[0].needs.push(count - 1);
        let path = cycle(&nodes).map(|cycle| cycle.path).unwrap_or_default();
        assert_eq!((path.len(), path[0], path[1]), (count, 0, count - 1));
    }
}
