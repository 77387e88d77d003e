//! The service under load, on loopback, with the same client for it and for its peers: journaled writes
//! beside bare durable commits, durable steps, live events beside nginx with nchan, and idle listeners.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Bed;
use super::bed::{missing, write};
use super::measure::Subject;
use super::row::{Row, verdict};
use crate::tool::Outcome;

/// How long each load lasts.
const SECONDS: u32 = 4;
/// Steps a second that Restate 1.7 does on a machine of this class, with one client and with sixteen.
const RESTATE: [(usize, f64, f64); 2] = [(1, 320.0, 5.0), (16, 1_318.0, 2.0)];
/// Idle listeners, and the memory they may take, in KiB.
const IDLE: usize = 1_000;
const IDLE_LIMIT: f64 = 110.0 * 1024.0;
/// What listeners are told: as long as an event of ours.
const NCHAN: &str = "worker_processes 2;\ndaemon off;\npid nginx.pid;\nerror_log stderr;\nload_module /usr/lib/nginx/modules/ngx_nchan_module.so;\nevents { worker_connections 4096; }\nhttp { access_log off; client_body_temp_path body; server { listen 127.0.0.1:PORT; keepalive_requests 100000000; location /publish { nchan_publisher; nchan_channel_id one; nchan_message_buffer_length 100; } location /listen { nchan_subscriber eventsource; nchan_channel_id one; nchan_subscriber_first_message newest; } } }\n";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let load = bed.example("app", "load")?;
    let mut rows = writes(bed, &load)?;
    rows.extend(steps(bed, &load)?);
    rows.extend(listeners(bed, &load)?);
    rows.push(idle(bed, &load)?);
    Ok(rows)
}

/// A journaled write over HTTP, beside one durable commit of bare SQLite.
fn writes(bed: &Bed, load: &Path) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("serve-writes")?;
    let service = Service::start(bed, &folder)?;
    let task = service.task(load)?;
    let out = folder.join("floor.txt");
    let bare = Subject::new(bed.example("journal", "bare_commits")?, &folder);
    bare.with("rows.db 8000").output(out.clone()).run()?;
    let micros: Vec<f64> = lines(&out)?.iter().filter_map(|line| line.parse().ok()).collect();
    let floor = 1e6 * micros.len() as f64 / micros.iter().sum::<f64>();
    let path = format!("/api/v1/tasks/{task}/events");
    let body = r#"{"event":"progress","payload":{"step":{n}}}"#;
    [(1, 0.5), (16, 1.5)]
        .into_iter()
        .map(|(clients, least): (usize, f64)| {
            let told = Loaded::post(load, &service, clients, &[(&path, body)])?;
            let plural = if clients == 1 { "client" } else { "clients" };
            Ok(Row {
                what: format!("journaled writes over HTTP, {clients} {plural}"),
                ours: told.say(),
                theirs: format!("bare SQLite, one row a commit {floor:.0}/s"),
                ratio: format!("{:.0} %", told.rate / floor * 100.0),
                target: format!("at least {:.0} %", least * 100.0),
                verdict: verdict(told.rate >= floor * least),
            })
        })
        .collect()
}

