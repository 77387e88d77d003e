//! The tasks of a plan. Copies of a plan share the tasks that neither changed: whoever keeps a plan as
//! it was while it goes on pays for what changes, not for its size.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Index, IndexMut, Range};
use std::sync::{Arc, OnceLock};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::task::Task;

/// So many tasks are shared or copied as one.
const TOGETHER: usize = 32;

/// The tasks of a plan, in the plan's order. Tasks are added at the end and never taken out.
#[derive(Clone, Default)]
pub struct Tasks {
    /// All but the last hold [`TOGETHER`] tasks.
    groups: Vec<Arc<Group>>,
    len: usize,
}

/// Some tasks, taken apart when somebody first looks at one of them.
#[derive(Clone)]
struct Group {
    /// As a snapshot has them; nothing once one of them was changed.
    packed: Option<Stretch>,
    tasks: OnceLock<Vec<Task>>,
}

/// Some bytes of a snapshot.
#[derive(Clone)]
struct Stretch {
    all: Arc<Vec<u8>>,
    place: Range<usize>,
}

impl Stretch {
    fn bytes(&self) -> &[u8] {
        self.all.get(self.place.clone()).unwrap_or_default()
    }
}

impl Group {
    fn of(tasks: Vec<Task>) -> Self {
        Self { packed: None, tasks: OnceLock::from(tasks) }
    }

    fn tasks(&self) -> &[Task] {
        self.tasks.get_or_init(|| {
            let packed = self.packed.as_ref().map(Stretch::bytes).unwrap_or_default();
            // Snapshots bear a checksum, and another version's are not read: these bytes are our own.
            postcard::from_bytes(packed).unwrap_or_default()
        })
    }

    /// The tasks, to be changed.
    fn to_change(self: &mut Arc<Self>) -> &mut Vec<Task> {
        let group = Arc::make_mut(self);
        group.tasks();
        group.packed = None;
        group.tasks.get_mut().expect("it was taken apart just now")
    }

    fn pack(&self) -> Result<Cow<'_, [u8]>, postcard::Error> {
        match &self.packed {
            Some(packed) => Ok(Cow::Borrowed(packed.bytes())),
            None => postcard::to_allocvec(self.tasks()).map(Cow::Owned),
        }
    }
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
        self.groups.get(place / TOGETHER)?.tasks().get(place % TOGETHER)
    }

    /// The first one.
    pub fn first(&self) -> Option<&Task> {
        self.get(0)
    }

    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut Task> {
        self.groups.get_mut(place / TOGETHER)?.to_change().get_mut(place % TOGETHER)
    }

    pub(crate) fn push(&mut self, task: Task) {
        match self.groups.last_mut() {
            Some(last) if !self.len.is_multiple_of(TOGETHER) => last.to_change().push(task),
            // The first ones grow as they need: most plans are small.
            None => self.groups.push(Arc::new(Group::of(vec![task]))),
            Some(_) => {
                let mut group = Vec::with_capacity(TOGETHER);
                group.push(task);
                self.groups.push(Arc::new(Group::of(group)));
            }
        }
        self.len += 1;
    }

    /// Each group in the compact form.
    pub(crate) fn pack(&self) -> Result<Vec<Cow<'_, [u8]>>, postcard::Error> {
        self.groups.iter().map(|group| group.pack()).collect()
    }

    /// Tasks of which a group of each of these lengths lies in some bytes, one behind the other; nothing
    /// where that cannot be so.
    pub(crate) fn packed(all: Arc<Vec<u8>>, behind: usize, lengths: &[u32], len: usize) -> Option<Self> {
        let mut at = behind;
        let mut group = |length: &u32| {
            let place = at..at.checked_add(*length as usize)?;
            at = place.end;
            let packed = Some(Stretch { all: Arc::clone(&all), place });
            Some(Arc::new(Group { packed, tasks: OnceLock::new() }))
        };
        let groups: Vec<_> = lengths.iter().map(&mut group).collect::<Option<_>>()?;
        (at == all.len() && groups.len() == len.div_ceil(TOGETHER)).then_some(Self { groups, len })
    }
}

impl Index<usize> for Tasks {
    type Output = Task;

    fn index(&self, place: usize) -> &Task {
        &self.groups[place / TOGETHER].tasks()[place % TOGETHER]
    }
}

impl IndexMut<usize> for Tasks {
    fn index_mut(&mut self, place: usize) -> &mut Task {
        &mut self.groups[place / TOGETHER].to_change()[place % TOGETHER]
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

impl PartialEq for Tasks {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other)
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

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

    fn packed_again(tasks: &Tasks) -> Tasks {
        let groups = tasks.pack().unwrap();
        let lengths: Vec<u32> = groups.iter().map(|group| group.len() as u32).collect();
        let all = [b"front".to_vec(), groups.concat()].concat();
        Tasks::packed(Arc::new(all), 5, &lengths, tasks.len()).unwrap()
    }

    #[test]
    fn they_come_back_group_by_group_as_they_are_looked_at() {
        for count in [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER + 7] {
            let (mut tasks, mut again) = (some(count), packed_again(&some(count)));
            let looked_at = |again: &Tasks| again.groups.iter().map(|g| g.tasks.get().is_some()).collect();
            assert_eq!(again.get(count), None);
            assert_eq!(again.get(count.saturating_sub(1)), tasks.get(count.saturating_sub(1)));
            let looked: Vec<bool> = looked_at(&again);
            assert_eq!(looked.iter().filter(|looked| **looked).count(), count.min(1), "{looked:?}");
            // What was not looked at is packed as it was, and changes are in it.
            for tasks in [&mut tasks, &mut again] {
                if let Some(first) = tasks.get_mut(0) {
                    first.title = "changed".to_owned();
                }
                tasks.push(task(count));
            }
            let copy = packed_again(&again);
            assert_eq!((&again, &copy), (&tasks, &tasks));
            assert_eq!((again.len(), again[count].id), (count + 1, TaskId::from_bits(count as u128)));
        }
    }

    #[test]
    fn lengths_that_cannot_be_are_none() {
        let all = Arc::new(vec![0; 9]);
        for (lengths, len) in [(&[9, 1][..], 33), (&[9], 33), (&[8], 1), (&[u32::MAX; 3], 70), (&[], 1)] {
            assert_eq!(Tasks::packed(Arc::clone(&all), 0, lengths, len), None, "{lengths:?}");
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
