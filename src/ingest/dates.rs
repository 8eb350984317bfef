//! Dates and instants by the declared patterns, tried in order. A year outside 1990 to 2100 is refused, so `31.12.25` under `%Y`
//! is; a pattern without a year takes the year of the report month in the file name.

use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems, parse};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use crate::base::as_of::{FIRST_YEAR, LAST_YEAR};
use crate::base::zone::{self, Readings, ZoneMemory};
use crate::ingest::cells::untyped;
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::record::Raw;
use crate::pipeline::written::zone::WrittenZone;
use crate::vocab::Dst;

/// The patterns of a source, taken apart once.
#[derive(Debug, Default)]
pub(super) struct DateForms {
    patterns: Vec<Pattern>,
    /// The patterns as a person reads them.
    expected: String,
}

#[derive(Debug)]
struct Pattern {
    items: Vec<Item<'static>>,
    /// The short way for text that fills the pattern exactly.
    layout: Option<Layout>,
    has_year: bool,
    has_time: bool,
    is_stamp: bool,
    /// The pattern says in letters that its times are UTC.
    is_utc: bool,
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

/// What a cell with a date became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Dated {
    /// Milliseconds UTC, or the number of a day.
    pub(super) number: i64,
    /// Only the day is known.
    pub(super) only_day: bool,
    /// The other reading of a clock change would be another civil day.
    pub(super) day_by_dst: bool,
}

impl Moment {
    /// The instant, read in `zone`; of a day alone it is 00:00. `civil` is the zone of civil dates.
    ///
    /// # Errors
    /// A local time with two readings, where the source wants none of them.
    pub(super) fn instant(self, zone: &mut ZoneMemory, civil: &mut ZoneMemory, dst: Dst) -> Result<Dated, Flaw> {
        let local = match self {
            Moment::Day(day) => {
                let number = zone.to_utc_millis(day.and_time(NaiveTime::MIN));
                return Ok(Dated { number, only_day: true, day_by_dst: false });
            }
            Moment::Instant(number) => return Ok(Dated { number, only_day: false, day_by_dst: false }),
            Moment::Local(local) => local,
        };
        let Readings { before, after } = zone.readings(local);
        if before == after {
            return Ok(Dated { number: before, only_day: false, day_by_dst: false });
        }
        let number = match dst {
            Dst::Earlier => before,
            Dst::Later => after,
            Dst::Refuse => {
                let expected = "a local time that exists once".to_owned();
                return Err(Flaw { reason: Reason::ClockChange, expected });
            }
        };
        Ok(Dated { number, only_day: false, day_by_dst: civil.local_day(before) != civil.local_day(after) })
    }

