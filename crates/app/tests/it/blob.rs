//! `blob`: contents shown and purged.

use crate::world::World;

#[test]
fn content_is_shown_and_purged_and_the_history_stays_provable() {
    let world = World::adopt("T-1: Build it");
    world.desk.write("report.txt", "all is well\n");
    let receipt = world.run("attach T-1 report.txt --json").ok().json();
    let digest = receipt["events"][0]["event"]["file_attached"]["blob"].as_str().unwrap().to_owned();
    assert_eq!(world.run(&format!("blob show {}", &digest[..8])).ok().out, "all is well\n");
    let asked = world.run(&format!("blob purge {digest} --reason leak"));
    assert_eq!((asked.exit, asked.code().as_deref()), (10, Some("confirm/required")), "{}", asked.shown());
    assert_eq!(world.run(&format!("blob purge {digest} --yes")).exit, 2, "a reason is asked for");
    assert_eq!(world.run(&format!("blob purge {digest} --yes --reason ' '")).exit, 4);
    let agent = world.run(&format!("blob purge {digest} --reason leak --yes --agent coder --session s1"));
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("policy/denied")), "{}", agent.shown());
    world.run(&format!("blob purge {digest} --reason leak --yes")).ok();
    assert!(world.run("audit export").ok().out.contains(r#""reason":"leak""#));
    let gone = world.run(&format!("blob show {digest}"));
    assert_eq!((gone.exit, gone.code().as_deref()), (3, Some("entry/not-found")), "{}", gone.shown());
    assert!(gone.err.contains("was purged"), "{}", gone.shown());
    let whole = world.run("audit verify").ok();
    assert!(whole.out.contains("(1 purged)"), "{}", whole.shown());
    let again = world.run(&format!("blob purge {digest} --reason leak --yes")).ok();
    assert!(again.out.starts_with("nothing to change"), "{}", again.shown());
    let none = world.run("blob show 00000000");
    assert_eq!((none.exit, none.code().as_deref()), (3, Some("entry/not-found")), "{}", none.shown());
}
