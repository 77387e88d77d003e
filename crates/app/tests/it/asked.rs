//! Work asked for over HTTP where the service starts agents on it.

use serde_json::{Value, json};

use crate::harness::Desk;
use crate::service::Service;
use crate::stream::Listening;

const PLAN: &str = "# Plan\n\n## Tasks\n\n| ID | Task |\n|----|------|\n| T-1 | Begin |\n";

/// They work in the plan's folder itself, so that no repository is needed.
const AGENTS: &str = "[settings]\nsync = \"manual\"\n\
    [agents.writer]\ncommand = [\"sh\", \"write.sh\"]\nroles = [\"writer\"]\nworktree = false\nretries = 0\nconcurrency = 4\n\
    [agents.idler]\ncommand = [\"sh\", \"idle.sh\"]\nroles = [\"idler\"]\nworktree = false\nretries = 0\n";

/// Works until it may be done, or its folder is gone.
const WRITE: &str = "cat >>BRIEF.md\nwhile [ -e write.sh ] && [ ! -e go ]; do sleep 0.02; done\n";

fn desk() -> Desk {
    let desk = Desk::new()
        .file("PLAN.md", PLAN)
        .file("countersign.toml", AGENTS)
        .file("write.sh", WRITE)
        .file("idle.sh", "cat >/dev/null\necho \"nothing comes to mind\" >&2\nexit 1\n");
    desk.run("adopt PLAN.md").ok();
    desk
}

fn trusted() -> Desk {
    let desk = desk();
    desk.run("trust PLAN.md --yes").ok();
    desk
}

fn serve(desk: &Desk, options: &str) -> Service {
    let options = format!("--as Ada --limit tasks=off --requests plan {options}");
    Service::start(desk, &options)
}

fn ask(service: &Service, prompt: &str, role: Option<&str>) -> Value {
    let metadata = role.map(|role| json!({ "role": role }));
    let answer = service.post("/api/v1/tasks", &json!({ "prompt": prompt, "metadata": metadata }));
    assert_eq!(answer.status, 202, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["status"], "queued");
    answer
}

/// All that comes of a task, to its end.
fn follow(service: &Service, asked: &Value) -> Vec<(String, Value)> {
    let path = asked["events"].as_str().expect("a path").to_owned();
    let told = Listening::open(service, "GET", &path, &[], "").rest();
    let ends = told.iter().filter(|frame| frame.event == "task_completed" || frame.event == "task_failed");
    assert_eq!(ends.count(), 1, "{told:?}");
    told.into_iter().map(|frame| (frame.event, frame.data["payload"].clone())).collect()
}

fn status(service: &Service, asked: &Value) -> (Value, Value) {
    let id = asked["task_id"].as_str().expect("an id");
    let shown = service.get(&format!("/api/v1/tasks/{id}")).ok().json();
    (shown["status"].clone(), shown["standing"].clone())
}

fn why(asked: &Value) -> &str {
    asked["why"].as_str().unwrap_or_default()
}

#[test]
fn an_agent_starts_on_what_is_asked_for_and_its_end_proves_nothing() {
    let desk = trusted();
    desk.write("go", "");
    let service = serve(&desk, "--start writer --start idler");
    let body = json!({ "prompt": "Write it down\nin three lines" }).to_string();
    let told = Listening::open(&service, "POST", "/api/v1/tasks/stream", &[], &body).rest();
    let names: Vec<&str> = told.iter().map(|frame| frame.event.as_str()).collect();
    assert_eq!((names[0], names[1]), ("task_started", "agent_started"), "{names:?}");
    let last = told.last().expect("there is an end");
    assert_eq!((last.event.as_str(), &last.data["payload"]["verified"]), ("task_completed", &json!(false)));
    assert_eq!(names.iter().filter(|name| name.starts_with("task_")).count(), 2, "{names:?}");
    let asked = json!({ "task_id": last.data["task_id"] });
    assert_eq!(status(&service, &asked), (json!("completed"), json!("claimed, no evidence")));
    let brief = desk.read("BRIEF.md");
    assert!(brief.contains("in three lines"), "{brief}");
    // One that fails ends the run too, and says why.
    let asked = ask(&service, "Think of something", Some("idler"));
    assert_eq!((asked["agent"].as_str(), why(&asked)), (Some("idler"), ""), "{asked}");
    let told = follow(&service, &asked);
    let (name, payload) = told.last().expect("there is an end");
    assert_eq!(name, "task_failed", "{told:?}");
    assert_eq!(payload["reason"], "the agent gave it up: it ended with exit status 1");
    assert_eq!(status(&service, &asked).0, "failed");
    let wrong = service.post("/api/v1/tasks", &json!({ "prompt": "x", "metadata": { "role": "cook" } }));
    assert_eq!((wrong.status, wrong.json()["context"]["field"].as_str()), (422, Some("metadata.role")));
    desk.run("audit verify").ok();
}

