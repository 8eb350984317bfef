//! From typed columns to polars frames, with the columns that are derived (see [`crate::frame::kind`]).

use std::collections::HashMap;

use polars::prelude::{
    AnyValue, BooleanChunkedBuilder, ChunkFull, ChunkFullNull, ChunkTake, ChunkedArray, ChunkedBuilder,
    Column as Series, DataFrame, IdxCa, IdxSize, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, PlSmallStr,
    PolarsNumericType, PolarsResult, Scalar, StringChunked, StringChunkedBuilder, TimeUnit,
};
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use crate::base::text::{is_folded_tracking_number, push_tracking_number};
use crate::base::zone::ZoneMemory;
use crate::frame::canonical::{CanonicalFrames, frame_of};
use crate::frame::column::{Column, Shape};
use crate::frame::conform::{conform, order};
use crate::frame::lineage;
use crate::ingest::columns::{Label, NO_DAY, NO_NUMBER, Table, Texts, Value, Values};
use crate::ingest::part::Loaded;
use crate::ingest::plan::LINE_COMMISSION;
use crate::vocab::{Kind, Word};

/// The two columns of tracking numbers.
const NUMBER: &str = "tracking_number";
const NUMBER_AS_WRITTEN: &str = "tracking_number_raw";

/// Goods of orders whose source has several rows per order and no total: Σ price × quantity.
#[derive(Default)]
struct GoodsSums<'l> {
    /// By part and row, on the first row of each order; else 0.
    of_first_rows: Vec<Vec<i64>>,
    /// By account and order number: of the lines that further files add to an order.
    of_further_files: HashMap<(&'l str, &'l str), i64>,
}

/// The canonical frames of all used rows, sorted by their keys. Takes the rows out of the parts.
///
/// # Errors
/// A frame that is not what its declaration says: a bug of ours.
pub(super) fn build(parts: &mut [Loaded<'_, '_>]) -> PolarsResult<CanonicalFrames> {
    let mut frames = CanonicalFrames::default();
    for kind in Kind::ALL {
        let goods = if *kind == Kind::Orders { goods_sums(parts) } else { GoodsSums::default() };
        let builder = Builder { parts, kind: *kind, goods: &goods, rows: rows_of(parts, *kind) };
        *frames.of_mut(*kind) = builder.frame()?;
        // What stands in its frames need not be held twice. Lines come after orders.
        let is_done = |part: &&mut Loaded<'_, '_>| match part.orders {
            Some(_) => *kind == Kind::OrderLines,
            None => part.kind() == *kind,
        };
        parts.iter_mut().filter(is_done).for_each(|part| part.table = Table::default());
    }
    Ok(frames)
}

/// Rows of each part that stand in the frame of a kind.
fn rows_of(parts: &[Loaded<'_, '_>], kind: Kind) -> Vec<(usize, Vec<IdxSize>)> {
    let used = |part: &Loaded<'_, '_>| part.fates.used(part.table.len() as IdxSize);
    let rows = |part: &Loaded<'_, '_>| match (&part.orders, part.kind(), kind) {
        (Some(orders), _, Kind::Orders) => {
            let first = orders.sound.iter().map(|rows| rows[0]);
            // The first row may be the line of an earlier file; its order columns are then repeated, too.
            let first = first.filter(|row| part.fates.is_used(*row) && !orders.repeated.contains(row));
            first.map(|row| row as IdxSize).collect()
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
            let used = rows.iter().filter(|row| part.fates.is_used(**row));
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

fn order_no<'l>(part: &'l Loaded<'_, '_>, row: usize) -> Option<&'l str> {
    match part.table.columns[part.plan.field("order_no")?].get(row) {
        Value::Text(number) => Some(number),
        _ => None,
    }
}

struct Builder<'b, 'a, 'p> {
    parts: &'b [Loaded<'a, 'p>],
    kind: Kind,
    goods: &'b GoodsSums<'b>,
    rows: Vec<(usize, Vec<IdxSize>)>,
}

