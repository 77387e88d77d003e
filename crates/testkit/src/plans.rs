//! Plans of any size in the shapes the product reads, and the same plans in the words of the
//! programs it is measured against. The same seed makes the same bytes, always.

use std::fmt::Write;

/// A plan to measure with: tasks that take hours and need earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The tasks, in an order that puts needs first.
    pub tasks: Vec<SampleTask>,
}

/// One task of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleTask {
    /// Its key, `T-00017`.
    pub key: String,
    /// What it is about, a few plain words.
    pub title: String,
    /// Who answers for it.
    pub owner: &'static str,
    /// `P0` to `P3`.
    pub priority: &'static str,
    /// How long it takes.
    pub hours: u32,
    /// Which earlier tasks it needs, by place.
    pub needs: Vec<usize>,
}

const VERBS: [&str; 8] = ["Build", "Check", "Describe", "Measure", "Mend", "Move", "Review", "Write"];
const THINGS: [&str; 8] = [
    "the importer",
    "the ledger",
    "the release notes",
    "the login page",
    "the backups",
    "the search",
    "the meter",
    "the export",
];
const WHERE: [&str; 8] = [
    "in the north region",
    "for the pilot",
    "before the audit",
    "on the new host",
    "with the old data",
    "behind the switch",
    "for all tenants",
    "under load",
];
const OWNERS: [&str; 6] = ["platform", "security", "data", "support", "design", "release"];
const PRIORITIES: [&str; 4] = ["P0", "P1", "P2", "P3"];

/// A plan of so many tasks. Each needs up to three of the sixty before it, so chains grow long
/// and many tasks are ready at once.
pub fn sample(count: usize, seed: u64) -> Sample {
    let mut dice = Dice(seed);
    let width = count.to_string().len().max(3);
    let task = |place: usize| SampleTask {
        key: format!("T-{:0width$}", place + 1),
        title: format!("{} {} {}", dice.one_of(&VERBS), dice.one_of(&THINGS), dice.one_of(&WHERE)),
        owner: dice.one_of(&OWNERS),
        priority: dice.one_of(&PRIORITIES),
        hours: 1 + dice.below(40) as u32,
        needs: needs(&mut dice, place),
    };
    Sample { tasks: (0..count).map(task).collect() }
}

