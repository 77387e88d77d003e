//! Where things stand in a plan's lists. Follows from the lists, and is never stored.
//!
//! A plan of a hundred thousand tasks is loaded for every command, and most commands look for few of
//! them: only the places of tasks are known from the beginning, and the rest once somebody asks.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::gate::Subject;
use crate::ids::{CheckId, Key, TaskId};
use crate::plan::Plan;
use crate::task::Task;
use crate::tasks::Tasks;

/// So many tasks are looked for by key one by one before the places of all keys are laid out.
const KEYS_BY_HAND: u32 = 4;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Index {
    places: HashMap<TaskId, u32, BuildHasherDefault<OfIds>>,
    /// The id and the key of each task, by its place.
    lines: Vec<(TaskId, Key)>,
    keys: OnceLock<HashMap<Key, u32>>,
    keys_sought: AtomicU32,
    checks: OnceLock<HashMap<CheckId, Subject>>,
    dependants: OnceLock<HashMap<TaskId, Vec<TaskId>>>,
    /// Tasks under a lease: few of many, and asked for at every turn.
    leased: OnceLock<BTreeSet<u32>>,
    /// Tasks that may have checks, where that is known: all others have none.
    guarded: Option<BTreeSet<u32>>,
}

impl Index {
    /// The index of tasks that nobody has looked at yet, given those under a lease and those that may
    /// have checks.
    pub(crate) fn of_lines(
        lines: impl Iterator<Item = (TaskId, Key)>,
        leased: BTreeSet<u32>,
        guarded: BTreeSet<u32>,
    ) -> Self {
        let mut index = Self { leased: OnceLock::from(leased), guarded: Some(guarded), ..Self::default() };
        index.places.reserve(lines.size_hint().0);
        for (place, (id, key)) in lines.enumerate() {
            index.places.insert(id, place as u32);
            index.lines.push((id, key));
        }
        index
    }

    /// Every task's id and key, in order.
    pub(crate) fn lines(&self) -> &[(TaskId, Key)] {
        &self.lines
    }

    /// Where a task stands.
    pub(crate) fn place(&self, id: TaskId) -> Option<usize> {
        self.places.get(&id).map(|place| *place as usize)
    }

    /// Where the task with a key stands. A key belongs to who got it last: rulings give it out again
    /// only after it was given up.
    pub(crate) fn place_of_key(&self, key: &Key) -> Option<usize> {
        let laid_out = self.keys.get();
        if laid_out.is_none() && self.keys_sought.fetch_add(1, Ordering::Relaxed) < KEYS_BY_HAND {
            return self.lines.iter().rposition(|(_, name)| name == key);
        }
        let keys = self.keys.get_or_init(|| {
            self.lines.iter().enumerate().map(|(place, (_, key))| (key.clone(), place as u32)).collect()
        });
        keys.get(key).map(|place| *place as usize)
    }

    /// What a check guards.
    pub(crate) fn subject_of(&self, plan: &Plan, check: CheckId) -> Option<Subject> {
        let checks = self.checks.get_or_init(|| {
            let gates = plan.gates_with_checks();
            gates
                .flat_map(|(subject, gate)| gate.checks.iter().map(move |check| (check.id, subject)))
                .collect()
        });
        checks.get(&check).copied()
    }

