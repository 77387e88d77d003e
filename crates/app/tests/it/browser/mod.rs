//! The console in a real browser: every page without a complaint, and what happens seen as it happens.
//!
//! `COUNTERSIGN_SCREENSHOTS=FOLDER` has the pictures of the README taken.

mod driver;

use std::path::{Path, PathBuf};

use self::driver::Browser;
use crate::harness::Desk;
use crate::service::Service;

/// The example, in the desk's folder.
const EXAMPLE: &str = "--example demo --as Ada";

/// Every page of it.
const PAGES: &[&str] = &[
    "/",
    "/plans/tally",
    "/plans/tally/tasks/T-004",
    "/plans/tally/tasks/T-006",
    "/plans/tally/gates",
    "/plans/tally/risks",
    "/plans/tally/metrics",
    "/plans/tally/ci",
    "/plans/tally/delivery",
    "/plans/tally/timeline",
    "/reviews",
    "/agents",
    "/audit",
    "/search?q=output",
    "/api/v1/docs",
];

fn verb(desk: &Desk, line: &str) {
    desk.run(&format!("{line} --store demo/.countersign")).ok();
}

#[test]
fn every_page_is_quiet_asks_nobody_else_and_fits_a_phone() {
    let Some(browser) = Browser::start() else { return };
    let desk = Desk::new();
    let service = Service::start(&desk, EXAMPLE);
    let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    let reviews = service.get("/api/v1/reviews").ok().json();
    pages.push(format!("/reviews/{}", reviews["reviews"][0]["ticket_id"].as_str().expect("an id")));
    for (wide, tone) in [(1100, "light"), (390, "dark")] {
        browser.looks(wide, tone);
        for page in &pages {
            browser.open(&service.url(page));
            browser.until("document.readyState === 'complete'");
            if page.starts_with("/api") {
                continue;
            }
            browser.until_says("#link", "live");
            let over = browser.script("return document.documentElement.scrollWidth - innerWidth;");
            assert_eq!(over, 0, "{page} is wider than {wide}");
            let nameless = browser.script(
                "return [...document.querySelectorAll('svg:not([aria-label]):not(:has(> title)), \
                 img:not([alt]), input:not([type=hidden]):not([aria-label]):not([id])')].length;",
            );
            assert_eq!(nameless, 0, "{page} shows something without words for it");
        }
    }
    assert_eq!(browser.complaints(), [""; 0]);
    let own = service.url("/");
    let elsewhere = |asked: &String| !asked.starts_with(&own) && !asked.starts_with("data:");
    let asked: Vec<String> = browser.asked().into_iter().filter(elsewhere).collect();
    assert_eq!(asked, [""; 0]);
    // The first key leads past everything that is on every page.
    browser.open(&service.url("/plans/tally"));
    browser.presses("\u{E004}");
    browser.until("document.activeElement.className === 'skip'");
    browser.presses("\u{E007}");
    browser.until("location.hash === '#main'");
}

#[test]
fn what_happens_is_seen_as_it_happens() {
    let Some(browser) = Browser::start() else { return };
    let desk = Desk::new();
    let service = Service::start(&desk, EXAMPLE);

    // A task moves while somebody looks at the board; what is typed and opened meanwhile stays.
    browser.open(&service.url("/plans/tally"));
    browser.until_says("#link", "live");
    let row = ".task:has(a[href$='/T-005'])";
    browser.until_says(row, "active");
    verb(&desk, "submit T-005 --agent builder --session build --summary quick");
    browser.until_says(row, "refuted");

    browser.open(&service.url("/plans/tally/gates"));
    browser.until_says("#link", "live");
    let phase_b = ".gate:has(input[value='exit of Phase B'])";
    browser.sends(&format!("{phase_b} form[action$='/approve'] button"));
    browser.until("[...document.querySelectorAll('.gate.good h2')].some(one => one.textContent.includes('exit of Phase B'))");

    // An exception to the end of a day, while the plan goes on.
    let announced = "details:has(input[name=check][value=announced])";
    browser.click(&format!("{announced} summary"));
    browser.types(&format!("{announced} input[name=reason]"), "nobody is there to tell");
    browser.script("document.querySelector('#live').isOld = true;");
    verb(&desk, "note T-010 'half of it is written' --as Docs");
    browser.until("!document.querySelector('#live').isOld");
    let filled = format!("document.querySelector(\"{announced} input[name=reason]\").value");
    browser.until(&format!("{filled} === 'nobody is there to tell'"));
    browser.script(&format!(
        "document.querySelector(\"{announced} input[name=until]\").valueAsDate = new Date(Date.now() + 5 * 864e5);"
    ));
    browser.sends(&format!("{announced} button"));
    browser.until_says("tr", "nobody is there to tell");
    // What somebody else asked for can be granted, and the gate says until when.
    browser.sends("form[action$='/grant'] button");
    browser.until_says(".gate:has(input[value=announced]) td", "waived until");

    // A review is answered in one place, and how fast that goes is seen in another.
    browser.open(&service.url("/reviews"));
    browser.until_says("#link", "live");
    browser.until_says("#closed-7d", "4");
    verb(&desk, "review resolve T-004 --dismiss --summary later --as 'Release lead'");
    browser.until_says("#closed-7d", "5");
    browser.sends(".ticket form[action$='/assign'] button");
    browser.until("location.pathname.startsWith('/reviews/tkt_')");
    browser.types("#summary", "yes, by its number");
    browser.sends("button[value=resolved]");
    browser.until_says(".said", "yes, by its number");
    browser.open(&service.url("/reviews"));
    browser.until_says("#closed-7d", "6");
    browser.until_says("svg desc", "1 resolved, 1 dismissed");
    assert_eq!(browser.complaints(), [""; 0]);

    // The service goes and comes back; what happened meanwhile is there without anybody's doing.
    browser.open(&service.url("/plans/tally/tasks/T-010"));
    browser.until_says("#link", "live");
    let address = service.address().to_owned();
    drop(service);
    browser.until_says("#link.lost", "connection lost");
    browser.until_says("h1", "T-010");
    verb(&desk, "note T-010 'written while nobody listened' --as Docs");
    let service = Service::start_at(&desk, &address, EXAMPLE);
    browser.until_says("#live", "written while nobody listened");
    browser.until_says("#link:not(.lost)", "live");
    drop(service);
}

