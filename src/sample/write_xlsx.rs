//! Writes rows as a workbook in any layout: money and whole numbers as numbers, civil dates as dates, times as text in the
//! layout's form, everything else as text. The bytes depend on the rows only.

use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

use crate::base::money;
use crate::pipeline::written::WrittenSheet;
use crate::sample::SampleError;
use crate::sample::cell::{Record, Value};
use crate::sample::form::{Form, Place};

/// Rows of a worksheet, less room for banner, header and total.
const MOST_ROWS: u32 = 1_048_000;

struct Formats {
    day: Format,
    money: Format,
}

/// Writes the workbook: banner, header, rows, total.
///
/// # Errors
/// When there are more rows than a sheet holds, or the file cannot be written.
pub fn write_xlsx<R: Record>(
    path: &Path,
    form: &Form<'_>,
    created: NaiveDate,
    rows: impl Iterator<Item = R>,
) -> Result<u64, SampleError> {
    let mut book = Workbook::new();
    let stamp = ExcelDateTime::parse_from_str(&created.to_string())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&stamp));
    let formats =
        Formats { day: Format::new().set_num_format("dd.mm.yyyy"), money: Format::new().set_num_format("0.00") };
    let sheet = book.add_worksheet_with_constant_memory()?;
    if let Some(WrittenSheet::Name(name)) = form.layout.xlsx.as_ref().and_then(|xlsx| xlsx.sheet.as_ref()) {
        sheet.set_name(name)?;
    }
    let mut row = 0;
    for banner in &form.layout.banner {
        sheet.write_string(row, 0, banner)?;
        row += 1;
    }
    for (column, header) in (0_u16..).zip(&form.headers) {
        sheet.write_string(row, column, header)?;
    }
    row += 1;
    let mut sums = vec![0_i64; form.places.len()];
    let mut count = 0;
    for record in rows {
        if row > MOST_ROWS {
            return Err(SampleError::TooManyRows { path: path.to_path_buf(), most: MOST_ROWS });
        }
        write_row(sheet, row, form, &formats, &record, &mut sums)?;
        row += 1;
        count += 1;
    }
    if let Some(total) = &form.layout.total {
        sheet.write_string(row, 0, total)?;
        for (column, sum) in (0_u16..).zip(&sums).filter(|(column, _)| form.summed[usize::from(*column)]) {
            sheet.write_number_with_format(row, column, main_units(*sum, form), &formats.money)?;
        }
    }
    book.save(path)?;
    Ok(count)
}

fn write_row<R: Record>(
    sheet: &mut Worksheet,
    row: u32,
    form: &Form<'_>,
    formats: &Formats,
    record: &R,
    sums: &mut [i64],
) -> Result<(), SampleError> {
    for (column, place) in (0_u16..).zip(&form.places) {
        match place {
            Place::Gap => {}
            Place::Fixed(text) if text.is_empty() => {}
            Place::Fixed(text) => {
                sheet.write_string(row, column, text)?;
            }
            Place::Field(field) => match record.cell(field) {
                Value::Empty => {}
                Value::Money(amount) => {
                    sums[usize::from(column)] += amount;
                    sheet.write_number_with_format(row, column, main_units(amount, form), &formats.money)?;
                }
                Value::Int(number) => {
                    sheet.write_number(row, column, number as f64)?;
                }
                Value::Ppm(rate) => {
                    sheet.write_number(row, column, rate as f64 / 10_000.0)?;
                }
                Value::Day(day) => {
                    sheet.write_date_with_format(row, column, day, &formats.day)?;
                }
                other => {
                    sheet.write_string(row, column, form.text(other))?;
                }
            },
        }
    }
    Ok(())
}

/// The cell of a workbook is a double, exact far beyond every amount of the sample; it is the last thing that happens to it.
fn main_units(amount: i64, form: &Form<'_>) -> f64 {
    let scale = 10_i32.pow(money::decimals(form.currency()).unwrap_or(2));
    amount as f64 / f64::from(scale)
}
