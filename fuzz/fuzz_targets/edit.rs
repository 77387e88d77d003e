//! Writes wishes into any bytes as each kind of document: no panic, what is written reads as
//! wished, and nothing else changes.
//!
//!     cargo +nightly fuzz run edit -- -max_len=4096 -dict=fuzz/parse.dict
//!
//! What holds is written once, in the tests of `formats`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/formats/tests/it/written.rs"]
mod written;

fuzz_target!(|bytes: &[u8]| {
    // The first bytes choose how the document is called, and what is wished of its fields.
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let (choices, bytes) = bytes.split_at(bytes.len().min(16));
    let path = ["PLAN.md", "execution-plan.json", "plan"][usize::from(choice % 3)];
    written::look_at(path, bytes, choices);
});
