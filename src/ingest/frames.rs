//! From typed columns to polars frames, with the columns that are derived (see [`crate::frame::kind`]).

use std::collections::HashMap;

use polars::prelude::{
    Column as Series, DataFrame, DataType, IntoSeries, PolarsResult, StringChunkedBuilder, TimeUnit,
};
use rayon::prelude::*;

use crate::base::{text, zone};
use crate::frame::canonical::{CanonicalFrames, frame_of};
use crate::frame::column::{Column, Shape};
use crate::frame::conform::conform;
use crate::frame::lineage;
use crate::ingest::columns::Value;
use crate::ingest::part::{Fate, Loaded};
use crate::ingest::plan::LINE_COMMISSION;
use crate::vocab::{Kind, Word};

/// Goods of orders whose source has several rows per order and no total: account and order number → Σ price × quantity.
type GoodsSums<'l> = HashMap<(&'l str, &'l str), i64>;

/// The canonical frames of all used rows, sorted by their keys.
///
/// # Errors
/// A frame that is not what its declaration says: a bug of ours.
pub(super) fn build(parts: &[Loaded<'_, '_>]) -> PolarsResult<CanonicalFrames> {
    let goods = goods_sums(parts);
    let built: PolarsResult<Vec<(Kind, DataFrame)>> = Kind::ALL
        .par_iter()
        .map(|kind| Ok((*kind, Builder { parts, kind: *kind, goods: &goods, rows: rows_of(parts, *kind) }.frame()?)))
        .collect();
    let mut frames = CanonicalFrames::default();
    for (kind, frame) in built? {
        *frames.of_mut(kind) = frame;
    }
    Ok(frames)
}

/// Rows of each part that stand in the frame of a kind.
fn rows_of(parts: &[Loaded<'_, '_>], kind: Kind) -> Vec<(usize, Vec<usize>)> {
    let used = |part: &Loaded<'_, '_>| -> Vec<usize> {
        (0..part.table.len()).filter(|row| part.fates[*row] == Fate::Used).collect()
    };
    let rows = |part: &Loaded<'_, '_>| match (&part.orders, part.kind(), kind) {
        (Some(orders), _, Kind::Orders) => {
            let first = orders.sound.iter().map(|rows| rows[0]);
            // The first row may be the line of an earlier file; its order columns are then repeated, too.
            first.filter(|row| part.fates[*row] == Fate::Used && !orders.repeated.contains(row)).collect()
        }
        (Some(_), _, Kind::OrderLines) => used(part),
        (None, own, kind) if own == kind => used(part),
        _ => Vec::new(),
    };
    let rows = parts.iter().enumerate().map(|(place, part)| (place, rows(part)));
    rows.filter(|(_, rows)| !rows.is_empty()).collect()
}

fn goods_sums<'l>(parts: &'l [Loaded<'_, '_>]) -> GoodsSums<'l> {
    let mut sums = GoodsSums::new();
    for part in parts.iter().filter(|part| part.orders.is_some()) {
        let Some(order_no) = part.plan.field("order_no") else { continue };
        for row in (0..part.table.len()).filter(|row| part.fates[*row] == Fate::Used) {
            if let Value::Text(number) = part.table.columns[order_no].get(row) {
                *sums.entry((part.plan.account_name(), number)).or_default() += part.table.control[row];
            }
        }
    }
    sums
}

struct Builder<'b, 'a, 'p> {
    parts: &'b [Loaded<'a, 'p>],
    kind: Kind,
    goods: &'b GoodsSums<'b>,
    rows: Vec<(usize, Vec<usize>)>,
}

impl<'b> Builder<'b, '_, '_> {
    fn frame(&self) -> PolarsResult<DataFrame> {
        let declared = frame_of(self.kind);
        let columns: PolarsResult<Vec<Series>> =
            declared.columns.par_iter().map(|column| self.column(*column)).collect();
        let height = self.rows.iter().map(|(_, rows)| rows.len()).sum();
        conform(DataFrame::new(height, columns?)?, &declared)
    }

