//! Working days: Monday to Friday without the rest days of a dated table. Beyond the table there is an error, never a guess.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// A calendar of rest days with the range it covers (both ends inclusive).
#[derive(Debug, Clone)]
pub struct BusinessCalendar {
    /// The pack's name, such as `calendars/cz`.
    pub name: String,
    /// First covered day.
    pub from: NaiveDate,
    /// Last covered day.
    pub to: NaiveDate,
    /// Rest days and their names.
    pub rest_days: BTreeMap<NaiveDate, String>,
}

/// A day was asked for that the calendar does not cover.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar {calendar} covers {from} to {to}, and {day} was asked for")]
pub struct BeyondCalendar {
    /// The calendar's name.
    pub calendar: String,
    /// First covered day.
    pub from: NaiveDate,
    /// Last covered day.
    pub to: NaiveDate,
    /// The day outside.
    pub day: NaiveDate,
}

impl BusinessCalendar {
    /// Whether `day` is a working day.
    ///
    /// # Errors
    /// When the calendar does not cover `day`.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, BeyondCalendar> {
        if day < self.from || day > self.to {
            return Err(BeyondCalendar { calendar: self.name.clone(), from: self.from, to: self.to, day });
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(!weekend && !self.rest_days.contains_key(&day))
    }

    /// `day` itself when it is a working day, else the next one.
    ///
    /// # Errors
    /// When the search leaves the calendar.
    pub fn on_or_after(&self, day: NaiveDate) -> Result<NaiveDate, BeyondCalendar> {
        let mut candidate = day;
        while !self.is_working_day(candidate)? {
            candidate = candidate + Days::new(1);
        }
        Ok(candidate)
    }

    /// The day `count` working days after `day`.
    ///
    /// # Errors
    /// When the search leaves the calendar.
    pub fn add_working_days(&self, day: NaiveDate, count: u32) -> Result<NaiveDate, BeyondCalendar> {
        let mut candidate = day;
        for _ in 0..count {
            candidate = self.on_or_after(candidate + Days::new(1))?;
        }
        Ok(candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar() -> BusinessCalendar {
        BusinessCalendar {
            name: "test".into(),
            from: day("2025-01-01"),
            to: day("2025-12-31"),
            rest_days: BTreeMap::from([(day("2025-04-21"), "Easter Monday".to_owned())]),
        }
    }

    #[test]
    fn easter_monday_moves_the_day() {
        assert_eq!(calendar().on_or_after(day("2025-04-21")), Ok(day("2025-04-22")));
        assert_eq!(calendar().on_or_after(day("2025-04-19")), Ok(day("2025-04-22")));
        assert_eq!(calendar().add_working_days(day("2025-04-17"), 2), Ok(day("2025-04-22")));
    }

    #[test]
    fn beyond_the_table_is_an_error() {
        assert!(calendar().is_working_day(day("2026-01-01")).is_err());
        assert!(calendar().on_or_after(day("2025-12-31")).is_ok());
    }
}
