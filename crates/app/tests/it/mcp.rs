//! `mcp`: agents' tools over the Model Context Protocol, in both of its generations.

use serde_json::{Value, json};

use crate::world::World;

const PLAN: &str = "T-1: Build the importer | check tests: true\nT-2: Measure it | needs: T-1";

/// What a client of the generation without a handshake says of itself with each request.
fn stateless() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "a test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Hands requests in, each under its place as id, and gives the answers in that order.
fn ask(world: &World, arguments: &[&str], before: &[Value], requests: &[(&str, Value)]) -> Vec<Value> {
    let mut lines: Vec<String> = before.iter().map(Value::to_string).collect();
    for (id, (method, params)) in requests.iter().enumerate() {
        lines.push(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
    }
    let came = world.desk.call(arguments, Some(&(lines.join("\n") + "\n")));
    assert_eq!(came.exit, 0, "{}", came.shown());
    let answers: Vec<Value> =
        came.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let answer = |id: usize| {
        answers
            .iter()
            .find(|answer| answer["id"] == json!(id))
            .unwrap_or_else(|| panic!("no answer {id}: {answers:?}"))
    };
    (0..requests.len()).map(|id| answer(id).clone()).collect()
}

/// The same, after the handshake of the earlier generation.
fn greeted(world: &World, requests: &[(&str, Value)]) -> Vec<Value> {
    let greeting = json!({ "jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "a test", "version": "1" },
    } });
    let greeted = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    ask(world, &["mcp", "--agent", "fixer"], &[greeting, greeted], requests)
}

fn tool(name: &str, arguments: Value) -> (&'static str, Value) {
    ("tools/call", json!({ "name": name, "arguments": arguments }))
}

#[test]
fn tools_are_listed_with_what_they_take() {
    let world = World::adopt(PLAN);
    let answers = greeted(&world, &[("tools/list", json!({}))]);
    let tools = answers[0]["result"]["tools"].as_array().expect("a list").clone();
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["ready", "take", "show", "update", "submit", "memory", "message", "report"]);
    assert_eq!(tools[2]["inputSchema"]["required"], json!(["task"]));
}

#[test]
fn an_agent_takes_a_task_and_hands_it_in() {
    let world = World::adopt(PLAN);
    let took = &greeted(&world, &[tool("take", json!({ "task": "T-1" }))])[0]["result"];
    assert_eq!(took["isError"], json!(false), "{took}");
    assert_eq!(took["structuredContent"]["lease"]["holder"]["name"], "fixer", "{took}");
    // Another process, nothing kept in between: the store has it all.
    let handed_in = &greeted(
        &world,
        &[tool("submit", json!({ "task": "T-1", "summary": "it builds", "verify": false }))],
    )[0];
    assert_eq!(handed_in["result"]["isError"], json!(false), "{handed_in}");
    assert_eq!(world.run("show T-1 --json").ok().json()["task"]["state"], "claimed");
}

#[test]
fn a_refusal_is_an_answer_that_says_what_to_do() {
    let world = World::adopt(PLAN);
    let answers = greeted(
        &world,
        &[
            tool("take", json!({ "task": "T-2" })),
            tool("take", json!({ "tusk": 1 })),
            tool("show", json!({})),
        ],
    );
    let refused = &answers[0]["result"];
    assert_eq!(
        (&refused["isError"], &refused["structuredContent"]["error"]["code"]),
        (&json!(true), &json!("dependency/unmet"))
    );
    assert_eq!(refused["structuredContent"]["error"]["exit"], 7);
    assert!(
        answers[1]["result"]["structuredContent"]["error"]["message"]
            .as_str()
            .is_some_and(|told| told.contains("`take` does not take `tusk`"))
    );
    assert_eq!(answers[2]["result"]["isError"], true);
}

#[test]
fn what_cannot_be_routed_is_an_error_of_the_protocol() {
    let world = World::adopt(PLAN);
    let answers = greeted(
        &world,
        &[
            tool("approve", json!({ "task": "T-1" })),
            ("nothing/such", json!({})),
            ("resources/read", json!({ "uri": "file:///etc/passwd" })),
            ("resources/read", json!({ "uri": "countersign://brief/T-9" })),
        ],
    );
    assert_eq!(answers[0]["error"]["code"], -32602, "{}", answers[0]);
    assert_eq!(answers[1]["error"]["code"], -32601, "{}", answers[1]);
    assert_eq!(answers[2]["error"]["code"], -32002, "{}", answers[2]);
    assert_eq!(answers[3]["error"]["code"], -32002, "{}", answers[3]);
}

#[test]
fn board_and_brief_are_resources() {
    let world = World::adopt(PLAN);
    let answers = greeted(
        &world,
        &[
            ("resources/list", json!({})),
            ("resources/templates/list", json!({})),
            ("resources/read", json!({ "uri": "countersign://board" })),
            ("resources/read", json!({ "uri": "countersign://brief/T-1" })),
        ],
    );
    assert_eq!(answers[0]["result"]["resources"][0]["uri"], "countersign://board");
    assert_eq!(answers[1]["result"]["resourceTemplates"][0]["uriTemplate"], "countersign://brief/{key}");
    for (answer, part) in [(&answers[2], "Build the importer"), (&answers[3], "tests")] {
        let text = answer["result"]["contents"][0]["text"].as_str().unwrap_or_default();
        assert!(text.contains(part), "{answer}");
    }
}

#[test]
fn the_generation_without_a_handshake_is_spoken_too() {
    let world = World::adopt(PLAN);
    let with_meta = |mut params: Value| {
        params["_meta"] = stateless();
        params
    };
    let answers = ask(
        &world,
        &["mcp"],
        &[],
        &[
            ("server/discover", with_meta(json!({}))),
            ("tools/call", with_meta(json!({ "name": "ready", "arguments": {} }))),
            ("tools/call", with_meta(json!({ "name": "nothing" }))),
        ],
    );
    let versions = answers[0]["result"]["supportedVersions"].as_array().expect("a list").clone();
    assert!(
        versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")),
        "{versions:?}"
    );
    assert_eq!(answers[1]["result"]["structuredContent"]["tasks"][0]["key"], "T-1", "{}", answers[1]);
    assert_eq!(answers[2]["error"]["code"], -32602);
}

#[test]
fn a_client_without_a_name_is_an_agent_and_never_a_person() {
    let world = World::adopt(PLAN);
    let taken = ask(
        &world,
        &["mcp"],
        &[],
        &[("tools/call", json!({ "name": "take", "arguments": { "task": "T-1" }, "_meta": stateless() }))],
    );
    let holder = &taken[0]["result"]["structuredContent"]["lease"]["holder"];
    assert_eq!((&holder["kind"], &holder["name"]), (&json!("agent"), &json!("agent")), "{}", taken[0]);
}
