//! `--store http://…`: a server in place of a folder, and the same answers.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::harness::{Came, Desk};
use crate::service::Service;

const PLAN: &str = "# Ship the importer

## Phase 1

- [ ] T-1: Build it
  - check: `test -f built`
- [ ] T-2: Measure it (depends on T-1)
- [ ] T-3: Tell the others
";

fn folder() -> Desk {
    let desk = Desk::new().with("COUNTERSIGN_NOW", "2031-05-01T09:00:00Z").with("COUNTERSIGN_SEED", "7");
    std::fs::create_dir(desk.folder().join(".git")).expect("a folder of its own");
    desk
}

/// A server over a store for tests, and a client in a folder of its own.
struct Pair {
    server: Desk,
    service: Service,
    client: Desk,
}

impl Pair {
    fn new(options: &str) -> Self {
        let server = folder();
        server.run("init --test").ok();
        Self::over(server, options)
    }

    fn over(server: Desk, options: &str) -> Self {
        let service = Service::start(&server, options);
        let client = folder().with("COUNTERSIGN_STORE", &service.url("")).file("PLAN.md", PLAN);
        Self { server, service, client }
    }
}

/// Text without what differs from one store to the next: folders, ids, digests.
fn plain(text: &str, desk: &Desk) -> String {
    let text = text.replace(&desk.folder().display().to_string(), "FOLDER");
    let mut out = String::new();
    let mut word = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        let is_id = word.len() == 30 && word.as_bytes().get(3) == Some(&b'_');
        let is_digest =
            [8, 16, 64].contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        out.push_str(if is_id || is_digest { "ID" } else { &word });
        out.push(letter);
        word.clear();
    }
    out
}

fn said(came: &Came, desk: &Desk) -> String {
    format!("exit {}\n{}\n---\n{}", came.exit, plain(&came.out, desk), plain(&came.err, desk))
}

#[test]
fn verbs_do_and_say_the_same_with_a_server_as_with_a_folder() {
    let here = folder().file("PLAN.md", PLAN);
    here.run("init --test").ok();
    let there = Pair::new("");
    let both = |line: &str| {
        let (one, other) = (here.run(line), there.client.run(line));
        assert_eq!(said(&one, &here), said(&other, &there.client), "{line}");
        one.exit
    };
    let mut exits = Vec::new();
    for line in [
        "adopt PLAN.md",
        "list",
        "ready",
        "show T-1",
        "why T-2",
        "claim T-2",
        "start T-1",
        "claim T-1",
        "approve T-3",
        "note T-3 'a remark'",
        "update T-3 owner=Bo priority=P1",
        "waive T-1 --check check --reason 'it rains' --until 2031-05-20",
        "waivers",
        "risk add 'it may rain' --probability high",
        "take T-3 --agent smith --session s1",
        "session start s1",
        "session start s2",
        "take T-3 --agent smith --session s1",
        "take T-3 --agent jones --session s2",
        "beat T-3 --agent smith --session s1",
        "memory set color green",
        "memory get color",
        "memory list",
        "memory search green",
        "memory get nothing",
        "hooks notify --message 'look at this' --to smith",
        "inbox --agent smith --session s1",
        "submit T-3 --summary 'told them' --agent smith --session s1",
        "session end s1",
        "show T-3 --json",
        "note T-99 nothing",
        "claim T-1 --request one",
        "claim T-1 --request one",
        "report completion",
        "report status --json",
        "log",
        "log --json",
        "state --at 3",
        "audit verify",
        "audit head",
        "list --json",
        "list --all-plans",
        "sync --check",
        "blob get 0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        exits.push((line, both(line)));
    }
    assert_eq!(here.read("PLAN.md"), there.client.read("PLAN.md"), "what was written into the document");
    // Some of it went well, and some was refused for its own reason.
    let exit = |line: &str| exits.iter().find(|(own, _)| *own == line).map(|(_, exit)| *exit);
    assert_eq!(
        [exit("adopt PLAN.md"), exit("claim T-2"), exit("note T-99 nothing"), exit("memory get nothing")],
        [Some(0), Some(7), Some(3), Some(3)]
    );
    assert_eq!(exit("take T-3 --agent jones --session s2"), Some(8));
    // A tick by hand is taken in by the next verb, on both sides.
    for desk in [&here, &there.client] {
        desk.write("PLAN.md", desk.read("PLAN.md").replace("- [ ] T-2", "- [x] T-2"));
        desk.write("built", "");
    }
    for line in ["list", "sync", "list", "show T-2", "check PLAN.md --against PLAN.md", "log"] {
        both(line);
    }
    assert_eq!(here.read("PLAN.md"), there.client.read("PLAN.md"));
    assert!(!there.client.has(".countersign/journal.db"), "the client keeps no journal");
}

