use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::scratch::Scratch;

fn agents(text: &str) -> Vec<AgentConfig> {
    let (sidecar, found) = formats::sidecar::read(text, model::settings::Settings::default());
    assert!(found.is_empty(), "{found:?}");
    sidecar.agents
}

fn looked(scratch: &Scratch, text: &str) -> Looked {
    look(&agents(text), scratch.path(), &Environment::of_this_process())
}

fn check(command: &str, why: Option<&str>) {
    let scratch = Scratch::new("usable");
    scratch.write("agents/work.sh", "#!/bin/sh\n");
    scratch.write("agents/plain.sh", "#!/bin/sh\n");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(scratch.path().join("agents/work.sh"), mode).unwrap();
    let looked = looked(&scratch, &format!("[agents.a]\ncommand = {command}\n"));
    assert_eq!(looked.unusable.first().map(|(_, why)| why.as_str()), why, "{command}");
}

#[test]
fn a_command_that_cannot_be_started_is_found_out() {
    check(r#"["sh", "agents/plain.sh"]"#, None);
    check(r#"["./agents/work.sh", "-v"]"#, None);
    check(r#""cd agents && ./work.sh""#, None);
    check(r#""X=1 sh agents/plain.sh""#, None);
    check(r#""$TOOL --now""#, None);
    check(r#"["sh", "-c", "no-such-thing"]"#, None);
    check(r#"["no-such-thing"]"#, Some("`no-such-thing` was not found"));
    check(r#""no-such-thing --now | cat""#, Some("`no-such-thing` was not found"));
    check(r#"["sh", "agents/gone.sh"]"#, Some("its script `agents/gone.sh` does not exist"));
    check(r#"["./agents/gone.sh"]"#, Some("`./agents/gone.sh` does not exist"));
    check(r#"["./agents"]"#, Some("`./agents` is not a file"));
    check(
        r#"["agents/plain.sh"]"#,
        Some("`agents/plain.sh` may not be executed; `chmod +x agents/plain.sh` lets it"),
    );
}

#[test]
fn one_that_others_stand_in_for_is_no_refusal() {
    let scratch = Scratch::new("usable");
    let chain = "[agents.a]\ncommand = [\"gone\"]\nfallback = [\"b\"]\n[agents.b]\ncommand = [\"gone\"]\nfallback = [\"c\"]\n";
    let looked_at = looked(&scratch, &format!("{chain}[agents.c]\ncommand = [\"true\"]\n"));
    assert_eq!((looked_at.usable.len(), looked_at.unusable.len()), (1, 2));
    looked_at.stand().unwrap();
    let no = looked(&scratch, &format!("{chain}[agents.c]\ncommand = [\"gone\"]\n")).stand().unwrap_err();
    assert_eq!((no.code, no.exit(), no.facts.len()), (AGENT_UNUSABLE, 4, 2));
    assert_eq!(no.message, "agent `a` cannot be started: `gone` was not found");
}

#[test]
fn agents_with_worktrees_need_a_repository_with_a_commit() {
    let scratch = Scratch::new("usable");
    let with = agents("[agents.a]\ncommand = \"true\"\n");
    let without = agents("[agents.a]\ncommand = \"true\"\nworktree = false\n");
    let refused = |agents: &[AgentConfig]| match repository_for(agents, scratch.path()) {
        Err(crate::desk::Denied::Refused(no)) => no.message,
        other => panic!("{other:?}"),
    };
    assert!(repository_for(&without, scratch.path()).unwrap().is_none());
    assert!(refused(&with).ends_with("is in no git repository"));
    crate::agents::testing::git(scratch.path(), &["init", "--quiet"]);
    assert!(refused(&with).ends_with("the repository has no commit yet"));
}
