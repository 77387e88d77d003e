//! Agents' tools over the Model Context Protocol, on standard input and output.
//!
//! A tool is a command line in other clothes: it is turned into the arguments of a verb, and the
//! verb's own answer goes back, so that no rule, shape or refusal exists twice. All state is in the
//! store: every request opens it anew, so one server may serve many, or be replaced between two
//! requests. Speaks the generation with a handshake (2025-11-25 and earlier) and the one without
//! (2026-07-28). Start at [`Server`]; each tool is one file in `tools/`.

mod resources;
mod tools;

use std::ffi::OsString;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    JsonObject, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ServerHandler, ServiceExt, transport};
use serde_json::Value;

use crate::cli::{Kept, keep};

pub use tools::TOOLS;

/// The most bytes of a text that is given back; more would fill an agent's context with one answer.
pub const MOST_TEXT: usize = 64 * 1024;

/// What agents are told once, before they use a tool.
const INSTRUCTIONS: &str = "Countersign runs a written plan. Take a task before you work on it, read its \
brief, stay within the paths reserved for it, and submit when done. Your word is a claim; only passing \
checks or a named person make a task verified. Refusals carry a code and what to do next.";

/// Answers requests about one store, as one agent.
#[derive(Clone)]
pub struct Server {
    /// Options every call is made with: who asks, of which store and plan.
    globals: Arc<Vec<OsString>>,
    /// One call at a time: verbs of one process do not write at the same time.
    turn: Arc<Mutex<()>>,
}

impl Server {
    /// A server whose calls carry these options.
    pub fn new(globals: Vec<OsString>) -> Self {
        Self { globals: Arc::new(globals), turn: Arc::default() }
    }

    /// Serves standard input and output until the other side closes them.
    pub fn serve(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = runtime.block_on(async {
            let service = ServiceExt::serve(self, transport::stdio()).await.map_err(io::Error::other)?;
            service.waiting().await.map(drop).map_err(io::Error::other)
        });
        // A check that still runs belongs to nobody any more.
        runtime.shutdown_background();
        served
    }

    /// Makes a call and gives back what it would have printed.
    async fn call(&self, arguments: Vec<String>) -> Result<Kept, ErrorData> {
        let (globals, turn) = (Arc::clone(&self.globals), Arc::clone(&self.turn));
        let work = move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let program = std::iter::once(OsString::from("countersign"));
            let own = arguments.into_iter().map(OsString::from);
            let mut line: Vec<OsString> = program.chain(own).collect();
            // Options of every verb stand before a `--` that begins what is not an option.
            let place = line.iter().position(|word| word == "--").unwrap_or(line.len());
            line.splice(place..place, globals.iter().cloned());
            keep(line)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| ErrorData::internal_error("the call was cut off", None))
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let mut own = Implementation::new("countersign", env!("CARGO_PKG_VERSION"));
        own.title = Some("Countersign".to_owned());
        ServerConfig::new(capabilities).with_server_info(own).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult { tools: TOOLS.iter().map(tools::ToolLine::tool).collect(), ..Default::default() })
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::named(name).map(tools::ToolLine::tool)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = tools::named(&request.name) else {
            let known: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
            let message = format!("there is no tool `{}`; there are {}", request.name, known.join(", "));
            return Err(ErrorData::invalid_params(message, None));
        };
        let given = request.arguments.unwrap_or_default();
        // What was given wrongly is the caller's to put right, so it is told as the tool's answer.
        let steps = match tool.steps(&given) {
            Ok(steps) => steps,
            Err(wrong) => return Ok(refused(&wrong).into()),
        };
        let mut answers = JsonObject::new();
        for step in steps {
            let kept = self.call(step.arguments).await?;
            let answer = value(&kept.data);
            if kept.exit != 0 {
                return Ok(failed(&kept, answers, (step.name, answer)).into());
            }
            answers.insert(step.name.to_owned(), answer);
        }
        Ok(answered(answers).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult { resources: resources::all(), ..Default::default() })
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult { resource_templates: resources::templates(), ..Default::default() })
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let unknown = || {
            let message = format!("there is no resource `{}`", request.uri);
            ErrorData::resource_not_found(message, Some(serde_json::json!({ "uri": request.uri })))
        };
        let arguments = resources::arguments(&request.uri).ok_or_else(unknown)?;
        let kept = self.call(arguments).await?;
        match kept.exit {
            0 => Ok(resources::contents(&request.uri, cut(kept.data)).into()),
            // What the address names is not there: no such task, no such plan.
            3 => Err(unknown()),
            _ => Err(ErrorData::internal_error(kept.said.last().cloned().unwrap_or_default(), None)),
        }
    }
}

/// What a verb printed, as a value.
fn value(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()))
}

/// The answers of a tool; where it is one verb's, that verb's own.
fn answered(mut answers: JsonObject) -> CallToolResult {
    let whole = match answers.len() {
        1 => answers.values_mut().next().map(Value::take).unwrap_or_default(),
        _ => Value::Object(answers),
    };
    let text = match &whole {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut result = CallToolResult::success(vec![ContentBlock::text(cut(text))]);
    // A text that had to be cut is not said a second time in full.
    result.structured_content = (whole.is_object() && whole.to_string().len() <= MOST_TEXT).then_some(whole);
    result
}

/// A refusal: what came before it, and the one line of JSON that every verb ends with.
fn failed(kept: &Kept, mut before: JsonObject, (step, answer): (&'static str, Value)) -> CallToolResult {
    let told = kept.said.iter().rev().find_map(|line| serde_json::from_str::<JsonObject>(line).ok());
    if !kept.data.trim().is_empty() {
        before.insert(step.to_owned(), answer);
    }
    let error = told.and_then(|mut told| told.remove("error"));
    let error = error.unwrap_or_else(|| serde_json::json!({ "exit": kept.exit }));
    before.insert("error".to_owned(), error);
    let whole = Value::Object(before);
    let mut result = CallToolResult::error(vec![ContentBlock::text(cut(whole.to_string()))]);
    result.structured_content = (whole.to_string().len() <= MOST_TEXT).then_some(whole);
    result
}

fn refused(message: &str) -> CallToolResult {
    let error = serde_json::json!({ "error": { "code": "usage/invalid", "exit": 2, "message": message } });
    let mut result = CallToolResult::error(vec![ContentBlock::text(error.to_string())]);
    result.structured_content = Some(error);
    result
}

/// A text of bearable length, with a word about what is missing.
fn cut(mut text: String) -> String {
    if text.len() > MOST_TEXT {
        let whole = text.len();
        let end = (0..=MOST_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str(&format!("\n… cut: {} of {whole} bytes; ask for less", text.len()));
    }
    text
}
