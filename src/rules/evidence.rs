//! Evidence: the cells that prove a finding. Each fact says where its value was read; a fact that was worked out says so.

use polars::prelude::{AnyValue, DataFrame, PolarsResult};
use serde_json::{Value, json};

use crate::base::money;
use crate::base::zone::{date_of, local_text};
use crate::frame::column::{Column, Shape};
use crate::frame::lineage::Parts;
use crate::frame::read;

/// The evidence of one row of a fact frame, as a JSON array of `{side, file, sheet, row, column, value}`.
///
/// # Errors
/// The frame lacks a column that the rule names: a bug of ours.
pub fn evidence(
    facts: &DataFrame,
    row: usize,
    columns: &[Column],
    parts: &Parts,
    currency: &str,
    zone: chrono_tz::Tz,
) -> PolarsResult<Value> {
    columns
        .iter()
        .map(|column| {
            let value = text_of(facts, row, *column, currency, zone)?;
            let place = match column.source {
                Some((lineage, cell)) => place_of(facts, row, lineage, cell, parts)?,
                None => None,
            };
            Ok(match place {
                Some((side, file, sheet, sheet_row, header)) => {
                    json!({"side": side, "file": file, "sheet": sheet, "row": sheet_row, "column": header, "value": value})
                }
                None => {
                    json!({"side": "computed", "file": Value::Null, "sheet": Value::Null, "row": Value::Null, "column": column.name, "value": value})
                }
            })
        })
        .collect::<PolarsResult<Vec<Value>>>()
        .map(Value::Array)
}

type Place = (&'static str, String, Option<String>, u32, String);

fn place_of(facts: &DataFrame, row: usize, lineage: &str, cell: &str, parts: &Parts) -> PolarsResult<Option<Place>> {
    let reference = facts.column(lineage)?.u64()?.get(row);
    Ok(reference.and_then(|reference| parts.locate(reference)).map(|(part, sheet_row)| {
        let header = part.headers.get(cell).cloned().unwrap_or_else(|| cell.to_owned());
        (crate::vocab::Word::text(part.kind), part.path.clone(), part.sheet.clone(), sheet_row, header)
    }))
}

/// The value of a fact as text: money as a decimal, dates ISO, instants in the account's zone; empty when there is none.
///
/// # Errors
/// The frame lacks the column: a bug of ours.
pub fn text_of(
    facts: &DataFrame,
    row: usize,
    column: Column,
    currency: &str,
    zone: chrono_tz::Tz,
) -> PolarsResult<String> {
    let series = facts.column(column.name)?.slice(row as i64, 1);
    let one = DataFrame::new(1, vec![series])?;
    Ok(match column.shape {
        Shape::Text | Shape::Word => read::texts(&one, column)?.first().copied().unwrap_or_default().to_owned(),
        Shape::Money => number(&one, column)?.map(|minor| money::to_decimal(minor, currency)).unwrap_or_default(),
        Shape::Ppm | Shape::Int => number(&one, column)?.map(|number| number.to_string()).unwrap_or_default(),
        Shape::Date => {
            let day = read::days(&one, column)?.first().copied().flatten();
            day.and_then(date_of).map(|date| date.to_string()).unwrap_or_default()
        }
        Shape::Instant => {
            let millis = read::instants(&one, column)?.first().copied().flatten();
            millis.map(|millis| local_text(millis, zone)).unwrap_or_default()
        }
        Shape::Flag => match one.column(column.name)?.get(0)? {
            AnyValue::Boolean(true) => "yes".to_owned(),
            AnyValue::Boolean(false) => "no".to_owned(),
            _ => String::new(),
        },
        Shape::Row => String::new(),
    })
}

fn number(one: &DataFrame, column: Column) -> PolarsResult<Option<i64>> {
    Ok(read::numbers(one, column)?.first().copied().flatten())
}
