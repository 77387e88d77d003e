//! `note`: remarks.

use crate::world::World;

#[test]
fn a_note_is_kept_without_its_secrets() {
    let world = World::adopt("T-1: Build it");
    let came = world.run("note T-1 the password=hunter2hunter2 works").ok();
    assert!(came.out.starts_with("casey [declared] noted on `T-1`: the password="), "{}", came.shown());
    assert!(!came.out.contains("hunter2") && came.out.contains("redacted"), "{}", came.shown());
    let none = world.run("note T-1");
    assert_eq!((none.exit, none.code().as_deref()), (2, Some("usage/invalid")), "{}", none.shown());
}
