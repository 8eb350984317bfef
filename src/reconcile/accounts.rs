//! Accounts by name, with their dated policies remembered: a policy is resolved once per account and day.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::base::as_of::AsOf;
use crate::base::business_calendar::BeyondCalendar;
use crate::base::map::Map;
use crate::base::zone::{date_of, day_number, local_day};
use crate::pipeline::policy::{Policy, PolicyEntry};
use crate::pipeline::{Account, Pipeline};
use crate::reconcile::payout::{PayoutDates, asked_day, next_payout, payout_dates};
use crate::vocab::{ConfirmClock, OrderStatus, Trait, Word};

/// Something per account and day.
type ByAccount<'run, T> = Map<&'run str, Map<i32, T>>;

/// A calendar that ended before a date that the orders of an account need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortCalendar {
    /// The account.
    pub account: String,
    /// The calendar, and the first day that was needed and is not covered.
    pub beyond: BeyondCalendar,
}

/// Statuses of an order that was sold, whether or not it has arrived.
const SOLD: &[OrderStatus] = &[
    OrderStatus::New,
    OrderStatus::Accepted,
    OrderStatus::Packing,
    OrderStatus::ReadyForPickup,
    OrderStatus::Shipped,
    OrderStatus::Delivered,
    OrderStatus::Unknown,
];

/// Accounts and what was already worked out for them.
pub struct Accounts<'run> {
    pipeline: &'run Pipeline,
    by_name: Map<&'run str, &'run Arc<Account>>,
    /// The as-of day.
    pub as_of: AsOf,
    policies: RefCell<ByAccount<'run, Arc<Policy>>>,
    dates: RefCell<ByAccount<'run, PayoutDates>>,
    short: RefCell<Vec<ShortCalendar>>,
}

/// The first day from Monday to Friday on or after a day.
fn weekday_from(day: NaiveDate) -> NaiveDate {
    day.iter_days().find(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).unwrap_or(day)
}

/// So many days from Monday to Friday later.
fn add_weekdays(day: NaiveDate, count: u32) -> NaiveDate {
    let is_weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let mut later = day.iter_days().skip(1).filter(is_weekday);
    count.checked_sub(1).and_then(|before| later.nth(before as usize)).unwrap_or(day)
}

/// The billing date: `hold` days after a day, which itself is day 0, or the first of them (A5).
fn end_of_hold(policy: &PolicyEntry, day: NaiveDate, hold: u32) -> NaiveDate {
    let first = u32::from(policy.count_day_zero.unwrap_or(false));
    day + chrono::Days::new(u64::from(hold.saturating_sub(first)))
}

impl<'run> Accounts<'run> {
    /// The accounts of a pipeline.
    pub fn new(pipeline: &'run Pipeline, as_of: AsOf) -> Accounts<'run> {
        Accounts {
            pipeline,
            by_name: pipeline.accounts.iter().map(|account| (account.name.as_str(), account)).collect(),
            as_of,
            policies: RefCell::default(),
            dates: RefCell::default(),
            short: RefCell::default(),
        }
    }

    /// The pipeline.
    pub fn pipeline(&self) -> &'run Pipeline {
        self.pipeline
    }

