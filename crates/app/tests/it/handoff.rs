//! `handoff`: work passes from one role to another.

use crate::harness::expect;
use crate::world::World;

#[test]
fn work_is_handed_on_with_what_it_needs() {
    let world = World::adopt("T-1: Build it");
    let line = "handoff give --from coder --to tester --task T-1 --input SPEC.md --output target/app --output NOTES.md \
                --required-by 2031-05-02T12:00:00Z 'the linker flag matters' --agent ada --session ada";
    assert_eq!(
        world.run(line).ok().out.lines().next(),
        Some("ada (ada) [declared] handed `T-1` on from coder to tester")
    );
    world.run("handoff give --from tester --to release 'all green'").ok();
    let listed = world.run("handoff list --to Tester --json").ok().json();
    assert_eq!(listed["handoffs"].as_array().map(Vec::len), Some(1), "{listed}");
    let row = &listed["handoffs"][0];
    assert_eq!(
        (&row["inputs"][0], &row["outputs"][1], &row["task"]),
        (&"SPEC.md".into(), &"NOTES.md".into(), &"T-1".into())
    );
    assert_eq!(row["required_by"], "2031-05-02T12:00:00Z");
    expect(
        &world.run("handoff list --to release").ok().out,
        "\
From    To       Text       By     At
tester  release  all green  casey  2031-05-01 09:00 UTC

note: a test store: its clock and ids are made up
",
    );
    for (wrong, exit) in [
        ("handoff give --from a --to b", 4),
        ("handoff give --from a --to ' ' x", 4),
        ("handoff give --from a --to b --task T-9 x", 3),
        ("handoff give --from a x", 2),
        ("handoff give --from a --to b --required-by someday x", 4),
    ] {
        assert_eq!(world.run(wrong).exit, exit, "{wrong}");
    }
}
