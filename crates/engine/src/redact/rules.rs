//! What a secret looks like: one rule per kind, each with the literals that announce it.
//!
//! All literals are searched at once in one pass; only where one occurs is its rule asked. A rule
//! looks at the text around the literal and says which bytes are secret.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

/// The bytes that are secret.
pub type Found = Range<usize>;

/// One kind of secret.
#[derive(Debug)]
pub struct Rule {
    /// The kind's name, as shown in the mark.
    pub kind: &'static str,
    /// Texts (in any case) one of which stands in every secret of this kind or just before it.
    pub literals: &'static [&'static str],
    /// Given the text and where a literal begins and ends: the secret's bytes.
    pub find: fn(&[u8], usize, usize) -> Option<Found>,
}

/// Every rule; where two would apply, the one whose literal comes first in the text wins.
pub static RULES: &[Rule] = &[
    Rule { kind: MARK, literals: &["‹redacted:"], find: |text, at, _| token(&MARKED, text, at) },
    Rule { kind: "aws", literals: &["AKIA", "ASIA"], find: |text, at, _| token(&AWS, text, at) },
    Rule {
        kind: "github",
        literals: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        find: |text, at, _| token(&GITHUB, text, at),
    },
    Rule { kind: "gitlab", literals: &["glpat-"], find: |text, at, _| token(&GITLAB, text, at) },
    Rule { kind: "slack", literals: &["xox", "xapp-"], find: |text, at, _| token(&SLACK, text, at) },
    Rule {
        kind: "slack",
        literals: &["hooks.slack.com/"],
        find: |text, _, end| token(&WEBHOOK_PATH, text, end),
    },
    Rule { kind: "jwt", literals: &["eyJ"], find: |text, at, _| token(&JWT, text, at) },
    Rule { kind: PRIVATE_KEY, literals: &["-----BEGIN "], find: |text, at, _| token(&PEM, text, at) },
    Rule { kind: "google", literals: &["AIza"], find: |text, at, _| token(&GOOGLE, text, at) },
    Rule {
        kind: "stripe",
        literals: &["sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"],
        find: |text, at, _| token(&STRIPE, text, at),
    },
    Rule { kind: "npm", literals: &["npm_"], find: |text, at, _| token(&NPM, text, at) },
    Rule { kind: "pypi", literals: &["pypi-"], find: |text, at, _| token(&PYPI, text, at) },
    Rule { kind: "api-key", literals: &["sk-"], find: model_key },
    Rule { kind: "countersign", literals: &["csn_"], find: |text, at, _| token(&COUNTERSIGN, text, at) },
    Rule { kind: "url", literals: &["://"], find: url_credentials },
    Rule { kind: "bearer", literals: &["bearer ", "basic "], find: authorization },
    Rule {
        kind: "password",
        literals: &[
            "password",
            "passwd",
            "passphrase",
            "secret",
            "api_key",
            "api-key",
            "apikey",
            "access_key",
            "access-key",
            "accesskey",
            "private_key",
            "private-key",
            "token",
        ],
        find: assignment,
    },
];

/// Not a secret but the mark of one: stays as it is, so that redacting twice changes nothing.
pub(super) const MARK: &str = "mark";
/// The kind that goes over many lines.
pub(super) const PRIVATE_KEY: &str = "private-key";

macro_rules! patterns {
    ($($name:ident $pattern:expr;)+) => {$(
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("the pattern is a constant"));
    )+};
}

/// What may stand inside a private key: Base64, line breaks (also escaped ones) and header lines.
const PEM_BODY: &str = r"(?:[A-Za-z0-9+/=\s]|\\[nr]|[A-Za-z-]+: [^\r\n]*\r?\n)*";
const PEM_END: &str = r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";

patterns! {
    MARKED "^‹redacted:[a-z-]+:[0-9a-f]{8}›";
    AWS r"^(?-u:A(?:KIA|SIA)[A-Z2-7]{16})";
    GITHUB r"^(?-u:gh[pousr]_[A-Za-z0-9_]{30,}|github_pat_[A-Za-z0-9_]{22,})";
    GITLAB r"^(?-u:glpat-[A-Za-z0-9_.-]{20,})";
    SLACK r"^(?-u:xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,})";
    WEBHOOK_PATH r"^(?-u:(?:services|workflows|triggers)/[A-Za-z0-9_/+-]{20,})";
    JWT r"^(?-u:eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,2})";
    PEM &format!(r"^-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----{PEM_BODY}(?:{PEM_END})?");
    PEM_REST &format!(r"^{PEM_BODY}({PEM_END})?");
    PEM_CLOSED &format!(r"{PEM_END}$");
    GOOGLE r"^(?-u:AIza[A-Za-z0-9_-]{35,})";
    STRIPE r"^(?-u:(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,})";
    NPM r"^(?-u:npm_[A-Za-z0-9]{36,})";
    PYPI r"^(?-u:pypi-[A-Za-z0-9_-]{50,})";
    MODEL_KEY r"^(?-u:sk-(?:(?:ant|proj|svcacct|or)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,}))";
    COUNTERSIGN r"^(?-u:csn_[A-Za-z0-9_-]{16,})";
    USER_AND_PASSWORD r#"^(?-u:[^\s/?#"'<>@:`]*:([^\s/?#"'<>`]+)@)"#;
    USER_ALONE r"^(?-u:([A-Za-z0-9_-]{16,})@)";
    CREDENTIAL r"^(?-u:[A-Za-z0-9+/._~=-]+)";
    // After the word: the rest of the name, an optional closing quote, the sign between, the value.
    SIGN r#"^(?-u:(?:[_-]?(?:access)?[_-]?(?:key|token|value|base|string))?[0-9]{0,2}(?:\\?["'`]|\])?([ \t]*)(:=|=>|==?|:)?([ \t]*))"#;
    VALUE r#"^(?-u:\\?"((?:[^"\\\r\n]|\\[^"\r\n])+)\\?"|'([^'\r\n]+)'|`([^`\r\n]+)`|([^\s"'`,;&|<>\])}\\]+))"#;
}

