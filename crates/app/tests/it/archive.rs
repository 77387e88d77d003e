//! Our own archive: what goes out whole comes in whole, and what was touched on the way does not.

use engine::desk::Desk as _;
use engine::store::{Fixture, Place, Store};
use model::plan::Plan;

use crate::harness::Desk;
use crate::world::{NOW, World};

/// A plan to which a bit of everything has happened.
fn eventful() -> World {
    let world = World::adopt(
        "T-1: Pack the shelves\nT-2: Move the cabinets | needs: T-1 | check files: true\nT-3: Open the room | needs: T-2",
    );
    world.desk.write("photo.bin", [0u8, 159, 146, 150, 255]);
    world.desk.write("report.txt", "all is well\n");
    world.desk.write("big.txt", "x".repeat(200_000));
    for line in [
        "claim T-1 --as Mina",
        "note T-1 'the boxes are in the hall'",
        "attach T-1 photo.bin",
        "attach T-1 report.txt",
        "attach T-3 big.txt",
        "block T-3 --reason 'no key yet'",
        "update T-3 priority=P1 owner=Li",
        "waive T-2 --check files --reason 'the lift is out' --until +3d --as Mina",
        "risk add 'the lift stays out' --key R-1",
        "decision add 'move on a Monday' --owner Li",
        "assumption add 'the room is dry'",
        "metric record boxes 34",
        "escalate 'who pays for the lift'",
        "drop T-3 --reason 'another room'",
        "reopen T-3 --reason 'after all'",
    ] {
        let came = world.run(line);
        assert_eq!(came.exit, 0, "{line}: {}", came.shown());
    }
    world
}

/// A folder with an empty store for tests in it.
fn elsewhere() -> World {
    World::empty()
}

fn plan_of(desk: &Desk) -> (Plan, Vec<String>) {
    let place = Place::find(None, desk.folder(), desk.folder()).expect("the test made it so");
    let store =
        Store::open(&place, Fixture { now: Some(NOW.parse().expect("the test made it so")), seed: None })
            .expect("the test made it so");
    let line = store.desk().plans().expect("the test made it so").remove(0);
    let plan = store.desk().plan(line.id).expect("the test made it so");
    let heads = store
        .desk()
        .journal()
        .heads()
        .expect("the test made it so")
        .into_iter()
        .filter(|head| head.plan == line.id);
    ((*plan).clone(), heads.map(|head| format!("{} {}", head.seq, head.digest)).collect())
}

#[test]
fn everything_out_and_in_again_is_the_same_plan() {
    let (there, here) = (eventful(), elsewhere());
    there.run("export --out plan.archive").ok();
    here.desk.write("plan.archive", there.desk.bytes("plan.archive"));
    let came = here.run("import plan.archive --as Noor").ok();
    assert!(came.out.starts_with("plan `plan` is brought in: "), "{}", came.shown());
    assert_eq!(plan_of(&here.desk), plan_of(&there.desk));
    for line in ["state --at 5", "list", "show T-1", "why T-3", "log", "waivers", "risk list", "metric list"]
    {
        assert_eq!(here.run(line).ok().out, there.run(line).ok().out, "{line}");
    }
    here.run("audit verify").ok();
    let journal = here.run("audit export").ok().out;
    assert!(journal.contains("plan_brought") && journal.contains("Noor"), "{journal}");
    // And once more out of the other store: not a byte has changed.
    assert_eq!(here.run("export").ok().out, there.run("export").ok().out);
    let again = here.run("import plan.archive --json").ok().json();
    assert_eq!(again["how"], "unchanged");
}

#[test]
fn a_plan_that_went_on_here_is_not_brought_in_over_itself() {
    let (there, here) = (World::adopt("T-1: Build it"), elsewhere());
    there.run("export --out plan.archive").ok();
    here.desk.write("plan.archive", there.desk.bytes("plan.archive"));
    here.run("import plan.archive").ok();
    here.run("claim T-1").ok();
    let came = here.run("import plan.archive");
    assert_eq!((came.exit, came.code().as_deref()), (8, Some("plan/moved")), "{}", came.shown());
    let other = elsewhere();
    other.take_in("first", "T-8: Something");
    other.take_in("plan", "T-9: Something else");
    other.desk.write("plan.archive", there.desk.bytes("plan.archive"));
    let came = other.run("import plan.archive");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("key/duplicate")), "{}", came.shown());
}

