//! Signing in with a browser, as far as it shows in what is sent: the cookie, the word in every form, and
//! how a session ends.

use serde_json::json;

use crate::service::{Answer, Service};
use crate::world::World;

const PAGE: (&str, &str) = ("Accept", "text/html,*/*");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const NOTE: &str = "/plans/plan/tasks/7.3/note";

fn token(world: &World, name: &str, role: &str) -> String {
    let made = world.run(&format!("token create {name} --role {role} --subject person:{name} --as Ada"));
    made.ok().out.trim().to_owned()
}

fn started(role: &str, options: &str) -> (World, Service, String) {
    let world = World::adopt("7.3: Quality\n7.4: Ship | needs: 7.3");
    let token = token(&world, "Lea", role);
    let service = Service::start(&world.desk, &format!("--auth required {options}"));
    (world, service, token)
}

fn shows(service: &Service, token: &str, headers: &[(&str, &str)]) -> Answer {
    let headers = [&[PAGE, FORM], headers].concat();
    service.ask("POST", "/sign-in", &headers, &format!("token={token}&to=%2Fplans%2Fplan"))
}

/// The cookie a browser would send from now on.
#[track_caller]
fn cookie(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("location")), (303, Some("/plans/plan")), "{}", answer.body);
    let kept = answer.header("set-cookie").expect("a cookie");
    kept.split(';').next().expect("its name and what it holds").to_owned()
}

/// What the forms of a page hold.
fn word(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"csrf\" value=\"").expect("a form");
    rest.split('"').next().expect("it is closed").to_owned()
}

#[test]
fn a_person_is_led_to_sign_in_and_a_program_is_not() {
    let (_world, service, _) = started("lead", "");
    let led = service.ask("GET", "/plans/plan?x=1", &[PAGE], "");
    assert_eq!((led.status, led.header("location")), (303, Some("/sign-in?to=%2fplans%2fplan%3fx%3d1")));
    let page = service.ask("GET", "/sign-in?to=%2Fplans%2Fplan", &[PAGE], "").ok();
    assert!(
        page.body.contains("name=\"token\"") && page.body.contains("value=\"&#x2f;plans&#x2f;plan\""),
        "{}",
        page.body
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for headers in [vec![], vec![PAGE, ("HX-Request", "true")]] {
        let no = service.ask("GET", "/plans/plan", &headers, "");
        assert_eq!((no.status, no.json()["code"].as_str()), (401, Some("auth/required")), "{}", no.body);
    }
    assert_eq!(service.ask("GET", "/api/v1/plans", &[PAGE], "").status, 401);
    assert_eq!(
        service.ask("POST", NOTE, &[PAGE, FORM], "text=x").header("location"),
        Some("/sign-in?to=%2f")
    );
}

#[test]
fn a_token_is_shown_once_and_a_cookie_stands_for_it() {
    let (world, service, token) = started("lead", "");
    let bad = shows(&service, "csn_nothing", &[]);
    assert_eq!((bad.status, bad.header("set-cookie")), (401, None));
    assert!(
        bad.body.contains("Could not validate credentials") && !bad.body.contains("csn_nothing"),
        "{}",
        bad.body
    );
    let good = shows(&service, &token, &[]);
    let kept = good.header("set-cookie").expect("a cookie").to_owned();
    for part in ["; path=/;", "; httponly", "; samesite=strict", "; max-age="] {
        assert!(kept.contains(part), "{part}: {kept}");
    }
    assert!(!kept.contains("secure"), "{kept}");
    let own = format!("https://{}", service.address());
    let safe = shows(&service, &token, &[("Origin", &own)]);
    let kept = safe.header("set-cookie").expect("a cookie");
    assert!(kept.starts_with("__host-countersign-") && kept.contains("; secure"), "{kept}");
    assert_eq!(shows(&service, &token, &[("Origin", "https://evil.example")]).status, 403);

    let cookie = cookie(&good);
    let page = service.ask("GET", "/plans/plan", &[PAGE, ("Cookie", &cookie)], "").ok();
    assert!(page.body.contains("Lea") && page.body.contains("Sign out"), "{}", page.body);
    service.ask("GET", "/api/v1/plans", &[("Cookie", &cookie)], "").ok();
    let stale = cookie.replace('0', "1");
    assert_eq!(service.ask("GET", "/api/v1/plans", &[("Cookie", &stale)], "").status, 401);
    // What was shown, and what the cookie holds, stand in no file.
    let held = cookie.split_once('=').expect("a name").1;
    service.end();
    for name in world.desk.files(".countersign") {
        let bytes = world.desk.bytes(&name);
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&token) && !text.contains(held), "{name}");
    }
}