/// How a private key that began in earlier text goes on: how many bytes of this text belong to
/// it, and whether its end is among them.
pub(super) fn private_key_rest(text: &[u8]) -> (usize, bool) {
    PEM_REST
        .captures(text)
        .map_or((0, false), |found| (found.get(0).map_or(0, |whole| whole.end()), found.get(1).is_some()))
}

/// Whether a private key's text has its last line.
pub(super) fn private_key_is_closed(secret: &[u8]) -> bool {
    PEM_CLOSED.is_match(secret)
}

fn token(pattern: &Regex, text: &[u8], at: usize) -> Option<Found> {
    pattern.find(&text[at..]).map(|found| at..at + found.end())
}

fn model_key(text: &[u8], at: usize, _: usize) -> Option<Found> {
    // `task-`, `disk-` and `risk-` end in the same letters.
    let inside_a_word = at > 0 && text[at - 1].is_ascii_alphanumeric();
    if inside_a_word { None } else { token(&MODEL_KEY, text, at) }
}

fn url_credentials(text: &[u8], _: usize, end: usize) -> Option<Found> {
    let rest = &text[end..];
    if MARKED.is_match(rest) {
        return None;
    }
    if let Some(found) = USER_AND_PASSWORD.captures(rest) {
        let secret = found.get(1)?;
        return (!is_placeholder(secret.as_bytes())).then(|| end + secret.start()..end + secret.end());
    }
    let user = USER_ALONE.captures(rest)?.get(1)?;
    user.as_bytes().iter().any(u8::is_ascii_digit).then(|| end + user.start()..end + user.end())
}

fn authorization(text: &[u8], at: usize, end: usize) -> Option<Found> {
    let found = CREDENTIAL.find(&text[end..])?;
    let before = &text[at.saturating_sub(24)..at];
    let header = before.to_ascii_lowercase().windows(13).any(|part| part == b"authorization");
    // Without the header's name beside it, "the bearer of this note" is prose.
    let telling = found.len() >= 16 && found.as_bytes().iter().any(u8::is_ascii_digit);
    (header && found.len() >= 4 || telling).then(|| end..end + found.end())
}

fn assignment(text: &[u8], at: usize, end: usize) -> Option<Found> {
    let sign = SIGN.captures(&text[end..])?;
    let after = end + sign.get(0)?.end();
    let spaced = sign.get(1).is_some_and(|space| !space.is_empty())
        || sign.get(3).is_some_and(|space| !space.is_empty());
    let tight = match sign.get(2).map(|sign| sign.as_bytes()) {
        Some(b"=") => !spaced,
        Some(_) => false,
        // `--password hunter2`: a flag needs no sign before its value.
        None if spaced && is_flag(text, at) => false,
        None => return None,
    };
    let value = VALUE.captures(&text[after..])?;
    let (secret, quoted) = match value.get(4) {
        Some(bare) => (bare, false),
        None => (value.get(1).or(value.get(2)).or(value.get(3))?, true),
    };
    let bytes = trim_full_stop(secret.as_bytes());
    let found = after + secret.start()..after + secret.start() + bytes.len();
    if is_placeholder(bytes) || (!quoted && bytes.contains(&b'(')) {
        return None;
    }
    let telling = bytes.len() >= 20
        || (bytes.len() >= 6
            && bytes.iter().any(u8::is_ascii_alphabetic)
            && bytes.iter().any(|b| b.is_ascii_digit() || b"!@#$%^&*+~".contains(b)));
    let is_secret = match (tight, quoted) {
        (true, _) => bytes.len() >= if text[at].eq_ignore_ascii_case(&b'p') { 1 } else { 4 },
        (false, true) => bytes.len() >= 4,
        (false, false) => telling,
    };
    is_secret.then_some(found)
}

fn is_flag(text: &[u8], at: usize) -> bool {
    let start = text[..at].iter().rposition(|b| b.is_ascii_whitespace()).map_or(0, |space| space + 1);
    text[start..at].starts_with(b"--")
}

fn trim_full_stop(value: &[u8]) -> &[u8] {
    value.strip_suffix(b".").unwrap_or(value)
}

/// Whether a value stands for a secret instead of being one.
fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] =
        [b"null", b"none", b"nil", b"true", b"false", b"undefined", b"required", b"redacted", b"optional"];
    value.first().is_none_or(|first| b"$<{%[(".contains(first))
        || value.starts_with("‹redacted:".as_bytes())
        || value.iter().all(|b| b"*.xX-_".contains(b))
        || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}
