//! What a document says of itself at its top: how far it has come, and when it was last updated. In
//! front matter, or in lines such as `**Status:** Approved`. Any text may be read; one that says
//! nothing gives nothing.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// So many lines from its top a document says how it stands.
const LINES: usize = 60;

/// The names under which documents say when they were updated, the better ones first.
const UPDATED: [&str; 6] = ["updatedat", "lastupdated", "updated", "lastmodified", "modified", "date"];

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its status word, as it stands there.
    pub status: Option<String>,
    /// When it was last updated.
    pub updated_at: Option<Timestamp>,
}

/// Reads what a document says of itself.
pub fn standing(text: &str) -> Standing {
    let mut found = Standing::default();
    let mut rank = UPDATED.len();
    let mut fenced = false;
    for line in text.lines().take(LINES) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let Some((name, value)) = line.split_once(':').filter(|_| !fenced) else { continue };
        let name: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let value = bare(value);
        if name == "status" && found.status.is_none() && !value.is_empty() {
            found.status = Some(value.to_owned());
        }
        let place = UPDATED.iter().position(|known| *known == name);
        if let Some(place) = place.filter(|place| *place < rank)
            && let Some(at) = moment(value)
        {
            (rank, found.updated_at) = (place, Some(at));
        }
    }
    found
}

/// A value without the marks around it.
fn bare(value: &str) -> &str {
    value.trim().trim_matches(|c: char| matches!(c, '*' | '_' | '`' | '"' | '\'') || c.is_whitespace())
}

/// A moment as RFC 3339, or a date, whose beginning in UTC is meant.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let date: Date = text.get(..10)?.parse().ok()?;
    let rest = &text[10..];
    let ends = rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-');
    let at = date.to_zoned(TimeZone::UTC).ok().filter(|_| ends)?;
    Some(at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, status: Option<&str>, updated_at: Option<&str>) {
        let wanted = Standing {
            status: status.map(str::to_owned),
            updated_at: updated_at.map(|at| at.parse().unwrap()),
        };
        assert_eq!(standing(text), wanted, "{text}");
    }

    #[test]
    fn front_matter_and_bold_lines_say_how_a_document_stands() {
        check(
            "---\ntitle: x\nstatus: \"draft\"\nupdatedAt: 2031-05-01T09:00:00Z\n---\n# X\n",
            Some("draft"),
            Some("2031-05-01T09:00:00Z"),
        );
        check(
            "# Brief\n\n**Date:** 2031-04-01\n**Last Updated:** 2031-05-01 (Ada)\n- **Status:** In Review\n",
            Some("In Review"),
            Some("2031-05-01T00:00:00Z"),
        );
        check("# Nothing\n\ntext: with a colon\n", None, None);
        check("```\nstatus: approved\n```\n", None, None);
        check("Status:\nDate: soon\n", None, None);
        check("Date: 2031-05-010\nUpdated: ééééééé\n", None, None);
    }
}
