//! Day × shipping method: what was paid and what was cancelled, each on its own day.

use polars::prelude::{BooleanChunked, DataFrame, IdxCa, IdxSize};

use crate::frame::postage_day_facts;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::{Cells, Table};
use crate::report::{Desk, ReportError};

/// The sheet.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let titles = [
        "column.account",
        "column.day",
        "column.shipping_method",
        "column.currency",
        "column.orders_paid",
        "column.goods_paid",
        "column.postage_paid",
        "column.orders_cancelled",
        "column.goods_cancelled",
        "column.postage_cancelled",
    ]
    .map(|id| texts.say(id));
    let table = table(&desk.run.reconciled.postage_days, titles, texts.say("day_by_method.undated"))?;
    let notes = [texts.say("day_by_method.note"), texts.say("day_by_method.undated_note")].map(str::to_owned);
    Ok(Sheet::of(texts.say("sheet.day_by_method"), notes.into(), table))
}

/// The table under the given titles; `day-shipping.csv` is the same table under stable names. What has no day is the last row of its
/// account, with `undated` for its shipping method.
///
/// # Errors
/// A frame that is not as declared.
pub fn table(facts: &DataFrame, titles: [&str; 10], undated: &str) -> Result<Table, ReportError> {
    let facts = undated_last(&with_events(facts)?)?;
    let fields = Fields(&facts);
    let days = fields.date(postage_day_facts::day)?;
    let methods = fields.text(postage_day_facts::method)?;
    let method = |row: usize| days.at(row).map_or(undated, |_| methods.at(row));
    let money = |column| fields.int_cells(column).map(|amounts| Cells::Money(amounts, None));
    let count = |column| fields.int_cells(column).map(Cells::Int);
    Ok(Table::new(facts.height())
        .text(titles[0], fields.text_cells(postage_day_facts::account)?)
        .column(titles[1], Cells::Date(fields.date_cells(postage_day_facts::day)?))
        .text(titles[2], (0..facts.height()).map(|row| Some(method(row))).collect())
        .currency(titles[3], fields.text_cells(postage_day_facts::currency)?)
        .column(titles[4], count(postage_day_facts::orders_paid)?)
        .summed()
        .column(titles[5], money(postage_day_facts::goods_paid)?)
        .summed()
        .column(titles[6], money(postage_day_facts::postage_paid)?)
        .summed()
        .column(titles[7], count(postage_day_facts::orders_cancelled)?)
        .summed()
        .column(titles[8], money(postage_day_facts::goods_cancelled)?)
        .summed()
        .column(titles[9], money(postage_day_facts::postage_cancelled)?)
        .summed())
}

/// Within an account the rows without a day come last.
fn undated_last(facts: &DataFrame) -> Result<DataFrame, ReportError> {
    let fields = Fields(facts);
    let (accounts, days) = (fields.text(postage_day_facts::account)?, fields.date(postage_day_facts::day)?);
    let mut order: Vec<IdxSize> = (0..facts.height() as IdxSize).collect();
    order.sort_by_key(|row| (accounts.at(*row as usize), days.at(*row as usize).is_none()));
    Ok(facts.take(&IdxCa::from_vec("order".into(), order))?)
}

/// Rows on which something of ours happened; a day that only the marketplace's overview knows is a finding, not a row.
fn with_events(facts: &DataFrame) -> Result<DataFrame, ReportError> {
    let fields = Fields(facts);
    let mut figures = Vec::new();
    for column in [
        postage_day_facts::orders_paid,
        postage_day_facts::goods_paid,
        postage_day_facts::postage_paid,
        postage_day_facts::orders_cancelled,
        postage_day_facts::goods_cancelled,
        postage_day_facts::postage_cancelled,
    ] {
        figures.push(fields.int(column)?);
    }
    let has_event: BooleanChunked =
        (0..facts.height()).map(|row| figures.iter().any(|figure| figure.at(row).unwrap_or(0) != 0)).collect();
    Ok(facts.filter(&has_event)?)
}
