//! `[[golden.payout]]`: when an order is billed and paid.

use chrono::NaiveDate;

use crate::base::zone::day_number;
use crate::golden::account::{ask, pipeline};
use crate::golden::{Bench, Facts};
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::written::golden::GivenPayout;

pub(super) fn facts(bench: &Bench, given: &GivenPayout) -> Result<Facts, String> {
    let overrides = PolicyEntry { cutoff: given.cutoff, ..PolicyEntry::default() };
    let pipeline = pipeline(bench, &given.currency, given.profile.as_deref(), overrides)?;
    let on = given.received.or(given.sent_untracked).ok_or("no `received` and no `sent_untracked`")?;
    let dates = ask(&pipeline, on, |accounts, account| match given.sent_untracked {
        Some(sent) => {
            let dates = accounts.payout_dates_untracked(account, day_number(sent));
            dates.ok_or_else(|| "no policy for orders without tracking".to_owned())
        }
        None => Ok(accounts.payout_dates(account, day_number(on))),
    })?;
    let text = |day: Option<NaiveDate>| day.map_or_else(|| "none".to_owned(), |day| day.to_string());
    Ok(Facts::from([
        ("billing", text(dates.billing_on)),
        ("payout", text(dates.payout_on)),
        ("alternative", text(dates.alternative)),
        ("overdue", text(dates.overdue_on)),
    ]))
}
