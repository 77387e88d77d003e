//! Leases: one holder at a time, fences, takeover, what is handed in, and who may say so.

use model::actor::{Actor, By};
use model::command::{Command, Take, Which};
use model::ids::{AgentId, SessionId};
use model::lease::LeaseEnd;
use model::task::ClaimHow;

use crate::story::{Story, agent, given, person, signed};

/// The same agent in another session: another run of it.
fn later_run(name: &str) -> By {
    let agent = AgentId::new(name).expect("a name");
    let session = SessionId::new("run-2").expect("a name");
    By::new(Actor::Agent { agent, session }, model::actor::Known::Declared)
}

fn strikes(story: &Story, name: &str) -> u32 {
    story.task(name).effort.as_ref().map_or(0, |effort| effort.strikes)
}

#[test]
fn a_task_has_one_holder() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").gives(&["lease_taken T-1 fence 1"]);
    let no = plan
        .take_up(&jones, "T-1")
        .refused("lease/taken", "task `T-1` is held by smith (run-1) until 2031-05-05T09:15:00Z");
    assert_eq!(no.exit(), 8);
    plan.take_up(&smith, "T-1").refused("lease/taken", "held by smith");
    plan.start(&jones, "T-1").refused("lease/taken", "held by smith");
    plan.start(&person("ada"), "T-1").refused("lease/taken", "held by smith");
    plan.claim(&person("ada"), "T-1").refused("lease/taken", "held by smith");
    plan.take_up(&later_run("smith"), "T-1").refused("lease/taken", "held by smith (run-1)");
}

#[test]
fn only_persons_and_agents_take() {
    let mut plan = given("T-1: Build");
    for by in [By::document(), By::system()] {
        plan.take_up(&by, "T-1").refused("policy/denied", "only a person or an agent");
    }
    plan.take_up(&person("ada"), "T-1").gives(&["lease_taken T-1 fence 1"]);
    plan.submit(&person("ada"), "T-1", &[]).gives(&["work_submitted T-1", "task_claimed T-1 submit"]);
}

#[test]
fn what_is_needed_comes_before_a_lease() {
    let smith = agent("smith");
    let mut plan = given("7.3: Quality | check tests: make test\n7.4: Ship | needs: 7.3");
    let no =
        plan.take_up(&smith, "7.4").refused("dependency/unmet", "cannot take task `7.4`: it needs `7.3`");
    assert_eq!((no.exit(), no.facts.as_slice()), (7, ["7.3  ready".to_owned()].as_slice()));
    // Somebody's word that it is done does not do.
    plan.claim(&smith, "7.3").done();
    plan.take_up(&smith, "7.4").refused("dependency/unmet", "it needs `7.3`");
    plan.passes("7.3", "tests").done();
    plan.verify("7.3").done();
    plan.take_up(&smith, "7.4").gives(&["lease_taken 7.4 fence 1"]);
}

#[test]
fn a_need_that_fell_away_meanwhile_stops_the_handing_in() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Ship | needs: T-1");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.take_up(&smith, "T-2").done();
    plan.report("T-1", "tests", model::check::Outcome::Fail, "exit status 1").done();
    plan.submit(&smith, "T-2", &[]).refused("dependency/unmet", "cannot submit task `T-2`: it needs `T-1`");
}

#[test]
fn an_expired_lease_is_taken_over_and_its_fence_is_worth_nothing() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.minutes(14);
    plan.take_up(&jones, "T-1").refused("lease/taken", "held by smith");
    plan.minutes(1);
    plan.take_up(&jones, "T-1").gives(&["lease_ended T-1 expired", "lease_taken T-1 fence 2"]);
    plan.fence = Some(1);
    plan.beat(&smith, "T-1")
        .refused("lease/lost", "under grant 1 is lost; jones (run-1) holds it under 2 now");
    plan.submit(&smith, "T-1", &[]).refused("lease/lost", "under grant 1 is lost");
    plan.touch(&smith, "T-1", "a.rs").refused("lease/lost", "under grant 1 is lost");
    plan.release(&smith, "T-1", LeaseEnd::Released, "").refused("lease/lost", "under grant 1 is lost");
    plan.claim(&smith, "T-1").refused("lease/lost", "under grant 1 is lost");
    // The new holder shows its own, and the old one no better without any.
    plan.fence = None;
    plan.beat(&smith, "T-1").refused("lease/taken", "held by jones");
    plan.fence = Some(2);
    plan.beat(&jones, "T-1").gives(&["lease_renewed T-1 fence 2"]);
    plan.submit(&jones, "T-1", &[]).gives(&["work_submitted T-1", "task_claimed T-1 submit"]);
}

