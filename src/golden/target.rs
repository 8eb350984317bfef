//! `[[golden.target]]`: what a marketplace demands of a metric on a day, and whether figures reach it.

use crate::golden::account::{ask, pipeline};
use crate::golden::{Bench, Facts, yes_or_no};
use crate::metrics::target::{distance, meets};
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::written::golden::GivenTarget;

pub(super) fn facts(bench: &Bench, given: &GivenTarget) -> Result<Facts, String> {
    // No target depends on the currency.
    let pipeline = pipeline(bench, "", given.profile.as_deref(), PolicyEntry::default())?;
    let target =
        ask(&pipeline, given.on, |_, account| Ok(account.policy(given.on).entry.target.get(&given.metric).copied()))?;
    let Some(target) = target else { return Ok(Facts::from([("target", "none".to_owned())])) };
    let met = meets(target, given.numerator, given.denominator);
    Ok(Facts::from([
        ("target", format!("{} {} of {}", target.sense(), target.num, target.den)),
        ("met", met.map_or_else(|| "none".to_owned(), yes_or_no)),
        ("distance", distance(target, given.numerator, given.denominator).to_string()),
    ]))
}