#[test]
fn a_server_and_its_folder_read_to_the_byte_alike() {
    let server = folder().file("PLAN.md", PLAN);
    server.run("init --test").ok();
    server.run("adopt PLAN.md").ok();
    server.run("note T-1 'Grüße \"quoted\"'").ok();
    let service = Service::start(&server, "");
    let url = service.url("");
    for line in ["list --json", "show T-1 --json", "log --json", "audit head", "audit export", "export"] {
        let (near, far) = (server.run(line), server.run(&format!("{line} --store {url}")));
        assert_eq!(near.shown(), far.shown(), "{line}");
    }
    // The record of requests is looked at where the service is; all else is the same.
    let whole = |line: &str| {
        let mut told = server.run(line).ok().json();
        told.as_object_mut().expect("an object").remove("requests");
        told
    };
    assert_eq!(whole("audit verify --json"), whole(&format!("audit verify --json --store {url}")));
}

#[test]
fn who_acts_and_what_they_may_is_for_the_server_to_say() {
    let server = folder();
    server.run("init --test").ok();
    let token = |line: &str| server.run(&format!("token create {line} --as Ada")).ok().out.trim().to_owned();
    let observer = token("board --role observer --subject Olga");
    let lead = token("lead --role lead --subject Lena");
    let agent = token("smith --role agent --subject agent:smith");
    let mut pair = Pair::over(server, "--auth required");
    let refused = |came: Came, exit: i32, code: &str| {
        assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
        came.err
    };
    assert!(refused(pair.client.run("list"), 5, "auth/required").contains("COUNTERSIGN_TOKEN"));
    pair.client.set("COUNTERSIGN_TOKEN", "csn_wrong");
    refused(pair.client.run("list"), 5, "auth/invalid");
    pair.client.set("COUNTERSIGN_TOKEN", &lead);
    pair.client.run("adopt PLAN.md").ok();
    let noted = pair.client.run("note T-1 'seen'").ok();
    assert!(noted.out.contains("Lena [token]"), "the token says who acts: {}", noted.shown());
    refused(pair.client.run("note T-1 'as another' --as Bo"), 5, "identity/unproven");
    refused(pair.client.run("start T-1 --agent smith --session s1"), 5, "identity/unproven");
    let shown = pair.client.run("config show").ok().out;
    assert!(shown.contains("(set)") && !shown.contains("csn_"), "{shown}");
    // Whoever only looks, looks.
    pair.client.set("COUNTERSIGN_TOKEN", &observer);
    pair.client.run("list").ok();
    refused(pair.client.run("note T-1 no"), 5, "auth/scope");
    refused(pair.client.run("memory set a b"), 5, "auth/scope");
    // An agent works; what the plan is and what is proven is not for it to say.
    pair.client.set("COUNTERSIGN_TOKEN", &agent);
    pair.client.run("session start s1 --agent smith --session s1").ok();
    let taken = pair.client.run("take T-3 --session s1").ok();
    assert!(taken.out.contains("smith"), "{}", taken.shown());
    refused(pair.client.run("waive T-1 --check check --reason x --until 2031-05-20"), 5, "auth/scope");
    let other = pair.client.run("note T-3 x --agent jones --session s1");
    refused(other, 5, "identity/unproven");
    let verdict = hand_in(
        &pair,
        &agent,
        &json!({ "batch": [{ "reopen": {
        "task": "tsk_00000000000000000000000001", "reason": "x" } }] }),
        "system",
    );
    assert_eq!(verdict.0, 403, "{}", verdict.1);
}

/// Hands something in past the program; gives status and body.
fn hand_in(pair: &Pair, token: &str, what: &Value, actor: &str) -> (u16, String) {
    let message = json!({
        "language": 1, "delivery": "d1", "instance": "", "again": false,
        "plan": "pln_00000000000000000000000000",
        "by": { "actor": actor, "known": "system" }, "agent_present": false,
        "fence": null, "onto": null, "id": null, "signature": null, "what": what, "blobs": [],
    });
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Content-Type", "application/octet-stream")];
    if !token.is_empty() {
        headers.push(("Authorization", &bearer));
    }
    let answer = pair.service.ask("POST", "/api/v1/desk", &headers, &format!("{message}\n"));
    (answer.status, answer.body)
}

