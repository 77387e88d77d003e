//! `memory`: what agents remember together, and recall.

use super::{ToolLine, count, line, one_of, text, texts};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "memory",
    about: "Remembers and recalls values that all agents share, under keys like phase7/quality/status. `cas` \
            writes only if the version is still the expected one.",
    reads: false,
    takes: || {
        vec![
            ("action", one_of(&["get", "set", "cas", "list", "search", "delete"], "what to do"), true),
            ("key", text("the key; of `list` a prefix"), false),
            ("value", text("of `set` and `cas`"), false),
            ("expect", count("of `cas`: the version it must have, 0 for none"), false),
            ("words", text("of `search`"), false),
            ("ttl", text("of `set`: how long it is kept, such as 2h"), false),
            ("tags", texts("of `set`"), false),
        ]
    },
    line: |given| {
        let needed =
            |name: &str| given.text(name)?.ok_or_else(|| format!("this action of `memory` needs `{name}`"));
        let mut options = vec![("--ttl", given.text("ttl")?.map(str::to_owned))];
        options.extend(given.texts("tags")?.iter().map(|tag| ("--tag", Some((*tag).to_owned()))));
        let action = given.text("action")?.unwrap_or_default();
        Ok(vec![match action {
            "get" => line("get", &["memory", "get"], &[], &[needed("key")?]),
            "set" => line("set", &["memory", "set"], &options, &[needed("key")?, needed("value")?]),
            "cas" => {
                let expect = given.count("expect")?.ok_or("`cas` of `memory` needs `expect`")?;
                options.push(("--expect", Some(expect.to_string())));
                line("cas", &["memory", "cas"], &options, &[needed("key")?, needed("value")?])
            }
            "list" => line("list", &["memory", "list"], &[], given.text("key")?.as_slice()),
            "search" => line("search", &["memory", "search"], &[], &[needed("words")?]),
            "delete" => line("delete", &["memory", "delete"], &[], &[needed("key")?]),
            other => return Err(format!("`memory` cannot `{other}`")),
        }])
    },
};
