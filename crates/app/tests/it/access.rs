//! Who may ask the service for what, how often, from where, and what is kept of it.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::service::{Answer, Service};
use crate::world::{NOW, World};

const PLAN: &str =
    "setting identity: proven\nT-1: Build it | approval: security\nT-2: Test it | approval: security";
const SECRET: &str = "kV7zq0LxT2mWn8RcYb4HsJd6PfGa1EuX";
const PLANS: &str = "/api/v1/plans";
const APPROVALS: &str = "/api/v1/plans/plan/approvals";

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, detail: &str) {
    let json = answer.json();
    assert_eq!((answer.status, json["code"].as_str()), (status, Some(code)), "{}", answer.body);
    assert!(json["detail"].as_str().is_some_and(|told| told.contains(detail)), "{}", answer.body);
}

fn token(world: &World, name: &str, role: &str) -> String {
    let made = world.run(&format!("token create {name} --role {role} --subject person:{name} --as Ada")).ok();
    made.out.trim().to_owned()
}

fn with(service: &Service, token: &str, method: &str, path: &str, body: &str) -> Answer {
    service.ask(method, path, &[("Authorization", &format!("Bearer {token}"))], body)
}

/// A JWT, signed by whatever `sign` does.
fn jwt(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let told = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(told.as_bytes()));
    format!("{told}.{signature}")
}

fn hs256(secret: &str, claims: &Value) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    jwt(&header, claims, |told| ring::hmac::sign(&key, told).as_ref().to_vec())
}

/// Claims that end so many seconds after the store's now.
fn claims(seconds: i64, roles: &Value) -> Value {
    let now: jiff::Timestamp = NOW.parse().expect("a moment");
    json!({ "sub": "Bo", "exp": now.as_second() + seconds, "roles": roles })
}

#[test]
fn whoever_shows_nothing_or_something_bad_is_not_let_in() {
    let mut world = World::adopt(PLAN);
    world.desk.set("COUNTERSIGN_JWT_SECRET", SECRET);
    let observer = token(&world, "Olga", "observer");
    let service = Service::start(&world.desk, "--auth required");
    let none = service.get(PLANS);
    refused(&none, 401, "auth/required", "Not authenticated");
    assert_eq!(none.header("www-authenticate"), Some("bearer realm=\"countersign\""), "{}", none.head);
    refused(&service.get("/nowhere"), 401, "auth/required", "Not authenticated");
    service.get("/healthz").ok();
    let bare = |header: &Value| jwt(header, &claims(60, &json!(["operator"])), |_| Vec::new());
    for bad in [
        "garbled",
        "csn_0000000000000000000000000000000000000000000000000000000000000000",
        &format!("{observer}0"),
        &hs256(SECRET, &claims(0, &json!(["operator"]))),
        &hs256("another secret of more than 32 bytes", &claims(60, &json!(["operator"]))),
        &hs256(SECRET, &json!({ "sub": "Bo", "roles": ["operator"] })),
        &hs256(SECRET, &claims(60, &json!(7))),
        &bare(&json!({ "alg": "none" })),
        &bare(&json!({ "alg": "None", "typ": "JWT" })),
        &bare(&json!({ "alg": "HS256" })),
        &bare(&json!({ "alg": "RS256" })),
    ] {
        let answer = with(&service, bad, "GET", PLANS, "");
        refused(&answer, 401, "auth/invalid", "Could not validate credentials");
        assert!(
            answer.header("www-authenticate").is_some_and(|told| told.contains("invalid_token")),
            "{bad}"
        );
    }
    with(&service, &hs256(SECRET, &claims(60, &json!("observer"))), "GET", PLANS, "").ok();
    with(&service, &observer, "GET", PLANS, "").ok();
    world.run("token revoke Olga --as Ada").ok();
    refused(&with(&service, &observer, "GET", PLANS, ""), 401, "auth/invalid", "Could not validate");
}

