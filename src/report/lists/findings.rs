//! `findings.csv`, `findings.ndjson` and `resolved.csv`.

use std::sync::Arc;

use polars::prelude::DataFrame;

use crate::frame::findings;
use crate::report::book::{List, ListFile, ListForm};
use crate::report::fields::Fields;
use crate::report::table::{Cells, Table};
use crate::report::{Desk, ReportError};

/// Findings of the run; the last column says from what to what a changed one did.
///
/// # Errors
/// A frame that is not as declared.
pub fn found(desk: &Desk<'_>) -> Result<List, ReportError> {
    let found = &desk.run.findings.found;
    let change = Cells::Json(Fields(found).text_cells(findings::change)?);
    Ok(List {
        table: Arc::new(table(found)?.column(findings::change.name, change)),
        files: vec![
            ListFile { path: "findings.csv".to_owned(), form: ListForm::Csv },
            ListFile { path: "findings.ndjson".to_owned(), form: ListForm::Ndjson },
        ],
    })
}

/// Findings of the previous publication that are gone: the columns of findings but `change`, then the cell of tonight that resolved each.
///
/// # Errors
/// A frame that is not as declared.
pub fn resolved(desk: &Desk<'_>) -> Result<List, ReportError> {
    let gone = &desk.run.findings.resolved;
    let by = Cells::Json(Fields(gone).text_cells(findings::resolved_by)?);
    Ok(List {
        table: Arc::new(table(gone)?.column(findings::resolved_by.name, by)),
        files: vec![ListFile { path: "resolved.csv".to_owned(), form: ListForm::Csv }],
    })
}

fn table(facts: &DataFrame) -> Result<Table, ReportError> {
    let fields = Fields(facts);
    let mut table = Table::new(facts.height());
    for column in [
        findings::finding_id,
        findings::code,
        findings::severity,
        findings::account,
        findings::marketplace,
        findings::order_no,
        findings::shipment,
        findings::statement,
        findings::subject,
    ] {
        table = table.text(column.name, fields.text_cells(column)?);
    }
    let money = Cells::Money(fields.int_cells(findings::money)?, None);
    Ok(table
        .column(findings::money.name, money)
        .currency(findings::currency.name, fields.text_cells(findings::currency)?)
        .column(findings::due.name, Cells::Date(fields.date_cells(findings::due)?))
        .column(findings::first_seen.name, Cells::Date(fields.date_cells(findings::first_seen)?))
        .column(findings::nights_open.name, Cells::Int(fields.int_cells(findings::nights_open)?))
        .text(findings::state.name, fields.text_cells(findings::state)?)
        .text(findings::rule_version.name, fields.text_cells(findings::rule_version)?)
        .column(findings::evidence.name, Cells::Json(fields.text_cells(findings::evidence)?))
        .text(findings::remedy.name, fields.text_cells(findings::remedy)?))
}
