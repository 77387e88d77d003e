//! Diagnostics as SARIF 2.1.0: just the parts this program fills, as plain structs.

use std::collections::{BTreeSet, HashMap};

use model::diagnostic::{Severity, Span};
use model::digest::Digest;
use serde::Serialize;

use super::{Lines, Source};
use crate::lint;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text>,
    help: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// Keeps a finding recognisable when lines above it come and go.
#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "codeAndLine/v1")]
    code_and_line: String,
}

pub(super) fn render(sources: &[Source<'_>]) -> String {
    let codes: BTreeSet<&str> =
        sources.iter().flat_map(|source| source.diagnostics).map(|diagnostic| diagnostic.code).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let results = sources.iter().flat_map(|source| findings(source, &codes)).collect();
    let rules = codes.iter().copied().map(rule).collect();
    let driver = Driver { name: "countersign", version: env!("CARGO_PKG_VERSION"), rules };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

/// Lint rules say what they find; of a code that only a reader knows, its name must do.
fn rule(code: &str) -> Rule<'_> {
    let known = lint::rule_of(code);
    Rule {
        id: code,
        short_description: known.map(|rule| Text { text: rule.what.to_owned() }),
        help: Text { text: format!("countersign explain {code}") },
        default_configuration: known.map(|rule| Configuration { level: level(rule.severity) }),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn findings<'a>(source: &Source<'a>, codes: &[&str]) -> Vec<Finding<'a>> {
    let lines = Lines::new(source.text);
    let uri = uri(source.path);
    let mut twins: HashMap<Digest, u32> = HashMap::new();
    source
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let message = match &diagnostic.help {
                Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
                None => diagnostic.message.clone(),
            };
            let line = lines.text(lines.line_of(diagnostic.span.start));
            let mut digest = Digest::framed([diagnostic.code.as_bytes(), line.trim().as_bytes()]);
            // Two findings of a rule on equal lines are two findings all the same.
            let twin = twins.entry(digest).or_default();
            *twin += 1;
            if *twin > 1 {
                digest = Digest::framed([digest.as_bytes().as_slice(), &twin.to_be_bytes()]);
            }
            Finding {
                rule_id: diagnostic.code,
                rule_index: codes.binary_search(&diagnostic.code).unwrap_or_default(),
                level: level(diagnostic.severity),
                message: Text { text: message },
                locations: [location(&lines, &uri, diagnostic.span, None)],
                related_locations: diagnostic
                    .also
                    .iter()
                    .enumerate()
                    .map(|(id, (span, label))| location(&lines, &uri, *span, Some((id, label))))
                    .collect(),
                partial_fingerprints: Fingerprints { code_and_line: digest.to_string() },
            }
        })
        .collect()
}

fn location(lines: &Lines<'_>, uri: &str, span: Span, related: Option<(usize, &String)>) -> Location {
    let (start, end) = lines.range(span);
    Location {
        id: related.map(|(id, _)| id),
        physical_location: PhysicalLocation {
            artifact_location: Artifact { uri: uri.to_owned() },
            region: Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            },
        },
        message: related.map(|(_, label)| Text { text: label.clone() }),
    }
}

/// A path as a URI reference: forward slashes, everything unusual percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    let path = path.replace('\\', "/");
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte as char)
            }
            _ => {
                uri.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    uri.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
    uri
}