#[test]
fn what_somebody_may_do_follows_their_roles_and_a_token_is_proof() {
    let mut world = World::adopt(PLAN);
    world.desk.set("COUNTERSIGN_JWT_SECRET", SECRET);
    let (observer, reviewer) = (token(&world, "Olga", "observer"), token(&world, "Rita", "reviewer"));
    let service = Service::start(&world.desk, "--auth required");
    let approval = json!({ "subject": "T-1" }).to_string();
    let no = with(&service, &observer, "POST", APPROVALS, &approval);
    refused(&no, 403, "auth/scope", "Insufficient permissions");
    assert!(no.body.contains("reviews:write"), "{}", no.body);
    // Whether the body is any good is not looked at before.
    refused(&with(&service, &observer, "POST", APPROVALS, "{"), 403, "auth/scope", "Insufficient");
    let nobody = hs256(SECRET, &claims(60, &json!(["boss"])));
    refused(&with(&service, &nobody, "GET", PLANS, ""), 403, "auth/scope", "Insufficient permissions");
    let headers = [("Authorization", &*format!("Bearer {reviewer}")), ("countersign-actor", "Olga")];
    let done = service.ask("POST", APPROVALS, &headers, &approval).ok();
    assert_eq!(done.json()["events"][0]["event"]["approval_given"]["role"], "security", "{}", done.body);
    let log = world.run("log").ok().out;
    let done = log.lines().find(|line| line.contains("approved check `approval` of `T-1`"));
    assert!(done.is_some_and(|line| line.contains("Rita [token]")), "{log}");
}

#[test]
fn on_its_own_machine_nobody_needs_a_token_but_a_bad_one_is_not_passed_over() {
    let world = World::adopt("T-1: Build it");
    let (lead, agent) = (token(&world, "Lea", "lead"), "token create ci --role agent --subject agent:smith");
    let agent = world.run(agent).ok().out.trim().to_owned();
    let service = Service::start(&world.desk, "--as Ada");
    service.get(PLANS).ok();
    for bad in ["Bearer csn_1", "Bearer", "Basic YTpi", "Bearer "] {
        let answer = service.ask("GET", PLANS, &[("Authorization", bad)], "");
        refused(&answer, 401, "auth/invalid", "Could not validate credentials");
    }
    let task = "/api/v1/plans/plan/tasks/T-1";
    let note = json!({ "do": "note", "text": "wet paint" }).to_string();
    for (token, told) in [(&lead, "Lea [token]"), (&agent, "smith (smith) [token]")] {
        with(&service, token, "POST", task, &note).ok();
        assert!(world.run("log").ok().out.contains(told), "{told}");
    }
    // Others than this machine's own programs can ask by a name: then everybody shows who they are.
    let named = Service::start(&world.desk, "--host plan.example");
    refused(&named.get(PLANS), 401, "auth/required", "Not authenticated");
    with(&named, &lead, "GET", PLANS, "").ok();
}

