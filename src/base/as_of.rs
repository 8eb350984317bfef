//! The as-of date: the day at whose end (24:00, in an account's zone) a report pretends to be written.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use crate::base::zone;

/// First year of a date that is read.
pub const FIRST_YEAR: i32 = 1990;
/// Last year of a date that is read.
pub const LAST_YEAR: i32 = 2100;

/// The day at whose end the report pretends to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AsOf(pub NaiveDate);

impl AsOf {
    /// First instant, in milliseconds since 1970 UTC, that is *not* part of the report: 24:00 of the day in `zone`.
    pub fn end_millis(self, zone: Tz) -> i64 {
        let next_day = self.0 + Days::new(1);
        zone::to_utc_millis(next_day.and_time(chrono::NaiveTime::MIN), zone)
    }
}

impl std::fmt::Display for AsOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
