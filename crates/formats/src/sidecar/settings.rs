//! `[settings]`: how strict the plan is with itself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use model::diagnostic::Diagnostic;
use model::lease::LeaseRules;
use model::settings::{Calendar, Identity, Settings, Syncing, Trust, Weakening};
use toml_edit::Item;

use super::agents::{self, length};
use super::fields::{Fields, entries, wrong};

/// Reads the settings that are there into `settings`.
pub(super) fn read(item: &Item, settings: &mut Settings, found: &mut Vec<Diagnostic>) {
    let mut fields = Fields::of(item, "`[settings]`", found);
    let trusts = [("verified", Trust::Verified), ("document", Trust::Document)];
    set(&mut settings.trust, fields.word("trust", &trusts, found));
    let identities = [("declared", Identity::Declared), ("proven", Identity::Proven)];
    set(&mut settings.identity, fields.word("identity", &identities, found));
    let weakenings = [("approve", Weakening::Approve), ("record", Weakening::Record)];
    set(&mut settings.weakening, fields.word("weakening", &weakenings, found));
    let times = [("auto", Syncing::Auto), ("manual", Syncing::Manual)];
    set(&mut settings.sync, fields.word("sync", &times, found));
    set(&mut settings.solo, fields.flag("solo", found));
    set(&mut settings.marks, fields.flag("marks", found));
    set(&mut settings.archived, fields.flag("archived", found));
    set(&mut settings.newest_first, fields.flag("newest_first", found));
    set(&mut settings.waiver_limit_days, fields.count("waiver_limit_days", found));
    settings.rebaseline.extend(fields.texts("rebaseline", found));
    settings.never_waivable.extend(fields.texts("never_waivable", found));
    if let Some(item) = fields.take("calendar") {
        calendar(item, &mut settings.calendar, found);
    }
    if let Some(item) = fields.take("roles") {
        roles(item, &mut settings.roles, found);
    }
    if let Some(item) = fields.take("leases") {
        leases(item, &mut settings.leases, found);
    }
    if let Some(item) = fields.take("budget") {
        settings.budget = agents::budget(item, "the plan", found);
    }
    let silence = fields.take("silence").and_then(|item| length(item, "silence", "`[settings]`", found));
    set(&mut settings.silence_seconds, silence);
    let review = fields.take("review").and_then(|item| length(item, "review", "`[settings]`", found));
    set(&mut settings.review_seconds, review);
    fields.finish(found);
}

fn leases(item: &Item, rules: &mut LeaseRules, found: &mut Vec<Diagnostic>) {
    let what = "`leases`";
    let mut fields = Fields::of(item, what, found);
    let ttl = fields.take("ttl").and_then(|item| length(item, "ttl", what, found));
    let heartbeat = fields.take("heartbeat").and_then(|item| length(item, "heartbeat", what, found));
    set(&mut rules.ttl_seconds, ttl);
    set(&mut rules.heartbeat_seconds, heartbeat);
    set(&mut rules.misses, fields.count("misses", found));
    set(&mut rules.strikes, fields.count("strikes", found));
    fields.finish(found);
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn calendar(item: &Item, calendar: &mut Calendar, found: &mut Vec<Diagnostic>) {
    let mut fields = Fields::of(item, "the calendar", found);
    let days = fields.take("days");
    let holidays = fields.take("holidays");
    fields.finish(found);
    if let Some(item) = days {
        let read = texts(item).and_then(|names| names.into_iter().map(weekday).collect::<Option<Vec<_>>>());
        match read.filter(|days| !days.is_empty()) {
            Some(days) => calendar.days = days,
            None => found.push(wrong(item, "`days` of the calendar", "a list of weekdays, like `[\"mon\"]`")),
        }
    }
    if let Some(item) = holidays {
        let read: Option<BTreeSet<Date>> = item.as_array().and_then(|array| {
            array
                .iter()
                .map(|value| match value.as_str() {
                    Some(text) => text.parse().ok(),
                    None => value.as_datetime()?.to_string().parse().ok(),
                })
                .collect()
        });
        match read {
            Some(days) => calendar.holidays.extend(days),
            None => {
                found.push(wrong(item, "`holidays` of the calendar", "a list of dates, like `[2031-12-25]`"))
            }
        }
    }
}

fn roles(item: &Item, roles: &mut BTreeMap<String, BTreeSet<String>>, found: &mut Vec<Diagnostic>) {
    for (role, item) in entries(item, "`roles`", found) {
        match texts(item) {
            Some(people) => {
                roles.entry(role.to_owned()).or_default().extend(people.into_iter().map(str::to_owned))
            }
            None => found.push(wrong(item, &format!("role `{role}`"), "a list of names, like `[\"Ada\"]`")),
        }
    }
}

fn texts(item: &Item) -> Option<Vec<&str>> {
    item.as_array()?.iter().map(|value| value.as_str()).collect()
}

fn weekday(name: &str) -> Option<Weekday> {
    let name = name.to_ascii_lowercase();
    let days = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    days.into_iter().find(|(day, _)| name.len() >= 3 && day.starts_with(&name)).map(|(_, day)| day)
}
