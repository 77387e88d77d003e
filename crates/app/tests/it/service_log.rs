//! A line of JSON for each request.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::world::World;

#[test]
fn every_request_leaves_a_line_without_secrets() {
    let world = World::adopt("T-1: Build it");
    let made = world.run("token create board --role observer --as Ada --json").ok().json();
    let token = made["token"].as_str().expect("a token").to_owned();
    let mut child = world
        .desk
        .command("serve --listen 127.0.0.1:0 --log json --as Ada")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    let mut told = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut told).expect("it says where");
    let address = told.trim().strip_prefix("listening on http://").expect("it says where").to_owned();
    let ask = |path: &str, headers: &str| {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer.to_ascii_lowercase()
    };
    let bearer = format!("Authorization: Bearer {token}\r\nX-Request-Id: my-own.1\r\n");
    let answer = ask("/api/v1/plans/plan", &bearer);
    assert!(answer.contains("x-request-id: my-own.1"), "{answer}");
    ask("/api/v1/plans/hidden-part?secret=hidden-part", "X-Request-Id: not plain!\r\n");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("a line").expect("text");
        assert!(!line.contains("hidden-part") && !line.contains("csn_"), "{line}");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    };
    let (first, second) = (next(), next());
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    for (name, value) in [
        ("method", json!("GET")),
        ("route", json!("/api/v1/plans/{plan}")),
        ("level", json!("info")),
        ("request_id", json!("my-own.1")),
        ("subject", json!("person:Ada")),
    ] {
        assert_eq!(first[name], value, "{first}");
    }
    assert!(first["duration_ms"].as_f64().is_some_and(|took| took > 0.0), "{first}");
    assert_eq!((&second["status"], &second["level"]), (&json!(422), &json!("warn")), "{second}");
    assert_eq!((&second["subject"], second["request_id"].as_str().map(str::len)), (&Value::Null, Some(32)));
}
