//! How people, moments and numbers are put into words, the same everywhere.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::actor::{Actor, By, Known};
use model::ids::TaskId;
use model::plan::Plan;
use model::standing::Standing;
use serde::Serialize;

use crate::page::Tone;

/// Somebody, and how that was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The name they go by; `document` and `countersign` for those two.
    pub name: String,
    /// `person`, `agent`, `document` or `system`.
    pub kind: &'static str,
    /// An agent's session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `declared`, `terminal`, `token`, `signature`, `document` or `system`.
    pub known: &'static str,
    /// Whether nothing but the name was given, so that anybody could have said it.
    pub unauthenticated: bool,
}

impl From<&By> for Who {
    fn from(by: &By) -> Self {
        let (name, kind, session) = match &by.actor {
            Actor::Person(person) => (person.to_string(), "person", None),
            Actor::Agent { agent, session } => (agent.to_string(), "agent", Some(session.to_string())),
            Actor::Document => ("document".to_owned(), "document", None),
            Actor::System => ("countersign".to_owned(), "system", None),
        };
        let unauthenticated = by.known == Known::Declared;
        Self { name, kind, session, known: by.known.as_str(), unauthenticated }
    }
}

impl Who {
    /// The name alone, an agent's with its session.
    pub fn plain(&self) -> String {
        match (self.kind, &self.session) {
            ("document", _) => "the document".to_owned(),
            (_, Some(session)) => format!("{} ({session})", self.name),
            _ => self.name.clone(),
        }
    }

    /// The name and how it was known: for claims and other words.
    pub fn with_known(&self) -> String {
        match self.kind {
            "document" | "system" => self.plain(),
            _ => format!("{} [{}]", self.plain(), self.known),
        }
    }

    /// The name, marked where anybody could have given it: for approvals, waivers and trust.
    pub fn marked(&self) -> String {
        if self.unauthenticated { format!("{} [unauthenticated]", self.plain()) } else { self.with_known() }
    }
}

/// A moment for people: `2031-05-01 09:30 UTC`.
pub fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The day of a moment, in UTC.
pub fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// How long ago something was: `5 minutes ago`, `3 days ago`.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second());
    match seconds {
        ..0 => format!("at {}", moment(at)),
        0..60 => "just now".to_owned(),
        60..3_600 => format!("{} ago", count(seconds / 60, "minute")),
        3_600..172_800 => format!("{} ago", count(seconds / 3_600, "hour")),
        _ => format!("{} ago", count(seconds / 86_400, "day")),
    }
}

/// A number of things: `1 task`, `2 tasks`.
pub fn count(number: impl Into<i64>, thing: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A number of things in a list.
pub fn count_of(number: usize, thing: &str) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX), thing)
}

/// A length of time as people say it: `45 s`, `8.5 min`, `3.2 h`.
pub fn seconds_in_words(seconds: f64) -> String {
    let one_decimal = |number: f64| (number * 10.0).round() / 10.0;
    if seconds < 60.0 {
        format!("{} s", one_decimal(seconds))
    } else if seconds < 3600.0 {
        format!("{} min", one_decimal(seconds / 60.0))
    } else {
        format!("{} h", one_decimal(seconds / 3600.0))
    }
}

/// A percentage as documents write it: `35%`, `33.5%`.
pub fn percent(value: f64) -> String {
    format!("{value}%")
}

/// The share of a number in another with one decimal; nothing where there is nothing to share.
/// Rounding makes neither all of what is not all, nor nothing of what is something.
pub fn share(part: usize, whole: usize) -> Option<f64> {
    let rounded = |whole| (part as f64 * 1000.0 / whole as f64).round() / 10.0;
    (whole > 0).then(|| match part {
        0 => 0.0,
        part if part >= whole => rounded(whole),
        _ => rounded(whole).clamp(0.1, 99.9),
    })
}

/// What a task is called: its key.
pub fn key_of(plan: &Plan, id: TaskId) -> String {
    plan.task(id).map_or_else(|| id.to_string(), |task| task.key.to_string())
}

/// What a standing means to who reads it.
pub fn tone_of(standing: Standing) -> Tone {
    match standing {
        Standing::Verified => Tone::Good,
        Standing::Waived | Standing::Unproven | Standing::ClaimedWithoutEvidence => Tone::Warn,
        Standing::Refuted | Standing::Lapsed => Tone::Bad,
        Standing::Active | Standing::Ready => Tone::Plain,
        Standing::Blocked | Standing::Dropped => Tone::Faint,
    }
}

/// The first date a text names in figures: `2031-05-02 10:30 PT` begins with one.
pub fn date_in(text: &str) -> Option<Date> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '-'))
        .filter(|word| word.len() == 10)
        .find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::{AgentId, PersonId, SessionId};

    #[test]
    fn everybody_is_named_with_how_they_were_known() {
        let ada = Actor::Person(PersonId::new("Ada").unwrap());
        let who = |actor: &Actor, known| Who::from(&By::new(actor.clone(), known));
        assert_eq!(who(&ada, Known::Declared).with_known(), "Ada [declared]");
        assert_eq!(who(&ada, Known::Declared).marked(), "Ada [unauthenticated]");
        assert_eq!(who(&ada, Known::Signature).marked(), "Ada [signature]");
        let agent =
            Actor::Agent { agent: AgentId::new("coder").unwrap(), session: SessionId::new("s1").unwrap() };
        assert_eq!(who(&agent, Known::Token).with_known(), "coder (s1) [token]");
        assert_eq!(Who::from(&By::document()).with_known(), "the document");
        assert_eq!(Who::from(&By::system()).marked(), "countersign");
    }

    #[test]
    fn moments_are_told_as_people_tell_them() {
        let now: Timestamp = "2031-05-03T12:00:00Z".parse().unwrap();
        let told = |text: &str| ago(text.parse().unwrap(), now);
        assert_eq!(told("2031-05-03T11:59:30Z"), "just now");
        assert_eq!(told("2031-05-03T11:58:59Z"), "1 minute ago");
        assert_eq!(told("2031-05-02T11:00:00Z"), "25 hours ago");
        assert_eq!(told("2031-04-30T11:00:00Z"), "3 days ago");
        assert_eq!(told("2031-05-03T13:00:00Z"), "at 2031-05-03 13:00 UTC");
    }

    #[test]
    fn shares_have_one_decimal_and_nothing_of_nothing_is_no_share() {
        assert_eq!(share(8, 9), Some(88.9));
        assert_eq!(share(0, 0), None);
        assert_eq!((share(9_999, 10_000), share(1, 10_000)), (Some(99.9), Some(0.1)));
        assert_eq!((share(0, 3), share(3, 3)), (Some(0.0), Some(100.0)));
        assert_eq!(date_in("due 2031-05-02 10:30 PT"), jiff::civil::date(2031, 5, 2).into());
        assert_eq!(date_in("Week 1-2"), None);
    }
}
