//! What a measurement says: our number, theirs, the ratio, the target, and whether it is met.

use std::time::Duration;

use super::measure::Run;

/// Whether a target is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is.
    Meets,
    /// It is not.
    FallsShort,
    /// It could not be measured here.
    Skipped(String),
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// Our number.
    pub(crate) ours: String,
    /// The peer's or floor's number.
    pub(crate) theirs: String,
    /// One against the other.
    pub(crate) ratio: String,
    /// What is asked for.
    pub(crate) target: String,
    /// Whether it is met.
    pub(crate) verdict: Verdict,
}

impl Row {
    /// Time against a peer's: ours must be so many times shorter.
    pub(crate) fn faster(what: impl Into<String>, ours: Run, theirs: Run, times: f64) -> Self {
        let ratio = theirs.wall.as_secs_f64() / ours.wall.as_secs_f64();
        Self {
            what: what.into(),
            ours: time(ours.wall),
            theirs: time(theirs.wall),
            ratio: format!("{} faster", times_as_text(ratio)),
            target: format!("at least {times}× faster"),
            verdict: verdict(ratio >= times),
        }
    }

    /// Time against a floor's: ours may be so many times longer.
    pub(crate) fn within(what: impl Into<String>, ours: Run, theirs: Run, times: f64) -> Self {
        let ratio = ours.wall.as_secs_f64() / theirs.wall.as_secs_f64();
        Self {
            what: what.into(),
            ours: time(ours.wall),
            theirs: time(theirs.wall),
            ratio: format!("{} as long", times_as_text(ratio)),
            target: format!("at most {times}× as long"),
            verdict: verdict(ratio <= times),
        }
    }

    /// Peak memory against a number of KiB, which `theirs` says in words.
    pub(crate) fn memory(
        what: impl Into<String>,
        ours: Run,
        limit_kib: f64,
        theirs: &str,
        target: &str,
    ) -> Self {
        let ratio = ours.peak_kib as f64 / limit_kib;
        Self {
            what: what.into(),
            ours: memory(ours.peak_kib),
            theirs: theirs.to_owned(),
            ratio: format!("{:.0} % of the limit", ratio * 100.0),
            target: target.to_owned(),
            verdict: verdict(ratio < 1.0),
        }
    }

    /// Time against a fixed limit.
    pub(crate) fn under(what: impl Into<String>, ours: Run, limit: Duration) -> Self {
        let ratio = ours.wall.as_secs_f64() / limit.as_secs_f64();
        Self {
            what: what.into(),
            ours: time(ours.wall),
            theirs: String::new(),
            ratio: format!("{:.0} % of the limit", ratio * 100.0),
            target: format!("under {}", time(limit)),
            verdict: verdict(ratio < 1.0),
        }
    }

    /// Time against a fixed limit, beside a floor's.
    pub(crate) fn under_beside(what: impl Into<String>, ours: Run, theirs: Run, limit: Duration) -> Self {
        let ratio = ours.wall.as_secs_f64() / theirs.wall.as_secs_f64();
        Self {
            theirs: time(theirs.wall),
            ratio: format!("{} as long", times_as_text(ratio)),
            ..Self::under(what, ours, limit)
        }
    }

    /// Something that could not be measured here, and why.
    pub(crate) fn skipped(what: impl Into<String>, why: impl Into<String>) -> Self {
        let none = String::new;
        Self {
            what: what.into(),
            ours: none(),
            theirs: none(),
            ratio: none(),
            target: none(),
            verdict: Verdict::Skipped(why.into()),
        }
    }

    /// As a row of a Markdown table.
    pub(crate) fn markdown(&self) -> String {
        let Self { what, ours, theirs, ratio, target, verdict } = self;
        let verdict = match verdict {
            Verdict::Meets => "meets".to_owned(),
            Verdict::FallsShort => "**falls short**".to_owned(),
            Verdict::Skipped(why) => format!("skipped: {why}"),
        };
        format!("| {what} | {ours} | {theirs} | {ratio} | {target} | {verdict} |")
    }

    /// The head of the table.
    pub(crate) const HEAD: &'static str =
        "| measured | Countersign | peer or floor | ratio | target | verdict |\n|---|---|---|---|---|---|";
}

/// The verdict on a target.
pub(crate) fn verdict(met: bool) -> Verdict {
    if met { Verdict::Meets } else { Verdict::FallsShort }
}

/// A time as people read it.
pub(crate) fn time(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    match millis {
        ..10.0 => format!("{millis:.2} ms"),
        ..1000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.2} s", millis / 1000.0),
    }
}

/// An amount of memory as people read it.
pub(crate) fn memory(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

fn times_as_text(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}×") } else { format!("{ratio:.0}×") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(millis: u64, peak_kib: u64) -> Run {
        Run { wall: Duration::from_millis(millis), processor: Duration::ZERO, peak_kib }
    }

    #[test]
    fn a_ratio_just_short_of_its_target_falls_short() {
        assert_eq!(Row::faster("a", run(10, 0), run(100, 0), 10.0).verdict, Verdict::Meets);
        assert_eq!(Row::faster("a", run(10, 0), run(99, 0), 10.0).verdict, Verdict::FallsShort);
        assert_eq!(Row::within("a", run(401, 0), run(100, 0), 4.0).verdict, Verdict::FallsShort);
        assert_eq!(Row::memory("a", run(1, 12 * 1024), 12.0 * 1024.0, "", "").verdict, Verdict::FallsShort);
        assert_eq!(Row::under("a", run(299, 0), Duration::from_millis(300)).verdict, Verdict::Meets);
        let beside = Row::under_beside("a", run(50, 0), run(5, 0), Duration::from_millis(50));
        assert_eq!((beside.verdict, &*beside.ratio), (Verdict::FallsShort, "10× as long"));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(time(Duration::from_micros(2340)), "2.34 ms");
        assert_eq!(time(Duration::from_millis(2340)), "2.34 s");
        assert!(Row::faster("a", run(3, 0), run(100, 0), 10.0).markdown().contains("| 33× faster |"));
        assert!(Row::skipped("a", "no peer").markdown().contains("skipped: no peer"));
    }
}
