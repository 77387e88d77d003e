//! Task events over HTTP: the envelope, resuming, and the end of a run.

use std::io::{BufRead, BufReader, Write};

use serde_json::{Value, json};

use crate::service::Service;
use crate::world::World;

/// A stream that is being read.
struct Listening {
    reader: BufReader<std::net::TcpStream>,
}

/// One server-sent event.
#[derive(Debug)]
struct Frame {
    id: u64,
    event: String,
    data: Value,
}

impl Listening {
    fn open(service: &Service, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut stream = service.connect();
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).expect("it reads");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        while reader.read_line(&mut line).expect("it answers") > 0 && line != "\r\n" {
            assert!(!line.starts_with("HTTP/") || line.contains(" 200 "), "{line}");
            line.clear();
        }
        Self { reader }
    }

    /// The next event; nothing where the stream has ended.
    fn next(&mut self) -> Option<Frame> {
        let (mut id, mut event, mut data) = (0, String::new(), Value::Null);
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).expect("it goes on or ends") == 0 {
                return None;
            }
            let line = line.trim_end();
            match line.split_once(": ") {
                Some(("id", text)) => id = text.parse().expect("a number"),
                Some(("event", text)) => event = text.to_owned(),
                Some(("data", text)) => data = serde_json::from_str(text).expect("JSON on one line"),
                _ if line.is_empty() && !event.is_empty() => return Some(Frame { id, event, data }),
                _ => {}
            }
        }
    }

    fn rest(mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

fn world() -> World {
    World::empty()
}

fn ask(service: &Service, prompt: &str) -> String {
    let answer = service.post("/api/v1/tasks", &json!({ "prompt": prompt }));
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["task_id"].as_str().expect("an id").to_owned()
}

fn act(service: &Service, id: &str, action: &Value) {
    let shown = service.get(&format!("/api/v1/tasks/{id}")).ok().json();
    let path = format!("/api/v1/plans/{}/tasks/{id}", shown["plan"].as_str().expect("a key"));
    service.post(&path, action).ok();
}

fn say(service: &Service, id: &str, event: &str, payload: &Value) {
    service.post(&format!("/api/v1/tasks/{id}/events"), &json!({ "event": event, "payload": payload })).ok();
}

#[test]
fn the_envelope_has_its_fields_in_order_and_one_terminal_event() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada");
    let id = ask(&service, "Summarise the week\nin three lines");
    let mut live = Listening::open(&service, "GET", &format!("/api/v1/tasks/{id}/events"), &[], "");
    act(&service, &id, &json!({ "do": "start" }));
    say(&service, &id, "thinking", &json!({ "message": "which week?" }));
    say(&service, &id, "progress", &json!({ "percent": 50 }));
    assert_eq!(live.next().expect("it began").event, "task_started");
    service.post(&format!("/api/v1/tasks/{id}/finish"), &json!({ "outcome": "claimed" })).ok();
    let mut events = vec!["task_started".to_owned()];
    let rest = live.rest();
    events.extend(rest.iter().map(|frame| frame.event.clone()));
    assert_eq!(events, ["task_started", "agent_started", "thinking", "progress", "task_completed"]);

    let again = Listening::open(
        &service,
        "GET",
        &format!("/api/v1/tasks/{id}/events?schema=neuraforge.task-event.v1"),
        &[],
        "",
    )
    .rest();
    for (place, frame) in again.iter().enumerate() {
        assert_eq!((frame.id, frame.data["sequence"].as_u64()), (place as u64 + 1, Some(place as u64 + 1)));
        assert_eq!(frame.data["schema"], "neuraforge.task-event.v1");
        assert_eq!((&frame.data["event"], &frame.data["type"]), (&json!(frame.event), &json!(frame.event)));
        let text = frame.data.to_string();
        assert!(!frame.data["payload"].to_string().contains("task_id"), "{text}");
        assert_eq!(frame.data.get("run_id").is_some(), place > 0, "once it is known, always: {text}");
    }
    assert_eq!(again[0].data["payload"]["prompt"], "Summarise the week\nin three lines");
    let shown = service.get(&format!("/api/v1/tasks/{id}")).ok();
    let order =
        ["version", "schema", "event", "type", "sequence", "task_id", "timestamp", "payload", "run_id"];
    let last = &shown.body[shown.body.rfind(r#"{"version""#).expect("an event")..];
    let places: Vec<_> =
        order.iter().map(|name| last.find(&format!("\"{name}\":")).expect("a field")).collect();
    assert!(places.is_sorted(), "{last}");
    let shown = shown.json();
    assert_eq!(
        (&shown["status"], &shown["standing"]),
        (&json!("completed"), &json!("claimed, no evidence")),
        "claimed is not verified"
    );
}

#[test]
fn of_three_hundred_events_the_latest_are_shown_and_all_are_counted() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada");
    let id = ask(&service, "Count to three hundred");
    let empty = service.get(&format!("/api/v1/tasks/{id}")).ok().json();
    assert_eq!((&empty["events"], &empty["status"]), (&json!([]), &json!("queued")), "{empty}");
    act(&service, &id, &json!({ "do": "start" }));
    for number in 3..=300 {
        say(&service, &id, "progress", &json!({ "number": number }));
    }
    let shown = service.get(&format!("/api/v1/tasks/{id}")).ok().json();
    let events = shown["events"].as_array().expect("a list");
    assert_eq!(
        (events.len(), &shown["events_total"], &shown["events_truncated"]),
        (250, &json!(300), &json!(true))
    );
    assert_eq!((&events[0]["sequence"], &events[249]["sequence"]), (&json!(51), &json!(300)));
    assert_eq!(shown["metrics"]["by_event"]["progress"], 298, "{}", shown["metrics"]);
    assert_eq!(shown["metrics"]["last_sequence"], 300);
}

#[test]
fn whoever_comes_back_misses_nothing_and_hears_nothing_twice() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada");
    let id = ask(&service, "Walk");
    let path = format!("/api/v1/tasks/{id}/events");
    act(&service, &id, &json!({ "do": "start" }));
    let (mut seen, mut last, mut said) = (Vec::new(), 0, 2);
    for round in 0..10 {
        let header = last.to_string();
        let headers: &[(&str, &str)] = if round == 0 { &[] } else { &[("Last-Event-ID", &header)] };
        let mut live = Listening::open(&service, "GET", &path, headers, "");
        for step in 0..5 {
            say(&service, &id, "progress", &json!({ "step": step }));
            said += 1;
        }
        // It hangs up in the middle of what it is told.
        for _ in 0..4 {
            let frame = live.next().expect("there is more");
            seen.push(frame.id);
            last = frame.id;
        }
    }
    service
        .post(&format!("/api/v1/tasks/{id}/finish"), &json!({ "outcome": "failed", "reason": "it rained" }))
        .ok();
    let header = last.to_string();
    let rest = Listening::open(&service, "GET", &path, &[("Last-Event-ID", &header)], "").rest();
    assert_eq!(rest.last().map(|frame| frame.event.as_str()), Some("task_failed"));
    seen.extend(rest.iter().map(|frame| frame.id));
    assert_eq!(seen, (1..=said + 1).collect::<Vec<u64>>());
    let after_the_end = (said + 1).to_string();
    let none = Listening::open(&service, "GET", &path, &[("Last-Event-ID", &after_the_end)], "").rest();
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn asking_and_listening_are_one_call_and_all_tasks_can_be_heard() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada");
    let mut all = Listening::open(&service, "GET", "/api/v1/events", &[], "");
    let body = json!({ "prompt": "Sing", "metadata": { "key": "C" } }).to_string();
    let mut live = Listening::open(&service, "POST", "/api/v1/tasks/stream", &[], &body);
    let listed = service.get("/api/v1/plans/requests/tasks").ok().json();
    let key = listed["tasks"][0]["key"].as_str().expect("a key").to_owned();
    // Another process does the work.
    world.run(&format!("start {key} --plan requests --as Bo")).ok();
    assert_eq!(live.next().expect("it began").event, "task_started");
    world.run(&format!("claim {key} --plan requests --as Bo")).ok();
    assert_eq!(live.rest().last().map(|frame| frame.event.clone()).as_deref(), Some("task_completed"));
    let heard: Vec<(String, u64)> =
        (0..3).map(|_| all.next().expect("three")).map(|f| (f.event, f.id)).collect();
    assert_eq!(heard[0].0, "task_started");
    assert_eq!(heard[2].0, "task_completed");
    // From a position on, what was missed is told first.
    let after = heard[1].1.to_string();
    let mut again = Listening::open(&service, "GET", "/api/v1/events", &[("Last-Event-ID", &after)], "");
    assert_eq!(again.next().map(|frame| (frame.event, frame.id)), Some(heard[2].clone()));
}

