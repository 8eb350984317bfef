//! Orders with missing or invalid tracking data: what the marketplace's own portal offers per month.

use chrono::{Datelike, Days, NaiveDate};
use polars::prelude::BooleanChunked;

use crate::base::zone::day_number;
use crate::frame::tracking_errors;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::Table;
use crate::report::{Desk, ReportError};
use crate::vocab::Trait;

/// File name, title and sheet: for each account that needs tracking, the last closed month and the month to date.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Vec<(String, String, Sheet)>, ReportError> {
    let mut books = Vec::new();
    let orders_are_read = |name: &str| {
        desk.figures.accounts.iter().any(|account| account.coverage.account == name && account.coverage.orders)
    };
    for account in desk.run.pipeline.accounts.iter().filter(|account| account.has(Trait::NeedsTracking)) {
        if !orders_are_read(&account.name) {
            continue;
        }
        for month in months(desk.run.as_of) {
            let name = month.format("%Y-%m").to_string();
            let file = format!("tracking-errors-{}-{name}.xlsx", file_part(&account.name));
            let sheet = sheet(desk, &account.name, month)?;
            books.push((file, sheet.title.clone(), sheet));
        }
    }
    Ok(books)
}

/// First days of the last closed month and of the running one; on the last day of a month both are that month.
fn months(as_of: NaiveDate) -> Vec<NaiveDate> {
    let first_of = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    let running = first_of(as_of);
    let tomorrow = first_of(as_of + Days::new(1));
    if tomorrow == running { vec![first_of(running - Days::new(1)), running] } else { vec![running] }
}

/// A part of a file name: letters, digits, dot, hyphen and underline stay.
fn file_part(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

fn sheet(desk: &Desk<'_>, account: &str, month: NaiveDate) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let facts = &desk.run.metrics.tracking_errors;
    let all = Fields(facts);
    let (accounts, months) = (all.text(tracking_errors::account)?, all.date(tracking_errors::month)?);
    let wanted = day_number(month);
    let chosen: BooleanChunked =
        (0..all.height()).map(|row| accounts.at(row) == account && months.at(row) == Some(wanted)).collect();
    let facts = facts.filter(&chosen)?;
    let fields = Fields(&facts);
    let references = fields.row(tracking_errors::order_row)?;
    let parts = &desk.run.ingested.parts;
    let table = Table::new(facts.height())
        .text(texts.say("column.order"), fields.text_cells(tracking_errors::order_no)?)
        .text(texts.say("column.status"), texts.words("status", &fields.text_cells(tracking_errors::status)?))
        .text(texts.say("column.carrier"), fields.text_cells(tracking_errors::carrier)?)
        .text(texts.say("column.tracking_number"), fields.text_cells(tracking_errors::tracking_number_raw)?)
        .text(texts.say("column.tracking_url"), fields.text_cells(tracking_errors::tracking_url)?)
        .text(texts.say("column.reason"), texts.words("tracking", &fields.text_cells(tracking_errors::reason)?))
        .texts(
            texts.say("column.read_at"),
            (0..facts.height())
                .map(|row| references.at(row).map(|reference| parts.text(reference)).unwrap_or_default()),
        );
    let name = month.format("%Y-%m").to_string();
    let mut sheet =
        Sheet::of(texts.say("sheet.tracking_errors"), vec![texts.say("tracking_errors.note").to_owned()], table);
    sheet.title = texts.fill("tracking_errors.title", &[("account", account), ("month", &name)]);
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_closes_its_month() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(months(day("2026-12-11")), [day("2026-11-01"), day("2026-12-01")]);
        assert_eq!(months(day("2026-11-30")), [day("2026-11-01")]);
        assert_eq!(months(day("2026-01-01")), [day("2025-12-01"), day("2026-01-01")]);
    }
}
