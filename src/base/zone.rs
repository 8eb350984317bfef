//! Local times and instants. An instant is milliseconds since 1970-01-01 UTC; a civil date is days since 1970-01-01.
//!
//! A clock change leaves local times out or repeats them: each then has two [`Readings`], by the offset before the change and by
//! the one after it. Who does not choose takes the one **before**: of a repeated hour the earlier instant, and a time in a gap
//! moves on by the gap.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

const EPOCH_DAY: i32 = 719_163;
/// Hours. A zone that crosses the date line leaves out a whole day.
const WIDEST_GAP: i64 = 26;

/// Days since 1970-01-01.
pub fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAY
}

/// The civil date of a day number; `None` beyond the calendar of chrono.
pub fn date_of(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day.checked_add(EPOCH_DAY)?)
}

/// The instant of a local time in `zone`, by the offset before a change.
pub fn to_utc_millis(local: NaiveDateTime, zone: Tz) -> i64 {
    readings(local, zone).before
}

/// The two instants that a local time may mean when a clock change leaves it out or repeats it; else they are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    /// By the offset that held before the change.
    pub before: i64,
    /// By the offset that held after it.
    pub after: i64,
}

/// What a local time in `zone` may mean.
pub fn readings(local: NaiveDateTime, zone: Tz) -> Readings {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => {
            let millis = instant.timestamp_millis();
            Readings { before: millis, after: millis }
        }
        LocalResult::Ambiguous(before, after) => {
            Readings { before: before.timestamp_millis(), after: after.timestamp_millis() }
        }
        LocalResult::None => Readings { before: beside_gap(local, -1, zone), after: beside_gap(local, 1, zone) },
    }
}

/// A time in a gap, by the offset of the nearest hours before (`step` -1) or after (1) it that exist.
fn beside_gap(local: NaiveDateTime, step: i64, zone: Tz) -> i64 {
    let exists = |hour: i64| {
        let beside = local.checked_add_signed(TimeDelta::hours(step * hour))?;
        Some(zone.from_local_datetime(&beside).latest()?.offset().fix().local_minus_utc())
    };
    let offset = (1..=WIDEST_GAP).find_map(exists).unwrap_or(0);
    local.and_utc().timestamp_millis() - i64::from(offset) * 1000
}

/// Days that are remembered at a time.
const REMEMBERED: usize = 512;
/// Seconds of a day, and of the widest offset with a margin.
const DAY: i64 = 86_400;
const WIDEST_OFFSET: i64 = 15 * 3_600;

/// A zone with a memory of the days on which its offset stays the same: nearly all, and exports hold thousands of times of each.
#[derive(Debug, Clone)]
pub struct ZoneMemory {
    zone: Tz,
    /// Day and its offset in seconds, at the place of the day's number; `None` for a day near a change.
    days: Vec<(i32, Option<i64>)>,
}

impl ZoneMemory {
    /// A zone without memories.
    pub fn new(zone: Tz) -> ZoneMemory {
        ZoneMemory { zone, days: Vec::new() }
    }

    /// What [`to_utc_millis`] says.
    pub fn to_utc_millis(&mut self, local: NaiveDateTime) -> i64 {
        self.readings(local).before
    }

    /// What [`readings`] says.
    pub fn readings(&mut self, local: NaiveDateTime) -> Readings {
        match self.offset_of(day_number(local.date())) {
            Some(offset) => {
                let millis = local.and_utc().timestamp_millis() - offset * 1000;
                Readings { before: millis, after: millis }
            }
            None => readings(local, self.zone),
        }
    }

    /// What [`local_day`] says.
    pub fn local_day(&mut self, millis: i64) -> i32 {
        let offset = i32::try_from(millis.div_euclid(DAY * 1000)).ok().and_then(|day| self.offset_of(day));
        match offset {
            Some(offset) => (millis + offset * 1000).div_euclid(DAY * 1000) as i32,
            None => local_day(millis, self.zone),
        }
    }

    fn offset_of(&mut self, day: i32) -> Option<i64> {
        if self.days.is_empty() {
            self.days = vec![(i32::MIN, None); REMEMBERED];
        }
        let place = day.rem_euclid(REMEMBERED as i32) as usize;
        if self.days[place].0 != day {
            self.days[place] = (day, steady_offset(day, self.zone));
        }
        self.days[place].1
    }
}

/// The offset of a day in seconds when it is the same all day long, whether the day is one of UTC or of the zone. Asked every hour:
/// no zone changes twice within one.
fn steady_offset(day: i32, zone: Tz) -> Option<i64> {
    let midnight = i64::from(day) * DAY;
    let offset_at = |second: i64| {
        let instant = DateTime::from_timestamp(second, 0)?;
        Some(i64::from(zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()))
    };
    let mut seconds = (midnight - WIDEST_OFFSET..=midnight + DAY + WIDEST_OFFSET).step_by(3_600);
    let first = offset_at(seconds.next()?)?;
    seconds.all(|second| offset_at(second) == Some(first)).then_some(first)
}

/// The time of day of an instant in `zone`; `None` beyond the calendar of chrono.
pub fn local_time(millis: i64, zone: Tz) -> Option<NaiveTime> {
    Some(DateTime::from_timestamp_millis(millis)?.with_timezone(&zone).time())
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
        let later = |text| local_text(readings(local(text), zone).after, zone);
        assert_eq!(later("2026-03-29 02:30:00"), "2026-03-29 01:30:00");
        assert_eq!(readings(local("2026-10-25 02:30:00"), zone).after, repeated + 3_600_000);
        let plain = readings(local("2026-10-25 03:30:00"), zone);
        assert_eq!(plain.before, plain.after);
    }

    #[test]
    fn gaps_far_east_and_gaps_of_a_day() {
        let both = |text, zone: Tz| {
            let readings = readings(local(text), zone);
            (local_text(readings.before, zone), local_text(readings.after, zone))
        };
        let expected = ("2026-10-04 03:30:00".to_owned(), "2026-10-04 01:30:00".to_owned());
        assert_eq!(both("2026-10-04 02:30:00", chrono_tz::Australia::Sydney), expected);
        // the day that Samoa left out: 24 hours on, or back
        let expected = ("2011-12-31 12:00:00".to_owned(), "2011-12-29 12:00:00".to_owned());
        assert_eq!(both("2011-12-30 12:00:00", chrono_tz::Pacific::Apia), expected);
    }

    #[test]
    fn a_zone_with_a_memory_says_the_same() {
        for zone in ["Europe/Prague", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Pacific/Kiritimati"]
        {
            let zone: Tz = zone.parse().unwrap();
            let mut memory = ZoneMemory::new(zone);
            // 47 minutes apart, over two years; Apia left out 2011-12-30
            for step in 0..23_000 {
                let millis = 1_293_840_000_000 + step * 47 * 60_000;
                assert_eq!(memory.local_day(millis), local_day(millis, zone), "{zone} {millis}");
                let local = DateTime::from_timestamp_millis(millis).unwrap().naive_utc();
                assert_eq!(memory.readings(local), readings(local, zone), "{zone} {local}");
            }
            for far in [i64::MAX, i64::MIN, -62_167_219_200_000] {
                assert_eq!(memory.local_day(far), local_day(far, zone));
            }
        }
    }

    #[test]
    fn days_there_and_back() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap();
        assert_eq!(date_of(day_number(date)), Some(date));
        assert_eq!(day_number(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()), 0);
    }
}
