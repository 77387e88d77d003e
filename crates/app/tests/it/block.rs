//! `block` and `unblock`: obstacles that somebody reports and lifts.

use crate::world::World;

#[test]
fn an_obstacle_is_reported_and_lifted() {
    let world = World::adopt("T-1: Build it");
    let came = world.run("block T-1 --reason 'the host is down' --as Bo").ok();
    assert!(
        came.out.starts_with("Bo [declared] reported an obstacle for `T-1`: the host is down\n"),
        "{}",
        came.shown()
    );
    let came = world.run("unblock T-1").ok();
    assert!(came.out.starts_with("casey [declared] lifted the obstacles of `T-1`\n"), "{}", came.shown());
    let none = world.run("unblock T-1");
    assert_eq!((none.exit, none.code().as_deref()), (8, Some("task/state")), "{}", none.shown());
    let empty = world.run("block T-1 --reason ' '");
    assert_eq!((empty.exit, empty.code().as_deref()), (4, Some("value/invalid")), "{}", empty.shown());
    let lacking = world.run("block T-1");
    assert_eq!((lacking.exit, lacking.code().as_deref()), (2, Some("usage/invalid")), "{}", lacking.shown());
}
