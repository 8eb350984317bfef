//! A date and its time of day, each in a column of its own.

use chrono::{NaiveDate, NaiveTime, Timelike};

use crate::ingest::dates::{DateForms, Moment};
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::record::Raw;

/// How a time of day may be written: from 00:00 to 24 hours, or with AM and PM.
const TIMES: &[&str] = &["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p"];
const DAY: f64 = 86_400_000.0;

/// Reads the two cells: both as one text by the declared patterns (`%d.%m.%Y %H.%M`), else the date by them and the time as a time of
/// day. An empty time leaves a date alone. `year` is that of the report month.
pub(super) fn read(dates: &DateForms, date: Raw<'_>, time: Raw<'_>, year: Option<i32>) -> Result<Moment, Flaw> {
    let bad = |expected: &str| Flaw { reason: Reason::NotADate, expected: expected.to_owned() };
    if date.is_empty() {
        return Err(bad("a date beside the time"));
    }
    if time.is_empty() {
        return dates.read(date, year);
    }
    if let (Raw::Text(date), Raw::Text(time)) = (date, time)
        && let Ok(moment @ (Moment::Local(_) | Moment::Instant(_))) =
            dates.read(Raw::Text(&format!("{date} {time}")), year)
    {
        return Ok(moment);
    }
    let day = match dates.read(date, year)? {
        Moment::Day(day) => day,
        Moment::Local(local) if local.time() == NaiveTime::MIN => local.date(),
        _ => return Err(bad("a date without a time, beside its time")),
    };
    let time = time_of(time).ok_or_else(|| bad("a time of day such as 14:05 or 14:05:30 beside the date"))?;
    Ok(Moment::Local(day.and_time(time)))
}

/// A time of day: text, a cell with the format of a time, or a part of a day.
pub(super) fn time_of(raw: Raw<'_>) -> Option<NaiveTime> {
    match raw {
        Raw::Text(text) => TIMES.iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok()),
        // A time alone is a moment of the first day of the workbook's count.
        Raw::Moment(moment) if moment.date() < NaiveDate::from_ymd_opt(1905, 1, 1)? => Some(moment.time()),
        Raw::Number(part) if (0.0..1.0).contains(&part) => {
            // Parts of a day are binary fractions: the nearest whole second is what the sheet shows.
            let seconds = (part * DAY / 1000.0).round() as u32;
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
        }
        _ => None,
    }
    .filter(|time| time.nanosecond() < 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(patterns: &[&str], date: Raw<'_>, time: Raw<'_>) -> Result<String, Reason> {
        let dates = DateForms::new(&patterns.iter().map(|pattern| (*pattern).to_owned()).collect::<Vec<_>>()).unwrap();
        read(&dates, date, time, None).map_err(|flaw| flaw.reason).map(|moment| match moment {
            Moment::Day(day) => day.to_string(),
            Moment::Local(local) => local.to_string(),
            Moment::Instant(millis) => millis.to_string(),
        })
    }

    #[test]
    fn a_date_and_a_time_are_one_instant() {
        let czech = |date, time| joined(&["%d.%m.%Y"], Raw::of_text(date), Raw::of_text(time));
        assert_eq!(czech("9.11.2026", "14:05").unwrap(), "2026-11-09 14:05:00");
        assert_eq!(czech("9.11.2026", "9:05:30").unwrap(), "2026-11-09 09:05:30");
        assert_eq!(czech("9.11.2026", "2:05 PM").unwrap(), "2026-11-09 14:05:00");
        assert_eq!(czech("9.11.2026", "").unwrap(), "2026-11-09");
        assert_eq!(czech("9.11.2026", "24:05"), Err(Reason::NotADate));
        assert_eq!(czech("9.11.2026", "14"), Err(Reason::NotADate));
        assert_eq!(czech("", "14:05"), Err(Reason::NotADate));
        let whole = joined(&["%d.%m.%Y %H.%M"], Raw::of_text("9.11.2026"), Raw::of_text("14.05"));
        assert_eq!(whole.unwrap(), "2026-11-09 14:05:00");
    }

    #[test]
    fn a_workbook_has_cells_of_dates_and_times() {
        let at = |text: &str| Raw::Moment(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap());
        let both = |date, time| joined(&[], date, time);
        assert_eq!(both(at("2026-11-09 00:00"), at("1899-12-31 14:05")).unwrap(), "2026-11-09 14:05:00");
        assert_eq!(both(at("2026-11-09 00:00"), Raw::Number(0.5)).unwrap(), "2026-11-09 12:00:00");
        assert_eq!(both(at("2026-11-09 00:00"), Raw::Text("14:05")).unwrap(), "2026-11-09 14:05:00");
        assert_eq!(both(at("2026-11-09 08:00"), Raw::Text("14:05")), Err(Reason::NotADate));
        assert_eq!(both(at("2026-11-09 00:00"), at("2026-11-09 14:05")), Err(Reason::NotADate));
    }
}