/// A durable step: asked for, started, an event of it, finished.
fn steps(bed: &Bed, load: &Path) -> Outcome<Vec<Row>> {
    RESTATE
        .into_iter()
        .map(|(clients, restate, times)| {
            let folder = bed.fresh("serve-steps")?;
            let service = Service::start(bed, &folder)?;
            let step = [
                ("/api/v1/tasks", r#"{"prompt":"step {n}"}"#),
                ("/api/v1/plans/requests/tasks/{id}", r#"{"do":"start"}"#),
                ("/api/v1/tasks/{id}/events", r#"{"event":"progress","payload":{"done":{n}}}"#),
                ("/api/v1/tasks/{id}/finish", r#"{"outcome":"claimed"}"#),
            ];
            let told = Loaded::post(load, &service, clients, &step)?;
            let plural = if clients == 1 { "client" } else { "clients" };
            Ok(Row {
                what: format!(
                    "a durable step (asked for, started, an event, finished: four writes), {clients} {plural}"
                ),
                ours: told.say(),
                theirs: format!("Restate 1.7, measured elsewhere {restate:.0}/s"),
                ratio: format!("{:.1}×", told.rate / restate),
                target: format!("at least {times}×"),
                verdict: verdict(told.rate >= restate * times),
            })
        })
        .collect()
}

/// One event to many listeners, beside nginx with nchan.
fn listeners(bed: &Bed, load: &Path) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("serve-listeners")?;
    let service = Service::start(bed, &folder)?;
    let task = service.task(load)?;
    let peer = match missing("nginx", "nginx libnginx-mod-nchan") {
        Some(why) => Err(why),
        None if !Path::new(MODULE).exists() => Err("needs Debian's libnginx-mod-nchan".to_owned()),
        None => Ok(Nchan::start(&bed.fresh("serve-nchan")?)?),
    };
    let publish = format!("/api/v1/tasks/{task}/events");
    let body = r#"{"event":"progress","payload":{"step":1}}"#;
    let envelope = "x".repeat(330);
    let mut rows = Vec::new();
    for (count, rate) in [(100, 0), (1_000, 0), (100, 200), (1_000, 20)] {
        let ours = Loaded::listen(load, &service.address, "/api/v1/events", count, rate, (&publish, body))?;
        let what = match rate {
            0 => format!("live events to {count} listeners, one after the other"),
            rate => format!("live events to {count} listeners, {rate} a second, p99"),
        };
        let theirs = match &peer {
            Ok(peer) => Loaded::listen(load, &peer.address, "/listen", count, rate, ("/publish", &envelope))?,
            Err(why) => {
                rows.push(Row { ours: ours.say(), ..Row::skipped(what, why.clone()) });
                continue;
            }
        };
        let (ratio, target, met) = if rate == 0 {
            let share = ours.rate / theirs.rate;
            (format!("{:.0} %", share * 100.0), "at least level, nothing lost", share >= 1.0)
        } else {
            let share = ours.p99.as_secs_f64() / theirs.p99.as_secs_f64();
            (format!("{share:.2}× as long"), "at most 1.5× as long, nothing lost", share <= 1.5)
        };
        rows.push(Row {
            what,
            ours: ours.say(),
            theirs: format!("nginx + nchan {}", theirs.say()),
            ratio,
            target: target.to_owned(),
            verdict: verdict(met && ours.lost == 0),
        });
    }
    Ok(rows)
}

/// What a thousand listeners that hear nothing take.
fn idle(bed: &Bed, load: &Path) -> Outcome<Row> {
    let folder = bed.fresh("serve-idle")?;
    let service = Service::start(bed, &folder)?;
    service.task(load)?;
    let mut clients = Command::new(load);
    clients.args(["idle", &service.address, "/api/v1/events", &IDLE.to_string()]);
    let mut clients = Started::of(&mut clients)?;
    clients.line()?;
    let kib = service.process.resident_kib()?;
    Ok(Row {
        what: format!("memory of the service with {IDLE} idle listeners"),
        ours: super::row::memory(kib),
        theirs: String::new(),
        ratio: format!("{:.0} % of the limit", kib as f64 / IDLE_LIMIT * 100.0),
        target: "under 110 MiB".to_owned(),
        verdict: verdict((kib as f64) < IDLE_LIMIT),
    })
}

/// What a load came to.
struct Loaded {
    /// Rounds or deliveries a second.
    rate: f64,
    p50: Duration,
    p99: Duration,
    lost: u64,
}

impl Loaded {
    fn post(load: &Path, service: &Service, clients: usize, requests: &[(&str, &str)]) -> Outcome<Self> {
        let mut command = Command::new(load);
        command.args(["post", &service.address, &clients.to_string(), &SECONDS.to_string()]);
        command.args(requests.iter().flat_map(|(path, body)| [path, body]));
        Self::of(&mut command)
    }

    fn listen(
        load: &Path,
        address: &str,
        path: &str,
        count: usize,
        rate: usize,
        publish: (&str, &str),
    ) -> Outcome<Self> {
        let mut command = Command::new(load);
        command.args(["listen", address, path, &count.to_string(), &SECONDS.to_string()]);
        Self::of(command.args([&rate.to_string(), publish.0, publish.1]))
    }

    fn of(command: &mut Command) -> Outcome<Self> {
        let told = crate::tool::read(command)?;
        let numbers: Vec<f64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let (rate, p50, p99, lost) = match numbers[..] {
            [rate, p50, p99] => (rate, p50, p99, 0.0),
            [rate, p50, p99, lost] => (rate, p50, p99, lost),
            _ => return Err(format!("the load said `{}`", told.trim())),
        };
        let micros = |number: f64| Duration::from_secs_f64(number / 1e6);
        Ok(Self { rate, p50: micros(p50), p99: micros(p99), lost: lost as u64 })
    }

    fn say(&self) -> String {
        let lost = if self.lost == 0 { String::new() } else { format!(", {} lost", self.lost) };
        let time = super::row::time;
        format!("{:.0}/s (p50 {}, p99 {}{lost})", self.rate, time(self.p50), time(self.p99))
    }
}

/// The service on a store of its own.
struct Service {
    process: Started,
    address: String,
}

impl Service {
    fn start(bed: &Bed, folder: &Path) -> Outcome<Self> {
        write(&folder.join("PLAN.md"), "# Plan\n\n## Tasks\n\n- [ ] T-1: Begin\n")?;
        bed.countersign(folder, "adopt PLAN.md").run()?;
        let mut command = Command::new(bed.binary());
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        for class in ["tasks", "reviews"] {
            command.args(["--limit", &format!("{class}=off")]);
        }
        command.current_dir(folder).env("COUNTERSIGN_AS", "bench");
        let mut process = Started::of(&mut command)?;
        let line = process.line()?;
        let address = line.rsplit("http://").next().unwrap_or_default();
        let address = address.trim().trim_end_matches('/').to_owned();
        Ok(Self { process, address })
    }

    /// A task to report on.
    fn task(&self, load: &Path) -> Outcome<String> {
        let mut command = Command::new(load);
        command.args(["once", &self.address, "/api/v1/tasks", r#"{"prompt":"hold still"}"#]);
        let task = crate::tool::read(&mut command)?.trim().to_owned();
        let path = format!("/api/v1/plans/requests/tasks/{task}");
        let mut start = Command::new(load);
        crate::tool::read(start.args(["once", &self.address, &path, r#"{"do":"start"}"#]))?;
        Ok(task)
    }
}

/// nginx with nchan, on a port of its own.
struct Nchan {
    _process: Started,
    folder: PathBuf,
    address: String,
}

impl Nchan {
    fn start(folder: &Path) -> Outcome<Self> {
        // Whoever listens on port 0 is told a free one; nginx cannot tell it.
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.map_err(|error| error.to_string())?.port();
        write(&folder.join("nginx.conf"), &NCHAN.replace("PORT", &port.to_string()))?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).args(["-c", "nginx.conf"]).stderr(Stdio::null());
        let process = Started::of(&mut command)?;
        let address = format!("127.0.0.1:{port}");
        let mut tries = 0;
        while std::net::TcpStream::connect(&address).is_err() {
            tries += 1;
            if tries > 500 {
                return Err("nginx did not start".to_owned());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self { _process: process, folder: folder.to_path_buf(), address })
    }
}

impl Drop for Nchan {
    fn drop(&mut self) {
        // Killed, it would leave its workers behind.
        let mut stop = Command::new("nginx");
        let stop = stop.arg("-p").arg(&self.folder).args(["-c", "nginx.conf", "-s", "stop"]);
        let stopped = stop.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        for _ in 0..100 {
            if !stopped || std::net::TcpStream::connect(&self.address).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A process that is ended with us.
struct Started {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Started {
    fn of(command: &mut Command) -> Outcome<Self> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child =
            child.map_err(|error| format!("{}: {error}", PathBuf::from(command.get_program()).display()))?;
        let out = child.stdout.take().ok_or("a process has no output")?;
        Ok(Self { child, out: BufReader::new(out) })
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.out.read_line(&mut line).map_err(|error| error.to_string())?;
        if line.is_empty() { Err("a process ended before it said anything".to_owned()) } else { Ok(line) }
    }

    fn resident_kib(&self) -> Outcome<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
        kib.ok_or_else(|| format!("{path} tells no memory"))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It ends with its input; what does not is ended.
        if let Some(mut input) = self.child.stdin.take() {
            let _ = input.flush();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(path: &Path) -> Outcome<Vec<String>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}
