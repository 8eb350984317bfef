//! Reads XLSX workbooks: cells are streamed in file order, typed cells stay typed, and the dense range of a sheet is never built.
//! Row numbers are those a spreadsheet program shows.

use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::package::Package;
use crate::ingest::part_read::PartRead;
use crate::ingest::plan::Plan;
use crate::ingest::refusal::{self, About};
use crate::ingest::sheet_reader::{self, Best, RowStream, SheetReader};
use crate::ingest::sheet_row::SheetRow;
use crate::ingest::sheet_rows::{self, SheetRows};
use crate::ingest::workbook::Workbook;
use crate::pipeline::source::XlsxFormat;

/// Reads the sheets of a workbook that the source wants.
///
/// # Errors
/// A workbook that is refused as a whole.
pub(super) fn read(
    plan: &Plan<'_>,
    format: &XlsxFormat,
    bytes: &[u8],
    path: &str,
    year: Option<i32>,
) -> Result<(Vec<PartRead>, Vec<Diagnostic>), Box<Diagnostic>> {
    let mut workbook = Workbook::open(Package::open(bytes, path, plan.source.limits)?, path)?;
    let sheets = workbook.sheets.clone();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    let (mut parts, mut notes, mut best) = (Vec::new(), Vec::new(), None);
    for place in sheet_reader::choose(&names, &format.sheet, &plan.source.limits, path)? {
        let (sheet, name) = (&sheets[place], names[place]);
        let read = sheet_rows::with_rows(&mut workbook, sheet, path, &plan.source.limits, |rows| {
            let read = SheetReader { plan, stream: rows, path, name, year }.read()?;
            Ok(read.map(|read| (read, unseen(rows, path, name))))
        });
        match read? {
            Ok(((bound, read), unseen)) => {
                notes.extend(sheet.hidden.then(|| sheet_reader::hidden_note(path, name)));
                notes.extend(unseen);
                parts.push(PartRead { sheet: Some(name.to_owned()), bound, rows: read });
            }
            Err(nearest) => best = Best::of(best, nearest),
        }
    }
    if parts.is_empty() {
        return Err(Best::not_found(best.as_ref(), plan, path));
    }
    Ok((parts, notes))
}

impl RowStream for SheetRows<'_, '_> {
    type Row<'r>
        = SheetRow<'r>
    where
        Self: 'r;

    fn next_row(&mut self) -> Result<Option<(u32, SheetRow<'_>)>, Box<Diagnostic>> {
        Ok(self.next()?.map(|row| (row.number, row)))
    }
}

/// What a person does not see on a sheet, or sees elsewhere than it stands.
fn unseen(rows: &SheetRows<'_, '_>, path: &str, name: &str) -> Vec<Diagnostic> {
    let merged = (!rows.merged.is_empty()).then(|| About {
        code: "XLS408",
        message: "merged cells",
        found: quoted(&rows.merged),
        expected: String::new(),
        help: "a merged cell holds its value in its first cell only; the others are empty".into(),
    });
    let place = refusal::sheet(path, Some(name));
    let hidden = sheet_reader::hidden_rows_note(rows.hidden, place.clone());
    hidden.into_iter().chain(merged.map(|about| about.at(place, Exit::Clean))).collect()
}

fn quoted(ranges: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = if ranges.len() > SHOWN { format!(" and {} more", ranges.len() - SHOWN) } else { String::new() };
    format!("{}{more}", ranges[..ranges.len().min(SHOWN)].join(", "))
}
