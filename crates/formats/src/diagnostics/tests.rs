use model::diagnostic::Span;

use super::*;

const PLAN: &str = "# Move the archive\n\n| Key | Title | Needs |\n|---|---|---|\n| M-1 | Größe prüfen | M-2 |\n| M-2 | Copy | M-1 |\n";

fn span_of(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("the part stands in the text");
    Span::new(start, start + part.len())
}

fn found() -> Vec<Diagnostic> {
    vec![
        Diagnostic::new(
            "plan/cycle",
            Severity::Error,
            span_of(PLAN, "M-2 |\n"),
            "`M-1` waits for itself: M-1 → M-2 → M-1",
        )
        .also(span_of(PLAN, "M-1 |\n"), "`M-2` needs `M-1`")
        .help("take one of these needs away"),
        Diagnostic::new(
            "text/placeholder",
            Severity::Warning,
            span_of(PLAN, "prüfen"),
            "50% of this, is: a\nplaceholder",
        ),
        Diagnostic::new("criterion/no-probe", Severity::Info, Span::new(0, 18), "nothing would prove this"),
    ]
}

fn rendered(output: Output) -> String {
    let diagnostics = found();
    let source = Source { path: "docs/archive, old.md", text: PLAN, diagnostics: &diagnostics };
    render(&[source], output, false)
}

#[test]
fn places_count_characters_from_one() {
    let lines = Lines::new("ab\r\nüß x\n\nend");
    assert_eq!(lines.position(0), Position { line: 1, column: 1 });
    assert_eq!(lines.position(9), Position { line: 2, column: 4 }, "two bytes each for ü and ß");
    assert_eq!(lines.position(5), Position { line: 2, column: 1 }, "inside ü counts as ü");
    assert_eq!(lines.position(10_000), Position { line: 4, column: 4 });
    assert_eq!(lines.text(1), "ab");
    assert_eq!(lines.text(3), "");
    assert_eq!(lines.text(99), "");
    assert_eq!(lines.count(), 4);
}

#[test]
fn text_reads_like_a_compiler() {
    let expected = "\
error[plan/cycle]: `M-1` waits for itself: M-1 → M-2 → M-1
 --> docs/archive, old.md:5:24
  |
5 | | M-1 | Größe prüfen | M-2 |
  |                        ^^^^^
6 | | M-2 | Copy | M-1 |
  |                ----- `M-2` needs `M-1`
  |
  = help: take one of these needs away
";
    let text = rendered(Output::Text);
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("warning[text/placeholder]: 50% of this, is: a\n"), "{text}");
    assert!(text.contains("info[criterion/no-probe]: nothing would prove this\n"), "{text}");
}

#[test]
fn text_is_plain_unless_color_is_asked_for() {
    assert!(!rendered(Output::Text).contains('\u{1b}'));
    let diagnostics = found();
    let source = Source { path: "p.md", text: PLAN, diagnostics: &diagnostics };
    assert!(render(&[source], Output::Text, true).contains('\u{1b}'));
}

#[test]
fn a_document_cannot_steer_the_terminal() {
    let text = "- \u{1b}[2Jgone\n";
    let odd = vec![
        Diagnostic::new("text/placeholder", Severity::Warning, Span::new(2, 7), "`\u{1b}[2J` is odd")
            .also(Span::new(7, 9), "\u{1b}]0;x\u{7}")
            .help("\u{1b}[31m"),
    ];
    let shown = render(&[Source { path: "p.md", text, diagnostics: &odd }], Output::Text, false);
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}'), "{shown:?}");
}

#[test]
fn a_huge_line_is_named_but_not_shown() {
    let text = "x".repeat(1 << 20);
    let odd = vec![Diagnostic::new("text/placeholder", Severity::Warning, Span::new(1000, 1003), "odd")];
    let shown = render(&[Source { path: "p.md", text: &text, diagnostics: &odd }], Output::Text, false);
    assert!(shown.contains("p.md:1:1001"), "{shown}");
    assert!(shown.len() < 500);
}

#[test]
fn json_has_the_documented_shape() {
    let value: serde_json::Value = serde_json::from_str(&rendered(Output::Json)).unwrap();
    let first = &value["diagnostics"][0];
    assert_eq!(first["code"], "plan/cycle");
    assert_eq!(first["severity"], "error");
    assert_eq!(first["file"], "docs/archive, old.md");
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(5), Some(24)));
    assert_eq!(first["help"], "take one of these needs away");
    assert_eq!(first["related"][0]["line"], 6);
    assert!(value["diagnostics"][1]["help"].is_null());
}

