//! The description of the service against the service: `scripts/fuzz-api.sh`, where its tool is installed.

use std::path::Path;
use std::process::Command;

#[test]
fn no_answer_is_a_failure_or_other_than_described() {
    let tool = std::env::var("SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".to_owned());
    if Command::new(&tool).arg("--version").output().is_err() {
        eprintln!("SKIPPED: schemathesis is not installed (pip install schemathesis)");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/fuzz-api.sh");
    let asked = Command::new("sh")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_countersign"))
        .env("SCHEMATHESIS", tool)
        .env("EXAMPLES", "8")
        .output()
        .expect("there is a shell");
    let said = String::from_utf8_lossy(&asked.stdout);
    assert!(asked.status.success(), "{said}\n{}", String::from_utf8_lossy(&asked.stderr));
    assert!(!said.contains("SKIPPED"), "{said}");
}
