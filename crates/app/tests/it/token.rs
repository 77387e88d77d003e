//! `token`: made once, shown once, kept as a digest only.

use crate::harness::Came;
use crate::world::World;

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn a_token_is_shown_once_and_only_its_digest_is_kept() {
    let world = World::empty();
    let made = world.run("token create ci --role agent --subject agent:builder --as Ada").ok();
    let secret = made.out.trim();
    assert!(secret.starts_with("csn_") && secret.len() == 68, "{}", made.shown());
    assert!(made.err.contains("shown only now") && made.err.contains("tasks:work"), "{}", made.shown());
    let listed = world.run("token list --json").ok().json();
    let row = &listed["tokens"][0];
    assert_eq!((row["name"].as_str(), row["state"].as_str()), (Some("ci"), Some("good")), "{listed}");
    assert_eq!(row["subject"], "agent:builder", "{listed}");
    assert_eq!(row["until"], "2031-07-30T09:00:00Z", "{listed}");
    for file in world.desk.files(".countersign") {
        let held = world.desk.bytes(&file);
        assert!(!held.windows(68).any(|part| part == secret.as_bytes()), "{file} holds the token");
    }
    let other = world.run("token create board --role observer --as Ada --json").ok().json();
    assert_ne!(other["token"].as_str(), Some(secret));
    assert_eq!(other["issued"]["subject"], "person:Ada", "{other}");
}

#[test]
fn a_token_is_revoked_by_name_or_id_and_its_name_is_free_again() {
    let world = World::empty();
    world.run("token create ci --role observer --until never").ok();
    refused(world.run("token create ci --role lead"), 4, "key/duplicate", "a token `ci` already");
    let came = world.run("token revoke ci --reason 'it stood in a log'").ok();
    assert!(came.out.contains("revoked token tok_"), "{}", came.shown());
    let again = world.run("token revoke ci").ok();
    assert!(again.out.starts_with("nothing to change"), "{}", again.shown());
    assert!(world.run("token list").ok().out.contains("there is no token"));
    let all = world.run("token list --all --json").ok().json();
    assert_eq!(all["tokens"][0]["state"], "revoked", "{all}");
    world.run("token create ci --role lead").ok();
    refused(world.run("token revoke nobody"), 3, "entry/not-found", "there is no token `nobody`");
    world.run("audit verify").ok();
}

#[test]
fn agents_make_none_and_words_that_mean_nothing_are_refused() {
    let world = World::empty();
    let agent = world.run("token create mine --role lead --agent smith");
    refused(agent, 5, "policy/denied", "only a person can make a token");
    let near = world.run("token create mine --role lead --as Ada --session s1");
    refused(near, 5, "identity/unproven", "an agent is present");
    for (line, says) in [
        ("token create x --role boss", "there is no role `boss`"),
        ("token create x --scope plans", "there is no scope `plans`"),
        ("token create x", "a token without role or scope"),
        ("token create x --role lead --until 2031-04-01", "in the future"),
        ("token create x --role lead --subject agent:", "an agent's name"),
    ] {
        refused(world.run(line), 4, "value/invalid", says);
    }
}

#[test]
fn whoever_has_a_key_signs_for_their_tokens() {
    let world = World::empty();
    world.run("key new --as Ada").ok();
    world.run("key register --as Ada").ok();
    refused(world.run("token create x --role lead --as Ada"), 5, "identity/unproven", "Ada has a key");
    let other = world.run("token create x --role lead --subject person:Ada --as Bo");
    refused(other, 5, "identity/unproven", "only Ada makes a token for Ada");
    world.run("token create x --role lead --as Ada --sign").ok();
}
