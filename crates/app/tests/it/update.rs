//! `update`: fields of a task.

use crate::harness::expect;
use crate::world::World;

const PLAN: &str = "T-1: Build it | due: 2031-05-08";

fn refused(line: &str) -> String {
    let came = World::adopt(PLAN).run(line);
    format!(
        "{} {} {}",
        came.exit,
        came.code().unwrap_or_default(),
        came.err.lines().last().unwrap_or_default()
    )
}

#[test]
fn fields_are_set_and_cleared() {
    let world = World::adopt(PLAN);
    let came =
        world.run("update T-1 percent=40 'status=in progress' owner=Bo estimate=2.5d priority=P1").ok();
    expect(
        came.out.lines().next().unwrap_or_default(),
        "casey [declared] changed `T-1`: progress 40%, status in progress, owner Bo, estimate 2.5 days, priority P1",
    );
    let same = world.run("update T-1 percent=40 owner=Bo").ok();
    assert!(same.out.starts_with("nothing to change"), "{}", same.shown());
    let gone = world.run("update T-1 priority= owner=").ok();
    assert!(gone.out.contains("without priority P1, without owner Bo"), "{}", gone.shown());
}

#[test]
fn one_owner_of_several_may_stay() {
    let world = World::adopt("T-1: Build it");
    world.run("update T-1 owner=Ada,Bo").ok();
    let came = world.run("update T-1 owner=Ada").ok();
    assert!(came.out.contains("owner Ada"), "{}", came.shown());
    let came = world.run("update T-1 owner=Ada").ok();
    assert!(came.out.starts_with("nothing to change"), "{}", came.shown());
}

#[test]
fn a_wrong_value_or_field_is_refused_with_what_would_do() {
    expect(
        &refused("update T-1 progress=abc"),
        "4 value/invalid error[value/invalid]: `abc` is not a number, which progress must be",
    );
    expect(
        &refused("update T-1 percent=NaN"),
        "4 value/invalid error[value/invalid]: `NaN` is not a number, which progress must be",
    );
    expect(
        &refused("update T-1 percent=140"),
        "4 value/invalid error[value/invalid]: Progress must be between 0 and 100",
    );
    expect(&refused("update T-1 prcent=40"), "4 value/invalid hint: did you mean `percent`?");
    expect(
        &refused("update T-1 colour=red"),
        "4 value/invalid hint: fields are `status`, `percent`, `owner`, `due`, `window`, `priority`, `estimate`",
    );
    expect(&refused("update T-1 status=Done"), "4 value/invalid hint: say so with `countersign claim T-1`");
    expect(
        &refused("update T-1 due=2031-05-09"),
        "4 value/invalid hint: use `countersign rebaseline T-1 … --reason …`",
    );
    expect(
        &refused("update T-1 percent"),
        "2 usage/invalid hint: such as `countersign update T-1 percent=40`",
    );
}
