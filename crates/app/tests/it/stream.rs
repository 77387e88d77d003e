//! Task events over HTTP: the envelope, resuming, and the end of a run.

use std::io::{BufRead, BufReader, Write};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::harness::Desk;
use crate::service::Service;
use crate::world::World;

/// A stream that is being read.
pub(crate) struct Listening {
    reader: BufReader<std::net::TcpStream>,
}

/// One server-sent event.
#[derive(Debug)]
pub(crate) struct Frame {
    /// As it stands there: `12`, or `12.1`.
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Frame {
    /// Its number in its task's stream.
    fn sequence(&self) -> u64 {
        self.id.parse().expect("a number")
    }

    /// Whatever is told is as the published schema says.
    #[track_caller]
    fn keeps_the_contract(&self) {
        let cloud = self.data.get("specversion").is_some();
        let envelope = if cloud { &self.data["data"] } else { &self.data };
        keeps_the_contract(envelope);
        assert_eq!((&envelope["event"], &envelope["type"]), (&json!(self.event), &json!(self.event)));
    }
}

/// Checks an envelope against the schema that is published.
#[track_caller]
pub(crate) fn keeps_the_contract(envelope: &Value) {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let kept = include_str!("../../../../docs/reference/task-event.v1.json");
        let kept: Value = serde_json::from_str(kept).expect("JSON");
        jsonschema::draft202012::meta::validate(&kept).expect("it is a schema of that draft");
        jsonschema::draft202012::options().should_validate_formats(true).build(&kept).expect("a schema")
    });
    let wrong: Vec<String> = SCHEMA.iter_errors(envelope).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}: {envelope}");
}

impl Listening {
    pub(crate) fn open(
        service: &Service,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
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
    pub(crate) fn next(&mut self) -> Option<Frame> {
        let (mut id, mut event, mut data) = (String::new(), String::new(), Value::Null);
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).expect("it goes on or ends") == 0 {
                return None;
            }
            let line = line.trim_end();
            match line.split_once(": ") {
                Some(("id", text)) => id = text.to_owned(),
                Some(("event", text)) => event = text.to_owned(),
                Some(("data", text)) => data = serde_json::from_str(text).expect("JSON on one line"),
                _ if line.is_empty() && !event.is_empty() => {
                    let frame = Frame { id, event, data };
                    frame.keeps_the_contract();
                    return Some(frame);
                }
                _ => {}
            }
        }
    }

    /// The first remark.
    pub(crate) fn remark(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).expect("it goes on") > 0, "it has ended");
            if let Some(remark) = line.strip_prefix(": ") {
                return remark.to_owned();
            }
        }
    }

    /// Every event to the end.
    pub(crate) fn rest(mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

fn world() -> World {
    World::empty()
}

pub(crate) fn ask(service: &Service, prompt: &str) -> String {
    let answer = service.post("/api/v1/tasks", &json!({ "prompt": prompt }));
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["task_id"].as_str().expect("an id").to_owned()
}

pub(crate) fn act(service: &Service, id: &str, action: &Value) {
    let shown = service.get(&format!("/api/v1/tasks/{id}")).ok().json();
    let path = format!("/api/v1/plans/{}/tasks/{id}", shown["plan"].as_str().expect("a key"));
    service.post(&path, action).ok();
}

pub(crate) fn say(service: &Service, id: &str, event: &str, payload: &Value) {
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
        let number = place as u64 + 1;
        assert_eq!((frame.sequence(), frame.data["sequence"].as_u64()), (number, Some(number)));
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
            last = frame.sequence();
            seen.push(last);
        }
    }
    service
        .post(&format!("/api/v1/tasks/{id}/finish"), &json!({ "outcome": "failed", "reason": "it rained" }))
        .ok();
    let header = last.to_string();
    let rest = Listening::open(&service, "GET", &path, &[("Last-Event-ID", &header)], "").rest();
    assert_eq!(rest.last().map(|frame| frame.event.as_str()), Some("task_failed"));
    seen.extend(rest.iter().map(Frame::sequence));
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
    let heard: Vec<(String, String)> =
        (0..3).map(|_| all.next().expect("three")).map(|f| (f.event, f.id)).collect();
    assert_eq!(heard[0].0, "task_started");
    assert_eq!(heard[2].0, "task_completed");
    // One recorded event began it and is told as two.
    assert_eq!(heard[0].1, format!("{}.1", heard[1].1));
    // Wherever it was cut off, what was missed is told first.
    for (place, (_, after)) in heard.iter().enumerate() {
        let headers = [("Last-Event-ID", after.as_str())];
        let mut again = Listening::open(&service, "GET", "/api/v1/events", &headers, "");
        for missed in &heard[place + 1..] {
            assert_eq!(again.next().map(|frame| (frame.event, frame.id)).as_ref(), Some(missed));
        }
    }
}