    /// The civil date as a day number; that of an instant with an offset is the one in `zone`.
    pub(super) fn day(self, zone: &mut ZoneMemory) -> i32 {
        match self {
            Moment::Day(day) => zone::day_number(day),
            Moment::Local(local) => zone::day_number(local.date()),
            Moment::Instant(millis) => zone.local_day(millis),
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
        let mut items = StrftimeItems::new(pattern).parse_to_owned().map_err(|_| pattern.to_owned())?;
        for item in &mut items {
            // An offset may be written as `Z`, as ISO 8601 has it.
            match item {
                Item::Fixed(offset @ Fixed::TimezoneOffset) => *offset = Fixed::TimezoneOffsetZ,
                Item::Fixed(offset @ Fixed::TimezoneOffsetColon) => *offset = Fixed::TimezoneOffsetColonZ,
                _ => {}
            }
        }
        let numeric =
            |wanted: &[Numeric]| items.iter().any(|item| matches!(item, Item::Numeric(n, _) if wanted.contains(n)));
        let whole = numeric(&[Numeric::Timestamp])
            || items.iter().any(|item| matches!(item, Item::Fixed(Fixed::RFC3339 | Fixed::RFC2822)));
        Ok(Pattern {
            has_year: whole || numeric(&[Numeric::Year, Numeric::YearMod100, Numeric::IsoYear]),
            has_time: whole || numeric(&[Numeric::Hour, Numeric::Hour12]),
            is_stamp: numeric(&[Numeric::Timestamp]),
            is_utc: WrittenZone::of(pattern) == Ok(WrittenZone::Utc),
            layout: Layout::new(&items),
            items,
        })
    }

    fn read(&self, text: &str, year: Option<i32>) -> Option<Moment> {
        match self.layout.as_ref().and_then(|layout| layout.read(text.as_bytes())) {
            Some(moment) => Some(moment),
            None => self.read_by_chrono(text, year),
        }
        .map(|moment| match moment {
            Moment::Local(time) if self.is_utc => Moment::Instant(time.and_utc().timestamp_millis()),
            moment => moment,
        })
    }

    fn read_by_chrono(&self, text: &str, year: Option<i32>) -> Option<Moment> {
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

/// Where the digits of a pattern stand when every number has all its digits, as machines write them.
#[derive(Debug, Default)]
struct Layout {
    year: usize,
    month: usize,
    day: usize,
    hour: Option<usize>,
    minute: Option<usize>,
    second: Option<usize>,
    /// What stands between the numbers.
    marks: Vec<(usize, u8)>,
    length: usize,
}

impl Layout {
    /// `None` for a pattern with anything but numbers of a fixed width and marks between them.
    fn new(items: &[Item<'_>]) -> Option<Layout> {
        let mut layout = Layout::default();
        let mut places: Vec<(&Numeric, usize)> = Vec::new();
        for item in items {
            match item {
                Item::Numeric(number, _) if places.iter().any(|(known, _)| *known == number) => return None,
                Item::Numeric(number, _) => {
                    places.push((number, layout.length));
                    layout.length += if *number == Numeric::Year { 4 } else { 2 };
                }
                Item::Literal(text) | Item::Space(text) => layout.put_marks(text),
                Item::OwnedLiteral(text) | Item::OwnedSpace(text) => layout.put_marks(text),
                Item::Fixed(_) | Item::Error => return None,
            }
        }
        for (number, at) in places {
            match number {
                Numeric::Year => layout.year = at + 1,
                Numeric::Month => layout.month = at + 1,
                Numeric::Day => layout.day = at + 1,
                Numeric::Hour => layout.hour = Some(at),
                Numeric::Minute => layout.minute = Some(at),
                Numeric::Second => layout.second = Some(at),
                _ => return None,
            }
        }
        let nested = layout.second.is_none_or(|_| layout.minute.is_some())
            && layout.minute.is_none_or(|_| layout.hour.is_some());
        for place in [&mut layout.year, &mut layout.month, &mut layout.day] {
            *place = place.checked_sub(1)?;
        }
        nested.then_some(layout)
    }

    fn put_marks(&mut self, text: &str) {
        self.marks.extend(text.bytes().enumerate().map(|(place, mark)| (self.length + place, mark)));
        self.length += text.len();
    }

    /// The moment, when the text fills the pattern exactly and is a moment; `None` says nothing.
    fn read(&self, text: &[u8]) -> Option<Moment> {
        if text.len() != self.length || self.marks.iter().any(|(place, mark)| text[*place] != *mark) {
            return None;
        }
        let optional = |place: Option<usize>| place.map_or(Some(0), |place| two_digits(text, place));
        let year = (two_digits(text, self.year)? * 100 + two_digits(text, self.year + 2)?) as i32;
        let (month, day) = (two_digits(text, self.month)?, two_digits(text, self.day)?);
        let day = NaiveDate::from_ymd_opt(year, month, day)?;
        match self.hour {
            None => Some(Moment::Day(day)),
            hour => {
                let time = day.and_hms_opt(optional(hour)?, optional(self.minute)?, optional(self.second)?)?;
                Some(Moment::Local(time))
            }
        }
    }
}

fn two_digits(text: &[u8], place: usize) -> Option<u32> {
    let [tens, ones] = [text.get(place)?, text.get(place + 1)?].map(|byte| u32::from(byte.wrapping_sub(b'0')));
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_reads_what_chrono_reads(
            pattern in prop::sample::select(vec![
                "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S",
                "%F %T", "%d. %m. %Y", "%H:%M %d/%m/%Y", "%Y%m%d%H", "%Y-%m-%d %H", "%d.%m.%Y %d", "%m/%Y", "%d%m%Y",
            ]),
            year in 1900_i32..2200, month in 0_i32..14, day in 0_i32..33, hour in 0_i32..26, minute in 0_i32..62, second in 0_i32..62,
            slip in prop::sample::select(vec![("", ""), ("0", ""), ("0", " "), ("2", "+"), ("1", "٣"), (".", "-")]),
        ) {
            let written = [("%F", "%Y-%m-%d"), ("%T", "%H:%M:%S")].iter().fold(pattern.to_owned(), |p, (a, b)| p.replace(a, b));
            let written = written.replace("%Y", &year.to_string());
            let two = |text: String, mark: &str, number: i32| text.replace(mark, &format!("{number:02}"));
            let written = two(two(two(written, "%m", month), "%d", day), "%H", hour);
            let written = two(two(written, "%M", minute), "%S", second).replacen(slip.0, slip.1, 1);
            let short = Pattern::new(pattern).unwrap();
            let long = Pattern { layout: None, ..Pattern::new(pattern).unwrap() };
            prop_assert_eq!(short.read(&written, None), long.read(&written, None), "{} {}", pattern, written);
        }
    }

    #[test]
    fn usual_patterns_have_a_short_way() {
        for pattern in
            ["%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"]
        {
            assert!(Pattern::new(pattern).unwrap().layout.is_some(), "{pattern}");
        }
        for pattern in ["%d.%m.%y", "%d. %m.", "%Y-%m-%dT%H:%M:%S%:z", "%+", "%d %b %Y", "%Y-%j"] {
            assert!(Pattern::new(pattern).unwrap().layout.is_none(), "{pattern}");
        }
    }

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
        let dated = instant(expected, chrono_tz::Europe::Prague, Dst::Refuse).unwrap();
        assert_eq!((dated.number, dated.only_day), (1_794_225_600_000, false));
    }

    fn instant(moment: Moment, zone: chrono_tz::Tz, dst: Dst) -> Result<Dated, Flaw> {
        moment.instant(&mut ZoneMemory::new(zone), &mut ZoneMemory::new(zone), dst)
    }

    #[test]
    fn a_clock_change_is_read_by_the_named_policy() {
        let local = |text| Moment::Local(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap());
        let utc = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_millis();
        let prague = |text, dst| instant(local(text), chrono_tz::Europe::Prague, dst).map(|dated| dated.number).ok();
        // the gap of 2026-03-29: offsets +1 before, +2 after
        assert_eq!(prague("2026-03-29 02:30", Dst::Earlier), Some(utc("2026-03-29 01:30")));
        assert_eq!(prague("2026-03-29 02:30", Dst::Later), Some(utc("2026-03-29 00:30")));
        assert_eq!(prague("2026-03-29 02:30", Dst::Refuse), None);
        // the repeated hour of 2026-10-25: +2 before, +1 after
        assert_eq!(prague("2026-10-25 02:30", Dst::Earlier), Some(utc("2026-10-25 00:30")));
        assert_eq!(prague("2026-10-25 02:30", Dst::Later), Some(utc("2026-10-25 01:30")));
        assert_eq!(prague("2026-10-25 02:30", Dst::Refuse), None);
        // its neighbours are plain
        for dst in [Dst::Earlier, Dst::Later, Dst::Refuse] {
            assert_eq!(prague("2026-03-29 01:59", dst), Some(utc("2026-03-29 00:59")));
            assert_eq!(prague("2026-03-29 03:00", dst), Some(utc("2026-03-29 01:00")));
            assert_eq!(prague("2026-10-25 03:00", dst), Some(utc("2026-10-25 02:00")));
        }
    }

    #[test]
    fn a_clock_change_at_midnight_decides_the_day() {
        let local = |text| Moment::Local(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap());
        // The Azores leave out 00:00 to 01:00 of 2026-03-29.
        let dated = instant(local("2026-03-29 00:30"), chrono_tz::Atlantic::Azores, Dst::Earlier).unwrap();
        assert!(dated.day_by_dst);
        let dated = instant(local("2026-03-29 02:30"), chrono_tz::Europe::Prague, Dst::Earlier).unwrap();
        assert!(!dated.day_by_dst);
    }

    #[test]
    fn a_pattern_that_ends_in_utc_reads_utc() {
        let forms = forms(&["%Y-%m-%d %H:%M:%S UTC", "%B %d, %Y", "%d %B, %Y"]);
        let mut prague = ZoneMemory::new(chrono_tz::Europe::Prague);
        let late = forms.read(Raw::Text("2026-11-09 23:30:00 UTC"), None).unwrap();
        assert_eq!(late, Moment::Instant(1_794_267_000_000));
        assert_eq!(late.day(&mut prague), zone::day_number("2026-11-10".parse().unwrap()));
        assert!(forms.read(Raw::Text("2026-11-09 23:30:00"), None).is_err());
        assert_eq!(forms.read(Raw::Text("March 1, 2026"), None), Ok(day("2026-03-01")));
        assert_eq!(forms.read(Raw::Text("31 July, 2026"), None), Ok(day("2026-07-31")));
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
