//! The service killed while many write to it and listen, and clients that hang up wherever they are.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Desk;
use crate::service::Service;
use crate::stream::{act, ask};

/// No answer takes longer than this on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the service is: it is another address after each crash.
#[derive(Default)]
struct Place {
    now: Mutex<(u64, String)>,
    moved: Condvar,
}

impl Place {
    fn moves(&self, service: &Service) {
        let mut now = self.now.lock().expect("nobody panics");
        *now = (now.0 + 1, service.address().to_owned());
        self.moved.notify_all();
    }

    /// Where it is once that is another place than the one that is known.
    fn after(&self, known: u64) -> (u64, String) {
        let now = self.now.lock().expect("nobody panics");
        self.moved.wait_while(now, |now| now.0 <= known).expect("nobody panics").clone()
    }
}

fn request(id: &str, key: &str, payload: &Value) -> String {
    let body = json!({ "event": "progress", "payload": payload }).to_string();
    format!(
        "POST /api/v1/tasks/{id}/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends a request; whether it was acknowledged, where there was an answer.
fn send(address: &str, request: &str) -> Option<bool> {
    let mut stream = connect(address).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?;
    // A whole answer, not one that broke off.
    answer.ends_with('}').then_some(status == "200")
}

/// Reads a task's events from behind `last`; whether their end was among them.
fn listen(address: &str, id: &str, last: &mut u64, seen: &mut Vec<u64>) -> Option<bool> {
    let mut stream = connect(address).ok()?;
    let head =
        format!("GET /api/v1/tasks/{id}/events HTTP/1.0\r\nHost: localhost\r\nLast-Event-ID: {last}\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut lines = BufReader::new(stream);
    let (mut sequence, mut terminal) = (0, false);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 || !line.ends_with('\n') {
            return Some(false);
        }
        match line.trim_end().split_once(": ") {
            Some(("id", number)) => sequence = number.parse().expect("a number"),
            Some(("event", name)) => terminal = name == "task_completed",
            // An event counts once it is whole.
            None if line == "\n" && sequence > 0 => {
                (*last, sequence) = (sequence, 0);
                seen.push(*last);
                if terminal {
                    return Some(true);
                }
            }
            _ => {}
        }
    }
}

/// Every `(writer, number)` that is on record of a task, in order, from its whole stream.
fn recorded(service: &Service, id: &str) -> Vec<(u64, u64)> {
    let headers = [("Last-Event-ID", "0")];
    let mut all = crate::stream::Listening::open(service, "GET", "/api/v1/events", &headers, "");
    let total = service.get(&format!("/api/v1/tasks/{id}")).ok().json()["events_total"].as_u64();
    let mut found = Vec::new();
    for place in 1..=total.expect("a number") {
        let event = all.next().expect("there are so many").data;
        assert_eq!(event["sequence"], place, "without gap");
        let number = |name: &str| event["payload"][name].as_u64();
        found.extend(number("writer").zip(number("number")));
    }
    found
}

#[test]
fn crash_of_the_service_loses_nothing_that_was_acknowledged_and_tells_nothing_twice() {
    const WRITERS: u64 = 4;
    const WRITES: u64 = 60;
    const CRASHES: usize = 5;
    let desk = Desk::new();
    let start = || Service::start(&desk, "--as Ada");
    let mut service = start();
    let id = ask(&service, "Keep a log");
    act(&service, &id, &json!({ "do": "start" }));
    let place = Place::default();
    place.moves(&service);
    let (acknowledged, repeated) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let write = |writer: u64| {
        let (mut at, mut address) = place.after(0);
        for number in 1..=WRITES {
            let request =
                request(&id, &format!("{writer}-{number}"), &json!({ "writer": writer, "number": number }));
            loop {
                match send(&address, &request) {
                    Some(done) => break assert!(done, "it is refused"),
                    // Whether it was recorded is not known: it is sent again as the same request.
                    None => {
                        repeated.fetch_add(1, SeqCst);
                        (at, address) = place.after(at);
                    }
                }
            }
            acknowledged.fetch_add(1, SeqCst);
        }
    };
    let follow = || {
        let (mut at, mut address) = place.after(0);
        let (mut last, mut seen) = (0, Vec::new());
        while listen(&address, &id, &mut last, &mut seen) != Some(true) {
            (at, address) = place.after(at);
        }
        seen
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (1..=WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        let listeners: Vec<_> = (0..3).map(|_| scope.spawn(follow)).collect();
        for crash in 1..=CRASHES {
            // So that each falls among writes under way.
            let due = crash * (WRITERS * WRITES) as usize / (CRASHES + 1);
            while acknowledged.load(SeqCst) < due {
                std::thread::yield_now();
            }
            service.process().kill().expect("it runs");
            service = start();
            place.moves(&service);
        }
        writers.into_iter().for_each(|writer| writer.join().expect("every write is acknowledged in the end"));
        service.post(&format!("/api/v1/tasks/{id}/finish"), &json!({ "outcome": "claimed" })).ok();
        let total = WRITERS * WRITES + 3;
        for listener in listeners {
            assert_eq!(listener.join().expect("it heard the end"), (1..=total).collect::<Vec<_>>());
        }
    });
    let mut found = recorded(&service, &id);
    for writer in 1..=WRITERS {
        let own = found.iter().filter(|(whose, _)| *whose == writer).map(|(_, number)| *number);
        assert_eq!(own.collect::<Vec<_>>(), (1..=WRITES).collect::<Vec<_>>(), "in order, each once");
    }
    found.sort_unstable();
    assert_eq!(found.len() as u64, WRITERS * WRITES);
    let repeated = repeated.load(SeqCst);
    assert!(repeated > 0, "no crash fell among writes");
    report(&format!("{CRASHES} crashes, {repeated} writes cut off and sent again"));
    desk.run("audit verify").ok();
}

#[test]
fn crash_of_clients_wherever_they_are_leaves_no_half_write() {
    const CLIENTS: u64 = 8;
    const WRITES: u64 = 125;
    let desk = Desk::new();
    let service = Service::start(&desk, "--as Ada");
    let id = ask(&service, "Keep a log");
    act(&service, &id, &json!({ "do": "start" }));
    let (unsent, unread, answered) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let requests = |client: u64| {
        let id = &id;
        (1..=WRITES).map(move |number| {
            let payload = json!({ "writer": client, "number": number, "words": "x".repeat(200) });
            request(id, &format!("{client}-{number}"), &payload)
        })
    };
    let hang_up = |client: u64| {
        let mut seed = client.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut draw = |below: usize| {
            // xorshift: where each hangs up is the same in every run.
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % below as u64).unwrap_or_default()
        };
        for request in requests(client) {
            let mut stream = connect(service.address()).expect("it goes on listening");
            // In a third of the cases before the request is whole; else at some moment of its being
            // carried out, or while the answer is read.
            let end = if draw(3) == 0 { draw(request.len()) } else { request.len() };
            let half = draw(end + 1);
            let sent = stream.write_all(&request.as_bytes()[..half]);
            // The service may have seen the first half by itself.
            if draw(2) == 0 {
                std::thread::yield_now();
            }
            let _ = sent.and_then(|()| stream.write_all(&request.as_bytes()[half..end]));
            if end < request.len() {
                unsent.fetch_add(1, SeqCst);
                continue;
            }
            if draw(4) == 0 {
                let mut some = vec![0; 1 + draw(64)];
                let _ = stream.read(&mut some);
                answered.fetch_add(1, SeqCst);
                continue;
            }
            (0..draw(2000)).for_each(|_| std::hint::spin_loop());
            unread.fetch_add(1, SeqCst);
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (1..=CLIENTS).map(|client| scope.spawn(move || hang_up(client))).collect();
        clients.into_iter().for_each(|client| client.join().expect("it hangs up"));
    });
    // Nobody holds anything: another process writes at once.
    desk.run("log --plan requests").ok();
    desk.run("plans").ok();
    desk.run("session start after").ok();
    let before = recorded(&service, &id);
    let mut each = before.clone();
    each.sort_unstable();
    each.dedup();
    assert_eq!(each.len(), before.len(), "none is on record twice");
    // What was begun is finished, so each is there once; what was not is carried out now.
    for request in (1..=CLIENTS).flat_map(requests) {
        assert_eq!(send(service.address(), &request), Some(true));
    }
    let mut found = recorded(&service, &id);
    found.sort_unstable();
    let all: Vec<_> =
        (1..=CLIENTS).flat_map(|client| (1..=WRITES).map(move |number| (client, number))).collect();
    assert_eq!(found, all);
    let counts = [&unsent, &unread, &answered].map(|count| count.load(SeqCst));
    assert!(counts.iter().all(|count| *count > 0) && before.len() < all.len(), "{counts:?}");
    assert!(before.len() >= counts[2], "whoever had an answer was recorded");
    let [unsent, unread, answered] = counts;
    report(&format!(
        "{unsent} hung up in their request, {unread} before an answer, {answered} in it; {} were carried out",
        before.len()
    ));
    assert_eq!(service.get("/readyz").ok().json()["status"], "ok");
    desk.run("audit verify").ok();
}

#[expect(clippy::print_stdout, reason = "how often it really happened is what CI shows")]
fn report(text: &str) {
    println!("{text}");
}
