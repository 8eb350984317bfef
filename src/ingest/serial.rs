//! Serial numbers of days: how workbooks hold dates.

use calamine::{ExcelDateTime, ExcelDateTimeType};
use chrono::{NaiveDateTime, TimeDelta, Timelike};

/// Serial numbers of spreadsheet programs end at 9999-12-31; the library's arithmetic overflows far from there.
const LAST: f64 = 2_958_466.0;

/// The moment of a serial number, counted from 1900 or from 1904; `None` where no spreadsheet program shows a date.
pub(super) fn moment_of(serial: f64, from_1904: bool) -> Option<NaiveDateTime> {
    moment(ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, from_1904))
}

/// The moment of a cell that the library calls a date.
pub(super) fn moment(cell: ExcelDateTime) -> Option<NaiveDateTime> {
    (0.0..LAST).contains(&cell.as_f64()).then(|| cell.as_datetime().map(settled))?
}

/// A serial number holds a time of day as a fraction; a millisecond beside a whole second is its rounding.
pub(super) fn settled(time: NaiveDateTime) -> NaiveDateTime {
    match time.nanosecond() / 1_000_000 {
        1 => time - TimeDelta::milliseconds(1),
        999 => time + TimeDelta::milliseconds(1),
        _ => time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_counts_of_days() {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap().and_time(chrono::NaiveTime::MIN);
        assert_eq!(moment_of(46_335.0, false), Some(day("2026-11-09")));
        assert_eq!(moment_of(46_335.0 - 1_462.0, true), Some(day("2026-11-09")));
        assert_eq!(moment_of(46_335.5, false), Some(day("2026-11-09") + TimeDelta::hours(12)));
        assert_eq!(moment_of(61.0, false), Some(day("1900-03-01")));
        assert_eq!(moment_of(59.0, false), Some(day("1900-02-28")));
        assert_eq!(moment_of(2_958_465.0, false), Some(day("9999-12-31")));
        for beyond in [2_958_466.0, -1.0, -1e300, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(moment_of(beyond, false), None);
        }
    }

    #[test]
    fn a_time_of_day_loses_its_rounding() {
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap();
        assert_eq!(settled(time("2026-11-09 13:59:59.999")), time("2026-11-09 14:00:00"));
        assert_eq!(settled(time("2026-11-09 14:00:00.250")), time("2026-11-09 14:00:00.250"));
    }
}
