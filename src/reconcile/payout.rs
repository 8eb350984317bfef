//! Payout dates: pure functions on civil dates (rulebook §3.2, §3.3). A billing date is never moved; only the day the money is
//! sent is, to the next working day.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::base::business_calendar::{BeyondCalendar, BusinessCalendar};
use crate::pipeline::policy::PolicyEntry;
use crate::vocab::Cutoff;

/// When an order is billed and paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PayoutDates {
    /// First day the order may be billed.
    pub billing_on: Option<NaiveDate>,
    /// Day the money is sent.
    pub payout_on: Option<NaiveDate>,
    /// The other day that a contested cut-off allows.
    pub alternative: Option<NaiveDate>,
    /// Last day of grace after both, or after the release of what is paid on demand.
    pub overdue_on: Option<NaiveDate>,
}

impl PayoutDates {
    /// The day from which the money is due: the payout date, or the release of what is paid on demand.
    pub fn due_on(&self) -> Option<NaiveDate> {
        self.payout_on.or(self.billing_on.filter(|_| self.overdue_on.is_some()))
    }
}

/// The day for which the payout days are asked: the billing date, later by the days that a payout takes (`payout_lag_days`).
pub fn asked_day(policy: &PolicyEntry, billing: NaiveDate) -> NaiveDate {
    billing + Days::new(u64::from(policy.payout_lag_days.unwrap_or(0)))
}

/// The nominal payout day of a billing date, before it is moved to a working day.
///
/// `payout_days` are days of the month in ascending order; a month without such a day (31 in April) has none.
pub fn nominal_payout_day(billing: NaiveDate, payout_days: &[u32], cutoff: Cutoff) -> Option<NaiveDate> {
    match cutoff {
        Cutoff::SameDay => first_payout_day(billing, payout_days),
        Cutoff::DayBefore => first_payout_day(billing + Days::new(1), payout_days),
        Cutoff::CalendarDecade => {
            let (first, later) = payout_days.split_first()?;
            match later.iter().find(|day| billing.day() < **day) {
                Some(day) => billing.with_day(*day),
                None => billing.with_day(1)?.checked_add_months(Months::new(1))?.with_day(*first),
            }
        }
    }
}

/// The first payout day on or after `from`.
fn first_payout_day(from: NaiveDate, payout_days: &[u32]) -> Option<NaiveDate> {
    let month = from.with_day(1)?;
    [month, month.checked_add_months(Months::new(1))?]
        .into_iter()
        .flat_map(|month| payout_days.iter().filter_map(move |day| month.with_day(*day)))
        .find(|day| *day >= from)
}

/// The first day after `after` on which money is sent; `None` where no month has a payout day.
///
/// A payout day that moves over a weekend is still to come while its money is not sent.
///
/// # Errors
/// When the calendar does not cover a date that is needed.
pub fn next_payout(
    after: NaiveDate,
    payout_days: &[u32],
    calendar: &BusinessCalendar,
) -> Result<Option<NaiveDate>, BeyondCalendar> {
    let mut from = after - Months::new(1);
    while let Some(nominal) = first_payout_day(from, payout_days) {
        let sent = calendar.on_or_after(nominal)?;
        if sent > after {
            return Ok(Some(sent));
        }
        from = nominal + Days::new(1);
    }
    Ok(None)
}

/// Payout date and its alternative for a billing date.
///
/// Where the cut-off is contested (`tolerance`), `day_before` and `calendar_decade` each accept the other's date.
///
/// # Errors
/// When the calendar does not cover a date that is needed.
pub fn payout_dates(
    billing: NaiveDate,
    payout_days: &[u32],
    cutoff: Cutoff,
    tolerance: bool,
    calendar: &BusinessCalendar,
) -> Result<(Option<NaiveDate>, Option<NaiveDate>), BeyondCalendar> {
    let sent =
        |cutoff| nominal_payout_day(billing, payout_days, cutoff).map(|day| calendar.on_or_after(day)).transpose();
    let payout_on = sent(cutoff)?;
    let other = match (tolerance, cutoff) {
        (true, Cutoff::DayBefore) => sent(Cutoff::CalendarDecade)?,
        (true, Cutoff::CalendarDecade) => sent(Cutoff::DayBefore)?,
        _ => None,
    };
    Ok((payout_on, other.filter(|other| Some(*other) != payout_on)))
}

