//! `[[golden.confirmation]]`: until when an order must be confirmed.

use chrono::{DateTime, NaiveDateTime};
use chrono_tz::Tz;

use crate::base::zone::to_utc_millis;
use crate::golden::account::{ask, pipeline};
use crate::golden::{Bench, Facts};
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::written::golden::GivenConfirmation;
use crate::pipeline::{Account, Pipeline};

const FORM: &str = "%Y-%m-%d %H:%M:%S";

pub(super) fn facts(bench: &Bench, given: &GivenConfirmation) -> Result<Facts, String> {
    let opened = NaiveDateTime::parse_from_str(&given.opened, FORM).map_err(|error| error.to_string())?;
    let overrides = PolicyEntry { confirm_clock: given.clock, ..PolicyEntry::default() };
    let pipeline = with_calendar(pipeline(bench, &given.currency, None, overrides)?, bench, given)?;
    let by = ask(&pipeline, opened.date(), |accounts, account| {
        Ok(accounts.confirm_by(account, to_utc_millis(opened, account.timezone)))
    })?;
    let text =
        by.and_then(DateTime::from_timestamp_millis).map(|at| at.with_timezone(&Tz::UTC).format(FORM).to_string());
    Ok(Facts::from([("by", text.unwrap_or_else(|| "none".to_owned()))]))
}

/// The calendar that the example names takes the place of the payer's.
fn with_calendar(pipeline: Pipeline, bench: &Bench, given: &GivenConfirmation) -> Result<Pipeline, String> {
    let Some(name) = &given.calendar else { return Ok(pipeline) };
    let calendar = bench.named(name).and_then(|pack| pack.calendar.clone());
    let calendar = calendar.ok_or_else(|| format!("no calendar {name}"))?;
    let of = |account: &Account| Account { calendar: Some(calendar.clone()), ..account.clone() };
    Ok(Pipeline { accounts: pipeline.accounts.iter().map(|account| of(account).into()).collect(), ..pipeline })
}
