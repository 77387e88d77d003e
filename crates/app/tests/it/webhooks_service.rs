//! What the service tells others: signed, again until it works, and never into a private network unasked.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use crate::service::Service;
use crate::tls::{Authority, Server};
use crate::world::World;

const PLAN: &str = "T-1: Build it\nT-2: Ship it";
const KEY: &[u8; 28] = b"0123456789012345678901234567";

/// No message takes longer than this on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who is told: takes what comes, and answers what it was told to, else that all is well.
struct Listener {
    address: String,
    came: Receiver<Message>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

struct Message {
    head: String,
    body: String,
}

impl Listener {
    fn new() -> Self {
        Self::speaking(None)
    }

    /// One that speaks TLS, where it is a server of that.
    fn speaking(tls: Option<Server>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let (send, came) = channel();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let next = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let status = next.lock().expect("nobody panics").pop_front().unwrap_or(200);
                let came = match &tls {
                    Some(server) => take(server.secure(stream), status),
                    None => take(stream, status),
                };
                let Some(message) = came else { continue };
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self { address, came, answers }
    }

    fn will_answer(&self, statuses: &[u16]) {
        self.answers.lock().expect("nobody panics").extend(statuses);
    }

    #[track_caller]
    fn message(&self) -> Message {
        self.came.recv_timeout(PATIENCE).expect("a message comes")
    }
}

fn take(mut stream: impl Read + Write, status: u16) -> Option<Message> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
            if body.len() >= length {
                let location = if status == 302 { "Location: http://127.0.0.1:1/\r\n" } else { "" };
                let answer = format!("HTTP/1.1 {status} so\r\n{location}Content-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).ok()?;
                return Some(Message { head, body: body.to_owned() });
            }
        }
        match stream.read(&mut part).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
}

impl Message {
    fn header(&self, name: &str) -> String {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head)).to_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

fn world() -> World {
    let mut world = World::adopt(PLAN);
    world.desk.set("OPS_SECRET", &format!("whsec_{}", STANDARD.encode(KEY)));
    world.desk.set("PAGER_KEY", "a-routing-key");
    world
}

/// A service that tells an endpoint at this address, with these further lines of its description.
fn started(world: &World, address: &str, lines: &str) -> Service {
    let text = format!("[[endpoint]]\nname = 'ops'\nurl = 'http://{address}/hook?k=hidden-part'\n{lines}\n");
    world.desk.write("hooks.toml", text);
    Service::start(&world.desk, "--as Ada --webhooks hooks.toml")
}

const STANDARD_LINES: &str =
    "events = ['task_*']\nsecret = 'OPS_SECRET'\nallow_private = true\nretry_seconds = [0, 0]";

