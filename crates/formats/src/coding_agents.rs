//! Settings of coding agents: where each keeps its hooks, and how a call of ours goes in beside what
//! is there, and out again. What somebody else wrote stays byte for byte; what we wrote is known by
//! the command it calls.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstRootNode};

/// What every command of ours calls.
const CALL: &str = "hooks agent-event --for";

/// Where a section for agents to read begins and ends.
const SECTION: (&str, &str) = ("<!-- countersign:begin -->", "<!-- countersign:end -->");

/// A coding agent whose hooks are known.
#[derive(Debug, Clone, Copy)]
pub struct CodingAgent {
    /// The name it goes by here: `claude-code`.
    pub name: &'static str,
    /// Its settings, relative to the top of a repository.
    pub settings: &'static str,
    /// The events that are hooked.
    pub hooks: &'static [Hook],
    /// What a timeout of a second is in its settings.
    pub second: u32,
    /// What whoever installs the hooks has to do besides.
    pub note: Option<&'static str>,
}

/// An event of a coding agent that is hooked.
#[derive(Debug, Clone, Copy)]
pub struct Hook {
    /// Its name in the settings.
    pub event: &'static str,
    /// The tools it is called for; nothing where it is not about tools.
    pub matcher: Option<&'static str>,
    /// How long it may take, in seconds.
    pub timeout: u32,
}

const fn hook(event: &'static str, matcher: Option<&'static str>, timeout: u32) -> Hook {
    Hook { event, matcher, timeout }
}

/// How long checks may take before a coding agent gives up on them, in seconds.
const CHECKS: u32 = 1800;

/// Every coding agent whose hooks are known.
pub const CODING_AGENTS: &[CodingAgent] = &[
    CodingAgent {
        name: "claude-code",
        settings: ".claude/settings.json",
        hooks: &[
            hook("SessionStart", None, 20),
            hook("PreToolUse", Some("Write|Edit|MultiEdit|NotebookEdit|Bash"), 20),
            hook("PostToolUse", Some("Write|Edit|MultiEdit|NotebookEdit"), 20),
            hook("Stop", None, CHECKS),
            hook("SessionEnd", None, 20),
        ],
        second: 1,
        note: None,
    },
    CodingAgent {
        name: "codex",
        settings: ".codex/hooks.json",
        hooks: &[
            hook("SessionStart", None, 20),
            hook("PreToolUse", Some("apply_patch|Edit|Write|Bash"), 20),
            hook("PostToolUse", Some("apply_patch|Edit|Write"), 20),
            hook("Stop", None, CHECKS),
        ],
        second: 1,
        note: Some(
            "codex runs new hooks only once you have trusted them: look at them with `/hooks` in codex",
        ),
    },
    CodingAgent {
        name: "gemini-cli",
        settings: ".gemini/settings.json",
        hooks: &[
            hook("SessionStart", None, 20),
            hook("BeforeTool", Some("write_file|replace|run_shell_command"), 20),
            hook("AfterTool", Some("write_file|replace"), 20),
            hook("AfterAgent", None, CHECKS),
            hook("SessionEnd", None, 20),
        ],
        second: 1000,
        note: None,
    },
];

/// The coding agent of a name.
pub fn coding_agent(name: &str) -> Option<&'static CodingAgent> {
    CODING_AGENTS.iter().find(|agent| agent.name.eq_ignore_ascii_case(name.trim()))
}

impl CodingAgent {
    /// The command its settings call. `program` is how the shell finds the program.
    pub fn command(&self, program: &str) -> String {
        format!("{program} {CALL} {}", self.name)
    }

