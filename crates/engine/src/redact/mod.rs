//! Redaction: secrets are taken out before anything is written down.
//!
//! Stands at the write boundary: titles, notes, reasons and the output of checks pass through
//! here on their way into the journal and the blobs, so that nothing has to be cleaned up later.
//! What is found becomes `‹redacted:kind:digest›`; the digest is salted per store, so that two
//! places where the same secret stood can be told to be the same without giving it away.
//! Digests, commit ids and UUIDs have no shape of a secret and are left alone. Deliberately does
//! not know where its text comes from or goes to. Start reading at [`Redactor`]; what counts as a
//! secret stands in [`rules`].

mod begins;
pub mod rules;
pub mod stream;

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use sha2::{Digest as _, Sha256};

use rules::{Found, RULES, Rule};
pub use stream::RedactedStream;

/// Finds secrets in text and replaces them by a mark.
#[derive(Debug)]
pub struct Redactor {
    salt: Vec<u8>,
    literals: Literals,
}

/// What announces a secret. Most of what is written is short, and most programs end soon: what
/// searches fastest takes longer to make than a short text takes to search.
#[derive(Debug, Default)]
struct Literals {
    soon: OnceLock<AhoCorasick>,
    fast: OnceLock<AhoCorasick>,
}

/// From this many bytes on the fastest search is worth making.
const LONG: usize = 64 * 1024;

/// Up to this many bytes none is.
const SHORT: usize = 4 * 1024;

/// Every literal with its rule, in the order in which they are numbered.
fn pairs() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    RULES.iter().flat_map(|rule| rule.literals.iter().map(move |literal| (*literal, rule)))
}

impl Literals {
    /// The search for a text of that many bytes.
    fn over(&self, length: usize) -> &AhoCorasick {
        let make = |kind| {
            AhoCorasickBuilder::new()
                .ascii_case_insensitive(true)
                .kind(Some(kind))
                .build(pairs().map(|(literal, _)| literal))
                .expect("a few dozen short literals fit into any automaton")
        };
        if length >= LONG {
            return self.fast.get_or_init(|| make(AhoCorasickKind::DFA));
        }
        self.fast.get().unwrap_or_else(|| self.soon.get_or_init(|| make(AhoCorasickKind::NoncontiguousNFA)))
    }
}

impl Redactor {
    /// A redactor whose marks are salted with the store's salt.
    pub fn new(salt: &[u8]) -> Self {
        Self { salt: salt.to_vec(), literals: Literals::default() }
    }