/// A repository with two tasks and an agent that does them.
fn workshop(client: &Desk) {
    client.write(
        "PLAN.md",
        "# Two things\n\n- [ ] T-1: Make one\n  - check: `test -f one.txt`\n\
         - [ ] T-2: Make two (depends on T-1)\n  - check: `test -f two.txt`\n",
    );
    client.write(
        "countersign.toml",
        "[agents.maker]\ncommand = [\"sh\", \"-c\", \"case $COUNTERSIGN_TASK in T-1) echo 1 >one.txt;; \
         T-2) echo 2 >two.txt;; esac\"]\n",
    );
    std::fs::remove_dir_all(client.folder().join(".git")).expect("it was empty");
    for words in [
        &["init", "-q"][..],
        &["add", "PLAN.md", "countersign.toml"],
        &["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qm", "first"],
    ] {
        let mut git = std::process::Command::new("git");
        let done = git.current_dir(client.folder()).args(words).status().expect("git is there");
        assert!(done.success(), "git {words:?}");
    }
}

#[test]
fn agents_that_work_here_are_dispatched_for_a_server() {
    let server = folder();
    server.run("init --test").ok();
    let token = |line: &str| server.run(&format!("token create {line} --as Ada")).ok().out.trim().to_owned();
    let lead = token("lead --role lead --subject Lena");
    let operator = token("hall --role operator --subject Olga");
    let mut pair = Pair::over(server, "--auth required");
    workshop(&pair.client);
    // A lead decides about the plan; who acts for agents must run them.
    pair.client.set("COUNTERSIGN_TOKEN", &lead);
    let came = pair.client.run("run PLAN.md --agents --trust");
    assert_eq!((came.exit, came.code().as_deref()), (5, Some("identity/unproven")), "{}", came.shown());
    assert!(came.err.contains("--role operator"), "{}", came.shown());
    pair.client.set("COUNTERSIGN_TOKEN", &operator);
    let came = pair.client.run("run PLAN.md --agents --trust").ok();
    assert!(came.out.contains("2 tasks: 2 verified"), "{}", came.shown());
    assert!(pair.client.read("PLAN.md").contains("- [x] T-2"), "the box is ticked here");
    // Whose word it is, and at which commit it was found.
    let commit = |key: &str| {
        let shown = pair.client.run(&format!("show {key} --json")).ok().json();
        let last = &shown["checks"][0]["last"];
        assert_eq!(last["handed_in_by"], "person:Olga", "{shown}");
        last["commit"].as_str().expect("a commit").to_owned()
    };
    for key in ["T-1", "T-2"] {
        let commit = commit(key);
        let mut git = std::process::Command::new("git");
        let known = git.current_dir(pair.client.folder()).args(["cat-file", "-e", &commit]).status();
        assert!(known.expect("git is there").success(), "{key} {commit}");
    }
    // A worker finds nothing left to do, and says so by ending.
    pair.client.run("worker --once").ok();
    assert_eq!(pair.server.run("audit verify").exit, 0);
    assert!(!pair.client.has(".countersign/journal.db"), "the client keeps no journal");
}

#[test]
fn nothing_goes_around_the_desk() {
    let server = folder();
    server.run("init --test").ok();
    let lead = server.run("token create lead --role lead --subject Lena --as Ada").ok().out.trim().to_owned();
    let pair = Pair::over(server, "--auth required");
    let start = json!({ "start": "tsk_00000000000000000000000001" });
    let following = json!({ "all": { "name": "note", "commands": [start],
        "follows": { "onto": 0, "commands": [{ "halt": { "reason": "x" } }], "blobs": 0 } } });
    let (status, body) = hand_in(&pair, &lead, &following, "system");
    assert_eq!(status, 403, "{body}");
    for (actor, what, status) in [
        ("document", json!({ "submit": start }), 403),
        ("system", json!({ "submit": { "halt": { "reason": "x" } } }), 403),
        ("system", json!({ "append": [] }), 422),
        (
            "system",
            json!({ "batch": [{ "claim": { "task": "tsk_00000000000000000000000001", "how": "import" } }] }),
            403,
        ),
    ] {
        let (came, body) = hand_in(&pair, &lead, &what, actor);
        assert_eq!(came, status, "{what}: {body}");
    }
    let listed = pair.service.ask(
        "POST",
        "/api/v1/journal",
        &[("Authorization", &format!("Bearer {lead}")), ("Content-Type", "application/octet-stream")],
        "{\"fact\":{\"name\":\"salt\"}}\n",
    );
    assert_eq!(listed.ok().body, "null\n");
}

