//! `run`: the main job, on the examples a newcomer runs and on plans that want something of it.

use std::path::{Path, PathBuf};

use crate::harness::{Desk, expect};

/// A folder with a copy of one of the examples in it.
fn example(name: &str) -> Desk {
    let desk = Desk::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    copy(&desk, &from, &from);
    desk
}

fn copy(desk: &Desk, top: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("the examples are there") {
        let path: PathBuf = entry.expect("the folder can be read").path();
        if path.is_dir() {
            copy(desk, top, &path);
            continue;
        }
        let name = path.strip_prefix(top).expect("it lies below the example").to_string_lossy().into_owned();
        desk.write(&name, std::fs::read(&path).expect("the file can be read"));
        if name.ends_with(".sh") {
            desk.executable(&name);
        }
    }
}

/// What was printed, with the digests of output that names times taken out.
fn without_digests(text: &str) -> String {
    let is_digest = |word: &str| word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit());
    text.split_inclusive(['(', ')', ' ', '\n'])
        .map(|piece| {
            let word = piece.trim_end_matches(['(', ')', ' ', '\n']);
            if is_digest(word) { piece.replace(word, "--------") } else { piece.to_owned() }
        })
        .collect()
}

/// What the README shows of an example.
fn readme(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(path).expect("the README is there");
    let marker = format!("<!-- shown: {name} -->\n```text\n");
    let (_, after) = text.split_once(&marker).expect("the README shows it");
    without_digests(after.split_once("```").expect("the block is closed").0)
}

#[test]
fn a_plan_that_evidence_countersigns_is_verified() {
    let came = example("tally").run("run PLAN.md --locked --jobs 1");
    assert_eq!(came.exit, 0, "{}", came.shown());
    expect(&without_digests(&came.out), &readme("tally"));
    assert!(came.err.contains("checking   10/10  success criteria"), "{}", came.err);
}

#[test]
fn a_report_that_is_not_true_is_refuted_by_task_number_target_and_evidence() {
    let desk = example("false-report");
    let came = desk.run("run PLAN.md --locked");
    assert_eq!(came.exit, 6, "{}", came.shown());
    expect(&without_digests(&came.out), &readme("false-report"));
    let json = desk.run("run PLAN.md --locked --json").json();
    assert_eq!(json["verdict"]["verdict"], "NOT COMPLETE");
    assert_eq!(json["verdict"]["reasons"][0]["about"], "7.3");
    assert_eq!(json["verdict"]["reasons"][0]["evidence"].as_str().map(str::len), Some(64));
}

#[test]
fn ticks_alone_are_done_as_claimed_and_no_more() {
    let desk = example("checklist");
    let came = desk.run("run PLAN.md");
    assert_eq!(came.exit, 6, "{}", came.shown());
    assert!(came.out.ends_with("verdict  DONE AS CLAIMED: 7 of 7 without evidence\n"), "{}", came.shown());
    assert!(came.err.ends_with("hint: where claims are enough, add `--accept-claims`\n"), "{}", came.shown());
    desk.run("run PLAN.md --accept-claims").ok();
}

#[test]
fn nothing_runs_before_somebody_trusts_it() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Touch it — check: `touch ran`\n");
    let came = desk.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
    assert!(came.err.contains("\n  touch ran\n"), "{}", came.shown());
    assert!(!desk.has("ran"));
    desk.run("trust PLAN.md --yes").ok();
    desk.run("run PLAN.md").ok();
    assert!(desk.has("ran"));
}

#[test]
fn a_changed_command_or_script_is_asked_about_again() {
    let plan = |command: &str| format!("# Plan\n\n- [ ] T-1: Try it — check: `{command}`\n");
    let desk = Desk::new().file("try.sh", "true\n").file("PLAN.md", plan("sh try.sh"));
    desk.run("run PLAN.md --trust").ok();
    desk.run("run PLAN.md").ok();
    desk.write("try.sh", "true # and more\n");
    let came = desk.run("run PLAN.md");
    assert_eq!(came.exit, 10, "{}", came.shown());
    assert!(came.err.contains("  sh try.sh: try.sh has changed\n"), "{}", came.shown());
    desk.write("try.sh", "true\n");
    desk.run("run PLAN.md").ok();
    desk.write("PLAN.md", plan("sh try.sh; touch ran"));
    let came = desk.run("run PLAN.md");
    assert_eq!(came.exit, 10, "{}", came.shown());
    assert!(came.err.contains("  new: sh try.sh; touch ran\n"), "{}", came.shown());
    assert!(!desk.has("ran"));
}

