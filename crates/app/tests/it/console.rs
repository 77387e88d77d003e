//! The console: pages that can be read without any script, and forms that go through the desk.

use crate::service::Service;
use crate::world::World;

const PLAN: &str = "7.3: Quality & \"care\" <b>\n7.4: Ship | needs: 7.3";

fn form(service: &Service, path: &str, body: &str) -> crate::service::Answer {
    service.ask("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], body)
}

#[test]
fn every_page_can_be_read_and_loads_nothing_from_elsewhere() {
    let world = World::adopt(PLAN);
    world.run("risk add 'Rain on the roof' --probability High --impact Low").ok();
    world.run("session start crew").ok();
    world.run("take 7.3 --agent smith --session crew").ok();
    world.run("review request 'is the door open?' --about 7.4").ok();
    let service = Service::start(&world.desk, "--as Ada");
    for (path, says) in [
        ("/", "NOT COMPLETE"),
        ("/plans/plan", "Quality &amp; &quot;care&quot; &lt;b&gt;"),
        ("/plans/plan/gates", "Gates"),
        ("/plans/plan/risks", "high likely, low impact"),
        ("/plans/plan/metrics", "Nothing is measured yet"),
        ("/plans/plan/ci", "No run is on record"),
        ("/plans/plan/delivery", "Nothing was deployed"),
        ("/reviews", "is the door open?"),
        ("/plans/plan/timeline", "took"),
        ("/plans/plan/tasks/7.4", "7.4 needs 7.3 (active)"),
        ("/agents", "smith"),
        ("/audit", "The chain is whole"),
        ("/search?q=qual", "7.3"),
        ("/search", "Type what"),
    ] {
        let page = service.get(path).ok();
        assert!(page.body.contains(says), "{path} does not say `{says}`:\n{}", page.body);
        assert!(page.head.contains("content-security-policy: default-src 'self'"), "{}", page.head);
        assert!(!page.body.contains("http://") && !page.body.contains("https://"), "{path}: {}", page.body);
        assert!(
            !page.body.contains(" style=") && !page.body.contains("<script>"),
            "{path} has what its policy forbids"
        );
        assert!(
            page.body.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.body.contains("<title>"),
            "{path}"
        );
    }
    for asset in ["console.css", "console.js", "htmx.min.js", "mark.svg"] {
        assert!(!service.get(&format!("/assets/{asset}")).ok().body.is_empty(), "{asset}");
    }
    assert_eq!(service.get("/assets/nothing.js").status, 404);
    let sorry = service.get("/plans/other");
    assert_eq!(sorry.status, 404);
    assert!(sorry.body.contains("there is no plan <code>other</code>"), "{}", sorry.body);
}

#[test]
fn how_the_work_gets_out_is_drawn_and_told_in_words() {
    let world = World::adopt(PLAN);
    for (run, seconds) in [400, 410, 420, 430, 440, 900].into_iter().enumerate() {
        let line =
            format!("ci record build --result success --duration {seconds} --run {run} --commit c{run}");
        world.run(&line).ok();
    }
    world.run("ci record build --result failure --duration 90 --run 9 --commit abcdef0123456789").ok();
    world.run("delivery deployed production --lead 90m").ok();
    world.run("delivery deployed production --result failed").ok();
    world.run("delivery incident 'pages are <blank>' --key INC-1 --since 2031-05-01T08:30:00Z").ok();
    let service = Service::start(&world.desk, "--as Ada");
    let ci = service.get("/plans/plan/ci").ok().body;
    for told in [
        "budget 14 min",
        "15 min, success, over the budget",
        "1.5 min, failure",
        "85.71 <small>%</small>",
        "abcdef012345",
    ] {
        assert!(ci.contains(told), "{told}: {ci}");
    }
    let nav = "<a href=\"/plans/plan/ci\" aria-current=\"page\">CI</a>";
    assert!(ci.contains(nav) && ci.contains("<a href=\"/plans/plan/delivery\">Delivery</a>"), "{ci}");
    let out = service.get("/plans/plan/delivery").ok().body;
    for told in
        ["2031-05-01: 1 succeeded, 1 failed", "INC-1 is open for 30 min", "pages are &lt;blank&gt;", "1.5 h"]
    {
        assert!(out.contains(told), "{told}: {out}");
    }
    world.run("delivery restored INC-1 --outcome 'the page is back'").ok();
    let out = service.get("/plans/plan/delivery").ok().body;
    assert!(out.contains("INC-1 took 30 min") && out.contains("the page is back"), "{out}");
}

#[test]
fn a_form_is_a_command_like_any_other() {
    let world = World::adopt(PLAN);
    world.run("claim 7.3 --as Bo").ok();
    let service = Service::start(&world.desk, "--as Ada");
    let noted = form(&service, "/plans/plan/tasks/7.3/note", "text=wet+paint+%26+all");
    assert_eq!(
        (noted.status, noted.header("location")),
        (303, Some("/plans/plan/tasks/7.3")),
        "{}",
        noted.body
    );
    let approved = form(&service, "/plans/plan/approve", "subject=7.3");
    assert_eq!(approved.status, 303, "{}", approved.body);
    let page = service.get("/plans/plan/tasks/7.3").ok();
    assert!(page.body.contains("wet paint &amp; all") && page.body.contains("verified"), "{}", page.body);
    // Who did the work cannot put their name to it here either.
    world.run("claim 7.4 --as Ada").ok();
    let own = form(&service, "/plans/plan/approve", "subject=7.4");
    assert_eq!(own.status, 403, "{}", own.body);
    assert!(own.body.contains("claimed task <code>7.4</code> and so cannot approve it"), "{}", own.body);
}

#[test]
fn a_review_is_taken_remarked_and_answered_with_forms() {
    let world = World::adopt(PLAN);
    world.run("review request 'is the door open?' --about 7.3 --as Bo").ok();
    let service = Service::start(&world.desk, "--as Ada");
    let reviews = service.get("/api/v1/reviews").ok().json();
    let ticket = format!("/reviews/{}", reviews["reviews"][0]["ticket_id"].as_str().expect("an id"));
    let at = |action: &str| format!("{ticket}/{action}");
    for (action, body) in [
        ("assign", "reviewer="),
        ("note", "text=knocked+twice"),
        ("unassign", ""),
        ("assign", "reviewer=Cy"),
        ("resolve", "outcome=dismissed&summary=it+is+a+window"),
    ] {
        let done = form(&service, &at(action), body);
        assert_eq!(
            (done.status, done.header("location")),
            (303, Some(ticket.as_str())),
            "{action}: {}",
            done.body
        );
    }
    let page = service.get(&ticket).ok().body;
    for said in ["dismissed", "knocked twice", "it is a window", "Ada"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // It is closed, and says so to whoever tries again.
    let late = form(&service, &at("resolve"), "outcome=resolved");
    assert_eq!(late.status, 409, "{}", late.body);
    let queue = service.get("/reviews").ok().body;
    assert!(queue.contains("<desc>nothing waits</desc>") || queue.contains("Nothing waits"), "{queue}");
    assert!(queue.contains("0 resolved, 1 dismissed"), "{queue}");
    assert_eq!(service.get("/reviews/tkt_none").status, 404);
}