/// Waits until something is so of the endpoint.
#[track_caller]
fn until(world: &World, holds: impl Fn(&Value) -> bool) -> Value {
    let since = Instant::now();
    loop {
        let listed = world.run("webhook list --json").ok().json();
        let row = listed["endpoints"][0].clone();
        if holds(&row) {
            return row;
        }
        assert!(since.elapsed() < PATIENCE, "it never was so: {listed}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_event_is_told_signed_and_in_order() {
    let (world, ops) = (world(), Listener::new());
    let _service = started(&world, &ops.address, STANDARD_LINES);
    world.run("claim T-1 --as Ada").ok();
    world.run("note T-1 'nobody asked for this' --as Ada").ok();
    world.run("drop T-2 --reason 'not wanted' --as Ada").ok();
    let (first, second) = (ops.message(), ops.message());
    let told = first.json();
    assert_eq!(told["type"], "countersign.task_claimed", "{told}");
    assert_eq!((&told["data"]["plan"], &told["data"]["about"]), (&json!("plan"), &json!("T-1")), "{told}");
    assert_eq!(second.json()["type"], "countersign.task_dropped");
    let (id, at) = (first.header("webhook-id"), first.header("webhook-timestamp"));
    let signed = format!("{id}.{at}.{}", first.body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), signed.as_bytes());
    // Headers come in small letters here, and so does what is compared.
    let wanted = format!("v1,{}", STANDARD.encode(tag)).to_ascii_lowercase();
    assert_eq!(first.header("webhook-signature"), wanted);
    assert_ne!(second.header("webhook-id"), id);
    let row = until(&world, |row| row["told"] == 2);
    assert_eq!((&row["trying"], &row["dead"]), (&Value::Null, &json!([])), "{row}");
}

#[test]
fn what_nobody_took_is_listed_and_told_when_asked_again() {
    let (world, ops) = (world(), Listener::new());
    let service = started(&world, &ops.address, STANDARD_LINES);
    ops.will_answer(&[500, 302, 404]);
    world.run("claim T-1 --as Ada").ok();
    let ids: Vec<String> = (0..3).map(|_| ops.message().header("webhook-id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "the same message each time: {ids:?}");
    let row = until(&world, |row| row["dead"][0]["id"] == json!(ids[0]));
    let dead = &row["dead"][0];
    assert_eq!((&dead["attempts"], &dead["error"]), (&json!(3), &json!("it answered 404")), "{row}");
    let over_http = service.get("/api/v1/webhooks").ok().json();
    assert_eq!(over_http["endpoints"][0], row);
    // What comes after it is told all the same.
    world.run("claim T-2 --as Ada").ok();
    assert_eq!(ops.message().json()["data"]["about"], "T-2");
    assert_eq!(world.run("webhook resend ops msg_none").code().as_deref(), Some("entry/not-found"));
    assert_eq!(world.run("webhook resend nobody").code().as_deref(), Some("entry/not-found"));
    world.run("webhook resend ops").ok();
    assert_eq!(ops.message().header("webhook-id"), ids[0]);
    until(&world, |row| row["dead"] == json!([]) && row["told"] == 2);
    let again = service.post("/api/v1/webhooks/ops/resend", &json!({})).ok().json();
    assert_eq!(again, json!({"endpoint": "ops", "asked": 0}));
    let kept = world.desk.read(".countersign/webhooks/ops.json");
    assert!(!kept.contains("hidden-part") && !kept.contains("whsec_"), "{kept}");
}

#[test]
fn a_restart_loses_nothing() {
    let (world, ops) = (world(), Listener::new());
    let slow = STANDARD_LINES.replace("[0, 0]", "[3600]");
    let mut service = started(&world, &ops.address, &slow);
    ops.will_answer(&[503]);
    world.run("claim T-1 --as Ada").ok();
    let first = ops.message().header("webhook-id");
    until(&world, |row| row["trying"]["attempts"] == 1);
    service.process().kill().expect("it runs");
    drop(service);
    // Nobody is there to tell of this.
    world.run("claim T-2 --as Ada").ok();
    let _service = started(&world, &ops.address, STANDARD_LINES);
    assert_eq!(ops.message().header("webhook-id"), first);
    assert_eq!(ops.message().json()["data"]["about"], "T-2");
    until(&world, |row| row["told"] == 2);
}

#[test]
fn nothing_is_told_into_a_private_network_unasked() {
    let (world, ops) = (world(), Listener::new());
    let port = ops.address.rsplit(':').next().expect("a port").to_owned();
    let lines = "events = ['*']\nsecret = 'OPS_SECRET'\nretry_seconds = []";
    // A name is looked at by where it leads.
    let _service = started(&world, &format!("localhost:{port}"), lines);
    world.run("claim T-1 --as Ada").ok();
    let row = until(&world, |row| row["dead"][0].is_object());
    let error = row["dead"][0]["error"].to_string();
    assert!(error.contains("no public address"), "{row}");
    assert!(ops.came.try_recv().is_err(), "nobody even connected");
}

#[test]
fn slack_and_pagerduty_are_told_in_their_shapes_with_the_runbook() {
    let (world, ops) = (world(), Listener::new());
    let lines = "events = ['escalation_*']\nallow_private = true\nrunbook = 'https://runbooks.example/queue'";
    let service = started(&world, &ops.address, &format!("format = 'slack'\n{lines}"));
    world.run("escalate 'It is <stuck>' --task T-1 --as Ada").ok();
    let told = ops.message().json();
    let text = told["text"].as_str().expect("a text");
    assert!(text.starts_with("*plan*: Ada") && text.contains("It is &lt;stuck&gt;"), "{text}");
    assert!(text.ends_with("<https://runbooks.example/queue|What to do>"), "{text}");
    // What was on its way when a service ends is told once more.
    until(&world, |row| row["told"] == 1);
    drop(service);
    let _service =
        started(&world, &ops.address, &format!("format = 'pagerduty'\nsecret = 'PAGER_KEY'\n{lines}"));
    world.run("escalate 'It is worse' --task T-2 --as Ada").ok();
    let told = ops.message().json();
    assert_eq!((&told["event_action"], &told["routing_key"]), (&json!("trigger"), &json!("a-routing-key")));
    assert_eq!(told["payload"]["severity"], "error", "{told}");
    assert_eq!(told["links"][0]["href"], "https://runbooks.example/queue", "{told}");
    let ticket = service_ticket(&world);
    world.run(&format!("review resolve {ticket} --as Bo")).ok();
    let ended = ops.message().json();
    assert_eq!(ended["event_action"], "resolve", "{ended}");
    assert_eq!(ended["dedup_key"], told["dedup_key"]);
}

fn service_ticket(world: &World) -> String {
    let listed = world.run("review list --json").ok().json();
    let rows = listed["reviews"].as_array().expect("a list").clone();
    let row = rows.iter().find(|row| row["summary"].to_string().contains("worse")).expect("a ticket");
    row["ticket_id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_file_that_cannot_be_used_keeps_the_service_from_starting() {
    let world = world();
    for (text, says) in [
        (
            "[[endpoint]]\nname = 'ops'\nevents = ['*']\nurl = 'https://x.example'\nsecret = 'NOWHERE'\n",
            "`NOWHERE`",
        ),
        ("nothing = 1\n", "`nothing` is not known"),
    ] {
        world.desk.write("hooks.toml", text);
        let came = world.run("serve --listen 127.0.0.1:0 --webhooks hooks.toml");
        assert_eq!(came.code().as_deref(), Some("config/invalid"), "{}", came.shown());
        assert!(came.err.contains(says), "{}", came.shown());
    }
}

/// A service that believes an authority, and tells an endpoint over TLS under this name.
fn started_securely(authority: &Authority, listener: &Listener, name: &str) -> (World, Service) {
    let mut world = world();
    world.desk.write("authority.pem", authority.pem());
    let file = world.desk.folder().join("authority.pem").display().to_string();
    world.desk.set("SSL_CERT_FILE", &file);
    let port = listener.address.rsplit_once(':').expect("a port").1;
    let text = format!("[[endpoint]]\nname = 'ops'\nurl = 'https://{name}:{port}/hook'\n{STANDARD_LINES}\n");
    world.desk.write("hooks.toml", text);
    let service = Service::start(&world.desk, "--as Ada --webhooks hooks.toml");
    (world, service)
}

#[test]
fn over_tls_an_endpoint_is_told_where_somebody_believed_vouches_for_its_name() {
    let authority = Authority::new();
    let listener = Listener::speaking(Some(authority.server("localhost")));
    let (world, _service) = started_securely(&authority, &listener, "localhost");
    world.run("start T-1").ok();
    let told = listener.message().json();
    assert_eq!((&told["type"], &told["data"]["about"]), (&json!("countersign.task_started"), &json!("T-1")));
    until(&world, |row| row["told"] == 1);
}

#[test]
fn over_tls_nobody_is_told_who_cannot_show_who_they_are() {
    let authority = Authority::new();
    let impostor = Authority::new().server("localhost");
    let misnamed = authority.server("elsewhere.example");
    for server in [impostor, misnamed] {
        let listener = Listener::speaking(Some(server));
        let (world, _service) = started_securely(&authority, &listener, "localhost");
        world.run("start T-1").ok();
        let row = until(&world, |row| row.to_string().contains("no secure connection"));
        assert!(row.to_string().contains("certificate"), "{row}");
        assert!(listener.came.try_recv().is_err(), "nothing was told");
    }
}