#[test]
fn an_agent_gives_no_trust() {
    let desk = Desk::new()
        .file("PLAN.md", "# Plan\n\n- [ ] T-1: Touch it — check: `touch ran`\n")
        .with("COUNTERSIGN_AGENT", "coder");
    let came = desk.run("run PLAN.md --trust");
    assert_eq!((came.exit, came.code().as_deref()), (5, Some("policy/denied")), "{}", came.shown());
    let came = desk.run("run PLAN.md --trust --as Ada");
    assert_eq!((came.exit, came.code().as_deref()), (5, Some("identity/unproven")), "{}", came.shown());
    assert!(!desk.has("ran"));
    let refused = desk.run("log --refused").ok().out;
    for code in ["policy/denied", "identity/unproven"] {
        assert!(refused.lines().any(|line| line.contains("trust") && line.contains(code)), "{refused}");
    }
}

#[test]
fn a_store_that_came_along_brings_no_trust() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Touch it — check: `touch ran; true`\n");
    desk.run("trust PLAN.md --yes").ok();
    desk.run("run PLAN.md").ok();
    // The same folder in the hands of somebody else, who has trusted nothing.
    let other = desk.with("XDG_CONFIG_HOME", "/nonexistent/config");
    let came = other.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
}

#[test]
fn locked_runs_exactly_what_was_reviewed() {
    let plan = "# Plan\n\n- [ ] T-1: Try it — check: `true`\n";
    let desk = Desk::new().file("PLAN.md", plan);
    let came = desk.run("run PLAN.md --locked");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
    desk.run("trust PLAN.md --yes --write").ok();
    desk.run("run PLAN.md --locked").ok();
    desk.write("PLAN.md", plan.replace("`true`", "`touch ran`"));
    assert_eq!(desk.run("run PLAN.md --locked").exit, 10);
    let lock = desk.read("countersign.lock").replace("command = \"true\"", "command = \"touch ran\"");
    desk.write("countersign.lock", lock);
    let came = desk.run("run PLAN.md --locked");
    assert_eq!(came.exit, 10, "a lock whose digest is not that of its list is refused: {}", came.shown());
    assert!(!desk.has("ran"));
}

#[test]
fn a_changed_plan_is_a_revision_and_a_weakening_waits() {
    let plan =
        |target: &str| format!("# Plan\n\n- [ ] T-1: Quiet — metric: warnings {target} from `echo 34`\n");
    let desk = Desk::new().file("PLAN.md", plan("< 20"));
    assert_eq!(desk.run("run PLAN.md --trust").exit, 6);
    desk.write("PLAN.md", plan("< 50"));
    let came = desk.run("run PLAN.md");
    assert_eq!(came.exit, 6, "the old target stays in force: {}", came.shown());
    assert!(came.err.contains("adopting   revision 2 (1 change since revision 1)"), "{}", came.shown());
    assert!(came.out.contains("warnings is 34, target < 20"), "{}", came.shown());
    desk.write("PLAN.md", plan("< 10"));
    assert!(desk.run("run PLAN.md").out.contains("target < 10"), "stricter takes effect at once");
}

#[test]
fn what_cannot_be_governed_is_refused_with_its_line() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Try it — oracle: `ask`; check: `true`\n");
    let came = desk.run("run PLAN.md --trust");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("plan/invalid")), "{}", came.shown());
    assert!(
        came.err.contains("line 3: check `oracle` of `T-1`: there is no check of kind `oracle`"),
        "{}",
        came.shown()
    );
    let came = desk.run("run MISSING.md");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("file/not-found")), "{}", came.shown());
    assert_eq!(desk.run("run .").exit, 2);
    desk.write("countersign.toml", "[settings]\nsoloo = true\n");
    let came = desk.run("run PLAN.md");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
    assert!(came.err.contains("countersign.toml:2:1: `[settings]` has no `soloo`"), "{}", came.shown());
}

#[test]
fn secrets_in_a_plan_and_its_output_stay_out_of_the_store() {
    let secret = ["hunter2", "hunter2"].concat();
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let plan = format!(
        "# Plan\n\n- [ ] T-1: Rotate password={secret} of {digest} — check: `cat secret.txt`\n\nSee postgres://app:{secret}@db.example/x\n"
    );
    let desk =
        Desk::new().file("PLAN.md", plan).file("secret.txt", format!("DB_PASSWORD={secret}\n{digest}\n"));
    let came = desk.run("run PLAN.md --trust").ok();
    assert!(!came.out.contains(&secret), "{}", came.shown());
    let mut kept = Vec::new();
    for name in desk.files(".countersign") {
        kept.extend(desk.bytes(&name));
    }
    let kept = String::from_utf8_lossy(&kept);
    assert!(!kept.contains(&secret), "the secret is in the store");
    assert!(kept.contains(digest), "a digest is not a secret");
}
