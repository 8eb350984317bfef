//! Dates and instants by the declared patterns, tried in order. A year outside 1990 to 2100 is refused, so `31.12.25` under `%Y`
//! is; a pattern without a year takes the year of the report month in the file name.

use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems, parse};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use crate::base::zone;
use crate::ingest::cells::untyped;
use crate::ingest::quarantine::{Flaw, Reason};
use crate::ingest::record::Raw;

const FIRST_YEAR: i32 = 1990;
const LAST_YEAR: i32 = 2100;

/// The patterns of a source, taken apart once.
#[derive(Debug)]
pub(super) struct DateForms {
    patterns: Vec<Pattern>,
    /// The patterns as a person reads them.
    expected: String,
}

#[derive(Debug)]
struct Pattern {
    items: Vec<Item<'static>>,
    has_year: bool,
    has_time: bool,
    is_stamp: bool,
}

/// A point in time as a cell holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A day without a time.
    Day(NaiveDate),
    /// A time of some zone that the cell does not name.
    Local(NaiveDateTime),
    /// Milliseconds UTC: the cell named its offset.
    Instant(i64),
}

impl Moment {
    /// Milliseconds UTC, and whether only the day is known; then it is 00:00 in `zone`.
    pub(super) fn instant(self, zone: Tz) -> (i64, bool) {
        match self {
            Moment::Day(day) => (zone::to_utc_millis(day.and_time(NaiveTime::MIN), zone), true),
            Moment::Local(local) => (zone::to_utc_millis(local, zone), false),
            Moment::Instant(millis) => (millis, false),
        }
    }

    /// The civil date as a day number; that of an instant with an offset is the one in `zone`.
    pub(super) fn day(self, zone: Tz) -> i32 {
        match self {
            Moment::Day(day) => zone::day_number(day),
            Moment::Local(local) => zone::day_number(local.date()),
            Moment::Instant(millis) => zone::local_day(millis, zone),
        }
    }
}

impl DateForms {
    /// Takes chrono patterns apart.
    ///
    /// # Errors
    /// The first pattern that chrono does not understand.
    pub(super) fn new(patterns: &[String]) -> Result<DateForms, String> {
        let taken: Result<Vec<Pattern>, String> = patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
        let expected = if patterns.is_empty() {
            "a date cell (no `dates` are declared)".to_owned()
        } else {
            format!("a date as {}, in the years {FIRST_YEAR} to {LAST_YEAR}", patterns.join(" or "))
        };
        Ok(DateForms { patterns: taken?, expected })
    }

    /// Reads a cell; `year` is that of the report month.
    pub(super) fn read(&self, raw: Raw<'_>, year: Option<i32>) -> Result<Moment, Flaw> {
        let moment = match raw {
            Raw::Text(text) => return self.read_text(text, year),
            Raw::Moment(moment) if moment.time() == NaiveTime::MIN => Moment::Day(moment.date()),
            Raw::Moment(moment) => Moment::Local(moment),
            other => return Err(untyped(other, Reason::NotADate, || self.expected.clone())),
        };
        if in_range(moment) { Ok(moment) } else { Err(self.flaw(Reason::NotADate)) }
    }

    fn read_text(&self, text: &str, year: Option<i32>) -> Result<Moment, Flaw> {
        let plain;
        let text = if text.is_ascii() {
            text
        } else {
            plain = text.replace(|c: char| c.is_whitespace(), " ");
            &plain
        };
        let mut yearless = false;
        for pattern in &self.patterns {
            match pattern.read(text, year) {
                Some(moment) if in_range(moment) => return Ok(moment),
                Some(_) => {}
                None => yearless |= !pattern.has_year && year.is_none(),
            }
        }
        let without_year = yearless && self.patterns.iter().any(|p| !p.has_year && p.read(text, Some(2024)).is_some());
        Err(self.flaw(if without_year { Reason::YearUnknown } else { Reason::NotADate }))
    }

    fn flaw(&self, reason: Reason) -> Flaw {
        Flaw { reason, expected: self.expected.clone() }
    }
}

impl Pattern {
    fn new(pattern: &str) -> Result<Pattern, String> {
        let items = StrftimeItems::new(pattern).parse_to_owned().map_err(|_| pattern.to_owned())?;
        let numeric =
            |wanted: &[Numeric]| items.iter().any(|item| matches!(item, Item::Numeric(n, _) if wanted.contains(n)));
        let whole = numeric(&[Numeric::Timestamp])
            || items.iter().any(|item| matches!(item, Item::Fixed(Fixed::RFC3339 | Fixed::RFC2822)));
        Ok(Pattern {
            has_year: whole || numeric(&[Numeric::Year, Numeric::YearMod100, Numeric::IsoYear]),
            has_time: whole || numeric(&[Numeric::Hour, Numeric::Hour12]),
            is_stamp: numeric(&[Numeric::Timestamp]),
            items,
        })
    }

