//! Lists as delimited text, safe to open in a spreadsheet.

use std::borrow::Cow;

use crate::report::book::ListForm;
use crate::report::table::{Cells, Table};

/// The file: UTF-8, comma and point; or with byte order mark, semicolon and decimal comma.
///
/// # Errors
/// The writer's own; writing into memory, there is none.
pub fn render(table: &Table, form: ListForm) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let is_excel = form == ListForm::CsvExcelCs;
    let start = if is_excel { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new().delimiter(if is_excel { b';' } else { b',' }).from_writer(start);
    writer.write_record(table.columns.iter().map(|column| column.title.as_str()))?;
    for row in 0..table.rows {
        for column in &table.columns {
            match &column.cells {
                Cells::Text(texts) | Cells::Json(texts) => {
                    writer.write_field(guarded(texts.get(row).unwrap_or("")).as_bytes())?;
                }
                Cells::Money(..) if is_excel => writer.write_field(table.plain(column, row).replace('.', ","))?,
                _ => writer.write_field(table.plain(column, row))?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.into_inner()?)
}

/// Text that a spreadsheet would take for a formula gets a leading apostrophe.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::new(2)
            .texts("name", ["=HYPERLINK(\"x\")", "a,\"b\"\nc"])
            .currency("currency", [Some("CZK"), Some("JPY")].into_iter().collect())
            .money("money", [Some(-150), None])
            .dates("due", [Some(0), None])
    }

    #[test]
    fn formulas_are_disarmed_and_money_is_not_touched() {
        let text = String::from_utf8(render(&table(), ListForm::Csv).unwrap()).unwrap();
        assert_eq!(
            text,
            "name,currency,money,due\n\"'=HYPERLINK(\"\"x\"\")\",CZK,-1.50,1970-01-01\n\"a,\"\"b\"\"\nc\",JPY,,\n"
        );
    }

    #[test]
    fn the_czech_spreadsheet_form() {
        let text = String::from_utf8(render(&table(), ListForm::CsvExcelCs).unwrap()).unwrap();
        assert!(text.starts_with("\u{feff}name;currency;money;due\n"));
        assert!(text.contains(";-1,50;"));
    }
}
