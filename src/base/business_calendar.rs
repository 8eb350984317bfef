//! Working days: Monday to Friday without the rest days of a dated table. Beyond the table there is an error, never a guess.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::base::zone::{date_of, local_day, to_utc_millis};

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

    /// The instant at which `millis` of working time have passed since `start`: a working day counts from 00:00 to 24:00 in `zone`, any other
    /// day not at all.
    ///
    /// # Errors
    /// When the search leaves the calendar.
    pub fn add_working_time(&self, start: i64, millis: i64, zone: Tz) -> Result<i64, BeyondCalendar> {
        let (mut at, mut left) = (start, millis);
        let mut day = date_of(local_day(start, zone)).unwrap_or(NaiveDate::MAX);
        loop {
            let is_working = self.is_working_day(day)?;
            day = day + Days::new(1);
            let midnight = to_utc_millis(day.and_time(NaiveTime::MIN), zone);
            if is_working && left <= midnight - at {
                return Ok(at + left);
            }
            left -= if is_working { midnight - at } else { 0 };
            at = midnight;
        }
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
    fn working_time_leaves_out_weekends_and_rest_days() {
        use chrono_tz::Europe::Prague;
        let at = |text: &str| to_utc_millis(text.parse().unwrap(), Prague);
        let after = |start: &str, hours: i64| calendar().add_working_time(at(start), hours * 3_600_000, Prague);
        // Within the week the clock and the working time are one.
        assert_eq!(after("2025-04-15T16:00:00", 24), Ok(at("2025-04-16T16:00:00")));
        // Friday 16:00: eight hours of Friday, sixteen of Monday.
        assert_eq!(after("2025-05-09T16:00:00", 24), Ok(at("2025-05-12T16:00:00")));
        // On a Saturday and on a Sunday nothing counts: the whole of Monday.
        assert_eq!(after("2025-05-10T10:00:00", 24), Ok(at("2025-05-13T00:00:00")));
        assert_eq!(after("2025-05-11T23:59:59", 24), Ok(at("2025-05-13T00:00:00")));
        // Thursday before Easter, with Easter Monday at rest; Good Friday is not in this table.
        assert_eq!(after("2025-04-18T10:00:00", 24), Ok(at("2025-04-22T10:00:00")));
        // 48 hours over a weekend on which the clocks change: its hours do not count anyway.
        assert_eq!(after("2025-03-28T12:00:00", 48), Ok(at("2025-04-01T12:00:00")));
        assert!(after("2025-12-31T12:00:00", 24).is_err());
    }

    #[test]
    fn beyond_the_table_is_an_error() {
        assert!(calendar().is_working_day(day("2026-01-01")).is_err());
        assert!(calendar().on_or_after(day("2025-12-31")).is_ok());
    }
}