#[test]
fn what_a_check_found_is_taken_from_whoever_shows_a_token_and_from_nobody_else() {
    let server = folder();
    server.run("init --test").ok();
    let token = |line: &str| server.run(&format!("token create {line} --as Ada")).ok().out.trim().to_owned();
    let lead = token("lead --role lead --subject Lena");
    let agent = token("smith --role agent --subject agent:smith");
    // On the machine itself nobody has to show a token, so whoever shows none is nobody.
    let mut pair = Pair::over(server, "");
    pair.client.run("adopt PLAN.md").ok();
    pair.client.write("built", "");
    pair.client.run("claim T-1").ok();
    let refused = |came: Came, code: &str| {
        assert_eq!((came.exit, came.code().as_deref()), (5, Some(code)), "{}", came.shown());
    };
    refused(pair.client.run("verify T-1 --trust"), "identity/unproven");
    let shown = pair.client.run("show T-1 --json").ok().json();
    assert_eq!(shown["task"]["state"], "claimed", "{shown}");
    // Nor past the program: somebody shown nothing is refused before the check is looked for.
    let digest = "0".repeat(64);
    let verdict = json!({ "submit": { "record_verdict": {
        "check": "chk_00000000000000000000000001", "attempt": 1, "spec": digest, "inputs": digest,
        "outcome": "pass", "evidence": { "summary": "exit status 0", "exit": 0, "value": null,
            "output": null, "milliseconds": 1 } } } });
    let (status, body) = hand_in(&pair, "", &verdict, "system");
    assert_eq!((status, body.contains("identity/unproven")), (403, true), "{body}");
    refused(pair.client.run("token create own --role lead"), "identity/unproven");
    pair.client.set("COUNTERSIGN_TOKEN", &agent);
    refused(pair.client.run("verify T-1 --session s1"), "auth/scope");
    pair.client.set("COUNTERSIGN_TOKEN", &lead);
    pair.client.run("verify T-1").ok();
    let shown = pair.client.run("show T-1 --json").ok().json();
    assert_eq!(shown["task"]["state"], "verified", "{shown}");
    // On record is whose word it is, and what a client says of that counts for nothing.
    let log = || pair.client.run("log --all").ok().out;
    assert_eq!(log().matches("handed in by person:Lena").count(), 1, "{}", log());
    let mut forged = verdict;
    forged["submit"]["record_verdict"]["evidence"]["handed_in_by"] = json!("Ada");
    hand_in(&pair, &lead, &forged, "system");
    assert!(!log().contains("handed in by Ada"), "{}", log());
}

#[test]
fn race_two_clients_for_one_task_and_one_has_it() {
    let pair = Pair::new("");
    pair.client.run("adopt PLAN.md").ok();
    let one = |agent: &str| {
        let desk = folder().with("COUNTERSIGN_STORE", &pair.service.url(""));
        desk.run(&format!("session start s-{agent}")).ok();
        let came = desk.run(&format!("take T-3 --agent {agent} --session s-{agent}"));
        (came.exit, came.code())
    };
    let mut exits: Vec<_> = std::thread::scope(|scope| {
        let agents = ["a", "b", "c", "d"].map(|agent| scope.spawn(move || one(agent)));
        agents.into_iter().map(|thread| thread.join().expect("it answers")).collect()
    });
    exits.sort();
    let lost = (8, Some("lease/taken".to_owned()));
    assert_eq!(exits, [(0, None), lost.clone(), lost.clone(), lost]);
}

/// Stands between client and server, and cuts the first answer of the desk off after it was given.
fn cutting(upstream: String, cuts: Arc<AtomicU32>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (upstream, cuts) = (upstream.clone(), Arc::clone(&cuts));
            std::thread::spawn(move || pass_on(stream, &upstream, &cuts));
        }
    });
    format!("http://{address}")
}

fn pass_on(client: TcpStream, upstream: &str, cuts: &AtomicU32) -> Option<()> {
    let server = TcpStream::connect(upstream).ok()?;
    let (mut asking, mut answering) =
        (BufReader::new(client.try_clone().ok()?), BufReader::new(server.try_clone().ok()?));
    let (mut client, mut server) = (client, server);
    loop {
        let asked = message(&mut asking)?;
        server.write_all(&asked).ok()?;
        let answer = message(&mut answering)?;
        let of_desk = asked.starts_with(b"POST /api/v1/desk ");
        if of_desk
            && cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
        {
            return None;
        }
        client.write_all(&answer).ok()?;
    }
}