#[test]
fn a_public_key_decides_which_algorithm_is_taken() {
    let random = SystemRandom::new();
    let ed = Ed25519KeyPair::generate_pkcs8(&random).expect("there is randomness");
    let ed = Ed25519KeyPair::from_pkcs8(ed.as_ref()).expect("it was made a line above");
    let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let ec = EcdsaKeyPair::generate_pkcs8(curve, &random).expect("there is randomness");
    let ec = EcdsaKeyPair::from_pkcs8(curve, ec.as_ref(), &random).expect("it was made a line above");
    let pem = |before: &str, key: &[u8]| {
        let before: Vec<u8> = (0..before.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&before[at..at + 2], 16).expect("digits"))
            .collect();
        let body = STANDARD.encode([before.as_slice(), key].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    };
    let good = claims(60, &json!(["observer"]));
    let by_ed = jwt(&json!({ "alg": "EdDSA" }), &good, |told| ed.sign(told).as_ref().to_vec());
    let by_ec = jwt(&json!({ "alg": "ES256" }), &good, |told| {
        ec.sign(&random, told).expect("there is randomness").as_ref().to_vec()
    });
    let mut world = World::adopt("T-1: Build it");
    world.desk.set("COUNTERSIGN_JWT_PUBLIC_KEY_FILE", "key.pem");
    let keys = [
        (pem("302a300506032b6570032100", ed.public_key().as_ref()), &by_ed, &by_ec),
        (
            pem("3059301306072a8648ce3d020106082a8648ce3d030107034200", ec.public_key().as_ref()),
            &by_ec,
            &by_ed,
        ),
    ];
    for (key, own, other) in keys {
        world.desk.write("key.pem", &key);
        let service = Service::start(&world.desk, "--auth required");
        with(&service, own, "GET", PLANS, "").ok();
        // What everybody may know is no secret to sign with.
        for bad in [other, &hs256(&key, &good), &own.replace('.', "A.")] {
            refused(&with(&service, bad, "GET", PLANS, ""), 401, "auth/invalid", "Could not validate");
        }
    }
    world.desk.write("key.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    let came = world.run("serve --listen 127.0.0.1:0");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
}

#[test]
fn a_weak_secret_or_nobody_who_could_ask_keeps_it_from_starting() {
    let mut world = World::adopt("T-1: Build it");
    for line in ["--auth required", "--host plan.example", "--trusted-proxy 10.0.0.0/8"] {
        let came = world.run(&format!("serve --listen 127.0.0.1:0 {line}"));
        assert_eq!((came.exit, came.code().as_deref()), (2, Some("usage/invalid")), "{}", came.shown());
    }
    for weak in
        ["short", "changeme-changeme-changeme-changeme", &"0".repeat(64), &"abcdefghijklmno-".repeat(3)]
    {
        world.desk.set("COUNTERSIGN_JWT_SECRET", weak);
        let came = world.run("serve --listen 127.0.0.1:0");
        assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
        assert!(!came.err.contains(weak), "{}", came.shown());
    }
    let came = world.run("serve --listen 127.0.0.1:0 --limit tasks=none");
    assert_eq!(came.exit, 2, "{}", came.shown());
}

#[test]
fn a_limit_counts_by_who_asks_and_a_forged_address_changes_nothing() {
    let world = World::adopt("T-1: Build it | approval: security\nT-2: Test it | approval: security");
    let reviewer = token(&world, "Rita", "reviewer");
    let service = Service::start(&world.desk, "--as Ada --limit reviews=2/60s");
    let approve = |headers: &[(&str, &str)], subject: &str| {
        service.ask("POST", APPROVALS, headers, &json!({ "subject": subject }).to_string())
    };
    assert_eq!((approve(&[], "T-1").status, approve(&[], "T-2").status), (200, 200));
    for forged in [&[][..], &[("X-Forwarded-For", "198.51.100.7")], &[("X-Forwarded-For", "::1, 10.0.0.1")]] {
        let over = approve(forged, "T-1");
        refused(&over, 429, "rate/limited", "too many requests");
        let again: u64 = over.header("retry-after").expect("it says when").parse().expect("whole seconds");
        assert!((1..=60).contains(&again), "{again}");
    }
    // The limit stands before the body, and after the question who asks.
    refused(&service.ask("POST", APPROVALS, &[], "{"), 429, "rate/limited", "too many requests");
    let bearer = format!("Bearer {reviewer}");
    let known = [("Authorization", bearer.as_str())];
    assert_eq!(approve(&[("Authorization", "Bearer x")], "T-1").status, 401);
    assert_eq!((approve(&known, "T-1").status, approve(&known, "T-2").status), (200, 200));
    assert_eq!(approve(&known, "T-1").status, 429);
    service.get(PLANS).ok();
}

#[test]
fn other_sites_and_other_names_are_refused() {
    let world = World::adopt("T-1: Build it");
    let service = Service::start(&world.desk, "");
    let task = "/api/v1/plans/plan/tasks/T-1";
    let before = world.events();
    for told in [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")] {
        let answer = service.ask("POST", task, &[told], r#"{"do":"start"}"#);
        refused(&answer, 403, "origin/refused", "another site");
    }
    assert_eq!(world.events(), before);
    let raw = |head: &str| {
        let mut stream = service.connect();
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers and closes");
        answer
    };
    for host in ["Host: evil.example", "Host: localhost.evil.example:1", "X-Host: localhost"] {
        let answer = raw(&format!("GET {PLANS} HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 421 ") && answer.contains("origin/refused"), "{answer}");
    }
    let answer = service.get("/api/v1/docs").ok();
    for (name, value) in [
        ("content-security-policy", "default-src 'self';"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    ] {
        assert!(answer.header(name).is_some_and(|told| told.contains(value)), "{name}: {}", answer.head);
    }
}

#[test]
fn slow_and_oversized_heads_and_bodies_come_to_an_end() {
    let world = World::adopt("T-1: Build it");
    let service = Service::start(&world.desk, "--header-timeout 1");
    let mut slow = service.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc").expect("it reads");
    let mut answer = String::new();
    // It ends although nothing more is ever sent; how it says so does not matter.
    let _ = slow.read_to_string(&mut answer);
    assert!(!answer.contains("200 OK"), "{answer}");
    let flood = service.ask("GET", "/healthz", &[("X-Flood", &"x".repeat(64 * 1024))], "");
    assert_eq!(flood.status, 431);
    let task = "/api/v1/plans/plan/tasks/T-1";
    let large = format!(r#"{{"do":"note","text":"{}"}}"#, "x".repeat(5 * 1024 * 1024));
    assert_eq!(service.ask("POST", task, &[], &large).status, 413);
    service.get("/healthz").ok();
}

#[test]
fn every_request_leaves_a_line_and_a_line_that_was_changed_is_named() {
    let world = World::adopt("T-1: Build it");
    let lead = token(&world, "Lea", "lead");
    let mut service = Service::start(&world.desk, "--limit reviews=1/60s");
    let body = r#"{"do":"note","text":"wet paint"}"#;
    with(&service, &lead, "POST", "/api/v1/plans/plan/tasks/T-1", body).ok();
    service.get(&format!("/api/v1/plans/plan?key={lead}"));
    for _ in 0..2 {
        service.ask("POST", APPROVALS, &[], "{");
    }
    let process = service.process();
    let ended = std::process::Command::new("kill").arg(process.id().to_string()).status().expect("kill runs");
    assert!(ended.success());
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
    let kept = world.desk.read(".countersign/requests.log");
    assert!(!kept.contains(&lead), "{kept}");
    let lines: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 4, "{kept}");
    let (first, second, last) = (&lines[0]["entry"], &lines[1]["entry"], &lines[3]["entry"]);
    assert_eq!(
        (&first["method"], &first["status"], &first["subject"], &first["client"]),
        (&json!("POST"), &json!(200), &json!("person:Lea"), &json!("127.0.0.1")),
        "{first}"
    );
    let digest = model::digest::Digest::sha256(body.as_bytes()).to_string();
    assert_eq!(first["payload_sha256"], digest, "{first}");
    assert_eq!(first["content_length"], body.len(), "{first}");
    assert_eq!(first["roles"], json!(["lead"]), "{first}");
    assert!(second["payload_sha256"].is_null() && second["subject"].is_null(), "{second}");
    assert!(second["path"].as_str().is_some_and(|path| path.contains("redacted")), "{second}");
    assert_eq!((&last["status"], last["retry_after"].is_u64()), (&json!(429), true), "{last}");
    assert!(last["payload_sha256"].is_null(), "its body was not read: {last}");
    let whole = world.run("audit verify").ok();
    assert!(whole.out.contains("whole: the record of 4 requests"), "{}", whole.shown());
    world.desk.write(".countersign/requests.log", kept.replace("\"status\":429", "\"status\":200"));
    let broken = world.run("audit verify");
    assert_eq!((broken.exit, broken.code().as_deref()), (9, Some("chain/broken")), "{}", broken.shown());
    assert!(broken.out.contains("broken: `requests.log` line 4"), "{}", broken.shown());
}
