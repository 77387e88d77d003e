//! `attach`: a file beside a task, taken in by its digest.

use crate::world::World;

const PLAN: &str = "T-1: Build it | attachment: report.txt";

#[test]
fn a_person_attaches_a_file() {
    let world = World::adopt(PLAN);
    world.desk.write("out/report.txt", "all is well\n");
    let came = world.run("attach T-1 out/report.txt").ok();
    assert!(came.out.starts_with("casey [declared] attached `report.txt` (12 bytes, "), "{}", came.shown());
    world.run("session start s1").ok();
    let agent = world.run("attach T-1 out/report.txt --agent coder --session s1");
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("policy/denied")), "{}", agent.shown());
}

#[test]
fn a_file_that_is_missing_unnamed_or_too_large_is_refused() {
    let world = World::adopt(PLAN);
    let missing = world.run("attach T-1 none.txt");
    assert_eq!((missing.exit, missing.code().as_deref()), (3, Some("file/not-found")), "{}", missing.shown());
    let unnamed = world.desk.call(&["attach", "T-1", "-"], Some("x"));
    assert_eq!((unnamed.exit, unnamed.code().as_deref()), (2, Some("usage/invalid")), "{}", unnamed.shown());
    world.desk.call(&["attach", "T-1", "-", "--name", "report.txt"], Some("x")).ok();
    let large = std::fs::File::create(world.desk.folder().join("large")).unwrap();
    large.set_len(65 * 1024 * 1024).unwrap();
    let large = world.run("attach T-1 large");
    assert_eq!((large.exit, large.code().as_deref()), (4, Some("value/invalid")), "{}", large.shown());
}
