//! A small load for a service on this machine, the same for ours and for a peer: requests in a closed
//! loop, and listeners of server-sent events whose deliveries are counted and timed.
//!
//! `load post ADDRESS CLIENTS SECONDS PATH BODY [PATH BODY …]`: each client sends the requests one after
//! the other and waits for each answer; `{n}` in a body is a number of its own, `{id}` in a path the id
//! that the answer before gave. Prints `RATE P50 P99` of whole rounds: a second, microseconds, microseconds.
//!
//! `load listen ADDRESS PATH COUNT SECONDS RATE PUBLISH-PATH BODY`: so many listeners; one message after
//! the other is published and has reached all of them before the next, or at RATE a second where that
//! is not 0. Prints `DELIVERIES-A-SECOND P50 P99 LOST`.
//!
//! `load once ADDRESS PATH BODY`: one request; prints the id its answer gives, if any.
//!
//! `load idle ADDRESS PATH COUNT`: so many listeners that stay; prints `ready`, and ends with its input.

#![expect(clippy::print_stdout, reason = "what it measured is all it says")]

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::io::Read as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::{LocalSet, spawn_local};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// How long a message may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        match &words[..] {
            ["post", address, clients, seconds, requests @ ..] => {
                post(address, clients.parse()?, seconds.parse()?, requests).await
            }
            ["listen", address, path, count, seconds, rate, publish, body] => {
                let wanted = Wanted { address, path, count: count.parse()?, publish, body };
                listen(&wanted, seconds.parse()?, rate.parse()?).await
            }
            ["once", address, path, body] => {
                let told = Client::connect(address).await?.post(path, body).await?;
                println!("{}", id_in(&told).unwrap_or_default());
                Ok(())
            }
            ["idle", address, path, count] => idle(address, path, count.parse()?).await,
            _ => Err("post ADDRESS CLIENTS SECONDS PATH BODY … | listen … | idle …".into()),
        }
    })
}

/// Rounds of requests by several clients, each in a closed loop.
async fn post(address: &str, clients: usize, seconds: f64, requests: &[&str]) -> Outcome {
    let requests: Vec<(String, String)> =
        requests.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    let (took, number) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Cell::new(0_u64)));
    let began = Instant::now();
    let until = began + Duration::from_secs_f64(seconds);
    let mut running = Vec::new();
    for _ in 0..clients {
        let (address, requests) = (address.to_owned(), requests.clone());
        let (took, number) = (Rc::clone(&took), Rc::clone(&number));
        running.push(spawn_local(async move {
            let mut client = Client::connect(&address).await?;
            while Instant::now() < until {
                let round = Instant::now();
                let mut id = String::new();
                for (path, body) in &requests {
                    number.set(number.get() + 1);
                    let body = body.replace("{n}", &number.get().to_string());
                    let told = client.post(&path.replace("{id}", &id), &body).await?;
                    if let Some(new) = id_in(&told) {
                        id = new;
                    }
                }
                took.borrow_mut().push(round.elapsed());
            }
            Ok::<(), std::io::Error>(())
        }));
    }
    for client in running {
        client.await??;
    }
    let rate = took.borrow().len() as f64 / began.elapsed().as_secs_f64();
    let (p50, p99) = percentiles(&mut took.borrow_mut());
    println!("{rate:.0} {p50} {p99}");
    Ok(())
}

