//! The last line of defence: a fault of our own is told in one line, without a backtrace.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use model::refusal::INTERNAL_FAULT;

static TOLD: AtomicBool = AtomicBool::new(false);

/// Runs something; should it panic, says so in one line and gives exit status 1.
pub(super) fn guard(json: bool, run: impl FnOnce() -> u8) -> u8 {
    panic::set_hook(Box::new(move |info| {
        // Several threads may fall together; one line is enough.
        if TOLD.swap(true, Ordering::SeqCst) {
            return;
        }
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        let _ = writeln!(std::io::stderr().lock(), "{}", line(&place, json));
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(1)
}

fn line(place: &str, json: bool) -> String {
    let message = "something went wrong inside the program";
    let hint = format!("this is a fault of ours; please report it with `{place}` and what you asked for");
    if json {
        let error = serde_json::json!({ "error": {
            "code": INTERNAL_FAULT, "exit": 1, "message": message, "hint": hint, "context": { "place": place },
        } });
        return error.to_string();
    }
    format!("error[{INTERNAL_FAULT}]: {message}\nhint: {hint}")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_fault_of_ours_names_its_place_and_nothing_else() {
        let text = line("crates/app/src/x.rs:7", false);
        assert!(text.starts_with("error[internal/fault]: "), "{text}");
        assert!(text.contains("crates/app/src/x.rs:7") && !text.contains("panicked"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&line("a.rs:1", true)).unwrap();
        assert_eq!(json["error"]["exit"], 1);
    }
}
