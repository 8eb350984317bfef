//! By which row a finding was resolved: the newest cell of tonight, on the same subject, that proves it no more.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, NamedFrom, PolarsResult, Series};
use serde_json::{Value, json};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::column::Column;
use crate::frame::lineage::Parts;
use crate::frame::{findings as f, order_facts, read};
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;
use crate::rules::engine::{Finding, Keys, context, facts_of};
use crate::rules::evidence::evidence;
use crate::rules::rule::{Context, Rule};
use crate::rules::verdict::verdicts;

/// What is known tonight.
pub struct Tonight<'run> {
    /// The pipeline.
    pub pipeline: &'run Pipeline,
    /// The as-of day.
    pub as_of: AsOf,
    /// All rules of the run.
    pub rules: &'run [&'static Rule],
    /// The facts.
    pub reconciled: &'run Reconciled,
    /// The metrics.
    pub metrics: &'run Metrics,
    /// Where rows were read.
    pub parts: &'run Parts,
    /// Export date of files that have one, by path as outputs quote it.
    pub export_dates: BTreeMap<&'run str, NaiveDate>,
    /// Findings that others suppress.
    pub suppressed: &'run [Finding],
}

/// The business keys of a finding but its code.
type Key<'run> = [&'run str; 5];

/// Fills `resolved_by` of findings that are gone. A finding whose subject is gone as well has none.
///
/// # Errors
/// A frame is not what its declaration says: a bug of ours.
pub fn name_rows(gone: &DataFrame, tonight: &Tonight) -> PolarsResult<DataFrame> {
    let codes = read::texts(gone, f::code)?;
    let ids = read::texts(gone, f::finding_id)?;
    let proofs = read::texts(gone, f::evidence)?;
    let columns = [f::account, f::order_no, f::shipment, f::statement, f::subject];
    let keys: Vec<read::Texts<'_>> =
        columns.iter().map(|column| read::texts(gone, *column)).collect::<PolarsResult<_>>()?;
    let key = |row: usize| -> Key { std::array::from_fn(|place| keys[place].at(row)) };
    let mut causes: Vec<Option<String>> = vec![None; gone.height()];
    for rule in tonight.rules.iter().copied() {
        let rows: Vec<usize> = (0..codes.len()).filter(|row| codes.at(*row) == rule.code).collect();
        if rows.is_empty() {
            continue;
        }
        let stronger: Map<String, &str> = tonight
            .suppressed
            .iter()
            .filter(|finding| finding.code == rule.code)
            .map(|finding| (finding.id(), finding.remedy.as_str()))
            .collect();
        let facts = facts_of(rule.subject, tonight.reconciled, tonight.metrics);
        let places = places(rule, facts, &rows.iter().map(|row| key(*row)).collect::<Vec<_>>())?;
        for (row, place) in rows.into_iter().zip(places) {
            causes[row] = match (stronger.get(ids.at(row)), place) {
                (Some(code), _) => Some(suppressed_by(code).to_string()),
                (None, Some(place)) => cause(rule, &facts.slice(place as i64, 1), proofs.at(row), tonight)?,
                (None, None) => None,
            };
        }
    }
    let mut named = gone.clone();
    named.with_column(Series::new(f::resolved_by.name.into(), causes).into())?;
    Ok(named)
}

fn suppressed_by(code: &str) -> Value {
    json!({
        "side": "computed", "file": Value::Null, "sheet": Value::Null, "row": Value::Null, "column": "suppressed_by",
        "value": code, "before": "",
    })
}

/// The rows of the fact frame that are the subjects of some keys.
fn places(rule: &Rule, facts: &DataFrame, wanted: &[Key]) -> PolarsResult<Vec<Option<usize>>> {
    let accounts = read::texts(facts, order_facts::account)?;
    let keys = Keys::read(rule.subject, facts)?;
    let mut found: Map<Key, Option<usize>> = wanted.iter().map(|key| (*key, None)).collect();
    for (row, account) in accounts.iter().enumerate() {
        let [order_no, shipment, statement, subject] = keys.of(row);
        if let Some(place) = found.get_mut(&[account, order_no, shipment, statement, subject]) {
            place.get_or_insert(row);
        }
    }
    Ok(wanted.iter().map(|key| found.get(key).copied().flatten()).collect())
}

/// The newest of the cells that changed: those of the evidence, and the facts of conditions that hold no more.
fn cause(rule: &'static Rule, subject: &DataFrame, before: &str, tonight: &Tonight) -> PolarsResult<Option<String>> {
    let account =
        read::texts(subject, order_facts::account)?.iter().next().and_then(|name| tonight.pipeline.account(name));
    let missing = RefCell::new(Vec::new());
    let context = context(rule, account.map(|account| &**account), tonight.pipeline, tonight.as_of, &missing);
    let cells = changed(rule, &context, subject, before, tonight.parts)?;
    let newest = cells.into_iter().enumerate().max_by_key(|(place, (reference, _))| {
        let part = reference.and_then(|reference| tonight.parts.locate(reference));
        let exported = part.and_then(|(part, _)| tonight.export_dates.get(part.path.as_str()));
        // Of several cells of one row the first: evidence comes before the facts of conditions.
        (reference.is_some(), exported.copied(), *reference, Reverse(*place))
    });
    Ok(newest.map(|(_, (_, cell))| cell.to_string()))
}

fn changed(
    rule: &'static Rule,
    context: &Context,
    subject: &DataFrame,
    before: &str,
    parts: &Parts,
) -> PolarsResult<Vec<(Option<u64>, Value)>> {
    let currency = read::texts(subject, rule.subject.currency()).ok().and_then(|texts| texts.iter().next());
    let zone = context.account.map_or(chrono_tz::UTC, |account| account.timezone);
    let failed = verdicts(rule, context, subject)?.into_iter().filter(|verdict| !verdict.holds[0]);
    let mut columns: Vec<Column> = rule.evidence.to_vec();
    for column in failed.flat_map(|verdict| verdict.facts) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let told = evidence(subject, &columns, parts, &[currency.unwrap_or_default()], zone)?;
    let told = told.into_iter().next().and_then(|cells| cells.as_array().cloned()).unwrap_or_default();
    // What the previous publication wrote: its evidence stands in the order of the rule.
    let before: Vec<Value> = serde_json::from_str(before).unwrap_or_default();
    let mut cells = Vec::new();
    for (place, (mut cell, column)) in told.into_iter().zip(columns).enumerate() {
        let former = before.get(place).filter(|_| place < rule.evidence.len()).map(|cell| cell["value"].clone());
        if former.as_ref() == Some(&cell["value"]) {
            continue;
        }
        let reference = match column.source {
            Some((lineage, _)) => subject.column(lineage)?.u64()?.get(0),
            None => None,
        };
        cell["before"] = former.unwrap_or(Value::Null);
        cells.push((reference, cell));
    }
    Ok(cells)
}
