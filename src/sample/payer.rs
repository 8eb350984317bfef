//! When a marketplace that pays by calendar sends the money: own arithmetic, so that the sample never trusts the engine it tests.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};

use crate::base::business_calendar::BusinessCalendar;
use crate::sample::SampleError;
use crate::sample::merchant::PayerPlan;

/// A payer with its working days.
#[derive(Debug, Clone)]
pub struct Payer {
    plan: PayerPlan,
    calendar: Arc<BusinessCalendar>,
}

/// One payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PayoutDay {
    /// Day of the plan, before it moves to a working day.
    pub nominal: NaiveDate,
    /// Day the money is sent.
    pub sent: NaiveDate,
}

impl Payer {
    /// A payer.
    pub fn new(plan: PayerPlan, calendar: Arc<BusinessCalendar>) -> Payer {
        Payer { plan, calendar }
    }

    /// First day the order may be billed: received plus the hold days, never moved (rulebook §3.2).
    pub fn billing(&self, received: NaiveDate) -> NaiveDate {
        received + Days::new(self.plan.hold_days)
    }

    /// The first payout day strictly after the billing date (rulebook §3.3, model A), on a working day.
    ///
    /// # Errors
    /// When the calendar ends before it.
    pub fn payout(&self, received: NaiveDate) -> Result<PayoutDay, SampleError> {
        let mut nominal = self.billing(received) + Days::new(1);
        while !self.is_payout_day(nominal) {
            nominal = nominal + Days::new(1);
        }
        Ok(PayoutDay { nominal, sent: self.calendar.on_or_after(nominal)? })
    }

    /// Whether the two published cut-off models pay an order on different days: billing dates on the first of a month.
    pub fn is_contested(&self, received: NaiveDate) -> bool {
        self.billing(received).day() == 1
    }

    /// First and last billing date that a payout covers.
    pub fn window(&self, nominal: NaiveDate) -> (NaiveDate, NaiveDate) {
        let mut before = nominal - Days::new(1);
        while !self.is_payout_day(before) {
            before = before - Days::new(1);
        }
        (before, nominal - Days::new(1))
    }

    /// Last day of grace after a payout.
    ///
    /// # Errors
    /// When the calendar ends before it.
    pub fn grace_end(&self, sent: NaiveDate) -> Result<NaiveDate, SampleError> {
        Ok(self.calendar.add_working_days(sent, self.plan.grace_days)?)
    }

    /// All payouts up to a day, ascending, from `first` on.
    ///
    /// # Errors
    /// When the calendar ends before them.
    pub fn payouts(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<PayoutDay>, SampleError> {
        let mut payouts = Vec::new();
        for nominal in first.iter_days().take_while(|day| *day <= last).filter(|day| self.is_payout_day(*day)) {
            let sent = self.calendar.on_or_after(nominal)?;
            if sent <= last {
                payouts.push(PayoutDay { nominal, sent });
            }
        }
        Ok(payouts)
    }

    /// Number of the statement of a payout.
    pub fn statement(&self, sent: NaiveDate) -> String {
        format!("{}-{}", self.plan.statement_prefix, sent.format("%Y%m%d"))
    }

    fn is_payout_day(&self, day: NaiveDate) -> bool {
        self.plan.payout_days.contains(&day.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::packs::Packs;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn payer() -> Payer {
        let plan = PayerPlan {
            calendar: "calendars/cz".into(),
            hold_days: 19,
            payout_days: vec![2, 11, 21],
            grace_days: 3,
            statement_prefix: "S".into(),
        };
        let calendar = Packs::default().calendar("calendars/cz").unwrap();
        Payer::new(plan, calendar)
    }

    fn dates(received: &str) -> (NaiveDate, NaiveDate) {
        let received = day(received);
        (payer().billing(received), payer().payout(received).unwrap().sent)
    }

    #[test]
    fn dates_of_x01_to_x06() {
        assert_eq!(dates("2026-11-09"), (day("2026-11-28"), day("2026-12-02")));
        assert_eq!(dates("2026-11-20"), (day("2026-12-09"), day("2026-12-11")));
        assert_eq!(dates("2025-03-26"), (day("2025-04-14"), day("2025-04-22")));
        assert_eq!(dates("2026-02-10"), (day("2026-03-01"), day("2026-03-02")));
        assert_eq!(dates("2026-02-11"), (day("2026-03-02"), day("2026-03-11")));
    }

    #[test]
    fn windows_touch_and_never_overlap() {
        assert_eq!(payer().window(day("2026-12-02")), (day("2026-11-21"), day("2026-12-01")));
        assert_eq!(payer().window(day("2026-12-11")), (day("2026-12-02"), day("2026-12-10")));
    }

    #[test]
    fn grace_of_the_last_payouts() {
        assert_eq!(payer().grace_end(day("2026-12-02")).unwrap(), day("2026-12-07"));
        assert_eq!(payer().grace_end(day("2026-12-11")).unwrap(), day("2026-12-16"));
    }
}
