//! `reserve`: paths set aside, alone or shared, and freed.

use crate::harness::Came;
use crate::world::World;

const PLAN: &str = "T-1: Build | path: src/**\nT-2: Test | path: src/lib.rs\nT-3: Tell";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn what_another_holds_is_not_reserved_a_second_time() {
    let world = World::adopt(PLAN);
    world.run("take T-1 --agent smith").ok();
    let says = "`src/lib.rs` of task `T-2` meets `src/**`, which smith (smith) has reserved for task `T-1`";
    refused(world.run("take T-2 --agent jones"), 8, "path/reserved", says);
    world.run("take T-3 --agent jones").ok();
    refused(world.run("reserve T-3 src/a.rs --agent jones"), 8, "path/reserved", "meets `src/**`");
    refused(world.run("reserve T-1 docs/ --agent jones"), 8, "lease/taken", "held by smith");
    // Narrowed by its holder, there is room for the other.
    world.run("reserve T-1 src/model/** --agent smith").ok();
    world.run("take T-2 --agent jones").ok();
}

#[test]
fn files_are_shared_where_both_say_so() {
    let world = World::adopt(PLAN);
    for task in ["T-1", "T-2"] {
        world.run(&format!("reserve {task} CHANGELOG.md --shared")).ok();
        world.run(&format!("take {task} --agent smith")).ok();
    }
    let again = world.run("reserve T-1 CHANGELOG.md --shared --agent smith").ok();
    assert!(again.out.starts_with("nothing to change"), "{}", again.shown());
    world.run("reserve T-1 --none --agent smith").ok();
}

#[test]
fn a_reservation_is_of_paths_within_the_folder() {
    let world = World::adopt(PLAN);
    for path in ["/etc/passwd", "../x", "a/../../x"] {
        refused(
            world.run(&format!("reserve T-1 {path}")),
            4,
            "value/invalid",
            "leads out of the plan's folder",
        );
    }
    refused(world.run("reserve T-1"), 2, "usage/invalid", "name the paths");
    refused(world.run("reserve T-1 src --none"), 2, "usage/invalid", "--none");
    refused(world.run("reserve T-9 src"), 3, "task/not-found", "`T-9`");
}
