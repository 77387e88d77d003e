//! Reads any bytes as each kind of document: no panic, and every place inside the text.
//!
//!     cargo +nightly fuzz run parse -- -max_len=4096 -dict=fuzz/parse.dict
//!
//! What holds is written once, in the tests of `formats`, which ask it of a bounded number of
//! documents at every run.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/formats/tests/it/spans.rs"]
mod spans;

fuzz_target!(|bytes: &[u8]| {
    // The first byte chooses how the document is called, and so its format.
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let path = ["PLAN.md", "execution-plan.json", "plan"][usize::from(choice % 3)];
    spans::look_at(path, bytes);
});
