//! `key`, and what a signature proves.

use crate::world::World;

const PLAN: &str = "setting identity: proven\nT-1: Build it | approval: security";

#[test]
fn a_key_is_made_once_shown_and_made_known() {
    let world = World::adopt(PLAN);
    let none = world.run("key show --as Ada");
    assert_eq!((none.exit, none.code().as_deref()), (5, Some("identity/unproven")), "{}", none.shown());
    world.run("key new --as Ada").ok();
    let again = world.run("key new --as Ada");
    assert_eq!((again.exit, again.code().as_deref()), (4, Some("key/duplicate")), "{}", again.shown());
    let public = world.run("key show --as Ada").ok().out;
    assert!(public.starts_with("ed25519:"), "{public}");
    assert!(world.run("key list").ok().out.starts_with("no key is known"));
    let came = world.run("key register --as Ada").ok();
    assert!(came.out.contains("made a public key of Ada known"), "{}", came.shown());
    assert!(world.run("key list").ok().out.contains(public.trim()));
    world.run("key register --as Ada").ok();
}

#[test]
fn a_signature_is_what_a_strict_plan_accepts() {
    let world = World::adopt(PLAN);
    let word = world.run("approve T-1 --as Ada");
    assert_eq!((word.exit, word.code().as_deref()), (5, Some("identity/unproven")), "{}", word.shown());
    world.run("key new --as Ada").ok();
    let unknown = world.run("approve T-1 --as Ada --sign");
    assert_eq!(
        (unknown.exit, unknown.code().as_deref()),
        (5, Some("identity/unproven")),
        "{}",
        unknown.shown()
    );
    world.run("key register --as Ada").ok();
    let came = world.run("approve T-1 --as Ada --sign").ok();
    assert!(came.out.starts_with("Ada [signature] approved check "), "{}", came.shown());
}

#[test]
fn a_second_key_is_signed_with_the_first_and_agents_register_none() {
    let world = World::empty();
    world.run("key new --as Ada").ok();
    let agent = world.run("key register --as Ada --session s1");
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("identity/unproven")), "{}", agent.shown());
    world.run("key register --as Ada").ok();
    world.run("key new --as Bo").ok();
    let other = world.run("key show --as Bo").ok().out;
    let bare = world.run(&format!("key register --as Ada --public {}", other.trim()));
    assert_eq!((bare.exit, bare.code().as_deref()), (5, Some("identity/unproven")), "{}", bare.shown());
    world.run(&format!("key register --as Ada --sign --public {}", other.trim())).ok();
    let wrong = world.run("key register --as Ada --public ed25519:12");
    assert_eq!((wrong.exit, wrong.code().as_deref()), (4, Some("value/invalid")), "{}", wrong.shown());
}

#[test]
fn somebody_elses_key_over_the_same_words_proves_nothing() {
    let world = World::adopt(PLAN);
    let made = |name: &str| {
        let made = world.run(&format!("key new --json --as {name}")).ok().json();
        made["path"].as_str().expect("the file is named").to_owned()
    };
    let own = made("Ada");
    world.run("key register --as Ada").ok();
    std::fs::copy(made("Mallory"), own).expect("both files are there");
    let came = world.run("approve T-1 --as Ada --sign");
    assert_eq!((came.exit, came.code().as_deref()), (5, Some("identity/unproven")), "{}", came.shown());
    world.run("audit verify").ok();
}