#[test]
fn the_schema_is_served_and_turns_down_what_is_no_envelope() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada");
    let kept = include_str!("../../../../docs/reference/task-event.v1.json");
    let served = service.get("/api/v1/schemas/task-event.v1.json").ok();
    assert!(served.body == kept, "the schema has changed: run `cargo xtask gen`");
    assert_eq!(served.header("content-type"), Some("application/schema+json"));
    assert_eq!(served.json()["$id"], "/api/v1/schemas/task-event.v1.json");
    let id = ask(&service, "Sweep");
    act(&service, &id, &json!({ "do": "start" }));
    let payload = json!({ "task_id": "another", "run_id": 5, "timestamp": "never", "room": "kitchen" });
    say(&service, &id, "progress", &payload);
    let shown = service.get(&format!("/api/v1/tasks/{id}")).ok().json();
    let events = shown["events"].as_array().expect("a list");
    events.iter().for_each(keeps_the_contract);
    assert_eq!(events[2]["payload"], json!({ "room": "kitchen" }), "the envelope's fields are its own");
    let schema: Value = serde_json::from_str(kept).expect("JSON");
    let schema = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
    let schema = schema.expect("a schema");
    assert!(schema.is_valid(&events[0]));
    for (field, wrong) in [
        ("version", json!(2)),
        ("sequence", json!(0)),
        ("task_id", json!("7")),
        ("timestamp", json!("yesterday")),
        ("payload", json!({})),
        ("payload", json!({ "prompt": "Sweep", "run_id": "1" })),
        ("type", json!("progress")),
        ("run_id", json!("")),
    ] {
        let mut event = events[0].clone();
        event[field] = wrong;
        assert!(!schema.is_valid(&event), "{field}: {event}");
    }
    for field in ["version", "schema", "event", "type", "sequence", "task_id", "timestamp", "payload"] {
        let mut event = events[0].clone();
        event.as_object_mut().expect("an object").remove(field);
        assert!(!schema.is_valid(&event), "without {field}");
    }
}

#[test]
fn events_are_cloud_events_where_those_are_asked_for() {
    let world = world();
    let service = Service::start(&world.desk, "--as Ada");
    let id = ask(&service, "Sweep");
    act(&service, &id, &json!({ "do": "start" }));
    service.post(&format!("/api/v1/tasks/{id}/finish"), &json!({ "outcome": "claimed" })).ok();
    let path = format!("/api/v1/tasks/{id}");
    let plain = service.get(&path).ok().json()["events"].clone();
    let told = service.get(&format!("{path}?format=cloudevents")).ok().json()["events"].clone();
    for (cloud, envelope) in told.as_array().expect("a list").iter().zip(plain.as_array().expect("a list")) {
        let sequence = &envelope["sequence"];
        let expected = json!({
            "specversion": "1.0",
            "id": format!("{id}.{sequence}"),
            "source": format!("/api/v1/tasks/{id}"),
            "type": format!("countersign.task-event.v1.{}", envelope["event"].as_str().expect("a name")),
            "subject": id,
            "time": envelope["timestamp"],
            "datacontenttype": "application/json",
            "dataschema": "/api/v1/schemas/task-event.v1.json",
            "data": envelope,
        });
        assert_eq!(cloud, &expected);
    }
    let accept = |kind: &str| service.ask("GET", &path, &[("Accept", kind)], "").ok();
    assert_eq!(accept("application/cloudevents+json; charset=utf-8").json()["events"], told);
    let batch = accept("text/html, application/cloudevents-batch+json");
    assert_eq!(batch.header("content-type"), Some("application/cloudevents-batch+json"));
    assert_eq!(batch.json(), told);
    // The same events have the same ids wherever they are told.
    let streams = [
        (format!("{path}/events?format=cloudevents"), vec![]),
        (format!("{path}/events"), vec![("Accept", "application/cloudevents+json")]),
    ];
    for (path, headers) in streams {
        let heard: Vec<Value> = Listening::open(&service, "GET", &path, &headers, "")
            .rest()
            .into_iter()
            .map(|f| f.data)
            .collect();
        assert_eq!(Value::from(heard), told);
    }
    let headers = [("Last-Event-ID", "0"), ("Accept", "application/cloudevents+json")];
    let mut all = Listening::open(&service, "GET", "/api/v1/events", &headers, "");
    assert_eq!(all.next().map(|frame| frame.data).as_ref(), told.get(0));
    let wrong = service.get(&format!("{path}?format=xml"));
    assert_eq!((wrong.status, wrong.json()["context"]["field"].as_str()), (422, Some("format")));
}

#[test]
fn a_check_that_is_removed_renumbers_nothing() {
    let plan = |verify: &str| {
        format!(
            "# Plan\n\n## Tasks\n\n| ID | Task | Prereqs | Verify |\n|----|------|---------|--------|\n| T-1 | Build it | None | {verify} |\n"
        )
    };
    let desk = Desk::new()
        .file("PLAN.md", plan("`false`"))
        .file("countersign.toml", "[settings]\nsync = \"manual\"\nweakening = \"record\"\n");
    desk.run("adopt PLAN.md").ok();
    let service = Service::start(&desk, "--as Ada");
    let started = service.post("/api/v1/plans/plan/tasks/T-1", &json!({ "do": "start" })).ok().json();
    let id = started["events"][0]["event"]["task_started"]["task"].as_str().expect("an id").to_owned();
    assert_eq!(desk.run("verify T-1 --trust --as Bo").exit, 6);
    say(&service, &id, "progress", &json!({}));
    let told = || service.get(&format!("/api/v1/tasks/{id}")).ok().json()["events"].clone();
    let before = told();
    let names: Vec<_> = before.as_array().expect("a list").iter().map(|event| &event["event"]).collect();
    assert_eq!(names, ["task_started", "agent_started", "tool_invoked", "progress"], "{before}");
    desk.write("PLAN.md", plan("None"));
    desk.run("adopt PLAN.md --as Ada").ok();
    let shown = service.get("/api/v1/plans/plan/tasks/T-1").ok().json();
    assert_eq!(shown["checks"], json!([]), "the check is gone");
    assert_eq!(told(), before, "what was told once is told again as it was");
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
    for (path, wrong) in [(format!("/api/v1/tasks/{id}/events"), "1.1"), ("/api/v1/events".to_owned(), "1.0")]
    {
        for value in ["x", wrong] {
            let header = service.ask("GET", &path, &[("Last-Event-ID", value)], "");
            let field = header.json()["context"]["field"].clone();
            assert_eq!((header.status, field.as_str()), (422, Some("last-event-id")), "{}", header.body);
        }
    }
}