    /// The text without its secrets; borrowed where there are none.
    pub fn redact_str<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Every rule begins and ends at an ASCII character or at an end of the text.
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The bytes without their secrets; borrowed where there are none.
    pub fn redact_bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let mut out: Option<Vec<u8>> = None;
        let mut done = 0;
        for (secret, kind) in self.secrets(text) {
            let out = out.get_or_insert_with(|| Vec::with_capacity(text.len()));
            out.extend_from_slice(&text[done..secret.start]);
            out.extend_from_slice(self.mark(kind, &text[secret.clone()]).as_bytes());
            done = secret.end;
        }
        match out {
            None => Cow::Borrowed(text),
            Some(mut out) => {
                out.extend_from_slice(&text[done..]);
                Cow::Owned(out)
            }
        }
    }

    /// Whether anything in the bytes even begins like a secret: quick, and often wrong that way
    /// round, never the other.
    pub fn suspects(&self, text: &[u8]) -> bool {
        let made = self.literals.soon.get().is_some();
        if text.len() <= SHORT && !made {
            begins::holds_literal(text)
        } else {
            self.literals.over(text.len()).is_match(text)
        }
    }

    /// Redacts output that arrives in pieces.
    pub fn stream(&self) -> RedactedStream<'_> {
        RedactedStream::new(self)
    }

    /// Where the secrets are, in order and apart from each other.
    fn secrets<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (Found, &'static str)> + 'a {
        let mut done = 0;
        self.literals.over(text.len()).find_iter(text).filter_map(move |hit| {
            if hit.start() < done {
                return None;
            }
            let rule = pairs().nth(hit.pattern().as_usize())?.1;
            let found = (rule.find)(text, hit.start(), hit.end())?;
            if found.start < done || found.is_empty() {
                return None;
            }
            done = found.end;
            (rule.kind != rules::MARK).then_some((found, rule.kind))
        })
    }

    fn mark(&self, kind: &str, secret: &[u8]) -> String {
        self.mark_of(kind, self.hasher(kind).chain_update(secret))
    }

    fn hasher(&self, kind: &str) -> Sha256 {
        Sha256::new()
            .chain_update((self.salt.len() as u64).to_be_bytes())
            .chain_update(&self.salt)
            .chain_update(kind.as_bytes())
            .chain_update([0])
    }

    fn mark_of(&self, kind: &str, hasher: Sha256) -> String {
        let digest = hasher.finalize();
        let short: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("‹redacted:{kind}:{short}›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a secret together, so that this file holds none in one piece.
    fn join(parts: &[&str]) -> String {
        parts.concat()
    }

    fn check(text: &str, kind: &str, gone: &str) {
        let redactor = Redactor::new(b"salt");
        let shown = redactor.redact_str(text);
        assert!(!shown.contains(gone), "`{gone}` is still in `{shown}`");
        assert!(shown.contains(&format!("‹redacted:{kind}:")), "no mark of {kind} in `{shown}`");
        assert_eq!(redactor.redact_str(&shown), shown, "redacting twice changes nothing");
        for split in 0..text.len() {
            let mut out = Vec::new();
            let mut stream = redactor.stream();
            stream.push(&text.as_bytes()[..split], &mut |bytes| out.extend_from_slice(bytes));
            stream.push(&text.as_bytes()[split..], &mut |bytes| out.extend_from_slice(bytes));
            stream.finish(&mut |bytes| out.extend_from_slice(bytes));
            assert_eq!(String::from_utf8_lossy(&out), shown, "split at {split}");
        }
    }

    fn untouched(text: &str) {
        let redactor = Redactor::new(b"salt");
        assert_eq!(redactor.redact_str(text), text);
        assert!(matches!(redactor.redact_str(text), Cow::Borrowed(_)));
    }

    #[test]
    fn keys_of_well_known_services() {
        for (kind, secret) in [
            ("aws", join(&["AKIA", "Q3EGRZ7WX5TNUVB2"])),
            ("aws", join(&["ASIA", "Q3EGRZ7WX5TNUVB2"])),
            ("github", join(&["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"])),
            ("github", join(&["gho_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"])),
            ("github", join(&["ghs_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"])),
            ("github", join(&["github_pat_", "11ABCDEFG0a1B2c3D4e5F6_g7H8i9J0k1L2m3N4o5P6q7R8"])),
            ("gitlab", join(&["glpat-", "a1B2c3D4e5F6g7H8i9J0"])),
            ("slack", join(&["xoxb-", "123456789012-123456789012-a1B2c3D4e5F6g7H8i9J0k1L2"])),
            ("slack", join(&["xapp-", "1-A0123456789-1234567890123-a1b2c3d4e5f6"])),
            ("jwt", join(&["eyJ", "hbGciOiJIUzI1NiJ9.", "eyJ", "zdWIiOiJzb21lYm9keSJ9.", "c2lnbmF0dXJl"])),
            ("google", join(&["AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"])),
            ("stripe", join(&["sk_live_", "a1B2c3D4e5F6g7H8i9J0k1L2"])),
            ("npm", join(&["npm_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"])),
            ("countersign", join(&["csn_", "a1b2c3d4e5f6g7h8j9k0"])),
        ] {
            check(&secret, kind, &secret);
            check(&format!("before {secret} after\n"), kind, &secret);
            check(&format!("\"x\\n{secret}\"\nnext line\n"), kind, &secret);
            check(&format!("\u{1b}[31m{secret}\u{1b}[0m"), kind, &secret);
        }
    }

    #[test]
    fn a_slack_webhook() {
        let path = join(&["T0AAAAAAA/", "B0BBBBBBB/", "a1B2c3D4e5F6g7H8i9J0k1L2"]);
        check(&format!("post to https://hooks.slack.com/services/{path} then"), "slack", &path);
    }

    #[test]
    fn private_keys_of_many_lines() {
        let body = "MIIEowIBAAKCAQEA7bq0\nz9+abc/defGHI==\n";
        let begin = join(&["-----BEGIN RSA ", "PRIVATE KEY-----"]);
        let end = join(&["-----END RSA ", "PRIVATE KEY-----"]);
        check(&format!("see\n{begin}\n{body}{end}\nthat was it\n"), "private-key", "MIIEow");
        check(&format!("cut short\n{begin}\n{body}"), "private-key", "GHI");
        check(&format!("{{\"key\": \"{begin}\\nMIIEow\\n{end}\\n\", \"b\": 1}}"), "private-key", "MIIEow");
        let shown = Redactor::new(b"").redact_str(&format!("a\n{begin}\n{body}{end}\nb\n")).into_owned();
        assert!(shown.starts_with("a\n‹redacted:private-key:") && shown.ends_with("›\nb\n"), "{shown}");
    }

    #[test]
    fn assignments_to_words_that_mean_secret() {
        for (text, gone) in [
            ("password=hunter2", "hunter2"),
            ("PASSWORD = hunter2!", "hunter2"),
            ("DB_PASSWORD=\"correct horse\" ./run", "correct horse"),
            ("passwd: s3cr3t", "s3cr3t"),
            ("{\"password\": \"swordfish\"}", "swordfish"),
            ("{\\\"password\\\": \\\"sword7fish\\\"}", "sword7fish"),
            ("client_secret=abcdef123", "abcdef123"),
            ("aws_secret_access_key = wJalr/XUtnFEMI+K7MDENG7bPxRfiCYzzzzzzKEY", "wJalr"),
            ("api_key=abc123def", "abc123def"),
            ("X-Api-Key: abc123def", "abc123def"),
            ("apikey: 'abc-123-def'", "abc-123-def"),
            ("auth_token=ABCdef123", "ABCdef123"),
            ("deploy --token abc123def456 now", "abc123def456"),
            ("url?access_token=abc123def&x=1", "abc123def"),
            ("secret: correcthorsebatterystaple", "correcthorse"),
        ] {
            check(text, "password", gone);
        }
    }

    #[test]
    fn credentials_in_urls_and_headers() {
        check("clone https://ada:hunter2@git.example/x.git", "url", "hunter2");
        check("postgres://app:p@ss:w0rd@db.example:5432/plans", "url", "p@ss:w0rd");
        check("clone https://a1b2c3d4e5f6a7b8c9d0@git.example/x.git", "url", "a1b2c3d4e5f6a7b8c9d0");
        check("Authorization: Bearer a1b2c3d4.e5f6-g7h8", "bearer", "a1b2c3d4.e5f6-g7h8");
        check("authorization: basic YWRhOmh1bnRlcjI=", "bearer", "YWRhOmh1bnRlcjI");
    }

    #[test]
    fn digests_and_prose_are_left_alone() {
        untouched("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        untouched("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        untouched("commit 9fceb02d0ae598e95dc970b74767f19372d61af8");
        untouched("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
        untouched("tsk_01jd2m9q4n8r5s7t3v6w0x1y2z");
        untouched("Reset the password: required by Friday, not optional");
        untouched("token = next_token(); tokens: 12, token_count=34567");
        untouched("password=$PASSWORD api_key=<your key> secret={{ secret }} password=*****");
        untouched("see https://example.org/a:b@c and ssh://git@example.org/x.git");
        untouched("rotate every secret; the bearer of this note; a task-5d41402abc4b2a76b9719d911017c592");
        untouched("password_hash=abcdef0123456789");
    }

    #[test]
    fn the_salt_changes_the_mark_and_the_secret_decides_it() {
        let one = Redactor::new(b"one").redact_str("password=hunter2 password=hunter2").into_owned();
        let two = Redactor::new(b"two").redact_str("password=hunter2").into_owned();
        let marks: Vec<&str> = one.split(' ').collect();
        assert_eq!(marks[0], marks[1]);
        assert_ne!(marks[0], two);
    }
}
