//! Which files work may touch: reservations that meet, are shared or narrowed, and strays.

use model::paths;
use proptest::prelude::*;

use crate::story::{agent, given, person};

#[test]
fn two_live_leases_do_not_write_the_same_files() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan =
        given("T-1: Build | path: src/**\nT-2: Test | path: src/lib.rs, tests/\nT-3: Tell | path: docs/");
    plan.take_up(&smith, "T-1").done();
    let no = plan.take_up(&jones, "T-2").refused(
        "path/reserved",
        "`src/lib.rs` of task `T-2` meets `src/**`, which smith (run-1) has reserved for task `T-1`",
    );
    assert_eq!(no.exit(), 8);
    plan.take_up(&jones, "T-3").done();
    // Narrowed, it fits beside the other.
    plan.take_paths(&jones, "T-2", &["tests/**"]).done();
    plan.reserve(&jones, "T-2", &["tests/**", "src/a.rs"], false).refused("path/reserved", "meets `src/**`");
    plan.submit(&smith, "T-1", &["src/main.rs"]).done();
    plan.reserve(&jones, "T-2", &["tests/**", "src/a.rs"], false).gives(&["paths_reserved T-2"]);
    plan.submit(&jones, "T-2", &["src/a.rs", "tests/x/y.rs"]).done();
}

#[test]
fn a_reservation_that_ran_out_is_in_nobodys_way() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build | path: src/**\nT-2: Test | path: src/lib.rs");
    plan.take_up(&smith, "T-1").done();
    plan.minutes(15);
    plan.take_up(&jones, "T-2").done();
}

#[test]
fn both_must_say_that_they_share() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build\nT-2: Test\nT-3: Tell");
    plan.reserve(&smith, "T-1", &["CHANGELOG.md"], true).done();
    plan.reserve(&smith, "T-1", &["CHANGELOG.md"], true).gives(&[]);
    plan.reserve(&smith, "T-2", &["CHANGELOG.md"], false).done();
    plan.reserve(&smith, "T-3", &["*.md"], true).done();
    plan.take_up(&smith, "T-1").done();
    plan.take_up(&jones, "T-2").refused("path/reserved", "meets `CHANGELOG.md`");
    plan.take_up(&jones, "T-3").done();
    plan.touch(&jones, "T-3", "CHANGELOG.md").gives(&["path_touched CHANGELOG.md"]);
    plan.submit(&jones, "T-3", &["CHANGELOG.md"]).done();
    plan.submit(&smith, "T-1", &["CHANGELOG.md"]).done();
}

#[test]
fn a_stray_is_on_record_and_is_not_handed_in() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build | path: src/**\nT-2: Tell | path: docs/");
    plan.take_up(&smith, "T-1").done();
    plan.take_up(&jones, "T-2").done();
    plan.touch(&smith, "T-1", "src/lib.rs").gives(&["path_touched src/lib.rs"]);
    plan.touch(&smith, "T-1", "./docs/a.md").gives(&["path_touched docs/a.md foreign", "ticket_opened T-1"]);
    let no = plan.submit(&smith, "T-1", &["src/lib.rs", "Cargo.toml"]).refused(
        "path/foreign",
        "task `T-1` was to write `src/**`, and the work touches `Cargo.toml`, `docs/a.md`",
    );
    assert_eq!(
        (no.exit(), no.facts.as_slice()),
        (8, ["docs/a.md  is reserved for `T-2`".to_owned()].as_slice())
    );
    plan.reserve(&smith, "T-1", &["src/**", "Cargo.toml", "docs/"], false)
        .refused("path/reserved", "which jones (run-1) has reserved for task `T-2`");
    plan.submit(&jones, "T-2", &[]).done();
    plan.reserve(&smith, "T-1", &["src/**", "Cargo.toml", "docs/"], false).done();
    plan.submit(&smith, "T-1", &["src/lib.rs", "Cargo.toml"]).done();
}

#[test]
fn what_another_reserved_is_foreign_also_to_who_reserved_nothing() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build\nT-2: Tell | path: docs/");
    plan.take_up(&smith, "T-1").done();
    plan.take_up(&jones, "T-2").done();
    plan.touch(&smith, "T-1", "docs/a.md").gives(&["path_touched docs/a.md foreign", "ticket_opened T-1"]);
    plan.submit(&smith, "T-1", &["src/lib.rs", "docs/b.md"]).refused(
        "path/foreign",
        "was to write nothing that others have reserved, and the work touches `docs/a.md`",
    );
}

#[test]
fn no_path_leads_out_of_the_plans_folder() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build | path: src/**\nT-2: Tell");
    for way in ["/etc/passwd", "../secrets", "src/../../secrets", "..\\secrets"] {
        plan.reserve(&smith, "T-1", &[way], false).refused("value/invalid", "leads out of the plan's folder");
        plan.take_paths(&smith, "T-1", &[way]).refused("value/invalid", "leads out of the plan's folder");
    }
    plan.take_paths(&smith, "T-1", &[" "]).refused("value/invalid", "a path must not be empty");
    plan.take_up(&smith, "T-1").done();
    plan.take_up(&smith, "T-2").done();
    for name in ["T-1", "T-2"] {
        for way in ["/etc/passwd", "src/../../secrets"] {
            plan.submit(&smith, name, &[way]).refused("path/foreign", "the work touches");
        }
    }
    plan.touch(&smith, "T-2", "/etc/passwd")
        .gives(&["path_touched /etc/passwd foreign", "ticket_opened T-2"]);
}

#[test]
fn only_its_holder_or_a_person_changes_what_a_held_task_reserves() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build | path: src/**");
    plan.take_up(&smith, "T-1").done();
    plan.reserve(&jones, "T-1", &["tools/"], false).refused("lease/taken", "held by smith");
    plan.reserve(&person("ada"), "T-1", &["tools/"], false).gives(&["paths_reserved T-1"]);
    plan.submit(&smith, "T-1", &["src/lib.rs"]).refused("path/foreign", "the work touches `src/lib.rs`");
    plan.submit(&smith, "T-1", &["tools/x.sh"]).done();
}

/// A pattern of few letters, so that two of them often meet.
fn pattern() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "ab", "*", "a*", "*b", "?", "**", "[ab]", "{a,b}", "a?"]);
    let parts = prop::collection::vec(part, 1..4);
    (parts, any::<bool>()).prop_map(|(parts, open)| parts.join("/") + if open { "/" } else { "" })
}

fn file() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "ab", "abb", "ba"]);
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn patterns_that_cover_one_file_meet(a in pattern(), b in pattern(), file in file()) {
        prop_assert_eq!(paths::meet(&a, &b), paths::meet(&b, &a));
        if paths::covers(&a, &file) && paths::covers(&b, &file) {
            prop_assert!(paths::meet(&a, &b), "{} and {} both cover {}", a, b, file);
        }
        prop_assert!(paths::meet(&a, &a));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// What meets is refused to the second taker, and what does not is given.
    #[test]
    fn a_second_taker_is_refused_exactly_where_patterns_meet(a in pattern(), b in pattern()) {
        let mut plan = given(&format!("T-1: Build | path: {}\nT-2: Test", a.replace(',', ";")));
        let a = a.replace(',', ";");
        plan.take_up(&agent("smith"), "T-1").done();
        let came = plan.take_paths(&agent("jones"), "T-2", &[&b]).0;
        prop_assert_eq!(came.is_err(), paths::meet(&a, &b), "{} and {}", a, b);
    }
}
