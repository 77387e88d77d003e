//! Pages from templates. Every text is escaped; what is drawn here is marked as safe where it is made.

use std::sync::LazyLock;

use jiff::Timestamp;
use lens::render::html::escape;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, Error};

use super::draw;

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("templates/", $name)))),+];
    };
}

templates!(
    "layout.html",
    "parts.html",
    "overview.html",
    "board.html",
    "task.html",
    "gates.html",
    "risks.html",
    "metrics.html",
    "ci.html",
    "delivery.html",
    "sign-in.html",
    "reviews.html",
    "ticket.html",
    "timeline.html",
    "agents.html",
    "audit.html",
    "search.html",
    "sorry.html",
);

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, text) in TEMPLATES {
        // They are part of the program; a test renders each of them.
        pages.add_template(name, text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    pages.add_global("version", env!("CARGO_PKG_VERSION"));
    pages.add_filter("moment", moment);
    pages.add_filter("tone", |word: &str| tone(word));
    pages.add_filter("bar", |summary: Value, name: &str| Value::from_safe_string(draw::bar(&summary, name)));
    pages.add_filter("digest", |text: &str| text.chars().take(12).collect::<String>());
    pages.add_filter("span", lens::words::seconds_in_words);
    pages.add_filter("segment", segment);
    pages.add_filter("marked", |text: &str| Value::from_safe_string(marked(text)));
    pages
});

/// What every template says, for the tests of what stands in all of them.
#[cfg(test)]
pub(super) fn texts() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|(_, text)| *text)
}

/// A page of a template.
pub(super) fn render(name: &str, context: &serde_json::Value) -> Result<String, Error> {
    PAGES.get_template(name)?.render(Value::from(Serde(context)))
}

/// A moment as people write it: to the minute, in UTC.
fn moment(at: &Value) -> String {
    let text = at.as_str().unwrap_or_default();
    match text.parse::<Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) if at.kind() == ValueKind::Undefined => String::new(),
        Err(_) => text.to_owned(),
    }
}

/// A sentence with what it quotes between backticks set apart; everything else is plain text.
fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut parts = text.split('`').peekable();
    let mut quoted = false;
    while let Some(part) = parts.next() {
        match (quoted, parts.peek()) {
            (true, Some(_)) => out.push_str(&format!("<code>{}</code>", escape(part))),
            // A backtick without a partner is one.
            (true, None) => out.push_str(&format!("`{}", escape(part))),
            (false, _) => out.push_str(&escape(part)),
        }
        quoted = !quoted;
    }
    out
}

/// A text as one part of an address: whatever stands in it, a slash too, is part of that part.
pub(super) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// What a standing, a verdict or a gate's state is to somebody who looks for trouble.
pub(super) fn tone(word: &str) -> &'static str {
    // `claimed, unproven` is still a claim.
    let word = word.split([',', '_']).next().filter(|word| *word == "claimed").unwrap_or(word);
    match word {
        "verified" | "pass" | "open" | "approved" | "resolved" | "success" | "succeeded" => "good",
        "waived" | "claimed" | "requested" | "stated" => "warn",
        "refuted" | "lapsed" | "fail" | "failure" | "failed" | "rolled_back" | "error" | "shut"
        | "blocked" | "stuck" | "revoked" => "bad",
        "active" | "in_review" => "live",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_set_apart_and_nothing_gets_through() {
        assert_eq!(marked("`7.3` is <b>"), "<code>7.3</code> is &lt;b&gt;");
        assert_eq!(marked("a ` alone"), "a ` alone");
        assert_eq!(marked("`<i>`"), "<code>&lt;i&gt;</code>");
    }

    #[test]
    fn a_claim_is_a_claim_however_it_is_put() {
        for word in ["claimed", "claimed, unproven", "claimed_without_evidence"] {
            assert_eq!(tone(word), "warn", "{word}");
        }
    }
}