    fn read(&self, text: &str, year: Option<i32>) -> Option<Moment> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        if !self.has_year {
            parsed.set_year(i64::from(year?)).ok()?;
        }
        if self.is_stamp || parsed.offset().is_some() {
            let offset = parsed.offset().unwrap_or(0);
            let local = parsed.to_naive_datetime_with_offset(offset).ok()?.and_utc().timestamp_millis();
            return Some(Moment::Instant(local - i64::from(offset) * 1000));
        }
        let day = parsed.to_naive_date().ok()?;
        if !self.has_time {
            return Some(Moment::Day(day));
        }
        if parsed.minute().is_none() {
            parsed.set_minute(0).ok()?;
        }
        Some(Moment::Local(day.and_time(parsed.to_naive_time().ok()?)))
    }
}

fn in_range(moment: Moment) -> bool {
    let year = match moment {
        Moment::Day(day) => day.year(),
        Moment::Local(local) => local.year(),
        Moment::Instant(millis) => chrono::DateTime::from_timestamp_millis(millis).map_or(0, |instant| instant.year()),
    };
    (FIRST_YEAR..=LAST_YEAR).contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(patterns: &[&str]) -> DateForms {
        DateForms::new(&patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn day(text: &str) -> Moment {
        Moment::Day(text.parse().unwrap())
    }

    #[test]
    fn czech_and_iso_dates() {
        let forms = forms(&["%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d"]);
        let read = |text| forms.read(Raw::Text(text), None).map_err(|flaw| flaw.reason);
        assert_eq!(read("9.11.2026"), Ok(day("2026-11-09")));
        assert_eq!(read("09. 11. 2026"), Ok(day("2026-11-09")));
        assert_eq!(read("09.\u{a0}11.\u{a0}2026"), Ok(day("2026-11-09")));
        assert_eq!(read("2026-11-09"), Ok(day("2026-11-09")));
        let noon = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap().and_hms_opt(12, 30, 0).unwrap();
        assert_eq!(read("9.11.2026 12:30"), Ok(Moment::Local(noon)));
        for bad in ["31.2.2026", "31.12.25", "00.00.0000", "2026-13-01", "9.11.2026 25:00", "9.11.2026x", "9.11.12026"]
        {
            assert_eq!(read(bad), Err(Reason::NotADate), "{bad}");
        }
    }

    #[test]
    fn two_digits_of_a_year_only_when_declared() {
        let forms = forms(&["%d.%m.%y"]);
        assert_eq!(forms.read(Raw::Text("31.12.25"), None), Ok(day("2025-12-31")));
        assert!(forms.read(Raw::Text("31.12.2025"), None).is_err());
    }

    #[test]
    fn a_day_without_a_year_takes_it_from_the_report_month() {
        let forms = forms(&["%d. %m."]);
        let read = |text, year| forms.read(Raw::Text(text), year).map_err(|flaw| flaw.reason);
        assert_eq!(read("13.\u{a0}1.", Some(2026)), Ok(day("2026-01-13")));
        assert_eq!(read("13.\u{a0}1.", None), Err(Reason::YearUnknown));
        assert_eq!(read("29. 2.", Some(2026)), Err(Reason::NotADate));
        assert_eq!(read("neco", None), Err(Reason::NotADate));
    }

    #[test]
    fn an_offset_in_the_cell_wins_over_the_zone() {
        let forms = forms(&["%Y-%m-%dT%H:%M:%S%:z", "%+"]);
        let expected = Moment::Instant(1_794_225_600_000);
        assert_eq!(forms.read(Raw::Text("2026-11-09T13:00:00+01:00"), None), Ok(expected));
        assert_eq!(forms.read(Raw::Text("2026-11-09T12:00:00Z"), None), Ok(expected));
        assert_eq!(expected.instant(chrono_tz::Europe::Prague), (1_794_225_600_000, false));
    }

    #[test]
    fn native_dates_of_workbooks() {
        let forms = forms(&[]);
        let date = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap();
        assert_eq!(forms.read(Raw::Moment(date.and_time(NaiveTime::MIN)), None), Ok(Moment::Day(date)));
        let old = NaiveDate::from_ymd_opt(1900, 2, 28).unwrap();
        assert!(forms.read(Raw::Moment(old.and_time(NaiveTime::MIN)), None).is_err());
        assert_eq!(forms.read(Raw::Number(46_335.0), None).unwrap_err().reason, Reason::NotADate);
    }
}