impl<'b> Builder<'b, '_, '_> {
    fn frame(mut self) -> PolarsResult<DataFrame> {
        let declared = frame_of(self.kind);
        let rows = std::mem::take(&mut self.rows);
        self.rows = rows.into_par_iter().map(|(part, rows)| self.in_order(part, rows)).collect::<PolarsResult<_>>()?;
        let as_written = self.numbers_are_folded();
        let is_built = |column: &&Column| !(as_written && column.name == NUMBER);
        // One column at a time to whoever is free: some take long.
        let built = declared.columns.par_iter().with_max_len(1).filter(is_built).map(|column| self.column(*column));
        let mut columns = built.collect::<PolarsResult<Vec<Series>>>()?;
        if let Some(written) = columns.iter().find(|column| as_written && column.name() == NUMBER_AS_WRITTEN) {
            columns.push(written.clone().with_name(NUMBER.into()));
        }
        conform(DataFrame::new(self.count(), columns)?, &declared)
    }

    /// Whether all tracking numbers are written as carriers compare them: then both columns of numbers are one.
    fn numbers_are_folded(&self) -> bool {
        self.rows.iter().all(|(part, _)| {
            let field = self.field(*part, NUMBER_AS_WRITTEN).map(|field| &self.parts[*part].table.columns[field]);
            matches!(field, Some(Values::Texts(texts)) if texts.iter().all(is_folded_tracking_number))
        })
    }

    /// The rows of a part by the keys of the frame: so its columns are built in order, and need not be moved as a whole.
    fn in_order(&self, part: usize, rows: Vec<IdxSize>) -> PolarsResult<(usize, Vec<IdxSize>)> {
        let own = Builder { parts: self.parts, kind: self.kind, goods: self.goods, rows: vec![(part, rows)] };
        let order = own.order()?;
        let rows = own.rows.into_iter().next().map(|(_, rows)| rows).unwrap_or_default();
        let Some(order) = order else { return Ok((part, rows)) };
        Ok((part, order.into_par_iter().map(|place| rows[place as usize]).collect()))
    }

    /// The order of its rows by the keys of the frame; `None` where they are in order already.
    fn order(&self) -> PolarsResult<Option<Vec<IdxSize>>> {
        let declared = frame_of(self.kind);
        let is_key = |column: &&Column| declared.sorted_by.contains(&column.name);
        let keys: Vec<Series> = declared
            .columns
            .par_iter()
            .filter(is_key)
            .map(|column| self.column(*column))
            .collect::<PolarsResult<_>>()?;
        let key = |name: &&str| keys.iter().find(|key| key.name() == *name);
        order(&declared.sorted_by.iter().filter_map(key).collect::<Vec<_>>())
    }

    fn column(&self, column: Column) -> PolarsResult<Series> {
        let name = column.name;
        if let Some(value) = self.constant(column) {
            return Ok(Series::new_scalar(name.into(), value, self.count()));
        }
        match column.shape {
            Shape::Text | Shape::Word => self.texts(column),
            Shape::Money | Shape::Ppm | Shape::Int => Ok(self.numbers(name).into_column()),
            Shape::Instant => Ok(self.numbers(name).into_datetime(TimeUnit::Milliseconds, None).into_column()),
            Shape::Date => Ok(self.days(name).into_date().into_column()),
            Shape::Flag => Ok(self.flags(name)),
            Shape::Row => Ok(Series::new(name.into(), self.row_refs())),
        }
    }

    /// The value that stands in every row, where that is known beforehand: it is held once, not row by row.
    fn constant(&self, column: Column) -> Option<Scalar> {
        let mut values = self.rows.iter().map(|(part, _)| self.constant_of(*part, column));
        let first = values.next().unwrap_or(Some(None))?;
        if !values.all(|value| value == Some(first)) {
            return None;
        }
        let value = match (first, column.shape) {
            (Some(text), _) => AnyValue::StringOwned(text.into()),
            (None, Shape::Word) => AnyValue::StringOwned("".into()),
            (None, Shape::Flag) => AnyValue::Boolean(false),
            (None, _) => AnyValue::Null,
        };
        Some(Scalar::new(column.shape.data_type(), value))
    }

