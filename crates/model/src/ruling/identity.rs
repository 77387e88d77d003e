//! Identity across revisions: which thing in the new document is which in the old one.

use std::collections::HashMap;

use crate::definition::TaskDefinition;
use crate::ids::{Key, TaskId};
use crate::plan::Plan;
use crate::task::Task;

/// From this similarity on, two texts are taken for the same thing said differently.
pub(super) const SAME: f64 = 0.8;

/// Below this similarity, a title under an old key is a new thing that reuses the key.
pub(super) const OTHER: f64 = 0.25;

/// Which old task each new definition is; `None` where it is a new one.
pub(super) struct Matches {
    pub(super) old_of: Vec<Option<TaskId>>,
    /// Keys that stand before a wholly different task now.
    pub(super) reused: Vec<Key>,
}

/// Matches by key; else by exact text within the group; else by a single candidate that is
/// similar enough. A new key of the author's own moves to a task only where the text is the same.
pub(super) fn match_tasks(plan: &Plan, tasks: &[TaskDefinition]) -> Matches {
    let mut old_of: Vec<Option<TaskId>> = vec![None; tasks.len()];
    let mut taken: HashMap<TaskId, usize> = HashMap::new();
    let mut reused = Vec::new();
    for (place, task) in tasks.iter().enumerate() {
        let Some(old) = plan.task_by_key(&task.key).filter(|old| !old.is_dropped()) else { continue };
        if wholly_different(&old.title, &task.title) {
            reused.push(task.key.clone());
            continue;
        }
        if taken.insert(old.id, place).is_none() {
            old_of[place] = Some(old.id);
        }
    }
    let open: Vec<usize> = (0..tasks.len())
        .filter(|place| old_of[*place].is_none() && !reused.contains(&tasks[*place].key))
        .collect();
    if open.is_empty() {
        return Matches { old_of, reused };
    }
    let left =
        plan.tasks.iter().filter(|old| old.line > 0 && !old.is_dropped() && !taken.contains_key(&old.id));
    let mut by_title: HashMap<&str, Vec<&Task>> = HashMap::new();
    let mut by_group: HashMap<&str, Vec<&Task>> = HashMap::new();
    for old in left {
        by_title.entry(&old.title).or_default().push(old);
        by_group.entry(group_of(&old.key)).or_default().push(old);
    }
    for place in open {
        let task = &tasks[place];
        let free = |old: &&Task| !taken.contains_key(&old.id);
        let mut same = by_title.get(task.title.as_str()).into_iter().flatten().copied().filter(free);
        let found = if task.key_generated {
            let group = group_of(&task.key);
            same.find(|old| group_of(&old.key) == group).or_else(|| {
                let near = by_group.get(group).into_iter().flatten().copied().filter(free);
                only(near.filter(|old| similarity(&old.title, &task.title) >= SAME))
            })
        } else {
            // A key that some task once had is not moved to another one.
            only(same).filter(|_| plan.task_by_key(&task.key).is_none())
        };
        if let Some(old) = found {
            taken.insert(old.id, place);
            old_of[place] = Some(old.id);
        }
    }
    Matches { old_of, reused }
}

/// The one and only, where there is just one.
fn only<'a>(mut tasks: impl Iterator<Item = &'a Task>) -> Option<&'a Task> {
    tasks.next().filter(|_| tasks.next().is_none())
}

/// The group of a generated key: what stands before its last `/`.
fn group_of(key: &Key) -> &str {
    key.as_str().rsplit_once('/').map_or("", |(group, _)| group)
}

/// Whether two titles have nothing in common: then one key stands before two different things.
pub(crate) fn wholly_different(one: &str, other: &str) -> bool {
    similarity(one, other) < OTHER && !share_a_word(one, other)
}

fn share_a_word(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 3)
            .map(str::to_lowercase)
            .collect()
    };
    let theirs = words(other);
    words(one).iter().any(|word| theirs.contains(word))
}

/// How alike two texts are, from 0 to 1: the Sørensen–Dice coefficient over pairs of neighbouring
/// letters and digits, letter case aside.
pub(super) fn similarity(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| -> HashMap<(char, char), i32> {
        let letters: Vec<char> =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let mut counts = HashMap::new();
        for pair in letters.windows(2) {
            *counts.entry((pair[0], pair[1])).or_insert(0) += 1;
        }
        counts
    };
    if one == other {
        return 1.0;
    }
    let (mine, theirs) = (pairs(one), pairs(other));
    let total: i32 = mine.values().sum::<i32>() + theirs.values().sum::<i32>();
    if total == 0 {
        return 0.0;
    }
    let shared: i32 =
        mine.iter().map(|(pair, count)| (*count).min(theirs.get(pair).copied().unwrap_or(0))).sum();
    2.0 * f64::from(shared) / f64::from(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_texts_are_told_from_other_ones() {
        assert!(similarity("Update the runbooks", "Update the runbook") >= SAME);
        assert!(similarity("Update the runbooks", "Frontend contract tests") < SAME);
        assert!(similarity("Pin toolchain versions", "Write the retrospective") < OTHER);
        assert_eq!(similarity("", ""), 1.0);
    }
}
