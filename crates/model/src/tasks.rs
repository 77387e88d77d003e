//! The tasks of a plan. Copies of a plan share the tasks that neither changed: whoever keeps a plan as
//! it was while it goes on pays for what changes, not for its size.

use std::fmt;
use std::ops::{Index, IndexMut, Range};
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::task::Task;

/// So many tasks are shared or copied as one.
const TOGETHER: usize = 32;

/// The tasks of a plan, in the plan's order. Tasks are added at the end and never taken out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tasks {
    /// All but the last hold [`TOGETHER`] tasks.
    groups: Vec<Arc<Vec<Task>>>,
    len: usize,
}

impl Tasks {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { tasks: self, places: 0..self.len }
    }

    /// The task at a place.
    pub fn get(&self, place: usize) -> Option<&Task> {
        self.groups.get(place / TOGETHER)?.get(place % TOGETHER)
    }

    /// The first one.
    pub fn first(&self) -> Option<&Task> {
        self.get(0)
    }

    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut Task> {
        let group = self.groups.get_mut(place / TOGETHER)?;
        Arc::make_mut(group).get_mut(place % TOGETHER)
    }

    pub(crate) fn push(&mut self, task: Task) {
        match self.groups.last_mut() {
            Some(last) if last.len() < TOGETHER => Arc::make_mut(last).push(task),
            // The first ones grow as they need: most plans are small.
            None => self.groups.push(Arc::new(vec![task])),
            Some(_) => {
                let mut group = Vec::with_capacity(TOGETHER);
                group.push(task);
                self.groups.push(Arc::new(group));
            }
        }
        self.len += 1;
    }
}

impl Index<usize> for Tasks {
    type Output = Task;

    fn index(&self, place: usize) -> &Task {
        &self.groups[place / TOGETHER][place % TOGETHER]
    }
}

impl IndexMut<usize> for Tasks {
    fn index_mut(&mut self, place: usize) -> &mut Task {
        &mut Arc::make_mut(&mut self.groups[place / TOGETHER])[place % TOGETHER]
    }
}

impl<'t> IntoIterator for &'t Tasks {
    type Item = &'t Task;
    type IntoIter = Iter<'t>;

    fn into_iter(self) -> Iter<'t> {
        self.iter()
    }
}

/// The tasks of a plan, one after the other.
#[derive(Debug, Clone)]
pub struct Iter<'t> {
    tasks: &'t Tasks,
    places: Range<usize>,
}

impl<'t> Iterator for Iter<'t> {
    type Item = &'t Task;

    fn next(&mut self) -> Option<&'t Task> {
        self.places.next().map(|place| &self.tasks[place])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.places.next_back().map(|place| &self.tasks[place])
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl Serialize for Tasks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de> Deserialize<'de> for Tasks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Tasks;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of tasks")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tasks, A::Error> {
                let mut tasks = Tasks::default();
                while let Some(task) = list.next_element()? {
                    tasks.push(task);
                }
                Ok(tasks)
            }
        }

        deserializer.deserialize_seq(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::TaskKind;
    use crate::gate::Gate;
    use crate::ids::{Fence, Key, TaskId};
    use crate::task::{Assertion, TaskState};

    fn task(number: usize) -> Task {
        Task {
            id: TaskId::from_bits(number as u128),
            key: Key::new(&format!("T-{number}")).unwrap(),
            kind: TaskKind::Task,
            title: String::new(),
            phase: None,
            parent: None,
            needs: Default::default(),
            gate: Gate::default(),
            state: TaskState::Open,
            fence: Fence(0),
            attempt: 1,
            facts: Default::default(),
            asserted: Assertion::default(),
            obstacles: Default::default(),
            flags: Default::default(),
            notes: Default::default(),
            attachments: Default::default(),
            effort: None,
            line: 0,
        }
    }

    fn some(count: usize) -> Tasks {
        let mut tasks = Tasks::default();
        for place in 0..count {
            tasks.push(task(place));
        }
        tasks
    }

    #[test]
    fn they_stand_in_the_order_they_were_added_in() {
        for count in [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER + 7] {
            let tasks = some(count);
            assert_eq!((tasks.len(), tasks.is_empty()), (count, count == 0));
            let keys: Vec<_> = tasks.iter().map(|task| task.key.to_string()).collect();
            assert_eq!(keys, (0..count).map(|place| format!("T-{place}")).collect::<Vec<_>>());
            let back: Vec<_> = tasks.iter().rev().map(|task| task.key.to_string()).collect();
            assert!(back.iter().eq(keys.iter().rev()));
            assert!(tasks.get(count).is_none());
        }
    }

    #[test]
    fn a_change_shows_in_one_copy_and_the_others_share_the_rest() {
        let before = some(3 * TOGETHER);
        let mut after = before.clone();
        after[TOGETHER + 1].title = "changed".to_owned();
        after.push(before[0].clone());
        assert_eq!(before[TOGETHER + 1].title, "");
        assert_eq!(after[TOGETHER + 1].title, "changed");
        let shared = |group: usize| Arc::ptr_eq(&before.groups[group], &after.groups[group]);
        assert_eq!([shared(0), shared(1), shared(2)], [true, false, true]);
    }
}
