//! What each report says of each state, word for word. Where a change is meant, `ACCEPT=1` writes
//! what is found in the place of what was wanted; read the difference before it is committed.

use std::path::{Path, PathBuf};

use lens::render::{html, markdown};
use lens::reports::{REPORTS, Report};

use crate::states::STATES;
use crate::told::Told;

/// The states that are kept as HTML and JSON too.
const IN_EVERY_FORMAT: [&str; 3] = ["refuted", "rude-names", "empty"];

#[test]
fn every_report_says_of_every_state_what_is_on_file() {
    let mut wrong = Vec::new();
    for (name, made) in STATES {
        let told = made();
        for report in REPORTS {
            let mut see = |ending: &str, found: String| {
                let path = folder().join(format!("{name}.{}.{ending}", report.name()));
                if let Err(different) = compare(&path, &found) {
                    wrong.push(different);
                }
            };
            see("md", written(*report, &told, "md"));
            if IN_EVERY_FORMAT.contains(name) {
                see("html", body(&written(*report, &told, "html")));
                see("json", written(*report, &told, "json"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A report of a plan in one of the formats.
pub(crate) fn written(report: &dyn Report, told: &Told, format: &str) -> String {
    let answer = report.write(&told.views());
    match format {
        "md" => markdown::page(&answer.page()),
        "html" => html::document(&answer.page(), "countersign"),
        _ => {
            let mut bytes = Vec::new();
            answer.json(&mut bytes).expect("memory can be written");
            let value: serde_json::Value = serde_json::from_slice(&bytes).expect("it is JSON");
            serde_json::to_string_pretty(&value).expect("a value is JSON") + "\n"
        }
    }
}

/// What stands between the style, which is the same everywhere, and the end.
fn body(page: &str) -> String {
    let (_, body) = page.split_once("<main>").expect("a page has a body");
    format!("<main>{body}")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("reports")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the rule is for the crate; its tests have texts to compare with"
)]
fn compare(path: &Path, found: &str) -> Result<(), String> {
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    if wanted == found {
        return Ok(());
    }
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(path, found).expect("the folder can be written");
        return Ok(());
    }
    let line = wanted.lines().zip(found.lines()).position(|(wanted, found)| wanted != found);
    let at = line.unwrap_or(wanted.lines().count().min(found.lines().count()));
    let nth = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
    Err(format!("{}:{}\n  wanted: {}\n  found:  {}", path.display(), at + 1, nth(&wanted), nth(found)))
}
