//! `day-shipping.csv`: day × shipping method under stable names.

use std::sync::Arc;

use crate::report::book::{List, ListFile, ListForm};
use crate::report::sheets::day_by_method;
use crate::report::{Desk, ReportError};

const NAMES: [&str; 10] = [
    "account",
    "day",
    "shipping_method",
    "currency",
    "orders_paid",
    "goods_paid",
    "postage_paid",
    "orders_cancelled",
    "goods_cancelled",
    "postage_cancelled",
];

/// The list.
///
/// # Errors
/// A frame that is not as declared.
pub fn list(desk: &Desk<'_>) -> Result<List, ReportError> {
    let form = if desk.run.pipeline.csv_excel_cs { ListForm::CsvExcelCs } else { ListForm::Csv };
    Ok(List {
        table: Arc::new(day_by_method::table(&desk.run.reconciled.postage_days, NAMES, "")?),
        files: vec![ListFile { path: "day-shipping.csv".to_owned(), form }],
    })
}