    /// The account of this name.
    pub fn get(&self, name: &str) -> Option<&'run Arc<Account>> {
        self.by_name.get(name).copied()
    }

    /// The pack's short name of an account, or empty.
    pub fn marketplace(&self, name: &str) -> &'run str {
        self.get(name).map_or("", |account| account.marketplace.as_str())
    }

    /// The currency of an account, or empty.
    pub fn currency(&self, name: &str) -> &'run str {
        self.get(name).map_or("", |account| account.currency.as_str())
    }

    /// The policy of an account on a day (a day number; the as-of day when there is none).
    pub fn policy(&self, account: &'run Account, day: Option<i32>) -> Arc<Policy> {
        let day = day.unwrap_or_else(|| day_number(self.as_of.0));
        let mut policies = self.policies.borrow_mut();
        let days = policies.entry(&account.name).or_default();
        days.entry(day).or_insert_with(|| Arc::new(account.policy(date_of(day).unwrap_or(self.as_of.0)))).clone()
    }

    /// Something says when an order of the account is billed, by the policy of the as-of day.
    pub fn says_when(&self, account: &'run Account) -> bool {
        let policy = self.policy(account, None);
        account.has(Trait::InvoicesByPeriod) || account.has(Trait::PaysByCalendar) && policy.entry.hold_days.is_some()
    }

    /// Whether a status makes an order billable by the policy of the day.
    pub fn is_billable(&self, account: &'run Account, status: &str, day: Option<i32>) -> bool {
        let policy = self.policy(account, day);
        let by_receipt = || if policy.entry.hold_from.is_some() { SOLD } else { &[OrderStatus::Delivered] };
        let billable = policy.entry.billable.as_deref().unwrap_or_else(by_receipt);
        billable.iter().any(|word| word.text() == status)
    }

    /// Billing and payout dates of an order received on a day.
    pub fn payout_dates(&self, account: &'run Account, received: i32) -> PayoutDates {
        if let Some(known) = self.dates.borrow().get(account.name.as_str()).and_then(|days| days.get(&received)) {
            return *known;
        }
        let dates = self.or_short(account, self.work_out_dates(account, received));
        self.dates.borrow_mut().entry(&account.name).or_default().insert(received, dates);
        dates
    }

    /// Billing and payout dates of an order that was sent on a day without tracking; `None` where the policy has no hold for it.
    pub fn payout_dates_untracked(&self, account: &'run Account, sent: i32) -> Option<PayoutDates> {
        let hold = self.policy(account, Some(sent)).entry.hold_days_untracked?;
        let billing = end_of_hold(&self.policy(account, Some(sent)).entry, date_of(sent)?, hold);
        Some(self.or_short(account, self.after_hold(account, billing)))
    }

    fn or_short(&self, account: &Account, dates: Result<PayoutDates, BeyondCalendar>) -> PayoutDates {
        dates.unwrap_or_else(|beyond| {
            self.short.borrow_mut().push(ShortCalendar { account: account.name.clone(), beyond });
            PayoutDates::default()
        })
    }

    /// The payout date that a billing date belongs to; `None` without a payout calendar, or beyond it.
    pub fn payout_of_billing(&self, account: &'run Account, billing: i32) -> Option<i32> {
        let policy = self.policy(account, Some(billing));
        let (days, cutoff) = (policy.entry.payout_days.as_deref()?, policy.entry.cutoff?);
        match payout_dates(asked_day(&policy.entry, date_of(billing)?), days, cutoff, false, account.calendar.as_ref()?)
        {
            Ok((payout_on, _)) => payout_on.map(day_number),
            Err(beyond) => {
                self.short.borrow_mut().push(ShortCalendar { account: account.name.clone(), beyond });
                None
            }
        }
    }

    /// The first payout date after a day, by the policy of that day; `None` without one, or beyond the calendar.
    pub fn next_payout(&self, account: &'run Account, after: i32) -> Option<i32> {
        let policy = self.policy(account, Some(after));
        let (days, calendar) = (policy.entry.payout_days.as_deref()?, account.calendar.as_ref()?);
        match next_payout(date_of(after)?, days, calendar) {
            Ok(day) => day.map(day_number),
            Err(beyond) => {
                self.short.borrow_mut().push(ShortCalendar { account: account.name.clone(), beyond });
                None
            }
        }
    }

    /// The first day from a due date on which the account's marketplace pays: a working day of its calendar, else Monday to Friday; `None`
    /// beyond the calendar.
    pub fn paying_day(&self, account: &'run Account, due: i32) -> Option<NaiveDate> {
        let due = date_of(due)?;
        match account.calendar.as_ref().map(|calendar| calendar.on_or_after(due)) {
            None => Some(weekday_from(due)),
            Some(Ok(day)) => Some(day),
            Some(Err(beyond)) => {
                self.short.borrow_mut().push(ShortCalendar { account: account.name.clone(), beyond });
                None
            }
        }
    }

    /// Until when an order must be confirmed that was opened at an instant, both in milliseconds UTC, by the policy of that day; `None`
    /// where it may be at any time, or beyond the calendar.
    pub fn confirm_by(&self, account: &'run Account, opened: i64) -> Option<i64> {
        let policy = self.policy(account, Some(local_day(opened, account.timezone)));
        let hours = i64::from(policy.entry.confirm_hours?) * 3_600_000;
        match policy.entry.confirm_clock.unwrap_or(ConfirmClock::Clock) {
            ConfirmClock::Clock => Some(opened + hours),
            ConfirmClock::Business => {
                match account.calendar.as_ref()?.add_working_time(opened, hours, account.timezone) {
                    Ok(by) => Some(by),
                    Err(beyond) => {
                        self.short.borrow_mut().push(ShortCalendar { account: account.name.clone(), beyond });
                        None
                    }
                }
            }
        }
    }

    /// Last working day on which what follows from the return of a delivered parcel may still become known (ST-020); any weekday is one
    /// where the account has no calendar. `None` where the policy sets no days, or beyond the calendar.
    pub fn after_return(&self, account: &'run Account, back: i32) -> Option<NaiveDate> {
        let days = self.policy(account, None).entry.return_settled_days?;
        self.working_days_after(account, date_of(back)?, days)
    }

    /// The day `count` working days after a day; any weekday is one where the account has no calendar. `None` beyond the calendar.
    pub fn working_days_after(&self, account: &Account, day: NaiveDate, count: u32) -> Option<NaiveDate> {
        let Some(calendar) = &account.calendar else { return Some(add_weekdays(day, count)) };
        match calendar.add_working_days(day, count) {
            Ok(later) => Some(later),
            Err(beyond) => {
                self.short.borrow_mut().push(ShortCalendar { account: account.name.clone(), beyond });
                None
            }
        }
    }

    fn work_out_dates(&self, account: &'run Account, received: i32) -> Result<PayoutDates, BeyondCalendar> {
        let policy = self.policy(account, Some(received));
        let Some(day) = date_of(received) else { return Ok(PayoutDates::default()) };
        if account.has(Trait::PaysByCalendar) {
            match policy.entry.hold_days {
                Some(hold) => self.after_hold(account, end_of_hold(&policy.entry, day, hold)),
                None => Ok(PayoutDates::default()),
            }
        } else if account.has(Trait::InvoicesByPeriod) {
            let wait = policy.entry.billing_period.unwrap_or(0) + policy.entry.due_days.unwrap_or(0);
            let due = day + chrono::Days::new(u64::from(wait));
            let payout_on = Some(match &account.calendar {
                Some(calendar) => calendar.on_or_after(due)?,
                None => weekday_from(due),
            });
            Ok(PayoutDates { billing_on: Some(day), payout_on, alternative: None, overdue_on: payout_on })
        } else {
            Ok(PayoutDates::default())
        }
    }

    /// Payout dates of a billing date: the hold is that of the received day, the schedule of payouts that of the billing date.
    /// A marketplace without payout days pays on demand: it has no payout date, and the billing date is the release.
    fn after_hold(&self, account: &'run Account, billing: NaiveDate) -> Result<PayoutDates, BeyondCalendar> {
        let policy = self.policy(account, Some(day_number(billing)));
        let grace = policy.entry.payout_grace_days.unwrap_or(0);
        let Some(days) = &policy.entry.payout_days else {
            // Paid on demand: the money is there from the release on.
            let overdue_on = match &account.calendar {
                Some(calendar) => calendar.add_working_days(billing, grace)?,
                None => add_weekdays(billing, grace),
            };
            return Ok(PayoutDates {
                billing_on: Some(billing),
                overdue_on: Some(overdue_on),
                ..PayoutDates::default()
            });
        };
        let (Some(cutoff), Some(calendar)) = (policy.entry.cutoff, &account.calendar) else {
            return Ok(PayoutDates { billing_on: Some(billing), ..PayoutDates::default() });
        };
        let tolerance = policy.entry.cutoff_tolerance.unwrap_or(false);
        let (payout_on, alternative) =
            payout_dates(asked_day(&policy.entry, billing), days, cutoff, tolerance, calendar)?;
        let overdue_on = payout_on.max(alternative).map(|last| calendar.add_working_days(last, grace)).transpose()?;
        Ok(PayoutDates { billing_on: Some(billing), payout_on, alternative, overdue_on })
    }

    /// Takes what others found of calendars that ended.
    pub fn remember(&self, short: Vec<ShortCalendar>) {
        self.short.borrow_mut().extend(short);
    }

    /// Calendars that ended before a date that was needed: for each account and calendar the first such date.
    pub fn short_calendars(&self) -> Vec<ShortCalendar> {
        let mut short = self.short.borrow().clone();
        let key = |short: &ShortCalendar| (short.account.clone(), short.beyond.calendar.clone());
        short.sort_by_key(|short| (key(short), short.beyond.day));
        short.dedup_by(|a, b| key(a) == key(b));
        short
    }
}
