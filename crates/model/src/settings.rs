//! The settings of one plan: how strict it wants to be with itself. Knows nothing of the file
//! they are written in, nor of settings of the program.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::commons::DEFAULT_SILENCE_SECONDS;
use crate::lease::{Budget, LeaseRules};
use crate::review::DEFAULT_REVIEW_SECONDS;

/// How many days a waiver may last unless the plan says otherwise.
pub const DEFAULT_WAIVER_LIMIT_DAYS: u32 = 30;

/// How strict a plan is with itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What satisfies a need.
    pub trust: Trust,
    /// What is asked of somebody who approves.
    pub identity: Identity,
    /// Whether one person may approve what they did themselves; every report then says so.
    pub solo: bool,
    /// What a loosened or removed check needs.
    pub weakening: Weakening,
    /// The longest a waiver may last, in days.
    pub waiver_limit_days: u32,
    /// Which days are worked.
    pub calendar: Calendar,
    /// The approvals a rebaseline needs, by role: `owner`, `programme manager`.
    pub rebaseline: Vec<String>,
    /// Whether writing back leaves a trailing mark with the evidence's digest.
    pub marks: bool,
    /// Whether the plan lies in the past: what only matters for live plans stays silent.
    pub archived: bool,
    /// Whether, of documents that contradict each other, the one with the latest date in its name
    /// or title counts, and not the one that was given first.
    pub newest_first: bool,
    /// When documents are brought in step with the journal.
    pub sync: Syncing,
    /// Names of checks that are never waived.
    pub never_waivable: BTreeSet<String>,
    /// Who has which role. Of a role that is named here, only its people may approve; in any other
    /// role whoever approves says so themselves.
    pub roles: BTreeMap<String, BTreeSet<String>>,
    /// How leases are given out.
    pub leases: LeaseRules,
    /// What agents may use up.
    pub budget: Budget,
    /// After so many seconds of silence a session counts as stuck.
    pub silence_seconds: u32,
    /// Within so many seconds a review ticket is to be answered, unless it says when itself.
    pub review_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trust: Trust::default(),
            identity: Identity::default(),
            solo: false,
            weakening: Weakening::default(),
            waiver_limit_days: DEFAULT_WAIVER_LIMIT_DAYS,
            calendar: Calendar::default(),
            rebaseline: Vec::new(),
            marks: false,
            archived: false,
            newest_first: false,
            sync: Syncing::default(),
            never_waivable: BTreeSet::new(),
            roles: BTreeMap::new(),
            leases: LeaseRules::default(),
            budget: Budget::default(),
            silence_seconds: DEFAULT_SILENCE_SECONDS,
            review_seconds: DEFAULT_REVIEW_SECONDS,
        }
    }
}

impl Settings {
    /// The settings a plan of this format has when it names none: users of `execution-plan` live
    /// by the file, so there the document's word counts.
    pub fn for_format(format: &str) -> Self {
        let trust = if format == "execution-plan" { Trust::Document } else { Trust::Verified };
        Self { trust, ..Self::default() }
    }

    /// Whether putting `self` in the place of `older` makes anything easier: that is a weakening.
    pub fn loosens(&self, older: &Settings) -> bool {
        (self.solo && !older.solo)
            || (self.trust == Trust::Document && older.trust == Trust::Verified)
            || (self.identity == Identity::Declared && older.identity == Identity::Proven)
            || (self.weakening == Weakening::Record && older.weakening == Weakening::Approve)
            || self.waiver_limit_days > older.waiver_limit_days
            || self.budget.loosens(&older.budget)
            || self.leases.loosens(&older.leases)
            || !older.never_waivable.is_subset(&self.never_waivable)
            || older.rebaseline.iter().any(|role| !self.rebaseline.contains(role))
            || older.roles.iter().any(|(role, people)| {
                self.roles.get(role).is_none_or(|now| now.iter().any(|person| !people.contains(person)))
            })
    }

    /// Whether a check of this name is never waived, also where a waiver is older than that rule.
    pub fn never_waives(&self, check: &str) -> bool {
        self.never_waivable.contains(check)
    }

    /// Whether a person may act in a role: anybody in a role that the settings do not name.
    pub fn has_role(&self, person: &str, role: &str) -> bool {
        self.roles.get(role).is_none_or(|people| people.contains(person))
    }
}

/// What satisfies a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// The needed task is verified, or has no checks and was claimed through a verb.
    #[default]
    Verified,
    /// The document's word counts.
    Document,
}

/// What is asked of somebody who approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Identity {
    /// A declared name is enough; it is shown as unauthenticated.
    #[default]
    Declared,
    /// A token or a signature.
    Proven,
}

/// What a loosened or removed check needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weakening {
    /// Somebody's approval; until then the old check stays in force.
    #[default]
    Approve,
    /// Nothing: it is recorded and takes effect at once.
    Record,
}

/// When documents are brought in step with the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Syncing {
    /// By every verb that changes the plan.
    #[default]
    Auto,
    /// Only by `sync` and `run`.
    Manual,
}

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calendar {
    /// The days of the week that are worked.
    #[serde(with = "weekday_names")]
    pub days: Vec<Weekday>,
    /// Days that are not worked although their weekday is.
    pub holidays: BTreeSet<Date>,
}

impl Default for Calendar {
    fn default() -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self { days: vec![Monday, Tuesday, Wednesday, Thursday, Friday], holidays: BTreeSet::new() }
    }
}

impl Calendar {
    /// Whether a day is worked.
    pub fn works_on(&self, date: Date) -> bool {
        self.days.contains(&date.weekday()) && !self.holidays.contains(&date)
    }
}

/// Reads the English name of a weekday, whole or its first three letters, in any case.
pub fn weekday_from_name(name: &str) -> Option<Weekday> {
    let name = name.trim();
    WEEKDAYS
        .iter()
        .find(|(_, whole)| {
            name.eq_ignore_ascii_case(whole) || (name.len() == 3 && name.eq_ignore_ascii_case(&whole[..3]))
        })
        .map(|(day, _)| *day)
}

/// The English name of a weekday.
pub fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(other, _)| *other == day).map_or("", |(_, name)| name)
}

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "Monday"),
    (Weekday::Tuesday, "Tuesday"),
    (Weekday::Wednesday, "Wednesday"),
    (Weekday::Thursday, "Thursday"),
    (Weekday::Friday, "Friday"),
    (Weekday::Saturday, "Saturday"),
    (Weekday::Sunday, "Sunday"),
];

mod weekday_names {
    use jiff::civil::Weekday;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(days: &[Weekday], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(days.iter().map(|day| super::weekday_name(*day)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names
            .iter()
            .map(|name| {
                super::weekday_from_name(name)
                    .ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a weekday")))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_as_they_are_written() {
        let mut settings = Settings::for_format("execution-plan");
        settings.calendar.holidays.insert(jiff::civil::date(2031, 5, 1));
        settings.calendar.days.push(Weekday::Saturday);
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings, "{json}");
        assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
    }

    #[test]
    fn weekends_and_holidays_are_not_worked() {
        let mut calendar = Calendar::default();
        assert!(calendar.works_on(jiff::civil::date(2031, 5, 1)));
        assert!(!calendar.works_on(jiff::civil::date(2031, 5, 3)));
        calendar.holidays.insert(jiff::civil::date(2031, 5, 1));
        assert!(!calendar.works_on(jiff::civil::date(2031, 5, 1)));
        assert_eq!(weekday_from_name("sun"), Some(Weekday::Sunday));
        assert_eq!(weekday_from_name("Sunda"), None);
    }
}
