//! The accounts as the run saw them, with their dated policies: what `explain` needs to judge a rule offline.

use polars::prelude::{Column, DataFrame};
use serde_json::{Value, json};

use crate::report::{Assessment, ReportError};
use crate::vocab::Word;

/// Name of the frame.
pub const NAME: &str = "accounts";

/// One row per account. `traits` are separated by blanks; `policies` is a JSON array of `{author, entry}`, in the order in which later
/// entries win, each entry with the keys that it sets.
///
/// # Errors
/// A policy that is no JSON, two columns of one name: never.
pub fn frame(run: &Assessment<'_>) -> Result<DataFrame, ReportError> {
    let accounts = &run.pipeline.accounts;
    let policies = accounts.iter().map(|account| {
        let entries = account.policies.entries.iter().map(|entry| {
            let mut keys = serde_json::to_value(entry)?;
            if let Some(keys) = keys.as_object_mut() {
                keys.retain(|_, value| !value.is_null());
            }
            Ok(json!({"author": entry.author, "entry": keys}))
        });
        Ok(entries.collect::<serde_json::Result<Value>>()?.to_string())
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
            text("policies", policies),
        ],
    )?)
}
