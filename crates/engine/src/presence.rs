//! Whether a process that an agent said it runs as is still that process.

use std::fs;

use model::commons::Process;

/// This machine's name, as processes on it are recorded.
pub fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}

/// The process of this number on this machine; nothing where there is none.
pub fn process(pid: u32) -> Option<Process> {
    Some(Process { host: host(), pid, started: started(pid)? })
}

/// Whether it still runs here. Of a process on another machine nothing is known: it does not.
pub fn is_alive(process: &Process) -> bool {
    process.host == host() && started(process.pid) == Some(process.started)
}

/// When a process started, in ticks since the machine did; nothing for one that is gone or only
/// waits to be collected.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything, parentheses too.
    let after = stat.rsplit_once(')')?.1;
    let mut fields = after.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_when_it_started() {
        let own = process(std::process::id()).expect("this process runs");
        assert!(is_alive(&own));
        assert!(
            !is_alive(&Process { started: own.started + 1, ..own.clone() }),
            "a later one of that number"
        );
        assert!(!is_alive(&Process { host: "elsewhere".to_owned(), ..own }));
        assert_eq!(process(u32::MAX), None);
    }
}