#[test]
fn an_agent_that_took_its_own_task_over_works_under_the_new_grant_only() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.minutes(20);
    plan.take_up(&smith, "T-1").gives(&["lease_ended T-1 expired", "lease_taken T-1 fence 2"]);
    plan.fence = Some(1);
    plan.submit(&smith, "T-1", &[]).refused("lease/lost", "smith (run-1) holds it under 2 now");
}

#[test]
fn a_grant_that_was_never_given_is_none() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.fence = Some(9);
    plan.submit(&smith, "T-1", &[]).refused("lease/lost", "under grant 9 is lost");
    plan.fence = Some(1);
    plan.submit(&smith, "T-1", &[]).done();
}

#[test]
fn a_heartbeat_renews_and_a_late_one_does_where_nobody_was_faster() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build | path: src/**\nT-2: Test | path: src/lib.rs");
    plan.take_up(&smith, "T-1").done();
    plan.minutes(10);
    plan.beat(&smith, "T-1").gives(&["lease_renewed T-1 fence 1"]);
    plan.minutes(10);
    plan.take_up(&jones, "T-1").refused("lease/taken", "held by smith");
    plan.minutes(10);
    plan.beat(&smith, "T-1").gives(&["lease_renewed T-1 fence 1"]);
    plan.minutes(20);
    // Its time was over, and what it had reserved was given to somebody else.
    plan.take_up(&jones, "T-2").done();
    plan.beat(&smith, "T-1").refused("path/reserved", "which jones (run-1) has reserved for task `T-2`");
    plan.submit(&smith, "T-1", &["src/lib.rs"]).refused("path/foreign", "the work touches `src/lib.rs`");
    plan.submit(&smith, "T-1", &["src/main.rs"]).done();
}

#[test]
fn who_holds_nothing_beats_submits_and_touches_nothing() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("T-1: Build");
    for by in [&smith, &ada] {
        plan.beat(by, "T-1").refused("lease/lost", "holds no lease on task `T-1`");
        plan.submit(by, "T-1", &[]).refused("lease/lost", "holds no lease on task `T-1`");
        plan.touch(by, "T-1", "a.rs").refused("lease/lost", "holds no lease on task `T-1`");
    }
    plan.release(&smith, "T-1", LeaseEnd::Released, "")
        .refused("task/state", "nobody holds task `T-1` under a lease");
    plan.take_up(&jones, "T-1").done();
    for by in [&smith, &ada, &later_run("jones")] {
        plan.beat(by, "T-1").refused("lease/taken", "held by jones");
        plan.submit(by, "T-1", &[]).refused("lease/taken", "held by jones");
        plan.touch(by, "T-1", "a.rs").refused("lease/taken", "held by jones");
    }
    // Begun without a lease, there is nothing to hand in either.
    plan.release(&jones, "T-1", LeaseEnd::Released, "").done();
    plan.start(&smith, "T-1").done();
    plan.submit(&smith, "T-1", &[]).refused("lease/lost", "holds no lease");
}

#[test]
fn a_lease_is_given_back_by_its_holder_or_taken_by_a_person_who_says_why() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.release(&jones, "T-1", LeaseEnd::Released, "mine").refused("lease/taken", "held by smith");
    plan.release(&ada, "T-1", LeaseEnd::Released, " ")
        .refused("value/invalid", "the reason for taking a task");
    plan.agent_present = true;
    plan.release(&ada, "T-1", LeaseEnd::Released, "stuck")
        .refused("identity/unproven", "an agent is present");
    plan.release(&signed("ada"), "T-1", LeaseEnd::Released, "stuck").gives(&["lease_ended T-1 released"]);
    assert_eq!((plan.state("T-1"), strikes(&plan, "T-1")), ("open", 0));
    plan.take_up(&jones, "T-1").gives(&["lease_taken T-1 fence 2"]);
    plan.release(&jones, "T-1", LeaseEnd::Released, "").gives(&["lease_ended T-1 released"]);
    // What was given back is nobody's: no grant works any more.
    plan.fence = Some(2);
    plan.submit(&jones, "T-1", &[]).refused("lease/lost", "holds no lease on task `T-1`");
}

#[test]
fn nobody_says_that_anothers_lease_expired_before_it_did() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.release(&By::system(), "T-1", LeaseEnd::Expired, "")
        .refused("lease/lost", "countersign holds no lease on task `T-1`");
    plan.release(&smith, "T-1", LeaseEnd::Expired, "").refused("task/state", "is still live");
    plan.minutes(15);
    plan.release(&jones, "T-1", LeaseEnd::Released, "").refused("lease/lost", "jones (run-1) holds no lease");
    plan.release(&By::document(), "T-1", LeaseEnd::Expired, "").refused("lease/lost", "holds no lease");
    plan.release(&By::system(), "T-1", LeaseEnd::Expired, "").gives(&["lease_ended T-1 expired"]);
    assert_eq!(strikes(&plan, "T-1"), 1);
}

#[test]
fn a_claim_does_not_stand_in_for_handing_in() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build | path: src/**");
    plan.take_up(&smith, "T-1").done();
    plan.claim(&smith, "T-1").refused("task/state", "task `T-1` is worked on under a lease");
    plan.claim(&jones, "T-1").refused("lease/taken", "held by smith");
    let task = plan.id("T-1");
    plan.when(&smith, Command::Claim { task, how: ClaimHow::Submit })
        .refused("value/invalid", "work is handed in by whoever holds its task");
    plan.minutes(20);
    for by in [&smith, &jones] {
        plan.claim(by, "T-1").refused("task/state", "task `T-1` is worked on under a lease");
    }
    plan.submit(&smith, "T-1", &["src/lib.rs"]).done();
    plan.submit(&smith, "T-1", &["src/lib.rs"]).refused("lease/lost", "holds no lease");
}

#[test]
fn what_is_handed_in_is_claimed_and_not_more() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Ship | needs: T-1");
    plan.take_up(&smith, "T-1").done();
    plan.submit(&smith, "T-1", &["src/lib.rs"]).done();
    assert_eq!(plan.state("T-1"), "claimed");
    let submission = plan.task("T-1").effort.as_ref().and_then(|effort| effort.submission.clone());
    let submission = submission.expect("it was handed in");
    assert_eq!(
        (submission.fence.0, submission.touched.as_slice()),
        (1, ["src/lib.rs".to_owned()].as_slice())
    );
    plan.verify("T-1").refused("gate/shut", "1 of 1 checks");
    plan.take_up(&smith, "T-2").refused("dependency/unmet", "it needs `T-1`");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.take_up(&smith, "T-1").refused("task/state", "task `T-1` is already verified");
}

#[test]
fn a_task_that_keeps_losing_its_workers_waits_for_a_person() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.release(&smith, "T-1", LeaseEnd::Failed, "cannot build it").gives(&["lease_ended T-1 failed"]);
    plan.take_up(&jones, "T-1").done();
    plan.minutes(15);
    plan.take_up(&smith, "T-1").gives(&["lease_ended T-1 expired", "lease_taken T-1 fence 3"]);
    plan.minutes(15);
    // The lease that ran out is the third loss, once somebody asks for the task anew.
    let no = plan.take_up(&jones, "T-1").refused("lease/strikes", "task `T-1` has lost its worker 3 times");
    assert_eq!(no.exit(), 8);
    plan.take_next(&jones, &[]).refused("work/none", "there is no task that could be taken now");
    // Beginning without a lease is no way around it, nor is opening it again oneself.
    plan.start(&jones, "T-1").refused("lease/strikes", "3 times");
    plan.reopen(&jones, "T-1").refused("policy/denied", "only a person can open a task again that lost");
    plan.agent_present = true;
    plan.reopen(&ada, "T-1").refused("identity/unproven", "an agent is present");
    plan.agent_present = false;
    plan.reopen(&ada, "T-1").gives(&["lease_ended T-1 expired", "task_reopened T-1 attempt 2"]);
    assert_eq!(strikes(&plan, "T-1"), 0);
    plan.take_up(&jones, "T-1").gives(&["lease_taken T-1 fence 4"]);
}

#[test]
fn a_task_that_lies_open_after_its_last_worker_failed_is_opened_again_too() {
    let (smith, ada) = (agent("smith"), person("ada"));
    let mut plan = given("setting strikes: 1\nT-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.release(&smith, "T-1", LeaseEnd::Failed, "").done();
    assert_eq!(plan.state("T-1"), "open");
    plan.take_up(&smith, "T-1").refused("lease/strikes", "has lost its worker 1 times");
    plan.reopen(&smith, "T-1").refused("policy/denied", "only a person");
    plan.reopen(&ada, "T-1").gives(&["task_reopened T-1 attempt 2"]);
    plan.reopen(&ada, "T-1").refused("task/state", "task `T-1` is open already");
    plan.take_up(&smith, "T-1").done();
}

#[test]
fn an_agent_that_reopens_forgets_no_strike() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("setting strikes: 2\nT-1: Build");
    plan.take_up(&smith, "T-1").done();
    plan.minutes(15);
    plan.reopen(&jones, "T-1").gives(&["lease_ended T-1 expired", "task_reopened T-1 attempt 2"]);
    assert_eq!(strikes(&plan, "T-1"), 1);
    plan.take_up(&jones, "T-1").done();
    plan.reopen(&jones, "T-1").refused("policy/denied", "only a person");
    plan.submit(&jones, "T-1", &[]).done();
}

#[test]
fn what_the_program_opens_again_keeps_its_strikes_unless_it_was_done() {
    let smith = agent("smith");
    let mut plan = given("setting strikes: 1\nT-1: Build | check tests: make test");
    plan.take_up(&smith, "T-1").done();
    plan.submit(&smith, "T-1", &[]).done();
    plan.reopen(&By::system(), "T-1").done();
    plan.take_up(&smith, "T-1").done();
    plan.release(&smith, "T-1", LeaseEnd::Failed, "").done();
    plan.claim(&smith, "T-1").done();
    plan.reopen(&By::system(), "T-1").done();
    plan.take_up(&smith, "T-1").refused("lease/strikes", "has lost its worker 1 times");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.report("T-1", "tests", model::check::Outcome::Fail, "exit status 1").done();
    plan.take_up(&smith, "T-1").done();
}

#[test]
fn a_looser_limit_on_strikes_waits_for_approval() {
    let ada = person("ada");
    let mut plan = given("setting strikes: 2\nT-1: Build");
    for looser in ["setting strikes: 0\nT-1: Build", "setting strikes: 9\nT-1: Build"] {
        plan.revise(&ada, looser).gives(&["plan_revised", "settings_proposed"]);
        assert_eq!(plan.plan.settings.leases.strikes, 2);
    }
    plan.revise(&ada, "setting strikes: 1\nT-1: Build").gives(&["plan_revised", "settings_changed"]);
}

#[test]
fn the_next_task_goes_by_priority_then_by_how_many_wait_then_by_place() {
    let smith = agent("smith");
    let mut plan = given(
        "T-1: One\nT-2: Two | needs: T-1\nT-3: Three | priority: low\nT-4: Four\nT-5: Five | priority: P0\n\
         T-6: Six | needs: T-4\nT-7: Seven | needs: T-4",
    );
    for (fence, name) in [("1", "T-5"), ("1", "T-4"), ("1", "T-1"), ("1", "T-3")] {
        plan.take_next(&smith, &[]).gives(&[&format!("lease_taken {name} fence {fence}")]);
    }
    plan.take_next(&smith, &[]).refused("work/none", "there is no task");
    plan.minutes(15);
    plan.take_next(&smith, &[]).gives(&["lease_ended T-5 expired", "lease_taken T-5 fence 2"]);
}

#[test]
fn the_next_task_is_of_ones_own_role_or_of_none() {
    let smith = agent("smith");
    let mut plan = given("T-1: Write | agent: Doc Writer\nT-2: Review | agent: code-reviewer\nT-3: Sweep");
    let task = plan.id("T-1");
    let take = Take {
        which: Which::Task(task),
        roles: vec!["code-reviewer".to_owned()],
        ttl_seconds: None,
        paths: None,
        base: None,
    };
    plan.when(&smith, Command::Take(Box::new(take)))
        .refused("policy/denied", "task `T-1` is for the role `Doc Writer`, not for code-reviewer");
    plan.take_next(&smith, &["Code Reviewer"]).gives(&["lease_taken T-2 fence 1"]);
    plan.take_next(&smith, &["Code Reviewer"]).gives(&["lease_taken T-3 fence 1"]);
    plan.take_next(&smith, &["code-reviewer"]).refused("work/none", "there is no task");
    plan.take_next(&smith, &[]).gives(&["lease_taken T-1 fence 1"]);
}

#[test]
fn the_next_task_is_neither_blocked_nor_given_up_nor_reserved_by_others() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("T-1: One\nT-2: Two\nT-3: Three | path: src/**\nT-4: Four | path: src/lib.rs");
    plan.drop_task(&ada, "T-1").done();
    let task = plan.id("T-2");
    plan.when(&smith, Command::Block { task, reason: "no key".to_owned() }).done();
    plan.take_next(&smith, &[]).gives(&["lease_taken T-3 fence 1"]);
    plan.take_next(&jones, &[]).refused("work/none", "there is no task");
    plan.take_up(&jones, "T-1").refused("task/state", "task `T-1` was dropped");
}

#[test]
fn a_lease_lasts_for_a_second_to_a_day() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    let task = plan.id("T-1");
    let take = |seconds: u32| {
        let (which, ttl_seconds) = (Which::Task(task), Some(seconds));
        Command::Take(Box::new(Take { which, roles: Vec::new(), ttl_seconds, paths: None, base: None }))
    };
    for seconds in [0, 86_401, u32::MAX] {
        plan.when(&smith, take(seconds)).refused("value/invalid", "a lease lasts from 1 second to a day");
    }
    plan.when(&smith, take(60)).done();
    plan.minutes(1);
    plan.beat(&smith, "T-1").done();
    let until = plan.task("T-1").lease().expect("a lease").until;
    assert_eq!(until.duration_since(plan.now).as_secs(), 60, "by as much as it was taken for");
}

#[test]
fn a_person_decides_about_a_task_that_an_agent_holds() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Tell");
    plan.take_up(&smith, "T-1").done();
    let task = plan.id("T-1");
    let block = Command::Block { task, reason: "no key".to_owned() };
    plan.when(&jones, block.clone()).refused("lease/taken", "held by smith");
    plan.when(&By::document(), block.clone()).refused("lease/taken", "held by smith");
    plan.when(&ada, block).done();
    plan.reopen(&jones, "T-1").refused("lease/taken", "held by smith");
    plan.reopen(&ada, "T-1").gives(&["lease_ended T-1 released", "task_reopened T-1 attempt 2"]);
    plan.take_up(&smith, "T-1").done();
    plan.drop_task(&jones, "T-1").refused("policy/denied", "only a person can drop");
    plan.drop_task(&ada, "T-1").gives(&["lease_ended T-1 released", "task_dropped T-1"]);
    plan.submit(&smith, "T-1", &[]).refused("task/state", "task `T-1` was dropped");
    plan.beat(&smith, "T-1").refused("task/state", "task `T-1` was dropped");
}

#[test]
fn a_revision_leaves_a_lease_alone_also_where_it_renames_its_task() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build the importer for the reports\nT-2: Tell");
    plan.take_up(&smith, "T-1").done();
    plan.revise(&person("ada"), "T-9: Build the importer for the reports\nT-2: Tell").done();
    plan.beat(&smith, "T-9").gives(&["lease_renewed T-9 fence 1"]);
    plan.submit(&smith, "T-9", &[]).done();
}

#[test]
fn a_task_that_leaves_the_document_takes_its_lease_with_it_unless_checks_keep_it() {
    let smith = agent("smith");
    let mut plan = given("T-1: Think\nT-2: Build | check tests: make test\nT-3: Tell");
    plan.take_up(&smith, "T-1").done();
    plan.take_up(&smith, "T-2").done();
    plan.revise(&By::document(), "T-3: Tell").gives(&[
        "plan_revised",
        "lease_ended T-1 released",
        "task_dropped T-1",
        "weakening_proposed T-2.tests",
        "task_changed T-3",
    ]);
    plan.submit(&smith, "T-1", &[]).refused("task/state", "was dropped");
    plan.submit(&smith, "T-2", &[]).done();
}

#[test]
fn no_word_in_a_document_takes_a_task_from_its_holder() {
    for trust in ["verified", "document"] {
        for word in ["done", "open", "dropped", "active"] {
            let smith = agent("smith");
            let start = format!("setting trust: {trust}\nT-1: Build | says: active\nT-2: Ship | needs: T-1");
            let mut plan = given(&start);
            plan.take_up(&smith, "T-1").done();
            let edited = format!("setting trust: {trust}\nT-1: Build | says: {word}\nT-2: Ship | needs: T-1");
            plan.revise(&By::document(), &edited).done();
            assert_eq!(plan.state("T-1"), "active", "{trust} {word}");
            plan.fence = Some(1);
            plan.beat(&smith, "T-1").done();
            plan.take_up(&agent("jones"), "T-1").refused("lease/taken", "held by smith");
            plan.submit(&smith, "T-1", &[]).done();
        }
    }
}

#[test]
fn once_a_lease_ran_out_a_document_counts_as_it_did() {
    let smith = agent("smith");
    let mut plan = given("setting trust: document\nT-1: Build\nT-2: Ship | needs: T-1");
    plan.take_up(&smith, "T-1").done();
    plan.minutes(15);
    plan.revise(&By::document(), "setting trust: document\nT-1: Build | says: done\nT-2: Ship | needs: T-1")
        .done();
    assert_eq!(plan.state("T-1"), "claimed");
    plan.submit(&smith, "T-1", &[]).refused("lease/lost", "holds no lease");
}

#[test]
fn evidence_verifies_a_task_also_while_somebody_holds_it() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build | check tests: make test");
    plan.take_up(&smith, "T-1").done();
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.submit(&smith, "T-1", &[]).refused("lease/lost", "holds no lease on task `T-1`");
}

#[test]
fn silence_is_told_once_and_put_before_people() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    let task = plan.id("T-1");
    let tell = || Command::TellSilence(task);
    let day = Take {
        which: Which::Task(task),
        roles: Vec::new(),
        ttl_seconds: Some(86_400),
        paths: None,
        base: None,
    };
    plan.when(&By::system(), tell()).gives(&[]);
    plan.when(&smith, Command::Take(Box::new(day))).done();
    plan.minutes(29);
    plan.when(&By::system(), tell()).gives(&[]);
    plan.minutes(1);
    plan.when(&By::system(), tell()).gives(&[
        "lease_silent T-1 missed 6",
        "escalation_opened",
        "ticket_opened T-1",
    ]);
    plan.when(&By::system(), tell()).gives(&[]);
    assert_eq!(
        plan.plan.escalations[0].entry.text,
        "smith (run-1) holds task `T-1` and has missed 6 heartbeats"
    );
    plan.beat(&smith, "T-1").done();
    plan.minutes(45);
    plan.when(&By::system(), tell()).gives(&[
        "lease_silent T-1 missed 9",
        "escalation_opened",
        "ticket_joined T-1",
    ]);
}