#[test]
fn a_touched_archive_is_refused_and_names_the_first_bad_entry() {
    let there = eventful();
    let whole = there.run("export").ok().out;
    let check = |touched: String, exit: i32, says: &str| {
        assert_ne!(touched, whole);
        let here = elsewhere();
        here.desk.write("plan.archive", touched);
        let came = here.run("import plan.archive");
        assert_eq!(came.exit, exit, "{says}: {}", came.shown());
        assert!(came.err.contains(says), "{says}: {}", came.shown());
        assert_eq!(here.run("list").exit, 3, "nothing was brought in");
    };
    let claimed = whole.lines().position(|line| line.contains("task_claimed")).expect("the test made it so");
    check(whole.replacen("\"person\":\"Mina\"", "\"person\":\"Boss\"", 1), 9, &format!("event {claimed} of"));
    check(whole.replacen("the boxes are", "the boxes were", 1), 9, "does not have its digest");
    check(whole.replacen("all is well", "all is lost", 1), 9, "its content was replaced");
    let without = |number: usize| {
        let lines = whole.lines().enumerate().filter(|(at, _)| *at != number).map(|(_, line)| line);
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    check(without(claimed), 9, &format!("event {claimed} of"));
    check(without(whole.lines().count() - 1), 4, "it was cut off");
    check(whole[..whole.len() / 2].to_owned(), 4, "it was cut off");
    check(whole.replacen("\"version\":1", "\"version\":9", 1), 9, "newer version");
    check(whole.replacen("\"test_store\":true", "\"test_store\":false", 1), 4, "line 1");
    let blob = whole.lines().position(|line| line.starts_with("{\"blob\"")).expect("the test made it so");
    check(without(blob), 4, "line 1");
}

#[test]
fn an_archive_is_vouched_for_by_a_person() {
    let (there, mut here) = (World::adopt("T-1: Build it"), elsewhere());
    there.run("export --out plan.archive").ok();
    here.desk.write("plan.archive", there.desk.bytes("plan.archive"));
    let agent = here.run("import plan.archive --agent coder --session s1");
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("policy/denied")), "{}", agent.shown());
    here.desk.set("COUNTERSIGN_AGENT", "coder");
    here.desk.set("COUNTERSIGN_SESSION", "s1");
    let declared = here.run("import plan.archive --as Mina");
    assert_eq!((declared.exit, declared.code().as_deref()), (5, Some("identity/unproven")));
    let real = Desk::new().file("plan.archive", there.desk.bytes("plan.archive"));
    let invented = real.run("import plan.archive");
    assert_eq!(
        (invented.exit, invented.code().as_deref()),
        (4, Some("value/invalid")),
        "{}",
        invented.shown()
    );
    let keyed = here.run("import plan.archive --as-plan other");
    assert_eq!(keyed.exit, 2, "{}", keyed.shown());
}

#[test]
fn a_purged_content_stays_purged() {
    let (there, here) = (World::adopt("T-1: Build it"), elsewhere());
    there.desk.write("report.txt", "names a customer\n");
    let json = there.run("attach T-1 report.txt --json").ok().json();
    let digest =
        json["events"][0]["event"]["file_attached"]["blob"].as_str().expect("the test made it so").to_owned();
    there.run(&format!("blob purge {digest} --yes --reason leak")).ok();
    there.run("export --out plan.archive").ok();
    here.desk.write("plan.archive", there.desk.bytes("plan.archive"));
    here.run("import plan.archive").ok();
    assert!(here.run("audit verify").ok().out.contains("(1 purged)"));
    assert_eq!(plan_of(&here.desk), plan_of(&there.desk));
}