#[test]
fn what_cannot_be_asked_is_said_before_any_frame() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada --limit tasks=off");
    for path in ["/api/v1/tasks", "/api/v1/tasks/stream", "/api/v1/submit_task", "/api/v1/submit_task/stream"]
    {
        for body in [json!({ "prompt": " \n" }), json!({}), json!({ "prompt": 5 })] {
            let answer = service.post(path, &body);
            assert_eq!(
                (answer.status, answer.json()["context"]["field"].as_str()),
                (422, Some("prompt")),
                "{}",
                answer.body
            );
        }
    }
    let unknown = "tsk_01raf60rm0r5dcafbmagpf6d8q";
    for path in [
        "/api/v1/tasks/nothing",
        &format!("/api/v1/tasks/{unknown}"),
        &format!("/api/v1/tasks/{unknown}/events"),
    ] {
        assert_eq!(service.get(path).status, 404, "{path}");
    }
    let id = ask(&service, "Rest");
    let early = service.post(&format!("/api/v1/tasks/{id}/events"), &json!({ "event": "progress" }));
    assert_eq!((early.status, early.json()["code"].as_str()), (409, Some("task/state")), "{}", early.body);
    act(&service, &id, &json!({ "do": "start" }));
    for name in ["task_completed", "Task", ""] {
        let answer = service.post(&format!("/api/v1/tasks/{id}/events"), &json!({ "event": name }));
        assert_eq!(answer.status, 422, "{}", answer.body);
    }
    let header = service.ask("GET", &format!("/api/v1/tasks/{id}/events"), &[("Last-Event-ID", "x")], "");
    assert_eq!(header.status, 422, "{}", header.body);
}
