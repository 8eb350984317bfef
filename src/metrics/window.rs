//! Windows of a metric: civil days, both ends inclusive (S3, A20, A21).

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::vocab::Window;

/// A range of days with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// Which window.
    pub window: Window,
    /// First day, inclusive.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
}

/// First day of the month of `day`.
pub fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn month_end(start: NaiveDate) -> NaiveDate {
    start + Months::new(1) - Days::new(1)
}

/// The windows to report, none of which goes beyond as-of: each month that has an order, the last month that ended by as-of, the running month, the last seven days,
/// which end `week_lag` days before as-of.
pub fn windows(days: impl IntoIterator<Item = NaiveDate>, as_of: NaiveDate, week_lag: u32) -> Vec<Range> {
    let months: BTreeSet<NaiveDate> = days.into_iter().map(month_start).collect();
    let running = month_start(as_of);
    let is_last_day = month_end(running) == as_of;
    let closed = if is_last_day { running } else { running - Months::new(1) };
    let mut ranges: Vec<Range> =
        months.into_iter().map(|from| Range { window: Window::Month, from, to: month_end(from).min(as_of) }).collect();
    ranges.push(Range { window: Window::LastClosedMonth, from: closed, to: month_end(closed) });
    ranges.push(Range { window: Window::MonthToDate, from: running, to: as_of });
    let week_end = as_of - Days::new(u64::from(week_lag));
    ranges.push(Range { window: Window::Last7Days, from: week_end - Days::new(6), to: week_end });
    ranges
}

impl Range {
    /// Whether a day lies in it.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// A calendar month that ended by as-of.
    pub fn is_closed(&self, as_of: NaiveDate) -> bool {
        matches!(self.window, Window::Month | Window::LastClosedMonth) && month_end(self.from) <= as_of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_closed_at_the_end_of_its_last_day() {
        let closed = |as_of: &str| {
            let ranges = windows([], day(as_of), 0);
            ranges.iter().find(|range| range.window == Window::LastClosedMonth).unwrap().from.to_string()
        };
        assert_eq!(closed("2026-11-30"), "2026-11-01");
        assert_eq!(closed("2026-11-29"), "2026-10-01");
    }

    #[test]
    fn seven_days_end_today() {
        let ranges = windows([day("2026-10-05")], day("2026-12-11"), 0);
        let week = ranges.iter().find(|range| range.window == Window::Last7Days).unwrap();
        assert_eq!((week.from, week.to), (day("2026-12-05"), day("2026-12-11")));
        assert!(week.holds(day("2026-12-05")) && !week.holds(day("2026-12-04")));
        assert_eq!(ranges[0].to, day("2026-10-31"));
        // A month that is not over ends with as-of, and is not closed.
        let running = windows([day("2026-12-05")], day("2026-12-11"), 0)[0];
        assert_eq!((running.from, running.to), (day("2026-12-01"), day("2026-12-11")));
        assert!(!running.is_closed(day("2026-12-11")) && ranges[0].is_closed(day("2026-12-11")));
        // A21: seven whole days, without the running one.
        let lagged = windows([], day("2026-12-11"), 1);
        let week = lagged.iter().find(|range| range.window == Window::Last7Days).unwrap();
        assert_eq!((week.from, week.to), (day("2026-12-04"), day("2026-12-10")));
    }
}
