//! Which days are worked.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::{Date, Weekday};

/// The working week and the holidays of a plan; Monday to Friday without holidays by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Monday first.
    worked: [bool; 7],
    holidays: BTreeSet<Date>,
}

/// Why a day is not worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff {
    /// This weekday never is.
    Weekday(Weekday),
    /// It is on the plan's list of holidays.
    Holiday,
}

/// A week without a single working day was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoWorkingDay;

impl fmt::Display for NoWorkingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a calendar needs at least one working day in the week")
    }
}

impl std::error::Error for NoWorkingDay {}

impl Default for Calendar {
    fn default() -> Self {
        Self { worked: [true, true, true, true, true, false, false], holidays: BTreeSet::new() }
    }
}

impl Calendar {
    /// A calendar in which these weekdays are worked.
    pub fn new(worked: impl IntoIterator<Item = Weekday>) -> Result<Self, NoWorkingDay> {
        let mut calendar = Self { worked: [false; 7], holidays: BTreeSet::new() };
        for weekday in worked {
            calendar.worked[place(weekday)] = true;
        }
        if calendar.worked.contains(&true) { Ok(calendar) } else { Err(NoWorkingDay) }
    }

    /// Adds days that are not worked.
    #[must_use]
    pub fn with_holidays(mut self, holidays: impl IntoIterator<Item = Date>) -> Self {
        self.holidays.extend(holidays);
        self
    }

    /// Whether the day is worked.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.day_off(date).is_none()
    }

    /// Why the day is not worked, if it is not.
    pub fn day_off(&self, date: Date) -> Option<DayOff> {
        if !self.worked[place(date.weekday())] {
            Some(DayOff::Weekday(date.weekday()))
        } else if self.holidays.contains(&date) {
            Some(DayOff::Holiday)
        } else {
            None
        }
    }

    /// The working day that is so many working days after the date; 0 gives the date itself
    /// where it is worked and the next working day where it is not. `None` past the year 9999.
    pub fn add_working_days(&self, date: Date, days: u32) -> Option<Date> {
        let mut day = self.on_or_after(date)?;
        for _ in 0..days {
            day = self.on_or_after(day.tomorrow().ok()?)?;
        }
        Some(day)
    }

    /// How many working days there are from the first date to the last, both counted.
    pub fn working_days(&self, first: Date, last: Date) -> u32 {
        let mut count = 0;
        let mut day = Some(first);
        while let Some(date) = day.filter(|date| *date <= last) {
            count += u32::from(self.is_working_day(date));
            day = date.tomorrow().ok();
        }
        count
    }

    fn on_or_after(&self, date: Date) -> Option<Date> {
        let mut day = date;
        while !self.is_working_day(day) {
            day = day.tomorrow().ok()?;
        }
        Some(day)
    }
}

fn place(weekday: Weekday) -> usize {
    weekday.to_monday_zero_offset().unsigned_abs().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_weekend_is_off_and_says_so() {
        let calendar = Calendar::default();
        assert_eq!(calendar.day_off(date(2025, 10, 26)), Some(DayOff::Weekday(Weekday::Sunday)));
        assert!(calendar.is_working_day(date(2025, 10, 27)));
    }

    #[test]
    fn a_holiday_is_off() {
        let calendar = Calendar::default().with_holidays([date(2025, 12, 25)]);
        assert_eq!(calendar.day_off(date(2025, 12, 25)), Some(DayOff::Holiday));
        assert_eq!(calendar.add_working_days(date(2025, 12, 24), 1), Some(date(2025, 12, 26)));
    }

    #[test]
    fn working_days_step_over_weekends() {
        let calendar = Calendar::default();
        let friday = date(2025, 10, 24);
        assert_eq!(calendar.add_working_days(friday, 0), Some(friday));
        assert_eq!(calendar.add_working_days(friday, 1), Some(date(2025, 10, 27)));
        assert_eq!(calendar.add_working_days(date(2025, 10, 25), 0), Some(date(2025, 10, 27)));
        assert_eq!(calendar.add_working_days(friday, 5), Some(date(2025, 10, 31)));
        assert_eq!(calendar.working_days(friday, date(2025, 10, 31)), 6);
        assert_eq!(calendar.working_days(date(2025, 10, 31), friday), 0);
    }

    #[test]
    fn other_weeks_are_possible_but_not_empty_ones() {
        let calendar = Calendar::new([Weekday::Sunday]).expect("one day");
        assert_eq!(calendar.add_working_days(date(2025, 10, 20), 1), Some(date(2025, 11, 2)));
        assert_eq!(Calendar::new([]), Err(NoWorkingDay));
    }

    #[test]
    fn time_ends_without_a_panic() {
        assert_eq!(Calendar::default().add_working_days(Date::MAX, 1), None);
        assert_eq!(Calendar::default().working_days(Date::MAX, Date::MAX), 1);
    }
}