fn needs(dice: &mut Dice, place: usize) -> Vec<usize> {
    let reach = place.min(60);
    let wanted = dice.below(4).min(reach);
    let mut needs: Vec<usize> = (0..wanted).map(|_| place - 1 - dice.below(reach)).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

impl Sample {
    /// As a Markdown plan with one task table for each five hundred tasks, eight hours to the day.
    pub fn markdown_tables(&self) -> String {
        let mut text = String::from("# Sample plan\n");
        for (part, tasks) in self.tasks.chunks(500).enumerate() {
            let _ = write!(
                text,
                "\n## Part {}\n\n| Task ID | Description | Owner | Estimate | Prereqs | Priority |\n|---|---|---|---|---|---|\n",
                part + 1
            );
            for task in tasks {
                let days = f64::from(task.hours) / 8.0;
                let needs =
                    if task.needs.is_empty() { "None".to_owned() } else { self.keys(&task.needs, ", ") };
                let SampleTask { key, title, owner, priority, .. } = task;
                let _ = writeln!(text, "| {key} | {title} | {owner} | {days} days | {needs} | {priority} |");
            }
        }
        text
    }

    /// As a Markdown plan of checklists, one section for each hundred tasks.
    pub fn markdown_checklists(&self) -> String {
        let mut text = String::from("# Sample plan\n");
        for (part, tasks) in self.tasks.chunks(100).enumerate() {
            let _ = write!(text, "\n## Part {}\n\n", part + 1);
            for SampleTask { key, title, owner, priority, .. } in tasks {
                let _ = writeln!(
                    text,
                    "- [ ] {key}: {title} ({priority}, owner {owner}, as agreed with the {owner} team)"
                );
            }
        }
        text
    }

    /// As TaskJuggler's own text: the same lengths as calendar time, the same needs.
    pub fn task_juggler(&self, start: &str, end: &str) -> String {
        let mut text = format!("project sample \"Sample\" {start} - {end} {{ timezone \"UTC\" }}\n");
        for SampleTask { key, title, hours, needs, .. } in &self.tasks {
            let depends = needs.iter().map(|need| format!("!{}", identifier(&self.tasks[*need].key)));
            let depends = depends.collect::<Vec<_>>().join(", ");
            let depends = if depends.is_empty() { depends } else { format!(" depends {depends}") };
            let _ = writeln!(text, "task {} \"{title}\" {{ duration {hours}h{depends} }}", identifier(key));
        }
        text.push_str("taskreport dates \"dates\" { formats csv columns id, start, end timeformat \"%Y-%m-%d-%H:%M\" loadunit hours }\n");
        text
    }

    /// As Taskwarrior's import reads it: a JSON array, each task with a uuid of its own.
    pub fn taskwarrior(&self) -> String {
        let mut text = String::from("[\n");
        for (place, SampleTask { title, owner, needs, key, .. }) in self.tasks.iter().enumerate() {
            let depends = needs.iter().map(|need| uuid(*need)).collect::<Vec<_>>().join(",");
            let depends = if depends.is_empty() { depends } else { format!(",\"depends\":\"{depends}\"") };
            let comma = if place + 1 < self.tasks.len() { "," } else { "" };
            let _ = writeln!(
                text,
                "{{\"uuid\":\"{}\",\"status\":\"pending\",\"entry\":\"20260105T080000Z\",\"description\":\"{key} {title}\",\"project\":\"{owner}\"{depends}}}{comma}",
                uuid(place)
            );
        }
        text.push_str("]\n");
        text
    }

    /// As lines `key hours need need …`, the shape the critical-path example reads.
    pub fn network(&self) -> String {
        let mut text = String::new();
        for task in &self.tasks {
            let _ = writeln!(text, "{} {} {}", task.key, task.hours, self.keys(&task.needs, " "));
        }
        text
    }

    fn keys(&self, places: &[usize], between: &str) -> String {
        places.iter().map(|place| self.tasks[*place].key.as_str()).collect::<Vec<_>>().join(between)
    }
}

/// A key as TaskJuggler wants identifiers.
pub fn identifier(key: &str) -> String {
    key.replace('-', "_")
}

/// The uuid a task of a sample has in Taskwarrior.
pub fn uuid(place: usize) -> String {
    format!("00000000-0000-4000-8000-{place:012x}")
}

/// SplitMix64: small, well spread, and the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_plan() {
        assert_eq!(sample(500, 7), sample(500, 7));
        assert_ne!(sample(500, 7), sample(500, 8));
    }

    #[test]
    fn needs_point_backwards_and_some_tasks_have_none() {
        let Sample { tasks } = sample(1000, 1);
        assert!(tasks.iter().enumerate().all(|(place, task)| task.needs.iter().all(|need| *need < place)));
        let free = tasks.iter().filter(|task| task.needs.is_empty()).count();
        assert!((200..400).contains(&free), "{free}");
    }

    #[test]
    fn a_hundred_thousand_boxes_are_about_ten_megabytes() {
        let text = sample(100_000, 1).markdown_checklists();
        assert_eq!(text.lines().filter(|line| line.starts_with("- [ ] T-")).count(), 100_000);
        assert!((9_000_000..11_000_000).contains(&text.len()), "{}", text.len());
    }

    #[test]
    fn every_shape_holds_every_task() {
        let plan = sample(600, 3);
        assert_eq!(plan.markdown_tables().matches("\n| T-").count(), 600);
        assert_eq!(plan.task_juggler("2026-01-05", "2030-01-05").matches("\ntask T_").count(), 600);
        assert_eq!(plan.taskwarrior().matches("\"uuid\"").count(), 600);
        assert_eq!(plan.network().lines().count(), 600);
    }
}