/// The id an answer gives: `"task_id":"…"`.
fn id_in(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("\"task_id\":\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// What is listened to, and how something is published on it.
struct Wanted<'a> {
    address: &'a str,
    path: &'a str,
    count: usize,
    publish: &'a str,
    body: &'a str,
}

/// When each message was published, and when listeners had it.
#[derive(Default)]
struct Deliveries {
    published: RefCell<Vec<Instant>>,
    took: RefCell<Vec<Duration>>,
    /// Wakes whoever waits for all to have the latest.
    had: Notify,
    count: Cell<usize>,
}

async fn listen(wanted: &Wanted<'_>, seconds: f64, rate: f64) -> Outcome {
    let deliveries = Rc::new(Deliveries::default());
    let mut ready = listeners(wanted.address, wanted.path, wanted.count, Some(&deliveries)).await?;
    for _ in 0..wanted.count {
        ready.recv().await.ok_or("a listener was turned away")?;
    }
    let mut client = Client::connect(wanted.address).await?;
    // The first message is not counted: everybody listens once it was heard.
    publish(&mut client, wanted, &deliveries).await?;
    all_had(&deliveries, wanted.count).await;
    deliveries.took.borrow_mut().clear();
    let (began, mut sent) = (Instant::now(), 0_usize);
    let until = began + Duration::from_secs_f64(seconds);
    while Instant::now() < until {
        publish(&mut client, wanted, &deliveries).await?;
        sent += 1;
        if rate > 0.0 {
            let next = began + Duration::from_secs_f64(sent as f64 / rate);
            tokio::time::sleep_until(next.into()).await;
        } else if !all_had(&deliveries, wanted.count * (sent + 1)).await {
            break;
        }
    }
    all_had(&deliveries, wanted.count * (sent + 1)).await;
    let elapsed = began.elapsed().as_secs_f64();
    let had = deliveries.took.borrow().len();
    let (p50, p99) = percentiles(&mut deliveries.took.borrow_mut());
    println!("{:.0} {p50} {p99} {}", had as f64 / elapsed, sent * wanted.count - had);
    Ok(())
}

async fn publish(client: &mut Client, wanted: &Wanted<'_>, deliveries: &Deliveries) -> Outcome {
    deliveries.published.borrow_mut().push(Instant::now());
    client.post(wanted.publish, wanted.body).await?;
    Ok(())
}

/// Waits until so many deliveries were made; gives whether they were.
async fn all_had(deliveries: &Deliveries, count: usize) -> bool {
    let all = async {
        while deliveries.count.get() < count {
            deliveries.had.notified().await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.is_ok()
}

async fn idle(address: &str, path: &str, count: usize) -> Outcome {
    let mut ready = listeners(address, path, count, None).await?;
    for _ in 0..count {
        ready.recv().await.ok_or("a listener was turned away")?;
    }
    println!("ready");
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    ended.await??;
    Ok(())
}

/// Begins to listen so many times; each says so once it was answered.
async fn listeners(
    address: &str,
    path: &str,
    count: usize,
    deliveries: Option<&Rc<Deliveries>>,
) -> Outcome<mpsc::UnboundedReceiver<()>> {
    let (tell, ready) = mpsc::unbounded_channel();
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (path, host) = (path.to_owned(), address.to_owned());
        let (tell, deliveries) = (tell.clone(), deliveries.map(Rc::clone));
        spawn_local(async move {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            let (mut buffer, mut kept) = (vec![0_u8; 64 * 1024], Vec::new());
            let (mut told, mut heard) = (false, 0_usize);
            loop {
                let length = stream.read(&mut buffer).await?;
                if length == 0 {
                    return Ok::<(), std::io::Error>(());
                }
                if !std::mem::replace(&mut told, true) {
                    // Whoever waits may have gone.
                    let _ = tell.send(());
                }
                kept.extend_from_slice(&buffer[..length]);
                let frames = take_frames(&mut kept);
                if let Some(deliveries) = deliveries.as_deref().filter(|_| frames > 0) {
                    hear(deliveries, &mut heard, frames);
                }
            }
        });
    }
    Ok(ready)
}

/// Counts frames that carry data, and keeps what is not whole yet.
fn take_frames(kept: &mut Vec<u8>) -> usize {
    const DATA: &[u8] = b"\ndata: ";
    let found = memchr_all(kept, DATA);
    let keep = kept.len().min(DATA.len() - 1);
    kept.drain(..kept.len() - keep);
    found
}

fn memchr_all(text: &[u8], wanted: &[u8]) -> usize {
    text.windows(wanted.len()).filter(|window| *window == wanted).count()
}

fn hear(deliveries: &Deliveries, heard: &mut usize, frames: usize) {
    let now = Instant::now();
    let published = deliveries.published.borrow();
    let mut took = deliveries.took.borrow_mut();
    for at in *heard..*heard + frames {
        // What was published before anybody counted is nobody's.
        if let Some(published) = published.get(at) {
            took.push(now.duration_since(*published));
        }
    }
    *heard += frames;
    deliveries.count.set(deliveries.count.get() + frames);
    deliveries.had.notify_one();
}

/// A connection that is kept.
struct Client {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_owned(), buffer: Vec::new() })
    }

    /// Sends one request and reads its answer; one that is refused is an error.
    async fn post(&mut self, path: &str, body: &str) -> std::io::Result<String> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let (head, length) = loop {
            self.more().await?;
            let text = String::from_utf8_lossy(&self.buffer);
            let Some(end) = text.find("\r\n\r\n") else { continue };
            let head = text[..end].to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0);
            if !head.starts_with("http/1.1 2") {
                return Err(std::io::Error::other(format!("{path}: {}", text.lines().next().unwrap_or(""))));
            }
            break (end + 4, length);
        };
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        Ok(String::from_utf8_lossy(&self.buffer[head..head + length]).into_owned())
    }

    async fn more(&mut self) -> std::io::Result<()> {
        let length = self.stream.read_buf(&mut self.buffer).await?;
        if length == 0 { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

/// The middle and the 99th of a hundred, in microseconds.
fn percentiles(took: &mut [Duration]) -> (u128, u128) {
    took.sort_unstable();
    let at = |share: usize| took.get(took.len().saturating_sub(1) * share / 100).copied().unwrap_or_default();
    (at(50).as_micros(), at(99).as_micros())
}
