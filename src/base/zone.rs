//! Local times and instants. An instant is milliseconds since 1970-01-01 UTC; a civil date is days since 1970-01-01.
//!
//! Daylight saving by a named policy: of a repeated hour the **earlier** instant counts, a time in the gap is read with the
//! offset that held **before** the gap.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

const EPOCH_DAY: i32 = 719_163;

/// Days since 1970-01-01.
pub fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAY
}

/// The civil date of a day number; `None` beyond the calendar of chrono.
pub fn date_of(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day.checked_add(EPOCH_DAY)?)
}

/// The instant of a local time in `zone`.
pub fn to_utc_millis(local: NaiveDateTime, zone: Tz) -> i64 {
    match zone.from_local_datetime(&local).earliest() {
        Some(instant) => instant.timestamp_millis(),
        None => {
            let before = local - chrono::Duration::hours(3);
            let offset = zone.offset_from_utc_datetime(&before).fix();
            local.and_utc().timestamp_millis() - i64::from(offset.local_minus_utc()) * 1000
        }
    }
}

/// The civil date of an instant in `zone`, as a day number.
pub fn local_day(millis: i64, zone: Tz) -> i32 {
    match DateTime::from_timestamp_millis(millis) {
        Some(instant) => day_number(instant.with_timezone(&zone).date_naive()),
        None => 0,
    }
}

/// An instant as people of `zone` read it: `2026-11-09 14:00:00`.
pub fn local_text(millis: i64, zone: Tz) -> String {
    DateTime::from_timestamp_millis(millis)
        .map(|instant| instant.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
    }

    #[test]
    fn elapsed_time_over_the_spring_change_is_23_and_a_half_hours() {
        // X21, second half
        let zone = chrono_tz::Europe::Prague;
        let delivered = to_utc_millis(local("2024-03-30 14:00:00"), zone);
        let marked = to_utc_millis(local("2024-03-31 14:30:00"), zone);
        assert_eq!(marked - delivered, (23 * 60 + 30) * 60_000);
    }

    #[test]
    fn gap_and_repeated_hour() {
        let zone = chrono_tz::Europe::Prague;
        assert_eq!(local_text(to_utc_millis(local("2026-03-29 02:30:00"), zone), zone), "2026-03-29 03:30:00");
        let repeated = to_utc_millis(local("2026-10-25 02:30:00"), zone);
        assert_eq!(repeated, to_utc_millis(local("2026-10-25 01:30:00"), zone) + 3_600_000);
    }

    #[test]
    fn days_there_and_back() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap();
        assert_eq!(date_of(day_number(date)), Some(date));
        assert_eq!(day_number(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()), 0);
    }
}
