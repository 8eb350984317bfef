//! An account of the pack under trial, as a pipeline would make it.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::base::as_of::AsOf;
use crate::golden::Bench;
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::{Account, Pipeline, TextRule};
use crate::reconcile::accounts::Accounts;

const NAME: &str = "golden";

/// A pipeline with one account: common policies, the pack's, those of a profile of it, then `overrides`.
pub(super) fn pipeline(
    bench: &Bench,
    currency: &str,
    profile: Option<&str>,
    overrides: PolicyEntry,
) -> Result<Pipeline, String> {
    let account = account(bench, currency, profile, overrides)?;
    Ok(Pipeline { accounts: vec![Arc::new(account)], ..Pipeline::default() })
}

fn account(bench: &Bench, currency: &str, profile: Option<&str>, overrides: PolicyEntry) -> Result<Account, String> {
    let pack = &bench.read.pack;
    let common = bench.named("common").map(|common| common.policies.entries.clone());
    let mut entries = common.unwrap_or_default();
    entries.extend(pack.policies.entries.iter().cloned());
    if let Some(name) = profile {
        let profile = pack.profiles.get(name).ok_or_else(|| format!("no profile `{name}` in {}", pack.name))?;
        entries.extend(profile.iter().cloned());
    }
    entries.push(overrides);
    let calendar = pack.payout_calendar.get(currency).and_then(|name| bench.named(name)?.calendar.clone());
    Ok(Account {
        name: NAME.to_owned(),
        marketplace: pack.name.clone(),
        pack: pack.clone(),
        currency: currency.to_owned(),
        timezone: Tz::UTC,
        traits: pack.traits.clone(),
        policies: PolicyBook { entries },
        calendar,
        complete: false,
        own_delivery_activation_date: None,
    })
}

/// An account as the example of a rule is judged for: with the traits that the rule needs, in the currency of the pack's payer.
pub(super) fn trying(bench: &Bench, rule: &TextRule) -> Option<Account> {
    let currency = bench.read.pack.payout_calendar.keys().next().map_or("CZK", String::as_str);
    // Without a profile, nothing can be missing.
    let account = account(bench, currency, None, PolicyEntry::default()).ok()?;
    let marketplace = rule.marketplace.clone().unwrap_or_default();
    let traits = account.traits.iter().chain(&rule.written.needs).copied().collect();
    Some(Account { marketplace, traits, ..account })
}

/// Asks the accounts of such a pipeline.
pub(super) fn ask<'run, T>(
    pipeline: &'run Pipeline,
    on: NaiveDate,
    question: impl FnOnce(&Accounts<'run>, &'run Account) -> Result<T, String>,
) -> Result<T, String> {
    let accounts = Accounts::new(pipeline, AsOf(on));
    let account = accounts.get(NAME).ok_or("no account")?;
    let answer = question(&accounts, account)?;
    match accounts.short_calendars().first() {
        Some(short) => Err(short.beyond.to_string()),
        None => Ok(answer),
    }
}
