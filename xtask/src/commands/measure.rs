//! `cargo xtask measure REPORT PROGRAM …`: the small process in which one program is measured.

pub(super) use crate::bench::measure::measure as run;
