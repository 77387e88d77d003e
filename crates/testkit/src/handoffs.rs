//! Handoffs of any size with many gates, and completion reports that speak of each: what a check of
//! a report is measured with. The same seed makes the same bytes, always.

use std::fmt::Write;

use crate::plans::Dice;

/// A handoff and what its completion report says of every gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    gates: Vec<Gate>,
    tasks: usize,
}

/// A gate of one part of the work, with what was reached and what a liar would say.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gate {
    part: String,
    measure: Measure,
    limit: u32,
    reached: u32,
    lie: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Warnings,
    Latency,
    Coverage,
    Findings,
}

const KINDS: [&str; 24] = [
    "amber", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "harbour", "indigo", "juniper", "krill",
    "lagoon", "maple", "nickel", "opal", "pepper", "quartz", "raven", "saffron", "timber", "umber", "velvet",
    "willow", "zephyr",
];
const PARTS: [&str; 24] = [
    "importer",
    "ledger",
    "parser",
    "scheduler",
    "exporter",
    "mailer",
    "planner",
    "indexer",
    "gateway",
    "archive",
    "renderer",
    "resolver",
    "courier",
    "meter",
    "router",
    "sampler",
    "tracker",
    "splitter",
    "wallet",
    "balancer",
    "printer",
    "counter",
    "merger",
    "notifier",
];

/// A handoff of so many gates.
pub fn handoff(gates: usize, seed: u64) -> Handoff {
    let mut dice = Dice::new(seed);
    let gate = |place: usize| {
        let measure = [Measure::Warnings, Measure::Latency, Measure::Coverage, Measure::Findings][place % 4];
        let (part, round) = ((place / 4) % 576, place / (4 * 576));
        let (kind, noun) = (KINDS[part % 24], PARTS[(part / 24 + part) % 24]);
        let part = if round == 0 { format!("{kind} {noun}") } else { format!("{kind} {noun} {round}") };
        let limit = 20 + dice.below(60) as u32;
        let (reached, lie) = (limit - 1 - dice.below(15) as u32, limit + 1 + dice.below(15) as u32);
        let (reached, lie) = if measure == Measure::Coverage { (lie, reached) } else { (reached, lie) };
        Gate { part, measure, limit, reached, lie }
    };
    Handoff { gates: (0..gates).map(gate).collect(), tasks: gates.div_ceil(8).max(2) }
}

impl Handoff {
    /// The handoff as its author writes it: tasks in a row, and a box for each gate.
    pub fn plan(&self) -> String {
        let mut text = String::from("# Sample handoff\n\n## Tasks\n\n");
        for task in 1..=self.tasks {
            let need = if task > 1 { format!(", waits for 7.{}", task - 1) } else { String::new() };
            let _ = writeln!(text, "- Task 7.{task}: {} (1 day, builder{need})", self.title(task));
        }
        text.push_str("\n## Success criteria\n\n");
        for Gate { part, measure, limit, .. } in &self.gates {
            let _ = match measure {
                Measure::Warnings => writeln!(text, "- [ ] Fewer than {limit} warnings in the {part}"),
                Measure::Latency => writeln!(text, "- [ ] Latency of the {part} below {limit} ms"),
                Measure::Coverage => writeln!(text, "- [ ] Coverage of the {part} at least {limit} %"),
                Measure::Findings => writeln!(text, "- [ ] At most {limit} findings in the {part}"),
            };
        }
        text
    }

    /// A report in which everything holds.
    pub fn true_report(&self) -> String {
        self.report(usize::MAX)
    }

    /// A report in which one statement in so many is false.
    pub fn report(&self, one_in: usize) -> String {
        let mut text = String::from("# Sample report\n\n**Status:** COMPLETE\n\n## Results\n\n");
        for (place, Gate { part, measure, reached, lie, .. }) in self.gates.iter().enumerate() {
            let figure = if place % one_in == one_in - 1 { lie } else { reached };
            let _ = match measure {
                Measure::Warnings => writeln!(text, "- The {part} has {figure} warnings left."),
                Measure::Latency => writeln!(text, "- Latency of the {part}: {figure} ms."),
                Measure::Coverage => writeln!(text, "- Coverage of the {part} rose to {figure} %."),
                Measure::Findings => writeln!(text, "- {figure} findings remain in the {part}."),
            };
        }
        text.push_str("\n## Timeline\n\n");
        for task in (3..=self.tasks).step_by(4) {
            let _ = writeln!(text, "- 7.{task} was begun after 7.{} was done.", task - 1);
        }
        text.push_str("\n## Next steps\n\n");
        for task in (2..=self.tasks).step_by(4) {
            let part = &self.gates[task % self.gates.len()].part;
            let _ = writeln!(text, "- Thank those who built the {part}.");
        }
        text
    }

    fn title(&self, task: usize) -> String {
        format!("Settle the {} for good", self.gates[(task * 8) % self.gates.len()].part)
    }
}

#[cfg(test)]
mod tests {
    use super::handoff;

    #[test]
    fn the_same_seed_makes_the_same_bytes() {
        let (one, two) = (handoff(200, 7), handoff(200, 7));
        assert_eq!((one.plan(), one.report(9)), (two.plan(), two.report(9)));
        assert_ne!(one.plan(), handoff(200, 8).plan());
        assert_ne!(one.true_report(), one.report(9));
    }

    #[test]
    fn two_thousand_gates_are_a_hundred_kilobytes() {
        let sample = handoff(2_000, 1);
        for text in [sample.plan(), sample.true_report()] {
            assert!((90_000..130_000).contains(&text.len()), "{}", text.len());
        }
    }
}
