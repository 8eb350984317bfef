//! From typed columns to polars frames, with the columns that are derived (see [`crate::frame::kind`]).

use std::collections::HashMap;

use polars::prelude::{
    BooleanChunkedBuilder, ChunkFull, ChunkFullNull, ChunkTake, ChunkedBuilder, Column as Series, DataFrame, DataType,
    IdxCa, IdxSize, Int32Type, Int64Type, IntoColumn, NewChunkedArray, PlSmallStr, PolarsResult,
    PrimitiveChunkedBuilder, StringChunked, StringChunkedBuilder, TimeUnit,
};
use rayon::prelude::*;

use crate::base::text::push_tracking_number;
use crate::base::zone::ZoneMemory;
use crate::frame::canonical::{CanonicalFrames, frame_of};
use crate::frame::column::{Column, Shape};
use crate::frame::conform::conform;
use crate::frame::lineage;
use crate::ingest::columns::{Label, Texts, Value, Values};
use crate::ingest::part::{Fate, Loaded};
use crate::ingest::plan::LINE_COMMISSION;
use crate::vocab::{Kind, Word};

/// Goods of orders whose source has several rows per order and no total: Σ price × quantity.
struct GoodsSums<'l> {
    /// By part and row, on the first row of each order; else 0.
    of_first_rows: Vec<Vec<i64>>,
    /// By account and order number: of the lines that further files add to an order.
    of_further_files: HashMap<(&'l str, &'l str), i64>,
}

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
    let mut sums = GoodsSums { of_first_rows: vec![Vec::new(); parts.len()], of_further_files: HashMap::new() };
    for (place, part) in parts.iter().enumerate() {
        let Some(orders) = &part.orders else { continue };
        let mut of_first_rows = vec![0; part.table.len()];
        for rows in &orders.sound {
            let used = rows.iter().filter(|row| part.fates[**row] == Fate::Used);
            let sum: i64 = used.map(|row| part.table.control[*row]).sum();
            if !orders.repeated.contains(&rows[0]) {
                of_first_rows[rows[0]] = sum;
            } else if let Some(number) = order_no(part, rows[0]) {
                *sums.of_further_files.entry((part.plan.account_name(), number)).or_default() += sum;
            }
        }
        sums.of_first_rows[place] = of_first_rows;
    }
    sums
}

fn order_no<'l>(part: &Loaded<'l, '_>, row: usize) -> Option<&'l str> {
    match part.table.columns[part.plan.field("order_no")?].get(row) {
        Value::Text(number) => Some(number),
        _ => None,
    }
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
            Shape::Text | Shape::Word => self.texts(column),
            Shape::Money | Shape::Ppm | Shape::Int => Ok(self.numbers(name)),
            Shape::Instant => self.numbers(name).cast(&DataType::Datetime(TimeUnit::Milliseconds, None)),
            Shape::Date => self.days(name).cast(&DataType::Date),
            Shape::Flag => Ok(self.flags(name)),
            Shape::Row => Ok(Series::new(name.into(), self.row_refs())),
        }
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

    fn texts(&self, column: Column) -> PolarsResult<Series> {
        let mut parts = self.rows.iter().map(|(part, rows)| self.part_texts(*part, rows, column));
        let mut texts = parts.next().unwrap_or_else(|| Ok(StringChunked::full_null(column.name.into(), 0)))?;
        for more in parts {
            texts.append_owned(more?)?;
        }
        Ok(texts.rechunk().into_owned().into_column())
    }

    fn part_texts(&self, part: usize, rows: &[usize], column: Column) -> PolarsResult<StringChunked> {
        let loaded = &self.parts[part];
        let source = loaded.plan.source;
        if let Some(field) = self.field(part, column.name) {
            return texts_of(&loaded.table.columns[field], rows, column);
        }
        if let Some(field) = self.field(part, &format!("{}_raw", column.name)) {
            return match &loaded.table.columns[field] {
                Values::Texts(texts) => Ok(folded_numbers(texts, rows, column)),
                values => texts_of(values, rows, column),
            };
        }
        let name = || PlSmallStr::from(column.name);
        let all = |text: &str| Ok(StringChunked::full(name(), text, rows.len()));
        match column.name {
            "order_key" => Ok(self.order_keys(part, rows, name())),
            "account" => all(loaded.plan.account_name()),
            "source" => all(&source.name),
            "carrier" => all(source.carrier.as_deref().unwrap_or("")),
            "vocabulary" => all(source.vocabulary.as_deref().unwrap_or("")),
            _ => Ok(StringChunked::full_null(name(), rows.len())),
        }
    }

    fn order_keys(&self, part: usize, rows: &[usize], name: PlSmallStr) -> StringChunked {
        let Some(field) = self.field(part, "order_no") else {
            return StringChunked::full_null(name, rows.len());
        };
        let loaded = &self.parts[part];
        let mut keys = StringChunkedBuilder::new(name, rows.len());
        let mut key = format!("{}/", loaded.plan.account_name());
        let start = key.len();
        for row in rows {
            match loaded.table.columns[field].get(*row) {
                Value::Text(number) => {
                    key.truncate(start);
                    key.push_str(number);
                    keys.append_value(&key);
                }
                _ => keys.append_null(),
            }
        }
        keys.finish()
    }

    fn numbers(&self, name: &str) -> Series {
        let mut numbers = PrimitiveChunkedBuilder::<Int64Type>::new(name.into(), self.count());
        for (part, rows) in &self.rows {
            let loaded = &self.parts[*part];
            let summed = name == "goods_amount" && loaded.orders.is_some();
            let field = self.field(*part, name);
            match field {
                Some(field) if summed && !loaded.plan.fields[field].is_read() => {
                    rows.iter().for_each(|row| numbers.append_value(self.goods(*part, *row)));
                }
                Some(field) => {
                    let values = &loaded.table.columns[field];
                    rows.iter().for_each(|row| numbers.append_option(values.number(*row)));
                }
                None => rows.iter().for_each(|_| numbers.append_null()),
            }
        }
        numbers.finish().into_column()
    }

    fn goods(&self, part: usize, row: usize) -> i64 {
        let own = self.goods.of_first_rows[part][row];
        if self.goods.of_further_files.is_empty() {
            return own;
        }
        let loaded = &self.parts[part];
        let further = order_no(loaded, row)
            .and_then(|number| self.goods.of_further_files.get(&(loaded.plan.account_name(), number)));
        own + further.copied().unwrap_or(0)
    }

    /// Civil dates: read ones, or those of the instant that the column belongs to (`X_on` of `X_at`, `at_on` of `at`).
    fn days(&self, name: &str) -> Series {
        let mut days = PrimitiveChunkedBuilder::<Int32Type>::new(name.into(), self.count());
        let stem = name.strip_suffix("_on").unwrap_or(name);
        for (part, rows) in &self.rows {
            let loaded = &self.parts[*part];
            let instant = || self.field(*part, &format!("{stem}_at")).or_else(|| self.field(*part, stem));
            match (self.field(*part, name), instant()) {
                (Some(field), _) => {
                    let values = &loaded.table.columns[field];
                    rows.iter().for_each(|row| days.append_option(values.number(*row).map(|day| day as i32)));
                }
                (None, Some(field)) => push_civil_days(loaded, field, rows, &mut days),
                (None, None) => rows.iter().for_each(|_| days.append_null()),
            }
        }
        days.finish().into_column()
    }

    fn flags(&self, name: &str) -> Series {
        let mut flags = BooleanChunkedBuilder::new(name.into(), self.count());
        for (part, rows) in &self.rows {
            let columns = &self.parts[*part].table.columns;
            match (self.field(*part, name), self.field(*part, "at")) {
                (Some(field), _) => {
                    rows.iter().for_each(|row| flags.append_value(columns[field].get(*row) == Value::Flag(true)));
                }
                (None, Some(at)) if name == "date_only" => {
                    rows.iter().for_each(|row| flags.append_value(columns[at].is_date_only(*row)));
                }
                _ => rows.iter().for_each(|_| flags.append_value(false)),
            }
        }
        flags.finish().into_column()
    }

    fn row_refs(&self) -> Vec<u64> {
        let mut references = Vec::with_capacity(self.count());
        for (part, rows) in &self.rows {
            let lines = &self.parts[*part].table.lines;
            references.extend(rows.iter().map(|row| lineage::row_ref(*part, lines[*row])));
        }
        references
    }
}

