//! Dates: weekdays that do not fit, completion on days nobody works, what is overdue.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{ClaimValue, Due, Stated};
use model::settings::{weekday_from_name, weekday_name};
use regex::Regex;

use super::document::Document;

const DAY: &str =
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tues|Tue|Wed|Thurs|Thur|Thu|Fri|Sat|Sun";
const MONTH: &str = r"Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?";

/// The shapes a date is written in, each with the same named groups.
fn date_shapes(tag: &str) -> String {
    format!(
        r"(?:(?P<y{tag}>\d{{4}})-(?P<m{tag}>\d{{2}})-(?P<d{tag}>\d{{2}})|(?P<mn{tag}>{MONTH})\.? (?P<md{tag}>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<my{tag}>\d{{4}})|(?P<dd{tag}>\d{{1,2}})(?:st|nd|rd|th)?\.? (?P<dn{tag}>{MONTH})\.?,? (?P<dy{tag}>\d{{4}}))"
    )
}

static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = format!(
        r"\b(?P<before>{DAY})\b\.?,?\s?\(?{}\b|\b{},?\s?\(?\b(?P<after>{DAY})\b",
        date_shapes("1"),
        date_shapes("2")
    );
    Regex::new(&pattern).expect("the pattern is constant")
});
static DATE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"\b{}\b", date_shapes("1"))).expect("the pattern is constant"));

fn date_of(captures: &regex::Captures<'_>, tag: &str) -> Option<Date> {
    let group = |name: &str| captures.name(&format!("{name}{tag}")).map(|found| found.as_str());
    let number = |name: &str| group(name).and_then(|text| text.parse::<i16>().ok());
    let month = |name: &str| group(name).and_then(month_number);
    let (year, month, day) = if group("y").is_some() {
        (number("y")?, number("m")? as i8, number("d")?)
    } else if group("mn").is_some() {
        (number("my")?, month("mn")?, number("md")?)
    } else {
        (number("dy")?, month("dn")?, number("dd")?)
    };
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

fn month_number(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_ascii_lowercase();
    MONTHS.iter().position(|month| name.starts_with(month)).map(|at| at as i8 + 1)
}

fn weekday(name: &str) -> Option<Weekday> {
    weekday_from_name(name).or_else(|| weekday_from_name(name.get(..3)?))
}

pub(super) fn weekday_differs(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for captures in BESIDE.captures_iter(document.text) {
        let Some(whole) = captures.get(0) else { continue };
        let (date, name) = match (captures.name("before"), captures.name("after")) {
            (Some(name), _) => (date_of(&captures, "1"), name.as_str()),
            (_, Some(name)) => (date_of(&captures, "2"), name.as_str()),
            _ => continue,
        };
        let (Some(date), Some(stated)) = (date, weekday(name)) else { continue };
        if stated == date.weekday() || document.outline.in_code(whole.start()) {
            continue;
        }
        found.push(
            Diagnostic::new(
                "schedule/weekday-differs",
                Severity::Warning,
                whole.range().into(),
                format!("{date} is a {}, not a {}", weekday_name(date.weekday()), weekday_name(stated)),
            )
            .help("correct the date or the weekday"),
        );
    }
}

pub(super) fn non_working_day(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    for claim in draft.claims.iter().filter(|claim| claim.what == "completion_date") {
        if let ClaimValue::Date(date) = claim.value {
            report_day_off(document, found, date, claim.span, "the stated completion".to_owned());
        }
    }
    for task in &draft.tasks {
        if let Some(date) = task.due.as_ref().and_then(stated_date) {
            let span = task.places.due.unwrap_or(task.span);
            report_day_off(document, found, date, span, format!("the due date of task `{}`", task.key));
        }
    }
    for milestone in draft.milestones.iter() {
        if let Some(date) = milestone.due.as_ref().and_then(stated_date) {
            report_day_off(
                document,
                found,
                date,
                milestone.span,
                format!("milestone `{}`", short(&milestone.text)),
            );
        }
    }
    for entry in draft.rebaselines.iter() {
        if let Some(date) = entry.due.as_ref().and_then(stated_date) {
            report_day_off(document, found, date, entry.span, "the rebaselined date".to_owned());
        }
    }
}

fn report_day_off(
    document: &Document<'_>,
    found: &mut Vec<Diagnostic>,
    date: Date,
    span: Span,
    what: String,
) {
    let calendar = &document.settings.calendar;
    if calendar.works_on(date) {
        return;
    }
    let why = if calendar.holidays.contains(&date) {
        "a holiday of the plan's calendar".to_owned()
    } else {
        format!("a {}", weekday_name(date.weekday()))
    };
    found.push(
        Diagnostic::new(
            "schedule/non-working-day",
            Severity::Warning,
            document.place(span, &date.to_string()),
            format!("{what} falls on a day nobody works: {date} is {why}"),
        )
        .help("move it to a working day, or name the day in the plan's calendar"),
    );
}

/// The date a text names, as written: a moment in another time zone may fall on another day.
fn stated_date(due: &Due) -> Option<Date> {
    date_of(&DATE.captures(&due.text)?, "1")
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn past_due(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for task in &document.draft.tasks {
        let over = task.checked == Some(true)
            || task
                .status
                .as_ref()
                .is_some_and(|status| matches!(status.state, Stated::Claimed | Stated::Dropped));
        let Some(due) = task.due.as_ref().filter(|_| !over) else { continue };
        if due.at.is_some_and(|at| at < document.world.now) {
            let state = match &task.status {
                Some(status) => format!("its status is `{}`", status.word),
                None => "nothing says it is done".to_owned(),
            };
            found.push(
                Diagnostic::new(
                    "schedule/past-due",
                    Severity::Info,
                    task.places.due.unwrap_or_else(|| document.task_place(task)),
                    format!("task `{}` was due {} and {state}", task.key, due.text),
                )
                .help("claim it, or change its due date with `countersign rebaseline`"),
            );
        }
    }
}
