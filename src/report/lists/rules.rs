//! The rules that ran: what `explain` needs to judge them offline, also those that the run had as text.

use polars::prelude::{Column, DataFrame};

use crate::report::{Assessment, ReportError};
use crate::rules::rule::{Body, Rule};

/// Name of the frame.
pub const NAME: &str = "rules";

/// One row per rule. `text` is the TOML of a rule written as text, `marketplace` the one whose accounts it concerns; both are empty
/// for the others.
///
/// # Errors
/// A rule that is no TOML, two columns of one name: never.
pub fn frame(run: &Assessment<'_>) -> Result<DataFrame, ReportError> {
    let ran: Vec<&Rule> = run.rules.iter().copied().filter(|rule| run.pipeline.rules.runs(rule.code)).collect();
    let texts: Result<Vec<String>, ReportError> = ran.iter().map(|rule| text(rule)).collect();
    let marketplaces = ran.iter().map(|rule| match &rule.body {
        Body::Text(rule) => rule.marketplace.clone().unwrap_or_default(),
        Body::Rust { .. } => String::new(),
    });
    let codes = ran.iter().map(|rule| rule.code).collect::<Vec<_>>();
    Ok(DataFrame::new(
        ran.len(),
        vec![
            Column::new("code".into(), codes),
            Column::new("version".into(), ran.iter().map(|rule| rule.version).collect::<Vec<_>>()),
            Column::new("marketplace".into(), marketplaces.collect::<Vec<_>>()),
            Column::new("text".into(), texts?),
        ],
    )?)
}

fn text(rule: &Rule) -> Result<String, ReportError> {
    match &rule.body {
        Body::Rust { .. } => Ok(String::new()),
        Body::Text(text) => toml::to_string(&text.written)
            .map_err(|error| ReportError::Json { what: format!("rule {}", rule.code), cause: error.to_string() }),
    }
}
