//! Task events over Socket.IO, with the real client from npm. Where that cannot be had, these tests say
//! so and are passed over.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::service::Service;
use crate::stream::{act, ask, keeps_the_contract, say};
use crate::world::World;

/// What is installed from npm: the version that these tests were written for.
const CLIENT: &str = "socket.io-client@4.8.1";

/// Nothing takes longer than this on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the service waits for a client that takes nothing.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(2);

const DRIVER: &str = include_str!("socket_io.mjs");

/// Where the client lies, installed once for all runs; nothing where it cannot be had.
fn packages() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(CLIENT.replace('@', "-"));
    std::fs::create_dir_all(&folder).expect("a folder for tests can be made");
    // Tests run at the same time, and one of them installs it.
    let lock = File::create(folder.join("lock")).expect("the folder can be written");
    lock.lock().expect("it can be locked");
    if folder.join("node_modules/socket.io-client/package.json").exists() {
        return Some(folder);
    }
    let install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", CLIENT];
    let came = Command::new("npm").args(install).arg("--prefix").arg(&folder).output();
    match came {
        Ok(came) if came.status.success() => Some(folder),
        Ok(came) => skip(&String::from_utf8_lossy(&came.stderr)),
        Err(error) => skip(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the tests' output is to know what was not tested")]
fn skip(why: &str) -> Option<PathBuf> {
    eprintln!("SKIPPED: `{CLIENT}` cannot be had from npm: {}", why.lines().next().unwrap_or_default());
    None
}

/// Some clients of one service.
struct Clients {
    node: Child,
    said: Receiver<String>,
    /// What happened and was not asked about yet.
    happened: Vec<(String, String, Value)>,
}

impl Clients {
    fn of(service: &Service) -> Option<Self> {
        let folder = packages()?;
        let driver = folder.join(format!("driver-{}.mjs", std::process::id()));
        std::fs::write(&driver, DRIVER).expect("the folder can be written");
        let mut node = Command::new("node")
            .arg(driver)
            .arg(&folder)
            .arg(service.url(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("where there is npm there is node");
        let stdout = BufReader::new(node.stdout.take().expect("a pipe"));
        let (tell, said) = channel();
        // Ends with the pipe, or with whoever would hear of it.
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Some(Self { node, said, happened: Vec::new() })
    }

    fn does(&mut self, what: &str, name: &str, with: Value) {
        let mut line = with;
        line["do"] = json!(what);
        line["name"] = json!(name);
        let stdin = self.node.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{line}").expect("it reads");
    }

    /// The next of what happens to a client that is of one kind.
    #[track_caller]
    fn hears(&mut self, name: &str, what: &str) -> Value {
        loop {
            let found = self
                .happened
                .iter()
                .position(|(whose, kind, _)| (whose, kind) == (&name.into(), &what.into()));
            if let Some(found) = found {
                return self.happened.remove(found).2;
            }
            let line = self.said.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("never `{what}` of {name}: {:?}", self.happened));
            let told: Value = serde_json::from_str(&line).expect("JSON on one line");
            let text = |field: &str| told[field].as_str().expect("a text").to_owned();
            self.happened.push((text("name"), text("what"), told["told"].clone()));
        }
    }

    fn connect(&mut self, name: &str, options: Value) {
        self.does("connect", name, json!({ "options": options }));
    }

    #[track_caller]
    fn subscribe(&mut self, name: &str, asked: Value) -> Value {
        self.does("subscribe", name, json!({ "asked": asked }));
        self.hears(name, "answer")
    }

    /// The next event, and its number among all.
    #[track_caller]
    fn event(&mut self, name: &str) -> (Value, String) {
        let told = self.hears(name, "task-event");
        (told["event"].clone(), told["at"]["id"].as_str().expect("a number").to_owned())
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

fn ok() -> Value {
    json!({ "ok": true })
}

#[test]
fn events_come_as_they_are_told_over_http_and_go_on_from_a_number() {
    let world = World::empty();
    let service = Service::start(&world.desk, "--as Ada --limit tasks=off");
    let Some(mut clients) = Clients::of(&service) else { return };
    let (id, other) = (ask(&service, "Sing"), ask(&service, "Dance"));
    // As browsers begin: with requests, and then over a connection that stays.
    clients.connect("all", json!({}));
    clients.hears("all", "connect");
    assert_eq!(clients.subscribe("all", json!({})), ok());
    clients.connect("one", json!({ "transports": ["websocket"] }));
    assert_eq!(clients.hears("one", "connect"), "websocket");
    assert_eq!(clients.subscribe("one", json!({ "task": id })), ok());
    for task in [&id, &other] {
        act(&service, task, &json!({ "do": "start" }));
        say(&service, task, "progress", &json!({ "percent": 50 }));
        service.post(&format!("/api/v1/tasks/{task}/finish"), &json!({ "outcome": "claimed" })).ok();
    }
    let plain = |task: &str| service.get(&format!("/api/v1/tasks/{task}")).ok().json()["events"].clone();
    let everything: Vec<Value> = [plain(&id), plain(&other)]
        .iter()
        .flat_map(|events| events.as_array().expect("a list").clone())
        .collect();
    let told: Vec<(Value, String)> = (0..8).map(|_| clients.event("all")).collect();
    told.iter().for_each(|(event, _)| keeps_the_contract(event));
    assert_eq!(told.iter().map(|(event, _)| event.clone()).collect::<Vec<_>>(), everything);
    for same in &told[..4] {
        assert_eq!(&clients.event("one"), same);
    }
    // Whoever was away goes on behind the last event it saw, wherever that was.
    for (place, (_, after)) in told.iter().enumerate() {
        let name = format!("again-{place}");
        clients.connect(&name, json!({ "transports": ["websocket"] }));
        clients.hears(&name, "connect");
        assert_eq!(clients.subscribe(&name, json!({ "after": after })), ok());
        for missed in &told[place + 1..] {
            assert_eq!(&clients.event(&name), missed, "after {after}");
        }
        clients.does("close", &name, json!({}));
    }
    assert_eq!(clients.subscribe("one", json!({ "task": other, "after": 3, "format": "cloudevents" })), ok());
    let (last, _) = clients.event("one");
    assert_eq!((&last["specversion"], &last["data"]), (&json!("1.0"), &everything[7]));
    let names = json!({ "plan": "requests", "events": ["task_completed"], "after": 0 });
    assert_eq!(clients.subscribe("one", names), ok());
    assert_eq!(
        (clients.event("one").0, clients.event("one").0),
        (everything[3].clone(), everything[7].clone())
    );
    for (asked, status) in [
        (json!({ "task": "tsk_01raf60rm0r5dcafbmagpf6d8z" }), 404),
        (json!({ "plan": "none" }), 404),
        (json!({ "after": "x" }), 422),
        (json!({ "task": id, "after": "1.1" }), 422),
        (json!({ "colour": "red" }), 422),
        (json!({ "format": "xml" }), 422),
    ] {
        let answer = clients.subscribe("all", asked.clone());
        assert_eq!((&answer["ok"], &answer["status"]), (&json!(false), &json!(status)), "{asked}: {answer}");
    }
}

#[test]
fn whoever_may_not_see_plans_hears_nothing() {
    let world = World::empty();
    let token = |name: &str, what: &str| {
        world.run(&format!("token create {name} {what} --as Ada")).ok().out.trim().to_owned()
    };
    let good = token("Olga", "--role observer --subject person:Olga");
    let other = token("Rob", "--scope reviews:read --subject person:Rob");
    let service = Service::start(&world.desk, "--as Ada --auth required");
    let Some(mut clients) = Clients::of(&service) else { return };
    let websocket = json!(["websocket"]);
    for (name, options, told) in [
        ("nobody", json!({ "transports": websocket }), "Not authenticated"),
        ("garbled", json!({ "auth": { "token": "csn_x" } }), "Could not validate credentials"),
        ("elsewhere", json!({ "auth": { "token": other } }), "Insufficient permissions"),
        (
            "header",
            json!({ "extraHeaders": { "Authorization": "Bearer csn_x" } }),
            "Could not validate credentials",
        ),
        // These come no further than any other request of their kind.
        (
            "host",
            json!({ "auth": { "token": good }, "transports": websocket,
            "extraHeaders": { "Host": "evil.example" } }),
            "error",
        ),
        (
            "site",
            json!({ "auth": { "token": good }, "transports": websocket,
            "extraHeaders": { "Origin": "http://evil.example" } }),
            "error",
        ),
    ] {
        clients.connect(name, options);
        let error = clients.hears(name, "connect_error");
        assert!(error.as_str().is_some_and(|error| error.contains(told)), "{name}: {error}");
    }
    clients.connect("good", json!({ "auth": { "token": good } }));
    clients.hears("good", "connect");
    assert_eq!(clients.subscribe("good", json!({})), ok());
    let header = json!({ "extraHeaders": { "Authorization": format!("Bearer {good}") } });
    clients.connect("proxied", header);
    clients.hears("proxied", "connect");
}

#[test]
fn a_client_that_takes_nothing_is_let_go_and_comes_back_without_a_gap() {
    let world = World::empty();
    let service = Service::start(&world.desk, "--as Ada");
    let Some(mut clients) = Clients::of(&service) else { return };
    let id = ask(&service, "Talk");
    act(&service, &id, &json!({ "do": "start" }));
    for name in ["slow", "quick"] {
        clients.connect(name, json!({ "transports": ["websocket"] }));
        clients.hears(name, "connect");
        assert_eq!(clients.subscribe(name, json!({ "task": id, "after": 2 })), ok());
    }
    clients.does("pause", "slow", json!({}));
    // More than what waits for a client, in the service and on the way to it.
    let words = "x".repeat(60_000);
    for number in 1..=500 {
        say(&service, &id, "progress", &json!({ "number": number, "words": words }));
        let (event, _) = clients.event("quick");
        assert_eq!(event["payload"]["number"], number, "others hear everything");
    }
    // So long the service waits for one that takes nothing, and half as long again.
    std::thread::sleep(GIVEN_UP_AFTER.mul_f64(1.5));
    clients.does("resume", "slow", json!({}));
    clients.hears("slow", "disconnect");
    let seen: Vec<u64> = clients
        .happened
        .iter()
        .filter(|(name, what, _)| name == "slow" && what == "task-event")
        .map(|(.., told)| told["event"]["sequence"].as_u64().expect("a number"))
        .collect();
    let last = seen.last().copied().unwrap_or(2);
    assert_eq!(seen, (3..=last).collect::<Vec<_>>());
    assert!(last < 502, "it was let go before the end");
    clients.connect("back", json!({ "transports": ["websocket"] }));
    clients.hears("back", "connect");
    assert_eq!(clients.subscribe("back", json!({ "task": id, "after": last })), ok());
    for sequence in last + 1..=502 {
        assert_eq!(clients.event("back").0["sequence"], sequence);
    }
}