#[test]
fn a_form_of_another_page_changes_nothing() {
    let (world, service, token) = started("lead", "");
    let cookie = cookie(&shows(&service, &token, &[]));
    let cookie = ("Cookie", &*cookie);
    let word = word(&service.ask("GET", "/plans/plan/tasks/7.3", &[PAGE, cookie], "").ok());
    let send = |body: &str| service.ask("POST", NOTE, &[PAGE, FORM, cookie], body);
    let before = world.events();
    assert_eq!(send("text=wet").status, 403);
    assert_eq!(send("text=wet&csrf=").status, 403);
    assert_eq!(send(&format!("text=wet&csrf={}", word.replace('0', "1").replace('a', "b"))).status, 403);
    let api = "/api/v1/plans/plan/tasks/7.3";
    let note = json!({ "do": "note", "text": "wet" }).to_string();
    let no = service.ask("POST", api, &[cookie], &note);
    assert_eq!((no.status, no.json()["code"].as_str()), (403, Some("origin/refused")), "{}", no.body);
    assert_eq!(world.events(), before);
    assert_eq!(send(&format!("text=wet&csrf={word}")).status, 303);
    service.ask("POST", api, &[cookie, ("Countersign-Csrf", &word)], &note).ok();
    assert_eq!(world.events(), before + 2);
    assert!(world.run("log").ok().out.contains("Lea [token]"));
}

#[test]
fn a_session_ends_with_its_token_and_when_somebody_signs_out() {
    let (world, service, lea) = started("observer", "");
    let looks = |cookie: &str| service.ask("GET", "/plans/plan", &[("Cookie", cookie)], "").status;
    let first = cookie(&shows(&service, &lea, &[]));
    let second = cookie(&shows(&service, &lea, &[]));
    let page = service.ask("GET", "/plans/plan", &[PAGE, ("Cookie", &first)], "").ok();
    let no =
        service.ask("POST", NOTE, &[PAGE, FORM, ("Cookie", &first)], &format!("text=x&csrf={}", word(&page)));
    assert_eq!(no.status, 403, "an observer changes nothing: {}", no.body);
    assert_eq!(service.ask("POST", "/sign-out", &[FORM, ("Cookie", &first)], "").status, 403);
    let out = format!("csrf={}", word(&page));
    let out = service.ask("POST", "/sign-out", &[FORM, ("Cookie", &first)], &out);
    assert_eq!((out.status, out.header("location")), (303, Some("/sign-in")), "{}", out.body);
    assert!(out.header("set-cookie").is_some_and(|kept| kept.contains("max-age=0")), "{}", out.head);
    assert_eq!((looks(&first), looks(&second)), (401, 200));
    world.run("token revoke Lea --as Ada").ok();
    assert_eq!(looks(&second), 401);
}

#[test]
fn whoever_guesses_is_slowed_down() {
    let (_world, service, token) = started("lead", "--limit sign-ins=3/60s");
    for _ in 0..3 {
        assert_eq!(shows(&service, "csn_guess", &[]).status, 401);
    }
    let no = shows(&service, &token, &[]);
    assert_eq!(no.status, 429, "{}", no.body);
    assert!(no.header("retry-after").and_then(|wait| wait.parse::<u64>().ok()).is_some_and(|wait| wait >= 1));
    assert!(no.body.starts_with("<!DOCTYPE html>"), "{}", no.body);
}
