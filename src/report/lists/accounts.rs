//! The accounts as the run saw them, with the policy of the as-of day: what `explain` needs to judge a rule offline.

use polars::prelude::{Column, DataFrame};

use crate::report::{Assessment, ReportError};
use crate::vocab::Word;

/// Name of the frame.
pub const NAME: &str = "accounts";

/// One row per account. `traits` are separated by blanks; `policy` is a JSON object of the keys that are set.
///
/// # Errors
/// A policy that is no JSON, two columns of one name: never.
pub fn frame(run: &Assessment<'_>) -> Result<DataFrame, ReportError> {
    let accounts = &run.pipeline.accounts;
    let policies = accounts.iter().map(|account| {
        let mut policy = serde_json::to_value(&account.policy(run.as_of).entry)?;
        if let Some(keys) = policy.as_object_mut() {
            keys.retain(|_, value| !value.is_null());
        }
        Ok(policy.to_string())
    });
    let policies: serde_json::Result<Vec<String>> = policies.collect();
    let policies = policies.map_err(|error| ReportError::Json { what: "a policy".into(), cause: error.to_string() })?;
    let traits = accounts.iter().map(|account| {
        let words: Vec<&str> = account.traits.iter().map(|word| word.text()).collect();
        words.join(" ")
    });
    let activation = accounts.iter().map(|account| account.own_delivery_activation_date.map(|day| day.to_string()));
    let text = |name: &str, values: Vec<String>| Column::new(name.into(), values);
    Ok(DataFrame::new(
        accounts.len(),
        vec![
            text("account", accounts.iter().map(|account| account.name.clone()).collect()),
            text("marketplace", accounts.iter().map(|account| account.marketplace.clone()).collect()),
            text("currency", accounts.iter().map(|account| account.currency.clone()).collect()),
            text("timezone", accounts.iter().map(|account| account.timezone.name().to_owned()).collect()),
            text("traits", traits.collect()),
            Column::new("complete".into(), accounts.iter().map(|account| account.complete).collect::<Vec<_>>()),
            Column::new("own_delivery_activation_date".into(), activation.collect::<Vec<_>>()),
            text("policy", policies),
        ],
    )?)
}
