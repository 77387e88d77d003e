//! `action.yml`, the composite action at the top of the repository: its steps are run as a workflow
//! would run them, with this binary, over a pull request that is good and one that is not.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::Desk;

const ACTION: &str = include_str!("../../../../action.yml");

const PLAN: &str = "\
# Lantern

- Task 7.3: Code quality (1 day, reviewer)
- Task 7.4: Release (1 day, planner, waits for 7.3)

| Metric | Baseline | Target |
| --- | --- | --- |
| Clippy warnings | 55 | < 20 |
";

/// A step that runs a script.
struct Step {
    name: String,
    condition: String,
    variables: Vec<(String, String)>,
    script: String,
}

/// The steps of the action. Reads the one layout that file has; what it does not know is a failure.
fn steps() -> Vec<Step> {
    let body = ACTION.split("\n  steps:\n").nth(1).expect("the action has steps");
    let mut steps: Vec<Step> = Vec::new();
    let (mut in_variables, mut in_script) = (false, false);
    for line in body.lines() {
        if let Some(name) = line.strip_prefix("    - name: ") {
            steps.push(Step {
                name: name.to_owned(),
                condition: String::new(),
                variables: Vec::new(),
                script: String::new(),
            });
            (in_variables, in_script) = (false, false);
            continue;
        }
        let Some(step) = steps.last_mut() else { continue };
        if in_script && (line.starts_with("        ") || line.is_empty()) {
            step.script.push_str(line.get(8..).unwrap_or_default());
            step.script.push('\n');
            continue;
        }
        if in_variables
            && let Some((name, value)) = line.strip_prefix("        ").and_then(|line| line.split_once(": "))
        {
            step.variables.push((name.to_owned(), value.to_owned()));
            continue;
        }
        (in_variables, in_script) = (line == "      env:", line == "      run: |");
        let known = ["id: ", "shell: bash", "working-directory: ", "#"];
        match line.trim() {
            "" | "env:" | "run: |" => {}
            other if other.starts_with("if: ") => other[4..].clone_into(&mut step.condition),
            other => {
                assert!(known.iter().any(|known| other.starts_with(known)), "`{other}` is not understood")
            }
        }
    }
    steps
}

/// What came of the whole action.
struct Ran {
    passed: bool,
    out: String,
    summary: String,
    outputs: String,
}

fn run(desk: &Desk, inputs: &[(&str, &str)]) -> Ran {
    let mut given: BTreeMap<&str, &str> =
        [("reports", ""), ("fail-on", "error"), ("binary", "countersign"), ("working-directory", ".")].into();
    given.extend(inputs.iter().copied());
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().expect("the binary lies in a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    for file in ["summary.md", "outputs"] {
        desk.write(&format!("runner/{file}"), "");
    }
    let (mut passed, mut found, mut out) = (true, true, String::new());
    for step in steps() {
        // The only condition there is: what is to be checked is checked even where linting failed.
        let always = step.condition.contains("!cancelled()");
        let wanted = step.condition.is_empty() || (!given["reports"].is_empty() && found);
        if !wanted || (!passed && !always) {
            continue;
        }
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.script])
            .current_dir(desk.path())
            .env_clear()
            .env("PATH", &path)
            .env("HOME", desk.path())
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", desk.path())
            .env("GITHUB_STEP_SUMMARY", desk.path().join("runner/summary.md"))
            .env("GITHUB_OUTPUT", desk.path().join("runner/outputs"))
            .stdin(Stdio::null());
        for (name, value) in &step.variables {
            let input = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
            let input = input.unwrap_or_else(|| panic!("`{value}` of `{}` is no input", step.name));
            command.env(name, given[input]);
        }
        let came = command.output().expect("bash is there");
        out.push_str(&String::from_utf8_lossy(&came.stdout));
        out.push_str(&String::from_utf8_lossy(&came.stderr));
        found &= came.status.success() || step.name != "find the binary";
        passed &= came.status.success();
    }
    Ran { passed, out, summary: desk.read("runner/summary.md"), outputs: desk.read("runner/outputs") }
}

fn desk(report: &str) -> Desk {
    Desk::new().file("docs/plans/lantern plan.md", PLAN).file("docs/reports/week 1.md", report)
}

const PLANS: (&str, &str) = ("plans", "docs/plans/*.md");
const REPORTS: (&str, &str) = ("reports", "docs/reports/*.md docs/none/**/*.md");

#[test]
fn a_pull_request_whose_report_holds_passes() {
    let ran = run(&desk("# Week 1\n\nClippy is down to 19 warnings.\n"), &[PLANS, REPORTS]);
    assert!(ran.passed, "{}", ran.out);
    assert!(!ran.out.contains("::error"), "{}", ran.out);
    assert!(ran.summary.contains("0 statements refuted, 1 checked and true"), "{}", ran.summary);
    assert_eq!(ran.outputs, "refuted=false\n");
}

#[test]
fn a_pull_request_whose_report_does_not_hold_fails_with_annotations_and_a_summary() {
    let ran = run(&desk("# Week 1\n\nClippy is down to 34 warnings.\n"), &[PLANS, REPORTS]);
    assert!(!ran.passed, "{}", ran.out);
    assert!(ran.out.contains("::error file=docs/reports/week 1.md,line=3,"), "{}", ran.out);
    assert!(
        ran.summary.contains("| `docs/reports/week 1.md`:3 | `report/target-missed` |"),
        "{}",
        ran.summary
    );
    assert_eq!(ran.outputs, "refuted=true\n");
}

#[test]
fn a_plan_that_cannot_be_governed_fails_and_its_report_is_checked_all_the_same() {
    let desk = desk("# Week 1\n\nClippy is down to 34 warnings.\n");
    desk.write(
        "docs/plans/lantern plan.md",
        format!("{PLAN}\n- Task 7.5: Party (1 day, all, waits for 7.9)\n"),
    );
    let ran = run(&desk, &[PLANS, REPORTS, ("fail-on", "info")]);
    assert!(!ran.passed && ran.out.contains("report/target-missed"), "{}", ran.out);
}

#[test]
fn what_is_missing_is_told_as_an_annotation() {
    let desk = desk("# Week 1\n");
    let ran = run(&desk, &[("plans", "nowhere/*.md")]);
    assert!(!ran.passed && ran.out.contains("::error title=countersign::no plan matches"), "{}", ran.out);
    let ran = run(&desk, &[PLANS, REPORTS, ("binary", "./no-such-binary")]);
    assert!(!ran.passed && ran.out.contains("`./no-such-binary` is not there"), "{}", ran.out);
    let ran = run(&desk, &[PLANS, ("reports", "nowhere/*.md")]);
    assert!(ran.passed && ran.outputs == "refuted=false\n", "{}", ran.out);
}

#[test]
fn the_action_runs_nobody_elses_code_and_takes_inputs_as_variables_only() {
    assert!(!ACTION.contains("uses: "), "every other action would have to be pinned");
    for step in steps() {
        assert!(!step.script.contains("${{"), "an input in a script is run as one: {}", step.name);
    }
    assert!(ACTION.contains("permissions: contents: read"));
}