#[test]
fn a_person_signs_in_and_out() {
    let Some(browser) = Browser::start() else { return };
    let desk = Desk::new();
    // The first start lays the example out, so that tokens can be made for it.
    Service::start(&desk, EXAMPLE).end();
    let made = |name: &str| {
        let line = format!(
            "token create {name} --role lead --subject person:{name} --as Ada --store demo/.countersign"
        );
        desk.run(&line).ok().out.trim().to_owned()
    };
    let (lea, max) = (made("Lea"), made("Max"));
    let service = Service::start(&desk, &format!("{EXAMPLE} --auth required"));
    let signs_in = |token: &str| {
        browser.until("location.pathname === '/sign-in'");
        browser.types("#token", token);
        browser.sends("main button");
    };
    browser.open(&service.url("/plans/tally/tasks/T-010"));
    signs_in("csn_not_this_one");
    browser.until_says(".said", "Could not validate credentials");
    signs_in(&lea);
    browser.until("location.pathname === '/plans/tally/tasks/T-010'");
    browser.until_says(".who", "Lea");
    // The stream of news takes the cookie, which no script can see.
    browser.until_says("#link", "live");
    assert_eq!(browser.script("return document.cookie;"), "");
    browser.types("#note", "signed and sealed");
    browser.sends("form[action$='/note'] button");
    browser.until_says("#live", "signed and sealed");
    verb(&desk, "note T-010 'seen live' --as Docs");
    browser.until_says("#live", "seen live");
    let asked = browser.asked();
    assert!(asked.iter().all(|address| !address.contains("csn_")), "{asked:?}");
    // Revoked: what happens next leads to where one can sign in, and back to the same page.
    verb(&desk, "token revoke Lea --as Ada");
    verb(&desk, "note T-010 'nobody sees this' --as Docs");
    signs_in(&max);
    browser.until("location.pathname === '/plans/tally/tasks/T-010'");
    browser.until_says(".who", "Max");
    browser.sends(".who button");
    browser.until("location.pathname === '/sign-in'");
    browser.open(&service.url("/reviews"));
    browser.until("location.pathname === '/sign-in'");
}

#[test]
fn pictures_for_the_readme() {
    let Some(folder) = std::env::var_os("COUNTERSIGN_SCREENSHOTS").map(PathBuf::from) else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let browser = Browser::start().expect("pictures take a browser");
    let desk = Desk::new();
    let service = Service::start(&desk, EXAMPLE);
    for (name, page, wide, high, tone) in [
        ("board", "/plans/tally", 1000, 900, "light"),
        ("reviews", "/reviews", 1000, 900, "dark"),
        ("task-on-a-phone", "/plans/tally/tasks/T-004", 390, 900, "light"),
    ] {
        browser.looks(wide, tone);
        browser.open(&service.url(page));
        browser.until_says("#link", "live");
        let picture = browser.picture(wide, high);
        assert!(picture.len() < 150_000, "{name} takes {} bytes", picture.len());
        std::fs::write(folder.join(format!("console-{name}.png")), picture).expect("it can be written");
    }
}