#[test]
fn where_nothing_runs_it_is_said_why() {
    let desk = desk();
    let service = serve(&desk, "");
    let asked = ask(&service, "Hum", None);
    assert_eq!((&asked["agent"], why(&asked).contains("--start")), (&Value::Null, true), "{asked}");
    drop(service);
    let service = serve(&desk, "--start writer --start cook");
    let asked = ask(&service, "Hum", None);
    assert!(asked["agent"].is_null() && why(&asked).contains("countersign trust"), "{asked}");
    desk.run("trust PLAN.md --yes").ok();
    let asked = ask(&service, "Cook", Some("cook"));
    assert!(why(&asked).contains("no agent of `countersign.toml` fills the role `cook`"), "{asked}");
    // An agent has no commands started.
    let headers = [("Countersign-Actor", "agent:boss")];
    let answer = service.ask("POST", "/api/v1/tasks", &headers, r#"{"prompt":"Hum"}"#).json();
    assert!(why(&answer).contains("only a person starts commands"), "{answer}");
    let body = json!({ "prompt": "Hum", "metadata": { "role": "cook" } }).to_string();
    let mut live = Listening::open(&service, "POST", "/api/v1/tasks/stream", &[], &body);
    assert!(live.remark().contains("fills the role `cook`"));
    assert_eq!(desk.run("leases --json").ok().json()["leases"].as_array().map(Vec::len), Some(0));
    assert!(!desk.has("BRIEF.md"));
    let agent = desk.run("serve --listen 127.0.0.1:0 --start writer --agent boss");
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("policy/denied")), "{}", agent.shown());
}

#[test]
fn so_many_run_at_once_and_who_waits_is_not_forgotten() {
    let desk = trusted();
    let service = serve(&desk, "--start writer --at-once 1");
    let first = ask(&service, "One", None);
    let second = ask(&service, "Two", None);
    assert_eq!((why(&first), second["agent"].as_str()), ("", Some("writer")));
    assert!(why(&second).contains("1 agent runs already"), "{second}");
    let path = first["events"].as_str().expect("a path");
    let mut live = Listening::open(&service, "GET", path, &[], "");
    assert_eq!(live.next().expect("it began").event, "task_started");
    assert_eq!(status(&service, &second).0, "queued");
    // The service is killed: the agent works on, and the next service starts who waits.
    drop((live, service));
    let service = serve(&desk, "--start writer --at-once 1");
    desk.write("go", "");
    for asked in [&first, &second] {
        assert_eq!(follow(&service, asked).last().map(|(name, _)| name.as_str()), Some("task_completed"));
    }
}

#[test]
fn a_halt_holds_what_is_asked_for_until_a_person_resumes() {
    let desk = trusted();
    desk.write("go", "");
    let service = serve(&desk, "--start writer");
    desk.run("halt --reason lunch").ok();
    let asked = ask(&service, "Eat", None);
    assert_eq!(why(&asked), "the plan was halted: lunch");
    desk.run("resume").ok();
    assert_eq!(follow(&service, &asked).last().map(|(name, _)| name.as_str()), Some("task_completed"));
}

#[test]
fn a_task_with_a_check_is_completed_by_the_check_and_not_by_an_agent_that_ends_well() {
    let plan = "# Plan\n\n## Tasks\n\n| ID | Task | Prereqs | Verify |\n|----|------|---------|--------|\n\
                | T-1 | Notes | None | `test -f NOTES.md` |\n";
    let desk = Desk::new().file("PLAN.md", plan).file(
        "countersign.toml",
        "[settings]\nsync = \"manual\"\n\
         [agents.shirker]\ncommand = [\"true\"]\nroles = [\"shirker\"]\nworktree = false\nretries = 0\n",
    );
    desk.run("adopt PLAN.md").ok();
    let service = serve(&desk, "");
    let mut live = Listening::open(&service, "GET", "/api/v1/events", &[], "");
    let shirked = desk.run("worker --task T-1 --role shirker --trust");
    assert_ne!(shirked.exit, 0, "{}", shirked.shown());
    let id = live.next().expect("it began").data["task_id"].as_str().expect("an id").to_owned();
    let asked = json!({ "task_id": id, "events": format!("/api/v1/tasks/{id}/events") });
    assert_eq!(status(&service, &asked).0, "running");
    desk.write("NOTES.md", "notes\n");
    desk.run("verify T-1").ok();
    let told = follow(&service, &asked);
    let shown = format!("{told:?}");
    let [.., (checked, verdict), (last, payload)] = &told[..] else { panic!("{shown}") };
    assert_eq!((last.as_str(), &payload["verified"]), ("task_completed", &json!(true)), "{shown}");
    assert_eq!((checked.as_str(), &verdict["outcome"]), ("tool_invoked", &json!("pass")), "{shown}");
    let failed = |(name, payload): &&(String, Value)| name == "tool_invoked" && payload["outcome"] == "fail";
    assert!(told.iter().any(|event| failed(&event)), "its check was run when it ended: {shown}");
    assert_eq!(status(&service, &asked), (json!("completed"), json!("verified")));
}
