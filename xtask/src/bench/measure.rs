//! Measuring whole processes: time on the wall, processor time, peak memory.
//!
//! Each run is started by a fresh small process of ours (`cargo xtask measure`), because the
//! system tells peak memory only as the largest over all children a process ever had.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::tool::Outcome;

/// What one run of a program took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Run {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Processor time of the program and its children.
    pub(crate) processor: Duration,
    /// Peak memory of the largest of its processes, in KiB.
    pub(crate) peak_kib: u64,
}

/// A program to measure, with everything it is started with.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    program: PathBuf,
    arguments: Vec<String>,
    folder: PathBuf,
    variables: Vec<(String, String)>,
    input: Option<PathBuf>,
    output: Option<PathBuf>,
}

impl Subject {
    /// The program, started in that folder; it must end with exit code 0.
    pub(crate) fn new(program: impl Into<PathBuf>, folder: &Path) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            folder: folder.to_path_buf(),
            variables: Vec::new(),
            input: None,
            output: None,
        }
    }

    /// Adds arguments, parted by white space.
    pub(crate) fn with(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// Adds an environment variable.
    pub(crate) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Takes standard input from a file.
    pub(crate) fn input(mut self, path: PathBuf) -> Self {
        self.input = Some(path);
        self
    }

    /// Puts standard output into a file.
    pub(crate) fn output(mut self, path: PathBuf) -> Self {
        self.output = Some(path);
        self
    }

    /// Runs it once.
    pub(crate) fn run(&self) -> Outcome<Run> {
        // Several may be measured at once.
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let report = std::env::temp_dir().join(format!("countersign-measure-{}-{run}", std::process::id()));
        let here = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(here);
        command.arg("measure").arg(&report).arg(&self.program).args(&self.arguments);
        command.current_dir(&self.folder).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(match &self.input {
            Some(path) => File::open(path).map_err(|error| format!("{}: {error}", path.display()))?.into(),
            None => Stdio::null(),
        });
        command.stdout(match &self.output {
            Some(path) => File::create(path).map_err(|error| format!("{}: {error}", path.display()))?.into(),
            None => Stdio::null(),
        });
        let ended = command.stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
        let told = fs::read_to_string(&report).unwrap_or_default();
        let _ = fs::remove_file(&report);
        let numbers: Vec<i64> = told.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [code, wall, processor, peak] = numbers[..] else {
            return Err(format!("{} could not be started", self.describe()));
        };
        if code != 0 {
            let said = String::from_utf8_lossy(&ended.stderr);
            let last: Vec<&str> = said.lines().rev().take(5).collect();
            let said = last.into_iter().rev().collect::<Vec<_>>().join("\n  ");
            return Err(format!("{} ended with exit code {code}:\n  {said}", self.describe()));
        }
        Ok(Run {
            wall: Duration::from_nanos(wall.unsigned_abs()),
            processor: Duration::from_micros(processor.unsigned_abs()),
            peak_kib: peak.unsigned_abs(),
        })
    }

    /// The command as somebody would type it, without folders.
    pub(crate) fn describe(&self) -> String {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        std::iter::once(name).chain(self.arguments.iter().cloned()).collect::<Vec<_>>().join(" ")
    }
}

/// `measure REPORT PROGRAM ARGUMENT…`: runs the program with our own input and outputs, and
/// writes exit code, nanoseconds, microseconds of processor time and KiB of memory to the report.
pub(crate) fn measure(arguments: &[String]) -> Outcome {
    let [report, program, arguments @ ..] = arguments else {
        return Err("measure takes a file for the report and a program with its arguments".to_owned());
    };
    let began = Instant::now();
    let status =
        Command::new(program).args(arguments).status().map_err(|error| format!("{program}: {error}"))?;
    let wall = began.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let processor =
        [usage.user_time(), usage.system_time()].map(|time| time.tv_sec() * 1_000_000 + time.tv_usec());
    let code = status.code().unwrap_or(-1);
    let line = format!("{code} {} {} {}\n", wall.as_nanos(), processor.iter().sum::<i64>(), usage.max_rss());
    fs::write(report, line).map_err(|error| format!("{report}: {error}"))
}

/// What several runs of one program took, each number the median of its own.
pub(crate) fn median(runs: &[Run]) -> Run {
    let middle = |pick: &dyn Fn(&Run) -> u128| {
        let mut picked: Vec<u128> = runs.iter().map(pick).collect();
        picked.sort_unstable();
        picked.get(picked.len() / 2).copied().unwrap_or_default() as u64
    };
    Run {
        wall: Duration::from_nanos(middle(&|run| run.wall.as_nanos())),
        processor: Duration::from_nanos(middle(&|run| run.processor.as_nanos())),
        peak_kib: middle(&|run| u128::from(run.peak_kib)),
    }
}

/// Something that is prepared, then measured; the round's number is handed in.
pub(crate) type Contender<'a> = &'a dyn Fn(usize) -> Outcome<Run>;

/// Runs two contenders in turn (A B A B …), the first round for warmth only, and returns the
/// medians.
pub(crate) fn duel(rounds: usize, ours: Contender<'_>, theirs: Contender<'_>) -> Outcome<(Run, Run)> {
    let (mut our_runs, mut their_runs) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let pair = (ours(round)?, theirs(round)?);
        if round > 0 {
            our_runs.push(pair.0);
            their_runs.push(pair.1);
        }
    }
    Ok((median(&our_runs), median(&their_runs)))
}

/// Runs one contender several times, the first for warmth only.
pub(crate) fn alone(rounds: usize, ours: Contender<'_>) -> Outcome<Run> {
    let runs = (0..=rounds).map(ours).collect::<Outcome<Vec<_>>>()?;
    Ok(median(&runs[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_taken_for_each_number_by_itself() {
        let run =
            |wall, peak_kib| Run { wall: Duration::from_millis(wall), processor: Duration::ZERO, peak_kib };
        let middle = median(&[run(9, 1), run(1, 3), run(2, 2)]);
        assert_eq!((middle.wall.as_millis(), middle.peak_kib), (2, 2));
        assert_eq!(median(&[]).peak_kib, 0);
    }

    #[test]
    fn contenders_take_turns_and_the_first_round_is_not_counted() {
        let order = std::cell::RefCell::new(Vec::new());
        let turn = |name: char, peak_kib| {
            let order = &order;
            move |round: usize| {
                order.borrow_mut().push((name, round));
                Ok(Run { peak_kib: if round == 0 { 999 } else { peak_kib }, ..Run::default() })
            }
        };
        let (ours, theirs) = duel(2, &turn('a', 1), &turn('b', 2)).expect("both run");
        assert_eq!((ours.peak_kib, theirs.peak_kib), (1, 2));
        assert_eq!(*order.borrow(), [('a', 0), ('b', 0), ('a', 1), ('b', 1), ('a', 2), ('b', 2)]);
    }
}