    fn column(&self, column: Column) -> PolarsResult<Series> {
        let name = column.name;
        match column.shape {
            Shape::Text | Shape::Word => Ok(self.texts(column)),
            Shape::Money | Shape::Ppm | Shape::Int => Ok(Series::new(name.into(), self.numbers(name))),
            Shape::Instant => {
                Series::new(name.into(), self.numbers(name)).cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
            }
            Shape::Date => Series::new(name.into(), self.days(name)).cast(&DataType::Date),
            Shape::Flag => Ok(Series::new(name.into(), self.flags(name))),
            Shape::Row => Ok(Series::new(name.into(), self.row_refs())),
        }
    }

    /// The rows in order, each with its part.
    fn each(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.rows.iter().flat_map(|(part, rows)| rows.iter().map(|row| (*part, *row)))
    }

    fn count(&self) -> usize {
        self.rows.iter().map(|(_, rows)| rows.len()).sum()
    }

    /// The field of a part that holds a canonical column. Where rows are lines, some columns have another field.
    fn field(&self, part: usize, name: &str) -> Option<usize> {
        let lines = self.parts[part].orders.is_some() && self.kind == Kind::OrderLines;
        self.parts[part].plan.field(match name {
            "commission_ppm" if lines => LINE_COMMISSION,
            "cancelled_at" if lines => "line_cancelled_at",
            name => name,
        })
    }

    fn texts(&self, column: Column) -> Series {
        let mut builder = StringChunkedBuilder::new(column.name.into(), self.count());
        for (part, rows) in &self.rows {
            self.part_texts(*part, rows, column, &mut builder);
        }
        builder.finish().into_series().into()
    }

    fn part_texts(&self, part: usize, rows: &[usize], column: Column, builder: &mut StringChunkedBuilder) {
        let loaded = &self.parts[part];
        let source = loaded.plan.source;
        if let Some(field) = self.field(part, column.name) {
            let raw = column.name.ends_with("_raw");
            let values = &loaded.table.columns[field];
            for row in rows {
                match values.get(*row) {
                    Value::Text(text) => builder.append_value(text),
                    Value::Label(label) => builder.append_value(if raw { &label.raw } else { &label.word }),
                    _ if column.shape == Shape::Word => builder.append_value(""),
                    _ => builder.append_null(),
                }
            }
            return;
        }
        if let Some(field) = self.field(part, &format!("{}_raw", column.name)) {
            let values = &loaded.table.columns[field];
            let mut number = String::new();
            for row in rows {
                match values.get(*row) {
                    Value::Label(label) => builder.append_value(&label.word),
                    Value::Text(raw) => {
                        fold_number(raw, &mut number);
                        builder.append_value(&number);
                    }
                    _ => builder.append_null(),
                }
            }
            return;
        }
        match column.name {
            "order_key" => self.order_keys(part, rows, builder),
            "account" => rows.iter().for_each(|_| builder.append_value(loaded.plan.account_name())),
            "source" => rows.iter().for_each(|_| builder.append_value(&source.name)),
            "carrier" => rows.iter().for_each(|_| builder.append_value(source.carrier.as_deref().unwrap_or(""))),
            "vocabulary" => rows.iter().for_each(|_| builder.append_value(source.vocabulary.as_deref().unwrap_or(""))),
            _ => rows.iter().for_each(|_| builder.append_null()),
        }
    }

    fn order_keys(&self, part: usize, rows: &[usize], builder: &mut StringChunkedBuilder) {
        let Some(field) = self.field(part, "order_no") else {
            return rows.iter().for_each(|_| builder.append_null());
        };
        let loaded = &self.parts[part];
        let mut key = format!("{}/", loaded.plan.account_name());
        let start = key.len();
        for row in rows {
            match loaded.table.columns[field].get(*row) {
                Value::Text(number) => {
                    key.truncate(start);
                    key.push_str(number);
                    builder.append_value(&key);
                }
                _ => builder.append_null(),
            }
        }
    }