/// Texts, or labels: as written where the column's name ends in `_raw`, else the words they mean.
fn texts_of(values: &Values, rows: &[usize], column: Column) -> PolarsResult<StringChunked> {
    let name = PlSmallStr::from(column.name);
    let nothing = (column.shape == Shape::Word).then_some("");
    match (values, nothing) {
        (Values::Texts(texts), _) => {
            let mut builder = StringChunkedBuilder::new(name, rows.len());
            rows.iter().for_each(|row| match texts.get(*row) {
                "" => builder.append_option(nothing),
                text => builder.append_value(text),
            });
            Ok(builder.finish())
        }
        (Values::Labels(labels), _) => {
            let known = StringChunked::from_iter_values(name, labels.known().iter().map(|label| shown(label, column)));
            let codes: Vec<IdxSize> = rows.iter().map(|row| labels.codes()[*row]).collect();
            known.take(&IdxCa::from_vec(PlSmallStr::EMPTY, codes))
        }
        (Values::Absent(Some(label)), _) => Ok(StringChunked::full(name, shown(label, column), rows.len())),
        (_, Some(nothing)) => Ok(StringChunked::full(name, nothing, rows.len())),
        (_, None) => Ok(StringChunked::full_null(name, rows.len())),
    }
}

fn shown(label: &Label, column: Column) -> &str {
    if column.name.ends_with("_raw") { &label.raw } else { &label.word }
}

/// Tracking numbers as carriers compare them.
fn folded_numbers(texts: &Texts, rows: &[usize], column: Column) -> StringChunked {
    let mut numbers = StringChunkedBuilder::new(column.name.into(), rows.len());
    let mut number = String::new();
    for row in rows {
        match texts.get(*row) {
            "" => numbers.append_null(),
            raw => {
                number.clear();
                push_tracking_number(raw, &mut number);
                numbers.append_value(&number);
            }
        }
    }
    numbers.finish()
}

/// Civil dates of instants in the account's zone; a day without a time stays the day that was written.
fn push_civil_days(
    loaded: &Loaded<'_, '_>,
    field: usize,
    rows: &[usize],
    days: &mut PrimitiveChunkedBuilder<Int32Type>,
) {
    let values = &loaded.table.columns[field];
    let mut read_in = ZoneMemory::new(loaded.plan.source.timezone);
    let mut civil = ZoneMemory::new(loaded.plan.zone);
    for row in rows {
        let zone = if values.is_date_only(*row) { &mut read_in } else { &mut civil };
        days.append_option(values.number(*row).map(|millis| zone.local_day(millis)));
    }
}
