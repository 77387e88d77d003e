//! `claim`: a word, never proof.

use crate::world::World;

#[test]
fn a_claim_is_on_record_and_proves_nothing() {
    let world = World::adopt("T-1: Build it | check: true\nT-2: Measure it | needs: T-1");
    let came = world.run("claim T-1 --as Ada").ok();
    assert!(came.out.starts_with("Ada [declared] claimed `T-1`\n"), "{}", came.shown());
    let next = world.run("claim T-2");
    assert_eq!((next.exit, next.code().as_deref()), (7, Some("dependency/unmet")), "{}", next.shown());
    let again = world.run("claim T-1 --as Bo");
    assert_eq!((again.exit, again.code().as_deref()), (8, Some("task/state")), "{}", again.shown());
}