    fn numbers(&self, name: &str) -> Vec<Option<i64>> {
        let mut numbers = Vec::with_capacity(self.count());
        for (part, rows) in &self.rows {
            let loaded = &self.parts[*part];
            let summed = name == "goods_amount" && loaded.orders.is_some();
            let field = self.field(*part, name);
            match field {
                Some(field) if summed && !loaded.plan.fields[field].is_read() => {
                    numbers.extend(rows.iter().map(|row| self.goods(*part, *row)));
                }
                Some(field) => numbers.extend(rows.iter().map(|row| loaded.table.columns[field].number(*row))),
                None => numbers.extend(rows.iter().map(|_| None)),
            }
        }
        numbers
    }

    fn goods(&self, part: usize, row: usize) -> Option<i64> {
        let loaded = &self.parts[part];
        match loaded.table.columns[loaded.plan.field("order_no")?].get(row) {
            Value::Text(number) => self.goods.get(&(loaded.plan.account_name(), number)).copied(),
            _ => None,
        }
    }

    /// Civil dates: read ones, or those of the instant that the column belongs to (`X_on` of `X_at`, `at_on` of `at`).
    fn days(&self, name: &str) -> Vec<Option<i32>> {
        let mut days = Vec::with_capacity(self.count());
        let stem = name.strip_suffix("_on").unwrap_or(name);
        for (part, rows) in &self.rows {
            let loaded = &self.parts[*part];
            let instant = || self.field(*part, &format!("{stem}_at")).or_else(|| self.field(*part, stem));
            match (self.field(*part, name), instant()) {
                (Some(field), _) => {
                    let values = &loaded.table.columns[field];
                    days.extend(rows.iter().map(|row| values.number(*row).map(|day| day as i32)));
                }
                (None, Some(field)) => days.extend(rows.iter().map(|row| self.civil_day(*part, field, *row))),
                (None, None) => days.extend(rows.iter().map(|_| None)),
            }
        }
        days
    }

    /// The civil date of an instant in the account's zone; a day without a time stays the day that was written.
    fn civil_day(&self, part: usize, field: usize, row: usize) -> Option<i32> {
        let loaded = &self.parts[part];
        let values = &loaded.table.columns[field];
        let read_in = loaded.plan.source.timezone;
        let zone = if values.is_date_only(row) { read_in } else { loaded.plan.zone };
        values.number(row).map(|millis| zone::local_day(millis, zone))
    }

    fn flags(&self, name: &str) -> Vec<bool> {
        let flag = |(part, row): (usize, usize)| {
            let loaded = &self.parts[part];
            match self.field(part, name) {
                Some(field) => loaded.table.columns[field].get(row) == Value::Flag(true),
                None if name == "date_only" => {
                    self.field(part, "at").is_some_and(|field| loaded.table.columns[field].is_date_only(row))
                }
                None => false,
            }
        };
        self.each().map(flag).collect()
    }

    fn row_refs(&self) -> Vec<u64> {
        self.each().map(|(part, row)| lineage::row_ref(part, self.parts[part].table.lines[row])).collect()
    }
}

/// A tracking number as carriers compare it; nearly all are ASCII.
fn fold_number(raw: &str, into: &mut String) {
    into.clear();
    if raw.is_ascii() {
        let kept = raw.trim_start_matches('\'').bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'-');
        into.extend(kept.map(|byte| char::from(byte.to_ascii_uppercase())));
    } else {
        into.push_str(&text::tracking_number(raw));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_folds_as_the_long_one() {
        let mut folded = String::new();
        for raw in ["z 450 7169 485", "'0530-1234", "ab-c", "Ｚ１２"] {
            fold_number(raw, &mut folded);
            assert_eq!(folded, text::tracking_number(raw));
        }
    }
}
