//! Ending what a process that is gone has left running.
//!
//! Its children have become somebody else's, so they are looked for among all processes: by what
//! the variable `COUNTERSIGN_PROBE` begins with, and, for those that cleared their environment, by
//! the mark that it gave all it started (see [`family`](super::family)).

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

use super::family::{lock_limit_of, names_probe_where};
use super::pid_of;

/// Ends every process whose run has a name that begins with `prefix`, and every one that was marked
/// by process `starter`, where that is gone. Gives how many those were.
pub fn end_left_over(prefix: &str, starter: Option<u32>, limit: Duration) -> usize {
    let until = Instant::now() + limit;
    let starter = starter.filter(|pid| !fs::exists(format!("/proc/{pid}")).unwrap_or(true));
    let mut ended = BTreeSet::new();
    loop {
        let found = processes().into_iter().filter(|pid| is_left_over(*pid, prefix, starter));
        let found: Vec<u32> = found.collect();
        if found.is_empty() || Instant::now() >= until {
            return ended.len();
        }
        for number in found {
            let Some(pid) = pid_of(number) else { continue };
            let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { continue };
            // Once more now that it is held: the number may have been given to another meanwhile.
            if !is_left_over(number, prefix, starter) {
                continue;
            }
            let _ = pidfd_send_signal(&process, Signal::KILL);
            let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok();
            let _ = poll(&mut [PollFd::new(&process, PollFlags::IN)], left.as_ref());
            ended.insert(number);
        }
    }
}

fn is_left_over(pid: u32, prefix: &str, starter: Option<u32>) -> bool {
    let marked =
        |starter: u32| lock_limit_of(pid).flatten().is_some_and(|mark| mark >> 32 == u64::from(starter));
    names_probe_where(pid, |name| name.starts_with(prefix.as_bytes())) || starter.is_some_and(marked)
}

/// Every process that runs, this one aside; those that have ended and wait to be reaped do not.
fn processes() -> Vec<u32> {
    let own = getpid().as_raw_nonzero().get().unsigned_abs();
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = all.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|pid| {
            *pid != own && fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
        })
        .collect()
}