#[test]
fn github_annotations_are_escaped() {
    let text = rendered(Output::Github);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[1].starts_with(
            "::warning file=docs/archive%2C old.md,line=5,endLine=5,col=15,endColumn=21,title=text/placeholder::50%25 of this, is: a%0Aplaceholder"
        ),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("::notice "));
}

#[test]
fn a_document_cannot_write_annotations_of_its_own() {
    let text = "- a\n- b\n";
    let odd = [Diagnostic::new(
        "text/placeholder",
        Severity::Error,
        Span::new(0, text.len()),
        "100 %\r\n::error file=other.md,line=1::forged",
    )
    .help("a, b: c")];
    let path = "plans/a,line=9:%0A\n::warning::x.md";
    let shown = render(&[Source { path, text, diagnostics: &odd }], Output::Github, false);
    assert_eq!(
        shown,
        "::error file=plans/a%2Cline=9%3A%250A%0A%3A%3Awarning%3A%3Ax.md,line=1,endLine=3,\
         title=text/placeholder::100 %25%0D%0A::error file=other.md,line=1::forged%0Ahelp: a, b: c\n"
    );
}

/// The parts of the 2.1.0 schema that bear on what this program writes; the whole schema is
/// checked by `scripts/validate-sarif.py`.
#[test]
fn sarif_keeps_the_essential_constraints() {
    let log: serde_json::Value = serde_json::from_str(&rendered(Output::Sarif)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["tool"]["driver"]["name"], "countersign");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: std::collections::BTreeSet<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "rule ids are unique");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let mut places = result["locations"].as_array().unwrap().clone();
        places.extend(result["relatedLocations"].as_array().cloned().unwrap_or_default());
        for place in places {
            let place = &place["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert_eq!(uri, "docs/archive%2C%20old.md");
            for edge in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(place["region"][edge].as_u64().unwrap() >= 1);
            }
        }
    }
}

#[test]
fn sarif_rules_say_what_they_find() {
    let log: serde_json::Value = serde_json::from_str(&rendered(Output::Sarif)).unwrap();
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap() {
        let known = crate::lint::rule_of(rule["id"].as_str().unwrap()).unwrap();
        assert_eq!(rule["shortDescription"]["text"], known.what);
        assert_eq!(rule["help"]["text"], format!("countersign explain {}", known.code));
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert_eq!(level.replace("note", "info"), known.severity.as_str());
    }
}

#[test]
fn sarif_tells_equal_lines_apart_and_knows_moved_ones_again() {
    let prints = |text: &str, parts: &[(&str, usize)]| -> Vec<String> {
        let found: Vec<Diagnostic> = parts
            .iter()
            .map(|(part, nth)| {
                let at = text.match_indices(part).nth(*nth).expect("the part stands there").0;
                Diagnostic::new("text/placeholder", Severity::Warning, Span::new(at, at + part.len()), "odd")
            })
            .collect();
        let source = Source { path: "p.md", text, diagnostics: &found };
        let log: serde_json::Value = serde_json::from_str(&render(&[source], Output::Sarif, false)).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        results
            .iter()
            .map(|result| result["partialFingerprints"]["codeAndLine/v1"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = prints("- TBD\n- TBD\n- TBC\n", &[("TBD", 0), ("TBD", 1), ("TBC", 0)]);
    let distinct: std::collections::BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), 3);
    let after = prints("# New\n\n- TBC\n  - TBD\n\n- TBD\n", &[("TBD", 0), ("TBD", 1), ("TBC", 0)]);
    assert_eq!(after, before);
}

#[test]
fn sarif_paths_are_uris() {
    let log = |path: &str| -> String {
        let odd = found();
        let text = render(&[Source { path, text: PLAN, diagnostics: &odd }], Output::Sarif, false);
        let log: serde_json::Value = serde_json::from_str(&text).unwrap();
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(log("/srv/plans/größe.md"), "file:///srv/plans/gr%C3%B6%C3%9Fe.md");
    assert_eq!(log("docs\\plan.md"), "docs/plan.md");
    assert_eq!(log("a:b/100%.md"), "a%3Ab/100%25.md");
}

#[test]
fn sarif_of_nothing_is_still_a_run() {
    let log: serde_json::Value = serde_json::from_str(&render(&[], Output::Sarif, false)).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn the_summary_counts() {
    assert_eq!(summary(&found()), "1 error, 1 warning, 1 info");
    assert_eq!(summary(&[]), "no findings");
}