    /// The text of every row of a part, or nothing in all of them; `None` where rows differ.
    fn constant_of(&self, part: usize, column: Column) -> Option<Option<&'b str>> {
        let loaded = &self.parts[part];
        let name = column.name;
        if name == "goods_amount" && loaded.orders.is_some() {
            return None;
        }
        let read = |name: &str| self.field(part, name).map(|field| &loaded.table.columns[field]);
        let is_text = matches!(column.shape, Shape::Text | Shape::Word);
        let values = read(name).or_else(|| if is_text { read(&format!("{name}_raw")) } else { None });
        match values {
            Some(Values::Absent(label)) => return Some(label.as_ref().map(|label| shown(label, column))),
            Some(_) => return None,
            None => {}
        }
        let stem = || name.strip_suffix("_on").unwrap_or(name);
        match (column.shape, name) {
            (_, "order_key") => read("order_no").is_none().then_some(None),
            (_, "account") => Some(Some(loaded.plan.account_name())),
            (_, "source") => Some(Some(&loaded.plan.source.name)),
            (_, "carrier") => Some(Some(loaded.plan.source.carrier.as_deref().unwrap_or(""))),
            (_, "vocabulary") => Some(Some(loaded.plan.source.vocabulary.as_deref().unwrap_or(""))),
            (Shape::Date, _) => read(&format!("{}_at", stem())).or_else(|| read(stem())).is_none().then_some(None),
            (Shape::Flag, _) if day_only(name).is_some_and(|field| read(field).is_some()) => None,
            (Shape::Row, _) => None,
            _ => Some(None),
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

    fn part_texts(&self, part: usize, rows: &[IdxSize], column: Column) -> PolarsResult<StringChunked> {
        let name = PlSmallStr::from(column.name);
        if let Some(text) = self.constant_of(part, column) {
            let nothing = (column.shape == Shape::Word).then_some("");
            return Ok(match text.or(nothing) {
                Some(text) => StringChunked::full(name, text, rows.len()),
                None => StringChunked::full_null(name, rows.len()),
            });
        }
        let columns = &self.parts[part].table.columns;
        if let Some(field) = self.field(part, column.name) {
            return texts_of(&columns[field], rows, column);
        }
        match self.field(part, &format!("{}_raw", column.name)).map(|field| &columns[field]) {
            Some(Values::Texts(texts)) => Ok(folded_numbers(texts, rows, column)),
            Some(values) => texts_of(values, rows, column),
            // The only text that is neither read nor the same in every row.
            None => Ok(self.order_keys(part, rows, name)),
        }
    }

    fn order_keys(&self, part: usize, rows: &[IdxSize], name: PlSmallStr) -> StringChunked {
        let Some(field) = self.field(part, "order_no") else {
            return StringChunked::full_null(name, rows.len());
        };
        let loaded = &self.parts[part];
        let mut keys = StringChunkedBuilder::new(name, rows.len());
        let mut key = format!("{}/", loaded.plan.account_name());
        let start = key.len();
        for row in rows {
            match loaded.table.columns[field].get(*row as usize) {
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

    fn numbers(&self, name: &str) -> Int64Chunked {
        let mut numbers = Vec::with_capacity(self.count());
        for (part, rows) in &self.rows {
            let loaded = &self.parts[*part];
            let summed = name == "goods_amount" && loaded.orders.is_some();
            match self.field(*part, name) {
                Some(field) if summed && !loaded.plan.fields[field].is_read() => {
                    numbers.extend(rows.iter().map(|row| self.goods(*part, *row as usize)));
                }
                Some(field) => loaded.table.columns[field].push_numbers(rows, &mut numbers),
                None => numbers.extend(std::iter::repeat_n(NO_NUMBER, rows.len())),
            }
        }
        nullable(name, numbers, NO_NUMBER)
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
    fn days(&self, name: &str) -> Int32Chunked {
        let mut days = Vec::with_capacity(self.count());
        let stem = name.strip_suffix("_on").unwrap_or(name);
        for (part, rows) in &self.rows {
            let loaded = &self.parts[*part];
            let instant = || self.field(*part, &format!("{stem}_at")).or_else(|| self.field(*part, stem));
            match (self.field(*part, name), instant()) {
                (Some(field), _) => {
                    let values = &loaded.table.columns[field];
                    let day = |row: &IdxSize| values.number(*row as usize).map_or(NO_DAY, |day| day as i32);
                    days.extend(rows.iter().map(day));
                }
                (None, Some(field)) => push_civil_days(loaded, field, rows, &mut days),
                (None, None) => days.extend(std::iter::repeat_n(NO_DAY, rows.len())),
            }
        }
        nullable(name, days, NO_DAY)
    }

    fn flags(&self, name: &str) -> Series {
        let mut flags = BooleanChunkedBuilder::new(name.into(), self.count());
        for (part, rows) in &self.rows {
            let columns = &self.parts[*part].table.columns;
            match (self.field(*part, name), day_only(name).and_then(|field| self.field(*part, field))) {
                (Some(field), _) => {
                    rows.iter()
                        .for_each(|row| flags.append_value(columns[field].get(*row as usize) == Value::Flag(true)));
                }
                (None, Some(at)) => {
                    rows.iter().for_each(|row| flags.append_value(columns[at].is_date_only(*row as usize)));
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
            references.extend(rows.iter().map(|row| lineage::row_ref(*part, lines[*row as usize])));
        }
        references
    }
}

/// A column in which `nothing` stands for null.
fn nullable<T: PolarsNumericType>(name: &str, mut values: Vec<T::Native>, nothing: T::Native) -> ChunkedArray<T> {
    let is_valid: Option<Bitmap> =
        values.contains(&nothing).then(|| values.iter().map(|value| *value != nothing).collect());
    if is_valid.is_some() {
        values.iter_mut().filter(|value| **value == nothing).for_each(|value| *value = T::Native::default());
    }
    ChunkedArray::from_vec_validity(name.into(), values, is_valid)
}

/// Texts, or labels: as written where the column's name ends in `_raw`, else the words they mean.
fn texts_of(values: &Values, rows: &[IdxSize], column: Column) -> PolarsResult<StringChunked> {
    let name = PlSmallStr::from(column.name);
    let nothing = (column.shape == Shape::Word).then_some("");
    match (values, nothing) {
        (Values::Texts(texts), None) => Ok(taken(texts, rows, name)),
        (Values::Texts(texts), Some(nothing)) => {
            let words = taken(texts, rows, name.clone());
            Ok(StringChunked::from_iter_values(name, words.iter().map(|word| word.unwrap_or(nothing))))
        }
        (Values::Labels(labels), _) => {
            let known = StringChunked::from_iter_values(name, labels.known().iter().map(|label| shown(label, column)));
            let codes: Vec<IdxSize> = rows.iter().map(|row| labels.codes()[*row as usize]).collect();
            known.take(&IdxCa::from_vec(PlSmallStr::EMPTY, codes))
        }
        (_, Some(nothing)) => Ok(StringChunked::full(name, nothing, rows.len())),
        (_, None) => Ok(StringChunked::full_null(name, rows.len())),
    }
}

fn shown(label: &Label, column: Column) -> &str {
    if column.name.ends_with("_raw") { &label.raw } else { &label.word }
}

/// Some rows of a text column. All of them in their order are shared with what was read. Otherwise the text is copied in the order
/// of the rows: every later stage walks through it in that order.
fn taken(texts: &Texts, rows: &[IdxSize], name: PlSmallStr) -> StringChunked {
    if rows.len() == texts.len() && rows.iter().enumerate().all(|(place, row)| place == *row as usize) {
        return texts.column(name);
    }
    let mut column = StringChunkedBuilder::new(name, rows.len());
    rows.iter().for_each(|row| match texts.get(*row as usize) {
        "" => column.append_null(),
        text => column.append_value(text),
    });
    column.finish()
}

/// Tracking numbers as carriers compare them: mostly as they are written.
fn folded_numbers(texts: &Texts, rows: &[IdxSize], column: Column) -> StringChunked {
    let written = taken(texts, rows, column.name.into());
    let mut number = String::new();
    if written.iter().flatten().all(is_folded_tracking_number) {
        return written;
    }
    let mut numbers = StringChunkedBuilder::new(column.name.into(), rows.len());
    for raw in written.iter() {
        let Some(raw) = raw else {
            numbers.append_null();
            continue;
        };
        number.clear();
        push_tracking_number(raw, &mut number);
        numbers.append_value(&number);
    }
    numbers.finish()
}

/// The instant of which a flag says that it is a day without a time: `X` of `X_day_only`, `at` of `date_only`.
fn day_only(flag: &str) -> Option<&str> {
    flag.strip_suffix("_day_only").or((flag == "date_only").then_some("at"))
}

/// Civil dates of instants in the account's zone; a day without a time stays the day that was written.
fn push_civil_days(loaded: &Loaded<'_, '_>, field: usize, rows: &[IdxSize], days: &mut Vec<i32>) {
    let values = &loaded.table.columns[field];
    let mut read_in = ZoneMemory::new(loaded.plan.source.timezone);
    let mut civil = ZoneMemory::new(loaded.plan.zone);
    for row in rows {
        let zone = if values.is_date_only(*row as usize) { &mut read_in } else { &mut civil };
        days.push(values.number(*row as usize).map_or(NO_DAY, |millis| zone.local_day(millis)));
    }
}
