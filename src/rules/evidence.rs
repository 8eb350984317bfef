//! Evidence: the cells that prove a finding. Each fact says where its value was read; a fact that was worked out says so.

use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult};
use serde_json::{Value, json};

use crate::base::money;
use crate::base::zone::{date_of, local_text};
use crate::frame::column::{Column, Shape};
use crate::frame::lineage::Parts;
use crate::frame::read;
use crate::vocab::Word;

/// The evidence of every row of a fact frame, each a JSON array of `{side, file, sheet, row, column, value}`.
///
/// # Errors
/// The frame lacks a column that the rule names: a bug of ours.
pub fn evidence(
    facts: &DataFrame,
    columns: &[Column],
    parts: &Parts,
    currencies: &[&str],
    zone: Tz,
) -> PolarsResult<Vec<Value>> {
    let mut proofs: Vec<Vec<Value>> = vec![Vec::with_capacity(columns.len()); facts.height()];
    for column in columns {
        let values = texts_of(facts, *column, currencies, zone)?;
        let places = match column.source {
            Some((lineage, _)) => facts.column(lineage)?.u64()?.iter().collect(),
            None => vec![None; facts.height()],
        };
        for ((proof, value), place) in proofs.iter_mut().zip(values).zip(places) {
            proof.push(cell(*column, value, place, parts));
        }
    }
    Ok(proofs.into_iter().map(Value::Array).collect())
}

fn cell(column: Column, value: String, reference: Option<u64>, parts: &Parts) -> Value {
    let place = reference.and_then(|reference| parts.locate(reference)).zip(column.source);
    match place {
        Some(((part, row), (_, canonical))) => {
            let header = part.headers.get(canonical).map_or(canonical, String::as_str);
            json!({
                "side": part.kind.text(), "file": part.path, "sheet": part.sheet, "row": row, "column": header, "value": value,
            })
        }
        None => json!({
            "side": "computed", "file": Value::Null, "sheet": Value::Null, "row": Value::Null, "column": column.name,
            "value": value,
        }),
    }
}

/// The value of a fact in one row as text; see [`texts_of`].
///
/// # Errors
/// The frame lacks the column: a bug of ours.
pub fn text_of(facts: &DataFrame, row: usize, column: Column, currency: &str, zone: Tz) -> PolarsResult<String> {
    let one = DataFrame::new(1, vec![facts.column(column.name)?.slice(row as i64, 1)])?;
    Ok(texts_of(&one, column, &[currency], zone)?.pop().unwrap_or_default())
}

/// The values of a fact as text, `currencies` row by row: money as a decimal, dates ISO, instants in the account's zone; empty when there is none.
///
/// # Errors
/// The frame lacks the column: a bug of ours.
pub fn texts_of(facts: &DataFrame, column: Column, currencies: &[&str], zone: Tz) -> PolarsResult<Vec<String>> {
    fn shown<T>(values: impl Iterator<Item = Option<T>>, text: impl Fn(T) -> String) -> Vec<String> {
        values.map(|value| value.map(&text).unwrap_or_default()).collect()
    }
    Ok(match column.shape {
        Shape::Text | Shape::Word => read::texts(facts, column)?.iter().map(str::to_owned).collect(),
        Shape::Money => {
            let amounts = read::numbers(facts, column)?;
            amounts
                .iter()
                .zip(currencies)
                .map(|(amount, currency)| amount.map(|minor| money::to_decimal(minor, currency)).unwrap_or_default())
                .collect()
        }
        Shape::Ppm | Shape::Int => shown(read::numbers(facts, column)?.iter(), |number| number.to_string()),
        Shape::Date => shown(read::days(facts, column)?.iter(), |day| {
            date_of(day).map(|date| date.to_string()).unwrap_or_default()
        }),
        Shape::Instant => shown(read::instants(facts, column)?.iter(), |millis| local_text(millis, zone)),
        Shape::Flag => {
            shown(facts.column(column.name)?.bool()?.iter(), |flag| if flag { "yes" } else { "no" }.to_owned())
        }
        Shape::Row => vec![String::new(); facts.height()],
    })
}
