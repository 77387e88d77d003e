//! Identifiers. Generated ids sort by creation and print with a prefix; people, agents and
//! sessions are known by the name they go by (docs/design/0001-names-as-ids.md).

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(value: u128) -> [u8; 26] {
    let mut out = [0u8; 26];
    for (place, slot) in out.iter_mut().enumerate() {
        let shift = 5 * (25 - place);
        *slot = ALPHABET[((value >> shift) & 31) as usize];
    }
    out
}

fn decode(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 26 || bytes[0] > b'7' {
        return None;
    }
    bytes.iter().try_fold(0u128, |value, byte| {
        let digit = ALPHABET.iter().position(|symbol| symbol == byte)?;
        Some((value << 5) | digit as u128)
    })
}

/// Says why a text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadId {
    expected: &'static str,
    found: String,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}", self.found, self.expected)
    }
}

impl std::error::Error for BadId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The prefix this kind of id is printed with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an id from 128 bits, the upper 48 of them milliseconds since 1970.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// The 128 bits of the id.
            pub const fn bits(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let symbols = encode(self.0);
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(std::str::from_utf8(&symbols).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| BadId {
                        expected: concat!("an id that begins with `", $prefix, "_`"),
                        found: text.to_owned(),
                    })
            }
        }

        // Text where people read it (JSON), sixteen bytes where only machines do (snapshots).
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_u128(self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    u128::deserialize(deserializer).map(Self)
                }
            }
        }
    )+};
}

ids! {
    /// Identifies a plan; also the name of its stream of events.
    PlanId "pln",
    /// Identifies a phase of a plan.
    PhaseId "phs",
    /// Identifies a task; stays the same when its key or title is edited.
    TaskId "tsk",
    /// Identifies a gate.
    GateId "gat",
    /// Identifies a check.
    CheckId "chk",
    /// Identifies a waiver.
    WaiverId "wvr",
    /// Identifies a lease.
    LeaseId "lse",
    /// Identifies a risk.
    RiskId "rsk",
    /// Identifies a decision.
    DecisionId "dec",
    /// Identifies an escalation.
    EscalationId "esc",
    /// Identifies an assumption.
    AssumptionId "asm",
    /// Identifies a review ticket.
    TicketId "tkt",
    /// Identifies a remark on a review ticket.
    NoteId "nte",
    /// Identifies a token for the service; it is not the token itself.
    TokenId "tok",
}

impl PlanId {
    /// The stream of the store itself: plans made and removed, keys registered.
    pub const STORE: PlanId = PlanId(0);
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident $what:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Accepts a name of 1 to 128 visible characters; surrounding space is dropped.
            pub fn new(text: &str) -> Result<Self, BadId> {
                // Nearly every name is this; thousands are read with a large plan.
                let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
                if plain && matches!(text.len(), 1..=128) && !text.starts_with(' ') && !text.ends_with(' ') {
                    return Ok(Self(SmolStr::new(text)));
                }
                let name = text.trim();
                let bad = name.is_empty()
                    || name.chars().count() > 128
                    || name.chars().any(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'));
                if bad {
                    return Err(BadId { expected: $what, found: text.escape_default().to_string() });
                }
                Ok(Self(SmolStr::new(name)))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;

                impl Visitor<'_> for Reader {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Reader)
            }
        }
    )+};
}

names! {
    /// A person, by name.
    PersonId "a person's name of 1 to 128 visible characters",
    /// An agent, by name.
    AgentId "an agent's name of 1 to 128 visible characters",
    /// One run of an agent, by the name it was given.
    SessionId "a session's name of 1 to 128 visible characters",
    /// The author's key for a thing: `T-017`, `7.3`, `ACTION-05`, `batch-1`.
    Key "a key of 1 to 128 visible characters",
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident($inner:ty)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The number after this one.
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

numbers! {
    /// The place of an event in its plan's stream: 1, 2, 3 … without gaps; 0 is "before the first".
    Seq(u64),
    /// The number of a plan's revision, from 1.
    Revision(u32),
    /// Rises with each grant of a task to somebody; a stale holder's writes show an older one.
    Fence(u64),
}

/// A short, plain form of a text for keys: `Frontend consumers updated` → `frontend-consumers-updated`.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 48 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "item".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_prints() {
        for bits in [0, 1, u128::MAX, 0x0192_dead_beef_0000_0000_0000_0000_0042] {
            let id = TaskId::from_bits(bits);
            assert_eq!(id.to_string().parse::<TaskId>(), Ok(id));
        }
        assert!("pln_00000000000000000000000000".parse::<TaskId>().is_err());
        assert!("tsk_zzzzzzzzzzzzzzzzzzzzzzzzzz".parse::<TaskId>().is_err());
    }

    #[test]
    fn ids_sort_as_their_text_does() {
        let (early, late) = (TaskId::from_bits(1 << 80), TaskId::from_bits(2 << 80));
        assert!(early < late && early.to_string() < late.to_string());
    }

    #[test]
    fn a_name_is_visible_text() {
        assert_eq!(PersonId::new(" Ada ").map(|n| n.to_string()), Ok("Ada".to_owned()));
        assert!(PersonId::new("  ").is_err());
        assert!(PersonId::new("a\u{202e}b").is_err());
    }

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(slug("Frontend SSE — consumers, updated!"), "frontend-sse-consumers-updated");
        assert_eq!(slug("🎉"), "item");
    }
}
