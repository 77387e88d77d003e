//! The clever computation against the plain one, on random networks.

use proptest::prelude::*;
use schedule::{CriticalPath, Cycle, Length, Node, critical_path, cycles, order, ready};

/// Networks in which some needs point backwards only, and some anywhere.
fn networks(any_direction: bool) -> impl Strategy<Value = Vec<Node>> {
    (1usize..24).prop_flat_map(move |count| {
        let needs = proptest::collection::vec(0usize..count + 1, 0..4);
        proptest::collection::vec((0u64..50, needs), count).prop_map(move |rows| {
            let node = |(index, (tenths, needs)): (usize, (u64, Vec<usize>))| {
                let kept =
                    needs.into_iter().filter(|need| any_direction || *need < index).collect::<Vec<_>>();
                Node::new(Length::from_days(tenths as f64 / 10.0), kept)
            };
            rows.into_iter().enumerate().map(node).collect()
        })
    })
}

/// The longest way to the end of a task, by trying them all.
fn longest_to(nodes: &[Node], index: usize) -> Length {
    let needs = nodes[index].needs.iter().filter(|need| **need < nodes.len());
    nodes[index].length + needs.map(|need| longest_to(nodes, *need)).max().unwrap_or_default()
}

/// The longest way from the start of a task to the end of the plan, by trying them all.
fn longest_from(nodes: &[Node], index: usize) -> Length {
    let dependants = (0..nodes.len()).filter(|other| nodes[*other].needs.contains(&index));
    nodes[index].length + dependants.map(|other| longest_from(nodes, other)).max().unwrap_or_default()
}

/// Whether a task can be reached from itself, by walking everywhere.
fn waits_for_itself(nodes: &[Node], start: usize) -> bool {
    let (mut seen, mut stack) = (vec![false; nodes.len()], vec![start]);
    while let Some(index) = stack.pop() {
        for &need in nodes[index].needs.iter().filter(|need| **need < nodes.len()) {
            if need == start {
                return true;
            }
            if !std::mem::replace(&mut seen[need], true) {
                stack.push(need);
            }
        }
    }
    false
}

fn is_chain(nodes: &[Node], path: &[usize]) -> bool {
    path.windows(2).all(|pair| nodes[pair[1]].needs.contains(&pair[0]))
}

fn is_cycle(nodes: &[Node], cycle: &Cycle) -> bool {
    let path = &cycle.path;
    let each =
        (0..path.len()).all(|place| nodes[path[place]].needs.contains(&path[(place + 1) % path.len()]));
    let mut once = path.clone();
    once.sort_unstable();
    once.dedup();
    each && once.len() == path.len() && path.first() == once.first()
}

proptest! {
    #[test]
    fn it_agrees_with_trying_every_path(nodes in networks(false)) {
        let CriticalPath { times, path, total } = critical_path(&nodes).expect("needs point backwards");
        let longest = (0..nodes.len()).map(|index| longest_to(&nodes, index)).max().unwrap_or_default();
        prop_assert_eq!(total, longest);
        for (index, times) in times.iter().enumerate() {
            prop_assert_eq!(times.earliest_finish, longest_to(&nodes, index));
            prop_assert_eq!(times.latest_start, total - longest_from(&nodes, index));
            prop_assert_eq!(times.earliest_finish - times.earliest_start, nodes[index].length);
            prop_assert_eq!(times.latest_finish - times.latest_start, nodes[index].length);
        }
        prop_assert!(is_chain(&nodes, &path));
        prop_assert_eq!(path.iter().map(|index| nodes[*index].length).sum::<Length>(), total);
        prop_assert!(path.iter().all(|index| times[*index].is_critical()));
    }

    #[test]
    fn cycles_are_real_and_none_is_missed(nodes in networks(true)) {
        let found = cycles(&nodes);
        prop_assert!(found.iter().all(|cycle| is_cycle(&nodes, cycle)));
        let knotted = (0..nodes.len()).any(|index| waits_for_itself(&nodes, index));
        prop_assert_eq!(knotted, !found.is_empty());
        match order(&nodes) {
            Err(cycle) => prop_assert_eq!(Some(&cycle), found.first()),
            Ok(order) => {
                let mut place = vec![0; nodes.len()];
                order.iter().enumerate().for_each(|(at, index)| place[*index] = at);
                for (index, node) in nodes.iter().enumerate() {
                    let before = |need: &usize| *need >= nodes.len() || place[*need] < place[index];
                    prop_assert!(node.needs.iter().all(before));
                }
            }
        }
    }

    #[test]
    fn doing_what_is_ready_finishes_every_plan_without_a_cycle(nodes in networks(false)) {
        let mut done = vec![false; nodes.len()];
        loop {
            let next = ready(&nodes, |index| done[index]);
            if next.is_empty() {
                break;
            }
            next.into_iter().for_each(|index| done[index] = true);
        }
        prop_assert!(done.into_iter().all(|done| done));
    }
}