/// The day of the next invoice that can bill an order received on a day: so many whole periods after the last one that was read; without
/// one, a period after the receipt at the latest.
pub fn next_invoice(received: i32, last: Option<i32>, period: i32) -> i32 {
    match last {
        Some(last) if period > 0 => {
            let periods = (received - last).max(0) / period + 1;
            last + periods * period
        }
        _ => received + period,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const DAYS: &[u32] = &[2, 11, 21];

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar() -> BusinessCalendar {
        BusinessCalendar {
            name: "cz".into(),
            from: day("2000-01-01"),
            to: day("2040-12-31"),
            rest_days: BTreeMap::from([(day("2025-04-21"), "Easter Monday".into())]),
        }
    }

    fn payout(received: &str, cutoff: Cutoff) -> (String, String, Option<String>) {
        let billing = day(received) + Days::new(19);
        let (payout, other) = payout_dates(billing, DAYS, cutoff, true, &calendar()).unwrap();
        (billing.to_string(), payout.unwrap().to_string(), other.map(|day| day.to_string()))
    }

    #[test]
    fn worked_examples_x01_x02_x03_x05_x06() {
        assert_eq!(payout("2026-11-09", Cutoff::DayBefore), ("2026-11-28".into(), "2026-12-02".into(), None));
        assert_eq!(payout("2026-11-20", Cutoff::DayBefore), ("2026-12-09".into(), "2026-12-11".into(), None));
        assert_eq!(payout("2025-03-26", Cutoff::DayBefore), ("2025-04-14".into(), "2025-04-22".into(), None));
        assert_eq!(
            payout("2026-02-10", Cutoff::DayBefore),
            ("2026-03-01".into(), "2026-03-02".into(), Some("2026-03-11".into()))
        );
        assert_eq!(payout("2026-02-10", Cutoff::CalendarDecade).1, "2026-03-11");
        assert_eq!(payout("2026-02-11", Cutoff::DayBefore).1, "2026-03-11");
        assert_eq!(payout("2026-02-11", Cutoff::SameDay).1, "2026-03-02");
    }

    #[test]
    fn the_next_payout_is_the_next_day_on_which_money_is_sent() {
        let next = |after: &str| next_payout(day(after), DAYS, &calendar()).unwrap().unwrap().to_string();
        assert_eq!(next("2026-11-10"), "2026-11-11");
        assert_eq!(next("2026-11-11"), "2026-11-23");
        // 21 November 2026 is a Saturday: its money is sent on Monday.
        assert_eq!(next("2026-11-21"), "2026-11-23");
        assert_eq!(next("2026-11-23"), "2026-12-02");
        assert_eq!(next("2026-12-31"), "2027-01-04");
        assert_eq!(next_payout(day("2026-11-10"), &[], &calendar()), Ok(None));
        assert!(next_payout(day("2040-12-30"), DAYS, &calendar()).is_err());
    }

    #[test]
    fn the_table_of_the_three_models() {
        let expected = [
            (1, 2, 11, 2),
            (2, 11, 11, 2),
            (3, 11, 11, 11),
            (10, 11, 11, 11),
            (11, 21, 21, 11),
            (12, 21, 21, 21),
            (20, 21, 21, 21),
        ];
        for (billing, day_before, decade, same) in expected {
            let billing = NaiveDate::from_ymd_opt(2026, 7, billing).unwrap();
            for (cutoff, wanted) in
                [(Cutoff::DayBefore, day_before), (Cutoff::CalendarDecade, decade), (Cutoff::SameDay, same)]
            {
                let nominal = nominal_payout_day(billing, DAYS, cutoff).unwrap();
                assert_eq!((nominal.month(), nominal.day()), (7, wanted), "{billing} {cutoff}");
            }
        }
        for billing in [21, 22, 31] {
            let billing = NaiveDate::from_ymd_opt(2026, 7, billing).unwrap();
            let next = |cutoff| nominal_payout_day(billing, DAYS, cutoff).unwrap().to_string();
            assert_eq!(next(Cutoff::DayBefore), "2026-08-02");
            assert_eq!(next(Cutoff::CalendarDecade), "2026-08-02");
            assert_eq!(next(Cutoff::SameDay), if billing.day() == 21 { "2026-07-21" } else { "2026-08-02" });
        }
    }

    /// Brute force: walk day by day from the billing date and take the first day that the model's own words allow.
    fn walk(billing: NaiveDate, cutoff: Cutoff) -> NaiveDate {
        let mut day = billing;
        loop {
            let passed = match cutoff {
                Cutoff::SameDay => day >= billing,
                Cutoff::DayBefore => day > billing,
                Cutoff::CalendarDecade => decade_of(day) > decade_of(billing),
            };
            if passed && DAYS.contains(&day.day()) {
                return day;
            }
            day = day + Days::new(1);
        }
    }

    /// Number of the payout window that holds a day: windows begin on the 1st, the 11th and the 21st of each month.
    fn decade_of(day: NaiveDate) -> i32 {
        (day.year() * 12 + day.month0() as i32) * 3 + ((day.day() - 1) / 10).min(2) as i32
    }

    #[test]
    fn every_day_from_2000_to_2040_equals_a_walk_and_never_goes_back() {
        for cutoff in [Cutoff::DayBefore, Cutoff::CalendarDecade, Cutoff::SameDay] {
            let mut last = day("2000-01-01");
            let mut billing = day("2000-01-01");
            while billing < day("2040-11-01") {
                let nominal = nominal_payout_day(billing, DAYS, cutoff).unwrap();
                assert_eq!(nominal, walk(billing, cutoff), "{billing} {cutoff}");
                let sent = calendar().on_or_after(nominal).unwrap();
                assert!(sent >= last);
                last = sent;
                billing = billing + Days::new(1);
            }
        }
    }

    #[test]
    fn the_next_invoice_follows_the_cadence_of_those_read() {
        assert_eq!(next_invoice(100, None, 14), 114);
        assert_eq!(next_invoice(100, Some(98), 14), 112);
        assert_eq!(next_invoice(112, Some(98), 14), 126, "an invoice of the same day bills what was received before");
        assert_eq!(next_invoice(90, Some(98), 14), 112, "the last one left it out");
        assert_eq!(next_invoice(100, Some(98), 0), 100);
    }
}