/// A request or an answer, whole.
fn message(from: &mut impl BufRead) -> Option<Vec<u8>> {
    let (mut whole, mut length) = (Vec::new(), 0);
    loop {
        let begun = whole.len();
        from.read_until(b'\n', &mut whole).ok().filter(|count| *count > 0)?;
        let line = String::from_utf8_lossy(&whole[begun..]).to_ascii_lowercase();
        if let Some(said) = line.strip_prefix("content-length:") {
            length = said.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    whole.extend(body);
    Some(whole)
}

#[test]
fn what_is_cut_off_in_the_middle_happens_once() {
    let pair = Pair::new("");
    pair.client.run("adopt PLAN.md").ok();
    let cuts = Arc::new(AtomicU32::new(2));
    let through = cutting(pair.service.address().to_owned(), Arc::clone(&cuts));
    pair.client.run(&format!("--store {through} memory set color green")).ok();
    assert_eq!(cuts.load(Ordering::SeqCst), 0, "it was cut off twice");
    let history = pair.client.run("memory history color --json").ok().json();
    assert_eq!(history["versions"].as_array().map(Vec::len), Some(1), "{history}");
    cuts.store(1, Ordering::SeqCst);
    pair.client.run(&format!("--store {through} note T-1 'once only'")).ok();
    assert_eq!(cuts.load(Ordering::SeqCst), 0);
    let log = pair.client.run("log").ok().out;
    assert_eq!(log.matches("once only").count(), 1, "{log}");
    assert_eq!(pair.server.run("audit verify").exit, 0);
}

/// Answers every request with the same.
fn answering(status: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut asked = BufReader::new(stream.try_clone().expect("it is open"));
            let _ = message(&mut asked);
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn what_is_no_such_server_is_told_apart() {
    let desk = folder().file("PLAN.md", PLAN);
    let newer = answering("200 OK", "{\"language\":99,\"version\":\"9.0.0\"}\n");
    let older = answering(
        "404 Not Found",
        r#"{"code":"route/not-found","detail":"there is nothing at this address"}"#,
    );
    let other = answering("200 OK", "<html>hello</html>");
    let page = answering("404 Not Found", "<html>nothing here</html>");
    for (store, exit, code, says) in [
        (newer.as_str(), 9, "store/other-version", "9.0.0"),
        (&older, 9, "store/other-version", "earlier"),
        (&other, 9, "store/other-version", "cannot be understood"),
        (&page, 1, "store/unreachable", "is no Countersign service"),
        ("http://127.0.0.1:1", 1, "store/unreachable", "does not answer"),
        ("http://ada:secret@127.0.0.1:1", 4, "config/invalid", "COUNTERSIGN_TOKEN"),
        ("postgres://127.0.0.1/plans", 4, "config/invalid", "cannot be reached by this version"),
    ] {
        let came = desk.run(&format!("list --store {store}"));
        assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{store}: {}", came.shown());
        assert!(came.err.contains(says), "{store}: {}", came.shown());
    }
}

#[test]
fn what_needs_the_folder_says_so() {
    let pair = Pair::new("");
    for line in ["init", "serve --listen 127.0.0.1:0", "audit reindex", "webhook list"] {
        let came = pair.client.run(line);
        assert_eq!(
            (came.exit, came.code().as_deref()),
            (4, Some("store/remote")),
            "{line}: {}",
            came.shown()
        );
        assert!(came.err.contains("hint: "), "{}", came.shown());
    }
    let doctor = pair.client.run("doctor");
    assert!(doctor.out.contains(&pair.service.url("")), "{}", doctor.shown());
}

#[test]
fn a_document_outside_of_the_clients_folder_is_never_looked_at() {
    let pair = Pair::new("");
    let outside = folder().file("OTHER.md", PLAN);
    let path = outside.folder().join("OTHER.md").display().to_string();
    let came = pair.client.run(&format!("adopt {path}"));
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("store/remote")), "{}", came.shown());
}

#[test]
fn an_agents_tool_uses_a_server() {
    let pair = Pair::new("");
    pair.client.run("adopt PLAN.md").ok();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "a test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let call = |id: u32, name: &str, arguments: Value| {
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": { "_meta": meta, "name": name, "arguments": arguments } })
        .to_string()
    };
    let asked =
        [call(1, "take", json!({ "task": "T-3" })), call(2, "show", json!({ "task": "T-3" }))].join("\n");
    let came = pair.client.call(&["mcp", "--agent", "smith"], Some(&(asked + "\n")));
    assert_eq!(came.exit, 0, "{}", came.shown());
    assert!(came.out.contains("lease") && !came.out.contains("\"isError\":true"), "{}", came.shown());
    assert!(pair.client.run("leases").ok().out.contains("smith"));
}
