//! Figures of this process, as the kernel tells them. Where it does not, they are left out.

use super::registry::{PROCESS_CPU, PROCESS_FILES, PROCESS_MEMORY, PROCESS_START};
use super::text::Exposition;

/// The kernel's clock ticks a second: fixed at 100 on every Linux that people run.
const TICKS: f64 = 100.0;

/// Writes what is known.
pub(super) fn write(text: &mut Exposition) {
    if let Some(stat) = read("/proc/self/stat") {
        // The name of the program stands in parentheses and may hold anything.
        let fields: Vec<f64> = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect())
            .unwrap_or_default();
        let field = |place: usize| fields.get(place).copied();
        if let (Some(user), Some(system)) = (field(11), field(12)) {
            text.one(PROCESS_CPU, (user + system) / TICKS);
        }
        if let (Some(begun), Some(boot)) = (field(19), boot()) {
            text.one(PROCESS_START, boot + begun / TICKS);
        }
    }
    if let Some(kibibytes) = memory() {
        text.one(PROCESS_MEMORY, kibibytes * 1024.0);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        text.one(PROCESS_FILES, files.count() as f64);
    }
}

/// When the machine began, in seconds since 1970.
fn boot() -> Option<f64> {
    let stat = read("/proc/stat")?;
    stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

/// Memory held, in KiB.
fn memory() -> Option<f64> {
    let status = read("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}