    /// Its settings with our hooks in them; what was there stays, and ours are there once.
    pub fn install(&self, settings: &str, command: &str) -> Result<String, String> {
        let root = read(settings)?;
        let top = root.object_value_or_create().ok_or("it is not an object")?;
        let hooks = top.object_value_or_create("hooks").ok_or("its `hooks` is not an object")?;
        for hook in self.hooks {
            let groups = hooks
                .array_value_or_create(hook.event)
                .ok_or_else(|| format!("its `hooks.{}` is not a list", hook.event))?;
            let known = groups.elements().into_iter().find(calls_us);
            match known {
                // Ours already: an older command, matcher or timeout gives way.
                Some(group) if group.to_serde_value() == self.group(hook, command).0 => {}
                Some(group) if is_ours_alone(&group) => {
                    if let Some(object) = group.as_object() {
                        object.replace_with(self.group(hook, command).1);
                    }
                }
                Some(group) => {
                    take_out(&group);
                    groups.append(self.group(hook, command).1);
                }
                None => {
                    groups.ensure_multiline();
                    groups.append(self.group(hook, command).1);
                }
            }
        }
        let mut text = root.to_string();
        if settings.trim().is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    /// Its settings without our hooks; nothing where nothing else was in them.
    pub fn uninstall(&self, settings: &str) -> Result<Option<String>, String> {
        let root = read(settings)?;
        let Some(top) = root.object_value() else { return Ok(Some(settings.to_owned())) };
        if let Some(hooks) = top.object_value("hooks") {
            let mut taken = false;
            for property in hooks.properties() {
                let Some(groups) = property.array_value() else { continue };
                for group in groups.elements().into_iter().filter(calls_us) {
                    taken = true;
                    if is_ours_alone(&group) { group.remove() } else { take_out(&group) }
                }
                if taken && groups.elements().is_empty() {
                    property.remove();
                }
            }
            if taken && hooks.properties().is_empty() {
                remove_property(&top, "hooks");
            }
            if taken && top.properties().is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(root.to_string()))
    }

    /// A group of hooks as data, and as it is written.
    fn group(&self, hook: &Hook, command: &str) -> (Option<serde_json::Value>, CstInputValue) {
        let timeout = hook.timeout * self.second;
        let text = |text: &str| CstInputValue::String(text.to_owned());
        let call = CstInputValue::Object(vec![
            ("type".to_owned(), text("command")),
            ("command".to_owned(), text(command)),
            ("timeout".to_owned(), CstInputValue::Number(timeout.to_string())),
        ]);
        let mut group = Vec::new();
        let mut data = serde_json::Map::new();
        if let Some(matcher) = hook.matcher {
            group.push(("matcher".to_owned(), text(matcher)));
            data.insert("matcher".to_owned(), matcher.into());
        }
        group.push(("hooks".to_owned(), CstInputValue::Array(vec![call])));
        let call = serde_json::json!({ "type": "command", "command": command, "timeout": timeout });
        data.insert("hooks".to_owned(), serde_json::json!([call]));
        (Some(serde_json::Value::Object(data)), CstInputValue::Object(group))
    }
}

fn read(settings: &str) -> Result<CstRootNode, String> {
    CstRootNode::parse(settings, &ParseOptions::default()).map_err(|error| error.to_string())
}

/// The calls of a group that are ours.
fn our_calls(group: &CstNode) -> Vec<CstNode> {
    let calls = group.as_object().and_then(|group| group.array_value("hooks"));
    let calls = calls.map(|calls| calls.elements()).unwrap_or_default();
    calls.into_iter().filter(is_ours).collect()
}

fn is_ours(call: &CstNode) -> bool {
    let command = call.as_object().and_then(|call| call.get("command")).and_then(|command| command.value());
    let command = command.and_then(|value| value.as_string_lit()).and_then(|text| text.decoded_value().ok());
    command.is_some_and(|command| command.contains(CALL))
}

fn calls_us(group: &CstNode) -> bool {
    !our_calls(group).is_empty()
}

/// Whether nothing but our calls is in a group.
fn is_ours_alone(group: &CstNode) -> bool {
    let calls = group.as_object().and_then(|group| group.array_value("hooks"));
    calls.is_some_and(|calls| calls.elements().iter().all(is_ours))
}

/// Takes our calls out of a group that others use too.
fn take_out(group: &CstNode) {
    for call in our_calls(group) {
        call.remove();
    }
}

fn remove_property(object: &CstObject, name: &str) {
    if let Some(property) = object.get(name) {
        property.remove();
    }
}

/// A document for agents with our section in it: in the place of an earlier one, else at its end.
pub fn with_section(document: &str, section: &str) -> String {
    let (begin, end) = SECTION;
    let ours = format!("{begin}\n{}\n{end}", section.trim());
    if let Some((before, after)) = around_section(document) {
        return format!("{before}{ours}{after}");
    }
    let gap = match document {
        "" => "",
        document if document.ends_with("\n\n") => "",
        document if document.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{document}{gap}{ours}\n")
}

/// The document without our section; nothing where nothing else was in it.
pub fn without_section(document: &str) -> Option<String> {
    let Some((before, after)) = around_section(document) else { return Some(document.to_owned()) };
    let after = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
    let before = match after.trim().is_empty() {
        true => before.strip_suffix("\n\n").map_or_else(|| before.to_owned(), |kept| format!("{kept}\n")),
        false => before.to_owned(),
    };
    let rest = format!("{before}{after}");
    (!rest.trim().is_empty()).then_some(rest)
}

fn around_section(document: &str) -> Option<(&str, &str)> {
    let (begin, end) = SECTION;
    let from = document.find(begin)?;
    let to = from + document[from..].find(end)? + end.len();
    Some((&document[..from], &document[to..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: &str = "countersign hooks agent-event --for claude-code";

    fn claude() -> &'static CodingAgent {
        coding_agent("claude-code").unwrap()
    }

    /// Settings somebody has, with comments, odd spaces and hooks of their own.
    const THEIRS: &str = r#"{
  // what we like
  "model":   "large",
  "hooks": {
    "Stop": [
      { "hooks": [ { "type": "command", "command": "say done" } ] }
    ],
    "PreToolUse": []
  },
  "permissions": { "allow": ["Bash(ls:*)"] }
}
"#;

    #[test]
    fn what_is_there_stays_and_ours_is_there_once() {
        let once = claude().install(THEIRS, COMMAND).unwrap();
        for kept in
            ["// what we like", r#""model":   "large""#, r#""command": "say done""#, r#"["Bash(ls:*)"]"#]
        {
            assert!(once.contains(kept), "{kept} in {once}");
        }
        let value = read(&once).unwrap().to_serde_value().unwrap();
        assert_eq!(value["hooks"]["Stop"].as_array().unwrap().len(), 2, "{once}");
        assert_eq!(value["hooks"]["Stop"][1]["hooks"][0]["command"], COMMAND);
        assert_eq!(value["hooks"]["PreToolUse"][0]["matcher"], "Write|Edit|MultiEdit|NotebookEdit|Bash");
        assert_eq!(claude().install(&once, COMMAND).unwrap(), once, "a second time changes nothing");
        let moved = claude().install(&once, "/opt/countersign hooks agent-event --for claude-code").unwrap();
        assert_eq!(moved.matches(CALL).count(), claude().hooks.len(), "{moved}");
        assert_eq!(moved.matches("/opt/countersign").count(), claude().hooks.len(), "{moved}");
        let back = claude().uninstall(&moved).unwrap().unwrap();
        let (before, after) = (read(THEIRS).unwrap().to_serde_value(), read(&back).unwrap().to_serde_value());
        let without = |value: Option<serde_json::Value>| {
            let mut value = value.unwrap();
            value["hooks"]
                .as_object_mut()
                .unwrap()
                .retain(|_, groups| groups.as_array().is_none_or(|g| !g.is_empty()));
            value
        };
        assert_eq!(without(after), without(before), "{back}");
        assert!(back.contains("// what we like"), "{back}");
    }

    #[test]
    fn settings_that_were_not_there_are_made_and_go_again() {
        for agent in CODING_AGENTS {
            let made = agent.install("", &agent.command("countersign")).unwrap();
            let value: serde_json::Value = serde_json::from_str(&made).unwrap();
            for hook in agent.hooks {
                let call = &value["hooks"][hook.event][0]["hooks"][0];
                assert_eq!(call["command"], agent.command("countersign"), "{made}");
                assert_eq!(call["timeout"], hook.timeout * agent.second, "{made}");
            }
            assert_eq!(agent.uninstall(&made).unwrap(), None, "{made}");
        }
    }

    #[test]
    fn a_call_of_ours_among_others_is_taken_out_alone() {
        let shared = format!(
            r#"{{"hooks": {{"Stop": [{{"hooks": [{{"type": "command", "command": "say done"}}, {{"type": "command", "command": "{COMMAND}"}}]}}]}}}}"#
        );
        let back = claude().uninstall(&shared).unwrap().unwrap();
        assert!(back.contains("say done") && !back.contains(CALL), "{back}");
        let again = claude().install(&shared, COMMAND).unwrap();
        assert_eq!(again.matches("\"say done\"").count(), 1, "{again}");
        assert_eq!(again.matches(CALL).count(), claude().hooks.len(), "{again}");
    }

    #[test]
    fn settings_that_cannot_be_read_are_left_alone() {
        for bad in ["{", "[]", r#"{"hooks": 3}"#, r#"{"hooks": {"Stop": "now"}}"#, "nonsense"] {
            assert!(claude().install(bad, COMMAND).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_section_goes_in_is_replaced_and_goes_out() {
        let theirs = "# Agents\n\nBe kind.\n";
        let once = with_section(theirs, "one\n");
        assert_eq!(
            once,
            "# Agents\n\nBe kind.\n\n<!-- countersign:begin -->\none\n<!-- countersign:end -->\n"
        );
        let twice = with_section(&format!("{once}\nAnd brief.\n"), "two");
        assert_eq!(
            twice,
            "# Agents\n\nBe kind.\n\n<!-- countersign:begin -->\ntwo\n<!-- countersign:end -->\n\nAnd brief.\n"
        );
        assert_eq!(without_section(&once).as_deref(), Some(theirs));
        assert_eq!(without_section(&with_section("", "one")), None);
        assert_eq!(without_section(theirs).as_deref(), Some(theirs));
        assert_eq!(without_section(&twice).as_deref(), Some("# Agents\n\nBe kind.\n\n\nAnd brief.\n"));
    }
}