    /// The tasks that need this one.
    pub(crate) fn dependants(&self, tasks: &Tasks, id: TaskId) -> &[TaskId] {
        let all = self.dependants.get_or_init(|| {
            let mut all: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
            for task in tasks {
                for need in &task.needs {
                    all.entry(*need).or_default().push(task.id);
                }
            }
            all
        });
        all.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Where the tasks under a lease stand, in order.
    pub(crate) fn leased(&self, tasks: &Tasks) -> &BTreeSet<u32> {
        self.leased.get_or_init(|| {
            let leased = tasks.iter().enumerate().filter(|(_, task)| task.lease().is_some());
            leased.map(|(place, _)| place as u32).collect()
        })
    }

    /// Notes whether a task is under a lease.
    pub(crate) fn lease(&mut self, place: usize, is_leased: bool) {
        let Some(leased) = self.leased.get_mut() else { return };
        if is_leased {
            leased.insert(place as u32);
        } else {
            leased.remove(&(place as u32));
        }
    }

    /// Where the tasks stand that may have checks, in order; nothing where any of them may.
    pub(crate) fn guarded(&self) -> Option<&BTreeSet<u32>> {
        self.guarded.as_ref()
    }

    /// Notes a task that is about to stand there.
    pub(crate) fn add(&mut self, place: usize, task: &Task) {
        self.places.insert(task.id, place as u32);
        self.lines.push((task.id, task.key.clone()));
        if let Some(keys) = self.keys.get_mut() {
            keys.insert(task.key.clone(), place as u32);
        }
        if let Some(guarded) = self.guarded.as_mut().filter(|_| task.has_checks()) {
            guarded.insert(place as u32);
        }
        self.rewire(task.id, &[], &task.needs);
    }

    /// Notes what a new check guards.
    pub(crate) fn add_check(&mut self, check: CheckId, subject: Subject) {
        if let Subject::Task(id) = subject
            && let Some(place) = self.places.get(&id)
            && let Some(guarded) = &mut self.guarded
        {
            guarded.insert(*place);
        }
        if let Some(checks) = self.checks.get_mut() {
            checks.insert(check, subject);
        }
    }

    /// Notes that a task has another key.
    pub(crate) fn rekey(&mut self, place: usize, old: &Key, new: Key) {
        if let Some((_, key)) = self.lines.get_mut(place) {
            key.clone_from(&new);
        }
        let Some(keys) = self.keys.get_mut() else { return };
        if keys.get(old) == Some(&(place as u32)) {
            keys.remove(old);
        }
        keys.insert(new, place as u32);
    }

    /// Notes that a task needs others than before.
    pub(crate) fn rewire(&mut self, task: TaskId, old: &[TaskId], new: &[TaskId]) {
        let Some(dependants) = self.dependants.get_mut() else { return };
        for need in old {
            if let Some(list) = dependants.get_mut(need) {
                list.retain(|dependant| *dependant != task);
            }
        }
        for need in new {
            dependants.entry(*need).or_default().push(task);
        }
    }
}

impl Clone for Index {
    fn clone(&self) -> Self {
        Self {
            places: self.places.clone(),
            lines: self.lines.clone(),
            keys: self.keys.clone(),
            keys_sought: AtomicU32::new(self.keys_sought.load(Ordering::Relaxed)),
            checks: self.checks.clone(),
            dependants: self.dependants.clone(),
            leased: self.leased.clone(),
            guarded: self.guarded.clone(),
        }
    }
}

// Two plans are equal when what they say is; the index follows from that.
impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Hashes ids, which are made at random already.
#[derive(Debug, Default)]
struct OfIds(u64);

impl Hasher for OfIds {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, bits: u64) {
        let mixed = (self.0.rotate_left(29) ^ bits).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn write_u128(&mut self, bits: u128) {
        self.write_u64((bits >> 64) as u64);
        self.write_u64(bits as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_kind_fall_apart() {
        use std::hash::BuildHasher as _;
        let hash = |bits: u128| BuildHasherDefault::<OfIds>::default().hash_one(TaskId::from_bits(bits));
        for step in [1, 1 << 32, 1 << 64, 1 << 80, (1 << 64) + 1] {
            let hashes = (0..10_000).map(|n: u128| hash(n * step));
            let low: std::collections::HashSet<u64> = hashes.map(|hash| hash & 0xFFFF).collect();
            assert!(low.len() > 8_000, "{} of 10000 apart by {step:x}", low.len());
        }
    }
}
