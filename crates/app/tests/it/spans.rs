//! Spans told to a collector: one of a request, with the command at the desk within it. Only where the
//! program was built with the feature `otel`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::json;

use crate::service::Service;
use crate::world::World;

/// No span takes longer than this on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_request_is_told_to_the_collector_with_what_it_did_and_nothing_of_what_it_said() {
    let collector = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = collector.local_addr().expect("it is bound");
    let (send, came) = channel();
    std::thread::spawn(move || {
        for mut stream in collector.incoming().flatten() {
            let mut bytes = Vec::new();
            let mut part = [0; 4096];
            loop {
                let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
                if let Some(head) = head {
                    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
                    let length =
                        text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                    if bytes.len() >= head + 4 + length.unwrap_or(0) {
                        break;
                    }
                }
                match stream.read(&mut part) {
                    Ok(read @ 1..) => bytes.extend_from_slice(&part[..read]),
                    _ => break,
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
        }
    });
    let mut world = World::adopt("7.3: Quality");
    world.desk.set("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}"));
    world.desk.set("OTEL_BSP_SCHEDULE_DELAY", "100");
    let service = Service::start(&world.desk, "--as Ada");
    let parent = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let note = json!({ "do": "note", "text": "wet paint" }).to_string();
    service.ask("POST", "/api/v1/plans/plan/tasks/7.3", &[parent], &note).ok();
    // What is not told yet is told when the service ends.
    service.end();
    let mut told = String::new();
    while let Ok(message) =
        came.recv_timeout(if told.is_empty() { PATIENCE } else { Duration::from_millis(200) })
    {
        told.push_str(&message);
    }
    for part in [
        "POST /v1/traces ",
        "POST /api/v1/plans/{plan}/tasks/{key}",
        "http.response.status_code",
        "desk.submit",
        "countersign.command",
        "service.name",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("wet paint") && !told.contains("Ada"), "{told}");
}

#[test]
fn nothing_is_told_where_nobody_says_where_to() {
    let world = World::adopt("7.3: Quality");
    let service = Service::start(&world.desk, "--as Ada");
    service.get("/api/v1/plans").ok();
    service.end();
}
