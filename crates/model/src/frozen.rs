//! A plan as a snapshot keeps it, and back. What every command needs of all tasks, which are there and
//! what they are called, stands in front; the tasks themselves lie behind it in groups that are taken
//! apart when somebody first looks at one of them. A command that moves one task of a thousand reads
//! few of the others.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{Key, TaskId};
use crate::index::Index;
use crate::plan::Plan;
use crate::tasks::Tasks;

/// What is known of a task before it is looked at.
#[derive(Serialize, Deserialize)]
struct Line {
    id: TaskId,
    key: Key,
    is_leased: bool,
    has_checks: bool,
}

impl Plan {
    /// The plan in the compact form of this version.
    pub fn freeze(&self) -> Result<Vec<u8>, postcard::Error> {
        let leased = self.index.leased(&self.tasks);
        let guarded: HashSet<TaskId> = self.guarded().map(|task| task.id).collect();
        let line = |(place, (id, key)): (usize, &(TaskId, Key))| {
            let is_leased = u32::try_from(place).is_ok_and(|place| leased.contains(&place));
            Line { id: *id, key: key.clone(), is_leased, has_checks: guarded.contains(id) }
        };
        let lines: Vec<Line> = self.index.lines().iter().enumerate().map(line).collect();
        let mut head = self.clone();
        (head.tasks, head.index) = (Tasks::default(), Index::default());
        let groups = self.tasks.pack()?;
        let length = |group: &Cow<'_, [u8]>| u32::try_from(group.len());
        let lengths: Vec<u32> = groups
            .iter()
            .map(length)
            .collect::<Result<_, _>>()
            .map_err(|_| postcard::Error::SerializeBufferFull)?;
        let mut bytes = postcard::to_allocvec(&(head, lines, lengths))?;
        groups.iter().for_each(|group| bytes.extend_from_slice(group));
        Ok(bytes)
    }

    /// The plan again; nothing where the bytes are not what [`Plan::freeze`] gives. Whether they are those
    /// it gave, whoever keeps them makes sure.
    pub fn thaw(bytes: Vec<u8>) -> Option<Self> {
        let (head, rest) = postcard::take_from_bytes::<(Self, Vec<Line>, Vec<u32>)>(&bytes).ok()?;
        let (mut plan, lines, lengths) = head;
        let behind = bytes.len() - rest.len();
        plan.tasks = Tasks::packed(Arc::new(bytes), behind, &lengths, lines.len())?;
        let those = |wanted: fn(&Line) -> bool| {
            let those = lines.iter().enumerate().filter(move |(_, line)| wanted(line));
            those.filter_map(|(place, _)| u32::try_from(place).ok()).collect()
        };
        let (leased, guarded) = (those(|line| line.is_leased), those(|line| line.has_checks));
        plan.index = Index::of_lines(lines.into_iter().map(|line| (line.id, line.key)), leased, guarded);
        Some(plan)
    }

    /// Whether what is known of the tasks before they are looked at is what they are: a snapshot tells it,
    /// and two plans are equal without it.
    pub fn knows_its_tasks(&self) -> bool {
        let (lines, leased, guarded) =
            (self.index.lines(), self.index.leased(&self.tasks), self.index.guarded());
        let is_so = |(place, (id, key)): (u32, &(TaskId, Key))| {
            self.tasks.get(place as usize).is_some_and(|task| {
                (task.id, &task.key) == (*id, key)
                    && task.lease().is_some() == leased.contains(&place)
                    && (!task.has_checks() || guarded.is_none_or(|guarded| guarded.contains(&place)))
            })
        };
        lines.len() == self.tasks.len() && (0..).zip(lines).all(is_so)
    }
}
